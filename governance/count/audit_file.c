/* Audit bundles as files: the count, then the anchor, step by step, and what is told of it. */
#include "governance/count/audit_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "governance/count/audit_read.h"
#include "governance/text.h"
#include "node/base/hex.h"
#include "node/codec/address.h"

struct run {
    const struct ht_gov_judge *judge;
    const json_t *bundle;
    struct ht_gov_audit audit;
    struct ht_lc_object *update;
    bool has_period;
    uint64_t period;
    ht_hash32 final_hash; /* of the execution block that the update finalized */
    char said[200];
};
typedef enum ht_err step(struct run *run, struct ht_why *why);

bool ht_gov_is_audit(const json_t *file) {
    const char *format = json_string_value(ht_json_member(file, "format"));
    if (format != NULL) return strcmp(format, HT_GOV_AUDIT_FORMAT) == 0;
    return json_is_object(ht_json_member(file, "target")) &&
           json_is_object(ht_json_member(file, "anchor")) &&
           json_is_object(ht_json_member(file, "provided"));
}

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- steps ------------------------------------------------------------------------------------ */

static enum ht_err check_form(struct run *run, struct ht_why *why) {
    if (!ht_gov_is_audit(run->bundle)) {
        return ht_fail(why, HT_EINPUT, "audit_version", "that is no audit bundle");
    }
    const bool is_case = ht_json_member(run->bundle, "format") == NULL;
    (void)snprintf(run->said, sizeof run->said, "An audit %s of one proposal.",
                   is_case ? "case" : "bundle");
    return HT_OK;
}

static enum ht_err check_count(struct run *run, struct ht_why *why) {
    enum ht_err err = ht_gov_audit_check(&run->audit, run->bundle, why);
    if (err != HT_OK) return err;
    if (!run->audit.is_accepted) {
        if (why != NULL) *why = run->audit.why;
        return run->audit.err;
    }
    const struct ht_gov_result *result = &run->audit.result;
    const char *list =
        result->list_proven ? "no other vote was cast" : "a vote without weight may be missing";
    (void)snprintf(run->said, sizeof run->said,
                   "%zu votes of %zu voters are in proven receipts and add up to the tallies that "
                   "storage proves at block %" PRIu64 "; %s.",
                   result->votes, result->voters, run->audit.anchor_number, list);
    return HT_OK;
}

static enum ht_err other_network(const struct run *run, struct ht_why *why) {
    return ht_fail(why, HT_EUNVERIFIED, "other_network",
                   "it is of another network than %s, which is followed here",
                   run->judge->network->name);
}

/* The chain id that was counted for may differ from the one of the network's members. */
static enum ht_err check_network(struct run *run, struct ht_why *why) {
    const struct ht_network *network = run->judge->network;
    const json_t *claimed = ht_json_member(run->bundle, "network");
    uint64_t chain_id = 0;
    ht_hash32 root;
    if (claimed != NULL) {
        enum ht_err err = ht_json_u64(&chain_id, claimed, "chain_id", why);
        if (err == HT_OK) {
            err = ht_json_hex(root.b, sizeof root.b, claimed, "genesis_validators_root", why);
        }
        if (err != HT_OK) return err;
        if (chain_id != network->chain_id ||
            !ht_hash32_equal(&root, &network->genesis_validators_root)) {
            return other_network(run, why);
        }
    }
    if (run->audit.chain_id != network->chain_id) return other_network(run, why);
    (void)snprintf(run->said, sizeof run->said, "It is of %s, the network that is followed here.",
                   network->name);
    return HT_OK;
}

static enum ht_err check_committee(struct run *run, struct ht_why *why) {
    const json_t *finality = ht_json_member(run->bundle, "finality");
    struct ht_bls_committee *committee = NULL;
    if (finality == NULL || json_is_null(finality)) {
        char hash[HT_HEX_SIZE(32)];
        ht_hex_write(hash, HT_BYTES(run->audit.anchor_hash.b));
        return ht_fail(why, HT_EUNVERIFIED, "anchor_trusted",
                       "it holds if block %" PRIu64 " has the hash %s: nothing in it proves that",
                       run->audit.anchor_number, hash);
    }
    run->update = calloc(1, sizeof *run->update);
    if (run->update == NULL) return no_memory(why);
    enum ht_err err = ht_finality_read(run->update, run->judge->network, finality, why);
    if (err != HT_OK) return err;
    run->period = ht_finality_period(run->judge->network, run->update);
    run->has_period = true;
    err = run->judge->committee(run->judge->user, &committee, run->period, why);
    (void)snprintf(run->said, sizeof run->said,
                   "The sync committee of period %" PRIu64 " is known here, and was proven.",
                   run->period);
    return err;
}

