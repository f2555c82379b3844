/* DIDs of the identity suite that need no chain, found in any document:
 *   {"cases": [{"did", "publicKey", "document" [, "pkh"]}], "malformed": [{"did", "expected"}]}
 * Documents are compared as JSON, lists as sets but for "@context". */
#include "identity/did/did_static.h"
#include "tests/vectors/suite_identity.h"

static bool is_same_set(const json_t *a, const json_t *b) {
    size_t i;
    const json_t *one;
    if (json_array_size(a) != json_array_size(b)) return false;
    json_array_foreach(a, i, one) {
        size_t j = 0;
        while (j < json_array_size(b) && !json_equal(one, json_array_get(b, j))) j++;
        if (j == json_array_size(b)) return false;
    }
    return true;
}

enum ht_err ht_identity_same_document(const json_t *got, const json_t *want, struct ht_why *why) {
    const char *key;
    const json_t *value;
    if (json_object_size(got) != json_object_size(want)) {
        return ht_identity_differs("set of members of the document", why);
    }
    json_object_foreach((json_t *)want, key, value) {
        const json_t *other = json_object_get(got, key);
        bool is_list = json_is_array(value) && strcmp(key, "@context") != 0;
        bool is_same = is_list ? is_same_set(value, other) : json_equal(value, other) != 0;
        if (!is_same) return ht_identity_differs(key, why);
    }
    return HT_OK;
}

/* --- did:key and did:pkh ---------------------------------------------------------------------- */

static enum ht_err judge_pkh(const char *text, const struct ht_did *key, struct ht_why *why) {
    struct ht_did did;
    enum ht_err err = ht_did_read(&did, NULL, ht_bytes_str(text), why);
    if (err != HT_OK) return err;
    bool is_same = memcmp(did.address.b, key->address.b, sizeof did.address.b) == 0;
    json_t *document = ht_did_static_document(&did);
    const json_t *method = json_array_get(json_object_get(document, "verificationMethod"), 0);
    const char *account = json_string_value(json_object_get(method, "blockchainAccountId"));
    bool is_named = account != NULL && strcmp(account, text + strlen("did:pkh:")) == 0;
    json_decref(document);
    if (!is_same) return ht_identity_differs("address", why);
    return is_named ? HT_OK : ht_identity_differs("account", why);
}

static enum ht_err judge_key(const json_t *one, struct ht_why *why) {
    struct ht_did did;
    ht_bytes text = {0};
    uint8_t want[33];
    const char *pkh = json_string_value(ht_json_member(one, "pkh"));
    enum ht_err err = ht_json_str(&text, one, "did", why);
    if (err == HT_OK) err = ht_did_read(&did, NULL, text, why);
    size_t n = err == HT_OK && did.key_kind == HT_DID_ED25519 ? 32 : 33;
    if (err == HT_OK) err = ht_json_hex(want, n, one, "publicKey", why);
    if (err != HT_OK) return err;
    if (memcmp(want, did.key, n) != 0) return ht_identity_differs("key", why);
    json_t *document = ht_did_static_document(&did);
    err = ht_identity_same_document(document, ht_json_member(one, "document"), why);
    json_decref(document);
    if (err == HT_OK && pkh != NULL) err = judge_pkh(pkh, &did, why);
    return err;
}

static void run_malformed(struct ht_identity_run *run, const json_t *one) {
    struct ht_did did;
    ht_bytes text = {0};
    struct ht_why why = {.code = "", .text = ""};
    const char *name = json_string_value(ht_json_member(one, "did"));
    enum ht_err err = ht_json_str(&text, one, "did", &why);
    if (err == HT_OK && ht_did_read(&did, NULL, text, &why) == HT_OK) {
        err = ht_fail(&why, HT_EBUG, "case", "accepted, must be refused");
    }
    ht_identity_report(run, name != NULL ? name : "?", err, &why);
}

void ht_identity_run_did_key(struct ht_identity_run *run, const json_t *document) {
    size_t i;
    const json_t *one;
    const json_t *cases = ht_json_member(document, "cases");
    const json_t *first = json_array_get(cases, 0);
    if (!json_is_string(ht_json_member(first, "did")) ||
        !json_is_string(ht_json_member(first, "publicKey")) ||
        !json_is_object(ht_json_member(first, "document"))) {
        return;
    }
    json_array_foreach(cases, i, one) {
        struct ht_why why = {.code = "", .text = ""};
        const char *name = json_string_value(ht_json_member(one, "did"));
        enum ht_err err = judge_key(one, &why);
        ht_identity_report(run, name != NULL ? name : "?", err, &why);
    }
    json_array_foreach(ht_json_member(document, "malformed"), i, one) run_malformed(run, one);
}
