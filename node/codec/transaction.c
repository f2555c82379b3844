/* Transactions in RLP, driven by the list of fields that each type has. */
#include "node/codec/transaction.h"

#include "node/codec/rlp.h"
#include "node/codec/transaction_sidecar.h"
#include "node/crypto/keccak.h"

#define MAGIC_AUTHORIZATION 0x05U /* EIP-7702 */

static const enum ht_tx_field LEGACY[] = {HT_TX_NONCE, HT_TX_GAS_PRICE, HT_TX_GAS_LIMIT, HT_TX_TO,
                                          HT_TX_VALUE, HT_TX_DATA,      HT_TX_END};
static const enum ht_tx_field ACCESS_LIST[] = {
    HT_TX_CHAIN_ID, HT_TX_NONCE, HT_TX_GAS_PRICE,         HT_TX_GAS_LIMIT, HT_TX_TO,
    HT_TX_VALUE,    HT_TX_DATA,  HT_TX_ACCESS_LIST_FIELD, HT_TX_END};
static const enum ht_tx_field FEE_MARKET[] = {
    HT_TX_CHAIN_ID, HT_TX_NONCE, HT_TX_MAX_PRIORITY_FEE,  HT_TX_MAX_FEE, HT_TX_GAS_LIMIT, HT_TX_TO,
    HT_TX_VALUE,    HT_TX_DATA,  HT_TX_ACCESS_LIST_FIELD, HT_TX_END};
static const enum ht_tx_field BLOB[] = {
    HT_TX_CHAIN_ID,     HT_TX_NONCE,       HT_TX_MAX_PRIORITY_FEE,
    HT_TX_MAX_FEE,      HT_TX_GAS_LIMIT,   HT_TX_TO,
    HT_TX_VALUE,        HT_TX_DATA,        HT_TX_ACCESS_LIST_FIELD,
    HT_TX_MAX_BLOB_FEE, HT_TX_BLOB_HASHES, HT_TX_END};
static const enum ht_tx_field SET_CODE[] = {
    HT_TX_CHAIN_ID,       HT_TX_NONCE,     HT_TX_MAX_PRIORITY_FEE,
    HT_TX_MAX_FEE,        HT_TX_GAS_LIMIT, HT_TX_TO,
    HT_TX_VALUE,          HT_TX_DATA,      HT_TX_ACCESS_LIST_FIELD,
    HT_TX_AUTHORIZATIONS, HT_TX_END};

static const enum ht_tx_field *const FIELDS[HT_TX_TYPE_COUNT] = {
    [HT_TX_LEGACY] = LEGACY, [HT_TX_ACCESS_LIST] = ACCESS_LIST, [HT_TX_FEE_MARKET] = FEE_MARKET,
    [HT_TX_BLOB] = BLOB,     [HT_TX_SET_CODE] = SET_CODE,
};

const enum ht_tx_field *ht_tx_fields(enum ht_tx_type type) {
    ht_assert(type < HT_TX_TYPE_COUNT);
    return FIELDS[type];
}

/* --- reading ----------------------------------------------------------------------------------*/

static enum ht_err read_u256(ht_u256 *out, ht_bytes *rest, struct ht_why *why) {
    uint8_t wide[32];
    enum ht_err err = ht_rlp_read_u256(wide, rest, why);
    if (err == HT_OK) *out = ht_u256_from_be32(wide);
    return err;
}

static enum ht_err read_to(struct ht_transaction *tx, ht_bytes *rest, struct ht_why *why) {
    ht_bytes to = {0};
    enum ht_err err = ht_rlp_read_bytes(&to, rest, rest->n, why);
    if (err != HT_OK) return err;
    bool may_create = tx->type != HT_TX_BLOB && tx->type != HT_TX_SET_CODE;
    tx->is_creation = to.n == 0;
    if (tx->is_creation && may_create) return HT_OK;
    if (to.n == sizeof tx->to.b) {
        memcpy(tx->to.b, to.p, sizeof tx->to.b);
        return HT_OK;
    }
    return ht_fail(why, HT_EINPUT, "tx_recipient", "the recipient has %zu bytes, not 20", to.n);
}

