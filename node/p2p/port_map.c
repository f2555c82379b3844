/* Asking the router for a port: one way after the other, renewing, trying again. */
#include "node/p2p/port_map.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/p2p/node_address.h"
#include "node/p2p/port_map_route.h"

#define PMP_FIRST_MS INT64_C(250)
#define PMP_TRIES 4U
#define SEARCH_MS 1200
#define SEARCH_TRIES 3U
#define SEARCH_ADDRESS "239.255.255.250"
#define SEARCH_PORT 1900
#define HTTP_MS 5000
#define LAST_MS 1000
#define AGAIN_MS INT64_C(60000)
#define AGAIN_MAX_MS (INT64_C(30) * 60 * 1000)
#define PERMANENT_MS                                                            \
    (INT64_C(30) * 60 * 1000) /* until a mapping without an end is looked after \
                               */
#define PORT_TRIES 4U         /* external ports that are another's */
#define UPNP_IN_USE 718U
#define UPNP_NO_LEASE 725U
#define READ_MAX 32U

enum step {
    STEP_WAITING,
    STEP_PMP_ADDRESS,
    STEP_PMP_PORT,
    STEP_SEARCHING,
    STEP_DESCRIBING,
    STEP_ADDRESS,
    STEP_ADDING,
};

struct ht_port_map {
    struct ht_port_map_options options;
    char gateway[INET_ADDRSTRLEN], own[INET_ADDRSTRLEN];
    enum ht_port_map_state state;
    enum step step;
    struct ht_why why;
    struct ht_watch pmp, ssdp;
    struct ht_timer timer;
    unsigned tries, port_tries;
    int64_t again_ms, until_ms; /* until_ms 0: without an end */
    uint32_t lease_s;           /* to be asked for */
    char outside[HT_UPNP_ADDRESS_SIZE], address[HT_PORT_MAP_ADDRESS_SIZE];
    uint16_t external;
    bool is_mapped, is_upnp; /* there is something to remove, and how */
    struct ht_upnp_device device;
    struct ht_upnp_service service;
    struct ht_http_request *request;
};

static void begin(struct ht_port_map *map);
static void search(struct ht_port_map *map);
static void call(struct ht_port_map *map, enum ht_upnp_action action);

static int64_t now_ms(const struct ht_port_map *map) {
    return ht_mono_ms(ht_loop_clock(map->options.loop));
}

static void tell(struct ht_port_map *map) {
    map->options.changed(map->options.user);
}

/* --- how it ends ------------------------------------------------------------------------------ */

static void stop_asking(struct ht_port_map *map) {
    ht_timer_cancel(&map->timer);
    ht_watch_close(&map->pmp);
    ht_watch_close(&map->ssdp);
    if (map->request != NULL) ht_http_cancel(map->request);
    map->request = NULL;
}

static void on_again(struct ht_timer *timer) {
    begin((struct ht_port_map *)(void *)((char *)timer - offsetof(struct ht_port_map, timer)));
}

/* A mapping that was there lives until its lease ends, and is told for as long. */
static void give_up(struct ht_port_map *map, enum ht_port_map_state state,
                    const struct ht_why *why) {
    stop_asking(map);
    map->step = STEP_WAITING;
    bool is_left = map->state == HT_PORT_MAP_OPEN && map->until_ms > now_ms(map) + AGAIN_MS;
    if (!is_left) {
        map->state = state;
        map->address[0] = '\0';
        map->why = *why;
    }
    ht_timer_set(map->options.loop, &map->timer, map->again_ms, on_again);
    map->again_ms = map->again_ms * 2 < AGAIN_MAX_MS ? map->again_ms * 2 : AGAIN_MAX_MS;
    tell(map);
}

static void fail(struct ht_port_map *map, const char *code, const char *text) {
    struct ht_why why = {.code = code};
    (void)snprintf(why.text, sizeof why.text, "%s", text);
    bool is_none = strcmp(code, "no_router") == 0 || strcmp(code, "no_answer") == 0;
    give_up(map, is_none ? HT_PORT_MAP_NONE : HT_PORT_MAP_FAILED, &why);
}

