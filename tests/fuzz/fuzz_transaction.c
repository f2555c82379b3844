/* Transactions from any bytes, as RLP or, when they begin with "{", as JSON.
 *
 * What is accepted from RLP must encode back to the same bytes (from the network form of blobs to a
 * shorter form that decodes to itself), what is accepted from JSON must come back from RLP, and our
 * own JSON of it must read back. The rules of every fork must give an answer. */
#include <stdlib.h>

#include "node/codec/transaction_rules.h"
#include "node/l1/execution/transaction_json.h"

#define ARENA_MAX ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static struct ht_buf encoded(const struct ht_transaction *tx) {
    struct ht_buf out;
    ht_buf_init(&out, HT_TX_SIZE_MAX);
    must(ht_tx_encode(&out, tx) == HT_OK);
    return out;
}

static void must_be_same(const struct ht_transaction *a, const struct ht_transaction *b) {
    struct ht_buf first = encoded(a);
    struct ht_buf second = encoded(b);
    must(ht_bytes_equal(ht_buf_view(&first), ht_buf_view(&second)));
    ht_buf_fini(&first);
    ht_buf_fini(&second);
}

static void through_json(const struct ht_transaction *tx, struct ht_arena *arena) {
    struct ht_transaction back;
    struct ht_why why = {.code = NULL};
    json_t *object = NULL;
    enum ht_err err = ht_tx_to_json(&object, tx, NULL, &why);
    must(err == HT_OK || (err == HT_EUNVERIFIED && why.code != NULL));
    if (err == HT_OK) {
        must(ht_tx_from_json(&back, arena, object, NULL) == HT_OK);
        must_be_same(tx, &back);
    }
    json_decref(object);
}

static void through_rules(const struct ht_transaction *tx) {
    for (size_t i = 0; i < ht_tx_rules_count; i++) {
        struct ht_why why = {.code = NULL};
        struct ht_tx_gas gas;
        ht_tx_gas_of(&gas, tx, &ht_tx_rules_all[i]);
        must(gas.intrinsic >= 21000 && gas.intrinsic < (uint64_t)1 << 48);
        /* Recovering the signer for every fork would take all the time. */
        if (i + 1 < ht_tx_rules_count) continue;
        enum ht_err err = ht_tx_check(NULL, tx, &ht_tx_rules_all[i], tx->chain_id, &why);
        must(err == HT_OK || why.code != NULL);
    }
    for (size_t i = 0; i < tx->authorization_count && i < 4; i++) {
        ht_addr20 who;
        (void)!ht_tx_authority(&who, &tx->authorization_list[i], NULL);
    }
}

static void judge(const struct ht_transaction *tx, struct ht_arena *arena) {
    struct ht_transaction back;
    struct ht_buf bytes = encoded(tx);
    must(ht_tx_decode(&back, arena, ht_buf_view(&bytes), HT_TX_NETWORK_FORM_REFUSE, NULL) == HT_OK);
    must_be_same(tx, &back);
    through_json(tx, arena);
    through_rules(tx);
    ht_buf_fini(&bytes);
}

static void run_json(ht_bytes text, struct ht_arena *arena) {
    struct ht_transaction tx;
    struct ht_why why = {.code = NULL};
    json_t *object = NULL;
    if (ht_json_parse(&object, text, text.n, NULL) != HT_OK) return;
    enum ht_err err = ht_tx_from_json(&tx, arena, object, &why);
    must(err == HT_OK || why.code != NULL);
    ht_hash32 hash;
    if (err == HT_OK) must(ht_tx_signing_hash(&hash, &tx) == HT_OK);
    if (err == HT_OK && tx.is_signed) judge(&tx, arena);
    json_decref(object);
}

static void run_rlp(ht_bytes data, struct ht_arena *arena) {
    struct ht_transaction tx;
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_tx_decode(&tx, arena, data, HT_TX_NETWORK_FORM_REFUSE, &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK) {
        struct ht_buf again = encoded(&tx);
        must(ht_bytes_equal(ht_buf_view(&again), data));
        ht_buf_fini(&again);
    } else {
        enum ht_err other = ht_tx_decode(&tx, arena, data, HT_TX_NETWORK_FORM_STRIP, &why);
        must(other != HT_OK || err == HT_EDENIED);
        err = other;
    }
    if (err == HT_OK) judge(&tx, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_arena arena;
    ht_arena_init(&arena, ARENA_MAX);
    if (n > 0 && data[0] == '{')
        run_json(ht_bytes_of(data, n), &arena);
    else
        run_rlp(ht_bytes_of(data, n), &arena);
    ht_arena_fini(&arena);
    return 0;
}
