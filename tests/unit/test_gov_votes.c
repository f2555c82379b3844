/* Logs of votes in every way of counting, marks of voters, and the past by checkpoints: the search
 * against a plain look through all of them. */
#include "tests/unit/gov_words.h"

struct log {
    ht_hash32 topics[2];
    uint8_t data[32 * 64];
    size_t n;
};

static void put(struct log *log, size_t word, uint64_t value) {
    ht_hash32 bytes = gov_word(value);
    memcpy(log->data + 32 * word, bytes.b, 32);
}

/* VoteCast, or with params VoteCastWithParams. */
static struct log vote(uint8_t support, uint64_t weight, const char *reason, ht_bytes params) {
    struct log log = {
        .topics = {params.n > 0 ? ht_gov_topic_vote_cast_with_params : ht_gov_topic_vote_cast}};
    size_t head = params.n > 0 ? 5 : 4;
    size_t reason_words = (strlen(reason) + 31) / 32;
    memset(log.topics[1].b + 12, 0xaa, 20);
    put(&log, 0, 7);
    put(&log, 1, support);
    put(&log, 2, weight);
    put(&log, 3, 32 * head);
    put(&log, head, strlen(reason));
    memcpy(log.data + 32 * (head + 1), reason, strlen(reason));
    log.n = 32 * (head + 1 + reason_words);
    if (params.n == 0) return log;
    put(&log, 4, log.n);
    put(&log, log.n / 32, params.n);
    memcpy(log.data + log.n + 32, params.p, params.n);
    log.n += 32 + (params.n + 31) / 32 * 32;
    return log;
}

static enum ht_err read(struct ht_gov_vote *out, const struct log *log,
                        enum ht_gov_counting counting, struct ht_why *why) {
    return ht_gov_vote_read(out, log->topics, 2, ht_bytes_of(log->data, log->n), counting, why);
}

static void refuses(const struct log *log, enum ht_gov_counting counting, const char *code,
                    const char *text) {
    struct ht_gov_vote got;
    struct ht_why why = {.code = "", .text = ""};
    assert_int_equal(read(&got, log, counting, &why), HT_EINPUT);
    assert_string_equal(why.code, code);
    if (strstr(why.text, text) == NULL) fail_msg("%s", why.text);
}

static const ht_bytes none = {NULL, 0};

static void a_vote_is_read_from_its_log(void **state) {
    (void)state;
    struct log log = vote(1, 500, "because", none);
    struct ht_gov_vote got;
    assert_int_equal(read(&got, &log, HT_GOV_SIMPLE, NULL), HT_OK);
    assert_int_equal(got.voter.b[0], 0xaa);
    assert_int_equal(got.id.limb[0], 7);
    assert_int_equal(got.support, 1);
    assert_int_equal(got.weight.limb[0], 500);
    assert_int_equal(got.split[1].limb[0], 500);
    assert_true(ht_u256_is_zero(&got.split[0]) && ht_u256_is_zero(&got.split[2]));
    assert_true(ht_bytes_equal(got.reason, ht_bytes_str("because")));
}

static void params_mean_nothing_where_counting_is_simple(void **state) {
    (void)state;
    uint8_t params[3] = {1, 2, 3};
    struct log log = vote(2, 500, "", HT_BYTES(params));
    struct ht_gov_vote got;
    assert_int_equal(read(&got, &log, HT_GOV_SIMPLE, NULL), HT_OK);
    assert_int_equal(got.split[2].limb[0], 500);
    assert_int_equal(got.params.n, 3);
}

static void a_split_vote_has_its_parts(void **state) {
    (void)state;
    uint8_t params[48] = {0};
    params[15] = 1, params[31] = 2, params[47] = 3;
    struct log log = vote(255, 6, "", HT_BYTES(params));
    struct ht_gov_vote got;
    assert_int_equal(read(&got, &log, HT_GOV_FRACTIONAL, NULL), HT_OK);
    for (size_t i = 0; i < 3; i++) assert_int_equal(got.split[i].limb[0], i + 1);
}

