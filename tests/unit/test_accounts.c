/* Accounts: seeds with their backup, imports, exports, derivation, labels, and that the same words
 * give the same addresses elsewhere. */
#include "tests/unit/identity_fakes.h"

/* BIP-39's own first vector; NIP-06's first; the address is what every wallet derives. */
#define WORDS                                                                                  \
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon " \
    "about"
#define WORDS_ADDRESS "0x9858effd232b4033e47d90003d41ec34ecaeda94"
#define NIP06_WORDS "leader monkey parrot ring guide accident before fence cannon height naive bean"
#define NIP06_PUBKEY "17162c921dc4d2518f9a101db33695df1afb56ab82f5ff3e5da6eec3ca5cd917"
#define RAW_KEY "0x4646464646464646464646464646464646464646464646464646464646464646"
/* NIP-19's own example. */
#define NSEC "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"
#define RAW_ADDRESS "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f" /* EIP-155's example */

static json_t *list_value;

static const json_t *list(void) {
    json_decref(list_value);
    list_value = NULL;
    assert_int_equal(ht_accounts_json(&ht_ib_now.identity, &list_value, NULL), HT_OK);
    return list_value;
}

static size_t count_of(const char *what) {
    return json_array_size(ht_json_member(list(), what));
}

static enum ht_err take_generation(void *user, const struct ht_vault_row *row) {
    *(uint64_t *)user = row->generation;
    return HT_OK;
}

/* Of the file on the disk. */
static uint64_t vault_generation(void) {
    uint64_t generation = 0;
    assert_int_equal(ht_vault_sql_load(ht_ib_now.db, take_generation, &generation, NULL), HT_OK);
    return generation;
}

static const struct ht_account_info *at(size_t i) {
    const struct ht_account_info *account = ht_accounts_at(&ht_ib_now.identity, i);
    assert_non_null(account);
    return account;
}

/* A new seed of 12 words; the words go to out. */
static void new_seed(char *out) {
    const json_t *result = ht_ib_call(
        "wallet.new_seed", json_pack("{s:i, s:s}", "words", 12, "reply_key", ht_ib_reply_key()));
    ht_ib_open(out, HT_SIGNER_NEW_SEED, ht_ib_text(result, "sealed"));
}

static json_t *import_params(const char *kind, const char *secret, const char *password) {
    return json_pack("{s:s, s:s}", "kind", kind, "sealed",
                     ht_ib_seal(HT_SIGNER_IMPORT, secret, password));
}

static void import_words(const char *words) {
    (void)ht_ib_call("wallet.import", import_params("mnemonic", words, ""));
}

static void check_code(enum ht_err err, const struct ht_why *why, const char *code) {
    assert_int_equal(err, HT_EDENIED);
    assert_string_equal(why->code, code);
}

static void accounts_first_seed_gives_account_1_and_words_only_its_page_can_read(void **state) {
    (void)state;
    char words[4096];
    ht_ib_create();
    new_seed(words);
    assert_int_equal(count_of("accounts"), 1);
    assert_string_equal(at(0)->label, "Account 1");
    assert_string_equal(at(0)->key, "seed-1 m/44'/60'/0'/0/0");
    assert_string_equal(ht_ib_text(list(), "accounts[0].path"), "m/44'/60'/0'/0/0");
    assert_string_equal(ht_ib_text(list(), "accounts[0].seed"), "seed-1");
    size_t spaces = 0;
    for (const char *c = words; *c != '\0'; c++) spaces += *c == ' ';
    assert_int_equal(spaces, 11);
}

static void accounts_of_a_new_seed_are_on_disk_before_the_words_go_out(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_send("wallet.new_seed",
               json_pack("{s:i, s:s}", "words", 24, "reply_key", ht_ib_reply_key()));
    assert_true(ht_ib_step()); /* the seed */
    assert_true(ht_ib_step()); /* the public key */
    assert_null(ht_ib_now.reply);
    ht_ib_now.writes_fail = true;
    ht_ib_settle();
    assert_string_equal(ht_ib_code(), "disk_full");
    assert_int_equal(count_of("seeds"), 0);
    assert_false(ht_vault_is_open(ht_ib_now.keeper->vault)); /* it has forgotten the seed */
}

