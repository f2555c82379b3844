/* The machine's clock and the kernel's randomness. The only place that asks the system. */
#include "node/base/clock.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

static int64_t read_ms(clockid_t which) {
    struct timespec now;
    ht_assert(clock_gettime(which, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_wall_ms(void *self) {
    (void)self;
    return read_ms(CLOCK_REALTIME);
}

static int64_t system_mono_ms(void *self) {
    (void)self;
    return read_ms(CLOCK_MONOTONIC);
}

static void system_fill(void *self, uint8_t *out, size_t n) {
    (void)self;
    while (n > 0) {
        ssize_t got = getrandom(out, n, 0);
        if (got < 0 && errno == EINTR) continue;
        ht_assert(got > 0);
        out += got;
        n -= (size_t)got;
    }
}

uint64_t ht_random_below(const struct ht_random *random, uint64_t bound) {
    ht_assert(bound > 0);
    uint8_t raw[8];
    ht_random_fill(random, raw, sizeof raw);
    return ht_read_u64_le(raw) % bound;
}

const struct ht_clock ht_system_clock = {.wall_ms = system_wall_ms, .mono_ms = system_mono_ms};
const struct ht_random ht_system_random = {.fill = system_fill};
