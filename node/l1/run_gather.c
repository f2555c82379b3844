/* One question for many accounts, slots and codes of one block; the answers are one witness. */
#include "node/l1/run_gather.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/l1/chain_span.h"
#include "node/l1/run_impl.h"
#include "node/l1/state_impl.h"

#define SLOTS_A_REQUEST 128U
#define SLOTS_A_QUESTION 1024U
#define ANSWER_MAX ((size_t)16 << 20)
#define ARENA_MAX ((size_t)16 << 20)
#define WITNESS_NODES_MAX 65536U
#define HINT_MAX ((size_t)1 << 20)
#define HINT_ACCOUNTS_MAX 64U /* what a hint may make us fetch */
#define HINT_SLOTS_MAX 512U

/* What one request of the question is about. */
struct part {
    struct ht_fact_account *account;
    bool is_code;
    struct ht_fact_slot **slots; /* the gather's */
    size_t slot_count;
};

struct ht_run_gather {
    struct ht_run *run;
    void (*done)(struct ht_run *run, enum ht_err err);
    struct part parts[HT_QUESTION_REQUESTS_MAX];
    struct ht_fact_slot *slots[SLOTS_A_QUESTION];
    size_t part_count, slot_count;
    struct ht_buf codes[HT_QUESTION_REQUESTS_MAX]; /* of parts that are code; proven */
    struct ht_question question;
    /* Read from the answer to the hint. */
    struct ht_arena arena;
};

static struct ht_run_gather *gather_of(struct ht_question *question) {
    return (struct ht_run_gather *)((char *)question - offsetof(struct ht_run_gather, question));
}

static struct ht_run_gather *gather_new(struct ht_run *run,
                                        void (*done)(struct ht_run *run, enum ht_err err)) {
    struct ht_run_gather *gather = calloc(1, sizeof *gather);
    ht_assert(gather != NULL);
    gather->run = run;
    gather->done = done;
    ht_arena_init(&gather->arena, ARENA_MAX);
    for (size_t i = 0; i < HT_QUESTION_REQUESTS_MAX; i++) {
        ht_buf_init(&gather->codes[i], HT_STATE_CODE_MAX);
    }
    run->gather = gather;
    return gather;
}

static void end(struct ht_run_gather *gather, enum ht_err err) {
    struct ht_run *run = gather->run;
    void (*done)(struct ht_run *, enum ht_err) = gather->done;
    for (size_t i = 0; i < HT_QUESTION_REQUESTS_MAX; i++) ht_buf_fini(&gather->codes[i]);
    ht_arena_fini(&gather->arena);
    run->gather = NULL;
    free(gather);
    done(run, err);
}

/* --- what is in memory ------------------------------------------------------------------------ */

bool ht_run_take_known(struct ht_run *run) {
    struct ht_facts *facts = &run->facts;
    struct ht_state_cache *cache = run->runner->state->cache;
    const ht_hash32 *root = &run->header.header.state_root;
    size_t missing = 0;
    for (size_t i = 0; i < facts->account_count; i++) {
        struct ht_fact_account *fact = facts->accounts[i];
        const struct ht_state_known *known =
            fact->is_known || run->keeps_nodes
                ? NULL
                : ht_state_cache_account(cache, root, &fact->address);
        if (known != NULL) ht_facts_know_account(facts, fact, &known->account, known->exists);
        ht_bytes code;
        bool wants = fact->is_known && fact->wants_code && !fact->has_code;
        if (wants && ht_state_cache_code(&code, cache, &fact->account.code_hash)) {
            (void)!ht_facts_know_code(facts, fact, code, NULL);
        }
        missing += !fact->is_known || (fact->wants_code && !fact->has_code);
    }
    for (size_t i = 0; i < facts->slot_count; i++) {
        struct ht_fact_slot *slot = facts->slots[i];
        const struct ht_fact_account *account = ht_facts_find_account(facts, &slot->address);
        uint8_t value[32];
        if (!slot->is_known && account->is_known && !run->keeps_nodes &&
            ht_state_cache_slot(value, cache, &account->account.storage_root, &slot->slot)) {
            ht_facts_know_slot(facts, slot, value);
        }
        missing += !slot->is_known;
    }
    return missing > 0;
}

static void keep(const struct ht_run_gather *gather, const struct part *part, size_t i) {
    struct ht_state_cache *cache = gather->run->runner->state->cache;
    const struct ht_fact_account *fact = part->account;
    if (part->is_code) {
        if (gather->codes[i].n > 0) {
            ht_state_cache_put_code(cache, &fact->account.code_hash,
                                    ht_buf_view(&gather->codes[i]));
        }
        return;
    }
    const struct ht_state_known known = {
        .account = fact->account, .exists = fact->exists, .provider = gather->question.provider};
    ht_state_cache_put_account(cache, &gather->run->header.header.state_root, &fact->address,
                               &known);
    for (size_t k = 0; k < part->slot_count; k++) {
        ht_state_cache_put_slot(cache, &fact->account.storage_root, &part->slots[k]->slot,
                                part->slots[k]->value);
    }
}

