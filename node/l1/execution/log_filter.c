/* Filters: read once, with the bloom bits of every value, then asked about many blocks. */
#include "node/l1/execution/log_filter.h"

#include <stdlib.h>

#include "node/l1/execution/rpc_json.h"

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a filter");
}

/* Room for count values and their bloom bits; nothing for none. */
static bool make_room(void **values, struct ht_bloom_bits **bits, size_t count, size_t size) {
    if (count == 0) return true;
    *values = calloc(count, size);
    *bits = calloc(count, sizeof **bits);
    return *values != NULL && *bits != NULL;
}

/* --- reading ----------------------------------------------------------------------------------*/

/* One value, or a list of them. */
struct values {
    const json_t *json;
    bool is_list;
    size_t count;
};

static enum ht_err look_at(struct values *out, const json_t *json, const char *what,
                           struct ht_why *why) {
    *out = (struct values){.json = json, .is_list = json_is_array(json)};
    if (json != NULL && !json_is_null(json)) out->count = 1;
    if (out->is_list) out->count = json_array_size(json);
    if (out->count <= HT_LOG_FILTER_VALUES_MAX) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "filter_too_wide", "%zu values in %s, at most %u", out->count,
                   what, HT_LOG_FILTER_VALUES_MAX);
}

static const json_t *value_at(const struct values *values, size_t i) {
    return values->is_list ? json_array_get(values->json, i) : values->json;
}

static enum ht_err read_addresses(struct ht_log_filter *out, const json_t *object,
                                  struct ht_why *why) {
    struct values from;
    void *room = NULL;
    enum ht_err err = look_at(&from, ht_json_member(object, "address"), "address", why);
    if (err != HT_OK) return err;
    bool has_room = make_room(&room, &out->address_bits, from.count, sizeof *out->addresses);
    out->addresses = room;
    if (!has_room) return no_memory(why);
    for (size_t i = 0; i < from.count && err == HT_OK; i++) {
        ht_addr20 *address = &out->addresses[i];
        err = ht_json_hex(address->b, sizeof address->b, value_at(&from, i), "", why);
        if (err != HT_OK) ht_why_context(why, "address %zu", i);
        if (err == HT_OK) ht_bloom_bits_of_address(&out->address_bits[i], address);
    }
    out->address_count = from.count;
    return err;
}

static enum ht_err read_position(struct ht_log_filter *out, size_t at, const json_t *json,
                                 struct ht_why *why) {
    struct values from;
    void *room = NULL;
    enum ht_err err = look_at(&from, json, "one place of topics", why);
    if (err != HT_OK) return err;
    bool has_room =
        make_room(&room, &out->topics[at].bits, from.count, sizeof *out->topics[at].values);
    out->topics[at].values = room;
    if (!has_room) return no_memory(why);
    for (size_t i = 0; i < from.count && err == HT_OK; i++) {
        ht_hash32 *topic = &out->topics[at].values[i];
        err = ht_json_hex(topic->b, sizeof topic->b, value_at(&from, i), "", why);
        if (err != HT_OK) ht_why_context(why, "topics[%zu], %zu", at, i);
        if (err == HT_OK) ht_bloom_bits_of_topic(&out->topics[at].bits[i], topic);
    }
    out->topics[at].count = from.count;
    return err;
}

static enum ht_err read_topics(struct ht_log_filter *out, const json_t *object,
                               struct ht_why *why) {
    const json_t *array = NULL;
    if (!ht_rpc_has(object, "topics")) return HT_OK;
    enum ht_err err = ht_json_array(&array, object, "topics", why);
    if (err != HT_OK) return err;
    const size_t count = json_array_size(array);
    if (count > HT_LOG_TOPICS_MAX) {
        return ht_fail(why, HT_EINPUT, "filter_topics",
                       "%zu places of topics, a log has at most %u", count, HT_LOG_TOPICS_MAX);
    }
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = read_position(out, i, json_array_get(array, i), why);
    }
    out->topic_positions = count;
    return err;
}

