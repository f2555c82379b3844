/* The transaction that creates a community, where its parts come to stand, and the check of them.
 */
#include "governance/create/create.h"

#include <inttypes.h>
#include <stdio.h>

#include "governance/governor/code.h"
#include "governance/text.h"
#include "node/codec/abi.h"
#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"

#define TYPE_ARENA ((size_t)16 << 10)
/* Gas: what stays of the code costs 200 a byte; what is sent at most 40 (EIP-7623). */
#define GAS_BASE 2600000U
#define GAS_CODE 200U
#define GAS_SENT 40U
#define GAS_HOLDER 175000U
#define GAS_ATTESTER 35000U
#define GAS_PERSON 230000U
#define GAS_MAX ((1U << 24) - 1)

static enum ht_gov_ours maker_of(enum ht_gov_electorate by) {
    switch (by) {
    case HT_GOV_BY_TOKEN: return HT_GOV_OURS_OF_TOKEN;
    case HT_GOV_BY_PEOPLE: return HT_GOV_OURS_OF_PEOPLE;
    case HT_GOV_BY_HOLDERS: return HT_GOV_OURS_OF_HOLDERS;
    }
    ht_assert(false);
    return HT_GOV_OURS_OF_TOKEN;
}

/* --- the constructor's arguments ----------------------------------------------------------------
 */

static json_t *address_json(const ht_addr20 *address) {
    return ht_gov_hex_json(HT_BYTES(address->b));
}

/* struct Wishes of CommunityGovernor.sol. */
static json_t *governor_json(const struct ht_gov_wishes *wishes) {
    return json_pack("[s, o, o, o, o, o, o]", wishes->name, ht_gov_u64_json(wishes->voting_delay),
                     ht_gov_u64_json(wishes->voting_period), ht_gov_u256_json(&wishes->threshold),
                     ht_gov_u64_json(wishes->quorum_percent),
                     ht_gov_u64_json(wishes->late_extension),
                     ht_gov_u64_json(wishes->timelock_delay_s));
}

static json_t *token_json(const struct ht_gov_wishes *wishes) {
    static const ht_addr20 treasury; /* zero stands for it */
    json_t *holders = json_array(), *amounts = json_array();
    int failed = 0;
    for (size_t i = 0; i < wishes->holder_count; i++) {
        const struct ht_gov_holder *one = &wishes->holders[i];
        const ht_addr20 *address = one->is_treasury ? &treasury : &one->address;
        failed |= json_array_append_new(holders, address_json(address));
        failed |= json_array_append_new(amounts, ht_gov_u256_json(&one->amount));
    }
    json_t *values = NULL;
    if (failed == 0) {
        values = json_pack("[o, s, s, b, O, O]", governor_json(wishes), wishes->token_name,
                           wishes->symbol, wishes->clock == HT_GOV_TIME, holders, amounts);
    }
    json_decref(holders);
    json_decref(amounts);
    return values;
}

static json_t *people_json(const struct ht_gov_wishes *wishes) {
    json_t *attesters = json_array(), *uids = json_array();
    int failed = 0;
    for (size_t i = 0; i < wishes->attester_count; i++) {
        failed |= json_array_append_new(attesters, address_json(&wishes->attesters[i]));
    }
    for (size_t i = 0; i < wishes->uid_count; i++) {
        failed |= json_array_append_new(uids, ht_gov_hex_json(HT_BYTES(wishes->uids[i].b)));
    }
    json_t *values = NULL;
    if (failed == 0) {
        values = json_pack("[o, s, b, o, o, O, O]", governor_json(wishes), wishes->symbol,
                           wishes->clock == HT_GOV_TIME, address_json(&wishes->eas),
                           ht_gov_hex_json(HT_BYTES(wishes->schema.b)), attesters, uids);
    }
    json_decref(attesters);
    json_decref(uids);
    return values;
}

static json_t *arguments(const struct ht_gov_wishes *wishes) {
    switch (wishes->by) {
    case HT_GOV_BY_TOKEN: return token_json(wishes);
    case HT_GOV_BY_PEOPLE: return people_json(wishes);
    case HT_GOV_BY_HOLDERS:
        return json_pack("[o, o]", governor_json(wishes), address_json(&wishes->existing));
    }
    return NULL;
}

