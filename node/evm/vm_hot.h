/* The bodies of opcodes in the machine's loop, as macros over its locals: included by vm_loop.c
 * only, where the locals are explained. DO_x(detail, change) is what ops.h names x; `change` is
 * what it adds to the height of the stack.
 *
 * Limits of the stack and gas of the table have been checked. A body ends in GO_ON or at a
 * label of the loop. Operands are worked on where they stand. */
#ifndef HT_EVM_VM_HOT_H
#define HT_EVM_VM_HOT_H

#include "node/evm/vm_call.h"
#include "node/evm/vm_state.h"

/* To the next opcode, and to the one that pc is at. */
#define GO_ON goto *targets[*++pc]
#define GO_HERE goto *targets[*pc]

/* --- words ------------------------------------------------------------------------------------*/

#define DO_BINARY(function, change) \
    function(sp - 1, sp, sp - 1);   \
    sp += (change);                 \
    GO_ON;

#define DO_TERNARY(function, change)      \
    function(sp - 2, sp, sp - 1, sp - 2); \
    sp += (change);                       \
    GO_ON;

#define IS_LESS(a, b) ht_word_less(a, b)
#define IS_GREATER(a, b) ht_word_less(b, a)
#define IS_SIGNED_LESS(a, b) ht_word_signed_less(a, b)
#define IS_SIGNED_GREATER(a, b) ht_word_signed_less(b, a)
#define IS_EQUAL(a, b) ht_word_equal(a, b)
#define DO_COMPARE(relation, change)                \
    sp[-1] = ht_u256_of(IS_##relation(sp, sp - 1)); \
    sp += (change);                                 \
    GO_ON;

#define DO_ISZERO(unused, change)          \
    *sp = ht_u256_of(ht_u256_is_zero(sp)); \
    GO_ON;

#define DO_NOT(unused, change) \
    ht_word_not(sp, sp);       \
    GO_ON;

#define DO_CLZ(unused, change)         \
    *sp = ht_u256_of(ht_word_clz(sp)); \
    GO_ON;

/* --- what is put ------------------------------------------------------------------------------*/

#define DO_NUMBER(value, change) \
    *++sp = ht_u256_of((value)); \
    GO_ON;

#define DO_WORD(value, change) \
    *++sp = (value);           \
    GO_ON;

#define DO_ADDRESS(address, change)       \
    ht_vm_address_word(++sp, &(address)); \
    GO_ON;

#define DO_HASH(hash, change)     \
    ht_word_load(++sp, (hash).b); \
    GO_ON;

/* A limb of n bytes big-endian, n a constant. Eight are read at least: the code is padded. */
static inline __attribute__((always_inline)) uint64_t pushed_limb(const uint8_t *from, unsigned n,
                                                                  unsigned limb) {
    if (n >= 8 * limb + 8) return ht_limb_load(from + n - 8 * limb - 8);
    return n > 8 * limb ? ht_limb_load(from) >> (64 - 8 * (n - 8 * limb)) : 0;
}

#define DO_PUSH(n, change)                                                         \
    *++sp = (ht_u256){{pushed_limb(pc + 1, (n), 0), pushed_limb(pc + 1, (n), 1),   \
                       pushed_limb(pc + 1, (n), 2), pushed_limb(pc + 1, (n), 3)}}; \
    pc += (n);                                                                     \
    GO_ON;

#define DO_DUP(n, change) \
    sp[1] = sp[1 - (n)];  \
    sp++;                 \
    GO_ON;

#define DO_SWAP(n, change)          \
    do {                            \
        ht_u256 swapped = sp[-(n)]; \
        sp[-(n)] = *sp;             \
        *sp = swapped;              \
    } while (0);                    \
    GO_ON;

#define DO_POP(unused, change) \
    sp--;                      \
    GO_ON;

#define DO_BLOBHASH(unused, change)                                  \
    if (ht_u256_is_u64(sp) && sp->limb[0] < vm->origin.blob_count) { \
        ht_word_load(sp, vm->origin.blob_hashes[sp->limb[0]].b);     \
    } else {                                                         \
        *sp = ht_u256_of(0);                                         \
    }                                                                \
    GO_ON;

/* --- memory and call data ---------------------------------------------------------------------*/

#define REACH(n)                              \
    if (!ht_vm_is_in_memory(f, sp, (n))) {    \
        f->gas = gas;                         \
        step = ht_vm_grow(vm, f, sp, (n));    \
        gas = f->gas;                         \
        if (step != HT_VM_NEXT) goto stopped; \
    }

#define DO_MLOAD(unused, change)               \
    REACH(32)                                  \
    ht_word_load(sp, f->memory + sp->limb[0]); \
    GO_ON;

#define DO_MSTORE(unused, change)                   \
    REACH(32)                                       \
    ht_word_store(f->memory + sp->limb[0], sp - 1); \
    sp += (change);                                 \
    GO_ON;

#define DO_MSTORE8(unused, change)                    \
    REACH(1)                                          \
    f->memory[sp->limb[0]] = (uint8_t)sp[-1].limb[0]; \
    sp += (change);                                   \
    GO_ON;

/* A word of call data that ends behind it. */
static inline void load_beyond(ht_u256 *word, ht_bytes input) {
    uint8_t bytes[32] = {0};
    if (ht_u256_is_u64(word) && word->limb[0] < input.n) {
        size_t n = input.n - (size_t)word->limb[0];
        memcpy(bytes, input.p + word->limb[0], n < sizeof bytes ? n : sizeof bytes);
    }
    ht_word_load(word, bytes);
}

#define DO_CALLDATALOAD(unused, change)                                                     \
    if (ht_u256_is_u64(sp) && sp->limb[0] < f->input.n && f->input.n - sp->limb[0] >= 32) { \
        ht_word_load(sp, f->input.p + sp->limb[0]);                                         \
    } else {                                                                                \
        load_beyond(sp, f->input);                                                          \
    }                                                                                       \
    GO_ON;

/* --- the way of the code ----------------------------------------------------------------------*/

/* Lands and runs the JUMPDEST there, too. `pc` is at it when gas is short of that. */
#define JUMP_TO(word)                                                                  \
    if (!ht_u256_is_u64(word) || !ht_evm_code_is_jumpdest(f->code, (word)->limb[0])) { \
        goto bad_jump;                                                                 \
    }                                                                                  \
    pc = f->code->bytes + (word)->limb[0];

#define LAND                                        \
    if ((gas -= costs[*pc]) < 0) goto short_of_gas; \
    GO_ON;

#define DO_JUMP(unused, change) \
    JUMP_TO(sp)                 \
    sp += (change);             \
    LAND

#define DO_JUMPI(unused, change)   \
    if (ht_u256_is_zero(sp - 1)) { \
        sp += (change);            \
        GO_ON;                     \
    }                              \
    JUMP_TO(sp)                    \
    sp += (change);                \
    LAND

#define DO_JUMPDEST(unused, change) GO_ON;

#define DO_STOP(unused, change)            \
    f->gas = gas;                          \
    step = ht_vm_halt(vm, HT_EVM_SUCCESS); \
    goto stopped;

#define DO_INVALID(unused, change) goto bad_instruction;

/* --- functions --------------------------------------------------------------------------------*/

#define DO_SLOW(function, change)         \
    f->gas = gas;                         \
    step = function(vm, f, sp);           \
    if (step != HT_VM_NEXT) goto stopped; \
    gas = f->gas;                         \
    sp += (change);                       \
    GO_ON;

/* Those after which another frame may run, or none. */
#define DO_FRAME(function, change) \
    f->gas = gas;                  \
    f->pc = pc + 1;                \
    step = function(vm, f, sp);    \
    goto stopped;

#define DO_END(function, change) DO_FRAME(function, change)

#endif
