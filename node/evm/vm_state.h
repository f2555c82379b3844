/* Opcodes that read and write the world, as vm_ops.h says: for the machine's own files only.
 *
 * EIP-1052, 1153, 2200, 2929, 3529, 6780; Yellow Paper appendix H. */
#ifndef HT_EVM_VM_STATE_H
#define HT_EVM_VM_STATE_H

#include "node/evm/vm_ops.h"

ht_vm_op ht_vm_balance;
ht_vm_op ht_vm_extcodesize;
ht_vm_op ht_vm_extcodecopy;
ht_vm_op ht_vm_extcodehash;
ht_vm_op ht_vm_blockhash;
ht_vm_op ht_vm_sload;
ht_vm_op ht_vm_sstore;
ht_vm_op ht_vm_tload;
ht_vm_op ht_vm_tstore;
ht_vm_op ht_vm_log0;
ht_vm_op ht_vm_log1;
ht_vm_op ht_vm_log2;
ht_vm_op ht_vm_log3;
ht_vm_op ht_vm_log4;
ht_vm_op ht_vm_selfdestruct;

#endif
