/* Policy: whose events are taken, who may read, and who sees private kinds. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "social/relay/policy.h"
#include "tests/unit/event_maker.h"

#define NOW MAKER_TIME

/* Keys need no curve here: a byte repeated. */
enum who { OWNER = 1, FOLLOWED, FRIEND, ATTESTED, BLOCKED, STRANGER };

static ht_hash32 key_of(enum who who) {
    ht_hash32 key;
    memset(key.b, (int)who, sizeof key.b);
    return key;
}

static struct ht_policy *policy;

static int set_up(void **state) {
    static const struct {
        enum ht_policy_rank rank;
        enum who who;
    } ranks[] = {{HT_RANK_OWNER, OWNER},
                 {HT_RANK_FOLLOWED, FOLLOWED},
                 {HT_RANK_FRIEND_OF_FRIEND, FRIEND},
                 {HT_RANK_ATTESTED, ATTESTED},
                 {HT_RANK_BLOCKED, BLOCKED}};
    (void)state;
    if (ht_policy_new(&policy) != HT_OK) return 1;
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++) {
        ht_hash32 key = key_of(ranks[i].who);
        if (ht_policy_set(policy, ranks[i].rank, &key, 1) != HT_OK) return 1;
    }
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ht_policy_free(policy);
    return 0;
}

static struct ht_event event_of(enum who who, uint32_t kind) {
    struct ht_event event = {.pubkey = key_of(who), .kind = kind, .created_at = NOW};
    memset(event.id.b, 0xff, sizeof event.id.b);
    return event;
}

static const struct ht_policy_asker nobody;

static void takes_from(const struct ht_policy_asker *asker, const struct ht_event *event) {
    struct ht_why why = {.code = "", .text = ""};
    if (ht_policy_write(policy, asker, event, NOW, &why) != HT_OK) {
        fail_msg("%s: %s", why.code, why.text);
    }
}

static void refuses_from(const struct ht_policy_asker *asker, const struct ht_event *event,
                         const char *code, const char *word) {
    struct ht_why why = {.code = "taken", .text = ""};
    enum ht_err err = ht_policy_write(policy, asker, event, NOW, &why);
    assert_string_equal(why.code, code);
    if (strstr(why.text, word) == NULL) fail_msg("expected \"%s\", got \"%s\"", word, why.text);
    assert_int_equal(err, HT_EDENIED);
}

static void policy_knows_the_highest_rank_of_a_key(void **state) {
    (void)state;
    ht_hash32 both[] = {key_of(FOLLOWED), key_of(OWNER), key_of(BLOCKED), key_of(FOLLOWED)};
    ht_hash32 key = key_of(STRANGER);
    assert_int_equal(ht_policy_rank_of(policy, &key), HT_RANK_STRANGER);
    assert_int_equal(ht_policy_set(policy, HT_RANK_ATTESTED, both, 4), HT_OK);
    assert_int_equal(ht_policy_rank_of(policy, &both[0]), HT_RANK_FOLLOWED);
    assert_int_equal(ht_policy_rank_of(policy, &both[1]), HT_RANK_OWNER);
    assert_int_equal(ht_policy_rank_of(policy, &both[2]), HT_RANK_BLOCKED);
    key = key_of(ATTESTED);
    assert_int_equal(ht_policy_rank_of(policy, &key), HT_RANK_STRANGER);
    /* Nobody blocks the owner. */
    assert_int_equal(ht_policy_set(policy, HT_RANK_BLOCKED, both, 2), HT_OK);
    assert_int_equal(ht_policy_rank_of(policy, &both[1]), HT_RANK_OWNER);
    assert_int_equal(ht_policy_rank_of(policy, &both[0]), HT_RANK_BLOCKED);
    assert_int_equal(ht_policy_set(policy, HT_RANK_BLOCKED, NULL, 0), HT_OK);
    assert_int_equal(ht_policy_rank_of(policy, &both[0]), HT_RANK_FOLLOWED);
}

static void policy_bounds_the_keys_of_a_rank(void **state) {
    (void)state;
    ht_hash32 *keys = calloc(HT_POLICY_KEYS_MAX + 1, sizeof *keys);
    ht_hash32 attested = key_of(ATTESTED);
    assert_non_null(keys);
    enum ht_err err = ht_policy_set(policy, HT_RANK_ATTESTED, keys, HT_POLICY_KEYS_MAX + 1);
    assert_int_equal(err, HT_ELIMIT);
    assert_int_equal(ht_policy_rank_of(policy, &attested), HT_RANK_ATTESTED);
    err = ht_policy_set(policy, HT_RANK_ATTESTED, keys, HT_POLICY_KEYS_MAX);
    assert_int_equal(err, HT_OK);
    assert_int_equal(ht_policy_rank_of(policy, &keys[0]), HT_RANK_ATTESTED);
    free(keys);
}

