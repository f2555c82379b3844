/* Calls and overrides out of JSON. */
#include "node/l1/execution/call_json.h"

#include "node/base/hex.h"
#include "node/evm/precompile.h"
#include "node/l1/execution/transaction_json.h"

/* --- calls ------------------------------------------------------------------------------------ */

static enum ht_err wrong_type(struct ht_why *why, const char *text) {
    return ht_fail(why, HT_EINPUT, "call_type", "%s", text);
}

static enum ht_tx_type type_by_fields(const json_t *object) {
    if (ht_rpc_has(object, "authorizationList")) return HT_TX_SET_CODE;
    if (ht_rpc_has(object, "blobVersionedHashes") || ht_rpc_has(object, "maxFeePerBlobGas")) {
        return HT_TX_BLOB;
    }
    if (!ht_rpc_has(object, "gasPrice")) return HT_TX_FEE_MARKET;
    return ht_rpc_has(object, "accessList") ? HT_TX_ACCESS_LIST : HT_TX_LEGACY;
}

static enum ht_err read_type(struct ht_call *call, const json_t *object, struct ht_why *why) {
    uint64_t type = 0;
    call->tx.type = type_by_fields(object);
    call->has_type = ht_rpc_has(object, "type");
    if (!call->has_type) return HT_OK;
    enum ht_err err = ht_rpc_read_u64(&type, object, "type", why);
    if (err != HT_OK) return err;
    if (type >= HT_TX_TYPE_COUNT) {
        return ht_fail(why, HT_EINPUT, "tx_type", "transaction type %llu is not known",
                       (unsigned long long)type);
    }
    call->tx.type = (enum ht_tx_type)type;
    return HT_OK;
}

static bool has_fee_market(const struct ht_call *call) {
    return call->tx.type != HT_TX_LEGACY && call->tx.type != HT_TX_ACCESS_LIST;
}

static enum ht_err read_fees(struct ht_call *call, const json_t *object, struct ht_why *why) {
    struct ht_transaction *tx = &call->tx;
    bool has_price = ht_rpc_has(object, "gasPrice");
    bool has_max = ht_rpc_has(object, "maxFeePerGas");
    bool has_tip = ht_rpc_has(object, "maxPriorityFeePerGas");
    call->has_fee = has_price || has_max || has_tip;
    if (has_price && (has_max || has_tip)) {
        return ht_fail(why, HT_EINPUT, "call_fees",
                       "both gasPrice and maxFeePerGas or maxPriorityFeePerGas are given");
    }
    if ((has_max || has_tip) && !has_fee_market(call)) {
        return wrong_type(why, "this type has a gasPrice, not maxFeePerGas");
    }
    enum ht_err err = HT_OK;
    if (has_price) err = ht_rpc_read_u256(&tx->gas_price, object, "gasPrice", why);
    if (err == HT_OK && has_max) {
        err = ht_rpc_read_u256(&tx->max_fee_per_gas, object, "maxFeePerGas", why);
    }
    if (err == HT_OK && has_tip) {
        err = ht_rpc_read_u256(&tx->max_priority_fee_per_gas, object, "maxPriorityFeePerGas", why);
    }
    if (err == HT_OK && has_price && has_fee_market(call)) {
        tx->max_fee_per_gas = tx->max_priority_fee_per_gas = tx->gas_price;
        tx->gas_price = ht_u256_of(0);
    }
    return err;
}

static enum ht_err read_recipient(struct ht_call *call, const json_t *object, struct ht_why *why) {
    struct ht_transaction *tx = &call->tx;
    tx->is_creation = !ht_rpc_has(object, "to");
    if (!tx->is_creation) return ht_json_hex(tx->to.b, sizeof tx->to.b, object, "to", why);
    if (tx->type != HT_TX_BLOB && tx->type != HT_TX_SET_CODE) return HT_OK;
    return wrong_type(why, "this type must have a recipient in \"to\"");
}

static enum ht_err read_data(struct ht_call *call, struct ht_arena *arena, const json_t *object,
                             struct ht_why *why) {
    bool has_input = ht_rpc_has(object, "input"), has_data = ht_rpc_has(object, "data");
    ht_bytes input = {0}, data = {0};
    enum ht_err err = HT_OK;
    if (has_input) err = ht_rpc_read_data(&input, arena, object, "input", why);
    if (err == HT_OK && has_data) err = ht_rpc_read_data(&data, arena, object, "data", why);
    if (err != HT_OK) return err;
    if (has_input && has_data && !ht_bytes_equal(input, data)) {
        return ht_fail(why, HT_EINPUT, "call_both_data", "data and input are given and differ");
    }
    call->tx.data = has_input ? input : data;
    return HT_OK;
}

