/* What EAS and its schema registry keep, proven: a group of the identity suite, found in any
 * document: {"sets": [{"contractVersion", "eas", "schemaRegistry", "head": {"headerRlp", "hash",
 * "stateRoot", "timestamp"}, and of these what is there:
 *   "cases"               [{"id", "uid", "proof", "expected": {"verdict" [, "attestation",
 *                         "status_at_head"]}}]: an attestation by its slots, which are matched by
 *                         key, in whatever order they come
 *   "schemas"             [{"id", "uid", "proof", "expected": {"schema", "resolver", "revocable"}}]
 *   "offchainRevocations" [{"id", "revoker", "uid", "slot", "proof", "expected"}]
 *   "timestamp"           {"data", "slot", "proof", "expected"}
 *   "nonceSlotOf"         {"account", "slot"}
 *   "eventBlocks"         [{"headerRlp", "hash", "receipts", "event", "uid"}]: the receipts make
 * the header's root again, and one of their logs names the uid
 * }]}. "proof" is the answer to eth_getProof; the head is a case of its own. */
#include <stdio.h>

#include "identity/eas/storage.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/eth_get_proof.h"
#include "node/l1/execution/header.h"
#include "node/l1/execution/receipt.h"
#include "node/l1/execution/trie_build.h"
#include "tests/vectors/suite_identity.h"

#define ARENA_MAX ((size_t)8 << 20)
#define SLOTS_MAX 256U
#define RECEIPTS_MAX 1024U

struct set {
    const json_t *json;
    const char *version;
    enum ht_eas_layout layout;
    ht_addr20 eas, registry;
    struct ht_exec_header head;
};

/* An answer, and what is asked of it. */
struct asked {
    struct ht_get_proof answer;
    ht_hash32 slots[SLOTS_MAX];
    uint8_t values[SLOTS_MAX][32];
    size_t count;
};

static enum ht_err same_hex(const json_t *one, const char *path, const uint8_t *got, size_t n,
                            struct ht_why *why) {
    uint8_t want[32];
    ht_assert(n <= sizeof want);
    enum ht_err err = ht_json_hex(want, n, one, path, why);
    if (err != HT_OK || memcmp(want, got, n) == 0) return err;
    return ht_identity_differs(path, why);
}

static enum ht_err same_u64(const json_t *one, const char *path, uint64_t got, struct ht_why *why) {
    uint64_t want = 0;
    enum ht_err err = ht_json_u64(&want, one, path, why);
    return err != HT_OK || want == got ? err : ht_identity_differs(path, why);
}

static enum ht_err same_flag(const json_t *one, const char *path, bool got, struct ht_why *why) {
    bool want = false;
    enum ht_err err = ht_json_bool(&want, one, path, why);
    return err != HT_OK || want == got ? err : ht_identity_differs(path, why);
}

static enum ht_err same_bytes(const json_t *one, const char *path, ht_bytes got,
                              struct ht_why *why) {
    struct ht_buf want;
    ht_buf_init(&want, HT_EAS_DATA_MAX);
    enum ht_err err = ht_json_hex_buf(&want, one, path, why);
    if (err == HT_OK && !ht_bytes_equal(ht_buf_view(&want), got)) {
        err = ht_identity_differs(path, why);
    }
    ht_buf_fini(&want);
    return err;
}

/* --- proofs -----------------------------------------------------------------------------------*/

/* Puts the answer's slots into the order of those asked for and notes their claimed values.
 * Nothing is proven by it. */
static enum ht_err match_slots(struct asked *asked, struct ht_why *why) {
    struct ht_slot_claim *claims = asked->answer.slots;
    for (size_t i = 0; i < asked->count; i++) {
        size_t k = i;
        while (k < asked->answer.slot_count &&
               !ht_hash32_equal(&claims[k].slot, &asked->slots[i])) {
            k++;
        }
        if (k >= asked->answer.slot_count) {
            return ht_fail(why, HT_EUNVERIFIED, "wrong_slot", "a slot is not there");
        }
        struct ht_slot_claim claim = claims[k];
        claims[k] = claims[i];
        claims[i] = claim;
        memcpy(asked->values[i], claim.value, sizeof claim.value);
    }
    return HT_OK;
}

