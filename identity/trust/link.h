/* The link: Nostr keys and Ethereum accounts that vouch for each other (link_event.h), heard of in
 * the feeds and proven against the chain.
 *
 * A link holds while both words do: the event's author signed it, and whoever owns the account's
 * did:ethr at the finalized block signed its typed data, as the slot of the registry (ERC-1056)
 * says, by storage proof; without an entry, or on a network without a registry, that is the account
 * itself. An owner that is a contract is asked by ERC-1271 at that block. All is looked at again at
 * each finality, so a new owner on chain ends the link everywhere. States:
 *   "linked"; "owner_changed" (signed by who is not the owner any more, and that is proven);
 *   "not_signed" (by nobody who could: proven); "unverified" (not looked at yet, or it could not be
 *   told); "none" (there is no claim). Only "linked" is valid.
 * Of several links of one account the newest that is linked leads to its key, and of those that one
 * key has, the newest is its account; others are conflicts and are shown as such. A newer event for
 * the same account replaces a key's older one, whatever it says. At most HT_ID_LINKS_MAX are kept;
 * when it is full those that are not linked go first. What came to the feeds while this did not
 * listen is taken from their newest HT_ID_LINKS_TOLD events of the kind, at the start.
 *
 * A link is shown as {"pubkey", "address", "did", "state", "issued" (seconds), "event_id",
 * "is_mine", "counts": bool, "owner": address | null, "as_of": {"number", "hash", "timestamp"} |
 * null, "code": word | null, "why": text | null}.
 *
 * Methods:
 *   link.make {"account", "identity"?} -> {"id", "link"}: account signs (wallet.queue), for itself
 *     or for another address that it owns by did:ethr; the event is published in the owner's name.
 *   link.end {"account"} -> {"id"}: the owner's link with that address is deleted (NIP-09).
 *   link.list {} -> {"links"}: the owner's first, at most HT_ID_LINKS_TOLD, newest first.
 *   link.check {"pubkey" (hex or npub) | "address"} -> {"state", "link" | null, "conflicts":
 *     [link]}
 * Topic "link.changed": {"count", "changes": number that rises with each change, "as_of"}.
 *
 * Reasons, besides those of link_event.h, send.h, accounts.h and of struct ht_feed: HT_EDENIED
 * "no_feed" (this node has no feeds), "no_nostr_key"; HT_ENOTFOUND "no_link"; HT_EINPUT
 * "link_whom" (neither or both of pubkey and address), "bad_npub".
 *
 * Loop thread. */
#ifndef HT_IDENTITY_TRUST_LINK_H
#define HT_IDENTITY_TRUST_LINK_H

#include "identity/identity.h"
#include "identity/trust/link_event.h"

#define HT_ID_LINKS_MAX 4096U
#define HT_ID_LINKS_TOLD 500U

enum ht_id_link_state {
    HT_ID_LINK_UNVERIFIED,
    HT_ID_LINK_LINKED,
    HT_ID_LINK_OWNER_CHANGED,
    HT_ID_LINK_NOT_SIGNED,
};

struct ht_id_link {
    struct ht_id_link_claim claim;
    ht_hash32 event_id;
    int64_t created_at; /* of the event, seconds */
    ht_bytes signature; /* its own */
    bool has_signer;    /* the signature is a key's, and whose */
    ht_addr20 signer;
    bool was_linked; /* once, as this node saw it */
    enum ht_id_link_state state;
    bool has_block; /* state and owner are as of this final block */
    uint64_t block, block_s;
    ht_hash32 block_hash;
    ht_addr20 owner;       /* with has_block */
    bool leads, is_chosen; /* the newest of its account; of those, the newest of its key */
    char code[32], why[160];
};

enum ht_err ht_id_links_new(struct ht_identity *identity, sqlite3 *db,
                            struct ht_why *why) HT_MUST_USE;
void ht_id_links_free(struct ht_identity *identity);
/* The node is about to stop: nothing more is asked. */
void ht_id_links_quit(struct ht_identity *identity);
/* Any topic: begins to listen once there are feeds, follows heads. */
void ht_id_links_on_topic(struct ht_identity *identity, const char *topic);

/* The link that is valid and counts; NULL without. Good until the next callback. */
const struct ht_id_link *ht_id_link_of_key(const struct ht_identity *identity,
                                           const ht_hash32 *pubkey);
const struct ht_id_link *ht_id_link_of_address(const struct ht_identity *identity,
                                               const ht_addr20 *address);
size_t ht_id_links_count(const struct ht_identity *identity);
const struct ht_id_link *ht_id_links_at(const struct ht_identity *identity, size_t i);

const char *ht_id_link_state_name(enum ht_id_link_state state);
/* A new reference; NULL without memory. */
json_t *ht_id_link_json(const struct ht_identity *identity, const struct ht_id_link *link);

/* Reads "pubkey" (hex or npub) or "address" of params. *has_pubkey says which it was. */
enum ht_err ht_id_link_whom(ht_hash32 *pubkey, ht_addr20 *address, bool *has_pubkey,
                            const json_t *params, struct ht_why *why) HT_MUST_USE;

/* Topic "link.changed"; self is the struct ht_identity. */
enum ht_err ht_id_links_json(void *self, json_t **out, struct ht_why *why);

#endif
