/* Runs over a state that a test makes, in place of proofs: ht_run_start does the work at once,
 * once. A test program includes this once; it stands in the place of run.h's service. */
#ifndef HT_TESTS_UNIT_SIMULATE_WORLD_H
#define HT_TESTS_UNIT_SIMULATE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdio.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/crypto/keccak.h"
#include "node/l1/run.h"

#define SIM_ACCOUNTS_MAX 12U
#define SIM_CODE_MAX 8192U
#define SIM_GWEI UINT64_C(1000000000)

static struct {
    struct {
        ht_addr20 address;
        struct ht_evm_account account;
        uint8_t code[SIM_CODE_MAX];
        size_t code_n;
    } accounts[SIM_ACCOUNTS_MAX];
    size_t count;
    struct {
        ht_addr20 address;
        ht_u256 slot, value;
    } slots[SIM_ACCOUNTS_MAX]; /* others are zero */
    size_t slot_count;
    struct ht_network network;
    uint64_t base_fee, gas_limit;
    size_t missing; /* what the first round is told is missing: a second one is done */
    unsigned rounds;
    enum ht_err refuses; /* of ht_run_start: HT_OK runs */
    bool had_hint;
} sim;

static inline ht_addr20 sim_address(uint8_t last) {
    return (ht_addr20){.b = {[0] = 0x51, [19] = last}};
}

static inline enum ht_err sim_account(void *user, struct ht_evm_account *out,
                                      const ht_addr20 *address, struct ht_why *why) {
    (void)user, (void)why;
    *out = (struct ht_evm_account){.code_hash = ht_evm_no_code_hash};
    for (size_t i = 0; i < sim.count; i++) {
        bool is_it = memcmp(sim.accounts[i].address.b, address->b, sizeof address->b) == 0;
        if (is_it) *out = sim.accounts[i].account;
    }
    return HT_OK;
}

static inline enum ht_err sim_slot(void *user, ht_u256 *out, const ht_addr20 *address,
                                   const ht_u256 *slot, struct ht_why *why) {
    (void)user, (void)why;
    *out = ht_u256_of(0);
    for (size_t i = 0; i < sim.slot_count; i++) {
        bool is_it = memcmp(sim.slots[i].address.b, address->b, sizeof address->b) == 0 &&
                     ht_u256_equal(&sim.slots[i].slot, slot);
        if (is_it) *out = sim.slots[i].value;
    }
    return HT_OK;
}

static inline enum ht_err sim_code(void *user, ht_bytes *out, const ht_addr20 *address,
                                   const ht_hash32 *code_hash, struct ht_why *why) {
    (void)user, (void)address, (void)why;
    for (size_t i = 0; i < sim.count; i++) {
        if (ht_hash32_equal(&sim.accounts[i].account.code_hash, code_hash)) {
            *out = ht_bytes_of(sim.accounts[i].code, sim.accounts[i].code_n);
        }
    }
    return HT_OK;
}

static inline enum ht_err sim_block_hash(void *user, ht_hash32 *out, uint64_t number,
                                         struct ht_why *why) {
    (void)user, (void)number, (void)why;
    *out = (ht_hash32){{0}};
    return HT_OK;
}

static inline void sim_round(struct ht_run *run) {
    struct ht_run_place place = {
        .network = &sim.network, .header = &run->header, .rules = ht_evm_rules_of(HT_EVM_OSAKA)};
    const struct ht_evm_source source = {sim_account, sim_slot, sim_code, sim_block_hash, NULL};
    const struct ht_evm_origin nobody = {0};
    place.block = (struct ht_evm_block){.number = 100,
                                        .timestamp = 1700000000,
                                        .gas_limit = sim.gas_limit,
                                        .base_fee = ht_u256_of(sim.base_fee),
                                        .chain_id = sim.network.chain_id};
    assert_int_equal(ht_evm_world_new(&place.world, &source, 64 << 20), HT_OK);
    assert_int_equal(ht_evm_new(&place.evm), HT_OK);
    ht_evm_set(place.evm, place.rules, place.world, &place.block, &nobody, NULL, &place.limits);
    run->why = (struct ht_why){0};
    run->err = run->work(run, &place, &run->why);
    ht_evm_free(place.evm);
    ht_evm_world_free(place.world);
    sim.rounds++;
}

void ht_run_start(struct ht_runner *runner, struct ht_run *run) {
    (void)runner;
    sim.had_hint = run->hint != NULL;
    run->header.header.number = 100;
    run->header.header.timestamp = 1700000000;
    run->is_final = false;
    (void)snprintf(run->source, sizeof run->source, "test");
    run->facts.missing = sim.missing;
    if (sim.refuses != HT_OK) {
        run->err = ht_fail(&run->why, sim.refuses, "state_pruned", "no provider has it");
    } else {
        if (sim.missing > 0) sim_round(run);
        run->facts.missing = 0;
        sim_round(run);
    }
    run->done(run);
}

void ht_run_fini(struct ht_run *run) {
    json_decref(run->hint);
    run->hint = NULL;
}

struct ht_chain *ht_runner_chain(const struct ht_runner *runner) {
    (void)runner;
    return NULL;
}

json_t *ht_chain_provenance_json(const struct ht_chain *chain,
                                 const struct ht_exec_header_verified *header, bool is_final,
                                 const char *source) {
    (void)chain;
    (void)is_final;
    return json_pack("{s:s, s:I, s:s}", "verdict", "proven", "number",
                     (json_int_t)header->header.number, "source", source);
}

/* hex without 0x; NULL: no code. */
static inline void sim_put(ht_addr20 address, uint64_t wei, const char *hex) {
    assert_true(sim.count < SIM_ACCOUNTS_MAX);
    size_t n = hex != NULL ? strlen(hex) / 2 : 0;
    assert_true(n <= SIM_CODE_MAX);
    sim.accounts[sim.count].address = address;
    sim.accounts[sim.count].account = (struct ht_evm_account){
        .balance = ht_u256_of(wei), .exists = true, .code_hash = ht_evm_no_code_hash};
    sim.accounts[sim.count].code_n = n;
    if (n > 0) {
        uint8_t *code = sim.accounts[sim.count].code;
        assert_int_equal(ht_hex_read(code, n, ht_bytes_str(hex)), HT_OK);
        ht_keccak256(&sim.accounts[sim.count].account.code_hash, ht_bytes_of(code, n));
    }
    sim.count++;
}

static inline int sim_set_up(void **state) {
    (void)state;
    memset(&sim, 0, sizeof sim);
    sim.network.chain_id = 5;
    sim.base_fee = SIM_GWEI;
    sim.gas_limit = 30000000;
    return 0;
}

#endif
