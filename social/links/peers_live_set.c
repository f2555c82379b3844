/* Which subscriptions the owner's relays get. */
#include "social/links/peers_live_set.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/bunker/bunker.h"
#include "social/feed/look.h"
#include "social/kinds.h"
#include "social/links/peers_live.h"

#define ARENA_MAX ((size_t)8 << 20)

static const uint32_t INBOX[] = {HT_KIND_NOTE,           HT_KIND_REPOST, HT_KIND_REACTION,
                                 HT_KIND_GENERIC_REPOST, HT_KIND_POLL,   HT_KIND_COMMENT,
                                 HT_KIND_ARTICLE,        HT_KIND_APP};
static const uint32_t FOLLOWED[] = {
    HT_KIND_PROFILE,        HT_KIND_NOTE,      HT_KIND_FOLLOWS, HT_KIND_DELETE, HT_KIND_REPOST,
    HT_KIND_GENERIC_REPOST, HT_KIND_PICTURE,   HT_KIND_VOTE,    HT_KIND_POLL,   HT_KIND_COMMENT,
    HT_KIND_RELAYS,         HT_KIND_DM_RELAYS, HT_KIND_ARTICLE, HT_KIND_APP};
/* The owner writes from other programs, too. */
static const uint32_t OWN[] = {HT_KIND_PROFILE,        HT_KIND_NOTE,      HT_KIND_FOLLOWS,
                               HT_KIND_DELETE,         HT_KIND_REPOST,    HT_KIND_REACTION,
                               HT_KIND_GENERIC_REPOST, HT_KIND_PICTURE,   HT_KIND_VOTE,
                               HT_KIND_POLL,           HT_KIND_COMMENT,   HT_KIND_MUTES,
                               HT_KIND_RELAYS,         HT_KIND_BOOKMARKS, HT_KIND_DM_RELAYS,
                               HT_KIND_ARTICLE,        HT_KIND_APP};
static const uint32_t WRAPS[] = {HT_KIND_WRAP};
static const uint32_t BUNKER[] = {HT_KIND_BUNKER};
static const uint32_t WRITTEN[] = {HT_KIND_NOTE, HT_KIND_REPOST, HT_KIND_COMMENT, HT_KIND_ARTICLE};

#define KINDS(list) (list), sizeof(list) / sizeof *(list)

/* --- filters ---------------------------------------------------------------------------------- */

static enum ht_err add(struct ht_live *live, unsigned sub, json_t *object, const uint32_t *kinds,
                       size_t kind_count, enum ht_live_since since, struct ht_why *why) {
    struct ht_live_sub *to = &live->subs[sub];
    struct ht_live_filter *filter = &to->filters[to->count];
    json_t *list = json_array();
    for (size_t i = 0; i < kind_count; i++) {
        (void)json_array_append_new(list, json_integer(kinds[i]));
    }
    if (json_object_set_new(object, "kinds", list) != 0) {
        json_decref(object);
        return ht_task_no_memory(why);
    }
    filter->object = object;
    filter->since = since;
    to->count++;
    if (sub >= live->sub_count) live->sub_count = sub + 1;
    return ht_filter_read(&filter->filter, &live->arena, object, why);
}

static json_t *naming(const char *member, const ht_hash32 *keys, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(list, ht_task_hex_json(&keys[i]));
    return json_pack("{s:o}", member, list);
}

static enum ht_err add_all(struct ht_live *live, struct ht_why *why) {
    const ht_hash32 *owner = &live->owner;
    enum ht_err err =
        add(live, 0, naming("authors", owner, 1), KINDS(OWN), HT_LIVE_SINCE_SEEN, why);
    if (err == HT_OK) {
        err = add(live, 0, naming("#p", owner, 1), KINDS(INBOX), HT_LIVE_SINCE_SEEN, why);
    }
    if (err == HT_OK) {
        err = add(live, 0, naming("#p", owner, 1), KINDS(BUNKER), HT_LIVE_SINCE_NOW, why);
    }
    if (err == HT_OK) {
        err = add(live, HT_LIVE_WRAPS, naming("#p", owner, 1), KINDS(WRAPS), HT_LIVE_SINCE_WRAPS,
                  why);
    }
    unsigned sub = HT_LIVE_WRAPS + 1;
    for (size_t at = 0; err == HT_OK && at < live->follow_count; at += HT_LIVE_CHUNK, sub++) {
        size_t left = live->follow_count - at;
        size_t count = left < HT_LIVE_CHUNK ? left : HT_LIVE_CHUNK;
        err = add(live, sub, naming("authors", live->follows + at, count), KINDS(FOLLOWED),
                  HT_LIVE_SINCE_SEEN, why);
    }
    return err;
}

