/* The precompiles: gas against the EIPs' formulas in GMP, results against other implementations
 * where there are any, refusals by reason.
 * Links with -lgmp. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gmp.h>
#include <openssl/evp.h>

#include "node/crypto/secp256k1.h"
#include "tests/unit/precompile_calls.h"

/* --- which there are, and gas -----------------------------------------------------------------*/

static void precompile_addresses_are_those_of_the_fork(void **state) {
    (void)state;
    static const struct {
        enum ht_evm_fork fork;
        unsigned last, p256;
    } forks[] = {{HT_EVM_BERLIN, 9, 0},
                 {HT_EVM_SHANGHAI, 9, 0},
                 {HT_EVM_CANCUN, 10, 0},
                 {HT_EVM_PRAGUE, 17, 0},
                 {HT_EVM_OSAKA, 17, 0x100}};
    for (size_t i = 0; i < sizeof forks / sizeof *forks; i++) {
        const struct ht_evm_rules *rules = ht_evm_rules_of(forks[i].fork);
        for (unsigned number = 0; number < 0x300; number++) {
            ht_addr20 address = {{[18] = (uint8_t)(number >> 8), [19] = (uint8_t)number}};
            unsigned want = number <= forks[i].last ? number : 0;
            if (number == 0x100) want = forks[i].p256;
            assert_int_equal(ht_precompile_at(rules, &address), want);
            address.b[0] = 1;
            assert_int_equal(ht_precompile_at(rules, &address), 0);
        }
    }
}

static void precompile_gas_of_hashes_counts_words(void **state) {
    (void)state;
    static const uint8_t bytes[65];
    ht_bytes none = ht_bytes_of(bytes, 0);
    assert_int_equal(ht_precompile_gas(ht_test_osaka(), 2, none), 60);
    assert_int_equal(ht_precompile_gas(ht_test_osaka(), 2, ht_bytes_of(bytes, 1)), 72);
    assert_int_equal(ht_precompile_gas(ht_test_osaka(), 2, ht_bytes_of(bytes, 32)), 72);
    assert_int_equal(ht_precompile_gas(ht_test_osaka(), 3, ht_bytes_of(bytes, 33)), 840);
    assert_int_equal(ht_precompile_gas(ht_test_osaka(), 4, ht_bytes_of(bytes, 65)), 24);
    assert_int_equal(ht_precompile_gas(ht_test_osaka(), 0x100, none), 6900);
    assert_int_equal(ht_precompile_gas(ht_test_osaka(), 8, none), 45000);
}

static void precompile_gas_of_sums_of_multiples_ends_its_discount_at_128(void **state) {
    (void)state;
    static const uint8_t bytes[200 * 288];
    static const struct {
        size_t k;
        uint64_t g1, g2;
    } terms[] = {{0, 0, 0},
                 {1, 12000, 22500},
                 {2, 22776, 45000},
                 {3, 30528, 62302},
                 {128, 797184, 1509120},
                 {129, 803412, 1520910},
                 {200, 1245600, 2358000}};
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        size_t k = terms[i].k;
        assert_int_equal(ht_precompile_gas(ht_test_osaka(), 0x0c, ht_bytes_of(bytes, 160 * k)),
                         terms[i].g1);
        assert_int_equal(ht_precompile_gas(ht_test_osaka(), 0x0e, ht_bytes_of(bytes, 288 * k)),
                         terms[i].g2);
    }
}

/* --- MODEXP -----------------------------------------------------------------------------------*/

static void write_length(uint8_t out[static 32], const mpz_t length) {
    size_t n = (mpz_sizeinbase(length, 2) + 7) / 8;
    memset(out, 0, 32);
    if (mpz_sgn(length) != 0) (void)mpz_export(out + 32 - n, NULL, 1, 1, 0, 0, length);
}

/* EIP-2565 and EIP-7883 as they are written, for an exponent whose first bytes are `head`. */
static void formula(mpz_t gas, const mpz_t *lengths, const mpz_t head, bool is_7883) {
    mpz_t words;
    mpz_t iterations;
    mpz_inits(words, iterations, NULL);
    const mpz_t *longest = mpz_cmp(lengths[0], lengths[2]) > 0 ? &lengths[0] : &lengths[2];
    mpz_cdiv_q_2exp(words, *longest, 3);
    mpz_mul(gas, words, words);
    if (is_7883) mpz_mul_ui(gas, gas, 2);
    if (is_7883 && mpz_cmp_ui(*longest, 32) <= 0) mpz_set_ui(gas, 16);
    if (mpz_cmp_ui(lengths[1], 32) > 0) {
        mpz_sub_ui(iterations, lengths[1], 32);
        mpz_mul_ui(iterations, iterations, is_7883 ? 16 : 8);
    }
    if (mpz_sgn(head) != 0) mpz_add_ui(iterations, iterations, mpz_sizeinbase(head, 2) - 1);
    if (mpz_sgn(iterations) == 0) mpz_set_ui(iterations, 1);
    mpz_mul(gas, gas, iterations);
    if (!is_7883) mpz_fdiv_q_ui(gas, gas, 3);
    if (mpz_cmp_ui(gas, is_7883 ? 500 : 200) < 0) mpz_set_ui(gas, is_7883 ? 500 : 200);
    if (mpz_sizeinbase(gas, 2) > 64) mpz_set_ui(gas, UINT64_MAX);
    mpz_clears(words, iterations, NULL);
}

