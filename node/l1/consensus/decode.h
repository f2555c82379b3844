/* Light-client objects from bytes: SSZ and JSON as the Beacon API sends and files keep them.
 *
 * Decoding checks form alone; nothing is verified. Reasons: those of ssz.h and json.h, "wrong_fork"
 * (the container is not that of the fork its header is in), "wrong_network" (a fork digest of
 * another network), "unknown_object". */
#ifndef HT_L1_CONSENSUS_DECODE_H
#define HT_L1_CONSENSUS_DECODE_H

#include "node/codec/json.h"
#include "node/l1/consensus/types.h"

/* No object of any fork and preset is longer; answers past it are cut off unread. */
#define HT_LC_SSZ_MAX 32768U
/* The same for its JSON, generously: hex doubles, keys and white space add. */
#define HT_LC_JSON_MAX (160U * 1024U)

/* The slot that decides an object's fork: of the attested header, or of the bootstrap's. */
uint64_t ht_lc_object_slot(const struct ht_lc_object *object);

/* Reads the object of a known kind in the container of a known fork (Altair or later). */
enum ht_err ht_lc_decode_ssz(struct ht_lc_object *out, const struct ht_network *network,
                             enum ht_lc_kind kind, enum ht_fork fork, ht_bytes bytes,
                             struct ht_why *why) HT_MUST_USE;

/* The same when neither is known: tries all; at most one fits, since the fork must be that of the
 * slot inside. HT_EINPUT "unknown_object" when none does. */
enum ht_err ht_lc_decode_ssz_any(struct ht_lc_object *out, const struct ht_network *network,
                                 ht_bytes bytes, struct ht_why *why) HT_MUST_USE;

/* The Beacon API's framing of several updates: u64 length, fork digest, object, over and over.
 * Takes one frame off *rest. HT_EINPUT "frame_truncated", "wrong_network". */
enum ht_err ht_lc_next_frame(ht_bytes *object, enum ht_fork *fork, ht_bytes *rest,
                             const struct ht_network *network, struct ht_why *why) HT_MUST_USE;

/* Reads {"version": …, "data": {…}} or the bare object. The kind is told by its members, the fork
 * by `version` where present, else by the slot inside. */
enum ht_err ht_lc_decode_json(struct ht_lc_object *out, const struct ht_network *network,
                              const json_t *json, struct ht_why *why) HT_MUST_USE;

/* Called for each object found; `position` counts from 0. Returning false stops. */
typedef bool ht_lc_each(void *user, size_t position, const struct ht_lc_object *object);

/* Finds out what bytes hold - one SSZ object, framed updates, a JSON object or an array of them -
 * and calls back for each, in order. HT_OK with no call for an empty array; HT_EINPUT
 * "unknown_object" when it is none of these (nothing was called), or the reason of the first
 * object that does not decode (those before it were called). */
enum ht_err ht_lc_decode_all(const struct ht_network *network, ht_bytes bytes, ht_lc_each *each,
                             void *user, struct ht_why *why) HT_MUST_USE;

#endif
