/* Sign-in messages of the identity suite (EIP-4361), found in any document:
 *   {"cases": [{"id", "message", "signature", "signer", "verify": {"domain", "nonce", "time"
 *   [, "scheme"]}, "eip191_hash", "fields", "expected"}]}
 * A message is accepted when it reads strictly, fits what the verifier expects, and the signature,
 * in any of its forms, is its address's. Of those accepted the fields are compared as well. */
#include "identity/credentials/siwe.h"
#include "identity/credentials/siwe_text.h"
#include "node/base/hex.h"
#include "node/codec/eip712.h"
#include "node/crypto/secp256k1.h"
#include "tests/vectors/suite_identity.h"

/* 65 bytes with v of 0, 1, 27 or 28, or 64 with the parity in s (EIP-2098). */
static enum ht_err read_signature(struct ht_ecdsa_signature *out, const json_t *one,
                                  struct ht_why *why) {
    struct ht_buf bytes;
    ht_buf_init(&bytes, 128);
    enum ht_err err = ht_json_hex_buf(&bytes, one, "signature", why);
    if (err == HT_OK && (bytes.n < 64 || bytes.n > 65)) {
        err = ht_fail(why, HT_EUNVERIFIED, "signature_length", "a signature of %zu bytes", bytes.n);
    }
    if (err == HT_OK) {
        memcpy(out->r, bytes.p, 32);
        memcpy(out->s, bytes.p + 32, 32);
        out->y_parity = bytes.n == 64 ? out->s[0] >> 7 : bytes.p[64];
        if (bytes.n == 64) out->s[0] &= 0x7f;
        if (bytes.n == 65 && out->y_parity >= 27) out->y_parity = (uint8_t)(bytes.p[64] - 27);
    }
    ht_buf_fini(&bytes);
    return err;
}

static enum ht_err check_signature(const struct ht_siwe *message, const ht_hash32 *digest,
                                   const json_t *one, struct ht_why *why) {
    struct ht_ecdsa_signature signature;
    ht_addr20 signer;
    enum ht_err err = read_signature(&signature, one, why);
    if (err == HT_OK) {
        err = ht_ecdsa_recover_address(&signer, digest, &signature, HT_ECDSA_LOW_S, why);
    }
    if (err != HT_OK || memcmp(signer.b, message->address.b, sizeof signer.b) == 0) return err;
    return ht_fail(why, HT_EUNVERIFIED, "signer", "the signature is not the address's");
}

static enum ht_err check_message(struct ht_siwe *out, ht_bytes text, const json_t *one,
                                 struct ht_why *why) {
    const json_t *verify = ht_json_member(one, "verify");
    const char *time = NULL;
    ht_hash32 digest;
    ht_hash32 want;
    struct ht_siwe_expectation expected = {
        .domain = json_string_value(ht_json_member(verify, "domain")),
        .scheme = json_string_value(ht_json_member(verify, "scheme")),
        .nonce = json_string_value(ht_json_member(verify, "nonce"))};
    enum ht_err err = ht_json_text(&time, verify, "time", why);
    if (err == HT_OK) err = ht_rfc3339_read(&expected.now_ms, ht_bytes_str(time), why);
    if (err == HT_OK) err = ht_json_hex(want.b, sizeof want.b, one, "eip191_hash", why);
    ht_eip191_digest(&digest, text);
    if (err == HT_OK && !ht_hash32_equal(&digest, &want)) err = HT_EBUG;
    if (err == HT_OK) err = ht_siwe_read(out, text, why);
    if (err == HT_OK) err = ht_siwe_check(out, &expected, why);
    if (err == HT_OK) err = check_signature(out, &digest, one, why);
    return err;
}

static bool is_field(const json_t *fields, const char *name, ht_bytes got) {
    const json_t *field = ht_json_member(fields, name);
    if (field == NULL) return true;
    return ht_bytes_equal(got, ht_bytes_of(json_string_value(field), json_string_length(field)));
}

static enum ht_err compare_fields(const struct ht_siwe *got, const json_t *one,
                                  struct ht_why *why) {
    const json_t *fields = ht_json_member(one, "fields");
    uint64_t chain_id = 0;
    int64_t issued_ms = 0;
    const char *issued = json_string_value(ht_json_member(fields, "issuedAt"));
    /* The largest of them has none. */
    if (!json_is_object(fields)) return HT_OK;
    if (!is_field(fields, "domain", got->domain)) return ht_identity_differs("domain", why);
    if (!is_field(fields, "scheme", got->scheme)) return ht_identity_differs("scheme", why);
    if (!is_field(fields, "statement", got->statement))
        return ht_identity_differs("statement", why);
    if (!is_field(fields, "uri", got->uri)) return ht_identity_differs("uri", why);
    if (!is_field(fields, "version", got->version)) return ht_identity_differs("version", why);
    if (!is_field(fields, "nonce", got->nonce)) return ht_identity_differs("nonce", why);
    if (!is_field(fields, "requestId", got->request_id))
        return ht_identity_differs("request id", why);
    if (ht_json_u64(&chain_id, fields, "chainId", why) != HT_OK || chain_id != got->chain_id) {
        return ht_identity_differs("chain id", why);
    }
    bool is_time =
        issued != NULL && ht_rfc3339_read(&issued_ms, ht_bytes_str(issued), why) == HT_OK;
    if (!is_time || issued_ms != got->issued_ms) return ht_identity_differs("issue time", why);
    size_t resources = json_array_size(ht_json_member(fields, "resources"));
    return resources == got->resource_count ? HT_OK
                                            : ht_identity_differs("number of resources", why);
}

static enum ht_err judge_message(const json_t *one, struct ht_why *why) {
    struct ht_siwe message;
    const char *expected = json_string_value(ht_json_member(one, "expected"));
    const json_t *text = ht_json_member(one, "message");
    ht_bytes bytes = ht_bytes_of(json_string_value(text), json_string_length(text));
    bool must_accept = expected != NULL && strcmp(expected, "accept") == 0;
    enum ht_err err = check_message(&message, bytes, one, why);
    if (err == HT_EBUG) return ht_identity_differs("hash", why);
    if (must_accept) return err == HT_OK ? compare_fields(&message, one, why) : err;
    if (err != HT_OK) return HT_OK;
    return ht_fail(why, HT_EBUG, "case", "accepted, must be refused");
}

static bool is_message(const json_t *one) {
    return json_is_string(ht_json_member(one, "message")) &&
           json_is_string(ht_json_member(one, "eip191_hash")) &&
           json_is_object(ht_json_member(one, "verify"));
}

void ht_identity_run_messages(struct ht_identity_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(ht_json_member(document, "cases"), index, one) {
        struct ht_why why = {.code = "", .text = ""};
        if (!is_message(one)) continue;
        const char *id = json_string_value(ht_json_member(one, "id"));
        enum ht_err err = judge_message(one, &why);
        ht_identity_report(run, id != NULL ? id : "?", err, &why);
    }
}
