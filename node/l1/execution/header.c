/* Execution headers as a table of fields.
 *
 * Every field is read and written by its row, for RLP and JSON alike; nothing else in this file
 * knows a field by name except the two that prove. */
#include "node/l1/execution/header.h"

#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/rpc_json.h"

enum kind {
    FIXED, /* `size` bytes as they are */
    NUMBER_U64,
    NUMBER_U256,
    EXTRA_DATA,
};

struct field {
    const char *json;
    enum kind kind;
    enum ht_exec_layout since;
    size_t offset;
    size_t size;
};

#define FIELD(json, kind, since, member)                                             \
    {                                                                                \
        json, kind, HT_EXEC_LAYOUT_##since, offsetof(struct ht_exec_header, member), \
            sizeof(((struct ht_exec_header *)NULL)->member)                          \
    }

/* In the order of the RLP list. Names: execution-apis, schema Block. */
static const struct field FIELDS[] = {
    FIELD("parentHash", FIXED, FRONTIER, parent_hash),
    FIELD("sha3Uncles", FIXED, FRONTIER, ommers_hash),
    FIELD("miner", FIXED, FRONTIER, coinbase),
    FIELD("stateRoot", FIXED, FRONTIER, state_root),
    FIELD("transactionsRoot", FIXED, FRONTIER, transactions_root),
    FIELD("receiptsRoot", FIXED, FRONTIER, receipts_root),
    FIELD("logsBloom", FIXED, FRONTIER, logs_bloom),
    FIELD("difficulty", NUMBER_U256, FRONTIER, difficulty),
    FIELD("number", NUMBER_U64, FRONTIER, number),
    FIELD("gasLimit", NUMBER_U64, FRONTIER, gas_limit),
    FIELD("gasUsed", NUMBER_U64, FRONTIER, gas_used),
    FIELD("timestamp", NUMBER_U64, FRONTIER, timestamp),
    FIELD("extraData", EXTRA_DATA, FRONTIER, extra_data),
    FIELD("mixHash", FIXED, FRONTIER, prev_randao),
    FIELD("nonce", FIXED, FRONTIER, nonce),
    FIELD("baseFeePerGas", NUMBER_U256, LONDON, base_fee_per_gas),
    FIELD("withdrawalsRoot", FIXED, SHANGHAI, withdrawals_root),
    FIELD("blobGasUsed", NUMBER_U64, CANCUN, blob_gas_used),
    FIELD("excessBlobGas", NUMBER_U64, CANCUN, excess_blob_gas),
    FIELD("parentBeaconBlockRoot", FIXED, CANCUN, parent_beacon_block_root),
    FIELD("requestsHash", FIXED, PRAGUE, requests_hash),
    FIELD("blockAccessListHash", FIXED, AMSTERDAM, block_access_list_hash),
    FIELD("slotNumber", NUMBER_U64, AMSTERDAM, slot_number),
};
#define FIELD_COUNT (sizeof FIELDS / sizeof *FIELDS)

size_t ht_exec_layout_field_count(enum ht_exec_layout layout) {
    size_t count = 0;
    while (count < FIELD_COUNT && FIELDS[count].since <= layout) count++;
    return count;
}

static enum ht_err find_layout(enum ht_exec_layout *out, size_t count, struct ht_why *why) {
    for (unsigned i = 0; i < HT_EXEC_LAYOUT_COUNT; i++) {
        if (ht_exec_layout_field_count((enum ht_exec_layout)i) != count) continue;
        *out = (enum ht_exec_layout)i;
        return HT_OK;
    }
    return ht_fail(why, HT_EINPUT, "header_fields", "no fork's header has %zu fields", count);
}

static enum ht_err too_much_extra(size_t n, struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "header_extra_data", "extraData has %zu bytes, at most %u", n,
                   HT_EXEC_EXTRA_DATA_MAX);
}

/* --- RLP --------------------------------------------------------------------------------------*/

static enum ht_err read_extra(struct ht_exec_header *header, ht_bytes *rest, struct ht_why *why) {
    ht_bytes bytes = {0};
    enum ht_err err = ht_rlp_read_bytes(&bytes, rest, rest->n, why);
    if (err != HT_OK) return err;
    if (bytes.n > HT_EXEC_EXTRA_DATA_MAX) return too_much_extra(bytes.n, why);
    header->extra_data.n = bytes.n;
    if (bytes.n > 0) memcpy(header->extra_data.b, bytes.p, bytes.n);
    return HT_OK;
}

static enum ht_err read_field(struct ht_exec_header *header, const struct field *field,
                              ht_bytes *rest, struct ht_why *why) {
    uint8_t *member = (uint8_t *)header + field->offset;
    uint8_t wide[32];
    uint64_t number = 0;
    ht_u256 value;
    enum ht_err err = HT_EBUG;
    switch (field->kind) {
    case FIXED: return ht_rlp_read_fixed(member, field->size, rest, why);
    case EXTRA_DATA: return read_extra(header, rest, why);
    case NUMBER_U64:
        err = ht_rlp_read_u64(&number, rest, why);
        if (err == HT_OK) memcpy(member, &number, sizeof number);
        return err;
    case NUMBER_U256:
        err = ht_rlp_read_u256(wide, rest, why);
        if (err != HT_OK) return err;
        value = ht_u256_from_be32(wide);
        memcpy(member, &value, sizeof value);
        return HT_OK;
    }
    return err;
}

