/* Reads points of bn254's twist; what is done with them is in bn254_pairing.c. */
#include "node/evm/bn254_g2.h"

#include "node/evm/bn254_gen.h"

static bool read_fp2(ht_fp2 *out, const uint8_t bytes[static 64]) {
    return ht_fp_read(&out->c1, bytes) && ht_fp_read(&out->c0, bytes + 32);
}

enum ht_err ht_g2_read(struct ht_g2 *out, const uint8_t bytes[static 128], struct ht_why *why) {
    struct ht_g2 point = {.is_infinity = false};
    ht_fp2 left;
    ht_fp2 right;
    if (!read_fp2(&point.x, bytes) || !read_fp2(&point.y, bytes + 64)) {
        return ht_fail(why, HT_EINPUT, "precompile_input",
                       "a coordinate of the point of G2 is not below the prime");
    }
    point.is_infinity = ht_fp2_is_zero(&point.x) && ht_fp2_is_zero(&point.y);
    ht_fp2_square(&left, &point.y);
    ht_fp2_square(&right, &point.x);
    ht_fp2_mul(&right, &right, &point.x);
    ht_fp2_add(&right, &right, &HT_BN254_TWIST_B);
    if (!point.is_infinity && !ht_fp2_equal(&left, &right)) {
        return ht_fail(why, HT_EINPUT, "precompile_input", "the point of G2 is not on its curve");
    }
    *out = point;
    return HT_OK;
}
