/* Delegated requests of EAS: those here were signed by the EAS SDK, with a key of this test. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "identity/eas/delegated.h"
#include "identity/eas/gas.h"
#include "node/codec/json.h"
#include "tests/unit/eas_sample.h"

#define ARENA_MAX ((size_t)1 << 20)

/* With ' for ". */
static const char ATTEST_0_26[] =
    "{'domain':{'name':'EAS','version':'0.26','chainId':'31337','verifyingContract':'0xeaeAEA"
    "eaEaeAEaEAeaeaeaeAeAeAeAEaeAEAeAeA'},'primaryType':'Attest','message':{'attester':'0xb7c"
    "F38e4B36B03895E5580abE5b379E6739e8C4C','schema':'0x5151515151515151515151515151515151515"
    "151515151515151515151515151','recipient':'0xA1A1a1a1A1A1A1A1A1a1a1a1a1a1A1A1a1A1a1a1','e"
    "xpirationTime':'0','revocable':true,'refUID':'0x0000000000000000000000000000000000000000"
    "000000000000000000000000','data':'0x686561727468','nonce':'3'},'types':{'Attest':[{'name"
    "':'schema','type':'bytes32'},{'name':'recipient','type':'address'},{'name':'expirationTi"
    "me','type':'uint64'},{'name':'revocable','type':'bool'},{'name':'refUID','type':'bytes32"
    "'},{'name':'data','type':'bytes'},{'name':'nonce','type':'uint256'}]},'signature':{'v':2"
    "8,'r':'0x4ac6004af8193102cfc68f9d6e7213693cc999761113f68a46c2e9e19fb1293b','s':'0x618374"
    "43251a1a96b50a3475ec2a034c60e98673bbee90b58e6413c631c74188'}}";
static const char ATTEST_1_4[] =
    "{'domain':{'name':'EAS','version':'1.4.0','chainId':'31337','verifyingContract':'0xeaeAE"
    "AeaEaeAEaEAeaeaeaeAeAeAeAEaeAEAeAeA'},'primaryType':'Attest','message':{'attester':'0xb7"
    "cF38e4B36B03895E5580abE5b379E6739e8C4C','schema':'0x515151515151515151515151515151515151"
    "5151515151515151515151515151','recipient':'0xA1A1a1a1A1A1A1A1A1a1a1a1a1a1A1A1a1A1a1a1','"
    "expirationTime':'0','revocable':true,'refUID':'0x000000000000000000000000000000000000000"
    "0000000000000000000000000','data':'0x686561727468','value':'0','deadline':'1700000000','"
    "nonce':'3'},'types':{'Attest':[{'name':'attester','type':'address'},{'name':'schema','ty"
    "pe':'bytes32'},{'name':'recipient','type':'address'},{'name':'expirationTime','type':'ui"
    "nt64'},{'name':'revocable','type':'bool'},{'name':'refUID','type':'bytes32'},{'name':'da"
    "ta','type':'bytes'},{'name':'value','type':'uint256'},{'name':'nonce','type':'uint256'},"
    "{'name':'deadline','type':'uint64'}]},'signature':{'v':27,'r':'0xfbfeff01ed9a5946e9fcd22"
    "45500c82abb413827bb51261ff30de650772dddd8','s':'0x6c68a417ca78a995dae161fecdc2e191df8b56"
    "396790981898dfdc0a047b52ea'}}";
static const char REVOKE_0_26[] =
    "{'domain':{'name':'EAS','version':'0.26','chainId':'31337','verifyingContract':'0xeaeAEA"
    "eaEaeAEaEAeaeaeaeAeAeAeAEaeAEAeAeA'},'primaryType':'Revoke','message':{'revoker':'0xb7cF"
    "38e4B36B03895E5580abE5b379E6739e8C4C','schema':'0x51515151515151515151515151515151515151"
    "51515151515151515151515151','uid':'0x999999999999999999999999999999999999999999999999999"
    "9999999999999','nonce':'4'},'types':{'Revoke':[{'name':'schema','type':'bytes32'},{'name"
    "':'uid','type':'bytes32'},{'name':'nonce','type':'uint256'}]},'signature':{'v':27,'r':'0"
    "xad0ffe6cda95d788100e6902bddfbde1da29547194943510f31bbb369f179d57','s':'0x24c834ae65e960"
    "74cf3a73cf9d4093d4d8f698bc4ad734912e05c20f7a438292'}}";
