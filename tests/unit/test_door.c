/* The door's websockets: who may enter, messages whole and in parts, slow readers, limits. */
#include "tests/unit/door_client.h"

static int set_up(void **state) {
    (void)state;
    start_bench(&(struct ht_door_options){0});
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stop_bench();
    return 0;
}

static bool nobody_is_there(void) {
    return counts.connections == 0;
}

static bool one_was_too_slow(void) {
    return counts.dropped_slow == 1 && counts.websockets == 0;
}

static int refused(const char *lines) {
    int fd = ask(lines, NULL, 0);
    read_head(fd);
    close(fd);
    return last.status;
}

static void any_page_may_open_a_websocket_and_its_messages_come_and_go(void **state) {
    (void)state;
    int fd = open_ws("Origin: https://client.example\r\n");
    assert_string_equal(bench.origin, "https://client.example");
    assert_string_equal(bench.address, "127.0.0.1");
    say(fd, "[\"REQ\"]");
    assert_heard(fd, "[\"REQ\"]");
    on_loop(read_counts);
    assert_int_equal(counts.websockets, 1);
    assert_int_equal(counts.messages_in, 1);
    assert_int_equal(counts.messages_out, 2);
    close(fd);
    assert_true(wait_for(nobody_is_there));
    assert_int_equal(bench.closed, 1);
}

static void a_subprotocol_that_clients_name_is_taken(void **state) {
    (void)state;
    close(open_ws("Sec-WebSocket-Protocol: nostr\r\n"));
}

static void another_host_is_refused_on_loopback(void **state) {
    (void)state;
    assert_int_equal(refused("GET / HTTP/1.1\r\nHost: evil.example\r\n" UPGRADE), 421);
    assert_int_equal(refused("GET / HTTP/1.1\r\nHost: 127.0.0.1.evil.example:80\r\n" UPGRADE), 421);
    assert_int_equal(refused("GET / HTTP/1.1\r\n" UPGRADE), 421);
    assert_int_equal(refused("GET / HTTP/1.1\r\nHost: LOCALHOST:1\r\n" UPGRADE), 101);
    assert_int_equal(refused("GET / HTTP/1.1\r\nHost: [::1]:8421\r\n" UPGRADE), 101);
    on_loop(read_counts);
    assert_int_equal(counts.denied, 3);
}

static void a_name_that_was_given_is_good_on_loopback(void **state) {
    (void)state;
    static const char *const names[] = {"relay.example", "abc.onion"};
    start_bench(&(struct ht_door_options){.names = names, .name_count = 2});
    assert_int_equal(refused("GET / HTTP/1.1\r\nHost: Relay.Example\r\n" UPGRADE), 101);
    assert_int_equal(refused("GET / HTTP/1.1\r\nHost: abc.onion:8421\r\n" UPGRADE), 101);
    assert_int_equal(refused("GET / HTTP/1.1\r\nHost: example\r\n" UPGRADE), 421);
    stop_bench();
}

static void only_the_root_has_a_websocket(void **state) {
    (void)state;
    assert_int_equal(refused("GET /upload HTTP/1.1\r\nHost: <HOST>\r\n" UPGRADE), 404);
    assert_int_equal(refused("GET / HTTP/1.1\r\nHost: <HOST>\r\nConnection: Upgrade\r\n"
                             "Upgrade: h2c\r\n"),
                     400);
}

static void parts_are_joined_however_small(void **state) {
    (void)state;
    static const char text[] = "[\"EVENT\",{}]";
    int fd = open_ws("");
    for (size_t i = 0; i < sizeof text - 1; i++) {
        bool is_final = i == sizeof text - 2;
        send_frame(fd, i == 0 ? TEXT : CONTINUATION, is_final, text + i, 1);
        if (i == 4) {
            send_frame(fd, PING, true, "x", 1);
            assert_int_equal(hear(fd), PONG);
        }
    }
    assert_heard(fd, text);
    send_frame(fd, TEXT, false, "", 0);
    send_frame(fd, CONTINUATION, true, "", 0);
    assert_heard(fd, "");
    close(fd);
}

static void the_largest_message_passes_and_a_larger_one_closes(void **state) {
    (void)state;
    static char text[HT_DOOR_MESSAGE_MAX + 1];
    memset(text, 'a', sizeof text);
    int fd = open_ws("");
    send_frame(fd, TEXT, true, text, HT_DOOR_MESSAGE_MAX);
    assert_int_equal(hear(fd), TEXT);
    assert_int_equal(heard_len, HT_DOOR_MESSAGE_MAX);
    send_frame(fd, TEXT, true, text, HT_DOOR_MESSAGE_MAX + 1);
    assert_int_equal(hear_close(fd), 1009);
    close(fd);
    fd = open_ws("");
    send_frame(fd, TEXT, false, text, HT_DOOR_MESSAGE_MAX);
    send_frame(fd, CONTINUATION, false, text, 1);
    assert_int_equal(hear_close(fd), 1009);
    close(fd);
}

