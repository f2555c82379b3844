/* Filters of logs: what is read, what is refused, and that a bloom never hides a match. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "node/l1/execution/log_filter.h"

#define A "\"0x1000000000000000000000000000000000000000\""
#define B "\"0x2000000000000000000000000000000000000000\""
#define ZEROS "00000000000000000000000000000000000000000000000000000000000000"
#define T1 "\"0x01" ZEROS "\""
#define T2 "\"0x02" ZEROS "\""
#define T3 "\"0x03" ZEROS "\""

/* From address A, topics 1 and 2. */
static const struct ht_log LOG = {.address = {{0x10}}, .topic_count = 2, .topics = {{{1}}, {{2}}}};

static json_t *parse(const char *text) {
    json_t *value = NULL;
    assert_int_equal(ht_json_parse(&value, ht_bytes_str(text), 1 << 20, NULL), HT_OK);
    return value;
}

static void bloom_of(uint8_t bloom[static HT_BLOOM_SIZE], const struct ht_log *log) {
    struct ht_receipt receipt = {.logs = log, .log_count = 1};
    ht_receipt_bloom(bloom, &receipt);
}

static struct ht_log_filter filter_of(const char *text) {
    struct ht_log_filter filter = {.address_count = 0};
    struct ht_why why = {.code = "ok"};
    json_t *object = parse(text);
    if (ht_log_filter_read(&filter, object, &why) != HT_OK) {
        fail_msg("%s: %s: %s", text, why.code, why.text);
    }
    json_decref(object);
    return filter;
}

static void refuses_json(const json_t *object, enum ht_err err, const char *code) {
    struct ht_log_filter filter = {.address_count = 77};
    struct ht_why why = {.code = "accepted"};
    enum ht_err got = ht_log_filter_read(&filter, object, &why);
    if (got != err || strcmp(why.code, code) != 0) {
        fail_msg("expected %s, got %s %s: %s", code, ht_err_name(got), why.code, why.text);
    }
    assert_int_equal(filter.address_count, 77);
}

static void refuses(const char *text, enum ht_err err, const char *code) {
    json_t *object = parse(text);
    refuses_json(object, err, code);
    json_decref(object);
}

static bool matches(const char *text) {
    uint8_t bloom[HT_BLOOM_SIZE];
    struct ht_log_filter filter = filter_of(text);
    struct ht_log_filter copy;
    assert_int_equal(ht_log_filter_copy(&copy, &filter), HT_OK);
    bool is_match = ht_log_filter_matches(&filter, &LOG);
    ht_log_filter_fini(&filter);
    assert_int_equal(ht_log_filter_matches(&copy, &LOG), is_match);
    bloom_of(bloom, &LOG);
    if (is_match) assert_true(ht_log_filter_may_match(&copy, bloom));
    ht_log_filter_fini(&copy);
    return is_match;
}

static bool may_match(const char *text) {
    uint8_t bloom[HT_BLOOM_SIZE];
    struct ht_log_filter filter = filter_of(text);
    bloom_of(bloom, &LOG);
    bool answer = ht_log_filter_may_match(&filter, bloom);
    ht_log_filter_fini(&filter);
    return answer;
}

static void filter_that_asks_for_nothing_takes_anything(void **state) {
    (void)state;
    static const char *const ALL[] = {
        "{}",
        "{\"address\":null,\"topics\":null}",
        "{\"address\":[],\"topics\":[]}",
        "{\"topics\":[null]}",
        "{\"topics\":[[],null]}",
        "{\"fromBlock\":\"0x1\",\"toBlock\":\"latest\"}",
    };
    for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++) assert_true(matches(ALL[i]));
}

static void address_is_one_of_those_given(void **state) {
    (void)state;
    assert_true(matches("{\"address\":" A "}"));
    assert_true(matches("{\"address\":[" A "]}"));
    assert_true(matches("{\"address\":[" B "," A "]}"));
    assert_false(matches("{\"address\":" B "}"));
    assert_false(matches("{\"address\":[" B "]}"));
}

static void topics_are_wanted_at_their_place(void **state) {
    (void)state;
    assert_true(matches("{\"topics\":[" T1 "]}"));
    assert_true(matches("{\"topics\":[" T1 "," T2 "]}"));
    assert_true(matches("{\"topics\":[null," T2 "]}"));
    assert_true(matches("{\"topics\":[[" T3 "," T1 "],[" T2 "]]}"));
    assert_true(matches("{\"address\":" A ",\"topics\":[[],[" T2 "," T3 "]]}"));
    assert_false(matches("{\"topics\":[" T2 "]}"));
    assert_false(matches("{\"topics\":[" T1 "," T1 "]}"));
    assert_false(matches("{\"topics\":[null," T1 "]}"));
    assert_false(matches("{\"address\":" B ",\"topics\":[" T1 "]}"));
}

