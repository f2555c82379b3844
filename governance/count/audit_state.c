/* What storage proves of a bundle's proposal: its words, its voters' marks, its tallies. */
#include "governance/count/audit_state.h"

#include <inttypes.h>
#include <stdlib.h>

static enum ht_err check_proof(struct ht_gov_audit_run *run, struct ht_why *why) {
    struct ht_get_proof *proof = &run->proof;
    const json_t *json = NULL;
    struct ht_account account;
    struct ht_why found = {.code = ""};
    bool exists = false;
    void *room = NULL;
    enum ht_err err = ht_json_get(&json, run->provided, "governorProof", why);
    if (err == HT_OK) err = ht_get_proof_read(proof, &run->arena, json, why);
    if (err != HT_OK) return err;
    if (memcmp(proof->address.b, run->out->governor.b, 20) != 0) {
        return ht_fail(why, HT_EUNVERIFIED, "proof_address", "a proof of another account");
    }
    err = ht_arena_array(&room, &run->arena, proof->slot_count, sizeof(ht_hash32), why);
    if (err != HT_OK) return err;
    ht_hash32 *slots = room;
    for (size_t i = 0; i < proof->slot_count; i++) slots[i] = proof->slots[i].slot;
    err = ht_get_proof_check(&account, &exists, proof, &run->state_root, &run->out->governor, slots,
                             proof->slot_count, &found);
    if (err != HT_OK) {
        return ht_fail(why, HT_EUNVERIFIED, "state_proof", "%s: %s", found.code, found.text);
    }
    if (!exists || ht_hash32_equal(&account.code_hash, &ht_account_empty_code_hash)) {
        return ht_fail(why, HT_EUNVERIFIED, "state_proof", "there is no contract at that address");
    }
    run->out->code_hash = account.code_hash;
    return HT_OK;
}

static const uint8_t *find_slot(const struct ht_gov_audit_run *run, const ht_hash32 *slot) {
    for (size_t i = 0; i < run->proof.slot_count; i++) {
        if (ht_hash32_equal(&run->proof.slots[i].slot, slot)) return run->proof.slots[i].value;
    }
    return NULL;
}

static enum ht_err read_words(struct ht_gov_audit_run *run, struct ht_why *why) {
    struct ht_gov_words words;
    ht_gov_words_of(&words, &run->out->layout, &run->out->id);
    for (size_t i = 0; i < words.count; i++) {
        const uint8_t *value = find_slot(run, &words.slot[i]);
        if (value == NULL) {
            return ht_fail(why, HT_EUNVERIFIED, "proof_missing_slot",
                           "a word of the proposal is not proven");
        }
        memcpy(words.value[i], value, 32);
    }
    return ht_gov_words_read(&run->facts, &run->out->layout, &words, why);
}

static enum ht_err check_flags(struct ht_gov_audit_run *run, struct ht_why *why) {
    size_t n = 0;
    const struct ht_gov_vote *votes = ht_gov_count_votes(run->count, &n);
    const struct ht_gov_layout *layout = &run->out->layout;
    for (size_t i = 0; run->wants_flags && i < n; i++) {
        ht_hash32 slot;
        ht_gov_slot_voter(&slot, layout, &run->out->id, &votes[i].voter);
        const uint8_t *mark = find_slot(run, &slot);
        if (mark == NULL) {
            return ht_fail(why, HT_EUNVERIFIED, "proof_missing_slot",
                           "a voter's mark is not proven (block %" PRIu64 ")", votes[i].block);
        }
        if (ht_gov_count_is_marked(layout, &votes[i], mark)) continue;
        return ht_fail(why, HT_EUNVERIFIED, "vote_without_flag",
                       "the governor knows nothing of a vote of block %" PRIu64, votes[i].block);
    }
    run->out->flags_checked = run->wants_flags;
    return HT_OK;
}

static enum ht_err check_tallies(struct ht_gov_audit_run *run, struct ht_why *why) {
    enum ht_err err = ht_gov_count_end(&run->out->result, run->count, &run->facts, why);
    if (err != HT_OK || run->out->result.tally_proven) return err;
    char against[HT_U256_DECIMAL_SIZE], in_favour[HT_U256_DECIMAL_SIZE],
        abstain[HT_U256_DECIMAL_SIZE];
    const struct ht_gov_shortfall *missing = &run->out->result.missing;
    ht_u256_to_decimal(against, &missing->against);
    ht_u256_to_decimal(in_favour, &missing->in_favour);
    ht_u256_to_decimal(abstain, &missing->abstain);
    return ht_fail(why, HT_EUNVERIFIED, "tally_incomplete",
                   "votes are missing: %s against, %s for, %s abstain", against, in_favour,
                   abstain);
}

enum ht_err ht_gov_audit_state(struct ht_gov_audit_run *run, struct ht_why *why) {
    enum ht_err err = check_proof(run, why);
    if (err == HT_OK) err = read_words(run, why);
    if (err == HT_OK) {
        err = ht_gov_proposal_is(run->proposal, &run->out->layout, &run->facts, why);
    }
    if (err == HT_OK) err = check_flags(run, why);
    return err == HT_OK ? check_tallies(run, why) : err;
}
