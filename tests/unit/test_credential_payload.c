/* Payloads that are made read back as what they were made of. */
#include "tests/unit/credential_world.h"

#include "identity/credentials/credential_payload.h"

static json_t *json_of(const char *quoted) {
    json_t *value = NULL;
    assert_int_equal(ht_json_parse(&value, ht_bytes_str(quoted), 65536, NULL), HT_OK);
    return value;
}

/* Signs a payload, which is taken over, with the key of that number. */
static void sign(json_t *payload, unsigned number) {
    struct ht_buf json;
    ht_buf_init(&json, 65536);
    assert_int_equal(ht_json_dump_compact(&json, payload), HT_OK);
    assert_int_equal(ht_buf_add(&json, ht_bytes_of("", 1)), HT_OK);
    ht_tm_plain_token(&text, (const char *)json.p, HT_JWT_ES256K, number);
    ht_buf_fini(&json);
    json_decref(payload);
}

static json_t *payload_of(const char *credential) {
    json_t *payload = NULL;
    json_t *value = json_of(credential);
    if (ht_vc_payload(&payload, value, ISSUER, NOW, &why) != HT_OK)
        fail_msg("%s: %s", why.code, why.text);
    json_decref(value);
    return payload;
}

static void refuses_credential(const char *credential, enum ht_err err, const char *code) {
    json_t *payload = NULL;
    json_t *value = json_of(credential);
    assert_int_equal(ht_vc_payload(&payload, value, ISSUER, NOW, &why), err);
    assert_string_equal(why.code, code);
    assert_null(payload);
    json_decref(value);
}

#define BODY VC_TYPE ",\"credentialSubject\":{\"id\":\"" HOLDER "\",\"level\":1}"

static void payload_of_version_1_moves_dates_and_ids_into_claims(void **state) {
    (void)state;
    json_t *payload = payload_of("{" V1 "," BODY ",\"id\":\"urn:x:1\",\"issuer\":\"" ISSUER
                                 "\",\"issuanceDate\":\"2026-03-01T00:00:00Z\","
                                 "\"expirationDate\":\"2026-03-02T00:00:00Z\"}");
    json_t *wanted = json_of("{\"iss\":\"" ISSUER "\",\"sub\":\"" HOLDER
                             "\",\"jti\":\"urn:x:1\",\"nbf\":1772323200,\"exp\":1772409600,"
                             "\"vc\":{" V1 "," BODY "}}");
    assert_true(json_equal(payload, wanted));
    json_decref(wanted);
    sign(payload, 1);
    struct ht_vc_result result;
    assert_int_equal(verify_text(&result), HT_OK);
    assert_string_equal(text_at(result.claims, "id"), "urn:x:1");
    assert_string_equal(text_at(result.claims, "credentialSubject.id"), HOLDER);
    assert_int_equal(result.expires_s, 1772409600);
    json_decref(result.claims);
}

static void payload_of_version_2_is_the_credential_with_claims_beside(void **state) {
    (void)state;
    json_t *payload = payload_of("{" V2 "," BODY "}");
    assert_string_equal(text_at(payload, "issuer"), ISSUER);
    assert_string_equal(text_at(payload, "validFrom"), "2026-03-01T12:00:00.000Z");
    assert_string_equal(text_at(payload, "sub"), HOLDER);
    assert_null(ht_json_member(payload, "vc"));
    sign(payload, 1);
    accepts_text();
}

static void payload_begins_now_unless_it_says_when(void **state) {
    (void)state;
    json_t *payload = payload_of("{" V1 "," BODY "}");
    assert_int_equal(json_integer_value(ht_json_member(payload, "nbf")), NOW);
    assert_null(ht_json_member(payload, "exp"));
    sign(payload, 1);
    accepts_text();
}

static void payload_with_several_subjects_has_no_sub(void **state) {
    (void)state;
    json_t *payload =
        payload_of("{" V1 "," VC_TYPE ",\"credentialSubject\":[{\"id\":\"did:web:a\"},{\"id\":"
                   "\"did:web:b\"}]}");
    assert_null(ht_json_member(payload, "sub"));
    sign(payload, 1);
    accepts_text();
}

