/* Bodies and receipts: proven as an honest provider gives them, and every lie found out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/codec/rlp.h"
#include "node/l1/execution/transaction_json.h"
#include "node/l1/execution/trie.h"
#include "node/l1/execution/trie_build.h"
#include "tests/unit/block_maker.h"

static struct ht_block_maker maker;

static int setup(void **state) {
    (void)state;
    ht_bm_init(&maker, HT_EXEC_LAYOUT_PRAGUE);
    ht_bm_finish(&maker);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    ht_bm_fini(&maker);
    return 0;
}

static void refuses_body(size_t max_bytes, enum ht_err err, const char *code) {
    struct ht_body *body = NULL;
    struct ht_why why = {.code = "accepted"};
    enum ht_err got = ht_body_from_json(&body, &maker.verified, maker.block, max_bytes, &why);
    if (got != err || strcmp(why.code, code) != 0) {
        fail_msg("expected %s, got %s %s: %s", code, ht_err_name(got), why.code, why.text);
    }
    assert_null(body);
}

static void refuses_receipts(size_t max_bytes, enum ht_err err, const char *code) {
    struct ht_receipts *receipts = NULL;
    struct ht_why why = {.code = "accepted"};
    enum ht_err got =
        ht_receipts_prove_json(&receipts, &maker.verified, maker.receipts_json, max_bytes, &why);
    if (got != err || strcmp(why.code, code) != 0) {
        fail_msg("expected %s, got %s %s: %s", code, ht_err_name(got), why.code, why.text);
    }
    assert_null(receipts);
}

static void refuses_kept(ht_bytes kept, size_t max_bytes, enum ht_err err, const char *code) {
    struct ht_receipts *receipts = NULL;
    struct ht_why why = {.code = "accepted"};
    enum ht_err got = ht_receipts_decode(&receipts, &maker.verified, kept, max_bytes, &why);
    if (got != err || strcmp(why.code, code) != 0) {
        fail_msg("expected %s, got %s %s: %s", code, ht_err_name(got), why.code, why.text);
    }
    assert_null(receipts);
}

static struct ht_buf kept_of(const struct ht_receipts *receipts) {
    struct ht_buf kept;
    ht_buf_init(&kept, HT_BM_BYTES_MAX);
    assert_int_equal(ht_receipts_encode(&kept, receipts), HT_OK);
    return kept;
}

static json_t *member_of(json_t *array, size_t index) {
    return json_array_get(array, index);
}

static json_t *transactions(void) {
    return json_object_get(maker.block, "transactions");
}

/* The whole block in RLP, written here: what `size` counts. */
static size_t block_size(void) {
    struct ht_buf out;
    struct ht_buf one;
    struct ht_rlp_writer writer;
    ht_buf_init(&out, HT_BM_BYTES_MAX);
    ht_buf_init(&one, HT_BM_BYTES_MAX);
    ht_rlp_writer_init(&writer, &out);
    size_t begin = ht_rlp_list_begin(&writer);
    assert_int_equal(ht_exec_header_encode(&one, &maker.header), HT_OK);
    ht_rlp_write_raw(&writer, ht_buf_view(&one));
    size_t list = ht_rlp_list_begin(&writer);
    for (size_t i = 0; i < maker.count; i++) {
        ht_buf_clear(&one);
        assert_int_equal(ht_tx_encode(&one, &maker.transactions[i]), HT_OK);
        if (maker.transactions[i].type == HT_TX_LEGACY)
            ht_rlp_write_raw(&writer, ht_buf_view(&one));
        else
            ht_rlp_write_bytes(&writer, ht_buf_view(&one));
    }
    ht_rlp_list_end(&writer, list);
    ht_rlp_list_end(&writer, ht_rlp_list_begin(&writer));
    if (maker.header.layout >= HT_EXEC_LAYOUT_SHANGHAI) {
        list = ht_rlp_list_begin(&writer);
        for (size_t i = 0; i < maker.withdrawal_count; i++) {
            size_t item = ht_rlp_list_begin(&writer);
            ht_rlp_write_u64(&writer, maker.withdrawals[i].index);
            ht_rlp_write_u64(&writer, maker.withdrawals[i].validator_index);
            ht_rlp_write_bytes(&writer, HT_BYTES(maker.withdrawals[i].address.b));
            ht_rlp_write_u64(&writer, maker.withdrawals[i].amount);
            ht_rlp_list_end(&writer, item);
        }
        ht_rlp_list_end(&writer, list);
    }
    ht_rlp_list_end(&writer, begin);
    assert_int_equal(ht_rlp_finish(&writer), HT_OK);
    size_t n = out.n;
    ht_buf_fini(&out);
    ht_buf_fini(&one);
    return n;
}

