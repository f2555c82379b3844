/* The vault: what opens it, what it notices, what it keeps. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "node/signer/vault_file.h"

#define PASSPHRASE "correct horse"
/* Where parts of a file are (vault.h). */
#define AT_COST 24U
#define AT_WRAPPED 80U
#define AT_GENERATION 128U
#define AT_COUNT 144U
#define AT_RECORDS 148U

static ht_bytes text(const char *words) {
    return ht_bytes_str(words);
}

static struct ht_vault *new_vault(void) {
    struct ht_vault *vault = NULL;
    assert_int_equal(ht_vault_new(&vault, &ht_system_random, &ht_vault_cost_least), HT_OK);
    return vault;
}

static struct ht_vault *created(void) {
    struct ht_vault *vault = new_vault();
    assert_int_equal(ht_vault_create(vault, text(PASSPHRASE), NULL), HT_OK);
    return vault;
}

static void add_key(struct ht_vault *vault, uint8_t value) {
    char name[HT_VAULT_NAME_MAX];
    uint8_t secret[HT_VAULT_KEY_SIZE];
    memset(secret, value, sizeof secret);
    assert_int_equal(ht_vault_add(name, vault, HT_VAULT_KEY, HT_BYTES(secret), NULL), HT_OK);
}

static struct ht_buf written(struct ht_vault *vault) {
    struct ht_buf out;
    ht_buf_init(&out, HT_VAULT_SIZE_MAX);
    assert_int_equal(ht_vault_write(&out, vault, NULL), HT_OK);
    return out;
}

static void unlock_fails(ht_bytes file, const char *passphrase, uint64_t least, enum ht_err want,
                         const char *code) {
    struct ht_vault *vault = new_vault();
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_vault_unlock(vault, file, text(passphrase), least, &why), want);
    assert_string_equal(why.code, code);
    assert_false(ht_vault_is_open(vault));
    ht_vault_free(vault);
}

static struct ht_vault *unlocked(ht_bytes file, const char *passphrase) {
    struct ht_vault *vault = new_vault();
    assert_int_equal(ht_vault_unlock(vault, file, text(passphrase), 0, NULL), HT_OK);
    return vault;
}

static void has_key(const struct ht_vault *vault, const char *name, uint8_t value) {
    const struct ht_vault_record *record = NULL;
    assert_int_equal(ht_vault_find(&record, vault, text(name), NULL), HT_OK);
    assert_int_equal(record->kind, HT_VAULT_KEY);
    assert_int_equal(record->secret_n, HT_VAULT_KEY_SIZE);
    for (size_t i = 0; i < HT_VAULT_KEY_SIZE; i++) assert_int_equal(record->secret[i], value);
}

