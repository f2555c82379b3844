/* Fuzzes what tokens answer about themselves: what is taken is plain text and small numbers. */
#include "identity/wallet/tokens_slots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char symbol[HT_TOKEN_SYMBOL_SIZE];
    unsigned decimals;
    ht_bytes answer = ht_bytes_of(data, size);
    if (ht_token_symbol_read(symbol, answer, NULL) == HT_OK) {
        ht_assert(strnlen(symbol, sizeof symbol) < sizeof symbol);
        ht_assert(ht_token_symbol_is_fine(symbol));
    }
    if (ht_token_decimals_read(&decimals, answer, NULL) == HT_OK) {
        ht_assert(decimals <= HT_TOKEN_DECIMALS_MAX);
    }
    return 0;
}
