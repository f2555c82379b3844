/* Random events and filters against a brute-force oracle.
 *
 * The input makes events whose times, ids and keys clash as much as they can, puts them into a
 * store and into a list that follows the rules in the plainest way, and asks both the same
 * questions: the answers, in one piece and in slices, the count, and whether it is complete are the
 * same. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "social/store/store_query.h"

#define EVENTS_MAX 48U
#define TAGS_MAX 4U
#define AUTHORS 4U
#define VALUES 6U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static const uint8_t *input;
static size_t input_left;

static unsigned pick(unsigned bound) {
    if (input_left == 0) return 0;
    input_left--;
    return *input++ % bound;
}

static struct ht_event events[EVENTS_MAX];
static struct ht_event_tag tags[EVENTS_MAX][TAGS_MAX];
static ht_bytes items[EVENTS_MAX][TAGS_MAX][2];
static struct ht_buf jsons[EVENTS_MAX];
static bool is_live[EVENTS_MAX];
static size_t event_count;

static struct gone {
    ht_hash32 pubkey, id;
    uint32_t kind;
    char d;
    int64_t until;
    enum { GONE_ID, GONE_ADDRESS, GONE_AUTHOR } what;
} gones[EVENTS_MAX * (TAGS_MAX + 1)];
static size_t gone_count;

static char keys[AUTHORS][65], ids[EVENTS_MAX][65], addresses[AUTHORS][2][80];
static const char *const words[VALUES] = {"", "x", "y", "art", "food", "X"};
static const uint32_t kinds[] = {0, 1, 5, 7, 62, 1059, 10002, 30023};
#define KINDS (sizeof kinds / sizeof *kinds)

/* The first two keys have the same first eight bytes. */
static ht_hash32 key_of(unsigned author) {
    ht_hash32 key = {{0}};
    key.b[0] = author < 2 ? 0x80 : (uint8_t)author;
    key.b[31] = (uint8_t)author;
    return key;
}

/* Ids that share what is indexed of them, and what orders them. */
static ht_hash32 id_of(unsigned event, unsigned shape) {
    ht_hash32 id = {{0}};
    if (shape > 0) id.b[0] = (uint8_t)(shape * 0x55);
    if (shape > 1) id.b[3] = (uint8_t)shape;
    id.b[31] = (uint8_t)(event * 37);
    id.b[30] = (uint8_t)event;
    return id;
}

static void write_hex(char out[65], const ht_hash32 *value) {
    for (size_t i = 0; i < 32; i++) (void)snprintf(out + 2 * i, 3, "%02x", (unsigned)value->b[i]);
}

static void begin(void) {
    for (unsigned a = 0; a < AUTHORS; a++) {
        ht_hash32 key = key_of(a);
        write_hex(keys[a], &key);
        (void)snprintf(addresses[a][0], sizeof addresses[a][0], "30023:%s:x", keys[a]);
        (void)snprintf(addresses[a][1], sizeof addresses[a][1], "10002:%s:", keys[a]);
    }
    event_count = gone_count = 0;
}

static void make_tag(struct ht_event_tag *tag, ht_bytes pair[2], unsigned author) {
    static const char *const names[] = {"t", "d", "e", "p", "a", "relay", "tt"};
    unsigned name = pick(7);
    const char *value = words[pick(VALUES)];
    if (name == 2 && event_count > 0) value = ids[pick((unsigned)event_count + 1)];
    if (name == 3) value = keys[pick(AUTHORS)];
    if (name == 4) value = addresses[pick(4) > 0 ? author : pick(AUTHORS)][pick(2)];
    if (name == 5) value = "ALL_RELAYS";
    pair[0] = ht_bytes_str(names[name]);
    pair[1] = ht_bytes_str(value);
    *tag = (struct ht_event_tag){pair, pick(9) == 8 ? 1 : 2};
}

static struct ht_event *make_event(void) {
    size_t at = event_count;
    unsigned author = pick(AUTHORS);
    struct ht_event *event = &events[at];
    *event = (struct ht_event){
        .id = id_of((unsigned)at, pick(4)),
        .pubkey = key_of(author),
        .created_at = pick(6),
        .kind = kinds[pick(KINDS)],
        .tags = tags[at],
        .content = ht_bytes_str(words[pick(VALUES)]),
    };
    if (pick(16) == 15) event->created_at = INT64_C(1) << (30 + pick(23));
    write_hex(ids[at], &event->id);
    event->tag_count = pick(TAGS_MAX + 1);
    for (size_t i = 0; i < event->tag_count; i++) make_tag(&tags[at][i], items[at][i], author);
    ht_buf_init(&jsons[at], HT_EVENT_SIZE_MAX);
    must(ht_event_write(&jsons[at], event) == HT_OK);
    event->json = ht_buf_view(&jsons[at]);
    is_live[event_count++] = false;
    return event;
}

