/* Transactions: every type through RLP and JSON, signers, what is refused and why, gas and rules.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "node/base/hex.h"
#include "node/codec/rlp.h"
#include "node/codec/transaction.h"
#include "node/codec/transaction_rules.h"
#include "node/codec/transaction_sidecar.h"
#include "node/crypto/keccak.h"
#include "node/crypto/sha256.h"
#include "node/l1/execution/transaction_json.h"

#define CHAIN 11155111U

static secp256k1_context *context;
static struct ht_arena arena;
static const uint8_t KEY[32] = {[0] = 0x5a, [31] = 0x01};
static ht_addr20 owner;

static const ht_hash32 KEYS[3] = {{{1}}, {{2}}, {{3}}};
static const struct ht_tx_access ACCESS[2] = {
    {.address = {{0xaa}}, .storage_keys = KEYS, .key_count = 3},
    {.address = {{0xbb}}},
};
static const ht_hash32 BLOB_HASHES[2] = {{{1, 7}}, {{1, 8}}};
static struct ht_tx_authorization authorization;

static int setup(void **state) {
    (void)state;
    uint8_t point[65];
    size_t n = sizeof point;
    secp256k1_pubkey pubkey;
    context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    assert_int_equal(secp256k1_ec_pubkey_create(context, &pubkey, KEY), 1);
    (void)secp256k1_ec_pubkey_serialize(context, point, &n, &pubkey, SECP256K1_EC_UNCOMPRESSED);
    ht_secp256k1_address(&owner, point + 1);
    ht_arena_init(&arena, 1 << 20);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    ht_arena_fini(&arena);
    secp256k1_context_destroy(context);
    return 0;
}

static void sign_digest(ht_u256 *r, ht_u256 *s, uint8_t *y_parity, const ht_hash32 *digest) {
    secp256k1_ecdsa_recoverable_signature signature;
    uint8_t compact[64];
    int parity = 0;
    assert_int_equal(
        secp256k1_ecdsa_sign_recoverable(context, &signature, digest->b, KEY, NULL, NULL), 1);
    (void)secp256k1_ecdsa_recoverable_signature_serialize_compact(context, compact, &parity,
                                                                  &signature);
    *r = ht_u256_from_be32(compact);
    *s = ht_u256_from_be32(compact + 32);
    *y_parity = (uint8_t)parity;
}

static void sign(struct ht_transaction *tx) {
    ht_hash32 digest;
    assert_int_equal(ht_tx_signing_hash(&digest, tx), HT_OK);
    sign_digest(&tx->r, &tx->s, &tx->y_parity, &digest);
    tx->is_signed = true;
}

static void sign_authorization(struct ht_tx_authorization *out) {
    struct ht_buf bytes;
    struct ht_rlp_writer writer;
    ht_hash32 digest;
    ht_buf_init(&bytes, 200);
    assert_int_equal(ht_buf_add(&bytes, ht_bytes_str("\x05")), HT_OK);
    ht_rlp_writer_init(&writer, &bytes);
    size_t begin = ht_rlp_list_begin(&writer);
    ht_rlp_write_u64(&writer, out->chain_id.limb[0]);
    ht_rlp_write_bytes(&writer, HT_BYTES(out->address.b));
    ht_rlp_write_u64(&writer, out->nonce);
    ht_rlp_list_end(&writer, begin);
    assert_int_equal(ht_rlp_finish(&writer), HT_OK);
    ht_keccak256(&digest, ht_buf_view(&bytes));
    ht_buf_fini(&bytes);
    sign_digest(&out->r, &out->s, &out->y_parity, &digest);
}

/* A transaction of the type with something in every field it has. */
static struct ht_transaction some_tx(enum ht_tx_type type) {
    struct ht_transaction tx = {.type = type, .has_chain_id = true, .chain_id = CHAIN};
    tx.nonce = 3;
    tx.gas_limit = 200000;
    tx.to = (ht_addr20){{0x11, 0x22}};
    tx.value = (ht_u256){{5, 1, 0, 0}};
    tx.data = ht_bytes_str("some data");
    if (type <= HT_TX_ACCESS_LIST) tx.gas_price = ht_u256_of(30000000000);
    if (type >= HT_TX_FEE_MARKET) {
        tx.max_fee_per_gas = ht_u256_of(30000000000);
        tx.max_priority_fee_per_gas = ht_u256_of(1000000000);
    }
    if (type >= HT_TX_ACCESS_LIST) {
        tx.access_list = ACCESS;
        tx.access_count = 2;
    }
    if (type == HT_TX_BLOB) {
        tx.max_fee_per_blob_gas = ht_u256_of(7);
        tx.blob_versioned_hashes = BLOB_HASHES;
        tx.blob_count = 2;
    }
    if (type == HT_TX_SET_CODE) {
        authorization = (struct ht_tx_authorization){.chain_id = ht_u256_of(CHAIN), .nonce = 8};
        authorization.address.b[19] = 0x77;
        sign_authorization(&authorization);
        tx.authorization_list = &authorization;
        tx.authorization_count = 1;
    }
    sign(&tx);
    return tx;
}

