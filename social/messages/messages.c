/* The owner's conversations: kept while the vault is open, shown, marked as read, forgotten. */
#include "social/messages/messages.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/feed/look.h"
#include "social/feed/post.h"
#include "social/links/peers.h"
#include "social/messages/messages_index_json.h"
#include "social/messages/messages_open.h"
#include "social/messages/messages_out.h"
#include "social/messages/messages_parties.h"
#include "social/messages/messages_read.h"
#include "social/messages/messages_send.h"
#include "social/messages/messages_sql.h"

#define MESSAGES_LIMIT 50U
#define CHECK_MS 10000 /* between two looks whether all wraps are still in the store */

/* --- the whole ----------------------------------------------------------------------------------
 */

enum ht_err ht_messages_new(struct ht_social *social, struct ht_why *why) {
    struct ht_messages *messages = calloc(1, sizeof *messages);
    if (messages == NULL) return ht_task_no_memory(why);
    messages->social = social;
    social->messages = messages;
    ht_messages_out_begin(messages);
    return HT_OK;
}

static void forget(struct ht_messages *messages) {
    messages->epoch++;
    messages->is_open = false;
    ht_timer_cancel(&messages->timer);
    ht_message_index_free(messages->index);
    messages->index = NULL;
    ht_waiting_clear(&messages->waiting);
    free(messages->seen.marks);
    messages->seen = (struct ht_seen_wraps){.marks = NULL};
    messages->mark = (struct ht_store_mark){.is_begun = false};
    messages->found_count = messages->read_count = 0;
    messages->is_reading = messages->has_read = messages->must_read_again = false;
    messages->unreadable = 0;
    messages->checked_ms = 0;
    json_decref(messages->source);
    json_decref(messages->relays);
    messages->source = messages->relays = NULL;
}

void ht_messages_stop(struct ht_social *social) {
    struct ht_messages *messages = social->messages;
    if (messages == NULL) return;
    messages->is_stopped = true;
    forget(messages);
    ht_timer_cancel(&messages->news_timer);
    ht_timer_cancel(&messages->out_timer);
}

void ht_messages_free(struct ht_social *social) {
    struct ht_messages *messages = social->messages;
    if (messages == NULL) return;
    ht_messages_stop(social);
    ht_assert(messages->opening_count == 0);
    free(messages);
    social->messages = NULL;
}

/* --- the owner ----------------------------------------------------------------------------------
 */

static void begin(struct ht_messages *messages, const ht_hash32 *owner) {
    const struct ht_random *random = messages->social->host->random;
    if (ht_message_index_new(&messages->index, owner, random) != HT_OK) {
        messages->index = NULL;
        return;
    }
    messages->owner = *owner;
    messages->is_open = true;
    ht_random_fill(random, messages->seen.key, sizeof messages->seen.key);
    ht_messages_go_on(messages);
}

void ht_messages_owner_changed(struct ht_social *social) {
    struct ht_messages *messages = social->messages;
    const struct ht_nostr_keys *keys = social->host->nostr_keys(social->host);
    struct ht_nostr_key first;
    ht_hash32 owner;
    bool is_open = false;
    if (messages == NULL || messages->is_stopped) return;
    if (keys != NULL) (void)keys->list(keys->self, &first, 1, &is_open);
    is_open = is_open && ht_social_owner(social, &owner);
    bool is_same =
        is_open == messages->is_open && (!is_open || ht_hash32_equal(&owner, &messages->owner));
    if (is_same) return;
    if (messages->is_open) forget(messages);
    if (is_open) begin(messages, &owner);
    ht_messages_changed(messages);
}

void ht_messages_arrived(struct ht_social *social, const struct ht_event *wrap) {
    struct ht_messages *messages = social->messages;
    if (messages == NULL) return;
    ht_messages_owner_changed(social);
    if (!messages->is_open) return;
    if (!ht_waiting_put(&messages->waiting, wrap->json)) messages->must_read_again = true;
    ht_messages_go_on(messages);
}

uint64_t ht_messages_unread(const struct ht_social *social) {
    const struct ht_messages *messages = social->messages;
    return messages != NULL && messages->index != NULL ? ht_message_index_unread(messages->index)
                                                       : 0;
}

/* --- what a method knows ------------------------------------------------------------------------
 */

struct view {
    struct ht_messages *messages;
    uint64_t epoch;
    struct ht_parties parties; /* of the conversation that is meant */
    ht_hash32 key;
    struct ht_message_mark mark;
    /* Wraps that are looked for; those that are gone stand in front afterwards. */
    ht_hash32 *wraps;
    size_t wrap_count, gone_count;
};

