/* A run's rounds: the header, work on a worker, what it missed, work again. */
#include "node/l1/run.h"

#include <stdlib.h>

#include "node/l1/execution/fees.h"
#include "node/l1/run_gather.h"
#include "node/l1/run_impl.h"

#define WORLD_MAX ((size_t)64 << 20)
#define NODES_MAX 131072U /* that a run keeps */
#define NODES_BYTES_MAX ((size_t)64 << 20)
#define GAS_STEP 1000000U /* between two looks at the clock */
/* A run that goes on after a guess is worth a little work: it may find more that is missing. */
#define GUESSED_STEPS 8U

static void do_round(struct ht_run *run);
static void next_step(struct ht_run *run);

enum ht_err ht_runner_new(struct ht_runner **out, struct ht_loop *loop, struct ht_pool *pool,
                          struct ht_state *state, const struct ht_network *network) {
    struct ht_runner *runner = calloc(1, sizeof *runner);
    if (runner == NULL) return HT_ENOMEM;
    *runner = (struct ht_runner){.loop = loop, .pool = pool, .state = state, .network = network};
    *out = runner;
    return HT_OK;
}

struct ht_run_counts ht_run_counts(const struct ht_runner *runner) {
    return runner->counts;
}

struct ht_chain *ht_runner_chain(const struct ht_runner *runner) {
    return ht_state_chain(runner->state);
}

static int64_t now_ms(const struct ht_run *run) {
    return ht_mono_ms(ht_loop_clock(run->runner->loop));
}

static void unlink_run(struct ht_run *run) {
    struct ht_run **at = &run->runner->runs;
    while (*at != NULL && *at != run) at = &(*at)->next;
    if (*at != NULL) *at = run->next;
}

static void end(struct ht_run *run, enum ht_err err) {
    unlink_run(run);
    run->err = err;
    if (err != HT_OK) run->runner->counts.failed++;
    run->done(run);
}

void ht_runner_stop(struct ht_runner *runner) {
    if (runner != NULL) runner->is_stopping = true;
}

static void end_stopping(struct ht_run *run) {
    end(run, ht_fail(&run->why, HT_EDENIED, "stopping", "the node is stopping"));
}

void ht_runner_free(struct ht_runner *runner) {
    if (runner == NULL) return;
    while (runner->runs != NULL) end_stopping(runner->runs);
    free(runner);
}

void ht_run_fini(struct ht_run *run) {
    ht_header_read_fini(&run->at);
    ht_facts_fini(&run->facts);
    if (run->keeps_nodes) ht_witness_fini(&run->nodes);
    json_decref(run->hint);
    run->hint = NULL;
}

/* --- the block -------------------------------------------------------------------------------- */

static const enum ht_evm_fork FORKS[HT_FORK_COUNT] = {
    [HT_PHASE0] = HT_EVM_FORK_COUNT, [HT_ALTAIR] = HT_EVM_FORK_COUNT, [HT_BELLATRIX] = HT_EVM_PARIS,
    [HT_CAPELLA] = HT_EVM_SHANGHAI,  [HT_DENEB] = HT_EVM_CANCUN,      [HT_ELECTRA] = HT_EVM_PRAGUE,
    [HT_FULU] = HT_EVM_OSAKA,        [HT_GLOAS] = HT_EVM_FORK_COUNT,
};

const struct ht_evm_rules *ht_run_rules_at(const struct ht_network *network, uint64_t timestamp) {
    const uint64_t last = INT64_MAX / 1000;
    const int64_t at_ms = (int64_t)((timestamp < last ? timestamp : last) * 1000);
    const enum ht_evm_fork fork = FORKS[ht_fork_at_slot(network, ht_slot_at_ms(network, at_ms))];
    return fork == HT_EVM_FORK_COUNT ? NULL : ht_evm_rules_of(fork);
}

enum ht_err ht_run_block_of(struct ht_evm_block *out, const struct ht_evm_rules **rules,
                            const struct ht_network *network, const struct ht_exec_header *header,
                            struct ht_why *why) {
    *rules = ht_run_rules_at(network, header->timestamp);
    if (*rules == NULL) {
        return ht_fail(why, HT_EDENIED, "fork_not_run",
                       "block %llu is of a fork whose code this program does not run",
                       (unsigned long long)header->number);
    }
    *out = (struct ht_evm_block){.number = header->number,
                                 .timestamp = header->timestamp,
                                 .gas_limit = header->gas_limit,
                                 .base_fee = header->base_fee_per_gas,
                                 .coinbase = header->coinbase,
                                 .prev_randao = header->prev_randao,
                                 .chain_id = network->chain_id};
    struct ht_blob_rules blobs;
    if (!ht_blob_rules_at(&blobs, network, header->timestamp)) return HT_OK;
    return ht_blob_base_fee(&out->blob_base_fee, header, &blobs, why);
}

