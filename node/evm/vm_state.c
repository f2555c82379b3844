/* Accounts, storage, logs and SELFDESTRUCT. */
#include "node/evm/vm_state.h"

#include "node/evm/vm_enter.h"

#define BLOCK_HASHES 256U

/* The account that a word names. The table's gas is a warm one's; a cold one's rest is charged. */
static enum ht_vm_step reach_account(struct ht_evm *vm, struct ht_vm_frame *f,
                                     struct ht_evm_object **out, const ht_u256 *word) {
    ht_addr20 address = ht_vm_address(word);
    bool was_warm;
    enum ht_vm_step step = ht_vm_find_warm(vm, out, &was_warm, &address);
    if (step != HT_VM_NEXT || was_warm) return step;
    return ht_vm_charge(vm, f, HT_GAS_COLD_ACCOUNT - HT_GAS_WARM);
}

/* The same and its code. */
static enum ht_vm_step reach_code(struct ht_evm *vm, struct ht_vm_frame *f,
                                  const struct ht_evm_code **out, const ht_u256 *word) {
    struct ht_evm_object *object;
    enum ht_vm_step step = reach_account(vm, f, &object, word);
    if (step != HT_VM_NEXT) return step;
    enum ht_err err = ht_evm_world_code(out, vm->world, object, vm->why);
    return err == HT_OK ? HT_VM_NEXT : ht_vm_error(vm, err);
}

enum ht_vm_step ht_vm_balance(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    struct ht_evm_object *object;
    enum ht_vm_step step = reach_account(vm, f, &object, sp);
    if (step == HT_VM_NEXT) *sp = object->account.balance;
    return step;
}

enum ht_vm_step ht_vm_extcodesize(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    const struct ht_evm_code *code;
    enum ht_vm_step step = reach_code(vm, f, &code, sp);
    if (step == HT_VM_NEXT) *sp = ht_u256_of(code->n);
    return step;
}

enum ht_vm_step ht_vm_extcodecopy(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    const struct ht_evm_code *code;
    enum ht_vm_step step = reach_code(vm, f, &code, sp);
    if (step != HT_VM_NEXT) return step;
    return ht_vm_copy(vm, f, sp - 1, ht_bytes_of(code->bytes, code->n), sp - 2, sp - 3);
}

enum ht_vm_step ht_vm_extcodehash(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    struct ht_evm_object *object;
    enum ht_vm_step step = reach_account(vm, f, &object, sp);
    if (step != HT_VM_NEXT) return step;
    ht_word_load(sp, object->account.code_hash.b);
    if (ht_evm_object_is_empty(object)) *sp = ht_u256_of(0);
    return HT_VM_NEXT;
}

enum ht_vm_step ht_vm_blockhash(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    (void)f;
    uint64_t number = sp->limb[0];
    uint64_t now = vm->block.number;
    if (!ht_u256_is_u64(sp) || number >= now || now - number > BLOCK_HASHES) {
        *sp = ht_u256_of(0);
        return HT_VM_NEXT;
    }
    ht_hash32 hash;
    enum ht_err err = ht_evm_world_block_hash(&hash, vm->world, number, vm->why);
    if (err != HT_OK) return ht_vm_error(vm, err);
    ht_word_load(sp, hash.b);
    return HT_VM_NEXT;
}

/* --- storage ----------------------------------------------------------------------------------*/

static enum ht_vm_step find_warm_slot(struct ht_evm *vm, const struct ht_vm_frame *f,
                                      struct ht_evm_slot **out, bool *was_warm,
                                      const ht_u256 *key) {
    enum ht_err err = ht_evm_world_slot(out, vm->world, f->self, key, vm->why);
    if (err != HT_OK) return ht_vm_error(vm, err);
    *was_warm = (*out)->is_warm;
    return *was_warm ? HT_VM_NEXT
                     : ht_vm_wrote(vm, ht_evm_world_warm_slot(was_warm, vm->world, *out));
}

enum ht_vm_step ht_vm_sload(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    struct ht_evm_slot *slot;
    bool was_warm;
    enum ht_vm_step step = find_warm_slot(vm, f, &slot, &was_warm, sp);
    if (step == HT_VM_NEXT && !was_warm) {
        step = ht_vm_charge(vm, f, HT_GAS_COLD_SLOT - HT_GAS_WARM);
    }
    if (step == HT_VM_NEXT) *sp = slot->value;
    return step;
}

/* EIP-2200 with the numbers of EIP-2929: what it costs beside the slot's access. */
static uint64_t store_gas(const struct ht_evm_slot *slot, const ht_u256 *value) {
    if (!ht_word_equal(&slot->original, &slot->value) || ht_word_equal(&slot->value, value)) {
        return HT_GAS_WARM;
    }
    return ht_u256_is_zero(&slot->original) ? HT_GAS_SSTORE_SET : HT_GAS_SSTORE_RESET;
}

static int64_t store_refund(const struct ht_evm_rules *rules, const struct ht_evm_slot *slot,
                            const ht_u256 *value) {
    bool was_set = !ht_u256_is_zero(&slot->original);
    int64_t refund = 0;
    if (ht_word_equal(&slot->value, value)) return 0;
    if (was_set && ht_u256_is_zero(&slot->value)) refund -= rules->sstore_clear_refund;
    if (was_set && ht_u256_is_zero(value)) refund += rules->sstore_clear_refund;
    if (ht_word_equal(&slot->original, value)) {
        refund += (was_set ? HT_GAS_SSTORE_RESET : HT_GAS_SSTORE_SET) - HT_GAS_WARM;
    }
    return refund;
}