static void an_announced_length_is_enough_to_close(void **state) {
    (void)state;
    uint8_t head[16];
    int fd = open_ws("");
    size_t n = frame_head(head, TEXT, true, UINT64_C(1) << 62);
    head[n] = 'a';
    send_all(fd, head, n + 1);
    assert_int_equal(hear_close(fd), 1009);
    close(fd);
}

static void what_is_not_text_closes(void **state) {
    (void)state;
    int fd = open_ws("");
    send_frame(fd, BINARY, true, "{}", 2);
    assert_int_equal(hear_close(fd), 1003);
    close(fd);
    fd = open_ws("");
    send_frame(fd, 5, true, "{}", 2);
    assert_int_equal(hear_close(fd), 1002);
    close(fd);
}

static void a_half_message_is_not_waited_for_without_end(void **state) {
    (void)state;
    start_bench(&(struct ht_door_options){.message_s = 1});
    int fd = open_ws("");
    send_frame(fd, TEXT, false, "[\"EV", 4);
    assert_int_equal(hear_close(fd), 1008);
    assert_non_null(strstr(heard + 2, "whole"));
    close(fd);
    stop_bench();
}

static void hanging_up_says_why_and_drops_what_waited(void **state) {
    (void)state;
    int fd = open_ws("");
    say(fd, "bye");
    assert_int_equal(hear_close(fd), 1008);
    assert_string_equal(heard + 2, "as you wish");
    close(fd);
}

static void hang_up_all(void) {
    for (size_t i = 0; i < 64; i++) {
        if (bench.conns[i] != NULL) ht_door_hang_up(bench.conns[i], "from outside");
    }
    assert_int_equal(bench.closed, 0);
}

static void hanging_up_from_elsewhere_says_why_too(void **state) {
    (void)state;
    int fd = open_ws("");
    on_loop(hang_up_all);
    assert_int_equal(hear_close(fd), 1008);
    assert_string_equal(heard + 2, "from outside");
    close(fd);
    assert_true(wait_for(nobody_is_there));
    assert_int_equal(bench.closed, 1);
}

static void who_does_not_read_is_hung_up(void **state) {
    (void)state;
    int fd = open_ws("");
    say(fd, "flood 5000");
    assert_true(wait_for(one_was_too_slow));
    assert_int_equal(counts.waiting, 0);
    close(fd);
}

static void who_takes_nothing_is_not_read_from_and_ended(void **state) {
    (void)state;
    start_bench(&(struct ht_door_options){.ping_s = 1, .hangup_s = 3});
    int fd = open_ws("");
    for (int i = 0; i < 40; i++) say(fd, "flood 2000");
    assert_true(wait_for(nobody_is_there));
    assert_int_equal(counts.dropped_slow, 0);
    assert_int_equal(counts.waiting, 0);
    assert_in_range(counts.messages_in, 1, 10);
    close(fd);
    stop_bench();
}

static void who_reads_slowly_gets_everything(void **state) {
    (void)state;
    int fd = open_ws("");
    for (int i = 0; i < 20; i++) say(fd, "flood 500");
    for (int i = 0; i < 20 * 500; i++) assert_int_equal(hear(fd), TEXT);
    say(fd, "end");
    assert_heard(fd, "end");
    assert_true(bench.drained > 0);
    close(fd);
}

static void who_is_turned_away_hears_it(void **state) {
    (void)state;
    bench.turns_away = true;
    int fd = ask("GET / HTTP/1.1\r\nHost: <HOST>\r\n" UPGRADE, NULL, 0);
    read_head(fd);
    assert_int_equal(last.status, 101);
    assert_int_equal(hear_close(fd), 1013);
    close(fd);
    assert_true(wait_for(nobody_is_there));
    assert_int_equal(bench.closed, 0);
}

static void read_on(void) {
    ht_door_set_reading(bench.conns[0], true);
}

static void who_is_held_is_not_read_from(void **state) {
    (void)state;
    int fd = open_ws("");
    say(fd, "hold");
    struct timespec pause = {.tv_nsec = 50000000};
    nanosleep(&pause, NULL); /* for the frame behind it to be one that lws has not read */
    say(fd, "held");
    nanosleep(&pause, NULL);
    on_loop(read_counts);
    assert_int_equal(counts.messages_in, 1);
    on_loop(read_on);
    assert_heard(fd, "held");
    close(fd);
}

static void connections_of_an_address_are_bounded(void **state) {
    (void)state;
    start_bench(&(struct ht_door_options){.max_local = 3});
    int fds[3];
    for (int i = 0; i < 3; i++) fds[i] = open_ws("");
    int fd = ask("GET / HTTP/1.1\r\nHost: <HOST>\r\n" UPGRADE, NULL, 0);
    read_head(fd);
    assert_int_equal(last.status, 0);
    close(fd);
    on_loop(read_counts);
    assert_int_equal(counts.refused, 1);
    close(fds[0]);
    for (int i = 1; i < 3; i++) close(fds[i]);
    assert_true(wait_for(nobody_is_there));
    close(open_ws(""));
    stop_bench();
}

static bool two_are_there(void) {
    return counts.connections == 2;
}

static bool one_has_lost_its_place(void) {
    return counts.refused == 1;
}

