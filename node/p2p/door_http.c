/* HTTP requests at the door. Each connection has one request and closes after its answer: what
 * comes before an answer is there, lws 4.1.6 takes for the body of a POST. Headers are copied when
 * they are complete, because lws gives their memory to others once the body comes. How answers are
 * written is door_answer.c's. */
#include "node/p2p/door_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "node/p2p/door_answer.h"

#define TEXT_MAX 9000U   /* all headers that are kept; lws takes 8192 bytes of headers */
#define ANSWER_S 90      /* for the module to answer */
#define BODY_S 1800      /* for a body to come */
#define TURNS_MAX 20000U /* of the loop with more than the request, until it is answered */
#define ENDLESS (UINT64_C(1) << 60)

struct wanted {
    size_t at; /* of the view in struct ht_door_request */
    enum lws_token_indexes token;
    const char *name; /* of a header that lws has no number for */
};

#define VIEW(member) offsetof(struct ht_door_request, member)

static const struct wanted wanted[] = {
    {VIEW(host), WSI_TOKEN_HOST, NULL},
    {VIEW(origin), WSI_TOKEN_ORIGIN, NULL},
    {VIEW(accept), WSI_TOKEN_HTTP_ACCEPT, NULL},
    {VIEW(authorization), WSI_TOKEN_HTTP_AUTHORIZATION, NULL},
    {VIEW(content_type), WSI_TOKEN_HTTP_CONTENT_TYPE, NULL},
    {VIEW(range), WSI_TOKEN_HTTP_RANGE, NULL},
    {VIEW(sha256), WSI_TOKEN_COUNT, "x-sha-256:"},
    {VIEW(x_content_type), WSI_TOKEN_COUNT, "x-content-type:"},
    {VIEW(x_content_length), WSI_TOKEN_COUNT, "x-content-length:"},
    {VIEW(fetch_site), WSI_TOKEN_COUNT, "sec-fetch-site:"},
};

/* Copies one header behind what is there; false when it does not fit. */
static bool copy_header(struct ht_door_http *http, size_t *used, const struct wanted *one) {
    struct lws *wsi = http->conn->wsi;
    char *room = http->text + *used;
    int name_len = one->name != NULL ? (int)strlen(one->name) : 0;
    int n = one->name != NULL ? lws_hdr_custom_length(wsi, one->name, name_len)
                              : lws_hdr_total_length(wsi, one->token);
    if (n <= 0) return true;
    int size = (int)(TEXT_MAX - *used);
    n = one->name != NULL ? lws_hdr_custom_copy(wsi, room, size, one->name, name_len)
                          : lws_hdr_copy(wsi, room, size, one->token);
    if (n < 0) return false;
    ht_bytes view = ht_bytes_of(room, (size_t)n);
    memcpy((char *)&http->request + one->at, &view, sizeof view);
    *used += (size_t)n + 1;
    return true;
}

/* lws has cut the query at each "&". */
static bool copy_query(struct ht_door_http *http, size_t *used) {
    char *start = http->text + *used;
    for (int i = 0;; i++) {
        int n = lws_hdr_fragment_length(http->conn->wsi, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (n <= 0) break;
        if (*used + (size_t)n + 2 > TEXT_MAX) return false;
        if (i > 0) http->text[(*used)++] = '&';
        if (lws_hdr_copy_fragment(http->conn->wsi, http->text + *used, n + 1,
                                  WSI_TOKEN_HTTP_URI_ARGS, i) < 0)
            return false;
        *used += (size_t)n;
    }
    http->request.query = ht_bytes_of(start, (size_t)(http->text + *used - start));
    http->text[(*used)++] = '\0';
    return true;
}

static bool copy_headers(struct ht_door_http *http, ht_bytes path) {
    size_t used = path.n + 1;
    if (used >= TEXT_MAX) return false;
    memcpy(http->text, path.p, path.n);
    http->text[path.n] = '\0';
    http->request.path = ht_bytes_of(http->text, path.n);
    if (!copy_query(http, &used)) return false;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (!copy_header(http, &used, &wanted[i])) return false;
    }
    return true;
}

static bool read_method(enum ht_door_method *out, struct lws *wsi) {
    static const struct {
        enum lws_token_indexes token;
        enum ht_door_method method;
    } methods[] = {
        {WSI_TOKEN_GET_URI, HT_DOOR_GET},       {WSI_TOKEN_HEAD_URI, HT_DOOR_HEAD},
        {WSI_TOKEN_POST_URI, HT_DOOR_POST},     {WSI_TOKEN_PUT_URI, HT_DOOR_PUT},
        {WSI_TOKEN_DELETE_URI, HT_DOOR_DELETE},
    };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (lws_hdr_total_length(wsi, methods[i].token) == 0) continue;
        *out = methods[i].method;
        return true;
    }
    return false;
}

