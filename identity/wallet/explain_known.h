/* What a known call does, in words. */
#ifndef HT_IDENTITY_WALLET_EXPLAIN_KNOWN_H
#define HT_IDENTITY_WALLET_EXPLAIN_KNOWN_H

#include "identity/wallet/explain_walk.h"

/* The argument of this name; NULL when there is none. Borrowed. */
const json_t *ht_call_argument(const json_t *args, const char *name);
/* Its text; "?" when it has none. Borrowed. */
const char *ht_call_text(const json_t *args, const char *name);
bool ht_call_address(ht_addr20 *out, const json_t *node);
/* 0 when it is no number. */
ht_u256 ht_call_number(const json_t *node);

/* Warns as ht_explain_warn, with where in the tree it was found; nothing for what is undone. */
void ht_call_warn(struct ht_call_walk *walk, const struct ht_call_task *task,
                  const struct ht_known_call *call, enum ht_warning warning, const char *fmt, ...)
    HT_PRINTF(5, 6);

/* Puts into words what the call itself does: title, sentence, leaves, warnings. */
void ht_call_explain(const struct ht_call_known *known);

#endif
