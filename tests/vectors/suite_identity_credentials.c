/* Credentials of the identity suite, found in any document:
 *   {"now", "didDocuments": {DID: document}, "cases": [{"id", "kind": "vc"|"vp", "jwt", "now",
 *   "options": {"challenge", "domain"}, "expected": "accept"|"reject", "holder_binding"?, "decoded"
 *   }]}
 * The documents are the resolver. Of what is accepted the kind, the issuer or holder and the holder
 * binding are compared as well: it is bound unless the case says otherwise. */
#include "identity/credentials/credential.h"
#include "tests/vectors/suite_identity.h"

static json_t *resolve(void *user, const char *did, struct ht_why *why) {
    const json_t *documents = user;
    json_t *found = json_object_get(documents, did);
    if (found == NULL) (void)ht_fail(why, HT_ENOTFOUND, "vc_issuer", "there is no such DID");
    return json_incref(found);
}

static enum ht_err compare(const struct ht_vc_result *got, const json_t *one, struct ht_why *why) {
    const char *kind = json_string_value(ht_json_member(one, "kind"));
    const json_t *binding = ht_json_member(one, "holder_binding");
    const json_t *payload = ht_json_member(ht_json_member(one, "decoded"), "payload");
    const char *party = json_string_value(ht_json_member(payload, "iss"));
    bool is_presentation = kind != NULL && strcmp(kind, "vp") == 0;
    if (got->is_presentation != is_presentation) return ht_identity_differs("kind", why);
    if (party != NULL && strcmp(party, got->issuer) != 0) {
        return ht_identity_differs("issuer or holder", why);
    }
    bool must_be_bound = is_presentation && !json_is_false(binding);
    return got->is_bound == must_be_bound ? HT_OK : ht_identity_differs("holder binding", why);
}

static enum ht_err judge(const json_t *documents, const json_t *one, struct ht_why *why) {
    const char *expected = json_string_value(ht_json_member(one, "expected"));
    const json_t *options = ht_json_member(one, "options");
    const json_t *token = ht_json_member(one, "jwt");
    struct ht_vc_result got;
    const struct ht_vc_check check = {
        .now_s = json_integer_value(ht_json_member(one, "now")),
        .challenge = json_string_value(ht_json_member(options, "challenge")),
        .domain = json_string_value(ht_json_member(options, "domain")),
        .resolve = resolve,
        .user = (void *)(uintptr_t)documents,
    };
    bool must_accept = expected != NULL && strcmp(expected, "accept") == 0;
    enum ht_err err = ht_vc_verify(
        &got, ht_bytes_of(json_string_value(token), json_string_length(token)), &check, why);
    if (err != HT_OK) return must_accept ? err : HT_OK;
    err = must_accept ? compare(&got, one, why)
                      : ht_fail(why, HT_EBUG, "case", "accepted, must be refused");
    json_decref(got.claims);
    return err;
}

void ht_identity_run_credentials(struct ht_identity_run *run, const json_t *document) {
    const json_t *documents = ht_json_member(document, "didDocuments");
    size_t index = 0;
    const json_t *one = NULL;
    if (!json_is_object(documents)) return;
    json_array_foreach(ht_json_member(document, "cases"), index, one) {
        struct ht_why why = {.code = "", .text = ""};
        if (!json_is_string(ht_json_member(one, "jwt"))) continue;
        const char *id = json_string_value(ht_json_member(one, "id"));
        ht_identity_report(run, id != NULL ? id : "?", judge(documents, one, &why), &why);
    }
}
