/* Presentations: for whom, by whom, and what they hold. */
#include "tests/unit/credential_world.h"

/* A presentation by HOLDER of one credential with that payload, with more claims of its own. */
static void present(const char *inner, const char *members) {
    static char payload[16384];
    ht_tm_plain_token(&text, inner, HT_JWT_ES256K, 1);
    (void)snprintf(payload, sizeof payload,
                   "{\"vp\":{" V1 "," VP_TYPE
                   ",\"verifiableCredential\":[\"%.*s\"]},\"iss\":\"" HOLDER "\"%s}",
                   (int)text.n, (const char *)text.p, members);
    ht_tm_plain_token(&text, payload, HT_JWT_ES256K, 2);
}

static void presentation_reports_whether_its_credentials_are_the_holders(void **state) {
    (void)state;
    struct ht_vc_result result;
    present(GOOD, "");
    assert_int_equal(verify_text(&result), HT_OK);
    assert_true(result.is_presentation && result.is_bound);
    assert_string_equal(result.issuer, HOLDER);
    assert_string_equal(text_at(result.claims, "verifiableCredential[0].issuer.id"), ISSUER);
    assert_string_equal(text_at(result.claims, "holder"), HOLDER);
    json_decref(result.claims);
    present("{" VC "," ISS ",\"sub\":\"did:web:other.example\"}", "");
    assert_int_equal(verify_text(&result), HT_OK);
    assert_false(result.is_bound);
    json_decref(result.claims);
    present("{" VC "," ISS "}", "");
    assert_int_equal(verify_text(&result), HT_OK);
    assert_false(result.is_bound);
    json_decref(result.claims);
}

static void presentation_of_nothing_is_bound_to_nobody(void **state) {
    (void)state;
    struct ht_vc_result result;
    ht_tm_plain_token(&text, "{\"vp\":{" V1 "," VP_TYPE "},\"iss\":\"" HOLDER "\"}", HT_JWT_ES256K,
                      2);
    assert_int_equal(verify_text(&result), HT_OK);
    assert_false(result.is_bound);
    json_decref(result.claims);
}

static void presentation_answers_challenge_and_domain(void **state) {
    (void)state;
    check.challenge = "abc";
    check.domain = "node.example";
    present(GOOD, ",\"nonce\":\"abc\",\"aud\":\"node.example\"");
    accepts_text();
    present(GOOD, ",\"nonce\":\"abc\",\"aud\":[\"other.example\",\"node.example\"]");
    accepts_text();
    present(GOOD, ",\"nonce\":\"abd\",\"aud\":\"node.example\"");
    refuses_text(HT_EUNVERIFIED, "vc_challenge");
    present(GOOD, ",\"aud\":\"node.example\"");
    refuses_text(HT_EUNVERIFIED, "vc_challenge");
    present(GOOD, ",\"nonce\":[\"abc\"],\"aud\":\"node.example\"");
    refuses_text(HT_EUNVERIFIED, "vc_challenge");
    present(GOOD, ",\"nonce\":\"abc\",\"aud\":[\"other.example\"]");
    refuses_text(HT_EUNVERIFIED, "vc_domain");
    present(GOOD, ",\"nonce\":\"abc\"");
    refuses_text(HT_EUNVERIFIED, "vc_domain");
    present(GOOD, ",\"nonce\":\"abc\",\"aud\":{\"node.example\":1}");
    refuses_text(HT_EUNVERIFIED, "vc_domain");
    present(GOOD, ",\"nonce\":\"abc\",\"aud\":\"node.example\\u0000.evil.example\"");
    refuses_text(HT_EUNVERIFIED, "vc_domain");
}

static void presentation_key_must_be_for_authentication(void **state) {
    (void)state;
    present(GOOD, "");
    assert_int_equal(json_object_del(json_object_get(documents, HOLDER), "authentication"), 0);
    refuses_text(HT_EUNVERIFIED, "vc_key");
}

static void presentation_is_as_good_as_its_credentials(void **state) {
    (void)state;
    present("{" VC "," ISS ",\"exp\":1}", "");
    refuses_text(HT_EUNVERIFIED, "vc_expired");
    assert_non_null(strstr(why.text, "presented credential 1"));
    present("{" VC ",\"iss\":\"" HOLDER "\"}", "");
    refuses_text(HT_EUNVERIFIED, "jwt_signature");
    present("{" VC ",\"iss\":7}", "");
    refuses_text(HT_EINPUT, "vc_form");
}

