/* Names at domains: how they are split, asked for, judged and kept. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "social/links/nip05.h"
#include "tests/unit/event_maker.h"
#include "tests/unit/loopback.h"
#include "tests/unit/store_world.h"

#define KEY "b0635d6a9851d3aed0cd6c495b282167acf761729078d975fc341b22650b07b9"
#define OTHER "a0635d6a9851d3aed0cd6c495b282167acf761729078d975fc341b22650b07b9"

static ht_hash32 key_of(const char *hex) {
    ht_hash32 key;
    assert_true(ht_event_hex32(&key, ht_bytes_str(hex)));
    return key;
}

static void nip05_splits_names_from_domains(void **state) {
    static const struct {
        const char *text, *name, *domain; /* NULL: it is none */
    } cases[] = {
        {"bob@example.com", "bob", "example.com"},
        {"_@example.com", "_", "example.com"},
        {"example.com", "_", "example.com"},
        {"b-o_b.1@Sub.Example.com:8443", "b-o_b.1", "Sub.Example.com:8443"},
        {"", NULL, NULL},
        {"@example.com", NULL, NULL},
        {"bob@", NULL, NULL},
        {"Bob@example.com", NULL, NULL},
        {"bob@exa mple.com", NULL, NULL},
        {"bob@example.com/path", NULL, NULL},
        {"bob@example.com?x", NULL, NULL},
        {"bob@evil@example.com", NULL, NULL},
        {"bob@example.com:", NULL, NULL},
        {"bob@example.com:99999", NULL, NULL},
        {"bob@example.com:80x", NULL, NULL},
        {"bob@.example.com", NULL, NULL},
        {"bob@[::1]", NULL, NULL},
        {"b%20b@example.com", NULL, NULL},
        {"b\303\266b@example.com", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ht_why why = {.code = "none"};
        ht_bytes name, domain;
        enum ht_err err = ht_nip05_split(&name, &domain, ht_bytes_str(cases[i].text), &why);
        if ((err == HT_OK) != (cases[i].name != NULL)) fail_msg("%s", cases[i].text);
        if (err == HT_OK) {
            assert_true(ht_bytes_equal(name, ht_bytes_str(cases[i].name)));
            assert_true(ht_bytes_equal(domain, ht_bytes_str(cases[i].domain)));
        } else {
            assert_string_equal(why.code, "bad_name");
        }
    }
}

static void nip05_believes_only_a_document_that_gives_the_key(void **state) {
    static const struct {
        const char *text, *state;
    } cases[] = {
        {"{\"names\":{\"bob\":\"" KEY "\"}}", "verified"},
        {"{\"names\":{\"al\":\"" OTHER "\",\"bob\":\"" KEY "\"},\"relays\":{}}", "verified"},
        {"{\"names\":{\"bob\":\"" OTHER "\"}}", "differs"},
        {"{\"names\":{\"bob\":\"npub1xyz\"}}", "differs"},
        {"{\"names\":{\"bob\":5}}", "differs"},
        {"{\"names\":{\"Bob\":\"" KEY "\"}}", "differs"},
        {"{\"names\":{}}", "differs"},
        {"{\"names\":[]}", "no_answer"},
        {"{}", "no_answer"},
        {"", "no_answer"},
        {"<html>", "no_answer"},
        {"{\"names\":{\"bob\":\"" KEY "\",\"bob\":\"" OTHER "\"}}", "no_answer"},
    };
    ht_hash32 key = key_of(KEY);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ht_bytes text = ht_bytes_str(cases[i].text), name = ht_bytes_str("bob");
        const struct ht_http_answer answer = {.status = 200, .body = text};
        assert_string_equal(ht_nip05_judge(&answer, name, &key), cases[i].state);
        assert_int_equal(ht_nip05_gives(text, name, &key), cases[i].state[0] == 'v');
    }
}

