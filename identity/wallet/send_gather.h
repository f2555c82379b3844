/* What a transaction needs to know of the chain, all of it proven at one block: the sender's nonce
 * and balance, whether the recipient has code, what gas costs. Loop thread. */
#ifndef HT_IDENTITY_WALLET_SEND_GATHER_H
#define HT_IDENTITY_WALLET_SEND_GATHER_H

#include "identity/identity.h"

#define HT_GATHER_TIP_BLOCKS 5U
#define HT_GATHER_TIP_PERCENTILE_MILLI                        \
    60000U /* the tip that 60 % of a block's transactions pay \
            */

struct ht_gather;

struct ht_gather_body {
    struct ht_block_read read; /* first */
    struct ht_gather *owner;
};

/* Zeroed but for what is asked and done; left alone until done. */
struct ht_gather {
    const struct ht_identity *identity;
    ht_addr20 from, to;
    bool has_to;
    /* On the loop, once, perhaps before ht_gather returns. */
    void (*done)(struct ht_gather *gather);

    /* The outcome: HT_ESTALE "not_live", or the errors of the reads. */
    enum ht_err err;
    struct ht_why why;
    uint64_t nonce;
    ht_u256 balance; /* wei */
    bool to_exists, to_has_code;
    ht_u256 base_fee;                      /* wei a unit of gas, of the next block */
    ht_u256 tip;                           /* typical, wei a unit of gas */
    struct ht_exec_header_verified header; /* the block that all of it is proven at */
    bool is_final;
    char source[128];

    /* Its own. */
    size_t open; /* reads under way, and one for who starts them */
    struct ht_header_read at;
    struct ht_state_read sender, recipient;
    struct ht_gather_body bodies[HT_GATHER_TIP_BLOCKS];
    ht_u256 tips[HT_GATHER_TIP_BLOCKS];
    size_t tip_count, body_count, bodies_read;
    bool has_body;
};

void ht_gather(struct ht_gather *gather);

/* Puts what was gathered later in the place of what was. */
void ht_gather_renew(struct ht_gather *gather, const struct ht_gather *later);

/* The provenance of what was gathered; NULL without memory. */
json_t *ht_gather_provenance_json(const struct ht_gather *gather);

#endif
