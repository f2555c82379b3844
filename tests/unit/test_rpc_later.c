/* JSON-RPC dispatch: methods that answer later, and exchanges that wait, end or are given up. */
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
static struct ht_rpc_call *calls[HT_RPC_BATCH_MAX];
static size_t call_count;
static int replies;
static enum ht_err last_err;
static char last_text[20000];
static struct ht_rpc_asker asker;

static void later(void *self, struct ht_rpc_call *call, const json_t *params) {
    (void)self;
    (void)params;
    calls[call_count++] = call;
}

static const char *origin_of_late(void) {
    return ht_rpc_call_origin(calls[0]);
}

static void finish_now(void *self, struct ht_rpc_call *call, const json_t *params) {
    (void)self;
    ht_rpc_finish(call, json_pack("{s:O}", "params", params));
}

static void refuse_now(void *self, struct ht_rpc_call *call, const json_t *params) {
    (void)self;
    (void)params;
    struct ht_why why;
    enum ht_err err = ht_fail(&why, HT_ESTALE, "the_code", "the text");
    ht_rpc_refuse(call, err, &why);
}

static enum ht_err at_once(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    (void)self;
    (void)params;
    (void)why;
    *result = json_pack("{s:i}", "now", 1);
    return HT_OK;
}

static enum ht_err list(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    (void)self;
    (void)params;
    (void)why;
    *result = json_array();
    return HT_OK;
}

static const struct ht_rpc_method methods[] = {
    {.name = "t.later", .start = later},
    {.name = "t.finish", .start = finish_now},
    {.name = "t.refuse", .start = refuse_now},
    {.name = "t.now", .fn = at_once},
    {.name = "t.list", .fn = list},
    {.name = "t.patient", .start = later, .is_patient = true},
};

static void on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    assert_ptr_equal(user, &replies);
    replies++;
    last_err = err;
    assert_true(text->n < sizeof last_text);
    if (text->n > 0) memcpy(last_text, text->p, text->n);
    last_text[text->n] = '\0';
}

static int set_up_as(enum ht_rpc_dialect dialect) {
    ht_log_set_level(HT_LOG_ERROR);
    call_count = 0;
    replies = 0;
    last_text[0] = '\0';
    asker = (struct ht_rpc_asker){.may_wait = true, .on_reply = on_reply, .user = &replies};
    return ht_rpc_new(&rpc, dialect) != HT_OK || ht_rpc_add_methods(rpc, methods, 6, NULL) != HT_OK;
}

static int set_up(void **state) {
    (void)state;
    return set_up_as(HT_RPC_OWN);
}

static int set_up_ethereum(void **state) {
    (void)state;
    return set_up_as(HT_RPC_ETHEREUM);
}

static int tear_down(void **state) {
    (void)state;
    ht_rpc_free(rpc);
    return 0;
}

static struct ht_rpc_exchange *send_text(const char *message) {
    return ht_rpc_handle(rpc, &asker, ht_bytes_str(message));
}

static json_t *number(int n) {
    return json_pack("{s:i}", "n", n);
}

#define CALL(id, name) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" name "\"}"
#define NOTE(name) "{\"jsonrpc\":\"2.0\",\"method\":\"" name "\"}"
#define RESULT(id, value) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":" value "}"

static void a_late_answer_is_told_once_and_ends_the_exchange(void **state) {
    (void)state;
    assert_non_null(send_text(CALL("7", "t.later")));
    assert_int_equal(replies, 0);
    ht_rpc_finish(calls[0], number(1));
    assert_int_equal(replies, 1);
    assert_string_equal(last_text, RESULT("7", "{\"n\":1}"));
}

static void an_exchange_is_patient_while_a_patient_method_works(void **state) {
    (void)state;
    struct ht_rpc_exchange *x = send_text(CALL("1", "t.later"));
    assert_false(ht_rpc_is_patient(x));
    ht_rpc_finish(calls[0], number(1));
    call_count = 0;
    x = send_text("[" CALL("1", "t.later") "," CALL("2", "t.patient") "]");
    assert_true(ht_rpc_is_patient(x));
    ht_rpc_finish(calls[1], number(2));
    assert_false(ht_rpc_is_patient(x));
    ht_rpc_finish(calls[0], number(1));
}

static void a_call_keeps_a_copy_of_its_askers_origin(void **state) {
    (void)state;
    char origin[] = "https://app.example";
    asker.origin = origin;
    assert_non_null(send_text(CALL("1", "t.later")));
    memset(origin, 'x', sizeof origin - 1);
    assert_string_equal(origin_of_late(), "https://app.example");
    ht_rpc_finish(calls[0], number(1));
}

