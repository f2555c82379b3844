/* EIP-2537's precompiles: sums of multiples against single additions, pairings by their laws, and
 * what is refused where. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <blst.h>

#include "tests/unit/precompile_calls.h"

enum {
    G1_ADD = 0x0b,
    G1_MSM = 0x0c,
    G2_ADD = 0x0d,
    G2_MSM = 0x0e,
    PAIRING = 0x0f,
    MAP_G1 = 0x10,
    MAP_G2 = 0x11
};

#define TERMS_MAX 70U

static const uint8_t zeros[512];

static void write_fp(uint8_t out[static 64], const blst_fp *element) {
    memset(out, 0, 16);
    blst_bendian_from_fp(out + 16, element);
}

static void write_g1(uint8_t out[static 128], const blst_p1_affine *point) {
    write_fp(out, &point->x);
    write_fp(out + 64, &point->y);
}

static void write_g2(uint8_t out[static 256], const blst_p2_affine *point) {
    write_fp(out, &point->x.fp[0]);
    write_fp(out + 64, &point->x.fp[1]);
    write_fp(out + 128, &point->y.fp[0]);
    write_fp(out + 192, &point->y.fp[1]);
}

/* Multiples of the generators; 0 is infinity. */
static void g1_of(uint8_t out[static 128], uint64_t factor) {
    uint8_t scalar[8];
    blst_p1 point;
    blst_p1_affine affine;
    ht_write_u64_le(scalar, factor);
    blst_p1_mult(&point, blst_p1_generator(), scalar, 64);
    blst_p1_to_affine(&affine, &point);
    write_g1(out, &affine);
    if (factor == 0) memset(out, 0, 128);
}

static void g2_of(uint8_t out[static 256], uint64_t factor) {
    uint8_t scalar[8];
    blst_p2 point;
    blst_p2_affine affine;
    ht_write_u64_le(scalar, factor);
    blst_p2_mult(&point, blst_p2_generator(), scalar, 64);
    blst_p2_to_affine(&affine, &point);
    write_g2(out, &affine);
    if (factor == 0) memset(out, 0, 256);
}

/* A point of the curve that is not in the subgroup: nearly all are. */
static void stray_g1(uint8_t out[static 128]) {
    blst_p1_affine point;
    uint8_t compressed[48] = {0x80};
    uint8_t x = 0;
    do {
        compressed[47] = x++;
    } while (blst_p1_uncompress(&point, compressed) != BLST_SUCCESS ||
             blst_p1_affine_in_g1(&point));
    write_g1(out, &point);
}

static void stray_g2(uint8_t out[static 256]) {
    blst_p2_affine point;
    uint8_t compressed[96] = {0x80};
    uint8_t x = 0;
    do {
        compressed[95] = x++;
    } while (blst_p2_uncompress(&point, compressed) != BLST_SUCCESS ||
             blst_p2_affine_in_g2(&point));
    write_g2(out, &point);
}

static void bls12_additions_double_cancel_and_know_infinity(void **state) {
    (void)state;
    static const uint64_t terms[][2] = {{1, 2}, {5, 5}, {7, 0}, {0, 9}, {0, 0}};
    uint8_t input[512];
    uint8_t want[256];
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        g1_of(input, terms[i][0]);
        g1_of(input + 128, terms[i][1]);
        g1_of(want, terms[i][0] + terms[i][1]);
        ht_test_expect_bytes(G1_ADD, ht_bytes_of(input, 256), ht_bytes_of(want, 128));
        g2_of(input, terms[i][0]);
        g2_of(input + 256, terms[i][1]);
        g2_of(want, terms[i][0] + terms[i][1]);
        ht_test_expect_bytes(G2_ADD, ht_bytes_of(input, 512), ht_bytes_of(want, 256));
    }
    blst_p1 negative = *blst_p1_generator();
    blst_p1_affine affine;
    blst_p1_cneg(&negative, true);
    blst_p1_to_affine(&affine, &negative);
    g1_of(input, 1);
    write_g1(input + 128, &affine);
    ht_test_expect_bytes(G1_ADD, ht_bytes_of(input, 256), ht_bytes_of(zeros, 128));
}

static void bls12_additions_take_points_outside_of_the_subgroup(void **state) {
    (void)state;
    uint8_t input[512] = {0};
    stray_g1(input);
    ht_test_expect_bytes(G1_ADD, ht_bytes_of(input, 256), ht_bytes_of(input, 128));
    memset(input, 0, sizeof input);
    stray_g2(input);
    ht_test_expect_bytes(G2_ADD, ht_bytes_of(input, 512), ht_bytes_of(input, 256));
}

