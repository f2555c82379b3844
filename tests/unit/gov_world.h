/* A governance module over a database in memory and a state that the test makes: writes happen at
 * once, slots are those that were set, at one head. A test program includes this once. */
#ifndef HT_TESTS_UNIT_GOV_WORLD_H
#define HT_TESTS_UNIT_GOV_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "governance/community/community_item.h"
#include "governance/governance_sql.h"
#include "governance/power/power_look.h"
#include "governance/reads/reads.h"
#include "governance/recount/recount.h"
#include "node/codec/abi.h"
#include "node/crypto/keccak.h"
#include "node/store/db_sql.h"

#define GW_SLOTS_MAX 64U
#define GW_HEAD 1000U
#define GW_TIME 1800000000U

static struct {
    sqlite3 *db;
    struct ht_governance governance;
    struct ht_host host;
    struct ht_network network;
    ht_hash32 slots[GW_SLOTS_MAX];
    uint8_t values[GW_SLOTS_MAX][32];
    size_t slot_count;
    struct ht_exec_header_verified head;
    ht_hash32 code_hash;
    unsigned state_reads, block_reads;
    enum ht_err block_err;
    struct ht_receipts receipts;
    struct ht_body body;
    struct ht_why why;
} gw;

static int64_t gw_now(void *self) {
    (void)self;
    return (int64_t)GW_TIME * 1000;
}
static const struct ht_clock gw_clock = {gw_now, gw_now, NULL};

/* --- fakes ------------------------------------------------------------------------------------ */

enum ht_err ht_writer_submit(struct ht_writer *writer, struct ht_write *write) {
    (void)writer;
    write->err = write->write(write, gw.db, &write->why);
    write->done(write);
    return HT_OK;
}

void ht_state_read(struct ht_state *state, struct ht_state_read *read) {
    (void)state;
    gw.state_reads++;
    read->err = HT_OK;
    read->exists = true;
    read->header = gw.head;
    read->account.code_hash = gw.code_hash;
    read->values = calloc(read->slot_count + 1, sizeof *read->values);
    for (size_t i = 0; i < read->slot_count; i++) {
        for (size_t k = 0; k < gw.slot_count; k++) {
            if (ht_hash32_equal(&gw.slots[k], &read->slots[i]))
                memcpy(read->values[i], gw.values[k], 32);
        }
    }
    read->done(read);
}

void ht_state_read_fini(struct ht_state_read *read) {
    free(read->values);
    read->values = NULL;
}

struct ht_chain *ht_state_chain(const struct ht_state *state) {
    (void)state;
    return NULL;
}

#ifndef GW_HAS_BLOCKS /* the program has the real ones for other reasons */
void ht_logs_read(struct ht_blocks *blocks, struct ht_logs_read *read) {
    (void)blocks, (void)read;
    fail_msg("no test reads logs");
}

void ht_logs_read_fini(struct ht_logs_read *read) {
    (void)read;
}

void ht_blocks_read(struct ht_blocks *blocks, struct ht_block_read *read) {
    (void)blocks;
    gw.block_reads++;
    read->err = gw.block_err;
    if (read->err != HT_OK) (void)ht_fail(&read->why, read->err, "no_provider", "nobody");
    read->header = gw.head;
    read->receipts = &gw.receipts;
    read->body = read->wants_body ? &gw.body : NULL;
    read->done(read);
}

void ht_block_read_fini(struct ht_block_read *read) {
    read->receipts = NULL;
    read->body = NULL;
}
#endif

/* --- what a test begins with ------------------------------------------------------------------ */

static inline void gw_set(const ht_hash32 *slot, const uint8_t value[static 32]) {
    assert_true(gw.slot_count < GW_SLOTS_MAX);
    gw.slots[gw.slot_count] = *slot;
    memcpy(gw.values[gw.slot_count++], value, 32);
}

static inline int gw_start(void **state) {
    bool is_wal;
    (void)state;
    memset(&gw, 0, sizeof gw);
    if (sqlite3_open(":memory:", &gw.db) != SQLITE_OK) return -1;
    if (ht_db_sql_configure_writer(&is_wal, gw.db) != SQLITE_OK) return -1;
    for (uint32_t i = 0; i < HT_GOVERNANCE_MIGRATIONS; i++) {
        const char *sql = ht_governance_migrations[i].sql;
        if (ht_db_sql_migrate(gw.db, sql, "governance", i + 1, i + 1) != SQLITE_OK) return -1;
    }
    gw.network.chain_id = 1;
    gw.network.slot_duration_ms = 12000;
    gw.head.header.number = GW_HEAD;
    gw.head.header.timestamp = GW_TIME;
    gw.head.hash.b[0] = 0x4e;
    gw.code_hash.b[0] = 0xc0;
    gw.host = (struct ht_host){
        .clock = &gw_clock, .network = &gw.network, .writer = (struct ht_writer *)&gw};
    gw.governance.host = &gw.host;
    if (ht_communities_new(&gw.governance, gw.db, &gw.why) != HT_OK) return -1;
    gw.governance.communities->is_telling = true; /* no timers here */
    return 0;
}

