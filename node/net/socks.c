/* SOCKS5: the dialogue with the proxy over a socket that lws only watches. lws has a copy of the
 * descriptor, so that letting go of it leaves the connection to whoever it was made for. */
#include "node/net/socks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum step {
    STEP_CONNECTING,
    STEP_GREETED, /* the method is waited for */
    STEP_ASKED,   /* … and whether it has connected */
};

struct ht_socks {
    struct ht_loop *loop;
    const struct ht_socks_handler *handler;
    void *user;
    struct lws *wsi;
    int fd;
    enum step step;
    struct ht_timer deadline;
    uint8_t request[HT_SOCKS_REQUEST_MAX];
    size_t request_len;
    uint8_t in[HT_SOCKS_REPLY_MAX];
    size_t n;
};

/* --- what is said ----------------------------------------------------------------------------- */

static const uint8_t greeting[] = {5, 1, 0}; /* one method: none */

size_t ht_socks_request(uint8_t out[static HT_SOCKS_REQUEST_MAX], const char *host, uint16_t port) {
    size_t n = strlen(host);
    if (n == 0 || n > 255) return 0;
    size_t at = 4;
    memcpy(out, (const uint8_t[]){5, 1, 0, 3}, 4);
    if (inet_pton(AF_INET, host, out + 4) == 1) {
        out[3] = 1;
        at += 4;
    } else if (inet_pton(AF_INET6, host, out + 4) == 1) {
        out[3] = 4;
        at += 16;
    } else {
        out[at++] = (uint8_t)n;
        memcpy(out + at, host, n);
        at += n;
    }
    out[at++] = (uint8_t)(port >> 8);
    out[at++] = (uint8_t)port;
    return at;
}

static const char *refusal(uint8_t code) {
    switch (code) {
    case 1: return "it failed";
    case 2: return "its rules forbid it";
    case 3: return "the network cannot be reached";
    case 4: return "the host cannot be reached";
    case 5: return "the connection was refused";
    case 6: return "it took too long";
    case 7:
    case 8: return "it cannot do this";
    case 0xf0: return "there is no such onion";
    case 0xf1: return "the onion's descriptor is not valid";
    case 0xf2: return "the onion could not be introduced to";
    case 0xf3: return "the onion could not be met";
    case 0xf6: return "the onion's address is not valid";
    case 0xf7: return "introducing to the onion took too long";
    default: return "it says no";
    }
}

enum ht_err ht_socks_reply(size_t *need, ht_bytes in, struct ht_why *why) {
    *need = 5;
    if (in.n >= 1 && in.p[0] != 5)
        return ht_fail(why, HT_EINPUT, "proxy_malformed", "the proxy does not speak SOCKS5");
    if (in.n >= 2 && in.p[1] != 0)
        return ht_fail(why, HT_ENET, "proxy_refused", "the proxy: %s", refusal(in.p[1]));
    if (in.n < *need) return HT_OK;
    switch (in.p[3]) {
    case 1: *need = 4 + 4 + 2; return HT_OK;
    case 3: *need = (size_t)4 + 1 + in.p[4] + 2; return HT_OK;
    case 4: *need = 4 + 16 + 2; return HT_OK;
    default: return ht_fail(why, HT_EINPUT, "proxy_malformed", "the proxy's answer is not SOCKS5");
    }
}

/* --- its end ---------------------------------------------------------------------------------- */

/* Lets lws go of its copy. */
static void detach(struct ht_socks *s) {
    ht_timer_cancel(&s->deadline);
    if (s->wsi == NULL) return;
    lws_set_opaque_user_data(s->wsi, NULL);
    lws_set_timeout(s->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    s->wsi = NULL;
}

void ht_socks_close(struct ht_socks *s) {
    detach(s);
    if (s->fd >= 0) (void)close(s->fd);
    free(s);
}

static void fail(struct ht_socks *s, enum ht_err err, const struct ht_why *why) {
    const struct ht_socks_handler *handler = s->handler;
    void *user = s->user;
    ht_socks_close(s);
    handler->failed(user, err, why);
}

static void fail_unreachable(struct ht_socks *s) {
    struct ht_why why;
    int reason = 0;
    socklen_t len = sizeof reason;
    (void)getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &reason, &len);
    (void)ht_fail(&why, HT_ENET, "proxy_unreachable", "the proxy: %s",
                  reason != 0 ? strerror(reason) : "the connection was lost");
    fail(s, HT_ENET, &why);
}

static void on_deadline(struct ht_timer *timer) {
    struct ht_socks *s = (struct ht_socks *)((char *)timer - offsetof(struct ht_socks, deadline));
    static const struct ht_why why = {.code = "timeout", .text = "the proxy did not connect"};
    fail(s, HT_ENET, &why);
}

static void finish(struct ht_socks *s) {
    const struct ht_socks_handler *handler = s->handler;
    void *user = s->user;
    int fd = s->fd;
    s->fd = -1;
    ht_socks_close(s);
    handler->connected(user, fd);
}

/* --- its course ------------------------------------------------------------------------------- */

/* Some hundred bytes at the start of a connection, which the kernel takes whole or not at all. */
static bool say(struct ht_socks *s, const uint8_t *p, size_t n) {
    return send(s->fd, p, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static void on_connected(struct ht_socks *s) {
    int reason = 0;
    socklen_t len = sizeof reason;
    if (s->step != STEP_CONNECTING) return;
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &reason, &len) != 0 || reason != 0) {
        struct ht_why why;
        (void)ht_fail(&why, HT_ENET, "proxy_unreachable", "the proxy: %s", strerror(reason));
        fail(s, HT_ENET, &why);
        return;
    }
    s->step = STEP_GREETED;
    if (!say(s, greeting, sizeof greeting)) fail_unreachable(s);
}

