/* Decentralized identifiers of the identity suite, found in any document:
 *   {"registry", "head": {"headerRlp", "hash"}, "blocks": {NUMBER: {"headerRlp", "hash",
 *   "receipts"}}, "cases": [{"id", "did", "now", "identity", "changed", "ownersSlotValue", "walk",
 *   "proof", "expected_v14_1_2"}], "delegateProofs": [{"id", "identity", "delegateType",
 *   "delegate", "slot", "validTo", "proof"}]}
 * the registry's slots are proven at the head, the history is walked through receipts that are
 * rebuilt to their roots, and the document is made of it; documents are compared as JSON, lists as
 * sets but for "@context". Besides each case come what must be caught: a receipt that is missing,
 * receipts out of order, an event that is missing, events out of order. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "identity/did/did_block.h"
#include "identity/did/did_ethr_document.h"
#include "node/base/hex.h"
#include "node/codec/rlp.h"
#include "node/l1/execution/eth_get_proof.h"
#include "tests/vectors/suite_identity.h"

#define EXPECTED "expected_v14_1_2"
#define ARENA_MAX ((size_t)16 << 20)
#define BLOCK_MAX ((size_t)8 << 20)
#define EVENTS_MAX 256U

struct set {
    const json_t *blocks;
    ht_addr20 registry;
    struct ht_exec_header head;
};

/* One case under way. */
struct history {
    struct ht_did did;
    struct ht_did_version version;
    uint64_t changed;
    ht_addr20 owner;
    struct ht_did_event events[EVENTS_MAX]; /* oldest first */
    size_t count;
};

/* --- blocks ----------------------------------------------------------------------------------- */

static enum ht_err read_header(struct ht_exec_header_verified *out, const json_t *one,
                               struct ht_why *why) {
    ht_hash32 hash;
    struct ht_buf rlp;
    ht_buf_init(&rlp, HT_EXEC_HEADER_RLP_MAX);
    enum ht_err err = ht_json_hex(hash.b, sizeof hash.b, one, "hash", why);
    if (err == HT_OK) err = ht_json_hex_buf(&rlp, one, "headerRlp", why);
    if (err == HT_OK) err = ht_exec_header_of_kept(out, &hash, ht_buf_view(&rlp), why);
    ht_buf_fini(&rlp);
    return err;
}

enum change { NOTHING, LEAVE_OUT, SWAP };

/* Receipts as ht_receipts_encode writes them; the receipt at `at` is left out, or changes place
 * with the next. */
static enum ht_err pack_receipts(struct ht_buf *out, const json_t *list, enum change change,
                                 size_t at, struct ht_why *why) {
    struct ht_rlp_writer writer;
    struct ht_buf one;
    enum ht_err err = HT_OK;
    ht_buf_init(&one, BLOCK_MAX);
    ht_rlp_writer_init(&writer, out);
    size_t begin = ht_rlp_list_begin(&writer);
    for (size_t i = 0; err == HT_OK && i < json_array_size(list); i++) {
        size_t from = change == SWAP && i == at ? i + 1 : change == SWAP && i == at + 1 ? at : i;
        if (change == LEAVE_OUT && i == at) continue;
        ht_buf_clear(&one);
        err = ht_json_hex_buf(&one, json_array_get(list, from), "", why);
        ht_rlp_write_bytes(&writer, ht_buf_view(&one));
    }
    ht_rlp_list_end(&writer, begin);
    ht_buf_fini(&one);
    return err == HT_OK ? ht_rlp_finish(&writer) : err;
}

static enum ht_err read_receipts(struct ht_receipts **out,
                                 const struct ht_exec_header_verified *header, const json_t *block,
                                 enum change change, size_t at, struct ht_why *why) {
    struct ht_buf packed;
    ht_buf_init(&packed, BLOCK_MAX);
    enum ht_err err = pack_receipts(&packed, ht_json_member(block, "receipts"), change, at, why);
    if (err == HT_OK) {
        err = ht_receipts_decode(out, header, ht_buf_view(&packed), BLOCK_MAX, why);
    }
    ht_buf_fini(&packed);
    return err;
}

