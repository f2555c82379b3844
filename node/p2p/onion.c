/* The connection to Tor's control port: signing in, making the service, waiting until it is
 * published. One command is under way at a time; events may come in between. */
#include "node/p2p/onion.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/base/hex.h"
#include "node/p2p/onion_key.h"

#define REPLY_MS 20000
#define PROGRESS_MS 2000
#define AGAIN_MS INT64_C(5000)
#define AGAIN_MAX_MS (INT64_C(5) * 60 * 1000)
#define KEY_TEXT_SIZE 96U

enum step {
    STEP_NONE,
    STEP_CONNECTING,
    STEP_PROTOCOL,
    STEP_CHALLENGE,
    STEP_AUTH,
    STEP_SOCKS,
    STEP_EVENTS,
    STEP_ADD,
    STEP_PROGRESS,
    STEP_READY, /* nothing is asked */
};

struct ht_onion {
    struct ht_onion_options options;
    struct sockaddr_in at;
    uint8_t key[HT_ONION_KEY_SIZE];
    char id[HT_ONION_ID_SIZE], address[HT_ONION_ADDRESS_SIZE];
    char socks[HT_TOR_SOCKS_SIZE];
    enum ht_onion_state state;
    enum step step;
    struct ht_why why;
    struct ht_watch watch;
    struct ht_timer timer, progress;
    int64_t again_ms;
    char line[HT_TOR_LINE_SIZE];
    size_t line_n, lines;
    bool is_data, is_added, is_uploaded;
    struct ht_tor_protocol protocol;
    uint8_t cookie[HT_TOR_COOKIE_SIZE], client_nonce[32];
    uint8_t server_hash[32], server_nonce[32];
    bool has_challenge;
};

static void begin(struct ht_onion *onion);

/* --- how it ends ------------------------------------------------------------------------------ */

static void hang_up(struct ht_onion *onion) {
    ht_timer_cancel(&onion->timer);
    ht_timer_cancel(&onion->progress);
    ht_watch_close(&onion->watch);
    sodium_memzero(onion->cookie, sizeof onion->cookie);
    onion->step = STEP_NONE;
    onion->line_n = onion->lines = 0;
    onion->is_data = onion->is_added = onion->is_uploaded = onion->has_challenge = false;
    onion->socks[0] = '\0';
}

static void on_again(struct ht_timer *timer) {
    begin((struct ht_onion *)(void *)((char *)timer - offsetof(struct ht_onion, timer)));
}

static void fail_why(struct ht_onion *onion, const struct ht_why *why) {
    hang_up(onion);
    onion->state = HT_ONION_FAILED;
    onion->why = *why;
    ht_timer_set(onion->options.loop, &onion->timer, onion->again_ms, on_again);
    onion->again_ms = onion->again_ms * 2 < AGAIN_MAX_MS ? onion->again_ms * 2 : AGAIN_MAX_MS;
    onion->options.changed(onion->options.user);
}

static void fail(struct ht_onion *onion, const char *code, const char *text, const char *detail) {
    struct ht_why why = {.code = code};
    (void)snprintf(why.text, sizeof why.text, "%s%.80s", text, detail);
    fail_why(onion, &why);
}

static void on_late(struct ht_timer *timer) {
    struct ht_onion *onion =
        (struct ht_onion *)(void *)((char *)timer - offsetof(struct ht_onion, timer));
    fail(onion, "tor_slow", "Tor's control port does not answer", "");
}

static void fail_unreachable(struct ht_onion *onion, int reason) {
    fail(onion, "tor_unreachable",
         "Tor's control port is not there (is Tor running, with ControlPort set?): ",
         reason != 0 ? strerror(reason) : "it hangs up");
}

static void on_lost(struct ht_watch *watch) {
    struct ht_onion *onion =
        (struct ht_onion *)(void *)((char *)watch - offsetof(struct ht_onion, watch));
    if (onion->step == STEP_CONNECTING) {
        fail_unreachable(onion, watch->error);
    } else {
        fail(onion, "tor_lost", "Tor has ended the connection", "");
    }
}

/* --- commands --------------------------------------------------------------------------------- */

/* The kernel takes so little whole, or not at all. */
static void say(struct ht_onion *onion, enum step step, const char *command) {
    size_t n = strlen(command);
    onion->step = step;
    onion->lines = 0;
    ht_timer_set(onion->options.loop, &onion->timer, REPLY_MS, on_late);
    if (send(onion->watch.fd, command, n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)n) return;
    fail(onion, "tor_lost", "Tor has ended the connection", "");
}

