/* The web of trust for people: the methods and the topic. */
#include "identity/trust/trust_methods.h"

#include <stdlib.h>

#include "identity/attest/attest_share.h"
#include "identity/eas/attestation.h"
#include "identity/trust/link.h"
#include "identity/trust/trust_sql.h"
#include "node/base/hex.h"
#include "node/codec/json.h"

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static json_t *address_json(const ht_addr20 *address) {
    char hex[HT_HEX_SIZE(20)];
    ht_hex_write(hex, HT_BYTES(address->b));
    return json_string(hex);
}

static json_t *hash_json(const ht_hash32 *hash) {
    char hex[HT_HEX_SIZE(32)];
    ht_hex_write(hex, HT_BYTES(hash->b));
    return json_string(hex);
}

static json_t *key_json(const ht_hash32 *key) {
    char hex[HT_HEX_SIZE(32)];
    ht_hex_write(hex, HT_BYTES(key->b));
    return json_string(hex + 2);
}

/* Null when none is proven. */
static json_t *name_json(const struct ht_identity *identity, const ht_addr20 *address) {
    const struct ht_trust_named *named = ht_trust_name_of(identity->trust->names, address);
    return named != NULL ? json_string(named->name) : json_null();
}

enum ht_err ht_trust_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_trust_graph *trust = ((const struct ht_identity *)self)->trust;
    size_t people = 0;
    for (size_t i = 0; i < trust->web.count; i++) people += trust->web.nodes[i].distance > 0;
    *out = json_pack("{s:I, s:I}", "people", (json_int_t)people, "changes",
                     (json_int_t)trust->changes);
    return *out != NULL ? HT_OK : no_memory(why);
}

/* --- who -------------------------------------------------------------------------------------- */

static json_t *path_json(const struct ht_trust_web *web, const struct ht_trust_node *node) {
    json_t *path = json_array();
    while (node != NULL && node->distance > 0) {
        const struct ht_trust_node *by = &web->nodes[node->by];
        json_t *edge = json_pack("{s:o, s:o, s:o}", "from", address_json(&by->address), "to",
                                 address_json(&node->address), "uid", hash_json(&node->uid));
        (void)json_array_insert_new(path, 0, edge);
        node = by;
    }
    return path;
}

/* What the circle has said of an account. */
static json_t *given_json(const struct ht_trust_web *web, const ht_addr20 *address, bool is_vouch) {
    json_t *list = json_array();
    for (size_t i = 0; address != NULL && i < web->edge_count; i++) {
        const struct ht_trust_edge *edge = &web->edges[i];
        if (edge->is_vouch != is_vouch || memcmp(edge->to.b, address->b, 20) != 0) continue;
        const struct ht_trust_node *from = ht_trust_web_find(web, &edge->from);
        if (from == NULL || json_array_size(list) == HT_TRUST_TOLD) continue;
        (void)json_array_append_new(
            list, json_pack("{s:o, s:o, s:o, s:I}", "from", address_json(&edge->from), "uid",
                            hash_json(&edge->uid), "schema", hash_json(&edge->schema), "distance",
                            (json_int_t)from->distance));
    }
    return list;
}

static enum ht_err who(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    const struct ht_identity *identity = self;
    const struct ht_trust_web *web = &identity->trust->web;
    ht_hash32 pubkey;
    ht_addr20 address;
    bool has_pubkey, is_owner = false, has_address = true;
    enum ht_err err = ht_id_link_whom(&pubkey, &address, &has_pubkey, params, why);
    if (err != HT_OK) return err;
    const struct ht_trust_node *node;
    if (has_pubkey) {
        const struct ht_id_link *link = ht_id_link_of_key(identity, &pubkey);
        node = ht_trust_node_of_key(identity, &pubkey, &is_owner);
        has_address = node != NULL || link != NULL;
        if (has_address) address = node != NULL ? node->address : link->claim.address;
    } else {
        const struct ht_id_link *link = ht_id_link_of_address(identity, &address);
        node = ht_trust_web_find(web, &address);
        has_pubkey = link != NULL;
        if (has_pubkey) pubkey = link->claim.pubkey;
    }
    json_t *distance = json_null();
    if (node != NULL || is_owner)
        distance = json_integer(is_owner ? 0 : (json_int_t)node->distance);
    *result = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "address",
                        has_address ? address_json(&address) : json_null(), "pubkey",
                        has_pubkey ? key_json(&pubkey) : json_null(), "name",
                        has_address ? name_json(identity, &address) : json_null(), "distance",
                        distance, "path", path_json(web, node), "vouches",
                        given_json(web, has_address ? &address : NULL, true), "attestations",
                        given_json(web, has_address ? &address : NULL, false));
    return *result != NULL ? HT_OK : no_memory(why);
}

