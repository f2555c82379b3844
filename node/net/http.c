/* HTTP client: hands requests to a thread with one curl multi and brings their answers back.
 *
 * A request is one struct that both threads know, and each part of it belongs to one of them. It
 * travels as jobs: to the client's thread to begin, back when finished; for a stream, once per
 * piece there and back. Mailboxes keep the order, which is what makes cancelling safe: the cancel
 * job goes to the client's thread and returns, and behind it nothing of that request is under way.
 * Only then is the request freed, always on the loop thread. */
#include "node/net/http.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "node/loop/thread.h"
#include "node/net/http_transfer.h"

#define MAX_REQUESTS 256
#define POLL_MS 1000

struct ht_http_request {
    struct ht_http *http;
    struct ht_job whole_job; /* to begin, and back when finished */
    struct ht_job piece_job; /* a piece to the loop, and back when consumed */
    struct ht_job cancel_job;

    /* Loop thread. */
    struct ht_http_request *previous, *next; /* in http->live */
    ht_http_done *on_done;
    ht_http_piece *on_piece;
    void *user;
    bool is_cancelled;
    bool is_finishing;
    bool is_held;
    bool is_kept; /* a piece that was delivered while it is held */

    /* Whoever holds piece_job. */
    struct ht_buf piece;
    bool is_enough; /* on_piece said so */

    /* The client's thread. */
    struct ht_transfer transfer;
    struct ht_http_answer answer; /* the loop's, once whole_job is back */
    struct ht_buf fill;           /* of a stream: what came since piece */
    size_t max_bytes;
    size_t slot; /* in http->active */
    int64_t heard_mono_ms;
    bool is_stream;
    bool is_active;
    bool is_paused;
    bool is_piece_out;
    bool is_complete;
};

struct ht_http {
    struct ht_loop *loop;
    struct ht_mailbox inbox;
    pthread_t thread;
    bool has_thread;
    atomic_bool is_stopping;
    CURLM *multi;
    char user_agent[64];
    struct ht_http_request *live; /* loop thread: all that are not freed */
    size_t live_count;
    struct ht_http_request *active[MAX_REQUESTS]; /* client's thread: those that curl has */
    size_t active_count;
};

static void send_job(struct ht_http *http, struct ht_job *job, void (*run)(struct ht_job *)) {
    job->run = run;
    ht_mailbox_answer(&http->inbox, job); /* MAX_REQUESTS bounds these */
    (void)curl_multi_wakeup(http->multi);
}

static void free_request(struct ht_http_request *r) {
    struct ht_http *http = r->http;
    if (r->previous != NULL)
        r->previous->next = r->next;
    else
        http->live = r->next;
    if (r->next != NULL) r->next->previous = r->previous;
    http->live_count--;
    ht_transfer_fini(&r->transfer);
    ht_buf_fini(&r->fill);
    ht_buf_fini(&r->piece);
    free(r);
}

#define REQUEST_OF(job, member) \
    ((struct ht_http_request *)((char *)(job)-offsetof(struct ht_http_request, member)))

static void finish_request(struct ht_job *job) {
    struct ht_http_request *r = REQUEST_OF(job, whole_job);
    if (r->is_cancelled) return; /* the cancel job frees it */
    r->is_finishing = true;
    r->on_done(r->user, &r->answer);
    free_request(r);
}

static void forget_request(struct ht_job *job) {
    free_request(REQUEST_OF(job, cancel_job));
}

static void consume_piece(struct ht_job *job);

static void deliver_piece(struct ht_job *job) {
    struct ht_http_request *r = REQUEST_OF(job, piece_job);
    if (r->is_cancelled) return;
    r->is_enough = !r->on_piece(r->user, ht_buf_view(&r->piece));
    if (r->is_cancelled) return;
    r->is_kept = r->is_held && !r->is_enough;
    if (!r->is_kept) send_job(r->http, &r->piece_job, consume_piece);
}

void ht_http_hold(struct ht_http_request *r) {
    r->is_held = true;
}

void ht_http_go_on(struct ht_http_request *r) {
    r->is_held = false;
    if (!r->is_kept || r->is_cancelled) return;
    r->is_kept = false;
    send_job(r->http, &r->piece_job, consume_piece);
}

static void send_piece(struct ht_http_request *r) {
    if (r->is_piece_out || r->fill.n == 0) return;
    struct ht_buf empty = r->piece;
    r->piece = r->fill;
    r->fill = empty;
    r->is_piece_out = true;
    r->piece_job.run = deliver_piece;
    ht_loop_answer(r->http->loop, &r->piece_job);
}

