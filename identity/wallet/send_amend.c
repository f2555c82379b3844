/* wallet.amend: what is wanted is read, the chain is asked anew, then the queue has the payload
 * made again (send.c). The item may have changed or gone while that was proven, so it is looked for
 * once more then. */
#include "identity/wallet/send_amend.h"

#include <stdlib.h>

#include "identity/wallet/queue.h"
#include "identity/wallet/unsigned_tx.h"
#include "node/codec/json.h"

#define ARENA_MAX ((size_t)4 << 20)

/* --- fees and gas ----------------------------------------------------------------------------- */

static bool has_price(const struct ht_transaction *tx) {
    return tx->type == HT_TX_LEGACY || tx->type == HT_TX_ACCESS_LIST;
}

static enum ht_err set_fees(struct ht_transaction *tx, const struct ht_amendment *wanted,
                            struct ht_why *why) {
    ht_u256 *fee = has_price(tx) ? &tx->gas_price : &tx->max_fee_per_gas;
    if (wanted->has_tip && has_price(tx)) {
        return ht_fail(why, HT_EINPUT, "fees_differ",
                       "this type of transaction has no priority fee");
    }
    if (wanted->has_max_fee) *fee = wanted->max_fee;
    if (wanted->has_tip) tx->max_priority_fee_per_gas = wanted->tip;
    const ht_u256 *base_fee = &wanted->gather->header.header.base_fee_per_gas;
    if (ht_u256_compare(fee, base_fee) < 0) {
        char text[HT_U256_DECIMAL_SIZE];
        (void)ht_u256_to_decimal(text, base_fee);
        return ht_fail(why, HT_EINPUT, "fee_too_low",
                       "no block would take it: the base fee is %s wei", text);
    }
    if (has_price(tx) || ht_u256_compare(&tx->max_priority_fee_per_gas, fee) <= 0) return HT_OK;
    return ht_fail(why, HT_EINPUT, "tip_above_fee", "the priority fee is above the whole fee");
}

static enum ht_err set_gas(struct ht_transaction *tx, const struct ht_amendment *wanted,
                           struct ht_why *why) {
    struct ht_tx_gas gas;
    if (wanted->has_gas) tx->gas_limit = wanted->gas_limit;
    ht_tx_gas_of(&gas, tx, wanted->rules);
    uint64_t least = gas.intrinsic > gas.floor ? gas.intrinsic : gas.floor;
    uint64_t most = wanted->rules->gas_max;
    if (tx->gas_limit < least) {
        return ht_fail(why, HT_EINPUT, "gas_too_low", "it needs %llu gas at least",
                       (unsigned long long)least);
    }
    if (most == 0 || tx->gas_limit <= most) return HT_OK;
    return ht_fail(why, HT_EINPUT, "gas_too_high", "a transaction has %llu gas at most",
                   (unsigned long long)most);
}

enum ht_err ht_amendment_apply(struct ht_transaction *tx, const struct ht_amendment *wanted,
                               struct ht_why *why) {
    enum ht_err err = set_fees(tx, wanted, why);
    return err == HT_OK ? set_gas(tx, wanted, why) : err;
}

/* --- the method ------------------------------------------------------------------------------- */

struct amending {
    struct ht_gather gather; /* first */
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    uint64_t id; /* in the queue */
    ht_hash32 hash;
    struct ht_amendment wanted;
};

static enum ht_err read_number(ht_u256 *out, bool *has, const json_t *params, const char *name,
                               struct ht_why *why) {
    const json_t *value = ht_json_member(params, name);
    *has = value != NULL && !json_is_null(value);
    if (!*has) return HT_OK;
    ht_bytes text = ht_bytes_of(json_string_value(value), json_string_length(value));
    if (json_is_string(value) && ht_u256_from_text(out, text) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_quantity", "%s is no number in a text", name);
}

static enum ht_err read_wanted(struct amending *amending, const json_t *params,
                               struct ht_why *why) {
    struct ht_amendment *wanted = &amending->wanted;
    ht_u256 gas = ht_u256_of(0);
    ht_hash32 *hash = &amending->hash;
    enum ht_err err = ht_json_u64(&amending->id, params, "id", why);
    if (err == HT_OK) err = ht_json_hex(hash->b, sizeof hash->b, params, "payload_hash", why);
    if (err == HT_OK)
        err = read_number(&wanted->max_fee, &wanted->has_max_fee, params, "max_fee_per_gas", why);
    if (err == HT_OK) {
        err = read_number(&wanted->tip, &wanted->has_tip, params, "max_priority_fee_per_gas", why);
    }
    if (err == HT_OK) err = read_number(&gas, &wanted->has_gas, params, "gas_limit", why);
    if (err == HT_OK && !ht_u256_is_u64(&gas))
        err = ht_fail(why, HT_EINPUT, "gas_too_high", "no transaction has so much gas");
    if (err == HT_OK) wanted->gas_limit = gas.limb[0];
    return err;
}

/* What has to be proven for it. */
static enum ht_err plan_gather(struct amending *amending, struct ht_why *why) {
    const struct ht_queue_request *request = NULL;
    struct ht_gather *gather = &amending->gather;
    enum ht_err err =
        ht_queue_transaction(&request, amending->identity, amending->id, &amending->hash, why);
    if (err != HT_OK) return err;
    struct ht_transaction tx;
    struct ht_arena arena;
    ht_arena_init(&arena, ARENA_MAX);
    err = ht_unsigned_tx_read(&tx, &arena, request->payload, why);
    if (err == HT_OK) {
        gather->identity = amending->identity;
        gather->from = request->account;
        gather->has_to = !tx.is_creation;
        gather->to = tx.to;
    }
    ht_arena_fini(&arena);
    return err;
}

static void on_gathered(struct ht_gather *gather) {
    struct amending *amending = (struct amending *)gather;
    struct ht_why why = gather->why;
    json_t *item = NULL;
    enum ht_err err = gather->err;
    if (err == HT_OK) {
        amending->wanted.gather = gather;
        amending->wanted.rules = ht_outbox_rules(amending->identity->host->outbox);
        err = ht_queue_amend(&item, amending->identity, amending->id, &amending->hash,
                             &amending->wanted, &why);
    }
    if (err == HT_OK) {
        ht_rpc_finish(amending->call, item);
    } else {
        ht_rpc_refuse(amending->call, err, &why);
    }
    free(amending);
}

void ht_send_amend(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct amending *amending = calloc(1, sizeof *amending);
    if (amending == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    amending->identity = self;
    amending->call = call;
    amending->gather.done = on_gathered;
    enum ht_err err = read_wanted(amending, params, &why);
    if (err == HT_OK) err = plan_gather(amending, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        free(amending);
        return;
    }
    ht_gather(&amending->gather);
}
