/* The machine's loop: for the machine's own files only. */
#ifndef HT_EVM_VM_LOOP_H
#define HT_EVM_VM_LOOP_H

#include "node/evm/vm_frame.h"

/* Runs vm->frame, and the frames that it calls, to the end of the outermost: vm->result. Errors as
 * vm.h has them, with their reason in vm->why. */
enum ht_err ht_vm_loop(struct ht_evm *vm) HT_MUST_USE;

#endif