static void body_of_every_layout_is_proven_and_measured(void **state) {
    (void)state;
    for (unsigned layout = 0; layout < HT_EXEC_LAYOUT_COUNT; layout++) {
        ht_bm_fini(&maker);
        ht_bm_init(&maker, (enum ht_exec_layout)layout);
        ht_bm_finish(&maker);
        struct ht_body *body = ht_bm_body(&maker);
        assert_int_equal(body->count, maker.count);
        assert_int_equal(body->withdrawal_count, maker.withdrawal_count);
        assert_int_equal(body->size, block_size());
        for (size_t i = 0; i < body->count; i++) {
            ht_hash32 hash;
            ht_addr20 sender;
            assert_int_equal(ht_tx_hash(&hash, &maker.transactions[i]), HT_OK);
            assert_int_equal(ht_tx_sender(&sender, &maker.transactions[i], HT_ECDSA_ANY_S, NULL),
                             HT_OK);
            assert_memory_equal(&hash, &body->hashes[i], sizeof hash);
            assert_memory_equal(&sender, &body->senders[i], sizeof sender);
            assert_int_equal(body->transactions[i].type, i);
        }
        for (size_t i = 0; i < body->withdrawal_count; i++) {
            assert_int_equal(body->withdrawals[i].index, maker.withdrawals[i].index);
            assert_int_equal(body->withdrawals[i].amount, maker.withdrawals[i].amount);
        }
        ht_body_unref(body);
    }
}

static void body_without_anything_in_it_is_proven(void **state) {
    (void)state;
    maker.count = 0;
    maker.withdrawal_count = 0;
    ht_bm_finish(&maker);
    assert_memory_equal(&maker.header.transactions_root, &ht_trie_empty_root, 32);
    struct ht_body *body = ht_bm_body(&maker);
    struct ht_receipts *receipts = ht_bm_receipts(&maker);
    struct ht_receipts *back = NULL;
    struct ht_buf kept = kept_of(receipts);
    assert_int_equal(body->count, 0);
    assert_int_equal(receipts->count, 0);
    assert_int_equal(body->size, block_size());
    assert_int_equal(ht_receipts_decode(&back, &maker.verified, ht_buf_view(&kept), 1000, NULL),
                     HT_OK);
    assert_int_equal(back->count, 0);
    ht_buf_fini(&kept);
    ht_body_unref(body);
    ht_receipts_unref(receipts);
    ht_receipts_unref(back);
}

static void body_looks_at_transactions_withdrawals_and_uncles_only(void **state) {
    (void)state;
    (void)json_object_set_new(maker.block, "withdrawalsRoot", json_string("nonsense"));
    (void)json_object_set_new(maker.block, "hash", json_integer(1));
    (void)json_object_set_new(maker.block, "size", json_string("0x1"));
    (void)json_object_del(maker.block, "uncles");
    json_t *first = member_of(transactions(), 0);
    (void)json_object_set_new(first, "from", json_string("somebody else"));
    (void)json_object_set_new(first, "blockNumber", json_string("0x99"));
    struct ht_body *body = ht_bm_body(&maker);
    assert_int_equal(body->size, block_size());
    ht_body_unref(body);
}

static void transaction_left_out_added_or_moved_is_found_out(void **state) {
    (void)state;
    json_t *copy = json_deep_copy(maker.block);
    json_t *list = transactions();
    (void)json_array_remove(list, 4);
    refuses_body(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "body_transactions");
    (void)json_array_append(list, member_of(list, 0));
    refuses_body(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "body_transactions");
    json_decref(maker.block);
    maker.block = copy;
    list = transactions();
    (void)json_array_append(list, member_of(list, 0));
    refuses_body(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "body_transactions");
    (void)json_array_remove(list, 5);
    (void)json_array_insert(list, 0, member_of(list, 1));
    (void)json_array_remove(list, 2);
    refuses_body(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "body_transactions");
    (void)json_array_clear(list);
    refuses_body(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "body_transactions");
}

