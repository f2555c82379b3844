/* Votes that are expected of logs, found in any document {"votes": {"CONTRACT:ID": [{"voter",
 * "support", "weight", "reason", "params", "block", "txIndex", "logIndex"}]}, "tallies":
 * {"CONTRACT:ID": {"against", "for", "abstain"}} [, "observations": [{"name", "states"}]]}, with
 * logs.json and chain.json beside it: the logs of the contract that are votes of the proposal are
 * exactly those, in that order, and add up to the tally. The states are compared with those of the
 * observations beside it, which the group of observations derives from proofs. */
#include <stdio.h>

#include "governance/governor/votes.h"
#include "tests/vectors/suite_governance.h"

#define DATA_MAX ((size_t)1 << 20)

struct proposal {
    enum ht_gov_counting counting;
    ht_addr20 address;
    ht_u256 id;
    const json_t *logs;
    ht_u256 sums[3];
};

/* A member of a log that is a QUANTITY. */
static uint64_t quantity(const json_t *log, const char *key) {
    ht_u256 value = ht_u256_of(0);
    return ht_governance_number(&value, log, key) ? value.limb[0] : UINT64_MAX;
}

static bool same_number(const json_t *one, const char *key, const ht_u256 *got) {
    ht_u256 want;
    return ht_governance_number(&want, one, key) && ht_u256_equal(&want, got);
}

static bool same_params(const json_t *one, ht_bytes got) {
    struct ht_buf want;
    const json_t *params = ht_json_member(one, "params");
    if (!json_is_string(params)) return got.n == 0;
    ht_buf_init(&want, DATA_MAX);
    bool is_same = ht_json_hex_buf(&want, one, "params", NULL) == HT_OK &&
                   ht_bytes_equal(ht_buf_view(&want), got);
    ht_buf_fini(&want);
    return is_same;
}

static enum ht_err judge_vote(const struct ht_gov_vote *vote, const json_t *log, const json_t *one,
                              struct ht_why *why) {
    ht_addr20 voter;
    ht_bytes reason = {0};
    ht_u256 support = ht_u256_of(vote->support);
    enum ht_err err = ht_json_hex(voter.b, 20, one, "voter", why);
    if (err == HT_OK) err = ht_json_str(&reason, one, "reason", why);
    if (err != HT_OK) return err;
    if (memcmp(voter.b, vote->voter.b, 20) != 0) return ht_governance_differs("voter", why);
    if (!same_number(one, "support", &support)) return ht_governance_differs("support", why);
    if (!same_number(one, "weight", &vote->weight)) return ht_governance_differs("weight", why);
    if (!ht_bytes_equal(reason, vote->reason)) return ht_governance_differs("reason", why);
    if (!same_params(one, vote->params)) return ht_governance_differs("params", why);
    if (quantity(one, "block") != quantity(log, "blockNumber") ||
        quantity(one, "txIndex") != quantity(log, "transactionIndex") ||
        quantity(one, "logIndex") != quantity(log, "logIndex")) {
        return ht_governance_differs("place", why);
    }
    return HT_OK;
}

/* *is_ours: it is a vote of the proposal, and is read into *out, which points into data. */
static enum ht_err read_log(struct ht_gov_vote *out, bool *is_ours, struct ht_buf *data,
                            const struct proposal *proposal, const json_t *log,
                            struct ht_why *why) {
    ht_hash32 topics[4];
    ht_addr20 address;
    size_t count = json_array_size(ht_json_member(log, "topics"));
    enum ht_err err = ht_json_hex(address.b, 20, log, "address", why);
    *is_ours = false;
    for (size_t i = 0; err == HT_OK && i < count && i < 4; i++) {
        char path[16];
        (void)snprintf(path, sizeof path, "topics[%zu]", i);
        err = ht_json_hex(topics[i].b, 32, log, path, why);
    }
    if (err != HT_OK || count == 0 || memcmp(address.b, proposal->address.b, 20) != 0 ||
        !ht_gov_is_vote(&topics[0])) {
        return err;
    }
    err = ht_json_hex_buf(data, log, "data", why);
    if (err != HT_OK) return err;
    err = ht_gov_vote_read(out, topics, count, ht_buf_view(data), proposal->counting, why);
    *is_ours = err == HT_OK && ht_u256_equal(&out->id, &proposal->id);
    return err;
}

static enum ht_err judge_votes(struct proposal *proposal, const json_t *votes, struct ht_why *why) {
    size_t index = 0;
    size_t at = 0;
    const json_t *log = NULL;
    enum ht_err err = HT_OK;
    json_array_foreach(proposal->logs, index, log) {
        struct ht_gov_vote vote;
        struct ht_buf data;
        bool is_ours = false;
        if (err != HT_OK) break;
        ht_buf_init(&data, DATA_MAX);
        err = read_log(&vote, &is_ours, &data, proposal, log, why);
        if (err == HT_OK && is_ours) {
            const json_t *one = json_array_get(votes, at++);
            err = one != NULL ? judge_vote(&vote, log, one, why)
                              : ht_governance_differs("number of votes", why);
            for (size_t i = 0; i < 3; i++) {
                ht_u256_add(&proposal->sums[i], &proposal->sums[i], &vote.split[i]);
            }
        }
        ht_buf_fini(&data);
    }
    if (err == HT_OK && at != json_array_size(votes)) {
        err = ht_governance_differs("number of votes", why);
    }
    return err;
}

