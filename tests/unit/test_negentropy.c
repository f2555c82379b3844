/* Two sides find their differences, whatever they have, and hostile messages end in errors. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/crypto/sha256.h"
#include "node/nostr/negentropy.h"

#define ITEMS_MAX 40000U

static struct ht_why why;

/* Item number i of a world where each is at its own or a shared second. */
static struct ht_neg_item item_of(uint32_t i, uint32_t a_second) {
    struct ht_neg_item item = {.created_at = 1700000000 + i / a_second};
    uint8_t text[4];
    ht_write_u32_le(text, i);
    ht_sha256(&item.id, HT_BYTES(text));
    return item;
}

static struct ht_neg *side(const struct ht_neg_item *items, size_t count, size_t limit) {
    struct ht_neg *neg = NULL;
    assert_int_equal(ht_neg_new(&neg, items, count, limit, &why), HT_OK);
    return neg;
}

struct outcome {
    size_t have, need, messages, longest, bytes;
};

/* Talks until the client is done; every answer keeps to the limit. */
static struct outcome talk(struct ht_neg *client, struct ht_neg *server, size_t limit) {
    struct ht_buf turns[2];
    struct ht_neg_found found;
    struct outcome outcome = {0};
    for (size_t i = 0; i < 2; i++) ht_buf_init(&turns[i], (size_t)4 << 20);
    ht_buf_init(&found.have, (size_t)4 << 20);
    ht_buf_init(&found.need, (size_t)4 << 20);
    assert_int_equal(ht_neg_initiate(&turns[0], client, &why), HT_OK);
    while (turns[outcome.messages % 2].n > 0) {
        struct ht_buf *said = &turns[outcome.messages % 2];
        struct ht_buf *answer = &turns[(outcome.messages + 1) % 2];
        bool is_client = outcome.messages % 2 == 1;
        ht_buf_clear(answer);
        assert_int_equal(ht_neg_reconcile(answer, is_client ? &found : NULL,
                                          is_client ? client : server, ht_buf_view(said), &why),
                         HT_OK);
        if (limit != 0) assert_true(answer->n <= limit);
        if (said->n > outcome.longest) outcome.longest = said->n;
        outcome.bytes += said->n;
        outcome.messages++;
        assert_true(outcome.messages < 10000);
    }
    outcome.have = found.have.n / 32;
    outcome.need = found.need.n / 32;
    ht_buf_fini(&found.have);
    ht_buf_fini(&found.need);
    for (size_t i = 0; i < 2; i++) ht_buf_fini(&turns[i]);
    return outcome;
}

/* Of `count` items the client lacks each lack-th, the server each other_lack-th; 0: none. */
static struct outcome reconcile(uint32_t count, uint32_t a_second, uint32_t lack,
                                uint32_t other_lack, size_t limit) {
    static struct ht_neg_item ours[ITEMS_MAX];
    static struct ht_neg_item theirs[ITEMS_MAX];
    size_t our_count = 0;
    size_t their_count = 0;
    assert_true(count <= ITEMS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        if (lack == 0 || i % lack != 0) ours[our_count++] = item_of(i, a_second);
        if (other_lack == 0 || i % other_lack != 0) theirs[their_count++] = item_of(i, a_second);
    }
    struct ht_neg *client = side(ours, our_count, limit);
    struct ht_neg *server = side(theirs, their_count, limit);
    struct outcome outcome = talk(client, server, limit);
    ht_neg_free(client);
    ht_neg_free(server);
    return outcome;
}

static void negentropy_of_the_same_events_is_one_short_exchange(void **state) {
    (void)state;
    struct outcome outcome = reconcile(ITEMS_MAX, 3, 0, 0, 0);
    assert_int_equal(outcome.messages, 2);
    assert_int_equal(outcome.have, 0);
    assert_int_equal(outcome.need, 0);
    assert_true(outcome.bytes <= 700);
}

static void negentropy_finds_every_difference(void **state) {
    (void)state;
    static const uint32_t lacks[][2] = {{0, 1000}, {1000, 0}, {7, 11}, {2, 3}, {400, 401}, {1, 0}};
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++) {
        const uint32_t count = 4000;
        uint32_t ours = lacks[i][0];
        uint32_t theirs = lacks[i][1];
        size_t have = 0;
        size_t need = 0;
        for (uint32_t k = 0; k < count; k++) {
            bool is_ours = ours == 0 || k % ours != 0;
            bool is_theirs = theirs == 0 || k % theirs != 0;
            have += is_ours && !is_theirs;
            need += is_theirs && !is_ours;
        }
        struct outcome outcome = reconcile(count, 1, ours, theirs, 0);
        assert_int_equal(outcome.have, have);
        assert_int_equal(outcome.need, need);
    }
}

static void negentropy_tells_events_of_the_same_second_apart(void **state) {
    (void)state;
    struct outcome outcome = reconcile(3000, 3000, 50, 0, 0);
    assert_int_equal(outcome.need, 60);
    assert_int_equal(outcome.have, 0);
}

