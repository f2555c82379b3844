/* The feeds for other modules: tasks without a call behind them. */
#include "social/feed/feed_service.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/feed/feed_ask.h"
#include "social/feed/look.h"
#include "social/feed/publish.h"
#include "social/links/peers_want.h"

#define FILTER_ARENA_MAX ((size_t)1 << 20)

struct ht_feed_service {
    struct ht_feed feed;
    struct ht_social *social;
    struct ht_relay_listener relay;
    struct ht_feed_listener *listeners, **last;
};

/* --- listeners -------------------------------------------------------------------------------- */

static json_t *tags_json(const struct ht_event *event) {
    json_t *tags = json_array();
    for (size_t i = 0; tags != NULL && i < event->tag_count; i++) {
        const struct ht_event_tag *tag = &event->tags[i];
        json_t *list = json_array();
        for (size_t k = 0; list != NULL && k < tag->count; k++) {
            (void)json_array_append_new(
                list, json_stringn((const char *)tag->items[k].p, tag->items[k].n));
        }
        (void)json_array_append_new(tags, list);
    }
    return tags;
}

static bool is_wanted(const struct ht_feed_service *service, uint32_t kind) {
    const struct ht_feed_listener *one = service->listeners;
    while (one != NULL && one->kind != kind) one = one->next;
    return one != NULL;
}

static void arrived(struct ht_relay_listener *listener, const struct ht_event *event) {
    struct ht_feed_service *service =
        (struct ht_feed_service *)(void *)((char *)listener -
                                           offsetof(struct ht_feed_service, relay));
    if (service->social->is_stopped || !is_wanted(service, event->kind)) return;
    json_t *tags = tags_json(event);
    const struct ht_feed_event news = {.id = event->id,
                                       .pubkey = event->pubkey,
                                       .kind = event->kind,
                                       .created_at = event->created_at,
                                       .content = event->content,
                                       .tags = tags};
    for (struct ht_feed_listener *one = service->listeners; one != NULL; one = one->next) {
        if (one->kind == event->kind) one->event(one, &news);
    }
    json_decref(tags);
}

static void listen_to(void *self, struct ht_feed_listener *listener) {
    struct ht_feed_service *service = self;
    listener->next = NULL;
    *service->last = listener;
    service->last = &listener->next;
}

static bool owner(void *self, ht_hash32 *pubkey) {
    const struct ht_feed_service *service = self;
    return ht_social_owner(service->social, pubkey);
}

/* --- tasks ------------------------------------------------------------------------------------ */

struct asked {
    ht_feed_done published;
    ht_feed_found found;
    void *user;
};

static void ended(struct ht_task *task, enum ht_err err, const struct ht_why *why) {
    const struct asked *asked = task->user;
    ht_hash32 id = {0};
    if (asked->found != NULL) {
        const json_t *events = err == HT_OK ? ht_json_member(task->result, "events") : NULL;
        asked->found(asked->user, err, why, events);
        return;
    }
    bool is_published = err == HT_OK && ht_look_hash(&id, task->result, "id");
    asked->published(asked->user, err, why, is_published ? &id : NULL);
}

/* NULL when it could not be made: whoever asked has been told. */
static struct ht_task *begin(struct ht_feed_service *service, const struct asked *wanted,
                             const json_t *params) {
    struct ht_why why = {0};
    struct asked *asked = malloc(sizeof *asked);
    struct ht_task *task = asked != NULL ? ht_task_new(service->social, NULL, params) : NULL;
    if (task != NULL) {
        *asked = *wanted;
        task->user = asked;
        task->free_user = free;
        task->ended = ended;
        return task;
    }
    free(asked);
    enum ht_err err = ht_task_no_memory(&why);
    if (wanted->found != NULL) wanted->found(wanted->user, err, &why, NULL);
    if (wanted->found == NULL) wanted->published(wanted->user, err, &why, NULL);
    return NULL;
}

/* --- publishing ------------------------------------------------------------------------------- */

static const char *d_of(const json_t *tags) {
    size_t i;
    json_t *tag;
    json_array_foreach(tags, i, tag) {
        const char *name = ht_look_item(tag, 0), *value = ht_look_item(tag, 1);
        if (name != NULL && strcmp(name, "d") == 0) return value != NULL ? value : "";
    }
    return "";
}

/* What it replaces: it has to be newer, also when that was written within the same second. */
static enum ht_err find_before(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    json_t *before = NULL;
    struct ht_draft *draft = &task->draft;
    struct ht_look look = {.authors = &task->owner,
                           .author_count = 1,
                           .has_authors = true,
                           .kinds = &draft->kind,
                           .kind_count = 1};
    (void)db;
    switch (ht_event_class_of(draft->kind)) {
    case HT_EVENT_REGULAR:
    case HT_EVENT_EPHEMERAL: return HT_OK;
    case HT_EVENT_ADDRESSABLE:
        look.tag = 'd';
        look.tag_value = ht_bytes_str(d_of(draft->tags));
        break;
    case HT_EVENT_REPLACEABLE: break;
    }
    enum ht_err err = ht_look_one(&before, task, &look, why);
    if (err != HT_OK) return err;
    draft->after = json_integer_value(ht_json_member(before, "created_at"));
    json_decref(before);
    return HT_OK;
}

