/* Names at domains: others' are asked for and judged, ours are served. */
#include "social/links/nip05.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "node/nostr/event.h"
#include "social/feed/post.h"
#include "social/links/peers.h"

#define SERVED_MAX ((size_t)256 << 10)
#define CLAIM_SIZE (HT_NIP05_NAME_MAX + HT_NIP05_DOMAIN_MAX + 2)

/* One question to a domain. */
struct check {
    struct check *next, **link; /* link NULL: not under way */
    struct ht_task *task;
    struct ht_http_request *request;
    ht_hash32 pubkey;
    char claim[CLAIM_SIZE]; /* "name@domain" as the profile has it */
    bool is_claimed, is_too_long;
    const char *state;
};

struct ht_names {
    struct check *checks;
    struct ht_nip05_name served[HT_NIP05_NAMES_MAX];
    size_t served_count;
};

/* --- names ------------------------------------------------------------------------------------ */

static bool is_of(uint8_t c, bool is_domain) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.') return true;
    return is_domain ? c >= 'A' && c <= 'Z' : c == '_';
}

static bool is_name(ht_bytes name) {
    for (size_t i = 0; i < name.n; i++) {
        if (!is_of(name.p[i], false)) return false;
    }
    return name.n > 0 && name.n <= HT_NIP05_NAME_MAX;
}

static bool is_port(ht_bytes port) {
    unsigned number = 0;
    for (size_t i = 0; i < port.n; i++) {
        if (port.p[i] < '0' || port.p[i] > '9') return false;
        number = 10 * number + (port.p[i] - (unsigned)'0');
    }
    return port.n > 0 && port.n <= 5 && number > 0 && number <= UINT16_MAX;
}

static bool is_domain(ht_bytes domain) {
    size_t n = 0;
    while (n < domain.n && is_of(domain.p[n], true)) n++;
    bool has_port = n < domain.n && domain.p[n] == ':';
    if (n < domain.n && !has_port) return false;
    if (has_port && !is_port(ht_bytes_of(domain.p + n + 1, domain.n - n - 1))) return false;
    return n > 0 && domain.n <= HT_NIP05_DOMAIN_MAX && domain.p[0] != '.' && domain.p[0] != '-';
}

enum ht_err ht_nip05_split(ht_bytes *name, ht_bytes *domain, ht_bytes text, struct ht_why *why) {
    const uint8_t *at = text.n > 0 ? memchr(text.p, '@', text.n) : NULL;
    size_t n = at != NULL ? (size_t)(at - text.p) : 0;
    ht_bytes left = at != NULL ? ht_bytes_of(text.p, n) : ht_bytes_str("_");
    ht_bytes right = at != NULL ? ht_bytes_of(at + 1, text.n - n - 1) : text;
    if (!is_name(left) || !is_domain(right)) {
        return ht_fail(why, HT_EINPUT, "bad_name", "that is no name at a domain (NIP-05)");
    }
    *name = left;
    *domain = right;
    return HT_OK;
}

/* --- a domain's answer ------------------------------------------------------------------------ */

/* The document's names; NULL when it is none. */
static const json_t *names_of(json_t **document, ht_bytes answer) {
    if (ht_json_parse(document, answer, HT_NIP05_ANSWER_MAX, NULL) != HT_OK) return NULL;
    const json_t *names = ht_json_member(*document, "names");
    return json_is_object(names) ? names : NULL;
}

static bool gives(const json_t *names, ht_bytes name, const ht_hash32 *pubkey) {
    char key[HT_NIP05_NAME_MAX + 1] = "";
    ht_hash32 given;
    if (!is_name(name)) return false;
    memcpy(key, name.p, name.n);
    const json_t *hex = ht_json_member(names, key);
    ht_bytes text = ht_bytes_of(json_string_value(hex), json_string_length(hex));
    return json_is_string(hex) && ht_event_hex32(&given, text) && ht_hash32_equal(&given, pubkey);
}

bool ht_nip05_gives(ht_bytes answer, ht_bytes name, const ht_hash32 *pubkey) {
    json_t *document = NULL;
    const json_t *names = names_of(&document, answer);
    bool is_given = names != NULL && gives(names, name, pubkey);
    json_decref(document);
    return is_given;
}

