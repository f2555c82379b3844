/* Which events a view shows. */
#include "social/feed/feed_view.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/feed/feed.h"
#include "social/feed/post.h"
#include "social/kinds.h"

#define ASKED_AUTHORS_MAX 500U

static const uint32_t POSTS[] = {HT_KIND_NOTE, HT_KIND_REPOST,  HT_KIND_GENERIC_REPOST,
                                 HT_KIND_POLL, HT_KIND_COMMENT, HT_KIND_ARTICLE};
static const uint32_t MINE[] = {HT_KIND_NOTE, HT_KIND_REPOST, HT_KIND_REACTION,
                                HT_KIND_GENERIC_REPOST, HT_KIND_COMMENT};
static const uint32_t SEARCHED[] = {HT_KIND_NOTE, HT_KIND_POLL, HT_KIND_COMMENT, HT_KIND_ARTICLE};
static const uint32_t MEDIA[] = {HT_KIND_NOTE, HT_KIND_PICTURE, 21, 22};

#define SET_KINDS(view, list) \
    ((view)->look.kinds = (list), (view)->look.kind_count = sizeof(list) / sizeof *(list))

static bool holds(ht_bytes json, const char *text) {
    return memmem(json.p, json.n, text, strlen(text)) != NULL;
}

/* Has it a picture, sound or film, as far as its text says? */
static bool has_media(const struct ht_view *view, const ht_hash32 *pubkey, uint32_t kind,
                      ht_bytes json) {
    static const char *const MARKS[] = {"\"imeta\"", ".jpg", ".jpeg", ".png", ".webp",
                                        ".gif",      ".mp4", ".webm", ".mp3", ".avif"};
    (void)view, (void)pubkey;
    if (kind != HT_KIND_NOTE) return true;
    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++) {
        if (holds(json, MARKS[i])) return true;
    }
    return false;
}

static bool is_of_others(const struct ht_view *view, const ht_hash32 *pubkey, uint32_t kind,
                         ht_bytes json) {
    (void)kind, (void)json;
    return !ht_hash32_equal(pubkey, &view->task->owner);
}

static bool is_hidden(const struct ht_view *view, const ht_hash32 *pubkey, uint32_t kind,
                      ht_bytes json) {
    bool is_sure = false;
    json_t *event = NULL;
    if (!ht_mutes_may_hide(&view->mutes, pubkey, kind, &is_sure)) return false;
    if (is_sure) return true;
    if (ht_json_parse(&event, json, HT_EVENT_SIZE_MAX, NULL) != HT_OK) return false;
    bool is_muted = ht_mutes_hides(&view->mutes, event);
    json_decref(event);
    return is_muted;
}

static bool may(void *user, const ht_hash32 *pubkey, uint32_t kind, ht_bytes json) {
    struct ht_view *view = user;
    if (view->shows != NULL && !view->shows(view, pubkey, kind, json)) return false;
    if (!is_hidden(view, pubkey, kind, json)) return true;
    view->hidden++;
    return false;
}

static enum ht_err no_owner(struct ht_why *why) {
    return ht_fail(why, HT_EDENIED, "no_nostr_key", "the wallet has no Nostr key yet");
}

/* The owner, and whom the owner follows. */
static enum ht_err add_followed(struct ht_view *view, struct ht_task *task, struct ht_why *why) {
    json_t *follows = NULL;
    if (!task->has_owner) return no_owner(why);
    enum ht_err err = ht_look_newest(&follows, task, &task->owner, HT_KIND_FOLLOWS, why);
    size_t count = 0;
    if (err == HT_OK) err = ht_look_keys(&view->keys, &count, follows, "p", why);
    json_decref(follows);
    if (err != HT_OK) return err;
    view->keys[count++] = task->owner; /* there is room for one more */
    view->look.authors = view->keys;
    view->look.author_count = count;
    view->look.has_authors = true;
    return HT_OK;
}

static enum ht_err read_author(struct ht_view *view, const struct ht_task *task,
                               struct ht_why *why) {
    view->keys = calloc(1, sizeof *view->keys);
    if (view->keys == NULL) return ht_task_no_memory(why);
    view->look.authors = view->keys;
    view->look.author_count = 1;
    view->look.has_authors = true;
    SET_KINDS(view, POSTS);
    return ht_task_pubkey(view->keys, task->params, why);
}

