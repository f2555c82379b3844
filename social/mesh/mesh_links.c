/* Sockets of the mesh. A connection that came to a door is the relay's as well; one that we dialled
 * is a relay of the owner's (peers_tap.h). Links come up and go from a timer, never from within a
 * callback of the core. */
#include "social/mesh/mesh_links.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "social/mesh/mesh_catchup.h"
#include "social/mesh/mesh_dial.h"
#include "social/mesh/mesh_inbox.h"
#include "social/mesh/mesh_near.h"
#include "social/mesh/mesh_reach.h"

#define LAST_WORDS_MS 300 /* for BYE to be sent */

static const char PEER_HEAD[] = "[\"PEER\"";

/* --- connections ------------------------------------------------------------------------------ */

struct ht_mesh_conn *ht_mesh_conn_new(struct ht_mesh_service *service) {
    struct ht_mesh_conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL) return NULL;
    conn->service = service;
    conn->serial = ++service->serial;
    conn->next = service->conns;
    conn->place = &service->conns;
    if (conn->next != NULL) conn->next->place = &conn->next;
    service->conns = conn;
    return conn;
}

void ht_mesh_conn_free(struct ht_mesh_conn *conn) {
    *conn->place = conn->next;
    if (conn->next != NULL) conn->next->place = conn->place;
    free(conn);
}

struct ht_mesh_conn *ht_mesh_conn_find(struct ht_mesh_service *service, uint64_t serial) {
    struct ht_mesh_conn *conn = service->conns;
    while (conn != NULL && conn->serial != serial) conn = conn->next;
    return conn;
}

struct ht_mesh_conn *ht_mesh_conn_of(struct ht_mesh_service *service,
                                     const struct ht_mesh_peer *peer) {
    if (peer->link != NULL) return ht_mesh_link_transport(peer->link);
    struct ht_mesh_conn *conn = service->conns;
    while (conn != NULL && !(conn->is_dialled && ht_hash32_equal(&conn->node, &peer->node))) {
        conn = conn->next;
    }
    return conn;
}

bool ht_mesh_conn_is_up(const struct ht_mesh_conn *conn) {
    return conn->link != NULL && !conn->is_over && ht_mesh_link_is_up(conn->link);
}

const char *ht_mesh_conn_how(const struct ht_mesh_conn *conn) {
    if (strncmp(conn->channel, "onion:", 6) == 0) return "onion";
    return strcmp(conn->channel, "plain") == 0 ? "plain" : "tls";
}

struct ht_relay_peer *ht_mesh_conn_relay(const struct ht_mesh_conn *conn) {
    return conn->relay;
}

bool ht_mesh_send(void *user, void *link, ht_bytes text) {
    struct ht_mesh_conn *conn = link;
    (void)user;
    if (conn->is_over) return false;
    if (conn->door != NULL) return ht_door_send(conn->door, text) == HT_OK;
    return conn->wire != NULL && ht_link_send(conn->wire, text) == HT_OK;
}

/* What was said before, BYE above all, has a moment to be sent. */
void ht_mesh_hang_up(void *user, void *link, const char *code, const char *text) {
    struct ht_mesh_conn *conn = link;
    (void)code, (void)text;
    if (conn->is_over) return;
    conn->is_over = true;
    conn->over_ms = ht_mesh_now_ms(conn->service) + LAST_WORDS_MS;
    ht_mesh_sweep_soon(user);
}

/* --- up and down ------------------------------------------------------------------------------ */

static void came_up(struct ht_mesh_conn *conn) {
    struct ht_mesh_peer *peer = ht_mesh_link_peer(conn->link);
    conn->was_up = true;
    conn->node = peer->node;
    if (conn->tie != NULL && peer->is_accepted) ht_peers_prove(conn->tie);
    ht_mesh_near_up(conn);
    ht_mesh_inbox_up(conn);
    ht_mesh_rescope(conn->service);
}

/* Also before it is freed. */
static void went_down(struct ht_mesh_conn *conn) {
    ht_mesh_catchup_down(conn);
    if (!conn->was_up) return;
    conn->was_up = false;
    ht_mesh_near_down(conn);
}

/* The core's link ends; the connection may stay. */
static void end_link(struct ht_mesh_conn *conn) {
    struct ht_mesh_link *link = conn->link;
    went_down(conn);
    conn->link = NULL;
    if (link != NULL) ht_mesh_link_closed(link);
}

static void close_dialled(struct ht_mesh_conn *conn) {
    struct ht_peer *tie = conn->tie;
    end_link(conn);
    conn->tie = NULL;
    conn->wire = NULL;
    ht_mesh_conn_free(conn);
    if (tie != NULL) ht_peers_part(tie);
}

static void close_conn(struct ht_mesh_conn *conn) {
    if (conn->is_dialled) {
        close_dialled(conn);
    } else {
        /* Its door tells when it is gone. */
        conn->is_closing = true;
        ht_door_hang_up(conn->door, "the link has ended");
    }
}

static void sweep(struct ht_timer *timer) {
    struct ht_mesh_service *service =
        (struct ht_mesh_service *)(void *)((char *)timer - offsetof(struct ht_mesh_service, sweep));
    int64_t now_ms = ht_mesh_now_ms(service), wait_ms = -1;
    service->is_sweeping = false;
    if (!service->is_running) return;
    for (struct ht_mesh_conn *conn = service->conns, *next; conn != NULL; conn = next) {
        next = conn->next;
        bool is_up = ht_mesh_conn_is_up(conn);
        if (is_up && !conn->was_up) came_up(conn);
        if (!is_up && conn->was_up) went_down(conn);
        if (!conn->is_over || conn->is_closing) continue;
        int64_t left_ms = conn->over_ms - now_ms;
        if (left_ms <= 0) {
            close_conn(conn);
        } else if (wait_ms < 0 || left_ms < wait_ms) {
            wait_ms = left_ms;
        }
    }
    if (wait_ms >= 0 && !service->is_sweeping) {
        service->is_sweeping = true;
        ht_timer_set(service->social->host->loop, &service->sweep, wait_ms, sweep);
    }
    ht_mesh_changed(service);
    ht_mesh_wake(service);
}

