/* Transactions from and to JSON, by the same lists of fields as in RLP. */
#include "node/l1/execution/transaction_json.h"

#include "node/codec/transaction_rules.h"

/* --- reading ----------------------------------------------------------------------------------*/

static enum ht_err read_hashes(const ht_hash32 **out, size_t *count, struct ht_arena *arena,
                               const json_t *array, struct ht_why *why) {
    void *room = NULL;
    *count = json_array_size(array);
    enum ht_err err = ht_arena_array(&room, arena, *count, sizeof(ht_hash32), why);
    ht_hash32 *hashes = room;
    for (size_t i = 0; i < *count && err == HT_OK; i++) {
        err = ht_json_hex(hashes[i].b, sizeof hashes[i].b, json_array_get(array, i), "", why);
    }
    *out = hashes;
    return err;
}

static enum ht_err read_access_list(struct ht_transaction *tx, struct ht_arena *arena,
                                    const json_t *object, struct ht_why *why) {
    const json_t *array = NULL;
    const json_t *keys = NULL;
    void *room = NULL;
    enum ht_err err = ht_json_array(&array, object, "accessList", why);
    if (err != HT_OK) return err;
    tx->access_count = json_array_size(array);
    err = ht_arena_array(&room, arena, tx->access_count, sizeof(struct ht_tx_access), why);
    struct ht_tx_access *list = room;
    for (size_t i = 0; i < tx->access_count && err == HT_OK; i++) {
        const json_t *one = json_array_get(array, i);
        err = ht_json_hex(list[i].address.b, sizeof list[i].address.b, one, "address", why);
        if (err == HT_OK) err = ht_json_array(&keys, one, "storageKeys", why);
        if (err != HT_OK) break;
        err = read_hashes(&list[i].storage_keys, &list[i].key_count, arena, keys, why);
    }
    tx->access_list = list;
    return err;
}

static enum ht_err read_authorization(struct ht_tx_authorization *out, const json_t *one,
                                      struct ht_why *why) {
    uint64_t y_parity = 0;
    const char *key = ht_rpc_has(one, "yParity") ? "yParity" : "v";
    enum ht_err err = ht_rpc_read_u256(&out->chain_id, one, "chainId", why);
    if (err == HT_OK) err = ht_json_hex(out->address.b, sizeof out->address.b, one, "address", why);
    if (err == HT_OK) err = ht_rpc_read_u64(&out->nonce, one, "nonce", why);
    if (err == HT_OK) err = ht_rpc_read_u64(&y_parity, one, key, why);
    if (err == HT_OK) err = ht_rpc_read_u256(&out->r, one, "r", why);
    if (err == HT_OK) err = ht_rpc_read_u256(&out->s, one, "s", why);
    if (err != HT_OK) return err;
    if (y_parity > UINT8_MAX) {
        return ht_fail(why, HT_EINPUT, "tx_signature", "an authorization's y_parity is too large");
    }
    out->y_parity = (uint8_t)y_parity;
    return HT_OK;
}

static enum ht_err read_authorizations(struct ht_transaction *tx, struct ht_arena *arena,
                                       const json_t *object, struct ht_why *why) {
    const json_t *array = NULL;
    void *room = NULL;
    enum ht_err err = ht_json_array(&array, object, "authorizationList", why);
    if (err != HT_OK) return err;
    tx->authorization_count = json_array_size(array);
    err = ht_arena_array(&room, arena, tx->authorization_count, sizeof(struct ht_tx_authorization),
                         why);
    struct ht_tx_authorization *list = room;
    for (size_t i = 0; i < tx->authorization_count && err == HT_OK; i++) {
        err = read_authorization(&list[i], json_array_get(array, i), why);
    }
    tx->authorization_list = list;
    return err;
}

static enum ht_err read_to(struct ht_transaction *tx, const json_t *object, struct ht_why *why) {
    bool may_create = tx->type != HT_TX_BLOB && tx->type != HT_TX_SET_CODE;
    tx->is_creation = !ht_rpc_has(object, "to");
    if (!tx->is_creation) return ht_json_hex(tx->to.b, sizeof tx->to.b, object, "to", why);
    if (may_create) return HT_OK;
    return ht_fail(why, HT_EINPUT, "tx_recipient", "this type must have a recipient");
}

static enum ht_err read_blob_hashes(struct ht_transaction *tx, struct ht_arena *arena,
                                    const json_t *object, struct ht_why *why) {
    const json_t *array = NULL;
    enum ht_err err = ht_json_array(&array, object, "blobVersionedHashes", why);
    if (err != HT_OK) return err;
    return read_hashes(&tx->blob_versioned_hashes, &tx->blob_count, arena, array, why);
}

