/* The scheduler of one blob. Chunks are in one of three states: here, under way from one or two
 * holders, or wanted. A tick gives the holder with the fewest under way its rarest wanted chunk
 * until all have enough. Among equally rare chunks a priority decides that each swarm draws for
 * itself, so that peers who begin at the same time ask the author for different ones. */
#include "node/p2p/swarm.h"

#include <stdlib.h>

#include "node/crypto/sha256.h"

#define COPIES_MAX 2U /* of a chunk, under way from as many holders */
#define REST_MIN_MS 500
#define REST_MAX_MS 30000
#define ENDGAME_MIN_MS 1000
#define SLOW_MS 1000 /* a holder that takes so long for a chunk has a queue */
#define BUSY_MS 300
#define ENDGAME_SPANS 3 /* a last chunk that takes so many times as long as others do is late */

struct asked {
    size_t i;
    int64_t at_ms;
};

struct ht_swarm_holder {
    struct ht_swarm *swarm;
    void *user;
    uint8_t *bits; /* NULL: it has all */
    struct asked asked[HT_SWARM_AT_ONCE];
    unsigned asked_count;
    unsigned losses; /* in a row */
    int64_t span_ms; /* how long a chunk of its takes, a moving mean; 0: not known */
    int64_t rest_until_ms;
    bool is_bad; /* gave what does not hash */
    bool is_dry; /* has nothing for us in this tick */
};

struct ht_swarm {
    struct ht_swarm_options options;
    size_t count, bytes; /* chunks; bytes of a bitfield */
    size_t missing, wanted_count;
    uint8_t *have, *wanted; /* wanted: neither here nor under way */
    uint8_t *copies;        /* of each chunk, under way */
    uint16_t *rarity;       /* holders that have it, without those that have all */
    uint16_t *priority;     /* the lower the sooner, among equally rare ones */
    struct ht_swarm_holder *holders[HT_SWARM_HOLDERS_MAX];
    size_t holder_count;
    unsigned under_way;
    int64_t span_ms; /* how long a chunk takes, a moving mean; 0: not known */
    bool is_done, had_holder;
};

static bool get(const uint8_t *bits, size_t i) {
    return (bits[i / 8] >> (i % 8) & 1) != 0;
}

static void set(uint8_t *bits, size_t i) {
    bits[i / 8] = (uint8_t)(bits[i / 8] | 1U << (i % 8));
}

static void unset(uint8_t *bits, size_t i) {
    bits[i / 8] = (uint8_t)(bits[i / 8] & ~(1U << (i % 8)));
}

static bool has(const struct ht_swarm_holder *holder, size_t i) {
    return holder->bits == NULL || get(holder->bits, i);
}

static int64_t now_ms(const struct ht_swarm *swarm) {
    return ht_mono_ms(swarm->options.clock);
}

/* --- life ------------------------------------------------------------------------------------- */

static void begin_bits(struct ht_swarm *swarm) {
    const struct ht_swarm_options *options = &swarm->options;
    for (size_t i = 0; i < swarm->count; i++) {
        if (options->have != NULL && get(options->have, i)) {
            set(swarm->have, i);
        } else {
            set(swarm->wanted, i);
            swarm->missing++;
        }
        uint8_t drawn[2];
        ht_random_fill(options->random, drawn, sizeof drawn);
        swarm->priority[i] = (uint16_t)(drawn[0] | drawn[1] << 8);
    }
    swarm->wanted_count = swarm->missing;
    swarm->options.have = NULL;
}

