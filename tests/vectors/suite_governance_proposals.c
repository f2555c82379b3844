/* Proposals, found in any document {"NAME": [{"idHex", "governor", "proposer", "targets", "values",
 * "signatures", "calldatas", "description", "descriptionHash", "voteStart", "voteEnd" [,
 * "timelockSalt", "timelockId"]}]}: the description's hash, the id (a hash, or the number that it
 * is said to be), the timelock's id. The contract's address and kind are in chain.json beside,
 * {"contracts": {NAME: {"address", "kind"}}}; with logs.json beside ({NAME: [log]}) the log that
 * created a proposal must say the same of it. */
#include <stdio.h>

#include "governance/governor/votes.h"
#include "node/crypto/keccak.h"
#include "tests/vectors/suite_governance.h"

#define ARENA_MAX ((size_t)4 << 20)

struct contract {
    const char *name;
    ht_addr20 address;
    bool has_hash_ids, is_oz4;
    const json_t *logs; /* NULL: none are known */
};

static enum ht_err read_views(ht_bytes *out, struct ht_buf *bytes, const json_t *from,
                              const char *path, struct ht_why *why) {
    size_t before = bytes->n;
    enum ht_err err = ht_json_hex_buf(bytes, from, path, why);
    if (err == HT_OK) *out = ht_bytes_of(bytes->p + before, bytes->n - before);
    return err;
}

static enum ht_err read_action(struct ht_gov_action *out, struct ht_buf *bytes, const json_t *one,
                               size_t i, struct ht_why *why) {
    char path[32];
    (void)snprintf(path, sizeof path, "targets[%zu]", i);
    enum ht_err err = ht_json_hex(out->target.b, 20, one, path, why);
    const json_t *value = json_array_get(ht_json_member(one, "values"), i);
    ht_bytes text = ht_bytes_of(json_string_value(value), json_string_length(value));
    if (err == HT_OK && (!json_is_string(value) || ht_u256_from_text(&out->value, text) != HT_OK)) {
        err = ht_governance_differs("value", why);
    }
    (void)snprintf(path, sizeof path, "signatures[%zu]", i);
    if (err == HT_OK) err = ht_json_str(&out->signature, one, path, why);
    (void)snprintf(path, sizeof path, "calldatas[%zu]", i);
    if (err == HT_OK) err = read_views(&out->calldata, bytes, one, path, why);
    return err;
}

static enum ht_err read_proposal(struct ht_gov_proposal *out, struct ht_buf *bytes,
                                 const json_t *one, struct ht_why *why) {
    size_t count = json_array_size(ht_json_member(one, "targets"));
    ht_hash32 id;
    *out = (struct ht_gov_proposal){.action_count = count};
    if (count > HT_GOV_ACTIONS_MAX) return ht_governance_differs("number of actions", why);
    /* Views into it must not move. */
    if (ht_buf_reserve(bytes, bytes->max) == NULL) return HT_ENOMEM;
    enum ht_err err = ht_json_hex(id.b, 32, one, "idHex", why);
    if (err == HT_OK) err = ht_json_hex(out->proposer.b, 20, one, "proposer", why);
    if (err == HT_OK) err = ht_json_u64(&out->start, one, "voteStart", why);
    if (err == HT_OK) err = ht_json_u64(&out->end, one, "voteEnd", why);
    if (err == HT_OK) err = ht_json_str(&out->description, one, "description", why);
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        err = read_action(&out->actions[i], bytes, one, i, why);
    }
    if (err != HT_OK) return err;
    out->id = ht_u256_from_be32(id.b);
    ht_keccak256(&out->description_hash, out->description);
    return HT_OK;
}

static enum ht_err same_hash(const json_t *one, const char *key, const ht_hash32 *got,
                             struct ht_why *why) {
    ht_hash32 want;
    enum ht_err err = ht_json_hex(want.b, 32, one, key, why);
    return err != HT_OK || ht_hash32_equal(&want, got) ? err : ht_governance_differs(key, why);
}

static enum ht_err judge_ids(const struct contract *contract,
                             const struct ht_gov_proposal *proposal, const json_t *one,
                             struct ht_why *why) {
    ht_u256 id = proposal->id;
    ht_u256 decimal;
    ht_hash32 hash;
    enum ht_err err = same_hash(one, "descriptionHash", &proposal->description_hash, why);
    if (err == HT_OK && contract->has_hash_ids) err = ht_gov_proposal_hash(&id, proposal);
    if (err != HT_OK) return err;
    ht_u256_to_be(hash.b, &id);
    err = same_hash(one, "idHex", &hash, why);
    if (err == HT_OK &&
        (!ht_governance_number(&decimal, one, "id") || !ht_u256_equal(&decimal, &proposal->id))) {
        err = ht_governance_differs("id", why);
    }
    if (err != HT_OK || !json_is_string(ht_json_member(one, "timelockId"))) return err;
    err = ht_gov_timelock_id(&hash, proposal, &contract->address, contract->is_oz4);
    return err != HT_OK ? err : same_hash(one, "timelockId", &hash, why);
}

/* --- logs -------------------------------------------------------------------------------------*/

static bool same_actions(const struct ht_gov_proposal *a, const struct ht_gov_proposal *b) {
    bool is_same = a->action_count == b->action_count;
    for (size_t i = 0; is_same && i < a->action_count; i++) {
        const struct ht_gov_action *one = &a->actions[i];
        const struct ht_gov_action *other = &b->actions[i];
        is_same = memcmp(one->target.b, other->target.b, 20) == 0 &&
                  ht_u256_equal(&one->value, &other->value) &&
                  ht_bytes_equal(one->signature, other->signature) &&
                  ht_bytes_equal(one->calldata, other->calldata);
    }
    return is_same;
}

