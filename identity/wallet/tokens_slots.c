/* Slots and answers of ERC-20 contracts. */
#include "identity/wallet/tokens_slots.h"

#include "node/crypto/keccak.h"

/* keccak256(keccak256("openzeppelin.storage.ERC20") - 1) without its last byte; balances are the
 * first of its members, the symbol the fifth. */
static const ht_hash32 OPENZEPPELIN = {{0x52, 0xc6, 0x32, 0x47, 0xe1, 0xf4, 0x7d, 0xb1,
                                        0x9d, 0x5c, 0xe0, 0x46, 0x00, 0x30, 0xc4, 0x97,
                                        0xf0, 0x67, 0xca, 0x4c, 0xeb, 0xf7, 0x1b, 0xa9,
                                        0x8e, 0xea, 0xda, 0xbe, 0x20, 0xba, 0xce, 0x00}};
#define OPENZEPPELIN_SYMBOL 4U

static ht_hash32 plain_slot(size_t number) {
    ht_hash32 slot = {{0}};
    slot.b[31] = (uint8_t)number;
    return slot;
}

void ht_token_place(struct ht_token_place *out, size_t i) {
    ht_assert(i < HT_TOKEN_PLACES);
    if (i < HT_TOKEN_SLOTS) {
        *out = (struct ht_token_place){HT_TOKEN_SOLIDITY, plain_slot(i)};
    } else if (i == HT_TOKEN_SLOTS) {
        *out = (struct ht_token_place){HT_TOKEN_SOLIDITY, OPENZEPPELIN};
    } else {
        *out = (struct ht_token_place){HT_TOKEN_VYPER, plain_slot(i - HT_TOKEN_SLOTS - 1)};
    }
}

void ht_token_slot(ht_hash32 *out, const struct ht_token_place *place, const ht_addr20 *owner) {
    uint8_t both[64] = {0};
    size_t key_at = place->layout == HT_TOKEN_SOLIDITY ? 0 : 32;
    ht_assert(place->layout != HT_TOKEN_NOWHERE);
    memcpy(both + key_at + 12, owner->b, sizeof owner->b);
    memcpy(both + 32 - key_at, place->slot.b, sizeof place->slot.b);
    ht_keccak256(out, HT_BYTES(both));
}

void ht_token_word_slot(ht_hash32 *out, size_t i) {
    ht_assert(i < HT_TOKEN_WORDS);
    *out = i < HT_TOKEN_SLOTS ? plain_slot(i) : OPENZEPPELIN;
    if (i == HT_TOKEN_SLOTS) out->b[31] += OPENZEPPELIN_SYMBOL;
}

bool ht_token_word_is(const uint8_t value[static 32], const char *text) {
    uint8_t wanted[32] = {0};
    size_t n = strlen(text);
    if (n == 0 || n > 31) return false;
    memcpy(wanted, text, n);
    wanted[31] = (uint8_t)(2 * n);
    return memcmp(value, wanted, sizeof wanted) == 0;
}

static bool is_fine(ht_bytes text) {
    bool fine = text.n > 0 && text.n < HT_TOKEN_SYMBOL_SIZE;
    for (size_t i = 0; fine && i < text.n; i++) fine = text.p[i] > ' ' && text.p[i] < 0x7f;
    return fine;
}

bool ht_token_symbol_is_fine(const char *text) {
    return is_fine(ht_bytes_str(text));
}

/* A number of 32 bytes that fits in one. */
static bool read_small(unsigned *out, const uint8_t word[static 32]) {
    for (size_t i = 0; i < 31; i++) {
        if (word[i] != 0) return false;
    }
    *out = word[31];
    return true;
}

enum ht_err ht_token_symbol_read(char out[static HT_TOKEN_SYMBOL_SIZE], ht_bytes answer,
                                 struct ht_why *why) {
    unsigned at = 0, n = 0;
    ht_bytes text = {NULL, 0};
    if (answer.n == 32) {
        text = ht_bytes_of(answer.p, strnlen((const char *)answer.p, 32));
    } else if (answer.n >= 64 && read_small(&at, answer.p) && at == 32 &&
               read_small(&n, answer.p + 32) && n <= answer.n - 64) {
        text = ht_bytes_of(answer.p + 64, n);
    }
    if (!is_fine(text)) {
        return ht_fail(why, HT_EINPUT, "token_symbol", "the token names no plain symbol");
    }
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return HT_OK;
}

enum ht_err ht_token_decimals_read(unsigned *out, ht_bytes answer, struct ht_why *why) {
    unsigned decimals = 0;
    if (answer.n != 32 || !read_small(&decimals, answer.p) || decimals > HT_TOKEN_DECIMALS_MAX) {
        return ht_fail(why, HT_EINPUT, "token_decimals", "the token names no number of decimals");
    }
    *out = decimals;
    return HT_OK;
}
