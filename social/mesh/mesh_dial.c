/* Dialling peers. */
#include "social/mesh/mesh_dial.h"

#include <stdio.h>

#include "node/base/hex.h"
#include "social/mesh/mesh_links.h"

#define DIAL_EVERY_MS 2000
#define DIALS_MAX 8U /* at a time */

/* How an address is dialled. */
struct way {
    char channel[HT_CHANNEL_SIZE];
    const ht_hash32 *pin;
    const char *socks;
};

static enum ht_err no_way(struct ht_why *why, const char *code_text) {
    return ht_fail(why, HT_EDENIED, "no_way", "%s", code_text);
}

static bool is_tls(const char *url) {
    return strncmp(url, "wss:", 4) == 0;
}

static void name_onion(char channel[static HT_CHANNEL_SIZE], const char *url) {
    const char *host = strstr(url, "://");
    host = host != NULL ? host + 3 : url;
    (void)snprintf(channel, HT_CHANNEL_SIZE, "onion:%.*s", (int)strcspn(host, ":/"), host);
}

static enum ht_err find_way(struct way *way, const struct ht_mesh_service *service,
                            const struct ht_mesh_peer *peer, const char *url, struct ht_why *why) {
    const struct ht_mesh_settings *settings = &service->settings;
    enum ht_address_reach reach = ht_address_reach_of(url);
    bool is_onion = reach == HT_REACH_ONION;
    *way = (struct way){.socks = is_onion ? settings->tor_socks : NULL};
    if (reach == HT_REACH_NONE) return no_way(why, "that is no address of a peer");
    if (is_onion && !settings->onion)
        return no_way(why, "its onion address needs Tor, which is off");
    if (is_tls(url)) {
        char hex[HT_HEX_SIZE(32)];
        if (!peer->record.has_pin) return no_way(why, "the key of its TLS is not known");
        way->pin = &peer->record.pin;
        ht_hex_write(hex, HT_BYTES(way->pin->b));
        (void)snprintf(way->channel, sizeof way->channel, "%s", hex + 2);
    } else if (is_onion) {
        name_onion(way->channel, url);
    } else {
        bool may = reach == HT_REACH_LOOPBACK || (reach == HT_REACH_LAN && settings->plain_lan);
        if (!may) return no_way(why, "it can be reached without TLS only");
        (void)snprintf(way->channel, sizeof way->channel, "plain");
    }
    return HT_OK;
}

/* The owner's own word, or what is in the same network. */
static bool is_named(const struct ht_mesh_peer *peer) {
    return peer->origin == HT_MESH_ADDED || peer->origin == HT_MESH_INVITED ||
           peer->origin == HT_MESH_LAN;
}

static enum ht_err join(struct ht_mesh_service *service, const struct ht_mesh_peer *peer,
                        const char *url, bool is_lan, const struct way *way, struct ht_why *why) {
    struct ht_mesh_conn *conn = ht_mesh_conn_new(service);
    if (conn == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    conn->is_dialled = true;
    conn->node = peer->node;
    conn->has_pin = way->pin != NULL;
    if (way->pin != NULL) conn->pin = *way->pin;
    memcpy(conn->channel, way->channel, sizeof conn->channel);
    (void)snprintf(conn->url, sizeof conn->url, "%s", url);
    const struct ht_peers_joining joining = {.url = url,
                                             .pin = way->pin,
                                             .socks = way->socks,
                                             .is_named = is_lan || is_named(peer),
                                             .tap = &ht_mesh_tap,
                                             .user = conn};
    enum ht_err err = ht_peers_join(&conn->tie, service->social, &joining, why);
    if (err != HT_OK) ht_mesh_conn_free(conn);
    return err;
}

/* The next address for which there is a way. */
static void dial_one(struct ht_mesh_service *service, struct ht_mesh_peer *peer) {
    struct ht_why why = {.code = "no_address"};
    struct way way;
    size_t count = peer->record.address_count;
    enum ht_err err = HT_ENOTFOUND;
    for (size_t i = 0; err != HT_OK && i < count; i++) {
        const char *url = peer->record.addresses[(peer->failures + i) % count];
        err = find_way(&way, service, peer, url, &why);
        if (err == HT_OK) err = join(service, peer, url, false, &way, &why);
    }
    if (err != HT_OK) ht_mesh_dial_failed(service->mesh, peer, &why);
}

void ht_mesh_links_dial_at(struct ht_mesh_service *service, struct ht_mesh_peer *peer,
                           const char *url) {
    struct way way;
    if (ht_mesh_conn_of(service, peer) != NULL) return;
    if (find_way(&way, service, peer, url, NULL) != HT_OK) return;
    if (join(service, peer, url, true, &way, NULL) == HT_OK) ht_mesh_changed(service);
}

void ht_mesh_links_dial_now(struct ht_mesh_service *service, struct ht_mesh_peer *peer) {
    if (service->is_running) dial_one(service, peer);
}

void ht_mesh_links_dial(struct ht_mesh_service *service) {
    struct ht_mesh_peer *list[DIALS_MAX];
    if (!service->is_running) return;
    size_t count = ht_mesh_to_dial(service->mesh, list, DIALS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct ht_mesh_conn *conn = ht_mesh_conn_of(service, list[i]);
        if (conn == NULL) dial_one(service, list[i]);
    }
    if (count > 0) ht_mesh_changed(service);
    ht_mesh_wake(service);
}

static void dial(struct ht_timer *timer) {
    struct ht_mesh_service *service =
        (struct ht_mesh_service *)(void *)((char *)timer - offsetof(struct ht_mesh_service, dial));
    if (!service->is_running) return;
    ht_mesh_links_dial(service);
    ht_timer_set(service->social->host->loop, &service->dial, DIAL_EVERY_MS, dial);
}

void ht_mesh_links_begin(struct ht_mesh_service *service) {
    ht_timer_set(service->social->host->loop, &service->dial, 0, dial);
}