static enum ht_err check_finality(struct run *run, struct ht_why *why) {
    const struct ht_network *network = run->judge->network;
    struct ht_bls_committee *committee = NULL;
    struct ht_exec_hash_proven proven;
    struct ht_header_verified *final = calloc(1, sizeof *final);
    if (final == NULL) return no_memory(why);
    enum ht_err err = run->judge->committee(run->judge->user, &committee, run->period, why);
    if (err == HT_OK) {
        err = ht_finality_verify(final, network, committee, run->update,
                                 ht_slot_at_ms(network, run->judge->now_ms), why);
    }
    if (err == HT_OK) err = ht_exec_hash_of_beacon(&proven, final, why);
    if (err == HT_OK) {
        run->final_hash = proven.hash;
        (void)snprintf(run->said, sizeof run->said,
                       "%zu of its %zu members signed that slot %" PRIu64 " is final.",
                       final->participants, network->preset->sync_committee_size,
                       final->beacon.slot);
    }
    free(final);
    return err;
}

/* From the anchor's child to the final block, each the next of the one before. */
static enum ht_err check_anchor(struct run *run, struct ht_why *why) {
    const json_t *after = ht_json_member(run->bundle, "after");
    ht_hash32 at = run->audit.anchor_hash;
    const size_t count = json_array_size(after);
    if (count > HT_GOV_AUDIT_HEADERS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_headers", "too many headers after the anchor");
    }
    for (size_t i = 0; i < count; i++) {
        struct ht_exec_header_claimed header;
        enum ht_err err = ht_gov_audit_header(&header, json_array_get(after, i), why);
        if (err != HT_OK) return err;
        if (!ht_hash32_equal(&header.header.parent_hash, &at)) {
            return ht_fail(why, HT_EUNVERIFIED, "header_chain",
                           "the headers after the anchor do not follow on each other");
        }
        at = header.hash;
    }
    if (!ht_hash32_equal(&at, &run->final_hash)) {
        return ht_fail(why, HT_EUNVERIFIED, "anchor_final",
                       "the block that is final is not the anchor, nor one that follows it here");
    }
    (void)snprintf(run->said, sizeof run->said, "That makes the anchor, block %" PRIu64 ", final.",
                   run->audit.anchor_number);
    return HT_OK;
}

static const struct {
    const char *name;
    step *check;
} STEPS[] = {
    {"form", check_form},           {"count", check_count},       {"network", check_network},
    {"committee", check_committee}, {"finality", check_finality}, {"anchor", check_anchor},
};

/* --- the outcome ------------------------------------------------------------------------------ */

static bool is_ours(enum ht_err err) {
    return err == HT_ENOMEM || err == HT_ESTORE || err == HT_EAGAIN || err == HT_EBUG;
}

static const char *verdict_of(enum ht_err err, const char *code) {
    static const char *const UNVERIFIED[] = {"anchor_trusted", "other_network", "committee_unknown",
                                             "future"};
    if (err == HT_OK) return "valid";
    for (size_t i = 0; i < sizeof UNVERIFIED / sizeof *UNVERIFIED; i++) {
        if (strcmp(code, UNVERIFIED[i]) == 0) return "unverified";
    }
    return "invalid";
}

/* Reasons may quote what no text is. */
static json_t *reason_json(const struct ht_why *why) {
    return ht_gov_text_json(ht_bytes_str(why->text), sizeof why->text);
}

static json_t *step_json(const char *name, enum ht_err err, const char *said,
                         const struct ht_why *why) {
    if (err == HT_OK) return json_pack("{s:s, s:b, s:s}", "step", name, "ok", 1, "text", said);
    return json_pack("{s:s, s:b, s:o, s:s}", "step", name, "ok", 0, "text", reason_json(why),
                     "code", why->code);
}

