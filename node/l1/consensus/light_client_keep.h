/* The light-client store on our own disk: encoding it, and reading back what we once verified.
 *
 * Only what this node wrote itself is read back; a checksum tells damage, not malice. The best
 * update for forcing is not kept: it comes again. */
#ifndef HT_L1_CONSENSUS_LIGHT_CLIENT_KEEP_H
#define HT_L1_CONSENSUS_LIGHT_CLIENT_KEEP_H

#include "node/l1/consensus/light_client.h"

/* Longest encoding, for the buffer that takes it. */
#define HT_LC_KEEP_MAX 65536U

/* Appends the store. HT_ELIMIT, HT_ENOMEM from the buffer. */
enum ht_err ht_lc_store_encode(struct ht_buf *out, const struct ht_lc_store *store) HT_MUST_USE;

/* Reads a store of that network back. HT_EINPUT: "kept_store_damaged", "kept_store_version",
 * "kept_store_network". */
enum ht_err ht_lc_store_decode(struct ht_lc_store *store, const struct ht_network *network,
                               ht_bytes bytes, struct ht_why *why) HT_MUST_USE;

#endif
