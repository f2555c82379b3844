/* Requests over kept websockets: who waits for what, and whose an answer is. */
#include "node/net/ws_rpc.h"

#include <stdlib.h>

#include "node/net/jsonrpc.h"

#define UNASKED_MAX (64U * 1024) /* of a message while nobody waits */

struct link {
    struct ht_ws_rpc *rpc;
    char *url; /* NULL: free */
    struct ht_websocket *socket;
    struct ht_ws_rpc_request *waiting;
    size_t max_bytes;    /* the most that was asked for on this connection: late answers pass too */
    uint64_t generation; /* of the connection */
    struct ht_timer idle;
};

struct ht_ws_rpc_request {
    struct link *link;
    struct ht_ws_rpc_request *next;
    uint64_t first_id;
    size_t count;
    size_t max_bytes;
    uint64_t generation;
    int64_t started_ms;
    struct ht_timer timeout;
    ht_http_done *on_done;
    void *user;
};

struct ht_ws_rpc {
    struct ht_loop *loop;
    struct ht_websockets *sockets;
    struct link links[HT_WS_RPC_SERVERS_MAX];
    int64_t idle_ms;
    uint64_t opened;
    uint64_t ignored;
};

/* --- ending a request ------------------------------------------------------------------------- */

static void close_idle(struct ht_timer *timer) {
    struct link *link = (struct link *)((char *)timer - offsetof(struct link, idle));
    if (link->socket == NULL || link->waiting != NULL) return;
    ht_websocket_close(link->socket);
    link->socket = NULL;
}

/* Out of its list; the last one out leaves the connection idle. */
static void unlink_request(struct ht_ws_rpc_request *request) {
    struct link *link = request->link;
    struct ht_ws_rpc_request **at = &link->waiting;
    while (*at != request) at = &(*at)->next;
    *at = request->next;
    ht_timer_cancel(&request->timeout);
    if (link->waiting == NULL)
        ht_timer_set(link->rpc->loop, &link->idle, link->rpc->idle_ms, close_idle);
}

void ht_ws_rpc_cancel(struct ht_ws_rpc_request *request) {
    unlink_request(request);
    free(request);
}

/* Frees the request, then tells: whoever is told may start and cancel others. */
static void finish(struct ht_ws_rpc_request *request, struct ht_http_answer *answer) {
    const struct ht_clock *clock = ht_loop_clock(request->link->rpc->loop);
    ht_http_done *on_done = request->on_done;
    void *user = request->user;
    answer->retry_after_ms = -1;
    answer->elapsed_ms = ht_mono_ms(clock) - request->started_ms;
    ht_ws_rpc_cancel(request);
    on_done(user, answer);
}

static void time_out(struct ht_timer *timer) {
    struct ht_ws_rpc_request *request =
        (struct ht_ws_rpc_request *)((char *)timer - offsetof(struct ht_ws_rpc_request, timeout));
    struct ht_http_answer answer = {0};
    answer.err = ht_fail(&answer.why, HT_ENET, "timeout", "no answer in time");
    finish(request, &answer);
}

/* --- the connection --------------------------------------------------------------------------- */

static struct ht_ws_rpc_request *find_request(const struct link *link, uint64_t id) {
    struct ht_ws_rpc_request *at = link->waiting;
    while (at != NULL && (id < at->first_id || id - at->first_id >= at->count)) at = at->next;
    return at;
}

static void on_opened(void *user) {
    (void)user;
}

static void on_received(void *user, ht_bytes message) {
    struct link *link = user;
    uint64_t id;
    struct ht_ws_rpc_request *request = NULL;
    struct ht_why why = {0};
    bool is_null = false;
    enum ht_err err = ht_jsonrpc_find_id(&id, message, &why);
    if (err != HT_OK) is_null = strcmp(why.code, "rpc_null_id") == 0;
    if (err == HT_OK) {
        request = find_request(link, id);
    } else if (is_null && link->waiting != NULL && link->waiting->next == NULL) {
        request =
            link->waiting; /* an error about a whole batch has no id: if one waits, it is its */
    }
    if (request == NULL) {
        link->rpc->ignored++;
        return;
    }
    struct ht_http_answer answer = {.status = 200, .received = message.n};
    if (message.n <= request->max_bytes) {
        answer.body = message;
    } else {
        answer.err = ht_fail(&answer.why, HT_ELIMIT, "too_large", "an answer over %zu bytes",
                             request->max_bytes);
    }
    finish(request, &answer);
}

/* All that wait for this connection get the reason; what they start in turn is for the next. */
static void on_closed(void *user, enum ht_err err, const struct ht_why *why) {
    struct link *link = user;
    uint64_t generation = link->generation++;
    link->socket = NULL;
    bool is_alone = link->waiting != NULL && link->waiting->next == NULL;
    for (;;) {
        struct ht_ws_rpc_request *at = link->waiting;
        while (at != NULL && at->generation > generation) at = at->next;
        if (at == NULL) return;
        struct ht_http_answer answer = {.err = err, .why = *why};
        if (err == HT_ELIMIT && is_alone) {
            answer.received = at->max_bytes;
        } else if (err == HT_ELIMIT) { /* whose it was is not known */
            answer.err =
                ht_fail(&answer.why, HT_ENET, "connection_lost", "the connection was lost");
        } else if (strcmp(why->code, "rate_limited") == 0) {
            answer.err = HT_OK;
            answer.status = 429;
        }
        finish(at, &answer);
    }
}

