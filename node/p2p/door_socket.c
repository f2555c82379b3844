/* Websockets of the door. A message that comes in one piece is handed on as it lies in lws' buffer;
 * one in parts is joined up to a bound, and has a minute to become whole. What is sent waits in a
 * queue that is bounded by bytes, for one reader and for all; while much of it waits nothing more
 * is read from who does not take it. One turn sends as many messages as the socket takes: lws
 * counsels one write a turn for the sake of HTTP/2 and extensions, of which there are none here,
 * and buffers what the socket cut off, which ends the turn. */
#include "node/p2p/door_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/base/log.h"

#define PARTIAL_ALL_MAX ((size_t)16 << 20) /* bytes of all messages that are not whole */
#define PAUSE_BYTES ((size_t)512 << 10)    /* wait to be sent: nothing more is read */
#define DRAINED_BYTES ((size_t)64 << 10)
#define FAIR_BYTES ((size_t)64 << 10) /* may wait for one reader however much waits for all */
#define TURN_BYTES ((size_t)256 << 10)
#define GOODBYE_S 3

struct ht_door_message {
    struct ht_door_message *next;
    size_t n;
    uint8_t text[]; /* behind LWS_PRE bytes of room */
};

/* --- ending ----------------------------------------------------------------------------------- */

static void drop_messages(struct ht_door_conn *conn) {
    while (conn->first != NULL) {
        struct ht_door_message *message = conn->first;
        conn->first = message->next;
        free(message);
    }
    conn->last = &conn->first;
    conn->door->waiting -= conn->waiting;
    conn->waiting = 0;
}

static void drop_partial(struct ht_door_conn *conn) {
    conn->door->partial -= conn->in.n;
    ht_buf_fini(&conn->in);
}

void ht_door_socket_drop(struct ht_door_conn *conn) {
    drop_messages(conn);
    drop_partial(conn);
    if (!conn->is_open) return;
    struct ht_door *door = conn->door;
    conn->is_open = false;
    conn->is_ending = true;
    door->websocket_count--;
    void *peer = conn->peer;
    conn->peer = NULL;
    if (peer != NULL && door->module != NULL && door->module->closed != NULL)
        door->module->closed(peer);
}

/* Notes why it ends; the close frame goes out with the next turn in which the socket takes one, or
 * lws ends it without. */
static void end(struct ht_door_conn *conn, enum lws_close_status status, const char *reason) {
    if (conn->is_ending) return;
    conn->is_ending = true;
    conn->close_status = (uint16_t)status;
    (void)snprintf(conn->reason, sizeof conn->reason, "%.*s", (int)HT_DOOR_REASON_MAX, reason);
    drop_messages(conn);
    drop_partial(conn);
    if (conn->is_in_event) return;
    (void)lws_callback_on_writable(conn->wsi);
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_REASON_BASE, GOODBYE_S);
}

/* What the lws callback must return. */
static int verdict(struct ht_door_conn *conn) {
    if (!conn->is_ending) return 0;
    lws_close_reason(conn->wsi, (enum lws_close_status)conn->close_status,
                     (unsigned char *)conn->reason, strlen(conn->reason));
    return -1;
}

void ht_door_hang_up(struct ht_door_conn *conn, const char *reason) {
    end(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, reason);
}

/* --- sending ---------------------------------------------------------------------------------- */

static void set_flow(struct ht_door_conn *conn) {
    bool is_reading = !conn->is_paused && !conn->is_held;
    (void)lws_rx_flow_control(conn->wsi, is_reading ? 1 : 0);
}

size_t ht_door_waiting(const struct ht_door_conn *conn) {
    return conn->waiting;
}

void ht_door_set_reading(struct ht_door_conn *conn, bool is_reading) {
    if (conn->is_ending || conn->is_held == !is_reading) return;
    conn->is_held = !is_reading;
    set_flow(conn);
}

enum ht_err ht_door_send(struct ht_door_conn *conn, ht_bytes text) {
    struct ht_door *door = conn->door;
    if (conn->is_ending) return HT_EDENIED;
    size_t max = door->options.max_waiting;
    bool is_too_much = text.n > max || conn->waiting > max - text.n;
    bool is_crowded = door->waiting + text.n > HT_DOOR_WAITING_ALL_MAX;
    if (is_too_much || (is_crowded && conn->waiting + text.n > FAIR_BYTES)) {
        door->counts.dropped_slow += conn->waiting > 0;
        return HT_ELIMIT;
    }
    struct ht_door_message *message = malloc(sizeof *message + LWS_PRE + text.n);
    if (message == NULL) return HT_ENOMEM;
    message->next = NULL;
    message->n = text.n;
    if (text.n > 0) memcpy(message->text + LWS_PRE, text.p, text.n);
    if (conn->first == NULL) (void)lws_callback_on_writable(conn->wsi);
    *conn->last = message;
    conn->last = &message->next;
    conn->waiting += text.n;
    door->waiting += text.n;
    if (conn->waiting > PAUSE_BYTES && !conn->is_paused) {
        conn->is_paused = true;
        set_flow(conn);
    }
    return HT_OK;
}

/* Many small messages leave in few packets. */
static void set_cork(struct ht_door_conn *conn, int is_on) {
    (void)setsockopt(lws_get_socket_fd(conn->wsi), IPPROTO_TCP, TCP_CORK, &is_on, sizeof is_on);
}

