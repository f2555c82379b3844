/* Sums of multiples of points of BLS12-381, by blst's form of Pippenger's algorithm.
 *
 * It knows no infinity among its points, so those are left out, and with them every point whose
 * scalar is zero. Memory is a fixed multiple of the input's, which gas has paid for. */
#include "node/evm/precompile_msm.h"

#include <stdlib.h>

#include "node/evm/precompile_impl.h"
#include "node/evm/precompile_points.h"

#define SCALAR_SIZE 32U
#define SCALAR_BITS 255U /* of the group's order, modulo which scalars are taken */
#define G1_ITEM (HT_BLS12_G1_SIZE + SCALAR_SIZE)
#define G2_ITEM (HT_BLS12_G2_SIZE + SCALAR_SIZE)

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "precompile_memory", "out of memory for a sum of multiples");
}

/* --- G1 ---------------------------------------------------------------------------------------*/

struct g1_terms {
    size_t count;
    blst_p1_affine *points;
    blst_scalar *scalars;
};

static enum ht_err read_g1_terms(struct g1_terms *terms, ht_bytes input, struct ht_why *why) {
    for (size_t at = 0; at < input.n; at += G1_ITEM) {
        blst_p1_affine *point = &terms->points[terms->count];
        enum ht_err err = ht_bls12_read_g1(point, input.p + at, HT_BLS12_SUBGROUP, why);
        if (err != HT_OK) return err;
        bool is_some = blst_scalar_from_be_bytes(&terms->scalars[terms->count],
                                                 input.p + at + HT_BLS12_G1_SIZE, SCALAR_SIZE);
        if (is_some && !blst_p1_affine_is_inf(point)) terms->count++;
    }
    return HT_OK;
}

static enum ht_err sum_g1(blst_p1 *out, const struct g1_terms *terms, struct ht_why *why) {
    memset(out, 0, sizeof *out);
    if (terms->count == 0) return HT_OK;
    if (terms->count == 1) {
        blst_p1_from_affine(out, terms->points);
        blst_p1_mult(out, out, terms->scalars[0].b, SCALAR_BITS);
        return HT_OK;
    }
    limb_t *scratch = malloc(blst_p1s_mult_pippenger_scratch_sizeof(terms->count));
    if (scratch == NULL) return no_memory(why);
    const blst_p1_affine *const points[] = {terms->points, NULL};
    const byte *const scalars[] = {terms->scalars[0].b, NULL};
    blst_p1s_mult_pippenger(out, points, terms->count, scalars, SCALAR_BITS, scratch);
    free(scratch);
    return HT_OK;
}

enum ht_err ht_bls12_msm_g1(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    if (input.n == 0 || input.n % G1_ITEM != 0) {
        return ht_precompile_refuse(why, "the sum of multiples takes 160 bytes for each term");
    }
    size_t most = input.n / G1_ITEM;
    struct g1_terms terms = {0, calloc(most, sizeof *terms.points),
                             calloc(most, sizeof *terms.scalars)};
    blst_p1 sum;
    enum ht_err err = terms.points == NULL || terms.scalars == NULL
                          ? no_memory(why)
                          : read_g1_terms(&terms, input, why);
    if (err == HT_OK) err = sum_g1(&sum, &terms, why);
    if (err == HT_OK) err = ht_bls12_answer_g1(output, &sum, why);
    free(terms.points);
    free(terms.scalars);
    return err;
}

/* --- G2: the same, on the other curve ---------------------------------------------------------*/

struct g2_terms {
    size_t count;
    blst_p2_affine *points;
    blst_scalar *scalars;
};

static enum ht_err read_g2_terms(struct g2_terms *terms, ht_bytes input, struct ht_why *why) {
    for (size_t at = 0; at < input.n; at += G2_ITEM) {
        blst_p2_affine *point = &terms->points[terms->count];
        enum ht_err err = ht_bls12_read_g2(point, input.p + at, HT_BLS12_SUBGROUP, why);
        if (err != HT_OK) return err;
        bool is_some = blst_scalar_from_be_bytes(&terms->scalars[terms->count],
                                                 input.p + at + HT_BLS12_G2_SIZE, SCALAR_SIZE);
        if (is_some && !blst_p2_affine_is_inf(point)) terms->count++;
    }
    return HT_OK;
}

static enum ht_err sum_g2(blst_p2 *out, const struct g2_terms *terms, struct ht_why *why) {
    memset(out, 0, sizeof *out);
    if (terms->count == 0) return HT_OK;
    if (terms->count == 1) {
        blst_p2_from_affine(out, terms->points);
        blst_p2_mult(out, out, terms->scalars[0].b, SCALAR_BITS);
        return HT_OK;
    }
    limb_t *scratch = malloc(blst_p2s_mult_pippenger_scratch_sizeof(terms->count));
    if (scratch == NULL) return no_memory(why);
    const blst_p2_affine *const points[] = {terms->points, NULL};
    const byte *const scalars[] = {terms->scalars[0].b, NULL};
    blst_p2s_mult_pippenger(out, points, terms->count, scalars, SCALAR_BITS, scratch);
    free(scratch);
    return HT_OK;
}

enum ht_err ht_bls12_msm_g2(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    if (input.n == 0 || input.n % G2_ITEM != 0) {
        return ht_precompile_refuse(why, "the sum of multiples takes 288 bytes for each term");
    }
    size_t most = input.n / G2_ITEM;
    struct g2_terms terms = {0, calloc(most, sizeof *terms.points),
                             calloc(most, sizeof *terms.scalars)};
    blst_p2 sum;
    enum ht_err err = terms.points == NULL || terms.scalars == NULL
                          ? no_memory(why)
                          : read_g2_terms(&terms, input, why);
    if (err == HT_OK) err = sum_g2(&sum, &terms, why);
    if (err == HT_OK) err = ht_bls12_answer_g2(output, &sum, why);
    free(terms.points);
    free(terms.scalars);
    return err;
}
