/* The bench for the services over the proven chain. */
#include "tests/unit/chain_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/base/log.h"

struct ht_cb *ht_cb_current;

/* --- life ------------------------------------------------------------------------------------- */

static int64_t wall(void *self) {
    return ((struct ht_sync *)self)->wall_ms;
}

static int64_t mono(void *self) {
    return ((struct ht_sync *)self)->mono_ms;
}

static void open_disk(struct ht_cb *bench) {
    const struct ht_migration all[] = {ht_chain_migrations[0], ht_blocks_migrations[0],
                                       ht_outbox_migrations[0]};
    sqlite3 *db = NULL;
    assert_int_equal(ht_loop_new(&bench->loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_pool_new(&bench->pool, bench->loop, 1, 256, NULL), HT_OK);
    assert_int_equal(ht_db_open(&db, bench->path, all, sizeof all / sizeof *all, NULL), HT_OK);
    assert_int_equal(ht_writer_new(&bench->writer, bench->loop, db, NULL), HT_OK);
    assert_int_equal(ht_reader_new(&bench->reader, bench->pool, bench->path, NULL), HT_OK);
}

static void open_services(struct ht_cb *bench) {
    if (bench->has_disk) open_disk(bench);
    struct ht_chain_options chain = {.loop = bench->loop,
                                     .sync = &bench->sync,
                                     .reader = bench->reader,
                                     .writer = bench->writer};
    assert_int_equal(ht_chain_new(&bench->chain, &chain), HT_OK);
    struct ht_blocks_options blocks = {
        .chain = bench->chain, .reader = bench->reader, .writer = bench->writer};
    assert_int_equal(ht_blocks_new(&bench->blocks, &blocks), HT_OK);
    assert_int_equal(ht_state_new(&bench->state, bench->chain), HT_OK);
}

static int make(void **state, bool has_disk) {
    struct ht_cb *bench = calloc(1, sizeof *bench);
    if (bench == NULL) return -1;
    ht_log_set_level(HT_LOG_ERROR);
    ht_cb_current = bench;
    bench->has_disk = has_disk;
    (void)snprintf(bench->dir, sizeof bench->dir, "/tmp/hearth-chain-XXXXXX");
    if (has_disk && mkdtemp(bench->dir) == NULL) return -1;
    (void)snprintf(bench->path, sizeof bench->path, "%s/node.db", bench->dir);
    bench->sync.network = *ht_network_find("mainnet");
    bench->sync.network.chain_id = 5;
    bench->sync.clock = (struct ht_clock){wall, mono, &bench->sync};
    bench->sync.wall_ms = INT64_C(1760000000000);
    bench->sync.mono_ms = 1000000;
    bench->sync.providers.count = HT_CB_PEERS;
    for (size_t i = 0; i < HT_CB_PEERS; i++) {
        struct ht_provider *provider = &bench->sync.providers.list[i];
        (void)snprintf(provider->name, sizeof provider->name, "peer %zu", i);
    }
    bench->peer_count = 1;
    ht_cw_init(&bench->world);
    open_services(bench);
    *state = bench;
    return 0;
}

int ht_cb_new(void **state) {
    return make(state, false);
}

int ht_cb_new_with_disk(void **state) {
    return make(state, true);
}

static void finish(struct ht_question *question, enum ht_err err) {
    for (size_t i = 0; i < question->count; i++) json_decref(question->params[i]);
    question->count = 0;
    question->err = err;
    question->done(question);
}

void ht_cb_close(struct ht_cb *bench) {
    if (bench->chain == NULL) return;
    ht_reader_stop(bench->reader);
    if (bench->pool != NULL) ht_pool_free(bench->pool);
    if (bench->loop != NULL) ht_loop_drain(bench->loop);
    ht_reader_free(bench->reader);
    ht_writer_free(bench->writer);
    if (bench->loop != NULL) ht_loop_drain(bench->loop);
    while (bench->queue != NULL) {
        struct ht_question *question = bench->queue;
        bench->queue = question->next;
        finish(question, ht_fail(&question->why, HT_EDENIED, "stopping", "the node is stopping"));
    }
    ht_state_free(bench->state);
    ht_blocks_free(bench->blocks);
    ht_chain_free(bench->chain);
    if (bench->loop != NULL) ht_loop_free(bench->loop);
    bench->state = NULL;
    bench->blocks = NULL;
    bench->chain = NULL;
    bench->loop = NULL;
    bench->pool = NULL;
    bench->writer = NULL;
    bench->reader = NULL;
}

void ht_cb_reopen(struct ht_cb *bench) {
    ht_cb_close(bench);
    open_services(bench);
}

int ht_cb_free(void **state) {
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    struct ht_cb *bench = *state;
    ht_cb_close(bench);
    ht_cw_fini(&bench->world);
    for (size_t i = 0; bench->has_disk && i < 4; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", bench->path, suffixes[i]);
        (void)remove(path);
    }
    if (bench->has_disk) (void)rmdir(bench->dir);
    free(bench);
    ht_cb_current = NULL;
    return 0;
}

/* --- the light client ------------------------------------------------------------------------- */

static void set(struct ht_header_verified *out, const struct ht_cw_block *block) {
    *out = (struct ht_header_verified){.has_execution = true,
                                       .execution_block_hash = block->verified.hash,
                                       .beacon = {.slot = block->verified.header.number}};
}

void ht_cb_set_head(struct ht_cb *bench, const struct ht_cw_block *head) {
    bench->head = head;
    bench->sync.view.has_store = true;
    set(&bench->sync.view.optimistic, head);
}

void ht_cb_set_finalized(struct ht_cb *bench, const struct ht_cw_block *finalized) {
    set(&bench->sync.view.finalized, finalized);
}

void ht_cb_head(struct ht_cb *bench, const struct ht_cw_block *head) {
    ht_cb_set_head(bench, head);
    ht_chain_on_head(bench->chain);
}

/* --- the asker -------------------------------------------------------------------------------- */

static const char *const METHODS[8] = {
    "eth_getBlockByHash", "eth_getBlockByNumber",     "eth_getBlockReceipts",  "eth_getProof",
    "eth_getCode",        "eth_getTransactionByHash", "eth_sendRawTransaction"};

static size_t method_index(const char *method) {
    size_t i = 0;
    while (METHODS[i] != NULL && strcmp(METHODS[i], method) != 0) i++;
    return i;
}

unsigned ht_cb_asked(const struct ht_cb *bench, const char *method) {
    return bench->counts[method_index(method)];
}

void ht_cb_blame(const struct ht_question *question, const struct ht_why *why) {
    struct ht_cb_peer *peer = &ht_cb_current->peers[question->provider];
    peer->faults++;
    peer->fault = *why;
}

void ht_cb_ask(struct ht_question *question) {
    struct ht_question **last = &ht_cb_current->queue;
    assert_true(question->count > 0 && question->prove != NULL && question->done != NULL);
    while (*last != NULL) last = &(*last)->next;
    question->next = NULL;
    question->why = (struct ht_why){0};
    question->asked = 0;
    *last = question;
    ht_cb_current->questions++;
    for (size_t i = 0; i < question->count; i++) {
        ht_cb_current->counts[method_index(question->requests[i].method)]++;
    }
}

static bool is_of(const char *wanted, const char *method) {
    return wanted != NULL && strcmp(wanted, method) == 0;
}

/* One provider's answers; false and why when it refuses. */
static bool answer(struct ht_cb *bench, struct ht_cb_peer *peer, struct ht_jsonrpc_answer *answers,
                   const struct ht_question *question, struct ht_why *why) {
    const struct ht_cw_block *head = peer->head != NULL ? peer->head : bench->head;
    if (peer->batch_max > 0 && question->count > peer->batch_max) {
        (void)ht_fail(why, HT_EDENIED, "refused", "refused: batch too large");
        return false;
    }
    for (size_t i = 0; i < question->count; i++) {
        const char *method = question->requests[i].method;
        const json_t *params = question->requests[i].params;
        bool is_state = is_of("eth_getProof", method) || is_of("eth_getCode", method);
        if (peer->refusal != NULL && (peer->refuses == NULL || is_of(peer->refuses, method))) {
            (void)ht_fail(why, HT_EDENIED, "refused", "refused: %s", peer->refusal);
            return false;
        }
        if (is_of(peer->lacks_method, method)) {
            (void)ht_fail(why, HT_ENOTFOUND, "no_method", "does not have %s", method);
            return false;
        }
        json_t *honest = is_of(peer->knows_not, method) ? json_null()
                         : is_state && peer->lacks_state
                             ? NULL
                             : ht_cw_answer(&bench->world, head, method, params);
        if (peer->say != NULL) honest = peer->say(bench, method, params, honest);
        if (honest == NULL) {
            (void)ht_fail(why, HT_ENOTFOUND, "state_pruned", "no longer has that state");
            return false;
        }
        answers[i].result = honest;
    }
    return true;
}

/* Asks one provider; true when that ends the question with *err. */
static bool ask_peer(struct ht_cb *bench, struct ht_question *question, size_t i,
                     enum ht_err *err) {
    static struct ht_jsonrpc_answer answers[HT_QUESTION_REQUESTS_MAX];
    struct ht_cb_peer *peer = &bench->peers[i];
    struct ht_why why = {0};
    memset(answers, 0, sizeof answers);
    peer->questions++;
    peer->requests += (unsigned)question->count;
    bool is_answered = answer(bench, peer, answers, question, &why);
    *err = is_answered ? question->prove(question, answers, &why) : HT_EDENIED;
    for (size_t j = 0; j < question->count; j++) json_decref(answers[j].result);
    bool is_refused = !is_answered && strcmp(why.code, "refused") == 0;
    bool is_over = is_answered ? *err == HT_OK : is_refused && question->takes_refusal;
    question->why = why;
    question->provider = is_over ? i : question->provider;
    if (is_over) (void)snprintf(question->source, sizeof question->source, "peer %zu", i);
    if (!is_answered || *err == HT_OK || *err == HT_ENOTFOUND) return is_over;
    peer->faults++;
    peer->fault = why;
    return false;
}

static void ask_all(struct ht_cb *bench, struct ht_question *question) {
    for (size_t i = 0; i < bench->peer_count; i++) {
        enum ht_err err;
        if ((question->avoid >> i & 1U) != 0 || !ask_peer(bench, question, i, &err)) continue;
        finish(question, err);
        return;
    }
    if (question->why.code == NULL) {
        (void)ht_fail(&question->why, HT_ENET, "no_provider", "no execution provider");
    }
    finish(question, HT_ENET);
}

/* The next question that may be answered, out of the queue. */
static struct ht_question *take(struct ht_cb *bench) {
    struct ht_question **at = &bench->queue;
    if (bench->is_held) return NULL;
    while (*at != NULL && is_of(bench->held, (*at)->requests[0].method)) at = &(*at)->next;
    struct ht_question *question = *at;
    if (question == NULL) return NULL;
    *at = question->next;
    if (bench->steps > 0 && --bench->steps == 0) bench->is_held = true;
    return question;
}

/* --- waiting ---------------------------------------------------------------------------------- */

struct barrier {
    struct ht_write write;
    struct ht_read read;
    struct ht_loop *loop;
    unsigned left;
};

static enum ht_err write_nothing(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    (void)write;
    (void)db;
    (void)why;
    return HT_OK;
}

static enum ht_err read_nothing(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    (void)read;
    (void)db;
    (void)why;
    return HT_OK;
}

static void wrote(struct ht_write *write) {
    struct barrier *barrier = (struct barrier *)write;
    if (--barrier->left == 0) ht_loop_stop(barrier->loop);
}

static void was_read(struct ht_read *read) {
    struct barrier *barrier = (struct barrier *)((char *)read - offsetof(struct barrier, read));
    if (--barrier->left == 0) ht_loop_stop(barrier->loop);
}

/* All that the disk was given before is done; three times, since one read may lead to the next. */
static void wait_for_disk(struct ht_cb *bench) {
    for (unsigned i = 0; bench->loop != NULL && i < 3; i++) {
        struct barrier barrier = {.loop = bench->loop, .left = 2};
        barrier.write.write = write_nothing;
        barrier.write.done = wrote;
        barrier.read.read = read_nothing;
        barrier.read.done = was_read;
        assert_int_equal(ht_writer_submit(bench->writer, &barrier.write), HT_OK);
        assert_int_equal(ht_reader_submit(bench->reader, &barrier.read), HT_OK);
        ht_loop_run(bench->loop);
    }
}

void ht_cb_settle(struct ht_cb *bench) {
    bool was_busy = true;
    while (was_busy) {
        was_busy = false;
        for (struct ht_question *one = take(bench); one != NULL; one = take(bench)) {
            ask_all(bench, one);
            was_busy = true;
        }
        unsigned before = bench->questions;
        wait_for_disk(bench);
        was_busy |= bench->questions != before;
    }
}

void ht_cb_expect(enum ht_err err, const struct ht_why *why, enum ht_err wanted, const char *code) {
    const char *got = why->code != NULL ? why->code : "";
    if (err != wanted || strcmp(got, code) != 0) {
        fail_msg("expected %s %s, got %s %s: %s", ht_err_name(wanted), code, ht_err_name(err), got,
                 why->text);
    }
}

/* --- reads of one header ---------------------------------------------------------------------- */

static void header_done(struct ht_header_read *read) {
    ((struct ht_cb_header *)read)->done++;
}

void ht_cb_start(struct ht_cb *bench, struct ht_cb_header *header, struct ht_block_id id,
                 size_t before) {
    *header =
        (struct ht_cb_header){.read = {.id = id, .before_count = before, .done = header_done}};
    ht_chain_read(bench->chain, &header->read);
}

void ht_cb_read(struct ht_cb *bench, struct ht_cb_header *header, struct ht_block_id id,
                size_t before) {
    ht_cb_start(bench, header, id, before);
    ht_cb_settle(bench);
    assert_int_equal(header->done, 1);
}

struct ht_block_id ht_cb_number(uint64_t number) {
    return (struct ht_block_id){.kind = HT_BLOCK_NUMBER, .number = number};
}

struct ht_block_id ht_cb_hash(const struct ht_cw_block *block) {
    return (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = block->verified.hash};
}

struct ht_block_id ht_cb_kind(enum ht_block_kind kind) {
    return (struct ht_block_id){.kind = kind};
}

void ht_cb_is_block(const struct ht_cb_header *header, const struct ht_cw_block *block,
                    size_t before) {
    const struct ht_header_read *read = &header->read;
    if (read->err != HT_OK) fail_msg("%s: %s", read->why.code, read->why.text);
    assert_non_null(block);
    assert_int_equal(read->header.header.number, block->verified.header.number);
    assert_memory_equal(read->header.hash.b, block->verified.hash.b, 32);
    assert_int_equal(read->before_found, before);
    for (size_t i = 0; i < before; i++) {
        block = block->parent;
        assert_memory_equal(read->before[i].hash.b, block->verified.hash.b, 32);
    }
}
