/* Tokens of others: the documents that are needed, the check on a worker, and what is said of it.
 */
#include "identity/credentials/credential_check.h"

#include <stdlib.h>

#include "identity/credentials/claims.h"
#include "identity/credentials/credential_methods.h"
#include "identity/credentials/parties.h"
#include "node/codec/json.h"

struct checking {
    struct ht_vc_documents documents; /* first */
    struct ht_work job;
    struct ht_rpc_call *call;
    json_t *params; /* a copy, of which the texts below are */
    const char *token, *challenge, *domain;
    int64_t now_s;
    bool has_form; /* the token could be read; else err says why not */
    enum ht_err err;
    struct ht_why why;
    struct ht_vc_result result;
};

static void end(struct checking *checking) {
    ht_vc_documents_fini(&checking->documents);
    json_decref(checking->result.claims);
    json_decref(checking->params);
    free(checking);
}

static bool has_code(const struct checking *checking, const char *code) {
    return checking->why.code != NULL && strcmp(checking->why.code, code) == 0;
}

/* --- what is said ----------------------------------------------------------------------------- */

enum step { FORM, TIME, CHALLENGE, DOMAIN, DOCUMENT, SIGNATURE, CREDENTIALS, STATUS, STEP_COUNT };

static const struct {
    const char *name, *holds;
} STEPS[STEP_COUNT] = {
    [FORM] = {"form", "It is a token that says what a credential or presentation says"},
    [TIME] = {"time", "It has begun and not ended"},
    [CHALLENGE] = {"challenge", "It answers the challenge"},
    [DOMAIN] = {"domain", "It was made for this domain"},
    [DOCUMENT] = {"document", "There is a document of whoever it is from"},
    [SIGNATURE] = {"signature", "A key of that document, which may, has signed it"},
    [CREDENTIALS] = {"credentials", "Each credential in it holds by itself"},
    [STATUS] = {"status", "It names no list in which it could have been taken back"},
};

/* Where the check ended; STEP_COUNT when all holds. What a presented credential lacks is told by
 * its context alone (credential.h). */
static enum step failed_step(const struct checking *checking) {
    static const struct {
        const char *code;
        enum step step;
    } table[] = {
        {"vc_expired", TIME},         {"vc_not_yet", TIME},    {"vc_challenge", CHALLENGE},
        {"vc_domain", DOMAIN},        {"vc_issuer", DOCUMENT}, {"vc_key", SIGNATURE},
        {"jwt_signature", SIGNATURE},
    };
    if (checking->err == HT_OK) return checking->result.has_status ? STATUS : STEP_COUNT;
    if (!checking->has_form) return FORM;
    if (strncmp(checking->why.text, "presented credential ", 21) == 0) return CREDENTIALS;
    if (checking->documents.is_unresolved) return DOCUMENT;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (has_code(checking, table[i].code)) return table[i].step;
    }
    return FORM;
}

static bool is_asked(const struct checking *checking, enum step step, bool is_presentation) {
    if (step == CHALLENGE) return checking->challenge != NULL;
    if (step == DOMAIN) return checking->domain != NULL;
    return step != CREDENTIALS || is_presentation;
}

static void add_step(json_t *steps, enum step step, json_t *ok, const char *text) {
    (void)json_array_append_new(
        steps, json_pack("{s:s, s:o, s:s}", "step", STEPS[step].name, "ok", ok, "text", text));
}

static json_t *steps_json(const struct checking *checking, bool is_presentation, bool is_certain) {
    json_t *steps = json_array();
    const enum step failed = failed_step(checking);
    for (enum step i = FORM; i < STEP_COUNT; i++) {
        if (!is_asked(checking, i, is_presentation)) continue;
        if (i == failed) {
            add_step(steps, i, is_certain ? json_false() : json_null(), checking->why.text);
        } else if (i < failed) {
            add_step(steps, i, json_true(), STEPS[i].holds);
        } else {
            add_step(steps, i, json_null(), "It was not looked at");
        }
    }
    return steps;
}

/* Reasons that stand in a DID itself are as certain as its text. */
static bool is_bad_did(const struct checking *checking) {
    return has_code(checking, "did_syntax") || has_code(checking, "did_key") ||
           has_code(checking, "did_address");
}

static const char *verdict_of(const struct checking *checking) {
    if (checking->err == HT_OK) return checking->result.has_status ? "unverified" : "valid";
    if (has_code(checking, "vc_expired")) return "expired";
    if (has_code(checking, "vc_not_yet")) return "not_yet";
    bool is_open = checking->documents.is_unresolved && !is_bad_did(checking);
    return is_open ? "unverified" : "invalid";
}

/* Whom it says it is from: also when it does not hold. */
static const char *party_of(const struct checking *checking) {
    return json_string_value(json_array_get(checking->documents.parties, 0));
}

/* Of one that does not hold: what it says it is. */
static bool says_presentation(const struct checking *checking) {
    struct ht_jwt jwt;
    struct ht_vc_claims claims = {0};
    if (checking->err == HT_OK) return checking->result.is_presentation;
    if (!checking->has_form) return false;
    if (ht_jwt_read(&jwt, ht_bytes_str(checking->token), NULL) != HT_OK) return false;
    bool is_read = ht_vc_claims_read(&claims, jwt.payload, NULL) == HT_OK;
    ht_jwt_fini(&jwt);
    return is_read && claims.is_presentation;
}

