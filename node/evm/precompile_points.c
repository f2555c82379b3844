/* Reading and writing points of BLS12-381 as the precompiles have them; the arithmetic is blst's.
 */
#include "node/evm/precompile_points.h"

#include "node/evm/precompile_impl.h"

#define PAD 16U /* zeros in front of the 48 bytes of a field element */

static const uint8_t PRIME[48] = {
    0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7,
    0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf, 0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24,
    0x1e, 0xab, 0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab,
};

static bool is_all_zero(const uint8_t *bytes, size_t n) {
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++) any |= bytes[i];
    return any == 0;
}

enum ht_err ht_bls12_read_fp(blst_fp *out, const uint8_t bytes[static HT_BLS12_FP_SIZE],
                             struct ht_why *why) {
    if (!is_all_zero(bytes, PAD) || memcmp(bytes + PAD, PRIME, sizeof PRIME) >= 0) {
        return ht_precompile_refuse(why, "a field element is not below the prime");
    }
    blst_fp_from_bendian(out, bytes + PAD);
    return HT_OK;
}

enum ht_err ht_bls12_read_fp2(blst_fp2 *out, const uint8_t bytes[static 2 * HT_BLS12_FP_SIZE],
                              struct ht_why *why) {
    enum ht_err err = ht_bls12_read_fp(&out->fp[0], bytes, why);
    return err == HT_OK ? ht_bls12_read_fp(&out->fp[1], bytes + HT_BLS12_FP_SIZE, why) : err;
}

static enum ht_err judge_point(bool is_on_curve, bool is_in_group, struct ht_why *why) {
    if (!is_on_curve) return ht_precompile_refuse(why, "a point is not on the curve");
    if (!is_in_group) return ht_precompile_refuse(why, "a point is not in the subgroup");
    return HT_OK;
}

enum ht_err ht_bls12_read_g1(blst_p1_affine *out, const uint8_t bytes[static HT_BLS12_G1_SIZE],
                             enum ht_bls12_group group, struct ht_why *why) {
    if (is_all_zero(bytes, HT_BLS12_G1_SIZE)) {
        memset(out, 0, sizeof *out);
        return HT_OK;
    }
    enum ht_err err = ht_bls12_read_fp(&out->x, bytes, why);
    if (err == HT_OK) err = ht_bls12_read_fp(&out->y, bytes + HT_BLS12_FP_SIZE, why);
    if (err != HT_OK) return err;
    bool is_on_curve = blst_p1_affine_on_curve(out);
    bool is_in_group = group == HT_BLS12_ANY_POINT || !is_on_curve || blst_p1_affine_in_g1(out);
    return judge_point(is_on_curve, is_in_group, why);
}

enum ht_err ht_bls12_read_g2(blst_p2_affine *out, const uint8_t bytes[static HT_BLS12_G2_SIZE],
                             enum ht_bls12_group group, struct ht_why *why) {
    if (is_all_zero(bytes, HT_BLS12_G2_SIZE)) {
        memset(out, 0, sizeof *out);
        return HT_OK;
    }
    enum ht_err err = ht_bls12_read_fp2(&out->x, bytes, why);
    if (err == HT_OK) err = ht_bls12_read_fp2(&out->y, bytes + 2 * HT_BLS12_FP_SIZE, why);
    if (err != HT_OK) return err;
    bool is_on_curve = blst_p2_affine_on_curve(out);
    bool is_in_group = group == HT_BLS12_ANY_POINT || !is_on_curve || blst_p2_affine_in_g2(out);
    return judge_point(is_on_curve, is_in_group, why);
}

static void write_fp(uint8_t out[static HT_BLS12_FP_SIZE], const blst_fp *element) {
    memset(out, 0, PAD);
    blst_bendian_from_fp(out + PAD, element);
}

enum ht_err ht_bls12_answer_g1(struct ht_buf *output, const blst_p1 *point, struct ht_why *why) {
    uint8_t bytes[HT_BLS12_G1_SIZE] = {0};
    blst_p1_affine affine;
    if (!blst_p1_is_inf(point)) {
        blst_p1_to_affine(&affine, point);
        write_fp(bytes, &affine.x);
        write_fp(bytes + HT_BLS12_FP_SIZE, &affine.y);
    }
    return ht_precompile_answer(output, HT_BYTES(bytes), why);
}

enum ht_err ht_bls12_answer_g2(struct ht_buf *output, const blst_p2 *point, struct ht_why *why) {
    uint8_t bytes[HT_BLS12_G2_SIZE] = {0};
    blst_p2_affine affine;
    if (!blst_p2_is_inf(point)) {
        blst_p2_to_affine(&affine, point);
        write_fp(bytes, &affine.x.fp[0]);
        write_fp(bytes + HT_BLS12_FP_SIZE, &affine.x.fp[1]);
        write_fp(bytes + 2 * HT_BLS12_FP_SIZE, &affine.y.fp[0]);
        write_fp(bytes + 3 * HT_BLS12_FP_SIZE, &affine.y.fp[1]);
    }
    return ht_precompile_answer(output, HT_BYTES(bytes), why);
}
