/* Execution headers: every layout both ways, what is refused, and that only a proven hash makes one
 * verified. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/header.h"

static const size_t FIELD_COUNTS[HT_EXEC_LAYOUT_COUNT] = {15, 16, 17, 20, 21, 23};

static const char *const NEWEST_KEYS[] = {
    "baseFeePerGas",         "withdrawalsRoot", "blobGasUsed",         "excessBlobGas",
    "parentBeaconBlockRoot", "requestsHash",    "blockAccessListHash", "slotNumber"};

/* A header with a different value in every field. */
static struct ht_exec_header some_header(enum ht_exec_layout layout) {
    struct ht_exec_header header = {.layout = layout};
    memset(header.parent_hash.b, 1, 32);
    memset(header.ommers_hash.b, 2, 32);
    memset(header.coinbase.b, 3, 20);
    memset(header.state_root.b, 4, 32);
    memset(header.transactions_root.b, 5, 32);
    memset(header.receipts_root.b, 6, 32);
    memset(header.logs_bloom, 7, 256);
    header.difficulty = (ht_u256){{8, 0, 0, 8}};
    header.number = 9;
    header.gas_limit = 10000;
    header.gas_used = 0;
    header.timestamp = UINT64_MAX;
    header.extra_data.n = 5;
    memset(header.extra_data.b, 0, 5);
    memset(header.prev_randao.b, 14, 32);
    memset(header.nonce, 0, 8);
    if (layout >= HT_EXEC_LAYOUT_LONDON) header.base_fee_per_gas = ht_u256_of(7);
    if (layout >= HT_EXEC_LAYOUT_SHANGHAI) memset(header.withdrawals_root.b, 17, 32);
    if (layout >= HT_EXEC_LAYOUT_CANCUN) {
        header.blob_gas_used = 131072;
        header.excess_blob_gas = 19;
        memset(header.parent_beacon_block_root.b, 20, 32);
    }
    if (layout >= HT_EXEC_LAYOUT_PRAGUE) memset(header.requests_hash.b, 21, 32);
    if (layout >= HT_EXEC_LAYOUT_AMSTERDAM) {
        memset(header.block_access_list_hash.b, 22, 32);
        header.slot_number = 23;
    }
    return header;
}

static struct ht_buf encoded(const struct ht_exec_header *header) {
    struct ht_buf buf;
    ht_buf_init(&buf, HT_EXEC_HEADER_RLP_MAX);
    assert_int_equal(ht_exec_header_encode(&buf, header), HT_OK);
    return buf;
}

static void expect_same(const struct ht_exec_header *a, const struct ht_exec_header *b) {
    struct ht_buf first = encoded(a);
    struct ht_buf second = encoded(b);
    assert_int_equal(a->layout, b->layout);
    assert_int_equal(first.n, second.n);
    assert_memory_equal(first.p, second.p, first.n);
    ht_buf_fini(&first);
    ht_buf_fini(&second);
}

static void refuses_rlp(ht_bytes rlp, enum ht_err err, const char *code) {
    struct ht_exec_header_claimed out;
    struct ht_why why = {.code = "accepted"};
    enum ht_err got = ht_exec_header_decode(&out, rlp, &why);
    assert_string_equal(why.code, code);
    assert_int_equal(got, err);
}

static void refuses_json(const json_t *block, enum ht_err err, const char *code) {
    struct ht_exec_header_claimed out;
    struct ht_why why = {.code = "accepted"};
    enum ht_err got = ht_exec_header_from_json(&out, block, &why);
    assert_string_equal(why.code, code);
    assert_int_equal(got, err);
}

static json_t *json_of(const struct ht_exec_header *header) {
    ht_hash32 hash;
    json_t *object = NULL;
    assert_int_equal(ht_exec_header_hash(&hash, header), HT_OK);
    assert_int_equal(ht_exec_header_to_json(&object, header, &hash), HT_OK);
    return object;
}

