/* The loop thread on lws' poll loop: runs posted jobs and timers and measures how long they hold
 * it. Sockets are the API server's and the peers', on vhosts of their own; the vhost here listens
 * to nothing and exists to be told that another thread woke the loop. */
#include "node/loop/loop.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "node/base/log.h"

#define MAX_JOBS 4096
#define MAX_FDS 1024
#define JOBS_US 2000 /* jobs give way to sockets and timers after this */

struct ht_loop {
    struct lws_context *lws;
    const struct ht_clock *clock;
    struct ht_mailbox box;
    struct ht_job *backlog; /* taken from the box, not yet run */
    atomic_bool is_stopping;
    int64_t turn_us; /* spent in jobs and timers during this turn */
    int64_t longest_turn_us;
};

static int64_t read_us(clockid_t which) {
    struct timespec now;
    ht_assert(clock_gettime(which, &now) == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* lws logs per event, and peers cause events: a burst, then a line a second. lws has one log for
 * the process, so this has one limit for the process; it may log from any thread that wakes it. */
static void forward_log(int level, const char *line) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static int64_t next_free_ms; /* when the lines so far will have been paid for */
    static unsigned dropped;
    const int64_t cost_ms = 1000;
    const int64_t burst_ms = 20 * cost_ms;

    ht_assert(pthread_mutex_lock(&lock) == 0);
    int64_t now_ms = read_us(CLOCK_MONOTONIC) / 1000;
    if (next_free_ms < now_ms) next_free_ms = now_ms;
    bool is_allowed = next_free_ms - now_ms < burst_ms;
    unsigned before = dropped;
    if (is_allowed) next_free_ms += cost_ms;
    dropped = is_allowed ? 0 : dropped + 1;
    ht_assert(pthread_mutex_unlock(&lock) == 0);

    if (!is_allowed) return;
    if (before > 0) ht_log(HT_LOG_WARN, "lws", "%u lines left out", before);
    size_t len = strcspn(line, "\n");
    enum ht_log_level to = level == LLL_ERR ? HT_LOG_ERROR : HT_LOG_WARN;
    ht_log(to, "lws", "%.*s", (int)(len < 400 ? len : 400), line);
}

/* The next job, or NULL; one list at a time, so that the box is locked once for many. */
static struct ht_job *next_job(struct ht_loop *loop) {
    if (loop->backlog == NULL) loop->backlog = ht_mailbox_take_all(&loop->box);
    struct ht_job *job = loop->backlog;
    if (job == NULL) return NULL;
    loop->backlog = job->next;
    job->next = NULL;
    return job;
}

static void run_jobs(struct ht_loop *loop) {
    int64_t start_us = read_us(CLOCK_MONOTONIC);
    int64_t spent_us = 0;
    struct ht_job *job;
    while (spent_us < JOBS_US && (job = next_job(loop)) != NULL) {
        job->run(job);
        spent_us = read_us(CLOCK_MONOTONIC) - start_us;
    }
    loop->turn_us += spent_us;
    /* Wake-ups coalesce: the one for what is left may have been this one. */
    if (spent_us >= JOBS_US) lws_cancel_service(loop->lws);
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len) {
    (void)user;
    (void)in;
    (void)len;
    if (reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED)
        run_jobs(lws_context_user(lws_get_context(wsi)));
    return 0;
}

static const struct lws_protocols protocols[] = {
    {.name = "loop", .callback = on_lws},
    {.name = NULL},
};

enum ht_err ht_loop_new(struct ht_loop **out, const struct ht_clock *clock, struct ht_why *why) {
    struct ht_loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the event loop");
    loop->clock = clock;
    ht_mailbox_init(&loop->box, MAX_JOBS);
    lws_set_log_level(LLL_ERR | LLL_WARN, forward_log);
    struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .user = loop,
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .vhost_name = "loop",
        .count_threads = 1,
        .fd_limit_per_thread = MAX_FDS,
        .max_http_header_data = 8192,
        .max_http_header_pool = 192, /* two doors and the API server, each with its own bound */
        .pt_serv_buf_size = 16384,
        .timeout_secs = 15,
        .keepalive_timeout = 30,
    };
    loop->lws = lws_create_context(&info);
    if (loop->lws != NULL && lws_create_vhost(loop->lws, &info) != NULL) {
        *out = loop;
        return HT_OK;
    }
    ht_loop_free(loop);
    return ht_fail(why, HT_ENET, "no_event_loop", "cannot create the event loop of libwebsockets");
}

