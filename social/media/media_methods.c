/* The owner's methods about media, but for social.media_delete (media_remove.c). */
#include "social/media/media_methods.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "social/feed/publish.h"
#include "social/media/media_fetch.h"
#include "social/media/media_swarm.h"

#define SHOWN_MAX 200U
#define SHOWN_DEFAULT 50U
#define FIND_MAX 100U
#define AUTHORIZED_S 300
#define EVENT_MAX ((size_t)4096)
#define HEADER_MAX ((size_t)8192)

enum ht_err ht_media_param_hash(ht_hash32 *out, const json_t *params, struct ht_why *why) {
    const char *text = json_string_value(ht_json_member(params, "sha256"));
    if (text != NULL && ht_event_hex32(out, ht_bytes_str(text))) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_hash", "a hash is 64 digits of hex in lower case");
}

static bool has(const json_t *params, const char *name) {
    const json_t *value = ht_json_member(params, name);
    return value != NULL && !json_is_null(value);
}

/* "http://127.0.0.1:8421/<hash>", null with a closed door; a new reference. */
static json_t *url_json(const struct ht_social *social, const ht_hash32 *sha256) {
    char base[128], hex[65], url[256];
    if (!ht_media_base(base, social)) return json_null();
    ht_task_hex(hex, sha256);
    (void)snprintf(url, sizeof url, "%s/%s", base, hex);
    return json_string(url);
}

/* --- social.media ----------------------------------------------------------------------------- */

static enum ht_err read_media(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    uint64_t until = UINT64_C(9007199254740), limit = SHOWN_DEFAULT, of_key = 0, of_all = 0;
    const char *base = task->user;
    json_t *blobs = NULL;
    enum ht_err err = HT_OK;
    if (has(task->params, "until")) err = ht_json_u64(&until, task->params, "until", why);
    if (err == HT_OK && has(task->params, "limit")) {
        err = ht_json_u64(&limit, task->params, "limit", why);
    }
    if (err == HT_OK && (until > UINT64_C(9007199254740) || limit == 0 || limit > SHOWN_MAX)) {
        err = ht_fail(why, HT_EINPUT, "bad_number", "limit is 1 to %u, until a time in seconds",
                      SHOWN_MAX);
    }
    if (err == HT_OK) {
        err = ht_media_sql_all(&blobs, db, &task->owner, (int64_t)until * 1000 + 999, (size_t)limit,
                               base, why);
    }
    if (err == HT_OK) err = ht_media_sql_usage(&of_key, &of_all, db, &task->owner, why);
    if (err != HT_OK) {
        json_decref(blobs);
        return err;
    }
    task->result = json_pack("{s:o, s:I, s:I}", "blobs", blobs, "bytes", (json_int_t)of_all,
                             "quota", (json_int_t)task->social->media->quota);
    return task->result != NULL ? HT_OK : ht_task_no_memory(why);
}

void ht_media_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    char base[128];
    if (task == NULL) return;
    if (ht_media_base(base, self)) {
        task->user = strdup(base);
        task->free_user = free;
    }
    ht_task_look(task, read_media, NULL);
}

/* --- social.media_authorize ------------------------------------------------------------------- */

struct authorizing {
    struct ht_task *task;
    struct ht_arena arena;
    struct ht_event event;
    char base[128];
};

static void end_authorizing(struct authorizing *authorizing, enum ht_err err,
                            const struct ht_why *why) {
    struct ht_task *task = authorizing->task;
    ht_arena_fini(&authorizing->arena);
    free(authorizing);
    ht_task_end(task, err, why);
}

static enum ht_err write_header(json_t **out, const struct authorizing *authorizing,
                                struct ht_why *why) {
    static const char scheme[] = "Nostr ";
    char header[HEADER_MAX];
    struct ht_buf json;
    ht_buf_init(&json, EVENT_MAX);
    enum ht_err err = ht_event_write(&json, &authorizing->event);
    if (err == HT_OK) {
        memcpy(header, scheme, sizeof scheme);
        size_t start = sizeof scheme - 1;
        (void)sodium_bin2base64(header + start, sizeof header - start, json.p, json.n,
                                sodium_base64_VARIANT_ORIGINAL);
        *out = json_pack("{s:s, s:s}", "url", authorizing->base, "authorization", header);
    }
    ht_buf_fini(&json);
    return err == HT_OK && *out != NULL ? HT_OK : ht_task_no_memory(why);
}

static void on_signed(void *user, const struct ht_nostr_answer *answer) {
    struct authorizing *authorizing = user;
    struct ht_why why = answer->why;
    enum ht_err err = answer->err;
    if (err == HT_OK) {
        memcpy(authorizing->event.sig, answer->signature, sizeof authorizing->event.sig);
        err = write_header(&authorizing->task->result, authorizing, &why);
    }
    end_authorizing(authorizing, err, &why);
}

