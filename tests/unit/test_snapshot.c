/* Envelopes of snapshot.org: signatures, ids, types, and what is shown of them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "governance/snapshot/snapshot_read.h"
#include "node/base/hex.h"
#include "node/codec/eip712.h"
#include "node/crypto/secp256k1.h"

#define VOTE_TYPES                                                                                  \
    "{\"Vote\":[{\"name\":\"from\",\"type\":\"address\"},{\"name\":\"space\",\"type\":\"string\"}," \
    "{\"name\":\"timestamp\",\"type\":\"uint64\"},{\"name\":\"proposal\",\"type\":\"bytes32\"},"    \
    "{\"name\":\"choice\",\"type\":\"uint32\"},{\"name\":\"reason\",\"type\":\"string\"},"          \
    "{\"name\":\"app\",\"type\":\"string\"},{\"name\":\"metadata\",\"type\":\"string\"}]}"
#define PROPOSAL_TYPES                                                                          \
    "{\"Proposal\":[{\"name\":\"from\",\"type\":\"address\"},{\"name\":\"space\",\"type\":"     \
    "\"string\"},{\"name\":\"timestamp\",\"type\":\"uint64\"},{\"name\":\"type\",\"type\":"     \
    "\"string\"},{\"name\":\"title\",\"type\":\"string\"},{\"name\":\"body\",\"type\":"         \
    "\"string\"},{\"name\":\"discussion\",\"type\":\"string\"},{\"name\":\"choices\",\"type\":" \
    "\"string[]\"},{\"name\":\"start\",\"type\":\"uint64\"},{\"name\":\"end\",\"type\":"        \
    "\"uint64\"},{\"name\":\"snapshot\",\"type\":\"uint64\"},{\"name\":\"plugins\",\"type\":"   \
    "\"string\"},{\"name\":\"app\",\"type\":\"string\"}]}"

static json_t *parse(const char *text) {
    json_t *out = NULL;
    assert_int_equal(ht_json_parse(&out, ht_bytes_str(text), 1 << 16, NULL), HT_OK);
    return out;
}

static void key_of(uint8_t key[static 32], uint8_t who) {
    memset(key, 0, 32);
    key[31] = who;
}

static void address_of(char out[static 43], uint8_t who) {
    uint8_t key[32], pubkey[HT_SECP256K1_PUBKEY_SIZE];
    ht_addr20 address;
    key_of(key, who);
    assert_int_equal(ht_secp256k1_public_key(pubkey, key, NULL), HT_OK);
    ht_secp256k1_address(&address, pubkey);
    ht_hex_write(out, ht_bytes_of(address.b, 20));
}

/* Signs data as it stands and gives the envelope, of which the address is who's. */
static json_t *sign(json_t *data, const char *primary, uint8_t who) {
    char address[43], sig[133];
    uint8_t key[32], bytes[65];
    struct ht_arena arena;
    struct ht_eip712 typed;
    struct ht_ecdsa_signature signature;
    ht_hash32 separator, message, digest;
    json_t *document = json_copy(data);
    (void)json_object_set_new(document, "primaryType", json_string(primary));
    ht_arena_init(&arena, 1 << 20);
    assert_int_equal(ht_eip712_read(&typed, &arena, document, NULL), HT_OK);
    assert_int_equal(ht_eip712_domain_separator(&separator, &typed, NULL), HT_OK);
    assert_int_equal(ht_eip712_struct_hash(&message, &typed, NULL), HT_OK);
    ht_eip712_digest(&digest, &separator, &message);
    key_of(key, who);
    assert_int_equal(ht_ecdsa_sign(&signature, &digest, key, NULL), HT_OK);
    memcpy(bytes, signature.r, 32);
    memcpy(bytes + 32, signature.s, 32);
    bytes[64] = (uint8_t)(27 + signature.y_parity);
    ht_hex_write(sig, ht_bytes_of(bytes, sizeof bytes));
    address_of(address, who);
    ht_arena_fini(&arena);
    json_decref(document);
    return json_pack("{s:s, s:s, s:o}", "address", address, "sig", sig, "data", data);
}

/* message is taken over. */
static json_t *envelope(const char *types, const char *primary, json_t *message, uint8_t who) {
    json_t *domain = json_pack("{s:s, s:s}", "name", "snapshot", "version", "0.1.4");
    json_t *data =
        json_pack("{s:o, s:o, s:o}", "domain", domain, "types", parse(types), "message", message);
    return sign(data, primary, who);
}

static json_t *proposal(uint8_t who) {
    char from[43];
    address_of(from, who);
    return envelope(PROPOSAL_TYPES, "Proposal",
                    json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:[ss], s:i, s:i, s:i, s:s, "
                              "s:s}",
                              "from", from, "space", "garden.eth", "timestamp", 100, "type",
                              "single-choice", "title", "A pond", "body", "Dig it.", "discussion",
                              "", "choices", "yes", "no", "start", 100, "end", 200, "snapshot", 5,
                              "plugins", "{}", "app", "a test"),
                    who);
}