/* How long the body is: HT_EINPUT when it is not said, or said in a way that lws may read
 * otherwise. */
static enum ht_err read_length(uint64_t *out, struct lws *wsi, enum ht_door_method method) {
    char buf[24];
    ht_bytes text;
    *out = 0;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) return HT_EINPUT;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) == 0)
        return method == HT_DOOR_POST || method == HT_DOOR_PUT ? HT_EINPUT : HT_OK;
    if (!ht_door_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, buf, sizeof buf, &text) ||
        text.n == 0 || text.n > 15)
        return HT_EINPUT;
    uint64_t length = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') return HT_EINPUT;
        length = 10 * length + (text.p[i] - (unsigned)'0');
    }
    *out = length;
    return HT_OK;
}

/* --- what needs no module --------------------------------------------------------------------- */

static void answer_options(struct ht_door_http *http) {
    const struct ht_door_answer answer = {
        .status = 204,
        .headers = {{"access-control-allow-methods", "GET, HEAD, POST, PUT, DELETE, OPTIONS"},
                    {"access-control-allow-headers",
                     "authorization, accept, content-type, range, x-sha-256, x-content-type, "
                     "x-content-length, *"},
                    {"access-control-max-age", "86400"}},
    };
    ht_door_http_answer(http, &answer);
}

static void answer_information(struct ht_door_http *http) {
    const struct ht_door *door = http->conn->door;
    json_t *document =
        door->module->information != NULL ? door->module->information(door->self) : NULL;
    char *text = document != NULL ? json_dumps(document, JSON_COMPACT) : NULL;
    json_decref(document);
    if (text == NULL) {
        ht_door_http_fail(http, 503, "there is no document now");
        return;
    }
    const struct ht_door_answer answer = {
        .status = 200,
        .type = "application/nostr+json",
        .headers = {{"access-control-allow-methods", "GET, HEAD, OPTIONS"},
                    {"access-control-allow-headers", "*"},
                    {"cache-control", "no-cache"},
                    {"vary", "Accept"}},
        .body = ht_bytes_str(text),
    };
    ht_door_http_answer(http, &answer);
    free(text);
}

static bool wants_document(const struct ht_door_request *request) {
    /* The header was copied with a zero behind it. */
    return request->accept.n > 0 &&
           strcasestr((const char *)request->accept.p, "application/nostr+json") != NULL;
}

static void answer_root(struct ht_door_http *http) {
    const struct ht_door_answer answer = {
        .status = 200,
        .type = "text/plain; charset=utf-8",
        .headers = {{"cache-control", "no-cache"}, {"vary", "Accept"}},
        .body = ht_bytes_str("This is a Nostr relay of a Hearth node. Open it in a Nostr client, "
                             "as a websocket.\n"),
    };
    if (wants_document(&http->request)) {
        answer_information(http);
    } else {
        ht_door_http_answer(http, &answer);
    }
}

/* --- asking ----------------------------------------------------------------------------------- */

static void ask_module(struct ht_door_http *http) {
    const struct ht_door *door = http->conn->door;
    const struct ht_door_request *request = &http->request;
    bool is_root = ht_bytes_equal(request->path, ht_bytes_str("/"));
    bool is_get = request->method == HT_DOOR_GET || request->method == HT_DOOR_HEAD;
    if (door->module == NULL) {
        ht_door_http_fail(http, 503, "nobody serves here now");
    } else if (is_root && is_get) {
        answer_root(http);
    } else if (door->module->http == NULL) {
        ht_door_http_fail(http, 404, "there is nothing at this address");
    } else {
        door->module->http(door->self, http);
        if (http->step == HT_DOOR_STEP_ASKED)
            ht_door_http_fail(http, 500, "this request was not understood");
    }
}

static void take(struct ht_door_http *http, ht_bytes path) {
    struct ht_door_conn *conn = http->conn;
    struct lws *wsi = conn->wsi;
    struct ht_door_request *request = &http->request;
    bool is_options = lws_hdr_total_length(wsi, WSI_TOKEN_OPTIONS_URI) > 0;
    request->address = conn->address;
    request->is_local = conn->is_local;
    bool is_known = read_method(&request->method, wsi);
    enum ht_err err = read_length(&request->content_length, wsi, request->method);
    http->body_left = err == HT_OK ? request->content_length : ENDLESS;
    if (!copy_headers(http, path)) {
        ht_door_http_fail(http, 431, "the headers are too large");
    } else if (!ht_door_host_is_good(conn, request->host)) {
        conn->door->counts.denied++;
        ht_door_http_fail(http, 421, "this relay is not known by that name");
    } else if (err != HT_OK) {
        ht_door_http_fail(http, 411, "say how long the body is, in Content-Length");
    } else if (ht_door_is_busy(conn->door)) {
        conn->door->counts.refused++;
        ht_door_http_fail(http, 503, "too many requests at once");
    } else if (is_options) {
        answer_options(http);
    } else if (!is_known) {
        ht_door_http_fail(http, 405, "GET, HEAD, POST, PUT and DELETE are taken here");
    } else {
        ask_module(http);
    }
}

