/* Keystore version 3: the examples of its definition, our own files, and what is refused and why.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/crypto/keystore.h"

/* The two test vectors of the Web3 Secret Storage definition: one key, one password. */
#define SPEC_PBKDF2                                                                            \
    "{\"crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\"iv\":"                        \
    "\"6087dab2f9fdbbfaddc31a909735c1e6\"},\"ciphertext\":"                                    \
    "\"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46\",\"kdf\":\"pbkdf2\"," \
    "\"kdfparams\":{\"c\":262144,\"dklen\":32,\"prf\":\"hmac-sha256\",\"salt\":"               \
    "\"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd\"},\"mac\":"           \
    "\"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2\"},\"id\":"            \
    "\"3198bc9c-6672-5ab3-d995-4942343ae5b6\",\"version\":3}"
#define SPEC_SCRYPT                                                                            \
    "{\"crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\"iv\":"                        \
    "\"83dbcc02d8ccb40e466191a123791e0e\"},\"ciphertext\":"                                    \
    "\"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c\",\"kdf\":\"scrypt\"," \
    "\"kdfparams\":{\"dklen\":32,\"n\":262144,\"p\":8,\"r\":1,\"salt\":"                       \
    "\"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19\"},\"mac\":"           \
    "\"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097\"},\"id\":"            \
    "\"3198bc9c-6672-5ab3-d995-4942343ae5b6\",\"version\":3}"
#define SPEC_KEY "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"

/* A file that costs nothing: the key 11…11, the password "warm", N = 2. */
#define VERSION "\"version\":3"
#define CIPHER "\"cipher\":\"aes-128-ctr\""
#define IV "\"cipherparams\":{\"iv\":\"33333333333333333333333333333333\"}"
#define TEXT "\"ciphertext\":\"a69d97e9199a88cbd8b4d8c4d6d77239170abca77c45956a08a6eda55dbd3cb9\""
#define SALT "\"salt\":\"2222222222222222222222222222222222222222222222222222222222222222\""
#define SCRYPT "\"kdf\":\"scrypt\""
#define COST "\"n\":2,\"p\":1,\"r\":1"
#define SIZE "\"dklen\":32"
#define MAC "\"mac\":\"5b8fc73bb7522eb1e2a4249de2812876dd553c4a8264b013230f34a8e715d7c5\""
#define ADDRESS "\"address\":\"19e7e376e7c213b7e7e7e46cc70a5dd086daff2a\""
#define INSIDE(cipher, iv, text, kdf, params, mac) \
    "{" cipher "," iv "," text "," kdf ",\"kdfparams\":{" params "}," mac "}"
#define PARAMS SIZE "," COST "," SALT
#define FILE_OF(version, address, inside) "{" version "," address ",\"crypto\":" inside "}"
#define GOOD FILE_OF(VERSION, ADDRESS, INSIDE(CIPHER, IV, TEXT, SCRYPT, PARAMS, MAC))
#define WITH_PARAMS(params) FILE_OF(VERSION, ADDRESS, INSIDE(CIPHER, IV, TEXT, SCRYPT, params, MAC))
#define WITH_COST(cost) WITH_PARAMS(SIZE "," cost "," SALT)
#define PBKDF2(params) \
    FILE_OF(VERSION, ADDRESS, INSIDE(CIPHER, IV, TEXT, "\"kdf\":\"pbkdf2\"", params, MAC))

static void opens(const char *json, const char *password, const char *hex) {
    uint8_t key[32];
    uint8_t want[32];
    struct ht_why why = {.code = "ok", .text = ""};
    assert_int_equal(ht_hex_read(want, sizeof want, ht_bytes_str(hex)), HT_OK);
    if (ht_keystore_open(key, ht_bytes_str(json), ht_bytes_str(password), &why) != HT_OK) {
        fail_msg("%s: %s", json, why.text);
    }
    assert_memory_equal(key, want, sizeof want);
}

static void refuses(const char *json, enum ht_err want, const char *code) {
    uint8_t key[32] = {0x77};
    struct ht_why why = {.code = "accepted", .text = ""};
    enum ht_err err = ht_keystore_open(key, ht_bytes_str(json), ht_bytes_str("warm"), &why);
    if (strcmp(why.code, code) != 0)
        fail_msg("%s: %s (%s), not %s", json, why.code, why.text, code);
    assert_int_equal(err, want);
    assert_int_equal(key[0], 0x77);
}

