/* What somebody says that a token is: the owner (wallet.add_token) or a page (EIP-747). Pure. */
#ifndef HT_IDENTITY_WALLET_TOKENS_CLAIM_H
#define HT_IDENTITY_WALLET_TOKENS_CLAIM_H

#include <jansson.h>

#include "identity/wallet/tokens_slots.h"

struct ht_token_claim {
    ht_addr20 address;
    bool has_symbol, has_decimals;
    char symbol[HT_TOKEN_SYMBOL_SIZE];
    unsigned decimals;
};

/* Reads the member `address_key` and, where they are there and not null, "symbol" and "decimals".
 * HT_EINPUT "token_symbol", "token_decimals", "address_checksum", and those of node/codec/json.h.
 */
enum ht_err ht_token_claim_read(struct ht_token_claim *out, const json_t *object,
                                const char *address_key, struct ht_why *why) HT_MUST_USE;

/* The claim in one line, "ERC20 0x… 18 DAI", "-" for what it does not say: one text for one claim.
 */
#define HT_TOKEN_CLAIM_TEXT_SIZE 96U
void ht_token_claim_text(char out[static HT_TOKEN_CLAIM_TEXT_SIZE],
                         const struct ht_token_claim *claim);

#endif
