/* Attestations of our own: put together from a proven schema, confirmed by a person, signed. */
#include "identity/attest_issue.h"

#include <stdlib.h>

#include "identity/attest_import.h"
#include "identity/attest_json.h"
#include "identity/attest_list.h"
#include "identity/contract_call.h"
#include "identity/eas/calls.h"
#include "identity/eas/private_data.h"
#include "identity/eas/schema.h"
#include "node/base/hex.h"

#define ARENA_MAX ((size_t)2 << 20)
#define PRIVATE_SCHEMA "bytes32 privateData"

struct issue {
    struct ht_attest_look look; /* first; of the schema */
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    json_t *params;
    struct ht_eas_offchain package; /* on chain its attestation alone */
    bool is_onchain, has_revocable;
    struct ht_arena arena;
    struct ht_buf data, json;
    ht_hash32 root;
    json_t *leaves;
};

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static void free_issue(struct issue *issue) {
    ht_attest_look_fini(&issue->look);
    ht_arena_fini(&issue->arena);
    ht_buf_fini(&issue->data);
    ht_buf_fini(&issue->json);
    json_decref(issue->leaves);
    json_decref(issue->params);
    free(issue);
}

static void refuse(struct issue *issue, enum ht_err err, const struct ht_why *why) {
    ht_rpc_refuse(issue->call, err, why);
    free_issue(issue);
}

/* --- what it says ----------------------------------------------------------------------------- */

/* A salt of its own for each leaf, so that nobody can guess what is not disclosed. */
static enum ht_err make_leaves(struct issue *issue, const json_t *given, struct ht_why *why) {
    const struct ht_random *random = issue->identity->host->random;
    if (!json_is_array(given) || json_array_size(given) == 0 ||
        json_array_size(given) > HT_PRIVATE_LEAVES_MAX)
        return ht_fail(why, HT_EINPUT, "private_json", "private is a list of leaves, at most %u",
                       HT_PRIVATE_LEAVES_MAX);
    issue->leaves = json_deep_copy(given);
    if (issue->leaves == NULL) return no_memory(why);
    for (size_t i = 0; i < json_array_size(issue->leaves); i++) {
        uint8_t salt[32];
        char text[HT_HEX_SIZE(32)];
        ht_random_fill(random, salt, sizeof salt);
        ht_hex_write(text, HT_BYTES(salt));
        json_t *leaf = json_array_get(issue->leaves, i);
        if (json_object_set_new(leaf, "salt", json_string(text)) != 0)
            return ht_fail(why, HT_EINPUT, "private_json", "a leaf is an object");
    }
    struct ht_private_leaf *leaves;
    size_t count;
    enum ht_err err = ht_private_leaves_read(&leaves, &count, &issue->arena, issue->leaves, why);
    if (err == HT_OK) err = ht_private_root(&issue->root, leaves, count, why);
    if (err == HT_OK && ht_buf_add(&issue->data, HT_BYTES(issue->root.b)) != HT_OK)
        err = no_memory(why);
    return err;
}

static enum ht_err make_data(struct issue *issue, struct ht_why *why) {
    const struct ht_eas_schema_record *record = &issue->look.record;
    const json_t *values = ht_json_member(issue->params, "values");
    const json_t *leaves = ht_json_member(issue->params, "private");
    bool has_data = ht_json_member(issue->params, "data") != NULL;
    if ((values != NULL) + (leaves != NULL) + (int)has_data != 1)
        return ht_fail(why, HT_EINPUT, "attest_values", "give one of values, data and private");
    if (has_data) return ht_json_hex_buf(&issue->data, issue->params, "data", why);
    if (leaves != NULL) {
        static const char wanted[] = PRIVATE_SCHEMA;
        bool is_private = record->text.n == sizeof wanted - 1 &&
                          memcmp(record->text.p, wanted, sizeof wanted - 1) == 0;
        if (!is_private)
            return ht_fail(why, HT_EINPUT, "not_private", "the schema for private data is \"%s\"",
                           PRIVATE_SCHEMA);
        return make_leaves(issue, leaves, why);
    }
    struct ht_schema schema;
    enum ht_err err = ht_schema_read(&schema, &issue->arena, record->text, why);
    return err == HT_OK ? ht_schema_encode(&issue->data, &schema, values, why) : err;
}

