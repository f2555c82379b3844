/* CALL and its like, CREATE and CREATE2: operands, gas, and the message they make. */
#include "node/evm/vm_call.h"

#include "node/evm/vm_enter.h"

/* EIP-7702, one step: the code that is found is run even if it is such an indicator itself. */
static enum ht_vm_step follow_delegation(struct ht_evm *vm, struct ht_vm_frame *f, uint64_t *gas) {
    ht_addr20 address;
    ht_bytes code = {f->code->bytes, f->code->n};
    if (!vm->rules->has_delegation || !ht_evm_code_delegate(&address, code)) return HT_VM_NEXT;
    struct ht_evm_object *object;
    bool was_warm;
    enum ht_vm_step step = ht_vm_find_warm(vm, &object, &was_warm, &address);
    if (step != HT_VM_NEXT) return step;
    *gas += was_warm ? HT_GAS_WARM : HT_GAS_COLD_ACCOUNT;
    f->message.code = address;
    enum ht_err err = ht_evm_world_code(&f->code, vm->world, object, vm->why);
    return err == HT_OK ? HT_VM_NEXT : ht_vm_error(vm, err);
}

static unsigned precompile_at(const struct ht_evm *vm, const ht_addr20 *address) {
    for (size_t i = 0; i < vm->place_count; i++) {
        const struct ht_evm_precompile_place *place = &vm->places[i];
        if (memcmp(place->address.b, address->b, sizeof address->b) == 0) return place->number;
    }
    return ht_precompile_at(vm->rules, address);
}

enum ht_vm_step ht_vm_find_code(struct ht_evm *vm, struct ht_vm_frame *f,
                                struct ht_evm_object **object, uint64_t *gas) {
    *object = NULL;
    f->precompile = precompile_at(vm, &f->message.code);
    if (f->precompile != 0 && vm->place_count == 0) return HT_VM_NEXT;
    bool was_warm;
    enum ht_vm_step step = ht_vm_find_warm(vm, object, &was_warm, &f->message.code);
    if (step != HT_VM_NEXT) return step;
    if (!was_warm) *gas += HT_GAS_COLD_ACCOUNT - HT_GAS_WARM;
    if (f->precompile != 0) {
        *object = NULL;
        return HT_VM_NEXT;
    }
    enum ht_err err = ht_evm_world_code(&f->code, vm->world, *object, vm->why);
    if (err != HT_OK) return ht_vm_error(vm, err);
    return f->code->n == 0 ? HT_VM_NEXT : follow_delegation(vm, f, gas);
}

/* All but a 64th of what is there (EIP-150). The frame is suspended. */
static uint64_t most_of(const struct ht_vm_frame *f) {
    return f->reserve - f->reserve / 64;
}

/* Starts the message above f, whose gas is f's, and sees to an answer that is there at once. The
 * stipend is nobody's until then. */
static enum ht_vm_step start(struct ht_evm *vm, struct ht_vm_frame *f, bool is_creation) {
    struct ht_evm_result now;
    uint64_t gas = f[1].message.gas;
    enum ht_vm_step step = is_creation ? ht_vm_begin_creation(vm, &now, f + 1, f->self, true)
                                       : ht_vm_begin_call(vm, &now, f + 1, f->self);
    if (step != HT_VM_NEXT) return step;
    if (gas > now.gas_left) ht_vm_count(vm, gas - now.gas_left);
    ht_vm_deliver(vm, f, &now);
    return HT_VM_FRAME;
}

/* --- calls ------------------------------------------------------------------------------------*/

/* The words from input on: where and how long, input and output. */
static enum ht_vm_step reach_both(struct ht_evm *vm, struct ht_vm_frame *f, const ht_u256 *sp) {
    enum ht_vm_step step = ht_vm_reach(vm, f, sp, sp - 1);
    if (step == HT_VM_NEXT) step = ht_vm_reach(vm, f, sp - 2, sp - 3);
    if (step != HT_VM_NEXT) return step;
    f->return_at = sp[-2].limb[0];
    f->return_n = sp[-3].limb[0];
    return HT_VM_NEXT;
}

/* Who calls whom as whom. */
static void address_message(struct ht_evm_message *message, const struct ht_vm_frame *f,
                            enum ht_evm_kind kind, const ht_addr20 *callee, const ht_u256 *value) {
    bool is_own = kind == HT_EVM_CALLCODE || kind == HT_EVM_DELEGATECALL;
    message->kind = kind;
    message->sender = kind == HT_EVM_DELEGATECALL ? f->message.sender : f->message.to;
    message->to = is_own ? f->message.to : *callee;
    message->code = *callee;
    message->value = *value;
    message->is_static = f->message.is_static || kind == HT_EVM_STATICCALL;
}

