/* Finding a header that is not in memory: on disk, then by steps down from a header that is known -
 * by parent hashes when it is near, by the hashes in a block's state (EIP-2935) when it is far. */
#include "node/l1/chain_walk.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/l1/chain_sql.h"
#include "node/l1/execution/history.h"

#define ANSWER_MAX ((size_t)4 << 20)
#define WALK_BLOCKS 4096U /* the most that is walked where no state leads further */

struct ht_chain_walk {
    struct ht_header_read *read;
    struct ht_chain *chain;
    uint64_t goal;               /* the number that is looked for */
    size_t before_wanted;        /* ancestors of it */
    bool has_goal;               /* found; its ancestors are next */
    bool is_claimed;             /* goal is what somebody says of the block with the wanted hash */
    struct ht_question question; /* for that */
    struct ht_read disk;
    struct ht_exec_header_verified *loaded; /* from disk, newest first */
    size_t loaded_count;
    struct ht_chain_span span;
    struct ht_exec_header_verified at; /* known; the steps go down from here */
    bool from_head;                    /* at hangs on the head, not on the finalized block */
    ht_hash32 head;                    /* the light client's when the walk began */
    bool no_history;                   /* nobody has the state that would lead further */
    uint64_t walked;
};

static void step(struct ht_chain_walk *walk);

static void end(struct ht_chain_walk *walk, enum ht_err err) {
    struct ht_header_read *read = walk->read;
    ht_chain_span_fini(&walk->span);
    free(walk->loaded);
    free(walk);
    if (err != HT_OK) ht_header_read_fini(read);
    ht_chain_end(read, err);
}

/* --- what was found --------------------------------------------------------------------------- */

/* False when it is not the block that was meant; the walk has ended then. */
static bool take_goal(struct ht_chain_walk *walk, const struct ht_exec_header_verified *header) {
    struct ht_header_read *read = walk->read;
    if (walk->is_claimed && !ht_hash32_equal(&header->hash, &read->id.hash)) {
        end(walk, ht_fail(&read->why, HT_ENOTFOUND, "not_in_chain",
                          "block %llu of the proven chain is another one",
                          (unsigned long long)walk->goal));
        return false;
    }
    read->header = *header;
    read->is_final = !walk->from_head;
    walk->has_goal = true;
    return true;
}

/* Headers in a row, newest first, that go on below `at`, or begin with the goal. */
static void absorb(struct ht_chain_walk *walk, const struct ht_exec_header_verified *headers,
                   size_t count) {
    struct ht_header_read *read = walk->read;
    for (size_t i = 0; i < count; i++) {
        if (walk->has_goal && read->before_found < walk->before_wanted) {
            read->before[read->before_found++] = headers[i];
        } else if (!walk->has_goal && headers[i].header.number == walk->goal) {
            if (!take_goal(walk, &headers[i])) return;
        }
    }
    walk->at = headers[count - 1];
    step(walk);
}

/* --- by asking -------------------------------------------------------------------------------- */

/* The state of `at` is not to be had: that of the head may be; else it goes on by parents. */
static void lose_history(struct ht_chain_walk *walk) {
    struct ht_chain *chain = walk->chain;
    const struct ht_exec_header_verified *head = ht_chain_head(chain);
    bool is_at_finalized =
        chain->has_finalized && ht_hash32_equal(&walk->at.hash, &chain->finalized.hash);
    if (is_at_finalized && !walk->from_head && head != NULL) {
        walk->from_head = true;
        walk->at = *head;
    } else {
        walk->no_history = true;
        bool was_head = head != NULL && ht_hash32_equal(&walk->at.hash, &head->hash);
        if (was_head && chain->has_finalized && walk->goal < chain->finalized.header.number) {
            walk->from_head = false;
            walk->at = chain->finalized;
        }
    }
    step(walk);
}