static void open_with(struct ht_port_map *map, uint32_t lease_s) {
    stop_asking(map);
    map->step = STEP_WAITING;
    map->state = HT_PORT_MAP_OPEN;
    map->is_mapped = true;
    map->why = (struct ht_why){.code = ""};
    map->again_ms = AGAIN_MS;
    map->until_ms = lease_s == 0 ? 0 : now_ms(map) + (int64_t)lease_s * 1000;
    (void)snprintf(map->address, sizeof map->address, "%s:%u", map->outside,
                   (unsigned)map->external);
    int64_t half_ms = lease_s == 0 ? PERMANENT_MS : (int64_t)lease_s * 500;
    ht_timer_set(map->options.loop, &map->timer, half_ms, on_again);
    tell(map);
}

/* The router's own address must be one that others can reach. False: it was given up. */
static bool take_outside(struct ht_port_map *map, const char *address) {
    char url[HT_NODE_ADDRESS_SIZE];
    (void)snprintf(url, sizeof url, "wss://%s:1", address);
    (void)snprintf(map->outside, sizeof map->outside, "%s", address);
    if (ht_address_reach_of(url) == HT_REACH_PUBLIC) return true;
    fail(map, "double_nat",
         "the router has no public address itself: another one, or the provider, is in between");
    return false;
}

/* --- sockets ---------------------------------------------------------------------------------- */

static struct sockaddr_in address_of(const char *text, uint16_t port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    (void)inet_pton(AF_INET, text, &at.sin_addr);
    return at;
}

static uint16_t pmp_port(const struct ht_port_map *map) {
    return map->options.gateway_port != 0 ? map->options.gateway_port : HT_PMP_PORT;
}

static bool open_udp(struct ht_port_map *map, struct ht_watch *watch) {
    struct sockaddr_in at = address_of(map->own, 0);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return false;
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) == 0) {
        (void)setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &at.sin_addr, sizeof at.sin_addr);
        return ht_watch_open(watch, map->options.watches, fd, NULL) == HT_OK;
    }
    (void)close(fd);
    return false;
}

/* --- NAT-PMP ---------------------------------------------------------------------------------- */

static void send_pmp(const struct ht_port_map *map, int fd, bool is_port, uint32_t lease_s) {
    uint8_t bytes[HT_PMP_REQUEST_SIZE];
    const struct sockaddr_in to = address_of(map->gateway, pmp_port(map));
    uint16_t port = map->options.port, wanted = lease_s == 0 ? 0 : map->external;
    size_t n = is_port ? ht_pmp_ask_port(bytes, port, wanted, lease_s) : ht_pmp_ask_address(bytes);
    (void)!sendto(fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&to,
                  sizeof to);
}

static void on_pmp_timer(struct ht_timer *timer) {
    struct ht_port_map *map =
        (struct ht_port_map *)(void *)((char *)timer - offsetof(struct ht_port_map, timer));
    if (map->tries == PMP_TRIES) {
        ht_watch_close(&map->pmp);
        search(map);
        return;
    }
    send_pmp(map, map->pmp.fd, map->step == STEP_PMP_PORT, map->options.lease_s);
    ht_timer_set(map->options.loop, timer, PMP_FIRST_MS << map->tries, on_pmp_timer);
    map->tries++;
}

static void ask_pmp(struct ht_port_map *map, enum step step) {
    map->step = step;
    map->tries = 0;
    on_pmp_timer(&map->timer);
}