static void log_must_have_as_many_topics_as_there_are_places(void **state) {
    (void)state;
    assert_true(matches("{\"topics\":[null,null]}"));
    assert_false(matches("{\"topics\":[null,null,null]}"));
    assert_false(matches("{\"topics\":[" T1 "," T2 ",[]]}"));
}

static void bloom_without_a_value_rules_the_block_out(void **state) {
    (void)state;
    assert_true(may_match("{\"address\":[" B "," A "],\"topics\":[[" T3 "," T1 "]]}"));
    assert_false(may_match("{\"address\":[" B "]}"));
    assert_false(may_match("{\"address\":" A ",\"topics\":[[" T3 "]]}"));
    assert_false(may_match("{\"topics\":[null," T3 "]}"));
    /* Blooms know no places. */
    assert_true(may_match("{\"topics\":[" T2 "," T1 "]}"));
    assert_true(may_match("{\"topics\":[null,null,null]}"));
}

static void empty_bloom_may_hold_only_what_asks_for_nothing(void **state) {
    (void)state;
    const uint8_t bloom[HT_BLOOM_SIZE] = {0};
    struct ht_log_filter filter = filter_of("{\"address\":" A "}");
    assert_false(ht_log_filter_may_match(&filter, bloom));
    ht_log_filter_fini(&filter);
    assert_true(ht_log_filter_may_match(&filter, bloom));
}

static void filter_that_is_none_is_refused(void **state) {
    (void)state;
    refuses("[]", HT_EINPUT, "json_type");
    refuses_json(NULL, HT_EINPUT, "json_type");
    refuses("{\"address\":1}", HT_EINPUT, "json_type");
    refuses("{\"address\":{}}", HT_EINPUT, "json_type");
    refuses("{\"address\":[" A ",null]}", HT_EINPUT, "json_type");
    refuses("{\"address\":\"0x10\"}", HT_EINPUT, "json_value");
    refuses("{\"address\":" T1 "}", HT_EINPUT, "json_value");
    refuses("{\"topics\":" T1 "}", HT_EINPUT, "json_type");
    refuses("{\"topics\":[" A "]}", HT_EINPUT, "json_value");
    refuses("{\"topics\":[[[" T1 "]]]}", HT_EINPUT, "json_type");
    refuses("{\"topics\":[[" T1 ",null]]}", HT_EINPUT, "json_type");
    refuses("{\"topics\":[" T1 ",7]}", HT_EINPUT, "json_type");
    refuses("{\"topics\":[null,null,null,null,null]}", HT_EINPUT, "filter_topics");
}

static void more_values_than_allowed_are_refused(void **state) {
    (void)state;
    json_t *many = json_array();
    json_t *object = json_object();
    for (size_t i = 0; i < HT_LOG_FILTER_VALUES_MAX; i++) {
        char text[43];
        (void)snprintf(text, sizeof text, "0x%040zx", i);
        (void)json_array_append_new(many, json_string(text));
    }
    (void)json_object_set(object, "address", many);
    struct ht_log_filter filter;
    assert_int_equal(ht_log_filter_read(&filter, object, NULL), HT_OK);
    assert_int_equal(filter.address_count, HT_LOG_FILTER_VALUES_MAX);
    assert_int_equal(filter.addresses[HT_LOG_FILTER_VALUES_MAX - 1].b[18], 3);
    ht_log_filter_fini(&filter);
    (void)json_array_append_new(many, json_null());
    refuses_json(object, HT_ELIMIT, "filter_too_wide");
    (void)json_object_del(object, "address");
    (void)json_object_set_new(object, "topics", json_pack("[nO]", many));
    refuses_json(object, HT_ELIMIT, "filter_too_wide");
    json_decref(object);
    json_decref(many);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter_that_asks_for_nothing_takes_anything),
        cmocka_unit_test(address_is_one_of_those_given),
        cmocka_unit_test(topics_are_wanted_at_their_place),
        cmocka_unit_test(log_must_have_as_many_topics_as_there_are_places),
        cmocka_unit_test(bloom_without_a_value_rules_the_block_out),
        cmocka_unit_test(empty_bloom_may_hold_only_what_asks_for_nothing),
        cmocka_unit_test(filter_that_is_none_is_refused),
        cmocka_unit_test(more_values_than_allowed_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