void ht_loop_free(struct ht_loop *loop) {
    if (loop == NULL) return;
    if (loop->lws != NULL) lws_context_destroy(loop->lws);
    (void)ht_mailbox_take_all(&loop->box);
    ht_mailbox_fini(&loop->box);
    free(loop);
}

void ht_loop_run(struct ht_loop *loop) {
    while (!atomic_exchange(&loop->is_stopping, false)) {
        int64_t cpu_us = read_us(CLOCK_THREAD_CPUTIME_ID);
        loop->turn_us = 0;
        int failed = lws_service(loop->lws, 0);
        cpu_us = read_us(CLOCK_THREAD_CPUTIME_ID) - cpu_us;
        int64_t turn_us = cpu_us > loop->turn_us ? cpu_us : loop->turn_us;
        if (turn_us > loop->longest_turn_us) loop->longest_turn_us = turn_us;
        if (failed != 0) {
            ht_log(HT_LOG_ERROR, "loop", "libwebsockets gave up (%d)", failed);
            return;
        }
    }
}

void ht_loop_stop(struct ht_loop *loop) {
    int before = errno;
    atomic_store(&loop->is_stopping, true);
    lws_cancel_service(loop->lws);
    errno = before;
}

enum ht_err ht_loop_post(struct ht_loop *loop, struct ht_job *job) {
    enum ht_err err = ht_mailbox_post(&loop->box, job);
    if (err == HT_OK) lws_cancel_service(loop->lws);
    return err;
}

void ht_loop_answer(struct ht_loop *loop, struct ht_job *job) {
    ht_mailbox_answer(&loop->box, job);
    lws_cancel_service(loop->lws);
}

bool ht_loop_unpost(struct ht_loop *loop, const struct ht_job *job) {
    struct ht_job **at = &loop->backlog;
    while (*at != NULL && *at != job) at = &(*at)->next;
    if (*at == NULL) return ht_mailbox_remove(&loop->box, job);
    *at = (*at)->next;
    return true;
}

void ht_loop_drain(struct ht_loop *loop) {
    struct ht_job **end = &loop->backlog;
    while (*end != NULL) end = &(*end)->next;
    *end = ht_mailbox_take_all(&loop->box);
    while (loop->backlog != NULL) {
        struct ht_job *job = next_job(loop);
        job->run(job);
    }
}

static void fire_timer(lws_sorted_usec_list_t *sul) {
    struct ht_timer *timer = (struct ht_timer *)sul;
    struct ht_loop *loop = timer->loop;
    int64_t start_us = read_us(CLOCK_MONOTONIC);
    timer->fire(timer); /* may free what holds the timer */
    loop->turn_us += read_us(CLOCK_MONOTONIC) - start_us;
}

void ht_timer_set(struct ht_loop *loop, struct ht_timer *timer, int64_t delay_ms,
                  void (*fire)(struct ht_timer *timer)) {
    timer->loop = loop;
    timer->fire = fire;
    /* Below zero would cancel it, and the sum with the present must not overflow. */
    const int64_t longest_ms = INT64_C(365) * 24 * 3600 * 1000;
    if (delay_ms < 0) delay_ms = 0;
    if (delay_ms > longest_ms) delay_ms = longest_ms;
    lws_sul_schedule(loop->lws, 0, &timer->sul, fire_timer, delay_ms * LWS_US_PER_MS);
}

void ht_timer_cancel(struct ht_timer *timer) {
    lws_sul_cancel(&timer->sul);
}

struct lws_context *ht_loop_lws(struct ht_loop *loop) {
    return loop->lws;
}

const struct ht_clock *ht_loop_clock(const struct ht_loop *loop) {
    return loop->clock;
}

int64_t ht_loop_longest_turn_us(const struct ht_loop *loop) {
    return loop->longest_turn_us;
}
