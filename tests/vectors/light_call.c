/* Recorded calls: JSON with "method", "params" (a call object first) and "expected_result", beside
 * answers to eth_getProof and recorded beacon blocks. The code runs over what those prove under the
 * state root of one block, and over nothing else; code is taken from anywhere in the tree by the
 * hash that is proven. A call is tried at each block of its folder until one has all that it needs.
 *
 * "expected_result" is the data that was returned, or {"status", "returnValue", "logs"}. What such
 * an object says of gas is noted but not compared: the recorder did not count the execution's. */
#include <stdio.h>
#include <stdlib.h>

#include "node/crypto/keccak.h"
#include "node/l1/execution/call_json.h"
#include "node/l1/execution/eth_get_proof.h"
#include "node/l1/execution/rpc_json.h"
#include "node/l1/facts.h"
#include "node/l1/run.h"
#include "tests/vectors/light_kinds.h"

#define ARENA_MAX ((size_t)64 << 20)
#define WORLD_MAX ((size_t)64 << 20)
#define CODES_MAX 256U
#define CODE_MAX ((size_t)1 << 20)
#define BLOCKS_MAX 64U
#define CALL_GAS 30000000U

struct code {
    ht_hash32 hash;
    ht_bytes bytes;
};

/* What of a recorded payload code can see. */
struct block {
    ht_hash32 state_root;
    struct ht_evm_block env;
};

struct run {
    struct ht_lv_tree *tree;
    struct ht_vec_report *report;
    struct ht_arena arena; /* of codes */
    struct code codes[CODES_MAX];
    size_t code_count;
    size_t calls, gas;
};

/* One call. */
struct job {
    struct run *run;
    const char *name;
    size_t first, end; /* its folder */
    struct ht_arena arena;
    struct block blocks[BLOCKS_MAX];
    size_t block_count;
    struct ht_call call;
    const json_t *expected;
    const struct ht_network *network;
    size_t least_missing;
    char missing[160]; /* then */
};

/* --- what is recorded ------------------------------------------------------------------------- */

static const json_t *result_of(const json_t *json) {
    const json_t *result = ht_json_member(json, "result");
    return result != NULL ? result : json;
}

static void keep_code(struct run *run, const json_t *result) {
    struct ht_buf bytes;
    ht_buf_init(&bytes, CODE_MAX);
    if (ht_json_hex_buf(&bytes, result, "", NULL) == HT_OK && bytes.n > 32 &&
        run->code_count < CODES_MAX) {
        uint8_t *copy = ht_arena_alloc(&run->arena, bytes.n);
        ht_assert(copy != NULL);
        memcpy(copy, bytes.p, bytes.n);
        struct code *code = &run->codes[run->code_count++];
        code->bytes = ht_bytes_of(copy, bytes.n);
        ht_keccak256(&code->hash, code->bytes);
    }
    ht_buf_fini(&bytes);
}

static void find_codes(struct run *run) {
    for (size_t i = 0; i < run->tree->count; i++) {
        const struct ht_lv_file *file = &run->tree->files[i];
        if (!ht_lv_has_suffix(file->name, ".json")) continue;
        json_t *json = ht_lv_read_json(file);
        if (json_is_string(result_of(json))) keep_code(run, result_of(json));
        json_decref(json);
    }
}

/* Offsets in a SignedBeaconBlock from Bellatrix on and in its payload. */
static bool read_block(struct block *out, ht_bytes ssz, uint64_t chain_id) {
    enum { MESSAGE = 100, BODY = MESSAGE + 84, FIELDS = 200, PAYLOAD = FIELDS + 180 };
    enum { COINBASE = 32, STATE_ROOT = 52, RANDAO = 372, NUMBER = 404, GAS_LIMIT = 412 };
    enum { TIMESTAMP = 428, BASE_FEE = 440, PAYLOAD_MIN = 508 };
    if (ssz.n < BODY + PAYLOAD + 4 || ht_read_u32_le(ssz.p) != MESSAGE) return false;
    const uint8_t *body = ssz.p + BODY;
    const uint32_t at = ht_read_u32_le(body + PAYLOAD);
    if (at > ssz.n - BODY || ssz.n - BODY - at < PAYLOAD_MIN) return false;
    const uint8_t *payload = body + at;
    uint8_t base_fee[32];
    for (size_t i = 0; i < 32; i++) base_fee[i] = payload[BASE_FEE + 31 - i];
    memcpy(out->state_root.b, payload + STATE_ROOT, 32);
    out->env = (struct ht_evm_block){.number = ht_read_u64_le(payload + NUMBER),
                                     .timestamp = ht_read_u64_le(payload + TIMESTAMP),
                                     .gas_limit = ht_read_u64_le(payload + GAS_LIMIT),
                                     .base_fee = ht_u256_from_be32(base_fee),
                                     .blob_base_fee = ht_u256_of(1),
                                     .chain_id = chain_id};
    memcpy(out->env.coinbase.b, payload + COINBASE, 20);
    memcpy(out->env.prev_randao.b, payload + RANDAO, 32);
    return true;
}