static void the_owner_a_program_and_a_page_are_told_apart(void **state) {
    (void)state;
    asker.origin = "";
    assert_non_null(send_text(CALL("1", "t.later")));
    assert_string_equal(origin_of_late(), "");
    ht_rpc_finish(calls[0], number(1));
    call_count = 0;
    asker.origin = NULL;
    assert_non_null(send_text(CALL("1", "t.later")));
    assert_null(origin_of_late());
    ht_rpc_finish(calls[0], number(1));
}

static void a_call_that_was_given_up_is_still_its_origins(void **state) {
    (void)state;
    asker.origin = "https://app.example";
    ht_rpc_abandon(send_text(CALL("1", "t.later")));
    assert_string_equal(origin_of_late(), "https://app.example");
    ht_rpc_finish(calls[0], number(1));
    assert_int_equal(replies, 0);
}

static void a_method_may_end_its_call_before_it_returns(void **state) {
    (void)state;
    assert_null(send_text(CALL("1", "t.finish")));
    assert_string_equal(last_text, RESULT("1", "{\"params\":{}}"));
    assert_null(send_text(CALL("2", "t.refuse")));
    assert_non_null(strstr(last_text,
                           "\"id\":2,\"error\":{\"code\":-32002,\"message\":\"the text\","
                           "\"data\":{\"code\":\"the_code\",\"kind\":\"stale\"}}"));
    assert_int_equal(replies, 2);
}

static void a_batch_is_answered_when_its_last_request_is_and_in_its_order(void **state) {
    (void)state;
    assert_non_null(send_text("[" CALL("1", "t.later") "," CALL("2", "t.now") "," CALL(
        "3", "t.later") "," NOTE("t.later") "," CALL("4", "t.none") "]"));
    assert_int_equal(call_count, 3);
    ht_rpc_finish(calls[1], number(3));
    ht_rpc_finish(calls[2], number(9));
    assert_int_equal(replies, 0);
    ht_rpc_finish(calls[0], number(1));
    assert_int_equal(replies, 1);
    static const char want[] =
        "[" RESULT("1", "{\"n\":1}") "," RESULT("2", "{\"now\":1}") "," RESULT(
            "3", "{\"n\":3}") ",{\"jsonrpc\":\"2.0\",\"id\":4,\"error\":{";
    assert_memory_equal(last_text, want, sizeof want - 1);
}

static void a_notification_ends_without_a_reply_text(void **state) {
    (void)state;
    assert_non_null(send_text(NOTE("t.later")));
    ht_rpc_refuse(calls[0], HT_ENET, NULL);
    assert_int_equal(replies, 1);
    assert_string_equal(last_text, "");
    assert_null(send_text("[" NOTE("t.finish") "]"));
    assert_int_equal(replies, 2);
    assert_string_equal(last_text, "");
}

static void replies_leave_the_room_that_was_asked_for(void **state) {
    (void)state;
    asker.room = 16;
    assert_non_null(send_text(CALL("1", "t.later")));
    ht_rpc_finish(calls[0], number(1));
    assert_string_equal(last_text + 16, RESULT("1", "{\"n\":1}"));
    assert_null(send_text(NOTE("t.now")));
    assert_string_equal(last_text, "");
}

static void exchanges_end_in_any_order(void **state) {
    (void)state;
    assert_non_null(send_text(CALL("1", "t.later")));
    assert_non_null(send_text(CALL("2", "t.later")));
    assert_non_null(send_text(CALL("3", "t.later")));
    ht_rpc_finish(calls[1], number(2));
    assert_string_equal(last_text, RESULT("2", "{\"n\":2}"));
    ht_rpc_finish(calls[2], number(3));
    assert_string_equal(last_text, RESULT("3", "{\"n\":3}"));
    ht_rpc_finish(calls[0], number(1));
    assert_string_equal(last_text, RESULT("1", "{\"n\":1}"));
    assert_int_equal(replies, 3);
}

static void an_abandoned_exchange_is_not_answered_and_late_ends_are_safe(void **state) {
    (void)state;
    struct ht_rpc_exchange *first =
        send_text("[" CALL("1", "t.later") "," CALL("2", "t.later") "," CALL("3", "t.later") "]");
    assert_non_null(send_text(CALL("4", "t.later")));
    ht_rpc_finish(calls[1], number(2));
    ht_rpc_abandon(first);
    ht_rpc_finish(calls[0], number(1));
    ht_rpc_refuse(calls[2], HT_ENET, NULL);
    assert_int_equal(replies, 0);
    ht_rpc_finish(calls[3], number(4));
    assert_string_equal(last_text, RESULT("4", "{\"n\":4}"));
}

