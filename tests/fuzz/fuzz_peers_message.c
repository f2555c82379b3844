/* What relays say to us: one message, and the event behind it. */
#include <stdlib.h>

#include "node/nostr/event_read.h"
#include "social/links/peers_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static struct ht_peer_message message;
    ht_peer_message_read(&message, ht_bytes_of(data, n));
    must(strlen(message.text) < HT_PEER_TEXT_SIZE);
    must(strlen(message.subscription) < HT_PEER_SUBSCRIPTION_SIZE);
    if (message.said != HT_PEER_SAID_EVENT) return 0;
    must(message.event.p >= data && message.event.p + message.event.n == data + n);
    struct ht_event event;
    struct ht_arena arena;
    size_t used = 0;
    ht_arena_init(&arena, HT_EVENT_ARENA(message.event.n));
    if (ht_event_read_front(&event, &used, &arena, message.event, NULL) == HT_OK) {
        must(used <= message.event.n);
    }
    ht_arena_fini(&arena);
    return 0;
}
