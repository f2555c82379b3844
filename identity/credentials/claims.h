/* What the payload of a credential or presentation says, in one shape whatever way it is written.
 * Nothing is checked here but the form, and that what is said twice is said alike. Pure; any
 * thread. Reasons: those of credential.h. */
#ifndef HT_IDENTITY_CREDENTIALS_CLAIMS_H
#define HT_IDENTITY_CREDENTIALS_CLAIMS_H

#include "identity/credentials/credential.h"

/* Texts and values are borrowed from the payload. */
struct ht_vc_claims {
    bool is_presentation;
    bool is_version_2;
    const json_t *payload;
    const json_t *body;          /* the payload's vc or vp, or the payload itself */
    char party[HT_VC_PARTY_MAX]; /* issuer or holder: a DID */
    int64_t from_s, until_s;     /* from: at the latest; until: the first end, 0 never */
    bool has_status;
};

enum ht_err ht_vc_claims_read(struct ht_vc_claims *out, const json_t *payload,
                              struct ht_why *why) HT_MUST_USE;

/* Whether every subject of a credential is that DID. */
bool ht_vc_claims_are_about(const struct ht_vc_claims *claims, const char *did);

/* How many credentials a presentation has, and the token of one; HT_EINPUT "vc_form" when it is no
 * token. */
size_t ht_vc_claims_presented(const struct ht_vc_claims *claims);
enum ht_err ht_vc_claims_token(ht_bytes *out, const struct ht_vc_claims *claims, size_t index,
                               struct ht_why *why) HT_MUST_USE;

/* The normalised credential or presentation; presented, taken over, stands for its tokens (NULL
 * with a credential). NULL without memory. */
json_t *ht_vc_claims_normal(const struct ht_vc_claims *claims, json_t *presented);

/* Parts that making a payload needs as well. */

/* Whether a text, or one in an array of them, is that one. */
bool ht_vc_names(const json_t *value, const char *name);
/* An RFC 3339 date under `key` in seconds, 0 when there is none. HT_EINPUT "vc_date". */
enum ht_err ht_vc_date(int64_t *out, const json_t *body, const char *key,
                       struct ht_why *why) HT_MUST_USE;
/* "2026-03-01T12:00:00.000Z", a new reference; NULL without memory. */
json_t *ht_vc_date_json(int64_t time_s);
/* Form of "@context", "type" and credentialSubject. */
enum ht_err ht_vc_check_body(const json_t *body, bool is_presentation,
                             struct ht_why *why) HT_MUST_USE;
/* HT_EINPUT "vc_form" unless it is a DID without path, query or fragment. */
enum ht_err ht_vc_check_party(const char *did, struct ht_why *why) HT_MUST_USE;

#endif
