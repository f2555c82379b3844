/* Messages under way. A method may take its time: the reply finds its connection through the wait
 * that is made here, and a connection that goes takes its waits with it. */
#include "node/api/server_call.h"

#include <stdlib.h>

#include "node/api/server_door.h"
#include "node/api/server_http.h"
#include "node/api/server_sessions.h"
#include "node/api/server_ws.h"

struct ht_api_wait {
    struct ht_timer deadline; /* first, so that the wait is found from it */
    struct ht_api_wait *next;
    struct ht_api_conn *conn;         /* NULL: given up by the very method that was called */
    struct ht_rpc_exchange *exchange; /* NULL: it has only just begun */
};

static void unlink_wait(struct ht_api_wait *wait) {
    struct ht_api_wait **at = &wait->conn->waits;
    while (*at != wait) at = &(*at)->next;
    *at = wait->next;
    wait->conn->wait_count--;
    wait->conn->api->counts.waiting--;
}

static void deliver(struct ht_api_conn *conn, enum ht_err err, struct ht_buf *text) {
    if (conn->ws.is_open) {
        ht_api_ws_reply(conn, err, text);
    } else {
        ht_api_http_reply(conn, err, text);
    }
}

static void on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    struct ht_api_wait *wait = user;
    struct ht_api_conn *conn = wait->conn;
    ht_timer_cancel(&wait->deadline);
    if (conn != NULL) unlink_wait(wait);
    free(wait);
    if (conn != NULL) deliver(conn, err, text);
}

static void on_deadline(struct ht_timer *timer) {
    ht_rpc_expire(((struct ht_api_wait *)timer)->exchange);
}

static void set_deadline(struct ht_api_wait *wait, struct ht_rpc_exchange *exchange) {
    const struct ht_api *api = wait->conn->api;
    wait->exchange = exchange;
    unsigned timeout_ms = ht_rpc_is_patient(exchange) ? api->options.patient_timeout_ms
                                                      : api->options.reply_timeout_ms;
    ht_timer_set(api->loop, &wait->deadline, timeout_ms, on_deadline);
}

void ht_api_call(struct ht_api_conn *conn, ht_bytes message) {
    struct ht_api *api = conn->api;
    struct ht_api_wait *wait = calloc(1, sizeof *wait);
    if (wait == NULL) {
        struct ht_buf none;
        ht_buf_init(&none, 0);
        deliver(conn, HT_ENOMEM, &none);
        return;
    }
    struct ht_rpc_asker asker = {
        .peer = conn->ws.is_open ? &conn->ws.peer : NULL,
        .origin = ht_api_origin(conn),
        .may_wait = conn->wait_count < HT_API_WAITS_MAX,
        .room = conn->ws.is_open ? LWS_PRE : 0,
        .on_reply = on_reply,
        .user = wait,
    };
    wait->conn = conn;
    wait->next = conn->waits;
    conn->waits = wait;
    conn->wait_count++;
    api->counts.waiting++;
    struct ht_rpc *rpc = conn->is_ethereum ? api->ethereum : api->rpc;
    ht_api_use_session(conn);
    api->asking = conn;
    struct ht_rpc_exchange *exchange = ht_rpc_handle(rpc, &asker, message);
    api->asking = NULL;
    if (exchange != NULL && wait->conn == NULL) {
        ht_rpc_abandon(exchange);
        free(wait);
    } else if (exchange != NULL && conn->is_signed_out) {
        ht_rpc_expire(exchange); /* a batch that ended its own session and asked for more */
    } else if (exchange != NULL) {
        set_deadline(wait, exchange);
    }
    if (conn->is_signed_out) ht_api_call_abandon(conn);
}

void ht_api_call_abandon(struct ht_api_conn *conn) {
    while (conn->waits != NULL) {
        struct ht_api_wait *wait = conn->waits;
        unlink_wait(wait);
        wait->conn = NULL;
        if (wait->exchange == NULL) continue; /* ht_api_call goes on with it */
        ht_timer_cancel(&wait->deadline);
        ht_rpc_abandon(wait->exchange);
        free(wait);
    }
}