/* --- the oracle --------------------------------------------------------------------------------*/

static bool is_same_address(const struct ht_event *a, const struct ht_event *b) {
    enum ht_event_class class = ht_event_class_of(a->kind);
    if (class == HT_EVENT_REGULAR || a->kind != b->kind) return false;
    if (!ht_hash32_equal(&a->pubkey, &b->pubkey)) return false;
    return class == HT_EVENT_REPLACEABLE || ht_bytes_equal(ht_event_d(a), ht_event_d(b));
}

static bool names_key(const struct ht_event *event, const ht_hash32 *key) {
    for (size_t i = 0; i < event->tag_count; i++) {
        ht_hash32 named;
        const struct ht_event_tag *tag = &event->tags[i];
        if (tag->count < 2 || !ht_bytes_equal(tag->items[0], ht_bytes_str("p"))) continue;
        if (ht_event_hex32(&named, tag->items[1]) && ht_hash32_equal(&named, key)) return true;
    }
    return false;
}

static bool is_gone_by(const struct gone *gone, const struct ht_event *event) {
    if (event->created_at > gone->until || event->kind == 62) return false;
    bool is_author = ht_hash32_equal(&gone->pubkey, &event->pubkey);
    ht_bytes d = ht_event_d(event);
    switch (gone->what) {
    case GONE_ID: return is_author && event->kind != 5 && ht_hash32_equal(&gone->id, &event->id);
    case GONE_ADDRESS:
        if (!is_author || event->kind != gone->kind) return false;
        return gone->kind == 10002 || (d.n == 1 && d.p[0] == (uint8_t)gone->d);
    case GONE_AUTHOR: return is_author || (event->kind == 1059 && names_key(event, &gone->pubkey));
    }
    return false;
}

static void add_gone(const struct gone *gone) {
    gones[gone_count++] = *gone;
    for (size_t i = 0; i < event_count; i++) {
        if (is_live[i] && is_gone_by(gone, &events[i])) is_live[i] = false;
    }
}

static void apply_tag(const struct ht_event *event, const struct ht_event_tag *tag) {
    struct gone gone = {.pubkey = event->pubkey, .until = event->created_at, .d = 'x'};
    if (tag->count < 2) return;
    if (event->kind == 62 && ht_bytes_equal(tag->items[0], ht_bytes_str("relay"))) {
        gone.what = GONE_AUTHOR;
        add_gone(&gone);
    }
    if (event->kind != 5 || tag->items[0].n != 1) return;
    if (tag->items[0].p[0] == 'e' && ht_event_hex32(&gone.id, tag->items[1])) {
        gone.until = INT64_MAX;
        add_gone(&gone);
    }
    for (unsigned a = 0; tag->items[0].p[0] == 'a' && a < AUTHORS * 2; a++) {
        ht_hash32 key = key_of(a / 2);
        if (!ht_hash32_equal(&key, &event->pubkey)) continue;
        if (!ht_bytes_equal(tag->items[1], ht_bytes_str(addresses[a / 2][a % 2]))) continue;
        gone.what = GONE_ADDRESS;
        gone.kind = a % 2 == 0 ? 30023 : 10002;
        add_gone(&gone);
    }
}

static enum ht_put model_put(struct ht_event *event) {
    size_t at = (size_t)(event - events);
    for (size_t i = 0; i < gone_count; i++) {
        if (is_gone_by(&gones[i], event)) return HT_PUT_DELETED;
    }
    for (size_t i = 0; i < at; i++) {
        if (!is_live[i] || !is_same_address(event, &events[i])) continue;
        bool is_older = event->created_at < events[i].created_at;
        bool is_tie = event->created_at == events[i].created_at;
        if (is_older || (is_tie && memcmp(&event->id, &events[i].id, 32) > 0))
            return HT_PUT_REPLACED;
        is_live[i] = false;
    }
    is_live[at] = true;
    for (size_t i = 0; i < event->tag_count; i++) apply_tag(event, &event->tags[i]);
    return HT_PUT_STORED;
}

