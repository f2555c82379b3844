/* HTTP answers. One lws_write per turn: first the headers, with a body that is small, then a larger
 * one in chunks, copied from where it lies because lws wants room in front. Which answer, is
 * server_http.c's to say.
 *
 * A connection is kept for the next request, if that waits for its answer: what comes sooner, lws
 * 4.1.6 keeps in a buffer, where it takes the head of a POST for its body. So the answer before
 * says that it is the last, and the connection closes. */
#include "node/api/server_answer.h"

#include <stdio.h>
#include <strings.h>

#include <jansson.h>
#include <zlib.h>

#include "node/codec/json.h"

#define INFLATED_MAX ((size_t)8 * 1024 * 1024)
#define HEAD_MAX 2048U
#define ERROR_MAX 1024U

#define RESOURCE_POLICY (HT_API_HEADERS - 1)

#define CSP_FIRST "default-src 'none'; script-src 'self'; style-src 'self'; "
#define CSP_LAST                                             \
    "font-src 'self'; base-uri 'none'; form-action 'none'; " \
    "frame-ancestors 'none'; require-trusted-types-for 'script'"

/* Pictures, films and files of this node are at its door, which is another origin. */
void ht_api_set_media_origin(struct ht_api *api, const char *origin) {
    int n = snprintf(api->policy, sizeof api->policy,
                     CSP_FIRST "img-src 'self' data: blob: %s; media-src blob: %s; "
                               "connect-src 'self' %s; " CSP_LAST,
                     origin, origin, origin);
    bool is_good = n > 0 && (size_t)n < sizeof api->policy && strpbrk(origin, " ;,'\"") == NULL;
    if (is_good) api->headers[0].value = api->policy;
}

void ht_api_set_headers(struct ht_api *api) {
    static const struct {
        const char *name;
        const char *value;
    } headers[HT_API_HEADERS] = {
        {"content-security-policy:",
         CSP_FIRST "img-src 'self' data: blob:; connect-src 'self'; " CSP_LAST},
        {"x-content-type-options:", "nosniff"},
        {"referrer-policy:", "no-referrer"},
        {"cross-origin-opener-policy:", "same-origin"},
        [RESOURCE_POLICY] = {"cross-origin-resource-policy:", "same-origin"},
    };
    for (size_t i = 0; i < HT_API_HEADERS; i++) {
        api->headers[i] = (struct lws_protocol_vhost_options){
            .next = i + 1 < HT_API_HEADERS ? &api->headers[i + 1] : NULL,
            .name = headers[i].name,
            .value = headers[i].value,
        };
    }
}

void ht_api_request_reset(struct ht_api_request *request) {
    ht_buf_fini(&request->body);
    ht_buf_fini(&request->answer.owned);
    *request = (struct ht_api_request){0};
}

static void start(struct ht_api_conn *conn) {
    conn->request.step = HT_API_HEAD;
    (void)lws_callback_on_writable(conn->wsi);
}

void ht_api_answer_empty(struct ht_api_conn *conn) {
    conn->request.answer.status = 204;
    conn->request.answer.cache_control = "no-store";
    start(conn);
}

void ht_api_answer_json(struct ht_api_conn *conn, struct ht_buf *json) {
    struct ht_api_answer *a = &conn->request.answer;
    a->status = 200;
    a->content_type = "application/json";
    a->cache_control = "no-store";
    a->owned = *json;
    ht_buf_init(json, json->max);
    a->body = ht_buf_view(&a->owned);
    start(conn);
}

static enum ht_err write_json_error(struct ht_buf *out, const char *code, const char *text) {
    json_t *value = json_pack("{s:{s:s,s:s}}", "error", "code", code, "message", text);
    if (value == NULL) return HT_ENOMEM;
    enum ht_err err = ht_json_dump_compact(out, value);
    json_decref(value);
    return err;
}

static void make_error(struct ht_api_conn *conn, unsigned status, bool is_json,
                       const struct ht_why *why) {
    struct ht_api_answer *a = &conn->request.answer;
    a->status = status;
    a->content_type = is_json ? "application/json" : "text/plain; charset=utf-8";
    a->cache_control = "no-store";
    ht_buf_init(&a->owned, ERROR_MAX);
    enum ht_err err = HT_OK;
    if (is_json) {
        err = write_json_error(&a->owned, why->code, why->text);
    } else {
        err = ht_buf_add_str(&a->owned, why->text);
        if (err == HT_OK) err = ht_buf_add_str(&a->owned, ".\n");
    }
    if (err == HT_OK) a->body = ht_buf_view(&a->owned);
}

void ht_api_answer_error(struct ht_api_conn *conn, unsigned status, bool is_json,
                         const struct ht_why *why) {
    make_error(conn, status, is_json, why);
    start(conn);
}

