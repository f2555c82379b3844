/* Many slots of one contract, all proven at one block. Loop thread. */
#ifndef HT_IDENTITY_WALLET_SLOTS_H
#define HT_IDENTITY_WALLET_SLOTS_H

#include "node/module.h"

#define HT_SLOTS_MAX 4096U /* of one read */

/* Zeroed but for what is asked and done; left alone until done. */
struct ht_slots_read {
    struct ht_block_id block;
    ht_addr20 address;
    const ht_hash32 *slots; /* the caller's until done */
    size_t count;           /* 1 to HT_SLOTS_MAX */
    /* On the loop, once, perhaps before ht_slots_read returns. */
    void (*done)(struct ht_slots_read *read);

    /* The outcome: errors of ht_state_read, HT_ELIMIT "too_many_slots", HT_ENOMEM. */
    enum ht_err err;
    struct ht_why why;
    uint8_t (*values)[32]; /* count of them, big-endian; freed by ht_slots_read_fini */
    struct ht_exec_header_verified header;
    bool is_final;
    char source[128];

    /* Its own. */
    struct ht_state *state;
    struct ht_state_read part;
    size_t read_count;
    bool is_starting, is_answered;
};

void ht_slots_read(struct ht_state *state, struct ht_slots_read *read);
void ht_slots_read_fini(struct ht_slots_read *read);

#endif
