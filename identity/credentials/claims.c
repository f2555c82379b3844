/* Reading payloads. Two vocabularies say the same things (JWT's claims and the data model's
 * members); an attacker gains where two readers look at different ones, so both are read and must
 * agree. */
#include "identity/credentials/claims.h"

#include <stdio.h>
#include <time.h>

#include "identity/credentials/siwe_text.h"
#include "node/codec/json.h"

#define LAST_S INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static enum ht_err bad_form(struct ht_why *why, const char *text) {
    return ht_fail(why, HT_EINPUT, "vc_form", "%s", text);
}

/* NULL when it is no text, or one with a zero in it. */
static const char *text_in(const json_t *value) {
    const char *text = json_string_value(value);
    return text != NULL && strlen(text) == json_string_length(value) ? text : NULL;
}

bool ht_vc_names(const json_t *value, const char *name) {
    size_t index = 0;
    const json_t *one = NULL;
    const char *text = text_in(value);
    if (text != NULL) return strcmp(text, name) == 0;
    json_array_foreach(value, index, one) {
        text = text_in(one);
        if (text != NULL && strcmp(text, name) == 0) return true;
    }
    return false;
}

/* --- dates ------------------------------------------------------------------------------------ */

enum ht_err ht_vc_date(int64_t *out, const json_t *body, const char *key, struct ht_why *why) {
    struct ht_why inner = {.code = "", .text = ""};
    const json_t *value = ht_json_member(body, key);
    int64_t time_ms = 0;
    *out = 0;
    if (value == NULL) return HT_OK;
    ht_bytes text = ht_bytes_of(json_string_value(value), json_string_length(value));
    if (ht_rfc3339_read(&time_ms, text, &inner) != HT_OK || time_ms < 0) {
        return ht_fail(why, HT_EINPUT, "vc_date", "\"%s\" is no date of RFC 3339 since 1970", key);
    }
    *out = time_ms / 1000;
    return HT_OK;
}

/* A NumericDate of RFC 7519, whole seconds. */
static enum ht_err claim_date(int64_t *out, const json_t *payload, const char *key,
                              struct ht_why *why) {
    const json_t *value = ht_json_member(payload, key);
    *out = 0;
    if (value == NULL) return HT_OK;
    int64_t time_s = json_integer_value(value);
    if (!json_is_integer(value) || time_s < 0 || time_s > LAST_S) {
        return ht_fail(why, HT_EINPUT, "vc_date", "\"%s\" is not whole seconds since 1970", key);
    }
    *out = time_s;
    return HT_OK;
}

json_t *ht_vc_date_json(int64_t time_s) {
    char text[40];
    struct tm parts;
    time_t seconds = (time_t)time_s;
    if (gmtime_r(&seconds, &parts) == NULL) return NULL;
    size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
    return n > 0 ? json_string(text) : NULL;
}

/* An end of 0 would read as none. */
static void take_end(int64_t *until_s, bool is_there, int64_t time_s) {
    if (is_there && time_s == 0) time_s = 1;
    if (is_there && (*until_s == 0 || time_s < *until_s)) *until_s = time_s;
}

static enum ht_err read_dates(struct ht_vc_claims *out, struct ht_why *why) {
    static const char *const claims_from[] = {"nbf", "iat"};
    static const char *const from[] = {"issuanceDate", "validFrom"};
    static const char *const until[] = {"expirationDate", "validUntil"};
    int64_t time_s = 0;
    enum ht_err err = claim_date(&time_s, out->payload, "exp", why);
    if (err == HT_OK) take_end(&out->until_s, ht_json_member(out->payload, "exp") != NULL, time_s);
    for (size_t i = 0; err == HT_OK && i < 2; i++) {
        err = claim_date(&time_s, out->payload, claims_from[i], why);
        if (err == HT_OK && time_s > out->from_s) out->from_s = time_s;
        if (err == HT_OK) err = ht_vc_date(&time_s, out->body, from[i], why);
        if (err == HT_OK && time_s > out->from_s) out->from_s = time_s;
        if (err == HT_OK) err = ht_vc_date(&time_s, out->body, until[i], why);
        if (err == HT_OK)
            take_end(&out->until_s, ht_json_member(out->body, until[i]) != NULL, time_s);
    }
    return err;
}

/* --- who -------------------------------------------------------------------------------------- */

enum ht_err ht_vc_check_party(const char *did, struct ht_why *why) {
    bool is_did = strncmp(did, "did:", 4) == 0 && strlen(did) < HT_VC_PARTY_MAX &&
                  strpbrk(did, "#?/ ") == NULL;
    return is_did ? HT_OK : bad_form(why, "the issuer or holder is no DID");
}

/* A text, or the id of an object; *out stays NULL when nothing is there. */
static enum ht_err read_party(const char **out, const json_t *value, struct ht_why *why) {
    if (value == NULL) return HT_OK;
    *out = text_in(json_is_object(value) ? ht_json_member(value, "id") : value);
    return *out != NULL ? HT_OK : bad_form(why, "the issuer or holder is no text");
}

