/* Unsigned transactions: the decoder of signed ones does the work, once a signature of r = s = 1 is
 * put behind the fields. It is judged by nobody and taken away again. */
#include "identity/wallet/unsigned_tx.h"

#include "node/codec/rlp.h"

#define SIGNATURE_ROOM 64U

/* The six fields of a legacy transaction, and the v that its signature would have. */
static enum ht_err split_legacy(ht_bytes *fields, ht_u256 *v, struct ht_why *why) {
    ht_bytes rest = *fields;
    ht_bytes zero = {0};
    struct ht_rlp_item item;
    struct ht_transaction legacy = {.type = HT_TX_LEGACY};
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < 6; i++) err = ht_rlp_read_item(&item, &rest, why);
    if (err != HT_OK) return err;
    ht_bytes six = ht_bytes_of(fields->p, fields->n - rest.n);
    if (rest.n > 0) {
        legacy.has_chain_id = true;
        err = ht_rlp_read_u64(&legacy.chain_id, &rest, why);
        if (err == HT_OK) err = ht_rlp_read_bytes(&zero, &rest, 0, why);
        if (err == HT_OK) err = ht_rlp_read_bytes(&zero, &rest, 0, why);
        if (err == HT_OK) err = ht_rlp_end(rest, why);
    }
    if (err != HT_OK) return err;
    ht_tx_v(v, &legacy);
    *fields = six;
    return HT_OK;
}

/* The bytes of a signed transaction with these fields. */
static enum ht_err sign_in_form(struct ht_buf *out, ht_bytes fields, bool is_typed,
                                const ht_u256 *v) {
    struct ht_rlp_writer writer;
    uint8_t word[32];
    ht_rlp_writer_init(&writer, out);
    size_t begin = ht_rlp_list_begin(&writer);
    ht_rlp_write_raw(&writer, fields);
    ht_u256_to_be(word, v);
    if (is_typed)
        ht_rlp_write_u64(&writer, 0);
    else
        ht_rlp_write_uint(&writer, HT_BYTES(word));
    ht_rlp_write_u64(&writer, 1);
    ht_rlp_write_u64(&writer, 1);
    ht_rlp_list_end(&writer, begin);
    return ht_rlp_finish(&writer);
}

enum ht_err ht_unsigned_tx_read(struct ht_transaction *out, struct ht_arena *arena, ht_bytes bytes,
                                struct ht_why *why) {
    struct ht_buf form;
    ht_u256 v = {{0}};
    ht_bytes fields = {0};
    if (bytes.n == 0) return ht_fail(why, HT_EINPUT, "tx_empty", "an empty transaction");
    bool is_typed = bytes.p[0] < 0xc0;
    ht_bytes rest = is_typed ? ht_bytes_of(bytes.p + 1, bytes.n - 1) : bytes;
    ht_buf_init(&form, bytes.n + SIGNATURE_ROOM);
    enum ht_err err = is_typed ? ht_buf_add(&form, ht_bytes_of(bytes.p, 1)) : HT_OK;
    if (err == HT_OK) err = ht_rlp_read_list(&fields, &rest, why);
    if (err == HT_OK) err = ht_rlp_end(rest, why);
    if (err == HT_OK && !is_typed) err = split_legacy(&fields, &v, why);
    if (err == HT_OK) err = sign_in_form(&form, fields, is_typed, &v);
    const char *copy = err == HT_OK ? ht_arena_copy_str(arena, ht_buf_view(&form)) : NULL;
    size_t n = form.n;
    ht_buf_fini(&form);
    if (err != HT_OK) return err;
    if (copy == NULL) return ht_fail(why, HT_ELIMIT, "no_room", "the transaction is too large");
    struct ht_transaction tx;
    err = ht_tx_decode(&tx, arena, ht_bytes_of(copy, n), HT_TX_NETWORK_FORM_REFUSE, why);
    if (err != HT_OK) return err;
    tx.is_signed = false;
    tx.y_parity = 0;
    tx.r = tx.s = ht_u256_of(0);
    *out = tx;
    return HT_OK;
}