/* The pieces go first. Nothing may touch the request afterwards. */
static void send_answer(struct ht_http_request *r) {
    if (r->is_piece_out || r->fill.n > 0) return;
    r->whole_job.run = finish_request;
    ht_loop_answer(r->http->loop, &r->whole_job);
}

/* Takes the request away from curl. */
static void deactivate(struct ht_http_request *r) {
    struct ht_http *http = r->http;
    if (!r->is_active) return;
    r->is_active = false;
    (void)curl_multi_remove_handle(http->multi, r->transfer.easy);
    struct ht_http_request *last = http->active[--http->active_count];
    http->active[r->slot] = last;
    last->slot = r->slot;
}

static void complete(struct ht_http_request *r, CURLcode code) {
    ht_transfer_result(&r->transfer, &r->answer, code);
    deactivate(r);
    ht_transfer_close(&r->transfer);
    r->is_complete = true;
    send_answer(r);
}

static void begin_request(struct ht_job *job) {
    struct ht_http_request *r = REQUEST_OF(job, whole_job);
    struct ht_http *http = r->http;
    r->heard_mono_ms = ht_mono_ms(&ht_system_clock);
    if (curl_multi_add_handle(http->multi, r->transfer.easy) != CURLM_OK) {
        complete(r, CURLE_OUT_OF_MEMORY);
        return;
    }
    r->is_active = true;
    r->slot = http->active_count++;
    http->active[r->slot] = r;
}

static void abort_request(struct ht_job *job) {
    struct ht_http_request *r = REQUEST_OF(job, cancel_job);
    deactivate(r);
    ht_transfer_close(&r->transfer);
    job->run = forget_request;
    ht_loop_answer(r->http->loop, job);
}

static void consume_piece(struct ht_job *job) {
    struct ht_http_request *r = REQUEST_OF(job, piece_job);
    r->is_piece_out = false;
    ht_buf_clear(&r->piece);
    bool is_enough = r->is_enough; /* the loop's again once the next piece is out */
    if (is_enough) ht_buf_clear(&r->fill);
    send_piece(r);
    if (r->is_complete) {
        send_answer(r);
    } else if (is_enough) {
        complete(r, CURLE_OK);
    } else if (r->is_paused) {
        r->is_paused = false;
        r->heard_mono_ms = ht_mono_ms(&ht_system_clock);
        CURLcode code = curl_easy_pause(r->transfer.easy, CURLPAUSE_CONT); /* may call on_stream */
        if (code != CURLE_OK) complete(r, code);
    }
}

static size_t on_stream(char *p, size_t size, size_t count, void *user) {
    struct ht_http_request *r = user;
    size_t n = size * count;
    long status = 0;
    (void)curl_easy_getinfo(r->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    r->heard_mono_ms = ht_mono_ms(&ht_system_clock);
    if (status != 200) return ht_transfer_add_body(&r->transfer, ht_bytes_of(p, n)) ? n : 0;
    size_t backlog = r->fill.n + (r->is_piece_out ? r->piece.n : 0);
    if (backlog > 0 && (backlog >= r->max_bytes || n > r->max_bytes - backlog)) {
        r->is_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (ht_buf_add(&r->fill, ht_bytes_of(p, n)) != HT_OK) {
        r->transfer.is_out_of_memory = true;
        return 0;
    }
    send_piece(r);
    return n;
}

/* Ends streams that were silent for too long; returns how long to wait at most for the next. */
static int end_silent_streams(struct ht_http *http) {
    int64_t now_ms = ht_mono_ms(&ht_system_clock);
    int64_t wait_ms = POLL_MS;
    for (size_t i = http->active_count; i-- > 0;) {
        struct ht_http_request *r = http->active[i];
        if (!r->is_stream || r->is_paused) continue;
        int64_t left_ms = r->heard_mono_ms + r->transfer.timeout_ms - now_ms;
        if (left_ms <= 0)
            complete(r, CURLE_OPERATION_TIMEDOUT);
        else if (left_ms < wait_ms)
            wait_ms = left_ms;
    }
    return (int)wait_ms;
}

static void read_results(struct ht_http *http) {
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) continue;
        CURLcode code = message->data.result;
        char *r = NULL;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &r);
        complete((struct ht_http_request *)(void *)r, code);
    }
}

/* The client's thread: moves all transfers, and the jobs of their requests. */
static void *serve(void *arg) {
    struct ht_http *http = arg;
    while (!atomic_load(&http->is_stopping)) {
        for (struct ht_job *job = ht_mailbox_take_all(&http->inbox), *next; job; job = next) {
            next = job->next;
            job->run(job);
        }
        int running;
        (void)curl_multi_perform(http->multi, &running);
        read_results(http);
        int wait_ms = end_silent_streams(http);
        (void)curl_multi_poll(http->multi, NULL, 0, wait_ms, NULL);
    }
    return NULL;
}

