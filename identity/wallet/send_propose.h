/* Proposals: what a transaction is to be, from what was asked for and what is proven; and how it is
 * explained. No I/O of its own. */
#ifndef HT_IDENTITY_WALLET_SEND_PROPOSE_H
#define HT_IDENTITY_WALLET_SEND_PROPOSE_H

#include "identity/wallet/explain.h"
#include "identity/wallet/send.h"
#include "identity/wallet/send_draft.h"
#include "identity/wallet/send_gather.h"

/* The first nonce from the proven one on that no transaction under way has. */
enum ht_err ht_send_next_nonce(uint64_t *out, const struct ht_identity *identity,
                               const ht_addr20 *from, uint64_t proven,
                               struct ht_why *why) HT_MUST_USE;

/* The next nonce, unless it was given: then it must not be used up. HT_EDENIED "nonce_too_low". */
enum ht_err ht_send_set_nonce(struct ht_transaction *tx, bool is_given,
                              const struct ht_gather *gather, struct ht_why *why) HT_MUST_USE;

/* Nonce, gas and fees of a draft by what was gathered; then checked against it: HT_EDENIED
 * "nonce_too_low", "insufficient_funds". */
enum ht_err ht_send_complete(struct ht_draft *draft, const struct ht_gather *gather,
                             struct ht_why *why) HT_MUST_USE;
/* The balance alone. */
enum ht_err ht_send_check_cost(const struct ht_transaction *tx, const struct ht_gather *gather,
                               struct ht_why *why) HT_MUST_USE;

/* The unsigned bytes appended, and the explanation of them: a new reference. */
enum ht_err ht_send_explain(struct ht_buf *payload, json_t **explain,
                            const struct ht_transaction *tx, const struct ht_gather *gather,
                            const char *origin, struct ht_why *why) HT_MUST_USE;

/* What is known of whoever asks. origin as in queue.h. */
void ht_send_context(struct ht_explain_context *out, const struct ht_identity *identity,
                     const char *origin, const ht_addr20 *account);

/* "0x…" in memory of its own; NULL without. */
char *ht_send_hex(ht_bytes bytes);

#endif
