/* Batches: gathering, verifying on workers, one write each, answers in order. */
#include "social/relay/relay_ingest.h"

#include <stdlib.h>

#include "social/relay/relay_item.h"
#include "social/relay/relay_peer.h"
#include "social/relay/relay_request.h"

#define PEER_EVENTS_MAX 4096U /* that wait, of one connection, until it is held */
#define PEER_BYTES_MAX ((size_t)4 << 20)
#define EVENT_BYTES_MAX ((size_t)32 << 20) /* of all connections: more are refused */
#define BATCH_BYTES_MAX ((size_t)1 << 20)
#define INLINE_MAX 4U
#define AUTHOR_KEYS 8192U

static void run(struct ht_relay *relay);

/* --- waiting ----------------------------------------------------------------------------------*/

static bool is_over(const struct ht_relay_peer *peer, size_t part) {
    return peer->event_count > PEER_EVENTS_MAX / part || peer->event_bytes > PEER_BYTES_MAX / part;
}

static void hold_back(struct ht_relay_peer *peer, bool is_held) {
    const struct ht_relay_io *io = &peer->relay->options.io;
    if (peer->is_held == is_held || peer->is_gone || io->hold == NULL) return;
    peer->is_held = is_held;
    io->hold(io->user, peer->connection, is_held);
}

static void join_turn(struct ht_relay_peer *peer) {
    struct ht_relay *relay = peer->relay;
    if (peer->is_in_turn || peer->first_item == NULL) return;
    peer->is_in_turn = true;
    peer->turn_next = NULL;
    *relay->last_turn = peer;
    relay->last_turn = &peer->turn_next;
    ht_relay_peer_hold(peer);
}

static void start(struct ht_job *job) {
    struct ht_relay *relay =
        (struct ht_relay *)((char *)job - offsetof(struct ht_relay, start_job));
    relay->is_start_posted = false;
    run(relay);
}

/* Lets what else has arrived in this turn of the loop join the batch. */
static void start_soon(struct ht_relay *relay) {
    if (relay->is_start_posted || relay->batch_count >= HT_RELAY_BATCHES_MAX) return;
    relay->start_job.run = start;
    if (ht_loop_post(relay->options.host->loop, &relay->start_job) == HT_OK) {
        relay->is_start_posted = true;
    } else {
        run(relay);
    }
}

static void enqueue(struct ht_relay_item *item) {
    struct ht_relay_peer *peer = item->peer;
    *peer->last_item = item;
    peer->last_item = &item->next;
    peer->event_count++;
    peer->event_bytes += item->size;
    peer->relay->event_bytes += item->size;
    join_turn(peer);
    if (is_over(peer, 1)) hold_back(peer, true);
    start_soon(peer->relay);
}

static bool has_room(const struct ht_relay_peer *peer) {
    return peer->relay->event_bytes <= EVENT_BYTES_MAX && !peer->relay->is_stopped &&
           peer->event_count <= 2 * PEER_EVENTS_MAX && peer->event_bytes <= 2 * PEER_BYTES_MAX;
}

void ht_relay_take_event(struct ht_relay_peer *peer, ht_bytes text) {
    struct ht_relay_item *item = ht_relay_item_new(peer, text, "]");
    if (item == NULL) {
        ht_relay_tell(peer, "NOTICE", (ht_bytes){0}, "error", "out of memory");
        return;
    }
    peer->relay->counts.received++;
    if (!item->is_ready && !has_room(peer)) {
        item->is_ready = true;
        item->err = ht_fail(&item->why, HT_EDENIED, "rate-limited", "too many events at once");
    }
    ht_relay_item_judge(item);
    /* What waits behind the bound is not even queued. */
    if (item->is_ready && !has_room(peer)) {
        peer->relay->counts.refused++;
        ht_relay_item_answer(item);
        ht_relay_item_free(item);
        return;
    }
    enqueue(item);
}

