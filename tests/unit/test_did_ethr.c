/* The registry of did:ethr: events, slots, calldata, and documents made of events. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "identity/did/did_ethr_calls.h"
#include "identity/did/did_ethr_document.h"
#include "node/base/hex.h"

#define OWNER_TOPIC "0x38a5a6e68f30ed1ab45860a4afb34bcb2fc00f22ca462d249b8a8d40cda6f7a3"
#define DELEGATE_TOPIC "0x5a5084339536bcab65f20799fcc58724588145ca054bd2be626174b27ba156f7"
#define ATTRIBUTE_TOPIC "0x18ab6b2ae3d64306c00ce663125f2bd680e441a098de1635bd7ad8b0d44965e4"
#define NOW INT64_C(1000)

static const ht_addr20 IDENTITY = {{0x11, 0x22}};
static const ht_addr20 OTHER = {{0x33, 0x44}};

/* --- events as logs -------------------------------------------------------------------------- */

static struct {
    ht_hash32 topics[2];
    uint8_t data[8 * 32 + HT_DID_VALUE_MAX];
    size_t n;
} entry;

static void make_log(const char *topic, size_t words) {
    memset(&entry, 0, sizeof entry);
    assert_int_equal(ht_hex_read(entry.topics[0].b, 32, ht_bytes_str(topic)), HT_OK);
    memcpy(entry.topics[1].b + 12, IDENTITY.b, 20);
    entry.n = 32 * words;
}

static void put(size_t word, uint64_t number) {
    for (size_t i = 0; i < 8; i++) entry.data[32 * word + 31 - i] = (uint8_t)(number >> (8 * i));
}

static void make_attribute(size_t value_n) {
    make_log(ATTRIBUTE_TOPIC, 5);
    memcpy(entry.data, "did/svc/Feed", 12);
    put(1, 128);
    put(2, 2000);
    put(3, 7);
    put(4, value_n);
    memset(entry.data + 160, 'v', value_n <= HT_DID_VALUE_MAX ? value_n : 0);
    entry.n += (value_n + 31) / 32 * 32;
}

static enum ht_err read_log(struct ht_did_event *out, struct ht_arena *arena, struct ht_why *why) {
    return ht_did_event_read(out, arena, entry.topics, 2, ht_bytes_of(entry.data, entry.n), why);
}

static void expect_read(struct ht_did_event *out, struct ht_arena *arena) {
    struct ht_why why;
    ht_arena_init(arena, 1 << 16);
    if (read_log(out, arena, &why) != HT_OK) fail_msg("%s", why.text);
    assert_memory_equal(out->identity.b, IDENTITY.b, 20);
}

static void expect_refused(void) {
    struct ht_did_event event;
    struct ht_arena arena;
    struct ht_why why = {.code = "accepted"};
    ht_arena_init(&arena, 1 << 16);
    assert_int_equal(read_log(&event, &arena, &why), HT_EINPUT);
    assert_string_equal(why.code, "did_event");
    ht_arena_fini(&arena);
}

static void each_of_the_three_events_is_read(void **state) {
    (void)state;
    struct ht_did_event event;
    struct ht_arena arena;
    make_log(OWNER_TOPIC, 2);
    memcpy(entry.data + 12, OTHER.b, 20);
    put(1, 9);
    expect_read(&event, &arena);
    assert_int_equal(event.kind, HT_DID_OWNER_CHANGED);
    assert_memory_equal(event.owner.b, OTHER.b, 20);
    assert_int_equal(event.previous_change, 9);
    make_log(DELEGATE_TOPIC, 4);
    memcpy(entry.data, "sigAuth", 7);
    memcpy(entry.data + 32 + 12, OTHER.b, 20);
    memset(entry.data + 64, 0xff, 32);
    put(3, 8);
    expect_read(&event, &arena);
    assert_int_equal(event.kind, HT_DID_DELEGATE_CHANGED);
    assert_true(event.valid_to == UINT64_MAX);
    assert_int_equal(event.previous_change, 8);
    make_attribute(33);
    expect_read(&event, &arena);
    assert_int_equal(event.kind, HT_DID_ATTRIBUTE_CHANGED);
    assert_int_equal(event.value.n, 33);
    assert_int_equal(event.value.p[32], 'v');
    assert_int_equal(event.valid_to, 2000);
    ht_arena_fini(&arena);
}

