/* What peers may ask by JSON-RPC at /eth/execution: methods as our own questions to
 * execution providers use them. Each answer that tells something of the chain is proven before it
 * is given.
 *
 *   eth_getProof, eth_getCode, eth_getTransactionByHash   as at /eth
 *   eth_getBlockByHash, eth_getBlockByNumber              without transactions (false): the
 * header's fields alone, since no body is fetched eth_getBlockReceipts what the receipts trie
 * covers, and no more: hashes and addresses follow from the body
 *   eth_sendRawTransaction                                given to a provider (near_send.h)
 *
 * Headers and receipts come from what is kept where it is; what is not kept is asked of this node's
 * own providers. Without one that works (of the user's own: a peer is not asked for a peer, or two
 * nodes would ask each other in circles) it is HT_ENOTFOUND "state_pruned". Loop thread. */
#ifndef HT_APP_NEAR_METHODS_H
#define HT_APP_NEAR_METHODS_H

#include "node/api/eth.h"
#include "node/l1/kept_blocks.h"

/* Outlives the table. */
struct ht_near_methods {
    struct ht_eth *eth;
    struct ht_reader *cache; /* NULL: nothing is kept */
};

/* Errors of ht_rpc_add_methods. */
enum ht_err ht_near_methods_add(struct ht_rpc *rpc, struct ht_near_methods *methods) HT_MUST_USE;

/* A block's header, and its receipts, as above. Lives in its owner's struct until done; zeroed but
 * for what is asked. */
struct ht_near_block {
    struct ht_block_id id; /* by number or hash */
    bool wants_receipts;
    void (*done)(struct ht_near_block *block); /* on the loop, once, perhaps before the call ends */

    enum ht_err err; /* as ht_blocks_read, and "state_pruned" */
    struct ht_why why;
    struct ht_exec_header_verified header;
    struct ht_receipts *receipts; /* one reference, the owner's */

    struct ht_near_methods *methods; /* the service's own */
    struct ht_kept_read kept;
    struct ht_block_read read;
};
void ht_near_read_block(struct ht_near_methods *methods, struct ht_near_block *block);

/* HT_ENOTFOUND "state_pruned" unless one of the user's own execution providers works. */
enum ht_err ht_near_check_own(const struct ht_near_methods *methods,
                              struct ht_why *why) HT_MUST_USE;

/* The array of receipts of a block; NULL without memory. */
json_t *ht_near_receipts_json(const struct ht_exec_header_verified *header,
                              const struct ht_receipts *receipts);

#endif