/* Lists, where they are given and the type has them. */
static enum ht_err read_lists(struct ht_call *call, struct ht_arena *arena, const json_t *object,
                              struct ht_why *why) {
    struct ht_transaction *tx = &call->tx;
    enum ht_err err = HT_OK;
    if (ht_rpc_has(object, "accessList")) {
        err = ht_tx_read_field(tx, HT_TX_ACCESS_LIST_FIELD, arena, object, why);
        if (err == HT_OK && tx->type == HT_TX_LEGACY && tx->access_count > 0) {
            return wrong_type(why, "a legacy transaction has no access list");
        }
    }
    if (err == HT_OK && ht_rpc_has(object, "blobVersionedHashes")) {
        if (tx->type != HT_TX_BLOB) return wrong_type(why, "only type 3 has blobVersionedHashes");
        err = ht_tx_read_field(tx, HT_TX_BLOB_HASHES, arena, object, why);
    }
    if (err == HT_OK && ht_rpc_has(object, "maxFeePerBlobGas")) {
        if (tx->type != HT_TX_BLOB) return wrong_type(why, "only type 3 has maxFeePerBlobGas");
        call->has_blob_fee = true;
        err = ht_tx_read_field(tx, HT_TX_MAX_BLOB_FEE, arena, object, why);
    }
    if (err == HT_OK && ht_rpc_has(object, "authorizationList")) {
        if (tx->type != HT_TX_SET_CODE) return wrong_type(why, "only type 4 has authorizations");
        err = ht_tx_read_field(tx, HT_TX_AUTHORIZATIONS, arena, object, why);
    }
    return err;
}

static enum ht_err read_numbers(struct ht_call *call, const json_t *object, struct ht_why *why) {
    struct ht_transaction *tx = &call->tx;
    const struct {
        const char *name;
        uint64_t *value;
        bool *has;
    } numbers[] = {
        {"gas", &tx->gas_limit, &call->has_gas},
        {"nonce", &tx->nonce, &call->has_nonce},
        {"chainId", &tx->chain_id, &call->has_chain_id},
    };
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && err == HT_OK; i++) {
        *numbers[i].has = ht_rpc_has(object, numbers[i].name);
        if (*numbers[i].has) err = ht_rpc_read_u64(numbers[i].value, object, numbers[i].name, why);
    }
    tx->has_chain_id = call->has_chain_id;
    if (err == HT_OK && ht_rpc_has(object, "value")) {
        err = ht_rpc_read_u256(&tx->value, object, "value", why);
    }
    return err;
}

enum ht_err ht_call_read(struct ht_call *out, struct ht_arena *arena, const json_t *object,
                         struct ht_why *why) {
    struct ht_call call = {.tx = {.type = HT_TX_FEE_MARKET}};
    if (!json_is_object(object)) {
        return ht_fail(why, HT_EINPUT, "json_type", "the call is not an object");
    }
    enum ht_err err = read_type(&call, object, why);
    call.has_from = ht_rpc_has(object, "from");
    if (err == HT_OK && call.has_from) {
        err = ht_json_hex(call.from.b, sizeof call.from.b, object, "from", why);
    }
    if (err == HT_OK) err = read_recipient(&call, object, why);
    if (err == HT_OK) err = read_numbers(&call, object, why);
    if (err == HT_OK) err = read_fees(&call, object, why);
    if (err == HT_OK) err = read_data(&call, arena, object, why);
    if (err == HT_OK) err = read_lists(&call, arena, object, why);
    if (err == HT_OK) *out = call;
    return err;
}