static void policy_takes_events_from_the_rank_that_is_set_and_above(void **state) {
    (void)state;
    ht_policy_settings(policy)->stranger_difficulty = 0;
    for (int who = OWNER; who <= ATTESTED; who++) {
        struct ht_event event = event_of((enum who)who, 1);
        takes_from(&nobody, &event);
    }
    struct ht_event event = event_of(STRANGER, 1);
    refuses_from(&nobody, &event, "restricted", "may not write");
    ht_policy_settings(policy)->write = HT_RANK_OWNER;
    event = event_of(FOLLOWED, 1);
    refuses_from(&nobody, &event, "restricted", "may not write");
    event = event_of(OWNER, 1);
    takes_from(&nobody, &event);
    ht_policy_settings(policy)->write = HT_RANK_STRANGER;
    event = event_of(STRANGER, 1);
    takes_from(&nobody, &event);
    event = event_of(BLOCKED, 1);
    refuses_from(&nobody, &event, "blocked", "blocked");
}

static void policy_takes_work_from_strangers_that_was_committed_to(void **state) {
    (void)state;
    ht_bytes items[] = {ht_bytes_str("nonce"), ht_bytes_str("1"), ht_bytes_str("12")};
    const struct ht_event_tag tag = {items, 3};
    ht_policy_settings(policy)->stranger_difficulty = 12;
    struct ht_event event = event_of(STRANGER, 1);
    event.id.b[0] = 0;
    event.id.b[1] = 0x10;
    refuses_from(&nobody, &event, "pow", "difficulty 11 is less than 12");
    event.id.b[1] = 0x0f;
    refuses_from(&nobody, &event, "pow", "commits to 0");
    event.tags = &tag;
    event.tag_count = 1;
    takes_from(&nobody, &event);
    items[2] = ht_bytes_str("11");
    refuses_from(&nobody, &event, "pow", "commits to 11");
}

static void policy_takes_a_request_to_vanish_from_anybody(void **state) {
    (void)state;
    ht_policy_settings(policy)->write = HT_RANK_OWNER;
    struct ht_event event = event_of(BLOCKED, 62);
    takes_from(&nobody, &event);
    event = event_of(STRANGER, 62);
    takes_from(&nobody, &event);
    event.created_at = NOW + 901;
    refuses_from(&nobody, &event, "invalid", "too far ahead");
}

static void policy_takes_gift_wraps_by_who_delivers_them(void **state) {
    (void)state;
    const ht_hash32 friend_key = key_of(FRIEND);
    const ht_hash32 stranger_key = key_of(STRANGER);
    const struct ht_policy_asker friend_one = {.authed = &friend_key, .authed_count = 1};
    const struct ht_policy_asker stranger = {.authed = &stranger_key, .authed_count = 1};
    ht_policy_settings(policy)->stranger_difficulty = 0;
    struct ht_event event = event_of(STRANGER, 1059);
    takes_from(&friend_one, &event);
    refuses_from(&nobody, &event, "auth-required", "known here");
    refuses_from(&stranger, &event, "restricted", "known here");
    ht_policy_settings(policy)->stranger_difficulty = 20;
    refuses_from(&nobody, &event, "auth-required", "known here");
    refuses_from(&stranger, &event, "pow", "difficulty");
    ht_policy_settings(policy)->stranger_difficulty = 0;
    event.kind = 1;
    refuses_from(&friend_one, &event, "restricted", "may not write");
}

static void policy_refuses_times_that_are_far_off(void **state) {
    (void)state;
    struct ht_event event = event_of(OWNER, 1);
    event.created_at = NOW + 900;
    takes_from(&nobody, &event);
    event.created_at = NOW + 901;
    refuses_from(&nobody, &event, "invalid", "too far ahead");
    event.created_at = HT_EVENT_TIME_MAX;
    refuses_from(&nobody, &event, "invalid", "too far ahead");
    event.created_at = 0;
    takes_from(&nobody, &event);
    event.kind = 20001;
    event.created_at = NOW - 300;
    takes_from(&nobody, &event);
    event.created_at = NOW - 301;
    refuses_from(&nobody, &event, "invalid", "too old");
    event = event_of(OWNER, 22242);
    refuses_from(&nobody, &event, "invalid", "AUTH");
}

