/* Complete logs: windows of headers from the range's end downwards, each hanging on the one above
 * it; of every block whose bloom may match, all receipts. */
#include "node/l1/logs.h"

#include <stdlib.h>

#include "node/l1/execution/body_json.h"

#define WINDOW (HT_CHAIN_BEFORE_MAX + 1U)
#define IN_FLIGHT 8U
#define FAILURES_MAX 3U /* windows in a row without an answer; the rest is not tried */

enum block_state { BLOCK_UNKNOWN, BLOCK_CLEAR, BLOCK_READING, BLOCK_DONE };

/* A block whose receipts are read. */
struct hit {
    struct ht_block_read block;
    struct ht_logs_work *work;
    bool is_busy;
    unsigned round; /* work->restarts when it was started */
};

struct ht_logs_work {
    struct ht_logs_read *read;
    struct ht_blocks *blocks;
    uint64_t from, to;        /* the range, once its ends are known */
    struct ht_header_read at; /* a window, or an end of the range */
    bool has_to;
    bool is_reading_window;
    bool is_going;
    uint64_t next; /* the number of the next window's first block; below from: none */
    bool has_windows_left;
    bool has_above;
    ht_hash32 above_parent; /* what the next window's first block must be */
    unsigned failures;
    unsigned restarts;
    unsigned window_round;                 /* restarts when the window was asked for */
    uint8_t *states;                       /* of each block of the range, enum block_state */
    json_t **logs;                         /* of each block; NULL: none */
    struct ht_exec_header_verified *queue; /* hits that wait, newest first */
    size_t queue_count;
    struct hit hits[IN_FLIGHT];
    size_t busy;
    size_t log_count;
    bool is_cancelled;
    bool is_ending;
    enum ht_err err;
    struct ht_why why;
};

static void go_on(struct ht_logs_work *work);

static uint64_t span_of(const struct ht_logs_work *work) {
    return work->to - work->from + 1;
}

static uint8_t *state_of(const struct ht_logs_work *work, uint64_t number) {
    return &work->states[number - work->from];
}

static void free_work(struct ht_logs_work *work) {
    for (uint64_t i = 0; work->logs != NULL && i < span_of(work); i++) json_decref(work->logs[i]);
    ht_header_read_fini(&work->at);
    free(work->logs);
    free(work->states);
    free(work->queue);
    free(work);
}

void ht_logs_read_fini(struct ht_logs_read *read) {
    json_decref(read->logs);
    read->logs = NULL;
}

/* --- the outcome ------------------------------------------------------------------------------ */

static enum ht_err add_gaps(struct ht_logs_work *work) {
    struct ht_logs_read *read = work->read;
    for (uint64_t i = 0; i < span_of(work); i++) {
        uint64_t number = work->from + i;
        if (work->states[i] == BLOCK_CLEAR || work->states[i] == BLOCK_DONE) continue;
        struct ht_logs_gap *last = read->gap_count > 0 ? &read->gaps[read->gap_count - 1] : NULL;
        if (last != NULL && last->to + 1 == number) {
            last->to = number;
            continue;
        }
        if (read->gap_count == HT_LOGS_GAPS_MAX) {
            return ht_fail(&read->why, HT_ENET, "too_many_gaps",
                           "too many blocks could not be proven, the last because: %.100s",
                           work->why.text);
        }
        read->gaps[read->gap_count++] =
            (struct ht_logs_gap){.from = number, .to = number, .why = work->why};
    }
    return HT_OK;
}

static enum ht_err gather(struct ht_logs_work *work) {
    struct ht_logs_read *read = work->read;
    enum ht_err err = add_gaps(work);
    if (err != HT_OK) return err;
    read->logs = json_array();
    for (uint64_t i = 0; i < span_of(work); i++) {
        if (work->logs[i] != NULL) json_array_extend(read->logs, work->logs[i]);
    }
    if (read->logs != NULL) return HT_OK;
    return ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory");
}

/* When nothing is under way any more. */
static void end(struct ht_logs_work *work, enum ht_err err) {
    struct ht_logs_read *read = work->read;
    if (work->is_cancelled) {
        free_work(work); /* the read is gone */
        return;
    }
    if (err != HT_OK) {
        read->why = work->why;
    } else {
        err = gather(work);
    }
    free_work(work);
    read->work = NULL;
    read->err = err;
    read->done(read);
}