json_t *ht_call_to_json(const struct ht_call *call) {
    const struct ht_transaction *tx = &call->tx;
    struct ht_rpc_object object;
    ht_rpc_begin(&object);
    if (call->has_type) ht_rpc_put_u64(&object, "type", (uint64_t)tx->type);
    if (call->has_from) ht_rpc_put_data(&object, "from", HT_BYTES(call->from.b));
    if (!tx->is_creation) ht_tx_put_field(&object, tx, HT_TX_TO);
    if (call->has_gas) ht_tx_put_field(&object, tx, HT_TX_GAS_LIMIT);
    if (call->has_nonce) ht_tx_put_field(&object, tx, HT_TX_NONCE);
    if (call->has_chain_id) ht_rpc_put_u64(&object, "chainId", tx->chain_id);
    if (call->has_fee && has_fee_market(call)) {
        ht_tx_put_field(&object, tx, HT_TX_MAX_FEE);
        ht_tx_put_field(&object, tx, HT_TX_MAX_PRIORITY_FEE);
    } else if (call->has_fee) {
        ht_rpc_put_u256(&object, "gasPrice", &tx->gas_price);
    }
    ht_tx_put_field(&object, tx, HT_TX_VALUE);
    ht_tx_put_field(&object, tx, HT_TX_DATA);
    if (tx->access_count > 0) ht_tx_put_field(&object, tx, HT_TX_ACCESS_LIST_FIELD);
    if (tx->blob_count > 0) ht_tx_put_field(&object, tx, HT_TX_BLOB_HASHES);
    if (call->has_blob_fee) ht_tx_put_field(&object, tx, HT_TX_MAX_BLOB_FEE);
    if (tx->type == HT_TX_SET_CODE) ht_tx_put_field(&object, tx, HT_TX_AUTHORIZATIONS);
    return ht_rpc_end(&object);
}

/* --- overrides of accounts -------------------------------------------------------------------- */

static enum ht_err read_word(ht_u256 *out, const char *text, size_t n, struct ht_why *why) {
    bool is_hex = n > 2 && n <= 66 && text[0] == '0' && text[1] == 'x';
    if (is_hex && ht_u256_from_text(out, ht_bytes_of(text, n)) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EINPUT, "json_value", "a slot or its value is not 32 bytes in hex");
}

static enum ht_err read_slots(struct ht_account_override *out, struct ht_arena *arena,
                              const json_t *object, struct ht_why *why) {
    void *room = NULL;
    if (!json_is_object(object)) {
        return ht_fail(why, HT_EINPUT, "json_type", "state and stateDiff are objects of slots");
    }
    if (json_object_size(object) > HT_OVERRIDE_SLOTS_MAX) {
        return ht_fail(why, HT_ELIMIT, "no_room", "at most %u slots of one account are overridden",
                       HT_OVERRIDE_SLOTS_MAX);
    }
    enum ht_err err =
        ht_arena_array(&room, arena, json_object_size(object), sizeof *out->slots, why);
    out->slots = room;
    void *at = json_object_iter((json_t *)object);
    for (; at != NULL && err == HT_OK; at = json_object_iter_next((json_t *)object, at)) {
        const char *key = json_object_iter_key(at);
        const json_t *value = json_object_iter_value(at);
        struct ht_slot_override *slot = &out->slots[out->slot_count++];
        if (!json_is_string(value)) {
            return ht_fail(why, HT_EINPUT, "json_type", "a slot's value is not a string");
        }
        err = read_word(&slot->key, key, strlen(key), why);
        if (err == HT_OK) {
            err = read_word(&slot->value, json_string_value(value), json_string_length(value), why);
        }
    }
    return err;
}

static enum ht_err check_members(const json_t *object, const char *const *names, size_t count,
                                 struct ht_why *why) {
    if (!json_is_object(object)) {
        return ht_fail(why, HT_EINPUT, "json_type", "an override is not an object");
    }
    void *at = json_object_iter((json_t *)object);
    for (; at != NULL; at = json_object_iter_next((json_t *)object, at)) {
        const char *key = json_object_iter_key(at);
        size_t i = 0;
        while (i < count && strcmp(names[i], key) != 0) i++;
        if (i == count && !json_is_null(json_object_iter_value(at))) {
            return ht_fail(why, HT_EINPUT, "override_unknown", "%.60s cannot be overridden", key);
        }
    }
    return HT_OK;
}

