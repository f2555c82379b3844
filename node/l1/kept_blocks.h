/* Headers and receipts of final blocks out of this node's own cache, asking nobody. Loop thread. */
#ifndef HT_L1_KEPT_BLOCKS_H
#define HT_L1_KEPT_BLOCKS_H

#include "node/l1/blocks.h"

/* Lives in its owner's struct until done; zeroed but for what is asked. */
struct ht_kept_read {
    bool by_number;
    uint64_t number;
    ht_hash32 hash;
    /* Of a block that is not final, whose header is in memory alone (ht_chain_find_hash). */
    bool has_header;
    bool wants_receipts;
    void (*done)(struct ht_kept_read *read); /* on the loop, later, once */

    /* HT_OK; HT_ENOTFOUND "not_kept"; HT_ESTORE, HT_ENOMEM. */
    enum ht_err err;
    struct ht_why why;
    struct ht_exec_header_verified header; /* with has_header, given */
    struct ht_receipts *receipts;          /* one reference, the owner's; NULL unless wanted */

    struct ht_read read; /* the service's own */
};

/* HT_EAGAIN: done does not come. */
enum ht_err ht_kept_block_read(struct ht_reader *cache, struct ht_kept_read *read) HT_MUST_USE;

#endif
