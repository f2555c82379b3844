/* Signed ballots and delegations: a list of {"domain", "primaryType", "message", "digest",
 * "signature", "signer", "valid", "relayed", …}, in the order in which they were made. */
#include "tests/vectors/suite_governance.h"

#include <stdio.h>

#include "governance/ballots/ballot.h"
#include "node/codec/eip712.h"
#include "node/crypto/secp256k1.h"

#define ARENA_MAX ((size_t)1 << 20)

static bool is_ballot(const json_t *entry) {
    static const char *const MEMBERS[] = {"domain",    "primaryType", "message", "digest",
                                          "signature", "signer",      "valid"};
    for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++)
        if (ht_json_member(entry, MEMBERS[i]) == NULL) return false;
    return true;
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum ht_err read_form(struct ht_gov_ballot *out, const json_t *entry, struct ht_why *why) {
    const char *type;
    const json_t *message = ht_json_member(entry, "message");
    bool has_voter = ht_json_member(message, "voter") != NULL;
    bool has_reason = ht_json_member(message, "reason") != NULL;
    bool has_version = ht_json_member(ht_json_member(entry, "domain"), "version") != NULL;
    enum ht_err err = ht_json_text(&type, entry, "primaryType", why);
    if (err != HT_OK) return err;
    out->domain.has_version = has_version;
    if (strcmp(type, "Delegation") == 0) {
        out->form = HT_GOV_DELEGATION;
    } else if (strcmp(type, "ExtendedBallot") == 0) {
        out->form = has_voter ? HT_GOV_BALLOT5_EXTENDED : HT_GOV_BALLOT4_EXTENDED;
    } else if (strcmp(type, "Ballot") == 0 && has_voter) {
        out->form = HT_GOV_BALLOT5;
    } else if (strcmp(type, "Ballot") == 0 && has_reason) {
        out->form = HT_GOV_BALLOT_BRAVO_REASON;
    } else if (strcmp(type, "Ballot") == 0) {
        out->form = has_version ? HT_GOV_BALLOT4 : HT_GOV_BALLOT_BRAVO;
    } else {
        return ht_fail(why, HT_EBUG, "case", "another type of ballot");
    }
    return HT_OK;
}

static enum ht_err read_text(char *out, size_t size, const json_t *entry, const char *path,
                             struct ht_why *why) {
    const char *text;
    enum ht_err err = ht_json_text(&text, entry, path, why);
    if (err != HT_OK) return err;
    if (strlen(text) >= size) return ht_fail(why, HT_EBUG, "case", "%s is too long", path);
    memcpy(out, text, strlen(text) + 1);
    return HT_OK;
}

static enum ht_err read_domain(struct ht_gov_domain *out, const json_t *entry, struct ht_why *why) {
    enum ht_err err = read_text(out->name, sizeof out->name, entry, "domain.name", why);
    if (err == HT_OK && out->has_version)
        err = read_text(out->version, sizeof out->version, entry, "domain.version", why);
    if (err == HT_OK) err = ht_json_u64(&out->chain_id, entry, "domain.chainId", why);
    if (err != HT_OK) return err;
    return ht_json_hex(out->contract.b, sizeof out->contract.b, entry, "domain.verifyingContract",
                       why);
}

static enum ht_err read_number(ht_u256 *out, const json_t *entry, const char *path,
                               struct ht_why *why) {
    const char *text;
    enum ht_err err = ht_json_text(&text, entry, path, why);
    return err == HT_OK ? ht_u256_from_text(out, ht_bytes_str(text)) : err;
}

static enum ht_err read_message(struct ht_gov_ballot *out, struct ht_buf *params,
                                const json_t *entry, struct ht_why *why) {
    uint64_t support = 0;
    enum ht_err err = HT_OK;
    if (out->form == HT_GOV_DELEGATION) {
        err = ht_json_hex(out->delegatee.b, 20, entry, "message.delegatee", why);
        if (err == HT_OK) err = read_number(&out->expiry, entry, "message.expiry", why);
    } else {
        err = read_number(&out->proposal, entry, "message.proposalId", why);
        if (err == HT_OK) err = ht_json_u64(&support, entry, "message.support", why);
        out->support = (uint8_t)support;
    }
    if (err == HT_OK && ht_gov_ballot_has_nonce(out->form))
        err = read_number(&out->nonce, entry, "message.nonce", why);
    if (err == HT_OK && ht_gov_ballot_has_reason(out->form))
        err = ht_json_str(&out->reason, entry, "message.reason", why);
    if (err == HT_OK && ht_gov_ballot_has_params(out->form)) {
        err = ht_json_hex_buf(params, entry, "message.params", why);
        out->params = ht_buf_view(params);
    }
    return err;
}

static enum ht_err read_ballot(struct ht_gov_ballot *out, struct ht_buf *params,
                               const json_t *entry, struct ht_why *why) {
    const char *signature;
    bool has_voter = ht_json_member(entry, "voter") != NULL;
    enum ht_err err = read_form(out, entry, why);
    if (err == HT_OK) err = read_domain(&out->domain, entry, why);
    if (err == HT_OK) err = read_message(out, params, entry, why);
    if (err == HT_OK)
        err = ht_json_hex(out->voter.b, 20, entry, has_voter ? "voter" : "signer", why);
    if (err == HT_OK) err = ht_json_text(&signature, entry, "signature", why);
    if (err != HT_OK) return err;
    out->signature_n = strlen(signature) / 2 - 1;
    if (out->signature_n > sizeof out->signature)
        return ht_fail(why, HT_EBUG, "case", "a longer signature");
    return ht_json_hex(out->signature, out->signature_n, entry, "signature", why);
}

/* --- judging ---------------------------------------------------------------------------------- */

