/* Headers in a row: many to a question, each proven by the one above it. Inside of the header
 * service, but for the two JSON values at the end. Loop thread. */
#ifndef HT_L1_CHAIN_SPAN_H
#define HT_L1_CHAIN_SPAN_H

#include "node/l1/chain.h"

#define HT_CHAIN_BATCH 63U /* headers in one question; one more request may go with them */

/* Headers by number, newest first, proven by the parent hashes from `at` downwards; or, by_history,
 * the first one by a hash that the state of `at` holds, and the others by their children. */
struct ht_chain_span {
    struct ht_chain *chain;
    struct ht_exec_header_verified at;
    bool by_history;
    bool is_final; /* `at` is final: who has another block there is on another chain */
    uint64_t top;  /* the first one's number; at's parent unless by_history */
    size_t count;  /* at most HT_CHAIN_BATCH, and not below block 0 */
    void (*done)(struct ht_chain_span *span);
    struct ht_question question;           /* holds the outcome */
    struct ht_exec_header_verified *found; /* count of them on success; the span's */
    size_t batch;                          /* how many are asked for at once; shrinks */
    size_t found_count;
};

/* Asks; done comes later. A server that does not take that many at once is asked for fewer. */
void ht_chain_span_ask(struct ht_chain_span *span);
void ht_chain_span_fini(struct ht_chain_span *span);

/* As JSON-RPC writes them: DATA and QUANTITY. NULL without memory. */
json_t *ht_chain_hash_json(const ht_hash32 *hash);
json_t *ht_chain_number_json(uint64_t number);

#endif