/* Enters a list, counts its items and makes room for them. */
static enum ht_err open_list(void **room, size_t *count, ht_bytes *items, struct ht_arena *arena,
                             size_t size, ht_bytes *rest, struct ht_why *why) {
    enum ht_err err = ht_rlp_read_list(items, rest, why);
    if (err == HT_OK) err = ht_rlp_count(count, *items, items->n, why);
    if (err == HT_OK) err = ht_arena_array(room, arena, *count, size, why);
    return err;
}

static enum ht_err read_hashes(const ht_hash32 **out, size_t *count, struct ht_arena *arena,
                               ht_bytes *rest, struct ht_why *why) {
    ht_bytes items = {0};
    void *room = NULL;
    enum ht_err err = open_list(&room, count, &items, arena, sizeof(ht_hash32), rest, why);
    ht_hash32 *hashes = room;
    for (size_t i = 0; err == HT_OK && i < *count; i++) {
        err = ht_rlp_read_hash32(&hashes[i], &items, why);
    }
    *out = hashes;
    return err;
}

static enum ht_err read_access(struct ht_tx_access *out, struct ht_arena *arena, ht_bytes *rest,
                               struct ht_why *why) {
    ht_bytes parts = {0};
    enum ht_err err = ht_rlp_read_list(&parts, rest, why);
    if (err == HT_OK) err = ht_rlp_read_addr20(&out->address, &parts, why);
    if (err == HT_OK) err = read_hashes(&out->storage_keys, &out->key_count, arena, &parts, why);
    if (err == HT_OK) err = ht_rlp_end(parts, why);
    return err;
}

static enum ht_err read_access_list(struct ht_transaction *tx, struct ht_arena *arena,
                                    ht_bytes *rest, struct ht_why *why) {
    ht_bytes items = {0};
    void *room = NULL;
    enum ht_err err =
        open_list(&room, &tx->access_count, &items, arena, sizeof(struct ht_tx_access), rest, why);
    struct ht_tx_access *list = room;
    for (size_t i = 0; err == HT_OK && i < tx->access_count; i++) {
        err = read_access(&list[i], arena, &items, why);
    }
    tx->access_list = list;
    return err;
}

static enum ht_err read_authorization(struct ht_tx_authorization *out, ht_bytes *rest,
                                      struct ht_why *why) {
    ht_bytes parts = {0};
    uint64_t y_parity = 0;
    enum ht_err err = ht_rlp_read_list(&parts, rest, why);
    if (err == HT_OK) err = read_u256(&out->chain_id, &parts, why);
    if (err == HT_OK) err = ht_rlp_read_addr20(&out->address, &parts, why);
    if (err == HT_OK) err = ht_rlp_read_u64(&out->nonce, &parts, why);
    if (err == HT_OK) err = ht_rlp_read_u64(&y_parity, &parts, why);
    if (err == HT_OK) err = read_u256(&out->r, &parts, why);
    if (err == HT_OK) err = read_u256(&out->s, &parts, why);
    if (err == HT_OK) err = ht_rlp_end(parts, why);
    if (err != HT_OK) return err;
    if (y_parity > UINT8_MAX) {
        return ht_fail(why, HT_EINPUT, "tx_signature", "an authorization's y_parity is too large");
    }
    out->y_parity = (uint8_t)y_parity;
    return HT_OK;
}

static enum ht_err read_authorizations(struct ht_transaction *tx, struct ht_arena *arena,
                                       ht_bytes *rest, struct ht_why *why) {
    ht_bytes items = {0};
    void *room = NULL;
    enum ht_err err = open_list(&room, &tx->authorization_count, &items, arena,
                                sizeof(struct ht_tx_authorization), rest, why);
    struct ht_tx_authorization *list = room;
    for (size_t i = 0; err == HT_OK && i < tx->authorization_count; i++) {
        err = read_authorization(&list[i], &items, why);
    }
    tx->authorization_list = list;
    return err;
}

