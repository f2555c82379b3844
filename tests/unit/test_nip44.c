/* NIP-44: what goes in comes out for the other key alone, and nothing else is taken. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sodium.h>

#include "node/crypto/nip44.h"
#include "node/crypto/secp256k1.h"

static const uint8_t conversation[HT_NIP44_KEY_SIZE] = {5, 6, 7};
static const uint8_t nonce[HT_NIP44_NONCE_SIZE] = {1, 2, 3};
static struct ht_why why;

static struct ht_buf buffer(void) {
    struct ht_buf out;
    ht_buf_init(&out, HT_NIP44_ENCRYPT_ROOM);
    return out;
}

static struct ht_buf encrypted(ht_bytes plain) {
    struct ht_buf out = buffer();
    assert_int_equal(ht_nip44_encrypt(&out, conversation, nonce, plain, &why), HT_OK);
    return out;
}

static void is_refused(ht_bytes payload, enum ht_err err, const char *code) {
    struct ht_buf out = buffer();
    assert_int_equal(ht_buf_add_str(&out, "before"), HT_OK);
    why.code = "";
    assert_int_equal(ht_nip44_decrypt(&out, conversation, payload, &why), err);
    assert_string_equal(why.code, code);
    assert_true(ht_bytes_equal(ht_buf_view(&out), ht_bytes_str("before")));
    ht_buf_fini(&out);
}

static void nip44_gives_both_sides_the_same_conversation(void **state) {
    (void)state;
    const uint8_t one[32] = {[31] = 9};
    const uint8_t other[32] = {[0] = 1, [31] = 200};
    uint8_t one_x[32];
    uint8_t other_x[32];
    uint8_t from_one[32];
    uint8_t from_other[32];
    assert_int_equal(ht_secp256k1_public_key_x(one_x, one, NULL), HT_OK);
    assert_int_equal(ht_secp256k1_public_key_x(other_x, other, NULL), HT_OK);
    assert_int_equal(ht_nip44_conversation_key(from_one, one, other_x, NULL), HT_OK);
    assert_int_equal(ht_nip44_conversation_key(from_other, other, one_x, NULL), HT_OK);
    assert_memory_equal(from_one, from_other, 32);
    assert_int_equal(ht_nip44_conversation_key(from_other, other, other_x, NULL), HT_OK);
    assert_memory_not_equal(from_one, from_other, 32);
}

static void nip44_refuses_keys_that_are_none(void **state) {
    (void)state;
    const uint8_t none[32] = {0};
    const uint8_t one[32] = {[31] = 1};
    uint8_t x[32];
    uint8_t out[32];
    assert_int_equal(ht_secp256k1_public_key_x(x, one, NULL), HT_OK);
    assert_int_equal(ht_nip44_conversation_key(out, none, x, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_key");
    assert_int_equal(ht_nip44_conversation_key(out, one, none, &why), HT_EINPUT);
    assert_string_equal(why.code, "nip44_public_key");
    memset(x, 0xff, sizeof x);
    assert_int_equal(ht_nip44_conversation_key(out, one, x, &why), HT_EINPUT);
    assert_string_equal(why.code, "nip44_public_key");
}

static void nip44_pads_to_powers_of_two_and_their_eighths(void **state) {
    (void)state;
    static const size_t sizes[][2] = {
        {1, 32},      {31, 32},     {32, 32},       {33, 64},         {160, 160},
        {161, 192},   {256, 256},   {257, 320},     {600, 640},       {1025, 1280},
        {1280, 1280}, {1281, 1536}, {65537, 81920}, {131071, 131072}, {131072, 131072}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(ht_nip44_padded_size(sizes[i][0]), sizes[i][1]);
    }
    for (size_t n = 2; n <= HT_NIP44_PLAIN_MAX; n++) {
        assert_true(ht_nip44_padded_size(n) >= n);
        assert_true(ht_nip44_padded_size(n) >= ht_nip44_padded_size(n - 1));
    }
}

static void nip44_gives_back_texts_of_every_length_around_a_step(void **state) {
    (void)state;
    static uint8_t text[HT_NIP44_PLAIN_MAX];
    static const size_t sizes[] = {1, 31, 32, 33, 64, 65, 65535, 65536, 65537, HT_NIP44_PLAIN_MAX};
    for (size_t i = 0; i < sizeof text; i++) text[i] = (uint8_t)(i * 31);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ht_bytes plain = ht_bytes_of(text, sizes[i]);
        struct ht_buf payload = encrypted(plain);
        struct ht_buf again = buffer();
        size_t head = sizes[i] > 65535 ? 6 : 2;
        size_t frame = 65 + head + ht_nip44_padded_size(sizes[i]);
        assert_int_equal(payload.n, (frame + 2) / 3 * 4);
        assert_true(payload.n <= HT_NIP44_PAYLOAD_MAX);
        assert_int_equal(ht_nip44_decrypt(&again, conversation, ht_buf_view(&payload), &why),
                         HT_OK);
        assert_true(ht_bytes_equal(ht_buf_view(&again), plain));
        ht_buf_fini(&payload);
        ht_buf_fini(&again);
    }
}

static void nip44_appends_to_what_is_there(void **state) {
    (void)state;
    struct ht_buf payload = buffer();
    struct ht_buf plain = buffer();
    assert_int_equal(ht_buf_add_str(&payload, "{\""), HT_OK);
    assert_int_equal(ht_buf_add_str(&plain, "> "), HT_OK);
    assert_int_equal(ht_nip44_encrypt(&payload, conversation, nonce, ht_bytes_str("hello"), &why),
                     HT_OK);
    assert_int_equal(payload.n, 2 + 132);
    assert_memory_equal(payload.p, "{\"", 2);
    assert_int_equal(ht_nip44_decrypt(&plain, conversation, ht_bytes_of(payload.p + 2, 132), &why),
                     HT_OK);
    assert_true(ht_bytes_equal(ht_buf_view(&plain), ht_bytes_str("> hello")));
    ht_buf_fini(&payload);
    ht_buf_fini(&plain);
}

static void nip44_encrypts_neither_nothing_nor_too_much(void **state) {
    (void)state;
    static const uint8_t text[HT_NIP44_PLAIN_MAX + 1];
    struct ht_buf out = buffer();
    assert_int_equal(ht_nip44_encrypt(&out, conversation, nonce, ht_bytes_str(""), &why),
                     HT_EINPUT);
    assert_string_equal(why.code, "nip44_empty");
    assert_int_equal(ht_nip44_encrypt(&out, conversation, nonce, HT_BYTES(text), &why), HT_ELIMIT);
    assert_string_equal(why.code, "nip44_long");
    assert_int_equal(out.n, 0);
    ht_buf_fini(&out);
}

static void nip44_keeps_to_the_room_that_it_has(void **state) {
    (void)state;
    struct ht_buf payload = encrypted(ht_bytes_str("hello"));
    struct ht_buf small;
    ht_buf_init(&small, 90);
    assert_int_equal(ht_nip44_encrypt(&small, conversation, nonce, ht_bytes_str("x"), &why),
                     HT_ELIMIT);
    assert_string_equal(why.code, "nip44_long");
    assert_int_equal(ht_nip44_decrypt(&small, conversation, ht_buf_view(&payload), &why),
                     HT_ELIMIT);
    assert_string_equal(why.code, "nip44_long");
    assert_int_equal(small.n, 0);
    ht_buf_fini(&small);
    ht_buf_fini(&payload);
}

static void nip44_refuses_payloads_that_are_none(void **state) {
    (void)state;
    static uint8_t longest[HT_NIP44_PAYLOAD_MAX + 1];
    struct ht_buf payload = encrypted(ht_bytes_str("hello"));
    memset(longest, 'A', sizeof longest);
    is_refused(ht_bytes_str(""), HT_EINPUT, "nip44_length");
    is_refused(ht_bytes_of(payload.p, payload.n - 1), HT_EINPUT, "nip44_length");
    is_refused(HT_BYTES(longest), HT_ELIMIT, "nip44_long");
    is_refused(ht_bytes_str("#of a version to come"), HT_EINPUT, "nip44_version");
    payload.p[0] = 'B'; /* of version 6 */
    is_refused(ht_buf_view(&payload), HT_EINPUT, "nip44_version");
    payload.p[0] = 'A';
    payload.p[70] = '-'; /* of the other base64 */
    is_refused(ht_buf_view(&payload), HT_EINPUT, "nip44_base64");
    ht_buf_fini(&payload);
}