static void transaction_with_a_field_changed_is_found_out_with_and_without_its_hash(void **state) {
    (void)state;
    json_t *first = member_of(transactions(), 0);
    (void)json_object_set_new(first, "value", json_string("0x8"));
    refuses_body(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "tx_hash_differs");
    (void)json_object_del(first, "hash");
    refuses_body(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "body_transactions");
}

static void transaction_that_is_none_is_malformed(void **state) {
    (void)state;
    json_t *list = transactions();
    (void)json_object_del(member_of(list, 0), "r");
    refuses_body(HT_BM_BYTES_MAX, HT_EINPUT, "tx_unsigned");
    (void)json_array_set_new(list, 0, json_string("0x00"));
    refuses_body(HT_BM_BYTES_MAX, HT_EINPUT, "json_type");
    (void)json_object_del(maker.block, "transactions");
    refuses_body(HT_BM_BYTES_MAX, HT_EINPUT, "json_missing");
}

/* A root proves bytes, also those of a signature that nobody can have made. */
static void transaction_without_a_sender_is_refused(void **state) {
    (void)state;
    maker.count = 0;
    ht_bm_finish(&maker);
    maker.count = 1;
    maker.transactions[0].s = ht_u256_of(0);
    struct ht_buf encoded;
    ht_buf_init(&encoded, 1000);
    assert_int_equal(ht_tx_encode(&encoded, &maker.transactions[0]), HT_OK);
    ht_bytes view = ht_buf_view(&encoded);
    assert_int_equal(ht_trie_list_root(&maker.header.transactions_root, &view, 1, NULL, NULL),
                     HT_OK);
    ht_buf_fini(&encoded);
    ht_bm_verify(&maker.verified, &maker.header);
    maker.transactions[0].s = ht_u256_of(1);
    json_t *one = NULL;
    assert_int_equal(ht_tx_to_json(&one, &maker.transactions[0], NULL, NULL), HT_OK);
    (void)json_object_set_new(one, "s", json_string("0x0"));
    (void)json_object_del(one, "hash");
    (void)json_array_append_new(transactions(), one);
    refuses_body(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "bad_s");
}

static void withdrawal_changed_or_left_out_is_found_out(void **state) {
    (void)state;
    json_t *list = json_object_get(maker.block, "withdrawals");
    (void)json_object_set_new(member_of(list, 0), "amount", json_string("0x1"));
    refuses_body(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "body_withdrawals");
    (void)json_object_del(member_of(list, 0), "amount");
    refuses_body(HT_BM_BYTES_MAX, HT_EINPUT, "json_missing");
    (void)json_array_remove(list, 0);
    refuses_body(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "body_withdrawals");
    (void)json_object_del(maker.block, "withdrawals");
    refuses_body(HT_BM_BYTES_MAX, HT_EINPUT, "json_missing");
}

static void withdrawals_before_shanghai_are_not_taken_over(void **state) {
    (void)state;
    json_t *list = json_incref(json_object_get(maker.block, "withdrawals"));
    ht_bm_fini(&maker);
    ht_bm_init(&maker, HT_EXEC_LAYOUT_LONDON);
    ht_bm_finish(&maker);
    (void)json_object_set_new(maker.block, "withdrawals", list);
    struct ht_body *body = ht_bm_body(&maker);
    assert_int_equal(body->withdrawal_count, 0);
    assert_int_equal(body->size, block_size());
    ht_body_unref(body);
}

static void uncles_that_the_header_denies_are_refused(void **state) {
    (void)state;
    (void)json_array_append_new(json_object_get(maker.block, "uncles"), json_string("0x00"));
    refuses_body(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "body_uncles");
    (void)json_object_set_new(maker.block, "uncles", json_string("none"));
    refuses_body(HT_BM_BYTES_MAX, HT_EINPUT, "json_type");
}