static enum ht_err read_parties(struct ht_vc_claims *out, struct ht_why *why) {
    const char *claimed = NULL;
    const char *named = NULL;
    enum ht_err err = read_party(&claimed, ht_json_member(out->payload, "iss"), why);
    if (err == HT_OK) {
        const char *key = out->is_presentation ? "holder" : "issuer";
        err = read_party(&named, ht_json_member(out->body, key), why);
    }
    if (err != HT_OK) return err;
    if (claimed != NULL && named != NULL && strcmp(claimed, named) != 0) {
        return ht_fail(why, HT_EUNVERIFIED, out->is_presentation ? "vc_holder" : "vc_issuer",
                       "\"iss\" names another than the %s",
                       out->is_presentation ? "holder" : "issuer");
    }
    if (claimed == NULL) claimed = named;
    if (claimed == NULL) return bad_form(why, "it names no issuer or holder");
    err = ht_vc_check_party(claimed, why);
    if (err == HT_OK) (void)snprintf(out->party, sizeof out->party, "%s", claimed);
    return err;
}

/* `sub` stands for the id of the only subject. */
static enum ht_err check_subject(const struct ht_vc_claims *claims, struct ht_why *why) {
    const json_t *sub = ht_json_member(claims->payload, "sub");
    const json_t *subject = ht_json_member(claims->body, "credentialSubject");
    if (sub == NULL || claims->is_presentation) return HT_OK;
    if (text_in(sub) == NULL) return bad_form(why, "\"sub\" is no text");
    if (json_array_size(subject) > 1) return bad_form(why, "\"sub\" with several subjects");
    if (json_is_array(subject)) subject = json_array_get(subject, 0);
    const json_t *id = ht_json_member(subject, "id");
    if (id == NULL || (text_in(id) != NULL && strcmp(text_in(id), text_in(sub)) == 0)) return HT_OK;
    return bad_form(why, "\"sub\" is another than the credential's subject");
}

bool ht_vc_claims_are_about(const struct ht_vc_claims *claims, const char *did) {
    const json_t *sub = ht_json_member(claims->payload, "sub");
    const json_t *subject = ht_json_member(claims->body, "credentialSubject");
    size_t count = json_is_array(subject) ? json_array_size(subject) : 1;
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_is_array(subject) ? json_array_get(subject, i) : subject;
        const char *id = text_in(ht_json_member(one, "id"));
        if (id == NULL) id = text_in(sub);
        if (id == NULL || !ht_document_same_did(ht_bytes_str(id), ht_bytes_str(did))) return false;
    }
    return count > 0;
}

/* --- form ------------------------------------------------------------------------------------- */

static bool is_text_or_texts(const json_t *value) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(value, index, one) {
        if (text_in(one) == NULL) return false;
    }
    return text_in(value) != NULL || json_array_size(value) > 0;
}

static bool has_subject(const json_t *subject) {
    size_t index = 0;
    const json_t *one = NULL;
    if (json_is_object(subject)) return json_object_size(subject) > 0;
    json_array_foreach(subject, index, one) {
        if (json_object_size(one) == 0) return false;
    }
    return json_array_size(subject) > 0;
}

enum ht_err ht_vc_check_body(const json_t *body, bool is_presentation, struct ht_why *why) {
    const json_t *context = ht_json_member(body, "@context");
    const json_t *type = ht_json_member(body, "type");
    const char *want = is_presentation ? "VerifiablePresentation" : "VerifiableCredential";
    if (!ht_vc_names(context, HT_VC_CONTEXT_1) && !ht_vc_names(context, HT_VC_CONTEXT_2)) {
        return ht_fail(why, HT_EINPUT, "vc_context", "the context is not that of credentials");
    }
    if (!is_text_or_texts(type) || !ht_vc_names(type, want)) {
        return ht_fail(why, HT_EINPUT, "vc_type", "its type is not %s", want);
    }
    if (is_presentation || has_subject(ht_json_member(body, "credentialSubject"))) return HT_OK;
    return bad_form(why, "the credential has no subject");
}

static enum ht_err find_body(struct ht_vc_claims *out, struct ht_why *why) {
    const json_t *vc = ht_json_member(out->payload, "vc");
    const json_t *vp = ht_json_member(out->payload, "vp");
    const json_t *type = ht_json_member(out->payload, "type");
    if (vc != NULL && vp != NULL) return bad_form(why, "it has both \"vc\" and \"vp\"");
    out->body = vc != NULL ? vc : vp != NULL ? vp : out->payload;
    bool is_bare = out->body == out->payload;
    if (!is_bare && type != NULL) return bad_form(why, "it is a credential twice");
    out->is_presentation = vp != NULL || (is_bare && ht_vc_names(type, "VerifiablePresentation"));
    if (is_bare && out->is_presentation && ht_vc_names(type, "VerifiableCredential")) {
        return ht_fail(why, HT_EINPUT, "vc_type", "it is credential and presentation at once");
    }
    if (!json_is_object(out->body)) return bad_form(why, "\"vc\" or \"vp\" is no object");
    out->is_version_2 = ht_vc_names(ht_json_member(out->body, "@context"), HT_VC_CONTEXT_2);
    return ht_vc_check_body(out->body, out->is_presentation, why);
}

