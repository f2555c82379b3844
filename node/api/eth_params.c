/* Parameters and answers of Ethereum's methods. */
#include "node/api/eth_params.h"

#include <inttypes.h>
#include <stdio.h>

#include "node/base/hex.h"
#include "node/codec/json.h"

#define QUANTITY64_LEN_MAX 18U /* "0x" and 16 digits */

/* --- reading ---------------------------------------------------------------------------------- */

enum ht_err ht_eth_take_params(const json_t *params, size_t least, size_t most,
                               struct ht_why *why) {
    if (json_object_size(params) > 0) {
        return ht_fail(why, HT_EINPUT, "params_missing", "parameters come in an array");
    }
    size_t count = json_array_size(params);
    if (count < least) {
        return ht_fail(why, HT_EINPUT, "params_missing", "missing value for required argument %zu",
                       count);
    }
    if (count <= most) return HT_OK;
    if (most == 0) {
        return ht_fail(why, HT_EINPUT, "too_many_params", "this method takes no parameters");
    }
    return ht_fail(why, HT_EINPUT, "too_many_params", "too many arguments, want at most %zu", most);
}

static bool read_quantity(uint64_t *out, const json_t *value) {
    ht_u256 number;
    if (!json_is_string(value) || json_string_length(value) > QUANTITY64_LEN_MAX) return false;
    ht_bytes text = ht_bytes_of(json_string_value(value), json_string_length(value));
    if (ht_u256_from_quantity(&number, text) != HT_OK) return false;
    *out = number.limb[0];
    return true;
}

static bool read_tag(struct ht_block_id *out, const char *tag) {
    static const struct {
        const char *name;
        enum ht_block_kind kind;
    } tags[] = {{"latest", HT_BLOCK_LATEST},
                {"pending", HT_BLOCK_LATEST},
                {"safe", HT_BLOCK_SAFE},
                {"finalized", HT_BLOCK_FINALIZED},
                {"earliest", HT_BLOCK_NUMBER}};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        if (strcmp(tag, tags[i].name) != 0) continue;
        *out = (struct ht_block_id){.kind = tags[i].kind};
        return true;
    }
    return false;
}

static enum ht_err bad_block(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "bad_block",
                   "a block is latest, safe, finalized, earliest, pending, a number in hex with 0x "
                   "and no leading zeros, or its hash");
}

/* EIP-1898 */
static enum ht_err read_block_object(struct ht_block_id *out, const json_t *object,
                                     struct ht_why *why) {
    const json_t *number = ht_json_member(object, "blockNumber");
    const json_t *hash = ht_json_member(object, "blockHash");
    const json_t *canonical = ht_json_member(object, "requireCanonical");
    if ((number == NULL) == (hash == NULL) ||
        (canonical != NULL && (hash == NULL || !json_is_boolean(canonical)))) {
        return ht_fail(why, HT_EINPUT, "bad_block",
                       "a block object has blockNumber or blockHash, not both, and with the latter "
                       "perhaps requireCanonical");
    }
    if (number != NULL) return ht_eth_read_block_value(out, number, false, why);
    struct ht_block_id id = {.kind = HT_BLOCK_HASH};
    if (ht_json_hex(id.hash.b, 32, hash, "", NULL) != HT_OK) return bad_block(why);
    *out = id;
    return HT_OK;
}

enum ht_err ht_eth_read_block_value(struct ht_block_id *out, const json_t *value, bool takes_hash,
                                    struct ht_why *why) {
    if (value == NULL || json_is_null(value)) {
        *out = (struct ht_block_id){.kind = HT_BLOCK_LATEST};
        return HT_OK;
    }
    if (json_is_object(value) && takes_hash) return read_block_object(out, value, why);
    const char *text;
    if (ht_json_text(&text, value, "", NULL) != HT_OK) return bad_block(why);
    if (read_tag(out, text)) return HT_OK;
    struct ht_block_id id = {.kind = HT_BLOCK_NUMBER};
    if (takes_hash && ht_json_hex(id.hash.b, 32, value, "", NULL) == HT_OK) {
        id.kind = HT_BLOCK_HASH;
    } else if (!read_quantity(&id.number, value)) {
        return bad_block(why);
    }
    *out = id;
    return HT_OK;
}

enum ht_err ht_eth_read_block(struct ht_block_id *out, const json_t *params, size_t at,
                              bool takes_hash, struct ht_why *why) {
    enum ht_err err = ht_eth_read_block_value(out, json_array_get(params, at), takes_hash, why);
    if (err != HT_OK) ht_why_context(why, "invalid argument %zu", at);
    return err;
}

enum ht_err ht_eth_read_address(ht_addr20 *out, const json_t *params, size_t at,
                                struct ht_why *why) {
    if (ht_json_hex(out->b, 20, json_array_get(params, at), "", NULL) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_address",
                   "invalid argument %zu: an address is 20 bytes in hex with 0x", at);
}

