/* JSON-RPC dispatch: provenance beside results, refusals with more to them, which origin may ask
 * what, and notifications to peers that come and go. */
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
static struct ht_rpc_call *call;
static struct ht_rpc_peer peer;
static struct ht_rpc_asker asker;
static char reply[4000];
static char sent[4000];
static size_t sent_len;
static enum ht_err send_err;

static void later(void *self, struct ht_rpc_call *started, const json_t *params) {
    (void)self;
    (void)params;
    call = started;
}

static unsigned now_count;

static enum ht_err now(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    (void)self;
    (void)params;
    (void)why;
    now_count++;
    *result = json_true();
    return HT_OK;
}

static const struct ht_rpc_method methods[] = {{.name = "t_later", .start = later},
                                               {.name = "t_now", .fn = now}};

static void on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    (void)user;
    assert_int_equal(err, HT_OK);
    assert_true(text->n < sizeof reply);
    if (text->n > 0) memcpy(reply, text->p, text->n);
    reply[text->n] = '\0';
}

static enum ht_err on_send(struct ht_rpc_peer *to, struct ht_buf *text) {
    assert_ptr_equal(to, &peer);
    assert_true(text->n < sizeof sent);
    memcpy(sent, text->p, text->n);
    sent[text->n] = '\0';
    sent_len = text->n;
    ht_buf_fini(text);
    return send_err;
}

static int set_up_as(enum ht_rpc_dialect dialect) {
    ht_log_set_level(HT_LOG_ERROR);
    call = NULL;
    now_count = 0;
    reply[0] = sent[0] = '\0';
    send_err = HT_OK;
    peer = (struct ht_rpc_peer){.bytes_max = 1000, .send = on_send};
    asker = (struct ht_rpc_asker){.peer = &peer, .may_wait = true, .on_reply = on_reply};
    return ht_rpc_new(&rpc, dialect) != HT_OK || ht_rpc_add_methods(rpc, methods, 2, NULL) != HT_OK;
}

static int set_up(void **state) {
    (void)state;
    return set_up_as(HT_RPC_ETHEREUM);
}

static int set_up_own(void **state) {
    (void)state;
    return set_up_as(HT_RPC_OWN);
}

static int tear_down(void **state) {
    (void)state;
    ht_rpc_free(rpc);
    return 0;
}

static struct ht_rpc_exchange *start(const char *more) {
    char message[200] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"t_later\"";
    assert_true(strlen(message) + strlen(more) + 2 < sizeof message);
    memcpy(message + strlen(message), more, strlen(more) + 1);
    memcpy(message + strlen(message), "}", 2);
    return ht_rpc_handle(rpc, &asker, ht_bytes_str(message));
}

static json_t *proof(void) {
    return json_pack("{s:s}", "verdict", "proven");
}

#define WANTED ",\"provenance\":true"

/* --- provenance ------------------------------------------------------------------------------- */

static void provenance_stands_beside_the_result_when_it_is_asked_for(void **state) {
    (void)state;
    assert_non_null(start(WANTED));
    assert_true(ht_rpc_call_wants_provenance(call));
    ht_rpc_finish_proven(call, json_string("0x1"), proof());
    assert_string_equal(reply, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\","
                               "\"provenance\":{\"verdict\":\"proven\"}}");
}

static void provenance_is_left_out_unless_it_is_asked_for(void **state) {
    (void)state;
    static const char *const others[] = {"", ",\"provenance\":false", ",\"provenance\":1",
                                         ",\"provenance\":\"true\"", ",\"provenance\":null"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_non_null(start(others[i]));
        assert_false(ht_rpc_call_wants_provenance(call));
        ht_rpc_finish_proven(call, json_string("0x1"), i % 2 == 0 ? proof() : NULL);
        assert_string_equal(reply, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\"}");
    }
}

static void a_result_without_provenance_is_told_without_it(void **state) {
    (void)state;
    assert_non_null(start(WANTED));
    ht_rpc_finish(call, json_true());
    assert_string_equal(reply, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":true}");
}

static void what_nobody_proved_says_so_unasked(void **state) {
    (void)state;
    assert_non_null(start(""));
    ht_rpc_finish_unproven(call, json_null(), json_pack("{s:s}", "verdict", "unproven"));
    assert_string_equal(reply, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null,"
                               "\"provenance\":{\"verdict\":\"unproven\"}}");
    assert_non_null(start(""));
    ht_rpc_finish_unproven(call, json_null(), NULL);
    assert_non_null(strstr(reply, "\"no_memory\""));
    assert_null(strstr(reply, "\"result\""));
}

