/* Which logs a question is about: the filter of eth_getLogs, against blooms and against logs.
 *
 * Pure. A block whose proven bloom cannot hold a match holds none; of any other block all receipts
 * are needed. Topics: for each of four positions a set, of which one must be there; an empty set
 * takes anything. Addresses: one of them; none takes any.
 *
 * Reasons, HT_EINPUT if not said otherwise: those of json.h, and
 *     filter_too_wide  HT_ELIMIT: more than HT_LOG_FILTER_VALUES_MAX addresses, or topics at one
 *                      place
 *     filter_topics    more than four topic positions */
#ifndef HT_L1_EXECUTION_LOG_FILTER_H
#define HT_L1_EXECUTION_LOG_FILTER_H

#include "node/codec/json.h"
#include "node/l1/execution/receipt.h"

#define HT_LOG_FILTER_VALUES_MAX 1024U

struct ht_log_filter {
    ht_addr20 *addresses; /* owned, as all lists here */
    struct ht_bloom_bits *address_bits;
    size_t address_count;
    struct {
        ht_hash32 *values;
        struct ht_bloom_bits *bits;
        size_t count;
    } topics[HT_LOG_TOPICS_MAX];
    size_t topic_positions; /* a log must have at least so many topics */
};

/* Reads "address" (one, a list, or null) and "topics" (null, one, or a list at each place) of a
 * filter object; its other members (block range) are the caller's. Allocates. */
enum ht_err ht_log_filter_read(struct ht_log_filter *out, const json_t *object,
                               struct ht_why *why) HT_MUST_USE;
/* Allocates a copy. HT_ENOMEM. */
enum ht_err ht_log_filter_copy(struct ht_log_filter *out,
                               const struct ht_log_filter *filter) HT_MUST_USE;
void ht_log_filter_fini(struct ht_log_filter *filter);

/* False: surely no log of that block or receipt matches. */
bool ht_log_filter_may_match(const struct ht_log_filter *filter,
                             const uint8_t bloom[static HT_BLOOM_SIZE]);
bool ht_log_filter_matches(const struct ht_log_filter *filter, const struct ht_log *log);

#endif
