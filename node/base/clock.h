/* Time and randomness as injected services: tests and simulations replace both. */
#ifndef HT_BASE_CLOCK_H
#define HT_BASE_CLOCK_H

#include <stdint.h>

#include "node/base/bytes.h"

/* Wall time is milliseconds of UTC since 1970 and can jump; monotonic time only measures spans. */
struct ht_clock {
    int64_t (*wall_ms)(void *self);
    int64_t (*mono_ms)(void *self);
    void *self;
};

static inline int64_t ht_wall_ms(const struct ht_clock *clock) {
    return clock->wall_ms(clock->self);
}

static inline int64_t ht_mono_ms(const struct ht_clock *clock) {
    return clock->mono_ms(clock->self);
}

/* Fills n bytes; never fails (the system's own source does not, once it is up). */
struct ht_random {
    void (*fill)(void *self, uint8_t *out, size_t n);
    void *self;
};

static inline void ht_random_fill(const struct ht_random *random, uint8_t *out, size_t n) {
    random->fill(random->self, out, n);
}

/* A number below bound, bound > 0; even enough for jitter, not for keys. */
uint64_t ht_random_below(const struct ht_random *random, uint64_t bound);

/* The machine's clock and the kernel's randomness (getrandom). Usable from any thread. */
extern const struct ht_clock ht_system_clock;
extern const struct ht_random ht_system_random;

#endif
