/* JSON-RPC dispatch: bytes in, bytes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "node/api/rpc.h"
#include "node/base/log.h"

static struct ht_rpc *rpc;
static struct ht_rpc_peer peer;
static struct ht_buf reply;
static int calls;

static enum ht_err echo(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    (void)self;
    (void)why;
    calls++;
    *result = json_pack("{s:O}", "params", params);
    return *result != NULL ? HT_OK : HT_ENOMEM;
}

static enum ht_err fail_as_told(void *self, json_t **result, const json_t *params,
                                struct ht_why *why) {
    (void)self;
    (void)result;
    enum ht_err err = (enum ht_err)json_integer_value(json_object_get(params, "err"));
    return ht_fail(why, err, "the_code", "the text");
}

static enum ht_err fail_silently(void *self, json_t **result, const json_t *params,
                                 struct ht_why *why) {
    (void)self;
    (void)result;
    (void)params;
    (void)why;
    return HT_ENET;
}

static enum ht_err answer_text(void *self, json_t **result, const json_t *params,
                               struct ht_why *why) {
    (void)self;
    (void)params;
    (void)why;
    *result = json_string("not an object");
    return HT_OK;
}

static enum ht_err answer_too_much(void *self, json_t **result, const json_t *params,
                                   struct ht_why *why) {
    (void)self;
    (void)params;
    (void)why;
    static char text[HT_RPC_REPLY_MAX + 1];
    memset(text, 'x', sizeof text - 1);
    *result = json_pack("{s:s}", "text", text);
    return HT_OK;
}

static enum ht_err cut_reason(void *self, json_t **result, const json_t *params,
                              struct ht_why *why) {
    (void)self;
    (void)result;
    (void)params;
    return ht_fail(why, HT_EINPUT, "cut", "%0198d\xc3\xa9", 0);
}

static enum ht_err get_number(void *self, json_t **value, struct ht_why *why) {
    (void)why;
    *value = json_pack("{s:i}", "n", *(const int *)self);
    return HT_OK;
}

static enum ht_err get_nothing(void *self, json_t **value, struct ht_why *why) {
    (void)self;
    (void)value;
    return ht_fail(why, HT_ENOTFOUND, "not_yet", "not known yet");
}

static const struct ht_rpc_method methods[] = {
    {.name = "t.echo", .fn = echo},
    {.name = "t.fail", .fn = fail_as_told},
    {.name = "t.silent", .fn = fail_silently},
    {.name = "t.text", .fn = answer_text},
    {.name = "t.much", .fn = answer_too_much},
    {.name = "t.cut", .fn = cut_reason},
};
static int numbers[2] = {10, 20};

static int set_up(void **state) {
    (void)state;
    ht_log_set_level(HT_LOG_ERROR);
    calls = 0;
    peer = (struct ht_rpc_peer){0};
    ht_buf_init(&reply, 4096);
    return ht_rpc_new(&rpc, HT_RPC_OWN) != HT_OK ||
           ht_rpc_add_methods(rpc, methods, 6, NULL) != HT_OK ||
           ht_rpc_add_topic(rpc, "t.a", get_number, &numbers[0]) != HT_OK ||
           ht_rpc_add_topic(rpc, "t.b", get_number, &numbers[1]) != HT_OK ||
           ht_rpc_add_topic(rpc, "t.none", get_nothing, NULL) != HT_OK;
}

static int tear_down(void **state) {
    (void)state;
    ht_buf_fini(&reply);
    ht_rpc_free(rpc);
    return 0;
}

static void on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    (void)user;
    assert_int_equal(err, HT_OK);
    ht_buf_fini(&reply);
    reply = *text;
    ht_buf_init(text, 0);
}

/* All these methods answer at once. */
static void handle(struct ht_rpc_peer *from, ht_bytes message) {
    const struct ht_rpc_asker asker = {.peer = from, .may_wait = true, .on_reply = on_reply};
    assert_null(ht_rpc_handle(rpc, &asker, message));
}

static const char *ask_bytes(ht_bytes message) {
    handle(&peer, message);
    static char text[5000];
    (void)snprintf(text, sizeof text, "%.*s", (int)reply.n, (const char *)reply.p);
    return text;
}

static const char *ask(const char *message) {
    return ask_bytes(ht_bytes_str(message));
}

