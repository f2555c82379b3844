/* Gas and memory of frames, where the loop's fast path ends. */
#include "node/evm/vm_frame.h"

#include <stdlib.h>

#define MEMORY_CAP_FIRST 4096U
#define MEMORY_KEPT_MAX ((size_t)4 << 20)

enum ht_vm_step ht_vm_wrote(struct ht_evm *vm, enum ht_err err) {
    if (err == HT_OK) return HT_VM_NEXT;
    const char *code = err == HT_ELIMIT ? "state_too_large" : "evm_no_memory";
    return ht_vm_error(vm, ht_fail(vm->why, err, code, "no room for the state that code writes"));
}

/* Asks whether to go on when the slice is used up; a new one then. */
static enum ht_vm_step next_slice(struct ht_evm *vm) {
    if (vm->limits.is_over != NULL && vm->limits.gas_step > 0 &&
        vm->limits.is_over(vm->limits.user)) {
        return ht_vm_error(vm, ht_fail(vm->why, HT_ELIMIT, "evm_time", "running it took too long"));
    }
    vm->slice_left = vm->slice;
    return HT_VM_NEXT;
}

enum ht_vm_step ht_vm_charge_beyond(struct ht_evm *vm, struct ht_vm_frame *f, uint64_t gas) {
    ht_vm_suspend(vm, f);
    if (f->reserve < gas) return ht_vm_halt(vm, HT_EVM_OUT_OF_GAS);
    enum ht_vm_step step = HT_VM_NEXT;
    if (vm->slice_left < gas) step = next_slice(vm);
    f->reserve -= gas;
    ht_vm_count(vm, gas);
    ht_vm_resume(vm, f);
    return step;
}

enum ht_vm_step ht_vm_refill(struct ht_evm *vm, struct ht_vm_frame *f, uint8_t op) {
    if (vm->costs[op] == HT_EVM_NO_OP) return ht_vm_halt(vm, HT_EVM_BAD_INSTRUCTION);
    uint64_t gas = (uint64_t)vm->costs[op];
    ht_vm_suspend(vm, f);
    if (f->reserve < gas) return ht_vm_halt(vm, HT_EVM_OUT_OF_GAS);
    enum ht_vm_step step = next_slice(vm);
    ht_vm_resume(vm, f);
    return step;
}

static ht_u128 memory_gas(uint64_t words) {
    return (ht_u128)words * HT_GAS_MEMORY_WORD + (ht_u128)words * words / 512;
}

/* Room for that many bytes, which are within the machine's bound. */
static enum ht_vm_step make_room(struct ht_evm *vm, struct ht_vm_frame *f, size_t n) {
    if (n <= f->memory_cap) return HT_VM_NEXT;
    size_t cap = f->memory_cap < MEMORY_CAP_FIRST ? MEMORY_CAP_FIRST : f->memory_cap;
    while (cap < n) cap *= 2;
    uint8_t *memory = realloc(f->memory, cap);
    if (memory == NULL) {
        return ht_vm_error(vm, ht_fail(vm->why, HT_ENOMEM, "evm_no_memory", "no memory to run in"));
    }
    vm->memory_kept += cap - f->memory_cap;
    f->memory = memory;
    f->memory_cap = cap;
    return HT_VM_NEXT;
}

enum ht_vm_step ht_vm_grow(struct ht_evm *vm, struct ht_vm_frame *f, const ht_u256 *at,
                           uint64_t n) {
    if (n == 0) return HT_VM_NEXT;
    /* The price of more than this has more digits than gas. */
    if (!ht_u256_is_u64(at) || at->limb[0] >> 62 != 0 || n >> 62 != 0) {
        return ht_vm_halt(vm, HT_EVM_OUT_OF_GAS);
    }
    uint64_t words = (at->limb[0] + n + 31) / 32;
    if (words * 32 <= f->memory_n) return HT_VM_NEXT;
    ht_u128 gas = memory_gas(words) - memory_gas(f->memory_n / 32);
    if (gas > UINT64_MAX) return ht_vm_halt(vm, HT_EVM_OUT_OF_GAS);
    enum ht_vm_step step = ht_vm_charge(vm, f, (uint64_t)gas);
    if (step != HT_VM_NEXT) return step;
    size_t max = vm->limits.memory_max;
    size_t more = (size_t)words * 32 - f->memory_n;
    if (more > max || vm->memory_used > max - more) {
        return ht_vm_error(vm, ht_fail(vm->why, HT_ELIMIT, "evm_memory",
                                       "it needs more than %zu bytes of memory to run", max));
    }
    step = make_room(vm, f, f->memory_n + more);
    if (step != HT_VM_NEXT) return step;
    memset(f->memory + f->memory_n, 0, more);
    f->memory_n += more;
    vm->memory_used += more;
    return HT_VM_NEXT;
}

void ht_vm_trim(struct ht_evm *vm) {
    if (vm->precompile_output.cap > MEMORY_KEPT_MAX) ht_buf_fini(&vm->precompile_output);
    if (vm->memory_kept <= MEMORY_KEPT_MAX) return;
    for (unsigned depth = 0; depth <= HT_EVM_DEPTH_MAX; depth++) {
        struct ht_vm_frame *f = &vm->frames[depth];
        free(f->memory);
        f->memory = NULL;
        f->memory_n = f->memory_cap = 0;
    }
    vm->memory_kept = 0;
}
