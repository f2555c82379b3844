/* The machine against a second one that is slow and obvious: arithmetic bit by bit, a plain array
 * for the stack, a plain array for memory, and gas from a table of its own (Yellow Paper appendix G
 * and H). Whatever the program is, both end alike: status, gas left, output.
 *
 * Input: fork, gas (two bytes), how much of the stack the end shows, length of the call data, call
 * data, code. Opcodes that need a world (calls, storage, logs) become others. */
#include "node/crypto/keccak.h"
#include "node/evm/vm.h"
#include "tests/fuzz/slow_number.h"
#include "tests/fuzz/slow_rules.h"

#define CODE_MAX 4096U
#define STACK_MAX 1024U
#define MEMORY_MAX ((size_t)1 << 19)
#define HEAD 5U
#define MORE_GAS 150000U  /* more than the machine's slice of gas */
#define EFFORT_MAX 60000U /* of a run of the second machine, about microseconds */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- the second machine -----------------------------------------------------------------------*/

#define CAN(status) (1U << (status))

struct slow {
    enum ht_evm_fork fork;
    const struct ht_evm_block *block;
    const struct ht_evm_message *message;
    const uint8_t *code;
    size_t code_n;
    struct word stack[STACK_MAX];
    int height;
    uint8_t memory[MEMORY_MAX];
    uint64_t memory_n;
    uint64_t gas;
    size_t pc;
    uint64_t effort;
    unsigned ends; /* how it may end: where two rules are broken at once, either may be told */
    ht_bytes output;
};

static struct slow machine;

static void end(struct slow *m, unsigned ends) {
    m->ends = ends;
    bool gives_back = (ends & (CAN(HT_EVM_SUCCESS) | CAN(HT_EVM_REVERT))) != 0;
    if (!gives_back) m->gas = 0;
}

static void pay(struct slow *m, uint64_t gas, unsigned or_else) {
    if (gas > m->gas || or_else != 0) {
        end(m, or_else | (gas > m->gas ? CAN(HT_EVM_OUT_OF_GAS) : 0));
    } else {
        m->gas -= gas;
    }
}

static struct word pop(struct slow *m) {
    return m->stack[--m->height];
}

static void push(struct slow *m, struct word word) {
    m->stack[m->height++] = word;
}

static uint64_t memory_price(uint64_t bytes) {
    uint64_t words = (bytes + 31) / 32;
    return 3 * words + words * words / 512;
}

/* What it costs that n bytes at `at` are there; nothing for none of them. */
static uint64_t reach_price(const struct slow *m, uint64_t at, uint64_t n) {
    if (n == 0 || at + n <= m->memory_n) return 0;
    return memory_price(at + n) - memory_price(m->memory_n);
}

static void reach(struct slow *m, uint64_t at, uint64_t n) {
    uint64_t words = (at + n + 31) / 32;
    if (n > 0 && words * 32 > m->memory_n) m->memory_n = words * 32;
    ht_assert(m->memory_n <= MEMORY_MAX);
}

/* A place or a length: nobody can pay for more than 2^30. */
static uint64_t place(const struct word *word) {
    return bounded(word, 1U << 30);
}

static void copy(struct slow *m, const uint8_t *from, uint64_t from_n, bool is_strict) {
    struct word to_word = pop(m), source_word = pop(m), n_word = pop(m);
    uint64_t to = place(&to_word), source = place(&source_word), n = place(&n_word);
    unsigned is_out = is_strict && source + n > from_n ? CAN(HT_EVM_RETURN_DATA_BOUNDS) : 0;
    pay(m, (n + 31) / 32 * 3 + reach_price(m, to, n), is_out);
    if (m->ends != 0) return;
    reach(m, to, n);
    m->effort += n / 64;
    for (uint64_t i = 0; i < n; i++) {
        m->memory[to + i] = source + i < from_n ? from[source + i] : 0;
    }
}

