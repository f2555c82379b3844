/* The bunker over a real relay and a disk, with a keeper of keys that answers at once: who is
 * answered, what waits, what is done once, what ends with time. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/crypto/nip44.h"
#include "social/bunker/bunker_act.h"
#include "tests/unit/event_maker.h"
#include "tests/unit/relay_bench.h"

#define OWNER 1
#define PHONE 2
#define STRANGER 3
#define NOW MAKER_TIME
#define SECRET "00112233445566778899aabbccddeeff"

static struct {
    struct ht_social social;
    struct ht_relay_listener listener;
    bool is_locked;
    unsigned signed_count, serial, answer_count;
    char what[128], answer[4096];
} b;

/* --- a keeper of keys ------------------------------------------------------------------------- */

static size_t list(void *self, struct ht_nostr_key *out, size_t max, bool *is_open) {
    (void)self;
    if (max > 0) *out = (struct ht_nostr_key){.pubkey = maker_pubkey(OWNER)};
    *is_open = !b.is_locked;
    return 1;
}

static bool is_refused(ht_nostr_done done, void *user) {
    struct ht_nostr_answer answer = {.err = HT_OK};
    if (!b.is_locked) return false;
    answer.err = ht_fail(&answer.why, HT_EDENIED, "vault_locked", "the vault is locked");
    done(user, &answer);
    return true;
}

static void sign(void *self, const ht_hash32 *pubkey, const ht_hash32 *id, const char *what,
                 bool by_owner, ht_nostr_done done, void *user) {
    (void)by_owner;
    struct ht_nostr_answer answer = {.err = HT_OK};
    uint8_t key[32];
    (void)self, (void)pubkey;
    if (is_refused(done, user)) return;
    if (what[0] != '\0') {
        b.signed_count++;
        (void)snprintf(b.what, sizeof b.what, "%s", what);
    }
    maker_key(key, OWNER);
    assert_int_equal(ht_schnorr_sign(answer.signature, id, key, NULL, NULL), HT_OK);
    done(user, &answer);
}

static void seal(struct ht_buf *out, uint8_t from, const ht_hash32 *to, ht_bytes text) {
    uint8_t key[32], shared[HT_NIP44_KEY_SIZE];
    const uint8_t nonce[HT_NIP44_NONCE_SIZE] = {7};
    maker_key(key, from);
    ht_buf_init(out, HT_NIP44_ENCRYPT_ROOM);
    assert_int_equal(ht_nip44_conversation_key(shared, key, to->b, NULL), HT_OK);
    assert_int_equal(ht_nip44_encrypt(out, shared, nonce, text, NULL), HT_OK);
}

static enum ht_err unseal(struct ht_buf *out, uint8_t by, const ht_hash32 *from, ht_bytes text,
                          struct ht_why *why) {
    uint8_t key[32], shared[HT_NIP44_KEY_SIZE];
    maker_key(key, by);
    ht_buf_init(out, HT_NIP44_DECRYPT_ROOM);
    assert_int_equal(ht_nip44_conversation_key(shared, key, from->b, NULL), HT_OK);
    return ht_nip44_decrypt(out, shared, text, why);
}

static void encrypt(void *self, const ht_hash32 *pubkey, const ht_hash32 *theirs, ht_bytes text,
                    ht_nostr_done done, void *user) {
    struct ht_nostr_answer answer = {.err = HT_OK};
    struct ht_buf out;
    (void)self, (void)pubkey;
    if (is_refused(done, user)) return;
    seal(&out, OWNER, theirs, text);
    answer.text = ht_buf_view(&out);
    done(user, &answer);
    ht_buf_fini(&out);
}

static void decrypt(void *self, const ht_hash32 *pubkey, const ht_hash32 *theirs, ht_bytes text,
                    ht_nostr_done done, void *user) {
    struct ht_nostr_answer answer = {.err = HT_OK};
    struct ht_buf out;
    (void)self, (void)pubkey;
    if (is_refused(done, user)) return;
    answer.err = unseal(&out, OWNER, theirs, text, &answer.why);
    answer.text = ht_buf_view(&out);
    done(user, &answer);
    ht_buf_fini(&out);
}

static const struct ht_nostr_keys KEYS = {
    .list = list, .sign = sign, .encrypt = encrypt, .decrypt = decrypt};

static const struct ht_nostr_keys *keys(const struct ht_host *host) {
    (void)host;
    return &KEYS;
}

