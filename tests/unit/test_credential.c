/* Credentials: whose key counts, when, and what is said twice. */
#include "tests/unit/credential_world.h"

#include "node/codec/base58.h"
#include "node/codec/base64.h"

static void accepts(const char *payload) {
    ht_tm_plain_token(&text, payload, HT_JWT_ES256K, 1);
    accepts_text();
}

static void refuses(const char *payload, enum ht_err err, const char *code) {
    ht_tm_plain_token(&text, payload, HT_JWT_ES256K, 1);
    refuses_text(err, code);
}

/* --- credentials ------------------------------------------------------------------------------ */

static void credential_is_given_in_the_shape_of_the_data_model(void **state) {
    (void)state;
    struct ht_vc_result result;
    ht_tm_plain_token(&text,
                      "{" VC "," ISS "," SUB "," NBF ",\"exp\":1772370000,\"jti\":\"urn:x:1\"}",
                      HT_JWT_ES256K, 1);
    assert_int_equal(verify_text(&result), HT_OK);
    assert_false(result.is_presentation || result.is_bound || result.has_status);
    assert_string_equal(result.issuer, ISSUER);
    assert_string_equal(result.method, ISSUER "#key");
    assert_int_equal(result.expires_s, 1772370000);
    assert_string_equal(text_at(result.claims, "issuer.id"), ISSUER);
    assert_string_equal(text_at(result.claims, "credentialSubject.id"), HOLDER);
    assert_string_equal(text_at(result.claims, "issuanceDate"), "2026-03-01T11:43:20.000Z");
    assert_string_equal(text_at(result.claims, "expirationDate"), "2026-03-01T13:00:00.000Z");
    assert_string_equal(text_at(result.claims, "id"), "urn:x:1");
    json_decref(result.claims);
}

static void credential_of_version_2_is_the_payload_itself(void **state) {
    (void)state;
    struct ht_vc_result result;
    ht_tm_plain_token(&text,
                      "{" V2 "," VC_TYPE ",\"issuer\":{\"id\":\"" ISSUER
                      "\",\"name\":\"x\"},\"credentialSubject\":{\"id\":\"" HOLDER
                      "\"},\"validFrom\":\"2026-03-01T00:00:00Z\",\"validUntil\":"
                      "\"2026-03-02T00:00:00Z\",\"credentialStatus\":{\"id\":\"x\"}}",
                      HT_JWT_ES256K, 1);
    assert_int_equal(verify_text(&result), HT_OK);
    assert_string_equal(result.issuer, ISSUER);
    assert_true(result.has_status);
    assert_int_equal(result.expires_s, 1772409600);
    assert_string_equal(text_at(result.claims, "issuer.name"), "x");
    assert_string_equal(text_at(result.claims, "validFrom"), "2026-03-01T00:00:00.000Z");
    json_decref(result.claims);
}

