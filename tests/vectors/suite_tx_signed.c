/* From fields and a secret key to the signed transaction, byte for byte; and bytes that are to be
 * refused by decoding or by what a chain asks of a signature and a type. */
#include "tests/vectors/suite_tx_signed.h"

#include <stdio.h>

#include "node/codec/transaction_rules.h"
#include "node/crypto/secp256k1.h"
#include "node/l1/execution/transaction_json.h"

#define CASE_MAX ((size_t)1 << 20)

/* A number, decimal or hex text as a QUANTITY under the same name; left out when it is not there.
 */
static enum ht_err put_number(json_t *out, const char *key, const json_t *from) {
    char text[HT_U256_QUANTITY_SIZE];
    const json_t *number = json_object_get(from, key);
    ht_u256 value = {{0}};
    if (number == NULL) return HT_OK;
    if (json_is_integer(number)) {
        value = ht_u256_of((uint64_t)json_integer_value(number));
    } else {
        const char *digits = json_string_value(number);
        if (digits == NULL) return HT_EINPUT;
        enum ht_err err = ht_u256_from_text(&value, ht_bytes_str(digits));
        if (err != HT_OK) return err;
    }
    (void)ht_u256_to_quantity(text, &value);
    (void)json_object_set_new(out, key, json_string(text));
    return HT_OK;
}

static void put_same(json_t *out, const char *key, const json_t *from, const char *name) {
    json_t *value = json_object_get(from, name);
    if (value != NULL) (void)json_object_set(out, key, value);
}

static enum ht_err put_authorizations(json_t *out, const json_t *from) {
    static const char *const numbers[] = {"chainId", "nonce", "yParity", "r", "s"};
    const json_t *given = json_object_get(from, "authorizationList");
    size_t index = 0;
    const json_t *one = NULL;
    enum ht_err err = HT_OK;
    if (given == NULL) return HT_OK;
    json_t *list = json_array();
    json_array_foreach(given, index, one) {
        json_t *item = json_object();
        put_same(item, "address", one, "address");
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers && err == HT_OK; i++) {
            err = put_number(item, numbers[i], one);
        }
        (void)json_array_append_new(list, item);
    }
    (void)json_object_set_new(out, "authorizationList", list);
    return err;
}

/* The fields as JSON-RPC writes them. A legacy transaction with chain id 0 is one without EIP-155.
 */
static enum ht_err rpc_of(json_t **result, const json_t *fields) {
    static const char *const numbers[] = {"type",
                                          "nonce",
                                          "gasPrice",
                                          "value",
                                          "maxFeePerGas",
                                          "maxPriorityFeePerGas",
                                          "maxFeePerBlobGas"};
    const char *chain_id = json_string_value(json_object_get(fields, "chainId"));
    bool is_plain = json_integer_value(json_object_get(fields, "type")) == 0 && chain_id != NULL &&
                    strcmp(chain_id, "0") == 0;
    enum ht_err err = HT_OK;
    json_t *out = json_object();
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && err == HT_OK; i++) {
        err = put_number(out, numbers[i], fields);
    }
    if (err == HT_OK && !is_plain) err = put_number(out, "chainId", fields);
    if (err == HT_OK) err = put_number(out, "gasLimit", fields);
    if (err == HT_OK) err = put_authorizations(out, fields);
    put_same(out, "gas", out, "gasLimit");
    put_same(out, "to", fields, "to");
    put_same(out, "input", fields, "data");
    put_same(out, "accessList", fields, "accessList");
    put_same(out, "blobVersionedHashes", fields, "blobVersionedHashes");
    *result = out;
    return err;
}

/* Whether the hex under `key` is these bytes. */
static enum ht_err same(const json_t *one, const char *key, ht_bytes got, struct ht_why *why) {
    struct ht_buf want;
    ht_buf_init(&want, CASE_MAX);
    enum ht_err err = ht_json_hex_buf(&want, one, key, why);
    if (err == HT_OK && !ht_bytes_equal(ht_buf_view(&want), got)) {
        err = ht_fail(why, HT_EBUG, "case", "another %s", key);
    }
    ht_buf_fini(&want);
    return err;
}

typedef enum ht_err (*encoder)(struct ht_buf *out, const struct ht_transaction *tx);

static enum ht_err same_encoding(const json_t *one, const char *key, encoder encode,
                                 const struct ht_transaction *tx, struct ht_why *why) {
    struct ht_buf got;
    ht_buf_init(&got, CASE_MAX);
    enum ht_err err = encode(&got, tx);
    if (err == HT_OK) err = same(one, key, ht_buf_view(&got), why);
    ht_buf_fini(&got);
    return err;
}

static enum ht_err sign(struct ht_transaction *tx, const json_t *one, struct ht_why *why) {
    uint8_t key[32];
    ht_hash32 digest;
    struct ht_ecdsa_signature signature;
    enum ht_err err = ht_tx_signing_hash(&digest, tx);
    if (err == HT_OK) err = same(one, "signingHash", HT_BYTES(digest.b), why);
    if (err == HT_OK) err = ht_json_hex(key, sizeof key, one, "privateKey", why);
    if (err == HT_OK) err = ht_ecdsa_sign(&signature, &digest, key, why);
    if (err != HT_OK) return err;
    tx->is_signed = true;
    tx->y_parity = signature.y_parity;
    tx->r = ht_u256_from_be32(signature.r);
    tx->s = ht_u256_from_be32(signature.s);
    return HT_OK;
}

