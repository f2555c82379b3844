/* Slots of EAS and of its schema registry, and what stands in them. */
#include "identity/eas/storage.h"

#include "node/crypto/keccak.h"

#define REGISTRY_SLOT 0U
#define DATA_FIELD 6U /* of struct Attestation: bytes data */
#define TEXT_FIELD 2U /* of struct SchemaRecord: string schema */

struct layout {
    uint8_t nonces, attestations, timestamps, revocations;
};
/* 1.4 inherits two slots' worth of names for EIP-712 and one more before its own. */
static const struct layout LAYOUTS[] = {
    [HT_EAS_0_26] = {.nonces = 0, .attestations = 1, .timestamps = 2, .revocations = 3},
    [HT_EAS_1_4] = {.nonces = 3, .attestations = 4, .timestamps = 5, .revocations = 6},
};

static const struct ht_eas_contract KNOWN[] = {
    {.chain_id = 1,
     .layout = HT_EAS_0_26,
     .version = "0.26",
     .eas = {{0xa1, 0x20, 0x7f, 0x3b, 0xba, 0x22, 0x4e, 0x2c, 0x9c, 0x3c,
              0x6d, 0x5a, 0xf6, 0x3d, 0x0e, 0xb1, 0x58, 0x2c, 0xe5, 0x87}},
     .registry = {{0xa7, 0xb3, 0x92, 0x96, 0x25, 0x83, 0x48, 0xc7, 0x82, 0x94,
                   0xf9, 0x5b, 0x87, 0x2b, 0x28, 0x23, 0x26, 0xa9, 0x7b, 0xdf}}},
    {.chain_id = 11155111,
     .layout = HT_EAS_0_26,
     .version = "0.26",
     .eas = {{0xc2, 0x67, 0x9f, 0xbd, 0x37, 0xd5, 0x43, 0x88, 0xce, 0x49,
              0x3f, 0x1d, 0xb7, 0x53, 0x20, 0xd2, 0x36, 0xe1, 0x81, 0x5e}},
     .registry = {{0x0a, 0x7e, 0x2f, 0xf5, 0x4e, 0x76, 0xb8, 0xe6, 0x65, 0x9a,
                   0xed, 0xc9, 0x10, 0x3f, 0xb2, 0x1c, 0x03, 0x80, 0x50, 0xd0}}},
};

const struct ht_eas_contract *ht_eas_known(uint64_t chain_id) {
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
        if (KNOWN[i].chain_id == chain_id) return &KNOWN[i];
    }
    return NULL;
}

/* --- slots ------------------------------------------------------------------------------------ */

static void number_slot(ht_hash32 *out, uint8_t number) {
    *out = (ht_hash32){{0}};
    out->b[31] = number;
}

/* keccak256(key || slot): the element of a mapping. */
static void mapped(ht_hash32 *out, const ht_hash32 *key, const ht_hash32 *slot) {
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    ht_keccak256_update(&hash, HT_BYTES(key->b));
    ht_keccak256_update(&hash, HT_BYTES(slot->b));
    ht_keccak256_final(out, &hash);
}

static void mapped_number(ht_hash32 *out, const ht_hash32 *key, uint8_t number) {
    ht_hash32 slot;
    number_slot(&slot, number);
    mapped(out, key, &slot);
}

static void padded(ht_hash32 *out, const ht_addr20 *address) {
    *out = (ht_hash32){{0}};
    memcpy(out->b + 12, address->b, sizeof address->b);
}

static void add(ht_hash32 *slot, uint64_t more) {
    for (size_t i = sizeof slot->b; i-- > 0 && more > 0;) {
        more += slot->b[i];
        slot->b[i] = (uint8_t)more;
        more >>= 8;
    }
}

/* Element i of the bytes whose length stands at `slot`. */
static void long_slot(ht_hash32 *out, const ht_hash32 *slot, uint64_t i) {
    ht_keccak256(out, HT_BYTES(slot->b));
    add(out, i);
}

