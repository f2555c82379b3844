/* The world's tables: what was read from the source, found again in one probe.
 *
 * Objects and slots stand in an arena and never move; tables of pointers to them grow by doubling.
 * Writing and taking back is the journal's (world_journal.c). */
#include "node/evm/world.h"

#include <stdlib.h>

#include "node/crypto/keccak.h"
#include "node/evm/world_impl.h"

#define OBJECTS_FIRST 64U
#define SLOTS_FIRST 8U
#define ARRAY_FIRST 64U

const ht_hash32 ht_evm_no_code_hash = {{0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c,
                                        0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
                                        0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b,
                                        0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70}};

/* --- memory -----------------------------------------------------------------------------------*/

static enum ht_err too_large(const struct ht_evm_world *world, struct ht_why *why) {
    return ht_fail(why, HT_ELIMIT, "state_too_large", "the state that is needed takes over %zu MiB",
                   world->bytes_max >> 20);
}

static bool has_room(const struct ht_evm_world *world, size_t n) {
    size_t used = world->bytes + world->arena.used + world->transaction.used;
    return used <= world->bytes_max && n <= world->bytes_max - used;
}

enum ht_err ht_evm_world_take(void **out, struct ht_evm_world *world, struct ht_arena *arena,
                              size_t n, struct ht_why *why) {
    if (!has_room(world, n)) return too_large(world, why);
    void *memory = ht_arena_alloc(arena, n);
    if (memory == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    *out = memory;
    return HT_OK;
}

enum ht_err ht_evm_world_count(struct ht_evm_world *world, size_t n) {
    if (!has_room(world, n)) return HT_ELIMIT;
    world->bytes += n;
    return HT_OK;
}

enum ht_err ht_evm_world_widen(void **items, size_t *cap, size_t size, struct ht_evm_world *world) {
    size_t wide = *cap == 0 ? ARRAY_FIRST : 2 * *cap;
    if (wide > SIZE_MAX / size) return HT_ELIMIT;
    enum ht_err err = ht_evm_world_count(world, (wide - *cap) * size);
    if (err != HT_OK) return err;
    void *moved = realloc(*items, wide * size);
    if (moved == NULL) return HT_ENOMEM;
    *items = moved;
    *cap = wide;
    return HT_OK;
}

/* The two halves of the product, folded: each bit depends on all bits of both. */
static uint64_t mix(uint64_t a, uint64_t b) {
    __extension__ typedef unsigned __int128 u128;
    u128 product = (u128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t ht_evm_world_hash(const struct ht_evm_world *world, const uint64_t word[static 4]) {
    return mix(mix(word[0] ^ world->seed[0], word[1] ^ world->seed[1]) ^ world->seed[1],
               mix(word[2] ^ world->seed[1], word[3] ^ world->seed[0]) ^ world->seed[0]);
}

uint64_t ht_evm_world_address_hash(const struct ht_evm_world *world, const ht_addr20 *address) {
    uint64_t word[4] = {0};
    memcpy(word, address->b, sizeof address->b);
    return ht_evm_world_hash(world, word);
}

enum ht_err ht_evm_world_new(struct ht_evm_world **out, const struct ht_evm_source *source,
                             size_t bytes_max) {
    struct ht_evm_world *world = calloc(1, sizeof *world);
    if (world == NULL) return HT_ENOMEM;
    world->source = *source;
    world->bytes_max = bytes_max;
    ht_arena_init(&world->arena, bytes_max);
    ht_arena_init(&world->transaction, bytes_max);
    /* Addresses of the heap are random, and nobody outside sees them. */
    world->seed[0] = mix((uint64_t)(uintptr_t)world, 0x9e3779b97f4a7c15U) | 1U;
    world->seed[1] = mix(world->seed[0], 0xd6e8feb86659fd93U) | 1U;
    *out = world;
    return HT_OK;
}

void ht_evm_world_free(struct ht_evm_world *world) {
    if (world == NULL) return;
    for (struct ht_evm_held_code *held = world->held; held != NULL; held = held->next) {
        ht_evm_code_release(held->code);
    }
    ht_arena_fini(&world->arena);
    ht_arena_fini(&world->transaction);
    free(world->table);
    free(world->journal.entries);
    free(world->transients.table);
    free(world->logs);
    free(world);
}

/* --- accounts ---------------------------------------------------------------------------------*/

/* Where the address stands in the table, or the empty place where it belongs. */
static struct ht_evm_object **object_place(const struct ht_evm_world *world,
                                           const ht_addr20 *address) {
    size_t mask = world->table_cap - 1;
    size_t at = ht_evm_world_address_hash(world, address) & mask;
    while (world->table[at] != NULL &&
           memcmp(world->table[at]->address.b, address->b, sizeof address->b) != 0) {
        at = (at + 1) & mask;
    }
    return &world->table[at];
}

/* Keeps half of the places free. */
static enum ht_err widen_table(struct ht_evm_world *world, struct ht_why *why) {
    if (2 * (world->object_count + 1) <= world->table_cap) return HT_OK;
    size_t cap = world->table_cap == 0 ? OBJECTS_FIRST : 2 * world->table_cap;
    if (ht_evm_world_count(world, (cap - world->table_cap) * sizeof(void *)) != HT_OK) {
        return too_large(world, why);
    }
    struct ht_evm_object **table = calloc(cap, sizeof(struct ht_evm_object *));
    if (table == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    free(world->table);
    world->table = table;
    world->table_cap = cap;
    for (struct ht_evm_object *object = world->objects; object != NULL; object = object->next) {
        *object_place(world, &object->address) = object;
    }
    return HT_OK;
}

static enum ht_err read_account(struct ht_evm_object **out, struct ht_evm_world *world,
                                const ht_addr20 *address, struct ht_why *why) {
    struct ht_evm_account account = {.code_hash = ht_evm_no_code_hash};
    void *memory = NULL;
    enum ht_err err = world->source.account(world->source.user, &account, address, why);
    if (err == HT_OK) err = widen_table(world, why);
    if (err == HT_OK) {
        err = ht_evm_world_take(&memory, world, &world->arena, sizeof(struct ht_evm_object), why);
    }
    if (err != HT_OK) return err;
    struct ht_evm_object *object = memory;
    *object = (struct ht_evm_object){.address = *address,
                                     .first = account,
                                     .account = account,
                                     .is_loaded = true,
                                     .next = world->objects};
    world->objects = object;
    world->object_count++;
    *object_place(world, address) = object;
    *out = object;
    return HT_OK;
}

enum ht_err ht_evm_world_find(struct ht_evm_object **out, struct ht_evm_world *world,
                              const ht_addr20 *address, struct ht_why *why) {
    struct ht_evm_object *object = world->table_cap == 0 ? NULL : *object_place(world, address);
    if (object == NULL) return read_account(out, world, address, why);
    *out = object;
    return HT_OK;
}

struct ht_evm_object *ht_evm_world_objects(struct ht_evm_world *world) {
    return world->objects;
}

bool ht_evm_object_has_code(const struct ht_evm_object *object) {
    return !ht_hash32_equal(&object->account.code_hash, &ht_evm_no_code_hash);
}

bool ht_evm_object_is_empty(const struct ht_evm_object *object) {
    return object->account.nonce == 0 && ht_u256_is_zero(&object->account.balance) &&
           !ht_evm_object_has_code(object);
}

bool ht_evm_object_collides(const struct ht_evm_object *object) {
    return object->account.nonce != 0 || ht_evm_object_has_code(object) ||
           object->account.has_storage;
}

/* --- slots ------------------------------------------------------------------------------------*/

static struct ht_evm_slot **slot_place(const struct ht_evm_world *world,
                                       const struct ht_evm_object *object, const ht_u256 *key) {
    size_t mask = object->slot_cap - 1;
    size_t at = ht_evm_world_hash(world, key->limb) & mask;
    while (object->slots[at] != NULL && !ht_u256_equal(&object->slots[at]->key, key)) {
        at = (at + 1) & mask;
    }
    return &object->slots[at];
}

/* Tables of slots are the arena's: what is lost by doubling is no more than what is in use. */
static enum ht_err widen_slots(struct ht_evm_world *world, struct ht_evm_object *object,
                               struct ht_why *why) {
    if (2 * (object->slot_count + 1) <= object->slot_cap) return HT_OK;
    size_t cap = object->slot_cap == 0 ? SLOTS_FIRST : 2 * object->slot_cap;
    void *table = NULL;
    enum ht_err err = ht_evm_world_take(&table, world, &world->arena, cap * sizeof(void *), why);
    if (err != HT_OK) return err;
    object->slots = table;
    object->slot_cap = cap;
    for (struct ht_evm_slot *slot = object->all_slots; slot != NULL; slot = slot->next) {
        *slot_place(world, object, &slot->key) = slot;
    }
    return HT_OK;
}

static enum ht_err add_slot(struct ht_evm_slot **out, struct ht_evm_world *world,
                            struct ht_evm_object *object, const ht_u256 *key, const ht_u256 *value,
                            struct ht_why *why) {
    void *memory = NULL;
    enum ht_err err = widen_slots(world, object, why);
    if (err == HT_OK) {
        err = ht_evm_world_take(&memory, world, &world->arena, sizeof(struct ht_evm_slot), why);
    }
    if (err != HT_OK) return err;
    struct ht_evm_slot *slot = memory;
    *slot = (struct ht_evm_slot){.key = *key,
                                 .first = *value,
                                 .original = *value,
                                 .value = *value,
                                 .is_loaded = true,
                                 .next = object->all_slots};
    object->all_slots = slot;
    object->slot_count++;
    *slot_place(world, object, key) = slot;
    *out = slot;
    return HT_OK;
}

/* slot: the one that is there but was not read, or NULL. */
static enum ht_err read_slot(struct ht_evm_slot **out, struct ht_evm_world *world,
                             struct ht_evm_object *object, struct ht_evm_slot *slot,
                             const ht_u256 *key, struct ht_why *why) {
    ht_u256 value = {{0}};
    enum ht_err err = HT_OK;
    bool asks = object->first.exists && !object->is_storage_gone;
    if (asks) err = world->source.slot(world->source.user, &value, &object->address, key, why);
    if (err == HT_OK && slot == NULL) err = add_slot(&slot, world, object, key, &value, why);
    if (err != HT_OK) return err;
    slot->first = slot->original = slot->value = value;
    slot->is_loaded = asks || !object->first.exists;
    *out = slot;
    return HT_OK;
}

enum ht_err ht_evm_world_slot(struct ht_evm_slot **out, struct ht_evm_world *world,
                              struct ht_evm_object *object, const ht_u256 *key,
                              struct ht_why *why) {
    struct ht_evm_slot *slot = object->slot_cap == 0 ? NULL : *slot_place(world, object, key);
    if (slot == NULL || (!slot->is_loaded && !object->is_storage_gone)) {
        return read_slot(out, world, object, slot, key, why);
    }
    *out = slot;
    return HT_OK;
}

/* --- code and block hashes --------------------------------------------------------------------*/

static enum ht_err load_code(struct ht_evm_world *world, struct ht_evm_object *object,
                             struct ht_why *why) {
    const ht_hash32 *hash = &object->account.code_hash;
    enum ht_err err = HT_OK;
    ht_bytes bytes = object->code_bytes;
    if (bytes.p == NULL && ht_evm_object_has_code(object)) {
        err = world->source.code(world->source.user, &bytes, &object->address, hash, why);
    }
    void *memory = NULL;
    if (err == HT_OK) {
        err =
            ht_evm_world_take(&memory, world, &world->arena, sizeof(struct ht_evm_held_code), why);
    }
    if (err != HT_OK) return err;
    struct ht_evm_held_code *held = memory;
    err = ht_evm_code_cached(&held->code, hash, bytes);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "code: %s", ht_err_name(err));
    held->next = world->held;
    world->held = held;
    object->code = held->code;
    object->code_bytes = ht_bytes_of(held->code->bytes, held->code->n);
    return HT_OK;
}

enum ht_err ht_evm_world_code(const struct ht_evm_code **out, struct ht_evm_world *world,
                              struct ht_evm_object *object, struct ht_why *why) {
    enum ht_err err = object->code != NULL ? HT_OK : load_code(world, object, why);
    if (err == HT_OK) *out = object->code;
    return err;
}

enum ht_err ht_evm_world_block_hash(ht_hash32 *out, struct ht_evm_world *world, uint64_t number,
                                    struct ht_why *why) {
    if (world->block_hashes == NULL) {
        void *memory = NULL;
        enum ht_err err =
            ht_evm_world_take(&memory, world, &world->arena,
                              HT_EVM_BLOCK_HASHES * sizeof(struct ht_evm_block_hash), why);
        if (err != HT_OK) return err;
        world->block_hashes = memory;
    }
    struct ht_evm_block_hash *kept = &world->block_hashes[number % HT_EVM_BLOCK_HASHES];
    if (!kept->is_known || kept->number != number) {
        ht_hash32 hash;
        enum ht_err err = world->source.block_hash(world->source.user, &hash, number, why);
        if (err != HT_OK) return err;
        *kept = (struct ht_evm_block_hash){.is_known = true, .number = number, .hash = hash};
    }
    *out = kept->hash;
    return HT_OK;
}

/* --- overrides --------------------------------------------------------------------------------*/

enum ht_err ht_evm_world_override(struct ht_evm_world *world, struct ht_evm_object *object,
                                  const struct ht_evm_account *account, const ht_bytes *code) {
    struct ht_evm_account now = *account;
    if (code != NULL) {
        void *copy = NULL;
        enum ht_err err = ht_evm_world_take(&copy, world, &world->arena, code->n + 1, NULL);
        if (err != HT_OK) return err;
        if (code->n > 0) memcpy(copy, code->p, code->n);
        object->code_bytes = ht_bytes_of(copy, code->n);
        object->code = NULL;
        ht_keccak256(&now.code_hash, *code);
    } else if (!ht_hash32_equal(&now.code_hash, &object->account.code_hash)) {
        object->code_bytes = (ht_bytes){0};
        object->code = NULL;
    }
    object->first = now;
    object->account = now;
    object->first_bytes = object->code_bytes;
    return HT_OK;
}

enum ht_err ht_evm_world_override_clear(struct ht_evm_world *world, struct ht_evm_object *object) {
    (void)world;
    for (struct ht_evm_slot *slot = object->all_slots; slot != NULL; slot = slot->next) {
        slot->first = slot->original = slot->value = ht_u256_of(0);
    }
    object->is_storage_gone = object->is_storage_cleared = true;
    object->first.has_storage = object->account.has_storage = false;
    return HT_OK;
}

enum ht_err ht_evm_world_override_slot(struct ht_evm_world *world, struct ht_evm_object *object,
                                       const ht_u256 *key, const ht_u256 *value) {
    struct ht_evm_slot *slot = object->slot_cap == 0 ? NULL : *slot_place(world, object, key);
    if (slot == NULL) return add_slot(&slot, world, object, key, value, NULL);
    slot->first = slot->original = slot->value = *value;
    slot->is_loaded = true;
    return HT_OK;
}
