/* Envelopes of snapshot.org, checked one by one. */
#include "governance/snapshot/snapshot.h"

#include "governance/snapshot/snapshot_types.h"
#include "node/base/hex.h"
#include "node/codec/address.h"
#include "node/codec/eip712.h"
#include "node/crypto/secp256k1.h"
#include "node/crypto/sha256.h"

#define ENVELOPE_MAX HT_EIP712_SIZE_MAX
#define ARENA_MAX ((size_t)1 << 20)

static enum ht_err no_form(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "snapshot_form", "this is nothing of snapshot.org's");
}

static bool is_domain(const json_t *domain) {
    const char *name = json_string_value(ht_json_member(domain, "name"));
    const char *version = json_string_value(ht_json_member(domain, "version"));
    return json_object_size(domain) == 2 && name != NULL && version != NULL &&
           strcmp(name, "snapshot") == 0 && strcmp(version, "0.1.4") == 0;
}

static enum ht_err read_type(struct ht_snapshot_item *item, const json_t *types) {
    struct ht_buf text;
    ht_hash32 hash;
    ht_buf_init(&text, ENVELOPE_MAX);
    enum ht_err err = ht_json_dump_compact(&text, types);
    if (err == HT_OK) ht_sha256(&hash, ht_buf_view(&text));
    ht_buf_fini(&text);
    if (err == HT_ENOMEM) return err;
    const char *type = err == HT_OK ? ht_snapshot_type_of(&hash) : NULL;
    if (type == NULL)
        return ht_fail(&item->why, HT_EUNVERIFIED, "snapshot_types",
                       "its types are none that snapshot.org takes");
    item->type = type;
    return HT_OK;
}

/* The only type there is. */
static const char *primary_type(const json_t *types) {
    void *at = json_object_iter((json_t *)types);
    return at != NULL && json_object_size(types) == 1 ? json_object_iter_key(at) : NULL;
}

static enum ht_err read_id(struct ht_snapshot_item *item, const json_t *data) {
    struct ht_arena arena;
    struct ht_eip712 typed;
    ht_hash32 separator, message;
    const json_t *types = ht_json_member(data, "types");
    const char *primary = primary_type(types);
    if (primary == NULL)
        return ht_fail(&item->why, HT_EUNVERIFIED, "snapshot_types",
                       "its types are none that snapshot.org takes");
    json_t *document =
        json_pack("{s:O, s:s, s:O, s:O}", "types", types, "primaryType", primary, "domain",
                  ht_json_member(data, "domain"), "message", item->message);
    if (document == NULL) return ht_fail(&item->why, HT_ENOMEM, "no_memory", "out of memory");
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_eip712_read(&typed, &arena, document, &item->why);
    if (err == HT_OK) err = ht_eip712_domain_separator(&separator, &typed, &item->why);
    if (err == HT_OK) err = ht_eip712_struct_hash(&message, &typed, &item->why);
    if (err == HT_OK) {
        ht_eip712_digest(&item->id, &separator, &message);
        item->has_id = true;
    }
    ht_arena_fini(&arena);
    json_decref(document);
    return err;
}

static enum ht_err bad_signature(struct ht_snapshot_item *item, const char *text) {
    return ht_fail(&item->why, HT_EUNVERIFIED, "bad_signature", "%s", text);
}

static enum ht_err check_signer(struct ht_snapshot_item *item, const json_t *envelope) {
    uint8_t bytes[65];
    ht_addr20 signer, address;
    struct ht_ecdsa_signature signature;
    if (ht_json_hex(bytes, sizeof bytes, envelope, "sig", NULL) != HT_OK)
        return bad_signature(item, "it has no signature of a key");
    memcpy(signature.r, bytes, 32);
    memcpy(signature.s, bytes + 32, 32);
    signature.y_parity = bytes[64] >= 27 ? (uint8_t)(bytes[64] - 27) : bytes[64];
    if (ht_ecdsa_recover_address(&signer, &item->id, &signature, HT_ECDSA_LOW_S, NULL) != HT_OK)
        return bad_signature(item, "what it has as a signature is none");
    if (memcmp(signer.b, item->from.b, sizeof signer.b) != 0)
        return ht_fail(&item->why, HT_EUNVERIFIED, "other_signer",
                       "another key signed it, or its author is a contract, which is not asked");
    if (ht_json_hex(address.b, sizeof address.b, envelope, "address", NULL) != HT_OK ||
        memcmp(address.b, item->from.b, sizeof address.b) != 0)
        return ht_fail(&item->why, HT_EUNVERIFIED, "other_address",
                       "the envelope names another than its author");
    return HT_OK;
}

/* The id that the envelope itself says, where it says one. */
static enum ht_err check_id(struct ht_snapshot_item *item, const json_t *envelope) {
    static const char *const NAMES[] = {"id", "hash"};
    for (size_t i = 0; i < 2; i++) {
        ht_hash32 said;
        if (ht_json_hex(said.b, sizeof said.b, envelope, NAMES[i], NULL) != HT_OK) continue;
        if (ht_hash32_equal(&said, &item->id)) continue;
        return ht_fail(&item->why, HT_EUNVERIFIED, "wrong_id",
                       "its id is not the hash of what it says");
    }
    return HT_OK;
}

static enum ht_snapshot_kind kind_of(const char *type) {
    if (strcmp(type, "proposal") == 0) return HT_SNAPSHOT_PROPOSAL;
    return strncmp(type, "vote", 4) == 0 ? HT_SNAPSHOT_VOTE : HT_SNAPSHOT_OTHER;
}

enum ht_err ht_snapshot_check(struct ht_snapshot_item *out, const json_t *envelope,
                              struct ht_why *why) {
    const json_t *data = ht_json_member(envelope, "data");
    const json_t *types = ht_json_member(data, "types");
    const json_t *domain = ht_json_member(data, "domain");
    struct ht_snapshot_item item = {
        .kind = HT_SNAPSHOT_OTHER, .type = "", .message = ht_json_member(data, "message")};
    if (!json_is_object(types) || !json_is_object(domain) || !json_is_object(item.message))
        return no_form(why);
    /* Without a type that is known nothing is said of what was meant. */
    item.err = read_type(&item, types);
    item.kind = kind_of(item.type);
    if (item.err == HT_OK && !is_domain(domain))
        item.err = ht_fail(&item.why, HT_EUNVERIFIED, "snapshot_domain",
                           "it was signed for another program than snapshot.org");
    if (item.err == HT_OK)
        item.err = ht_json_hex(item.from.b, sizeof item.from.b, item.message, "from", &item.why);
    if (item.err == HT_OK) item.err = read_id(&item, data);
    if (item.err == HT_OK) item.err = check_id(&item, envelope);
    if (item.err == HT_OK) item.err = check_signer(&item, envelope);
    if (item.err == HT_ENOMEM) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    *out = item;
    return HT_OK;
}
