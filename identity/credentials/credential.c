/* Verifying: the token's form, who it is from, when it counts, whom it is for, and last, since it
 * costs most, the signature; then the same for each credential that a presentation holds. */
#include "identity/credentials/credential.h"

#include "identity/credentials/claims.h"
#include "node/codec/json.h"

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

struct token {
    struct ht_jwt jwt;
    struct ht_vc_claims claims;
};

static enum ht_err read_token(struct token *out, ht_bytes text, struct ht_why *why) {
    enum ht_err err = ht_jwt_read(&out->jwt, text, why);
    if (err != HT_OK) return err;
    err = ht_vc_claims_read(&out->claims, out->jwt.payload, why);
    if (err != HT_OK) ht_jwt_fini(&out->jwt);
    return err;
}

/* A presented one is a credential: a presentation in a presentation would have no end. */
static enum ht_err read_presented(struct token *out, const struct token *outer, size_t index,
                                  struct ht_why *why) {
    ht_bytes text = ht_bytes_of(NULL, 0);
    enum ht_err err = ht_vc_claims_token(&text, &outer->claims, index, why);
    if (err == HT_OK) err = read_token(out, text, why);
    if (err != HT_OK || !out->claims.is_presentation) return err;
    ht_jwt_fini(&out->jwt);
    return ht_fail(why, HT_EINPUT, "vc_type", "a presentation in a presentation");
}

/* --- checks ----------------------------------------------------------------------------------- */

static enum ht_err check_times(const struct ht_vc_claims *claims, int64_t now_s,
                               struct ht_why *why) {
    if (claims->until_s != 0 && claims->until_s + HT_VC_SKEW_S <= now_s) {
        return ht_fail(why, HT_EUNVERIFIED, "vc_expired", "it has expired");
    }
    if (claims->from_s <= now_s + HT_VC_SKEW_S) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "vc_not_yet", "it is from the future");
}

static enum ht_err check_asked(const struct ht_vc_claims *claims, const struct ht_vc_check *check,
                               struct ht_why *why) {
    const json_t *nonce = ht_json_member(claims->payload, "nonce");
    bool is_text = json_is_string(nonce);
    if (!claims->is_presentation) return HT_OK;
    if (check->challenge != NULL && !(is_text && ht_vc_names(nonce, check->challenge))) {
        return ht_fail(why, HT_EUNVERIFIED, "vc_challenge", "it does not answer the challenge");
    }
    if (check->domain == NULL || ht_vc_names(ht_json_member(claims->payload, "aud"), check->domain))
        return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "vc_domain", "it was made for somebody else");
}

static enum ht_err check_signature(char method[static HT_DOCUMENT_METHOD_MAX],
                                   const struct token *token, const struct ht_vc_check *check,
                                   struct ht_why *why) {
    const char *relation = token->claims.is_presentation ? "authentication" : "assertionMethod";
    const char *party = token->claims.party;
    struct ht_why inner = {.code = "vc_issuer", .text = "it has no document"};
    json_t *document = check->resolve(check->user, party, &inner);
    if (document == NULL) {
        return ht_fail(why, HT_EUNVERIFIED, inner.code, "%s: %s", party, inner.text);
    }
    const json_t *id = ht_json_member(document, "id");
    ht_bytes named = ht_bytes_of(json_string_value(id), json_string_length(id));
    enum ht_err err = HT_OK;
    if (!ht_document_same_did(named, ht_bytes_str(party))) {
        err = ht_fail(why, HT_EUNVERIFIED, "vc_issuer", "the document is not that of %s", party);
    } else {
        err = ht_document_verify(method, &token->jwt, document, party, relation, why);
    }
    json_decref(document);
    return err;
}

/* Everything but what it presents. */
static enum ht_err check_token(char method[static HT_DOCUMENT_METHOD_MAX],
                               const struct token *token, const struct ht_vc_check *check,
                               struct ht_why *why) {
    enum ht_err err = check_times(&token->claims, check->now_s, why);
    if (err == HT_OK) err = check_asked(&token->claims, check, why);
    if (err == HT_OK) err = check_signature(method, token, check, why);
    return err;
}

