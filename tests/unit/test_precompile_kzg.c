/* POINT_EVALUATION against c-kzg and its trusted setup, of which only a few points are read. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include <ckzg.h>

#include "node/crypto/sha256.h"
#include "tests/unit/precompile_calls.h"

/* Powers of the setup's secret: of G1 three, and of G2 what c-kzg needs to verify. */
struct setup {
    blst_p1 g1[3];
    blst_p2 g2[2];
    KZGSettings settings;
};

static void read_point(uint8_t *out, size_t n, FILE *file) {
    char text[200];
    assert_int_equal(fscanf(file, "%199s", text), 1);
    assert_int_equal(ht_hex_read(out, n, ht_bytes_str(text)), HT_OK);
}

/* The file is two counts, the points of G1 in Lagrange form, then powers of G2 and of G1. */
static void read_setup(struct setup *out, FILE *file) {
    unsigned g1_count = 0;
    unsigned g2_count = 0;
    uint8_t bytes[96];
    blst_p1_affine p1;
    blst_p2_affine p2;
    assert_int_equal(fscanf(file, "%u %u", &g1_count, &g2_count), 2);
    for (unsigned i = 0; i < g1_count; i++) read_point(bytes, 48, file);
    for (unsigned i = 0; i < g2_count; i++) {
        read_point(bytes, 96, file);
        if (i >= 2) continue;
        assert_int_equal(blst_p2_uncompress(&p2, bytes), BLST_SUCCESS);
        blst_p2_from_affine(&out->g2[i], &p2);
    }
    for (unsigned i = 0; i < 3; i++) {
        read_point(bytes, 48, file);
        assert_int_equal(blst_p1_uncompress(&p1, bytes), BLST_SUCCESS);
        blst_p1_from_affine(&out->g1[i], &p1);
    }
    memset(&out->settings, 0, sizeof out->settings);
    out->settings.g2_values_monomial = out->g2;
}

static blst_fr random_scalar(void) {
    uint64_t limbs[4] = {ht_test_random(), ht_test_random(), ht_test_random(),
                         ht_test_random() >> 2};
    blst_fr out;
    blst_fr_from_uint64(&out, limbs);
    return out;
}

static void write_scalar(uint8_t out[static 32], const blst_fr *value) {
    blst_scalar scalar;
    blst_scalar_from_fr(&scalar, value);
    blst_bendian_from_scalar(out, &scalar);
}

static void add_multiple(blst_p1 *sum, const blst_p1 *point, const blst_fr *factor) {
    blst_scalar scalar;
    blst_p1 product;
    blst_scalar_from_fr(&scalar, factor);
    blst_p1_mult(&product, point, scalar.b, 255);
    blst_p1_add_or_double(sum, sum, &product);
}

/* For a + b x + c x^2 the proof at z is of b + c (x + z). */
static void make_call(uint8_t call[static 192], const struct setup *setup) {
    blst_fr a = random_scalar();
    blst_fr b = random_scalar();
    blst_fr c = random_scalar();
    blst_fr z = random_scalar();
    blst_p1 commitment = {0};
    blst_p1 proof = {0};
    blst_fr sum;
    blst_fr y;
    ht_hash32 hash;
    add_multiple(&commitment, &setup->g1[0], &a);
    add_multiple(&commitment, &setup->g1[1], &b);
    add_multiple(&commitment, &setup->g1[2], &c);
    blst_fr_mul(&sum, &c, &z);
    blst_fr_add(&sum, &sum, &b);
    add_multiple(&proof, &setup->g1[0], &sum);
    add_multiple(&proof, &setup->g1[1], &c);
    blst_fr_mul(&y, &sum, &z);
    blst_fr_add(&y, &y, &a);
    write_scalar(call + 32, &z);
    write_scalar(call + 64, &y);
    blst_p1_compress(call + 96, &commitment);
    blst_p1_compress(call + 144, &proof);
    ht_sha256(&hash, ht_bytes_of(call + 96, 48));
    memcpy(call, hash.b, 32);
    call[0] = 1;
}

static bool holds(const uint8_t call[static 192], const struct setup *setup) {
    Bytes32 z;
    Bytes32 y;
    Bytes48 commitment;
    Bytes48 proof;
    bool is_good = false;
    memcpy(z.bytes, call + 32, 32);
    memcpy(y.bytes, call + 64, 32);
    memcpy(commitment.bytes, call + 96, 48);
    memcpy(proof.bytes, call + 144, 48);
    assert_int_equal(verify_kzg_proof(&is_good, &commitment, &z, &y, &proof, &setup->settings),
                     C_KZG_OK);
    return is_good;
}

static void point_evaluation_agrees_with_c_kzg(void **state) {
    (void)state;
    static const char answer[] = "0000000000000000000000000000000000000000000000000000000000001000"
                                 "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
    /* The last bits of z and y, and the sign of the proof. */
    static const struct {
        size_t at;
        uint8_t flip;
    } changes[] = {{63, 1}, {95, 1}, {144, 0x20}};
    FILE *file = fopen("node/node_modules/c-kzg/deps/c-kzg/trusted_setup.txt", "r");
    if (file == NULL) skip();
    struct setup setup;
    read_setup(&setup, file);
    (void)fclose(file);
    for (int round = 0; round < 20; round++) {
        uint8_t call[192];
        make_call(call, &setup);
        assert_true(holds(call, &setup));
        ht_test_expect_hex(0x0a, HT_BYTES(call), answer);
        for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
            call[changes[i].at] ^= changes[i].flip;
            assert_false(holds(call, &setup));
            ht_test_expect_refused(0x0a, HT_BYTES(call), "does not show");
            call[changes[i].at] ^= changes[i].flip;
        }
    }
}

static void point_evaluation_of_constants_needs_no_proof(void **state) {
    (void)state;
    /* The polynomial zero: commitment and proof are infinity, y is zero at every z. */
    uint8_t call[192] = {[96] = 0xc0, [144] = 0xc0};
    ht_hash32 hash;
    struct ht_buf output;
    ht_sha256(&hash, ht_bytes_of(call + 96, 48));
    hash.b[0] = 1;
    memcpy(call, hash.b, 32);
    ht_test_random_bytes(call + 33, 31);
    assert_int_equal(ht_test_run(&output, 0x0a, HT_BYTES(call), NULL), HT_OK);
    ht_buf_fini(&output);
    call[95] = 1;
    ht_test_expect_refused(0x0a, HT_BYTES(call), "does not show");
}

static void point_evaluation_refuses_what_is_malformed(void **state) {
    (void)state;
    uint8_t call[193] = {[96] = 0xc0, [144] = 0xc0};
    ht_test_expect_refused(0x0a, ht_bytes_of(call, 191), "192 bytes");
    ht_test_expect_refused(0x0a, ht_bytes_of(call, 193), "192 bytes");
    ht_test_expect_refused(0x0a, ht_bytes_of(call, 192), "versioned hash");
    ht_hash32 hash;
    ht_sha256(&hash, ht_bytes_of(call + 96, 48));
    hash.b[0] = 1;
    memcpy(call, hash.b, 32);
    memset(call + 32, 0xff, 32);
    ht_test_expect_refused(0x0a, ht_bytes_of(call, 192), "z or y");
    memset(call + 32, 0, 32);
    call[144] = 0x80;
    call[191] = 1;
    ht_test_expect_refused(0x0a, ht_bytes_of(call, 192), "no point of G1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(point_evaluation_agrees_with_c_kzg),
        cmocka_unit_test(point_evaluation_of_constants_needs_no_proof),
        cmocka_unit_test(point_evaluation_refuses_what_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