static void accounts_wait_for_the_backup_check_before_they_sign(void **state) {
    (void)state;
    struct ht_why why = {0};
    char words[4096];
    ht_ib_create();
    new_seed(words);
    check_code(ht_account_can_sign(&ht_ib_now.identity, at(0), &why), &why, "backup_due");
    assert_false(ht_accounts_are_backed_up(&ht_ib_now.identity));
    ht_ib_refused("wallet.check_backup",
                  json_pack("{s:s, s:s}", "seed", "seed-1", "sealed",
                            ht_ib_seal(HT_SIGNER_CHECK_SEED, WORDS, NULL)),
                  "words_differ");
    check_code(ht_account_can_sign(&ht_ib_now.identity, at(0), &why), &why, "backup_due");
    (void)ht_ib_call("wallet.check_backup",
                     json_pack("{s:s, s:s}", "seed", "seed-1", "sealed",
                               ht_ib_seal(HT_SIGNER_CHECK_SEED, words, NULL)));
    assert_int_equal(ht_account_can_sign(&ht_ib_now.identity, at(0), &why), HT_OK);
    assert_true(ht_accounts_are_backed_up(&ht_ib_now.identity));
    ht_ib_restart();
    ht_ib_unlock();
    assert_int_equal(ht_account_can_sign(&ht_ib_now.identity, at(0), &why), HT_OK);
}

static void accounts_do_not_sign_while_locked_or_only_watched(void **state) {
    (void)state;
    struct ht_why why = {0};
    ht_ib_create();
    import_words(WORDS);
    (void)ht_ib_call("wallet.watch", json_pack("{s:s}", "address", RAW_ADDRESS));
    check_code(ht_account_can_sign(&ht_ib_now.identity, at(1), &why), &why, "watch_only");
    ht_ib_lock();
    check_code(ht_account_can_sign(&ht_ib_now.identity, at(0), &why), &why, "vault_locked");
    assert_int_equal(count_of("accounts"), 2); /* to be seen all the same */
}

static void accounts_restored_from_words_elsewhere_have_equal_addresses(void **state) {
    char words[4096];
    ht_addr20 address[2];
    ht_ib_create();
    new_seed(words);
    (void)ht_ib_call("wallet.add_account", json_pack("{s:s}", "seed", "seed-1"));
    for (size_t i = 0; i < 2; i++) address[i] = at(i)->address;
    assert_int_equal(ht_ib_tear_down(state), 0);
    assert_int_equal(ht_ib_set_up(state), 0);
    ht_ib_create();
    import_words(words);
    (void)ht_ib_call("wallet.add_account", json_pack("{s:s}", "seed", "seed-1"));
    for (size_t i = 0; i < 2; i++) assert_memory_equal(at(i)->address.b, address[i].b, 20);
    assert_true(at(1)->is_backed_up);
    assert_string_equal(at(1)->label, "Account 2");
}

static void accounts_of_known_words_have_the_known_address(void **state) {
    (void)state;
    ht_ib_create();
    import_words(WORDS);
    assert_string_equal(ht_ib_text(list(), "accounts[0].address"), WORDS_ADDRESS);
}

/* Refused, with the wallet open as before and nothing of it kept. */
static void is_here_already(json_t *params) {
    size_t accounts = count_of("accounts"), nostr = count_of("nostr"), seeds = count_of("seeds");
    uint64_t generation = vault_generation();
    ht_ib_refused("wallet.import", params, "account_exists");
    assert_true(ht_vault_is_unlocked(&ht_ib_now.identity));
    assert_true(ht_vault_is_open(ht_ib_now.keeper->vault));
    assert_int_equal(count_of("accounts"), accounts);
    assert_int_equal(count_of("nostr"), nostr);
    assert_int_equal(count_of("seeds"), seeds);
    assert_true(vault_generation() == generation);
}