static void assert_error(const char *message, int number, const char *code, const char *kind) {
    const char *text = ask(message);
    json_t *value = json_loads(text, 0, NULL);
    assert_non_null(value);
    const json_t *error = json_object_get(value, "error");
    const json_t *data = json_object_get(error, "data");
    const char *got_code = json_string_value(json_object_get(data, "code"));
    const char *got_kind = json_string_value(json_object_get(data, "kind"));
    bool is_right = got_code != NULL && got_kind != NULL && strcmp(code, got_code) == 0 &&
                    strcmp(kind, got_kind) == 0 &&
                    json_integer_value(json_object_get(error, "code")) == number &&
                    json_string_length(json_object_get(error, "message")) > 0 &&
                    json_object_get(value, "id") != NULL &&
                    json_object_get(value, "result") == NULL;
    json_decref(value);
    if (!is_right) fail_msg("want %d %s %s, got %s", number, code, kind, text);
}

#define CALL(id, rest) "{\"jsonrpc\":\"2.0\",\"id\":" id "," rest "}"

static void ids_come_back_exactly(void **state) {
    (void)state;
    static const char *const ids[] = {"1",
                                      "-1",
                                      "0",
                                      "9223372036854775807",
                                      "null",
                                      "\"\"",
                                      "\"\\u0000a\"",
                                      "\"\xe2\x82\xac\\\"\""};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        char message[256];
        char want[256];
        (void)snprintf(message, sizeof message, CALL("%s", "\"method\":\"t.a\""), ids[i]);
        (void)snprintf(want, sizeof want, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"n\":10}}",
                       ids[i]);
        assert_string_equal(ask(message), want);
    }
}

static void ids_that_cannot_come_back_exactly_are_refused(void **state) {
    (void)state;
    static const char *const ids[] = {"1.5", "1e3", "true", "[]", "{}"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        char message[256];
        (void)snprintf(message, sizeof message, CALL("%s", "\"method\":\"t.echo\""), ids[i]);
        assert_error(message, -32600, "bad_request", "malformed");
    }
    char message[512];
    (void)snprintf(message, sizeof message, CALL("\"%0129d\"", "\"method\":\"t.echo\""), 0);
    assert_error(message, -32600, "bad_request", "malformed");
    assert_int_equal(calls, 0);
}

static void what_is_no_json_is_a_parse_error(void **state) {
    (void)state;
    assert_error("", -32700, "json_syntax", "malformed");
    assert_error("{", -32700, "json_syntax", "malformed");
    assert_error("{} {}", -32700, "json_syntax", "malformed");
    assert_error("\xff", -32700, "json_syntax", "malformed");
    assert_error(CALL("1", "\"method\":\"t.echo\",\"method\":\"t.a\""), -32700,
                 "json_duplicate_key", "malformed");
    assert_int_equal(calls, 0);
}

static void depth_and_size_are_bounded(void **state) {
    (void)state;
    char deep[128];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    assert_error(deep, -32005, "json_too_deep", "over_limit");
    char *large = calloc(1, HT_RPC_REQUEST_MAX + 1);
    assert_non_null(large);
    memset(large, ' ', HT_RPC_REQUEST_MAX + 1);
    const char *text = ask_bytes(ht_bytes_of(large, HT_RPC_REQUEST_MAX + 1));
    free(large);
    assert_non_null(strstr(text, "json_too_large"));
}

static void what_is_no_request_is_refused(void **state) {
    (void)state;
    static const char *const odd[] = {
        "1",
        "\"x\"",
        "null",
        "{}",
        "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"t.echo\"}",
        "{\"id\":1,\"method\":\"t.echo\"}",
        CALL("1", "\"method\":1"),
        CALL("1", "\"method\":\"t.echo\",\"params\":1"),
        CALL("1", "\"method\":\"t.echo\",\"params\":null"),
        "[]",
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        bool is_batch = strcmp(odd[i], "[]") == 0;
        assert_error(odd[i], -32600, is_batch ? "bad_batch" : "bad_request", "malformed");
    }
    assert_int_equal(calls, 0);
}

static void an_unknown_method_is_told_apart_from_something_not_found(void **state) {
    (void)state;
    assert_error(CALL("1", "\"method\":\"t.nothing\""), -32601, "no_method", "not_found");
    assert_error(CALL("1", "\"method\":\"t.fail\",\"params\":{\"err\":3}"), -32001, "the_code",
                 "not_found");
}

static void every_kind_of_error_keeps_its_code_and_gets_a_number(void **state) {
    (void)state;
    static const struct {
        enum ht_err err;
        int number;
    } cases[] = {
        {HT_EINPUT, -32602},  {HT_EUNVERIFIED, -32010}, {HT_ENOTFOUND, -32001}, {HT_ESTALE, -32002},
        {HT_ELIMIT, -32005},  {HT_EAGAIN, -32002},      {HT_ENET, -32002},      {HT_ESTORE, -32603},
        {HT_EDENIED, -32011}, {HT_ENOMEM, -32603},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char message[256];
        (void)snprintf(message, sizeof message,
                       CALL("1", "\"method\":\"t.fail\",\"params\":{\"err\":%d}"), cases[i].err);
        assert_error(message, cases[i].number, "the_code", ht_err_name(cases[i].err));
    }
    assert_error(CALL("1", "\"method\":\"t.silent\""), -32002, "network", "network");
}

