/* A machine over a world of accounts that a test puts there, and an assembler for their code.
 * Everything fails the running test on error. */
#ifndef HT_TESTS_UNIT_EVM_BENCH_H
#define HT_TESTS_UNIT_EVM_BENCH_H

#include "node/evm/code.h"
#include "node/evm/vm.h"

/* Ends a program with the word on top of the stack as output. */
#define EVM_RETURN " PUSH1 00 MSTORE PUSH1 20 PUSH1 00 RETURN"

struct evm_bench {
    struct ht_evm_world *world;
    struct ht_evm *evm;
    enum ht_evm_fork fork;
    struct ht_evm_block block;
    struct ht_evm_origin origin;
    struct ht_evm_limits limits;
    struct ht_evm_observer observer;
    unsigned asked; /* how often the source was asked for an account */
    bool is_broken; /* the source answers accounts with HT_EAGAIN "missing" */
    struct ht_evm_result result;
    struct ht_why why;
};

void evm_bench_init(struct evm_bench *bench, enum ht_evm_fork fork);
void evm_bench_fini(struct evm_bench *bench);
/* Another fork, limits, block or observer: after the members were changed. */
void evm_bench_set(struct evm_bench *bench);

/* The address that ends in this byte; the bench's sender is evm_address(0xaa). */
ht_addr20 evm_address(uint8_t last);

/* Mnemonics and hex bytes, apart by blanks: "PUSH1 2a DUP1 ADD". Appends to code; returns its
 * length. */
size_t evm_assemble(uint8_t *code, size_t size, const char *text);

/* Puts an account with that code, assembled, and wei; with NULL one without code. */
struct ht_evm_object *evm_put(struct evm_bench *bench, ht_addr20 address, uint64_t wei,
                              const char *text);
struct ht_evm_object *evm_put_code(struct evm_bench *bench, ht_addr20 address, ht_bytes code);

/* A transaction's message from the sender; the world begins anew before it. Fills bench->result and
 * bench->why. */
enum ht_err evm_send(struct evm_bench *bench, const struct ht_evm_message *message);
/* A call with that gas and no value or input; must be carried through. */
enum ht_evm_status evm_call(struct evm_bench *bench, ht_addr20 to, uint64_t gas);
/* Runs the program as the code of an account, with plenty of gas; its output is one word. */
ht_u256 evm_eval(struct evm_bench *bench, const char *text);
/* The same, which must be below 2^64. */
uint64_t evm_eval_u64(struct evm_bench *bench, const char *text);
/* The word that an output of 32 bytes is. */
ht_u256 evm_output(const struct evm_bench *bench);
/* Gas that the program takes when it runs as a call's code. */
uint64_t evm_gas(struct evm_bench *bench, const char *text);

#endif
