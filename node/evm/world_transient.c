/* Transient storage of a world: its own small table, emptied for each transaction. */
#include "node/evm/world_transient.h"

#include <stdlib.h>

#include "node/evm/world_impl.h"

#define TABLE_FIRST 16U

static struct ht_evm_transient **place_of(const struct ht_evm_world *world,
                                          const ht_addr20 *address, const ht_u256 *key) {
    const struct ht_evm_transients *transients = &world->transients;
    size_t mask = transients->cap - 1;
    uint64_t hash = ht_evm_world_address_hash(world, address) + ht_evm_world_hash(world, key->limb);
    size_t at = hash & mask;
    for (; transients->table[at] != NULL; at = (at + 1) & mask) {
        const struct ht_evm_transient *transient = transients->table[at];
        if (ht_u256_equal(&transient->key, key) &&
            memcmp(transient->address.b, address->b, sizeof address->b) == 0) {
            break;
        }
    }
    return &transients->table[at];
}

/* Keeps half of the places free. */
static enum ht_err widen(struct ht_evm_world *world) {
    struct ht_evm_transients *transients = &world->transients;
    if (2 * (transients->count + 1) <= transients->cap) return HT_OK;
    struct ht_evm_transients wide = {.count = transients->count,
                                     .cap =
                                         transients->cap == 0 ? TABLE_FIRST : 2 * transients->cap};
    enum ht_err err = ht_evm_world_count(world, (wide.cap - transients->cap) * sizeof(void *));
    if (err != HT_OK) return err;
    wide.table = calloc(wide.cap, sizeof(struct ht_evm_transient *));
    if (wide.table == NULL) return HT_ENOMEM;
    struct ht_evm_transients old = *transients;
    *transients = wide;
    for (size_t i = 0; i < old.cap; i++) {
        struct ht_evm_transient *transient = old.table[i];
        if (transient != NULL) *place_of(world, &transient->address, &transient->key) = transient;
    }
    free(old.table);
    return HT_OK;
}

enum ht_err ht_evm_transient_place(struct ht_evm_transient **out, struct ht_evm_world *world,
                                   const ht_addr20 *address, const ht_u256 *key) {
    struct ht_evm_transient *found =
        world->transients.cap == 0 ? NULL : *place_of(world, address, key);
    void *memory = NULL;
    enum ht_err err = HT_OK;
    if (found == NULL) err = widen(world);
    if (found == NULL && err == HT_OK) {
        err = ht_evm_world_take(&memory, world, &world->transaction, sizeof *found, NULL);
    }
    if (err != HT_OK) return err;
    if (found == NULL) {
        found = memory;
        *found = (struct ht_evm_transient){.address = *address, .key = *key};
        world->transients.count++;
        *place_of(world, address, key) = found;
    }
    *out = found;
    return HT_OK;
}

void ht_evm_transients_clear(struct ht_evm_transients *transients) {
    if (transients->count == 0) return;
    memset(transients->table, 0, transients->cap * sizeof *transients->table);
    transients->count = 0;
}

void ht_evm_world_transient(ht_u256 *out, const struct ht_evm_world *world,
                            const ht_addr20 *address, const ht_u256 *key) {
    const struct ht_evm_transient *found =
        world->transients.count == 0 ? NULL : *place_of(world, address, key);
    *out = found == NULL ? ht_u256_of(0) : found->value;
}
