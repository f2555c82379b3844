/* What is sent to the registry of people and to the relay of ballots. */
#include "governance/create/create_calls.h"

#include <inttypes.h>
#include <stdio.h>

#include "node/codec/abi.h"
#include "node/codec/abi_word.h"
#include "node/crypto/keccak.h"

#define TYPE_ARENA ((size_t)8 << 10)
#define MANY_MAX 64U

const ht_addr20 ht_gov_deployer = {{0x4e, 0x59, 0xb4, 0x48, 0x47, 0xb3, 0x79, 0x57, 0x85, 0x88,
                                    0x92, 0x0c, 0xa7, 0x8f, 0xbf, 0x26, 0xc0, 0xb4, 0x95, 0x6c}};
/* keccak256("Refused(address,uint256,bytes)") */
const ht_hash32 ht_gov_relay_refused = {{0x45, 0xd9, 0xc2, 0xf4, 0x59, 0xe0, 0x18, 0xa5,
                                         0x8b, 0xf8, 0x76, 0x93, 0xcc, 0x23, 0x63, 0x40,
                                         0x90, 0xb5, 0x44, 0xc3, 0x96, 0x2e, 0x5f, 0x8e,
                                         0xb8, 0xad, 0x19, 0xa0, 0x36, 0xb1, 0x06, 0xc1}};

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* Appends the selector of name and types, and the encoding of values, which are taken over. */
static enum ht_err call(struct ht_buf *out, const char *name, const char *types, json_t *values,
                        struct ht_why *why) {
    char signature[128];
    uint8_t selector[4];
    struct ht_arena arena;
    struct ht_abi_type type;
    size_t before = out->n;
    if (values == NULL) return no_memory(why);
    int n = snprintf(signature, sizeof signature, "%s%s", name, types);
    ht_assert(n > 0 && (size_t)n < sizeof signature);
    ht_abi_selector(selector, signature);
    ht_arena_init(&arena, TYPE_ARENA);
    enum ht_err err = ht_abi_type_read(&type, &arena, ht_bytes_str(types), why);
    if (err == HT_OK && ht_buf_add(out, HT_BYTES(selector)) != HT_OK) err = no_memory(why);
    if (err == HT_OK) err = ht_abi_encode(out, &type, values, why);
    if (err != HT_OK) out->n = before;
    ht_arena_fini(&arena);
    json_decref(values);
    return err;
}

enum ht_err ht_gov_call_register(struct ht_buf *out, const ht_hash32 *uids, size_t count,
                                 struct ht_why *why) {
    if (count == 0 || count > MANY_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_people", "%zu attestations at once, not 1 to %u",
                       count, MANY_MAX);
    }
    if (count == 1) {
        json_t *values = json_pack("[o]", ht_abi_hex(HT_BYTES(uids->b)));
        return call(out, "register", "(bytes32)", values, why);
    }
    json_t *list = json_array();
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        failed |= json_array_append_new(list, ht_abi_hex(HT_BYTES(uids[i].b)));
    }
    json_t *values = failed == 0 ? json_pack("[O]", list) : NULL;
    json_decref(list);
    return call(out, "registerMany", "(bytes32[])", values, why);
}

enum ht_err ht_gov_call_strike(struct ht_buf *out, const ht_addr20 *person, struct ht_why *why) {
    json_t *values = json_pack("[o]", ht_abi_hex(HT_BYTES(person->b)));
    return call(out, "strike", "(address)", values, why);
}

void ht_gov_relay_address(ht_addr20 *out) {
    /* EIP-1014: 0xff, deployer, salt, hash of the creating code. */
    static const uint8_t first = 0xff, salt[32];
    const struct ht_gov_contract *relay = &ht_gov_contracts[HT_GOV_OURS_RELAY];
    struct ht_keccak256 state;
    ht_hash32 code, hash;
    ht_keccak256(&code, ht_bytes_of(relay->creation, relay->creation_len));
    ht_keccak256_init(&state);
    ht_keccak256_update(&state, ht_bytes_of(&first, 1));
    ht_keccak256_update(&state, HT_BYTES(ht_gov_deployer.b));
    ht_keccak256_update(&state, HT_BYTES(salt));
    ht_keccak256_update(&state, HT_BYTES(code.b));
    ht_keccak256_final(&hash, &state);
    memcpy(out->b, hash.b + sizeof hash.b - sizeof out->b, sizeof out->b);
}

enum ht_err ht_gov_relay_deploy(struct ht_buf *out, struct ht_why *why) {
    static const uint8_t salt[32];
    const struct ht_gov_contract *relay = &ht_gov_contracts[HT_GOV_OURS_RELAY];
    size_t before = out->n;
    enum ht_err err = ht_buf_add(out, HT_BYTES(salt));
    if (err == HT_OK) err = ht_buf_add(out, ht_bytes_of(relay->creation, relay->creation_len));
    if (err == HT_OK) return HT_OK;
    out->n = before;
    return ht_fail(why, err, "no_room", "no room for the relay's code");
}

static enum ht_err check_ballots(const ht_bytes *ballots, size_t count, struct ht_why *why) {
    if (count == 0) return ht_fail(why, HT_EINPUT, "no_ballots", "no ballots to send");
    if (count > HT_GOV_RELAY_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_ballots", "%zu ballots at once, over %u", count,
                       HT_GOV_RELAY_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        if (ballots[i].n <= HT_GOV_RELAY_BALLOT_MAX) continue;
        return ht_fail(why, HT_ELIMIT, "ballot_too_large", "ballot %zu has %zu bytes, over %u", i,
                       ballots[i].n, HT_GOV_RELAY_BALLOT_MAX);
    }
    return HT_OK;
}

enum ht_err ht_gov_call_relay(struct ht_buf *out, const ht_addr20 *governor,
                              const ht_bytes *ballots, size_t count, uint64_t gas_each,
                              struct ht_why *why) {
    char gas[24];
    enum ht_err err = check_ballots(ballots, count, why);
    if (err != HT_OK) return err;
    json_t *list = json_array();
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        failed |= json_array_append_new(list, ht_abi_hex(ballots[i]));
    }
    (void)snprintf(gas, sizeof gas, "%" PRIu64, gas_each);
    json_t *values = NULL;
    if (failed == 0) values = json_pack("[o, O, s]", ht_abi_hex(HT_BYTES(governor->b)), list, gas);
    json_decref(list);
    return call(out, "relay", "(address,bytes[],uint256)", values, why);
}

uint64_t ht_gov_relay_gas(const ht_bytes *ballots, size_t count, uint64_t gas_each) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++) bytes += ballots[i].n + 128;
    /* EIP-7623's floor is below 40 a byte; each ballot has to leave what the relay asks for. */
    return 100000 + 40 * bytes + count * (gas_each + gas_each / 63 + 60000);
}
