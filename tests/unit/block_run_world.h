/* A small known state in which blocks are executed: a sender, the protocol's contracts where a test
 * wants them, and one contract of the test's own. */
#ifndef HT_TESTS_UNIT_BLOCK_RUN_WORLD_H
#define HT_TESTS_UNIT_BLOCK_RUN_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/l1/execution/block_check.h"
#include "node/l1/execution/history.h"

#define BW_ROOMY ((size_t)16 << 20)
#define BW_GAS_LIMIT 30000000U
#define BW_ACCOUNTS 4U

static const ht_addr20 BW_SENDER = {{0xa1}}, BW_CONTRACT = {{0xc1}}, BW_MINER = {{0xc0}};
static const ht_addr20 BW_BEACON_ROOTS = {{0x00, 0x0f, 0x3d, 0xf6, 0xd7, 0x32, 0x80,
                                           0x7e, 0xf1, 0x31, 0x9f, 0xb7, 0xb8, 0xbb,
                                           0x85, 0x22, 0xd0, 0xbe, 0xac, 0x02}};
static const ht_addr20 BW_WITHDRAWALS = {{0x00, 0x00, 0x09, 0x61, 0xef, 0x48, 0x0e,
                                          0xb5, 0x5e, 0x80, 0xd1, 0x9a, 0xd8, 0x35,
                                          0x79, 0xa6, 0x4c, 0x00, 0x70, 0x02}};

static struct {
    struct ht_known_account accounts[BW_ACCOUNTS];
    struct ht_known_state state;
    struct ht_evm_world *world;
    struct ht_evm *evm;
    struct ht_block_rules rules;
    struct ht_evm_block block;
} bw;

static inline void bw_init(enum ht_evm_fork fork) {
    memset(&bw, 0, sizeof bw);
    bw.rules = (struct ht_block_rules){.evm = ht_evm_rules_of(fork),
                                       .chain_id = 1,
                                       .blobs = {.target = 6, .max = 9, .update_fraction = 5007716},
                                       .deposit_contract = &BW_CONTRACT};
    bw.block = (struct ht_evm_block){.number = 8,
                                     .timestamp = 1000,
                                     .gas_limit = BW_GAS_LIMIT,
                                     .base_fee = ht_u256_of(7),
                                     .blob_base_fee = ht_u256_of(1),
                                     .coinbase = BW_MINER,
                                     .chain_id = 1};
    bw.accounts[0] = (struct ht_known_account){.address = BW_SENDER,
                                               .balance = ht_u256_of(1000000000000000000U)};
    bw.state = (struct ht_known_state){.accounts = bw.accounts, .count = 1};
}

/* Before bw_begin. The code is the caller's. */
static inline void bw_code(const ht_addr20 *address, ht_bytes code) {
    assert_true(bw.state.count < BW_ACCOUNTS);
    bw.accounts[bw.state.count++] =
        (struct ht_known_account){.address = *address, .nonce = 1, .code = code};
}

static inline void bw_begin(void) {
    const struct ht_evm_origin nobody = {0};
    struct ht_evm_source source;
    assert_int_equal(ht_known_state_prepare(&bw.state, NULL), HT_OK);
    ht_known_state_source(&source, &bw.state);
    ht_evm_world_free(bw.world);
    if (bw.evm == NULL) assert_int_equal(ht_evm_new(&bw.evm), HT_OK);
    assert_int_equal(ht_evm_world_new(&bw.world, &source, BW_ROOMY), HT_OK);
    ht_evm_set(bw.evm, bw.rules.evm, bw.world, &bw.block, &nobody, NULL, NULL);
}

static inline int bw_end(void **state) {
    (void)state;
    ht_evm_world_free(bw.world);
    ht_evm_free(bw.evm);
    memset(&bw, 0, sizeof bw);
    return 0;
}

/* A signature is not looked at by who executes; it must be there to be encoded. */
static inline struct ht_transaction bw_transaction(uint64_t nonce, const ht_addr20 *to,
                                                   ht_bytes data) {
    return (struct ht_transaction){.type = HT_TX_FEE_MARKET,
                                   .has_chain_id = true,
                                   .chain_id = 1,
                                   .nonce = nonce,
                                   .max_fee_per_gas = ht_u256_of(10),
                                   .max_priority_fee_per_gas = ht_u256_of(2),
                                   .gas_limit = 200000,
                                   .to = *to,
                                   .data = data,
                                   .is_signed = true,
                                   .r = ht_u256_of(1),
                                   .s = ht_u256_of(1)};
}

static inline ht_u256 bw_slot(const ht_addr20 *address, uint64_t key) {
    struct ht_evm_object *object = NULL;
    struct ht_evm_slot *slot = NULL;
    const ht_u256 at = ht_u256_of(key);
    assert_int_equal(ht_evm_world_find(&object, bw.world, address, NULL), HT_OK);
    assert_int_equal(ht_evm_world_slot(&slot, bw.world, object, &at, NULL), HT_OK);
    return slot->value;
}

#endif
