/* The relay at "/": the checks of the API server's door, then the relay's own. */
#include "node/api/server_relay.h"

#include "node/api/server_door.h"

unsigned ht_api_check_relay(struct ht_api_conn *conn, ht_bytes host, struct ht_why *why) {
    /* The rules for who asks are those of /eth, by POST: a permission is needed beforehand. */
    conn->is_ethereum = true;
    enum ht_err err = ht_api_check_origin(conn, host, HT_API_BY_POST, why);
    conn->is_ethereum = false;
    conn->request.answer.is_shared = false;
    if (err != HT_OK) return 403;
    return ht_api_take_socket(conn, why) == HT_OK ? 0 : 429;
}

static int open_relay(struct ht_api_conn *conn) {
    const struct ht_door_caller caller = {
        .address = "127.0.0.1",
        .origin = conn->origin,
        .is_local = true,
        .is_own = conn->asker == HT_API_OWNER,
        .channel = "",
    };
    conn->relay = ht_door_adopt(conn->api->door, conn->wsi, &caller);
    return conn->relay != NULL ? 0 : -1;
}

int ht_api_relay_event(struct ht_api_conn *conn, enum lws_callback_reasons reason, void *in,
                       size_t len) {
    if (conn->api->is_closing) return -1;
    if (reason == LWS_CALLBACK_ESTABLISHED) return open_relay(conn);
    if (conn->relay == NULL) return reason == LWS_CALLBACK_CLOSED ? 0 : -1;
    if (reason != LWS_CALLBACK_CLOSED) return ht_door_event(conn->relay, reason, in, len);
    ht_door_gone(conn->relay);
    conn->relay = NULL;
    return 0;
}