static void an_expired_exchange_answers_timeout_for_what_is_missing(void **state) {
    (void)state;
    struct ht_rpc_exchange *x =
        send_text("[" CALL("1", "t.later") "," CALL("2", "t.later") "," NOTE("t.later") "]");
    ht_rpc_finish(calls[1], number(2));
    ht_rpc_expire(x);
    assert_int_equal(replies, 1);
    assert_non_null(
        strstr(last_text, "[{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32002,"));
    assert_non_null(strstr(last_text, "\"code\":\"timeout\""));
    assert_non_null(strstr(last_text, RESULT("2", "{\"n\":2}") "]"));
    ht_rpc_finish(calls[0], number(1));
    ht_rpc_finish(calls[2], number(3));
    assert_int_equal(replies, 1);
}

static void freeing_with_exchanges_under_way_is_safe(void **state) {
    (void)state;
    assert_non_null(send_text(CALL("1", "t.later")));
    assert_non_null(send_text("[" CALL("2", "t.later") "," CALL("3", "t.later") "]"));
    ht_rpc_free(rpc);
    rpc = NULL;
    ht_rpc_finish(calls[2], number(3));
    ht_rpc_finish(calls[0], number(1));
    ht_rpc_refuse(calls[1], HT_EBUG, NULL);
    assert_int_equal(replies, 0);
}

static void who_may_not_wait_is_refused_what_waits_and_told_the_rest(void **state) {
    (void)state;
    asker.may_wait = false;
    assert_null(send_text(CALL("1", "t.later")));
    assert_int_equal(call_count, 0);
    assert_non_null(strstr(last_text, "-32002"));
    assert_non_null(strstr(last_text, "too_many_calls"));
    assert_null(send_text(CALL("1", "t.now")));
    assert_string_equal(last_text, RESULT("1", "{\"now\":1}"));
}

static void a_late_result_that_is_no_object_is_our_mistake(void **state) {
    (void)state;
    assert_non_null(send_text(CALL("1", "t.later")));
    ht_rpc_finish(calls[0], json_array());
    assert_non_null(strstr(last_text, "bad_result"));
    assert_non_null(send_text(CALL("1", "t.later")));
    ht_rpc_finish(calls[1], NULL);
    assert_non_null(strstr(last_text, "bad_result"));
}

static void in_ethereums_dialect_results_are_any_value(void **state) {
    (void)state;
    assert_null(send_text(CALL("1", "t.list")));
    assert_string_equal(last_text, RESULT("1", "[]"));
    assert_non_null(send_text(CALL("1", "t.later")));
    ht_rpc_finish(calls[0], json_null());
    assert_string_equal(last_text, RESULT("1", "null"));
    assert_non_null(send_text(CALL("1", "t.later")));
    ht_rpc_finish(calls[1], NULL);
    assert_non_null(strstr(last_text, "bad_result"));
}

static void in_ethereums_dialect_there_are_no_topics(void **state) {
    (void)state;
    assert_null(send_text(CALL("1", "node.subscribe")));
    assert_non_null(strstr(last_text, "-32601"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_ETHEREUM(name) cmocka_unit_test_setup_teardown(name, set_up_ethereum, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_late_answer_is_told_once_and_ends_the_exchange),
        TEST(an_exchange_is_patient_while_a_patient_method_works),
        TEST(a_call_keeps_a_copy_of_its_askers_origin),
        TEST(the_owner_a_program_and_a_page_are_told_apart),
        TEST(a_call_that_was_given_up_is_still_its_origins),
        TEST(a_method_may_end_its_call_before_it_returns),
        TEST(a_batch_is_answered_when_its_last_request_is_and_in_its_order),
        TEST(a_notification_ends_without_a_reply_text),
        TEST(replies_leave_the_room_that_was_asked_for),
        TEST(exchanges_end_in_any_order),
        TEST(an_abandoned_exchange_is_not_answered_and_late_ends_are_safe),
        TEST(an_expired_exchange_answers_timeout_for_what_is_missing),
        TEST(freeing_with_exchanges_under_way_is_safe),
        TEST(who_may_not_wait_is_refused_what_waits_and_told_the_rest),
        TEST(a_late_result_that_is_no_object_is_our_mistake),
        TEST_ETHEREUM(in_ethereums_dialect_results_are_any_value),
        TEST_ETHEREUM(in_ethereums_dialect_there_are_no_topics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