static void a_value_over_the_bound_is_known_to_be(void **state) {
    (void)state;
    static uint8_t data[160 + HT_DID_VALUE_MAX + 32];
    struct ht_did_event event;
    struct ht_arena arena;
    make_attribute(HT_DID_VALUE_MAX + 1);
    memcpy(data, entry.data, 160);
    ht_arena_init(&arena, 1 << 16);
    assert_int_equal(ht_did_event_read(&event, &arena, entry.topics, 2, HT_BYTES(data), NULL),
                     HT_OK);
    assert_true(event.is_too_large);
    assert_int_equal(event.value.n, 0);
    ht_arena_fini(&arena);
}

static void logs_of_another_form_are_no_events(void **state) {
    (void)state;
    make_log(OWNER_TOPIC, 3);
    expect_refused();
    make_log(OWNER_TOPIC, 1);
    expect_refused();
    make_log(DELEGATE_TOPIC, 5);
    expect_refused();
    make_log(OWNER_TOPIC, 2);
    entry.topics[0].b[0] ^= 1;
    expect_refused();
    make_log(OWNER_TOPIC, 2);
    entry.topics[1].b[0] = 1; /* an address of more than 20 bytes */
    expect_refused();
    make_log(OWNER_TOPIC, 2);
    entry.data[32] = 1; /* a block over 2^64 */
    expect_refused();
    make_attribute(4);
    put(1, 96); /* the value where validTo is */
    expect_refused();
    make_attribute(4);
    put(4, 33); /* longer than the data */
    expect_refused();
    make_attribute(4);
    memset(entry.data + 4 * 32, 0xff, 32);
    expect_refused();
}

/* --- histories ------------------------------------------------------------------------------- */

static struct ht_did_event history[600];
static size_t count;

static struct ht_did_event *add(enum ht_did_event_kind kind, uint64_t block) {
    struct ht_did_event *one = &history[count];
    uint64_t last = count > 0 ? history[count - 1].block : 0;
    *one = (struct ht_did_event){.kind = kind,
                                 .block = block,
                                 .log_index = (uint32_t)count,
                                 .time_s = (int64_t)block,
                                 .identity = IDENTITY,
                                 .valid_to = 5000,
                                 .previous_change = last};
    count++;
    return one;
}

static struct ht_did_event *add_delegate(uint64_t block, const char *type, uint8_t who) {
    struct ht_did_event *one = add(HT_DID_DELEGATE_CHANGED, block);
    memcpy(one->name, type, strlen(type));
    one->owner.b[0] = who;
    return one;
}

static struct ht_did_event *add_attribute(uint64_t block, const char *name, const char *value) {
    struct ht_did_event *one = add(HT_DID_ATTRIBUTE_CHANGED, block);
    memcpy(one->name, name, strlen(name));
    one->value = ht_bytes_str(value);
    return one;
}

static void expect_order(uint64_t changed, enum ht_err err) {
    struct ht_why why = {.code = "did_order"};
    assert_int_equal(ht_did_events_check(history, count, &IDENTITY, changed, &why), err);
    assert_string_equal(why.code, "did_order");
}

