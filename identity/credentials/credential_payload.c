/* Making payloads: of the data model's members those that JWT has claims for are moved there in
 * version 1.1 (§6.3.1), and said beside in version 2.0, where the credential stays as it is. */
#include "identity/credentials/credential_payload.h"

#include "identity/credentials/claims.h"
#include "node/codec/json.h"

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err bad_form(struct ht_why *why, const char *text) {
    return ht_fail(why, HT_EINPUT, "vc_form", "%s", text);
}

/* Takes value over. */
static enum ht_err put(json_t *object, const char *key, json_t *value, struct ht_why *why) {
    bool is_put = value != NULL && json_object_set_new(object, key, value) == 0;
    return is_put ? HT_OK : no_memory(why);
}

struct making {
    json_t *body; /* a copy of the credential, changed as the payload needs it */
    json_t *payload;
    bool is_version_2;
    int64_t from_s, until_s;
};

/* The dates, under their names of either version. */
static enum ht_err read_dates(struct making *making, int64_t now_s, struct ht_why *why) {
    static const char *const from[] = {"issuanceDate", "validFrom"};
    static const char *const until[] = {"expirationDate", "validUntil"};
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < 2; i++) {
        int64_t begin_s = 0;
        int64_t end_s = 0;
        err = ht_vc_date(&begin_s, making->body, from[i], why);
        if (err == HT_OK) err = ht_vc_date(&end_s, making->body, until[i], why);
        if (begin_s > making->from_s) making->from_s = begin_s;
        if (end_s != 0 && (making->until_s == 0 || end_s < making->until_s))
            making->until_s = end_s;
    }
    if (err == HT_OK && making->from_s == 0) making->from_s = now_s;
    if (err == HT_OK && making->until_s != 0 && making->until_s <= making->from_s) {
        return ht_fail(why, HT_EINPUT, "vc_date", "it would end before it begins");
    }
    return err;
}

/* The issuer may be named already, and must be the one who signs then. */
static enum ht_err put_issuer(struct making *making, const char *issuer, struct ht_why *why) {
    const json_t *named = ht_json_member(making->body, "issuer");
    enum ht_err err = HT_OK;
    const json_t *id = json_is_object(named) ? ht_json_member(named, "id") : named;
    if (named != NULL && (!json_is_string(id) || !ht_vc_names(id, issuer))) {
        return ht_fail(why, HT_EUNVERIFIED, "vc_issuer", "it names another issuer");
    }
    if (making->is_version_2 && named == NULL) {
        err = put(making->body, "issuer", json_string(issuer), why);
    } else if (!making->is_version_2 && !json_is_object(named)) {
        (void)json_object_del(making->body, "issuer");
    }
    return err == HT_OK ? put(making->payload, "iss", json_string(issuer), why) : err;
}

/* The id of the only subject as `sub`; several have none. */
static enum ht_err put_subject(struct making *making, struct ht_why *why) {
    json_t *subject = json_object_get(making->body, "credentialSubject");
    if (json_is_array(subject)) {
        if (json_array_size(subject) > 1) return HT_OK;
        subject = json_array_get(subject, 0);
    }
    json_t *id = json_object_get(subject, "id");
    if (id == NULL) return HT_OK;
    if (!json_is_string(id)) return bad_form(why, "the subject's id is no text");
    return put(making->payload, "sub", json_incref(id), why);
}

static enum ht_err put_id(struct making *making, struct ht_why *why) {
    json_t *id = json_object_get(making->body, "id");
    if (id == NULL) return HT_OK;
    if (!json_is_string(id)) return bad_form(why, "the credential's id is no text");
    return put(making->payload, "jti", json_incref(id), why);
}

static enum ht_err put_dates(struct making *making, struct ht_why *why) {
    enum ht_err err = put(making->payload, "nbf", json_integer(making->from_s), why);
    if (err == HT_OK && making->until_s != 0)
        err = put(making->payload, "exp", json_integer(making->until_s), why);
    if (err == HT_OK && making->is_version_2 && ht_json_member(making->body, "validFrom") == NULL) {
        err = put(making->body, "validFrom", ht_vc_date_json(making->from_s), why);
    }
    return err;
}

