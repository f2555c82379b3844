/* HTTP of both doors. A request is checked when its headers are complete: Host, then path and
 * method, then, for whatever acts, Origin and session. Bodies are read only for requests that may
 * enter and only up to a bound. How answers are written is server_answer.c's; after a good
 * websocket upgrade server_ws.c takes over. Who may enter, server_door.c knows. */
#include "node/api/server_http.h"

#include <stdio.h>
#include <strings.h>

#include <jansson.h>
#include <sodium.h>

#include "node/api/server_answer.h"
#include "node/api/server_call.h"
#include "node/api/server_door.h"
#include "node/api/server_relay.h"
#include "node/api/server_sessions.h"
#include "node/api/server_siwe.h"
#include "node/api/server_ws.h"
#include "node/codec/json.h"

#define LOGIN_BODY_MAX 1024U
#define SKIPPED_BODY_MAX ((uint64_t)1024 * 1024) /* of a refused request: read, and thrown away */
#define PIPELINED_TURNS_MAX 20000U               /* of the loop, while an answer is not read */
#define KEY_LEN 24U                              /* base64 of 16 bytes: RFC 6455 §4.1 */

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OPTIONS, METHOD_OTHER };

struct http_head {
    enum method method;
    ht_bytes path;
    bool has_body;
    bool is_sized; /* it says how long the body is */
    uint64_t body_len;
};

static enum method read_method(struct lws *wsi) {
    if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0) return METHOD_GET;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0) return METHOD_HEAD;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0) return METHOD_POST;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_OPTIONS_URI) > 0) return METHOD_OPTIONS;
    return METHOD_OTHER;
}

static void read_body_len(struct lws *wsi, struct http_head *head) {
    bool has_len = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0;
    bool has_coding = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
    head->has_body = has_len || has_coding;
    char buf[16];
    ht_bytes text;
    if (!has_len || has_coding ||
        !ht_api_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, buf, sizeof buf, &text) || text.n > 12)
        return;
    uint64_t len = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') return;
        len = 10 * len + (text.p[i] - '0');
    }
    head->is_sized = true;
    head->body_len = len;
    head->has_body = len > 0;
}

static bool is_path(ht_bytes path, const char *want) {
    return ht_bytes_equal(path, ht_bytes_str(want));
}

static bool wants_json(ht_bytes path) {
    return is_path(path, "/login") || is_path(path, "/session") || is_path(path, "/api") ||
           is_path(path, "/eth") || is_path(path, "/siwe");
}

static void refuse(struct ht_api_conn *conn, const struct http_head *head, unsigned status,
                   const struct ht_why *why) {
    struct ht_api_answer *a = &conn->request.answer;
    if (head->has_body) conn->is_last = true;
    if (head->has_body &&
        (!head->is_sized || head->body_len > SKIPPED_BODY_MAX || head->method != METHOD_POST))
        a->is_abrupt = true;
    if (status == 401 || status == 403 || status == 421) conn->api->counts.denied++;
    ht_api_answer_error(conn, status, wants_json(head->path), why);
}

static bool is_json_type(struct lws *wsi) {
    static const char want[] = "application/json";
    char buf[128];
    ht_bytes type;
    if (!ht_api_header(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, buf, sizeof buf, &type)) return false;
    size_t n = sizeof want - 1;
    return type.n >= n && strncasecmp(buf, want, n) == 0 &&
           (type.n == n || buf[n] == ';' || buf[n] == ' ');
}

static void accept_post(struct ht_api_conn *conn, const struct http_head *head,
                        enum ht_api_route route, size_t body_max) {
    struct ht_why why = {0};
    if (!is_json_type(conn->wsi)) {
        (void)ht_fail(&why, HT_EINPUT, "bad_content_type",
                      "send it as application/json, in Content-Type");
        refuse(conn, head, 415, &why);
    } else if (!head->is_sized) {
        (void)ht_fail(&why, HT_EINPUT, "no_length", "say how long the body is, in Content-Length");
        conn->request.answer.is_abrupt = true;
        refuse(conn, head, 411, &why);
    } else if (head->body_len > body_max) {
        (void)ht_fail(&why, HT_ELIMIT, "too_large", "at most %zu bytes are taken here", body_max);
        refuse(conn, head, 413, &why);
    } else {
        conn->request.step = HT_API_READING;
        conn->request.route = route;
        ht_buf_init(&conn->request.body, body_max);
    }
}