static void parts_that_do_not_add_up_are_refused(void **state) {
    (void)state;
    uint8_t params[48] = {0};
    params[15] = 1, params[31] = 2, params[47] = 3;
    struct log log = vote(255, 7, "", HT_BYTES(params));
    refuses(&log, HT_GOV_FRACTIONAL, "bad_params", "add up");
    log = vote(255, 6, "", ht_bytes_of(params, 47));
    refuses(&log, HT_GOV_FRACTIONAL, "bad_params", "48 bytes");
    log = vote(255, 6, "", none);
    refuses(&log, HT_GOV_FRACTIONAL, "bad_params", "48 bytes");
    log = vote(1, 6, "", HT_BYTES(params));
    refuses(&log, HT_GOV_FRACTIONAL, "bad_params", "whole as well");
}

static void flexible_parts_may_leave_weight_over_but_not_exceed_it(void **state) {
    (void)state;
    uint8_t params[48] = {0};
    params[15] = 1, params[31] = 2, params[47] = 3;
    struct log log = vote(0, 100, "", HT_BYTES(params));
    struct ht_gov_vote got;
    assert_int_equal(read(&got, &log, HT_GOV_FLEXIBLE, NULL), HT_OK);
    assert_int_equal(got.split[1].limb[0], 2);
    log = vote(0, 5, "", HT_BYTES(params));
    refuses(&log, HT_GOV_FLEXIBLE, "bad_params", "more than its weight");
}

static void a_choice_that_is_none_is_refused(void **state) {
    (void)state;
    struct log log = vote(3, 500, "", none);
    refuses(&log, HT_GOV_SIMPLE, "bad_support", "choice 3");
    log = vote(255, 500, "", none);
    refuses(&log, HT_GOV_FLEXIBLE, "bad_support", "choice 255");
    put(&log, 1, 256);
    refuses(&log, HT_GOV_SIMPLE, "bad_vote_log", "choice");
}

static void logs_that_are_no_votes_are_refused(void **state) {
    (void)state;
    struct log log = vote(1, 500, "x", none);
    struct log other = log;
    other.topics[0] = ht_gov_topic_proposal_created;
    refuses(&other, HT_GOV_SIMPLE, "bad_vote_log", "it is none");
    other = log;
    other.topics[1].b[0] = 1;
    refuses(&other, HT_GOV_SIMPLE, "bad_vote_log", "voter");
    other = log;
    other.n = 127;
    refuses(&other, HT_GOV_SIMPLE, "bad_vote_log", "too short");
    other = log;
    put(&other, 3, 100000);
    refuses(&other, HT_GOV_SIMPLE, "bad_vote_log", "reason");
    other = log;
    memset(other.data + 128, 0xff, 32);
    refuses(&other, HT_GOV_SIMPLE, "bad_vote_log", "reason");
    other = log;
    other.topics[0] = ht_gov_topic_vote_reduced;
    refuses(&other, HT_GOV_SIMPLE, "bad_vote_log", "overridden");
}

static void an_override_comes_with_a_reduction(void **state) {
    (void)state;
    struct log log = vote(1, 500, "mine", none);
    struct ht_gov_vote got;
    log.topics[0] = ht_gov_topic_override_vote_cast;
    assert_int_equal(read(&got, &log, HT_GOV_OVERRIDABLE, NULL), HT_OK);
    assert_true(got.is_override && !got.is_reduction);
    log.topics[0] = ht_gov_topic_vote_reduced;
    log.n = 96;
    assert_int_equal(read(&got, &log, HT_GOV_OVERRIDABLE, NULL), HT_OK);
    assert_true(got.is_reduction);
    assert_int_equal(got.split[1].limb[0], 500);
}

static void a_long_reason_is_cut_between_characters(void **state) {
    (void)state;
    static uint8_t data[32 * 5 + HT_GOV_REASON_MAX + 64];
    struct log log = vote(1, 500, "", none);
    struct ht_gov_vote got;
    memcpy(data, log.data, 128);
    ht_hash32 n = gov_word(HT_GOV_REASON_MAX + 32);
    memcpy(data + 128, n.b, 32);
    memset(data + 160, 'a', HT_GOV_REASON_MAX + 32);
    memcpy(data + 160 + HT_GOV_REASON_MAX - 1, "\xc3\xa4", 2);
    assert_int_equal(ht_gov_vote_read(&got, log.topics, 2, HT_BYTES(data), HT_GOV_SIMPLE, NULL),
                     HT_OK);
    assert_true(got.is_reason_cut);
    assert_int_equal(got.reason.n, HT_GOV_REASON_MAX - 1);
}

