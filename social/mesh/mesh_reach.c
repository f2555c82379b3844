/* From where the node can be reached: its own doors for peers, its addresses. The record that says
 * so is mesh_record.c's. */
#include "social/mesh/mesh_reach.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/base/log.h"
#include "social/mesh/mesh_door.h"
#include "social/mesh/mesh_links.h"
#include "social/mesh/mesh_outside.h"
#include "social/mesh/mesh_record.h"
#include "social/relay/keeper.h"

/* --- the doors -------------------------------------------------------------------------------- */

static void close_door(struct ht_mesh_door *door) {
    if (door->door != NULL) ht_door_free(door->door);
    door->door = NULL;
}

static enum ht_err open_tls(struct ht_mesh_reach *reach, const char *address, uint16_t port,
                            struct ht_why *why) {
    struct ht_mesh_service *service = reach->service;
    const char *names[HT_MESH_HOSTS_MAX];
    char hex[HT_HEX_SIZE(32)];
    for (size_t i = 0; i < service->settings.host_count; i++) {
        names[i] = service->settings.hosts[i];
    }
    const struct ht_door_options options = {.address = address,
                                            .port = port,
                                            .names = names,
                                            .name_count = service->settings.host_count,
                                            .key_path = service->key.key_path,
                                            .certificate_path = service->key.certificate_path};
    ht_hex_write(hex, HT_BYTES(service->key.pin.b));
    (void)snprintf(reach->tls.channel, sizeof reach->tls.channel, "%s", hex + 2);
    return ht_mesh_door_open(&reach->tls, service->social, &options, why);
}

/* By the command line, or else by settings. */
static bool wants_door(const struct ht_mesh_service *service, const char **address,
                       uint16_t *port) {
    const struct ht_host *host = service->social->host;
    const struct ht_mesh_settings *settings = &service->settings;
    *address = host->peer_address != NULL ? host->peer_address
               : host->has_peer_port      ? "127.0.0.1"
                                          : settings->bind;
    *port = host->has_peer_port ? host->peer_port : settings->port;
    return host->has_peer_port || settings->listen;
}

static void apply_door(struct ht_mesh_reach *reach) {
    const char *address;
    uint16_t port;
    bool wants = wants_door(reach->service, &address, &port);
    bool is_same = reach->tls.door != NULL && strcmp(reach->address, address) == 0 &&
                   reach->wanted_port == port;
    if (wants && is_same) return;
    close_door(&reach->tls);
    reach->why = (struct ht_why){.code = ""};
    if (!wants) return;
    if (open_tls(reach, address, port, &reach->why) != HT_OK) {
        ht_log(HT_LOG_WARN, "peers", "no port for peers: %s", reach->why.text);
        return;
    }
    (void)snprintf(reach->address, sizeof reach->address, "%s", address);
    reach->wanted_port = port;
    ht_log(HT_LOG_INFO, "peers", "peers may come to %s", ht_door_url(reach->tls.door));
}

uint16_t ht_mesh_reach_onion_port(struct ht_mesh_service *service, const char *address) {
    struct ht_mesh_reach *reach = service->reach;
    char channel[HT_CHANNEL_SIZE];
    struct ht_why why = {0};
    const struct ht_door_options options = {
        .address = "127.0.0.1", .names = &address, .name_count = 1};
    if (!service->is_running) return 0;
    (void)snprintf(channel, sizeof channel, "onion:%s", address);
    if (reach->onion.door != NULL && strcmp(channel, reach->onion.channel) == 0) {
        return ht_door_port(reach->onion.door);
    }
    close_door(&reach->onion);
    memcpy(reach->onion.channel, channel, sizeof channel);
    if (ht_mesh_door_open(&reach->onion, service->social, &options, &why) != HT_OK) {
        ht_log(HT_LOG_WARN, "peers", "no door for the onion service: %s", why.text);
        return 0;
    }
    return ht_door_port(reach->onion.door);
}

/* --- addresses -------------------------------------------------------------------------------- */

struct listing {
    struct ht_mesh_address *out;
    size_t count;
    uint16_t port;
    bool has_lan; /* those of the own network are told, too */
};

