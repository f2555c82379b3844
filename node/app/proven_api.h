/* Proven chain facts for the web UI and the command line: methods l1.account, l1.block,
 * l1.transaction, l1.evidence, l1.trust_again and topics l1.cache, l1.outbox. */
#ifndef HT_APP_PROVEN_API_H
#define HT_APP_PROVEN_API_H

#include "node/api/server.h"
#include "node/app/proven.h"

/* proven outlives the API. Errors as ht_api_add_methods. */
enum ht_err ht_proven_api_add(struct ht_api *api, struct ht_proven *proven) HT_MUST_USE;

#endif
