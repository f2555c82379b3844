/* Websockets of the UI and of wallets. Fragments are joined up to a bound; replies come when their
 * methods have them, in any order, and wait in a bounded queue. One read can bring hundreds of
 * messages where one turn sends one reply, so no more are read while some replies wait: who reads
 * is answered however much it asks at once, and who takes nothing for as long as a ping may stay
 * unanswered is closed, as is one whose queue overflows with late replies. Pushes wait as one bit
 * per topic and become text only when the socket takes it, so a slow reader costs nothing and gets
 * the newest value. lws pings and hangs up by itself. It does
 * not tell masked from unmasked frames (RFC 6455 §5.1 wants the latter refused); masking protects
 * proxies, of which loopback has none, and a frame gets here only after session and Origin were
 * checked. */
#include "node/api/server_ws.h"

#include <stdlib.h>

#include "node/api/server_call.h"
#include "node/api/server_door.h"
#include "node/api/server_sessions.h"
#include "node/base/log.h"

/* What waits to be sent when no more is read, and when reading goes on. */
#define PAUSE_COUNT 32U
#define PAUSE_BYTES ((size_t)64 * 1024)
#define RESUME_COUNT 8U

struct ht_api_message {
    struct ht_api_message *next;
    struct ht_buf text; /* behind LWS_PRE bytes of room */
};

/* What one message may have, and what may wait to be sent. */
static size_t request_max(const struct ht_api_conn *conn) {
    return conn->is_ethereum ? HT_RPC_ETHEREUM_REQUEST_MAX : HT_RPC_REQUEST_MAX;
}

static size_t queue_bytes_max(const struct ht_api_conn *conn) {
    return conn->is_ethereum ? HT_RPC_ETHEREUM_REPLY_MAX : HT_API_QUEUE_BYTES_MAX;
}

static enum ht_err send_notification(struct ht_rpc_peer *peer, struct ht_buf *text);

static void open_ws(struct ht_api_conn *conn) {
    conn->ws = (struct ht_api_websocket){.is_open = true};
    conn->ws.last = &conn->ws.first;
    conn->ws.peer = (struct ht_rpc_peer){
        .room = LWS_PRE, .bytes_max = queue_bytes_max(conn), .send = send_notification};
    ht_buf_init(&conn->ws.in, request_max(conn));
    conn->api->counts.websockets++;
    ht_api_session_socket_changed(conn);
}

void ht_api_ws_close(struct ht_api_conn *conn) {
    struct ht_api_websocket *ws = &conn->ws;
    if (!ws->is_open) return;
    ht_api_call_abandon(conn);
    ws->is_open = false;
    ws->peer.send = NULL;
    ht_rpc_peer_gone(&ws->peer);
    conn->api->counts.websockets--;
    ht_buf_fini(&ws->in);
    while (ws->first != NULL) {
        struct ht_api_message *message = ws->first;
        ws->first = message->next;
        ht_buf_fini(&message->text);
        free(message);
    }
    *ws = (struct ht_api_websocket){0};
    ht_api_session_socket_changed(conn);
}

/* Returns what the lws callback must return. Whatever waited to be sent is dropped. */
static int hang_up(struct ht_api_conn *conn, enum lws_close_status status, const char *reason) {
    unsigned char text[64];
    size_t n = strlen(reason);
    ht_assert(n <= sizeof text);
    memcpy(text, reason, n);
    lws_close_reason(conn->wsi, status, text, n);
    ht_api_ws_close(conn);
    return -1;
}

static enum ht_err start_text(struct ht_buf *text) {
    ht_buf_init(text, LWS_PRE + HT_RPC_REPLY_MAX);
    if (ht_buf_reserve(text, LWS_PRE) == NULL) return HT_ENOMEM;
    text->n = LWS_PRE;
    return HT_OK;
}

/* Takes text over, whatever it returns. */
static enum ht_err enqueue(struct ht_api_conn *conn, struct ht_buf *text) {
    struct ht_api_websocket *ws = &conn->ws;
    if (ws->queue_count >= HT_API_QUEUE_MAX ||
        text->n > queue_bytes_max(conn) + PAUSE_BYTES + LWS_PRE - ws->queue_bytes) {
        ht_buf_fini(text);
        return HT_ELIMIT;
    }
    struct ht_api_message *message = calloc(1, sizeof *message);
    if (message == NULL) {
        ht_buf_fini(text);
        return HT_ENOMEM;
    }
    message->text = *text;
    ht_buf_init(text, 0);
    ws->queue_bytes += message->text.n - LWS_PRE;
    *ws->last = message;
    ws->last = &message->next;
    ws->queue_count++;
    (void)lws_callback_on_writable(conn->wsi);
    return HT_OK;
}