static enum ht_err walk(struct run *run, json_t *steps, struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < sizeof STEPS / sizeof *STEPS; i++) {
        err = STEPS[i].check(run, why);
        if (is_ours(err)) return err;
        json_t *json = step_json(STEPS[i].name, err, run->said, why);
        if (json_array_append_new(steps, json) != 0) return no_memory(why);
    }
    return err;
}

static json_t *numbers_json(const ht_u256 *against, const ht_u256 *in_favour,
                            const ht_u256 *abstain) {
    return json_pack("{s:o, s:o, s:o}", "against", ht_gov_u256_json(against), "for",
                     ht_gov_u256_json(in_favour), "abstain", ht_gov_u256_json(abstain));
}

static json_t *field(const char *name, json_t *value) {
    return json_pack("{s:s, s:o}", "name", name, "value", value);
}

/* For people, in the order in which they are shown. */
static json_t *fields_json(const struct ht_gov_audit *audit) {
    const struct ht_gov_result *result = &audit->result;
    ht_hash32 id;
    ht_u256_to_be(id.b, &audit->id);
    json_t *fields = json_pack(
        "[o, o, o, o, o, o, o, o]", field("governor", ht_address_json(&audit->governor)),
        field("proposal", ht_gov_hex_json(HT_BYTES(id.b))),
        field("for", ht_gov_u256_json(&result->in_favour)),
        field("against", ht_gov_u256_json(&result->against)),
        field("abstain", ht_gov_u256_json(&result->abstain)),
        field("tally proven", json_boolean(result->tally_proven)),
        field("voter list proven", json_boolean(result->list_proven)),
        field("code hash of the governor", ht_gov_hex_json(HT_BYTES(audit->code_hash.b))));
    if (!audit->has_weights) return fields;
    char text[120];
    (void)snprintf(text, sizeof text, "%zu agree with the token's history, %zu differ, %zu open",
                   audit->weights_agree, audit->weights_differ, audit->weights_open);
    (void)json_array_append_new(fields, field("weights", json_string(text)));
    (void)json_array_append_new(fields, field("token", ht_address_json(&audit->token)));
    return fields;
}

/* What the token's history says of the weights; NULL: the bundle has none of it. */
static json_t *weights_json(const struct ht_gov_audit *audit) {
    if (!audit->has_weights) return NULL;
    return json_pack("{s:o, s:o, s:I, s:I, s:I, s:o}", "token", ht_address_json(&audit->token),
                     "code_hash", ht_gov_hex_json(HT_BYTES(audit->token_code_hash.b)), "agree",
                     (json_int_t)audit->weights_agree, "differ", (json_int_t)audit->weights_differ,
                     "open", (json_int_t)audit->weights_open, "differs_of",
                     audit->weights_differ > 0 ? ht_address_json(&audit->weight_differs_of)
                                               : json_null());
}

static json_t *claim_json(const struct ht_gov_audit *audit) {
    const struct ht_gov_result *result = &audit->result;
    const struct ht_gov_shortfall *missing = &result->missing;
    if (!audit->is_accepted && strcmp(audit->why.code, "tally_incomplete") != 0) {
        return json_null();
    }
    return json_pack(
        "{s:o, s:o, s:I, s:o, s:o, s:I, s:I, s:b, s:b, s:I, s:b, s:o, s:o*, s:o}", "governor",
        ht_address_json(&audit->governor), "proposal_id", ht_gov_u256_json(&audit->id), "chain_id",
        (json_int_t)audit->chain_id, "tally",
        numbers_json(&result->against, &result->in_favour, &result->abstain), "missing",
        result->tally_proven
            ? json_null()
            : numbers_json(&missing->against, &missing->in_favour, &missing->abstain),
        "votes", (json_int_t)result->votes, "voters", (json_int_t)result->voters, "tally_proven",
        (int)result->tally_proven, "list_proven", (int)result->list_proven, "unchecked_blocks",
        (json_int_t)result->unchecked_count, "flags_checked", (int)audit->flags_checked,
        "code_hash", ht_gov_hex_json(HT_BYTES(audit->code_hash.b)), "weights", weights_json(audit),
        "fields", fields_json(audit));
}

