/* Reads of proven state for wallets and scripts. */
#include "node/api/eth_state.h"

#include <stdlib.h>

#include "node/api/eth_params.h"
#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/l1/execution/rpc_json.h"

struct read_call {
    struct ht_state_read read;
    const struct ht_eth *eth;
    struct ht_rpc_call *call;
    json_t *(*make)(const struct read_call *waiting); /* the result; NULL without memory */
    ht_hash32 slot;                                   /* of eth_getStorageAt */
    bool is_long[HT_STATE_SLOTS_MAX]; /* eth_getProof: slots that were written as 32 bytes */
};

/* --- results ---------------------------------------------------------------------------------- */

static json_t *make_balance(const struct read_call *waiting) {
    ht_u256 wei = ht_u256_from_be32(waiting->read.account.balance);
    return ht_eth_quantity256(&wei);
}

static json_t *make_nonce(const struct read_call *waiting) {
    return ht_eth_quantity(waiting->read.account.nonce);
}

static json_t *make_code(const struct read_call *waiting) {
    return ht_rpc_data(ht_buf_view(&waiting->read.code));
}

static json_t *make_slot(const struct read_call *waiting) {
    return ht_rpc_data(HT_BYTES(waiting->read.values[0]));
}

static json_t *make_nodes(const struct ht_proof_nodes *proof) {
    json_t *nodes = json_array();
    for (size_t i = 0; i < proof->count; i++) {
        if (json_array_append_new(nodes, ht_rpc_data(proof->nodes[i])) == 0) continue;
        json_decref(nodes);
        return NULL;
    }
    return nodes;
}

/* As the common clients do, a slot is written back the way it was asked for: a number or 32 bytes.
 */
static json_t *make_slot_proof(const struct read_call *waiting, size_t i) {
    const struct ht_state_read *read = &waiting->read;
    const struct ht_slot_claim *slot = &read->proof.slots[i];
    ht_u256 key = ht_u256_from_be32(slot->slot.b);
    ht_u256 value = ht_u256_from_be32(read->values[i]);
    struct ht_rpc_object object;
    ht_rpc_begin(&object);
    ht_rpc_put(&object, "key",
               waiting->is_long[i] ? ht_rpc_data(HT_BYTES(slot->slot.b))
                                   : ht_eth_quantity256(&key));
    ht_rpc_put_u256(&object, "value", &value);
    ht_rpc_put(&object, "proof", make_nodes(&slot->proof));
    return ht_rpc_end(&object);
}

static json_t *make_proof(const struct read_call *waiting) {
    const struct ht_state_read *read = &waiting->read;
    ht_u256 wei = ht_u256_from_be32(read->account.balance);
    json_t *slots = json_array();
    for (size_t i = 0; i < read->proof.slot_count; i++) {
        if (json_array_append_new(slots, make_slot_proof(waiting, i)) == 0) continue;
        json_decref(slots);
        return NULL;
    }
    struct ht_rpc_object object;
    ht_rpc_begin(&object);
    ht_rpc_put_data(&object, "address", HT_BYTES(read->address.b));
    ht_rpc_put(&object, "accountProof", make_nodes(&read->proof.proof));
    ht_rpc_put_u256(&object, "balance", &wei);
    ht_rpc_put_data(&object, "codeHash", HT_BYTES(read->account.code_hash.b));
    ht_rpc_put_u64(&object, "nonce", read->account.nonce);
    ht_rpc_put_data(&object, "storageHash", HT_BYTES(read->account.storage_root.b));
    ht_rpc_put(&object, "storageProof", slots);
    return ht_rpc_end(&object);
}

static void on_read(struct ht_state_read *read) {
    struct read_call *waiting = (struct read_call *)read;
    enum ht_err err = read->err;
    if (err == HT_OK) err = ht_eth_check_read(waiting->eth, read->is_final, &read->why);
    if (err == HT_OK) {
        const struct ht_eth_place place = {&read->header, read->is_final, read->source};
        ht_eth_finish(waiting->eth, waiting->call, waiting->make(waiting), &place);
    } else {
        ht_rpc_refuse(waiting->call, err, &read->why);
    }
    ht_state_read_fini(read);
    free(waiting);
}

