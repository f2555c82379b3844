/* What is kept, told: lists, packages, disclosures. */
#include "identity/attest/attest_list.h"

#include <stdlib.h>

#include "identity/attest/attest_delegate.h"
#include "identity/attest/attest_import.h"
#include "identity/attest/attest_issue.h"
#include "identity/attest/attest_json.h"
#include "identity/attest/attest_scan.h"
#include "identity/eas/private_data.h"
#include "node/base/hex.h"
#include "node/codec/address.h"

#define LIST_DEFAULT 100U
#define LIST_BYTES_MAX \
    ((size_t)96 << 10) /* of data in one answer: its JSON is several times that */
#define ARENA_MAX ((size_t)2 << 20)
#define URL_MAX ((size_t)512 << 10)

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err give(json_t **result, json_t *value, struct ht_why *why) {
    if (value == NULL) return no_memory(why);
    *result = value;
    return HT_OK;
}

/* --- lists ------------------------------------------------------------------------------------ */

struct list_options {
    unsigned roles; /* 0: all */
    uint64_t limit, offset;
};

static enum ht_err read_list(struct list_options *out, const json_t *params, struct ht_why *why) {
    const char *role = "all";
    *out = (struct list_options){.limit = LIST_DEFAULT};
    enum ht_err err = HT_OK;
    if (ht_json_member(params, "role") != NULL) err = ht_json_text(&role, params, "role", why);
    if (err == HT_OK && ht_json_member(params, "limit") != NULL)
        err = ht_json_u64(&out->limit, params, "limit", why);
    if (err == HT_OK && ht_json_member(params, "offset") != NULL)
        err = ht_json_u64(&out->offset, params, "offset", why);
    if (err != HT_OK) return err;
    if (out->limit > HT_ATTEST_LIST_MAX) out->limit = HT_ATTEST_LIST_MAX;
    if (strcmp(role, "received") == 0) {
        out->roles = HT_ATTEST_RECEIVED;
    } else if (strcmp(role, "issued") == 0) {
        out->roles = HT_ATTEST_ISSUED;
    } else if (strcmp(role, "all") != 0) {
        return ht_fail(why, HT_EINPUT, "attest_role", "role is received, issued or all");
    }
    return HT_OK;
}

enum ht_err ht_attest_list(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    const struct ht_identity *identity = self;
    const struct ht_attest *attest = identity->attest;
    struct list_options options;
    enum ht_err err = read_list(&options, params, why);
    if (err != HT_OK) return err;
    json_t *list = json_array();
    size_t total = 0, bytes = 0;
    int failed = list == NULL;
    for (size_t i = attest->count; i-- > 0;) {
        const struct ht_attest_row *row = &attest->items[i]->row;
        unsigned roles = ht_attest_roles(identity, &row->attestation);
        if (options.roles != 0 && (roles & options.roles) == 0) continue;
        bool is_wanted = total++ >= options.offset && json_array_size(list) < options.limit;
        bool has_room = bytes == 0 || bytes + row->attestation.data.n <= LIST_BYTES_MAX;
        if (!is_wanted || !has_room) {
            /* What comes behind one that has no room is for the next page. */
            if (is_wanted) options.limit = json_array_size(list);
            continue;
        }
        bytes += row->attestation.data.n + 1;
        failed |= json_array_append_new(list, ht_attest_row_json(identity, row));
    }
    json_t *scanned = attest->has_scanned ? json_integer((json_int_t)attest->scanned) : json_null();
    json_t *value =
        json_pack("{s:o, s:I, s:o, s:o}", "attestations", list, "total", (json_int_t)total, "as_of",
                  ht_attest_as_of_json(attest), "scanned", scanned);
    if (failed == 0) return give(result, value, why);
    json_decref(value);
    return no_memory(why);
}

enum ht_err ht_attest_schemas(void *self, json_t **result, const json_t *params,
                              struct ht_why *why) {
    const struct ht_identity *identity = self;
    const struct ht_attest *attest = identity->attest;
    (void)params;
    json_t *list = json_array();
    int failed = list == NULL;
    size_t bytes = 0;
    for (size_t i = attest->schema_count; i-- > 0 && bytes < LIST_BYTES_MAX;) {
        bytes += attest->schemas[i]->text.n;
        failed |= json_array_append_new(list, ht_attest_schema_json(attest->schemas[i]));
    }
    json_t *value = json_pack("{s:o}", "schemas", list);
    if (failed == 0) return give(result, value, why);
    json_decref(value);
    return no_memory(why);
}

