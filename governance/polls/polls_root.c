/* Roots of closed polls: published when they are told, by wish and by themselves. */
#include "governance/polls/polls_root.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/feed_event.h"
#include "governance/polls/polls_json.h"
#include "governance/polls/polls_want.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/json.h"

#define AGAIN_MS 60000
#define SETTLE_MS 10000 /* after relays were asked: links are proven, late ballots come */
#define REMEMBERED 200

/* --- publishing ------------------------------------------------------------------------------- */

static enum ht_err check(const struct ht_poll_job *job, struct ht_why *why) {
    uint64_t unproven;
    if (!job->has_closing)
        return ht_fail(why, HT_EAGAIN, "poll_open", "the poll's closing block is not final yet");
    enum ht_err err = ht_json_u64(&unproven, job->result, "unproven", why);
    if (err == HT_OK && unproven > 0)
        return ht_fail(why, HT_EAGAIN, "poll_unproven", "%llu ballots are not told yet",
                       (unsigned long long)unproven);
    return err;
}

static enum ht_err publish_root(struct ht_poll_job *job, ht_feed_done done, void *user,
                                struct ht_why *why) {
    char id[HT_HEX_SIZE(32)], d[sizeof HT_POLL_ROOT_D + sizeof id];
    const struct ht_feed *feed = ht_gov_feed(job->governance);
    enum ht_err err = check(job, why);
    if (err != HT_OK) return err;
    if (feed == NULL) return ht_fail(why, HT_EAGAIN, "no_feed", "this node keeps no feeds");
    ht_hex_write(id, ht_bytes_of(job->id.b, sizeof job->id.b));
    (void)snprintf(d, sizeof d, "%s%s", HT_POLL_ROOT_D, id + 2);
    json_t *content =
        json_pack("{s:O, s:O, s:I, s:I}", "root", ht_json_member(job->result, "root"), "counted",
                  ht_json_member(job->result, "counted"), "closing_block",
                  (json_int_t)job->poll.closing_block, "closing_s", (json_int_t)job->closing_s);
    char *text = content != NULL ? json_dumps(content, JSON_COMPACT) : NULL;
    json_t *tags = json_pack("[[ss], [ss]]", "d", d, "e", id + 2);
    json_decref(content);
    if (text == NULL || tags == NULL) {
        free(text);
        json_decref(tags);
        return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    feed->publish(feed->self, HT_POLL_ROOT_KIND, text, tags, "a poll's result", done, user);
    free(text);
    return HT_OK;
}

/* --- by wish ---------------------------------------------------------------------------------- */

static void closed(void *user, enum ht_err err, const struct ht_why *why, const ht_hash32 *id) {
    struct ht_poll_job *job = user;
    struct ht_rpc_call *call = job->user;
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, why);
    } else {
        ht_rpc_finish(call, json_pack("{s:o, s:O}", "event_id", ht_gov_event_id_json(id), "root",
                                      ht_json_member(job->result, "root")));
    }
    ht_poll_job_free(job);
}

static void on_counted(struct ht_poll_job *job) {
    struct ht_rpc_call *call = job->user;
    struct ht_why why = job->why;
    enum ht_err err = job->err == HT_OK ? publish_root(job, closed, job, &why) : job->err;
    if (err == HT_OK) return;
    ht_rpc_refuse(call, err, &why);
    ht_poll_job_free(job);
}

void ht_polls_close(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {.code = NULL};
    ht_hash32 id;
    enum ht_err err = ht_gov_event_id_param(&id, params, "id", &why);
    struct ht_poll_job *job = err == HT_OK ? ht_poll_job_new(self, &id) : NULL;
    if (job == NULL) {
        if (err == HT_OK) err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
        ht_rpc_refuse(call, err, &why);
        return;
    }
    job->wants_count = job->asks = job->is_looked_at = true;
    job->user = call;
    job->done = on_counted;
    ht_poll_job_start(job);
}

/* --- by themselves ---------------------------------------------------------------------------- */

static struct ht_poll_watched *find(struct ht_gov_polls *polls, const ht_hash32 *id) {
    for (size_t i = 0; i < polls->watched_count; i++) {
        if (ht_hash32_equal(&polls->watched[i].id, id)) return &polls->watched[i];
    }
    return NULL;
}

void ht_polls_watch(struct ht_gov_polls *polls, const ht_hash32 *id) {
    if (find(polls, id) != NULL) return;
    if (polls->watched_count == HT_POLLS_WATCHED_MAX) {
        memmove(&polls->watched[0], &polls->watched[1],
                (HT_POLLS_WATCHED_MAX - 1) * sizeof polls->watched[0]);
        polls->watched_count--;
    }
    polls->watched[polls->watched_count++] = (struct ht_poll_watched){.id = *id};
}

void ht_polls_heard(struct ht_gov_polls *polls, const struct ht_feed_event *ballot) {
    size_t i;
    json_t *tag;
    ht_hash32 id;
    ht_bytes text;
    json_array_foreach((json_t *)ballot->tags, i, tag) {
        const char *name = json_string_value(json_array_get(tag, 0));
        if (name == NULL || strcmp(name, "e") != 0) continue;
        if (ht_json_str(&text, tag, "[1]", NULL) != HT_OK || !ht_event_hex32(&id, text)) continue;
        struct ht_poll_watched *watched = find(polls, &id);
        if (watched == NULL || !watched->is_done) continue;
        watched->is_done = false;
        watched->not_before_ms = ht_mono_ms(polls->governance->host->clock) + SETTLE_MS;
    }
}

