/* bunker:// and nostrconnect://. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "social/bunker/bunker_uri.h"
#include "tests/unit/event_maker.h"

#define BASE "nostrconnect://" HEX64

static struct ht_why why;
static struct ht_bunker_uri got;

static enum ht_err uri(const char *text) {
    memset(&why, 0, sizeof why);
    memset(&got, 0, sizeof got);
    return ht_bunker_uri_read(&got, ht_bytes_str(text), &why);
}

static void uri_of_a_device_is_read(void **state) {
    (void)state;
    assert_int_equal(uri(BASE
                         "?relay=wss%3A%2F%2FRelay.example%2F&relay=wss://b.example&secret=0s8j2djs"
                         "&perms=nip44_encrypt%2Csign_event%3A1&name=My+Client%21&image=x"),
                     HT_OK);
    assert_int_equal(got.device.b[0], 0x01);
    assert_int_equal(got.relay_count, 2);
    assert_string_equal(got.relays[0], "wss://relay.example");
    assert_string_equal(got.relays[1], "wss://b.example");
    assert_string_equal(got.secret, "0s8j2djs");
    assert_string_equal(got.name, "My Client!");
    assert_string_equal(got.asks, "nip44_encrypt,sign_event:1");
}

static void uri_takes_the_name_from_metadata_as_it_was_before(void **state) {
    (void)state;
    assert_int_equal(
        uri(BASE "?relay=wss://b.example&secret=a&metadata=%7B%22name%22%3A%22Old%22%7D"), HT_OK);
    assert_string_equal(got.name, "Old");
    assert_int_equal(uri(BASE "?relay=wss://b.example&secret=a&metadata=%7B"), HT_OK);
    assert_string_equal(got.name, "");
}

static void uri_cuts_a_name_between_characters(void **state) {
    char text[600] = BASE "?relay=wss://b.example&secret=a&name=x";
    (void)state;
    for (size_t i = 0, n = strlen(text); i < 40; i++, n += 6) memcpy(text + n, "%C3%A9", 7);
    assert_int_equal(uri(text), HT_OK);
    assert_int_equal(strlen(got.name), 63);
}

static void uri_that_is_none_is_refused(void **state) {
    static const char *const bad[] = {
        "bunker://" HEX64 "?relay=wss://b.example&secret=a",
        "nostrconnect://" HEX16
        "?relay=wss://b.example&secret=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        BASE "relay=wss://b.example&secret=a",
        BASE "?secret=a",
        BASE "?relay=wss://b.example",
        BASE "?relay=wss://b.example&secret=",
        BASE "?relay=wss://b.example&secret=a%2",
        BASE "?relay=wss://b.example&secret=a%zz",
        BASE "?relay=wss://b.example&secret=a%00b",
        BASE "?relay=wss://b.example&secret=a&name=%ff",
        "",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(uri(bad[i]), HT_EINPUT);
        assert_string_equal(why.code, "bad_uri");
        assert_int_equal(got.relay_count, 0);
    }
}

static void uri_with_a_relay_that_is_none_is_refused(void **state) {
    (void)state;
    assert_int_equal(uri(BASE "?relay=https://b.example&secret=a"), HT_EINPUT);
    assert_string_equal(why.code, "bad_url");
}

static void uri_with_too_many_relays_is_refused(void **state) {
    (void)state;
    assert_int_equal(uri(BASE "?relay=wss://a.example&relay=wss://b.example&relay=wss://c.example"
                              "&relay=wss://d.example&relay=wss://e.example&secret=a"),
                     HT_ELIMIT);
    assert_string_equal(why.code, "too_many");
}

static void uri_of_an_invitation_names_relays_and_secret(void **state) {
    struct ht_bunker_row row = {.relay_count = 2};
    struct ht_buf out;
    (void)state;
    memset(row.owner.b, 0xab, 32);
    (void)snprintf(row.relays[0], sizeof *row.relays, "ws://127.0.0.1:8421");
    (void)snprintf(row.relays[1], sizeof *row.relays, "wss://b.example/a?c=d&e");
    ht_buf_init(&out, 4096);
    assert_int_equal(ht_bunker_uri_write(&out, &row, "0123"), HT_OK);
    assert_int_equal(ht_buf_add(&out, ht_bytes_of("", 1)), HT_OK);
    assert_string_equal((const char *)out.p,
                        "bunker://abababababababababababababababababababababababababababababababab"
                        "?relay=ws%3A%2F%2F127.0.0.1%3A8421"
                        "&relay=wss%3A%2F%2Fb.example%2Fa%3Fc%3Dd%26e&secret=0123");
    ht_buf_fini(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uri_of_a_device_is_read),
        cmocka_unit_test(uri_takes_the_name_from_metadata_as_it_was_before),
        cmocka_unit_test(uri_cuts_a_name_between_characters),
        cmocka_unit_test(uri_that_is_none_is_refused),
        cmocka_unit_test(uri_with_a_relay_that_is_none_is_refused),
        cmocka_unit_test(uri_with_too_many_relays_is_refused),
        cmocka_unit_test(uri_of_an_invitation_names_relays_and_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
