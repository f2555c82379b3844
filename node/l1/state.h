/* Proven state of the execution chain: accounts, their storage and code, at any block.
 *
 * The block's header is proven first (chain.h), then a Merkle proof under its state root. Providers
 * only carry; nothing they say is believed. What was proven is kept in memory, in tables of bounded
 * size whose least recently used entries go first: accounts by state root, slots by storage root
 * (an account that did not change keeps them), code by its hash. Reads of the same thing share one
 * question; accounts that were read at the head within a minute are read ahead at each new head.
 * All functions: loop thread. */
#ifndef HT_L1_STATE_H
#define HT_L1_STATE_H

#include "node/l1/chain.h"
#include "node/l1/execution/account.h"
#include "node/l1/execution/eth_get_proof.h"

#define HT_STATE_SLOTS_MAX 64U
#define HT_STATE_CODE_MAX 65536U /* bytes; EIP-170 allows 24,576, EIP-7954 more */
#define HT_STATE_ACCOUNTS 8192U  /* kept in memory */
#define HT_STATE_SLOTS 16384U
#define HT_STATE_CODES_MAX ((size_t)4 << 20) /* bytes of code */

struct ht_state;

/* One read; zeroed but for what is asked and done. */
struct ht_state_read {
    struct ht_block_id block;
    ht_addr20 address;
    const ht_hash32 *slots; /* of its storage, at most HT_STATE_SLOTS_MAX; copied at once */
    size_t slot_count;
    bool wants_code;
    bool wants_proof; /* the Merkle proofs too, so that others can check them */
    /* On the loop, once, perhaps before ht_state_read returns. */
    void (*done)(struct ht_state_read *read);

    /* The outcome: errors of ht_chain_read, of eth_get_proof.h and of questions. */
    enum ht_err err;
    struct ht_why why;
    struct ht_account account; /* empty when it does not exist */
    bool exists;
    uint8_t (*values)[32];                 /* of the slots, big-endian; slot_count of them */
    struct ht_buf code;                    /* empty unless wanted */
    struct ht_get_proof proof;             /* if wanted; checked */
    struct ht_exec_header_verified header; /* the block it is proven at */
    bool is_final;
    char source[128]; /* who sent the proof */
    size_t received;  /* bytes that were sent for this read; 0: all was known */

    /* The service's own. */
    struct ht_state *state;
    struct ht_header_read at;
    struct ht_arena arena;       /* values, copied slots */
    struct ht_arena proof_arena; /* the proof's */
    struct ht_state_read *next;
};

struct ht_state_counts {
    size_t accounts, slots, codes;
    size_t bytes, bytes_max; /* of all of them */
    uint64_t hits, misses;
};

/* chain outlives it. HT_ENOMEM. */
enum ht_err ht_state_new(struct ht_state **out, struct ht_chain *chain) HT_MUST_USE;
/* When the asker has been freed. */
void ht_state_free(struct ht_state *state);

void ht_state_read(struct ht_state *state, struct ht_state_read *read);
/* Drops what the outcome owns. */
void ht_state_read_fini(struct ht_state_read *read);

struct ht_chain *ht_state_chain(const struct ht_state *state);
struct ht_state_counts ht_state_counts(const struct ht_state *state);

#endif