static void accounts_imported_twice_are_refused_and_leave_no_second_key(void **state) {
    (void)state;
    ht_ib_create();
    (void)ht_ib_call("wallet.import", import_params("raw", RAW_KEY, ""));
    assert_string_equal(ht_ib_text(list(), "accounts[0].address"), RAW_ADDRESS);
    is_here_already(import_params("raw", RAW_KEY, ""));
    const json_t *error = json_object_get(ht_ib_now.reply, "error");
    assert_int_equal(json_integer_value(json_object_get(error, "code")), -32602);
    (void)ht_ib_call("wallet.remove", json_pack("{s:I, s:s}", "id", (json_int_t)at(0)->id, "sealed",
                                                ht_ib_seal(HT_SIGNER_REMOVE, PASSPHRASE, NULL)));
    assert_int_equal(count_of("accounts"), 0);
    const struct ht_vault_record *record = NULL;
    for (const char *const *name = (const char *const[]){"key-1", "key-2", NULL}; *name != NULL;
         name++) {
        assert_int_equal(ht_vault_find(&record, ht_ib_now.keeper->vault, ht_bytes_str(*name), NULL),
                         HT_ENOTFOUND);
    }
}

static void accounts_imported_in_another_form_are_refused_too(void **state) {
    (void)state;
    char text[4096];
    ht_ib_create();
    (void)ht_ib_call("wallet.import", import_params("raw", RAW_KEY, ""));
    const json_t *result =
        ht_ib_call("wallet.export",
                   json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)at(0)->id, "format",
                             "keystore", "sealed", ht_ib_seal(HT_SIGNER_EXPORT, PASSPHRASE, "pw"),
                             "reply_key", ht_ib_reply_key()));
    ht_ib_open(text, HT_SIGNER_EXPORT, ht_ib_text(result, "sealed"));
    is_here_already(import_params("keystore", text, "pw"));
}

static void accounts_nostr_key_imported_twice_is_refused(void **state) {
    (void)state;
    char text[4096];
    ht_ib_create();
    (void)ht_ib_call("wallet.import", import_params("nsec", NSEC, ""));
    is_here_already(import_params("nsec", NSEC, ""));
    const json_t *result = ht_ib_call(
        "wallet.export",
        json_pack("{s:s, s:s, s:s, s:s}", "id", "nostr-1", "format", "nip49", "sealed",
                  ht_ib_seal(HT_SIGNER_EXPORT, PASSPHRASE, "pw"), "reply_key", ht_ib_reply_key()));
    ht_ib_open(text, HT_SIGNER_EXPORT, ht_ib_text(result, "sealed"));
    is_here_already(import_params("nip49", text, "pw"));
}

static void accounts_derived_ones_are_not_imported_once_more(void **state) {
    (void)state;
    char key[4096];
    ht_ib_create();
    import_words(WORDS);
    is_here_already(import_params("mnemonic", WORDS, ""));
    (void)ht_ib_call("wallet.add_account", json_pack("{s:s}", "seed", "seed-1"));
    const json_t *result = ht_ib_call(
        "wallet.export",
        json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)at(1)->id, "format", "raw", "sealed",
                  ht_ib_seal(HT_SIGNER_EXPORT, PASSPHRASE, NULL), "reply_key", ht_ib_reply_key()));
    ht_ib_open(key, HT_SIGNER_EXPORT, ht_ib_text(result, "sealed"));
    is_here_already(import_params("raw", key, ""));
}

static void accounts_that_change_are_told_to_permissions_after_the_commit(void **state) {
    (void)state;
    ht_ib_create();
    (void)ht_ib_call("wallet.watch", json_pack("{s:s}", "address", RAW_ADDRESS));
    unsigned changes = ht_ib_now.account_changes;
    ht_ib_now.writes_fail = true;
    ht_ib_refused("wallet.remove", json_pack("{s:I}", "id", (json_int_t)at(0)->id), "disk_full");
    assert_int_equal(ht_ib_now.account_changes, changes);
    ht_ib_now.writes_fail = false;
    (void)ht_ib_call("wallet.remove", json_pack("{s:I}", "id", (json_int_t)at(0)->id));
    assert_int_equal(ht_ib_now.account_changes, changes + 1);
}

