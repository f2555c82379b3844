/* The opcodes that start messages, as vm_ops.h says: for the machine's own files only.
 *
 * They answer HT_VM_FRAME when all went well: vm->frame is the callee's, or still the caller's with
 * the outcome on its stack. EIP-150, 211, 684, 1014, 2929, 3860, 7610, 7702; Yellow Paper
 * appendix H. */
#ifndef HT_EVM_VM_CALL_H
#define HT_EVM_VM_CALL_H

#include "node/evm/vm_ops.h"

ht_vm_op ht_vm_call;
ht_vm_op ht_vm_callcode;
ht_vm_op ht_vm_delegatecall;
ht_vm_op ht_vm_staticcall;
ht_vm_op ht_vm_create;
ht_vm_op ht_vm_create2;

/* The code that f's message runs: sets f->code or f->precompile, and message.code when the account
 * delegates. object: of message.code, may be NULL; *object is it unless a precompile is found.
 * The gas for a cold or a delegating account is added to *gas. */
enum ht_vm_step ht_vm_find_code(struct ht_evm *vm, struct ht_vm_frame *f,
                                struct ht_evm_object **object, uint64_t *gas) HT_MUST_USE;

#endif