static const char REVOKE_1_4[] =
    "{'domain':{'name':'EAS','version':'1.4.0','chainId':'31337','verifyingContract':'0xeaeAE"
    "AeaEaeAEaEAeaeaeaeAeAeAeAEaeAEAeAeA'},'primaryType':'Revoke','message':{'revoker':'0xb7c"
    "F38e4B36B03895E5580abE5b379E6739e8C4C','schema':'0x5151515151515151515151515151515151515"
    "151515151515151515151515151','uid':'0x99999999999999999999999999999999999999999999999999"
    "99999999999999','value':'0','deadline':'0','nonce':'4'},'types':{'Revoke':[{'name':'revo"
    "ker','type':'address'},{'name':'schema','type':'bytes32'},{'name':'uid','type':'bytes32'"
    "},{'name':'value','type':'uint256'},{'name':'nonce','type':'uint256'},{'name':'deadline'"
    ",'type':'uint64'}]},'signature':{'v':27,'r':'0xea8c72274dbaf7dcd56a99da2a6d5429053db7004"
    "12e7a781936c68cdc82dbf4','s':'0x4f1ea4eddf30ca05bcf946ab6370a9c1f39cb6d862afaaac564f1b2a"
    "a2dcadd8'}}";
static const char SIGNER[] = "0xb7cF38e4B36B03895E5580abE5b379E6739e8C4C";

static struct ht_eas_contract contract_of(const char *version) {
    struct ht_eas_contract out = {.chain_id = 31337, .eas = eas_address_of(0xea)};
    memcpy(out.version, version, strlen(version) + 1);
    return out;
}

static json_t *document_of(const char *text) {
    char json[2048];
    json_t *out = NULL;
    size_t n = strlen(text);
    assert_true(n < sizeof json);
    for (size_t i = 0; i < n; i++) json[i] = (char)(text[i] == '\'' ? '"' : text[i]);
    assert_int_equal(ht_json_parse(&out, ht_bytes_of(json, n), sizeof json, NULL), HT_OK);
    return out;
}

/* Frees the document. The outcome of reading it and of judging its signer. */
static enum ht_err judge(struct ht_eas_signed *out, struct ht_arena *arena,
                         const struct ht_eas_contract *contract, json_t *document,
                         struct ht_why *why) {
    enum ht_err err = ht_eas_delegated_read(out, arena, contract, document, why);
    if (err == HT_OK) err = ht_eas_delegated_signer(out, why);
    json_decref(document);
    return err;
}

static void expect_holds(const char *text, const char *version, uint64_t nonce) {
    struct ht_arena arena;
    struct ht_eas_signed read;
    struct ht_why why = {.code = "", .text = ""};
    uint8_t signer[20];
    const struct ht_eas_contract contract = contract_of(version);
    ht_arena_init(&arena, ARENA_MAX);
    if (judge(&read, &arena, &contract, document_of(text), &why) != HT_OK)
        fail_msg("%s: %s", why.code, why.text);
    assert_int_equal(ht_hex_read(signer, sizeof signer, ht_bytes_str(SIGNER)), HT_OK);
    assert_memory_equal(read.request.attestation.attester.b, signer, sizeof signer);
    assert_int_equal(read.request.nonce, nonce);
    ht_arena_fini(&arena);
}

static void requests_of_the_sdk_hold_for_their_contract(void **state) {
    (void)state;
    expect_holds(ATTEST_0_26, "0.26", 3);
    expect_holds(REVOKE_0_26, "0.26", 4);
    expect_holds(ATTEST_1_4, "1.4.0", 3);
    expect_holds(REVOKE_1_4, "1.4.0", 4);
}

struct change {
    const char *object, *key, *value; /* value: JSON; "" takes the key away */
    enum ht_err err;
    const char *code;
};

static void expect_refused(const char *text, const char *version, const struct change *change) {
    struct ht_arena arena;
    struct ht_eas_signed read;
    struct ht_why why = {.code = "", .text = ""};
    const struct ht_eas_contract contract = contract_of(version);
    json_t *document = document_of(text);
    json_t *object = *change->object != 0 ? json_object_get(document, change->object) : document;
    if (*change->value == 0) {
        assert_int_equal(json_object_del(object, change->key), 0);
    } else {
        json_t *value = json_loads(change->value, JSON_DECODE_ANY, NULL);
        assert_int_equal(json_object_set_new(object, change->key, value), 0);
    }
    ht_arena_init(&arena, ARENA_MAX);
    assert_int_equal(judge(&read, &arena, &contract, document, &why), change->err);
    assert_string_equal(why.code, change->code);
    ht_arena_fini(&arena);
}

