/* Claims about tokens, read with bounds. Whether they hold is for others. */
#include "identity/wallet/tokens_claim.h"

#include <stdio.h>

#include "node/codec/address.h"
#include "node/codec/json.h"

static bool is_there(const json_t *object, const char *key) {
    const json_t *value = ht_json_member(object, key);
    return value != NULL && !json_is_null(value);
}

static enum ht_err read_symbol(struct ht_token_claim *claim, const json_t *object,
                               struct ht_why *why) {
    const char *symbol;
    enum ht_err err = ht_json_text(&symbol, object, "symbol", why);
    if (err != HT_OK) return err;
    if (!ht_token_symbol_is_fine(symbol))
        return ht_fail(why, HT_EINPUT, "token_symbol", "a symbol has 1 to 15 plain characters");
    memcpy(claim->symbol, symbol, strlen(symbol) + 1);
    claim->has_symbol = true;
    return HT_OK;
}

static enum ht_err read_decimals(struct ht_token_claim *claim, const json_t *object,
                                 struct ht_why *why) {
    uint64_t decimals = 0;
    enum ht_err err = ht_json_u64(&decimals, object, "decimals", why);
    if (err != HT_OK) return err;
    if (decimals > HT_TOKEN_DECIMALS_MAX)
        return ht_fail(why, HT_EINPUT, "token_decimals", "at most %u", HT_TOKEN_DECIMALS_MAX);
    claim->decimals = (unsigned)decimals;
    claim->has_decimals = true;
    return HT_OK;
}

enum ht_err ht_token_claim_read(struct ht_token_claim *out, const json_t *object,
                                const char *address_key, struct ht_why *why) {
    struct ht_token_claim claim = {.has_symbol = false};
    enum ht_err err = ht_address_param(&claim.address, object, address_key, why);
    if (err == HT_OK && is_there(object, "symbol")) err = read_symbol(&claim, object, why);
    if (err == HT_OK && is_there(object, "decimals")) err = read_decimals(&claim, object, why);
    if (err == HT_OK) *out = claim;
    return err;
}

void ht_token_claim_text(char out[static HT_TOKEN_CLAIM_TEXT_SIZE],
                         const struct ht_token_claim *claim) {
    char address[HT_ADDRESS_TEXT_SIZE], decimals[12] = "-";
    ht_address_checksum(address, &claim->address);
    if (claim->has_decimals) (void)snprintf(decimals, sizeof decimals, "%u", claim->decimals);
    (void)snprintf(out, HT_TOKEN_CLAIM_TEXT_SIZE, "ERC20 %s %s %s", address, decimals,
                   claim->has_symbol ? claim->symbol : "-");
}