/* --- proving, on a worker; the run waits and its facts are the worker's ----------------------- */

static enum ht_err read_part(struct ht_run_gather *gather, struct ht_witness *witness, size_t i,
                             const json_t *result, struct ht_why *why) {
    if (json_is_null(result)) {
        return ht_fail(why, HT_ENOTFOUND, "state_pruned", "does not have that state");
    }
    if (gather->parts[i].is_code) {
        ht_buf_clear(&gather->codes[i]);
        return ht_json_hex_buf(&gather->codes[i], result, "", why);
    }
    struct ht_get_proof proof;
    enum ht_err err = ht_get_proof_read(&proof, &gather->arena, result, why);
    return err == HT_OK ? ht_get_proof_to_witness(witness, &proof, why) : err;
}

static enum ht_err prove_part(struct ht_run_gather *gather, struct ht_witness *witness, size_t i,
                              struct ht_why *why) {
    struct ht_facts *facts = &gather->run->facts;
    const struct part *part = &gather->parts[i];
    struct ht_fact_account *fact = part->account;
    if (part->is_code) {
        ht_bytes code = ht_buf_view(&gather->codes[i]);
        enum ht_err err = ht_code_check(&fact->account.code_hash, code, why);
        return err == HT_OK ? ht_facts_know_code(facts, fact, code, why) : err;
    }
    struct ht_account account;
    bool exists = false;
    enum ht_err err = ht_account_prove_witness(
        &account, &exists, witness, &gather->run->header.header.state_root, &fact->address, why);
    if (err != HT_OK) return err;
    ht_facts_know_account(facts, fact, &account, exists);
    for (size_t k = 0; k < part->slot_count && err == HT_OK; k++) {
        uint8_t value[32];
        err = ht_storage_prove_witness(value, witness, &account.storage_root, &part->slots[k]->slot,
                                       why);
        if (err == HT_OK) ht_facts_know_slot(facts, part->slots[k], value);
    }
    return err;
}

/* Proofs first: a code is held against the hash that a proof gives. What was proven before a fault
 * stays known, it is true whoever said it. */
static enum ht_err prove(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                         struct ht_why *why) {
    struct ht_run_gather *gather = gather_of(question);
    struct ht_run *run = gather->run;
    struct ht_witness witness;
    ht_witness_init(&witness, WITNESS_NODES_MAX, ANSWER_MAX);
    ht_arena_fini(&gather->arena);
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < gather->part_count && err == HT_OK; i++) {
        err = read_part(gather, &witness, i, answers[i].result, why);
    }
    for (int codes = 0; codes < 2 && err == HT_OK; codes++) {
        for (size_t i = 0; i < gather->part_count && err == HT_OK; i++) {
            if (gather->parts[i].is_code == (codes == 1)) {
                err = prove_part(gather, &witness, i, why);
            }
        }
    }
    if (run->keeps_nodes) {
        enum ht_err kept = ht_witness_add_used(&run->nodes, &witness, err == HT_OK ? why : NULL);
        if (err == HT_OK) err = kept;
    }
    ht_witness_fini(&witness);
    return err;
}

static void proven(struct ht_question *question) {
    struct ht_run_gather *gather = gather_of(question);
    struct ht_run *run = gather->run;
    if (question->err == HT_OK) {
        for (size_t i = 0; i < gather->part_count; i++) keep(gather, &gather->parts[i], i);
        memcpy(run->source, question->source, sizeof run->source);
    } else {
        run->why = question->why;
    }
    end(gather, question->err);
}

/* --- asking ----------------------------------------------------------------------------------- */

static struct part *add_part(struct ht_run_gather *gather, struct ht_fact_account *account,
                             bool is_code) {
    if (gather->part_count == HT_QUESTION_REQUESTS_MAX) return NULL;
    struct part *part = &gather->parts[gather->part_count++];
    *part = (struct part){
        .account = account, .is_code = is_code, .slots = &gather->slots[gather->slot_count]};
    return part;
}

