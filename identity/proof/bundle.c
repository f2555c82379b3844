/* Checking a bundle, step by step, and what is told of it. */
#include "identity/proof/bundle.h"

#include <inttypes.h>
#include <stdio.h>

#include "identity/proof/bundle_claim.h"
#include "identity/proof/bundle_claim_eas.h"
#include "identity/proof/bundle_text.h"
#include "identity/wallet/contracts.h"
#include "node/base/hex.h"

#define ARENA_MAX ((size_t)6 << 20)

static const char *const VERDICTS[] = {
    [HT_BUNDLE_VALID] = "valid",           [HT_BUNDLE_REVOKED] = "revoked",
    [HT_BUNDLE_EXPIRED] = "expired",       [HT_BUNDLE_FROM_FUTURE] = "from_future",
    [HT_BUNDLE_NOT_THERE] = "not_there",   [HT_BUNDLE_INVALID] = "invalid",
    [HT_BUNDLE_UNVERIFIED] = "unverified",
};

const char *ht_bundle_verdict_name(enum ht_bundle_verdict verdict) {
    return VERDICTS[verdict];
}

void ht_bundle_contracts_of(struct ht_bundle_contracts *out, const struct ht_network *network) {
    struct ht_did_registry registry;
    *out = (struct ht_bundle_contracts){.has_eas = false};
    out->has_eas = ht_contracts_eas(&out->eas, network, NULL) == HT_OK;
    out->has_did_registry = ht_contracts_did(&registry, network, NULL) == HT_OK;
    if (out->has_did_registry) out->did_registry = registry.address;
}

/* --- steps ------------------------------------------------------------------------------------ */

static enum ht_err check_form(struct ht_bundle_run *run, struct ht_why *why) {
    char made[HT_BUNDLE_TIME_SIZE];
    enum ht_err err = ht_bundle_read(&run->bundle, run->arena, run->bundle.json, why);
    if (err != HT_OK) return err;
    run->has_form = true;
    const uint64_t now_s = (uint64_t)(run->judge->now_ms / 1000), made_s = run->bundle.made_s;
    ht_bundle_time_text(made, made_s);
    if (made_s < run->bundle.header.header.timestamp ||
        (made_s > now_s && made_s - now_s > HT_BUNDLE_AHEAD_S)) {
        return ht_fail(why, HT_EINPUT, "made_time",
                       "it says to be made at %s: before its block, or in the future", made);
    }
    (void)snprintf(run->said, sizeof run->said, "A bundle of the kind %s, made at %s.",
                   ht_bundle_kind_name(run->bundle.kind), made);
    return HT_OK;
}

static enum ht_err check_network(struct ht_bundle_run *run, struct ht_why *why) {
    const struct ht_network *network = run->judge->network;
    bool is_same =
        run->bundle.chain_id == network->chain_id &&
        strcmp(run->bundle.network_name, network->name) == 0 &&
        ht_hash32_equal(&run->bundle.genesis_validators_root, &network->genesis_validators_root);
    if (!is_same) {
        return ht_fail(why, HT_EUNVERIFIED, "other_network",
                       "it is of another network than %s, which is followed here", network->name);
    }
    (void)snprintf(run->said, sizeof run->said, "It is of %s, the network that is followed here.",
                   network->name);
    return HT_OK;
}

