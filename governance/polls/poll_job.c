/* The steps of gathering and counting a poll, one after the other. */
#include "governance/polls/poll_job.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/feed_event.h"
#include "governance/polls/poll_ask.h"
#include "governance/polls/polls.h"
#include "node/base/hex.h"

#define PAGE 100U     /* ballots of one question */
#define PAGE_MAX 500U /* where so many are of one second */
#define ROOTS_MAX 200
#define EVENT_ARENA (HT_EVENT_ARENA(HT_EVENT_SIZE_MAX) + HT_EVENT_SIZE_MAX)

static void finish(struct ht_poll_job *job, enum ht_err err) {
    job->err = err;
    job->done(job);
}

static enum ht_err no_memory(struct ht_poll_job *job) {
    return ht_fail(&job->why, HT_ENOMEM, "no_memory", "out of memory");
}

/* Asks the feeds; filter is taken over. */
static void ask(struct ht_poll_job *job, json_t *filter, ht_feed_found found) {
    const struct ht_feed *feed = ht_gov_feed(job->governance);
    if (job->governance->is_quitting) {
        json_decref(filter);
        finish(job, ht_fail(&job->why, HT_EAGAIN, "stopping", "the node stops"));
        return;
    }
    if (feed == NULL || filter == NULL) {
        json_decref(filter);
        finish(job, feed == NULL
                        ? ht_fail(&job->why, HT_EAGAIN, "no_feed", "this node keeps no feeds")
                        : no_memory(job));
        return;
    }
    feed->query(feed->self, filter, found, job);
    json_decref(filter);
}

/* --- roots, the last step --------------------------------------------------------------------- */

static void on_roots(void *user, enum ht_err err, const struct ht_why *why, const json_t *events) {
    struct ht_poll_job *job = user;
    if (err == HT_OK) {
        job->roots = json_deep_copy(events);
        if (job->roots == NULL) err = no_memory(job);
    } else {
        job->why = *why;
    }
    finish(job, err);
}

static void ask_roots(struct ht_poll_job *job) {
    char d[sizeof HT_POLL_ROOT_D + HT_HEX_SIZE(32)], id[HT_HEX_SIZE(32)];
    ht_hex_write(id, ht_bytes_of(job->id.b, sizeof job->id.b));
    (void)snprintf(d, sizeof d, "%s%s", HT_POLL_ROOT_D, id + 2);
    ask(job,
        json_pack("{s:[i], s:[s], s:i}", "kinds", (int)HT_POLL_ROOT_KIND, "#d", d, "limit",
                  ROOTS_MAX),
        on_roots);
}

/* --- the count -------------------------------------------------------------------------------- */

static struct ht_poll_job *job_of_work(struct ht_work *work) {
    return (struct ht_poll_job *)(void *)((char *)work - offsetof(struct ht_poll_job, work));
}

/* On a worker, which has all of the job's to itself meanwhile. */
static void work(struct ht_work *w) {
    struct ht_poll_job *job = job_of_work(w);
    int64_t closing_s = job->has_closing ? (int64_t)job->closing_s : INT64_MAX;
    job->err = ht_poll_count(&job->result, &job->poll, job->ballots, job->weights, job->count,
                             closing_s, &job->why);
}

static void worked(struct ht_work *w) {
    struct ht_poll_job *job = job_of_work(w);
    if (job->err != HT_OK)
        finish(job, job->err);
    else
        ask_roots(job);
}

static void gated(struct ht_poll_gate_read *read) {
    struct ht_poll_job *job = read->user;
    job->work.work = work;
    job->work.done = worked;
    enum ht_err err = ht_pool_submit(job->governance->host->pool, &job->work);
    if (err == HT_OK) return;
    finish(job, ht_fail(&job->why, err, "busy", "too much is being worked on"));
}

