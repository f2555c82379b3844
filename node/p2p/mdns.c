/* Multicast DNS: one socket for all interfaces, when to ask and answer, who has been heard. */
#include "node/p2p/mdns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define INTERFACES_MAX 16U
#define GROUP 0xe00000fbU /* 224.0.0.251 */
#define ASK_FIRST_MS 20
#define ASK_MAX_MS (INT64_C(10) * 60 * 1000)
#define ANSWER_MIN_MS 20
#define ANSWER_GAP_MS 1000
#define URLS_MAX 4U  /* of one node */
#define READ_MAX 64U /* packets of one turn */
#define SECOND_MS 1000
#define UNICAST_MAX 10U /* answers to one alone, a second */
#define TELL_MAX 16U    /* URLs that are told of, a second: each may be dialled */

struct interface {
    int index;
    struct in_addr address, mask;
};

struct heard {
    ht_hash32 node;
    int64_t until_ms;
};

struct ht_mdns {
    struct ht_mdns_options options;
    struct ht_watch watch;
    struct interface interfaces[INTERFACES_MAX];
    size_t interface_count;
    struct ht_timer ask, answer;
    int64_t ask_ms, answered_ms, second_ms;
    bool is_answering;
    unsigned announcements;  /* still to be made */
    unsigned unicasts, told; /* of this second */
    struct heard heard[HT_MDNS_NODES_MAX];
    size_t heard_count;
};

static int64_t now_ms(const struct ht_mdns *mdns) {
    return ht_mono_ms(ht_loop_clock(mdns->options.loop));
}

/* --- interfaces ------------------------------------------------------------------------------- */

static bool is_wanted(const struct ht_mdns *mdns, const struct ifaddrs *one) {
    if (one->ifa_addr == NULL || one->ifa_netmask == NULL) return false;
    if (one->ifa_addr->sa_family != AF_INET || (one->ifa_flags & IFF_UP) == 0) return false;
    bool is_loopback = (one->ifa_flags & IFF_LOOPBACK) != 0;
    if (mdns->options.is_loopback) return is_loopback;
    return !is_loopback && (one->ifa_flags & IFF_MULTICAST) != 0 &&
           (one->ifa_flags & IFF_POINTOPOINT) == 0;
}

/* Joining twice is refused by the kernel, which is as good. */
static void join(const struct ht_mdns *mdns, const struct interface *one) {
    const struct ip_mreqn group = {.imr_multiaddr.s_addr = htonl(GROUP),
                                   .imr_address = one->address,
                                   .imr_ifindex = one->index};
    (void)setsockopt(mdns->watch.fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group);
}

static void look_at_interfaces(struct ht_mdns *mdns) {
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list) != 0) return;
    mdns->interface_count = 0;
    for (const struct ifaddrs *one = list; one != NULL; one = one->ifa_next) {
        if (!is_wanted(mdns, one) || mdns->interface_count == INTERFACES_MAX) continue;
        struct interface *to = &mdns->interfaces[mdns->interface_count++];
        to->index = (int)if_nametoindex(one->ifa_name);
        to->address = ((const struct sockaddr_in *)(const void *)one->ifa_addr)->sin_addr;
        to->mask = ((const struct sockaddr_in *)(const void *)one->ifa_netmask)->sin_addr;
        join(mdns, to);
    }
    freeifaddrs(list);
}

static const struct interface *interface_of(const struct ht_mdns *mdns, int index,
                                            struct in_addr from) {
    for (size_t i = 0; i < mdns->interface_count; i++) {
        const struct interface *one = &mdns->interfaces[i];
        bool is_near = ((one->address.s_addr ^ from.s_addr) & one->mask.s_addr) == 0;
        if (one->index == index && is_near) return one;
    }
    return NULL;
}

/* --- sending ---------------------------------------------------------------------------------- */

