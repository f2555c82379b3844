/* ERC-20 tokens that the owner watches: balances by storage proof.
 *
 * Where a token keeps its balances (tokens_slots.h) is found once: a provider's word on somebody's
 * balance says what to look for, and a slot that is proven to hold that value decides. From then on
 * balances are what that slot is proven to hold; that it is the right mapping rests on that word.
 * The symbol is proven when it stands in a slot of its own; the decimals are constants of the code,
 * a provider's or the owner's word.
 *
 * Methods: wallet.balances {address} -> {"ether": {…l1.account}, "tokens": [{"token", "symbol",
 * "decimals", "is_symbol_proven", "balance": text | null, "provenance"}]}, all at one block: the
 * verdict is "proven"; "unproven" with a provider's word as the balance and "balance_not_found" as
 * "code" when no slot holds it; or "unavailable", with the reason. wallet.add_token {token,
 * symbol?, decimals?} -> the token, and wallet.remove_token {token}: HT_ENOTFOUND "no_code" (no
 * contract), "no_such_token"; HT_EINPUT "token_symbol", "token_decimals"; HT_ELIMIT
 * "too_many_tokens". A page may ask the owner to add one (doors.h).
 *
 * Loop thread. */
#ifndef HT_IDENTITY_WALLET_TOKENS_H
#define HT_IDENTITY_WALLET_TOKENS_H

#include "identity/identity.h"
#include "identity/wallet/tokens_claim.h"

#define HT_TOKENS_MAX 64U

enum ht_err ht_tokens_new(struct ht_identity *identity, sqlite3 *db,
                          struct ht_why *why) HT_MUST_USE;
void ht_tokens_free(struct ht_identity *identity);

struct ht_token_info {
    ht_addr20 address;
    char symbol[16];
    unsigned decimals;
};

/* On the loop, once, perhaps before the function that was given it returns. token: as
 * wallet.add_token answers it, a new reference; NULL on an error. */
struct ht_token_told {
    void (*done)(void *user, enum ht_err err, const struct ht_why *why, json_t *token);
    void *user;
};
/* Adds a token as wallet.add_token does, with its errors; what the claim does not say, the token is
 * asked for. */
void ht_tokens_add(struct ht_identity *identity, const struct ht_token_claim *claim,
                   const struct ht_token_told *told);

/* NULL when it is not watched. */
const struct ht_token_info *ht_tokens_find(const struct ht_identity *identity,
                                           const ht_addr20 *address);

#endif
