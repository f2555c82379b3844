/* Code of our own contracts, recognised with its immutables masked, and what it tells. */
#include "governance/governor/code.h"

#include "node/crypto/keccak.h"

#define CODE_MAX 24576U /* EIP-170 */
#define WORD 32U

/* Zeroes the immutable's places in masked, a copy of code. False when they differ. */
static bool mask(uint8_t *masked, ht_bytes code, const struct ht_gov_immutable *immutable) {
    const uint8_t *first = code.p + immutable->at[0];
    bool is_same = true;
    for (size_t i = 0; i < immutable->count; i++) {
        is_same = is_same && memcmp(code.p + immutable->at[i], first, WORD) == 0;
        memset(masked + immutable->at[i], 0, WORD);
    }
    return is_same;
}

static bool is_of(const struct ht_gov_contract *contract, ht_bytes code) {
    uint8_t masked[CODE_MAX];
    ht_hash32 hash;
    bool is_same = true;
    if (code.n != contract->code_len || code.n > sizeof masked) return false;
    memcpy(masked, code.p, code.n);
    for (size_t i = 0; i < contract->immutable_count; i++) {
        is_same = mask(masked, code, &contract->immutables[i]) && is_same;
    }
    if (!is_same) return false;
    ht_keccak256(&hash, ht_bytes_of(masked, code.n));
    return ht_hash32_equal(&hash, &contract->masked_hash);
}

const struct ht_gov_contract *ht_gov_code_ours(enum ht_gov_ours *part, ht_bytes code) {
    for (unsigned i = 0; i < HT_GOV_OURS_COUNT; i++) {
        if (!is_of(&ht_gov_contracts[i], code)) continue;
        if (part != NULL) *part = (enum ht_gov_ours)i;
        return &ht_gov_contracts[i];
    }
    return NULL;
}

bool ht_gov_code_immutable(uint8_t out[static 32], const struct ht_gov_contract *contract,
                           ht_bytes code, const char *name) {
    for (size_t i = 0; i < contract->immutable_count; i++) {
        const struct ht_gov_immutable *one = &contract->immutables[i];
        if (strcmp(one->name, name) != 0 || one->at[0] + (size_t)WORD > code.n) continue;
        memcpy(out, code.p + one->at[0], WORD);
        return true;
    }
    return false;
}

bool ht_gov_code_address(ht_addr20 *out, const struct ht_gov_contract *contract, ht_bytes code,
                         const char *name) {
    static const uint8_t zero[WORD - sizeof out->b];
    uint8_t word[WORD];
    if (!ht_gov_code_immutable(word, contract, code, name)) return false;
    if (memcmp(word, zero, sizeof zero) != 0) return false;
    memcpy(out->b, word + sizeof zero, sizeof out->b);
    return true;
}

void ht_gov_code_layout(struct ht_gov_layout *out, enum ht_gov_clock clock) {
    const struct ht_gov_contract *contract = &ht_gov_contracts[HT_GOV_OURS_GOVERNOR];
    *out = (struct ht_gov_layout){.kind = HT_GOV_OZ5,
                                  .counting = HT_GOV_FRACTIONAL,
                                  .clock = clock,
                                  .timelock = HT_GOV_TIMELOCK_CONTROLLER,
                                  .has = contract->governor_has};
    memcpy(out->base, contract->governor, sizeof out->base);
}

bool ht_gov_code_token_layout(struct ht_gov_token_layout *out,
                              const struct ht_gov_contract *contract, ht_bytes code) {
    uint8_t by_seconds[WORD];
    if (!ht_gov_code_immutable(by_seconds, contract, code, "_isBySeconds")) return false;
    *out = (struct ht_gov_token_layout){
        .kind = HT_GOV_TOKEN_VOTES5,
        .clock = by_seconds[WORD - 1] != 0 ? HT_GOV_TIME : HT_GOV_BLOCKS,
        .has_balances = true,
        .has_nonces = true,
        .has_delegatee = true,
        .balances = contract->balances,
        .nonces = contract->nonces,
        .delegatee = contract->delegatee,
        .checkpoints = contract->checkpoints,
        .total = contract->total,
    };
    return true;
}

static void slot_of_address(ht_hash32 *out, const ht_addr20 *address, const ht_hash32 *base) {
    ht_hash32 key = {{0}};
    memcpy(key.b + sizeof key.b - sizeof address->b, address->b, sizeof address->b);
    ht_gov_slot_map(out, &key, base);
}

void ht_gov_code_slot_role(ht_hash32 *out, const ht_hash32 *role, const ht_addr20 *account) {
    /* RoleData begins with the mapping of its members. */
    ht_hash32 members;
    ht_gov_slot_map(&members, role,
                    &ht_gov_contracts[HT_GOV_OURS_TREASURY].own[HT_GOV_TREASURY_ROLES]);
    slot_of_address(out, account, &members);
}

void ht_gov_code_slot_attester(ht_hash32 *out, const ht_addr20 *attester) {
    slot_of_address(out, attester,
                    &ht_gov_contracts[HT_GOV_OURS_PEOPLE].own[HT_GOV_PEOPLE_ATTESTERS]);
}

void ht_gov_code_slot_person(ht_hash32 *out, const ht_addr20 *person) {
    slot_of_address(out, person,
                    &ht_gov_contracts[HT_GOV_OURS_PEOPLE].own[HT_GOV_PEOPLE_ATTESTATIONS]);
}
