/* The document of an identity of the registry, and its history for people. */
#include "identity/did/did_ethr_document.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "identity/did/did_entries.h"
#include "node/base/hex.h"
#include "node/codec/abi_word.h"
#include "node/codec/address.h"
#include "node/codec/base58.h"
#include "node/codec/base64.h"
#include "node/codec/json.h"
#include "node/crypto/secp256k1.h"

#define ID_MAX (HT_DID_TEXT_MAX + 32U)
#define SECP256K1_TYPE "EcdsaSecp256k1VerificationKey2019"
#define RECOVERY_TYPE "EcdsaSecp256k1RecoveryMethod2020"
#define YEAR_10000_S INT64_C(253402300800)

struct build {
    const struct ht_did *did;
    json_t *methods, *authentication, *assertion, *agreement, *services;
    struct ht_did_entries entries;
    ht_addr20 owner;
    bool is_deactivated;
    const struct ht_did_event *last, *next; /* applied, and the first that was not; NULL: none */
    bool has_failed;                        /* no memory */
};

static void append(struct build *build, json_t *array, json_t *value) {
    if (json_array_append_new(array, value) != 0) build->has_failed = true;
}

static json_t *id_text(const struct build *build, const char *fragment) {
    return json_sprintf("%s#%s", build->did->text, fragment);
}

static json_t *account_id(const struct build *build, const ht_addr20 *address) {
    char text[HT_ADDRESS_TEXT_SIZE];
    ht_address_checksum(text, address);
    return json_sprintf("eip155:%" PRIu64 ":%s", build->did->chain_id, text);
}

/* A method without its key. */
static json_t *method(const struct build *build, const char *fragment, json_t *type) {
    return json_pack("{s:o, s:o, s:s}", "id", id_text(build, fragment), "type", type, "controller",
                     build->did->text);
}

static json_t *account_method(const struct build *build, const char *fragment,
                              const ht_addr20 *address) {
    json_t *one = method(build, fragment, json_string(RECOVERY_TYPE));
    if (json_object_set_new(one, "blockchainAccountId", account_id(build, address)) == 0) {
        return one;
    }
    json_decref(one);
    return NULL;
}

/* --- keys ------------------------------------------------------------------------------------- */

static json_t *text_of(struct ht_buf *text, enum ht_err err) {
    json_t *out = err == HT_OK ? json_stringn((const char *)text->p, text->n) : NULL;
    ht_buf_fini(text);
    return out;
}

static json_t *base64_text(enum ht_base64 form, ht_bytes bytes) {
    struct ht_buf text;
    ht_buf_init(&text, 2 * HT_DID_VALUE_MAX);
    return text_of(&text, ht_base64_write(&text, form, bytes));
}

static json_t *base58_text(ht_bytes bytes) {
    struct ht_buf text;
    ht_buf_init(&text, HT_BASE58_TEXT_MAX);
    return text_of(&text, ht_base58_write(&text, bytes));
}

static json_t *hex_text(ht_bytes bytes) {
    json_t *with_prefix = ht_abi_hex(bytes);
    json_t *out = with_prefix != NULL ? json_string(json_string_value(with_prefix) + 2) : NULL;
    json_decref(with_prefix);
    return out;
}

/* codec 0: the value has its own. */
static json_t *multibase_text(uint64_t codec, ht_bytes key) {
    struct ht_buf text;
    ht_buf_init(&text, HT_BASE58_TEXT_MAX + 1);
    enum ht_err err = codec != 0 ? ht_multikey_write(&text, codec, key) : HT_OK;
    if (codec == 0) err = ht_buf_add_str(&text, "z");
    if (codec == 0 && err == HT_OK) err = ht_base58_write(&text, key);
    return text_of(&text, err);
}

/* NULL when it is no key. */
static json_t *jwk(ht_bytes key) {
    uint8_t point[HT_SECP256K1_PUBKEY_SIZE];
    if (ht_secp256k1_read_point(point, key, NULL) != HT_OK) return NULL;
    return json_pack("{s:s, s:s, s:o, s:o}", "kty", "EC", "crv", "secp256k1", "x",
                     base64_text(HT_BASE64_URL, ht_bytes_of(point, 32)), "y",
                     base64_text(HT_BASE64_URL, ht_bytes_of(point + 32, 32)));
}

static bool is_text(ht_bytes text, const char *word) {
    return ht_bytes_equal(text, ht_bytes_str(word));
}

