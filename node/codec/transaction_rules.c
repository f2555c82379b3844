/* Per-fork rules for transactions. A fork is a row; the checks know no fork by name. */
#include "node/codec/transaction_rules.h"

#include "node/codec/transaction_sidecar.h"

#define BASE_GAS 21000U
#define ZERO_BYTE_GAS 4U
#define ACCESS_ADDRESS_GAS 2400U
#define ACCESS_KEY_GAS 1900U
#define AUTHORIZATION_GAS 25000U /* PER_EMPTY_ACCOUNT_COST */
#define TOKENS_PER_BYTE 4U       /* of a byte that is not zero */

#define FRONTIER .type_count = 1, .s = HT_ECDSA_ANY_S, .has_eip155 = false, .data_byte_gas = 68
#define HOMESTEAD                                                                     \
    .type_count = 1, .s = HT_ECDSA_LOW_S, .has_eip155 = false, .creation_gas = 32000, \
    .data_byte_gas = 68
#define EIP158                                                                       \
    .type_count = 1, .s = HT_ECDSA_LOW_S, .has_eip155 = true, .creation_gas = 32000, \
    .data_byte_gas = 68
#define ISTANBUL(types)                                                                    \
    .type_count = (types), .s = HT_ECDSA_LOW_S, .has_eip155 = true, .creation_gas = 32000, \
    .data_byte_gas = 16
#define SHANGHAI(types) ISTANBUL(types), .init_word_gas = 2, .init_code_max = 49152

const struct ht_tx_rules ht_tx_rules_all[] = {
    {.name = "Frontier", FRONTIER},
    {.name = "Homestead", HOMESTEAD},
    {.name = "EIP150", HOMESTEAD},
    {.name = "EIP158", EIP158},
    {.name = "Byzantium", EIP158},
    {.name = "Constantinople", EIP158},
    {.name = "ConstantinopleFix", EIP158},
    {.name = "Istanbul", ISTANBUL(1)},
    {.name = "Berlin", ISTANBUL(2)},
    {.name = "London", ISTANBUL(3)},
    {.name = "Paris", ISTANBUL(3)},
    {.name = "Shanghai", SHANGHAI(3)},
    {.name = "Cancun", SHANGHAI(4), .blobs_max = 6},
    {.name = "Prague", SHANGHAI(5), .blobs_max = 9, .floor_token_gas = 10},
    {.name = "Osaka", SHANGHAI(5), .blobs_max = 6, .floor_token_gas = 10, .gas_max = 1U << 24},
};
const size_t ht_tx_rules_count = sizeof ht_tx_rules_all / sizeof *ht_tx_rules_all;

const struct ht_tx_rules *ht_tx_rules_find(const char *name) {
    for (size_t i = 0; i < ht_tx_rules_count; i++) {
        if (strcmp(ht_tx_rules_all[i].name, name) == 0) return &ht_tx_rules_all[i];
    }
    return NULL;
}

void ht_tx_gas_of(struct ht_tx_gas *out, const struct ht_transaction *tx,
                  const struct ht_tx_rules *rules) {
    uint64_t zeros = 0;
    for (size_t i = 0; i < tx->data.n; i++) zeros += tx->data.p[i] == 0;
    uint64_t others = tx->data.n - zeros;
    uint64_t gas = BASE_GAS + zeros * ZERO_BYTE_GAS + others * rules->data_byte_gas;
    if (tx->is_creation) {
        gas += rules->creation_gas + (tx->data.n + 31) / 32 * (uint64_t)rules->init_word_gas;
    }
    for (size_t i = 0; i < tx->access_count; i++) {
        gas += ACCESS_ADDRESS_GAS + tx->access_list[i].key_count * (uint64_t)ACCESS_KEY_GAS;
    }
    out->intrinsic = gas + tx->authorization_count * (uint64_t)AUTHORIZATION_GAS;
    uint64_t tokens = zeros + others * TOKENS_PER_BYTE;
    out->floor = rules->floor_token_gas > 0 ? BASE_GAS + tokens * rules->floor_token_gas : 0;
}

static const ht_u256 *highest_price(const struct ht_transaction *tx) {
    bool has_fee_market = tx->type != HT_TX_LEGACY && tx->type != HT_TX_ACCESS_LIST;
    return has_fee_market ? &tx->max_fee_per_gas : &tx->gas_price;
}

/* Gas and blob gas at the highest prices. */
static bool fees_overflow(ht_u256 *out, const struct ht_transaction *tx) {
    ht_u256 gas = ht_u256_of(tx->gas_limit);
    ht_u256 blob_gas = ht_u256_of((uint64_t)tx->blob_count * HT_GAS_PER_BLOB);
    bool is_over = ht_u256_mul_overflow(&gas, &gas, highest_price(tx));
    is_over |= ht_u256_mul_overflow(&blob_gas, &blob_gas, &tx->max_fee_per_blob_gas);
    return ht_u256_add_overflow(out, &gas, &blob_gas) || is_over;
}

static enum ht_err too_expensive(struct ht_why *why) {
    return ht_fail(why, HT_EDENIED, "tx_cost_overflow", "it costs more wei than there can be");
}

