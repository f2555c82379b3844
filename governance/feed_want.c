/* What relays are to tell of communities, and asking them for what is looked at. */
#include "governance/feed_want.h"

#include <stdlib.h>

#include "governance/ballots/ballot_json.h"
#include "governance/community/community.h"
#include "governance/discovery/discover.h"
#include "governance/discovery/discover_peers.h"
#include "governance/talk/talk_event.h"
#include "node/base/log.h"

struct looked {
    ht_addr20 governor;
    bool has_proposal;
    ht_u256 proposal;
    int64_t until_ms, asked_ms;
};

struct ht_gov_feed_want {
    struct ht_governance *governance;
    struct ht_feed_listener talk, statements;
    bool is_listening;
    unsigned want; /* the feeds' number */
    json_t *wanted;
    struct looked looked[HT_FEED_LOOKED_MAX];
    size_t looked_count;
};

/* --- filters ---------------------------------------------------------------------------------- */

/* Values of three filters. */
struct things {
    json_t *topics, *statements, *talk;
};

static void add(json_t *list, const char *text) {
    if (json_array_size(list) < HT_FEED_THINGS_MAX)
        (void)json_array_append_new(list, json_string(text));
}

static void add_community(struct things *things, const struct ht_community *community) {
    char name[HT_GOV_TOPIC_SIZE], thing[HT_TALK_THING_SIZE];
    const struct ht_talk_about about = {.chain_id = community->governance->host->network->chain_id,
                                        .governor = community->address};
    ht_gov_peers_topic(name, community);
    ht_talk_thing(thing, &about);
    add(things->topics, name);
    add(things->statements, thing);
}

static void add_proposal(struct things *things, const struct ht_governance *governance,
                         const ht_addr20 *governor, const ht_u256 *proposal, bool has_ballots) {
    char topic[HT_GOV_BALLOT_TAG_SIZE], thing[HT_TALK_THING_SIZE];
    uint64_t chain_id = governance->host->network->chain_id;
    const struct ht_gov_ballot ballot = {.domain = {.chain_id = chain_id, .contract = *governor},
                                         .proposal = *proposal};
    const struct ht_talk_about about = {
        .chain_id = chain_id, .governor = *governor, .has_proposal = true, .proposal = *proposal};
    ht_gov_ballots_topic(topic, &ballot);
    ht_talk_thing(thing, &about);
    if (has_ballots) add(things->topics, topic);
    add(things->talk, thing);
}

static json_t *filters_of(const struct things *things) {
    json_t *filters = json_array();
    const struct {
        json_t *list;
        const char *tag;
        unsigned kind;
    } all[] = {{things->topics, "#t", HT_GOV_FEED_KIND},
               {things->statements, "#i", HT_TALK_STATEMENT_KIND},
               {things->talk, "#I", HT_TALK_KIND}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (json_array_size(all[i].list) == 0) continue;
        (void)json_array_append_new(
            filters, json_pack("{s:[i], s:O}", "kinds", (int)all[i].kind, all[i].tag, all[i].list));
    }
    return filters;
}

static void things_init(struct things *things) {
    *things = (struct things){json_array(), json_array(), json_array()};
}

static void things_fini(struct things *things) {
    json_decref(things->topics);
    json_decref(things->statements);
    json_decref(things->talk);
}

/* --- wanting ---------------------------------------------------------------------------------- */

static bool is_over(const struct ht_gov_item *item) {
    switch (item->state) {
    case HT_GOV_PENDING:
    case HT_GOV_ACTIVE:
    case HT_GOV_SUCCEEDED:
    case HT_GOV_QUEUED: return false;
    case HT_GOV_CANCELED:
    case HT_GOV_DEFEATED:
    case HT_GOV_EXPIRED:
    case HT_GOV_EXECUTED:
    case HT_GOV_NONE: break;
    }
    return item->provenance != HT_GOV_UNVERIFIED;
}

static void add_all(struct things *things, const struct ht_gov_feed_want *all) {
    const struct ht_governance *governance = all->governance;
    int64_t now_ms = ht_mono_ms(governance->host->clock);
    for (size_t i = 0; i < ht_community_count(governance); i++)
        add_community(things, ht_community_at(governance, i));
    for (size_t i = 0; i < all->looked_count; i++) {
        const struct looked *one = &all->looked[i];
        if (one->until_ms <= now_ms || !one->has_proposal) continue;
        add_proposal(things, governance, &one->governor, &one->proposal, true);
    }
    for (size_t i = 0; i < ht_community_count(governance); i++) {
        const struct ht_community *community = ht_community_at(governance, i);
        for (size_t k = community->item_count; k-- > 0;) {
            const struct ht_gov_item *item = community->items[k];
            bool is_voted_on = item->state == HT_GOV_PENDING || item->state == HT_GOV_ACTIVE;
            if (is_over(item)) continue;
            add_proposal(things, governance, &community->address, &item->id,
                         is_voted_on || item->provenance == HT_GOV_UNVERIFIED);
        }
    }
}

static void want(struct ht_gov_feed_want *all) {
    const struct ht_feed *feed = ht_gov_feed(all->governance);
    struct ht_why why = {.code = NULL};
    struct things things;
    if (feed == NULL || feed->want == NULL || all->governance->is_quitting) return;
    things_init(&things);
    add_all(&things, all);
    json_t *filters = filters_of(&things);
    things_fini(&things);
    if (filters != NULL && !json_equal(filters, all->wanted)) {
        enum ht_err err = feed->want(feed->self, &all->want, filters, &why);
        if (err == HT_OK) {
            json_decref(all->wanted);
            all->wanted = json_incref(filters);
        } else {
            ht_log(HT_LOG_DEBUG, "governance", "talk is not subscribed to: %s", why.text);
        }
    }
    json_decref(filters);
}