static void find_blocks(struct job *job) {
    for (size_t i = job->first; i < job->end && job->block_count < BLOCKS_MAX; i++) {
        const struct ht_lv_file *file = &job->run->tree->files[i];
        struct ht_buf bytes;
        if (!ht_lv_has_suffix(file->name, ".ssz")) continue;
        if (ht_lv_read(&bytes, file, NULL) == HT_OK &&
            read_block(&job->blocks[job->block_count], ht_buf_view(&bytes),
                       job->network->chain_id)) {
            job->block_count++;
        }
        ht_buf_fini(&bytes);
    }
}

/* --- what is proven of it --------------------------------------------------------------------- */

static enum ht_err know_code(struct job *job, struct ht_facts *facts, struct ht_fact_account *fact,
                             struct ht_why *why) {
    for (size_t i = 0; i < job->run->code_count; i++) {
        const struct code *code = &job->run->codes[i];
        if (!ht_hash32_equal(&code->hash, &fact->account.code_hash)) continue;
        return ht_facts_know_code(facts, fact, code->bytes, why);
    }
    return HT_OK;
}

/* HT_EUNVERIFIED: of another block. */
static enum ht_err know_answer(struct job *job, struct ht_facts *facts, const struct block *block,
                               const struct ht_get_proof *answer, struct ht_why *why) {
    struct ht_account account;
    bool exists = false;
    struct ht_fact_account *fact = NULL;
    ht_hash32 *slots = calloc(answer->slot_count + 1, sizeof *slots);
    ht_assert(slots != NULL);
    for (size_t i = 0; i < answer->slot_count; i++) slots[i] = answer->slots[i].slot;
    enum ht_err err = ht_get_proof_check(&account, &exists, answer, &block->state_root,
                                         &answer->address, slots, answer->slot_count, why);
    if (err == HT_OK) {
        err = ht_facts_want_account(&fact, facts, &answer->address, false, why);
        if (err == HT_OK) ht_facts_know_account(facts, fact, &account, exists);
    }
    for (size_t i = 0; err == HT_OK && i < answer->slot_count; i++) {
        struct ht_fact_slot *slot = NULL;
        err = ht_facts_want_slot(&slot, facts, &answer->address, &slots[i], why);
        if (err == HT_OK) ht_facts_know_slot(facts, slot, answer->slots[i].value);
    }
    if (err == HT_OK) err = know_code(job, facts, fact, why);
    free(slots);
    return err;
}

static void know_file(struct job *job, struct ht_facts *facts, const struct block *block,
                      const struct ht_lv_file *file) {
    struct ht_get_proof answer;
    struct ht_arena arena;
    if (!ht_lv_has_suffix(file->name, ".json")) return;
    json_t *json = ht_lv_read_json(file);
    ht_arena_init(&arena, ARENA_MAX);
    if (ht_json_member(result_of(json), "accountProof") != NULL &&
        ht_get_proof_read(&answer, &arena, result_of(json), NULL) == HT_OK) {
        /* One that does not hold leaves its account missing. */
        (void)know_answer(job, facts, block, &answer, NULL);
    }
    ht_arena_fini(&arena);
    json_decref(json);
}

/* A caller that the call does not name sends no wei, so nothing about it can matter. */
static void know_sender(struct job *job, struct ht_facts *facts) {
    struct ht_fact_account *fact = NULL;
    struct ht_account empty;
    if (job->call.has_from) return;
    ht_account_init_empty(&empty);
    if (ht_facts_want_account(&fact, facts, &job->call.from, false, NULL) == HT_OK) {
        ht_facts_know_account(facts, fact, &empty, false);
    }
}

