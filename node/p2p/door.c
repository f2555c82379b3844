/* The door's life and its listener, and the way of each lws callback to whom it concerns. */
#include "node/p2p/door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/base/hex.h"
#include "node/p2p/door_answer.h"
#include "node/p2p/door_core.h"
#include "node/p2p/door_http.h"
#include "node/p2p/door_socket.h"
#include "node/p2p/node_key.h"

#define PACKET_MAX ((size_t)512 << 10) /* lws cuts larger writes */

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len);

/* Some clients name a subprotocol; RFC 6455 lets a server answer without, lws does not. */
static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = on_lws, .tx_packet_size = PACKET_MAX},
    {.name = "nostr", .callback = on_lws, .tx_packet_size = PACKET_MAX},
    {.name = NULL},
};

/* --- callbacks -------------------------------------------------------------------------------- */

static int on_connection(struct lws *wsi, enum lws_callback_reasons reason, void *in) {
    struct lws_vhost *vhost = lws_get_vhost(wsi);
    struct ht_door *door = vhost != NULL ? lws_vhost_user(vhost) : NULL;
    if (door == NULL || door->is_closing) return -1;
    if (reason == LWS_CALLBACK_FILTER_NETWORK_CONNECTION) {
        door->listener = wsi;
        if (ht_door_conn_fits(door, (int)(lws_intptr_t)in)) return 0;
        door->counts.refused++;
        return -1;
    }
    return ht_door_conn_add(door, wsi, NULL) != NULL ? 0 : -1;
}

static int refuse_upgrade(struct ht_door_conn *conn, unsigned status, const char *reason) {
    conn->is_answered = true;
    conn->door->counts.denied++;
    return ht_door_answer_now(conn->wsi, status, reason);
}

static int on_upgrade(struct ht_door_conn *conn, const char *kind) {
    char buf[HT_DOOR_ORIGIN_SIZE];
    ht_bytes host;
    char *path = NULL;
    int path_len = 0;
    struct lws *wsi = conn->wsi;
    if (strcasecmp(kind, "websocket") != 0)
        return refuse_upgrade(conn, 400, "there is nothing to upgrade to but a websocket");
    if (!ht_door_header(wsi, WSI_TOKEN_HOST, buf, sizeof buf, &host) ||
        !ht_door_host_is_good(conn, host))
        return refuse_upgrade(conn, 421, "this relay is not known by that name");
    if (lws_http_get_uri_and_method(wsi, &path, &path_len) < 0 || path_len != 1 || path[0] != '/')
        return refuse_upgrade(conn, 404, "there is no websocket at this address");
    if (conn->door->module == NULL) return refuse_upgrade(conn, 503, "nobody serves here now");
    return 0;
}

static int on_established(struct ht_door_conn *conn) {
    char origin[HT_DOOR_ORIGIN_SIZE] = "";
    ht_bytes value;
    if (!ht_door_header(conn->wsi, WSI_TOKEN_ORIGIN, origin, sizeof origin, &value)) return -1;
    const struct ht_door_caller caller = {
        .address = conn->address,
        .origin = origin,
        .is_local = conn->is_local,
        .channel = conn->door->channel,
    };
    return ht_door_socket_open(conn, &caller);
}

static int on_event(struct ht_door_conn *conn, enum lws_callback_reasons reason, void *in,
                    size_t len) {
    if (conn->door->is_closing || conn->is_leaving) return -1;
    switch ((int)reason) {
    case LWS_CALLBACK_HTTP_BIND_PROTOCOL: return conn->is_answered ? -1 : 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return on_upgrade(conn, in);
    case LWS_CALLBACK_HTTP: return ht_door_http_ask(conn, ht_bytes_of(in, len));
    case LWS_CALLBACK_HTTP_BODY: return ht_door_http_piece(conn, ht_bytes_of(in, len));
    case LWS_CALLBACK_HTTP_BODY_COMPLETION: return ht_door_http_whole(conn);
    case LWS_CALLBACK_HTTP_WRITEABLE: return ht_door_answer_write(conn);
    case LWS_CALLBACK_ESTABLISHED: return on_established(conn);
    default: return ht_door_event(conn, reason, in, len);
    }
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len) {
    (void)user;
    struct ht_door_conn *conn;
    switch ((int)reason) { /* of some hundred, most for other roles */
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED: return on_connection(wsi, reason, in);
    case LWS_CALLBACK_WSI_DESTROY:
        conn = ht_door_conn_of(wsi);
        if (conn != NULL) ht_door_conn_remove(conn);
        return 0;
    case LWS_CALLBACK_HTTP_BIND_PROTOCOL:
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
    case LWS_CALLBACK_HTTP:
    case LWS_CALLBACK_HTTP_BODY:
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
    case LWS_CALLBACK_HTTP_WRITEABLE:
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_TIMER:
        conn = ht_door_conn_of(wsi);
        return conn != NULL ? on_event(conn, reason, in, len) : -1;
    case LWS_CALLBACK_RAW_ADOPT: /* lws turns CONNECT into this */
    case LWS_CALLBACK_RAW_RX: return -1;
    default: return 0;
    }
}