static struct ht_buf encoded(const struct ht_transaction *tx) {
    struct ht_buf buf;
    ht_buf_init(&buf, HT_TX_SIZE_MAX);
    assert_int_equal(ht_tx_encode(&buf, tx), HT_OK);
    return buf;
}

static void expect_same(const struct ht_transaction *a, const struct ht_transaction *b) {
    struct ht_buf first = encoded(a);
    struct ht_buf second = encoded(b);
    assert_int_equal(first.n, second.n);
    assert_memory_equal(first.p, second.p, first.n);
    ht_buf_fini(&first);
    ht_buf_fini(&second);
}

static void refuses_form(ht_bytes bytes, enum ht_tx_network_form form, enum ht_err err,
                         const char *code) {
    struct ht_transaction out;
    struct ht_why why = {.code = "accepted"};
    enum ht_err got = ht_tx_decode(&out, &arena, bytes, form, &why);
    assert_string_equal(why.code, code);
    assert_int_equal(got, err);
}

static void refuses(ht_bytes bytes, const char *code) {
    refuses_form(bytes, HT_TX_NETWORK_FORM_REFUSE, HT_EINPUT, code);
}

static void judge(const struct ht_transaction *tx, const char *fork, enum ht_err err,
                  const char *code) {
    struct ht_why why = {.code = "accepted"};
    ht_addr20 sender = {{0}};
    const struct ht_tx_rules *rules = ht_tx_rules_find(fork);
    assert_non_null(rules);
    enum ht_err got = ht_tx_check(&sender, tx, rules, CHAIN, &why);
    assert_string_equal(why.code, code);
    assert_int_equal(got, err);
    if (err == HT_OK) assert_memory_equal(sender.b, owner.b, sizeof owner.b);
}

static void tx_of_every_type_comes_back_from_rlp_and_json(void **state) {
    (void)state;
    for (unsigned type = 0; type < HT_TX_TYPE_COUNT; type++) {
        struct ht_transaction tx = some_tx((enum ht_tx_type)type);
        struct ht_transaction back;
        struct ht_buf bytes = encoded(&tx);
        json_t *object = NULL;
        ht_addr20 sender;
        assert_int_equal(
            ht_tx_decode(&back, &arena, ht_buf_view(&bytes), HT_TX_NETWORK_FORM_REFUSE, NULL),
            HT_OK);
        expect_same(&back, &tx);
        assert_int_equal(ht_tx_sender(&sender, &back, HT_ECDSA_LOW_S, NULL), HT_OK);
        assert_memory_equal(sender.b, owner.b, sizeof owner.b);
        assert_int_equal(ht_tx_to_json(&object, &tx, NULL, NULL), HT_OK);
        assert_int_equal(ht_tx_from_json(&back, &arena, object, NULL), HT_OK);
        expect_same(&back, &tx);
        judge(&back, "Prague", HT_OK, "accepted");
        json_decref(object);
        ht_buf_fini(&bytes);
    }
}

static void tx_hash_is_over_the_signed_and_signing_hash_over_the_unsigned_bytes(void **state) {
    (void)state;
    struct ht_transaction tx = some_tx(HT_TX_FEE_MARKET);
    struct ht_buf bytes = encoded(&tx);
    ht_hash32 want;
    ht_hash32 got;
    ht_keccak256(&want, ht_buf_view(&bytes));
    assert_int_equal(ht_tx_hash(&got, &tx), HT_OK);
    assert_memory_equal(got.b, want.b, 32);
    ht_buf_clear(&bytes);
    assert_int_equal(ht_tx_encode_unsigned(&bytes, &tx), HT_OK);
    ht_keccak256(&want, ht_buf_view(&bytes));
    assert_int_equal(ht_tx_signing_hash(&got, &tx), HT_OK);
    assert_memory_equal(got.b, want.b, 32);
    ht_buf_fini(&bytes);
    tx.is_signed = false;
    assert_int_equal(ht_tx_hash(&got, &tx), HT_EINPUT);
}

