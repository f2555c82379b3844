/* A client of the API server that writes raw bytes, so that it can also write wrong ones. */
#ifndef HT_TESTS_UNIT_API_CLIENT_H
#define HT_TESTS_UNIT_API_CLIENT_H

#include "tests/unit/api_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ORIGIN "Origin: http://<HOST>\r\n"
#define JSON_TYPE "Content-Type: application/json\r\n"

static inline void set_deadline(int fd) {
    struct timeval limit = {.tv_sec = DEADLINE_S};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), 0);
}

static inline int connect_tcp(const struct server *s) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(s->port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    set_deadline(fd);
    return fd;
}

static inline int connect_unix(const struct server *s) {
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    memcpy(at.sun_path, s->socket_path, strlen(s->socket_path) + 1);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    set_deadline(fd);
    return fd;
}

/* Writes a format with <HOST> replaced; whatever is lost because the server closed is lost. */
static inline void send_text(const struct server *s, int fd, const char *text) {
    char out[8192];
    size_t n = 0;
    const char *mark = "<HOST>";
    while (*text != '\0') {
        bool is_mark = strncmp(text, mark, strlen(mark)) == 0;
        const char *from = is_mark ? s->host : text;
        size_t add = is_mark ? strlen(s->host) : 1;
        assert_true(n + add < sizeof out);
        memcpy(out + n, from, add);
        n += add;
        text += is_mark ? strlen(mark) : 1;
    }
    (void)send(fd, out, n, MSG_NOSIGNAL);
}

struct answer {
    int status; /* 0: closed without an answer */
    char head[4096];
    char body[200000];
    size_t body_len;
};

/* Reads one answer. has_body is false for the answer to HEAD. */
static inline void read_answer(int fd, struct answer *a, bool has_body) {
    memset(a, 0, sizeof *a);
    size_t n = 0;
    while (n < sizeof a->head - 1 && recv(fd, a->head + n, 1, 0) == 1) {
        n++;
        if (n >= 4 && memcmp(a->head + n - 4, "\r\n\r\n", 4) == 0) break;
    }
    if (n == 0) return;
    assert_int_equal(sscanf(a->head, "HTTP/1.%*c %d", &a->status), 1);
    const char *len = strcasestr(a->head, "\r\ncontent-length: ");
    size_t want = len != NULL && has_body ? strtoul(len + 18, NULL, 10) : 0;
    assert_true(want < sizeof a->body);
    while (a->body_len < want) {
        ssize_t got = recv(fd, a->body + a->body_len, want - a->body_len, 0);
        if (got <= 0) break;
        a->body_len += (size_t)got;
    }
    assert_int_equal(a->body_len, want);
}

static struct answer last;

/* One request on a connection of its own; the answer is in `last`, and its status returned. */
static inline int ask(const struct server *s, const char *request) {
    int fd = connect_tcp(s);
    send_text(s, fd, request);
    read_answer(fd, &last, strncmp(request, "HEAD", 4) != 0);
    close(fd);
    return last.status;
}

static inline bool has_header(const struct answer *a, const char *line) {
    char want[700];
    (void)snprintf(want, sizeof want, "\r\n%s\r\n", line);
    return strcasestr(a->head, want) != NULL;
}

/* Signs in and writes "Cookie: hearth_session=…\r\n". */
static inline void sign_in(const struct server *s, char cookie[static 128]) {
    int status = ask(s, "POST /login HTTP/1.1\r\nHost: <HOST>\r\n" ORIGIN JSON_TYPE
                        "Content-Length: 76\r\n\r\n{\"token\":\"" TOKEN "\"}");
    assert_int_equal(status, 204);
    const char *at = strcasestr(last.head, "\r\nset-cookie: hearth_session=");
    assert_non_null(at);
    (void)snprintf(cookie, 128, "Cookie: hearth_session=%.64s\r\n", at + 29);
}

#endif
