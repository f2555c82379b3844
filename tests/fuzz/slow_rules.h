/* What an opcode takes, puts and costs, for a second machine: Yellow Paper appendix G and H, and
 * nothing of node/evm/ops.h. */
#ifndef HT_TESTS_FUZZ_SLOW_RULES_H
#define HT_TESTS_FUZZ_SLOW_RULES_H

#include "node/evm/rules.h"

struct shape {
    int in, out; /* -1: there is no such opcode */
    unsigned gas;
};

static inline bool is_in(uint8_t op, uint8_t from, uint8_t to) {
    return op >= from && op <= to;
}

/* W_base, W_verylow, W_low, W_mid, W_high. */
static inline struct shape shape_of(uint8_t op, enum ht_evm_fork fork) {
    static const uint8_t arithmetic[12] = {0, 3, 5, 3, 5, 5, 5, 5, 8, 8, 10, 5};
    if (op == 0x00) return (struct shape){0, 0, 0};
    if (op == 0x08 || op == 0x09) return (struct shape){3, 1, 8};
    if (op <= 0x0b) return (struct shape){2, 1, arithmetic[op]};
    if (op == 0x15 || op == 0x19) return (struct shape){1, 1, 3};
    if (op == 0x1e && fork >= HT_EVM_OSAKA) return (struct shape){1, 1, 5};
    if (is_in(op, 0x10, 0x1d)) return (struct shape){2, 1, 3};
    if (op == 0x20) return (struct shape){2, 1, 30};
    if (op == 0x35) return (struct shape){1, 1, 3};
    if (op == 0x37 || op == 0x39 || op == 0x3e) return (struct shape){3, 0, 3};
    if (op == 0x30 || is_in(op, 0x32, 0x3a) || op == 0x3d) return (struct shape){0, 1, 2};
    if (op == 0x48 && fork < HT_EVM_LONDON) return (struct shape){-1, -1, 0};
    if (is_in(op, 0x41, 0x48) && op != 0x47) return (struct shape){0, 1, 2};
    if (op == 0x50) return (struct shape){1, 0, 2};
    if (op == 0x51) return (struct shape){1, 1, 3};
    if (op == 0x52 || op == 0x53) return (struct shape){2, 0, 3};
    if (op == 0x56) return (struct shape){1, 0, 8};
    if (op == 0x57) return (struct shape){2, 0, 10};
    if (is_in(op, 0x58, 0x5a)) return (struct shape){0, 1, 2};
    if (op == 0x5b) return (struct shape){0, 0, 1};
    if (op == 0x5e && fork >= HT_EVM_CANCUN) return (struct shape){3, 0, 3};
    if (op == 0x5f && fork >= HT_EVM_SHANGHAI) return (struct shape){0, 1, 2};
    if (is_in(op, 0x60, 0x7f)) return (struct shape){0, 1, 3};
    if (is_in(op, 0x80, 0x8f)) return (struct shape){op - 0x7f, op - 0x7e, 3};
    if (is_in(op, 0x90, 0x9f)) return (struct shape){op - 0x8e, op - 0x8e, 3};
    if (op == 0xf3 || op == 0xfd) return (struct shape){2, 0, 0};
    return (struct shape){-1, -1, 0};
}

/* Those that need what the second machine does not have. */
static inline bool is_left_out(uint8_t op) {
    return op == 0x31 || op == 0x3b || op == 0x3c || op == 0x3f || op == 0x40 || op == 0x47 ||
           op == 0x49 || op == 0x4a || op == 0x54 || op == 0x55 || op == 0x5c || op == 0x5d ||
           is_in(op, 0xa0, 0xa4) || is_in(op, 0xf0, 0xf2) || op == 0xf4 || op == 0xf5 ||
           op == 0xfa || op == 0xff;
}

#endif
