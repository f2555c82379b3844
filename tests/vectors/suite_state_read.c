/* State tests from JSON. Numbers are hex after 0x, however long, or decimal; "0x:bigint 0x…" is
 * how ethereum/tests writes those over 256 bits. */
#include "tests/vectors/suite_state_read.h"

#include <strings.h>

#include "node/base/hex.h"
#include "node/l1/execution/fees.h"

#define ARENA_MAX ((size_t)512 << 20)
#define BIGINT "0x:bigint "

static enum ht_err no_transaction(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EDENIED, "no_transaction", "%s is none that a transaction can have",
                   what);
}

/* --- numbers and bytes ------------------------------------------------------------------------*/

/* HT_ELIMIT for 2^256 and more. */
static enum ht_err number_of(ht_u256 *out, const json_t *value) {
    if (json_is_integer(value)) {
        if (json_integer_value(value) < 0) return HT_EINPUT;
        *out = ht_u256_of((uint64_t)json_integer_value(value));
        return HT_OK;
    }
    const char *text = json_string_value(value);
    if (text == NULL) return HT_EINPUT;
    if (strncmp(text, BIGINT, strlen(BIGINT)) == 0) text += strlen(BIGINT);
    if (*text == '\0' || strcmp(text, "0x") == 0) {
        *out = ht_u256_of(0);
        return HT_OK;
    }
    return ht_u256_from_text(out, ht_bytes_str(text));
}

static enum ht_err read_number(ht_u256 *out, const json_t *from, const char *key,
                               struct ht_why *why) {
    const json_t *value = ht_json_member(from, key);
    if (value == NULL) return ht_fail(why, HT_EINPUT, "case", "%s is missing", key);
    enum ht_err err = number_of(out, value);
    if (err != HT_OK) return ht_fail(why, err, "case", "%s is no number that fits", key);
    return HT_OK;
}

/* Larger numbers count as the largest: the gas limits of some blocks are. */
static enum ht_err read_u64(uint64_t *out, const json_t *from, const char *key,
                            struct ht_why *why) {
    ht_u256 value;
    enum ht_err err = read_number(&value, from, key, why);
    if (err == HT_OK) *out = ht_u256_is_u64(&value) ? value.limb[0] : UINT64_MAX;
    return err;
}

static enum ht_err read_bytes(ht_bytes *out, struct ht_arena *arena, const json_t *value,
                              struct ht_why *why) {
    const char *text = json_string_value(value);
    if (text == NULL) return ht_fail(why, HT_EINPUT, "case", "bytes are missing");
    if (text[0] == '0' && text[1] == 'x') text += 2;
    size_t n = strlen(text) / 2;
    uint8_t *bytes = ht_arena_alloc(arena, n + 1);
    if (bytes == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    if (*text != '\0' && ht_hex_read(bytes, n, ht_bytes_str(text)) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "case", "bytes are not in hex");
    }
    *out = ht_bytes_of(bytes, n);
    return HT_OK;
}

static enum ht_err read_hash(ht_hash32 *out, const json_t *value, struct ht_why *why) {
    const char *text = json_string_value(value);
    if (text != NULL && ht_hex_read(out->b, 32, ht_bytes_str(text)) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EINPUT, "case", "there should be 32 bytes in hex");
}

/* Numbers in a place for hashes, as storage keys of access lists may be. */
static enum ht_err read_word(ht_hash32 *out, const json_t *value, struct ht_why *why) {
    ht_u256 number;
    if (number_of(&number, value) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "case", "there should be a word");
    }
    ht_u256_to_be(out->b, &number);
    return HT_OK;
}

static enum ht_err read_address(ht_addr20 *out, const char *text, struct ht_why *why) {
    if (text != NULL && ht_hex_read(out->b, 20, ht_bytes_str(text)) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EINPUT, "case", "there should be an address");
}

/* --- the state before -------------------------------------------------------------------------*/

