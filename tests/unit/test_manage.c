/* Management (NIP-86) and the right to it (NIP-98). */
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
#include "social/manage.h"
#include "social/nip98.h"
#include "tests/unit/event_maker.h"

#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct {
    struct ht_manage *manage;
    size_t banned, allowed;
    unsigned changes, removed, restored;
    char profile[600];
} it;

static void banned(void *user, const ht_hash32 *pubkeys, size_t count) {
    (void)user;
    if (count > 0) assert_true(pubkeys[0].b[0] == 0xaa || pubkeys[0].b[0] == 0xbb);
    it.banned = count;
}

static void allowed(void *user, const ht_hash32 *pubkeys, size_t count) {
    (void)user;
    (void)pubkeys;
    it.allowed = count;
}

static void event(void *user, const ht_hash32 *id, bool is_banned) {
    (void)user;
    assert_int_equal(id->b[31], 0xaa);
    it.removed += is_banned;
    it.restored += !is_banned;
}

static void profile(void *user, const char *name, const char *value) {
    (void)user;
    (void)snprintf(it.profile, sizeof it.profile, "%s=%s", name, value);
}

static void changed(void *user) {
    (void)user;
    it.changes++;
}

static const struct ht_manage_effects effects = {
    .banned = banned, .allowed = allowed, .event = event, .profile = profile, .changed = changed};

static int start(void **state) {
    (void)state;
    memset(&it, 0, sizeof it);
    return ht_manage_new(&it.manage, &effects, NULL) == HT_OK ? 0 : 1;
}

static int end(void **state) {
    (void)state;
    ht_manage_free(it.manage);
    return 0;
}

static void answers(const char *body, const char *expected) {
    json_t *answer = ht_manage_answer(it.manage, ht_bytes_str(body));
    char *text = json_dumps(answer, JSON_COMPACT);
    assert_non_null(text);
    if (strstr(text, expected) == NULL) fail_msg("expected %s, got %s", expected, text);
    free(text);
    json_decref(answer);
}

static void manage_bans_and_allows_keys(void **state) {
    (void)state;
    answers("{\"method\":\"banpubkey\",\"params\":[\"" KEY_A "\",\"spam\"]}", "{\"result\":true}");
    answers("{\"method\":\"banpubkey\",\"params\":[\"" KEY_B "\"]}", "true");
    assert_int_equal(it.banned, 2);
    answers("{\"method\":\"listbannedpubkeys\",\"params\":[]}",
            "{\"result\":[{\"pubkey\":\"" KEY_A "\",\"reason\":\"spam\"},{\"pubkey\":\"" KEY_B);
    answers("{\"method\":\"allowpubkey\",\"params\":[\"" KEY_A "\"]}", "true");
    assert_int_equal(it.banned, 1);
    assert_int_equal(it.allowed, 1);
    answers("{\"method\":\"unbanpubkey\",\"params\":[\"" KEY_B "\"]}", "true");
    answers("{\"method\":\"unallowpubkey\",\"params\":[\"" KEY_A "\"]}", "true");
    assert_int_equal(it.banned + it.allowed, 0);
    assert_int_equal(it.changes, 5);
}

static void manage_settles_events_that_were_reported(void **state) {
    ht_hash32 id;
    (void)state;
    memset(id.b, 0xaa, sizeof id.b);
    assert_int_equal(ht_manage_report(it.manage, &id, "spam"), HT_OK);
    answers("{\"method\":\"listeventsneedingmoderation\",\"params\":[]}",
            "[{\"id\":\"" KEY_A "\",\"reason\":\"spam\"}]");
    answers("{\"method\":\"banevent\",\"params\":[\"" KEY_A "\",\"yes\"]}", "true");
    assert_int_equal(it.removed, 1);
    answers("{\"method\":\"listeventsneedingmoderation\",\"params\":[]}", "{\"result\":[]}");
    answers("{\"method\":\"listbannedevents\",\"params\":[]}", KEY_A);
    /* It is settled: reports of it are not asked about again. */
    assert_int_equal(ht_manage_report(it.manage, &id, "again"), HT_OK);
    answers("{\"method\":\"listeventsneedingmoderation\",\"params\":[]}", "{\"result\":[]}");
    answers("{\"method\":\"allowevent\",\"params\":[\"" KEY_A "\"]}", "true");
    assert_int_equal(it.restored, 1);
    answers("{\"method\":\"listbannedevents\",\"params\":[]}", "{\"result\":[]}");
}