/* A kind of key that nobody has defined: its name is its type, and it is written as it says. */
static json_t *other_key(const char **member, ht_bytes encoding, ht_bytes value) {
    *member = "publicKeyHex";
    if (encoding.n == 0 || is_text(encoding, "hex")) return hex_text(value);
    *member = "publicKeyBase64";
    if (is_text(encoding, "base64")) return base64_text(HT_BASE64_STD, value);
    *member = "publicKeyBase58";
    if (is_text(encoding, "base58")) return base58_text(value);
    *member = "value";
    return hex_text(value);
}

/* NULL when the value is no such key, or too long for its form. */
static json_t *key_method(const struct build *build, const char *fragment,
                          const struct ht_did_attribute *name, ht_bytes value) {
    static const struct {
        const char *algorithm, *type;
        uint64_t codec;
    } multibase[] = {{"Ed25519", "Ed25519VerificationKey2020", HT_MULTICODEC_ED25519},
                     {"X25519", "X25519KeyAgreementKey2020", HT_MULTICODEC_X25519},
                     {"Multikey", "Multikey", 0}};
    const char *member = "publicKeyMultibase";
    json_t *type = NULL;
    json_t *key = NULL;
    for (size_t i = 0; i < sizeof multibase / sizeof *multibase; i++) {
        if (!is_text(name->algorithm, multibase[i].algorithm)) continue;
        type = json_string(multibase[i].type);
        key = multibase_text(multibase[i].codec, value);
    }
    if (type == NULL && is_text(name->algorithm, "Secp256k1")) {
        member = "publicKeyJwk";
        type = json_string(SECP256K1_TYPE);
        key = jwk(value);
    } else if (type == NULL) {
        type = json_stringn((const char *)name->algorithm.p, name->algorithm.n);
        key = other_key(&member, name->encoding, value);
    }
    json_t *one = key != NULL ? method(build, fragment, json_incref(type)) : NULL;
    json_decref(type);
    if (one != NULL && json_object_set(one, member, key) != 0) {
        json_decref(one);
        one = NULL;
    }
    json_decref(key);
    return one;
}

/* --- entries ---------------------------------------------------------------------------------- */

static void add_service(struct build *build, const struct ht_did_entry *entry,
                        const struct ht_did_attribute *name) {
    char fragment[32];
    ht_bytes value = entry->event->value;
    json_t *endpoint = NULL;
    (void)snprintf(fragment, sizeof fragment, "service-%" PRIu32, entry->number);
    if (value.n == 0 || ht_json_parse(&endpoint, value, HT_DID_VALUE_MAX, NULL) != HT_OK) {
        endpoint = json_stringn(value.n > 0 ? (const char *)value.p : "", value.n);
    }
    /* Bytes that are no UTF-8 are somebody else's use of the registry. */
    if (endpoint == NULL) return;
    append(build, build->services,
           json_pack("{s:o, s:s%, s:o}", "id", id_text(build, fragment), "type",
                     (const char *)name->algorithm.p, name->algorithm.n, "serviceEndpoint",
                     endpoint));
}

static void add_relations(struct build *build, const char *fragment, bool is_login,
                          bool is_agreement) {
    if (is_login) append(build, build->authentication, id_text(build, fragment));
    append(build, is_agreement ? build->agreement : build->assertion, id_text(build, fragment));
}

static void add_key(struct build *build, const struct ht_did_entry *entry,
                    const struct ht_did_attribute *name) {
    char fragment[32];
    (void)snprintf(fragment, sizeof fragment, "delegate-%" PRIu32, entry->number);
    json_t *one = key_method(build, fragment, name, entry->event->value);
    if (one == NULL) return;
    append(build, build->methods, one);
    add_relations(build, fragment, is_text(name->purpose, "sigAuth"),
                  is_text(name->purpose, "enc"));
}

static void add_delegate(struct build *build, const struct ht_did_entry *entry) {
    static const uint8_t login[32] = "sigAuth";
    static const uint8_t key[32] = "veriKey";
    char fragment[32];
    bool is_login = memcmp(entry->event->name, login, sizeof login) == 0;
    if (!is_login && memcmp(entry->event->name, key, sizeof key) != 0) return;
    (void)snprintf(fragment, sizeof fragment, "delegate-%" PRIu32, entry->number);
    append(build, build->methods, account_method(build, fragment, &entry->event->owner));
    add_relations(build, fragment, is_login, false);
}

