/* Byte views, owned buffers with a hard maximum, and the small fixed-size values of the chain. */
#ifndef HT_BASE_BYTES_H
#define HT_BASE_BYTES_H

#include <stdint.h>
#include <string.h>

#include "node/base/err.h"

/* A borrowed view: never owns, never outlives what it points into. Passed by value. */
typedef struct ht_bytes {
    const uint8_t *p;
    size_t n;
} ht_bytes;

/* A 32-byte hash or root, and a 20-byte address: two types, so that they cannot be mixed. */
typedef struct ht_hash32 {
    uint8_t b[32];
} ht_hash32;

typedef struct ht_addr20 {
    uint8_t b[20];
} ht_addr20;

#define HT_BYTES(array) ((ht_bytes){(array), sizeof(array)})

static inline ht_bytes ht_bytes_of(const void *p, size_t n) {
    return (ht_bytes){(const uint8_t *)p, n};
}

/* View of a C string without its terminating zero. */
static inline ht_bytes ht_bytes_str(const char *text) {
    return ht_bytes_of(text, strlen(text));
}

static inline bool ht_bytes_equal(ht_bytes a, ht_bytes b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool ht_hash32_equal(const ht_hash32 *a, const ht_hash32 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static inline bool ht_hash32_is_zero(const ht_hash32 *a) {
    static const ht_hash32 zero;
    return ht_hash32_equal(a, &zero);
}

/* Written out, which compilers turn into one load or store; a loop they do not. */
static inline uint64_t ht_read_u64_le(const uint8_t p[static 8]) {
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

static inline uint32_t ht_read_u32_le(const uint8_t p[static 4]) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void ht_write_u64_le(uint8_t p[static 8], uint64_t v) {
    p[0] = (uint8_t)v, p[1] = (uint8_t)(v >> 8), p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24), p[4] = (uint8_t)(v >> 32), p[5] = (uint8_t)(v >> 40);
    p[6] = (uint8_t)(v >> 48), p[7] = (uint8_t)(v >> 56);
}

static inline void ht_write_u32_le(uint8_t p[static 4], uint32_t v) {
    for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> (8 * i));
}

/* An owned, growable buffer. Going past `max` is HT_ELIMIT and leaves the content as it was. */
struct ht_buf {
    uint8_t *p;
    size_t n;   /* bytes in use */
    size_t cap; /* bytes allocated */
    size_t max; /* bytes it may ever hold */
};

/* An empty buffer that may grow to `max` bytes; allocates nothing yet. */
void ht_buf_init(struct ht_buf *buf, size_t max);
/* Frees the content; the buffer is empty again, with the same maximum. */
void ht_buf_fini(struct ht_buf *buf);
/* Empties it but keeps the allocation. */
void ht_buf_clear(struct ht_buf *buf);

/* Appends. HT_ELIMIT past the maximum, HT_ENOMEM when allocation fails; nothing is added then. */
enum ht_err ht_buf_add(struct ht_buf *buf, ht_bytes more) HT_MUST_USE;
enum ht_err ht_buf_add_str(struct ht_buf *buf, const char *text) HT_MUST_USE;

/* Makes room for n more bytes and returns where they go; the caller then adds n to buf->n. NULL
 * past the maximum or without memory. */
uint8_t *ht_buf_reserve(struct ht_buf *buf, size_t n) HT_MUST_USE;

static inline ht_bytes ht_buf_view(const struct ht_buf *buf) {
    return (ht_bytes){buf->p, buf->n};
}

#endif