static enum ht_err read_storage(struct ht_known_account *out, struct ht_arena *arena,
                                const json_t *storage, struct ht_why *why) {
    void *slots = NULL;
    enum ht_err err =
        ht_arena_array(&slots, arena, json_object_size(storage), sizeof *out->slots, why);
    if (err != HT_OK) return err;
    out->slots = slots;
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)storage, key, value) {
        struct ht_known_slot *slot = &out->slots[out->slot_count];
        if (ht_u256_from_text(&slot->key, ht_bytes_str(key)) != HT_OK ||
            number_of(&slot->value, value) != HT_OK) {
            return ht_fail(why, HT_EINPUT, "case", "storage that is no map of words");
        }
        out->slot_count++;
    }
    return HT_OK;
}

static enum ht_err read_account(struct ht_known_account *out, struct ht_arena *arena,
                                const char *address, const json_t *json, struct ht_why *why) {
    ht_u256 nonce;
    *out = (struct ht_known_account){.slot_count = 0};
    enum ht_err err = read_address(&out->address, address, why);
    if (err == HT_OK) err = read_number(&out->balance, json, "balance", why);
    if (err == HT_OK) err = read_number(&nonce, json, "nonce", why);
    if (err == HT_OK && !ht_u256_is_u64(&nonce)) {
        err = ht_fail(why, HT_EINPUT, "case", "a nonce of over 64 bits");
    }
    if (err == HT_OK) {
        out->nonce = nonce.limb[0];
        err = read_bytes(&out->code, arena, ht_json_member(json, "code"), why);
    }
    if (err == HT_OK) err = read_storage(out, arena, ht_json_member(json, "storage"), why);
    return err;
}

static enum ht_err read_pre(struct ht_sv_test *out, const json_t *pre, struct ht_why *why) {
    void *accounts = NULL;
    enum ht_err err = ht_arena_array(&accounts, &out->arena, json_object_size(pre),
                                     sizeof *out->pre.accounts, why);
    out->pre.accounts = accounts;
    const char *address = NULL;
    json_t *json = NULL;
    json_object_foreach((json_t *)(uintptr_t)pre, address, json) {
        if (err != HT_OK) break;
        err = read_account(&out->pre.accounts[out->pre.count++], &out->arena, address, json, why);
        if (err != HT_OK) ht_why_context(why, "pre %s", address);
    }
    if (err == HT_OK) err = ht_known_state_prepare(&out->pre, why);
    if (err == HT_OK) err = ht_world_root(&out->pre_root, &out->pre, NULL, why);
    return err;
}

/* --- the block --------------------------------------------------------------------------------*/

static enum ht_err read_env(struct ht_sv_test *out, const json_t *env, struct ht_why *why) {
    struct ht_evm_block *block = &out->block;
    block->chain_id = 1;
    enum ht_err err = read_u64(&block->number, env, "currentNumber", why);
    if (err == HT_OK) err = read_u64(&block->timestamp, env, "currentTimestamp", why);
    if (err == HT_OK) err = read_u64(&block->gas_limit, env, "currentGasLimit", why);
    if (err == HT_OK) {
        err = read_address(&block->coinbase,
                           json_string_value(ht_json_member(env, "currentCoinbase")), why);
    }
    if (err == HT_OK && ht_json_member(env, "currentBaseFee") != NULL) {
        err = read_number(&block->base_fee, env, "currentBaseFee", why);
    }
    if (err == HT_OK && ht_json_member(env, "currentDifficulty") != NULL) {
        err = read_word(&out->difficulty, ht_json_member(env, "currentDifficulty"), why);
    }
    if (err == HT_OK && ht_json_member(env, "currentRandom") != NULL) {
        err = read_word(&out->random, ht_json_member(env, "currentRandom"), why);
    }
    out->has_excess_blob_gas = ht_json_member(env, "currentExcessBlobGas") != NULL;
    if (err == HT_OK && out->has_excess_blob_gas) {
        err = read_u64(&out->excess_blob_gas, env, "currentExcessBlobGas", why);
    }
    const json_t *config = ht_json_member(out->json, "config");
    if (err == HT_OK && ht_json_member(config, "chainid") != NULL) {
        err = read_u64(&block->chain_id, config, "chainid", why);
    }
    return err;
}