static void a_history_is_linked_from_its_newest_change_to_none(void **state) {
    (void)state;
    count = 0;
    expect_order(0, HT_OK);
    expect_order(5, HT_EUNVERIFIED);
    add_delegate(3, "veriKey", 1);
    add_delegate(3, "veriKey", 2);
    add_delegate(9, "veriKey", 3);
    expect_order(9, HT_OK);
    expect_order(10, HT_EUNVERIFIED);
    history[1].log_index = 0;
    expect_order(9, HT_EUNVERIFIED);
    history[1].log_index = 1;
    history[2].previous_change = 9;
    expect_order(9, HT_EUNVERIFIED);
    history[2].previous_change = 3;
    history[0].previous_change = 2;
    expect_order(9, HT_EUNVERIFIED);
    history[0].previous_change = 0;
    history[2].block = 2;
    expect_order(2, HT_EUNVERIFIED);
}

static void an_event_of_another_identity_is_none_of_the_history(void **state) {
    (void)state;
    struct ht_why why = {.code = ""};
    count = 0;
    add_delegate(3, "veriKey", 1)->identity = OTHER;
    assert_int_equal(ht_did_events_check(history, count, &IDENTITY, 3, &why), HT_EINPUT);
    assert_string_equal(why.code, "did_event");
}

/* --- documents ------------------------------------------------------------------------------- */

static struct ht_did_ethr_result result;

static void document(uint64_t at_block, int64_t now_s) {
    struct ht_did did;
    struct ht_why why;
    const char *text = "did:ethr:0x1122000000000000000000000000000000000000";
    assert_int_equal(ht_did_read(&did, NULL, ht_bytes_str(text), NULL), HT_OK);
    if (ht_did_ethr_document(&result, &did, history, count, at_block, now_s, &why) != HT_OK) {
        fail_msg("%s: %s", why.code, why.text);
    }
}

static void drop(void) {
    json_decref(result.document);
    json_decref(result.metadata);
}

/* The ids in a list of the document, without the DID, in one text. */
static void expect_ids(const char *list, const char *want) {
    char got[512] = "";
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(result.document, list), i, one) {
        const char *id = json_string_value(json_is_string(one) ? one : json_object_get(one, "id"));
        size_t n = strlen(got);
        (void)snprintf(got + n, sizeof got - n, "%s", strchr(id, '#'));
    }
    assert_string_equal(got, want);
}

static void numbers_count_what_has_gone_too(void **state) {
    (void)state;
    count = 0;
    add_delegate(1, "veriKey", 1);
    add_delegate(2, "sigAuth", 2);
    add_delegate(3, "veriKey", 1)->valid_to = 3;
    add_attribute(4, "did/svc/Feed", "https://a.example")->valid_to = 10;
    add_attribute(5, "did/svc/Feed", "https://b.example");
    add_delegate(6, "veriKey", 3);
    document(UINT64_MAX, NOW);
    expect_ids("verificationMethod", "#controller#delegate-2#delegate-4");
    expect_ids("authentication", "#controller#delegate-2");
    expect_ids("assertionMethod", "#controller#delegate-2#delegate-4");
    expect_ids("service", "#service-2");
    drop();
}

static void what_is_valid_to_now_still_holds(void **state) {
    (void)state;
    count = 0;
    add_delegate(1, "veriKey", 1)->valid_to = (uint64_t)NOW;
    document(UINT64_MAX, NOW);
    expect_ids("verificationMethod", "#controller#delegate-1");
    drop();
    document(UINT64_MAX, NOW + 1);
    expect_ids("verificationMethod", "#controller");
    drop();
}

static void an_owner_of_zero_ends_the_identity_for_good(void **state) {
    (void)state;
    count = 0;
    add_delegate(1, "veriKey", 1);
    (void)add(HT_DID_OWNER_CHANGED, 2);
    add(HT_DID_OWNER_CHANGED, 3)->owner = OTHER;
    add_delegate(4, "veriKey", 1);
    document(UINT64_MAX, NOW);
    assert_true(result.is_deactivated);
    expect_ids("verificationMethod", "");
    assert_true(json_is_true(json_object_get(result.metadata, "deactivated")));
    assert_string_equal(json_string_value(json_object_get(result.metadata, "versionId")), "2");
    drop();
    document(1, NOW);
    assert_false(result.is_deactivated);
    expect_ids("verificationMethod", "#controller#delegate-1");
    assert_string_equal(json_string_value(json_object_get(result.metadata, "nextVersionId")), "2");
    drop();
}