static void add(struct listing *listing, const char *url, bool is_told) {
    enum ht_address_reach reach = ht_address_reach_of(url);
    if (reach == HT_REACH_NONE || listing->count == HT_MESH_ADDRESSES_MAX) return;
    for (size_t i = 0; i < listing->count; i++) {
        if (strcmp(listing->out[i].url, url) == 0) return;
    }
    struct ht_mesh_address *one = &listing->out[listing->count++];
    *one = (struct ht_mesh_address){.reach = reach};
    one->is_told = is_told && (reach != HT_REACH_LAN || listing->has_lan);
    (void)snprintf(one->url, sizeof one->url, "%s", url);
}

/* A name or number, perhaps with a port of its own. */
static void add_host(struct listing *listing, const char *host) {
    char url[HT_NODE_ADDRESS_SIZE];
    const char *colon = strchr(host, ':');
    bool is_bare_v6 = host[0] != '[' && colon != NULL && strchr(colon + 1, ':') != NULL;
    bool has_port = !is_bare_v6 && (host[0] == '[' ? strstr(host, "]:") != NULL : colon != NULL);
    if (has_port) {
        (void)snprintf(url, sizeof url, "wss://%s", host);
    } else {
        (void)snprintf(url, sizeof url, is_bare_v6 ? "wss://[%s]:%u" : "wss://%s:%u", host,
                       (unsigned)listing->port);
    }
    add(listing, url, true);
}

static bool is_v4_any(const char *address) {
    return strcmp(address, "0.0.0.0") == 0;
}

/* Where all addresses are listened on: those that lead here from elsewhere. */
static void add_interfaces(struct listing *listing, const char *bind) {
    struct ifaddrs *list = NULL;
    char text[INET6_ADDRSTRLEN];
    if (getifaddrs(&list) != 0) return;
    for (const struct ifaddrs *one = list; one != NULL; one = one->ifa_next) {
        bool is_up = (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_LOOPBACK) == 0;
        if (one->ifa_addr == NULL || !is_up) continue;
        const void *number = NULL;
        if (one->ifa_addr->sa_family == AF_INET) {
            number = &((const struct sockaddr_in *)(const void *)one->ifa_addr)->sin_addr;
        } else if (one->ifa_addr->sa_family == AF_INET6 && !is_v4_any(bind)) {
            const struct sockaddr_in6 *v6 = (const void *)one->ifa_addr;
            if (!IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr)) number = &v6->sin6_addr;
        }
        if (number == NULL) continue;
        if (inet_ntop(one->ifa_addr->sa_family, number, text, sizeof text) == NULL) continue;
        add_host(listing, text);
    }
    freeifaddrs(list);
}

size_t ht_mesh_addresses(const struct ht_mesh_service *service,
                         struct ht_mesh_address out[static HT_MESH_ADDRESSES_MAX]) {
    const struct ht_mesh_reach *reach = service->reach;
    struct listing listing = {.out = out, .has_lan = service->settings.lan};
    if (reach->tls.door != NULL) {
        listing.port = ht_door_port(reach->tls.door);
        for (size_t i = 0; i < service->settings.host_count; i++) {
            add_host(&listing, service->settings.hosts[i]);
        }
        bool is_any = is_v4_any(reach->address) || strcmp(reach->address, "::") == 0;
        if (is_any) {
            add_interfaces(&listing, reach->address);
        } else {
            add_host(&listing, reach->address);
        }
    }
    struct ht_mesh_address more[HT_MESH_ADDRESSES_MAX];
    size_t count = ht_mesh_outside_addresses(reach->outside, more, HT_MESH_ADDRESSES_MAX);
    for (size_t i = 0; i < count; i++) add(&listing, more[i].url, more[i].is_told);
    return listing.count;
}

void ht_mesh_own_record(struct ht_node_record *out, const struct ht_mesh_service *service,
                        bool has_all) {
    struct ht_mesh_address list[HT_MESH_ADDRESSES_MAX];
    size_t count = ht_mesh_addresses(service, list);
    *out = (struct ht_node_record){.node = service->key.pubkey,
                                   .has_pin = true,
                                   .pin = service->key.pin,
                                   .may_pass = service->settings.exchange};
    out->has_user = ht_social_owner(service->social, &out->user);
    for (size_t i = 0; i < count && out->address_count < HT_NODE_ADDRESSES_MAX; i++) {
        if (!has_all && !list[i].is_told) continue;
        memcpy(out->addresses[out->address_count++], list[i].url, sizeof list[i].url);
    }
}

