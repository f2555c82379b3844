/* Schemas of attestations: "uint256 eventId, bytes32[] proofs, (string name, uint8 age) who". Pure;
 * any thread. Source: Solidity ABI specification; eas-sdk 2.10.0, schema-encoder.ts.
 *
 * Taken is what the SDK takes: "tuple(…)" for "(…)", "uint" and "int" for 256 bits, "ipfsHash" for
 * bytes32, names that are left out; names are identifiers in ASCII.
 *
 * Strangers write schemas: names and types are bounded before anything is allocated, and a schema
 * that cannot be read still names its attestations, whose data are then shown as raw bytes.
 *
 * Reasons: HT_EINPUT "schema_syntax", "schema_type", "schema_name", those of abi.h for values;
 * HT_ELIMIT "schema_too_large"; HT_ENOMEM. */
#ifndef HT_IDENTITY_EAS_SCHEMA_H
#define HT_IDENTITY_EAS_SCHEMA_H

#include "node/codec/abi.h"

#define HT_SCHEMA_TEXT_MAX 8192U
#define HT_SCHEMA_FIELDS_MAX 64U /* in all, those of tuples as well */
#define HT_SCHEMA_NAME_MAX 128U
#define HT_SCHEMA_DEPTH_MAX 8U                  /* tuples in tuples */
#define HT_SCHEMA_ARENA_MAX ((size_t)128 << 10) /* what reading any schema needs at most */

struct ht_schema_field {
    const char *name;                    /* "" when it has none */
    const char *type;                    /* "uint256", "bytes32[]", "(string,uint8)[]" */
    const struct ht_schema_field *parts; /* of a tuple or of arrays of one */
    size_t part_count;
};

struct ht_schema {
    const struct ht_schema_field *fields;
    size_t count;
    struct ht_abi_type type; /* the tuple of all of them */
};

/* Everything in *out is the arena's. An empty text is a schema without fields. HT_ELIMIT "no_room"
 * when the arena may not hand out enough. */
enum ht_err ht_schema_read(struct ht_schema *out, struct ht_arena *arena, ht_bytes text,
                           struct ht_why *why) HT_MUST_USE;
/* [{"name", "type", "value", "parts"?}] of an attestation's data; a new reference. "parts" as in
 * ht_schema_json: the values of a tuple stand in "value" as an array in their order. Data that the
 * encoder would have written otherwise, with something behind them for example, are refused. */
enum ht_err ht_schema_decode(json_t **out, const struct ht_schema *schema, ht_bytes data,
                             struct ht_why *why) HT_MUST_USE;
/* Appends the encoding of {name: value} or of an array of values in the schema's order, and so for
 * tuples in it. Names that are missing, unknown, empty or there twice are "schema_name". On an
 * error out is as it was. */
enum ht_err ht_schema_encode(struct ht_buf *out, const struct ht_schema *schema,
                             const json_t *values, struct ht_why *why) HT_MUST_USE;
/* [{"name", "type", "parts"?}], for a form; a new reference. */
json_t *ht_schema_json(const struct ht_schema *schema);

#endif
