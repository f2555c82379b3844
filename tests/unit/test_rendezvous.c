/* The rendezvous: names, days, values; and a public store of two nodes where OpenDHT is installed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/crypto/secp256k1.h"
#include "node/p2p/rendezvous.h"
#include "node/p2p/rendezvous_dht.h"

static const uint8_t key_a[32] = {[31] = 5}, key_b[32] = {[31] = 6}, key_c[32] = {[31] = 7};
static ht_hash32 a, b, c;

static int start(void **state) {
    (void)state;
    assert_int_equal(ht_secp256k1_public_key_x(a.b, key_a, NULL), HT_OK);
    assert_int_equal(ht_secp256k1_public_key_x(b.b, key_b, NULL), HT_OK);
    assert_int_equal(ht_secp256k1_public_key_x(c.b, key_c, NULL), HT_OK);
    return 0;
}

static void rendezvous_names_are_the_same_from_both_sides(void **state) {
    (void)state;
    uint8_t ab[32], ba[32];
    ht_hash32 one, other;
    assert_int_equal(ht_rendezvous_secret(ab, key_a, &b, NULL), HT_OK);
    assert_int_equal(ht_rendezvous_secret(ba, key_b, &a, NULL), HT_OK);
    ht_rendezvous_name(&one, ab, 20000, &a);
    ht_rendezvous_name(&other, ba, 20000, &a);
    assert_memory_equal(one.b, other.b, 32);
}

static void rendezvous_names_differ_by_day_writer_and_pair(void **state) {
    (void)state;
    uint8_t ab[32], ac[32];
    ht_hash32 names[4];
    assert_int_equal(ht_rendezvous_secret(ab, key_a, &b, NULL), HT_OK);
    assert_int_equal(ht_rendezvous_secret(ac, key_a, &c, NULL), HT_OK);
    ht_rendezvous_name(&names[0], ab, 20000, &a);
    ht_rendezvous_name(&names[1], ab, 20001, &a);
    ht_rendezvous_name(&names[2], ab, 20000, &b);
    ht_rendezvous_name(&names[3], ac, 20000, &a);
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < i; k++) assert_memory_not_equal(names[i].b, names[k].b, 32);
    }
}

static void rendezvous_days_meet_around_midnight(void **state) {
    (void)state;
    int64_t days[HT_RENDEZVOUS_DAYS];
    const int64_t midnight = INT64_C(20000) * 86400;
    assert_int_equal(ht_rendezvous_days(days, midnight + 43200), 1);
    assert_int_equal(days[0], 20000);
    assert_int_equal(ht_rendezvous_days(days, midnight + 60), 2);
    assert_int_equal(days[1], 19999);
    assert_int_equal(ht_rendezvous_days(days, midnight - 60), 2);
    assert_int_equal(days[0], 19999);
    assert_int_equal(days[1], 20000);
}

static void seal(struct ht_buf *out, const uint8_t secret[32], const char *text) {
    ht_buf_init(out, HT_NIP44_ENCRYPT_ROOM);
    assert_int_equal(ht_rendezvous_seal(out, secret, ht_bytes_str(text), &ht_system_random, NULL),
                     HT_OK);
}

static void rendezvous_value_is_read_by_the_other_side_alone(void **state) {
    (void)state;
    uint8_t ab[32], ba[32], ca[32];
    struct ht_buf value, plain;
    struct ht_why why = {0};
    assert_int_equal(ht_rendezvous_secret(ab, key_a, &b, NULL), HT_OK);
    assert_int_equal(ht_rendezvous_secret(ba, key_b, &a, NULL), HT_OK);
    assert_int_equal(ht_rendezvous_secret(ca, key_c, &a, NULL), HT_OK);
    seal(&value, ab, "{\"kind\":30848}");
    ht_buf_init(&plain, HT_NIP44_DECRYPT_ROOM);
    assert_int_equal(ht_rendezvous_open(&plain, ba, ht_buf_view(&value), NULL), HT_OK);
    assert_int_equal(plain.n, 14);
    assert_memory_equal(plain.p, "{\"kind\":30848}", 14);
    ht_buf_clear(&plain);
    assert_int_equal(ht_rendezvous_open(&plain, ca, ht_buf_view(&value), &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "nip44_mac");
    assert_int_equal(plain.n, 0);
    ht_buf_fini(&value);
    ht_buf_fini(&plain);
}

static void rendezvous_refuses_what_is_too_long(void **state) {
    (void)state;
    static uint8_t long_text[HT_RENDEZVOUS_VALUE_MAX + 1];
    uint8_t ab[32];
    struct ht_buf out;
    struct ht_why why = {0};
    assert_int_equal(ht_rendezvous_secret(ab, key_a, &b, NULL), HT_OK);
    ht_buf_init(&out, HT_NIP44_ENCRYPT_ROOM);
    ht_bytes plain = ht_bytes_of(long_text, HT_RENDEZVOUS_PLAIN_MAX + 1);
    assert_int_equal(ht_rendezvous_seal(&out, ab, plain, &ht_system_random, &why), HT_ELIMIT);
    assert_string_equal(why.code, "rendezvous_long");
    why.code = NULL;
    assert_int_equal(ht_rendezvous_open(&out, ab, HT_BYTES(long_text), &why), HT_ELIMIT);
    assert_string_equal(why.code, "rendezvous_long");
    ht_buf_fini(&out);
}

/* --- a store of two nodes --------------------------------------------------------------------- */

