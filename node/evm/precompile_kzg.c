/* POINT_EVALUATION: that a polynomial known by its KZG commitment has the value y at z.
 *
 * With P the commitment, Q the proof and tau the setup's secret, e(P - y G1, G2) must be
 * e(Q, tau G2 - z G2) (EIP-4844, polynomial-commitments §verify_kzg_proof_impl). Written as
 * e(P - y G1 + z Q, G2) = e(Q, tau G2) it takes one point of the setup, so that none of its 4096
 * others have to be loaded. */
#include "node/evm/precompile_kzg.h"

#include <pthread.h>

#include <blst.h>

#include "node/crypto/sha256.h"
#include "node/evm/precompile_impl.h"

#define INPUT_SIZE 192U

/* tau G2 of Ethereum's KZG ceremony of 2023, compressed: the second of g2_monomial in
 * trusted_setup_4096.json (consensus-specs presets/mainnet). */
static const uint8_t TAU_G2[96] = {
    0xb5, 0xbf, 0xd7, 0xdd, 0x8c, 0xde, 0xb1, 0x28, 0x84, 0x3b, 0xc2, 0x87, 0x23, 0x0a, 0xf3, 0x89,
    0x26, 0x18, 0x70, 0x75, 0xcb, 0xfb, 0xef, 0xa8, 0x10, 0x09, 0xa2, 0xce, 0x61, 0x5a, 0xc5, 0x3d,
    0x29, 0x14, 0xe5, 0x87, 0x0c, 0xb4, 0x52, 0xd2, 0xaf, 0xaa, 0xab, 0x24, 0xf3, 0x49, 0x9f, 0x72,
    0x18, 0x5c, 0xbf, 0xee, 0x53, 0x49, 0x27, 0x14, 0x73, 0x44, 0x29, 0xb7, 0xb3, 0x86, 0x08, 0xe2,
    0x39, 0x26, 0xc9, 0x11, 0xcc, 0xec, 0xea, 0xc9, 0xa3, 0x68, 0x51, 0x47, 0x7b, 0xa4, 0xc6, 0x0b,
    0x08, 0x70, 0x41, 0xde, 0x62, 0x10, 0x00, 0xed, 0xc9, 0x8e, 0xda, 0xda, 0x20, 0xc1, 0xde, 0xf2,
};

/* FIELD_ELEMENTS_PER_BLOB and BLS_MODULUS. */
static const uint8_t ANSWER[64] = {
    [30] = 0x10, [32] = 0x73, 0xed, 0xa7, 0x53, 0x29, 0x9d, 0x7d, 0x48, 0x33, 0x39,
    0xd8,        0x08,        0x09, 0xa1, 0xd8, 0x05, 0x53, 0xbd, 0xa4, 0x02, 0xff,
    0xfe,        0x5b,        0xfe, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01,
};

static pthread_once_t setup_once = PTHREAD_ONCE_INIT;
static blst_p2_affine setup[2]; /* G2 and tau G2 */

static void make_setup(void) {
    setup[0] = *blst_p2_affine_generator();
    ht_assert(blst_p2_uncompress(&setup[1], TAU_G2) == BLST_SUCCESS);
}

static bool read_point(blst_p1_affine *out, const uint8_t compressed[static 48]) {
    return blst_p1_uncompress(out, compressed) == BLST_SUCCESS && blst_p1_affine_in_g1(out);
}

static bool read_scalar(blst_scalar *out, const uint8_t bytes[static 32]) {
    blst_scalar_from_bendian(out, bytes);
    return blst_scalar_fr_check(out);
}

/* Whether e(left, G2) = e(right, tau G2). */
static bool is_pairing_equal(const blst_p1 *left, const blst_p1_affine *right) {
    blst_p1_affine points[2];
    const blst_p1_affine *const ps[] = {points, NULL};
    const blst_p2_affine *const qs[] = {setup, NULL};
    /* Infinity has no place in the loop. Its pairing is 1, and no other point's with these is. */
    if (blst_p1_is_inf(left) || blst_p1_affine_is_inf(right)) {
        return blst_p1_is_inf(left) && blst_p1_affine_is_inf(right);
    }
    blst_p1 negative;
    blst_p1_from_affine(&negative, right);
    blst_p1_cneg(&negative, true);
    blst_p1_to_affine(&points[0], left);
    blst_p1_to_affine(&points[1], &negative);
    (void)pthread_once(&setup_once, make_setup);
    blst_fp12 product;
    blst_miller_loop_n(&product, qs, ps, 2);
    blst_final_exp(&product, &product);
    return blst_fp12_is_one(&product);
}

static enum ht_err check(const uint8_t input[static INPUT_SIZE], struct ht_why *why) {
    blst_scalar z;
    blst_scalar y;
    if (!read_scalar(&z, input + 32) || !read_scalar(&y, input + 64)) {
        return ht_precompile_refuse(why, "z or y is not below the order of the group");
    }
    blst_p1_affine commitment;
    blst_p1_affine proof;
    if (!read_point(&commitment, input + 96) || !read_point(&proof, input + 144)) {
        return ht_precompile_refuse(why, "the commitment or the proof is no point of G1");
    }
    blst_p1 sum;
    blst_p1 multiple;
    blst_p1_from_affine(&sum, &proof);
    blst_p1_mult(&sum, &sum, z.b, 255);
    blst_p1_mult(&multiple, blst_p1_generator(), y.b, 255);
    blst_p1_cneg(&multiple, true);
    blst_p1_add_or_double(&sum, &sum, &multiple);
    blst_p1_add_or_double_affine(&sum, &sum, &commitment);
    if (is_pairing_equal(&sum, &proof)) return HT_OK;
    return ht_precompile_refuse(why, "the proof does not show that the value at z is y");
}

enum ht_err ht_precompile_point_evaluation(struct ht_buf *output, ht_bytes input,
                                           struct ht_why *why) {
    ht_hash32 hash;
    if (input.n != INPUT_SIZE) {
        return ht_precompile_refuse(why, "POINT_EVALUATION takes 192 bytes");
    }
    ht_sha256(&hash, ht_bytes_of(input.p + 96, 48));
    hash.b[0] = 0x01; /* VERSIONED_HASH_VERSION_KZG */
    if (memcmp(hash.b, input.p, sizeof hash.b) != 0) {
        return ht_precompile_refuse(why, "the versioned hash is not the commitment's");
    }
    enum ht_err err = check(input.p, why);
    return err == HT_OK ? ht_precompile_answer(output, HT_BYTES(ANSWER), why) : err;
}