static void tx_v_says_the_chain_of_a_legacy_transaction(void **state) {
    (void)state;
    const struct {
        ht_u256 v;
        bool is_good, has_chain_id;
        uint64_t chain_id;
        uint8_t y_parity;
    } cases[] = {
        {{{27, 0, 0, 0}}, true, false, 0, 0},         {{{28, 0, 0, 0}}, true, false, 0, 1},
        {{{35, 0, 0, 0}}, true, true, 0, 0},          {{{36, 0, 0, 0}}, true, true, 0, 1},
        {{{37, 0, 0, 0}}, true, true, 1, 0},          {{{38, 0, 0, 0}}, true, true, 1, 1},
        {{{33, 2, 0, 0}}, true, true, UINT64_MAX, 0}, {{{34, 2, 0, 0}}, true, true, UINT64_MAX, 1},
        {{{35, 2, 0, 0}}, false, false, 0, 0},        {{{0, 0, 0, 0}}, false, false, 0, 0},
        {{{1, 0, 0, 0}}, false, false, 0, 0},         {{{26, 0, 0, 0}}, false, false, 0, 0},
        {{{29, 0, 0, 0}}, false, false, 0, 0},        {{{34, 0, 0, 0}}, false, false, 0, 0},
        {{{27, 0, 0, 1}}, false, false, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ht_transaction tx = {.type = HT_TX_LEGACY};
        ht_u256 v;
        enum ht_err err = ht_tx_take_legacy_v(&tx, &cases[i].v, NULL);
        assert_int_equal(err, cases[i].is_good ? HT_OK : HT_EINPUT);
        if (err != HT_OK) continue;
        assert_int_equal(tx.has_chain_id, cases[i].has_chain_id);
        assert_true(tx.chain_id == cases[i].chain_id);
        assert_int_equal(tx.y_parity, cases[i].y_parity);
        ht_tx_v(&v, &tx);
        assert_true(ht_u256_equal(&v, &cases[i].v));
    }
}

static void tx_without_eip155_is_signed_for_every_chain(void **state) {
    (void)state;
    struct ht_transaction tx = some_tx(HT_TX_LEGACY);
    tx.has_chain_id = false;
    tx.chain_id = 0;
    sign(&tx);
    judge(&tx, "Homestead", HT_OK, "accepted");
    judge(&tx, "Osaka", HT_OK, "accepted");
}

static void tx_rejects_what_is_no_transaction(void **state) {
    (void)state;
    refuses((ht_bytes){0}, "tx_empty");
    refuses(ht_bytes_of("\x00", 1), "tx_type");
    refuses(ht_bytes_of("\x05\xc0", 2), "tx_type");
    refuses(ht_bytes_of("\x7f\xc0", 2), "tx_type");
    refuses(ht_bytes_of("\xb8\x01", 2), "tx_type");
    refuses(ht_bytes_of("\x02", 1), "rlp_missing");
    refuses(ht_bytes_of("\xc0", 1), "rlp_missing");
    refuses(ht_bytes_of("\x03\xc0", 2), "rlp_missing");
}

static void tx_rejects_every_cut_and_every_byte_behind_it(void **state) {
    (void)state;
    for (unsigned type = 0; type < HT_TX_TYPE_COUNT; type++) {
        struct ht_transaction tx = some_tx((enum ht_tx_type)type);
        struct ht_buf bytes = encoded(&tx);
        for (size_t n = 0; n < bytes.n; n++) {
            struct ht_transaction out;
            assert_int_equal(ht_tx_decode(&out, &arena, ht_bytes_of(bytes.p, n),
                                          HT_TX_NETWORK_FORM_REFUSE, NULL),
                             HT_EINPUT);
        }
        assert_int_equal(ht_buf_add(&bytes, ht_bytes_of("", 1)), HT_OK);
        refuses(ht_buf_view(&bytes), "rlp_trailing");
        ht_buf_fini(&bytes);
    }
}

static void tx_with_any_bit_changed_is_refused_or_has_another_hash(void **state) {
    (void)state;
    for (unsigned type = 0; type < HT_TX_TYPE_COUNT; type++) {
        struct ht_transaction tx = some_tx((enum ht_tx_type)type);
        struct ht_buf bytes = encoded(&tx);
        for (size_t bit = 0; bit < 8 * bytes.n; bit++) {
            struct ht_transaction out;
            bytes.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
            if (ht_tx_decode(&out, &arena, ht_buf_view(&bytes), HT_TX_NETWORK_FORM_REFUSE, NULL) ==
                HT_OK) {
                struct ht_buf again = encoded(&out);
                assert_int_equal(again.n, bytes.n);
                assert_memory_equal(again.p, bytes.p, bytes.n);
                ht_buf_fini(&again);
            }
            bytes.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
            ht_arena_fini(&arena);
        }
        ht_buf_fini(&bytes);
    }
}

static void tx_of_types_3_and_4_must_have_a_recipient(void **state) {
    (void)state;
    for (unsigned type = 0; type < HT_TX_TYPE_COUNT; type++) {
        struct ht_transaction tx = some_tx((enum ht_tx_type)type);
        struct ht_transaction out;
        struct ht_why why = {.code = "accepted"};
        bool may_create = type < HT_TX_BLOB;
        tx.is_creation = true;
        sign(&tx);
        struct ht_buf bytes = encoded(&tx);
        enum ht_err err =
            ht_tx_decode(&out, &arena, ht_buf_view(&bytes), HT_TX_NETWORK_FORM_REFUSE, &why);
        assert_int_equal(err, may_create ? HT_OK : HT_EINPUT);
        assert_string_equal(why.code, may_create ? "accepted" : "tx_recipient");
        ht_buf_fini(&bytes);
    }
}

static void tx_rejects_a_parity_that_is_not_0_or_1(void **state) {
    (void)state;
    struct ht_transaction tx = some_tx(HT_TX_FEE_MARKET);
    tx.y_parity = 2;
    struct ht_buf bytes = encoded(&tx);
    refuses(ht_buf_view(&bytes), "tx_signature");
    ht_buf_fini(&bytes);
}

/* --- blobs ------------------------------------------------------------------------------------*/

/* A blob transaction with `count` blobs in network form; version 0 has none in its list. */
static struct ht_buf network_form(struct ht_transaction *tx, uint64_t version, size_t proof_count,
                                  uint8_t commitment_fill) {
    static uint8_t blob[HT_BLOB_SIZE];
    static ht_hash32 hash;
    uint8_t commitment[HT_KZG_SIZE];
    memset(commitment, 0xc0, sizeof commitment);
    ht_sha256(&hash, HT_BYTES(commitment));
    hash.b[0] = 1;
    *tx = some_tx(HT_TX_BLOB);
    tx->blob_versioned_hashes = &hash;
    tx->blob_count = 1;
    sign(tx);
    memset(commitment, commitment_fill, sizeof commitment);
    struct ht_buf body = encoded(tx);
    struct ht_buf out;
    struct ht_rlp_writer writer;
    ht_buf_init(&out, HT_TX_SIZE_MAX);
    ht_rlp_writer_init(&writer, &out);
    ht_rlp_write_raw(&writer, ht_bytes_of(body.p, 1));
    size_t begin = ht_rlp_list_begin(&writer);
    ht_rlp_write_raw(&writer, ht_bytes_of(body.p + 1, body.n - 1));
    if (version != 0) ht_rlp_write_u64(&writer, version);
    size_t list = ht_rlp_list_begin(&writer);
    ht_rlp_write_bytes(&writer, HT_BYTES(blob));
    ht_rlp_list_end(&writer, list);
    list = ht_rlp_list_begin(&writer);
    ht_rlp_write_bytes(&writer, HT_BYTES(commitment));
    ht_rlp_list_end(&writer, list);
    list = ht_rlp_list_begin(&writer);
    for (size_t i = 0; i < proof_count; i++) ht_rlp_write_bytes(&writer, HT_BYTES(commitment));
    ht_rlp_list_end(&writer, list);
    ht_rlp_list_end(&writer, begin);
    assert_int_equal(ht_rlp_finish(&writer), HT_OK);
    ht_buf_fini(&body);
    return out;
}

static void tx_with_its_blobs_is_refused_or_stripped_as_asked(void **state) {
    (void)state;
    const struct {
        uint64_t version;
        size_t proof_count;
    } forms[] = {{0, 1}, {1, HT_CELLS_PER_BLOB}};
    for (size_t i = 0; i < 2; i++) {
        struct ht_transaction tx;
        struct ht_transaction out;
        struct ht_buf bytes = network_form(&tx, forms[i].version, forms[i].proof_count, 0xc0);
        refuses_form(ht_buf_view(&bytes), HT_TX_NETWORK_FORM_REFUSE, HT_EDENIED, "tx_network_form");
        assert_int_equal(
            ht_tx_decode(&out, &arena, ht_buf_view(&bytes), HT_TX_NETWORK_FORM_STRIP, NULL), HT_OK);
        expect_same(&out, &tx);
        ht_buf_fini(&bytes);
    }
}

static void tx_with_a_sidecar_that_does_not_fit_is_refused(void **state) {
    (void)state;
    const struct {
        uint64_t version;
        size_t proof_count;
        uint8_t fill;
    } forms[] = {{0, 0, 0xc0}, {0, HT_CELLS_PER_BLOB, 0xc0}, {1, 1, 0xc0}, {2, 1, 0xc0},
                 {0, 1, 0xc1}, {1, HT_CELLS_PER_BLOB, 0xc1}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct ht_transaction tx;
        struct ht_buf bytes =
            network_form(&tx, forms[i].version, forms[i].proof_count, forms[i].fill);
        refuses_form(ht_buf_view(&bytes), HT_TX_NETWORK_FORM_STRIP, HT_EINPUT, "tx_sidecar");
        ht_buf_fini(&bytes);
    }
}

/* --- JSON -------------------------------------------------------------------------------------*/

static void refuses_json(const json_t *object, enum ht_err err, const char *code) {
    struct ht_transaction out;
    struct ht_why why = {.code = "accepted"};
    enum ht_err got = ht_tx_from_json(&out, &arena, object, &why);
    assert_string_equal(why.code, code);
    assert_int_equal(got, err);
}

static json_t *json_of(enum ht_tx_type type) {
    struct ht_transaction tx = some_tx(type);
    json_t *object = NULL;
    assert_int_equal(ht_tx_to_json(&object, &tx, NULL, NULL), HT_OK);
    return object;
}

static void tx_json_with_a_field_changed_contradicts_its_hash(void **state) {
    (void)state;
    for (unsigned type = 0; type < HT_TX_TYPE_COUNT; type++) {
        const char *keys[] = {"nonce", "gas", "value", "input", "to", "r", "s"};
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            json_t *object = json_of((enum ht_tx_type)type);
            char text[200];
            const json_t *value = json_object_get(object, keys[i]);
            size_t n = json_string_length(value);
            memcpy(text, json_string_value(value), n + 1);
            text[n - 1] = text[n - 1] == '1' ? '2' : '1';
            (void)json_object_set_new(object, keys[i], json_string(text));
            refuses_json(object, HT_EUNVERIFIED, "tx_hash_differs");
            json_decref(object);
        }
    }
}