enum ht_err ht_gov_create_data(struct ht_buf *out, const struct ht_gov_wishes *wishes,
                               struct ht_why *why) {
    const struct ht_gov_contract *maker = &ht_gov_contracts[maker_of(wishes->by)];
    size_t before = out->n;
    struct ht_abi_type type;
    struct ht_arena arena;
    json_t *values = arguments(wishes);
    if (values == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    ht_arena_init(&arena, TYPE_ARENA);
    enum ht_err err = ht_abi_type_read(&type, &arena, ht_bytes_str(maker->constructor), why);
    if (err == HT_OK) err = ht_buf_add(out, ht_bytes_of(maker->creation, maker->creation_len));
    if (err == HT_OK) err = ht_abi_encode(out, &type, values, why);
    if (err == HT_OK && out->n - before > HT_GOV_CREATE_MAX) {
        err = ht_fail(why, HT_ELIMIT, "create_too_large",
                      "%zu bytes to create it, over %u (EIP-3860): fewer at the beginning",
                      out->n - before, HT_GOV_CREATE_MAX);
    }
    if (err != HT_OK) out->n = before;
    ht_arena_fini(&arena);
    json_decref(values);
    return err;
}

uint64_t ht_gov_create_gas(const struct ht_gov_wishes *wishes) {
    const struct ht_gov_contract *maker = &ht_gov_contracts[maker_of(wishes->by)];
    uint64_t code = maker->code_len + ht_gov_contracts[HT_GOV_OURS_TREASURY].code_len +
                    ht_gov_contracts[HT_GOV_OURS_GOVERNOR].code_len;
    if (wishes->by == HT_GOV_BY_TOKEN) code += ht_gov_contracts[HT_GOV_OURS_TOKEN].code_len;
    if (wishes->by == HT_GOV_BY_PEOPLE) code += ht_gov_contracts[HT_GOV_OURS_PEOPLE].code_len;
    uint64_t entries =
        wishes->holder_count * 64 + (wishes->attester_count + wishes->uid_count) * 32;
    uint64_t gas = GAS_BASE + GAS_CODE * code + GAS_SENT * (maker->creation_len + entries + 1024) +
                   GAS_HOLDER * wishes->holder_count + GAS_ATTESTER * wishes->attester_count +
                   GAS_PERSON * wishes->uid_count;
    return gas < GAS_MAX ? gas : GAS_MAX;
}

/* --- addresses ----------------------------------------------------------------------------------
 */

void ht_gov_created_address(ht_addr20 *out, const ht_addr20 *creator, uint64_t nonce) {
    struct ht_buf text;
    struct ht_rlp_writer writer;
    ht_hash32 hash;
    ht_buf_init(&text, 64);
    ht_rlp_writer_init(&writer, &text);
    size_t list = ht_rlp_list_begin(&writer);
    ht_rlp_write_bytes(&writer, HT_BYTES(creator->b));
    ht_rlp_write_u64(&writer, nonce);
    ht_rlp_list_end(&writer, list);
    enum ht_err err = ht_rlp_finish(&writer);
    ht_assert(err == HT_OK);
    ht_keccak256(&hash, ht_bytes_of(text.p, text.n));
    memcpy(out->b, hash.b + sizeof hash.b - sizeof out->b, sizeof out->b);
    ht_buf_fini(&text);
}

void ht_gov_made_by(struct ht_gov_made *out, const struct ht_gov_wishes *wishes,
                    const ht_addr20 *maker) {
    bool is_old = wishes->by == HT_GOV_BY_HOLDERS;
    struct ht_gov_made made = {.maker = *maker, .votes = wishes->existing};
    ht_gov_created_address(&made.treasury, maker, 1);
    if (!is_old) ht_gov_created_address(&made.votes, maker, 2);
    ht_gov_created_address(&made.governor, maker, is_old ? 2 : 3);
    *out = made;
}

/* --- the check ----------------------------------------------------------------------------------
 */

static enum ht_err check_part(const struct ht_gov_contract **out, enum ht_gov_ours part,
                              ht_bytes code, const char *what, struct ht_why *why) {
    enum ht_gov_ours found;
    const struct ht_gov_contract *contract = ht_gov_code_ours(&found, code);
    if (contract == NULL || found != part) {
        return ht_fail(why, HT_EUNVERIFIED, "not_our_code", "the %s's code is not %s", what,
                       ht_gov_contracts[part].name);
    }
    *out = contract;
    return HT_OK;
}

static bool is_address(const struct ht_gov_contract *contract, ht_bytes code, const char *name,
                       const ht_addr20 *wanted) {
    ht_addr20 found;
    return ht_gov_code_address(&found, contract, code, name) &&
           memcmp(found.b, wanted->b, sizeof found.b) == 0;
}

static enum ht_err check_votes(const struct ht_gov_made *made, const struct ht_gov_wishes *wishes,
                               ht_bytes code, struct ht_why *why) {
    struct ht_gov_token_layout layout;
    const struct ht_gov_contract *contract = NULL;
    bool is_people = wishes->by == HT_GOV_BY_PEOPLE;
    enum ht_gov_ours part = is_people ? HT_GOV_OURS_PEOPLE : HT_GOV_OURS_TOKEN;
    enum ht_err err = check_part(&contract, part, code, "votes", why);
    if (err != HT_OK) return err;
    bool is_wished = ht_gov_code_token_layout(&layout, contract, code);
    is_wished = is_wished && layout.clock == wishes->clock;
    if (is_wished && is_people) {
        uint8_t schema[32];
        is_wished = ht_gov_code_immutable(schema, contract, code, "schema") &&
                    memcmp(schema, wishes->schema.b, sizeof schema) == 0 &&
                    is_address(contract, code, "attestations", &wishes->eas) &&
                    is_address(contract, code, "treasury", &made->treasury);
    }
    if (is_wished) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "not_as_wished",
                   "the votes have another clock, schema or treasury");
}

enum ht_err ht_gov_made_check(const struct ht_gov_made *made, const struct ht_gov_wishes *wishes,
                              const struct ht_gov_made_codes *codes, struct ht_why *why) {
    const struct ht_gov_contract *contract = NULL;
    enum ht_err err = check_part(&contract, HT_GOV_OURS_TREASURY, codes->treasury, "treasury", why);
    if (err != HT_OK) return err;
    err = check_part(&contract, HT_GOV_OURS_GOVERNOR, codes->governor, "governor", why);
    if (err != HT_OK) return err;
    if (!is_address(contract, codes->governor, "_token", &made->votes)) {
        return ht_fail(why, HT_EUNVERIFIED, "not_as_wished", "the governor counts other votes");
    }
    if (wishes->by == HT_GOV_BY_HOLDERS) return HT_OK;
    return check_votes(made, wishes, codes->votes, why);
}
