/* What is asked of relays for a poll. */
#include "governance/polls/poll_ask.h"

#include <stdlib.h>

#include "governance/feed_event.h"
#include "governance/polls/polls_impl.h"

#define STEP_MS 200

/* --- the poll, its ballots and roots ---------------------------------------------------------- */

static void asked(void *user, enum ht_err err, const struct ht_why *why,
                  const struct ht_feed_source *source) {
    struct ht_poll_job *job = user;
    (void)why;
    job->has_asked = true;
    if (err == HT_OK) job->source = *source;
    job->then(job);
}

static json_t *hints_of(const struct ht_poll *poll) {
    json_t *hints = json_array();
    for (size_t i = 0; i < poll->relay_count; i++)
        (void)json_array_append_new(hints, json_string(poll->relays[i]));
    return hints;
}

void ht_poll_ask(struct ht_poll_job *job, bool is_here, void (*then)(struct ht_poll_job *job)) {
    const struct ht_feed *feed = ht_gov_feed(job->governance);
    json_t *id = ht_gov_event_id_json(&job->id);
    json_t *filters = json_pack("[{s:[i, i], s:[O]}]", "kinds", (int)HT_POLL_BALLOT_KIND,
                                (int)HT_POLL_ROOT_KIND, "#e", id);
    if (!is_here) {
        (void)json_array_append_new(
            filters, json_pack("{s:[i], s:[O]}", "kinds", (int)HT_POLL_KIND, "ids", id));
    }
    json_t *hints = is_here && job->is_looked_at ? hints_of(&job->poll) : NULL;
    job->then = then;
    if (feed == NULL || feed->ask == NULL || filters == NULL || job->governance->is_quitting) {
        job->has_asked = true;
        then(job);
    } else {
        feed->ask(feed->self, filters, hints, asked, job);
    }
    json_decref(filters);
    json_decref(hints);
    json_decref(id);
}

/* --- links ------------------------------------------------------------------------------------ */

static bool is_linked(const struct ht_trust *trust, const ht_hash32 *author) {
    struct ht_trust_person person;
    return trust->person(trust->self, author, &person) && person.has_address;
}

/* Whether it is its turn to be asked about; it is then. */
static bool is_due(struct ht_gov_polls *polls, const ht_hash32 *author) {
    struct ht_poll_link_asked *slot =
        &polls->links_asked[ht_read_u32_le(author->b) % HT_POLL_LINKS_KEPT];
    int64_t now_ms = ht_mono_ms(polls->governance->host->clock);
    bool is_recent = slot->at_ms > 0 && now_ms - slot->at_ms < HT_POLL_LINKS_AGAIN_MS;
    if (is_recent && ht_hash32_equal(&slot->author, author)) return false;
    *slot = (struct ht_poll_link_asked){.author = *author, .at_ms = now_ms};
    return true;
}

/* Keys that lead to no account yet, of the newest ballots: a new reference. */
static json_t *unknown_authors(const struct ht_poll_job *job, const struct ht_trust *trust) {
    json_t *authors = json_array();
    for (size_t i = 0; i < job->count && json_array_size(authors) < HT_POLL_LINKS_ASKED; i++) {
        const ht_hash32 *author = &job->ballots[i].author;
        if (is_linked(trust, author) || !is_due(job->governance->polls, author)) continue;
        (void)json_array_append_new(authors, ht_gov_event_id_json(author));
    }
    return authors;
}

static bool are_linked(const struct ht_poll_job *job) {
    const struct ht_trust *trust = ht_gov_trust(job->governance);
    for (size_t i = 0; trust != NULL && i < job->count; i++) {
        if (!is_linked(trust, &job->ballots[i].author)) return false;
    }
    return true;
}

static void stop_waiting(struct ht_poll_job *job) {
    struct ht_poll_job **at = &job->governance->polls->waiting;
    while (*at != job) at = &(*at)->next_waiting;
    *at = job->next_waiting;
    ht_timer_cancel(&job->timer);
    job->then(job);
}

static void look_again(struct ht_timer *timer) {
    struct ht_poll_job *job =
        (struct ht_poll_job *)(void *)((char *)timer - offsetof(struct ht_poll_job, timer));
    const struct ht_host *host = job->governance->host;
    if (are_linked(job) || ht_mono_ms(host->clock) >= job->links_until_ms)
        stop_waiting(job);
    else
        ht_timer_set(host->loop, &job->timer, STEP_MS, look_again);
}

static void got_links(void *user, enum ht_err err, const struct ht_why *why,
                      const struct ht_feed_source *source) {
    struct ht_poll_job *job = user;
    const struct ht_host *host = job->governance->host;
    (void)why;
    if (err != HT_OK || source->given == 0 || job->governance->is_quitting) {
        job->then(job);
        return;
    }
    job->links_until_ms = ht_mono_ms(host->clock) + HT_POLL_LINKS_WAIT_MS;
    job->next_waiting = job->governance->polls->waiting;
    job->governance->polls->waiting = job;
    ht_timer_set(host->loop, &job->timer, STEP_MS, look_again);
}

static void nobody_waits(void *user, enum ht_err err, const struct ht_why *why,
                         const struct ht_feed_source *source) {
    (void)user, (void)err, (void)why, (void)source;
}

void ht_poll_ask_links(struct ht_poll_job *job, void (*then)(struct ht_poll_job *job)) {
    const struct ht_feed *feed = ht_gov_feed(job->governance);
    const struct ht_trust *trust = ht_gov_trust(job->governance);
    bool can_ask = feed != NULL && feed->ask != NULL && trust != NULL &&
                   !job->governance->is_quitting && job->poll.gate != HT_POLL_OPEN;
    json_t *authors = can_ask ? unknown_authors(job, trust) : NULL;
    bool asks = json_array_size(authors) > 0;
    json_t *filters =
        asks ? json_pack("[{s:[i], s:O}]", "kinds", (int)HT_POLL_ROOT_KIND, "authors", authors)
             : NULL;
    job->then = then;
    if (filters != NULL && job->asks) {
        feed->ask(feed->self, filters, NULL, got_links, job);
    } else {
        if (filters != NULL) feed->ask(feed->self, filters, NULL, nobody_waits, NULL);
        then(job);
    }
    json_decref(filters);
    json_decref(authors);
}

void ht_poll_ask_quit(struct ht_governance *governance) {
    while (governance->polls->waiting != NULL) stop_waiting(governance->polls->waiting);
}
