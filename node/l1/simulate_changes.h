/* What a call changed in the state: a world before it against the world after. Inside of
 * simulations. */
#ifndef HT_L1_SIMULATE_CHANGES_H
#define HT_L1_SIMULATE_CHANGES_H

#include <jansson.h>

#include "node/base/arena.h"
#include "node/evm/world.h"

/* How things were; zeroed: as the world's source has them. */
struct ht_sim_before {
    struct ht_sim_account_before *accounts; /* by the object's place in memory */
    struct ht_sim_slot_before *slots;
    size_t account_count, slot_count;
};

/* Everything that the world holds now, between two transactions. Of the arena. HT_ELIMIT
 * "no_room". */
enum ht_err ht_sim_before_take(struct ht_sim_before *out, struct ht_arena *arena,
                               const struct ht_evm_world *world, struct ht_why *why) HT_MUST_USE;

struct ht_sim_changes {
    json_t *accounts, *storage; /* arrays as in simulate.h */
    bool is_accounts_cut, is_storage_cut;
};

/* New references. HT_ENOMEM, HT_ELIMIT "no_room", with nothing in *out then. */
enum ht_err ht_sim_changes_read(struct ht_sim_changes *out, struct ht_arena *arena,
                                const struct ht_sim_before *before,
                                const struct ht_evm_world *world, struct ht_why *why) HT_MUST_USE;

#endif
