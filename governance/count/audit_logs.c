/* The logs that a bundle names: in its proven receipts, of the governor, each once, and none left
 * out. */
#include "governance/count/audit_logs.h"

#include <inttypes.h>
#include <stdlib.h>

/* A log as the bundle claims it. */
struct claim {
    ht_addr20 address;
    ht_hash32 topics[HT_LOG_TOPICS_MAX];
    size_t topic_count;
    ht_bytes data; /* the arena's */
    ht_hash32 block_hash;
    uint64_t block, transaction, log;
    bool is_removed;
};

static enum ht_err read_claim(struct claim *out, struct ht_gov_audit_run *run, const json_t *json,
                              struct ht_why *why) {
    const json_t *topics = NULL;
    *out = (struct claim){.block = 0};
    enum ht_err err = ht_json_hex(out->address.b, 20, json, "address", why);
    if (err == HT_OK) err = ht_json_array(&topics, json, "topics", why);
    out->topic_count = json_array_size(topics);
    if (err == HT_OK && out->topic_count > HT_LOG_TOPICS_MAX) {
        return ht_fail(why, HT_EINPUT, "receipt_topics", "a log with more than 4 topics");
    }
    for (size_t i = 0; err == HT_OK && i < out->topic_count; i++) {
        err = ht_json_hex(out->topics[i].b, 32, json_array_get(topics, i), "", why);
    }
    if (err == HT_OK) err = ht_rpc_read_data(&out->data, &run->arena, json, "data", why);
    if (err == HT_OK) err = ht_json_hex(out->block_hash.b, 32, json, "blockHash", why);
    if (err == HT_OK) err = ht_rpc_read_u64(&out->block, json, "blockNumber", why);
    if (err == HT_OK) err = ht_rpc_read_u64(&out->transaction, json, "transactionIndex", why);
    if (err == HT_OK) err = ht_rpc_read_u64(&out->log, json, "logIndex", why);
    if (err == HT_OK && ht_rpc_has(json, "removed")) {
        err = ht_json_bool(&out->is_removed, json, "removed", why);
    }
    return err;
}

static bool is_same(const struct claim *claim, const struct ht_gov_log *log) {
    return memcmp(claim->address.b, log->address.b, 20) == 0 &&
           claim->transaction == log->transaction && claim->topic_count == log->topic_count &&
           memcmp(claim->topics, log->topics, claim->topic_count * sizeof *claim->topics) == 0 &&
           ht_bytes_equal(claim->data, log->data);
}

static int by_log(const void *number, const void *log) {
    const uint64_t a = *(const uint64_t *)number, b = ((const struct ht_gov_log *)log)->log;
    return a < b ? -1 : a > b;
}

/* *log: the proven one. */
static enum ht_err prove(const struct ht_gov_log **log, const struct ht_gov_audit_run *run,
                         const struct claim *claim, struct ht_why *why) {
    const uint64_t first = run->blocks[0].number;
    if (memcmp(claim->address.b, run->out->governor.b, 20) != 0) {
        return ht_fail(why, HT_EUNVERIFIED, "wrong_emitter", "a log of another contract");
    }
    const struct ht_gov_audit_block *block =
        claim->block >= first && claim->block - first < run->block_count
            ? &run->blocks[claim->block - first]
            : NULL;
    if (block == NULL || !ht_hash32_equal(&block->hash, &claim->block_hash)) {
        return ht_fail(why, HT_EUNVERIFIED, "log_block", "a log of a block that is not here");
    }
    if (!block->has_receipts) {
        return ht_fail(why, HT_EUNVERIFIED, "log_unproven",
                       "a log of block %" PRIu64 ", whose receipts are not here", block->number);
    }
    *log = block->log_count > 0
               ? bsearch(&claim->log, block->logs, block->log_count, sizeof *block->logs, by_log)
               : NULL;
    if (*log == NULL || !is_same(claim, *log)) {
        return ht_fail(why, HT_EUNVERIFIED, "log_not_in_receipt",
                       "block %" PRIu64 " has no such log", block->number);
    }
    if (claim->is_removed) {
        return ht_fail(why, HT_EUNVERIFIED, "log_removed", "a log that is said to be removed");
    }
    return HT_OK;
}

/* --- the proposal ----------------------------------------------------------------------------- */

static enum ht_err check_id(const struct ht_gov_audit_run *run, struct ht_why *why) {
    const struct ht_gov_layout *layout = &run->out->layout;
    ht_u256 hash;
    if (!ht_u256_equal(&run->proposal->id, &run->out->id)) {
        return ht_fail(why, HT_EUNVERIFIED, "proposal_id", "the log is another proposal's");
    }
    const bool is_number =
        layout->kind == HT_GOV_BRAVO || (layout->has >> HT_GOV_SEQUENCE & 1) != 0;
    if (is_number) return HT_OK;
    enum ht_err err = ht_gov_proposal_hash(&hash, run->proposal);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "out of memory");
    if (ht_u256_equal(&hash, &run->out->id)) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "proposal_hash",
                   "its actions and text do not hash to its id");
}

