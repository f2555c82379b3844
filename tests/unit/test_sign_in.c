/* Who may sign in with Ethereum, and what a signature is worth: a key's own, a contract's, and one
 * of which nothing could be told. */
#include "tests/unit/identity_fakes.h"

#include "identity/credentials/sign_in.h"
#include "identity/credentials/sign_in_sql.h"
#include "node/codec/address.h"
#include "node/codec/eip712.h"
#include "node/crypto/secp256k1.h"

#define DOMAIN "127.0.0.1:8420"
#define URI "http://127.0.0.1:8420/"

/* What the account's code says. */
static struct {
    enum ht_err err;
    const char *code;
    enum ht_signature_kind kind;
    struct ht_signature_check *waiting[HT_SIGN_IN_CHECKS_MAX];
    unsigned count;
    bool holds;
} contract;

static void tell(struct ht_signature_check *check) {
    check->err = contract.err;
    check->kind = contract.kind;
    if (contract.err != HT_OK) (void)ht_fail(&check->why, contract.err, contract.code, "no");
    check->header.header.number = 77;
    check->done(check);
}

void ht_signature_check(struct ht_runner *runner, struct ht_signature_check *check) {
    assert_non_null(runner);
    if (contract.holds) {
        contract.waiting[contract.count++] = check;
    } else {
        tell(check);
    }
}

void ht_signature_check_fini(struct ht_signature_check *check) {
    (void)check;
}

static const uint8_t key[32] = {[31] = 7};
static ht_addr20 alice;
static char alice_text[HT_ADDRESS_TEXT_SIZE];
static struct ht_network network;

static int set_up(void **state) {
    uint8_t point[HT_SECP256K1_PUBKEY_SIZE];
    if (ht_ib_set_up(state) != 0) return 1;
    memset(&contract, 0, sizeof contract);
    network.chain_id = 1;
    ht_ib_now.host.network = &network;
    ht_ib_now.host.runner = (struct ht_runner *)&ht_ib_now; /* never looked into */
    if (ht_secp256k1_public_key(point, key, NULL) != HT_OK) return 1;
    ht_secp256k1_address(&alice, point);
    ht_address_checksum(alice_text, &alice);
    if (ht_sign_in_new(&ht_ib_now.identity, ht_ib_now.db, NULL) != HT_OK) return 1;
    return ht_rpc_add_methods(ht_ib_now.rpc, ht_sign_in_methods.list, ht_sign_in_methods.count,
                              &ht_ib_now.identity) == HT_OK
               ? 0
               : 1;
}

static int tear_down(void **state) {
    ht_ib_settle();
    ht_sign_in_free(&ht_ib_now.identity);
    return ht_ib_tear_down(state);
}

#define SIGN_IN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static json_t *request(const char *address) {
    return json_pack("{s:s, s:s, s:s}", "domain", DOMAIN, "uri", URI, "address", address);
}

/* The message of a new challenge. */
static void ask(char out[static 1024], const char *address) {
    const json_t *result = ht_ib_call("siwe.challenge", request(address));
    (void)snprintf(out, 1024, "%s", ht_ib_text(result, "message"));
}

static void sign(uint8_t out[static 65], const char *message) {
    struct ht_ecdsa_signature signature;
    ht_hash32 digest;
    ht_eip191_digest(&digest, ht_bytes_str(message));
    assert_int_equal(ht_ecdsa_sign(&signature, &digest, key, NULL), HT_OK);
    memcpy(out, signature.r, 32);
    memcpy(out + 32, signature.s, 32);
    out[64] = (uint8_t)(27 + signature.y_parity);
}

static json_t *answer_of(const char *message, ht_bytes signature) {
    char hex[HT_HEX_SIZE(200)];
    assert_true(signature.n <= 200);
    ht_hex_write(hex, signature);
    return json_pack("{s:s, s:s}", "message", message, "signature", hex);
}

static const json_t *verify(const char *message, ht_bytes signature) {
    return ht_ib_call("siwe.verify", answer_of(message, signature));
}

/* A new challenge, signed by its address. */
static const json_t *sign_in(void) {
    char message[1024];
    uint8_t signature[65];
    ask(message, alice_text);
    sign(signature, message);
    return verify(message, HT_BYTES(signature));
}

static void allow(json_t *addresses) {
    (void)ht_ib_call("siwe.set_settings",
                     json_pack("{s:b, s:o}", "is_enabled", 1, "addresses", addresses));
}

static bool may(const json_t *result) {
    bool got = false;
    assert_int_equal(ht_json_bool(&got, result, "may_sign_in", NULL), HT_OK);
    assert_int_equal(got, ht_json_member(result, "ticket") != NULL);
    return got;
}

