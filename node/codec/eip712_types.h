/* The types of an EIP-712 document: reading, checking, encodeType. For eip712.c only. */
#ifndef HT_CODEC_EIP712_TYPES_H
#define HT_CODEC_EIP712_TYPES_H

#include "node/codec/eip712.h"

#define HT_EIP712_DOMAIN "EIP712Domain"

/* Fills data->types from "types", and EIP712Domain from data->domain when it is left out; checks
 * names, references, circles and depth; computes each type's hash. Reasons of eip712.h. */
enum ht_err ht_eip712_read_types(struct ht_eip712 *data, struct ht_arena *arena,
                                 const json_t *types, struct ht_why *why) HT_MUST_USE;

/* "Person" of "Person[2][]". */
ht_bytes ht_eip712_base(ht_bytes type);

/* As ht_eip712_find, for text that does not end with a zero. */
const struct ht_eip712_type *ht_eip712_find_bytes(const struct ht_eip712 *data, ht_bytes type);

#endif
