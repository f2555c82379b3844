/* Making a bundle: blocks as they come, slots, and the check of what was made. */
#include "governance/count/audit_make.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "governance/count/audit_parts.h"
#include "governance/count/audit_run.h"
#include "governance/count/audit_weights.h"
#include "governance/count/count_receipts.h"
#include "governance/text.h"
#include "node/codec/base64.h"

/* Headers are written as block objects while all of them together are no longer than that. */
#define OBJECTS_MAX ((size_t)4 << 20)
#define OBJECT_SIZE 2400U
#define ROOM ((size_t)1 << 20) /* for finality, and what was estimated */
#define PATH_SIZE 1200U        /* of the nodes above a receipt, which others share */
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4)
#define HEADERS_RLP_MAX (HT_GOV_AUDIT_MAX / 4 * 3)

struct rlp_place {
    size_t from, n;
    ht_hash32 hash;
};

struct ht_gov_making {
    const struct ht_network *network;
    struct ht_gov_layout layout;
    ht_addr20 governor;
    ht_u256 id;
    struct ht_gov_count *count;
    struct ht_bloom_bits governor_bits, created_bits;
    struct ht_buf rlp; /* of all headers, one behind the other */
    struct rlp_place *headers;
    size_t header_count, header_cap;
    size_t after_from; /* the first header behind the anchor; header_count: none */
    struct ht_exec_header_verified last, anchor;
    json_t *receipts, *proposal_log, *vote_logs;
    json_t *proof;               /* NULL: none came yet */
    json_t *token, *token_proof; /* NULL: without weights */
    ht_hash32 storage_root;
    ht_hash32 *slots;
    bool has_flags;
    json_t *finality;
    size_t bytes; /* of JSON text, estimated */
    size_t whole_max;
};

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

enum ht_err ht_gov_making_new(struct ht_gov_making **out, const struct ht_network *network,
                              const struct ht_gov_layout *layout, const ht_addr20 *governor,
                              const ht_u256 *id) {
    struct ht_gov_making *making = calloc(1, sizeof *making);
    if (making == NULL) return HT_ENOMEM;
    making->network = network;
    making->layout = *layout;
    making->governor = *governor;
    making->id = *id;
    ht_bloom_bits_of_address(&making->governor_bits, governor);
    ht_bloom_bits_of_topic(&making->created_bits, &ht_gov_topic_proposal_created);
    ht_buf_init(&making->rlp, HEADERS_RLP_MAX);
    making->whole_max = HT_GOV_MAKING_WHOLE;
    making->receipts = json_object();
    making->vote_logs = json_array();
    if (making->receipts == NULL || making->vote_logs == NULL ||
        ht_gov_count_new(&making->count, layout, governor, id) != HT_OK) {
        ht_gov_making_free(making);
        return HT_ENOMEM;
    }
    *out = making;
    return HT_OK;
}

void ht_gov_making_free(struct ht_gov_making *making) {
    if (making == NULL) return;
    ht_gov_count_free(making->count);
    ht_buf_fini(&making->rlp);
    free(making->headers);
    free(making->slots);
    json_decref(making->receipts);
    json_decref(making->proposal_log);
    json_decref(making->vote_logs);
    json_decref(making->proof);
    json_decref(making->token);
    json_decref(making->token_proof);
    json_decref(making->finality);
    free(making);
}

/* --- blocks ----------------------------------------------------------------------------------- */

bool ht_gov_making_wants(const struct ht_gov_making *making, const struct ht_exec_header *header) {
    if (!ht_bloom_has(header->logs_bloom, &making->governor_bits)) return false;
    return ht_gov_count_may_hold(making->count, header->logs_bloom) ||
           (making->proposal_log == NULL &&
            ht_bloom_has(header->logs_bloom, &making->created_bits));
}

static enum ht_err too_large(struct ht_why *why) {
    return ht_fail(
        why, HT_ELIMIT, "audit_too_large",
        "an audit bundle has at most %zu MiB: the window has too many or too full blocks",
        HT_GOV_AUDIT_MAX >> 20);
}