static bool same_proposal(const struct ht_gov_proposal *a, const struct ht_gov_proposal *b) {
    return ht_u256_equal(&a->id, &b->id) && memcmp(a->proposer.b, b->proposer.b, 20) == 0 &&
           a->start == b->start && a->end == b->end &&
           ht_bytes_equal(a->description, b->description) &&
           ht_hash32_equal(&a->description_hash, &b->description_hash) && same_actions(a, b);
}

static bool is_creation(const json_t *log, const struct contract *contract) {
    ht_hash32 topic;
    ht_addr20 address;
    return ht_json_hex(topic.b, 32, log, "topics[0]", NULL) == HT_OK &&
           ht_hash32_equal(&topic, &ht_gov_topic_proposal_created) &&
           ht_json_hex(address.b, 20, log, "address", NULL) == HT_OK &&
           memcmp(address.b, contract->address.b, 20) == 0;
}

/* The contract's logs have it once, and say the same. */
static enum ht_err judge_log(const struct contract *contract,
                             const struct ht_gov_proposal *proposal, struct ht_arena *arena,
                             struct ht_why *why) {
    struct ht_gov_proposal *got = ht_arena_alloc(arena, sizeof *got);
    struct ht_buf data;
    size_t index = 0;
    size_t hits = 0;
    const json_t *log = NULL;
    enum ht_err err = got != NULL ? HT_OK : HT_ENOMEM;
    json_array_foreach(contract->logs, index, log) {
        if (err != HT_OK || !is_creation(log, contract)) continue;
        ht_buf_init(&data, ARENA_MAX);
        err = ht_json_hex_buf(&data, log, "data", why);
        if (err == HT_OK) err = ht_gov_proposal_read(got, arena, ht_buf_view(&data), why);
        ht_buf_fini(&data);
        if (err != HT_OK || !ht_u256_equal(&got->id, &proposal->id)) continue;
        hits++;
        if (!same_proposal(got, proposal)) err = ht_governance_differs("log", why);
    }
    if (err == HT_OK && hits != 1) err = ht_governance_differs("number of logs", why);
    return err;
}

/* --- documents --------------------------------------------------------------------------------*/

static void run_proposal(struct ht_governance_run *run, const struct contract *contract,
                         const json_t *one) {
    char name[200];
    struct ht_arena arena;
    struct ht_buf bytes;
    struct ht_gov_proposal proposal;
    struct ht_why why = {.code = "", .text = ""};
    ht_arena_init(&arena, ARENA_MAX);
    ht_buf_init(&bytes, ARENA_MAX);
    enum ht_err err = read_proposal(&proposal, &bytes, one, &why);
    enum ht_err ids = err == HT_OK ? judge_ids(contract, &proposal, one, &why) : err;
    (void)snprintf(name, sizeof name, "%s/%s/ids", contract->name,
                   json_string_value(ht_json_member(one, "idHex")));
    ht_governance_report(run, name, ids, &why);
    (void)snprintf(name, sizeof name, "%s/%s/log", contract->name,
                   json_string_value(ht_json_member(one, "idHex")));
    if (contract->logs == NULL) {
        ht_governance_skip(run, name, "there are no logs beside it");
    } else {
        if (err == HT_OK) err = judge_log(contract, &proposal, &arena, &why);
        ht_governance_report(run, name, err, &why);
    }
    ht_buf_fini(&bytes);
    ht_arena_fini(&arena);
}

static bool is_proposal(const json_t *one) {
    return json_is_string(ht_json_member(one, "idHex")) &&
           json_is_array(ht_json_member(one, "targets")) &&
           json_is_string(ht_json_member(one, "description"));
}

static bool read_contract(struct contract *out, const json_t *chain, const json_t *logs,
                          const char *name) {
    const json_t *one = ht_json_member(ht_json_member(chain, "contracts"), name);
    const char *kind = json_string_value(ht_json_member(one, "kind"));
    *out = (struct contract){.name = name, .logs = ht_governance_logs(logs, name)};
    if (kind == NULL) return false;
    out->has_hash_ids = strncmp(kind, "oz", 2) == 0;
    out->is_oz4 = strcmp(kind, "oz4") == 0;
    return ht_json_hex(out->address.b, 20, one, "address", NULL) == HT_OK;
}

void ht_governance_run_proposals(struct ht_governance_run *run, const json_t *document,
                                 const char *path) {
    const char *name = NULL;
    json_t *list = NULL;
    json_t *chain = NULL;
    json_t *logs = NULL;
    json_object_foreach((json_t *)(uintptr_t)document, name, list) {
        struct contract contract;
        size_t index = 0;
        const json_t *one = NULL;
        if (!is_proposal(json_array_get(list, 0))) continue;
        if (chain == NULL) chain = ht_governance_beside(path, "chain.json");
        if (logs == NULL) logs = ht_governance_beside(path, "logs.json");
        bool is_known = read_contract(&contract, chain, logs, name);
        json_array_foreach(list, index, one) {
            if (is_known)
                run_proposal(run, &contract, one);
            else
                ht_governance_skip(run, name, "its contract is not described beside it");
        }
    }
    json_decref(logs);
    json_decref(chain);
}