static const struct ht_websocket_handler handler = {
    .opened = on_opened, .received = on_received, .closed = on_closed};

static enum ht_err open_socket(struct link *link) {
    struct ht_websocket_options options = {
        .url = link->url, .max_bytes = link->max_bytes, .handler = &handler, .user = link};
    enum ht_err err = ht_websocket_open(&link->socket, link->rpc->sockets, &options, NULL);
    if (err == HT_OK) link->rpc->opened++;
    return err;
}

static struct link *find_link(struct ht_ws_rpc *rpc, const char *url, enum ht_err *err) {
    for (size_t i = 0; i < HT_WS_RPC_SERVERS_MAX; i++) {
        struct link *link = &rpc->links[i];
        if (link->url != NULL && strcmp(link->url, url) != 0) continue;
        if (link->url == NULL) {
            *link = (struct link){.rpc = rpc, .url = strdup(url)};
            link->max_bytes = UNASKED_MAX;
        }
        if (link->url != NULL) return link;
        *err = HT_ENOMEM;
        return NULL;
    }
    *err = HT_ELIMIT;
    return NULL;
}

/* Opens when needed, and sends or queues. */
static enum ht_err send_on(struct link *link, const struct ht_ws_rpc_options *options) {
    if (options->body.n > HT_WEBSOCKET_QUEUE_BYTES_MAX) return HT_ELIMIT;
    if (link->socket == NULL) {
        link->max_bytes = options->max_bytes > UNASKED_MAX ? options->max_bytes : UNASKED_MAX;
        enum ht_err err = open_socket(link);
        if (err != HT_OK) return err;
    } else if (options->max_bytes > link->max_bytes) {
        link->max_bytes = options->max_bytes;
        ht_websocket_set_max(link->socket, link->max_bytes);
    }
    enum ht_err err = ht_websocket_send(link->socket, options->body);
    return err == HT_ELIMIT ? HT_EAGAIN : err;
}

enum ht_err ht_ws_rpc_start(struct ht_ws_rpc_request **out, struct ht_ws_rpc *rpc,
                            const struct ht_ws_rpc_options *options, ht_http_done *on_done,
                            void *user) {
    ht_assert(options->count > 0 && options->max_bytes > 0 && options->timeout_ms > 0);
    enum ht_err err = HT_OK;
    struct link *link = find_link(rpc, options->url, &err);
    if (link == NULL) return err;
    struct ht_ws_rpc_request *request = calloc(1, sizeof *request);
    if (request == NULL) return HT_ENOMEM;
    err = send_on(link, options);
    if (err != HT_OK) {
        free(request);
        return err;
    }
    *request = (struct ht_ws_rpc_request){.link = link,
                                          .next = link->waiting,
                                          .first_id = options->first_id,
                                          .count = options->count,
                                          .max_bytes = options->max_bytes,
                                          .generation = link->generation,
                                          .started_ms = ht_mono_ms(ht_loop_clock(rpc->loop)),
                                          .on_done = on_done,
                                          .user = user};
    link->waiting = request;
    ht_timer_cancel(&link->idle);
    ht_timer_set(rpc->loop, &request->timeout, options->timeout_ms, time_out);
    *out = request;
    return HT_OK;
}

/* --- life ------------------------------------------------------------------------------------- */

enum ht_err ht_ws_rpc_new(struct ht_ws_rpc **out, struct ht_loop *loop, struct ht_pool *pool) {
    struct ht_ws_rpc *rpc = calloc(1, sizeof *rpc);
    if (rpc == NULL) return HT_ENOMEM;
    rpc->loop = loop;
    rpc->idle_ms = HT_WS_RPC_IDLE_MS;
    enum ht_err err = ht_websockets_new(&rpc->sockets, loop, pool);
    if (err != HT_OK) {
        free(rpc);
        return err;
    }
    *out = rpc;
    return HT_OK;
}

void ht_ws_rpc_set_idle(struct ht_ws_rpc *rpc, int64_t idle_ms) {
    rpc->idle_ms = idle_ms;
}

void ht_ws_rpc_stop(struct ht_ws_rpc *rpc) {
    if (rpc == NULL) return;
    ht_websockets_stop(rpc->sockets);
    for (size_t i = 0; i < HT_WS_RPC_SERVERS_MAX && rpc->links[i].url != NULL; i++) {
        struct link *link = &rpc->links[i];
        link->socket = NULL;
        while (link->waiting != NULL) ht_ws_rpc_cancel(link->waiting);
        ht_timer_cancel(&link->idle);
    }
}

void ht_ws_rpc_free(struct ht_ws_rpc *rpc) {
    if (rpc == NULL) return;
    ht_ws_rpc_stop(rpc);
    for (size_t i = 0; i < HT_WS_RPC_SERVERS_MAX; i++) free(rpc->links[i].url);
    ht_websockets_free(rpc->sockets);
    free(rpc);
}

struct ht_ws_rpc_counts ht_ws_rpc_counts(const struct ht_ws_rpc *rpc) {
    struct ht_ws_rpc_counts counts = {.opened = rpc->opened, .ignored = rpc->ignored};
    for (size_t i = 0; i < HT_WS_RPC_SERVERS_MAX; i++) {
        const struct link *link = &rpc->links[i];
        if (link->socket != NULL) counts.open++;
        for (const struct ht_ws_rpc_request *at = link->waiting; at != NULL; at = at->next)
            counts.waiting++;
    }
    return counts;
}