/* --- marks ------------------------------------------------------------------------------------*/

static void marks_say_what_their_kind_keeps(void **state) {
    (void)state;
    struct ht_gov_layout layout = {.kind = HT_GOV_OZ5};
    struct ht_gov_mark mark;
    ht_hash32 word = gov_word(1);
    assert_int_equal(ht_gov_mark_read(&mark, &layout, word.b, NULL), HT_OK);
    assert_true(mark.has_voted && !mark.has_support && !mark.has_weight);
    layout.counting = HT_GOV_FRACTIONAL;
    word = gov_word(900);
    assert_int_equal(ht_gov_mark_read(&mark, &layout, word.b, NULL), HT_OK);
    assert_true(mark.has_voted && mark.has_weight && !mark.has_support);
    assert_int_equal(mark.weight.limb[0], 900);
    layout.counting = HT_GOV_OVERRIDABLE;
    word = gov_word(3);
    assert_int_equal(ht_gov_mark_read(&mark, &layout, word.b, NULL), HT_OK);
    assert_true(mark.has_voted && mark.has_support);
    assert_int_equal(mark.support, 2);
    layout = (struct ht_gov_layout){.kind = HT_GOV_BRAVO};
    word = gov_word((uint64_t)44 << 16 | 2 << 8 | 1);
    assert_int_equal(ht_gov_mark_read(&mark, &layout, word.b, NULL), HT_OK);
    assert_true(mark.has_voted && mark.has_support && mark.has_weight);
    assert_int_equal(mark.support, 2);
    assert_int_equal(mark.weight.limb[0], 44);
}

static void words_that_mark_nobody_are_a_wrong_layout(void **state) {
    (void)state;
    struct ht_gov_layout layouts[3] = {{.kind = HT_GOV_OZ5},
                                       {.kind = HT_GOV_BRAVO},
                                       {.kind = HT_GOV_OZ5, .counting = HT_GOV_OVERRIDABLE}};
    const uint64_t words[3] = {2, 2 << 8, 4};
    for (size_t i = 0; i < 3; i++) {
        struct ht_gov_mark mark;
        struct ht_why why = {.code = "", .text = ""};
        ht_hash32 word = gov_word(words[i]);
        assert_int_equal(ht_gov_mark_read(&mark, &layouts[i], word.b, &why), HT_EUNVERIFIED);
        assert_string_equal(why.code, "wrong_layout");
    }
}

/* --- past -------------------------------------------------------------------------------------*/

static struct ht_gov_token_layout token(enum ht_gov_token_kind kind) {
    struct ht_gov_token_layout layout = {.kind = kind};
    layout.checkpoints = gov_word(9);
    layout.total = gov_word(10);
    return layout;
}

/* n checkpoints of an account, with keys 10, 20, … and votes 1000 + i. */
static void keep_past(struct gov_kept *kept, const struct ht_gov_token_layout *layout,
                      const ht_addr20 *account, uint64_t n) {
    bool is_comp = layout->kind == HT_GOV_TOKEN_COMP;
    unsigned bits = layout->kind == HT_GOV_TOKEN_VOTES5 ? 48 : 32;
    ht_hash32 array = gov_of_account(account, is_comp ? &layout->total : &layout->checkpoints);
    kept->count = 0;
    gov_keep_u64(kept, &array, 0, n);
    for (uint64_t i = 0; i < n; i++) {
        ht_hash32 word = gov_checkpoint(10 * (i + 1), bits, 1000 + i);
        ht_hash32 slot;
        ht_u256 number = ht_u256_of(i);
        if (is_comp) {
            slot = gov_of_account(account, &layout->checkpoints);
            slot = gov_of_number(&number, &slot);
            gov_keep(kept, &slot, 0, word.b);
        } else {
            ht_gov_slot_data(&slot, &array);
            gov_keep(kept, &slot, i, word.b);
        }
    }
}

