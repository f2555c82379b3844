/* Claims about any storage and about the owner of a did:ethr, and which claim is whose. */
#include "identity/proof/bundle_claim.h"

#include <stdio.h>

#include "identity/did/did_ethr.h"
#include "identity/eas/private_data.h"
#include "identity/proof/bundle_claim_eas.h"
#include "node/base/hex.h"
#include "node/codec/abi_word.h"

static bool is_zero(const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] != 0) return false;
    }
    return true;
}

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

enum ht_err ht_bundle_values(const uint8_t (**out)[32], struct ht_arena *arena,
                             const struct ht_get_proof *proof, struct ht_why *why) {
    uint8_t(*values)[32] = ht_arena_alloc(arena, (proof->slot_count + 1) * sizeof *values);
    if (values == NULL) return no_memory(why);
    for (size_t i = 0; i < proof->slot_count; i++) memcpy(values[i], proof->slots[i].value, 32);
    *out = (const uint8_t(*)[32])values;
    return HT_OK;
}

/* --- storage ---------------------------------------------------------------------------------- */

static enum ht_err storage_parts(struct ht_bundle_run *run, struct ht_why *why) {
    static const char *const MEMBERS[] = {"kind", "address", "values", NULL};
    static const char *const VALUE_MEMBERS[] = {"slot", "value", NULL};
    struct ht_bundle_parts *parts = &run->parts;
    const json_t *list = NULL, *claim = run->bundle.claim;
    void *slots = NULL;
    enum ht_err err = ht_bundle_only(claim, MEMBERS, why);
    if (err == HT_OK) err = ht_json_hex(parts->address.b, 20, claim, "address", why);
    if (err == HT_OK) err = ht_json_array(&list, claim, "values", why);
    if (err != HT_OK) return err;
    parts->count = json_array_size(list);
    if (parts->count == 0 || parts->count > HT_BUNDLE_VALUES_MAX) {
        return ht_fail(why, HT_EINPUT, "claim_form", "it claims no slots, or more than %u",
                       HT_BUNDLE_VALUES_MAX);
    }
    err = ht_arena_array(&slots, run->arena, parts->count, sizeof(ht_hash32), why);
    parts->slots = slots;
    for (size_t i = 0; err == HT_OK && i < parts->count; i++) {
        err = ht_bundle_only(json_array_get(list, i), VALUE_MEMBERS, why);
        if (err == HT_OK) {
            err = ht_json_hex(parts->slots[i].b, 32, json_array_get(list, i), "slot", why);
        }
    }
    return err;
}

static enum ht_err storage_check(struct ht_bundle_run *run, struct ht_why *why) {
    const json_t *list = ht_json_member(run->bundle.claim, "values");
    for (size_t i = 0; i < run->parts.count; i++) {
        uint8_t value[32];
        enum ht_err err = ht_json_hex(value, 32, json_array_get(list, i), "value", why);
        if (err != HT_OK) return err;
        if (memcmp(value, run->bundle.contract.slots[i].value, 32) == 0) continue;
        return ht_fail(why, HT_EUNVERIFIED, "claim_differs", "slot %zu holds another value", i);
    }
    run->shown = json_deep_copy(run->bundle.claim);
    (void)snprintf(run->said, sizeof run->said, "The contract held these %zu values.",
                   run->parts.count);
    return run->shown != NULL ? HT_OK : no_memory(why);
}

/* --- the owner of a did:ethr ------------------------------------------------------------------ */

static enum ht_err read_did(struct ht_did *did, const struct ht_bundle_run *run,
                            struct ht_why *why) {
    const char *text;
    enum ht_err err = ht_json_text(&text, run->bundle.claim, "did", why);
    if (err == HT_OK) err = ht_did_read(did, NULL, ht_bytes_str(text), why);
    if (err != HT_OK) return err;
    if (did->method == HT_DID_ETHR && did->chain_id == run->judge->network->chain_id) return HT_OK;
    return ht_fail(why, HT_EINPUT, "claim_form", "that is no did:ethr of this network");
}

static enum ht_err owner_parts(struct ht_bundle_run *run, struct ht_why *why) {
    static const char *const MEMBERS[] = {"kind", "did", "owner", NULL};
    struct ht_bundle_parts *parts = &run->parts;
    struct ht_did did;
    enum ht_err err = ht_bundle_only(run->bundle.claim, MEMBERS, why);
    if (err == HT_OK) err = read_did(&did, run, why);
    if (err != HT_OK) return err;
    if (!run->judge->contracts.has_did_registry) {
        return ht_fail(why, HT_EUNVERIFIED, "contract_unknown",
                       "no registry of did:ethr is known on this network");
    }
    parts->address = run->judge->contracts.did_registry;
    parts->count = 2;
    parts->slots = ht_arena_alloc(run->arena, 2 * sizeof(ht_hash32));
    if (parts->slots == NULL) return no_memory(why);
    ht_did_owner_slot(&parts->slots[0], &did.address);
    ht_did_changed_slot(&parts->slots[1], &did.address);
    return HT_OK;
}

