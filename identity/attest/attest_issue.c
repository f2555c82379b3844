/* Attestations of our own: put together from a proven schema, confirmed by a person, signed. */
#include "identity/attest/attest_issue.h"

#include <stdlib.h>

#include "identity/attest/attest_draft.h"
#include "identity/attest/attest_import.h"
#include "identity/attest/attest_json.h"
#include "identity/attest/attest_list.h"
#include "identity/attest/attest_many.h"
#include "identity/eas/gas.h"
#include "identity/eas/schema.h"
#include "identity/wallet/contract_call.h"
#include "node/base/hex.h"

#define ARENA_MAX ((size_t)2 << 20)

struct issue {
    struct ht_attest_look look; /* first; of the schema */
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    json_t *params;
    struct ht_eas_offchain package; /* on chain its attestation alone */
    bool is_onchain;
    struct ht_arena arena;
    struct ht_attest_draft draft;
    struct ht_buf json;
};

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static void free_issue(struct issue *issue) {
    ht_attest_look_fini(&issue->look);
    ht_arena_fini(&issue->arena);
    ht_attest_draft_fini(&issue->draft);
    ht_buf_fini(&issue->json);
    json_decref(issue->params);
    free(issue);
}

static void refuse(struct issue *issue, enum ht_err err, const struct ht_why *why) {
    ht_rpc_refuse(issue->call, err, why);
    free_issue(issue);
}

/* --- off chain -------------------------------------------------------------------------------- */

static void on_kept(void *user, enum ht_err err, const struct ht_why *why,
                    const struct ht_attest_item *item, json_t *steps) {
    struct issue *issue = user;
    struct ht_why reason = *why;
    json_t *result = NULL;
    (void)steps;
    if (err == HT_OK) err = ht_attest_package_json(&result, &issue->package, &reason);
    if (err != HT_OK) {
        refuse(issue, err, &reason);
        return;
    }
    (void)json_object_set_new(result, "attestation",
                              ht_attest_row_json(issue->identity, &item->row));
    ht_rpc_finish(issue->call, result);
    free_issue(issue);
}

static void keep_package(void *user, enum ht_err err, const struct ht_why *why,
                         const struct ht_attest_item *item) {
    struct issue *issue = user;
    (void)item;
    if (err != HT_OK) {
        refuse(issue, err, why);
        return;
    }
    const struct ht_attest_taken taken = {on_kept, issue};
    ht_attest_take_text(issue->identity, ht_buf_view(&issue->json), &taken);
}

static enum ht_err take_signature(struct issue *issue, const json_t *result, struct ht_why *why) {
    struct ht_ecdsa_signature *signature = &issue->package.signature;
    uint8_t bytes[65];
    enum ht_err err = ht_json_hex(bytes, sizeof bytes, result, "", why);
    if (err != HT_OK) return err;
    memcpy(signature->r, bytes, 32);
    memcpy(signature->s, bytes + 32, 32);
    signature->y_parity = (uint8_t)(bytes[64] - 27);
    json_t *json = ht_eas_offchain_json(&issue->package);
    err = json != NULL ? ht_json_dump_compact(&issue->json, json) : HT_ENOMEM;
    json_decref(json);
    if (err != HT_OK) return ht_fail(why, err, "eas_too_large", "the package is too large");
    return HT_OK;
}

static void on_signed(void *user, enum ht_err err, const struct ht_why *reason, json_t *result) {
    struct issue *issue = user;
    struct ht_why why = *reason;
    if (err == HT_OK) err = take_signature(issue, result, &why);
    json_decref(result);
    if (err != HT_OK) {
        refuse(issue, err, &why);
        return;
    }
    const struct ht_attest_change change = {.root = &issue->draft.root,
                                            .leaves = issue->draft.leaves,
                                            .record = &issue->look.record,
                                            .told = keep_package,
                                            .user = issue};
    ht_attest_keep(issue->identity, &change);
}

static bool is_awaited(void *user) {
    const struct issue *issue = user;
    return ht_rpc_call_is_awaited(issue->call);
}