static void sign_in_takes_a_keys_own_signature_without_the_chain(void **state) {
    (void)state;
    ht_ib_now.host.runner = NULL;
    const json_t *result = sign_in();
    assert_string_equal(ht_ib_text(result, "verdict"), "valid");
    assert_string_equal(ht_ib_text(result, "how"), "ecdsa");
    assert_string_equal(ht_ib_text(result, "address"), alice_text);
    assert_false(may(result));
}

static void sign_in_takes_every_form_of_signature(void **state) {
    (void)state;
    char message[1024];
    uint8_t signature[65];
    ask(message, alice_text);
    sign(signature, message);
    signature[64] = (uint8_t)(signature[64] - 27);
    assert_string_equal(ht_ib_text(verify(message, HT_BYTES(signature)), "verdict"), "valid");
    ask(message, alice_text);
    sign(signature, message);
    if (signature[64] == 28) signature[32] |= 0x80;
    assert_string_equal(ht_ib_text(verify(message, ht_bytes_of(signature, 64)), "verdict"),
                        "valid");
}

static void sign_in_is_refused_for_a_nonce_that_was_used(void **state) {
    (void)state;
    char message[1024];
    uint8_t signature[65];
    ask(message, alice_text);
    sign(signature, message);
    (void)verify(message, HT_BYTES(signature));
    ht_ib_refused("siwe.verify", answer_of(message, HT_BYTES(signature)), "siwe_nonce_unknown");
}

static void sign_in_is_refused_for_a_nonce_of_before_a_restart(void **state) {
    (void)state;
    char message[1024];
    uint8_t signature[65];
    ask(message, alice_text);
    sign(signature, message);
    ht_sign_in_free(&ht_ib_now.identity);
    assert_int_equal(ht_sign_in_new(&ht_ib_now.identity, ht_ib_now.db, NULL), HT_OK);
    ht_ib_refused("siwe.verify", answer_of(message, HT_BYTES(signature)), "siwe_nonce_unknown");
}

static void expect_told(enum ht_err err, const char *code, enum ht_signature_kind kind,
                        const char *verdict, const char *reason) {
    char message[1024];
    contract.err = err;
    contract.code = code;
    contract.kind = kind;
    ask(message, "0x1111111111111111111111111111111111111111");
    const json_t *result = verify(message, ht_bytes_str("whatever the contract wants"));
    assert_string_equal(ht_ib_text(result, "verdict"), verdict);
    if (reason != NULL) assert_string_equal(ht_ib_text(result, "code"), reason);
    bool is_told = strcmp(verdict, "unverified") != 0;
    assert_int_equal(is_told, ht_json_member(result, "provenance") != NULL);
    assert_false(may(result));
}

static void sign_in_asks_a_contract_for_its_word(void **state) {
    (void)state;
    expect_told(HT_OK, NULL, HT_SIGNATURE_ERC1271, "valid", NULL);
    expect_told(HT_OK, NULL, HT_SIGNATURE_ERC6492, "valid", NULL);
    expect_told(HT_EUNVERIFIED, "bad_signature", HT_SIGNATURE_ERC1271, "invalid", "bad_signature");
}

static void sign_in_is_unverified_when_it_cannot_be_told(void **state) {
    (void)state;
    expect_told(HT_EAGAIN, "no_head", HT_SIGNATURE_ERC1271, "unverified", "no_head");
    expect_told(HT_EUNVERIFIED, "bad_proof", HT_SIGNATURE_ERC1271, "unverified", "bad_proof");
    ht_ib_now.host.runner = NULL;
    expect_told(HT_OK, NULL, HT_SIGNATURE_ERC1271, "unverified", "no_state");
}

static void sign_in_refuses_a_high_s(void **state) {
    (void)state;
    expect_told(HT_OK, NULL, HT_SIGNATURE_ECDSA, "invalid", "high_s");
}

static void sign_in_asks_few_contracts_at_once(void **state) {
    (void)state;
    char message[1024];
    contract.holds = true;
    contract.kind = HT_SIGNATURE_ERC1271;
    for (size_t i = 0; i < HT_SIGN_IN_CHECKS_MAX; i++) {
        ask(message, alice_text);
        ht_ib_send("siwe.verify", answer_of(message, ht_bytes_str("x")));
    }
    ask(message, alice_text);
    ht_ib_refused("siwe.verify", answer_of(message, ht_bytes_str("x")), "siwe_busy");
    for (unsigned i = 0; i < contract.count; i++) tell(contract.waiting[i]);
    contract.holds = false;
    assert_string_equal(ht_ib_text(verify(message, ht_bytes_str("x")), "verdict"), "valid");
}