enum ht_err ht_relay_take_publish(struct ht_relay *relay, struct ht_relay_publish *publish,
                                  struct ht_why *why) {
    if (relay->event_bytes > EVENT_BYTES_MAX || relay->is_stopped)
        return ht_fail(why, HT_EAGAIN, "relay_busy", "too many events wait already");
    struct ht_relay_item *item = ht_relay_item_new(relay->inside, publish->json, "");
    if (item == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for an event");
    item->publish = publish;
    ht_relay_item_judge(item);
    enqueue(item);
    return HT_OK;
}

/* --- verifying --------------------------------------------------------------------------------*/

/* A worker, or the writer's thread. */
static void verify(struct ht_relay_batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        struct ht_relay_item *item = batch->items[i];
        if (item->is_ready) continue;
        item->err = ht_event_keys_verify(batch->keys, &item->event, &item->why);
        bool is_ephemeral = ht_event_class_of(item->event.kind) == HT_EVENT_EPHEMERAL;
        item->is_ready = item->err != HT_OK || is_ephemeral;
    }
}

static void verify_work(struct ht_work *work) {
    verify((struct ht_relay_batch *)((char *)work - offsetof(struct ht_relay_batch, work)));
}

static void release_keys(struct ht_relay_batch *batch) {
    if (batch->keys == NULL) return;
    batch->relay->keys_taken[batch->slot] = false;
    batch->keys = NULL;
}

static void verify_done(struct ht_work *work) {
    struct ht_relay_batch *batch =
        (struct ht_relay_batch *)((char *)work - offsetof(struct ht_relay_batch, work));
    struct ht_relay *relay = batch->relay;
    release_keys(batch);
    batch->state = HT_BATCH_VERIFIED;
    run(relay);
}

/* --- storing ----------------------------------------------------------------------------------*/

/* The writer's thread. */
static enum ht_err write_batch(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct ht_relay_batch *batch =
        (struct ht_relay_batch *)((char *)write - offsetof(struct ht_relay_batch, write));
    struct ht_relay *relay = batch->relay;
    struct ht_store_limits limits = relay->writer_limits;
    enum ht_err err = HT_OK;
    if (batch->is_inline) verify(batch);
    if (relay->writer_store == NULL) err = ht_store_new(&relay->writer_store, db, why);
    limits.now_s = batch->now_s;
    if (err == HT_OK && relay->trees != NULL)
        ht_store_set_watch(relay->writer_store, ht_neg_trees_watch(relay->trees, true));
    for (size_t i = 0; err == HT_OK && i < batch->count; i++) {
        struct ht_relay_item *item = batch->items[i];
        if (item->is_ready) continue;
        limits.author_bytes = item->has_quota ? relay->writer_limits.author_bytes : 0;
        err = ht_store_put(&item->put, relay->writer_store, &item->event, &limits, relay->url, why);
    }
    return err;
}

/* The thread's own counter of who may be found by a query before it is announced. */
static void mark_flying(struct ht_relay_batch *batch, bool is_flying) {
    for (size_t i = 0; i < batch->count; i++) {
        const struct ht_relay_item *item = batch->items[i];
        if (!item->is_read) continue;
        uint16_t *slot =
            &batch->relay->flying[(item->event.id.b[0] << 4) | (item->event.id.b[1] >> 4)];
        *slot = (uint16_t)(is_flying ? *slot + 1 : *slot - 1);
    }
    batch->is_flying = is_flying;
}

bool ht_relay_is_flying(const struct ht_relay *relay, const ht_hash32 *id) {
    return relay->flying[(id->b[0] << 4) | (id->b[1] >> 4)] > 0;
}

static void fail_batch(struct ht_relay_batch *batch, enum ht_err err, const struct ht_why *why) {
    for (size_t i = 0; i < batch->count; i++) {
        struct ht_relay_item *item = batch->items[i];
        if (item->is_ready) continue;
        item->err = err;
        item->why = *why;
        item->is_ready = true;
    }
}