/* --- filters -----------------------------------------------------------------------------------*/

struct lists {
    ht_hash32 ids[8], authors[AUTHORS];
    uint32_t kinds[KINDS];
    ht_bytes values[2][8];
    struct ht_filter_tag tags[2];
};

static int compare_hashes(const void *a, const void *b) {
    return memcmp(a, b, sizeof(ht_hash32));
}

static int compare_texts(const void *a, const void *b) {
    const ht_bytes *x = a, *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    int order = n > 0 ? memcmp(x->p, y->p, n) : 0;
    return order != 0 ? order : x->n < y->n ? -1 : x->n > y->n;
}

static void make_filter_tag(struct ht_filter *filter, struct lists *lists, char name) {
    ht_bytes *values = lists->values[filter->tag_count];
    size_t count = 0;
    unsigned wanted = pick(8);
    for (unsigned i = 0; i < wanted; i++) {
        const char *text = words[pick(VALUES)];
        if (name == 'e' && event_count > 0) text = ids[pick((unsigned)event_count)];
        if (name == 'p') text = keys[pick(AUTHORS)];
        values[count++] = ht_bytes_str(text);
    }
    if (count > 1) qsort(values, count, sizeof *values, compare_texts);
    size_t kept = count > 0 ? 1 : 0;
    for (size_t i = 1; i < count; i++) {
        if (!ht_bytes_equal(values[i], values[kept - 1])) values[kept++] = values[i];
    }
    lists->tags[filter->tag_count] = (struct ht_filter_tag){name, values, kept};
    filter->tags = lists->tags;
    filter->tag_count++;
}

static void make_filter(struct ht_filter *filter, struct lists *lists) {
    *filter = (struct ht_filter){.since = INT64_MIN, .until = INT64_MAX};
    unsigned which = pick(128);
    filter->has_ids = (which & 1) != 0 && pick(3) == 0;
    for (unsigned i = pick(8); filter->has_ids && event_count > 0 && i > 0; i--)
        lists->ids[filter->id_count++] = events[pick((unsigned)event_count)].id;
    if (filter->id_count > 1)
        qsort(lists->ids, filter->id_count, sizeof *lists->ids, compare_hashes);
    filter->ids = lists->ids;
    filter->has_authors = (which & 2) != 0;
    static const unsigned in_order[AUTHORS] = {2, 3, 0, 1}; /* as their keys are */
    for (unsigned a = 0, mask = pick(16); filter->has_authors && a < AUTHORS; a++) {
        if ((mask >> a & 1) != 0) lists->authors[filter->author_count++] = key_of(in_order[a]);
    }
    filter->authors = lists->authors;
    filter->has_kinds = (which & 4) != 0;
    for (unsigned k = 0, mask = pick(256); filter->has_kinds && k < KINDS; k++) {
        if ((mask >> k & 1) != 0) lists->kinds[filter->kind_count++] = kinds[k];
    }
    filter->kinds = lists->kinds;
    if ((which & 8) != 0) make_filter_tag(filter, lists, "dept"[pick(4)]);
    if ((which & 16) != 0 && filter->tag_count == 1 && filter->tags[0].name != 't')
        make_filter_tag(filter, lists, 't');
    if ((which & 32) != 0) filter->since = pick(6);
    if ((which & 64) != 0) filter->until = pick(7);
    filter->has_limit = pick(3) > 0;
    filter->limit = pick(12);
}

/* --- comparing ---------------------------------------------------------------------------------*/

static int compare_events(const void *a, const void *b) {
    const struct ht_event *x = &events[*(const size_t *)a], *y = &events[*(const size_t *)b];
    /* Beyond what a place can tell apart, ids come before times. */
    const int64_t most = (INT64_C(1) << 35) - 1;
    int64_t s = x->created_at < most ? x->created_at : most;
    int64_t t = y->created_at < most ? y->created_at : most;
    if (s != t) return s > t ? -1 : 1;
    int prefix = memcmp(&x->id, &y->id, 3);
    if (prefix == 0) prefix = (x->id.b[3] >> 4) - (y->id.b[3] >> 4);
    if (prefix != 0) return prefix;
    if (x->created_at != y->created_at) return x->created_at > y->created_at ? -1 : 1;
    return memcmp(&x->id, &y->id, 32);
}

