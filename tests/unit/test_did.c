/* DIDs as text: what each method reads, what it refuses and why; versions; static documents. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "identity/did/did_static.h"

#define ADDRESS "0x1ce94089bC77a43165299e14Ca0Ca96F060E6167"
#define KEY "zQ3shcQUjp59A5PDCtJGdputFmB51m3eJW7Z1T21uFVdenEay"
#define ED25519 "z6MkrpFCrHpRW4ouUKZRTfGjbiZNiZ6jvtrQ6hC4Ejm4VKUM"
#define POINT "0x02decaee61d212446f98879991285efc5f26211f2e2f3e5d8698ac63ca28f8235e"

static struct ht_did read_did(const char *text) {
    struct ht_did did;
    struct ht_why why;
    if (ht_did_read(&did, NULL, ht_bytes_str(text), &why) != HT_OK) fail_msg("%s", why.text);
    return did;
}

static void refuses(const char *text, const char *code) {
    struct ht_did did = {.chain_id = 77};
    struct ht_why why = {.code = "accepted"};
    enum ht_err err = ht_did_read(&did, NULL, ht_bytes_str(text), &why);
    if (strcmp(why.code, code) != 0) fail_msg("%s: %s, not %s", text, why.code, code);
    assert_int_equal(err, HT_EINPUT);
    assert_int_equal(did.chain_id, 77);
}

static void an_ethr_did_names_a_network_and_an_address_or_a_key(void **state) {
    (void)state;
    struct ht_did did = read_did("did:ethr:" ADDRESS);
    assert_int_equal(did.chain_id, 1);
    assert_int_equal(did.key_kind, HT_DID_NO_KEY);
    assert_string_equal(did.text, "did:ethr:" ADDRESS);
    assert_int_equal(read_did("did:ethr:mainnet:" ADDRESS).chain_id, 1);
    assert_int_equal(read_did("did:ethr:sepolia:" ADDRESS).chain_id, 11155111);
    assert_int_equal(read_did("did:ethr:0x7A69:" ADDRESS).chain_id, 31337);
    struct ht_did key = read_did("did:ethr:" POINT);
    assert_int_equal(key.key_kind, HT_DID_SECP256K1);
    assert_memory_equal(key.address.b, did.address.b, 20);
}

static void an_ethr_did_is_refused_for_its_own_reason(void **state) {
    (void)state;
    refuses("did:ethr:0x1234", "did_syntax");
    refuses("did:ethr:", "did_syntax");
    refuses("did:ethr:0xzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "did_syntax");
    refuses("did:ethr:1ce94089bc77a43165299e14ca0ca96f060e616700", "did_syntax");
    refuses("did:ethr:0X1ce94089bc77a43165299e14ca0ca96f060e6167", "did_syntax");
    refuses("did:ethr:0x1CE94089bC77a43165299e14Ca0Ca96F060E6167", "did_address");
    refuses("did:ethr:nonet:" ADDRESS, "did_network");
    refuses("did:ethr::" ADDRESS, "did_network");
    refuses("did:ethr:0x0:" ADDRESS, "did_network");
    refuses("did:ethr:0x01:" ADDRESS, "did_network");
    refuses("did:ethr:0x11111111111111111:" ADDRESS, "did_network");
    /* x of no point, and the uncompressed form's first byte. */
    refuses("did:ethr:0x020000000000000000000000000000000000000000000000000000000000000005",
            "did_key");
    refuses("did:ethr:0x04decaee61d212446f98879991285efc5f26211f2e2f3e5d8698ac63ca28f8235e",
            "did_key");
}

static void a_pkh_did_is_an_account_of_an_ethereum_chain(void **state) {
    (void)state;
    struct ht_did did = read_did("did:pkh:eip155:10:" ADDRESS);
    assert_int_equal(did.method, HT_DID_PKH);
    assert_int_equal(did.chain_id, 10);
    assert_memory_equal(did.address.b, read_did("did:ethr:" ADDRESS).address.b, 20);
    refuses("did:pkh:eip155:1:0x1234", "did_syntax");
    refuses("did:pkh:eip155::" ADDRESS, "did_syntax");
    refuses("did:pkh:eip155:01:" ADDRESS, "did_syntax");
    refuses("did:pkh:eip155:0x1:" ADDRESS, "did_syntax");
    refuses("did:pkh:eip155:99999999999999999999:" ADDRESS, "did_syntax");
    refuses("did:pkh:eip155:1:" ADDRESS ":x", "did_syntax");
    refuses("did:pkh:solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ:abc", "did_network");
}

static void a_key_did_is_a_point_behind_its_codec(void **state) {
    (void)state;
    struct ht_did did = read_did("did:key:" KEY);
    assert_int_equal(did.key_kind, HT_DID_SECP256K1);
    assert_memory_equal(did.address.b, read_did("did:ethr:" ADDRESS).address.b, 20);
    assert_int_equal(read_did("did:key:" ED25519).key_kind, HT_DID_ED25519);
    refuses("did:key:", "did_syntax");
    refuses("did:key:z", "did_syntax");
    refuses("did:key:" KEY "0", "did_syntax");
    refuses("did:key:m" KEY, "did_syntax");
    refuses("did:key:zQ3siK4ZpehApSmyrkR2o53pFXmXWgsNRP5nF6N6aZ5Gnd64X", "did_key");
    refuses("did:key:z6LSdgi1LXo71hDcLNv7Ymw7eP42Pz2qG4BvPQ6x4zQoH1pH", "did_key");
}