enum ht_err ht_tx_cost_max(ht_u256 *out, const struct ht_transaction *tx, struct ht_why *why) {
    ht_u256 cost;
    bool is_over = fees_overflow(&cost, tx);
    is_over |= ht_u256_add_overflow(&cost, &cost, &tx->value);
    if (is_over) return too_expensive(why);
    *out = cost;
    return HT_OK;
}

void ht_tx_effective_gas_price(ht_u256 *out, const struct ht_transaction *tx,
                               const ht_u256 *base_fee_per_gas) {
    const ht_u256 *highest = highest_price(tx);
    ht_u256 price = *highest;
    if (highest == &tx->max_fee_per_gas) {
        bool is_over =
            ht_u256_add_overflow(&price, base_fee_per_gas, &tx->max_priority_fee_per_gas);
        if (is_over || ht_u256_compare(&price, highest) > 0) price = *highest;
    }
    *out = price;
}

static enum ht_err check_form(const struct ht_transaction *tx, const struct ht_tx_rules *rules,
                              uint64_t chain_id, struct ht_why *why) {
    if ((unsigned)tx->type >= rules->type_count) {
        return ht_fail(why, HT_EDENIED, "tx_type_too_new", "%s has no transactions of type %u",
                       rules->name, (unsigned)tx->type);
    }
    if (tx->has_chain_id && tx->type == HT_TX_LEGACY && !rules->has_eip155) {
        return ht_fail(why, HT_EDENIED, "tx_wrong_chain", "%s knows no chain id in v", rules->name);
    }
    if (tx->has_chain_id && tx->chain_id != chain_id) {
        return ht_fail(why, HT_EDENIED, "tx_wrong_chain", "it is for chain %llu, not %llu",
                       (unsigned long long)tx->chain_id, (unsigned long long)chain_id);
    }
    if (tx->nonce == UINT64_MAX) {
        return ht_fail(why, HT_EDENIED, "tx_nonce_too_high", "no account can have this nonce");
    }
    if (tx->is_creation && rules->init_code_max > 0 && tx->data.n > rules->init_code_max) {
        return ht_fail(why, HT_EDENIED, "tx_init_code", "%zu bytes of init code, at most %u",
                       tx->data.n, rules->init_code_max);
    }
    if (tx->type == HT_TX_SET_CODE && tx->authorization_count == 0) {
        return ht_fail(why, HT_EDENIED, "tx_authorizations", "there is no authorization in it");
    }
    return HT_OK;
}

static enum ht_err check_blobs(const struct ht_transaction *tx, const struct ht_tx_rules *rules,
                               struct ht_why *why) {
    if (tx->type != HT_TX_BLOB) return HT_OK;
    if (tx->blob_count == 0 || tx->blob_count > rules->blobs_max) {
        return ht_fail(why, HT_EDENIED, "tx_blobs", "%zu blobs, not 1 to %u", tx->blob_count,
                       rules->blobs_max);
    }
    for (size_t i = 0; i < tx->blob_count; i++) {
        if (tx->blob_versioned_hashes[i].b[0] == HT_BLOB_HASH_VERSION) continue;
        return ht_fail(why, HT_EDENIED, "tx_blobs", "versioned hash %zu is of another version", i);
    }
    return HT_OK;
}

static enum ht_err check_gas(const struct ht_transaction *tx, const struct ht_tx_rules *rules,
                             struct ht_why *why) {
    struct ht_tx_gas gas;
    ht_tx_gas_of(&gas, tx, rules);
    uint64_t least = gas.intrinsic > gas.floor ? gas.intrinsic : gas.floor;
    if (tx->gas_limit < least) {
        return ht_fail(why, HT_EDENIED, "tx_gas_too_low", "gas limit %llu, at least %llu needed",
                       (unsigned long long)tx->gas_limit, (unsigned long long)least);
    }
    if (rules->gas_max > 0 && tx->gas_limit > rules->gas_max) {
        return ht_fail(why, HT_EDENIED, "tx_gas_over_cap", "gas limit %llu, at most %llu in %s",
                       (unsigned long long)tx->gas_limit, (unsigned long long)rules->gas_max,
                       rules->name);
    }
    if (ht_u256_compare(&tx->max_priority_fee_per_gas, &tx->max_fee_per_gas) > 0) {
        return ht_fail(why, HT_EDENIED, "tx_fee_inconsistent",
                       "the priority fee is above the whole fee");
    }
    ht_u256 fees;
    return fees_overflow(&fees, tx) ? too_expensive(why) : HT_OK;
}

enum ht_err ht_tx_check_terms(const struct ht_transaction *tx, const struct ht_tx_rules *rules,
                              uint64_t chain_id, struct ht_why *why) {
    enum ht_err err = check_form(tx, rules, chain_id, why);
    if (err == HT_OK) err = check_blobs(tx, rules, why);
    if (err == HT_OK) err = check_gas(tx, rules, why);
    return err;
}

enum ht_err ht_tx_check(ht_addr20 *sender, const struct ht_transaction *tx,
                        const struct ht_tx_rules *rules, uint64_t chain_id, struct ht_why *why) {
    ht_addr20 signer;
    enum ht_err err = ht_tx_check_terms(tx, rules, chain_id, why);
    if (err == HT_OK) err = ht_tx_sender(&signer, tx, rules->s, why);
    if (err == HT_OK && sender != NULL) *sender = signer;
    return err;
}
