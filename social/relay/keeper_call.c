/* Requests of NIP-86 carried out on the tables and the store. */
#include "social/relay/keeper_call.h"

#include <string.h>

#include "social/client_sql.h"
#include "social/feed/look.h"
#include "social/kinds.h"
#include "social/relay/keeper_sql.h"

struct doing {
    sqlite3 *db;
    struct ht_store *store;
    const struct ht_manage_request *request;
    int64_t now_s;
    json_t **result; /* true at first, which needs no freeing */
    struct ht_why *why;
};

static ht_bytes subject(const struct doing *doing) {
    return HT_BYTES(doing->request->hash.b);
}

/* --- keys and addresses ----------------------------------------------------------------------- */

/* What joins one list leaves the other. */
static enum ht_err move_key(const struct doing *doing, enum ht_keeper_list to,
                            enum ht_keeper_list from) {
    enum ht_err err =
        ht_keeper_sql_put(doing->db, to, subject(doing), doing->request->reason, doing->why);
    return err == HT_OK ? ht_keeper_sql_drop(doing->db, from, subject(doing), doing->why) : err;
}

static enum ht_err drop(const struct doing *doing, enum ht_keeper_list from) {
    return ht_keeper_sql_drop(doing->db, from, subject(doing), doing->why);
}

static enum ht_err block(const struct doing *doing) {
    return ht_keeper_sql_put(doing->db, HT_KEEPER_ADDRESSES, ht_bytes_str(doing->request->text),
                             doing->request->reason, doing->why);
}

static enum ht_err unblock(const struct doing *doing) {
    return ht_keeper_sql_drop(doing->db, HT_KEEPER_ADDRESSES, ht_bytes_str(doing->request->text),
                              doing->why);
}

static enum ht_err list(const struct doing *doing, enum ht_keeper_list which) {
    return ht_keeper_sql_list(doing->result, doing->db, which, doing->why);
}

/* --- events ----------------------------------------------------------------------------------- */

static enum ht_err ban_event(const struct doing *doing) {
    struct ht_why missing = {0};
    enum ht_err err = ht_keeper_sql_put(doing->db, HT_KEEPER_BANNED_EVENTS, subject(doing),
                                        doing->request->reason, doing->why);
    if (err != HT_OK) return err;
    /* One that is not here is kept out all the same. */
    err = ht_store_remove(doing->store, &doing->request->hash, &missing);
    if (err == HT_ENOTFOUND) return HT_OK;
    if (err != HT_OK && doing->why != NULL) *doing->why = missing;
    return err;
}

static enum ht_err allow_event(const struct doing *doing) {
    enum ht_err err = ht_keeper_sql_put(doing->db, HT_KEEPER_ALLOWED_EVENTS, subject(doing),
                                        doing->request->reason, doing->why);
    return err == HT_OK ? ht_store_allow(doing->store, &doing->request->hash, doing->why) : err;
}

static enum ht_err unban_event(const struct doing *doing) {
    enum ht_err err = drop(doing, HT_KEEPER_BANNED_EVENTS);
    return err == HT_OK ? ht_store_allow(doing->store, &doing->request->hash, doing->why) : err;
}

/* A report's type and words, cut between characters. */
static void write_reason(char out[static HT_MANAGE_REASON_MAX + 1], const json_t *report,
                         const char *type) {
    const char *text = json_string_value(json_object_get(report, "content"));
    size_t n = 0;
    const char *const parts[] = {type != NULL ? type : "other",
                                 text != NULL && text[0] != '\0' ? ": " : "",
                                 text != NULL ? text : ""};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t length = strlen(parts[i]), room = HT_MANAGE_REASON_MAX - n;
        if (length > room) length = room;
        memcpy(out + n, parts[i], length);
        n += length;
        bool is_cut = parts[i][length] != '\0';
        while (is_cut && n > 0 && ((uint8_t)parts[i][length] & 0xc0U) == 0x80U) n--, length--;
        if (is_cut) break;
    }
    out[n] = '\0';
}

