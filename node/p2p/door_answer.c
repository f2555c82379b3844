/* HTTP answers at the door. One write a turn: headers first, then pieces of the body. A file is
 * read in small pieces on the loop, as the socket takes them. Whoever still sends a body that is
 * not wanted is read from for a few seconds more, or the answer would be lost with the connection.
 */
#include "node/p2p/door_answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/p2p/http_range.h"

#define CHUNK ((size_t)32 << 10)
#define HEAD_MAX 4096U
#define LINES_MAX 2048U /* of the module's headers */
#define BODY_MAX ((size_t)1 << 20)
#define STALL_S 30 /* for a reader to take something */
#define LINGER_S 3

struct head {
    struct lws *wsi;
    uint8_t *at;
    uint8_t *end;
    int failed;
};

/* name ends with a colon. */
static void add_header(struct head *head, const char *name, const char *value) {
    head->failed |= lws_add_http_header_by_name(head->wsi, (const unsigned char *)name,
                                                (const unsigned char *)value, (int)strlen(value),
                                                &head->at, head->end);
}

static void begin_head(struct head *head, unsigned status) {
    head->failed = lws_add_http_header_status(head->wsi, status | LWSAHH_FLAG_NO_SERVER_NAME,
                                              &head->at, head->end);
    add_header(head, "access-control-allow-origin:", "*");
    add_header(head, "access-control-expose-headers:",
               "accept-ranges, content-length, content-range, x-reason, *");
    add_header(head, "x-content-type-options:", "nosniff");
    add_header(head, "content-security-policy:", "default-src 'none'; sandbox");
    add_header(head, "cross-origin-resource-policy:", "cross-origin");
    add_header(head, "connection:", "close");
}

void ht_door_answer_drop(struct ht_door_http *http) {
    if (http->has_file) (void)close(http->file);
    http->has_file = false;
    ht_buf_fini(&http->body);
    free(http->head);
    http->head = NULL;
}

/* --- taking over ------------------------------------------------------------------------------ */

/* Values are the module's, and may repeat what strangers said: no control character ends a line. */
static char *copy_lines(const struct ht_door_header *headers) {
    char *lines = calloc(1, LINES_MAX);
    size_t used = 0;
    for (size_t i = 0; lines != NULL && i < HT_DOOR_ANSWER_HEADERS && headers[i].name != NULL;
         i++) {
        size_t size = LINES_MAX - used - 1;
        int n = snprintf(lines + used, size, "%s:%c%s", headers[i].name, '\0', headers[i].value);
        if (n < 0 || (size_t)n >= size) break;
        for (size_t j = used; j < used + (size_t)n; j++) {
            unsigned char c = (unsigned char)lines[j];
            if (c != '\0' && (c < 0x20 || c == 0x7f)) lines[j] = '?';
        }
        used += (size_t)n + 1;
    }
    /* A line that did not fit leaves nothing behind. */
    if (lines != NULL) memset(lines + used, 0, LINES_MAX - used);
    return lines;
}

static void set_range(struct ht_door_http *http) {
    struct ht_http_range range;
    if (http->status != 200 || http->request.method == HT_DOOR_HEAD) return;
    enum ht_err err = ht_http_range_read(&range, http->request.range, http->whole);
    if (err == HT_OK) {
        http->status = 206;
        http->at = range.first;
        http->left = range.count;
    } else if (err == HT_ELIMIT) {
        http->status = 416;
        http->left = 0;
    }
}

static void start(struct ht_door_http *http) {
    struct ht_door_conn *conn = http->conn;
    http->step = HT_DOOR_STEP_HEAD;
    http->has_reader = false;
    /* What lws does not read from, it does not write to. */
    (void)lws_rx_flow_control(conn->wsi, 1);
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, STALL_S);
    (void)lws_callback_on_writable(conn->wsi);
}

void ht_door_http_answer(struct ht_door_http *http, const struct ht_door_answer *answer) {
    ht_assert(http->step < HT_DOOR_STEP_HEAD);
    http->has_file = answer->has_file;
    http->file = answer->has_file ? answer->file : -1;
    http->status = answer->status;
    (void)snprintf(http->type, sizeof http->type, "%s", answer->type != NULL ? answer->type : "");
    http->head = copy_lines(answer->headers);
    ht_buf_init(&http->body, BODY_MAX);
    bool is_copied =
        answer->has_file || answer->body.n == 0 || ht_buf_add(&http->body, answer->body) == HT_OK;
    if (http->head == NULL || !is_copied) {
        ht_door_answer_drop(http);
        http->status = 500;
    }
    http->whole = http->has_file ? answer->file_size : http->body.n;
    http->left = http->whole;
    if (http->has_file) set_range(http);
    start(http);
}