static void add_controller(struct build *build) {
    append(build, build->methods, account_method(build, "controller", &build->owner));
    add_relations(build, "controller", true, false);
    bool is_own = memcmp(build->owner.b, build->did->address.b, sizeof build->owner.b) == 0;
    if (!is_own || build->did->key_kind != HT_DID_SECP256K1) return;
    json_t *one = method(build, "controllerKey", json_string(SECP256K1_TYPE));
    if (json_object_set_new(one, "publicKeyJwk", jwk(HT_BYTES(build->did->key))) != 0) {
        json_decref(one);
        one = NULL;
    }
    append(build, build->methods, one);
    add_relations(build, "controllerKey", true, false);
}

static void add_entries(struct build *build) {
    for (size_t i = 0; i < build->entries.count; i++) {
        const struct ht_did_entry *entry = &build->entries.list[i];
        struct ht_did_attribute name;
        if (!entry->is_live) continue;
        ht_did_attribute_read(&name, entry->event->name);
        if (entry->event->kind == HT_DID_DELEGATE_CHANGED)
            add_delegate(build, entry);
        else if (name.section == HT_DID_PUB)
            add_key(build, entry, &name);
        else
            add_service(build, entry, &name);
    }
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool has_method(const struct build *build, const char *type, const char *member) {
    size_t i;
    const json_t *one;
    json_array_foreach(build->methods, i, one) {
        if (type != NULL && strcmp(json_string_value(json_object_get(one, "type")), type) == 0) {
            return true;
        }
        if (member != NULL && json_object_get(one, member) != NULL) return true;
    }
    return false;
}

/* What the terms of the document mean, as JSON-LD: suites for the types in it, and each remaining
 * term by itself. */
static json_t *context(struct build *build) {
    static const struct {
        const char *type, *member, *url;
    } suites[] = {
        {SECP256K1_TYPE, "publicKeyBase58", "https://w3id.org/security/v2"},
        {"Ed25519VerificationKey2020", NULL, "https://w3id.org/security/suites/ed25519-2020/v1"},
        {"X25519KeyAgreementKey2020", NULL, "https://w3id.org/security/suites/x25519-2020/v1"},
        {"Multikey", NULL, "https://w3id.org/security/multikey/v1"}};
    static const char *const terms[] = {"publicKeyHex", "publicKeyBase64"};
    json_t *all = json_pack("[s, s]", "https://www.w3.org/ns/did/v1",
                            "https://w3id.org/security/suites/secp256k1recovery-2020/v2");
    json_t *own = json_object();
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        if (!has_method(build, suites[i].type, suites[i].member)) continue;
        append(build, all, json_string(suites[i].url));
    }
    int failed = 0;
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        if (!has_method(build, NULL, terms[i])) continue;
        failed |= json_object_set_new(own, terms[i],
                                      json_sprintf("https://w3id.org/security#%s", terms[i]));
    }
    if (has_method(build, NULL, "publicKeyJwk")) {
        failed |= json_object_set_new(own, "publicKeyJwk",
                                      json_pack("{s:s, s:s}", "@id",
                                                "https://w3id.org/security#publicKeyJwk", "@type",
                                                "@json"));
    }
    if (failed != 0) build->has_failed = true;
    if (json_object_size(own) > 0) append(build, all, json_incref(own));
    json_decref(own);
    return all;
}

static json_t *document(struct build *build) {
    json_t *out =
        json_pack("{s:o, s:s, s:O, s:O, s:O}", "@context", context(build), "id", build->did->text,
                  "verificationMethod", build->methods, "authentication", build->authentication,
                  "assertionMethod", build->assertion);
    int failed = out == NULL;
    if (json_array_size(build->agreement) > 0) {
        failed |= json_object_set(out, "keyAgreement", build->agreement);
    }
    if (json_array_size(build->services) > 0) {
        failed |= json_object_set(out, "service", build->services);
    }
    if (failed != 0) build->has_failed = true;
    return out;
}

static json_t *time_json(int64_t time_s) {
    char text[40];
    struct tm parts;
    time_t at = (time_t)(time_s >= 0 && time_s < YEAR_10000_S ? time_s : 0);
    if (gmtime_r(&at, &parts) == NULL) return NULL;
    if (strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) return NULL;
    return json_string(text);
}

static json_t *metadata(struct build *build) {
    json_t *out = json_object();
    int failed = out == NULL;
    if (build->is_deactivated) failed |= json_object_set_new(out, "deactivated", json_true());
    if (build->last != NULL) {
        failed |=
            json_object_set_new(out, "versionId", json_sprintf("%" PRIu64, build->last->block));
        failed |= json_object_set_new(out, "updated", time_json(build->last->time_s));
    }
    if (build->next != NULL) {
        failed |=
            json_object_set_new(out, "nextVersionId", json_sprintf("%" PRIu64, build->next->block));
        failed |= json_object_set_new(out, "nextUpdate", time_json(build->next->time_s));
    }
    if (failed != 0) build->has_failed = true;
    return out;
}

