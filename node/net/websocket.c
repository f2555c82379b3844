/* Websocket connections to servers: connecting, joining, sending, closing.
 *
 * lws calls back with the connection as its user data; what is closed by us is cut from lws first,
 * so that callbacks without user data are of sockets that only have to go away. Through a proxy the
 * connection is made before lws hears of it (socks.h), and put in the place of one of lws' own,
 * which knows only HTTP's proxies in Debian's build. */
#include "node/net/websocket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/net/address.h"
#include "node/net/websocket_pin.h"
#include "node/net/websocket_url.h"

#define GOODBYE_S 2

struct ht_websocket_message {
    struct ht_websocket_message *next;
    size_t n;
    uint8_t text[]; /* behind LWS_PRE bytes of room */
};

/* --- ending ----------------------------------------------------------------------------------- */

/* Cuts it from lws. A close frame goes out on the next turn when there is someone to read it. */
static void detach(struct ht_websocket *ws) {
    struct lws *wsi = ws->wsi;
    ws->wsi = NULL;
    if (wsi == NULL) return;
    lws_set_wsi_user(wsi, NULL);
    if (!ws->is_open) {
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
        return;
    }
    (void)lws_callback_on_writable(wsi);
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, GOODBYE_S);
}

static void end(struct ht_websocket *ws) {
    struct ht_websocket **at = &ws->all->list;
    while (*at != ws) at = &(*at)->next;
    *at = ws->next;
    if (ws->lookup != NULL) ws->lookup->ws = NULL;
    if (ws->socks != NULL) ht_socks_close(ws->socks);
    if (ws->through >= 0) (void)close(ws->through);
    ht_timer_cancel(&ws->retry);
    detach(ws);
    while (ws->first != NULL) {
        struct ht_websocket_message *message = ws->first;
        ws->first = message->next;
        free(message);
    }
    ht_buf_fini(&ws->in);
    free(ws);
}

void ht_websocket_close(struct ht_websocket *ws) {
    end(ws);
}

static void fail(struct ht_websocket *ws, enum ht_err err) {
    const struct ht_websocket_handler *handler = ws->handler;
    void *user = ws->user;
    struct ht_why why = ws->why;
    end(ws);
    handler->closed(user, err, &why);
}

/* --- sending and receiving -------------------------------------------------------------------- */

enum ht_err ht_websocket_send(struct ht_websocket *ws, ht_bytes text) {
    if (ws->queue_count >= HT_WEBSOCKET_QUEUE_MAX ||
        text.n > HT_WEBSOCKET_QUEUE_BYTES_MAX - ws->queue_bytes)
        return HT_ELIMIT;
    struct ht_websocket_message *message = malloc(sizeof *message + LWS_PRE + text.n);
    if (message == NULL) return HT_ENOMEM;
    message->next = NULL;
    message->n = text.n;
    if (text.n > 0) memcpy(message->text + LWS_PRE, text.p, text.n);
    *ws->last = message;
    ws->last = &message->next;
    ws->queue_count++;
    ws->queue_bytes += text.n;
    if (ws->is_open) (void)lws_callback_on_writable(ws->wsi);
    return HT_OK;
}

static int send_one(struct ht_websocket *ws, struct lws *wsi) {
    struct ht_websocket_message *message = ws->first;
    if (message == NULL) return 0;
    ws->first = message->next;
    if (ws->first == NULL) ws->last = &ws->first;
    ws->queue_count--;
    ws->queue_bytes -= message->n;
    int sent = lws_write(wsi, message->text + LWS_PRE, message->n, LWS_WRITE_TEXT);
    free(message);
    if (sent < 0) return -1; /* CLIENT_CLOSED follows */
    if (ws->first != NULL) (void)lws_callback_on_writable(wsi);
    return 0;
}

void ht_websocket_set_max(struct ht_websocket *ws, size_t max_bytes) {
    ws->in.max = max_bytes > ws->in.cap ? max_bytes : ws->in.cap;
}

static int receive(struct ht_websocket *ws, struct lws *wsi, ht_bytes piece) {
    if (piece.n > ws->in.max - ws->in.n) {
        (void)ht_fail(&ws->why, HT_ELIMIT, "too_large", "%s: a message over %zu bytes", ws->host,
                      ws->in.max);
        fail(ws, HT_ELIMIT);
        return -1;
    }
    if (ht_buf_add(&ws->in, piece) != HT_OK) {
        (void)ht_fail(&ws->why, HT_ENET, "connection_lost", "%s: out of memory", ws->host);
        fail(ws, HT_ENET);
        return -1;
    }
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0) return 0;
    struct ht_buf whole = ws->in;
    ht_buf_init(&ws->in, whole.max);
    ws->handler->received(ws->user, ht_buf_view(&whole)); /* may close and free ws */
    ht_buf_fini(&whole);
    return lws_wsi_user(wsi) == NULL ? -1 : 0;
}

