/* What a transaction that waits in the queue would do at the newest proven block, found by running
 * it (node/l1/simulate.h): once when it comes, again when it is amended, and again with later heads
 * while it waits, not more often than every HT_EFFECTS_EVERY_MS. What was found last stands until
 * something later is found.
 *
 * In the queue's items, "effects": null for what is no transaction, or where no code can be run;
 * else {"state": "running" | "done" | "failed" (it could not be told, see "why"), "why": null |
 * text, "code": null | word, "block": null | {"number", "hash", "timestamp"}, "leaves": [{"what":
 * "ether" | "fee" | "token" | "nft", "amount", "unit", "raw", "to": address | null, "token":
 * contract, "id": text, "told_by_contract": bool}], "arrives": [the same with "from" in place of
 * "to"], "approvals": [{"standard", "contract", "spender", "amount": base units | null, "id": text
 * | null, "all": bool, "shown": {"amount", "unit", "raw"} when it has an amount, "is_unlimited":
 * bool, "is_revoked": bool, "told_by_contract": true}], those of the account's own, "is_cut": bool
 * (there is more than is listed), "reverts": null | why it would fail, "gas_used": null | integer,
 * "provenance": null | …}.
 *
 * "amount" and "unit" as in explain.h; symbols and decimals are those that the wallet knows.
 * Ether of frames that were kept; "fee" is the most that can be taken. Tokens are what contracts
 * log of themselves: nothing proves that they hold to it. Loop thread. */
#ifndef HT_IDENTITY_WALLET_EFFECTS_H
#define HT_IDENTITY_WALLET_EFFECTS_H

#include "identity/identity.h"

#define HT_EFFECTS_EVERY_MS 12000
#define HT_EFFECTS_ROWS_MAX 48U /* of each list */

struct ht_effects;

/* Starts. payload: an unsigned transaction, copied. NULL when no code can be run or without memory,
 * which all functions below take. */
struct ht_effects *ht_effects_new(struct ht_identity *identity, const ht_addr20 *account,
                                  ht_bytes payload);
void ht_effects_free(struct ht_effects *effects);

/* The payload is another one now. */
void ht_effects_renew(struct ht_effects *effects, ht_bytes payload);
/* There is a new head: it is looked again, now or with a later tick. */
void ht_effects_on_head(struct ht_effects *effects);
void ht_effects_tick(struct ht_effects *effects);

/* New references; NULL without memory. */
json_t *ht_effects_json(const struct ht_effects *effects);
/* The explanation (explain.h) with a danger "would_fail" first when it would; explain is borrowed.
 */
json_t *ht_effects_explain(const struct ht_effects *effects, json_t *explain);

#endif