enum ht_err ht_log_filter_read(struct ht_log_filter *out, const json_t *object,
                               struct ht_why *why) {
    struct ht_log_filter filter = {.address_count = 0};
    if (!json_is_object(object)) {
        return ht_fail(why, HT_EINPUT, "json_type", "the filter is not an object");
    }
    enum ht_err err = read_addresses(&filter, object, why);
    if (err == HT_OK) err = read_topics(&filter, object, why);
    if (err == HT_OK) {
        *out = filter;
    } else {
        ht_log_filter_fini(&filter);
    }
    return err;
}

/* --- copying ----------------------------------------------------------------------------------*/

static bool copy_values(void **values, struct ht_bloom_bits **bits, const void *from,
                        const struct ht_bloom_bits *from_bits, size_t count, size_t size) {
    if (!make_room(values, bits, count, size)) return false;
    if (count == 0) return true;
    memcpy(*values, from, count * size);
    memcpy(*bits, from_bits, count * sizeof **bits);
    return true;
}

enum ht_err ht_log_filter_copy(struct ht_log_filter *out, const struct ht_log_filter *filter) {
    struct ht_log_filter copy = {.topic_positions = filter->topic_positions};
    void *room = NULL;
    bool is_done = copy_values(&room, &copy.address_bits, filter->addresses, filter->address_bits,
                               filter->address_count, sizeof *copy.addresses);
    copy.addresses = room;
    copy.address_count = filter->address_count;
    for (size_t i = 0; i < HT_LOG_TOPICS_MAX && is_done; i++) {
        room = NULL;
        is_done = copy_values(&room, &copy.topics[i].bits, filter->topics[i].values,
                              filter->topics[i].bits, filter->topics[i].count,
                              sizeof *copy.topics[i].values);
        copy.topics[i].values = room;
        copy.topics[i].count = filter->topics[i].count;
    }
    if (is_done) {
        *out = copy;
    } else {
        ht_log_filter_fini(&copy);
    }
    return is_done ? HT_OK : HT_ENOMEM;
}

void ht_log_filter_fini(struct ht_log_filter *filter) {
    free(filter->addresses);
    free(filter->address_bits);
    for (size_t i = 0; i < HT_LOG_TOPICS_MAX; i++) {
        free(filter->topics[i].values);
        free(filter->topics[i].bits);
    }
    *filter = (struct ht_log_filter){.address_count = 0};
}

/* --- asking -----------------------------------------------------------------------------------*/

static bool bloom_has_any(const uint8_t bloom[static HT_BLOOM_SIZE],
                          const struct ht_bloom_bits *bits, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (ht_bloom_has(bloom, &bits[i])) return true;
    }
    return count == 0;
}

bool ht_log_filter_may_match(const struct ht_log_filter *filter,
                             const uint8_t bloom[static HT_BLOOM_SIZE]) {
    bool may_match = bloom_has_any(bloom, filter->address_bits, filter->address_count);
    for (size_t i = 0; i < filter->topic_positions && may_match; i++) {
        may_match = bloom_has_any(bloom, filter->topics[i].bits, filter->topics[i].count);
    }
    return may_match;
}

static bool is_one_of(const void *value, const void *values, size_t count, size_t size) {
    for (size_t i = 0; i < count; i++) {
        if (memcmp(value, (const uint8_t *)values + i * size, size) == 0) return true;
    }
    return count == 0;
}

bool ht_log_filter_matches(const struct ht_log_filter *filter, const struct ht_log *log) {
    if (log->topic_count < filter->topic_positions) return false;
    bool matches = is_one_of(&log->address, filter->addresses, filter->address_count,
                             sizeof *filter->addresses);
    for (size_t i = 0; i < filter->topic_positions && matches; i++) {
        matches = is_one_of(&log->topics[i], filter->topics[i].values, filter->topics[i].count,
                            sizeof *filter->topics[i].values);
    }
    return matches;
}
