/* NIP-49 against its own example, NIP-19 keys, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/codec/bech32.h"
#include "node/crypto/nip49.h"

#define SPEC                                                                                       \
    "ncryptsec1qgg9947rlpvqu76pj5ecreduf9jxhselq2nae2kghhvd5g7dgjtcxfqtd67p9m0w57lspw8gsq6yphnm86" \
    "23nsl8xn9j4jdzz84zm3frztj3z7s35vpzmqf6ksu8r89qk5z2zxfmu5gv8th8wclt0h4p"
#define SPEC_KEY "3501454135014541350145413501453fefb02227e449e57cf4d3a3ce05378683"
#define NSEC "nsec10allq0gjx7fddtzef0ax00mdps9t2kmtrldkyjfs8l5xruwvh2dq0lhhkp"
#define NSEC_HEX "7f7ff03d123792d6ac594bfa67bf6d0c0ab55b6b1fdb6249303fe861f1ccba9a"

static void from_hex(uint8_t *out, size_t n, const char *hex) {
    assert_int_equal(ht_hex_read(out, n, ht_bytes_str(hex)), HT_OK);
}

static void nip49_opens_the_example_of_the_standard(void **state) {
    (void)state;
    uint8_t key[32];
    uint8_t want[32];
    from_hex(want, sizeof want, SPEC_KEY);
    assert_int_equal(ht_nip49_open(key, ht_bytes_str(SPEC), ht_bytes_str("nostr"), NULL), HT_OK);
    assert_memory_equal(key, want, sizeof want);
}

static void nip49_refuses_another_password(void **state) {
    (void)state;
    uint8_t key[32] = {9};
    struct ht_why why = {.code = "accepted"};
    assert_int_equal(ht_nip49_open(key, ht_bytes_str(SPEC), ht_bytes_str("Nostr"), &why),
                     HT_EDENIED);
    assert_string_equal(why.code, "wrong_password");
    assert_int_equal(key[0], 9);
}

static void nip49_writes_what_it_opens_again(void **state) {
    (void)state;
    uint8_t key[32];
    uint8_t back[32];
    char first[HT_NIP49_TEXT_SIZE];
    char second[HT_NIP49_TEXT_SIZE];
    struct ht_nip49 read;
    from_hex(key, sizeof key, SPEC_KEY);
    ht_bytes password = ht_bytes_str("p\xc3\xa4ssword");
    assert_int_equal(ht_nip49_write(first, key, password, &ht_system_random, NULL), HT_OK);
    assert_int_equal(ht_nip49_write(second, key, password, &ht_system_random, NULL), HT_OK);
    assert_string_not_equal(first, second);
    assert_int_equal(ht_nip49_read(&read, ht_bytes_str(first), NULL), HT_OK);
    assert_int_equal(read.log_n, HT_NIP49_LOG_N);
    assert_int_equal(read.security, 2);
    /* The same password with the ä in two characters. */
    password = ht_bytes_str("pa\xcc\x88ssword");
    assert_int_equal(ht_nip49_open(back, ht_bytes_str(first), password, NULL), HT_OK);
    assert_memory_equal(back, key, sizeof key);
}

/* NIP-49's example of a password before and after NFKC. */
static void nip49_takes_passwords_in_nfkc(void **state) {
    (void)state;
    static const char given[] = "\xe2\x84\xab\xe2\x84\xa6\xe1\xba\x9b\xcc\xa3";
    static const char normal[] = "\xc3\x85\xce\xa9\xe1\xb9\xa9";
    struct ht_nip49 sealed = {.log_n = 1};
    uint8_t key[32];
    struct ht_why why = {.code = "accepted"};
    char text[HT_NIP49_TEXT_SIZE];
    from_hex(key, sizeof key, SPEC_KEY);
    assert_int_equal(ht_nip49_write(text, key, ht_bytes_str(given), &ht_system_random, NULL),
                     HT_OK);
    memset(key, 0, sizeof key);
    assert_int_equal(ht_nip49_open(key, ht_bytes_str(text), ht_bytes_str(normal), NULL), HT_OK);
    assert_int_equal(key[0], 0x35);
    assert_int_equal(ht_nip49_unlock(key, &sealed, ht_bytes_str("\xff"), &why), HT_EINPUT);
    assert_string_equal(why.code, "passphrase_text");
}