static void credential_times_have_five_minutes_of_room(void **state) {
    (void)state;
    char payload[512];
    static const struct {
        const char *claim;
        int64_t time_s;
        const char *code;
    } cases[] = {
        {"exp", NOW - 299, NULL},         {"exp", NOW - 300, "vc_expired"},
        {"exp", 0, "vc_expired"},         {"nbf", NOW + 300, NULL},
        {"nbf", NOW + 301, "vc_not_yet"}, {"iat", NOW + 300, NULL},
        {"iat", NOW + 301, "vc_not_yet"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(payload, sizeof payload, "{" VC "," ISS ",\"%s\":%lld}", cases[i].claim,
                       (long long)cases[i].time_s);
        if (cases[i].code == NULL)
            accepts(payload);
        else
            refuses(payload, HT_EUNVERIFIED, cases[i].code);
    }
}

static void credential_dates_are_whole_seconds(void **state) {
    (void)state;
    refuses("{" VC "," ISS ",\"exp\":\"1772370000\"}", HT_EINPUT, "vc_date");
    refuses("{" VC "," ISS ",\"exp\":1772370000.5}", HT_EINPUT, "vc_date");
    refuses("{" VC "," ISS ",\"exp\":null}", HT_EINPUT, "vc_date");
    refuses("{" VC "," ISS ",\"exp\":-1}", HT_EINPUT, "vc_date");
    refuses("{" VC "," ISS ",\"exp\":1772370000000}", HT_EINPUT, "vc_date");
    refuses("{" VC "," ISS ",\"exp\":9223372036854775807}", HT_EINPUT, "vc_date");
    refuses("{" VC "," ISS ",\"nbf\":true}", HT_EINPUT, "vc_date");
    refuses("{" VC "," ISS ",\"iat\":[1]}", HT_EINPUT, "vc_date");
    refuses("{\"vc\":{" V1 "," VC_TYPE "," SUBJECT ",\"issuanceDate\":\"yesterday\"}," ISS "}",
            HT_EINPUT, "vc_date");
}

static void credential_dates_said_twice_both_count(void **state) {
    (void)state;
    refuses("{\"vc\":{" V1 "," VC_TYPE "," SUBJECT
            ",\"expirationDate\":\"2026-02-01T00:00:00Z\"}," ISS ",\"exp\":1772370000}",
            HT_EUNVERIFIED, "vc_expired");
    refuses("{\"vc\":{" V1 "," VC_TYPE "," SUBJECT ",\"validFrom\":\"2026-04-01T00:00:00Z\"}," ISS
            "," NBF "}",
            HT_EUNVERIFIED, "vc_not_yet");
    refuses("{" VC "," ISS "," NBF ",\"iat\":1772370000}", HT_EUNVERIFIED, "vc_not_yet");
}

static void credential_issuer_and_subject_said_twice_must_agree(void **state) {
    (void)state;
    refuses("{\"vc\":{" V1 "," VC_TYPE "," SUBJECT ",\"issuer\":\"" HOLDER "\"}," ISS "}",
            HT_EUNVERIFIED, "vc_issuer");
    accepts("{\"vc\":{" V1 "," VC_TYPE "," SUBJECT ",\"issuer\":{\"id\":\"" ISSUER "\"}}," ISS "}");
    refuses("{\"vc\":{" V1 "," VC_TYPE ",\"credentialSubject\":{\"id\":\"did:web:x\"}}," ISS "," SUB
            "}",
            HT_EINPUT, "vc_form");
    refuses("{\"vc\":{" V1 "," VC_TYPE ",\"credentialSubject\":[{\"a\":1},{\"b\":1}]}," ISS "," SUB
            "}",
            HT_EINPUT, "vc_form");
}

static void credential_must_have_its_form(void **state) {
    (void)state;
    refuses("{" ISS "}", HT_EINPUT, "vc_context");
    refuses("{\"vc\":{" VC_TYPE "," SUBJECT "}," ISS "}", HT_EINPUT, "vc_context");
    refuses("{\"vc\":{" V1 "," SUBJECT "}," ISS "}", HT_EINPUT, "vc_type");
    refuses("{\"vc\":{" V1 ",\"type\":[\"VerifiableCredential\",7]," SUBJECT "}," ISS "}",
            HT_EINPUT, "vc_type");
    refuses("{\"vc\":{" V1 "," VP_TYPE "," SUBJECT "}," ISS "}", HT_EINPUT, "vc_type");
    refuses("{\"vc\":{" V1 "," VC_TYPE "}," ISS "}", HT_EINPUT, "vc_form");
    refuses("{\"vc\":{" V1 "," VC_TYPE ",\"credentialSubject\":{}}," ISS "}", HT_EINPUT, "vc_form");
    refuses("{\"vc\":[]," ISS "}", HT_EINPUT, "vc_form");
    refuses("{" VC "}", HT_EINPUT, "vc_form");
    refuses("{" VC ",\"iss\":7}", HT_EINPUT, "vc_form");
    refuses("{" VC ",\"iss\":\"https://issuer.example\"}", HT_EINPUT, "vc_form");
    refuses("{" VC ",\"iss\":\"" ISSUER "#key\"}", HT_EINPUT, "vc_form");
    refuses("{" VC ",\"vp\":{" V1 "," VP_TYPE "}," ISS "}", HT_EINPUT, "vc_form");
    refuses("{" VC "," V1 "," VC_TYPE "," SUBJECT "," ISS "}", HT_EINPUT, "vc_form");
    refuses("{" V2 ",\"type\":[\"VerifiableCredential\",\"VerifiablePresentation\"]," SUBJECT
            "," ISS "}",
            HT_EINPUT, "vc_type");
}

/* --- keys ------------------------------------------------------------------------------------- */

static void credential_of_another_key_is_refused(void **state) {
    (void)state;
    ht_tm_plain_token(&text, GOOD, HT_JWT_ES256K, 2);
    refuses_text(HT_EUNVERIFIED, "jwt_signature");
    ht_tm_plain_token(&text, GOOD, HT_JWT_EDDSA, 1);
    refuses_text(HT_EUNVERIFIED, "vc_key");
}

static void credential_without_a_document_is_refused(void **state) {
    (void)state;
    refuses("{" VC ",\"iss\":\"did:web:nobody.example\"}", HT_EUNVERIFIED, "did_network");
    add_party("did:web:elsewhere.example", 1);
    assert_int_equal(
        json_object_set(documents, ISSUER, json_object_get(documents, "did:web:elsewhere.example")),
        0);
    refuses(GOOD, HT_EUNVERIFIED, "vc_issuer");
}

/* Keys that may not assert, or are not for signing, do not count. */
static void credential_key_must_be_an_assertion_method(void **state) {
    (void)state;
    json_t *document = json_object_get(documents, ISSUER);
    assert_int_equal(json_object_del(document, "assertionMethod"), 0);
    refuses(GOOD, HT_EUNVERIFIED, "vc_key");
    assert_int_equal(json_object_set_new(document, "assertionMethod", json_pack("[s]", "#other")),
                     0);
    refuses(GOOD, HT_EUNVERIFIED, "vc_key");
    assert_int_equal(
        json_object_set_new(document, "assertionMethod", json_pack("[s]", HOLDER "#key")), 0);
    refuses(GOOD, HT_EUNVERIFIED, "vc_key");
}

static void with_header(const char *members, enum ht_err err, const char *code) {
    char header[1024];
    (void)snprintf(header, sizeof header, "{\"alg\":\"ES256K\",%s}", members);
    ht_tm_token(&text, header, GOOD, HT_JWT_ES256K, 1);
    if (err == HT_OK)
        accepts_text();
    else
        refuses_text(err, code);
}

static void credential_kid_chooses_and_brings_nothing_in(void **state) {
    (void)state;
    with_header("\"kid\":\"" ISSUER "#key\"", HT_OK, NULL);
    with_header("\"kid\":\"#key\"", HT_OK, NULL);
    with_header("\"kid\":\"#other\"", HT_EUNVERIFIED, "vc_key");
    with_header("\"kid\":\"key\"", HT_EUNVERIFIED, "vc_key");
    with_header("\"kid\":\"" ISSUER "\"", HT_EUNVERIFIED, "vc_key");
    with_header("\"kid\":\"" HOLDER "#key\"", HT_EUNVERIFIED, "vc_key");
    with_header("\"kid\":\"../key.pem\"", HT_EUNVERIFIED, "vc_key");
    with_header("\"kid\":\"\"", HT_EUNVERIFIED, "vc_key");
}

/* Signed by a stranger's key 3, which the header brings along in every way there is. */
static void credential_keys_in_the_header_are_not_looked_at(void **state) {
    (void)state;
    char header[2048], x[128], hex[HT_HEX_SIZE(33)];
    uint8_t key[33];
    struct ht_buf letters;
    ht_buf_init(&letters, 100);
    ht_tm_public_key(key, 3);
    ht_hex_write(hex, HT_BYTES(key));
    assert_int_equal(ht_base64_write(&letters, HT_BASE64_URL, ht_bytes_of(key + 1, 32)), HT_OK);
    (void)snprintf(x, sizeof x, "%.*s", (int)letters.n, (const char *)letters.p);
    ht_buf_fini(&letters);
    (void)snprintf(header, sizeof header,
                   "{\"alg\":\"ES256K\",\"jwk\":{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"%s\","
                   "\"y\":\"%s\"},\"jku\":\"https://evil.example/keys\",\"x5c\":[\"AAAA\"],"
                   "\"publicKeyHex\":\"%s\"}",
                   x, x, hex + 2);
    ht_tm_token(&text, header, GOOD, HT_JWT_ES256K, 3);
    refuses_text(HT_EUNVERIFIED, "jwt_signature");
    with_header("\"jwk\":{\"kty\":\"EC\"}", HT_OK, NULL);
}

/* A payload that brings a document along. */
static void credential_keys_in_the_payload_are_not_looked_at(void **state) {
    (void)state;
    char payload[2048], hex[HT_HEX_SIZE(33)];
    uint8_t key[33];
    ht_tm_public_key(key, 3);
    ht_hex_write(hex, HT_BYTES(key));
    (void)snprintf(payload, sizeof payload,
                   "{" VC "," ISS ",\"verificationMethod\":[{\"id\":\"#key\",\"type\":"
                   "\"EcdsaSecp256k1VerificationKey2019\",\"publicKeyHex\":\"%s\"}],"
                   "\"assertionMethod\":[\"#key\"],\"cnf\":{\"jwk\":{}}}",
                   hex + 2);
    ht_tm_plain_token(&text, payload, HT_JWT_ES256K, 3);
    refuses_text(HT_EUNVERIFIED, "jwt_signature");
}

/* The issuer's document with one method of that JSON (' for "), key for key material. */
static void add_method(const char *method) {
    char json[2048];
    (void)snprintf(json, sizeof json,
                   "{'id':'" ISSUER "','assertionMethod':[{'id':'#key','controller':'x',%s}]}",
                   method);
    add_document(ISSUER, json);
}

static void base58_of(char out[static 128], const uint8_t *prefix, ht_bytes key) {
    struct ht_buf bytes, letters;
    ht_buf_init(&bytes, 100);
    ht_buf_init(&letters, 127);
    if (prefix != NULL) assert_int_equal(ht_buf_add(&bytes, ht_bytes_of(prefix, 2)), HT_OK);
    assert_int_equal(ht_buf_add(&bytes, key), HT_OK);
    assert_int_equal(ht_base58_write(&letters, ht_buf_view(&bytes)), HT_OK);
    (void)snprintf(out, 128, "%.*s", (int)letters.n, (const char *)letters.p);
    ht_buf_fini(&bytes);
    ht_buf_fini(&letters);
}

static void method_is(bool is_good, enum ht_jwt_alg alg, const char *form, const char *material) {
    char method[1024];
    const char *place = strstr(form, "%s");
    assert_non_null(place);
    (void)snprintf(method, sizeof method, "%.*s%s%s", (int)(place - form), form, material,
                   place + 2);
    add_method(method);
    ht_tm_plain_token(&text, GOOD, alg, 1);
    if (is_good)
        accepts_text();
    else
        refuses_text(HT_EUNVERIFIED, "vc_key");
}

static void document_keys_of_secp256k1_are_read_in_every_form(void **state) {
    (void)state;
    static const uint8_t codec[2] = {0xe7, 0x01}, ed_codec[2] = {0xed, 0x01};
    char hex[HT_HEX_SIZE(33)], letters[128], account[HT_HEX_SIZE(20)];
    uint8_t key[33];
    ht_addr20 address;
    ht_tm_public_key(key, 1);
    ht_tm_address(&address, 1);
    ht_hex_write(hex, HT_BYTES(key));
    ht_hex_write(account, HT_BYTES(address.b));
    method_is(true, HT_JWT_ES256K, "'type':'EcdsaSecp256k1VerificationKey2019','publicKeyHex':'%s'",
              hex);
    base58_of(letters, NULL, HT_BYTES(key));
    method_is(true, HT_JWT_ES256K,
              "'type':'EcdsaSecp256k1VerificationKey2019','publicKeyBase58':'%s'", letters);
    method_is(true, HT_JWT_ES256K,
              "'type':'EcdsaSecp256k1VerificationKey2019','publicKeyMultibase':'z%s'", letters);
    method_is(false, HT_JWT_ES256K, "'type':'Multikey','publicKeyMultibase':'z%s'", letters);
    base58_of(letters, codec, HT_BYTES(key));
    method_is(true, HT_JWT_ES256K_R, "'type':'Multikey','publicKeyMultibase':'z%s'", letters);
    base58_of(letters, ed_codec, HT_BYTES(key));
    method_is(false, HT_JWT_ES256K, "'type':'Multikey','publicKeyMultibase':'z%s'", letters);
    method_is(true, HT_JWT_ES256K_R,
              "'type':'EcdsaSecp256k1RecoveryMethod2020','blockchainAccountId':'eip155:1:%s'",
              account);
    method_is(true, HT_JWT_ES256K,
              "'type':'EcdsaSecp256k1RecoveryMethod2020','blockchainAccountId':'%s@eip155:1'",
              account);
    method_is(true, HT_JWT_ES256K_R,
              "'type':'EcdsaSecp256k1RecoveryMethod2020','ethereumAddress':'%s'", account);
    method_is(false, HT_JWT_ES256K_R,
              "'type':'Ed25519VerificationKey2020','blockchainAccountId':'eip155:1:%s'", account);
    method_is(false, HT_JWT_ES256K, "'type':'X25519KeyAgreementKey2020','publicKeyHex':'%s'", hex);
    method_is(false, HT_JWT_ES256K, "'publicKeyHex':'%s'", hex);
    method_is(false, HT_JWT_ES256K,
              "'type':'EcdsaSecp256k1VerificationKey2019','publicKeyHex':'02%s'", "00");
}

static void document_keys_of_ed25519_are_read_in_every_form(void **state) {
    (void)state;
    static const uint8_t codec[2] = {0xed, 0x01};
    char hex[HT_HEX_SIZE(32)], letters[128];
    uint8_t key[32];
    struct ht_buf base64;
    ht_buf_init(&base64, 100);
    ht_tm_ed25519_key(key, 1);
    ht_hex_write(hex, HT_BYTES(key));
    method_is(true, HT_JWT_EDDSA, "'type':'Ed25519VerificationKey2018','publicKeyHex':'%s'", hex);
    base58_of(letters, NULL, HT_BYTES(key));
    method_is(true, HT_JWT_EDDSA, "'type':'Ed25519VerificationKey2018','publicKeyBase58':'%s'",
              letters);
    base58_of(letters, codec, HT_BYTES(key));
    method_is(true, HT_JWT_EDDSA, "'type':'Ed25519VerificationKey2020','publicKeyMultibase':'z%s'",
              letters);
    method_is(false, HT_JWT_EDDSA,
              "'type':'EcdsaSecp256k1VerificationKey2019','publicKeyMultibase':'z%s'", letters);
    assert_int_equal(ht_base64_write(&base64, HT_BASE64_STD, HT_BYTES(key)), HT_OK);
    (void)snprintf(letters, sizeof letters, "%.*s", (int)base64.n, (const char *)base64.p);
    method_is(true, HT_JWT_EDDSA, "'type':'Ed25519VerificationKey2018','publicKeyBase64':'%s'",
              letters);
    ht_buf_clear(&base64);
    assert_int_equal(ht_base64_write(&base64, HT_BASE64_URL, HT_BYTES(key)), HT_OK);
    (void)snprintf(letters, sizeof letters, "%.*s", (int)base64.n, (const char *)base64.p);
    method_is(true, HT_JWT_EDDSA,
              "'type':'JsonWebKey2020','publicKeyJwk':{'kty':'OKP','crv':'Ed25519','x':'%s'}",
              letters);
    method_is(false, HT_JWT_EDDSA,
              "'type':'JsonWebKey2020','publicKeyJwk':{'kty':'OKP','crv':'X25519','x':'%s'}",
              letters);
    method_is(false, HT_JWT_EDDSA,
              "'type':'EcdsaSecp256k1VerificationKey2019','publicKeyJwk':{'kty':'OKP','crv':"
              "'Ed25519','x':'%s'}",
              letters);
    ht_buf_fini(&base64);
}

/* Key 1 is the generator, whose point is public. */
static void document_keys_as_jwk_must_be_points(void **state) {
    (void)state;
    static const char form[] = "'type':'EcdsaSecp256k1VerificationKey2019','publicKeyJwk':{'kty':"
                               "'EC','crv':'secp256k1','x':'%s'}";
    method_is(true, HT_JWT_ES256K, form,
              "eb5mfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5g','y':'"
              "SDradyajxGVdpPv8DhEIqP0XtEimhVQZnEfQj_sQ1Lg");
    method_is(false, HT_JWT_ES256K, form, "eb5mfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5g");
    method_is(false, HT_JWT_ES256K, form,
              "eb5mfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5g','y':'"
              "eb5mfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5g");
    method_is(false, HT_JWT_ES256K, form,
              "eb5mfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5g','y':'"
              "SDradyajxGVdpPv8DhEIqP0XtEimhVQZnEfQj_s");
}

static void document_same_did_knows_where_case_is_a_checksum(void **state) {
    (void)state;
    assert_true(ht_document_same_did(ht_bytes_str("did:ethr:0xAb"), ht_bytes_str("did:ethr:0xaB")));
    assert_true(ht_document_same_did(ht_bytes_str("did:pkh:eip155:1:0xAb"),
                                     ht_bytes_str("did:pkh:eip155:1:0xab")));
    assert_false(ht_document_same_did(ht_bytes_str("did:key:zAb"), ht_bytes_str("did:key:zab")));
    assert_false(
        ht_document_same_did(ht_bytes_str("did:ethr:0xab"), ht_bytes_str("did:ethr:0x1:0xab")));
    assert_false(
        ht_document_same_did(ht_bytes_str("did:ethr:0xab"), ht_bytes_str("did:ETHR:0xab")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(credential_is_given_in_the_shape_of_the_data_model),
        TEST(credential_of_version_2_is_the_payload_itself),
        TEST(credential_times_have_five_minutes_of_room),
        TEST(credential_dates_are_whole_seconds),
        TEST(credential_dates_said_twice_both_count),
        TEST(credential_issuer_and_subject_said_twice_must_agree),
        TEST(credential_must_have_its_form),
        TEST(credential_of_another_key_is_refused),
        TEST(credential_without_a_document_is_refused),
        TEST(credential_key_must_be_an_assertion_method),
        TEST(credential_kid_chooses_and_brings_nothing_in),
        TEST(credential_keys_in_the_header_are_not_looked_at),
        TEST(credential_keys_in_the_payload_are_not_looked_at),
        TEST(document_keys_of_secp256k1_are_read_in_every_form),
        TEST(document_keys_of_ed25519_are_read_in_every_form),
        TEST(document_keys_as_jwk_must_be_points),
        TEST(document_same_did_knows_where_case_is_a_checksum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
