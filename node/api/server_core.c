/* Connections of the API server: who is connected, how many from where, and the end of the
 * server's memory. What they say is for server_http.c and server_ws.c. */
#include "node/api/server_core.h"

#include <netinet/in.h>
#include <stdlib.h>

#include <sodium.h>

#include "node/api/server_answer.h"
#include "node/api/server_call.h"
#include "node/api/server_ws.h"

struct ht_api_conn *ht_api_conn_of(struct lws *wsi) {
    return lws_get_opaque_user_data(wsi);
}

/* 0 for what is not IPv4; the TCP door listens to nothing else. */
static uint32_t peer_address(int fd) {
    struct sockaddr_in peer = {0};
    socklen_t len = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &len) != 0) return 0;
    return peer.sin_family == AF_INET ? peer.sin_addr.s_addr : 0;
}

bool ht_api_conn_fits(struct ht_api *api, int fd, bool is_unix) {
    if (is_unix) return api->unix_count < HT_API_UNIX_MAX;
    if (api->tcp_count >= api->options.max_connections) return false;
    uint32_t address = peer_address(fd);
    unsigned same = 0;
    for (const struct ht_api_conn *c = api->conns; c != NULL; c = c->next) {
        if (!c->is_unix && c->address == address) same++;
    }
    return same < api->options.max_per_address;
}

enum ht_err ht_api_conn_add(struct ht_api *api, struct lws *wsi, bool is_unix) {
    struct ht_api_conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL) return HT_ENOMEM;
    *conn = (struct ht_api_conn){
        .next = api->conns,
        .api = api,
        .wsi = wsi,
        .address = is_unix ? 0 : peer_address(lws_get_socket_fd(wsi)),
        .is_unix = is_unix,
    };
    api->conns = conn;
    unsigned *count = is_unix ? &api->unix_count : &api->tcp_count;
    (*count)++;
    api->counts.accepted++;
    lws_set_opaque_user_data(wsi, conn);
    return HT_OK;
}

void ht_api_conn_remove(struct ht_api_conn *conn) {
    struct ht_api *api = conn->api;
    struct ht_api_conn **at = &api->conns;
    while (*at != conn) at = &(*at)->next;
    *at = conn->next;
    unsigned *count = conn->is_unix ? &api->unix_count : &api->tcp_count;
    (*count)--;
    lws_set_opaque_user_data(conn->wsi, NULL);
    if (conn->relay != NULL) ht_door_gone(conn->relay);
    ht_api_call_abandon(conn);
    ht_api_ws_close(conn);
    ht_api_request_reset(&conn->request);
    free(conn);
}

void ht_api_unref(struct ht_api *api) {
    if (--api->refs > 0) return;
    ht_gate_fini(&api->gate);
    sodium_free(api->url);
    ht_rpc_free(api->rpc);
    ht_rpc_free(api->ethereum);
    free(api);
}

bool ht_api_header(struct lws *wsi, enum lws_token_indexes token, char *buf, size_t size,
                   ht_bytes *value) {
    *value = ht_bytes_of(buf, 0);
    if (lws_hdr_total_length(wsi, token) == 0) return true;
    int n = lws_hdr_copy(wsi, buf, (int)size, token);
    if (n < 0) return false;
    value->n = (size_t)n;
    return true;
}