#define ELEVEN "1111111111111111111111111111111111111111111111111111111111111111"

static void keystore_opens_the_examples_of_its_definition(void **state) {
    (void)state;
    opens(SPEC_PBKDF2, "testpassword", SPEC_KEY);
    opens(SPEC_SCRYPT, "testpassword", SPEC_KEY);
}

static void keystore_reads_either_case_and_files_without_an_address(void **state) {
    (void)state;
    opens(GOOD, "warm", ELEVEN);
    opens("{" VERSION ",\"Crypto\":" INSIDE(CIPHER, IV, TEXT, SCRYPT, PARAMS, MAC) "}", "warm",
          ELEVEN);
    opens(FILE_OF(VERSION, "\"address\":null", INSIDE(CIPHER, IV, TEXT, SCRYPT, PARAMS, MAC)),
          "warm", ELEVEN);
    opens(FILE_OF(VERSION, "\"address\":\"0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A\"",
                  INSIDE(CIPHER, IV, TEXT, SCRYPT, PARAMS, MAC)),
          "warm", ELEVEN);
}

static void keystore_refuses_another_password_and_does_not_repeat_it(void **state) {
    (void)state;
    uint8_t key[32];
    struct ht_why why = {.code = "accepted", .text = ""};
    assert_int_equal(ht_keystore_open(key, ht_bytes_str(GOOD), ht_bytes_str("hunter2"), &why),
                     HT_EDENIED);
    assert_string_equal(why.code, "wrong_password");
    assert_null(strstr(why.text, "hunter2"));
}

static void keystore_refuses_costs_over_its_bounds_before_any_work(void **state) {
    (void)state;
    static const char *const costly[] = {
        WITH_COST("\"n\":1073741824,\"r\":8,\"p\":1"),
        WITH_COST("\"n\":524288,\"r\":8,\"p\":1"),
        WITH_COST("\"n\":4096,\"r\":16777216,\"p\":1"),
        WITH_COST("\"n\":2,\"r\":1,\"p\":4194304"),
        WITH_COST("\"n\":262144,\"r\":8,\"p\":9"),
        WITH_COST("\"n\":9223372036854775807,\"r\":9223372036854775807,\"p\":9223372036854775807"),
        WITH_COST("\"n\":2,\"r\":\"18446744073709551615\",\"p\":1"),
        PBKDF2(SIZE "," SALT ",\"c\":2147483647,\"prf\":\"hmac-sha256\""),
        PBKDF2(SIZE "," SALT ",\"c\":16777217,\"prf\":\"hmac-sha256\""),
    };
    for (size_t i = 0; i < sizeof costly / sizeof *costly; i++) {
        refuses(costly[i], HT_ELIMIT, "keystore_cost");
    }
    /* geth's own is granted. */
    struct ht_keystore read;
    assert_int_equal(
        ht_keystore_read(&read, ht_bytes_str(WITH_COST("\"n\":262144,\"r\":8,\"p\":1")), NULL),
        HT_OK);
    assert_int_equal(read.scrypt.n, 262144);
}

static void keystore_refuses_parameters_that_scrypt_does_not_have(void **state) {
    (void)state;
    refuses(WITH_COST("\"n\":4095,\"r\":8,\"p\":1"), HT_EINPUT, "keystore_params");
    refuses(WITH_COST("\"n\":0,\"r\":8,\"p\":1"), HT_EINPUT, "keystore_params");
    refuses(WITH_COST("\"n\":1,\"r\":8,\"p\":1"), HT_EINPUT, "keystore_params");
    refuses(WITH_COST("\"n\":2,\"r\":0,\"p\":1"), HT_EINPUT, "keystore_params");
    refuses(WITH_COST("\"n\":2,\"r\":1,\"p\":0"), HT_EINPUT, "keystore_params");
    refuses(WITH_COST("\"n\":-1,\"r\":8,\"p\":1"), HT_EINPUT, "json_value");
    refuses(WITH_COST("\"n\":2.0,\"r\":1,\"p\":1"), HT_EINPUT, "json_type");
    refuses(WITH_COST("\"r\":1,\"p\":1"), HT_EINPUT, "json_missing");
}

