/* See evm_bench.h. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/evm_bench.h"

#include "node/crypto/keccak.h"

#define PLENTY 10000000U

static enum ht_err no_account(void *user, struct ht_evm_account *out, const ht_addr20 *address,
                              struct ht_why *why) {
    struct evm_bench *bench = user;
    (void)address;
    bench->asked++;
    if (bench->is_broken) return ht_fail(why, HT_EAGAIN, "missing", "it has to be fetched");
    *out = (struct ht_evm_account){0};
    ht_keccak256(&out->code_hash, (ht_bytes){NULL, 0});
    return HT_OK;
}

static enum ht_err no_slot(void *user, ht_u256 *out, const ht_addr20 *address, const ht_u256 *slot,
                           struct ht_why *why) {
    (void)user, (void)address, (void)slot, (void)why;
    *out = ht_u256_of(0);
    return HT_OK;
}

static enum ht_err no_code(void *user, ht_bytes *out, const ht_addr20 *address,
                           const ht_hash32 *code_hash, struct ht_why *why) {
    (void)user, (void)address, (void)code_hash, (void)why;
    *out = (ht_bytes){NULL, 0};
    return HT_OK;
}

/* Its number, so that a test can see which was asked for. */
static enum ht_err a_block_hash(void *user, ht_hash32 *out, uint64_t number, struct ht_why *why) {
    (void)user, (void)why;
    ht_u256 word = ht_u256_of(number);
    ht_u256_to_be(out->b, &word);
    return HT_OK;
}

void evm_bench_init(struct evm_bench *bench, enum ht_evm_fork fork) {
    *bench = (struct evm_bench){.fork = fork};
    bench->origin.origin = evm_address(0xaa);
    bench->block = (struct ht_evm_block){
        .number = 1000, .timestamp = 5000, .gas_limit = 30000000, .chain_id = 1};
    struct ht_evm_source source = {no_account, no_slot, no_code, a_block_hash, bench};
    assert_int_equal(ht_evm_world_new(&bench->world, &source, 64 << 20), HT_OK);
    assert_int_equal(ht_evm_new(&bench->evm), HT_OK);
    evm_bench_set(bench);
    (void)evm_put(bench, evm_address(0xaa), 1000000, NULL);
}

void evm_bench_fini(struct evm_bench *bench) {
    ht_evm_free(bench->evm);
    ht_evm_world_free(bench->world);
}

void evm_bench_set(struct evm_bench *bench) {
    ht_evm_set(bench->evm, ht_evm_rules_of(bench->fork), bench->world, &bench->block,
               &bench->origin, &bench->observer, &bench->limits);
}

ht_addr20 evm_address(uint8_t last) {
    ht_addr20 address = {{0x11}};
    address.b[19] = last;
    return address;
}

/* Names before hex: no opcode's name is two hex digits. */
static uint8_t byte_of(const char *token) {
    const struct ht_evm_rules *rules = ht_evm_rules_of(HT_EVM_OSAKA);
    for (unsigned i = 0; i < 256; i++) {
        if (rules->ops[i].name != NULL && strcmp(rules->ops[i].name, token) == 0) return (uint8_t)i;
    }
    char *end = NULL;
    unsigned long value = strtoul(token, &end, 16);
    if (strlen(token) != 2 || *end != '\0') fail_msg("no opcode and no byte: %s", token);
    return (uint8_t)value;
}

size_t evm_assemble(uint8_t *code, size_t size, const char *text) {
    size_t n = 0;
    while (*text != '\0') {
        char token[20] = {0};
        size_t length = strcspn(text, " ");
        assert_in_range(length, 0, sizeof token - 1);
        memcpy(token, text, length);
        text += length + (text[length] == ' ');
        if (length == 0) continue;
        assert_in_range(n, 0, size - 1);
        code[n++] = byte_of(token);
    }
    return n;
}

struct ht_evm_object *evm_put_code(struct evm_bench *bench, ht_addr20 address, ht_bytes code) {
    struct ht_evm_object *object = NULL;
    struct ht_evm_account account = {.exists = true};
    ht_keccak256(&account.code_hash, code);
    assert_int_equal(ht_evm_world_find(&object, bench->world, &address, NULL), HT_OK);
    assert_int_equal(ht_evm_world_override(bench->world, object, &account, &code), HT_OK);
    return object;
}

struct ht_evm_object *evm_put(struct evm_bench *bench, ht_addr20 address, uint64_t wei,
                              const char *text) {
    uint8_t bytes[4096];
    ht_bytes code = {bytes, text == NULL ? 0 : evm_assemble(bytes, sizeof bytes, text)};
    struct ht_evm_object *object = evm_put_code(bench, address, code);
    struct ht_evm_account account = object->account;
    account.balance = ht_u256_of(wei);
    assert_int_equal(ht_evm_world_override(bench->world, object, &account, NULL), HT_OK);
    return object;
}

enum ht_err evm_send(struct evm_bench *bench, const struct ht_evm_message *message) {
    bench->why = (struct ht_why){0};
    bench->result = (struct ht_evm_result){0};
    ht_evm_world_begin(bench->world);
    return ht_evm_run(bench->evm, &bench->result, message, &bench->why);
}

enum ht_evm_status evm_call(struct evm_bench *bench, ht_addr20 to, uint64_t gas) {
    struct ht_evm_message message = {
        .kind = HT_EVM_CALL, .sender = evm_address(0xaa), .to = to, .code = to, .gas = gas};
    enum ht_err err = evm_send(bench, &message);
    if (err != HT_OK) fail_msg("%s: %s", ht_err_name(err), bench->why.text);
    return bench->result.status;
}

ht_u256 evm_output(const struct evm_bench *bench) {
    assert_int_equal(bench->result.output.n, 32);
    return ht_u256_from_be32(bench->result.output.p);
}

ht_u256 evm_eval(struct evm_bench *bench, const char *text) {
    char whole[4096];
    (void)snprintf(whole, sizeof whole, "%s" EVM_RETURN, text);
    (void)evm_put(bench, evm_address(1), 0, whole);
    enum ht_evm_status status = evm_call(bench, evm_address(1), PLENTY);
    if (status != HT_EVM_SUCCESS) fail_msg("%s: %s", text, ht_evm_status_text(status));
    return evm_output(bench);
}

uint64_t evm_eval_u64(struct evm_bench *bench, const char *text) {
    ht_u256 word = evm_eval(bench, text);
    assert_true(ht_u256_is_u64(&word));
    return word.limb[0];
}

uint64_t evm_gas(struct evm_bench *bench, const char *text) {
    (void)evm_put(bench, evm_address(1), 0, text);
    enum ht_evm_status status = evm_call(bench, evm_address(1), PLENTY);
    if (status != HT_EVM_SUCCESS) fail_msg("%s: %s", text, ht_evm_status_text(status));
    return PLENTY - bench->result.gas_left;
}
