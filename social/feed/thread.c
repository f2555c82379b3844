/* social.thread, and social.refresh of one. */
#include "social/feed/thread.h"

#include "node/codec/json.h"
#include "social/feed/feed_view.h"
#include "social/feed/look.h"
#include "social/feed/post.h"
#include "social/kinds.h"
#include "social/links/ask_all.h"
#include "social/links/peers.h"

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

/* --- what relays are asked ---------------------------------------------------------------------
 */

static enum ht_err find_root(ht_hash32 *root, struct ht_task *task, struct ht_why *why) {
    json_t *event = NULL;
    enum ht_err err = ht_task_id(root, task->params, "id", why);
    if (err == HT_OK) err = ht_look_id(&event, task, root, why);
    if (err != HT_OK) return err;
    const char *name = event != NULL ? ht_post_root(event) : NULL;
    ht_hash32 named;
    if (name != NULL && ht_event_hex32(&named, ht_bytes_str(name))) *root = named;
    json_decref(event);
    return HT_OK;
}

/* Replies are where the root's author reads, as the author's list says; votes where the poll says;
 * the author's own posts where the author writes. */
static enum ht_err add_relays(json_t *urls, struct ht_task *task, const json_t *first,
                              struct ht_why *why) {
    ht_hash32 author;
    json_t *list = NULL, *tag;
    size_t i;
    json_array_foreach(ht_json_member(first, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0), *url = ht_look_item(tag, 1);
        if (name == NULL || url == NULL || strcmp(name, "relay") != 0) continue;
        (void)json_array_append_new(urls, json_string(url));
    }
    if (first == NULL || !ht_look_hash(&author, first, "pubkey")) return HT_OK;
    enum ht_err err = ht_look_newest(&list, task, &author, HT_KIND_RELAYS, why);
    if (err == HT_OK) err = ht_view_relays_of(urls, list, false, why);
    if (err == HT_OK) err = ht_view_relays_of(urls, list, true, why);
    json_decref(list);
    return err;
}

/* {"filters", "relays", "root", "is_here"}: the root itself, what names it, and comments under it.
 */
static enum ht_err plan(json_t **out, struct ht_task *task, const ht_hash32 *root,
                        struct ht_why *why) {
    json_t *first = NULL, *urls = json_array();
    char hex[65];
    ht_task_hex(hex, root);
    enum ht_err err = ht_look_id(&first, task, root, why);
    if (err == HT_OK) err = add_relays(urls, task, first, why);
    json_t *filters =
        json_pack("[{s:[s], s:[i, i, i, i, i, i], s:i}, {s:[s], s:[i], s:i}]", "#e", hex, "kinds",
                  HT_KIND_NOTE, HT_KIND_COMMENT, HT_KIND_REACTION, HT_KIND_REPOST,
                  HT_KIND_GENERIC_REPOST, HT_KIND_VOTE, "limit", (int)THREAD_MAX, "#E", hex,
                  "kinds", HT_KIND_COMMENT, "limit", (int)THREAD_MAX);
    if (first == NULL) {
        (void)json_array_insert_new(filters, 0, json_pack("{s:[s], s:i}", "ids", hex, "limit", 1));
    }
    json_t *ask = json_pack("{s:o, s:o, s:s, s:b}", "filters", filters, "relays", urls, "root", hex,
                            "is_here", first != NULL);
    json_decref(first);
    if (err == HT_OK && ask == NULL) err = ht_task_no_memory(why);
    if (err != HT_OK) {
        json_decref(ask);
        return err;
    }
    *out = ask;
    return HT_OK;
}

static enum ht_err plan_anew(struct ht_task *task, const ht_hash32 *root, struct ht_why *why) {
    json_t *ask = NULL;
    enum ht_err err = plan(&ask, task, root, why);
    if (err != HT_OK) return err;
    bool is_same = json_equal(ht_json_member(task->ask, "root"), ht_json_member(ask, "root")) != 0;
    (void)json_object_set_new(ask, "is_same", json_boolean(is_same));
    json_decref(task->ask);
    task->ask = ask;
    return HT_OK;
}

/* After asking: is the thread's root another one than was asked for, and still missing? */
static bool wants_more(const struct ht_task *task) {
    return !json_is_true(ht_json_member(task->ask, "is_here")) &&
           !json_is_true(ht_json_member(task->ask, "is_same"));
}

static void ask(struct ht_task *task, void (*then)(struct ht_task *task)) {
    ht_ask_all(task, ht_json_member(task->ask, "filters"), ht_json_member(task->ask, "relays"),
               then);
}

/* --- social.thread ---------------------------------------------------------------------------- */

enum ht_err ht_thread_look(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    ht_hash32 root;
    struct ht_posts posts = {0};
    json_t *events = NULL, *list = NULL;
    (void)db;
    enum ht_err err = find_root(&root, task, why);
    if (err == HT_OK) err = plan_anew(task, &root, why);
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

static void asked(struct ht_task *task) {
    ht_task_look(task, ht_thread_look, got_thread);
}

static void answer(struct ht_task *task) {
    struct ht_why why = {0};
    json_t *source = task->source != NULL ? json_incref(task->source) : ht_peers_nobody();
    int failed = json_object_set_new(task->result, "source", source);
    ht_task_end(task, failed == 0 ? HT_OK : ht_task_no_memory(&why), &why);
}

/* A reply that was not here may be of a thread whose root is not here either. */
static void got_rest(struct ht_task *task) {
    answer(task);
}

static void asked_for_root(struct ht_task *task) {
    ht_task_look(task, ht_thread_look, got_rest);
}

/* Asked of relays only when nothing of it is here: social.refresh asks for more. */
static void got_thread(struct ht_task *task) {
    if (json_array_size(ht_json_member(task->result, "posts")) == 0 && !task->has_asked) {
        ask(task, asked);
    } else if (task->has_asked && wants_more(task)) {
        ask(task, asked_for_root);
    } else {
        answer(task);
    }
}

void ht_thread_read_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_look(task, ht_thread_look, got_thread);
}

/* --- social.refresh of a thread --------------------------------------------------------------- */

static enum ht_err read_plan(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    ht_hash32 root;
    (void)db;
    enum ht_err err = find_root(&root, task, why);
    return err == HT_OK ? plan_anew(task, &root, why) : err;
}

static void refreshed(struct ht_task *task) {
    struct ht_why why = {0};
    uint64_t before = (uint64_t)json_integer_value(ht_json_member(task->result, "before"));
    json_int_t count = (json_int_t)(ht_peers_new_count(task->social) - before);
    json_t *source = task->source != NULL ? json_incref(task->source) : ht_peers_nobody();
    json_decref(task->result);
    task->result = json_pack("{s:o, s:I}", "source", source, "new", count);
    ht_task_end(task, task->result != NULL ? HT_OK : ht_task_no_memory(&why), &why);
}

static void ask_rest(struct ht_task *task) {
    if (wants_more(task)) {
        ask(task, refreshed);
    } else {
        refreshed(task);
    }
}

/* What was asked for by the name of a reply may have a root that is known only now. */
static void refreshed_once(struct ht_task *task) {
    ht_task_look(task, read_plan, ask_rest);
}

static void got_plan(struct ht_task *task) {
    struct ht_why why = {0};
    task->result = json_pack("{s:I}", "before", (json_int_t)ht_peers_new_count(task->social));
    if (task->result == NULL) {
        ht_task_end(task, ht_task_no_memory(&why), &why);
        return;
    }
    ask(task, refreshed_once);
}

void ht_thread_refresh_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_look(task, read_plan, got_plan);
}
