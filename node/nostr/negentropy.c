/* One side of a reconciliation: reads a message range by range, compares each with its own items,
 * and writes what is still open. The items themselves are negentropy_items.c's, or another's. */
#include "node/nostr/negentropy.h"

#include <stdlib.h>

#include "node/nostr/negentropy_items.h"

#define VERSION_FIRST 0x60U
#define VERSION_LAST 0x6fU
#define BUCKETS 16U
/* An answer ends this long before its limit: room for a bound and a fingerprint of what is left. */
#define FRAME_RESERVE 200U

enum mode { MODE_SKIP, MODE_FINGERPRINT, MODE_IDS };

struct ht_neg {
    const struct ht_neg_source *source;
    void *items; /* own, or somebody else's */
    struct ht_neg_items own;
    size_t frame_limit;
    bool is_client;
};

static enum ht_err malformed(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "neg_malformed", "a message of negentropy: %s", what);
}

enum ht_err ht_neg_new_source(struct ht_neg **out, const struct ht_neg_source *source, void *items,
                              size_t frame_limit, struct ht_why *why) {
    ht_assert(frame_limit == 0 || frame_limit >= HT_NEG_FRAME_MIN);
    struct ht_neg *neg = calloc(1, sizeof *neg);
    if (neg == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory to compare events");
    neg->frame_limit = frame_limit;
    neg->source = source;
    neg->items = items;
    *out = neg;
    return HT_OK;
}

enum ht_err ht_neg_new(struct ht_neg **out, const struct ht_neg_item *items, size_t count,
                       size_t frame_limit, struct ht_why *why) {
    struct ht_neg *neg = NULL;
    if (count > HT_NEG_ITEMS_MAX) {
        return ht_fail(why, HT_ELIMIT, "neg_too_large", "%zu events to compare, at most %u", count,
                       HT_NEG_ITEMS_MAX);
    }
    enum ht_err err = ht_neg_new_source(&neg, &ht_neg_items_source, NULL, frame_limit, why);
    if (err != HT_OK) return err;
    neg->items = &neg->own;
    err = ht_neg_items_init(&neg->own, items, count, why);
    if (err == HT_OK)
        *out = neg;
    else
        ht_neg_free(neg);
    return err;
}

void ht_neg_free(struct ht_neg *neg) {
    if (neg == NULL) return;
    ht_neg_items_fini(&neg->own);
    free(neg);
}

/* --- the items --------------------------------------------------------------------------------*/

static struct ht_neg_item item_at(const struct ht_neg *neg, size_t i) {
    return neg->source->at(neg->items, i);
}

static struct ht_neg_bound bound_before(const struct ht_neg *neg, size_t i) {
    const struct ht_neg_item before = item_at(neg, i - 1);
    const struct ht_neg_item behind = item_at(neg, i);
    return ht_neg_bound_between(&before, &behind);
}

static void fingerprint_of(uint8_t out[static HT_NEG_FINGERPRINT_SIZE], const struct ht_neg *neg,
                           size_t lower, size_t upper) {
    const struct ht_neg_sum sum = neg->source->sum(neg->items, lower, upper);
    ht_neg_fingerprint(out, &sum, upper - lower);
}

/* --- one message ------------------------------------------------------------------------------*/

/* Errors of writing are kept until the end: the first that there was. */
struct exchange {
    const struct ht_neg *neg;
    struct ht_neg_found *found;
    ht_bytes rest; /* of the message */
    uint64_t last_in, last_out;
    struct ht_buf *out;
    size_t start; /* of the answer in it */
    enum ht_err failed;
    struct ht_why *why;
};

/* A range of the message, and of ours. */
struct range {
    struct ht_neg_bound from, to;
    size_t lower, upper;
    bool is_skipped; /* ranges before it, up to `from`, that the answer says nothing of yet */
};

static size_t written(const struct exchange *x) {
    return x->out->n - x->start;
}

static bool is_over(const struct exchange *x, size_t n) {
    return x->neg->frame_limit != 0 && n > x->neg->frame_limit - FRAME_RESERVE;
}

static void write_bytes(struct exchange *x, ht_bytes bytes) {
    if (x->failed == HT_OK) x->failed = ht_buf_add(x->out, bytes);
}

/* Seven bits a byte, the highest first. */
static void write_number(struct exchange *x, uint64_t value) {
    uint8_t text[10];
    size_t at = sizeof text;
    text[--at] = (uint8_t)(value & 0x7f);
    while ((value >>= 7) != 0) text[--at] = (uint8_t)(0x80 | (value & 0x7f));
    write_bytes(x, ht_bytes_of(text + at, sizeof text - at));
}

static void write_bound(struct exchange *x, const struct ht_neg_bound *bound) {
    if (bound->at.created_at == HT_NEG_TIME_END) {
        write_number(x, 0);
    } else {
        write_number(x, bound->at.created_at - x->last_out + 1);
    }
    x->last_out = bound->at.created_at;
    write_number(x, bound->id_n);
    write_bytes(x, ht_bytes_of(bound->at.id.b, bound->id_n));
}

static void write_ids(struct exchange *x, size_t lower, size_t upper) {
    write_number(x, MODE_IDS);
    write_number(x, upper - lower);
    for (size_t i = lower; i < upper; i++) {
        const struct ht_neg_item item = item_at(x->neg, i);
        write_bytes(x, HT_BYTES(item.id.b));
    }
}

static void write_fingerprint(struct exchange *x, size_t lower, size_t upper) {
    uint8_t fingerprint[HT_NEG_FINGERPRINT_SIZE];
    fingerprint_of(fingerprint, x->neg, lower, upper);
    write_number(x, MODE_FINGERPRINT);
    write_bytes(x, HT_BYTES(fingerprint));
}

static void write_skipped(struct exchange *x, struct range *range) {
    if (!range->is_skipped) return;
    range->is_skipped = false;
    write_bound(x, &range->from);
    write_number(x, MODE_SKIP);
}

/* Few items as they are, many as fingerprints of parts of them. */
static void write_split(struct exchange *x, size_t lower, size_t upper,
                        const struct ht_neg_bound *to) {
    size_t count = upper - lower;
    if (count < 2 * BUCKETS) {
        write_bound(x, to);
        write_ids(x, lower, upper);
        return;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        size_t end = lower + count / BUCKETS + (i < count % BUCKETS);
        struct ht_neg_bound bound = *to;
        if (end < upper) bound = bound_before(x->neg, end);
        write_bound(x, &bound);
        write_fingerprint(x, lower, end);
        lower = end;
    }
}

/* --- reading ----------------------------------------------------------------------------------*/

static enum ht_err read_bytes(ht_bytes *out, struct exchange *x, size_t n) {
    if (n > x->rest.n) return malformed(x->why, "it is cut off");
    *out = ht_bytes_of(x->rest.p, n);
    x->rest = ht_bytes_of(x->rest.p + n, x->rest.n - n);
    return HT_OK;
}

static enum ht_err read_number(uint64_t *out, struct exchange *x) {
    uint64_t value = 0;
    ht_bytes byte = {NULL, 0};
    do {
        enum ht_err err = read_bytes(&byte, x, 1);
        if (err != HT_OK) return err;
        if (value > UINT64_MAX >> 7) return malformed(x->why, "a number is too long");
        value = value << 7 | (byte.p[0] & 0x7f);
    } while ((byte.p[0] & 0x80) != 0);
    *out = value;
    return HT_OK;
}

/* Times count from that of the bound before; what is past the end of time is at the end. */
static enum ht_err read_bound(struct ht_neg_bound *out, struct exchange *x) {
    uint64_t time = 0;
    uint64_t id_n = 0;
    ht_bytes id = {NULL, 0};
    enum ht_err err = read_number(&time, x);
    if (err == HT_OK) err = read_number(&id_n, x);
    if (err == HT_OK && id_n > sizeof(ht_hash32)) err = malformed(x->why, "a bound is too long");
    if (err == HT_OK) err = read_bytes(&id, x, (size_t)id_n);
    if (err != HT_OK) return err;
    bool is_end = time == 0 || time - 1 >= HT_NEG_TIME_END - x->last_in;
    x->last_in = is_end ? HT_NEG_TIME_END : x->last_in + time - 1;
    *out = (struct ht_neg_bound){.at.created_at = x->last_in, .id_n = (size_t)id_n};
    memcpy(out->at.id.b, id.p, id.n);
    return HT_OK;
}

static enum ht_err read_fingerprint(struct exchange *x, struct range *range) {
    ht_bytes theirs = {NULL, 0};
    uint8_t ours[HT_NEG_FINGERPRINT_SIZE];
    enum ht_err err = read_bytes(&theirs, x, HT_NEG_FINGERPRINT_SIZE);
    if (err != HT_OK) return err;
    fingerprint_of(ours, x->neg, range->lower, range->upper);
    if (memcmp(theirs.p, ours, sizeof ours) == 0) {
        range->is_skipped = true;
        return HT_OK;
    }
    write_skipped(x, range);
    write_split(x, range->lower, range->upper, &range->to);
    return HT_OK;
}

/* A server says which ids it has in the range, as far as there is room. */
static void answer_ids(struct exchange *x, struct range *range) {
    struct ht_neg_bound to = range->to;
    size_t before = written(x);
    size_t end = range->lower;
    write_skipped(x, range);
    while (end < range->upper && !is_over(x, before + 32 * (end - range->lower))) end++;
    if (end < range->upper) {
        to = (struct ht_neg_bound){.at = item_at(x->neg, end), .id_n = sizeof(ht_hash32)};
        range->upper = end;
    }
    write_bound(x, &to);
    write_ids(x, range->lower, end);
}

static enum ht_err read_ids(struct exchange *x, struct range *range) {
    uint64_t count = 0;
    ht_bytes ids = {NULL, 0};
    enum ht_err err = read_number(&count, x);
    if (err == HT_OK && count > x->rest.n / 32) err = malformed(x->why, "a list is cut off");
    if (err == HT_OK) err = read_bytes(&ids, x, (size_t)count * 32);
    if (err != HT_OK) return err;
    if (!x->neg->is_client) {
        answer_ids(x, range);
        return HT_OK;
    }
    range->is_skipped = true;
    return ht_neg_items_compare(&x->found->have, &x->found->need, x->neg->source, x->neg->items,
                                range->lower, range->upper, ids, x->why);
}

static enum ht_err read_range(struct exchange *x, struct range *range, uint64_t *mode) {
    enum ht_err err = read_bound(&range->to, x);
    if (err == HT_OK) err = read_number(mode, x);
    if (err != HT_OK) return err;
    range->upper = x->neg->source->find(x->neg->items, range->lower, &range->to);
    switch (*mode) {
    case MODE_SKIP: range->is_skipped = true; return HT_OK;
    case MODE_FINGERPRINT: return read_fingerprint(x, range);
    case MODE_IDS: return read_ids(x, range);
    default: return malformed(x->why, "a mode that there is not");
    }
}

/* Where the answer would become too long, what is left of it is one fingerprint. */
static void write_rest(struct exchange *x, size_t lower) {
    const struct ht_neg_bound end = {.at.created_at = HT_NEG_TIME_END};
    write_bound(x, &end);
    write_fingerprint(x, lower, x->neg->source->count(x->neg->items));
}

static enum ht_err read_ranges(struct exchange *x) {
    struct range range = {.lower = 0};
    while (x->rest.n > 0 && x->failed == HT_OK) {
        size_t before = x->out->n;
        uint64_t mode = MODE_SKIP;
        enum ht_err err = read_range(x, &range, &mode);
        if (err != HT_OK) return err;
        if (is_over(x, written(x))) {
            /* A server's ids were cut to fit; any other answer is left out. */
            bool stays = mode == MODE_IDS && !x->neg->is_client;
            if (!stays) x->out->n = before;
            write_rest(x, range.upper);
            break;
        }
        range.lower = range.upper;
        range.from = range.to;
    }
    return HT_OK;
}

/* --- messages ---------------------------------------------------------------------------------*/

static struct exchange begin(struct ht_buf *out, const struct ht_neg *neg, struct ht_why *why) {
    static const uint8_t version[1] = {HT_NEG_VERSION};
    struct exchange x = {.neg = neg, .out = out, .start = out->n, .why = why};
    if (neg->source->begin != NULL) neg->source->begin(neg->items);
    write_bytes(&x, HT_BYTES(version));
    return x;
}

static enum ht_err end(struct exchange *x, enum ht_err err) {
    if (err == HT_OK && x->failed != HT_OK) {
        err = x->failed == HT_ENOMEM
                  ? ht_fail(x->why, HT_ENOMEM, "no_memory", "no memory for an answer")
                  : ht_fail(x->why, x->failed, "neg_too_large", "the answer would be too long");
    }
    if (err != HT_OK) x->out->n = x->start;
    return err;
}

enum ht_err ht_neg_initiate(struct ht_buf *out, struct ht_neg *neg, struct ht_why *why) {
    const struct ht_neg_bound to = {.at.created_at = HT_NEG_TIME_END};
    ht_assert(!neg->is_client);
    neg->is_client = true;
    struct exchange x = begin(out, neg, why);
    write_split(&x, 0, neg->source->count(neg->items), &to);
    return end(&x, HT_OK);
}

static enum ht_err read_version(bool *is_ours, struct exchange *x) {
    ht_bytes version = {NULL, 0};
    enum ht_err err = read_bytes(&version, x, 1);
    if (err != HT_OK) return err;
    if (version.p[0] < VERSION_FIRST || version.p[0] > VERSION_LAST) {
        return malformed(x->why, "it has no version");
    }
    *is_ours = version.p[0] == HT_NEG_VERSION;
    if (*is_ours || !x->neg->is_client) return HT_OK;
    return ht_fail(x->why, HT_EINPUT, "neg_version", "the other side speaks version %u",
                   version.p[0] - VERSION_FIRST);
}

enum ht_err ht_neg_reconcile(struct ht_buf *out, struct ht_neg_found *found, struct ht_neg *neg,
                             ht_bytes message, struct ht_why *why) {
    bool is_ours = false;
    ht_assert((found != NULL) == neg->is_client);
    if (message.n > HT_NEG_MESSAGE_MAX) {
        return ht_fail(why, HT_ELIMIT, "neg_too_large", "a message of %zu bytes, at most %zu",
                       message.n, HT_NEG_MESSAGE_MAX);
    }
    struct exchange x = begin(out, neg, why);
    x.rest = message;
    x.found = found;
    size_t have_n = found != NULL ? found->have.n : 0;
    size_t need_n = found != NULL ? found->need.n : 0;
    enum ht_err err = read_version(&is_ours, &x);
    if (err == HT_OK && is_ours) err = read_ranges(&x);
    err = end(&x, err);
    if (err != HT_OK && found != NULL) {
        found->have.n = have_n;
        found->need.n = need_n;
    }
    /* Nothing but the version: nothing is left to say. */
    if (err == HT_OK && neg->is_client && written(&x) == 1) out->n = x.start;
    return err;
}