static void nip05_takes_no_other_status_for_an_answer(void **state) {
    static const long statuses[] = {301, 302, 307, 404, 500, 204};
    ht_hash32 key = key_of(KEY);
    (void)state;
    struct ht_http_answer answer = {.body = ht_bytes_str("{\"names\":{\"bob\":\"" KEY "\"}}")};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        answer.status = statuses[i];
        assert_string_equal(ht_nip05_judge(&answer, ht_bytes_str("bob"), &key), "no_answer");
    }
    answer.status = 200;
    answer.err = HT_ENET;
    assert_string_equal(ht_nip05_judge(&answer, ht_bytes_str("bob"), &key), "no_answer");
}

static void nip05_asks_by_https_at_public_addresses_only(void **state) {
    struct ht_http_options options;
    char url[HT_NIP05_URL_SIZE];
    (void)state;
    ht_nip05_request(&options, url, ht_bytes_str("bob"), ht_bytes_str("example.com:8443"));
    assert_string_equal(options.url, "https://example.com:8443/.well-known/nostr.json?name=bob");
    assert_true(options.is_public_only);
    assert_int_equal(options.max_bytes, HT_NIP05_ANSWER_MAX);
}

/* --- a scripted server -------------------------------------------------------------------------*/

struct got {
    struct ht_loop *loop;
    const char *state;
};

static void keep(void *user, const struct ht_http_answer *answer) {
    struct got *got = user;
    ht_hash32 key = key_of(KEY);
    got->state = ht_nip05_judge(answer, ht_bytes_str("bob"), &key);
    ht_loop_stop(got->loop);
}

/* The whole way but for TLS and the check of the address, which a server on loopback cannot pass.
 */
static const char *ask(struct ht_peer *peer, void (*script)(struct ht_peer *, int)) {
    struct got got = {.state = "none"};
    struct ht_why why = {0};
    struct ht_http *http = NULL;
    struct ht_http_request *handle = NULL;
    struct ht_http_options options;
    char url[HT_NIP05_URL_SIZE], plain[HT_NIP05_URL_SIZE], domain[32];
    assert_true(ht_peer_start(peer, script));
    (void)snprintf(domain, sizeof domain, "127.0.0.1:%u", peer->port);
    ht_nip05_request(&options, url, ht_bytes_str("bob"), ht_bytes_str(domain));
    (void)snprintf(plain, sizeof plain, "http://%s", url + strlen("https://"));
    options.url = plain;
    options.is_public_only = false;
    if (ht_loop_new(&got.loop, &ht_system_clock, &why) != HT_OK) fail_msg("%s", why.text);
    if (ht_http_new(&http, got.loop, "hearth-test", &why) != HT_OK) fail_msg("%s", why.text);
    assert_int_equal(ht_http_start(&handle, http, &options, keep, NULL, &got), HT_OK);
    ht_loop_run(got.loop);
    ht_http_free(http);
    ht_loop_free(got.loop);
    ht_peer_stop(peer);
    return got.state;
}

static void give(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n"
                    "Content-Length: 84\r\n\r\n{\"names\":{\"bob\":\"" KEY "\"}}");
}

static void redirect(struct ht_peer *peer, int fd) {
    char text[300];
    (void)snprintf(text, sizeof text,
                   "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: "
                   "http://127.0.0.1:%u/elsewhere\r\nContent-Length: 0\r\n\r\n",
                   peer->port);
    ht_peer_say(fd, text);
}

static void nip05_is_verified_by_a_server_that_says_so(void **state) {
    struct ht_peer peer;
    (void)state;
    assert_string_equal(ask(&peer, give), "verified");
    assert_non_null(strstr(peer.request, "GET /.well-known/nostr.json?name=bob HTTP/1.1\r\n"));
}

static void nip05_does_not_go_where_a_server_redirects(void **state) {
    struct ht_peer peer;
    (void)state;
    assert_string_equal(ask(&peer, redirect), "no_answer");
    assert_int_equal(atomic_load(&peer.requests), 1);
}