/* The slots of an account that are missing, in parts; false when the question is full. */
static bool add_account(struct ht_run_gather *gather, struct ht_fact_account *account) {
    const struct ht_facts *facts = &gather->run->facts;
    struct part *part = NULL;
    if (!account->is_known) {
        part = add_part(gather, account, false);
        if (part == NULL) return false;
    }
    for (size_t i = 0; i < facts->slot_count; i++) {
        struct ht_fact_slot *slot = facts->slots[i];
        if (slot->is_known || memcmp(slot->address.b, account->address.b, 20) != 0) continue;
        if (gather->slot_count == SLOTS_A_QUESTION) return false;
        if (part == NULL || part->slot_count == SLOTS_A_REQUEST) {
            part = add_part(gather, account, false);
        }
        if (part == NULL) return false;
        part->slots[part->slot_count++] = slot;
        gather->slot_count++;
    }
    if (account->wants_code && !account->has_code) return add_part(gather, account, true) != NULL;
    return true;
}

static json_t *params_of(const struct ht_run_gather *gather, const struct part *part) {
    char address[HT_HEX_SIZE(20)];
    const ht_hash32 *block = &gather->run->header.hash;
    ht_hex_write(address, HT_BYTES(part->account->address.b));
    if (part->is_code) {
        return json_pack("[s, {s:o}]", address, "blockHash", ht_chain_hash_json(block));
    }
    json_t *slots = json_array();
    for (size_t k = 0; k < part->slot_count; k++) {
        json_array_append_new(slots, ht_chain_hash_json(&part->slots[k]->slot));
    }
    return json_pack("[s, o, {s:o}]", address, slots, "blockHash", ht_chain_hash_json(block));
}

void ht_run_gather(struct ht_run *run, void (*done)(struct ht_run *run, enum ht_err err)) {
    struct ht_run_gather *gather = gather_new(run, done);
    for (size_t i = 0; i < run->facts.account_count; i++) {
        if (!add_account(gather, run->facts.accounts[i])) break;
    }
    ht_assert(gather->part_count > 0);
    struct ht_question *question = &gather->question;
    *question = (struct ht_question){
        .max_bytes = ANSWER_MAX, .header = &run->header.header, .prove = prove, .done = proven};
    (void)snprintf(question->about, sizeof question->about,
                   "state for a call, %zu parts, block %llu", gather->part_count,
                   (unsigned long long)run->header.header.number);
    for (size_t i = 0; i < gather->part_count; i++) {
        const struct part *part = &gather->parts[i];
        ht_assert(ht_question_add(question, part->is_code ? "eth_getCode" : "eth_getProof",
                                  params_of(gather, part)) == HT_OK);
    }
    ht_ask(ht_chain_asker(ht_state_chain(run->runner->state)), question);
}

/* --- the hint --------------------------------------------------------------------------------- */

static enum ht_err want_hinted(struct ht_facts *facts, const json_t *entry) {
    ht_addr20 address;
    const json_t *key;
    size_t k;
    struct ht_fact_account *account = NULL;
    enum ht_err err = ht_json_hex(address.b, 20, entry, "address", NULL);
    if (err == HT_OK) err = ht_facts_want_account(&account, facts, &address, true, NULL);
    if (err != HT_OK) return err;
    json_array_foreach(json_object_get(entry, "storageKeys"), k, key) {
        ht_hash32 slot;
        struct ht_fact_slot *fact = NULL;
        if (facts->slot_count >= HINT_SLOTS_MAX) return HT_ELIMIT;
        err = ht_json_hex(slot.b, 32, key, "", NULL);
        if (err == HT_OK) err = ht_facts_want_slot(&fact, facts, &address, &slot, NULL);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

/* On a worker. Anything may stand there: what is not in the shape of an access list, or too much,
 * is no hint. */
static enum ht_err read_hint(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                             struct ht_why *why) {
    struct ht_facts *facts = &gather_of(question)->run->facts;
    const json_t *list = json_object_get(answers[0].result, "accessList"), *entry;
    size_t i;
    (void)why;
    json_array_foreach(list, i, entry) {
        if (i == HINT_ACCOUNTS_MAX || want_hinted(facts, entry) != HT_OK) break;
    }
    return HT_OK;
}

static void hinted(struct ht_question *question) {
    end(gather_of(question), HT_OK);
}

void ht_run_hint(struct ht_run *run, void (*done)(struct ht_run *run, enum ht_err err)) {
    struct ht_run_gather *gather = gather_new(run, done);
    struct ht_question *question = &gather->question;
    *question = (struct ht_question){.max_bytes = HINT_MAX,
                                     .header = &run->header.header,
                                     .takes_refusal = true,
                                     .prove = read_hint,
                                     .done = hinted};
    (void)snprintf(question->about, sizeof question->about, "what a call touches, block %llu",
                   (unsigned long long)run->header.header.number);
    json_t *params =
        json_pack("[O, {s:o}]", run->hint, "blockHash", ht_chain_hash_json(&run->header.hash));
    if (ht_question_add(question, "eth_createAccessList", params) != HT_OK) {
        end(gather, HT_OK);
        return;
    }
    ht_ask(ht_chain_asker(ht_state_chain(run->runner->state)), question);
}