static void bls12_sums_and_pairings_refuse_points_outside_of_the_subgroup(void **state) {
    (void)state;
    uint8_t input[384] = {0};
    stray_g1(input);
    ht_test_expect_refused(G1_MSM, ht_bytes_of(input, 160), "not in the subgroup");
    ht_test_expect_refused(PAIRING, ht_bytes_of(input, 384), "not in the subgroup");
    memset(input, 0, sizeof input);
    stray_g2(input);
    ht_test_expect_refused(G2_MSM, ht_bytes_of(input, 288), "not in the subgroup");
    memset(input, 0, sizeof input);
    stray_g2(input + 128);
    ht_test_expect_refused(PAIRING, ht_bytes_of(input, 384), "not in the subgroup");
}

/* Scalars above the order, zeros, infinity and equal points among them; multiples of the generator,
 * so that the sum is one multiplication. */
static void fill_terms(uint8_t *g1, uint8_t *g2, uint8_t total[static 32], size_t count) {
    blst_fr sum;
    blst_fr product;
    blst_scalar scalar;
    memset(&sum, 0, sizeof sum);
    for (size_t i = 0; i < count; i++) {
        uint64_t factor[4] = {ht_test_random() % 5 == 0 ? 0 : ht_test_random() % 30};
        uint8_t bytes[32];
        ht_test_random_bytes(bytes, sizeof bytes);
        if (ht_test_random() % 6 == 0) memset(bytes, 0, 32);
        if (ht_test_random() % 6 == 0) memset(bytes, 0xff, 32);
        g1_of(g1 + 160 * i, factor[0]);
        g2_of(g2 + 288 * i, factor[0]);
        memcpy(g1 + 160 * i + 128, bytes, 32);
        memcpy(g2 + 288 * i + 256, bytes, 32);
        (void)blst_scalar_from_be_bytes(&scalar, bytes, 32);
        blst_fr_from_scalar(&product, &scalar);
        blst_fr term;
        blst_fr_from_uint64(&term, factor);
        blst_fr_mul(&term, &term, &product);
        blst_fr_add(&sum, &sum, &term);
    }
    blst_scalar_from_fr(&scalar, &sum);
    memcpy(total, scalar.b, 32);
}

static void bls12_sums_of_multiples_are_right_for_any_number_of_terms(void **state) {
    (void)state;
    static uint8_t g1[TERMS_MAX * 160];
    static uint8_t g2[TERMS_MAX * 288];
    for (size_t count = 1; count <= TERMS_MAX; count += count < 10 ? 1 : 12) {
        uint8_t total[32];
        uint8_t want[256] = {0};
        blst_p1 p1;
        blst_p2 p2;
        blst_p1_affine a1;
        blst_p2_affine a2;
        fill_terms(g1, g2, total, count);
        blst_p1_mult(&p1, blst_p1_generator(), total, 255);
        blst_p1_to_affine(&a1, &p1);
        if (!blst_p1_is_inf(&p1)) write_g1(want, &a1);
        ht_test_expect_bytes(G1_MSM, ht_bytes_of(g1, 160 * count), ht_bytes_of(want, 128));
        blst_p2_mult(&p2, blst_p2_generator(), total, 255);
        blst_p2_to_affine(&a2, &p2);
        if (!blst_p2_is_inf(&p2)) write_g2(want, &a2);
        ht_test_expect_bytes(G2_MSM, ht_bytes_of(g2, 288 * count), ht_bytes_of(want, 256));
    }
}

static void expect_pairing(const uint8_t *input, size_t count, uint8_t want) {
    uint8_t answer[32] = {[31] = want};
    ht_test_expect_bytes(PAIRING, ht_bytes_of(input, 384 * count), HT_BYTES(answer));
}

static void bls12_pairings_are_bilinear_over_more_pairs_than_a_batch(void **state) {
    (void)state;
    static uint8_t input[40 * 384];
    blst_p1 negative;
    blst_p1_affine affine;
    /* e(P, 1 Q) e(P, 2 Q) … e(P, n Q) e(-n (n + 1) / 2 P, Q) = 1 */
    for (uint64_t n = 1; n < 40; n += n < 4 ? 1 : 7) {
        for (uint64_t i = 0; i < n; i++) {
            g1_of(input + 384 * i, 1);
            g2_of(input + 384 * i + 128, i + 1);
        }
        uint8_t scalar[8];
        ht_write_u64_le(scalar, n * (n + 1) / 2);
        blst_p1_mult(&negative, blst_p1_generator(), scalar, 64);
        blst_p1_cneg(&negative, true);
        blst_p1_to_affine(&affine, &negative);
        write_g1(input + 384 * n, &affine);
        g2_of(input + 384 * n + 128, 1);
        expect_pairing(input, n + 1, 1);
        expect_pairing(input, n, 0);
    }
}

static void bls12_pairing_with_infinity_is_one(void **state) {
    (void)state;
    uint8_t input[2 * 384] = {0};
    expect_pairing(input, 1, 1);
    g1_of(input, 3);
    expect_pairing(input, 1, 1);
    g1_of(input, 0);
    g2_of(input + 128, 3);
    expect_pairing(input, 1, 1);
    g1_of(input + 384, 1);
    g2_of(input + 384 + 128, 1);
    expect_pairing(input, 2, 0);
}