/* "http://127.0.0.1:8421" -> "127.0.0.1": the right is to nothing elsewhere. */
static void server_of(char out[static 128], const char *base) {
    const char *host = base + strlen("http://");
    const char *port = strrchr(host, ':');
    (void)snprintf(out, 128, "%.*s", (int)(port != NULL ? port - host : (long)strlen(host)), host);
}

static enum ht_err make_draft(struct ht_task *task, const char *base, struct ht_why *why) {
    static const struct {
        const char *verb, *content, *what;
    } actions[] = {
        {"upload", "Upload a file", "an upload"},
        {"delete", "Delete a file", "a deletion of a file"},
        {"get", "Get a file", "a look at a file"},
        {"list", "List files", "a look at files"},
    };
    const char *action = json_string_value(ht_json_member(task->params, "action"));
    size_t i = 0;
    while (i < 4 && (action == NULL || strcmp(actions[i].verb, action) != 0)) i++;
    if (i == 4) return ht_fail(why, HT_EINPUT, "bad_action", "upload, delete, get or list");
    char number[24], hex[65], server[128];
    ht_hash32 sha256;
    bool is_list = strcmp(action, "list") == 0;
    enum ht_err err = is_list && !has(task->params, "sha256")
                          ? HT_OK
                          : ht_media_param_hash(&sha256, task->params, why);
    if (err != HT_OK) return err;
    json_t *tags = json_array();
    (void)snprintf(number, sizeof number, "%lld", (long long)(task->now_s + AUTHORIZED_S));
    server_of(server, base);
    err = ht_draft_tag(tags, "t", action, NULL, NULL, why);
    if (err == HT_OK) err = ht_draft_tag(tags, "expiration", number, NULL, NULL, why);
    if (err == HT_OK) err = ht_draft_tag(tags, "server", server, NULL, NULL, why);
    if (err == HT_OK && !is_list) {
        ht_task_hex(hex, &sha256);
        err = ht_draft_tag(tags, "x", hex, NULL, NULL, why);
    }
    if (err != HT_OK) {
        json_decref(tags);
        return err;
    }
    return ht_draft_set(&task->draft, HT_KIND_MEDIA_AUTH, actions[i].content, tags, actions[i].what,
                        why);
}

static void authorize(struct authorizing *authorizing) {
    struct ht_task *task = authorizing->task;
    struct ht_why why = {0};
    const struct ht_host *host = task->social->host;
    const struct ht_nostr_keys *keys = host->nostr_keys(host);
    enum ht_err err =
        keys != NULL ? HT_OK : ht_fail(&why, HT_EDENIED, "no_nostr_key", "there are no Nostr keys");
    if (err == HT_OK && !ht_media_base(authorizing->base, task->social)) {
        err = ht_fail(&why, HT_EDENIED, "door_closed", "the relay's door is closed");
    }
    if (err == HT_OK) err = make_draft(task, authorizing->base, &why);
    if (err == HT_OK) {
        err = ht_draft_event(&authorizing->event, &authorizing->arena, &task->draft, &task->owner,
                             task->now_s, &why);
    }
    if (err != HT_OK) {
        end_authorizing(authorizing, err, &why);
        return;
    }
    keys->sign(keys->self, &task->owner, &authorizing->event.id, task->draft.what, true, on_signed,
               authorizing);
}

void ht_media_authorize_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new_owned(self, call, params);
    struct ht_why why = {0};
    if (task == NULL) return;
    struct authorizing *authorizing = calloc(1, sizeof *authorizing);
    if (authorizing == NULL) {
        ht_task_end(task, ht_task_no_memory(&why), &why);
        return;
    }
    authorizing->task = task;
    ht_arena_init(&authorizing->arena, EVENT_MAX);
    authorize(authorizing);
}

/* --- social.media_fetch ----------------------------------------------------------------------- */

static void fetched(void *user, enum ht_err err, const struct ht_media_blob *blob, bool is_new,
                    const struct ht_why *why) {
    struct ht_task *task = user;
    (void)is_new;
    if (err == HT_OK) {
        task->result = json_pack("{s:o, s:I, s:s, s:o}", "sha256", ht_task_hex_json(&blob->sha256),
                                 "size", (json_int_t)blob->size, "type", blob->type, "url",
                                 url_json(task->social, &blob->sha256));
    }
    ht_task_end(task, err, why);
}

