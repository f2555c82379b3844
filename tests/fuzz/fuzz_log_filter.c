/* Filters of logs from any bytes that are JSON.
 *
 * What is read keeps its bounds; a copy answers as the original; a log that matches is in a bloom
 * that may match; and the answer is what looking at every value one by one says. */
#include <stdlib.h>

#include "node/l1/execution/log_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static bool has_address(const struct ht_log_filter *filter, const struct ht_log *log) {
    for (size_t i = 0; i < filter->address_count; i++) {
        if (memcmp(&filter->addresses[i], &log->address, sizeof log->address) == 0) return true;
    }
    return filter->address_count == 0;
}

static bool has_topic(const struct ht_log_filter *filter, size_t at, const struct ht_log *log) {
    if (at >= log->topic_count) return false;
    for (size_t i = 0; i < filter->topics[at].count; i++) {
        if (ht_hash32_equal(&filter->topics[at].values[i], &log->topics[at])) return true;
    }
    return filter->topics[at].count == 0;
}

/* A log of the first value of each set; of any value where the set is empty. */
static struct ht_log log_that_matches(const struct ht_log_filter *filter) {
    struct ht_log log = {.address = {{9}}, .topic_count = filter->topic_positions};
    if (filter->address_count > 0) log.address = filter->addresses[0];
    for (size_t i = 0; i < log.topic_count; i++) {
        log.topics[i] = (ht_hash32){{3}};
        if (filter->topics[i].count > 0) log.topics[i] = filter->topics[i].values[0];
    }
    return log;
}

static void judge_log(const struct ht_log_filter *filter, const struct ht_log_filter *copy,
                      const struct ht_log *log) {
    const struct ht_receipt receipt = {.logs = log, .log_count = 1};
    uint8_t bloom[HT_BLOOM_SIZE];
    bool expected = has_address(filter, log);
    for (size_t i = 0; i < filter->topic_positions; i++) {
        expected = expected && has_topic(filter, i, log);
    }
    ht_receipt_bloom(bloom, &receipt);
    bool is_match = ht_log_filter_matches(filter, log);
    bool may_match = ht_log_filter_may_match(filter, bloom);
    must(is_match == expected && (may_match || !is_match));
    must(ht_log_filter_matches(copy, log) == is_match);
    must(ht_log_filter_may_match(copy, bloom) == may_match);
}

static void judge(const struct ht_log_filter *filter) {
    struct ht_log_filter copy;
    struct ht_log log = log_that_matches(filter);
    must(filter->topic_positions <= HT_LOG_TOPICS_MAX);
    must(filter->address_count <= HT_LOG_FILTER_VALUES_MAX);
    for (size_t i = 0; i < HT_LOG_TOPICS_MAX; i++) {
        must(filter->topics[i].count <= HT_LOG_FILTER_VALUES_MAX);
        must(filter->topics[i].count == 0 || i < filter->topic_positions);
    }
    must(ht_log_filter_copy(&copy, filter) == HT_OK);
    must(ht_log_filter_matches(filter, &log));
    judge_log(filter, &copy, &log);
    for (size_t i = 0; i < 32; i++) {
        struct ht_log other = log;
        if (i < 20) other.address.b[i] ^= 1;
        other.topics[i % HT_LOG_TOPICS_MAX].b[i] ^= (uint8_t)(i % 3);
        judge_log(filter, &copy, &other);
    }
    while (log.topic_count > 0) {
        log.topic_count--;
        judge_log(filter, &copy, &log);
    }
    ht_log_filter_fini(&copy);
    ht_log_filter_fini(&copy); /* empty, not dangling */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    json_t *value = NULL;
    struct ht_log_filter filter;
    struct ht_why why = {.code = NULL};
    if (ht_json_parse(&value, ht_bytes_of(data, n), n, NULL) != HT_OK) return 0;
    enum ht_err err = ht_log_filter_read(&filter, value, &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK) {
        judge(&filter);
        ht_log_filter_fini(&filter);
    }
    json_decref(value);
    return 0;
}
