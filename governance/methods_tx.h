/* Transactions of votes: hashes out of the proven bodies of their blocks. Loop thread. */
#ifndef HT_GOVERNANCE_METHODS_TX_H
#define HT_GOVERNANCE_METHODS_TX_H

#include "governance/recount/recount.h"

#define HT_GOV_TX_BLOCKS_MAX 25U
#define HT_GOV_TX_VOTES_MAX 500U
#define HT_GOV_TX_AT_ONCE 4U

struct ht_gov_tx;

/* A block whose body is read. */
struct ht_gov_tx_part {
    struct ht_block_read block; /* first */
    struct ht_gov_tx *tx;
    bool is_busy;
};

/* A vote whose transaction is wanted. */
struct ht_gov_tx_want {
    json_t *row;
    ht_addr20 voter;
    uint64_t block;
    uint32_t transaction; /* index */
};

/* Lives in its owner's struct until done, zeroed but for item, done and user. The rows are the
 * owner's and stay until then. */
struct ht_gov_tx {
    struct ht_gov_item *item;
    void (*done)(struct ht_gov_tx *tx); /* once, perhaps from within ht_gov_tx_read */
    void *user;
    /* Its own. */
    uint64_t blocks[HT_GOV_TX_BLOCKS_MAX];
    size_t block_count, block_at, busy;
    struct ht_gov_tx_want wants[HT_GOV_TX_VOTES_MAX];
    size_t want_count;
    struct ht_gov_tx_part parts[HT_GOV_TX_AT_ONCE];
    bool is_starting;
};

/* row is to get the vote's "tx"; left as it is when HT_GOV_TX_BLOCKS_MAX other blocks are wanted.
 */
void ht_gov_tx_want(struct ht_gov_tx *tx, json_t *row, const struct ht_gov_vote *vote);
/* Sets "tx" of the rows whose block has the vote: the body and the receipts are proven against the
 * header of that number, and a log of that governor, proposal and voter is among the transaction's.
 * What cannot be read leaves rows as they are. */
void ht_gov_tx_read(struct ht_gov_tx *tx);

#endif
