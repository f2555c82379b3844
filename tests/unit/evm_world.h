/* A world over a source that counts what it is asked. For tests of the world; static inline, so
 * that a test takes what it needs. */
#ifndef HT_TESTS_UNIT_EVM_WORLD_H
#define HT_TESTS_UNIT_EVM_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/crypto/keccak.h"
#include "node/evm/code.h"
#include "node/evm/world.h"

#define ROOMY ((size_t)16 << 20)

/* Account i has nonce i, i wei and, when i is odd, code; slot k of it holds i * 1000 + k. Those
 * from 100 on do not exist. */
struct fake {
    struct ht_evm_world *world;
    unsigned accounts, slots, codes, hashes; /* asked for */
    bool is_down;
};

static const uint8_t CODE[] = {0x60, 0x01, 0x5b, 0x00};

static inline ht_addr20 address_of(uint32_t i) {
    ht_addr20 address = {.b = {0xaa}};
    ht_write_u32_le(address.b + 12, i);
    return address;
}

static inline uint32_t index_of(const ht_addr20 *address) {
    return ht_read_u32_le(address->b + 12);
}

static inline enum ht_err down(struct ht_why *why) {
    return ht_fail(why, HT_EAGAIN, "missing", "not here yet");
}

static inline enum ht_err fake_account(void *user, struct ht_evm_account *out,
                                       const ht_addr20 *address, struct ht_why *why) {
    struct fake *fake = user;
    fake->accounts++;
    if (fake->is_down) return down(why);
    uint32_t i = index_of(address);
    *out = (struct ht_evm_account){.code_hash = ht_evm_no_code_hash, .exists = i < 100};
    if (i >= 100) return HT_OK;
    out->nonce = i;
    out->balance = ht_u256_of(i);
    out->has_storage = i != 0;
    if (i % 2 == 1) ht_keccak256(&out->code_hash, HT_BYTES(CODE));
    return HT_OK;
}

static inline enum ht_err fake_slot(void *user, ht_u256 *out, const ht_addr20 *address,
                                    const ht_u256 *slot, struct ht_why *why) {
    struct fake *fake = user;
    fake->slots++;
    if (fake->is_down) return down(why);
    *out = ht_u256_of(index_of(address) * UINT64_C(1000) + slot->limb[0]);
    return HT_OK;
}

static inline enum ht_err fake_code(void *user, ht_bytes *out, const ht_addr20 *address,
                                    const ht_hash32 *code_hash, struct ht_why *why) {
    struct fake *fake = user;
    (void)address, (void)code_hash;
    fake->codes++;
    if (fake->is_down) return down(why);
    *out = HT_BYTES(CODE);
    return HT_OK;
}

static inline enum ht_err fake_block_hash(void *user, ht_hash32 *out, uint64_t number,
                                          struct ht_why *why) {
    struct fake *fake = user;
    fake->hashes++;
    if (fake->is_down) return down(why);
    *out = (ht_hash32){.b = {(uint8_t)number}};
    return HT_OK;
}

static inline void start_with(struct fake *fake, size_t bytes_max) {
    *fake = (struct fake){.world = NULL};
    const struct ht_evm_source source = {fake_account, fake_slot, fake_code, fake_block_hash, fake};
    assert_int_equal(ht_evm_world_new(&fake->world, &source, bytes_max), HT_OK);
    ht_evm_world_begin(fake->world);
}

static inline void start(struct fake *fake) {
    start_with(fake, ROOMY);
}

static inline struct ht_evm_object *find(struct fake *fake, uint32_t i) {
    struct ht_evm_object *object = NULL;
    ht_addr20 address = address_of(i);
    assert_int_equal(ht_evm_world_find(&object, fake->world, &address, NULL), HT_OK);
    return object;
}

static inline struct ht_evm_slot *slot_of(struct fake *fake, struct ht_evm_object *object,
                                          uint64_t key) {
    struct ht_evm_slot *slot = NULL;
    ht_u256 word = ht_u256_of(key);
    assert_int_equal(ht_evm_world_slot(&slot, fake->world, object, &word, NULL), HT_OK);
    return slot;
}

static inline void set(struct fake *fake, struct ht_evm_object *object, uint64_t key,
                       uint64_t value) {
    ht_u256 word = ht_u256_of(value);
    assert_int_equal(ht_evm_world_set_slot(fake->world, object, slot_of(fake, object, key), &word),
                     HT_OK);
}

static inline void set_wei(struct fake *fake, struct ht_evm_object *object, uint64_t wei) {
    ht_u256 value = ht_u256_of(wei);
    assert_int_equal(ht_evm_world_set_balance(fake->world, object, &value), HT_OK);
}

static inline uint64_t transient_of(struct fake *fake, uint32_t i, uint64_t key) {
    ht_addr20 address = address_of(i);
    ht_u256 word = ht_u256_of(key), value;
    ht_evm_world_transient(&value, fake->world, &address, &word);
    return value.limb[0];
}

static inline void set_transient(struct fake *fake, uint32_t i, uint64_t key, uint64_t value) {
    ht_addr20 address = address_of(i);
    ht_u256 word = ht_u256_of(key), number = ht_u256_of(value);
    assert_int_equal(ht_evm_world_set_transient(fake->world, &address, &word, &number), HT_OK);
}

static inline bool warm(struct fake *fake, struct ht_evm_object *object) {
    bool was_warm = false;
    assert_int_equal(ht_evm_world_warm(&was_warm, fake->world, object), HT_OK);
    return was_warm;
}

#endif
