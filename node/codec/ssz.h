/* SSZ (consensus-specs ssz/simple-serialize): containers declared as data.
 *
 * A type is a table that says where each field lies in a C struct; from the one table come
 * decoding, encoding, hash_tree_root and the Beacon API's JSON. Decoding allocates nothing: every
 * list has a maximum and room for it in the struct. Recursion is bounded by the tables, not by the
 * input. */
#ifndef HT_CODEC_SSZ_H
#define HT_CODEC_SSZ_H

#include "node/base/bytes.h"

enum ht_ssz_kind {
    HT_SSZ_UINT64,    /* C: uint64_t */
    HT_SSZ_UINT256,   /* C: uint8_t[32], little-endian as on the wire */
    HT_SSZ_BYTES,     /* ByteVector[length]; C: uint8_t[length] */
    HT_SSZ_BYTE_LIST, /* ByteList[length]; C: as struct ht_ssz_byte_list */
    HT_SSZ_BITVECTOR, /* Bitvector[length]; C: uint8_t[(length + 7) / 8] */
    HT_SSZ_VECTOR,    /* Vector[element, length]; C: array; elements are HT_SSZ_BYTES */
    HT_SSZ_CONTAINER, /* C: struct */
};

struct ht_ssz_field;

struct ht_ssz_type {
    enum ht_ssz_kind kind;
    size_t length;                     /* bytes, bits or elements, as the kind says */
    const struct ht_ssz_type *element; /* HT_SSZ_VECTOR */
    const struct ht_ssz_field *fields; /* HT_SSZ_CONTAINER */
    size_t field_count;
};

/* How a ByteList lies in memory; b has room for the type's length. */
struct ht_ssz_byte_list {
    size_t n;
    uint8_t b[];
};

struct ht_ssz_field {
    const char *name; /* as the specification spells it */
    const struct ht_ssz_type *type;
    size_t offset; /* of the field in its C struct */
};

extern const struct ht_ssz_type ht_ssz_uint64;
extern const struct ht_ssz_type ht_ssz_uint256;
extern const struct ht_ssz_type ht_ssz_bytes4;
extern const struct ht_ssz_type ht_ssz_bytes20;
extern const struct ht_ssz_type ht_ssz_bytes32;
extern const struct ht_ssz_type ht_ssz_bytes48;
extern const struct ht_ssz_type ht_ssz_bytes96;

/* Declares a container from its array of fields. */
#define HT_SSZ_CONTAINER_OF(array) \
    { .kind = HT_SSZ_CONTAINER, .fields = (array), .field_count = sizeof(array) / sizeof *(array) }

/* Serialized size when it is the same for every value; 0 for types of variable size. */
size_t ht_ssz_fixed_size(const struct ht_ssz_type *type);

/* Reads exactly one value from all of bytes. value is written only in part on failure; treat it as
 * garbage then. HT_EINPUT: "ssz_truncated", "ssz_oversized" (bytes are left over),
 * "ssz_bad_offset", "ssz_list_too_long", "ssz_bad_bits" (padding bits set). */
enum ht_err ht_ssz_decode(void *value, const struct ht_ssz_type *type, ht_bytes bytes,
                          struct ht_why *why) HT_MUST_USE;

/* Appends the serialization of value. HT_ELIMIT or HT_ENOMEM from the buffer. */
enum ht_err ht_ssz_encode(struct ht_buf *out, const struct ht_ssz_type *type,
                          const void *value) HT_MUST_USE;

/* hash_tree_root of simple-serialize §merkleization. */
void ht_ssz_hash_tree_root(ht_hash32 *out, const struct ht_ssz_type *type, const void *value);

/* The root that a leaf and its branch lead to; depth and position from the generalized index
 * (ssz/merkle-proofs), which is at least 1 and below 2^32. branch has floorlog2(gindex) nodes, the
 * leaf's sibling first. */
void ht_ssz_branch_root(ht_hash32 *out, const ht_hash32 *leaf, const ht_hash32 *branch,
                        uint64_t gindex);

/* floorlog2 of a generalized index: the length of its branch. */
unsigned ht_ssz_depth(uint64_t gindex);

#endif