/* Whether they have it not, rather than that nobody could be asked. */
static bool is_lacking(const struct ht_question *question) {
    static const char *const codes[] = {"state_pruned", "no_method", "no_history", "out_of_window"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (question->why.code != NULL && strcmp(question->why.code, codes[i]) == 0) return true;
    }
    return false;
}

static const ht_hash32 *head_now(const struct ht_chain_walk *walk) {
    return &ht_sync_view(walk->chain->options.sync)->optimistic.execution_block_hash;
}

/* Whether what the way hangs on was perhaps replaced meanwhile. */
static bool has_lost_head(const struct ht_chain_walk *walk) {
    const char *code = walk->span.question.why.code;
    return walk->from_head && code != NULL && strcmp(code, "other_branch") == 0 &&
           !ht_hash32_equal(head_now(walk), &walk->head);
}

/* With the new head. */
static void start_over(struct ht_chain_walk *walk) {
    struct ht_header_read *read = walk->read;
    struct ht_chain *chain = walk->chain;
    ht_chain_span_fini(&walk->span);
    free(walk->loaded);
    free(walk);
    ht_header_read_fini(read);
    ht_chain_read(chain, read);
}

static void span_done(struct ht_chain_span *span) {
    struct ht_chain_walk *walk =
        (struct ht_chain_walk *)((char *)span - offsetof(struct ht_chain_walk, span));
    struct ht_header_read *read = walk->read;
    struct ht_question *question = &span->question;
    if (question->err != HT_OK && span->by_history && is_lacking(question)) {
        ht_chain_span_fini(span);
        lose_history(walk);
        return;
    }
    if (question->err != HT_OK && has_lost_head(walk)) {
        start_over(walk);
        return;
    }
    if (question->err != HT_OK) {
        read->why = question->why;
        end(walk, question->err);
        return;
    }
    memcpy(read->source, question->source, sizeof read->source);
    struct ht_exec_header_verified *found = span->found;
    size_t count = span->found_count;
    span->found = NULL;
    ht_chain_span_fini(span);
    if (!walk->from_head) {
        ht_chain_add_final(walk->chain, found, count, true);
    } else if (!span->by_history) {
        ht_chain_add_below(walk->chain, &walk->at, found, count);
    }
    absorb(walk, found, count);
    free(found);
}

static void ask_span(struct ht_chain_walk *walk, uint64_t top, size_t count, bool by_history) {
    if (count > HT_CHAIN_BATCH) count = HT_CHAIN_BATCH;
    walk->span = (struct ht_chain_span){.chain = walk->chain,
                                        .at = walk->at,
                                        .by_history = by_history,
                                        .is_final = !walk->from_head,
                                        .top = top,
                                        .count = count,
                                        .done = span_done};
    ht_chain_span_ask(&walk->span);
}

/* Down to `target`, and to `more` headers below it if they fit. */
static void go_down(struct ht_chain_walk *walk, uint64_t target, size_t more) {
    uint64_t from = walk->at.header.number;
    uint64_t distance = from - target;
    bool has_history = !walk->no_history && walk->at.header.layout >= HT_EXEC_LAYOUT_PRAGUE;
    if (distance <= HT_CHAIN_BATCH) {
        ask_span(walk, from - 1, (size_t)distance + more, false);
    } else if (has_history && ht_history_covers(&walk->at, target)) {
        ask_span(walk, target, 1 + more, true);
    } else if (has_history && from > HT_HISTORY_WINDOW) {
        ask_span(walk, from - HT_HISTORY_WINDOW, 1, true);
    } else if (walk->walked + distance <= WALK_BLOCKS) {
        walk->walked += HT_CHAIN_BATCH;
        ask_span(walk, from - 1, HT_CHAIN_BATCH, false);
    } else {
        end(walk, ht_fail(&walk->read->why, HT_ENOTFOUND, "too_far",
                          "no provider has what proves block %llu, %llu blocks back",
                          (unsigned long long)target, (unsigned long long)distance));
    }
}

