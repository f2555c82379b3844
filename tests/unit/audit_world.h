/* A vote of a made-up community, for tests and benchmarks: blocks with receipts whose roots fit,
 * the governor's storage with real proofs, an update in which a committee made the last block
 * final, and the bundle of it all. Everything fails the running test on error. */
#ifndef HT_TESTS_UNIT_AUDIT_WORLD_H
#define HT_TESTS_UNIT_AUDIT_WORLD_H

#include "governance/count/audit_file.h"
#include "governance/count/audit_make.h"
#include "tests/unit/lc_builder.h"
#include "tests/unit/trie_maker.h"

#define AUDIT_WORLD_FIRST \
    100U /* the number of the proposal's block; voting begins after the next */
#define AUDIT_WORLD_TIME_S 1700000000U /* of that block; 12 s between blocks */
#define AUDIT_WORLD_NOW_S (AUDIT_WORLD_TIME_S + 100000U)
#define AUDIT_WORLD_WEIGHT 1000U /* of the first vote; one more for each that follows */

/* What is wrong in it. */
enum audit_world_twist {
    AUDIT_WORLD_PLAIN,
    AUDIT_WORLD_NO_MARK,        /* the governor knows nothing of the first voter */
    AUDIT_WORLD_MORE_STORED,    /* one more For than the votes have */
    AUDIT_WORLD_LESS_STORED,    /* one less */
    AUDIT_WORLD_OTHER_PROPOSER, /* is stored than the log says */
    AUDIT_WORLD_OTHER_ID,       /* actions and text hash to another id */
    AUDIT_WORLD_PARAMS,         /* the first vote has params of 47 bytes that mean nothing */
    AUDIT_WORLD_SPLIT,          /* counting fractional, the first vote in three parts */
    AUDIT_WORLD_TIME,           /* the clock is time */
    AUDIT_WORLD_STRANGE_VOTE,   /* in the proposal's block there is a vote on the proposal 78 */
    AUDIT_WORLD_TAIL,           /* the last block is behind the anchor, and only that one final */
};

struct audit_world_plan {
    enum audit_world_twist twist;
    size_t vote_blocks;     /* blocks in a row with votes, from the first of the window on */
    size_t votes_per_block; /* For, Against, Abstain in turn */
    size_t filler;          /* receipts of others in each of those blocks */
    bool is_lean;           /* its bundle has receipts one by one */
    /* The governor keeps the voters' history as well, as a token does: the weights of all votes, or
     * one less of the first. */
    bool has_token, is_first_poorer;
    size_t crowd; /* slots of others in the governor's storage, and accounts in the state */
};

struct audit_world_block {
    struct ht_exec_header_verified header;
    struct ht_receipt *receipts;
    size_t receipt_count;
};

struct audit_world {
    struct audit_world_plan plan;
    struct ht_arena arena;
    struct ht_gov_layout layout;
    ht_addr20 governor;
    ht_u256 id;
    struct audit_world_block *blocks; /* the proposal's, one, those with votes, two more */
    size_t block_count, anchor;       /* anchor: its place among them */
    uint64_t start, end;              /* of voting, by the clock */
    ht_u256 stored[3];                /* against, for, abstain */
    struct ht_trie_maker storage, state;
    struct ht_account account;
    struct ht_lcb *builder;
    struct ht_lc_object *update;
    struct ht_bls_committee committee;
    uint64_t period; /* the committee's; others are unknown */
    struct ht_gov_judge judge;
};

void audit_world_open(struct audit_world *world, const struct audit_world_plan *plan);
void audit_world_close(struct audit_world *world);

/* The voter of the vote with that number, from 0. */
ht_addr20 audit_world_voter(size_t i);
/* A checked answer to eth_getProof for slots of the governor at the anchor; the world's. */
struct ht_get_proof audit_world_proof(struct audit_world *world, const ht_hash32 *slots,
                                      size_t count);
/* All that goes into a bundle but its end. */
struct ht_gov_making *audit_world_making(struct audit_world *world);
/* The bundle, a new reference; NULL with the reason when it is refused. */
json_t *audit_world_bundle(struct audit_world *world, struct ht_why *why);
/* The same without the check: what a liar would hand over of a world with a twist. */
json_t *audit_world_forged(struct audit_world *world);

#endif
