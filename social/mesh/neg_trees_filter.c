/* Filters of warm trees: what is left of one that all may see alike, and what it is known by. */
#include "social/mesh/neg_trees_filter.h"

#include "node/crypto/sha256.h"
#include "social/relay/policy.h"

#define KEY_BYTES_MAX ((size_t)2 << 20)

static bool copy(void *out, struct ht_arena *arena, const void *list, size_t count, size_t size) {
    void *room = count > 0 ? ht_arena_alloc(arena, count * size) : NULL;
    if (room == NULL) return count == 0;
    memcpy(room, list, count * size);
    memcpy(out, &room, sizeof room);
    return true;
}

static bool copy_tags(struct ht_filter *out, struct ht_arena *arena,
                      const struct ht_filter *filter) {
    struct ht_filter_tag *tags = ht_arena_alloc(arena, (filter->tag_count + 1) * sizeof *tags);
    if (tags == NULL) return false;
    for (size_t i = 0; i < filter->tag_count; i++) {
        const struct ht_filter_tag *from = &filter->tags[i];
        ht_bytes *values = ht_arena_alloc(arena, (from->count + 1) * sizeof *values);
        if (values == NULL) return false;
        for (size_t k = 0; k < from->count; k++) {
            const char *text = ht_arena_copy_str(arena, from->values[k]);
            if (text == NULL) return false;
            values[k] = ht_bytes_of(text, from->values[k].n);
        }
        tags[i] =
            (struct ht_filter_tag){.name = from->name, .values = values, .count = from->count};
    }
    out->tags = tags;
    out->tag_count = filter->tag_count;
    return true;
}

static bool copy_kinds(struct ht_filter *out, struct ht_arena *arena,
                       const struct ht_filter *filter) {
    uint32_t *kinds = ht_arena_alloc(arena, (filter->kind_count + 1) * sizeof *kinds);
    if (kinds == NULL) return false;
    for (size_t i = 0; i < filter->kind_count; i++) {
        if (!ht_policy_is_private_kind(filter->kinds[i]))
            kinds[out->kind_count++] = filter->kinds[i];
    }
    out->kinds = kinds;
    out->has_kinds = filter->has_kinds;
    return true;
}

/* Lists are in order, so that the same filter is the same bytes. */
static enum ht_err add_list(struct ht_buf *text, char name, const void *list, size_t count,
                            size_t size) {
    enum ht_err err = ht_buf_add(text, ht_bytes_of(&name, 1));
    if (err == HT_OK) err = ht_buf_add(text, ht_bytes_of(&count, sizeof count));
    return err == HT_OK && count > 0 ? ht_buf_add(text, ht_bytes_of(list, count * size)) : err;
}

static enum ht_err add_tag(struct ht_buf *text, const struct ht_filter_tag *tag) {
    enum ht_err err = add_list(text, '#', &tag->name, 1, 1);
    for (size_t i = 0; err == HT_OK && i < tag->count; i++)
        err = add_list(text, 'v', tag->values[i].p, tag->values[i].n, 1);
    return err;
}

static enum ht_err make_key(ht_hash32 *key, const struct ht_filter *filter) {
    struct ht_buf text;
    enum ht_err err = HT_OK;
    ht_buf_init(&text, KEY_BYTES_MAX);
    if (filter->has_authors)
        err = add_list(&text, 'a', filter->authors, filter->author_count, sizeof(ht_hash32));
    if (err == HT_OK && filter->has_kinds)
        err = add_list(&text, 'k', filter->kinds, filter->kind_count, sizeof *filter->kinds);
    for (size_t i = 0; err == HT_OK && i < filter->tag_count; i++)
        err = add_tag(&text, &filter->tags[i]);
    if (err == HT_OK) ht_sha256(key, ht_buf_view(&text));
    ht_buf_fini(&text);
    return err;
}

enum ht_err ht_neg_filter_key(ht_hash32 *key, struct ht_filter *out, struct ht_arena *arena,
                              const struct ht_filter *filter, struct ht_why *why) {
    struct ht_filter made = {.since = INT64_MIN, .until = INT64_MAX};

    made.has_authors = filter->has_authors;
    made.author_count = filter->author_count;
    bool is_made = copy(&made.authors, arena, filter->authors, filter->author_count,
                        sizeof *filter->authors) &&
                   copy_kinds(&made, arena, filter) && copy_tags(&made, arena, filter);
    bool is_for_tree = !filter->has_ids && filter->search.n == 0;
    if (is_made && (!is_for_tree || ht_filter_is_empty(&made)))
        return ht_fail(why, HT_EINPUT, "neg_filter", "no tree is kept for such a filter");
    if (!is_made || make_key(key, &made) != HT_OK)
        return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a filter");
    *out = made;
    return HT_OK;
}
