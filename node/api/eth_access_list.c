/* Executions until the list of what one touches is the list that it was given. */
#include "node/api/eth_access_list.h"

#include <stdlib.h>

#include "node/api/eth_run.h"
#include "node/evm/code.h"
#include "node/evm/precompile.h"
#include "node/l1/execution/transaction_json.h"

#define TRIES_MAX 16U
#define CREATED_MAX HT_FACTS_ACCOUNTS_MAX /* each of them is a fact */

/* One execution, and what is left out of its list. */
struct listing {
    struct ht_eth_running *running;
    const struct ht_run_place *place;
    struct ht_eth_execution execution;
    ht_addr20 *left_out; /* the arena's */
    size_t left_out_count, left_out_max;
    size_t created_count; /* of left_out, the first ones */
};

static bool find_left_out(size_t *at, const struct listing *listing, const ht_addr20 *address) {
    for (*at = 0; *at < listing->left_out_count; ++*at) {
        if (memcmp(listing->left_out[*at].b, address->b, sizeof address->b) == 0) return true;
    }
    return false;
}

static void leave_out(struct listing *listing, const ht_addr20 *address) {
    size_t at;
    if (find_left_out(&at, listing, address)) return;
    if (listing->left_out_count == listing->left_out_max) return;
    listing->left_out[listing->left_out_count++] = *address;
}

/* Slots of what is warm without a list belong into it; a contract that does not exist yet does not.
 */
static bool is_left_out(const struct listing *listing, const struct ht_evm_object *object) {
    const ht_addr20 *address = &object->address;
    size_t at;
    if (find_left_out(&at, listing, address)) {
        return at < listing->created_count || object->slot_count == 0;
    }
    return ht_precompile_at(listing->place->rules, address) != 0 && object->slot_count == 0;
}

static void on_enter(void *user, unsigned depth, const struct ht_evm_message *message) {
    (void)depth;
    bool is_creation = message->kind == HT_EVM_CREATE || message->kind == HT_EVM_CREATE2;
    if (is_creation) leave_out(user, &message->to);
}

/* What is warm without a list. */
static enum ht_err leave_out_warm(struct listing *listing, struct ht_why *why) {
    const struct ht_transaction *tx = &listing->execution.tx;
    leave_out(listing, &listing->running->asked.from);
    if (listing->place->rules->has_warm_coinbase) {
        bool is_pretended = listing->running->block.has_fee_recipient;
        leave_out(listing, is_pretended ? &listing->running->block.fee_recipient
                                        : &listing->place->block.coinbase);
    }
    for (size_t i = 0; i < tx->authorization_count; i++) {
        ht_addr20 authority;
        if (ht_tx_authority(&authority, &tx->authorization_list[i], NULL) == HT_OK) {
            leave_out(listing, &authority);
        }
    }
    if (tx->is_creation) return HT_OK;
    struct ht_evm_object *to = NULL;
    const struct ht_evm_code *code = NULL;
    ht_addr20 delegate;
    leave_out(listing, &tx->to);
    enum ht_err err = ht_evm_world_find(&to, listing->execution.world, &tx->to, why);
    if (err == HT_OK) err = ht_evm_world_code(&code, listing->execution.world, to, why);
    if (err == HT_OK && listing->place->rules->has_delegation &&
        ht_evm_code_delegate(&delegate, ht_bytes_of(code->bytes, code->n))) {
        leave_out(listing, &delegate);
    }
    return err;
}

/* --- lists ------------------------------------------------------------------------------------ */

static int compare_accounts(const void *a, const void *b) {
    const struct ht_tx_access *x = a, *y = b;
    return memcmp(x->address.b, y->address.b, sizeof x->address.b);
}

static int compare_slots(const void *a, const void *b) {
    return memcmp(a, b, sizeof(ht_hash32));
}

static enum ht_err list_slots(struct ht_tx_access *out, struct ht_arena *arena,
                              const struct ht_evm_object *object, struct ht_why *why) {
    void *room = NULL;
    size_t count = 0;
    for (struct ht_evm_slot *slot = object->all_slots; slot != NULL; slot = slot->next) count++;
    enum ht_err err = ht_arena_array(&room, arena, count, sizeof(ht_hash32), why);
    if (err != HT_OK || count == 0) return err;
    ht_hash32 *keys = room;
    for (struct ht_evm_slot *slot = object->all_slots; slot != NULL; slot = slot->next) {
        ht_u256_to_be(keys[out->key_count++].b, &slot->key);
    }
    qsort(keys, count, sizeof *keys, compare_slots);
    out->storage_keys = keys;
    return HT_OK;
}

