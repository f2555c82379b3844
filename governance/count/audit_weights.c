/* The search for each voter's power, over slots that a bundle proves; and the proving of them. */
#include "governance/count/audit_weights.h"

#include <stdlib.h>

#include "governance/count/audit_parts.h"
#include "governance/count/weights.h"
#include "governance/governor/layout_json.h"
#include "governance/text.h"

static bool is_same(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

/* --- checking --------------------------------------------------------------------------------- */

struct token_check {
    struct ht_gov_token_layout layout;
    struct ht_get_proof proof;
};

static enum ht_err read_token(struct token_check *out, struct ht_gov_audit_run *run,
                              const json_t *target, struct ht_why *why) {
    struct ht_gov_audit *audit = run->out;
    const json_t *json = NULL;
    struct ht_account account;
    struct ht_why found = {.code = ""};
    bool exists = false;
    void *room = NULL;
    enum ht_err err = ht_json_hex(audit->token.b, 20, target, "address", why);
    if (err == HT_OK) err = ht_gov_token_read(&out->layout, target, why);
    if (err == HT_OK) err = ht_json_get(&json, run->provided, "tokenProof", why);
    if (err == HT_OK) err = ht_get_proof_read(&out->proof, &run->arena, json, why);
    if (err != HT_OK) return err;
    if (!is_same(&out->proof.address, &audit->token))
        return ht_fail(why, HT_EUNVERIFIED, "proof_address", "a proof of another token");
    err = ht_arena_array(&room, &run->arena, out->proof.slot_count, sizeof(ht_hash32), why);
    if (err != HT_OK) return err;
    ht_hash32 *slots = room;
    for (size_t i = 0; i < out->proof.slot_count; i++) slots[i] = out->proof.slots[i].slot;
    err = ht_get_proof_check(&account, &exists, &out->proof, &run->state_root, &audit->token, slots,
                             out->proof.slot_count, &found);
    if (err != HT_OK || !exists) {
        return ht_fail(why, HT_EUNVERIFIED, "state_proof", "the token: %s",
                       err != HT_OK ? found.text : "there is none");
    }
    audit->token_code_hash = account.code_hash;
    return HT_OK;
}

static const uint8_t *find_slot(const struct token_check *check, const ht_hash32 *slot) {
    for (size_t i = 0; i < check->proof.slot_count; i++) {
        if (ht_hash32_equal(&check->proof.slots[i].slot, slot)) return check->proof.slots[i].value;
    }
    return NULL;
}

/* False: not all that the search asks for is proven. Each step asks for other slots than those
 * before, so there are no more steps than slots. */
static bool power_of(ht_u256 *out, const struct token_check *check, const ht_addr20 *voter,
                     uint64_t at) {
    struct ht_gov_past past;
    ht_gov_past_init(&past, &check->layout, voter, false, at);
    for (size_t step = 0; step <= check->proof.slot_count; step++) {
        ht_hash32 wanted[HT_GOV_PAST_SLOTS_MAX];
        uint8_t values[HT_GOV_PAST_SLOTS_MAX][32];
        size_t count = ht_gov_past_next(&past, wanted);
        if (count == 0) {
            *out = ht_gov_past_value(&past);
            return true;
        }
        for (size_t i = 0; i < count; i++) {
            const uint8_t *value = find_slot(check, &wanted[i]);
            if (value == NULL) return false;
            memcpy(values[i], value, 32);
        }
        if (ht_gov_past_take(&past, (const uint8_t(*)[32])values, count, NULL) != HT_OK)
            return false;
    }
    return false;
}

/* Of one voter, whose first vote it is. */
static void judge_voter(struct ht_gov_audit *audit, const struct token_check *check,
                        const struct ht_gov_vote *votes, size_t count, size_t first, uint64_t at) {
    const ht_addr20 *voter = &votes[first].voter;
    struct ht_gov_cast cast = {.is_over = false};
    ht_u256 power;
    bool is_known = power_of(&power, check, voter, at);
    for (size_t i = first; i < count; i++) {
        if (is_same(&votes[i].voter, voter)) ht_gov_cast_add(&cast, &votes[i]);
    }
    for (size_t i = first; i < count; i++) {
        if (!is_same(&votes[i].voter, voter)) continue;
        switch (ht_gov_weight_says(audit->layout.counting, &votes[i], &cast,
                                   is_known ? &power : NULL)) {
        case HT_GOV_WEIGHT_AGREES: audit->weights_agree++; break;
        case HT_GOV_WEIGHT_DIFFERS:
            if (audit->weights_differ++ == 0) audit->weight_differs_of = *voter;
            break;
        case HT_GOV_WEIGHT_UNKNOWN: break;
        }
    }
}

/* Voters that were judged; of each only the first of its votes asks. */
struct seen {
    ht_addr20 voters[HT_GOV_AUDIT_WEIGHTS_MAX];
    size_t count;
};

static bool has_seen(const struct seen *seen, const ht_addr20 *voter) {
    for (size_t i = 0; i < seen->count; i++) {
        if (is_same(&seen->voters[i], voter)) return true;
    }
    return false;
}

enum ht_err ht_gov_audit_weights(struct ht_gov_audit_run *run, const json_t *bundle,
                                 struct ht_why *why) {
    struct token_check check = {.proof = {.slot_count = 0}};
    struct ht_gov_audit *audit = run->out;
    struct seen seen = {.count = 0};
    size_t count = 0;
    const json_t *target = ht_json_member(ht_json_member(bundle, "target"), "token");
    if (target == NULL || json_is_null(target)) return HT_OK;
    enum ht_err err = read_token(&check, run, target, why);
    if (err != HT_OK) return err;
    audit->has_weights = true;
    const struct ht_gov_vote *votes = ht_gov_count_votes(run->count, &count);
    for (size_t i = 0; i < count && seen.count < HT_GOV_AUDIT_WEIGHTS_MAX; i++) {
        if (has_seen(&seen, &votes[i].voter)) continue;
        seen.voters[seen.count++] = votes[i].voter;
        judge_voter(audit, &check, votes, count, i, run->facts.start);
    }
    /* Bounded work whatever the number of votes: what is past it is open. */
    audit->weights_open = count - audit->weights_agree - audit->weights_differ;
    return HT_OK;
}

/* --- making ----------------------------------------------------------------------------------- */

struct search {
    struct ht_gov_past past;
    bool is_open; /* its history makes no sense */
};

struct ht_gov_audit_token {
    ht_addr20 address;
    struct ht_gov_token_layout layout;
    struct search searches[HT_GOV_AUDIT_WEIGHTS_MAX];
    size_t count;
    ht_hash32 slots[HT_STATE_SLOTS_MAX];
    size_t asked[HT_STATE_SLOTS_MAX]; /* how many slots of each search, in their order */
    size_t slot_count, total;
    json_t *proof;
    ht_hash32 storage_root;
    size_t bytes;
};

enum ht_err ht_gov_audit_token_new(struct ht_gov_audit_token **out, const ht_addr20 *token,
                                   const struct ht_gov_token_layout *layout, uint64_t at,
                                   const struct ht_gov_vote *votes, size_t count,
                                   struct ht_why *why) {
    if (layout->kind == HT_GOV_TOKEN_UNKNOWN)
        return ht_fail(why, HT_EUNVERIFIED, "no_layout",
                       "it is not known where the token keeps its history");
    struct ht_gov_audit_token *made = calloc(1, sizeof *made);
    if (made == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    made->address = *token;
    made->layout = *layout;
    for (size_t i = 0; i < count; i++) {
        bool is_there = false;
        for (size_t k = 0; k < made->count && !is_there; k++)
            is_there = is_same(&made->searches[k].past.account, &votes[i].voter);
        if (is_there) continue;
        if (made->count == HT_GOV_AUDIT_WEIGHTS_MAX) {
            free(made);
            return ht_fail(why, HT_ELIMIT, "too_many_voters", "more than %u voters",
                           HT_GOV_AUDIT_WEIGHTS_MAX);
        }
        ht_gov_past_init(&made->searches[made->count++].past, &made->layout, &votes[i].voter, false,
                         at);
    }
    *out = made;
    return HT_OK;
}

void ht_gov_audit_token_free(struct ht_gov_audit_token *token) {
    if (token == NULL) return;
    json_decref(token->proof);
    free(token);
}

size_t ht_gov_audit_token_next(struct ht_gov_audit_token *token, const ht_hash32 **slots) {
    token->slot_count = 0;
    *slots = token->slots;
    for (size_t i = 0; i < token->count; i++) {
        ht_hash32 wanted[HT_GOV_PAST_SLOTS_MAX];
        struct search *search = &token->searches[i];
        size_t n = search->is_open ? 0 : ht_gov_past_next(&search->past, wanted);
        bool has_room = token->slot_count + n <= HT_STATE_SLOTS_MAX &&
                        token->total + token->slot_count + n <= HT_GET_PROOF_SLOTS_MAX;
        if (n == 0 || !has_room) continue;
        memcpy(token->slots + token->slot_count, wanted, n * sizeof *wanted);
        for (size_t k = 0; k < n; k++) token->asked[token->slot_count + k] = i;
        token->slot_count += n;
    }
    return token->slot_count;
}

static enum ht_err keep(struct ht_gov_audit_token *token, const struct ht_get_proof *proof,
                        struct ht_why *why) {
    if (token->proof == NULL) {
        token->proof = ht_gov_audit_account_json(proof);
        token->storage_root = proof->storage_root;
    }
    json_t *slots = json_object_get(token->proof, "storageProof");
    for (size_t i = 0; i < proof->slot_count; i++) {
        for (size_t k = 0; k < proof->slots[i].proof.count; k++)
            token->bytes += 8 + 2 * proof->slots[i].proof.nodes[k].n;
        if (json_array_append_new(slots, ht_gov_audit_slot_json(&proof->slots[i])) != 0)
            return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    token->total += proof->slot_count;
    return HT_OK;
}

enum ht_err ht_gov_audit_token_take(struct ht_gov_audit_token *token,
                                    const struct ht_get_proof *proof, struct ht_why *why) {
    bool is_same_state =
        token->proof == NULL || ht_hash32_equal(&token->storage_root, &proof->storage_root);
    if (!is_same(&proof->address, &token->address) || !is_same_state ||
        proof->slot_count != token->slot_count)
        return ht_fail(why, HT_EINPUT, "making_proof", "a proof of another account or block");
    enum ht_err err = keep(token, proof, why);
    for (size_t at = 0; err == HT_OK && at < token->slot_count;) {
        uint8_t values[HT_GOV_PAST_SLOTS_MAX][32];
        struct search *search = &token->searches[token->asked[at]];
        size_t n = 0;
        while (at + n < token->slot_count && n < HT_GOV_PAST_SLOTS_MAX &&
               token->asked[at + n] == token->asked[at]) {
            memcpy(values[n], proof->slots[at + n].value, 32);
            n++;
        }
        search->is_open =
            ht_gov_past_take(&search->past, (const uint8_t(*)[32])values, n, NULL) != HT_OK;
        at += n;
    }
    return err;
}

json_t *ht_gov_audit_token_target(const struct ht_gov_audit_token *token) {
    json_t *out = token->proof != NULL ? ht_gov_token_json(&token->layout) : NULL;
    if (out == NULL) return NULL;
    if (json_object_set_new(out, "address", ht_gov_hex_json(HT_BYTES(token->address.b))) == 0)
        return out;
    json_decref(out);
    return NULL;
}

json_t *ht_gov_audit_token_proof(const struct ht_gov_audit_token *token) {
    return json_incref(token->proof);
}

size_t ht_gov_audit_token_bytes(const struct ht_gov_audit_token *token) {
    return token->bytes + 256 * token->total + 4096;
}
