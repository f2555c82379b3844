/* Contract ABI (Solidity ABI specification, non-packed): types, encoding, strict decoding.
 *
 * Values are JSON: numbers as decimal text, addresses, bytes and selectors as hex, arrays and
 * tuples as arrays. Decoding is strict: offsets inside of the data and pointing forwards, no
 * overlapping tails, clean padding, bounded counts and depth (16).
 *
 * Reasons, HT_EINPUT: "abi_type", "abi_value" (does not fit; text that is not UTF-8), "abi_short"
 * (the data ends too early), "abi_offset" (outside of the data, backwards, into another value),
 * "abi_padding", "abi_trailing" (HT_ABI_EXACT only: bytes that belong to no value, at the end or
 * between two values); HT_ELIMIT "abi_too_large" (over a bound below); HT_ENOMEM. */
#ifndef HT_CODEC_ABI_H
#define HT_CODEC_ABI_H

#include <jansson.h>

#include "node/base/arena.h"

#define HT_ABI_DEPTH_MAX 16U     /* types in types */
#define HT_ABI_VALUES_MAX 65536U /* in one encoding, arrays and tuples counted as well */
#define HT_ABI_TYPE_MAX 4096U    /* characters of a type's text */

enum ht_abi_kind {
    HT_ABI_UINT, /* bits */
    HT_ABI_INT,
    HT_ABI_ADDRESS,
    HT_ABI_BOOL,
    HT_ABI_FIXED_BYTES, /* size */
    HT_ABI_BYTES,
    HT_ABI_STRING,
    HT_ABI_FUNCTION, /* 24 bytes */
    HT_ABI_ARRAY,    /* of inner[0]; count, or any number when !is_fixed */
    HT_ABI_TUPLE,    /* of inner[0 … count - 1] */
};

struct ht_abi_type {
    enum ht_abi_kind kind;
    unsigned bits; /* of numbers */
    size_t size;   /* of fixed bytes */
    bool is_fixed;
    size_t count;
    const struct ht_abi_type *inner;
    size_t head; /* bytes that it takes in its tuple's head; set by ht_abi_type_read, as below */
    bool is_dynamic;
};

/* Reads "(uint256,address[2],(bytes,string)[])", or one type without parentheses, into the arena;
 * no spaces. "uint" and "int" mean 256 bits. "()" is a tuple only by itself, not inside of others;
 * arrays of no elements are refused. */
enum ht_err ht_abi_type_read(struct ht_abi_type *out, struct ht_arena *arena, ht_bytes text,
                             struct ht_why *why) HT_MUST_USE;

/* HT_ABI_EXACT accepts only what ht_abi_encode writes: one text for one list of values. */
enum ht_abi_trailing { HT_ABI_EXACT, HT_ABI_TRAILING_ALLOWED };

/* Decodes the encoding of a tuple's values, *out being an array. A new reference. Anything but a
 * tuple is HT_EINPUT "abi_type". */
enum ht_err ht_abi_decode(json_t **out, const struct ht_abi_type *tuple, ht_bytes data,
                          enum ht_abi_trailing trailing, struct ht_why *why) HT_MUST_USE;

/* Appends the encoding of an array of values as a tuple. On an error out is as it was. For the
 * forms of values that are taken see abi_word.h. */
enum ht_err ht_abi_encode(struct ht_buf *out, const struct ht_abi_type *tuple, const json_t *values,
                          struct ht_why *why) HT_MUST_USE;

/* The selector of "transfer(address,uint256)": the first 4 bytes of its Keccak-256. */
void ht_abi_selector(uint8_t out[static 4], const char *signature);

#endif