static enum ht_err keep_header(struct ht_gov_making *making,
                               const struct ht_exec_header_verified *header, struct ht_why *why) {
    const struct ht_exec_header_verified *last = &making->last;
    if (making->header_count > 0 && (!ht_hash32_equal(&last->hash, &header->header.parent_hash) ||
                                     last->header.number + 1 != header->header.number)) {
        return ht_fail(why, HT_EINPUT, "making_order", "block %" PRIu64 " is not the next one",
                       header->header.number);
    }
    if (making->header_count == HT_GOV_AUDIT_HEADERS_MAX) return too_large(why);
    if (making->header_count == making->header_cap) {
        const size_t cap = making->header_cap == 0 ? 256 : 2 * making->header_cap;
        struct rlp_place *headers = realloc(making->headers, cap * sizeof *headers);
        if (headers == NULL) return no_memory(why);
        making->headers = headers;
        making->header_cap = cap;
    }
    const size_t from = making->rlp.n;
    enum ht_err err = ht_exec_header_encode(&making->rlp, &header->header);
    if (err == HT_ELIMIT) return too_large(why);
    if (err != HT_OK) return no_memory(why);
    making->headers[making->header_count++] =
        (struct rlp_place){from, making->rlp.n - from, header->hash};
    making->last = *header;
    return HT_OK;
}

/* Of the proposal: an event whose data begin with its id. */
static bool is_about(const struct ht_gov_making *making, const struct ht_log *log) {
    uint8_t id[32];
    ht_u256_to_be(id, &making->id);
    return log->topic_count > 0 && log->data.n >= 32 && memcmp(log->data.p, id, 32) == 0;
}

static bool is_proposal(const struct ht_log *log) {
    return ht_hash32_equal(&log->topics[0], &ht_gov_topic_proposal_created);
}

static bool is_ours(const struct ht_gov_making *making, const struct ht_log *log) {
    return is_about(making, log) && (is_proposal(log) || ht_gov_is_vote(&log->topics[0]));
}

static enum ht_err name_logs(struct ht_gov_making *making, const struct ht_receipt *receipt,
                             struct ht_gov_audit_place *place, struct ht_why *why) {
    for (size_t i = 0; i < receipt->log_count; i++, place->log++) {
        const struct ht_log *log = &receipt->logs[i];
        if (memcmp(log->address.b, making->governor.b, 20) != 0) continue;
        if (!is_ours(making, log)) continue;
        /* Reductions follow from what is there: a bundle does not name them. */
        const bool is_new = is_proposal(log) && making->proposal_log == NULL;
        const bool is_cast =
            !is_proposal(log) && !ht_hash32_equal(&log->topics[0], &ht_gov_topic_vote_reduced);
        json_t *json = is_new || is_cast ? ht_gov_audit_log_json(log, place) : NULL;
        if (is_new) making->proposal_log = json;
        const bool has_failed =
            is_cast ? json_array_append_new(making->vote_logs, json) != 0 : is_new && json == NULL;
        if (has_failed) return no_memory(why);
    }
    return HT_OK;
}

static bool has_ours(const void *user, const struct ht_receipt *receipt) {
    const struct ht_gov_making *making = user;
    for (size_t i = 0; i < receipt->log_count; i++) {
        const struct ht_log *log = &receipt->logs[i];
        if (memcmp(log->address.b, making->governor.b, 20) == 0 && is_ours(making, log))
            return true;
    }
    return false;
}

/* About what the JSON of a receipt takes. */
static size_t size_of(const struct ht_receipt *receipt) {
    size_t n = 900;
    for (size_t i = 0; i < receipt->log_count; i++) n += 650 + 2 * receipt->logs[i].data.n;
    return n;
}

static enum ht_err keep_receipts(struct ht_gov_making *making,
                                 const struct ht_exec_header_verified *header,
                                 const struct ht_receipt *receipts, size_t count,
                                 struct ht_why *why) {
    char key[24];
    size_t whole = 0, some = 0;
    struct ht_gov_audit_place place = {.block_hash = header->hash, .block = header->header.number};
    for (size_t i = 0; i < count; i++) {
        whole += size_of(&receipts[i]);
        if (has_ours(making, &receipts[i])) some += PATH_SIZE + size_of(&receipts[i]);
    }
    const bool is_whole = making->bytes + whole <= making->whole_max;
    making->bytes += is_whole ? whole : some;
    if (making->bytes > HT_GOV_AUDIT_MAX) return too_large(why);
    json_t *json = is_whole ? ht_gov_audit_receipts_json(receipts, count, header)
                            : ht_gov_audit_paths_json(
                                  receipts, count, &header->header.receipts_root, has_ours, making);
    for (size_t i = 0; json != NULL && i < count; i++) {
        place.transaction = i;
        enum ht_err err = name_logs(making, &receipts[i], &place, why);
        if (err == HT_OK) continue;
        json_decref(json);
        return err;
    }
    (void)snprintf(key, sizeof key, "%" PRIu64, header->header.number);
    return json_object_set_new(making->receipts, key, json) == 0 ? HT_OK : no_memory(why);
}