static void tx_json_that_contradicts_itself_is_refused(void **state) {
    (void)state;
    json_t *object = json_of(HT_TX_FEE_MARKET);
    const char *parity = json_string_value(json_object_get(object, "yParity"));
    (void)json_object_set_new(object, "v", json_string(strcmp(parity, "0x0") == 0 ? "0x1" : "0x0"));
    refuses_json(object, HT_EINPUT, "tx_fields_differ");
    json_decref(object);
    object = json_of(HT_TX_LEGACY);
    (void)json_object_set_new(object, "chainId", json_string("0x1"));
    refuses_json(object, HT_EINPUT, "tx_fields_differ");
    (void)json_object_set_new(object, "chainId", json_null());
    refuses_json(object, HT_OK, "accepted");
    (void)json_object_set_new(object, "type", json_string("0x5"));
    refuses_json(object, HT_EINPUT, "tx_type");
    json_decref(object);
    refuses_json(NULL, HT_EINPUT, "json_type");
}

static void tx_json_without_a_signature_is_an_unsigned_transaction(void **state) {
    (void)state;
    struct ht_transaction tx;
    struct ht_transaction want = some_tx(HT_TX_LEGACY);
    json_t *object = json_of(HT_TX_LEGACY);
    struct ht_why why = {.code = "accepted"};
    ht_hash32 first;
    ht_hash32 second;
    ht_addr20 sender;
    (void)json_object_del(object, "r");
    (void)json_object_del(object, "hash");
    (void)json_object_set(object, "data", json_object_get(object, "input"));
    (void)json_object_del(object, "input");
    assert_int_equal(ht_tx_from_json(&tx, &arena, object, NULL), HT_OK);
    assert_false(tx.is_signed);
    assert_int_equal(ht_tx_signing_hash(&first, &tx), HT_OK);
    assert_int_equal(ht_tx_signing_hash(&second, &want), HT_OK);
    assert_memory_equal(first.b, second.b, 32);
    assert_int_equal(ht_tx_sender(&sender, &tx, HT_ECDSA_ANY_S, &why), HT_EINPUT);
    assert_string_equal(why.code, "tx_unsigned");
    json_decref(object);
}