enum ht_err ht_gov_audit_proposal(struct ht_gov_audit_run *run, struct ht_why *why) {
    const json_t *json = NULL;
    const struct ht_gov_log *log = NULL;
    struct claim claim;
    enum ht_err err = ht_json_get(&json, run->provided, "proposalLog", why);
    if (err == HT_OK) err = read_claim(&claim, run, json, why);
    if (err == HT_OK) err = prove(&log, run, &claim, why);
    if (err != HT_OK) return err;
    if (log->topic_count == 0 ||
        !ht_hash32_equal(&log->topics[0], &ht_gov_topic_proposal_created)) {
        return ht_fail(why, HT_EUNVERIFIED, "proposal_id", "the log is no proposal's");
    }
    run->proposal = ht_arena_alloc(&run->arena, sizeof *run->proposal);
    if (run->proposal == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    err = ht_gov_proposal_read(run->proposal, &run->arena, log->data, why);
    return err == HT_OK ? check_id(run, why) : err;
}

/* --- votes ------------------------------------------------------------------------------------ */

struct place {
    uint64_t block, log;
};

static int by_place(const void *left, const void *right) {
    const struct place *a = left, *b = right;
    if (a->block != b->block) return a->block < b->block ? -1 : 1;
    return a->log < b->log ? -1 : a->log > b->log;
}

static enum ht_err check_vote(const struct ht_gov_audit_run *run, const struct ht_gov_log *log,
                              struct ht_why *why) {
    struct ht_gov_vote vote;
    if (log->topic_count == 0 || !ht_gov_is_vote(&log->topics[0])) {
        return ht_fail(why, HT_EUNVERIFIED, "not_a_vote", "a log that is no vote");
    }
    enum ht_err err = ht_gov_vote_read(&vote, log->topics, log->topic_count, log->data,
                                       run->out->layout.counting, why);
    if (err != HT_OK || ht_u256_equal(&vote.id, &run->out->id)) return err;
    return ht_fail(why, HT_EUNVERIFIED, "other_proposal", "a vote on another proposal");
}

/* places: in the order given, then sorted. */
static enum ht_err check_claims(struct place *places, const json_t *list,
                                struct ht_gov_audit_run *run, struct ht_why *why) {
    const size_t count = json_array_size(list);
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        struct claim claim;
        const struct ht_gov_log *log = NULL;
        err = read_claim(&claim, run, json_array_get(list, i), why);
        if (err == HT_OK) err = prove(&log, run, &claim, why);
        if (err == HT_OK) err = check_vote(run, log, why);
        places[i] = (struct place){claim.block, claim.log};
        if (err != HT_OK) ht_why_context(why, "vote %zu", i);
    }
    if (err != HT_OK) return err;
    if (count > 0) qsort(places, count, sizeof *places, by_place);
    for (size_t i = 1; i < count; i++) {
        if (by_place(&places[i - 1], &places[i]) == 0) {
            return ht_fail(why, HT_EUNVERIFIED, "duplicate_log",
                           "the same vote of block %" PRIu64 " twice", places[i].block);
        }
    }
    return HT_OK;
}

static enum ht_err count_blocks(struct ht_gov_audit_run *run, struct ht_why *why) {
    enum ht_err err =
        ht_gov_count_new(&run->count, &run->out->layout, &run->out->governor, &run->out->id);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "out of memory");
    for (size_t i = 0; err == HT_OK && i < run->block_count; i++) {
        const struct ht_gov_audit_block *from = &run->blocks[i];
        const struct ht_gov_block block = {.number = from->number,
                                           .time_s = from->time_s,
                                           .bloom = from->bloom,
                                           .has_receipts = from->has_receipts,
                                           .is_partial = from->is_partial,
                                           .logs = from->logs,
                                           .log_count = from->log_count};
        err = ht_gov_count_block(run->count, &block, why);
    }
    ht_gov_count_as_of(run->count, run->out->anchor_number, run->out->anchor_time_s);
    return err;
}

/* Each vote found in the receipts has to be among those named. */
static enum ht_err check_found(const struct ht_gov_audit_run *run, const struct place *places,
                               size_t count, struct ht_why *why) {
    size_t n = 0;
    const struct ht_gov_vote *votes = ht_gov_count_votes(run->count, &n);
    for (size_t i = 0; i < n; i++) {
        const struct place place = {votes[i].block, votes[i].log};
        const bool is_named =
            count > 0 && bsearch(&place, places, count, sizeof *places, by_place) != NULL;
        if (is_named) continue;
        return ht_fail(why, HT_EUNVERIFIED, "log_omitted",
                       "a vote of block %" PRIu64 ", which is here, is left out", place.block);
    }
    return HT_OK;
}

enum ht_err ht_gov_audit_votes(struct ht_gov_audit_run *run, struct ht_why *why) {
    const json_t *list = NULL;
    void *room = NULL;
    enum ht_err err = ht_json_array(&list, run->provided, "voteLogs", why);
    const size_t count = json_array_size(list);
    if (err == HT_OK && count > HT_GOV_AUDIT_LOGS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_votes", "more than %u votes",
                       HT_GOV_AUDIT_LOGS_MAX);
    }
    if (err == HT_OK) {
        err = ht_arena_array(&room, &run->arena, count, sizeof(struct place), why);
    }
    if (err == HT_OK) err = check_claims(room, list, run, why);
    if (err == HT_OK) err = count_blocks(run, why);
    return err == HT_OK ? check_found(run, room, count, why) : err;
}
