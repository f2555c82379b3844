/* JSON-RPC as a client: answers in any order, wrong ids, errors and what they mean. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/net/jsonrpc.h"

#define MAX_BYTES 65536U

static enum ht_err read_text(struct ht_jsonrpc_answer *answers, size_t count, const char *text,
                             struct ht_why *why) {
    return ht_jsonrpc_read(answers, count, 7, ht_bytes_str(text), MAX_BYTES, why);
}

static void expect_refused(size_t count, const char *text, const char *code) {
    struct ht_jsonrpc_answer answers[4];
    struct ht_why why = {0};
    assert_int_equal(read_text(answers, count, text, &why), HT_EINPUT);
    assert_string_equal(why.code, code);
    for (size_t i = 0; i < count; i++) assert_null(answers[i].result);
}

static void one_request_is_an_object_with_its_id(void **state) {
    (void)state;
    struct ht_buf out;
    ht_buf_init(&out, MAX_BYTES);
    json_t *params = json_pack("[s, b]", "0x1", 0);
    struct ht_jsonrpc_request request = {"eth_getBlockByNumber", params};
    assert_int_equal(ht_jsonrpc_write(&out, &request, 1, 7), HT_OK);
    const char *expected = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"eth_getBlockByNumber\","
                           "\"params\":[\"0x1\",false]}";
    assert_int_equal(out.n, strlen(expected));
    assert_memory_equal(out.p, expected, out.n);
    json_decref(params);
    ht_buf_fini(&out);
}

static void several_requests_are_a_batch_with_ids_in_order(void **state) {
    (void)state;
    struct ht_buf out;
    ht_buf_init(&out, MAX_BYTES);
    json_t *params = json_array();
    struct ht_jsonrpc_request requests[] = {{"eth_chainId", params}, {"eth_blockNumber", params}};
    assert_int_equal(ht_jsonrpc_write(&out, requests, 2, 7), HT_OK);
    const char *expected =
        "[{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"eth_chainId\",\"params\":[]},"
        "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"eth_blockNumber\",\"params\":[]}]";
    assert_int_equal(out.n, strlen(expected));
    assert_memory_equal(out.p, expected, out.n);
    json_decref(params);
    ht_buf_fini(&out);
}

static void request_past_the_buffers_maximum_is_over_the_limit(void **state) {
    (void)state;
    struct ht_buf out;
    ht_buf_init(&out, 16);
    json_t *params = json_array();
    struct ht_jsonrpc_request request = {"eth_chainId", params};
    assert_int_equal(ht_jsonrpc_write(&out, &request, 1, 7), HT_ELIMIT);
    assert_int_equal(out.n, 0);
    json_decref(params);
    ht_buf_fini(&out);
}

static void answers_of_a_batch_are_put_in_the_order_of_the_questions(void **state) {
    (void)state;
    struct ht_jsonrpc_answer answers[2];
    struct ht_why why = {0};
    assert_int_equal(read_text(answers, 2,
                               "[{\"jsonrpc\":\"2.0\",\"id\":8,\"result\":\"b\"},"
                               "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":\"a\"}]",
                               &why),
                     HT_OK);
    assert_string_equal(json_string_value(answers[0].result), "a");
    assert_string_equal(json_string_value(answers[1].result), "b");
    ht_jsonrpc_free(answers, 2);
}

static void result_null_is_an_answer(void **state) {
    (void)state;
    struct ht_jsonrpc_answer answer;
    assert_int_equal(read_text(&answer, 1, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":null}", NULL),
                     HT_OK);
    assert_int_equal(answer.refusal, HT_JSONRPC_ANSWERED);
    assert_true(json_is_null(answer.result));
    ht_jsonrpc_free(&answer, 1);
}

static void error_keeps_its_number_and_words_without_control_characters(void **state) {
    (void)state;
    struct ht_jsonrpc_answer answer;
    assert_int_equal(read_text(&answer, 1,
                               "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32000,"
                               "\"message\":\"bad\\nnews\"}}",
                               NULL),
                     HT_OK);
    assert_int_equal(answer.refusal, HT_JSONRPC_REFUSED);
    assert_int_equal(answer.code, -32000);
    assert_string_equal(answer.message, "bad?news");
    assert_null(answer.result);
}

static void one_error_without_an_id_refuses_the_whole_batch(void **state) {
    (void)state;
    struct ht_jsonrpc_answer answers[3];
    assert_int_equal(read_text(answers, 3,
                               "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,"
                               "\"message\":\"batches are not supported\"}}",
                               NULL),
                     HT_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(answers[i].code, -32600);
        assert_int_equal(answers[i].refusal, HT_JSONRPC_REFUSED);
    }
}

static void id_that_was_not_asked_is_wrong(void **state) {
    (void)state;
    expect_refused(1, "{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":1}", "rpc_wrong_id");
    expect_refused(1, "{\"jsonrpc\":\"2.0\",\"id\":\"7\",\"result\":1}", "rpc_wrong_id");
    expect_refused(1, "{\"jsonrpc\":\"2.0\",\"id\":-1,\"result\":1}", "rpc_wrong_id");
}

static void second_answer_to_one_question_is_wrong(void **state) {
    (void)state;
    expect_refused(2, "[{\"id\":7,\"result\":1},{\"id\":7,\"result\":2}]", "rpc_wrong_id");
}

static void more_answers_than_questions_are_wrong(void **state) {
    (void)state;
    expect_refused(1, "[{\"id\":7,\"result\":1},{\"id\":8,\"result\":2}]", "rpc_wrong_id");
}

static void answer_that_is_missing_is_named(void **state) {
    (void)state;
    expect_refused(2, "[{\"id\":8,\"result\":1}]", "rpc_missing_answer");
}

static void what_is_no_answer_is_malformed(void **state) {
    (void)state;
    expect_refused(1, "7", "rpc_malformed");
    expect_refused(1, "{\"id\":7}", "rpc_malformed");
    expect_refused(1, "{\"result\":1}", "rpc_malformed");
    expect_refused(1, "{\"id\":7,\"result\":1,\"error\":{\"code\":1,\"message\":\"\"}}",
                   "rpc_malformed");
    expect_refused(1, "{\"id\":7,\"error\":{\"message\":\"no number\"}}", "rpc_malformed");
    expect_refused(2, "{\"id\":7,\"result\":1}", "rpc_malformed");
    expect_refused(1, "{\"id\":7,\"result\":1", "json_syntax");
    expect_refused(1, "{\"id\":7,\"id\":8,\"result\":1}", "json_duplicate_key");
}

static void failure_in_the_middle_of_a_batch_frees_what_was_read(void **state) {
    (void)state;
    expect_refused(2, "[{\"id\":7,\"result\":[1,2,3]},{\"id\":8}]", "rpc_malformed");
}

static void errors_are_told_apart_by_what_to_do_next(void **state) {
    (void)state;
    static const struct {
        int64_t code;
        const char *message;
        enum ht_jsonrpc_refusal expected;
    } cases[] = {
        {-32601, "the method eth_getProof does not exist/is not available", HT_JSONRPC_NO_METHOD},
        {-32600, "Unsupported method: eth_getProof", HT_JSONRPC_NO_METHOD},
        {-32000, "missing trie node 1234 (path )", HT_JSONRPC_PRUNED},
        {-32000, "historical state abcd is not available", HT_JSONRPC_PRUNED},
        {-32000, "distance to target block exceeds maximum proof window", HT_JSONRPC_PRUNED},
        {-32005, "daily request limit reached", HT_JSONRPC_RATE_LIMITED},
        {429, "slow down", HT_JSONRPC_RATE_LIMITED},
        {-32005, "query returned more than 10000 results", HT_JSONRPC_TOO_MUCH},
        {-32000, "block range is too wide", HT_JSONRPC_TOO_MUCH},
        {-32000, "execution reverted", HT_JSONRPC_REFUSED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(ht_jsonrpc_classify(cases[i].code, cases[i].message), cases[i].expected);
    }
}

/* --- whose an answer is ----------------------------------------------------------------------- */