static enum ht_err read_field(struct ht_transaction *tx, enum ht_tx_field field,
                              struct ht_arena *arena, ht_bytes *rest, struct ht_why *why) {
    switch (field) {
    case HT_TX_END: return HT_OK;
    case HT_TX_CHAIN_ID: tx->has_chain_id = true; return ht_rlp_read_u64(&tx->chain_id, rest, why);
    case HT_TX_NONCE: return ht_rlp_read_u64(&tx->nonce, rest, why);
    case HT_TX_GAS_PRICE: return read_u256(&tx->gas_price, rest, why);
    case HT_TX_MAX_PRIORITY_FEE: return read_u256(&tx->max_priority_fee_per_gas, rest, why);
    case HT_TX_MAX_FEE: return read_u256(&tx->max_fee_per_gas, rest, why);
    case HT_TX_GAS_LIMIT: return ht_rlp_read_u64(&tx->gas_limit, rest, why);
    case HT_TX_TO: return read_to(tx, rest, why);
    case HT_TX_VALUE: return read_u256(&tx->value, rest, why);
    case HT_TX_DATA: return ht_rlp_read_bytes(&tx->data, rest, rest->n, why);
    case HT_TX_ACCESS_LIST_FIELD: return read_access_list(tx, arena, rest, why);
    case HT_TX_MAX_BLOB_FEE: return read_u256(&tx->max_fee_per_blob_gas, rest, why);
    case HT_TX_BLOB_HASHES:
        return read_hashes(&tx->blob_versioned_hashes, &tx->blob_count, arena, rest, why);
    case HT_TX_AUTHORIZATIONS: return read_authorizations(tx, arena, rest, why);
    }
    return HT_EBUG;
}

enum ht_err ht_tx_take_legacy_v(struct ht_transaction *tx, const ht_u256 *v, struct ht_why *why) {
    ht_u256 first = ht_u256_of(35);
    ht_u256 chain_id = {{0}};
    tx->y_parity = v->limb[0] % 2 == 0; /* 27 and 35 are even parity */
    if (ht_u256_is_u64(v) && (v->limb[0] == 27 || v->limb[0] == 28)) {
        tx->has_chain_id = false;
        return HT_OK;
    }
    bool is_below = ht_u256_sub_overflow(&chain_id, v, &first);
    ht_u256_shift_right(&chain_id, &chain_id, 1);
    if (is_below || !ht_u256_is_u64(&chain_id)) {
        return ht_fail(why, HT_EINPUT, "tx_signature", "v is not 27, 28 or 35 + 2 * chain_id + y");
    }
    tx->has_chain_id = true;
    tx->chain_id = chain_id.limb[0];
    return HT_OK;
}

static enum ht_err read_signature(struct ht_transaction *tx, ht_bytes *rest, struct ht_why *why) {
    ht_u256 v = {{0}};
    enum ht_err err = read_u256(&v, rest, why);
    if (err == HT_OK) err = read_u256(&tx->r, rest, why);
    if (err == HT_OK) err = read_u256(&tx->s, rest, why);
    if (err != HT_OK) return err;
    tx->is_signed = true;
    if (tx->type == HT_TX_LEGACY) return ht_tx_take_legacy_v(tx, &v, why);
    if (!ht_u256_is_u64(&v) || v.limb[0] > 1) {
        return ht_fail(why, HT_EINPUT, "tx_signature", "y_parity is not 0 or 1");
    }
    tx->y_parity = (uint8_t)v.limb[0];
    return HT_OK;
}

