/* The vault seen from the node: who may open it, when it locks, and that what it is survives. */
#include "tests/unit/identity_fakes.h"

#include "node/signer/vault.h"

static json_t *value;

static const json_t *status(void) {
    json_decref(value);
    value = NULL;
    assert_int_equal(ht_vault_json(&ht_ib_now.identity, &value, NULL), HT_OK);
    return value;
}

static void expect_vault(const char *wanted) {
    assert_string_equal(ht_ib_text(status(), "vault"), wanted);
}

static void vault_is_none_then_open_then_locked_then_open_again(void **state) {
    (void)state;
    expect_vault("none");
    ht_ib_create();
    expect_vault("open");
    ht_ib_lock();
    expect_vault("locked");
    ht_ib_unlock();
    expect_vault("open");
}

static void vault_status_tells_the_signer_and_its_confinement(void **state) {
    (void)state;
    (void)status();
    char key[HT_HEX_SIZE(HT_HPKE_PUBLIC_SIZE)];
    ht_hex_write(key, HT_BYTES(ht_ib_now.hello.public_key));
    assert_string_equal(ht_ib_text(value, "signer.key"), key);
    assert_string_equal(ht_ib_text(value, "signer.confined[0]"),
                        ht_confined_name(HT_CONFINED_SYSCALLS));
    assert_true(json_is_null(ht_json_member(value, "why")));
}

static void vault_status_says_why_there_is_no_signer(void **state) {
    (void)state;
    ht_ib_now.host.signer = NULL;
    (void)status();
    assert_true(json_is_null(ht_json_member(value, "signer")));
    assert_true(strlen(ht_ib_text(value, "why")) > 0);
    ht_ib_refused("wallet.create", ht_ib_sealed(HT_SIGNER_CREATE, PASSPHRASE, NULL), "no_signer");
}

static void vault_is_on_disk_before_its_creation_is_answered(void **state) {
    (void)state;
    ht_ib_send("wallet.create", ht_ib_sealed(HT_SIGNER_CREATE, PASSPHRASE, NULL));
    assert_true(ht_ib_step()); /* the signer's answer */
    assert_null(ht_ib_now.reply);
    expect_vault("none");
    assert_true(ht_ib_step()); /* the disk's */
    assert_non_null(ht_json_member(ht_ib_now.reply, "result"));
    ht_ib_settle();
    ht_ib_restart();
    expect_vault("locked");
    ht_ib_unlock();
}

static void vault_that_cannot_be_kept_is_not_there_and_not_open(void **state) {
    (void)state;
    ht_ib_now.writes_fail = true;
    ht_ib_refused("wallet.create", ht_ib_sealed(HT_SIGNER_CREATE, PASSPHRASE, NULL), "disk_full");
    ht_ib_now.writes_fail = false;
    expect_vault("none");
    assert_false(ht_vault_is_open(ht_ib_now.keeper->vault));
    ht_ib_create();
}

static void vault_is_created_once(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_refused("wallet.create", ht_ib_sealed(HT_SIGNER_CREATE, PASSPHRASE, NULL),
                  "vault_exists");
}

static void vault_created_twice_at_once_is_created_once(void **state) {
    (void)state;
    ht_ib_send("wallet.create", ht_ib_sealed(HT_SIGNER_CREATE, PASSPHRASE, NULL));
    ht_ib_send("wallet.create", ht_ib_sealed(HT_SIGNER_CREATE, PASSPHRASE, NULL));
    assert_string_equal(ht_ib_code(), "vault_busy");
}

static void vault_refuses_a_wrong_passphrase_and_notes_it(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_lock();
    ht_ib_refused("wallet.unlock", ht_ib_sealed(HT_SIGNER_UNLOCK, "wrong horse", NULL),
                  "wrong_passphrase");
    expect_vault("locked");
    json_t *tail = NULL;
    assert_int_equal(ht_audit_json(&ht_ib_now.identity, &tail, NULL), HT_OK);
    assert_string_equal(ht_ib_text(tail, "entries[0].event"), "wrong_passphrase");
    json_decref(tail);
    ht_ib_unlock();
    assert_int_equal(ht_ib_now.waits, 1);
}

static void vault_wants_something_sealed(void **state) {
    (void)state;
    ht_ib_refused("wallet.create", NULL, "json_missing");
    ht_ib_refused("wallet.create", json_pack("{s:s}", "sealed", "0x"), "sealed");
    ht_ib_refused("wallet.create", json_pack("{s:s}", "sealed", "0xabcd"), "hpke_short");
}

static void vault_refuses_what_was_sealed_for_another_use(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_lock();
    ht_ib_refused("wallet.unlock", ht_ib_sealed(HT_SIGNER_EXPORT, PASSPHRASE, NULL), "hpke_open");
}

static void vault_that_is_not_there_cannot_be_unlocked(void **state) {
    (void)state;
    ht_ib_refused("wallet.unlock", ht_ib_sealed(HT_SIGNER_UNLOCK, PASSPHRASE, NULL), "no_vault");
    ht_ib_create();
    ht_ib_refused("wallet.unlock", ht_ib_sealed(HT_SIGNER_UNLOCK, PASSPHRASE, NULL), "vault_open");
}

