/* Lines of any JSON: a document, a header and a payload, put together to a token that nobody
 * signed: it is never valid. The payload is taken as a credential to be issued as well, and what is
 * made of it must read back. */
#include <stdlib.h>

#include "identity/credentials/claims.h"
#include "identity/credentials/credential_payload.h"
#include "node/codec/base64.h"
#include "node/codec/json.h"

#define TEXT_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

/* The first line, which goes from the text. */
static ht_bytes take_line(ht_bytes *text) {
    const uint8_t *end = text->n > 0 ? memchr(text->p, '\n', text->n) : NULL;
    ht_bytes line = ht_bytes_of(text->p, end != NULL ? (size_t)(end - text->p) : text->n);
    size_t used = line.n + (end != NULL ? 1 : 0);
    *text = ht_bytes_of(text->p + used, text->n - used);
    return line;
}

static json_t *resolve(void *user, const char *did, struct ht_why *why) {
    (void)did;
    if (user == NULL) (void)ht_fail(why, HT_ENOTFOUND, "vc_issuer", "there is none");
    return json_incref(user);
}

static bool make_token(struct ht_buf *out, ht_bytes header, ht_bytes payload) {
    uint8_t signature[65];
    memset(signature, 1, sizeof signature);
    bool is_made = ht_base64_write(out, HT_BASE64_URL, header) == HT_OK &&
                   ht_buf_add_str(out, ".") == HT_OK &&
                   ht_base64_write(out, HT_BASE64_URL, payload) == HT_OK;
    bool is_long = memmem(header.p, header.n, "ES256K-R", 8) != NULL;
    return is_made && ht_jwt_end(out, ht_bytes_of(signature, is_long ? 65 : 64)) == HT_OK;
}

static void try_token(json_t *document, ht_bytes token) {
    struct ht_vc_result result;
    struct ht_why why = {.code = NULL};
    json_t *parties = NULL;
    const struct ht_vc_check check = {
        .now_s = 1772366400, .challenge = "abc", .resolve = resolve, .user = document};
    must(ht_vc_verify(&result, token, &check, &why) != HT_OK && why.code != NULL);
    if (ht_vc_parties(&parties, token, &why) != HT_OK) return;
    must(json_array_size(parties) >= 1 && json_array_size(parties) <= HT_VC_PRESENTED_MAX + 1);
    json_decref(parties);
}

static void try_claims(const json_t *payload) {
    struct ht_vc_claims claims;
    struct ht_why why = {.code = NULL};
    if (ht_vc_claims_read(&claims, payload, &why) != HT_OK) {
        must(why.code != NULL);
        return;
    }
    must(strncmp(claims.party, "did:", 4) == 0 && claims.from_s >= 0 && claims.until_s >= 0);
    json_t *normal = ht_vc_claims_normal(&claims, claims.is_presentation ? json_array() : NULL);
    must(json_is_object(normal));
    json_decref(normal);
}

static void try_issue(const json_t *credential) {
    struct ht_vc_claims claims;
    struct ht_why why = {.code = NULL};
    json_t *payload = NULL;
    enum ht_err err = ht_vc_payload(&payload, credential, "did:x:issuer", 1772366400, &why);
    must((err == HT_OK) == (payload != NULL));
    if (err != HT_OK) return;
    must(ht_vc_claims_read(&claims, payload, &why) == HT_OK && !claims.is_presentation);
    must(strcmp(claims.party, "did:x:issuer") == 0);
    json_decref(payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    ht_bytes text = ht_bytes_of(data, n);
    ht_bytes document_text = take_line(&text);
    ht_bytes header = take_line(&text);
    json_t *document = NULL;
    json_t *payload = NULL;
    struct ht_buf token;
    ht_buf_init(&token, TEXT_MAX);
    bool has_document = ht_json_parse(&document, document_text, TEXT_MAX, NULL) == HT_OK;
    if (!has_document) document = NULL;
    if (make_token(&token, header, text)) try_token(document, ht_buf_view(&token));
    if (ht_json_parse(&payload, text, TEXT_MAX, NULL) == HT_OK) {
        try_claims(payload);
        try_issue(payload);
        json_decref(payload);
    }
    json_decref(document);
    ht_buf_fini(&token);
    return 0;
}
