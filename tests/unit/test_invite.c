#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/event_maker.h"

#include "node/p2p/invite.h"

#define SECRET "00112233445566778899aabbccddeeff"
#define LINK "hearth:peer?node=" HEX64 "&secret=" SECRET

static void an_invitation_that_was_written_is_read_as_the_same(void **state) {
    (void)state;
    struct ht_invite invite, again;
    char text[HT_INVITE_SIZE];
    memset(&invite, 0, sizeof invite);
    invite.record.node = maker_pubkey(1);
    invite.record.user = maker_pubkey(101);
    invite.record.has_user = true;
    invite.record.pin = maker_pubkey(2);
    invite.record.has_pin = true;
    invite.record.address_count = 2;
    (void)snprintf(invite.record.addresses[0], HT_NODE_ADDRESS_SIZE, "wss://[2001:db8::1]:8443/a");
    (void)snprintf(invite.record.addresses[1], HT_NODE_ADDRESS_SIZE, "ws://192.168.0.7:7000");
    (void)snprintf(invite.record.name, HT_NODE_NAME_SIZE, "Mara's shelf & more = 100 %% \u00fc");
    invite.record.expires_at = MAKER_TIME;
    (void)snprintf(invite.secret, sizeof invite.secret, SECRET);
    assert_int_equal(ht_invite_write(text, &invite, NULL), HT_OK);
    assert_int_equal(strncmp(text, "hearth:peer?node=", 17), 0);
    assert_non_null(strstr(text, "&addr=wss://%5B2001:db8::1%5D:8443/a&"));
    assert_non_null(strstr(text, "&user=npub1"));
    assert_null(strchr(text, ' '));
    assert_int_equal(ht_invite_read(&again, text, NULL), HT_OK);
    assert_memory_equal(&invite, &again, sizeof invite);
}

static void space_around_unknown_members_and_the_case_of_the_scheme_do_not_matter(void **state) {
    (void)state;
    struct ht_invite invite;
    assert_int_equal(ht_invite_read(&invite,
                                    " \nHEARTH:peer?x=%&"
                                    "secret=" SECRET "&node=" HEX64 "&later=1\r\n",
                                    NULL),
                     HT_OK);
    assert_string_equal(invite.secret, SECRET);
    assert_int_equal(invite.record.address_count, 0);
    assert_false(invite.record.has_user || invite.record.has_pin);
}

static void what_is_malformed_is_refused_by_name(void **state) {
    (void)state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "begins with"},
        {"https://a.example/?node=" HEX64, "begins with"},
        {"hearth:peer?", "begins with"},
        {"hearth:peer?node=" HEX64, "names a node and a secret"},
        {"hearth:peer?secret=" SECRET, "names a node and a secret"},
        {LINK "&", ""},
        {LINK "&&name=x", "without a value"},
        {LINK "&name", "without a value"},
        {LINK "&node=" HEX64, "node is"},
        {"hearth:peer?node=" HEX16 "&secret=" SECRET, "node is"},
        {"hearth:peer?node=" HEX64 "&secret=" HEX16, "secret is"},
        {"hearth:peer?node=" HEX64 "&secret=00112233445566778899AABBCCDDEEFF", "secret is"},
        {LINK "&pin=1", "pin is"},
        {LINK "&user=nsec1qqq", "user is"},
        {LINK "&user=note1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqn8rljt", "user is"},
        {LINK "&expires=-1", "expires is"},
        {LINK "&expires=0", "expires is"},
        {LINK "&expires=1234567890123", "expires is"},
        {LINK "&addr=javascript:alert(1)", "addr is"},
        {LINK "&addr=wss://user:word@node.example", "addr is"},
        {LINK "&addr=ws://8.8.8.8", "addr is"},
        {LINK "&name=%", "name is"},
        {LINK "&name=%0a", "name is"},
        {LINK "&name=%00", "name is"},
        {LINK "&name=%ff", "name is"},
        {LINK "&name=" HEX64, "name is"},
        {LINK "&addr=ws://a&addr=ws://a&addr=ws://a&addr=ws://a&addr=ws://a&addr=ws://a&addr=ws://a"
              "&addr=ws://a&addr=ws://a",
         "addr is"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ht_invite invite;
        struct ht_why why = {.code = "", .text = ""};
        enum ht_err err = ht_invite_read(&invite, cases[i].text, &why);
        bool is_fine = cases[i].part[0] == '\0';
        if (err != (is_fine ? HT_OK : HT_EINPUT) || strstr(why.text, cases[i].part) == NULL) {
            fail_msg("%s: %s \"%s\"", cases[i].text, ht_err_name(err), why.text);
        }
        if (!is_fine) assert_string_equal(why.code, "bad_invite");
        if (strstr(why.text, SECRET) != NULL) fail_msg("the reason tells the secret");
    }
}

static void an_invitation_that_is_too_long_or_no_good_is_not_written(void **state) {
    (void)state;
    struct ht_invite invite;
    struct ht_why why;
    char text[HT_INVITE_SIZE];
    assert_int_equal(ht_invite_read(&invite, LINK, NULL), HT_OK);
    invite.record.address_count = HT_NODE_ADDRESSES_MAX;
    for (size_t i = 0; i < HT_NODE_ADDRESSES_MAX; i++) {
        char *to = invite.record.addresses[i];
        int n = snprintf(to, HT_NODE_ADDRESS_SIZE, "wss://node.example/");
        memset(to + n, '(', 200); /* three characters each */
        to[n + 200] = '\0';
    }
    assert_int_equal(ht_invite_write(text, &invite, &why), HT_ELIMIT);
    assert_string_equal(why.code, "invite_too_long");
    invite.record.address_count = 0;
    invite.secret[0] = 'x';
    assert_int_equal(ht_invite_write(text, &invite, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_invite");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invitation_that_was_written_is_read_as_the_same),
        cmocka_unit_test(space_around_unknown_members_and_the_case_of_the_scheme_do_not_matter),
        cmocka_unit_test(what_is_malformed_is_refused_by_name),
        cmocka_unit_test(an_invitation_that_is_too_long_or_no_good_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