static bool read_cookie(struct ht_onion *onion) {
    const char *path = onion->protocol.cookie_path;
    uint8_t bytes[HT_TOR_COOKIE_SIZE + 1];
    int fd = path[0] != '\0' ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    ssize_t n = fd >= 0 ? read(fd, bytes, sizeof bytes) : -1;
    int reason = path[0] != '\0' ? errno : ENOENT;
    if (fd >= 0) (void)close(fd);
    if (n == HT_TOR_COOKIE_SIZE) {
        memcpy(onion->cookie, bytes, HT_TOR_COOKIE_SIZE);
        return true;
    }
    fail(onion, "tor_cookie",
         "Tor's cookie cannot be read (it must be in /run/tor or in Hearth's folder, and "
         "this user in Tor's group): ",
         n < 0 ? strerror(reason) : "it is no cookie");
    return false;
}

static void sign_in(struct ht_onion *onion) {
    char command[128], hex[HT_HEX_SIZE(32)];
    const struct ht_tor_protocol *protocol = &onion->protocol;
    if (protocol->has_none) {
        say(onion, STEP_AUTH, "AUTHENTICATE\r\n");
    } else if (!protocol->has_safe_cookie) {
        fail(onion, "tor_password",
             "Tor's control port wants a password: set \"CookieAuthentication 1\" in torrc", "");
    } else if (read_cookie(onion)) {
        ht_random_fill(onion->options.random, onion->client_nonce, 32);
        ht_hex_write(hex, HT_BYTES(onion->client_nonce));
        (void)snprintf(command, sizeof command, "AUTHCHALLENGE SAFECOOKIE %s\r\n", hex + 2);
        say(onion, STEP_CHALLENGE, command);
    }
}

static void prove(struct ht_onion *onion) {
    uint8_t hash[32];
    char command[128], hex[HT_HEX_SIZE(32)];
    ht_tor_cookie_hash(hash, onion->cookie, onion->client_nonce, onion->server_nonce, false);
    if (!onion->has_challenge || sodium_memcmp(hash, onion->server_hash, 32) != 0) {
        fail(onion, "bad_tor", "what listens at Tor's control port does not know Tor's cookie", "");
        return;
    }
    ht_tor_cookie_hash(hash, onion->cookie, onion->client_nonce, onion->server_nonce, true);
    ht_hex_write(hex, HT_BYTES(hash));
    (void)snprintf(command, sizeof command, "AUTHENTICATE %s\r\n", hex + 2);
    say(onion, STEP_AUTH, command);
}

static void add(struct ht_onion *onion) {
    char command[256], key[KEY_TEXT_SIZE];
    uint16_t port = onion->options.port(onion->options.user, onion->address);
    if (port == 0) {
        fail(onion, "no_door", "there is no door that the service could lead to", "");
        return;
    }
    (void)sodium_bin2base64(key, sizeof key, onion->key, sizeof onion->key,
                            sodium_base64_VARIANT_ORIGINAL);
    (void)snprintf(command, sizeof command, "ADD_ONION ED25519-V3:%s Port=%d,127.0.0.1:%u\r\n", key,
                   HT_ONION_PORT, (unsigned)port);
    say(onion, STEP_ADD, command);
    sodium_memzero(command, sizeof command);
    sodium_memzero(key, sizeof key);
}

static void ask_progress(struct ht_onion *onion) {
    say(onion, STEP_PROGRESS, "GETINFO status/bootstrap-phase\r\n");
}

static void on_progress(struct ht_timer *timer) {
    struct ht_onion *onion =
        (struct ht_onion *)(void *)((char *)timer - offsetof(struct ht_onion, progress));
    if (onion->step == STEP_READY) ask_progress(onion);
}

/* What is asked next goes on from here; until the service is published, how far Tor has come. */
static void rest(struct ht_onion *onion) {
    onion->step = STEP_READY;
    ht_timer_cancel(&onion->timer);
    if (!onion->is_uploaded) {
        ht_timer_set(onion->options.loop, &onion->progress, PROGRESS_MS, on_progress);
        return;
    }
    if (onion->state == HT_ONION_READY) return;
    onion->state = HT_ONION_READY;
    onion->again_ms = AGAIN_MS;
    onion->why = (struct ht_why){.code = ""};
    onion->options.changed(onion->options.user);
}

