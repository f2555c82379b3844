/* Writing what a call came to: the machine's outcome, its notes, its logs, the world's changes. */
#include "node/l1/simulate_json.h"

#include "node/base/hex.h"
#include "node/l1/execution/rpc_json.h"
#include "node/l1/simulate_moves.h"
#include "node/l1/simulate_revert.h"

static json_t *address_json(const ht_addr20 *address) {
    return ht_rpc_data(HT_BYTES(address->b));
}

static json_t *decimal_json(const ht_u256 *value) {
    char text[HT_U256_DECIMAL_SIZE];
    return json_stringn(text, ht_u256_to_decimal(text, value));
}

static ht_bytes first_bytes(ht_bytes data, size_t max) {
    return ht_bytes_of(data.p, data.n < max ? data.n : max);
}

/* --- how it ended ----------------------------------------------------------------------------- */

static void put_end(struct ht_rpc_object *object, const struct ht_sim_outcome *from) {
    const struct ht_evm_result *result = &from->outcome.result;
    bool is_good = !from->is_refused && result->status == HT_EVM_SUCCESS;
    bool is_reverted = !from->is_refused && result->status == HT_EVM_REVERT;
    const char *status = is_good ? "success" : is_reverted ? "reverted" : "failed";
    const char *error = from->is_refused ? from->refusal.text
                        : is_reverted    ? "execution reverted"
                                         : ht_evm_status_text(result->status);
    ht_rpc_put(object, "status", json_string(status));
    ht_rpc_put(object, "error", is_good ? json_null() : json_string(error));
    ht_rpc_put(object, "code", from->is_refused ? json_string(from->refusal.code) : json_null());
    ht_rpc_put(object, "revert", is_reverted ? ht_revert_json(result->output) : json_null());
    ht_rpc_put_u64(object, "gas_used", from->is_refused ? 0 : from->outcome.gas_used);
    ht_rpc_put_u64(object, "gas_limit", from->gas_limit);
    ht_rpc_put_data(object, "output",
                    from->is_refused ? (ht_bytes){0}
                                     : first_bytes(result->output, HT_SIMULATE_OUTPUT_MAX));
    ht_rpc_put(object, "created",
               from->outcome.has_created ? address_json(&result->created) : json_null());
}

/* --- what it did ------------------------------------------------------------------------------ */

