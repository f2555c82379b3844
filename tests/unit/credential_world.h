/* An issuer and a holder with a document each, and tokens of theirs to be verified. Included once
 * by a test program; everything in it is used by each that does. */
#ifndef HT_TESTS_UNIT_CREDENTIAL_WORLD_H
#define HT_TESTS_UNIT_CREDENTIAL_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "identity/credentials/credential.h"
#include "node/base/hex.h"
#include "node/codec/json.h"
#include "tests/unit/token_maker.h"

#define NOW 1772366400
#define ISSUER "did:web:issuer.example"
#define HOLDER "did:web:holder.example"
#define V1 "\"@context\":[\"https://www.w3.org/2018/credentials/v1\"]"
#define V2 "\"@context\":[\"https://www.w3.org/ns/credentials/v2\"]"
#define VC_TYPE "\"type\":[\"VerifiableCredential\"]"
#define VP_TYPE "\"type\":[\"VerifiablePresentation\"]"
#define SUBJECT "\"credentialSubject\":{\"level\":1}"
#define VC "\"vc\":{" V1 "," VC_TYPE "," SUBJECT "}"
#define ISS "\"iss\":\"" ISSUER "\""
#define SUB "\"sub\":\"" HOLDER "\""
#define NBF "\"nbf\":1772365400"
#define GOOD "{" VC "," ISS "," SUB "," NBF "}"

static struct ht_buf text;
static struct ht_why why;
static json_t *documents;
static struct ht_vc_check check;

static json_t *resolve(void *user, const char *did, struct ht_why *reason) {
    json_t *found = json_object_get(user, did);
    if (found == NULL) (void)ht_fail(reason, HT_ENOTFOUND, "did_network", "there is none");
    return json_incref(found);
}

/* Adds the document of a DID from its JSON with ' for ". */
static void add_document(const char *did, const char *json) {
    char quoted[8192];
    json_t *document = NULL;
    (void)snprintf(quoted, sizeof quoted, "%s", json);
    for (char *p = quoted; *p != '\0'; p++) *p = (char)(*p == '\'' ? '"' : *p);
    assert_int_equal(ht_json_parse(&document, ht_bytes_str(quoted), sizeof quoted, NULL), HT_OK);
    assert_int_equal(json_object_set_new(documents, did, document), 0);
}

/* A document with the one key of that number, which may do everything. */
static void add_party(const char *did, unsigned number) {
    char json[2048], hex[HT_HEX_SIZE(33)];
    uint8_t key[33];
    ht_tm_public_key(key, number);
    ht_hex_write(hex, HT_BYTES(key));
    (void)snprintf(json, sizeof json,
                   "{'id':'%s','verificationMethod':[{'id':'%s#key','type':"
                   "'EcdsaSecp256k1VerificationKey2019','publicKeyHex':'%s'}],"
                   "'assertionMethod':['#key'],'authentication':['%s#key']}",
                   did, did, hex + 2, did);
    add_document(did, json);
}

static int set_up(void **state) {
    (void)state;
    ht_buf_init(&text, HT_TM_TOKEN_MAX);
    why = (struct ht_why){.code = "none", .text = ""};
    documents = json_object();
    check = (struct ht_vc_check){.now_s = NOW, .resolve = resolve, .user = documents};
    add_party(ISSUER, 1);
    add_party(HOLDER, 2);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ht_buf_fini(&text);
    json_decref(documents);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static enum ht_err verify_text(struct ht_vc_result *out) {
    return ht_vc_verify(out, ht_buf_view(&text), &check, &why);
}

static void accepts_text(void) {
    struct ht_vc_result result;
    if (verify_text(&result) != HT_OK) fail_msg("%s: %s", why.code, why.text);
    json_decref(result.claims);
}

static void refuses_text(enum ht_err err, const char *code) {
    struct ht_vc_result result = {.expires_s = 77};
    assert_int_equal(verify_text(&result), err);
    assert_string_equal(why.code, code);
    assert_int_equal(result.expires_s, 77);
}

static const char *text_at(const json_t *value, const char *path) {
    const char *got = NULL;
    assert_int_equal(ht_json_text(&got, value, path, NULL), HT_OK);
    return got;
}

#endif