static void take_post(struct ht_api_conn *conn, const struct http_head *head, ht_bytes host) {
    struct ht_why why = {0};
    bool is_login = is_path(head->path, "/login");
    bool is_siwe = is_path(head->path, "/siwe");
    (void)snprintf(conn->request.host, sizeof conn->request.host, "%.*s", (int)host.n,
                   (const char *)host.p);
    if (ht_api_check_origin(conn, host, HT_API_BY_POST, &why) != HT_OK) {
        refuse(conn, head, 403, &why);
    } else if (is_siwe && !ht_api_siwe_is_open(conn->api)) {
        (void)ht_fail(&why, HT_ENOTFOUND, "siwe_off", "no account may sign in to this node");
        refuse(conn, head, 404, &why);
    } else if (is_siwe && ht_api_siwe_take_turn(conn->api, &why) != HT_OK) {
        refuse(conn, head, 429, &why);
    } else if (is_siwe) {
        accept_post(conn, head, HT_API_ROUTE_SIWE, HT_API_SIWE_BODY_MAX);
    } else if (!is_login && ht_api_check_session(conn, &why) != HT_OK) {
        refuse(conn, head, 401, &why);
    } else {
        size_t max = conn->is_ethereum ? HT_RPC_ETHEREUM_REQUEST_MAX : HT_RPC_REQUEST_MAX;
        if (is_login) ht_api_note_agent(conn);
        accept_post(conn, head, is_login ? HT_API_ROUTE_LOGIN : HT_API_ROUTE_RPC,
                    is_login ? LOGIN_BODY_MAX : max);
    }
}

/* value is taken over; NULL: no memory. */
static void answer_value(struct ht_api_conn *conn, const struct http_head *head, json_t *value) {
    struct ht_why why = {0};
    struct ht_buf out;
    ht_buf_init(&out, 1024);
    if (value != NULL && ht_json_dump_compact(&out, value) == HT_OK) {
        ht_api_answer_json(conn, &out);
    } else {
        (void)ht_fail(&why, HT_EBUG, "internal", "the answer cannot be written");
        refuse(conn, head, 500, &why);
    }
    ht_buf_fini(&out);
    json_decref(value);
}

static void take_session(struct ht_api_conn *conn, const struct http_head *head) {
    struct ht_why why = {0};
    if (ht_api_check_session(conn, &why) != HT_OK) {
        refuse(conn, head, 401, &why);
        return;
    }
    const struct ht_api_options *o = &conn->api->options;
    answer_value(conn, head,
                 json_pack("{s:s,s:s}", "network", o->network != NULL ? o->network : "", "version",
                           o->version != NULL ? o->version : ""));
}

static const struct ht_asset *find_asset(const struct ht_api_conn *conn, ht_bytes path) {
    if (conn->is_unix || conn->api->options.assets == NULL) return NULL;
    const char *index = "/index.html";
    if (is_path(path, "/")) path = ht_bytes_str(index);
    for (const struct ht_asset *a = conn->api->options.assets; a->path != NULL; a++) {
        if (is_path(path, a->path)) return a;
    }
    return NULL;
}

static void take_asset(struct ht_api_conn *conn, const struct ht_asset *asset) {
    char buf[256];
    ht_bytes codings;
    bool is_read =
        ht_api_header(conn->wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, buf, sizeof buf, &codings);
    ht_api_answer_asset(conn, asset, is_read && ht_api_takes_gzip(codings));
}