static void take_pmp(struct ht_port_map *map, ht_bytes bytes) {
    struct ht_pmp_reply reply;
    char text[INET_ADDRSTRLEN];
    struct ht_why why = {0};
    enum ht_err err = ht_pmp_read(&reply, bytes, &why);
    if (err == HT_EDENIED) { /* perhaps it speaks UPnP */
        map->why = why;
        ht_watch_close(&map->pmp);
        search(map);
        return;
    }
    if (err != HT_OK) return;
    if (!reply.is_port && map->step == STEP_PMP_ADDRESS) {
        if (inet_ntop(AF_INET, reply.address, text, sizeof text) == NULL) return;
        if (take_outside(map, text)) ask_pmp(map, STEP_PMP_PORT);
    } else if (reply.is_port && map->step == STEP_PMP_PORT && reply.internal == map->options.port &&
               reply.external != 0 && reply.lease_s > 0) {
        map->external = reply.external;
        map->is_upnp = false;
        open_with(map, reply.lease_s);
    }
}

static void on_pmp(struct ht_watch *watch) {
    struct ht_port_map *map =
        (struct ht_port_map *)(void *)((char *)watch - offsetof(struct ht_port_map, pmp));
    const struct sockaddr_in gateway = address_of(map->gateway, pmp_port(map));
    for (unsigned i = 0; i < READ_MAX && watch->is_open; i++) {
        uint8_t bytes[64];
        struct sockaddr_in from = {0};
        socklen_t len = sizeof from;
        ssize_t n =
            recvfrom(watch->fd, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from, &len);
        if (n < 0) return;
        bool is_gateway =
            from.sin_addr.s_addr == gateway.sin_addr.s_addr && from.sin_port == gateway.sin_port;
        if (is_gateway) take_pmp(map, ht_bytes_of(bytes, (size_t)n));
    }
}

/* --- UPnP ------------------------------------------------------------------------------------- */

static void on_search_timer(struct ht_timer *timer) {
    struct ht_port_map *map =
        (struct ht_port_map *)(void *)((char *)timer - offsetof(struct ht_port_map, timer));
    const struct ht_port_map_options *options = &map->options;
    const struct sockaddr_in to =
        address_of(options->search != NULL ? options->search : SEARCH_ADDRESS,
                   options->search_port != 0 ? options->search_port : SEARCH_PORT);
    if (map->tries == SEARCH_TRIES) {
        if (map->why.code != NULL && strcmp(map->why.code, "router_refused") == 0) {
            const struct ht_why why = map->why;
            give_up(map, HT_PORT_MAP_FAILED, &why);
        } else {
            fail(map, "no_answer", "the router answers neither NAT-PMP nor UPnP");
        }
        return;
    }
    map->tries++;
    (void)!sendto(map->ssdp.fd, ht_upnp_search, strlen(ht_upnp_search), MSG_DONTWAIT | MSG_NOSIGNAL,
                  (const struct sockaddr *)&to, sizeof to);
    ht_timer_set(options->loop, timer, SEARCH_MS, on_search_timer);
}

static void search(struct ht_port_map *map) {
    map->step = STEP_SEARCHING;
    map->tries = 0;
    if (!open_udp(map, &map->ssdp)) {
        fail(map, "no_answer", "the network cannot be asked for UPnP");
        return;
    }
    on_search_timer(&map->timer);
}

static void on_http(void *user, const struct ht_http_answer *answer);

static void start_http(struct ht_port_map *map, const char *url, const char *soap_action,
                       ht_bytes body) {
    const struct ht_http_options options = {.url = url,
                                            .content_type =
                                                body.n > 0 ? "text/xml; charset=\"utf-8\"" : NULL,
                                            .soap_action = soap_action,
                                            .body = body,
                                            .max_bytes = HT_UPNP_TEXT_MAX,
                                            .timeout_ms = HTTP_MS,
                                            .is_direct = true};
    if (ht_http_start(&map->request, map->options.http, &options, on_http, NULL, map) == HT_OK)
        return;
    map->request = NULL;
    fail(map, "busy", "too much is asked for at once");
}