static void expect_id(const char *text, uint64_t expected) {
    uint64_t id = UINT64_MAX;
    struct ht_why why = {.text = ""};
    if (ht_jsonrpc_find_id(&id, ht_bytes_str(text), &why) != HT_OK)
        fail_msg("%s: %s", text, why.text);
    if (id != expected) fail_msg("%s: got %llu", text, (unsigned long long)id);
}

static void expect_no_id(const char *text, enum ht_err err, const char *code) {
    uint64_t id;
    struct ht_why why = {.code = ""};
    if (ht_jsonrpc_find_id(&id, ht_bytes_str(text), &why) != err) fail_msg("%s", text);
    assert_string_equal(why.code, code);
}

static void the_id_of_an_answer_is_found_wherever_it_stands(void **state) {
    (void)state;
    expect_id("{\"id\":7,\"result\":1}", 7);
    expect_id(" { \"jsonrpc\" : \"2.0\" , \"result\" : null ,\n\"id\" : 0 } ", 0);
    expect_id("{\"result\":[{\"a\":[]},{}],\"id\":9223372036854775807}", 9223372036854775807U);
    expect_id("[{\"id\":12},{\"id\":11}]", 12);
}

static void ids_within_strings_and_nested_objects_are_none(void **state) {
    (void)state;
    expect_id("{\"result\":{\"id\":1},\"id\":2}", 2);
    expect_id("{\"a\":\"\\\"id\\\":1,\",\"b\":\"}\\\\\",\"id\":3}", 3);
    expect_id("{\"ids\":1,\"i\":2,\"a\":[\"id\",4],\"id\":5}", 5);
}