static void attributes_that_are_none_are_not_shown(void **state) {
    (void)state;
    count = 0;
    add_attribute(1, "did/pub/Secp256k1/veriKey/hex", "no point");
    add_attribute(2, "did/svc/Bad", "\xff\xfe");
    add_attribute(3, "did/pub/Ed25519/veriKey/base64", "")->is_too_large = true;
    add_attribute(4, "something/else", "x");
    add_attribute(5, "did/svc/", "x");
    add_attribute(6, "did/svc/Good", "{\"uri\":[1,2]}");
    add_attribute(7, "did/pub/Custom/enc/base64", "key");
    document(UINT64_MAX, NOW);
    expect_ids("verificationMethod", "#controller#delegate-3");
    expect_ids("keyAgreement", "#delegate-3");
    expect_ids("service", "#service-2");
    const json_t *key = json_array_get(json_object_get(result.document, "verificationMethod"), 1);
    assert_string_equal(json_string_value(json_object_get(key, "publicKeyBase64")), "a2V5");
    assert_string_equal(json_string_value(json_object_get(key, "type")), "Custom");
    const json_t *service = json_array_get(json_object_get(result.document, "service"), 0);
    assert_true(json_is_object(json_object_get(service, "serviceEndpoint")));
    drop();
}

static void hundreds_of_keys_come_and_go(void **state) {
    (void)state;
    count = 0;
    for (uint64_t i = 0; i < 600; i++) {
        /* Each of 100 is set, set again and taken away; every fifth is set anew at the end. */
        struct ht_did_event *one = add_delegate(i + 1, "veriKey", (uint8_t)(i % 100));
        bool is_gone = i >= 200 && i < 500 && i / 100 % 2 == 0;
        bool is_last = i >= 500 && i % 5 != 0;
        if (is_gone || is_last) one->valid_to = 1;
    }
    document(UINT64_MAX, NOW);
    assert_int_equal(json_array_size(json_object_get(result.document, "verificationMethod")), 21);
    drop();
}

static void a_history_is_shown_in_words(void **state) {
    (void)state;
    count = 0;
    add(HT_DID_OWNER_CHANGED, 1)->owner = OTHER;
    add_attribute(2, "did/svc/Feed", "x");
    json_t *got = ht_did_history_json(history, count);
    json_t *want =
        json_loads("[{\"block\":1,\"time\":\"1970-01-01T00:00:01Z\",\"kind\":\"owner\","
                   "\"owner\":\"0x3344000000000000000000000000000000000000\"},"
                   "{\"block\":2,\"time\":\"1970-01-01T00:00:02Z\",\"kind\":\"attribute\","
                   "\"name\":\"did/svc/Feed\",\"valid_to\":\"5000\",\"value\":\"0x78\"}]",
                   0, NULL);
    assert_true(json_equal(got, want));
    json_decref(got);
    json_decref(want);
}

/* --- slots and calls ------------------------------------------------------------------------- */

static void expect_call(struct ht_buf *data, enum ht_err err, const char *hex) {
    struct ht_buf want;
    ht_buf_init(&want, 4096);
    assert_int_equal(err, HT_OK);
    assert_int_equal(ht_hex_read_buf(&want, ht_bytes_str(hex)), HT_OK);
    assert_int_equal(data->n, want.n);
    assert_memory_equal(data->p, want.p, want.n);
    ht_buf_fini(&want);
    ht_buf_clear(data);
}

#define ZEROS12 "000000000000000000000000"
#define W_IDENTITY ZEROS12 "1122000000000000000000000000000000000000"
#define W_OTHER ZEROS12 "3344000000000000000000000000000000000000"
#define W_VERIKEY "766572694b657900000000000000000000000000000000000000000000000000"
#define W_FEED "6469642f7376632f466565640000000000000000000000000000000000000000"
#define W(byte) "00000000000000000000000000000000000000000000000000000000000000" byte