/* --- replies ---------------------------------------------------------------------------------- */

static void take_progress(struct ht_onion *onion, const char *text) {
    int progress = ht_tor_read_progress(text);
    struct ht_why why = {.code = "tor_starting"};
    if (progress < 0) return;
    (void)snprintf(why.text, sizeof why.text,
                   progress < 100 ? "Tor is still connecting to its network (%d %%)"
                                  : "Tor is connected; the address is being published",
                   progress);
    if (strcmp(why.text, onion->why.text) == 0) return;
    onion->why = why;
    onion->options.changed(onion->options.user);
}

/* A line of a good reply. False: it was given up. */
static bool take_text(struct ht_onion *onion, const char *text) {
    struct ht_why why = {0};
    enum ht_err err = HT_OK;
    if (onion->step == STEP_PROTOCOL) {
        err = ht_tor_read_protocol(&onion->protocol, text, &why);
    } else if (onion->step == STEP_CHALLENGE) {
        err = ht_tor_read_challenge(onion->server_hash, onion->server_nonce, text, &why);
        onion->has_challenge = err == HT_OK;
    } else if (onion->step == STEP_SOCKS) {
        (void)ht_tor_read_socks(onion->socks, text);
    } else if (onion->step == STEP_PROGRESS) {
        take_progress(onion, text);
    } else if (onion->step == STEP_ADD && strncmp(text, "ServiceID=", 10) == 0) {
        onion->is_added = strcmp(text + 10, onion->id) == 0;
    }
    if (err != HT_OK) fail_why(onion, &why);
    return err == HT_OK;
}

static void next(struct ht_onion *onion) {
    switch (onion->step) {
    case STEP_NONE:
    case STEP_CONNECTING:
    case STEP_READY: return; /* nothing was asked */
    case STEP_PROTOCOL: sign_in(onion); return;
    case STEP_CHALLENGE: prove(onion); return;
    case STEP_AUTH: say(onion, STEP_SOCKS, "GETINFO net/listeners/socks\r\n"); return;
    case STEP_SOCKS: say(onion, STEP_EVENTS, "SETEVENTS HS_DESC\r\n"); return;
    case STEP_EVENTS: add(onion); return;
    case STEP_ADD:
        if (onion->is_added) {
            onion->state = HT_ONION_CONNECTING;
            ask_progress(onion);
        } else {
            fail(onion, "bad_tor", "Tor has made another service than ours", "");
        }
        return;
    case STEP_PROGRESS: rest(onion); return;
    }
}

static void take_event(struct ht_onion *onion, const char *text) {
    if (onion->is_uploaded || !ht_tor_is_uploaded(text, onion->id)) return;
    onion->is_uploaded = true;
    if (onion->step == STEP_READY) rest(onion);
}

static void take_line(struct ht_onion *onion) {
    struct ht_tor_reply reply;
    struct ht_why why = {0};
    if (onion->is_data) { /* nothing that we ask for comes that way */
        onion->is_data = strcmp(onion->line, ".") != 0;
        return;
    }
    enum ht_err err = ht_tor_read_line(&reply, onion->line, &why);
    if (err == HT_OK && ++onion->lines > HT_TOR_LINES_MAX)
        err = ht_fail(&why, HT_ELIMIT, "bad_tor", "Tor's answer is too long");
    if (err != HT_OK) {
        fail_why(onion, &why);
        return;
    }
    onion->is_data = reply.kind == HT_TOR_DATA;
    if (reply.code == 650) {
        onion->lines = 0;
        take_event(onion, reply.text);
    } else if (reply.code != 250) {
        fail(onion, "tor_refused", "Tor says no: ", reply.text);
    } else if (take_text(onion, reply.text) && reply.kind == HT_TOR_END) {
        next(onion);
    }
}

static void take_bytes(struct ht_onion *onion, const char *p, size_t n) {
    for (size_t i = 0; i < n && onion->watch.is_open; i++) {
        if (p[i] == '\n') {
            size_t len = onion->line_n;
            onion->line_n = 0;
            if (len > 0 && onion->line[len - 1] == '\r') len--;
            onion->line[len] = '\0';
            take_line(onion);
        } else if (p[i] == '\0' || onion->line_n == sizeof onion->line - 1) {
            fail(onion, "bad_tor", "this is not Tor's control port", "");
        } else {
            onion->line[onion->line_n++] = p[i];
        }
    }
}