void ht_eas_slots(ht_hash32 out[static HT_EAS_SLOTS], enum ht_eas_layout layout,
                  const ht_hash32 *uid) {
    mapped_number(&out[0], uid, LAYOUTS[layout].attestations);
    for (size_t i = 1; i < HT_EAS_SLOTS; i++) {
        out[i] = out[0];
        add(&out[i], i);
    }
}

void ht_eas_data_slot(ht_hash32 *out, enum ht_eas_layout layout, const ht_hash32 *uid, size_t i) {
    ht_hash32 slots[HT_EAS_SLOTS];
    ht_eas_slots(slots, layout, uid);
    long_slot(out, &slots[DATA_FIELD], i);
}

void ht_eas_revoked_slot(ht_hash32 *out, enum ht_eas_layout layout, const ht_addr20 *revoker,
                         const ht_hash32 *uid) {
    ht_hash32 key, inner;
    padded(&key, revoker);
    mapped_number(&inner, &key, LAYOUTS[layout].revocations);
    mapped(out, uid, &inner);
}

void ht_eas_timestamp_slot(ht_hash32 *out, enum ht_eas_layout layout, const ht_hash32 *data) {
    mapped_number(out, data, LAYOUTS[layout].timestamps);
}

void ht_eas_nonce_slot(ht_hash32 *out, enum ht_eas_layout layout, const ht_addr20 *account) {
    ht_hash32 key;
    padded(&key, account);
    mapped_number(out, &key, LAYOUTS[layout].nonces);
}

void ht_eas_schema_slots(ht_hash32 out[static HT_EAS_SCHEMA_SLOTS], const ht_hash32 *uid) {
    mapped_number(&out[0], uid, REGISTRY_SLOT);
    for (size_t i = 1; i < HT_EAS_SCHEMA_SLOTS; i++) {
        out[i] = out[0];
        add(&out[i], i);
    }
}

void ht_eas_schema_text_slot(ht_hash32 *out, const ht_hash32 *uid, size_t i) {
    ht_hash32 slots[HT_EAS_SCHEMA_SLOTS];
    ht_eas_schema_slots(slots, uid);
    long_slot(out, &slots[TEXT_FIELD], i);
}

/* --- values ----------------------------------------------------------------------------------- */

static bool is_zero(const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] != 0) return false;
    }
    return true;
}

static uint64_t read_u64(const uint8_t *p) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | p[i];
    return value;
}

static enum ht_err no_layout(struct ht_why *why) {
    return ht_fail(why, HT_EUNVERIFIED, "eas_layout",
                   "what the contract keeps there has not the form of EAS");
}

/* Solidity's bytes in storage: up to 31 of them beside twice their number, or twice their number
 * and 1 with the bytes elsewhere. */
static enum ht_err read_length(size_t *out, bool *is_long, const uint8_t value[static 32],
                               struct ht_why *why) {
    *is_long = (value[31] & 1) != 0;
    if (!*is_long) {
        *out = value[31] / 2;
        return *out <= 31 && is_zero(value + *out, 31 - *out) ? HT_OK : no_layout(why);
    }
    uint64_t n = read_u64(value + 24) / 2;
    if (!is_zero(value, 24) || n > HT_EAS_DATA_MAX) {
        return ht_fail(why, HT_ELIMIT, "eas_too_large", "more than %zu bytes of data",
                       HT_EAS_DATA_MAX);
    }
    *out = (size_t)n;
    return n > 31 ? HT_OK : no_layout(why);
}

static enum ht_err count_slots(size_t *count, const uint8_t value[static 32], struct ht_why *why) {
    size_t n;
    bool is_long;
    enum ht_err err = read_length(&n, &is_long, value, why);
    if (err == HT_OK) *count = is_long ? (n + 31) / 32 : 0;
    return err;
}

