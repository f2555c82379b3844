/* Names of ENS: normal forms, hashes, the DNS form, slots. The official vectors are of the identity
 * suite; here is one of each kind. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "identity/names/ens_name.h"
#include "identity/names/ensip15.h"
#include "node/base/hex.h"

static void becomes(const char *name, const char *normal) {
    struct ht_buf out;
    struct ht_why why = {.code = "ok", .text = ""};
    ht_buf_init(&out, HT_ENS_NAME_MAX);
    if (ht_ens_normalize(&out, ht_bytes_str(name), &why) != HT_OK)
        fail_msg("%s: %s", name, why.text);
    if (!ht_bytes_equal(ht_buf_view(&out), ht_bytes_str(normal))) {
        fail_msg("%s: expected %s, got %.*s", name, normal, (int)out.n, (const char *)out.p);
    }
    ht_buf_fini(&out);
}

static void is_refused(const char *name, enum ht_err err, const char *code) {
    struct ht_buf out;
    struct ht_why why = {.code = "ok", .text = ""};
    ht_buf_init(&out, HT_ENS_NAME_MAX);
    assert_int_equal(ht_buf_add_str(&out, "kept"), HT_OK);
    enum ht_err got = ht_ens_normalize(&out, ht_bytes_str(name), &why);
    if (got != err || strcmp(why.code, code) != 0) fail_msg("%s: got %s", name, why.code);
    assert_int_equal(out.n, 4);
    ht_buf_fini(&out);
}

static void names_are_put_into_lower_case_and_mapped(void **state) {
    (void)state;
    becomes("", "");
    becomes("VITALIK.eth", "vitalik.eth");
    becomes("_a.__b-c.eth", "_a.__b-c.eth");
    becomes("\xef\xbc\xa1.eth", "a.eth"); /* full width */
    becomes("a\xc2\xad"
            "b.eth",
            "ab.eth"); /* a soft hyphen vanishes */
    becomes("\xe2\x84\xa6"
            "\xcf\x80.eth",
            "\xcf\x89\xcf\x80.eth"); /* the sign for ohm is omega */
}

static void names_are_composed(void **state) {
    (void)state;
    becomes("e\xcc\x81.eth", "\xc3\xa9.eth");
    /* Sinhala: three signs are one, in two steps. */
    becomes("\xe0\xb7\x83\xe0\xb7\x99\xe0\xb7\x8f\xe0\xb7\x8a.eth", "\xe0\xb7\x83\xe0\xb7\x9d.eth");
    becomes("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab.eth", "\xed\x95\x9c.eth"); /* Hangul */
}

static void emoji_lose_their_style_and_keep_their_joiners(void **state) {
    (void)state;
    becomes("\xe2\x9d\xa4\xef\xb8\x8f.eth", "\xe2\x9d\xa4.eth");
    becomes("1\xef\xb8\x8f\xe2\x83\xa3.eth", "1\xe2\x83\xa3.eth");
    becomes("\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x92\xbb.eth",
            "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x92\xbb.eth");
    is_refused("\xf0\x9f\x87\xba.eth", HT_EINPUT, "ens_disallowed"); /* half a flag */
}

static void empty_parts_are_refused(void **state) {
    (void)state;
    is_refused(".", HT_EINPUT, "ens_empty");
    is_refused("eth.", HT_EINPUT, "ens_empty");
    is_refused("a..eth", HT_EINPUT, "ens_empty");
    is_refused("\xc2\xad.eth", HT_EINPUT, "ens_empty");
}

static void characters_that_are_not_for_names_are_refused(void **state) {
    (void)state;
    is_refused("a b.eth", HT_EINPUT, "ens_disallowed");
    is_refused("l\xe2\x80\x8dl.eth", HT_EINPUT, "ens_disallowed");
    is_refused("a\xe3\x80\x82"
               "eth",
               HT_EINPUT, "ens_disallowed");
}

static void misplaced_signs_are_refused(void **state) {
    (void)state;
    is_refused("a_b.eth", HT_EINPUT, "ens_mixture");
    is_refused("xn--ls8h.eth", HT_EINPUT, "ens_mixture");
    is_refused("\xcc\x81"
               "a.eth",
               HT_EINPUT, "ens_mixture");                             /* a mark on nothing */
    is_refused("\xe2\x9d\xa4\xcc\x81.eth", HT_EINPUT, "ens_mixture"); /* a mark on an emoji */
    is_refused("\xe2\x80\x99"
               "a.eth",
               HT_EINPUT, "ens_mixture"); /* an apostrophe first */
    is_refused("a\xe2\x80\x99\xe2\x80\x99"
               "b.eth",
               HT_EINPUT, "ens_mixture");
    becomes("a\xe2\x80\x99"
            "b.eth",
            "a\xe2\x80\x99"
            "b.eth");
}

