/* Parts of a post that need further looks into the store. */
#include "social/post_parts.h"

#include <stdlib.h>

#include "node/codec/json.h"

#define VOTES_MAX 5000U

static enum ht_err count(uint64_t *out, struct ht_posts *posts, const char *id,
                         const uint32_t *kinds, size_t kind_count, struct ht_why *why) {
    struct ht_look look = {
        .tag = 'e', .tag_value = ht_bytes_str(id), .kinds = kinds, .kind_count = kind_count};
    return ht_look_count(out, posts->task, &look, why);
}

/* The owner's newest of those kinds that names the post; NULL when there is none. */
static enum ht_err mine(json_t **out, struct ht_posts *posts, const char *id, const uint32_t *kinds,
                        size_t kind_count, struct ht_why *why) {
    if (!posts->task->has_owner) return HT_OK;
    struct ht_look look = {.authors = &posts->task->owner,
                           .author_count = 1,
                           .has_authors = true,
                           .tag = 'e',
                           .tag_value = ht_bytes_str(id),
                           .kinds = kinds,
                           .kind_count = kind_count};
    return ht_look_one(out, posts->task, &look, why);
}

enum ht_err ht_post_add_counts(json_t *post, struct ht_posts *posts, const ht_hash32 *id,
                               struct ht_why *why) {
    static const uint32_t REPLIES[] = {HT_KIND_NOTE, HT_KIND_COMMENT};
    static const uint32_t REACTIONS[] = {HT_KIND_REACTION};
    static const uint32_t REPOSTS[] = {HT_KIND_REPOST, HT_KIND_GENERIC_REPOST};
    char hex[65];
    uint64_t replies = 0, reactions = 0, reposts = 0;
    json_t *reaction = NULL, *repost = NULL;
    ht_task_hex(hex, id);
    enum ht_err err = count(&replies, posts, hex, REPLIES, 2, why);
    if (err == HT_OK) err = count(&reactions, posts, hex, REACTIONS, 1, why);
    if (err == HT_OK) err = count(&reposts, posts, hex, REPOSTS, 2, why);
    if (err == HT_OK) err = mine(&reaction, posts, hex, REACTIONS, 1, why);
    if (err == HT_OK) err = mine(&repost, posts, hex, REPOSTS, 2, why);
    if (err == HT_OK) {
        json_t *more = json_pack(
            "{s:I, s:I, s:I, s:{s:s?, s:b}}", "replies", (json_int_t)replies, "reactions",
            (json_int_t)reactions, "reposts", (json_int_t)reposts, "mine", "reaction",
            json_string_value(ht_json_member(reaction, "content")), "reposted", repost != NULL);
        if (more == NULL || json_object_update(post, more) != 0) err = ht_task_no_memory(why);
        json_decref(more);
    }
    json_decref(reaction);
    json_decref(repost);
    return err;
}

/* --- polls ------------------------------------------------------------------------------------ */

static json_t *read_options(const json_t *event) {
    json_t *options = json_array(), *tag;
    size_t i;
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0), *id = ht_look_item(tag, 1);
        const char *label = ht_look_item(tag, 2);
        if (name == NULL || id == NULL || label == NULL || strcmp(name, "option") != 0) continue;
        (void)json_array_append_new(
            options, json_pack("{s:s, s:s, s:i}", "id", id, "label", label, "votes", 0));
    }
    return options;
}

/* A vote for several options counts once for each that is there. */
static void add_vote(json_t *options, const json_t *vote, bool is_single) {
    size_t i;
    json_t *option;
    json_array_foreach(options, i, option) {
        const char *id = json_string_value(ht_json_member(option, "id"));
        if (id == NULL || !ht_look_has_tag(vote, "response", id)) continue;
        json_int_t votes = json_integer_value(ht_json_member(option, "votes"));
        (void)json_object_set_new(option, "votes", json_integer(votes + 1));
        if (is_single) return;
    }
}

static json_t *poll_ends(const json_t *event) {
    const char *text = ht_look_item(ht_look_tag(event, "endsAt"), 1);
    size_t length = text != NULL ? strlen(text) : 0;
    if (length == 0 || length > 15 || strspn(text, "0123456789") != length) return json_null();
    return json_integer(strtoll(text, NULL, 10));
}

