/* social.post: notes, comments, articles, polls. */
#include "social/feed/writing_post.h"

#include <stdio.h>

#include "node/codec/json.h"
#include "social/feed/look.h"
#include "social/feed/post.h"
#include "social/feed/publish.h"
#include "social/feed/writing_parts.h"
#include "social/kinds.h"

#define POLL_OPTIONS_MAX 20U
#define POLL_LABEL_MAX 200U
#define NOTIFIED_MAX 50U /* people that a reply names */
#define MENTIONS_MAX 50U

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(ht_json_member(object, name));
    return text != NULL ? text : "";
}

static bool has(const json_t *params, const char *name) {
    const json_t *value = ht_json_member(params, name);
    return value != NULL && !json_is_null(value);
}

static enum ht_err find_named(json_t **out, struct ht_task *task, const char *name,
                              struct ht_why *why) {
    ht_hash32 id;
    enum ht_err err = ht_task_id(&id, task->params, name, why);
    if (err == HT_OK) err = ht_look_id(out, task, &id, why);
    if (err == HT_OK && *out == NULL) {
        err = ht_fail(why, HT_ENOTFOUND, "no_event", "the post that this is about is not here");
    }
    return err;
}

static bool has_person(const json_t *tags, const char *pubkey) {
    size_t i;
    json_t *tag;
    json_array_foreach(tags, i, tag) {
        const char *name = ht_look_item(tag, 0), *value = ht_look_item(tag, 1);
        if (name != NULL && value != NULL && strcmp(name, "p") == 0 && strcmp(value, pubkey) == 0) {
            return true;
        }
    }
    return false;
}

static enum ht_err add_person(json_t *tags, const char *pubkey, struct ht_why *why) {
    if (has_person(tags, pubkey)) return HT_OK;
    return ht_draft_tag(tags, "p", pubkey, NULL, NULL, why);
}

/* The author of what is answered, and who took part in it (NIP-10). */
static enum ht_err add_people(json_t *tags, const json_t *parent, struct ht_why *why) {
    enum ht_err err = add_person(tags, text_of(parent, "pubkey"), why);
    size_t i, count = 0;
    json_t *tag;
    json_array_foreach(ht_json_member(parent, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0), *value = ht_look_item(tag, 1);
        ht_hash32 key;
        if (err != HT_OK || name == NULL || value == NULL || strcmp(name, "p") != 0) continue;
        if (++count > NOTIFIED_MAX || !ht_event_hex32(&key, ht_bytes_str(value))) continue;
        err = add_person(tags, value, why);
    }
    return err;
}

static enum ht_err add_mark(json_t *tags, const char *id, const char *mark, struct ht_why *why) {
    return ht_draft_tag(tags, "e", id, "", mark, why);
}

/* NIP-10 for a note, NIP-22 for a comment on anything else. *kind becomes the one that fits. */
static enum ht_err add_reply(json_t *tags, uint64_t *kind, struct ht_task *task,
                             struct ht_why *why) {
    json_t *parent = NULL;
    char number[24];
    enum ht_err err = find_named(&parent, task, "reply_to", why);
    if (err != HT_OK) return err;
    json_int_t parent_kind = json_integer_value(ht_json_member(parent, "kind"));
    const char *id = text_of(parent, "id"), *root = ht_post_root(parent);
    if (parent_kind == HT_KIND_NOTE && *kind == HT_KIND_NOTE) {
        err = add_mark(tags, root != NULL ? root : id, "root", why);
        if (err == HT_OK && root != NULL) err = add_mark(tags, id, "reply", why);
        if (err == HT_OK) err = add_people(tags, parent, why);
        json_decref(parent);
        return err;
    }
    *kind = HT_KIND_COMMENT;
    (void)snprintf(number, sizeof number, "%lld", (long long)parent_kind);
    const char *root_kind = ht_look_item(ht_look_tag(parent, "K"), 1);
    const char *root_author = ht_look_item(ht_look_tag(parent, "P"), 1);
    bool is_nested = parent_kind == HT_KIND_COMMENT && root != NULL && root_kind != NULL;
    err = ht_draft_tag(tags, "E", is_nested ? root : id, NULL, NULL, why);
    if (err == HT_OK)
        err = ht_draft_tag(tags, "K", is_nested ? root_kind : number, NULL, NULL, why);
    if (err == HT_OK) {
        const char *author =
            is_nested && root_author != NULL ? root_author : text_of(parent, "pubkey");
        err = ht_draft_tag(tags, "P", author, NULL, NULL, why);
    }
    if (err == HT_OK) err = ht_draft_tag(tags, "e", id, NULL, NULL, why);
    if (err == HT_OK) err = ht_draft_tag(tags, "k", number, NULL, NULL, why);
    if (err == HT_OK) err = add_person(tags, text_of(parent, "pubkey"), why);
    json_decref(parent);
    return err;
}