void ht_gov_making_bound(struct ht_gov_making *making, size_t bytes) {
    making->whole_max = bytes;
}

enum ht_err ht_gov_making_block(struct ht_gov_making *making,
                                const struct ht_exec_header_verified *header,
                                const struct ht_receipt *receipts, size_t receipt_count,
                                struct ht_why *why) {
    const bool wants = receipts != NULL && ht_gov_making_wants(making, &header->header);
    enum ht_err err = keep_header(making, header, why);
    if (err == HT_OK) {
        err = wants ? ht_gov_count_receipts(making->count, &header->header, receipts, receipt_count,
                                            why)
                    : ht_gov_count_header(making->count, &header->header, why);
    }
    if (err == HT_OK && wants) err = keep_receipts(making, header, receipts, receipt_count, why);
    making->anchor = making->last;
    making->after_from = making->header_count;
    return err;
}

enum ht_err ht_gov_making_after(struct ht_gov_making *making,
                                const struct ht_exec_header_verified *header, struct ht_why *why) {
    return keep_header(making, header, why);
}

/* --- state ------------------------------------------------------------------------------------ */

enum ht_err ht_gov_making_slots(const ht_hash32 **slots, size_t *count,
                                struct ht_gov_making *making, struct ht_why *why) {
    struct ht_gov_words words;
    size_t n = 0;
    const struct ht_gov_vote *votes = ht_gov_count_votes(making->count, &n);
    ht_gov_words_of(&words, &making->layout, &making->id);
    making->has_flags = words.count + n <= HT_GET_PROOF_SLOTS_MAX;
    free(making->slots);
    making->slots = calloc(HT_GET_PROOF_SLOTS_MAX, sizeof *making->slots);
    if (making->slots == NULL) return no_memory(why);
    memcpy(making->slots, words.slot, words.count * sizeof *making->slots);
    for (size_t i = 0; making->has_flags && i < n; i++) {
        ht_gov_slot_voter(&making->slots[words.count + i], &making->layout, &making->id,
                          &votes[i].voter);
    }
    *slots = making->slots;
    *count = words.count + (making->has_flags ? n : 0);
    return HT_OK;
}

enum ht_err ht_gov_making_proof(struct ht_gov_making *making, const struct ht_get_proof *proof,
                                struct ht_why *why) {
    if (memcmp(proof->address.b, making->governor.b, 20) != 0 ||
        (making->proof != NULL && !ht_hash32_equal(&making->storage_root, &proof->storage_root))) {
        return ht_fail(why, HT_EINPUT, "making_proof", "a proof of another account or block");
    }
    if (making->proof == NULL) {
        making->proof = ht_gov_audit_account_json(proof);
        making->storage_root = proof->storage_root;
    }
    json_t *slots = json_object_get(making->proof, "storageProof");
    for (size_t i = 0; i < proof->slot_count; i++) {
        for (size_t k = 0; k < proof->slots[i].proof.count; k++) {
            making->bytes += 8 + 2 * proof->slots[i].proof.nodes[k].n;
        }
        json_t *slot = ht_gov_audit_slot_json(&proof->slots[i]);
        if (json_array_append_new(slots, slot) != 0) return no_memory(why);
    }
    return making->bytes > HT_GOV_AUDIT_MAX ? too_large(why) : HT_OK;
}

const struct ht_gov_vote *ht_gov_making_votes(const struct ht_gov_making *making, size_t *count) {
    return ht_gov_count_votes(making->count, count);
}

enum ht_err ht_gov_making_token(struct ht_gov_making *making,
                                const struct ht_gov_audit_token *token, struct ht_why *why) {
    json_t *target = ht_gov_audit_token_target(token), *proof = ht_gov_audit_token_proof(token);
    if (target == NULL || proof == NULL) {
        json_decref(target);
        json_decref(proof);
        return no_memory(why);
    }
    making->token = target;
    making->token_proof = proof;
    making->bytes += ht_gov_audit_token_bytes(token);
    return making->bytes > HT_GOV_AUDIT_MAX ? too_large(why) : HT_OK;
}

enum ht_err ht_gov_making_finality(struct ht_gov_making *making, const struct ht_finality *finality,
                                   struct ht_why *why) {
    json_decref(making->finality);
    making->finality = ht_finality_json(finality);
    return making->finality != NULL ? HT_OK : no_memory(why);
}

/* --- the bundle ------------------------------------------------------------------------------- */

/* A third shorter than in hex: with the 50,400 blocks of a week that is the difference between a
 * bundle and none. */
