/* For tests of questions: a loop, workers, a client, an asker, and execution providers on loopback
 * that answer by script. */
#ifndef HT_TESTS_ASK_BENCH_H
#define HT_TESTS_ASK_BENCH_H

#include <stdlib.h>

#include "node/base/log.h"
#include "node/l1/ask.h"
#include "tests/unit/loopback.h"

#define ASK_PEERS 3

struct ask_bench {
    struct ht_loop *loop;
    struct ht_pool *pool;
    struct ht_http *http;
    struct ht_asker *asker;
    struct ht_providers providers;
    struct ht_peer peers[ASK_PEERS];
    size_t peer_count;
    struct ht_timer deadline;
    unsigned changes;
    unsigned done;
    unsigned target; /* questions that the loop waits for */
    struct ht_question question;
};

static inline void ask_fill_zero(void *self, uint8_t *out, size_t n) {
    (void)self;
    memset(out, 0, n);
}

static const struct ht_random ask_no_random = {.fill = ask_fill_zero};
static struct ask_bench *ask_current; /* for callbacks without a place for it */

/* --- what providers say ----------------------------------------------------------------------- */

static inline void ask_say_json(int fd, const char *body) {
    char head[160];
    (void)snprintf(head, sizeof head,
                   "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                   "Content-Length: %zu\r\n\r\n",
                   strlen(body));
    if (ht_peer_say(fd, head)) (void)ht_peer_say(fd, body);
}

/* The same member for each request of the batch, with its id. */
static inline void ask_say_each(struct ht_peer *peer, int fd, const char *member) {
    char body[8192] = "";
    size_t n = 0;
    unsigned count = 0;
    const char *at = peer->request;
    while ((at = strstr(at, "\"id\":")) != NULL) {
        at += strlen("\"id\":");
        n += (size_t)snprintf(body + n, sizeof body - n, "%s{\"jsonrpc\":\"2.0\",\"id\":%llu,%s}",
                              count > 0 ? "," : "", strtoull(at, NULL, 10), member);
        count++;
    }
    char whole[8200];
    (void)snprintf(whole, sizeof whole, count > 1 ? "[%s]" : "%s", body);
    ask_say_json(fd, whole);
}

static inline void ask_say_good(struct ht_peer *peer, int fd) {
    ask_say_each(peer, fd, "\"result\":\"good\"");
}

static inline void ask_say_bad(struct ht_peer *peer, int fd) {
    ask_say_each(peer, fd, "\"result\":\"bad\"");
}

static inline void ask_hang_up(struct ht_peer *peer, int fd) {
    (void)peer;
    (void)fd;
}

/* --- the bench -------------------------------------------------------------------------------- */

static inline void ask_late(struct ht_timer *timer) {
    struct ask_bench *b =
        (struct ask_bench *)((char *)timer - offsetof(struct ask_bench, deadline));
    b->done = 1000;
    ht_loop_stop(b->loop);
}

static inline void ask_changed(void *user) {
    ((struct ask_bench *)user)->changes++;
}

static inline void ask_open(struct ask_bench *b) {
    ht_log_set_level(HT_LOG_ERROR);
    memset(b, 0, sizeof *b);
    b->target = 1;
    b->providers.clock = &ht_system_clock;
    b->providers.random = &ask_no_random;
    ask_current = b;
    assert_int_equal(ht_loop_new(&b->loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_pool_new(&b->pool, b->loop, 1, 16, NULL), HT_OK);
    assert_int_equal(ht_http_new(&b->http, b->loop, "hearth-test", NULL), HT_OK);
    assert_int_equal(
        ht_asker_new(&b->asker, b->loop, b->pool, b->http, &b->providers, ask_changed, b), HT_OK);
}

static inline struct ht_provider *ask_add(struct ask_bench *b,
                                          void (*script)(struct ht_peer *, int)) {
    char url[64];
    struct ht_peer *peer = &b->peers[b->peer_count++];
    assert_true(ht_peer_start(peer, script));
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", peer->port);
    assert_int_equal(ht_providers_add(&b->providers, HT_PROVIDER_EXECUTION, url, NULL), HT_OK);
    return &b->providers.list[b->providers.count - 1];
}

static inline unsigned ask_requests(struct ask_bench *b, size_t peer) {
    return atomic_load(&b->peers[peer].requests);
}

/* "good" holds, "bad" does not, null is not there, anything else is malformed. */
static inline enum ht_err ask_prove(struct ht_question *question,
                                    const struct ht_jsonrpc_answer *answers, struct ht_why *why) {
    for (size_t i = 0; i < question->count; i++) {
        const char *text = json_string_value(answers[i].result);
        if (json_is_null(answers[i].result))
            return ht_fail(why, HT_ENOTFOUND, "not_there", "does not have it");
        if (text == NULL) return ht_fail(why, HT_EINPUT, "no_text", "no text");
        if (strcmp(text, "good") != 0) return ht_fail(why, HT_EUNVERIFIED, "not_good", "not good");
    }
    return HT_OK;
}

static inline void ask_done(struct ht_question *question) {
    (void)question;
    if (++ask_current->done == ask_current->target) ht_loop_stop(ask_current->loop);
}

static inline void ask_prepare(struct ht_question *question, const char *method, size_t count) {
    *question = (struct ht_question){.max_bytes = 65536, .prove = ask_prove, .done = ask_done};
    (void)snprintf(question->about, sizeof question->about, "something good");
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ht_question_add(question, method, json_array()), HT_OK);
    }
}

/* Runs the loop until so many questions are done. */
static inline void ask_run(struct ask_bench *b, unsigned target) {
    b->target = target;
    b->done = 0;
    ht_timer_set(b->loop, &b->deadline, 20000, ask_late);
    ht_loop_run(b->loop);
    ht_timer_cancel(&b->deadline);
    assert_int_equal(b->done, target);
}

static inline void ask_one(struct ask_bench *b) {
    ask_prepare(&b->question, "eth_test", 1);
    ht_ask(b->asker, &b->question);
    ask_run(b, 1);
}

static inline void ask_expect(const struct ht_question *question, enum ht_err err,
                              const char *code) {
    if (question->err != err || (code != NULL && question->why.code == NULL))
        fail_msg("expected %s, got %s: %s", ht_err_name(err), ht_err_name(question->err),
                 question->why.text);
    if (code != NULL) assert_string_equal(question->why.code, code);
}

static inline void ask_close(struct ask_bench *b) {
    ht_asker_stop(b->asker);
    ht_pool_free(b->pool);
    ht_loop_drain(b->loop);
    ht_asker_free(b->asker);
    ht_http_free(b->http);
    for (size_t i = 0; i < b->peer_count; i++) ht_peer_stop(&b->peers[i]);
    ht_loop_free(b->loop);
}

#endif
