/* The owner's lists. */
#include "social/feed/contacts.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/feed/look.h"
#include "social/feed/mutes.h"
#include "social/feed/publish.h"
#include "social/kinds.h"

#define LIST_MAX 4000U /* tags; an event has at most HT_EVENT_TAGS_MAX */

struct list {
    uint32_t kind;
    const char *what;
};

/* A copy of the tags without the one that is meant. */
static json_t *without(const json_t *event, const char *name, const char *value) {
    json_t *tags = json_array(), *tag;
    size_t i;
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *first = ht_look_item(tag, 0), *second = ht_look_item(tag, 1);
        bool is_meant = first != NULL && second != NULL && strcmp(first, name) == 0 &&
                        strcmp(second, value) == 0;
        if (!is_meant) (void)json_array_append(tags, tag);
    }
    return tags;
}

static json_int_t count_tags(const json_t *tags, const char *name) {
    json_int_t count = 0;
    size_t i;
    json_t *tag;
    json_array_foreach(tags, i, tag) {
        const char *first = ht_look_item(tag, 0);
        if (first != NULL && strcmp(first, name) == 0) count++;
    }
    return count;
}

/* spelled: how the value is written when it is new; taken out is the one that stands there. */
static enum ht_err change_list(struct ht_task *task, const struct list *list, const char *name,
                               const char *value, const char *spelled, struct ht_why *why) {
    json_t *event = NULL;
    bool on = true;
    enum ht_err err = ht_json_bool(&on, task->params, "on", why);
    if (err == HT_OK) err = ht_look_newest(&event, task, &task->owner, list->kind, why);
    if (err != HT_OK) return err;
    if (event == NULL || !ht_look_has_tag(event, name, value)) value = spelled;
    bool was_on = event != NULL && ht_look_has_tag(event, name, value);
    json_t *tags =
        on && was_on ? json_incref(json_object_get(event, "tags")) : without(event, name, value);
    if (on && !was_on) err = ht_draft_tag(tags, name, value, NULL, NULL, why);
    if (err == HT_OK && json_array_size(tags) > LIST_MAX) {
        err = ht_fail(why, HT_ELIMIT, "list_full", "a list holds at most %u", LIST_MAX);
    }
    task->result = json_pack("{s:I}", "count", count_tags(tags, name));
    const char *content = json_string_value(ht_json_member(event, "content"));
    task->draft.after = json_integer_value(ht_json_member(event, "created_at"));
    if (err == HT_OK && on != was_on) {
        err = ht_draft_set(&task->draft, list->kind, content != NULL ? content : "", tags,
                           list->what, why);
    } else {
        json_decref(tags);
    }
    json_decref(event);
    return err;
}

static enum ht_err change_person(struct ht_task *task, const struct list *list,
                                 struct ht_why *why) {
    ht_hash32 pubkey;
    char hex[65];
    enum ht_err err = ht_task_pubkey(&pubkey, task->params, why);
    if (err != HT_OK) return err;
    ht_task_hex(hex, &pubkey);
    return change_list(task, list, "p", hex, hex, why);
}

static enum ht_err change_event(struct ht_task *task, const struct list *list, struct ht_why *why) {
    ht_hash32 id;
    char hex[65];
    enum ht_err err = ht_task_id(&id, task->params, "id", why);
    if (err != HT_OK) return err;
    ht_task_hex(hex, &id);
    return change_list(task, list, "e", hex, hex, why);
}

static enum ht_err follow(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    static const struct list FOLLOWS = {HT_KIND_FOLLOWS, "a list of follows"};
    (void)db;
    return change_person(task, &FOLLOWS, why);
}

enum ht_err ht_mute_draft(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    static const struct list MUTES = {HT_KIND_MUTES, "a list of mutes"};
    const char *word = NULL;
    (void)db;
    if (ht_json_member(task->params, "id") != NULL) return change_event(task, &MUTES, why);
    if (ht_json_member(task->params, "word") == NULL) return change_person(task, &MUTES, why);
    enum ht_err err = ht_json_text(&word, task->params, "word", why);
    if (err == HT_OK &&
        (word[strspn(word, " \t\r\n")] == '\0' || strlen(word) > HT_MUTES_WORD_MAX)) {
        err = ht_fail(why, HT_EINPUT, "bad_word", "a muted word has 1 to %u bytes",
                      HT_MUTES_WORD_MAX);
    }
    if (err != HT_OK) return err;
    char *lower = ht_mutes_lower(word);
    if (lower == NULL) return ht_task_no_memory(why);
    err = change_list(task, &MUTES, "word", word, lower, why);
    free(lower);
    return err;
}

static enum ht_err bookmark(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    static const struct list BOOKMARKS = {HT_KIND_BOOKMARKS, "a list of bookmarks"};
    (void)db;
    return change_event(task, &BOOKMARKS, why);
}

void ht_follow_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new_owned(self, call, params);
    if (task != NULL) ht_task_look(task, follow, NULL);
}

void ht_mute_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new_owned(self, call, params);
    if (task != NULL) ht_task_look(task, ht_mute_draft, NULL);
}

void ht_bookmark_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new_owned(self, call, params);
    if (task != NULL) ht_task_look(task, bookmark, NULL);
}
