/* A chain made of nothing, for what /eth does with it: heads come when a test says so, and blocks
 * are read at once, later or not at all. Replaces chain.h, blocks.h, logs.h and the parts of eth.c
 * that the filters and subscriptions use. */
#ifndef HT_TESTS_UNIT_ETH_WORLD_H
#define HT_TESTS_UNIT_ETH_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "node/api/eth_filter.h"
#include "node/api/eth_follow.h"
#include "node/api/eth_subscribe.h"
#include "node/base/log.h"

enum { READS_AT_ONCE, READS_LATER, READS_FAIL };

static struct {
    struct ht_rpc *rpc;
    struct ht_eth eth;
    struct ht_chain_listener *listeners;
    struct ht_exec_header_verified head, final;
    bool is_stale;
    int64_t mono_ms;
    int how;                        /* blocks are read */
    struct ht_block_read *waits[8]; /* READS_LATER */
    size_t wait_count;
    unsigned read_count;
    struct ht_block_id from, to;      /* of the last range of logs that was read */
    struct ht_rpc_exchange *exchange; /* of the last call, while it is waited for */
    struct ht_rpc_peer *peer;         /* of the next calls */
    char answer[20000];
} world;

static inline int64_t world_mono_ms(void *self) {
    (void)self;
    return world.mono_ms;
}

static const struct ht_clock world_clock = {.mono_ms = world_mono_ms};

/* --- what is replaced ------------------------------------------------------------------------- */

const struct ht_clock *ht_sync_clock(const struct ht_sync *sync) {
    (void)sync;
    return &world_clock;
}

enum ht_err ht_eth_check_live(const struct ht_eth *eth, struct ht_why *why) {
    (void)eth;
    return world.is_stale ? ht_fail(why, HT_ESTALE, "not_live", "old") : HT_OK;
}

json_t *ht_eth_syncing_json(const struct ht_eth *eth) {
    (void)eth;
    return json_pack("{s:s}", "currentBlock", "0x0");
}

const struct ht_exec_header_verified *ht_chain_head(const struct ht_chain *chain) {
    (void)chain;
    return &world.head;
}

const struct ht_exec_header_verified *ht_chain_finalized(const struct ht_chain *chain) {
    (void)chain;
    return &world.final;
}

void ht_chain_listen(struct ht_chain *chain, struct ht_chain_listener *listener) {
    (void)chain;
    for (struct ht_chain_listener *one = world.listeners; one != NULL; one = one->next) {
        assert_ptr_not_equal(one, listener);
    }
    listener->next = world.listeners;
    world.listeners = listener;
}

void ht_chain_unlisten(struct ht_chain *chain, struct ht_chain_listener *listener) {
    (void)chain;
    struct ht_chain_listener **at = &world.listeners;
    while (*at != listener) at = &(*at)->next;
    *at = listener->next;
}

json_t *ht_chain_provenance_json(const struct ht_chain *chain,
                                 const struct ht_exec_header_verified *header, bool is_final,
                                 const char *source) {
    (void)chain;
    (void)source;
    return json_pack("{s:I, s:b}", "at", (json_int_t)header->header.number, "final", is_final);
}

struct ht_chain *ht_blocks_chain(const struct ht_blocks *blocks) {
    (void)blocks;
    return NULL;
}

static inline void end_read(struct ht_block_read *read, enum ht_err err) {
    read->err = err;
    if (err != HT_OK) (void)ht_fail(&read->why, err, "no_provider", "nobody answers");
    read->done(read);
}

void ht_blocks_read(struct ht_blocks *blocks, struct ht_block_read *read) {
    (void)blocks;
    world.read_count++;
    if (world.how == READS_LATER) {
        assert_true(world.wait_count < 8);
        world.waits[world.wait_count++] = read;
    } else {
        end_read(read, world.how == READS_AT_ONCE ? HT_OK : HT_ENET);
    }
}

void ht_block_read_fini(struct ht_block_read *read) {
    (void)read;
}