static enum ht_err check_committee(struct ht_bundle_run *run, struct ht_why *why) {
    struct ht_bls_committee *committee = NULL;
    run->update = ht_arena_alloc(run->arena, sizeof *run->update);
    if (run->update == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    enum ht_err err = ht_finality_read(run->update, run->judge->network, run->bundle.finality, why);
    if (err != HT_OK) return err;
    run->period = ht_finality_period(run->judge->network, run->update);
    run->has_period = true;
    err = run->judge->committee(run->judge->user, &committee, run->period, why);
    (void)snprintf(run->said, sizeof run->said,
                   "The sync committee of period %" PRIu64 " is known here, and was proven.",
                   run->period);
    return err;
}

static enum ht_err check_finality(struct ht_bundle_run *run, struct ht_why *why) {
    static const char *const MEMBERS[] = {"fork", "kind", "ssz", NULL};
    const struct ht_network *network = run->judge->network;
    struct ht_bls_committee *committee = NULL;
    enum ht_err err = ht_bundle_only(run->bundle.finality, MEMBERS, why);
    if (err == HT_OK) {
        err = run->judge->committee(run->judge->user, &committee, run->period, why);
    }
    if (err == HT_OK) {
        err = ht_finality_verify(&run->final, network, committee, run->update,
                                 ht_slot_at_ms(network, run->judge->now_ms), why);
    }
    (void)snprintf(run->said, sizeof run->said,
                   "%zu of its %zu members signed that slot %" PRIu64 " is final.",
                   run->final.participants, network->preset->sync_committee_size,
                   run->final.beacon.slot);
    return err;
}

static enum ht_err check_header(struct ht_bundle_run *run, struct ht_why *why) {
    struct ht_exec_hash_proven proven;
    char time[HT_BUNDLE_TIME_SIZE];
    enum ht_err err = ht_exec_hash_of_beacon(&proven, &run->final, why);
    if (err == HT_OK) err = ht_exec_header_verify(&run->header, &run->bundle.header, &proven, why);
    if (err != HT_OK) return err;
    run->has_header = true;
    ht_bundle_time_text(time, run->header.header.timestamp);
    (void)snprintf(run->said, sizeof run->said,
                   "That makes block %" PRIu64 " of %s final, whose header is here.",
                   run->header.header.number, time);
    return HT_OK;
}

/* A section about another account than the claim needs is of a contract that nobody vouches for. */
static enum ht_err check_section(const struct ht_bundle_run *run, const struct ht_get_proof *proof,
                                 const ht_addr20 *address, const ht_hash32 *slots, size_t count,
                                 struct ht_account *account, struct ht_why *why) {
    bool exists = false;
    if (memcmp(proof->address.b, address->b, 20) != 0 && run->bundle.kind != HT_BUNDLE_STORAGE) {
        return ht_fail(why, HT_EUNVERIFIED, "contract_unknown",
                       "it is about a contract that is not the one known on %s",
                       run->judge->network->name);
    }
    return ht_get_proof_check(account, &exists, proof, &run->header.header.state_root, address,
                              slots, count, why);
}

static enum ht_err check_state(struct ht_bundle_run *run, struct ht_why *why) {
    const struct ht_bundle_parts *parts = &run->parts;
    struct ht_account account;
    enum ht_err err = ht_bundle_claim_parts(run, why);
    if (err == HT_OK) {
        err = check_section(run, &run->bundle.contract, &parts->address, parts->slots, parts->count,
                            &account, why);
    }
    char address[HT_HEX_SIZE(20)];
    ht_hex_write(address, HT_BYTES(parts->address.b));
    (void)snprintf(run->said, sizeof run->said,
                   "The contract %s and %zu slots of its storage are proven at that block.",
                   address, parts->count);
    return err;
}

static enum ht_err check_schema(struct ht_bundle_run *run, struct ht_why *why) {
    const struct ht_bundle_parts *parts = &run->parts;
    struct ht_account account;
    if (!run->bundle.has_schema) return HT_OK;
    if (!parts->wants_schema) {
        return ht_fail(why, HT_EINPUT, "section_unexpected", "the claim needs no schema");
    }
    enum ht_err err = check_section(run, &run->bundle.schema, &parts->registry, parts->schema_slots,
                                    parts->schema_count, &account, why);
    (void)snprintf(run->said, sizeof run->said,
                   "What the registry keeps of its schema is proven at that block.");
    return err;
}

static enum ht_err check_attester(struct ht_bundle_run *run, struct ht_why *why) {
    struct ht_account account;
    if (!run->bundle.has_attester) return HT_OK;
    if (!run->parts.takes_attester) {
        return ht_fail(why, HT_EINPUT, "section_unexpected", "the claim needs no attester");
    }
    bool exists = false;
    enum ht_err err =
        ht_get_proof_check(&account, &exists, &run->bundle.attester, &run->header.header.state_root,
                           &run->parts.attester, NULL, 0, why);
    if (err != HT_OK) return err;
    run->attester_has_code =
        exists && !ht_hash32_equal(&account.code_hash, &ht_account_empty_code_hash);
    (void)snprintf(run->said, sizeof run->said, "The attester is %s, proven at that block.",
                   run->attester_has_code ? "an account with code" : "an account without code");
    return HT_OK;
}

static const struct {
    const char *name;
    ht_bundle_step *check;
} STEPS[] = {
    {"form", check_form},
    {"network", check_network},
    {"committee", check_committee},
    {"finality", check_finality},
    {"header", check_header},
    {"state", check_state},
    {"schema", check_schema},
    {"attester", check_attester},
    {"claim", ht_bundle_claim_check},
    {"disclosure", ht_bundle_disclosure_check},
    {"now", ht_bundle_now_check},
};

/* --- the outcome ------------------------------------------------------------------------------ */

/* Whether it is our own lack, about which the bundle cannot do anything. */
static bool is_ours(enum ht_err err) {
    return err == HT_ENOMEM || err == HT_ESTORE || err == HT_EAGAIN || err == HT_EBUG;
}

static enum ht_bundle_verdict judge(enum ht_err err, const char *code) {
    static const char *const UNVERIFIED[] = {"other_network",     "contract_unknown",
                                             "committee_unknown", "contract_attester",
                                             "owner_unclear",     "future"};
    if (err == HT_OK) return HT_BUNDLE_VALID;
    for (size_t i = 0; i < sizeof UNVERIFIED / sizeof *UNVERIFIED; i++) {
        if (strcmp(code, UNVERIFIED[i]) == 0) return HT_BUNDLE_UNVERIFIED;
    }
    if (strcmp(code, "revoked") == 0) return HT_BUNDLE_REVOKED;
    if (strcmp(code, "expired") == 0) return HT_BUNDLE_EXPIRED;
    if (strcmp(code, "from_future") == 0) return HT_BUNDLE_FROM_FUTURE;
    if (strcmp(code, "no_attestation") == 0 || strcmp(code, "no_schema") == 0) {
        return HT_BUNDLE_NOT_THERE;
    }
    return HT_BUNDLE_INVALID;
}

/* Reasons may quote what no text is; then the code has to do. */
static json_t *text_json(const char *text, const char *code) {
    json_t *out = json_string(text);
    return out != NULL ? out : json_string(code);
}

static json_t *step_json(const char *name, bool is_ok, const char *text, const char *code) {
    json_t *out =
        json_pack("{s:s, s:b, s:o}", "step", name, "ok", (int)is_ok, "text", text_json(text, code));
    if (out == NULL || is_ok || json_object_set_new(out, "code", json_string(code)) == 0) {
        return out;
    }
    json_decref(out);
    return NULL;
}

static enum ht_err walk(struct ht_bundle_run *run, json_t *steps, struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < sizeof STEPS / sizeof *STEPS; i++) {
        run->said[0] = '\0';
        err = STEPS[i].check(run, why);
        if (is_ours(err)) return err;
        if (err == HT_OK && run->said[0] == '\0') continue;
        json_t *step = err == HT_OK ? step_json(STEPS[i].name, true, run->said, "")
                                    : step_json(STEPS[i].name, false, why->text, why->code);
        if (json_array_append_new(steps, step) != 0) {
            return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
        }
    }
    return err;
}