static const json_t *block_at(const struct set *set, uint64_t number) {
    char key[24];
    (void)snprintf(key, sizeof key, "%" PRIu64, number);
    return ht_json_member(set->blocks, key);
}

/* Puts a block's events in front of what is there. */
static enum ht_err visit(struct history *history, uint64_t *previous, struct ht_arena *arena,
                         const struct set *set, uint64_t number, struct ht_why *why) {
    struct ht_exec_header_verified header;
    struct ht_receipts *receipts = NULL;
    struct ht_did_event *events = NULL;
    size_t count = 0;
    const json_t *block = block_at(set, number);
    enum ht_err err = read_header(&header, block, why);
    if (err == HT_OK) err = read_receipts(&receipts, &header, block, NOTHING, 0, why);
    if (err == HT_OK) {
        err = ht_did_block_events(&events, &count, arena, receipts, &header, &set->registry,
                                  &history->did.address, why);
    }
    if (err == HT_OK) err = ht_did_block_link(previous, events, count, number, why);
    if (err == HT_OK && history->count + count > EVENTS_MAX) {
        err = ht_fail(why, HT_ELIMIT, "case", "too many events");
    }
    if (err == HT_OK) {
        memmove(history->events + count, history->events, history->count * sizeof *events);
        memcpy(history->events, events, count * sizeof *events);
        history->count += count;
    }
    ht_receipts_unref(receipts);
    return err;
}

static enum ht_err walk(struct history *history, struct ht_arena *arena, const struct set *set,
                        const json_t *one, struct ht_why *why) {
    uint64_t cursor = history->changed;
    const json_t *expected = ht_json_member(one, "walk");
    for (size_t i = 0; i < json_array_size(expected); i++) {
        uint64_t number = 0;
        enum ht_err err = ht_json_u64(&number, json_array_get(expected, i), "", why);
        if (err != HT_OK) return err;
        if (number != cursor) return ht_identity_differs("block to visit", why);
        err = visit(history, &cursor, arena, set, number, why);
        if (err != HT_OK) return err;
    }
    if (cursor != 0) return ht_identity_differs("end of the walk", why);
    return ht_did_events_check(history->events, history->count, &history->did.address,
                               history->changed, why);
}

/* --- proofs ----------------------------------------------------------------------------------- */

static enum ht_err prove(uint8_t (*values)[32], struct ht_arena *arena, const struct set *set,
                         const ht_hash32 *slots, size_t count, const json_t *one,
                         struct ht_why *why) {
    struct ht_get_proof answer;
    struct ht_account account;
    bool exists = false;
    enum ht_err err = ht_get_proof_read(&answer, arena, ht_json_member(one, "proof"), why);
    if (err == HT_OK) {
        err = ht_get_proof_check(&account, &exists, &answer, &set->head.state_root, &set->registry,
                                 slots, count, why);
    }
    for (size_t i = 0; err == HT_OK && i < count; i++) memcpy(values[i], answer.slots[i].value, 32);
    return err;
}

static uint64_t number_of(const uint8_t value[32]) {
    uint64_t number = 0;
    for (size_t i = 24; i < 32; i++) number = number << 8 | value[i];
    return number;
}