static void the_nodes_own_dialect_has_no_provenance(void **state) {
    (void)state;
    assert_non_null(start(WANTED));
    assert_false(ht_rpc_call_wants_provenance(call));
    ht_rpc_finish_proven(call, json_object(), proof());
    assert_string_equal(reply, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
}

static void a_call_that_was_given_up_wants_nothing(void **state) {
    (void)state;
    struct ht_rpc_exchange *x = start(WANTED);
    assert_true(ht_rpc_call_is_awaited(call));
    ht_rpc_abandon(x);
    assert_false(ht_rpc_call_is_awaited(call));
    assert_false(ht_rpc_call_wants_provenance(call));
    assert_null(ht_rpc_call_peer(call));
    ht_rpc_finish_proven(call, json_true(), proof());
    assert_string_equal(reply, "");
}

/* --- refusals --------------------------------------------------------------------------------- */

static void a_refusal_may_have_its_own_number_words_and_data(void **state) {
    (void)state;
    struct ht_why why;
    (void)ht_fail(&why, HT_ENET, "the_code", "short");
    assert_non_null(start(""));
    const struct ht_rpc_refusal refusal = {.err = HT_ENET,
                                           .why = &why,
                                           .number = -32000,
                                           .message = "longer",
                                           .data = json_pack("{s:[i]}", "missing", 7)};
    ht_rpc_refuse_with(call, &refusal);
    assert_string_equal(reply, "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000,"
                               "\"message\":\"longer\",\"data\":{\"code\":\"the_code\",\"kind\":"
                               "\"network\",\"missing\":[7]}}}");
}

static void a_refusal_of_a_call_that_was_given_up_goes_nowhere(void **state) {
    (void)state;
    ht_rpc_abandon(start(""));
    const struct ht_rpc_refusal refusal = {.err = HT_ENET, .data = json_object()};
    ht_rpc_refuse_with(call, &refusal);
    assert_string_equal(reply, "");
}

/* --- admission -------------------------------------------------------------------------------- */

static char asked[200];

static enum ht_err admit(void *self, const char *origin, const char *method, struct ht_why *why) {
    assert_ptr_equal(self, &asked);
    size_t n = strlen(asked);
    (void)snprintf(asked + n, sizeof asked - n, "%s %s;", origin, method);
    if (strcmp(method, "t_later") == 0) return HT_OK;
    return ht_fail(why, HT_EDENIED, "the_code", "not %s", origin);
}

#define REQUEST(id, name) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" name "\"}"
#define PAGE "https://app.example"

static struct ht_rpc_exchange *send_from(const char *origin, const char *message) {
    asked[0] = '\0';
    reply[0] = '\0';
    call = NULL;
    asker.origin = origin;
    return ht_rpc_handle(rpc, &asker, ht_bytes_str(message));
}

static void what_a_page_may_not_ask_is_4100_with_the_reason(void **state) {
    (void)state;
    ht_rpc_set_admit(rpc, admit, &asked);
    assert_null(send_from(PAGE, REQUEST("7", "t_now")));
    assert_string_equal(reply, "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":4100,"
                               "\"message\":\"not " PAGE "\",\"data\":{\"code\":\"the_code\","
                               "\"kind\":\"denied\"}}}");
    assert_int_equal(now_count, 0);
}

static void what_a_page_may_ask_is_answered(void **state) {
    (void)state;
    ht_rpc_set_admit(rpc, admit, &asked);
    assert_non_null(send_from(PAGE, REQUEST("7", "t_later")));
    assert_string_equal(asked, PAGE " t_later;");
    assert_string_equal(ht_rpc_call_origin(call), PAGE);
    ht_rpc_finish(call, json_true());
    assert_string_equal(reply, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":true}");
}

static void each_request_of_a_batch_is_asked_for(void **state) {
    (void)state;
    ht_rpc_set_admit(rpc, admit, &asked);
    assert_non_null(send_from(PAGE, "[" REQUEST("1", "t_later") "," REQUEST(
                                        "2", "t_now") "," REQUEST("3", "t_none") "]"));
    assert_string_equal(asked, PAGE " t_later;" PAGE " t_now;" PAGE " t_none;");
    ht_rpc_finish(call, json_true());
    const char *second = strstr(reply, "\"id\":2,\"error\":{\"code\":4100,");
    assert_non_null(second);
    assert_non_null(strstr(second, "\"id\":3,\"error\":{\"code\":4100,"));
    assert_int_equal(now_count, 0);
}

static void a_notification_that_is_not_admitted_is_not_acted_upon(void **state) {
    (void)state;
    ht_rpc_set_admit(rpc, admit, &asked);
    assert_null(send_from(PAGE, "{\"jsonrpc\":\"2.0\",\"method\":\"t_now\"}"));
    assert_string_equal(asked, PAGE " t_now;");
    assert_string_equal(reply, "");
    assert_int_equal(now_count, 0);
}

static void nobody_is_asked_about_the_owner_and_programs_without_origin(void **state) {
    (void)state;
    ht_rpc_set_admit(rpc, admit, &asked);
    static const char *const own[] = {NULL, ""};
    for (size_t i = 0; i < 2; i++) {
        assert_null(send_from(own[i], REQUEST("1", "t_now")));
        assert_string_equal(asked, "");
        assert_string_equal(reply, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":true}");
    }
}

static void without_anybody_to_ask_all_origins_are_answered(void **state) {
    (void)state;
    assert_null(send_from(PAGE, REQUEST("1", "t_now")));
    assert_string_equal(reply, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":true}");
}

/* --- peers ------------------------------------------------------------------------------------ */

static unsigned gone;

static void on_gone(struct ht_rpc_watch *watch) {
    assert_null(watch->next);
    gone++;
}

static void a_method_gets_the_peer_of_its_call(void **state) {
    (void)state;
    assert_non_null(start(""));
    assert_ptr_equal(ht_rpc_call_peer(call), &peer);
    ht_rpc_finish(call, json_true());
    asker.peer = NULL;
    assert_non_null(start(""));
    assert_null(ht_rpc_call_peer(call));
    ht_rpc_finish(call, json_true());
}

static void a_notification_has_a_method_params_and_no_id(void **state) {
    (void)state;
    assert_int_equal(ht_rpc_notify(&peer, "eth_subscription", json_pack("{s:i}", "n", 1)), HT_OK);
    assert_string_equal(sent, "{\"jsonrpc\":\"2.0\",\"method\":\"eth_subscription\","
                              "\"params\":{\"n\":1}}");
}

static void a_notification_leaves_the_room_that_the_peer_wants(void **state) {
    (void)state;
    peer.room = 16;
    assert_int_equal(ht_rpc_notify(&peer, "m", json_true()), HT_OK);
    assert_int_equal(sent_len,
                     16 + strlen("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":true}"));
    assert_memory_equal(sent + 16, "{\"jsonrpc\"", 10);
}

static void what_cannot_be_sent_is_told_to_who_notifies(void **state) {
    (void)state;
    send_err = HT_ELIMIT;
    assert_int_equal(ht_rpc_notify(&peer, "m", json_true()), HT_ELIMIT);
    assert_int_equal(ht_rpc_notify(&peer, "m", NULL), HT_ENOMEM);
    peer.bytes_max = 10;
    sent[0] = '\0';
    assert_int_equal(ht_rpc_notify(&peer, "m", json_true()), HT_ELIMIT);
    peer.send = NULL;
    assert_int_equal(ht_rpc_notify(&peer, "m", json_true()), HT_EDENIED);
    assert_string_equal(sent, "");
}

static void whoever_watches_a_peer_is_told_once_when_it_is_gone(void **state) {
    (void)state;
    struct ht_rpc_watch watches[3] = {
        {.on_gone = on_gone}, {.on_gone = on_gone}, {.on_gone = NULL}};
    gone = 0;
    for (size_t i = 0; i < 3; i++) ht_rpc_watch(&peer, &watches[i]);
    ht_rpc_unwatch(&peer, &watches[2]);
    ht_rpc_unwatch(&peer, &watches[2]);
    watches[1].next = &watches[0];
    ht_rpc_unwatch(&peer, &watches[1]);
    ht_rpc_peer_gone(&peer);
    assert_int_equal(gone, 1);
    ht_rpc_peer_gone(&peer);
    assert_int_equal(gone, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(provenance_stands_beside_the_result_when_it_is_asked_for),
        TEST(provenance_is_left_out_unless_it_is_asked_for),
        TEST(a_result_without_provenance_is_told_without_it),
        TEST(what_nobody_proved_says_so_unasked),
        cmocka_unit_test_setup_teardown(the_nodes_own_dialect_has_no_provenance, set_up_own,
                                        tear_down),
        TEST(a_call_that_was_given_up_wants_nothing),
        TEST(a_refusal_may_have_its_own_number_words_and_data),
        TEST(a_refusal_of_a_call_that_was_given_up_goes_nowhere),
        TEST(what_a_page_may_not_ask_is_4100_with_the_reason),
        TEST(what_a_page_may_ask_is_answered),
        TEST(each_request_of_a_batch_is_asked_for),
        TEST(a_notification_that_is_not_admitted_is_not_acted_upon),
        TEST(nobody_is_asked_about_the_owner_and_programs_without_origin),
        TEST(without_anybody_to_ask_all_origins_are_answered),
        TEST(a_method_gets_the_peer_of_its_call),
        TEST(a_notification_has_a_method_params_and_no_id),
        TEST(a_notification_leaves_the_room_that_the_peer_wants),
        TEST(what_cannot_be_sent_is_told_to_who_notifies),
        TEST(whoever_watches_a_peer_is_told_once_when_it_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
