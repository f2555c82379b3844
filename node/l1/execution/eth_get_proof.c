/* From an untrusted answer to proven values: bounds while reading, then the proofs, then every
 * number of the answer against its proof, so that nobody who shows the answer shows a lie. */
#include "node/l1/execution/eth_get_proof.h"

#include "node/base/hex.h"

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a proof");
}

/* --- reading ---------------------------------------------------------------------------------- */

/* A number below 2^256 with any count of leading zeros, or none at all. */
static enum ht_err read_quantity(uint8_t out[static 32], const json_t *root, const char *path,
                                 struct ht_why *why) {
    ht_bytes text = {0};
    enum ht_err err = ht_json_str(&text, root, path, why);
    if (err != HT_OK) return err;
    char digits[64];
    memset(digits, '0', sizeof digits);
    bool is_good = text.n >= 2 && text.n <= 2 + sizeof digits && memcmp(text.p, "0x", 2) == 0;
    if (is_good) {
        memcpy(digits + sizeof digits - (text.n - 2), text.p + 2, text.n - 2);
        is_good = ht_hex_read(out, 32, ht_bytes_of(digits, sizeof digits)) == HT_OK;
    }
    if (is_good) return HT_OK;
    return ht_fail(why, HT_EINPUT, "json_value", "%s is not 0x and at most 64 hex digits", path);
}

static enum ht_err too_large(struct ht_why *why, const char *what, size_t n, size_t max) {
    return ht_fail(why, HT_ELIMIT, "proof_too_large", "%zu %s, at most %zu are read", n, what, max);
}

static enum ht_err read_node(ht_bytes *out, struct ht_arena *arena, const json_t *node,
                             struct ht_why *why) {
    ht_bytes text = {0};
    enum ht_err err = ht_json_str(&text, node, "", why);
    if (err != HT_OK) return err;
    if (text.n < 2 || text.n % 2 != 0 || memcmp(text.p, "0x", 2) != 0) {
        return ht_fail(why, HT_EINPUT, "json_value", "is not 0x and pairs of hex digits");
    }
    const size_t n = (text.n - 2) / 2;
    if (n > HT_GET_PROOF_NODE_MAX) {
        return too_large(why, "bytes in a node", n, HT_GET_PROOF_NODE_MAX);
    }
    uint8_t *bytes = ht_arena_alloc(arena, n + 1);
    if (bytes == NULL) return no_memory(why);
    if (n > 0 && ht_hex_read(bytes, n, text) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "json_value", "is not 0x and pairs of hex digits");
    }
    *out = ht_bytes_of(bytes, n);
    return HT_OK;
}

static enum ht_err read_nodes(struct ht_proof_nodes *out, struct ht_arena *arena,
                              const json_t *root, const char *path, struct ht_why *why) {
    const json_t *list = NULL;
    enum ht_err err = ht_json_array(&list, root, path, why);
    if (err != HT_OK) return err;
    const size_t count = json_array_size(list);
    if (count > HT_GET_PROOF_NODES_MAX) {
        return too_large(why, "nodes in a proof", count, HT_GET_PROOF_NODES_MAX);
    }
    out->nodes = ht_arena_alloc(arena, (count + 1) * sizeof *out->nodes);
    if (out->nodes == NULL) return no_memory(why);
    out->count = count;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = read_node(&out->nodes[i], arena, json_array_get(list, i), why);
        if (err != HT_OK) ht_why_context(why, "%s[%zu]", path, i);
    }
    return err;
}

enum ht_err ht_get_proof_read_slot(struct ht_slot_claim *out, struct ht_arena *arena,
                                   const json_t *element, struct ht_why *why) {
    struct ht_slot_claim claim = {.proof = {.count = 0}};
    enum ht_err err = read_quantity(claim.slot.b, element, "key", why);
    if (err == HT_OK) err = read_quantity(claim.value, element, "value", why);
    if (err == HT_OK) err = read_nodes(&claim.proof, arena, element, "proof", why);
    if (err == HT_OK) *out = claim;
    return err;
}

static enum ht_err read_slots(struct ht_get_proof *out, struct ht_arena *arena,
                              const json_t *result, struct ht_why *why) {
    const json_t *list = NULL;
    enum ht_err err = ht_json_array(&list, result, "storageProof", why);
    if (err != HT_OK) return err;
    const size_t count = json_array_size(list);
    if (count > HT_GET_PROOF_SLOTS_MAX) {
        return too_large(why, "slots", count, HT_GET_PROOF_SLOTS_MAX);
    }
    out->slots = ht_arena_alloc(arena, (count + 1) * sizeof *out->slots);
    if (out->slots == NULL) return no_memory(why);
    out->slot_count = count;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = ht_get_proof_read_slot(&out->slots[i], arena, json_array_get(list, i), why);
        if (err != HT_OK) ht_why_context(why, "storageProof[%zu]", i);
    }
    return err;
}