/* Tried again later, unless it will never be otherwise. */
static void put_off(struct ht_poll_job *job, bool is_over) {
    struct ht_gov_polls *polls = job->governance->polls;
    struct ht_poll_watched *watched = find(polls, &job->id);
    polls->is_working = false;
    if (watched == NULL) return;
    watched->is_done = is_over;
    int64_t now_ms = ht_mono_ms(job->governance->host->clock);
    watched->not_before_ms = now_ms + AGAIN_MS;
    watched->roots_until_ms = now_ms + HT_POLLS_ROOTS_MS;
}

static void told(void *user, enum ht_err err, const struct ht_why *why, const ht_hash32 *id) {
    struct ht_poll_job *job = user;
    (void)id;
    if (err != HT_OK) ht_log(HT_LOG_DEBUG, "polls", "a root is not published: %s", why->text);
    put_off(job, err == HT_OK);
    ht_poll_job_free(job);
}

static bool is_too_old(const struct ht_poll_job *job) {
    int64_t now_s = ht_wall_ms(job->governance->host->clock) / 1000;
    return job->has_closing && now_s - (int64_t)job->closing_s > HT_POLLS_WATCHED_S;
}

static void counted(struct ht_poll_job *job) {
    struct ht_why why = job->why;
    enum ht_err err = job->err;
    bool is_over = err == HT_EINPUT || err == HT_ENOTFOUND;
    if (err == HT_OK) is_over = is_too_old(job) || ht_polls_has_told(job);
    if (err == HT_OK && !is_over) {
        err = publish_root(job, told, job, &why);
        if (err == HT_OK) return;
    }
    put_off(job, is_over);
    ht_poll_job_free(job);
}

static void on_block(struct ht_poll_job *job) {
    struct ht_poll_watched *watched = find(job->governance->polls, &job->id);
    if (watched != NULL && job->err == HT_OK) watched->closing_block = job->poll.closing_block;
    bool is_known = job->err == HT_OK;
    put_off(job, job->err == HT_EINPUT || job->err == HT_ENOTFOUND);
    if (is_known && watched != NULL) watched->not_before_ms = 0;
    ht_poll_job_free(job);
}

/* Nodes that hold different ballots would publish different roots. */
static void asked(struct ht_poll_job *job) {
    struct ht_poll_watched *watched = find(job->governance->polls, &job->id);
    put_off(job, false);
    if (watched != NULL) {
        watched->has_asked = true;
        watched->not_before_ms = ht_mono_ms(job->governance->host->clock) + SETTLE_MS;
    }
    ht_poll_job_free(job);
}

void ht_polls_look(struct ht_gov_polls *polls) {
    struct ht_governance *governance = polls->governance;
    const struct ht_exec_header_verified *final = ht_chain_finalized(governance->host->chain);
    int64_t now_ms = ht_mono_ms(governance->host->clock);
    if (final == NULL || ht_gov_feed(governance) == NULL) return;
    for (size_t i = 0; i < polls->watched_count && !polls->is_working; i++) {
        struct ht_poll_watched *watched = &polls->watched[i];
        if (watched->is_done || watched->not_before_ms > now_ms) continue;
        bool is_known = watched->closing_block > 0;
        if (is_known && final->header.number < watched->closing_block) continue;
        struct ht_poll_job *job = ht_poll_job_new(governance, &watched->id);
        if (job == NULL) return;
        job->wants_count = is_known;
        job->done = is_known ? counted : on_block;
        if (is_known && !watched->has_asked) {
            job->asks = job->only_asks = true;
            job->done = asked;
        }
        polls->is_working = true;
        ht_poll_job_start(job);
    }
}

static void on_own(void *user, enum ht_err err, const struct ht_why *why, const json_t *events) {
    struct ht_gov_polls *polls = user;
    size_t i, k;
    json_t *event, *tag;
    (void)why;
    if (err != HT_OK) return;
    json_array_foreach((json_t *)events, i, event) {
        ht_hash32 id;
        ht_bytes text;
        bool is_poll = json_integer_value(ht_json_member(event, "kind")) == HT_POLL_KIND;
        if (is_poll && ht_json_str(&text, event, "id", NULL) == HT_OK && ht_event_hex32(&id, text))
            ht_polls_watch(polls, &id);
        json_array_foreach((json_t *)ht_json_member(event, "tags"), k, tag) {
            const char *name = json_string_value(json_array_get(tag, 0));
            if (is_poll || name == NULL || strcmp(name, "e") != 0) continue;
            if (ht_json_str(&text, tag, "[1]", NULL) == HT_OK && ht_event_hex32(&id, text))
                ht_polls_watch(polls, &id);
        }
    }
}

void ht_polls_remember(struct ht_gov_polls *polls) {
    char key[HT_HEX_SIZE(32)];
    ht_hash32 owner;
    const struct ht_feed *feed = ht_gov_feed(polls->governance);
    if (feed == NULL || !feed->owner(feed->self, &owner)) return;
    ht_hex_write(key, ht_bytes_of(owner.b, sizeof owner.b));
    json_t *filter = json_pack("{s:[ii], s:[s], s:i}", "kinds", (int)HT_POLL_KIND,
                               (int)HT_POLL_BALLOT_KIND, "authors", key + 2, "limit", REMEMBERED);
    if (filter != NULL) feed->query(feed->self, filter, on_own, polls);
    json_decref(filter);
}
