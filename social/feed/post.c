/* Posts as the owner sees them. */
#include "social/feed/post.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/feed/post_parts.h"

#define PROFILE_MAX ((size_t)64 << 10)

enum ht_err ht_posts_init(struct ht_posts *posts, struct ht_task *task, struct ht_why *why) {
    *posts = (struct ht_posts){.task = task, .profiles = json_object()};
    enum ht_err err = posts->profiles != NULL ? HT_OK : ht_task_no_memory(why);
    if (err == HT_OK) err = ht_posts_mutes(&posts->mutes, task, why);
    if (err != HT_OK) ht_posts_fini(posts);
    return err;
}

enum ht_err ht_posts_mutes(struct ht_mutes *out, struct ht_task *task, struct ht_why *why) {
    json_t *list = NULL;
    enum ht_err err = HT_OK;
    if (task->has_owner) err = ht_look_newest(&list, task, &task->owner, HT_KIND_MUTES, why);
    if (err == HT_OK) err = ht_mutes_read(out, list, task->has_owner ? &task->owner : NULL, why);
    json_decref(list);
    return err;
}

void ht_posts_fini(struct ht_posts *posts) {
    json_decref(posts->profiles);
    ht_mutes_fini(&posts->mutes);
    *posts = (struct ht_posts){0};
}

/* --- profiles --------------------------------------------------------------------------------- */

const char *ht_profile_text(const json_t *profile, const char *name) {
    const char *text = json_string_value(ht_json_member(profile, name));
    return text != NULL && text[0] != '\0' ? text : NULL;
}

enum ht_err ht_posts_profile(const json_t **out, struct ht_posts *posts, const ht_hash32 *pubkey,
                             struct ht_why *why) {
    char key[65];
    json_t *event = NULL, *profile = NULL;
    ht_task_hex(key, pubkey);
    *out = ht_json_member(posts->profiles, key);
    if (*out != NULL) return HT_OK;
    enum ht_err err = ht_look_newest(&event, posts->task, pubkey, HT_KIND_PROFILE, why);
    if (err != HT_OK) return err;
    const char *content = json_string_value(ht_json_member(event, "content"));
    if (content == NULL ||
        ht_json_parse(&profile, ht_bytes_str(content), PROFILE_MAX, NULL) != HT_OK ||
        !json_is_object(profile)) {
        json_decref(profile);
        profile = json_object();
    }
    json_decref(event);
    if (json_object_set_new(posts->profiles, key, profile) != 0) return ht_task_no_memory(why);
    *out = profile;
    return HT_OK;
}

/* --- threads ---------------------------------------------------------------------------------- */

static const char *marked(const json_t *event, const char *mark) {
    size_t i;
    json_t *tag;
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0), *found = ht_look_item(tag, 3);
        if (name == NULL || found == NULL || strcmp(name, "e") != 0) continue;
        if (strcmp(found, mark) == 0) return ht_look_item(tag, 1);
    }
    return NULL;
}

/* Before there were marks: the first e tag is the root, the last one is answered. */
static const char *unmarked(const json_t *event, bool is_last) {
    const char *id = NULL;
    size_t i;
    json_t *tag;
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0), *mark = ht_look_item(tag, 3);
        if (name == NULL || strcmp(name, "e") != 0 || (mark != NULL && mark[0] != '\0')) continue;
        if (id == NULL || is_last) id = ht_look_item(tag, 1);
    }
    return id;
}

/* Of a reaction, whose e tags have an author where a note's have a mark (NIP-25). */
static const char *last_named(const json_t *event) {
    const char *id = NULL;
    size_t i;
    json_t *tag;
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0);
        if (name != NULL && strcmp(name, "e") == 0) id = ht_look_item(tag, 1);
    }
    return id;
}

static json_int_t kind_of(const json_t *event) {
    return json_integer_value(ht_json_member(event, "kind"));
}

const char *ht_post_root(const json_t *event) {
    if (kind_of(event) == HT_KIND_COMMENT) return ht_look_item(ht_look_tag(event, "E"), 1);
    if (kind_of(event) != HT_KIND_NOTE) return NULL;
    const char *root = marked(event, "root");
    return root != NULL ? root : unmarked(event, false);
}

const char *ht_post_parent(const json_t *event) {
    json_int_t kind = kind_of(event);
    if (kind == HT_KIND_COMMENT) return ht_look_item(ht_look_tag(event, "e"), 1);
    if (kind == HT_KIND_REACTION) return last_named(event);
    if (kind != HT_KIND_NOTE) return NULL;
    const char *parent = marked(event, "reply");
    if (parent == NULL) parent = marked(event, "root");
    return parent != NULL ? parent : unmarked(event, true);
}

/* --- one post --------------------------------------------------------------------------------- */

static int set_text(json_t *post, const char *name, const char *text) {
    return json_object_set_new(post, name, text != NULL ? json_string(text) : json_null());
}

