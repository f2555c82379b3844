/* BLS12-381 signatures of sync committees (public keys in G1, signatures in G2) over blst.
 *
 * A committee keeps its keys decompressed as they are needed: with nearly all members signing, the
 * committee's own aggregate key minus the few absentees is the participants' key, and only the
 * absentees' keys are ever decompressed. Keys are not checked to be in the subgroup: they come out
 * of a beacon state that was proven, and the deposit rules let only valid keys in. Signatures come
 * from anyone and are always checked. */
#ifndef HT_CRYPTO_BLS_H
#define HT_CRYPTO_BLS_H

#include <blst.h>

#include "node/base/bytes.h"

#define HT_BLS_PUBKEY_SIZE 48
#define HT_BLS_SIGNATURE_SIZE 96
#define HT_BLS_COMMITTEE_MAX 512

struct ht_bls_committee {
    size_t count;
    uint8_t pubkeys[HT_BLS_COMMITTEE_MAX][HT_BLS_PUBKEY_SIZE];
    uint8_t aggregate_pubkey[HT_BLS_PUBKEY_SIZE];
    /* Decompressed on first use. */
    blst_p1_affine affine[HT_BLS_COMMITTEE_MAX];
    bool has_affine[HT_BLS_COMMITTEE_MAX];
    blst_p1_affine aggregate;
    bool has_aggregate;
};

/* Sets the committee's keys (count of 48 bytes each, at most HT_BLS_COMMITTEE_MAX) and forgets
 * what was decompressed before. Decompresses nothing yet. */
void ht_bls_committee_init(struct ht_bls_committee *committee, const uint8_t *pubkeys, size_t count,
                           const uint8_t aggregate_pubkey[static HT_BLS_PUBKEY_SIZE]);

/* eth_fast_aggregate_verify of consensus-specs altair/bls, for the members whose bit is set.
 *
 * bits: count bits, least significant first. message: the 32-byte signing root.
 * HT_EUNVERIFIED with code "signature_malformed" (no point of the curve),
 * "signature_not_in_subgroup", "no_participants", "pubkey_malformed" or "bad_signature". Keeps
 * decompressed keys: one thread at a time per committee. */
enum ht_err ht_bls_committee_verify(struct ht_bls_committee *committee, const uint8_t *bits,
                                    const ht_hash32 *message,
                                    const uint8_t signature[static HT_BLS_SIGNATURE_SIZE],
                                    struct ht_why *why) HT_MUST_USE;

/* How many of the first count bits are set. */
size_t ht_bits_count(const uint8_t *bits, size_t count);

static inline bool ht_bit_at(const uint8_t *bits, size_t i) {
    return (bits[i / 8] >> (i % 8) & 1) != 0;
}

#endif