/* --- a round ---------------------------------------------------------------------------------- */

struct watch {
    struct ht_run *run;
    unsigned guessed_steps;
};

/* On a worker, from within the machine. */
static bool is_over(void *user) {
    struct watch *watch = user;
    if (watch->run->facts.missing > 0 && ++watch->guessed_steps > GUESSED_STEPS) return true;
    return now_ms(watch->run) >= watch->run->work_until_ms;
}

enum ht_err ht_run_world_new(struct ht_evm_world **out, struct ht_run *run) {
    struct ht_evm_source source;
    size_t guesses = run->facts.guesses;
    ht_facts_begin_run(&run->facts, &source);
    run->facts.guesses = guesses;
    return ht_evm_world_new(out, &source, WORLD_MAX);
}

static enum ht_err work_at(struct ht_run *run, struct ht_evm *evm, struct ht_evm_world *world) {
    struct watch watch = {.run = run};
    struct ht_run_place place = {.network = run->runner->network,
                                 .header = &run->header,
                                 .world = world,
                                 .evm = evm,
                                 .limits = {.memory_max = HT_RUN_MEMORY_MAX,
                                            .is_over = is_over,
                                            .user = &watch,
                                            .gas_step = GAS_STEP}};
    enum ht_err err =
        ht_run_block_of(&place.block, &place.rules, place.network, &run->header.header, &run->why);
    if (err != HT_OK) return err;
    const struct ht_evm_origin nobody = {0};
    ht_evm_set(evm, place.rules, world, &place.block, &nobody, NULL, &place.limits);
    return run->work(run, &place, &run->why);
}

/* On a worker: the run and its facts are the worker's meanwhile. */
static void work(struct ht_work *job) {
    struct ht_run *run = (struct ht_run *)((char *)job - offsetof(struct ht_run, job));
    struct ht_evm_world *world = NULL;
    struct ht_evm *evm = NULL;
    run->work_until_ms = now_ms(run) + HT_RUN_WORK_MS_MAX;
    run->why = (struct ht_why){0};
    run->facts.guesses = 0;
    run->err = ht_run_world_new(&world, run);
    if (run->err == HT_OK) run->err = ht_evm_new(&evm);
    if (run->err == HT_OK) run->err = work_at(run, evm, world);
    ht_evm_free(evm);
    ht_evm_world_free(world);
}

static void missed_too_much(struct ht_run *run, const char *code) {
    char missing[160];
    ht_facts_tell_missing(&run->facts, missing, sizeof missing);
    const bool is_named = missing[0] != '\0';
    end(run, ht_fail(&run->why, HT_ELIMIT, code, "gave up after %zu rounds; %s%s", run->rounds,
                     is_named ? "not proven: " : "each led to more state that has to be proven",
                     missing));
}

static void worked(struct ht_work *job) {
    struct ht_run *run = (struct ht_run *)((char *)job - offsetof(struct ht_run, job));
    run->rounds++;
    run->runner->counts.rounds++;
    if (run->facts.missing == 0 || run->err == HT_ENOMEM ||
        (run->err == HT_ELIMIT && strcmp(run->why.code, "too_much_state") == 0)) {
        end(run, run->err);
    } else {
        next_step(run);
    }
}

static void do_round(struct ht_run *run) {
    run->job.work = work;
    run->job.done = worked;
    if (ht_pool_submit(run->runner->pool, &run->job) == HT_OK) return;
    end(run, ht_fail(&run->why, HT_EAGAIN, "busy", "too much work waits already"));
}

/* --- what is missing -------------------------------------------------------------------------- */

static void got_ancestor(struct ht_header_read *at) {
    struct ht_run *run = (struct ht_run *)((char *)at - offsetof(struct ht_run, at));
    struct ht_fact_block *fact = NULL;
    enum ht_err err = at->err;
    if (err == HT_OK) {
        err = ht_facts_want_block(&fact, &run->facts, at->id.number, &run->why);
    } else {
        run->why = at->why;
        ht_why_context(&run->why, "BLOCKHASH of block %llu", (unsigned long long)at->id.number);
    }
    if (err == HT_OK) ht_facts_know_block(&run->facts, fact, &at->header.hash);
    ht_header_read_fini(at);
    if (err == HT_OK) {
        next_step(run);
    } else {
        end(run, err);
    }
}