void ht_nip05_request(struct ht_http_options *out, char url[static HT_NIP05_URL_SIZE],
                      ht_bytes name, ht_bytes domain) {
    (void)snprintf(url, HT_NIP05_URL_SIZE, "https://%.*s/.well-known/nostr.json?name=%.*s",
                   (int)domain.n, (const char *)domain.p, (int)name.n, (const char *)name.p);
    *out = (struct ht_http_options){.url = url,
                                    .accept = "application/json",
                                    .max_bytes = HT_NIP05_ANSWER_MAX,
                                    .timeout_ms = HT_NIP05_TIMEOUT_MS,
                                    .is_public_only = true};
}

const char *ht_nip05_judge(const struct ht_http_answer *answer, ht_bytes name,
                           const ht_hash32 *pubkey) {
    json_t *document = NULL;
    const char *state = "no_answer";
    if (answer->err != HT_OK || answer->status != 200) return state;
    const json_t *names = names_of(&document, answer->body);
    if (names != NULL) state = gives(names, name, pubkey) ? "verified" : "differs";
    json_decref(document);
    return state;
}

enum ht_err ht_nip05_state(const char **state, sqlite3 *db, const ht_hash32 *pubkey, ht_bytes nip05,
                           int64_t now_s, struct ht_why *why) {
    const char *found = NULL;
    int64_t after_ms = (now_s - HT_NIP05_FRESH_S) * 1000;
    enum ht_err err = ht_nip05_sql_find(&found, db, pubkey, nip05, after_ms, why);
    if (err == HT_OK) *state = found != NULL ? found : "unchecked";
    return err;
}

/* --- social.name_check ------------------------------------------------------------------------ */

static void unlink_check(struct check *check) {
    if (check->link == NULL) return;
    *check->link = check->next;
    if (check->next != NULL) check->next->link = check->link;
    check->link = NULL;
}

static void free_check(void *user) {
    unlink_check(user);
    free(user);
}

static enum ht_err read_claim(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct check *check = task->user;
    struct ht_posts posts = {0};
    const json_t *profile = NULL;
    (void)db;
    enum ht_err err = ht_task_pubkey(&check->pubkey, task->params, why);
    if (err == HT_OK) err = ht_posts_init(&posts, task, why);
    if (err != HT_OK) return err;
    err = ht_posts_profile(&profile, &posts, &check->pubkey, why);
    const char *claim = err == HT_OK ? ht_profile_text(profile, "nip05") : NULL;
    check->is_claimed = claim != NULL && claim[0] != '\0';
    if (check->is_claimed) {
        int n = snprintf(check->claim, sizeof check->claim, "%s", claim);
        check->is_too_long = n < 0 || (size_t)n >= sizeof check->claim;
    }
    ht_posts_fini(&posts);
    return err;
}

static enum ht_err write_result(struct ht_task *task, struct ht_why *why) {
    const struct check *check = task->user;
    task->result = json_pack("{s:s?, s:s, s:I}", "nip05", check->is_claimed ? check->claim : NULL,
                             "nip05_state", check->state, "at", (json_int_t)task->now_s);
    return task->result != NULL ? HT_OK : ht_task_no_memory(why);
}

static enum ht_err keep_check(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    const struct check *check = task->user;
    const struct ht_nip05_check found = {
        .nip05 = check->claim, .state = check->state, .at_ms = task->now_s * 1000};
    enum ht_err err = ht_nip05_sql_keep(db, &check->pubkey, &found, why);
    return err == HT_OK ? write_result(task, why) : err;
}

/* The claim was split before it was asked about. */
static void answered(void *user, const struct ht_http_answer *answer) {
    struct check *check = user;
    ht_bytes name, domain;
    unlink_check(check);
    check->request = NULL;
    if (answer->err != HT_OK && strcmp(answer->why.code, "private_address") == 0) {
        ht_task_end(check->task, HT_EDENIED, &answer->why);
        return;
    }
    enum ht_err err = ht_nip05_split(&name, &domain, ht_bytes_str(check->claim), NULL);
    check->state = err == HT_OK ? ht_nip05_judge(answer, name, &check->pubkey) : "no_answer";
    ht_task_change(check->task, keep_check, NULL);
}