static void free_view(void *user) {
    struct view *view = user;
    free(view->wraps);
    free(view);
}

/* NULL: the task was ended. */
static struct view *view_of(struct ht_task *task) {
    struct ht_messages *messages = task->social->messages;
    struct ht_why why = {0};
    ht_messages_owner_changed(task->social);
    struct view *view = calloc(1, sizeof *view);
    if (view == NULL) {
        ht_task_end(task, ht_task_no_memory(&why), &why);
        return NULL;
    }
    view->messages = messages;
    view->epoch = messages->epoch;
    task->user = view;
    task->free_user = free_view;
    if (messages->is_open) (void)ht_message_index_expire(messages->index, task->now_s);
    return view;
}

/* The owner may have closed the vault meanwhile. */
static bool is_open(const struct view *view) {
    return view->messages->is_open && view->epoch == view->messages->epoch;
}

static void finish(struct ht_task *task) {
    struct ht_why why = {0};
    ht_task_end(task, task->result != NULL ? HT_OK : ht_task_no_memory(&why), &why);
}

/* --- conversations ------------------------------------------------------------------------------
 */

static void find_gone(struct view *view, struct ht_task *task) {
    for (size_t i = 0; i < view->wrap_count; i++) {
        if (ht_store_has(task->store, &view->wraps[i])) continue;
        view->wraps[view->gone_count++] = view->wraps[i];
    }
}

static enum ht_err read_names(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct view *view = task->user;
    struct ht_posts posts = {0};
    json_t *one;
    size_t i;
    (void)db;
    find_gone(view, task);
    enum ht_err err = ht_posts_init(&posts, task, why);
    json_array_foreach(json_object_get(task->result, "conversations"), i, one) {
        const json_t *profile = NULL;
        ht_hash32 with;
        if (err != HT_OK || !ht_look_hash(&with, one, "with")) continue;
        err = ht_posts_profile(&profile, &posts, &with, why);
        if (err != HT_OK) continue;
        const char *name = ht_profile_text(profile, "display_name");
        if (name == NULL) name = ht_profile_text(profile, "name");
        (void)json_object_set_new(one, "name", name != NULL ? json_string(name) : json_null());
    }
    ht_posts_fini(&posts);
    return err;
}

/* Of those whose wraps are gone nothing is told: what is in the index then is asked for again. */
static json_t *conversations_json(const struct ht_messages *messages) {
    bool is_complete = true;
    json_t *list = messages->is_open ? ht_message_index_conversations(&is_complete, messages->index)
                                     : json_array();
    return json_pack("{s:o, s:b, s:b, s:I, s:I}", "conversations", list, "is_complete", is_complete,
                     "is_open", messages->is_open, "opening",
                     (json_int_t)ht_messages_opening(messages), "unreadable",
                     (json_int_t)messages->unreadable);
}

static void got_names(struct ht_task *task) {
    struct view *view = task->user;
    struct ht_messages *messages = view->messages;
    bool was_open = json_is_true(json_object_get(task->result, "is_open"));
    bool is_stale = was_open && !is_open(view);
    if (is_open(view) && view->gone_count > 0) {
        ht_message_index_drop(messages->index, view->wraps, view->gone_count);
        ht_messages_changed(messages);
        is_stale = true;
        view->wrap_count = view->gone_count = 0;
    }
    if (!is_stale) {
        finish(task);
        return;
    }
    json_decref(task->result);
    task->result = conversations_json(messages);
    view->epoch = messages->epoch;
    if (task->result == NULL || !messages->is_open) {
        finish(task);
    } else {
        ht_task_look(task, read_names, got_names);
    }
}

void ht_conversations_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new_owned(self, call, params);
    struct view *view = task != NULL ? view_of(task) : NULL;
    if (view == NULL) return;
    struct ht_messages *messages = view->messages;
    task->result = conversations_json(messages);
    if (!messages->is_open || task->result == NULL) {
        finish(task);
        return;
    }
    ht_messages_ask(messages);
    int64_t now_ms = ht_mono_ms(messages->social->host->clock);
    bool is_due = messages->checked_ms == 0 || now_ms >= messages->checked_ms + CHECK_MS;
    if (is_due) {
        messages->checked_ms = now_ms;
        view->wraps = ht_message_index_wraps(messages->index, &view->wrap_count);
    }
    ht_task_look(task, read_names, got_names);
}

/* --- the messages of one ------------------------------------------------------------------------
 */

