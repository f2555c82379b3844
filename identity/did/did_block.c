/* An identity's events in a block's receipts. */
#include "identity/did/did_block.h"

#include <inttypes.h>

static bool is_ours(const struct ht_log *log, const ht_addr20 *registry,
                    const ht_addr20 *identity) {
    return memcmp(log->address.b, registry->b, sizeof registry->b) == 0 &&
           ht_did_event_is_of(log->topics, log->topic_count, identity);
}

static size_t count_ours(const struct ht_receipts *receipts, const ht_addr20 *registry,
                         const ht_addr20 *identity) {
    size_t count = 0;
    for (size_t i = 0; i < receipts->count; i++) {
        for (size_t j = 0; j < receipts->list[i].log_count; j++) {
            count += is_ours(&receipts->list[i].logs[j], registry, identity) ? 1 : 0;
        }
    }
    return count;
}

static enum ht_err read_all(struct ht_did_event *events, struct ht_arena *arena,
                            const struct ht_receipts *receipts, const ht_addr20 *registry,
                            const ht_addr20 *identity, struct ht_why *why) {
    uint32_t index = 0;
    for (size_t i = 0; i < receipts->count; i++) {
        const struct ht_receipt *receipt = &receipts->list[i];
        for (size_t j = 0; j < receipt->log_count; j++, index++) {
            const struct ht_log *log = &receipt->logs[j];
            if (!is_ours(log, registry, identity)) continue;
            enum ht_err err =
                ht_did_event_read(events, arena, log->topics, log->topic_count, log->data, why);
            if (err != HT_OK) return err;
            events++->log_index = index;
        }
    }
    return HT_OK;
}

enum ht_err ht_did_block_events(struct ht_did_event **out, size_t *count, struct ht_arena *arena,
                                const struct ht_receipts *receipts,
                                const struct ht_exec_header_verified *header,
                                const ht_addr20 *registry, const ht_addr20 *identity,
                                struct ht_why *why) {
    void *list = NULL;
    size_t n = count_ours(receipts, registry, identity);
    enum ht_err err = ht_arena_array(&list, arena, n, sizeof **out, NULL);
    if (err != HT_OK || n > HT_DID_EVENTS_MAX) {
        return ht_fail(why, HT_ELIMIT, "did_too_large", "block %" PRIu64 " has too many changes",
                       header->header.number);
    }
    err = read_all(list, arena, receipts, registry, identity, why);
    if (err != HT_OK) return err;
    struct ht_did_event *events = list;
    for (size_t i = 0; i < n; i++) {
        events[i].block = header->header.number;
        events[i].time_s =
            header->header.timestamp < INT64_MAX ? (int64_t)header->header.timestamp : INT64_MAX;
    }
    *out = events;
    *count = n;
    return HT_OK;
}

enum ht_err ht_did_block_link(uint64_t *previous, const struct ht_did_event *events, size_t count,
                              uint64_t block, struct ht_why *why) {
    bool is_good = count > 0 && events[0].previous_change < block;
    for (size_t i = 1; i < count && is_good; i++) is_good = events[i].previous_change == block;
    if (!is_good) {
        return ht_fail(why, HT_EUNVERIFIED, "did_order",
                       "the history of the identity does not go on at block %" PRIu64, block);
    }
    *previous = events[0].previous_change;
    return HT_OK;
}
