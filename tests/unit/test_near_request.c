/* What peers may ask at /eth: paths, queries, Accept and bodies. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/app/near_request.h"

#define ROOT "0x1111111111111111111111111111111111111111111111111111111111111111"
#define SSZ_FIRST "application/octet-stream;q=1.0,application/json;q=0.9"

static struct ht_near_request request;
static struct ht_why why;

static enum ht_err get(const char *path, const char *query, const char *accept) {
    why = (struct ht_why){.code = ""};
    return ht_near_request_read(&request, false, ht_bytes_str(path), ht_bytes_str(query),
                                ht_bytes_str(accept), &why);
}

static void reads_a_bootstrap_by_its_block(void **state) {
    (void)state;
    assert_int_equal(get("/eth/v1/beacon/light_client/bootstrap/" ROOT, "", SSZ_FIRST), HT_OK);
    assert_int_equal(request.what, HT_NEAR_BOOTSTRAP);
    assert_int_equal(request.root.b[31], 0x11);
    assert_true(request.wants_bytes);
}

static void reads_updates_and_bounds_their_count(void **state) {
    (void)state;
    const char *path = "/eth/v1/beacon/light_client/updates";
    assert_int_equal(get(path, "start_period=7&count=500", ""), HT_OK);
    assert_int_equal(request.first_period, 7);
    assert_int_equal(request.count, 128);
    assert_false(request.wants_bytes);
}

static void refuses_updates_of_no_count(void **state) {
    (void)state;
    const char *path = "/eth/v1/beacon/light_client/updates";
    const char *const queries[] = {"",
                                   "start_period=7",
                                   "start_period=7&count=0",
                                   "start_period=-1&count=2",
                                   "start_period=1e3&count=2",
                                   "start_period=9999999999999999&count=2",
                                   "xstart_period=7&count=2"};
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        assert_int_equal(get(path, queries[i], ""), HT_EINPUT);
        assert_string_equal(why.code, "bad_query");
    }
}

static void refuses_a_root_that_is_none(void **state) {
    (void)state;
    const char *const roots[] = {"", "head", "0x11", "0x1g", (ROOT "0")};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        char path[200];
        (void)snprintf(path, sizeof path, "/eth/v1/beacon/headers/%s", roots[i]);
        assert_int_equal(get(path, "", ""), HT_EINPUT);
        assert_string_equal(why.code, "bad_root");
    }
}

static void knows_no_other_path(void **state) {
    (void)state;
    const char *const paths[] = {"/eth",
                                 "/eth/",
                                 "/eth/v1/beacon/blocks/head",
                                 "/eth/v1/beacon/genesis/",
                                 "/eth/v1/events",
                                 "/ETH/v1/beacon/genesis"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_int_equal(get(paths[i], "", ""), HT_ENOTFOUND);
        assert_string_equal(why.code, "no_such_path");
    }
}

static void takes_json_rpc_by_post_alone(void **state) {
    (void)state;
    assert_int_equal(get("/eth/execution", "", ""), HT_EINPUT);
    assert_string_equal(why.code, "bad_method");
    ht_bytes none = ht_bytes_str("");
    assert_int_equal(
        ht_near_request_read(&request, true, ht_bytes_str("/eth/execution"), none, none, &why),
        HT_OK);
    assert_int_equal(request.what, HT_NEAR_EXECUTION);
    assert_int_equal(ht_near_request_read(&request, true, ht_bytes_str("/eth/v1/beacon/genesis"),
                                          none, none, &why),
                     HT_EINPUT);
    assert_string_equal(why.code, "bad_method");
}

static void gives_bytes_only_to_who_prefers_them(void **state) {
    (void)state;
    const char *path = "/eth/receipts/" ROOT;
    const struct {
        const char *accept;
        bool wants;
    } cases[] = {
        {"", false},
        {"*/*", false},
        {"application/json", false},
        {"application/octet-stream", true},
        {"application/octet-stream;q=0.5, application/json", false},
        {"application/json;q=0.9,application/octet-stream;q=1.0", true},
        {"application/octet-stream;q=0", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(get(path, "", cases[i].accept), HT_OK);
        assert_int_equal(request.wants_bytes, cases[i].wants);
    }
}

static void only_light_client_objects_are_everybodys(void **state) {
    (void)state;
    assert_true(ht_near_is_public(HT_NEAR_BOOTSTRAP));
    assert_true(ht_near_is_public(HT_NEAR_SPEC));
    assert_false(ht_near_is_public(HT_NEAR_HEADER));
    assert_false(ht_near_is_public(HT_NEAR_RECEIPTS));
    assert_false(ht_near_is_public(HT_NEAR_EXECUTION));
}

/* --- bodies ----------------------------------------------------------------------------------- */

static struct ht_near_batch batch;

static enum ht_err read_body(const char *body) {
    why = (struct ht_why){.code = ""};
    return ht_near_batch_read(&batch, ht_bytes_str(body), &why);
}

static void reads_one_request_and_a_batch(void **state) {
    (void)state;
    assert_int_equal(
        read_body("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"eth_getCode\",\"params\":[1]}"),
        HT_OK);
    assert_false(batch.is_list);
    assert_int_equal(batch.count, 1);
    assert_string_equal(batch.requests[0].method, "eth_getCode");
    ht_near_batch_fini(&batch);
    assert_int_equal(
        read_body("[{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"a\",\"params\":[]},"
                  "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"b\",\"params\":[]}]"),
        HT_OK);
    assert_true(batch.is_list);
    assert_int_equal(batch.count, 2);
    ht_near_batch_fini(&batch);
}

static void refuses_what_is_no_request(void **state) {
    (void)state;
    const char *const bodies[] = {
        "[]",
        "{}",
        "7",
        "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"a\",\"params\":[]}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":[]}",
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"a\",\"params\":[]}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":{}}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"params\":[]}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7,\"params\":[]}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        assert_int_equal(read_body(bodies[i]), HT_EINPUT);
        assert_string_equal(why.code, "bad_request");
        assert_null(batch.json);
    }
}

static void refuses_a_batch_that_is_too_long(void **state) {
    (void)state;
    struct ht_buf body;
    ht_buf_init(&body, 65536);
    for (unsigned i = 0; i <= HT_NEAR_BATCH_MAX; i++) {
        assert_int_equal(ht_buf_add_str(&body, i == 0 ? "[" : ","), HT_OK);
        assert_int_equal(
            ht_buf_add_str(&body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":[]}"),
            HT_OK);
    }
    assert_int_equal(ht_buf_add_str(&body, "]"), HT_OK);
    assert_int_equal(ht_near_batch_read(&batch, ht_buf_view(&body), &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_large");
    ht_buf_fini(&body);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_bootstrap_by_its_block),
        cmocka_unit_test(reads_updates_and_bounds_their_count),
        cmocka_unit_test(refuses_updates_of_no_count),
        cmocka_unit_test(refuses_a_root_that_is_none),
        cmocka_unit_test(knows_no_other_path),
        cmocka_unit_test(takes_json_rpc_by_post_alone),
        cmocka_unit_test(gives_bytes_only_to_who_prefers_them),
        cmocka_unit_test(only_light_client_objects_are_everybodys),
        cmocka_unit_test(reads_one_request_and_a_batch),
        cmocka_unit_test(refuses_what_is_no_request),
        cmocka_unit_test(refuses_a_batch_that_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