static void has_no_key(const struct ht_vault *vault, const char *name) {
    const struct ht_vault_record *record = NULL;
    struct ht_why why;
    assert_int_equal(ht_vault_find(&record, vault, text(name), &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "no_such_record");
}

/* A file with key-1 and key-2, generation 1. */
static struct ht_buf two_keys(void) {
    struct ht_vault *vault = created();
    add_key(vault, 1);
    add_key(vault, 2);
    struct ht_buf file = written(vault);
    ht_vault_free(vault);
    return file;
}

/* The place of the second record: both are of one length. */
static size_t second_record(const struct ht_buf *file) {
    return AT_RECORDS + (file->n - AT_RECORDS - HT_VAULT_MAC_SIZE) / 2;
}

/* --- what it keeps ----------------------------------------------------------------------------*/

static void vault_gives_back_what_was_added(void **state) {
    (void)state;
    struct ht_buf file = two_keys();
    struct ht_vault *vault = unlocked(ht_buf_view(&file), PASSPHRASE);
    has_key(vault, "key-1", 1);
    has_key(vault, "key-2", 2);
    has_no_key(vault, "key-3");
    ht_vault_free(vault);
    ht_buf_fini(&file);
}

static void vault_never_uses_a_name_twice(void **state) {
    (void)state;
    struct ht_buf file = two_keys();
    struct ht_vault *vault = unlocked(ht_buf_view(&file), PASSPHRASE);
    assert_int_equal(ht_vault_remove(vault, text("key-2"), NULL), HT_OK);
    struct ht_buf without = written(vault);
    ht_vault_free(vault);
    vault = unlocked(ht_buf_view(&without), PASSPHRASE);
    add_key(vault, 3);
    has_no_key(vault, "key-2");
    has_key(vault, "key-3", 3);
    has_key(vault, "key-1", 1);
    ht_vault_free(vault);
    ht_buf_fini(&without);
    ht_buf_fini(&file);
}

static void vault_keeps_seeds_and_keys_apart(void **state) {
    (void)state;
    struct ht_vault *vault = created();
    char name[HT_VAULT_NAME_MAX];
    uint8_t seed[HT_VAULT_SEED_SIZE] = {16};
    add_key(vault, 1);
    assert_int_equal(ht_vault_add(name, vault, HT_VAULT_SEED, HT_BYTES(seed), NULL), HT_OK);
    assert_string_equal(name, "seed-1");
    struct ht_buf file = written(vault);
    ht_vault_free(vault);
    vault = unlocked(ht_buf_view(&file), PASSPHRASE);
    const struct ht_vault_record *record = NULL;
    assert_int_equal(ht_vault_find(&record, vault, text("seed-1"), NULL), HT_OK);
    assert_int_equal(record->kind, HT_VAULT_SEED);
    assert_memory_equal(record->secret, seed, sizeof seed);
    ht_vault_free(vault);
    ht_buf_fini(&file);
}

static void vault_refuses_one_key_too_many_and_writes_the_most(void **state) {
    (void)state;
    struct ht_vault *vault = created();
    char name[HT_VAULT_NAME_MAX];
    uint8_t seed[HT_VAULT_SEED_SIZE] = {16};
    struct ht_why why;
    for (unsigned i = 0; i < HT_VAULT_RECORDS_MAX; i++) {
        assert_int_equal(ht_vault_add(name, vault, HT_VAULT_SEED, HT_BYTES(seed), NULL), HT_OK);
    }
    assert_int_equal(ht_vault_add(name, vault, HT_VAULT_SEED, HT_BYTES(seed), &why), HT_ELIMIT);
    assert_string_equal(why.code, "vault_full");
    struct ht_buf file = written(vault);
    ht_vault_free(vault);
    vault = unlocked(ht_buf_view(&file), PASSPHRASE);
    const struct ht_vault_record *record = NULL;
    assert_int_equal(ht_vault_find(&record, vault, text("seed-256"), NULL), HT_OK);
    ht_vault_free(vault);
    ht_buf_fini(&file);
}

static void vault_that_is_locked_gives_nothing(void **state) {
    (void)state;
    struct ht_vault *vault = created();
    const struct ht_vault_record *record = NULL;
    struct ht_buf out;
    struct ht_why why;
    add_key(vault, 1);
    ht_vault_lock(vault);
    assert_false(ht_vault_is_open(vault));
    assert_int_equal(ht_vault_find(&record, vault, text("key-1"), &why), HT_EDENIED);
    assert_string_equal(why.code, "vault_locked");
    ht_buf_init(&out, HT_VAULT_SIZE_MAX);
    assert_int_equal(ht_vault_write(&out, vault, &why), HT_EDENIED);
    assert_string_equal(why.code, "vault_locked");
    assert_int_equal(ht_vault_check_passphrase(vault, text(PASSPHRASE), &why), HT_EDENIED);
    assert_string_equal(why.code, "vault_locked");
    ht_vault_free(vault);
}

/* --- generations and passphrases --------------------------------------------------------------*/

static void vault_counts_its_generations(void **state) {
    (void)state;
    struct ht_vault *vault = created();
    for (uint64_t want = 1; want <= 3; want++) {
        uint64_t got = 0;
        struct ht_buf file = written(vault);
        assert_int_equal(ht_vault_generation(&got, ht_buf_view(&file), NULL), HT_OK);
        assert_int_equal(got, want);
        ht_buf_fini(&file);
    }
    ht_vault_free(vault);
}

static void vault_notices_an_older_file(void **state) {
    (void)state;
    struct ht_buf file = two_keys();
    struct ht_vault *vault = new_vault();
    assert_int_equal(ht_vault_unlock(vault, ht_buf_view(&file), text(PASSPHRASE), 1, NULL), HT_OK);
    ht_vault_free(vault);
    unlock_fails(ht_buf_view(&file), PASSPHRASE, 2, HT_ESTALE, "vault_older");
    ht_buf_fini(&file);
}

static void vault_stays_shut_for_a_wrong_passphrase(void **state) {
    (void)state;
    struct ht_buf file = two_keys();
    char long_one[HT_VAULT_PASSPHRASE_MAX + 2];
    memset(long_one, 'a', sizeof long_one);
    long_one[sizeof long_one - 1] = 0;
    unlock_fails(ht_buf_view(&file), "correct hors", 0, HT_EDENIED, "wrong_passphrase");
    unlock_fails(ht_buf_view(&file), "", 0, HT_EDENIED, "wrong_passphrase");
    unlock_fails(ht_buf_view(&file), long_one, 0, HT_EDENIED, "wrong_passphrase");
    ht_buf_fini(&file);
}

static void vault_refuses_short_and_long_passphrases(void **state) {
    (void)state;
    struct ht_vault *vault = new_vault();
    struct ht_why why;
    char long_one[HT_VAULT_PASSPHRASE_MAX + 2];
    memset(long_one, 'a', sizeof long_one);
    long_one[sizeof long_one - 1] = 0;
    assert_int_equal(ht_vault_create(vault, text("1234567"), &why), HT_EDENIED);
    assert_string_equal(why.code, "passphrase_short");
    assert_int_equal(ht_vault_create(vault, text(long_one), &why), HT_ELIMIT);
    assert_string_equal(why.code, "passphrase_long");
    assert_false(ht_vault_is_open(vault));
    assert_int_equal(ht_vault_create(vault, text("12345678"), &why), HT_OK);
    ht_vault_free(vault);
}

static void vault_changes_its_passphrase(void **state) {
    (void)state;
    struct ht_vault *vault = created();
    struct ht_why why;
    add_key(vault, 1);
    ht_bytes next = text("another horse");
    assert_int_equal(ht_vault_change_passphrase(vault, text("wrong horse"), next, &why),
                     HT_EDENIED);
    assert_string_equal(why.code, "wrong_passphrase");
    assert_int_equal(ht_vault_change_passphrase(vault, text(PASSPHRASE), text("short"), &why),
                     HT_EDENIED);
    assert_string_equal(why.code, "passphrase_short");
    assert_int_equal(ht_vault_check_passphrase(vault, text(PASSPHRASE), NULL), HT_OK);
    assert_int_equal(ht_vault_change_passphrase(vault, text(PASSPHRASE), next, NULL), HT_OK);
    assert_int_equal(ht_vault_check_passphrase(vault, text(PASSPHRASE), NULL), HT_EDENIED);
    struct ht_buf file = written(vault);
    ht_vault_free(vault);
    unlock_fails(ht_buf_view(&file), PASSPHRASE, 0, HT_EDENIED, "wrong_passphrase");
    vault = unlocked(ht_buf_view(&file), "another horse");
    has_key(vault, "key-1", 1);
    ht_vault_free(vault);
    ht_buf_fini(&file);
}

/* --- what it notices --------------------------------------------------------------------------*/

static void vault_notices_any_changed_byte(void **state) {
    (void)state;
    struct ht_buf file = two_keys();
    struct ht_vault *vault = new_vault();
    for (size_t i = 0; i < file.n; i++) {
        /* The cost stays what is quick to try. */
        uint8_t flip = i >= AT_COST && i < AT_COST + 16 ? 0x80 : 1;
        struct ht_why why = {.code = ""};
        file.p[i] ^= flip;
        enum ht_err err = ht_vault_unlock(vault, ht_buf_view(&file), text(PASSPHRASE), 0, &why);
        file.p[i] ^= flip;
        if (err == HT_OK) fail_msg("byte %zu may change", i);
        if (i >= AT_GENERATION && i < AT_COUNT) assert_string_equal(why.code, "vault_changed");
        if (i >= AT_COUNT && i < AT_RECORDS) assert_string_equal(why.code, "vault_malformed");
        if (i >= AT_WRAPPED && i < AT_GENERATION) assert_string_equal(why.code, "wrong_passphrase");
    }
    ht_vault_free(vault);
    ht_buf_fini(&file);
}

static void vault_notices_any_missing_end(void **state) {
    (void)state;
    struct ht_buf file = two_keys();
    for (size_t n = 0; n < file.n; n++) {
        unlock_fails(ht_bytes_of(file.p, n), PASSPHRASE, 0, HT_EINPUT, "vault_malformed");
    }
    assert_int_equal(ht_buf_add_str(&file, "x"), HT_OK);
    unlock_fails(ht_buf_view(&file), PASSPHRASE, 0, HT_EINPUT, "vault_malformed");
    ht_buf_fini(&file);
}

static void vault_notices_swapped_records(void **state) {
    (void)state;
    struct ht_buf file = two_keys();
    size_t second = second_record(&file);
    size_t n = second - AT_RECORDS;
    uint8_t *copy = malloc(n);
    assert_non_null(copy);
    memcpy(copy, file.p + AT_RECORDS, n);
    memcpy(file.p + AT_RECORDS, file.p + second, n);
    memcpy(file.p + second, copy, n);
    free(copy);
    unlock_fails(ht_buf_view(&file), PASSPHRASE, 0, HT_EUNVERIFIED, "vault_changed");
    ht_buf_fini(&file);
}

static void vault_notices_a_renamed_record(void **state) {
    (void)state;
    struct ht_buf file = two_keys();
    assert_memory_equal(file.p + AT_RECORDS + 1, "key-1", 5);
    file.p[AT_RECORDS + 5] = '9';
    unlock_fails(ht_buf_view(&file), PASSPHRASE, 0, HT_EUNVERIFIED, "vault_changed");
    ht_buf_fini(&file);
}

static void vault_notices_a_removed_record(void **state) {
    (void)state;
    struct ht_buf file = two_keys();
    size_t second = second_record(&file);
    size_t n = second - AT_RECORDS;
    memmove(file.p + second, file.p + second + n, HT_VAULT_MAC_SIZE);
    ht_write_u32_le(file.p + AT_COUNT, 1);
    unlock_fails(ht_bytes_of(file.p, file.n - n), PASSPHRASE, 0, HT_EUNVERIFIED, "vault_changed");
    ht_buf_fini(&file);
}

static void vault_notices_a_record_of_an_older_file(void **state) {
    (void)state;
    struct ht_vault *vault = created();
    add_key(vault, 1);
    struct ht_buf older = written(vault);
    struct ht_buf newer = written(vault);
    ht_vault_free(vault);
    size_t n = older.n - AT_RECORDS - HT_VAULT_MAC_SIZE;
    memcpy(newer.p + AT_RECORDS, older.p + AT_RECORDS, n);
    unlock_fails(ht_buf_view(&newer), PASSPHRASE, 0, HT_EUNVERIFIED, "vault_changed");
    ht_buf_fini(&older);
    ht_buf_fini(&newer);
}

static void vault_notices_a_record_of_another_vault(void **state) {
    (void)state;
    struct ht_buf file = two_keys();
    struct ht_buf other = two_keys();
    size_t n = file.n - AT_RECORDS - HT_VAULT_MAC_SIZE;
    memcpy(file.p + AT_RECORDS, other.p + AT_RECORDS, n);
    unlock_fails(ht_buf_view(&file), PASSPHRASE, 0, HT_EUNVERIFIED, "vault_changed");
    ht_buf_fini(&file);
    ht_buf_fini(&other);
}

static void vault_refuses_a_cost_before_it_pays(void **state) {
    (void)state;
    struct ht_buf file = two_keys();
    ht_write_u64_le(file.p + AT_COST + 8, HT_VAULT_MEMORY_MAX + 1);
    unlock_fails(ht_buf_view(&file), PASSPHRASE, 0, HT_ELIMIT, "vault_cost");
    ht_write_u64_le(file.p + AT_COST + 8, ht_vault_cost_least.memory - 1);
    unlock_fails(ht_buf_view(&file), PASSPHRASE, 0, HT_ELIMIT, "vault_cost");
    ht_write_u64_le(file.p + AT_COST + 8, ht_vault_cost_least.memory);
    ht_write_u64_le(file.p + AT_COST, HT_VAULT_OPERATIONS_MAX + 1);
    unlock_fails(ht_buf_view(&file), PASSPHRASE, 0, HT_ELIMIT, "vault_cost");
    ht_write_u64_le(file.p + AT_COST, 0);
    unlock_fails(ht_buf_view(&file), PASSPHRASE, 0, HT_ELIMIT, "vault_cost");
    ht_buf_fini(&file);
}

static void vault_locks_when_another_file_does_not_open(void **state) {
    (void)state;
    struct ht_buf file = two_keys();
    struct ht_vault *vault = unlocked(ht_buf_view(&file), PASSPHRASE);
    assert_int_equal(ht_vault_unlock(vault, ht_buf_view(&file), text("wrong horse"), 0, NULL),
                     HT_EDENIED);
    assert_false(ht_vault_is_open(vault));
    ht_vault_free(vault);
    ht_buf_fini(&file);
}

static bool holds(const struct ht_buf *file, uint8_t value) {
    uint8_t key[8];
    memset(key, value, sizeof key);
    return memmem(file->p, file->n, key, sizeof key) != NULL;
}

static void vault_shows_no_secret_in_its_file(void **state) {
    (void)state;
    struct ht_vault *vault = created();
    add_key(vault, 0xa7);
    struct ht_buf file = written(vault);
    assert_false(holds(&file, 0xa7));
    ht_vault_free(vault);
    ht_buf_fini(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vault_gives_back_what_was_added),
        cmocka_unit_test(vault_never_uses_a_name_twice),
        cmocka_unit_test(vault_keeps_seeds_and_keys_apart),
        cmocka_unit_test(vault_refuses_one_key_too_many_and_writes_the_most),
        cmocka_unit_test(vault_that_is_locked_gives_nothing),
        cmocka_unit_test(vault_counts_its_generations),
        cmocka_unit_test(vault_notices_an_older_file),
        cmocka_unit_test(vault_stays_shut_for_a_wrong_passphrase),
        cmocka_unit_test(vault_refuses_short_and_long_passphrases),
        cmocka_unit_test(vault_changes_its_passphrase),
        cmocka_unit_test(vault_notices_any_changed_byte),
        cmocka_unit_test(vault_notices_any_missing_end),
        cmocka_unit_test(vault_notices_swapped_records),
        cmocka_unit_test(vault_notices_a_renamed_record),
        cmocka_unit_test(vault_notices_a_removed_record),
        cmocka_unit_test(vault_notices_a_record_of_an_older_file),
        cmocka_unit_test(vault_notices_a_record_of_another_vault),
        cmocka_unit_test(vault_refuses_a_cost_before_it_pays),
        cmocka_unit_test(vault_locks_when_another_file_does_not_open),
        cmocka_unit_test(vault_shows_no_secret_in_its_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
