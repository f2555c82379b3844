/* Reactions, reposts, deletions, reports, votes. Posts are in writing_post.c. */
#include "social/feed/writing.h"

#include <stdio.h>

#include "node/codec/json.h"
#include "social/feed/look.h"
#include "social/feed/post_parts.h"
#include "social/feed/publish.h"
#include "social/kinds.h"

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(ht_json_member(object, name));
    return text != NULL ? text : "";
}

/* The event that params.id names: a new reference. */
static enum ht_err find_event(json_t **out, struct ht_task *task, struct ht_why *why) {
    ht_hash32 id;
    enum ht_err err = ht_task_id(&id, task->params, "id", why);
    if (err == HT_OK) err = ht_look_id(out, task, &id, why);
    if (err == HT_OK && *out == NULL) {
        err = ht_fail(why, HT_ENOTFOUND, "no_event", "that post is not here");
    }
    return err;
}

/* e, p and k tags: what most of these begin with. */
static enum ht_err name_event(json_t *tags, const json_t *event, struct ht_why *why) {
    char kind[24];
    (void)snprintf(kind, sizeof kind, "%lld",
                   (long long)json_integer_value(ht_json_member(event, "kind")));
    enum ht_err err =
        ht_draft_tag(tags, "e", text_of(event, "id"), "", text_of(event, "pubkey"), why);
    if (err == HT_OK) err = ht_draft_tag(tags, "p", text_of(event, "pubkey"), NULL, NULL, why);
    if (err == HT_OK) err = ht_draft_tag(tags, "k", kind, NULL, NULL, why);
    return err;
}

/* --- reactions (NIP-25) and reposts (NIP-18) -------------------------------------------------- */

/* "+", "-", an emoji, a ":shortcode:" or a few words: one line. */
static enum ht_err check_reaction(const char *content, struct ht_why *why) {
    size_t n = strlen(content);
    bool is_good = n > 0 && n <= HT_REACTION_MAX;
    for (size_t i = 0; is_good && i < n; i++) {
        is_good = (unsigned char)content[i] >= ' ' && content[i] != 0x7f;
    }
    if (is_good) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_reaction", "a reaction is one line of 1 to %u bytes",
                   HT_REACTION_MAX);
}

/* A shortcode means the picture that the post has for it (NIP-30). */
static enum ht_err add_emoji(json_t *tags, const json_t *event, const char *content,
                             struct ht_why *why) {
    size_t n = strlen(content), i;
    json_t *tag;
    if (n < 3 || content[0] != ':' || content[n - 1] != ':') return HT_OK;
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0), *code = ht_look_item(tag, 1);
        const char *url = ht_look_item(tag, 2);
        if (name == NULL || code == NULL || url == NULL || strcmp(name, "emoji") != 0) continue;
        if (strlen(code) != n - 2 || strncmp(code, content + 1, n - 2) != 0) continue;
        return ht_draft_tag(tags, "emoji", code, url, NULL, why);
    }
    return HT_OK;
}

enum ht_err ht_react_draft(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    json_t *event = NULL, *tags = json_array();
    const char *content = "+";
    (void)db;
    enum ht_err err = find_event(&event, task, why);
    if (err == HT_OK && ht_json_member(task->params, "content") != NULL) {
        err = ht_json_text(&content, task->params, "content", why);
    }
    if (err == HT_OK) err = check_reaction(content, why);
    if (err == HT_OK) err = name_event(tags, event, why);
    if (err == HT_OK) err = add_emoji(tags, event, content, why);
    json_decref(event);
    if (err != HT_OK) {
        json_decref(tags);
        return err;
    }
    return ht_draft_set(&task->draft, HT_KIND_REACTION, content, tags, "a reaction", why);
}

static enum ht_err repost(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    json_t *event = NULL, *tags = json_array();
    struct ht_buf text;
    (void)db;
    ht_buf_init(&text, HT_CLIENT_POST_MAX);
    enum ht_err err = find_event(&event, task, why);
    bool is_note = json_integer_value(ht_json_member(event, "kind")) == HT_KIND_NOTE;
    bool is_protected = ht_look_tag(event, "-") != NULL;
    if (err == HT_OK) err = name_event(tags, event, why);
    /* A protected event is named, not carried (NIP-70). */
    if (err == HT_OK && !is_protected && ht_json_dump_compact(&text, event) != HT_OK) {
        ht_buf_clear(&text);
    }
    if (err == HT_OK) err = ht_buf_add(&text, ht_bytes_of("", 1));
    json_decref(event);
    if (err == HT_OK) {
        err = ht_draft_set(&task->draft, is_note ? HT_KIND_REPOST : HT_KIND_GENERIC_REPOST,
                           (const char *)text.p, tags, "a repost", why);
    } else {
        json_decref(tags);
    }
    ht_buf_fini(&text);
    return err;
}

/* --- deletion (NIP-09) ------------------------------------------------------------------------ */

