/* How messages begin and end: refusals, value, precompiles, new frames, deposits of code. */
#include "node/evm/vm_enter.h"

#include "node/crypto/keccak.h"

static unsigned depth_of(const struct ht_evm *vm, const struct ht_vm_frame *f) {
    return (unsigned)(f - vm->frames);
}

static bool is_creation(const struct ht_vm_frame *f) {
    return f->message.kind == HT_EVM_CREATE || f->message.kind == HT_EVM_CREATE2;
}

static void tell_enter(const struct ht_evm *vm, const struct ht_vm_frame *f) {
    if (vm->observer.enter != NULL) {
        vm->observer.enter(vm->observer.user, depth_of(vm, f), &f->message);
    }
}

/* What a message came to, told and, when it failed after it began, taken back. */
static void conclude(struct ht_evm *vm, struct ht_evm_result *out, const struct ht_vm_frame *f,
                     enum ht_evm_status status, uint64_t gas_left) {
    out->status = status;
    out->gas_left = gas_left;
    out->output = vm->output;
    out->created = is_creation(f) ? f->message.to : (ht_addr20){{0}};
    if (status != HT_EVM_SUCCESS) ht_evm_world_revert(vm->world, f->mark);
    if (vm->observer.leave != NULL) {
        uint64_t gas = f->message.gas;
        vm->observer.leave(vm->observer.user, depth_of(vm, f), out,
                           gas > gas_left ? gas - gas_left : 0);
    }
}

/* Over before anything ran. */
static enum ht_vm_step conclude_now(struct ht_evm *vm, struct ht_evm_result *now,
                                    const struct ht_vm_frame *f, enum ht_evm_status status,
                                    uint64_t gas_left) {
    vm->output = (ht_bytes){NULL, 0};
    conclude(vm, now, f, status, gas_left);
    return HT_VM_NEXT;
}

static enum ht_vm_step transfer(struct ht_evm *vm, struct ht_evm_object *from,
                                struct ht_evm_object *to, const ht_u256 *wei) {
    ht_u256 balance;
    ht_word_sub(&balance, &from->account.balance, wei);
    enum ht_vm_step step = ht_vm_wrote(vm, ht_evm_world_set_balance(vm->world, from, &balance));
    if (step != HT_VM_NEXT) return step;
    /* Read only now: both may be the same account. */
    ht_word_add(&balance, &to->account.balance, wei);
    return ht_vm_wrote(vm, ht_evm_world_set_balance(vm->world, to, &balance));
}

static enum ht_vm_step run_precompile(struct ht_evm *vm, struct ht_evm_result *now,
                                      const struct ht_vm_frame *f) {
    uint64_t gas = ht_precompile_gas(vm->rules, f->precompile, f->message.input);
    if (gas > f->message.gas) return conclude_now(vm, now, f, HT_EVM_OUT_OF_GAS, 0);
    enum ht_err err = ht_precompile_run(&vm->precompile_output, vm->rules, f->precompile,
                                        f->message.input, vm->why);
    if (err == HT_EINPUT) return conclude_now(vm, now, f, HT_EVM_PRECOMPILE_FAILED, 0);
    if (err == HT_ELIMIT) {
        return ht_vm_error(vm, ht_fail(vm->why, err, "evm_memory",
                                       "a precompile's output is over the machine's memory"));
    }
    if (err != HT_OK) return ht_vm_error(vm, err);
    vm->output = ht_buf_view(&vm->precompile_output);
    conclude(vm, now, f, HT_EVM_SUCCESS, f->message.gas - gas);
    return HT_VM_NEXT;
}

/* f becomes the frame that runs. Its sender's sp, if there is one, is where the outcome goes, so
 * that the stack above is free. */
static enum ht_vm_step push(struct ht_evm *vm, struct ht_vm_frame *f) {
    f->base = f == vm->frames ? vm->stack + 1 : f[-1].sp + 1;
    f->sp = f->base - 1;
    f->input = is_creation(f) ? (ht_bytes){NULL, 0} : f->message.input;
    f->pc = f->code->bytes;
    f->gas = 0;
    f->reserve = f->message.gas;
    f->memory_n = 0;
    vm->return_data = (ht_bytes){NULL, 0};
    vm->frame = f;
    ht_vm_resume(vm, f);
    return HT_VM_FRAME;
}