/* Sends the first message; false when the connection is broken. */
static bool send_first(struct ht_door_conn *conn) {
    struct ht_door *door = conn->door;
    struct ht_door_message *message = conn->first;
    conn->first = message->next;
    if (conn->first == NULL) conn->last = &conn->first;
    size_t n = message->n;
    conn->waiting -= n;
    door->waiting -= n;
    door->counts.messages_out++;
    door->counts.bytes_out += n;
    int sent = lws_write(conn->wsi, message->text + LWS_PRE, n, LWS_WRITE_TEXT);
    free(message);
    return sent >= 0;
}

static int on_writable(struct ht_door_conn *conn) {
    if (conn->is_ending) return verdict(conn);
    if (conn->first == NULL) return 0;
    bool is_many = conn->first->next != NULL;
    bool is_whole = true;
    size_t before = conn->waiting;
    if (is_many) set_cork(conn, 1);
    while (is_whole && conn->first != NULL && before - conn->waiting < TURN_BYTES) {
        if (!send_first(conn)) return -1;
        is_whole = lws_partial_buffered(conn->wsi) == 0;
    }
    if (is_many) set_cork(conn, 0);
    if (conn->waiting > DRAINED_BYTES) {
        (void)lws_callback_on_writable(conn->wsi);
        return 0;
    }
    if (conn->is_paused) {
        conn->is_paused = false;
        set_flow(conn);
    }
    const struct ht_module_door *module = conn->door->module;
    conn->is_in_event = true;
    if (module->drained != NULL) module->drained(conn->peer);
    conn->is_in_event = false;
    if (conn->first != NULL) (void)lws_callback_on_writable(conn->wsi);
    return verdict(conn);
}

/* --- receiving -------------------------------------------------------------------------------- */

static void hand_on(struct ht_door_conn *conn, ht_bytes text) {
    struct ht_door *door = conn->door;
    door->counts.messages_in++;
    door->counts.bytes_in += text.n;
    if (door->module->received != NULL) door->module->received(conn->peer, text);
}

/* One more part of a message that did not come in one. */
static void join(struct ht_door_conn *conn, ht_bytes piece, bool is_last) {
    struct ht_door *door = conn->door;
    if (door->partial + piece.n > PARTIAL_ALL_MAX ||
        (piece.n > 0 && ht_buf_add(&conn->in, piece) != HT_OK)) {
        const enum lws_close_status try_again_later = (enum lws_close_status)1013;
        end(conn, try_again_later, "too many messages at once");
        return;
    }
    door->partial += piece.n;
    if (!is_last) {
        /* Only the first part starts the time. */
        if (conn->in.n == piece.n)
            lws_set_timer_usecs(conn->wsi, (lws_usec_t)door->options.message_s * LWS_US_PER_SEC);
        return;
    }
    lws_set_timer_usecs(conn->wsi, LWS_SET_TIMER_USEC_CANCEL);
    struct ht_buf whole = conn->in;
    door->partial -= whole.n;
    ht_buf_init(&conn->in, HT_DOOR_MESSAGE_MAX);
    hand_on(conn, ht_buf_view(&whole));
    ht_buf_fini(&whole);
}

static void receive(struct ht_door_conn *conn, ht_bytes piece) {
    struct lws *wsi = conn->wsi;
    size_t more = lws_remaining_packet_payload(wsi);
    size_t room = HT_DOOR_MESSAGE_MAX - conn->in.n;
    if (lws_frame_is_binary(wsi) != 0) {
        end(conn, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "text only");
    } else if (piece.n > room || more > room - piece.n) {
        conn->door->counts.dropped_large++;
        end(conn, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "message too large");
    } else {
        bool is_last = lws_is_final_fragment(wsi) != 0 && more == 0;
        if (is_last && conn->in.n == 0) {
            hand_on(conn, piece);
        } else {
            join(conn, piece, is_last);
        }
    }
}

int ht_door_socket_open(struct ht_door_conn *conn, const struct ht_door_caller *caller) {
    struct ht_door *door = conn->door;
    const struct ht_module_door *module = door->module;
    ht_buf_init(&conn->in, HT_DOOR_MESSAGE_MAX);
    if (module == NULL || module->opened == NULL) return -1;
    conn->is_open = true;
    door->websocket_count++;
    if (!conn->is_adopted) ht_door_count_request(door, -1);
    conn->is_in_event = true;
    conn->peer = module->opened(door->self, conn, caller);
    conn->is_in_event = false;
    if (conn->peer == NULL) {
        const enum lws_close_status try_again_later = (enum lws_close_status)1013;
        end(conn, try_again_later, "too many connections");
    }
    return verdict(conn);
}

int ht_door_event(struct ht_door_conn *conn, enum lws_callback_reasons reason, void *in,
                  size_t len) {
    if (conn->door->is_closing || !conn->is_open || conn->door->module == NULL) return -1;
    if (reason == LWS_CALLBACK_SERVER_WRITEABLE) return on_writable(conn);
    if (conn->is_ending) return 0; /* the close frame waits for the socket */
    conn->is_in_event = true;
    if (reason == LWS_CALLBACK_RECEIVE) {
        receive(conn, ht_bytes_of(in, len));
    } else if (reason == LWS_CALLBACK_TIMER && conn->in.n > 0) {
        end(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, "a message did not become whole");
    }
    conn->is_in_event = false;
    return verdict(conn);
}
