/* The services over the proven chain on a bench: a light client whose head a test sets, an asker
 * that asks made-up providers, and, if wanted, a disk.
 *
 * A test program includes chain_fakes.h once: it puts the bench in the place of sync.h and ask.h.
 * Questions wait until ht_cb_settle pumps them, so that prove and done never come from within
 * ht_ask. Everything runs on the test's thread but for the disk. */
#ifndef HT_TESTS_UNIT_CHAIN_BENCH_H
#define HT_TESTS_UNIT_CHAIN_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "node/l1/logs.h"
#include "node/l1/outbox.h"
#include "node/l1/state.h"
#include "tests/unit/chain_world.h"

#define HT_CB_PEERS 3U

struct ht_cb;

/* A provider; zeroed it is honest. */
struct ht_cb_peer {
    bool lacks_state;               /* it has pruned all of it */
    const char *lacks_method;       /* one that it does not have */
    const char *knows_not;          /* a method to which it answers null */
    size_t batch_max;               /* requests that it takes at once; 0: any number */
    const char *refusal;            /* what it says to everything; NULL: it answers */
    const char *refuses;            /* the one method that it says that to; NULL: all */
    const struct ht_cw_block *head; /* that it follows; NULL: the bench's */
    /* What it says instead of the honest answer; NULL: that. Takes over honest, which is NULL where
     * there is no such state. */
    json_t *(*say)(struct ht_cb *bench, const char *method, const json_t *params, json_t *honest);
    unsigned questions, requests, faults; /* so far */
    struct ht_why fault;                  /* the last */
};

struct ht_sync {
    struct ht_sync_view view;
    struct ht_network network;
    struct ht_clock clock;
    int64_t wall_ms, mono_ms;
    struct ht_providers providers;
    struct ht_chain_view chain_view;
    struct ht_checkpoint_poll poll;
};

struct ht_cb {
    struct ht_cw world;
    const struct ht_cw_block *head;
    struct ht_sync sync;
    struct ht_cb_peer peers[HT_CB_PEERS];
    size_t peer_count; /* 1 to begin with */
    struct ht_question *queue;
    bool is_held;       /* no question is answered */
    const char *held;   /* none of that method, which comes first in it */
    unsigned questions; /* asked so far */
    unsigned steps;     /* 0: no bound; else so many questions are answered, then it is held */
    unsigned counts[8]; /* by method, as ht_cb_asked says */

    struct ht_chain *chain;
    struct ht_blocks *blocks;
    struct ht_state *state;

    bool has_disk;
    char dir[64], path[96];
    struct ht_loop *loop;
    struct ht_pool *pool;
    struct ht_writer *writer;
    struct ht_reader *reader;
};

extern struct ht_cb *ht_cb_current;

/* Setup and teardown for cmocka; the state is the bench. The second has a disk. */
int ht_cb_new(void **state);
int ht_cb_new_with_disk(void **state);
int ht_cb_free(void **state);
/* As a restart of the node: the services are new, the disk and the light client are not. */
void ht_cb_reopen(struct ht_cb *bench);
/* The services end as the node ends them; questions that are left end with "stopping". */
void ht_cb_close(struct ht_cb *bench);

/* The light client's blocks. ht_cb_head also tells the chain. */
void ht_cb_set_head(struct ht_cb *bench, const struct ht_cw_block *head);
void ht_cb_set_finalized(struct ht_cb *bench, const struct ht_cw_block *finalized);
void ht_cb_head(struct ht_cb *bench, const struct ht_cw_block *head);

/* Answers questions and waits for the disk until nothing is left that may be answered. */
void ht_cb_settle(struct ht_cb *bench);
/* How many requests of that method were asked so far, by all questions. */
unsigned ht_cb_asked(const struct ht_cb *bench, const char *method);
/* Blames; what ht_ask_blame does. */
void ht_cb_blame(const struct ht_question *question, const struct ht_why *why);
void ht_cb_ask(struct ht_question *question);

void ht_cb_expect(enum ht_err err, const struct ht_why *why, enum ht_err wanted, const char *code);

/* --- reads of one header ---------------------------------------------------------------------- */

struct ht_cb_header {
    struct ht_header_read read; /* first */
    unsigned done;
};

/* Starts, or starts and settles; to be ended with ht_header_read_fini. */
void ht_cb_start(struct ht_cb *bench, struct ht_cb_header *header, struct ht_block_id id,
                 size_t before);
void ht_cb_read(struct ht_cb *bench, struct ht_cb_header *header, struct ht_block_id id,
                size_t before);
struct ht_block_id ht_cb_number(uint64_t number);
struct ht_block_id ht_cb_hash(const struct ht_cw_block *block);
struct ht_block_id ht_cb_kind(enum ht_block_kind kind);
/* It is that block, with so many ancestors. */
void ht_cb_is_block(const struct ht_cb_header *header, const struct ht_cw_block *block,
                    size_t before);

#endif
