/* A websocket client of the API server that writes raw frames, so that it can also write wrong
 * ones. */
#ifndef HT_TESTS_UNIT_WS_CLIENT_H
#define HT_TESTS_UNIT_WS_CLIENT_H

#include "tests/unit/api_client.h"

#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
#define UPGRADE \
    "GET /api HTTP/1.1\r\nHost: <HOST>\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" KEY
#define HEARTH "Sec-WebSocket-Protocol: hearth\r\n"

enum { CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };
#define ETH_UPGRADE \
    "GET /eth HTTP/1.1\r\nHost: <HOST>\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" KEY

static inline int upgrade(struct server *s, int *status, const char *head) {
    int fd = connect_tcp(s);
    send_text(s, fd, head);
    read_answer(fd, &last, true);
    *status = last.status;
    return fd;
}

static inline void send_all(int fd, const uint8_t *bytes, size_t n) {
    while (n > 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
        if (sent <= 0) return; /* the server hung up, which is what the caller tests */
        bytes += sent;
        n -= (size_t)sent;
    }
}

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

static inline bool read_exactly(int fd, void *out, size_t n) {
    return n == 0 || recv(fd, out, n, MSG_WAITALL) == (ssize_t)n;
}

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
    return head[0] & 0xf;
}

static inline void assert_heard(int fd, const char *want) {
    assert_int_equal(hear(fd), TEXT);
    assert_string_equal(heard, want);
}

/* Reads on until a close frame; its status, 0 when the connection ends without one. */
static inline int hear_close(int fd) {
    int opcode;
    while ((opcode = hear(fd)) >= 0) {
        if (opcode == CLOSE && heard_len >= 2) return (uint8_t)heard[0] << 8 | (uint8_t)heard[1];
    }
    return 0;
}

#endif