static void policy_refuses_what_has_expired(void **state) {
    (void)state;
    ht_bytes items[] = {ht_bytes_str("expiration"), ht_bytes_str("1780000000")};
    const struct ht_event_tag tag = {items, 2};
    struct ht_event event = event_of(OWNER, 1);
    event.tags = &tag;
    event.tag_count = 1;
    refuses_from(&nobody, &event, "invalid", "expired");
    items[1] = ht_bytes_str("1780000001");
    takes_from(&nobody, &event);
}

static void policy_takes_protected_events_from_their_author_only(void **state) {
    (void)state;
    ht_bytes dash = ht_bytes_str("-");
    const struct ht_event_tag tag = {&dash, 1};
    const ht_hash32 keys[] = {key_of(OWNER), key_of(FOLLOWED)};
    const struct ht_policy_asker owner = {.authed = keys, .authed_count = 1};
    const struct ht_policy_asker both = {.authed = keys, .authed_count = 2};
    const struct ht_policy_asker own = {.is_own = true};
    struct ht_event event = event_of(FOLLOWED, 1);
    event.tags = &tag;
    event.tag_count = 1;
    refuses_from(&nobody, &event, "auth-required", "NIP-70");
    refuses_from(&owner, &event, "restricted", "NIP-70");
    refuses_from(&own, &event, "auth-required", "NIP-70");
    takes_from(&both, &event);
    event.pubkey = key_of(OWNER);
    takes_from(&own, &event);
}

static void policy_refuses_reposts_of_protected_events(void **state) {
    (void)state;
    struct ht_event event = event_of(OWNER, 6);
    event.content = ht_bytes_str(WITH_TAGS("[[\"-\"]]"));
    refuses_from(&nobody, &event, "restricted", "reposts a protected");
    event.kind = 16;
    refuses_from(&nobody, &event, "restricted", "reposts a protected");
    event.kind = 1;
    takes_from(&nobody, &event);
    event.kind = 6;
    event.content = ht_bytes_str(WITH_TAGS("[[\"t\",\"-\"]]"));
    takes_from(&nobody, &event);
    event.content = ht_bytes_str("no event");
    takes_from(&nobody, &event);
    event.content = ht_bytes_str("");
    takes_from(&nobody, &event);
}

static void policy_opens_reading_to_the_rank_that_is_set(void **state) {
    (void)state;
    const ht_hash32 attested = key_of(ATTESTED);
    const ht_hash32 friend_key = key_of(FRIEND);
    const struct ht_policy_asker low = {.authed = &attested, .authed_count = 1};
    const struct ht_policy_asker high = {.authed = &friend_key, .authed_count = 1};
    const struct ht_policy_asker own = {.is_own = true};
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_policy_read(policy, &nobody, NULL), HT_OK);
    ht_policy_settings(policy)->read = HT_RANK_FRIEND_OF_FRIEND;
    assert_int_equal(ht_policy_read(policy, &nobody, &why), HT_EDENIED);
    assert_string_equal(why.code, "auth-required");
    assert_int_equal(ht_policy_read(policy, &low, &why), HT_EDENIED);
    assert_string_equal(why.code, "restricted");
    assert_int_equal(ht_policy_read(policy, &high, NULL), HT_OK);
    assert_int_equal(ht_policy_read(policy, &own, NULL), HT_OK);
}

static void policy_lets_a_page_of_this_computer_read_with_the_owners_key_only(void **state) {
    (void)state;
    const ht_hash32 friend_key = key_of(FRIEND), owner_key = key_of(OWNER);
    const struct ht_policy_asker page = {.is_page = true};
    const struct ht_policy_asker known = {
        .authed = &friend_key, .authed_count = 1, .is_page = true};
    const struct ht_policy_asker owner = {.authed = &owner_key, .authed_count = 1, .is_page = true};
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_policy_read(policy, &page, &why), HT_EDENIED);
    assert_string_equal(why.code, "auth-required");
    assert_int_equal(ht_policy_read(policy, &known, &why), HT_EDENIED);
    assert_string_equal(why.code, "restricted");
    assert_int_equal(ht_policy_read(policy, &owner, NULL), HT_OK);
}