static void tx_json_shows_the_place_and_the_price_paid(void **state) {
    (void)state;
    struct ht_transaction tx = some_tx(HT_TX_FEE_MARKET);
    struct ht_tx_place place = {.block_number = 16, .transaction_index = 2};
    json_t *object = NULL;
    place.base_fee_per_gas = ht_u256_of(5);
    assert_int_equal(ht_tx_to_json(&object, &tx, &place, NULL), HT_OK);
    assert_string_equal(json_string_value(json_object_get(object, "blockNumber")), "0x10");
    assert_string_equal(json_string_value(json_object_get(object, "gasPrice")), "0x3b9aca05");
    json_decref(object);
    assert_int_equal(ht_tx_to_json(&object, &tx, NULL, NULL), HT_OK);
    assert_true(json_is_null(json_object_get(object, "blockNumber")));
    assert_true(json_is_null(json_object_get(object, "blockTimestamp")));
    assert_string_equal(json_string_value(json_object_get(object, "gasPrice")), "0x6fc23ac00");
    json_decref(object);
}

/* --- rules ------------------------------------------------------------------------------------*/

static void tx_gas_counts_data_access_creation_and_authorizations(void **state) {
    (void)state;
    static const uint8_t data[33] = {0, 0, 1, 1, 1};
    struct ht_transaction tx = {.type = HT_TX_LEGACY, .data = HT_BYTES(data)};
    struct ht_tx_gas gas;
    ht_tx_gas_of(&gas, &tx, ht_tx_rules_find("Homestead"));
    assert_int_equal(gas.intrinsic, 21000 + 30 * 4 + 3 * 68);
    assert_int_equal(gas.floor, 0);
    ht_tx_gas_of(&gas, &tx, ht_tx_rules_find("Istanbul"));
    assert_int_equal(gas.intrinsic, 21000 + 30 * 4 + 3 * 16);
    ht_tx_gas_of(&gas, &tx, ht_tx_rules_find("Prague"));
    assert_int_equal(gas.floor, 21000 + 10 * (30 + 3 * 4));
    tx.is_creation = true;
    ht_tx_gas_of(&gas, &tx, ht_tx_rules_find("Frontier"));
    assert_int_equal(gas.intrinsic, 21000 + 30 * 4 + 3 * 68);
    ht_tx_gas_of(&gas, &tx, ht_tx_rules_find("Shanghai"));
    assert_int_equal(gas.intrinsic, 21000 + 30 * 4 + 3 * 16 + 32000 + 2 * 2);
    tx = some_tx(HT_TX_SET_CODE);
    tx.data = (ht_bytes){0};
    ht_tx_gas_of(&gas, &tx, ht_tx_rules_find("Prague"));
    assert_int_equal(gas.intrinsic, 21000 + 2 * 2400 + 3 * 1900 + 25000);
}