static json_t *block_json(const struct ht_bundle_run *run) {
    char hash[HT_HEX_SIZE(32)];
    if (!run->has_header) return json_null();
    ht_hex_write(hash, HT_BYTES(run->header.hash.b));
    return json_pack("{s:I, s:s, s:I}", "number", (json_int_t)run->header.header.number, "hash",
                     hash, "time", (json_int_t)run->header.header.timestamp);
}

/* Takes steps over. */
static json_t *outcome_json(const struct ht_bundle_run *run, json_t *steps, enum ht_err err,
                            const struct ht_why *why) {
    const uint64_t now_s = (uint64_t)(run->judge->now_ms / 1000);
    const uint64_t then_s = run->header.header.timestamp;
    const uint64_t age_s = run->has_header && now_s > then_s ? now_s - then_s : 0;
    char age[HT_BUNDLE_TIME_SIZE];
    ht_bundle_age_text(age, age_s);
    json_t *out = json_pack(
        "{s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:O?, s:o}", "verdict",
        VERDICTS[judge(err, why->code)], "code",
        err == HT_OK ? json_null() : json_string(why->code), "why",
        err == HT_OK ? json_null() : text_json(why->text, why->code), "kind",
        run->has_form ? json_string(ht_bundle_kind_name(run->bundle.kind)) : json_null(), "network",
        run->judge->network->name, "period",
        run->has_period ? json_integer((json_int_t)run->period) : json_null(), "block",
        block_json(run), "age_s", run->has_header ? json_integer((json_int_t)age_s) : json_null(),
        "age", run->has_header ? json_string(age) : json_null(), "claim", run->shown, "steps",
        steps);
    return out;
}

enum ht_err ht_bundle_verify(json_t **outcome, const struct ht_bundle_judge *judge,
                             const json_t *bundle, struct ht_why *why) {
    struct ht_arena arena;
    struct ht_why reason = {.code = ""};
    ht_arena_init(&arena, ARENA_MAX);
    struct ht_bundle_run *run = ht_arena_alloc(&arena, sizeof *run);
    json_t *steps = json_array();
    enum ht_err err = HT_ENOMEM;
    if (run == NULL || steps == NULL) {
        (void)ht_fail(why, err, "no_memory", "out of memory");
        goto out;
    }
    *run = (struct ht_bundle_run){.judge = judge, .arena = &arena, .bundle = {.json = bundle}};
    err = walk(run, steps, &reason);
    if (is_ours(err)) {
        if (why != NULL) *why = reason;
    } else {
        *outcome = outcome_json(run, steps, err, &reason);
        steps = NULL;
        err = *outcome != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    json_decref(run->shown);
out:
    json_decref(steps);
    ht_arena_fini(&arena);
    return err;
}