static bool is_same_text(const json_t *a, const json_t *b, const char *path) {
    const char *left, *right;
    return ht_json_text(&left, a, path, NULL) == HT_OK &&
           ht_json_text(&right, b, path, NULL) == HT_OK && strcmp(left, right) == 0;
}

/* The digest as it is given, as we make it, and as any wallet would from the document. */
static enum ht_err check_digests(const struct ht_gov_ballot *ballot, const json_t *entry,
                                 struct ht_why *why) {
    ht_hash32 given, ours, domain, hash, wallets;
    struct ht_arena arena;
    struct ht_eip712 typed;
    json_t *document = ht_gov_ballot_typed(ballot);
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_json_hex(given.b, sizeof given.b, entry, "digest", why);
    if (err == HT_OK) err = ht_gov_ballot_digest(&ours, ballot);
    if (err == HT_OK && !ht_hash32_equal(&given, &ours)) err = ht_governance_differs("digest", why);
    if (err == HT_OK) err = ht_eip712_read(&typed, &arena, document, why);
    if (err == HT_OK) err = ht_eip712_domain_separator(&domain, &typed, why);
    if (err == HT_OK) err = ht_eip712_struct_hash(&hash, &typed, why);
    if (err == HT_OK) {
        ht_eip712_digest(&wallets, &domain, &hash);
        if (!ht_hash32_equal(&wallets, &given)) err = ht_governance_differs("document", why);
    }
    ht_arena_fini(&arena);
    json_decref(document);
    return err;
}

/* The contract's counter: of the ballots before it those that were used up. */
static bool is_next_nonce(const struct ht_gov_ballot *ballot, const json_t *list, size_t at) {
    const json_t *entry = json_array_get(list, at);
    uint64_t used = 0;
    if (!ht_gov_ballot_has_nonce(ballot->form)) return true;
    for (size_t i = 0; i < at; i++) {
        const json_t *before = json_array_get(list, i);
        bool is_voters = ballot->form == HT_GOV_DELEGATION ? is_same_text(before, entry, "signer")
                                                           : is_same_text(before, entry, "voter");
        used += is_voters && is_same_text(before, entry, "contract") &&
                json_is_true(ht_json_member(before, "valid")) &&
                json_is_true(ht_json_member(before, "relayed"));
    }
    ht_u256 next = ht_u256_of(used);
    return ht_u256_equal(&next, &ballot->nonce);
}

/* Who a contract's owner is only the chain knows: here, whoever signed one that it took. */
static bool is_owners(const json_t *list, const json_t *entry) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        if (json_is_true(ht_json_member(one, "relayed")) &&
            json_is_true(ht_json_member(one, "valid")) && is_same_text(one, entry, "voter") &&
            is_same_text(one, entry, "signer"))
            return true;
    }
    return false;
}

static bool is_signers(const struct ht_gov_ballot *ballot, const json_t *entry) {
    struct ht_ecdsa_signature signature;
    ht_hash32 digest;
    ht_addr20 named, found;
    if (ballot->signature_n != 65 || ht_gov_ballot_digest(&digest, ballot) != HT_OK) return false;
    memcpy(signature.r, ballot->signature, 32);
    memcpy(signature.s, ballot->signature + 32, 32);
    signature.y_parity = (uint8_t)(ballot->signature[64] - 27);
    return ht_json_hex(named.b, sizeof named.b, entry, "signer", NULL) == HT_OK &&
           ht_ecdsa_recover_address(&found, &digest, &signature, HT_ECDSA_LOW_S, NULL) == HT_OK &&
           memcmp(named.b, found.b, sizeof named.b) == 0;
}

static enum ht_err judge(const struct ht_gov_ballot *ballot, const json_t *list, size_t at,
                         struct ht_why *why) {
    const json_t *entry = json_array_get(list, at);
    struct ht_why reason = {0};
    bool is_contracts = json_is_true(ht_json_member(entry, "erc1271"));
    bool is_valid = json_is_true(ht_json_member(entry, "valid"));
    enum ht_err err = ht_gov_ballot_check(ballot, &reason);
    bool is_good = err == HT_OK;
    if (is_contracts) {
        if (is_good) return ht_governance_differs("verdict on a contract's signature", why);
        is_good = is_owners(list, entry) && is_signers(ballot, entry);
    }
    is_good = is_good && is_next_nonce(ballot, list, at);
    if (is_good != is_valid) return ht_governance_differs("verdict", why);
    struct ht_buf call;
    ht_buf_init(&call, (size_t)16 << 10);
    err = ht_gov_ballot_calldata(&call, ballot);
    ht_buf_fini(&call);
    return err;
}

static void run_one(struct ht_governance_run *run, const json_t *list, size_t at) {
    char name[160];
    struct ht_why why = {0};
    struct ht_buf params;
    const json_t *entry = json_array_get(list, at);
    const char *note = "";
    if (ht_json_text(&note, entry, "note", NULL) != HT_OK) note = "";
    (void)snprintf(name, sizeof name, "ballot %zu %s", at, note);
    struct ht_gov_ballot ballot = {0};
    ht_buf_init(&params, (size_t)16 << 10);
    enum ht_err err = read_ballot(&ballot, &params, entry, &why);
    if (err == HT_OK) err = check_digests(&ballot, entry, &why);
    if (err == HT_OK) err = judge(&ballot, list, at, &why);
    ht_governance_report(run, name, err, &why);
    ht_buf_fini(&params);
}

void ht_governance_run_ballots(struct ht_governance_run *run, const json_t *document,
                               const char *path) {
    (void)path;
    if (!json_is_array(document)) return;
    for (size_t i = 0; i < json_array_size(document); i++)
        if (is_ballot(json_array_get(document, i))) run_one(run, document, i);
}