static void vault_lock_asked_for_after_an_unlock_wins(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_lock();
    ht_ib_send("wallet.unlock", ht_ib_sealed(HT_SIGNER_UNLOCK, PASSPHRASE, NULL));
    ht_vault_lock_now(&ht_ib_now.identity);
    ht_ib_settle();
    assert_string_equal(ht_ib_code(), "vault_locked");
    assert_false(ht_vault_is_unlocked(&ht_ib_now.identity));
    assert_false(ht_vault_is_open(ht_ib_now.keeper->vault));
}

static void vault_lock_refuses_the_queue_at_once_and_waits_for_the_signer(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_now.holds_signer = true;
    ht_ib_send("wallet.lock", NULL);
    ht_ib_settle();
    assert_int_equal(ht_ib_now.queue_locks, 1);
    assert_false(ht_vault_is_unlocked(&ht_ib_now.identity));
    assert_null(ht_ib_now.reply);
    ht_ib_now.holds_signer = false;
    ht_ib_settle();
    assert_string_equal(ht_ib_text(ht_ib_now.reply, "result.vault"), "locked");
}

static void vault_lock_is_tried_again_when_the_signer_is_too_busy(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_now.signer_is_full = true;
    ht_vault_lock_now(&ht_ib_now.identity);
    assert_false(ht_vault_is_unlocked(&ht_ib_now.identity));
    assert_true(ht_vault_is_open(ht_ib_now.keeper->vault));
    ht_ib_now.signer_is_full = false;
    ht_ib_pass(1000);
    assert_false(ht_vault_is_open(ht_ib_now.keeper->vault));
}

static void vault_locks_itself_when_nothing_was_done_for_long(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_pass(HT_AUTO_LOCK_MS - 1000);
    assert_true(ht_vault_is_unlocked(&ht_ib_now.identity));
    ht_ib_pass(2000);
    assert_false(ht_vault_is_open(ht_ib_now.keeper->vault));
    assert_int_equal(ht_ib_now.queue_locks, 1);
    expect_vault("locked");
}

static void vault_that_is_used_stays_open(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_pass(HT_AUTO_LOCK_MS - 1000);
    ht_vault_touch(&ht_ib_now.identity);
    ht_ib_pass(HT_AUTO_LOCK_MS - 1000);
    assert_true(ht_vault_is_unlocked(&ht_ib_now.identity));
}

static void vault_locks_when_the_computer_slept_past_its_time(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_now.wall_ms += HT_AUTO_LOCK_MS + 1; /* and the monotonic clock stood still */
    assert_false(ht_vault_is_unlocked(&ht_ib_now.identity));
    ht_ib_pass(20000);
    assert_false(ht_vault_is_open(ht_ib_now.keeper->vault));
}

static void vault_whose_time_is_over_is_unlocked_by_the_passphrase_again(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_now.wall_ms += HT_AUTO_LOCK_MS + 1;
    ht_ib_unlock();
    assert_true(ht_vault_is_unlocked(&ht_ib_now.identity));
}

static void vault_keeps_the_time_after_which_it_locks(void **state) {
    (void)state;
    ht_ib_refused("wallet.auto_lock", json_pack("{s:i}", "ms", 60000), "no_vault");
    ht_ib_create();
    ht_ib_refused("wallet.auto_lock", json_pack("{s:i}", "ms", 59999), "auto_lock");
    ht_ib_refused("wallet.auto_lock", json_pack("{s:i}", "ms", 24 * 3600 * 1000 + 1), "auto_lock");
    (void)ht_ib_call("wallet.auto_lock", json_pack("{s:i}", "ms", 60000));
    ht_ib_restart();
    ht_ib_unlock();
    ht_ib_pass(59000);
    assert_true(ht_vault_is_unlocked(&ht_ib_now.identity));
    ht_ib_pass(2000);
    assert_false(ht_vault_is_unlocked(&ht_ib_now.identity));
}

static void vault_passphrase_can_be_changed_by_who_knows_it(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_refused("wallet.passphrase",
                  ht_ib_sealed(HT_SIGNER_PASSPHRASE, "wrong horse", "new passphrase"),
                  "wrong_passphrase");
    (void)ht_ib_call("wallet.passphrase",
                     ht_ib_sealed(HT_SIGNER_PASSPHRASE, PASSPHRASE, "new passphrase"));
    ht_ib_restart();
    ht_ib_refused("wallet.unlock", ht_ib_sealed(HT_SIGNER_UNLOCK, PASSPHRASE, NULL),
                  "wrong_passphrase");
    (void)ht_ib_call("wallet.unlock", ht_ib_sealed(HT_SIGNER_UNLOCK, "new passphrase", NULL));
}