static struct ht_loop *loop;
static struct ht_pool *pool;
static struct ht_dht *first, *second;
static struct ht_timer again, deadline;
static char port[8];
static char got[64];

static void on_late(struct ht_timer *timer) {
    ht_loop_stop(timer->loop);
}

static void on_again(struct ht_timer *timer) {
    static const ht_hash32 name = {.b = {1, 2, 3}};
    (void)!ht_dht_put(first, &name, ht_bytes_str("left here"));
    (void)!ht_dht_look(second, &name, &b);
    ht_timer_set(loop, timer, 500, on_again);
}

static void on_changed(void *user) {
    (void)user;
    ht_loop_stop(loop);
}

static void on_found(void *user, const ht_hash32 *who, ht_bytes value) {
    (void)user;
    assert_memory_equal(who->b, b.b, 32);
    (void)snprintf(got, sizeof got, "%.*s", (int)value.n, (const char *)value.p);
    ht_loop_stop(loop);
}

static void run(int64_t ms) {
    ht_timer_set(loop, &deadline, ms, on_late);
    ht_loop_run(loop);
    ht_timer_cancel(&deadline);
}

/* The library listens on all addresses: here there are none but loopback's. */
static bool enter_own_network(void) {
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    bool is_up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
    if (fd >= 0) close(fd);
    return is_up;
}

static struct ht_dht *open_store(const char *bootstrap) {
    struct ht_dht *dht = NULL;
    const struct ht_dht_options options = {.loop = loop,
                                           .pool = pool,
                                           .bootstrap = bootstrap,
                                           .bootstrap_port = port,
                                           .changed = on_changed,
                                           .found = on_found};
    assert_int_equal(ht_dht_new(&dht, &options, NULL), HT_OK);
    run(20000);
    return dht;
}

static void begin_loop(void) {
    assert_int_equal(ht_loop_new(&loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_pool_new(&pool, loop, 1, 8, NULL), HT_OK);
}

static void end_loop(void) {
    ht_pool_free(pool);
    ht_loop_drain(loop);
    ht_loop_drain(loop);
    ht_loop_free(loop);
}

static void dht_carries_a_value_from_node_to_node(void **state) {
    (void)state;
    if (dlopen("libopendht-c.so.2", RTLD_NOW) == NULL) {
        print_message("skipped: OpenDHT is not installed\n");
        skip();
    }
    if (!enter_own_network()) {
        print_message("skipped: no network namespace of our own\n");
        skip();
    }
    begin_loop();
    first = open_store("");
    assert_int_equal(ht_dht_state(first), HT_DHT_READY);
    (void)snprintf(port, sizeof port, "%u", (unsigned)ht_dht_port(first));
    second = open_store("127.0.0.1");
    assert_int_equal(ht_dht_state(second), HT_DHT_READY);
    assert_true(ht_dht_port(first) != 0 && ht_dht_port(first) != ht_dht_port(second));
    ht_timer_set(loop, &again, 1, on_again);
    run(60000);
    ht_timer_cancel(&again);
    assert_string_equal(got, "left here");
    ht_dht_free(first);
    ht_dht_free(second);
    end_loop();
}

static void dht_that_is_left_while_it_begins_ends(void **state) {
    (void)state;
    const struct ht_dht_options options = {
        .bootstrap = "", .changed = on_changed, .found = on_found};
    struct ht_dht_options with = options;
    struct ht_dht *dht = NULL;
    if (!enter_own_network()) {
        print_message("skipped: no network namespace of our own\n");
        skip();
    }
    begin_loop();
    with.loop = loop;
    with.pool = pool;
    assert_int_equal(ht_dht_new(&dht, &with, NULL), HT_OK);
    assert_int_equal(ht_dht_put(dht, &a, ht_bytes_str("x")), HT_EAGAIN);
    assert_int_equal(ht_dht_look(dht, &a, &b), HT_EAGAIN);
    ht_dht_free(dht);
    run(300);
    end_loop();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rendezvous_names_are_the_same_from_both_sides),
        cmocka_unit_test(rendezvous_names_differ_by_day_writer_and_pair),
        cmocka_unit_test(rendezvous_days_meet_around_midnight),
        cmocka_unit_test(rendezvous_value_is_read_by_the_other_side_alone),
        cmocka_unit_test(rendezvous_refuses_what_is_too_long),
        cmocka_unit_test(dht_carries_a_value_from_node_to_node),
        cmocka_unit_test(dht_that_is_left_while_it_begins_ends),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