static void accounts_import_needs_an_open_vault_and_a_known_kind(void **state) {
    (void)state;
    ht_ib_refused("wallet.import", import_params("raw", RAW_KEY, ""), "no_vault");
    ht_ib_create();
    ht_ib_refused("wallet.import", import_params("paper", RAW_KEY, ""), "key_kind");
    ht_ib_refused("wallet.import", import_params("a kind far too long", RAW_KEY, ""), "key_kind");
    ht_ib_refused("wallet.import", import_params("mnemonic", "abandon abandon", ""), "words_count");
    ht_ib_lock();
    ht_ib_refused("wallet.import", import_params("raw", RAW_KEY, ""), "vault_locked");
    ht_ib_unlock();
    (void)ht_ib_call("wallet.import",
                     import_params("raw", RAW_KEY, "")); /* nothing was left over */
}

static void accounts_that_were_watched_get_their_key(void **state) {
    (void)state;
    ht_ib_create();
    (void)ht_ib_call("wallet.watch",
                     json_pack("{s:s, s:s}", "address", RAW_ADDRESS, "label", "Cold"));
    int64_t id = at(0)->id;
    (void)ht_ib_call("wallet.import", import_params("raw", RAW_KEY, ""));
    assert_int_equal(count_of("accounts"), 1);
    assert_int_equal(at(0)->id, id);
    assert_int_equal(at(0)->kind, HT_ACCOUNT_IMPORTED);
    assert_string_equal(at(0)->label, "Cold");
    assert_string_equal(at(0)->key, "key-1");
}

static void accounts_derived_one_that_is_here_already_is_stepped_over(void **state) {
    (void)state;
    ht_ib_create();
    import_words(WORDS);
    const json_t *result = ht_ib_call("wallet.add_account", json_pack("{s:s}", "seed", "seed-1"));
    char second[64];
    (void)snprintf(second, sizeof second, "%s", ht_ib_text(result, "account.address"));
    result = ht_ib_call("wallet.export",
                        json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)at(1)->id, "format",
                                  "raw", "sealed", ht_ib_seal(HT_SIGNER_EXPORT, PASSPHRASE, NULL),
                                  "reply_key", ht_ib_reply_key()));
    char key[4096];
    ht_ib_open(key, HT_SIGNER_EXPORT, ht_ib_text(result, "sealed"));
    (void)ht_ib_call("wallet.remove", json_pack("{s:s, s:s}", "id", "seed-1", "sealed",
                                                ht_ib_seal(HT_SIGNER_REMOVE, PASSPHRASE, NULL)));
    assert_int_equal(count_of("accounts"), 0);
    (void)ht_ib_call("wallet.import", import_params("raw", key, ""));
    assert_string_equal(ht_ib_text(list(), "accounts[0].address"), second);
    import_words(WORDS);
    (void)ht_ib_call("wallet.add_account", json_pack("{s:s}", "seed", "seed-2"));
    assert_string_equal(at(2)->key, "seed-2 m/44'/60'/0'/0/2");
}

static void accounts_export_wants_the_passphrase_each_time(void **state) {
    (void)state;
    char words[4096], exported[4096];
    ht_ib_create();
    new_seed(words);
    ht_ib_refused("wallet.export",
                  json_pack("{s:s, s:s, s:s, s:s}", "id", "seed-1", "format", "mnemonic", "sealed",
                            ht_ib_seal(HT_SIGNER_EXPORT, "wrong horse", NULL), "reply_key",
                            ht_ib_reply_key()),
                  "wrong_passphrase");
    const json_t *result = ht_ib_call(
        "wallet.export",
        json_pack("{s:s, s:s, s:s, s:s}", "id", "seed-1", "format", "mnemonic", "sealed",
                  ht_ib_seal(HT_SIGNER_EXPORT, PASSPHRASE, NULL), "reply_key", ht_ib_reply_key()));
    ht_ib_open(exported, HT_SIGNER_EXPORT, ht_ib_text(result, "sealed"));
    assert_string_equal(exported, words);
    assert_true(json_is_false(ht_json_member(result, "has_passphrase")));
    json_t *tail = NULL;
    assert_int_equal(ht_audit_json(&ht_ib_now.identity, &tail, NULL), HT_OK);
    assert_string_equal(ht_ib_text(tail, "entries[0].event"), "exported");
    json_decref(tail);
}

