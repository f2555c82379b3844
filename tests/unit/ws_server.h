/* A websocket server for tests, on a vhost of the test's own loop: what it does with a message is a
 * function of the test. One server at a time. */
#ifndef HT_TESTS_WS_SERVER_H
#define HT_TESTS_WS_SERVER_H

#include <stdlib.h>

#include "node/loop/loop.h"

#ifndef WS_OUT_MAX /* a test may need more */
#define WS_OUT_MAX 32
#endif

struct ws_server;

/* One client. */
struct ws_session {
    struct lws *wsi;
    char *out[WS_OUT_MAX]; /* texts that wait to be sent */
    size_t out_count;
    bool is_closing;
    char in[262144];
    size_t in_n;
};

struct ws_server {
    unsigned port;
    unsigned connections; /* since start */
    unsigned open;
    unsigned messages;
    char authorization[128];
    char path[128];
    struct ws_session *last;
    void (*on_message)(struct ws_server *server, struct ws_session *session);
};

static struct ws_server ws_server;

static inline void ws_say(struct ws_session *session, const char *text) {
    assert_true(session->out_count < WS_OUT_MAX);
    session->out[session->out_count++] = strdup(text);
    (void)lws_callback_on_writable(session->wsi);
}

static inline void ws_hang_up(struct ws_session *session) {
    session->is_closing = true;
    (void)lws_callback_on_writable(session->wsi);
}

static inline int ws_on_writable(struct ws_session *session) {
    if (session->out_count == 0) return session->is_closing ? -1 : 0;
    char *text = session->out[0];
    size_t n = strlen(text);
    unsigned char *room = malloc(LWS_PRE + n);
    memcpy(room + LWS_PRE, text, n);
    int sent = lws_write(session->wsi, room + LWS_PRE, n, LWS_WRITE_TEXT);
    free(room);
    free(text);
    session->out_count--;
    memmove(session->out, session->out + 1, session->out_count * sizeof *session->out);
    if (session->out_count > 0 || session->is_closing) (void)lws_callback_on_writable(session->wsi);
    return sent < 0 ? -1 : 0;
}

static inline int ws_on_piece(struct ws_session *session, const void *in, size_t len) {
    assert_true(session->in_n + len < sizeof session->in);
    memcpy(session->in + session->in_n, in, len);
    session->in_n += len;
    session->in[session->in_n] = '\0';
    if (!lws_is_final_fragment(session->wsi) || lws_remaining_packet_payload(session->wsi) > 0)
        return 0;
    session->in_n = 0;
    ws_server.messages++;
    ws_server.on_message(&ws_server, session);
    return 0;
}

static inline int ws_on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                            size_t len) {
    struct ws_session *session = user;
    if (reason == LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION) {
        (void)lws_hdr_copy(wsi, ws_server.authorization, sizeof ws_server.authorization,
                           WSI_TOKEN_HTTP_AUTHORIZATION);
        (void)lws_hdr_copy(wsi, ws_server.path, sizeof ws_server.path, WSI_TOKEN_GET_URI);
        return 0;
    }
    if (reason == LWS_CALLBACK_ESTABLISHED) {
        memset(session, 0, sizeof *session);
        session->wsi = wsi;
        ws_server.last = session;
        ws_server.connections++;
        ws_server.open++;
    }
    if (reason == LWS_CALLBACK_RECEIVE) return ws_on_piece(session, in, len);
    if (reason == LWS_CALLBACK_SERVER_WRITEABLE) return ws_on_writable(session);
    if (reason == LWS_CALLBACK_CLOSED) {
        ws_server.open--;
        if (ws_server.last == session) ws_server.last = NULL;
        for (size_t i = 0; i < session->out_count; i++) free(session->out[i]);
    }
    return 0;
}

/* With a certificate when its files are given. */
static inline void ws_start(struct ht_loop *loop, const char *cert, const char *key,
                            void (*on_message)(struct ws_server *, struct ws_session *)) {
    static const struct lws_protocols protocols[] = {
        {.name = "test-server",
         .callback = ws_on_lws,
         .per_session_data_size = sizeof(struct ws_session)},
        {.name = NULL},
    };
    ws_server = (struct ws_server){.on_message = on_message};
    struct lws_context_creation_info info = {
        .options = cert != NULL ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0,
        .ssl_cert_filepath = cert,
        .ssl_private_key_filepath = key,
        .port = 0,
        .iface = "127.0.0.1",
        .protocols = protocols,
        .vhost_name = "test-server",
    };
    struct lws_vhost *vhost = lws_create_vhost(ht_loop_lws(loop), &info);
    assert_non_null(vhost);
    int port = lws_get_vhost_listen_port(vhost);
    assert_true(port > 0);
    ws_server.port = (unsigned)port;
}

#endif