static enum ht_err read_body(struct ht_transaction *tx, struct ht_arena *arena, ht_bytes items,
                             struct ht_why *why) {
    const enum ht_tx_field *fields = ht_tx_fields(tx->type);
    enum ht_err err = HT_OK;
    for (size_t i = 0; fields[i] != HT_TX_END && err == HT_OK; i++) {
        err = read_field(tx, fields[i], arena, &items, why);
    }
    if (err == HT_OK) err = read_signature(tx, &items, why);
    if (err == HT_OK) err = ht_rlp_end(items, why);
    return err;
}

/* Type 3: the list of fields, or a list that begins with that list. */
static enum ht_err read_blob(struct ht_transaction *tx, struct ht_arena *arena, ht_bytes items,
                             enum ht_tx_network_form form, struct ht_why *why) {
    struct ht_rlp_item first;
    ht_bytes sidecar = items;
    enum ht_err err = ht_rlp_read_item(&first, &sidecar, why);
    if (err != HT_OK) return err;
    if (!first.is_list) return read_body(tx, arena, items, why);
    if (form == HT_TX_NETWORK_FORM_REFUSE) {
        return ht_fail(why, HT_EDENIED, "tx_network_form",
                       "a blob transaction with its blobs, not as it stands in a block");
    }
    err = read_body(tx, arena, first.payload, why);
    if (err != HT_OK) return err;
    return ht_tx_check_sidecar(sidecar, tx->blob_versioned_hashes, tx->blob_count, why);
}

enum ht_err ht_tx_decode(struct ht_transaction *out, struct ht_arena *arena, ht_bytes encoded,
                         enum ht_tx_network_form form, struct ht_why *why) {
    struct ht_transaction tx = {.type = HT_TX_LEGACY};
    ht_bytes rest = encoded;
    ht_bytes items = {0};
    if (encoded.n == 0) return ht_fail(why, HT_EINPUT, "tx_empty", "no bytes");
    uint8_t first = encoded.p[0];
    if (first < 0xc0) {
        if (first == 0 || first >= HT_TX_TYPE_COUNT) {
            return ht_fail(why, HT_EINPUT, "tx_type", "transaction type 0x%02x is not known",
                           first);
        }
        tx.type = (enum ht_tx_type)first;
        rest = ht_bytes_of(encoded.p + 1, encoded.n - 1);
    }
    enum ht_err err = ht_rlp_read_list(&items, &rest, why);
    if (err == HT_OK) err = ht_rlp_end(rest, why);
    if (err != HT_OK) return err;
    err = tx.type == HT_TX_BLOB ? read_blob(&tx, arena, items, form, why)
                                : read_body(&tx, arena, items, why);
    if (err == HT_OK) *out = tx;
    return err;
}

/* --- writing ----------------------------------------------------------------------------------*/

static void write_u256(struct ht_rlp_writer *writer, const ht_u256 *value) {
    uint8_t wide[32];
    ht_u256_to_be(wide, value);
    ht_rlp_write_uint(writer, HT_BYTES(wide));
}

static void write_hashes(struct ht_rlp_writer *writer, const ht_hash32 *hashes, size_t count) {
    size_t begin = ht_rlp_list_begin(writer);
    for (size_t i = 0; i < count; i++) ht_rlp_write_bytes(writer, HT_BYTES(hashes[i].b));
    ht_rlp_list_end(writer, begin);
}

static void write_access_list(struct ht_rlp_writer *writer, const struct ht_transaction *tx) {
    size_t begin = ht_rlp_list_begin(writer);
    for (size_t i = 0; i < tx->access_count; i++) {
        const struct ht_tx_access *access = &tx->access_list[i];
        size_t inner = ht_rlp_list_begin(writer);
        ht_rlp_write_bytes(writer, HT_BYTES(access->address.b));
        write_hashes(writer, access->storage_keys, access->key_count);
        ht_rlp_list_end(writer, inner);
    }
    ht_rlp_list_end(writer, begin);
}