/* --- what is kept ------------------------------------------------------------------------------*/

static struct store_world world;

static int start(void **state) {
    sqlite3 *db = NULL;
    (void)state;
    store_world_open(&world);
    if (ht_db_open(&db, world.path, ht_nip05_migrations, ht_nip05_migration_count, NULL) != HT_OK)
        return 1;
    ht_db_close(db);
    return 0;
}

static int end(void **state) {
    (void)state;
    store_world_close(&world);
    return 0;
}

static const char *state_at(const ht_hash32 *key, const char *nip05, int64_t now_s) {
    const char *state = NULL;
    struct ht_why why = {0};
    if (ht_nip05_state(&state, world.db, key, ht_bytes_str(nip05), now_s, &why) != HT_OK)
        fail_msg("%s", why.text);
    return state;
}

static void nip05_tells_what_was_checked_for_a_week_and_for_that_name(void **state) {
    ht_hash32 key = key_of(KEY), other = key_of(OTHER);
    const struct ht_nip05_check check = {"bob@example.com", "verified", INT64_C(5000000) * 1000};
    (void)state;
    assert_string_equal(state_at(&key, "bob@example.com", 5000000), "unchecked");
    assert_int_equal(ht_nip05_sql_keep(world.db, &key, &check, NULL), HT_OK);
    assert_string_equal(state_at(&key, "bob@example.com", 5000000), "verified");
    assert_string_equal(state_at(&key, "bob@example.com", 5000000 + HT_NIP05_FRESH_S), "verified");
    assert_string_equal(state_at(&key, "bob@example.com", 5000001 + HT_NIP05_FRESH_S), "unchecked");
    assert_string_equal(state_at(&key, "al@example.com", 5000000), "unchecked");
    assert_string_equal(state_at(&other, "bob@example.com", 5000000), "unchecked");
    const struct ht_nip05_check again = {"bob@example.com", "differs", INT64_C(5000001) * 1000};
    assert_int_equal(ht_nip05_sql_keep(world.db, &key, &again, NULL), HT_OK);
    assert_string_equal(state_at(&key, "bob@example.com", 5000001), "differs");
}

static void nip05_keeps_our_names_and_replaces_them_all(void **state) {
    struct ht_nip05_name names[] = {{.name = "bob"}, {.name = "_"}}, got[4];
    size_t count = 0;
    (void)state;
    names[0].pubkey = key_of(KEY);
    names[1].pubkey = key_of(OTHER);
    assert_int_equal(ht_nip05_sql_set_names(world.db, names, 2, NULL), HT_OK);
    assert_int_equal(ht_nip05_sql_names(got, &count, 4, world.db, NULL), HT_OK);
    assert_int_equal(count, 2);
    assert_string_equal(got[0].name, "_");
    assert_true(ht_hash32_equal(&got[1].pubkey, &names[0].pubkey));
    assert_int_equal(ht_nip05_sql_set_names(world.db, names, 1, NULL), HT_OK);
    assert_int_equal(ht_nip05_sql_names(got, &count, 4, world.db, NULL), HT_OK);
    assert_int_equal(count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nip05_splits_names_from_domains),
        cmocka_unit_test(nip05_believes_only_a_document_that_gives_the_key),
        cmocka_unit_test(nip05_takes_no_other_status_for_an_answer),
        cmocka_unit_test(nip05_asks_by_https_at_public_addresses_only),
        cmocka_unit_test(nip05_is_verified_by_a_server_that_says_so),
        cmocka_unit_test(nip05_does_not_go_where_a_server_redirects),
        cmocka_unit_test_setup_teardown(nip05_tells_what_was_checked_for_a_week_and_for_that_name,
                                        start, end),
        cmocka_unit_test_setup_teardown(nip05_keeps_our_names_and_replaces_them_all, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