static enum ht_err read_notifications(struct ht_view *view, struct ht_task *task,
                                      struct ht_why *why) {
    if (!task->has_owner) return no_owner(why);
    ht_task_hex(view->hex, &task->owner);
    view->look.tag = 'p';
    view->look.tag_value = ht_bytes_of(view->hex, 64);
    view->shows = is_of_others;
    SET_KINDS(view, MINE);
    return HT_OK;
}

static enum ht_err read_search(struct ht_view *view, const struct ht_task *task,
                               struct ht_why *why) {
    enum ht_err err = ht_json_str(&view->look.search, task->params, "text", why);
    if (err != HT_OK) return err;
    if (view->look.search.n == 0 || view->look.search.n > HT_FILTER_SEARCH_MAX) {
        return ht_fail(why, HT_EINPUT, "bad_search", "a search has 1 to %u bytes",
                       HT_FILTER_SEARCH_MAX);
    }
    SET_KINDS(view, SEARCHED);
    return HT_OK;
}

static enum ht_err read_bookmarks(struct ht_view *view, struct ht_task *task, struct ht_why *why) {
    json_t *list = NULL;
    if (!task->has_owner) return no_owner(why);
    enum ht_err err = ht_look_newest(&list, task, &task->owner, HT_KIND_BOOKMARKS, why);
    if (err == HT_OK) err = ht_look_keys(&view->keys, &view->look.id_count, list, "e", why);
    json_decref(list);
    view->look.ids = view->keys;
    view->look.has_ids = true;
    return err;
}

static enum ht_err read_kind_of_view(struct ht_view *view, struct ht_task *task,
                                     struct ht_why *why) {
    enum ht_err err = ht_json_text(&view->name, task->params, "view", why);
    if (err != HT_OK) return err;
    if (strcmp(view->name, "author") == 0) return read_author(view, task, why);
    if (strcmp(view->name, "notifications") == 0) return read_notifications(view, task, why);
    if (strcmp(view->name, "search") == 0) return read_search(view, task, why);
    if (strcmp(view->name, "bookmarks") == 0) return read_bookmarks(view, task, why);
    if (strcmp(view->name, "following") == 0) {
        SET_KINDS(view, POSTS);
        return add_followed(view, task, why);
    }
    if (strcmp(view->name, "media") == 0) {
        SET_KINDS(view, MEDIA);
        view->shows = has_media;
        return add_followed(view, task, why);
    }
    if (strcmp(view->name, "all") == 0) {
        SET_KINDS(view, POSTS);
        return HT_OK;
    }
    return ht_fail(why, HT_EINPUT, "bad_view", "there is no such view");
}

/* Who looks at an author, or at what was kept, wants to see it all. */
static enum ht_err read_mutes(struct ht_view *view, struct ht_why *why) {
    bool with_muted = strcmp(view->name, "author") == 0 || strcmp(view->name, "bookmarks") == 0;
    enum ht_err err = HT_OK;
    if (ht_json_member(view->task->params, "muted") != NULL) {
        err = ht_json_bool(&with_muted, view->task->params, "muted", why);
    }
    if (err != HT_OK || with_muted) return err;
    return ht_posts_mutes(&view->mutes, view->task, why);
}

enum ht_err ht_view_read(struct ht_view *view, struct ht_task *task, struct ht_why *why) {
    uint64_t limit = HT_FEED_LIMIT, until = 0;
    *view = (struct ht_view){.task = task};
    enum ht_err err = read_kind_of_view(view, task, why);
    if (err == HT_OK) err = read_mutes(view, why);
    if (err == HT_OK && ht_json_member(task->params, "limit") != NULL) {
        err = ht_json_u64(&limit, task->params, "limit", why);
    }
    if (err == HT_OK && ht_json_member(task->params, "until") != NULL) {
        err = ht_json_u64(&until, task->params, "until", why);
    }
    if (err == HT_OK && (limit == 0 || limit > HT_FEED_LIMIT_MAX || until > INT32_MAX * 8LL)) {
        err = ht_fail(why, HT_EINPUT, "bad_limit", "a view has 1 to %u posts at once",
                      HT_FEED_LIMIT_MAX);
    }
    view->look.limit = limit;
    view->look.until = (int64_t)until;
    view->look.may = may;
    view->look.user = view;
    if (err != HT_OK) ht_view_fini(view);
    return err;
}

void ht_view_fini(struct ht_view *view) {
    free(view->keys);
    view->keys = NULL;
    ht_mutes_fini(&view->mutes);
}

/* --- whom to ask ------------------------------------------------------------------------------ */