static void claimed(struct ht_task *task) {
    struct check *check = task->user;
    struct ht_names *names = task->social->names;
    struct ht_http_options options;
    struct ht_why why = {0};
    char url[HT_NIP05_URL_SIZE];
    ht_bytes name, domain;
    if (!check->is_claimed) {
        check->state = "none";
        ht_task_end(task, write_result(task, &why), &why);
        return;
    }
    enum ht_err err = check->is_too_long
                          ? ht_fail(&why, HT_EINPUT, "bad_name", "that name is too long")
                          : ht_nip05_split(&name, &domain, ht_bytes_str(check->claim), &why);
    if (err == HT_OK) {
        ht_nip05_request(&options, url, name, domain);
        err = ht_http_start(&check->request, task->social->host->http, &options, answered, NULL,
                            check);
        if (err != HT_OK) (void)ht_fail(&why, err, "busy", "too much is being asked just now");
    }
    if (err != HT_OK) {
        ht_task_end(task, err, &why);
        return;
    }
    check->next = names->checks;
    check->link = &names->checks;
    if (check->next != NULL) check->next->link = &check->next;
    names->checks = check;
}

void ht_name_check_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    struct ht_why why = {0};
    if (task == NULL) return;
    struct check *check = calloc(1, sizeof *check);
    task->user = check;
    task->free_user = free_check;
    if (check == NULL) {
        ht_task_end(task, ht_task_no_memory(&why), &why);
        return;
    }
    check->task = task;
    ht_task_look(task, read_claim, claimed);
}

/* --- what we serve ---------------------------------------------------------------------------- */

enum ht_err ht_nip05_new(struct ht_social *social, sqlite3 *db, struct ht_why *why) {
    social->names = calloc(1, sizeof *social->names);
    if (social->names == NULL) return ht_task_no_memory(why);
    return ht_nip05_sql_names(social->names->served, &social->names->served_count,
                              HT_NIP05_NAMES_MAX, db, why);
}

void ht_nip05_stop(struct ht_social *social) {
    struct ht_why why = {0};
    struct check *check;
    while (social->names != NULL && (check = social->names->checks) != NULL) {
        ht_http_cancel(check->request);
        unlink_check(check);
        ht_task_end(check->task, ht_fail(&why, HT_EAGAIN, "stopping", "the node is stopping"),
                    &why);
    }
}

void ht_nip05_free(struct ht_social *social) {
    free(social->names);
    social->names = NULL;
}

static json_t *list_json(const struct ht_nip05_name *names, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *one = json_pack("{s:s, s:o}", "name", names[i].name, "pubkey",
                                ht_task_hex_json(&names[i].pubkey));
        if (json_array_append_new(list, one) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return json_pack("{s:o}", "names", list);
}

void ht_names_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct ht_social *social = self;
    struct ht_why why = {0};
    (void)params;
    json_t *result = list_json(social->names->served, social->names->served_count);
    if (result != NULL) {
        ht_rpc_finish(call, result);
    } else {
        ht_rpc_refuse(call, ht_task_no_memory(&why), &why);
    }
}

struct naming {
    struct ht_nip05_name names[HT_NIP05_NAMES_MAX];
    size_t count;
};

static enum ht_err read_name(struct naming *naming, const json_t *item, struct ht_why *why) {
    struct ht_nip05_name *out = &naming->names[naming->count];
    ht_bytes name;
    enum ht_err err = ht_json_str(&name, item, "name", why);
    if (err != HT_OK) return err;
    if (!is_name(name)) {
        return ht_fail(why, HT_EINPUT, "bad_name", "a name has a to z, 0 to 9, - _ and . alone");
    }
    *out = (struct ht_nip05_name){.name = ""};
    memcpy(out->name, name.p, name.n);
    for (size_t i = 0; i < naming->count; i++) {
        if (strcmp(naming->names[i].name, out->name) == 0) {
            return ht_fail(why, HT_EINPUT, "bad_name", "%s is named twice", out->name);
        }
    }
    err = ht_task_pubkey(&out->pubkey, item, why);
    if (err == HT_OK) naming->count++;
    return err;
}

static enum ht_err read_names(struct naming *naming, const json_t *params, struct ht_why *why) {
    const json_t *list = NULL;
    json_t *item;
    size_t i;
    enum ht_err err = ht_json_array(&list, params, "names", why);
    if (err == HT_OK && json_array_size(list) > HT_NIP05_NAMES_MAX) {
        err = ht_fail(why, HT_ELIMIT, "too_many", "at most %u names", HT_NIP05_NAMES_MAX);
    }
    if (err != HT_OK) return err;
    json_array_foreach(list, i, item) {
        if (err == HT_OK) err = read_name(naming, item, why);
    }
    return err;
}

