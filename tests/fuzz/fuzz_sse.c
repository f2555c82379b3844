/* Event streams: the first byte says where the rest is split; the events must not depend on it. */
#include <stdint.h>
#include <stdlib.h>

#include "node/net/sse.h"

/* FNV-1a over the events with their lengths: enough to see that two runs differ. */
struct digest {
    uint64_t sum;
    size_t count;
};

static void add(struct digest *d, ht_bytes more) {
    for (size_t i = 0; i < more.n; i++) d->sum = (d->sum ^ more.p[i]) * UINT64_C(0x100000001b3);
    d->sum = (d->sum ^ more.n) * UINT64_C(0x100000001b3);
}

static enum ht_err on_event(void *user, ht_bytes name, ht_bytes data) {
    struct digest *d = user;
    ht_assert(name.n <= HT_SSE_NAME_MAX && data.n < 512);
    add(d, name);
    add(d, data);
    d->count++;
    return HT_OK;
}

static enum ht_err run(struct digest *d, ht_bytes stream, size_t step) {
    struct ht_sse sse;
    enum ht_err err = HT_OK;
    *d = (struct digest){.sum = UINT64_C(0xcbf29ce484222325)};
    ht_sse_init(&sse, 256, 512, on_event, d);
    for (size_t at = 0; at < stream.n && err == HT_OK; at += step) {
        size_t left = stream.n - at;
        err = ht_sse_feed(&sse, ht_bytes_of(stream.p + at, left < step ? left : step), NULL);
    }
    ht_sse_fini(&sse);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    ht_bytes stream = ht_bytes_of(data + 1, size - 1);
    struct digest whole;
    struct digest split;
    enum ht_err a = run(&whole, stream, stream.n);
    enum ht_err b = run(&split, stream, (size_t)data[0] % 16 + 1);
    ht_assert(a == b && whole.sum == split.sum && whole.count == split.count);
    return 0;
}