static void fail(struct ht_logs_work *work, enum ht_err err) {
    work->err = err;
    work->is_ending = true;
}

void ht_logs_cancel(struct ht_logs_read *read) {
    if (read->work == NULL) return;
    read->work->is_cancelled = true;
    read->work->is_ending = true;
    read->work = NULL;
}

/* --- blocks ----------------------------------------------------------------------------------- */

enum ht_err ht_logs_of_block(json_t *array, const struct ht_log_filter *filter,
                             const struct ht_block_read *block, bool is_removed) {
    const struct ht_receipts *receipts = block->receipts;
    const ht_u256 no_price = {{0}};
    for (size_t i = 0; i < receipts->count; i++) {
        const struct ht_receipt *receipt = &receipts->list[i];
        struct ht_receipt_place place;
        bool has_place = false;
        if (!ht_log_filter_may_match(filter, receipt->logs_bloom)) continue;
        for (size_t j = 0; j < receipt->log_count; j++) {
            json_t *log = NULL;
            if (!ht_log_filter_matches(filter, &receipt->logs[j])) continue;
            if (!has_place) {
                ht_receipt_place_of(&place, &block->header, block->body, receipts, i, &no_price);
            }
            has_place = true;
            if (ht_log_to_json(&log, &receipt->logs[j], j, &place) != HT_OK) return HT_ENOMEM;
            if (is_removed) json_object_set_new(log, "removed", json_true());
            if (json_array_append_new(array, log) != 0) return HT_ENOMEM;
        }
    }
    return HT_OK;
}

/* The lowest block from which on, up to the range's end, all is known and not too much. */
static uint64_t fitting_from(const struct ht_logs_work *work) {
    uint64_t i = span_of(work);
    size_t count = 0;
    while (i > 0 && (work->states[i - 1] == BLOCK_CLEAR || work->states[i - 1] == BLOCK_DONE)) {
        count += json_array_size(work->logs[i - 1]);
        if (count > HT_LOGS_COUNT_MAX) break;
        i--;
    }
    return i < span_of(work) ? work->from + i : work->to;
}

static void take_logs(struct ht_logs_work *work, const struct ht_block_read *block) {
    uint64_t number = block->header.header.number;
    json_t *logs = json_array();
    struct ht_logs_read *read = work->read;
    if (ht_logs_of_block(logs, &read->filter, block, false) != HT_OK) {
        json_decref(logs);
        fail(work, ht_fail(&work->why, HT_ENOMEM, "no_memory", "out of memory"));
        return;
    }
    work->log_count += json_array_size(logs);
    work->logs[number - work->from] = logs;
    *state_of(work, number) = BLOCK_DONE;
    if (work->log_count <= HT_LOGS_COUNT_MAX) return;
    fail(work, ht_fail(&work->why, HT_ELIMIT, "too_many_logs",
                       "more than %u logs; ask for %llu to %llu first", HT_LOGS_COUNT_MAX,
                       (unsigned long long)fitting_from(work), (unsigned long long)work->to));
}

/* A reorganisation under way: what was read before is of another branch. */
static void restart(struct ht_logs_work *work) {
    if (++work->restarts > 2) {
        fail(work, ht_fail(&work->why, HT_EAGAIN, "reorganised",
                           "the chain changed while its logs were read"));
        return;
    }
    for (uint64_t i = 0; i < span_of(work); i++) {
        json_decref(work->logs[i]);
        work->logs[i] = NULL;
        work->states[i] = BLOCK_UNKNOWN;
    }
    work->queue_count = 0;
    work->log_count = 0;
    work->has_above = false;
    work->next = work->to;
    work->has_windows_left = true;
}

static bool is_of_lost_branch(const struct ht_block_read *block) {
    return block->err == HT_ENOTFOUND && strcmp(block->why.code, "not_in_chain") == 0;
}