static enum ht_err prove(struct asked *asked, const struct set *set, const ht_addr20 *address,
                         struct ht_why *why) {
    struct ht_account account;
    bool exists = false;
    enum ht_err err = match_slots(asked, why);
    if (err != HT_OK) return err;
    return ht_get_proof_check(&account, &exists, &asked->answer, &set->head.state_root, address,
                              asked->slots, asked->count, why);
}

/* The value of one slot, which is a time. */
static enum ht_err prove_time(uint64_t *out, struct ht_arena *arena, const struct set *set,
                              const ht_hash32 *slot, const json_t *one, struct ht_why *why) {
    struct asked asked = {.slots = {*slot}, .count = 1};
    enum ht_err err = same_hex(one, "slot", slot->b, sizeof slot->b, why);
    if (err == HT_OK) {
        err = ht_get_proof_read(&asked.answer, arena, ht_json_member(one, "proof"), why);
    }
    if (err == HT_OK) err = prove(&asked, set, &set->eas, why);
    *out = 0;
    for (size_t i = 24; i < 32; i++) *out = *out << 8 | asked.values[0][i];
    return err;
}

/* --- attestations -----------------------------------------------------------------------------*/

static enum ht_err read_attestation(struct ht_attestation *out, struct ht_arena *arena,
                                    const struct set *set, const json_t *one, struct ht_why *why) {
    struct asked asked = {.count = HT_EAS_SLOTS};
    ht_hash32 uid;
    size_t more = 0;
    enum ht_err err = ht_json_hex(uid.b, sizeof uid.b, one, "uid", why);
    if (err == HT_OK) {
        err = ht_get_proof_read(&asked.answer, arena, ht_json_member(one, "proof"), why);
    }
    if (err != HT_OK) return err;
    ht_eas_slots(asked.slots, set->layout, &uid);
    /* Absence needs no more than the first. */
    bool is_short = asked.answer.slot_count == 1;
    if (is_short) asked.count = 1;
    err = match_slots(&asked, why);
    if (err == HT_OK && !is_short) {
        err = ht_eas_data_slots(&more, (const uint8_t(*)[32])asked.values, why);
    }
    if (err == HT_OK && asked.count + more > SLOTS_MAX) {
        err = ht_fail(why, HT_ELIMIT, "case", "%zu slots of data", more);
    }
    for (size_t i = 0; err == HT_OK && i < more; i++) {
        ht_eas_data_slot(&asked.slots[asked.count++], set->layout, &uid, i);
    }
    if (err == HT_OK) err = prove(&asked, set, &set->eas, why);
    if (err != HT_OK) return err;
    const uint8_t(*values)[32] = (const uint8_t(*)[32])asked.values;
    return ht_eas_from_storage(out, arena, &uid, values, values + HT_EAS_SLOTS, more, why);
}

static enum ht_err compare(const struct ht_attestation *got, const json_t *want,
                           struct ht_why *why) {
    enum ht_err err = same_hex(want, "uid", got->uid.b, 32, why);
    if (err == HT_OK) err = same_hex(want, "schema", got->schema.b, 32, why);
    if (err == HT_OK) err = same_hex(want, "refUID", got->ref_uid.b, 32, why);
    if (err == HT_OK) err = same_hex(want, "recipient", got->recipient.b, 20, why);
    if (err == HT_OK) err = same_hex(want, "attester", got->attester.b, 20, why);
    if (err == HT_OK) err = same_u64(want, "time", got->time, why);
    if (err == HT_OK) err = same_u64(want, "expirationTime", got->expiration_time, why);
    if (err == HT_OK) err = same_u64(want, "revocationTime", got->revocation_time, why);
    if (err == HT_OK) err = same_flag(want, "revocable", got->is_revocable, why);
    if (err == HT_OK) err = same_bytes(want, "data", got->data, why);
    return err;
}