static void sign_package(struct issue *issue) {
    struct ht_why why = {0};
    struct ht_eas_offchain *package = &issue->package;
    const struct ht_host *host = issue->identity->host;
    package->attestation.time = (uint64_t)(ht_wall_ms(host->clock) / 1000);
    package->has_salt = true;
    ht_random_fill(host->random, package->salt.b, sizeof package->salt.b);
    package->domain_version = issue->look.contract.version;
    package->chain_id = issue->look.contract.chain_id;
    package->contract = issue->look.contract.eas;
    json_t *document = NULL;
    enum ht_err err = ht_eas_offchain_typed(&document, package, &why);
    if (err != HT_OK) {
        refuse(issue, err, &why);
        return;
    }
    const struct ht_sign_options options = {.kind = HT_SIGN_TYPED,
                                            .origin = ht_rpc_call_origin(issue->call),
                                            .params = document,
                                            .account = package->attestation.attester,
                                            .done = on_signed,
                                            .is_awaited = is_awaited,
                                            .user = issue};
    struct ht_sign_request *request;
    ht_sign(issue->identity, &request, &options);
    json_decref(document);
}

/* --- on chain --------------------------------------------------------------------------------- */

/* The leaves are on disk before anybody can see their root. */
static void send_attestation(void *user, enum ht_err err, const struct ht_why *reason,
                             const struct ht_attest_item *item) {
    struct issue *issue = user;
    struct ht_why why = *reason;
    struct ht_buf data;
    uint64_t gas = 0;
    (void)item;
    ht_buf_init(&data, HT_CONTRACT_DATA_MAX);
    const struct ht_attestation *attestation = &issue->package.attestation;
    if (err == HT_OK) err = ht_eas_call_attest(&data, attestation, 1, &why);
    if (err == HT_OK) err = ht_eas_gas(&gas, attestation, 1, ht_buf_view(&data), &why);
    if (err == HT_OK) {
        ht_contract_call_gas(issue->identity, issue->call, &attestation->attester,
                             &issue->look.contract.eas, ht_buf_view(&data), gas, NULL);
        free_issue(issue);
    } else {
        refuse(issue, err, &why);
    }
    ht_buf_fini(&data);
}

/* --- asking for it ---------------------------------------------------------------------------- */

static void on_schema(struct ht_attest_look *look) {
    struct issue *issue = (struct issue *)look;
    struct ht_why why = look->err != HT_OK ? look->why : look->schema_why;
    enum ht_err err = look->err != HT_OK ? look->err : look->schema_err;
    if (err == HT_OK)
        err = ht_attest_draft_fill(&issue->draft, &issue->arena, issue->identity, &look->record,
                                   issue->params, &why);
    issue->package.attestation = issue->draft.attestation;
    if (err != HT_OK) {
        refuse(issue, err, &why);
    } else if (issue->is_onchain) {
        const struct ht_attest_change change = {.root = &issue->draft.root,
                                                .leaves = issue->draft.leaves,
                                                .record = &look->record,
                                                .told = send_attestation,
                                                .user = issue};
        ht_attest_keep(issue->identity, &change);
    } else {
        sign_package(issue);
    }
}

static bool has(const json_t *params, const char *key) {
    const json_t *value = ht_json_member(params, key);
    return value != NULL && !json_is_null(value);
}

static enum ht_err read_how(struct issue *issue, struct ht_why *why) {
    const char *how;
    enum ht_err err = ht_json_text(&how, issue->params, "how", why);
    if (err != HT_OK) return err;
    issue->is_onchain = strcmp(how, "onchain") == 0;
    if (issue->is_onchain || strcmp(how, "offchain") == 0) return HT_OK;
    return ht_fail(why, HT_EINPUT, "attest_how", "how is offchain or onchain");
}

static enum ht_err read_issue(struct issue *issue, struct ht_why *why) {
    const json_t *params = issue->params;
    struct ht_attestation *to = &issue->draft.attestation;
    enum ht_err err = read_how(issue, why);
    if (err == HT_OK) err = ht_json_hex(to->schema.b, 32, params, "schema", why);
    if (err == HT_OK) err = ht_json_hex(to->attester.b, 20, params, "from", why);
    return err == HT_OK ? ht_attest_draft_read(&issue->draft, issue->identity, params, why) : err;
}