struct ht_door_conn *ht_door_adopt(struct ht_door *door, struct lws *wsi,
                                   const struct ht_door_caller *caller) {
    if (door == NULL || door->module == NULL || door->is_closing ||
        door->conn_count >= door->options.max_connections)
        return NULL;
    struct ht_door_conn *conn = ht_door_conn_add(door, wsi, caller->address);
    if (conn == NULL) return NULL;
    conn->is_local = caller->is_local;
    if (ht_door_socket_open(conn, caller) == 0) return conn;
    ht_door_conn_remove(conn);
    return NULL;
}

void ht_door_gone(struct ht_door_conn *conn) {
    ht_door_conn_remove(conn);
}

/* --- listening -------------------------------------------------------------------------------- */

static socklen_t read_address(struct sockaddr_storage *out, const char *text, uint16_t port) {
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        memcpy(out, &in, sizeof in);
        return sizeof in;
    }
    if (inet_pton(AF_INET6, text, &in6.sin6_addr) != 1) return 0;
    memcpy(out, &in6, sizeof in6);
    return sizeof in6;
}

/* lws says little about why it cannot listen, so a socket of our own tries first. */
static enum ht_err try_port(const char *address, uint16_t port, struct ht_why *why) {
    struct sockaddr_storage at = {0};
    socklen_t len = read_address(&at, address, port);
    if (len == 0)
        return ht_fail(why, HT_EINPUT, "bad_address", "%.60s is no address to listen on", address);
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return ht_fail(why, HT_ENET, "no_listener", "no socket: %s", strerror(errno));
    const int yes = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    int failed = bind(fd, (const struct sockaddr *)&at, len);
    if (failed == 0) failed = listen(fd, 1);
    int error = errno;
    (void)close(fd);
    if (failed == 0) return HT_OK;
    if (error == EADDRINUSE) {
        return ht_fail(why, HT_EAGAIN, "port_in_use",
                       "the relay's port %u on %s is already in use: --relay-port N takes another",
                       port, address);
    }
    return ht_fail(why, error == EACCES ? HT_EDENIED : HT_ENET,
                   error == EACCES ? "port_denied" : "no_listener", "the relay's port %u on %s: %s",
                   port, address, strerror(error));
}

/* lws would listen without a certificate that it cannot read. */
static enum ht_err read_channel(struct ht_door *door, struct ht_why *why) {
    const struct ht_door_options *o = &door->options;
    char hex[HT_HEX_SIZE(sizeof(ht_hash32))];
    ht_hash32 pin;
    if (o->certificate_path == NULL) return HT_OK;
    if (o->key_path == NULL || access(o->key_path, R_OK) != 0)
        return ht_fail(why, HT_ESTORE, "bad_certificate", "there is no key for the certificate");
    enum ht_err err = ht_tls_pin_of_file(&pin, o->certificate_path, why);
    if (err != HT_OK) return err;
    ht_hex_write(hex, HT_BYTES(pin.b));
    memcpy(door->channel, hex + 2, sizeof door->channel);
    return HT_OK;
}

static void name_url(struct ht_door *door) {
    bool is_v4 = strchr(door->listen_address, ':') == NULL;
    (void)snprintf(door->url, sizeof door->url, is_v4 ? "%s://%s:%u" : "%s://[%s]:%u",
                   door->channel[0] != '\0' ? "wss" : "ws", door->listen_address, door->port);
}

/* lws has let go of the vhost; nothing will be called for it any more. */
static void on_vhost_gone(struct lws_vhost *vhost, void *arg) {
    (void)vhost;
    ht_door_unref(arg);
}

static enum ht_err listen_at(struct ht_door *door, struct ht_why *why) {
    const char *address = door->listen_address;
    enum ht_err err = try_port(address, door->options.port, why);
    if (err == HT_OK) err = read_channel(door, why);
    if (err != HT_OK) return err;
    bool is_tls = door->channel[0] != '\0';
    bool is_v4 = strchr(address, ':') == NULL;
    struct lws_context_creation_info info = {
        .port = door->options.port,
        .iface = address,
        .vhost_name = "door",
        .protocols = protocols,
        .user = door,
        .finalize = on_vhost_gone,
        .finalize_arg = door,
        .keepalive_timeout = 30,
        .timeout_secs_ah_idle = door->options.handshake_s,
        .retry_and_idle_policy = &door->liveness,
        .ssl_cert_filepath = door->options.certificate_path,
        .ssl_private_key_filepath = door->options.key_path,
        .alpn = "http/1.1",
        .ssl_options_set = (long)(SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_RENEGOTIATION),
        .options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
                   (is_tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0) |
                   (is_v4 ? LWS_SERVER_OPTION_DISABLE_IPV6 : 0),
    };
    door->refs++; /* which on_vhost_gone drops, also when the vhost cannot be made */
    door->vhost = lws_create_vhost(ht_loop_lws(door->loop), &info);
    if (door->vhost == NULL) {
        return ht_fail(why, HT_ENET, "no_listener", "the relay cannot listen on port %u",
                       door->options.port);
    }
    door->port = (uint16_t)lws_get_vhost_listen_port(door->vhost);
    name_url(door);
    return HT_OK;
}

