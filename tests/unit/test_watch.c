/* Watched descriptors: reading, writing, the other side's going, closing from within. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/loop/watch.h"

static struct ht_loop *loop;
static struct ht_watches *watches;
static struct ht_watch watch;
static struct ht_timer deadline;
static int other;
static char heard[32];
static unsigned reads, writes, losses;
static bool closes_when_read, is_at_end;

static void on_readable(struct ht_watch *one) {
    ssize_t n;
    reads++;
    while ((n = recv(one->fd, heard, sizeof heard - 1, MSG_DONTWAIT)) > 0) heard[n] = '\0';
    is_at_end = n == 0;
    if (closes_when_read || is_at_end) ht_watch_close(one);
    ht_loop_stop(loop);
}

static void on_writable(struct ht_watch *one) {
    assert_true(one->is_open);
    writes++;
    ht_loop_stop(loop);
}

static void on_lost(struct ht_watch *one) {
    assert_false(one->is_open);
    losses++;
    ht_loop_stop(loop);
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
    int pair[2];
    reads = writes = losses = 0;
    closes_when_read = is_at_end = false;
    heard[0] = '\0';
    assert_int_equal(ht_loop_new(&loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_watches_new(&watches, loop, NULL), HT_OK);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    other = pair[1];
    watch = (struct ht_watch){.readable = on_readable, .writable = on_writable, .lost = on_lost};
    assert_int_equal(ht_watch_open(&watch, watches, pair[0], NULL), HT_OK);
    return 0;
}

static int end(void **state) {
    (void)state;
    ht_watch_close(&watch);
    if (other >= 0) (void)close(other);
    ht_watches_free(watches);
    ht_loop_free(loop);
    return 0;
}

static void watch_tells_what_can_be_read(void **state) {
    (void)state;
    assert_int_equal(write(other, "hello", 5), 5);
    run(5000);
    assert_string_equal(heard, "hello");
    assert_int_equal(writes, 0); /* nobody asked */
}

static void watch_tells_once_that_it_can_be_written(void **state) {
    (void)state;
    ht_watch_write(&watch);
    run(5000);
    run(50);
    assert_int_equal(writes, 1);
}

static void watch_lets_the_end_of_a_stream_be_read(void **state) {
    (void)state;
    assert_int_equal(write(other, "bye", 3), 3);
    (void)close(other);
    other = -1;
    for (unsigned i = 0; i < 50 && !is_at_end; i++) run(20);
    assert_true(is_at_end);
    assert_string_equal(heard, "bye");
    assert_false(watch.is_open);
    assert_int_equal(losses, 0);
    ht_watch_close(&watch); /* fine */
}

static void watch_closed_from_within_is_never_heard_of_again(void **state) {
    (void)state;
    int fd = watch.fd;
    closes_when_read = true;
    assert_int_equal(write(other, "a", 1), 1);
    run(5000);
    assert_int_equal(reads, 1);
    assert_int_equal(fcntl(fd, F_GETFD), -1); /* ours is closed at once */
    (void)!send(other, "b", 1, MSG_NOSIGNAL);
    run(100);
    assert_int_equal(reads, 1);
    assert_int_equal(losses, 0);
    assert_int_equal(recv(other, heard, 1, 0), 0); /* and so is the copy */
}

static void watch_keeps_the_error_of_a_connection_that_is_refused(void **state) {
    (void)state;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int place = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* bound, and does not listen */
    assert_int_equal(bind(place, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(place, (struct sockaddr *)&at, &len), 0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)!connect(fd, (const struct sockaddr *)&at, sizeof at);
    ht_watch_close(&watch);
    assert_int_equal(ht_watch_open(&watch, watches, fd, NULL), HT_OK);
    for (unsigned i = 0; i < 50 && losses + reads == 0; i++) run(20);
    if (losses > 0) assert_int_equal(watch.error, ECONNREFUSED);
    (void)close(place);
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WATCHED(watch_tells_what_can_be_read),
        WATCHED(watch_tells_once_that_it_can_be_written),
        WATCHED(watch_lets_the_end_of_a_stream_be_read),
        WATCHED(watch_closed_from_within_is_never_heard_of_again),
        WATCHED(watch_keeps_the_error_of_a_connection_that_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