static void publish(void *self, uint32_t kind, const char *content, json_t *tags, const char *what,
                    ht_feed_done done, void *user) {
    struct ht_why why = {0};
    const struct asked asked = {.published = done, .user = user};
    struct ht_task *task = begin(self, &asked, NULL);
    if (task == NULL) {
        json_decref(tags);
        return;
    }
    enum ht_err err = ht_draft_set(&task->draft, kind, content, tags, what, &why);
    if (err == HT_OK && !task->has_owner) {
        err = ht_fail(&why, HT_EDENIED, "no_nostr_key", "the wallet has no Nostr key yet");
    }
    if (err != HT_OK) {
        ht_task_end(task, err, &why);
    } else {
        ht_task_look(task, find_before, NULL);
    }
}

/* --- asking ----------------------------------------------------------------------------------- */

struct finding {
    json_t *events;
    bool has_failed;
};

static bool found_one(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                      int64_t created_at, ht_bytes json) {
    struct finding *finding = user;
    json_t *event = NULL;
    (void)id, (void)pubkey, (void)kind, (void)created_at;
    if (ht_json_parse(&event, json, HT_EVENT_SIZE_MAX, NULL) != HT_OK ||
        json_array_append_new(finding->events, event) != 0) {
        finding->has_failed = true;
    }
    return !finding->has_failed && json_array_size(finding->events) < HT_FEED_QUERY_MAX;
}

static enum ht_err find(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct ht_arena arena;
    struct ht_filter filter;
    struct finding finding = {.events = json_array()};
    const struct ht_store_visit visit = {.event = found_one, .user = &finding};
    const struct ht_store_limits limits = {
        .now_s = task->now_s, .limit_default = HT_FEED_QUERY_MAX, .limit_max = HT_FEED_QUERY_MAX};
    bool is_complete;
    (void)db;
    ht_arena_init(&arena, FILTER_ARENA_MAX);
    enum ht_err err = finding.events != NULL ? HT_OK : ht_task_no_memory(why);
    if (err == HT_OK) {
        err = ht_filter_read(&filter, &arena, ht_json_member(task->params, "filter"), why);
    }
    if (err == HT_OK) {
        err = ht_store_query(&is_complete, task->store, &filter, 1, &limits, 0, &visit, why);
    }
    if (err == HT_OK && finding.has_failed) err = ht_task_no_memory(why);
    if (err == HT_OK) {
        task->result = json_pack("{s:O}", "events", finding.events);
        if (task->result == NULL) err = ht_task_no_memory(why);
    }
    json_decref(finding.events);
    ht_arena_fini(&arena);
    return err;
}

static void query(void *self, const json_t *filter, ht_feed_found done, void *user) {
    const struct asked asked = {.found = done, .user = user};
    json_t *copy = json_deep_copy(filter);
    json_t *params = json_pack("{s:o}", "filter", copy);
    struct ht_task *task = begin(self, &asked, params);
    json_decref(params);
    if (task != NULL) ht_task_look(task, find, NULL);
}

static void ask(void *self, const json_t *filters, const json_t *more, ht_feed_asked done,
                void *user) {
    const struct ht_feed_service *service = self;
    ht_feed_ask(service->social, filters, more, done, user);
}

static enum ht_err want(void *self, unsigned *number, const json_t *filters, struct ht_why *why) {
    const struct ht_feed_service *service = self;
    return ht_peers_want(service->social, number, filters, why);
}

static json_t *relays(void *self) {
    const struct ht_feed_service *service = self;
    return ht_feed_relays(service->social);
}

/* --- begin and end ---------------------------------------------------------------------------- */

enum ht_err ht_feed_service_new(struct ht_social *social, struct ht_why *why) {
    struct ht_feed_service *service = calloc(1, sizeof *service);
    if (service == NULL) return ht_task_no_memory(why);
    service->social = social;
    service->last = &service->listeners;
    service->feed = (struct ht_feed){.publish = publish,
                                     .query = query,
                                     .listen = listen_to,
                                     .owner = owner,
                                     .ask = ask,
                                     .want = want,
                                     .relays = relays,
                                     .self = service};
    service->relay.event = arrived;
    ht_relay_listen(social->relay, &service->relay);
    social->feed = service;
    if (social->host->offer_feed != NULL) social->host->offer_feed(social->host, &service->feed);
    return HT_OK;
}

void ht_feed_service_stop(struct ht_social *social) {
    if (social->feed == NULL || social->host->offer_feed == NULL) return;
    social->host->offer_feed(social->host, NULL);
}

void ht_feed_service_free(struct ht_social *social) {
    free(social->feed);
    social->feed = NULL;
}