void ht_door_http_fail(struct ht_door_http *http, unsigned status, const char *reason) {
    char text[256];
    (void)snprintf(text, sizeof text, "%s\n", reason);
    const struct ht_door_answer answer = {
        .status = status,
        .type = "text/plain; charset=utf-8",
        .headers = {{"x-reason", reason}, {"cache-control", "no-store"}},
        .body = ht_bytes_str(text),
    };
    ht_door_http_answer(http, &answer);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void add_range(struct head *head, const struct ht_door_http *http) {
    char text[80];
    add_header(head, "accept-ranges:", "bytes");
    if (http->status == 206) {
        (void)snprintf(text, sizeof text, "bytes %llu-%llu/%llu", (unsigned long long)http->at,
                       (unsigned long long)(http->at + http->left - 1),
                       (unsigned long long)http->whole);
        add_header(head, "content-range:", text);
    } else if (http->status == 416) {
        (void)snprintf(text, sizeof text, "bytes */%llu", (unsigned long long)http->whole);
        add_header(head, "content-range:", text);
    }
}

/* Returns the header block's length, 0 when it does not fit. */
static size_t write_head(const struct ht_door_http *http, uint8_t *room) {
    struct head head = {.wsi = http->conn->wsi, .at = room, .end = room + HEAD_MAX};
    begin_head(&head, http->status);
    if (http->type[0] != '\0') add_header(&head, "content-type:", http->type);
    for (const char *line = http->head; line != NULL && *line != '\0';) {
        const char *value = line + strlen(line) + 1;
        add_header(&head, line, value);
        line = value + strlen(value) + 1;
    }
    if (http->has_file) add_range(&head, http);
    if (http->status != 204)
        head.failed |= lws_add_http_header_content_length(head.wsi, http->left, &head.at, head.end);
    head.failed |= lws_finalize_http_header(head.wsi, &head.at, head.end);
    return head.failed == 0 ? (size_t)(head.at - room) : 0;
}

/* All is written. What is left of the request is read and forgotten for a while. */
static int finish(struct ht_door_http *http) {
    struct ht_door_conn *conn = http->conn;
    ht_door_answer_drop(http);
    conn->is_answered = true;
    if (http->body_left == 0) return -1;
    http->step = HT_DOOR_STEP_LINGER;
    if (lws_partial_buffered(conn->wsi) == 0) (void)shutdown(lws_get_socket_fd(conn->wsi), SHUT_WR);
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, LINGER_S);
    http->deadline_ms = ht_mono_ms(ht_loop_clock(conn->door->loop)) + 1000 * LINGER_S;
    return 0;
}

static int write_first(struct ht_door_http *http) {
    uint8_t room[LWS_PRE + HEAD_MAX];
    struct lws *wsi = http->conn->wsi;
    size_t n = write_head(http, room + LWS_PRE);
    bool is_last = http->left == 0 || http->request.method == HT_DOOR_HEAD;
    if (n == 0 || lws_write(wsi, room + LWS_PRE, n, LWS_WRITE_HTTP_HEADERS) < 0) return -1;
    if (is_last) return finish(http);
    http->step = HT_DOOR_STEP_BODY;
    (void)lws_callback_on_writable(wsi);
    return 0;
}

static bool fill(struct ht_door_http *http, uint8_t *out, size_t n) {
    if (!http->has_file) {
        memcpy(out, http->body.p + http->at, n);
        return true;
    }
    size_t done = 0;
    while (done < n) {
        ssize_t got = pread(http->file, out + done, n - done, (off_t)(http->at + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        done += (size_t)got;
    }
    return true;
}

static int write_more(struct ht_door_http *http) {
    uint8_t room[LWS_PRE + CHUNK];
    struct lws *wsi = http->conn->wsi;
    size_t n = http->left < CHUNK ? (size_t)http->left : CHUNK;
    if (!fill(http, room + LWS_PRE, n)) return -1;
    enum lws_write_protocol how = n == http->left ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP;
    if (lws_write(wsi, room + LWS_PRE, n, how) < 0) return -1;
    http->at += n;
    http->left -= n;
    if (http->left == 0) return finish(http);
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, STALL_S);
    (void)lws_callback_on_writable(wsi);
    return 0;
}

int ht_door_answer_write(struct ht_door_conn *conn) {
    struct ht_door_http *http = conn->http;
    if (http == NULL) return -1;
    switch (http->step) {
    case HT_DOOR_STEP_HEAD: return write_first(http);
    case HT_DOOR_STEP_BODY: return write_more(http);
    case HT_DOOR_STEP_LINGER:
    case HT_DOOR_STEP_ASKED:
    case HT_DOOR_STEP_READING:
    case HT_DOOR_STEP_WAITING: return 0;
    }
    return 0;
}

int ht_door_answer_now(struct lws *wsi, unsigned status, const char *reason) {
    uint8_t room[LWS_PRE + HEAD_MAX];
    struct head head = {.wsi = wsi, .at = room + LWS_PRE, .end = room + sizeof room};
    begin_head(&head, status);
    add_header(&head, "x-reason:", reason);
    head.failed |= lws_add_http_header_content_length(wsi, 0, &head.at, head.end);
    head.failed |= lws_finalize_http_header(wsi, &head.at, head.end);
    size_t n = (size_t)(head.at - room) - LWS_PRE;
    const int answered = 1; /* lws then completes the transaction */
    bool is_sent =
        head.failed == 0 && lws_write(wsi, room + LWS_PRE, n, LWS_WRITE_HTTP_HEADERS) >= 0;
    return is_sent ? answered : -1;
}