static void copy_memory(struct slow *m) {
    static uint8_t before[MEMORY_MAX];
    struct word to_word = pop(m), source_word = pop(m), n_word = pop(m);
    uint64_t to = place(&to_word), source = place(&source_word), n = place(&n_word);
    uint64_t last = to > source ? to : source;
    pay(m, (n + 31) / 32 * 3 + reach_price(m, last, n), 0);
    if (m->ends != 0) return;
    reach(m, last, n);
    m->effort += n / 64;
    for (uint64_t i = 0; i < n; i++) before[i] = m->memory[source + i];
    for (uint64_t i = 0; i < n; i++) m->memory[to + i] = before[i];
}

static bool is_jumpdest(const struct slow *m, uint64_t at) {
    size_t i = 0;
    while (i < m->code_n && i < at) i += is_in(m->code[i], 0x60, 0x7f) ? m->code[i] - 0x5eU : 1;
    return i == at && at < m->code_n && m->code[at] == 0x5b;
}

static void jump(struct slow *m, bool is_conditional) {
    struct word to_word = pop(m);
    uint64_t to = place(&to_word);
    if (is_conditional) {
        struct word condition = pop(m);
        struct number number = number_of(&condition);
        if (is_zero(&number)) return;
    }
    m->effort += m->code_n / 64;
    if (is_jumpdest(m, to)) {
        m->pc = (size_t)to;
    } else {
        end(m, CAN(HT_EVM_BAD_JUMP));
    }
}

/* --- its opcodes ------------------------------------------------------------------------------*/

static void run_ternary(struct slow *m, uint8_t op) {
    struct word first = pop(m), second = pop(m), modulus = pop(m);
    struct number a = number_of(&first), b = number_of(&second), n = number_of(&modulus);
    m->effort += 60;
    if (op == 0x08) add(&a, &b);
    if (op == 0x09) a = product(&a, &b);
    (void)divide(&a, &n);
    push(m, word_of(&a));
}

static struct number binary(struct slow *m, uint8_t op, struct number a, struct number b,
                            uint64_t first) {
    struct number out = a;
    switch (op) {
    case 0x01: add(&out, &b); break;
    case 0x02: out = product(&a, &b); break;
    case 0x03: negate(&b), add(&out, &b); break;
    case 0x04: out = divide(&a, &b); break;
    case 0x05: out = signed_division(a, b, false); break;
    case 0x06: (void)divide(&out, &b); break;
    case 0x07: out = signed_division(a, b, true); break;
    case 0x0a: m->effort += 8000, out = power(&a, &b); break;
    case 0x0b: out = extended(b, first); break;
    case 0x16:
        for (size_t i = 0; i < 32; i++) out.b[i] = a.b[i] & b.b[i];
        break;
    case 0x17:
        for (size_t i = 0; i < 32; i++) out.b[i] = a.b[i] | b.b[i];
        break;
    case 0x18:
        for (size_t i = 0; i < 32; i++) out.b[i] = a.b[i] ^ b.b[i];
        break;
    case 0x1a: out = (struct number){{first < 32 ? b.b[31 - first] : 0}}; break;
    case 0x1b: out = moved(&b, first, true, false); break;
    case 0x1c: out = moved(&b, first, false, false); break;
    default: out = moved(&b, first, false, bit_of(&b, 255)); break;
    }
    return out;
}

static void run_exp_price(struct slow *m) {
    const struct word *exponent = &m->stack[m->height - 2];
    size_t zeros = 0;
    while (zeros < 32 && exponent->b[zeros] == 0) zeros++;
    pay(m, 50 * (32 - zeros), 0);
}

static bool compared(uint8_t op, const struct number *a, const struct number *b) {
    switch (op) {
    case 0x10: return is_less(a, b);
    case 0x11: return is_less(b, a);
    case 0x12: return is_signed_less(a, b);
    case 0x13: return is_signed_less(b, a);
    default: return memcmp(a, b, sizeof *a) == 0;
    }
}

