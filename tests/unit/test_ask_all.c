/* Answers of several questions put together. */
#include "tests/unit/owner_world.h"

#include "social/links/ask_all.h"

static json_t *read_json(const char *text) {
    char copy[1024];
    (void)snprintf(copy, sizeof copy, "%s", text);
    for (char *c = copy; *c != '\0'; c++) *c = *c == '\'' ? '"' : *c;
    json_t *value = json_loads(copy, 0, NULL);
    assert_non_null(value);
    return value;
}

static void expect_merged(const char *a, const char *b, const char *want) {
    json_t *one = a != NULL ? read_json(a) : NULL, *two = read_json(b);
    json_t *whole = ht_ask_merge(one, two);
    assert_string_equal(owner_text(whole), want);
    json_decref(one);
    json_decref(two);
    json_decref(whole);
}

#define RELAY(url, state, ms, count) \
    "{'url':'" url "','state':'" state "','ms':" ms ",'count':" count "}"

static void a_relay_counts_once_with_all_that_it_gave(void **state) {
    (void)state;
    expect_merged("{'relays':[" RELAY("wss://a", "answered", "30", "2") "]}",
                  "{'relays':[" RELAY("wss://a", "none", "20", "0") "," RELAY("wss://b", "answered",
                                                                              "5", "1") "]}",
                  "{'asked':2,'answered':2,'relays':[" RELAY("wss://a", "answered", "30",
                                                             "2") "," RELAY("wss://b", "answered",
                                                                            "5", "1") "]}");
}

static void who_did_not_answer_everything_has_not_answered(void **state) {
    (void)state;
    expect_merged(
        "{'relays':[" RELAY("wss://a", "answered", "30", "2") "]}",
        "{'relays':[" RELAY("wss://a", "no_answer", "8000", "0") "]}",
        "{'asked':1,'answered':0,'relays':[" RELAY("wss://a", "no_answer", "8000", "2") "]}");
    expect_merged("{'relays':[" RELAY("wss://a", "auth", "1", "0") "]}",
                  "{'relays':[" RELAY("wss://a", "no_answer", "8000", "0") "]}",
                  "{'asked':1,'answered':0,'relays':[" RELAY("wss://a", "auth", "8000", "0") "]}");
}

static void nothing_and_something_is_something(void **state) {
    (void)state;
    expect_merged(NULL, "{'relays':[" RELAY("wss://a", "none", "3", "0") "]}",
                  "{'asked':1,'answered':1,'relays':[" RELAY("wss://a", "none", "3", "0") "]}");
    expect_merged(NULL, "{'relays':[]}", "{'asked':0,'answered':0,'relays':[]}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_relay_counts_once_with_all_that_it_gave),
        cmocka_unit_test(who_did_not_answer_everything_has_not_answered),
        cmocka_unit_test(nothing_and_something_is_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
