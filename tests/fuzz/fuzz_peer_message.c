/* What peers say over a peer link: the verb, what follows, ids. What was read as ids is written as
 * the same. */
#include <stdlib.h>

#include "node/p2p/peer_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void write_again(const struct ht_peer_link_message *message) {
    static struct ht_peer_link_message again;
    struct ht_buf text;
    ht_buf_init(&text, HT_PEER_LINK_MESSAGE_MAX);
    must(ht_peer_link_ids(&text, message->verb, message->ids, message->id_count) == HT_OK);
    must(ht_peer_link_read(&again, ht_buf_view(&text), NULL) == HT_OK);
    must(again.verb == message->verb && again.id_count == message->id_count);
    must(memcmp(again.ids, message->ids, message->id_count * sizeof *again.ids) == 0);
    ht_buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static struct ht_peer_link_message message;
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_peer_link_read(&message, ht_bytes_of(data, n), &why);
    must(err == HT_OK || why.code != NULL);
    if (err != HT_OK || message.verb == HT_PEER_VERB_NONE) return 0;
    must(n <= HT_PEER_LINK_MESSAGE_MAX && message.id_count <= HT_GOSSIP_IDS_MAX);
    must(message.rest.p > data && message.rest.n > 0);
    must(message.rest.p + message.rest.n < data + n);
    if (message.id_count > 0) write_again(&message);
    return 0;
}
