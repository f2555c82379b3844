/* The owner's Nostr keys as other modules are given them. */
#include "tests/unit/identity_fakes.h"

#include "identity/keys/accounts_nostr.h"
#include "node/crypto/secp256k1.h"

#define NSEC "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"

/* Errors that are told later wait here. */
static struct ht_job *posted;

void ht_loop_answer(struct ht_loop *loop, struct ht_job *job) {
    (void)loop;
    assert_null(posted);
    posted = job;
}

static struct got {
    unsigned count;
    enum ht_err err;
    char code[40];
    uint8_t signature[64];
    struct ht_buf text;
} got;

static void take(void *user, const struct ht_nostr_answer *answer) {
    assert_ptr_equal(user, &got);
    got.count++;
    got.err = answer->err;
    (void)snprintf(got.code, sizeof got.code, "%s", answer->err != HT_OK ? answer->why.code : "");
    memcpy(got.signature, answer->signature, sizeof got.signature);
    ht_buf_clear(&got.text);
    if (answer->text.n > 0) assert_int_equal(ht_buf_add(&got.text, answer->text), HT_OK);
}

static void settle(void) {
    assert_int_equal(got.count, 0);
    if (posted != NULL) {
        struct ht_job *job = posted;
        posted = NULL;
        job->run(job);
    }
    ht_ib_settle();
    assert_int_equal(got.count, 1);
    got.count = 0;
}

static void must_be(enum ht_err err, const char *code) {
    settle();
    assert_string_equal(got.code, code);
    assert_int_equal(got.err, err);
}

static int set_up(void **state) {
    memset(&got, 0, sizeof got);
    posted = NULL;
    ht_buf_init(&got.text, 400000);
    return ht_ib_set_up(state);
}

static int tear_down(void **state) {
    ht_buf_fini(&got.text);
    return ht_ib_tear_down(state);
}

static struct ht_nostr_keys keys(void) {
    return ht_nostr_keys_of(&ht_ib_now.identity);
}

/* A wallet with the key of NSEC. */
static ht_hash32 begin(void) {
    struct ht_nostr_key key;
    bool is_open = false;
    ht_ib_create();
    (void)ht_ib_call("wallet.import",
                     json_pack("{s:s, s:s, s:s}", "kind", "nsec", "sealed",
                               ht_ib_seal(HT_SIGNER_IMPORT, NSEC, ""), "label", "Me"));
    assert_int_equal(keys().list(keys().self, &key, 1, &is_open), 1);
    return key.pubkey;
}

static void nostr_keys_are_listed_with_their_labels(void **state) {
    (void)state;
    struct ht_nostr_key key = {.label = ""};
    bool is_open = false;
    (void)begin();
    assert_int_equal(keys().list(keys().self, &key, 0, &is_open), 1);
    assert_string_equal(key.label, "");
    assert_int_equal(keys().list(keys().self, &key, 1, &is_open), 1);
    assert_string_equal(key.label, "Me");
    assert_true(is_open);
    ht_ib_lock();
    assert_int_equal(keys().list(keys().self, &key, 1, &is_open), 1);
    assert_false(is_open);
}

static void nostr_key_signs_an_event_and_the_log_says_what(void **state) {
    (void)state;
    ht_hash32 id;
    ht_hash32 pubkey = begin();
    memset(id.b, 0x33, sizeof id.b);
    keys().sign(keys().self, &pubkey, &id, "a post", true, take, &got);
    assert_int_equal(got.count, 0); /* never at once */
    must_be(HT_OK, "");
    assert_int_equal(ht_schnorr_verify(got.signature, &id, pubkey.b, NULL), HT_OK);
    json_t *tail = NULL;
    assert_int_equal(ht_audit_json(&ht_ib_now.identity, &tail, NULL), HT_OK);
    assert_string_equal(ht_ib_text(tail, "entries[0].event"), "signed");
    assert_string_equal(ht_ib_text(tail, "entries[0].detail"), "a post");
    json_decref(tail);
}

static void nostr_key_decrypts_what_another_encrypted_to_it(void **state) {
    (void)state;
    ht_hash32 pubkey = begin();
    /* To oneself, as copies of sent messages are. */
    keys().encrypt(keys().self, &pubkey, &pubkey, ht_bytes_str("a note to me"), take, &got);
    must_be(HT_OK, "");
    struct ht_buf payload = got.text;
    ht_buf_init(&got.text, 400000);
    keys().decrypt(keys().self, &pubkey, &pubkey, ht_buf_view(&payload), take, &got);
    must_be(HT_OK, "");
    assert_true(ht_bytes_equal(ht_buf_view(&got.text), ht_bytes_str("a note to me")));
    payload.p[60] ^= 1;
    keys().decrypt(keys().self, &pubkey, &pubkey, ht_buf_view(&payload), take, &got);
    must_be(HT_EUNVERIFIED, "bad_ciphertext");
    assert_int_equal(got.text.n, 0);
    keys().decrypt(keys().self, &pubkey, &pubkey, ht_bytes_str("?iv="), take, &got);
    must_be(HT_EUNVERIFIED, "bad_ciphertext");
    ht_buf_fini(&payload);
}