enum ht_err ht_attest_contract(void *self, json_t **result, const json_t *params,
                               struct ht_why *why) {
    const struct ht_identity *identity = self;
    struct ht_eas_contract contract;
    (void)params;
    enum ht_err err = ht_contracts_eas(&contract, identity->host->network, why);
    if (err != HT_OK) return err;
    return give(result,
                json_pack("{s:o, s:o, s:s, s:I}", "eas", ht_address_json(&contract.eas),
                          "schema_registry", ht_address_json(&contract.registry), "version",
                          contract.version, "chain_id", (json_int_t)contract.chain_id),
                why);
}

/* --- one of them ------------------------------------------------------------------------------ */

enum ht_err ht_attest_named(const struct ht_attest_item **out, const struct ht_identity *identity,
                            const json_t *params, struct ht_why *why) {
    ht_addr20 attester;
    ht_hash32 uid;
    enum ht_err err = ht_json_hex(attester.b, sizeof attester.b, params, "attester", why);
    if (err == HT_OK) err = ht_json_hex(uid.b, sizeof uid.b, params, "uid", why);
    if (err != HT_OK) return err;
    *out = ht_attest_get(identity, &attester, &uid);
    if (*out != NULL) return HT_OK;
    return ht_fail(why, HT_ENOTFOUND, "no_such_attestation", "no such attestation is kept here");
}

enum ht_err ht_attest_package(ht_bytes *json, const struct ht_identity *identity,
                              const ht_addr20 *attester, const ht_hash32 *uid, struct ht_why *why) {
    const struct ht_attest_item *item = ht_attest_get(identity, attester, uid);
    if (item == NULL || item->row.package.n == 0)
        return ht_fail(why, HT_ENOTFOUND, "no_such_attestation", "no such package is kept here");
    *json = item->row.package;
    return HT_OK;
}

void ht_attest_each(const struct ht_identity *identity,
                    void (*visit)(void *user, const struct ht_attest_edge *edge), void *user) {
    const struct ht_attest *attest = identity->attest;
    for (size_t i = 0; i < attest->count; i++) {
        const struct ht_attest_row *row = &attest->items[i]->row;
        const struct ht_attestation *its = &row->attestation;
        const struct ht_eas_schema_record *record = ht_attest_schema_of(identity, &its->schema);
        /* Behind the text of a kept schema stands a zero. */
        const char *text = record != NULL ? (const char *)record->text.p : "";
        const char *verdict = ht_attest_row_verdict(identity, row);
        const struct ht_attest_edge edge = {.attester = its->attester,
                                            .recipient = its->recipient,
                                            .uid = its->uid,
                                            .schema = its->schema,
                                            .is_valid = strcmp(verdict, "valid") == 0,
                                            .verdict = verdict,
                                            .schema_text = text,
                                            .is_onchain = row->is_onchain,
                                            .time_s = its->time,
                                            .data = its->data};
        visit(user, &edge);
    }
}

enum ht_err ht_attest_package_json(json_t **out, const struct ht_eas_offchain *package,
                                   struct ht_why *why) {
    struct ht_buf url;
    ht_buf_init(&url, URL_MAX);
    json_t *json = ht_eas_offchain_json(package), *link = json_null();
    /* Old forms have no link. */
    if (ht_eas_offchain_url(&url, package, NULL) == HT_OK)
        link = json_stringn((const char *)url.p, url.n);
    ht_buf_fini(&url);
    return give(out, json_pack("{s:o, s:o}", "package", json, "url", link), why);
}

enum ht_err ht_attest_export(void *self, json_t **result, const json_t *params,
                             struct ht_why *why) {
    const struct ht_attest_item *item;
    enum ht_err err = ht_attest_named(&item, self, params, why);
    if (err != HT_OK) return err;
    if (item->row.is_onchain) {
        return give(
            result,
            json_pack("{s:o}", "uid", ht_attest_hex_json(HT_BYTES(item->row.attestation.uid.b))),
            why);
    }
    struct ht_arena arena;
    struct ht_eas_offchain package;
    ht_arena_init(&arena, ARENA_MAX);
    err = ht_eas_offchain_read(&package, &arena, item->row.package, why);
    if (err == HT_OK) err = ht_attest_package_json(result, &package, why);
    ht_arena_fini(&arena);
    return err;
}