static enum ht_err prove_slots(struct history *history, struct ht_arena *arena,
                               const struct set *set, const json_t *one, struct ht_why *why) {
    ht_hash32 slots[2];
    uint8_t values[2][32] = {{0}, {0}};
    uint64_t changed = 0;
    char owner[HT_HEX_SIZE(20)];
    /* Of an owner of zero some have no proof. */
    bool has_owner =
        json_array_size(ht_json_member(ht_json_member(one, "proof"), "storageProof")) != 1;
    ht_did_changed_slot(&slots[0], &history->did.address);
    ht_did_owner_slot(&slots[1], &history->did.address);
    enum ht_err err = prove(values, arena, set, slots, has_owner ? 2 : 1, one, why);
    if (err == HT_OK) err = ht_json_u64(&changed, one, "changed", why);
    if (err != HT_OK) return err;
    memcpy(history->owner.b, values[1] + 12, sizeof history->owner.b);
    history->changed = number_of(values[0]);
    if (changed != history->changed) return ht_identity_differs("newest change", why);
    ht_hex_write(owner, HT_BYTES(history->owner.b));
    const char *want = json_string_value(ht_json_member(one, "ownersSlotValue"));
    bool is_zero = want != NULL && strcmp(want, "0x0") == 0;
    if (is_zero && number_of(values[1]) != 0) return ht_identity_differs("owner", why);
    if (!is_zero && (want == NULL || strcmp(want, owner) != 0)) {
        return ht_identity_differs("owner", why);
    }
    return HT_OK;
}

/* --- documents -------------------------------------------------------------------------------- */

/* The time of the youngest block up to that one that is at hand. */
static int64_t time_at(const struct set *set, uint64_t number, int64_t otherwise) {
    for (; number > 0; number--) {
        uint64_t time = 0;
        const json_t *block = block_at(set, number);
        if (block != NULL && ht_json_u64(&time, block, "timestamp", NULL) == HT_OK) {
            return (int64_t)time;
        }
    }
    return otherwise;
}

static enum ht_err judge_document(const struct history *history, const struct set *set,
                                  const json_t *one, struct ht_why *why) {
    struct ht_did_ethr_result result;
    uint64_t now = 0;
    enum ht_err err = ht_json_u64(&now, one, "now", why);
    if (err != HT_OK) return err;
    const struct ht_did_version *version = &history->version;
    uint64_t at_block = version->has_block ? version->block : UINT64_MAX;
    int64_t now_s = (int64_t)now;
    if (version->has_block) now_s = time_at(set, version->block, now_s);
    err = ht_did_ethr_document(&result, &history->did, history->events, history->count, at_block,
                               now_s, why);
    if (err != HT_OK) return err;
    json_t *whole = ht_did_result(result.document, result.metadata, NULL);
    const json_t *want = ht_json_member(one, EXPECTED);
    err = ht_identity_same_document(json_object_get(whole, "didDocument"),
                                    json_object_get(want, "didDocument"), why);
    if (err == HT_OK && !json_equal(json_object_get(whole, "didDocumentMetadata"),
                                    json_object_get(want, "didDocumentMetadata"))) {
        err = ht_identity_differs("metadata", why);
    }
    if (err == HT_OK && !json_equal(json_object_get(whole, "didResolutionMetadata"),
                                    json_object_get(want, "didResolutionMetadata"))) {
        err = ht_identity_differs("metadata of resolving", why);
    }
    json_decref(whole);
    return err;
}

static enum ht_err read_did(struct history *history, const json_t *one, struct ht_why *why) {
    ht_bytes text = {0};
    ht_bytes rest = {0};
    enum ht_err err = ht_json_str(&text, one, "did", why);
    if (err == HT_OK) err = ht_did_read(&history->did, &rest, text, why);
    if (err == HT_OK) err = ht_did_version_read(&history->version, rest, why);
    return err;
}

static enum ht_err judge_ethr(struct history *history, struct ht_arena *arena,
                              const struct set *set, const json_t *one, struct ht_why *why) {
    const json_t *want = ht_json_member(one, EXPECTED);
    enum ht_err err = read_did(history, one, why);
    if (json_is_null(ht_json_member(want, "didDocument"))) {
        const char *word = NULL;
        if (err == HT_OK) return ht_identity_differs("verdict: it is read", why);
        const char *got = ht_did_error_word(why);
        err = ht_json_text(&word, want, "didResolutionMetadata.error", why);
        if (err == HT_OK && strcmp(word, got) != 0) err = ht_identity_differs("error", why);
        return err;
    }
    if (err == HT_OK) err = prove_slots(history, arena, set, one, why);
    if (err == HT_OK) err = walk(history, arena, set, one, why);
    if (err == HT_OK) err = judge_document(history, set, one, why);
    return err;
}

