/* Transactions as they are asked for: read with bounds, completed, written. What is proven of the
 * chain comes from send_gather.c. */
#include "identity/wallet/send_draft.h"

#include "node/base/hex.h"
#include "node/codec/json.h"

#define ARENA_MAX ((size_t)1 << 20)

/* --- values ----------------------------------------------------------------------------------- */

static bool is_there(const json_t *object, const char *key) {
    const json_t *value = ht_json_member(object, key);
    return value != NULL && !json_is_null(value);
}

/* A number that is not there leaves *out as it is. */
static enum ht_err read_number(ht_u256 *out, bool *has, const json_t *object, const char *key,
                               enum ht_draft_form form, struct ht_why *why) {
    *has = is_there(object, key);
    if (!*has) return HT_OK;
    const json_t *value = ht_json_member(object, key);
    if (form == HT_DRAFT_OWN && json_is_integer(value) && json_integer_value(value) >= 0) {
        *out = ht_u256_of((uint64_t)json_integer_value(value));
        return HT_OK;
    }
    ht_bytes text = ht_bytes_of(json_string_value(value), json_string_length(value));
    bool is_hex = text.n > 2 && text.p[0] == '0' && text.p[1] == 'x';
    bool is_good = json_is_string(value) && (is_hex || form == HT_DRAFT_OWN);
    if (is_good && ht_u256_from_text(out, text) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_quantity", "%s is no number as it should be", key);
}

static enum ht_err read_u64(uint64_t *out, bool *has, const json_t *object, const char *key,
                            enum ht_draft_form form, struct ht_why *why) {
    ht_u256 wide = ht_u256_of(0);
    enum ht_err err = read_number(&wide, has, object, key, form, why);
    if (err != HT_OK || !*has) return err;
    if (!ht_u256_is_u64(&wide))
        return ht_fail(why, HT_EINPUT, "bad_quantity", "%s is too large", key);
    *out = wide.limb[0];
    return HT_OK;
}

static enum ht_err no_room(struct ht_why *why) {
    return ht_fail(why, HT_ELIMIT, "tx_too_large", "the transaction is too large");
}

static enum ht_err read_data(ht_bytes *out, struct ht_arena *arena, const json_t *object,
                             const char *key, struct ht_why *why) {
    ht_bytes text;
    enum ht_err err = ht_json_str(&text, object, key, why);
    if (err != HT_OK) return err;
    bool is_hex = text.n >= 2 && text.p[0] == '0' && text.p[1] == 'x' && text.n % 2 == 0;
    if (!is_hex) return ht_fail(why, HT_EINPUT, "bad_data", "%s is no hex data", key);
    size_t n = text.n / 2 - 1;
    if (n > HT_DRAFT_DATA_MAX) return no_room(why);
    uint8_t *bytes = ht_arena_alloc(arena, n + 1);
    if (bytes == NULL) return no_room(why);
    if (ht_hex_read(bytes, n, text) != HT_OK)
        return ht_fail(why, HT_EINPUT, "bad_data", "%s is no hex data", key);
    *out = ht_bytes_of(bytes, n);
    return HT_OK;
}

/* "data" is the older name of "input". */
static enum ht_err read_input(struct ht_draft *draft, const json_t *object, struct ht_why *why) {
    ht_bytes data = {0}, input = {0};
    bool has_data = is_there(object, "data"), has_input = is_there(object, "input");
    enum ht_err err = HT_OK;
    if (has_data) err = read_data(&data, &draft->arena, object, "data", why);
    if (err == HT_OK && has_input) err = read_data(&input, &draft->arena, object, "input", why);
    if (err != HT_OK) return err;
    if (has_data && has_input && !ht_bytes_equal(data, input))
        return ht_fail(why, HT_EINPUT, "data_differs", "data and input say different things");
    draft->tx.data = has_input ? input : data;
    return HT_OK;
}

static enum ht_err read_address(ht_addr20 *out, const json_t *object, const char *key,
                                struct ht_why *why) {
    if (ht_json_hex(out->b, sizeof out->b, object, key, NULL) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_address", "%s is no address", key);
}

/* --- lists ------------------------------------------------------------------------------------ */

/* A list of at most max elements, as zeroed ones of that size; *out is NULL for an empty one. */
static enum ht_err begin_list(void **out, size_t *count, struct ht_arena *arena,
                              const json_t *object, const char *key, size_t max, size_t size,
                              struct ht_why *why) {
    const json_t *list = NULL;
    *out = NULL;
    *count = 0;
    enum ht_err err = ht_json_array(&list, object, key, why);
    if (err != HT_OK) return err;
    size_t wanted = json_array_size(list);
    if (wanted > max) return no_room(why);
    if (wanted == 0) return HT_OK;
    *out = ht_arena_alloc(arena, wanted * size);
    if (*out == NULL) return no_room(why);
    *count = wanted;
    return HT_OK;
}

static enum ht_err read_access(struct ht_tx_access *out, struct ht_arena *arena,
                               const json_t *object, struct ht_why *why) {
    enum ht_err err = read_address(&out->address, object, "address", why);
    void *room = NULL;
    if (err == HT_OK) {
        err = begin_list(&room, &out->key_count, arena, object, "storageKeys", HT_DRAFT_KEYS_MAX,
                         sizeof(ht_hash32), why);
    }
    ht_hash32 *keys = room;
    out->storage_keys = keys;
    const json_t *list = ht_json_member(object, "storageKeys");
    for (size_t i = 0; i < out->key_count && err == HT_OK; i++)
        err = ht_json_hex(keys[i].b, sizeof keys[i].b, json_array_get(list, i), "", why);
    return err;
}

static enum ht_err read_access_list(struct ht_draft *draft, const json_t *object,
                                    struct ht_why *why) {
    if (!is_there(object, "accessList")) return HT_OK;
    struct ht_transaction *tx = &draft->tx;
    void *room = NULL;
    enum ht_err err = begin_list(&room, &tx->access_count, &draft->arena, object, "accessList",
                                 HT_DRAFT_ACCESS_MAX, sizeof(struct ht_tx_access), why);
    struct ht_tx_access *list = room;
    tx->access_list = list;
    const json_t *values = ht_json_member(object, "accessList");
    for (size_t i = 0; i < tx->access_count && err == HT_OK; i++)
        err = read_access(&list[i], &draft->arena, json_array_get(values, i), why);
    return err;
}

static enum ht_err read_authorization(struct ht_tx_authorization *out, const json_t *object,
                                      enum ht_draft_form form, uint64_t chain_id,
                                      struct ht_why *why) {
    bool has[5] = {false};
    uint64_t parity = 0;
    enum ht_err err = read_address(&out->address, object, "address", why);
    if (err == HT_OK) err = read_number(&out->chain_id, &has[0], object, "chainId", form, why);
    if (err == HT_OK) err = read_u64(&out->nonce, &has[1], object, "nonce", form, why);
    if (err == HT_OK) err = read_u64(&parity, &has[2], object, "yParity", form, why);
    if (err == HT_OK) err = read_number(&out->r, &has[3], object, "r", form, why);
    if (err == HT_OK) err = read_number(&out->s, &has[4], object, "s", form, why);
    if (err != HT_OK) return err;
    if (!has[0] || !has[1] || !has[2] || !has[3] || !has[4] || parity > 1)
        return ht_fail(why, HT_EINPUT, "bad_quantity", "an authorization is not whole");
    ht_u256 ours = ht_u256_of(chain_id);
    if (!ht_u256_is_zero(&out->chain_id) && !ht_u256_equal(&out->chain_id, &ours))
        return ht_fail(why, HT_EINPUT, "wrong_chain", "an authorization is for another chain");
    out->y_parity = (uint8_t)parity;
    return HT_OK;
}

static enum ht_err read_authorizations(struct ht_draft *draft, const json_t *object,
                                       enum ht_draft_form form, struct ht_why *why) {
    if (!is_there(object, "authorizationList")) return HT_OK;
    struct ht_transaction *tx = &draft->tx;
    void *room = NULL;
    enum ht_err err =
        begin_list(&room, &tx->authorization_count, &draft->arena, object, "authorizationList",
                   HT_DRAFT_AUTHORIZATIONS_MAX, sizeof(struct ht_tx_authorization), why);
    struct ht_tx_authorization *list = room;
    tx->authorization_list = list;
    const json_t *values = ht_json_member(object, "authorizationList");
    for (size_t i = 0; i < tx->authorization_count && err == HT_OK; i++)
        err = read_authorization(&list[i], json_array_get(values, i), form, tx->chain_id, why);
    return err;
}

/* --- the whole -------------------------------------------------------------------------------- */

enum ht_err ht_draft_read_fees(struct ht_draft_fees *out, const json_t *object,
                               enum ht_draft_form form, struct ht_why *why) {
    const struct {
        struct ht_draft_fee *fee;
        const char *given, *least;
    } table[] = {
        {&out->gas_price, "gasPrice", "leastGasPrice"},
        {&out->max_fee, "maxFeePerGas", "leastMaxFeePerGas"},
        {&out->tip, "maxPriorityFeePerGas", "leastMaxPriorityFeePerGas"},
    };
    *out = (struct ht_draft_fees){0};
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < sizeof table / sizeof *table && err == HT_OK; i++) {
        struct ht_draft_fee *fee = table[i].fee;
        err = read_number(&fee->given, &fee->is_given, object, table[i].given, form, why);
        if (err == HT_OK && form == HT_DRAFT_OWN)
            err = read_number(&fee->least, &fee->has_least, object, table[i].least, form, why);
    }
    return err;
}

static enum ht_err read_type(struct ht_draft *draft, const json_t *object, enum ht_draft_form form,
                             struct ht_why *why) {
    const struct ht_draft_fees *fees = &draft->fees;
    bool has_access = is_there(object, "accessList");
    bool is_typed = false;
    uint64_t type = HT_TX_FEE_MARKET;
    enum ht_err err = read_u64(&type, &is_typed, object, "type", form, why);
    if (err != HT_OK) return err;
    if (is_there(object, "blobs") || is_there(object, "blobVersionedHashes") ||
        is_there(object, "maxFeePerBlobGas") || type == HT_TX_BLOB) {
        return ht_fail(why, HT_EDENIED, "blobs_unsupported",
                       "transactions with blobs are not signed here");
    }
    bool has_gas_price = fees->gas_price.is_given || fees->gas_price.has_least;
    if (!is_typed && is_there(object, "authorizationList")) {
        type = HT_TX_SET_CODE;
    } else if (!is_typed && has_gas_price && !fees->max_fee.is_given) {
        type = has_access ? HT_TX_ACCESS_LIST : HT_TX_LEGACY;
    }
    if (type > HT_TX_SET_CODE)
        return ht_fail(why, HT_EINPUT, "bad_type", "there is no such type of transaction");
    bool has_list = is_there(object, "authorizationList");
    if ((type == HT_TX_LEGACY && has_access) || (type != HT_TX_SET_CODE && has_list))
        return ht_fail(why, HT_EINPUT, "bad_type", "a list that its type has not");
    draft->tx.type = (enum ht_tx_type)type;
    return HT_OK;
}

static enum ht_err read_chain(const json_t *object, enum ht_draft_form form, uint64_t chain_id,
                              struct ht_why *why) {
    bool has = false;
    uint64_t named = chain_id;
    enum ht_err err = read_u64(&named, &has, object, "chainId", form, why);
    if (err != HT_OK || named == chain_id) return err;
    return ht_fail(why, HT_EINPUT, "wrong_chain", "it is for chain %llu, and this is chain %llu",
                   (unsigned long long)named, (unsigned long long)chain_id);
}

static enum ht_err read_fields(struct ht_draft *out, const json_t *object, enum ht_draft_form form,
                               struct ht_why *why) {
    struct ht_transaction *tx = &out->tx;
    bool has_value = false;
    enum ht_err err = read_number(&tx->value, &has_value, object, "value", form, why);
    const char *gas = is_there(object, "gas") ? "gas" : "gasLimit";
    if (err == HT_OK) err = read_u64(&tx->gas_limit, &out->has_gas, object, gas, form, why);
    if (err == HT_OK) err = read_u64(&tx->nonce, &out->has_nonce, object, "nonce", form, why);
    tx->is_creation = !is_there(object, "to");
    if (err == HT_OK && !tx->is_creation) err = read_address(&tx->to, object, "to", why);
    if (err == HT_OK) err = read_input(out, object, why);
    if (err == HT_OK && tx->is_creation && (tx->data.n == 0 || tx->type == HT_TX_SET_CODE))
        err = ht_fail(why, HT_EINPUT, "bad_address", "there is no recipient");
    return err;
}

enum ht_err ht_draft_read(struct ht_draft *out, const json_t *object, enum ht_draft_form form,
                          uint64_t chain_id, struct ht_why *why) {
    *out = (struct ht_draft){0};
    ht_arena_init(&out->arena, ARENA_MAX);
    if (!json_is_object(object))
        return ht_fail(why, HT_EINPUT, "json_type", "a transaction is an object");
    out->tx.has_chain_id = true;
    out->tx.chain_id = chain_id;
    bool has_fees = form == HT_DRAFT_OWN && is_there(object, "fees");
    const json_t *fees = has_fees ? ht_json_member(object, "fees") : object;
    enum ht_err err = read_chain(object, form, chain_id, why);
    if (err == HT_OK) err = ht_draft_read_fees(&out->fees, fees, form, why);
    if (err == HT_OK) err = read_type(out, object, form, why);
    if (err == HT_OK) err = read_fields(out, object, form, why);
    if (err == HT_OK) err = read_access_list(out, object, why);
    if (err == HT_OK) err = read_authorizations(out, object, form, why);
    if (err == HT_OK && out->tx.type == HT_TX_SET_CODE && out->tx.authorization_count == 0)
        err = ht_fail(why, HT_EINPUT, "bad_type", "type 4 without any authorization");
    return err;
}

void ht_draft_fini(struct ht_draft *draft) {
    ht_arena_fini(&draft->arena);
}

/* --- completing ------------------------------------------------------------------------------- */

/* a + b, at most 2^256 - 1. */
static ht_u256 sum(const ht_u256 *a, const ht_u256 *b) {
    ht_u256 out;
    if (ht_u256_add_overflow(&out, a, b)) memset(&out, 0xff, sizeof out);
    return out;
}

/* As given, else as proposed but not below the least. */
static ht_u256 choose(const struct ht_draft_fee *fee, ht_u256 proposed) {
    if (fee->is_given) return fee->given;
    bool is_below = fee->has_least && ht_u256_compare(&proposed, &fee->least) < 0;
    return is_below ? fee->least : proposed;
}

static enum ht_err set_market_fees(struct ht_transaction *tx, const struct ht_draft_fees *fees,
                                   const ht_u256 *base_fee, const ht_u256 *tip,
                                   struct ht_why *why) {
    tx->max_priority_fee_per_gas = choose(&fees->tip, *tip);
    ht_u256 twice = sum(base_fee, base_fee);
    tx->max_fee_per_gas = choose(&fees->max_fee, sum(&twice, &tx->max_priority_fee_per_gas));
    if (ht_u256_compare(&tx->max_priority_fee_per_gas, &tx->max_fee_per_gas) <= 0) return HT_OK;
    if (!fees->tip.is_given) {
        tx->max_priority_fee_per_gas = tx->max_fee_per_gas;
        return HT_OK;
    }
    return ht_fail(why, HT_EDENIED, "tx_fee_inconsistent",
                   "the priority fee is above the whole fee");
}

enum ht_err ht_draft_set_fees(struct ht_transaction *tx, const struct ht_draft_fees *fees,
                              const ht_u256 *base_fee, const ht_u256 *tip, struct ht_why *why) {
    bool has_price = tx->type == HT_TX_LEGACY || tx->type == HT_TX_ACCESS_LIST;
    bool is_market = fees->max_fee.is_given || fees->tip.is_given;
    if ((has_price && is_market) || (!has_price && fees->gas_price.is_given))
        return ht_fail(why, HT_EINPUT, "fees_differ", "fees that this type of transaction has not");
    if (!has_price) return set_market_fees(tx, fees, base_fee, tip, why);
    ht_u256 margin;
    ht_u256_shift_right(&margin, base_fee, 3);
    margin = sum(&margin, tip);
    tx->gas_price = choose(&fees->gas_price, sum(base_fee, &margin));
    return HT_OK;
}

/* What calls of that kind take at most, as a rule, beyond their intrinsic gas. */
static uint64_t gas_of_call(const struct ht_transaction *tx) {
    static const struct {
        uint8_t selector[4];
        uint64_t gas;
    } table[] = {
        {{0xa9, 0x05, 0x9c, 0xbb}, 80000},  /* transfer(address,uint256) */
        {{0x23, 0xb8, 0x72, 0xdd}, 100000}, /* transferFrom(address,address,uint256) */
        {{0x09, 0x5e, 0xa7, 0xb3}, 60000},  /* approve(address,uint256) */
        {{0xa2, 0x2c, 0xb4, 0x65}, 60000},  /* setApprovalForAll(address,bool) */
    };
    if (tx->is_creation) return 500000 + 200 * (uint64_t)tx->data.n;
    if (tx->data.n == 0) return 60000;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (tx->data.n >= 4 && memcmp(tx->data.p, table[i].selector, 4) == 0) return table[i].gas;
    }
    return 500000;
}