static json_t *block_json(const struct ht_gov_audit *audit) {
    if (ht_hash32_is_zero(&audit->anchor_hash)) return json_null();
    return json_pack("{s:I, s:o, s:I}", "number", (json_int_t)audit->anchor_number, "hash",
                     ht_gov_hex_json(HT_BYTES(audit->anchor_hash.b)), "time",
                     (json_int_t)audit->anchor_time_s);
}

static void age_text(char out[static 32], uint64_t seconds) {
    static const struct {
        uint64_t seconds;
        const char *name;
    } UNITS[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {1, "seconds"}};
    size_t i = 0;
    /* "1 hours" would hide nearly another one. */
    while (UNITS[i].seconds > 1 && seconds / UNITS[i].seconds < 2) i++;
    (void)snprintf(out, 32, "%" PRIu64 " %s", seconds / UNITS[i].seconds, UNITS[i].name);
}

/* Takes steps over. */
static json_t *outcome_json(const struct run *run, json_t *steps, enum ht_err err,
                            const struct ht_why *why) {
    const bool has_block = !ht_hash32_is_zero(&run->audit.anchor_hash);
    const uint64_t now_s = (uint64_t)(run->judge->now_ms / 1000);
    const uint64_t then_s = run->audit.anchor_time_s;
    const uint64_t age_s = now_s > then_s ? now_s - then_s : 0;
    char age[32];
    age_text(age, age_s);
    return json_pack(
        "{s:s, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "verdict",
        verdict_of(err, why->code), "code", err == HT_OK ? json_null() : json_string(why->code),
        "why", err == HT_OK ? json_null() : reason_json(why), "kind", "governance_audit", "network",
        run->judge->network->name, "period",
        run->has_period ? json_integer((json_int_t)run->period) : json_null(), "block",
        block_json(&run->audit), "age_s", has_block ? json_integer((json_int_t)age_s) : json_null(),
        "age", has_block ? json_string(age) : json_null(), "claim", claim_json(&run->audit),
        "steps", steps);
}

enum ht_err ht_gov_audit_verify(json_t **outcome, const struct ht_gov_judge *judge,
                                const json_t *bundle, struct ht_why *why) {
    struct run run = {.judge = judge, .bundle = bundle, .audit = {.why = {.code = ""}}};
    struct ht_why reason = {.code = ""};
    json_t *steps = json_array();
    if (steps == NULL) return no_memory(why);
    enum ht_err err = walk(&run, steps, &reason);
    free(run.update);
    if (is_ours(err)) {
        json_decref(steps);
        if (why != NULL) *why = reason;
        return err;
    }
    *outcome = outcome_json(&run, steps, err, &reason);
    return *outcome != NULL ? HT_OK : no_memory(why);
}

/* --- files ------------------------------------------------------------------------------------ */

/* The one committee that a bundle needs. */
struct kept {
    sqlite3 *db;
    struct ht_bls_committee *committee;
    uint64_t period;
};

static enum ht_err committee_of(void *user, struct ht_bls_committee **out, uint64_t period,
                                struct ht_why *why) {
    struct kept *kept = user;
    if (kept->db == NULL) {
        return ht_fail(why, HT_ENOTFOUND, "committee_unknown", "no committee is known here");
    }
    if (kept->committee == NULL || kept->period != period) {
        free(kept->committee);
        kept->period = period;
        kept->committee = calloc(1, sizeof *kept->committee);
        if (kept->committee == NULL) return no_memory(why);
        enum ht_err err = ht_sync_sql_load_committee(kept->committee, kept->db, period, why);
        if (err != HT_OK) {
            free(kept->committee);
            kept->committee = NULL;
            return err;
        }
    }
    *out = kept->committee;
    return HT_OK;
}

enum ht_err ht_gov_verify_file(json_t **outcome, const struct ht_network *network, sqlite3 *db,
                               const json_t *file, const struct ht_clock *clock,
                               struct ht_why *why) {
    struct kept kept = {.db = db};
    const struct ht_gov_judge judge = {
        .network = network, .now_ms = ht_wall_ms(clock), .committee = committee_of, .user = &kept};
    if (!ht_gov_is_audit(file)) {
        return ht_fail(why, HT_ENOTFOUND, "unknown_file", "that is no audit bundle");
    }
    enum ht_err err = ht_gov_audit_verify(outcome, &judge, file, why);
    free(kept.committee);
    return err;
}