static void policy_shows_private_kinds_to_those_named_only(void **state) {
    (void)state;
    static const uint32_t kinds[] = {4, 1059, 1060, 21059};
    const ht_hash32 author = key_of(FOLLOWED);
    const ht_hash32 tagged[] = {key_of(ATTESTED), key_of(FRIEND)};
    const ht_hash32 other = key_of(OWNER);
    const struct ht_policy_asker askers[] = {{.authed = &author, .authed_count = 1},
                                             {.authed = &tagged[1], .authed_count = 1},
                                             {.is_own = true},
                                             {.authed = &other, .authed_count = 1},
                                             {.authed_count = 0}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        assert_true(ht_policy_is_private_kind(kinds[i]));
        for (size_t a = 0; a < 5; a++) {
            bool may = ht_policy_may_see(policy, &askers[a], &author, kinds[i], tagged, 2);
            assert_int_equal(may, a < 3);
        }
    }
    assert_false(ht_policy_is_private_kind(1));
    assert_true(ht_policy_may_see(policy, &nobody, &author, 1, tagged, 2));
}

static void policy_lets_those_in_whom_the_owner_allowed(void **state) {
    (void)state;
    ht_hash32 keys[] = {key_of(STRANGER), key_of(BLOCKED)};
    struct ht_event event = event_of(STRANGER, 1), blocked = event_of(BLOCKED, 1);
    const struct ht_policy_asker asker = {.authed = keys, .authed_count = 1};
    ht_policy_settings(policy)->write = HT_RANK_OWNER;
    ht_policy_settings(policy)->read = HT_RANK_FOLLOWED;
    ht_policy_settings(policy)->stranger_difficulty = 0;
    refuses_from(&nobody, &event, "restricted", "may not write");
    assert_int_equal(ht_policy_read(policy, &asker, NULL), HT_EDENIED);
    assert_int_equal(ht_policy_allow(policy, keys, 2), HT_OK);
    assert_int_equal(ht_policy_rank_of(policy, &keys[0]), HT_RANK_ATTESTED);
    takes_from(&nobody, &event);
    assert_int_equal(ht_policy_read(policy, &asker, NULL), HT_OK);
    event = event_of(FOLLOWED, 1059);
    takes_from(&asker, &event);
    refuses_from(&nobody, &blocked, "blocked", "author");
    assert_int_equal(ht_policy_allow(policy, NULL, 0), HT_OK);
    assert_int_equal(ht_policy_read(policy, &asker, NULL), HT_EDENIED);
}

static void policy_takes_only_the_kinds_that_are_let_in(void **state) {
    static const uint32_t notes[] = {1}, denied[] = {5, 7, 65535};
    (void)state;
    struct ht_event note = event_of(FOLLOWED, 1), reaction = event_of(FOLLOWED, 7),
                    last = event_of(FOLLOWED, 65535), deletion = event_of(FOLLOWED, 5),
                    vanish = event_of(STRANGER, 62), own = event_of(OWNER, 7);
    const struct ht_policy_asker program = {.is_own = true};
    ht_policy_set_kinds(policy, NULL, 0, denied + 1, 2);
    takes_from(&nobody, &note);
    refuses_from(&nobody, &reaction, "blocked", "kind 7");
    refuses_from(&nobody, &last, "blocked", "kind 65535");
    takes_from(&nobody, &own);
    takes_from(&program, &reaction);
    ht_policy_set_kinds(policy, notes, 1, NULL, 0);
    takes_from(&nobody, &note);
    refuses_from(&nobody, &reaction, "blocked", "kind 7");
    takes_from(&nobody, &deletion);
    takes_from(&nobody, &vanish);
    ht_policy_set_kinds(policy, notes, 1, denied, 1);
    refuses_from(&nobody, &deletion, "blocked", "kind 5");
    ht_policy_set_kinds(policy, NULL, 0, NULL, 0);
    takes_from(&nobody, &reaction);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(policy_knows_the_highest_rank_of_a_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(policy_bounds_the_keys_of_a_rank, set_up, tear_down),
        cmocka_unit_test_setup_teardown(policy_lets_those_in_whom_the_owner_allowed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(policy_takes_only_the_kinds_that_are_let_in, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(policy_takes_events_from_the_rank_that_is_set_and_above,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(policy_takes_work_from_strangers_that_was_committed_to,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(policy_takes_a_request_to_vanish_from_anybody, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(policy_takes_gift_wraps_by_who_delivers_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(policy_refuses_times_that_are_far_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(policy_refuses_what_has_expired, set_up, tear_down),
        cmocka_unit_test_setup_teardown(policy_takes_protected_events_from_their_author_only,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(policy_refuses_reposts_of_protected_events, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(policy_opens_reading_to_the_rank_that_is_set, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            policy_lets_a_page_of_this_computer_read_with_the_owners_key_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(policy_shows_private_kinds_to_those_named_only, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
