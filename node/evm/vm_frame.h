/* The machine's frames, their gas and their memory: for the machine's own files only.
 *
 * Gas in slices: a frame that runs holds what it may use before the limits are asked in `gas`, the
 * rest in `reserve`, so that the loop looks at one number. Suspended, all of it is in `reserve`.
 *
 * Views into a frame's memory stay good while the frame does not run: a callee's input is the
 * caller's memory, and the data that a call returned is the memory of the frame above, until that
 * is entered anew. */
#ifndef HT_EVM_VM_FRAME_H
#define HT_EVM_VM_FRAME_H

#include "node/evm/code.h"
#include "node/evm/precompile.h"
#include "node/evm/vm.h"
#include "node/evm/word.h"

/* How a step of the machine ended. */
enum ht_vm_step {
    HT_VM_NEXT,  /* go on */
    HT_VM_FRAME, /* go on with vm->frame, as it stands in the struct */
    HT_VM_HALT,  /* the frame is at its end: vm->status, vm->output */
    HT_VM_DONE,  /* the outermost frame is: vm->result */
    HT_VM_ERROR, /* vm->err, the reason given */
};

struct ht_vm_frame {
    const struct ht_evm_code *code;
    uint8_t *memory;
    size_t memory_n; /* bytes, whole words */
    size_t memory_cap;
    int64_t gas;
    uint64_t reserve;
    ht_u256 *base;              /* the stack's first word */
    ht_u256 *sp;                /* its last one; while a callee runs: where the outcome goes */
    ht_bytes input;             /* what CALLDATA reads: none in a creation */
    const uint8_t *pc;          /* the next instruction */
    uint64_t return_at;         /* where the callee's output goes */
    uint64_t return_n;          /* and how much of it at most */
    struct ht_evm_object *self; /* message.to; NULL of a precompile that gets no wei */
    const struct ht_evm_code *own_code; /* init code: released when the frame ends */
    size_t mark;                        /* the world's, before the frame */
    unsigned precompile;                /* its number, when that is what runs */
    struct ht_evm_message message;
};

struct ht_evm {
    const struct ht_evm_rules *rules;
    struct ht_evm_world *world;
    struct ht_vm_frame *frame; /* the one that runs */
    ht_bytes return_data;      /* of the frame that runs */
    struct ht_evm_block block;
    struct ht_evm_origin origin;
    int32_t costs[256]; /* rules->ops' gas; INT32_MAX, more than any slice, where there is none */

    enum ht_evm_status status;
    ht_bytes output;
    struct ht_evm_result result;
    enum ht_err err;
    struct ht_why *why;

    uint64_t slice_left; /* gas that no frame holds as a slice, before the limits are asked */
    uint64_t slice;
    size_t memory_used; /* by frames that are entered */
    size_t memory_kept; /* allocated */
    struct ht_evm_observer observer;
    struct ht_evm_limits limits;
    const struct ht_evm_precompile_place *places; /* of precompiles that were moved */
    size_t place_count;
    struct ht_buf precompile_output;
    ht_u256 *stack;             /* of all frames, one behind the other */
    struct ht_vm_frame *frames; /* by depth, and one more to refuse a message in */
};

/* Never more gas than this at once, so that HT_EVM_NO_OP is always too much. */
#define HT_EVM_SLICE_MAX ((uint64_t)1 << 30)
#define HT_EVM_SLICE_MIN ((uint64_t)1 << 16)
#define HT_EVM_NO_OP INT32_MAX

static inline enum ht_vm_step ht_vm_halt(struct ht_evm *vm, enum ht_evm_status status) {
    vm->status = status;
    vm->output = (ht_bytes){NULL, 0};
    return HT_VM_HALT;
}

/* An error that has given its reason. */
static inline enum ht_vm_step ht_vm_error(struct ht_evm *vm, enum ht_err err) {
    vm->err = err;
    return HT_VM_ERROR;
}

/* An error of writing to the world, which gives none. HT_VM_NEXT of HT_OK. */
enum ht_vm_step ht_vm_wrote(struct ht_evm *vm, enum ht_err err) HT_MUST_USE;