static json_t *outcome_json(const struct checking *checking) {
    const struct ht_vc_result *result = &checking->result;
    const char *verdict = verdict_of(checking);
    bool is_presentation = says_presentation(checking);
    bool is_whole = checking->err == HT_OK;
    bool has_why = strcmp(verdict, "valid") != 0;
    const char *kind = is_presentation ? "presentation" : "credential";
    const char *party = party_of(checking);
    return json_pack(
        "{s:s, s:s?, s:s?, s:s?, s:O?, s:s?, s:s?, s:s?, s:o, s:o, s:o, s:o}", "verdict", verdict,
        "code", has_why ? checking->why.code : NULL, "why", has_why ? checking->why.text : NULL,
        "kind", checking->has_form ? kind : NULL, "claims", result->claims, "issuer",
        is_presentation ? NULL : party, "holder", is_presentation ? party : NULL, "method",
        is_whole ? result->method : NULL, "expires",
        is_whole && result->expires_s != 0 ? json_integer((json_int_t)result->expires_s)
                                           : json_null(),
        "is_bound", is_whole && is_presentation ? json_boolean(result->is_bound) : json_null(),
        "steps", steps_json(checking, is_presentation, strcmp(verdict, "unverified") != 0), "as_of",
        ht_vc_documents_as_of(&checking->documents));
}

static void tell(struct checking *checking) {
    if (checking->err == HT_ENOMEM) {
        ht_rpc_refuse(checking->call, checking->err, &checking->why);
    } else {
        ht_rpc_finish(checking->call, outcome_json(checking));
    }
    end(checking);
}

/* --- the check -------------------------------------------------------------------------------- */

/* What a credential cannot do, whoever shows it: answer. */
static enum ht_err check_answers(const struct checking *checking, struct ht_why *why) {
    if (checking->result.is_presentation) return HT_OK;
    if (checking->challenge != NULL)
        return ht_fail(why, HT_EUNVERIFIED, "vc_challenge",
                       "a credential answers no challenge; a presentation of it does");
    if (checking->domain == NULL) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "vc_domain",
                   "a credential is made for no domain; a presentation of it is");
}

/* On a worker: there may be many signatures. */
static void check(struct ht_work *job) {
    struct checking *checking = (struct checking *)((char *)job - offsetof(struct checking, job));
    const struct ht_vc_check asked = {.now_s = checking->now_s,
                                      .challenge = checking->challenge,
                                      .domain = checking->domain,
                                      .resolve = ht_vc_documents_find,
                                      .user = &checking->documents};
    checking->err =
        ht_vc_verify(&checking->result, ht_bytes_str(checking->token), &asked, &checking->why);
    if (checking->err == HT_OK) checking->err = check_answers(checking, &checking->why);
    if (checking->err != HT_OK) {
        json_decref(checking->result.claims);
        checking->result = (struct ht_vc_result){0};
    } else if (checking->result.has_status) {
        (void)ht_fail(&checking->why, HT_EUNVERIFIED, "vc_status",
                      "its issuer may have taken it back: it names a credentialStatus, which is "
                      "not asked");
    }
}

static void checked(struct ht_work *job) {
    tell((struct checking *)((char *)job - offsetof(struct checking, job)));
}

static void on_documents(struct ht_vc_documents *documents) {
    struct checking *checking = (struct checking *)documents;
    const struct ht_host *host = documents->host;
    checking->now_s = ht_wall_ms(host->clock) / 1000;
    checking->job = (struct ht_work){.work = check, .done = checked};
    if (host->pool != NULL && ht_pool_submit(host->pool, &checking->job) == HT_OK) return;
    check(&checking->job);
    checked(&checking->job);
}

/* --- asking for it ---------------------------------------------------------------------------- */

static enum ht_err read_params(struct checking *checking, struct ht_why *why) {
    const json_t *params = checking->params;
    const char *block = NULL;
    enum ht_err err = ht_json_text(&checking->token, params, "token", why);
    if (err == HT_OK) err = ht_credential_text(&checking->challenge, params, "challenge", why);
    if (err == HT_OK) err = ht_credential_text(&checking->domain, params, "domain", why);
    if (err == HT_OK) err = ht_credential_text(&block, params, "block", why);
    if (err != HT_OK) return err;
    bool is_final = block != NULL && strcmp(block, "finalized") == 0;
    checking->documents.block.kind = is_final ? HT_BLOCK_FINALIZED : HT_BLOCK_LATEST;
    if (block == NULL || is_final || strcmp(block, "latest") == 0) return HT_OK;
    return ht_fail(why, HT_EINPUT, "vc_block", "\"block\" is latest or finalized");
}

void ht_credential_verify(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct ht_identity *identity = self;
    struct ht_why why = {0};
    struct checking *checking = calloc(1, sizeof *checking);
    if (checking == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    checking->call = call;
    checking->params = json_deep_copy(params);
    enum ht_err err = checking->params != NULL
                          ? read_params(checking, &why)
                          : ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        end(checking);
        return;
    }
    checking->documents.host = identity->host;
    checking->documents.done = on_documents;
    checking->err =
        ht_vc_parties(&checking->documents.parties, ht_bytes_str(checking->token), &checking->why);
    checking->has_form = checking->err == HT_OK;
    if (checking->has_form) {
        ht_vc_documents_get(&checking->documents);
    } else {
        tell(checking);
    }
}