static void body_of_a_block_with_uncles_is_proven_without_them(void **state) {
    (void)state;
    struct ht_body *body = NULL;
    maker.header.ommers_hash.b[0] ^= 1;
    ht_bm_finish(&maker);
    assert_int_equal(ht_body_from_json(&body, &maker.verified, maker.block, HT_BM_BYTES_MAX, NULL),
                     HT_OK);
    assert_true(body->has_uncles);
    assert_int_equal(body->size, 0);
    ht_body_unref(body);
}

static void body_keeps_to_its_bound(void **state) {
    (void)state;
    for (size_t max = 0; max < 2000; max += 50) {
        refuses_body(max, HT_ELIMIT, "body_too_large");
    }
    struct ht_body *body = ht_bm_body(&maker);
    struct ht_body *again = NULL;
    assert_true(ht_body_weight(body) > 2000 && ht_body_weight(body) < 10000);
    assert_int_equal(
        ht_body_from_json(&again, &maker.verified, maker.block, ht_body_weight(body), NULL), HT_OK);
    ht_body_unref(body);
    ht_body_unref(again);
}

static void more_transactions_than_a_trie_holds_are_not_read(void **state) {
    (void)state;
    json_t *list = transactions();
    json_t *one = json_incref(member_of(list, 0));
    while (json_array_size(list) <= HT_TRIE_LIST_MAX) (void)json_array_append(list, one);
    json_decref(one);
    refuses_body(SIZE_MAX / 4, HT_ELIMIT, "body_too_large");
}

static void references_keep_body_and_receipts(void **state) {
    (void)state;
    struct ht_body *body = ht_bm_body(&maker);
    struct ht_receipts *receipts = ht_bm_receipts(&maker);
    assert_ptr_equal(ht_body_ref(body), body);
    assert_ptr_equal(ht_receipts_ref(receipts), receipts);
    ht_body_unref(body);
    ht_receipts_unref(receipts);
    assert_int_equal(body->count, 5);
    assert_int_equal(receipts->count, 5);
    ht_body_unref(body);
    ht_receipts_unref(receipts);
    ht_body_unref(NULL);
    ht_receipts_unref(NULL);
}

static void receipts_are_proven_and_come_back_from_what_is_kept(void **state) {
    (void)state;
    for (unsigned layout = 0; layout < HT_EXEC_LAYOUT_COUNT; layout++) {
        struct ht_receipts *back = NULL;
        ht_bm_fini(&maker);
        ht_bm_init(&maker, (enum ht_exec_layout)layout);
        ht_bm_finish(&maker);
        struct ht_receipts *receipts = ht_bm_receipts(&maker);
        struct ht_buf kept = kept_of(receipts);
        ht_receipts_unref(receipts);
        size_t n = kept.n;
        assert_int_equal(
            ht_receipts_decode(&back, &maker.verified, ht_buf_view(&kept), HT_BM_BYTES_MAX, NULL),
            HT_OK);
        memset(kept.p, 0, kept.n); /* nothing of it is borrowed */
        ht_buf_fini(&kept);
        assert_int_equal(back->count, maker.count);
        for (size_t i = 0; i < back->count; i++) {
            assert_int_equal(back->list[i].cumulative_gas_used,
                             maker.receipts[i].cumulative_gas_used);
            assert_int_equal(back->list[i].log_count, maker.receipts[i].log_count);
            assert_int_equal(back->list[i].is_success,
                             !back->list[i].has_state_root && maker.receipts[i].is_success);
        }
        kept = kept_of(back);
        assert_int_equal(kept.n, n);
        assert_true(ht_receipts_weight(back) > n);
        ht_buf_fini(&kept);
        ht_receipts_unref(back);
    }
}

static void receipt_changed_or_left_out_is_found_out(void **state) {
    (void)state;
    json_t *last = member_of(maker.receipts_json, 4);
    (void)json_object_set_new(last, "status", json_string("0x0"));
    refuses_receipts(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "body_receipts");
    (void)json_array_remove(maker.receipts_json, 4);
    refuses_receipts(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "body_receipts");
    json_t *logs = json_object_get(member_of(maker.receipts_json, 3), "logs");
    (void)json_array_remove(logs, 0);
    refuses_receipts(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "body_receipts");
    (void)json_array_clear(maker.receipts_json);
    refuses_receipts(HT_BM_BYTES_MAX, HT_EUNVERIFIED, "body_receipts");
}

