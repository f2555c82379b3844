/* Creations over a database in memory, an outbox and a state that the test makes. A test program
 * includes this once. */
#ifndef HT_TESTS_UNIT_GOV_CREATE_WORLD_H
#define HT_TESTS_UNIT_GOV_CREATE_WORLD_H

#include "governance/create/create_follow.h"
#include "tests/unit/gov_contracts.h"

#define GC_HASH_BYTE 0x7a

static struct {
    sqlite3 *db;
    struct ht_governance governance;
    struct ht_host host;
    struct ht_network network;
    struct evm_bench bench;
    struct ht_gov_made made;   /* what stands in the state, when is_there */
    bool is_there, is_swapped; /* swapped: the treasury's code stands where the governor's should */
    enum ht_err write_err;
    const char *outbox; /* what it says, as JSON */
    unsigned published, reads;
    enum ht_block_kind last_block;
    struct ht_why why;
} gc;

static int64_t gc_now(void *self) {
    (void)self;
    return 1800000000000;
}
static const struct ht_clock gc_clock = {gc_now, gc_now, NULL};

enum ht_err ht_writer_submit(struct ht_writer *writer, struct ht_write *write) {
    (void)writer;
    write->err = gc.write_err;
    if (write->err == HT_OK) write->err = write->write(write, gc.db, &write->why);
    write->done(write);
    return HT_OK;
}

enum ht_err ht_outbox_json(void *outbox, json_t **out, struct ht_why *why) {
    (void)outbox, (void)why;
    *out = gov_json(gc.outbox);
    return HT_OK;
}

static inline bool gc_is(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

void ht_state_read(struct ht_state *state, struct ht_state_read *read) {
    (void)state;
    const ht_addr20 *at = &read->address;
    if (gc.is_swapped && gc_is(at, &gc.made.governor)) at = &gc.made.treasury;
    gc.reads++;
    if (read->block.kind != HT_BLOCK_HASH) gc.last_block = read->block.kind;
    read->err = HT_OK;
    if (gc.is_there) {
        ht_bytes code = gov_code(&gc.bench, at);
        ht_buf_init(&read->code, HT_STATE_CODE_MAX);
        assert_int_equal(ht_buf_add(&read->code, code), HT_OK);
    }
    read->done(read);
}

void ht_state_read_fini(struct ht_state_read *read) {
    ht_buf_fini(&read->code);
}

static void gc_publish(const struct ht_host *host, const char *topic) {
    (void)host;
    assert_string_equal(topic, "dao.creations");
    gc.published++;
}

static int gc_start(void **state) {
    uint64_t gas;
    (void)state;
    memset(&gc, 0, sizeof gc);
    if (sqlite3_open(":memory:", &gc.db) != SQLITE_OK) return -1;
    if (sqlite3_exec(gc.db, ht_gov_creation_schema_sql, NULL, NULL, NULL) != SQLITE_OK) return -1;
    evm_bench_init(&gc.bench, HT_EVM_OSAKA);
    struct ht_gov_wishes wishes = gov_wishes(GOV_TOKEN);
    gc.made = gov_make(&gc.bench, &gas, &wishes);
    gc.outbox = "{\"transactions\": []}";
    gc.network.chain_id = 1;
    gc.host = (struct ht_host){.clock = &gc_clock,
                               .network = &gc.network,
                               .writer = (struct ht_writer *)&gc,
                               .publish = gc_publish};
    gc.governance.host = &gc.host;
    return ht_gov_create_start(&gc.governance, gc.db, &gc.why) == HT_OK ? 0 : -1;
}

static int gc_end(void **state) {
    (void)state;
    ht_gov_create_free(&gc.governance);
    evm_bench_fini(&gc.bench);
    ht_db_close(gc.db);
    return 0;
}

/* As if the program had been started again. */
static inline void gc_restart(void) {
    ht_gov_create_free(&gc.governance);
    assert_int_equal(ht_gov_create_start(&gc.governance, gc.db, &gc.why), HT_OK);
}

#endif
