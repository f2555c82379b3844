/* Tables of proven state. Accounts and slots lie in sets of four, of which the one not used for
 * longest makes room; keys are hashes already, so any eight bytes of them spread well. */
#include "node/l1/state_cache.h"

#include <stdlib.h>

#define WAYS 4U
#define CODES 64U

struct account_entry {
    ht_hash32 state_root;
    ht_addr20 address;
    struct ht_state_known known;
    uint64_t used; /* 0: free */
};

struct slot_entry {
    ht_hash32 storage_root;
    ht_hash32 slot;
    uint8_t value[32];
    uint64_t used;
};

struct code_entry {
    ht_hash32 hash;
    uint8_t *bytes;
    size_t n;
    uint64_t used;
};

struct ht_state_cache {
    struct account_entry *accounts;
    struct slot_entry *slots;
    size_t account_sets, slot_sets;
    struct code_entry codes[CODES];
    size_t code_bytes, code_max;
    size_t account_count, slot_count, code_count;
    uint64_t uses;
};

enum ht_err ht_state_cache_new(struct ht_state_cache **out, size_t accounts, size_t slots,
                               size_t code_bytes) {
    struct ht_state_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL) return HT_ENOMEM;
    cache->account_sets = (accounts + WAYS - 1) / WAYS;
    cache->slot_sets = (slots + WAYS - 1) / WAYS;
    cache->code_max = code_bytes;
    cache->accounts = calloc(cache->account_sets * WAYS, sizeof *cache->accounts);
    cache->slots = calloc(cache->slot_sets * WAYS, sizeof *cache->slots);
    if (cache->accounts == NULL || cache->slots == NULL) {
        ht_state_cache_free(cache);
        return HT_ENOMEM;
    }
    *out = cache;
    return HT_OK;
}

void ht_state_cache_free(struct ht_state_cache *cache) {
    if (cache == NULL) return;
    for (size_t i = 0; i < CODES; i++) free(cache->codes[i].bytes);
    free(cache->accounts);
    free(cache->slots);
    free(cache);
}

/* --- accounts --------------------------------------------------------------------------------- */

static struct account_entry *account_set(const struct ht_state_cache *cache,
                                         const ht_hash32 *state_root, const ht_addr20 *address) {
    uint64_t key = ht_read_u64_le(state_root->b) ^
                   ht_read_u64_le(address->b + 12) * UINT64_C(0x9e3779b97f4a7c15);
    return &cache->accounts[(key ^ key >> 32) % cache->account_sets * WAYS];
}

static bool is_account(const struct account_entry *entry, const ht_hash32 *state_root,
                       const ht_addr20 *address) {
    return entry->used != 0 && ht_hash32_equal(&entry->state_root, state_root) &&
           memcmp(entry->address.b, address->b, sizeof address->b) == 0;
}

const struct ht_state_known *ht_state_cache_account(struct ht_state_cache *cache,
                                                    const ht_hash32 *state_root,
                                                    const ht_addr20 *address) {
    struct account_entry *set = account_set(cache, state_root, address);
    for (size_t i = 0; i < WAYS; i++) {
        if (!is_account(&set[i], state_root, address)) continue;
        set[i].used = ++cache->uses;
        return &set[i].known;
    }
    return NULL;
}

void ht_state_cache_put_account(struct ht_state_cache *cache, const ht_hash32 *state_root,
                                const ht_addr20 *address, const struct ht_state_known *known) {
    struct account_entry *set = account_set(cache, state_root, address);
    struct account_entry *place = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (is_account(&set[i], state_root, address)) {
            place = &set[i];
            break;
        }
        if (set[i].used < place->used) place = &set[i];
    }
    if (place->used == 0) cache->account_count++;
    *place = (struct account_entry){
        .state_root = *state_root, .address = *address, .known = *known, .used = ++cache->uses};
}

/* --- slots ------------------------------------------------------------------------------------ */

static struct slot_entry *slot_set(const struct ht_state_cache *cache,
                                   const ht_hash32 *storage_root, const ht_hash32 *slot) {
    uint64_t key = ht_read_u64_le(storage_root->b) ^
                   ht_read_u64_le(slot->b + 24) * UINT64_C(0x9e3779b97f4a7c15) ^
                   ht_read_u64_le(slot->b);
    return &cache->slots[(key ^ key >> 32) % cache->slot_sets * WAYS];
}