static void step(struct ht_chain_walk *walk) {
    struct ht_header_read *read = walk->read;
    size_t found = read->before_found;
    if (walk->has_goal && found == walk->before_wanted) {
        end(walk, HT_OK);
    } else if (walk->has_goal) {
        go_down(walk, walk->goal - found - 1, walk->before_wanted - found - 1);
    } else {
        go_down(walk, walk->goal, walk->before_wanted);
    }
}

/* Where the way down begins: a known header near above the goal, or the one that vouches for it. */
static void start_asking(struct ht_chain_walk *walk) {
    struct ht_chain *chain = walk->chain;
    walk->from_head = !chain->has_finalized || walk->goal > chain->finalized.header.number;
    if (walk->from_head) {
        ht_assert(chain->recent_count > 0);
        size_t i = 0; /* the lowest of those above the goal */
        while (chain->recent[i].header.number <= walk->goal && i + 1 < chain->recent_count) i++;
        walk->at = chain->recent[i];
    } else {
        const struct ht_exec_header_verified *nearest = &chain->finalized;
        for (size_t i = 0; i < chain->cache_count; i++) {
            const struct ht_exec_header_verified *one = &chain->cache[i].header;
            bool is_near = one->header.number >= walk->goal &&
                           one->header.number - walk->goal <= HT_CHAIN_BATCH;
            if (is_near && one->header.number < nearest->header.number) nearest = one;
        }
        walk->at = *nearest;
    }
    if (walk->at.header.number == walk->goal) {
        absorb(walk, &walk->at, 1);
    } else {
        step(walk);
    }
}

/* --- on disk ---------------------------------------------------------------------------------- */

static struct ht_chain_walk *walk_of_disk(struct ht_read *disk) {
    return (struct ht_chain_walk *)((char *)disk - offsetof(struct ht_chain_walk, disk));
}

/* On a worker. */
static enum ht_err load(struct ht_read *disk, sqlite3 *db, struct ht_why *why) {
    struct ht_chain_walk *walk = walk_of_disk(disk);
    return ht_chain_sql_load(walk->loaded, &walk->loaded_count, walk->before_wanted + 1, db,
                             walk->goal, why);
}

static void loaded(struct ht_read *disk) {
    struct ht_chain_walk *walk = walk_of_disk(disk);
    if (disk->err != HT_OK) {
        start_asking(walk);
        return;
    }
    (void)snprintf(walk->read->source, sizeof walk->read->source, "kept");
    ht_chain_add_final(walk->chain, walk->loaded, walk->loaded_count, false);
    absorb(walk, walk->loaded, walk->loaded_count);
}

/* With the goal known. */
static void look(struct ht_chain_walk *walk) {
    struct ht_chain *chain = walk->chain;
    struct ht_header_read *read = walk->read;
    size_t wanted = read->before_count;
    walk->before_wanted = wanted < walk->goal ? wanted : (size_t)walk->goal;
    walk->loaded = calloc(walk->before_wanted + 1, sizeof *walk->loaded);
    ht_assert(walk->loaded != NULL);
    if (walk->before_wanted > 0) {
        read->before = calloc(walk->before_wanted, sizeof *read->before);
        ht_assert(read->before != NULL);
    }
    bool may_be_kept = chain->options.reader != NULL && chain->has_finalized &&
                       walk->goal <= chain->finalized.header.number;
    walk->disk.read = load;
    walk->disk.done = loaded;
    if (!may_be_kept || ht_reader_submit(chain->options.reader, &walk->disk) != HT_OK) {
        start_asking(walk);
    }
}

/* --- a block by its hash ---------------------------------------------------------------------- */

/* The number is somebody's word, or that of what was kept when the light client may have followed
 * another chain. */
static void look_for_claimed(struct ht_chain_walk *walk) {
    const struct ht_exec_header_verified *head = ht_chain_head(walk->chain);
    walk->is_claimed = true;
    if (head == NULL || walk->goal > head->header.number) {
        end(walk, ht_fail(&walk->read->why, HT_ENOTFOUND, "block_in_future",
                          "it is newer than the newest proven block"));
        return;
    }
    look(walk);
}

