/* Growable buffers with a hard maximum. Views and fixed-size values live in the header alone. */
#include "node/base/bytes.h"

#include <stdlib.h>

void ht_buf_init(struct ht_buf *buf, size_t max) {
    *buf = (struct ht_buf){.max = max};
}

void ht_buf_fini(struct ht_buf *buf) {
    free(buf->p);
    ht_buf_init(buf, buf->max);
}

void ht_buf_clear(struct ht_buf *buf) {
    buf->n = 0;
}

static enum ht_err grow(struct ht_buf *buf, size_t n) {
    if (n > buf->max - buf->n) return HT_ELIMIT;
    size_t need = buf->n + n;
    if (need <= buf->cap) return HT_OK;
    size_t cap = buf->cap < 64 ? 64 : buf->cap;
    while (cap < need) cap = cap > buf->max / 2 ? buf->max : cap * 2;
    uint8_t *p = realloc(buf->p, cap);
    if (p == NULL) return HT_ENOMEM;
    buf->p = p;
    buf->cap = cap;
    return HT_OK;
}

enum ht_err ht_buf_add(struct ht_buf *buf, ht_bytes more) {
    enum ht_err err = grow(buf, more.n);
    if (err != HT_OK) return err;
    if (more.n > 0) memcpy(buf->p + buf->n, more.p, more.n);
    buf->n += more.n;
    return HT_OK;
}

enum ht_err ht_buf_add_str(struct ht_buf *buf, const char *text) {
    return ht_buf_add(buf, ht_bytes_str(text));
}

uint8_t *ht_buf_reserve(struct ht_buf *buf, size_t n) {
    if (grow(buf, n) != HT_OK || buf->p == NULL) return NULL;
    return buf->p + buf->n;
}