enum ht_vm_step ht_vm_sstore(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    if ((uint64_t)f->gas + f->reserve <= HT_GAS_SSTORE_SENTRY) {
        return ht_vm_halt(vm, HT_EVM_OUT_OF_GAS);
    }
    struct ht_evm_slot *slot;
    bool was_warm;
    const ht_u256 *value = sp - 1;
    enum ht_vm_step step = find_warm_slot(vm, f, &slot, &was_warm, sp);
    if (step != HT_VM_NEXT) return step;
    step = ht_vm_charge(vm, f, store_gas(slot, value) + (was_warm ? 0 : HT_GAS_COLD_SLOT));
    if (step != HT_VM_NEXT) return step;
    int64_t refund = store_refund(vm->rules, slot, value);
    if (refund != 0) step = ht_vm_wrote(vm, ht_evm_world_refund(vm->world, refund));
    if (step != HT_VM_NEXT || ht_word_equal(&slot->value, value)) return step;
    return ht_vm_wrote(vm, ht_evm_world_set_slot(vm->world, f->self, slot, value));
}

enum ht_vm_step ht_vm_tload(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    ht_u256 key = *sp;
    ht_evm_world_transient(sp, vm->world, &f->message.to, &key);
    return HT_VM_NEXT;
}

enum ht_vm_step ht_vm_tstore(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return ht_vm_wrote(vm, ht_evm_world_set_transient(vm->world, &f->message.to, sp, sp - 1));
}

/* --- logs -------------------------------------------------------------------------------------*/

static enum ht_vm_step log_with(struct ht_evm *vm, struct ht_vm_frame *f, const ht_u256 *sp,
                                size_t topic_count) {
    enum ht_vm_step step = ht_vm_reach(vm, f, sp, sp - 1);
    if (step != HT_VM_NEXT) return step;
    step = ht_vm_charge(vm, f, HT_GAS_LOG_BYTE * sp[-1].limb[0]);
    if (step != HT_VM_NEXT) return step;
    struct ht_evm_log log = {
        .address = f->message.to, .topic_count = topic_count, .data = ht_vm_view(f, sp, sp - 1)};
    for (size_t i = 0; i < topic_count; i++) ht_word_store(log.topics[i].b, sp - 2 - i);
    if (vm->observer.log != NULL) {
        vm->observer.log(vm->observer.user, (unsigned)(f - vm->frames), &log);
    }
    return ht_vm_wrote(
        vm, ht_evm_world_log(vm->world, &log.address, log.topics, topic_count, log.data));
}

enum ht_vm_step ht_vm_log0(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return log_with(vm, f, sp, 0);
}

enum ht_vm_step ht_vm_log1(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return log_with(vm, f, sp, 1);
}

enum ht_vm_step ht_vm_log2(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return log_with(vm, f, sp, 2);
}

enum ht_vm_step ht_vm_log3(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return log_with(vm, f, sp, 3);
}

enum ht_vm_step ht_vm_log4(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return log_with(vm, f, sp, 4);
}

/* --- SELFDESTRUCT -----------------------------------------------------------------------------*/

/* Moves all wei; to itself they are gone if the account is. */
static enum ht_vm_step move_everything(struct ht_evm *vm, const struct ht_vm_frame *f,
                                       struct ht_evm_object *to, bool is_gone) {
    struct ht_evm_object *self = f->self;
    ht_u256 wei = self->account.balance;
    enum ht_vm_step step = HT_VM_NEXT;
    if (to != self) {
        ht_u256 balance;
        ht_word_add(&balance, &to->account.balance, &wei);
        step = ht_vm_wrote(vm, ht_evm_world_set_balance(vm->world, to, &balance));
    }
    if (step == HT_VM_NEXT && (to != self || is_gone)) {
        ht_u256 nothing = ht_u256_of(0);
        step = ht_vm_wrote(vm, ht_evm_world_set_balance(vm->world, self, &nothing));
    }
    if (vm->observer.destroy != NULL && step == HT_VM_NEXT) {
        vm->observer.destroy(vm->observer.user, (unsigned)(f - vm->frames), &self->address,
                             &to->address, &wei);
    }
    return step;
}

static enum ht_vm_step destroy(struct ht_evm *vm, struct ht_evm_object *self) {
    enum ht_vm_step step = HT_VM_NEXT;
    if (!self->is_destroyed && vm->rules->selfdestruct_refund > 0) {
        step = ht_vm_wrote(vm, ht_evm_world_refund(vm->world, vm->rules->selfdestruct_refund));
    }
    if (step == HT_VM_NEXT) step = ht_vm_wrote(vm, ht_evm_world_destroy(vm->world, self));
    return step;
}

enum ht_vm_step ht_vm_selfdestruct(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    ht_addr20 address = ht_vm_address(sp);
    struct ht_evm_object *to;
    bool was_warm;
    enum ht_vm_step step = ht_vm_find_warm(vm, &to, &was_warm, &address);
    if (step != HT_VM_NEXT) return step;
    bool makes_account = ht_evm_object_is_empty(to) && !ht_u256_is_zero(&f->self->account.balance);
    step = ht_vm_charge(
        vm, f, (was_warm ? 0 : HT_GAS_COLD_ACCOUNT) + (makes_account ? HT_GAS_NEW_ACCOUNT : 0));
    if (step != HT_VM_NEXT) return step;
    bool is_gone = !vm->rules->has_selfdestruct_only_new || f->self->is_created;
    if (ht_evm_object_is_empty(to)) {
        step = ht_vm_wrote(vm, ht_evm_world_touch(vm->world, to));
    }
    if (step == HT_VM_NEXT) step = move_everything(vm, f, to, is_gone);
    if (step == HT_VM_NEXT && is_gone) step = destroy(vm, f->self);
    return step == HT_VM_NEXT ? ht_vm_halt(vm, HT_EVM_SUCCESS) : step;
}
