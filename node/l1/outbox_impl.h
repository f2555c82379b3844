/* Inside of the outbox, shared by outbox*.c alone. */
#ifndef HT_L1_OUTBOX_IMPL_H
#define HT_L1_OUTBOX_IMPL_H

#include "node/l1/blocks_transaction.h"
#include "node/l1/outbox.h"
#include "node/store/writer.h"

struct ht_outbox_item {
    struct ht_outbox_item *next; /* newest first */
    struct ht_outbox *outbox;
    ht_hash32 hash;
    struct ht_buf raw;
    ht_addr20 from;
    ht_addr20 to;
    bool is_creation; /* it has no `to` */
    uint64_t nonce;
    ht_u256 value;    /* wei */
    ht_u256 cost_max; /* wei */
    enum ht_outbox_state state;
    int64_t sent_ms; /* wall time */
    bool is_kept;    /* on disk */
    bool has_block;
    uint64_t block_number;
    ht_hash32 block_hash;
    bool succeeded;

    /* Being sent. */
    struct ht_send *send; /* who waits to hear that it was taken; NULL: nobody */
    struct ht_question question;
    bool is_sending;
    bool is_taken;
    uint32_t given; /* providers that were given it in this round */
    unsigned takers;
    char providers[HT_OUTBOX_FANOUT][128];
    struct ht_why refusal;
    unsigned heads_waited; /* since it was sent last */

    /* Being looked at. */
    struct ht_state_read account;
    struct ht_transaction_read place;
    bool is_looking;
    bool nonce_is_used; /* at finality, by something */
};

struct ht_outbox {
    struct ht_outbox_options options;
    struct ht_outbox_item *items;
    size_t count;
    struct ht_chain_listener listener;
    bool is_listening;
};

void ht_outbox_keep(struct ht_outbox_item *item);
void ht_outbox_changed(struct ht_outbox *outbox);
/* Gives it to providers, one after another. */
void ht_outbox_give(struct ht_outbox_item *item);

#endif
