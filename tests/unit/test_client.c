/* Asking the running node: a scripted one behind a socket in a directory of its own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/un.h>

#include "node/app/client.h"
#include "node/app/node.h"
#include "tests/unit/loopback.h"

struct place {
    struct ht_config config;
    struct ht_peer peer;
    bool is_serving;
};

static const char *answer; /* body of the next answers */

static void say_answer(struct ht_peer *peer, int fd) {
    (void)peer;
    char head[128];
    (void)snprintf(head, sizeof head,
                   "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n"
                   "connection: close\r\n\r\n",
                   strlen(answer));
    if (ht_peer_say(fd, head)) (void)ht_peer_say(fd, answer);
}

static int make_place(void **state) {
    struct place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    (void)snprintf(p->config.data_dir, sizeof p->config.data_dir, "/tmp/ht_client.XXXXXX");
    assert_non_null(mkdtemp(p->config.data_dir));
    *state = p;
    return 0;
}

static int remove_place(void **state) {
    struct place *p = *state;
    if (p->is_serving) ht_peer_stop(&p->peer);
    char path[100];
    assert_int_equal(ht_config_path(path, sizeof path, &p->config, HT_NODE_SOCKET, NULL), HT_OK);
    (void)unlink(path);
    assert_int_equal(rmdir(p->config.data_dir), 0);
    free(p);
    return 0;
}

static void serve(struct place *p, const char *body) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    assert_int_equal(
        ht_config_path(at.sun_path, sizeof at.sun_path, &p->config, HT_NODE_SOCKET, NULL), HT_OK);
    answer = body;
    p->peer.script = say_answer;
    assert_true(ht_peer_listen(&p->peer, (const struct sockaddr *)&at, sizeof at));
    assert_int_equal(pthread_create(&p->peer.thread, NULL, ht_peer_serve, &p->peer), 0);
    p->is_serving = true;
}

static void result_of_the_method_comes_back(void **state) {
    struct place *p = *state;
    json_t *result = NULL;
    serve(p, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"pid\":42}}");
    assert_int_equal(ht_client_call(&result, &p->config, "node.info", NULL), HT_OK);
    assert_int_equal(json_integer_value(json_object_get(result, "pid")), 42);
    json_decref(result);
    ht_peer_stop(&p->peer);
    p->is_serving = false;
    assert_non_null(strstr(p->peer.request, "POST /api HTTP/1.1"));
    assert_non_null(strstr(p->peer.request, "\"method\":\"node.info\""));
}

static void without_a_node_it_is_not_running(void **state) {
    struct place *p = *state;
    json_t *result = NULL;
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_client_call(&result, &p->config, "node.info", &why), HT_ENET);
    assert_string_equal(why.code, "not_running");
    assert_non_null(strstr(why.text, p->config.data_dir));
    assert_null(result);
}

static void a_refusal_is_told_in_the_words_of_the_node(void **state) {
    struct place *p = *state;
    json_t *result = NULL;
    struct ht_why why = {.code = ""};
    serve(p, "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32601,\"message\":\"no such\"}}");
    assert_int_equal(ht_client_call(&result, &p->config, "none", &why), HT_EDENIED);
    assert_string_equal(why.code, "refused");
    assert_string_equal(why.text, "no such");
}

static void what_is_no_json_is_malformed(void **state) {
    struct place *p = *state;
    json_t *result = NULL;
    struct ht_why why = {.code = ""};
    serve(p, "<html>");
    assert_int_equal(ht_client_call(&result, &p->config, "node.info", &why), HT_EINPUT);
    assert_string_equal(why.code, "json_syntax");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(result_of_the_method_comes_back),
        TEST(without_a_node_it_is_not_running),
        TEST(a_refusal_is_told_in_the_words_of_the_node),
        TEST(what_is_no_json_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