static void tx_is_refused_by_forks_older_than_its_type(void **state) {
    (void)state;
    const char *const before[] = {NULL, "Istanbul", "Berlin", "Shanghai", "Cancun"};
    const char *const since[] = {"EIP158", "Berlin", "London", "Cancun", "Prague"};
    for (unsigned type = 0; type < HT_TX_TYPE_COUNT; type++) {
        struct ht_transaction tx = some_tx((enum ht_tx_type)type);
        judge(&tx, since[type], HT_OK, "accepted");
        if (type > 0) judge(&tx, before[type], HT_EDENIED, "tx_type_too_new");
    }
    assert_null(ht_tx_rules_find("Nowhere"));
    assert_string_equal(ht_tx_rules_all[ht_tx_rules_count - 1].name, "Osaka");
}

static void tx_for_another_chain_is_refused(void **state) {
    (void)state;
    struct ht_transaction tx = some_tx(HT_TX_LEGACY);
    judge(&tx, "Homestead", HT_EDENIED, "tx_wrong_chain");
    tx.chain_id = CHAIN + 1;
    sign(&tx);
    judge(&tx, "Osaka", HT_EDENIED, "tx_wrong_chain");
}

static void tx_is_refused_for_each_rule_that_it_breaks(void **state) {
    (void)state;
    struct ht_transaction tx = some_tx(HT_TX_FEE_MARKET);
    tx.nonce = UINT64_MAX;
    judge(&tx, "Osaka", HT_EDENIED, "tx_nonce_too_high");
    tx = some_tx(HT_TX_FEE_MARKET);
    tx.gas_limit = 21000;
    judge(&tx, "Osaka", HT_EDENIED, "tx_gas_too_low");
    tx = some_tx(HT_TX_FEE_MARKET);
    tx.gas_limit = (1U << 24) + 1;
    judge(&tx, "Osaka", HT_EDENIED, "tx_gas_over_cap");
    sign(&tx);
    judge(&tx, "Prague", HT_OK, "accepted");
    tx = some_tx(HT_TX_FEE_MARKET);
    tx.max_priority_fee_per_gas = ht_u256_of(30000000001);
    judge(&tx, "Osaka", HT_EDENIED, "tx_fee_inconsistent");
    tx = some_tx(HT_TX_FEE_MARKET);
    tx.max_fee_per_gas = (ht_u256){{0, 0, 0, (uint64_t)1 << 63}};
    judge(&tx, "Osaka", HT_EDENIED, "tx_cost_overflow");
    tx = some_tx(HT_TX_SET_CODE);
    tx.authorization_count = 0;
    judge(&tx, "Osaka", HT_EDENIED, "tx_authorizations");
    tx = some_tx(HT_TX_BLOB);
    tx.blob_count = 0;
    judge(&tx, "Osaka", HT_EDENIED, "tx_blobs");
    static const ht_hash32 seven[7] = {{{1}}, {{1}}, {{1}}, {{1}}, {{1}}, {{1}}, {{1}}};
    tx = some_tx(HT_TX_BLOB);
    tx.blob_versioned_hashes = seven;
    tx.blob_count = 7;
    judge(&tx, "Osaka", HT_EDENIED, "tx_blobs");
    sign(&tx);
    judge(&tx, "Prague", HT_OK, "accepted");
    tx = some_tx(HT_TX_BLOB);
    tx.blob_versioned_hashes = KEYS; /* the second is of version 2 */
    judge(&tx, "Osaka", HT_EDENIED, "tx_blobs");
}