static enum ht_err delete_event(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    json_t *event = NULL, *tags = json_array();
    ht_hash32 author;
    const char *reason = "";
    (void)db;
    enum ht_err err = find_event(&event, task, why);
    if (err == HT_OK &&
        (!ht_look_hash(&author, event, "pubkey") || !ht_hash32_equal(&author, &task->owner))) {
        err = ht_fail(why, HT_EINPUT, "not_yours", "only its author can delete a post");
    }
    if (err == HT_OK && ht_json_member(task->params, "reason") != NULL) {
        err = ht_json_text(&reason, task->params, "reason", why);
    }
    char kind[24];
    (void)snprintf(kind, sizeof kind, "%lld",
                   (long long)json_integer_value(ht_json_member(event, "kind")));
    if (err == HT_OK) err = ht_draft_tag(tags, "e", text_of(event, "id"), NULL, NULL, why);
    if (err == HT_OK) err = ht_draft_tag(tags, "k", kind, NULL, NULL, why);
    json_decref(event);
    if (err != HT_OK) {
        json_decref(tags);
        return err;
    }
    return ht_draft_set(&task->draft, HT_KIND_DELETE, reason, tags, "a deletion", why);
}

/* --- reports (NIP-56) ------------------------------------------------------------------------- */

static enum ht_err read_type(const char **out, const json_t *params, struct ht_why *why) {
    static const char *const TYPES[] = {"nudity", "malware",       "profanity", "illegal",
                                        "spam",   "impersonation", "other"};
    enum ht_err err = ht_json_text(out, params, "type", why);
    if (err != HT_OK) return err;
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        if (strcmp(TYPES[i], *out) == 0) return HT_OK;
    }
    return ht_fail(why, HT_EINPUT, "bad_type", "there is no such reason for a report");
}

static enum ht_err report(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    json_t *event = NULL, *tags = json_array();
    const char *type = NULL, *text = "";
    ht_hash32 pubkey;
    char hex[65];
    (void)db;
    bool has_id = ht_json_member(task->params, "id") != NULL;
    enum ht_err err = read_type(&type, task->params, why);
    if (err == HT_OK && ht_json_member(task->params, "text") != NULL) {
        err = ht_json_text(&text, task->params, "text", why);
    }
    if (err == HT_OK && has_id) {
        err = find_event(&event, task, why);
        if (err == HT_OK) err = ht_draft_tag(tags, "e", text_of(event, "id"), type, NULL, why);
        if (err == HT_OK) err = ht_draft_tag(tags, "p", text_of(event, "pubkey"), NULL, NULL, why);
    } else if (err == HT_OK) {
        err = ht_task_pubkey(&pubkey, task->params, why);
        if (err == HT_OK) ht_task_hex(hex, &pubkey);
        if (err == HT_OK) err = ht_draft_tag(tags, "p", hex, type, NULL, why);
    }
    json_decref(event);
    if (err != HT_OK) {
        json_decref(tags);
        return err;
    }
    return ht_draft_set(&task->draft, HT_KIND_REPORT, text, tags, "a report", why);
}

/* --- votes (NIP-88) --------------------------------------------------------------------------- */

static enum ht_err check_vote(const json_t *poll, const json_t *options, int64_t now_s,
                              struct ht_why *why) {
    size_t count = json_array_size(options);
    int64_t ends = 0;
    if (count == 0) return ht_fail(why, HT_EINPUT, "empty", "a vote names an option");
    if (count > HT_POLL_OPTIONS_MAX || (count > 1 && !ht_post_poll_is_multiple(poll))) {
        return ht_fail(why, HT_EINPUT, "too_many_options", "this poll takes one option");
    }
    if (ht_post_poll_ends(&ends, poll) && now_s > ends) {
        return ht_fail(why, HT_EINPUT, "poll_ended", "this poll has ended");
    }
    return HT_OK;
}

enum ht_err ht_vote_draft(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    json_t *event = NULL, *tags = json_array(), *option;
    const json_t *options = NULL;
    size_t i;
    (void)db;
    enum ht_err err = find_event(&event, task, why);
    if (err == HT_OK && json_integer_value(ht_json_member(event, "kind")) != HT_KIND_POLL) {
        err = ht_fail(why, HT_EINPUT, "bad_kind", "that is no poll");
    }
    if (err == HT_OK) err = ht_json_array(&options, task->params, "options", why);
    if (err == HT_OK) err = check_vote(event, options, task->now_s, why);
    if (err == HT_OK) err = ht_draft_tag(tags, "e", text_of(event, "id"), NULL, NULL, why);
    json_array_foreach(options, i, option) {
        const char *id = json_string_value(option);
        if (err == HT_OK && (id == NULL || !ht_look_has_tag(event, "option", id))) {
            err = ht_fail(why, HT_EINPUT, "bad_id", "the poll has no such option");
        }
        if (err == HT_OK) err = ht_draft_tag(tags, "response", id, NULL, NULL, why);
    }
    json_decref(event);
    if (err != HT_OK) {
        json_decref(tags);
        return err;
    }
    return ht_draft_set(&task->draft, HT_KIND_VOTE, "", tags, "a vote", why);
}

static void start(void *self, struct ht_rpc_call *call, const json_t *params,
                  enum ht_err (*work)(struct ht_task *task, sqlite3 *db, struct ht_why *why)) {
    struct ht_task *task = ht_task_new_owned(self, call, params);
    if (task != NULL) ht_task_look(task, work, NULL);
}

void ht_react_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    start(self, call, params, ht_react_draft);
}

void ht_repost_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    start(self, call, params, repost);
}

void ht_delete_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    start(self, call, params, delete_event);
}

void ht_report_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    start(self, call, params, report);
}

void ht_vote_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    start(self, call, params, ht_vote_draft);
}