enum ht_err ht_swarm_new(struct ht_swarm **out, const struct ht_swarm_options *options) {
    size_t count = options->manifest->count;
    ht_assert(count > 0 && count <= HT_BLOB_CHUNKS_MAX);
    struct ht_swarm *swarm = calloc(1, sizeof *swarm);
    if (swarm == NULL) return HT_ENOMEM;
    swarm->options = *options;
    swarm->count = count;
    swarm->bytes = (count + 7) / 8;
    swarm->have = calloc(1, swarm->bytes);
    swarm->wanted = calloc(1, swarm->bytes);
    swarm->copies = calloc(count, sizeof *swarm->copies);
    swarm->rarity = calloc(count, sizeof *swarm->rarity);
    swarm->priority = calloc(count, sizeof *swarm->priority);
    if (swarm->have == NULL || swarm->wanted == NULL || swarm->copies == NULL ||
        swarm->rarity == NULL || swarm->priority == NULL) {
        ht_swarm_free(swarm);
        return HT_ENOMEM;
    }
    begin_bits(swarm);
    *out = swarm;
    return HT_OK;
}

static void free_holder(struct ht_swarm_holder *holder) {
    free(holder->bits);
    free(holder);
}

void ht_swarm_free(struct ht_swarm *swarm) {
    if (swarm == NULL) return;
    for (size_t i = 0; i < swarm->holder_count; i++) free_holder(swarm->holders[i]);
    free(swarm->have);
    free(swarm->wanted);
    free(swarm->copies);
    free(swarm->rarity);
    free(swarm->priority);
    free(swarm);
}

const uint8_t *ht_swarm_bits(const struct ht_swarm *swarm) {
    return swarm->have;
}

size_t ht_swarm_missing(const struct ht_swarm *swarm) {
    return swarm->missing;
}

/* --- holders ---------------------------------------------------------------------------------- */

static void count_bits(struct ht_swarm_holder *holder, int by) {
    struct ht_swarm *swarm = holder->swarm;
    if (holder->bits == NULL) return;
    for (size_t i = 0; i < swarm->count; i++) {
        if (get(holder->bits, i)) swarm->rarity[i] = (uint16_t)(swarm->rarity[i] + by);
    }
}

enum ht_err ht_swarm_add(struct ht_swarm_holder **out, struct ht_swarm *swarm, void *user,
                         const uint8_t *bits) {
    if (swarm->holder_count == HT_SWARM_HOLDERS_MAX) return HT_ELIMIT;
    struct ht_swarm_holder *holder = calloc(1, sizeof *holder);
    if (holder == NULL) return HT_ENOMEM;
    holder->swarm = swarm;
    holder->user = user;
    if (bits != NULL) {
        holder->bits = malloc(swarm->bytes);
        if (holder->bits == NULL) {
            free(holder);
            return HT_ENOMEM;
        }
        memcpy(holder->bits, bits, swarm->bytes);
        count_bits(holder, 1);
    }
    swarm->holders[swarm->holder_count++] = holder;
    swarm->had_holder = true;
    *out = holder;
    return HT_OK;
}

void ht_swarm_holder_has(struct ht_swarm_holder *holder, const uint8_t *bits) {
    if (holder->bits == NULL) return;
    count_bits(holder, -1);
    if (bits == NULL) {
        free(holder->bits);
        holder->bits = NULL;
    } else {
        memcpy(holder->bits, bits, holder->swarm->bytes);
    }
    count_bits(holder, 1);
}

void ht_swarm_holder_has_one(struct ht_swarm_holder *holder, size_t i) {
    if (i >= holder->swarm->count || has(holder, i)) return;
    set(holder->bits, i);
    holder->swarm->rarity[i]++;
}

/* Where chunk i stands among what it was asked; asked_count when it does not. */
static unsigned find_asked(const struct ht_swarm_holder *holder, size_t i) {
    unsigned at = 0;
    while (at < holder->asked_count && holder->asked[at].i != i) at++;
    return at;
}

/* That holder does not bring it any more. */
static void forget_asked(struct ht_swarm_holder *holder, unsigned at) {
    struct ht_swarm *swarm = holder->swarm;
    size_t i = holder->asked[at].i;
    holder->asked[at] = holder->asked[--holder->asked_count];
    swarm->under_way--;
    swarm->copies[i]--;
    if (swarm->copies[i] > 0 || get(swarm->have, i)) return;
    set(swarm->wanted, i);
    swarm->wanted_count++;
}

