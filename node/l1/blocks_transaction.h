/* Transactions by their hash: a provider says where one stands, the proven block shows whether it
 * does. Loop thread. */
#ifndef HT_L1_BLOCKS_TRANSACTION_H
#define HT_L1_BLOCKS_TRANSACTION_H

#include "node/l1/blocks.h"

/* Zeroed but for what is asked and done. */
struct ht_transaction_read {
    ht_hash32 hash;
    bool wants_receipt; /* then the block's receipts come with it */
    void (*done)(struct ht_transaction_read *read);

    /* HT_OK: it is transaction `index` of `block`, which has its body, and receipts if wanted.
     * HT_ENOTFOUND "tx_pending": not in a block yet that is proven; `pending` is the transaction as
     * a provider showed it, which its hash covers. HT_ENOTFOUND "tx_not_found": no provider knows
     * it, which nobody can prove. And the errors of ht_blocks_read. */
    enum ht_err err;
    struct ht_why why;
    size_t index;
    struct ht_block_read block;
    json_t *pending;

    /* The service's own. */
    struct ht_blocks *blocks;
    struct ht_question question;
    ht_hash32 block_hash; /* as claimed */
    uint64_t claimed_index;
    bool has_block;
};

void ht_blocks_read_transaction(struct ht_blocks *blocks, struct ht_transaction_read *read);
void ht_transaction_read_fini(struct ht_transaction_read *read);

#endif
