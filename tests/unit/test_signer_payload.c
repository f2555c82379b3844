/* What may be signed: each kind in its own shape, and nothing that could be another. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/signer/signer_payload.h"

/* The fields of a transaction, one letter each: 'n' 9, '0' 0, 'a' an address, 'e' empty, 'd' data
 * of three bytes, 'L' a list with one access, 'l' an empty list, 'S' one authorization, 's' one
 * with a field too few. */
static void write_access(struct ht_rlp_writer *writer) {
    static const uint8_t bytes[32] = {1};
    size_t list = ht_rlp_list_begin(writer);
    size_t entry = ht_rlp_list_begin(writer);
    ht_rlp_write_bytes(writer, ht_bytes_of(bytes, 20));
    size_t keys = ht_rlp_list_begin(writer);
    ht_rlp_write_bytes(writer, ht_bytes_of(bytes, 32));
    ht_rlp_list_end(writer, keys);
    ht_rlp_list_end(writer, entry);
    ht_rlp_list_end(writer, list);
}

static void write_authorization(struct ht_rlp_writer *writer, bool is_whole) {
    static const uint8_t bytes[32] = {1};
    size_t list = ht_rlp_list_begin(writer);
    size_t one = ht_rlp_list_begin(writer);
    ht_rlp_write_u64(writer, 1);
    ht_rlp_write_bytes(writer, ht_bytes_of(bytes, 20));
    ht_rlp_write_u64(writer, 0);
    ht_rlp_write_u64(writer, 1);
    ht_rlp_write_bytes(writer, HT_BYTES(bytes));
    if (is_whole) ht_rlp_write_bytes(writer, HT_BYTES(bytes));
    ht_rlp_list_end(writer, one);
    ht_rlp_list_end(writer, list);
}

static void write_field(struct ht_rlp_writer *writer, char kind) {
    static const uint8_t bytes[20] = {1};
    switch (kind) {
    case 'n': ht_rlp_write_u64(writer, 9); break;
    case '0':
    case 'e': ht_rlp_write_u64(writer, 0); break;
    case 'a': ht_rlp_write_bytes(writer, HT_BYTES(bytes)); break;
    case 'd': ht_rlp_write_bytes(writer, ht_bytes_of(bytes, 3)); break;
    case 'l': ht_rlp_list_end(writer, ht_rlp_list_begin(writer)); break;
    case 'L': write_access(writer); break;
    default: write_authorization(writer, kind == 'S'); break;
    }
}

/* Type 0 has no type byte. */
static struct ht_buf document(uint8_t type, const char *fields) {
    struct ht_buf out;
    struct ht_rlp_writer writer;
    ht_buf_init(&out, 1000);
    if (type != 0) assert_int_equal(ht_buf_add(&out, ht_bytes_of(&type, 1)), HT_OK);
    ht_rlp_writer_init(&writer, &out);
    size_t list = ht_rlp_list_begin(&writer);
    for (; *fields != '\0'; fields++) write_field(&writer, *fields);
    ht_rlp_list_end(&writer, list);
    assert_int_equal(ht_rlp_finish(&writer), HT_OK);
    return out;
}

static void is_signed(uint8_t type, const char *fields) {
    struct ht_buf tx = document(type, fields);
    struct ht_why why = {.code = ""};
    ht_hash32 got;
    ht_hash32 want;
    if (ht_signer_digest(&got, HT_SIGNER_SIGN_TX, ht_buf_view(&tx), &why) != HT_OK) {
        fail_msg("type %u, %s: %s", type, fields, why.code);
    }
    ht_keccak256(&want, ht_buf_view(&tx));
    assert_memory_equal(got.b, want.b, 32);
    ht_buf_fini(&tx);
}

static void is_refused(enum ht_signer_request request, ht_bytes data, const char *code) {
    struct ht_why why = {.code = ""};
    ht_hash32 digest;
    assert_int_equal(ht_signer_digest(&digest, request, data, &why), HT_EINPUT);
    assert_string_equal(why.code, code);
}

static void tx_is_refused(uint8_t type, const char *fields, const char *code) {
    struct ht_buf tx = document(type, fields);
    is_refused(HT_SIGNER_SIGN_TX, ht_buf_view(&tx), code);
    ht_buf_fini(&tx);
}

static void payload_takes_transactions_of_types_0_1_2_and_4(void **state) {
    (void)state;
    is_signed(0, "nnnand");
    is_signed(0, "nnnendn00");
    is_signed(1, "nnnnandl");
    is_signed(1, "n0nnendL");
    is_signed(2, "nnnnnandL");
    is_signed(2, "nnnnne0el");
    is_signed(4, "nnnnnandlS");
}

static void payload_refuses_other_types(void **state) {
    (void)state;
    tx_is_refused(3, "nnnnnandlnl", "tx_type");
    tx_is_refused(5, "nan", "tx_type");
    tx_is_refused(0x19, "nnnnand", "tx_type");
    tx_is_refused(0x7f, "nnnnnandl", "tx_type");
    is_refused(HT_SIGNER_SIGN_TX, ht_bytes_str(""), "tx_type");
    is_refused(HT_SIGNER_SIGN_TX, ht_bytes_str("hello"), "tx_type");
}