static void got_block(struct ht_block_read *block) {
    struct hit *hit = (struct hit *)((char *)block - offsetof(struct hit, block));
    struct ht_logs_work *work = hit->work;
    if (work->is_ending || hit->round != work->restarts) {
        /* what it brought is not wanted any more */
    } else if (block->err == HT_OK) {
        take_logs(work, block);
    } else if (is_of_lost_branch(block)) {
        restart(work);
    } else {
        work->why = block->why;
    }
    ht_block_read_fini(block);
    hit->is_busy = false;
    work->busy--;
    go_on(work);
}

static void start_hit(struct ht_logs_work *work) {
    struct hit *hit = work->hits;
    while (hit->is_busy) hit++;
    ht_hash32 hash = work->queue[0].hash;
    work->queue_count--;
    memmove(work->queue, work->queue + 1, work->queue_count * sizeof *work->queue);
    *hit = (struct hit){.work = work,
                        .is_busy = true,
                        .round = work->restarts,
                        .block = {.id = {.kind = HT_BLOCK_HASH, .hash = hash},
                                  .wants_body = true,
                                  .wants_receipts = true,
                                  .done = got_block}};
    work->busy++;
    work->read->blocks_with_hits++;
    ht_blocks_read(work->blocks, &hit->block);
}

/* --- windows ---------------------------------------------------------------------------------- */

static void look_at(struct ht_logs_work *work, const struct ht_exec_header_verified *header) {
    bool may_match = ht_log_filter_may_match(&work->read->filter, header->header.logs_bloom);
    *state_of(work, header->header.number) = may_match ? BLOCK_READING : BLOCK_CLEAR;
    if (may_match) work->queue[work->queue_count++] = *header;
    work->above_parent = header->header.parent_hash;
    work->has_above = true;
}

/* The blocks of a window that could not be had stay unknown. */
static void step_down(struct ht_logs_work *work, uint64_t count) {
    uint64_t from = work->from;
    work->has_windows_left = work->next - from + 1 > count;
    if (work->has_windows_left) work->next -= count;
    struct ht_logs_read *read = work->read;
    if (read->progress == NULL || work->is_cancelled) return;
    uint64_t left = work->has_windows_left ? work->next - from + 1 : 0;
    read->progress(read, span_of(work) - left, span_of(work));
}

static uint64_t window_at(const struct ht_logs_work *work) {
    uint64_t left = work->next - work->from + 1;
    return left < WINDOW ? left : WINDOW;
}

static void got_window(struct ht_header_read *at) {
    struct ht_logs_work *work =
        (struct ht_logs_work *)((char *)at - offsetof(struct ht_logs_work, at));
    uint64_t count = window_at(work);
    work->is_reading_window = false;
    if (work->is_ending || work->window_round != work->restarts) {
        ht_header_read_fini(at);
        go_on(work);
        return;
    }
    if (at->err != HT_OK) {
        work->why = at->why;
        work->has_above = false;
        if (++work->failures == FAILURES_MAX) count = work->next - work->from + 1;
        step_down(work, count);
        go_on(work);
        return;
    }
    work->failures = 0;
    if (work->has_above && !ht_hash32_equal(&work->above_parent, &at->header.hash)) {
        ht_header_read_fini(at);
        restart(work);
        go_on(work);
        return;
    }
    if (work->next == work->to) {
        work->read->last = at->header;
        work->read->is_final = at->is_final;
    }
    look_at(work, &at->header);
    for (size_t i = 0; i + 1 < count && i < at->before_found; i++) look_at(work, &at->before[i]);
    ht_header_read_fini(at);
    step_down(work, count);
    go_on(work);
}

static void start_window(struct ht_logs_work *work) {
    work->is_reading_window = true;
    work->window_round = work->restarts;
    work->at = (struct ht_header_read){
        .id = {.kind = HT_BLOCK_NUMBER, .number = work->next},
        .before_count = (size_t)window_at(work) - 1,
        .done = got_window,
    };
    ht_chain_read(ht_blocks_chain(work->blocks), &work->at);
}

/* Begins the next thing; receipts before more headers, so that the queue stays short. */
static bool start_next(struct ht_logs_work *work) {
    if (work->is_ending) return false;
    if (work->queue_count > 0 && work->busy < IN_FLIGHT) {
        start_hit(work);
        return true;
    }
    if (work->is_reading_window || !work->has_windows_left || work->queue_count > 0) return false;
    start_window(work);
    return true;
}