static void tx_below_the_data_floor_is_refused_from_prague_on(void **state) {
    (void)state;
    static uint8_t data[1000];
    memset(data, 1, sizeof data);
    struct ht_transaction tx = some_tx(HT_TX_LEGACY);
    tx.data = HT_BYTES(data);
    tx.gas_limit = 21000 + 40000 - 1;
    sign(&tx);
    judge(&tx, "Cancun", HT_OK, "accepted");
    judge(&tx, "Prague", HT_EDENIED, "tx_gas_too_low");
    tx.gas_limit++;
    sign(&tx);
    judge(&tx, "Prague", HT_OK, "accepted");
}

static void tx_with_too_much_init_code_is_refused_from_shanghai_on(void **state) {
    (void)state;
    static uint8_t code[49153];
    struct ht_transaction tx = some_tx(HT_TX_LEGACY);
    tx.is_creation = true;
    tx.gas_limit = 10000000;
    tx.data = HT_BYTES(code);
    sign(&tx);
    judge(&tx, "Paris", HT_OK, "accepted");
    judge(&tx, "Shanghai", HT_EDENIED, "tx_init_code");
    tx.data.n--;
    sign(&tx);
    judge(&tx, "Shanghai", HT_OK, "accepted");
}

static void tx_with_a_bad_signature_is_unverified(void **state) {
    (void)state;
    struct ht_transaction tx = some_tx(HT_TX_FEE_MARKET);
    tx.r = (ht_u256){{0}};
    judge(&tx, "Osaka", HT_EUNVERIFIED, "bad_r");
    tx = some_tx(HT_TX_FEE_MARKET);
    memset(tx.s.limb, 0xfe, sizeof tx.s.limb);
    judge(&tx, "Osaka", HT_EUNVERIFIED, "high_s");
    tx.is_signed = false;
    judge(&tx, "Osaka", HT_EINPUT, "tx_unsigned");
}

static void tx_cost_is_gas_blobs_and_value(void **state) {
    (void)state;
    struct ht_transaction tx = some_tx(HT_TX_BLOB);
    struct ht_why why = {.code = "accepted"};
    ht_u256 cost;
    tx.value = ht_u256_of(1);
    assert_int_equal(ht_tx_cost_max(&cost, &tx, NULL), HT_OK);
    assert_true(ht_u256_is_u64(&cost));
    assert_true(cost.limb[0] == 200000U * 30000000000U + 2U * 131072U * 7U + 1U);
    memset(tx.value.limb, 0xff, sizeof tx.value.limb);
    assert_int_equal(ht_tx_cost_max(&cost, &tx, &why), HT_EDENIED);
    assert_string_equal(why.code, "tx_cost_overflow");
}

