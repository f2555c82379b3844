/* Running code over proven state: what eth_call and its like are made of.
 *
 * A run is tied to one proven block. First what is sure to be needed, and what a provider's
 * eth_createAccessList hints at, is proven; then the work is done on a worker; what it missed is
 * proven in one question, and the work is done again from the start, until it misses nothing. So
 * the outcome depends on the block's state root alone, whoever sent the proofs. Rounds, bytes and
 * time are bounded. All functions but `work`: loop thread.
 *
 * Sources: EIP-1186 (proofs), EIP-2930 (eth_createAccessList). */
#ifndef HT_L1_RUN_H
#define HT_L1_RUN_H

#include "node/evm/transaction.h"
#include "node/l1/facts.h"
#include "node/l1/state.h"

#define HT_RUN_QUESTIONS_MAX 64U
#define HT_RUN_ROUNDS_MAX 512U  /* what is in memory already is found in rounds, too */
#define HT_RUN_MS_MAX 30000     /* from ht_run_start to done, fetching included */
#define HT_RUN_WORK_MS_MAX 5000 /* of one round's work */
#define HT_RUN_MEMORY_MAX ((size_t)64 << 20)
#define HT_RUN_GAS_MAX 100000000U /* of one call; what eth_call has when it names none */

struct ht_run;

/* Where work is done. */
struct ht_run_place {
    const struct ht_network *network;
    const struct ht_exec_header_verified *header;
    const struct ht_evm_rules *rules;
    struct ht_evm_block block; /* of the header */
    struct ht_evm_world *world;
    struct ht_evm *evm; /* set up with all of this, without an observer */
    struct ht_evm_limits limits;
};

/* Zeroed but for what is asked, work and done. */
struct ht_run {
    struct ht_block_id block;
    /* A call for the provider's hint: the first parameter of eth_createAccessList, taken over;
     * NULL: none. Nothing it says is believed. */
    json_t *hint;
    /* On a worker, in each round once, over a fresh world. An error that is not HT_EAGAIN "missing"
     * ends the run, unless something was missing by then. */
    enum ht_err (*work)(struct ht_run *run, const struct ht_run_place *place, struct ht_why *why);
    /* On the loop, once, perhaps before ht_run_start returns. */
    void (*done)(struct ht_run *run);
    /* Everything is proven for this run, whatever is in memory, and `nodes` holds the trie nodes of
     * all of it: for work that computes roots (run_root.h). */
    bool keeps_nodes;
    struct ht_witness nodes;

    /* The outcome: work's own, or errors of ht_chain_read and of questions; HT_EDENIED
     * "fork_not_run" (a block of a fork this program does not run); HT_ELIMIT "too_many_rounds",
     * "too_much_state", "evm_memory", "evm_time", "run_time"; HT_EAGAIN "busy". When state was
     * missing the text names it. */
    enum ht_err err;
    struct ht_why why;
    struct ht_exec_header_verified header;
    bool is_final;
    char source[128];      /* who sent the last of the proofs; "kept" when all was known */
    size_t rounds;         /* times that work was done */
    size_t questions;      /* that it took */
    struct ht_facts facts; /* all that it stands on, proven */

    /* The service's own. */
    struct ht_runner *runner;
    struct ht_run *next;
    struct ht_header_read at; /* the block, later its ancestors for BLOCKHASH */
    struct ht_work job;
    struct ht_run_gather *gather; /* owned; the question under way */
    bool is_hinted;
    int64_t until_ms; /* monotonic */
    int64_t work_until_ms;
};

struct ht_runner;

/* What is given outlives it. HT_ENOMEM. */
enum ht_err ht_runner_new(struct ht_runner **out, struct ht_loop *loop, struct ht_pool *pool,
                          struct ht_state *state, const struct ht_network *network) HT_MUST_USE;
/* While the pool still runs: no more work is given to it, runs end with HT_EDENIED "stopping" at
 * their next step. */
void ht_runner_stop(struct ht_runner *runner);
/* When the pool has ended and the asker has been freed: runs that are left end as above. NULL:
 * nothing. */
void ht_runner_free(struct ht_runner *runner);

/* The chain whose state it is. */
struct ht_chain *ht_runner_chain(const struct ht_runner *runner);

void ht_run_start(struct ht_runner *runner, struct ht_run *run);
/* Drops what the outcome owns. */
void ht_run_fini(struct ht_run *run);

/* Known to be needed besides the hint: before ht_run_start. The block's own sender, recipient and
 * so on need not be named, they are found in the first round. */
enum ht_err ht_run_want(struct ht_run *run, const ht_addr20 *address, const ht_hash32 *slots,
                        size_t slot_count, struct ht_why *why) HT_MUST_USE;

/* Another world over what is proven so far, for work that runs more than once from the same start:
 * set place->evm up with it. The caller frees it. HT_ENOMEM. */
enum ht_err ht_run_world_new(struct ht_evm_world **out, struct ht_run *run) HT_MUST_USE;

/* The EVM's rules in a block of that time; NULL before the Merge and for forks not known here. */
const struct ht_evm_rules *ht_run_rules_at(const struct ht_network *network, uint64_t timestamp);

/* The block that code sees in a proven block. HT_EDENIED "fork_not_run". */
enum ht_err ht_run_block_of(struct ht_evm_block *out, const struct ht_evm_rules **rules,
                            const struct ht_network *network, const struct ht_exec_header *header,
                            struct ht_why *why) HT_MUST_USE;

struct ht_run_counts {
    uint64_t runs, rounds, questions, failed;
};
struct ht_run_counts ht_run_counts(const struct ht_runner *runner);

#endif
