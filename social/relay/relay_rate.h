/* How much a key or an address may do in a minute: buckets in a table of fixed size.
 *
 * What has not been seen for a while gives way, so that a flood of names forgets nobody who is at
 * their limit. Names are hashed with a secret. Loop thread. */
#ifndef HT_SOCIAL_RELAY_RELAY_RATE_H
#define HT_SOCIAL_RELAY_RELAY_RATE_H

#include "node/base/clock.h"

#define HT_RATE_SLOTS 4096U
#define HT_RATE_WAYS 4U

struct ht_rate_bucket {
    uint64_t name; /* 0: free */
    int64_t seen_ms;
    int64_t left; /* thousandths */
};

struct ht_rates {
    uint8_t secret[16];
    struct ht_rate_bucket buckets[HT_RATE_SLOTS];
};

void ht_rates_init(struct ht_rates *rates, const struct ht_random *random);

/* Takes one from a name's bucket, which holds a_minute and fills in a minute; false when it is
 * empty. domain keeps names of different sorts apart. a_minute 0: no bound. now_ms is monotonic. */
bool ht_rates_take(struct ht_rates *rates, char domain, ht_bytes name, unsigned a_minute,
                   int64_t now_ms);
/* Whether the next take would be refused; nothing is taken. */
bool ht_rates_is_empty(const struct ht_rates *rates, char domain, ht_bytes name, unsigned a_minute,
                       int64_t now_ms);

#endif
