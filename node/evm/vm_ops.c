/* The longer opcodes on words and memory. */
#include "node/evm/vm_ops.h"

#include "node/crypto/keccak.h"

enum ht_vm_step ht_vm_exp(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    uint64_t bytes = (256 - ht_word_clz(sp - 1) + 7) / 8;
    enum ht_vm_step step = ht_vm_charge(vm, f, HT_GAS_EXP_BYTE * bytes);
    if (step == HT_VM_NEXT) ht_word_exp(sp - 1, sp, sp - 1);
    return step;
}

enum ht_vm_step ht_vm_keccak256(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    enum ht_vm_step step = ht_vm_reach(vm, f, sp, sp - 1);
    if (step != HT_VM_NEXT) return step;
    step = ht_vm_charge_words(vm, f, sp[-1].limb[0], HT_GAS_KECCAK_WORD);
    if (step != HT_VM_NEXT) return step;
    ht_hash32 hash;
    ht_keccak256(&hash, ht_vm_view(f, sp, sp - 1));
    ht_word_load(sp - 1, hash.b);
    return HT_VM_NEXT;
}

enum ht_vm_step ht_vm_copy(struct ht_evm *vm, struct ht_vm_frame *f, const ht_u256 *to,
                           ht_bytes source, const ht_u256 *from, const ht_u256 *n) {
    enum ht_vm_step step = ht_vm_reach(vm, f, to, n);
    if (step != HT_VM_NEXT) return step;
    step = ht_vm_charge_words(vm, f, n->limb[0], HT_GAS_COPY_WORD);
    if (step != HT_VM_NEXT || n->limb[0] == 0) return step;
    size_t wanted = (size_t)n->limb[0];
    size_t start =
        ht_u256_is_u64(from) && from->limb[0] < source.n ? (size_t)from->limb[0] : source.n;
    size_t there = source.n - start < wanted ? source.n - start : wanted;
    uint8_t *out = f->memory + to->limb[0];
    if (there > 0) memcpy(out, source.p + start, there);
    memset(out + there, 0, wanted - there);
    return HT_VM_NEXT;
}

enum ht_vm_step ht_vm_calldatacopy(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return ht_vm_copy(vm, f, sp, f->input, sp - 1, sp - 2);
}

enum ht_vm_step ht_vm_codecopy(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return ht_vm_copy(vm, f, sp, ht_bytes_of(f->code->bytes, f->code->n), sp - 1, sp - 2);
}

/* Unlike the others it does not read beyond the end (EIP-211). */
enum ht_vm_step ht_vm_returndatacopy(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    uint64_t have = vm->return_data.n;
    bool is_inside = ht_u256_is_u64(sp - 1) && ht_u256_is_u64(sp - 2) && sp[-1].limb[0] <= have &&
                     sp[-2].limb[0] <= have - sp[-1].limb[0];
    if (!is_inside) return ht_vm_halt(vm, HT_EVM_RETURN_DATA_BOUNDS);
    return ht_vm_copy(vm, f, sp, vm->return_data, sp - 1, sp - 2);
}

enum ht_vm_step ht_vm_mcopy(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    const ht_u256 *further = ht_word_less(sp, sp - 1) ? sp - 1 : sp;
    enum ht_vm_step step = ht_vm_reach(vm, f, further, sp - 2);
    if (step != HT_VM_NEXT) return step;
    size_t n = (size_t)sp[-2].limb[0];
    step = ht_vm_charge_words(vm, f, n, HT_GAS_COPY_WORD);
    if (step != HT_VM_NEXT || n == 0) return step;
    memmove(f->memory + sp->limb[0], f->memory + sp[-1].limb[0], n);
    return HT_VM_NEXT;
}

static enum ht_vm_step end_with(struct ht_evm *vm, struct ht_vm_frame *f, const ht_u256 *sp,
                                enum ht_evm_status status) {
    enum ht_vm_step step = ht_vm_reach(vm, f, sp, sp - 1);
    if (step != HT_VM_NEXT) return step;
    vm->status = status;
    vm->output = ht_vm_view(f, sp, sp - 1);
    return HT_VM_HALT;
}

enum ht_vm_step ht_vm_return(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return end_with(vm, f, sp, HT_EVM_SUCCESS);
}

enum ht_vm_step ht_vm_revert(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp) {
    return end_with(vm, f, sp, HT_EVM_REVERT);
}