static void payload_is_refused_where_readers_would_differ(void **state) {
    (void)state;
    refuses_credential("[]", HT_EINPUT, "vc_form");
    refuses_credential("{" VC_TYPE "," SUBJECT "}", HT_EINPUT, "vc_context");
    refuses_credential("{" V1 "," VP_TYPE "," SUBJECT "}", HT_EINPUT, "vc_type");
    refuses_credential(
        "{" V1 ",\"type\":[\"VerifiableCredential\",\"VerifiablePresentation\"]," SUBJECT "}",
        HT_EINPUT, "vc_type");
    refuses_credential("{" V1 "," VC_TYPE "}", HT_EINPUT, "vc_form");
    refuses_credential("{" V1 "," BODY ",\"exp\":1}", HT_EINPUT, "vc_form");
    refuses_credential("{" V1 "," BODY ",\"vc\":{}}", HT_EINPUT, "vc_form");
    refuses_credential("{" V1 "," BODY ",\"id\":7}", HT_EINPUT, "vc_form");
    refuses_credential("{" V1 "," BODY ",\"issuer\":\"" HOLDER "\"}", HT_EUNVERIFIED, "vc_issuer");
    refuses_credential("{" V1 "," BODY ",\"issuer\":[\"" ISSUER "\"]}", HT_EUNVERIFIED,
                       "vc_issuer");
    refuses_credential("{" V1 "," BODY ",\"expirationDate\":\"tomorrow\"}", HT_EINPUT, "vc_date");
    refuses_credential("{" V1 "," BODY ",\"expirationDate\":\"2026-02-01T00:00:00Z\"}", HT_EINPUT,
                       "vc_date");
}

static void payload_of_a_presentation_answers_its_challenge(void **state) {
    (void)state;
    struct ht_vc_result result;
    json_t *payload = NULL;
    sign(payload_of("{" V1 "," BODY "}"), 1);
    json_t *tokens = json_pack("[s#]", (const char *)text.p, (int)text.n);
    assert_int_equal(ht_vp_payload(&payload, tokens, HOLDER, "abc", "node.example", NOW, &why),
                     HT_OK);
    json_decref(tokens);
    sign(payload, 2);
    check.challenge = "abc";
    check.domain = "node.example";
    assert_int_equal(verify_text(&result), HT_OK);
    assert_true(result.is_presentation && result.is_bound);
    assert_int_equal(result.expires_s, NOW + HT_VP_LIFETIME_S);
    json_decref(result.claims);
    check.challenge = "other";
    refuses_text(HT_EUNVERIFIED, "vc_challenge");
}

static void payload_of_a_presentation_is_bounded(void **state) {
    (void)state;
    json_t *payload = NULL;
    json_t *tokens = json_array();
    for (unsigned i = 0; i <= HT_VC_PRESENTED_MAX; i++)
        assert_int_equal(json_array_append_new(tokens, json_string("a.b.c")), 0);
    assert_int_equal(ht_vp_payload(&payload, tokens, HOLDER, NULL, NULL, NOW, &why), HT_ELIMIT);
    assert_string_equal(why.code, "vc_too_many");
    assert_int_equal(json_array_clear(tokens), 0);
    assert_int_equal(json_array_append_new(tokens, json_integer(7)), 0);
    assert_int_equal(ht_vp_payload(&payload, tokens, HOLDER, NULL, NULL, NOW, &why), HT_EINPUT);
    assert_string_equal(why.code, "vc_form");
    json_decref(tokens);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(payload_of_version_1_moves_dates_and_ids_into_claims),
        TEST(payload_of_version_2_is_the_credential_with_claims_beside),
        TEST(payload_begins_now_unless_it_says_when),
        TEST(payload_with_several_subjects_has_no_sub),
        TEST(payload_is_refused_where_readers_would_differ),
        TEST(payload_of_a_presentation_answers_its_challenge),
        TEST(payload_of_a_presentation_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
