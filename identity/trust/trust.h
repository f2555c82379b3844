/* The web of trust: who vouches for whom, from the owner outwards.
 *
 * Nodes are Ethereum accounts, edges are attestations (attest.h) of a schema that vouches, from
 * attester to recipient, that are valid now: proven, not revoked as of the newest final block that
 * was looked at, not expired. Which schemas vouch is a setting; without one it is
 * HT_TRUST_SCHEMA, revocable, without resolver. What an attestation's data says does not count, but
 * for its first word: zero (a false, a 0) vouches for nobody. The owner's accounts that have a key
 * here, and those linked to the owner's Nostr key, are at distance 0; from there breadth first up
 * to HT_TRUST_DEPTH steps and HT_TRUST_NODES_MAX accounts, so each has a shortest path. A Nostr key
 * is where the nearest of its linked accounts is (link.h). All is made anew when attestations,
 * links or accounts have changed, and once a minute for what has expired.
 *
 * Offered to other modules as struct ht_trust (node/module.h): `vouches` counts the accounts of the
 * circle that vouch for somebody, each once. Names are those that are proven (trust_names.h), of
 * the linked and of the circle: "" until then, and for who has none.
 *
 * Methods:
 *   trust.who {"pubkey" (hex or npub) | "address"} -> {"address" | null, "pubkey" | null, "name" |
 *     null, "distance" | null, "path": [{"from", "to", "uid"}] (from the owner's account on),
 *     "vouches": [{"from", "uid", "schema", "distance" (of from)}], "attestations": the same of
 *     other schemas, given by the circle}
 *   trust.list {"distance"?} -> {"people": [{"address", "pubkey" | null, "name" | null, "distance",
 *     "vouches"}], "is_complete"}: nearest first, without the owner, at most HT_TRUST_TOLD.
 *   trust.settings {} -> {"schemas": [{"uid", "text" | null}]}
 *   trust.set_settings {"schemas": [uid]} (1 to HT_TRUST_SCHEMAS_MAX) -> the same
 * and attest.share (attest_share.h). Topic "trust.changed": {"people", "changes": number that rises
 * with each change}.
 *
 * Reasons: those of ht_id_link_whom; HT_EINPUT "trust_schemas".
 *
 * Loop thread. */
#ifndef HT_IDENTITY_TRUST_TRUST_H
#define HT_IDENTITY_TRUST_TRUST_H

#include "identity/identity.h"

#define HT_TRUST_SCHEMA "string vouchesFor"
#define HT_TRUST_DEPTH 4U
#define HT_TRUST_NODES_MAX 10000U
#define HT_TRUST_SCHEMAS_MAX 16U
#define HT_TRUST_TOLD 500U

/* Offers itself to the host. */
enum ht_err ht_trust_new(struct ht_identity *identity, sqlite3 *db, struct ht_why *why) HT_MUST_USE;
void ht_trust_free(struct ht_identity *identity);
void ht_trust_quit(struct ht_identity *identity);
/* Any topic. */
void ht_trust_on_topic(struct ht_identity *identity, const char *topic);

/* Whether attestations of that schema vouch. */
bool ht_trust_is_vouching(const struct ht_identity *identity, const ht_hash32 *schema);
/* Whether it is of the owner's circle. */
bool ht_trust_knows(const struct ht_identity *identity, const ht_addr20 *address);

/* Topic "trust.changed"; self is the struct ht_identity. */
enum ht_err ht_trust_json(void *self, json_t **out, struct ht_why *why);

#endif