/* On a worker: the number of the block with the wanted hash, which says nothing of the chain. */
static enum ht_err prove_claim(struct ht_question *question,
                               const struct ht_jsonrpc_answer *answers, struct ht_why *why) {
    struct ht_chain_walk *walk =
        (struct ht_chain_walk *)((char *)question - offsetof(struct ht_chain_walk, question));
    struct ht_exec_header_claimed claimed;
    if (json_is_null(answers[0].result)) {
        return ht_fail(why, HT_ENOTFOUND, "block_not_found", "does not know a block of that hash");
    }
    enum ht_err err = ht_exec_header_from_json(&claimed, answers[0].result, why);
    if (err != HT_OK) return err;
    if (!ht_hash32_equal(&claimed.hash, &walk->read->id.hash)) {
        return ht_fail(why, HT_EUNVERIFIED, "header_hash_differs",
                       "a block of another hash than asked for");
    }
    walk->goal = claimed.header.number;
    return HT_OK;
}

static void claimed(struct ht_question *question) {
    struct ht_chain_walk *walk =
        (struct ht_chain_walk *)((char *)question - offsetof(struct ht_chain_walk, question));
    struct ht_header_read *read = walk->read;
    if (question->err != HT_OK) {
        read->why = question->why;
        bool is_unknown = strcmp(read->why.code, "block_not_found") == 0;
        end(walk, is_unknown ? HT_ENOTFOUND : question->err);
        return;
    }
    memcpy(read->source, question->source, sizeof read->source);
    look_for_claimed(walk);
}

static void ask_for_hash(struct ht_chain_walk *walk) {
    struct ht_question *question = &walk->question;
    *question =
        (struct ht_question){.max_bytes = ANSWER_MAX, .prove = prove_claim, .done = claimed};
    json_t *hash = ht_chain_hash_json(&walk->read->id.hash);
    (void)snprintf(question->about, sizeof question->about, "block %s", json_string_value(hash));
    ht_assert(ht_question_add(question, "eth_getBlockByHash", json_pack("[o, b]", hash, 0)) ==
              HT_OK);
    ht_ask(walk->chain->options.asker, question);
}

/* On a worker. */
static enum ht_err find_kept(struct ht_read *disk, sqlite3 *db, struct ht_why *why) {
    struct ht_chain_walk *walk = walk_of_disk(disk);
    return ht_chain_sql_find(&walk->goal, db, &walk->read->id.hash, why);
}

static void found_kept(struct ht_read *disk) {
    struct ht_chain_walk *walk = walk_of_disk(disk);
    if (disk->err == HT_OK) {
        look_for_claimed(walk);
    } else {
        ask_for_hash(walk);
    }
}

void ht_chain_walk(struct ht_header_read *read) {
    struct ht_chain *chain = read->chain;
    struct ht_chain_walk *walk = calloc(1, sizeof *walk);
    ht_assert(walk != NULL);
    walk->read = read;
    walk->chain = chain;
    walk->head = *head_now(walk);
    const struct ht_exec_header_verified *known =
        read->id.kind == HT_BLOCK_HASH ? ht_chain_find_hash(chain, &read->id.hash) : NULL;
    if (read->id.kind == HT_BLOCK_NUMBER) {
        walk->goal = read->id.number;
        look(walk);
    } else if (read->id.kind != HT_BLOCK_HASH || known != NULL) {
        walk->goal = read->header.header.number; /* in memory; its ancestors are not */
        look(walk);
    } else {
        walk->disk.read = find_kept;
        walk->disk.done = found_kept;
        bool may_be_kept = chain->options.reader != NULL;
        if (!may_be_kept || ht_reader_submit(chain->options.reader, &walk->disk) != HT_OK) {
            ask_for_hash(walk);
        }
    }
}