static void nip44_notices_every_changed_byte(void **state) {
    (void)state;
    struct ht_buf payload = encrypted(ht_bytes_str("hello"));
    uint8_t frame[99];
    char text[133];
    size_t n = 0;
    assert_int_equal(sodium_base642bin(frame, sizeof frame, (const char *)payload.p, payload.n,
                                       NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL),
                     0);
    assert_int_equal(n, sizeof frame);
    for (size_t i = 1; i < sizeof frame; i++) {
        frame[i] ^= 0x10;
        (void)sodium_bin2base64(text, sizeof text, frame, n, sodium_base64_VARIANT_ORIGINAL);
        is_refused(ht_bytes_str(text), HT_EUNVERIFIED, "nip44_mac");
        frame[i] ^= 0x10;
    }
    ht_buf_fini(&payload);
}

/* A payload of the right key with anything in place of what is padded. */
static struct ht_buf sealed(ht_bytes padded) {
    static uint8_t frame[200000];
    struct ht_nip44_keys keys;
    crypto_auth_hmacsha256_state mac;
    struct ht_buf out = buffer();
    size_t n = 33 + padded.n;
    frame[0] = 2;
    memcpy(frame + 1, nonce, sizeof nonce);
    ht_nip44_message_keys(&keys, conversation, nonce);
    (void)crypto_stream_chacha20_ietf_xor(frame + 33, padded.p, padded.n, keys.chacha_nonce,
                                          keys.chacha_key);
    (void)crypto_auth_hmacsha256_init(&mac, keys.hmac_key, sizeof keys.hmac_key);
    (void)crypto_auth_hmacsha256_update(&mac, frame + 1, n - 1);
    (void)crypto_auth_hmacsha256_final(&mac, frame + n);
    n += 32;
    uint8_t *text = ht_buf_reserve(&out, (n + 2) / 3 * 4 + 1);
    assert_non_null(text);
    (void)sodium_bin2base64((char *)text, (n + 2) / 3 * 4 + 1, frame, n,
                            sodium_base64_VARIANT_ORIGINAL);
    out.n = (n + 2) / 3 * 4;
    return out;
}

