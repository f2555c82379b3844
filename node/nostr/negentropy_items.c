/* Items in order, with sums kept every so many of them, so that the fingerprint of any range costs
 * about the same however many events there are. */
#include "node/nostr/negentropy_items.h"

#include <stdlib.h>

#include "node/crypto/sha256.h"

#define STEP 64U

int ht_neg_item_compare(const void *a, const void *b) {
    const struct ht_neg_item *one = a;
    const struct ht_neg_item *other = b;
    if (one->created_at != other->created_at) return one->created_at < other->created_at ? -1 : 1;
    return memcmp(one->id.b, other->id.b, sizeof one->id.b);
}

static int compare_ids(const void *a, const void *b) {
    return memcmp(a, b, sizeof(ht_hash32));
}

/* --- sums -------------------------------------------------------------------------------------*/

void ht_neg_sum_add(struct ht_neg_sum *sum, const ht_hash32 *id) {
    __extension__ typedef unsigned __int128 u128;
    u128 carry = 0;
    for (size_t i = 0; i < 4; i++) {
        carry += (u128)sum->limb[i] + ht_read_u64_le(id->b + 8 * i);
        sum->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

void ht_neg_sum_join(struct ht_neg_sum *sum, const struct ht_neg_sum *other) {
    __extension__ typedef unsigned __int128 u128;
    u128 carry = 0;
    for (size_t i = 0; i < 4; i++) {
        carry += (u128)sum->limb[i] + other->limb[i];
        sum->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

void ht_neg_sum_subtract(struct ht_neg_sum *sum, const struct ht_neg_sum *other) {
    uint64_t borrow = 0;
    for (size_t i = 0; i < 4; i++) {
        uint64_t less = sum->limb[i] - other->limb[i];
        uint64_t next = (sum->limb[i] < other->limb[i]) | (less < borrow);
        sum->limb[i] = less - borrow;
        borrow = next;
    }
}

/* Of all items below i. */
static struct ht_neg_sum sum_below(const struct ht_neg_items *items, size_t i) {
    struct ht_neg_sum sum = items->sums[i / STEP];
    for (size_t k = i / STEP * STEP; k < i; k++) ht_neg_sum_add(&sum, &items->list[k].id);
    return sum;
}

static size_t write_count(uint8_t out[static 10], uint64_t value) {
    uint8_t digits[10];
    size_t n = 0;
    do {
        digits[n++] = (uint8_t)(value & 0x7f);
    } while ((value >>= 7) != 0);
    for (size_t i = 0; i < n; i++) out[i] = digits[n - 1 - i] | (i + 1 < n ? 0x80 : 0);
    return n;
}

void ht_neg_fingerprint(uint8_t out[static HT_NEG_FINGERPRINT_SIZE], const struct ht_neg_sum *sum,
                        size_t count) {
    uint8_t text[32 + 10];
    ht_hash32 hash;
    for (size_t i = 0; i < 4; i++) ht_write_u64_le(text + 8 * i, sum->limb[i]);
    size_t n = 32 + write_count(text + 32, count);
    ht_sha256(&hash, ht_bytes_of(text, n));
    memcpy(out, hash.b, HT_NEG_FINGERPRINT_SIZE);
}

/* --- the list ---------------------------------------------------------------------------------*/

static bool is_sorted(const struct ht_neg_item *items, size_t count) {
    for (size_t i = 1; i < count; i++) {
        if (ht_neg_item_compare(&items[i - 1], &items[i]) > 0) return false;
    }
    return true;
}

static void reverse(struct ht_neg_item *items, size_t count) {
    for (size_t i = 0; i < count / 2; i++) {
        struct ht_neg_item item = items[i];
        items[i] = items[count - 1 - i];
        items[count - 1 - i] = item;
    }
}

/* What the store gives is newest first: turned round it is nearly in order. */
void ht_neg_items_sort(struct ht_neg_item *items, size_t count) {
    if (is_sorted(items, count)) return;
    reverse(items, count);
    if (!is_sorted(items, count)) qsort(items, count, sizeof *items, ht_neg_item_compare);
}

enum ht_err ht_neg_items_init(struct ht_neg_items *items, const struct ht_neg_item *from,
                              size_t count, struct ht_why *why) {
    *items = (struct ht_neg_items){.count = count};
    items->list = calloc(count + 1, sizeof *items->list);
    items->sums = calloc(count / STEP + 1, sizeof *items->sums);
    if (items->list == NULL || items->sums == NULL) {
        return ht_fail(why, HT_ENOMEM, "no_memory", "no memory to compare events");
    }
    if (count > 0) memcpy(items->list, from, count * sizeof *from);
    ht_neg_items_sort(items->list, count);
    for (size_t i = 0; i < count; i++) {
        bool is_twice = i > 0 && ht_neg_item_compare(&items->list[i - 1], &items->list[i]) == 0;
        if (is_twice || items->list[i].created_at == HT_NEG_TIME_END) {
            return ht_fail(why, HT_EINPUT, "neg_item", "an event is there twice, or has no time");
        }
    }
    for (size_t i = STEP; i <= count; i += STEP) {
        struct ht_neg_sum sum = items->sums[i / STEP - 1];
        for (size_t k = i - STEP; k < i; k++) ht_neg_sum_add(&sum, &items->list[k].id);
        items->sums[i / STEP] = sum;
    }
    return HT_OK;
}

void ht_neg_items_fini(struct ht_neg_items *items) {
    free(items->list);
    free(items->sums);
    *items = (struct ht_neg_items){.count = 0};
}

static size_t count_of(const void *items) {
    return ((const struct ht_neg_items *)items)->count;
}

static struct ht_neg_item item_at(const void *items, size_t i) {
    return ((const struct ht_neg_items *)items)->list[i];
}

static size_t find(const void *self, size_t from, const struct ht_neg_bound *bound) {
    const struct ht_neg_items *items = self;
    size_t to = items->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (ht_neg_item_compare(&items->list[middle], &bound->at) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

static struct ht_neg_sum sum_of(const void *items, size_t lower, size_t upper) {
    struct ht_neg_sum sum = sum_below(items, upper);
    const struct ht_neg_sum below = sum_below(items, lower);
    ht_neg_sum_subtract(&sum, &below);
    return sum;
}

const struct ht_neg_source ht_neg_items_source = {
    .count = count_of, .at = item_at, .find = find, .sum = sum_of};

struct ht_neg_bound ht_neg_bound_between(const struct ht_neg_item *before,
                                         const struct ht_neg_item *behind) {
    struct ht_neg_bound bound = {.at.created_at = behind->created_at};
    if (before->created_at != behind->created_at) return bound;
    size_t same = 0;
    while (same < sizeof before->id - 1 && before->id.b[same] == behind->id.b[same]) same++;
    bound.id_n = same + 1;
    memcpy(bound.at.id.b, behind->id.b, bound.id_n);
    return bound;
}

/* --- lists of ids -----------------------------------------------------------------------------*/

static enum ht_err add_found(struct ht_buf *to, const ht_hash32 *id, struct ht_why *why) {
    if (to->max == 0) return HT_OK;
    enum ht_err err = ht_buf_add(to, HT_BYTES(id->b));
    if (err == HT_ELIMIT) {
        return ht_fail(why, err, "neg_too_large", "there are too many differences at once");
    }
    return err == HT_OK ? HT_OK : ht_fail(why, err, "no_memory", "no memory for what was found");
}

/* theirs: sorted; was_ours: for each of them, zero at first. */
static enum ht_err compare(struct ht_buf *have, struct ht_buf *need,
                           const struct ht_neg_source *source, const void *items, size_t lower,
                           size_t upper, const ht_hash32 *theirs, bool *was_ours, size_t count,
                           struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = lower; i < upper && err == HT_OK; i++) {
        const struct ht_neg_item item = source->at(items, i);
        const ht_hash32 *same = bsearch(&item.id, theirs, count, sizeof *theirs, compare_ids);
        if (same == NULL) {
            err = add_found(have, &item.id, why);
        } else {
            was_ours[same - theirs] = true;
        }
    }
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        if (!was_ours[i]) err = add_found(need, &theirs[i], why);
    }
    return err;
}

enum ht_err ht_neg_items_compare(struct ht_buf *have, struct ht_buf *need,
                                 const struct ht_neg_source *source, const void *items,
                                 size_t lower, size_t upper, ht_bytes ids, struct ht_why *why) {
    size_t count = ids.n / sizeof(ht_hash32);
    ht_hash32 *theirs = calloc(count + 1, sizeof *theirs);
    bool *was_ours = calloc(count + 1, sizeof *was_ours);
    enum ht_err err = ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a list of events");
    if (theirs != NULL && was_ours != NULL) {
        size_t kept = 0;
        if (count > 0) memcpy(theirs, ids.p, count * sizeof *theirs);
        qsort(theirs, count, sizeof *theirs, compare_ids);
        for (size_t i = 0; i < count; i++) {
            if (i == 0 || compare_ids(&theirs[i], &theirs[i - 1]) != 0) theirs[kept++] = theirs[i];
        }
        err = compare(have, need, source, items, lower, upper, theirs, was_ours, kept, why);
    }
    free(theirs);
    free(was_ours);
    return err;
}