static enum ht_err judge_attestation(const struct set *set, const json_t *one,
                                     struct ht_arena *arena, struct ht_why *why) {
    const json_t *expected = ht_json_member(one, "expected");
    const char *status = json_string_value(ht_json_member(expected, "status_at_head"));
    const char *verdict = "";
    struct ht_attestation attestation;
    enum ht_err err = ht_json_text(&verdict, expected, "verdict", why);
    if (err != HT_OK) return err;
    err = read_attestation(&attestation, arena, set, one, why);
    if (strcmp(verdict, "rejected") == 0) {
        bool is_refused = err == HT_EUNVERIFIED || err == HT_EINPUT;
        return is_refused ? HT_OK : ht_identity_differs("verdict", why);
    }
    if (strcmp(verdict, "proven_absent") == 0) {
        return err == HT_ENOTFOUND ? HT_OK : ht_identity_differs("verdict", why);
    }
    bool is_known = strcmp(verdict, "verified") == 0 ||
                    strcmp(verdict, "verified_if_matched_by_key_else_rejected") == 0;
    if (!is_known) return ht_identity_differs("kind of verdict", why);
    const json_t *want = ht_json_member(expected, "attestation");
    if (err == HT_OK && json_is_object(want)) err = compare(&attestation, want, why);
    if (err != HT_OK || status == NULL) return err;
    const char *got = ht_eas_status_name(ht_eas_status_at(&attestation, set->head.timestamp));
    if (strcmp(got, "valid") == 0) got = "active";
    return strcmp(got, status) == 0 ? HT_OK : ht_identity_differs("status", why);
}

/* --- the rest of the storage ------------------------------------------------------------------*/

static enum ht_err read_schema(struct ht_eas_schema_record *out, struct ht_arena *arena,
                               const struct set *set, const json_t *one, struct ht_why *why) {
    struct asked asked = {.count = HT_EAS_SCHEMA_SLOTS};
    ht_hash32 uid;
    size_t more = 0;
    enum ht_err err = ht_json_hex(uid.b, sizeof uid.b, one, "uid", why);
    if (err == HT_OK) {
        err = ht_get_proof_read(&asked.answer, arena, ht_json_member(one, "proof"), why);
    }
    if (err != HT_OK) return err;
    ht_eas_schema_slots(asked.slots, &uid);
    err = match_slots(&asked, why);
    if (err == HT_OK) {
        err = ht_eas_schema_text_slots(&more, (const uint8_t(*)[32])asked.values, why);
    }
    if (err == HT_OK && asked.count + more > SLOTS_MAX) {
        err = ht_fail(why, HT_ELIMIT, "case", "%zu slots of data", more);
    }
    for (size_t i = 0; err == HT_OK && i < more; i++) {
        ht_eas_schema_text_slot(&asked.slots[asked.count++], &uid, i);
    }
    if (err == HT_OK) err = prove(&asked, set, &set->registry, why);
    if (err != HT_OK) return err;
    const uint8_t(*values)[32] = (const uint8_t(*)[32])asked.values;
    return ht_eas_schema_from_storage(out, arena, &uid, values, values + HT_EAS_SCHEMA_SLOTS, more,
                                      why);
}

static enum ht_err judge_schema(const struct set *set, const json_t *one, struct ht_arena *arena,
                                struct ht_why *why) {
    struct ht_eas_schema_record got;
    ht_bytes text = {0};
    enum ht_err err = read_schema(&got, arena, set, one, why);
    if (err == HT_OK) err = ht_json_str(&text, one, "expected.schema", why);
    if (err != HT_OK) return err;
    if (!ht_bytes_equal(text, got.text)) return ht_identity_differs("schema", why);
    err = same_hex(one, "expected.resolver", got.resolver.b, sizeof got.resolver.b, why);
    if (err == HT_OK) err = same_flag(one, "expected.revocable", got.is_revocable, why);
    return err;
}

static enum ht_err judge_revocation(const struct set *set, const json_t *one,
                                    struct ht_arena *arena, struct ht_why *why) {
    ht_addr20 revoker;
    ht_hash32 uid, slot;
    uint64_t time = 0;
    enum ht_err err = ht_json_hex(revoker.b, sizeof revoker.b, one, "revoker", why);
    if (err == HT_OK) err = ht_json_hex(uid.b, sizeof uid.b, one, "uid", why);
    if (err != HT_OK) return err;
    ht_eas_revoked_slot(&slot, set->layout, &revoker, &uid);
    err = prove_time(&time, arena, set, &slot, one, why);
    if (err == HT_OK) err = same_u64(one, "expected.revocationTime", time, why);
    return err;
}

static enum ht_err judge_timestamp(const struct set *set, const json_t *one, struct ht_arena *arena,
                                   struct ht_why *why) {
    ht_hash32 data, slot;
    uint64_t time = 0;
    enum ht_err err = ht_json_hex(data.b, sizeof data.b, one, "data", why);
    if (err != HT_OK) return err;
    ht_eas_timestamp_slot(&slot, set->layout, &data);
    err = prove_time(&time, arena, set, &slot, one, why);
    if (err == HT_OK) err = same_u64(one, "expected", time, why);
    return err;
}