/* One that the owner has decided about is not asked about again, nor one that is not here. */
static enum ht_err needs_decision(bool *out, const struct doing *doing, const ht_hash32 *id) {
    bool is_banned = false, is_allowed = false;
    enum ht_err err = ht_keeper_sql_has(&is_banned, doing->db, HT_KEEPER_BANNED_EVENTS,
                                        HT_BYTES(id->b), doing->why);
    if (err == HT_OK) {
        err = ht_keeper_sql_has(&is_allowed, doing->db, HT_KEEPER_ALLOWED_EVENTS, HT_BYTES(id->b),
                                doing->why);
    }
    *out = !is_banned && !is_allowed && ht_store_has(doing->store, id);
    return err;
}

/* Adds what a report names; found has each event once, under its id. */
static enum ht_err add_report(json_t *found, const struct doing *doing, const json_t *report) {
    const json_t *tag = ht_look_tag(report, "e");
    const char *hex = ht_look_item(tag, 1);
    char reason[HT_MANAGE_REASON_MAX + 1];
    bool is_open = false;
    ht_hash32 id;
    bool names_event = hex != NULL && ht_event_hex32(&id, ht_bytes_str(hex));
    if (!names_event || json_object_get(found, hex) != NULL) return HT_OK;
    enum ht_err err = needs_decision(&is_open, doing, &id);
    if (err != HT_OK || !is_open) return err;
    write_reason(reason, report, ht_look_item(tag, 2));
    json_t *one = json_pack("{s:s, s:s}", "id", hex, "reason", reason);
    return json_object_set_new(found, hex, one) == 0 ? HT_OK : ht_task_no_memory(doing->why);
}

static enum ht_err list_reports(const struct doing *doing) {
    static const uint32_t REPORTS[] = {HT_KIND_REPORT};
    const struct ht_look look = {.kinds = REPORTS, .kind_count = 1, .limit = HT_KEEPER_REPORTS_MAX};
    struct ht_task task = {.store = doing->store, .now_s = doing->now_s};
    json_t *reports = NULL, *report, *one;
    json_t *found = json_object(), *array = json_array();
    size_t i;
    const char *key;
    enum ht_err err = found != NULL && array != NULL ? HT_OK : ht_task_no_memory(doing->why);
    if (err == HT_OK) err = ht_look_events(&reports, NULL, &task, &look, doing->why);
    json_array_foreach(reports, i, report) {
        if (err == HT_OK) err = add_report(found, doing, report);
    }
    json_object_foreach(found, key, one) {
        if (err == HT_OK && json_array_append(array, one) != 0) err = ht_task_no_memory(doing->why);
    }
    json_decref(reports);
    json_decref(found);
    if (err == HT_OK) {
        *doing->result = array;
    } else {
        json_decref(array);
    }
    return err;
}

/* --- kinds ------------------------------------------------------------------------------------ */

static bool has_kind(const uint32_t *kinds, size_t count, uint32_t kind) {
    for (size_t i = 0; i < count; i++) {
        if (kinds[i] == kind) return true;
    }
    return false;
}

static enum ht_err allow_kind(const struct doing *doing) {
    const uint32_t kind = doing->request->kind;
    struct ht_keeper_state state = {0};
    enum ht_err err = ht_keeper_sql_state(&state, doing->db, doing->why);
    bool was_denied = has_kind(state.denied_kinds, state.denied_kind_count, kind);
    bool only_lifts = was_denied && state.kind_count == 0;
    ht_keeper_state_fini(&state);
    if (err != HT_OK) return err;
    return only_lifts ? ht_keeper_sql_drop_kind(doing->db, kind, doing->why)
                      : ht_keeper_sql_put_kind(doing->db, kind, true, doing->why);
}

static enum ht_err list_kinds(const struct doing *doing, bool is_allowed) {
    struct ht_keeper_state state = {0};
    enum ht_err err = ht_keeper_sql_state(&state, doing->db, doing->why);
    const uint32_t *kinds = is_allowed ? state.kinds : state.denied_kinds;
    size_t count = is_allowed ? state.kind_count : state.denied_kind_count;
    json_t *array = json_array();
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        if (json_array_append_new(array, json_integer(kinds[i])) != 0) {
            err = ht_task_no_memory(doing->why);
        }
    }
    ht_keeper_state_fini(&state);
    if (err == HT_OK) {
        *doing->result = array;
    } else {
        json_decref(array);
    }
    return err;
}