void ht_swarm_remove(struct ht_swarm_holder *holder) {
    struct ht_swarm *swarm = holder->swarm;
    size_t at = 0;
    while (swarm->holders[at] != holder) at++;
    swarm->holders[at] = swarm->holders[--swarm->holder_count];
    while (holder->asked_count > 0) forget_asked(holder, 0);
    count_bits(holder, -1);
    free_holder(holder);
}

bool ht_swarm_is_useful(const struct ht_swarm_holder *holder) {
    const struct ht_swarm *swarm = holder->swarm;
    if (holder->is_bad) return false;
    for (size_t b = 0; b < swarm->bytes; b++) {
        unsigned theirs = holder->bits != NULL ? holder->bits[b] : 0xff;
        size_t in_byte = swarm->count - 8 * b < 8 ? swarm->count - 8 * b : 8;
        unsigned all = (1U << in_byte) - 1;
        if ((theirs & ~(unsigned)swarm->have[b] & all) != 0) return true;
    }
    return false;
}

/* --- what comes ------------------------------------------------------------------------------- */

static void finish(struct ht_swarm *swarm, enum ht_err err) {
    swarm->is_done = true;
    swarm->options.io.done(swarm->options.io.user, err);
}

/* It is here: nobody else need bring it. */
static void cancel_copies(struct ht_swarm *swarm, size_t i) {
    const struct ht_swarm_io *io = &swarm->options.io;
    for (size_t h = 0; swarm->copies[i] > 0 && h < swarm->holder_count; h++) {
        struct ht_swarm_holder *holder = swarm->holders[h];
        unsigned at = find_asked(holder, i);
        if (at == holder->asked_count) continue;
        forget_asked(holder, at);
        io->cancel(io->user, holder->user, i);
    }
}

static void mark_here(struct ht_swarm *swarm, size_t i) {
    if (get(swarm->wanted, i)) {
        unset(swarm->wanted, i);
        swarm->wanted_count--;
    }
    set(swarm->have, i);
    swarm->missing--;
    cancel_copies(swarm, i);
}

static void be_bad(struct ht_swarm_holder *holder, size_t i) {
    const struct ht_swarm_io *io = &holder->swarm->options.io;
    holder->is_bad = true;
    while (holder->asked_count > 0) {
        size_t other = holder->asked[0].i;
        forget_asked(holder, 0);
        io->cancel(io->user, holder->user, other);
    }
    io->fault(io->user, holder->user, i); /* last: it may be removed now */
}

static bool holds(const struct ht_swarm *swarm, size_t i, ht_bytes chunk) {
    const struct ht_blob_manifest *manifest = swarm->options.manifest;
    ht_hash32 hash;
    if (chunk.n != ht_blob_chunk_size(manifest, i)) return false;
    ht_sha256(&hash, chunk);
    return ht_hash32_equal(&hash, &manifest->chunks[i]);
}

static int64_t mean_of(int64_t mean_ms, int64_t took_ms) {
    int64_t mean = mean_ms == 0 ? took_ms : (3 * mean_ms + took_ms) / 4;
    return mean > 0 ? mean : 1;
}

void ht_swarm_got(struct ht_swarm_holder *holder, size_t i, ht_bytes chunk) {
    struct ht_swarm *swarm = holder->swarm;
    const struct ht_swarm_io *io = &swarm->options.io;
    unsigned at = find_asked(holder, i);
    if (at == holder->asked_count) return; /* nobody asked, or not any more */
    int64_t took_ms = now_ms(swarm) - holder->asked[at].at_ms;
    forget_asked(holder, at);
    if (swarm->is_done || get(swarm->have, i)) return;
    if (!holds(swarm, i, chunk)) {
        be_bad(holder, i);
        return;
    }
    swarm->span_ms = mean_of(swarm->span_ms, took_ms);
    holder->span_ms = mean_of(holder->span_ms, took_ms);
    holder->losses = 0;
    mark_here(swarm, i);
    if (!io->keep(io->user, i, chunk)) {
        finish(swarm, HT_ESTORE);
    } else if (swarm->missing == 0) {
        finish(swarm, HT_OK);
    }
}

