/* Websocket connections to servers: address, connecting, joining, sending, closing.
 *
 * lws calls back with the connection as its user data; what is closed by us is cut from lws first,
 * so that callbacks without user data are of sockets that only have to go away. */
#include "node/net/websocket.h"

#include <curl/curl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/net/address.h"

#define MAX_ADDRESSES 4U
#define GOODBYE_S 2

/* The name of one connection, on its way through a worker. */
struct lookup {
    struct ht_work work;
    struct ht_websocket *ws; /* loop thread; NULL once it is closed */
    char host[256];
    bool is_public_only, was_private;
    char addresses[MAX_ADDRESSES][64];
    size_t count;
};

struct message {
    struct message *next;
    size_t n;
    uint8_t text[]; /* behind LWS_PRE bytes of room */
};

struct ht_websocket {
    struct ht_websockets *all;
    struct ht_websocket *next;
    const struct ht_websocket_handler *handler;
    void *user;

    char host[256];      /* without brackets */
    char authority[272]; /* as the Host header has it */
    char path[512];
    char authorization[256]; /* header, "" for none */
    int port;
    bool is_tls;

    struct lookup *lookup; /* while a worker has it */
    char addresses[MAX_ADDRESSES][64];
    size_t address_count;
    size_t tried;
    struct ht_timer retry;
    struct lws *wsi;
    bool is_open;
    struct ht_why why; /* of the last address that failed */

    struct ht_buf in;
    struct message *first, **last;
    size_t queue_count;
    size_t queue_bytes;
};

struct ht_websockets {
    struct ht_loop *loop;
    struct ht_pool *pool;
    struct lws_vhost *vhost; /* made when first needed */
    struct ht_websocket *list;
    bool is_stopping;
};

/* --- address ---------------------------------------------------------------------------------- */

/* Whether snprintf had room. */
static bool is_whole(int n, size_t size) {
    return n >= 0 && (size_t)n < size;
}

static bool read_authority(struct ht_websocket *ws, CURLU *url) {
    char *host = NULL, *port = NULL;
    bool is_good = curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK;
    bool has_port = curl_url_get(url, CURLUPART_PORT, &port, 0) == CURLUE_OK;
    ws->port = has_port ? (int)strtol(port, NULL, 10) : ws->is_tls ? 443 : 80;
    if (is_good) {
        size_t n = strlen(host);
        bool has_brackets = n > 2 && host[0] == '[';
        int authority = snprintf(ws->authority, sizeof ws->authority, "%s%s%s", host,
                                 has_port ? ":" : "", has_port ? port : "");
        int bare = snprintf(ws->host, sizeof ws->host, "%.*s", (int)(has_brackets ? n - 2 : n),
                            host + (has_brackets ? 1 : 0));
        is_good = is_whole(authority, sizeof ws->authority) && is_whole(bare, sizeof ws->host);
    }
    curl_free(host);
    curl_free(port);
    return is_good;
}

static bool read_path(struct ht_websocket *ws, CURLU *url) {
    char *path = NULL, *query = NULL;
    bool is_good = curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK;
    bool has_query = curl_url_get(url, CURLUPART_QUERY, &query, 0) == CURLUE_OK;
    if (is_good) {
        int n = snprintf(ws->path, sizeof ws->path, "%s%s%s", path, has_query ? "?" : "",
                         has_query ? query : "");
        is_good = is_whole(n, sizeof ws->path);
    }
    curl_free(path);
    curl_free(query);
    return is_good;
}

static bool read_authorization(struct ht_websocket *ws, CURLU *url) {
    char *user = NULL, *password = NULL;
    if (curl_url_get(url, CURLUPART_USER, &user, CURLU_URLDECODE) != CURLUE_OK) return true;
    bool has_password =
        curl_url_get(url, CURLUPART_PASSWORD, &password, CURLU_URLDECODE) == CURLUE_OK;
    bool is_good = lws_http_basic_auth_gen(user, has_password ? password : "", ws->authorization,
                                           sizeof ws->authorization) == 0;
    curl_free(user);
    curl_free(password);
    return is_good;
}

static bool read_url(struct ht_websocket *ws, const char *text) {
    CURLU *url = curl_url();
    char *scheme = NULL;
    bool is_good = url != NULL &&
                   curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
                   curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK;
    if (is_good) {
        ws->is_tls = strcmp(scheme, "wss") == 0;
        is_good = (ws->is_tls || strcmp(scheme, "ws") == 0) && read_authority(ws, url) &&
                  read_path(ws, url) && read_authorization(ws, url);
    }
    curl_free(scheme);
    curl_url_cleanup(url);
    return is_good;
}

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
    ht_timer_cancel(&ws->retry);
    detach(ws);
    while (ws->first != NULL) {
        struct message *message = ws->first;
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
    struct message *message = malloc(sizeof *message + LWS_PRE + text.n);
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
    struct message *message = ws->first;
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
    {.name = NULL},
};

static enum ht_err make_vhost(struct ht_websockets *all, struct ht_why *why) {
    if (all->vhost != NULL) return HT_OK;
    struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .vhost_name = "websocket-client",
        .retry_and_idle_policy = &liveness,
        .http_proxy_address = "-:0", /* port 0 is none: else lws takes $http_proxy, for all */
    };
    all->vhost = lws_create_vhost(ht_loop_lws(all->loop), &info);
    if (all->vhost != NULL) return HT_OK;
    return ht_fail(why, HT_ENET, "no_websockets", "cannot set up websocket connections");
}

static void try_next(struct ht_timer *timer) {
    struct ht_websocket *ws =
        (struct ht_websocket *)((char *)timer - offsetof(struct ht_websocket, retry));
    if (ws->tried == ws->address_count) {
        fail(ws, HT_ENET);
        return;
    }
    const char *address = ws->addresses[ws->tried++];
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
    if (lws_client_connect_via_info(&info) != NULL) return;
    /* It may have called back already, with the reason. */
    if (ws->why.code == NULL) note_refusal(ws, NULL, NULL);
    try_later(ws);
}

/* On a worker. */
static void resolve(struct ht_work *work) {
    struct lookup *lookup = (struct lookup *)work;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    if (getaddrinfo(lookup->host, NULL, &hints, &list) != 0) return;
    for (struct addrinfo *at = list; at != NULL && lookup->count < MAX_ADDRESSES;
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
    struct lookup *lookup = (struct lookup *)work;
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
    struct lookup *lookup = calloc(1, sizeof *lookup);
    if (lookup == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    *lookup = (struct lookup){
        .work = {.work = resolve, .done = resolved}, .ws = ws, .is_public_only = is_public_only};
    memcpy(lookup->host, ws->host, sizeof lookup->host);
    if (ht_pool_submit(ws->all->pool, &lookup->work) != HT_OK) {
        free(lookup);
        return ht_fail(why, HT_EAGAIN, "busy", "this computer is too busy to connect now");
    }
    ws->lookup = lookup;
    return HT_OK;
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
    ht_buf_init(&ws->in, options->max_bytes);
    err = read_url(ws, options->url) ? start_lookup(ws, options->is_public_only, why)
                                     : ht_fail(why, HT_EINPUT, "bad_url", "no ws or wss address");
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
    free(all);
}