/* --- one account ------------------------------------------------------------------------------ */

static enum ht_err read_slots(struct read_call *waiting, ht_hash32 *slots, const json_t *params,
                              struct ht_why *why) {
    const json_t *list = json_array_get(params, 1);
    if (!json_is_array(list)) {
        return ht_fail(why, HT_EINPUT, "bad_slot", "invalid argument 1: an array of slots");
    }
    if (json_array_size(list) > HT_STATE_SLOTS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_slots", "at most %u slots", HT_STATE_SLOTS_MAX);
    }
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < json_array_size(list) && err == HT_OK; i++) {
        err = ht_eth_read_slot(&slots[i], &waiting->is_long[i], json_array_get(list, i), why);
    }
    waiting->read.slots = slots;
    waiting->read.slot_count = json_array_size(list);
    waiting->read.wants_proof = true;
    return err;
}

static void begin(const struct ht_eth *eth, struct ht_rpc_call *call, const json_t *params,
                  size_t block_at, json_t *(*make)(const struct read_call *waiting)) {
    struct ht_why why = {0};
    ht_hash32 slots[HT_STATE_SLOTS_MAX];
    struct read_call *waiting = calloc(1, sizeof *waiting);
    enum ht_err err = waiting != NULL ? HT_OK : ht_eth_no_memory(&why);
    struct ht_state_read *read = waiting != NULL ? &waiting->read : NULL;
    if (err == HT_OK) err = ht_eth_take_params(params, block_at, block_at + 1, &why);
    if (err == HT_OK) err = ht_eth_read_address(&read->address, params, 0, &why);
    if (err == HT_OK && make == make_slot) {
        err = ht_eth_read_slot(&waiting->slot, NULL, json_array_get(params, 1), &why);
        if (err != HT_OK) ht_why_context(&why, "invalid argument 1");
        read->slots = &waiting->slot;
        read->slot_count = 1;
    }
    if (err == HT_OK && make == make_proof) err = read_slots(waiting, slots, params, &why);
    if (err == HT_OK) err = ht_eth_read_block(&read->block, params, block_at, true, &why);
    if (err == HT_OK) err = ht_eth_check_ask(eth, &read->block, &why);
    if (err == HT_OK && eth->state == NULL) err = ht_eth_no_service(&why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        free(waiting);
        return;
    }
    waiting->eth = eth;
    waiting->call = call;
    waiting->make = make;
    read->wants_code = make == make_code;
    read->done = on_read;
    ht_state_read(eth->state, read);
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

void ht_eth_get_proof(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin(self, call, params, 2, make_proof);
}

/* --- slots of several accounts ---------------------------------------------------------------- */

struct values_call;

struct values_read {
    struct ht_state_read read;
    struct values_call *owner;
};

/* The block is settled first, so that all accounts are read at the same one. */
struct values_call {
    struct ht_header_read at;
    const struct ht_eth *eth;
    struct ht_rpc_call *call;
    size_t count;
    size_t open; /* reads under way, and one for who starts them */
    enum ht_err err;
    struct ht_why why;
    char source[128];
    struct values_read *reads;
    ht_hash32 (*slots)[HT_STATE_SLOTS_MAX];
};

static void free_values(struct values_call *all) {
    for (size_t i = 0; i < all->count; i++) {
        if (all->reads[i].read.state != NULL) ht_state_read_fini(&all->reads[i].read);
    }
    ht_header_read_fini(&all->at);
    free(all->reads);
    free(all->slots);
    free(all);
}

static json_t *make_values(const struct values_call *all) {
    json_t *accounts = json_object();
    bool has_failed = false;
    for (size_t i = 0; i < all->count && !has_failed; i++) {
        const struct ht_state_read *read = &all->reads[i].read;
        char key[HT_HEX_SIZE(20)];
        ht_hex_write(key, HT_BYTES(read->address.b));
        json_t *values = json_array();
        for (size_t j = 0; j < read->slot_count; j++) {
            has_failed |=
                json_array_append_new(values, ht_rpc_data(HT_BYTES(read->values[j]))) != 0;
        }
        has_failed |= json_object_set_new(accounts, key, values) != 0;
    }
    if (!has_failed) return accounts;
    json_decref(accounts);
    return NULL;
}

static void end_values(struct values_call *all) {
    if (--all->open > 0) return;
    if (all->err == HT_OK) all->err = ht_eth_check_read(all->eth, all->at.is_final, &all->why);
    if (all->err == HT_OK) {
        const struct ht_eth_place place = {&all->at.header, all->at.is_final, all->source};
        ht_eth_finish(all->eth, all->call, make_values(all), &place);
    } else {
        ht_rpc_refuse(all->call, all->err, &all->why);
    }
    free_values(all);
}

static void on_values(struct ht_state_read *read) {
    struct values_call *all = ((struct values_read *)read)->owner;
    if (read->err != HT_OK && all->err == HT_OK) {
        all->err = read->err;
        all->why = read->why;
    }
    memcpy(all->source, read->source, sizeof all->source);
    end_values(all);
}

static void on_values_block(struct ht_header_read *at) {
    struct values_call *all = (struct values_call *)at;
    all->err = at->err;
    all->why = at->why;
    all->open = 1;
    for (size_t i = 0; i < all->count && all->err == HT_OK; i++) {
        struct ht_state_read *read = &all->reads[i].read;
        read->block = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = at->header.hash};
        read->done = on_values;
        all->reads[i].owner = all;
        all->open++;
        ht_state_read(all->eth->state, read);
    }
    end_values(all);
}

