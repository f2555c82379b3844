/* The normal form of names of the Ethereum Name Service: ENSIP-15, all of it. Pure; any thread.
 *
 * Reasons: HT_EINPUT "ens_empty" (an empty label), "ens_disallowed" (a character), "ens_mixture"
 * (scripts, confusables, underscores, hyphens, marks), "ens_utf8"; HT_ELIMIT "ens_too_long";
 * HT_ENOMEM. */
#ifndef HT_IDENTITY_NAMES_ENS_NORMAL_H
#define HT_IDENTITY_NAMES_ENS_NORMAL_H

#include "node/base/bytes.h"

#define HT_ENS_NAME_MAX 1024U /* bytes, as given and normalised */
#define HT_ENS_LABELS_MAX 64U

/* Appends the normalised name; out is as it was on an error. The name "" is "". */
enum ht_err ht_ens_normalize(struct ht_buf *out, ht_bytes name, struct ht_why *why) HT_MUST_USE;

#endif