/* --- a presentation --------------------------------------------------------------------------- */

static void take_credential(struct ht_vc_result *out, const struct ht_vc_claims *claims) {
    if (!ht_vc_claims_are_about(claims, out->issuer)) out->is_bound = false;
    if (claims->has_status) out->has_status = true;
    bool is_first = out->expires_s == 0 || claims->until_s < out->expires_s;
    if (claims->until_s != 0 && is_first) out->expires_s = claims->until_s;
}

static enum ht_err check_presented_one(struct ht_vc_result *out, json_t *list,
                                       const struct token *outer, size_t index,
                                       const struct ht_vc_check *check, struct ht_why *why) {
    struct token token;
    char method[HT_DOCUMENT_METHOD_MAX];
    enum ht_err err = read_presented(&token, outer, index, why);
    if (err != HT_OK) return err;
    err = check_token(method, &token, check, why);
    if (err == HT_OK) {
        take_credential(out, &token.claims);
        json_t *normal = ht_vc_claims_normal(&token.claims, NULL);
        if (normal == NULL || json_array_append_new(list, normal) != 0) err = no_memory(why);
    }
    ht_jwt_fini(&token.jwt);
    return err;
}

static enum ht_err check_presented(struct ht_vc_result *out, json_t *list,
                                   const struct token *token, const struct ht_vc_check *check,
                                   struct ht_why *why) {
    size_t count = ht_vc_claims_presented(&token->claims);
    enum ht_err err = list != NULL ? HT_OK : no_memory(why);
    out->is_bound = count > 0;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        err = check_presented_one(out, list, token, i, check, why);
        if (err != HT_OK) ht_why_context(why, "presented credential %zu", i + 1);
    }
    return err;
}

enum ht_err ht_vc_verify(struct ht_vc_result *out, ht_bytes text, const struct ht_vc_check *check,
                         struct ht_why *why) {
    struct token token;
    struct ht_vc_result result = {.is_bound = false};
    json_t *presented = NULL;
    enum ht_err err = read_token(&token, text, why);
    if (err != HT_OK) return err;
    result.is_presentation = token.claims.is_presentation;
    result.has_status = token.claims.has_status;
    result.expires_s = token.claims.until_s;
    memcpy(result.issuer, token.claims.party, sizeof result.issuer);
    err = check_token(result.method, &token, check, why);
    if (err == HT_OK && result.is_presentation) {
        presented = json_array();
        err = check_presented(&result, presented, &token, check, why);
    }
    if (err == HT_OK) {
        result.claims = ht_vc_claims_normal(&token.claims, presented);
        presented = NULL;
        if (result.claims == NULL) err = no_memory(why);
    }
    json_decref(presented);
    ht_jwt_fini(&token.jwt);
    if (err == HT_OK) *out = result;
    return err;
}

/* --- whose documents are needed --------------------------------------------------------------- */

static enum ht_err add_party(json_t *out, const struct ht_vc_claims *claims, struct ht_why *why) {
    if (ht_vc_names(out, claims->party)) return HT_OK;
    return json_array_append_new(out, json_string(claims->party)) == 0 ? HT_OK : no_memory(why);
}

enum ht_err ht_vc_parties(json_t **out, ht_bytes text, struct ht_why *why) {
    struct token token;
    struct token inner;
    enum ht_err err = read_token(&token, text, why);
    if (err != HT_OK) return err;
    json_t *parties = json_array();
    err = parties != NULL ? add_party(parties, &token.claims, why) : no_memory(why);
    size_t count = ht_vc_claims_presented(&token.claims);
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        err = read_presented(&inner, &token, i, why);
        if (err != HT_OK) break;
        err = add_party(parties, &inner.claims, why);
        ht_jwt_fini(&inner.jwt);
    }
    ht_jwt_fini(&token.jwt);
    if (err == HT_OK) {
        *out = parties;
    } else {
        json_decref(parties);
    }
    return err;
}
