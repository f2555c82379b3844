/* Typed structured data: EIP-712, from the JSON that wallets are given (eth_signTypedData_v4).
 *
 * The whole of the specification: nested structs, arrays of any depth and fixed sizes, bytes and
 * string, all widths of numbers, checked ranges. Bounded: HT_EIP712_TYPES_MAX types, 32 deep.
 *
 * Strict: what two wallets could understand differently is refused. Reasons, HT_EINPUT if not said
 * otherwise, besides those of json.h: "eip712_types" (a type that is not there, malformed, named
 * like an elementary one, or given twice a member; EIP712Domain as the primary type),
 * "eip712_domain" (fields that are not EIP-712's, or of other types, or not in EIP-712's order),
 * "eip712_missing" (a member without a value, or null), "eip712_extra" (a value that no type
 * names), "eip712_value" (does not fit its type), "eip712_recursion" (a type that holds itself);
 * HT_ELIMIT "eip712_too_large"; HT_ENOMEM "no_memory".
 *
 * Values are those of abi_word.h: numbers as JSON integers, decimal text or hex; addresses and
 * bytes as hex with "0x" and of exactly their length; text as it is. Type names are identifiers in
 * which ":" may stand besides, as some exchanges write them; "uint" and "int" are no types.
 *
 * Hashes are computed from the document each time and do not allocate; a value is bounded by its
 * document, so bound that when it is parsed: ht_json_parse with HT_EIP712_SIZE_MAX. */
#ifndef HT_CODEC_EIP712_H
#define HT_CODEC_EIP712_H

#include "node/base/arena.h"
#include "node/base/u256.h"
#include "node/codec/json.h"

#define HT_EIP712_TYPES_MAX 64U
#define HT_EIP712_MEMBERS_MAX 128U /* of one type */
#define HT_EIP712_SIZE_MAX ((size_t)256 * 1024)
#define HT_EIP712_DEPTH_MAX 32U               /* of structs in structs and arrays */
#define HT_EIP712_TYPE_TEXT_MAX (16U * 1024U) /* of encodeType */

struct ht_eip712_member {
    const char *type; /* "uint256[2][]" */
    const char *name;
};

struct ht_eip712_type {
    const char *name;
    const struct ht_eip712_member *members;
    size_t count;
    ht_hash32 type_hash; /* keccak256(encodeType); set by ht_eip712_read, as the next */
    uint64_t refs;       /* bit i: a member is of types[i] or of an array of it */
};

struct ht_eip712 {
    const struct ht_eip712_type *types; /* EIP712Domain among them */
    size_t type_count;
    const char *primary_type;
    const json_t *domain; /* borrowed from the document */
    const json_t *message;
    bool has_chain_id;
    ht_u256 chain_id;
    bool has_verifying_contract;
    ht_addr20 verifying_contract;
};

/* Reads and checks a document {"types", "primaryType", "domain", "message"} with all its values;
 * other members beside these four are not looked at. *out borrows from it and from the arena.
 * "types" may leave EIP712Domain out: it is then made of what the domain has, in EIP-712's order.
 */
enum ht_err ht_eip712_read(struct ht_eip712 *out, struct ht_arena *arena, const json_t *document,
                           struct ht_why *why) HT_MUST_USE;

/* encodeType of a type: "Mail(Person from,Person to,string contents)Person(…)". Appends. */
enum ht_err ht_eip712_encode_type(struct ht_buf *out, const struct ht_eip712 *data,
                                  const char *type, struct ht_why *why) HT_MUST_USE;

/* hashStruct of the domain and of the message, and keccak256("\x19\x01" || both). */
enum ht_err ht_eip712_domain_separator(ht_hash32 *out, const struct ht_eip712 *data,
                                       struct ht_why *why) HT_MUST_USE;
enum ht_err ht_eip712_struct_hash(ht_hash32 *out, const struct ht_eip712 *data,
                                  struct ht_why *why) HT_MUST_USE;
void ht_eip712_digest(ht_hash32 *out, const ht_hash32 *domain_separator,
                      const ht_hash32 *struct_hash);

/* EIP-191 version 0x45 ("personal_sign"): keccak256("\x19Ethereum Signed Message:\n" || length ||
 * message). */
void ht_eip191_digest(ht_hash32 *out, ht_bytes message);

/* keccak256(encodeData) of any struct value or array by the name of its type, as above: "Person",
 * "Person[]". */
enum ht_err ht_eip712_value_hash(ht_hash32 *out, const struct ht_eip712 *data, const char *type,
                                 const json_t *value, struct ht_why *why) HT_MUST_USE;

/* The text of a type without its last array bounds, "uint8[2]" of "uint8[2][]", and those bounds:
 * *count for a fixed number, else *is_fixed is false. False for a type that is no array. */
bool ht_eip712_element(ht_bytes *element, bool *is_fixed, size_t *count, ht_bytes type) HT_MUST_USE;

/* A type's definition, NULL for one that is not a struct. "Person[2]" is looked up as "Person". */
const struct ht_eip712_type *ht_eip712_find(const struct ht_eip712 *data, const char *type);

#endif