static void on_ssdp(struct ht_watch *watch) {
    struct ht_port_map *map =
        (struct ht_port_map *)(void *)((char *)watch - offsetof(struct ht_port_map, ssdp));
    for (unsigned i = 0; i < READ_MAX; i++) {
        uint8_t bytes[2048];
        char text[INET_ADDRSTRLEN], url[64];
        struct sockaddr_in from = {0};
        socklen_t len = sizeof from;
        ssize_t n =
            recvfrom(watch->fd, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from, &len);
        if (n < 0) return;
        if (inet_ntop(AF_INET, &from.sin_addr, text, sizeof text) == NULL) continue;
        (void)snprintf(url, sizeof url, "wss://%s:1", text);
        enum ht_address_reach reach = ht_address_reach_of(url);
        bool is_near = reach == HT_REACH_LAN || strcmp(text, map->gateway) == 0;
        ht_bytes packet = ht_bytes_of(bytes, (size_t)n);
        if (!is_near || ht_upnp_read_found(&map->device, packet, text, NULL) != HT_OK) continue;
        ht_timer_cancel(&map->timer);
        ht_watch_close(watch);
        map->step = STEP_DESCRIBING;
        start_http(map, map->device.url, NULL, (ht_bytes){0});
        return;
    }
}

static struct ht_upnp_mapping mapping_of(const struct ht_port_map *map) {
    return (struct ht_upnp_mapping){.external = map->external,
                                    .internal = map->options.port,
                                    .client = map->own,
                                    .lease_s = map->lease_s};
}

static void call(struct ht_port_map *map, enum ht_upnp_action action) {
    const struct ht_upnp_mapping mapping = mapping_of(map);
    struct ht_buf body;
    char header[160];
    ht_buf_init(&body, 4096);
    map->step = action == HT_UPNP_ADDRESS ? STEP_ADDRESS : STEP_ADDING;
    if (ht_upnp_write(&body, header, action, &map->service, &mapping) == HT_OK) {
        start_http(map, map->service.control, header, ht_buf_view(&body));
    } else {
        fail(map, "no_memory", "out of memory");
    }
    ht_buf_fini(&body);
}

static void on_described(struct ht_port_map *map, ht_bytes xml) {
    struct ht_why why = {0};
    if (ht_upnp_read_description(&map->service, xml, &map->device, &why) == HT_OK) {
        call(map, HT_UPNP_ADDRESS);
    } else {
        give_up(map, HT_PORT_MAP_FAILED, &why);
    }
}

/* An error's text comes with status 500. */
static void on_called(struct ht_port_map *map, ht_bytes xml) {
    char address[HT_UPNP_ADDRESS_SIZE];
    struct ht_why why = {0};
    unsigned code = 0;
    bool is_address = map->step == STEP_ADDRESS;
    enum ht_upnp_action action = is_address ? HT_UPNP_ADDRESS : HT_UPNP_ADD;
    enum ht_err err = ht_upnp_read(address, &code, xml, action, &why);
    if (err == HT_OK && is_address) {
        if (take_outside(map, address)) call(map, HT_UPNP_ADD);
    } else if (err == HT_OK) {
        map->is_upnp = true;
        open_with(map, map->lease_s);
    } else if (!is_address && code == UPNP_NO_LEASE && map->lease_s != 0) {
        map->lease_s = 0;
        call(map, HT_UPNP_ADD);
    } else if (!is_address && code == UPNP_IN_USE && map->port_tries++ < PORT_TRIES) {
        map->external = (uint16_t)(20000 + ht_random_below(map->options.random, 40000));
        call(map, HT_UPNP_ADD);
    } else {
        give_up(map, HT_PORT_MAP_FAILED, &why);
    }
}

static void on_http(void *user, const struct ht_http_answer *answer) {
    struct ht_port_map *map = user;
    map->request = NULL;
    if (answer->err != HT_OK) {
        give_up(map, HT_PORT_MAP_FAILED, &answer->why);
    } else if (map->step == STEP_DESCRIBING) {
        on_described(map, answer->body);
    } else {
        on_called(map, answer->body);
    }
}

/* --- beginning and end ------------------------------------------------------------------------ */

