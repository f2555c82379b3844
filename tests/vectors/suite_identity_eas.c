/* Off-chain attestations and schema uids of the identity suite, found in any document:
 *   {"cases" or "semantic": [{"id", "sig", "attester", "expected": {"signature_and_uid", "digest"?,
 *    "status"?}, "network"?: {"address", "chainId"}, "schemaString"?, "compact"?, "urlBase64"?,
 *    "evaluateAt"?}]}
 *   {"cases": [{"schema", "resolver", "revocable", "uid"}]}
 * What is valid is also written again: as the same JSON, array and URL. What is not must be refused
 * by a reason of its own, not by a lack of memory. */
#include "identity/eas/offchain_write.h"
#include "identity/eas/schema.h"
#include "tests/vectors/suite_identity.h"

#define ARENA_MAX ((size_t)1 << 20)

/* --- off-chain attestations ------------------------------------------------------------------- */

struct offchain {
    const json_t *one;
    struct ht_arena arena;
    uint64_t chain_id;
    ht_addr20 contract;
    struct ht_eas_offchain package;
};

static const char *text_at(const json_t *one, const char *object, const char *key) {
    return json_string_value(json_object_get(json_object_get(one, object), key));
}

static enum ht_err read_value(struct ht_eas_offchain *out, struct offchain *run,
                              const json_t *value, struct ht_why *why) {
    struct ht_buf text;
    ht_buf_init(&text, HT_EAS_PACKAGE_MAX);
    enum ht_err err = ht_json_dump_compact(&text, value);
    if (err == HT_OK) err = ht_eas_offchain_read(out, &run->arena, ht_buf_view(&text), why);
    ht_buf_fini(&text);
    return err;
}

static enum ht_err verify(struct offchain *run, const struct ht_eas_offchain *package,
                          struct ht_why *why) {
    return ht_eas_offchain_verify(package, run->chain_id, &run->contract, false, why);
}

/* Against the network of the case, or the package's own when it names none. */
static enum ht_err read_network(struct offchain *run, struct ht_why *why) {
    const json_t *network = json_object_get(run->one, "network");
    if (network == NULL) {
        run->chain_id = run->package.chain_id;
        run->contract = run->package.contract;
        return HT_OK;
    }
    enum ht_err err = ht_json_u64(&run->chain_id, network, "chainId", why);
    return err == HT_OK ? ht_json_hex(run->contract.b, 20, network, "address", why) : err;
}

/* Reads and verifies the package of the case; refusals are answers here, not failures. */
static enum ht_err judge(struct offchain *run, struct ht_why *why) {
    json_t *package = json_pack("{s:O, s:O}", "sig", json_object_get(run->one, "sig"), "signer",
                                json_object_get(run->one, "attester"));
    enum ht_err err = package != NULL ? read_value(&run->package, run, package, why) : HT_ENOMEM;
    json_decref(package);
    if (err == HT_OK) err = read_network(run, why);
    return err == HT_OK ? verify(run, &run->package, why) : err;
}

static enum ht_err check_digest(struct offchain *run, struct ht_why *why) {
    ht_hash32 digest, expected;
    if (text_at(run->one, "expected", "digest") == NULL) return HT_OK;
    ht_eas_offchain_digest(&digest, &run->package);
    enum ht_err err = ht_json_hex(expected.b, 32, run->one, "expected.digest", why);
    if (err != HT_OK || ht_hash32_equal(&digest, &expected)) return err;
    return ht_identity_differs("digest", why);
}

static enum ht_err check_status(struct offchain *run, struct ht_why *why) {
    const char *expected = text_at(run->one, "expected", "status");
    uint64_t now_s;
    if (expected == NULL) return HT_OK;
    enum ht_err err = ht_json_u64(&now_s, run->one, "evaluateAt", why);
    if (err != HT_OK) return err;
    const char *got = ht_eas_status_name(ht_eas_status_at(&run->package.attestation, now_s));
    if (strcmp(expected, "ok") == 0) expected = "valid";
    return strcmp(got, expected) == 0 ? HT_OK : ht_identity_differs("status", why);
}

static enum ht_err check_data(struct offchain *run, struct ht_why *why) {
    const char *text = json_string_value(json_object_get(run->one, "schemaString"));
    struct ht_schema schema;
    struct ht_buf again;
    json_t *values = NULL;
    if (text == NULL) return HT_OK;
    ht_bytes data = run->package.attestation.data;
    ht_buf_init(&again, HT_EAS_DATA_MAX);
    enum ht_err err = ht_schema_read(&schema, &run->arena, ht_bytes_str(text), why);
    if (err == HT_OK) err = ht_schema_decode(&values, &schema, data, why);
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(values); i++) {
        (void)json_array_append(list, json_object_get(json_array_get(values, i), "value"));
    }
    if (err == HT_OK) err = ht_schema_encode(&again, &schema, list, why);
    if (err == HT_OK && !ht_bytes_equal(ht_buf_view(&again), data)) {
        err = ht_identity_differs("encoding of its data", why);
    }
    json_decref(list);
    json_decref(values);
    ht_buf_fini(&again);
    return err;
}

/* The SDK's JSON as we write it. */
static enum ht_err check_json(struct offchain *run, struct ht_why *why) {
    json_t *ours = ht_eas_offchain_json(&run->package);
    bool is_same =
        json_equal(json_object_get(ours, "sig"), json_object_get(run->one, "sig")) &&
        json_equal(json_object_get(ours, "signer"), json_object_get(run->one, "attester"));
    json_decref(ours);
    return is_same ? HT_OK : ht_identity_differs("JSON written", why);
}

