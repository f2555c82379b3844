/* Questions of other modules to relays: what may be asked, and asking on until all has come. */
#include "social/feed/feed_ask.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/links/ask_all.h"
#include "social/links/peers.h"
#include "social/links/peers_want.h"

#define PAGE_LIMIT 500

struct question;

/* One filter of it. */
struct line {
    struct question *question;
    json_t *filter; /* with limit, and until once there is a page */
    unsigned pages;
    bool has_until;
    int64_t until_s;
};

struct question {
    struct ht_social *social;
    ht_feed_asked done;
    void *user;
    json_t *more, *source;
    struct line lines[HT_FEED_FILTERS_MAX];
    size_t left; /* lines under way, and one for the beginning */
    uint64_t given;
    int64_t begun_ms;
    bool is_cut;
};

static enum ht_err check(const json_t *filters, struct ht_why *why) {
    struct ht_filter parsed[HT_FEED_FILTERS_MAX];
    struct ht_arena arena;
    size_t count, room = ht_want_arena(filters);
    if (room == 0) return ht_fail(why, HT_ELIMIT, "filter_too_large", "too much is asked at once");
    ht_arena_init(&arena, room);
    enum ht_err err = ht_want_read(parsed, &count, &arena, filters, why);
    ht_arena_fini(&arena);
    return err;
}

static void free_question(struct question *question) {
    for (size_t i = 0; i < HT_FEED_FILTERS_MAX; i++) json_decref(question->lines[i].filter);
    json_decref(question->more);
    json_decref(question->source);
    free(question);
}

static unsigned number_of(const json_t *source, const char *name) {
    return (unsigned)json_integer_value(ht_json_member(source, name));
}

static void line_done(struct question *question) {
    if (--question->left > 0) return;
    const struct ht_feed_source source = {.asked = number_of(question->source, "asked"),
                                          .answered = number_of(question->source, "answered"),
                                          .given = question->given,
                                          .is_cut = question->is_cut};
    question->social->feed_asks--;
    question->done(question->user, HT_OK, NULL, &source);
    free_question(question);
}

/* --- pages ------------------------------------------------------------------------------------ */

static void merge(struct question *question, const json_t *source) {
    size_t i;
    json_t *relay, *whole = ht_ask_merge(question->source, source);
    json_array_foreach(ht_json_member(source, "relays"), i, relay) {
        question->given += (uint64_t)json_integer_value(ht_json_member(relay, "count"));
    }
    if (whole == NULL) return;
    json_decref(question->source);
    question->source = whole;
}

/* Where a page ends within a second, the next one begins with that second once more; when all of
 * that page is of it, there is no getting further into it. */
static bool next_page(struct line *line, const struct ht_peers_page *page) {
    const struct question *question = line->question;
    int64_t now_ms = ht_mono_ms(question->social->host->clock);
    bool is_stuck = line->has_until && page->until_s >= line->until_s;
    line->until_s = is_stuck ? line->until_s - 1 : page->until_s;
    line->has_until = true;
    if (is_stuck) line->question->is_cut = true;
    bool has_room = ++line->pages < HT_FEED_PAGES_MAX && line->until_s >= 0 &&
                    now_ms - question->begun_ms < HT_FEED_ASK_MS && !question->social->is_stopped;
    return has_room && json_object_set_new(line->filter, "until", json_integer(line->until_s)) == 0;
}

static void ask_line(struct line *line);

static void answered(void *user, json_t *source, const struct ht_peers_page *page) {
    struct line *line = user;
    struct question *question = line->question;
    merge(question, source);
    if (page->is_full && next_page(line, page)) {
        ask_line(line);
        return;
    }
    if (page->is_full) question->is_cut = true;
    line_done(question);
}

static void ask_line(struct line *line) {
    ht_peers_ask_page(line->question->social, line->filter, line->question->more, answered, line);
}

/* --- asking ----------------------------------------------------------------------------------- */

static json_t *some_of(const json_t *more) {
    json_t *out = json_array(), *url;
    size_t i;
    json_array_foreach(more, i, url) {
        if (json_array_size(out) < HT_FEED_MORE_MAX && json_is_string(url))
            (void)json_array_append(out, url);
    }
    return out;
}

static struct question *make(struct ht_social *social, const json_t *filters, const json_t *more) {
    struct question *question = calloc(1, sizeof *question);
    if (question == NULL) return NULL;
    question->social = social;
    question->begun_ms = ht_mono_ms(social->host->clock);
    question->more = some_of(more);
    bool is_good = question->more != NULL;
    for (size_t i = 0; i < json_array_size(filters); i++) {
        struct line *line = &question->lines[i];
        line->question = question;
        line->filter = json_deep_copy(json_array_get(filters, i));
        is_good =
            is_good && json_object_set_new(line->filter, "limit", json_integer(PAGE_LIMIT)) == 0;
    }
    if (is_good) return question;
    free_question(question);
    return NULL;
}

void ht_feed_ask(struct ht_social *social, const json_t *filters, const json_t *more,
                 ht_feed_asked done, void *user) {
    struct ht_why why = {0};
    enum ht_err err = HT_OK;
    if (social->is_stopped)
        err = ht_fail(&why, HT_EAGAIN, "stopping", "the node is stopping");
    else if (social->feed_asks >= HT_FEED_ASKS_MAX)
        err = ht_fail(&why, HT_EAGAIN, "busy", "%u questions are under way", HT_FEED_ASKS_MAX);
    if (err == HT_OK) err = check(filters, &why);
    struct question *question = err == HT_OK ? make(social, filters, more) : NULL;
    if (err == HT_OK && question == NULL) err = ht_task_no_memory(&why);
    if (err != HT_OK) {
        done(user, err, &why, NULL);
        return;
    }
    size_t count = json_array_size(filters);
    social->feed_asks++;
    question->done = done;
    question->user = user;
    question->left = count + 1;
    for (size_t i = 0; i < count; i++) ask_line(&question->lines[i]);
    line_done(question);
}

json_t *ht_feed_relays(const struct ht_social *social) {
    json_t *own = ht_peers_own(social), *out = json_array(), *one;
    size_t i;
    json_array_foreach(own, i, one) {
        char url[HT_LINK_URL_SIZE];
        const char *text = json_string_value(ht_json_member(one, "url"));
        bool is_write = json_is_true(ht_json_member(one, "write"));
        if (!is_write || text == NULL || ht_link_url(url, text, NULL) != HT_OK) continue;
        bool is_public = strncmp(url, "wss://", 6) == 0 || strstr(url, ".onion") != NULL;
        if (is_public && json_array_size(out) < HT_FEED_MORE_MAX)
            (void)json_array_append_new(out, json_string(url));
    }
    json_decref(own);
    return out;
}