static void begin(struct ht_port_map *map) {
    bool has_gateway = true;
    if (map->options.gateway != NULL) {
        (void)snprintf(map->gateway, sizeof map->gateway, "%s", map->options.gateway);
    } else {
        has_gateway = ht_route_gateway(map->gateway);
    }
    map->port_tries = 0;
    if (!has_gateway || !ht_route_own(map->own, map->gateway)) {
        fail(map, "no_router", "there is no way out of this network");
        return;
    }
    if (map->state == HT_PORT_MAP_OPEN && map->is_upnp) { /* renewed where it was opened */
        call(map, HT_UPNP_ADDRESS);
    } else if (open_udp(map, &map->pmp)) {
        ask_pmp(map, STEP_PMP_ADDRESS);
    } else {
        search(map);
    }
}

enum ht_err ht_port_map_new(struct ht_port_map **out, const struct ht_port_map_options *options,
                            struct ht_why *why) {
    struct ht_port_map *map = calloc(1, sizeof *map);
    if (map == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    map->options = *options;
    if (map->options.lease_s == 0) map->options.lease_s = HT_PORT_MAP_LEASE_S;
    map->lease_s = map->options.lease_s;
    map->external = options->port;
    map->why.code = "";
    map->again_ms = AGAIN_MS;
    map->pmp.readable = on_pmp;
    map->ssdp.readable = on_ssdp;
    ht_timer_set(options->loop, &map->timer, 0, on_again);
    *out = map;
    return HT_OK;
}

static void on_removed(void *user, const struct ht_http_answer *answer) {
    (void)user, (void)answer;
}

static void remove_upnp(struct ht_port_map *map, bool is_last) {
    const struct ht_upnp_mapping mapping = mapping_of(map);
    struct ht_http_request *request;
    struct ht_buf body, answer_body;
    char header[160];
    ht_buf_init(&body, 4096);
    if (ht_upnp_write(&body, header, HT_UPNP_DELETE, &map->service, &mapping) == HT_OK) {
        const struct ht_http_options options = {.url = map->service.control,
                                                .content_type = "text/xml; charset=\"utf-8\"",
                                                .soap_action = header,
                                                .body = ht_buf_view(&body),
                                                .max_bytes = HT_UPNP_TEXT_MAX,
                                                .timeout_ms = is_last ? LAST_MS : HTTP_MS,
                                                .is_direct = true};
        if (is_last) {
            struct ht_http_answer answer;
            ht_http_fetch(&answer, &answer_body, &options);
            ht_buf_fini(&answer_body);
        } else {
            (void)!ht_http_start(&request, map->options.http, &options, on_removed, NULL, NULL);
        }
    }
    ht_buf_fini(&body);
}

static void remove_mapping(struct ht_port_map *map, bool is_last) {
    if (!map->is_mapped) return;
    if (map->is_upnp) {
        remove_upnp(map, is_last);
    } else if (open_udp(map, &map->pmp)) { /* said twice, since a packet may be lost */
        send_pmp(map, map->pmp.fd, true, 0);
        send_pmp(map, map->pmp.fd, true, 0);
    }
}

void ht_port_map_free(struct ht_port_map *map, bool is_last) {
    if (map == NULL) return;
    stop_asking(map);
    remove_mapping(map, is_last);
    ht_watch_close(&map->pmp);
    free(map);
}

enum ht_port_map_state ht_port_map_state(const struct ht_port_map *map) {
    return map->state;
}

const char *ht_port_map_address(const struct ht_port_map *map) {
    return map->address;
}

uint32_t ht_port_map_lease_s(const struct ht_port_map *map) {
    int64_t left_ms = map->until_ms - now_ms(map);
    return map->state == HT_PORT_MAP_OPEN && left_ms > 0 ? (uint32_t)(left_ms / 1000) : 0;
}

const struct ht_why *ht_port_map_why(const struct ht_port_map *map) {
    return &map->why;
}