enum ht_err ht_get_proof_read(struct ht_get_proof *out, struct ht_arena *arena,
                              const json_t *result, struct ht_why *why) {
    struct ht_get_proof answer = {.slot_count = 0};
    enum ht_err err =
        ht_json_hex(answer.address.b, sizeof answer.address.b, result, "address", why);
    if (err == HT_OK) err = read_quantity(answer.nonce, result, "nonce", why);
    if (err == HT_OK) err = read_quantity(answer.balance, result, "balance", why);
    if (err == HT_OK) err = ht_json_hex(answer.storage_root.b, 32, result, "storageHash", why);
    if (err == HT_OK) err = ht_json_hex(answer.code_hash.b, 32, result, "codeHash", why);
    if (err == HT_OK) err = read_nodes(&answer.proof, arena, result, "accountProof", why);
    if (err == HT_OK) err = read_slots(&answer, arena, result, why);
    if (err == HT_OK) *out = answer;
    return err;
}

/* --- checking --------------------------------------------------------------------------------- */

/* 32 bytes against 32 bytes: a number or a hash. */
static enum ht_err compare(const char *what, const uint8_t *claimed, const uint8_t *proven,
                           struct ht_why *why) {
    if (memcmp(claimed, proven, 32) == 0) return HT_OK;
    char one[HT_HEX_SIZE(32)];
    char other[HT_HEX_SIZE(32)];
    ht_hex_write(one, ht_bytes_of(claimed, 32));
    ht_hex_write(other, ht_bytes_of(proven, 32));
    return ht_fail(why, HT_EUNVERIFIED, "claim_differs", "%s %s, but its proof says %s", what, one,
                   other);
}

static enum ht_err compare_account(const struct ht_get_proof *answer,
                                   const struct ht_account *proven, bool exists,
                                   struct ht_why *why) {
    uint8_t nonce[32] = {0};
    for (size_t i = 0; i < 8; i++) nonce[31 - i] = (uint8_t)(proven->nonce >> (8 * i));
    /* What is not there has no hashes; some clients say so with zeros. */
    const bool has_no_root = !exists && ht_hash32_is_zero(&answer->storage_root);
    const bool has_no_code = !exists && ht_hash32_is_zero(&answer->code_hash);
    enum ht_err err = compare("nonce", answer->nonce, nonce, why);
    if (err == HT_OK) err = compare("balance", answer->balance, proven->balance, why);
    if (err == HT_OK && !has_no_root) {
        err = compare("storageHash", answer->storage_root.b, proven->storage_root.b, why);
    }
    if (err == HT_OK && !has_no_code) {
        err = compare("codeHash", answer->code_hash.b, proven->code_hash.b, why);
    }
    return err;
}

static enum ht_err compare_request(const struct ht_get_proof *answer, const ht_addr20 *address,
                                   const ht_hash32 *slots, size_t slot_count, struct ht_why *why) {
    if (memcmp(&answer->address, address, sizeof *address) != 0) {
        return ht_fail(why, HT_EUNVERIFIED, "wrong_address", "an answer about another account");
    }
    if (answer->slot_count != slot_count) {
        return ht_fail(why, HT_EUNVERIFIED, "wrong_slot", "%zu slots, but %zu were asked for",
                       answer->slot_count, slot_count);
    }
    for (size_t i = 0; i < slot_count; i++) {
        if (ht_hash32_equal(&answer->slots[i].slot, &slots[i])) continue;
        return ht_fail(why, HT_EUNVERIFIED, "wrong_slot", "slot %zu is not the one asked for", i);
    }
    return HT_OK;
}

enum ht_err ht_get_proof_check_slot(const struct ht_slot_claim *claim,
                                    const ht_hash32 *storage_root, struct ht_why *why) {
    uint8_t value[32];
    enum ht_err err = ht_storage_prove(value, storage_root, &claim->slot, claim->proof.nodes,
                                       claim->proof.count, why);
    return err == HT_OK ? compare("value", claim->value, value, why) : err;
}

enum ht_err ht_get_proof_check(struct ht_account *out, bool *exists,
                               const struct ht_get_proof *answer, const ht_hash32 *state_root,
                               const ht_addr20 *address, const ht_hash32 *slots, size_t slot_count,
                               struct ht_why *why) {
    struct ht_account account;
    bool is_there = false;
    enum ht_err err = compare_request(answer, address, slots, slot_count, why);
    if (err != HT_OK) return err;
    err = ht_account_prove(&account, &is_there, state_root, address, answer->proof.nodes,
                           answer->proof.count, why);
    if (err == HT_OK) err = compare_account(answer, &account, is_there, why);
    if (err != HT_OK) {
        ht_why_context(why, "account");
        return err;
    }
    for (size_t i = 0; i < slot_count; i++) {
        err = ht_get_proof_check_slot(&answer->slots[i], &account.storage_root, why);
        if (err == HT_OK) continue;
        ht_why_context(why, "slot %zu", i);
        return err;
    }
    *out = account;
    *exists = is_there;
    return HT_OK;
}

static enum ht_err add_nodes(struct ht_witness *witness, const struct ht_proof_nodes *proof,
                             struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < proof->count && err == HT_OK; i++) {
        err = ht_witness_add(witness, proof->nodes[i], why);
    }
    return err;
}

enum ht_err ht_get_proof_to_witness(struct ht_witness *witness, const struct ht_get_proof *answer,
                                    struct ht_why *why) {
    enum ht_err err = add_nodes(witness, &answer->proof, why);
    for (size_t i = 0; i < answer->slot_count && err == HT_OK; i++) {
        err = add_nodes(witness, &answer->slots[i].proof, why);
    }
    return err;
}