/* --- the relay's profile ---------------------------------------------------------------------- */

/* The other texts of the setting stay. */
static enum ht_err change_profile(const struct doing *doing, const char *name) {
    json_t *profile = NULL;
    enum ht_err err = ht_client_sql_get(&profile, doing->db, "profile", doing->why);
    if (err != HT_OK) return err;
    if (profile == NULL) profile = json_object();
    err = json_object_set_new(profile, name, json_string(doing->request->text)) == 0
              ? ht_client_sql_set(doing->db, "profile", profile, doing->why)
              : ht_task_no_memory(doing->why);
    json_decref(profile);
    return err;
}

/* --- all of them ------------------------------------------------------------------------------ */

static enum ht_err do_it(const struct doing *doing) {
    switch (doing->request->method) {
    case HT_MANAGE_SUPPORTED_METHODS: *doing->result = ht_manage_methods(); return HT_OK;
    case HT_MANAGE_BAN_KEY: return move_key(doing, HT_KEEPER_BANNED_KEYS, HT_KEEPER_ALLOWED_KEYS);
    case HT_MANAGE_UNBAN_KEY: return drop(doing, HT_KEEPER_BANNED_KEYS);
    case HT_MANAGE_LIST_BANNED_KEYS: return list(doing, HT_KEEPER_BANNED_KEYS);
    case HT_MANAGE_ALLOW_KEY: return move_key(doing, HT_KEEPER_ALLOWED_KEYS, HT_KEEPER_BANNED_KEYS);
    case HT_MANAGE_UNALLOW_KEY: return drop(doing, HT_KEEPER_ALLOWED_KEYS);
    case HT_MANAGE_LIST_ALLOWED_KEYS: return list(doing, HT_KEEPER_ALLOWED_KEYS);
    case HT_MANAGE_LIST_REPORTED_EVENTS: return list_reports(doing);
    case HT_MANAGE_ALLOW_EVENT: return allow_event(doing);
    case HT_MANAGE_UNALLOW_EVENT: return drop(doing, HT_KEEPER_ALLOWED_EVENTS);
    case HT_MANAGE_BAN_EVENT: return ban_event(doing);
    case HT_MANAGE_UNBAN_EVENT: return unban_event(doing);
    case HT_MANAGE_LIST_BANNED_EVENTS: return list(doing, HT_KEEPER_BANNED_EVENTS);
    case HT_MANAGE_LIST_ALLOWED_EVENTS: return list(doing, HT_KEEPER_ALLOWED_EVENTS);
    case HT_MANAGE_CHANGE_NAME: return change_profile(doing, "name");
    case HT_MANAGE_CHANGE_DESCRIPTION: return change_profile(doing, "description");
    case HT_MANAGE_CHANGE_ICON: return change_profile(doing, "icon");
    case HT_MANAGE_ALLOW_KIND: return allow_kind(doing);
    case HT_MANAGE_DISALLOW_KIND:
        return ht_keeper_sql_put_kind(doing->db, doing->request->kind, false, doing->why);
    case HT_MANAGE_LIST_ALLOWED_KINDS: return list_kinds(doing, true);
    case HT_MANAGE_LIST_DISALLOWED_KINDS: return list_kinds(doing, false);
    case HT_MANAGE_BLOCK_ADDRESS: return block(doing);
    case HT_MANAGE_UNBLOCK_ADDRESS: return unblock(doing);
    case HT_MANAGE_LIST_BLOCKED_ADDRESSES: return list(doing, HT_KEEPER_ADDRESSES);
    }
    return HT_EBUG;
}

enum ht_err ht_keeper_call(json_t **result, sqlite3 *db, struct ht_store *store,
                           const struct ht_manage_request *request, int64_t now_s,
                           struct ht_why *why) {
    json_t *answer = json_true();
    const struct doing doing = {.db = db,
                                .store = store,
                                .request = request,
                                .now_s = now_s,
                                .result = &answer,
                                .why = why};
    enum ht_err err = do_it(&doing);
    if (err == HT_OK && answer == NULL) err = ht_task_no_memory(why);
    if (err == HT_OK) *result = answer;
    return err;
}
