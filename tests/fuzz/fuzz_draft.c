/* Fuzzes transactions as pages and the owner ask for them. What is accepted and completed writes
 * back to an object that reads as the same transaction. */
#include "identity/wallet/send_draft_json.h"
#include "node/codec/json.h"

#define CHAIN_ID 1337U
#define SIZE_MAX_JSON ((size_t)512 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode(struct ht_buf *out, const struct ht_transaction *tx) {
    ht_buf_init(out, (size_t)1 << 20);
    ht_assert(ht_tx_encode_unsigned(out, tx) == HT_OK);
}

static void check_round(struct ht_draft *draft) {
    const ht_addr20 from = {{1}};
    struct ht_draft again;
    struct ht_why why = {0};
    ht_u256 zero = ht_u256_of(0);
    json_t *object = ht_draft_json(&draft->tx, &from);
    ht_assert(object != NULL);
    ht_assert(ht_draft_read(&again, object, HT_DRAFT_ETHEREUM, CHAIN_ID, &why) == HT_OK);
    ht_assert(again.has_gas && again.has_nonce);
    ht_assert(ht_draft_set_fees(&again.tx, &again.fees, &zero, &zero, &why) == HT_OK);
    struct ht_buf a, b;
    encode(&a, &draft->tx);
    encode(&b, &again.tx);
    ht_assert(ht_bytes_equal(ht_buf_view(&a), ht_buf_view(&b)));
    ht_buf_fini(&a);
    ht_buf_fini(&b);
    ht_draft_fini(&again);
    json_decref(object);
}

static void read_as(const json_t *object, enum ht_draft_form form) {
    struct ht_draft draft;
    struct ht_why why = {0};
    const ht_u256 base_fee = ht_u256_of(UINT64_C(1000000000)), tip = ht_u256_of(7);
    enum ht_err err = ht_draft_read(&draft, object, form, CHAIN_ID, &why);
    if (err == HT_OK) {
        ht_assert(draft.tx.chain_id == CHAIN_ID && draft.tx.type != HT_TX_BLOB);
        ht_assert(draft.tx.data.n <= HT_DRAFT_DATA_MAX);
        err = ht_draft_set_gas(&draft, true, &why);
    }
    if (err == HT_OK) err = ht_draft_set_fees(&draft.tx, &draft.fees, &base_fee, &tip, &why);
    if (err == HT_OK) check_round(&draft);
    ht_draft_fini(&draft);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    json_t *object = NULL;
    struct ht_why why = {0};
    if (ht_json_parse(&object, ht_bytes_of(data, size), SIZE_MAX_JSON, &why) != HT_OK) return 0;
    read_as(object, HT_DRAFT_ETHEREUM);
    read_as(object, HT_DRAFT_OWN);
    json_decref(object);
    return 0;
}