/* How long the answer is that is waited for, as far as that can be told. */
static enum ht_err check(struct ht_socks *s, size_t *need, struct ht_why *why) {
    if (s->step == STEP_ASKED) return ht_socks_reply(need, ht_bytes_of(s->in, s->n), why);
    *need = 2;
    if (s->n >= 1 && s->in[0] != 5)
        return ht_fail(why, HT_EINPUT, "proxy_malformed", "the proxy does not speak SOCKS5");
    if (s->n >= 2 && s->in[1] != 0)
        return ht_fail(why, HT_ENET, "proxy_refused", "the proxy asks for a password");
    return HT_OK;
}

/* An answer is whole: the next word, or the end. False when s is gone. */
static bool go_on(struct ht_socks *s) {
    s->n = 0;
    if (s->step == STEP_ASKED) {
        finish(s);
        return false;
    }
    s->step = STEP_ASKED;
    if (say(s, s->request, s->request_len)) return true;
    fail_unreachable(s);
    return false;
}

static void on_readable(struct ht_socks *s) {
    struct ht_why why;
    for (;;) {
        size_t need = 0;
        enum ht_err err = check(s, &need, &why);
        if (err != HT_OK) {
            fail(s, err, &why);
            return;
        }
        if (s->n == need) {
            if (!go_on(s)) return;
            continue;
        }
        ssize_t got = recv(s->fd, s->in + s->n, need - s->n, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) {
            fail_unreachable(s);
            return;
        }
        s->n += (size_t)got;
    }
}

int ht_socks_on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len) {
    (void)user;
    (void)in;
    (void)len;
    struct ht_socks *s = lws_get_opaque_user_data(wsi);
    bool is_event = reason == LWS_CALLBACK_RAW_WRITEABLE_FILE || reason == LWS_CALLBACK_RAW_RX_FILE;
    if (s == NULL) return is_event ? -1 : 0;
    if (reason == LWS_CALLBACK_RAW_CLOSE_FILE) {
        lws_set_opaque_user_data(wsi, NULL);
        s->wsi = NULL;
        fail_unreachable(s);
        return 0;
    }
    if (reason == LWS_CALLBACK_RAW_WRITEABLE_FILE) on_connected(s);
    if (reason == LWS_CALLBACK_RAW_RX_FILE && s->step != STEP_CONNECTING) on_readable(s);
    return is_event && lws_get_opaque_user_data(wsi) == NULL ? -1 : 0;
}

/* --- its start -------------------------------------------------------------------------------- */

static socklen_t read_proxy(struct sockaddr_storage *out, const char *text) {
    char host[64];
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text) return 0;
    char *end = NULL;
    long port = strtol(colon + 1, &end, 10);
    bool has_brackets = text[0] == '[' && colon[-1] == ']';
    size_t n = (size_t)(colon - text) - (has_brackets ? 2 : 0);
    if (*end != '\0' || port < 1 || port > 65535 || n >= sizeof host) return 0;
    (void)snprintf(host, sizeof host, "%.*s", (int)n, text + (has_brackets ? 1 : 0));
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    if (!has_brackets && inet_pton(AF_INET, host, &in.sin_addr) == 1) {
        memcpy(out, &in, sizeof in);
        return sizeof in;
    }
    if (!has_brackets || inet_pton(AF_INET6, host, &in6.sin6_addr) != 1) return 0;
    memcpy(out, &in6, sizeof in6);
    return sizeof in6;
}

/* -1 and errno. */
static int connect_proxy(const struct sockaddr_storage *at, socklen_t len) {
    int fd = socket(at->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int yes = 1;
    if (fd < 0) return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(fd, (const struct sockaddr *)at, len) == 0 || errno == EINPROGRESS) return fd;
    int reason = errno;
    (void)close(fd);
    errno = reason;
    return -1;
}

/* lws closes what it was given, also when it does not take it. */
static bool watch(struct ht_socks *s, struct lws_vhost *vhost) {
    lws_sock_file_fd_type copy = {.filefd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0)};
    if (copy.filefd < 0) return false;
    s->wsi =
        lws_adopt_descriptor_vhost(vhost, LWS_ADOPT_RAW_FILE_DESC, copy, HT_SOCKS_PROTOCOL, NULL);
    if (s->wsi == NULL) return false;
    lws_set_opaque_user_data(s->wsi, s);
    return lws_callback_on_writable(s->wsi) >= 0;
}

enum ht_err ht_socks_open(struct ht_socks **out, struct ht_loop *loop, struct lws_vhost *vhost,
                          const struct ht_socks_options *options, struct ht_why *why) {
    struct sockaddr_storage at = {0};
    socklen_t len = read_proxy(&at, options->proxy);
    if (len == 0)
        return ht_fail(why, HT_EINPUT, "bad_proxy", "%.60s is no proxy's address and port",
                       options->proxy);
    struct ht_socks *s = calloc(1, sizeof *s);
    if (s == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    s->loop = loop;
    s->handler = options->handler;
    s->user = options->user;
    s->fd = -1;
    s->request_len = ht_socks_request(s->request, options->host, options->port);
    if (s->request_len == 0) {
        ht_socks_close(s);
        return ht_fail(why, HT_ELIMIT, "name_too_long", "a name that no proxy takes");
    }
    s->fd = connect_proxy(&at, len);
    if (s->fd < 0 || !watch(s, vhost)) {
        int reason = errno;
        ht_socks_close(s);
        return ht_fail(why, HT_ENET, "proxy_unreachable", "the proxy: %s", strerror(reason));
    }
    ht_timer_set(loop, &s->deadline, HT_SOCKS_MS, on_deadline);
    *out = s;
    return HT_OK;
}
