/* A thread a connection; one request each. */
#include "tests/unit/beacon.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/lc_json.h"

#define BODY_MAX (1024U * 1024)
#define TICK_MS 5

struct connection {
    struct ht_beacon *beacon;
    int fd;
};

static void lock(struct ht_beacon *beacon) {
    ht_assert(pthread_mutex_lock(&beacon->lock) == 0);
}

static void unlock(struct ht_beacon *beacon) {
    ht_assert(pthread_mutex_unlock(&beacon->lock) == 0);
}

static void set_body(struct ht_buf *buf, ht_bytes body) {
    ht_buf_clear(buf);
    ht_assert(ht_buf_add(buf, body) == HT_OK);
}

/* --- serving ---------------------------------------------------------------------------------- */

static bool send_all(int fd, ht_bytes bytes) {
    while (bytes.n > 0) {
        ssize_t sent = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes = ht_bytes_of(bytes.p + sent, bytes.n - (size_t)sent);
    }
    return true;
}

/* Waits a little; false when the client is gone. */
static bool wait_on(int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, TICK_MS) == 0;
}

static bool is_stopping(struct ht_beacon *beacon) {
    lock(beacon);
    bool stopping = beacon->is_stopping;
    unlock(beacon);
    return stopping;
}

static bool read_head(struct ht_beacon *beacon, int fd, char *head, size_t size) {
    size_t n = 0;
    while (n < size - 1 && !is_stopping(beacon)) {
        if (wait_on(fd)) continue;
        ssize_t got = recv(fd, head + n, size - 1 - n, 0);
        if (got <= 0) return false;
        n += (size_t)got;
        head[n] = '\0';
        if (strstr(head, "\r\n\r\n") != NULL) return true;
    }
    return false;
}

static enum ht_beacon_route route_of(const char *head) {
    static const char *const parts[] = {"/finality_checkpoints ",
                                        "/light_client/bootstrap/",
                                        "/light_client/updates?",
                                        "/light_client/finality_update ",
                                        "/light_client/optimistic_update ",
                                        "/eth/v1/events?",
                                        "/beacon/headers/"};
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strstr(head, parts[i]) != NULL) return (enum ht_beacon_route)i;
    }
    return HT_BEACON_ELSE;
}

/* The updates asked for that are there; the lock is held. */
static void add_updates(struct ht_buf *out, struct ht_beacon *beacon, const char *head) {
    unsigned long long start = 0, count = 0;
    const char *query = strstr(head, "start_period=");
    ht_assert(query != NULL && sscanf(query, "start_period=%llu&count=%llu", &start, &count) == 2);
    (void)snprintf(beacon->last_query, sizeof beacon->last_query, "%llu+%llu", start, count);
    for (uint64_t i = start; i < start + count && i < HT_LCB_PERIODS; i++) {
        ht_assert(ht_buf_add(out, ht_buf_view(&beacon->updates[i])) == HT_OK);
    }
}

/* Fills the answer to a request; false to hang up. */
static bool answer_request(struct ht_buf *out, struct ht_beacon *beacon, enum ht_beacon_route route,
                           const char *head) {
    struct ht_buf body;
    char line[400];
    ht_buf_init(&body, BODY_MAX);
    lock(beacon);
    const struct ht_beacon_answer *answer = &beacon->answers[route];
    int status = answer->status;
    bool is_assembled = status == HT_BEACON_DEFAULT && route == HT_BEACON_UPDATES;
    const char *headers =
        is_assembled ? "Content-Type: application/octet-stream\r\n" : answer->headers;
    if (is_assembled) {
        add_updates(&body, beacon, head);
    } else {
        set_body(&body, ht_buf_view(&answer->body));
    }
    if (status == HT_BEACON_DEFAULT) status = is_assembled ? 200 : 404;
    (void)snprintf(line, sizeof line,
                   "HTTP/1.1 %d -\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n", status,
                   headers, body.n);
    unlock(beacon);
    ht_assert(ht_buf_add_str(out, line) == HT_OK);
    ht_assert(ht_buf_add(out, ht_buf_view(&body)) == HT_OK);
    ht_buf_fini(&body);
    return status != HT_BEACON_HANG_UP;
}

/* Copies what is new since *seen; false when the stream is to end. */
static bool take_events(struct ht_buf *out, struct ht_beacon *beacon, size_t *seen, unsigned cuts) {
    lock(beacon);
    bool goes_on = !beacon->is_stopping && beacon->cuts == cuts;
    set_body(out, ht_bytes_of(beacon->events.p + *seen, beacon->events.n - *seen));
    *seen = beacon->events.n;
    unlock(beacon);
    return goes_on;
}

