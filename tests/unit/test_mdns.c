/* Finding nodes of the own network: messages, and two nodes on the loopback interface. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "node/p2p/mdns.h"

#define UDP_PORT 15353

static struct ht_mdns_message message; /* large */

static struct ht_mdns_node node_of(uint8_t first) {
    struct ht_mdns_node node = {.port = 8422, .ttl_s = HT_MDNS_TTL_S, .address_count = 2};
    memset(node.node.b, first, sizeof node.node.b);
    memcpy(node.addresses[0].b, (const uint8_t[]){192, 168, 1, first}, 4);
    node.addresses[1].is_v6 = true;
    node.addresses[1].b[0] = 0xfd;
    node.addresses[1].b[15] = first;
    return node;
}

static void assert_refused(ht_bytes bytes, enum ht_err err, const char *code) {
    struct ht_why why = {0};
    assert_int_equal(ht_mdns_read(&message, bytes, &why), err);
    assert_string_equal(why.code, code);
}

/* --- messages --------------------------------------------------------------------------------- */

static void mdns_reads_what_it_writes(void **state) {
    (void)state;
    uint8_t bytes[HT_MDNS_WRITE_MAX];
    struct ht_mdns_node self = node_of(7);
    size_t n = ht_mdns_write_answer(bytes, &self, NULL);
    assert_int_equal(ht_mdns_read(&message, ht_bytes_of(bytes, n), NULL), HT_OK);
    assert_true(message.is_answer);
    assert_int_equal(message.found_count, 1);
    assert_memory_equal(message.found[0].node.b, self.node.b, 32);
    assert_int_equal(message.found[0].port, 8422);
    assert_int_equal(message.found[0].ttl_s, HT_MDNS_TTL_S);
    assert_int_equal(message.found[0].address_count, 2);
    assert_memory_equal(message.found[0].addresses[0].b, self.addresses[0].b, 4);
    assert_true(message.found[0].addresses[1].is_v6);
}

static void mdns_knows_when_it_is_asked(void **state) {
    (void)state;
    uint8_t bytes[HT_MDNS_WRITE_MAX];
    struct ht_mdns_node self = node_of(7);
    size_t n = ht_mdns_write_question(bytes);
    assert_int_equal(ht_mdns_read(&message, ht_bytes_of(bytes, n), NULL), HT_OK);
    assert_int_equal(message.question_count, 1);
    assert_string_equal(message.questions[0].name, HT_MDNS_SERVICE);
    assert_true(ht_mdns_asks(&message, &self.node));
    message.questions[0].type = 1; /* the address of a service there is not */
    assert_false(ht_mdns_asks(&message, &self.node));
    (void)snprintf(message.questions[0].name, HT_MDNS_NAME_SIZE, "hearth-0707070707070707.local");
    assert_true(ht_mdns_asks(&message, &self.node));
    message.questions[0].name[7] = '1';
    assert_false(ht_mdns_asks(&message, &self.node));
}

static void mdns_is_silent_when_the_asker_knows_us(void **state) {
    (void)state;
    uint8_t bytes[HT_MDNS_WRITE_MAX];
    struct ht_mdns_node self = node_of(7), other = node_of(8);
    size_t n = ht_mdns_write_question(bytes);
    static const uint8_t known[] =
        "\x07_hearth\x04_tcp\x05local\x00\x00\x0c\x00\x01\x00\x00\x00\x78"
        "\x00\x13\x10"
        "0707070707070707\xc0\x0c";
    memcpy(bytes + n, known, sizeof known - 1);
    bytes[7] = 1; /* answers */
    assert_int_equal(ht_mdns_read(&message, ht_bytes_of(bytes, n + sizeof known - 1), NULL), HT_OK);
    assert_false(ht_mdns_asks(&message, &self.node));
    assert_true(ht_mdns_asks(&message, &other.node));
    message.found[0].ttl_s = HT_MDNS_TTL_S / 2 - 1; /* soon it will not */
    assert_true(ht_mdns_asks(&message, &self.node));
}

static void mdns_hears_who_goes(void **state) {
    (void)state;
    uint8_t bytes[HT_MDNS_WRITE_MAX];
    struct ht_mdns_node self = node_of(7);
    self.ttl_s = 0;
    size_t n = ht_mdns_write_answer(bytes, &self, NULL);
    assert_int_equal(ht_mdns_read(&message, ht_bytes_of(bytes, n), NULL), HT_OK);
    assert_int_equal(message.found_count, 1);
    assert_int_equal(message.found[0].ttl_s, 0);
}

