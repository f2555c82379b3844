/* The relay at "/" of the API server: who may open a websocket there. */
#include "tests/unit/page_admit.h"

#define ROOT_UPGRADE \
    "GET / HTTP/1.1\r\nHost: <HOST>\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" KEY

static struct server server;
static struct ht_door *door;
static struct ht_door_conn *open_conn;
static unsigned opened, closed;
static bool was_own, was_local;
static char origin_seen[64];

static void *on_opened(void *self, struct ht_door_conn *conn, const struct ht_door_caller *caller) {
    open_conn = conn;
    opened++;
    was_own = caller->is_own;
    was_local = caller->is_local;
    (void)snprintf(origin_seen, sizeof origin_seen, "%s", caller->origin);
    return self;
}

static void on_received(void *peer, ht_bytes text) {
    (void)peer;
    assert_int_equal(ht_door_send(open_conn, text), HT_OK);
}

static void on_closed(void *peer) {
    (void)peer;
    closed++;
}

static const struct ht_module_door module = {
    .opened = on_opened, .received = on_received, .closed = on_closed};

static void add_door(struct server *s) {
    struct ht_why why = {0};
    const struct ht_door_options options = {.is_closed = true};
    assert_int_equal(ht_door_new(&door, s->loop, &options, &why), HT_OK);
    assert_string_equal(ht_door_url(door), "");
    ht_door_serve(door, &module, s);
    ht_api_set_door(s->api, door);
}

static void end_door(struct server *s) {
    (void)s;
    ht_door_free(door);
}

static int set_up(void **state) {
    (void)state;
    opened = closed = 0;
    start_server(&server);
    on_loop(&server, ask_admit);
    on_loop(&server, add_door);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    on_loop(&server, end_door);
    stop_server(&server);
    assert_int_equal(opened, closed);
    return 0;
}

/* As a node with its relay's door open. */
static void add_open_door(struct server *s) {
    struct ht_why why = {0};
    const struct ht_door_options options = {.port = 0};
    assert_int_equal(ht_door_new(&door, s->loop, &options, &why), HT_OK);
    ht_api_set_door(s->api, door);
}

static void pages_may_show_what_is_at_the_door_and_nothing_else(void **state) {
    char line[600], origin[64];
    (void)state;
    (void)ask(&server, "GET / HTTP/1.1\r\nHost: <HOST>\r\n\r\n");
    assert_null(strstr(last.head, "http://"));
    on_loop(&server, end_door);
    on_loop(&server, add_open_door);
    (void)ask(&server, "GET / HTTP/1.1\r\nHost: <HOST>\r\n\r\n");
    (void)snprintf(origin, sizeof origin, "http%s", ht_door_url(door) + 2);
    (void)snprintf(line, sizeof line,
                   "content-security-policy: default-src 'none'; script-src 'self'; "
                   "style-src 'self'; img-src 'self' data: blob: %s; media-src blob: %s; "
                   "connect-src 'self' %s; font-src 'self'; base-uri 'none'; form-action 'none'; "
                   "frame-ancestors 'none'; require-trusted-types-for 'script'",
                   origin, origin, origin);
    assert_true(has_header(&last, line));
}

static int knock(const char *lines, int *fd) {
    char head[2048];
    int status;
    (void)snprintf(head, sizeof head, ROOT_UPGRADE "%s\r\n", lines);
    *fd = upgrade(&server, &status, head);
    return status;
}

static void assert_let_in(const char *lines, bool is_own, const char *origin) {
    int fd;
    unsigned before = opened;
    assert_int_equal(knock(lines, &fd), 101);
    say(fd, "[\"CLOSE\"]");
    assert_heard(fd, "[\"CLOSE\"]");
    close(fd);
    assert_int_equal(opened, before + 1);
    assert_int_equal(was_own, is_own);
    assert_true(was_local);
    assert_string_equal(origin_seen, origin);
}

static void programs_and_extensions_and_pages_with_a_permission_are_let_in(void **state) {
    (void)state;
    assert_let_in("", false, "");
    assert_let_in("Origin: chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn\r\n", false,
                  "chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn");
    assert_let_in("Origin: " KNOWN "\r\n", false, KNOWN);
}

static void the_owners_own_page_is_known_by_its_session(void **state) {
    (void)state;
    char cookie[128], lines[512];
    sign_in(&server, cookie);
    assert_let_in(ORIGIN, false, "");
    (void)snprintf(lines, sizeof lines, ORIGIN "%s", cookie);
    assert_let_in(lines, true, "");
}

static void pages_without_a_permission_are_turned_away(void **state) {
    (void)state;
    int fd;
    assert_int_equal(knock("Origin: " STRANGER "\r\n", &fd), 403);
    assert_non_null(strstr(last.body, "bad_origin"));
    close(fd);
    assert_int_equal(knock("Origin: null\r\n", &fd), 403);
    close(fd);
    assert_int_equal(opened, 0);
}

static void another_host_is_refused(void **state) {
    (void)state;
    int status;
    close(upgrade(&server, &status,
                  "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\n"
                  "Upgrade: websocket\r\n" KEY "\r\n"));
    assert_int_equal(status, 421);
}

static void the_ui_and_the_other_websockets_stay_as_they_are(void **state) {
    (void)state;
    char head[512];
    int status;
    (void)snprintf(head, sizeof head, ETH_UPGRADE "\r\n");
    close(upgrade(&server, &status, head));
    assert_int_equal(status, 101);
    assert_int_equal(opened, 0);
}

static void hang_up(struct server *s) {
    (void)s;
    ht_door_hang_up(open_conn, "enough");
}

static void hanging_up_and_ending_the_door_close_the_websocket(void **state) {
    (void)state;
    int fd;
    assert_int_equal(knock("", &fd), 101);
    say(fd, "x");
    assert_heard(fd, "x");
    on_loop(&server, hang_up);
    assert_int_equal(hear_close(fd), 1008);
    close(fd);
    assert_int_equal(knock("", &fd), 101); /* tear_down ends the door while it is open */
    say(fd, "x");
    assert_heard(fd, "x");
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(pages_may_show_what_is_at_the_door_and_nothing_else),
        TEST(programs_and_extensions_and_pages_with_a_permission_are_let_in),
        TEST(the_owners_own_page_is_known_by_its_session),
        TEST(pages_without_a_permission_are_turned_away),
        TEST(another_host_is_refused),
        TEST(the_ui_and_the_other_websockets_stay_as_they_are),
        TEST(hanging_up_and_ending_the_door_close_the_websocket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