static void other_texts_are_no_dids_of_ours(void **state) {
    (void)state;
    char text[HT_DID_TEXT_MAX + 16];
    refuses("", "did_syntax");
    refuses("did", "did_syntax");
    refuses("DID:key:" KEY, "did_syntax");
    refuses("did:web:example.org", "did_method");
    refuses("did:ethr", "did_method");
    refuses("did:ethr:" ADDRESS "#controller", "did_syntax");
    memset(text, 'z', sizeof text);
    memcpy(text, "did:key:", 8);
    text[HT_DID_TEXT_MAX] = '\0';
    refuses(text, "did_syntax");
}

static void expect_version(const char *behind, bool has_block, uint64_t block, int64_t time_s) {
    struct ht_did_version version;
    struct ht_why why;
    if (ht_did_version_read(&version, ht_bytes_str(behind), &why) != HT_OK) {
        fail_msg("%s: %s", behind, why.text);
    }
    assert_int_equal(version.has_block, has_block);
    assert_int_equal(version.block, block);
    assert_int_equal(version.has_time, time_s != 0);
    assert_int_equal(version.time_s, time_s);
}

static void what_is_behind_a_did_names_its_version(void **state) {
    (void)state;
    struct ht_did did;
    ht_bytes rest = {0};
    const char *text = "did:ethr:" ADDRESS "?versionId=37#controller";
    assert_int_equal(ht_did_read(&did, &rest, ht_bytes_str(text), NULL), HT_OK);
    assert_string_equal(did.text, "did:ethr:" ADDRESS);
    assert_true(ht_bytes_equal(rest, ht_bytes_str("?versionId=37#controller")));
    expect_version("", false, 0, 0);
    expect_version("#key-1", false, 0, 0);
    expect_version("?versionId=37#controller", true, 37, 0);
    expect_version("?versionTime=2025-06-15T15:09:32Z", false, 0, 1750000172);
}

static void what_is_no_version_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"/path",
                                      "?versionId=",
                                      "?versionId=037",
                                      "?versionId=-1",
                                      "?versionId=latest",
                                      "?versionTime=yesterday",
                                      "?versionTime=1969-12-31T23:59:59Z",
                                      "?service=agent",
                                      "?versionId=1&versionId=1",
                                      "?versionId=1&versionTime=2025-06-15T15:09:32Z"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_did_version version;
        struct ht_why why = {.code = "accepted"};
        assert_int_equal(ht_did_version_read(&version, ht_bytes_str(bad[i]), &why), HT_EINPUT);
        assert_string_equal(why.code, "did_version");
    }
}

static void a_key_of_ed25519_has_one_to_agree_on_keys_with(void **state) {
    (void)state;
    struct ht_did did = read_did("did:key:" ED25519);
    json_t *document = ht_did_static_document(&did);
    const json_t *key = json_array_get(json_object_get(document, "keyAgreement"), 0);
    assert_string_equal(json_string_value(json_object_get(key, "id")),
                        "did:key:" ED25519 "#z6LSdgi1LXo71hDcLNv7Ymw7eP42Pz2qG4BvPQ6x4zQoH1pH");
    assert_string_equal(json_string_value(json_object_get(key, "publicKeyBase58")),
                        "31XqpDzEvEVsEzYM28RAKnqYYqViZT1mWRPGaXmGZe3X");
    json_decref(document);
}

static void results_say_the_type_or_the_error(void **state) {
    (void)state;
    struct ht_why why = {.code = "did_method"};
    json_t *good = ht_did_result(json_pack("{s:s}", "@context", "x"), NULL, NULL);
    json_t *bad = ht_did_result(NULL, NULL, ht_did_error_word(&why));
    json_t *want = json_loads("{\"didResolutionMetadata\":{\"error\":\"methodNotSupported\"},"
                              "\"didDocument\":null,\"didDocumentMetadata\":{}}",
                              0, NULL);
    assert_true(json_equal(bad, want));
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(good, "didResolutionMetadata"), "contentType")),
                        "application/did+ld+json");
    json_decref(good);
    json_decref(bad);
    json_decref(want);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ethr_did_names_a_network_and_an_address_or_a_key),
        cmocka_unit_test(an_ethr_did_is_refused_for_its_own_reason),
        cmocka_unit_test(a_pkh_did_is_an_account_of_an_ethereum_chain),
        cmocka_unit_test(a_key_did_is_a_point_behind_its_codec),
        cmocka_unit_test(other_texts_are_no_dids_of_ours),
        cmocka_unit_test(what_is_behind_a_did_names_its_version),
        cmocka_unit_test(what_is_no_version_is_refused),
        cmocka_unit_test(a_key_of_ed25519_has_one_to_agree_on_keys_with),
        cmocka_unit_test(results_say_the_type_or_the_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
