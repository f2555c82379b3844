/* The part of polls: its methods, what it listens to, its begin and end. */
#include "governance/polls/polls.h"

#include <stdlib.h>

#include "governance/feed_event.h"
#include "governance/polls/poll_ask.h"
#include "governance/polls/polls_json.h"
#include "governance/polls/polls_make.h"
#include "governance/polls/polls_root.h"
#include "governance/polls/polls_vote.h"
#include "governance/polls/polls_want.h"
#include "governance/snapshot/snapshot_fetch.h"

#define TELL_MS 300

struct ht_poll_kept *ht_gov_polls_kept(struct ht_governance *governance) {
    return &governance->polls->kept;
}

/* --- telling ---------------------------------------------------------------------------------- */

static void tell(struct ht_timer *timer) {
    struct ht_gov_polls *polls =
        (struct ht_gov_polls *)(void *)((char *)timer - offsetof(struct ht_gov_polls, timer));
    const struct ht_host *host = polls->governance->host;
    polls->is_telling = false;
    host->publish(host, "polls.changed");
}

void ht_polls_changed(struct ht_gov_polls *polls) {
    polls->changes++;
    if (polls->governance->is_quitting || polls->is_telling) return;
    polls->is_telling = true;
    ht_timer_set(polls->governance->host->loop, &polls->timer, TELL_MS, tell);
}

static void changed(struct ht_gov_polls *polls, const struct ht_feed_event *event) {
    ht_hash32 owner;
    if (event->kind == HT_POLL_KIND && ht_polls_owner(polls->governance, &owner) &&
        ht_hash32_equal(&owner, &event->pubkey))
        ht_polls_watch(polls, &event->id);
    ht_polls_changed(polls);
}

static void on_poll(struct ht_feed_listener *listener, const struct ht_feed_event *event) {
    changed(
        (struct ht_gov_polls *)(void *)((char *)listener - offsetof(struct ht_gov_polls, polls)),
        event);
}

static void on_ballot(struct ht_feed_listener *listener, const struct ht_feed_event *event) {
    struct ht_gov_polls *polls =
        (struct ht_gov_polls *)(void *)((char *)listener - offsetof(struct ht_gov_polls, ballots));
    ht_polls_heard(polls, event);
    changed(polls, event);
}

/* Other programs keep their data under the same kind. */
static void on_root(struct ht_feed_listener *listener, const struct ht_feed_event *event) {
    size_t i;
    json_t *tag;
    json_array_foreach((json_t *)event->tags, i, tag) {
        const char *name = json_string_value(json_array_get(tag, 0));
        const char *value = json_string_value(json_array_get(tag, 1));
        if (name == NULL || value == NULL || strcmp(name, "d") != 0) continue;
        if (strncmp(value, HT_POLL_ROOT_D, strlen(HT_POLL_ROOT_D)) != 0) return;
        changed((struct ht_gov_polls *)(void *)((char *)listener -
                                                offsetof(struct ht_gov_polls, roots)),
                event);
        return;
    }
}