/* The genesis block of mainnet. */
static void header_of_the_first_block_hashes_to_its_known_hash(void **state) {
    (void)state;
    struct ht_exec_header header = {.layout = HT_EXEC_LAYOUT_FRONTIER};
    ht_hash32 hash;
    char text[HT_HEX_SIZE(32)];
    const struct {
        uint8_t *out;
        size_t n;
        const char *hex;
    } parts[] = {
        {header.ommers_hash.b, 32,
         "1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"},
        {header.state_root.b, 32,
         "d7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544"},
        {header.transactions_root.b, 32,
         "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"},
        {header.receipts_root.b, 32,
         "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"},
        {header.extra_data.b, 32,
         "11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa"},
        {header.nonce, 8, "0000000000000042"},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        assert_int_equal(ht_hex_read(parts[i].out, parts[i].n, ht_bytes_str(parts[i].hex)), HT_OK);
    }
    header.extra_data.n = 32;
    header.difficulty = ht_u256_of(0x400000000);
    header.gas_limit = 5000;
    assert_int_equal(ht_exec_header_hash(&hash, &header), HT_OK);
    ht_hex_write(text, HT_BYTES(hash.b));
    assert_string_equal(text, "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3");
}

static void header_of_every_layout_comes_back_from_rlp_and_json(void **state) {
    (void)state;
    for (unsigned i = 0; i < HT_EXEC_LAYOUT_COUNT; i++) {
        struct ht_exec_header header = some_header((enum ht_exec_layout)i);
        struct ht_exec_header_claimed claimed;
        struct ht_buf rlp = encoded(&header);
        ht_bytes fields = {0};
        ht_bytes rest = ht_buf_view(&rlp);
        size_t count = 0;
        ht_hash32 hash;
        assert_int_equal(ht_rlp_read_list(&fields, &rest, NULL), HT_OK);
        assert_int_equal(ht_rlp_count(&count, fields, 99, NULL), HT_OK);
        assert_int_equal(count, FIELD_COUNTS[i]);
        assert_int_equal(ht_exec_layout_field_count((enum ht_exec_layout)i), FIELD_COUNTS[i]);
        ht_keccak256(&hash, ht_buf_view(&rlp));
        assert_int_equal(ht_exec_header_decode(&claimed, ht_buf_view(&rlp), NULL), HT_OK);
        expect_same(&claimed.header, &header);
        assert_memory_equal(claimed.hash.b, hash.b, 32);
        json_t *object = json_of(&header);
        assert_int_equal(json_object_size(object), FIELD_COUNTS[i] + 1);
        assert_int_equal(ht_exec_header_from_json(&claimed, object, NULL), HT_OK);
        expect_same(&claimed.header, &header);
        assert_memory_equal(claimed.hash.b, hash.b, 32);
        json_decref(object);
        ht_buf_fini(&rlp);
    }
}

/* A list of the first count fields of the newest layout, then `more` empty strings. */
static struct ht_buf with_fields(size_t count, size_t more) {
    struct ht_exec_header header = some_header(HT_EXEC_LAYOUT_AMSTERDAM);
    struct ht_buf whole = encoded(&header);
    struct ht_buf out;
    struct ht_rlp_writer writer;
    ht_bytes rest = ht_buf_view(&whole);
    ht_bytes fields = {0};
    ht_buf_init(&out, 2000);
    ht_rlp_writer_init(&writer, &out);
    size_t begin = ht_rlp_list_begin(&writer);
    assert_int_equal(ht_rlp_read_list(&fields, &rest, NULL), HT_OK);
    for (size_t i = 0; i < count; i++) {
        struct ht_rlp_item item;
        assert_int_equal(ht_rlp_read_item(&item, &fields, NULL), HT_OK);
        ht_rlp_write_raw(&writer, item.whole);
    }
    for (size_t i = 0; i < more; i++) ht_rlp_write_u64(&writer, 0);
    ht_rlp_list_end(&writer, begin);
    assert_int_equal(ht_rlp_finish(&writer), HT_OK);
    ht_buf_fini(&whole);
    return out;
}

static void header_rejects_a_number_of_fields_that_no_fork_has(void **state) {
    (void)state;
    const size_t none[] = {0, 1, 14, 18, 19, 22};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct ht_buf rlp = with_fields(none[i], 0);
        refuses_rlp(ht_buf_view(&rlp), HT_EINPUT, "header_fields");
        ht_buf_fini(&rlp);
    }
    struct ht_buf rlp = with_fields(23, 1);
    refuses_rlp(ht_buf_view(&rlp), HT_EINPUT, "header_fields");
    ht_buf_fini(&rlp);
    rlp = with_fields(23, 2);
    refuses_rlp(ht_buf_view(&rlp), HT_ELIMIT, "rlp_too_many");
    ht_buf_fini(&rlp);
}