static void write_done(struct ht_write *write) {
    struct ht_relay_batch *batch =
        (struct ht_relay_batch *)((char *)write - offsetof(struct ht_relay_batch, write));
    struct ht_relay *relay = batch->relay;
    release_keys(batch);
    if (write->err != HT_OK) fail_batch(batch, write->err, &write->why);
    batch->state = HT_BATCH_DONE;
    run(relay);
}

static void submit_write(struct ht_relay_batch *batch) {
    struct ht_relay *relay = batch->relay;
    enum ht_err err = HT_EAGAIN;
    struct ht_why why = {.code = NULL};
    batch->now_s = ht_relay_now_s(relay);
    batch->write = (struct ht_write){.write = write_batch, .done = write_done};
    batch->state = HT_BATCH_WRITING;
    mark_flying(batch, true);
    if (relay->options.writer != NULL && !relay->is_stopped)
        err = ht_writer_submit(relay->options.writer, &batch->write);
    if (err == HT_OK) return;
    (void)ht_fail(&why, err, "relay_busy", "the disk is busy, try again");
    release_keys(batch);
    fail_batch(batch, err, &why);
    batch->state = HT_BATCH_DONE;
}

static bool has_writes(const struct ht_relay_batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        if (!batch->items[i]->is_ready) return true;
    }
    return false;
}

/* --- answering --------------------------------------------------------------------------------*/

static void announce(struct ht_relay *relay, const struct ht_relay_batch *batch,
                     const struct ht_relay_item *item) {
    if (item->err != HT_OK || item->put != HT_PUT_STORED) return;
    relay->counts.stored++;
    if (relay->trees != NULL) ht_neg_trees_stored(relay->trees, &item->event);
    ht_relay_fan_out(relay, &item->event, batch->serial);
    for (struct ht_relay_listener *l = relay->listeners; l != NULL; l = l->next)
        l->event(l, &item->event);
}

static void answer(struct ht_relay *relay, struct ht_relay_batch *batch) {
    if (batch->is_flying) mark_flying(batch, false);
    for (size_t i = 0; i < batch->count; i++) {
        struct ht_relay_item *item = batch->items[i];
        struct ht_relay_peer *peer = item->peer;
        peer->event_count--;
        peer->event_bytes -= item->size;
        relay->event_bytes -= item->size;
        if (item->err != HT_OK) relay->counts.refused++;
        if (item->err == HT_EUNVERIFIED) ht_relay_peer_bad(peer);
        ht_relay_item_answer(item);
        announce(relay, batch, item);
        if (!is_over(peer, 2)) hold_back(peer, false);
        ht_relay_item_free(item);
    }
    free(batch);
}

/* In the order of arrival, so that what comes later is stored later. */
static void write_verified(struct ht_relay *relay) {
    for (struct ht_relay_batch *batch = relay->batches; batch != NULL; batch = batch->next) {
        if (batch->state == HT_BATCH_VERIFYING) break;
        if (batch->state != HT_BATCH_VERIFIED) continue;
        if (has_writes(batch)) {
            submit_write(batch);
        } else {
            batch->state = HT_BATCH_DONE;
        }
    }
}

static void answer_done(struct ht_relay *relay) {
    while (relay->batches != NULL && relay->batches->state == HT_BATCH_DONE) {
        struct ht_relay_batch *batch = relay->batches;
        relay->batches = batch->next;
        if (relay->batches == NULL) relay->last_batch = &relay->batches;
        relay->batch_count--;
        answer(relay, batch);
    }
}

/* --- gathering --------------------------------------------------------------------------------*/