static void marks_are_counted_where_the_script_has_them(void **state) {
    (void)state;
    /* Arabic beh with fatha; then with two of it. */
    becomes("\xd8\xa8\xd9\x8e.eth", "\xd8\xa8\xd9\x8e.eth");
    is_refused("\xd8\xa8\xd9\x8e\xd9\x8e.eth", HT_EINPUT, "ens_mixture");
    is_refused("\xd8\xa8\xd9\x8b\xd9\x8c\xd9\x8d\xd9\x8e\xd9\x8f.eth", HT_EINPUT, "ens_mixture");
}

static void scripts_that_are_mixed_or_look_alike_are_refused(void **state) {
    (void)state;
    is_refused("t\xd0\xb5st.eth", HT_EINPUT, "ens_mixture"); /* a Cyrillic e in Latin */
    is_refused("\xd0\xb0\xd1\x81\xd0\xb5.eth", HT_EINPUT,
               "ens_mixture");                               /* all of it could be Latin */
    becomes("\xd0\xb6\xd0\xb0.eth", "\xd0\xb6\xd0\xb0.eth"); /* no other script has a zhe */
}

static void names_that_are_no_text_or_too_long_are_refused(void **state) {
    (void)state;
    char name[2 * HT_ENS_NAME_MAX];
    is_refused("\xff.eth", HT_EINPUT, "ens_utf8");
    is_refused("\xed\xa0\x80.eth", HT_EINPUT, "ens_utf8"); /* half of a surrogate pair */
    memset(name, 'a', sizeof name);
    name[HT_ENS_NAME_MAX] = '\0';
    becomes(name, name);
    name[HT_ENS_NAME_MAX] = 'a';
    name[HT_ENS_NAME_MAX + 1] = '\0';
    is_refused(name, HT_ELIMIT, "ens_too_long");
    for (size_t i = 0; i < HT_ENS_LABELS_MAX; i++) memcpy(name + 2 * i, "a.", 2);
    memcpy(name + 2 * HT_ENS_LABELS_MAX, "a", 2);
    is_refused(name, HT_ELIMIT, "ens_too_long");
    becomes(name + 2, name + 2);
    /* 341 squares of 3 bytes each become 6 characters of 3 bytes. */
    for (size_t i = 0; i < 341; i++) memcpy(name + 3 * i, "\xe3\x8c\x96", 3);
    name[341 * 3] = '\0';
    is_refused(name, HT_ELIMIT, "ens_too_long");
}

static void hash_is(const char *name, const char *hex) {
    ht_hash32 node;
    char text[HT_HEX_SIZE(32)];
    assert_int_equal(ht_ens_namehash(&node, ht_bytes_str(name), NULL), HT_OK);
    ht_hex_write(text, HT_BYTES(node.b));
    assert_string_equal(text, hex);
}

static void namehash_is_of_eip_137(void **state) {
    (void)state;
    ht_hash32 node;
    struct ht_why why = {.code = "ok"};
    hash_is("", "0x0000000000000000000000000000000000000000000000000000000000000000");
    hash_is("eth", "0x93cdeb708b7545dc668eb9280176169d1c33cfd8ed6f04690a0bcc88a93fc4ae");
    hash_is("foo.eth", "0xde9b09fd7c5f901e23a3f19fecc54828e9c848539801e86591bd9801b019f84f");
    assert_int_equal(ht_ens_namehash(&node, ht_bytes_str("a..b"), &why), HT_EINPUT);
    assert_string_equal(why.code, "ens_empty");
    assert_int_equal(ht_ens_namehash(&node, ht_bytes_str(".eth"), &why), HT_EINPUT);
    assert_int_equal(ht_ens_namehash(&node, ht_bytes_str("eth."), &why), HT_EINPUT);
}

static void dns_form_has_lengths_and_an_end(void **state) {
    (void)state;
    static const uint8_t want[] = "\003foo\003eth";
    struct ht_buf out;
    struct ht_why why = {.code = "ok"};
    char name[HT_ENS_DNS_LABEL_MAX + 8];
    ht_buf_init(&out, HT_ENS_DNS_MAX);
    assert_int_equal(ht_ens_dns_encode(&out, ht_bytes_str("foo.eth"), NULL), HT_OK);
    assert_true(ht_bytes_equal(ht_buf_view(&out), HT_BYTES(want)));
    ht_buf_clear(&out);
    assert_int_equal(ht_ens_dns_encode(&out, ht_bytes_str(""), NULL), HT_OK);
    assert_int_equal(out.n, 1);
    ht_buf_clear(&out);
    assert_int_equal(ht_ens_dns_encode(&out, ht_bytes_str("a."), &why), HT_EINPUT);
    assert_string_equal(why.code, "ens_empty");
    memset(name, 'a', sizeof name);
    assert_int_equal(ht_ens_dns_encode(&out, ht_bytes_of(name, HT_ENS_DNS_LABEL_MAX), NULL), HT_OK);
    ht_buf_clear(&out);
    assert_int_equal(ht_ens_dns_encode(&out, ht_bytes_of(name, HT_ENS_DNS_LABEL_MAX + 1), &why),
                     HT_ELIMIT);
    assert_string_equal(why.code, "ens_too_long");
    assert_int_equal(out.n, 0);
    ht_buf_fini(&out);
}