static int hang_up_at_fault(struct ht_api_conn *conn) {
    if (conn->ws.fault == HT_OK) return 0;
    if (conn->ws.fault != HT_ELIMIT)
        return hang_up(conn, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION, "no memory");
    return hang_up(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, "replies are not read");
}

static void fail(struct ht_api_conn *conn, enum ht_err err) {
    if (conn->ws.fault != HT_OK) return;
    conn->ws.fault = err;
    if (err == HT_ELIMIT) conn->api->counts.overflows++;
    if (conn->ws.is_in_callback) return;
    ht_api_ws_close(conn);
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

/* Sends a text, or ends the connection: outside of a callback of this websocket there is no way to
 * say why. */
static enum ht_err deliver(struct ht_api_conn *conn, struct ht_buf *text) {
    if (conn->ws.fault != HT_OK) {
        ht_buf_fini(text);
        return conn->ws.fault;
    }
    enum ht_err err = enqueue(conn, text);
    if (err != HT_OK) fail(conn, err);
    return err;
}

void ht_api_ws_reply(struct ht_api_conn *conn, enum ht_err err, struct ht_buf *text) {
    if (err != HT_OK) {
        fail(conn, err);
    } else if (text->n > 0) {
        (void)deliver(conn, text);
    }
}

static enum ht_err send_notification(struct ht_rpc_peer *peer, struct ht_buf *text) {
    struct ht_api_conn *conn =
        (struct ht_api_conn *)((char *)peer - offsetof(struct ht_api_conn, ws.peer));
    /* A subscription outlives the permission under which it was made. */
    if (!ht_api_may_hear(conn, "eth_subscribe")) {
        ht_buf_fini(text);
        return HT_EDENIED;
    }
    return deliver(conn, text);
}

enum ht_err ht_api_ws_notify(struct ht_api_conn *conn, const char *method, json_t *params) {
    const struct ht_rpc_peer *peer = &conn->ws.peer;
    struct ht_buf text;
    enum ht_err err = ht_rpc_write_notification(&text, peer->room, peer->bytes_max, method, params);
    return err == HT_OK ? deliver(conn, &text) : err;
}

/* --- not reading while replies wait ----------------------------------------------------------- */

/* How long the peer may take nothing of what waits. */
static lws_usec_t stall_us(const struct ht_api_conn *conn) {
    const lws_retry_bo_t *liveness = &conn->api->liveness;
    unsigned seconds = liveness->secs_since_valid_hangup;
    return (lws_usec_t)(seconds - liveness->secs_since_valid_ping) * LWS_US_PER_SEC;
}

static bool is_behind(const struct ht_api_websocket *ws) {
    return ws->queue_count >= PAUSE_COUNT || ws->queue_bytes > PAUSE_BYTES;
}

static void pause_reading(struct ht_api_conn *conn) {
    if (!conn->ws.is_open || conn->ws.is_paused || !is_behind(&conn->ws)) return;
    conn->ws.is_paused = true;
    (void)lws_rx_flow_control(conn->wsi, 0);
    lws_set_timer_usecs(conn->wsi, stall_us(conn));
}

/* After a reply was sent. */
static void resume_reading(struct ht_api_conn *conn) {
    struct ht_api_websocket *ws = &conn->ws;
    if (!ws->is_paused) return;
    if (ws->queue_count > RESUME_COUNT || ws->queue_bytes > PAUSE_BYTES) {
        lws_set_timer_usecs(conn->wsi, stall_us(conn));
        return;
    }
    ws->is_paused = false;
    lws_set_timer_usecs(conn->wsi, LWS_SET_TIMER_USEC_CANCEL);
    (void)lws_rx_flow_control(conn->wsi, 1);
}

static int on_stall(struct ht_api_conn *conn) {
    if (!conn->ws.is_paused) return 0;
    conn->ws.fault = HT_ELIMIT;
    conn->api->counts.overflows++;
    return hang_up_at_fault(conn);
}

/* --- messages --------------------------------------------------------------------------------- */

static int answer(struct ht_api_conn *conn) {
    struct ht_buf message = conn->ws.in;
    ht_buf_init(&conn->ws.in, request_max(conn));
    conn->ws.is_in_callback = true;
    ht_api_call(conn, ht_buf_view(&message));
    conn->ws.is_in_callback = false;
    ht_buf_fini(&message);
    pause_reading(conn);
    return hang_up_at_fault(conn);
}

static int on_receive(struct ht_api_conn *conn, const void *in, size_t len) {
    struct ht_api_websocket *ws = &conn->ws;
    if (lws_frame_is_binary(conn->wsi) != 0)
        return hang_up(conn, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "text only");
    size_t room = request_max(conn) - ws->in.n;
    if (len > room || lws_remaining_packet_payload(conn->wsi) > room - len)
        return hang_up(conn, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "message too large");
    if (len > 0 && ht_buf_add(&ws->in, ht_bytes_of(in, len)) != HT_OK)
        return hang_up(conn, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION, "no memory");
    return lws_is_final_fragment(conn->wsi) != 0 ? answer(conn) : 0;
}

static int write_text(struct ht_api_conn *conn, struct ht_buf *text) {
    int written = lws_write(conn->wsi, text->p + LWS_PRE, text->n - LWS_PRE, LWS_WRITE_TEXT);
    ht_buf_fini(text);
    if (written < 0) return -1;
    if (conn->ws.first != NULL || conn->ws.peer.dirty != 0)
        (void)lws_callback_on_writable(conn->wsi);
    return 0;
}

/* A value that cannot be had now is not pushed; the topic's next change tries again. */
static int push_one(struct ht_api_conn *conn) {
    struct ht_api_websocket *ws = &conn->ws;
    for (unsigned i = 0; i < HT_RPC_TOPICS_MAX && ws->peer.dirty != 0; i++) {
        unsigned topic = (ws->next_topic + i) % HT_RPC_TOPICS_MAX;
        uint64_t bit = UINT64_C(1) << topic;
        if ((ws->peer.dirty & bit) == 0) continue;
        ws->peer.dirty &= ~bit;
        struct ht_why why = {0};
        struct ht_buf text;
        enum ht_err err = start_text(&text);
        conn->api->asking = conn;
        if (err == HT_OK) err = ht_rpc_push(conn->api->rpc, &text, topic, &why);
        conn->api->asking = NULL;
        if (err == HT_OK) {
            ws->next_topic = topic + 1;
            conn->api->counts.pushes++;
            return write_text(conn, &text);
        }
        ht_buf_fini(&text);
        ht_log(HT_LOG_DEBUG, "api", "topic not pushed: %s (%s)", ht_err_name(err), why.text);
    }
    return 0;
}

static int on_writable(struct ht_api_conn *conn) {
    struct ht_api_websocket *ws = &conn->ws;
    struct ht_api_message *message = ws->first;
    if (message == NULL) return push_one(conn);
    ws->first = message->next;
    if (ws->first == NULL) ws->last = &ws->first;
    ws->queue_count--;
    ws->queue_bytes -= message->text.n - LWS_PRE;
    struct ht_buf text = message->text;
    free(message);
    resume_reading(conn);
    return write_text(conn, &text);
}

/* The session was ended: what is left to say is said, and nothing more is taken. */
static int on_signed_out(struct ht_api_conn *conn, enum lws_callback_reasons reason) {
    if (reason != LWS_CALLBACK_SERVER_WRITEABLE) return 0;
    if (conn->ws.first != NULL) {
        (void)lws_callback_on_writable(conn->wsi);
        return on_writable(conn);
    }
    conn->is_signed_out = false;
    return hang_up(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, "signed out");
}

void ht_api_ws_mark(struct ht_api_conn *conn, unsigned topic) {
    struct ht_api_websocket *ws = &conn->ws;
    uint64_t bit = UINT64_C(1) << topic;
    if (!ws->is_open || (ws->peer.subscribed & bit) == 0 || (ws->peer.dirty & bit) != 0) return;
    ws->peer.dirty |= bit;
    (void)lws_callback_on_writable(conn->wsi);
}

int ht_api_ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                       size_t len) {
    (void)user;
    struct ht_api_conn *conn;
    switch ((int)reason) { /* of some hundred, most for other roles */
    case LWS_CALLBACK_ESTABLISHED:
        conn = ht_api_conn_of(wsi);
        if (conn == NULL || conn->api->is_closing) return -1;
        open_ws(conn);
        return 0;
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_TIMER:
        conn = ht_api_conn_of(wsi);
        if (conn == NULL || conn->api->is_closing) return -1;
        if (conn->is_signed_out) return on_signed_out(conn, reason);
        if (!conn->ws.is_open) return 0; /* hung up, and lws is still saying so */
        if (reason == LWS_CALLBACK_TIMER) return on_stall(conn);
        return reason == LWS_CALLBACK_RECEIVE ? on_receive(conn, in, len) : on_writable(conn);
    case LWS_CALLBACK_CLOSED:
        conn = ht_api_conn_of(wsi);
        if (conn != NULL) ht_api_ws_close(conn);
        return 0;
    default: return 0;
    }
}