static void bls12_maps_give_points_of_the_subgroup(void **state) {
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        uint8_t input[128] = {0};
        uint8_t term[288] = {0};
        struct ht_buf output;
        ht_test_random_bytes(input + 17, 47);
        ht_test_random_bytes(input + 64 + 17, 47);
        assert_int_equal(ht_test_run(&output, MAP_G1, ht_bytes_of(input, 64), NULL), HT_OK);
        memcpy(term, output.p, 128);
        ht_buf_fini(&output);
        term[159] = 1;
        ht_test_expect_bytes(G1_MSM, ht_bytes_of(term, 160), ht_bytes_of(term, 128));
        assert_int_equal(ht_test_run(&output, MAP_G2, ht_bytes_of(input, 128), NULL), HT_OK);
        memcpy(term, output.p, 256);
        ht_buf_fini(&output);
        term[287] = 1;
        ht_test_expect_bytes(G2_MSM, ht_bytes_of(term, 288), ht_bytes_of(term, 256));
    }
}

static void bls12_refuses_other_lengths(void **state) {
    (void)state;
    static const struct {
        unsigned number;
        size_t length;
    } calls[] = {{G1_ADD, 256},  {G1_MSM, 160}, {G2_ADD, 512}, {G2_MSM, 288},
                 {PAIRING, 384}, {MAP_G1, 64},  {MAP_G2, 128}};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        ht_bytes none = ht_bytes_of(NULL, 0);
        const char *reason =
            calls[i].number == G1_ADD || calls[i].number == G2_ADD || calls[i].number >= MAP_G1
                ? "not as long as"
                : "bytes for each";
        ht_test_expect_refused(calls[i].number, none, reason);
        ht_test_expect_refused(calls[i].number, ht_bytes_of(zeros, calls[i].length - 1), reason);
        if (calls[i].length < sizeof zeros) {
            ht_test_expect_refused(calls[i].number, ht_bytes_of(zeros, calls[i].length + 1),
                                   reason);
        }
    }
}

static void bls12_refuses_elements_that_are_not_below_the_prime(void **state) {
    (void)state;
    static const char prime[] = "000000000000000000000000000000001a0111ea397fe69a4b1ba7b6434bacd7"
                                "64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
    for (size_t place = 0; place < 2; place++) {
        uint8_t input[512] = {0};
        assert_int_equal(ht_hex_read(input + 64 * place, 64, ht_bytes_str(prime)), HT_OK);
        ht_test_expect_refused(MAP_G2, ht_bytes_of(input, 128), "not below the prime");
        ht_test_expect_refused(G1_ADD, ht_bytes_of(input, 256), "not below the prime");
        ht_test_expect_refused(G2_ADD, ht_bytes_of(input, 512), "not below the prime");
        if (place == 0) {
            ht_test_expect_refused(MAP_G1, ht_bytes_of(input, 64), "not below the prime");
            input[63]--;
            struct ht_buf output;
            assert_int_equal(ht_test_run(&output, MAP_G1, ht_bytes_of(input, 64), NULL), HT_OK);
            ht_buf_fini(&output);
        }
        memset(input, 0, sizeof input);
        input[64 * place + 15] = 1;
        ht_test_expect_refused(MAP_G2, ht_bytes_of(input, 128), "not below the prime");
    }
}

static void bls12_refuses_points_that_are_not_on_the_curve(void **state) {
    (void)state;
    uint8_t input[512] = {0};
    g1_of(input, 1);
    input[127] ^= 1;
    ht_test_expect_refused(G1_ADD, ht_bytes_of(input, 256), "not on the curve");
    ht_test_expect_refused(G1_MSM, ht_bytes_of(input, 160), "not on the curve");
    memset(input, 0, sizeof input);
    g2_of(input, 1);
    input[255] ^= 1;
    ht_test_expect_refused(G2_ADD, ht_bytes_of(input, 512), "not on the curve");
    ht_test_expect_refused(G2_MSM, ht_bytes_of(input, 288), "not on the curve");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bls12_additions_double_cancel_and_know_infinity),
        cmocka_unit_test(bls12_additions_take_points_outside_of_the_subgroup),
        cmocka_unit_test(bls12_sums_and_pairings_refuse_points_outside_of_the_subgroup),
        cmocka_unit_test(bls12_sums_of_multiples_are_right_for_any_number_of_terms),
        cmocka_unit_test(bls12_pairings_are_bilinear_over_more_pairs_than_a_batch),
        cmocka_unit_test(bls12_pairing_with_infinity_is_one),
        cmocka_unit_test(bls12_maps_give_points_of_the_subgroup),
        cmocka_unit_test(bls12_refuses_other_lengths),
        cmocka_unit_test(bls12_refuses_elements_that_are_not_below_the_prime),
        cmocka_unit_test(bls12_refuses_points_that_are_not_on_the_curve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