static void length_of_bytes_is_read_from_their_slot(void **state) {
    (void)state;
    uint8_t value[32] = {1, 2, 3, [31] = 6};
    size_t n = 9, more = 9;
    struct ht_why why = {.code = "ok"};
    assert_int_equal(ht_ens_bytes_length(&n, &more, value, 100, NULL), HT_OK);
    assert_int_equal(n, 3);
    assert_int_equal(more, 0);
    value[3] = 1; /* a byte behind the end */
    assert_int_equal(ht_ens_bytes_length(&n, &more, value, 100, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "ens_layout");
    const uint8_t longer[32] = {[31] = 2 * 33 + 1};
    assert_int_equal(ht_ens_bytes_length(&n, &more, longer, 100, NULL), HT_OK);
    assert_int_equal(n, 33);
    assert_int_equal(more, 2);
    assert_int_equal(ht_ens_bytes_length(&n, &more, longer, 32, &why), HT_ELIMIT);
    assert_string_equal(why.code, "ens_record_too_long");
    const uint8_t short_as_long[32] = {[31] = 2 * 31 + 1};
    assert_int_equal(ht_ens_bytes_length(&n, &more, short_as_long, 100, &why), HT_EUNVERIFIED);
    const uint8_t huge[32] = {[0] = 1, [31] = 1};
    assert_int_equal(ht_ens_bytes_length(&n, &more, huge, 100, &why), HT_ELIMIT);
}

static void tables_know_the_edges_of_what_they_hold(void **state) {
    (void)state;
    const uint32_t *to = NULL;
    uint32_t c = 0, a = 0, b = 0;
    const uint32_t family[] = {0x1f468, 0x200d, 0x1f4bb, 'x'};
    assert_int_equal(ht_ensip15_class(UINT32_MAX)->flags, 0);
    assert_int_equal(ht_ensip15_class('a')->flags, HT_ENSIP15_VALID);
    assert_int_equal(ht_ensip15_class('A')->flags, 0);
    assert_int_equal(ht_ensip15_class(0xad)->flags & HT_ENSIP15_IGNORED, HT_ENSIP15_IGNORED);
    assert_int_equal(ht_ensip15_mapped(&to, 'A'), 1);
    assert_int_equal(to[0], 'a');
    assert_int_equal(ht_ensip15_mapped(&to, 'a'), 0);
    assert_int_equal(ht_ensip15_emoji(family, 4), 3);
    assert_int_equal(ht_ensip15_emoji(family, 2), 1);
    assert_int_equal(ht_ensip15_emoji(family, 0), 0);
    assert_int_equal(ht_ensip15_emoji(family + 3, 1), 0);
    assert_true(ht_ensip15_compose(&c, 'e', 0x301) && c == 0xe9);
    assert_false(ht_ensip15_compose(&c, 'e', 'e'));
    assert_true(ht_ensip15_decompose(&a, &b, 0xe9) && a == 'e' && b == 0x301);
    assert_false(ht_ensip15_decompose(&a, &b, 'e'));
    assert_null(ht_ensip15_twins(0x436));
    assert_non_null(ht_ensip15_twins(0x435));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_put_into_lower_case_and_mapped),
        cmocka_unit_test(names_are_composed),
        cmocka_unit_test(emoji_lose_their_style_and_keep_their_joiners),
        cmocka_unit_test(empty_parts_are_refused),
        cmocka_unit_test(characters_that_are_not_for_names_are_refused),
        cmocka_unit_test(misplaced_signs_are_refused),
        cmocka_unit_test(marks_are_counted_where_the_script_has_them),
        cmocka_unit_test(scripts_that_are_mixed_or_look_alike_are_refused),
        cmocka_unit_test(names_that_are_no_text_or_too_long_are_refused),
        cmocka_unit_test(namehash_is_of_eip_137),
        cmocka_unit_test(dns_form_has_lengths_and_an_end),
        cmocka_unit_test(length_of_bytes_is_read_from_their_slot),
        cmocka_unit_test(tables_know_the_edges_of_what_they_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