static void write_authorizations(struct ht_rlp_writer *writer, const struct ht_transaction *tx) {
    size_t begin = ht_rlp_list_begin(writer);
    for (size_t i = 0; i < tx->authorization_count; i++) {
        const struct ht_tx_authorization *one = &tx->authorization_list[i];
        size_t inner = ht_rlp_list_begin(writer);
        write_u256(writer, &one->chain_id);
        ht_rlp_write_bytes(writer, HT_BYTES(one->address.b));
        ht_rlp_write_u64(writer, one->nonce);
        ht_rlp_write_u64(writer, one->y_parity);
        write_u256(writer, &one->r);
        write_u256(writer, &one->s);
        ht_rlp_list_end(writer, inner);
    }
    ht_rlp_list_end(writer, begin);
}

static void write_field(struct ht_rlp_writer *writer, const struct ht_transaction *tx,
                        enum ht_tx_field field) {
    switch (field) {
    case HT_TX_END: return;
    case HT_TX_CHAIN_ID: ht_rlp_write_u64(writer, tx->chain_id); return;
    case HT_TX_NONCE: ht_rlp_write_u64(writer, tx->nonce); return;
    case HT_TX_GAS_PRICE: write_u256(writer, &tx->gas_price); return;
    case HT_TX_MAX_PRIORITY_FEE: write_u256(writer, &tx->max_priority_fee_per_gas); return;
    case HT_TX_MAX_FEE: write_u256(writer, &tx->max_fee_per_gas); return;
    case HT_TX_GAS_LIMIT: ht_rlp_write_u64(writer, tx->gas_limit); return;
    case HT_TX_TO:
        ht_rlp_write_bytes(writer, ht_bytes_of(tx->to.b, tx->is_creation ? 0 : sizeof tx->to.b));
        return;
    case HT_TX_VALUE: write_u256(writer, &tx->value); return;
    case HT_TX_DATA: ht_rlp_write_bytes(writer, tx->data); return;
    case HT_TX_ACCESS_LIST_FIELD: write_access_list(writer, tx); return;
    case HT_TX_MAX_BLOB_FEE: write_u256(writer, &tx->max_fee_per_blob_gas); return;
    case HT_TX_BLOB_HASHES: write_hashes(writer, tx->blob_versioned_hashes, tx->blob_count); return;
    case HT_TX_AUTHORIZATIONS: write_authorizations(writer, tx); return;
    }
}

void ht_tx_v(ht_u256 *out, const struct ht_transaction *tx) {
    *out = ht_u256_of(tx->y_parity);
    if (tx->type != HT_TX_LEGACY) return;
    ht_u256 add = ht_u256_of(tx->has_chain_id ? 35 : 27);
    ht_u256_add(out, out, &add);
    if (!tx->has_chain_id) return;
    add = ht_u256_of(tx->chain_id);
    ht_u256_shift_left(&add, &add, 1);
    ht_u256_add(out, out, &add);
}

static void write_end(struct ht_rlp_writer *writer, const struct ht_transaction *tx,
                      bool with_signature) {
    ht_u256 v;
    if (with_signature) {
        ht_tx_v(&v, tx);
        write_u256(writer, &v);
        write_u256(writer, &tx->r);
        write_u256(writer, &tx->s);
    } else if (tx->type == HT_TX_LEGACY && tx->has_chain_id) {
        ht_rlp_write_u64(writer, tx->chain_id);
        ht_rlp_write_u64(writer, 0);
        ht_rlp_write_u64(writer, 0);
    }
}

static enum ht_err encode(struct ht_buf *out, const struct ht_transaction *tx,
                          bool with_signature) {
    const enum ht_tx_field *fields = ht_tx_fields(tx->type);
    uint8_t type = (uint8_t)tx->type;
    struct ht_rlp_writer writer;
    ht_rlp_writer_init(&writer, out);
    if (type != HT_TX_LEGACY) ht_rlp_write_raw(&writer, ht_bytes_of(&type, 1));
    size_t begin = ht_rlp_list_begin(&writer);
    for (size_t i = 0; fields[i] != HT_TX_END; i++) write_field(&writer, tx, fields[i]);
    write_end(&writer, tx, with_signature);
    ht_rlp_list_end(&writer, begin);
    return ht_rlp_finish(&writer);
}

