/* Observations, found in any document {"block", "hash", "governors": {NAME: {"CLOCK_MODE",
 * "COUNTING_MODE", "proposals": {ID: …}}}, "proofs": {NAME: {"proof": the answer to eth_getProof}}}
 * with headers.json and chain.json beside it or above: every proof holds under the state root of
 * the block with that hash; from the proven words alone follow each proposal's state, times,
 * tallies and marks of voters, its quorum, and the weights at its snapshot. What was called is
 * only compared with. */
#include <stdio.h>
#include <strings.h>

#include "governance/governor/votes.h"
#include "node/l1/execution/eth_get_proof.h"
#include "node/l1/execution/header.h"
#include "tests/vectors/suite_governance.h"

#define ARENA_MAX ((size_t)64 << 20)
#define PROOFS_MAX 16U

/* The proven slots of one contract. */
struct proven {
    const char *name;
    struct ht_get_proof answer;
};
struct observation {
    struct ht_governance_run *run;
    const json_t *contracts;
    struct ht_exec_header header;
    struct proven proofs[PROOFS_MAX];
    size_t proof_count;
};
/* One governor of it. */
struct governor {
    const char *name;
    const json_t *said; /* what its calls answered */
    struct ht_gov_layout layout;
    struct ht_gov_token_layout token_layout;
    bool quorum_counts_abstain, has_timelock;
    const struct proven *proofs, *token, *timelock;
    ht_hash32 stamps; /* the timelock's */
};

/* --- proofs -----------------------------------------------------------------------------------*/

static enum ht_err look(uint8_t value[static 32], const struct proven *proven,
                        const ht_hash32 *slot, struct ht_why *why) {
    for (size_t i = 0; proven != NULL && i < proven->answer.slot_count; i++) {
        if (!ht_hash32_equal(&proven->answer.slots[i].slot, slot)) continue;
        memcpy(value, proven->answer.slots[i].value, 32);
        return HT_OK;
    }
    return ht_fail(why, HT_EUNVERIFIED, "proof_missing_slot", "a slot is not proven");
}

static enum ht_err prove(struct proven *out, struct ht_arena *arena, const json_t *one,
                         const ht_hash32 *state_root, const ht_addr20 *address,
                         struct ht_why *why) {
    static ht_hash32 slots[HT_GET_PROOF_SLOTS_MAX];
    struct ht_account account;
    bool exists = false;
    enum ht_err err = ht_get_proof_read(&out->answer, arena, ht_json_member(one, "proof"), why);
    if (err != HT_OK) return err;
    for (size_t i = 0; i < out->answer.slot_count; i++) slots[i] = out->answer.slots[i].slot;
    err = ht_get_proof_check(&account, &exists, &out->answer, state_root, address, slots,
                             out->answer.slot_count, why);
    if (err == HT_OK && !exists) err = ht_governance_differs("account", why);
    return err;
}

static const struct proven *find_proof(const struct observation *at, const char *name) {
    for (size_t i = 0; i < at->proof_count; i++) {
        if (strcmp(at->proofs[i].name, name) == 0) return &at->proofs[i];
    }
    return NULL;
}

static void report(const struct observation *at, const char *who, const char *id, const char *what,
                   enum ht_err err, const struct ht_why *why) {
    char name[240];
    (void)snprintf(name, sizeof name, "%s/%.12s/%s", who, id, what);
    ht_governance_report(at->run, name, err, why);
}

static void run_proofs(struct observation *at, struct ht_arena *arena, const json_t *proofs) {
    const char *name = NULL;
    json_t *one = NULL;
    json_object_foreach((json_t *)(uintptr_t)proofs, name, one) {
        ht_addr20 address;
        struct ht_why why = {.code = "", .text = ""};
        enum ht_err err =
            at->proof_count < PROOFS_MAX
                ? ht_json_hex(address.b, 20, ht_json_member(at->contracts, name), "address", &why)
                : ht_governance_differs("number of proofs", &why);
        struct proven *proven = &at->proofs[at->proof_count];
        if (err == HT_OK) {
            proven->name = name;
            err = prove(proven, arena, one, &at->header.state_root, &address, &why);
        }
        if (err == HT_OK) at->proof_count++;
        report(at, name, "", "proof", err, &why);
    }
}

/* --- what is compared -------------------------------------------------------------------------*/