static bool is_beyond(const struct ht_evm_object *sender, const ht_u256 *wei) {
    return !ht_u256_is_zero(wei) && ht_word_less(&sender->account.balance, wei);
}

enum ht_vm_step ht_vm_begin_call(struct ht_evm *vm, struct ht_evm_result *now,
                                 struct ht_vm_frame *f, struct ht_evm_object *sender) {
    const struct ht_evm_message *message = &f->message;
    bool sends = message->kind == HT_EVM_CALL || message->kind == HT_EVM_CALLCODE;
    tell_enter(vm, f);
    f->own_code = NULL;
    f->mark = ht_evm_world_mark(vm->world);
    if (depth_of(vm, f) > HT_EVM_DEPTH_MAX) {
        return conclude_now(vm, now, f, HT_EVM_TOO_DEEP, message->gas);
    }
    if (sends && is_beyond(sender, &message->value)) {
        return conclude_now(vm, now, f, HT_EVM_BALANCE_TOO_LOW, message->gas);
    }
    enum ht_vm_step step = HT_VM_NEXT;
    if (message->kind == HT_EVM_CALL && !ht_u256_is_zero(&message->value)) {
        step = transfer(vm, sender, f->self, &message->value);
    } else if (f->self != NULL && ht_evm_object_is_empty(f->self)) {
        step = ht_vm_wrote(vm, ht_evm_world_touch(vm->world, f->self));
    }
    if (step != HT_VM_NEXT) return step;
    if (f->precompile != 0) return run_precompile(vm, now, f);
    if (f->code->n == 0) return conclude_now(vm, now, f, HT_EVM_SUCCESS, message->gas);
    return push(vm, f);
}

static enum ht_evm_status refusal_of(const struct ht_evm *vm, const struct ht_vm_frame *f,
                                     const struct ht_evm_object *sender, bool counts_nonce) {
    if (depth_of(vm, f) > HT_EVM_DEPTH_MAX) return HT_EVM_TOO_DEEP;
    if (is_beyond(sender, &f->message.value)) return HT_EVM_BALANCE_TOO_LOW;
    if (counts_nonce && sender->account.nonce == UINT64_MAX) return HT_EVM_NONCE_OVERFLOW;
    return HT_EVM_SUCCESS;
}

static void set_created_address(struct ht_evm_message *message, uint64_t nonce) {
    if (message->kind == HT_EVM_CREATE) {
        ht_evm_create_address(&message->to, &message->sender, nonce);
    } else {
        ht_hash32 init_code_hash;
        ht_keccak256(&init_code_hash, message->input);
        ht_evm_create2_address(&message->to, &message->sender, &message->salt, &init_code_hash);
    }
    message->code = message->to;
}

/* The new account: nonce 1 (EIP-161) and the value. */
static enum ht_vm_step make_account(struct ht_evm *vm, struct ht_vm_frame *f,
                                    struct ht_evm_object *sender) {
    enum ht_vm_step step = ht_vm_wrote(vm, ht_evm_world_create(vm->world, f->self));
    if (step == HT_VM_NEXT) {
        step = ht_vm_wrote(vm, ht_evm_world_set_nonce(vm->world, f->self, 1));
    }
    if (step == HT_VM_NEXT && !ht_u256_is_zero(&f->message.value)) {
        step = transfer(vm, sender, f->self, &f->message.value);
    }
    if (step != HT_VM_NEXT) return step;
    enum ht_err err = ht_evm_code_new(&f->own_code, NULL, f->message.input);
    if (err != HT_OK) {
        return ht_vm_error(vm, ht_fail(vm->why, err, "evm_no_memory", "no memory for init code"));
    }
    f->code = f->own_code;
    return push(vm, f);
}