/* --- connecting ------------------------------------------------------------------------------- */

static const lws_retry_bo_t liveness = {.secs_since_valid_ping = 30, .secs_since_valid_hangup = 40};

static void try_next(struct ht_timer *timer);

/* Why it did not come to be, from the status or from lws' words. */
static void note_refusal(struct ht_websocket *ws, struct lws *wsi, const char *text) {
    unsigned status = wsi != NULL ? lws_http_client_http_response(wsi) : 0;
    if (text == NULL) text = "";
    if (ws->err == HT_EUNVERIFIED) return; /* another key, as was noted: lws knows only that */
    if (status == 429) {
        (void)ht_fail(&ws->why, HT_ENET, "rate_limited", "%s: asks us to come back later",
                      ws->host);
    } else if (status != 0 && status != 101) {
        (void)ht_fail(&ws->why, HT_ENET, "http_status", "%s: answered with status %u", ws->host,
                      status);
    } else if (strncmp(text, "HS: ", 4) == 0) {
        (void)ht_fail(&ws->why, HT_ENET, "not_websocket", "%s: no websocket: %.80s", ws->host,
                      text + 4);
    } else if (strstr(text, "tls") != NULL || strstr(text, "cert") != NULL ||
               strstr(text, "SSL") != NULL || strstr(text, "ssl") != NULL) {
        (void)ht_fail(&ws->why, HT_ENET, "tls_failed", "%s: %.120s", ws->host, text);
    } else {
        (void)ht_fail(&ws->why, HT_ENET, "connect_failed", "%s: cannot connect", ws->host);
    }
}

static void try_later(struct ht_websocket *ws) {
    ws->wsi = NULL;
    ht_timer_set(ws->all->loop, &ws->retry, 0, try_next);
}

static int append_headers(const struct ht_websocket *ws, struct lws *wsi, unsigned char **at,
                          size_t room) {
    static const char agent[] = "hearth";
    unsigned char *end_of_room = *at + room;
    if (lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_USER_AGENT, (const unsigned char *)agent,
                                     (int)strlen(agent), at, end_of_room) != 0)
        return -1;
    if (ws->authorization[0] == '\0') return 0;
    return lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION,
                                        (const unsigned char *)ws->authorization,
                                        (int)strlen(ws->authorization), at, end_of_room);
}

/* It is over: the next address, or the end. */
static int on_gone(struct ht_websocket *ws, struct lws *wsi) {
    lws_set_wsi_user(wsi, NULL);
    bool was_open = ws->is_open;
    ws->is_open = false;
    if (!was_open) {
        if (ws->why.code == NULL) note_refusal(ws, NULL, NULL);
        try_later(ws);
        return 0;
    }
    ws->wsi = NULL;
    (void)ht_fail(&ws->why, HT_ENET, "connection_lost", "%s: the connection was lost", ws->host);
    fail(ws, HT_ENET);
    return 0;
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len) {
    struct ht_websocket *ws = user;
    if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS) {
        ht_websocket_set_trust(user, lws_vhost_user(lws_get_vhost(wsi)));
        return 0;
    }
    if (ws == NULL) { /* closed by us, or about the vhost */
        return reason == LWS_CALLBACK_CLIENT_WRITEABLE || reason == LWS_CALLBACK_CLIENT_RECEIVE ? -1
                                                                                                : 0;
    }
    if (reason == LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER) {
        return append_headers(ws, wsi, in, len);
    }
    if (reason == LWS_CALLBACK_CLIENT_ESTABLISHED) {
        ws->is_open = true;
        (void)lws_callback_on_writable(wsi);
        ws->handler->opened(ws->user);
        return lws_wsi_user(wsi) == NULL ? -1 : 0;
    }
    if (reason == LWS_CALLBACK_CLIENT_RECEIVE) return receive(ws, wsi, ht_bytes_of(in, len));
    if (reason == LWS_CALLBACK_CLIENT_WRITEABLE) return send_one(ws, wsi);
    if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR) note_refusal(ws, wsi, in);
    bool is_gone = reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR ||
                   reason == LWS_CALLBACK_CLIENT_CLOSED || reason == LWS_CALLBACK_WSI_DESTROY;
    return is_gone ? on_gone(ws, wsi) : 0;
}

