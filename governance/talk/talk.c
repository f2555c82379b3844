/* talk.list and talk.post */
#include "governance/talk/talk.h"

#include <stdlib.h>

#include "governance/feed_event.h"
#include "governance/feed_want.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define ARENA (HT_EVENT_ARENA(HT_EVENT_SIZE_MAX) + HT_EVENT_SIZE_MAX)

static void refuse(struct ht_rpc_call *call, enum ht_err err, const char *code, const char *text) {
    struct ht_why why;
    (void)ht_fail(&why, err, code, "%s", text);
    ht_rpc_refuse(call, err, &why);
}

static enum ht_err read_about(struct ht_talk_about *about, const struct ht_governance *governance,
                              const json_t *params, struct ht_why *why) {
    const json_t *id = ht_json_member(params, "id");
    *about = (struct ht_talk_about){.chain_id = governance->host->network->chain_id};
    enum ht_err err = ht_address_param(&about->governor, params, "address", why);
    about->has_proposal = id != NULL && !json_is_null(id);
    if (err == HT_OK && about->has_proposal)
        err = ht_gov_u256_param(&about->proposal, params, "id", why);
    return err;
}

static enum ht_err read_kind(enum ht_talk_kind *kind, bool *has_kind, const json_t *params,
                             struct ht_why *why) {
    ht_bytes name;
    *has_kind = ht_json_member(params, "kind") != NULL;
    if (!*has_kind) return HT_OK;
    enum ht_err err = ht_json_str(&name, params, "kind", why);
    if (err != HT_OK || ht_talk_kind_of(kind, name)) return err;
    return ht_fail(why, HT_EINPUT, "bad_talk", "talk is a statement, a comment or a rationale");
}

/* --- listing ---------------------------------------------------------------------------------- */

struct listing {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    struct ht_talk_about about;
    bool has_kind;
    enum ht_talk_kind kind;
    uint64_t limit;
};

static json_t *item_json(const struct ht_governance *governance, const struct ht_event *event,
                         const struct ht_talk_item *item) {
    const struct ht_trust *trust = ht_gov_trust(governance);
    const struct ht_feed *feed = ht_gov_feed(governance);
    struct ht_trust_person person = {.distance = HT_TRUST_FAR};
    ht_hash32 owner;
    bool is_mine =
        feed != NULL && feed->owner(feed->self, &owner) && ht_hash32_equal(&owner, &event->pubkey);
    if (trust != NULL) (void)trust->person(trust->self, &event->pubkey, &person);
    bool is_far = person.distance == HT_TRUST_FAR, has_name = person.name[0] != '\0';
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:i, s:b, s:s, s:o, s:I}", "id",
        ht_gov_event_id_json(&event->id), "author", ht_gov_event_id_json(&event->pubkey), "address",
        person.has_address ? ht_address_json(&person.address) : json_null(), "name",
        has_name ? ht_gov_text_json(ht_bytes_str(person.name), sizeof person.name) : json_null(),
        "distance", is_far ? json_null() : json_integer(person.distance), "vouches",
        (int)person.vouches, "is_mine", is_mine, "kind", ht_talk_kind_name(item->kind), "text",
        ht_gov_text_json(item->text, HT_TALK_TEXT_MAX), "at_s", (json_int_t)event->created_at);
}

static bool same_about(const struct ht_talk_about *a, const struct ht_talk_about *b) {
    return a->chain_id == b->chain_id && a->has_proposal == b->has_proposal &&
           memcmp(a->governor.b, b->governor.b, sizeof a->governor.b) == 0 &&
           ht_u256_equal(&a->proposal, &b->proposal);
}

static void add_item(json_t *list, const struct listing *listing, const json_t *object) {
    struct ht_arena arena;
    struct ht_event event;
    struct ht_talk_item item;
    ht_arena_init(&arena, ARENA);
    if (ht_gov_event_read(&event, &arena, object, NULL) == HT_OK &&
        ht_talk_read(&item, &event, NULL) == HT_OK && same_about(&item.about, &listing->about) &&
        (!listing->has_kind || item.kind == listing->kind))
        (void)json_array_append_new(list, item_json(listing->governance, &event, &item));
    ht_arena_fini(&arena);
}

static void found(void *user, enum ht_err err, const struct ht_why *why, const json_t *events) {
    struct listing *listing = user;
    json_t *list = json_array(), *object;
    size_t i;
    if (err != HT_OK) {
        ht_rpc_refuse(listing->call, err, why);
    } else {
        json_array_foreach((json_t *)events, i, object) add_item(list, listing, object);
        ht_rpc_finish(listing->call, json_pack("{s:O, s:b}", "items", list, "is_complete",
                                               json_array_size(events) < listing->limit));
    }
    json_decref(list);
    free(listing);
}