/* The methods of a path, as for Allow; NULL when there is no such path. */
static const char *methods_of(const struct ht_api_conn *conn, ht_bytes path,
                              const struct ht_asset *asset) {
    if (is_path(path, "/api")) return "POST";
    if (conn->is_unix) return NULL;
    if (is_path(path, "/login") || is_path(path, "/eth")) return "POST";
    if (is_path(path, "/siwe")) return "GET, HEAD, POST";
    if (is_path(path, "/session") || asset != NULL) return "GET, HEAD";
    return NULL;
}

static void refuse_method(struct ht_api_conn *conn, const struct http_head *head,
                          const char *allowed) {
    struct ht_why why = {0};
    conn->request.answer.allow = allowed;
    if (conn->is_ethereum) {
        (void)ht_fail(&why, HT_EINPUT, "bad_method", "this address takes POST, or a websocket");
    } else if (is_path(head->path, "/api") && !conn->is_unix) {
        (void)ht_fail(&why, HT_EINPUT, "bad_method",
                      "this address takes POST, or a websocket with the subprotocol \"hearth\"");
    } else {
        (void)ht_fail(&why, HT_EINPUT, "bad_method", "this address only takes %s", allowed);
    }
    refuse(conn, head, 405, &why);
}

/* A browser asks whether a page of another origin may POST. */
static void take_preflight(struct ht_api_conn *conn, const struct http_head *head, ht_bytes host) {
    struct ht_why why = {0};
    if (head->has_body) {
        (void)ht_fail(&why, HT_EDENIED, "bad_preflight", "a preflight has no body");
        refuse(conn, head, 403, &why);
    } else if (ht_api_check_preflight(conn, host, &why) != HT_OK) {
        refuse(conn, head, 403, &why);
    } else {
        ht_api_answer_empty(conn);
    }
}

static void take_request(struct ht_api_conn *conn, const struct http_head *head) {
    struct ht_why why = {0};
    char buf[128] = "";
    ht_bytes host = ht_bytes_of(buf, 0);
    conn->request.answer.is_head = head->method == METHOD_HEAD;
    if (ht_api_check_host(conn, buf, sizeof buf, &host, &why) != HT_OK) {
        refuse(conn, head, 421, &why);
        return;
    }
    const struct ht_asset *asset = find_asset(conn, head->path);
    const char *allowed = methods_of(conn, head->path, asset);
    bool is_post = head->method == METHOD_POST;
    bool is_get = head->method == METHOD_GET || head->method == METHOD_HEAD;
    if (allowed == NULL) {
        (void)ht_fail(&why, HT_ENOTFOUND, "not_found", "there is nothing at this address");
        refuse(conn, head, 404, &why);
    } else if (head->method == METHOD_OPTIONS && conn->is_ethereum) {
        take_preflight(conn, head, host);
    } else if (!(is_post && strstr(allowed, "POST") != NULL) &&
               !(is_get && strstr(allowed, "GET") != NULL)) {
        refuse_method(conn, head, allowed);
    } else if (is_post) {
        take_post(conn, head, host);
    } else if (head->has_body) {
        (void)ht_fail(&why, HT_EINPUT, "bad_body", "this request must not have a body");
        refuse(conn, head, 400, &why);
    } else if (asset != NULL) {
        take_asset(conn, asset);
    } else if (is_path(head->path, "/siwe")) {
        answer_value(conn, head, ht_api_siwe_fact(conn->api));
    } else {
        take_session(conn, head);
    }
}

/* With the token of the run, or with a ticket. */
static enum ht_err enter(struct ht_api_conn *conn, char secret[static HT_GATE_TOKEN_LEN + 1],
                         const char *word, bool is_ticket, struct ht_why *why) {
    struct ht_api *api = conn->api;
    const struct ht_clock *clock = ht_loop_clock(api->loop);
    const struct ht_gate_attempt attempt = {
        .token = ht_bytes_str(word),
        .user_agent = ht_bytes_str(conn->request.user_agent),
        .mono_ms = ht_mono_ms(clock),
        .wall_ms = ht_wall_ms(clock),
    };
    if (!is_ticket) return ht_api_sign_in(api, secret, &attempt, why);
    ht_bytes host = ht_bytes_str(conn->request.host);
    enum ht_err err = ht_api_siwe_redeem(api, ht_bytes_str(word), host, why);
    if (err == HT_OK) ht_api_let_in(api, secret, &attempt);
    return err;
}