static enum ht_err read_wraps(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    (void)db, (void)why;
    find_gone(task->user, task);
    return HT_OK;
}

static void got_wraps(struct ht_task *task) {
    struct view *view = task->user;
    struct ht_messages *messages = view->messages;
    uint64_t until = INT64_MAX, limit = MESSAGES_LIMIT;
    struct ht_why why = {0};
    enum ht_err err = HT_OK;
    if (ht_json_member(task->params, "until") != NULL) {
        err = ht_json_u64(&until, task->params, "until", &why);
    }
    if (err == HT_OK && ht_json_member(task->params, "limit") != NULL) {
        err = ht_json_u64(&limit, task->params, "limit", &why);
    }
    if (err != HT_OK) {
        ht_task_end(task, err, &why);
        return;
    }
    if (limit > HT_MESSAGES_SHOWN_MAX) limit = HT_MESSAGES_SHOWN_MAX;
    if (until > INT64_MAX) until = INT64_MAX;
    bool is_complete = false, is_known = is_open(view);
    if (is_known && view->gone_count > 0) {
        ht_message_index_drop(messages->index, view->wraps, view->gone_count);
        ht_messages_changed(messages);
    }
    json_t *list = is_known ? ht_message_index_messages(&is_complete, messages->index, &view->key,
                                                        (int64_t)until, (size_t)limit)
                            : json_array();
    size_t opening = ht_messages_opening(messages);
    json_t *source = messages->source != NULL ? json_incref(messages->source) : ht_peers_nobody();
    task->result = json_pack("{s:o, s:b, s:b, s:I, s:o}", "messages", list, "is_complete",
                             is_complete && opening == 0, "is_open", is_known, "opening",
                             (json_int_t)opening, "source", source);
    finish(task);
}

/* A view with the conversation that the parameters name; NULL: the task was ended. */
static struct view *view_of_one(struct ht_task *task) {
    struct ht_why why = {0};
    struct view *view = task != NULL ? view_of(task) : NULL;
    if (view == NULL) return NULL;
    enum ht_err err = ht_messages_parties(&view->parties, task->params, &task->owner, &why);
    if (err != HT_OK) {
        ht_task_end(task, err, &why);
        return NULL;
    }
    view->key = ht_parties_key(&view->parties, &task->owner);
    return view;
}

void ht_messages_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new_owned(self, call, params);
    struct view *view = view_of_one(task);
    if (view == NULL) return;
    if (view->messages->is_open) {
        ht_messages_ask(view->messages);
        view->wraps =
            ht_message_index_wraps_of(view->messages->index, &view->key, &view->wrap_count);
    }
    ht_task_look(task, read_wraps, got_wraps);
}

/* --- what was read ------------------------------------------------------------------------------
 */

static enum ht_err write_mark(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    const struct view *view = task->user;
    return ht_messages_sql_read(db, &task->owner, &view->mark, why);
}

static void wrote_mark(struct ht_task *task) {
    const struct view *view = task->user;
    task->result = json_object();
    if (is_open(view)) {
        /* It is on disk; without memory it counts as read when the vault is opened again. */
        (void)!ht_message_index_read(view->messages->index, &view->mark.key, view->mark.at);
        ht_messages_changed(view->messages);
    }
    finish(task);
}

void ht_message_read_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new_owned(self, call, params);
    struct view *view = view_of_one(task);
    struct ht_why why = {0};
    uint64_t at = 0;
    if (view == NULL) return;
    enum ht_err err = ht_json_u64(&at, task->params, "at", &why);
    if (err == HT_OK && !view->messages->is_open) {
        err = ht_fail(&why, HT_EDENIED, "vault_locked", "the vault is closed");
    }
    if (err != HT_OK) {
        ht_task_end(task, err, &why);
        return;
    }
    /* What is still to come is not read yet. */
    const uint64_t latest = (uint64_t)task->now_s + HT_MESSAGE_AHEAD_S;
    if (at > latest) at = latest;
    view->mark = (struct ht_message_mark){.key = view->key, .at = (int64_t)at};
    /* Up to now is all that has come, also what was set a little ahead. */
    int64_t newest = ht_message_index_newest(view->messages->index, &view->key);
    if ((int64_t)at >= task->now_s && newest > (int64_t)at) view->mark.at = newest;
    ht_task_change(task, write_mark, wrote_mark);
}

/* --- sending ------------------------------------------------------------------------------------
 */

void ht_message_send_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new_owned(self, call, params);
    if (task != NULL) ht_messages_send(task);
}