static bool is_slot(const struct slot_entry *entry, const ht_hash32 *storage_root,
                    const ht_hash32 *slot) {
    return entry->used != 0 && ht_hash32_equal(&entry->storage_root, storage_root) &&
           ht_hash32_equal(&entry->slot, slot);
}

bool ht_state_cache_slot(uint8_t value[static 32], struct ht_state_cache *cache,
                         const ht_hash32 *storage_root, const ht_hash32 *slot) {
    struct slot_entry *set = slot_set(cache, storage_root, slot);
    for (size_t i = 0; i < WAYS; i++) {
        if (!is_slot(&set[i], storage_root, slot)) continue;
        set[i].used = ++cache->uses;
        memcpy(value, set[i].value, 32);
        return true;
    }
    return false;
}

void ht_state_cache_put_slot(struct ht_state_cache *cache, const ht_hash32 *storage_root,
                             const ht_hash32 *slot, const uint8_t value[static 32]) {
    struct slot_entry *set = slot_set(cache, storage_root, slot);
    struct slot_entry *place = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (is_slot(&set[i], storage_root, slot)) {
            place = &set[i];
            break;
        }
        if (set[i].used < place->used) place = &set[i];
    }
    if (place->used == 0) cache->slot_count++;
    *place =
        (struct slot_entry){.storage_root = *storage_root, .slot = *slot, .used = ++cache->uses};
    memcpy(place->value, value, 32);
}

/* --- code ------------------------------------------------------------------------------------- */

bool ht_state_cache_code(ht_bytes *out, struct ht_state_cache *cache, const ht_hash32 *code_hash) {
    for (size_t i = 0; i < CODES; i++) {
        struct code_entry *entry = &cache->codes[i];
        if (entry->used == 0 || !ht_hash32_equal(&entry->hash, code_hash)) continue;
        entry->used = ++cache->uses;
        *out = ht_bytes_of(entry->bytes, entry->n);
        return true;
    }
    return false;
}

static void drop_code(struct ht_state_cache *cache, struct code_entry *entry) {
    if (entry->used == 0) return;
    cache->code_bytes -= entry->n;
    cache->code_count--;
    free(entry->bytes);
    *entry = (struct code_entry){0};
}

static struct code_entry *oldest_code(struct ht_state_cache *cache, bool in_use) {
    struct code_entry *oldest = NULL;
    for (size_t i = 0; i < CODES; i++) {
        struct code_entry *entry = &cache->codes[i];
        if (in_use && entry->used == 0) continue;
        if (oldest == NULL || entry->used < oldest->used) oldest = entry;
    }
    return oldest;
}

void ht_state_cache_put_code(struct ht_state_cache *cache, const ht_hash32 *code_hash,
                             ht_bytes code) {
    ht_bytes known;
    if (code.n == 0 || code.n > cache->code_max || ht_state_cache_code(&known, cache, code_hash)) {
        return;
    }
    uint8_t *copy = malloc(code.n);
    if (copy == NULL) return;
    memcpy(copy, code.p, code.n);
    while (cache->code_bytes + code.n > cache->code_max) drop_code(cache, oldest_code(cache, true));
    struct code_entry *place = oldest_code(cache, false);
    drop_code(cache, place);
    *place =
        (struct code_entry){.hash = *code_hash, .bytes = copy, .n = code.n, .used = ++cache->uses};
    cache->code_bytes += code.n;
    cache->code_count++;
}

struct ht_state_cache_counts ht_state_cache_counts(const struct ht_state_cache *cache) {
    return (struct ht_state_cache_counts){
        .accounts = cache->account_count,
        .slots = cache->slot_count,
        .codes = cache->code_count,
        .bytes = cache->account_count * sizeof(struct account_entry) +
                 cache->slot_count * sizeof(struct slot_entry) + cache->code_bytes,
        .bytes_max = WAYS * cache->account_sets * sizeof(struct account_entry) +
                     WAYS * cache->slot_sets * sizeof(struct slot_entry) + cache->code_max,
    };
}