/* --- gas --------------------------------------------------------------------------------------*/

/* Everything to the reserve, and a slice of it back. */
static inline void ht_vm_suspend(struct ht_evm *vm, struct ht_vm_frame *f) {
    vm->slice_left += (uint64_t)f->gas;
    f->reserve += (uint64_t)f->gas;
    f->gas = 0;
}

static inline void ht_vm_resume(struct ht_evm *vm, struct ht_vm_frame *f) {
    uint64_t gas = f->reserve < vm->slice_left ? f->reserve : vm->slice_left;
    vm->slice_left -= gas;
    f->reserve -= gas;
    f->gas = (int64_t)gas;
}

/* Counts gas that was used of no slice. */
static inline void ht_vm_count(struct ht_evm *vm, uint64_t gas) {
    vm->slice_left -= gas < vm->slice_left ? gas : vm->slice_left;
}

/* Charges what is more than the slice. */
enum ht_vm_step ht_vm_charge_beyond(struct ht_evm *vm, struct ht_vm_frame *f,
                                    uint64_t gas) HT_MUST_USE;

static inline enum ht_vm_step HT_MUST_USE ht_vm_charge(struct ht_evm *vm, struct ht_vm_frame *f,
                                                       uint64_t gas) {
    if ((uint64_t)f->gas < gas) return ht_vm_charge_beyond(vm, f, gas);
    f->gas -= (int64_t)gas;
    return HT_VM_NEXT;
}

/* The slice is less than this opcode costs: takes the next one. HT_EVM_OUT_OF_GAS, and
 * HT_EVM_BAD_INSTRUCTION when the fork has no such opcode. */
enum ht_vm_step ht_vm_refill(struct ht_evm *vm, struct ht_vm_frame *f, uint8_t op) HT_MUST_USE;

/* --- memory -----------------------------------------------------------------------------------*/

static inline bool ht_vm_is_in_memory(const struct ht_vm_frame *f, const ht_u256 *at, uint64_t n) {
    return ht_u256_is_u64(at) && at->limb[0] < f->memory_n && f->memory_n - at->limb[0] >= n;
}

/* Grows the memory, at the frame's expense, until n bytes are there at `at`; nothing happens for
 * n = 0. */
enum ht_vm_step ht_vm_grow(struct ht_evm *vm, struct ht_vm_frame *f, const ht_u256 *at,
                           uint64_t n) HT_MUST_USE;

/* The same with words of the stack. Afterwards both are below 2^63, `at` unless *n is zero. */
static inline enum ht_vm_step HT_MUST_USE ht_vm_reach(struct ht_evm *vm, struct ht_vm_frame *f,
                                                      const ht_u256 *at, const ht_u256 *n) {
    if (!ht_u256_is_u64(n)) return ht_vm_halt(vm, HT_EVM_OUT_OF_GAS);
    if (n->limb[0] == 0 || ht_vm_is_in_memory(f, at, n->limb[0])) return HT_VM_NEXT;
    return ht_vm_grow(vm, f, at, n->limb[0]);
}

/* Bytes of memory that were reached. */
static inline ht_bytes ht_vm_view(const struct ht_vm_frame *f, const ht_u256 *at,
                                  const ht_u256 *n) {
    return n->limb[0] == 0 ? (ht_bytes){NULL, 0}
                           : ht_bytes_of(f->memory + at->limb[0], (size_t)n->limb[0]);
}

/* Gives memories back when they are more than worth keeping. */
void ht_vm_trim(struct ht_evm *vm);

/* --- words ------------------------------------------------------------------------------------*/

static inline ht_addr20 ht_vm_address(const ht_u256 *word) {
    uint8_t bytes[32];
    ht_addr20 address;
    ht_word_store(bytes, word);
    memcpy(address.b, bytes + 12, sizeof address.b);
    return address;
}

static inline void ht_vm_address_word(ht_u256 *out, const ht_addr20 *address) {
    uint64_t high = ht_limb_load(address->b) >> 32;
    *out = (ht_u256){{ht_limb_load(address->b + 12), ht_limb_load(address->b + 4), high, 0}};
}

#endif