static void keystore_refuses_parameters_that_pbkdf2_does_not_have(void **state) {
    (void)state;
    refuses(PBKDF2(SIZE "," SALT ",\"c\":0,\"prf\":\"hmac-sha256\""), HT_EINPUT, "keystore_params");
    refuses(PBKDF2(SIZE "," SALT ",\"c\":1,\"prf\":\"hmac-sha512\""), HT_EINPUT, "keystore_params");
    refuses(PBKDF2(SIZE "," SALT ",\"c\":1"), HT_EINPUT, "json_missing");
    refuses(PBKDF2(SIZE "," SALT ",\"c\":1,\"prf\":\"hmac-sha256\""), HT_EDENIED, "wrong_password");
}

static void keystore_refuses_other_versions_ciphers_and_kdfs(void **state) {
    (void)state;
    refuses(FILE_OF("\"version\":1", ADDRESS, INSIDE(CIPHER, IV, TEXT, SCRYPT, PARAMS, MAC)),
            HT_EINPUT, "keystore_version");
    refuses(FILE_OF(VERSION, ADDRESS,
                    INSIDE("\"cipher\":\"aes-256-gcm\"", IV, TEXT, SCRYPT, PARAMS, MAC)),
            HT_EINPUT, "keystore_cipher");
    refuses(
        FILE_OF(VERSION, ADDRESS, INSIDE(CIPHER, IV, TEXT, "\"kdf\":\"argon2id\"", PARAMS, MAC)),
        HT_EINPUT, "keystore_kdf");
    refuses("{" ADDRESS "}", HT_EINPUT, "json_missing");
    refuses("{" VERSION "}", HT_EINPUT, "json_missing");
    refuses("[]", HT_EINPUT, "json_missing");
    refuses("{\"encseed\":\"00\",\"ethaddr\":\"00\"}", HT_EINPUT, "json_missing");
    refuses("not JSON", HT_EINPUT, "json_syntax");
    refuses("{" VERSION "," VERSION "}", HT_EINPUT, "json_duplicate_key");
}

static void keystore_refuses_two_crypto_members(void **state) {
    (void)state;
    refuses("{" VERSION
            ",\"Crypto\":{},\"crypto\":" INSIDE(CIPHER, IV, TEXT, SCRYPT, PARAMS, MAC) "}",
            HT_EINPUT, "keystore_params");
}

static void keystore_refuses_values_of_other_lengths(void **state) {
    (void)state;
    refuses(
        FILE_OF(VERSION, ADDRESS,
                INSIDE(CIPHER, "\"cipherparams\":{\"iv\":\"3333\"}", TEXT, SCRYPT, PARAMS, MAC)),
        HT_EINPUT, "keystore_params");
    refuses(FILE_OF(VERSION, ADDRESS,
                    INSIDE(CIPHER, IV, "\"ciphertext\":\"" ELEVEN "11\"", SCRYPT, PARAMS, MAC)),
            HT_EINPUT, "keystore_params");
    refuses(FILE_OF(VERSION, ADDRESS, INSIDE(CIPHER, IV, TEXT, SCRYPT, PARAMS, "\"mac\":\"5b8f\"")),
            HT_EINPUT, "keystore_params");
    refuses(WITH_PARAMS("\"dklen\":16," COST "," SALT), HT_EINPUT, "keystore_params");
    refuses(WITH_PARAMS("\"dklen\":64," COST "," SALT), HT_EINPUT, "keystore_params");
    refuses(WITH_PARAMS(SIZE "," COST ",\"salt\":\"123\""), HT_EINPUT, "keystore_params");
    refuses(WITH_PARAMS(SIZE "," COST ",\"salt\":\"" ELEVEN ELEVEN ELEVEN ELEVEN "11\""), HT_EINPUT,
            "keystore_params");
    refuses(FILE_OF(VERSION, "\"address\":\"19e7\"", INSIDE(CIPHER, IV, TEXT, SCRYPT, PARAMS, MAC)),
            HT_EINPUT, "keystore_params");
}

static void keystore_refuses_a_key_of_another_address(void **state) {
    (void)state;
    refuses(FILE_OF(VERSION, "\"address\":\"29e7e376e7c213b7e7e7e46cc70a5dd086daff2a\"",
                    INSIDE(CIPHER, IV, TEXT, SCRYPT, PARAMS, MAC)),
            HT_EUNVERIFIED, "keystore_address");
}

