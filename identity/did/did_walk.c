/* Back along an identity's changes, with blocks fetched ahead where a provider hints at them. */
#include "identity/did/did_walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "identity/did/did_block.h"
#include "node/base/hex.h"
#include "node/codec/abi_word.h"

#define HINT_BYTES ((size_t)8 << 20) /* of an answer with hints */

/* A block whose receipts are read, for the chain or ahead of it. */
struct visit {
    struct ht_block_read read;
    struct ht_did_walk_work *work;
    uint64_t number;
    bool is_busy;
};

/* A block that was read. */
struct found {
    uint64_t number;
    struct ht_did_event *events;
    size_t count;
};

struct ht_did_walk_work {
    struct ht_did_walk *walk; /* NULL: given up, or told */
    struct ht_arena arena;
    struct visit visits[HT_DID_WALK_AT_ONCE];
    size_t busy;
    struct found *found; /* HT_DID_WALK_BLOCKS_MAX of them */
    size_t found_count;
    size_t *chain; /* places in `found`, newest first */
    size_t chain_count;
    size_t event_count;
    uint64_t cursor; /* the block to be visited next; 0: the chain is complete */
    bool is_going, is_ending;
    enum ht_err err;
    struct ht_why why;

    struct ht_question question;
    bool is_asking, was_asked;
    uint64_t *told; /* the worker's, while the question is under way */
    size_t told_count;
    uint64_t *hints; /* newest first, each once */
    size_t hint_count, hint_at;
};

static void go_on(struct ht_did_walk_work *work);

static void free_work(struct ht_did_walk_work *work) {
    if (work->busy > 0 || work->is_asking) return;
    ht_arena_fini(&work->arena);
    free(work->found);
    free(work->chain);
    free(work->told);
    free(work->hints);
    free(work);
}

static void fail(struct ht_did_walk_work *work, enum ht_err err) {
    work->err = err;
    work->is_ending = true;
}

/* --- hints ------------------------------------------------------------------------------------ */

static int by_number_down(const void *a, const void *b) {
    const uint64_t *left = a;
    const uint64_t *right = b;
    return *left < *right ? 1 : *left > *right ? -1 : 0;
}

/* "0x1f" */
static bool read_quantity(uint64_t *out, const json_t *text) {
    const char *c = json_string_value(text);
    uint64_t value = 0;
    if (c == NULL || strncmp(c, "0x", 2) != 0 || strlen(c) < 3 || strlen(c) > 18) return false;
    for (c += 2; *c != '\0'; c++) {
        const char *digits = "0123456789abcdef";
        const char *at = strchr(digits, *c);
        if (at == NULL) return false;
        value = value << 4 | (uint64_t)(at - digits);
    }
    *out = value;
    return true;
}

/* On a worker. Nothing is proven by it; a provider is at fault for what is no list of logs. */
static enum ht_err take_hints(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                              struct ht_why *why) {
    struct ht_did_walk_work *work =
        (struct ht_did_walk_work *)((char *)question - offsetof(struct ht_did_walk_work, question));
    size_t i;
    const json_t *log;
    work->told_count = 0;
    if (!json_is_array(answers[0].result)) {
        return ht_fail(why, HT_EINPUT, "logs_form", "an answer to eth_getLogs is no array");
    }
    json_array_foreach(answers[0].result, i, log) {
        uint64_t number = 0;
        if (!read_quantity(&number, json_object_get(log, "blockNumber"))) {
            return ht_fail(why, HT_EINPUT, "logs_form", "a log has no block number");
        }
        if (work->told_count == HT_DID_WALK_BLOCKS_MAX) break;
        work->told[work->told_count++] = number;
    }
    qsort(work->told, work->told_count, sizeof *work->told, by_number_down);
    return HT_OK;
}

static void on_hints(struct ht_question *question) {
    struct ht_did_walk_work *work =
        (struct ht_did_walk_work *)((char *)question - offsetof(struct ht_did_walk_work, question));
    work->is_asking = false;
    if (work->walk == NULL) {
        free_work(work);
        return;
    }
    for (size_t i = 0; question->err == HT_OK && i < work->told_count; i++) {
        bool is_new = work->hint_count == 0 || work->hints[work->hint_count - 1] != work->told[i];
        if (is_new) work->hints[work->hint_count++] = work->told[i];
    }
    go_on(work);
}