static enum ht_err make_attestation(struct issue *issue, struct ht_why *why) {
    struct ht_attestation *attestation = &issue->package.attestation;
    const struct ht_eas_schema_record *record = &issue->look.record;
    if (!issue->has_revocable) attestation->is_revocable = record->is_revocable;
    if (attestation->is_revocable && !record->is_revocable)
        return ht_fail(why, HT_EINPUT, "schema_not_revocable",
                       "attestations of this schema cannot be revoked");
    enum ht_err err = make_data(issue, why);
    attestation->data = ht_buf_view(&issue->data);
    return err;
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
    const struct ht_attest_change change = {.root = &issue->root,
                                            .leaves = issue->leaves,
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
    (void)item;
    ht_buf_init(&data, HT_CONTRACT_DATA_MAX);
    const struct ht_attestation *attestation = &issue->package.attestation;
    if (err == HT_OK) err = ht_eas_call_attest(&data, attestation, 1, &why);
    if (err == HT_OK) {
        ht_contract_call(issue->identity, issue->call, &attestation->attester,
                         &issue->look.contract.eas, ht_buf_view(&data), NULL);
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
    if (err == HT_OK) err = make_attestation(issue, &why);
    if (err != HT_OK) {
        refuse(issue, err, &why);
    } else if (issue->is_onchain) {
        const struct ht_attest_change change = {.root = &issue->root,
                                                .leaves = issue->leaves,
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
    struct ht_attestation *to = &issue->package.attestation;
    enum ht_err err = read_how(issue, why);
    if (err == HT_OK) err = ht_json_hex(to->schema.b, 32, params, "schema", why);
    if (err == HT_OK) err = ht_json_hex(to->attester.b, 20, params, "from", why);
    if (err == HT_OK && has(params, "recipient"))
        err = ht_json_hex(to->recipient.b, 20, params, "recipient", why);
    if (err == HT_OK && has(params, "ref_uid"))
        err = ht_json_hex(to->ref_uid.b, 32, params, "ref_uid", why);
    if (err == HT_OK && has(params, "expiration_time"))
        err = ht_json_u64(&to->expiration_time, params, "expiration_time", why);
    issue->has_revocable = has(params, "revocable");
    if (err == HT_OK && issue->has_revocable)
        err = ht_json_bool(&to->is_revocable, params, "revocable", why);
    if (err != HT_OK) return err;
    uint64_t now_s = (uint64_t)(ht_wall_ms(issue->identity->host->clock) / 1000);
    if (to->expiration_time == 0 || to->expiration_time > now_s) return HT_OK;
    return ht_fail(why, HT_EINPUT, "already_expired", "it would have expired already");
}

void ht_attest_issue(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct issue *issue = calloc(1, sizeof *issue);
    if (issue == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    issue->identity = self;
    issue->call = call;
    issue->params = json_deep_copy(params);
    ht_arena_init(&issue->arena, ARENA_MAX);
    ht_buf_init(&issue->data, HT_EAS_DATA_MAX);
    ht_buf_init(&issue->json, HT_EAS_PACKAGE_MAX);
    enum ht_err err = issue->params != NULL ? read_issue(issue, &why) : no_memory(&why);
    if (err != HT_OK) {
        refuse(issue, err, &why);
        return;
    }
    issue->look.identity = self;
    issue->look.block.kind = HT_BLOCK_LATEST;
    issue->look.wants_schema = true;
    issue->look.schema = issue->package.attestation.schema;
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
    ht_buf_init(&data, HT_CONTRACT_DATA_MAX);
    enum ht_err err = ht_contracts_eas(&contract, identity->host->network, &why);
    if (err == HT_OK) err = ht_attest_named(&item, identity, params, &why);
    if (err == HT_OK) {
        const struct ht_attestation *its = &item->row.attestation;
        if ((ht_attest_roles(identity, its) & HT_ATTEST_ISSUED) == 0) {
            err =
                ht_fail(&why, HT_EDENIED, "not_attester", "no account of this wallet attested it");
        } else if (!its->is_revocable) {
            err = ht_fail(&why, HT_EDENIED, "not_revocable", "it cannot be revoked");
        } else if (its->revocation_time != 0) {
            err = ht_fail(&why, HT_EDENIED, "already_revoked", "it is revoked already");
        } else {
            err = item->row.is_onchain ? ht_eas_call_revoke(&data, its, 1, &why)
                                       : ht_eas_call_revoke_offchain(&data, &its->uid, 1, &why);
        }
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
