/* Messages of multicast DNS: whatever comes, what is taken from it is bounded, and can be told
 * again.
 */
#include <stdlib.h>

#include "node/p2p/mdns_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

/* What was read as a node is read again from what we would say of it. */
static void say_again(const struct ht_mdns_node *node) {
    static struct ht_mdns_message again;
    uint8_t bytes[HT_MDNS_WRITE_MAX];
    size_t n = ht_mdns_write_answer(bytes, node, NULL);
    must(n <= sizeof bytes);
    must(ht_mdns_read(&again, ht_bytes_of(bytes, n), NULL) == HT_OK);
    must(again.found_count == 1 && ht_hash32_equal(&again.found[0].node, &node->node));
    must(again.found[0].port == node->port && again.found[0].ttl_s == node->ttl_s);
    must(again.found[0].address_count == node->address_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static struct ht_mdns_message message;
    uint8_t bytes[HT_MDNS_WRITE_MAX];
    const ht_hash32 self = {.b = {7}};
    if (ht_mdns_read(&message, ht_bytes_of(data, n), NULL) != HT_OK) return 0;
    must(message.question_count <= HT_MDNS_QUESTIONS_MAX);
    must(message.found_count <= HT_MDNS_FOUND_MAX);
    (void)ht_mdns_asks(&message, &self);
    for (size_t i = 0; i < message.question_count; i++) {
        must(strlen(message.questions[i].name) < HT_MDNS_NAME_SIZE);
    }
    const struct ht_mdns_node us = {
        .node = self, .port = 1, .ttl_s = HT_MDNS_TTL_S, .address_count = HT_MDNS_ADDRESSES_MAX};
    must(ht_mdns_write_answer(bytes, &us, &message) <= sizeof bytes);
    for (size_t i = 0; message.is_answer && i < message.found_count; i++) {
        must(message.found[i].address_count <= HT_MDNS_ADDRESSES_MAX);
        if (message.found[i].port != 0) say_again(&message.found[i]);
    }
    return 0;
}