enum ht_err ht_tx_read_field(struct ht_transaction *tx, enum ht_tx_field field,
                             struct ht_arena *arena, const json_t *object, struct ht_why *why) {
    const char *data = ht_rpc_has(object, "input") ? "input" : "data";
    switch (field) {
    case HT_TX_END: return HT_OK;
    case HT_TX_CHAIN_ID:
        tx->has_chain_id = true;
        return ht_rpc_read_u64(&tx->chain_id, object, "chainId", why);
    case HT_TX_NONCE: return ht_rpc_read_u64(&tx->nonce, object, "nonce", why);
    case HT_TX_GAS_PRICE: return ht_rpc_read_u256(&tx->gas_price, object, "gasPrice", why);
    case HT_TX_MAX_PRIORITY_FEE:
        return ht_rpc_read_u256(&tx->max_priority_fee_per_gas, object, "maxPriorityFeePerGas", why);
    case HT_TX_MAX_FEE: return ht_rpc_read_u256(&tx->max_fee_per_gas, object, "maxFeePerGas", why);
    case HT_TX_GAS_LIMIT: return ht_rpc_read_u64(&tx->gas_limit, object, "gas", why);
    case HT_TX_TO: return read_to(tx, object, why);
    case HT_TX_VALUE: return ht_rpc_read_u256(&tx->value, object, "value", why);
    case HT_TX_DATA: return ht_rpc_read_data(&tx->data, arena, object, data, why);
    case HT_TX_ACCESS_LIST_FIELD: return read_access_list(tx, arena, object, why);
    case HT_TX_MAX_BLOB_FEE:
        return ht_rpc_read_u256(&tx->max_fee_per_blob_gas, object, "maxFeePerBlobGas", why);
    case HT_TX_BLOB_HASHES: return read_blob_hashes(tx, arena, object, why);
    case HT_TX_AUTHORIZATIONS: return read_authorizations(tx, arena, object, why);
    }
    return HT_EBUG;
}

static enum ht_err contradiction(const char *a, const char *b, struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "tx_fields_differ", "%s and %s contradict each other", a, b);
}

static enum ht_err read_typed_parity(struct ht_transaction *tx, const json_t *object,
                                     struct ht_why *why) {
    uint64_t y_parity = 0;
    uint64_t v = 0;
    bool has_parity = ht_rpc_has(object, "yParity");
    enum ht_err err = ht_rpc_read_u64(&y_parity, object, has_parity ? "yParity" : "v", why);
    if (err != HT_OK) return err;
    if (has_parity && ht_rpc_has(object, "v")) {
        err = ht_rpc_read_u64(&v, object, "v", why);
        if (err == HT_OK && v != y_parity) err = contradiction("v", "yParity", why);
    }
    if (err != HT_OK) return err;
    if (y_parity > 1) {
        return ht_fail(why, HT_EINPUT, "tx_signature", "y_parity is not 0 or 1");
    }
    tx->y_parity = (uint8_t)y_parity;
    return HT_OK;
}

static enum ht_err read_legacy_v(struct ht_transaction *tx, const json_t *object,
                                 struct ht_why *why) {
    ht_u256 v;
    uint64_t chain_id = 0;
    enum ht_err err = ht_rpc_read_u256(&v, object, "v", why);
    if (err == HT_OK) err = ht_tx_take_legacy_v(tx, &v, why);
    if (err != HT_OK || !tx->has_chain_id || !ht_rpc_has(object, "chainId")) return err;
    err = ht_rpc_read_u64(&chain_id, object, "chainId", why);
    if (err == HT_OK && chain_id != tx->chain_id) err = contradiction("v", "chainId", why);
    return err;
}

static enum ht_err read_signature(struct ht_transaction *tx, const json_t *object,
                                  struct ht_why *why) {
    bool is_legacy = tx->type == HT_TX_LEGACY;
    if (!ht_rpc_has(object, "r")) {
        if (!is_legacy || !ht_rpc_has(object, "chainId")) return HT_OK;
        tx->has_chain_id = true;
        return ht_rpc_read_u64(&tx->chain_id, object, "chainId", why);
    }
    tx->is_signed = true;
    enum ht_err err = ht_rpc_read_u256(&tx->r, object, "r", why);
    if (err == HT_OK) err = ht_rpc_read_u256(&tx->s, object, "s", why);
    if (err != HT_OK) return err;
    return is_legacy ? read_legacy_v(tx, object, why) : read_typed_parity(tx, object, why);
}

