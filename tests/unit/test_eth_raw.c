/* debug_getRaw*: what comes out has the hashes that were proven. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "node/api/eth_params.h"
#include "node/api/eth_raw.h"
#include "node/base/hex.h"
#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/blocks_transaction.h"
#include "tests/unit/block_maker.h"

static struct {
    struct ht_rpc *rpc;
    struct ht_eth eth;
    struct ht_block_maker maker;
    enum ht_err err; /* of reads */
    const char *code;
    char answer[60000];
} t;

/* --- what is replaced ------------------------------------------------------------------------- */

enum ht_err ht_eth_check_live(const struct ht_eth *eth, struct ht_why *why) {
    (void)eth, (void)why;
    return HT_OK;
}

static void fill(struct ht_block_read *read) {
    read->header = t.maker.verified;
    read->is_final = true;
    read->body = ht_bm_body(&t.maker);
    read->receipts = ht_bm_receipts(&t.maker);
}

void ht_blocks_read(struct ht_blocks *blocks, struct ht_block_read *read) {
    (void)blocks;
    read->err = t.err;
    if (t.err == HT_OK)
        fill(read);
    else
        (void)!ht_fail(&read->why, t.err, t.code, "so it is");
    read->done(read);
}

void ht_block_read_fini(struct ht_block_read *read) {
    ht_body_unref(read->body);
    ht_receipts_unref(read->receipts);
}

void ht_blocks_read_transaction(struct ht_blocks *blocks, struct ht_transaction_read *read) {
    (void)blocks;
    read->err = t.err;
    read->index = 1;
    if (t.err == HT_OK)
        fill(&read->block);
    else
        (void)!ht_fail(&read->why, t.err, t.code, "so it is");
    read->done(read);
}

void ht_transaction_read_fini(struct ht_transaction_read *read) {
    ht_block_read_fini(&read->block);
}

/* --- asking ----------------------------------------------------------------------------------- */

static void on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    (void)user;
    assert_int_equal(err, HT_OK);
    assert_true(text->n < sizeof t.answer);
    memcpy(t.answer, text->p, text->n);
    t.answer[text->n] = '\0';
}

static void ask(const char *method, const char *params) {
    const struct ht_rpc_asker asker = {.may_wait = true, .on_reply = on_reply};
    char message[300];
    int n =
        snprintf(message, sizeof message,
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method, params);
    assert_null(ht_rpc_handle(t.rpc, &asker, ht_bytes_of(message, (size_t)n)));
}

/* The bytes of the result, or of an element of it. */
static ht_bytes result(struct ht_buf *out, const char *path) {
    json_t *parsed = json_loads(t.answer, 0, NULL);
    ht_buf_clear(out);
    if (ht_json_hex_buf(out, parsed, path, NULL) != HT_OK) fail_msg("got %s", t.answer);
    json_decref(parsed);
    return ht_buf_view(out);
}

static void has(const char *part) {
    if (strstr(t.answer, part) == NULL) fail_msg("want %s, got %s", part, t.answer);
}

static int begin_with(enum ht_exec_layout layout) {
    static const struct ht_rpc_method methods[] = {
        {.name = "debug_getRawHeader", .start = ht_eth_get_raw_header},
        {.name = "debug_getRawBlock", .start = ht_eth_get_raw_block},
        {.name = "debug_getRawReceipts", .start = ht_eth_get_raw_receipts},
        {.name = "debug_getRawTransaction", .start = ht_eth_get_raw_transaction},
    };
    memset(&t, 0, sizeof t);
    t.eth.blocks = (struct ht_blocks *)&t; /* only whether it is there counts */
    ht_bm_init(&t.maker, layout);
    ht_bm_finish(&t.maker);
    return ht_rpc_new(&t.rpc, HT_RPC_ETHEREUM) != HT_OK ||
           ht_rpc_add_methods(t.rpc, methods, 4, &t.eth) != HT_OK;
}

static int set_up(void **state) {
    (void)state;
    return begin_with(HT_EXEC_LAYOUT_PRAGUE);
}

static int set_up_old(void **state) {
    (void)state;
    return begin_with(HT_EXEC_LAYOUT_FRONTIER);
}