static enum ht_err add_quote(json_t *tags, struct ht_buf *text, struct ht_task *task,
                             struct ht_why *why) {
    json_t *quoted = NULL;
    enum ht_err err = find_named(&quoted, task, "quote", why);
    if (err == HT_OK) {
        err = ht_draft_tag(tags, "q", text_of(quoted, "id"), "", text_of(quoted, "pubkey"), why);
    }
    if (err == HT_OK) err = add_person(tags, text_of(quoted, "pubkey"), why);
    if (err == HT_OK) err = ht_post_add_quoted(text, quoted, why);
    json_decref(quoted);
    return err;
}

/* nostr:npub… in the text names people, who get to know of it (NIP-27). */
static enum ht_err add_mentions(json_t *tags, const char *content, struct ht_why *why) {
    struct ht_entity entity = {.kind = HT_ENTITY_NOTE};
    bool is_read = true;
    for (unsigned count = 0; is_read && count < MENTIONS_MAX; count++) {
        struct ht_arena arena;
        char hex[65];
        ht_arena_init(&arena, HT_ENTITY_ARENA);
        is_read = ht_post_next_entity(&entity, &arena, &content);
        ht_arena_fini(&arena);
        bool is_person = entity.kind == HT_ENTITY_NPUB || entity.kind == HT_ENTITY_NPROFILE;
        if (!is_read || !is_person) continue;
        ht_task_hex(hex, &entity.key);
        enum ht_err err = add_person(tags, hex, why);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

static enum ht_err add_poll(json_t *tags, const json_t *poll, int64_t now_s, struct ht_why *why) {
    const json_t *options = NULL;
    json_t *option;
    size_t i;
    enum ht_err err = ht_json_array(&options, poll, "options", why);
    if (err == HT_OK &&
        (json_array_size(options) < 2 || json_array_size(options) > POLL_OPTIONS_MAX)) {
        err = ht_fail(why, HT_EINPUT, "empty", "a poll has 2 to %u options", POLL_OPTIONS_MAX);
    }
    json_array_foreach(options, i, option) {
        char id[24];
        (void)snprintf(id, sizeof id, "%zu", i + 1);
        size_t n = json_string_length(option);
        if (err == HT_OK && (n == 0 || n > POLL_LABEL_MAX)) {
            err = ht_fail(why, HT_EINPUT, "empty", "an option of a poll has 1 to %u bytes",
                          POLL_LABEL_MAX);
        }
        if (err == HT_OK)
            err = ht_draft_tag(tags, "option", id, json_string_value(option), NULL, why);
    }
    bool is_multiple = json_is_true(ht_json_member(poll, "multiple"));
    if (err == HT_OK) {
        err = ht_draft_tag(tags, "polltype", is_multiple ? "multiplechoice" : "singlechoice", NULL,
                           NULL, why);
    }
    uint64_t ends = 0;
    if (err == HT_OK && has(poll, "ends")) {
        char text[24];
        err = ht_json_u64(&ends, poll, "ends", why);
        if (err == HT_OK && ends <= (uint64_t)now_s) {
            err = ht_fail(why, HT_EINPUT, "bad_time", "that time has passed");
        }
        (void)snprintf(text, sizeof text, "%llu", (unsigned long long)ends);
        if (err == HT_OK) err = ht_draft_tag(tags, "endsAt", text, NULL, NULL, why);
    }
    return err;
}

/* Warning, expiration, title. */
static enum ht_err add_rest(json_t *tags, uint64_t kind, const struct ht_task *task,
                            struct ht_why *why) {
    const json_t *params = task->params;
    const char *text = NULL;
    char number[24];
    uint64_t expires = 0;
    enum ht_err err = HT_OK;
    if (has(params, "warning")) {
        err = ht_json_text(&text, params, "warning", why);
        if (err == HT_OK) err = ht_draft_tag(tags, "content-warning", text, NULL, NULL, why);
    }
    if (err == HT_OK && has(params, "expires")) {
        err = ht_json_u64(&expires, params, "expires", why);
        if (err == HT_OK && expires <= (uint64_t)task->now_s) {
            err = ht_fail(why, HT_EINPUT, "bad_time", "that time has passed");
        }
        (void)snprintf(number, sizeof number, "%llu", (unsigned long long)expires);
        if (err == HT_OK) err = ht_draft_tag(tags, "expiration", number, NULL, NULL, why);
    }
    if (err == HT_OK && kind == HT_KIND_ARTICLE) {
        (void)snprintf(number, sizeof number, "%lld", (long long)task->now_s);
        err = ht_draft_tag(tags, "d", number, NULL, NULL, why);
        if (err == HT_OK) err = ht_draft_tag(tags, "published_at", number, NULL, NULL, why);
    }
    if (err == HT_OK && has(params, "title")) {
        err = ht_json_text(&text, params, "title", why);
        if (err == HT_OK) err = ht_draft_tag(tags, "title", text, NULL, NULL, why);
    }
    return err;
}

static enum ht_err read_kind(uint64_t *kind, const json_t *params, struct ht_why *why) {
    *kind = has(params, "poll") ? HT_KIND_POLL : HT_KIND_NOTE;
    if (!has(params, "kind")) return HT_OK;
    enum ht_err err = ht_json_u64(kind, params, "kind", why);
    bool is_known = *kind == HT_KIND_NOTE || *kind == HT_KIND_COMMENT || *kind == HT_KIND_ARTICLE ||
                    *kind == HT_KIND_POLL;
    if (err != HT_OK || is_known) return err;
    return ht_fail(why, HT_EINPUT, "bad_kind", "posts have kind 1, 1068, 1111 or 30023");
}

/* Text and tags, by what the parameters ask for. */
static enum ht_err write_parts(json_t *tags, struct ht_buf *text, uint64_t *kind,
                               struct ht_task *task, struct ht_why *why) {
    const json_t *params = task->params;
    enum ht_err err = read_kind(kind, params, why);
    if (err == HT_OK && has(params, "reply_to")) err = add_reply(tags, kind, task, why);
    if (err == HT_OK && has(params, "media")) {
        err = ht_post_add_media(tags, text, ht_json_member(params, "media"), why);
    }
    if (err == HT_OK && has(params, "quote")) err = add_quote(tags, text, task, why);
    if (err == HT_OK && *kind == HT_KIND_POLL) {
        err = add_poll(tags, ht_json_member(params, "poll"), task->now_s, why);
    }
    if (err == HT_OK && text->n == 0) {
        err = ht_fail(why, HT_EINPUT, "empty", "there is nothing in it");
    }
    if (err == HT_OK) err = ht_post_end_text(text, why);
    if (err == HT_OK) err = add_mentions(tags, (const char *)text->p, why);
    return err == HT_OK ? add_rest(tags, *kind, task, why) : err;
}

enum ht_err ht_post_draft(struct ht_task *task, struct ht_why *why) {
    const char *content = NULL;
    uint64_t kind = HT_KIND_NOTE;
    json_t *tags = json_array();
    struct ht_buf text;
    ht_buf_init(&text, HT_CLIENT_POST_MAX + 1);
    enum ht_err err = ht_json_text(&content, task->params, "content", why);
    if (err == HT_OK && ht_buf_add_str(&text, content) != HT_OK) {
        err = ht_fail(why, HT_ELIMIT, "too_long", "that is more than %u bytes of text",
                      HT_CLIENT_POST_MAX);
    }
    if (err == HT_OK) err = write_parts(tags, &text, &kind, task, why);
    if (err == HT_OK) {
        err = ht_draft_set(&task->draft, (uint32_t)kind, (const char *)text.p, tags, "a post", why);
    } else {
        json_decref(tags);
    }
    ht_buf_fini(&text);
    return err;
}

static enum ht_err post(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    (void)db;
    return ht_post_draft(task, why);
}

void ht_post_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new_owned(self, call, params);
    if (task != NULL) ht_task_look(task, post, NULL);
}