static void login(struct ht_api_conn *conn) {
    struct ht_why why = {0};
    struct http_head head = {.method = METHOD_POST, .path = ht_bytes_str("/login")};
    json_t *body = NULL;
    const char *word;
    char secret[HT_GATE_TOKEN_LEN + 1];
    unsigned status = 204;
    enum ht_err err = ht_json_parse(&body, ht_buf_view(&conn->request.body), LOGIN_BODY_MAX, &why);
    bool is_ticket = err == HT_OK && ht_json_member(body, "ticket") != NULL;
    if (is_ticket && ht_json_member(body, "token") != NULL)
        err = ht_fail(&why, HT_EINPUT, "bad_login", "a token or a ticket opens, not both");
    if (err == HT_OK) err = ht_json_text(&word, body, is_ticket ? "ticket" : "token", &why);
    if (err != HT_OK) {
        status = 400;
    } else {
        err = enter(conn, secret, word, is_ticket, &why);
        if (err != HT_OK) status = err == HT_EAGAIN ? 429 : 403;
    }
    json_decref(body);
    if (status != 204) {
        refuse(conn, &head, status, &why);
        return;
    }
    (void)snprintf(conn->request.answer.cookie, sizeof conn->request.answer.cookie,
                   "%s=%s; HttpOnly; SameSite=Strict; Path=/", HT_GATE_COOKIE, secret);
    sodium_memzero(secret, sizeof secret);
    ht_api_answer_empty(conn);
}

/* Nothing times the connection out while its method works: lws clears its timeout when the body is
 * complete, and the wait has its own. */
static void call_rpc(struct ht_api_conn *conn) {
    struct ht_buf message = conn->request.body;
    ht_buf_init(&conn->request.body, 0);
    conn->request.step = HT_API_WAITING;
    ht_api_call(conn, ht_buf_view(&message));
    ht_buf_fini(&message);
}

static void call_siwe(struct ht_api_conn *conn) {
    struct ht_why why = {0};
    struct http_head head = {.method = METHOD_POST, .path = ht_bytes_str("/siwe")};
    ht_bytes host = ht_bytes_str(conn->request.host);
    enum ht_err err = ht_api_siwe_check(ht_buf_view(&conn->request.body), host, &why);
    if (err == HT_OK) {
        call_rpc(conn);
    } else {
        refuse(conn, &head, err == HT_EDENIED ? 403 : 400, &why);
    }
}

void ht_api_http_reply(struct ht_api_conn *conn, enum ht_err err, struct ht_buf *text) {
    if (conn->request.step != HT_API_WAITING) return;
    if (conn->is_pipelined) (void)lws_rx_flow_control(conn->wsi, 1);
    if (err != HT_OK) {
        struct ht_why why = {0};
        struct http_head head = {.method = METHOD_POST, .path = ht_bytes_str("/api")};
        (void)ht_fail(&why, err, "no_memory", "there is no memory for the answer");
        refuse(conn, &head, 500, &why);
    } else if (text->n == 0) {
        ht_api_answer_empty(conn);
    } else {
        ht_api_answer_json(conn, text);
    }
}

/* lws says it again, and without end, when more has come than the request. While a method works no
 * more is read then; while the answer is written, which that would stop, the turns are counted. */