static void header_rejects_bytes_behind_it_and_cut_ends(void **state) {
    (void)state;
    struct ht_exec_header header = some_header(HT_EXEC_LAYOUT_PRAGUE);
    struct ht_buf rlp = encoded(&header);
    for (size_t n = 0; n < rlp.n; n++) {
        struct ht_exec_header_claimed out;
        assert_int_equal(ht_exec_header_decode(&out, ht_bytes_of(rlp.p, n), NULL), HT_EINPUT);
    }
    assert_int_equal(ht_buf_add(&rlp, ht_bytes_str("x")), HT_OK);
    refuses_rlp(ht_buf_view(&rlp), HT_EINPUT, "rlp_trailing");
    ht_buf_fini(&rlp);
}

static void header_rejects_extra_data_over_32_bytes(void **state) {
    (void)state;
    struct ht_exec_header header = some_header(HT_EXEC_LAYOUT_FRONTIER);
    json_t *object = json_of(&header);
    char text[2 + 66 + 1] = "0x";
    memset(text + 2, '0', 66);
    (void)json_object_set_new(object, "extraData", json_string(text));
    refuses_json(object, HT_EINPUT, "header_extra_data");
    (void)json_object_set_new(object, "extraData", json_string("0x0"));
    refuses_json(object, HT_EINPUT, "json_value");
    (void)json_object_set_new(object, "extraData", json_string(""));
    refuses_json(object, HT_EINPUT, "json_value");
    json_decref(object);
    struct ht_buf rlp = encoded(&header);
    struct ht_buf longer;
    struct ht_rlp_writer writer;
    ht_bytes rest = ht_buf_view(&rlp);
    ht_bytes fields = {0};
    const uint8_t extra[33] = {0};
    ht_buf_init(&longer, 2000);
    ht_rlp_writer_init(&writer, &longer);
    size_t begin = ht_rlp_list_begin(&writer);
    assert_int_equal(ht_rlp_read_list(&fields, &rest, NULL), HT_OK);
    for (size_t i = 0; i < 15; i++) {
        struct ht_rlp_item item;
        assert_int_equal(ht_rlp_read_item(&item, &fields, NULL), HT_OK);
        if (i == 12)
            ht_rlp_write_bytes(&writer, HT_BYTES(extra));
        else
            ht_rlp_write_raw(&writer, item.whole);
    }
    ht_rlp_list_end(&writer, begin);
    assert_int_equal(ht_rlp_finish(&writer), HT_OK);
    refuses_rlp(ht_buf_view(&longer), HT_EINPUT, "header_extra_data");
    ht_buf_fini(&longer);
    ht_buf_fini(&rlp);
}

static void header_json_ignores_what_is_no_header_field(void **state) {
    (void)state;
    struct ht_exec_header header = some_header(HT_EXEC_LAYOUT_CANCUN);
    struct ht_exec_header_claimed claimed;
    json_t *object = json_of(&header);
    (void)json_object_set_new(object, "size", json_integer(5));
    (void)json_object_set_new(object, "somethingNew", json_array());
    (void)json_object_set_new(object, "requestsHash", json_null());
    assert_int_equal(ht_exec_header_from_json(&claimed, object, NULL), HT_OK);
    expect_same(&claimed.header, &header);
    json_decref(object);
}

static void header_json_rejects_a_mix_of_fields_that_no_fork_has(void **state) {
    (void)state;
    struct ht_exec_header header = some_header(HT_EXEC_LAYOUT_AMSTERDAM);
    for (size_t i = 0; i + 1 < sizeof NEWEST_KEYS / sizeof *NEWEST_KEYS; i++) {
        json_t *object = json_of(&header);
        (void)json_object_del(object, NEWEST_KEYS[i]);
        refuses_json(object, HT_EINPUT, "header_fields");
        json_decref(object);
    }
    json_t *object = json_of(&header);
    (void)json_object_del(object, "slotNumber");
    refuses_json(object, HT_EINPUT, "header_fields");
    (void)json_object_del(object, "blockAccessListHash");
    refuses_json(object, HT_EUNVERIFIED, "header_hash_differs");
    json_decref(object);
    refuses_json(NULL, HT_EINPUT, "json_type");
}