static enum ht_err read_type(struct ht_transaction *tx, const json_t *object, struct ht_why *why) {
    uint64_t type = 0;
    if (!json_is_object(object)) {
        return ht_fail(why, HT_EINPUT, "json_type", "the transaction is not an object");
    }
    if (!ht_rpc_has(object, "type")) return HT_OK;
    enum ht_err err = ht_rpc_read_u64(&type, object, "type", why);
    if (err != HT_OK) return err;
    if (type >= HT_TX_TYPE_COUNT) {
        return ht_fail(why, HT_EINPUT, "tx_type", "transaction type %llu is not known",
                       (unsigned long long)type);
    }
    tx->type = (enum ht_tx_type)type;
    return HT_OK;
}

static enum ht_err check_own_hash(const struct ht_transaction *tx, const json_t *object,
                                  struct ht_why *why) {
    ht_hash32 said;
    ht_hash32 own;
    if (!tx->is_signed || !ht_rpc_has(object, "hash")) return HT_OK;
    enum ht_err err = ht_json_hex(said.b, sizeof said.b, object, "hash", why);
    if (err != HT_OK) return err;
    err = ht_tx_hash(&own, tx);
    if (err != HT_OK) return ht_fail(why, err, "no_room", "the transaction is too large");
    if (ht_hash32_equal(&said, &own)) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "tx_hash_differs",
                   "the transaction's fields do not hash to the hash it gives");
}

enum ht_err ht_tx_from_json(struct ht_transaction *out, struct ht_arena *arena,
                            const json_t *object, struct ht_why *why) {
    struct ht_transaction tx = {.type = HT_TX_LEGACY};
    enum ht_err err = read_type(&tx, object, why);
    const enum ht_tx_field *fields = ht_tx_fields(tx.type);
    for (size_t i = 0; err == HT_OK && fields[i] != HT_TX_END; i++) {
        err = ht_tx_read_field(&tx, fields[i], arena, object, why);
    }
    if (err == HT_OK) err = read_signature(&tx, object, why);
    if (err == HT_OK) err = check_own_hash(&tx, object, why);
    if (err == HT_OK) *out = tx;
    return err;
}

/* --- writing ----------------------------------------------------------------------------------*/

/* Appends to an array that may be NULL already; NULL after a failure. */
static json_t *append(json_t *array, json_t *value) {
    if (array != NULL && json_array_append_new(array, value) == 0) return array;
    if (array == NULL) json_decref(value);
    json_decref(array);
    return NULL;
}

static json_t *hashes_of(const ht_hash32 *hashes, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) array = append(array, ht_rpc_data(HT_BYTES(hashes[i].b)));
    return array;
}

static json_t *access_list_of(const struct ht_transaction *tx) {
    json_t *array = json_array();
    for (size_t i = 0; i < tx->access_count; i++) {
        const struct ht_tx_access *access = &tx->access_list[i];
        struct ht_rpc_object one;
        ht_rpc_begin(&one);
        ht_rpc_put_data(&one, "address", HT_BYTES(access->address.b));
        ht_rpc_put(&one, "storageKeys", hashes_of(access->storage_keys, access->key_count));
        array = append(array, ht_rpc_end(&one));
    }
    return array;
}

static json_t *authorizations_of(const struct ht_transaction *tx) {
    json_t *array = json_array();
    for (size_t i = 0; i < tx->authorization_count; i++) {
        const struct ht_tx_authorization *from = &tx->authorization_list[i];
        struct ht_rpc_object one;
        ht_rpc_begin(&one);
        ht_rpc_put_u256(&one, "chainId", &from->chain_id);
        ht_rpc_put_data(&one, "address", HT_BYTES(from->address.b));
        ht_rpc_put_u64(&one, "nonce", from->nonce);
        ht_rpc_put_u64(&one, "yParity", from->y_parity);
        ht_rpc_put_u256(&one, "r", &from->r);
        ht_rpc_put_u256(&one, "s", &from->s);
        array = append(array, ht_rpc_end(&one));
    }
    return array;
}

