/* The cache of authors' keys: the same verdicts as without it, and who stays in it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/nostr/event_keys.h"
#include "tests/unit/event_maker.h"

static struct ht_event event_of(uint8_t who, const char *content) {
    struct ht_event event = {.created_at = MAKER_TIME, .kind = 1};
    event.content = ht_bytes_str(content);
    maker_sign(&event, who);
    return event;
}

static void expect_unverified(struct ht_event_keys *keys, const struct ht_event *event,
                              const char *code) {
    struct ht_why why = {.code = "verified", .text = ""};
    enum ht_err err = ht_event_keys_verify(keys, event, &why);
    assert_string_equal(why.code, code);
    assert_int_equal(err, HT_EUNVERIFIED);
}

static void event_keys_find_an_author_again(void **state) {
    (void)state;
    struct ht_event_keys *keys = NULL;
    struct ht_event first = event_of(1, "a");
    struct ht_event second = event_of(1, "b");
    assert_int_equal(ht_event_keys_new(&keys, 8), HT_OK);
    assert_int_equal(ht_event_keys_verify(keys, &first, NULL), HT_OK);
    assert_int_equal(ht_event_keys_hits(keys), 0);
    assert_int_equal(ht_event_keys_verify(keys, &second, NULL), HT_OK);
    assert_int_equal(ht_event_keys_hits(keys), 1);
    ht_event_keys_free(keys);
}

static void event_keys_refuse_the_same_whether_the_key_is_kept_or_not(void **state) {
    (void)state;
    struct ht_event_keys *keys = NULL;
    struct ht_event good = event_of(1, "a");
    assert_int_equal(ht_event_keys_new(&keys, 8), HT_OK);
    for (unsigned round = 0; round < 2; round++) {
        struct ht_event bad = good;
        bad.sig[5] ^= 1;
        expect_unverified(keys, &bad, "event_signature");
        bad = good;
        bad.kind = 2;
        expect_unverified(keys, &bad, "event_id");
        assert_int_equal(ht_event_keys_hits(keys), round);
        if (round == 0) assert_int_equal(ht_event_keys_verify(keys, &good, NULL), HT_OK);
    }
    struct ht_event nobody = good;
    memset(nobody.pubkey.b, 0xff, 32);
    assert_int_equal(ht_event_id(&nobody.id, &nobody), HT_OK);
    expect_unverified(keys, &nobody, "event_signature");
    ht_event_keys_free(keys);
}

static void event_keys_are_not_pushed_out_by_bad_signatures(void **state) {
    (void)state;
    struct ht_event_keys *keys = NULL;
    struct ht_event good = event_of(1, "a");
    assert_int_equal(ht_event_keys_new(&keys, 1), HT_OK);
    assert_int_equal(ht_event_keys_verify(keys, &good, NULL), HT_OK);
    for (uint8_t who = 2; who < 12; who++) {
        struct ht_event bad = event_of(who, "x");
        bad.sig[0] ^= 1;
        expect_unverified(keys, &bad, "event_signature");
    }
    assert_int_equal(ht_event_keys_verify(keys, &good, NULL), HT_OK);
    assert_int_equal(ht_event_keys_hits(keys), 1);
    ht_event_keys_free(keys);
}

static void event_keys_hold_no_more_than_they_have_room_for(void **state) {
    (void)state;
    struct ht_event_keys *keys = NULL;
    struct ht_event first = event_of(1, "a");
    assert_int_equal(ht_event_keys_new(&keys, 1), HT_OK);
    assert_int_equal(ht_event_keys_verify(keys, &first, NULL), HT_OK);
    for (uint8_t who = 2; who < 6; who++) {
        struct ht_event other = event_of(who, "x");
        assert_int_equal(ht_event_keys_verify(keys, &other, NULL), HT_OK);
    }
    assert_int_equal(ht_event_keys_verify(keys, &first, NULL), HT_OK);
    assert_int_equal(ht_event_keys_hits(keys), 0);
    ht_event_keys_free(keys);
}

static void schnorr_keys_verify_messages_of_any_length(void **state) {
    (void)state;
    struct ht_schnorr_key key;
    struct ht_why why = {.code = "ok"};
    struct ht_event event = event_of(9, "a");
    assert_int_equal(ht_schnorr_key_read(&key, event.pubkey.b, NULL), HT_OK);
    assert_int_equal(ht_schnorr_verify_key(event.sig, HT_BYTES(event.id.b), &key, NULL), HT_OK);
    for (size_t n = 0; n < 32; n += 31) {
        enum ht_err err =
            ht_schnorr_verify_key(event.sig, ht_bytes_of(n > 0 ? event.id.b : NULL, n), &key, &why);
        assert_int_equal(err, HT_EUNVERIFIED);
        assert_string_equal(why.code, "bad_signature");
    }
    memset(event.pubkey.b, 0xff, 32);
    assert_int_equal(ht_schnorr_key_read(&key, event.pubkey.b, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "bad_public_key");
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(event_keys_find_an_author_again),
        cmocka_unit_test(event_keys_refuse_the_same_whether_the_key_is_kept_or_not),
        cmocka_unit_test(event_keys_are_not_pushed_out_by_bad_signatures),
        cmocka_unit_test(event_keys_hold_no_more_than_they_have_room_for),
        cmocka_unit_test(schnorr_keys_verify_messages_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