/* --- asking ----------------------------------------------------------------------------------- */

static struct looked *place_for(struct ht_gov_feed_want *all, const ht_addr20 *governor,
                                const ht_u256 *proposal) {
    struct looked *oldest = NULL;
    for (size_t i = 0; i < all->looked_count; i++) {
        struct looked *one = &all->looked[i];
        bool is_same = memcmp(one->governor.b, governor->b, sizeof governor->b) == 0 &&
                       one->has_proposal == (proposal != NULL) &&
                       (proposal == NULL || ht_u256_equal(&one->proposal, proposal));
        if (is_same) return one;
        if (oldest == NULL || one->until_ms < oldest->until_ms) oldest = one;
    }
    if (all->looked_count < HT_FEED_LOOKED_MAX) oldest = &all->looked[all->looked_count++];
    *oldest = (struct looked){.governor = *governor, .has_proposal = proposal != NULL};
    if (proposal != NULL) oldest->proposal = *proposal;
    return oldest;
}

/* What they gave, the listeners have heard. */
static void asked(void *user, enum ht_err err, const struct ht_why *why,
                  const struct ht_feed_source *source) {
    (void)user, (void)source;
    if (err != HT_OK) ht_log(HT_LOG_DEBUG, "governance", "relays are not asked: %s", why->text);
}

void ht_gov_feed_look_at(struct ht_governance *governance, const ht_addr20 *governor,
                         const ht_u256 *proposal) {
    struct ht_gov_feed_want *all = governance->feed_want;
    const struct ht_feed *feed = ht_gov_feed(governance);
    const struct ht_community *community = ht_community_find(governance, governor);
    struct things things;
    if (all == NULL || feed == NULL || feed->ask == NULL || governance->is_quitting) return;
    int64_t now_ms = ht_mono_ms(governance->host->clock);
    struct looked *one = place_for(all, governor, proposal);
    bool is_new = one->until_ms <= now_ms;
    bool is_recent = one->asked_ms > 0 && now_ms - one->asked_ms < HT_FEED_ASKED_MS;
    one->until_ms = now_ms + HT_FEED_LOOKED_MS;
    if (is_new) want(all);
    if (is_recent) return;
    one->asked_ms = now_ms;
    things_init(&things);
    if (proposal != NULL)
        add_proposal(&things, governance, governor, proposal, true);
    else if (community != NULL)
        add_community(&things, community);
    json_t *filters = filters_of(&things);
    things_fini(&things);
    if (json_array_size(filters) > 0) feed->ask(feed->self, filters, NULL, asked, NULL);
    json_decref(filters);
}

/* --- listening -------------------------------------------------------------------------------- */

static void heard(struct ht_gov_feed_want *all, const struct ht_feed_event *event,
                  const char *name) {
    struct ht_talk_about about;
    size_t i;
    json_t *tag;
    json_array_foreach((json_t *)event->tags, i, tag) {
        const char *key = json_string_value(json_array_get(tag, 0));
        const char *thing = json_string_value(json_array_get(tag, 1));
        if (key == NULL || thing == NULL || strcmp(key, name) != 0) continue;
        if (!ht_talk_about_of(&about, ht_bytes_str(thing))) return;
        struct ht_community *community = ht_community_find(all->governance, &about.governor);
        if (community != NULL) ht_community_changed(community);
        return;
    }
}

static void on_talk(struct ht_feed_listener *listener, const struct ht_feed_event *event) {
    heard((struct ht_gov_feed_want *)(void *)((char *)listener -
                                              offsetof(struct ht_gov_feed_want, talk)),
          event, "I");
}

static void on_statement(struct ht_feed_listener *listener, const struct ht_feed_event *event) {
    heard((struct ht_gov_feed_want *)(void *)((char *)listener -
                                              offsetof(struct ht_gov_feed_want, statements)),
          event, "i");
}

static void on_head(struct ht_governance *governance) {
    struct ht_gov_feed_want *all = governance->feed_want;
    const struct ht_feed *feed = ht_gov_feed(governance);
    if (feed == NULL) return;
    if (!all->is_listening) {
        all->is_listening = true;
        all->talk = (struct ht_feed_listener){.kind = HT_TALK_KIND, .event = on_talk};
        all->statements =
            (struct ht_feed_listener){.kind = HT_TALK_STATEMENT_KIND, .event = on_statement};
        feed->listen(feed->self, &all->talk);
        feed->listen(feed->self, &all->statements);
    }
    want(all);
}

/* --- begin and end ---------------------------------------------------------------------------- */

static enum ht_err start(struct ht_governance *governance, sqlite3 *db, struct ht_why *why) {
    struct ht_gov_feed_want *all = calloc(1, sizeof *all);
    (void)db;
    if (all == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    all->governance = governance;
    governance->feed_want = all;
    return HT_OK;
}

static void free_part(struct ht_governance *governance) {
    if (governance->feed_want == NULL) return;
    json_decref(governance->feed_want->wanted);
    free(governance->feed_want);
    governance->feed_want = NULL;
}

const struct ht_gov_part ht_gov_feed_part = {.start = start, .on_head = on_head, .free = free_part};