void ht_mesh_sweep_soon(struct ht_mesh_service *service) {
    if (!service->is_running) return;
    service->is_sweeping = true;
    ht_timer_set(service->social->host->loop, &service->sweep, 0, sweep);
}

/* --- doors ------------------------------------------------------------------------------------ */

bool ht_mesh_lets_plain(const struct ht_social *social, const struct ht_door_caller *caller) {
    const struct ht_mesh_service *service = social->mesh;
    if (service == NULL || caller->is_own || caller->origin[0] != '\0') return false;
    return caller->is_local ||
           (service->settings.plain_lan && ht_mesh_is_lan_address(caller->address));
}

struct ht_mesh_conn *ht_mesh_door_opened(struct ht_social *social, struct ht_door_conn *door,
                                         struct ht_relay_peer *peer, const char *address,
                                         const char *channel, bool may_link) {
    struct ht_mesh_conn *conn = ht_mesh_conn_new(social->mesh);
    if (conn == NULL) return NULL;
    conn->door = door;
    conn->relay = peer;
    conn->may_link = may_link;
    (void)snprintf(conn->channel, sizeof conn->channel, "%s", channel);
    (void)snprintf(conn->address, sizeof conn->address, "%s", address);
    return conn;
}

static bool is_offer(ht_bytes text) {
    const size_t n = sizeof PEER_HEAD - 1;
    return text.n > n && memcmp(text.p, PEER_HEAD, n) == 0;
}

void ht_mesh_door_received(struct ht_mesh_conn *conn, ht_bytes text) {
    struct ht_mesh_service *service = conn->service;
    bool may_begin = conn->link == NULL && conn->may_link && service->is_running;
    if (conn->is_over) return;
    if (may_begin && is_offer(text)) {
        /* Without memory it stays a client. */
        (void)!ht_mesh_link_new(&conn->link, service->mesh, conn, false, NULL, conn->channel);
    }
    bool is_done = conn->link != NULL && ht_mesh_link_received(conn->link, text);
    if (conn->link != NULL) ht_mesh_wake(service);
    if (is_done || (ht_mesh_conn_is_up(conn) && ht_mesh_inbox_take(conn, text))) return;
    ht_relay_received(conn->relay, text);
}

void ht_mesh_door_closed(struct ht_mesh_conn *conn) {
    struct ht_mesh_service *service = conn->service;
    end_link(conn);
    ht_mesh_conn_free(conn);
    ht_mesh_changed(service);
    ht_mesh_wake(service);
}

/* --- what we dialled -------------------------------------------------------------------------- */

static void opened(void *user, struct ht_link *link) {
    struct ht_mesh_conn *conn = user;
    struct ht_mesh_service *service = conn->service;
    conn->wire = link;
    if (conn->is_over) return;
    if (ht_mesh_link_new(&conn->link, service->mesh, conn, true, &conn->node, conn->channel) !=
        HT_OK) {
        ht_mesh_hang_up(service, conn, "no_memory", "out of memory");
    }
    ht_mesh_wake(service);
}

static bool received(void *user, ht_bytes text) {
    struct ht_mesh_conn *conn = user;
    if (conn->is_over || conn->link == NULL) return true;
    bool is_done = ht_mesh_link_received(conn->link, text);
    ht_mesh_wake(conn->service);
    if (is_done || conn->is_over) return true;
    return ht_mesh_catchup_received(conn, text) ||
           (ht_mesh_conn_is_up(conn) && ht_mesh_inbox_take(conn, text));
}

static void closed(void *user, enum ht_err err, const struct ht_why *why) {
    struct ht_mesh_conn *conn = user;
    struct ht_mesh_service *service = conn->service;
    bool had_link = conn->link != NULL;
    (void)err;
    conn->wire = NULL;
    end_link(conn);
    struct ht_mesh_peer *peer = ht_mesh_find(service->mesh, &conn->node);
    if (!had_link && !conn->is_over && peer != NULL) {
        ht_mesh_dial_failed(service->mesh, peer, why);
    }
    conn->is_over = true;
    conn->over_ms = 0;
    ht_mesh_sweep_soon(service);
    ht_mesh_wake(service);
}

/* The relays have been stopped. */
static void gone(void *user) {
    struct ht_mesh_conn *conn = user;
    conn->tie = NULL;
    conn->wire = NULL;
    end_link(conn);
    ht_mesh_conn_free(conn);
}

const struct ht_peers_tap ht_mesh_tap = {
    .opened = opened, .received = received, .closed = closed, .gone = gone};

/* --- the end ---------------------------------------------------------------------------------- */

void ht_mesh_links_stop(struct ht_mesh_service *service) {
    ht_timer_cancel(&service->dial);
    ht_timer_cancel(&service->sweep);
    for (struct ht_mesh_conn *conn = service->conns, *next; conn != NULL; conn = next) {
        next = conn->next;
        if (conn->is_dialled) close_dialled(conn);
    }
}

void ht_mesh_links_free(struct ht_mesh_service *service) {
    while (service->conns != NULL) {
        struct ht_mesh_conn *conn = service->conns;
        if (conn->link != NULL) ht_mesh_link_closed(conn->link);
        ht_mesh_conn_free(conn);
    }
}