/* Absent members are not compared. */
static enum ht_err same(const json_t *said, const char *key, const ht_u256 *got,
                        struct ht_why *why) {
    ht_u256 want;
    const json_t *value = ht_json_member(said, key);
    if (value == NULL || json_is_null(value)) return HT_OK;
    if (ht_governance_number(&want, said, key) && ht_u256_equal(&want, got)) return HT_OK;
    return ht_governance_differs(key, why);
}

static enum ht_err same_u64(const json_t *said, const char *key, uint64_t got, struct ht_why *why) {
    ht_u256 value = ht_u256_of(got);
    return same(said, key, &value, why);
}

static enum ht_err same_address(const json_t *said, const char *key, const ht_addr20 *got,
                                struct ht_why *why) {
    ht_addr20 want;
    if (ht_json_member(said, key) == NULL) return HT_OK;
    enum ht_err err = ht_json_hex(want.b, 20, said, key, why);
    if (err != HT_OK || memcmp(want.b, got->b, 20) == 0) return err;
    return ht_governance_differs(key, why);
}

static enum ht_err judge_facts(const struct governor *governor, const struct ht_gov_facts *facts,
                               uint64_t stamp, const json_t *said, struct ht_why *why) {
    /* 4.x answers the timelock's time of readiness. */
    bool has_no_eta = governor->layout.kind == HT_GOV_OZ4 && facts->eta == 0;
    uint64_t eta = has_no_eta && stamp > 1 ? stamp : facts->eta;
    enum ht_err err = same_u64(said, "snapshot", facts->start, why);
    if (err == HT_OK) err = same_u64(said, "startBlock", facts->start, why);
    if (err == HT_OK) err = same_u64(said, "deadline", facts->deadline, why);
    if (err == HT_OK) err = same_u64(said, "endBlock", facts->deadline, why);
    if (err == HT_OK) err = same_u64(said, "eta", eta, why);
    if (err == HT_OK && facts->has_proposer) {
        err = same_address(said, "proposer", &facts->proposer, why);
    }
    if (err == HT_OK) err = same(said, "againstVotes", &facts->against, why);
    if (err == HT_OK) err = same(said, "forVotes", &facts->in_favour, why);
    if (err == HT_OK) err = same(said, "abstainVotes", &facts->abstain, why);
    const json_t *executed = ht_json_member(said, "executed");
    const json_t *canceled = ht_json_member(said, "canceled");
    if (err == HT_OK && executed != NULL && json_is_true(executed) != facts->is_executed) {
        err = ht_governance_differs("executed", why);
    }
    if (err == HT_OK && canceled != NULL && json_is_true(canceled) != facts->is_canceled) {
        err = ht_governance_differs("canceled", why);
    }
    return err;
}

/* --- past -------------------------------------------------------------------------------------*/

static enum ht_err run_past(ht_u256 *out, struct ht_gov_past *past, const struct proven *proven,
                            struct ht_why *why) {
    ht_hash32 slots[2];
    uint8_t values[2][32];
    enum ht_err err = HT_OK;
    size_t count = 0;
    while (err == HT_OK && (count = ht_gov_past_next(past, slots)) > 0) {
        for (size_t i = 0; err == HT_OK && i < count; i++) {
            err = look(values[i], proven, &slots[i], why);
        }
        if (err == HT_OK) {
            err = ht_gov_past_take(past, (const uint8_t(*)[32])values, count, why);
        }
    }
    if (err == HT_OK) *out = ht_gov_past_value(past);
    return err;
}

static enum ht_err quorum_at(ht_u256 *out, const struct governor *governor, uint64_t snapshot,
                             struct ht_why *why) {
    struct ht_gov_past past;
    ht_u256 supply;
    ht_u256 numerator;
    uint8_t word[32];
    if (governor->layout.kind == HT_GOV_BRAVO) {
        const ht_hash32 *slot = &governor->layout.base[HT_GOV_QUORUM_VOTES];
        enum ht_err err = look(word, governor->proofs, slot, why);
        if (err == HT_OK) *out = ht_u256_from_be32(word);
        return err;
    }
    ht_gov_past_init(&past, &governor->token_layout, NULL, true, snapshot);
    enum ht_err err = run_past(&supply, &past, governor->token, why);
    if (err != HT_OK) return err;
    ht_gov_past_init_quorum(&past, &governor->layout, snapshot);
    err = run_past(&numerator, &past, governor->proofs, why);
    return err != HT_OK ? err : ht_gov_quorum_of(out, &supply, &numerator, 100, why);
}