/* to NULL: everybody on that interface. */
static void send_on(const struct ht_mdns *mdns, const struct interface *one,
                    const struct sockaddr_in *to, const uint8_t *p, size_t n) {
    uint16_t port = mdns->options.udp_port != 0 ? mdns->options.udp_port : HT_MDNS_PORT;
    struct sockaddr_in all = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(GROUP)};
    if (to != NULL) all = *to;
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } control = {.bytes = {0}};
    struct iovec part = {.iov_base = (void *)(uintptr_t)p, .iov_len = n};
    struct msghdr message = {.msg_name = &all,
                             .msg_namelen = sizeof all,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    const struct in_pktinfo way = {.ipi_ifindex = one->index, .ipi_spec_dst = one->address};
    head->cmsg_level = IPPROTO_IP;
    head->cmsg_type = IP_PKTINFO;
    head->cmsg_len = CMSG_LEN(sizeof way);
    memcpy(CMSG_DATA(head), &way, sizeof way);
    /* A packet that is lost is one of many; it is asked again. */
    (void)!sendmsg(mdns->watch.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void add_v6(struct ht_mdns_node *self, const struct ifaddrs *one, int index) {
    if (one->ifa_addr == NULL || one->ifa_addr->sa_family != AF_INET6) return;
    const struct in6_addr *v6 =
        &((const struct sockaddr_in6 *)(const void *)one->ifa_addr)->sin6_addr;
    bool is_ours = (v6->s6_addr[0] & 0xfe) == 0xfc; /* of the network alone, fc00::/7 */
    if (!is_ours || (int)if_nametoindex(one->ifa_name) != index) return;
    if (self->address_count == HT_MDNS_ADDRESSES_MAX) return;
    struct ht_mdns_address *to = &self->addresses[self->address_count++];
    to->is_v6 = true;
    memcpy(to->b, v6->s6_addr, 16);
}

static void describe(struct ht_mdns_node *self, const struct ht_mdns *mdns,
                     const struct interface *on, uint32_t ttl_s) {
    struct ifaddrs *list = NULL;
    *self = (struct ht_mdns_node){
        .node = mdns->options.node, .port = mdns->options.port, .ttl_s = ttl_s, .address_count = 1};
    memcpy(self->addresses[0].b, &on->address, 4);
    if (getifaddrs(&list) != 0) return;
    for (const struct ifaddrs *one = list; one != NULL; one = one->ifa_next) {
        add_v6(self, one, on->index);
    }
    freeifaddrs(list);
}

static void tell_all(const struct ht_mdns *mdns, uint32_t ttl_s) {
    uint8_t bytes[HT_MDNS_WRITE_MAX];
    if (mdns->options.port == 0) return;
    for (size_t i = 0; i < mdns->interface_count; i++) {
        struct ht_mdns_node self;
        describe(&self, mdns, &mdns->interfaces[i], ttl_s);
        size_t n = ht_mdns_write_answer(bytes, &self, NULL);
        send_on(mdns, &mdns->interfaces[i], NULL, bytes, n);
    }
}

static void on_answer(struct ht_timer *timer) {
    struct ht_mdns *mdns =
        (struct ht_mdns *)(void *)((char *)timer - offsetof(struct ht_mdns, answer));
    mdns->is_answering = false;
    mdns->answered_ms = now_ms(mdns);
    tell_all(mdns, HT_MDNS_TTL_S);
}

static void answer_soon(struct ht_mdns *mdns) {
    if (mdns->is_answering || mdns->options.port == 0) return;
    mdns->is_answering = true;
    int64_t delay_ms = ANSWER_MIN_MS + (int64_t)ht_random_below(mdns->options.random, 100);
    int64_t gap_ms = mdns->answered_ms + ANSWER_GAP_MS - now_ms(mdns);
    ht_timer_set(mdns->options.loop, &mdns->answer, gap_ms > delay_ms ? gap_ms : delay_ms,
                 on_answer);
}

/* To a program that is no responder, or one that wants it so. */
static void answer_one(struct ht_mdns *mdns, const struct interface *one,
                       const struct sockaddr_in *to, const struct ht_mdns_message *message) {
    uint8_t bytes[HT_MDNS_WRITE_MAX];
    struct ht_mdns_node self;
    if (mdns->options.port == 0) return;
    if (mdns->unicasts++ >= UNICAST_MAX) return;
    describe(&self, mdns, one, HT_MDNS_TTL_S);
    send_on(mdns, one, to, bytes, ht_mdns_write_answer(bytes, &self, message));
}

/* The first answers are given unasked, since others may have asked before we came. */
static void on_ask(struct ht_timer *timer) {
    struct ht_mdns *mdns =
        (struct ht_mdns *)(void *)((char *)timer - offsetof(struct ht_mdns, ask));
    uint8_t bytes[HT_MDNS_WRITE_MAX];
    size_t n = ht_mdns_write_question(bytes), before = mdns->interface_count;
    look_at_interfaces(mdns);
    if (mdns->interface_count > before) mdns->announcements = 2;
    for (size_t i = 0; i < mdns->interface_count; i++) {
        send_on(mdns, &mdns->interfaces[i], NULL, bytes, n);
    }
    if (mdns->announcements > 0) {
        mdns->announcements--;
        answer_soon(mdns);
    }
    mdns->ask_ms = mdns->ask_ms * 2 < ASK_MAX_MS ? mdns->ask_ms * 2 : ASK_MAX_MS;
    ht_timer_set(mdns->options.loop, &mdns->ask, mdns->ask_ms, on_ask);
}

/* --- receiving -------------------------------------------------------------------------------- */

static void forget_old(struct ht_mdns *mdns, const ht_hash32 *node) {
    int64_t now = now_ms(mdns);
    size_t kept = 0;
    for (size_t i = 0; i < mdns->heard_count; i++) {
        const struct heard *one = &mdns->heard[i];
        if (one->until_ms <= now || ht_hash32_equal(&one->node, node)) continue;
        mdns->heard[kept++] = *one;
    }
    mdns->heard_count = kept;
}

/* Those that go on being there say so only when asked, which is every ten minutes. */
static void remember(struct ht_mdns *mdns, const struct ht_mdns_node *node) {
    forget_old(mdns, &node->node);
    if (node->ttl_s == 0 || mdns->heard_count == HT_MDNS_NODES_MAX) return;
    int64_t until_ms = now_ms(mdns) + ASK_MAX_MS + (int64_t)HT_MDNS_TTL_S * SECOND_MS;
    mdns->heard[mdns->heard_count++] = (struct heard){node->node, until_ms};
}

static void tell_found(struct ht_mdns *mdns, const struct ht_mdns_node *node) {
    unsigned told = 0;
    for (size_t i = 0; i < node->address_count && told < URLS_MAX; i++) {
        const struct ht_mdns_address *address = &node->addresses[i];
        char text[INET6_ADDRSTRLEN], url[HT_NODE_ADDRESS_SIZE];
        if (inet_ntop(address->is_v6 ? AF_INET6 : AF_INET, address->b, text, sizeof text) == NULL) {
            continue;
        }
        (void)snprintf(url, sizeof url, address->is_v6 ? "wss://[%s]:%u" : "wss://%s:%u", text,
                       (unsigned)node->port);
        enum ht_address_reach reach = ht_address_reach_of(url);
        bool is_near =
            mdns->options.is_loopback ? reach == HT_REACH_LOOPBACK : reach == HT_REACH_LAN;
        if (!is_near) continue;
        if (mdns->told++ >= TELL_MAX) return;
        told++;
        mdns->options.found(mdns->options.user, &node->node, url);
    }
}

static void take(struct ht_mdns *mdns, const struct interface *one, const struct sockaddr_in *from,
                 ht_bytes bytes) {
    struct ht_mdns_message message;
    uint16_t port = mdns->options.udp_port != 0 ? mdns->options.udp_port : HT_MDNS_PORT;
    bool is_responder = ntohs(from->sin_port) == port;
    if (now_ms(mdns) - mdns->second_ms >= SECOND_MS) {
        mdns->second_ms = now_ms(mdns);
        mdns->unicasts = mdns->told = 0;
    }
    if (ht_mdns_read(&message, bytes, NULL) != HT_OK) return;
    if (!message.is_answer) {
        if (!ht_mdns_asks(&message, &mdns->options.node)) return;
        if (is_responder) {
            answer_soon(mdns);
        } else {
            answer_one(mdns, one, from, &message);
        }
        return;
    }
    if (!is_responder) return; /* RFC 6762 section 6: it would be no responder's */
    for (size_t i = 0; i < message.found_count; i++) {
        const struct ht_mdns_node *node = &message.found[i];
        if (ht_hash32_equal(&node->node, &mdns->options.node)) continue;
        remember(mdns, node);
        if (node->ttl_s > 0) tell_found(mdns, node);
    }
}

/* False: there is nothing more. */
static bool read_one(struct ht_mdns *mdns) {
    uint8_t bytes[HT_MDNS_SIZE_MAX];
    struct sockaddr_in from = {0};
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } control;
    struct iovec part = {.iov_base = bytes, .iov_len = sizeof bytes};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof from,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t n = recvmsg(mdns->watch.fd, &message, MSG_DONTWAIT);
    if (n < 0) return errno == EINTR;
    const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    bool has_way = head != NULL && head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_PKTINFO;
    if (!has_way || (message.msg_flags & MSG_TRUNC) != 0) return true;
    struct in_pktinfo way;
    memcpy(&way, CMSG_DATA(head), sizeof way);
    const struct interface *one = interface_of(mdns, way.ipi_ifindex, from.sin_addr);
    if (one != NULL) take(mdns, one, &from, ht_bytes_of(bytes, (size_t)n));
    return true;
}

static void on_readable(struct ht_watch *watch) {
    struct ht_mdns *mdns =
        (struct ht_mdns *)(void *)((char *)watch - offsetof(struct ht_mdns, watch));
    for (unsigned i = 0; i < READ_MAX; i++) {
        if (!read_one(mdns)) return;
    }
}

/* --- beginning and end ------------------------------------------------------------------------ */

/* -1 and errno. Shared with other responders of this computer. */
static int open_socket(uint16_t port) {
    const int yes = 1, ttl = 255;
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(GROUP)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    bool is_set = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) == 0 &&
                  setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes) == 0 &&
                  setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &yes, sizeof yes) == 0 &&
                  setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) == 0;
    if (is_set && bind(fd, (const struct sockaddr *)&at, sizeof at) == 0) return fd;
    int reason = errno;
    (void)close(fd);
    errno = reason;
    return -1;
}