static void sign_in_is_for_listed_addresses_only(void **state) {
    (void)state;
    assert_false(may(sign_in()));
    allow(json_pack("[s]", "0x1111111111111111111111111111111111111111"));
    assert_false(may(sign_in()));
    allow(json_pack("[s]", alice_text));
    assert_true(may(sign_in()));
    (void)ht_ib_call("siwe.set_settings", json_pack("{s:b}", "is_enabled", 0));
    assert_false(may(sign_in()));
}

static void sign_in_is_for_the_wallets_accounts_when_that_is_enabled(void **state) {
    (void)state;
    ht_ib_create();
    (void)ht_ib_call("wallet.watch", json_pack("{s:s}", "address", alice_text));
    (void)ht_ib_call("siwe.set_settings",
                     json_pack("{s:b, s:b}", "is_enabled", 1, "takes_accounts", 1));
    assert_false(may(sign_in())); /* watched, nobody's */
    char hex[HT_HEX_SIZE(32)];
    ht_hex_write(hex, HT_BYTES(key));
    (void)ht_ib_call("wallet.import", json_pack("{s:s, s:s}", "kind", "raw", "sealed",
                                                ht_ib_seal(HT_SIGNER_IMPORT, hex, "")));
    assert_true(may(sign_in()));
    (void)ht_ib_call("siwe.set_settings", json_pack("{s:b}", "takes_accounts", 0));
    assert_false(may(sign_in()));
}

static bool is_open(void) {
    return ht_sign_in_way.is_open(&ht_ib_now.identity);
}

static void sign_in_is_offered_only_when_somebody_may(void **state) {
    (void)state;
    assert_false(is_open());
    (void)ht_ib_call("siwe.set_settings", json_pack("{s:b}", "is_enabled", 1));
    assert_false(is_open());
    allow(json_pack("[s]", alice_text));
    assert_true(is_open());
    (void)ht_ib_call("siwe.set_settings", json_pack("{s:b}", "is_enabled", 0));
    assert_false(is_open());
    (void)ht_ib_call("siwe.set_settings", json_pack("{s:b, s:[], s:b}", "is_enabled", 1,
                                                    "addresses", "takes_accounts", 1));
    assert_false(is_open());
    ht_ib_create();
    (void)ht_ib_call("wallet.watch", json_pack("{s:s}", "address", alice_text));
    assert_false(is_open());
    char hex[HT_HEX_SIZE(32)];
    ht_hex_write(hex, HT_BYTES(key));
    (void)ht_ib_call("wallet.import", json_pack("{s:s, s:s}", "kind", "raw", "sealed",
                                                ht_ib_seal(HT_SIGNER_IMPORT, hex, "")));
    assert_true(is_open());
}

static void sign_in_tells_the_door_whose_ticket_it_was(void **state) {
    (void)state;
    char who[HT_SIGN_IN_WHO_SIZE];
    char ticket[HT_SIWE_TICKET_LEN + 1];
    struct ht_identity *identity = &ht_ib_now.identity;
    struct ht_why why = {0};
    allow(json_pack("[s]", alice_text));
    (void)snprintf(ticket, sizeof ticket, "%s", ht_ib_text(sign_in(), "ticket"));
    ht_bytes bytes = ht_bytes_str(ticket);
    assert_int_equal(ht_sign_in_way.redeem(identity, who, bytes, ht_bytes_str(DOMAIN), &why),
                     HT_OK);
    assert_string_equal(who, alice_text);
    assert_int_equal(ht_sign_in_way.redeem(identity, who, bytes, ht_bytes_str(DOMAIN), &why),
                     HT_EDENIED);
    assert_string_equal(why.code, "bad_ticket");
}

static void sign_in_settings_outlive_the_run(void **state) {
    (void)state;
    allow(json_pack("[s]", alice_text));
    ht_sign_in_free(&ht_ib_now.identity);
    assert_int_equal(ht_sign_in_new(&ht_ib_now.identity, ht_ib_now.db, NULL), HT_OK);
    const json_t *settings = ht_ib_call("siwe.settings", NULL);
    assert_string_equal(ht_ib_text(settings, "addresses[0]"), alice_text);
    assert_true(json_is_true(ht_json_member(settings, "is_enabled")));
    assert_true(json_is_false(ht_json_member(settings, "takes_accounts")));
    assert_true(may(sign_in()));
}

static void sign_in_settings_that_were_not_kept_do_not_hold(void **state) {
    (void)state;
    ht_ib_now.writes_fail = true;
    ht_ib_refused("siwe.set_settings", json_pack("{s:b}", "is_enabled", 1), "disk_full");
    ht_ib_now.writes_fail = false;
    const json_t *settings = ht_ib_call("siwe.settings", NULL);
    assert_true(json_is_false(ht_json_member(settings, "is_enabled")));
}