static void nostr_texts_are_bounded_before_the_signer_is_asked(void **state) {
    (void)state;
    static const uint8_t text[400000];
    ht_hash32 pubkey = begin();
    keys().encrypt(keys().self, &pubkey, &pubkey, ht_bytes_of(text, ((size_t)128 << 10) + 1), take,
                   &got);
    must_be(HT_ELIMIT, "nip44_long");
    keys().decrypt(keys().self, &pubkey, &pubkey, HT_BYTES(text), take, &got);
    must_be(HT_ELIMIT, "nip44_long");
    keys().encrypt(keys().self, &pubkey, &pubkey, ht_bytes_of(NULL, 0), take, &got);
    must_be(HT_EINPUT, "nip44_empty");
    assert_int_equal(ht_ib_now.asked[HT_SIGNER_ENCRYPT], 1);
    assert_int_equal(ht_ib_now.asked[HT_SIGNER_DECRYPT], 0);
}

static void nostr_key_that_the_wallet_has_not_is_refused_later(void **state) {
    (void)state;
    const ht_hash32 other = {{7}};
    (void)begin();
    keys().sign(keys().self, &other, &other, "a post", true, take, &got);
    assert_int_equal(got.count, 0);
    must_be(HT_ENOTFOUND, "no_key");
}

static void nostr_peer_that_is_no_point_is_refused(void **state) {
    (void)state;
    const ht_hash32 nobody = {{0}};
    ht_hash32 pubkey = begin();
    keys().encrypt(keys().self, &pubkey, &nobody, ht_bytes_str("x"), take, &got);
    must_be(HT_EINPUT, "nip44_public_key");
}

static void nostr_keys_do_nothing_while_the_wallet_is_locked(void **state) {
    (void)state;
    ht_hash32 pubkey = begin();
    ht_ib_lock();
    keys().sign(keys().self, &pubkey, &pubkey, "a post", true, take, &got);
    must_be(HT_EDENIED, "vault_locked");
    ht_ib_unlock();
    /* Locked while the signer is at it. */
    ht_ib_now.holds_signer = true;
    keys().encrypt(keys().self, &pubkey, &pubkey, ht_bytes_str("x"), take, &got);
    ht_vault_lock_now(&ht_ib_now.identity);
    ht_ib_now.holds_signer = false;
    must_be(HT_EDENIED, "vault_locked");
    assert_int_equal(got.text.n, 0);
}

static void nostr_request_says_that_there_is_no_signer(void **state) {
    (void)state;
    ht_hash32 pubkey = begin();
    ht_ib_now.host.signer = NULL;
    keys().sign(keys().self, &pubkey, &pubkey, "a post", true, take, &got);
    must_be(HT_EDENIED, "no_signer");
}

static void nostr_request_is_refused_when_the_signer_has_too_much_to_do(void **state) {
    (void)state;
    ht_hash32 pubkey = begin();
    ht_ib_now.signer_is_full = true;
    keys().sign(keys().self, &pubkey, &pubkey, "a post", true, take, &got);
    ht_ib_now.signer_is_full = false;
    must_be(HT_EAGAIN, "signer_busy");
}

static void nostr_signing_keeps_the_wallet_open_only_when_the_owner_asked(void **state) {
    (void)state;
    ht_hash32 pubkey = begin();
    ht_ib_pass(HT_AUTO_LOCK_MS - 1000);
    keys().sign(keys().self, &pubkey, &pubkey, "a post", true, take, &got);
    must_be(HT_OK, "");
    ht_ib_pass(HT_AUTO_LOCK_MS - 1000);
    assert_true(ht_vault_is_unlocked(&ht_ib_now.identity));
    keys().sign(keys().self, &pubkey, &pubkey, "signing in", false, take, &got);
    must_be(HT_OK, "");
    keys().encrypt(keys().self, &pubkey, &pubkey, ht_bytes_str("x"), take, &got);
    must_be(HT_OK, "");
    ht_ib_pass(1000);
    assert_false(ht_vault_is_unlocked(&ht_ib_now.identity));
}

#define NOSTR_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        NOSTR_TEST(nostr_keys_are_listed_with_their_labels),
        NOSTR_TEST(nostr_key_signs_an_event_and_the_log_says_what),
        NOSTR_TEST(nostr_key_decrypts_what_another_encrypted_to_it),
        NOSTR_TEST(nostr_texts_are_bounded_before_the_signer_is_asked),
        NOSTR_TEST(nostr_key_that_the_wallet_has_not_is_refused_later),
        NOSTR_TEST(nostr_peer_that_is_no_point_is_refused),
        NOSTR_TEST(nostr_keys_do_nothing_while_the_wallet_is_locked),
        NOSTR_TEST(nostr_request_says_that_there_is_no_signer),
        NOSTR_TEST(nostr_request_is_refused_when_the_signer_has_too_much_to_do),
        NOSTR_TEST(nostr_signing_keeps_the_wallet_open_only_when_the_owner_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
