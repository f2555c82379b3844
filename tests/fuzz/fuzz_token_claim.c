/* Fuzzes what pages claim of a token. What is accepted is bounded, and says the same when it is
 * read from what it was written as. */
#include "identity/wallet/tokens_claim.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define SIZE_MAX_JSON ((size_t)64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round(const struct ht_token_claim *claim) {
    char text[HT_TOKEN_CLAIM_TEXT_SIZE], again_text[HT_TOKEN_CLAIM_TEXT_SIZE];
    struct ht_token_claim again;
    json_t *object = json_pack("{s:o}", "address", ht_address_json(&claim->address));
    ht_assert(object != NULL);
    if (claim->has_symbol) json_object_set_new(object, "symbol", json_string(claim->symbol));
    if (claim->has_decimals)
        json_object_set_new(object, "decimals", json_integer((json_int_t)claim->decimals));
    ht_assert(ht_token_claim_read(&again, object, "address", NULL) == HT_OK);
    ht_token_claim_text(text, claim);
    ht_token_claim_text(again_text, &again);
    ht_assert(strcmp(text, again_text) == 0);
    json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    json_t *object = NULL;
    struct ht_why why = {0};
    struct ht_token_claim claim;
    if (ht_json_parse(&object, ht_bytes_of(data, size), SIZE_MAX_JSON, &why) != HT_OK) return 0;
    if (ht_token_claim_read(&claim, object, "address", &why) == HT_OK) {
        ht_assert(claim.decimals <= HT_TOKEN_DECIMALS_MAX);
        ht_assert(claim.has_symbol == ht_token_symbol_is_fine(claim.symbol));
        check_round(&claim);
    }
    json_decref(object);
    return 0;
}
