/* Changes of a world against proven facts, and the roots they lead to. */
#include "node/l1/run_root.h"

#include "node/crypto/keccak.h"
#include "node/l1/execution/trie.h"
#include "node/l1/execution/trie_update.h"
#include "node/l1/execution/trie_walk.h"

#define ARENA_MAX ((size_t)32 << 20)
#define SLOT_RLP_MAX 33U
#define TRIES_MAX (1U << 25)

struct rooting {
    struct ht_run *run;
    struct ht_arena arena;
    struct ht_trie_change *accounts;
    size_t account_count;
};

static enum ht_err missing(struct ht_why *why) {
    return ht_fail(why, HT_EAGAIN, "missing", "state that has to be proven first");
}

static enum ht_err keep(ht_bytes *out, struct rooting *rooting, ht_bytes value,
                        struct ht_why *why) {
    char *copy = ht_arena_copy_str(&rooting->arena, value);
    if (copy == NULL) return ht_fail(why, HT_ELIMIT, "no_room", "too many changes of the state");
    *out = ht_bytes_of(copy, value.n);
    return HT_OK;
}

/* --- gaps --------------------------------------------------------------------------------------
 */

static bool is_below(const ht_hash32 *hash, const struct ht_trie_gap *gap) {
    for (size_t i = 0; i < gap->nibbles; i++) {
        if (ht_nibble(hash->b, i) != ht_nibble(gap->path, i)) return false;
    }
    return true;
}

/* Something of n bytes whose hash begins as the gap says; the same one each time. */
static enum ht_err find_below(uint8_t *out, size_t n, const struct ht_trie_gap *gap,
                              struct ht_why *why) {
    ht_hash32 hash;
    memset(out, 0, n);
    for (uint32_t i = 0; gap->nibbles <= HT_RUN_ROOT_GAP_MAX && i < TRIES_MAX; i++) {
        ht_write_u32_le(out, i);
        ht_keccak256(&hash, ht_bytes_of(out, n));
        if (is_below(&hash, gap)) return HT_OK;
    }
    return ht_fail(why, HT_ELIMIT, "sibling_not_proven",
                   "a root needs a node %zu nibbles deep that no proof can be asked for",
                   gap->nibbles);
}

/* --- storage -----------------------------------------------------------------------------------
 */

static enum ht_err slot_rlp(ht_bytes *out, struct rooting *rooting, const ht_u256 *value,
                            struct ht_why *why) {
    uint8_t rlp[SLOT_RLP_MAX];
    uint8_t *start = rlp + 1;
    size_t n = 32;
    *out = (ht_bytes){0};
    if (ht_u256_is_zero(value)) return HT_OK;
    ht_u256_to_be(start, value);
    for (; *start == 0; n--) start++;
    if (n > 1 || *start >= 0x80) *--start = (uint8_t)(0x80 + n++);
    return keep(out, rooting, ht_bytes_of(start, n), why);
}

/* The slots that are not what was proven; of a storage that is gone those that are not zero. */
static enum ht_err changed_slots(struct ht_trie_change *out, size_t *count, struct rooting *rooting,
                                 const struct ht_evm_object *object, struct ht_why *why) {
    enum ht_err err = HT_OK;
    *count = 0;
    for (const struct ht_evm_slot *slot = object->all_slots; slot != NULL && err == HT_OK;
         slot = slot->next) {
        ht_u256 before = ht_u256_of(0);
        ht_hash32 key;
        ht_u256_to_be(key.b, &slot->key);
        if (!object->is_storage_gone) {
            struct ht_fact_slot *fact = NULL;
            err = ht_facts_want_slot(&fact, &rooting->run->facts, &object->address, &key, why);
            if (err != HT_OK || !fact->is_known) continue;
            before = ht_u256_from_be32(fact->value);
        }
        if (ht_u256_equal(&before, &slot->value)) continue;
        ht_keccak256(&out[*count].key, HT_BYTES(key.b));
        err = slot_rlp(&out[(*count)++].value, rooting, &slot->value, why);
    }
    return err;
}

