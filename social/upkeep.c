/* Drafts, reports, blocking, removing. Numbers, import and export are in upkeep_store.c. */
#include "social/upkeep.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/client_sql.h"
#include "social/feed/post.h"
#include "social/kinds.h"
#include "social/relay/keeper_sql.h"
#include "social/relay/sets.h"
#include "social/settings.h"
#include "social/upkeep_store.h"

#define REPORTS_MAX 200U

/* --- drafts ----------------------------------------------------------------------------------- */

static enum ht_err draft_put(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    const char *content = NULL, *reply_to = NULL;
    uint64_t draft = 0;
    int64_t id = 0;
    ht_hash32 named;
    char hex[65];
    enum ht_err err = ht_json_text(&content, task->params, "content", why);
    if (err == HT_OK && strlen(content) > HT_CLIENT_POST_MAX) {
        err =
            ht_fail(why, HT_EINPUT, "too_long", "a draft has at most %u bytes", HT_CLIENT_POST_MAX);
    }
    if (err == HT_OK && json_is_integer(ht_json_member(task->params, "draft"))) {
        err = ht_json_u64(&draft, task->params, "draft", why);
    }
    if (err == HT_OK && json_is_string(ht_json_member(task->params, "reply_to"))) {
        err = ht_task_id(&named, task->params, "reply_to", why);
        ht_task_hex(hex, &named);
        reply_to = hex;
    }
    if (err == HT_OK) {
        err = ht_client_sql_draft_put(&id, db, (int64_t)draft, content, reply_to,
                                      task->now_s * 1000, why);
    }
    if (err == HT_OK) task->result = json_pack("{s:I}", "draft", (json_int_t)id);
    return err;
}

static enum ht_err drafts(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    json_t *list = NULL;
    enum ht_err err = ht_client_sql_drafts(&list, db, why);
    if (err == HT_OK) task->result = json_pack("{s:o}", "drafts", list);
    return err;
}

static enum ht_err draft_delete(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    uint64_t draft = 0;
    enum ht_err err = ht_json_u64(&draft, task->params, "draft", why);
    if (err == HT_OK) err = ht_client_sql_draft_delete(db, (int64_t)draft, why);
    if (err == HT_OK) task->result = json_object();
    return err;
}

void ht_draft_put_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_change(task, draft_put, NULL);
}

void ht_drafts_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_look(task, drafts, NULL);
}

void ht_draft_delete_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_change(task, draft_delete, NULL);
}

/* --- moderation ------------------------------------------------------------------------------- */

static const char *item_of(const json_t *event, const char *tag, size_t i) {
    return ht_look_item(ht_look_tag(event, tag), i);
}

static enum ht_err write_report(json_t **out, struct ht_posts *posts, const json_t *event,
                                struct ht_why *why) {
    const char *named = item_of(event, "e", 1), *pubkey = item_of(event, "p", 1);
    const char *type = item_of(event, named != NULL ? "e" : "p", 2);
    json_t *post = NULL, *about = NULL;
    ht_hash32 id;
    enum ht_err err = HT_OK;
    if (named != NULL && ht_event_hex32(&id, ht_bytes_str(named))) {
        err = ht_look_id(&about, posts->task, &id, why);
    }
    if (err == HT_OK && about != NULL) err = ht_post_json(&post, posts, about, why);
    json_decref(about);
    if (err != HT_OK) return err;
    *out = json_pack("{s:o, s:s?, s:O, s:s, s:O, s:O}", "post", post != NULL ? post : json_null(),
                     "pubkey", pubkey, "by", ht_json_member(event, "pubkey"), "type",
                     type != NULL ? type : "other", "text", ht_json_member(event, "content"), "at",
                     ht_json_member(event, "created_at"));
    return *out != NULL ? HT_OK : ht_task_no_memory(why);
}