static void who_comes_takes_the_place_of_who_was_silent_longest(void **state) {
    (void)state;
    char byte;
    start_bench(&(struct ht_door_options){.max_requests = 2});
    int silent[2];
    for (int i = 0; i < 2; i++) silent[i] = connect_door();
    send_all(silent[0], "GET / HT", 8);
    assert_true(wait_for(two_are_there));
    int fd = ask("GET / HTTP/1.1\r\nHost: <HOST>\r\n" UPGRADE, NULL, 0);
    read_head(fd);
    assert_int_equal(last.status, 101);
    assert_heard(fd, "hello");
    assert_true(wait_for(one_has_lost_its_place));
    assert_true(recv(silent[0], &byte, 1, 0) <= 0);
    /* The other has a place as long as nobody wants it. */
    assert_true(wait_for(two_are_there));
    static const char rest[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    send_all(silent[1], rest, sizeof rest - 1);
    read_head(silent[1]);
    assert_int_equal(last.status, 200);
    for (int i = 0; i < 2; i++) close(silent[i]);
    close(fd);
    assert_true(wait_for(nobody_is_there));
    stop_bench();
}

static bool three_are_asked(void) {
    return counts.requests == 3;
}

static void requests_leave_a_place_for_websockets(void **state) {
    (void)state;
    int slow[3];
    start_bench(&(struct ht_door_options){.max_requests = 4});
    for (int i = 0; i < 3; i++)
        slow[i] = ask("PUT /later HTTP/1.1\r\nHost: <HOST>\r\nContent-Length: 10\r\n", "half", 4);
    assert_true(wait_for(three_are_asked));
    int fd = open_ws("");
    int other = ask("GET /file HTTP/1.1\r\nHost: <HOST>\r\n", NULL, 0);
    read_head(other);
    assert_int_equal(last.status, 503);
    assert_true(has_line("x-reason: too many requests at once"));
    for (int i = 0; i < 3; i++) close(slow[i]);
    close(other);
    close(fd);
    assert_true(wait_for(nobody_is_there));
    stop_bench();
}

static void stop_serving(void) {
    ht_door_serve(bench.door, NULL, NULL);
}

static void when_nobody_serves_any_more_all_are_let_go(void **state) {
    (void)state;
    int fd = open_ws("");
    on_loop(stop_serving);
    assert_int_equal(bench.closed, 1);
    assert_int_equal(hear(fd), -1);
    close(fd);
    assert_int_equal(refused("GET / HTTP/1.1\r\nHost: <HOST>\r\n" UPGRADE), 503);
    assert_true(wait_for(nobody_is_there));
}

static void a_silent_connection_is_pinged_and_ended(void **state) {
    (void)state;
    start_bench(&(struct ht_door_options){.ping_s = 1, .hangup_s = 3});
    int fd = open_ws("");
    assert_int_equal(hear(fd), PING);
    assert_int_equal(hear(fd), -1);
    close(fd);
    stop_bench();
}

static void a_taken_port_and_a_bad_address_are_named(void **state) {
    (void)state;
    struct ht_why why = {0};
    struct ht_door *door = NULL;
    struct ht_door_options options = {.port = ht_door_port(bench.door)};
    assert_int_equal(ht_door_new(&door, bench.loop, &options, &why), HT_EAGAIN);
    assert_string_equal(why.code, "port_in_use");
    options = (struct ht_door_options){.address = "example.org"};
    assert_int_equal(ht_door_new(&door, bench.loop, &options, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_address");
    static const char *const names[] = {""};
    options = (struct ht_door_options){.names = names, .name_count = 1};
    assert_int_equal(ht_door_new(&door, bench.loop, &options, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_name");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(any_page_may_open_a_websocket_and_its_messages_come_and_go),
        TEST(a_subprotocol_that_clients_name_is_taken),
        TEST(another_host_is_refused_on_loopback),
        cmocka_unit_test(a_name_that_was_given_is_good_on_loopback),
        TEST(only_the_root_has_a_websocket),
        TEST(parts_are_joined_however_small),
        TEST(the_largest_message_passes_and_a_larger_one_closes),
        TEST(an_announced_length_is_enough_to_close),
        TEST(what_is_not_text_closes),
        cmocka_unit_test(a_half_message_is_not_waited_for_without_end),
        TEST(hanging_up_says_why_and_drops_what_waited),
        TEST(hanging_up_from_elsewhere_says_why_too),
        TEST(who_does_not_read_is_hung_up),
        cmocka_unit_test(who_takes_nothing_is_not_read_from_and_ended),
        TEST(who_reads_slowly_gets_everything),
        TEST(who_is_turned_away_hears_it),
        TEST(who_is_held_is_not_read_from),
        cmocka_unit_test(connections_of_an_address_are_bounded),
        cmocka_unit_test(who_comes_takes_the_place_of_who_was_silent_longest),
        cmocka_unit_test(requests_leave_a_place_for_websockets),
        TEST(when_nobody_serves_any_more_all_are_let_go),
        cmocka_unit_test(a_silent_connection_is_pinged_and_ended),
        TEST(a_taken_port_and_a_bad_address_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