void ht_attest_issue(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    if (has(params, "many")) {
        ht_attest_issue_many(self, call, params);
        return;
    }
    struct issue *issue = calloc(1, sizeof *issue);
    if (issue == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    issue->identity = self;
    issue->call = call;
    issue->params = json_deep_copy(params);
    ht_arena_init(&issue->arena, ARENA_MAX);
    ht_attest_draft_init(&issue->draft);
    ht_buf_init(&issue->json, HT_EAS_PACKAGE_MAX);
    enum ht_err err = issue->params != NULL ? read_issue(issue, &why) : no_memory(&why);
    if (err != HT_OK) {
        refuse(issue, err, &why);
        return;
    }
    issue->look.identity = self;
    issue->look.block.kind = HT_BLOCK_LATEST;
    issue->look.wants_schema = true;
    issue->look.schema = issue->draft.attestation.schema;
    issue->look.done = on_schema;
    ht_attest_look(&issue->look);
}

/* --- schemas ---------------------------------------------------------------------------------- */

void ht_attest_schema_register(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    struct ht_eas_contract contract;
    struct ht_arena arena;
    struct ht_buf data;
    struct ht_schema schema;
    ht_bytes text = {0};
    ht_addr20 from, resolver = {{0}};
    bool is_revocable = true;
    ht_arena_init(&arena, ARENA_MAX);
    ht_buf_init(&data, HT_CONTRACT_DATA_MAX);
    enum ht_err err = ht_contracts_eas(&contract, identity->host->network, &why);
    if (err == HT_OK) err = ht_json_str(&text, params, "schema", &why);
    if (err == HT_OK) err = ht_json_hex(from.b, sizeof from.b, params, "from", &why);
    if (err == HT_OK && has(params, "resolver"))
        err = ht_json_hex(resolver.b, sizeof resolver.b, params, "resolver", &why);
    if (err == HT_OK && has(params, "revocable"))
        err = ht_json_bool(&is_revocable, params, "revocable", &why);
    if (err == HT_OK) err = ht_schema_read(&schema, &arena, text, &why);
    if (err == HT_OK) err = ht_eas_call_register(&data, text, &resolver, is_revocable, &why);
    if (err == HT_OK) {
        ht_hash32 uid;
        ht_eas_schema_uid(&uid, text, &resolver, is_revocable);
        ht_contract_call(identity, call, &from, &contract.registry, ht_buf_view(&data),
                         json_pack("{s:o}", "uid", ht_attest_hex_json(HT_BYTES(uid.b))));
    } else {
        ht_rpc_refuse(call, err, &why);
    }
    ht_buf_fini(&data);
    ht_arena_fini(&arena);
}

/* --- revoking and timestamping ---------------------------------------------------------------- */

void ht_attest_revoke(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    struct ht_eas_contract contract;
    const struct ht_attest_item *item;
    struct ht_buf data;
    if (has(params, "many")) {
        ht_attest_revoke_many(identity, call, params);
        return;
    }
    ht_buf_init(&data, HT_CONTRACT_DATA_MAX);
    enum ht_err err = ht_contracts_eas(&contract, identity->host->network, &why);
    if (err == HT_OK) err = ht_attest_revocable(&item, identity, params, &why);
    if (err == HT_OK) {
        const struct ht_attestation *its = &item->row.attestation;
        err = item->row.is_onchain ? ht_eas_call_revoke(&data, its, 1, &why)
                                   : ht_eas_call_revoke_offchain(&data, &its->uid, 1, &why);
    }
    if (err == HT_OK) {
        ht_contract_call(identity, call, &item->row.attestation.attester, &contract.eas,
                         ht_buf_view(&data), NULL);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
    ht_buf_fini(&data);
}

void ht_attest_timestamp(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    struct ht_eas_contract contract;
    ht_addr20 from;
    ht_hash32 uid;
    struct ht_buf data;
    ht_buf_init(&data, HT_CONTRACT_DATA_MAX);
    enum ht_err err = ht_contracts_eas(&contract, identity->host->network, &why);
    if (err == HT_OK) err = ht_json_hex(from.b, sizeof from.b, params, "from", &why);
    if (err == HT_OK) err = ht_json_hex(uid.b, sizeof uid.b, params, "uid", &why);
    if (err == HT_OK) err = ht_eas_call_timestamp(&data, &uid, 1, &why);
    if (err == HT_OK) {
        ht_contract_call(identity, call, &from, &contract.eas, ht_buf_view(&data), NULL);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
    ht_buf_fini(&data);
}