static int on_body_complete(struct ht_api_conn *conn) {
    if (conn->request.step != HT_API_READING) {
        conn->is_pipelined = true;
        if (conn->request.step == HT_API_WAITING) (void)lws_rx_flow_control(conn->wsi, 0);
        return ++conn->pipelined_turns > PIPELINED_TURNS_MAX ? -1 : 0;
    }
    switch (conn->request.route) {
    case HT_API_ROUTE_LOGIN: login(conn); break;
    case HT_API_ROUTE_SIWE: call_siwe(conn); break;
    case HT_API_ROUTE_RPC: call_rpc(conn); break;
    case HT_API_ROUTE_OTHER: break;
    }
    return 0;
}

static int on_body(struct ht_api_conn *conn, const void *in, size_t len) {
    if (conn->request.step != HT_API_READING || len == 0) return 0;
    return ht_buf_add(&conn->request.body, ht_bytes_of(in, len)) == HT_OK ? 0 : -1;
}

static int on_request(struct ht_api_conn *conn, const char *path, size_t len) {
    ht_api_request_reset(&conn->request);
    ht_api_forget_session(conn);
    struct http_head head = {.method = read_method(conn->wsi), .path = ht_bytes_of(path, len)};
    conn->is_ethereum = !conn->is_unix && is_path(head.path, "/eth");
    conn->is_pipelined = false;
    conn->pipelined_turns = 0;
    char buf[64];
    ht_bytes how;
    conn->is_last = !ht_api_header(conn->wsi, WSI_TOKEN_CONNECTION, buf, sizeof buf, &how) ||
                    (how.n > 0 && strcasestr(buf, "close") != NULL);
    read_body_len(conn->wsi, &head);
    if (head.method == METHOD_POST && !head.is_sized) head.has_body = true;
    take_request(conn, &head);
    return 0;
}

/* What lws would refuse without a word, and what it would let pass (no or another subprotocol). */
static enum ht_err check_handshake(struct lws *wsi, bool is_ethereum, struct ht_why *why) {
    char buf[64];
    ht_bytes value;
    if (!ht_api_header(wsi, WSI_TOKEN_PROTOCOL, buf, sizeof buf, &value) ||
        !is_path(value, is_ethereum ? "" : "hearth")) {
        return ht_fail(why, HT_EINPUT, "bad_subprotocol",
                       is_ethereum ? "there is no subprotocol here"
                                   : "the subprotocol must be \"hearth\"");
    }
    if (!ht_api_header(wsi, WSI_TOKEN_VERSION, buf, sizeof buf, &value) || !is_path(value, "13"))
        return ht_fail(why, HT_EINPUT, "bad_version", "the websocket version must be 13");
    if (!ht_api_header(wsi, WSI_TOKEN_KEY, buf, sizeof buf, &value) || value.n != KEY_LEN)
        return ht_fail(why, HT_EINPUT, "bad_handshake", "the websocket key is missing or odd");
    if (!ht_api_header(wsi, WSI_TOKEN_CONNECTION, buf, sizeof buf, &value) ||
        strcasestr(buf, "upgrade") == NULL || value.n == 0)
        return ht_fail(why, HT_EINPUT, "bad_handshake", "Connection must be Upgrade");
    return HT_OK;
}

static unsigned check_upgrade(struct ht_api_conn *conn, const char *kind, struct ht_why *why) {
    struct lws *wsi = conn->wsi;
    char buf[128] = "";
    ht_bytes host = ht_bytes_of(buf, 0);
    char *path = NULL;
    int path_len = 0;
    if (ht_api_check_host(conn, buf, sizeof buf, &host, why) != HT_OK) return 421;
    if (conn->is_unix || strcasecmp(kind, "websocket") != 0) {
        (void)ht_fail(why, HT_EINPUT, "bad_upgrade", "there is nothing to upgrade to here");
        return 400;
    }
    if (lws_http_get_uri_and_method(wsi, &path, &path_len) < 0 || read_method(wsi) != METHOD_GET ||
        path_len < 0) {
        path_len = 0;
    }
    ht_bytes at = ht_bytes_of(path, (size_t)path_len);
    conn->is_ethereum = is_path(at, "/eth");
    conn->is_relay = is_path(at, "/") && conn->api->door != NULL;
    if (conn->is_relay) return ht_api_check_relay(conn, host, why);
    if (!conn->is_ethereum && !is_path(at, "/api")) {
        (void)ht_fail(why, HT_ENOTFOUND, "not_found", "there is no websocket at this address");
        return 404;
    }
    if (ht_api_check_origin(conn, host, HT_API_BY_SOCKET, why) != HT_OK) return 403;
    if (ht_api_check_session(conn, why) != HT_OK) return 401;
    if (check_handshake(wsi, conn->is_ethereum, why) != HT_OK) return 400;
    return ht_api_take_socket(conn, why) == HT_OK ? 0 : 429;
}