static json_t *ether_json(const struct ht_sim_record *record) {
    json_t *list = json_array();
    for (size_t i = 0; i < record->ether_count && i < HT_SIMULATE_ROWS_MAX; i++) {
        const struct ht_sim_ether *ether = &record->ether[i];
        json_t *row = json_pack("{s:o, s:o, s:o, s:i}", "from", address_json(&ether->from), "to",
                                address_json(&ether->to), "wei", decimal_json(&ether->wei), "depth",
                                (int)ether->depth);
        if (json_array_append_new(list, row) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *log_json(const struct ht_evm_log *log) {
    json_t *topics = json_array();
    for (size_t i = 0; i < log->topic_count; i++) {
        if (json_array_append_new(topics, ht_rpc_data(HT_BYTES(log->topics[i].b))) == 0) continue;
        json_decref(topics);
        return NULL;
    }
    return json_pack("{s:o, s:o, s:o}", "address", address_json(&log->address), "topics", topics,
                     "data", ht_rpc_data(first_bytes(log->data, HT_SIMULATE_DATA_MAX)));
}

static json_t *logs_json(const struct ht_evm_log *logs, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count && i < HT_SIMULATE_ROWS_MAX; i++) {
        if (json_array_append_new(list, log_json(&logs[i])) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static const char *kind_name(enum ht_evm_kind kind) {
    switch (kind) {
    case HT_EVM_CALL: return "CALL";
    case HT_EVM_CALLCODE: return "CALLCODE";
    case HT_EVM_DELEGATECALL: return "DELEGATECALL";
    case HT_EVM_STATICCALL: return "STATICCALL";
    case HT_EVM_CREATE: return "CREATE";
    case HT_EVM_CREATE2: return "CREATE2";
    }
    return "?";
}

static json_t *frame_json(const struct ht_sim_frame *frame) {
    struct ht_rpc_object object;
    ht_rpc_begin(&object);
    ht_rpc_put(&object, "type", json_string(kind_name(frame->kind)));
    ht_rpc_put(&object, "from", address_json(&frame->from));
    ht_rpc_put(&object, "to", address_json(&frame->to));
    ht_rpc_put(&object, "wei", decimal_json(&frame->wei));
    ht_rpc_put_u64(&object, "gas_used", frame->gas_used);
    ht_rpc_put_data(&object, "input", frame->input);
    ht_rpc_put_data(&object, "output", frame->output);
    ht_rpc_put(&object, "status",
               json_string(frame->status == HT_EVM_SUCCESS ? "success"
                                                           : ht_evm_status_text(frame->status)));
    ht_rpc_put(&object, "calls", json_array());
    return ht_rpc_end(&object);
}

/* A caller stands before those that it calls, so its object is there already. */
static json_t *frames_json(const struct ht_sim_record *record, struct ht_arena *arena) {
    if (record->frame_count == 0) return json_null();
    void *room = NULL;
    if (ht_arena_array(&room, arena, record->frame_count, sizeof(json_t *), NULL) != HT_OK) {
        return NULL;
    }
    json_t **objects = room;
    for (uint32_t i = 0; i < record->frame_count; i++) {
        const struct ht_sim_frame *frame = &record->frames[i];
        objects[i] = frame_json(frame);
        json_t *list = i > 0 ? json_object_get(objects[frame->parent], "calls") : NULL;
        bool is_put = i == 0 ? objects[0] != NULL : json_array_append_new(list, objects[i]) == 0;
        if (is_put) continue;
        if (i > 0) json_decref(objects[0]);
        return NULL;
    }
    return objects[0];
}

/* --- all of it -------------------------------------------------------------------------------- */

struct lists {
    struct ht_sim_moves moves;
    struct ht_sim_changes changes;
    const struct ht_evm_log *logs;
    size_t log_count;
};

static bool is_data_cut(const struct ht_sim_outcome *from, const struct lists *lists) {
    bool is_cut =
        from->record->is_data_cut || from->outcome.result.output.n > HT_SIMULATE_OUTPUT_MAX;
    for (size_t i = 0; i < lists->log_count && !is_cut; i++) {
        is_cut = lists->logs[i].data.n > HT_SIMULATE_DATA_MAX;
    }
    return is_cut;
}

static json_t *cut_json(const struct ht_sim_outcome *from, const struct lists *lists) {
    const struct {
        const char *name;
        bool is_cut;
    } all[] = {
        {"ether", from->record->ether_count > HT_SIMULATE_ROWS_MAX},
        {"tokens", lists->moves.is_tokens_cut},
        {"approvals", lists->moves.is_approvals_cut},
        {"accounts", lists->changes.is_accounts_cut},
        {"storage", lists->changes.is_storage_cut},
        {"logs", lists->log_count > HT_SIMULATE_ROWS_MAX},
        {"calls", from->record->is_frames_cut},
        {"data", is_data_cut(from, lists)},
    };
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!all[i].is_cut || json_array_append_new(list, json_string(all[i].name)) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

enum ht_err ht_sim_json(json_t **out, const struct ht_sim_outcome *from, struct ht_why *why) {
    struct lists lists = {.logs = NULL};
    lists.logs = ht_evm_world_logs(from->world, &lists.log_count);
    enum ht_err err =
        ht_sim_changes_read(&lists.changes, from->arena, from->before, from->world, why);
    if (err != HT_OK) return err;
    if (ht_sim_moves_read(&lists.moves, lists.logs, lists.log_count) != HT_OK) {
        lists.moves = (struct ht_sim_moves){0};
    }
    struct ht_rpc_object object;
    ht_rpc_begin(&object);
    put_end(&object, from);
    ht_rpc_put(&object, "ether", ether_json(from->record));
    ht_rpc_put(&object, "tokens", lists.moves.tokens);
    ht_rpc_put(&object, "approvals", lists.moves.approvals);
    ht_rpc_put(&object, "accounts", lists.changes.accounts);
    ht_rpc_put(&object, "storage", lists.changes.storage);
    ht_rpc_put(&object, "logs", logs_json(lists.logs, lists.log_count));
    ht_rpc_put(&object, "calls", frames_json(from->record, from->arena));
    ht_rpc_put(&object, "cut", cut_json(from, &lists));
    *out = ht_rpc_end(&object);
    return *out != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}