static void accounts_nostr_key_of_a_seed_is_the_one_of_nip_06(void **state) {
    (void)state;
    ht_ib_create();
    import_words(NIP06_WORDS);
    (void)ht_ib_call("wallet.add_nostr", json_pack("{s:s}", "seed", "seed-1"));
    assert_string_equal(ht_ib_text(list(), "nostr[0].pubkey"), NIP06_PUBKEY);
    assert_string_equal(ht_ib_text(list(), "nostr[0].kind"), "derived");
    (void)ht_ib_call("wallet.add_nostr", json_pack("{s:s}", "seed", "seed-1"));
    assert_string_equal(
        ht_ib_now.identity.accounts != NULL ? ht_ib_text(list(), "nostr[1].id") : "", "nostr-2");
    (void)ht_ib_call("wallet.remove", json_pack("{s:s}", "id", "nostr-2"));
    assert_int_equal(count_of("nostr"), 1);
}

static void accounts_import_a_nostr_key_apart_from_the_others(void **state) {
    (void)state;
    ht_ib_create();
    (void)ht_ib_call("wallet.import", import_params("nsec", NSEC, ""));
    assert_string_equal(ht_ib_text(list(), "nostr[0].pubkey"),
                        "7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e");
    assert_int_equal(count_of("accounts"), 0);
    (void)ht_ib_call("wallet.remove", json_pack("{s:s, s:s}", "id", "nostr-1", "sealed",
                                                ht_ib_seal(HT_SIGNER_REMOVE, PASSPHRASE, NULL)));
    assert_int_equal(count_of("nostr"), 0);
}

static void accounts_can_be_renamed_and_hidden_and_stay_so(void **state) {
    (void)state;
    ht_ib_create();
    import_words(WORDS);
    json_int_t id = (json_int_t)at(0)->id;
    (void)ht_ib_call("wallet.rename", json_pack("{s:I, s:s}", "id", id, "label", "Caf\u00e9"));
    (void)ht_ib_call("wallet.rename", json_pack("{s:s, s:s}", "id", "seed-1", "label", "Paper"));
    (void)ht_ib_call("wallet.hide", json_pack("{s:I, s:b}", "id", id, "is_hidden", 1));
    ht_ib_restart();
    assert_string_equal(at(0)->label, "Caf\u00e9");
    assert_true(at(0)->is_hidden);
    assert_string_equal(ht_ib_text(list(), "seeds[0].label"), "Paper");
}

static void accounts_refuse_labels_that_deceive(void **state) {
    (void)state;
    ht_ib_create();
    import_words(WORDS);
    json_int_t id = (json_int_t)at(0)->id;
    char longest[66];
    memset(longest, 'a', sizeof longest - 1);
    longest[65] = '\0';
    const char *const bad[] = {"", longest, "a\nb", "a\x7f", "a\xc2\x85", "a\u202eb", "a\u200bb"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ht_ib_refused("wallet.rename", json_pack("{s:I, s:s}", "id", id, "label", bad[i]),
                      "bad_label");
    }
    ht_ib_refused("wallet.rename", json_pack("{s:I}", "id", id), "json_missing");
    (void)ht_ib_call("wallet.rename", json_pack("{s:I, s:s}", "id", id, "label", longest + 1));
}

static void accounts_that_are_not_there_are_not_found(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_refused("wallet.rename", json_pack("{s:i, s:s}", "id", 7, "label", "a"),
                  "no_such_account");
    ht_ib_refused("wallet.rename", json_pack("{s:s, s:s}", "id", "seed-7", "label", "a"),
                  "no_such_account");
    ht_ib_refused("wallet.add_account", json_pack("{s:s}", "seed", "seed-7"), "no_such_account");
}

static void accounts_of_a_seed_are_hidden_and_not_removed(void **state) {
    (void)state;
    ht_ib_create();
    import_words(WORDS);
    ht_ib_refused("wallet.remove", json_pack("{s:I}", "id", (json_int_t)at(0)->id), "hide_instead");
}

