/* Looking into the store for the owner's views. */
#include "social/feed/look.h"

#include <stdlib.h>

#include "node/codec/json.h"

static int compare_keys(const void *a, const void *b) {
    return memcmp(((const ht_hash32 *)a)->b, ((const ht_hash32 *)b)->b, 32);
}

static size_t sort_keys(ht_hash32 *keys, size_t count) {
    if (count == 0) return 0;
    qsort(keys, count, sizeof *keys, compare_keys);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++) {
        if (!ht_hash32_equal(&keys[i], &keys[kept - 1])) keys[kept++] = keys[i];
    }
    return kept;
}

/* --- queries ---------------------------------------------------------------------------------- */

struct finding {
    const struct ht_look *look;
    json_t *list; /* NULL: only counted */
    size_t max;
    bool has_failed;
};

static bool found(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                  int64_t created_at, ht_bytes json) {
    struct finding *finding = user;
    json_t *event = NULL;
    (void)id, (void)pubkey, (void)kind, (void)created_at;
    if (ht_json_parse(&event, json, HT_EVENT_SIZE_MAX, NULL) != HT_OK ||
        json_array_append_new(finding->list, event) != 0) {
        finding->has_failed = true;
    }
    return !finding->has_failed && json_array_size(finding->list) < finding->max;
}

static bool may(void *user, const ht_hash32 *pubkey, uint32_t kind, ht_bytes json) {
    const struct finding *finding = user;
    return finding->look->may(finding->look->user, pubkey, kind, json);
}

struct query {
    struct ht_filter filter;
    struct ht_filter_tag tag;
    struct ht_store_limits limits;
    ht_hash32 *ids, *authors;
};

static ht_hash32 *copy_keys(const ht_hash32 *keys, size_t count, size_t *kept) {
    ht_hash32 *copy = malloc((count + 1) * sizeof *copy);
    if (copy == NULL) return NULL;
    if (count > 0) memcpy(copy, keys, count * sizeof *copy);
    *kept = sort_keys(copy, count);
    return copy;
}

/* The lists are copied, since filters want them sorted. */
static enum ht_err begin(struct query *query, const struct ht_task *task,
                         const struct ht_look *look, struct ht_why *why) {
    *query = (struct query){
        .filter = {.has_ids = look->has_ids,
                   .has_authors = look->has_authors,
                   .has_kinds = look->kind_count > 0,
                   .has_limit = look->limit > 0,
                   .kinds = look->kinds,
                   .kind_count = look->kind_count,
                   .since = look->since != 0 ? look->since : INT64_MIN,
                   .until = look->until != 0 ? look->until : INT64_MAX,
                   .limit = look->limit,
                   .search = look->search},
        .tag = {.name = look->tag, .values = &look->tag_value, .count = 1},
        .limits = {.now_s = task->now_s, .limit_default = 500, .limit_max = 20000},
    };
    if (look->tag != 0) {
        query->filter.tags = &query->tag;
        query->filter.tag_count = 1;
    }
    query->ids = copy_keys(look->ids, look->id_count, &query->filter.id_count);
    query->authors = copy_keys(look->authors, look->author_count, &query->filter.author_count);
    query->filter.ids = query->ids;
    query->filter.authors = query->authors;
    return query->ids != NULL && query->authors != NULL ? HT_OK : ht_task_no_memory(why);
}

static void end(struct query *query) {
    free(query->ids);
    free(query->authors);
}

enum ht_err ht_look_events(json_t **out, bool *is_complete, struct ht_task *task,
                           const struct ht_look *look, struct ht_why *why) {
    struct query query;
    struct finding finding = {.look = look, .list = json_array(), .max = SIZE_MAX};
    struct ht_store_visit visit = {
        .event = found, .may = look->may != NULL ? may : NULL, .user = &finding};
    bool is_whole = false;
    enum ht_err err = begin(&query, task, look, why);
    if (err == HT_OK && finding.list == NULL) err = ht_task_no_memory(why);
    if (err == HT_OK) {
        err =
            ht_store_query(&is_whole, task->store, &query.filter, 1, &query.limits, 0, &visit, why);
    }
    if (err == HT_OK && finding.has_failed) err = ht_task_no_memory(why);
    end(&query);
    if (err != HT_OK) {
        json_decref(finding.list);
        return err;
    }
    if (is_complete != NULL) *is_complete = is_whole;
    *out = finding.list;
    return HT_OK;
}

