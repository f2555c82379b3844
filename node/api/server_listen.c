/* Opening the two doors. lws says little about why it cannot listen, so the address is tried with
 * a socket of our own first; between the two another program could take it, and then the reason is
 * the general one. */
#include "node/api/server_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "node/api/server_answer.h"
#include "node/api/server_http.h"
#include "node/api/server_ws.h"

static const struct lws_protocols tcp_protocols[] = {
    {.name = "http", .callback = ht_api_http_callback},
    {.name = "hearth", .callback = ht_api_ws_callback},
    {.name = NULL},
};

static const struct lws_protocols unix_protocols[] = {
    {.name = "http", .callback = ht_api_http_callback},
    {.name = NULL},
};

/* lws has let go of a vhost; nothing will be called for it any more. */
static void on_vhost_gone(struct lws_vhost *vhost, void *arg) {
    (void)vhost;
    ht_api_unref(arg);
}

static struct lws_vhost *make_vhost(struct ht_api *api, struct lws_context_creation_info *info) {
    info->user = api;
    info->headers = api->headers;
    info->finalize = on_vhost_gone;
    info->finalize_arg = api;
    info->keepalive_timeout = 30;
    info->timeout_secs_ah_idle = 10;
    info->retry_and_idle_policy = &api->liveness;
    api->refs++; /* which on_vhost_gone drops, also when the vhost cannot be made */
    return lws_create_vhost(ht_loop_lws(api->loop), info);
}

static enum ht_err try_port(uint16_t port, struct ht_why *why) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return ht_fail(why, HT_ENET, "no_listener", "no socket: %s", strerror(errno));
    const int yes = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int failed = bind(fd, (const struct sockaddr *)&at, sizeof at);
    if (failed == 0) failed = listen(fd, 1);
    int error = errno;
    (void)close(fd);
    if (failed == 0) return HT_OK;
    if (error == EADDRINUSE) {
        return ht_fail(why, HT_EAGAIN, "port_in_use",
                       "port %u on 127.0.0.1 is already in use, perhaps by another Hearth", port);
    }
    return ht_fail(why, error == EACCES ? HT_EDENIED : HT_ENET,
                   error == EACCES ? "port_denied" : "no_listener", "port %u on 127.0.0.1: %s",
                   port, strerror(error));
}

enum ht_err ht_api_listen_tcp(struct ht_api *api, uint16_t *port, struct ht_why *why) {
    uint16_t want = api->options.port;
    enum ht_err err = try_port(want, why);
    if (err != HT_OK) return err;
    struct lws_context_creation_info info = {
        .port = want,
        .iface = "127.0.0.1",
        .vhost_name = "api",
        .protocols = tcp_protocols,
        .options = LWS_SERVER_OPTION_DISABLE_IPV6 | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND,
    };
    api->tcp = make_vhost(api, &info);
    if (api->tcp == NULL)
        return ht_fail(why, HT_ENET, "no_listener", "cannot listen on port %u", want);
    *port = (uint16_t)lws_get_vhost_listen_port(api->tcp);
    return HT_OK;
}

/* lws removes whatever is at the path, so what is there must be a socket that nobody serves. */
static enum ht_err try_path(const char *path, struct ht_why *why) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof at.sun_path || path[0] == '@') {
        return ht_fail(why, HT_EINPUT, "socket_path",
                       "the path of the node's socket has %zu bytes, at most %zu are possible: "
                       "choose a shorter data directory",
                       n, sizeof at.sun_path - 1);
    }
    struct stat there;
    if (lstat(path, &there) != 0) {
        if (errno == ENOENT) return HT_OK;
        return ht_fail(why, HT_EINPUT, "socket_path", "the socket's path: %s", strerror(errno));
    }
    if (!S_ISSOCK(there.st_mode))
        return ht_fail(why, HT_EINPUT, "socket_path", "the socket's path is taken by a file");
    memcpy(at.sun_path, path, n + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return ht_fail(why, HT_ENET, "no_listener", "no socket: %s", strerror(errno));
    int failed = connect(fd, (const struct sockaddr *)&at, sizeof at);
    bool is_served = failed == 0 || errno == EAGAIN;
    (void)close(fd);
    if (is_served)
        return ht_fail(why, HT_EAGAIN, "socket_in_use", "another Hearth runs on this directory");
    return HT_OK;
}

enum ht_err ht_api_listen_unix(struct ht_api *api, const char *path, struct ht_why *why) {
    enum ht_err err = try_path(path, why);
    if (err != HT_OK) return err;
    memcpy(api->unix_path, path, strlen(path) + 1);
    struct lws_context_creation_info info = {
        .iface = api->unix_path, /* lws keeps the pointer, and removes the file at the end */
        .vhost_name = "cli",
        .protocols = unix_protocols,
        .options = LWS_SERVER_OPTION_UNIX_SOCK | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND,
    };
    mode_t before = umask(0177);
    api->unix_vhost = make_vhost(api, &info);
    (void)umask(before);
    struct stat made;
    if (api->unix_vhost == NULL || lstat(path, &made) != 0 || !S_ISSOCK(made.st_mode) ||
        chmod(path, 0600) != 0)
        return ht_fail(why, HT_ENET, "no_listener", "cannot listen on the unix socket");
    return HT_OK;
}
