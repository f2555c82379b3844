/* social.thread. */
#include "social/thread.h"

#include "node/codec/json.h"
#include "social/kinds.h"
#include "social/look.h"
#include "social/peers.h"
#include "social/post.h"

#define THREAD_MAX 500U

static const uint32_t REPLIES[] = {HT_KIND_NOTE, HT_KIND_COMMENT};

/* Replies that name the root, in either way of naming it, and the root itself. */
static enum ht_err gather(json_t **out, struct ht_task *task, const char *root, char tag,
                          struct ht_why *why) {
    struct ht_look look = {.tag = tag,
                           .tag_value = ht_bytes_str(root),
                           .kinds = REPLIES,
                           .kind_count = 2,
                           .limit = THREAD_MAX};
    return ht_look_events(out, NULL, task, &look, why);
}

/* Adds those that are not there yet; both are in order, newest first. */
static enum ht_err merge(json_t *into, const json_t *more, struct ht_why *why) {
    size_t i, j = 0;
    json_t *event;
    json_array_foreach(more, i, event) {
        json_int_t at = json_integer_value(ht_json_member(event, "created_at"));
        bool is_there = false;
        const json_t *id = ht_json_member(event, "id");
        for (; j < json_array_size(into) && !is_there; j++) {
            const json_t *other = json_array_get(into, j);
            is_there = json_equal(ht_json_member(other, "id"), id) != 0;
            if (json_integer_value(ht_json_member(other, "created_at")) < at) break;
        }
        if (!is_there && json_array_insert(into, j, event) != 0) return ht_task_no_memory(why);
    }
    return HT_OK;
}

static enum ht_err reverse(json_t **out, const json_t *list, struct ht_why *why) {
    json_t *oldest_first = json_array();
    for (size_t i = json_array_size(list); i > 0; i--) {
        if (json_array_append(oldest_first, json_array_get(list, i - 1)) != 0) {
            json_decref(oldest_first);
            return ht_task_no_memory(why);
        }
    }
    *out = oldest_first;
    return HT_OK;
}

/* The events of a thread, oldest first; the root comes first of all when it is here. */
static enum ht_err read_events(json_t **out, struct ht_task *task, const ht_hash32 *root_id,
                               struct ht_why *why) {
    char root[65];
    json_t *first = NULL, *notes = NULL, *comments = NULL, *list = NULL;
    ht_task_hex(root, root_id);
    enum ht_err err = ht_look_id(&first, task, root_id, why);
    if (err == HT_OK) err = gather(&notes, task, root, 'e', why);
    if (err == HT_OK) err = gather(&comments, task, root, 'E', why);
    if (err == HT_OK) err = merge(notes, comments, why);
    if (err == HT_OK) err = reverse(&list, notes, why);
    if (err == HT_OK && first != NULL && json_array_insert(list, 0, first) != 0) {
        json_decref(list);
        err = ht_task_no_memory(why);
    }
    json_decref(first);
    json_decref(notes);
    json_decref(comments);
    if (err == HT_OK) *out = list;
    return err;
}

static enum ht_err find_root(ht_hash32 *root, bool *is_here, struct ht_task *task,
                             struct ht_why *why) {
    json_t *event = NULL;
    enum ht_err err = ht_task_id(root, task->params, "id", why);
    if (err == HT_OK) err = ht_look_id(&event, task, root, why);
    if (err != HT_OK) return err;
    *is_here = event != NULL;
    const char *name = event != NULL ? ht_post_root(event) : NULL;
    ht_hash32 named;
    if (name != NULL && ht_event_hex32(&named, ht_bytes_str(name))) *root = named;
    json_decref(event);
    return HT_OK;
}

static json_t *ask_for(const ht_hash32 *root, bool is_here) {
    char hex[65];
    ht_task_hex(hex, root);
    if (!is_here) return json_pack("{s:{s:[s]}, s:[]}", "filter", "ids", hex, "relays");
    return json_pack("{s:{s:[s], s:[i, i], s:i}, s:[]}", "filter", "#e", hex, "kinds", HT_KIND_NOTE,
                     HT_KIND_COMMENT, "limit", (int)THREAD_MAX, "relays");
}

static enum ht_err read_thread(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    ht_hash32 root;
    bool is_here = false;
    struct ht_posts posts = {0};
    json_t *events = NULL, *list = NULL;
    (void)db;
    enum ht_err err = find_root(&root, &is_here, task, why);
    if (err == HT_OK && !task->has_asked) task->ask = ask_for(&root, is_here);
    if (err == HT_OK) err = read_events(&events, task, &root, why);
    if (err == HT_OK && json_array_size(events) == 0 && task->has_asked) {
        err = ht_fail(why, HT_ENOTFOUND, "no_event", "nobody who was asked has that post");
    }
    if (err == HT_OK) err = ht_posts_init(&posts, task, why);
    if (err == HT_OK) err = ht_post_list(&list, &posts, events, why);
    if (err == HT_OK) {
        json_decref(task->result);
        task->result = json_pack("{s:o, s:O, s:b}", "root", ht_task_hex_json(&root), "posts", list,
                                 "is_complete", json_array_size(list) < THREAD_MAX);
        if (task->result == NULL) err = ht_task_no_memory(why);
    }
    json_decref(events);
    json_decref(list);
    ht_posts_fini(&posts);
    return err;
}

static void got_thread(struct ht_task *task);

static void asked(void *user, json_t *source) {
    struct ht_task *task = user;
    task->source = json_incref(source);
    ht_task_look(task, read_thread, got_thread);
}

/* Asked of relays only when nothing of it is here: social.refresh asks for more. */
static void got_thread(struct ht_task *task) {
    struct ht_why why = {0};
    if (json_array_size(ht_json_member(task->result, "posts")) == 0 && !task->has_asked) {
        task->has_asked = true;
        ht_peers_ask(task->social, ht_json_member(task->ask, "filter"), NULL, asked, task);
        return;
    }
    json_t *source = task->source != NULL ? json_incref(task->source) : ht_peers_nobody();
    int failed = json_object_set_new(task->result, "source", source);
    ht_task_end(task, failed == 0 ? HT_OK : ht_task_no_memory(&why), &why);
}

void ht_thread_read_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_look(task, read_thread, got_thread);
}
