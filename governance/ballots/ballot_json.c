/* What the members of a ballot are called, and how long they may be. */
#include "governance/ballots/ballot_json.h"

#include <inttypes.h>
#include <stdio.h>

#include "governance/text.h"
#include "node/base/hex.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

static const char TAG[] = "hearth:ballot:";

static const char *const FORM_NAMES[] = {
    [HT_GOV_BALLOT5] = "5",
    [HT_GOV_BALLOT5_EXTENDED] = "5-extended",
    [HT_GOV_BALLOT4] = "4",
    [HT_GOV_BALLOT4_EXTENDED] = "4-extended",
    [HT_GOV_BALLOT_BRAVO] = "bravo",
    [HT_GOV_BALLOT_BRAVO_REASON] = "bravo-reason",
    [HT_GOV_DELEGATION] = "delegation",
};
#define FORM_COUNT (sizeof FORM_NAMES / sizeof *FORM_NAMES)

/* --- writing ---------------------------------------------------------------------------------- */

static json_t *domain_json(const struct ht_gov_domain *domain) {
    return json_pack("{s:s, s:o, s:I, s:o}", "name", domain->name, "version",
                     domain->has_version ? json_string(domain->version) : json_null(), "chain_id",
                     (json_int_t)domain->chain_id, "contract", ht_address_json(&domain->contract));
}

static int add_choice(json_t *json, const struct ht_gov_ballot *ballot) {
    int failed = json_object_set_new(json, "proposal", ht_gov_u256_json(&ballot->proposal));
    failed |= json_object_set_new(json, "support", json_integer(ballot->support));
    if (ht_gov_ballot_has_reason(ballot->form)) {
        const char *text = ballot->reason.n > 0 ? (const char *)ballot->reason.p : "";
        failed |= json_object_set_new(json, "reason", json_stringn(text, ballot->reason.n));
    }
    if (ht_gov_ballot_has_params(ballot->form))
        failed |= json_object_set_new(json, "params", ht_gov_hex_json(ballot->params));
    return failed;
}

static int add_delegation(json_t *json, const struct ht_gov_ballot *ballot) {
    int failed = json_object_set_new(json, "delegatee", ht_address_json(&ballot->delegatee));
    return failed | json_object_set_new(json, "expiry", ht_gov_u256_json(&ballot->expiry));
}

json_t *ht_gov_ballot_json(const struct ht_gov_ballot *ballot) {
    ht_bytes signature = ht_bytes_of(ballot->signature, ballot->signature_n);
    json_t *json = json_pack("{s:s, s:o, s:o, s:o}", "form", FORM_NAMES[ballot->form], "domain",
                             domain_json(&ballot->domain), "voter", ht_address_json(&ballot->voter),
                             "signature", ht_gov_hex_json(signature));
    if (json == NULL) return NULL;
    int failed =
        ballot->form == HT_GOV_DELEGATION ? add_delegation(json, ballot) : add_choice(json, ballot);
    if (ht_gov_ballot_has_nonce(ballot->form))
        failed |= json_object_set_new(json, "nonce", ht_gov_u256_json(&ballot->nonce));
    if (failed == 0) return json;
    json_decref(json);
    return NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum ht_err bad(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "bad_ballot", "its %s is missing or cannot be read", what);
}

static enum ht_err too_large(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_ELIMIT, "ballot_too_large", "its %s is too long", what);
}

static enum ht_err read_text(char *out, size_t size, const json_t *from, const char *path,
                             struct ht_why *why) {
    const char *text;
    if (ht_json_text(&text, from, path, NULL) != HT_OK) return bad(why, path);
    size_t n = strlen(text);
    if (n >= size) return too_large(why, path);
    memcpy(out, text, n + 1);
    return HT_OK;
}

static enum ht_err read_form(struct ht_gov_ballot *out, const json_t *from, struct ht_why *why) {
    const char *name;
    if (ht_json_text(&name, from, "form", NULL) != HT_OK) return bad(why, "form");
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (strcmp(name, FORM_NAMES[i]) != 0) continue;
        out->form = (enum ht_gov_ballot_form)i;
        return HT_OK;
    }
    return bad(why, "form");
}

static enum ht_err read_domain(struct ht_gov_domain *out, const json_t *from, struct ht_why *why) {
    enum ht_err err = read_text(out->name, sizeof out->name, from, "domain.name", why);
    if (err != HT_OK) return err;
    const json_t *version = ht_json_member(ht_json_member(from, "domain"), "version");
    out->has_version = version != NULL && !json_is_null(version);
    if (out->has_version)
        err = read_text(out->version, sizeof out->version, from, "domain.version", why);
    if (err != HT_OK) return err;
    if (ht_json_u64(&out->chain_id, from, "domain.chain_id", NULL) != HT_OK)
        return bad(why, "chain");
    if (ht_address_param(&out->contract, from, "domain.contract", NULL) != HT_OK)
        return bad(why, "contract");
    return HT_OK;
}