static void run_binary(struct slow *m, uint8_t op) {
    if (op == 0x0a) run_exp_price(m);
    if (m->ends != 0) return;
    struct word left = pop(m), right = pop(m);
    struct number a = number_of(&left), b = number_of(&right);
    m->effort += op >= 0x10 || op == 0x01 || op == 0x03 ? 1 : 30;
    struct number out = op >= 0x10 && op <= 0x14 ? (struct number){{compared(op, &a, &b)}}
                                                 : binary(m, op, a, b, bounded(&left, 256));
    push(m, word_of(&out));
}

static void run_unary(struct slow *m, uint8_t op) {
    struct word word = pop(m);
    struct number a = number_of(&word);
    size_t length = 256;
    while (length > 0 && !bit_of(&a, length - 1)) length--;
    for (size_t i = 0; i < 32; i++) word.b[i] = (uint8_t)~word.b[i];
    if (op == 0x15) word = small(length == 0);
    if (op == 0x1e) word = small(256 - length);
    push(m, word);
}

static struct word padded(const uint8_t *bytes, size_t n) {
    struct word out = {{0}};
    memcpy(out.b + 32 - n, bytes, n);
    return out;
}

static struct word word_of_u256(const ht_u256 *number) {
    struct word out;
    ht_u256_to_be(out.b, number);
    return out;
}

static struct word environment(const struct slow *m, uint8_t op) {
    switch (op) {
    case 0x30: return padded(m->message->to.b, 20);
    case 0x32: return padded(m->message->sender.b, 20);
    case 0x33: return padded(m->message->sender.b, 20);
    case 0x34: return word_of_u256(&m->message->value);
    case 0x36: return small(m->message->input.n);
    case 0x38: return small(m->code_n);
    case 0x3a: return small(7);
    case 0x3d: return small(0);
    case 0x41: return padded(m->block->coinbase.b, 20);
    case 0x42: return small(m->block->timestamp);
    case 0x43: return small(m->block->number);
    case 0x44: return padded(m->block->prev_randao.b, 32);
    case 0x45: return small(m->block->gas_limit);
    case 0x46: return small(m->block->chain_id);
    case 0x48: return word_of_u256(&m->block->base_fee);
    case 0x58: return small(m->pc);
    case 0x59: return small(m->memory_n);
    default: return small(m->gas);
    }
}

static void run_memory(struct slow *m, uint8_t op) {
    struct word at_word = pop(m), value = {{0}};
    uint64_t at = place(&at_word), n = op == 0x53 ? 1 : 32;
    if (op != 0x51) value = pop(m);
    pay(m, reach_price(m, at, n), 0);
    if (m->ends != 0) return;
    reach(m, at, n);
    if (op == 0x51) {
        memcpy(value.b, m->memory + at, 32);
        push(m, value);
    } else {
        memcpy(m->memory + at, value.b + 32 - n, n);
    }
}

/* KECCAK256, RETURN, REVERT. */
static void run_view(struct slow *m, uint8_t op) {
    struct word at_word = pop(m), n_word = pop(m);
    uint64_t at = place(&at_word), n = place(&n_word);
    pay(m, reach_price(m, at, n) + (op == 0x20 ? (n + 31) / 32 * 6 : 0), 0);
    if (m->ends != 0) return;
    reach(m, at, n);
    ht_bytes view = ht_bytes_of(m->memory + (n > 0 ? at : 0), n);
    if (op == 0x20) {
        ht_hash32 hash;
        ht_keccak256(&hash, view);
        push(m, padded(hash.b, 32));
    } else {
        m->output = view;
        end(m, CAN(op == 0xf3 ? HT_EVM_SUCCESS : HT_EVM_REVERT));
    }
}

static void run_calldataload(struct slow *m) {
    struct word at_word = pop(m), out = {{0}};
    uint64_t at = place(&at_word);
    ht_bytes input = m->message->input;
    for (size_t i = 0; i < 32; i++) out.b[i] = at + i < input.n ? input.p[at + i] : 0;
    push(m, out);
}

static void run_push(struct slow *m, size_t n) {
    struct word out = {{0}};
    for (size_t i = 0; i < n; i++) {
        out.b[32 - n + i] = m->pc + 1 + i < m->code_n ? m->code[m->pc + 1 + i] : 0;
    }
    m->pc += n;
    push(m, out);
}

