/* Authorization of kind 24242: each thing it must say, and each way to say it wrongly. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>

#include "social/media/media_auth.h"
#include "tests/unit/event_maker.h"

#define NOW MAKER_TIME
#define WHO 7
#define HASH "b1674191a88ec5cdd733e4240a81803105dc412d6c6708d53ab94fc248f4f553"

/* Up to eight tags of two items. */
struct grant {
    uint32_t kind;
    int64_t at;
    const char *tags[8][2];
};

static const struct grant good = {
    .kind = HT_KIND_MEDIA_AUTH,
    .at = NOW,
    .tags = {{"t", "upload"}, {"expiration", "1780000060"}, {"x", HASH}},
};

static char header[HT_MEDIA_AUTH_HEADER_MAX + 8];

static void write_grant(const struct grant *grant, int alphabet) {
    ht_bytes items[8][2];
    struct ht_event_tag tags[8];
    size_t count = 0;
    for (; count < 8 && grant->tags[count][0] != NULL; count++) {
        items[count][0] = ht_bytes_str(grant->tags[count][0]);
        items[count][1] = ht_bytes_str(grant->tags[count][1]);
        tags[count] = (struct ht_event_tag){.items = items[count], .count = 2};
    }
    struct ht_event event = {.kind = grant->kind,
                             .created_at = grant->at,
                             .tags = tags,
                             .tag_count = count,
                             .content = ht_bytes_str("Upload it")};
    struct ht_buf json;
    maker_sign(&event, WHO);
    ht_buf_init(&json, 8192);
    assert_int_equal(ht_event_write(&json, &event), HT_OK);
    (void)snprintf(header, sizeof header, "Nostr ");
    assert_non_null(sodium_bin2base64(header + 6, sizeof header - 6, json.p, json.n, alphabet));
    ht_buf_fini(&json);
}

static bool is_ours(void *user, ht_bytes host) {
    (void)user;
    return ht_bytes_equal(host, ht_bytes_str("media.example"));
}

static struct ht_media_auth auth;

static enum ht_err check(struct ht_why *why) {
    const struct ht_media_auth_ask ask = {.verb = "upload", .now_s = NOW, .is_ours = is_ours};
    return ht_media_auth_check(&auth, &ask, ht_bytes_str(header), why);
}

static void refuses(const struct grant *grant, enum ht_err err, const char *code) {
    struct ht_why why = {.code = ""};
    write_grant(grant, sodium_base64_VARIANT_ORIGINAL);
    assert_int_equal(check(&why), err);
    assert_string_equal(why.code, code);
}

static void media_auth_takes_what_is_right_in_both_alphabets(void **state) {
    static const int alphabets[] = {
        sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
        sodium_base64_VARIANT_URLSAFE, sodium_base64_VARIANT_URLSAFE_NO_PADDING};
    ht_hash32 who = maker_pubkey(WHO), hash;
    (void)state;
    assert_true(ht_event_hex32(&hash, ht_bytes_str(HASH)));
    for (size_t i = 0; i < 4; i++) {
        struct ht_why why = {.code = ""};
        write_grant(&good, alphabets[i]);
        if (check(&why) != HT_OK) fail_msg("alphabet %zu: %s", i, why.code);
        assert_true(ht_hash32_equal(&auth.pubkey, &who));
        assert_int_equal(auth.hash_count, 1);
        assert_true(ht_media_auth_has(&auth, &hash));
        assert_false(auth.has_server);
    }
}

static void media_auth_is_for_the_blobs_it_names_alone(void **state) {
    struct ht_why why = {.code = ""};
    const ht_hash32 other = {{1}};
    (void)state;
    write_grant(&good, sodium_base64_VARIANT_ORIGINAL);
    assert_int_equal(check(&why), HT_OK);
    assert_int_equal(ht_media_auth_for(&auth, &other, &why), HT_EDENIED);
    assert_string_equal(why.code, "auth_hash");
}

static void media_auth_needs_one(void **state) {
    struct ht_why why = {.code = ""};
    (void)state;
    header[0] = '\0';
    assert_int_equal(check(&why), HT_EDENIED);
    assert_string_equal(why.code, "auth_missing");
}