static json_t *vote(uint8_t who, const char *id, int choice, int at) {
    char from[43];
    address_of(from, who);
    return envelope(VOTE_TYPES, "Vote",
                    json_pack("{s:s, s:s, s:i, s:s, s:i, s:s, s:s, s:s}", "from", from, "space",
                              "garden.eth", "timestamp", at, "proposal", id, "choice", choice,
                              "reason", "", "app", "a test", "metadata", "{}"),
                    who);
}

static const char ZERO[] = "0x0000000000000000000000000000000000000000000000000000000000000000";

static json_t *message_of(json_t *from) {
    return json_object_get(json_object_get(from, "data"), "message");
}

/* --- one ------------------------------------------------------------------------------------- */

static void a_signed_vote_is_valid(void **state) {
    struct ht_snapshot_item item;
    (void)state;
    json_t *one = vote(1, ZERO, 2, 150);
    assert_int_equal(ht_snapshot_check(&item, one, NULL), HT_OK);
    assert_int_equal(item.err, HT_OK);
    assert_int_equal(item.kind, HT_SNAPSHOT_VOTE);
    assert_string_equal(item.type, "vote");
    assert_true(item.has_id);
    json_decref(one);
}

/* one is taken over. */
static void expect_code(json_t *one, const char *code) {
    struct ht_snapshot_item item;
    assert_int_equal(ht_snapshot_check(&item, one, NULL), HT_OK);
    assert_int_not_equal(item.err, HT_OK);
    assert_string_equal(item.why.code, code);
    json_decref(one);
}

static void a_changed_choice_is_not_signed(void **state) {
    (void)state;
    json_t *one = vote(1, ZERO, 2, 150);
    (void)json_object_set_new(message_of(one), "choice", json_integer(1));
    expect_code(one, "other_signer");
}

static void a_vote_in_another_name_is_not_signed(void **state) {
    char from[43];
    (void)state;
    address_of(from, 2);
    json_t *one = vote(1, ZERO, 2, 150);
    (void)json_object_set_new(message_of(one), "from", json_string(from));
    expect_code(one, "other_signer");
}

static void an_envelope_of_another_address_is_refused(void **state) {
    char address[43];
    (void)state;
    address_of(address, 2);
    json_t *one = vote(1, ZERO, 2, 150);
    (void)json_object_set_new(one, "address", json_string(address));
    expect_code(one, "other_address");
}

static void another_domain_is_refused(void **state) {
    (void)state;
    json_t *one = vote(1, ZERO, 2, 150);
    json_t *domain = json_object_get(json_object_get(one, "data"), "domain");
    (void)json_object_set_new(domain, "chainId", json_integer(1));
    expect_code(one, "snapshot_domain");
}

static void types_that_snapshot_does_not_take_are_refused(void **state) {
    (void)state;
    json_t *one = vote(1, ZERO, 2, 150);
    json_t *types = json_object_get(json_object_get(one, "data"), "types");
    json_array_remove(json_object_get(types, "Vote"), 6);
    expect_code(one, "snapshot_types");
}

static void an_id_that_is_not_the_hash_is_refused(void **state) {
    (void)state;
    json_t *one = vote(1, ZERO, 2, 150);
    (void)json_object_set_new(one, "id", json_string(ZERO));
    expect_code(one, "wrong_id");
}

static void a_short_signature_is_refused(void **state) {
    (void)state;
    json_t *one = vote(1, ZERO, 2, 150);
    (void)json_object_set_new(one, "sig", json_string("0x1234"));
    expect_code(one, "bad_signature");
}

static void a_message_with_more_than_its_types_is_refused(void **state) {
    (void)state;
    json_t *one = vote(1, ZERO, 2, 150);
    (void)json_object_set_new(message_of(one), "extra", json_integer(1));
    expect_code(one, "eip712_extra");
}

static void what_is_no_envelope_is_said_so(void **state) {
    struct ht_snapshot_item item;
    struct ht_why why;
    (void)state;
    json_t *one = parse("{\"data\": {\"types\": []}}");
    assert_int_equal(ht_snapshot_check(&item, one, &why), HT_EINPUT);
    assert_string_equal(why.code, "snapshot_form");
    json_decref(one);
}

/* --- all of it -------------------------------------------------------------------------------- */

static json_t *read_all(json_t *pasted) {
    json_t *out = NULL;
    assert_int_equal(ht_snapshot_read(&out, pasted, NULL), HT_OK);
    json_decref(pasted);
    return out;
}

static int64_t votes_for(const json_t *out, size_t choice) {
    const json_t *one = json_array_get(json_object_get(out, "proposals"), 0);
    return json_integer_value(json_array_get(json_object_get(one, "votes"), choice));
}