static void run_swap(struct slow *m, int n) {
    struct word top = m->stack[m->height - 1];
    m->stack[m->height - 1] = m->stack[m->height - 1 - n];
    m->stack[m->height - 1 - n] = top;
}

static void run_copy(struct slow *m, uint8_t op) {
    switch (op) {
    case 0x37: copy(m, m->message->input.p, m->message->input.n, false); break;
    case 0x39: copy(m, m->code, m->code_n, false); break;
    case 0x3e: copy(m, NULL, 0, true); break;
    default: copy_memory(m); break;
    }
}

static void run_word(struct slow *m, uint8_t op) {
    if (op == 0x08 || op == 0x09) {
        run_ternary(m, op);
    } else if (op == 0x15 || op == 0x19 || op == 0x1e) {
        run_unary(m, op);
    } else {
        run_binary(m, op);
    }
}

static void run_opcode(struct slow *m, uint8_t op) {
    if (op == 0x00) {
        end(m, CAN(HT_EVM_SUCCESS));
    } else if (op <= 0x1e) {
        run_word(m, op);
    } else if (op == 0x20 || op == 0xf3 || op == 0xfd) {
        run_view(m, op);
    } else if (op == 0x35) {
        run_calldataload(m);
    } else if (op == 0x37 || op == 0x39 || op == 0x3e || op == 0x5e) {
        run_copy(m, op);
    } else if (op == 0x50) {
        (void)pop(m);
    } else if (is_in(op, 0x51, 0x53)) {
        run_memory(m, op);
    } else if (op == 0x56 || op == 0x57) {
        jump(m, op == 0x57);
    } else if (is_in(op, 0x5f, 0x7f)) {
        run_push(m, op - 0x5fU);
    } else if (is_in(op, 0x80, 0x8f)) {
        push(m, m->stack[m->height - (op - 0x7f)]);
    } else if (is_in(op, 0x90, 0x9f)) {
        run_swap(m, op - 0x8f);
    } else if (op != 0x5b) {
        push(m, environment(m, op));
    }
}

static void begin(struct slow *m, enum ht_evm_fork fork, const struct ht_evm_block *block,
                  const struct ht_evm_message *message, ht_bytes code) {
    memset(m->memory, 0, m->memory_n);
    m->fork = fork;
    m->block = block;
    m->message = message;
    m->code = code.p;
    m->code_n = code.n;
    m->gas = message->gas;
    m->height = 0;
    m->memory_n = m->effort = 0;
    m->pc = 0;
    m->ends = 0;
    m->output = (ht_bytes){NULL, 0};
}

/* False when it would take too long to tell. */
static bool run_slowly(struct slow *m) {
    while (m->ends == 0) {
        uint8_t op = m->pc < m->code_n ? m->code[m->pc] : 0;
        struct shape shape = shape_of(op, m->fork);
        if (++m->effort > EFFORT_MAX) return false;
        if (shape.in < 0) {
            end(m, CAN(HT_EVM_BAD_INSTRUCTION));
            break;
        }
        unsigned broken = m->height < shape.in ? CAN(HT_EVM_STACK_UNDERFLOW) : 0;
        if (m->height - shape.in + shape.out > (int)STACK_MAX) broken |= CAN(HT_EVM_STACK_OVERFLOW);
        pay(m, shape.gas, broken);
        size_t before = m->pc;
        if (m->ends == 0) run_opcode(m, op);
        if (m->ends == 0 && (m->pc == before || op < 0x56 || op > 0x57)) m->pc++;
    }
    return true;
}

/* --- both -------------------------------------------------------------------------------------*/

static enum ht_err some_account(void *user, struct ht_evm_account *out, const ht_addr20 *address,
                                struct ht_why *why) {
    (void)user, (void)address, (void)why;
    *out = (struct ht_evm_account){.code_hash = ht_evm_no_code_hash};
    return HT_OK;
}