static enum ht_err read_bytes(ht_bytes *out, struct ht_arena *arena, const uint8_t value[static 32],
                              const uint8_t (*more)[32], size_t more_count, struct ht_why *why) {
    size_t n;
    bool is_long;
    enum ht_err err = read_length(&n, &is_long, value, why);
    if (err != HT_OK) return err;
    if (more_count != (is_long ? (n + 31) / 32 : 0)) return no_layout(why);
    uint8_t *copy = ht_arena_alloc(arena, n + 1);
    if (copy == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    if (n > 0) memcpy(copy, is_long ? (const uint8_t *)more : value, n);
    bool is_clean = !is_long || is_zero((const uint8_t *)more + n, more_count * 32 - n);
    *out = ht_bytes_of(copy, n);
    return is_clean ? HT_OK : no_layout(why);
}

enum ht_err ht_eas_data_slots(size_t *count, const uint8_t values[static HT_EAS_SLOTS][32],
                              struct ht_why *why) {
    return count_slots(count, values[DATA_FIELD], why);
}

enum ht_err ht_eas_from_storage(struct ht_attestation *out, struct ht_arena *arena,
                                const ht_hash32 *uid, const uint8_t (*values)[32],
                                const uint8_t (*data)[32], size_t data_count, struct ht_why *why) {
    if (is_zero(values[0], 32)) {
        return ht_fail(why, HT_ENOTFOUND, "no_attestation", "there is no such attestation");
    }
    const uint8_t *times = values[2], *attester = values[5];
    bool is_form = memcmp(values[0], uid->b, 32) == 0 && is_zero(times, 8) &&
                   is_zero(values[4], 12) && is_zero(attester, 11) && attester[11] <= 1;
    if (!is_form) return no_layout(why);
    struct ht_attestation found = {
        .uid = *uid,
        .time = read_u64(times + 24),
        .expiration_time = read_u64(times + 16),
        .revocation_time = read_u64(times + 8),
        .is_revocable = attester[11] == 1,
    };
    memcpy(found.schema.b, values[1], 32);
    memcpy(found.ref_uid.b, values[3], 32);
    memcpy(found.recipient.b, values[4] + 12, 20);
    memcpy(found.attester.b, attester + 12, 20);
    enum ht_err err = read_bytes(&found.data, arena, values[DATA_FIELD], data, data_count, why);
    if (err == HT_OK && !ht_eas_uid_is_own(&found)) {
        err = ht_fail(why, HT_EUNVERIFIED, "eas_uid", "its fields do not give its uid");
    }
    if (err == HT_OK) *out = found;
    return err;
}

enum ht_err ht_eas_schema_text_slots(size_t *count,
                                     const uint8_t values[static HT_EAS_SCHEMA_SLOTS][32],
                                     struct ht_why *why) {
    return count_slots(count, values[TEXT_FIELD], why);
}

enum ht_err ht_eas_schema_from_storage(struct ht_eas_schema_record *out, struct ht_arena *arena,
                                       const ht_hash32 *uid, const uint8_t (*values)[32],
                                       const uint8_t (*text)[32], size_t text_count,
                                       struct ht_why *why) {
    if (is_zero(values[0], 32)) {
        return ht_fail(why, HT_ENOTFOUND, "no_schema", "there is no such schema");
    }
    const uint8_t *resolver = values[1];
    ht_hash32 own;
    if (memcmp(values[0], uid->b, 32) != 0 || !is_zero(resolver, 11) || resolver[11] > 1) {
        return no_layout(why);
    }
    struct ht_eas_schema_record found = {.uid = *uid, .is_revocable = resolver[11] == 1};
    memcpy(found.resolver.b, resolver + 12, 20);
    enum ht_err err = read_bytes(&found.text, arena, values[TEXT_FIELD], text, text_count, why);
    if (err != HT_OK) return err;
    ht_eas_schema_uid(&own, found.text, &found.resolver, found.is_revocable);
    if (ht_hash32_equal(&own, uid)) {
        *out = found;
        return HT_OK;
    }
    return ht_fail(why, HT_EUNVERIFIED, "eas_uid", "the schema's fields do not give its uid");
}
