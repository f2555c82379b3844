/* Filters from JSON, and whether an event matches: lists are sorted once so that each look is a
 * binary search. */
#include "social/relay/filter.h"

#include <stdlib.h>

#define KIND_MAX 65535

static enum ht_err bad_field(struct ht_why *why, const char *name, const char *what) {
    return ht_fail(why, HT_EINPUT, "filter_field", "%s %s", name, what);
}

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a filter");
}

/* --- order ------------------------------------------------------------------------------------*/

static int compare_hashes(const void *a, const void *b) {
    return memcmp(a, b, sizeof(ht_hash32));
}

static int compare_kinds(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static int compare_texts(const void *a, const void *b) {
    const ht_bytes *left = a;
    const ht_bytes *right = b;
    size_t n = left->n < right->n ? left->n : right->n;
    int order = n > 0 ? memcmp(left->p, right->p, n) : 0;
    return order != 0 ? order : (left->n > right->n) - (left->n < right->n);
}

static int compare_tags(const void *a, const void *b) {
    return ((const struct ht_filter_tag *)a)->name - ((const struct ht_filter_tag *)b)->name;
}

/* Sorts and drops what is there twice; the count left. */
static size_t sort_unique(void *list, size_t count, size_t size,
                          int (*compare)(const void *, const void *)) {
    uint8_t *at = list;
    size_t kept = 0;
    if (count == 0) return 0;
    qsort(list, count, size, compare);
    for (size_t i = 1; i < count; i++) {
        if (compare(at + kept * size, at + i * size) == 0) continue;
        kept++;
        memmove(at + kept * size, at + i * size, size);
    }
    return kept + 1;
}

/* --- lists ------------------------------------------------------------------------------------*/

/* Room for a list's values; NULL when it is empty, which is no error. */
static enum ht_err list_room(void **out, struct ht_arena *arena, const json_t *list, size_t size,
                             const char *name, struct ht_why *why) {
    *out = NULL;
    if (!json_is_array(list)) return bad_field(why, name, "is no list");
    size_t count = json_array_size(list);
    if (count > HT_FILTER_VALUES_MAX) {
        return ht_fail(why, HT_ELIMIT, "filter_too_large", "%s has more than %u values", name,
                       HT_FILTER_VALUES_MAX);
    }
    if (count == 0) return HT_OK;
    *out = ht_arena_alloc(arena, count * size);
    return *out != NULL ? HT_OK : no_memory(why);
}

static ht_bytes text_of(const json_t *value) {
    return ht_bytes_of(json_string_value(value), json_string_length(value));
}

static enum ht_err read_hashes(const ht_hash32 **out, size_t *count, struct ht_arena *arena,
                               const json_t *list, const char *name, struct ht_why *why) {
    void *room = NULL;
    enum ht_err err = list_room(&room, arena, list, sizeof(ht_hash32), name, why);
    if (err != HT_OK) return err;
    ht_hash32 *hashes = room;
    size_t n = json_array_size(list);
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_array_get(list, i);
        if (!json_is_string(value) || !ht_event_hex32(&hashes[i], text_of(value))) {
            return bad_field(why, name, "holds what is not 64 digits of lowercase hex");
        }
    }
    *out = hashes;
    *count = sort_unique(hashes, n, sizeof *hashes, compare_hashes);
    return HT_OK;
}

static enum ht_err read_kinds(struct ht_filter *filter, struct ht_arena *arena, const json_t *list,
                              struct ht_why *why) {
    void *room = NULL;
    enum ht_err err = list_room(&room, arena, list, sizeof(uint32_t), "kinds", why);
    if (err != HT_OK) return err;
    uint32_t *kinds = room;
    size_t n = json_array_size(list);
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_array_get(list, i);
        json_int_t kind = json_integer_value(value);
        if (!json_is_integer(value) || kind < 0 || kind > KIND_MAX) {
            return bad_field(why, "kinds", "holds what is no number from 0 to 65535");
        }
        kinds[i] = (uint32_t)kind;
    }
    filter->has_kinds = true;
    filter->kinds = kinds;
    filter->kind_count = sort_unique(kinds, n, sizeof *kinds, compare_kinds);
    return HT_OK;
}

static enum ht_err copy_text(ht_bytes *out, struct ht_arena *arena, ht_bytes text,
                             struct ht_why *why) {
    const char *copy = ht_arena_copy_str(arena, text);
    if (copy == NULL) return no_memory(why);
    *out = ht_bytes_of(copy, text.n);
    return HT_OK;
}

static enum ht_err read_tag(struct ht_filter_tag *out, struct ht_arena *arena, const char *name,
                            const json_t *list, struct ht_why *why) {
    void *room = NULL;
    enum ht_err err = list_room(&room, arena, list, sizeof(ht_bytes), name, why);
    if (err != HT_OK) return err;
    ht_bytes *values = room;
    size_t n = json_array_size(list);
    for (size_t i = 0; i < n && err == HT_OK; i++) {
        const json_t *value = json_array_get(list, i);
        if (!json_is_string(value)) return bad_field(why, name, "holds what is no text");
        err = copy_text(&values[i], arena, text_of(value), why);
    }
    if (err != HT_OK) return err;
    *out = (struct ht_filter_tag){.name = name[1], .values = values};
    out->count = sort_unique(values, n, sizeof *values, compare_texts);
    return HT_OK;
}

/* --- members ----------------------------------------------------------------------------------*/

