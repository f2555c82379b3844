/* Bundles of any storage and of the owner of a did:ethr. */
#include "identity/proof/bundle_claims.h"

#include "identity/did/did_ethr.h"
#include "identity/proof/bundle_claims_eas.h"
#include "node/base/hex.h"

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err finish(struct ht_making *making, struct ht_why *why) {
    enum ht_err err = ht_making_put(making, NULL, why);
    return err == HT_OK ? ht_making_finish(making, why) : err;
}

/* --- storage ---------------------------------------------------------------------------------- */

static enum ht_err storage_done(struct ht_making *making, struct ht_why *why) {
    json_t *values = json_array();
    int failed = 0;
    for (size_t i = 0; i < making->count; i++) {
        failed |= json_array_append_new(
            values, json_pack("{s:o, s:o}", "slot", ht_abi_hex(HT_BYTES(making->slots[i].b)),
                              "value", ht_abi_hex(HT_BYTES(making->values[i]))));
    }
    making->claim = json_pack("{s:s, s:o, s:o}", "kind", ht_bundle_kind_name(HT_BUNDLE_STORAGE),
                              "address", ht_abi_hex(HT_BYTES(making->address.b)), "values", values);
    if (failed != 0 || making->claim == NULL) return no_memory(why);
    return finish(making, why);
}

static enum ht_err claim_storage(struct ht_making *making, const json_t *params,
                                 struct ht_why *why) {
    const json_t *list = NULL;
    ht_hash32 slots[HT_BUNDLE_VALUES_MAX];
    ht_addr20 address;
    enum ht_err err = ht_json_hex(address.b, 20, params, "address", why);
    if (err == HT_OK) err = ht_json_array(&list, params, "slots", why);
    const size_t count = json_array_size(list);
    if (err == HT_OK && (count == 0 || count > HT_BUNDLE_VALUES_MAX)) {
        err = ht_fail(why, HT_EINPUT, "claim_form", "1 to %u slots", HT_BUNDLE_VALUES_MAX);
    }
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        err = ht_json_hex(slots[i].b, 32, json_array_get(list, i), "", why);
    }
    if (err != HT_OK) return err;
    return ht_making_read(making, &address, slots, count, storage_done, why);
}

/* --- the owner of a did:ethr ------------------------------------------------------------------ */

static bool is_zero(const uint8_t value[static 32]) {
    static const uint8_t zero[32];
    return memcmp(value, zero, sizeof zero) == 0;
}

static enum ht_err owner_done(struct ht_making *making, struct ht_why *why) {
    struct ht_did did;
    const char *text = json_string_value(json_object_get(making->claim, "did"));
    enum ht_err err = ht_did_read(&did, NULL, ht_bytes_str(text), why);
    if (err != HT_OK) return err;
    if (is_zero(making->values[0]) && !is_zero(making->values[1])) {
        return ht_fail(why, HT_EUNVERIFIED, "owner_unclear",
                       "the identity has a history, and only that tells whether it has ended");
    }
    ht_addr20 owner = did.address;
    if (!is_zero(making->values[0])) memcpy(owner.b, making->values[0] + 12, 20);
    if (json_object_set_new(making->claim, "owner", ht_abi_hex(HT_BYTES(owner.b))) != 0) {
        return no_memory(why);
    }
    return finish(making, why);
}

static enum ht_err claim_owner(struct ht_making *making, const json_t *params, struct ht_why *why) {
    const char *text = NULL;
    struct ht_did did;
    ht_hash32 slots[2];
    enum ht_err err = ht_json_text(&text, params, "did", why);
    if (err == HT_OK) err = ht_did_read(&did, NULL, ht_bytes_str(text), why);
    if (err != HT_OK) return err;
    if (did.method != HT_DID_ETHR || did.chain_id != making->identity->host->network->chain_id) {
        return ht_fail(why, HT_EINPUT, "claim_form", "that is no did:ethr of this network");
    }
    if (!making->contracts.has_did_registry) {
        return ht_fail(why, HT_ENOTFOUND, "no_contract",
                       "no registry of did:ethr is known on this network");
    }
    making->claim = json_pack("{s:s, s:s}", "kind", ht_bundle_kind_name(HT_BUNDLE_DID_ETHR_OWNER),
                              "did", did.text);
    if (making->claim == NULL) return no_memory(why);
    ht_did_owner_slot(&slots[0], &did.address);
    ht_did_changed_slot(&slots[1], &did.address);
    return ht_making_read(making, &making->contracts.did_registry, slots, 2, owner_done, why);
}

/* --- which ------------------------------------------------------------------------------------ */

enum ht_err ht_making_claim(struct ht_making *making, const json_t *params, struct ht_why *why) {
    static enum ht_err (*const CLAIMS[])(struct ht_making * making, const json_t *params,
                                         struct ht_why *why) = {
        [HT_BUNDLE_EAS_ONCHAIN] = ht_making_claim_onchain,
        [HT_BUNDLE_EAS_OFFCHAIN] = ht_making_claim_offchain,
        [HT_BUNDLE_DID_ETHR_OWNER] = claim_owner,
        [HT_BUNDLE_STORAGE] = claim_storage,
    };
    const char *kind = NULL;
    enum ht_err err = ht_json_text(&kind, params, "kind", why);
    if (err != HT_OK) return err;
    for (size_t i = 0; i < sizeof CLAIMS / sizeof *CLAIMS; i++) {
        if (strcmp(kind, ht_bundle_kind_name((enum ht_bundle_kind)i)) == 0) {
            return CLAIMS[i](making, params, why);
        }
    }
    return ht_fail(why, HT_EINPUT, "bundle_kind", "no bundle is made of such a kind");
}
