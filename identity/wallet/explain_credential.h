/* What a credential or presentation that is to be signed says, in words. As explain.h: pure, any
 * thread; text from outside is shown so that it cannot deceive. */
#ifndef HT_IDENTITY_WALLET_EXPLAIN_CREDENTIAL_H
#define HT_IDENTITY_WALLET_EXPLAIN_CREDENTIAL_H

#include <jansson.h>

#include "node/base/bytes.h"

#define HT_EXPLAIN_CREDENTIAL_ROWS 256U

/* Of "header.payload", exactly as it would be signed. *out: a new reference, its kind "credential"
 * or "presentation": who says it, about whom, each claim, when it begins and ends, and whatever
 * else is in it; of a presentation for whom it is, which challenge it answers, and each credential
 * in it. All is shown: with over HT_EXPLAIN_CREDENTIAL_ROWS lines it is not explained, so not
 * signed. *raw: header and payload as JSON in ASCII, for free. now_ms: wall time.
 *
 * HT_EINPUT "jwt_form", "jwt_base64", "jwt_json", "jwt_header" and those of credentials/claims.h;
 * HT_EUNVERIFIED "vc_issuer" (it says two); HT_ELIMIT "explain_too_large", "vc_too_many";
 * HT_ENOMEM "no_memory". Both are set with HT_OK only. */
enum ht_err ht_explain_credential(json_t **out, char **raw, ht_bytes signed_part, int64_t now_ms,
                                  struct ht_why *why) HT_MUST_USE;

#endif