static json_t *base64_json(ht_bytes bytes) {
    struct ht_buf text;
    json_t *out = NULL;
    ht_buf_init(&text, BASE64_SIZE(HT_EXEC_HEADER_RLP_MAX));
    if (ht_base64_write(&text, HT_BASE64_STD, bytes) == HT_OK)
        out = json_stringn((const char *)text.p, text.n);
    ht_buf_fini(&text);
    return out;
}

static json_t *header_json(const struct ht_gov_making *making, size_t i, bool is_object) {
    const struct rlp_place *place = &making->headers[i];
    const ht_bytes rlp = ht_bytes_of(making->rlp.p + place->from, place->n);
    struct ht_exec_header_claimed header;
    json_t *out = NULL;
    if (!is_object) return base64_json(rlp);
    if (ht_exec_header_decode(&header, rlp, NULL) != HT_OK) return NULL;
    return ht_exec_header_to_json(&out, &header.header, &place->hash) == HT_OK ? out : NULL;
}

static json_t *headers_json(const struct ht_gov_making *making, size_t from, size_t to) {
    const bool is_object = making->header_count * OBJECT_SIZE <= OBJECTS_MAX;
    json_t *out = json_array();
    for (size_t i = from; out != NULL && i < to; i++) {
        if (json_array_append_new(out, header_json(making, i, is_object)) == 0) continue;
        json_decref(out);
        out = NULL;
    }
    return out;
}

/* {"kind", "layout", "clockMode", …} and whose it is. */
static json_t *target_json(const struct ht_gov_making *making) {
    ht_hash32 id;
    json_t *out = ht_gov_layout_json(&making->layout);
    ht_u256_to_be(id.b, &making->id);
    int failed =
        json_object_set_new(out, "governor", ht_gov_hex_json(HT_BYTES(making->governor.b)));
    failed |= json_object_set_new(out, "proposalId", ht_gov_hex_json(HT_BYTES(id.b)));
    failed |=
        json_object_set_new(out, "chainId", json_integer((json_int_t)making->network->chain_id));
    if (making->token != NULL) failed |= json_object_set(out, "token", making->token);
    if (failed == 0) return out;
    json_decref(out);
    return NULL;
}

json_t *ht_gov_making_unchecked(const struct ht_gov_making *making, uint64_t made_s) {
    json_t *out = json_pack(
        "{s:s, s:i, s:o, s:I, s:o, s:{s:I, s:o}, s:O?, s:o, s:b, s:{s:o, s:O, s:O, s:O, s:O}}",
        "format", HT_GOV_AUDIT_FORMAT, "version", 1, "network",
        ht_gov_audit_network_json(making->network), "made", (json_int_t)made_s, "target",
        target_json(making), "anchor", "blockNumber", (json_int_t)making->anchor.header.number,
        "blockHash", ht_gov_hex_json(HT_BYTES(making->anchor.hash.b)), "finality", making->finality,
        "after", headers_json(making, making->after_from, making->header_count), "flags",
        (int)making->has_flags, "provided", "headers", headers_json(making, 0, making->after_from),
        "proposalLog", making->proposal_log, "voteLogs", making->vote_logs, "receipts",
        making->receipts, "governorProof", making->proof);
    bool is_whole = out != NULL && (making->token_proof == NULL ||
                                    json_object_set(json_object_get(out, "provided"), "tokenProof",
                                                    making->token_proof) == 0);
    if (is_whole) return out;
    json_decref(out);
    return NULL;
}

enum ht_err ht_gov_making_finish(json_t **out, struct ht_gov_making *making, uint64_t made_s,
                                 struct ht_why *why) {
    struct ht_gov_audit audit;
    if (making->proposal_log == NULL) {
        return ht_fail(why, HT_ENOTFOUND, "no_proposal_log",
                       "none of the blocks says that the proposal was made");
    }
    if (making->proof == NULL) {
        return ht_fail(why, HT_EINPUT, "making_proof", "there is no proof of the governor");
    }
    /* With quotes, a comma and padding. */
    const size_t headers = BASE64_SIZE(making->rlp.n) + 7 * making->header_count;
    if (making->bytes + headers + ROOM > HT_GOV_AUDIT_MAX) {
        return too_large(why);
    }
    json_t *bundle = ht_gov_making_unchecked(making, made_s);
    if (bundle == NULL) return no_memory(why);
    enum ht_err err = ht_gov_audit_check(&audit, bundle, why);
    if (err == HT_OK && !audit.is_accepted) {
        err = audit.err;
        if (why != NULL) *why = audit.why;
    }
    if (err != HT_OK) {
        json_decref(bundle);
        return err;
    }
    *out = bundle;
    return HT_OK;
}