enum ht_err ht_view_relays_of(json_t *urls, const json_t *event, bool is_write,
                              struct ht_why *why) {
    size_t i;
    json_t *tag;
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0), *url = ht_look_item(tag, 1);
        const char *use = ht_look_item(tag, 2);
        if (name == NULL || url == NULL || strcmp(name, "r") != 0) continue;
        if (use != NULL && use[0] != '\0' && strcmp(use, is_write ? "write" : "read") != 0)
            continue;
        if (json_array_append_new(urls, json_string(url)) != 0) return ht_task_no_memory(why);
    }
    return HT_OK;
}

/* {url: how many authors write there}. */
static enum ht_err count_relays(json_t *counts, struct ht_task *task, const struct ht_view *view,
                                struct ht_why *why) {
    static const uint32_t LISTS[] = {HT_KIND_RELAYS};
    struct ht_look look = {.authors = view->look.authors,
                           .author_count = view->look.author_count,
                           .has_authors = true,
                           .kinds = LISTS,
                           .kind_count = 1,
                           .limit = HT_SOCIAL_FOLLOWS_MAX};
    json_t *lists = NULL, *list, *url;
    size_t i, j;
    if (!view->look.has_authors) return HT_OK;
    enum ht_err err = ht_look_events(&lists, NULL, task, &look, why);
    json_array_foreach(lists, i, list) {
        json_t *urls = json_array();
        if (err == HT_OK) err = ht_view_relays_of(urls, list, true, why);
        json_array_foreach(urls, j, url) {
            const char *name = json_string_value(url);
            json_int_t n = json_integer_value(json_object_get(counts, name));
            (void)json_object_set_new(counts, name, json_integer(n + 1));
        }
        json_decref(urls);
    }
    json_decref(lists);
    return err;
}

/* Takes out the most frequent, again and again. */
static json_t *most_frequent(json_t *counts) {
    json_t *urls = json_array();
    while (json_object_size(counts) > 0 && json_array_size(urls) < HT_CLIENT_RELAYS_MAX) {
        const char *key, *best = NULL;
        json_int_t most = 0;
        json_t *count;
        json_object_foreach(counts, key, count) {
            if (json_integer_value(count) <= most) continue;
            most = json_integer_value(count);
            best = key;
        }
        (void)json_array_append_new(urls, json_string(best));
        (void)json_object_del(counts, best);
    }
    return urls;
}

static json_t *key_list(const ht_hash32 *keys, size_t count) {
    json_t *list = json_array();
    if (count > ASKED_AUTHORS_MAX) count = ASKED_AUTHORS_MAX;
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(list, ht_task_hex_json(&keys[i]));
    return list;
}

static json_t *filter_json(const struct ht_look *look) {
    json_t *filter = json_pack("{s:I}", "limit", (json_int_t)look->limit);
    if (look->has_authors) {
        (void)json_object_set_new(filter, "authors", key_list(look->authors, look->author_count));
    }
    if (look->has_ids) {
        (void)json_object_set_new(filter, "ids", key_list(look->ids, look->id_count));
    }
    if (look->tag != 0) {
        char name[3] = {'#', look->tag, '\0'};
        (void)json_object_set_new(
            filter, name, json_pack("[s%]", (const char *)look->tag_value.p, look->tag_value.n));
    }
    if (look->search.n > 0) {
        (void)json_object_set_new(filter, "search",
                                  json_stringn((const char *)look->search.p, look->search.n));
    }
    if (look->until != 0) (void)json_object_set_new(filter, "until", json_integer(look->until));
    json_t *kinds = look->kind_count > 0 ? json_array() : NULL;
    for (size_t i = 0; i < look->kind_count; i++) {
        (void)json_array_append_new(kinds, json_integer(look->kinds[i]));
    }
    if (kinds != NULL) (void)json_object_set_new(filter, "kinds", kinds);
    return filter;
}

enum ht_err ht_view_ask(json_t **out, struct ht_task *task, const struct ht_view *view,
                        struct ht_why *why) {
    json_t *counts = json_object();
    enum ht_err err =
        counts != NULL ? count_relays(counts, task, view, why) : ht_task_no_memory(why);
    if (err == HT_OK) {
        *out = json_pack("{s:o, s:o}", "filter", filter_json(&view->look), "relays",
                         most_frequent(counts));
        if (*out == NULL) err = ht_task_no_memory(why);
    }
    json_decref(counts);
    return err;
}