/* One log a block, whose data are the block's hash's first two bytes. */
enum ht_err ht_logs_of_block(json_t *array, const struct ht_log_filter *filter,
                             const struct ht_block_read *block, bool is_removed) {
    (void)filter;
    char data[8];
    (void)snprintf(data, sizeof data, "%u%c", block->id.hash.b[0], block->id.hash.b[1]);
    json_t *log = json_pack("{s:s, s:b}", "data", data, "removed", (int)is_removed);
    return json_array_append_new(array, log) == 0 ? HT_OK : HT_ENOMEM;
}

void ht_logs_read(struct ht_blocks *blocks, struct ht_logs_read *read) {
    (void)blocks;
    world.from = read->from;
    world.to = read->to;
    if (world.how == READS_FAIL) {
        read->gap_count = 2;
        read->gaps[0] = (struct ht_logs_gap){.from = 3, .to = 5};
        read->gaps[1] = (struct ht_logs_gap){.from = 9, .to = 9};
        (void)ht_fail(&read->gaps[1].why, HT_ENET, "no_provider", "nobody answers");
    }
    read->last = world.head;
    read->logs = json_pack("[s]", "all");
    read->done(read);
}

void ht_logs_cancel(struct ht_logs_read *read) {
    (void)read;
}

void ht_logs_read_fini(struct ht_logs_read *read) {
    json_decref(read->logs);
}

/* --- what tests say --------------------------------------------------------------------------- */

/* Block `number` of a branch 'a', 'b', …; its bloom lets every filter look at its receipts. */
static inline struct ht_exec_header_verified block(uint64_t number, char branch) {
    struct ht_exec_header_verified made = {0};
    made.header.number = number;
    made.hash.b[0] = (uint8_t)number;
    made.hash.b[1] = (uint8_t)branch;
    memset(made.header.logs_bloom, 0xff, sizeof made.header.logs_bloom);
    return made;
}

static inline void change(const struct ht_exec_header_verified *removed, size_t removed_count,
                          const struct ht_exec_header_verified *added, size_t added_count) {
    const struct ht_chain_change told = {removed, removed_count, added, added_count};
    world.head = added[added_count - 1];
    for (struct ht_chain_listener *one = world.listeners; one != NULL;) {
        struct ht_chain_listener *next = one->next;
        one->on_change(one, &told);
        one = next;
    }
}

static inline void add_block(uint64_t number, char branch) {
    struct ht_exec_header_verified added = block(number, branch);
    change(NULL, 0, &added, 1);
}

/* Ends the oldest read that waits. */
static inline void finish_read(enum ht_err err) {
    assert_true(world.wait_count > 0);
    struct ht_block_read *read = world.waits[0];
    world.wait_count--;
    memmove(world.waits, world.waits + 1, world.wait_count * sizeof *world.waits);
    end_read(read, err);
}

static inline int set_up(void **state) {
    static const struct ht_rpc_method methods[] = {
        {.name = "eth_newFilter", .start = ht_eth_new_filter},
        {.name = "eth_newBlockFilter", .start = ht_eth_new_block_filter},
        {.name = "eth_getFilterChanges", .start = ht_eth_get_filter_changes},
        {.name = "eth_getFilterLogs", .start = ht_eth_get_filter_logs},
        {.name = "eth_uninstallFilter", .start = ht_eth_uninstall_filter},
        {.name = "eth_subscribe", .start = ht_eth_subscribe},
        {.name = "eth_unsubscribe", .start = ht_eth_unsubscribe},
    };
    (void)state;
    ht_log_set_level(HT_LOG_ERROR);
    memset(&world, 0, sizeof world);
    world.mono_ms = 1000;
    world.head = block(10, 'a');
    /* Never looked into: only whether they are there counts. */
    world.eth =
        (struct ht_eth){.chain = (struct ht_chain *)&world, .blocks = (struct ht_blocks *)&world};
    return ht_rpc_new(&world.rpc, HT_RPC_ETHEREUM) != HT_OK ||
           ht_rpc_add_methods(world.rpc, methods, sizeof methods / sizeof *methods, &world.eth) !=
               HT_OK;
}

static inline int tear_down(void **state) {
    (void)state;
    ht_rpc_free(world.rpc);
    while (world.wait_count > 0) finish_read(HT_EDENIED);
    ht_eth_filters_free(&world.eth);
    ht_eth_subscriptions_free(&world.eth);
    return world.listeners == NULL ? 0 : 1;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