static enum ht_err read_reports(json_t **out, struct ht_task *task, struct ht_why *why) {
    static const uint32_t REPORTS[] = {HT_KIND_REPORT};
    struct ht_look look = {.kinds = REPORTS, .kind_count = 1, .limit = REPORTS_MAX};
    struct ht_posts posts = {0};
    json_t *events = NULL, *list = json_array(), *event;
    size_t i;
    enum ht_err err = ht_look_events(&events, NULL, task, &look, why);
    if (err == HT_OK) err = ht_posts_init(&posts, task, why);
    json_array_foreach(events, i, event) {
        json_t *report = NULL;
        if (err == HT_OK) err = write_report(&report, &posts, event, why);
        if (err == HT_OK && json_array_append_new(list, report) != 0) err = ht_task_no_memory(why);
    }
    json_decref(events);
    ht_posts_fini(&posts);
    if (err == HT_OK) {
        *out = list;
    } else {
        json_decref(list);
    }
    return err;
}

static enum ht_err read_blocked(json_t **out, sqlite3 *db, struct ht_why *why) {
    ht_hash32 *keys = malloc(HT_BLOCKED_MAX * sizeof *keys);
    size_t count = 0;
    enum ht_err err = keys != NULL ? ht_client_sql_blocked(keys, &count, HT_BLOCKED_MAX, db, why)
                                   : ht_task_no_memory(why);
    json_t *list = err == HT_OK ? json_array() : NULL;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        if (json_array_append_new(list, ht_task_hex_json(&keys[i])) != 0) {
            err = ht_task_no_memory(why);
        }
    }
    free(keys);
    if (err == HT_OK) {
        *out = list;
    } else {
        json_decref(list);
    }
    return err;
}

static enum ht_err moderation(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    json_t *reports = NULL, *blocked = NULL, *settings = NULL;
    enum ht_err err = read_reports(&reports, task, why);
    if (err == HT_OK) err = read_blocked(&blocked, db, why);
    if (err == HT_OK) err = ht_settings_read(&settings, db, why);
    if (err == HT_OK) {
        task->result = json_pack("{s:O, s:O, s:O}", "reports", reports, "blocked", blocked,
                                 "settings", settings);
    }
    json_decref(reports);
    json_decref(blocked);
    json_decref(settings);
    return err;
}

void ht_moderation_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_look(task, moderation, NULL);
}

static enum ht_err block(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    ht_hash32 pubkey;
    bool on = true;
    enum ht_err err = ht_task_pubkey(&pubkey, task->params, why);
    if (err == HT_OK) err = ht_json_bool(&on, task->params, "on", why);
    if (err == HT_OK) err = ht_client_sql_block(db, &pubkey, on, why);
    if (err == HT_OK) task->result = json_object();
    return err;
}

static void blocked(struct ht_task *task) {
    ht_sets_reload(task->social);
    ht_task_end(task, HT_OK, NULL);
}

void ht_block_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_change(task, block, blocked);
}

/* One that is not here is kept out all the same. */
static enum ht_err remove_event(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    ht_hash32 id;
    struct ht_why missing = {0};
    struct ht_store *store = NULL;
    enum ht_err err = ht_task_id(&id, task->params, "id", why);
    if (err == HT_OK) err = ht_upkeep_store(&store, task->social, db, why);
    if (err == HT_OK) err = ht_store_remove(store, &id, &missing);
    if (err != HT_OK && err != HT_ENOTFOUND) {
        if (missing.code != NULL && why != NULL) *why = missing;
        return err;
    }
    /* The relay's management lists it; it is kept out as well when that list is full. */
    enum ht_err listed = ht_keeper_sql_put(db, HT_KEEPER_BANNED_EVENTS, HT_BYTES(id.b), "", why);
    if (listed != HT_OK && listed != HT_ELIMIT) return listed;
    task->result = json_pack("{s:b}", "was_here", err == HT_OK);
    return HT_OK;
}

void ht_remove_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_change(task, remove_event, NULL);
}