static enum ht_err run(ht_u256 *out, struct ht_gov_past *past, const struct gov_kept *kept,
                       size_t *rounds, struct ht_why *why) {
    ht_hash32 slots[2];
    uint8_t values[2][32];
    enum ht_err err = HT_OK;
    size_t count = 0;
    for (*rounds = 0; err == HT_OK && (count = ht_gov_past_next(past, slots)) > 0; ++*rounds) {
        for (size_t i = 0; i < count; i++) gov_look(values[i], kept, &slots[i]);
        err = ht_gov_past_take(past, (const uint8_t(*)[32])values, count, why);
        assert_true(*rounds < 100);
    }
    *out = ht_gov_past_value(past);
    return err;
}

static void the_past_is_found_wherever_it_is(void **state) {
    (void)state;
    static struct gov_kept kept;
    ht_addr20 account = gov_account(1);
    for (int kind = HT_GOV_TOKEN_VOTES5; kind <= HT_GOV_TOKEN_COMP; kind++) {
        struct ht_gov_token_layout layout = token((enum ht_gov_token_kind)kind);
        for (uint64_t n = 0; n < 40; n += 1 + n / 8) {
            keep_past(&kept, &layout, &account, n);
            for (uint64_t at = 5; at < 10 * n + 20; at += 5) {
                struct ht_gov_past past;
                ht_u256 got;
                size_t rounds = 0;
                uint64_t last = at / 10 < n ? at / 10 : n;
                ht_gov_past_init(&past, &layout, &account, false, at);
                assert_int_equal(run(&got, &past, &kept, &rounds, NULL), HT_OK);
                assert_int_equal(got.limb[0], last == 0 ? 0 : 999 + last);
                assert_true(rounds <= 8);
            }
        }
    }
}

static void a_recent_snapshot_takes_two_questions(void **state) {
    (void)state;
    static struct gov_kept kept;
    ht_addr20 account = gov_account(1);
    struct ht_gov_token_layout layout = token(HT_GOV_TOKEN_VOTES5);
    struct ht_gov_past past;
    ht_u256 got;
    size_t rounds = 0;
    keep_past(&kept, &layout, &account, 200);
    ht_gov_past_init(&past, &layout, &account, false, 1999);
    assert_int_equal(run(&got, &past, &kept, &rounds, NULL), HT_OK);
    assert_int_equal(got.limb[0], 1198);
    assert_int_equal(rounds, 2);
}

static void keys_that_do_not_rise_are_a_wrong_layout(void **state) {
    (void)state;
    static struct gov_kept kept;
    ht_addr20 account = gov_account(1);
    struct ht_gov_token_layout layout = token(HT_GOV_TOKEN_VOTES5);
    ht_hash32 slot = gov_of_account(&account, &layout.checkpoints);
    ht_gov_slot_data(&slot, &slot);
    for (uint64_t bad = 0; bad < 3; bad++) {
        struct ht_gov_past past;
        struct ht_why why = {.code = "", .text = ""};
        ht_u256 got;
        size_t rounds = 0;
        ht_hash32 word = gov_checkpoint(30, 48, 5);
        keep_past(&kept, &layout, &account, 3);
        if (bad == 2) word = gov_checkpoint(20, 48, 5);
        if (bad != 0) gov_keep(&kept, &slot, bad == 2 ? 2 : 1, word.b);
        ht_gov_past_init(&past, &layout, &account, false, bad == 0 ? 15 : 25);
        enum ht_err err = run(&got, &past, &kept, &rounds, &why);
        assert_int_equal(err, bad == 0 ? HT_OK : HT_EUNVERIFIED);
        assert_string_equal(why.code, bad == 0 ? "" : "wrong_layout");
    }
}