static bool is_over(void *user) {
    (void)user;
    return false;
}

/* Takes out what the second machine lacks, and shows the stack at the end. */
static size_t make_code(uint8_t *code, ht_bytes from, unsigned shown) {
    size_t n = from.n < CODE_MAX ? from.n : CODE_MAX;
    if (n > 0) memcpy(code, from.p, n);
    for (size_t i = 0; i < n; i++) {
        if (is_left_out(code[i])) code[i] = (uint8_t)(0x80 | (code[i] & 0x1f));
        if (is_in(code[i], 0x60, 0x7f)) i += code[i] - 0x5fU;
    }
    for (unsigned i = 0; i < shown; i++) {
        code[n++] = 0x59;
        code[n++] = 0x52;
    }
    static const uint8_t give_memory[4] = {0x59, 0x60, 0x00, 0xf3};
    memcpy(code + n, give_memory, sizeof give_memory);
    return n + sizeof give_memory;
}

static void compare(struct ht_evm *evm, const struct ht_evm_message *message) {
    struct ht_evm_result result = {0};
    struct ht_why why = {0};
    ht_assert(ht_evm_run(evm, &result, message, &why) == HT_OK);
    ht_assert((machine.ends & CAN(result.status)) != 0);
    ht_assert(result.gas_left == machine.gas);
    ht_assert(ht_bytes_equal(result.output, machine.output));
}

static void run_both(struct ht_evm *evm, enum ht_evm_fork fork,
                     const struct ht_evm_message *message, ht_bytes code) {
    static const struct ht_evm_block block = {.number = 0x1234567,
                                              .timestamp = 1700000001,
                                              .gas_limit = 36000000,
                                              .base_fee = {{9, 8, 0, 0}},
                                              .coinbase = {{0xcb, 1, 2}},
                                              .prev_randao = {{0xaa, 3}},
                                              .chain_id = 31337};
    static const struct ht_evm_source source = {.account = some_account};
    const struct ht_evm_origin origin = {.origin = message->sender, .gas_price = ht_u256_of(7)};
    const struct ht_evm_limits limits = {.is_over = is_over, .gas_step = 1U << 16};
    struct ht_evm_world *world = NULL;
    struct ht_evm_object *object = NULL;
    begin(&machine, fork, &block, message, code);
    if (!run_slowly(&machine)) return;
    struct ht_evm_account account = {.exists = true};
    ht_keccak256(&account.code_hash, code);
    ht_assert(ht_evm_world_new(&world, &source, 1 << 24) == HT_OK);
    ht_assert(ht_evm_world_find(&object, world, &message->to, NULL) == HT_OK);
    ht_assert(ht_evm_world_override(world, object, &account, &code) == HT_OK);
    ht_evm_set(evm, ht_evm_rules_of(fork), world, &block, &origin, NULL, &limits);
    ht_evm_world_begin(world);
    compare(evm, message);
    ht_evm_world_free(world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct ht_evm *evm;
    static uint8_t code[CODE_MAX + 64];
    if (size < HEAD) return 0;
    if (evm == NULL) ht_assert(ht_evm_new(&evm) == HT_OK);
    size_t input_n = data[4] < size - HEAD ? data[4] : size - HEAD;
    ht_bytes rest = ht_bytes_of(data + HEAD + input_n, size - HEAD - input_n);
    struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                     .sender = {{0x51, 2, 3}},
                                     .to = {{0xc0, 0xde, 9}},
                                     .code = {{0xc0, 0xde, 9}},
                                     .gas = (uint64_t)(data[1] & 0x3f) << 8 | data[2],
                                     .input = ht_bytes_of(data + HEAD, input_n)};
    if ((data[1] & 0x40) != 0) message.gas += MORE_GAS;
    size_t code_n = make_code(code, rest, data[3] % 16);
    enum ht_evm_fork fork = (enum ht_evm_fork)(data[0] % HT_EVM_FORK_COUNT);
    run_both(evm, fork, &message, ht_bytes_of(code, code_n));
    return 0;
}
