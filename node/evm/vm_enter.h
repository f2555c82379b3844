/* Entering and leaving frames: for the machine's own files only.
 *
 * A message stands in the frame that would run it. Refused ones, precompiles and accounts without
 * code are over at once; for all others a frame begins. Follows execution-specs `process_message`
 * and `process_create_message`. */
#ifndef HT_EVM_VM_ENTER_H
#define HT_EVM_VM_ENTER_H

#include "node/evm/vm_frame.h"

/* Starts f's message, a call: its code, precompile and self are found. `sender` pays what it sends;
 * may be NULL when that is nothing. HT_VM_NEXT: it is over, *now says how. HT_VM_FRAME: it runs. */
enum ht_vm_step ht_vm_begin_call(struct ht_evm *vm, struct ht_evm_result *now,
                                 struct ht_vm_frame *f, struct ht_evm_object *sender) HT_MUST_USE;

/* Starts f's message, a creation; sets its `to`. counts_nonce: the sender's nonce is counted here,
 * else it was before. Answers as above. */
enum ht_vm_step ht_vm_begin_creation(struct ht_evm *vm, struct ht_evm_result *now,
                                     struct ht_vm_frame *f, struct ht_evm_object *sender,
                                     bool counts_nonce) HT_MUST_USE;

/* Gives the outcome of a message to the frame that sent it, which runs again. */
void ht_vm_deliver(struct ht_evm *vm, struct ht_vm_frame *f, const struct ht_evm_result *result);

/* The frame that runs is at its end: vm->status, vm->output. HT_VM_FRAME, or HT_VM_DONE with
 * vm->result. */
enum ht_vm_step ht_vm_leave(struct ht_evm *vm) HT_MUST_USE;

/* The account at an address and whether it was warm, which it is afterwards. */
enum ht_vm_step ht_vm_find_warm(struct ht_evm *vm, struct ht_evm_object **out, bool *was_warm,
                                const ht_addr20 *address) HT_MUST_USE;

#endif