static enum ht_err judge_weights(const struct governor *governor, uint64_t snapshot,
                                 const json_t *weights, struct ht_why *why) {
    const char *account = NULL;
    json_t *weight = NULL;
    json_object_foreach((json_t *)(uintptr_t)weights, account, weight) {
        struct ht_gov_past past;
        ht_addr20 address;
        ht_u256 value;
        json_t *holder = json_pack("{s:s}", "a", account);
        enum ht_err err = ht_json_hex(address.b, 20, holder, "a", why);
        json_decref(holder);
        if (err != HT_OK) return err;
        ht_gov_past_init(&past, &governor->token_layout, &address, false, snapshot);
        err = run_past(&value, &past, governor->token, why);
        if (err == HT_OK) err = same(weights, account, &value, why);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

static enum ht_err judge_mark(const struct ht_gov_mark *mark, const json_t *said,
                              struct ht_why *why) {
    if (json_is_boolean(said)) {
        return json_is_true(said) == mark->has_voted ? HT_OK : ht_governance_differs("mark", why);
    }
    ht_u256 support = ht_u256_of(mark->support);
    if (!mark->has_voted || !mark->has_support || !mark->has_weight) {
        return ht_governance_differs("mark", why);
    }
    enum ht_err err = same(said, "support", &support, why);
    return err != HT_OK ? err : same(said, "votes", &mark->weight, why);
}

static enum ht_err judge_marks(const struct governor *governor, const ht_u256 *id,
                               const json_t *marks, struct ht_why *why) {
    const char *account = NULL;
    json_t *said = NULL;
    json_object_foreach((json_t *)(uintptr_t)marks, account, said) {
        struct ht_gov_mark mark;
        ht_addr20 address;
        ht_hash32 slot;
        uint8_t word[32];
        json_t *holder = json_pack("{s:s}", "a", account);
        enum ht_err err = ht_json_hex(address.b, 20, holder, "a", why);
        json_decref(holder);
        if (err != HT_OK) return err;
        ht_gov_slot_voter(&slot, &governor->layout, id, &address);
        err = look(word, governor->proofs, &slot, why);
        if (err == HT_OK) err = ht_gov_mark_read(&mark, &governor->layout, word, why);
        if (err == HT_OK) err = judge_mark(&mark, said, why);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

/* --- a proposal -------------------------------------------------------------------------------*/

static enum ht_err read_words(struct ht_gov_facts *out, uint64_t *stamp,
                              const struct governor *governor, const ht_u256 *id,
                              struct ht_why *why) {
    struct ht_gov_words words;
    enum ht_err err = HT_OK;
    ht_gov_words_of(&words, &governor->layout, id);
    for (size_t i = 0; err == HT_OK && i < words.count; i++) {
        err = look(words.value[i], governor->proofs, &words.slot[i], why);
    }
    if (err == HT_OK) err = ht_gov_words_read(out, &governor->layout, &words, why);
    *stamp = 0;
    if (err != HT_OK || !governor->has_timelock || ht_hash32_is_zero(&out->timelock_operation)) {
        return err;
    }
    ht_hash32 slot;
    uint8_t word[32];
    ht_gov_slot_map(&slot, &out->timelock_operation, &governor->stamps);
    err = look(word, governor->timelock, &slot, why);
    if (err == HT_OK) *stamp = ht_u256_from_be32(word).limb[0];
    return err;
}

static enum ht_err judge_state(const struct observation *at, const struct governor *governor,
                               const struct ht_gov_facts *facts, uint64_t stamp, const json_t *said,
                               struct ht_why *why) {
    const char *want = json_string_value(ht_json_member(said, "state"));
    uint64_t clock =
        governor->layout.clock == HT_GOV_TIME ? at->header.timestamp : at->header.number;
    struct ht_gov_state_input input = {
        .clock = clock,
        .time_s = at->header.timestamp,
        .quorum_counts_abstain = governor->quorum_counts_abstain,
        .has_timelock_stamp = true,
        .timelock_stamp = stamp,
    };
    enum ht_err err =
        facts->start < clock ? quorum_at(&input.quorum, governor, facts->start, why) : HT_OK;
    if (err == HT_OK && facts->start < clock) err = same(said, "quorum", &input.quorum, why);
    if (err != HT_OK) return err;
    const char *got = ht_gov_state_name(ht_gov_state_of(&governor->layout, facts, &input));
    if (want == NULL || strcmp(want, got) != 0) {
        return ht_fail(why, HT_EBUG, "case", "it is %s, not %s", got, want != NULL ? want : "?");
    }
    return HT_OK;
}

static void run_proposal(const struct observation *at, const struct governor *governor,
                         const char *name, const json_t *said) {
    struct ht_gov_facts facts;
    ht_u256 id;
    uint64_t stamp = 0;
    struct ht_why why = {.code = "", .text = ""};
    enum ht_err err = ht_u256_from_text(&id, ht_bytes_str(name));
    if (err == HT_OK) err = read_words(&facts, &stamp, governor, &id, &why);
    enum ht_err each = err;
    if (each == HT_OK) each = judge_facts(governor, &facts, stamp, said, &why);
    report(at, governor->name, name, "words", each, &why);
    each = err;
    if (each == HT_OK) each = judge_state(at, governor, &facts, stamp, said, &why);
    report(at, governor->name, name, "state", each, &why);
    each = err;
    if (each == HT_OK) each = judge_marks(governor, &id, ht_json_member(said, "hasVoted"), &why);
    report(at, governor->name, name, "marks", each, &why);
    if (json_object_size(ht_json_member(said, "weights")) == 0) return;
    each = err;
    if (each == HT_OK) {
        each = judge_weights(governor, facts.start, ht_json_member(said, "weights"), &why);
    }
    report(at, governor->name, name, "weights", each, &why);
}

/* --- governors --------------------------------------------------------------------------------*/

/* The name of the contract with an address. */
static const char *name_of(const json_t *contracts, const char *address) {
    const char *name = NULL;
    json_t *one = NULL;
    json_object_foreach((json_t *)(uintptr_t)contracts, name, one) {
        const char *has = json_string_value(ht_json_member(one, "address"));
        if (has != NULL && strcasecmp(has, address) == 0) return name;
    }
    return "";
}

static const json_t *linked(const struct observation *at, const json_t *contract, const char *key,
                            const struct proven **proven) {
    const char *address = json_string_value(ht_json_member(contract, key));
    const char *name = address != NULL ? name_of(at->contracts, address) : "";
    *proven = find_proof(at, name);
    return ht_json_member(at->contracts, name);
}

static ht_bytes text_of(const json_t *said, const char *key) {
    const char *text = json_string_value(ht_json_member(said, key));
    return ht_bytes_str(text != NULL ? text : "");
}

static enum ht_err read_governor(struct governor *out, const struct observation *at,
                                 const char *name, const json_t *said, struct ht_why *why) {
    const json_t *contract = ht_json_member(at->contracts, name);
    enum ht_gov_counting counting = HT_GOV_SIMPLE;
    *out = (struct governor){.name = name, .said = said, .proofs = find_proof(at, name)};
    const json_t *token = linked(at, contract, "token", &out->token);
    const json_t *timelock = linked(at, contract, "timelock", &out->timelock);
    enum ht_err err = ht_gov_layout_read(&out->layout, contract, why);
    if (err == HT_OK) {
        err = ht_gov_clock_read(&out->layout.clock, text_of(said, "CLOCK_MODE"), why);
    }
    if (err == HT_OK) {
        err = ht_gov_counting_read(&counting, &out->quorum_counts_abstain,
                                   text_of(said, "COUNTING_MODE"), why);
    }
    if (err == HT_OK && out->layout.kind != HT_GOV_BRAVO && counting != out->layout.counting) {
        err = ht_governance_differs("way of counting", why);
    }
    if (err == HT_OK) err = ht_gov_token_read(&out->token_layout, token, why);
    out->token_layout.clock = out->layout.clock;
    out->has_timelock =
        ht_json_hex(out->stamps.b, 32, timelock, "layout.timestamps", NULL) == HT_OK;
    return err;
}

static enum ht_err same_word(const struct governor *governor, enum ht_gov_slot slot,
                             const char *key, struct ht_why *why) {
    uint8_t word[32];
    if (!ht_gov_has(&governor->layout, slot)) return HT_OK;
    enum ht_err err = look(word, governor->proofs, &governor->layout.base[slot], why);
    ht_u256 value = ht_u256_from_be32(word);
    return err != HT_OK ? err : same(governor->said, key, &value, why);
}

static enum ht_err judge_settings(const struct governor *governor, struct ht_why *why) {
    enum ht_err err = same_word(governor, HT_GOV_THRESHOLD, "proposalThreshold", why);
    if (err == HT_OK) err = same_word(governor, HT_GOV_VOTING_DELAY, "votingDelay", why);
    if (err == HT_OK) err = same_word(governor, HT_GOV_VOTING_PERIOD, "votingPeriod", why);
    if (err == HT_OK) err = same_word(governor, HT_GOV_QUORUM_VOTES, "quorumVotes", why);
    if (err == HT_OK) err = same_word(governor, HT_GOV_PROPOSAL_COUNT, "proposalCount", why);
    if (err == HT_OK) err = same_word(governor, HT_GOV_PROPOSAL_IDS, "proposalCount", why);
    if (err != HT_OK || !ht_gov_has(&governor->layout, HT_GOV_SETTINGS)) return err;
    uint8_t word[32];
    err = look(word, governor->proofs, &governor->layout.base[HT_GOV_SETTINGS], why);
    if (err != HT_OK) return err;
    ht_u256 both = ht_u256_from_be32(word);
    err = same_u64(governor->said, "votingDelay", both.limb[0] & 0xffffffffffffU, why);
    ht_u256_shift_right(&both, &both, 48);
    if (err == HT_OK)
        err = same_u64(governor->said, "votingPeriod", both.limb[0] & UINT32_MAX, why);
    return err;
}

static void run_governors(struct observation *at, const json_t *governors) {
    const char *name = NULL;
    json_t *said = NULL;
    json_object_foreach((json_t *)(uintptr_t)governors, name, said) {
        struct governor governor;
        const char *id = NULL;
        json_t *proposal = NULL;
        struct ht_why why = {.code = "", .text = ""};
        enum ht_err err = read_governor(&governor, at, name, said, &why);
        if (err == HT_OK) err = judge_settings(&governor, &why);
        report(at, name, "", "settings", err, &why);
        json_object_foreach(json_object_get(said, "proposals"), id, proposal) {
            if (err == HT_OK)
                run_proposal(at, &governor, id, proposal);
            else
                ht_governance_skip(at->run, id, "its governor cannot be read");
        }
    }
}

/* --- documents --------------------------------------------------------------------------------*/

static json_t *beside_or_above(const char *path, const char *name) {
    char above[64];
    (void)snprintf(above, sizeof above, "../%s", name);
    json_t *document = ht_governance_beside(path, above);
    return document != NULL ? document : ht_governance_beside(path, name);
}

/* The header whose hash the observation names; its own hash is computed. */
static enum ht_err find_header(struct ht_exec_header *out, const json_t *headers,
                               const json_t *document, struct ht_why *why) {
    ht_hash32 hash;
    uint64_t number = 0;
    size_t index = 0;
    const json_t *one = NULL;
    enum ht_err err = ht_json_hex(hash.b, 32, document, "hash", why);
    if (err == HT_OK) err = ht_json_u64(&number, document, "block", why);
    if (err != HT_OK) return err;
    json_array_foreach(headers, index, one) {
        struct ht_exec_header_claimed claimed;
        ht_u256 at;
        if (!ht_governance_number(&at, one, "number") || at.limb[0] != number) continue;
        err = ht_exec_header_from_json(&claimed, one, why);
        if (err == HT_OK && !ht_hash32_equal(&claimed.hash, &hash)) {
            err = ht_governance_differs("block", why);
        }
        if (err == HT_OK) *out = claimed.header;
        return err;
    }
    return ht_fail(why, HT_ENOTFOUND, "case", "its header is not beside it");
}

void ht_governance_run_observation(struct ht_governance_run *run, const json_t *document,
                                   const char *path) {
    static struct observation at;
    struct ht_arena arena;
    struct ht_why why = {.code = "", .text = ""};
    const json_t *governors = ht_json_member(document, "governors");
    const json_t *proofs = ht_json_member(document, "proofs");
    if (!json_is_object(governors) || !json_is_object(proofs)) return;
    json_t *headers = beside_or_above(path, "headers.json");
    json_t *chain = beside_or_above(path, "chain.json");
    ht_arena_init(&arena, ARENA_MAX);
    at = (struct observation){.run = run, .contracts = ht_json_member(chain, "contracts")};
    enum ht_err err = find_header(&at.header, headers, document, &why);
    ht_governance_report(run, "header", err, &why);
    if (err == HT_OK) {
        run_proofs(&at, &arena, proofs);
        run_governors(&at, governors);
    } else {
        ht_governance_skip(run, "the whole observation", "its header is not known");
    }
    ht_arena_fini(&arena);
    json_decref(chain);
    json_decref(headers);
}
