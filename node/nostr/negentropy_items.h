/* The sorted items of one side of a reconciliation: where a bound falls, fingerprints of ranges,
 * comparison with a list of ids. Only negentropy.c includes this. */
#ifndef HT_NOSTR_NEGENTROPY_ITEMS_H
#define HT_NOSTR_NEGENTROPY_ITEMS_H

#include "node/nostr/negentropy.h"

#define HT_NEG_TIME_END UINT64_MAX
#define HT_NEG_FINGERPRINT_SIZE 16U

/* A sum of ids, modulo 2^256; lowest limb first. */
struct ht_neg_sum {
    uint64_t limb[4];
};

struct ht_neg_items {
    struct ht_neg_item *list; /* sorted */
    size_t count;
    struct ht_neg_sum *sums; /* of the first 64 i items */
};

/* A place between items: all from a time and the beginning of an id on. Bytes of the id behind id_n
 * are zero. */
struct ht_neg_bound {
    struct ht_neg_item at;
    size_t id_n;
};

/* Copies and sorts. HT_EINPUT "neg_item", HT_ENOMEM; ht_neg_items_fini in any case. */
enum ht_err ht_neg_items_init(struct ht_neg_items *items, const struct ht_neg_item *from,
                              size_t count, struct ht_why *why) HT_MUST_USE;
void ht_neg_items_fini(struct ht_neg_items *items);

/* The first item, not before `from`, that is not below the bound; count when there is none. */
size_t ht_neg_items_find(const struct ht_neg_items *items, size_t from,
                         const struct ht_neg_bound *bound);
/* The shortest bound between item i - 1 and item i. */
struct ht_neg_bound ht_neg_bound_between(const struct ht_neg_items *items, size_t i);
/* Of the items from lower to below upper. */
void ht_neg_fingerprint(uint8_t out[static HT_NEG_FINGERPRINT_SIZE],
                        const struct ht_neg_items *items, size_t lower, size_t upper);

/* Appends to have the ids of those items that are not among the ids, to need the ids that are not
 * of those items. ids: 32 bytes each, in any order. HT_ELIMIT "neg_too_large", HT_ENOMEM; some may
 * have been appended. */
enum ht_err ht_neg_items_compare(struct ht_buf *have, struct ht_buf *need,
                                 const struct ht_neg_items *items, size_t lower, size_t upper,
                                 ht_bytes ids, struct ht_why *why) HT_MUST_USE;

#endif