static void on_forgotten(void *user, enum ht_err err, const struct ht_why *why,
                         const struct ht_attest_item *item) {
    struct ht_rpc_call *call = user;
    (void)item;
    if (err == HT_OK) {
        ht_rpc_finish(call, json_object());
    } else {
        ht_rpc_refuse(call, err, why);
    }
}

void ht_attest_forget(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    const struct ht_attest_item *item;
    enum ht_err err = ht_attest_named(&item, self, params, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    const struct ht_attest_change change = {
        .row = &item->row, .is_delete = true, .told = on_forgotten, .user = call};
    ht_attest_keep(self, &change);
}

/* --- disclosing ------------------------------------------------------------------------------- */

static enum ht_err choose(size_t *chosen, size_t *count, const struct ht_private_leaf *leaves,
                          size_t leaf_count, const json_t *names, struct ht_why *why) {
    bool is_chosen[HT_PRIVATE_LEAVES_MAX] = {false};
    *count = 0;
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        size_t at = 0;
        while (name != NULL && at < leaf_count && strcmp(leaves[at].name, name) != 0) at++;
        if (name == NULL || at == leaf_count)
            return ht_fail(why, HT_ENOTFOUND, "no_such_field", "it has no field of that name");
        if (!is_chosen[at]) chosen[(*count)++] = at;
        is_chosen[at] = true;
    }
    if (*count > 0) return HT_OK;
    return ht_fail(why, HT_EINPUT, "no_such_field", "name at least one field");
}

enum ht_err ht_attest_disclose(void *self, json_t **result, const json_t *params,
                               struct ht_why *why) {
    struct ht_identity *identity = self;
    const struct ht_attest_item *item;
    const json_t *names;
    enum ht_err err = ht_attest_named(&item, identity, params, why);
    if (err == HT_OK) err = ht_json_array(&names, params, "fields", why);
    if (err != HT_OK) return err;
    const json_t *kept = ht_attest_leaves_of(identity, &item->row.attestation);
    if (kept == NULL)
        return ht_fail(why, HT_ENOTFOUND, "no_leaves", "no private data is kept for it");
    struct ht_arena arena;
    struct ht_private_leaf *leaves;
    size_t leaf_count, count, chosen[HT_PRIVATE_LEAVES_MAX];
    json_t *disclosure = NULL, *package = NULL;
    ht_arena_init(&arena, ARENA_MAX);
    err = ht_private_leaves_read(&leaves, &leaf_count, &arena, kept, why);
    if (err == HT_OK) err = choose(chosen, &count, leaves, leaf_count, names, why);
    if (err == HT_OK)
        err = ht_private_disclose(&disclosure, leaves, leaf_count, chosen, count, why);
    ht_arena_fini(&arena);
    if (err != HT_OK) return err;
    if (item->row.package.n == 0 ||
        ht_json_parse(&package, item->row.package, HT_EAS_PACKAGE_MAX, NULL) != HT_OK)
        package = json_null();
    return give(result, json_pack("{s:o, s:o}", "disclosure", disclosure, "package", package), why);
}

static const struct ht_rpc_method METHODS[] = {
    {.name = "attest.contract", .fn = ht_attest_contract},
    {.name = "attest.schemas", .fn = ht_attest_schemas},
    {.name = "attest.schema", .start = ht_attest_schema},
    {.name = "attest.schema_register", .start = ht_attest_schema_register, .is_patient = true},
    {.name = "attest.issue", .start = ht_attest_issue, .is_patient = true},
    {.name = "attest.revoke", .start = ht_attest_revoke, .is_patient = true},
    {.name = "attest.timestamp", .start = ht_attest_timestamp, .is_patient = true},
    {.name = "attest.import", .start = ht_attest_import},
    {.name = "attest.export", .fn = ht_attest_export},
    {.name = "attest.forget", .start = ht_attest_forget},
    {.name = "attest.list", .fn = ht_attest_list},
    {.name = "attest.verify", .start = ht_attest_verify},
    {.name = "attest.disclose", .fn = ht_attest_disclose},
    {.name = "attest.find", .start = ht_attest_find},
    {.name = "attest.delegate", .start = ht_attest_delegate, .is_patient = true},
    {.name = "attest.submit", .start = ht_attest_submit, .is_patient = true},
};
const struct ht_identity_methods ht_attest_methods = {METHODS, sizeof METHODS / sizeof *METHODS};
_Static_assert(sizeof METHODS / sizeof *METHODS == HT_ATTEST_METHODS, "identity.h counts them");
