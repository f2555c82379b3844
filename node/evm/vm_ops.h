/* Opcodes that work on memory and on words alone but are too long for the loop: for the machine's
 * own files only.
 *
 * All take the frame that runs and its stack: sp[0] is the last word. Gas of the table has been
 * charged, stack limits and static calls have been checked; f->gas is current. What they put goes
 * where the last of their operands was; the loop moves sp. They answer HT_VM_NEXT or HT_VM_HALT or
 * HT_VM_ERROR; those that end the frame never HT_VM_NEXT. Yellow Paper appendix H. */
#ifndef HT_EVM_VM_OPS_H
#define HT_EVM_VM_OPS_H

#include "node/evm/vm_frame.h"

typedef enum ht_vm_step ht_vm_op(struct ht_evm *vm, struct ht_vm_frame *f, ht_u256 *sp);

ht_vm_op ht_vm_exp;
ht_vm_op ht_vm_keccak256;
ht_vm_op ht_vm_calldatacopy;
ht_vm_op ht_vm_codecopy;
ht_vm_op ht_vm_returndatacopy;
ht_vm_op ht_vm_mcopy; /* EIP-5656 */
ht_vm_op ht_vm_return;
ht_vm_op ht_vm_revert;

/* Reaches the memory, pays for the words and copies, with zeros beyond the source's end. */
enum ht_vm_step ht_vm_copy(struct ht_evm *vm, struct ht_vm_frame *f, const ht_u256 *to,
                           ht_bytes source, const ht_u256 *from, const ht_u256 *n) HT_MUST_USE;

/* Gas for each 32 bytes of n or part of it; n is a length of memory or code. */
static inline enum ht_vm_step HT_MUST_USE ht_vm_charge_words(struct ht_evm *vm,
                                                             struct ht_vm_frame *f, uint64_t n,
                                                             uint64_t gas) {
    return ht_vm_charge(vm, f, (n + 31) / 32 * gas);
}

#endif
