/* Facts in three lists with tables of indices over them. */
#include "node/l1/facts.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"

#define TABLE(max) ((size_t)2 * (max)) /* a power of two, at most half full */

void ht_facts_init(struct ht_facts *facts) {
    *facts = (struct ht_facts){0};
    ht_arena_init(&facts->arena, HT_FACTS_BYTES_MAX);
}

void ht_facts_fini(struct ht_facts *facts) {
    ht_arena_fini(&facts->arena);
    ht_facts_init(facts);
}

static enum ht_err too_much(struct ht_why *why) {
    return ht_fail(why, HT_ELIMIT, "too_much_state",
                   "needs more state than %u accounts, %u slots or %zu MiB", HT_FACTS_ACCOUNTS_MAX,
                   HT_FACTS_SLOTS_MAX, HT_FACTS_BYTES_MAX >> 20);
}

/* The lists are made when first used, at their full size: entries stay where they are. */
static enum ht_err make_lists(struct ht_facts *facts, struct ht_why *why) {
    if (facts->accounts != NULL) return HT_OK;
    struct ht_arena *arena = &facts->arena;
    void *blocks = ht_arena_alloc(arena, HT_FACTS_BLOCKS_MAX * sizeof *facts->blocks);
    void *slots = ht_arena_alloc(arena, HT_FACTS_SLOTS_MAX * sizeof(void *));
    void *tables[2] = {ht_arena_alloc(arena, TABLE(HT_FACTS_ACCOUNTS_MAX) * sizeof(uint32_t)),
                       ht_arena_alloc(arena, TABLE(HT_FACTS_SLOTS_MAX) * sizeof(uint32_t))};
    void *accounts = ht_arena_alloc(arena, HT_FACTS_ACCOUNTS_MAX * sizeof(void *));
    if (blocks == NULL || slots == NULL || tables[0] == NULL || tables[1] == NULL ||
        accounts == NULL) {
        return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    facts->blocks = blocks;
    facts->slots = slots;
    facts->account_table = tables[0];
    facts->slot_table = tables[1];
    facts->accounts = accounts;
    return HT_OK;
}

/* FNV-1a over bytes that nobody can choose freely without paying for each; chains are bounded by
 * the lists. */
static uint64_t mix(uint64_t hash, const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++) hash = (hash ^ p[i]) * 0x100000001b3U;
    return hash ^ hash >> 29;
}

static uint32_t *account_place(const struct ht_facts *facts, const ht_addr20 *address) {
    const size_t mask = TABLE(HT_FACTS_ACCOUNTS_MAX) - 1;
    size_t at = (size_t)mix(0xcbf29ce484222325U, address->b, 20) & mask;
    while (facts->account_table[at] != 0 &&
           memcmp(facts->accounts[facts->account_table[at] - 1]->address.b, address->b, 20) != 0) {
        at = (at + 1) & mask;
    }
    return &facts->account_table[at];
}

static bool is_slot(const struct ht_fact_slot *fact, const ht_addr20 *address,
                    const ht_hash32 *slot) {
    return ht_hash32_equal(&fact->slot, slot) && memcmp(fact->address.b, address->b, 20) == 0;
}

static uint32_t *slot_place(const struct ht_facts *facts, const ht_addr20 *address,
                            const ht_hash32 *slot) {
    const size_t mask = TABLE(HT_FACTS_SLOTS_MAX) - 1;
    size_t at = (size_t)mix(mix(0xcbf29ce484222325U, address->b, 20), slot->b, 32) & mask;
    while (facts->slot_table[at] != 0 &&
           !is_slot(facts->slots[facts->slot_table[at] - 1], address, slot)) {
        at = (at + 1) & mask;
    }
    return &facts->slot_table[at];
}

struct ht_fact_account *ht_facts_find_account(const struct ht_facts *facts,
                                              const ht_addr20 *address) {
    if (facts->accounts == NULL) return NULL;
    const uint32_t *place = account_place(facts, address);
    return *place == 0 ? NULL : facts->accounts[*place - 1];
}

/* --- wanting ---------------------------------------------------------------------------------- */

static bool has_no_code(const struct ht_fact_account *fact) {
    return fact->is_known && (!fact->exists || ht_hash32_equal(&fact->account.code_hash,
                                                               &ht_account_empty_code_hash));
}

static void want_code(struct ht_facts *facts, struct ht_fact_account *fact) {
    if (fact->wants_code) return;
    fact->wants_code = true;
    fact->has_code = has_no_code(fact);
    if (!fact->has_code) facts->missing++;
}