static inline void gw_release(struct ht_community *community) {
    for (size_t i = 0; i < community->item_count; i++) ht_gov_recount_free(community->items[i]);
    ht_gov_power_forget(community);
}

static inline int gw_end(void **state) {
    (void)state;
    ht_communities_free(&gw.governance, gw_release);
    ht_db_close(gw.db);
    return 0;
}

/* As if the program had been started again. */
static inline void gw_restart(void) {
    ht_communities_free(&gw.governance, gw_release);
    assert_int_equal(ht_communities_new(&gw.governance, gw.db, &gw.why), HT_OK);
    gw.governance.communities->is_telling = true;
}

/* One that is followed and kept, OpenZeppelin 5 with namespaced slots. */
static inline struct ht_community *gw_community(uint8_t n) {
    struct ht_community *community = NULL;
    const ht_addr20 address = {{0xda, 0x00, n}};
    assert_int_equal(ht_community_new(&community, &gw.governance, &address, &gw.why), HT_OK);
    community->standing = HT_GOV_STANDS_PROBED;
    community->profile.chain_id = 1;
    community->profile.address = address;
    community->profile.code_hash = gw.code_hash;
    community->profile.layout = ht_gov_layout_upgradeable;
    community->profile.layout.has &= ~(1U << HT_GOV_SEQUENCE);
    community->profile.token_layout.kind = HT_GOV_TOKEN_UNKNOWN;
    ht_community_keep(community, NULL, NULL);
    return community;
}

/* The data of a ProposalCreated log: one action, no calldata, a text; with its id. *id_out is the
 * hash; id NULL: that one is written. The caller frees out. */
static inline void gw_log(struct ht_buf *out, ht_u256 *id_out, const ht_u256 *id, const char *text,
                          uint64_t start, uint64_t end) {
    struct ht_gov_proposal *proposal = calloc(1, sizeof *proposal);
    char id_text[HT_U256_DECIMAL_SIZE];
    struct ht_arena arena;
    struct ht_abi_type type;
    proposal->action_count = 1;
    proposal->actions[0].target.b[19] = 0x77;
    proposal->description = ht_bytes_str(text);
    ht_keccak256(&proposal->description_hash, ht_bytes_str(text));
    assert_int_equal(ht_gov_proposal_hash(id_out, proposal), HT_OK);
    (void)ht_u256_to_decimal(id_text, id != NULL ? id : id_out);
    ht_arena_init(&arena, 65536);
    static const char TYPES[] = "(uint256,address,address[],uint256[],string[],bytes[],uint256,"
                                "uint256,string)";
    assert_int_equal(ht_abi_type_read(&type, &arena, ht_bytes_str(TYPES), NULL), HT_OK);
    json_t *values = json_pack("[s, s, [s], [s], [s], [s], o, o, s]", id_text,
                               "0x00000000000000000000000000000000000000aa",
                               "0x0000000000000000000000000000000000000077", "0", "", "0x",
                               json_sprintf("%llu", (unsigned long long)start),
                               json_sprintf("%llu", (unsigned long long)end), text);
    ht_buf_init(out, 65536);
    assert_int_equal(ht_abi_encode(out, &type, values, &gw.why), HT_OK);
    json_decref(values);
    ht_arena_fini(&arena);
    free(proposal);
}

/* The governor has it: ProposalCore by 0x…aa. */
static inline void gw_store(const struct ht_community *community, const ht_u256 *id, uint64_t start,
                            uint64_t duration) {
    ht_hash32 slot, key;
    uint8_t word[32] = {[31] = 0xaa};
    for (size_t i = 0; i < 6; i++) word[11 - i] = (uint8_t)(start >> (8 * i));
    for (size_t i = 0; i < 4; i++) word[5 - i] = (uint8_t)(duration >> (8 * i));
    ht_u256_to_be(key.b, id);
    ht_gov_slot_map(&slot, &key, &community->profile.layout.base[HT_GOV_PROPOSALS]);
    gw_set(&slot, word);
}

#endif