static void sign_in_settings_are_bounded_and_strict(void **state) {
    (void)state;
    json_t *many = json_array();
    for (unsigned i = 0; i <= HT_SIGN_IN_ADDRESSES_MAX; i++)
        assert_int_equal(json_array_append_new(many, json_string(alice_text)), 0);
    ht_ib_refused("siwe.set_settings", json_pack("{s:o}", "addresses", many), "too_many_addresses");
    ht_ib_refused("siwe.set_settings",
                  json_pack("{s:[s]}", "addresses", "0x7E5F4552091A69125d5DfCb7b8C2659029395BDf0"),
                  "json_value");
    ht_ib_refused("siwe.set_settings", json_pack("{s:s}", "is_enabled", "yes"), "json_type");
}

static void sign_in_ticket_opens_the_door_it_was_signed_for(void **state) {
    (void)state;
    char ticket[100];
    ht_addr20 who;
    struct ht_why why = {0};
    struct ht_identity *identity = &ht_ib_now.identity;
    allow(json_pack("[s]", alice_text));
    (void)snprintf(ticket, sizeof ticket, "%s", ht_ib_text(sign_in(), "ticket"));
    assert_int_equal(ht_sign_in_redeem(&who, identity, ht_bytes_str(ticket),
                                       ht_bytes_str("localhost:8420"), &why),
                     HT_EDENIED);
    assert_string_equal(why.code, "bad_ticket");
    (void)snprintf(ticket, sizeof ticket, "%s", ht_ib_text(sign_in(), "ticket"));
    assert_int_equal(
        ht_sign_in_redeem(&who, identity, ht_bytes_str(ticket), ht_bytes_str(DOMAIN), &why), HT_OK);
    assert_memory_equal(who.b, alice.b, sizeof who.b);
}

static void sign_in_ticket_ends_with_the_settings_it_was_given_under(void **state) {
    (void)state;
    char ticket[100];
    ht_addr20 who;
    struct ht_why why = {0};
    allow(json_pack("[s]", alice_text));
    (void)snprintf(ticket, sizeof ticket, "%s", ht_ib_text(sign_in(), "ticket"));
    allow(json_array());
    assert_int_equal(ht_sign_in_redeem(&who, &ht_ib_now.identity, ht_bytes_str(ticket),
                                       ht_bytes_str(DOMAIN), &why),
                     HT_EDENIED);
    assert_string_equal(why.code, "bad_ticket");
}

static void sign_in_refuses_what_is_no_answer(void **state) {
    (void)state;
    ht_ib_refused("siwe.verify", answer_of("hello", ht_bytes_str("x")), "siwe_format");
    ht_ib_refused("siwe.verify", answer_of("hello", ht_bytes_of(NULL, 0)), "siwe_signature");
    ht_ib_refused("siwe.verify", json_pack("{s:s}", "message", "hello"), "json_missing");
    ht_ib_refused("siwe.challenge", json_pack("{s:s, s:s}", "domain", "a b", "uri", URI),
                  "siwe_domain");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SIGN_IN_TEST(sign_in_takes_a_keys_own_signature_without_the_chain),
        SIGN_IN_TEST(sign_in_takes_every_form_of_signature),
        SIGN_IN_TEST(sign_in_is_refused_for_a_nonce_that_was_used),
        SIGN_IN_TEST(sign_in_is_refused_for_a_nonce_of_before_a_restart),
        SIGN_IN_TEST(sign_in_asks_a_contract_for_its_word),
        SIGN_IN_TEST(sign_in_is_unverified_when_it_cannot_be_told),
        SIGN_IN_TEST(sign_in_refuses_a_high_s),
        SIGN_IN_TEST(sign_in_asks_few_contracts_at_once),
        SIGN_IN_TEST(sign_in_is_for_listed_addresses_only),
        SIGN_IN_TEST(sign_in_is_for_the_wallets_accounts_when_that_is_enabled),
        SIGN_IN_TEST(sign_in_is_offered_only_when_somebody_may),
        SIGN_IN_TEST(sign_in_tells_the_door_whose_ticket_it_was),
        SIGN_IN_TEST(sign_in_settings_outlive_the_run),
        SIGN_IN_TEST(sign_in_settings_that_were_not_kept_do_not_hold),
        SIGN_IN_TEST(sign_in_settings_are_bounded_and_strict),
        SIGN_IN_TEST(sign_in_ticket_opens_the_door_it_was_signed_for),
        SIGN_IN_TEST(sign_in_ticket_ends_with_the_settings_it_was_given_under),
        SIGN_IN_TEST(sign_in_refuses_what_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
