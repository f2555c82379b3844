/* social.import, social.export. */
#include "social/upkeep_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "social/store/store_jsonl.h"

#define IMPORT_LINES_MAX 2000U

enum ht_err ht_upkeep_store(struct ht_store **out, struct ht_social *social, sqlite3 *db,
                            struct ht_why *why) {
    if (social->writer_store == NULL) {
        enum ht_err err = ht_store_new(&social->writer_store, db, why);
        if (err != HT_OK) return err;
    }
    if (social->relay != NULL)
        ht_store_set_watch(social->writer_store, ht_relay_store_watch(social->relay));
    *out = social->writer_store;
    return HT_OK;
}

/* --- import ----------------------------------------------------------------------------------- */

static enum ht_err import_lines(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct ht_import_counts counts = {0};
    struct ht_store_limits limits = {.now_s = task->now_s};
    struct ht_store *store = NULL;
    const json_t *lines = NULL;
    json_t *line;
    size_t i;
    enum ht_err err = ht_json_array(&lines, task->params, "lines", why);
    if (err == HT_OK && json_array_size(lines) > IMPORT_LINES_MAX) {
        err = ht_fail(why, HT_EINPUT, "too_long", "at most %u lines at once", IMPORT_LINES_MAX);
    }
    if (err == HT_OK) err = ht_upkeep_store(&store, task->social, db, why);
    json_array_foreach(lines, i, line) {
        ht_bytes text = ht_bytes_of(json_string_value(line), json_string_length(line));
        if (err == HT_OK) err = ht_import_line(&counts, store, text, false, &limits, NULL, why);
    }
    if (err != HT_OK) return err;
    task->result = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "lines", (json_int_t)counts.lines,
        "stored", (json_int_t)counts.stored, "duplicate", (json_int_t)counts.duplicate, "replaced",
        (json_int_t)counts.replaced, "deleted", (json_int_t)counts.deleted, "expired",
        (json_int_t)counts.expired, "refused", (json_int_t)counts.refused, "ephemeral",
        (json_int_t)counts.ephemeral, "malformed", (json_int_t)counts.malformed, "unverified",
        (json_int_t)counts.unverified);
    return task->result != NULL ? HT_OK : ht_task_no_memory(why);
}

void ht_import_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_change(task, import_lines, NULL);
}

/* --- export ----------------------------------------------------------------------------------- */

struct exporting {
    json_t *lines;
    size_t bytes;
    bool has_failed;
};

static bool add_line(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                     int64_t created_at, ht_bytes json) {
    struct exporting *exporting = user;
    (void)id, (void)pubkey, (void)kind, (void)created_at;
    json_t *line = json_stringn((const char *)json.p, json.n);
    exporting->has_failed = json_array_append_new(exporting->lines, line) != 0;
    exporting->bytes += json.n;
    return !exporting->has_failed && exporting->bytes < HT_UPKEEP_EXPORT_BYTES;
}

/* "place.created_at.id" */
static enum ht_err read_cursor(struct ht_store_mark *mark, const json_t *params,
                               struct ht_why *why) {
    const char *text = json_string_value(ht_json_member(params, "cursor"));
    char hex[65];
    int end = 0;
    if (text == NULL) return HT_OK;
    int n = sscanf(text, "%" SCNd64 ".%" SCNd64 ".%64[0-9a-f]%n", &mark->place, &mark->created_at,
                   hex, &end);
    if (n != 3 || text[end] != '\0' || !ht_event_hex32(&mark->id, ht_bytes_str(hex))) {
        return ht_fail(why, HT_EINPUT, "bad_cursor", "that is no place in an export");
    }
    mark->is_begun = true;
    mark->has_id = true;
    return HT_OK;
}

static json_t *write_cursor(const struct ht_store_mark *mark) {
    char hex[65], text[160];
    ht_task_hex(hex, &mark->id);
    (void)snprintf(text, sizeof text, "%" PRId64 ".%" PRId64 ".%s", mark->place, mark->created_at,
                   hex);
    return json_string(text);
}

static enum ht_err export_lines(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct ht_store_mark mark = {0};
    struct ht_store_limits limits = {.now_s = task->now_s};
    struct ht_filter filter = {.since = INT64_MIN, .until = INT64_MAX};
    struct exporting exporting = {.lines = json_array()};
    struct ht_store_visit visit = {.event = add_line, .user = &exporting};
    bool is_complete = false;
    (void)db;
    enum ht_err err = read_cursor(&mark, task->params, why);
    if (err == HT_OK) {
        err = ht_store_query_on(&is_complete, &mark, task->store, &filter, 1, &limits, 0, &visit,
                                why);
    }
    if (err == HT_OK && exporting.has_failed) err = ht_task_no_memory(why);
    if (err == HT_OK) {
        bool is_last = exporting.bytes < HT_UPKEEP_EXPORT_BYTES;
        task->result = json_pack("{s:O, s:o}", "lines", exporting.lines, "cursor",
                                 is_last ? json_null() : write_cursor(&mark));
    }
    json_decref(exporting.lines);
    return err;
}

void ht_export_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_look(task, export_lines, NULL);
}
