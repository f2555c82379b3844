/* Node records: an event's JSON. What is read is within its bounds, and its tags, signed again by
 * nobody, say the same. */
#include <stdlib.h>

#include "node/p2p/node_record.h"

#define NOW_S INT64_C(1780000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void check(const struct ht_node_record *record) {
    static const uint8_t signature[HT_SCHNORR_SIZE];
    must(record->has_user && record->address_count <= HT_NODE_ADDRESSES_MAX);
    must(record->expires_at > NOW_S && record->created_at <= NOW_S + HT_NODE_RECORD_AHEAD_S);
    must(record->expires_at <= record->created_at + HT_NODE_RECORD_MAX_S);
    must(memchr(record->name, 0, sizeof record->name) != NULL);
    for (size_t i = 0; i < record->address_count; i++) {
        must(memchr(record->addresses[i], 0, HT_NODE_ADDRESS_SIZE) != NULL);
        must(ht_address_reach_of(record->addresses[i]) != HT_REACH_NONE);
    }
    json_t *tags = ht_node_record_tags(record, signature);
    must(tags != NULL && json_array_size(tags) >= 3 + record->address_count);
    json_decref(tags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_arena arena;
    struct ht_event event;
    struct ht_node_record record;
    struct ht_why why = {.code = NULL};
    if (n > HT_EVENT_SIZE_MAX) return 0;
    ht_arena_init(&arena, HT_EVENT_ARENA(n));
    if (ht_event_read(&event, &arena, ht_bytes_of(data, n), NULL) == HT_OK) {
        enum ht_err err = ht_node_record_read(&record, &event, NOW_S, &why);
        must(err == HT_OK || why.code != NULL);
        if (err == HT_OK) check(&record);
    }
    ht_arena_fini(&arena);
    return 0;
}