/* Finds self and code of the message, pays for the account and for what is sent. */
static enum ht_vm_step prepare(struct ht_evm *vm, struct ht_vm_frame *f) {
    struct ht_vm_frame *callee = f + 1;
    const struct ht_evm_message *message = &callee->message;
    bool sends = (message->kind == HT_EVM_CALL || message->kind == HT_EVM_CALLCODE) &&
                 !ht_u256_is_zero(&message->value);
    uint64_t gas = sends ? HT_GAS_CALL_VALUE : 0;
    struct ht_evm_object *object;
    enum ht_vm_step step = ht_vm_find_code(vm, callee, &object, &gas);
    if (step != HT_VM_NEXT) return step;
    callee->self = object;
    if (message->kind == HT_EVM_CALLCODE || message->kind == HT_EVM_DELEGATECALL) {
        callee->self = f->self;
    } else if (sends && object == NULL) {
        enum ht_err err = ht_evm_world_find(&callee->self, vm->world, &message->to, vm->why);
        if (err != HT_OK) return ht_vm_error(vm, err);
    }
    bool may_make = sends && message->kind == HT_EVM_CALL;
    if (may_make && ht_evm_object_is_empty(callee->self)) gas += HT_GAS_NEW_ACCOUNT;
    return ht_vm_charge(vm, f, gas);
}

static enum ht_vm_step call_with(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp,
                                 enum ht_evm_kind kind) {
    bool has_value = kind == HT_EVM_CALL || kind == HT_EVM_CALLCODE;
    const ht_u256 nothing = ht_u256_of(0);
    const ht_u256 *value = has_value                     ? sp - 2
                           : kind == HT_EVM_DELEGATECALL ? &f->message.value
                                                         : &nothing;
    ht_u256 *words = sp - (has_value ? 3 : 2);
    bool sends = has_value && !ht_u256_is_zero(value);
    if (sends && kind == HT_EVM_CALL && f->message.is_static) {
        return ht_vm_halt(vm, HT_EVM_STATIC_WRITE);
    }
    enum ht_vm_step step = reach_both(vm, f, words);
    if (step != HT_VM_NEXT) return step;
    struct ht_evm_message *message = &f[1].message;
    ht_addr20 callee = ht_vm_address(sp - 1);
    address_message(message, f, kind, &callee, value);
    message->input = ht_vm_view(f, words, words - 1);
    step = prepare(vm, f);
    if (step != HT_VM_NEXT) return step;
    ht_vm_suspend(vm, f);
    uint64_t gas = most_of(f);
    if (ht_u256_is_u64(sp) && sp->limb[0] < gas) gas = sp->limb[0];
    f->reserve -= gas;
    message->gas = gas + (sends ? HT_GAS_CALL_STIPEND : 0);
    f->sp = words - 3;
    return start(vm, f, false);
}

enum ht_vm_step ht_vm_call(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return call_with(vm, f, sp, HT_EVM_CALL);
}

enum ht_vm_step ht_vm_callcode(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return call_with(vm, f, sp, HT_EVM_CALLCODE);
}

enum ht_vm_step ht_vm_delegatecall(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return call_with(vm, f, sp, HT_EVM_DELEGATECALL);
}

enum ht_vm_step ht_vm_staticcall(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return call_with(vm, f, sp, HT_EVM_STATICCALL);
}

/* --- creations --------------------------------------------------------------------------------*/

static enum ht_vm_step create_with(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp,
                                   enum ht_evm_kind kind) {
    const struct ht_evm_rules *rules = vm->rules;
    enum ht_vm_step step = ht_vm_reach(vm, f, sp - 1, sp - 2);
    if (step != HT_VM_NEXT) return step;
    uint64_t n = sp[-2].limb[0];
    if (rules->init_code_max > 0 && n > rules->init_code_max) {
        return ht_vm_halt(vm, HT_EVM_OUT_OF_GAS);
    }
    uint64_t word_gas =
        rules->init_code_word_gas + (kind == HT_EVM_CREATE2 ? HT_GAS_KECCAK_WORD : 0);
    step = ht_vm_charge_words(vm, f, n, word_gas);
    if (step != HT_VM_NEXT) return step;
    ht_vm_suspend(vm, f);
    struct ht_evm_message *message = &f[1].message;
    *message = (struct ht_evm_message){.kind = kind,
                                       .sender = f->message.to,
                                       .value = *sp,
                                       .gas = most_of(f),
                                       .input = ht_vm_view(f, sp - 1, sp - 2)};
    if (kind == HT_EVM_CREATE2) ht_word_store(message->salt.b, sp - 3);
    f->reserve -= message->gas;
    f->sp = sp - (kind == HT_EVM_CREATE2 ? 3 : 2);
    return start(vm, f, true);
}

enum ht_vm_step ht_vm_create(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return create_with(vm, f, sp, HT_EVM_CREATE);
}

enum ht_vm_step ht_vm_create2(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return create_with(vm, f, sp, HT_EVM_CREATE2);
}