static void negentropy_keeps_to_its_frame_limit_and_comes_to_an_end(void **state) {
    (void)state;
    struct outcome outcome = reconcile(20000, 2, 5, 0, HT_NEG_FRAME_MIN);
    assert_int_equal(outcome.need, 4000);
    outcome = reconcile(20000, 2, 1, 0, HT_NEG_FRAME_MIN);
    assert_int_equal(outcome.need, 20000);
    outcome = reconcile(20000, 2, 0, 3, HT_NEG_FRAME_MIN + 1000);
    assert_int_equal(outcome.have, 6667);
}

static void negentropy_takes_items_in_any_order(void **state) {
    (void)state;
    struct ht_neg_item items[3][100];
    struct ht_buf first[3];
    for (uint32_t i = 0; i < 100; i++) {
        items[0][i] = item_of(i, 2);
        items[1][i] = item_of(i * 37 % 100, 2);
    }
    for (size_t i = 0; i < 100; i++) items[2][i] = items[0][99 - i];
    for (size_t i = 0; i < 3; i++) {
        struct ht_neg *neg = side(items[i], 100, 0);
        ht_buf_init(&first[i], 10000);
        assert_int_equal(ht_neg_initiate(&first[i], neg, &why), HT_OK);
        ht_neg_free(neg);
        assert_true(ht_bytes_equal(ht_buf_view(&first[0]), ht_buf_view(&first[i])));
    }
    for (size_t i = 0; i < 3; i++) ht_buf_fini(&first[i]);
}

static void negentropy_refuses_an_item_twice_and_one_without_time(void **state) {
    (void)state;
    struct ht_neg *neg = NULL;
    struct ht_neg_item items[3] = {item_of(1, 1), item_of(2, 1), item_of(1, 1)};
    assert_int_equal(ht_neg_new(&neg, items, 3, 0, &why), HT_EINPUT);
    assert_string_equal(why.code, "neg_item");
    items[2] = (struct ht_neg_item){.created_at = UINT64_MAX};
    why.code = "";
    assert_int_equal(ht_neg_new(&neg, items, 3, 0, &why), HT_EINPUT);
    assert_string_equal(why.code, "neg_item");
    assert_int_equal(ht_neg_new(&neg, items, HT_NEG_ITEMS_MAX + 1, 0, &why), HT_ELIMIT);
    assert_string_equal(why.code, "neg_too_large");
    assert_null(neg);
}

/* --- messages ---------------------------------------------------------------------------------*/

static struct ht_neg *hundred(void) {
    struct ht_neg_item items[100];
    for (uint32_t i = 0; i < 100; i++) items[i] = item_of(i, 1);
    return side(items, 100, 0);
}

static void server_refuses(ht_bytes message, enum ht_err err, const char *code) {
    struct ht_neg *neg = hundred();
    struct ht_buf out;
    ht_buf_init(&out, 100000);
    assert_int_equal(ht_buf_add_str(&out, "before"), HT_OK);
    why.code = "";
    assert_int_equal(ht_neg_reconcile(&out, NULL, neg, message, &why), err);
    assert_string_equal(why.code, code);
    assert_int_equal(out.n, 6);
    ht_buf_fini(&out);
    ht_neg_free(neg);
}

static void negentropy_server_refuses_malformed_messages(void **state) {
    (void)state;
    static const uint8_t no_version[] = {0x20, 0, 0, 0};
    static const uint8_t no_bound[] = {0x61, 0x80};
    static const uint8_t long_bound[] = {0x61, 0, 33, 0};
    static const uint8_t cut_bound[] = {0x61, 1, 3, 0, 0};
    static const uint8_t no_mode[] = {0x61, 0, 0};
    static const uint8_t other_mode[] = {0x61, 0, 0, 3};
    static const uint8_t cut_fingerprint[] = {0x61, 0, 0, 1, 9, 9, 9};
    static const uint8_t cut_list[] = {0x61, 0, 0, 2, 1, 9, 9};
    static const uint8_t endless_list[] = {0x61, 0,    0,    2,    0x81, 0xff, 0xff,
                                           0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
    static const uint8_t long_number[] = {0x61, 0x82, 0xff, 0xff, 0xff, 0xff, 0xff,
                                          0xff, 0xff, 0xff, 0x7f, 0,    0};
    const ht_bytes messages[] = {
        HT_BYTES(no_version),  HT_BYTES(no_bound),        HT_BYTES(long_bound),
        HT_BYTES(cut_bound),   HT_BYTES(no_mode),         HT_BYTES(other_mode),
        HT_BYTES(cut_list),    HT_BYTES(cut_fingerprint), HT_BYTES(endless_list),
        HT_BYTES(long_number), ht_bytes_str(""),
    };
    static const char *const said[] = {"version", "cut off", "too long", "cut off",
                                       "cut off", "mode",    "cut off",  "cut off",
                                       "cut off", "number",  "cut off"};
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        server_refuses(messages[i], HT_EINPUT, "neg_malformed");
        if (strstr(why.text, said[i]) == NULL) fail_msg("%zu: %s", i, why.text);
    }
}

