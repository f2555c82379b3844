/* Attestations in the feeds: the owner's are shared when they say so, those of others are heard.
 *
 * A shared one is an addressable event (kind 30078, NIP-78) with the d tag
 * "hearth:attestation:<attester>:<uid>" (lowercase hex with "0x") and the SDK's JSON as its
 * content; the key of the recipient, when that account and a key are linked, is named by a p tag.
 * Whoever publishes it vouches for nothing: what is heard is verified like any import (attest.h),
 * and revocation is looked at again at each finality.
 *
 * Of what is heard only that is kept which could matter here: of a schema that vouches (trust.h),
 * by or about one of our accounts, or by or about somebody of the owner's circle or with a link; of
 * what others than the circle say, only while no more than half of the room is taken.
 *
 * Method attest.share {"attester", "uid"} -> {"id"}. Reasons: those of ht_attest_package and of
 * struct ht_feed; HT_EDENIED "no_feed". Loop thread. */
#ifndef HT_IDENTITY_ATTEST_ATTEST_SHARE_H
#define HT_IDENTITY_ATTEST_ATTEST_SHARE_H

#include "identity/identity.h"

#define HT_ATTEST_SHARED_MAX ((size_t)60 << 10) /* bytes of a package that travels */
#define HT_ATTEST_D_PREFIX "hearth:attestation:"
#define HT_ATTEST_D_SIZE 132U /* with its zero */

void ht_attest_d(char out[static HT_ATTEST_D_SIZE], const ht_addr20 *attester,
                 const ht_hash32 *uid);
/* Any event of that kind; others than attestations are left alone. */
void ht_attest_heard(struct ht_identity *identity, const struct ht_feed_event *event);
/* See struct ht_rpc_method. */
void ht_attest_share_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