static int tear_down(void **state) {
    (void)state;
    ht_bm_fini(&t.maker);
    ht_rpc_free(t.rpc);
    return 0;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void a_raw_header_has_the_blocks_hash(void **state) {
    (void)state;
    struct ht_buf bytes;
    ht_hash32 hash;
    ht_buf_init(&bytes, HT_BM_BYTES_MAX);
    ask("debug_getRawHeader", "[\"latest\"]");
    ht_keccak256(&hash, result(&bytes, "result"));
    assert_memory_equal(hash.b, t.maker.verified.hash.b, sizeof hash.b);
    ht_buf_fini(&bytes);
}

/* Also as long as the proven body says. */
static void a_raw_block_is_its_header_transactions_uncles_and_withdrawals(void **state) {
    (void)state;
    struct ht_buf bytes;
    ht_bytes parts, list, withdrawals;
    struct ht_rlp_item header;
    size_t count = 0;
    ht_hash32 hash;
    struct ht_body *body = ht_bm_body(&t.maker);
    bool has_withdrawals = body->withdrawal_count > 0;
    ht_buf_init(&bytes, HT_BM_BYTES_MAX);
    ask("debug_getRawBlock", "[\"0x64\"]");
    ht_bytes rest = result(&bytes, "result");
    assert_int_equal(rest.n, body->size);
    assert_int_equal(ht_rlp_read_list(&parts, &rest, NULL), HT_OK);
    assert_int_equal(ht_rlp_end(rest, NULL), HT_OK);
    assert_int_equal(ht_rlp_read_item(&header, &parts, NULL), HT_OK);
    ht_keccak256(&hash, header.whole);
    assert_memory_equal(hash.b, t.maker.verified.hash.b, sizeof hash.b);
    assert_int_equal(ht_rlp_read_list(&list, &parts, NULL), HT_OK);
    assert_int_equal(ht_rlp_count(&count, list, 100, NULL), HT_OK);
    assert_int_equal(count, body->count);
    assert_int_equal(ht_rlp_read_list(&list, &parts, NULL), HT_OK);
    assert_int_equal(list.n, 0);
    if (has_withdrawals) {
        assert_int_equal(ht_rlp_read_list(&withdrawals, &parts, NULL), HT_OK);
        assert_int_equal(ht_rlp_count(&count, withdrawals, 100, NULL), HT_OK);
        assert_int_equal(count, body->withdrawal_count);
    }
    assert_int_equal(ht_rlp_end(parts, NULL), HT_OK);
    ht_body_unref(body);
    ht_buf_fini(&bytes);
}

static void raw_receipts_are_those_of_the_block(void **state) {
    (void)state;
    struct ht_buf bytes;
    struct ht_arena arena;
    struct ht_receipt receipt;
    ht_buf_init(&bytes, HT_BM_BYTES_MAX);
    ht_arena_init(&arena, HT_BM_BYTES_MAX);
    ask("debug_getRawReceipts", "[\"latest\"]");
    for (size_t i = 0; i < t.maker.count; i++) {
        char path[32];
        (void)snprintf(path, sizeof path, "result[%zu]", i);
        assert_int_equal(ht_receipt_decode(&receipt, &arena, result(&bytes, path), NULL), HT_OK);
        assert_int_equal(receipt.type, t.maker.receipts[i].type);
        assert_int_equal(receipt.cumulative_gas_used, t.maker.receipts[i].cumulative_gas_used);
    }
    ht_arena_fini(&arena);
    ht_buf_fini(&bytes);
}

static void a_raw_transaction_has_its_hash(void **state) {
    (void)state;
    struct ht_buf bytes;
    ht_hash32 hash;
    struct ht_body *body = ht_bm_body(&t.maker);
    ht_buf_init(&bytes, HT_BM_BYTES_MAX);
    ask("debug_getRawTransaction",
        "[\"0x1122334455667788990011223344556677889900112233445566778899001122\"]");
    ht_keccak256(&hash, result(&bytes, "result"));
    assert_memory_equal(hash.b, body->hashes[1].b, sizeof hash.b);
    ht_body_unref(body);
    ht_buf_fini(&bytes);
}

static void what_is_not_there_or_makes_no_sense_is_told(void **state) {
    (void)state;
    ask("debug_getRawHeader", "[\"2\"]");
    has("\"code\":-32602");
    ask("debug_getRawTransaction", "[\"12\"]");
    has("\"code\":-32602");
    t.err = HT_ENOTFOUND;
    t.code = "block_in_future";
    ask("debug_getRawBlock", "[\"0x9999\"]");
    has("\"block_in_future\"");
    t.code = "tx_not_found";
    ask("debug_getRawTransaction",
        "[\"0x1122334455667788990011223344556677889900112233445566778899001122\"]");
    has("\"result\":null");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_raw_header_has_the_blocks_hash),
        TEST(a_raw_block_is_its_header_transactions_uncles_and_withdrawals),
        cmocka_unit_test_setup_teardown(
            a_raw_block_is_its_header_transactions_uncles_and_withdrawals, set_up_old, tear_down),
        TEST(raw_receipts_are_those_of_the_block),
        TEST(a_raw_transaction_has_its_hash),
        TEST(what_is_not_there_or_makes_no_sense_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