static void an_answer_without_a_usable_id_says_so(void **state) {
    (void)state;
    static const char *const texts[] = {"{}",
                                        "{\"result\":{\"id\":1}}",
                                        "{\"id\":\"7\"}",
                                        "{\"id\":-1}",
                                        "{\"id\":07}",
                                        "{\"id\":1.0}",
                                        "{\"id\":9223372036854775808}",
                                        "{\"id\":[7]}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        expect_no_id(texts[i], HT_ENOTFOUND, "rpc_no_id");
    }
    expect_no_id("{\"error\":{},\"id\":null}", HT_ENOTFOUND, "rpc_null_id");
}

static void what_is_no_object_has_no_id(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",           "[]",          "7",        "\"id\":7", "{\"id\"",        "{\"id\":",
        "{\"a\":}",   "{\"a\":\"id", "{\"a\":[", "{id:7}",   "[[{\"id\":1}]]", "{\"a\":1 2}",
        "{\"a\":1,}", "{\"a\\"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        expect_no_id(texts[i], HT_EINPUT, "rpc_malformed");
    }
}

static void nesting_without_end_is_malformed(void **state) {
    (void)state;
    char text[200] = "{\"a\":";
    memset(text + 5, '[', 40);
    memset(text + 45, ']', 40);
    memcpy(text + 85, ",\"id\":1}", 9);
    expect_no_id(text, HT_EINPUT, "rpc_malformed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_request_is_an_object_with_its_id),
        cmocka_unit_test(several_requests_are_a_batch_with_ids_in_order),
        cmocka_unit_test(request_past_the_buffers_maximum_is_over_the_limit),
        cmocka_unit_test(answers_of_a_batch_are_put_in_the_order_of_the_questions),
        cmocka_unit_test(result_null_is_an_answer),
        cmocka_unit_test(error_keeps_its_number_and_words_without_control_characters),
        cmocka_unit_test(one_error_without_an_id_refuses_the_whole_batch),
        cmocka_unit_test(id_that_was_not_asked_is_wrong),
        cmocka_unit_test(second_answer_to_one_question_is_wrong),
        cmocka_unit_test(more_answers_than_questions_are_wrong),
        cmocka_unit_test(answer_that_is_missing_is_named),
        cmocka_unit_test(what_is_no_answer_is_malformed),
        cmocka_unit_test(failure_in_the_middle_of_a_batch_frees_what_was_read),
        cmocka_unit_test(errors_are_told_apart_by_what_to_do_next),
        cmocka_unit_test(the_id_of_an_answer_is_found_wherever_it_stands),
        cmocka_unit_test(ids_within_strings_and_nested_objects_are_none),
        cmocka_unit_test(an_answer_without_a_usable_id_says_so),
        cmocka_unit_test(what_is_no_object_has_no_id),
        cmocka_unit_test(nesting_without_end_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