static enum ht_err inflate_into(struct ht_buf *out, ht_bytes gzipped) {
    z_stream z = {0};
    const int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&z, gzip_only) != Z_OK) return HT_ENOMEM;
    z.next_in = (z_const Bytef *)gzipped.p;
    z.avail_in = (uInt)gzipped.n;
    int status = Z_OK;
    enum ht_err err = HT_OK;
    while (status == Z_OK && err == HT_OK) {
        uint8_t *room = ht_buf_reserve(out, HT_API_CHUNK);
        if (room == NULL) {
            err = HT_ELIMIT;
            break;
        }
        z.next_out = room;
        z.avail_out = HT_API_CHUNK;
        status = inflate(&z, Z_NO_FLUSH);
        out->n += HT_API_CHUNK - z.avail_out;
    }
    (void)inflateEnd(&z);
    if (err == HT_OK && status != Z_STREAM_END) err = HT_EBUG;
    return err;
}

void ht_api_answer_asset(struct ht_api_conn *conn, const struct ht_asset *asset, bool takes_gzip) {
    struct ht_api_answer *a = &conn->request.answer;
    a->body = ht_bytes_of(asset->data, asset->len);
    if (!takes_gzip) {
        ht_buf_init(&a->owned, INFLATED_MAX);
        if (inflate_into(&a->owned, a->body) != HT_OK) {
            struct ht_why why;
            (void)ht_fail(&why, HT_EBUG, "bad_asset", "this file cannot be unpacked");
            ht_buf_fini(&a->owned);
            ht_api_answer_error(conn, 500, false, &why);
            return;
        }
        a->body = ht_buf_view(&a->owned);
    }
    a->status = 200;
    a->content_type = asset->content_type;
    a->cache_control = asset->is_immutable ? "public, max-age=31536000, immutable" : "no-cache";
    a->is_file = true;
    a->is_for_all = strncmp(asset->path, "/eth/", 5) == 0;
    a->is_gzip = takes_gzip;
    start(conn);
}

struct head {
    struct lws *wsi;
    uint8_t *at;
    uint8_t *end;
    int failed;
};

/* name ends with a colon; a NULL value adds nothing. */
static void add_header(struct head *head, const char *name, const char *value) {
    if (value == NULL || *value == '\0') return;
    head->failed |= lws_add_http_header_by_name(head->wsi, (const unsigned char *)name,
                                                (const unsigned char *)value, (int)strlen(value),
                                                &head->at, head->end);
}

/* For the one page that may read the answer, never for all, and never with the cookie. */
static void add_cors(struct head *head, const struct ht_api_conn *conn) {
    add_header(head, "access-control-allow-origin:", conn->origin);
    add_header(head, "vary:", "Origin");
    if (!conn->request.answer.is_preflight) return;
    add_header(head, "access-control-allow-methods:", "POST");
    add_header(head, "access-control-allow-headers:", "content-type");
    add_header(head, "access-control-allow-private-network:", "true");
    add_header(head, "access-control-max-age:", "600");
}

/* Writes the header block into room and returns its length, 0 when it does not fit. */
static size_t write_head(struct ht_api_conn *conn, uint8_t *room, size_t size) {
    const struct ht_api_answer *a = &conn->request.answer;
    struct head head = {.wsi = conn->wsi, .at = room, .end = room + size};
    struct lws_protocol_vhost_options *policy = &conn->api->headers[RESOURCE_POLICY];
    const char *usual = policy->value;
    if (a->is_for_all) policy->value = "cross-origin"; /* lws adds it to every answer, as it is */
    head.failed = lws_add_http_header_status(conn->wsi, a->status | LWSAHH_FLAG_NO_SERVER_NAME,
                                             &head.at, head.end);
    policy->value = usual;
    add_header(&head, "content-type:", a->content_type);
    add_header(&head, "cache-control:", a->cache_control);
    add_header(&head, "allow:", a->allow);
    add_header(&head, "set-cookie:", a->cookie);
    add_header(&head, "content-encoding:", a->is_gzip ? "gzip" : NULL);
    add_header(&head, "vary:", a->is_file ? "accept-encoding" : NULL);
    if (a->is_shared) add_cors(&head, conn);
    add_header(&head, "connection:", conn->is_last ? "close" : NULL);
    if (a->status != 204) {
        head.failed |= lws_add_http_header_content_length(conn->wsi, a->body.n, &head.at, head.end);
    }
    head.failed |= lws_finalize_http_header(conn->wsi, &head.at, head.end);
    return head.failed == 0 ? (size_t)(head.at - room) : 0;
}

static int finish(struct ht_api_conn *conn) {
    bool is_abrupt = conn->request.answer.is_abrupt;
    conn->is_answered = conn->is_last || conn->is_pipelined;
    ht_api_request_reset(&conn->request);
    if (is_abrupt || lws_http_transaction_completed(conn->wsi) != 0) return -1;
    return 0; /* lws still reads the rest of a body, and then closes */
}

