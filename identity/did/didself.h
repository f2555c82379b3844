/* DIDs of one's own: those of the wallet's accounts, did:ethr over the network's registry.
 *
 * At each finality the registry's slots of all accounts are read (proven). A change that no
 * transaction of this wallet made is an alert: it stays until it has been seen, and goes into the
 * audit log.
 *
 * Methods:
 *   did.resolve {"did"} -> the W3C resolution result with "history" (null when not complete), see
 *     did/did_resolve.h; any DID of did:ethr, did:pkh, did:key, also with ?versionId and
 *     ?versionTime.
 *   did.mine {} -> {"identities": [{"account": address, "did", "did_key": null, "owner": address |
 *     null, "is_deactivated": bool, "changed": block of the newest change (0: none), "alert": null
 *     | {"block", "at_ms", "text"}, "as_of": {"number", "hash", "timestamp"} | null}]}
 *   did.rotate {"did", "owner", "deactivates"? (true, with the zero address, which ends it for
 *     good)}, did.delegate {"did", "delegate", "type": "veriKey" | "sigAuth", "validity_s"?
 *     (a year), "revoke"?}, did.attribute {"did", "name", "value": text | hex, "validity_s"?,
 *     "revoke"?} -> {"hash"}: transactions by the identity's proven owner, through the queue.
 *   did.seen {"did"} -> {}: the alert is over.
 * Topic "did.changed": {"changes": number that rises, "alerts": count}.
 *
 * With "signed": true a change would be signed for somebody else to send; that is always refused:
 * HT_EDENIED "legacy_replay" on the first registry once the owner has changed (such a signature can
 * be used again and again there), else "signed_unsupported".
 *
 * Reasons, besides those of did/, send.h, queue.h: HT_EDENIED "not_owner" (no account of ours owns
 * it); HT_EINPUT "did_not_ethr", "did_type", "did_owner_zero"; HT_ENOTFOUND "no_did_registry",
 * "did_network", "no_such_account".
 *
 * Loop thread. */
#ifndef HT_IDENTITY_DID_DIDSELF_H
#define HT_IDENTITY_DID_DIDSELF_H

#include "identity/identity.h"

enum ht_err ht_didself_new(struct ht_identity *identity, sqlite3 *db,
                           struct ht_why *why) HT_MUST_USE;
void ht_didself_free(struct ht_identity *identity);

/* There is a new head; perhaps another block is final. */
void ht_didself_on_head(struct ht_identity *identity);
/* The node is about to stop. */
void ht_didself_quit(struct ht_identity *identity);

/* Topic "did.changed"; self is the struct ht_identity. */
enum ht_err ht_didself_json(void *self, json_t **out, struct ht_why *why);

#endif