static enum ht_err judge_tally(const struct proposal *proposal, const json_t *tally,
                               struct ht_why *why) {
    static const char *const names[3] = {"against", "for", "abstain"};
    for (size_t i = 0; i < 3; i++) {
        if (!same_number(tally, names[i], &proposal->sums[i])) {
            return ht_governance_differs(names[i], why);
        }
    }
    return HT_OK;
}

/* "CONTRACT:0x…". */
static bool read_key(struct proposal *out, const json_t *chain, const json_t *logs,
                     const char *key) {
    char contract[64];
    const char *colon = strchr(key, ':');
    *out = (struct proposal){.counting = HT_GOV_SIMPLE};
    if (colon == NULL || (size_t)(colon - key) >= sizeof contract) return false;
    memcpy(contract, key, (size_t)(colon - key));
    contract[colon - key] = '\0';
    const json_t *one = ht_json_member(ht_json_member(chain, "contracts"), contract);
    const char *kind = json_string_value(ht_json_member(one, "kind"));
    if (kind != NULL && strcmp(kind, "oz-enum") == 0) out->counting = HT_GOV_FRACTIONAL;
    out->logs = ht_governance_logs(logs, contract);
    return out->logs != NULL && ht_json_hex(out->address.b, 20, one, "address", NULL) == HT_OK &&
           ht_u256_from_text(&out->id, ht_bytes_str(colon + 1)) == HT_OK;
}

static void run_votes(struct ht_governance_run *run, const json_t *document, const json_t *chain,
                      const json_t *logs) {
    const char *key = NULL;
    json_t *votes = NULL;
    const json_t *tallies = ht_json_member(document, "tallies");
    json_object_foreach((json_t *)(uintptr_t)ht_json_member(document, "votes"), key, votes) {
        char name[200];
        struct proposal proposal;
        struct ht_why why = {.code = "", .text = ""};
        (void)snprintf(name, sizeof name, "%s/votes", key);
        if (!read_key(&proposal, chain, logs, key)) {
            ht_governance_skip(run, name, "its contract and logs are not beside it");
            continue;
        }
        enum ht_err err = judge_votes(&proposal, votes, &why);
        ht_governance_report(run, name, err, &why);
        (void)snprintf(name, sizeof name, "%s/tally", key);
        if (err == HT_OK) err = judge_tally(&proposal, ht_json_member(tallies, key), &why);
        ht_governance_report(run, name, err, &why);
    }
}

static enum ht_err same_states(const json_t *want, const json_t *observation, struct ht_why *why) {
    const char *contract = NULL;
    json_t *states = NULL;
    json_object_foreach((json_t *)(uintptr_t)ht_json_member(want, "states"), contract, states) {
        const char *id = NULL;
        json_t *state = NULL;
        const json_t *governor = ht_json_member(ht_json_member(observation, "governors"), contract);
        json_object_foreach(states, id, state) {
            const json_t *got =
                ht_json_member(ht_json_member(ht_json_member(governor, "proposals"), id), "state");
            if (got == NULL || !json_equal(got, state)) return ht_governance_differs(id, why);
        }
    }
    return HT_OK;
}

static void run_states(struct ht_governance_run *run, const json_t *document, const char *path) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(ht_json_member(document, "observations"), index, one) {
        char name[160];
        struct ht_why why = {.code = "", .text = ""};
        const char *title = json_string_value(ht_json_member(one, "name"));
        (void)snprintf(name, sizeof name, "observations/%02zu-%s.json", index,
                       title != NULL ? title : "");
        json_t *observation = ht_governance_beside(path, name);
        (void)snprintf(name, sizeof name, "%s/states", title != NULL ? title : "?");
        if (observation == NULL)
            ht_governance_skip(run, name, "its observation is not beside it");
        else
            ht_governance_report(run, name, same_states(one, observation, &why), &why);
        json_decref(observation);
    }
}

void ht_governance_run_expected(struct ht_governance_run *run, const json_t *document,
                                const char *path) {
    if (!json_is_object(ht_json_member(document, "votes")) ||
        !json_is_object(ht_json_member(document, "tallies"))) {
        return;
    }
    json_t *chain = ht_governance_beside(path, "chain.json");
    json_t *logs = ht_governance_beside(path, "logs.json");
    run_votes(run, document, chain, logs);
    run_states(run, document, path);
    json_decref(logs);
    json_decref(chain);
}
