/* The elementary types that the contract ABI and EIP-712 share, and their 32-byte words.
 *
 * As JSON, numbers are decimal text, addresses and bytes hex with "0x", booleans true and false.
 * Reading values from JSON takes besides that JSON integers and hex ("0x1f") for numbers; what does
 * not fit its type is refused, never cut: HT_EINPUT "abi_value". The reason never quotes the value.
 * Nothing allocates but what is put into JSON. Source: Solidity ABI specification, "Types". */
#ifndef HT_CODEC_ABI_WORD_H
#define HT_CODEC_ABI_WORD_H

#include "node/codec/abi.h"

#define HT_ABI_WORD 32U

/* Reads "uint8" … "uint256", "int8" …, "bytes1" … "bytes32", "bytes", "string", "address", "bool"
 * and "function"; no other names ("uint" is none). *out then has the head's size as well. */
bool ht_abi_elementary_read(struct ht_abi_type *out, ht_bytes name) HT_MUST_USE;

/* Whether a value of the type is one word: any elementary type but bytes and string. */
bool ht_abi_is_word(const struct ht_abi_type *type);

/* The word of a value; the type must be one of those. */
enum ht_err ht_abi_word_write(uint8_t out[static HT_ABI_WORD], const struct ht_abi_type *type,
                              const json_t *value, struct ht_why *why) HT_MUST_USE;

/* The value of a word, a new reference. HT_EINPUT "abi_padding" when bits are set that the type
 * does not have, or a boolean is neither 0 nor 1; HT_ENOMEM. */
enum ht_err ht_abi_word_read(json_t **out, const struct ht_abi_type *type,
                             const uint8_t word[static HT_ABI_WORD],
                             struct ht_why *why) HT_MUST_USE;

/* A JSON string of hex with "0x"; NULL without memory. */
json_t *ht_abi_hex(ht_bytes bytes);

#endif
