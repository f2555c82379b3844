/* Every opcode, once: the forks' tables (rules.c) and the machine's loop (vm_loop.c) are made of
 * this list.
 *
 * OP(code, name, first fork, gas, words taken, words put, refused in a static call, body, detail)
 *
 * `gas` is what no operand changes; for what is an account or a slot the price of a warm one
 * (EIP-2929). No fork since Berlin has changed any of it. `body` names a macro of vm_hot.h and
 * `detail` what it is given. Yellow Paper appendix H, EIP-1153, 3198, 3855, 4399, 4844, 5656, 7516,
 * 7939. */
#ifndef HT_EVM_OPS_H
#define HT_EVM_OPS_H

/* clang-format off */
#define HT_EVM_OPS(OP) \
    OP(0x00, STOP, BERLIN, 0, 0, 0, false, STOP, 0) \
    OP(0x01, ADD, BERLIN, 3, 2, 1, false, BINARY, ht_word_add) \
    OP(0x02, MUL, BERLIN, 5, 2, 1, false, BINARY, ht_word_mul) \
    OP(0x03, SUB, BERLIN, 3, 2, 1, false, BINARY, ht_word_sub) \
    OP(0x04, DIV, BERLIN, 5, 2, 1, false, BINARY, ht_word_div) \
    OP(0x05, SDIV, BERLIN, 5, 2, 1, false, BINARY, ht_word_sdiv) \
    OP(0x06, MOD, BERLIN, 5, 2, 1, false, BINARY, ht_word_mod) \
    OP(0x07, SMOD, BERLIN, 5, 2, 1, false, BINARY, ht_word_smod) \
    OP(0x08, ADDMOD, BERLIN, 8, 3, 1, false, TERNARY, ht_word_addmod) \
    OP(0x09, MULMOD, BERLIN, 8, 3, 1, false, TERNARY, ht_word_mulmod) \
    OP(0x0a, EXP, BERLIN, 10, 2, 1, false, SLOW, ht_vm_exp) \
    OP(0x0b, SIGNEXTEND, BERLIN, 5, 2, 1, false, BINARY, ht_word_sign_extend) \
    OP(0x10, LT, BERLIN, 3, 2, 1, false, COMPARE, LESS) \
    OP(0x11, GT, BERLIN, 3, 2, 1, false, COMPARE, GREATER) \
    OP(0x12, SLT, BERLIN, 3, 2, 1, false, COMPARE, SIGNED_LESS) \
    OP(0x13, SGT, BERLIN, 3, 2, 1, false, COMPARE, SIGNED_GREATER) \
    OP(0x14, EQ, BERLIN, 3, 2, 1, false, COMPARE, EQUAL) \
    OP(0x15, ISZERO, BERLIN, 3, 1, 1, false, ISZERO, 0) \
    OP(0x16, AND, BERLIN, 3, 2, 1, false, BINARY, ht_word_and) \
    OP(0x17, OR, BERLIN, 3, 2, 1, false, BINARY, ht_word_or) \
    OP(0x18, XOR, BERLIN, 3, 2, 1, false, BINARY, ht_word_xor) \
    OP(0x19, NOT, BERLIN, 3, 1, 1, false, NOT, 0) \
    OP(0x1a, BYTE, BERLIN, 3, 2, 1, false, BINARY, ht_word_byte) \
    OP(0x1b, SHL, BERLIN, 3, 2, 1, false, BINARY, ht_word_shl) \
    OP(0x1c, SHR, BERLIN, 3, 2, 1, false, BINARY, ht_word_shr) \
    OP(0x1d, SAR, BERLIN, 3, 2, 1, false, BINARY, ht_word_sar) \
    OP(0x1e, CLZ, OSAKA, 5, 1, 1, false, CLZ, 0) \
    OP(0x20, KECCAK256, BERLIN, 30, 2, 1, false, SLOW, ht_vm_keccak256) \
    OP(0x30, ADDRESS, BERLIN, 2, 0, 1, false, ADDRESS, f->message.to) \
    OP(0x31, BALANCE, BERLIN, 100, 1, 1, false, SLOW, ht_vm_balance) \
    OP(0x32, ORIGIN, BERLIN, 2, 0, 1, false, ADDRESS, vm->origin.origin) \
    OP(0x33, CALLER, BERLIN, 2, 0, 1, false, ADDRESS, f->message.sender) \
    OP(0x34, CALLVALUE, BERLIN, 2, 0, 1, false, WORD, f->message.value) \
    OP(0x35, CALLDATALOAD, BERLIN, 3, 1, 1, false, CALLDATALOAD, 0) \
    OP(0x36, CALLDATASIZE, BERLIN, 2, 0, 1, false, NUMBER, f->input.n) \
    OP(0x37, CALLDATACOPY, BERLIN, 3, 3, 0, false, SLOW, ht_vm_calldatacopy) \
    OP(0x38, CODESIZE, BERLIN, 2, 0, 1, false, NUMBER, f->code->n) \
    OP(0x39, CODECOPY, BERLIN, 3, 3, 0, false, SLOW, ht_vm_codecopy) \
    OP(0x3a, GASPRICE, BERLIN, 2, 0, 1, false, WORD, vm->origin.gas_price) \
    OP(0x3b, EXTCODESIZE, BERLIN, 100, 1, 1, false, SLOW, ht_vm_extcodesize) \
    OP(0x3c, EXTCODECOPY, BERLIN, 100, 4, 0, false, SLOW, ht_vm_extcodecopy) \
    OP(0x3d, RETURNDATASIZE, BERLIN, 2, 0, 1, false, NUMBER, vm->return_data.n) \
    OP(0x3e, RETURNDATACOPY, BERLIN, 3, 3, 0, false, SLOW, ht_vm_returndatacopy) \
    OP(0x3f, EXTCODEHASH, BERLIN, 100, 1, 1, false, SLOW, ht_vm_extcodehash) \
    OP(0x40, BLOCKHASH, BERLIN, 20, 1, 1, false, SLOW, ht_vm_blockhash) \
    OP(0x41, COINBASE, BERLIN, 2, 0, 1, false, ADDRESS, vm->block.coinbase) \
    OP(0x42, TIMESTAMP, BERLIN, 2, 0, 1, false, NUMBER, vm->block.timestamp) \
    OP(0x43, NUMBER, BERLIN, 2, 0, 1, false, NUMBER, vm->block.number) \
    OP(0x44, PREVRANDAO, BERLIN, 2, 0, 1, false, HASH, vm->block.prev_randao) \
    OP(0x45, GASLIMIT, BERLIN, 2, 0, 1, false, NUMBER, vm->block.gas_limit) \
    OP(0x46, CHAINID, BERLIN, 2, 0, 1, false, NUMBER, vm->block.chain_id) \
    OP(0x47, SELFBALANCE, BERLIN, 5, 0, 1, false, WORD, f->self->account.balance) \
    OP(0x48, BASEFEE, LONDON, 2, 0, 1, false, WORD, vm->block.base_fee) \
    OP(0x49, BLOBHASH, CANCUN, 3, 1, 1, false, BLOBHASH, 0) \
    OP(0x4a, BLOBBASEFEE, CANCUN, 2, 0, 1, false, WORD, vm->block.blob_base_fee) \
    OP(0x50, POP, BERLIN, 2, 1, 0, false, POP, 0) \
    OP(0x51, MLOAD, BERLIN, 3, 1, 1, false, MLOAD, 0) \
    OP(0x52, MSTORE, BERLIN, 3, 2, 0, false, MSTORE, 0) \
    OP(0x53, MSTORE8, BERLIN, 3, 2, 0, false, MSTORE8, 0) \
    OP(0x54, SLOAD, BERLIN, 100, 1, 1, false, SLOW, ht_vm_sload) \
    OP(0x55, SSTORE, BERLIN, 0, 2, 0, true, SLOW, ht_vm_sstore) \
    OP(0x56, JUMP, BERLIN, 8, 1, 0, false, JUMP, 0) \
    OP(0x57, JUMPI, BERLIN, 10, 2, 0, false, JUMPI, 0) \
    OP(0x58, PC, BERLIN, 2, 0, 1, false, NUMBER, (size_t)(pc - f->code->bytes)) \
    OP(0x59, MSIZE, BERLIN, 2, 0, 1, false, NUMBER, f->memory_n) \
    OP(0x5a, GAS, BERLIN, 2, 0, 1, false, NUMBER, (uint64_t)gas + f->reserve) \
    OP(0x5b, JUMPDEST, BERLIN, 1, 0, 0, false, JUMPDEST, 0) \
    OP(0x5c, TLOAD, CANCUN, 100, 1, 1, false, SLOW, ht_vm_tload) \
    OP(0x5d, TSTORE, CANCUN, 100, 2, 0, true, SLOW, ht_vm_tstore) \
    OP(0x5e, MCOPY, CANCUN, 3, 3, 0, false, SLOW, ht_vm_mcopy) \
    OP(0x5f, PUSH0, SHANGHAI, 2, 0, 1, false, NUMBER, 0) \
    OP(0x60, PUSH1, BERLIN, 3, 0, 1, false, PUSH, 1) \
    OP(0x61, PUSH2, BERLIN, 3, 0, 1, false, PUSH, 2) \
    OP(0x62, PUSH3, BERLIN, 3, 0, 1, false, PUSH, 3) \
    OP(0x63, PUSH4, BERLIN, 3, 0, 1, false, PUSH, 4) \
    OP(0x64, PUSH5, BERLIN, 3, 0, 1, false, PUSH, 5) \
    OP(0x65, PUSH6, BERLIN, 3, 0, 1, false, PUSH, 6) \
    OP(0x66, PUSH7, BERLIN, 3, 0, 1, false, PUSH, 7) \
    OP(0x67, PUSH8, BERLIN, 3, 0, 1, false, PUSH, 8) \
    OP(0x68, PUSH9, BERLIN, 3, 0, 1, false, PUSH, 9) \
    OP(0x69, PUSH10, BERLIN, 3, 0, 1, false, PUSH, 10) \
    OP(0x6a, PUSH11, BERLIN, 3, 0, 1, false, PUSH, 11) \
    OP(0x6b, PUSH12, BERLIN, 3, 0, 1, false, PUSH, 12) \
    OP(0x6c, PUSH13, BERLIN, 3, 0, 1, false, PUSH, 13) \
    OP(0x6d, PUSH14, BERLIN, 3, 0, 1, false, PUSH, 14) \
    OP(0x6e, PUSH15, BERLIN, 3, 0, 1, false, PUSH, 15) \
    OP(0x6f, PUSH16, BERLIN, 3, 0, 1, false, PUSH, 16) \
    OP(0x70, PUSH17, BERLIN, 3, 0, 1, false, PUSH, 17) \
    OP(0x71, PUSH18, BERLIN, 3, 0, 1, false, PUSH, 18) \
    OP(0x72, PUSH19, BERLIN, 3, 0, 1, false, PUSH, 19) \
    OP(0x73, PUSH20, BERLIN, 3, 0, 1, false, PUSH, 20) \
    OP(0x74, PUSH21, BERLIN, 3, 0, 1, false, PUSH, 21) \
    OP(0x75, PUSH22, BERLIN, 3, 0, 1, false, PUSH, 22) \
    OP(0x76, PUSH23, BERLIN, 3, 0, 1, false, PUSH, 23) \
    OP(0x77, PUSH24, BERLIN, 3, 0, 1, false, PUSH, 24) \
    OP(0x78, PUSH25, BERLIN, 3, 0, 1, false, PUSH, 25) \
    OP(0x79, PUSH26, BERLIN, 3, 0, 1, false, PUSH, 26) \
    OP(0x7a, PUSH27, BERLIN, 3, 0, 1, false, PUSH, 27) \
    OP(0x7b, PUSH28, BERLIN, 3, 0, 1, false, PUSH, 28) \
    OP(0x7c, PUSH29, BERLIN, 3, 0, 1, false, PUSH, 29) \
    OP(0x7d, PUSH30, BERLIN, 3, 0, 1, false, PUSH, 30) \
    OP(0x7e, PUSH31, BERLIN, 3, 0, 1, false, PUSH, 31) \
    OP(0x7f, PUSH32, BERLIN, 3, 0, 1, false, PUSH, 32) \
    OP(0x80, DUP1, BERLIN, 3, 1, 2, false, DUP, 1) \
    OP(0x81, DUP2, BERLIN, 3, 2, 3, false, DUP, 2) \
    OP(0x82, DUP3, BERLIN, 3, 3, 4, false, DUP, 3) \
    OP(0x83, DUP4, BERLIN, 3, 4, 5, false, DUP, 4) \
    OP(0x84, DUP5, BERLIN, 3, 5, 6, false, DUP, 5) \
    OP(0x85, DUP6, BERLIN, 3, 6, 7, false, DUP, 6) \
    OP(0x86, DUP7, BERLIN, 3, 7, 8, false, DUP, 7) \
    OP(0x87, DUP8, BERLIN, 3, 8, 9, false, DUP, 8) \
    OP(0x88, DUP9, BERLIN, 3, 9, 10, false, DUP, 9) \
    OP(0x89, DUP10, BERLIN, 3, 10, 11, false, DUP, 10) \
    OP(0x8a, DUP11, BERLIN, 3, 11, 12, false, DUP, 11) \
    OP(0x8b, DUP12, BERLIN, 3, 12, 13, false, DUP, 12) \
    OP(0x8c, DUP13, BERLIN, 3, 13, 14, false, DUP, 13) \
    OP(0x8d, DUP14, BERLIN, 3, 14, 15, false, DUP, 14) \
    OP(0x8e, DUP15, BERLIN, 3, 15, 16, false, DUP, 15) \
    OP(0x8f, DUP16, BERLIN, 3, 16, 17, false, DUP, 16) \
    OP(0x90, SWAP1, BERLIN, 3, 2, 2, false, SWAP, 1) \
    OP(0x91, SWAP2, BERLIN, 3, 3, 3, false, SWAP, 2) \
    OP(0x92, SWAP3, BERLIN, 3, 4, 4, false, SWAP, 3) \
    OP(0x93, SWAP4, BERLIN, 3, 5, 5, false, SWAP, 4) \
    OP(0x94, SWAP5, BERLIN, 3, 6, 6, false, SWAP, 5) \
    OP(0x95, SWAP6, BERLIN, 3, 7, 7, false, SWAP, 6) \
    OP(0x96, SWAP7, BERLIN, 3, 8, 8, false, SWAP, 7) \
    OP(0x97, SWAP8, BERLIN, 3, 9, 9, false, SWAP, 8) \
    OP(0x98, SWAP9, BERLIN, 3, 10, 10, false, SWAP, 9) \
    OP(0x99, SWAP10, BERLIN, 3, 11, 11, false, SWAP, 10) \
    OP(0x9a, SWAP11, BERLIN, 3, 12, 12, false, SWAP, 11) \
    OP(0x9b, SWAP12, BERLIN, 3, 13, 13, false, SWAP, 12) \
    OP(0x9c, SWAP13, BERLIN, 3, 14, 14, false, SWAP, 13) \
    OP(0x9d, SWAP14, BERLIN, 3, 15, 15, false, SWAP, 14) \
    OP(0x9e, SWAP15, BERLIN, 3, 16, 16, false, SWAP, 15) \
    OP(0x9f, SWAP16, BERLIN, 3, 17, 17, false, SWAP, 16) \
    OP(0xa0, LOG0, BERLIN, 375, 2, 0, true, SLOW, ht_vm_log0) \
    OP(0xa1, LOG1, BERLIN, 750, 3, 0, true, SLOW, ht_vm_log1) \
    OP(0xa2, LOG2, BERLIN, 1125, 4, 0, true, SLOW, ht_vm_log2) \
    OP(0xa3, LOG3, BERLIN, 1500, 5, 0, true, SLOW, ht_vm_log3) \
    OP(0xa4, LOG4, BERLIN, 1875, 6, 0, true, SLOW, ht_vm_log4) \
    OP(0xf0, CREATE, BERLIN, 32000, 3, 1, true, FRAME, ht_vm_create) \
    OP(0xf1, CALL, BERLIN, 100, 7, 1, false, FRAME, ht_vm_call) \
    OP(0xf2, CALLCODE, BERLIN, 100, 7, 1, false, FRAME, ht_vm_callcode) \
    OP(0xf3, RETURN, BERLIN, 0, 2, 0, false, END, ht_vm_return) \
    OP(0xf4, DELEGATECALL, BERLIN, 100, 6, 1, false, FRAME, ht_vm_delegatecall) \
    OP(0xf5, CREATE2, BERLIN, 32000, 4, 1, true, FRAME, ht_vm_create2) \
    OP(0xfa, STATICCALL, BERLIN, 100, 6, 1, false, FRAME, ht_vm_staticcall) \
    OP(0xfd, REVERT, BERLIN, 0, 2, 0, false, END, ht_vm_revert) \
    OP(0xfe, INVALID, BERLIN, 0, 0, 0, false, INVALID, 0) \
    OP(0xff, SELFDESTRUCT, BERLIN, 5000, 1, 0, true, END, ht_vm_selfdestruct)
/* clang-format on */

#endif
