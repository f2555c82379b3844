/* The parts of a bundle as JSON, as the JSON-RPC of Ethereum writes them. Internal to
 * governance/count/audit*.c. New references; NULL without memory. */
#ifndef HT_GOVERNANCE_COUNT_AUDIT_PARTS_H
#define HT_GOVERNANCE_COUNT_AUDIT_PARTS_H

#include "node/module.h"

/* Where a log is, the log's index being the block's. */
struct ht_gov_audit_place {
    ht_hash32 block_hash;
    uint64_t block, transaction, log;
};
json_t *ht_gov_audit_log_json(const struct ht_log *log, const struct ht_gov_audit_place *place);
/* An answer of eth_getBlockReceipts, with what the receipts trie covers and where each stands. */
json_t *ht_gov_audit_receipts_json(const struct ht_receipt *receipts, size_t count,
                                   const struct ht_exec_header_verified *header);
/* {"nodes", "proofs"}: those receipts of a block that are wanted, with the trie's nodes above them.
 */
json_t *ht_gov_audit_paths_json(const struct ht_receipt *receipts, size_t count,
                                const ht_hash32 *root,
                                bool (*wants)(const void *user, const struct ht_receipt *receipt),
                                const void *user);
/* An answer of eth_getProof without slots, and one element of "storageProof". */
json_t *ht_gov_audit_account_json(const struct ht_get_proof *proof);
json_t *ht_gov_audit_slot_json(const struct ht_slot_claim *slot);
json_t *ht_gov_audit_network_json(const struct ht_network *network);

#endif