/* "from": nodes that the owner names by hand. */
static enum ht_err read_bases(struct ht_media_swarm_options *options,
                              const char *bases[static HT_MEDIA_BASES_MAX], const json_t *params,
                              struct ht_why *why) {
    const json_t *list = NULL;
    const json_t *one;
    size_t i;
    options->bases = bases;
    if (!has(params, "from")) return HT_OK;
    enum ht_err err = ht_json_array(&list, params, "from", why);
    if (err != HT_OK) return err;
    if (json_array_size(list) > HT_MEDIA_BASES_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many", "at most %u nodes", HT_MEDIA_BASES_MAX);
    }
    json_array_foreach(list, i, one) {
        bases[i] = json_string_value(one);
        if (bases[i] == NULL) return ht_fail(why, HT_EINPUT, "bad_url", "from names addresses");
        err = ht_media_url_check(bases[i], why);
        if (err != HT_OK) return err;
    }
    options->base_count = json_array_size(list);
    return HT_OK;
}

static enum ht_err begin_plain(struct ht_task *task, const char *url, struct ht_why *why) {
    struct ht_media_fetch *fetch = NULL;
    const struct ht_media_fetch_options options = {
        .url = url, .keeper = task->owner, .is_fetched = true, .done = fetched, .user = task};
    return ht_media_fetch_begin(&fetch, task->social->media, &options, why);
}

static enum ht_err begin_fetch(struct ht_task *task, struct ht_why *why) {
    const char *bases[HT_MEDIA_BASES_MAX] = {NULL};
    ht_hash32 named;
    struct ht_media_swarm *swarm = NULL;
    struct ht_media_swarm_options options = {.keeper = task->owner, .done = fetched, .user = task};
    bool is_said = has(task->params, "sha256");
    enum ht_err err = HT_OK;
    if (has(task->params, "url")) err = ht_json_text(&options.url, task->params, "url", why);
    if (err != HT_OK || (options.url == NULL && !is_said)) {
        return ht_fail(why, HT_EINPUT, "bad_url", "url is missing");
    }
    if (options.url != NULL) err = ht_media_url_check(options.url, why);
    if (err == HT_OK && is_said) err = ht_media_param_hash(&options.sha256, task->params, why);
    if (err == HT_OK) err = read_bases(&options, bases, task->params, why);
    if (err != HT_OK) return err;
    bool is_named = options.url != NULL && ht_media_url_hash(&named, options.url);
    if (is_named && is_said && !ht_hash32_equal(&named, &options.sha256)) {
        return ht_fail(why, HT_EINPUT, "bad_hash", "the address and the post name other hashes");
    }
    if (!is_named && !is_said) return begin_plain(task, options.url, why);
    if (!is_said) options.sha256 = named;
    return ht_media_swarm_begin(&swarm, task->social->media, &options, why);
}

void ht_media_fetch_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new_owned(self, call, params);
    struct ht_why why = {0};
    if (task == NULL) return;
    enum ht_err err = begin_fetch(task, &why);
    if (err != HT_OK) ht_task_end(task, err, &why);
}

/* --- social.media_find ------------------------------------------------------------------------ */

static enum ht_err find_one(json_t *found, struct ht_task *task, sqlite3 *db, const char *url,
                            struct ht_why *why) {
    struct ht_media_blob blob;
    ht_hash32 sha256;
    bool is_there = false;
    enum ht_err err = HT_OK;
    /* What was fetched from there goes first: the hash in a URL may be that of another version. */
    err = ht_media_sql_by_url(&is_there, &sha256, db, url, why);
    if (err == HT_OK && !is_there && !ht_media_url_hash(&sha256, url)) return HT_OK;
    if (err == HT_OK) err = ht_media_sql_find(&is_there, &blob, db, &sha256, why);
    if (err != HT_OK || !is_there) return err;
    json_t *one = json_pack("{s:s, s:o, s:s, s:o}", "url", url, "sha256", ht_task_hex_json(&sha256),
                            "type", blob.type, "here", url_json(task->social, &sha256));
    return json_array_append_new(found, one) == 0 ? HT_OK : ht_task_no_memory(why);
}

static enum ht_err find(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    const json_t *urls = NULL;
    const json_t *url;
    size_t i;
    enum ht_err err = ht_json_array(&urls, task->params, "urls", why);
    if (err != HT_OK) return err;
    if (json_array_size(urls) > FIND_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many", "at most %u addresses at once", FIND_MAX);
    }
    json_t *found = json_array();
    json_array_foreach(urls, i, url) {
        const char *text = json_string_value(url);
        if (err != HT_OK || text == NULL || ht_media_url_check(text, NULL) != HT_OK) continue;
        err = find_one(found, task, db, text, why);
    }
    task->result = json_pack("{s:o}", "found", found);
    return err;
}

void ht_media_find_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_look(task, find, NULL);
}