/* --- running it ------------------------------------------------------------------------------- */

static enum ht_err compare_log(const struct ht_evm_log *log, struct ht_arena *arena,
                               const json_t *raw, struct ht_why *why) {
    ht_addr20 address;
    ht_bytes data;
    ht_hash32 topic;
    enum ht_err err = ht_json_hex(address.b, sizeof address.b, raw, "address", why);
    if (err == HT_OK) err = ht_rpc_read_data(&data, arena, raw, "data", why);
    const json_t *topics = ht_json_member(raw, "topics");
    if (err != HT_OK) return err;
    bool same = memcmp(address.b, log->address.b, sizeof address.b) == 0 &&
                ht_bytes_equal(data, log->data) && json_array_size(topics) == log->topic_count;
    for (size_t i = 0; same && i < log->topic_count; i++) {
        same = ht_json_hex(topic.b, sizeof topic.b, json_array_get(topics, i), "", why) == HT_OK &&
               ht_hash32_equal(&topic, &log->topics[i]);
    }
    return same ? HT_OK : ht_fail(why, HT_EBUG, "case", "another log");
}

static enum ht_err compare_data(struct job *job, const struct ht_evm_result *result,
                                const json_t *data, struct ht_why *why) {
    ht_bytes want;
    enum ht_err err = ht_rpc_read_data(&want, &job->arena, data, "", why);
    if (err != HT_OK || ht_bytes_equal(want, result->output)) return err;
    return ht_fail(why, HT_EBUG, "case", "%zu bytes came back that are not the recorded %zu",
                   result->output.n, want.n);
}

static enum ht_err compare(struct job *job, const struct ht_evm_world *world,
                           const struct ht_evm_result *result, struct ht_why *why) {
    const json_t *expected = job->expected;
    if (json_is_string(expected)) {
        if (result->status == HT_EVM_SUCCESS) return compare_data(job, result, expected, why);
        return ht_fail(why, HT_EBUG, "case", "ended: %s", ht_evm_status_text(result->status));
    }
    uint64_t status = 0;
    size_t count = 0;
    const struct ht_evm_log *logs = ht_evm_world_logs(world, &count);
    const json_t *list = ht_json_member(expected, "logs");
    enum ht_err err = ht_rpc_read_u64(&status, expected, "status", why);
    if (err == HT_OK && (status == 1) != (result->status == HT_EVM_SUCCESS)) {
        err = ht_fail(why, HT_EBUG, "case", "ended: %s", ht_evm_status_text(result->status));
    }
    if (err == HT_OK) err = compare_data(job, result, ht_json_member(expected, "returnValue"), why);
    if (err == HT_OK && json_array_size(list) != count) {
        err = ht_fail(why, HT_EBUG, "case", "%zu logs", count);
    }
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        const json_t *log = json_array_get(list, i);
        const json_t *raw = ht_json_member(log, "raw");
        err = compare_log(&logs[i], &job->arena, raw != NULL ? raw : log, why);
    }
    return err;
}

static enum ht_err call(struct job *job, struct ht_evm *evm, struct ht_evm_world *world,
                        struct ht_facts *facts, const struct block *block, struct ht_why *why) {
    const struct ht_evm_rules *rules = ht_run_rules_at(job->network, block->env.timestamp);
    if (rules == NULL) return ht_fail(why, HT_EDENIED, "case", "a fork that is not run");
    const struct ht_transaction *tx = &job->call.tx;
    const struct ht_evm_origin origin = {.origin = job->call.from};
    const struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                           .sender = job->call.from,
                                           .to = tx->to,
                                           .code = tx->to,
                                           .value = tx->value,
                                           .gas = CALL_GAS,
                                           .input = tx->data};
    struct ht_evm_result result = {0};
    ht_evm_set(evm, rules, world, &block->env, &origin, NULL, NULL);
    ht_evm_world_begin(world);
    enum ht_err err = ht_evm_run(evm, &result, &message, why);
    if (facts->missing > 0) {
        if (job->least_missing == 0 || facts->missing < job->least_missing) {
            job->least_missing = facts->missing;
            ht_facts_tell_missing(facts, job->missing, sizeof job->missing);
        }
        return HT_EAGAIN;
    }
    if (err == HT_OK) err = compare(job, world, &result, why);
    if (err == HT_OK) job->run->gas += CALL_GAS - result.gas_left;
    return err;
}

