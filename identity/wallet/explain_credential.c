/* Credentials in words: everything that stands in the payload becomes a line, what has a meaning of
 * its own under its name, the rest as it is. */
#include "identity/wallet/explain_credential.h"

#include <stdlib.h>

#include "identity/credentials/claims.h"
#include "identity/wallet/explain_part.h"
#include "node/codec/base64.h"
#include "node/codec/json.h"

struct showing {
    struct ht_explanation explanation;
    struct ht_vc_claims claims;
};

static ht_bytes bytes_of(const json_t *text) {
    return ht_bytes_of(json_string_value(text), json_string_length(text));
}

static void show(struct showing *showing, const char *label, ht_bytes text) {
    const char *what = showing->claims.is_presentation ? "The presentation" : "The credential";
    ht_explain_text(&showing->explanation, what, text, false);
    ht_explain_row_text(&showing->explanation, label, text);
}

/* "name: value"; without a name the value alone. Names are somebody's text, so no label. */
static void show_member(struct showing *showing, const char *label, const char *name,
                        const json_t *value) {
    char *dumped = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    ht_bytes text = json_is_string(value) ? bytes_of(value)
                    : dumped != NULL      ? ht_bytes_str(dumped)
                                          : ht_bytes_of(NULL, 0);
    struct ht_buf line;
    ht_buf_init(&line, HT_JWT_MAX);
    enum ht_err err = HT_OK;
    if (name != NULL) err = ht_buf_add(&line, ht_bytes_str(name));
    if (err == HT_OK && name != NULL) err = ht_buf_add(&line, ht_bytes_str(": "));
    if (err == HT_OK) err = ht_buf_add(&line, text);
    if (err != HT_OK || (dumped == NULL && !json_is_string(value)))
        showing->explanation.is_short = true;
    show(showing, label, ht_buf_view(&line));
    ht_buf_fini(&line);
    free(dumped);
}

static bool is_among(const char *const *names, const char *name) {
    while (*names != NULL && strcmp(*names, name) != 0) names++;
    return *names != NULL;
}

/* Members that have no line of their own. */
static void show_others(struct showing *showing, const json_t *object, const char *label,
                        const char *const *known) {
    const char *name = NULL;
    json_t *value = NULL;
    json_t *of = (json_t *)(uintptr_t)object;
    json_object_foreach(of, name, value) {
        if (json_array_size(showing->explanation.rows) > HT_EXPLAIN_CREDENTIAL_ROWS) return;
        if (!is_among(known, name)) show_member(showing, label, name, value);
    }
}

/* Types but the one that each has. */
static void show_types(struct showing *showing, const json_t *types) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(types, index, one) {
        if (json_array_size(showing->explanation.rows) > HT_EXPLAIN_CREDENTIAL_ROWS) return;
        const char *name = json_string_value(one);
        bool is_plain = name == NULL || strcmp(name, "VerifiableCredential") == 0 ||
                        strcmp(name, "VerifiablePresentation") == 0;
        if (!is_plain) show(showing, "Type", bytes_of(one));
    }
}

static void show_dates(struct showing *showing) {
    const struct ht_vc_claims *claims = &showing->claims;
    json_t *from = ht_vc_date_json(claims->from_s);
    json_t *until = ht_vc_date_json(claims->until_s);
    if (from == NULL || until == NULL) showing->explanation.is_short = true;
    show(showing, "Valid from", bytes_of(from));
    show(showing, "Expires", claims->until_s != 0 ? bytes_of(until) : ht_bytes_str("Never"));
    json_decref(from);
    json_decref(until);
}

/* --- credentials ------------------------------------------------------------------------------ */

static void show_subject(struct showing *showing, const json_t *subject) {
    static const char *const known[] = {"id", NULL};
    const json_t *id = ht_json_member(subject, "id");
    if (id != NULL) show_member(showing, "About", NULL, id);
    show_others(showing, subject, "Says", known);
}