static void write_field(struct ht_rlp_writer *writer, const struct ht_exec_header *header,
                        const struct field *field) {
    const uint8_t *member = (const uint8_t *)header + field->offset;
    uint8_t wide[32];
    uint64_t number;
    ht_u256 value;
    switch (field->kind) {
    case FIXED: ht_rlp_write_bytes(writer, ht_bytes_of(member, field->size)); return;
    case EXTRA_DATA:
        ht_rlp_write_bytes(writer, ht_bytes_of(header->extra_data.b, header->extra_data.n));
        return;
    case NUMBER_U64:
        memcpy(&number, member, sizeof number);
        ht_rlp_write_u64(writer, number);
        return;
    case NUMBER_U256:
        memcpy(&value, member, sizeof value);
        ht_u256_to_be(wide, &value);
        ht_rlp_write_uint(writer, HT_BYTES(wide));
        return;
    }
}

enum ht_err ht_exec_header_encode(struct ht_buf *out, const struct ht_exec_header *header) {
    struct ht_rlp_writer writer;
    ht_rlp_writer_init(&writer, out);
    size_t begin = ht_rlp_list_begin(&writer);
    size_t count = ht_exec_layout_field_count(header->layout);
    for (size_t i = 0; i < count; i++) write_field(&writer, header, &FIELDS[i]);
    ht_rlp_list_end(&writer, begin);
    return ht_rlp_finish(&writer);
}

enum ht_err ht_exec_header_hash(ht_hash32 *out, const struct ht_exec_header *header) {
    struct ht_buf rlp;
    ht_buf_init(&rlp, HT_EXEC_HEADER_RLP_MAX);
    enum ht_err err = ht_exec_header_encode(&rlp, header);
    if (err == HT_OK) ht_keccak256(out, ht_buf_view(&rlp));
    ht_buf_fini(&rlp);
    return err;
}

enum ht_err ht_exec_header_decode(struct ht_exec_header_claimed *out, ht_bytes rlp,
                                  struct ht_why *why) {
    struct ht_exec_header_claimed claimed = {.header = {.number = 0}};
    ht_bytes rest = rlp;
    ht_bytes fields = {0};
    size_t count = 0;
    enum ht_err err = ht_rlp_read_list(&fields, &rest, why);
    if (err == HT_OK) err = ht_rlp_end(rest, why);
    if (err == HT_OK) err = ht_rlp_count(&count, fields, FIELD_COUNT + 1, why);
    if (err == HT_OK) err = find_layout(&claimed.header.layout, count, why);
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = read_field(&claimed.header, &FIELDS[i], &fields, why);
        if (err != HT_OK) ht_why_context(why, "%s", FIELDS[i].json);
    }
    if (err != HT_OK) return err;
    ht_keccak256(&claimed.hash, rlp);
    *out = claimed;
    return HT_OK;
}

/* --- JSON -------------------------------------------------------------------------------------*/

static enum ht_err parse_extra(struct ht_exec_header *header, const json_t *block, const char *key,
                               struct ht_why *why) {
    ht_bytes text = {0};
    enum ht_err err = ht_json_str(&text, block, key, why);
    if (err != HT_OK) return err;
    if (text.n > 2 + 2 * HT_EXEC_EXTRA_DATA_MAX) return too_much_extra(text.n / 2 - 1, why);
    header->extra_data.n = text.n >= 2 ? text.n / 2 - 1 : 0;
    return ht_json_hex(header->extra_data.b, header->extra_data.n, block, key, why);
}

static enum ht_err parse_field(struct ht_exec_header *header, const struct field *field,
                               const json_t *block, struct ht_why *why) {
    uint8_t *member = (uint8_t *)header + field->offset;
    uint64_t number = 0;
    ht_u256 value;
    enum ht_err err = HT_EBUG;
    switch (field->kind) {
    case FIXED: return ht_json_hex(member, field->size, block, field->json, why);
    case EXTRA_DATA: return parse_extra(header, block, field->json, why);
    case NUMBER_U64:
        err = ht_rpc_read_u64(&number, block, field->json, why);
        if (err == HT_OK) memcpy(member, &number, sizeof number);
        return err;
    case NUMBER_U256:
        err = ht_rpc_read_u256(&value, block, field->json, why);
        if (err == HT_OK) memcpy(member, &value, sizeof value);
        return err;
    }
    return err;
}

/* The layout whose fields are there, all of them and none behind. */
static enum ht_err choose_layout(enum ht_exec_layout *out, const json_t *block,
                                 struct ht_why *why) {
    size_t count = 0;
    while (count < FIELD_COUNT && ht_rpc_has(block, FIELDS[count].json)) count++;
    for (size_t i = count; i < FIELD_COUNT; i++) {
        if (!ht_rpc_has(block, FIELDS[i].json)) continue;
        return ht_fail(why, HT_EINPUT, "header_fields", "%s is there but %s is not", FIELDS[i].json,
                       FIELDS[count].json);
    }
    return find_layout(out, count, why);
}

