/* Texts about a proposal or a community, out of our own feeds. */
#include "governance/methods_talk.h"

#include "governance/feed_event.h"

#define ARENA (HT_EVENT_ARENA(HT_EVENT_SIZE_MAX) + HT_EVENT_SIZE_MAX)

static void take(struct ht_gov_said *said, const char *thing, const json_t *object) {
    struct ht_arena arena;
    struct ht_event event;
    struct ht_talk_item item;
    char its[HT_TALK_THING_SIZE];
    ht_arena_init(&arena, ARENA);
    bool is_one = ht_gov_event_read(&event, &arena, object, NULL) == HT_OK &&
                  ht_talk_read(&item, &event, NULL) == HT_OK;
    if (is_one) ht_talk_thing(its, &item.about);
    if (is_one && strcmp(its, thing) == 0) {
        said->count++;
        if (said->each != NULL) said->each(said, &event, &item);
    }
    ht_arena_fini(&arena);
}

static void found(void *user, enum ht_err err, const struct ht_why *why, const json_t *events) {
    struct ht_gov_said *said = user;
    char thing[HT_TALK_THING_SIZE];
    said->err = err;
    if (err != HT_OK) said->why = *why;
    ht_talk_thing(thing, &said->about);
    for (size_t i = 0; err == HT_OK && i < json_array_size(events); i++)
        take(said, thing, json_array_get(events, i));
    said->done(said);
}

void ht_gov_said_read(const struct ht_governance *governance, struct ht_gov_said *said) {
    char thing[HT_TALK_THING_SIZE];
    const struct ht_feed *feed = ht_gov_feed(governance);
    bool is_of_proposal = said->about.has_proposal;
    said->count = 0;
    ht_talk_thing(thing, &said->about);
    json_t *filter = json_pack("{s:[i], s:[s], s:i}", "kinds",
                               (int)(is_of_proposal ? HT_TALK_KIND : HT_TALK_STATEMENT_KIND),
                               is_of_proposal ? "#I" : "#i", thing, "limit", (int)HT_TALK_LIST_MAX);
    if (feed == NULL) {
        said->err = ht_fail(&said->why, HT_EAGAIN, "no_feed", "this node keeps no feeds");
        said->done(said);
    } else if (filter == NULL) {
        said->err = ht_fail(&said->why, HT_ENOMEM, "no_memory", "out of memory");
        said->done(said);
    } else {
        feed->query(feed->self, filter, found, said);
    }
    json_decref(filter);
}
