/* Roots of worlds over known states: everything that is known goes into a trie, and then what the
 * world has, which replaces or deletes it; the same for the slots of an account. */
#include "node/l1/execution/world_root.h"

#include <stdlib.h>

#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/account.h"
#include "node/l1/execution/trie.h"
#include "node/l1/execution/trie_build.h"

#define SLOT_RLP_MAX 33U

/* Values of a trie under construction. */
struct values {
    struct ht_trie trie;
    struct ht_arena arena;
};

static void values_init(struct values *values) {
    ht_trie_init(&values->trie, SIZE_MAX / sizeof(struct ht_trie_entry));
    ht_arena_init(&values->arena, SIZE_MAX / 2);
}

static void values_fini(struct values *values) {
    ht_trie_fini(&values->trie);
    ht_arena_fini(&values->arena);
}

/* An empty value deletes. */
static enum ht_err put(struct values *values, const ht_hash32 *key, ht_bytes value,
                       struct ht_why *why) {
    if (value.n > 0) {
        uint8_t *copy = ht_arena_alloc(&values->arena, value.n);
        if (copy == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
        memcpy(copy, value.p, value.n);
        value.p = copy;
    }
    return ht_trie_put(&values->trie, HT_BYTES(key->b), value, why);
}

static enum ht_err finish_root(ht_hash32 *out, struct values *values, enum ht_err err,
                               struct ht_why *why) {
    if (err == HT_OK) err = ht_trie_root(out, &values->trie, NULL, why);
    values_fini(values);
    return err;
}

/* --- storage ----------------------------------------------------------------------------------*/

static enum ht_err put_slot(struct values *values, const ht_u256 *key, const ht_u256 *value,
                            struct ht_why *why) {
    uint8_t key_bytes[32], rlp[SLOT_RLP_MAX];
    ht_hash32 hash;
    ht_u256_to_be(key_bytes, key);
    ht_keccak256(&hash, HT_BYTES(key_bytes));
    if (ht_u256_is_zero(value)) return put(values, &hash, (ht_bytes){0}, why);
    uint8_t *start = rlp + 1;
    size_t n = 32;
    ht_u256_to_be(start, value);
    for (; *start == 0; n--) start++;
    if (n > 1 || *start >= 0x80) *--start = (uint8_t)(0x80 + n++);
    return put(values, &hash, ht_bytes_of(start, n), why);
}

static enum ht_err put_known_slots(struct values *values, const struct ht_known_account *known,
                                   struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < known->slot_count && err == HT_OK; i++) {
        if (ht_u256_is_zero(&known->slots[i].value)) continue;
        err = put_slot(values, &known->slots[i].key, &known->slots[i].value, why);
    }
    return err;
}

static enum ht_err known_storage_root(ht_hash32 *out, const struct ht_known_account *known,
                                      struct ht_why *why) {
    struct values values;
    values_init(&values);
    enum ht_err err = put_known_slots(&values, known, why);
    return finish_root(out, &values, err, why);
}

/* known is NULL for an account that is new. */
static enum ht_err storage_root(ht_hash32 *out, const struct ht_evm_object *object,
                                const struct ht_known_account *known, struct ht_why *why) {
    bool has_known = known != NULL && !object->is_storage_gone;
    if (!object->is_storage_written) {
        *out = has_known ? known->storage_root : ht_trie_empty_root;
        return HT_OK;
    }
    struct values values;
    values_init(&values);
    enum ht_err err = has_known ? put_known_slots(&values, known, why) : HT_OK;
    for (const struct ht_evm_slot *slot = object->all_slots; slot != NULL && err == HT_OK;
         slot = slot->next) {
        err = put_slot(&values, &slot->key, &slot->value, why);
    }
    return finish_root(out, &values, err, why);
}

/* --- the known state --------------------------------------------------------------------------*/

static int compare_addresses(const void *left, const void *right) {
    const struct ht_known_account *a = left, *b = right;
    return memcmp(a->address.b, b->address.b, sizeof a->address.b);
}

static int compare_keys(const void *left, const void *right) {
    const struct ht_known_slot *a = left, *b = right;
    return ht_u256_compare(&a->key, &b->key);
}

static enum ht_err prepare_account(struct ht_known_account *account, struct ht_why *why) {
    if (account->slot_count > 1) {
        qsort(account->slots, account->slot_count, sizeof *account->slots, compare_keys);
    }
    for (size_t i = 1; i < account->slot_count; i++) {
        if (compare_keys(&account->slots[i - 1], &account->slots[i]) != 0) continue;
        return ht_fail(why, HT_EINPUT, "state_twice", "a slot stands in the state twice");
    }
    ht_keccak256(&account->address_hash, HT_BYTES(account->address.b));
    ht_keccak256(&account->code_hash, account->code);
    return known_storage_root(&account->storage_root, account, why);
}

enum ht_err ht_known_state_prepare(struct ht_known_state *state, struct ht_why *why) {
    enum ht_err err = HT_OK;
    if (state->count > 1) {
        qsort(state->accounts, state->count, sizeof *state->accounts, compare_addresses);
    }
    for (size_t i = 0; i < state->count && err == HT_OK; i++) {
        if (i > 0 && compare_addresses(&state->accounts[i - 1], &state->accounts[i]) == 0) {
            return ht_fail(why, HT_EINPUT, "state_twice", "an account stands in the state twice");
        }
        err = prepare_account(&state->accounts[i], why);
    }
    return err;
}

