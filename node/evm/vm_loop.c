/* The machine's loop: one label for each opcode, and a jump through a table from one to the next.
 *
 * The labels are made of the list in ops.h and the bodies in vm_hot.h. Calls do not recurse: they
 * change which frame the locals belong to. Labels as values are an extension that gcc and clang
 * share; a switch in their place would jump twice and give the processor one place to guess at
 * instead of one for each opcode. */
#include "node/evm/vm_loop.h"

#include "node/evm/ops.h"
#include "node/evm/vm_enter.h"
#include "node/evm/vm_hot.h"

#pragma GCC diagnostic ignored "-Wpedantic"
/* The table is filled with one label first, then by opcode. */
#pragma GCC diagnostic ignored "-Woverride-init"

#define TARGET(code, name, since, gas, in, out, is_write, body, detail) [code] = &&DO_THE_##name,

/* Keeps what follows a check that nearly always passes in line with it. */
#define RARELY(claim) __builtin_expect((claim), 0)

#define BODY(code, name, since, gas_, in, out, is_write, body, detail)            \
    DO_THE_##name : if (RARELY((gas -= costs[code]) < 0)) goto short_of_gas;      \
    if (RARELY((in) > 0 && sp < base + (in)-1)) goto underflow;                   \
    if (RARELY((out) > (in) && sp >= base + HT_EVM_STACK_MAX - 1)) goto overflow; \
    if (RARELY((is_write) && f->message.is_static)) goto static_write;            \
    DO_##body(detail, (out) - (in))

enum ht_err ht_vm_loop(struct ht_evm *vm) {
    static const void *const targets[256] = {[0 ... 255] = &&bad_instruction, HT_EVM_OPS(TARGET)};
    const int32_t *const costs = vm->costs;
    struct ht_vm_frame *f;
    ht_u256 *base;     /* the first word of the frame's stack */
    ht_u256 *sp;       /* the last one; base - 1 when there is none */
    const uint8_t *pc; /* the opcode that runs */
    int64_t gas;       /* left of the slice */
    enum ht_vm_step step;

enter:
    f = vm->frame;
    base = f->base;
    sp = f->sp;
    pc = f->pc;
    gas = f->gas;
    GO_HERE;

    HT_EVM_OPS(BODY)

short_of_gas:
    f->gas = gas + costs[*pc];
    step = ht_vm_refill(vm, f, *pc);
    if (step != HT_VM_NEXT) goto stopped;
    gas = f->gas;
    GO_HERE;
bad_instruction:
    step = ht_vm_halt(vm, HT_EVM_BAD_INSTRUCTION);
    goto lost;
underflow:
    step = ht_vm_halt(vm, HT_EVM_STACK_UNDERFLOW);
    goto lost;
overflow:
    step = ht_vm_halt(vm, HT_EVM_STACK_OVERFLOW);
    goto lost;
bad_jump:
    step = ht_vm_halt(vm, HT_EVM_BAD_JUMP);
    goto lost;
static_write:
    step = ht_vm_halt(vm, HT_EVM_STATIC_WRITE);
lost:
    f->gas = gas;
stopped:
    if (step == HT_VM_HALT) step = ht_vm_leave(vm);
    if (step == HT_VM_FRAME) goto enter;
    return step == HT_VM_DONE ? HT_OK : vm->err;
}