/* --- from the store --------------------------------------------------------------------------- */

static bool has(const struct ht_live *live, const ht_hash32 *key) {
    for (size_t i = 0; i < live->follow_count; i++) {
        if (ht_hash32_equal(&live->follows[i], key)) return true;
    }
    return false;
}

/* Programs add to the end of the list, so the newest are there (NIP-02). */
static void read_follows(struct ht_live *live, const json_t *event) {
    const json_t *tags = ht_json_member(event, "tags");
    for (size_t i = json_array_size(tags); i > 0; i--) {
        const json_t *tag = json_array_get(tags, i - 1);
        const char *name = ht_look_item(tag, 0), *value = ht_look_item(tag, 1);
        ht_hash32 key;
        if (live->follow_count == HT_LIVE_CHUNK * HT_LIVE_CHUNKS) return;
        if (name == NULL || value == NULL || strcmp(name, "p") != 0) continue;
        if (!ht_event_hex32(&key, ht_bytes_str(value)) || ht_hash32_equal(&key, &live->owner))
            continue;
        if (!has(live, &key)) live->follows[live->follow_count++] = key;
    }
}

/* What is dated ahead of us says nothing of what was seen. */
static enum ht_err read_newest(struct ht_live *live, struct ht_task *task, struct ht_why *why) {
    struct ht_look look = {.authors = live->follows,
                           .author_count = live->follow_count,
                           .has_authors = true,
                           .kinds = WRITTEN,
                           .kind_count = sizeof WRITTEN / sizeof *WRITTEN,
                           .until = task->now_s};
    json_t *newest = NULL;
    enum ht_err err = ht_look_one(&newest, task, &look, why);
    if (err == HT_OK) live->newest_s = json_integer_value(ht_json_member(newest, "created_at"));
    json_decref(newest);
    return err;
}

enum ht_err ht_live_read(struct ht_live **out, struct ht_task *task, bool wants_newest,
                         struct ht_why *why) {
    json_t *follows = NULL;
    struct ht_live *live = calloc(1, sizeof *live);
    if (live == NULL) return ht_task_no_memory(why);
    live->owner = task->owner;
    ht_arena_init(&live->arena, ARENA_MAX);
    enum ht_err err = ht_look_newest(&follows, task, &task->owner, HT_KIND_FOLLOWS, why);
    if (err == HT_OK) {
        read_follows(live, follows);
        err = add_all(live, why);
    }
    json_decref(follows);
    if (err == HT_OK && wants_newest) err = read_newest(live, task, why);
    if (err != HT_OK) {
        ht_peers_live_free(live);
        return err;
    }
    *out = live;
    return HT_OK;
}

bool ht_live_equal(const struct ht_live *a, const struct ht_live *b) {
    if (a == NULL || b == NULL) return a == b;
    return ht_hash32_equal(&a->owner, &b->owner) && a->follow_count == b->follow_count &&
           (a->follow_count == 0 ||
            memcmp(a->follows, b->follows, a->follow_count * sizeof *a->follows) == 0);
}

void ht_peers_live_free(struct ht_live *live) {
    if (live == NULL) return;
    for (size_t i = 0; i < HT_LIVE_SUBS; i++) {
        for (size_t k = 0; k < live->subs[i].count; k++)
            json_decref(live->subs[i].filters[k].object);
    }
    ht_arena_fini(&live->arena);
    free(live);
}