/* One event of each connection in turn. */
static struct ht_relay_item *take_next(struct ht_relay *relay) {
    struct ht_relay_peer *peer = relay->first_turn;
    if (peer == NULL) return NULL;
    struct ht_relay_item *item = peer->first_item;
    relay->first_turn = peer->turn_next;
    if (relay->first_turn == NULL) relay->last_turn = &relay->first_turn;
    peer->first_item = item->next;
    if (peer->first_item == NULL) peer->last_item = &peer->first_item;
    item->next = NULL;
    peer->is_in_turn = false;
    join_turn(peer);
    ht_relay_peer_release(peer);
    return item;
}

static bool take_slot(struct ht_relay *relay, size_t *slot) {
    for (size_t i = 0; i < HT_RELAY_VERIFIERS; i++) {
        if (relay->keys_taken[i]) continue;
        if (relay->keys[i] == NULL && ht_event_keys_new(&relay->keys[i], AUTHOR_KEYS) != HT_OK)
            continue;
        *slot = i;
        return true;
    }
    return false;
}

static void submit_batch(struct ht_relay *relay, struct ht_relay_batch *batch, size_t slot) {
    bool is_alone = relay->batches == NULL;
    *relay->last_batch = batch;
    relay->last_batch = &batch->next;
    relay->batch_count++;
    batch->serial = ++relay->batch_serial;
    if (relay->is_stopped) {
        static const struct ht_why why = {.code = "relay_stopped", .text = "the relay stops"};
        fail_batch(batch, HT_EAGAIN, &why);
    }
    if (!has_writes(batch)) {
        batch->state = HT_BATCH_VERIFIED;
        return;
    }
    batch->slot = slot;
    batch->keys = relay->keys[slot];
    relay->keys_taken[slot] = true;
    if (is_alone && batch->count <= INLINE_MAX) {
        batch->is_inline = true;
        submit_write(batch);
        return;
    }
    batch->work.work = verify_work;
    batch->work.done = verify_done;
    struct ht_pool *pool = relay->options.host->pool;
    if (pool != NULL && ht_pool_submit(pool, &batch->work) == HT_OK) return;
    /* Without a pool, or a place in it, the loop does it. */
    verify(batch);
    release_keys(batch);
    batch->state = HT_BATCH_VERIFIED;
}

static bool make_batch(struct ht_relay *relay) {
    size_t slot = 0;
    size_t bytes = 0;
    if (relay->first_turn == NULL || relay->batch_count >= HT_RELAY_BATCHES_MAX) return false;
    if (!take_slot(relay, &slot)) return false;
    struct ht_relay_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) return false;
    batch->relay = relay;
    while (batch->count < HT_RELAY_BATCH_MAX && bytes < BATCH_BYTES_MAX) {
        struct ht_relay_item *item = take_next(relay);
        if (item == NULL) break;
        batch->items[batch->count++] = item;
        bytes += item->size;
    }
    submit_batch(relay, batch, slot);
    return true;
}

/* Moves each batch on as far as it may, and begins others. */
static void run(struct ht_relay *relay) {
    const struct ht_relay_batch *first;
    if (relay->is_answering) return;
    relay->is_answering = true;
    do {
        write_verified(relay);
        answer_done(relay);
        while (make_batch(relay)) continue;
        first = relay->batches;
        /* What was refused on arrival needs no worker. */
    } while (first != NULL && first->state != HT_BATCH_VERIFYING &&
             first->state != HT_BATCH_WRITING);
    relay->is_answering = false;
}

void ht_relay_ingest_fini(struct ht_relay *relay) {
    if (relay->is_start_posted) (void)ht_loop_unpost(relay->options.host->loop, &relay->start_job);
    ht_assert(relay->batches == NULL);
    for (struct ht_relay_item *item; (item = take_next(relay)) != NULL;) {
        static const struct ht_why why = {.code = "relay_stopped", .text = "the relay has ended"};
        if (item->publish != NULL)
            item->publish->done(item->publish, HT_EAGAIN, HT_PUT_STORED, &why);
        ht_relay_item_free(item);
    }
    for (size_t i = 0; i < HT_RELAY_VERIFIERS; i++) ht_event_keys_free(relay->keys[i]);
}
