/* A real signer process: what its keys encrypt and decrypt. Signatures are
 * test_signer_requests.c's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/crypto/nip44.h"
#include "node/crypto/secp256k1.h"
#include "tests/unit/signer_bench.h"

/* Another's key; its public half. */
static const uint8_t other_key[32] = {[31] = 7};
static uint8_t other_x[32];
/* Of bench_key_text. */
static uint8_t our_x[32];

static void begin(struct signer_bench *bench) {
    uint8_t ours[32];
    memset(ours, 0x46, sizeof ours);
    assert_int_equal(ht_secp256k1_public_key_x(other_x, other_key, NULL), HT_OK);
    assert_int_equal(ht_secp256k1_public_key_x(our_x, ours, NULL), HT_OK);
    bench_create(bench);
    bench_must_be(bench, bench_import(bench, "raw", bench_key_text, NULL), HT_OK, NULL);
}

static enum ht_err ask(struct signer_bench *bench, enum ht_signer_request request, ht_bytes x,
                       ht_bytes data) {
    const struct ht_signer_field fields[] = {TEXT(KEY, "key-1"), FIELD(PUBLIC, x),
                                             FIELD(DATA, data)};
    return signer_bench_ask(bench, request, fields, COUNT(fields));
}

static void signer_encrypts_what_the_other_side_reads(void **state) {
    struct signer_bench *bench = *state;
    uint8_t key[HT_NIP44_KEY_SIZE];
    struct ht_buf plain;
    begin(bench);
    bench_must_be(bench, ask(bench, HT_SIGNER_ENCRYPT, HT_BYTES(other_x), ht_bytes_str("hello")),
                  HT_OK, NULL);
    ht_buf_init(&plain, HT_NIP44_DECRYPT_ROOM);
    assert_int_equal(ht_nip44_conversation_key(key, other_key, our_x, NULL), HT_OK);
    assert_int_equal(ht_nip44_decrypt(&plain, key, ht_buf_view(&bench->data), NULL), HT_OK);
    assert_true(ht_bytes_equal(ht_buf_view(&plain), ht_bytes_str("hello")));
    ht_buf_fini(&plain);
}

static void signer_encrypts_the_same_text_differently_each_time(void **state) {
    struct signer_bench *bench = *state;
    begin(bench);
    bench_must_be(bench, ask(bench, HT_SIGNER_ENCRYPT, HT_BYTES(other_x), ht_bytes_str("hello")),
                  HT_OK, NULL);
    struct ht_buf first = bench->data;
    ht_buf_init(&bench->data, HT_SIGNER_MESSAGE_MAX);
    bench_must_be(bench, ask(bench, HT_SIGNER_ENCRYPT, HT_BYTES(other_x), ht_bytes_str("hello")),
                  HT_OK, NULL);
    assert_false(ht_bytes_equal(ht_buf_view(&first), ht_buf_view(&bench->data)));
    ht_buf_fini(&first);
}

static void signer_decrypts_the_longest_text_and_none_longer(void **state) {
    struct signer_bench *bench = *state;
    static uint8_t text[HT_NIP44_PLAIN_MAX + 1];
    memset(text, 'a', sizeof text);
    ht_bytes longest = ht_bytes_of(text, HT_NIP44_PLAIN_MAX);
    begin(bench);
    bench_must_be(bench, ask(bench, HT_SIGNER_ENCRYPT, HT_BYTES(other_x), longest), HT_OK, NULL);
    assert_int_equal(bench->data.n, HT_NIP44_PAYLOAD_MAX);
    struct ht_buf payload = bench->data;
    ht_buf_init(&bench->data, HT_SIGNER_MESSAGE_MAX);
    bench_must_be(bench, ask(bench, HT_SIGNER_DECRYPT, HT_BYTES(other_x), ht_buf_view(&payload)),
                  HT_OK, NULL);
    assert_true(ht_bytes_equal(ht_buf_view(&bench->data), longest));
    ht_buf_fini(&payload);
    bench_must_be(bench, ask(bench, HT_SIGNER_ENCRYPT, HT_BYTES(other_x), HT_BYTES(text)),
                  HT_ELIMIT, "nip44_long");
    assert_int_equal(bench->data.n, 0);
}

static void signer_gives_out_nothing_of_what_it_cannot_decrypt(void **state) {
    struct signer_bench *bench = *state;
    begin(bench);
    bench_must_be(bench, ask(bench, HT_SIGNER_ENCRYPT, HT_BYTES(other_x), ht_bytes_str("hello")),
                  HT_OK, NULL);
    struct ht_buf payload = bench->data;
    ht_buf_init(&bench->data, HT_SIGNER_MESSAGE_MAX);
    /* As if it came from ourselves. */
    bench_must_be(bench, ask(bench, HT_SIGNER_DECRYPT, HT_BYTES(our_x), ht_buf_view(&payload)),
                  HT_EUNVERIFIED, "nip44_mac");
    assert_int_equal(bench->data.n, 0);
    ht_buf_fini(&payload);
}

static void signer_wants_a_public_key_of_the_curve(void **state) {
    struct signer_bench *bench = *state;
    static const uint8_t nobody[33];
    begin(bench);
    bench_must_be(bench,
                  ask(bench, HT_SIGNER_ENCRYPT, ht_bytes_of(nobody, 32), ht_bytes_str("hello")),
                  HT_EINPUT, "nip44_public_key");
    bench_must_be(bench, ask(bench, HT_SIGNER_DECRYPT, HT_BYTES(nobody), ht_bytes_str("hello")),
                  HT_EINPUT, "nip44_public_key");
}

static void signer_encrypts_nothing_while_it_is_locked(void **state) {
    struct signer_bench *bench = *state;
    begin(bench);
    bench_must_be(bench, bench_lock(bench), HT_OK, NULL);
    bench_must_be(bench, ask(bench, HT_SIGNER_ENCRYPT, HT_BYTES(other_x), ht_bytes_str("hello")),
                  HT_EDENIED, "vault_locked");
    bench_must_be(bench, ask(bench, HT_SIGNER_DECRYPT, HT_BYTES(other_x), ht_bytes_str("hello")),
                  HT_EDENIED, "vault_locked");
}

static void signer_wants_all_fields_of_an_encryption(void **state) {
    struct signer_bench *bench = *state;
    begin(bench);
    const struct ht_signer_field fields[] = {TEXT(KEY, "key-1"), TEXT(DATA, "hello")};
    bench_must_be(bench, signer_bench_ask(bench, HT_SIGNER_ENCRYPT, fields, COUNT(fields)),
                  HT_EINPUT, "signer_fields");
    bench_must_be(bench, signer_bench_ask(bench, HT_SIGNER_DECRYPT, fields, COUNT(fields)),
                  HT_EINPUT, "signer_fields");
}

#define WITH_SIGNER(test) cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_SIGNER(signer_encrypts_what_the_other_side_reads),
        WITH_SIGNER(signer_encrypts_the_same_text_differently_each_time),
        WITH_SIGNER(signer_decrypts_the_longest_text_and_none_longer),
        WITH_SIGNER(signer_gives_out_nothing_of_what_it_cannot_decrypt),
        WITH_SIGNER(signer_wants_a_public_key_of_the_curve),
        WITH_SIGNER(signer_encrypts_nothing_while_it_is_locked),
        WITH_SIGNER(signer_wants_all_fields_of_an_encryption),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