static enum ht_err check_compact(struct offchain *run, struct ht_why *why) {
    const json_t *compact = json_object_get(run->one, "compact");
    struct ht_eas_offchain package;
    json_t *ours = NULL;
    if (compact == NULL) return HT_OK;
    enum ht_err err = read_value(&package, run, compact, why);
    if (err == HT_OK) err = verify(run, &package, why);
    if (err == HT_OK) err = ht_eas_offchain_compact(&ours, &run->package, why);
    bool is_same = err != HT_OK || json_equal(ours, compact);
    json_decref(ours);
    return is_same ? err : ht_identity_differs("array written", why);
}

/* A URL that is read back; the SDK's deflates to the same bytes. */
static enum ht_err check_url(struct offchain *run, struct ht_why *why) {
    const json_t *base64 = json_object_get(run->one, "urlBase64");
    struct ht_eas_offchain package;
    struct ht_buf url;
    if (base64 == NULL) return HT_OK;
    const char *text = json_string_value(base64);
    enum ht_err err = ht_eas_offchain_read(&package, &run->arena, ht_bytes_str(text), why);
    if (err == HT_OK) err = verify(run, &package, why);
    ht_buf_init(&url, HT_EAS_PACKAGE_MAX);
    if (err == HT_OK) err = ht_eas_offchain_url(&url, &run->package, why);
    if (err == HT_OK) err = ht_eas_offchain_read(&package, &run->arena, ht_buf_view(&url), why);
    if (err == HT_OK) err = verify(run, &package, why);
    ht_buf_fini(&url);
    return err;
}

static enum ht_err check_valid(struct offchain *run, struct ht_why *why) {
    enum ht_err err = check_status(run, why);
    if (err == HT_OK) err = check_data(run, why);
    if (err == HT_OK) err = check_json(run, why);
    if (err == HT_OK) err = check_compact(run, why);
    return err == HT_OK ? check_url(run, why) : err;
}

static enum ht_err check_offchain(struct offchain *run, struct ht_why *why) {
    const char *expected = text_at(run->one, "expected", "signature_and_uid");
    bool is_valid = strcmp(expected, "valid") == 0;
    struct ht_why answer = {.code = "ok", .text = "accepted"};
    enum ht_err err = judge(run, &answer);
    bool was_read = err == HT_OK || err == HT_EUNVERIFIED;
    bool is_refusal = err == HT_EUNVERIFIED || err == HT_EINPUT;
    if (is_valid ? err != HT_OK : !is_refusal) {
        return ht_fail(why, HT_EBUG, "case", "%s expected, got %s: %s", expected, answer.code,
                       answer.text);
    }
    err = was_read ? check_digest(run, why) : HT_OK;
    return err == HT_OK && is_valid ? check_valid(run, why) : err;
}

static bool is_offchain(const json_t *one) {
    return json_is_object(json_object_get(json_object_get(one, "sig"), "domain")) &&
           json_is_string(json_object_get(one, "attester")) &&
           text_at(one, "expected", "signature_and_uid") != NULL;
}

static void run_offchain(struct ht_identity_run *run, const json_t *list) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct ht_why why = {.code = "", .text = ""};
        struct offchain offchain = {.one = json_array_get(list, i)};
        const char *id = json_string_value(json_object_get(offchain.one, "id"));
        if (!is_offchain(offchain.one)) continue;
        ht_arena_init(&offchain.arena, ARENA_MAX);
        enum ht_err err = check_offchain(&offchain, &why);
        ht_identity_report(run, id != NULL ? id : "attestation", err, &why);
        ht_arena_fini(&offchain.arena);
    }
}

void ht_identity_run_offchain(struct ht_identity_run *run, const json_t *document) {
    run_offchain(run, json_object_get(document, "cases"));
    run_offchain(run, json_object_get(document, "semantic"));
}

/* --- schema uids ------------------------------------------------------------------------------ */

static bool is_schema(const json_t *one) {
    return json_is_string(json_object_get(one, "schema")) &&
           json_is_string(json_object_get(one, "resolver")) &&
           json_is_boolean(json_object_get(one, "revocable")) &&
           json_is_string(json_object_get(one, "uid")) && json_object_size(one) == 4;
}

static enum ht_err check_schema(const json_t *one, struct ht_why *why) {
    ht_bytes text;
    ht_addr20 resolver;
    ht_hash32 uid, expected;
    enum ht_err err = ht_json_str(&text, one, "schema", why);
    if (err == HT_OK) err = ht_json_hex(resolver.b, 20, one, "resolver", why);
    if (err == HT_OK) err = ht_json_hex(expected.b, 32, one, "uid", why);
    if (err != HT_OK) return err;
    ht_eas_schema_uid(&uid, text, &resolver, json_is_true(json_object_get(one, "revocable")));
    return ht_hash32_equal(&uid, &expected) ? HT_OK : ht_identity_differs("uid", why);
}

void ht_identity_run_schemas(struct ht_identity_run *run, const json_t *document) {
    const json_t *list = json_object_get(document, "cases");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        struct ht_why why = {.code = "", .text = ""};
        if (!is_schema(one)) continue;
        enum ht_err err = check_schema(one, &why);
        ht_identity_report(run, json_string_value(json_object_get(one, "uid")), err, &why);
    }
}
