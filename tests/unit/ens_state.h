/* A registry, records in the known resolver's storage and resolvers of any answers, in the state of
 * simulate_world.h. A test program includes this once. */
#ifndef HT_TESTS_UNIT_ENS_STATE_H
#define HT_TESTS_UNIT_ENS_STATE_H

#include "tests/unit/simulate_world.h"

#include "identity/names/ens_ask.h"

#define ALICE "0x00000000000000000000000000000000000a11ce"
#define BOB "0x0000000000000000000000000000000000000b0b"
#define KNOWN "231b0ee14048e9dccd1d247744d114a4eb5e8e63"
#define OTHER "00000000000000000000000000000000000000e5"

/* Answers resolver(node) out of records[node], in slot 0, and all else the same. */
#define REGISTRY                         \
    "6004355f525f60205260405f2060010154" \
    "73ffffffffffffffffffffffffffffffffffffffff165f5260205ff3"

static inline ht_addr20 address(const char *hex) {
    ht_addr20 out;
    assert_int_equal(ht_hex_read(out.b, 20, ht_bytes_str(hex)), HT_OK);
    return out;
}

static inline void set(const ht_addr20 *at, const ht_hash32 *slot, const uint8_t value[static 32]) {
    assert_true(sim.slot_count < SIM_ACCOUNTS_MAX);
    sim.slots[sim.slot_count].address = *at;
    sim.slots[sim.slot_count].slot = ht_u256_from_be32(slot->b);
    sim.slots[sim.slot_count++].value = ht_u256_from_be32(value);
}

static inline ht_hash32 node_of(const char *name) {
    ht_hash32 node;
    assert_int_equal(ht_ens_namehash(&node, ht_bytes_str(name), NULL), HT_OK);
    return node;
}

/* The registry names a resolver for a name. */
static inline void register_name(const char *name, const char *resolver) {
    ht_hash32 node = node_of(name), slots[2];
    ht_addr20 to = address(resolver);
    uint8_t value[32] = {[4] = 1, [31] = 7}; /* a time to live, and an owner */
    ht_ens_registry_slots(slots, &node);
    set(&ht_ens_registry, &slots[0], value);
    memcpy(value + 12, to.b, 20);
    set(&ht_ens_registry, &slots[1], value);
}

/* Bytes as Solidity keeps them, beginning at slot, in the known resolver. */
static inline void keep_bytes(const ht_hash32 *slot, ht_bytes bytes) {
    ht_addr20 resolver = address(KNOWN);
    uint8_t value[32] = {0};
    if (bytes.n <= 31) {
        memcpy(value, bytes.p, bytes.n);
        value[31] = (uint8_t)(2 * bytes.n);
        set(&resolver, slot, value);
        return;
    }
    value[30] = (uint8_t)((2 * bytes.n + 1) >> 8);
    value[31] = (uint8_t)(2 * bytes.n + 1);
    set(&resolver, slot, value);
    for (size_t i = 0; i * 32 < bytes.n; i++) {
        ht_hash32 more;
        size_t n = bytes.n - i * 32 < 32 ? bytes.n - i * 32 : 32;
        memset(value, 0, sizeof value);
        memcpy(value, bytes.p + i * 32, n);
        ht_ens_bytes_slot(&more, slot, i);
        set(&resolver, &more, value);
    }
}

static inline void keep_address(const char *name, const char *hex) {
    ht_hash32 node = node_of(name), slot;
    ht_addr20 to = address(hex);
    ht_ens_address_slot(&slot, &node, 0, HT_ENS_COIN_ETH);
    keep_bytes(&slot, HT_BYTES(to.b));
}

/* A resolver's code: one selector after the other with what it answers, hex; the last is for all
 * others. is_revert: answers so. */
struct answer {
    uint32_t selector;
    bool is_revert;
    const char *hex;
};

/* before, the value in that many digits, after. */
static inline void put_hex(char *out, size_t *at, const char *before, int digits, size_t value,
                           const char *after) {
    *at += (size_t)snprintf(out + *at, 2 * SIM_CODE_MAX - *at, "%s%0*zx%s", before, digits, value,
                            after);
}

static inline void put_resolver(const char *at, const struct answer *answers, size_t count) {
    static char code[2 * SIM_CODE_MAX];
    /* Each: its test in 11 bytes, its answer in 14 with the JUMPDEST; then the data. */
    size_t n = 10, places = 5 + 11 * (count - 1), data = places + 14 * count;
    memcpy(code, "5f3560e01c", n);
    for (size_t i = 1; i < count; i++) {
        put_hex(code, &n, "8063", 8, answers[i - 1].selector, "14");
        put_hex(code, &n, "61", 4, places + 14 * i, "57");
    }
    for (size_t i = 0; i < count; i++) {
        const struct answer *answer = &answers[i == 0 ? count - 1 : i - 1];
        size_t length = strlen(answer->hex) / 2;
        put_hex(code, &n, "5b61", 4, length, "");
        put_hex(code, &n, "61", 4, data, "5f39");
        put_hex(code, &n, "61", 4, length, answer->is_revert ? "5ffd" : "5ff3");
        data += length;
    }
    for (size_t i = 0; i < count; i++) {
        n += (size_t)snprintf(code + n, sizeof code - n, "%s",
                              answers[i == 0 ? count - 1 : i - 1].hex);
    }
    sim_put(address(at), 0, code);
}

#define SUPPORTS 0x01ffc9a7U
#define WORD_0 "0000000000000000000000000000000000000000000000000000000000000000"
#define WORD_1 "0000000000000000000000000000000000000000000000000000000000000001"
#define WORD_20 "0000000000000000000000000000000000000000000000000000000000000020"
#define WORD_ALICE "00000000000000000000000000000000000000000000000000000000000a11ce"

#endif