static void stream_events(struct ht_beacon *beacon, int fd) {
    struct ht_buf fresh;
    lock(beacon);
    unsigned cuts = beacon->cuts;
    size_t seen = beacon->events.n;
    beacon->streams++;
    unlock(beacon);
    ht_buf_init(&fresh, BODY_MAX);
    bool goes_on = send_all(fd, ht_bytes_str("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream"
                                             "\r\nConnection: close\r\n\r\n:\n\n"));
    while (goes_on && wait_on(fd)) {
        goes_on = take_events(&fresh, beacon, &seen, cuts) && send_all(fd, ht_buf_view(&fresh));
    }
    ht_buf_fini(&fresh);
    lock(beacon);
    beacon->streams--;
    unlock(beacon);
}

static void serve(struct ht_beacon *beacon, int fd) {
    char head[2048];
    if (!read_head(beacon, fd, head, sizeof head)) return;
    enum ht_beacon_route route = route_of(head);
    lock(beacon);
    beacon->requests[route]++;
    bool is_stream = route == HT_BEACON_EVENTS && beacon->answers[route].status == 200;
    unlock(beacon);
    if (is_stream) {
        stream_events(beacon, fd);
        return;
    }
    struct ht_buf out;
    ht_buf_init(&out, 2 * BODY_MAX);
    if (answer_request(&out, beacon, route, head)) (void)send_all(fd, ht_buf_view(&out));
    ht_buf_fini(&out);
}

/* Serves one connection. */
static void *run_connection(void *arg) {
    struct connection c = *(struct connection *)arg;
    free(arg);
    serve(c.beacon, c.fd);
    close(c.fd);
    lock(c.beacon);
    if (--c.beacon->connections == 0) ht_assert(pthread_cond_signal(&c.beacon->idle) == 0);
    unlock(c.beacon);
    return NULL;
}

static void begin_connection(struct ht_beacon *beacon, int fd) {
    pthread_t thread;
    struct connection *c = malloc(sizeof *c);
    ht_assert(c != NULL);
    *c = (struct connection){beacon, fd};
    lock(beacon);
    beacon->connections++;
    unlock(beacon);
    ht_assert(pthread_create(&thread, NULL, run_connection, c) == 0);
    ht_assert(pthread_detach(thread) == 0);
}

/* Takes connections until the listener is shut. */
static void *run_listener(void *arg) {
    struct ht_beacon *beacon = arg;
    while (!is_stopping(beacon)) {
        int fd = accept(beacon->listener, NULL, NULL);
        if (fd >= 0) begin_connection(beacon, fd);
    }
    return NULL;
}

/* --- life ------------------------------------------------------------------------------------- */

void ht_beacon_start(struct ht_beacon *beacon) {
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t n = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memset(beacon, 0, sizeof *beacon);
    ht_assert(pthread_mutex_init(&beacon->lock, NULL) == 0);
    ht_assert(pthread_cond_init(&beacon->idle, NULL) == 0);
    for (size_t i = 0; i < HT_BEACON_ROUTES; i++) ht_buf_init(&beacon->answers[i].body, BODY_MAX);
    for (size_t i = 0; i < HT_LCB_PERIODS; i++) ht_buf_init(&beacon->updates[i], BODY_MAX);
    ht_buf_init(&beacon->events, BODY_MAX);
    beacon->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ht_assert(bind(beacon->listener, (const struct sockaddr *)&at, n) == 0);
    ht_assert(listen(beacon->listener, 64) == 0);
    ht_assert(getsockname(beacon->listener, (struct sockaddr *)&at, &n) == 0);
    (void)snprintf(beacon->name, sizeof beacon->name, "127.0.0.1:%u", ntohs(at.sin_port));
    (void)snprintf(beacon->url, sizeof beacon->url, "http://%s", beacon->name);
    ht_assert(pthread_create(&beacon->thread, NULL, run_listener, beacon) == 0);
}

void ht_beacon_stop(struct ht_beacon *beacon) {
    lock(beacon);
    beacon->is_stopping = true;
    unlock(beacon);
    (void)shutdown(beacon->listener, SHUT_RDWR); /* wakes accept */
    ht_assert(pthread_join(beacon->thread, NULL) == 0);
    close(beacon->listener);
    lock(beacon);
    while (beacon->connections > 0) {
        ht_assert(pthread_cond_wait(&beacon->idle, &beacon->lock) == 0);
    }
    unlock(beacon);
    for (size_t i = 0; i < HT_BEACON_ROUTES; i++) ht_buf_fini(&beacon->answers[i].body);
    for (size_t i = 0; i < HT_LCB_PERIODS; i++) ht_buf_fini(&beacon->updates[i]);
    ht_buf_fini(&beacon->events);
    (void)pthread_cond_destroy(&beacon->idle);
    (void)pthread_mutex_destroy(&beacon->lock);
}