static void negentropy_refuses_messages_that_are_too_long(void **state) {
    (void)state;
    static const uint8_t message[HT_NEG_MESSAGE_MAX + 1] = {0x61};
    server_refuses(HT_BYTES(message), HT_ELIMIT, "neg_too_large");
}

static void negentropy_answer_that_does_not_fit_is_refused(void **state) {
    (void)state;
    /* That the client has none: the answer is all ids. */
    static const uint8_t empty[] = {0x61, 0, 0, 2, 0};
    struct ht_neg *neg = hundred();
    struct ht_buf out;
    ht_buf_init(&out, 3200);
    assert_int_equal(ht_neg_reconcile(&out, NULL, neg, HT_BYTES(empty), &why), HT_ELIMIT);
    assert_string_equal(why.code, "neg_too_large");
    assert_int_equal(out.n, 0);
    ht_buf_fini(&out);
    ht_neg_free(neg);
}

static void negentropy_server_answers_another_version_with_its_own(void **state) {
    (void)state;
    static const uint8_t other[] = {0x62, 1, 2, 3};
    struct ht_neg *neg = hundred();
    struct ht_buf out;
    ht_buf_init(&out, 100);
    assert_int_equal(ht_neg_reconcile(&out, NULL, neg, HT_BYTES(other), &why), HT_OK);
    assert_int_equal(out.n, 1);
    assert_int_equal(out.p[0], HT_NEG_VERSION);
    ht_buf_fini(&out);
    ht_neg_free(neg);
}

static void negentropy_client_keeps_nothing_of_a_message_that_breaks_off(void **state) {
    (void)state;
    /* A list of one id for all, then half a range. */
    uint8_t message[1 + 4 + 32 + 4 + 1] = {0x61, 0x80, 5, 0, 2};
    struct ht_neg *neg = hundred();
    struct ht_buf out;
    struct ht_neg_found found;
    ht_buf_init(&out, 100000);
    ht_buf_init(&found.have, 100000);
    ht_buf_init(&found.need, 100000);
    assert_int_equal(ht_neg_initiate(&out, neg, &why), HT_OK);
    ht_buf_clear(&out);
    const uint8_t good[] = {0x61, 0, 0, 2, 1};
    memcpy(message, good, sizeof good);
    memset(message + 5, 7, 32);
    message[37] = 0;
    assert_int_equal(ht_neg_reconcile(&out, &found, neg, ht_bytes_of(message, 38), &why),
                     HT_EINPUT);
    assert_string_equal(why.code, "neg_malformed");
    assert_int_equal(found.have.n + found.need.n + out.n, 0);
    /* The same without the half range; and of another version. */
    assert_int_equal(ht_neg_reconcile(&out, &found, neg, ht_bytes_of(message, 37), &why), HT_OK);
    assert_int_equal(found.have.n, 100 * 32);
    assert_int_equal(found.need.n, 32);
    assert_int_equal(out.n, 0);
    message[0] = 0x60;
    assert_int_equal(ht_neg_reconcile(&out, &found, neg, ht_bytes_of(message, 37), &why),
                     HT_EINPUT);
    assert_string_equal(why.code, "neg_version");
    ht_buf_fini(&out);
    ht_buf_fini(&found.have);
    ht_buf_fini(&found.need);
    ht_neg_free(neg);
}

static void negentropy_counts_an_id_once_that_is_told_twice(void **state) {
    (void)state;
    uint8_t message[5 + 64] = {0x61, 0, 0, 2, 2};
    struct ht_neg *neg = side(NULL, 0, 0);
    struct ht_buf out;
    struct ht_neg_found found;
    ht_buf_init(&out, 1000);
    ht_buf_init(&found.have, 1000);
    ht_buf_init(&found.need, 1000);
    memset(message + 5, 7, 64);
    assert_int_equal(ht_neg_initiate(&out, neg, &why), HT_OK);
    assert_int_equal(ht_neg_reconcile(&out, &found, neg, HT_BYTES(message), &why), HT_OK);
    assert_int_equal(found.need.n, 32);
    ht_buf_fini(&out);
    ht_buf_fini(&found.have);
    ht_buf_fini(&found.need);
    ht_neg_free(neg);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(negentropy_of_the_same_events_is_one_short_exchange),
        cmocka_unit_test(negentropy_finds_every_difference),
        cmocka_unit_test(negentropy_tells_events_of_the_same_second_apart),
        cmocka_unit_test(negentropy_keeps_to_its_frame_limit_and_comes_to_an_end),
        cmocka_unit_test(negentropy_takes_items_in_any_order),
        cmocka_unit_test(negentropy_refuses_an_item_twice_and_one_without_time),
        cmocka_unit_test(negentropy_server_refuses_malformed_messages),
        cmocka_unit_test(negentropy_refuses_messages_that_are_too_long),
        cmocka_unit_test(negentropy_answer_that_does_not_fit_is_refused),
        cmocka_unit_test(negentropy_server_answers_another_version_with_its_own),
        cmocka_unit_test(negentropy_client_keeps_nothing_of_a_message_that_breaks_off),
        cmocka_unit_test(negentropy_counts_an_id_once_that_is_told_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