static int on_upgrade(struct ht_api_conn *conn, const char *kind) {
    struct ht_why why = {0};
    ht_api_forget_session(conn);
    unsigned status = check_upgrade(conn, kind, &why);
    if (status == 0) return 0;
    conn->api->counts.denied++;
    return ht_api_answer_error_now(conn, status, &why);
}

static int on_connection(struct lws *wsi, enum lws_callback_reasons reason, void *in) {
    struct lws_vhost *vhost = lws_get_vhost(wsi);
    struct ht_api *api = vhost != NULL ? lws_vhost_user(vhost) : NULL;
    if (api == NULL || api->is_closing) return -1;
    bool is_unix = vhost == api->unix_vhost;
    if (reason == LWS_CALLBACK_FILTER_NETWORK_CONNECTION) {
        if (ht_api_conn_fits(api, (int)(lws_intptr_t)in, is_unix)) return 0;
        api->counts.refused++;
        return -1;
    }
    return ht_api_conn_add(api, wsi, is_unix) == HT_OK ? 0 : -1;
}

static int on_event(struct ht_api_conn *conn, enum lws_callback_reasons reason, void *in,
                    size_t len) {
    if (conn->api->is_closing) return -1;
    if (reason == LWS_CALLBACK_HTTP_BIND_PROTOCOL) return conn->is_answered ? -1 : 0;
    if (reason == LWS_CALLBACK_HTTP_CONFIRM_UPGRADE) return on_upgrade(conn, in);
    if (reason == LWS_CALLBACK_HTTP) return on_request(conn, in, len);
    if (reason == LWS_CALLBACK_HTTP_BODY) return on_body(conn, in, len);
    if (reason == LWS_CALLBACK_HTTP_WRITEABLE) return ht_api_answer_write(conn);
    return on_body_complete(conn);
}

int ht_api_http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                         size_t len) {
    struct ht_api_conn *conn;
    switch ((int)reason) { /* of some hundred, most for other roles */
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED: return on_connection(wsi, reason, in);
    case LWS_CALLBACK_WSI_DESTROY:
        conn = ht_api_conn_of(wsi);
        if (conn != NULL) ht_api_conn_remove(conn);
        return 0;
    case LWS_CALLBACK_HTTP_BIND_PROTOCOL:
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
    case LWS_CALLBACK_HTTP:
    case LWS_CALLBACK_HTTP_BODY:
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
    case LWS_CALLBACK_HTTP_WRITEABLE:
        conn = ht_api_conn_of(wsi);
        return conn != NULL ? on_event(conn, reason, in, len) : -1;
    case LWS_CALLBACK_RAW_ADOPT: /* lws turns CONNECT into this */
    case LWS_CALLBACK_RAW_RX: return -1;
    case LWS_CALLBACK_ESTABLISHED: /* without a subprotocol */
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_TIMER:
    case LWS_CALLBACK_CLOSED:
        conn = ht_api_conn_of(wsi);
        if (conn != NULL && conn->is_relay) return ht_api_relay_event(conn, reason, in, len);
        if (conn == NULL || !conn->is_ethereum) return -1;
        return ht_api_ws_callback(wsi, reason, user, in, len);
    default: return 0;
    }
}
