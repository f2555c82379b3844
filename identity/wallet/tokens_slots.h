/* Where ERC-20 contracts keep balances and symbols in their storage, and what they answer.
 *
 * Solidity storage layout: an element of a mapping at slot p is at keccak256(key || p), a string of
 * at most 31 bytes is in its slot with twice its length in the last byte. Vyper: keccak256(p ||
 * key). OpenZeppelin 5 (ERC-7201): the namespace "openzeppelin.storage.ERC20". Solidity ABI for
 * answers. Pure. */
#ifndef HT_IDENTITY_WALLET_TOKENS_SLOTS_H
#define HT_IDENTITY_WALLET_TOKENS_SLOTS_H

#include "node/base/bytes.h"

#define HT_TOKEN_SLOTS 21U  /* plain slots that are looked at: 0 to 20 */
#define HT_TOKEN_PLACES 43U /* of the mapping: those in both orders, and OpenZeppelin's */
#define HT_TOKEN_WORDS 22U  /* slots that may hold the symbol: those, and OpenZeppelin's */
#define HT_TOKEN_SYMBOL_SIZE 16U
#define HT_TOKEN_DECIMALS_MAX 77U /* more than a 256-bit number has digits */

enum ht_token_layout { HT_TOKEN_NOWHERE, HT_TOKEN_SOLIDITY, HT_TOKEN_VYPER };

/* Where a mapping of balances is. */
struct ht_token_place {
    enum ht_token_layout layout; /* HT_TOKEN_NOWHERE: not found yet */
    ht_hash32 slot;              /* of the mapping itself */
};

/* Place i of HT_TOKEN_PLACES, the usual ones first. */
void ht_token_place(struct ht_token_place *out, size_t i);
/* The slot of somebody's balance; not for HT_TOKEN_NOWHERE. */
void ht_token_slot(ht_hash32 *out, const struct ht_token_place *place, const ht_addr20 *owner);
/* Slot i of HT_TOKEN_WORDS. */
void ht_token_word_slot(ht_hash32 *out, size_t i);
/* Whether the slot's value is that text as Solidity stores it. */
bool ht_token_word_is(const uint8_t value[static 32], const char *text);

/* Whether the text may be a symbol: 1 to 15 printable characters of ASCII. */
bool ht_token_symbol_is_fine(const char *text);

/* What symbol() answers: a string, or 32 bytes with zeros behind (before ERC-20 was final).
 * HT_EINPUT "token_symbol". */
enum ht_err ht_token_symbol_read(char out[static HT_TOKEN_SYMBOL_SIZE], ht_bytes answer,
                                 struct ht_why *why) HT_MUST_USE;
/* What decimals() answers. HT_EINPUT "token_decimals". */
enum ht_err ht_token_decimals_read(unsigned *out, ht_bytes answer, struct ht_why *why) HT_MUST_USE;

#endif