static enum ht_err read_account_slots(struct values_call *all, const char *address,
                                      const json_t *list, struct ht_why *why) {
    struct ht_state_read *read = &all->reads[all->count].read;
    ht_bytes text = ht_bytes_str(address);
    if (text.n != 42 || memcmp(address, "0x", 2) != 0 ||
        ht_hex_read(read->address.b, 20, text) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "bad_address",
                       "invalid argument 0: an address is 20 bytes in hex with 0x");
    }
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > HT_STATE_SLOTS_MAX) {
        return ht_fail(why, HT_EINPUT, "bad_slot",
                       "invalid argument 0: each address has an array of at most %u slots",
                       HT_STATE_SLOTS_MAX);
    }
    read->slots = all->slots[all->count];
    read->slot_count = count;
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = ht_eth_read_slot(&all->slots[all->count][i], NULL, json_array_get(list, i), why);
    }
    all->count++;
    return err;
}

static enum ht_err read_accounts(struct values_call *all, const json_t *params,
                                 struct ht_why *why) {
    const json_t *accounts = json_array_get(params, 0);
    size_t count = json_object_size(accounts);
    if (count == 0) return ht_fail(why, HT_EINPUT, "empty_request", "empty request");
    if (count > HT_ETH_ACCOUNTS_MAX) {
        return ht_fail(why, HT_EINPUT, "too_many_accounts", "at most %u addresses",
                       HT_ETH_ACCOUNTS_MAX);
    }
    all->reads = calloc(count, sizeof *all->reads);
    all->slots = calloc(count, sizeof *all->slots);
    if (all->reads == NULL || all->slots == NULL) return ht_eth_no_memory(why);
    void *at = json_object_iter((json_t *)accounts);
    for (; at != NULL; at = json_object_iter_next((json_t *)accounts, at)) {
        enum ht_err err =
            read_account_slots(all, json_object_iter_key(at), json_object_iter_value(at), why);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

void ht_eth_get_storage_values(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct ht_eth *eth = self;
    struct ht_why why = {0};
    struct values_call *all = calloc(1, sizeof *all);
    enum ht_err err = all != NULL ? HT_OK : ht_eth_no_memory(&why);
    if (err == HT_OK) err = ht_eth_take_params(params, 1, 2, &why);
    if (err == HT_OK) err = read_accounts(all, params, &why);
    if (err == HT_OK) err = ht_eth_read_block(&all->at.id, params, 1, true, &why);
    if (err == HT_OK) err = ht_eth_check_ask(eth, &all->at.id, &why);
    if (err == HT_OK && (eth->state == NULL || eth->chain == NULL)) err = ht_eth_no_service(&why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        if (all != NULL) free_values(all);
        return;
    }
    all->eth = eth;
    all->call = call;
    all->at.done = on_values_block;
    ht_chain_read(eth->chain, &all->at);
}
