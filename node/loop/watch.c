/* Descriptors that lws only watches: its raw file role, on a vhost without a listener. */
#include "node/loop/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROTOCOL "watch"

struct ht_watches {
    struct lws_vhost *vhost;
};

static void lose(struct ht_watch *watch) {
    socklen_t len = sizeof watch->error;
    watch->error = 0;
    (void)getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &watch->error, &len);
    watch->wsi = NULL;
    ht_watch_close(watch);
    if (watch->lost != NULL) watch->lost(watch);
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len) {
    (void)user, (void)in, (void)len;
    bool is_event = reason == LWS_CALLBACK_RAW_WRITEABLE_FILE || reason == LWS_CALLBACK_RAW_RX_FILE;
    if (!is_event && reason != LWS_CALLBACK_RAW_CLOSE_FILE) return 0;
    struct ht_watch *watch = lws_get_opaque_user_data(wsi);
    if (watch == NULL) return is_event ? -1 : 0;
    if (reason == LWS_CALLBACK_RAW_CLOSE_FILE) {
        lws_set_opaque_user_data(wsi, NULL);
        lose(watch);
        return 0;
    }
    if (reason == LWS_CALLBACK_RAW_RX_FILE) {
        watch->readable(watch);
    } else if (watch->writable != NULL) {
        watch->writable(watch);
    }
    /* The owner may have closed it, and be gone. */
    return lws_get_opaque_user_data(wsi) == NULL ? -1 : 0;
}

static const struct lws_protocols protocols[] = {{.name = PROTOCOL, .callback = on_lws}, {0}};

enum ht_err ht_watches_new(struct ht_watches **out, struct ht_loop *loop, struct ht_why *why) {
    struct ht_watches *watches = calloc(1, sizeof *watches);
    if (watches == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .vhost_name = PROTOCOL,
        .http_proxy_address = "-:0",
    };
    watches->vhost = lws_create_vhost(ht_loop_lws(loop), &info);
    if (watches->vhost == NULL) {
        free(watches);
        return ht_fail(why, HT_ENET, "no_watch", "sockets cannot be watched");
    }
    *out = watches;
    return HT_OK;
}

void ht_watches_free(struct ht_watches *watches) {
    if (watches == NULL) return;
    lws_vhost_destroy(watches->vhost);
    free(watches);
}

enum ht_err ht_watch_open(struct ht_watch *watch, struct ht_watches *watches, int fd,
                          struct ht_why *why) {
    lws_sock_file_fd_type copy = {.filefd = fcntl(fd, F_DUPFD_CLOEXEC, 0)};
    struct lws *wsi = NULL;
    if (copy.filefd >= 0) { /* lws closes what it was given, also when it does not take it */
        wsi = lws_adopt_descriptor_vhost(watches->vhost, LWS_ADOPT_RAW_FILE_DESC, copy, PROTOCOL,
                                         NULL);
    }
    if (wsi == NULL) {
        (void)close(fd);
        return ht_fail(why, HT_ENET, "no_watch", "too many open files");
    }
    watch->wsi = wsi;
    watch->fd = fd;
    watch->is_open = true;
    lws_set_opaque_user_data(wsi, watch);
    return HT_OK;
}

void ht_watch_write(struct ht_watch *watch) {
    if (watch->wsi != NULL) (void)lws_callback_on_writable(watch->wsi);
}

void ht_watch_close(struct ht_watch *watch) {
    if (!watch->is_open) return;
    watch->is_open = false;
    (void)close(watch->fd);
    if (watch->wsi == NULL) return;
    lws_set_opaque_user_data(watch->wsi, NULL);
    lws_set_timeout(watch->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    watch->wsi = NULL;
}
