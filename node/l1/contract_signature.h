/* Signatures of contract accounts: ERC-1271 isValidSignature over proven state, and ERC-6492 for
 * contracts that are not deployed yet (their factory is called first, on the run's own copy of the
 * state, also when the contract is there but says no). An account without code is judged by
 * ecrecover: 65 bytes, v 27 or 28, either s. Loop thread. */
#ifndef HT_L1_CONTRACT_SIGNATURE_H
#define HT_L1_CONTRACT_SIGNATURE_H

#include "node/l1/run.h"

#define HT_CONTRACT_SIGNATURE_MAX 65536U /* bytes */

enum ht_signature_kind { HT_SIGNATURE_ECDSA, HT_SIGNATURE_ERC1271, HT_SIGNATURE_ERC6492 };

/* Zeroed but for the first group. */
struct ht_signature_check {
    struct ht_block_id block;
    ht_addr20 signer;
    ht_hash32 digest;
    ht_bytes signature; /* borrowed until done */
    /* On the loop, once, perhaps before ht_signature_check returns. */
    void (*done)(struct ht_signature_check *check);
    void *user;

    /* HT_OK: it is valid. HT_EUNVERIFIED "bad_signature": it is not, and that is proven. Others: it
     * could not be told (errors of ht_run_start); HT_ELIMIT "signature_too_long". */
    enum ht_err err;
    struct ht_why why;
    enum ht_signature_kind kind;
    struct ht_exec_header_verified header; /* the block at which that holds */
    bool is_final;

    struct ht_run run; /* the service's own */
};

void ht_signature_check(struct ht_runner *runner, struct ht_signature_check *check);
void ht_signature_check_fini(struct ht_signature_check *check);

#endif