enum ht_vm_step ht_vm_begin_creation(struct ht_evm *vm, struct ht_evm_result *now,
                                     struct ht_vm_frame *f, struct ht_evm_object *sender,
                                     bool counts_nonce) {
    struct ht_evm_message *message = &f->message;
    uint64_t nonce = sender->account.nonce;
    set_created_address(message, counts_nonce ? nonce : nonce - 1);
    tell_enter(vm, f);
    f->own_code = NULL;
    f->precompile = 0;
    f->mark = ht_evm_world_mark(vm->world);
    enum ht_evm_status refusal = refusal_of(vm, f, sender, counts_nonce);
    if (refusal != HT_EVM_SUCCESS) return conclude_now(vm, now, f, refusal, message->gas);
    enum ht_vm_step step = HT_VM_NEXT;
    if (counts_nonce) {
        step = ht_vm_wrote(vm, ht_evm_world_set_nonce(vm->world, sender, nonce + 1));
    }
    bool was_warm;
    if (step == HT_VM_NEXT) step = ht_vm_find_warm(vm, &f->self, &was_warm, &message->to);
    if (step != HT_VM_NEXT) return step;
    /* Nonce and warmth stay when the creation fails. */
    f->mark = ht_evm_world_mark(vm->world);
    if (ht_evm_object_collides(f->self)) return conclude_now(vm, now, f, HT_EVM_COLLISION, 0);
    return make_account(vm, f, sender);
}

/* --- the end ----------------------------------------------------------------------------------*/

/* The code that a creation returned becomes the account's (EIP-170, 3541). */
static enum ht_vm_step deposit(struct ht_evm *vm, struct ht_vm_frame *f) {
    uint64_t gas = HT_GAS_CODE_BYTE * (uint64_t)vm->output.n;
    bool is_refused = vm->output.n > vm->rules->code_max ||
                      (vm->rules->refuses_ef_code && vm->output.n > 0 && vm->output.p[0] == 0xef);
    if (is_refused || gas > f->reserve) {
        (void)ht_vm_halt(vm, is_refused ? HT_EVM_CODE_REFUSED : HT_EVM_OUT_OF_GAS);
        return HT_VM_NEXT;
    }
    f->reserve -= gas;
    ht_vm_count(vm, gas);
    return ht_vm_wrote(vm, ht_evm_world_set_code(vm->world, f->self, vm->output));
}

void ht_vm_deliver(struct ht_evm *vm, struct ht_vm_frame *f, const struct ht_evm_result *result) {
    bool is_good = result->status == HT_EVM_SUCCESS;
    vm->return_data = result->output;
    if (!is_creation(f + 1)) {
        *f->sp = ht_u256_of(is_good);
        size_t n = f->return_n < result->output.n ? (size_t)f->return_n : result->output.n;
        if (n > 0) memcpy(f->memory + f->return_at, result->output.p, n);
    } else if (is_good) {
        ht_vm_address_word(f->sp, &result->created);
        vm->return_data = (ht_bytes){NULL, 0};
    } else {
        *f->sp = ht_u256_of(0);
    }
    f->reserve += result->gas_left;
    ht_vm_resume(vm, f);
}

enum ht_vm_step ht_vm_leave(struct ht_evm *vm) {
    struct ht_vm_frame *f = vm->frame;
    ht_vm_suspend(vm, f);
    if (is_creation(f) && vm->status == HT_EVM_SUCCESS) {
        enum ht_vm_step step = deposit(vm, f);
        if (step != HT_VM_NEXT) return step;
    }
    bool gives_back = vm->status == HT_EVM_SUCCESS || vm->status == HT_EVM_REVERT;
    if (!gives_back) {
        vm->output = (ht_bytes){NULL, 0};
        ht_vm_count(vm, f->reserve);
    }
    conclude(vm, &vm->result, f, vm->status, gives_back ? f->reserve : 0);
    ht_evm_code_release(f->own_code);
    f->own_code = NULL;
    vm->memory_used -= f->memory_n;
    if (f == vm->frames) return HT_VM_DONE;
    vm->frame = f - 1;
    ht_vm_deliver(vm, f - 1, &vm->result);
    return HT_VM_FRAME;
}

enum ht_vm_step ht_vm_find_warm(struct ht_evm *vm, struct ht_evm_object **out, bool *was_warm,
                                const ht_addr20 *address) {
    enum ht_err err = ht_evm_world_find(out, vm->world, address, vm->why);
    if (err != HT_OK) return ht_vm_error(vm, err);
    *was_warm = (*out)->is_warm || ht_precompile_at(vm->rules, address) != 0;
    if (*was_warm) return HT_VM_NEXT;
    return ht_vm_wrote(vm, ht_evm_world_warm(was_warm, vm->world, *out));
}