static void receipts_of_another_block_are_refused(void **state) {
    (void)state;
    maker.verified.hash.b[0] ^= 1;
    refuses_receipts(HT_BM_BYTES_MAX, HT_EINPUT, "receipt_order");
    maker.verified.hash.b[0] ^= 1;
    refuses_receipts(1000, HT_ELIMIT, "body_too_large");
    json_decref(maker.receipts_json);
    maker.receipts_json = json_null();
    refuses_receipts(HT_BM_BYTES_MAX, HT_EINPUT, "json_type");
}

static void kept_receipts_are_proven_again(void **state) {
    (void)state;
    struct ht_receipts *receipts = ht_bm_receipts(&maker);
    struct ht_buf kept = kept_of(receipts);
    for (size_t n = 0; n < kept.n; n++) {
        refuses_kept(ht_bytes_of(kept.p, n), HT_BM_BYTES_MAX, HT_EINPUT,
                     n == 0 ? "rlp_missing" : "rlp_truncated");
    }
    for (size_t i = 20; i < kept.n; i += 97) {
        kept.p[i] ^= 1;
        struct ht_receipts *out = NULL;
        assert_int_not_equal(
            ht_receipts_decode(&out, &maker.verified, ht_buf_view(&kept), HT_BM_BYTES_MAX, NULL),
            HT_OK);
        kept.p[i] ^= 1;
    }
    kept.p[kept.n - 1] ^= 1; /* in the data of the last log */
    refuses_kept(ht_buf_view(&kept), HT_BM_BYTES_MAX, HT_EUNVERIFIED, "body_receipts");
    kept.p[kept.n - 1] ^= 1;
    refuses_kept(ht_buf_view(&kept), kept.n - 1, HT_ELIMIT, "body_too_large");
    refuses_kept(ht_buf_view(&kept), kept.n + 100, HT_ELIMIT, "body_too_large");
    refuses_kept(ht_bytes_of("\xc1\x80", 2), HT_BM_BYTES_MAX, HT_EINPUT, "trie_empty_value");
    refuses_kept(ht_bytes_of("\xc1\xc0", 2), HT_BM_BYTES_MAX, HT_EINPUT, "rlp_wrong_kind");
    assert_int_equal(ht_buf_add(&kept, ht_bytes_of("", 1)), HT_OK);
    refuses_kept(ht_buf_view(&kept), HT_BM_BYTES_MAX, HT_EINPUT, "rlp_trailing");
    ht_buf_fini(&kept);
    ht_receipts_unref(receipts);
}

static void receipts_that_do_not_fit_are_not_kept_in_part(void **state) {
    (void)state;
    struct ht_receipts *receipts = ht_bm_receipts(&maker);
    struct ht_buf kept;
    ht_buf_init(&kept, 500);
    assert_int_equal(ht_buf_add_str(&kept, "before"), HT_OK);
    assert_int_equal(ht_receipts_encode(&kept, receipts), HT_ELIMIT);
    assert_int_equal(kept.n, 6);
    ht_buf_fini(&kept);
    ht_receipts_unref(receipts);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(body_of_every_layout_is_proven_and_measured),
        TEST(body_without_anything_in_it_is_proven),
        TEST(body_looks_at_transactions_withdrawals_and_uncles_only),
        TEST(transaction_left_out_added_or_moved_is_found_out),
        TEST(transaction_with_a_field_changed_is_found_out_with_and_without_its_hash),
        TEST(transaction_that_is_none_is_malformed),
        TEST(transaction_without_a_sender_is_refused),
        TEST(withdrawal_changed_or_left_out_is_found_out),
        TEST(withdrawals_before_shanghai_are_not_taken_over),
        TEST(uncles_that_the_header_denies_are_refused),
        TEST(body_of_a_block_with_uncles_is_proven_without_them),
        TEST(body_keeps_to_its_bound),
        TEST(more_transactions_than_a_trie_holds_are_not_read),
        TEST(references_keep_body_and_receipts),
        TEST(receipts_are_proven_and_come_back_from_what_is_kept),
        TEST(receipt_changed_or_left_out_is_found_out),
        TEST(receipts_of_another_block_are_refused),
        TEST(kept_receipts_are_proven_again),
        TEST(receipts_that_do_not_fit_are_not_kept_in_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