/* Does lws hold bytes that it has read and not used? It tells for all connections together; being
 * wrong for this one costs its client a new connection. */
static bool has_unused_bytes(const struct ht_api_conn *conn) {
    const int any = 1000;
    return lws_service_adjust_timeout(lws_get_context(conn->wsi), any, 0) == 0;
}

static int write_first(struct ht_api_conn *conn) {
    struct ht_api_answer *a = &conn->request.answer;
    if (a->is_abrupt || conn->is_pipelined || has_unused_bytes(conn)) conn->is_last = true;
    uint8_t room[LWS_PRE + HEAD_MAX + HT_API_CHUNK];
    size_t n = write_head(conn, room + LWS_PRE, HEAD_MAX);
    size_t more = a->is_head || a->body.n > HT_API_CHUNK ? 0 : a->body.n;
    if (more > 0) memcpy(room + LWS_PRE + n, a->body.p, more);
    if (n == 0 || lws_write(conn->wsi, room + LWS_PRE, n + more, LWS_WRITE_HTTP_HEADERS) < 0)
        return -1;
    if (a->is_head || a->body.n == more) return finish(conn);
    conn->request.step = HT_API_BODY;
    (void)lws_callback_on_writable(conn->wsi);
    return 0;
}

static int write_more(struct ht_api_conn *conn) {
    struct ht_api_answer *a = &conn->request.answer;
    uint8_t room[LWS_PRE + HT_API_CHUNK];
    size_t left = a->body.n - a->sent;
    size_t n = left < HT_API_CHUNK ? left : HT_API_CHUNK;
    memcpy(room + LWS_PRE, a->body.p + a->sent, n);
    enum lws_write_protocol how = n == left ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP;
    if (lws_write(conn->wsi, room + LWS_PRE, n, how) < 0) return -1;
    a->sent += n;
    if (n == left) return finish(conn);
    (void)lws_callback_on_writable(conn->wsi);
    return 0;
}

int ht_api_answer_write(struct ht_api_conn *conn) {
    switch (conn->request.step) {
    case HT_API_HEAD: return write_first(conn);
    case HT_API_BODY: return write_more(conn);
    case HT_API_IDLE:
    case HT_API_READING:
    case HT_API_WAITING: return 0;
    }
    return 0;
}

int ht_api_answer_error_now(struct ht_api_conn *conn, unsigned status, const struct ht_why *why) {
    ht_api_request_reset(&conn->request);
    make_error(conn, status, true, why);
    conn->is_last = true;
    conn->is_answered = true;
    const struct ht_api_answer *a = &conn->request.answer;
    uint8_t room[LWS_PRE + HEAD_MAX + ERROR_MAX];
    size_t n = write_head(conn, room + LWS_PRE, HEAD_MAX);
    if (n > 0 && a->body.n > 0) memcpy(room + LWS_PRE + n, a->body.p, a->body.n);
    size_t whole = n + a->body.n;
    bool is_sent =
        n > 0 && lws_write(conn->wsi, room + LWS_PRE, whole, LWS_WRITE_HTTP_HEADERS) >= 0;
    ht_api_request_reset(&conn->request);
    const int answered = 1; /* lws then completes the transaction */
    return is_sent ? answered : -1;
}

static ht_bytes cut(ht_bytes *text, char at) {
    const uint8_t *end = text->n > 0 ? memchr(text->p, at, text->n) : NULL;
    size_t n = end != NULL ? (size_t)(end - text->p) : text->n;
    ht_bytes part = ht_bytes_of(text->p, n);
    size_t used = end != NULL ? n + 1 : n;
    text->p += used;
    text->n -= used;
    while (part.n > 0 && part.p[0] == ' ') {
        part.p++;
        part.n--;
    }
    while (part.n > 0 && part.p[part.n - 1] == ' ') part.n--;
    return part;
}

/* ";q=0", ";q=0.", … ";q=0.000" refuse; anything else of a coding that is named accepts. */
static bool is_refused(ht_bytes weight) {
    if (weight.n < 3 || strncasecmp((const char *)weight.p, "q=0", 3) != 0) return false;
    for (size_t i = 3; i < weight.n; i++) {
        if (weight.p[i] != '.' && weight.p[i] != '0') return false;
    }
    return true;
}

bool ht_api_takes_gzip(ht_bytes accept_encoding) {
    while (accept_encoding.n > 0) {
        ht_bytes weight = cut(&accept_encoding, ',');
        ht_bytes coding = cut(&weight, ';');
        if (coding.n == 4 && strncasecmp((const char *)coding.p, "gzip", 4) == 0)
            return !is_refused(cut(&weight, ';'));
    }
    return false;
}