static void random_length(mpz_t out) {
    static const unsigned bits[] = {0, 5, 6, 9, 12, 30, 60, 61, 62, 63, 64, 65, 128, 256};
    unsigned most = bits[ht_test_random() % (sizeof bits / sizeof *bits)];
    mpz_set_ui(out, 0);
    for (unsigned i = 0; i < 4; i++) {
        mpz_mul_2exp(out, out, 64);
        mpz_add_ui(out, out, ht_test_random());
    }
    mpz_fdiv_r_2exp(out, out, most);
    if (ht_test_random() % 8 == 0 && most > 0) {
        mpz_set_ui(out, 0);
        mpz_setbit(out, most);
        mpz_sub_ui(out, out, 1);
    }
}

static void modexp_gas_is_exact_for_all_declared_lengths(void **state) {
    (void)state;
    struct ht_evm_rules unbounded = *ht_test_osaka();
    unbounded.modexp_length_max = 0;
    mpz_t lengths[3];
    mpz_t head;
    mpz_t want;
    mpz_inits(lengths[0], lengths[1], lengths[2], head, want, NULL);
    for (int round = 0; round < 20000; round++) {
        uint8_t input[96 + 64];
        ht_test_random_bytes(input, sizeof input);
        if (round % 4 == 0) memset(input + 96, 0, (size_t)(ht_test_random() % 64));
        for (size_t i = 0; i < 3; i++) {
            random_length(lengths[i]);
            write_length(input + 32 * i, lengths[i]);
        }
        size_t n = mpz_cmp_ui(lengths[1], 32) < 0 ? mpz_get_ui(lengths[1]) : 32;
        uint8_t bytes[32] = {0};
        for (size_t i = 0; i < n && mpz_cmp_ui(lengths[0], 64) < 0; i++) {
            size_t at = 96 + mpz_get_ui(lengths[0]) + i;
            bytes[i] = at < sizeof input ? input[at] : 0;
        }
        mpz_import(head, n, 1, 1, 0, 0, bytes);
        formula(want, (const mpz_t *)lengths, head, false);
        assert_int_equal(ht_precompile_gas(ht_evm_rules_of(HT_EVM_PRAGUE), 5, HT_BYTES(input)),
                         mpz_get_ui(want));
        formula(want, (const mpz_t *)lengths, head, true);
        assert_int_equal(ht_precompile_gas(&unbounded, 5, HT_BYTES(input)), mpz_get_ui(want));
    }
    mpz_clears(lengths[0], lengths[1], lengths[2], head, want, NULL);
}

static void modexp_refuses_lengths_above_1024_since_osaka(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        uint8_t input[96] = {0};
        input[32 * i + 30] = 4;
        assert_true(ht_precompile_gas(ht_test_osaka(), 5, HT_BYTES(input)) < UINT64_MAX);
        input[32 * i + 31] = 1;
        assert_true(ht_precompile_gas(ht_test_osaka(), 5, HT_BYTES(input)) == UINT64_MAX);
        ht_test_expect_refused(5, HT_BYTES(input), "a length is above");
        assert_true(ht_precompile_gas(ht_evm_rules_of(HT_EVM_PRAGUE), 5, HT_BYTES(input)) <
                    UINT64_MAX);
    }
}

static void modexp_input_is_followed_by_zeros(void **state) {
    (void)state;
    uint8_t input[96 + 4] = {[31] = 1, [63] = 2, [95] = 3, [96] = 3, 1, 0, 0};
    /* 3^256 modulo 0 (cut off), then 3^1 and 3^256 modulo 2^16. */
    ht_test_expect_hex(5, ht_bytes_of(input, 99), "000000");
    input[63] = 1;
    input[98] = 1;
    ht_test_expect_hex(5, ht_bytes_of(input, 99), "000003");
    input[63] = 2;
    input[98] = 0;
    input[99] = 1;
    ht_test_expect_hex(5, ht_bytes_of(input, 100), "00f401");
    ht_test_expect_hex(5, ht_bytes_of(NULL, 0), "");
}

