/* Connections of the door: who is connected, how many from where, which host they may name, and the
 * end of the door's memory. What they say is for door_socket.c and door_http.c. */
#include "node/p2p/door_core.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "node/p2p/door_http.h"
#include "node/p2p/door_socket.h"

struct ht_door_conn *ht_door_conn_of(struct lws *wsi) {
    return lws_get_opaque_user_data(wsi);
}

static bool is_loopback(const char *address) {
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

/* The numeric address of the other or of our own end. IPv4 in IPv6 is said as IPv4. */
static void name_end(char *out, int fd, bool is_ours) {
    struct sockaddr_storage at = {0};
    socklen_t len = sizeof at;
    int failed = is_ours ? getsockname(fd, (struct sockaddr *)&at, &len)
                         : getpeername(fd, (struct sockaddr *)&at, &len);
    const void *from = NULL;
    int family = at.ss_family;
    if (failed == 0 && family == AF_INET) {
        from = &((const struct sockaddr_in *)&at)->sin_addr;
    } else if (failed == 0 && family == AF_INET6) {
        const struct in6_addr *in6 = &((const struct sockaddr_in6 *)&at)->sin6_addr;
        bool is_mapped = IN6_IS_ADDR_V4MAPPED(in6);
        if (is_mapped) family = AF_INET;
        from = in6->s6_addr + (is_mapped ? 12 : 0);
    }
    if (from == NULL || inet_ntop(family, from, out, HT_DOOR_ADDRESS_SIZE) == NULL)
        (void)snprintf(out, HT_DOOR_ADDRESS_SIZE, "?");
}

/* Both ends have one address when a computer speaks to itself by its outer address. */
static bool is_local_socket(int fd, const char *peer) {
    char own[HT_DOOR_ADDRESS_SIZE];
    if (is_loopback(peer)) return true;
    name_end(own, fd, true);
    return strcmp(own, peer) == 0;
}

bool ht_door_conn_fits(const struct ht_door *door, int fd) {
    const struct ht_door_options *o = &door->options;
    if (door->conn_count >= o->max_connections) return false;
    char address[HT_DOOR_ADDRESS_SIZE];
    name_end(address, fd, false);
    bool is_local = is_local_socket(fd, address);
    unsigned same = 0;
    unsigned requests = 0;
    for (const struct ht_door_conn *c = door->conns; c != NULL; c = c->next) {
        if (is_local ? !c->is_local : strcmp(c->address, address) != 0) continue;
        same++;
        requests += !c->is_open;
    }
    if (is_local) return same < o->max_local;
    return same < o->max_per_address && requests < o->max_requests / 4 + 1;
}

/* Who holds a place and has not said what for, or is done and only throws away what still comes. */
static bool is_idle(const struct ht_door_conn *conn) {
    if (conn->is_adopted || conn->is_open || conn->is_leaving) return false;
    return conn->http == NULL || conn->http->step == HT_DOOR_STEP_LINGER;
}

/* The last of the list came first. */
static struct ht_door_conn *find_idle(const struct ht_door *door) {
    struct ht_door_conn *found = NULL;
    for (struct ht_door_conn *c = door->conns; c != NULL; c = c->next) {
        if (is_idle(c)) found = c;
    }
    return found;
}

static void set_listening(struct ht_door *door) {
    unsigned max = door->options.max_requests;
    bool is_full =
        door->leaving_count > max / 4 || (door->request_count >= max && find_idle(door) == NULL);
    if (is_full == door->is_full || door->listener == NULL || door->is_closing) return;
    door->is_full = is_full;
    (void)lws_rx_flow_control(door->listener, is_full ? 0 : 1);
}

/* lws ends it before it reads from anybody again. */
static void let_leave(struct ht_door_conn *conn) {
    struct ht_door *door = conn->door;
    conn->is_leaving = true;
    door->leaving_count++;
    door->request_count--;
    door->counts.refused++;
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

void ht_door_count_request(struct ht_door *door, int by) {
    door->request_count = by > 0 ? door->request_count + 1 : door->request_count - 1;
    if (door->request_count > door->options.max_requests) {
        struct ht_door_conn *idle = find_idle(door);
        if (idle != NULL) let_leave(idle);
    }
    set_listening(door);
}

bool ht_door_is_busy(const struct ht_door *door) {
    unsigned busy = 0;
    unsigned max = door->options.max_requests;
    for (const struct ht_door_conn *c = door->conns; c != NULL; c = c->next)
        busy += c->http != NULL && !is_idle(c);
    return busy > max - max / 4;
}

struct ht_door_conn *ht_door_conn_add(struct ht_door *door, struct lws *wsi, const char *address) {
    struct ht_door_conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL) return NULL;
    *conn = (struct ht_door_conn){.next = door->conns, .door = door, .wsi = wsi};
    conn->last = &conn->first;
    if (address != NULL) {
        conn->is_adopted = true;
        (void)snprintf(conn->address, sizeof conn->address, "%s", address);
    } else {
        int fd = lws_get_socket_fd(wsi);
        name_end(conn->address, fd, false);
        conn->is_local = is_local_socket(fd, conn->address);
        lws_set_opaque_user_data(wsi, conn);
        ht_door_count_request(door, 1);
    }
    door->conns = conn;
    door->refs++;
    door->conn_count++;
    door->counts.accepted++;
    set_listening(door);
    return conn;
}

void ht_door_conn_remove(struct ht_door_conn *conn) {
    struct ht_door *door = conn->door;
    struct ht_door_conn **at = &door->conns;
    while (*at != conn) at = &(*at)->next;
    *at = conn->next;
    door->conn_count--;
    if (!conn->is_adopted) {
        lws_set_opaque_user_data(conn->wsi, NULL);
        if (conn->is_leaving) {
            door->leaving_count--;
            set_listening(door);
        } else if (!conn->is_open) {
            ht_door_count_request(door, -1);
        }
    }
    ht_door_http_drop(conn);
    ht_door_socket_drop(conn);
    free(conn);
    ht_door_unref(door);
}

static ht_bytes without_port(ht_bytes host) {
    size_t n = host.n;
    while (n > 0 && host.p[n - 1] >= '0' && host.p[n - 1] <= '9') n--;
    return n > 0 && host.p[n - 1] == ':' ? ht_bytes_of(host.p, n - 1) : host;
}

static bool is_name(ht_bytes host, const char *name) {
    return host.n == strlen(name) && strncasecmp((const char *)host.p, name, host.n) == 0;
}

/* Only a page can be made to name a host that is not ours: by its owner's DNS, which leads a
 * browser of this computer here. Listening elsewhere, the door is public, and there is nothing to
 * guard. A proxy or an onion service on this computer names the host that people know it by. With
 * TLS no browser lets a page in: the certificate is nobody's but for those who know its key, and
 * they may have any name for it. */
bool ht_door_host_is_good(const struct ht_door_conn *conn, ht_bytes host) {
    return !is_loopback(conn->door->listen_address) || conn->door->channel[0] != '\0' ||
           ht_door_is_named(conn->door, host);
}

bool ht_door_is_named(const struct ht_door *door, ht_bytes host) {
    static const char *const loopback[] = {"127.0.0.1", "localhost", "[::1]"};
    ht_bytes name = without_port(host);
    for (size_t i = 0; i < sizeof loopback / sizeof *loopback; i++) {
        if (is_name(name, loopback[i])) return true;
    }
    if (is_name(name, door->listen_address)) return true;
    for (size_t i = 0; i < door->name_count; i++) {
        if (is_name(name, door->names[i])) return true;
    }
    return false;
}

bool ht_door_header(struct lws *wsi, enum lws_token_indexes token, char *buf, size_t size,
                    ht_bytes *value) {
    *value = ht_bytes_of(buf, 0);
    if (lws_hdr_total_length(wsi, token) == 0) return true;
    int n = lws_hdr_copy(wsi, buf, (int)size, token);
    if (n < 0) return false;
    value->n = (size_t)n;
    return true;
}

void ht_door_unref(struct ht_door *door) {
    if (--door->refs == 0) free(door);
}
