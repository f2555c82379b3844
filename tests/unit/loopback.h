/* A tiny HTTP server on loopback for tests: one thread, one connection at a time, and a script that
 * says what to send. A script paces itself with ht_peer_pause, which ends when the client goes. */
#ifndef HT_TESTS_LOOPBACK_H
#define HT_TESTS_LOOPBACK_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct ht_peer {
    void (*script)(struct ht_peer *peer,
                   int fd); /* after a request was read; closes by returning */
    int listener;
    unsigned port;
    pthread_t thread;
    atomic_bool is_stopping;
    atomic_uint requests;
    char request[4096]; /* the last one, head and body; read it after ht_peer_stop */
};

/* False when the client is gone. */
static inline bool ht_peer_send(int fd, const void *p, size_t n) {
    const char *at = p;
    while (n > 0) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        at += sent;
        n -= (size_t)sent;
    }
    return true;
}

static inline bool ht_peer_say(int fd, const char *text) {
    return ht_peer_send(fd, text, strlen(text));
}

/* Lets time pass; false when the client has gone or the test ends. */
static inline bool ht_peer_pause(struct ht_peer *peer, int fd, int ms) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, ms) == 0 && !atomic_load(&peer->is_stopping);
}

/* Holds the connection until the client goes. */
static inline void ht_peer_hold(struct ht_peer *peer, int fd) {
    while (ht_peer_pause(peer, fd, 20)) continue;
}

/* The end of the head plus the stated length of the body; 0 while incomplete. */
static inline size_t ht_peer_request_end(const char *request) {
    const char *end = strstr(request, "\r\n\r\n");
    if (end == NULL) return 0;
    size_t body = 0;
    const char *length = strcasestr(request, "\r\ncontent-length:");
    if (length != NULL && sscanf(length + 17, "%zu", &body) != 1) body = 0;
    return (size_t)(end - request) + 4 + body;
}

static inline bool ht_peer_read_request(struct ht_peer *peer, int fd) {
    size_t n = 0;
    while (n < sizeof peer->request - 1) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int ready = poll(&p, 1, 20);
        if (ready == 0 && atomic_load(&peer->is_stopping)) return false;
        if (ready == 0) continue;
        ssize_t got = recv(fd, peer->request + n, sizeof peer->request - 1 - n, 0);
        if (got <= 0) return false;
        n += (size_t)got;
        peer->request[n] = '\0';
        size_t end = ht_peer_request_end(peer->request);
        if (peer->request[0] == 0x16) return true; /* a TLS greeting: the script may answer it */
        if (end > 0 && n >= end) return true;
    }
    return false;
}

static inline void *ht_peer_serve(void *arg) {
    struct ht_peer *peer = arg;
    while (!atomic_load(&peer->is_stopping)) {
        int fd = accept(peer->listener, NULL, NULL);
        if (fd < 0) continue;
        if (ht_peer_read_request(peer, fd)) {
            atomic_fetch_add(&peer->requests, 1);
            peer->script(peer, fd);
        }
        close(fd);
    }
    return NULL;
}

static inline bool ht_peer_listen(struct ht_peer *peer, const struct sockaddr *at, socklen_t n) {
    peer->listener = socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return peer->listener >= 0 && bind(peer->listener, at, n) == 0 &&
           listen(peer->listener, 64) == 0;
}

static inline bool ht_peer_start(struct ht_peer *peer, void (*script)(struct ht_peer *, int)) {
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t n = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memset(peer, 0, sizeof *peer);
    peer->script = script;
    if (!ht_peer_listen(peer, (const struct sockaddr *)&at, n)) return false;
    if (getsockname(peer->listener, (struct sockaddr *)&at, &n) != 0) return false;
    peer->port = ntohs(at.sin_port);
    return pthread_create(&peer->thread, NULL, ht_peer_serve, peer) == 0;
}

static inline void ht_peer_stop(struct ht_peer *peer) {
    atomic_store(&peer->is_stopping, true);
    shutdown(peer->listener, SHUT_RDWR); /* wakes accept */
    pthread_join(peer->thread, NULL);
    close(peer->listener);
}

#endif
