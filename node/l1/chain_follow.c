/* Keeping up: the headers of the light client's head and finalized block, and how a new head hangs
 * on the one before - extends it, or replaces a part of it. */
#include "node/l1/chain_follow.h"

#include <stdio.h>
#include <stdlib.h>

#define ANSWER_MAX ((size_t)4 << 20)

static struct ht_chain *chain_of(struct ht_question *question) {
    return (struct ht_chain *)((char *)question - offsetof(struct ht_chain, follow.question));
}

bool ht_chain_is_current(const struct ht_chain *chain) {
    const struct ht_sync_view *view = ht_sync_view(chain->options.sync);
    const struct ht_exec_header_verified *head = ht_chain_head(chain);
    if (head == NULL || !ht_hash32_equal(&head->hash, &view->optimistic.execution_block_hash)) {
        return false;
    }
    return !view->finalized.has_execution ||
           (chain->has_finalized &&
            ht_hash32_equal(&chain->finalized.hash, &view->finalized.execution_block_hash));
}

/* --- how the head hangs on what is known ------------------------------------------------------ */

static void tell(struct ht_chain *chain, const struct ht_chain_change *change) {
    chain->next_told = chain->listeners;
    while (chain->next_told != NULL) {
        struct ht_chain_listener *one = chain->next_told;
        chain->next_told = one->next; /* it, or the next, may stop listening */
        one->on_change(one, change);
    }
}

/* Those up to finality are final now; they are kept when they end in the finalized block itself. */
static void keep_finalized(struct ht_chain *chain, uint64_t above) {
    size_t first = 0, count = 0;
    if (!chain->has_finalized) return;
    for (size_t i = 0; i < chain->recent_count; i++) {
        uint64_t number = chain->recent[i].header.number;
        if (number <= above) first = i + 1;
        if (ht_hash32_equal(&chain->recent[i].hash, &chain->finalized.hash)) count = i + 1;
    }
    if (count > first) {
        ht_chain_add_final(chain, chain->recent + first, count - first, true);
    } else {
        ht_chain_add_final(chain, &chain->finalized, 1, true);
    }
}

/* Makes room in front when it is full. */
static void push_recent(struct ht_chain *chain, const struct ht_exec_header_verified *header) {
    if (chain->recent_count == HT_CHAIN_RECENT_MAX) {
        chain->recent_count = HT_CHAIN_RECENT_MAX * 3 / 4;
        size_t gone = HT_CHAIN_RECENT_MAX - chain->recent_count;
        for (size_t i = 0; i < chain->recent_count; i++) {
            chain->recent[i] = chain->recent[i + gone];
        }
    }
    chain->recent[chain->recent_count++] = *header;
}

/* Goes on with those who waited; they may read again at once. */
static void resume_waiting(struct ht_chain *chain, enum ht_err err, const struct ht_why *why) {
    struct ht_header_read *waiting = chain->waiting;
    chain->waiting = NULL;
    while (waiting != NULL) {
        struct ht_header_read *next = waiting->next;
        ht_chain_resume(waiting, err, why);
        waiting = next;
    }
}

static void finish(struct ht_chain *chain, enum ht_err err, const struct ht_why *why) {
    struct ht_chain_follow *follow = &chain->follow;
    ht_chain_span_fini(&follow->gap);
    free(follow->added);
    follow->added = NULL;
    follow->added_count = 0;
    follow->is_active = false;
    resume_waiting(chain, err, why);
    /* The head may have moved on meanwhile. */
    if (err == HT_OK && chain->listeners != NULL && !ht_chain_is_current(chain)) {
        ht_chain_follow(chain);
    }
}

/* Keeps the first `joined` of recent, and puts what was added behind them. */
static void join(struct ht_chain *chain, size_t joined) {
    struct ht_chain_follow *follow = &chain->follow;
    size_t removed = chain->recent_count - joined;
    struct ht_exec_header_verified *gone = calloc(removed + 1, sizeof *gone);
    struct ht_exec_header_verified *added = calloc(follow->added_count + 1, sizeof *added);
    ht_assert(gone != NULL && added != NULL);
    for (size_t i = 0; i < removed; i++) gone[i] = chain->recent[chain->recent_count - 1 - i];
    for (size_t i = 0; i < follow->added_count; i++) {
        added[i] = follow->added[follow->added_count - 1 - i];
    }
    chain->recent_count = joined;
    for (size_t i = 0; i < follow->added_count; i++) push_recent(chain, &added[i]);
    tell(chain, &(struct ht_chain_change){.removed = gone,
                                          .removed_count = removed,
                                          .added = added,
                                          .added_count = follow->added_count});
    free(gone);
    free(added);
}