static enum ht_err list(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    const struct ht_identity *identity = self;
    const struct ht_trust_web *web = &identity->trust->web;
    uint64_t distance = HT_TRUST_DEPTH;
    enum ht_err err = ht_json_member(params, "distance") != NULL
                          ? ht_json_u64(&distance, params, "distance", why)
                          : HT_OK;
    if (err != HT_OK) return err;
    json_t *people = json_array();
    bool is_complete = !web->is_cut;
    for (size_t i = 0; i < web->count; i++) {
        const struct ht_trust_node *node = &web->nodes[i];
        if (node->distance == 0 || node->distance > distance) continue;
        if (json_array_size(people) == HT_TRUST_TOLD) {
            is_complete = false;
            break;
        }
        const struct ht_id_link *link = ht_id_link_of_address(identity, &node->address);
        (void)json_array_append_new(
            people, json_pack("{s:o, s:o, s:o, s:I, s:I}", "address", address_json(&node->address),
                              "pubkey", link != NULL ? key_json(&link->claim.pubkey) : json_null(),
                              "name", name_json(identity, &node->address), "distance",
                              (json_int_t)node->distance, "vouches", (json_int_t)node->vouches));
    }
    *result = json_pack("{s:o, s:b}", "people", people, "is_complete", (int)is_complete);
    return *result != NULL ? HT_OK : no_memory(why);
}

/* --- settings --------------------------------------------------------------------------------- */

static json_t *settings_json(const struct ht_trust_graph *trust) {
    static const ht_addr20 no_resolver;
    ht_hash32 own;
    json_t *schemas = json_array();
    ht_eas_schema_uid(&own, ht_bytes_str(HT_TRUST_SCHEMA), &no_resolver, true);
    for (size_t i = 0; i < trust->schema_count; i++) {
        bool is_own = ht_hash32_equal(&trust->schemas[i], &own);
        (void)json_array_append_new(schemas,
                                    json_pack("{s:o, s:s?}", "uid", hash_json(&trust->schemas[i]),
                                              "text", is_own ? HT_TRUST_SCHEMA : NULL));
    }
    return json_pack("{s:o}", "schemas", schemas);
}

static enum ht_err settings(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    (void)params;
    *result = settings_json(((const struct ht_identity *)self)->trust);
    return *result != NULL ? HT_OK : no_memory(why);
}

struct setting {
    struct ht_write write; /* first */
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    ht_hash32 schemas[HT_TRUST_SCHEMAS_MAX];
    size_t count;
};

/* On the writer's thread. */
static enum ht_err write_setting(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    const struct setting *setting = (struct setting *)write;
    return ht_trust_sql_save(db, setting->schemas, setting->count, why);
}

static void wrote_setting(struct ht_write *write) {
    struct setting *setting = (struct setting *)write;
    struct ht_trust_graph *trust = setting->identity->trust;
    if (write->err != HT_OK || trust == NULL) {
        ht_rpc_refuse(setting->call, write->err != HT_OK ? write->err : HT_EAGAIN, &write->why);
    } else {
        memcpy(trust->schemas, setting->schemas, sizeof trust->schemas);
        trust->schema_count = setting->count;
        ht_trust_make_soon(setting->identity);
        ht_rpc_finish(setting->call, settings_json(trust));
    }
    free(setting);
}

static enum ht_err read_schemas(struct setting *setting, const json_t *params, struct ht_why *why) {
    const json_t *given = ht_json_member(params, "schemas");
    size_t count = json_array_size(given);
    if (count == 0 || count > HT_TRUST_SCHEMAS_MAX)
        return ht_fail(why, HT_EINPUT, "trust_schemas", "name 1 to %u schemas",
                       HT_TRUST_SCHEMAS_MAX);
    for (size_t i = 0; i < count; i++) {
        ht_hash32 *schema = &setting->schemas[setting->count];
        enum ht_err err =
            ht_json_hex(schema->b, sizeof schema->b, json_array_get(given, i), "", why);
        if (err != HT_OK) return err;
        bool is_new = true;
        for (size_t k = 0; k < setting->count; k++)
            is_new = is_new && !ht_hash32_equal(&setting->schemas[k], schema);
        setting->count += is_new;
    }
    return HT_OK;
}

static void set_settings(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    struct setting *setting = calloc(1, sizeof *setting);
    enum ht_err err = setting != NULL ? read_schemas(setting, params, &why) : no_memory(&why);
    if (err == HT_OK) {
        setting->identity = identity;
        setting->call = call;
        setting->write.write = write_setting;
        setting->write.done = wrote_setting;
        err = ht_writer_submit(identity->host->writer, &setting->write);
        if (err != HT_OK) (void)ht_fail(&why, err, "busy", "the disk is too busy now");
    }
    if (err == HT_OK) return;
    free(setting);
    ht_rpc_refuse(call, err, &why);
}

static const struct ht_rpc_method METHODS[] = {
    {.name = "trust.who", .fn = who},
    {.name = "trust.list", .fn = list},
    {.name = "trust.settings", .fn = settings},
    {.name = "trust.set_settings", .start = set_settings},
    {.name = "attest.share", .start = ht_attest_share_start},
};
const struct ht_identity_methods ht_trust_methods = {METHODS, HT_TRUST_METHODS};
_Static_assert(sizeof METHODS / sizeof *METHODS == HT_TRUST_METHODS, "identity.h has their number");