static void accounts_key_is_removed_only_with_the_passphrase(void **state) {
    (void)state;
    ht_ib_create();
    (void)ht_ib_call("wallet.import", import_params("raw", RAW_KEY, ""));
    json_int_t id = (json_int_t)at(0)->id;
    ht_ib_refused("wallet.remove", json_pack("{s:I}", "id", id), "json_missing");
    ht_ib_refused("wallet.remove",
                  json_pack("{s:I, s:s}", "id", id, "sealed",
                            ht_ib_seal(HT_SIGNER_REMOVE, "wrong horse", NULL)),
                  "wrong_passphrase");
    assert_int_equal(count_of("accounts"), 1);
    (void)ht_ib_call("wallet.remove", json_pack("{s:I, s:s}", "id", id, "sealed",
                                                ht_ib_seal(HT_SIGNER_REMOVE, PASSPHRASE, NULL)));
    ht_ib_restart();
    assert_int_equal(count_of("accounts"), 0);
}

static void accounts_watch_checks_the_address(void **state) {
    (void)state;
    ht_ib_refused("wallet.watch", json_pack("{s:s}", "address", "0x12"), "json_value");
    ht_ib_refused("wallet.watch",
                  json_pack("{s:s}", "address", "0x9D8a62f656a8d1615C1294fd71e9CFb3E4855A4F"),
                  "address_checksum");
    (void)ht_ib_call("wallet.watch",
                     json_pack("{s:s}", "address", "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"));
    ht_ib_refused("wallet.watch", json_pack("{s:s}", "address", RAW_ADDRESS), "account_exists");
    assert_int_equal(count_of("accounts"), 1);
}

static void accounts_change_one_at_a_time(void **state) {
    (void)state;
    ht_ib_send("wallet.watch", json_pack("{s:s}", "address", RAW_ADDRESS));
    ht_ib_send("wallet.watch", json_pack("{s:s}", "address", WORDS_ADDRESS));
    assert_string_equal(ht_ib_code(), "wallet_busy");
    ht_ib_settle();
    assert_int_equal(count_of("accounts"), 1);
}

static void accounts_new_seed_wants_a_length_of_bip_39(void **state) {
    (void)state;
    ht_ib_create();
    ht_ib_refused("wallet.new_seed",
                  json_pack("{s:i, s:s}", "words", 13, "reply_key", ht_ib_reply_key()),
                  "words_count");
    ht_ib_refused("wallet.new_seed", json_pack("{s:i}", "words", 12), "json_missing");
    ht_ib_lock();
    ht_ib_refused("wallet.new_seed",
                  json_pack("{s:i, s:s}", "words", 12, "reply_key", ht_ib_reply_key()),
                  "vault_locked");
}

static int end(void **state) {
    (void)state;
    json_decref(list_value);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(accounts_first_seed_gives_account_1_and_words_only_its_page_can_read),
        TEST(accounts_of_a_new_seed_are_on_disk_before_the_words_go_out),
        TEST(accounts_wait_for_the_backup_check_before_they_sign),
        TEST(accounts_do_not_sign_while_locked_or_only_watched),
        TEST(accounts_restored_from_words_elsewhere_have_equal_addresses),
        TEST(accounts_of_known_words_have_the_known_address),
        TEST(accounts_imported_twice_are_refused_and_leave_no_second_key),
        TEST(accounts_imported_in_another_form_are_refused_too),
        TEST(accounts_nostr_key_imported_twice_is_refused),
        TEST(accounts_derived_ones_are_not_imported_once_more),
        TEST(accounts_that_change_are_told_to_permissions_after_the_commit),
        TEST(accounts_import_needs_an_open_vault_and_a_known_kind),
        TEST(accounts_that_were_watched_get_their_key),
        TEST(accounts_derived_one_that_is_here_already_is_stepped_over),
        TEST(accounts_export_wants_the_passphrase_each_time),
        TEST(accounts_nostr_key_of_a_seed_is_the_one_of_nip_06),
        TEST(accounts_import_a_nostr_key_apart_from_the_others),
        TEST(accounts_can_be_renamed_and_hidden_and_stay_so),
        TEST(accounts_refuse_labels_that_deceive),
        TEST(accounts_that_are_not_there_are_not_found),
        TEST(accounts_of_a_seed_are_hidden_and_not_removed),
        TEST(accounts_key_is_removed_only_with_the_passphrase),
        TEST(accounts_watch_checks_the_address),
        TEST(accounts_change_one_at_a_time),
        TEST(accounts_new_seed_wants_a_length_of_bip_39),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