static void show_credential(struct showing *showing) {
    static const char *const of_body[] = {"@context",       "type",       "credentialSubject",
                                          "issuanceDate",   "validFrom",  "issuer",
                                          "expirationDate", "validUntil", NULL};
    static const char *const of_claims[] = {"iss", "sub", "nbf", "iat", "exp", "vc", "jti", NULL};
    struct ht_explanation *explanation = &showing->explanation;
    const struct ht_vc_claims *claims = &showing->claims;
    const json_t *subject = ht_json_member(claims->body, "credentialSubject");
    bool is_bare = claims->body == claims->payload;
    size_t index = 0;
    const json_t *one = NULL;
    char party[HT_SHORT_SIZE];
    ht_short_text(party, ht_bytes_str(claims->party));
    explanation->kind = "credential";
    ht_explain_title(explanation, "Issue a credential");
    ht_explain_sentence(explanation,
                        "Says all of this in the name of %s. Whoever has the credential can show "
                        "it to anybody, and it cannot be taken back before it expires.",
                        party);
    show(showing, "Issuer", ht_bytes_str(claims->party));
    show_types(showing, ht_json_member(claims->body, "type"));
    const json_t *about = ht_json_member(claims->payload, "sub");
    if (about != NULL && ht_json_member(subject, "id") == NULL)
        show_member(showing, "About", NULL, about);
    if (json_is_object(subject)) show_subject(showing, subject);
    json_array_foreach(subject, index, one) {
        if (json_array_size(explanation->rows) > HT_EXPLAIN_CREDENTIAL_ROWS) return;
        show_subject(showing, one);
    }
    show_dates(showing);
    const json_t *id = ht_json_member(claims->payload, "jti");
    if (id != NULL) show_member(showing, "Id", NULL, id);
    if (!is_bare) show_others(showing, claims->payload, "Also", of_claims);
    /* A bare one has the claims of JWT beside its own members. */
    const char *name = NULL;
    json_t *value = NULL;
    json_t *body = (json_t *)(uintptr_t)claims->body;
    json_object_foreach(body, name, value) {
        if (json_array_size(explanation->rows) > HT_EXPLAIN_CREDENTIAL_ROWS) return;
        if (is_among(of_body, name) || (is_bare && is_among(of_claims, name))) continue;
        show_member(showing, "Also", name, value);
    }
}

/* --- presentations ---------------------------------------------------------------------------- */

/* The first type with a meaning of its own. */
static void type_text(char out[static HT_SHORT_SIZE], const json_t *types) {
    size_t index = 0;
    const json_t *one = NULL;
    ht_short_text(out, ht_bytes_str("Credential"));
    json_array_foreach(types, index, one) {
        const char *name = json_string_value(one);
        if (name == NULL || strcmp(name, "VerifiableCredential") == 0) continue;
        ht_short_text(out, bytes_of(one));
        return;
    }
}

static enum ht_err show_presented(struct showing *showing, size_t index, struct ht_why *why) {
    ht_bytes text = ht_bytes_of(NULL, 0);
    struct ht_jwt jwt;
    struct ht_vc_claims shown;
    enum ht_err err = ht_vc_claims_token(&text, &showing->claims, index, why);
    if (err == HT_OK) err = ht_jwt_read(&jwt, text, why);
    if (err != HT_OK) return err;
    err = ht_vc_claims_read(&shown, jwt.payload, why);
    if (err == HT_OK && shown.is_presentation)
        err = ht_fail(why, HT_EINPUT, "vc_type", "a presentation in a presentation");
    if (err == HT_OK) {
        char type[HT_SHORT_SIZE];
        char line[HT_SHORT_SIZE + HT_VC_PARTY_MAX + 80];
        type_text(type, ht_json_member(shown.body, "type"));
        bool is_own = ht_vc_claims_are_about(&shown, showing->claims.party);
        int n = snprintf(line, sizeof line, "%s by %s%s", type, shown.party,
                         is_own ? ", about the holder" : ", about somebody else");
        show(showing, "Shows", ht_bytes_of(line, (size_t)n));
        show_member(showing, "Its claims", NULL, ht_json_member(shown.body, "credentialSubject"));
    }
    ht_jwt_fini(&jwt);
    return err;
}

static enum ht_err show_presentation(struct showing *showing, struct ht_why *why) {
    static const char *const of_body[] = {"@context", "type", "holder", "verifiableCredential",
                                          NULL};
    static const char *const of_claims[] = {"iss", "nbf", "iat", "exp", "aud", "nonce", "vp", NULL};
    struct ht_explanation *explanation = &showing->explanation;
    const struct ht_vc_claims *claims = &showing->claims;
    const json_t *domain = ht_json_member(claims->payload, "aud");
    const json_t *challenge = ht_json_member(claims->payload, "nonce");
    size_t count = ht_vc_claims_presented(claims);
    char party[HT_SHORT_SIZE];
    ht_short_text(party, ht_bytes_str(claims->party));
    explanation->kind = "presentation";
    ht_explain_title(explanation, count == 1 ? "Present a credential" : "Present %zu credentials",
                     count);
    ht_explain_sentence(explanation, "Shows them as %s, to whoever gets the presentation.", party);
    show(showing, "Holder", ht_bytes_str(claims->party));
    if (domain != NULL) show_member(showing, "For", NULL, domain);
    if (challenge != NULL) show_member(showing, "Challenge", NULL, challenge);
    show_types(showing, ht_json_member(claims->body, "type"));
    show_dates(showing);
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        err = show_presented(showing, i, why);
        if (err != HT_OK) ht_why_context(why, "presented credential %zu", i + 1);
    }
    if (claims->body != claims->payload) {
        show_others(showing, claims->body, "Also", of_body);
        show_others(showing, claims->payload, "Also", of_claims);
        return err;
    }
    show_others(showing, claims->body, "Also",
                (const char *const[]){"@context", "type", "holder", "verifiableCredential", "iss",
                                      "nbf", "iat", "exp", "aud", "nonce", NULL});
    return err;
}