static void mdns_says_the_question_of_a_plain_resolver_again(void **state) {
    (void)state;
    uint8_t bytes[HT_MDNS_WRITE_MAX];
    struct ht_mdns_node self = node_of(7);
    static struct ht_mdns_message asked;
    asked = (struct ht_mdns_message){.id = 0x1234, .question_count = 1};
    (void)snprintf(asked.questions[0].name, HT_MDNS_NAME_SIZE, HT_MDNS_SERVICE);
    asked.questions[0].type = 12;
    size_t n = ht_mdns_write_answer(bytes, &self, &asked);
    assert_int_equal(ht_mdns_read(&message, ht_bytes_of(bytes, n), NULL), HT_OK);
    assert_int_equal(message.id, 0x1234);
    assert_int_equal(message.question_count, 1);
    assert_int_equal(message.found[0].ttl_s, 10);
}

static void mdns_refuses_a_message_cut_anywhere(void **state) {
    (void)state;
    uint8_t bytes[HT_MDNS_WRITE_MAX];
    struct ht_mdns_node self = node_of(7);
    size_t n = ht_mdns_write_answer(bytes, &self, NULL);
    for (size_t i = 0; i < n; i++) assert_refused(ht_bytes_of(bytes, i), HT_EINPUT, "bad_mdns");
}

static void mdns_refuses_names_that_lead_in_a_circle(void **state) {
    (void)state;
    uint8_t bytes[32] = {[5] = 1, [12] = 0xc0, [13] = 12, [15] = 12, [17] = 1};
    assert_refused(ht_bytes_of(bytes, 18), HT_EINPUT, "bad_mdns"); /* to itself */
    bytes[13] = 14;
    assert_refused(ht_bytes_of(bytes, 18), HT_EINPUT, "bad_mdns"); /* ahead */
    uint8_t pair[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0xc0, 12, 0, 12, 0, 1};
    assert_refused(HT_BYTES(pair), HT_EINPUT, "bad_mdns"); /* through a label */
}

static void mdns_refuses_too_many_records(void **state) {
    (void)state;
    uint8_t bytes[12] = {[7] = 65};
    assert_refused(HT_BYTES(bytes), HT_ELIMIT, "mdns_records");
}

static void mdns_passes_over_a_key_that_is_not_the_names(void **state) {
    (void)state;
    uint8_t bytes[HT_MDNS_WRITE_MAX];
    struct ht_mdns_node self = node_of(7);
    size_t n = ht_mdns_write_answer(bytes, &self, NULL);
    uint8_t *key = memmem(bytes, n, "node=", 5);
    assert_non_null(key);
    key[5] = '1';
    assert_int_equal(ht_mdns_read(&message, ht_bytes_of(bytes, n), NULL), HT_OK);
    assert_int_equal(message.found_count, 0);
}

/* --- two nodes -------------------------------------------------------------------------------- */

static struct ht_loop *loop;
static struct ht_timer deadline;
static char heard[64];
static ht_hash32 heard_node;

static void on_found(void *user, const ht_hash32 *node, const char *url) {
    (void)user;
    heard_node = *node;
    (void)snprintf(heard, sizeof heard, "%s", url);
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

static void mdns_nodes_of_one_network_find_each_other(void **state) {
    (void)state;
    struct ht_watches *watches;
    struct ht_mdns *a = NULL, *b = NULL;
    struct ht_why why = {0};
    assert_int_equal(ht_loop_new(&loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_watches_new(&watches, loop, NULL), HT_OK);
    struct ht_mdns_options options = {.loop = loop,
                                      .watches = watches,
                                      .random = &ht_system_random,
                                      .is_loopback = true,
                                      .udp_port = UDP_PORT,
                                      .port = 4711,
                                      .found = on_found};
    options.node = node_of(7).node;
    if (ht_mdns_new(&a, &options, &why) != HT_OK) fail_msg("%s", why.text);
    options.port = 0; /* only looks */
    options.node = node_of(8).node;
    assert_int_equal(ht_mdns_new(&b, &options, NULL), HT_OK);
    run(5000);
    assert_string_equal(heard, "wss://127.0.0.1:4711");
    assert_memory_equal(heard_node.b, node_of(7).node.b, 32);
    assert_int_equal(ht_mdns_count(b), 1);
    assert_int_equal(ht_mdns_count(a), 0);
    ht_mdns_free(a);
    run(100);
    for (unsigned i = 0; i < 50 && ht_mdns_count(b) > 0; i++) run(100);
    assert_int_equal(ht_mdns_count(b), 0);
    ht_mdns_free(b);
    ht_watches_free(watches);
    ht_loop_free(loop);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mdns_reads_what_it_writes),
        cmocka_unit_test(mdns_knows_when_it_is_asked),
        cmocka_unit_test(mdns_is_silent_when_the_asker_knows_us),
        cmocka_unit_test(mdns_hears_who_goes),
        cmocka_unit_test(mdns_says_the_question_of_a_plain_resolver_again),
        cmocka_unit_test(mdns_refuses_a_message_cut_anywhere),
        cmocka_unit_test(mdns_refuses_names_that_lead_in_a_circle),
        cmocka_unit_test(mdns_refuses_too_many_records),
        cmocka_unit_test(mdns_passes_over_a_key_that_is_not_the_names),
        cmocka_unit_test(mdns_nodes_of_one_network_find_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