static enum ht_err copy(ht_bytes *out, struct ht_arena *arena, ht_bytes from, struct ht_why *why) {
    const char *text = ht_arena_copy_str(arena, from);
    if (text == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    *out = ht_bytes_of(text, from.n);
    return HT_OK;
}

static enum ht_err read_reason(struct ht_gov_ballot *out, const json_t *from,
                               struct ht_arena *arena, struct ht_why *why) {
    ht_bytes text;
    if (ht_json_str(&text, from, "reason", NULL) != HT_OK) return bad(why, "reason");
    if (text.n > HT_GOV_BALLOT_REASON_MAX) return too_large(why, "reason");
    return copy(&out->reason, arena, text, why);
}

static enum ht_err read_params(struct ht_gov_ballot *out, const json_t *from,
                               struct ht_arena *arena, struct ht_why *why) {
    ht_bytes text;
    struct ht_buf params;
    if (ht_json_str(&text, from, "params", NULL) != HT_OK) return bad(why, "params");
    if (text.n > HT_HEX_SIZE(HT_GOV_BALLOT_PARAMS_MAX)) return too_large(why, "params");
    ht_buf_init(&params, HT_GOV_BALLOT_PARAMS_MAX);
    enum ht_err err = HT_OK;
    if (ht_json_hex_buf(&params, from, "params", NULL) != HT_OK) err = bad(why, "params");
    if (err == HT_OK) err = copy(&out->params, arena, ht_buf_view(&params), why);
    ht_buf_fini(&params);
    return err;
}

static enum ht_err read_signature(struct ht_gov_ballot *out, const json_t *from,
                                  struct ht_why *why) {
    ht_bytes text;
    if (ht_json_str(&text, from, "signature", NULL) != HT_OK) return bad(why, "signature");
    if (text.n > 2 + 2 * sizeof out->signature) return too_large(why, "signature");
    if (text.n < 2 || text.n % 2 != 0) return bad(why, "signature");
    out->signature_n = text.n / 2 - 1;
    if (out->signature_n == 0 ||
        ht_json_hex(out->signature, out->signature_n, from, "signature", NULL) != HT_OK)
        return bad(why, "signature");
    return HT_OK;
}

static enum ht_err read_choice(struct ht_gov_ballot *out, const json_t *from,
                               struct ht_arena *arena, struct ht_why *why) {
    uint64_t support = 0;
    if (ht_gov_u256_param(&out->proposal, from, "proposal", NULL) != HT_OK)
        return bad(why, "proposal");
    if (ht_json_u64(&support, from, "support", NULL) != HT_OK || support > UINT8_MAX)
        return bad(why, "support");
    out->support = (uint8_t)support;
    enum ht_err err = HT_OK;
    if (ht_gov_ballot_has_reason(out->form)) err = read_reason(out, from, arena, why);
    if (err == HT_OK && ht_gov_ballot_has_params(out->form))
        err = read_params(out, from, arena, why);
    return err;
}

static enum ht_err read_delegation(struct ht_gov_ballot *out, const json_t *from,
                                   struct ht_why *why) {
    if (ht_address_param(&out->delegatee, from, "delegatee", NULL) != HT_OK)
        return bad(why, "delegatee");
    if (ht_gov_u256_param(&out->expiry, from, "expiry", NULL) != HT_OK) return bad(why, "expiry");
    return HT_OK;
}

enum ht_err ht_gov_ballot_read(struct ht_gov_ballot *out, const json_t *from,
                               struct ht_arena *arena, struct ht_why *why) {
    struct ht_gov_ballot ballot = {0};
    enum ht_err err = read_form(&ballot, from, why);
    if (err == HT_OK) err = read_domain(&ballot.domain, from, why);
    if (err == HT_OK && ht_address_param(&ballot.voter, from, "voter", NULL) != HT_OK)
        err = bad(why, "voter");
    if (err == HT_OK && ht_gov_ballot_has_nonce(ballot.form) &&
        ht_gov_u256_param(&ballot.nonce, from, "nonce", NULL) != HT_OK)
        err = bad(why, "nonce");
    if (err == HT_OK) {
        err = ballot.form == HT_GOV_DELEGATION ? read_delegation(&ballot, from, why)
                                               : read_choice(&ballot, from, arena, why);
    }
    if (err == HT_OK) err = read_signature(&ballot, from, why);
    if (err == HT_OK) *out = ballot;
    return err;
}

/* --- the tag ---------------------------------------------------------------------------------- */

void ht_gov_ballot_tag(char out[static HT_GOV_BALLOT_TAG_SIZE],
                       const struct ht_gov_ballot *ballot) {
    char governor[HT_HEX_SIZE(20)], voter[HT_HEX_SIZE(20)], proposal[HT_U256_DECIMAL_SIZE];
    ht_hex_write(governor, HT_BYTES(ballot->domain.contract.b));
    ht_hex_write(voter, HT_BYTES(ballot->voter.b));
    (void)ht_u256_to_decimal(proposal, &ballot->proposal);
    (void)snprintf(out, HT_GOV_BALLOT_TAG_SIZE, "%s%" PRIu64 ":%s:%s:%s", TAG,
                   ballot->domain.chain_id, governor, proposal, voter);
}

bool ht_gov_ballot_is_tag(ht_bytes d) {
    return d.n > sizeof TAG - 1 && d.n < HT_GOV_BALLOT_TAG_SIZE &&
           memcmp(d.p, TAG, sizeof TAG - 1) == 0;
}

void ht_gov_ballots_topic(char out[static HT_GOV_BALLOT_TAG_SIZE],
                          const struct ht_gov_ballot *ballot) {
    char governor[HT_HEX_SIZE(20)], proposal[HT_U256_DECIMAL_SIZE];
    ht_hex_write(governor, HT_BYTES(ballot->domain.contract.b));
    (void)ht_u256_to_decimal(proposal, &ballot->proposal);
    (void)snprintf(out, HT_GOV_BALLOT_TAG_SIZE, "hearth:ballots:%" PRIu64 ":%s:%s",
                   ballot->domain.chain_id, governor, proposal);
}
