/* Requests of management (NIP-86) and the right to them (NIP-98). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/crypto/sha256.h"
#include "social/relay/manage.h"
#include "social/relay/nip98.h"
#include "tests/unit/event_maker.h"

#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define CALL(method, params) "{\"method\":\"" method "\",\"params\":" params "}"

static struct ht_manage_request reads(const char *body) {
    struct ht_manage_request request;
    struct ht_why why = {.code = "none"};
    if (ht_manage_read(&request, ht_bytes_str(body), &why) != HT_OK) {
        fail_msg("%s: %s", body, why.text);
    }
    return request;
}

static void manage_reads_methods_with_their_parameters(void **state) {
    (void)state;
    struct ht_manage_request got = reads(CALL("banpubkey", "[\"" KEY_A "\",\"spam\"]"));
    assert_int_equal(got.method, HT_MANAGE_BAN_KEY);
    assert_int_equal(got.hash.b[31], 0xaa);
    assert_string_equal(got.reason, "spam");
    got = reads(CALL("unbanevent", "[\"" KEY_A "\",null]"));
    assert_int_equal(got.method, HT_MANAGE_UNBAN_EVENT);
    assert_string_equal(got.reason, "");
    got = reads(CALL("disallowkind", "[65535]"));
    assert_int_equal(got.method, HT_MANAGE_DISALLOW_KIND);
    assert_int_equal(got.kind, 65535);
    got = reads(CALL("changerelayname", "[\"Home\"]"));
    assert_int_equal(got.method, HT_MANAGE_CHANGE_NAME);
    assert_string_equal(got.text, "Home");
    got = reads("{\"method\":\"listblockedips\"}");
    assert_int_equal(got.method, HT_MANAGE_LIST_BLOCKED_ADDRESSES);
}

static void manage_names_all_its_methods_and_reads_each(void **state) {
    json_t *names = ht_manage_methods(), *name;
    size_t i;
    (void)state;
    assert_int_equal(json_array_size(names), HT_MANAGE_LIST_BLOCKED_ADDRESSES);
    json_array_foreach(names, i, name) {
        struct ht_manage_request request;
        struct ht_why why = {.code = "none"};
        char body[128];
        (void)snprintf(body, sizeof body, "{\"method\":\"%s\",\"params\":[]}",
                       json_string_value(name));
        enum ht_err err = ht_manage_read(&request, ht_bytes_str(body), &why);
        if (err != HT_OK) assert_string_equal(why.code, "manage_params");
        if (err == HT_OK) assert_int_equal(request.method, i + 1);
    }
    json_decref(names);
}

static void manage_writes_addresses_as_the_kernel_does(void **state) {
    static const struct {
        const char *text, *expected; /* NULL: it is none */
    } cases[] = {
        {"192.0.2.7", "192.0.2.7"},
        {"2001:DB8:0::1", "2001:db8::1"},
        {"::1", "::1"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"192.0.2", NULL},
        {"192.0.2.7/8", NULL},
        {"localhost", NULL},
        {"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[HT_MANAGE_ADDRESS_SIZE];
        bool is_it = ht_manage_address(out, cases[i].text);
        assert_int_equal(is_it, cases[i].expected != NULL);
        if (is_it) assert_string_equal(out, cases[i].expected);
    }
}