void ht_swarm_lost(struct ht_swarm_holder *holder, size_t i) {
    unsigned at = find_asked(holder, i);
    if (at == holder->asked_count) return;
    forget_asked(holder, at);
    if (holder->rest_until_ms > now_ms(holder->swarm)) return; /* of the same failure */
    unsigned doublings = holder->losses < 6 ? holder->losses : 6;
    int64_t rest_ms = (int64_t)REST_MIN_MS << doublings;
    holder->losses++;
    holder->rest_until_ms = now_ms(holder->swarm) + (rest_ms < REST_MAX_MS ? rest_ms : REST_MAX_MS);
}

unsigned ht_swarm_losses(const struct ht_swarm_holder *holder) {
    return holder->losses;
}

/* --- whom to ask ------------------------------------------------------------------------------ */

/* Its rarest wanted chunk; false when it has none. */
static bool pick_rarest(size_t *out, const struct ht_swarm_holder *holder) {
    const struct ht_swarm *swarm = holder->swarm;
    bool is_found = false;
    for (size_t b = 0; b < swarm->bytes; b++) {
        unsigned theirs = holder->bits != NULL ? holder->bits[b] : 0xff;
        unsigned left = theirs & swarm->wanted[b];
        for (size_t i = 8 * b; left != 0; left >>= 1, i++) {
            if ((left & 1) == 0) continue;
            bool is_rarer = !is_found || swarm->rarity[i] < swarm->rarity[*out] ||
                            (swarm->rarity[i] == swarm->rarity[*out] &&
                             swarm->priority[i] < swarm->priority[*out]);
            if (is_rarer) *out = i;
            is_found = true;
        }
    }
    return is_found;
}

/* From when on a chunk that was asked for at a time is late. */
static int64_t late_at(const struct ht_swarm *swarm, int64_t asked_ms) {
    int64_t late_ms = HT_SWARM_LATE_MS;
    if (swarm->wanted_count == 0 && swarm->span_ms > 0) {
        int64_t usual = ENDGAME_SPANS * swarm->span_ms;
        if (usual < ENDGAME_MIN_MS) usual = ENDGAME_MIN_MS;
        if (usual < late_ms) late_ms = usual;
    }
    return asked_ms + late_ms;
}

/* Of what others are late with, what has been asked for longest. */
static bool pick_late(size_t *out, const struct ht_swarm_holder *holder, int64_t mono_ms) {
    const struct ht_swarm *swarm = holder->swarm;
    int64_t oldest_ms = INT64_MAX;
    for (size_t h = 0; h < swarm->holder_count; h++) {
        const struct ht_swarm_holder *other = swarm->holders[h];
        for (unsigned at = 0; other != holder && at < other->asked_count; at++) {
            const struct asked *asked = &other->asked[at];
            bool is_late = asked->at_ms < oldest_ms && late_at(swarm, asked->at_ms) <= mono_ms;
            if (!is_late || swarm->copies[asked->i] >= COPIES_MAX || !has(holder, asked->i))
                continue;
            if (find_asked(holder, asked->i) < holder->asked_count) continue;
            oldest_ms = asked->at_ms;
            *out = asked->i;
        }
    }
    return oldest_ms != INT64_MAX;
}

/* How many it is asked for at once. Behind a busy uplink requests would only queue up, decided on
 * with what was known long before they are served. */
static unsigned window_of(const struct ht_swarm_holder *holder) {
    if (holder->span_ms == 0 || holder->span_ms > SLOW_MS) return 1;
    return holder->span_ms > BUSY_MS ? HT_SWARM_AT_ONCE / 2 : HT_SWARM_AT_ONCE;
}

