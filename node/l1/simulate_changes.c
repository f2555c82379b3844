/* Differences of a world, sorted, so that the same call tells the same however it was run. */
#include "node/l1/simulate_changes.h"

#include <stdlib.h>

#include "node/base/hex.h"
#include "node/l1/simulate.h"

struct ht_sim_account_before {
    const struct ht_evm_object *object;
    struct ht_evm_account account;
};

struct ht_sim_slot_before {
    const struct ht_evm_slot *slot;
    ht_u256 value;
};

/* --- before ----------------------------------------------------------------------------------- */

static int compare_places(const void *a, const void *b) {
    uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;
    return (x > y) - (x < y);
}

static int compare_accounts(const void *a, const void *b) {
    const struct ht_sim_account_before *x = a, *y = b;
    return compare_places(x->object, y->object);
}

static int compare_slots(const void *a, const void *b) {
    const struct ht_sim_slot_before *x = a, *y = b;
    return compare_places(x->slot, y->slot);
}

static void count_all(size_t *accounts, size_t *slots, struct ht_evm_object *object) {
    *accounts = *slots = 0;
    for (; object != NULL; object = object->next) {
        ++*accounts;
        for (const struct ht_evm_slot *slot = object->all_slots; slot != NULL; slot = slot->next) {
            ++*slots;
        }
    }
}

static struct ht_evm_object *objects_of(const struct ht_evm_world *world) {
    return ht_evm_world_objects((struct ht_evm_world *)(uintptr_t)world);
}

enum ht_err ht_sim_before_take(struct ht_sim_before *out, struct ht_arena *arena,
                               const struct ht_evm_world *world, struct ht_why *why) {
    struct ht_sim_before before = {0};
    size_t accounts, slots;
    void *room = NULL;
    count_all(&accounts, &slots, objects_of(world));
    enum ht_err err = ht_arena_array(&room, arena, accounts, sizeof *before.accounts, why);
    before.accounts = room;
    if (err == HT_OK) err = ht_arena_array(&room, arena, slots, sizeof *before.slots, why);
    before.slots = room;
    if (err != HT_OK) return err;
    for (struct ht_evm_object *object = objects_of(world); object != NULL; object = object->next) {
        before.accounts[before.account_count++] =
            (struct ht_sim_account_before){object, object->account};
        for (const struct ht_evm_slot *slot = object->all_slots; slot != NULL; slot = slot->next) {
            before.slots[before.slot_count++] = (struct ht_sim_slot_before){slot, slot->value};
        }
    }
    if (accounts > 0) qsort(before.accounts, accounts, sizeof *before.accounts, compare_accounts);
    if (slots > 0) qsort(before.slots, slots, sizeof *before.slots, compare_slots);
    *out = before;
    return HT_OK;
}

static const struct ht_evm_account *account_before(const struct ht_sim_before *before,
                                                   const struct ht_evm_object *object) {
    const struct ht_sim_account_before key = {.object = object}, *found = NULL;
    if (before->account_count > 0) {
        found =
            bsearch(&key, before->accounts, before->account_count, sizeof key, compare_accounts);
    }
    return found != NULL ? &found->account : &object->first;
}

static const ht_u256 *slot_before(const struct ht_sim_before *before,
                                  const struct ht_evm_slot *slot) {
    const struct ht_sim_slot_before key = {.slot = slot}, *found = NULL;
    if (before->slot_count > 0) {
        found = bsearch(&key, before->slots, before->slot_count, sizeof key, compare_slots);
    }
    return found != NULL ? &found->value : &slot->first;
}

/* --- changes ---------------------------------------------------------------------------------- */

struct changed_account {
    const struct ht_evm_object *object;
    const struct ht_evm_account *before;
};

struct changed_slot {
    const struct ht_evm_object *object;
    const struct ht_evm_slot *slot;
    const ht_u256 *before;
};

static int by_address(const void *a, const void *b) {
    const struct changed_account *x = a, *y = b;
    return memcmp(x->object->address.b, y->object->address.b, sizeof x->object->address.b);
}

static int by_address_and_slot(const void *a, const void *b) {
    const struct changed_slot *x = a, *y = b;
    int order = memcmp(x->object->address.b, y->object->address.b, sizeof x->object->address.b);
    return order != 0 ? order : ht_u256_compare(&x->slot->key, &y->slot->key);
}

