/* The events of an identity of did:ethr in the proven receipts of a block. Any thread.
 *
 * Reasons: those of did_ethr.h. */
#ifndef HT_IDENTITY_DID_DID_BLOCK_H
#define HT_IDENTITY_DID_DID_BLOCK_H

#include "identity/did/did_ethr.h"
#include "node/module.h"

/* In the order of their logs; *out is the arena's, NULL when there are none. */
enum ht_err ht_did_block_events(struct ht_did_event **out, size_t *count, struct ht_arena *arena,
                                const struct ht_receipts *receipts,
                                const struct ht_exec_header_verified *header,
                                const ht_addr20 *registry, const ht_addr20 *identity,
                                struct ht_why *why) HT_MUST_USE;

/* Where the events of one block lead: the block before, 0 when these are the first. The first of
 * them names an earlier block, the others this one; HT_EUNVERIFIED "did_order" when not, or when
 * there are none. */
enum ht_err ht_did_block_link(uint64_t *previous, const struct ht_did_event *events, size_t count,
                              uint64_t block, struct ht_why *why) HT_MUST_USE;

#endif
