/* Parts of a post that need further looks into the store. */
#include "social/feed/post_parts.h"

#include <stdlib.h>

#include "node/codec/json.h"

static const uint32_t REACTIONS[] = {HT_KIND_REACTION};

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

/* --- reactions (NIP-25) ------------------------------------------------------------------------
 */

/* A reaction is to the last event that it names. */
static bool is_about(const json_t *reaction, const char *id) {
    const char *parent = ht_post_parent(reaction);
    return parent != NULL && strcmp(parent, id) == 0;
}

/* {content: how many}; a like may be said without content. */
static enum ht_err tally(json_t *counts, uint64_t *about, const json_t *reactions, const char *id,
                         struct ht_why *why) {
    size_t i;
    json_t *reaction;
    json_array_foreach(reactions, i, reaction) {
        const json_t *content = ht_json_member(reaction, "content");
        const char *text = json_string_value(content);
        if (!is_about(reaction, id)) continue;
        (*about)++;
        if (text == NULL || strlen(text) != json_string_length(content)) continue;
        if (strlen(text) > HT_REACTION_MAX) continue;
        if (text[0] == '\0') text = "+";
        json_int_t n = json_integer_value(json_object_get(counts, text));
        if (json_object_set_new(counts, text, json_integer(n + 1)) != 0) {
            return ht_task_no_memory(why);
        }
    }
    return HT_OK;
}

/* The most frequent first; it empties counts. */
static json_t *most_frequent(json_t *counts) {
    json_t *list = json_array();
    while (json_object_size(counts) > 0 && json_array_size(list) < HT_REACTED_MAX) {
        const char *key, *best = NULL;
        json_int_t most = 0;
        json_t *count;
        json_object_foreach(counts, key, count) {
            if (json_integer_value(count) <= most) continue;
            most = json_integer_value(count);
            best = key;
        }
        (void)json_array_append_new(list, json_pack("{s:s, s:I}", "content", best, "count", most));
        (void)json_object_del(counts, best);
    }
    return list;
}

/* How many there are, and of which kind; exact as long as they are no more than are read. */
static enum ht_err add_reactions(json_t *post, struct ht_posts *posts, const char *id,
                                 struct ht_why *why) {
    struct ht_look look = {.tag = 'e',
                           .tag_value = ht_bytes_str(id),
                           .kinds = REACTIONS,
                           .kind_count = 1,
                           .limit = HT_REACTIONS_READ_MAX};
    json_t *reactions = NULL, *counts = json_object();
    bool is_complete = false;
    uint64_t number = 0;
    enum ht_err err = counts != NULL ? HT_OK : ht_task_no_memory(why);
    if (err == HT_OK) err = ht_look_events(&reactions, &is_complete, posts->task, &look, why);
    if (err == HT_OK) err = tally(counts, &number, reactions, id, why);
    if (err == HT_OK && !is_complete) err = count(&number, posts, id, REACTIONS, 1, why);
    if (err == HT_OK) {
        int failed = json_object_set_new(post, "reactions", json_integer((json_int_t)number));
        failed |= json_object_set_new(post, "reacted", most_frequent(counts));
        if (failed != 0) err = ht_task_no_memory(why);
    }
    json_decref(reactions);
    json_decref(counts);
    return err;
}

enum ht_err ht_post_add_counts(json_t *post, struct ht_posts *posts, const ht_hash32 *id,
                               struct ht_why *why) {
    static const uint32_t REPLIES[] = {HT_KIND_NOTE, HT_KIND_COMMENT};
    static const uint32_t REPOSTS[] = {HT_KIND_REPOST, HT_KIND_GENERIC_REPOST};
    char hex[65];
    uint64_t replies = 0, reposts = 0;
    json_t *reaction = NULL, *repost = NULL;
    ht_task_hex(hex, id);
    enum ht_err err = count(&replies, posts, hex, REPLIES, 2, why);
    if (err == HT_OK) err = add_reactions(post, posts, hex, why);
    if (err == HT_OK) err = count(&reposts, posts, hex, REPOSTS, 2, why);
    if (err == HT_OK) err = mine(&reaction, posts, hex, REACTIONS, 1, why);
    if (err == HT_OK) err = mine(&repost, posts, hex, REPOSTS, 2, why);
    if (err == HT_OK) {
        json_t *more = json_pack("{s:I, s:I, s:{s:s?, s:b}}", "replies", (json_int_t)replies,
                                 "reposts", (json_int_t)reposts, "mine", "reaction",
                                 json_string_value(ht_json_member(reaction, "content")), "reposted",
                                 repost != NULL);
        if (more == NULL || json_object_update(post, more) != 0) err = ht_task_no_memory(why);
        json_decref(more);
    }
    json_decref(reaction);
    json_decref(repost);
    return err;
}

/* --- polls (NIP-88) ----------------------------------------------------------------------------
 */

/* Options as they are told; of two with the same id the first counts. */
static json_t *read_options(const json_t *event, json_t *votes) {
    json_t *options = json_array(), *tag;
    size_t i;
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0), *id = ht_look_item(tag, 1);
        const char *label = ht_look_item(tag, 2);
        if (name == NULL || id == NULL || label == NULL || strcmp(name, "option") != 0) continue;
        if (json_object_get(votes, id) != NULL) continue;
        if (json_array_size(options) == HT_POLL_OPTIONS_MAX) break;
        (void)json_object_set_new(votes, id, json_integer(0));
        (void)json_array_append_new(options, json_pack("{s:s, s:s}", "id", id, "label", label));
    }
    return options;
}

