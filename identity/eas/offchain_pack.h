/* The text in a share URL: zlib in base64 in percent signs. Pure; any thread.
 *
 * Reasons: HT_EINPUT "eas_url"; HT_ELIMIT "eas_too_large"; HT_ENOMEM. */
#ifndef HT_IDENTITY_EAS_OFFCHAIN_PACK_H
#define HT_IDENTITY_EAS_OFFCHAIN_PACK_H

#include "node/base/bytes.h"

/* Appends what a share URL, or the base64 behind its "#attestation=", holds. Inflating stops at the
 * maximum of out, whatever else there is. */
enum ht_err ht_eas_unpack(struct ht_buf *out, ht_bytes text, struct ht_why *why) HT_MUST_USE;
/* Appends "/offchain/url/#attestation=…" of a text. */
enum ht_err ht_eas_pack(struct ht_buf *out, ht_bytes text, struct ht_why *why) HT_MUST_USE;

#endif
