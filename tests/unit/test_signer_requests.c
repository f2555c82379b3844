/* A real signer process: keys in and out of it, and its signatures. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "node/base/hex.h"
#include "node/crypto/keccak.h"
#include "node/crypto/secp256k1.h"
#include "tests/unit/signer_bench.h"

/* --- keys -------------------------------------------------------------------------------------*/

static void signer_makes_a_seed_and_checks_its_words(void **state) {
    struct signer_bench *bench = *state;
    char words[sizeof bench->opened];
    uint8_t count[8];
    bench_create(bench);
    ht_write_u64_le(count, 24);
    const struct ht_signer_field fields[] = {FIELD(NUMBER, HT_BYTES(count)),
                                             FIELD(PUBLIC, HT_BYTES(bench->page.public))};
    bench_must_be(bench, signer_bench_ask(bench, HT_SIGNER_NEW_SEED, fields, COUNT(fields)), HT_OK,
                  NULL);
    assert_string_equal(bench->name, "seed-1");
    (void)snprintf(words, sizeof words, "%s", (const char *)bench->opened);
    const struct ht_signer_field name[] = {TEXT(NAME, "seed-1")};
    bench_must_be(bench,
                  signer_bench_ask_sealed(bench, HT_SIGNER_CHECK_SEED, PARTS(words), name, 1),
                  HT_OK, NULL);
    bench_must_be(
        bench,
        signer_bench_ask_sealed(bench, HT_SIGNER_CHECK_SEED, PARTS(bench_zero_words), name, 1),
        HT_EDENIED, "words_differ");
    bench_must_be(bench, bench_export(bench, "seed-1", "mnemonic", PASSPHRASE, NULL), HT_OK, NULL);
    assert_string_equal((const char *)bench->opened, words);
    assert_int_equal(bench->number, 0);
    ht_write_u64_le(count, 13);
    bench_must_be(bench, signer_bench_ask(bench, HT_SIGNER_NEW_SEED, fields, COUNT(fields)),
                  HT_EINPUT, "words_count");
}

static void signer_derives_the_accounts_of_a_seed(void **state) {
    struct signer_bench *bench = *state;
    bench_create(bench);
    bench_must_be(bench, bench_import(bench, "mnemonic", bench_zero_words, NULL), HT_OK, NULL);
    for (int round = 0; round < 2; round++) {
        bench_address_is(bench, "seed-1 m/44'/60'/0'/0/0",
                         "0x9858effd232b4033e47d90003d41ec34ecaeda94");
        bench_address_is(bench, "seed-1 m/44'/60'/0'/0/1",
                         "0x6fac4d18c912343bf86fa7049364dd4e424ab9c0");
    }
    bench_must_be(bench, bench_public_key(bench, "seed-1"), HT_EINPUT, "key_path");
    bench_must_be(bench, bench_public_key(bench, "seed-1 m/44'/x"), HT_EINPUT, "bad_path");
    bench_must_be(bench, bench_public_key(bench, "seed-2 m/44'"), HT_ENOTFOUND, "no_such_record");
    bench_must_be(bench, bench_lock(bench), HT_OK, NULL);
    bench_must_be(bench, bench_public_key(bench, "seed-1 m/44'/60'/0'/0/0"), HT_EDENIED,
                  "vault_locked");
}