static enum ht_err judge_nonce(const struct set *set, const json_t *one, struct ht_arena *arena,
                               struct ht_why *why) {
    ht_addr20 account;
    ht_hash32 slot;
    (void)arena;
    enum ht_err err = ht_json_hex(account.b, sizeof account.b, one, "account", why);
    if (err != HT_OK) return err;
    ht_eas_nonce_slot(&slot, set->layout, &account);
    return same_hex(one, "slot", slot.b, sizeof slot.b, why);
}

/* --- blocks with events -----------------------------------------------------------------------*/

static enum ht_err read_header(struct ht_exec_header *out, const json_t *one, struct ht_why *why) {
    struct ht_exec_header_claimed claimed;
    struct ht_buf rlp;
    ht_buf_init(&rlp, HT_EXEC_HEADER_RLP_MAX);
    enum ht_err err = ht_json_hex_buf(&rlp, one, "headerRlp", why);
    if (err == HT_OK) err = ht_exec_header_decode(&claimed, ht_buf_view(&rlp), why);
    if (err == HT_OK) err = same_hex(one, "hash", claimed.hash.b, sizeof claimed.hash.b, why);
    if (err == HT_OK) *out = claimed.header;
    ht_buf_fini(&rlp);
    return err;
}

/* The event has the uid where the contract's text has it: alone in the data, the other three
 * arguments being topics. */
static bool names_uid(const struct ht_log *log, const ht_hash32 *topic, const ht_addr20 *eas,
                      const ht_hash32 *uid) {
    return memcmp(log->address.b, eas->b, sizeof eas->b) == 0 && log->topic_count == 4 &&
           ht_hash32_equal(&log->topics[0], topic) && ht_bytes_equal(log->data, HT_BYTES(uid->b));
}

static enum ht_err find_event(const struct set *set, const json_t *one, const ht_bytes *receipts,
                              size_t count, struct ht_arena *arena, struct ht_why *why) {
    char signature[64];
    const char *event = "";
    ht_hash32 topic, uid;
    bool is_found = false;
    enum ht_err err = ht_json_text(&event, one, "event", why);
    if (err == HT_OK) err = ht_json_hex(uid.b, sizeof uid.b, one, "uid", why);
    (void)snprintf(signature, sizeof signature, "%s(address,address,bytes32,bytes32)", event);
    ht_keccak256(&topic, ht_bytes_str(signature));
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        struct ht_receipt receipt;
        err = ht_receipt_decode(&receipt, arena, receipts[i], why);
        if (err == HT_OK) err = ht_receipt_check_bloom(&receipt, why);
        for (size_t k = 0; err == HT_OK && k < receipt.log_count; k++) {
            is_found = is_found || names_uid(&receipt.logs[k], &topic, &set->eas, &uid);
        }
    }
    return err != HT_OK || is_found ? err : ht_identity_differs("event", why);
}

static enum ht_err read_receipts(ht_bytes **out, size_t *count, struct ht_buf *bytes,
                                 struct ht_arena *arena, const json_t *list, struct ht_why *why) {
    void *views = NULL;
    size_t n = json_array_size(list);
    if (n > RECEIPTS_MAX) return ht_fail(why, HT_ELIMIT, "case", "%zu receipts", n);
    enum ht_err err = ht_arena_array(&views, arena, n, sizeof(ht_bytes), why);
    ht_bytes *receipts = views;
    for (size_t i = 0; err == HT_OK && i < n; i++) {
        char path[32];
        size_t before = bytes->n;
        (void)snprintf(path, sizeof path, "[%zu]", i);
        err = ht_json_hex_buf(bytes, list, path, why);
        if (err == HT_OK) receipts[i].n = bytes->n - before;
    }
    /* Only now, that the buffer does not move any more. */
    for (size_t i = 0, at = 0; err == HT_OK && i < n; at += receipts[i++].n) {
        receipts[i].p = bytes->p + at;
    }
    *out = receipts;
    *count = n;
    return err;
}