static enum ht_err read_number(json_int_t *out, const json_t *value, const char *name,
                               struct ht_why *why) {
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0) return bad_field(why, name, "is no whole number");
    *out = number;
    return HT_OK;
}

static enum ht_err read_search(struct ht_filter *filter, struct ht_arena *arena,
                               const json_t *value, struct ht_why *why) {
    if (!json_is_string(value)) return bad_field(why, "search", "is no text");
    if (json_string_length(value) > HT_FILTER_SEARCH_MAX) {
        return ht_fail(why, HT_ELIMIT, "filter_too_large", "search has more than %u bytes",
                       HT_FILTER_SEARCH_MAX);
    }
    return copy_text(&filter->search, arena, text_of(value), why);
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_tag(const char *name) {
    return name[0] == '#' && is_letter(name[1]) && name[2] == '\0';
}

static enum ht_err read_member(struct ht_filter *filter, struct ht_arena *arena, const char *name,
                               const json_t *value, struct ht_why *why) {
    json_int_t number = 0;
    enum ht_err err = HT_OK;
    if (strcmp(name, "ids") == 0) {
        filter->has_ids = true;
        return read_hashes(&filter->ids, &filter->id_count, arena, value, name, why);
    }
    if (strcmp(name, "authors") == 0) {
        filter->has_authors = true;
        return read_hashes(&filter->authors, &filter->author_count, arena, value, name, why);
    }
    if (strcmp(name, "kinds") == 0) return read_kinds(filter, arena, value, why);
    if (strcmp(name, "search") == 0) return read_search(filter, arena, value, why);
    if (strcmp(name, "since") == 0) {
        err = read_number(&number, value, name, why);
        if (err == HT_OK) filter->since = number;
        return err;
    }
    if (strcmp(name, "until") == 0) {
        err = read_number(&number, value, name, why);
        if (err == HT_OK) filter->until = number;
        return err;
    }
    if (strcmp(name, "limit") == 0) {
        err = read_number(&number, value, name, why);
        filter->has_limit = true;
        filter->limit = (uint64_t)number;
        return err;
    }
    /* Names come from outside: none is quoted. */
    return ht_fail(why, HT_EINPUT, "filter_field", "a member of a name that filters do not have");
}

enum ht_err ht_filter_read(struct ht_filter *out, struct ht_arena *arena, const json_t *object,
                           struct ht_why *why) {
    struct ht_filter filter = {.since = INT64_MIN, .until = INT64_MAX};
    struct ht_filter_tag tags[52]; /* one for each letter: a name is there once */
    const char *name = NULL;
    json_t *value = NULL;
    if (!json_is_object(object)) {
        return ht_fail(why, HT_EINPUT, "filter_malformed", "a filter is a JSON object");
    }
    json_object_foreach((json_t *)(uintptr_t)object, name, value) {
        enum ht_err err = is_tag(name) ? read_tag(&tags[filter.tag_count], arena, name, value, why)
                                       : read_member(&filter, arena, name, value, why);
        if (err != HT_OK) return err;
        if (is_tag(name)) filter.tag_count++;
    }
    if (filter.tag_count > 0) {
        struct ht_filter_tag *copy = ht_arena_alloc(arena, filter.tag_count * sizeof *copy);
        if (copy == NULL) return no_memory(why);
        memcpy(copy, tags, filter.tag_count * sizeof *copy);
        qsort(copy, filter.tag_count, sizeof *copy, compare_tags);
        filter.tags = copy;
    }
    *out = filter;
    return HT_OK;
}

/* --- matching ---------------------------------------------------------------------------------*/

static bool has(const void *list, size_t count, size_t size, const void *value,
                int (*compare)(const void *, const void *)) {
    return count > 0 && bsearch(value, list, count, size, compare) != NULL;
}

static bool matches_tag(const struct ht_filter_tag *wanted, const struct ht_event *event) {
    for (size_t i = 0; i < event->tag_count; i++) {
        const struct ht_event_tag *tag = &event->tags[i];
        bool is_named =
            tag->count > 1 && tag->items[0].n == 1 && tag->items[0].p[0] == (uint8_t)wanted->name;
        if (is_named && has(wanted->values, wanted->count, sizeof *wanted->values, &tag->items[1],
                            compare_texts)) {
            return true;
        }
    }
    return false;
}

bool ht_filter_matches(const struct ht_filter *filter, const struct ht_event *event) {
    if (event->created_at < filter->since || event->created_at > filter->until) return false;
    if (filter->has_kinds && !has(filter->kinds, filter->kind_count, sizeof *filter->kinds,
                                  &event->kind, compare_kinds)) {
        return false;
    }
    if (filter->has_authors && !has(filter->authors, filter->author_count, sizeof(ht_hash32),
                                    &event->pubkey, compare_hashes)) {
        return false;
    }
    if (filter->has_ids &&
        !has(filter->ids, filter->id_count, sizeof(ht_hash32), &event->id, compare_hashes)) {
        return false;
    }
    for (size_t i = 0; i < filter->tag_count; i++) {
        if (!matches_tag(&filter->tags[i], event)) return false;
    }
    return true;
}

bool ht_filter_is_empty(const struct ht_filter *filter) {
    if (filter->since > filter->until) return true;
    if (filter->has_ids && filter->id_count == 0) return true;
    if (filter->has_authors && filter->author_count == 0) return true;
    if (filter->has_kinds && filter->kind_count == 0) return true;
    for (size_t i = 0; i < filter->tag_count; i++) {
        if (filter->tags[i].count == 0) return true;
    }
    return false;
}
