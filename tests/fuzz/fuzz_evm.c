/* Fuzzes the machine: the first byte chooses the fork, the second how the code is run, the rest is
 * code. Whatever it is, the run ends, gas does not grow, and the world can be taken back to where
 * it was. */
#include "node/crypto/keccak.h"
#include "node/evm/code.h"
#include "node/evm/vm.h"

#define GAS 400000U
#define WEI 1000000U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum ht_err no_account(void *user, struct ht_evm_account *out, const ht_addr20 *address,
                              struct ht_why *why) {
    (void)user, (void)address, (void)why;
    *out = (struct ht_evm_account){0};
    ht_keccak256(&out->code_hash, (ht_bytes){NULL, 0});
    return HT_OK;
}

/* Some slots hold something, so that they can be cleared. */
static enum ht_err a_slot(void *user, ht_u256 *out, const ht_addr20 *address, const ht_u256 *slot,
                          struct ht_why *why) {
    (void)user, (void)address, (void)why;
    *out = ht_u256_of(slot->limb[0] % 3);
    return HT_OK;
}

static enum ht_err no_code(void *user, ht_bytes *out, const ht_addr20 *address,
                           const ht_hash32 *code_hash, struct ht_why *why) {
    (void)user, (void)address, (void)code_hash, (void)why;
    *out = (ht_bytes){NULL, 0};
    return HT_OK;
}

static enum ht_err a_block_hash(void *user, ht_hash32 *out, uint64_t number, struct ht_why *why) {
    (void)user, (void)number, (void)why;
    *out = (ht_hash32){{1}};
    return HT_OK;
}

static struct ht_evm_object *put(struct ht_evm_world *world, const ht_addr20 *address,
                                 ht_bytes code) {
    struct ht_evm_object *object = NULL;
    struct ht_evm_account account = {.exists = true, .balance = ht_u256_of(WEI)};
    ht_keccak256(&account.code_hash, code);
    ht_assert(ht_evm_world_find(&object, world, address, NULL) == HT_OK);
    ht_assert(ht_evm_world_override(world, object, &account, &code) == HT_OK);
    return object;
}

static void run(struct ht_evm *evm, struct ht_evm_world *world, uint8_t how, ht_bytes code) {
    const ht_addr20 sender = {{0x22}};
    const ht_addr20 contract = {{0}}; /* short to push: a call to 0 comes back here */
    struct ht_evm_object *from = put(world, &sender, (ht_bytes){NULL, 0});
    struct ht_evm_object *to = put(world, &contract, code);
    struct ht_evm_message message = {.kind = (how & 1) != 0 ? HT_EVM_CREATE : HT_EVM_CALL,
                                     .sender = sender,
                                     .to = contract,
                                     .code = contract,
                                     .is_static = (how & 3) == 2,
                                     .gas = GAS,
                                     .input = code};
    struct ht_evm_result result = {0};
    struct ht_why why = {0};
    ht_evm_world_begin(world);
    size_t mark = ht_evm_world_mark(world);
    enum ht_err err = ht_evm_run(evm, &result, &message, &why);
    if (err == HT_OK) {
        ht_assert(result.gas_left <= GAS);
        bool gives_back = result.status == HT_EVM_SUCCESS || result.status == HT_EVM_REVERT;
        ht_assert(gives_back || (result.gas_left == 0 && result.output.n == 0));
    } else {
        ht_assert(err == HT_ELIMIT && why.code != NULL);
    }
    ht_evm_world_revert(world, mark);
    size_t logs = 0;
    (void)ht_evm_world_logs(world, &logs);
    ht_assert(logs == 0 && ht_evm_world_refunded(world) == 0);
    ht_assert(from->account.balance.limb[0] == WEI && to->account.balance.limb[0] == WEI);
    ht_assert(to->account.nonce == 0 && from->account.nonce == 0);
    for (const struct ht_evm_slot *slot = to->all_slots; slot != NULL; slot = slot->next) {
        ht_assert(ht_u256_equal(&slot->value, &slot->first) && !slot->is_warm);
    }
    ht_assert(ht_evm_world_end(world) == HT_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct ht_evm *evm;
    if (size < 2) return 0;
    if (evm == NULL) ht_assert(ht_evm_new(&evm) == HT_OK);
    struct ht_evm_world *world = NULL;
    const struct ht_evm_source source = {no_account, a_slot, no_code, a_block_hash, NULL};
    const struct ht_evm_block block = {.number = 300, .gas_limit = GAS, .chain_id = 1};
    const struct ht_evm_origin origin = {{{0x22}}, ht_u256_of(1), NULL, 0};
    const struct ht_evm_limits limits = {.memory_max = 1 << 20};
    ht_assert(ht_evm_world_new(&world, &source, 64 << 20) == HT_OK);
    enum ht_evm_fork fork = (enum ht_evm_fork)(data[0] % HT_EVM_FORK_COUNT);
    ht_evm_set(evm, ht_evm_rules_of(fork), world, &block, &origin, NULL, &limits);
    run(evm, world, data[1], ht_bytes_of(data + 2, size - 2));
    ht_evm_world_free(world);
    return 0;
}