static uint64_t fraction_of(const struct ht_sv_test *test, const char *fork) {
    static const struct {
        const char *fork;
        uint64_t fraction;
    } FRACTIONS[] = {{"Cancun", 3338477}, {"Prague", 5007716}, {"Osaka", 5007716},
                     {"BPO1", 8346193},   {"BPO2", 11684671},  {"BPO3", 11684671}};
    const json_t *schedule = ht_json_member(ht_json_member(test->json, "config"), "blobSchedule");
    uint64_t fraction = 0;
    if (read_u64(&fraction, ht_json_member(schedule, fork), "baseFeeUpdateFraction", NULL) ==
        HT_OK) {
        return fraction;
    }
    for (size_t i = 0; i < sizeof FRACTIONS / sizeof *FRACTIONS; i++) {
        if (strcasecmp(FRACTIONS[i].fork, fork) == 0) return FRACTIONS[i].fraction;
    }
    return 0;
}

enum ht_err ht_sv_block(struct ht_evm_block *out, const struct ht_sv_test *test, const char *fork,
                        const struct ht_evm_rules *rules, struct ht_why *why) {
    struct ht_evm_block block = test->block;
    block.prev_randao = rules->fork < HT_EVM_PARIS ? test->difficulty : test->random;
    if (rules->fork >= HT_EVM_CANCUN) {
        const struct ht_blob_rules blobs = {.update_fraction = fraction_of(test, fork)};
        const struct ht_exec_header header = {.layout = HT_EXEC_LAYOUT_CANCUN,
                                              .excess_blob_gas = test->excess_blob_gas};
        enum ht_err err = blobs.update_fraction == 0
                              ? ht_fail(why, HT_EINPUT, "case", "no blob schedule for %s", fork)
                              : ht_blob_base_fee(&block.blob_base_fee, &header, &blobs, why);
        if (err != HT_OK) return err;
    }
    *out = block;
    return HT_OK;
}

/* --- the test ---------------------------------------------------------------------------------*/

static enum ht_err read_sender(struct ht_sv_test *out, const json_t *transaction,
                               struct ht_why *why) {
    const char *sender = json_string_value(ht_json_member(transaction, "sender"));
    out->has_sender = true;
    if (sender != NULL) return read_address(&out->sender, sender, why);
    ht_hash32 key;
    uint8_t public_key[HT_SECP256K1_PUBKEY_SIZE];
    enum ht_err err = read_hash(&key, ht_json_member(transaction, "secretKey"), why);
    if (err == HT_OK) err = ht_secp256k1_public_key(public_key, key.b, why);
    if (err == HT_OK) ht_secp256k1_address(&out->sender, public_key);
    return err;
}

enum ht_err ht_sv_test_read(struct ht_sv_test *out, const json_t *json, struct ht_why *why) {
    *out = (struct ht_sv_test){.json = json};
    ht_arena_init(&out->arena, ARENA_MAX);
    enum ht_err err = read_env(out, ht_json_member(json, "env"), why);
    if (err == HT_OK) err = read_pre(out, ht_json_member(json, "pre"), why);
    if (err == HT_OK) err = read_sender(out, ht_json_member(json, "transaction"), why);
    return err;
}

void ht_sv_test_free(struct ht_sv_test *test) {
    ht_arena_fini(&test->arena);
}

enum ht_err ht_sv_index(struct ht_sv_index *out, const json_t *post, struct ht_why *why) {
    uint64_t data = 0, gas = 0, value = 0;
    enum ht_err err = ht_json_u64(&data, post, "indexes.data", why);
    if (err == HT_OK) err = ht_json_u64(&gas, post, "indexes.gas", why);
    if (err == HT_OK) err = ht_json_u64(&value, post, "indexes.value", why);
    if (err == HT_OK) *out = (struct ht_sv_index){(size_t)data, (size_t)gas, (size_t)value};
    return err;
}