static void on_readable(struct ht_watch *watch) {
    struct ht_onion *onion =
        (struct ht_onion *)(void *)((char *)watch - offsetof(struct ht_onion, watch));
    char bytes[4096];
    while (watch->is_open && onion->step != STEP_CONNECTING) {
        ssize_t n = recv(watch->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) {
            fail(onion, "tor_lost", "Tor has ended the connection", "");
            return;
        }
        take_bytes(onion, bytes, (size_t)n);
    }
}

/* --- beginning and end ------------------------------------------------------------------------ */

static void on_connected(struct ht_watch *watch) {
    struct ht_onion *onion =
        (struct ht_onion *)(void *)((char *)watch - offsetof(struct ht_onion, watch));
    int reason = 0;
    socklen_t len = sizeof reason;
    if (onion->step != STEP_CONNECTING) return;
    if (getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &reason, &len) != 0) reason = errno;
    if (reason == 0) {
        say(onion, STEP_PROTOCOL, "PROTOCOLINFO 1\r\n");
    } else {
        fail_unreachable(onion, reason);
    }
}

static void begin(struct ht_onion *onion) {
    struct ht_why why = {0};
    onion->protocol = (struct ht_tor_protocol){0};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_begun =
        fd >= 0 && (connect(fd, (const struct sockaddr *)&onion->at, sizeof onion->at) == 0 ||
                    errno == EINPROGRESS);
    int reason = errno;
    if (!is_begun) {
        if (fd >= 0) (void)close(fd);
        fail_unreachable(onion, reason);
        return;
    }
    if (ht_watch_open(&onion->watch, onion->options.watches, fd, &why) != HT_OK) {
        fail_why(onion, &why);
        return;
    }
    onion->step = STEP_CONNECTING;
    ht_timer_set(onion->options.loop, &onion->timer, REPLY_MS, on_late);
    ht_watch_write(&onion->watch);
}

static bool read_control(struct sockaddr_in *out, const char *text) {
    char host[INET_ADDRSTRLEN];
    const char *colon = strrchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof host) return false;
    (void)snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
    char *end;
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (*end != '\0' || end == colon + 1 || port == 0 || port > 65535) return false;
    *out = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    return inet_pton(AF_INET, host, &out->sin_addr) == 1;
}

enum ht_err ht_onion_new(struct ht_onion **out, const struct ht_onion_options *options,
                         struct ht_why *why) {
    struct ht_onion *onion = calloc(1, sizeof *onion);
    if (onion == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    onion->options = *options;
    onion->again_ms = AGAIN_MS;
    onion->why.code = "";
    onion->watch.readable = on_readable;
    onion->watch.writable = on_connected;
    onion->watch.lost = on_lost;
    enum ht_err err = HT_OK;
    if (!read_control(&onion->at, options->control)) {
        err = ht_fail(why, HT_EINPUT, "bad_control", "%.60s is no address and port of Tor",
                      options->control);
    }
    if (err == HT_OK) err = ht_onion_key_open(onion->key, options->data_dir, options->random, why);
    if (err == HT_OK) err = ht_onion_id(onion->id, onion->key, why);
    if (err != HT_OK) {
        ht_onion_free(onion);
        return err;
    }
    (void)snprintf(onion->address, sizeof onion->address, "%s.onion", onion->id);
    ht_timer_set(options->loop, &onion->timer, 0, on_again);
    *out = onion;
    return HT_OK;
}

void ht_onion_free(struct ht_onion *onion) {
    char command[96];
    if (onion == NULL) return;
    if (onion->watch.is_open && onion->is_added) {
        int n = snprintf(command, sizeof command, "DEL_ONION %s\r\nQUIT\r\n", onion->id);
        (void)!send(onion->watch.fd, command, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    hang_up(onion);
    sodium_memzero(onion, sizeof *onion);
    free(onion);
}

enum ht_onion_state ht_onion_state(const struct ht_onion *onion) {
    return onion->state;
}

const char *ht_onion_address(const struct ht_onion *onion) {
    return onion->address;
}

const char *ht_onion_socks(const struct ht_onion *onion) {
    return onion->socks;
}

const struct ht_why *ht_onion_why(const struct ht_onion *onion) {
    return &onion->why;
}
