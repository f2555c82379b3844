/* Unpacks the tables of ENSIP-15 and looks things up in them. */
#include "identity/names/ensip15.h"

#include <pthread.h>
#include <stdlib.h>

#include <sodium.h>
#include <zlib.h>

#include "identity/names/ensip15_gen.h"

struct range {
    uint32_t start; /* up to the next one's */
    uint32_t class;
};
struct twin {
    uint32_t c, set;
};
struct mapped {
    uint32_t c;
    uint16_t at, n;
};
struct state {
    uint16_t at, n; /* its edges */
    bool is_end;
};
struct edge {
    uint32_t first, last;
    uint16_t to;
};
struct pair {
    uint32_t first, second, whole;
};

static struct {
    struct ht_ensip15_groups group_sets[HT_ENSIP15_GROUP_SETS];
    struct ht_ensip15_class classes[HT_ENSIP15_CLASSES];
    struct range ranges[HT_ENSIP15_RANGES + 1]; /* the first is of class 0 */
    struct ht_ensip15_groups unchecked;
    struct ht_ensip15_groups twin_sets[HT_ENSIP15_TWIN_SETS];
    struct twin twins[HT_ENSIP15_TWINS];
    struct mapped mapped[HT_ENSIP15_MAPPED];
    uint32_t mapped_to[HT_ENSIP15_MAPPED_TO];
    struct state states[HT_ENSIP15_STATES];
    struct edge edges[HT_ENSIP15_EDGES];
    struct pair pairs[HT_ENSIP15_PAIRS];  /* by first and second */
    struct pair wholes[HT_ENSIP15_PAIRS]; /* by whole */
} tables;

/* --- unpacking -------------------------------------------------------------------------------- */

/* The data is our own: whatever is wrong with it is a mistake of the build. */
struct stream {
    const uint8_t *p;
    size_t n;
};

