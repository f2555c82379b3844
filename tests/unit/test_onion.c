/* The onion service: what Tor says, the address of a key, and a control port on loopback. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/base/hex.h"
#include "node/p2p/onion.h"

static struct ht_why why;

/* --- words ------------------------------------------------------------------------------------ */

static void tor_lines_are_read_by_their_code_and_kind(void **state) {
    (void)state;
    struct ht_tor_reply reply;
    assert_int_equal(ht_tor_read_line(&reply, "250-AUTH METHODS=NULL", NULL), HT_OK);
    assert_int_equal(reply.code, 250);
    assert_int_equal(reply.kind, HT_TOR_MORE);
    assert_string_equal(reply.text, "AUTH METHODS=NULL");
    assert_int_equal(ht_tor_read_line(&reply, "250+data=", NULL), HT_OK);
    assert_int_equal(reply.kind, HT_TOR_DATA);
    assert_int_equal(ht_tor_read_line(&reply, "515 ", NULL), HT_OK);
    assert_int_equal(reply.kind, HT_TOR_END);
    static const char *const bad[] = {"", "25", "250", "2x0 OK", "250*OK", "HTTP/1.0 200"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(ht_tor_read_line(&reply, bad[i], &why), HT_EINPUT);
        assert_string_equal(why.code, "bad_tor");
    }
}