static enum ht_err read_listing(struct listing *listing, json_t **filter, const json_t *params,
                                struct ht_why *why) {
    char thing[HT_TALK_THING_SIZE];
    uint64_t until = 0;
    bool has_until = ht_json_member(params, "until") != NULL;
    listing->limit = 100;
    enum ht_err err = read_about(&listing->about, listing->governance, params, why);
    if (err == HT_OK) err = read_kind(&listing->kind, &listing->has_kind, params, why);
    if (err == HT_OK && ht_json_member(params, "limit") != NULL)
        err = ht_json_u64(&listing->limit, params, "limit", why);
    if (err == HT_OK && has_until) err = ht_json_u64(&until, params, "until", why);
    if (err != HT_OK) return err;
    if (listing->limit == 0 || listing->limit > HT_TALK_LIST_MAX) listing->limit = HT_TALK_LIST_MAX;
    bool is_of_proposal = listing->about.has_proposal;
    ht_talk_thing(thing, &listing->about);
    *filter = json_pack("{s:[i], s:[s], s:I}", "kinds",
                        (int)(is_of_proposal ? HT_TALK_KIND : HT_TALK_STATEMENT_KIND),
                        is_of_proposal ? "#I" : "#i", thing, "limit", (json_int_t)listing->limit);
    if (has_until && *filter != NULL && until <= HT_EVENT_TIME_MAX)
        (void)json_object_set_new(*filter, "until", json_integer((json_int_t)until));
    return *filter != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static void list(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {.code = NULL};
    json_t *filter = NULL;
    const struct ht_feed *feed = ht_gov_feed(self);
    struct listing *listing = calloc(1, sizeof *listing);
    if (listing == NULL || feed == NULL) {
        free(listing);
        refuse(call, HT_EAGAIN, "no_feed", "this node keeps no feeds");
        return;
    }
    listing->governance = self;
    listing->call = call;
    enum ht_err err = read_listing(listing, &filter, params, &why);
    if (err == HT_OK) {
        const struct ht_talk_about about = listing->about;
        feed->query(feed->self, filter, found, listing);
        ht_gov_feed_look_at(self, &about.governor, about.has_proposal ? &about.proposal : NULL);
    } else {
        ht_rpc_refuse(call, err, &why);
        free(listing);
    }
    json_decref(filter);
}

/* --- posting ---------------------------------------------------------------------------------- */

static void posted(void *user, enum ht_err err, const struct ht_why *why, const ht_hash32 *id) {
    struct ht_rpc_call *call = user;
    if (err != HT_OK)
        ht_rpc_refuse(call, err, why);
    else
        ht_rpc_finish(call, json_pack("{s:o}", "id", ht_gov_event_id_json(id)));
}

static enum ht_err read_post(struct ht_talk_about *about, enum ht_talk_kind *kind,
                             const char **text, const struct ht_governance *governance,
                             const json_t *params, struct ht_why *why) {
    bool has_kind;
    enum ht_err err = read_about(about, governance, params, why);
    if (err == HT_OK) err = read_kind(kind, &has_kind, params, why);
    if (err == HT_OK && !has_kind) *kind = HT_TALK_COMMENT;
    if (err == HT_OK) err = ht_json_text(text, params, "text", why);
    if (err != HT_OK) return err;
    if (about->has_proposal == (*kind == HT_TALK_STATEMENT))
        return ht_fail(why, HT_EINPUT, "bad_talk",
                       "statements are about a community, all else is about a proposal");
    if ((*text)[strspn(*text, " \t\r\n")] == '\0')
        return ht_fail(why, HT_EINPUT, "empty_talk", "there is nothing in it");
    if (strlen(*text) > HT_TALK_TEXT_MAX)
        return ht_fail(why, HT_ELIMIT, "talk_too_long", "at most %u bytes", HT_TALK_TEXT_MAX);
    return HT_OK;
}

static void post(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {.code = NULL};
    struct ht_talk_about about;
    enum ht_talk_kind kind = HT_TALK_COMMENT;
    const char *text;
    const struct ht_feed *feed = ht_gov_feed(self);
    enum ht_err err = read_post(&about, &kind, &text, self, params, &why);
    if (err == HT_OK && feed == NULL)
        err = ht_fail(&why, HT_EAGAIN, "no_feed", "this node keeps no feeds");
    json_t *tags = err == HT_OK ? ht_talk_tags(&about, kind) : NULL;
    if (err == HT_OK && tags == NULL) err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    feed->publish(feed->self, kind == HT_TALK_STATEMENT ? HT_TALK_STATEMENT_KIND : HT_TALK_KIND,
                  text, tags, "talk about a community", posted, call);
}

static const struct ht_rpc_method METHODS[HT_GOV_TALK_METHODS] = {
    {.name = "talk.list", .start = list},
    {.name = "talk.post", .start = post},
};

const struct ht_gov_part ht_gov_talk_part = {
    .methods = METHODS,
    .method_count = HT_GOV_TALK_METHODS,
};