/* Who may act for the identity as the contract has it. An owner of zero is what it was before any
 * change, and what it is after its end, and only events tell which. */
static enum ht_err find_owner(ht_addr20 *out, const struct ht_did *did,
                              const struct ht_bundle_run *run, struct ht_why *why) {
    const uint8_t *owner = run->bundle.contract.slots[0].value;
    const uint8_t *changed = run->bundle.contract.slots[1].value;
    if (!is_zero(owner, 12)) {
        return ht_fail(why, HT_EUNVERIFIED, "did_layout",
                       "what the registry keeps there is no owner");
    }
    if (is_zero(owner, 32) && !is_zero(changed, 32)) {
        return ht_fail(why, HT_EUNVERIFIED, "owner_unclear",
                       "the identity has a history, and only that tells whether it has ended");
    }
    *out = did->address;
    if (!is_zero(owner, 32)) memcpy(out->b, owner + 12, 20);
    return HT_OK;
}

static enum ht_err owner_check(struct ht_bundle_run *run, struct ht_why *why) {
    char text[HT_HEX_SIZE(20)];
    struct ht_did did;
    ht_addr20 owner, claimed;
    enum ht_err err = read_did(&did, run, why);
    if (err == HT_OK) err = find_owner(&owner, &did, run, why);
    if (err == HT_OK) err = ht_json_hex(claimed.b, 20, run->bundle.claim, "owner", why);
    if (err != HT_OK) return err;
    ht_hex_write(text, HT_BYTES(owner.b));
    if (memcmp(owner.b, claimed.b, 20) != 0) {
        return ht_fail(why, HT_EUNVERIFIED, "claim_differs", "its owner is %s", text);
    }
    run->shown = json_pack("{s:s, s:s}", "did", did.text, "owner", text);
    (void)snprintf(run->said, sizeof run->said, "The identity belongs to %s.", text);
    return run->shown != NULL ? HT_OK : no_memory(why);
}

/* --- which is whose --------------------------------------------------------------------------- */

enum ht_err ht_bundle_claim_parts(struct ht_bundle_run *run, struct ht_why *why) {
    switch (run->bundle.kind) {
    case HT_BUNDLE_EAS_ONCHAIN:
    case HT_BUNDLE_EAS_OFFCHAIN: return ht_bundle_eas_parts(run, why);
    case HT_BUNDLE_DID_ETHR_OWNER: return owner_parts(run, why);
    case HT_BUNDLE_STORAGE: return storage_parts(run, why);
    }
    return HT_EBUG;
}

enum ht_err ht_bundle_claim_check(struct ht_bundle_run *run, struct ht_why *why) {
    switch (run->bundle.kind) {
    case HT_BUNDLE_EAS_ONCHAIN:
    case HT_BUNDLE_EAS_OFFCHAIN: return ht_bundle_eas_check(run, why);
    case HT_BUNDLE_DID_ETHR_OWNER: return owner_check(run, why);
    case HT_BUNDLE_STORAGE: return storage_check(run, why);
    }
    return HT_EBUG;
}

/* --- disclosures ------------------------------------------------------------------------------ */

/* What was disclosed, without what proves it. */
static enum ht_err show_leaves(struct ht_bundle_run *run, const json_t *disclosure,
                               struct ht_why *why) {
    const json_t *leaves = ht_json_member(disclosure, "leaves");
    json_t *out = json_array(), *leaf;
    size_t i;
    int failed = 0;
    json_array_foreach((json_t *)leaves, i, leaf) {
        failed |= json_array_append_new(
            out, json_pack("{s:O, s:O, s:O}", "type", json_object_get(leaf, "type"), "name",
                           json_object_get(leaf, "name"), "value", json_object_get(leaf, "value")));
    }
    (void)snprintf(run->said, sizeof run->said,
                   "%zu private fields that are shown are those the attestation stands for.",
                   json_array_size(leaves));
    failed |= json_object_set_new(run->shown, "disclosed", out);
    return failed == 0 ? HT_OK : no_memory(why);
}

enum ht_err ht_bundle_disclosure_check(struct ht_bundle_run *run, struct ht_why *why) {
    const json_t *disclosure = ht_json_member(run->bundle.claim, "disclosure");
    ht_hash32 root;
    if (disclosure == NULL) return HT_OK;
    if (!json_is_object(disclosure)) {
        return ht_fail(why, HT_EINPUT, "disclosure_form", "that is no disclosure");
    }
    if (!run->has_schema || run->attestation.data.n != sizeof root.b ||
        !ht_bytes_equal(run->schema.text, ht_bytes_str(HT_BUNDLE_PRIVATE_SCHEMA))) {
        return ht_fail(why, HT_EUNVERIFIED, "disclosure_schema",
                       "the attestation is not of the schema of private data");
    }
    memcpy(root.b, run->attestation.data.p, sizeof root.b);
    enum ht_err err = ht_private_verify(disclosure, &root, why);
    return err == HT_OK ? show_leaves(run, disclosure, why) : err;
}