static void manage_blocks_addresses_and_names_the_relay(void **state) {
    (void)state;
    answers("{\"method\":\"blockip\",\"params\":[\"192.0.2.7\",\"noise\"]}", "true");
    assert_true(ht_manage_is_blocked(it.manage, "192.0.2.7"));
    assert_false(ht_manage_is_blocked(it.manage, "192.0.2.8"));
    answers("{\"method\":\"listblockedips\",\"params\":[]}", "{\"ip\":\"192.0.2.7\"");
    answers("{\"method\":\"unblockip\",\"params\":[\"192.0.2.7\"]}", "true");
    assert_false(ht_manage_is_blocked(it.manage, "192.0.2.7"));
    answers("{\"method\":\"changerelayname\",\"params\":[\"Home\"]}", "true");
    assert_string_equal(it.profile, "name=Home");
    answers("{\"method\":\"changerelaydescription\",\"params\":[\"Ours\"]}", "true");
    assert_string_equal(it.profile, "description=Ours");
    answers("{\"method\":\"supportedmethods\",\"params\":[]}", "\"banpubkey\"");
}

static void manage_refuses_what_it_does_not_understand(void **state) {
    static const struct {
        const char *method, *params, *code;
    } cases[] = {
        {"stop", "[]", "manage_method"},
        {"banpubkey", "[]", "manage_params"},
        {"banpubkey", "[\"xyz\"]", "manage_params"},
        {"banpubkey", "[\"AA" HEX16 HEX16 HEX16 "0123456789abcd\"]", "manage_params"},
        {"banevent", "[5]", "manage_params"},
        {"blockip", "[\"not an address\"]", "manage_params"},
        {"changerelayname", "[{}]", "manage_params"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *params = json_loads(cases[i].params, 0, NULL);
        json_t *result = NULL;
        struct ht_why why = {.code = "none"};
        assert_true(ht_manage_call(&result, it.manage, cases[i].method, params, &why) != HT_OK);
        assert_string_equal(why.code, cases[i].code);
        json_decref(params);
    }
    answers("nothing", "{\"error\":");
    answers("{\"params\":[]}", "{\"error\":");
    assert_int_equal(it.changes, 0);
}

static void manage_comes_back_as_it_was_saved(void **state) {
    (void)state;
    answers("{\"method\":\"banpubkey\",\"params\":[\"" KEY_A "\",\"spam\"]}", "true");
    answers("{\"method\":\"blockip\",\"params\":[\"::1\"]}", "true");
    json_t *saved = ht_manage_save(it.manage);
    assert_non_null(saved);
    (void)json_object_set_new(json_object_get(saved, "banned"), "no key", json_string(""));
    ht_manage_free(it.manage);
    it.banned = 0;
    assert_int_equal(ht_manage_new(&it.manage, &effects, NULL), HT_OK);
    assert_int_equal(ht_manage_load(it.manage, saved, NULL), HT_OK);
    json_decref(saved);
    assert_int_equal(it.banned, 1);
    assert_true(ht_manage_is_blocked(it.manage, "::1"));
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(manage_bans_and_allows_keys),
        TEST(manage_settles_events_that_were_reported),
        TEST(manage_blocks_addresses_and_names_the_relay),
        TEST(manage_refuses_what_it_does_not_understand),
        TEST(manage_comes_back_as_it_was_saved),
        cmocka_unit_test(nip98_takes_a_right_for_this_request_alone),
        cmocka_unit_test(nip98_refuses_headers_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
