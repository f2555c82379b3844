/* social.feed, social.refresh. */
#include "social/feed/feed.h"

#include "node/codec/json.h"
#include "social/feed/feed_view.h"
#include "social/feed/post.h"
#include "social/feed/thread.h"
#include "social/links/peers.h"

static enum ht_err read_feed(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct ht_view view;
    struct ht_posts posts = {0};
    json_t *events = NULL, *list = NULL;
    bool is_complete = false;
    (void)db;
    enum ht_err err = ht_view_read(&view, task, why);
    if (err != HT_OK) return err;
    err = ht_look_events(&events, &is_complete, task, &view.look, why);
    if (err == HT_OK) err = ht_posts_init(&posts, task, why);
    if (err == HT_OK) err = ht_post_list(&list, &posts, events, why);
    if (err == HT_OK && !task->has_asked) err = ht_view_ask(&task->ask, task, &view, why);
    if (err == HT_OK) {
        json_decref(task->result);
        task->result = json_pack("{s:O, s:b, s:I}", "posts", list, "is_complete", is_complete,
                                 "hidden", (json_int_t)view.hidden);
        if (task->result == NULL) err = ht_task_no_memory(why);
    }
    json_decref(list);
    json_decref(events);
    ht_posts_fini(&posts);
    ht_view_fini(&view);
    return err;
}

static void read_view_again(struct ht_task *task);

static void answer(struct ht_task *task) {
    struct ht_why why = {0};
    json_t *source = task->source != NULL ? json_incref(task->source) : ht_peers_nobody();
    int failed = json_object_set_new(task->result, "source", source);
    ht_task_end(task, failed == 0 ? HT_OK : ht_task_no_memory(&why), &why);
}

static void asked(void *user, json_t *source) {
    struct ht_task *task = user;
    task->source = json_incref(source);
    read_view_again(task);
}

static void ask_relays(struct ht_task *task, void (*done)(void *user, json_t *source)) {
    task->has_asked = true;
    ht_peers_ask(task->social, ht_json_member(task->ask, "filter"),
                 ht_json_member(task->ask, "relays"), done, task);
}

/* An empty view is asked of relays before it is shown as empty. */
static void got_feed(struct ht_task *task) {
    bool is_empty = json_array_size(ht_json_member(task->result, "posts")) == 0 &&
                    json_integer_value(ht_json_member(task->result, "hidden")) == 0;
    if (is_empty && !task->has_asked && task->ask != NULL) {
        ask_relays(task, asked);
    } else {
        answer(task);
    }
}

static void read_view_again(struct ht_task *task) {
    ht_task_look(task, read_feed, got_feed);
}

static void mark_read(struct ht_social *social, const json_t *params) {
    const char *view = json_string_value(ht_json_member(params, "view"));
    uint64_t *news = NULL;
    if (view != NULL && strcmp(view, "following") == 0) news = &social->news.following;
    if (view != NULL && strcmp(view, "notifications") == 0) news = &social->news.notifications;
    if (news == NULL || *news == 0 || ht_json_member(params, "until") != NULL) return;
    *news = 0;
    social->host->publish(social->host, "social.new");
}

void ht_feed_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task == NULL) return;
    mark_read(self, params);
    ht_task_look(task, read_feed, got_feed);
}

/* --- asking again ----------------------------------------------------------------------------- */

static void refreshed(void *user, json_t *source) {
    struct ht_task *task = user;
    struct ht_why why = {0};
    uint64_t before = (uint64_t)json_integer_value(ht_json_member(task->result, "before"));
    json_int_t count = (json_int_t)(ht_peers_new_count(task->social) - before);
    json_decref(task->result);
    task->result = json_pack("{s:O, s:I}", "source", source, "new", count);
    ht_task_end(task, task->result != NULL ? HT_OK : ht_task_no_memory(&why), &why);
}

static enum ht_err read_view(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct ht_view view;
    (void)db;
    enum ht_err err = ht_view_read(&view, task, why);
    if (err == HT_OK) err = ht_view_ask(&task->ask, task, &view, why);
    if (err == HT_OK) ht_view_fini(&view);
    return err;
}

static void got_view(struct ht_task *task) {
    task->result = json_pack("{s:I}", "before", (json_int_t)ht_peers_new_count(task->social));
    ask_relays(task, refreshed);
}

void ht_refresh_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    if (ht_json_member(params, "id") != NULL) {
        ht_thread_refresh_start(self, call, params);
        return;
    }
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_look(task, read_view, got_view);
}