static void published(const struct ht_host *host, const char *topic) {
    (void)host;
    assert_string_equal(topic, "social.bunker");
}

/* --- the world -------------------------------------------------------------------------------- */

/* An answer to the phone. */
static void heard(struct ht_relay_listener *listener, const struct ht_event *event) {
    struct ht_buf text;
    const ht_hash32 owner = maker_pubkey(OWNER), phone = maker_pubkey(PHONE);
    char hex[65];
    (void)listener;
    assert_int_equal(event->kind, HT_KIND_BUNKER);
    assert_true(ht_hash32_equal(&event->pubkey, &owner));
    ht_task_hex(hex, &phone);
    const struct ht_event_tag *tag = ht_event_find_tag(event, "p");
    uint8_t to = ht_bytes_equal(ht_event_tag_item(tag, 1), ht_bytes_str(hex)) ? PHONE : STRANGER;
    assert_int_equal(unseal(&text, to, &owner, event->content, NULL), HT_OK);
    (void)snprintf(b.answer, sizeof b.answer, "%.*s", (int)text.n, (const char *)text.p);
    b.answer_count++;
    ht_buf_fini(&text);
}

static sqlite3 *open_db(void) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(bench.path, &db), SQLITE_OK);
    return db;
}

static void add_phone(void) {
    struct ht_bunker_row row = {
        .kinds = {1}, .kind_count = 1, .may_encrypt = true, .added_ms = NOW * 1000};
    row.device = maker_pubkey(PHONE);
    row.owner = maker_pubkey(OWNER);
    (void)snprintf(row.name, sizeof row.name, "Phone");
    assert_int_equal(ht_bunker_add(b.social.bunker, &row, NULL), HT_OK);
}

static void invite(void) {
    struct ht_bunker_invite *one = &b.social.bunker->invites[3];
    *one = (struct ht_bunker_invite){.secret = SECRET,
                                     .until_ms = bench.mono_ms + HT_BUNKER_INVITE_S * 1000};
    one->row.owner = maker_pubkey(OWNER);
}

static int start(void **state) {
    memset(&b, 0, sizeof b);
    int rc = bench_start(state);
    if (rc != 0) return rc;
    bench.host.nostr_keys = keys;
    bench.host.publish = published;
    b.social = (struct ht_social){
        .host = &bench.host, .writer = bench.writer, .policy = bench.policy, .relay = bench.relay};
    sqlite3 *db = open_db();
    for (size_t i = 0; i < ht_bunker_migration_count; i++) {
        assert_int_equal(sqlite3_exec(db, ht_bunker_migrations[i].sql, NULL, NULL, NULL),
                         SQLITE_OK);
    }
    assert_int_equal(ht_bunker_new(&b.social, db, NULL), HT_OK);
    ht_db_close(db);
    b.listener.event = heard;
    ht_relay_listen(bench.relay, &b.listener);
    return 0;
}

static bool is_quiet(void) {
    return b.social.bunker->flying_count == b.social.bunker->waiting_count;
}

static int end(void **state) {
    bench_until(is_quiet);
    b.social.is_stopped = true;
    ht_bunker_stop(&b.social);
    int rc = bench_end(state);
    ht_bunker_free(&b.social);
    return rc;
}

static void say_at(uint8_t who, const char *request, int64_t created_at) {
    const ht_hash32 owner = maker_pubkey(OWNER);
    struct ht_buf content;
    struct ht_event event = {
        .pubkey = maker_pubkey(who), .created_at = created_at, .kind = HT_KIND_BUNKER};
    seal(&content, who, &owner, ht_bytes_str(request));
    event.content = ht_buf_view(&content);
    event.id.b[0] = (uint8_t)++b.serial;
    event.id.b[1] = (uint8_t)(b.serial >> 8);
    ht_bunker_arrived(&b.social, &event);
    ht_buf_fini(&content);
    bench_until(is_quiet);
}

static void say(uint8_t who, const char *request) {
    say_at(who, request, NOW);
}

#define PING(id) "{\"id\":\"" id "\",\"method\":\"ping\",\"params\":[]}"
#define SIGN(id, kind)                                          \
    "{\"id\":\"" id "\",\"method\":\"sign_event\",\"params\":[" \
    "\"{\\\"kind\\\":" kind ",\\\"created_at\\\":1780000000,"   \
    "\\\"tags\\\":[],\\\"content\\\":\\\"hello\\\"}\"]}"