/* HT_EAGAIN: not all that it needs is proven of that block. */
static enum ht_err call_at(struct job *job, const struct block *block, struct ht_why *why) {
    struct ht_facts facts;
    struct ht_evm_source source;
    struct ht_evm_world *world = NULL;
    struct ht_evm *evm = NULL;
    ht_facts_init(&facts);
    for (size_t i = job->first; i < job->end; i++) {
        know_file(job, &facts, block, &job->run->tree->files[i]);
    }
    know_sender(job, &facts);
    ht_facts_begin_run(&facts, &source);
    ht_assert(ht_evm_world_new(&world, &source, WORLD_MAX) == HT_OK && ht_evm_new(&evm) == HT_OK);
    enum ht_err err = call(job, evm, world, &facts, block, why);
    ht_evm_free(evm);
    ht_evm_world_free(world);
    ht_facts_fini(&facts);
    return err;
}

static void run_job(struct job *job) {
    struct ht_why why = {.code = "", .text = ""};
    enum ht_err err = HT_EAGAIN;
    find_blocks(job);
    for (size_t i = 0; i < job->block_count && err == HT_EAGAIN; i++) {
        err = call_at(job, &job->blocks[i], &why);
    }
    if (err == HT_OK) {
        job->run->calls++;
        ht_vec_pass(job->run->report, job->name);
    } else if (err == HT_EAGAIN) {
        char text[256];
        (void)snprintf(text, sizeof text, "no recorded block has all of it: %s",
                       job->block_count == 0 ? "there is none" : job->missing);
        ht_vec_skip(job->run->report, job->name, text);
    } else {
        ht_vec_fail(job->run->report, job->name, "%s", why.text);
    }
}

/* --- files ------------------------------------------------------------------------------------ */

/* A call is the first of "params", an object with "to"; methods that run none have no such. */
static void look_at(struct run *run, size_t first, size_t end, struct ht_lv_file *file) {
    json_t *json = ht_lv_read_json(file);
    const json_t *object = json_array_get(ht_json_member(json, "params"), 0);
    const json_t *expected = ht_json_member(json, "expected_result");
    uint64_t chain_id = 1;
    if (ht_json_u64(&chain_id, json, "chain_id", NULL) != HT_OK) chain_id = 1;
    if (expected != NULL && ht_json_member(json, "method") != NULL &&
        ht_json_member(object, "to") != NULL) {
        char name[HT_LV_NAME_MAX + 16];
        struct job *job = calloc(1, sizeof *job);
        ht_assert(job != NULL);
        (void)snprintf(name, sizeof name, "%s: result", ht_lv_name(run->tree, file));
        *job = (struct job){.run = run,
                            .name = name,
                            .first = first,
                            .end = end,
                            .expected = expected,
                            .network = ht_network_find("mainnet")};
        ht_arena_init(&job->arena, ARENA_MAX);
        struct ht_why why = {.code = "", .text = ""};
        file->is_used = true;
        if (chain_id != job->network->chain_id) {
            ht_vec_skip(run->report, name, "a call on another network than mainnet");
        } else if (ht_call_read(&job->call, &job->arena, object, &why) != HT_OK) {
            ht_vec_fail(run->report, name, "%s", why.text);
        } else {
            run_job(job);
        }
        ht_arena_fini(&job->arena);
        free(job);
    }
    json_decref(json);
}

void ht_lv_run_calls(struct ht_lv_tree *tree, struct ht_vec_report *report) {
    struct run *run = calloc(1, sizeof *run);
    ht_assert(run != NULL);
    run->tree = tree;
    run->report = report;
    ht_arena_init(&run->arena, ARENA_MAX);
    find_codes(run);
    for (size_t first = 0; first < tree->count;) {
        const size_t end = ht_lv_folder_end(tree, first);
        for (size_t i = first; i < end; i++) {
            if (ht_lv_has_suffix(tree->files[i].name, ".json")) {
                look_at(run, first, end, &tree->files[i]);
            }
        }
        first = end;
    }
    if (run->calls > 0) {
        ht_vec_note("calls: %zu run over recorded proofs in %zu gas", run->calls, run->gas);
    }
    ht_arena_fini(&run->arena);
    free(run);
}
