/* Verification of a sync committee's aggregate signature. Nothing here knows what was signed. */
#include "node/crypto/bls.h"

/* The ciphersuite of consensus-specs phase0/beacon-chain §bls-signatures. */
static const char DST[] = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

void ht_bls_committee_init(struct ht_bls_committee *committee, const uint8_t *pubkeys, size_t count,
                           const uint8_t aggregate_pubkey[static HT_BLS_PUBKEY_SIZE]) {
    ht_assert(count <= HT_BLS_COMMITTEE_MAX);
    committee->count = count;
    memcpy(committee->pubkeys, pubkeys, count * HT_BLS_PUBKEY_SIZE);
    memcpy(committee->aggregate_pubkey, aggregate_pubkey, HT_BLS_PUBKEY_SIZE);
    memset(committee->has_affine, 0, sizeof committee->has_affine);
    committee->has_aggregate = false;
}

size_t ht_bits_count(const uint8_t *bits, size_t count) {
    size_t set = 0;
    for (size_t i = 0; i < count; i++) set += ht_bit_at(bits, i);
    return set;
}

static enum ht_err read_signature(blst_p2_affine *out,
                                  const uint8_t signature[static HT_BLS_SIGNATURE_SIZE],
                                  struct ht_why *why) {
    if (blst_p2_uncompress(out, signature) != BLST_SUCCESS || blst_p2_affine_is_inf(out)) {
        return ht_fail(why, HT_EUNVERIFIED, "signature_malformed",
                       "the signature is no point of the curve");
    }
    /* Decompression only checks the curve equation; a point outside of G2 could be forged. */
    if (!blst_p2_affine_in_g2(out)) {
        return ht_fail(why, HT_EUNVERIFIED, "signature_not_in_subgroup",
                       "the signature is on the curve but not in the group G2");
    }
    return HT_OK;
}

static enum ht_err read_pubkey(blst_p1_affine *out, const uint8_t *compressed, struct ht_why *why) {
    if (blst_p1_uncompress(out, compressed) != BLST_SUCCESS || blst_p1_affine_is_inf(out)) {
        return ht_fail(why, HT_EUNVERIFIED, "pubkey_malformed",
                       "a public key of the committee is no point of the curve");
    }
    return HT_OK;
}

static enum ht_err load_key(struct ht_bls_committee *committee, size_t i, struct ht_why *why) {
    if (committee->has_affine[i]) return HT_OK;
    enum ht_err err = read_pubkey(&committee->affine[i], committee->pubkeys[i], why);
    committee->has_affine[i] = err == HT_OK;
    return err;
}

static enum ht_err load_aggregate(struct ht_bls_committee *committee, struct ht_why *why) {
    if (committee->has_aggregate) return HT_OK;
    enum ht_err err = read_pubkey(&committee->aggregate, committee->aggregate_pubkey, why);
    committee->has_aggregate = err == HT_OK;
    return err;
}

/* Sum of the keys of all members whose bit equals wanted. */
static enum ht_err sum_keys(blst_p1 *sum, struct ht_bls_committee *committee, const uint8_t *bits,
                            bool wanted, struct ht_why *why) {
    memset(sum, 0, sizeof *sum);
    for (size_t i = 0; i < committee->count; i++) {
        if (ht_bit_at(bits, i) != wanted) continue;
        enum ht_err err = load_key(committee, i, why);
        if (err != HT_OK) return err;
        blst_p1_add_or_double_affine(sum, sum, &committee->affine[i]);
    }
    return HT_OK;
}

/* The participants' key: whichever is the shorter sum. */
static enum ht_err participants_key(blst_p1_affine *out, struct ht_bls_committee *committee,
                                    const uint8_t *bits, struct ht_why *why) {
    size_t present = ht_bits_count(bits, committee->count);
    if (present == 0) {
        return ht_fail(why, HT_EUNVERIFIED, "no_participants", "no member of the committee signed");
    }
    blst_p1 sum;
    enum ht_err err;
    if (present > committee->count / 2) {
        err = load_aggregate(committee, why);
        if (err == HT_OK) err = sum_keys(&sum, committee, bits, false, why);
        if (err != HT_OK) return err;
        blst_p1_cneg(&sum, true);
        blst_p1_add_or_double_affine(&sum, &sum, &committee->aggregate);
    } else {
        err = sum_keys(&sum, committee, bits, true, why);
        if (err != HT_OK) return err;
    }
    blst_p1_to_affine(out, &sum);
    return HT_OK;
}

enum ht_err ht_bls_committee_verify(struct ht_bls_committee *committee, const uint8_t *bits,
                                    const ht_hash32 *message,
                                    const uint8_t signature[static HT_BLS_SIGNATURE_SIZE],
                                    struct ht_why *why) {
    blst_p2_affine sig;
    enum ht_err err = read_signature(&sig, signature, why);
    if (err != HT_OK) return err;
    blst_p1_affine key;
    err = participants_key(&key, committee, bits, why);
    if (err != HT_OK) return err;
    if (blst_core_verify_pk_in_g1(&key, &sig, true, message->b, sizeof message->b,
                                  (const uint8_t *)DST, sizeof DST - 1, NULL, 0) != BLST_SUCCESS) {
        return ht_fail(why, HT_EUNVERIFIED, "bad_signature",
                       "the committee's signature does not cover this header");
    }
    return HT_OK;
}