static void header_json_with_any_field_changed_contradicts_its_hash(void **state) {
    (void)state;
    struct ht_exec_header header = some_header(HT_EXEC_LAYOUT_AMSTERDAM);
    json_t *object = json_of(&header);
    const char *key = NULL;
    json_t *value = NULL;
    size_t changed = 0;
    json_object_foreach(object, key, value) {
        struct ht_exec_header_claimed out;
        char text[600];
        json_t *copy = json_copy(object);
        size_t n = json_string_length(value);
        memcpy(text, json_string_value(value), n + 1);
        text[n - 1] = text[n - 1] == '1' ? '2' : '1';
        (void)json_object_set_new(copy, key, json_string(text));
        assert_int_equal(ht_exec_header_from_json(&out, copy, NULL), HT_EUNVERIFIED);
        json_decref(copy);
        changed++;
    }
    assert_int_equal(changed, 24);
    json_decref(object);
}

static void header_is_verified_by_the_proven_hash_only(void **state) {
    (void)state;
    struct ht_exec_header header = some_header(HT_EXEC_LAYOUT_PRAGUE);
    struct ht_exec_header_claimed claimed = {.header = header};
    struct ht_exec_header_verified verified;
    struct ht_exec_hash_proven proven;
    struct ht_header_verified beacon = {.has_execution = true};
    struct ht_why why = {.code = "accepted"};
    assert_int_equal(ht_exec_header_hash(&claimed.hash, &header), HT_OK);
    beacon.execution_block_hash = claimed.hash;
    assert_int_equal(ht_exec_hash_of_beacon(&proven, &beacon, NULL), HT_OK);
    assert_int_equal(ht_exec_header_verify(&verified, &claimed, &proven, NULL), HT_OK);
    expect_same(&verified.header, &header);
    assert_memory_equal(verified.hash.b, claimed.hash.b, 32);
    claimed.header.state_root.b[0] ^= 1; /* with the right hash still beside it */
    assert_int_equal(ht_exec_header_verify(&verified, &claimed, &proven, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "header_hash_differs");
    expect_same(&verified.header, &header);
    beacon.has_execution = false;
    assert_int_equal(ht_exec_hash_of_beacon(&proven, &beacon, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "no_execution");
}

static void header_of_the_parent_is_verified_by_its_child(void **state) {
    (void)state;
    struct ht_exec_header_claimed parent = {.header = some_header(HT_EXEC_LAYOUT_CANCUN)};
    struct ht_exec_header_claimed child = {.header = some_header(HT_EXEC_LAYOUT_PRAGUE)};
    struct ht_exec_header_verified verified;
    struct ht_exec_hash_proven proven;
    struct ht_header_verified beacon = {.has_execution = true};
    struct ht_why why = {.code = "accepted"};
    assert_int_equal(ht_exec_header_hash(&parent.hash, &parent.header), HT_OK);
    child.header.parent_hash = parent.hash;
    child.header.number = 10;
    assert_int_equal(ht_exec_header_hash(&child.hash, &child.header), HT_OK);
    beacon.execution_block_hash = child.hash;
    assert_int_equal(ht_exec_hash_of_beacon(&proven, &beacon, NULL), HT_OK);
    assert_int_equal(ht_exec_header_verify(&verified, &child, &proven, NULL), HT_OK);
    assert_int_equal(ht_exec_hash_of_parent(&proven, &verified, NULL), HT_OK);
    assert_int_equal(ht_exec_header_verify(&verified, &child, &proven, &why), HT_EUNVERIFIED);
    assert_int_equal(ht_exec_header_verify(&verified, &parent, &proven, NULL), HT_OK);
    assert_int_equal(verified.header.number, 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_of_the_first_block_hashes_to_its_known_hash),
        cmocka_unit_test(header_of_every_layout_comes_back_from_rlp_and_json),
        cmocka_unit_test(header_rejects_a_number_of_fields_that_no_fork_has),
        cmocka_unit_test(header_rejects_bytes_behind_it_and_cut_ends),
        cmocka_unit_test(header_rejects_extra_data_over_32_bytes),
        cmocka_unit_test(header_json_ignores_what_is_no_header_field),
        cmocka_unit_test(header_json_rejects_a_mix_of_fields_that_no_fork_has),
        cmocka_unit_test(header_json_with_any_field_changed_contradicts_its_hash),
        cmocka_unit_test(header_is_verified_by_the_proven_hash_only),
        cmocka_unit_test(header_of_the_parent_is_verified_by_its_child),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