/* --- what it says ----------------------------------------------------------------------------- */

void ht_beacon_answer(struct ht_beacon *beacon, enum ht_beacon_route route, int status,
                      const char *headers, ht_bytes body) {
    lock(beacon);
    struct ht_beacon_answer *answer = &beacon->answers[route];
    answer->status = status;
    (void)snprintf(answer->headers, sizeof answer->headers, "%s", headers);
    set_body(&answer->body, body);
    unlock(beacon);
}

void ht_beacon_answer_all(struct ht_beacon *beacon, int status, const char *headers) {
    for (unsigned i = 0; i < HT_BEACON_ROUTES; i++) {
        ht_beacon_answer(beacon, (enum ht_beacon_route)i, status, headers, (ht_bytes){NULL, 0});
    }
    ht_beacon_cut_streams(beacon);
}

void ht_beacon_give(struct ht_beacon *beacon, enum ht_beacon_route route,
                    const struct ht_lcb *builder, const struct ht_lc_object *object) {
    struct ht_buf body;
    char headers[160];
    ht_buf_init(&body, BODY_MAX);
    ht_lcb_encode(&body, builder, object);
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/octet-stream\r\nEth-Consensus-Version: %s\r\n",
                   ht_fork_specs[object->fork].name);
    ht_beacon_answer(beacon, route, 200, headers, ht_buf_view(&body));
    ht_buf_fini(&body);
}

void ht_beacon_give_update(struct ht_beacon *beacon, uint64_t period, const struct ht_lcb *builder,
                           const struct ht_lc_object *object) {
    ht_assert(period < HT_LCB_PERIODS);
    lock(beacon);
    ht_buf_clear(&beacon->updates[period]);
    if (object != NULL) ht_lcb_frame(&beacon->updates[period], builder, object);
    unlock(beacon);
}

void ht_beacon_give_checkpoint(struct ht_beacon *beacon, uint64_t epoch, const ht_hash32 *root) {
    char text[67] = "0x", body[200];
    for (size_t i = 0; i < 32; i++) (void)snprintf(text + 2 + 2 * i, 3, "%02x", root->b[i]);
    (void)snprintf(body, sizeof body,
                   "{\"data\":{\"finalized\":{\"epoch\":\"%llu\",\"root\":\"%s\"}}}",
                   (unsigned long long)epoch, text);
    ht_beacon_answer(beacon, HT_BEACON_CHECKPOINT, 200, "Content-Type: application/json\r\n",
                     ht_bytes_str(body));
}

void ht_beacon_send_text(struct ht_beacon *beacon, const char *text) {
    lock(beacon);
    ht_assert(ht_buf_add_str(&beacon->events, text) == HT_OK);
    unlock(beacon);
}

void ht_beacon_send_event(struct ht_beacon *beacon, const struct ht_lcb *builder,
                          const struct ht_lc_object *object) {
    struct ht_buf text;
    ht_buf_init(&text, BODY_MAX);
    ht_assert(ht_buf_add_str(&text, object->kind == HT_LC_FINALITY_UPDATE
                                        ? "event: light_client_finality_update\ndata: "
                                        : "event: light_client_optimistic_update\ndata: ") ==
              HT_OK);
    ht_lcb_dump(&text, ht_lcb_json_versioned(builder, object));
    ht_assert(ht_buf_add(&text, ht_bytes_of("\n\n", 3)) == HT_OK); /* and the end of the string */
    ht_beacon_send_text(beacon, (const char *)text.p);
    ht_buf_fini(&text);
}

void ht_beacon_cut_streams(struct ht_beacon *beacon) {
    lock(beacon);
    beacon->cuts++;
    unlock(beacon);
}

unsigned ht_beacon_requests(struct ht_beacon *beacon, enum ht_beacon_route route) {
    lock(beacon);
    unsigned count = beacon->requests[route];
    unlock(beacon);
    return count;
}

unsigned ht_beacon_all_requests(struct ht_beacon *beacon) {
    unsigned count = 0;
    for (unsigned i = 0; i < HT_BEACON_ROUTES; i++) {
        count += ht_beacon_requests(beacon, (enum ht_beacon_route)i);
    }
    return count;
}

unsigned ht_beacon_streams(struct ht_beacon *beacon) {
    lock(beacon);
    unsigned count = beacon->streams;
    unlock(beacon);
    return count;
}