static const struct ht_known_account *find_account(const struct ht_known_state *state,
                                                   const ht_addr20 *address) {
    const struct ht_known_account wanted = {.address = *address};
    if (state->count == 0) return NULL;
    return bsearch(&wanted, state->accounts, state->count, sizeof wanted, compare_addresses);
}

static enum ht_err source_account(void *user, struct ht_evm_account *out, const ht_addr20 *address,
                                  struct ht_why *why) {
    (void)why;
    const struct ht_known_account *known = find_account(user, address);
    *out = (struct ht_evm_account){.code_hash = ht_evm_no_code_hash};
    if (known == NULL) return HT_OK;
    *out = (struct ht_evm_account){.nonce = known->nonce,
                                   .balance = known->balance,
                                   .code_hash = known->code_hash,
                                   .exists = true,
                                   .has_storage =
                                       !ht_hash32_equal(&known->storage_root, &ht_trie_empty_root)};
    return HT_OK;
}

static enum ht_err source_slot(void *user, ht_u256 *out, const ht_addr20 *address,
                               const ht_u256 *slot, struct ht_why *why) {
    (void)why;
    const struct ht_known_account *known = find_account(user, address);
    const struct ht_known_slot wanted = {.key = *slot};
    const struct ht_known_slot *found = NULL;
    if (known != NULL && known->slot_count > 0) {
        found = bsearch(&wanted, known->slots, known->slot_count, sizeof wanted, compare_keys);
    }
    *out = found == NULL ? ht_u256_of(0) : found->value;
    return HT_OK;
}

static enum ht_err source_code(void *user, ht_bytes *out, const ht_addr20 *address,
                               const ht_hash32 *code_hash, struct ht_why *why) {
    const struct ht_known_account *known = find_account(user, address);
    if (known == NULL || !ht_hash32_equal(&known->code_hash, code_hash)) {
        return ht_fail(why, HT_EBUG, "missing", "code of another account was asked for");
    }
    *out = known->code;
    return HT_OK;
}

static enum ht_err source_block_hash(void *user, ht_hash32 *out, uint64_t number,
                                     struct ht_why *why) {
    const struct ht_known_state *state = user;
    if (state->block_hash == NULL) {
        return ht_fail(why, HT_EAGAIN, "missing", "the hash of block %llu is not known",
                       (unsigned long long)number);
    }
    return state->block_hash(state->user, out, number, why);
}

void ht_known_state_source(struct ht_evm_source *out, struct ht_known_state *state) {
    *out = (struct ht_evm_source){.account = source_account,
                                  .slot = source_slot,
                                  .code = source_code,
                                  .block_hash = source_block_hash,
                                  .user = state};
}

/* --- the state's root -------------------------------------------------------------------------*/

static enum ht_err put_account(struct values *values, const ht_hash32 *address_hash,
                               const struct ht_evm_account *account,
                               const ht_hash32 *storage_root_hash, struct ht_why *why) {
    if (!account->exists) return put(values, address_hash, (ht_bytes){0}, why);
    struct ht_account leaf = {.nonce = account->nonce,
                              .storage_root = *storage_root_hash,
                              .code_hash = account->code_hash};
    uint8_t rlp[HT_ACCOUNT_RLP_MAX];
    ht_u256_to_be(leaf.balance, &account->balance);
    size_t n = ht_account_encode(rlp, &leaf);
    return put(values, address_hash, ht_bytes_of(rlp, n), why);
}

static enum ht_err put_known(struct values *values, const struct ht_known_account *known,
                             struct ht_why *why) {
    const struct ht_evm_account account = {.nonce = known->nonce,
                                           .balance = known->balance,
                                           .code_hash = known->code_hash,
                                           .exists = true};
    return put_account(values, &known->address_hash, &account, &known->storage_root, why);
}

static enum ht_err put_object(struct values *values, const struct ht_known_state *state,
                              const struct ht_evm_object *object, struct ht_why *why) {
    const struct ht_known_account *known = find_account(state, &object->address);
    ht_hash32 address_hash, root = ht_trie_empty_root;
    if (known == NULL && !object->account.exists) return HT_OK;
    if (known != NULL)
        address_hash = known->address_hash;
    else
        ht_keccak256(&address_hash, HT_BYTES(object->address.b));
    enum ht_err err = object->account.exists ? storage_root(&root, object, known, why) : HT_OK;
    return err == HT_OK ? put_account(values, &address_hash, &object->account, &root, why) : err;
}

enum ht_err ht_world_root(ht_hash32 *out, const struct ht_known_state *state,
                          struct ht_evm_world *world, struct ht_why *why) {
    struct values values;
    enum ht_err err = HT_OK;
    values_init(&values);
    for (size_t i = 0; i < state->count && err == HT_OK; i++) {
        err = put_known(&values, &state->accounts[i], why);
    }
    const struct ht_evm_object *object = world == NULL ? NULL : ht_evm_world_objects(world);
    for (; object != NULL && err == HT_OK; object = object->next) {
        err = put_object(&values, state, object, why);
    }
    return finish_root(out, &values, err, why);
}
