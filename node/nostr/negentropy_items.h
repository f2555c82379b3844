/* Where one side of a reconciliation has its items: a sorted list of its own, or whatever else can
 * count, find and sum them (a fingerprint tree of node/p2p). For negentropy.c and such others. */
#ifndef HT_NOSTR_NEGENTROPY_ITEMS_H
#define HT_NOSTR_NEGENTROPY_ITEMS_H

#include "node/nostr/negentropy.h"

#define HT_NEG_TIME_END UINT64_MAX
#define HT_NEG_FINGERPRINT_SIZE 16U

/* A sum of ids, modulo 2^256; lowest limb first. */
struct ht_neg_sum {
    uint64_t limb[4];
};

/* A place between items: all from a time and the beginning of an id on. Bytes of the id behind id_n
 * are zero. */
struct ht_neg_bound {
    struct ht_neg_item at;
    size_t id_n;
};

/* Items that somebody else keeps, in order, none twice, none at the end of time. What these say
 * stays the same from one `begin` to the next. */
struct ht_neg_source {
    /* Before each message: what has changed may be seen from now on. NULL: nothing to do. */
    void (*begin)(void *items);
    size_t (*count)(const void *items);
    /* i below the count. */
    struct ht_neg_item (*at)(const void *items, size_t i);
    /* The first item, not before `from`, that is not below the bound; the count when there is none.
     */
    size_t (*find)(const void *items, size_t from, const struct ht_neg_bound *bound);
    /* Of the ids of items lower to below upper. */
    struct ht_neg_sum (*sum)(const void *items, size_t lower, size_t upper);
};

/* A reconciliation over such items, which outlive it. As ht_neg_new otherwise; when there are more
 * than HT_NEG_ITEMS_MAX it works all the same. HT_ENOMEM. */
enum ht_err ht_neg_new_source(struct ht_neg **out, const struct ht_neg_source *source, void *items,
                              size_t frame_limit, struct ht_why *why) HT_MUST_USE;

/* --- a list -----------------------------------------------------------------------------------*/

struct ht_neg_items {
    struct ht_neg_item *list; /* sorted */
    size_t count;
    struct ht_neg_sum *sums; /* of the first 64 i items */
};

/* For struct ht_neg_items. */
extern const struct ht_neg_source ht_neg_items_source;

/* Copies and sorts. HT_EINPUT "neg_item", HT_ENOMEM; ht_neg_items_fini in any case. */
enum ht_err ht_neg_items_init(struct ht_neg_items *items, const struct ht_neg_item *from,
                              size_t count, struct ht_why *why) HT_MUST_USE;
void ht_neg_items_fini(struct ht_neg_items *items);
/* In place; at once when they are in order, oldest or newest first. */
void ht_neg_items_sort(struct ht_neg_item *items, size_t count);

/* --- items, bounds and sums -------------------------------------------------------------------*/

/* Below, at or above 0, for qsort too. */
int ht_neg_item_compare(const void *a, const void *b);
/* The shortest bound between two neighbours. */
struct ht_neg_bound ht_neg_bound_between(const struct ht_neg_item *before,
                                         const struct ht_neg_item *behind);
void ht_neg_sum_add(struct ht_neg_sum *sum, const ht_hash32 *id);
void ht_neg_sum_join(struct ht_neg_sum *sum, const struct ht_neg_sum *other);
void ht_neg_sum_subtract(struct ht_neg_sum *sum, const struct ht_neg_sum *other);
/* Of `count` items with that sum. */
void ht_neg_fingerprint(uint8_t out[static HT_NEG_FINGERPRINT_SIZE], const struct ht_neg_sum *sum,
                        size_t count);

/* Appends to have the ids of items lower to below upper that are not among the ids, to need the ids
 * that are not of those items. ids: 32 bytes each, in any order. HT_ELIMIT "neg_too_large",
 * HT_ENOMEM; some may have been appended. */
enum ht_err ht_neg_items_compare(struct ht_buf *have, struct ht_buf *need,
                                 const struct ht_neg_source *source, const void *items,
                                 size_t lower, size_t upper, ht_bytes ids,
                                 struct ht_why *why) HT_MUST_USE;

#endif
