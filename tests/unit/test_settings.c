/* What the owner sets: what is kept, what is refused, and where it counts. */
#include "tests/unit/owner_world.h"

#include "social/settings.h"

static json_t *settings;

static int end(void **state) {
    json_decref(settings);
    settings = NULL;
    return owner_close(state);
}

static enum ht_err set(const char *params) {
    struct ht_task *task = owner_task(params);
    enum ht_err err = ht_settings_write(o.db, task->params, &o.why);
    json_decref(settings);
    settings = NULL;
    assert_int_equal(ht_settings_read(&settings, o.db, NULL), HT_OK);
    return err;
}

static void expect_refused(enum ht_err err, const char *code, const char *params) {
    if (set(params) != err || strcmp(o.why.code, code) != 0) {
        fail_msg("%s: expected %s, got %s", params, code, o.why.code);
    }
}

static void expect(const char *name, const char *text) {
    assert_string_equal(owner_text(json_object_get(settings, name)), text);
}

static void what_was_never_set_has_a_standard(void **state) {
    (void)state;
    assert_int_equal(set("{}"), HT_OK);
    expect("owner", "null");
    expect("relays", "[]");
    expect("retention", "{'days':0,'followed_days':0,'kinds':[]}");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(settings, "policy"), "write")),
        "attested");
}

static void a_part_that_is_left_out_stays(void **state) {
    (void)state;
    struct ht_store_limits limits = {.limit_max = 7};
    assert_int_equal(set("{'policy':{'author_bytes':1000}}"), HT_OK);
    assert_int_equal(set("{'policy':{'total_bytes':2000},'retention':{'days':30}}"), HT_OK);
    assert_int_equal(set("{'retention':{'kinds':[{'kind':7,'days':3}]}}"), HT_OK);
    expect("retention", "{'days':30,'followed_days':0,'kinds':[{'kind':7,'days':3}]}");
    ht_settings_limits(&limits, settings);
    assert_int_equal(limits.author_bytes, 1000);
    assert_int_equal(limits.total_bytes, 2000);
    assert_int_equal(limits.limit_max, 7);
}

static void rules_of_retention_are_read(void **state) {
    (void)state;
    struct ht_keeping keeping = {.now_s = 5};
    assert_int_equal(set("{'retention':{'days':30,'followed_days':365,"
                         "'kinds':[{'kind':7,'days':3},{'kind':1059,'days':90}]}}"),
                     HT_OK);
    ht_settings_keeping(&keeping, settings);
    assert_int_equal(keeping.days, 30);
    assert_int_equal(keeping.followed_days, 365);
    assert_int_equal(keeping.kind_count, 2);
    assert_int_equal(keeping.kinds[1].kind, 1059);
    assert_int_equal(keeping.kinds[1].days, 90);
    assert_int_equal(keeping.now_s, 5);
}

static void wrong_settings_are_refused_and_nothing_of_them_is_kept(void **state) {
    (void)state;
    expect_refused(HT_EINPUT, "bad_setting", "{'retention':7}");
    expect_refused(HT_EINPUT, "bad_setting", "{'retention':{'days':36501}}");
    expect_refused(HT_EINPUT, "json_type", "{'retention':{'days':true}}");
    expect_refused(HT_EINPUT, "bad_setting", "{'retention':{'kinds':[{'kind':65536,'days':1}]}}");
    expect_refused(HT_EINPUT, "json_missing", "{'retention':{'kinds':[{'kind':1}]}}");
    expect_refused(HT_EINPUT, "bad_setting",
                   "{'retention':{'kinds':[{'kind':1,'days':1},{'kind':1,'days':2}]}}");
    expect_refused(HT_EINPUT, "bad_rank", "{'policy':{'write':'nobody'}}");
    expect_refused(HT_EINPUT, "bad_setting", "{'policy':{'stranger_difficulty':65}}");
    expect_refused(HT_EINPUT, "bad_npub", "{'owner':'me'}");
    expect_refused(HT_EINPUT, "bad_url",
                   "{'relays':[{'url':'https://x.example','read':true,'write':true}]}");
    expect("retention", "{'days':0,'followed_days':0,'kinds':[]}");
}

static void too_many_are_refused(void **state) {
    (void)state;
    char text[4096] = "{'retention':{'kinds':[";
    for (unsigned i = 0; i <= HT_KEEPING_KINDS_MAX; i++) {
        size_t n = strlen(text);
        (void)snprintf(text + n, sizeof text - n, "%s{'kind':%u,'days':1}", i > 0 ? "," : "", i);
    }
    (void)strncat(text, "]}}", sizeof text - strlen(text) - 1);
    expect_refused(HT_ELIMIT, "too_many_kinds", text);
    (void)snprintf(text, sizeof text, "{'relays':[");
    for (unsigned i = 0; i <= HT_SETTINGS_RELAYS_MAX; i++) {
        size_t n = strlen(text);
        (void)snprintf(text + n, sizeof text - n,
                       "%s{'url':'wss://r%u.example','read':true,'write':true}", i > 0 ? "," : "",
                       i);
    }
    (void)strncat(text, "]}", sizeof text - strlen(text) - 1);
    expect_refused(HT_ELIMIT, "too_many_relays", text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, owner_open, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_never_set_has_a_standard),
        TEST(a_part_that_is_left_out_stays),
        TEST(rules_of_retention_are_read),
        TEST(wrong_settings_are_refused_and_nothing_of_them_is_kept),
        TEST(too_many_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