enum ht_err ht_mdns_new(struct ht_mdns **out, const struct ht_mdns_options *options,
                        struct ht_why *why) {
    struct ht_mdns *mdns = calloc(1, sizeof *mdns);
    if (mdns == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    mdns->options = *options;
    mdns->ask_ms = SECOND_MS / 2;
    mdns->announcements = 2;
    mdns->answered_ms = now_ms(mdns) - ANSWER_GAP_MS;
    mdns->watch.readable = on_readable;
    int fd = open_socket(options->udp_port != 0 ? options->udp_port : HT_MDNS_PORT);
    enum ht_err err = fd >= 0 ? ht_watch_open(&mdns->watch, options->watches, fd, why)
                              : ht_fail(why, HT_ENET, "no_multicast",
                                        "the network cannot be listened to: %s", strerror(errno));
    if (err != HT_OK) {
        free(mdns);
        return err;
    }
    look_at_interfaces(mdns);
    int64_t first_ms = ASK_FIRST_MS + (int64_t)ht_random_below(options->random, 100);
    ht_timer_set(options->loop, &mdns->ask, first_ms, on_ask);
    *out = mdns;
    return HT_OK;
}

void ht_mdns_free(struct ht_mdns *mdns) {
    if (mdns == NULL) return;
    if (mdns->watch.is_open) tell_all(mdns, 0);
    ht_timer_cancel(&mdns->ask);
    ht_timer_cancel(&mdns->answer);
    ht_watch_close(&mdns->watch);
    free(mdns);
}

size_t ht_mdns_count(const struct ht_mdns *mdns) {
    size_t count = 0;
    int64_t now = now_ms(mdns);
    for (size_t i = 0; i < mdns->heard_count; i++) count += mdns->heard[i].until_ms > now;
    return count;
}
