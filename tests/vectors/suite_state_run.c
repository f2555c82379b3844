/* One case: the transaction out of its bytes or fields, the machine, the root and the logs. */
#include "tests/vectors/suite_state_run.h"

#include <stdio.h>

#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"

#define MEMORY_MAX ((size_t)1 << 30)
#define TX_MAX ((size_t)64 << 20)
#define LOGS_MAX ((size_t)256 << 20)

/* --- the transaction --------------------------------------------------------------------------*/

/* Whether the bytes are what the fields say; the chain id of the bytes counts, which fields do not
 * tell. */
static bool is_same(const struct ht_transaction *bytes, const struct ht_transaction *fields) {
    struct ht_transaction other = *fields;
    struct ht_buf a, b;
    other.has_chain_id = bytes->has_chain_id;
    other.chain_id = bytes->chain_id;
    ht_buf_init(&a, TX_MAX);
    ht_buf_init(&b, TX_MAX);
    bool same = ht_tx_encode_unsigned(&a, bytes) == HT_OK &&
                ht_tx_encode_unsigned(&b, &other) == HT_OK &&
                ht_bytes_equal(ht_buf_view(&a), ht_buf_view(&b));
    ht_buf_fini(&a);
    ht_buf_fini(&b);
    return same;
}

/* HT_EDENIED: the bytes are no transaction, or nobody signed it. */
static enum ht_err take_bytes(struct ht_transaction *tx, ht_addr20 *sender, struct ht_sv_test *test,
                              const json_t *txbytes, bool has_fields, struct ht_buf *bytes,
                              struct ht_why *why) {
    struct ht_transaction decoded;
    enum ht_err err = ht_json_hex_buf(bytes, txbytes, "", why);
    if (err != HT_OK) return err;
    err = ht_tx_decode(&decoded, &test->arena, ht_buf_view(bytes), HT_TX_NETWORK_FORM_REFUSE, why);
    if (err == HT_OK) err = ht_tx_sender(sender, &decoded, HT_ECDSA_LOW_S, why);
    if (err != HT_OK) return err == HT_ENOMEM ? err : HT_EDENIED;
    if (has_fields && !is_same(&decoded, tx)) {
        return ht_fail(why, HT_EBUG, "case", "txbytes are another transaction than the fields'");
    }
    if (test->has_sender && memcmp(sender->b, test->sender.b, sizeof sender->b) != 0) {
        return ht_fail(why, HT_EBUG, "case", "txbytes are signed by another than the sender");
    }
    *tx = decoded;
    return HT_OK;
}

static enum ht_err make_transaction(struct ht_transaction *tx, ht_addr20 *sender,
                                    struct ht_sv_test *test, const struct ht_sv_case *one,
                                    struct ht_buf *bytes, struct ht_why *why) {
    *sender = test->sender;
    enum ht_err err = ht_sv_transaction(tx, test, &one->index, why);
    if (one->txbytes == NULL || (err != HT_OK && err != HT_EDENIED)) return err;
    return take_bytes(tx, sender, test, one->txbytes, err == HT_OK, bytes, why);
}

/* --- the outcome ------------------------------------------------------------------------------*/

static enum ht_err hash_logs(ht_hash32 *out, const struct ht_evm_world *world, struct ht_why *why) {
    size_t count = 0;
    const struct ht_evm_log *logs = ht_evm_world_logs(world, &count);
    struct ht_buf rlp;
    struct ht_rlp_writer writer;
    ht_buf_init(&rlp, LOGS_MAX);
    ht_rlp_writer_init(&writer, &rlp);
    size_t all = ht_rlp_list_begin(&writer);
    for (size_t i = 0; i < count; i++) {
        size_t log = ht_rlp_list_begin(&writer);
        ht_rlp_write_bytes(&writer, HT_BYTES(logs[i].address.b));
        size_t topics = ht_rlp_list_begin(&writer);
        for (size_t t = 0; t < logs[i].topic_count; t++) {
            ht_rlp_write_bytes(&writer, HT_BYTES(logs[i].topics[t].b));
        }
        ht_rlp_list_end(&writer, topics);
        ht_rlp_write_bytes(&writer, logs[i].data);
        ht_rlp_list_end(&writer, log);
    }
    ht_rlp_list_end(&writer, all);
    enum ht_err err = ht_rlp_finish(&writer);
    if (err == HT_OK) ht_keccak256(out, ht_buf_view(&rlp));
    ht_buf_fini(&rlp);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "case", "the logs do not fit");
}

/* What these tests say that BLOCKHASH answers: keccak256 of the number in decimal. */
static enum ht_err block_hash(void *user, ht_hash32 *out, uint64_t number, struct ht_why *why) {
    char text[24];
    (void)user, (void)why;
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    ht_keccak256(out, ht_bytes_str(text));
    return HT_OK;
}

static enum ht_err transact(struct ht_sv_outcome *out, struct ht_evm *evm, struct ht_sv_test *test,
                            const struct ht_sv_case *one, const struct ht_evm_block *block,
                            const struct ht_transaction *tx, const ht_addr20 *sender,
                            struct ht_why *why) {
    const struct ht_evm_limits limits = {.memory_max = MEMORY_MAX};
    const struct ht_evm_origin origin = {.origin = *sender};
    struct ht_evm_source source;
    struct ht_evm_world *world = NULL;
    struct ht_evm_outcome outcome;
    test->pre.block_hash = block_hash;
    ht_known_state_source(&source, &test->pre);
    enum ht_err err = ht_evm_world_new(&world, &source, MEMORY_MAX);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "out of memory");
    ht_evm_set(evm, one->rules, world, block, &origin, NULL, &limits);
    err = ht_evm_transact(evm, &outcome, tx, sender, NULL, &out->reason);
    out->is_rejected = err == HT_EDENIED;
    if (err == HT_EDENIED) err = HT_OK;
    if (err != HT_OK) (void)ht_fail(why, err, out->reason.code, "%s", out->reason.text);
    if (err == HT_OK) err = ht_world_root(&out->root, &test->pre, world, why);
    if (err == HT_OK) err = hash_logs(&out->logs_hash, world, why);
    ht_evm_world_free(world);
    return err;
}

enum ht_err ht_sv_run(struct ht_sv_outcome *out, struct ht_evm *evm, struct ht_sv_test *test,
                      const struct ht_sv_case *one, struct ht_why *why) {
    const uint8_t no_logs[] = {0xc0};
    struct ht_transaction tx;
    struct ht_evm_block block;
    struct ht_buf bytes;
    ht_addr20 sender;
    *out = (struct ht_sv_outcome){.reason = {.code = "", .text = ""}};
    ht_buf_init(&bytes, TX_MAX);
    enum ht_err err = ht_sv_block(&block, test, one->fork, one->rules, why);
    if (err == HT_OK) {
        err = make_transaction(&tx, &sender, test, one, &bytes, &out->reason);
        if (err == HT_OK) {
            err = transact(out, evm, test, one, &block, &tx, &sender, why);
        } else if (err == HT_EDENIED) {
            out->is_rejected = true;
            out->root = test->pre_root;
            ht_keccak256(&out->logs_hash, HT_BYTES(no_logs));
            err = HT_OK;
        } else {
            (void)ht_fail(why, err, out->reason.code, "%s", out->reason.text);
        }
    }
    ht_buf_fini(&bytes);
    return err;
}