static json_t *hint_params(const struct ht_did_walk_work *work) {
    ht_hash32 topic = {{0}};
    char to[24];
    memcpy(topic.b + 12, work->walk->identity.b, sizeof work->walk->identity.b);
    (void)snprintf(to, sizeof to, "0x%" PRIx64, work->cursor);
    return json_pack("[{s:o, s:[n, o], s:s, s:s}]", "address",
                     ht_abi_hex(HT_BYTES(work->walk->registry.b)), "topics",
                     ht_abi_hex(HT_BYTES(topic.b)), "fromBlock", "0x0", "toBlock", to);
}

/* Once the newest block has told of an earlier one. */
static void ask_hints(struct ht_did_walk_work *work) {
    if (work->was_asked) return;
    work->was_asked = true;
    work->question = (struct ht_question){
        .max_bytes = HINT_BYTES, .takes_refusal = true, .prove = take_hints, .done = on_hints};
    (void)snprintf(work->question.about, sizeof work->question.about,
                   "where to look for changes of an identity, block %" PRIu64, work->cursor);
    if (ht_question_add(&work->question, "eth_getLogs", hint_params(work)) != HT_OK) return;
    work->is_asking = true;
    ht_ask(work->walk->asker, &work->question);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static const struct found *find(const struct ht_did_walk_work *work, uint64_t number) {
    for (size_t i = work->found_count; i-- > 0;) {
        if (work->found[i].number == number) return &work->found[i];
    }
    return NULL;
}

static bool is_read(const struct ht_did_walk_work *work, uint64_t number) {
    for (size_t i = 0; i < HT_DID_WALK_AT_ONCE; i++) {
        if (work->visits[i].is_busy && work->visits[i].number == number) return true;
    }
    return false;
}

static void keep(struct visit *visit) {
    struct ht_did_walk_work *work = visit->work;
    struct ht_block_read *read = &visit->read;
    struct found found = {.number = visit->number};
    bool is_next = visit->number == work->cursor;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    if (err == HT_OK) {
        err =
            ht_did_block_events(&found.events, &found.count, &work->arena, read->receipts,
                                &read->header, &work->walk->registry, &work->walk->identity, &why);
    }
    /* What was fetched ahead in vain is asked again when the chain really leads there. */
    if (err != HT_OK && !is_next) return;
    if (err == HT_OK && found.count == 0 && !is_next) {
        work->hint_count = 0;
        return;
    }
    if (err == HT_OK && work->found_count == HT_DID_WALK_BLOCKS_MAX) {
        err = ht_fail(&why, HT_ELIMIT, "did_too_large", "the identity changed in over %u blocks",
                      HT_DID_WALK_BLOCKS_MAX);
    }
    if (err == HT_OK) {
        work->found[work->found_count++] = found;
        return;
    }
    work->why = why;
    fail(work, err);
}

static void on_block(struct ht_block_read *read) {
    struct visit *visit = (struct visit *)((char *)read - offsetof(struct visit, read));
    struct ht_did_walk_work *work = visit->work;
    visit->is_busy = false;
    work->busy--;
    if (work->walk != NULL && !work->is_ending) keep(visit);
    ht_block_read_fini(read);
    go_on(work);
}

/* Whether there was room to. */
static bool visit_block(struct ht_did_walk_work *work, uint64_t number) {
    for (size_t i = 0; i < HT_DID_WALK_AT_ONCE; i++) {
        struct visit *visit = &work->visits[i];
        if (visit->is_busy) continue;
        *visit = (struct visit){.work = work,
                                .number = number,
                                .is_busy = true,
                                .read = {.id = {.kind = HT_BLOCK_NUMBER, .number = number},
                                         .wants_receipts = true,
                                         .done = on_block}};
        work->busy++;
        ht_blocks_read(work->walk->blocks, &visit->read);
        return true;
    }
    return false;
}

/* --- the walk --------------------------------------------------------------------------------- */

/* Follows the chain through what has been found. */
static void follow(struct ht_did_walk_work *work) {
    const struct found *next = NULL;
    while (work->cursor != 0 && (next = find(work, work->cursor)) != NULL) {
        uint64_t previous = 0;
        enum ht_err err =
            ht_did_block_link(&previous, next->events, next->count, next->number, &work->why);
        work->event_count += next->count;
        if (err == HT_OK && work->event_count > HT_DID_EVENTS_MAX) {
            err = ht_fail(&work->why, HT_ELIMIT, "did_too_large",
                          "the identity has over %u changes", HT_DID_EVENTS_MAX);
        }
        if (err != HT_OK) {
            fail(work, err);
            return;
        }
        work->chain[work->chain_count++] = (size_t)(next - work->found);
        work->cursor = previous;
    }
    if (work->cursor == 0) work->is_ending = true;
}

static void fetch(struct ht_did_walk_work *work) {
    uint64_t cursor = work->cursor;
    if (work->chain_count > 0) ask_hints(work);
    if (!is_read(work, cursor) && !visit_block(work, cursor)) return;
    while (work->hint_at < work->hint_count) {
        uint64_t number = work->hints[work->hint_at];
        bool is_wanted = number < cursor && number > 0 && find(work, number) == NULL &&
                         !is_read(work, number) && work->found_count < HT_DID_WALK_BLOCKS_MAX / 2;
        /* Before the read, which may end at once and drop all hints. */
        work->hint_at++;
        if (!is_wanted) continue;
        if (visit_block(work, number)) continue;
        work->hint_at--;
        return;
    }
}

static void gather(struct ht_did_walk_work *work) {
    struct ht_did_walk *walk = work->walk;
    void *all = NULL;
    if (work->err == HT_OK) {
        work->err =
            ht_arena_array(&all, &work->arena, work->event_count, sizeof *walk->events, &work->why);
    }
    struct ht_did_event *to = all;
    for (size_t i = work->chain_count; work->err == HT_OK && i-- > 0;) {
        const struct found *one = &work->found[work->chain[i]];
        memcpy(to, one->events, one->count * sizeof *to);
        to += one->count;
    }
    if (work->err == HT_OK) {
        work->err =
            ht_did_events_check(all, work->event_count, &walk->identity, walk->changed, &work->why);
    }
    walk->events = work->err == HT_OK ? all : NULL;
    walk->count = work->err == HT_OK ? work->event_count : 0;
}

static void end(struct ht_did_walk_work *work) {
    struct ht_did_walk *walk = work->walk;
    if (walk == NULL) {
        free_work(work);
        return;
    }
    gather(work);
    walk->err = work->err;
    walk->why = work->why;
    walk->block_count = work->chain_count;
    walk->missing = work->cursor;
    walk->arena = work->arena;
    ht_arena_init(&work->arena, 0);
    walk->work = NULL;
    work->walk = NULL;
    free_work(work);
    walk->done(walk);
}

/* Reads may end from within the call that starts them: one turn at a time. */
static void go_on(struct ht_did_walk_work *work) {
    if (work->is_going) return;
    work->is_going = true;
    size_t before;
    do {
        before = work->found_count;
        if (work->walk != NULL && !work->is_ending) follow(work);
        if (work->walk != NULL && !work->is_ending) fetch(work);
    } while (!work->is_ending && work->found_count != before);
    work->is_going = false;
    if (work->busy == 0 && (work->walk == NULL || work->is_ending)) end(work);
}

void ht_did_walk(struct ht_did_walk *walk) {
    struct ht_did_walk_work *work = calloc(1, sizeof *work);
    if (work != NULL) {
        *work = (struct ht_did_walk_work){.walk = walk, .cursor = walk->changed};
        ht_arena_init(&work->arena, HT_DID_WALK_BYTES_MAX);
        work->found = calloc(HT_DID_WALK_BLOCKS_MAX, sizeof *work->found);
        work->chain = calloc(HT_DID_WALK_BLOCKS_MAX, sizeof *work->chain);
        work->told = calloc(HT_DID_WALK_BLOCKS_MAX, sizeof *work->told);
        work->hints = calloc(HT_DID_WALK_BLOCKS_MAX, sizeof *work->hints);
    }
    if (work == NULL || work->found == NULL || work->chain == NULL || work->told == NULL ||
        work->hints == NULL) {
        if (work != NULL) free_work(work);
        walk->missing = walk->changed;
        walk->err = ht_fail(&walk->why, HT_ENOMEM, "no_memory", "out of memory");
        walk->done(walk);
        return;
    }
    walk->work = work;
    go_on(work);
}

void ht_did_walk_cancel(struct ht_did_walk *walk) {
    struct ht_did_walk_work *work = walk->work;
    if (work == NULL) return;
    walk->work = NULL;
    work->walk = NULL;
    work->is_ending = true;
    free_work(work);
}

void ht_did_walk_fini(struct ht_did_walk *walk) {
    ht_arena_fini(&walk->arena);
    walk->events = NULL;
    walk->count = 0;
}