/* --- what is presented ------------------------------------------------------------------------ */

static const json_t *presented_of(const struct ht_vc_claims *claims) {
    return ht_json_member(claims->body, "verifiableCredential");
}

size_t ht_vc_claims_presented(const struct ht_vc_claims *claims) {
    const json_t *list = presented_of(claims);
    if (!claims->is_presentation || list == NULL) return 0;
    return json_is_array(list) ? json_array_size(list) : 1;
}

enum ht_err ht_vc_claims_token(ht_bytes *out, const struct ht_vc_claims *claims, size_t index,
                               struct ht_why *why) {
    static const char media[] = "data:application/vc+jwt,";
    const json_t *one = presented_of(claims);
    if (json_is_array(one)) one = json_array_get(one, index);
    if (json_is_string(one)) {
        *out = ht_bytes_of(json_string_value(one), json_string_length(one));
        return HT_OK;
    }
    const char *id = text_in(ht_json_member(one, "id"));
    bool is_enveloped = ht_vc_names(ht_json_member(one, "type"), "EnvelopedVerifiableCredential");
    if (!is_enveloped || id == NULL || strncmp(id, media, sizeof media - 1) != 0) {
        return bad_form(why, "a presented credential is no token");
    }
    *out = ht_bytes_str(id + sizeof media - 1);
    return HT_OK;
}

/* --- all of it -------------------------------------------------------------------------------- */

enum ht_err ht_vc_claims_read(struct ht_vc_claims *out, const json_t *payload, struct ht_why *why) {
    struct ht_vc_claims claims = {.payload = payload};
    enum ht_err err = find_body(&claims, why);
    if (err == HT_OK) err = read_parties(&claims, why);
    if (err == HT_OK) err = check_subject(&claims, why);
    if (err == HT_OK) err = read_dates(&claims, why);
    if (err == HT_OK && ht_vc_claims_presented(&claims) > HT_VC_PRESENTED_MAX) {
        return ht_fail(why, HT_ELIMIT, "vc_too_many", "over %u credentials in one presentation",
                       HT_VC_PRESENTED_MAX);
    }
    if (err != HT_OK) return err;
    claims.has_status = ht_json_member(claims.body, "credentialStatus") != NULL;
    *out = claims;
    return HT_OK;
}

/* Takes value over. */
static bool put(json_t *object, const char *key, json_t *value) {
    return value != NULL && json_object_set_new(object, key, value) == 0;
}

static bool put_dates(json_t *out, const struct ht_vc_claims *claims) {
    static const char *const names[][2] = {{"issuanceDate", "expirationDate"},
                                           {"validFrom", "validUntil"}};
    const char *const *name = names[claims->is_version_2 ? 1 : 0];
    bool is_good = true;
    if (claims->from_s > 0) is_good = put(out, name[0], ht_vc_date_json(claims->from_s));
    if (claims->until_s > 0)
        is_good = is_good && put(out, name[1], ht_vc_date_json(claims->until_s));
    return is_good;
}

static bool put_credential(json_t *out, const struct ht_vc_claims *claims) {
    json_t *sub = (json_t *)(uintptr_t)ht_json_member(claims->payload, "sub");
    json_t *subject = json_object_get(out, "credentialSubject");
    bool is_good = true;
    if (json_is_array(subject)) subject = json_array_get(subject, 0);
    if (sub != NULL) is_good = json_object_set(subject, "id", sub) == 0;
    if (!json_is_object(json_object_get(out, "issuer"))) {
        is_good = is_good && put(out, "issuer", json_pack("{s:s}", "id", claims->party));
    }
    return is_good && put_dates(out, claims);
}

json_t *ht_vc_claims_normal(const struct ht_vc_claims *claims, json_t *presented) {
    static const char *const jwt_names[] = {"iss", "sub", "nbf",   "iat",
                                            "exp", "jti", "nonce", "aud"};
    const json_t *id = ht_json_member(claims->payload, "jti");
    json_t *out = json_deep_copy(claims->body);
    bool is_good = out != NULL;
    bool is_bare = claims->body == claims->payload;
    for (size_t i = 0; is_bare && i < sizeof jwt_names / sizeof *jwt_names; i++) {
        (void)json_object_del(out, jwt_names[i]);
    }
    if (is_good && text_in(id) != NULL && json_object_get(out, "id") == NULL) {
        is_good = put(out, "id", json_string(text_in(id)));
    }
    if (is_good && claims->is_presentation) {
        is_good = put(out, "holder", json_string(claims->party)) &&
                  json_object_set(out, "verifiableCredential", presented) == 0;
    } else if (is_good) {
        is_good = put_credential(out, claims);
    }
    json_decref(presented);
    if (is_good) return out;
    json_decref(out);
    return NULL;
}