static enum ht_err judge_authorities(const struct ht_transaction *tx, const json_t *fields,
                                     struct ht_why *why) {
    const json_t *list = json_object_get(fields, "authorizationList");
    if (json_array_size(list) != tx->authorization_count) {
        return ht_fail(why, HT_EBUG, "case", "another number of authorizations");
    }
    for (size_t i = 0; i < tx->authorization_count; i++) {
        ht_addr20 authority;
        enum ht_err err = ht_tx_authority(&authority, &tx->authorization_list[i], why);
        if (err == HT_OK) {
            err = same(json_array_get(list, i), "authority", HT_BYTES(authority.b), why);
        }
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

/* Whether a chain takes it, which makes the refusals below worth something; but for the gas limit,
 * which is any number in these cases. */
static enum ht_err check(ht_addr20 *sender, const struct ht_transaction *tx, struct ht_why *why) {
    enum ht_err err = ht_tx_check(sender, tx, &ht_tx_rules_all[ht_tx_rules_count - 1],
                                  tx->has_chain_id ? tx->chain_id : 1, why);
    if (err == HT_OK || strcmp(why->code, "tx_gas_too_low") != 0) return err;
    return ht_tx_sender(sender, tx, HT_ECDSA_LOW_S, why);
}

static enum ht_err judge_case(const json_t *one, struct ht_arena *arena, struct ht_why *why) {
    struct ht_transaction tx;
    ht_hash32 hash;
    ht_addr20 sender;
    json_t *object = NULL;
    const json_t *fields = ht_json_member(one, "fields");
    enum ht_err err = rpc_of(&object, fields);
    if (err == HT_OK) err = ht_tx_from_json(&tx, arena, object, why);
    json_decref(object);
    if (err == HT_OK) err = same_encoding(one, "unsigned", ht_tx_encode_unsigned, &tx, why);
    if (err == HT_OK) err = sign(&tx, one, why);
    if (err == HT_OK) err = same_encoding(one, "signed", ht_tx_encode, &tx, why);
    if (err == HT_OK) err = ht_tx_hash(&hash, &tx);
    if (err == HT_OK) err = same(one, "txHash", HT_BYTES(hash.b), why);
    if (err == HT_OK) err = check(&sender, &tx, why);
    if (err == HT_OK) err = same(one, "from", HT_BYTES(sender.b), why);
    if (err == HT_OK) err = judge_authorities(&tx, fields, why);
    return err;
}

static enum ht_err judge_malformed(const json_t *one, struct ht_arena *arena, struct ht_why *why) {
    struct ht_transaction tx;
    struct ht_buf raw;
    ht_addr20 sender;
    ht_buf_init(&raw, CASE_MAX);
    enum ht_err err = ht_json_hex_buf(&raw, one, "raw", why);
    if (err == HT_OK) {
        err = ht_tx_decode(&tx, arena, ht_buf_view(&raw), HT_TX_NETWORK_FORM_REFUSE, why);
        if (err == HT_OK) err = check(&sender, &tx, why);
        err = err != HT_OK && err != HT_EBUG
                  ? HT_OK
                  : ht_fail(why, HT_EBUG, "case", "accepted, must be refused");
    }
    ht_buf_fini(&raw);
    return err;
}

static void run_one(struct ht_vec_report *report, const char *file, const json_t *one,
                    bool is_malformed) {
    char name[300];
    struct ht_arena arena;
    struct ht_why why = {.code = "", .text = "the case is not understood"};
    const char *id = json_string_value(ht_json_member(one, "id"));
    (void)snprintf(name, sizeof name, "%s/%s", file, id != NULL ? id : "?");
    ht_arena_init(&arena, CASE_MAX);
    enum ht_err err =
        is_malformed ? judge_malformed(one, &arena, &why) : judge_case(one, &arena, &why);
    if (err == HT_OK)
        ht_vec_pass(report, name);
    else
        ht_vec_fail(report, name, "%s", why.text);
    ht_arena_fini(&arena);
}

void ht_tx_signed_run(struct ht_tx_signed_counts *counts, struct ht_vec_report *report,
                      const char *file, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    bool is_ours = false;
    json_array_foreach(ht_json_member(document, "cases"), index, one) {
        bool is_case = json_is_object(ht_json_member(one, "fields")) &&
                       json_is_string(ht_json_member(one, "signed")) &&
                       json_is_string(ht_json_member(one, "privateKey"));
        if (!is_case) continue;
        is_ours = true;
        counts->cases++;
        run_one(report, file, one, false);
    }
    if (!is_ours) return;
    json_array_foreach(ht_json_member(document, "malformed"), index, one) {
        if (!json_is_string(ht_json_member(one, "raw"))) continue;
        counts->malformed++;
        run_one(report, file, one, true);
    }
}