/* --- what is to be signed --------------------------------------------------------------------- */

static enum ht_err read_part(json_t **out, ht_bytes text, struct ht_why *why) {
    struct ht_buf bytes;
    json_t *value = NULL;
    ht_buf_init(&bytes, HT_JWT_MAX);
    enum ht_err err = ht_base64_read(&bytes, HT_BASE64_URL, text);
    if (err != HT_OK) {
        (void)ht_fail(why, err, "jwt_base64", "a part of it is no base64url");
    } else if (ht_json_parse(&value, ht_buf_view(&bytes), HT_JWT_MAX, why) != HT_OK ||
               !json_is_object(value)) {
        json_decref(value);
        err = ht_fail(why, HT_EINPUT, "jwt_json", "a part of it is no object of JSON");
    }
    ht_buf_fini(&bytes);
    if (err == HT_OK) *out = value;
    return err;
}

static enum ht_err read_parts(json_t **header, json_t **payload, ht_bytes part,
                              struct ht_why *why) {
    const uint8_t *point = part.n > 0 ? memchr(part.p, '.', part.n) : NULL;
    if (point == NULL) return ht_fail(why, HT_EINPUT, "jwt_form", "it has no header and payload");
    if (part.n > HT_JWT_MAX) return ht_fail(why, HT_ELIMIT, "explain_too_large", "it is too long");
    size_t n = (size_t)(point - part.p);
    enum ht_err err = read_part(header, ht_bytes_of(part.p, n), why);
    if (err == HT_OK) err = read_part(payload, ht_bytes_of(point + 1, part.n - n - 1), why);
    return err;
}

/* Of the header nothing but the usual is signed unseen. */
static enum ht_err check_header(const json_t *header, struct ht_why *why) {
    static const char *const known[] = {"alg", "typ", "kid", NULL};
    const char *name = NULL;
    json_t *value = NULL;
    json_t *of = (json_t *)(uintptr_t)header;
    json_object_foreach(of, name, value) {
        if (is_among(known, name) && json_is_string(value)) continue;
        return ht_fail(why, HT_EINPUT, "jwt_header", "the header has more than alg, typ and kid");
    }
    return HT_OK;
}

static enum ht_err explain(json_t **out, struct showing *showing, int64_t now_ms,
                           struct ht_why *why) {
    const struct ht_vc_claims *claims = &showing->claims;
    enum ht_err err = HT_OK;
    ht_explanation_init(&showing->explanation);
    if (claims->is_presentation) {
        err = show_presentation(showing, why);
    } else {
        show_credential(showing);
    }
    if (claims->until_s != 0 && claims->until_s <= now_ms / 1000)
        ht_explain_row(&showing->explanation, "Note", false, "It has expired already.");
    if (err == HT_OK && json_array_size(showing->explanation.rows) > HT_EXPLAIN_CREDENTIAL_ROWS)
        err = ht_fail(why, HT_ELIMIT, "explain_too_large", "it says more than can be shown");
    if (err == HT_OK) err = ht_explanation_take(out, &showing->explanation, why);
    ht_explanation_fini(&showing->explanation);
    return err;
}

enum ht_err ht_explain_credential(json_t **out, char **raw, ht_bytes signed_part, int64_t now_ms,
                                  struct ht_why *why) {
    json_t *header = NULL, *payload = NULL, *explained = NULL;
    char *text = NULL;
    struct showing showing = {0};
    enum ht_err err = read_parts(&header, &payload, signed_part, why);
    if (err == HT_OK) err = check_header(header, why);
    if (err == HT_OK) err = ht_vc_claims_read(&showing.claims, payload, why);
    if (err == HT_OK) err = explain(&explained, &showing, now_ms, why);
    if (err == HT_OK) {
        json_t *both = json_pack("{s:O, s:O}", "header", header, "payload", payload);
        text = json_dumps(both, JSON_INDENT(2) | JSON_ENSURE_ASCII);
        json_decref(both);
        if (text == NULL) err = ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    json_decref(header);
    json_decref(payload);
    if (err == HT_OK) {
        *out = explained;
        *raw = text;
    } else {
        json_decref(explained);
    }
    return err;
}
