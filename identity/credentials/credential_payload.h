/* Making payloads of credentials and presentations, to be put into tokens by jwt.h. Pure; any
 * thread. Reasons: HT_EINPUT "vc_form", "vc_type", "vc_context", "vc_date", HT_EUNVERIFIED
 * "vc_issuer" (it names another), HT_ELIMIT "vc_too_many", HT_ENOMEM. */
#ifndef HT_IDENTITY_CREDENTIALS_CREDENTIAL_PAYLOAD_H
#define HT_IDENTITY_CREDENTIALS_CREDENTIAL_PAYLOAD_H

#include "identity/credentials/credential.h"

#define HT_VP_LIFETIME_S 600 /* of the presentations made here */

/* The payload of a credential, or of a presentation (vp with tokens), to be signed by the issuer; a
 * new reference. credential: as the data model has it, in version 1.1 put into `vc` with its dates,
 * subject and id as claims, in version 2.0 taken as it is. now_s is when it begins, unless it says
 * so itself. tokens: an array of texts, perhaps empty. challenge and domain may be NULL. */
enum ht_err ht_vc_payload(json_t **out, const json_t *credential, const char *issuer, int64_t now_s,
                          struct ht_why *why) HT_MUST_USE;
enum ht_err ht_vp_payload(json_t **out, const json_t *tokens, const char *holder,
                          const char *challenge, const char *domain, int64_t now_s,
                          struct ht_why *why) HT_MUST_USE;

#endif
