/* Amounts of tokens: digits with a point among them, and what is no amount but "all". */
#include "node/codec/amount.h"

void ht_amount_text(char out[static HT_AMOUNT_SIZE], const ht_u256 *amount, unsigned decimals) {
    char digits[HT_U256_DECIMAL_SIZE];
    size_t n = ht_u256_to_decimal(digits, amount);
    size_t places = decimals > 255 ? 255 : decimals;
    size_t whole = n > places ? n - places : 0;
    size_t at = 0;
    for (size_t i = 0; i < whole; i++) out[at++] = digits[i];
    if (whole == 0) out[at++] = '0';
    size_t point = at;
    out[at++] = '.';
    for (size_t i = n; i < places; i++) out[at++] = '0';
    for (size_t i = whole; i < n; i++) out[at++] = digits[i];
    while (out[at - 1] == '0') at--;
    if (at == point + 1) at = point;
    out[at] = '\0';
}

bool ht_is_unlimited(const ht_u256 *amount, unsigned bits) {
    const ht_u256 one = ht_u256_of(1);
    ht_u256 next;
    uint64_t common = 0;
    ht_u256_add(&next, amount, &one);
    for (size_t i = 0; i < 4; i++) common |= amount->limb[i] & next.limb[i];
    unsigned length = ht_u256_bit_length(amount);
    return length + 1 >= bits || (length >= 64 && common == 0);
}