static const struct lws_protocols protocols[] = {
    {.name = "websocket-client", .callback = on_lws},
    {.name = HT_SOCKS_PROTOCOL, .callback = ht_socks_on_lws},
    {.name = NULL},
};

static void on_vhost_gone(struct lws_vhost *vhost, void *arg) {
    (void)vhost;
    struct ht_websockets_ref *ref = arg;
    if (ref->all != NULL) ref->all->ref = NULL;
    free(ref);
}

static enum ht_err make_vhost(struct ht_websockets *all, struct ht_why *why) {
    if (all->vhost != NULL) return HT_OK;
    all->ref = calloc(1, sizeof *all->ref);
    if (all->ref == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    all->ref->all = all;
    struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .vhost_name = "websocket-client",
        .retry_and_idle_policy = &liveness,
        .user = all->ref,
        .finalize = on_vhost_gone,
        .finalize_arg = all->ref,
        .http_proxy_address = "-:0", /* port 0 is none: else lws takes $http_proxy, for all */
    };
    all->vhost = lws_create_vhost(ht_loop_lws(all->loop), &info);
    if (all->vhost != NULL) return HT_OK;
    return ht_fail(why, HT_ENET, "no_websockets", "cannot set up websocket connections");
}

/* A place to connect to that never answers: what lws connects there is exchanged for the proxy's
 * connection before lws looks at it. */
static int open_place(uint16_t *port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 1) == 0 &&
        getsockname(fd, (struct sockaddr *)&at, &len) == 0) {
        *port = ntohs(at.sin_port);
        return fd;
    }
    (void)close(fd);
    return -1;
}

/* Connecting to loopback is always "in progress" first, so nothing was written yet. */
static bool connect_through(struct ht_websocket *ws, struct lws_client_connect_info *info) {
    uint16_t port = 0;
    int place = open_place(&port);
    if (place < 0) return false;
    info->address = "127.0.0.1";
    info->port = port;
    struct lws *wsi = lws_client_connect_via_info(info);
    bool is_done = wsi != NULL && dup3(ws->through, lws_get_socket_fd(wsi), O_CLOEXEC) >= 0;
    (void)close(place);
    (void)close(ws->through);
    ws->through = -1;
    if (wsi != NULL && !is_done) {
        lws_set_wsi_user(wsi, NULL);
        ws->wsi = NULL;
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    }
    return is_done;
}

static void try_next(struct ht_timer *timer) {
    struct ht_websocket *ws =
        (struct ht_websocket *)((char *)timer - offsetof(struct ht_websocket, retry));
    bool is_through = ws->through >= 0;
    if ((ws->tried == ws->address_count && !is_through) || ws->err == HT_EUNVERIFIED) {
        fail(ws, ws->err == HT_OK ? HT_ENET : ws->err);
        return;
    }
    const char *address = is_through ? ws->host : ws->addresses[ws->tried++];
    ws->why = (struct ht_why){0};
    struct lws_client_connect_info info = {
        .context = ht_loop_lws(ws->all->loop),
        .vhost = ws->all->vhost,
        .address = address,
        .port = ws->port,
        .ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT | (ws->is_tls ? LCCSCF_USE_SSL : 0),
        .path = ws->path,
        .host = ws->authority,
        .alpn = "http/1.1",
        .local_protocol_name = protocols[0].name,
        .retry_and_idle_policy = &liveness,
        .userdata = ws,
        .pwsi = &ws->wsi,
    };
    if (is_through ? connect_through(ws, &info) : lws_client_connect_via_info(&info) != NULL)
        return;
    /* It may have called back already, with the reason. */
    if (ws->why.code == NULL) note_refusal(ws, NULL, NULL);
    try_later(ws);
}

/* On a worker. */
static void resolve(struct ht_work *work) {
    struct ht_websocket_lookup *lookup = (struct ht_websocket_lookup *)work;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    if (getaddrinfo(lookup->host, NULL, &hints, &list) != 0) return;
    for (struct addrinfo *at = list; at != NULL && lookup->count < HT_WEBSOCKET_ADDRESSES_MAX;
         at = at->ai_next) {
        if (lookup->is_public_only && ht_address_is_private(at->ai_addr)) {
            lookup->was_private = true;
            continue;
        }
        char *out = lookup->addresses[lookup->count];
        if (getnameinfo(at->ai_addr, at->ai_addrlen, out, sizeof lookup->addresses[0], NULL, 0,
                        NI_NUMERICHOST) == 0)
            lookup->count++;
    }
    freeaddrinfo(list);
}