static void keystore_refuses_a_changed_ciphertext_or_mac(void **state) {
    (void)state;
    refuses(FILE_OF(VERSION, ADDRESS,
                    INSIDE(CIPHER, IV, "\"ciphertext\":\"" ELEVEN "\"", SCRYPT, PARAMS, MAC)),
            HT_EDENIED, "wrong_password");
    refuses(FILE_OF(VERSION, ADDRESS,
                    INSIDE(CIPHER, IV, TEXT, SCRYPT, PARAMS, "\"mac\":\"" ELEVEN "\"")),
            HT_EDENIED, "wrong_password");
}

static void keystore_refuses_files_and_passwords_over_their_bounds(void **state) {
    (void)state;
    static uint8_t many[HT_KEYSTORE_SIZE_MAX + 1];
    uint8_t key[32];
    struct ht_why why = {.code = "accepted"};
    memset(many, ' ', sizeof many);
    assert_int_equal(ht_keystore_open(key, HT_BYTES(many), ht_bytes_str(""), &why), HT_ELIMIT);
    assert_string_equal(why.code, "json_too_large");
    ht_bytes password = ht_bytes_of(many, HT_KEYSTORE_PASSWORD_MAX + 1);
    assert_int_equal(ht_keystore_open(key, ht_bytes_str(GOOD), password, &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_long");
}

static void keystore_writes_what_it_opens_again(void **state) {
    (void)state;
    uint8_t key[32];
    uint8_t back[32];
    struct ht_buf out;
    json_t *document = NULL;
    const char *address = NULL;
    uint64_t n = 0;
    ht_bytes password = ht_bytes_str("correct horse");
    ht_buf_init(&out, 4096);
    memset(key, 0x11, sizeof key);
    assert_int_equal(ht_keystore_write(&out, key, password, &ht_system_random, NULL), HT_OK);
    assert_int_equal(ht_json_parse(&document, ht_buf_view(&out), 4096, NULL), HT_OK);
    assert_int_equal(ht_json_text(&address, document, "address", NULL), HT_OK);
    assert_string_equal(address, "19e7e376e7c213b7e7e7e46cc70a5dd086daff2a");
    assert_int_equal(ht_json_u64(&n, document, "crypto.kdfparams.n", NULL), HT_OK);
    assert_int_equal(n, 131072);
    json_decref(document);
    assert_int_equal(ht_keystore_open(back, ht_buf_view(&out), password, NULL), HT_OK);
    assert_memory_equal(back, key, sizeof key);
    ht_buf_fini(&out);
}

static void keystore_does_not_write_what_is_no_key(void **state) {
    (void)state;
    const uint8_t key[32] = {0};
    struct ht_buf out;
    struct ht_why why = {.code = "accepted"};
    ht_buf_init(&out, 4096);
    assert_int_equal(ht_keystore_write(&out, key, ht_bytes_str("x"), &ht_system_random, &why),
                     HT_EINPUT);
    assert_string_equal(why.code, "bad_key");
    assert_int_equal(out.n, 0);
    ht_buf_fini(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keystore_opens_the_examples_of_its_definition),
        cmocka_unit_test(keystore_reads_either_case_and_files_without_an_address),
        cmocka_unit_test(keystore_refuses_another_password_and_does_not_repeat_it),
        cmocka_unit_test(keystore_refuses_costs_over_its_bounds_before_any_work),
        cmocka_unit_test(keystore_refuses_parameters_that_scrypt_does_not_have),
        cmocka_unit_test(keystore_refuses_parameters_that_pbkdf2_does_not_have),
        cmocka_unit_test(keystore_refuses_other_versions_ciphers_and_kdfs),
        cmocka_unit_test(keystore_refuses_two_crypto_members),
        cmocka_unit_test(keystore_refuses_values_of_other_lengths),
        cmocka_unit_test(keystore_refuses_a_key_of_another_address),
        cmocka_unit_test(keystore_refuses_a_changed_ciphertext_or_mac),
        cmocka_unit_test(keystore_refuses_files_and_passwords_over_their_bounds),
        cmocka_unit_test(keystore_writes_what_it_opens_again),
        cmocka_unit_test(keystore_does_not_write_what_is_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