bool ht_mesh_is_listening(const struct ht_mesh_service *service) {
    return service->reach->tls.door != NULL;
}

bool ht_mesh_is_lan_address(const char *address) {
    char url[128];
    bool is_v6 = strchr(address, ':') != NULL;
    int n = snprintf(url, sizeof url, is_v6 ? "wss://[%s]" : "wss://%s", address);
    if (n < 0 || (size_t)n >= sizeof url) return false;
    enum ht_address_reach reach = ht_address_reach_of(url);
    return reach == HT_REACH_LAN || reach == HT_REACH_LOOPBACK;
}

json_t *ht_mesh_reach_json(const struct ht_mesh_service *service) {
    static const char *const NAMES[] = {"loopback", "lan", "public", "onion", "none"};
    const struct ht_mesh_reach *reach = service->reach;
    struct ht_mesh_address list[HT_MESH_ADDRESSES_MAX];
    size_t count = ht_mesh_addresses(service, list);
    json_t *addresses = json_array();
    for (size_t i = 0; i < count; i++) {
        bool is_told = list[i].is_told && service->settings.tell != HT_TELL_NOBODY;
        (void)json_array_append_new(addresses,
                                    json_pack("{s:s, s:s, s:b}", "url", list[i].url, "reach",
                                              NAMES[list[i].reach], "is_told", (int)is_told));
    }
    const char *url = reach->tls.door != NULL ? ht_door_url(reach->tls.door) : NULL;
    const char *why = reach->why.text[0] != '\0' ? reach->why.text : NULL;
    const char *address;
    uint16_t port;
    json_t *out =
        json_pack("{s:s?, s:b, s:s?, s:o}", "listen", url, "is_on",
                  (int)wants_door(service, &address, &port), "why", why, "addresses", addresses);
    if (out != NULL) ht_mesh_outside_json(reach->outside, out);
    return out;
}

/* --- beginning and end ------------------------------------------------------------------------ */

enum ht_err ht_mesh_reach_new(struct ht_mesh_service *service, sqlite3 *db, struct ht_why *why) {
    struct ht_mesh_reach *reach = calloc(1, sizeof *reach);
    if (reach == NULL) return ht_task_no_memory(why);
    reach->service = service;
    reach->why.code = "";
    service->reach = reach;
    enum ht_err err = ht_mesh_outside_new(&reach->outside, service, why);
    return err == HT_OK ? ht_mesh_record_load(reach, db, why) : err;
}

void ht_mesh_reach_apply(struct ht_mesh_service *service) {
    struct ht_mesh_reach *reach = service->reach;
    if (!service->is_running) return;
    apply_door(reach);
    ht_mesh_outside_apply(reach->outside,
                          reach->tls.door != NULL ? ht_door_port(reach->tls.door) : 0);
    ht_mesh_reach_look(service);
}

void ht_mesh_reach_begin(struct ht_mesh_service *service) {
    ht_mesh_record_begin(service->reach);
    ht_mesh_reach_apply(service);
}

void ht_mesh_reach_found(struct ht_mesh_service *service, const ht_hash32 *node, const char *url) {
    if (!service->is_running) return;
    struct ht_mesh_peer *peer = ht_mesh_find(service->mesh, node);
    if (peer != NULL && peer->is_accepted && !peer->is_banned && peer->link == NULL) {
        ht_mesh_links_dial_at(service, peer, url);
    }
}

void ht_mesh_reach_stop(struct ht_mesh_service *service) {
    struct ht_mesh_reach *reach = service->reach;
    if (reach == NULL) return;
    ht_mesh_record_stop(reach);
    ht_mesh_outside_stop(reach->outside);
    close_door(&reach->tls);
    close_door(&reach->onion);
}

void ht_mesh_reach_free(struct ht_mesh_service *service) {
    struct ht_mesh_reach *reach = service->reach;
    if (reach == NULL) return;
    ht_mesh_outside_free(reach->outside);
    free(reach->signed_json);
    free(reach);
    service->reach = NULL;
}