enum ht_err ht_facts_want_account(struct ht_fact_account **out, struct ht_facts *facts,
                                  const ht_addr20 *address, bool wants_code, struct ht_why *why) {
    enum ht_err err = make_lists(facts, why);
    if (err != HT_OK) return err;
    uint32_t *place = account_place(facts, address);
    if (*place == 0) {
        if (facts->account_count == HT_FACTS_ACCOUNTS_MAX) return too_much(why);
        struct ht_fact_account *fact = ht_arena_alloc(&facts->arena, sizeof *fact);
        if (fact == NULL) return too_much(why);
        fact->address = *address;
        ht_account_init_empty(&fact->account);
        facts->accounts[facts->account_count++] = fact;
        facts->missing++;
        *place = (uint32_t)facts->account_count;
    }
    *out = facts->accounts[*place - 1];
    if (wants_code) want_code(facts, *out);
    return HT_OK;
}

static bool has_no_slots(const struct ht_fact_account *fact) {
    struct ht_account empty;
    ht_account_init_empty(&empty);
    return fact->is_known &&
           (!fact->exists || ht_hash32_equal(&fact->account.storage_root, &empty.storage_root));
}

enum ht_err ht_facts_want_slot(struct ht_fact_slot **out, struct ht_facts *facts,
                               const ht_addr20 *address, const ht_hash32 *slot,
                               struct ht_why *why) {
    struct ht_fact_account *account = NULL;
    enum ht_err err = ht_facts_want_account(&account, facts, address, false, why);
    if (err != HT_OK) return err;
    uint32_t *place = slot_place(facts, address, slot);
    if (*place == 0) {
        if (facts->slot_count == HT_FACTS_SLOTS_MAX) return too_much(why);
        struct ht_fact_slot *fact = ht_arena_alloc(&facts->arena, sizeof *fact);
        if (fact == NULL) return too_much(why);
        fact->address = *address;
        fact->slot = *slot;
        fact->is_known = has_no_slots(account);
        if (!fact->is_known) facts->missing++;
        facts->slots[facts->slot_count++] = fact;
        *place = (uint32_t)facts->slot_count;
    }
    *out = facts->slots[*place - 1];
    return HT_OK;
}

enum ht_err ht_facts_want_block(struct ht_fact_block **out, struct ht_facts *facts, uint64_t number,
                                struct ht_why *why) {
    enum ht_err err = make_lists(facts, why);
    if (err != HT_OK) return err;
    size_t i = 0;
    while (i < facts->block_count && facts->blocks[i].number != number) i++;
    if (i == HT_FACTS_BLOCKS_MAX) return too_much(why);
    if (i == facts->block_count) {
        facts->blocks[facts->block_count++] = (struct ht_fact_block){.number = number};
        facts->missing++;
    }
    *out = &facts->blocks[i];
    return HT_OK;
}

/* --- knowing ---------------------------------------------------------------------------------- */

void ht_facts_know_slot(struct ht_facts *facts, struct ht_fact_slot *fact,
                        const uint8_t value[static 32]) {
    if (!fact->is_known) facts->missing--;
    fact->is_known = true;
    memcpy(fact->value, value, sizeof fact->value);
}

void ht_facts_know_account(struct ht_facts *facts, struct ht_fact_account *fact,
                           const struct ht_account *account, bool exists) {
    static const uint8_t zero[32];
    if (!fact->is_known) facts->missing--;
    fact->is_known = true;
    fact->exists = exists;
    fact->account = *account;
    if (fact->wants_code && !fact->has_code && has_no_code(fact)) {
        fact->has_code = true;
        facts->missing--;
    }
    if (!has_no_slots(fact)) return;
    for (size_t i = 0; i < facts->slot_count; i++) {
        struct ht_fact_slot *slot = facts->slots[i];
        if (slot->is_known || memcmp(slot->address.b, fact->address.b, 20) != 0) continue;
        ht_facts_know_slot(facts, slot, zero);
    }
}

enum ht_err ht_facts_know_code(struct ht_facts *facts, struct ht_fact_account *fact, ht_bytes code,
                               struct ht_why *why) {
    if (fact->has_code) return HT_OK;
    char *copy = ht_arena_copy_str(&facts->arena, code);
    if (copy == NULL) return too_much(why);
    fact->code = ht_bytes_of(copy, code.n);
    fact->has_code = true;
    if (fact->wants_code) facts->missing--;
    fact->wants_code = true;
    return HT_OK;
}

void ht_facts_know_block(struct ht_facts *facts, struct ht_fact_block *fact,
                         const ht_hash32 *hash) {
    if (!fact->is_known) facts->missing--;
    fact->is_known = true;
    fact->hash = *hash;
}

