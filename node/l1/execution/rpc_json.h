/* Values of the Ethereum JSON-RPC in JSON: QUANTITY and DATA of EIP-1474, read and written.
 *
 * Reading is by path as in node/codec/json.h and gives the same reasons. Quantities are read
 * tolerantly (leading zeros), since providers differ in r, s and nonces; what they say is proven by
 * a hash afterwards. */
#ifndef HT_L1_EXECUTION_RPC_JSON_H
#define HT_L1_EXECUTION_RPC_JSON_H

#include "node/base/arena.h"
#include "node/base/u256.h"
#include "node/codec/json.h"

/* --- reading ----------------------------------------------------------------------------------*/

/* Whether the object has this member and it is not null, which is how providers say "none". */
bool ht_rpc_has(const json_t *object, const char *key);

/* HT_EINPUT json_missing, json_type, or json_value for what is no number below 2^64 or 2^256 in
 * hex with "0x". */
enum ht_err ht_rpc_read_u64(uint64_t *out, const json_t *root, const char *path,
                            struct ht_why *why) HT_MUST_USE;
enum ht_err ht_rpc_read_u256(ht_u256 *out, const json_t *root, const char *path,
                             struct ht_why *why) HT_MUST_USE;

/* DATA of any length; the bytes are the arena's. HT_ELIMIT no_room past the arena's maximum. */
enum ht_err ht_rpc_read_data(ht_bytes *out, struct ht_arena *arena, const json_t *root,
                             const char *path, struct ht_why *why) HT_MUST_USE;

/* --- writing ----------------------------------------------------------------------------------*/

/* An object under construction; after the first failure all further calls do nothing. */
struct ht_rpc_object {
    json_t *object;
    bool has_failed;
};

void ht_rpc_begin(struct ht_rpc_object *out);
/* Takes over value, also NULL: a value that could not be made. */
void ht_rpc_put(struct ht_rpc_object *out, const char *key, json_t *value);
void ht_rpc_put_null(struct ht_rpc_object *out, const char *key);
void ht_rpc_put_bool(struct ht_rpc_object *out, const char *key, bool value);
void ht_rpc_put_u64(struct ht_rpc_object *out, const char *key, uint64_t value);
void ht_rpc_put_u256(struct ht_rpc_object *out, const char *key, const ht_u256 *value);
void ht_rpc_put_data(struct ht_rpc_object *out, const char *key, ht_bytes value);
/* The finished object as a new reference, or NULL without memory; `out` is empty then. */
json_t *ht_rpc_end(struct ht_rpc_object *out) HT_MUST_USE;

/* A DATA string as a new reference, NULL without memory. */
json_t *ht_rpc_data(ht_bytes value) HT_MUST_USE;

#endif