/* How many of recent the oldest of what was added continues; 0 when none. */
static size_t joined_at(const struct ht_chain *chain) {
    const struct ht_chain_follow *follow = &chain->follow;
    const struct ht_exec_header_verified *oldest = &follow->added[follow->added_count - 1];
    for (size_t i = chain->recent_count; i > 0; i--) {
        if (ht_hash32_equal(&chain->recent[i - 1].hash, &oldest->header.parent_hash)) return i;
    }
    return 0;
}

static void ask_gap(struct ht_chain *chain);

/* The head is a block from before: those above it were taken back. */
static bool fall_back(struct ht_chain *chain) {
    struct ht_chain_follow *follow = &chain->follow;
    for (size_t i = chain->recent_count; i > 0; i--) {
        if (!ht_hash32_equal(&chain->recent[i - 1].hash, &follow->head.hash)) continue;
        follow->added_count = 0;
        join(chain, i);
        finish(chain, HT_OK, NULL);
        return true;
    }
    return false;
}

static void link_head(struct ht_chain *chain) {
    struct ht_chain_follow *follow = &chain->follow;
    const struct ht_exec_header_verified *oldest = &follow->added[follow->added_count - 1];
    if (fall_back(chain)) return;
    size_t joined = joined_at(chain);
    uint64_t first = chain->recent_count > 0 ? chain->recent[0].header.number : 0;
    bool is_worth = chain->recent_count > 0 && oldest->header.number > first + 1 &&
                    follow->added_count < HT_CHAIN_RECENT_MAX / 2;
    if (joined == 0 && is_worth && chain->listeners != NULL) {
        ask_gap(chain);
        return;
    }
    /* All that was known is of another branch only if the way down went through all of it. */
    bool is_replaced = chain->recent_count > 0 && oldest->header.number <= first + 1;
    if (joined == 0 && !is_replaced) chain->recent_count = 0;
    join(chain, joined);
    finish(chain, HT_OK, NULL);
}

static void gap_done(struct ht_chain_span *gap) {
    struct ht_chain *chain = gap->chain;
    struct ht_chain_follow *follow = &chain->follow;
    if (gap->question.err != HT_OK) {
        /* Who listens is told of the head alone; how it came about is not known. */
        follow->added_count = 1;
        chain->recent_count = 0;
        join(chain, 0);
        finish(chain, HT_OK, NULL);
        return;
    }
    bool has_joined = false;
    for (size_t i = 0; i < gap->found_count && !has_joined; i++) {
        for (size_t j = 0; j < chain->recent_count && !has_joined; j++) {
            has_joined = ht_hash32_equal(&gap->found[i].hash, &chain->recent[j].hash);
        }
        if (!has_joined) follow->added[follow->added_count++] = gap->found[i];
    }
    link_head(chain);
}

static void ask_gap(struct ht_chain *chain) {
    struct ht_chain_follow *follow = &chain->follow;
    const struct ht_exec_header_verified *oldest = &follow->added[follow->added_count - 1];
    uint64_t first = chain->recent[0].header.number;
    uint64_t span = oldest->header.number - first;
    ht_chain_span_fini(&follow->gap);
    follow->gap =
        (struct ht_chain_span){.chain = chain,
                               .at = *oldest,
                               .top = oldest->header.number - 1,
                               .count = span < HT_CHAIN_BATCH ? (size_t)span : HT_CHAIN_BATCH,
                               .done = gap_done};
    ht_chain_span_ask(&follow->gap);
}

/* --- the two headers -------------------------------------------------------------------------- */

/* On a worker. */
static enum ht_err prove(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                         struct ht_why *why) {
    struct ht_chain_follow *follow = &chain_of(question)->follow;
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < question->count; i++) {
        bool is_head = i == 0 && follow->wants_head;
        struct ht_exec_header_claimed claimed;
        if (json_is_null(answers[i].result)) {
            return ht_fail(why, HT_ENOTFOUND, "block_not_found", "does not have that block");
        }
        err = ht_exec_header_from_json(&claimed, answers[i].result, why);
        if (err != HT_OK) return err;
        err = ht_exec_header_verify(is_head ? &follow->head : &follow->finalized, &claimed,
                                    is_head ? &follow->head_hash : &follow->finalized_hash, why);
    }
    return err;
}