static void pads_wrongly(size_t n, ht_bytes head) {
    static uint8_t padded[HT_NIP44_PLAIN_MAX + 6];
    memset(padded, 0, sizeof padded);
    memcpy(padded, head.p, head.n);
    struct ht_buf payload = sealed(ht_bytes_of(padded, n));
    is_refused(ht_buf_view(&payload), HT_EINPUT, "nip44_padding");
    ht_buf_fini(&payload);
}

static void nip44_refuses_texts_that_are_not_padded_right(void **state) {
    (void)state;
    static const uint8_t nothing[] = {0, 0, 0, 0, 0, 0};
    static const uint8_t short_as_long[] = {0, 0, 0, 0, 0, 5};
    static const uint8_t too_long[] = {0, 0, 0, 2, 0, 1};
    static const uint8_t five[] = {0, 5};
    static const uint8_t more_than_there_is[] = {0, 33};
    static const uint8_t long_as_short[] = {0, 1, 0, 1};
    pads_wrongly(2 + 32, HT_BYTES(nothing));
    pads_wrongly(6 + 32, HT_BYTES(short_as_long));
    pads_wrongly(6 + HT_NIP44_PLAIN_MAX, HT_BYTES(too_long));
    pads_wrongly(2 + 64, HT_BYTES(five));
    pads_wrongly(2 + 32, HT_BYTES(more_than_there_is));
    pads_wrongly(6 + 81920, HT_BYTES(long_as_short));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nip44_gives_both_sides_the_same_conversation),
        cmocka_unit_test(nip44_refuses_keys_that_are_none),
        cmocka_unit_test(nip44_pads_to_powers_of_two_and_their_eighths),
        cmocka_unit_test(nip44_gives_back_texts_of_every_length_around_a_step),
        cmocka_unit_test(nip44_appends_to_what_is_there),
        cmocka_unit_test(nip44_encrypts_neither_nothing_nor_too_much),
        cmocka_unit_test(nip44_keeps_to_the_room_that_it_has),
        cmocka_unit_test(nip44_refuses_payloads_that_are_none),
        cmocka_unit_test(nip44_notices_every_changed_byte),
        cmocka_unit_test(nip44_refuses_texts_that_are_not_padded_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
