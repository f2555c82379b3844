/* Reading and writing the form of bundles. */
#include "identity/proof/bundle_read.h"

#include <inttypes.h>
#include <stdio.h>

#include "node/base/u256.h"
#include "node/codec/abi_word.h"

static const char *const KINDS[] = {
    [HT_BUNDLE_EAS_ONCHAIN] = "eas_onchain",
    [HT_BUNDLE_EAS_OFFCHAIN] = "eas_offchain",
    [HT_BUNDLE_DID_ETHR_OWNER] = "did_ethr_owner",
    [HT_BUNDLE_STORAGE] = "storage",
};
#define KIND_COUNT (sizeof KINDS / sizeof *KINDS)

const char *ht_bundle_kind_name(enum ht_bundle_kind kind) {
    return KINDS[kind];
}

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- reading ---------------------------------------------------------------------------------- */

enum ht_err ht_bundle_only(const json_t *object, const char *const *names, struct ht_why *why) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        size_t i = 0;
        while (names[i] != NULL && strcmp(names[i], key) != 0) i++;
        if (names[i] == NULL) {
            return ht_fail(why, HT_EINPUT, "bundle_member", "it has a member that nothing proves");
        }
    }
    return HT_OK;
}

static enum ht_err read_kind(struct ht_bundle *out, struct ht_why *why) {
    const char *name;
    enum ht_err err = ht_json_text(&name, out->claim, "kind", why);
    for (size_t i = 0; err == HT_OK && i < KIND_COUNT; i++) {
        if (strcmp(name, KINDS[i]) != 0) continue;
        out->kind = (enum ht_bundle_kind)i;
        return HT_OK;
    }
    return ht_fail(why, HT_EINPUT, "claim_form", "it claims nothing of a kind that is known");
}

static enum ht_err read_network(struct ht_bundle *out, struct ht_why *why) {
    static const char *const MEMBERS[] = {"name", "chain_id", "genesis_validators_root", NULL};
    const json_t *network = ht_json_member(out->json, "network");
    enum ht_err err = ht_json_text(&out->network_name, network, "name", why);
    if (err == HT_OK) err = ht_json_u64(&out->chain_id, network, "chain_id", why);
    if (err == HT_OK) {
        err = ht_json_hex(out->genesis_validators_root.b, 32, network, "genesis_validators_root",
                          why);
    }
    if (err == HT_OK) return ht_bundle_only(network, MEMBERS, why);
    ht_why_context(why, "network");
    return err;
}

static enum ht_err read_header(struct ht_bundle *out, struct ht_why *why) {
    struct ht_buf rlp;
    ht_buf_init(&rlp, HT_EXEC_HEADER_RLP_MAX);
    enum ht_err err = ht_json_hex_buf(&rlp, out->json, "header", why);
    if (err == HT_OK) err = ht_exec_header_decode(&out->header, ht_buf_view(&rlp), why);
    ht_buf_fini(&rlp);
    return err;
}

/* The answer to eth_getProof out of its two parts. storage NULL: without slots. */
static enum ht_err read_proof(struct ht_get_proof *out, struct ht_arena *arena,
                              const json_t *account, const json_t *storage, struct ht_why *why) {
    static const char *const MEMBERS[] = {"address", "accountProof", "balance", "codeHash",
                                          "nonce",   "storageHash",  NULL};
    static const char *const SLOT_MEMBERS[] = {"key", "value", "proof", NULL};
    if (!json_is_object(account)) {
        return ht_fail(why, HT_EINPUT, "bundle_form", "an account's proof is missing");
    }
    enum ht_err err = ht_bundle_only(account, MEMBERS, why);
    for (size_t i = 0; err == HT_OK && i < json_array_size(storage); i++) {
        err = ht_bundle_only(json_array_get(storage, i), SLOT_MEMBERS, why);
    }
    if (err != HT_OK) return err;
    json_t *answer = json_copy((json_t *)account);
    json_t *slots = storage != NULL ? json_incref((json_t *)storage) : json_array();
    if (answer == NULL || json_object_set_new(answer, "storageProof", slots) != 0) {
        err = no_memory(why);
    } else {
        err = ht_get_proof_read(out, arena, answer, why);
    }
    json_decref(answer);
    return err;
}

static enum ht_err read_sections(struct ht_bundle *out, struct ht_arena *arena,
                                 struct ht_why *why) {
    static const char *const MEMBERS[] = {"account", "storage", NULL};
    const json_t *storage = NULL, *schema = ht_json_member(out->json, "schema");
    const json_t *attester = ht_json_member(out->json, "attester");
    enum ht_err err = ht_json_array(&storage, out->json, "storage", why);
    if (err == HT_OK) {
        err = read_proof(&out->contract, arena, ht_json_member(out->json, "account"), storage, why);
    }
    if (err != HT_OK || schema == NULL) goto attester;
    out->has_schema = true;
    err = ht_json_array(&storage, schema, "storage", why);
    if (err == HT_OK) err = ht_bundle_only(schema, MEMBERS, why);
    if (err == HT_OK) {
        err = read_proof(&out->schema, arena, ht_json_member(schema, "account"), storage, why);
    }
    if (err != HT_OK) ht_why_context(why, "schema");
attester:
    if (err != HT_OK || attester == NULL) return err;
    out->has_attester = true;
    err = read_proof(&out->attester, arena, attester, NULL, why);
    if (err != HT_OK) ht_why_context(why, "attester");
    return err;
}