static void resolved(struct ht_work *work) {
    struct ht_websocket_lookup *lookup = (struct ht_websocket_lookup *)work;
    struct ht_websocket *ws = lookup->ws;
    if (ws != NULL) {
        ws->lookup = NULL;
        ws->address_count = lookup->count;
        memcpy(ws->addresses, lookup->addresses, sizeof ws->addresses);
        (void)ht_fail(&ws->why, HT_ENET, "name_not_found", "%s: the name was not found", ws->host);
    }
    bool is_denied = lookup->count == 0 && lookup->was_private;
    free(lookup);
    if (ws == NULL) return;
    if (!is_denied) {
        try_next(&ws->retry);
        return;
    }
    (void)ht_fail(&ws->why, HT_EDENIED, "link_private",
                  "%s: leads to an address of this computer or its network", ws->host);
    fail(ws, HT_EDENIED);
}

static enum ht_err start_lookup(struct ht_websocket *ws, bool is_public_only, struct ht_why *why) {
    struct ht_websocket_lookup *lookup = calloc(1, sizeof *lookup);
    if (lookup == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    *lookup = (struct ht_websocket_lookup){
        .work = {.work = resolve, .done = resolved}, .ws = ws, .is_public_only = is_public_only};
    memcpy(lookup->host, ws->host, sizeof lookup->host);
    if (ht_pool_submit(ws->all->pool, &lookup->work) != HT_OK) {
        free(lookup);
        return ht_fail(why, HT_EAGAIN, "busy", "this computer is too busy to connect now");
    }
    ws->lookup = lookup;
    return HT_OK;
}

static void on_through(void *user, int fd) {
    struct ht_websocket *ws = user;
    ws->socks = NULL;
    ws->through = fd;
    try_next(&ws->retry);
}

static void on_no_way(void *user, enum ht_err err, const struct ht_why *why) {
    struct ht_websocket *ws = user;
    ws->socks = NULL;
    ws->why = *why;
    fail(ws, err);
}

static const struct ht_socks_handler socks_handler = {.connected = on_through, .failed = on_no_way};

static enum ht_err set_way(struct ht_websocket *ws, const struct ht_websocket_options *options,
                           struct ht_why *why) {
    if (!ht_websocket_read_url(ws, options->url) || (options->pin != NULL && !ws->is_tls))
        return ht_fail(why, HT_EINPUT, "bad_url", "no ws or wss address");
    if (options->pin != NULL) ws->pin = *options->pin;
    ws->has_pin = options->pin != NULL;
    if (options->socks == NULL && ws->is_onion)
        return ht_fail(why, HT_EDENIED, "onion_without_tor",
                       "an onion is reached through Tor alone, which is not set up");
    if (options->socks == NULL) return start_lookup(ws, options->is_public_only, why);
    const struct ht_socks_options socks = {.proxy = options->socks,
                                           .host = ws->host,
                                           .port = (uint16_t)ws->port,
                                           .handler = &socks_handler,
                                           .user = ws};
    return ht_socks_open(&ws->socks, ws->all->loop, ws->all->vhost, &socks, why);
}

enum ht_err ht_websocket_open(struct ht_websocket **out, struct ht_websockets *all,
                              const struct ht_websocket_options *options, struct ht_why *why) {
    if (all->is_stopping) return ht_fail(why, HT_EDENIED, "stopping", "the node is stopping");
    enum ht_err err = make_vhost(all, why);
    if (err != HT_OK) return err;
    struct ht_websocket *ws = calloc(1, sizeof *ws);
    if (ws == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    ws->all = all;
    ws->handler = options->handler;
    ws->user = options->user;
    ws->last = &ws->first;
    ws->through = -1;
    ht_buf_init(&ws->in, options->max_bytes);
    err = set_way(ws, options, why);
    if (err != HT_OK) {
        free(ws);
        return err;
    }
    ws->next = all->list;
    all->list = ws;
    *out = ws;
    return HT_OK;
}

/* --- all of them ------------------------------------------------------------------------------ */

enum ht_err ht_websockets_new(struct ht_websockets **out, struct ht_loop *loop,
                              struct ht_pool *pool) {
    struct ht_websockets *all = calloc(1, sizeof *all);
    if (all == NULL) return HT_ENOMEM;
    all->loop = loop;
    all->pool = pool;
    *out = all;
    return HT_OK;
}

void ht_websockets_stop(struct ht_websockets *all) {
    if (all == NULL) return;
    all->is_stopping = true;
    while (all->list != NULL) end(all->list);
}

void ht_websockets_free(struct ht_websockets *all) {
    if (all == NULL) return;
    ht_websockets_stop(all);
    if (all->ref != NULL) all->ref->all = NULL;
    free(all);
}
