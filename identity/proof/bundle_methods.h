/* The methods about proof bundles, and checking a file without a running node.
 *
 * bundle.make {"kind", …} -> {"bundle"}, at the newest final block (bundle_make.h says what each
 * kind takes and what it may refuse). bundle.verify {"bundle"} -> the outcome (bundle.h), with the
 * committees that this node has proven; HT_EINPUT "json_missing" without a bundle, HT_EAGAIN
 * "busy". What is larger than a request may be (HT_RPC_REQUEST_MAX) is for `hearth verify`.
 *
 * Loop thread; the checking is the reader's worker's. */
#ifndef HT_IDENTITY_PROOF_BUNDLE_METHODS_H
#define HT_IDENTITY_PROOF_BUNDLE_METHODS_H

#include "identity/identity.h"

struct ht_bundles;

/* HT_ENOMEM. */
enum ht_err ht_bundles_new(struct ht_identity *identity, struct ht_why *why) HT_MUST_USE;
void ht_bundles_free(struct ht_identity *identity);

/* Member verify_file of struct ht_module. */
enum ht_err ht_bundle_verify_file(json_t **outcome, const struct ht_network *network, sqlite3 *db,
                                  const json_t *file, const struct ht_clock *clock,
                                  struct ht_why *why) HT_MUST_USE;

#endif