enum ht_err ht_tx_encode(struct ht_buf *out, const struct ht_transaction *tx) {
    return tx->is_signed ? encode(out, tx, true) : HT_EINPUT;
}

enum ht_err ht_tx_encode_unsigned(struct ht_buf *out, const struct ht_transaction *tx) {
    return encode(out, tx, false);
}

/* --- hashes and signers -----------------------------------------------------------------------*/

static enum ht_err hash_of(ht_hash32 *out, const struct ht_transaction *tx, bool with_signature) {
    struct ht_buf bytes;
    ht_buf_init(&bytes, HT_TX_SIZE_MAX);
    enum ht_err err = encode(&bytes, tx, with_signature);
    if (err == HT_OK) ht_keccak256(out, ht_buf_view(&bytes));
    ht_buf_fini(&bytes);
    return err;
}

enum ht_err ht_tx_hash(ht_hash32 *out, const struct ht_transaction *tx) {
    return tx->is_signed ? hash_of(out, tx, true) : HT_EINPUT;
}

enum ht_err ht_tx_signing_hash(ht_hash32 *out, const struct ht_transaction *tx) {
    return hash_of(out, tx, false);
}

static struct ht_ecdsa_signature signature_of(const ht_u256 *r, const ht_u256 *s,
                                              uint8_t y_parity) {
    struct ht_ecdsa_signature signature = {.y_parity = y_parity};
    ht_u256_to_be(signature.r, r);
    ht_u256_to_be(signature.s, s);
    return signature;
}

enum ht_err ht_tx_sender(ht_addr20 *out, const struct ht_transaction *tx, enum ht_ecdsa_s accept,
                         struct ht_why *why) {
    ht_hash32 digest;
    if (!tx->is_signed) return ht_fail(why, HT_EINPUT, "tx_unsigned", "there is no signature");
    struct ht_ecdsa_signature signature = signature_of(&tx->r, &tx->s, tx->y_parity);
    enum ht_err err = ht_ecdsa_check(&signature, accept, why);
    if (err != HT_OK) return err;
    err = ht_tx_signing_hash(&digest, tx);
    if (err != HT_OK) return ht_fail(why, err, "no_room", "the transaction is too large");
    return ht_ecdsa_recover_address(out, &digest, &signature, accept, why);
}

enum ht_err ht_tx_authority(ht_addr20 *out, const struct ht_tx_authorization *authorization,
                            struct ht_why *why) {
    const uint8_t magic = MAGIC_AUTHORIZATION;
    ht_hash32 digest;
    struct ht_buf bytes;
    struct ht_rlp_writer writer;
    ht_buf_init(&bytes, 128);
    ht_rlp_writer_init(&writer, &bytes);
    ht_rlp_write_raw(&writer, ht_bytes_of(&magic, 1));
    size_t begin = ht_rlp_list_begin(&writer);
    write_u256(&writer, &authorization->chain_id);
    ht_rlp_write_bytes(&writer, HT_BYTES(authorization->address.b));
    ht_rlp_write_u64(&writer, authorization->nonce);
    ht_rlp_list_end(&writer, begin);
    enum ht_err err = ht_rlp_finish(&writer);
    if (err == HT_OK) ht_keccak256(&digest, ht_buf_view(&bytes));
    ht_buf_fini(&bytes);
    if (err != HT_OK) return ht_fail(why, err, "no_room", "out of memory");
    struct ht_ecdsa_signature signature =
        signature_of(&authorization->r, &authorization->s, authorization->y_parity);
    return ht_ecdsa_recover_address(out, &digest, &signature, HT_ECDSA_LOW_S, why);
}