/* --- what must be caught ---------------------------------------------------------------------- */

static bool has_event(const struct history *history, const struct set *set,
                      const struct ht_receipt *receipt) {
    for (size_t i = 0; i < receipt->log_count; i++) {
        const struct ht_log *log = &receipt->logs[i];
        if (memcmp(log->address.b, set->registry.b, sizeof set->registry.b) == 0 &&
            ht_did_event_is_of(log->topics, log->topic_count, &history->did.address)) {
            return true;
        }
    }
    return false;
}

static void expect_caught(struct ht_identity_run *run, const char *id, const char *what,
                          enum ht_err got, const struct ht_why *got_why, const char *code) {
    char name[200];
    struct ht_why why = {.code = "", .text = ""};
    enum ht_err err = HT_OK;
    (void)snprintf(name, sizeof name, "%s/%s", id, what);
    if (got != HT_EUNVERIFIED || strcmp(got_why->code, code) != 0) {
        err = ht_fail(&why, HT_EBUG, "case", "not caught by %s: %s", code, got_why->text);
    }
    ht_identity_report(run, name, err, &why);
}

/* Whatever receipt of the block has an event of the identity. */
static void mutate_block(struct ht_identity_run *run, const char *id, const struct history *history,
                         const struct set *set, uint64_t number) {
    struct ht_exec_header_verified header;
    struct ht_receipts *receipts = NULL;
    struct ht_receipts *other = NULL;
    struct ht_why why = {.code = "", .text = ""};
    char what[96];
    const json_t *block = block_at(set, number);
    enum ht_err err = read_header(&header, block, &why);
    if (err == HT_OK) err = read_receipts(&receipts, &header, block, NOTHING, 0, &why);
    if (err != HT_OK) {
        ht_identity_report(run, id, err, &why);
        return;
    }
    for (size_t i = 0; i < receipts->count; i++) {
        if (!has_event(history, set, &receipts->list[i])) continue;
        (void)snprintf(what, sizeof what, "block %" PRIu64 " receipt %zu missing", number, i);
        err = read_receipts(&other, &header, block, LEAVE_OUT, i, &why);
        expect_caught(run, id, what, err, &why, "body_receipts");
        if (err == HT_OK) ht_receipts_unref(other);
        if (receipts->count == 1) continue;
        size_t at = i + 1 < receipts->count ? i : i - 1;
        (void)snprintf(what, sizeof what, "block %" PRIu64 " receipts %zu, %zu swapped", number, at,
                       at + 1);
        err = read_receipts(&other, &header, block, SWAP, at, &why);
        expect_caught(run, id, what, err, &why, "body_receipts");
        if (err == HT_OK) ht_receipts_unref(other);
    }
    ht_receipts_unref(receipts);
}

static void mutate_receipts(struct ht_identity_run *run, const char *id,
                            const struct history *history, const struct set *set) {
    for (size_t i = 0; i < history->count; i++) {
        uint64_t number = history->events[i].block;
        if (i > 0 && history->events[i - 1].block == number) continue;
        mutate_block(run, id, history, set, number);
    }
}

/* Each event left out, and each two neighbours the other way round. Only its receipts tell of a
 * later event of a block. */
static void mutate_events(struct ht_identity_run *run, const char *id, struct history *history) {
    static struct ht_did_event changed[EVENTS_MAX];
    const struct ht_did_event *events = history->events;
    char what[96];
    for (size_t i = 0; i < history->count; i++) {
        struct ht_why why = {.code = "", .text = ""};
        bool is_later = i > 0 && events[i - 1].block == events[i].block;
        memcpy(changed, events, i * sizeof *changed);
        memcpy(changed + i, events + i + 1, (history->count - i - 1) * sizeof *changed);
        (void)snprintf(what, sizeof what, "event %zu missing", i);
        enum ht_err err = ht_did_events_check(changed, history->count - 1, &history->did.address,
                                              history->changed, &why);
        if (!is_later) expect_caught(run, id, what, err, &why, "did_order");
        if (i + 1 == history->count) continue;
        memcpy(changed, events, history->count * sizeof *changed);
        changed[i] = events[i + 1];
        changed[i + 1] = events[i];
        why = (struct ht_why){.code = "", .text = ""};
        (void)snprintf(what, sizeof what, "events %zu and %zu out of order", i, i + 1);
        expect_caught(run, id, what,
                      ht_did_events_check(changed, history->count, &history->did.address,
                                          history->changed, &why),
                      &why, "did_order");
    }
}

