/* What peers serve besides events, and what we serve to them. */
#include "social/mesh/mesh_near.h"

#include <stdio.h>

#include "social/media/media.h"
#include "social/mesh/mesh_impl.h"
#include "social/mesh/mesh_links.h"

static const char BEARER[] = "Bearer ";

/* --- whom we may ask -------------------------------------------------------------------------- */

/* wss becomes https; without the slash at the end. */
static bool base_of(char *out, size_t size, const char *url) {
    bool is_tls = strncmp(url, "wss://", 6) == 0;
    if (!is_tls && strncmp(url, "ws://", 5) != 0) return false;
    int n = snprintf(out, size, "%s%s", is_tls ? "https://" : "http://", url + (is_tls ? 6 : 5));
    if (n <= 0 || (size_t)n >= size) return false;
    while (n > 0 && out[n - 1] == '/') out[--n] = '\0';
    return true;
}

/* Who came to us is asked at an address that it tells, if it has one; at an onion only by who uses
 * Tor himself. */
static const char *address_of(const struct ht_mesh_conn *conn, const struct ht_mesh_peer *peer) {
    if (conn->is_dialled) return conn->url;
    for (size_t i = 0; i < peer->record.address_count && peer->record.has_pin; i++) {
        if (strncmp(peer->record.addresses[i], "wss://", 6) == 0) return peer->record.addresses[i];
    }
    for (size_t i = 0; i < peer->record.address_count && conn->service->settings.onion; i++) {
        const char *url = peer->record.addresses[i];
        if (ht_address_reach_of(url) == HT_REACH_ONION) return url;
    }
    return NULL;
}

static bool describe(struct ht_near_node *out, const struct ht_mesh_conn *conn) {
    const struct ht_mesh_peer *peer = ht_mesh_link_peer(conn->link);
    const char *url = address_of(conn, peer), *token = ht_mesh_link_token(conn->link);
    *out = (struct ht_near_node){
        .node = conn->node,
        .has_pin = conn->is_dialled ? conn->has_pin : url != NULL && strncmp(url, "wss://", 6) == 0,
        .pin = conn->is_dialled ? conn->pin : peer->record.pin,
        .has_chain = ht_mesh_link_serves(conn->link, "chain"),
        .has_blobs = ht_mesh_link_serves(conn->link, "blobs")};
    if (!peer->is_accepted || url == NULL || token[0] == '\0') return false;
    if (!out->has_chain && !out->has_blobs) return false;
    if (ht_address_reach_of(url) == HT_REACH_ONION) {
        (void)snprintf(out->socks, sizeof out->socks, "%s", conn->service->settings.tor_socks);
    }
    (void)snprintf(out->token, sizeof out->token, "%s", token);
    return base_of(out->base, sizeof out->base, url);
}

void ht_mesh_near_up(struct ht_mesh_conn *conn) {
    struct ht_near_node node;
    if (!describe(&node, conn)) return;
    for (struct ht_near_listener *one = conn->service->near_listeners; one != NULL;
         one = one->next) {
        one->changed(one, &node, true);
    }
}

void ht_mesh_near_down(struct ht_mesh_conn *conn) {
    const struct ht_near_node node = {.node = conn->node};
    for (struct ht_near_listener *one = conn->service->near_listeners; one != NULL;
         one = one->next) {
        one->changed(one, &node, false);
    }
}

static void listen_to(void *self, struct ht_near_listener *listener) {
    struct ht_mesh_service *service = self;
    listener->next = service->near_listeners;
    service->near_listeners = listener;
    for (const struct ht_mesh_conn *conn = service->conns; conn != NULL; conn = conn->next) {
        struct ht_near_node node;
        if (conn->was_up && ht_mesh_conn_is_up(conn) && describe(&node, conn)) {
            listener->changed(listener, &node, true);
        }
    }
}

static void blame(void *self, const ht_hash32 *node, const char *what) {
    struct ht_mesh_service *service = self;
    struct ht_mesh_peer *peer = ht_mesh_find(service->mesh, node);
    bool is_chunk = strncmp(what, "chunk", 5) == 0;
    if (peer == NULL || !service->is_running) return;
    ht_mesh_blame(service->mesh, peer, is_chunk ? HT_FAULT_CHUNK : HT_FAULT_PROOF, what);
    ht_mesh_wake(service);
}

void ht_mesh_near_begin(struct ht_mesh_service *service) {
    const struct ht_host *host = service->social->host;
    service->near_nodes = (struct ht_near){.listen = listen_to, .blame = blame, .self = service};
    if (host->offer_near != NULL) host->offer_near(host, &service->near_nodes);
}

void ht_mesh_near_stop(struct ht_mesh_service *service) {
    const struct ht_host *host = service->social->host;
    if (host->offer_near != NULL) host->offer_near(host, NULL);
}

/* --- who asks us ------------------------------------------------------------------------------ */

static struct ht_mesh_peer *peer_of(struct ht_mesh_service *service,
                                    const struct ht_door_request *request) {
    const size_t n = sizeof BEARER - 1;
    ht_bytes said = request->authorization;
    if (said.n <= n || memcmp(said.p, BEARER, n) != 0) return NULL;
    return ht_mesh_token_peer(service->mesh, ht_bytes_of(said.p + n, said.n - n));
}

static bool begins(ht_bytes path, const char *with) {
    size_t n = strlen(with);
    return path.n >= n && memcmp(path.p, with, n) == 0;
}

bool ht_mesh_http(struct ht_social *social, struct ht_door_http *http) {
    struct ht_mesh_service *service = social->mesh;
    const struct ht_door_request *request = ht_door_http_request(http);
    const struct ht_host *host = social->host;
    if (service == NULL || !service->is_running) return false;
    const struct ht_mesh_peer *peer = peer_of(service, request);
    bool is_chain = begins(request->path, "/eth/");
    if (is_chain && service->settings.serve_chain && host->chain_http != NULL) {
        return host->chain_http(host, http, peer != NULL ? &peer->node : NULL);
    }
    if (is_chain || peer == NULL || !service->settings.serve_blobs) return false;
    if (!ht_media_is_for(request)) return false;
    ht_media_peer_http(social, http, &peer->node);
    return true;
}
