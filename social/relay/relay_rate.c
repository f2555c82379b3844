/* Token buckets, four to a set; the one that is fullest by now gives way. */
#include "social/relay/relay_rate.h"

#include <sodium.h>

#define MINUTE_MS 60000
#define ONE 1000 /* of one thing, in a bucket's thousandths */

void ht_rates_init(struct ht_rates *rates, const struct ht_random *random) {
    memset(rates, 0, sizeof *rates);
    ht_random_fill(random, rates->secret, sizeof rates->secret);
}

static uint64_t name_of(const struct ht_rates *rates, char domain, ht_bytes name) {
    uint8_t text[128];
    uint8_t out[crypto_shorthash_BYTES];
    size_t n = name.n < sizeof text - 1 ? name.n : sizeof text - 1;
    text[0] = (uint8_t)domain;
    if (n > 0) memcpy(text + 1, name.p, n);
    (void)crypto_shorthash(out, text, n + 1, rates->secret);
    uint64_t value = ht_read_u64_le(out);
    return value != 0 ? value : 1;
}

static int64_t filled(const struct ht_rate_bucket *bucket, unsigned a_minute, int64_t now_ms) {
    int64_t most = (int64_t)a_minute * ONE;
    int64_t span = now_ms - bucket->seen_ms;
    if (bucket->name == 0 || span >= MINUTE_MS) return most;
    int64_t left = bucket->left + span * a_minute * ONE / MINUTE_MS;
    return left < most ? left : most;
}

static size_t set_of(uint64_t name) {
    return (size_t)(name % (HT_RATE_SLOTS / HT_RATE_WAYS)) * HT_RATE_WAYS;
}

bool ht_rates_take(struct ht_rates *rates, char domain, ht_bytes name, unsigned a_minute,
                   int64_t now_ms) {
    if (a_minute == 0) return true;
    uint64_t wanted = name_of(rates, domain, name);
    struct ht_rate_bucket *set = &rates->buckets[set_of(wanted)];
    struct ht_rate_bucket *bucket = &set[0];
    for (size_t i = 0; i < HT_RATE_WAYS; i++) {
        if (set[i].name == wanted) {
            bucket = &set[i];
            break;
        }
        bool gives_way =
            set[i].name == 0 || (bucket->name != 0 && set[i].seen_ms < bucket->seen_ms);
        if (gives_way) bucket = &set[i];
    }
    if (bucket->name != wanted) {
        *bucket = (struct ht_rate_bucket){
            .name = wanted, .seen_ms = now_ms, .left = (int64_t)a_minute * ONE};
    }
    bucket->left = filled(bucket, a_minute, now_ms);
    bucket->seen_ms = now_ms;
    if (bucket->left < ONE) return false;
    bucket->left -= ONE;
    return true;
}

bool ht_rates_is_empty(const struct ht_rates *rates, char domain, ht_bytes name, unsigned a_minute,
                       int64_t now_ms) {
    if (a_minute == 0) return false;
    uint64_t wanted = name_of(rates, domain, name);
    const struct ht_rate_bucket *set = &rates->buckets[set_of(wanted)];
    for (size_t i = 0; i < HT_RATE_WAYS; i++) {
        if (set[i].name == wanted) return filled(&set[i], a_minute, now_ms) < ONE;
    }
    return false;
}
