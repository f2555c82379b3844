/* A SOCKS5 proxy on loopback for tests: one thread, one connection at a time. Whatever name it is
 * asked for, it connects to one port of loopback, or answers as the test says. */
#ifndef HT_TESTS_UNIT_SOCKS_SERVER_H
#define HT_TESTS_UNIT_SOCKS_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct socks_server {
    int listener;
    unsigned port;   /* its own */
    unsigned to;     /* where it connects to */
    uint8_t code;    /* of its answer; 0: connected */
    uint8_t version; /* 5, or what no proxy says */
    pthread_t thread;
    atomic_bool is_stopping;
    atomic_uint asked;
    char name[256]; /* what was asked for last; read it after the connection is there */
    unsigned name_port;
};

static inline bool socks_read(int fd, void *out, size_t n) {
    return recv(fd, out, n, MSG_WAITALL) == (ssize_t)n;
}

static inline bool socks_send(int fd, const void *p, size_t n) {
    return send(fd, p, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static inline int socks_connect(unsigned port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof at) == 0) return fd;
    if (fd >= 0) close(fd);
    return -1;
}

/* Bytes both ways until one side ends. */
static inline void socks_carry(struct socks_server *server, int a, int b) {
    char bytes[16384];
    const int to[2] = {b, a};
    struct pollfd fds[2] = {{.fd = a, .events = POLLIN}, {.fd = b, .events = POLLIN}};
    while (!atomic_load(&server->is_stopping)) {
        if (poll(fds, 2, 20) <= 0) continue;
        for (int i = 0; i < 2; i++) {
            if (fds[i].revents == 0) continue;
            ssize_t n = recv(fds[i].fd, bytes, sizeof bytes, 0);
            if (n <= 0) return;
            for (ssize_t at = 0; at < n;) {
                ssize_t sent = send(to[i], bytes + at, (size_t)(n - at), MSG_NOSIGNAL);
                if (sent <= 0) return;
                at += sent;
            }
        }
    }
}

/* A greeting and a request with a name, each piece of the answers by itself. */
static inline bool socks_talk(struct socks_server *server, int fd) {
    uint8_t in[4], n, port[2];
    const uint8_t method[] = {server->version, 0};
    const uint8_t answer[] = {5, server->code, 0, 3, 4, 'n', 'a', 'm', 'e', 0, 80};
    uint8_t methods[255];
    if (!socks_read(fd, in, 2) || in[0] != 5 || !socks_read(fd, methods, in[1]) ||
        memchr(methods, 0, in[1]) == NULL)
        return false;
    if (!socks_send(fd, method, 1) || !socks_send(fd, method + 1, 1)) return false;
    if (!socks_read(fd, in, 4) || memcmp(in, "\5\1\0\3", 4) != 0 || !socks_read(fd, &n, 1))
        return false;
    if (!socks_read(fd, server->name, n) || !socks_read(fd, port, 2)) return false;
    server->name[n] = '\0';
    server->name_port = (unsigned)port[0] << 8 | port[1];
    atomic_fetch_add(&server->asked, 1);
    for (size_t i = 0; i < sizeof answer; i++) {
        if (!socks_send(fd, answer + i, 1)) return false;
    }
    return server->code == 0;
}

static inline void *socks_serve(void *arg) {
    struct socks_server *server = arg;
    const struct timeval limit = {.tv_sec = 5};
    while (!atomic_load(&server->is_stopping)) {
        int fd = accept(server->listener, NULL, NULL);
        if (fd < 0) continue;
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        int other = socks_talk(server, fd) ? socks_connect(server->to) : -1;
        if (other >= 0) {
            socks_carry(server, fd, other);
            close(other);
        }
        close(fd);
    }
    return NULL;
}

static inline bool socks_start(struct socks_server *server, unsigned to) {
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t n = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memset(server, 0, sizeof *server);
    server->to = to;
    server->version = 5;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->listener < 0 || bind(server->listener, (const struct sockaddr *)&at, n) != 0 ||
        listen(server->listener, 16) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&at, &n) != 0)
        return false;
    server->port = ntohs(at.sin_port);
    return pthread_create(&server->thread, NULL, socks_serve, server) == 0;
}

static inline void socks_stop(struct socks_server *server) {
    atomic_store(&server->is_stopping, true);
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
}

#endif