/* --- the transaction --------------------------------------------------------------------------*/

/* A number of a transaction: too large ones are no transaction. */
static enum ht_err tx_number(ht_u256 *out, const json_t *value, const char *what,
                             struct ht_why *why) {
    enum ht_err err = number_of(out, value);
    if (err == HT_ELIMIT) return no_transaction(why, what);
    if (err != HT_OK) return ht_fail(why, err, "case", "%s is no number", what);
    return HT_OK;
}

static enum ht_err tx_u64(uint64_t *out, const json_t *value, const char *what,
                          struct ht_why *why) {
    ht_u256 number;
    enum ht_err err = tx_number(&number, value, what, why);
    if (err == HT_OK && !ht_u256_is_u64(&number)) err = no_transaction(why, what);
    if (err == HT_OK) *out = number.limb[0];
    return err;
}

static enum ht_err tx_access(struct ht_tx_access *out, struct ht_arena *arena, const json_t *json,
                             struct ht_why *why) {
    const json_t *keys = ht_json_member(json, "storageKeys");
    void *hashes = NULL;
    enum ht_err err =
        read_address(&out->address, json_string_value(ht_json_member(json, "address")), why);
    if (err == HT_OK) {
        err = ht_arena_array(&hashes, arena, json_array_size(keys), sizeof(ht_hash32), why);
    }
    for (size_t i = 0; i < json_array_size(keys) && err == HT_OK; i++) {
        err = read_word((ht_hash32 *)hashes + i, json_array_get(keys, i), why);
    }
    out->storage_keys = hashes;
    out->key_count = json_array_size(keys);
    return err;
}

static enum ht_err tx_access_list(struct ht_transaction *out, struct ht_arena *arena,
                                  const json_t *json, struct ht_why *why) {
    void *list = NULL;
    size_t count = json_array_size(json);
    enum ht_err err = ht_arena_array(&list, arena, count, sizeof(struct ht_tx_access), why);
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = tx_access((struct ht_tx_access *)list + i, arena, json_array_get(json, i), why);
    }
    out->access_list = list;
    out->access_count = count;
    return err;
}

static enum ht_err tx_authorization(struct ht_tx_authorization *out, const json_t *json,
                                    struct ht_why *why) {
    uint64_t parity = 0;
    const json_t *v = ht_json_member(json, "yParity");
    if (v == NULL) v = ht_json_member(json, "v");
    enum ht_err err =
        read_address(&out->address, json_string_value(ht_json_member(json, "address")), why);
    if (err == HT_OK) {
        err = tx_number(&out->chain_id, ht_json_member(json, "chainId"), "chainId", why);
    }
    if (err == HT_OK) err = tx_u64(&out->nonce, ht_json_member(json, "nonce"), "nonce", why);
    if (err == HT_OK) err = tx_u64(&parity, v, "yParity", why);
    if (err == HT_OK && parity > UINT8_MAX) err = no_transaction(why, "yParity");
    if (err == HT_OK) err = tx_number(&out->r, ht_json_member(json, "r"), "r", why);
    if (err == HT_OK) err = tx_number(&out->s, ht_json_member(json, "s"), "s", why);
    out->y_parity = (uint8_t)parity;
    return err;
}

static enum ht_err tx_lists(struct ht_transaction *out, struct ht_arena *arena, const json_t *json,
                            struct ht_why *why) {
    const json_t *authorizations = ht_json_member(json, "authorizationList");
    const json_t *blobs = ht_json_member(json, "blobVersionedHashes");
    void *list = NULL, *hashes = NULL;
    out->authorization_count = json_array_size(authorizations);
    out->blob_count = json_array_size(blobs);
    enum ht_err err = ht_arena_array(&list, arena, out->authorization_count,
                                     sizeof(struct ht_tx_authorization), why);
    for (size_t i = 0; i < out->authorization_count && err == HT_OK; i++) {
        err = tx_authorization((struct ht_tx_authorization *)list + i,
                               json_array_get(authorizations, i), why);
    }
    if (err == HT_OK) {
        err = ht_arena_array(&hashes, arena, out->blob_count, sizeof(ht_hash32), why);
    }
    for (size_t i = 0; i < out->blob_count && err == HT_OK; i++) {
        err = read_hash((ht_hash32 *)hashes + i, json_array_get(blobs, i), why);
    }
    out->authorization_list = list;
    out->blob_versioned_hashes = hashes;
    return err;
}