/* The chain's own contracts have no code and run all the same. */
static bool is_precompile(const ht_addr20 *address) {
    static const uint8_t zeros[18];
    return memcmp(address->b, zeros, sizeof zeros) == 0;
}

enum ht_err ht_draft_set_gas(struct ht_draft *draft, bool recipient_has_code, struct ht_why *why) {
    struct ht_transaction *tx = &draft->tx;
    const struct ht_tx_rules *rules = &ht_tx_rules_all[ht_tx_rules_count - 1];
    struct ht_tx_gas gas;
    ht_tx_gas_of(&gas, tx, rules);
    uint64_t least = gas.intrinsic > gas.floor ? gas.intrinsic : gas.floor;
    if (draft->has_gas) {
        if (tx->gas_limit >= least) return HT_OK;
        return ht_fail(why, HT_EDENIED, "tx_gas_too_low", "it needs %llu gas at least",
                       (unsigned long long)least);
    }
    bool runs_code = tx->is_creation || recipient_has_code || tx->type == HT_TX_SET_CODE ||
                     is_precompile(&tx->to);
    draft->is_gas_guess = runs_code;
    tx->gas_limit = least;
    if (runs_code) {
        tx->gas_limit = gas.intrinsic + gas_of_call(tx);
        if (tx->gas_limit < least) tx->gas_limit = least;
        if (rules->gas_max != 0 && tx->gas_limit > rules->gas_max) tx->gas_limit = rules->gas_max;
    }
    return HT_OK;
}