static enum ht_err storage_root(ht_hash32 *out, struct rooting *rooting,
                                const struct ht_evm_object *object,
                                const struct ht_fact_account *fact, struct ht_why *why) {
    void *room = NULL;
    size_t count = 0;
    struct ht_trie_gap gap;
    *out = object->is_storage_gone ? ht_trie_empty_root : fact->account.storage_root;
    enum ht_err err = ht_arena_array(&room, &rooting->arena, object->slot_count,
                                     sizeof(struct ht_trie_change), why);
    if (err == HT_OK) err = changed_slots(room, &count, rooting, object, why);
    if (err != HT_OK || count == 0) return err;
    const ht_hash32 before = *out;
    if (rooting->run->facts.missing > 0) return HT_OK; /* no root that counts */
    err = ht_trie_update(out, &gap, &rooting->run->nodes, &before, room, count, why);
    if (err != HT_EAGAIN) return err;
    struct ht_fact_slot *neighbour = NULL;
    ht_hash32 slot;
    err = find_below(slot.b, sizeof slot.b, &gap, why);
    if (err == HT_OK) {
        err = ht_facts_want_slot(&neighbour, &rooting->run->facts, &object->address, &slot, why);
    }
    return err;
}

/* --- accounts ----------------------------------------------------------------------------------
 */

static enum ht_err add_account(struct rooting *rooting, const struct ht_evm_object *object,
                               struct ht_why *why) {
    struct ht_fact_account *fact = NULL;
    struct ht_account leaf = {.nonce = object->account.nonce,
                              .storage_root = ht_trie_empty_root,
                              .code_hash = object->account.code_hash};
    uint8_t now[HT_ACCOUNT_RLP_MAX], before[HT_ACCOUNT_RLP_MAX];
    size_t now_n = 0, before_n = 0;
    enum ht_err err =
        ht_facts_want_account(&fact, &rooting->run->facts, &object->address, false, why);
    if (err != HT_OK || !fact->is_known) return err;
    if (object->account.exists) {
        err = storage_root(&leaf.storage_root, rooting, object, fact, why);
        ht_u256_to_be(leaf.balance, &object->account.balance);
        now_n = ht_account_encode(now, &leaf);
    }
    if (err != HT_OK) return err;
    if (fact->exists) before_n = ht_account_encode(before, &fact->account);
    if (ht_bytes_equal(ht_bytes_of(now, now_n), ht_bytes_of(before, before_n))) return HT_OK;
    struct ht_trie_change *change = &rooting->accounts[rooting->account_count++];
    ht_keccak256(&change->key, HT_BYTES(object->address.b));
    change->value = (ht_bytes){0};
    return now_n > 0 ? keep(&change->value, rooting, ht_bytes_of(now, now_n), why) : HT_OK;
}

static enum ht_err state_root(ht_hash32 *out, struct rooting *rooting, struct ht_why *why) {
    struct ht_run *run = rooting->run;
    struct ht_trie_gap gap;
    if (run->facts.missing > 0) return missing(why);
    enum ht_err err = ht_trie_update(out, &gap, &run->nodes, &run->header.header.state_root,
                                     rooting->accounts, rooting->account_count, why);
    if (err != HT_EAGAIN) return err;
    struct ht_fact_account *neighbour = NULL;
    ht_addr20 address;
    err = find_below(address.b, sizeof address.b, &gap, why);
    if (err == HT_OK) {
        err = ht_facts_want_account(&neighbour, &run->facts, &address, false, why);
    }
    return err == HT_OK ? missing(why) : err;
}

enum ht_err ht_run_root(ht_hash32 *out, struct ht_run *run, struct ht_evm_world *world,
                        struct ht_why *why) {
    struct rooting rooting = {.run = run};
    void *room = NULL;
    size_t count = 0;
    const struct ht_evm_object *object = ht_evm_world_objects(world);
    for (; object != NULL; object = object->next) count++;
    ht_arena_init(&rooting.arena, ARENA_MAX);
    enum ht_err err = ht_arena_array(&room, &rooting.arena, count, sizeof *rooting.accounts, why);
    rooting.accounts = room;
    object = ht_evm_world_objects(world);
    for (; object != NULL && err == HT_OK; object = object->next) {
        if (object->is_loaded) err = add_account(&rooting, object, why);
    }
    if (err == HT_OK) err = state_root(out, &rooting, why);
    ht_arena_fini(&rooting.arena);
    return err;
}