static void tor_methods_and_a_quoted_path_are_read(void **state) {
    (void)state;
    struct ht_tor_protocol protocol = {0};
    const char *text = "AUTH METHODS=COOKIE,SAFECOOKIE COOKIEFILE=\"/run/a\\\"b\\\\c\\040d\"";
    assert_int_equal(ht_tor_read_protocol(&protocol, "PROTOCOLINFO 1", NULL), HT_OK);
    assert_int_equal(ht_tor_read_protocol(&protocol, text, NULL), HT_OK);
    assert_true(protocol.has_cookie && protocol.has_safe_cookie);
    assert_false(protocol.has_none || protocol.has_password);
    assert_string_equal(protocol.cookie_path, "/run/a\"b\\c d");
    text = "AUTH METHODS=SAFECOOKIE COOKIEFILE=\"/run/a";
    assert_int_equal(ht_tor_read_protocol(&protocol, text, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_tor");
}

static void tor_proxy_is_its_first_numeric_one(void **state) {
    (void)state;
    char socks[HT_TOR_SOCKS_SIZE] = "";
    assert_true(ht_tor_read_socks(
        socks, "net/listeners/socks=\"unix:/run/tor/socks\" \"127.0.0.1:9150\" \"127.0.0.1:1\""));
    assert_string_equal(socks, "127.0.0.1:9150");
    assert_false(ht_tor_read_socks(socks, "net/listeners/socks="));
    assert_false(ht_tor_read_socks(socks, "net/listeners/socks=\"example.org:9050\""));
    assert_false(ht_tor_read_socks(socks, "net/listeners/socks=\"127.0.0.1:99999\""));
}

static void tor_progress_and_events_are_read(void **state) {
    (void)state;
    assert_int_equal(
        ht_tor_read_progress("status/bootstrap-phase=NOTICE BOOTSTRAP PROGRESS=45 TAG=x"), 45);
    assert_int_equal(ht_tor_read_progress("status/bootstrap-phase=NOTICE BOOTSTRAP"), -1);
    assert_true(ht_tor_is_uploaded("HS_DESC UPLOADED abc UNKNOWN $12", "abc"));
    assert_false(ht_tor_is_uploaded("HS_DESC UPLOADED abcd UNKNOWN $12", "abc"));
    assert_false(ht_tor_is_uploaded("HS_DESC FAILED abc UNKNOWN $12", "abc"));
}

static void tor_challenge_must_be_whole(void **state) {
    (void)state;
    uint8_t hash[32], nonce[32];
    char text[256];
    (void)snprintf(text, sizeof text, "AUTHCHALLENGE SERVERHASH=%064d SERVERNONCE=%064d", 1, 2);
    assert_int_equal(ht_tor_read_challenge(hash, nonce, text, NULL), HT_OK);
    assert_int_equal(nonce[31], 2);
    text[strlen(text) - 1] = '\0';
    assert_int_equal(ht_tor_read_challenge(hash, nonce, text, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_tor");
}

/* RFC 8032 7.1, test 1: that seed's public key is d75a9801…; the address is made of it as
 * rend-spec-v3 says, and was computed apart from this code. */
static void onion_address_is_made_of_the_key(void **state) {
    (void)state;
    uint8_t seed[32], key[HT_ONION_KEY_SIZE];
    char id[HT_ONION_ID_SIZE];
    assert_int_equal(
        ht_hex_read(
            seed, 32,
            ht_bytes_str("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")),
        HT_OK);
    ht_onion_key_make(key, seed);
    assert_int_equal(ht_onion_id(id, key, NULL), HT_OK);
    assert_string_equal(id, "25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkenl5sid");
    key[0] |= 1;
    assert_int_equal(ht_onion_id(id, key, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_onion_key");
}

/* --- a control port --------------------------------------------------------------------------- */

static struct ht_loop *loop;
static struct ht_watches *watches;
static struct ht_watch listener, conn;
static struct ht_timer deadline;
static struct ht_onion *onion;
static char folder[] = "/tmp/hearth-onion-XXXXXX", cookie_path[64], control[32];
static char address[HT_ONION_ADDRESS_SIZE], last_add[256];
static uint8_t cookie[32];
static const char *methods;
static bool lies_about_cookie, drops_after_add, is_deleted;
static unsigned connections;
static uint16_t door_port;
static enum ht_onion_state wanted;

static void say(const char *text) {
    (void)!send(conn.fd, text, strlen(text), MSG_NOSIGNAL);
}

static void challenge(const char *line) {
    uint8_t client[32], server[32] = {9}, hash[32];
    char reply[256], a[HT_HEX_SIZE(32)], b[HT_HEX_SIZE(32)];
    assert_int_equal(ht_hex_read(client, 32, ht_bytes_of(line + 25, 64)), HT_OK);
    ht_tor_cookie_hash(hash, cookie, client, server, false);
    if (lies_about_cookie) hash[0] ^= 1;
    ht_hex_write(a, HT_BYTES(hash));
    ht_hex_write(b, HT_BYTES(server));
    (void)snprintf(reply, sizeof reply, "250 AUTHCHALLENGE SERVERHASH=%s SERVERNONCE=%s\r\n", a + 2,
                   b + 2);
    say(reply);
}

static void added(const char *line) {
    char reply[256];
    (void)snprintf(last_add, sizeof last_add, "%.255s", line);
    (void)snprintf(reply, sizeof reply, "250-ServiceID=%.56s\r\n250 OK\r\n", address);
    say(reply);
    if (!drops_after_add) return;
    drops_after_add = false;
    ht_watch_close(&conn);
}

static void progressed(void) {
    char event[256];
    say("250-status/bootstrap-phase=NOTICE BOOTSTRAP PROGRESS=100 TAG=done\r\n250 OK\r\n");
    (void)snprintf(event, sizeof event, "650 HS_DESC UPLOADED %.56s UNKNOWN $00~x\r\n", address);
    say(event);
}

static void on_line(const char *line) {
    char reply[256];
    if (strcmp(line, "PROTOCOLINFO 1") == 0) {
        (void)snprintf(reply, sizeof reply, "250-PROTOCOLINFO 1\r\n250-AUTH METHODS=%s%s%s%s\r\n",
                       methods, strstr(methods, "COOKIE") != NULL ? " COOKIEFILE=\"" : "",
                       strstr(methods, "COOKIE") != NULL ? cookie_path : "",
                       strstr(methods, "COOKIE") != NULL ? "\"" : "");
        say(reply);
        say("250-VERSION Tor=\"0.4.9\"\r\n250 OK\r\n");
    } else if (strncmp(line, "AUTHCHALLENGE SAFECOOKIE ", 25) == 0) {
        challenge(line);
    } else if (strncmp(line, "AUTHENTICATE", 12) == 0 || strcmp(line, "SETEVENTS HS_DESC") == 0) {
        say("250 OK\r\n");
    } else if (strcmp(line, "GETINFO net/listeners/socks") == 0) {
        say("250-net/listeners/socks=\"127.0.0.1:9999\"\r\n250 OK\r\n");
    } else if (strncmp(line, "ADD_ONION ", 10) == 0) {
        added(line);
    } else if (strcmp(line, "GETINFO status/bootstrap-phase") == 0) {
        progressed();
    } else if (strncmp(line, "DEL_ONION ", 10) == 0) {
        is_deleted = true;
        ht_loop_stop(loop);
    }
}

static void on_command(struct ht_watch *watch) {
    char bytes[1024];
    ssize_t n = recv(watch->fd, bytes, sizeof bytes - 1, MSG_DONTWAIT);
    if (n <= 0) {
        if (n == 0) ht_watch_close(watch);
        return;
    }
    bytes[n] = '\0';
    for (char *at = bytes, *end; (end = strstr(at, "\r\n")) != NULL; at = end + 2) {
        *end = '\0';
        if (watch->is_open) on_line(at);
    }
}

static void on_connection(struct ht_watch *watch) {
    int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    connections++;
    ht_watch_close(&conn);
    conn.readable = on_command;
    assert_int_equal(ht_watch_open(&conn, watches, fd, NULL), HT_OK);
}

static uint16_t on_port(void *user, const char *name) {
    (void)user;
    assert_string_equal(name, address);
    return door_port;
}

static void on_changed(void *user) {
    (void)user;
    if (ht_onion_state(onion) == wanted) ht_loop_stop(loop);
}

static void on_late(struct ht_timer *timer) {
    ht_loop_stop(timer->loop);
}

static void run(int64_t ms) {
    ht_timer_set(loop, &deadline, ms, on_late);
    ht_loop_run(loop);
    ht_timer_cancel(&deadline);
}

static int start(void **state) {
    (void)state;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    (void)snprintf(folder, sizeof folder, "/tmp/hearth-onion-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(cookie_path, sizeof cookie_path, "%s/cookie", folder);
    int file = open(cookie_path, O_WRONLY | O_CREAT, 0600);
    memset(cookie, 0x5a, sizeof cookie);
    assert_int_equal(write(file, cookie, sizeof cookie), sizeof cookie);
    close(file);
    methods = "COOKIE,SAFECOOKIE";
    lies_about_cookie = drops_after_add = is_deleted = false;
    connections = 0;
    door_port = 4711;
    assert_int_equal(ht_loop_new(&loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_watches_new(&watches, loop, NULL), HT_OK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    (void)snprintf(control, sizeof control, "127.0.0.1:%u", (unsigned)ntohs(at.sin_port));
    listener.readable = on_connection;
    assert_int_equal(ht_watch_open(&listener, watches, fd, NULL), HT_OK);
    return 0;
}

static int end(void **state) {
    (void)state;
    char path[96];
    ht_watch_close(&conn);
    ht_watch_close(&listener);
    ht_watches_free(watches);
    ht_loop_free(loop);
    (void)unlink(cookie_path);
    (void)snprintf(path, sizeof path, "%s/peer/onion.key", folder);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/peer", folder);
    (void)rmdir(path);
    return rmdir(folder);
}

static void begin(enum ht_onion_state for_state) {
    const struct ht_onion_options options = {.loop = loop,
                                             .watches = watches,
                                             .random = &ht_system_random,
                                             .data_dir = folder,
                                             .control = control,
                                             .port = on_port,
                                             .changed = on_changed};
    wanted = for_state;
    assert_int_equal(ht_onion_new(&onion, &options, NULL), HT_OK);
    (void)snprintf(address, sizeof address, "%s", ht_onion_address(onion));
    run(20000);
    assert_int_equal(ht_onion_state(onion), for_state);
}

static void onion_is_made_and_removed_with_a_safe_cookie(void **state) {
    (void)state;
    begin(HT_ONION_READY);
    assert_int_equal(strlen(address), 62);
    assert_string_equal(ht_onion_socks(onion), "127.0.0.1:9999");
    assert_string_equal(ht_onion_why(onion)->code, "");
    assert_non_null(strstr(last_add, " Port=80,127.0.0.1:4711"));
    ht_onion_free(onion);
    run(5000);
    assert_true(is_deleted);
}

static void onion_keeps_its_address_and_its_key_to_itself(void **state) {
    (void)state;
    char path[96], before[HT_ONION_ADDRESS_SIZE];
    struct stat file;
    begin(HT_ONION_READY);
    memcpy(before, address, sizeof before);
    ht_onion_free(onion);
    begin(HT_ONION_READY);
    assert_string_equal(address, before);
    ht_onion_free(onion);
    (void)snprintf(path, sizeof path, "%s/peer/onion.key", folder);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_int_equal(truncate(path, 20), 0);
    const struct ht_onion_options options = {
        .random = &ht_system_random, .data_dir = folder, .control = control};
    assert_int_equal(ht_onion_new(&onion, &options, &why), HT_ESTORE);
    assert_string_equal(why.code, "onion_key");
}

static void onion_comes_back_after_tor_has_gone(void **state) {
    (void)state;
    drops_after_add = true;
    begin(HT_ONION_FAILED);
    assert_string_equal(ht_onion_why(onion)->code, "tor_lost");
    wanted = HT_ONION_READY;
    run(20000);
    assert_int_equal(ht_onion_state(onion), HT_ONION_READY);
    assert_int_equal(connections, 2);
    ht_onion_free(onion);
}

static void onion_works_without_a_password(void **state) {
    (void)state;
    methods = "NULL";
    begin(HT_ONION_READY);
    ht_onion_free(onion);
}

static void assert_fails(const char *code) {
    begin(HT_ONION_FAILED);
    assert_string_equal(ht_onion_why(onion)->code, code);
    assert_true(strlen(ht_onion_why(onion)->text) > 10);
    ht_onion_free(onion);
}

static void onion_does_not_prove_itself_to_one_that_does_not_know_the_cookie(void **state) {
    (void)state;
    lies_about_cookie = true;
    assert_fails("bad_tor");
}

static void onion_says_that_a_password_is_wanted(void **state) {
    (void)state;
    methods = "HASHEDPASSWORD";
    assert_fails("tor_password");
}

static void onion_does_not_send_a_cookie_as_it_is(void **state) {
    (void)state;
    methods = "COOKIE";
    assert_fails("tor_password");
}

static void onion_says_that_the_cookie_cannot_be_read(void **state) {
    (void)state;
    assert_int_equal(truncate(cookie_path, 31), 0);
    assert_fails("tor_cookie");
}

static void onion_says_that_there_is_no_door(void **state) {
    (void)state;
    door_port = 0;
    assert_fails("no_door");
}

static void onion_says_that_tor_is_not_there(void **state) {
    (void)state;
    ht_watch_close(&listener);
    assert_fails("tor_unreachable");
}

static void onion_refuses_an_address_that_is_none(void **state) {
    (void)state;
    static const char *const bad[] = {"localhost:9051", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0",
                                      "127.0.0.1:70000"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct ht_onion_options options = {
            .random = &ht_system_random, .data_dir = folder, .control = bad[i]};
        assert_int_equal(ht_onion_new(&onion, &options, &why), HT_EINPUT);
        assert_string_equal(why.code, "bad_control");
    }
}

#define WITH_TOR(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tor_lines_are_read_by_their_code_and_kind),
        cmocka_unit_test(tor_methods_and_a_quoted_path_are_read),
        cmocka_unit_test(tor_proxy_is_its_first_numeric_one),
        cmocka_unit_test(tor_progress_and_events_are_read),
        cmocka_unit_test(tor_challenge_must_be_whole),
        cmocka_unit_test(onion_address_is_made_of_the_key),
        WITH_TOR(onion_is_made_and_removed_with_a_safe_cookie),
        WITH_TOR(onion_keeps_its_address_and_its_key_to_itself),
        WITH_TOR(onion_comes_back_after_tor_has_gone),
        WITH_TOR(onion_works_without_a_password),
        WITH_TOR(onion_does_not_prove_itself_to_one_that_does_not_know_the_cookie),
        WITH_TOR(onion_says_that_a_password_is_wanted),
        WITH_TOR(onion_does_not_send_a_cookie_as_it_is),
        WITH_TOR(onion_says_that_the_cookie_cannot_be_read),
        WITH_TOR(onion_says_that_there_is_no_door),
        WITH_TOR(onion_says_that_tor_is_not_there),
        WITH_TOR(onion_refuses_an_address_that_is_none),
    };
    return sodium_init() >= 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