static enum ht_err read_account(struct ht_account_override *out, struct ht_arena *arena,
                                const json_t *object, struct ht_why *why) {
    static const char *const names[] = {"nonce", "balance",   "code",
                                        "state", "stateDiff", "movePrecompileToAddress"};
    enum ht_err err = check_members(object, names, sizeof names / sizeof *names, why);
    if (err != HT_OK) return err;
    bool *const has[] = {&out->has_nonce, &out->has_balance,    &out->has_code,
                         &out->has_state, &out->has_state_diff, &out->has_move};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *has[i] = ht_rpc_has(object, names[i]);
    }
    if (out->has_state && out->has_state_diff) {
        return ht_fail(why, HT_EINPUT, "override_state", "an account has both state and stateDiff");
    }
    if (out->has_nonce) err = ht_rpc_read_u64(&out->nonce, object, "nonce", why);
    if (err == HT_OK && out->has_balance) {
        err = ht_rpc_read_u256(&out->balance, object, "balance", why);
    }
    if (err == HT_OK && out->has_code) {
        err = ht_rpc_read_data(&out->code, arena, object, "code", why);
    }
    if (err == HT_OK && out->has_move) {
        err = ht_json_hex(out->move.b, sizeof out->move.b, object, "movePrecompileToAddress", why);
    }
    if (err == HT_OK && (out->has_state || out->has_state_diff)) {
        err = read_slots(out, arena,
                         json_object_get(object, out->has_state ? "state" : "stateDiff"), why);
    }
    return err;
}

enum ht_err ht_overrides_read(struct ht_overrides *out, struct ht_arena *arena,
                              const json_t *object, struct ht_why *why) {
    struct ht_overrides overrides = {0};
    void *room = NULL;
    if (object == NULL || json_is_null(object)) {
        *out = overrides;
        return HT_OK;
    }
    if (!json_is_object(object)) {
        return ht_fail(why, HT_EINPUT, "json_type", "overrides are an object of accounts");
    }
    if (json_object_size(object) > HT_OVERRIDE_ACCOUNTS_MAX) {
        return ht_fail(why, HT_ELIMIT, "no_room", "at most %u accounts are overridden",
                       HT_OVERRIDE_ACCOUNTS_MAX);
    }
    enum ht_err err =
        ht_arena_array(&room, arena, json_object_size(object), sizeof *overrides.accounts, why);
    overrides.accounts = room;
    void *at = json_object_iter((json_t *)object);
    for (; at != NULL && err == HT_OK; at = json_object_iter_next((json_t *)object, at)) {
        const char *key = json_object_iter_key(at);
        struct ht_account_override *account = &overrides.accounts[overrides.count++];
        if (strlen(key) != 42 || strncmp(key, "0x", 2) != 0 ||
            ht_hex_read(account->address.b, 20, ht_bytes_str(key)) != HT_OK) {
            return ht_fail(why, HT_EINPUT, "json_value",
                           "the account of an override is not 20 bytes in hex with 0x");
        }
        err = read_account(account, arena, json_object_iter_value(at), why);
        if (err != HT_OK) ht_why_context(why, "override of %s", key);
    }
    if (err == HT_OK) *out = overrides;
    return err;
}

static enum ht_err apply_account(struct ht_evm_world *world, const struct ht_account_override *from,
                                 struct ht_why *why) {
    struct ht_evm_object *object = NULL;
    enum ht_err err = ht_evm_world_find(&object, world, &from->address, why);
    if (err != HT_OK) return err;
    struct ht_evm_account account = object->account;
    account.exists |= from->has_nonce || from->has_balance || from->has_code;
    if (from->has_nonce) account.nonce = from->nonce;
    if (from->has_balance) account.balance = from->balance;
    err = ht_evm_world_override(world, object, &account, from->has_code ? &from->code : NULL);
    if (err == HT_OK && from->has_state) err = ht_evm_world_override_clear(world, object);
    for (size_t i = 0; i < from->slot_count && err == HT_OK; i++) {
        err = ht_evm_world_override_slot(world, object, &from->slots[i].key, &from->slots[i].value);
    }
    return err;
}

enum ht_err ht_overrides_apply(struct ht_evm_world *world, const struct ht_overrides *overrides,
                               struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < overrides->count && err == HT_OK; i++) {
        err = apply_account(world, &overrides->accounts[i], why);
    }
    return err;
}

