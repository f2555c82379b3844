/* The chain, the outbox and the disk of wallet_bench.h. */
#ifndef HT_TESTS_UNIT_WALLET_CHAIN_H
#define HT_TESTS_UNIT_WALLET_CHAIN_H

#include "tests/unit/wallet_bench.h"

/* --- the chain: one block, proven at once unless it is held ----------------------------------- */

enum ht_sync_state ht_sync_state(const struct ht_sync *sync, struct ht_why *why) {
    (void)sync;
    if (bench.sync_state != HT_SYNC_LIVE) (void)ht_fail(why, HT_ESTALE, "behind", "it is behind");
    return bench.sync_state;
}

static void bench_answer_header(struct ht_header_read *at) {
    at->header.header.number = 100;
    at->header.header.base_fee_per_gas = ht_u256_of(10 * BENCH_GWEI);
    at->header.header.layout = HT_EXEC_LAYOUT_LONDON;
    at->header.header.gas_limit = 30000000;
    at->header.header.gas_used = 15000000;
    at->done(at);
}

void ht_chain_read(struct ht_chain *chain, struct ht_header_read *read) {
    (void)chain;
    assert_int_equal(read->id.kind, HT_BLOCK_LATEST);
    if (!bench.is_held) {
        bench_answer_header(read);
        return;
    }
    assert_null(bench.held_header);
    bench.held_header = read;
}

/* What was held is proven now. */
static inline void bench_release(void) {
    struct ht_header_read *read = bench.held_header;
    assert_non_null(read);
    bench.held_header = NULL;
    bench_answer_header(read);
}

void ht_header_read_fini(struct ht_header_read *read) {
    (void)read;
}

const struct ht_exec_header_verified *ht_chain_head(const struct ht_chain *chain) {
    static struct ht_header_read head;
    (void)chain;
    head.header.header.number = 100;
    return &head.header;
}

json_t *ht_chain_provenance_json(const struct ht_chain *chain,
                                 const struct ht_exec_header_verified *header, bool is_final,
                                 const char *source) {
    (void)chain;
    (void)is_final;
    return json_pack("{s:s, s:I, s:s}", "verdict", "proven", "number",
                     (json_int_t)header->header.number, "source", source);
}

void ht_blocks_read(struct ht_blocks *blocks, struct ht_block_read *read) {
    static struct ht_body empty;
    (void)blocks;
    assert_true(read->wants_body);
    read->body = &empty;
    read->done(read);
}

void ht_block_read_fini(struct ht_block_read *read) {
    (void)read;
}

void ht_state_read(struct ht_state *state, struct ht_state_read *read) {
    (void)state;
    bool is_ours = ht_accounts_find(NULL, &read->address) != NULL;
    ht_u256 balance, gwei = ht_u256_of(BENCH_GWEI), count = ht_u256_of(bench.balance_gwei);
    ht_u256_mul(&balance, &count, &gwei);
    read->exists = true;
    read->account.nonce = is_ours ? bench.nonce : 0;
    ht_u256_to_be(read->account.balance, &balance);
    read->account.code_hash = ht_account_empty_code_hash;
    if (!is_ours && bench.has_code) read->account.code_hash.b[0] ^= 1;
    (void)snprintf(read->source, sizeof read->source, "test");
    read->done(read);
}

void ht_state_read_fini(struct ht_state_read *read) {
    (void)read;
}

/* --- simulations: they end when a test says so -------------------------------------------------
 */

void ht_simulate(struct ht_runner *runner, struct ht_simulation *simulation) {
    size_t at = 0;
    assert_non_null(runner);
    while (bench.simulated[at] != NULL) assert_true(++at < 4);
    bench.simulated[at] = simulation;
}

void ht_simulation_fini(struct ht_simulation *simulation) {
    json_decref(simulation->results);
    simulation->results = NULL;
}

/* --- the outbox ------------------------------------------------------------------------------- */

enum ht_err ht_outbox_json(void *outbox, json_t **out, struct ht_why *why) {
    const char *text = bench.outbox != NULL ? bench.outbox : "{\"transactions\":[]}";
    (void)outbox;
    (void)why;
    *out = json_loads(text, 0, NULL);
    assert_non_null(*out);
    return HT_OK;
}

const struct ht_tx_rules *ht_outbox_rules(const struct ht_outbox *outbox) {
    (void)outbox;
    return ht_tx_rules_find(bench.fork != NULL ? bench.fork : "Osaka");
}

enum ht_err ht_outbox_raw(const struct ht_outbox *outbox, ht_bytes *out, const ht_hash32 *hash,
                          struct ht_why *why) {
    (void)outbox;
    (void)hash;
    if (bench.outbox_raw.n == 0) return ht_fail(why, HT_ENOTFOUND, "tx_not_found", "none");
    *out = bench.outbox_raw;
    return HT_OK;
}

void ht_outbox_send(struct ht_outbox *outbox, struct ht_send *send) {
    (void)outbox;
    assert_null(bench.sent);
    assert_true(send->raw.n <= sizeof bench.sent_raw);
    memcpy(bench.sent_raw, send->raw.p, send->raw.n);
    bench.sent_n = send->raw.n;
    bench.sent = send;
}

static inline void bench_outbox_takes(void) {
    struct ht_send *send = bench.sent;
    assert_non_null(send);
    bench.sent = NULL;
    memset(send->hash.b, 0xab, sizeof send->hash.b);
    send->done(send);
}

/* --- the disk --------------------------------------------------------------------------------- */

enum ht_err ht_writer_submit(struct ht_writer *writer, struct ht_write *write) {
    (void)writer;
    if (bench.disk_is_full || bench.write_count == 16) return HT_EAGAIN;
    bench.writes[bench.write_count++] = write;
    return HT_OK;
}

/* Writes and commits what waits. */
static inline void bench_commit(void) {
    for (size_t i = 0; i < bench.write_count; i++) {
        struct ht_write *write = bench.writes[i];
        write->err = HT_OK;
        if (bench.db != NULL) write->err = write->write(write, bench.db, &write->why);
        write->done(write);
    }
    bench.write_count = 0;
}

#endif