static void refuses(const char *text, enum ht_err want, const char *code) {
    struct ht_nip49 out = {.log_n = 99};
    struct ht_why why = {.code = "accepted"};
    enum ht_err err = ht_nip49_read(&out, ht_bytes_str(text), &why);
    assert_string_equal(why.code, code);
    assert_int_equal(err, want);
    assert_int_equal(out.log_n, 99);
}

static void encode(char *out, uint8_t version, uint8_t log_n, size_t n) {
    uint8_t payload[300] = {version, log_n};
    assert_int_equal(ht_bech32_encode(out, 512, "ncryptsec", ht_bytes_of(payload, n)), HT_OK);
}

static void nip49_judges_version_length_and_cost_before_any_work(void **state) {
    (void)state;
    char text[512];
    struct ht_nip49 out;
    encode(text, 2, HT_NIP49_LOG_N_MAX, 91);
    assert_int_equal(ht_nip49_read(&out, ht_bytes_str(text), NULL), HT_OK);
    encode(text, 2, HT_NIP49_LOG_N_MAX + 1, 91);
    refuses(text, HT_ELIMIT, "nip49_cost");
    encode(text, 2, 255, 91);
    refuses(text, HT_ELIMIT, "nip49_cost");
    encode(text, 2, 0, 91);
    refuses(text, HT_EINPUT, "nip49_cost");
    encode(text, 1, 16, 91);
    refuses(text, HT_EINPUT, "nip49_version");
    encode(text, 2, 16, 90);
    refuses(text, HT_EINPUT, "nip49_length");
    encode(text, 2, 16, 92);
    refuses(text, HT_EINPUT, "nip49_length");
    encode(text, 0, 0, 0);
    refuses(text, HT_EINPUT, "nip49_length");
    encode(text, 2, 16, 300);
    refuses(text, HT_ELIMIT, "too_long");
    refuses(NSEC, HT_EINPUT, "bech32_prefix");
}

static void nip49_security_byte_is_bound_to_the_key(void **state) {
    (void)state;
    uint8_t key[32];
    struct ht_nip49 from;
    struct ht_why why = {.code = "accepted"};
    assert_int_equal(ht_nip49_read(&from, ht_bytes_str(SPEC), NULL), HT_OK);
    from.security ^= 1;
    assert_int_equal(ht_nip49_unlock(key, &from, ht_bytes_str("nostr"), &why), HT_EDENIED);
    assert_string_equal(why.code, "wrong_password");
}

static void nip19_reads_and_writes_keys(void **state) {
    (void)state;
    uint8_t key[32];
    uint8_t want[32];
    char text[HT_NIP49_TEXT_SIZE];
    from_hex(want, sizeof want, NSEC_HEX);
    assert_int_equal(ht_nip19_read(key, "nsec", ht_bytes_str(NSEC), NULL), HT_OK);
    assert_memory_equal(key, want, sizeof want);
    assert_int_equal(ht_nip19_write(text, "nsec", key), HT_OK);
    assert_string_equal(text, NSEC);
}

static void nip19_refuses_other_lengths_and_kinds(void **state) {
    (void)state;
    uint8_t key[32] = {7};
    char text[512];
    const uint8_t bytes[33] = {0};
    struct ht_why why = {.code = "accepted"};
    for (size_t n = 31; n <= 33; n += 2) {
        assert_int_equal(ht_bech32_encode(text, sizeof text, "nsec", ht_bytes_of(bytes, n)), HT_OK);
        assert_int_equal(ht_nip19_read(key, "nsec", ht_bytes_str(text), &why), HT_EINPUT);
        assert_string_equal(why.code, "nip19_length");
    }
    assert_int_equal(ht_nip19_read(key, "npub", ht_bytes_str(NSEC), &why), HT_EINPUT);
    assert_string_equal(why.code, "bech32_prefix");
    assert_int_equal(key[0], 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nip49_opens_the_example_of_the_standard),
        cmocka_unit_test(nip49_refuses_another_password),
        cmocka_unit_test(nip49_writes_what_it_opens_again),
        cmocka_unit_test(nip49_takes_passwords_in_nfkc),
        cmocka_unit_test(nip49_judges_version_length_and_cost_before_any_work),
        cmocka_unit_test(nip49_security_byte_is_bound_to_the_key),
        cmocka_unit_test(nip19_reads_and_writes_keys),
        cmocka_unit_test(nip19_refuses_other_lengths_and_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