static uint32_t take(struct stream *in) {
    uint32_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        ht_assert(in->n > 0 && shift < 28);
        uint8_t byte = *in->p++;
        in->n--;
        value |= (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
}

static uint32_t take_below(struct stream *in, uint32_t end) {
    uint32_t value = take(in);
    ht_assert(value < end);
    return value;
}

/* A number with a sign, added to what was before. */
static uint32_t take_from(struct stream *in, uint32_t before) {
    uint32_t value = take(in);
    return value % 2 == 0 ? before + value / 2 : before - (value + 1) / 2;
}

static void take_set(struct ht_ensip15_groups *out, struct stream *in) {
    uint32_t group = 0;
    for (uint32_t n = take_below(in, HT_ENSIP15_GROUPS + 1); n > 0; n--) {
        group += take(in);
        ht_assert(group < HT_ENSIP15_GROUPS);
        out->bits[group / 64] |= UINT64_C(1) << group % 64;
    }
}

static void take_classes(struct stream *in) {
    for (size_t i = 0; i < HT_ENSIP15_GROUP_SETS; i++) take_set(&tables.group_sets[i], in);
    for (size_t i = 0; i < HT_ENSIP15_CLASSES; i++) {
        struct ht_ensip15_class *class = &tables.classes[i];
        class->flags = (uint8_t)take_below(in, 16);
        class->rank = (uint8_t)take_below(in, 256);
        class->groups = tables.group_sets[take_below(in, HT_ENSIP15_GROUP_SETS)];
    }
    for (size_t i = 1; i <= HT_ENSIP15_RANGES; i++) {
        tables.ranges[i].start = tables.ranges[i - 1].start + take(in);
        tables.ranges[i].class = take_below(in, HT_ENSIP15_CLASSES);
    }
    take_set(&tables.unchecked, in);
}

static void take_twins(struct stream *in) {
    uint32_t c = 0;
    for (size_t i = 0; i < HT_ENSIP15_TWIN_SETS; i++) take_set(&tables.twin_sets[i], in);
    for (size_t i = 0; i < HT_ENSIP15_TWINS; i++) {
        c += take(in);
        tables.twins[i] = (struct twin){.c = c, .set = take_below(in, HT_ENSIP15_TWIN_SETS)};
    }
}

static void take_mapped(struct stream *in) {
    uint32_t c = 0, before = 0;
    size_t at = 0;
    for (size_t i = 0; i < HT_ENSIP15_MAPPED; i++) {
        c += take(in);
        uint32_t n = take(in);
        ht_assert(n > 0 && n <= HT_ENSIP15_MAPPED_TO - at);
        tables.mapped[i] = (struct mapped){.c = c, .at = (uint16_t)at, .n = (uint16_t)n};
        for (size_t end = at + n; at < end; at++) {
            tables.mapped_to[at] = before = take_from(in, before);
        }
    }
}

static void take_emoji(struct stream *in) {
    size_t at = 0;
    for (size_t i = 0; i < HT_ENSIP15_STATES; i++) {
        uint32_t head = take(in), n = head / 2, c = 0;
        ht_assert(n <= HT_ENSIP15_EDGES - at);
        tables.states[i] =
            (struct state){.at = (uint16_t)at, .n = (uint16_t)n, .is_end = head % 2 == 1};
        for (size_t end = at + n; at < end; at++) {
            struct edge *edge = &tables.edges[at];
            edge->first = c += take(in);
            edge->last = c + take(in);
            edge->to = (uint16_t)take_below(in, HT_ENSIP15_STATES);
        }
    }
}

static int by_whole(const void *a, const void *b) {
    uint32_t left = ((const struct pair *)a)->whole, right = ((const struct pair *)b)->whole;
    return (left > right) - (left < right);
}

static void take_pairs(struct stream *in) {
    struct pair last = {0, 0, 0};
    for (size_t i = 0; i < HT_ENSIP15_PAIRS; i++) {
        last.first += take(in);
        last.second = take_from(in, last.second);
        last.whole = take_from(in, last.whole);
        tables.pairs[i] = tables.wholes[i] = last;
    }
    qsort(tables.wholes, HT_ENSIP15_PAIRS, sizeof *tables.wholes, by_whole);
}

static void unpack(void) {
    static uint8_t packed[HT_ENSIP15_PACKED], bytes[HT_ENSIP15_BYTES];
    size_t at = 0;
    for (size_t i = 0; i < HT_ENSIP15_LINES; i++) {
        const char *line = ht_ensip15_data[i];
        size_t n = 0;
        int rc = sodium_base642bin(packed + at, sizeof packed - at, line, strlen(line), NULL, &n,
                                   NULL, sodium_base64_VARIANT_ORIGINAL);
        ht_assert(rc == 0);
        at += n;
    }
    uLongf size = sizeof bytes;
    int rc = uncompress(bytes, &size, packed, (uLong)at);
    ht_assert(rc == Z_OK && size == sizeof bytes);
    struct stream in = {.p = bytes, .n = size};
    take_classes(&in);
    take_twins(&in);
    take_mapped(&in);
    take_emoji(&in);
    take_pairs(&in);
    ht_assert(in.n == 0);
}

static void need(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int rc = pthread_once(&once, unpack);
    ht_assert(rc == 0);
}

/* --- lookups ---------------------------------------------------------------------------------- */

const struct ht_ensip15_class *ht_ensip15_class(uint32_t c) {
    need();
    size_t low = 0, high = HT_ENSIP15_RANGES;
    while (low < high) {
        size_t middle = (low + high + 1) / 2;
        if (tables.ranges[middle].start <= c)
            low = middle;
        else
            high = middle - 1;
    }
    return &tables.classes[tables.ranges[low].class];
}

static int compare_c(const void *key, const void *entry) {
    uint32_t c = *(const uint32_t *)key, other;
    /* Both kinds of entries begin with their character. */
    memcpy(&other, entry, sizeof other);
    return (c > other) - (c < other);
}

size_t ht_ensip15_mapped(const uint32_t **to, uint32_t c) {
    need();
    const struct mapped *found =
        bsearch(&c, tables.mapped, HT_ENSIP15_MAPPED, sizeof *tables.mapped, compare_c);
    if (found == NULL) return 0;
    *to = tables.mapped_to + found->at;
    return found->n;
}

const struct ht_ensip15_groups *ht_ensip15_twins(uint32_t c) {
    need();
    const struct twin *found =
        bsearch(&c, tables.twins, HT_ENSIP15_TWINS, sizeof *tables.twins, compare_c);
    return found != NULL ? &tables.twin_sets[found->set] : NULL;
}

bool ht_ensip15_is_checked(size_t group) {
    need();
    ht_assert(group < HT_ENSIP15_GROUPS);
    return (tables.unchecked.bits[group / 64] >> group % 64 & 1) == 0;
}

static int compare_edge(const void *key, const void *entry) {
    uint32_t c = *(const uint32_t *)key;
    const struct edge *edge = entry;
    return c < edge->first ? -1 : c > edge->last;
}

size_t ht_ensip15_emoji(const uint32_t *text, size_t n) {
    need();
    const struct state *state = &tables.states[0];
    size_t longest = 0;
    for (size_t i = 0; i < n && state->n > 0; i++) {
        const struct edge *edge = bsearch(&text[i], tables.edges + state->at, state->n,
                                          sizeof *tables.edges, compare_edge);
        if (edge == NULL) break;
        state = &tables.states[edge->to];
        if (state->is_end) longest = i + 1;
    }
    return longest;
}

static int compare_pair(const void *key, const void *entry) {
    const struct pair *a = key, *b = entry;
    if (a->first != b->first) return a->first < b->first ? -1 : 1;
    return (a->second > b->second) - (a->second < b->second);
}

bool ht_ensip15_compose(uint32_t *out, uint32_t first, uint32_t second) {
    need();
    struct pair key = {.first = first, .second = second};
    const struct pair *found =
        bsearch(&key, tables.pairs, HT_ENSIP15_PAIRS, sizeof key, compare_pair);
    if (found != NULL) *out = found->whole;
    return found != NULL;
}

bool ht_ensip15_decompose(uint32_t *first, uint32_t *second, uint32_t c) {
    need();
    struct pair key = {.whole = c};
    const struct pair *found = bsearch(&key, tables.wholes, HT_ENSIP15_PAIRS, sizeof key, by_whole);
    if (found == NULL) return false;
    *first = found->first;
    *second = found->second;
    return true;
}