static void presentation_holder_said_twice_must_agree(void **state) {
    (void)state;
    static char payload[1024];
    (void)snprintf(payload, sizeof payload,
                   "{\"vp\":{" V1 "," VP_TYPE ",\"holder\":\"" ISSUER "\"},\"iss\":\"" HOLDER
                   "\"}");
    ht_tm_plain_token(&text, payload, HT_JWT_ES256K, 2);
    refuses_text(HT_EUNVERIFIED, "vc_holder");
}

static void presentation_in_a_presentation_is_refused(void **state) {
    (void)state;
    present("{\"vp\":{" V1 "," VP_TYPE "},\"iss\":\"" ISSUER "\"}", "");
    refuses_text(HT_EINPUT, "vc_type");
}

static void presented(const char *list, enum ht_err err, const char *code) {
    static char payload[4096];
    (void)snprintf(
        payload, sizeof payload,
        "{\"vp\":{" V1 "," VP_TYPE ",\"verifiableCredential\":%s},\"iss\":\"" HOLDER "\"}", list);
    ht_tm_plain_token(&text, payload, HT_JWT_ES256K, 2);
    refuses_text(err, code);
}

static void presentation_holds_tokens_only(void **state) {
    (void)state;
    presented("[{" V1 "," VC_TYPE "," SUBJECT "}]", HT_EINPUT, "vc_form");
    presented("[null]", HT_EINPUT, "vc_form");
    presented("7", HT_EINPUT, "vc_form");
    presented("[\"a.b\"]", HT_EINPUT, "jwt_form");
    presented("[{\"type\":\"EnvelopedVerifiableCredential\",\"id\":\"data:text/plain,a.b.c\"}]",
              HT_EINPUT, "vc_form");
    presented("[{\"type\":\"EnvelopedVerifiableCredential\",\"id\":\"data:application/vc+jwt,a\"}]",
              HT_EINPUT, "jwt_form");
    presented("[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", HT_ELIMIT,
              "vc_too_many");
}

static void presentation_takes_an_enveloped_credential(void **state) {
    (void)state;
    static char payload[4096];
    ht_tm_plain_token(&text, GOOD, HT_JWT_ES256K, 1);
    (void)snprintf(payload, sizeof payload,
                   "{" V2 "," VP_TYPE ",\"holder\":\"" HOLDER "\",\"verifiableCredential\":[{" V2
                   ",\"type\":\"EnvelopedVerifiableCredential\",\"id\":\"data:application/vc+jwt,"
                   "%.*s\"}]}",
                   (int)text.n, (const char *)text.p);
    ht_tm_plain_token(&text, payload, HT_JWT_ES256K, 2);
    accepts_text();
}

static void presentation_ends_with_its_first_credential(void **state) {
    (void)state;
    struct ht_vc_result result;
    present("{" VC "," ISS ",\"exp\":1772370000}", ",\"exp\":1772380000");
    assert_int_equal(verify_text(&result), HT_OK);
    assert_int_equal(result.expires_s, 1772370000);
    json_decref(result.claims);
}

static void presentation_names_all_whose_documents_it_needs(void **state) {
    (void)state;
    json_t *parties = NULL;
    present(GOOD, "");
    assert_int_equal(ht_vc_parties(&parties, ht_buf_view(&text), &why), HT_OK);
    assert_int_equal(json_array_size(parties), 2);
    assert_string_equal(text_at(parties, "[0]"), HOLDER);
    assert_string_equal(text_at(parties, "[1]"), ISSUER);
    json_decref(parties);
    assert_int_equal(ht_vc_parties(&parties, ht_bytes_str("a.b"), &why), HT_EINPUT);
    assert_string_equal(why.code, "jwt_form");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(presentation_reports_whether_its_credentials_are_the_holders),
        TEST(presentation_of_nothing_is_bound_to_nobody),
        TEST(presentation_answers_challenge_and_domain),
        TEST(presentation_key_must_be_for_authentication),
        TEST(presentation_is_as_good_as_its_credentials),
        TEST(presentation_holder_said_twice_must_agree),
        TEST(presentation_in_a_presentation_is_refused),
        TEST(presentation_holds_tokens_only),
        TEST(presentation_takes_an_enveloped_credential),
        TEST(presentation_ends_with_its_first_credential),
        TEST(presentation_names_all_whose_documents_it_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