/* Readers take a 1.1 credential's dates and id from the claims: said once, they cannot differ. */
static void drop_moved(json_t *body) {
    static const char *const moved[] = {"issuanceDate", "validFrom", "expirationDate", "validUntil",
                                        "id"};
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
        (void)json_object_del(body, moved[i]);
    }
}

static enum ht_err check_input(const json_t *credential, const char *issuer, struct ht_why *why) {
    static const char *const claims[] = {"iss", "sub", "nbf",   "iat", "exp",
                                         "jti", "aud", "nonce", "vc",  "vp"};
    if (!json_is_object(credential)) return bad_form(why, "the credential is no object");
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        if (ht_json_member(credential, claims[i]) != NULL)
            return bad_form(why, "a credential has no claims of JWT in it");
    }
    enum ht_err err = ht_vc_check_body(credential, false, why);
    if (err == HT_OK && ht_vc_names(ht_json_member(credential, "type"), "VerifiablePresentation")) {
        err = ht_fail(why, HT_EINPUT, "vc_type", "it is credential and presentation at once");
    }
    return err == HT_OK ? ht_vc_check_party(issuer, why) : err;
}

enum ht_err ht_vc_payload(json_t **out, const json_t *credential, const char *issuer, int64_t now_s,
                          struct ht_why *why) {
    enum ht_err err = check_input(credential, issuer, why);
    if (err != HT_OK) return err;
    struct making making = {.body = json_deep_copy(credential), .payload = json_object()};
    if (making.body == NULL || making.payload == NULL) err = no_memory(why);
    making.is_version_2 = ht_vc_names(ht_json_member(credential, "@context"), HT_VC_CONTEXT_2);
    if (err == HT_OK) err = read_dates(&making, now_s, why);
    if (err == HT_OK) err = put_issuer(&making, issuer, why);
    if (err == HT_OK) err = put_subject(&making, why);
    if (err == HT_OK) err = put_id(&making, why);
    if (err == HT_OK) err = put_dates(&making, why);
    if (err == HT_OK && making.is_version_2) {
        if (json_object_update_missing(making.payload, making.body) != 0) err = no_memory(why);
    } else if (err == HT_OK) {
        drop_moved(making.body);
        err = put(making.payload, "vc", json_incref(making.body), why);
    }
    json_decref(making.body);
    if (err == HT_OK) {
        *out = making.payload;
    } else {
        json_decref(making.payload);
    }
    return err;
}

static enum ht_err check_tokens(const json_t *tokens, struct ht_why *why) {
    size_t index = 0;
    const json_t *one = NULL;
    if (!json_is_array(tokens)) return bad_form(why, "the tokens are no array");
    if (json_array_size(tokens) > HT_VC_PRESENTED_MAX) {
        return ht_fail(why, HT_ELIMIT, "vc_too_many", "over %u credentials in one presentation",
                       HT_VC_PRESENTED_MAX);
    }
    json_array_foreach(tokens, index, one) {
        if (!json_is_string(one)) return bad_form(why, "a token is no text");
    }
    return HT_OK;
}

enum ht_err ht_vp_payload(json_t **out, const json_t *tokens, const char *holder,
                          const char *challenge, const char *domain, int64_t now_s,
                          struct ht_why *why) {
    enum ht_err err = check_tokens(tokens, why);
    if (err == HT_OK) err = ht_vc_check_party(holder, why);
    if (err != HT_OK) return err;
    json_t *payload = json_pack(
        "{s:{s:[s], s:[s], s:o}, s:s, s:I, s:I}", "vp", "@context", HT_VC_CONTEXT_1, "type",
        "VerifiablePresentation", "verifiableCredential", json_copy((json_t *)(uintptr_t)tokens),
        "iss", holder, "nbf", (json_int_t)now_s, "exp", (json_int_t)(now_s + HT_VP_LIFETIME_S));
    if (payload == NULL) err = no_memory(why);
    if (err == HT_OK && challenge != NULL) err = put(payload, "nonce", json_string(challenge), why);
    if (err == HT_OK && domain != NULL) err = put(payload, "aud", json_pack("[s]", domain), why);
    if (err == HT_OK) {
        *out = payload;
    } else {
        json_decref(payload);
    }
    return err;
}