static enum ht_err check_own_hash(const json_t *block, const ht_hash32 *hash, struct ht_why *why) {
    ht_hash32 said;
    if (!ht_rpc_has(block, "hash")) return HT_OK;
    enum ht_err err = ht_json_hex(said.b, sizeof said.b, block, "hash", why);
    if (err != HT_OK || ht_hash32_equal(&said, hash)) return err;
    return ht_fail(why, HT_EUNVERIFIED, "header_hash_differs",
                   "the header's fields do not hash to the hash it gives");
}

enum ht_err ht_exec_header_from_json(struct ht_exec_header_claimed *out, const json_t *block,
                                     struct ht_why *why) {
    struct ht_exec_header_claimed claimed = {.header = {.number = 0}};
    if (!json_is_object(block)) {
        return ht_fail(why, HT_EINPUT, "json_type", "the block is not an object");
    }
    enum ht_err err = choose_layout(&claimed.header.layout, block, why);
    size_t count = err == HT_OK ? ht_exec_layout_field_count(claimed.header.layout) : 0;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = parse_field(&claimed.header, &FIELDS[i], block, why);
    }
    if (err == HT_OK) err = ht_exec_header_hash(&claimed.hash, &claimed.header);
    if (err == HT_OK) err = check_own_hash(block, &claimed.hash, why);
    if (err == HT_OK) *out = claimed;
    return err;
}

static void put_field(struct ht_rpc_object *out, const struct ht_exec_header *header,
                      const struct field *field) {
    const uint8_t *member = (const uint8_t *)header + field->offset;
    uint64_t number;
    ht_u256 value;
    switch (field->kind) {
    case FIXED: ht_rpc_put_data(out, field->json, ht_bytes_of(member, field->size)); return;
    case EXTRA_DATA:
        ht_rpc_put_data(out, field->json, ht_bytes_of(header->extra_data.b, header->extra_data.n));
        return;
    case NUMBER_U64:
        memcpy(&number, member, sizeof number);
        ht_rpc_put_u64(out, field->json, number);
        return;
    case NUMBER_U256:
        memcpy(&value, member, sizeof value);
        ht_rpc_put_u256(out, field->json, &value);
        return;
    }
}

enum ht_err ht_exec_header_to_json(json_t **out, const struct ht_exec_header *header,
                                   const ht_hash32 *hash) {
    struct ht_rpc_object object;
    ht_rpc_begin(&object);
    ht_rpc_put_data(&object, "hash", HT_BYTES(hash->b));
    size_t count = ht_exec_layout_field_count(header->layout);
    for (size_t i = 0; i < count; i++) put_field(&object, header, &FIELDS[i]);
    json_t *made = ht_rpc_end(&object);
    if (made == NULL) return HT_ENOMEM;
    *out = made;
    return HT_OK;
}

/* --- proof ------------------------------------------------------------------------------------*/

enum ht_err ht_exec_hash_of_beacon(struct ht_exec_hash_proven *out,
                                   const struct ht_header_verified *beacon, struct ht_why *why) {
    if (!beacon->has_execution) {
        return ht_fail(why, HT_ENOTFOUND, "no_execution", "this beacon header names no block");
    }
    out->hash = beacon->execution_block_hash;
    return HT_OK;
}

enum ht_err ht_exec_hash_of_parent(struct ht_exec_hash_proven *out,
                                   const struct ht_exec_header_verified *child,
                                   struct ht_why *why) {
    if (child->header.number == 0) {
        return ht_fail(why, HT_ENOTFOUND, "no_execution", "there is no block before genesis");
    }
    out->hash = child->header.parent_hash;
    return HT_OK;
}

enum ht_err ht_exec_header_verify(struct ht_exec_header_verified *out,
                                  const struct ht_exec_header_claimed *claimed,
                                  const struct ht_exec_hash_proven *hash, struct ht_why *why) {
    ht_hash32 computed;
    enum ht_err err = ht_exec_header_hash(&computed, &claimed->header);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "out of memory");
    if (!ht_hash32_equal(&computed, &hash->hash)) {
        return ht_fail(why, HT_EUNVERIFIED, "header_hash_differs",
                       "the header does not hash to the proven block hash");
    }
    out->header = claimed->header;
    out->hash = computed;
    return HT_OK;
}

enum ht_err ht_exec_header_of_kept(struct ht_exec_header_verified *out, const ht_hash32 *hash,
                                   ht_bytes rlp, struct ht_why *why) {
    struct ht_exec_header_claimed claimed;
    struct ht_exec_hash_proven proven = {.hash = *hash};
    enum ht_err err = ht_exec_header_decode(&claimed, rlp, why);
    return err == HT_OK ? ht_exec_header_verify(out, &claimed, &proven, why) : err;
}