static void manage_refuses_what_it_does_not_understand(void **state) {
    static const struct {
        const char *body, *code;
    } cases[] = {
        {"nothing", "json_syntax"},
        {"[]", "manage_request"},
        {"{\"params\":[]}", "manage_request"},
        {"{\"method\":5,\"params\":[]}", "manage_request"},
        {CALL("stop", "[]"), "manage_method"},
        {CALL("banpubkey", "[]"), "manage_params"},
        {CALL("banpubkey", "{}"), "manage_params"},
        {CALL("banpubkey", "[\"xyz\"]"), "manage_params"},
        {CALL("banpubkey", "[\"" KEY_A "\",5]"), "manage_params"},
        {CALL("banpubkey", "[\"AA" HEX16 HEX16 HEX16 "0123456789abcd\"]"), "manage_params"},
        {CALL("banevent", "[5]"), "manage_params"},
        {CALL("blockip", "[\"not an address\"]"), "manage_params"},
        {CALL("allowkind", "[65536]"), "manage_params"},
        {CALL("allowkind", "[-1]"), "manage_params"},
        {CALL("allowkind", "[\"1\"]"), "manage_params"},
        {CALL("changerelayname", "[{}]"), "manage_params"},
        {CALL("changerelayname", "[\"" HEX64 "\"]"), "manage_params"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ht_manage_request request;
        struct ht_why why = {.code = "none"};
        assert_true(ht_manage_read(&request, ht_bytes_str(cases[i].body), &why) != HT_OK);
        if (strcmp(why.code, cases[i].code) != 0) fail_msg("%s: %s", cases[i].body, why.code);
    }
}

static void manage_refuses_a_reason_that_is_too_long(void **state) {
    char body[600];
    struct ht_manage_request request;
    struct ht_why why = {.code = "none"};
    (void)state;
    (void)snprintf(body, sizeof body, CALL("banpubkey", "[\"%s\",\"%0257d\"]"), KEY_A, 0);
    assert_int_equal(ht_manage_read(&request, ht_bytes_str(body), &why), HT_EINPUT);
    assert_string_equal(why.code, "manage_params");
}

/* --- NIP-98 ------------------------------------------------------------------------------------*/

#define URL "http://127.0.0.1:8421/"
#define BODY "{\"method\":\"supportedmethods\",\"params\":[]}"

struct right {
    const char *url, *method, *payload;
    uint32_t kind;
    int64_t at;
    bool is_forged;
};

static void write_header(char *out, size_t size, const struct right *right) {
    const ht_bytes url[] = {ht_bytes_str("u"), ht_bytes_str(right->url)};
    const ht_bytes method[] = {ht_bytes_str("method"), ht_bytes_str(right->method)};
    const ht_bytes payload[] = {ht_bytes_str("payload"), ht_bytes_str(right->payload)};
    const struct ht_event_tag tags[] = {{url, 2}, {method, 2}, {payload, 2}};
    struct ht_event made = {
        .kind = right->kind, .created_at = right->at, .tags = tags, .tag_count = 3};
    struct ht_buf json;
    if (right->payload[0] == 0) made.tag_count = 2;
    maker_sign(&made, 1);
    made.sig[9] ^= right->is_forged;
    ht_buf_init(&json, 4096);
    assert_int_equal(ht_event_write(&json, &made), HT_OK);
    (void)snprintf(out, size, "Nostr ");
    assert_non_null(
        sodium_bin2base64(out + 6, size - 6, json.p, json.n, sodium_base64_VARIANT_ORIGINAL));
    ht_buf_fini(&json);
}

static void nip98_takes_a_right_for_this_request_alone(void **state) {
    char hash[HT_HEX_SIZE(32)], header[8192];
    ht_hash32 digest, pubkey, expected = maker_pubkey(1);
    (void)state;
    ht_sha256(&digest, ht_bytes_str(BODY));
    ht_hex_write(hash, HT_BYTES(digest.b));
    const struct {
        struct right right;
        const char *code; /* NULL: it holds */
    } cases[] = {
        {{URL, "POST", hash + 2, 27235, MAKER_TIME, false}, NULL},
        {{"ws://127.0.0.1:8421", "POST", hash + 2, 27235, MAKER_TIME - 60, false}, NULL},
        {{URL, "POST", hash + 2, 27234, MAKER_TIME, false}, "nip98_kind"},
        {{URL, "POST", hash + 2, 27235, MAKER_TIME - 61, false}, "nip98_time"},
        {{URL, "POST", hash + 2, 27235, MAKER_TIME + 61, false}, "nip98_time"},
        {{URL "x", "POST", hash + 2, 27235, MAKER_TIME, false}, "nip98_url"},
        {{"https://127.0.0.1:8421/", "POST", hash + 2, 27235, MAKER_TIME, false}, "nip98_url"},
        {{URL, "GET", hash + 2, 27235, MAKER_TIME, false}, "nip98_method"},
        {{URL, "POST", "", 27235, MAKER_TIME, false}, "nip98_payload"},
        {{URL, "POST", KEY_A, 27235, MAKER_TIME, false}, "nip98_payload"},
        {{URL, "POST", hash + 2, 27235, MAKER_TIME, true}, "event_signature"},
    };
    const struct ht_nip98_request request = {.url = ht_bytes_str(URL),
                                             .method = ht_bytes_str("POST"),
                                             .body = ht_bytes_str(BODY),
                                             .needs_payload = true,
                                             .now_s = MAKER_TIME};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ht_why why = {.code = "none"};
        write_header(header, sizeof header, &cases[i].right);
        enum ht_err err = ht_nip98_check(&pubkey, &request, ht_bytes_str(header), &why);
        assert_string_equal(why.code, cases[i].code != NULL ? cases[i].code : "none");
        assert_true((err == HT_OK) == (cases[i].code == NULL));
        if (err == HT_OK) assert_true(ht_hash32_equal(&pubkey, &expected));
    }
}

static void nip98_refuses_headers_that_are_none(void **state) {
    static const struct {
        const char *header, *code;
    } cases[] = {{"", "nip98_header"},          {"Basic YTpi", "nip98_header"},
                 {"Nostr ", "nip98_header"},    {"Nostr $$$", "nip98_header"},
                 {"Nostr e30=", "event_field"}, {"Nostr YQ==", "event_malformed"}};
    const struct ht_nip98_request request = {.url = ht_bytes_str(URL), .now_s = MAKER_TIME};
    ht_hash32 pubkey;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ht_why why = {.code = "none"};
        assert_int_equal(ht_nip98_check(&pubkey, &request, ht_bytes_str(cases[i].header), &why),
                         HT_EINPUT);
        assert_string_equal(why.code, cases[i].code);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manage_reads_methods_with_their_parameters),
        cmocka_unit_test(manage_names_all_its_methods_and_reads_each),
        cmocka_unit_test(manage_writes_addresses_as_the_kernel_does),
        cmocka_unit_test(manage_refuses_what_it_does_not_understand),
        cmocka_unit_test(manage_refuses_a_reason_that_is_too_long),
        cmocka_unit_test(nip98_takes_a_right_for_this_request_alone),
        cmocka_unit_test(nip98_refuses_headers_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