enum ht_err ht_post_add_poll(json_t *post, struct ht_posts *posts, const json_t *event,
                             const ht_hash32 *id, struct ht_why *why) {
    static const uint32_t VOTES[] = {HT_KIND_VOTE};
    char hex[65], owner[65] = "";
    if (json_integer_value(ht_json_member(event, "kind")) != HT_KIND_POLL) {
        return json_object_set_new(post, "poll", json_null()) == 0 ? HT_OK : ht_task_no_memory(why);
    }
    ht_task_hex(hex, id);
    if (posts->task->has_owner) ht_task_hex(owner, &posts->task->owner);
    json_t *ends = poll_ends(event), *votes = NULL, *seen = json_object(), *vote;
    json_t *options = read_options(event), *own = NULL;
    struct ht_look look = {.tag = 'e',
                           .tag_value = ht_bytes_str(hex),
                           .kinds = VOTES,
                           .kind_count = 1,
                           .limit = VOTES_MAX,
                           .until = json_integer_value(ends)};
    enum ht_err err = ht_look_events(&votes, NULL, posts->task, &look, why);
    const char *type = ht_look_item(ht_look_tag(event, "polltype"), 1);
    bool is_single = type == NULL || strcmp(type, "multiplechoice") != 0;
    size_t i;
    json_array_foreach(votes, i, vote) {
        const char *author = json_string_value(ht_json_member(vote, "pubkey"));
        if (author == NULL || json_object_get(seen, author) != NULL) continue;
        (void)json_object_set_new(seen, author, json_true());
        add_vote(options, vote, is_single);
        const char *choice = ht_look_item(ht_look_tag(vote, "response"), 1);
        if (strcmp(author, owner) == 0 && choice != NULL) own = json_string(choice);
    }
    json_t *poll = json_pack("{s:o, s:o, s:o}", "options", options, "ends", ends, "mine",
                             own != NULL ? own : json_null());
    if (err == HT_OK && json_object_set(post, "poll", poll) != 0) err = ht_task_no_memory(why);
    json_decref(poll);
    json_decref(seen);
    json_decref(votes);
    return err;
}

/* --- what is inside --------------------------------------------------------------------------- */

/* A repost carries the event itself, which nobody has verified yet. */
static json_t *read_inner(const json_t *event) {
    const char *content = json_string_value(ht_json_member(event, "content"));
    ht_bytes text = content != NULL ? ht_bytes_str(content) : (ht_bytes){0};
    struct ht_event inner;
    struct ht_arena arena;
    json_t *value = NULL;
    if (text.n == 0 || text.n > HT_EVENT_SIZE_MAX) return NULL;
    ht_arena_init(&arena, HT_EVENT_ARENA(text.n));
    if (ht_event_read(&inner, &arena, text, NULL) == HT_OK &&
        ht_event_verify(&inner, NULL) == HT_OK &&
        ht_json_parse(&value, inner.json, HT_EVENT_SIZE_MAX, NULL) != HT_OK) {
        value = NULL;
    }
    ht_arena_fini(&arena);
    return value;
}

enum ht_err ht_post_embedded(json_t **out, struct ht_posts *posts, const json_t *event,
                             struct ht_why *why) {
    json_int_t kind = json_integer_value(ht_json_member(event, "kind"));
    bool is_repost = kind == HT_KIND_REPOST || kind == HT_KIND_GENERIC_REPOST;
    const char *name = ht_look_item(ht_look_tag(event, is_repost ? "e" : "q"), 1);
    ht_hash32 id;
    json_t *inner = NULL;
    if (name == NULL || !ht_event_hex32(&id, ht_bytes_str(name))) return HT_OK;
    enum ht_err err = ht_look_id(&inner, posts->task, &id, why);
    if (err != HT_OK) return err;
    if (inner == NULL && is_repost) {
        inner = read_inner(event);
        ht_hash32 found;
        if (inner != NULL &&
            (!ht_look_hash(&found, inner, "id") || !ht_hash32_equal(&found, &id))) {
            json_decref(inner);
            inner = NULL;
        }
    }
    *out = inner;
    return HT_OK;
}
