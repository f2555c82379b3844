/* Filters: a filter and an event, a line each. What is read is in order and within its bounds, and
 * matches an event exactly when looking through all of its lists says so. */
#include <stdlib.h>

#include "node/codec/json.h"
#include "social/relay/filter.h"

#define TEXT_MAX ((size_t)1 << 17)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static bool has_hash(const ht_hash32 *list, size_t count, const ht_hash32 *wanted) {
    for (size_t i = 0; i < count; i++) {
        must(i == 0 || memcmp(&list[i - 1], &list[i], sizeof *list) < 0);
        if (ht_hash32_equal(&list[i], wanted)) return true;
    }
    return false;
}

static bool has_kind(const struct ht_filter *filter, uint32_t wanted) {
    for (size_t i = 0; i < filter->kind_count; i++) {
        must(filter->kinds[i] <= UINT16_MAX && (i == 0 || filter->kinds[i - 1] < filter->kinds[i]));
        if (filter->kinds[i] == wanted) return true;
    }
    return false;
}

static bool has_tag(const struct ht_filter_tag *wanted, const struct ht_event *event) {
    for (size_t i = 0; i < event->tag_count; i++) {
        const struct ht_event_tag *tag = &event->tags[i];
        bool is_named =
            tag->count > 1 && ht_bytes_equal(tag->items[0], ht_bytes_of(&wanted->name, 1));
        for (size_t v = 0; is_named && v < wanted->count; v++) {
            if (ht_bytes_equal(tag->items[1], wanted->values[v])) return true;
        }
    }
    return false;
}

/* The slow way. */
static bool matches(const struct ht_filter *filter, const struct ht_event *event) {
    bool is_match = event->created_at >= filter->since && event->created_at <= filter->until;
    if (filter->has_ids) {
        is_match = has_hash(filter->ids, filter->id_count, &event->id) && is_match;
    }
    if (filter->has_authors) {
        is_match = has_hash(filter->authors, filter->author_count, &event->pubkey) && is_match;
    }
    if (filter->has_kinds) is_match = has_kind(filter, event->kind) && is_match;
    for (size_t i = 0; i < filter->tag_count; i++) {
        must(i == 0 || filter->tags[i - 1].name < filter->tags[i].name);
        is_match = has_tag(&filter->tags[i], event) && is_match;
    }
    return is_match;
}

static void check(const struct ht_filter *filter, struct ht_arena *arena, ht_bytes text) {
    struct ht_event event;
    must(filter->tag_count <= 52 && filter->search.n <= HT_FILTER_SEARCH_MAX);
    if (ht_event_read(&event, arena, text, NULL) != HT_OK) return;
    bool is_match = ht_filter_matches(filter, &event);
    must(is_match == matches(filter, &event));
    must(!is_match || !ht_filter_is_empty(filter));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    const uint8_t *end = n > 0 ? memchr(data, '\n', n) : NULL;
    size_t first = end != NULL ? (size_t)(end - data) : n;
    ht_bytes rest = end != NULL ? ht_bytes_of(end + 1, n - first - 1) : ht_bytes_of(NULL, 0);
    json_t *object = NULL;
    if (ht_json_parse(&object, ht_bytes_of(data, first), TEXT_MAX, NULL) != HT_OK) return 0;
    struct ht_arena arena;
    struct ht_arena room;
    struct ht_filter filter;
    struct ht_why why = {.code = NULL};
    ht_arena_init(&arena, HT_FILTER_ARENA(first));
    ht_arena_init(&room, HT_EVENT_ARENA(TEXT_MAX));
    enum ht_err err = ht_filter_read(&filter, &arena, object, &why);
    json_decref(object);
    must(err != HT_ENOMEM && (err == HT_OK || why.code != NULL));
    if (err == HT_OK) check(&filter, &room, rest);
    ht_arena_fini(&room);
    ht_arena_fini(&arena);
    return 0;
}