static bool is_same(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static enum ht_err check_move(const struct ht_overrides *overrides,
                              const struct ht_account_override *from, unsigned number,
                              struct ht_why *why) {
    char text[HT_HEX_SIZE(20)];
    if (number == 0) {
        ht_hex_write(text, HT_BYTES(from->address.b));
        return ht_fail(why, HT_EINPUT, "override_not_precompile", "account %s is not a precompile",
                       text);
    }
    for (size_t i = 0; i < overrides->count; i++) {
        if (!is_same(&overrides->accounts[i].address, &from->move)) continue;
        ht_hex_write(text, HT_BYTES(from->move.b));
        return ht_fail(why, HT_EINPUT, "override_twice", "account %s is already overridden", text);
    }
    return HT_OK;
}

enum ht_err ht_overrides_precompiles(const struct ht_evm_precompile_place **out, size_t *count,
                                     struct ht_arena *arena, const struct ht_overrides *overrides,
                                     const struct ht_evm_rules *rules, struct ht_why *why) {
    void *room = NULL;
    size_t n = 0;
    enum ht_err err = ht_arena_array(&room, arena, 2 * overrides->count,
                                     sizeof(struct ht_evm_precompile_place), why);
    struct ht_evm_precompile_place *places = room;
    for (size_t i = 0; i < overrides->count && err == HT_OK; i++) {
        const struct ht_account_override *from = &overrides->accounts[i];
        unsigned number = ht_precompile_at(rules, &from->address);
        if (from->has_move) {
            err = check_move(overrides, from, number, why);
            places[n++] = (struct ht_evm_precompile_place){.address = from->move, .number = number};
        }
        if (number != 0) places[n++] = (struct ht_evm_precompile_place){.address = from->address};
    }
    if (err != HT_OK) return err;
    *out = places;
    *count = n;
    return HT_OK;
}

/* --- overrides of a block --------------------------------------------------------------------- */

/* The name that is used today, or the one before, or NULL when neither is given. */
static const char *name_of(const json_t *object, const char *name, const char *old) {
    if (ht_rpc_has(object, name)) return name;
    return ht_rpc_has(object, old) ? old : NULL;
}

static enum ht_err read_block_numbers(struct ht_block_override *out, const json_t *object,
                                      struct ht_why *why) {
    const struct {
        const char *name;
        uint64_t *value;
        bool *has;
    } numbers[] = {
        {"number", &out->number, &out->has_number},
        {"time", &out->time, &out->has_time},
        {"gasLimit", &out->gas_limit, &out->has_gas_limit},
    };
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && err == HT_OK; i++) {
        *numbers[i].has = ht_rpc_has(object, numbers[i].name);
        if (*numbers[i].has) err = ht_rpc_read_u64(numbers[i].value, object, numbers[i].name, why);
    }
    return err;
}

enum ht_err ht_block_override_read(struct ht_block_override *out, const json_t *object,
                                   struct ht_why *why) {
    static const char *const names[] = {"number",        "time",       "gasLimit", "feeRecipient",
                                        "prevRandao",    "coinbase",   "random",   "baseFee",
                                        "baseFeePerGas", "blobBaseFee"};
    struct ht_block_override block = {0};
    if (object == NULL || json_is_null(object)) {
        *out = block;
        return HT_OK;
    }
    enum ht_err err = check_members(object, names, sizeof names / sizeof *names, why);
    if (err != HT_OK) return err;
    err = read_block_numbers(&block, object, why);
    const char *name = name_of(object, "feeRecipient", "coinbase");
    block.has_fee_recipient = name != NULL;
    if (err == HT_OK && name != NULL) {
        err = ht_json_hex(block.fee_recipient.b, 20, object, name, why);
    }
    name = name_of(object, "prevRandao", "random");
    block.has_prev_randao = name != NULL;
    if (err == HT_OK && name != NULL) err = ht_json_hex(block.prev_randao.b, 32, object, name, why);
    name = name_of(object, "baseFeePerGas", "baseFee");
    block.has_base_fee = name != NULL;
    if (err == HT_OK && name != NULL) err = ht_rpc_read_u256(&block.base_fee, object, name, why);
    block.has_blob_base_fee = ht_rpc_has(object, "blobBaseFee");
    if (err == HT_OK && block.has_blob_base_fee) {
        err = ht_rpc_read_u256(&block.blob_base_fee, object, "blobBaseFee", why);
    }
    if (err == HT_OK) *out = block;
    return err;
}

void ht_block_override_apply(struct ht_evm_block *block, const struct ht_block_override *override) {
    if (override->has_number) block->number = override->number;
    if (override->has_time) block->timestamp = override->time;
    if (override->has_gas_limit) block->gas_limit = override->gas_limit;
    if (override->has_fee_recipient) block->coinbase = override->fee_recipient;
    if (override->has_prev_randao) block->prev_randao = override->prev_randao;
    if (override->has_base_fee) block->base_fee = override->base_fee;
    if (override->has_blob_base_fee) block->blob_base_fee = override->blob_base_fee;
}
