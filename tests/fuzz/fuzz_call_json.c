/* Call objects, overrides of accounts and of blocks from any JSON.
 *
 * A call that is accepted must come back from its own object as the same call, and its transaction
 * must be one whose gas can be counted; overrides that are accepted must go into a world and give
 * places for precompiles, or say why not. A revert's data is read, too: its words must be text. */
#include <stdlib.h>

#include "node/codec/transaction_rules.h"
#include "node/l1/execution/call_json.h"
#include "node/l1/execution/revert.h"

#define ARENA_MAX ((size_t)4 << 20)
#define WORLD_MAX ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void run_call(struct ht_arena *arena, const json_t *value) {
    struct ht_call call, back;
    struct ht_tx_gas gas;
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_call_read(&call, arena, value, &why);
    must(err == HT_OK || why.code != NULL);
    if (err != HT_OK) return;
    json_t *object = ht_call_to_json(&call);
    must(object != NULL);
    err = ht_call_read(&back, arena, object, &why);
    must(err == HT_OK || err == HT_ELIMIT);
    if (err == HT_OK) {
        json_t *again = ht_call_to_json(&back);
        must(json_equal(object, again));
        json_decref(again);
    }
    json_decref(object);
    ht_tx_gas_of(&gas, &call.tx, ht_evm_rules_of(HT_EVM_OSAKA)->tx);
    must(gas.intrinsic >= 21000);
}

static enum ht_err no_account(void *user, struct ht_evm_account *out, const ht_addr20 *address,
                              struct ht_why *why) {
    (void)user, (void)address, (void)why;
    *out = (struct ht_evm_account){.code_hash = ht_evm_no_code_hash};
    return HT_OK;
}

static void run_overrides(struct ht_arena *arena, const json_t *value) {
    const struct ht_evm_source source = {.account = no_account};
    const struct ht_evm_precompile_place *places = NULL;
    size_t count = 0;
    struct ht_overrides overrides;
    struct ht_evm_world *world = NULL;
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_overrides_read(&overrides, arena, value, &why);
    must(err == HT_OK || why.code != NULL);
    if (err != HT_OK) return;
    must(overrides.count <= HT_OVERRIDE_ACCOUNTS_MAX);
    err = ht_overrides_precompiles(&places, &count, arena, &overrides,
                                   ht_evm_rules_of(HT_EVM_OSAKA), &why);
    must(err == HT_OK || why.code != NULL);
    must(err != HT_OK || count <= 2 * overrides.count);
    must(ht_evm_world_new(&world, &source, WORLD_MAX) == HT_OK);
    err = ht_overrides_apply(world, &overrides, &why);
    must(err == HT_OK || err == HT_ELIMIT);
    ht_evm_world_free(world);
}

static void run_block(const json_t *value) {
    struct ht_block_override override;
    struct ht_evm_block block = {.number = 1};
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_block_override_read(&override, value, &why);
    must(err == HT_OK || why.code != NULL);
    if (err != HT_OK) return;
    ht_block_override_apply(&block, &override);
    must(block.number == (override.has_number ? override.number : 1));
}

static void run_revert(ht_bytes data) {
    char reason[HT_REVERT_REASON_MAX + 1];
    size_t n = ht_revert_reason(reason, data);
    must(n <= HT_REVERT_REASON_MAX && reason[n] == '\0');
    json_t *text = json_stringn(reason, n);
    must(text != NULL);
    json_decref(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_arena arena;
    json_t *value = NULL;
    run_revert(ht_bytes_of(data, n));
    if (ht_json_parse(&value, ht_bytes_of(data, n), n, NULL) != HT_OK) return 0;
    ht_arena_init(&arena, ARENA_MAX);
    run_call(&arena, value);
    run_overrides(&arena, value);
    run_block(value);
    ht_arena_fini(&arena);
    json_decref(value);
    return 0;
}