/* What a vote says: the first response, or the first for each option when several may be chosen;
 * of options that are there. */
static json_t *read_choices(const json_t *vote, const json_t *votes, bool is_multiple) {
    json_t *choices = json_array(), *seen = json_object(), *tag;
    size_t i;
    json_array_foreach(ht_json_member(vote, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0), *id = ht_look_item(tag, 1);
        if (name == NULL || id == NULL || strcmp(name, "response") != 0) continue;
        bool is_there = json_object_get(votes, id) != NULL && json_object_get(seen, id) == NULL;
        if (is_there) (void)json_array_append_new(choices, json_string(id));
        (void)json_object_set_new(seen, id, json_true());
        if (!is_multiple) break;
    }
    json_decref(seen);
    return choices;
}

bool ht_post_poll_ends(int64_t *out, const json_t *event) {
    const char *text = ht_look_item(ht_look_tag(event, "endsAt"), 1);
    size_t length = text != NULL ? strlen(text) : 0;
    if (length == 0 || length > 15 || strspn(text, "0123456789") != length) return false;
    *out = strtoll(text, NULL, 10);
    return true;
}

bool ht_post_poll_is_multiple(const json_t *event) {
    const char *type = ht_look_item(ht_look_tag(event, "polltype"), 1);
    return type != NULL && strcmp(type, "multiplechoice") == 0;
}

/* Counts, newest first, so that of each author the first that is met counts. Gives the owner's
 * choices. */
static json_t *count_votes(json_t *votes, json_int_t *voters, const json_t *events,
                           const char *owner, bool is_multiple) {
    json_t *seen = json_object(), *own = json_array(), *vote, *choice;
    size_t i, j;
    json_array_foreach(events, i, vote) {
        const char *author = json_string_value(ht_json_member(vote, "pubkey"));
        if (author == NULL || json_object_get(seen, author) != NULL) continue;
        (void)json_object_set_new(seen, author, json_true());
        json_t *choices = read_choices(vote, votes, is_multiple);
        if (json_array_size(choices) > 0) (*voters)++;
        json_array_foreach(choices, j, choice) {
            const char *id = json_string_value(choice);
            json_int_t n = json_integer_value(json_object_get(votes, id));
            (void)json_object_set_new(votes, id, json_integer(n + 1));
        }
        if (strcmp(author, owner) == 0) (void)json_array_extend(own, choices);
        json_decref(choices);
    }
    json_decref(seen);
    return own;
}

/* votes: {id: n} of all options. It takes options and own. */
static json_t *write_poll(json_t *options, const json_t *votes, json_int_t voters, json_t *own,
                          const json_t *event) {
    size_t i;
    json_t *option;
    int64_t ends = 0;
    json_array_foreach(options, i, option) {
        const char *id = json_string_value(ht_json_member(option, "id"));
        (void)json_object_set(option, "votes", json_object_get(votes, id));
    }
    bool has_end = ht_post_poll_ends(&ends, event);
    const char *mine = json_string_value(json_array_get(own, 0));
    return json_pack("{s:o, s:o, s:I, s:b, s:s?, s:o}", "options", options, "ends",
                     has_end ? json_integer(ends) : json_null(), "voters", voters, "multiple",
                     ht_post_poll_is_multiple(event), "mine", mine, "chosen", own);
}

enum ht_err ht_post_add_poll(json_t *post, struct ht_posts *posts, const json_t *event,
                             const ht_hash32 *id, struct ht_why *why) {
    static const uint32_t VOTES[] = {HT_KIND_VOTE};
    char hex[65], owner[65] = "";
    int64_t ends = 0;
    if (json_integer_value(ht_json_member(event, "kind")) != HT_KIND_POLL) {
        return json_object_set_new(post, "poll", json_null()) == 0 ? HT_OK : ht_task_no_memory(why);
    }
    ht_task_hex(hex, id);
    if (posts->task->has_owner) ht_task_hex(owner, &posts->task->owner);
    bool has_end = ht_post_poll_ends(&ends, event);
    /* A look with until 0 has no bound: a poll that ended in 1970 ends a second later. */
    struct ht_look look = {.tag = 'e',
                           .tag_value = ht_bytes_str(hex),
                           .kinds = VOTES,
                           .kind_count = 1,
                           .limit = HT_POLL_VOTES_MAX,
                           .until = has_end && ends == 0 ? 1 : ends};
    json_t *events = NULL, *votes = json_object();
    json_int_t voters = 0;
    enum ht_err err = ht_look_events(&events, NULL, posts->task, &look, why);
    json_t *options = read_options(event, votes);
    json_t *own = count_votes(votes, &voters, events, owner, ht_post_poll_is_multiple(event));
    json_t *poll = write_poll(options, votes, voters, own, event);
    if (err == HT_OK && json_object_set(post, "poll", poll) != 0) err = ht_task_no_memory(why);
    json_decref(poll);
    json_decref(votes);
    json_decref(events);
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
