/* Whom and what the owner follows and mutes. */
#include "social/feed/lists.h"

#include "node/codec/json.h"
#include "social/feed/look.h"
#include "social/feed/post.h"
#include "social/kinds.h"

/* Tags of that name whose value may stand in the answer, each once, in the list's order. */
static json_t *values_of(const json_t *list, const char *name, bool is_hash) {
    json_t *values = json_array(), *seen = json_object(), *tag;
    size_t i;
    json_array_foreach(ht_json_member(list, "tags"), i, tag) {
        const char *first = ht_look_item(tag, 0), *value = ht_look_item(tag, 1);
        ht_hash32 key;
        if (first == NULL || value == NULL || value[0] == '\0' || strcmp(first, name) != 0)
            continue;
        if (is_hash && !ht_event_hex32(&key, ht_bytes_str(value))) continue;
        if (json_object_get(seen, value) != NULL) continue;
        (void)json_object_set_new(seen, value, json_true());
        (void)json_array_append_new(values, json_string(value));
    }
    json_decref(seen);
    return values;
}

static enum ht_err name_of(const char **out, struct ht_posts *posts, const char *hex,
                           struct ht_why *why) {
    ht_hash32 key;
    const json_t *profile = NULL;
    if (!ht_event_hex32(&key, ht_bytes_str(hex))) return HT_OK;
    enum ht_err err = ht_posts_profile(&profile, posts, &key, why);
    if (err != HT_OK) return err;
    *out = ht_profile_text(profile, "display_name");
    if (*out == NULL) *out = ht_profile_text(profile, "name");
    return HT_OK;
}

static enum ht_err people_of(json_t **out, struct ht_posts *posts, const json_t *list,
                             struct ht_why *why) {
    json_t *keys = values_of(list, "p", true), *people = json_array(), *key;
    enum ht_err err = keys != NULL && people != NULL ? HT_OK : ht_task_no_memory(why);
    size_t i;
    json_array_foreach(keys, i, key) {
        const char *hex = json_string_value(key), *name = NULL;
        if (err == HT_OK && i < HT_LISTS_NAMES_MAX) err = name_of(&name, posts, hex, why);
        if (err != HT_OK) break;
        json_t *person = json_pack("{s:s, s:s?}", "pubkey", hex, "name", name);
        if (json_array_append_new(people, person) != 0) err = ht_task_no_memory(why);
    }
    json_decref(keys);
    if (err != HT_OK) {
        json_decref(people);
        return err;
    }
    *out = people;
    return HT_OK;
}

static json_t *muted_json(json_t *people, const json_t *list) {
    return json_pack("{s:o, s:o, s:o, s:o, s:b}", "people", people, "words",
                     values_of(list, "word", false), "tags", values_of(list, "t", false), "threads",
                     values_of(list, "e", true), "has_private",
                     json_string_length(ht_json_member(list, "content")) > 0);
}

enum ht_err ht_lists_json(json_t **out, struct ht_task *task, struct ht_why *why) {
    struct ht_posts posts = {0};
    json_t *follows = NULL, *mutes = NULL, *followed = NULL, *people = NULL;
    enum ht_err err = ht_posts_init(&posts, task, why);
    if (err == HT_OK) err = ht_look_newest(&follows, task, &task->owner, HT_KIND_FOLLOWS, why);
    if (err == HT_OK) err = ht_look_newest(&mutes, task, &task->owner, HT_KIND_MUTES, why);
    if (err == HT_OK) err = people_of(&followed, &posts, follows, why);
    if (err == HT_OK) err = people_of(&people, &posts, mutes, why);
    if (err == HT_OK) {
        *out = json_pack("{s:o, s:o}", "follows", followed, "muted", muted_json(people, mutes));
        if (*out == NULL) err = ht_task_no_memory(why);
    } else {
        json_decref(followed);
    }
    json_decref(follows);
    json_decref(mutes);
    ht_posts_fini(&posts);
    return err;
}

static enum ht_err read_lists(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    (void)db;
    return ht_lists_json(&task->result, task, why);
}

void ht_lists_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new_owned(self, call, params);
    if (task != NULL) ht_task_look(task, read_lists, NULL);
}