static void media_auth_needs_an_event_in_base64(void **state) {
    static const char *const headers[] = {"Nostr", "Nostr ",
                                          "Bearer YQ==", "nostr YQ==", "Nostr !!!!"};
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        struct ht_why why = {.code = ""};
        (void)snprintf(header, sizeof header, "%s", headers[i]);
        assert_int_equal(check(&why), HT_EINPUT);
        assert_string_equal(why.code, "auth_header");
    }
}

static void media_auth_refuses_another_kind(void **state) {
    struct grant grant = good;
    (void)state;
    grant.kind = 27235;
    refuses(&grant, HT_EDENIED, "auth_kind");
}

static void media_auth_refuses_the_future_but_for_a_clock_that_is_a_little_ahead(void **state) {
    struct grant grant = good;
    struct ht_why why = {.code = ""};
    (void)state;
    grant.at = NOW + HT_MEDIA_AUTH_AHEAD_S + 1;
    refuses(&grant, HT_EDENIED, "auth_time");
    grant.at = NOW + HT_MEDIA_AUTH_AHEAD_S;
    write_grant(&grant, sodium_base64_VARIANT_ORIGINAL);
    assert_int_equal(check(&why), HT_OK);
}

static void media_auth_refuses_what_has_expired_or_never_will(void **state) {
    struct grant grant = good;
    (void)state;
    grant.tags[1][1] = "1780000000";
    refuses(&grant, HT_EDENIED, "auth_expired");
    grant.tags[1][1] = "soon";
    refuses(&grant, HT_EDENIED, "auth_expired");
    grant.tags[1][0] = "expires";
    refuses(&grant, HT_EDENIED, "auth_expired");
}

static void media_auth_refuses_another_verb(void **state) {
    struct grant grant = good;
    (void)state;
    grant.tags[0][1] = "get";
    refuses(&grant, HT_EDENIED, "auth_verb");
    grant.tags[0][1] = "Upload";
    refuses(&grant, HT_EDENIED, "auth_verb");
}

static void media_auth_refuses_other_servers_unless_we_are_among_them(void **state) {
    struct grant grant = good;
    struct ht_why why = {.code = ""};
    (void)state;
    grant.tags[3][0] = "server";
    grant.tags[3][1] = "https://cdn.example/";
    refuses(&grant, HT_EDENIED, "auth_server");
    grant.tags[3][1] = "cdn.example/media.example";
    refuses(&grant, HT_EDENIED, "auth_server");
    grant.tags[4][0] = "server";
    grant.tags[4][1] = "https://media.example/x";
    write_grant(&grant, sodium_base64_VARIANT_ORIGINAL);
    assert_int_equal(check(&why), HT_OK);
    assert_true(auth.has_server);
}

static void media_auth_refuses_a_signature_that_is_another_s(void **state) {
    struct ht_why why = {.code = ""};
    uint8_t json[HT_MEDIA_AUTH_HEADER_MAX];
    size_t n = 0;
    (void)state;
    write_grant(&good, sodium_base64_VARIANT_ORIGINAL);
    assert_int_equal(sodium_base642bin(json, sizeof json, header + 6, strlen(header + 6), NULL, &n,
                                       NULL, sodium_base64_VARIANT_ORIGINAL),
                     0);
    json[n] = '\0';
    char *sig = strstr((char *)json, "\"sig\":\"") + 7;
    sig[70] = sig[70] == '0' ? '1' : '0';
    (void)sodium_bin2base64(header + 6, sizeof header - 6, json, n, sodium_base64_VARIANT_ORIGINAL);
    assert_int_equal(check(&why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "event_signature");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(media_auth_takes_what_is_right_in_both_alphabets),
        cmocka_unit_test(media_auth_is_for_the_blobs_it_names_alone),
        cmocka_unit_test(media_auth_needs_one),
        cmocka_unit_test(media_auth_needs_an_event_in_base64),
        cmocka_unit_test(media_auth_refuses_another_kind),
        cmocka_unit_test(media_auth_refuses_the_future_but_for_a_clock_that_is_a_little_ahead),
        cmocka_unit_test(media_auth_refuses_what_has_expired_or_never_will),
        cmocka_unit_test(media_auth_refuses_another_verb),
        cmocka_unit_test(media_auth_refuses_other_servers_unless_we_are_among_them),
        cmocka_unit_test(media_auth_refuses_a_signature_that_is_another_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