static void tx_pays_the_base_fee_and_the_tip_up_to_its_maximum(void **state) {
    (void)state;
    struct ht_transaction tx = some_tx(HT_TX_FEE_MARKET);
    ht_u256 base = ht_u256_of(100);
    ht_u256 paid;
    ht_tx_effective_gas_price(&paid, &tx, &base);
    assert_true(paid.limb[0] == 1000000100);
    base = ht_u256_of(29999999999);
    ht_tx_effective_gas_price(&paid, &tx, &base);
    assert_true(paid.limb[0] == 30000000000);
    memset(base.limb, 0xff, sizeof base.limb);
    ht_tx_effective_gas_price(&paid, &tx, &base);
    assert_true(paid.limb[0] == 30000000000);
}

static void tx_authorization_tells_whose_code_is_set(void **state) {
    (void)state;
    ht_addr20 who = {{0}};
    struct ht_why why = {.code = "accepted"};
    (void)some_tx(HT_TX_SET_CODE);
    assert_int_equal(ht_tx_authority(&who, &authorization, NULL), HT_OK);
    assert_memory_equal(who.b, owner.b, sizeof owner.b);
    authorization.y_parity = 27;
    assert_int_equal(ht_tx_authority(&who, &authorization, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "bad_y_parity");
    authorization.y_parity = 0;
    memset(authorization.s.limb, 0xfe, sizeof authorization.s.limb);
    assert_int_equal(ht_tx_authority(&who, &authorization, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "high_s");
}

static void tx_lists_larger_than_the_arena_are_refused(void **state) {
    (void)state;
    struct ht_transaction tx = some_tx(HT_TX_ACCESS_LIST);
    struct ht_transaction out;
    struct ht_arena small;
    struct ht_why why = {.code = "accepted"};
    struct ht_buf bytes = encoded(&tx);
    ht_arena_init(&small, 64);
    assert_int_equal(
        ht_tx_decode(&out, &small, ht_buf_view(&bytes), HT_TX_NETWORK_FORM_REFUSE, &why),
        HT_ELIMIT);
    assert_string_equal(why.code, "no_room");
    ht_arena_fini(&small);
    ht_buf_fini(&bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tx_of_every_type_comes_back_from_rlp_and_json),
        cmocka_unit_test(tx_hash_is_over_the_signed_and_signing_hash_over_the_unsigned_bytes),
        cmocka_unit_test(tx_v_says_the_chain_of_a_legacy_transaction),
        cmocka_unit_test(tx_without_eip155_is_signed_for_every_chain),
        cmocka_unit_test(tx_rejects_what_is_no_transaction),
        cmocka_unit_test(tx_rejects_every_cut_and_every_byte_behind_it),
        cmocka_unit_test(tx_with_any_bit_changed_is_refused_or_has_another_hash),
        cmocka_unit_test(tx_of_types_3_and_4_must_have_a_recipient),
        cmocka_unit_test(tx_rejects_a_parity_that_is_not_0_or_1),
        cmocka_unit_test(tx_with_its_blobs_is_refused_or_stripped_as_asked),
        cmocka_unit_test(tx_with_a_sidecar_that_does_not_fit_is_refused),
        cmocka_unit_test(tx_json_with_a_field_changed_contradicts_its_hash),
        cmocka_unit_test(tx_json_that_contradicts_itself_is_refused),
        cmocka_unit_test(tx_json_without_a_signature_is_an_unsigned_transaction),
        cmocka_unit_test(tx_json_shows_the_place_and_the_price_paid),
        cmocka_unit_test(tx_gas_counts_data_access_creation_and_authorizations),
        cmocka_unit_test(tx_is_refused_by_forks_older_than_its_type),
        cmocka_unit_test(tx_for_another_chain_is_refused),
        cmocka_unit_test(tx_is_refused_for_each_rule_that_it_breaks),
        cmocka_unit_test(tx_below_the_data_floor_is_refused_from_prague_on),
        cmocka_unit_test(tx_with_too_much_init_code_is_refused_from_shanghai_on),
        cmocka_unit_test(tx_with_a_bad_signature_is_unverified),
        cmocka_unit_test(tx_cost_is_gas_blobs_and_value),
        cmocka_unit_test(tx_pays_the_base_fee_and_the_tip_up_to_its_maximum),
        cmocka_unit_test(tx_authorization_tells_whose_code_is_set),
        cmocka_unit_test(tx_lists_larger_than_the_arena_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