static void calls_are_encoded_as_the_abi_has_it(void **state) {
    (void)state;
    struct ht_buf data;
    ht_bytes value = ht_bytes_str("abc");
    ht_buf_init(&data, 8192);
    expect_call(&data, ht_did_call_change_owner(&data, &IDENTITY, &OTHER),
                "0xf00d4b5d" W_IDENTITY W_OTHER);
    expect_call(&data, ht_did_call_add_delegate(&data, &IDENTITY, "veriKey", &OTHER, 16),
                "0xa7068d66" W_IDENTITY W_VERIKEY W_OTHER W("10"));
    expect_call(&data, ht_did_call_revoke_delegate(&data, &IDENTITY, "veriKey", &OTHER),
                "0x80b29f7c" W_IDENTITY W_VERIKEY W_OTHER);
    expect_call(&data, ht_did_call_set_attribute(&data, &IDENTITY, "did/svc/Feed", value, 16),
                "0x7ad4b0a4" W_IDENTITY W_FEED W("80") W("10")
                    W("03") "6162630000000000000000000000000000000000000000000000000000000000");
    expect_call(&data, ht_did_call_revoke_attribute(&data, &IDENTITY, "did/svc/Feed", value),
                "0x00c023da" W_IDENTITY W_FEED W("60")
                    W("03") "6162630000000000000000000000000000000000000000000000000000000000");
    ht_buf_fini(&data);
}

static void calls_without_a_fitting_name_or_value_are_refused(void **state) {
    (void)state;
    static uint8_t large[HT_DID_VALUE_MAX + 1];
    struct ht_buf data;
    ht_buf_init(&data, 100);
    ht_bytes value = ht_bytes_str("abc");
    assert_int_equal(ht_did_call_add_delegate(&data, &IDENTITY, "", &OTHER, 1), HT_EINPUT);
    assert_int_equal(ht_did_call_set_attribute(&data, &IDENTITY,
                                               "did/svc/MuchTooLongForThirtyTwoBytes", value, 1),
                     HT_EINPUT);
    assert_int_equal(
        ht_did_call_set_attribute(&data, &IDENTITY, "did/svc/Feed", HT_BYTES(large), 1), HT_ELIMIT);
    /* More than the buffer takes leaves nothing behind. */
    assert_int_equal(ht_did_call_set_attribute(&data, &IDENTITY, "did/svc/Feed", value, 1),
                     HT_ELIMIT);
    assert_int_equal(data.n, 0);
    ht_buf_fini(&data);
}

static void registries_are_known_by_their_chain(void **state) {
    (void)state;
    assert_true(ht_did_registry_known(1)->is_legacy);
    assert_false(ht_did_registry_known(11155111)->is_legacy);
    assert_null(ht_did_registry_known(31337));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_of_the_three_events_is_read),
        cmocka_unit_test(a_value_over_the_bound_is_known_to_be),
        cmocka_unit_test(logs_of_another_form_are_no_events),
        cmocka_unit_test(a_history_is_linked_from_its_newest_change_to_none),
        cmocka_unit_test(an_event_of_another_identity_is_none_of_the_history),
        cmocka_unit_test(numbers_count_what_has_gone_too),
        cmocka_unit_test(what_is_valid_to_now_still_holds),
        cmocka_unit_test(an_owner_of_zero_ends_the_identity_for_good),
        cmocka_unit_test(attributes_that_are_none_are_not_shown),
        cmocka_unit_test(hundreds_of_keys_come_and_go),
        cmocka_unit_test(a_history_is_shown_in_words),
        cmocka_unit_test(calls_are_encoded_as_the_abi_has_it),
        cmocka_unit_test(calls_without_a_fitting_name_or_value_are_refused),
        cmocka_unit_test(registries_are_known_by_their_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