/* What is answered at once comes back here while it is being started: the outermost goes on. */
static void go_on(struct ht_logs_work *work) {
    if (work->is_going) return;
    work->is_going = true;
    while (start_next(work)) {
    }
    work->is_going = false;
    bool is_idle = work->busy == 0 && !work->is_reading_window;
    if (is_idle) end(work, work->err);
}

/* --- the range -------------------------------------------------------------------------------- */

static enum ht_err prepare(struct ht_logs_work *work, uint64_t from, uint64_t to) {
    if (from > to) {
        return ht_fail(&work->why, HT_EINPUT, "range_reversed", "the range ends before it begins");
    }
    if (to - from >= HT_LOGS_BLOCKS_MAX) {
        return ht_fail(&work->why, HT_ELIMIT, "range_too_wide",
                       "%llu blocks; ask for at most %u at a time, such as %llu to %llu",
                       (unsigned long long)(to - from + 1), HT_LOGS_BLOCKS_MAX,
                       (unsigned long long)from,
                       (unsigned long long)(from + HT_LOGS_BLOCKS_MAX - 1));
    }
    size_t span = (size_t)(to - from + 1);
    work->states = calloc(span, sizeof *work->states);
    work->queue = calloc(WINDOW, sizeof *work->queue);
    work->logs = calloc(span, sizeof(json_t *));
    if (work->states == NULL || work->logs == NULL || work->queue == NULL) {
        free(work->logs);
        work->logs = NULL;
        return ht_fail(&work->why, HT_ENOMEM, "no_memory", "out of memory");
    }
    work->from = from;
    work->to = to;
    work->next = to;
    work->has_windows_left = true;
    return HT_OK;
}

static void got_end(struct ht_header_read *at);

static void read_end(struct ht_logs_work *work, const struct ht_block_id *id) {
    work->at = (struct ht_header_read){.id = *id, .done = got_end};
    ht_chain_read(ht_blocks_chain(work->blocks), &work->at);
}

/* A number needs no header to be an end, one above the head is cut down to it: there are surely no
 * logs yet. */
static void got_end(struct ht_header_read *at) {
    struct ht_logs_work *work =
        (struct ht_logs_work *)((char *)at - offsetof(struct ht_logs_work, at));
    if (work->is_ending) {
        end(work, work->err);
        return;
    }
    struct ht_logs_read *read = work->read;
    const struct ht_exec_header_verified *head = ht_chain_head(ht_blocks_chain(work->blocks));
    bool is_above = at->err != HT_OK && at->id.kind == HT_BLOCK_NUMBER && head != NULL &&
                    strcmp(at->why.code, "block_in_future") == 0;
    if (at->err != HT_OK && !is_above) {
        work->why = at->why;
        end(work, at->err);
        return;
    }
    uint64_t number = is_above ? head->header.number : at->header.header.number;
    bool is_one = read->from.kind == HT_BLOCK_HASH;
    if (!work->has_to) {
        work->has_to = true;
        read->to_number = number;
        read->last = is_above ? *head : at->header; /* should its window not be had */
        read->is_final = !is_above && at->is_final;
        if (!is_one && read->from.kind != HT_BLOCK_NUMBER) {
            read_end(work, &read->from);
            return;
        }
    }
    read->from_number = !is_one && read->from.kind == HT_BLOCK_NUMBER ? read->from.number : number;
    if (is_above && read->from_number > number) {
        end(work, ht_fail(&work->why, HT_ENOTFOUND, "block_in_future",
                          "the range begins above the newest proven block, %llu",
                          (unsigned long long)number));
        return;
    }
    enum ht_err err = prepare(work, read->from_number, read->to_number);
    if (err != HT_OK) {
        end(work, err);
    } else {
        go_on(work);
    }
}

void ht_logs_read(struct ht_blocks *blocks, struct ht_logs_read *read) {
    struct ht_logs_work *work = calloc(1, sizeof *work);
    ht_assert(work != NULL);
    work->read = read;
    work->blocks = blocks;
    read->blocks = blocks;
    read->work = work;
    read->why = (struct ht_why){0};
    read->logs = NULL;
    read->gap_count = 0;
    read->blocks_with_hits = 0;
    read->from_number = 0;
    read->to_number = 0;
    read_end(work, &read->to);
}