static void expect_answers(unsigned count, const char *with) {
    assert_int_equal(b.answer_count, count);
    if (with != NULL && strstr(b.answer, with) == NULL) fail_msg("%s", b.answer);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void device_is_answered_and_a_stranger_is_not(void **state) {
    (void)state;
    add_phone();
    say(PHONE, PING("1"));
    expect_answers(1, "\"result\":\"pong\"");
    say(STRANGER, PING("1"));
    expect_answers(1, NULL);
}

static void relay_takes_requests_of_devices_and_while_an_invitation_is_open_of_all(void **state) {
    const ht_hash32 phone = maker_pubkey(PHONE), other = maker_pubkey(STRANGER);
    const struct ht_policy_asker asker = {.authed_count = 0};
    struct ht_event event = {.pubkey = other, .created_at = NOW, .kind = HT_KIND_BUNKER};
    struct ht_why why = {.code = NULL};
    (void)state;
    ht_policy_settings(bench.policy)->write = HT_RANK_OWNER;
    add_phone();
    assert_true(ht_bunker_lets_in(&b.social, &phone));
    assert_int_equal(ht_policy_write(bench.policy, &asker, &event, NOW, &why), HT_EDENIED);
    assert_string_equal(why.code, "pow");
    invite();
    assert_int_equal(ht_policy_write(bench.policy, &asker, &event, NOW, NULL), HT_OK);
    event.kind = 1;
    assert_int_equal(ht_policy_write(bench.policy, &asker, &event, NOW, NULL), HT_EDENIED);
}

static void invitation_lets_one_device_in_and_it_is_on_the_disk(void **state) {
    char text[400], owner[65];
    const ht_hash32 key = maker_pubkey(OWNER), phone = maker_pubkey(PHONE);
    (void)state;
    ht_task_hex(owner, &key);
    invite();
    (void)snprintf(text, sizeof text,
                   "{\"id\":\"1\",\"method\":\"connect\",\"params\":[\"%s\",\"" SECRET
                   "\",\"sign_event:1\",\"{\\\"name\\\":\\\"App\\\"}\"]}",
                   owner);
    say(PHONE, text);
    expect_answers(1, "\"result\":\"ack\"");
    struct ht_bunker_device *device = ht_bunker_find(b.social.bunker, &phone);
    assert_non_null(device);
    assert_string_equal(device->row.name, "App");
    assert_string_equal(device->row.asks, "sign_event:1");
    assert_int_equal(device->row.kind_count, 0);
    say(STRANGER, text);
    expect_answers(1, NULL);
    ht_bunker_remove(b.social.bunker, &phone);
    struct ht_social again = b.social;
    sqlite3 *db = open_db();
    assert_int_equal(ht_bunker_new(&again, db, NULL), HT_OK);
    ht_db_close(db);
    ht_policy_set_devices(bench.policy, NULL, NULL);
    assert_non_null(ht_bunker_find(again.bunker, &phone));
    again.is_stopped = true;
    ht_bunker_stop(&again);
    ht_bunker_free(&again);
}

static void ticked_kind_is_signed_and_named_to_the_audit_log(void **state) {
    (void)state;
    add_phone();
    say(PHONE, SIGN("1", "1"));
    expect_answers(1, "\\\"kind\\\":1,");
    assert_int_equal(b.signed_count, 1);
    assert_string_equal(b.what, "an event of kind 1 for Phone");
}

static void request_is_answered_once_however_often_it_comes(void **state) {
    (void)state;
    add_phone();
    say(PHONE, SIGN("1", "1"));
    say(PHONE, SIGN("1", "1"));
    expect_answers(1, NULL);
    assert_int_equal(b.signed_count, 1);
    say(PHONE, SIGN("2", "1"));
    assert_int_equal(b.signed_count, 2);
}

static void request_of_another_time_is_not_answered(void **state) {
    (void)state;
    add_phone();
    bench.wall_ms += INT64_C(3600000);
    const int64_t now = NOW + 3600;
    say_at(PHONE, PING("1"), now - 601);
    say_at(PHONE, PING("2"), now + 601);
    expect_answers(0, NULL);
    say_at(PHONE, PING("3"), now - 600);
    say_at(PHONE, PING("4"), now + 600);
    expect_answers(2, NULL);
}

static void request_from_before_the_start_is_not_answered(void **state) {
    (void)state;
    add_phone();
    say_at(PHONE, PING("1"), NOW - 1);
    expect_answers(0, NULL);
}

static void unticked_kind_waits_and_is_refused_when_nobody_decides(void **state) {
    (void)state;
    add_phone();
    say(PHONE, SIGN("1", "7"));
    expect_answers(0, NULL);
    assert_int_equal(b.social.bunker->waiting_count, 1);
    ht_bunker_expire(b.social.bunker, bench.mono_ms + HT_BUNKER_WAIT_S * 1000 - 1);
    assert_int_equal(b.social.bunker->waiting_count, 1);
    ht_bunker_expire(b.social.bunker, bench.mono_ms + HT_BUNKER_WAIT_S * 1000);
    bench_until(is_quiet);
    expect_answers(1, "did not decide in time");
    assert_int_equal(b.signed_count, 0);
}

static void decision_is_done(void **state) {
    (void)state;
    add_phone();
    say(PHONE, SIGN("1", "7"));
    say(PHONE, SIGN("2", "7"));
    const uint64_t first = b.social.bunker->waiting->number;
    ht_bunker_decided(ht_bunker_take(b.social.bunker, first), true);
    bench_until(is_quiet);
    expect_answers(1, "\\\"kind\\\":7,");
    ht_bunker_decided(ht_bunker_take(b.social.bunker, first + 1), false);
    bench_until(is_quiet);
    expect_answers(2, "the owner refused it");
    assert_null(ht_bunker_take(b.social.bunker, first));
    assert_int_equal(b.signed_count, 1);
}

static void device_has_a_bounded_number_of_requests_waiting(void **state) {
    (void)state;
    add_phone();
    for (unsigned i = 0; i < HT_BUNKER_WAITING_OF_ONE_MAX; i++) {
        char text[400], id[8];
        (void)snprintf(id, sizeof id, "w%u", i);
        (void)snprintf(text, sizeof text, "%s", SIGN("wN", "7"));
        memcpy(strstr(text, "wN"), id, 2);
        say(PHONE, text);
    }
    expect_answers(0, NULL);
    say(PHONE, SIGN("more", "7"));
    expect_answers(1, "too many requests wait");
}

static void device_has_a_rate(void **state) {
    (void)state;
    add_phone();
    for (unsigned i = 0; i < HT_BUNKER_A_MINUTE + 5; i++) {
        char text[80];
        (void)snprintf(text, sizeof text, "{\"id\":\"r%u\",\"method\":\"ping\"}", i);
        say(PHONE, text);
    }
    expect_answers(HT_BUNKER_A_MINUTE, NULL);
    bench.mono_ms += 1000;
    say(PHONE, PING("later"));
    expect_answers(HT_BUNKER_A_MINUTE + 1, "later");
}

static void locked_vault_answers_nothing_and_counts(void **state) {
    (void)state;
    add_phone();
    b.is_locked = true;
    say(PHONE, PING("1"));
    expect_answers(0, NULL);
    assert_int_equal(b.social.bunker->missed, 1);
    b.is_locked = false;
    ht_bunker_owner_changed(&b.social);
    assert_int_equal(b.social.bunker->missed, 0);
}

static void device_that_is_removed_takes_what_waits_along(void **state) {
    const ht_hash32 phone = maker_pubkey(PHONE);
    (void)state;
    add_phone();
    say(PHONE, SIGN("1", "7"));
    ht_bunker_remove(b.social.bunker, &phone);
    assert_int_equal(b.social.bunker->waiting_count, 0);
    assert_false(ht_bunker_lets_in(&b.social, &phone));
    say(PHONE, PING("2"));
    expect_answers(0, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(device_is_answered_and_a_stranger_is_not),
        TEST(relay_takes_requests_of_devices_and_while_an_invitation_is_open_of_all),
        TEST(invitation_lets_one_device_in_and_it_is_on_the_disk),
        TEST(ticked_kind_is_signed_and_named_to_the_audit_log),
        TEST(request_is_answered_once_however_often_it_comes),
        TEST(request_of_another_time_is_not_answered),
        TEST(request_from_before_the_start_is_not_answered),
        TEST(unticked_kind_waits_and_is_refused_when_nobody_decides),
        TEST(decision_is_done),
        TEST(device_has_a_bounded_number_of_requests_waiting),
        TEST(device_has_a_rate),
        TEST(locked_vault_answers_nothing_and_counts),
        TEST(device_that_is_removed_takes_what_waits_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