enum ht_err ht_eth_read_hash(ht_hash32 *out, const json_t *params, size_t at, struct ht_why *why) {
    if (ht_json_hex(out->b, 32, json_array_get(params, at), "", NULL) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_hash",
                   "invalid argument %zu: a hash is 32 bytes in hex with 0x", at);
}

enum ht_err ht_eth_read_quantity(uint64_t *out, const json_t *params, size_t at,
                                 struct ht_why *why) {
    if (read_quantity(out, json_array_get(params, at))) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_quantity",
                   "invalid argument %zu: a number is hex with 0x and no leading zeros", at);
}

enum ht_err ht_eth_read_bool(bool *out, const json_t *params, size_t at, struct ht_why *why) {
    if (ht_json_bool(out, json_array_get(params, at), "", NULL) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_bool", "invalid argument %zu: true or false", at);
}

enum ht_err ht_eth_read_slot(ht_hash32 *out, bool *is_long, const json_t *value,
                             struct ht_why *why) {
    ht_u256 slot;
    ht_bytes text;
    if (ht_json_str(&text, value, "", NULL) != HT_OK || text.n < 3 || text.n > 66 ||
        text.p[0] != '0' || (text.p[1] | 0x20) != 'x' || ht_u256_from_text(&slot, text) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "bad_slot",
                       "a slot of storage is up to 32 bytes in hex with 0x");
    }
    ht_u256_to_be(out->b, &slot);
    if (is_long != NULL) *is_long = text.n == 66;
    return HT_OK;
}

/* --- checks ----------------------------------------------------------------------------------- */

enum ht_err ht_eth_check_read(const struct ht_eth *eth, bool is_final, struct ht_why *why) {
    return is_final ? HT_OK : ht_eth_check_live(eth, why);
}

enum ht_err ht_eth_check_ask(const struct ht_eth *eth, const struct ht_block_id *block,
                             struct ht_why *why) {
    bool is_named = block->kind == HT_BLOCK_NUMBER || block->kind == HT_BLOCK_HASH;
    return is_named ? HT_OK : ht_eth_check_live(eth, why);
}

enum ht_err ht_eth_no_service(struct ht_why *why) {
    return ht_fail(why, HT_EDENIED, HT_RPC_NOT_PROVEN, "there is nobody to ask for this");
}

enum ht_err ht_eth_no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- answers ---------------------------------------------------------------------------------- */

void ht_eth_finish(const struct ht_eth *eth, struct ht_rpc_call *call, json_t *result,
                   const struct ht_eth_place *place) {
    struct ht_why why = {0};
    json_t *provenance = NULL;
    if (result != NULL && ht_rpc_call_wants_provenance(call)) {
        provenance =
            ht_chain_provenance_json(eth->chain, place->header, place->is_final, place->source);
        if (provenance == NULL) {
            json_decref(result);
            result = NULL;
        }
    }
    if (result != NULL) {
        ht_rpc_finish_proven(call, result, provenance);
    } else {
        ht_rpc_refuse(call, ht_eth_no_memory(&why), &why);
    }
}

bool ht_eth_is_null(enum ht_err err, const struct ht_why *why) {
    static const char *const codes[] = {"block_in_future", "block_not_found", "not_in_chain",
                                        "tx_not_found", "tx_pending"};
    if (err != HT_ENOTFOUND || why->code == NULL) return false;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (strcmp(why->code, codes[i]) == 0) return true;
    }
    return false;
}

json_t *ht_eth_unproven_json(const char *why, const char *source) {
    json_t *sources = source[0] != '\0' ? json_pack("[s]", source) : json_array();
    json_t *text = json_string(why);
    if (text == NULL) text = json_string("(not readable)");
    return json_pack("{s:s, s:n, s:n, s:n, s:o, s:o}", "verdict", "unproven", "block", "level",
                     "age_ms", "sources", sources, "why", text);
}

void ht_eth_finish_null(const struct ht_eth *eth, struct ht_rpc_call *call,
                        const struct ht_why *why) {
    struct ht_why stale = {0};
    const struct ht_exec_header_verified *head =
        eth->chain != NULL ? ht_chain_head(eth->chain) : NULL;
    bool is_proven = head != NULL && strcmp(why->code, "block_in_future") == 0;
    enum ht_err err = is_proven ? ht_eth_check_live(eth, &stale) : HT_OK;
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &stale);
    } else if (is_proven) {
        ht_eth_finish(eth, call, json_null(), &(struct ht_eth_place){head, false, ""});
    } else {
        json_t *provenance =
            ht_rpc_call_wants_provenance(call) ? ht_eth_unproven_json(why->text, "") : NULL;
        ht_rpc_finish_proven(call, json_null(), provenance);
    }
}

json_t *ht_eth_quantity(uint64_t number) {
    char text[24];
    int n = snprintf(text, sizeof text, "0x%" PRIx64, number);
    return json_stringn_nocheck(text, (size_t)n);
}

json_t *ht_eth_quantity256(const ht_u256 *number) {
    char text[HT_U256_QUANTITY_SIZE];
    size_t n = ht_u256_to_quantity(text, number);
    return json_stringn_nocheck(text, n);
}