static enum ht_err write_names(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    const struct naming *naming = task->user;
    enum ht_err err = ht_nip05_sql_set_names(db, naming->names, naming->count, why);
    if (err != HT_OK) return err;
    task->result = list_json(naming->names, naming->count);
    return task->result != NULL ? HT_OK : ht_task_no_memory(why);
}

static void wrote_names(struct ht_task *task) {
    const struct naming *naming = task->user;
    struct ht_names *names = task->social->names;
    memcpy(names->served, naming->names, sizeof names->served);
    names->served_count = naming->count;
    ht_task_end(task, HT_OK, NULL);
}

void ht_set_names_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    struct ht_why why = {0};
    if (task == NULL) return;
    task->user = calloc(1, sizeof(struct naming));
    task->free_user = free;
    enum ht_err err =
        task->user != NULL ? read_names(task->user, params, &why) : ht_task_no_memory(&why);
    if (err == HT_OK) {
        ht_task_change(task, write_names, wrote_names);
    } else {
        ht_task_end(task, err, &why);
    }
}

/* The value of "name" in a query; false when the query has none. */
static bool asked_name(ht_bytes *out, ht_bytes query) {
    static const char start[] = "name=";
    const size_t n = sizeof start - 1;
    for (size_t at = 0; at < query.n;) {
        const uint8_t *end = memchr(query.p + at, '&', query.n - at);
        size_t length = end != NULL ? (size_t)(end - query.p) - at : query.n - at;
        if (length >= n && memcmp(query.p + at, start, n) == 0) {
            *out = ht_bytes_of(query.p + at + n, length - n);
            return true;
        }
        at += length + 1;
    }
    return false;
}

/* Where the owner's events are, beside the owner's name. */
static void add_relays(json_t *document, const struct ht_social *social, const ht_hash32 *pubkey) {
    json_t *urls = json_array(), *own = ht_peers_own(social), *relay;
    char hex[65];
    size_t i;
    ht_task_hex(hex, pubkey);
    json_array_foreach(own, i, relay) {
        json_t *url = json_object_get(relay, "url");
        if (url != NULL) (void)json_array_append(urls, url);
    }
    json_decref(own);
    if (json_array_size(urls) > 0) {
        (void)json_object_set_new(document, "relays", json_pack("{s:O}", hex, urls));
    }
    json_decref(urls);
}

static json_t *served_json(const struct ht_social *social, ht_bytes query) {
    const struct ht_names *names = social->names;
    ht_bytes asked = {0};
    ht_hash32 owner;
    bool is_one = asked_name(&asked, query), has_owner = ht_social_owner(social, &owner);
    json_t *document = json_object(), *given = json_object();
    bool is_owners = false;
    for (size_t i = 0; i < names->served_count; i++) {
        const struct ht_nip05_name *name = &names->served[i];
        if (is_one && !ht_bytes_equal(asked, ht_bytes_str(name->name))) continue;
        (void)json_object_set_new(given, name->name, ht_task_hex_json(&name->pubkey));
        if (has_owner && ht_hash32_equal(&name->pubkey, &owner)) is_owners = true;
    }
    (void)json_object_set_new(document, "names", given);
    if (is_owners) add_relays(document, social, &owner);
    return document;
}

void ht_nip05_http(struct ht_social *social, struct ht_door_http *http) {
    struct ht_buf text;
    ht_buf_init(&text, SERVED_MAX);
    json_t *document = served_json(social, ht_door_http_request(http)->query);
    enum ht_err err = document != NULL ? ht_json_dump_compact(&text, document) : HT_ENOMEM;
    json_decref(document);
    if (err == HT_OK) {
        const struct ht_door_answer answer = {.status = 200,
                                              .type = "application/json",
                                              .headers = {{"cache-control", "no-cache"}},
                                              .body = ht_buf_view(&text)};
        ht_door_http_answer(http, &answer);
    } else {
        ht_door_http_fail(http, 503, "there are no names now");
    }
    ht_buf_fini(&text);
}