/* All that was looked at, also by frames that were reverted. */
static enum ht_err list_all(const struct ht_tx_access **out, size_t *count,
                            const struct listing *listing, struct ht_why *why) {
    struct ht_arena *arena = &listing->running->lists;
    struct ht_evm_object *all = ht_evm_world_objects(listing->execution.world);
    void *room = NULL;
    size_t n = 0, max = 0;
    for (struct ht_evm_object *object = all; object != NULL; object = object->next) max++;
    enum ht_err err = ht_arena_array(&room, arena, max, sizeof(struct ht_tx_access), why);
    struct ht_tx_access *list = room;
    for (struct ht_evm_object *object = all; object != NULL && err == HT_OK;
         object = object->next) {
        if (is_left_out(listing, object)) continue;
        list[n] = (struct ht_tx_access){.address = object->address};
        err = list_slots(&list[n++], arena, object, why);
    }
    if (err != HT_OK) return err;
    if (n > 0) qsort(list, n, sizeof *list, compare_accounts);
    *out = list;
    *count = n;
    return HT_OK;
}

static bool is_same(const struct ht_transaction *tx, const struct ht_tx_access *list,
                    size_t count) {
    if (tx->access_count != count) return false;
    for (size_t i = 0; i < count; i++) {
        const struct ht_tx_access *a = &tx->access_list[i], *b = &list[i];
        if (compare_accounts(a, b) != 0 || a->key_count != b->key_count) return false;
        if (a->key_count > 0 &&
            memcmp(a->storage_keys, b->storage_keys, a->key_count * sizeof(ht_hash32)) != 0) {
            return false;
        }
    }
    return true;
}

/* --- executions ------------------------------------------------------------------------------- */

/* Executes with the list that tx has and gives it the one of what was touched; *is_stable when that
 * is the same. */
static enum ht_err try_list(bool *is_stable, struct ht_transaction *tx, struct listing *listing,
                            struct ht_why *why) {
    const struct ht_tx_access *list = NULL;
    size_t count = 0;
    void *room = NULL;
    listing->left_out_count = 0;
    listing->left_out_max = tx->authorization_count + CREATED_MAX + 4;
    listing->execution.tx = *tx;
    listing->execution.observer = (struct ht_evm_observer){.enter = on_enter, .user = listing};
    enum ht_err err = ht_arena_array(&room, &listing->running->lists, listing->left_out_max,
                                     sizeof(ht_addr20), why);
    if (err != HT_OK) return err;
    listing->left_out = room;
    err = ht_eth_run_execute(listing->running, listing->place, &listing->execution, why);
    *is_stable = listing->running->refused != HT_OK;
    if (err != HT_OK || *is_stable) return err;
    listing->created_count = listing->left_out_count;
    err = leave_out_warm(listing, why);
    if (err == HT_OK) err = list_all(&list, &count, listing, why);
    if (err != HT_OK) return err;
    *is_stable = is_same(tx, list, count);
    tx->access_list = list;
    tx->access_count = count;
    return HT_OK;
}

static enum ht_err work(struct ht_run *run, const struct ht_run_place *place, struct ht_why *why) {
    struct ht_eth_running *running = (struct ht_eth_running *)run;
    struct ht_transaction tx = running->asked.tx;
    struct listing listing = {.running = running, .place = place};
    bool is_stable = false;
    enum ht_err err = HT_OK;
    running->refused = HT_OK;
    ht_arena_fini(&running->lists);
    tx.gas_limit = ht_eth_run_gas(running);
    if (tx.type == HT_TX_LEGACY) tx.type = HT_TX_ACCESS_LIST;
    for (unsigned i = 0; i < TRIES_MAX && err == HT_OK && !is_stable; i++) {
        err = ht_run_world_new(&listing.execution.world, run);
        if (err != HT_OK) return ht_fail(why, err, "no_memory", "out of memory");
        err = try_list(&is_stable, &tx, &listing, why);
        ht_evm_world_free(listing.execution.world);
    }
    running->list = tx.access_list;
    running->list_count = tx.access_count;
    if (err != HT_OK || is_stable) return err;
    return ht_eth_run_refuse(running, "list_unstable",
                             "what it touches depends on the list that it is given");
}

static json_t *make(struct ht_eth_running *running) {
    const struct ht_transaction tx = {.access_list = running->list,
                                      .access_count = running->list_count};
    enum ht_evm_status status = running->outcome.result.status;
    struct ht_rpc_object object;
    ht_rpc_begin(&object);
    ht_tx_put_field(&object, &tx, HT_TX_ACCESS_LIST_FIELD);
    if (status != HT_EVM_SUCCESS) {
        ht_rpc_put(&object, "error", json_string(ht_evm_status_text(status)));
    }
    ht_rpc_put_u64(&object, "gasUsed", running->outcome.gas_used);
    return ht_rpc_end(&object);
}

void ht_eth_create_access_list(void *self, struct ht_rpc_call *call, const json_t *params) {
    ht_eth_run_start(self, call, params, HT_ETH_RUN_ACCESS_LIST, work, make);
}