static json_t *expires(const json_t *event) {
    const char *text = ht_look_item(ht_look_tag(event, "expiration"), 1);
    if (text == NULL || text[0] == '\0' || strlen(text) > 15) return json_null();
    if (strspn(text, "0123456789") != strlen(text)) return json_null();
    return json_integer(strtoll(text, NULL, 10));
}

static json_t *warning(const json_t *event) {
    const json_t *tag = ht_look_tag(event, "content-warning");
    if (tag == NULL) return json_null();
    const char *text = ht_look_item(tag, 1);
    return json_string(text != NULL ? text : "");
}

/* What an event says itself. */
static enum ht_err write_event(json_t **out, const json_t *event, struct ht_why *why) {
    static const char *const MEMBERS[] = {"id", "pubkey", "kind", "created_at", "content", "tags"};
    json_t *post = json_object();
    int failed = post == NULL;
    for (size_t i = 0; failed == 0 && i < sizeof MEMBERS / sizeof *MEMBERS; i++) {
        failed = json_object_set(post, MEMBERS[i], json_object_get(event, MEMBERS[i]));
    }
    if (failed == 0) {
        failed |= set_text(post, "signature", "verified");
        failed |= set_text(post, "root", ht_post_root(event));
        failed |= set_text(post, "reply_to", ht_post_parent(event));
        failed |= json_object_set_new(post, "warning", warning(event));
        failed |= json_object_set_new(post, "expires", expires(event));
    }
    if (failed != 0) {
        json_decref(post);
        return ht_task_no_memory(why);
    }
    *out = post;
    return HT_OK;
}

static enum ht_err add_author(json_t *post, struct ht_posts *posts, const ht_hash32 *pubkey,
                              struct ht_why *why) {
    const json_t *profile = NULL;
    enum ht_err err = ht_posts_profile(&profile, posts, pubkey, why);
    if (err != HT_OK) return err;
    const char *name = ht_profile_text(profile, "display_name");
    if (name == NULL) name = ht_profile_text(profile, "name");
    int failed = set_text(post, "name", name);
    failed |= set_text(post, "picture", ht_profile_text(profile, "picture"));
    failed |= set_text(post, "nip05", ht_profile_text(profile, "nip05"));
    return failed == 0 ? HT_OK : ht_task_no_memory(why);
}

/* Without what it embeds: an embedded post embeds nothing. */
static enum ht_err plain_post(json_t **out, struct ht_posts *posts, const json_t *event,
                              struct ht_why *why) {
    ht_hash32 id, pubkey;
    json_t *post = NULL;
    if (!ht_look_hash(&id, event, "id") || !ht_look_hash(&pubkey, event, "pubkey")) {
        return ht_fail(why, HT_EBUG, "bad_event", "an event is stored without id or author");
    }
    enum ht_err err = write_event(&post, event, why);
    if (err == HT_OK) err = add_author(post, posts, &pubkey, why);
    if (err == HT_OK) err = ht_post_add_counts(post, posts, &id, why);
    if (err == HT_OK) err = ht_post_add_poll(post, posts, event, &id, why);
    if (err == HT_OK) {
        int failed =
            json_object_set_new(post, "muted", json_boolean(ht_mutes_hides(&posts->mutes, event)));
        failed |= json_object_set_new(post, "embedded", json_null());
        if (failed != 0) err = ht_task_no_memory(why);
    }
    if (err != HT_OK) {
        json_decref(post);
        return err;
    }
    *out = post;
    return HT_OK;
}

enum ht_err ht_post_json(json_t **out, struct ht_posts *posts, const json_t *event,
                         struct ht_why *why) {
    json_t *post = NULL, *inner = NULL, *embedded = NULL;
    enum ht_err err = plain_post(&post, posts, event, why);
    if (err == HT_OK) err = ht_post_embedded(&inner, posts, event, why);
    if (err == HT_OK && inner != NULL) err = plain_post(&embedded, posts, inner, why);
    if (err == HT_OK && embedded != NULL && json_object_set(post, "embedded", embedded) != 0) {
        err = ht_task_no_memory(why);
    }
    json_decref(embedded);
    json_decref(inner);
    if (err != HT_OK) {
        json_decref(post);
        return err;
    }
    *out = post;
    return HT_OK;
}

enum ht_err ht_post_list(json_t **out, struct ht_posts *posts, const json_t *events,
                         struct ht_why *why) {
    json_t *list = json_array(), *event;
    enum ht_err err = list != NULL ? HT_OK : ht_task_no_memory(why);
    size_t i;
    json_array_foreach(events, i, event) {
        json_t *post = NULL;
        if (err == HT_OK) err = ht_post_json(&post, posts, event, why);
        if (err == HT_OK && json_array_append_new(list, post) != 0) err = ht_task_no_memory(why);
    }
    if (err != HT_OK) {
        json_decref(list);
        return err;
    }
    *out = list;
    return HT_OK;
}
