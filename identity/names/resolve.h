/* ens.resolve, ens.text and ens.reverse: names at every door of the owner.
 *
 *   ens.resolve {"name", "offchain"?}       -> {"name", "address", "resolver", "how", "provenance"}
 *   ens.text    {"name", "key", "offchain"?} -> {"name", "key", "value", "resolver", "how",
 * "provenance"} ens.reverse {"address", "offchain"?}    -> {"address", "name", "how",
 * "provenance"[, "why"]}
 *
 * "name" is the normalised one. "address", "value" and "resolver" are null when it is proven that
 * there is none. "how" is "storage", "call" or "offchain", see ens_ask.h; with "offchain", which
 * comes only when it was asked for (true), the provenance is unproven. A reverse name is given only
 * when it is normalised and leads back to the address at the same block; else "name" is null, and
 * "why" {"code", "text"} says what is amiss: "ens_no_reverse", "ens_not_normalized",
 * "ens_other_address", or the reason why it does not lead anywhere.
 *
 * What was proven is kept for as long as the head stays, HT_ENS_KEPT answers of it; what a gateway
 * said is not kept. Refusals: those of ens_ask.h and ens_name.h; HT_EAGAIN "ens_busy"; HT_EINPUT
 * for parameters. All of it belongs to the loop thread. */
#ifndef HT_IDENTITY_NAMES_RESOLVE_H
#define HT_IDENTITY_NAMES_RESOLVE_H

#include "identity/identity.h"

#define HT_ENS_KEPT 64U
#define HT_ENS_UNDER_WAY_MAX 16U
#define HT_NAME_METHODS 3U

struct ht_names;

/* HT_ENOMEM. */
enum ht_err ht_names_new(struct ht_names **out, const struct ht_host *host,
                         struct ht_why *why) HT_MUST_USE;
/* When the module stops: refuses what still waits for a gateway. NULL: nothing. */
void ht_names_free(struct ht_names *names);

/* self is the struct ht_identity, whose `names` they are. */
extern const struct ht_identity_methods ht_name_methods;

#endif