static void a_number_of_checkpoints_that_nobody_has_is_refused(void **state) {
    (void)state;
    static struct gov_kept kept;
    ht_addr20 account = gov_account(1);
    struct ht_gov_token_layout layout = token(HT_GOV_TOKEN_VOTES4);
    struct ht_gov_past past;
    struct ht_why why = {.code = "", .text = ""};
    ht_u256 got;
    size_t rounds = 0;
    ht_hash32 slot = gov_of_account(&account, &layout.checkpoints);
    kept.count = 0;
    gov_keep(&kept, &slot, 0, slot.b);
    ht_gov_past_init(&past, &layout, &account, false, 5);
    assert_int_equal(run(&got, &past, &kept, &rounds, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "wrong_layout");
}

static void comp_keeps_no_totals(void **state) {
    (void)state;
    static struct gov_kept kept;
    struct ht_gov_token_layout layout = token(HT_GOV_TOKEN_COMP);
    struct ht_gov_past past;
    struct ht_why why = {.code = "", .text = ""};
    ht_u256 got;
    size_t rounds = 0;
    kept.count = 0;
    ht_gov_past_init(&past, &layout, NULL, true, 5);
    assert_int_equal(run(&got, &past, &kept, &rounds, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "no_totals");
}

static void the_quorum_is_a_share_of_the_past_total(void **state) {
    (void)state;
    ht_u256 supply = ht_u256_of(1001);
    ht_u256 numerator = ht_u256_of(4);
    ht_u256 got;
    struct ht_why why = {.code = "", .text = ""};
    assert_int_equal(ht_gov_quorum_of(&got, &supply, &numerator, 100, NULL), HT_OK);
    assert_int_equal(got.limb[0], 40);
    assert_int_equal(ht_gov_quorum_of(&got, &supply, &numerator, 3, &why), HT_EUNVERIFIED);
    assert_int_equal(ht_gov_quorum_of(&got, &supply, &numerator, 0, &why), HT_EUNVERIFIED);
    memset(&supply, 0xff, sizeof supply);
    assert_int_equal(ht_gov_quorum_of(&got, &supply, &numerator, 100, &why), HT_EUNVERIFIED);
    assert_non_null(strstr(why.text, "more votes"));
}

static void the_numerator_of_a_governor_has_a_past(void **state) {
    (void)state;
    static struct gov_kept kept;
    struct ht_gov_layout layout = {.kind = HT_GOV_OZ5};
    struct ht_gov_past past;
    ht_hash32 base = gov_word(10);
    ht_hash32 data;
    ht_hash32 word = gov_checkpoint(50, 48, 4);
    ht_u256 got;
    size_t rounds = 0;
    kept.count = 0;
    ht_gov_set_base(&layout, HT_GOV_QUORUM_HISTORY, &base);
    gov_keep_u64(&kept, &base, 0, 1);
    ht_gov_slot_data(&data, &base);
    gov_keep(&kept, &data, 0, word.b);
    ht_gov_past_init_quorum(&past, &layout, 49);
    assert_int_equal(run(&got, &past, &kept, &rounds, NULL), HT_OK);
    assert_true(ht_u256_is_zero(&got));
    ht_gov_past_init_quorum(&past, &layout, 50);
    assert_int_equal(run(&got, &past, &kept, &rounds, NULL), HT_OK);
    assert_int_equal(got.limb[0], 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vote_is_read_from_its_log),
        cmocka_unit_test(params_mean_nothing_where_counting_is_simple),
        cmocka_unit_test(a_split_vote_has_its_parts),
        cmocka_unit_test(parts_that_do_not_add_up_are_refused),
        cmocka_unit_test(flexible_parts_may_leave_weight_over_but_not_exceed_it),
        cmocka_unit_test(a_choice_that_is_none_is_refused),
        cmocka_unit_test(logs_that_are_no_votes_are_refused),
        cmocka_unit_test(an_override_comes_with_a_reduction),
        cmocka_unit_test(a_long_reason_is_cut_between_characters),
        cmocka_unit_test(marks_say_what_their_kind_keeps),
        cmocka_unit_test(words_that_mark_nobody_are_a_wrong_layout),
        cmocka_unit_test(the_past_is_found_wherever_it_is),
        cmocka_unit_test(a_recent_snapshot_takes_two_questions),
        cmocka_unit_test(keys_that_do_not_rise_are_a_wrong_layout),
        cmocka_unit_test(a_number_of_checkpoints_that_nobody_has_is_refused),
        cmocka_unit_test(comp_keeps_no_totals),
        cmocka_unit_test(the_quorum_is_a_share_of_the_past_total),
        cmocka_unit_test(the_numerator_of_a_governor_has_a_past),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