static void payload_refuses_transactions_of_another_shape(void **state) {
    (void)state;
    tx_is_refused(0, "nnnan", "tx_shape");
    tx_is_refused(0, "nnnandn", "tx_shape");
    tx_is_refused(0, "nnnandn0n", "tx_shape");
    tx_is_refused(0, "nnnand000", "tx_shape");
    tx_is_refused(0, "nnnandn000", "tx_shape");
    tx_is_refused(0, "nnndnd", "tx_shape");
    tx_is_refused(1, "nnnnand", "tx_shape");
    tx_is_refused(2, "nnnnandl", "tx_shape");
    tx_is_refused(2, "0nnnnandl", "tx_shape");
    tx_is_refused(2, "nnnnnandd", "tx_shape");
    tx_is_refused(2, "nnnnnandln", "tx_shape");
    tx_is_refused(4, "nnnnnandl", "tx_shape");
    tx_is_refused(4, "nnnnnandll", "tx_shape");
    tx_is_refused(4, "nnnnnandls", "tx_shape");
    tx_is_refused(4, "nnnnnendlS", "tx_shape");
}

static void payload_refuses_what_stands_behind_a_transaction(void **state) {
    (void)state;
    struct ht_buf tx = document(2, "nnnnnandl");
    assert_int_equal(ht_buf_add_str(&tx, "x"), HT_OK);
    is_refused(HT_SIGNER_SIGN_TX, ht_buf_view(&tx), "tx_shape");
    ht_buf_fini(&tx);
}

static void payload_never_takes_32_bytes_for_a_transaction(void **state) {
    (void)state;
    /* A good one but for its length: 20 bytes of recipient and 6 of data. */
    static const uint8_t tx[32] = {[0] = 0xdf, 9, 9, 9, 0x94, [25] = 9, 0x85, 1, 1, 1, 1, 1};
    static const uint8_t longer[33] = {[0] = 0xe0, 9, 9, 9, 0x94, [25] = 9, 0x86, 1, 1, 1, 1, 1, 1};
    ht_hash32 digest;
    is_refused(HT_SIGNER_SIGN_TX, HT_BYTES(tx), "tx_shape");
    assert_int_equal(ht_signer_digest(&digest, HT_SIGNER_SIGN_TX, HT_BYTES(longer), NULL), HT_OK);
}

static void payload_takes_authorizations_of_one_shape(void **state) {
    (void)state;
    static const struct {
        const char *fields;
        bool is_good;
    } cases[] = {{"nan", true},  {"0a0", true},  {"na", false}, {"nann", false},
                 {"nnn", false}, {"nen", false}, {"nal", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ht_buf data = document(0, cases[i].fields);
        struct ht_why why = {.code = ""};
        ht_hash32 digest;
        enum ht_err err =
            ht_signer_digest(&digest, HT_SIGNER_SIGN_AUTHORIZATION, ht_buf_view(&data), &why);
        assert_int_equal(err, cases[i].is_good ? HT_OK : HT_EINPUT);
        assert_string_equal(why.code, cases[i].is_good ? "" : "authorization_shape");
        ht_buf_fini(&data);
    }
}

static void payload_takes_typed_data_and_events_of_one_size(void **state) {
    (void)state;
    static const uint8_t bytes[65];
    ht_hash32 digest;
    for (size_t n = 0; n <= 65; n++) {
        if (n != 64) is_refused(HT_SIGNER_SIGN_TYPED, ht_bytes_of(bytes, n), "typed_size");
        if (n != 32) is_refused(HT_SIGNER_SIGN_EVENT, ht_bytes_of(bytes, n), "event_size");
    }
    assert_int_equal(ht_signer_digest(&digest, HT_SIGNER_SIGN_TYPED, ht_bytes_of(bytes, 64), NULL),
                     HT_OK);
    assert_int_equal(ht_signer_digest(&digest, HT_SIGNER_SIGN_EVENT, ht_bytes_of(bytes, 32), NULL),
                     HT_OK);
}

static void payload_puts_its_own_prefix_in_front_of_text(void **state) {
    (void)state;
    /* The same bytes as text and as a transaction have nothing in common. */
    char hex[HT_HEX_SIZE(32)];
    ht_hash32 as_text;
    ht_hash32 as_tx;
    struct ht_buf tx = document(2, "nnnnnandl");
    assert_int_equal(ht_signer_digest(&as_tx, HT_SIGNER_SIGN_TX, ht_buf_view(&tx), NULL), HT_OK);
    assert_int_equal(ht_signer_digest(&as_text, HT_SIGNER_SIGN_TEXT, ht_buf_view(&tx), NULL),
                     HT_OK);
    assert_memory_not_equal(as_tx.b, as_text.b, 32);
    ht_buf_fini(&tx);
    ht_bytes hello = ht_bytes_str("hello");
    assert_int_equal(ht_signer_digest(&as_text, HT_SIGNER_SIGN_TEXT, hello, NULL), HT_OK);
    ht_hex_write(hex, HT_BYTES(as_text.b));
    assert_string_equal(hex, "0x50b2c43fd39106bafbba0da34fc430e1f91e3c96ea2acee2bc34119f92b37750");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload_takes_transactions_of_types_0_1_2_and_4),
        cmocka_unit_test(payload_refuses_other_types),
        cmocka_unit_test(payload_refuses_transactions_of_another_shape),
        cmocka_unit_test(payload_refuses_what_stands_behind_a_transaction),
        cmocka_unit_test(payload_never_takes_32_bytes_for_a_transaction),
        cmocka_unit_test(payload_takes_authorizations_of_one_shape),
        cmocka_unit_test(payload_takes_typed_data_and_events_of_one_size),
        cmocka_unit_test(payload_puts_its_own_prefix_in_front_of_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
