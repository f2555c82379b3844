/* One attestation that the tests of EAS agree on; what it must come to was computed with ethers. */
#ifndef HT_TESTS_UNIT_EAS_SAMPLE_H
#define HT_TESTS_UNIT_EAS_SAMPLE_H

#include "identity/eas/attestation.h"
#include "node/base/hex.h"

static inline ht_hash32 eas_hash_of(uint8_t fill) {
    ht_hash32 out;
    memset(out.b, fill, sizeof out.b);
    return out;
}

static inline ht_addr20 eas_address_of(uint8_t fill) {
    ht_addr20 out;
    memset(out.b, fill, sizeof out.b);
    return out;
}

/* Of hex with "0x"; zero for text that is no hash. */
static inline ht_hash32 eas_hash(const char *hex) {
    ht_hash32 out = {{0}};
    (void)!ht_hex_read(out.b, sizeof out.b, ht_bytes_str(hex));
    return out;
}

/* Without a uid. */
static inline struct ht_attestation eas_sample(void) {
    return (struct ht_attestation){
        .schema = eas_hash_of(0x51),
        .ref_uid = eas_hash_of(0xc3),
        .time = 0x0102030405060708,
        .expiration_time = 0x1112131415161718,
        .recipient = eas_address_of(0xa1),
        .attester = eas_address_of(0xb2),
        .is_revocable = true,
        .data = ht_bytes_str("hearth is warm"),
    };
}

#endif