static enum ht_err judge_block(const struct set *set, const json_t *one, struct ht_arena *arena,
                               struct ht_why *why) {
    struct ht_exec_header header;
    struct ht_buf bytes;
    ht_bytes *receipts = NULL;
    size_t count = 0;
    ht_hash32 root;
    ht_buf_init(&bytes, HT_RECEIPT_SIZE_MAX);
    const json_t *list = ht_json_member(one, "receipts");
    enum ht_err err = read_header(&header, one, why);
    if (err == HT_OK) err = read_receipts(&receipts, &count, &bytes, arena, list, why);
    if (err == HT_OK) err = ht_trie_list_root(&root, receipts, count, NULL, why);
    if (err == HT_OK && !ht_hash32_equal(&root, &header.receipts_root)) {
        err = ht_identity_differs("receipts root", why);
    }
    if (err == HT_OK) err = find_event(set, one, receipts, count, arena, why);
    /* What is left out must not go unnoticed. */
    if (err == HT_OK) err = ht_trie_list_root(&root, receipts, count - 1, NULL, why);
    if (err == HT_OK && ht_hash32_equal(&root, &header.receipts_root)) {
        err = ht_identity_differs("verdict on a receipt left out", why);
    }
    ht_buf_fini(&bytes);
    return err;
}

/* --- sets -------------------------------------------------------------------------------------*/

typedef enum ht_err judge(const struct set *set, const json_t *one, struct ht_arena *arena,
                          struct ht_why *why);

static const struct part {
    const char *member; /* of a set */
    judge *judge;
} PARTS[] = {
    {"cases", judge_attestation},   {"schemas", judge_schema},
    {"timestamp", judge_timestamp}, {"offchainRevocations", judge_revocation},
    {"nonceSlotOf", judge_nonce},   {"eventBlocks", judge_block},
};

static bool is_set(const json_t *one) {
    return json_is_string(ht_json_member(one, "eas")) &&
           json_is_string(ht_json_member(one, "schemaRegistry")) &&
           json_is_string(ht_json_member(ht_json_member(one, "head"), "headerRlp"));
}

static enum ht_err read_set(struct set *out, const json_t *json, struct ht_why *why) {
    *out = (struct set){.json = json, .version = "?", .layout = HT_EAS_1_4};
    const json_t *head = ht_json_member(json, "head");
    enum ht_err err = ht_json_text(&out->version, json, "contractVersion", why);
    if (err == HT_OK) err = ht_json_hex(out->eas.b, 20, json, "eas", why);
    if (err == HT_OK) err = ht_json_hex(out->registry.b, 20, json, "schemaRegistry", why);
    if (err == HT_OK) err = read_header(&out->head, head, why);
    if (err == HT_OK) err = same_hex(head, "stateRoot", out->head.state_root.b, 32, why);
    if (err == HT_OK) err = same_u64(head, "timestamp", out->head.timestamp, why);
    if (strncmp(out->version, "0.", 2) == 0) out->layout = HT_EAS_0_26;
    return err;
}

static void run_one(struct ht_identity_run *run, const struct set *set, const struct part *part,
                    const json_t *one) {
    char name[160];
    char number[24];
    struct ht_arena arena;
    struct ht_why why = {.code = "", .text = ""};
    const char *id = json_string_value(ht_json_member(one, "id"));
    (void)snprintf(number, sizeof number, "%lld",
                   (long long)json_integer_value(ht_json_member(one, "number")));
    (void)snprintf(name, sizeof name, "%s/%s/%s", set->version, part->member,
                   id != NULL ? id : number);
    ht_arena_init(&arena, ARENA_MAX);
    ht_identity_report(run, name, part->judge(set, one, &arena, &why), &why);
    ht_arena_fini(&arena);
}

static void run_set(struct ht_identity_run *run, const json_t *json) {
    char name[80];
    struct set set;
    struct ht_why why = {.code = "", .text = ""};
    enum ht_err err = read_set(&set, json, &why);
    (void)snprintf(name, sizeof name, "%s/head", set.version);
    ht_identity_report(run, name, err, &why);
    if (err != HT_OK) {
        ht_identity_skip(run, "the whole set", "its head cannot be read");
        return;
    }
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        const json_t *part = ht_json_member(json, PARTS[i].member);
        size_t index = 0;
        const json_t *one = NULL;
        if (json_is_object(part)) run_one(run, &set, &PARTS[i], part);
        json_array_foreach(part, index, one) run_one(run, &set, &PARTS[i], one);
    }
}

void ht_identity_run_onchain(struct ht_identity_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(ht_json_member(document, "sets"), index, one) {
        if (is_set(one)) run_set(run, one);
    }
}
