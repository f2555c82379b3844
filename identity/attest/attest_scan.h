/* Attestations on chain that name an account of ours, found by the contract's logs, which are
 * proven complete. Loop thread. */
#ifndef HT_IDENTITY_ATTEST_ATTEST_SCAN_H
#define HT_IDENTITY_ATTEST_ATTEST_SCAN_H

#include "identity/identity.h"

/* Looks through the final blocks behind those that were looked through, at most 8191 of them; the
 * first time that is the block itself. */
void ht_attest_scan_to(struct ht_identity *identity, uint64_t number);

/* attest.find (attest.h). */
void ht_attest_find(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
