/* A client of the door of test_door*.c that writes raw frames and requests, so that it can also
 * write wrong ones. */
#ifndef HT_TESTS_UNIT_DOOR_CLIENT_H
#define HT_TESTS_UNIT_DOOR_CLIENT_H

#include "tests/unit/door_bench.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
#define UPGRADE "Connection: Upgrade\r\nUpgrade: websocket\r\n" KEY
enum { CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

static inline int connect_door(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(ht_door_port(bench.door))};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const struct timeval limit = {.tv_sec = DEADLINE_S};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static inline void send_all(int fd, const void *bytes, size_t n) {
    const char *at = bytes;
    while (n > 0) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent <= 0) return; /* the door hung up, which is what the caller tests */
        at += sent;
        n -= (size_t)sent;
    }
}

struct answer {
    int status;
    char head[4096];
    char *body; /* owned */
    size_t body_len;
};

static struct answer last;

static inline bool read_exactly(int fd, void *out, size_t n) {
    return n == 0 || recv(fd, out, n, MSG_WAITALL) == (ssize_t)n;
}

static inline void read_head(int fd) {
    size_t n = 0;
    free(last.body);
    last = (struct answer){0};
    while (n < 4 || memcmp(last.head + n - 4, "\r\n\r\n", 4) != 0) {
        assert_true(n < sizeof last.head - 1);
        if (!read_exactly(fd, last.head + n, 1)) return;
        n++;
    }
    assert_int_equal(sscanf(last.head, "HTTP/1.%*d %d", &last.status), 1);
}

static inline bool has_line(const char *line) {
    char want[256];
    (void)snprintf(want, sizeof want, "\r\n%s\r\n", line);
    return strcasestr(last.head, want) != NULL;
}

/* "<HOST>" in the lines becomes the door's. */
static inline int ask(const char *lines, const void *body, size_t body_len) {
    char text[4096];
    const char *host = strstr(lines, "<HOST>");
    int fd = connect_door();
    if (host != NULL) {
        (void)snprintf(text, sizeof text, "%.*s127.0.0.1:%u%s\r\n", (int)(host - lines), lines,
                       ht_door_port(bench.door), host + 6);
    } else {
        (void)snprintf(text, sizeof text, "%s\r\n", lines);
    }
    send_all(fd, text, strlen(text));
    send_all(fd, body, body_len);
    return fd;
}

/* Asks and reads all of the answer; its status, 0 when there was none. */
static inline int fetch_with(const char *lines, const void *body, size_t body_len) {
    int fd = ask(lines, body, body_len);
    read_head(fd);
    last.body = calloc(1, 1 << 20);
    assert_non_null(last.body);
    ssize_t n;
    while ((n = recv(fd, last.body + last.body_len, (1 << 20) - last.body_len - 1, 0)) > 0)
        last.body_len += (size_t)n;
    close(fd);
    return last.status;
}

static inline int fetch(const char *lines) {
    return fetch_with(lines, NULL, 0);
}

/* --- frames ----------------------------------------------------------------------------------- */

/* The head of a masked frame that announces n bytes. */
static inline size_t frame_head(uint8_t *out, int opcode, bool is_final, uint64_t n) {
    size_t at = 0;
    out[at++] = (uint8_t)((is_final ? 0x80 : 0) | opcode);
    unsigned wide = n < 126 ? 0 : n < 65536 ? 2 : 8;
    out[at++] = (uint8_t)(0x80 | (wide == 0 ? n : wide == 2 ? 126 : 127));
    for (unsigned i = 0; i < wide; i++) out[at++] = (uint8_t)(n >> (8 * (wide - 1 - i)));
    memcpy(out + at, "\x11\x22\x33\x44", 4);
    return at + 4;
}

static inline void send_frame(int fd, int opcode, bool is_final, const char *text, size_t n) {
    static uint8_t frame[400000];
    assert_true(n + 14 <= sizeof frame);
    size_t at = frame_head(frame, opcode, is_final, n);
    const uint8_t *mask = frame + at - 4;
    for (size_t i = 0; i < n; i++) frame[at + i] = (uint8_t)text[i] ^ mask[i % 4];
    send_all(fd, frame, at + n);
}

static inline void say(int fd, const char *text) {
    send_frame(fd, TEXT, true, text, strlen(text));
}

static char heard[1100000];
static size_t heard_len;

/* Reads one frame into `heard`, with a zero behind it; its opcode, or -1 at the end. */
static inline int hear(int fd) {
    uint8_t head[2];
    uint8_t wide[8] = {0};
    if (!read_exactly(fd, head, 2)) return -1;
    assert_true((head[0] & 0x70) == 0 && (head[1] & 0x80) == 0);
    size_t n = head[1];
    if (n >= 126) {
        size_t width = n == 126 ? 2 : 8;
        if (!read_exactly(fd, wide, width)) return -1;
        n = 0;
        for (size_t i = 0; i < width; i++) n = n << 8 | wide[i];
    }
    assert_true(n < sizeof heard);
    if (!read_exactly(fd, heard, n)) return -1;
    heard[n] = '\0';
    heard_len = n;
    return head[0] & 0x0f;
}

/* The status of the close frame that comes next, or after messages; -1 without one. */
static inline int hear_close(int fd) {
    int opcode;
    while ((opcode = hear(fd)) != -1 && opcode != CLOSE) {
    }
    if (opcode != CLOSE || heard_len < 2) return -1;
    return (uint8_t)heard[0] << 8 | (uint8_t)heard[1];
}

static inline void assert_heard(int fd, const char *want) {
    assert_int_equal(hear(fd), TEXT);
    assert_string_equal(heard, want);
}

/* A websocket, greeted. */
static inline int open_ws(const char *lines) {
    char text[1024];
    (void)snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: <HOST>\r\n%s" UPGRADE, lines);
    int fd = ask(text, NULL, 0);
    read_head(fd);
    assert_int_equal(last.status, 101);
    assert_heard(fd, "hello");
    return fd;
}

#endif