static void a_result_that_is_no_object_is_our_mistake(void **state) {
    (void)state;
    assert_error(CALL("1", "\"method\":\"t.text\""), -32603, "bad_result", "bug");
}

static void a_reply_too_large_says_so_under_its_id(void **state) {
    (void)state;
    assert_error(CALL("77", "\"method\":\"t.much\""), -32005, "reply_too_large", "over_limit");
    assert_non_null(strstr(ask(CALL("77", "\"method\":\"t.much\"")), "\"id\":77"));
    assert_error("[" CALL("77", "\"method\":\"t.much\"") "]", -32005, "reply_too_large",
                 "over_limit");
}

static void a_reason_cut_inside_a_character_still_arrives(void **state) {
    (void)state;
    assert_error(CALL("1", "\"method\":\"t.cut\""), -32602, "cut", "malformed");
}

static void params_are_what_was_sent_or_an_empty_object(void **state) {
    (void)state;
    assert_non_null(strstr(ask(CALL("1", "\"method\":\"t.echo\"")), "{\"params\":{}}"));
    assert_non_null(strstr(ask(CALL("1", "\"method\":\"t.echo\",\"params\":{\"a\":[1]}")),
                           "{\"params\":{\"a\":[1]}}"));
    assert_non_null(
        strstr(ask(CALL("1", "\"method\":\"t.echo\",\"params\":[2]")), "{\"params\":[2]}"));
}

static void notifications_are_done_and_not_answered(void **state) {
    (void)state;
    assert_string_equal(ask("{\"jsonrpc\":\"2.0\",\"method\":\"t.echo\"}"), "");
    assert_string_equal(ask("{\"jsonrpc\":\"2.0\",\"method\":\"t.nothing\"}"), "");
    assert_string_equal(ask("[{\"jsonrpc\":\"2.0\",\"method\":\"t.echo\"}]"), "");
    assert_int_equal(calls, 2);
}