static void apply(struct build *build, const struct ht_did_event *events, size_t count,
                  uint64_t at_block, int64_t now_s) {
    static const ht_addr20 nobody;
    for (size_t i = 0; i < count && !build->is_deactivated; i++) {
        const struct ht_did_event *one = &events[i];
        if (one->block > at_block || one->time_s > now_s) {
            build->next = one;
            return;
        }
        build->last = one;
        if (one->kind != HT_DID_OWNER_CHANGED) {
            ht_did_entries_apply(&build->entries, one, now_s);
            continue;
        }
        build->owner = one->owner;
        build->is_deactivated = memcmp(one->owner.b, nobody.b, sizeof nobody.b) == 0;
    }
}

static void drop(struct build *build) {
    json_decref(build->methods);
    json_decref(build->authentication);
    json_decref(build->assertion);
    json_decref(build->agreement);
    json_decref(build->services);
    ht_did_entries_fini(&build->entries);
}

enum ht_err ht_did_ethr_document(struct ht_did_ethr_result *out, const struct ht_did *did,
                                 const struct ht_did_event *events, size_t count, uint64_t at_block,
                                 int64_t now_s, struct ht_why *why) {
    ht_assert(did->method == HT_DID_ETHR);
    if (count > HT_DID_EVENTS_MAX) {
        return ht_fail(why, HT_ELIMIT, "did_too_large", "the identity has over %u changes",
                       HT_DID_EVENTS_MAX);
    }
    uint64_t changed = count > 0 ? events[count - 1].block : 0;
    enum ht_err err = ht_did_events_check(events, count, &did->address, changed, why);
    if (err != HT_OK) return err;
    struct build build = {.did = did,
                          .owner = did->address,
                          .methods = json_array(),
                          .authentication = json_array(),
                          .assertion = json_array(),
                          .agreement = json_array(),
                          .services = json_array()};
    build.has_failed = ht_did_entries_init(&build.entries, count) != HT_OK;
    if (!build.has_failed) {
        apply(&build, events, count, at_block, now_s);
        if (!build.is_deactivated) add_controller(&build);
        if (!build.is_deactivated) add_entries(&build);
    }
    struct ht_did_ethr_result result = {.document = document(&build),
                                        .metadata = metadata(&build),
                                        .owner = build.owner,
                                        .is_deactivated = build.is_deactivated};
    drop(&build);
    if (!build.has_failed) {
        *out = result;
        return HT_OK;
    }
    json_decref(result.document);
    json_decref(result.metadata);
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- history ---------------------------------------------------------------------------------- */

/* A bytes32 as text when it is, else as hex. */
static json_t *name_json(const uint8_t name[static 32]) {
    size_t n = 32;
    while (n > 0 && name[n - 1] == 0) n--;
    json_t *text = memchr(name, 0, n) == NULL ? json_stringn((const char *)name, n) : NULL;
    return text != NULL ? text : ht_abi_hex(ht_bytes_of(name, 32));
}

static json_t *event_json(const struct ht_did_event *one) {
    static const char *const kinds[] = {"owner", "delegate", "attribute"};
    bool is_attribute = one->kind == HT_DID_ATTRIBUTE_CHANGED;
    bool is_owner = one->kind == HT_DID_OWNER_CHANGED;
    json_t *out = json_pack("{s:I, s:o, s:s}", "block", (json_int_t)one->block, "time",
                            time_json(one->time_s), "kind", kinds[one->kind]);
    int failed = out == NULL;
    if (!is_attribute) {
        failed |=
            json_object_set_new(out, is_owner ? "owner" : "delegate", ht_address_json(&one->owner));
    }
    if (!is_owner) {
        failed |= json_object_set_new(out, is_attribute ? "name" : "type", name_json(one->name));
        failed |= json_object_set_new(out, "valid_to", json_sprintf("%" PRIu64, one->valid_to));
    }
    if (is_attribute) {
        failed |= json_object_set_new(out, "value",
                                      one->is_too_large ? json_null() : ht_abi_hex(one->value));
    }
    if (failed == 0) return out;
    json_decref(out);
    return NULL;
}

json_t *ht_did_history_json(const struct ht_did_event *events, size_t count) {
    json_t *all = json_array();
    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(all, event_json(&events[i])) == 0) continue;
        json_decref(all);
        return NULL;
    }
    return all;
}