enum ht_err ht_look_one(json_t **out, struct ht_task *task, const struct ht_look *look,
                        struct ht_why *why) {
    struct ht_look first = *look;
    json_t *list = NULL;
    first.limit = 1;
    enum ht_err err = ht_look_events(&list, NULL, task, &first, why);
    if (err != HT_OK) return err;
    *out = json_incref(json_array_get(list, 0));
    json_decref(list);
    return HT_OK;
}

enum ht_err ht_look_newest(json_t **out, struct ht_task *task, const ht_hash32 *author,
                           uint32_t kind, struct ht_why *why) {
    struct ht_look look = {
        .authors = author, .author_count = 1, .has_authors = true, .kinds = &kind, .kind_count = 1};
    return ht_look_one(out, task, &look, why);
}

enum ht_err ht_look_id(json_t **out, struct ht_task *task, const ht_hash32 *id,
                       struct ht_why *why) {
    struct ht_look look = {.ids = id, .id_count = 1, .has_ids = true};
    return ht_look_one(out, task, &look, why);
}

enum ht_err ht_look_count(uint64_t *out, struct ht_task *task, const struct ht_look *look,
                          struct ht_why *why) {
    struct query query;
    enum ht_err err = begin(&query, task, look, why);
    if (err == HT_OK) {
        err = ht_store_count(out, task->store, &query.filter, 1, &query.limits, 0, NULL, why);
    }
    end(&query);
    return err;
}

/* --- events as JSON --------------------------------------------------------------------------- */

const char *ht_look_item(const json_t *tag, size_t i) {
    return json_string_value(json_array_get(tag, i));
}

const json_t *ht_look_tag(const json_t *event, const char *name) {
    size_t i;
    json_t *tag;
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *first = ht_look_item(tag, 0);
        if (first != NULL && strcmp(first, name) == 0) return tag;
    }
    return NULL;
}

bool ht_look_has_tag(const json_t *event, const char *name, const char *value) {
    size_t i;
    json_t *tag;
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *first = ht_look_item(tag, 0), *second = ht_look_item(tag, 1);
        if (first == NULL || second == NULL) continue;
        if (strcmp(first, name) == 0 && strcmp(second, value) == 0) return true;
    }
    return false;
}

bool ht_look_hash(ht_hash32 *out, const json_t *object, const char *name) {
    const char *text = json_string_value(ht_json_member(object, name));
    return text != NULL && ht_event_hex32(out, ht_bytes_str(text));
}

enum ht_err ht_look_keys(ht_hash32 **out, size_t *count, const json_t *event, const char *tag,
                         struct ht_why *why) {
    const json_t *tags = ht_json_member(event, "tags");
    size_t max = json_array_size(tags), n = 0, i;
    if (max > HT_SOCIAL_FOLLOWS_MAX) max = HT_SOCIAL_FOLLOWS_MAX;
    ht_hash32 *keys = malloc((max + 1) * sizeof *keys);
    if (keys == NULL) return ht_task_no_memory(why);
    json_t *one;
    json_array_foreach(tags, i, one) {
        const char *name = ht_look_item(one, 0), *value = ht_look_item(one, 1);
        if (n == max || name == NULL || value == NULL || strcmp(name, tag) != 0) continue;
        if (ht_event_hex32(&keys[n], ht_bytes_str(value))) n++;
    }
    *count = sort_keys(keys, n);
    *out = keys;
    return HT_OK;
}

bool ht_look_has_key(const ht_hash32 *keys, size_t count, const ht_hash32 *key) {
    return count > 0 && bsearch(key, keys, count, sizeof *keys, compare_keys) != NULL;
}
