/* Transactions written as they are asked for. */
#include "identity/wallet/send_draft_json.h"

#include <stdlib.h>

#include "node/base/hex.h"

static json_t *quantity256(const ht_u256 *value) {
    char text[HT_U256_QUANTITY_SIZE];
    (void)ht_u256_to_quantity(text, value);
    return json_string(text);
}

static json_t *quantity(uint64_t value) {
    ht_u256 wide = ht_u256_of(value);
    return quantity256(&wide);
}

static json_t *hex(ht_bytes bytes) {
    char *text = malloc(HT_HEX_SIZE(bytes.n));
    if (text == NULL) return NULL;
    ht_hex_write(text, bytes);
    json_t *value = json_string(text);
    free(text);
    return value;
}

/* The first failure makes the whole fail; false for a value that could not be made. */
static bool put(json_t *object, const char *key, json_t *value) {
    return json_object_set_new(object, key, value) == 0;
}

static bool put_access_list(json_t *object, const struct ht_transaction *tx) {
    json_t *list = json_array();
    bool is_good = list != NULL;
    for (size_t i = 0; i < tx->access_count && is_good; i++) {
        const struct ht_tx_access *access = &tx->access_list[i];
        json_t *keys = json_array();
        for (size_t k = 0; k < access->key_count; k++) {
            is_good &= json_array_append_new(keys, hex(HT_BYTES(access->storage_keys[k].b))) == 0;
        }
        json_t *entry = json_pack("{s:o, s:o}", "address", hex(HT_BYTES(access->address.b)),
                                  "storageKeys", keys);
        is_good &= json_array_append_new(list, entry) == 0;
    }
    return put(object, "accessList", list) && is_good;
}

static bool put_authorizations(json_t *object, const struct ht_transaction *tx) {
    json_t *list = json_array();
    bool is_good = list != NULL;
    for (size_t i = 0; i < tx->authorization_count && is_good; i++) {
        const struct ht_tx_authorization *one = &tx->authorization_list[i];
        json_t *entry = json_pack(
            "{s:o, s:o, s:o, s:o, s:o, s:o}", "chainId", quantity256(&one->chain_id), "address",
            hex(HT_BYTES(one->address.b)), "nonce", quantity(one->nonce), "yParity",
            quantity(one->y_parity), "r", quantity256(&one->r), "s", quantity256(&one->s));
        is_good = json_array_append_new(list, entry) == 0;
    }
    return put(object, "authorizationList", list) && is_good;
}

static bool put_fees(json_t *object, const struct ht_transaction *tx) {
    if (tx->type == HT_TX_LEGACY || tx->type == HT_TX_ACCESS_LIST)
        return put(object, "gasPrice", quantity256(&tx->gas_price));
    return put(object, "maxFeePerGas", quantity256(&tx->max_fee_per_gas)) &&
           put(object, "maxPriorityFeePerGas", quantity256(&tx->max_priority_fee_per_gas));
}

json_t *ht_draft_json(const struct ht_transaction *tx, const ht_addr20 *from) {
    json_t *object = json_object();
    bool is_good = put(object, "type", quantity((uint64_t)tx->type));
    is_good &= put(object, "chainId", quantity(tx->chain_id));
    is_good &= put(object, "from", hex(HT_BYTES(from->b)));
    is_good &= put(object, "to", tx->is_creation ? json_null() : hex(HT_BYTES(tx->to.b)));
    is_good &= put(object, "value", quantity256(&tx->value));
    is_good &= put(object, "input", hex(tx->data));
    is_good &= put(object, "gas", quantity(tx->gas_limit));
    is_good &= put(object, "nonce", quantity(tx->nonce));
    is_good &= put_fees(object, tx);
    if (tx->type != HT_TX_LEGACY) is_good &= put_access_list(object, tx);
    if (tx->type == HT_TX_SET_CODE) is_good &= put_authorizations(object, tx);
    if (is_good) return object;
    json_decref(object);
    return NULL;
}