/* --- life ------------------------------------------------------------------------------------- */

static enum ht_err copy_texts(struct ht_door *door, const struct ht_door_options *options,
                              struct ht_why *why) {
    const char *address = options->address != NULL ? options->address : "127.0.0.1";
    int n = snprintf(door->listen_address, sizeof door->listen_address, "%s", address);
    if (n < 0 || (size_t)n >= sizeof door->listen_address)
        return ht_fail(why, HT_EINPUT, "bad_address", "%.60s is no address to listen on", address);
    for (size_t i = 0; i < options->name_count; i++) {
        n = snprintf(door->names[i % HT_DOOR_NAMES_MAX], HT_DOOR_NAME_SIZE, "%s",
                     options->names[i]);
        if (i == HT_DOOR_NAMES_MAX || n <= 0 || (size_t)n >= HT_DOOR_NAME_SIZE)
            return ht_fail(why, HT_EINPUT, "bad_name", "%.60s is no host's name",
                           options->names[i]);
        door->name_count = i + 1;
    }
    return HT_OK;
}

static void set_defaults(struct ht_door_options *o) {
    if (o->ping_s == 0) o->ping_s = 30;
    if (o->hangup_s <= o->ping_s) o->hangup_s = (uint16_t)(o->ping_s + 15);
    if (o->message_s == 0) o->message_s = 60;
    if (o->handshake_s == 0) o->handshake_s = 10;
    if (o->max_connections == 0) o->max_connections = HT_DOOR_CONNECTIONS_MAX;
    if (o->max_per_address == 0) o->max_per_address = HT_DOOR_PER_ADDRESS_MAX;
    if (o->max_local == 0) o->max_local = HT_DOOR_LOCAL_MAX;
    if (o->max_requests == 0) o->max_requests = HT_DOOR_REQUESTS_MAX;
    if (o->max_waiting == 0) o->max_waiting = HT_DOOR_WAITING_MAX;
}

enum ht_err ht_door_new(struct ht_door **out, struct ht_loop *loop,
                        const struct ht_door_options *options, struct ht_why *why) {
    struct ht_door *door = calloc(1, sizeof *door);
    if (door == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the relay's door");
    door->loop = loop;
    door->refs = 1;
    door->options = *options;
    set_defaults(&door->options);
    door->liveness.secs_since_valid_ping = door->options.ping_s;
    door->liveness.secs_since_valid_hangup = door->options.hangup_s;
    enum ht_err err = copy_texts(door, options, why);
    if (err == HT_OK && !options->is_closed) err = listen_at(door, why);
    if (err != HT_OK) {
        ht_door_free(door);
        return err;
    }
    *out = door;
    return HT_OK;
}

/* What is left of everybody ends with the loop's next turn. */
static void let_go(struct ht_door *door) {
    for (struct ht_door_conn *c = door->conns; c != NULL; c = c->next) {
        ht_door_http_drop(c);
        bool was_open = c->is_open;
        ht_door_socket_drop(c);
        if (was_open && !c->is_adopted) ht_door_count_request(door, 1);
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    }
}

void ht_door_serve(struct ht_door *door, const struct ht_module_door *module, void *self) {
    if (door->module != NULL) let_go(door);
    door->module = module;
    door->self = self;
}

void ht_door_free(struct ht_door *door) {
    if (door == NULL) return;
    let_go(door);
    door->is_closing = true;
    door->module = NULL;
    if (door->vhost != NULL) lws_vhost_destroy(door->vhost);
    ht_door_unref(door);
}

uint16_t ht_door_port(const struct ht_door *door) {
    return door->port;
}

const char *ht_door_url(const struct ht_door *door) {
    return door->url;
}

struct ht_door_counts ht_door_counts(const struct ht_door *door) {
    struct ht_door_counts counts = door->counts;
    counts.connections = door->conn_count;
    counts.websockets = door->websocket_count;
    counts.waiting = door->waiting;
    return counts;
}

json_t *ht_door_json(const struct ht_door *door) {
    struct ht_door_counts c = ht_door_counts(door);
    return json_pack("{s:b, s:s, s:b, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
                     "listening", door->vhost != NULL, "url", door->url, "served",
                     door->module != NULL, "connections", (int)c.connections, "websockets",
                     (int)c.websockets, "accepted", (json_int_t)c.accepted, "refused",
                     (json_int_t)c.refused, "denied", (json_int_t)c.denied, "messages_in",
                     (json_int_t)c.messages_in, "messages_out", (json_int_t)c.messages_out,
                     "requests", (json_int_t)c.requests, "dropped_slow", (json_int_t)c.dropped_slow,
                     "waiting", (json_int_t)c.waiting);
}