static void a_batch_answers_each_that_asks(void **state) {
    (void)state;
    assert_string_equal(
        ask("[" CALL("1", "\"method\":\"t.a\"") ",{\"jsonrpc\":\"2.0\",\"method\":"
                                                "\"t.a\"}," CALL("2", "\"method\":\"t.b\"") "]"),
        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"n\":10}},"
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"n\":20}}]");
    assert_non_null(strstr(ask("[1]"), "[{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":"));
}

static void a_batch_is_bounded(void **state) {
    (void)state;
    static char batch[8000];
    for (unsigned count = 100; count <= 101; count++) {
        size_t n = 0;
        for (unsigned i = 0; i < count; i++)
            n += (size_t)snprintf(batch + n, sizeof batch - n, "%c%s", i == 0 ? '[' : ',',
                                  "{\"jsonrpc\":\"2.0\",\"method\":\"t.echo\"}");
        (void)snprintf(batch + n, sizeof batch - n, "]");
        if (count == 100) {
            assert_string_equal(ask(batch), "");
        } else {
            assert_error(batch, -32005, "bad_batch", "over_limit");
        }
    }
    assert_int_equal(calls, 100);
}

#define SUBSCRIBE(topics) \
    CALL("1", "\"method\":\"node.subscribe\",\"params\":{\"topics\":" topics "}")
#define UNSUBSCRIBE(topics) \
    CALL("1", "\"method\":\"node.unsubscribe\",\"params\":{\"topics\":" topics "}")

static void subscribing_gives_the_values_now_and_clears_what_was_due(void **state) {
    (void)state;
    peer.dirty = 3;
    assert_string_equal(ask(SUBSCRIBE("[\"t.b\",\"t.a\",\"t.b\"]")),
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"topics\":"
                        "{\"t.a\":{\"n\":10},\"t.b\":{\"n\":20}}}}");
    assert_int_equal(peer.subscribed, 3);
    assert_int_equal(peer.dirty, 0);
    peer.dirty = 3;
    assert_string_equal(ask(UNSUBSCRIBE("[\"t.a\"]")),
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
    assert_int_equal(peer.subscribed, 2);
    assert_int_equal(peer.dirty, 2);
}

static void a_subscription_that_fails_changes_nothing(void **state) {
    (void)state;
    assert_error(SUBSCRIBE("[\"t.a\",\"t.x\"]"), -32602, "unknown_topic", "malformed");
    assert_error(SUBSCRIBE("[\"t.a\",\"t.none\"]"), -32001, "not_yet", "not_found");
    assert_error(SUBSCRIBE("[]"), -32602, "bad_topics", "malformed");
    assert_error(SUBSCRIBE("\"t.a\""), -32602, "json_type", "malformed");
    assert_error(SUBSCRIBE("[1]"), -32602, "json_type", "malformed");
    assert_error(CALL("1", "\"method\":\"node.subscribe\""), -32602, "json_missing", "malformed");
    assert_int_equal(peer.subscribed, 0);
}

static void without_a_websocket_nobody_subscribes(void **state) {
    (void)state;
    handle(NULL, ht_bytes_str(SUBSCRIBE("[\"t.a\"]")));
    assert_non_null(memmem(reply.p, reply.n, "no_push", 7));
}

static void a_push_names_the_topic_and_its_value(void **state) {
    (void)state;
    unsigned topic;
    struct ht_why why;
    assert_int_equal(ht_rpc_find_topic(rpc, &topic, "t.b"), HT_OK);
    assert_int_equal(ht_rpc_push(rpc, &reply, topic, &why), HT_OK);
    static const char want[] = "{\"jsonrpc\":\"2.0\",\"method\":\"push\",\"params\":"
                               "{\"topic\":\"t.b\",\"value\":{\"n\":20}}}";
    assert_true(ht_bytes_equal(ht_buf_view(&reply), ht_bytes_str(want)));
    assert_int_equal(ht_rpc_find_topic(rpc, &topic, "t.none"), HT_OK);
    assert_int_equal(ht_rpc_push(rpc, &reply, topic, &why), HT_ENOTFOUND);
    assert_int_equal(ht_rpc_find_topic(rpc, &topic, "t.x"), HT_ENOTFOUND);
}

static void a_name_is_given_once(void **state) {
    (void)state;
    static const struct ht_rpc_method twice[] = {{.name = "t.new", .fn = echo},
                                                 {.name = "t.a", .fn = echo}};
    static const struct ht_rpc_method taken[] = {{.name = "node.subscribe", .fn = echo}};
    assert_int_equal(ht_rpc_add_methods(rpc, twice, 2, NULL), HT_EBUG);
    assert_error(CALL("1", "\"method\":\"t.new\""), -32601, "no_method", "not_found");
    assert_int_equal(ht_rpc_add_methods(rpc, taken, 1, NULL), HT_EBUG);
    assert_int_equal(ht_rpc_add_topic(rpc, "t.echo", get_number, numbers), HT_EBUG);
}

static void tables_are_bounded(void **state) {
    (void)state;
    static char names[HT_RPC_METHODS_MAX + HT_RPC_TOPICS_MAX][16];
    static struct ht_rpc_method many[HT_RPC_METHODS_MAX];
    static const struct ht_rpc_method last = {.name = "m.last", .fn = echo};
    for (unsigned i = 0; i < HT_RPC_METHODS_MAX - 6; i++) {
        (void)snprintf(names[i], sizeof names[i], "m.%u", i);
        many[i] = (struct ht_rpc_method){.name = names[i], .fn = echo};
        assert_int_equal(ht_rpc_add_methods(rpc, &many[i], 1, NULL), HT_OK);
    }
    assert_int_equal(ht_rpc_add_methods(rpc, &last, 1, NULL), HT_ELIMIT);
    for (unsigned i = 0; i < HT_RPC_TOPICS_MAX - 3; i++) {
        char *name = names[HT_RPC_METHODS_MAX + i];
        (void)snprintf(name, sizeof names[0], "t.%u", i);
        assert_int_equal(ht_rpc_add_topic(rpc, name, get_number, numbers), HT_OK);
    }
    assert_int_equal(ht_rpc_add_topic(rpc, "t.last", get_number, numbers), HT_ELIMIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(ids_come_back_exactly),
        TEST(ids_that_cannot_come_back_exactly_are_refused),
        TEST(what_is_no_json_is_a_parse_error),
        TEST(depth_and_size_are_bounded),
        TEST(what_is_no_request_is_refused),
        TEST(an_unknown_method_is_told_apart_from_something_not_found),
        TEST(every_kind_of_error_keeps_its_code_and_gets_a_number),
        TEST(a_result_that_is_no_object_is_our_mistake),
        TEST(a_reply_too_large_says_so_under_its_id),
        TEST(a_reason_cut_inside_a_character_still_arrives),
        TEST(params_are_what_was_sent_or_an_empty_object),
        TEST(notifications_are_done_and_not_answered),
        TEST(a_batch_answers_each_that_asks),
        TEST(a_batch_is_bounded),
        TEST(subscribing_gives_the_values_now_and_clears_what_was_due),
        TEST(a_subscription_that_fails_changes_nothing),
        TEST(without_a_websocket_nobody_subscribes),
        TEST(a_push_names_the_topic_and_its_value),
        TEST(a_name_is_given_once),
        TEST(tables_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
