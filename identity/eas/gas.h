/* How much gas calls of EAS may take: bounds, of which what is left over is not paid for. Pure. */
#ifndef HT_IDENTITY_EAS_GAS_H
#define HT_IDENTITY_EAS_GAS_H

#include "identity/eas/calls.h"

/* Of a call with that calldata that attests the list, or revokes count of them (list NULL), with
 * room for a resolver and for a contract that is asked for its signature. HT_ELIMIT "eas_too_large"
 * when it would not fit into one transaction (EIP-7825). */
enum ht_err ht_eas_gas(uint64_t *out, const struct ht_attestation *list, size_t count,
                       ht_bytes calldata, struct ht_why *why) HT_MUST_USE;

#endif