static void the_newest_valid_vote_of_each_counts(void **state) {
    struct ht_snapshot_item item;
    char id[67];
    (void)state;
    json_t *asked = proposal(9);
    assert_int_equal(ht_snapshot_check(&item, asked, NULL), HT_OK);
    assert_int_equal(item.err, HT_OK);
    assert_string_equal(item.type, "proposal");
    ht_hex_write(id, ht_bytes_of(item.id.b, 32));
    json_t *forged = vote(3, id, 2, 160);
    (void)json_object_set_new(message_of(forged), "choice", json_integer(1));
    json_t *pasted =
        json_pack("{s:o, s:[o, o, o, o, o]}", "proposal", asked, "votes", vote(1, id, 1, 150),
                  vote(1, id, 2, 151), vote(2, id, 1, 150), forged, vote(4, ZERO, 1, 150));
    json_t *out = read_all(pasted);
    assert_int_equal(votes_for(out, 0), 1);
    assert_int_equal(votes_for(out, 1), 1);
    assert_string_equal(json_string_value(json_object_get(out, "weights")), "unverified");
    const json_t *votes = json_object_get(out, "votes");
    assert_int_equal(json_array_size(votes), 5);
    assert_true(json_is_true(json_object_get(json_array_get(votes, 0), "replaced")));
    assert_string_equal(json_string_value(json_object_get(json_array_get(votes, 3), "signature")),
                        "invalid");
    json_decref(out);
}

static void the_same_vote_twice_counts_once(void **state) {
    struct ht_snapshot_item item;
    char id[67];
    (void)state;
    json_t *asked = proposal(9);
    assert_int_equal(ht_snapshot_check(&item, asked, NULL), HT_OK);
    ht_hex_write(id, ht_bytes_of(item.id.b, 32));
    json_t *out = read_all(json_pack("[o, o, o]", asked, vote(1, id, 1, 150), vote(1, id, 1, 150)));
    assert_int_equal(votes_for(out, 0), 1);
    json_decref(out);
}

static void what_graphql_gives_has_no_signature(void **state) {
    (void)state;
    json_t *out = read_all(
        parse("{\"data\": {\"proposal\": {\"id\": \"0x1\", \"author\": \"0x2\", \"created\": 5, "
              "\"space\": {\"id\": \"garden.eth\"}, \"title\": \"A pond\", \"choices\": [\"yes\"]},"
              " \"votes\": [{\"id\": \"0x3\", \"voter\": \"0x4\", \"created\": 6, \"choice\": 1, "
              "\"proposal\": {\"id\": \"0x1\"}, \"space\": {\"id\": \"garden.eth\"}}]}}"));
    const json_t *one = json_array_get(json_object_get(out, "votes"), 0);
    assert_string_equal(json_string_value(json_object_get(one, "signature")), "absent");
    assert_string_equal(json_string_value(json_object_get(one, "space")), "garden.eth");
    assert_int_equal(votes_for(out, 0), 0);
    json_decref(out);
}

static void other_json_is_refused(void **state) {
    struct ht_why why;
    json_t *out;
    (void)state;
    json_t *pasted = parse("{\"hello\": 1}");
    assert_int_equal(ht_snapshot_read(&out, pasted, &why), HT_EINPUT);
    assert_string_equal(why.code, "snapshot_form");
    json_decref(pasted);
}

static void too_many_items_are_refused(void **state) {
    struct ht_why why;
    json_t *out, *pasted = json_array();
    (void)state;
    for (unsigned i = 0; i <= HT_SNAPSHOT_ITEMS_MAX; i++)
        json_array_append_new(pasted, json_pack("{s:s, s:s}", "id", "0x1", "voter", "0x2"));
    assert_int_equal(ht_snapshot_read(&out, pasted, &why), HT_ELIMIT);
    assert_string_equal(why.code, "snapshot_too_large");
    json_decref(pasted);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signed_vote_is_valid),
        cmocka_unit_test(a_changed_choice_is_not_signed),
        cmocka_unit_test(a_vote_in_another_name_is_not_signed),
        cmocka_unit_test(an_envelope_of_another_address_is_refused),
        cmocka_unit_test(another_domain_is_refused),
        cmocka_unit_test(types_that_snapshot_does_not_take_are_refused),
        cmocka_unit_test(an_id_that_is_not_the_hash_is_refused),
        cmocka_unit_test(a_short_signature_is_refused),
        cmocka_unit_test(a_message_with_more_than_its_types_is_refused),
        cmocka_unit_test(what_is_no_envelope_is_said_so),
        cmocka_unit_test(the_newest_valid_vote_of_each_counts),
        cmocka_unit_test(the_same_vote_twice_counts_once),
        cmocka_unit_test(what_graphql_gives_has_no_signature),
        cmocka_unit_test(other_json_is_refused),
        cmocka_unit_test(too_many_items_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