static void each_change_of_a_request_is_refused_for_its_own_reason(void **state) {
    (void)state;
    static const struct change LIST[] = {
        {"message", "data", "\"0x00\"", HT_EUNVERIFIED, "eas_signer"},
        {"message", "nonce", "4", HT_EUNVERIFIED, "eas_signer"},
        {"message", "deadline", "", HT_EUNVERIFIED, "eas_signer"},
        {"message", "value", "1", HT_EINPUT, "eas_value"},
        {"message", "attester", "", HT_EINPUT, "eas_json"},
        {"message", "refUID", "\"0x\"", HT_EINPUT, "eas_json"},
        {"message", "nonce", "-1", HT_EINPUT, "eas_json"},
        {"domain", "name", "\"EAS Attestation\"", HT_EUNVERIFIED, "eas_domain"},
        {"domain", "chainId", "1", HT_EUNVERIFIED, "eas_domain"},
        {"domain", "verifyingContract", "\"0xebebebebebebebebebebebebebebebebebebebeb\"",
         HT_EUNVERIFIED, "eas_domain"},
        {"domain", "version", "\"1.3.0\"", HT_EUNVERIFIED, "eas_version"},
        {"types", "Attest", "[]", HT_EUNVERIFIED, "eas_types"},
        {"types", "Attest", "", HT_EINPUT, "eas_json"},
        {"", "primaryType", "\"Timestamp\"", HT_EINPUT, "eas_json"},
        {"", "signature", "\"0x\"", HT_EINPUT, "eas_json"},
        {"signature", "v", "29", HT_EUNVERIFIED, "eas_signature"},
        {"signature", "s", "\"0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140\"",
         HT_EUNVERIFIED, "eas_signature"},
    };
    for (size_t i = 0; i < sizeof LIST / sizeof *LIST; i++)
        expect_refused(ATTEST_1_4, "1.4.0", &LIST[i]);
}

static void a_deadline_is_refused_where_it_would_not_hold(void **state) {
    (void)state;
    const struct change change = {"message", "deadline", "1700000000", HT_EINPUT, "eas_deadline"};
    expect_refused(ATTEST_0_26, "0.26", &change);
}

static void what_is_written_reads_back_as_the_same(void **state) {
    (void)state;
    const char *const list[] = {ATTEST_1_4, REVOKE_1_4};
    for (size_t i = 0; i < 2; i++) {
        struct ht_arena arena;
        struct ht_eas_signed a, b;
        json_t *json = NULL;
        const struct ht_eas_contract contract = contract_of("1.4.0");
        ht_arena_init(&arena, ARENA_MAX);
        assert_int_equal(judge(&a, &arena, &contract, document_of(list[i]), NULL), HT_OK);
        assert_int_equal(ht_eas_delegated_json(&json, &a.request, &a.signature, NULL), HT_OK);
        assert_int_equal(judge(&b, &arena, &contract, json, NULL), HT_OK);
        assert_memory_equal(a.digest.b, b.digest.b, sizeof a.digest.b);
        ht_arena_fini(&arena);
    }
}

static void a_request_is_timely_with_the_next_nonce_up_to_its_deadline(void **state) {
    (void)state;
    struct ht_why why = {.code = ""};
    struct ht_eas_delegated request = {.nonce = 3, .deadline = 100};
    assert_int_equal(ht_eas_delegated_timely(&request, 3, 100, &why), HT_OK);
    assert_int_equal(ht_eas_delegated_timely(&request, 3, 101, &why), HT_EINPUT);
    assert_string_equal(why.code, "deadline_passed");
    assert_int_equal(ht_eas_delegated_timely(&request, 4, 100, &why), HT_ESTALE);
    assert_string_equal(why.code, "nonce_used");
    assert_int_equal(ht_eas_delegated_timely(&request, 2, 100, &why), HT_EINPUT);
    assert_string_equal(why.code, "nonce_ahead");
    request.deadline = 0;
    assert_int_equal(ht_eas_delegated_timely(&request, 3, UINT64_MAX, &why), HT_OK);
}

static void gas_grows_with_what_is_stored_and_ends_at_a_transactions_most(void **state) {
    (void)state;
    static const uint8_t data[32 * 1024];
    struct ht_why why = {.code = ""};
    uint64_t small = 0, large = 0;
    struct ht_attestation one = {.data = ht_bytes_of(data, 64)};
    const ht_bytes call = ht_bytes_of(data, 512);
    assert_int_equal(ht_eas_gas(&small, &one, 1, call, &why), HT_OK);
    one.data = ht_bytes_of(data, 640);
    assert_int_equal(ht_eas_gas(&large, &one, 1, call, &why), HT_OK);
    assert_true(large >= small + 18 * 22100);
    one.data = HT_BYTES(data);
    assert_int_equal(ht_eas_gas(&large, &one, 1, call, &why), HT_ELIMIT);
    assert_string_equal(why.code, "eas_too_large");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_of_the_sdk_hold_for_their_contract),
        cmocka_unit_test(each_change_of_a_request_is_refused_for_its_own_reason),
        cmocka_unit_test(a_deadline_is_refused_where_it_would_not_hold),
        cmocka_unit_test(what_is_written_reads_back_as_the_same),
        cmocka_unit_test(a_request_is_timely_with_the_next_nonce_up_to_its_deadline),
        cmocka_unit_test(gas_grows_with_what_is_stored_and_ends_at_a_transactions_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