void ht_tx_put_field(struct ht_rpc_object *out, const struct ht_transaction *tx,
                     enum ht_tx_field field) {
    switch (field) {
    case HT_TX_END:
    case HT_TX_CHAIN_ID:
    case HT_TX_GAS_PRICE: return; /* written for every type, below */
    case HT_TX_NONCE: ht_rpc_put_u64(out, "nonce", tx->nonce); return;
    case HT_TX_MAX_PRIORITY_FEE:
        ht_rpc_put_u256(out, "maxPriorityFeePerGas", &tx->max_priority_fee_per_gas);
        return;
    case HT_TX_MAX_FEE: ht_rpc_put_u256(out, "maxFeePerGas", &tx->max_fee_per_gas); return;
    case HT_TX_GAS_LIMIT: ht_rpc_put_u64(out, "gas", tx->gas_limit); return;
    case HT_TX_TO:
        if (tx->is_creation)
            ht_rpc_put_null(out, "to");
        else
            ht_rpc_put_data(out, "to", HT_BYTES(tx->to.b));
        return;
    case HT_TX_VALUE: ht_rpc_put_u256(out, "value", &tx->value); return;
    case HT_TX_DATA: ht_rpc_put_data(out, "input", tx->data); return;
    case HT_TX_ACCESS_LIST_FIELD: ht_rpc_put(out, "accessList", access_list_of(tx)); return;
    case HT_TX_MAX_BLOB_FEE:
        ht_rpc_put_u256(out, "maxFeePerBlobGas", &tx->max_fee_per_blob_gas);
        return;
    case HT_TX_BLOB_HASHES:
        ht_rpc_put(out, "blobVersionedHashes",
                   hashes_of(tx->blob_versioned_hashes, tx->blob_count));
        return;
    case HT_TX_AUTHORIZATIONS: ht_rpc_put(out, "authorizationList", authorizations_of(tx)); return;
    }
}

static void put_place(struct ht_rpc_object *out, const struct ht_tx_place *place) {
    if (place == NULL) {
        ht_rpc_put_null(out, "blockHash");
        ht_rpc_put_null(out, "blockNumber");
        ht_rpc_put_null(out, "blockTimestamp");
        ht_rpc_put_null(out, "transactionIndex");
        return;
    }
    ht_rpc_put_data(out, "blockHash", HT_BYTES(place->block_hash.b));
    ht_rpc_put_u64(out, "blockNumber", place->block_number);
    ht_rpc_put_u64(out, "blockTimestamp", place->block_timestamp);
    ht_rpc_put_u64(out, "transactionIndex", place->transaction_index);
}

static void put_signature(struct ht_rpc_object *out, const struct ht_transaction *tx) {
    ht_u256 v;
    ht_tx_v(&v, tx);
    if (tx->has_chain_id) ht_rpc_put_u64(out, "chainId", tx->chain_id);
    if (tx->type != HT_TX_LEGACY) ht_rpc_put_u64(out, "yParity", tx->y_parity);
    ht_rpc_put_u256(out, "v", &v);
    ht_rpc_put_u256(out, "r", &tx->r);
    ht_rpc_put_u256(out, "s", &tx->s);
}

enum ht_err ht_tx_known_to_json(json_t **out, const struct ht_transaction *tx,
                                const ht_hash32 *hash, const ht_addr20 *sender,
                                const struct ht_tx_place *place) {
    const enum ht_tx_field *fields = ht_tx_fields(tx->type);
    const ht_u256 *price = tx->type <= HT_TX_ACCESS_LIST ? &tx->gas_price : &tx->max_fee_per_gas;
    ht_u256 paid = *price;
    if (place != NULL) ht_tx_effective_gas_price(&paid, tx, &place->base_fee_per_gas);
    struct ht_rpc_object object;
    ht_rpc_begin(&object);
    put_place(&object, place);
    ht_rpc_put_data(&object, "hash", HT_BYTES(hash->b));
    ht_rpc_put_data(&object, "from", HT_BYTES(sender->b));
    ht_rpc_put_u64(&object, "type", (uint64_t)tx->type);
    for (size_t i = 0; fields[i] != HT_TX_END; i++) ht_tx_put_field(&object, tx, fields[i]);
    ht_rpc_put_u256(&object, "gasPrice", &paid);
    put_signature(&object, tx);
    json_t *made = ht_rpc_end(&object);
    if (made == NULL) return HT_ENOMEM;
    *out = made;
    return HT_OK;
}

enum ht_err ht_tx_to_json(json_t **out, const struct ht_transaction *tx,
                          const struct ht_tx_place *place, struct ht_why *why) {
    ht_addr20 sender;
    ht_hash32 hash;
    enum ht_err err = ht_tx_sender(&sender, tx, HT_ECDSA_ANY_S, why);
    if (err != HT_OK) return err;
    err = ht_tx_hash(&hash, tx);
    if (err != HT_OK) return ht_fail(why, err, "no_room", "the transaction is too large");
    err = ht_tx_known_to_json(out, tx, &hash, &sender, place);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "no_memory", "out of memory");
}
