/* Reads of proven state for wallets and scripts. */
#include "node/api/eth_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/base/u256.h"
#include "node/codec/json.h"
#include "node/l1/state.h"

struct read_call {
    struct ht_account_read read;
    struct ht_rpc_call *call;
    json_t *(*make)(const struct ht_account_read *read); /* the result; NULL without memory */
};

/* --- results ---------------------------------------------------------------------------------- */

static json_t *make_balance(const struct ht_account_read *read) {
    char text[HT_U256_QUANTITY_SIZE];
    ht_u256 wei = ht_u256_from_be32(read->account.balance);
    (void)ht_u256_to_quantity(text, &wei);
    return json_string(text);
}

static json_t *make_nonce(const struct ht_account_read *read) {
    char text[24];
    (void)snprintf(text, sizeof text, "0x%" PRIx64, read->account.nonce);
    return json_string(text);
}

static json_t *make_code(const struct ht_account_read *read) {
    char *text = malloc(HT_HEX_SIZE(read->code.n));
    if (text == NULL) return NULL;
    ht_hex_write(text, ht_buf_view(&read->code));
    json_t *made = json_string(text);
    free(text);
    return made;
}

static json_t *make_slot(const struct ht_account_read *read) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, HT_BYTES(read->values[0]));
    return json_string(text);
}

static void on_read(struct ht_account_read *read) {
    struct read_call *waiting = (struct read_call *)read;
    json_t *result = read->err == HT_OK ? waiting->make(read) : NULL;
    if (result != NULL) {
        ht_rpc_finish(waiting->call, result);
    } else {
        enum ht_err err = read->err;
        if (err == HT_OK) err = ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory");
        ht_rpc_refuse(waiting->call, err, &read->why);
    }
    ht_buf_fini(&read->code);
    free(waiting);
}

/* --- parameters ------------------------------------------------------------------------------- */

/* "safe" is finalized here: nothing in between is proven to a light client. */
static enum ht_err read_block(enum ht_block_tag *out, const json_t *params, size_t at,
                              struct ht_why *why) {
    const char *tag = "latest";
    const json_t *block = json_array_get(params, at);
    if (block != NULL && !json_is_null(block)) {
        enum ht_err err = ht_json_text(&tag, block, "", why);
        if (err != HT_OK) return err;
    }
    if (strcmp(tag, "latest") == 0) {
        *out = HT_TAG_LATEST;
    } else if (strcmp(tag, "finalized") == 0 || strcmp(tag, "safe") == 0) {
        *out = HT_TAG_FINALIZED;
    } else {
        return ht_fail(why, HT_EDENIED, HT_RPC_NOT_PROVEN,
                       "only latest, safe and finalized can be proven yet");
    }
    return HT_OK;
}

/* A slot as a QUANTITY or as 32 bytes: both are in use. */
static enum ht_err read_slot(ht_hash32 *out, const json_t *params, struct ht_why *why) {
    ht_bytes text;
    ht_u256 slot;
    enum ht_err err = ht_json_str(&text, params, "[1]", why);
    if (err != HT_OK) return err;
    if (ht_u256_from_text(&slot, text) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "json_value", "[1]: not a slot of storage");
    }
    ht_u256_to_be(out->b, &slot);
    return HT_OK;
}

static void begin(const struct ht_eth *eth, struct ht_rpc_call *call, const json_t *params,
                  size_t block_at, json_t *(*make)(const struct ht_account_read *read)) {
    struct ht_why why = {0};
    struct read_call *waiting = calloc(1, sizeof *waiting);
    enum ht_err err = waiting != NULL ? ht_eth_check_live(eth, &why)
                                      : ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    struct ht_account_read *read = waiting != NULL ? &waiting->read : NULL;
    if (err == HT_OK && eth->state == NULL) {
        err = ht_fail(&why, HT_EDENIED, HT_RPC_NOT_PROVEN, "there is nobody to ask for state");
    }
    if (err == HT_OK && json_array_size(params) > block_at + 1) {
        err = ht_fail(&why, HT_EINPUT, "too_many_params", "at most %zu parameters", block_at + 1);
    }
    if (err == HT_OK) err = ht_json_hex(read->address.b, 20, params, "[0]", &why);
    if (err == HT_OK && block_at == 2) {
        err = read_slot(&read->slots[0], params, &why);
        read->slot_count = 1;
    }
    if (err == HT_OK) err = read_block(&read->tag, params, block_at, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        free(waiting);
        return;
    }
    waiting->call = call;
    waiting->make = make;
    read->wants_code = make == make_code;
    read->done = on_read;
    ht_state_read_account(eth->state, read);
}

void ht_eth_get_balance(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin(self, call, params, 1, make_balance);
}

void ht_eth_get_transaction_count(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin(self, call, params, 1, make_nonce);
}

void ht_eth_get_code(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin(self, call, params, 1, make_code);
}

void ht_eth_get_storage_at(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin(self, call, params, 2, make_slot);
}
