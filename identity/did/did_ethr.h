/* did:ethr: the registry's events and slots (ERC-1056). Documents are made of them by
 * did_ethr_document.h, over the chain by did_resolve.h; what is sent to the registry is
 * did_ethr_calls.h's. Pure; any thread.
 *
 * Each event names the block of the one before it, and the registry keeps the newest's block for
 * every identity (`changed`): a list of events that is linked back to 0 from a proven `changed`,
 * out of proven receipts, is all there is.
 *
 * Reasons: HT_EINPUT "did_event" (no event of the registry, or of another identity); HT_EUNVERIFIED
 * "did_order" (not linked like that); HT_ELIMIT "did_too_large"; HT_ENOMEM. */
#ifndef HT_IDENTITY_DID_DID_ETHR_H
#define HT_IDENTITY_DID_DID_ETHR_H

#include "identity/did/did.h"
#include "node/base/arena.h"

#define HT_DID_EVENTS_MAX 10000U
#define HT_DID_VALUE_MAX 4096U /* bytes of an attribute's value */

enum ht_did_event_kind { HT_DID_OWNER_CHANGED, HT_DID_DELEGATE_CHANGED, HT_DID_ATTRIBUTE_CHANGED };

struct ht_did_event {
    enum ht_did_event_kind kind;
    uint64_t block;     /* set by whoever has the block, as are the next two */
    uint32_t log_index; /* in the block */
    int64_t time_s;     /* of the block */
    ht_addr20 identity;
    ht_addr20 owner;   /* or the delegate */
    uint8_t name[32];  /* delegateType or attribute name */
    ht_bytes value;    /* of an attribute; empty when it is over HT_DID_VALUE_MAX */
    bool is_too_large; /* it is: it counts, and is not shown */
    uint64_t valid_to; /* seconds; larger ones are cut to UINT64_MAX */
    uint64_t previous_change;
};

/* Whether a log's first topic is that of one of the three events, and the second the identity. */
bool ht_did_event_is_of(const ht_hash32 *topics, size_t topic_count, const ht_addr20 *identity);
/* Reads a log of the registry; value is copied into the arena. */
enum ht_err ht_did_event_read(struct ht_did_event *out, struct ht_arena *arena,
                              const ht_hash32 *topics, size_t topic_count, ht_bytes data,
                              struct ht_why *why) HT_MUST_USE;
/* Whether these are, oldest first, all events of the identity: linked from `changed`, the
 * registry's word for its newest (0: none), back to 0, ascending, no block missing between. Of a
 * block with several, its proven receipts must have given them: they name only the block. */
enum ht_err ht_did_events_check(const struct ht_did_event *events, size_t count,
                                const ht_addr20 *identity, uint64_t changed,
                                struct ht_why *why) HT_MUST_USE;

/* Slots of the registry: owners 0, delegates 1, changed 2, nonce 3. */
void ht_did_owner_slot(ht_hash32 *out, const ht_addr20 *identity);
void ht_did_changed_slot(ht_hash32 *out, const ht_addr20 *identity);
void ht_did_nonce_slot(ht_hash32 *out, const ht_addr20 *identity);
void ht_did_delegate_slot(ht_hash32 *out, const ht_addr20 *identity, const uint8_t type[static 32],
                          const ht_addr20 *delegate);

struct ht_did_registry {
    uint64_t chain_id;
    ht_addr20 address;
    bool is_legacy; /* its meta-transactions can be replayed once the owner has changed */
};
/* NULL when none is known on that chain. */
const struct ht_did_registry *ht_did_registry_known(uint64_t chain_id);

#endif
