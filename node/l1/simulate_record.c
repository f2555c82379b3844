/* Notes of a run. What a frame moved is forgotten when the frame is taken back; wei are counted
 * past the end of the list, so that what is left of it is right then, too. */
#include "node/l1/simulate_record.h"

static void add_ether(struct ht_sim_record *record, unsigned depth, const ht_addr20 *from,
                      const ht_addr20 *to, const ht_u256 *wei) {
    if (ht_u256_is_zero(wei)) return;
    if (record->ether_count < HT_SIMULATE_ROWS_MAX) {
        record->ether[record->ether_count] =
            (struct ht_sim_ether){.from = *from, .to = *to, .wei = *wei, .depth = depth};
    }
    record->ether_count++;
}

static ht_bytes note_data(struct ht_sim_record *record, ht_bytes data) {
    size_t n = data.n < HT_SIMULATE_DATA_MAX ? data.n : HT_SIMULATE_DATA_MAX;
    if (n > record->data_left) n = record->data_left;
    char *copy = n > 0 ? ht_arena_copy_str(record->arena, ht_bytes_of(data.p, n)) : NULL;
    if (copy == NULL) n = 0;
    record->data_left -= n;
    record->is_data_cut |= n < data.n;
    return ht_bytes_of(copy, n);
}

static bool borrows_code(enum ht_evm_kind kind) {
    return kind == HT_EVM_DELEGATECALL || kind == HT_EVM_CALLCODE;
}

static void note_frame(struct ht_sim_record *record, unsigned depth,
                       const struct ht_evm_message *message) {
    uint32_t parent = depth > 0 ? record->open[depth - 1].frame : HT_SIMULATE_NO_FRAME;
    record->open[depth].frame = HT_SIMULATE_NO_FRAME;
    if (depth >= HT_SIMULATE_LEVELS_MAX || record->frame_count == HT_SIMULATE_FRAMES_MAX ||
        (depth > 0 && parent == HT_SIMULATE_NO_FRAME)) {
        record->is_frames_cut = true;
        return;
    }
    bool borrows = borrows_code(message->kind);
    record->open[depth].frame = record->frame_count;
    record->frames[record->frame_count++] =
        (struct ht_sim_frame){.parent = parent,
                              .kind = message->kind,
                              .from = borrows ? message->to : message->sender,
                              .to = borrows ? message->code : message->to,
                              .wei = message->value,
                              .input = note_data(record, message->input)};
}

static void on_enter(void *user, unsigned depth, const struct ht_evm_message *message) {
    struct ht_sim_record *record = user;
    record->open[depth].ether_count = record->ether_count;
    note_frame(record, depth, message);
    bool moves = message->kind == HT_EVM_CALL || message->kind == HT_EVM_CREATE ||
                 message->kind == HT_EVM_CREATE2;
    if (moves) add_ether(record, depth, &message->sender, &message->to, &message->value);
}

static void on_leave(void *user, unsigned depth, const struct ht_evm_result *result,
                     uint64_t gas_used) {
    struct ht_sim_record *record = user;
    if (result->status != HT_EVM_SUCCESS) record->ether_count = record->open[depth].ether_count;
    if (record->open[depth].frame == HT_SIMULATE_NO_FRAME) return;
    struct ht_sim_frame *frame = &record->frames[record->open[depth].frame];
    frame->status = result->status;
    frame->gas_used = gas_used;
    frame->output = note_data(record, result->output);
}

static void on_destroy(void *user, unsigned depth, const ht_addr20 *account,
                       const ht_addr20 *beneficiary, const ht_u256 *wei) {
    if (memcmp(account->b, beneficiary->b, sizeof account->b) == 0) return;
    add_ether(user, depth, account, beneficiary, wei);
}

void ht_sim_record_begin(struct ht_sim_record *record, struct ht_arena *arena) {
    record->arena = arena;
    record->frame_count = 0;
    record->ether_count = 0;
    record->data_left = HT_SIMULATE_NOTES_MAX;
    record->is_frames_cut = record->is_data_cut = false;
}

struct ht_evm_observer ht_sim_record_observer(struct ht_sim_record *record) {
    return (struct ht_evm_observer){
        .enter = on_enter, .leave = on_leave, .destroy = on_destroy, .user = record};
}