static void settle(struct ht_chain *chain) {
    struct ht_chain_follow *follow = &chain->follow;
    uint64_t finalized_before = chain->has_finalized ? chain->finalized.header.number : 0;
    if (follow->wants_finalized) {
        chain->finalized = follow->finalized;
        chain->has_finalized = true;
    }
    if (!follow->wants_head) {
        if (follow->wants_finalized) keep_finalized(chain, finalized_before);
        finish(chain, HT_OK, NULL);
        return;
    }
    follow->added = calloc(HT_CHAIN_RECENT_MAX, sizeof *follow->added);
    ht_assert(follow->added != NULL);
    follow->added[follow->added_count++] = follow->head;
    if (follow->wants_finalized) keep_finalized(chain, finalized_before);
    link_head(chain);
}

static void ask(struct ht_chain *chain, const struct ht_sync_view *view);

/* A server that takes no batches is asked for the head alone; the other comes next time. */
static bool takes_no_batch(const struct ht_question *question) {
    const char *code = question->why.code;
    return question->err != HT_OK && code != NULL &&
           (strcmp(code, "refused") == 0 || strcmp(code, "too_much") == 0);
}

static void proved(struct ht_question *question) {
    struct ht_chain *chain = chain_of(question);
    struct ht_chain_follow *follow = &chain->follow;
    if (takes_no_batch(question) && follow->wants_head && follow->wants_finalized) {
        follow->wants_finalized = false;
        ask(chain, ht_sync_view(chain->options.sync));
        return;
    }
    if (question->err == HT_OK) {
        settle(chain);
        return;
    }
    struct ht_why why = question->why;
    finish(chain, question->err, &why);
}

static void add_request(struct ht_question *question, const ht_hash32 *hash) {
    json_t *params = json_pack("[o, b]", ht_chain_hash_json(hash), 0);
    ht_assert(ht_question_add(question, "eth_getBlockByHash", params) == HT_OK);
}

/* What is in memory already is not asked for. */
static void ask(struct ht_chain *chain, const struct ht_sync_view *view) {
    struct ht_chain_follow *follow = &chain->follow;
    follow->question =
        (struct ht_question){.max_bytes = ANSWER_MAX, .prove = prove, .done = proved};
    if (follow->wants_head) add_request(&follow->question, &follow->head_hash.hash);
    const struct ht_exec_header_verified *known = NULL;
    if (follow->wants_finalized) known = ht_chain_find_hash(chain, &follow->finalized_hash.hash);
    if (known != NULL) {
        follow->finalized = *known;
    } else if (follow->wants_finalized) {
        add_request(&follow->question, &follow->finalized_hash.hash);
    }
    (void)snprintf(follow->question.about, sizeof follow->question.about,
                   "header of beacon slot %llu",
                   (unsigned long long)(follow->wants_head ? view->optimistic.beacon.slot
                                                           : view->finalized.beacon.slot));
    if (follow->question.count > 0) {
        ht_ask(chain->options.asker, &follow->question);
    } else {
        settle(chain);
    }
}

void ht_chain_follow(struct ht_chain *chain) {
    struct ht_chain_follow *follow = &chain->follow;
    const struct ht_sync_view *view = ht_sync_view(chain->options.sync);
    const struct ht_exec_header_verified *head = ht_chain_head(chain);
    struct ht_why why = {0};
    if (follow->is_active || !view->has_store || ht_chain_is_current(chain)) return;
    follow->is_active = true;
    enum ht_err err = ht_exec_hash_of_beacon(&follow->head_hash, &view->optimistic, &why);
    if (err != HT_OK) {
        finish(chain, err, &why);
        return;
    }
    follow->wants_head = head == NULL || !ht_hash32_equal(&head->hash, &follow->head_hash.hash);
    follow->wants_finalized =
        view->finalized.has_execution &&
        ht_exec_hash_of_beacon(&follow->finalized_hash, &view->finalized, NULL) == HT_OK &&
        !(chain->has_finalized &&
          ht_hash32_equal(&chain->finalized.hash, &follow->finalized_hash.hash));
    ask(chain, view);
}
