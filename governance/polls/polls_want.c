/* Polls that are of interest now. */
#include "governance/polls/polls_want.h"

#include "governance/feed_event.h"
#include "node/base/log.h"

static int64_t now_of(const struct ht_gov_polls *polls) {
    return ht_mono_ms(polls->governance->host->clock);
}

static struct ht_poll_looked *find(struct ht_gov_polls *polls, const ht_hash32 *id) {
    for (size_t i = 0; i < polls->looked_count; i++) {
        if (ht_hash32_equal(&polls->looked[i].id, id)) return &polls->looked[i];
    }
    return NULL;
}

/* The one that was looked at longest ago makes room. */
static struct ht_poll_looked *place_for(struct ht_gov_polls *polls, const ht_hash32 *id) {
    struct ht_poll_looked *slot = find(polls, id);
    if (slot != NULL) return slot;
    if (polls->looked_count < HT_POLLS_LOOKED_MAX) {
        slot = &polls->looked[polls->looked_count++];
    } else {
        slot = &polls->looked[0];
        for (size_t i = 1; i < polls->looked_count; i++) {
            if (polls->looked[i].until_ms < slot->until_ms) slot = &polls->looked[i];
        }
    }
    *slot = (struct ht_poll_looked){.id = *id};
    return slot;
}

/* --- asking ----------------------------------------------------------------------------------- */

void ht_polls_was_asked(struct ht_gov_polls *polls, const ht_hash32 *id,
                        const struct ht_feed_source *source) {
    struct ht_poll_looked *slot = place_for(polls, id);
    slot->has_source = true;
    slot->source = *source;
    slot->asked_ms = now_of(polls);
    slot->asked_s = ht_wall_ms(polls->governance->host->clock) / 1000;
}

static void asked(struct ht_poll_job *job) {
    struct ht_governance *governance = job->governance;
    struct ht_gov_polls *polls = governance->polls;
    struct ht_poll_looked *slot = find(polls, &job->id);
    if (slot != NULL) slot->is_asking = false;
    if (job->err == HT_OK) ht_polls_was_asked(polls, &job->id, &job->source);
    if (job->err == HT_OK && !governance->is_quitting) ht_polls_changed(polls);
    ht_poll_job_free(job);
}

void ht_polls_look_at(struct ht_gov_polls *polls, const ht_hash32 *id) {
    int64_t now_ms = now_of(polls);
    struct ht_poll_looked *slot = place_for(polls, id);
    bool is_new = slot->until_ms <= now_ms;
    slot->until_ms = now_ms + HT_POLLS_LOOKED_MS;
    if (is_new) ht_polls_want(polls);
    bool is_recent = slot->has_source && now_ms - slot->asked_ms < HT_POLLS_ASK_MS;
    if (is_recent || slot->is_asking || polls->governance->is_quitting) return;
    struct ht_poll_job *job = ht_poll_job_new(polls->governance, id);
    if (job == NULL) return;
    slot->is_asking = true;
    job->wants_count = job->asks = job->is_looked_at = job->only_asks = true;
    job->done = asked;
    ht_poll_job_start(job);
}

json_t *ht_polls_asked_json(const struct ht_gov_polls *polls, const ht_hash32 *id) {
    for (size_t i = 0; i < polls->looked_count; i++) {
        const struct ht_poll_looked *slot = &polls->looked[i];
        if (!slot->has_source || !ht_hash32_equal(&slot->id, id)) continue;
        return json_pack("{s:i, s:i, s:b, s:I}", "asked", (int)slot->source.asked, "answered",
                         (int)slot->source.answered, "is_cut", (int)slot->source.is_cut, "at_s",
                         (json_int_t)slot->asked_s);
    }
    return json_null();
}

/* --- wanting ---------------------------------------------------------------------------------- */

static bool is_of_interest(const struct ht_poll_watched *watched, int64_t now_ms) {
    return !watched->is_done || now_ms < watched->roots_until_ms;
}

static json_t *interesting(const struct ht_gov_polls *polls) {
    json_t *ids = json_array();
    int64_t now_ms = now_of(polls);
    for (size_t i = 0; i < polls->watched_count; i++) {
        if (!is_of_interest(&polls->watched[i], now_ms)) continue;
        (void)json_array_append_new(ids, ht_gov_event_id_json(&polls->watched[i].id));
    }
    for (size_t i = 0; i < polls->looked_count; i++) {
        if (polls->looked[i].until_ms <= now_ms) continue;
        (void)json_array_append_new(ids, ht_gov_event_id_json(&polls->looked[i].id));
    }
    return ids;
}

void ht_polls_want(struct ht_gov_polls *polls) {
    const struct ht_feed *feed = ht_gov_feed(polls->governance);
    struct ht_why why = {.code = NULL};
    if (feed == NULL || feed->want == NULL || polls->governance->is_quitting) return;
    json_t *ids = interesting(polls);
    if (json_equal(ids, polls->wanted)) {
        json_decref(ids);
        return;
    }
    json_t *filters = json_array_size(ids) > 0
                          ? json_pack("[{s:[i, i], s:O}]", "kinds", (int)HT_POLL_BALLOT_KIND,
                                      (int)HT_POLL_ROOT_KIND, "#e", ids)
                          : json_array();
    enum ht_err err = feed->want(feed->self, &polls->want, filters, &why);
    if (err == HT_OK) {
        json_decref(polls->wanted);
        polls->wanted = json_incref(ids);
    } else {
        ht_log(HT_LOG_DEBUG, "polls", "ballots are not subscribed to: %s", why.text);
    }
    json_decref(filters);
    json_decref(ids);
}