static bool may_ask(const struct ht_swarm_holder *holder, int64_t mono_ms) {
    return !holder->is_bad && !holder->is_dry && holder->asked_count < window_of(holder) &&
           holder->rest_until_ms <= mono_ms;
}

/* The holder with the fewest under way; of equals one that has not all, so that what only the
 * author has is left to be asked of the author. NULL: none can be asked. */
static struct ht_swarm_holder *pick_holder(const struct ht_swarm *swarm, int64_t mono_ms,
                                           size_t from) {
    struct ht_swarm_holder *best = NULL;
    for (size_t n = 0; n < swarm->holder_count; n++) {
        struct ht_swarm_holder *holder = swarm->holders[(from + n) % swarm->holder_count];
        if (!may_ask(holder, mono_ms)) continue;
        bool is_better = best == NULL || holder->asked_count < best->asked_count ||
                         (holder->asked_count == best->asked_count && best->bits == NULL &&
                          holder->bits != NULL);
        if (is_better) best = holder;
    }
    return best;
}

static void ask(struct ht_swarm_holder *holder, size_t i, int64_t mono_ms) {
    struct ht_swarm *swarm = holder->swarm;
    const struct ht_swarm_io *io = &swarm->options.io;
    if (get(swarm->wanted, i)) {
        unset(swarm->wanted, i);
        swarm->wanted_count--;
    }
    swarm->copies[i]++;
    swarm->under_way++;
    holder->asked[holder->asked_count++] = (struct asked){i, mono_ms};
    io->ask(io->user, holder->user, i);
}

static bool has_holder(const struct ht_swarm *swarm) {
    for (size_t h = 0; h < swarm->holder_count; h++) {
        if (!swarm->holders[h]->is_bad) return true;
    }
    return false;
}

/* Until something may change by itself: a rest ends, a chunk becomes late. */
static int64_t until_next(const struct ht_swarm *swarm, int64_t mono_ms) {
    int64_t next_ms = INT64_MAX;
    for (size_t h = 0; h < swarm->holder_count; h++) {
        const struct ht_swarm_holder *holder = swarm->holders[h];
        if (holder->is_bad) continue;
        if (holder->rest_until_ms > mono_ms && holder->rest_until_ms < next_ms)
            next_ms = holder->rest_until_ms;
        for (unsigned at = 0; at < holder->asked_count; at++) {
            int64_t late_ms = late_at(swarm, holder->asked[at].at_ms);
            if (late_ms > mono_ms && late_ms < next_ms) next_ms = late_ms;
        }
    }
    return next_ms == INT64_MAX ? -1 : next_ms - mono_ms;
}

int64_t ht_swarm_tick(struct ht_swarm *swarm) {
    if (swarm->is_done) return -1;
    if (swarm->missing == 0) {
        finish(swarm, HT_OK);
        return -1;
    }
    if (swarm->had_holder && !has_holder(swarm)) {
        finish(swarm, HT_ENOTFOUND);
        return -1;
    }
    int64_t mono_ms = now_ms(swarm);
    size_t from = swarm->holder_count > 0
                      ? (size_t)ht_random_below(swarm->options.random, swarm->holder_count)
                      : 0;
    for (size_t h = 0; h < swarm->holder_count; h++) swarm->holders[h]->is_dry = false;
    while (swarm->under_way < HT_SWARM_ALL_AT_ONCE) {
        size_t i = 0;
        struct ht_swarm_holder *holder = pick_holder(swarm, mono_ms, from);
        if (holder == NULL) break;
        if (pick_rarest(&i, holder) || pick_late(&i, holder, mono_ms)) {
            ask(holder, i, mono_ms);
        } else {
            holder->is_dry = true;
        }
    }
    return until_next(swarm, mono_ms);
}