static bool has_changed(const struct changed_account *change) {
    const struct ht_evm_account *before = change->before, *after = &change->object->account;
    return before->nonce != after->nonce || !ht_u256_equal(&before->balance, &after->balance) ||
           !ht_hash32_equal(&before->code_hash, &after->code_hash);
}

static json_t *address_json(const struct ht_evm_object *object) {
    char text[HT_HEX_SIZE(20)];
    ht_hex_write(text, HT_BYTES(object->address.b));
    return json_string(text);
}

static json_t *word_json(const ht_u256 *value) {
    char text[HT_HEX_SIZE(32)];
    uint8_t word[32];
    ht_u256_to_be(word, value);
    ht_hex_write(text, HT_BYTES(word));
    return json_string(text);
}

static json_t *account_json(const struct changed_account *change) {
    const struct ht_evm_account *before = change->before, *after = &change->object->account;
    char was[HT_U256_DECIMAL_SIZE], is[HT_U256_DECIMAL_SIZE];
    (void)ht_u256_to_decimal(was, &before->balance);
    (void)ht_u256_to_decimal(is, &after->balance);
    return json_pack("{s:o, s:s, s:s, s:I, s:I, s:b}", "address", address_json(change->object),
                     "wei_before", was, "wei_after", is, "nonce_before", (json_int_t)before->nonce,
                     "nonce_after", (json_int_t)after->nonce, "code_changed",
                     !ht_hash32_equal(&before->code_hash, &after->code_hash));
}

static json_t *slot_json(const struct changed_slot *change) {
    return json_pack("{s:o, s:o, s:o, s:o}", "address", address_json(change->object), "slot",
                     word_json(&change->slot->key), "before", word_json(change->before), "after",
                     word_json(&change->slot->value));
}

/* The first rows of those that changed; how many there are in *count. */
static bool tell_accounts(json_t *list, struct changed_account *rows, size_t count) {
    bool is_short = false;
    if (count > 0) qsort(rows, count, sizeof *rows, by_address);
    for (size_t i = 0; i < count && i < HT_SIMULATE_ROWS_MAX; i++) {
        is_short |= json_array_append_new(list, account_json(&rows[i])) != 0;
    }
    return !is_short;
}

static bool tell_slots(json_t *list, struct changed_slot *rows, size_t count) {
    bool is_short = false;
    if (count > 0) qsort(rows, count, sizeof *rows, by_address_and_slot);
    for (size_t i = 0; i < count && i < HT_SIMULATE_ROWS_MAX; i++) {
        is_short |= json_array_append_new(list, slot_json(&rows[i])) != 0;
    }
    return !is_short;
}

enum ht_err ht_sim_changes_read(struct ht_sim_changes *out, struct ht_arena *arena,
                                const struct ht_sim_before *before,
                                const struct ht_evm_world *world, struct ht_why *why) {
    size_t accounts, slots;
    void *account_room = NULL, *slot_room = NULL;
    count_all(&accounts, &slots, objects_of(world));
    enum ht_err err =
        ht_arena_array(&account_room, arena, accounts, sizeof(struct changed_account), why);
    if (err == HT_OK) {
        err = ht_arena_array(&slot_room, arena, slots, sizeof(struct changed_slot), why);
    }
    if (err != HT_OK) return err;
    struct changed_account *account = account_room;
    struct changed_slot *slot = slot_room;
    size_t account_count = 0, slot_count = 0;
    for (struct ht_evm_object *object = objects_of(world); object != NULL; object = object->next) {
        account[account_count] = (struct changed_account){object, account_before(before, object)};
        if (has_changed(&account[account_count])) account_count++;
        for (const struct ht_evm_slot *one = object->all_slots; one != NULL; one = one->next) {
            slot[slot_count] = (struct changed_slot){object, one, slot_before(before, one)};
            if (!ht_u256_equal(slot[slot_count].before, &one->value)) slot_count++;
        }
    }
    struct ht_sim_changes changes = {.accounts = json_array(),
                                     .storage = json_array(),
                                     .is_accounts_cut = account_count > HT_SIMULATE_ROWS_MAX,
                                     .is_storage_cut = slot_count > HT_SIMULATE_ROWS_MAX};
    if (tell_accounts(changes.accounts, account, account_count) &&
        tell_slots(changes.storage, slot, slot_count) && changes.accounts != NULL &&
        changes.storage != NULL) {
        *out = changes;
        return HT_OK;
    }
    json_decref(changes.accounts);
    json_decref(changes.storage);
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}
