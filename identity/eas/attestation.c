/* How attestations are named, and what they are worth at a time. */
#include "identity/eas/attestation.h"

#include "node/base/hex.h"
#include "node/crypto/keccak.h"

static void add_u64(struct ht_keccak256 *hash, uint64_t value) {
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(value >> (56 - 8 * i));
    ht_keccak256_update(hash, HT_BYTES(bytes));
}

static void add_flag(struct ht_keccak256 *hash, bool flag) {
    const uint8_t byte = flag;
    ht_keccak256_update(hash, ht_bytes_of(&byte, 1));
}

static void add_u32(struct ht_keccak256 *hash, uint32_t value) {
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                              (uint8_t)value};
    ht_keccak256_update(hash, HT_BYTES(bytes));
}

void ht_eas_schema_uid(ht_hash32 *out, ht_bytes schema, const ht_addr20 *resolver,
                       bool is_revocable) {
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    ht_keccak256_update(&hash, schema);
    ht_keccak256_update(&hash, HT_BYTES(resolver->b));
    add_flag(&hash, is_revocable);
    ht_keccak256_final(out, &hash);
}

/* What both kinds of uid hash in the middle. */
static void add_middle(struct ht_keccak256 *hash, const struct ht_attestation *attestation) {
    add_u64(hash, attestation->time);
    add_u64(hash, attestation->expiration_time);
    add_flag(hash, attestation->is_revocable);
    ht_keccak256_update(hash, HT_BYTES(attestation->ref_uid.b));
    ht_keccak256_update(hash, attestation->data);
}

void ht_eas_uid(ht_hash32 *out, const struct ht_attestation *attestation, uint32_t bump) {
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    ht_keccak256_update(&hash, HT_BYTES(attestation->schema.b));
    ht_keccak256_update(&hash, HT_BYTES(attestation->recipient.b));
    ht_keccak256_update(&hash, HT_BYTES(attestation->attester.b));
    add_middle(&hash, attestation);
    add_u32(&hash, bump);
    ht_keccak256_final(out, &hash);
}

bool ht_eas_uid_is_own(const struct ht_attestation *attestation) {
    for (uint32_t bump = 0; bump < HT_EAS_BUMPS_MAX; bump++) {
        ht_hash32 uid;
        ht_eas_uid(&uid, attestation, bump);
        if (ht_hash32_equal(&uid, &attestation->uid)) return true;
    }
    return false;
}

void ht_eas_offchain_uid(ht_hash32 *out, enum ht_eas_version version,
                         const struct ht_attestation *attestation, ht_bytes schema_text,
                         const ht_hash32 *salt) {
    static const ht_addr20 nobody;
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    if (version != HT_EAS_OFFCHAIN_V0) {
        const uint8_t number[2] = {0, (uint8_t)version};
        ht_keccak256_update(&hash, HT_BYTES(number));
    }
    ht_keccak256_update(&hash, schema_text);
    ht_keccak256_update(&hash, HT_BYTES(attestation->recipient.b));
    ht_keccak256_update(&hash, HT_BYTES(nobody.b));
    add_middle(&hash, attestation);
    if (version == HT_EAS_OFFCHAIN_V2) {
        ht_assert(salt != NULL);
        ht_keccak256_update(&hash, HT_BYTES(salt->b));
    }
    add_u32(&hash, 0);
    ht_keccak256_final(out, &hash);
}

enum ht_eas_status ht_eas_status_at(const struct ht_attestation *attestation, uint64_t now_s) {
    if (attestation->revocation_time != 0) return HT_EAS_REVOKED;
    if (attestation->expiration_time != 0 && attestation->expiration_time <= now_s) {
        return HT_EAS_EXPIRED;
    }
    return attestation->time > now_s ? HT_EAS_FROM_FUTURE : HT_EAS_VALID;
}

const char *ht_eas_status_name(enum ht_eas_status status) {
    static const char *const NAMES[] = {[HT_EAS_VALID] = "valid",
                                        [HT_EAS_REVOKED] = "revoked",
                                        [HT_EAS_EXPIRED] = "expired",
                                        [HT_EAS_FROM_FUTURE] = "from_future"};
    return NAMES[status];
}
