/* A community made by its transaction in our own machine, for tests; static inline, so that a test
 * takes what it needs. Fails the running test on error. */
#ifndef HT_TESTS_UNIT_GOV_CONTRACTS_H
#define HT_TESTS_UNIT_GOV_CONTRACTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "governance/create/create.h"
#include "governance/governor/code.h"
#include "node/codec/json.h"
#include "node/crypto/keccak.h"
#include "tests/unit/evm_bench.h"

#define GOV_SPANS                                                                               \
    "\"voting_delay\": 1, \"voting_period\": 40, \"quorum_percent\": 4, \"threshold\": \"1\", " \
    "\"timelock_delay_s\": 2"
#define GOV_TOKEN                                                                                 \
    "{\"name\": \"Garden\", \"kind\": \"token\", " GOV_SPANS ", \"token\": {\"name\": \"Seed\", " \
    "\"symbol\": \"SEED\", \"holders\": [{\"address\": "                                          \
    "\"0x11000000000000000000000000000000000000b1\", \"amount\": \"600\"}, {\"treasury\": true, " \
    "\"amount\": 400}]}}"
#define GOV_SCHEMA "0x5555555555555555555555555555555555555555555555555555555555555555"
#define GOV_PEOPLE                                                                  \
    "{\"name\": \"Village\", \"kind\": \"people\", \"clock\": \"time\", " GOV_SPANS \
    ", \"schema\": \"" GOV_SCHEMA "\", \"attesters\": "                             \
    "[\"0x11000000000000000000000000000000000000a7\"]}"

static inline json_t *gov_json(const char *text) {
    json_t *out = NULL;
    assert_int_equal(ht_json_parse(&out, ht_bytes_str(text), 1 << 16, NULL), HT_OK);
    return out;
}

static inline struct ht_gov_wishes gov_wishes(const char *text) {
    static const ht_addr20 eas = {{0xea, 0x5}};
    struct ht_gov_wishes wishes;
    struct ht_why why = {.code = "", .text = ""};
    json_t *params = gov_json(text);
    if (ht_gov_wishes_read(&wishes, params, &eas, &why) != HT_OK) fail_msg("%s", why.text);
    json_decref(params);
    return wishes;
}

/* Runs the creating transaction with plenty of gas; gas: what it used. */
static inline struct ht_gov_made gov_make(struct evm_bench *bench, uint64_t *gas,
                                          const struct ht_gov_wishes *wishes) {
    struct ht_buf data;
    struct ht_gov_made made;
    ht_addr20 sender = evm_address(0xaa), maker;
    struct ht_evm_object *object = NULL;
    ht_buf_init(&data, HT_GOV_CREATE_MAX);
    assert_int_equal(ht_gov_create_data(&data, wishes, NULL), HT_OK);
    struct ht_evm_message message = {.kind = HT_EVM_CREATE,
                                     .sender = sender,
                                     .gas = 16000000,
                                     .value = wishes->treasury_wei,
                                     .input = {data.p, data.n}};
    ht_gov_created_address(&maker, &sender, 0);
    ht_gov_made_by(&made, wishes, &maker);
    assert_int_equal(ht_evm_world_find(&object, bench->world, &sender, NULL), HT_OK);
    assert_int_equal(ht_evm_world_set_nonce(bench->world, object, 1), HT_OK);
    assert_int_equal(evm_send(bench, &message), HT_OK);
    assert_string_equal(ht_evm_status_text(bench->result.status), "success");
    assert_memory_equal(&bench->result.created, &maker, sizeof maker);
    *gas = message.gas - bench->result.gas_left;
    ht_buf_fini(&data);
    return made;
}

static inline ht_bytes gov_code(struct evm_bench *bench, const ht_addr20 *address) {
    struct ht_evm_object *object = NULL;
    const struct ht_evm_code *code = NULL;
    assert_int_equal(ht_evm_world_find(&object, bench->world, address, NULL), HT_OK);
    assert_int_equal(ht_evm_world_code(&code, bench->world, object, NULL), HT_OK);
    return (ht_bytes){code->bytes, code->n};
}

static inline ht_u256 gov_slot(struct evm_bench *bench, const ht_addr20 *address,
                               const ht_hash32 *slot) {
    struct ht_evm_object *object = NULL;
    struct ht_evm_slot *found = NULL;
    ht_u256 key = ht_u256_from_be32(slot->b);
    assert_int_equal(ht_evm_world_find(&object, bench->world, address, NULL), HT_OK);
    assert_int_equal(ht_evm_world_slot(&found, bench->world, object, &key, NULL), HT_OK);
    return found->value;
}

#endif