enum ht_err ht_http_new(struct ht_http **out, struct ht_loop *loop, const char *user_agent,
                        struct ht_why *why) {
    struct ht_http *http = calloc(1, sizeof *http);
    if (http == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the HTTP client");
    http->loop = loop;
    ht_mailbox_init(&http->inbox, MAX_REQUESTS);
    size_t n = strlen(user_agent);
    ht_assert(n < sizeof http->user_agent);
    memcpy(http->user_agent, user_agent, n + 1);
    enum ht_err err = HT_OK;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) http->multi = curl_multi_init();
    if (http->multi == NULL) {
        err = ht_fail(why, HT_ENOMEM, "no_http", "cannot start libcurl");
        goto out;
    }
    (void)curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, 32L);
    (void)curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, 16L);
    (void)curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 128L);
    err = ht_thread_start(&http->thread, "http", serve, http, why);
    http->has_thread = err == HT_OK;
out:
    if (err == HT_OK)
        *out = http;
    else
        ht_http_free(http);
    return err;
}

void ht_http_free(struct ht_http *http) {
    if (http == NULL) return;
    atomic_store(&http->is_stopping, true);
    if (http->has_thread) {
        (void)curl_multi_wakeup(http->multi);
        ht_assert(pthread_join(http->thread, NULL) == 0);
    }
    (void)ht_mailbox_take_all(&http->inbox);
    while (http->live != NULL) {
        struct ht_http_request *r = http->live;
        (void)ht_loop_unpost(http->loop, &r->whole_job);
        (void)ht_loop_unpost(http->loop, &r->piece_job);
        (void)ht_loop_unpost(http->loop, &r->cancel_job);
        deactivate(r);
        free_request(r);
    }
    (void)curl_multi_cleanup(http->multi);
    ht_mailbox_fini(&http->inbox);
    free(http);
}

enum ht_err ht_http_start(struct ht_http_request **out, struct ht_http *http,
                          const struct ht_http_options *options, ht_http_done *on_done,
                          ht_http_piece *on_piece, void *user) {
    ht_assert(options->is_stream == (on_piece != NULL));
    if (http->live_count == MAX_REQUESTS) return HT_EAGAIN;
    struct ht_http_request *r = calloc(1, sizeof *r);
    if (r == NULL) return HT_ENOMEM;
    if (ht_transfer_init(&r->transfer, options, http->user_agent) != HT_OK) {
        free(r);
        return HT_ENOMEM;
    }
    r->http = http;
    r->on_done = on_done;
    r->on_piece = on_piece;
    r->user = user;
    r->is_stream = options->is_stream;
    r->max_bytes = options->max_bytes;
    /* curl hands over this much at once, and an empty backlog takes it whatever the limit. */
    size_t max_piece = r->max_bytes < CURL_MAX_WRITE_SIZE ? CURL_MAX_WRITE_SIZE : r->max_bytes;
    ht_buf_init(&r->fill, max_piece);
    ht_buf_init(&r->piece, max_piece);
    (void)curl_easy_setopt(r->transfer.easy, CURLOPT_PRIVATE, r);
    if (r->is_stream) {
        (void)curl_easy_setopt(r->transfer.easy, CURLOPT_WRITEFUNCTION, on_stream);
        (void)curl_easy_setopt(r->transfer.easy, CURLOPT_WRITEDATA, r);
    }
    r->next = http->live;
    if (r->next != NULL) r->next->previous = r;
    http->live = r;
    http->live_count++;
    send_job(http, &r->whole_job, begin_request);
    *out = r;
    return HT_OK;
}

void ht_http_cancel(struct ht_http_request *r) {
    if (r->is_cancelled || r->is_finishing) return;
    r->is_cancelled = true;
    send_job(r->http, &r->cancel_job, abort_request);
}

void ht_http_fetch(struct ht_http_answer *answer, struct ht_buf *body,
                   const struct ht_http_options *options) {
    struct ht_transfer transfer;
    ht_assert(!options->is_stream);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        ht_transfer_init(&transfer, options, "hearth") != HT_OK) {
        *answer = (struct ht_http_answer){.retry_after_ms = -1};
        answer->err = ht_fail(&answer->why, HT_ENOMEM, "no_memory", "no memory for a request");
        ht_buf_init(body, options->max_bytes);
        return;
    }
    CURLcode code = curl_easy_perform(transfer.easy);
    ht_transfer_result(&transfer, answer, code);
    *body = transfer.body;
    ht_transfer_close(&transfer);
}
