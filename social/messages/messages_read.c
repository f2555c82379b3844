/* Reads the owner's wraps from the store and asks relays for them. */
#include "social/messages/messages_read.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/feed/look.h"
#include "social/kinds.h"
#include "social/links/peers.h"
#include "social/messages/messages_open.h"
#include "social/messages/messages_sql.h"

#define SLICE_COUNT 128U /* wraps that are read at once … */
#define SLICE_BYTES ((size_t)1 << 20)
#define ASK_AGAIN_MS 60000
#define ASK_LIMIT 1000

/* --- the store ----------------------------------------------------------------------------------
 */

struct slice {
    struct ht_messages *messages;
    uint64_t epoch;
    bool is_first, is_done;
    struct ht_store_mark mark;
    struct ht_waiting_wraps waiting;
    bool is_complete;
    /* Of the first. */
    uint64_t count;
    struct ht_message_mark *marks;
    size_t mark_count;
    json_t *relays;
};

/* Also when it was never read: then it is tried again. */
static void free_slice(void *user) {
    struct slice *slice = user;
    struct ht_messages *messages = slice->messages;
    if (!slice->is_done && slice->epoch == messages->epoch) {
        messages->is_reading = false;
        ht_messages_go_on_later(messages);
    }
    ht_waiting_clear(&slice->waiting);
    free(slice->marks);
    json_decref(slice->relays);
    free(slice);
}

static bool found(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                  int64_t created_at, ht_bytes json) {
    struct slice *slice = user;
    (void)id, (void)pubkey, (void)kind, (void)created_at;
    /* One that finds no memory is read when the vault is opened the next time. */
    (void)ht_waiting_put(&slice->waiting, json);
    return slice->waiting.count < SLICE_COUNT && slice->waiting.bytes < SLICE_BYTES;
}

/* Those of the owner's kind 10050. */
static enum ht_err read_relays(struct slice *slice, struct ht_task *task, struct ht_why *why) {
    json_t *event = NULL, *tag;
    size_t i;
    enum ht_err err = ht_look_newest(&event, task, &task->owner, HT_KIND_DM_RELAYS, why);
    slice->relays = json_array();
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0), *url = ht_look_item(tag, 1);
        if (name == NULL || url == NULL || strcmp(name, "relay") != 0) continue;
        if (json_array_size(slice->relays) == HT_CLIENT_RELAYS_MAX) break;
        (void)json_array_append_new(slice->relays, json_string(url));
    }
    json_decref(event);
    return err;
}

static enum ht_err read_slice(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    static const uint32_t WRAP[] = {HT_KIND_WRAP};
    struct slice *slice = task->user;
    char hex[65];
    ht_task_hex(hex, &task->owner);
    ht_bytes value = ht_bytes_of(hex, 64);
    const struct ht_filter_tag tag = {.name = 'p', .values = &value, .count = 1};
    const struct ht_filter filter = {.has_kinds = true,
                                     .kinds = WRAP,
                                     .kind_count = 1,
                                     .tags = &tag,
                                     .tag_count = 1,
                                     .since = INT64_MIN,
                                     .until = INT64_MAX};
    const struct ht_store_limits limits = {.now_s = task->now_s};
    const struct ht_store_visit visit = {.event = found, .user = slice};
    enum ht_err err = HT_OK;
    if (slice->is_first) {
        err = ht_messages_sql_marks(&slice->marks, &slice->mark_count, db, &task->owner, why);
        if (err == HT_OK) err = read_relays(slice, task, why);
        if (err == HT_OK) {
            err = ht_store_count(&slice->count, task->store, &filter, 1, &limits, 0, NULL, why);
        }
    }
    if (err != HT_OK) return err;
    return ht_store_query_on(&slice->is_complete, &slice->mark, task->store, &filter, 1, &limits, 0,
                             &visit, why);
}

/* What is given to the index and to whoever asks relays, once for each time the vault is opened. */
static void take_first(struct ht_messages *messages, struct slice *slice) {
    messages->found_count = (size_t)slice->count;
    json_decref(messages->relays);
    messages->relays = json_incref(slice->relays);
    /* Without memory for it, messages count as unread. */
    (void)!ht_message_index_marks(messages->index, slice->marks, slice->mark_count);
    ht_messages_ask(messages);
}

static void got_slice(struct ht_task *task) {
    struct slice *slice = task->user;
    struct ht_messages *messages = slice->messages;
    slice->is_done = true;
    if (slice->epoch == messages->epoch && !messages->is_stopped) {
        messages->is_reading = false;
        messages->mark = slice->mark;
        messages->read_count += slice->waiting.count;
        messages->has_read = slice->is_complete || messages->read_count >= HT_MESSAGES_MAX;
        ht_waiting_join(&messages->waiting, &slice->waiting);
        if (slice->is_first) take_first(messages, slice);
        if (messages->has_read) ht_messages_changed(messages);
        ht_messages_go_on(messages);
    }
    ht_task_end(task, HT_OK, NULL);
}

void ht_messages_read_on(struct ht_messages *messages) {
    if (messages->is_reading || messages->is_stopped || !messages->is_open) return;
    if (messages->has_read && messages->must_read_again) {
        messages->must_read_again = messages->has_read = false;
        messages->mark = (struct ht_store_mark){.is_begun = false};
        messages->found_count = messages->read_count = 0;
    }
    if (messages->has_read) return;
    struct slice *slice = calloc(1, sizeof *slice);
    struct ht_task *task = slice != NULL ? ht_task_new(messages->social, NULL, NULL) : NULL;
    if (task == NULL) {
        free(slice);
        ht_messages_go_on_later(messages);
        return;
    }
    *slice = (struct slice){.messages = messages,
                            .epoch = messages->epoch,
                            .is_first = messages->read_count == 0,
                            .mark = messages->mark};
    task->owner = messages->owner;
    task->user = slice;
    task->free_user = free_slice;
    messages->is_reading = true;
    ht_task_look(task, read_slice, got_slice);
}

/* --- relays -------------------------------------------------------------------------------------
 */

static void asked(void *user, json_t *source) {
    struct ht_messages *messages = user;
    messages->is_asking = false;
    json_decref(messages->source);
    messages->source = json_incref(source);
}

void ht_messages_ask(struct ht_messages *messages) {
    int64_t now_ms = ht_mono_ms(messages->social->host->clock);
    bool was_asked = messages->source != NULL && now_ms < messages->asked_ms + ASK_AGAIN_MS;
    if (messages->is_asking || was_asked || !messages->is_open || messages->is_stopped) return;
    char hex[65];
    ht_task_hex(hex, &messages->owner);
    json_t *filter =
        json_pack("{s:[i], s:[s], s:i}", "kinds", HT_KIND_WRAP, "#p", hex, "limit", ASK_LIMIT);
    messages->is_asking = true;
    messages->asked_ms = now_ms;
    ht_peers_ask(messages->social, filter, messages->relays, asked, messages);
    json_decref(filter);
}