static void vault_passphrase_that_could_not_be_kept_is_forgotten_by_the_signer(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_now.writes_fail = true;
    ht_ib_refused("wallet.passphrase",
                  ht_ib_sealed(HT_SIGNER_PASSPHRASE, PASSPHRASE, "new passphrase"), "disk_full");
    ht_ib_now.writes_fail = false;
    assert_false(ht_vault_is_open(ht_ib_now.keeper->vault));
    ht_ib_unlock(); /* the old one */
}

static void keep_older(void *user, enum ht_err err, const struct ht_why *why) {
    assert_int_equal(err, HT_ESTALE);
    assert_string_equal(why->code, "vault_older");
    *(bool *)user = true;
}

static void vault_does_not_keep_an_older_file(void **state) {
    (void)state;
    uint8_t file[200] = "HEARTHV1";
    bool was_told = false;
    ht_ib_create();
    ht_write_u64_le(file + 128, 1);
    struct ht_vault_change change = {.file = HT_BYTES(file), .done = keep_older, .user = &was_told};
    ht_vault_keep(&ht_ib_now.identity, &change);
    ht_ib_settle();
    assert_true(was_told);
    ht_ib_unlock(); /* the right one is still there */
}

static enum ht_err put_back(void *user, const struct ht_vault_row *row) {
    struct ht_buf *file = user;
    return ht_buf_add(file, row->file);
}

static void vault_file_that_was_put_back_is_noticed(void **state) {
    (void)state;
    struct ht_buf old;
    ht_buf_init(&old, HT_VAULT_FILE_MAX);
    ht_ib_create();
    assert_int_equal(ht_vault_sql_load(ht_ib_now.db, put_back, &old, NULL), HT_OK);
    (void)ht_ib_call("wallet.passphrase",
                     ht_ib_sealed(HT_SIGNER_PASSPHRASE, PASSPHRASE, "new passphrase"));
    uint64_t generation = 0;
    assert_int_equal(ht_vault_generation(&generation, ht_buf_view(&old), NULL), HT_OK);
    struct ht_vault_row row = {ht_buf_view(&old), generation + 1, HT_AUTO_LOCK_MS};
    assert_int_equal(ht_vault_sql_save(ht_ib_now.db, &row, NULL), HT_OK);
    ht_ib_restart();
    ht_ib_refused("wallet.unlock", ht_ib_sealed(HT_SIGNER_UNLOCK, PASSPHRASE, NULL), "vault_older");
    ht_buf_fini(&old);
}

static void vault_is_locked_for_us_when_the_signer_is_gone(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_now.signer_is_gone = true;
    ht_ib_refused("wallet.passphrase",
                  ht_ib_sealed(HT_SIGNER_PASSPHRASE, PASSPHRASE, "new passphrase"), "signer_gone");
    expect_vault("locked");
    assert_true(json_is_null(ht_json_member(status(), "signer")));
    assert_int_equal(ht_ib_now.queue_locks, 1);
    assert_null(ht_ib_now.timer);
    ht_ib_refused("wallet.unlock", ht_ib_sealed(HT_SIGNER_UNLOCK, PASSPHRASE, NULL), "signer_gone");
}

static void vault_tells_each_change(void **state) {
    (void)state;
    ht_ib_create();
    unsigned before = ht_ib_now.status_count;
    assert_true(before > 0);
    ht_ib_lock();
    assert_true(ht_ib_now.status_count > before);
    before = ht_ib_now.status_count;
    ht_ib_unlock();
    assert_true(ht_ib_now.status_count > before);
}

static int end(void **state) {
    (void)state;
    json_decref(value);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(vault_is_none_then_open_then_locked_then_open_again),
        TEST(vault_status_tells_the_signer_and_its_confinement),
        TEST(vault_status_says_why_there_is_no_signer),
        TEST(vault_is_on_disk_before_its_creation_is_answered),
        TEST(vault_that_cannot_be_kept_is_not_there_and_not_open),
        TEST(vault_is_created_once),
        TEST(vault_created_twice_at_once_is_created_once),
        TEST(vault_refuses_a_wrong_passphrase_and_notes_it),
        TEST(vault_wants_something_sealed),
        TEST(vault_refuses_what_was_sealed_for_another_use),
        TEST(vault_that_is_not_there_cannot_be_unlocked),
        TEST(vault_lock_asked_for_after_an_unlock_wins),
        TEST(vault_lock_refuses_the_queue_at_once_and_waits_for_the_signer),
        TEST(vault_lock_is_tried_again_when_the_signer_is_too_busy),
        TEST(vault_locks_itself_when_nothing_was_done_for_long),
        TEST(vault_that_is_used_stays_open),
        TEST(vault_locks_when_the_computer_slept_past_its_time),
        TEST(vault_whose_time_is_over_is_unlocked_by_the_passphrase_again),
        TEST(vault_keeps_the_time_after_which_it_locks),
        TEST(vault_passphrase_can_be_changed_by_who_knows_it),
        TEST(vault_passphrase_that_could_not_be_kept_is_forgotten_by_the_signer),
        TEST(vault_does_not_keep_an_older_file),
        TEST(vault_file_that_was_put_back_is_noticed),
        TEST(vault_is_locked_for_us_when_the_signer_is_gone),
        TEST(vault_tells_each_change),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