static size_t found[EVENTS_MAX];
static size_t found_count;

static bool add_found(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                      int64_t created_at, ht_bytes json) {
    (void)user;
    for (size_t i = 0; i < event_count; i++) {
        if (!ht_hash32_equal(&events[i].id, id)) continue;
        must(ht_hash32_equal(&events[i].pubkey, pubkey) && events[i].kind == kind);
        must(events[i].created_at == created_at && ht_bytes_equal(events[i].json, json));
        must(found_count < EVENTS_MAX);
        found[found_count++] = i;
    }
    return true;
}

static void compare(const size_t *expected, size_t count) {
    must(found_count == count);
    must(count == 0 || memcmp(found, expected, count * sizeof *found) == 0);
}

static void ask(struct ht_store *store) {
    static struct lists lists[3];
    struct ht_filter filters[3];
    size_t order[EVENTS_MAX], expected[EVENTS_MAX];
    uint64_t told[3] = {0}, matched = 0, counted = 0;
    bool is_complete = true, says_complete = false;
    size_t live = 0, count = 0, filter_count = 1 + pick(3);
    const struct ht_store_limits limits = {.now_s = 1, .limit_default = 9, .limit_max = 10};
    for (size_t i = 0; i < filter_count; i++) make_filter(&filters[i], &lists[i]);
    for (size_t i = 0; i < event_count; i++) {
        if (is_live[i]) order[live++] = i;
    }
    if (live > 1) qsort(order, live, sizeof *order, compare_events);
    for (size_t i = 0; i < live; i++) {
        bool is_told = false, is_match = false;
        for (size_t f = 0; f < filter_count; f++) {
            uint64_t limit = filters[f].has_limit ? filters[f].limit : 9;
            if (limit > 10) limit = 10;
            if (limit == 0 && !ht_filter_is_empty(&filters[f])) is_complete = false;
            if (!ht_filter_matches(&filters[f], &events[order[i]])) continue;
            is_match = true;
            if (told[f] == limit) is_complete = false;
            if (told[f] < limit) is_told = true;
            if (told[f] < limit) told[f]++;
        }
        matched += is_match;
        if (is_told) expected[count++] = order[i];
    }
    const struct ht_store_visit visit = {.event = add_found};
    found_count = 0;
    must(ht_store_query(&says_complete, store, filters, filter_count, &limits, 0, &visit, NULL) ==
         HT_OK);
    compare(expected, count);
    must(live == 0 || says_complete == is_complete);
    must(ht_store_count(&counted, store, filters, filter_count, &limits, 0, NULL, NULL) == HT_OK);
    must(counted == matched);
    struct ht_store_mark mark = {.is_begun = false};
    enum ht_err err = HT_EAGAIN;
    int64_t budget_us = 1 + pick(60);
    found_count = 0;
    for (unsigned slices = 0; err == HT_EAGAIN; slices++) {
        must(slices < 10 * EVENTS_MAX);
        err = ht_store_query_on(&says_complete, &mark, store, filters, filter_count, &limits,
                                budget_us, &visit, NULL);
    }
    must(err == HT_OK);
    compare(expected, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    sqlite3 *db = NULL;
    struct ht_store *store = NULL;
    input = data;
    input_left = n;
    begin();
    must(sqlite3_open(":memory:", &db) == SQLITE_OK);
    must(sqlite3_exec(db, ht_social_migrations[0].sql, NULL, NULL, NULL) == SQLITE_OK);
    must(ht_store_new(&store, db, NULL) == HT_OK);
    const struct ht_store_limits limits = {.now_s = 1};
    while (input_left > 0 && event_count < EVENTS_MAX) {
        if (pick(8) == 7) {
            ask(store);
            continue;
        }
        enum ht_put put = HT_PUT_QUOTA;
        const char *no_relay = NULL;
        struct ht_event *event = make_event();
        must(ht_store_put(&put, store, event, &limits, no_relay, NULL) == HT_OK);
        must(put == model_put(event));
        must(ht_store_put(&put, store, event, &limits, no_relay, NULL) == HT_OK);
        must(put != HT_PUT_STORED);
    }
    ask(store);
    ht_store_free(store);
    must(sqlite3_close(db) == SQLITE_OK);
    for (size_t i = 0; i < event_count; i++) ht_buf_fini(&jsons[i]);
    return 0;
}
