/* Verifiable credentials and presentations as JWT (W3C VC Data Model 1.1 and 2.0, VC-JWT): what a
 * token claims, checked against the issuer's document and a time. Pure; any thread.
 *
 * Three shapes are read: the claims `vc` and `vp` of 1.1 (§6.3.1), and payloads that are the
 * credential or presentation themselves (vc-jose-cose), with or without `iss`, `sub`, `nbf`, `exp`
 * beside. What is said twice (issuer, holder, subject) must be said alike; of dates said twice the
 * later beginning and the earlier end count. A presentation holds at most HT_VC_PRESENTED_MAX
 * credentials, bare or enveloped ("data:application/vc+jwt,…"), each checked as if it came alone,
 * and no presentations.
 *
 * The key must be in the document's assertionMethod (credential) or authentication (presentation);
 * `kid` chooses among them and cannot bring another in. Holder binding (the presenter is the
 * credential's subject) is reported, not required. Clocks may differ by HT_VC_SKEW_S. Status lists
 * are not asked: has_status says that the issuer may have withdrawn it there.
 *
 * Reasons: those of jwt.h; HT_EINPUT "vc_form", "vc_type", "vc_context", "vc_date" (no whole
 * seconds between 1970 and 9999, no RFC 3339); HT_EUNVERIFIED "vc_issuer" (the token is another's,
 * or its document), "vc_key" (no key of the document may do that), "vc_expired", "vc_not_yet" (also
 * one issued in the future), "vc_challenge", "vc_domain", "vc_holder"; HT_ELIMIT "vc_too_many";
 * HT_ENOMEM; and those of `resolve`. Of a credential in a presentation the reason says which. */
#ifndef HT_IDENTITY_CREDENTIALS_CREDENTIAL_H
#define HT_IDENTITY_CREDENTIALS_CREDENTIAL_H

#include "identity/credentials/document_key.h"

#define HT_VC_SKEW_S 300
#define HT_VC_PRESENTED_MAX 32U /* credentials in one presentation */
#define HT_VC_PARTY_MAX 512U    /* bytes of a DID, with the zero */

#define HT_VC_CONTEXT_1 "https://www.w3.org/2018/credentials/v1"
#define HT_VC_CONTEXT_2 "https://www.w3.org/ns/credentials/v2"

/* Gives the document of a DID; NULL when it has none, with the reason, which is passed on as
 * HT_EUNVERIFIED: without a document nothing is valid. A new reference. */
typedef json_t *(*ht_vc_resolve)(void *user, const char *did, struct ht_why *why);

struct ht_vc_check {
    int64_t now_s;
    const char *challenge, *domain; /* of a presentation; NULL: none is asked for */
    ht_vc_resolve resolve;
    void *user;
};

struct ht_vc_result {
    bool is_presentation;
    bool is_bound;   /* it presents credentials, and the subject of each is the presenter */
    bool has_status; /* it, or one it presents, names a credentialStatus, which nobody has asked */
    json_t *claims;  /* normalised credential or presentation (issuer or holder, subject, dates and
                      * ids where the data model has them, credentials instead of their tokens); a
                      * new reference */
    char issuer[HT_VC_PARTY_MAX];        /* or holder */
    char method[HT_DOCUMENT_METHOD_MAX]; /* id of the verification method that checked */
    int64_t expires_s;                   /* the first of all ends; 0: never */
};

/* A credential or a presentation, with the credentials in it. *out is set only with HT_OK; its
 * claims are the caller's then. */
enum ht_err ht_vc_verify(struct ht_vc_result *out, ht_bytes token, const struct ht_vc_check *check,
                         struct ht_why *why) HT_MUST_USE;

/* The DIDs whose documents ht_vc_verify will ask for, each once, as an array of texts: for whoever
 * must fetch them first. A new reference. Nothing is checked but the form. */
enum ht_err ht_vc_parties(json_t **out, ht_bytes token, struct ht_why *why) HT_MUST_USE;

#endif
