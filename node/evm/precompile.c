/* Which precompiles there are, what they cost, and those that other code of ours does all the work
 * of: hashes, ECRECOVER, IDENTITY and bn254. */
#include "node/evm/precompile.h"

#include <pthread.h>

#include <openssl/evp.h>

#include "node/crypto/secp256k1.h"
#include "node/crypto/sha256.h"
#include "node/evm/bn254.h"
#include "node/evm/precompile_blake2f.h"
#include "node/evm/precompile_bls12.h"
#include "node/evm/precompile_impl.h"
#include "node/evm/precompile_kzg.h"
#include "node/evm/precompile_modexp.h"
#include "node/evm/precompile_p256.h"

#define P256VERIFY 0x100U
#define BN254_PAIR 192U

unsigned ht_precompile_at(const struct ht_evm_rules *rules, const ht_addr20 *address) {
    static const uint8_t zeros[18];
    if (memcmp(address->b, zeros, sizeof zeros) != 0) return 0;
    unsigned number = (unsigned)address->b[18] << 8 | address->b[19];
    if (number == P256VERIFY) return rules->has_p256verify ? number : 0;
    return number <= rules->precompile_count ? number : 0;
}

/* --- gas --------------------------------------------------------------------------------------*/

static uint64_t words_gas(ht_bytes input, uint64_t base, uint64_t word) {
    return base + word * (input.n / 32 + (input.n % 32 > 0));
}

static uint64_t blake2f_gas(ht_bytes input) {
    if (input.n != 213) return UINT64_MAX;
    return (uint64_t)input.p[0] << 24 | (uint64_t)input.p[1] << 16 | (uint64_t)input.p[2] << 8 |
           input.p[3];
}

uint64_t ht_precompile_gas(const struct ht_evm_rules *rules, unsigned number, ht_bytes input) {
    switch (number) {
    case 0x01: return 3000;
    case 0x02: return words_gas(input, 60, 12);
    case 0x03: return words_gas(input, 600, 120);
    case 0x04: return words_gas(input, 15, 3);
    case 0x05: return ht_precompile_modexp_gas(rules, input);
    case 0x06: return 150;
    case 0x07: return 6000;
    case 0x08: return 45000 + 34000 * (uint64_t)(input.n / BN254_PAIR);
    case 0x09: return blake2f_gas(input);
    case 0x0a: return 50000;
    case P256VERIFY: return 6900;
    default: return ht_precompile_bls12_gas(number, input);
    }
}

/* --- hashes and signatures --------------------------------------------------------------------*/

static enum ht_err ecrecover(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    static const uint8_t zeros[31];
    uint8_t bytes[128];
    ht_precompile_copy(bytes, sizeof bytes, input, 0);
    uint8_t v = bytes[63];
    if (memcmp(bytes + 32, zeros, sizeof zeros) != 0 || (v != 27 && v != 28)) return HT_OK;
    ht_hash32 digest;
    struct ht_ecdsa_signature signature = {.y_parity = (uint8_t)(v - 27)};
    memcpy(digest.b, bytes, sizeof digest.b);
    memcpy(signature.r, bytes + 64, sizeof signature.r);
    memcpy(signature.s, bytes + 96, sizeof signature.s);
    ht_addr20 signer;
    if (ht_ecdsa_recover_address(&signer, &digest, &signature, HT_ECDSA_ANY_S, NULL) != HT_OK) {
        return HT_OK;
    }
    uint8_t answer[32] = {0};
    memcpy(answer + 12, signer.b, sizeof signer.b);
    return ht_precompile_answer(output, HT_BYTES(answer), why);
}

static enum ht_err sha256(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    ht_hash32 hash;
    ht_sha256(&hash, input);
    return ht_precompile_answer(output, HT_BYTES(hash.b), why);
}

/* Looking an algorithm up takes longer than hashing with it, so it is done once and kept. */
static pthread_once_t ripemd160_once = PTHREAD_ONCE_INIT;
static EVP_MD *ripemd160_kind;

static void find_ripemd160(void) {
    ripemd160_kind = EVP_MD_fetch(NULL, "RIPEMD160", NULL);
}

static enum ht_err ripemd160(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    (void)pthread_once(&ripemd160_once, find_ripemd160);
    uint8_t answer[32] = {0};
    unsigned n = 0;
    if (ripemd160_kind == NULL ||
        EVP_Digest(input.p, input.n, answer + 12, &n, ripemd160_kind, NULL) != 1 || n != 20) {
        return ht_fail(why, HT_EBUG, "no_ripemd160", "libcrypto has no RIPEMD-160 here");
    }
    return ht_precompile_answer(output, HT_BYTES(answer), why);
}

/* --- bn254 ------------------------------------------------------------------------------------*/

static enum ht_err bn254_add(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    uint8_t points[128];
    uint8_t sum[64];
    ht_precompile_copy(points, sizeof points, input, 0);
    enum ht_err err = ht_bn254_add(sum, points, points + 64, why);
    return err == HT_OK ? ht_precompile_answer(output, HT_BYTES(sum), why) : err;
}

static enum ht_err bn254_mul(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    uint8_t operands[96];
    uint8_t product[64];
    ht_precompile_copy(operands, sizeof operands, input, 0);
    enum ht_err err = ht_bn254_mul(product, operands, operands + 64, why);
    return err == HT_OK ? ht_precompile_answer(output, HT_BYTES(product), why) : err;
}

static enum ht_err bn254_pairing(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    bool is_one = false;
    if (input.n % BN254_PAIR != 0) {
        return ht_precompile_refuse(why, "the pairing check takes 192 bytes for each pair");
    }
    enum ht_err err = ht_bn254_pairing_check(&is_one, input.p, input.n / BN254_PAIR, why);
    uint8_t answer[32] = {[31] = is_one};
    return err == HT_OK ? ht_precompile_answer(output, HT_BYTES(answer), why) : err;
}

/* --- all of them ------------------------------------------------------------------------------*/

static enum ht_err modexp(struct ht_buf *output, const struct ht_evm_rules *rules, ht_bytes input,
                          struct ht_why *why) {
    if (ht_precompile_modexp_gas(rules, input) == UINT64_MAX) {
        return ht_precompile_refuse(why, "a length is above what these rules take");
    }
    return ht_precompile_modexp(output, input, why);
}

enum ht_err ht_precompile_run(struct ht_buf *output, const struct ht_evm_rules *rules,
                              unsigned number, ht_bytes input, struct ht_why *why) {
    ht_buf_clear(output);
    switch (number) {
    case 0x01: return ecrecover(output, input, why);
    case 0x02: return sha256(output, input, why);
    case 0x03: return ripemd160(output, input, why);
    case 0x04: return ht_precompile_answer(output, input, why);
    case 0x05: return modexp(output, rules, input, why);
    case 0x06: return bn254_add(output, input, why);
    case 0x07: return bn254_mul(output, input, why);
    case 0x08: return bn254_pairing(output, input, why);
    case 0x09: return ht_precompile_blake2f(output, input, why);
    case 0x0a: return ht_precompile_point_evaluation(output, input, why);
    case P256VERIFY: return ht_precompile_p256verify(output, input, why);
    default: return ht_precompile_bls12(output, number, input, why);
    }
}