/* --- the group -------------------------------------------------------------------------------- */

static void run_ethr(struct ht_identity_run *run, const struct set *set, const json_t *one) {
    struct ht_why why = {.code = "", .text = ""};
    struct ht_arena arena;
    struct history *history = calloc(1, sizeof *history);
    const char *id = json_string_value(ht_json_member(one, "id"));
    if (id == NULL) id = "?";
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = history != NULL ? judge_ethr(history, &arena, set, one, &why) : HT_ENOMEM;
    ht_identity_report(run, id, err, &why);
    if (err == HT_OK && history->count > 0) {
        mutate_receipts(run, id, history, set);
        mutate_events(run, id, history);
    }
    ht_arena_fini(&arena);
    free(history);
}

static enum ht_err judge_delegate(const struct set *set, const json_t *one, struct ht_why *why) {
    ht_addr20 identity, delegate;
    uint8_t type[32];
    uint8_t values[1][32];
    ht_hash32 slot, want;
    uint64_t valid_to = 0;
    struct ht_arena arena;
    enum ht_err err = ht_json_hex(identity.b, sizeof identity.b, one, "identity", why);
    if (err == HT_OK) err = ht_json_hex(delegate.b, sizeof delegate.b, one, "delegate", why);
    if (err == HT_OK) err = ht_json_hex(type, sizeof type, one, "delegateType", why);
    if (err == HT_OK) err = ht_json_hex(want.b, sizeof want.b, one, "slot", why);
    if (err == HT_OK) err = ht_json_u64(&valid_to, one, "validTo", why);
    if (err != HT_OK) return err;
    ht_did_delegate_slot(&slot, &identity, type, &delegate);
    if (!ht_hash32_equal(&slot, &want)) return ht_identity_differs("slot", why);
    ht_arena_init(&arena, ARENA_MAX);
    err = prove(values, &arena, set, &slot, 1, one, why);
    ht_arena_fini(&arena);
    if (err == HT_OK && number_of(values[0]) != valid_to) err = ht_identity_differs("end", why);
    return err;
}

static void run_delegates(struct ht_identity_run *run, const struct set *set, const json_t *list) {
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one) {
        struct ht_why why = {.code = "", .text = ""};
        const char *id = json_string_value(ht_json_member(one, "id"));
        enum ht_err err = judge_delegate(set, one, &why);
        ht_identity_report(run, id != NULL ? id : "?", err, &why);
    }
}

void ht_identity_run_did_ethr(struct ht_identity_run *run, const json_t *document) {
    size_t i;
    const json_t *one;
    struct ht_exec_header_verified head;
    struct ht_why why = {.code = "", .text = ""};
    struct set set = {.blocks = ht_json_member(document, "blocks")};
    const json_t *cases = ht_json_member(document, "cases");
    if (ht_json_member(json_array_get(cases, 0), EXPECTED) == NULL) return;
    enum ht_err err = read_header(&head, ht_json_member(document, "head"), &why);
    if (err == HT_OK) {
        err = ht_json_hex(set.registry.b, sizeof set.registry.b, document, "registry", &why);
    }
    if (err != HT_OK) {
        ht_identity_report(run, "head", err, &why);
        return;
    }
    set.head = head.header;
    json_array_foreach(cases, i, one) run_ethr(run, &set, one);
    run_delegates(run, &set, ht_json_member(document, "delegateProofs"));
}