/* The hash of a block before: the header names its parent's, others are proven by their headers. */
static void get_block(struct ht_run *run) {
    size_t i = 0;
    while (run->facts.blocks[i].is_known) i++;
    struct ht_fact_block *fact = &run->facts.blocks[i];
    if (fact->number >= run->header.header.number) {
        /* Code sees such a number only when it was told to pretend a later block. */
        ht_facts_know_block(&run->facts, fact, &(ht_hash32){{0}});
        next_step(run);
        return;
    }
    if (fact->number + 1 == run->header.header.number) {
        ht_facts_know_block(&run->facts, fact, &run->header.header.parent_hash);
        next_step(run);
        return;
    }
    run->at = (struct ht_header_read){.id = {.kind = HT_BLOCK_NUMBER, .number = fact->number},
                                      .done = got_ancestor};
    ht_chain_read(ht_state_chain(run->runner->state), &run->at);
}

static void gathered(struct ht_run *run, enum ht_err err) {
    if (err != HT_OK) {
        char missing[120];
        ht_facts_tell_missing(&run->facts, missing, sizeof missing);
        if (missing[0] != '\0') ht_why_context(&run->why, "not proven: %s", missing);
        end(run, err);
    } else {
        next_step(run);
    }
}

static bool is_out_of_bounds(struct ht_run *run) {
    if (run->runner->is_stopping) {
        end_stopping(run);
        return true;
    }
    if (run->rounds >= HT_RUN_ROUNDS_MAX || run->questions >= HT_RUN_QUESTIONS_MAX) {
        missed_too_much(run, "too_many_rounds");
        return true;
    }
    if (now_ms(run) < run->until_ms) return false;
    missed_too_much(run, "run_time");
    return true;
}

/* From memory first, then a hint, then what is missing; when all of that is there, a round. */
static void next_step(struct ht_run *run) {
    if (is_out_of_bounds(run)) return;
    if (ht_run_take_known(run)) {
        bool wants_hint = run->hint != NULL && !run->is_hinted;
        run->is_hinted = true;
        run->questions++;
        run->runner->counts.questions++;
        if (wants_hint) {
            ht_run_hint(run, gathered);
        } else {
            ht_run_gather(run, gathered);
        }
    } else if (run->facts.missing > 0) {
        get_block(run);
    } else {
        do_round(run);
    }
}

static void got_header(struct ht_header_read *at) {
    struct ht_run *run = (struct ht_run *)((char *)at - offsetof(struct ht_run, at));
    if (at->err != HT_OK) {
        run->why = at->why;
        end(run, at->err);
        return;
    }
    run->header = at->header;
    run->is_final = at->is_final;
    memcpy(run->source, "kept", sizeof "kept");
    ht_header_read_fini(at);
    next_step(run);
}

enum ht_err ht_run_want(struct ht_run *run, const ht_addr20 *address, const ht_hash32 *slots,
                        size_t slot_count, struct ht_why *why) {
    struct ht_fact_account *account = NULL;
    struct ht_fact_slot *slot = NULL;
    enum ht_err err = HT_OK;
    if (run->facts.arena.max == 0) ht_facts_init(&run->facts);
    err = ht_facts_want_account(&account, &run->facts, address, true, why);
    for (size_t i = 0; i < slot_count && err == HT_OK; i++) {
        err = ht_facts_want_slot(&slot, &run->facts, address, &slots[i], why);
    }
    return err;
}

void ht_run_start(struct ht_runner *runner, struct ht_run *run) {
    if (run->facts.arena.max == 0) ht_facts_init(&run->facts);
    if (run->keeps_nodes) ht_witness_init(&run->nodes, NODES_MAX, NODES_BYTES_MAX);
    run->runner = runner;
    run->until_ms = ht_mono_ms(ht_loop_clock(runner->loop)) + HT_RUN_MS_MAX;
    run->next = runner->runs;
    runner->runs = run;
    runner->counts.runs++;
    run->at = (struct ht_header_read){.id = run->block, .done = got_header};
    ht_chain_read(ht_state_chain(runner->state), &run->at);
}