enum ht_err ht_bundle_read(struct ht_bundle *out, struct ht_arena *arena, const json_t *json,
                           struct ht_why *why) {
    static const char *const MEMBERS[] = {"hearth_bundle", "network",  "made",    "claim",
                                          "header",        "account",  "storage", "schema",
                                          "attester",      "finality", NULL};
    uint64_t version = 0;
    *out = (struct ht_bundle){.json = json,
                              .claim = ht_json_member(json, "claim"),
                              .finality = ht_json_member(json, "finality")};
    if (!json_is_object(json) || ht_json_u64(&version, json, "hearth_bundle", NULL) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "bundle_form", "that is no proof bundle");
    }
    if (version != HT_BUNDLE_VERSION) {
        return ht_fail(why, HT_EINPUT, "bundle_version",
                       "a bundle of version %" PRIu64 " cannot be read here", version);
    }
    enum ht_err err = ht_bundle_only(json, MEMBERS, why);
    if (err == HT_OK && !json_is_object(out->finality)) {
        err = ht_fail(why, HT_EINPUT, "bundle_form", "nothing in it shows that a block is final");
    }
    if (err == HT_OK) err = read_kind(out, why);
    if (err == HT_OK) err = read_network(out, why);
    if (err == HT_OK) err = ht_json_u64(&out->made_s, json, "made", why);
    if (err == HT_OK) err = read_header(out, why);
    if (err == HT_OK) err = read_sections(out, arena, why);
    return err;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Takes value over; counts what failed. */
static int put(json_t *object, const char *name, json_t *value) {
    return json_object_set_new(object, name, value) != 0;
}

static json_t *or_nothing(json_t *json, int failed) {
    if (failed == 0) return json;
    json_decref(json);
    return NULL;
}

static json_t *quantity(const uint8_t number[static 32]) {
    char text[HT_U256_QUANTITY_SIZE];
    ht_u256 value = ht_u256_from_be32(number);
    (void)ht_u256_to_quantity(text, &value);
    return json_string(text);
}

static json_t *nodes_json(const struct ht_proof_nodes *proof) {
    json_t *out = json_array();
    int failed = 0;
    for (size_t i = 0; i < proof->count; i++) {
        failed |= json_array_append_new(out, ht_abi_hex(proof->nodes[i])) != 0;
    }
    return or_nothing(out, failed);
}

json_t *ht_bundle_account_json(const struct ht_get_proof *proof) {
    json_t *out = json_object();
    int failed = put(out, "address", ht_abi_hex(HT_BYTES(proof->address.b)));
    failed += put(out, "balance", quantity(proof->balance));
    failed += put(out, "nonce", quantity(proof->nonce));
    failed += put(out, "codeHash", ht_abi_hex(HT_BYTES(proof->code_hash.b)));
    failed += put(out, "storageHash", ht_abi_hex(HT_BYTES(proof->storage_root.b)));
    failed += put(out, "accountProof", nodes_json(&proof->proof));
    return or_nothing(out, failed);
}

json_t *ht_bundle_slot_json(const struct ht_slot_claim *slot) {
    json_t *out = json_object();
    int failed = put(out, "key", ht_abi_hex(HT_BYTES(slot->slot.b)));
    failed += put(out, "value", ht_abi_hex(HT_BYTES(slot->value)));
    failed += put(out, "proof", nodes_json(&slot->proof));
    return or_nothing(out, failed);
}

json_t *ht_bundle_network_json(const struct ht_network *network) {
    json_t *out = json_object();
    int failed = put(out, "name", json_string(network->name));
    failed += put(out, "chain_id", json_integer((json_int_t)network->chain_id));
    failed += put(out, "genesis_validators_root",
                  ht_abi_hex(HT_BYTES(network->genesis_validators_root.b)));
    return or_nothing(out, failed);
}

static json_t *decimal(uint64_t number) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, number);
    return json_string(text);
}

json_t *ht_bundle_attestation_json(const struct ht_attestation *attestation) {
    json_t *out = json_object();
    int failed = put(out, "uid", ht_abi_hex(HT_BYTES(attestation->uid.b)));
    failed += put(out, "schema", ht_abi_hex(HT_BYTES(attestation->schema.b)));
    failed += put(out, "refUID", ht_abi_hex(HT_BYTES(attestation->ref_uid.b)));
    failed += put(out, "time", decimal(attestation->time));
    failed += put(out, "expirationTime", decimal(attestation->expiration_time));
    failed += put(out, "revocationTime", decimal(attestation->revocation_time));
    failed += put(out, "recipient", ht_abi_hex(HT_BYTES(attestation->recipient.b)));
    failed += put(out, "attester", ht_abi_hex(HT_BYTES(attestation->attester.b)));
    failed += put(out, "revocable", json_boolean(attestation->is_revocable));
    failed += put(out, "data", ht_abi_hex(attestation->data));
    return or_nothing(out, failed);
}