/* --- as a world's source ---------------------------------------------------------------------- */

static enum ht_err guess(struct ht_facts *facts, struct ht_why *why) {
    if (++facts->guesses <= HT_FACTS_GUESSES) return HT_OK;
    return ht_fail(why, HT_EAGAIN, "missing", "state that has to be proven first");
}

static enum ht_err read_account(void *user, struct ht_evm_account *out, const ht_addr20 *address,
                                struct ht_why *why) {
    struct ht_facts *facts = user;
    struct ht_fact_account *fact = NULL;
    enum ht_err err = ht_facts_want_account(&fact, facts, address, false, why);
    if (err != HT_OK) return err;
    struct ht_account empty;
    ht_account_init_empty(&empty);
    *out = (struct ht_evm_account){
        .has_storage = !ht_hash32_equal(&fact->account.storage_root, &empty.storage_root),
        .nonce = fact->account.nonce,
        .balance = ht_u256_from_be32(fact->account.balance),
        .code_hash = fact->account.code_hash,
        .exists = fact->exists};
    return fact->is_known ? HT_OK : guess(facts, why);
}

static enum ht_err read_slot(void *user, ht_u256 *out, const ht_addr20 *address,
                             const ht_u256 *slot, struct ht_why *why) {
    struct ht_facts *facts = user;
    struct ht_fact_slot *fact = NULL;
    ht_hash32 key;
    ht_u256_to_be(key.b, slot);
    enum ht_err err = ht_facts_want_slot(&fact, facts, address, &key, why);
    if (err != HT_OK) return err;
    *out = ht_u256_from_be32(fact->value);
    return fact->is_known ? HT_OK : guess(facts, why);
}

static enum ht_err read_code(void *user, ht_bytes *out, const ht_addr20 *address,
                             const ht_hash32 *code_hash, struct ht_why *why) {
    struct ht_facts *facts = user;
    struct ht_fact_account *fact = NULL;
    (void)code_hash;
    enum ht_err err = ht_facts_want_account(&fact, facts, address, true, why);
    if (err != HT_OK) return err;
    *out = fact->code;
    return fact->has_code ? HT_OK : guess(facts, why);
}

static enum ht_err read_block_hash(void *user, ht_hash32 *out, uint64_t number,
                                   struct ht_why *why) {
    struct ht_facts *facts = user;
    struct ht_fact_block *fact = NULL;
    enum ht_err err = ht_facts_want_block(&fact, facts, number, why);
    if (err != HT_OK) return err;
    *out = fact->hash;
    return fact->is_known ? HT_OK : guess(facts, why);
}

void ht_facts_begin_run(struct ht_facts *facts, struct ht_evm_source *source) {
    facts->guesses = 0;
    *source = (struct ht_evm_source){.account = read_account,
                                     .slot = read_slot,
                                     .code = read_code,
                                     .block_hash = read_block_hash,
                                     .user = facts};
}

/* --- for people ------------------------------------------------------------------------------- */

#define TOLD_MAX 3U

void ht_facts_tell_missing(const struct ht_facts *facts, char *out, size_t n) {
    char address[HT_HEX_SIZE(20)], slot[HT_HEX_SIZE(32)];
    size_t told = 0, used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < facts->account_count && told < TOLD_MAX && used < n; i++) {
        const struct ht_fact_account *fact = facts->accounts[i];
        if (fact->is_known && (!fact->wants_code || fact->has_code)) continue;
        ht_hex_write(address, HT_BYTES(fact->address.b));
        int wrote = snprintf(out + used, n - used, "%s%s %s", told++ > 0 ? ", " : "",
                             fact->is_known ? "code of" : "account", address);
        used += (size_t)wrote;
    }
    for (size_t i = 0; i < facts->slot_count && told < TOLD_MAX && used < n; i++) {
        const struct ht_fact_slot *fact = facts->slots[i];
        if (fact->is_known) continue;
        ht_hex_write(address, HT_BYTES(fact->address.b));
        ht_hex_write(slot, HT_BYTES(fact->slot.b));
        int wrote = snprintf(out + used, n - used, "%sslot %s of %s", told++ > 0 ? ", " : "", slot,
                             address);
        used += (size_t)wrote;
    }
    for (size_t i = 0; i < facts->block_count && told < TOLD_MAX && used < n; i++) {
        if (facts->blocks[i].is_known) continue;
        int wrote = snprintf(out + used, n - used, "%shash of block %llu", told++ > 0 ? ", " : "",
                             (unsigned long long)facts->blocks[i].number);
        used += (size_t)wrote;
    }
}