static void signer_exports_and_imports_every_format(void **state) {
    static const char *const kinds[] = {"raw", "keystore", "nip49", "nsec"};
    struct signer_bench *bench = *state;
    bench_create(bench);
    bench_must_be(bench, bench_import(bench, "raw", bench_key_text, NULL), HT_OK, NULL);
    for (size_t i = 0; i < COUNT(kinds); i++) {
        char text[4096];
        char name[32];
        bool has_password = i == 1 || i == 2;
        bench_must_be(bench, bench_export(bench, "key-1", kinds[i], PASSPHRASE, "file's password"),
                      HT_OK, NULL);
        (void)snprintf(text, sizeof text, "%s", (const char *)bench->opened);
        if (i == 0) assert_string_equal(text, bench_key_text);
        if (has_password) {
            bench_must_be(bench, bench_import(bench, kinds[i], text, "another password"),
                          HT_EDENIED, "wrong_password");
        }
        bench_must_be(bench,
                      bench_import(bench, kinds[i], text, has_password ? "file's password" : NULL),
                      HT_OK, NULL);
        (void)snprintf(name, sizeof name, "key-%zu", i + 2);
        assert_string_equal(bench->name, name);
        bench_address_is(bench, name, "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
    }
    bench_must_be(bench, bench_export(bench, "key-1", "raw", "wrong horse", NULL), HT_EDENIED,
                  "wrong_passphrase");
    bench_must_be(bench, bench_export(bench, "key-1", "mnemonic", PASSPHRASE, NULL), HT_EINPUT,
                  "not_a_seed");
    bench_must_be(bench, bench_export(bench, "key-1", "pem", PASSPHRASE, NULL), HT_EINPUT,
                  "key_kind");
}

static void signer_tells_when_words_are_not_all_of_a_seed(void **state) {
    struct signer_bench *bench = *state;
    bench_create(bench);
    bench_must_be(bench, bench_import(bench, "mnemonic", bench_zero_words, "TREZOR"), HT_OK, NULL);
    bench_must_be(bench, bench_export(bench, "seed-1", "mnemonic", PASSPHRASE, NULL), HT_OK, NULL);
    assert_string_equal((const char *)bench->opened, bench_zero_words);
    assert_int_equal(bench->number, 1);
    bench_must_be(bench, bench_export(bench, "seed-1 m/44'/60'/0'/0/0", "raw", PASSPHRASE, NULL),
                  HT_OK, NULL);
    assert_int_equal(bench->opened_n, 66);
}

static void signer_refuses_keys_that_are_none(void **state) {
    struct signer_bench *bench = *state;
    bench_create(bench);
    bench_must_be(bench, bench_import(bench, "raw", "0x46", NULL), HT_EINPUT, "key_text");
    bench_must_be(bench,
                  bench_import(bench, "raw",
                               "0000000000000000000000000000000000000000000000000000000000000000",
                               NULL),
                  HT_EINPUT, "bad_key");
    bench_must_be(bench, bench_import(bench, "mnemonic", "abandon abandon", NULL), HT_EINPUT,
                  "words_count");
    bench_must_be(bench, bench_lock(bench), HT_OK, NULL);
    bench_must_be(bench, bench_import(bench, "raw", bench_key_text, NULL), HT_EDENIED,
                  "vault_locked");
}

/* Two addresses, the second of them that one. */
static ht_bytes addresses(uint8_t out[static 40], const char *second) {
    memset(out, 0x11, 20);
    assert_int_equal(ht_hex_read(out + 20, 20, ht_bytes_str(second)), HT_OK);
    return ht_bytes_of(out, 40);
}

static void signer_keeps_no_key_that_the_wallet_has(void **state) {
    struct signer_bench *bench = *state;
    uint8_t list[40];
    bench_create(bench);
    ht_bytes known = addresses(list, "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
    bench_must_be(bench, bench_import_beside(bench, "raw", bench_key_text, NULL, known), HT_EINPUT,
                  "account_exists");
    known = addresses(list, "0x9858effd232b4033e47d90003d41ec34ecaeda94");
    bench_must_be(bench, bench_import_beside(bench, "mnemonic", bench_zero_words, NULL, known),
                  HT_EINPUT, "account_exists");
    bench_must_be(bench, bench_public_key(bench, "key-1"), HT_ENOTFOUND, "no_such_record");
    bench_must_be(bench, bench_import_beside(bench, "raw", bench_key_text, NULL, known), HT_OK,
                  NULL);
    assert_string_equal(bench->name, "key-1"); /* it is open still, and no name was used up */
    known = addresses(list, "0x6fac4d18c912343bf86fa7049364dd4e424ab9c0"); /* its second account */
    bench_must_be(bench, bench_import_beside(bench, "mnemonic", bench_zero_words, NULL, known),
                  HT_OK, NULL);
}

static void signer_keeps_no_nostr_key_that_the_wallet_has(void **state) {
    static const char nsec[] = "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5";
    struct signer_bench *bench = *state;
    uint8_t x[32];
    bench_create(bench);
    assert_int_equal(
        ht_hex_read(
            x, 32,
            ht_bytes_str("0x7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e")),
        HT_OK);
    bench_must_be(bench, bench_import_beside(bench, "nsec", nsec, NULL, HT_BYTES(x)), HT_EINPUT,
                  "account_exists");
    x[31] ^= 1;
    bench_must_be(bench, bench_import_beside(bench, "nsec", nsec, NULL, HT_BYTES(x)), HT_OK, NULL);
}

static void signer_bounds_the_list_of_what_the_wallet_has(void **state) {
    static const uint8_t many[HT_SIGNER_KNOWN_MAX + 20];
    struct signer_bench *bench = *state;
    bench_create(bench);
    const size_t lengths[] = {19, 21, HT_SIGNER_KNOWN_MAX / 20 * 20 + 20};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        ht_bytes known = ht_bytes_of(many, lengths[i]);
        bench_must_be(bench, bench_import_beside(bench, "raw", bench_key_text, NULL, known),
                      HT_EINPUT, "known_malformed");
    }
    ht_bytes known = ht_bytes_of(many, HT_SIGNER_KNOWN_MAX / 20 * 20);
    bench_must_be(bench, bench_import_beside(bench, "raw", bench_key_text, NULL, known), HT_OK,
                  NULL);
}

static void signer_removes_a_key_for_the_passphrase(void **state) {
    struct signer_bench *bench = *state;
    const struct ht_signer_field name[] = {TEXT(NAME, "key-1")};
    bench_create(bench);
    bench_must_be(bench, bench_import(bench, "raw", bench_key_text, NULL), HT_OK, NULL);
    bench_must_be(bench,
                  signer_bench_ask_sealed(bench, HT_SIGNER_REMOVE, PARTS("wrong horse"), name, 1),
                  HT_EDENIED, "wrong_passphrase");
    bench_must_be(bench, bench_public_key(bench, "key-1"), HT_OK, NULL);
    bench_must_be(bench,
                  signer_bench_ask_sealed(bench, HT_SIGNER_REMOVE, PARTS(PASSPHRASE), name, 1),
                  HT_OK, NULL);
    bench_must_be(bench, bench_public_key(bench, "key-1"), HT_ENOTFOUND, "no_such_record");
    bench_must_be(bench, bench_import(bench, "raw", bench_key_text, NULL), HT_OK, NULL);
    assert_string_equal(bench->name, "key-2");
}

/* --- signing ----------------------------------------------------------------------------------*/

/* The example of EIP-155. */
static const char eip155_unsigned[] =
    "ec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080018080";
static const char eip155_signature[] =
    "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
    "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d8300";

static void signed_by_the_key(struct signer_bench *bench, ht_bytes prefix, ht_bytes data) {
    struct ht_buf all;
    ht_hash32 digest;
    ht_addr20 address;
    char text[HT_HEX_SIZE(20)];
    struct ht_ecdsa_signature signature;
    ht_buf_init(&all, 1000);
    assert_int_equal(ht_buf_add(&all, prefix), HT_OK);
    assert_int_equal(ht_buf_add(&all, data), HT_OK);
    ht_keccak256(&digest, ht_buf_view(&all));
    ht_buf_fini(&all);
    assert_int_equal(bench->bytes_n, 65);
    memcpy(signature.r, bench->bytes, 32);
    memcpy(signature.s, bench->bytes + 32, 32);
    signature.y_parity = bench->bytes[64];
    assert_int_equal(ht_ecdsa_recover_address(&address, &digest, &signature, HT_ECDSA_LOW_S, NULL),
                     HT_OK);
    ht_hex_write(text, HT_BYTES(address.b));
    assert_string_equal(text, "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
}

static void signer_signs_each_kind(void **state) {
    struct signer_bench *bench = *state;
    uint8_t tx[45];
    char text[HT_HEX_SIZE(65)];
    uint8_t typed[64];
    /* rlp([1, 0x11…, 7]) */
    uint8_t authorization[24] = {0xd7, 0x01, 0x94};
    memset(authorization + 3, 0x11, 20);
    authorization[23] = 7;
    memset(typed, 0x22, sizeof typed);
    bench_create(bench);
    bench_must_be(bench, bench_import(bench, "raw", bench_key_text, NULL), HT_OK, NULL);
    assert_int_equal(ht_hex_read(tx, sizeof tx, ht_bytes_str(eip155_unsigned)), HT_OK);
    bench_must_be(bench, bench_sign(bench, HT_SIGNER_SIGN_TX, "key-1", HT_BYTES(tx)), HT_OK, NULL);
    ht_hex_write(text, ht_bytes_of(bench->bytes, bench->bytes_n));
    assert_string_equal(text, eip155_signature);
    bench_must_be(bench,
                  bench_sign(bench, HT_SIGNER_SIGN_TEXT, "key-1", ht_bytes_str("hello world!")),
                  HT_OK, NULL);
    signed_by_the_key(bench,
                      ht_bytes_str("\x19"
                                   "Ethereum Signed Message:\n12"),
                      ht_bytes_str("hello world!"));
    bench_must_be(bench, bench_sign(bench, HT_SIGNER_SIGN_TYPED, "key-1", HT_BYTES(typed)), HT_OK,
                  NULL);
    signed_by_the_key(bench, ht_bytes_str("\x19\x01"), HT_BYTES(typed));
    bench_must_be(bench,
                  bench_sign(bench, HT_SIGNER_SIGN_AUTHORIZATION, "key-1", HT_BYTES(authorization)),
                  HT_OK, NULL);
    signed_by_the_key(bench, ht_bytes_str("\x05"), HT_BYTES(authorization));
}

static void signer_signs_events(void **state) {
    struct signer_bench *bench = *state;
    uint8_t key[32];
    uint8_t x[32];
    ht_hash32 id;
    memset(key, 0x46, sizeof key);
    memset(id.b, 0x33, sizeof id.b);
    bench_create(bench);
    bench_must_be(bench, bench_import(bench, "raw", bench_key_text, NULL), HT_OK, NULL);
    bench_must_be(bench, bench_sign(bench, HT_SIGNER_SIGN_EVENT, "key-1", HT_BYTES(id.b)), HT_OK,
                  NULL);
    assert_int_equal(bench->bytes_n, 64);
    assert_int_equal(ht_secp256k1_public_key_x(x, key, NULL), HT_OK);
    assert_int_equal(ht_schnorr_verify(bench->bytes, &id, x, NULL), HT_OK);
}

static void signer_never_takes_one_thing_for_another(void **state) {
    struct signer_bench *bench = *state;
    uint8_t hash[32];
    memset(hash, 0xc1, sizeof hash);
    bench_create(bench);
    bench_must_be(bench, bench_import(bench, "raw", bench_key_text, NULL), HT_OK, NULL);
    bench_must_be(bench, bench_sign(bench, HT_SIGNER_SIGN_TX, "key-1", HT_BYTES(hash)), HT_EINPUT,
                  "tx_shape");
    bench_must_be(bench, bench_sign(bench, HT_SIGNER_SIGN_TYPED, "key-1", HT_BYTES(hash)),
                  HT_EINPUT, "typed_size");
    bench_must_be(bench, bench_sign(bench, HT_SIGNER_SIGN_EVENT, "key-1", ht_bytes_str("text")),
                  HT_EINPUT, "event_size");
    bench_must_be(bench, bench_sign(bench, HT_SIGNER_SIGN_AUTHORIZATION, "key-1", HT_BYTES(hash)),
                  HT_EINPUT, "authorization_shape");
    bench_must_be(bench, bench_lock(bench), HT_OK, NULL);
    bench_must_be(bench, bench_sign(bench, HT_SIGNER_SIGN_TEXT, "key-1", ht_bytes_str("text")),
                  HT_EDENIED, "vault_locked");
}

#define WITH_SIGNER(test) cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_SIGNER(signer_makes_a_seed_and_checks_its_words),
        WITH_SIGNER(signer_derives_the_accounts_of_a_seed),
        WITH_SIGNER(signer_exports_and_imports_every_format),
        WITH_SIGNER(signer_tells_when_words_are_not_all_of_a_seed),
        WITH_SIGNER(signer_refuses_keys_that_are_none),
        WITH_SIGNER(signer_keeps_no_key_that_the_wallet_has),
        WITH_SIGNER(signer_keeps_no_nostr_key_that_the_wallet_has),
        WITH_SIGNER(signer_bounds_the_list_of_what_the_wallet_has),
        WITH_SIGNER(signer_removes_a_key_for_the_passphrase),
        WITH_SIGNER(signer_signs_each_kind),
        WITH_SIGNER(signer_signs_events),
        WITH_SIGNER(signer_never_takes_one_thing_for_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
