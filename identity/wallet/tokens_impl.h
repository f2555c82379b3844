/* The list of watched tokens from the inside. Only tokens*.c include this. */
#ifndef HT_IDENTITY_WALLET_TOKENS_IMPL_H
#define HT_IDENTITY_WALLET_TOKENS_IMPL_H

#include "identity/wallet/tokens.h"
#include "identity/wallet/tokens_slots.h"

struct ht_token {
    struct ht_token_info info;
    bool is_symbol_proven;
    struct ht_token_place place;
};

struct ht_tokens {
    struct ht_token list[HT_TOKENS_MAX];
    size_t count;
};

struct ht_token *ht_tokens_get(const struct ht_identity *identity, const ht_addr20 *address);
/* Puts it into the list, or changes the one that is there. HT_ELIMIT when it is full. */
enum ht_err ht_tokens_put(struct ht_identity *identity, const struct ht_token *token) HT_MUST_USE;
/* Keeps it on disk; what goes wrong is logged. */
void ht_tokens_keep(struct ht_identity *identity, const struct ht_token *token);

/* The token's address, symbol, decimals, as members of a new object. NULL without memory. */
json_t *ht_token_json(const struct ht_token *token);

/* A hint: an eth_call of a token that any provider may answer, and whose answer nothing proves.
 * selector and argument are the call's data, argument NULL: none. done is called later. block 0:
 * the latest. */
struct ht_token_hint {
    struct ht_question question; /* first; holds the outcome */
    struct ht_buf answer;        /* what was answered, initialised here; freed by the caller */
};
void ht_token_ask(struct ht_identity *identity, struct ht_token_hint *hint, const ht_addr20 *token,
                  uint32_t selector, const ht_addr20 *argument, uint64_t block,
                  void (*done)(struct ht_question *question));

/* wallet.balances. */
void ht_tokens_balances(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
