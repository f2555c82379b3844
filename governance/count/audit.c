/* An audit from its first step to the verdict. */
#include "governance/count/audit.h"

#include "governance/count/audit_logs.h"
#include "governance/count/audit_read.h"
#include "governance/count/audit_state.h"
#include "governance/count/audit_weights.h"

static enum ht_err read_target(struct ht_gov_audit_run *run, const json_t *bundle,
                               struct ht_why *why) {
    struct ht_gov_audit *out = run->out;
    const json_t *target = NULL;
    ht_hash32 id;
    enum ht_err err = ht_json_get(&target, bundle, "target", why);
    if (err == HT_OK) err = ht_json_hex(out->governor.b, 20, target, "governor", why);
    if (err == HT_OK) err = ht_json_hex(id.b, sizeof id.b, target, "proposalId", why);
    if (err == HT_OK) err = ht_json_u64(&out->chain_id, target, "chainId", why);
    if (err == HT_OK) err = ht_gov_layout_read(&out->layout, target, why);
    if (err != HT_OK) return err;
    out->id = ht_u256_from_be32(id.b);
    if (out->layout.kind == HT_GOV_UNKNOWN) {
        return ht_fail(why, HT_EINPUT, "bad_layout", "that kind of governor cannot be counted");
    }
    return HT_OK;
}

/* Marks may be left out where a bundle says so: a case of the fixtures' form has all of them. */
static enum ht_err read_form(struct ht_gov_audit_run *run, const json_t *bundle,
                             struct ht_why *why) {
    const json_t *format = ht_json_member(bundle, "format");
    uint64_t version = 0;
    run->wants_flags = true;
    if (format == NULL) return HT_OK;
    const char *name = json_string_value(format);
    enum ht_err err = ht_json_u64(&version, bundle, "version", why);
    if (err != HT_OK) return err;
    if (name == NULL || strcmp(name, HT_GOV_AUDIT_FORMAT) != 0 || version != 1) {
        return ht_fail(why, HT_EINPUT, "audit_version", "an audit bundle of another form");
    }
    if (ht_json_member(bundle, "flags") == NULL) return HT_OK;
    return ht_json_bool(&run->wants_flags, bundle, "flags", why);
}

static enum ht_err check(struct ht_gov_audit_run *run, const json_t *bundle, struct ht_why *why) {
    const json_t *anchor = NULL;
    enum ht_err err = read_form(run, bundle, why);
    if (err == HT_OK) err = read_target(run, bundle, why);
    if (err == HT_OK) err = ht_json_get(&anchor, bundle, "anchor", why);
    if (err == HT_OK) err = ht_json_get(&run->provided, bundle, "provided", why);
    if (err == HT_OK) err = ht_gov_audit_headers(run, anchor, why);
    if (err == HT_OK) err = ht_gov_audit_receipts(run, why);
    if (err == HT_OK) err = ht_gov_audit_proposal(run, why);
    if (err == HT_OK) err = ht_gov_audit_votes(run, why);
    if (err == HT_OK) err = ht_gov_audit_state(run, why);
    return err == HT_OK ? ht_gov_audit_weights(run, bundle, why) : err;
}

enum ht_err ht_gov_audit_count(struct ht_gov_audit *out, struct ht_gov_count **count,
                               const json_t *bundle, struct ht_why *why) {
    struct ht_gov_audit_run run = {.out = out};
    *out = (struct ht_gov_audit){.why = {.code = ""}};
    *count = NULL;
    ht_arena_init(&run.arena, HT_GOV_AUDIT_ARENA_MAX);
    out->err = check(&run, bundle, &out->why);
    out->is_accepted = out->err == HT_OK;
    ht_arena_fini(&run.arena);
    if (out->is_accepted) {
        *count = run.count;
    } else {
        ht_gov_count_free(run.count);
    }
    if (out->err != HT_ENOMEM) return HT_OK;
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

enum ht_err ht_gov_audit_check(struct ht_gov_audit *out, const json_t *bundle, struct ht_why *why) {
    struct ht_gov_count *count = NULL;
    enum ht_err err = ht_gov_audit_count(out, &count, bundle, why);
    ht_gov_count_free(count);
    return err;
}