static void ask_gate(struct ht_poll_job *job) {
    job->weights = calloc(job->count + 1, sizeof *job->weights);
    if (job->weights == NULL) {
        finish(job, no_memory(job));
        return;
    }
    job->gate = (struct ht_poll_gate_read){.governance = job->governance,
                                           .kept = ht_gov_polls_kept(job->governance),
                                           .poll = &job->poll,
                                           .ballots = job->ballots,
                                           .weights = job->weights,
                                           .count = job->count,
                                           .has_snapshot = job->has_snapshot,
                                           .snapshot_s = job->snapshot_s,
                                           .done = gated,
                                           .user = job};
    ht_poll_gate_start(&job->gate);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static struct ht_poll_job *job_of_header(struct ht_header_read *header) {
    return (struct ht_poll_job *)(void *)((char *)header - offsetof(struct ht_poll_job, header));
}

static bool is_final(const struct ht_poll_job *job, uint64_t number) {
    const struct ht_exec_header_verified *final = ht_chain_finalized(job->governance->host->chain);
    return final != NULL && final->header.number >= number;
}

static void ask_block(struct ht_poll_job *job, uint64_t number,
                      void (*done)(struct ht_header_read *)) {
    job->header =
        (struct ht_header_read){.id = {.kind = HT_BLOCK_NUMBER, .number = number}, .done = done};
    ht_chain_read(job->governance->host->chain, &job->header);
}

static bool take_block(uint64_t *out, struct ht_poll_job *job) {
    bool is_good = job->header.err == HT_OK && job->header.is_final;
    if (is_good) *out = job->header.header.header.timestamp;
    if (job->header.err != HT_OK) job->block_why = job->header.why;
    ht_header_read_fini(&job->header);
    return is_good;
}

static void on_closing(struct ht_header_read *header) {
    struct ht_poll_job *job = job_of_header(header);
    job->has_closing = take_block(&job->closing_s, job);
    ask_gate(job);
}

static void ask_closing(struct ht_poll_job *job) {
    if (is_final(job, job->poll.closing_block))
        ask_block(job, job->poll.closing_block, on_closing);
    else
        ask_gate(job);
}

static void on_snapshot(struct ht_header_read *header) {
    struct ht_poll_job *job = job_of_header(header);
    job->has_snapshot = take_block(&job->snapshot_s, job);
    ask_closing(job);
}

static void ask_snapshot(struct ht_poll_job *job) {
    if (job->governance->is_quitting) {
        finish(job, ht_fail(&job->why, HT_EAGAIN, "stopping", "the node stops"));
    } else if (job->poll.gate != HT_POLL_OPEN && is_final(job, job->poll.snapshot_block)) {
        ask_block(job, job->poll.snapshot_block, on_snapshot);
    } else {
        ask_closing(job);
    }
}

/* --- ballots ---------------------------------------------------------------------------------- */

static bool has_ballot(const struct ht_poll_job *job, const struct ht_event *event) {
    for (size_t i = job->count; i > 0; i--) {
        const struct ht_poll_ballot *ballot = &job->ballots[i - 1];
        if (ballot->created_at != event->created_at) return false;
        if (ht_hash32_equal(&ballot->id, &event->id)) return true;
    }
    return false;
}

static enum ht_err add_ballot(struct ht_poll_job *job, const struct ht_event *event) {
    struct ht_poll_ballot ballot;
    if (ht_poll_ballot_read(&ballot, &job->poll, event, NULL) != HT_OK) {
        /* On the border of two pages it comes twice. */
        if (!job->has_until || event->created_at < job->until) job->malformed++;
        return HT_OK;
    }
    if (has_ballot(job, event)) return HT_OK;
    if (job->count == job->room) {
        size_t room = job->room > 0 ? 2 * job->room : PAGE;
        struct ht_poll_ballot *more = realloc(job->ballots, room * sizeof *more);
        if (more == NULL) return no_memory(job);
        job->ballots = more;
        job->room = room;
    }
    job->ballots[job->count++] = ballot;
    return HT_OK;
}

static enum ht_err add_page(int64_t *oldest, struct ht_poll_job *job, const json_t *events) {
    size_t i;
    json_t *object;
    enum ht_err err = HT_OK;
    json_array_foreach((json_t *)events, i, object) {
        struct ht_event event;
        ht_arena_init(&job->arena, EVENT_ARENA);
        if (ht_gov_event_read(&event, &job->arena, object, NULL) == HT_OK) {
            *oldest = event.created_at;
            err = add_ballot(job, &event);
        }
        ht_arena_fini(&job->arena);
        if (err != HT_OK) break;
    }
    return err;
}

static void ask_ballots(struct ht_poll_job *job);

static void linked(struct ht_poll_job *job) {
    if (job->only_asks)
        finish(job, HT_OK);
    else
        ask_snapshot(job);
}

static void gathered(struct ht_poll_job *job) {
    ht_poll_ask_links(job, linked);
}

static void on_ballots(void *user, enum ht_err err, const struct ht_why *why,
                       const json_t *events) {
    struct ht_poll_job *job = user;
    int64_t oldest = job->has_until ? job->until : 0;
    bool is_stuck;
    if (err != HT_OK) job->why = *why;
    if (err == HT_OK) err = add_page(&oldest, job, events);
    if (err != HT_OK) {
        finish(job, err);
        return;
    }
    if (json_array_size(events) < job->page) {
        gathered(job);
        return;
    }
    if (job->count >= HT_POLL_BALLOTS_MAX) {
        job->count = HT_POLL_BALLOTS_MAX;
        job->is_complete = false;
        gathered(job);
        return;
    }
    is_stuck = job->has_until && oldest == job->until;
    if (is_stuck && job->page == PAGE_MAX) {
        job->is_complete = false;
        oldest--;
    }
    job->page = is_stuck && job->page == PAGE ? PAGE_MAX : PAGE;
    job->has_until = true;
    job->until = oldest;
    ask_ballots(job);
}

static void ask_ballots(struct ht_poll_job *job) {
    char id[HT_HEX_SIZE(32)];
    ht_hex_write(id, ht_bytes_of(job->id.b, sizeof job->id.b));
    json_t *filter = json_pack("{s:[i], s:[s], s:I}", "kinds", (int)HT_POLL_BALLOT_KIND, "#e",
                               id + 2, "limit", (json_int_t)job->page);
    if (filter != NULL && job->has_until)
        (void)json_object_set_new(filter, "until", json_integer(job->until));
    ask(job, filter, on_ballots);
}

/* --- the poll --------------------------------------------------------------------------------- */

static void look_for_poll(struct ht_poll_job *job);

static void on_poll(void *user, enum ht_err err, const struct ht_why *why, const json_t *events) {
    struct ht_poll_job *job = user;
    struct ht_event event;
    if (err == HT_OK && json_array_size(events) == 0 && !job->has_asked) {
        ht_poll_ask(job, false, look_for_poll);
        return;
    }
    if (err != HT_OK) {
        job->why = *why;
    } else if (json_array_size(events) == 0) {
        err = ht_fail(&job->why, HT_ENOTFOUND, "no_such_poll",
                      "this poll is not known here, and no relay that was asked gave it");
    } else {
        ht_arena_init(&job->arena, EVENT_ARENA);
        err = ht_gov_event_read(&event, &job->arena, json_array_get(events, 0), &job->why);
        if (err == HT_OK) err = ht_poll_read(&job->poll, &event, &job->why);
        ht_arena_fini(&job->arena);
    }
    if (err == HT_OK && job->wants_count &&
        job->poll.chain_id != job->governance->host->network->chain_id) {
        err = ht_fail(&job->why, HT_EINPUT, "other_chain", "this poll is of chain %llu",
                      (unsigned long long)job->poll.chain_id);
    }
    if (err != HT_OK || !job->wants_count)
        finish(job, err);
    else if (job->asks && !job->has_asked)
        ht_poll_ask(job, true, ask_ballots);
    else
        ask_ballots(job);
}

static void look_for_poll(struct ht_poll_job *job) {
    char id[HT_HEX_SIZE(32)];
    ht_hex_write(id, ht_bytes_of(job->id.b, sizeof job->id.b));
    ask(job, json_pack("{s:[s], s:i}", "ids", id + 2, "limit", 1), on_poll);
}

void ht_poll_job_start(struct ht_poll_job *job) {
    look_for_poll(job);
}

struct ht_poll_job *ht_poll_job_new(struct ht_governance *governance, const ht_hash32 *id) {
    struct ht_poll_job *job = calloc(1, sizeof *job);
    if (job == NULL) return NULL;
    job->governance = governance;
    job->id = *id;
    job->page = PAGE;
    job->is_complete = true;
    return job;
}

void ht_poll_job_free(struct ht_poll_job *job) {
    free(job->ballots);
    free(job->weights);
    json_decref(job->result);
    json_decref(job->roots);
    free(job);
}