/* The newest type whose own fields are there. */
static enum ht_tx_type type_of(const json_t *json, const json_t *access_list) {
    if (ht_json_member(json, "authorizationList") != NULL) return HT_TX_SET_CODE;
    if (ht_json_member(json, "maxFeePerBlobGas") != NULL) return HT_TX_BLOB;
    if (ht_json_member(json, "blobVersionedHashes") != NULL) return HT_TX_BLOB;
    if (ht_json_member(json, "maxFeePerGas") != NULL) return HT_TX_FEE_MARKET;
    return json_is_array(access_list) ? HT_TX_ACCESS_LIST : HT_TX_LEGACY;
}

static enum ht_err tx_prices(struct ht_transaction *out, const json_t *json, struct ht_why *why) {
    if (out->type == HT_TX_LEGACY || out->type == HT_TX_ACCESS_LIST) {
        return tx_number(&out->gas_price, ht_json_member(json, "gasPrice"), "gasPrice", why);
    }
    const json_t *blob_fee = ht_json_member(json, "maxFeePerBlobGas");
    enum ht_err err =
        tx_number(&out->max_fee_per_gas, ht_json_member(json, "maxFeePerGas"), "maxFeePerGas", why);
    if (err == HT_OK) {
        err = tx_number(&out->max_priority_fee_per_gas,
                        ht_json_member(json, "maxPriorityFeePerGas"), "maxPriorityFeePerGas", why);
    }
    if (err == HT_OK && blob_fee != NULL) {
        err = tx_number(&out->max_fee_per_blob_gas, blob_fee, "maxFeePerBlobGas", why);
    }
    return err;
}

static enum ht_err tx_recipient(struct ht_transaction *out, const json_t *json,
                                struct ht_why *why) {
    const char *to = json_string_value(ht_json_member(json, "to"));
    out->is_creation = to == NULL || *to == '\0' || strcmp(to, "0x") == 0;
    if (!out->is_creation) return read_address(&out->to, to, why);
    bool must_have = out->type == HT_TX_BLOB || out->type == HT_TX_SET_CODE;
    return must_have ? no_transaction(why, "no recipient") : HT_OK;
}

enum ht_err ht_sv_transaction(struct ht_transaction *out, struct ht_sv_test *test,
                              const struct ht_sv_index *index, struct ht_why *why) {
    const json_t *json = ht_json_member(test->json, "transaction");
    const json_t *access_list = json_array_get(ht_json_member(json, "accessLists"), index->data);
    struct ht_transaction tx = {.type = type_of(json, access_list), .has_chain_id = true};
    tx.chain_id = test->block.chain_id;
    enum ht_err err = tx_u64(&tx.nonce, ht_json_member(json, "nonce"), "nonce", why);
    if (err == HT_OK) err = tx_prices(&tx, json, why);
    if (err == HT_OK) {
        err = tx_u64(&tx.gas_limit, json_array_get(ht_json_member(json, "gasLimit"), index->gas),
                     "gasLimit", why);
    }
    if (err == HT_OK) err = tx_recipient(&tx, json, why);
    if (err == HT_OK) {
        err = tx_number(&tx.value, json_array_get(ht_json_member(json, "value"), index->value),
                        "value", why);
    }
    if (err == HT_OK) {
        err = read_bytes(&tx.data, &test->arena,
                         json_array_get(ht_json_member(json, "data"), index->data), why);
    }
    if (err == HT_OK) err = tx_access_list(&tx, &test->arena, access_list, why);
    if (err == HT_OK) err = tx_lists(&tx, &test->arena, json, why);
    if (err == HT_OK) *out = tx;
    return err;
}