static int64_t now_ms(const struct ht_door_conn *conn) {
    return ht_mono_ms(ht_loop_clock(conn->door->loop));
}

int ht_door_http_ask(struct ht_door_conn *conn, ht_bytes path) {
    if (conn->http != NULL || conn->is_answered) return -1;
    struct ht_door_http *http = calloc(1, sizeof *http);
    char *text = malloc(TEXT_MAX);
    if (http == NULL || text == NULL) {
        free(http);
        free(text);
        return -1;
    }
    *http = (struct ht_door_http){.conn = conn, .text = text, .file = -1};
    conn->http = http;
    conn->door->counts.requests++;
    http->deadline_ms = now_ms(conn) + INT64_C(1000) * BODY_S;
    /* lws' own time for a body runs from now on, also when there is none. */
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, ANSWER_S);
    take(http, path);
    return 0;
}

const struct ht_door_request *ht_door_http_request(const struct ht_door_http *http) {
    return &http->request;
}

/* --- bodies ----------------------------------------------------------------------------------- */

/* The module has all; nothing more is read before its answer. */
static void finish_body(struct ht_door_http *http) {
    struct ht_door_conn *conn = http->conn;
    http->step = HT_DOOR_STEP_WAITING;
    (void)lws_rx_flow_control(conn->wsi, 0);
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, ANSWER_S);
    if (http->reader.whole != NULL) http->reader.whole(http->reader.user);
}

enum ht_err ht_door_http_read(struct ht_door_http *http, uint64_t max,
                              const struct ht_door_reader *reader) {
    ht_assert(http->step == HT_DOOR_STEP_ASKED);
    if (http->request.content_length > max) {
        ht_door_http_fail(http, 413, "the body is too large");
        return HT_ELIMIT;
    }
    http->reader = *reader;
    http->has_reader = true;
    http->step = HT_DOOR_STEP_READING;
    if (http->body_left == 0) finish_body(http);
    return HT_OK;
}

void ht_door_http_set_reading(struct ht_door_http *http, bool is_reading) {
    if (http->step != HT_DOOR_STEP_READING) return;
    (void)lws_rx_flow_control(http->conn->wsi, is_reading ? 1 : 0);
    lws_set_timeout(http->conn->wsi, PENDING_TIMEOUT_USER_OK, ANSWER_S);
}

int ht_door_http_piece(struct ht_door_conn *conn, ht_bytes piece) {
    struct ht_door_http *http = conn->http;
    if (http == NULL) return -1;
    http->body_left -= piece.n < http->body_left ? piece.n : http->body_left;
    if (now_ms(conn) > http->deadline_ms) return -1;
    if (http->step != HT_DOOR_STEP_READING || piece.n == 0) return 0;
    enum ht_err err =
        http->reader.piece != NULL ? http->reader.piece(http->reader.user, piece) : HT_OK;
    if (err != HT_OK && conn->http == http && http->step == HT_DOOR_STEP_READING)
        ht_door_http_fail(http, err == HT_ELIMIT ? 413 : 400, "the body cannot be taken");
    return 0;
}

/* lws says it again, and without end, when more has come than the request. */
int ht_door_http_whole(struct ht_door_conn *conn) {
    struct ht_door_http *http = conn->http;
    if (http == NULL) return -1;
    if (http->step == HT_DOOR_STEP_LINGER) return -1;
    if (http->step == HT_DOOR_STEP_READING && http->body_left == 0) {
        finish_body(http);
    } else if (http->step == HT_DOOR_STEP_WAITING) {
        (void)lws_rx_flow_control(conn->wsi, 0);
    }
    return ++http->turns > TURNS_MAX ? -1 : 0;
}

void ht_door_http_drop(struct ht_door_conn *conn) {
    struct ht_door_http *http = conn->http;
    if (http == NULL) return;
    conn->http = NULL;
    if (http->has_reader && http->reader.gone != NULL) http->reader.gone(http->reader.user);
    ht_door_answer_drop(http);
    free(http->text);
    free(http);
}