enum ht_err ht_gov_polls_json(void *self, json_t **value, struct ht_why *why) {
    const struct ht_governance *governance = self;
    *value = json_pack("{s:I}", "changes", (json_int_t)governance->polls->changes);
    return *value != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- methods ---------------------------------------------------------------------------------- */

static void shown(struct ht_poll_job *job) {
    struct ht_rpc_call *call = job->user;
    struct ht_gov_polls *polls = job->governance->polls;
    if (job->err == HT_OK && job->has_asked) ht_polls_was_asked(polls, &job->id, &job->source);
    /* What is shown now is what is here; what relays have comes after it. */
    if (job->err == HT_OK) ht_polls_look_at(polls, &job->id);
    if (job->err != HT_OK)
        ht_rpc_refuse(call, job->err, &job->why);
    else
        ht_rpc_finish(call, ht_polls_whole_json(job));
    ht_poll_job_free(job);
}

static void begin(struct ht_governance *self, struct ht_rpc_call *call, const json_t *params,
                  bool asks) {
    struct ht_why why = {.code = NULL};
    ht_hash32 id;
    enum ht_err err = ht_gov_event_id_param(&id, params, "id", &why);
    struct ht_poll_job *job = err == HT_OK ? ht_poll_job_new(self, &id) : NULL;
    if (job == NULL) {
        if (err == HT_OK) err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
        ht_rpc_refuse(call, err, &why);
        return;
    }
    job->wants_count = job->is_looked_at = true;
    job->asks = asks;
    job->user = call;
    job->done = shown;
    ht_poll_job_start(job);
}

static void show(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin(self, call, params, json_is_true(ht_json_member(params, "ask")));
}

/* Others that are under way lose what was kept too, which costs them a question and no more. */
static void count(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    ht_poll_kept_fini(&governance->polls->kept);
    begin(governance, call, params, true);
}

struct listing {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
};

static void on_list(void *user, enum ht_err err, const struct ht_why *why, const json_t *events) {
    struct listing *listing = user;
    json_t *list = json_array(), *object;
    struct ht_poll *poll = malloc(sizeof *poll);
    size_t i;
    json_array_foreach((json_t *)events, i, object) {
        struct ht_arena arena;
        struct ht_event event;
        ht_arena_init(&arena, HT_EVENT_ARENA(HT_EVENT_SIZE_MAX) + HT_EVENT_SIZE_MAX);
        if (poll != NULL && ht_gov_event_read(&event, &arena, object, NULL) == HT_OK &&
            ht_poll_read(poll, &event, NULL) == HT_OK)
            (void)json_array_append_new(list, ht_polls_poll_json(listing->governance, poll));
        ht_arena_fini(&arena);
    }
    if (err != HT_OK)
        ht_rpc_refuse(listing->call, err, why);
    else
        ht_rpc_finish(listing->call, json_pack("{s:O}", "polls", list));
    json_decref(list);
    free(poll);
    free(listing);
}

static void list(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why;
    const struct ht_feed *feed = ht_gov_feed(self);
    (void)params;
    if (feed == NULL) {
        enum ht_err err = ht_fail(&why, HT_EAGAIN, "no_feed", "this node keeps no feeds");
        ht_rpc_refuse(call, err, &why);
        return;
    }
    struct listing *listing = malloc(sizeof *listing);
    json_t *filter = json_pack("{s:[i], s:[s], s:i}", "kinds", (int)HT_POLL_KIND, "#t",
                               HT_POLL_TOPIC, "limit", HT_POLLS_TOLD);
    if (listing == NULL || filter == NULL) {
        free(listing);
        enum ht_err err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
        ht_rpc_refuse(call, err, &why);
    } else {
        *listing = (struct listing){self, call};
        feed->query(feed->self, filter, on_list, listing);
    }
    json_decref(filter);
}

static const struct ht_rpc_method METHODS[HT_GOV_POLL_METHODS] = {
    {.name = "polls.list", .start = list},
    {.name = "polls.poll", .start = show},
    {.name = "polls.count", .start = count},
    {.name = "polls.make", .start = ht_polls_make},
    {.name = "polls.vote", .start = ht_polls_vote},
    {.name = "polls.close", .start = ht_polls_close},
    {.name = "snapshot.read", .start = ht_snapshot_method},
};

/* --- begin and end ---------------------------------------------------------------------------- */

/* The module of the feeds may start after this one. */
static void listen_once(struct ht_gov_polls *polls) {
    const struct ht_feed *feed = ht_gov_feed(polls->governance);
    if (polls->is_listening || feed == NULL) return;
    polls->is_listening = true;
    polls->polls = (struct ht_feed_listener){.kind = HT_POLL_KIND, .event = on_poll};
    polls->ballots = (struct ht_feed_listener){.kind = HT_POLL_BALLOT_KIND, .event = on_ballot};
    polls->roots = (struct ht_feed_listener){.kind = HT_POLL_ROOT_KIND, .event = on_root};
    feed->listen(feed->self, &polls->polls);
    feed->listen(feed->self, &polls->ballots);
    feed->listen(feed->self, &polls->roots);
    ht_polls_remember(polls);
}

static enum ht_err start(struct ht_governance *governance, sqlite3 *db, struct ht_why *why) {
    struct ht_gov_polls *polls = calloc(1, sizeof *polls);
    (void)db;
    if (polls == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    polls->governance = governance;
    governance->polls = polls;
    return HT_OK;
}

static void on_topic(struct ht_governance *governance, const char *topic) {
    listen_once(governance->polls);
    if (strcmp(topic, "social.me") == 0 && governance->polls->is_listening)
        ht_polls_remember(governance->polls);
    /* Who may vote is another question then. */
    if (strcmp(topic, "trust.changed") == 0 && governance->polls->looked_count > 0)
        ht_polls_changed(governance->polls);
}

static void on_head(struct ht_governance *governance) {
    listen_once(governance->polls);
    if (governance->is_quitting) return;
    ht_polls_look(governance->polls);
    ht_polls_want(governance->polls);
}

static void quit(struct ht_governance *governance) {
    if (governance->polls == NULL) return;
    ht_timer_cancel(&governance->polls->timer);
    ht_poll_ask_quit(governance);
}

static void free_part(struct ht_governance *governance) {
    if (governance->polls == NULL) return;
    quit(governance);
    ht_poll_kept_fini(&governance->polls->kept);
    json_decref(governance->polls->wanted);
    free(governance->polls);
    governance->polls = NULL;
}

const struct ht_gov_part ht_gov_poll_part = {
    .methods = METHODS,
    .method_count = HT_GOV_POLL_METHODS,
    .start = start,
    .on_topic = on_topic,
    .on_head = on_head,
    .quit = quit,
    .free = free_part,
};
