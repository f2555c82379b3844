/* The consensus light client: a store that follows the chain through sync-committee signatures.
 *
 * Implements consensus-specs altair/light-client/sync-protocol with the changes of every later fork
 * up to Gloas. A pure state machine: no clock (the current slot is an argument), no I/O, no
 * threads; one thread at a time per store. What an object fails at is named by ht_why.code, and an
 * object that fails changes nothing:
 *
 *   wrong_fork, future, bad_slots, other_period, stale, no_participants, bad_execution_branch,
 *   bad_finality_branch, unexpected_finalized_header, bad_next_committee_branch,
 *   bad_current_committee_branch, unexpected_next_committee, next_committee_differs,
 *   wrong_trusted_root, bad_signature, signature_malformed, signature_not_in_subgroup,
 *   pubkey_malformed
 *
 * An object that holds but carries too few signatures to advance what it is about is no error; the
 * outcome says below_threshold. */
#ifndef HT_L1_CONSENSUS_LIGHT_CLIENT_H
#define HT_L1_CONSENSUS_LIGHT_CLIENT_H

#include "node/crypto/bls.h"
#include "node/l1/consensus/types.h"

/* A header the sync committee signed, or one that such a header proves. Only light_client*.c makes
 * one (checked by `make lint`); everything that trusts a header takes this type. */
struct ht_header_verified {
    struct ht_beacon_block_header beacon;
    ht_hash32 root;                 /* hash_tree_root of beacon */
    bool has_execution;             /* false before Capella, and at genesis */
    ht_hash32 execution_block_hash; /* in Gloas the last payload's, which is one behind the slot */
    ht_hash32 execution_root;       /* get_lc_execution_root of the specification */
    bool has_block_number; /* false from Gloas on: the number is in the block's own header */
    uint64_t block_number;
    uint64_t block_timestamp; /* seconds UTC; with has_block_number */
    size_t participants;      /* who signed it, or the header that finalized it; 0: unknown */
};

/* An update that passed validate_light_client_update, reduced to what applying it needs. */
struct ht_lc_validated {
    struct ht_header_verified attested;
    struct ht_header_verified finalized; /* when has_finality; slot 0: genesis */
    bool has_finality;
    bool has_next_committee;
    struct ht_sync_committee next_committee; /* when has_next_committee */
    size_t participants;
    uint64_t signature_slot;
};

struct ht_lc_store {
    const struct ht_network *network;
    struct ht_header_verified finalized;
    struct ht_header_verified optimistic;
    struct ht_bls_committee current_committee;
    struct ht_bls_committee next_committee; /* when has_next_committee */
    bool has_next_committee;
    bool has_best_valid_update;
    struct ht_lc_validated best_valid_update; /* when has_best_valid_update */
    size_t previous_max_active_participants;
    size_t current_max_active_participants;
    struct ht_lc_validated scratch; /* of the update being processed; too large for a stack */
};

/* What an accepted object did. */
struct ht_lc_outcome {
    bool finalized_advanced;
    bool optimistic_advanced;
    bool next_committee_learned; /* became known, or the period moved on */
    bool is_below_threshold;     /* fewer signatures than finality, or a safe head, asks for */
    size_t participants;
};

/* initialize_light_client_store. trusted_block_root is the root that the user or a quorum of
 * sources vouches for. On failure the store is unusable. HT_EUNVERIFIED. */
enum ht_err ht_lc_store_init(struct ht_lc_store *store, const struct ht_network *network,
                             const ht_hash32 *trusted_block_root,
                             const struct ht_lc_object *bootstrap, struct ht_why *why) HT_MUST_USE;

/* process_light_client_update, and the finality and optimistic updates that are special cases of
 * it. current_slot: by the local clock. outcome may be NULL. HT_EINPUT (wrong_fork, bad_slots),
 * HT_ESTALE (stale, other_period), HT_EUNVERIFIED; "future" is HT_EUNVERIFIED too. */
enum ht_err ht_lc_process(struct ht_lc_store *store, struct ht_lc_outcome *outcome,
                          const struct ht_lc_object *object, uint64_t current_slot,
                          struct ht_why *why) HT_MUST_USE;

/* process_light_client_store_force_update: after UPDATE_TIMEOUT slots without finality, goes on
 * with the best update seen. Returns whether it did. */
bool ht_lc_force_update(struct ht_lc_store *store, uint64_t current_slot);

/* Whether a starting point is young enough to be trusted at wall_ms; HT_ESTALE with code
 * "checkpoint_too_old" and its age in words (phase0/weak-subjectivity). */
enum ht_err ht_lc_check_age(const struct ht_network *network, uint64_t slot, int64_t wall_ms,
                            struct ht_why *why) HT_MUST_USE;

/* The sync-committee period of the finalized header: whose committee current_committee is. */
static inline uint64_t ht_lc_store_period(const struct ht_lc_store *store) {
    return ht_period_at_slot(store->network, store->finalized.beacon.slot);
}

#endif