static void modexp_knows_zero_and_one(void **state) {
    (void)state;
    uint8_t input[96 + 3] = {[31] = 1, [63] = 1, [95] = 1};
    static const struct {
        uint8_t base, exponent, modulus;
        const char *want;
    } cases[] = {
        {0, 0, 7, "01"}, {0, 0, 1, "00"}, {5, 0, 1, "00"},   {5, 3, 0, "00"},
        {0, 3, 7, "00"}, {5, 3, 8, "05"}, {2, 8, 255, "01"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        input[96] = cases[i].base;
        input[97] = cases[i].exponent;
        input[98] = cases[i].modulus;
        ht_test_expect_hex(5, HT_BYTES(input), cases[i].want);
    }
}

static void modexp_of_a_number_without_end_is_a_limit_and_not_a_crash(void **state) {
    (void)state;
    uint8_t input[96] = {[27] = 1, [95] = 1};
    struct ht_buf output;
    struct ht_why why = {.code = "none"};
    ht_buf_init(&output, HT_TEST_OUTPUT_MAX);
    assert_int_equal(
        ht_precompile_run(&output, ht_evm_rules_of(HT_EVM_PRAGUE), 5, HT_BYTES(input), &why),
        HT_ELIMIT);
    assert_string_equal(why.code, "precompile_operand");
    /* Without a modulus there is nothing to reckon. */
    input[95] = 0;
    assert_int_equal(
        ht_precompile_run(&output, ht_evm_rules_of(HT_EVM_PRAGUE), 5, HT_BYTES(input), &why),
        HT_OK);
    assert_int_equal(output.n, 0);
    ht_buf_fini(&output);
}

/* --- hashes -----------------------------------------------------------------------------------*/

static void precompile_hashes_are_those_of_their_specifications(void **state) {
    (void)state;
    ht_bytes abc = ht_bytes_str("abc");
    ht_test_expect_hex(2, abc, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ht_test_expect_hex(3, abc, "0000000000000000000000008eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
    ht_test_expect_hex(3, ht_bytes_of(NULL, 0),
                       "0000000000000000000000009c1185a5c5e9fc54612808977ee8f548b2258d31");
    ht_test_expect_bytes(4, abc, abc);
    ht_test_expect_bytes(4, ht_bytes_of(NULL, 0), ht_bytes_of(NULL, 0));
}

static void precompile_output_that_has_no_room_is_a_limit(void **state) {
    (void)state;
    struct ht_buf output;
    struct ht_why why = {.code = "none"};
    ht_buf_init(&output, 31);
    assert_int_equal(ht_precompile_run(&output, ht_test_osaka(), 2, ht_bytes_of(NULL, 0), &why),
                     HT_ELIMIT);
    assert_string_equal(why.code, "precompile_output");
    ht_buf_fini(&output);
}

/* One block of BLAKE2b-512 without a key: h is the initial value with the parameters in it. */
static void blake2f_makes_blake2b_of_one_block(void **state) {
    (void)state;
    static const char start[] = "48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5"
                                "d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b";
    for (size_t n = 0; n <= 128; n++) {
        uint8_t input[213] = {[3] = 12};
        uint8_t want[64];
        unsigned size = 0;
        assert_int_equal(ht_hex_read(input + 4, 64, ht_bytes_str(start)), HT_OK);
        ht_test_random_bytes(input + 68, n);
        input[196] = (uint8_t)n;
        input[212] = 1;
        assert_int_equal(EVP_Digest(input + 68, n, want, &size, EVP_blake2b512(), NULL), 1);
        ht_test_expect_bytes(9, HT_BYTES(input), HT_BYTES(want));
        assert_int_equal(ht_precompile_gas(ht_test_osaka(), 9, HT_BYTES(input)), 12);
    }
}

static void blake2f_refuses_another_length_or_flag(void **state) {
    (void)state;
    uint8_t input[214] = {[212] = 2};
    ht_test_expect_refused(9, ht_bytes_of(input, 213), "the last byte");
    ht_test_expect_refused(9, ht_bytes_of(input, 212), "213 bytes");
    ht_test_expect_refused(9, ht_bytes_of(input, 214), "213 bytes");
    assert_true(ht_precompile_gas(ht_test_osaka(), 9, ht_bytes_of(input, 212)) == UINT64_MAX);
}

/* --- signatures -------------------------------------------------------------------------------*/

static void make_recovery(uint8_t input[static 128], ht_addr20 *signer) {
    uint8_t key[32] = {[31] = 77};
    uint8_t pubkey[HT_SECP256K1_PUBKEY_SIZE];
    ht_hash32 digest = {{1, 2, 3}};
    struct ht_ecdsa_signature signature;
    assert_int_equal(ht_ecdsa_sign(&signature, &digest, key, NULL), HT_OK);
    assert_int_equal(ht_secp256k1_public_key(pubkey, key, NULL), HT_OK);
    ht_secp256k1_address(signer, pubkey);
    memset(input, 0, 128);
    memcpy(input, digest.b, 32);
    input[63] = (uint8_t)(27 + signature.y_parity);
    memcpy(input + 64, signature.r, 32);
    memcpy(input + 96, signature.s, 32);
}

static void ecrecover_gives_the_signer_and_takes_the_higher_s(void **state) {
    (void)state;
    static const uint8_t order[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
                                    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b,
                                    0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};
    uint8_t input[160] = {0};
    uint8_t want[32] = {0};
    ht_addr20 signer;
    make_recovery(input, &signer);
    memcpy(want + 12, signer.b, sizeof signer.b);
    ht_test_expect_bytes(1, ht_bytes_of(input, 128), HT_BYTES(want));
    ht_test_expect_bytes(1, HT_BYTES(input), HT_BYTES(want));
    unsigned borrow = 0;
    for (size_t i = 32; i-- > 0;) {
        unsigned difference = 256U + order[i] - input[96 + i] - borrow;
        input[96 + i] = (uint8_t)difference;
        borrow = difference < 256;
    }
    input[63] ^= 27 ^ 28;
    ht_test_expect_bytes(1, ht_bytes_of(input, 128), HT_BYTES(want));
}

static void ecrecover_answers_nothing_to_what_is_no_signature(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
    } changes[] = {{63, 26}, {63, 29}, {63, 0}, {32, 1}, {62, 1}};
    uint8_t input[128];
    ht_addr20 signer;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        make_recovery(input, &signer);
        input[changes[i].at] = changes[i].value;
        ht_test_expect_hex(1, HT_BYTES(input), "");
    }
    make_recovery(input, &signer);
    memset(input + 64, 0, 32);
    ht_test_expect_hex(1, HT_BYTES(input), "");
    make_recovery(input, &signer);
    memset(input + 96, 0xff, 32);
    ht_test_expect_hex(1, HT_BYTES(input), "");
    ht_test_expect_hex(1, ht_bytes_of(input, 96), "");
}

/* RFC 6979 appendix A.2.5: P-256, SHA-256, the message "sample". */
static const char P256_VECTOR[] =
    "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf"
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";

static void p256verify_answers_one_or_nothing(void **state) {
    (void)state;
    uint8_t input[161] = {0};
    assert_int_equal(ht_hex_read(input, 160, ht_bytes_str(P256_VECTOR)), HT_OK);
    ht_test_expect_hex(0x100, ht_bytes_of(input, 160),
                       "0000000000000000000000000000000000000000000000000000000000000001");
    ht_test_expect_hex(0x100, ht_bytes_of(input, 161), "");
    ht_test_expect_hex(0x100, ht_bytes_of(input, 159), "");
    ht_test_expect_hex(0x100, ht_bytes_of(NULL, 0), "");
    for (size_t at = 0; at < 160; at += 3) {
        input[at] ^= 1;
        ht_test_expect_hex(0x100, ht_bytes_of(input, 160), "");
        input[at] ^= 1;
    }
    /* r, s or the point all zeros; r all ones. */
    for (size_t part = 1; part < 5; part++) {
        uint8_t changed[160];
        memcpy(changed, input, sizeof changed);
        memset(changed + 32 * part, part == 4 ? 0xff : 0, part == 3 ? 64 : 32);
        ht_test_expect_hex(0x100, HT_BYTES(changed), "");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(precompile_addresses_are_those_of_the_fork),
        cmocka_unit_test(precompile_gas_of_hashes_counts_words),
        cmocka_unit_test(precompile_gas_of_sums_of_multiples_ends_its_discount_at_128),
        cmocka_unit_test(modexp_gas_is_exact_for_all_declared_lengths),
        cmocka_unit_test(modexp_refuses_lengths_above_1024_since_osaka),
        cmocka_unit_test(modexp_input_is_followed_by_zeros),
        cmocka_unit_test(modexp_knows_zero_and_one),
        cmocka_unit_test(modexp_of_a_number_without_end_is_a_limit_and_not_a_crash),
        cmocka_unit_test(precompile_hashes_are_those_of_their_specifications),
        cmocka_unit_test(precompile_output_that_has_no_room_is_a_limit),
        cmocka_unit_test(blake2f_makes_blake2b_of_one_block),
        cmocka_unit_test(blake2f_refuses_another_length_or_flag),
        cmocka_unit_test(ecrecover_gives_the_signer_and_takes_the_higher_s),
        cmocka_unit_test(ecrecover_answers_nothing_to_what_is_no_signature),
        cmocka_unit_test(p256verify_answers_one_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
