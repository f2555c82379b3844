/* A blob from its author to many in the simulator: the real scheduler and upload limits, everybody
 * with the same upload; and the same blob from the author alone, to compare. */
#include "node/p2p/sim_swarm.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/crypto/sha256.h"
#include "node/p2p/sim_world.h"
#include "node/p2p/swarm.h"

#define HOLDERS_MAX 62U         /* the author, 60 peers, and one that comes late */
#define TELL_US INT64_C(250000) /* until the others hear of a chunk, beside the latency */
#define HOURS_US (INT64_C(72) * 3600 * 1000000)
#define SPEEDUP_MIN_PERMILLE 5000U

struct swarm_world;

struct peer { /* the author is the first, and has all */
    struct swarm_world *world;
    unsigned index;
    struct ht_swarm *swarm;
    struct ht_swarm_holder *holders[HOLDERS_MAX];
    struct ht_bucket all, each[HOLDERS_MAX]; /* of its upload */
    uint64_t uploaded;
    int64_t tick_us, done_us; /* done_us -1: not yet */
    bool is_failed;
};

struct ask { /* on its way there, or the chunk on its way back */
    struct peer *from, *to;
    size_t i;
    bool is_cancelled;
    struct ask *next, **back;
};

struct swarm_world {
    struct ht_sim_world world;
    struct ht_sim_clock clock_of;
    struct ht_clock clock;
    const struct ht_sim_options *options;
    struct ht_blob_manifest manifest;
    struct ht_upload_limits limits;
    uint8_t *chunk;
    unsigned peers; /* without the author */
    bool shares;    /* peers give to each other */
    struct peer *list;
    struct ask *asks;
    uint64_t doubles; /* chunks that came in vain */
};

/* --- chunks ----------------------------------------------------------------------------------- */

/* Chunk i in the world's one buffer: all alike but for their first bytes. */
static ht_bytes chunk_of(const struct swarm_world *world, size_t i) {
    ht_write_u64_le(world->chunk, i);
    return ht_bytes_of(world->chunk, ht_blob_chunk_size(&world->manifest, i));
}

static enum ht_err make_manifest(struct swarm_world *world) {
    uint32_t size = ht_blob_chunk_of(world->options->blob_bytes);
    size_t count = (size_t)((world->options->blob_bytes + size - 1) / size);
    ht_hash32 *hashes = calloc(count, sizeof *hashes);
    const ht_hash32 name = {.b = {1}};
    world->chunk = calloc(1, size);
    enum ht_err err = hashes == NULL || world->chunk == NULL ? HT_ENOMEM : HT_OK;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        uint64_t left = world->options->blob_bytes - (uint64_t)i * size;
        ht_write_u64_le(world->chunk, i);
        ht_sha256(&hashes[i], ht_bytes_of(world->chunk, left < size ? (size_t)left : size));
    }
    if (err == HT_OK) {
        err = ht_blob_manifest_of(&world->manifest, &name, world->options->blob_bytes, size,
                                  ht_bytes_of(hashes, count * sizeof *hashes), NULL);
    }
    free(hashes);
    return err;
}

/* --- asking and giving ------------------------------------------------------------------------ */

static int64_t latency_us(struct swarm_world *world) {
    unsigned least = world->options->latency_min_ms, most = world->options->latency_max_ms;
    return (int64_t)(least * 1000U + ht_sim_below(&world->world, (most - least) * 1000U + 1));
}

static void tick(void *user, void *what) {
    struct peer *peer = user;
    struct ht_sim_world *world = &peer->world->world;
    (void)what;
    if (peer->swarm == NULL || peer->tick_us != world->now_us) return;
    peer->tick_us = INT64_MAX;
    int64_t due_ms = ht_swarm_tick(peer->swarm);
    if (due_ms < 0 || peer->done_us >= 0) return;
    int64_t at_us = world->now_us + (due_ms > 0 ? due_ms : 1) * 1000;
    if (at_us >= peer->tick_us) return;
    peer->tick_us = at_us;
    ht_sim_at(world, at_us, tick, peer, NULL);
}

static void tick_soon(struct peer *peer) {
    struct ht_sim_world *world = &peer->world->world;
    if (peer->tick_us <= world->now_us) return;
    peer->tick_us = world->now_us;
    ht_sim_at(world, world->now_us, tick, peer, NULL);
}

static void forget_ask(struct ask *ask) {
    *ask->back = ask->next;
    if (ask->next != NULL) ask->next->back = ask->back;
    free(ask);
}

static void tell(void *user, void *what) {
    struct peer *peer = user;
    size_t i = (size_t)((const uint8_t *)what - peer->world->chunk);
    for (unsigned k = 1; k <= peer->world->peers; k++) {
        struct peer *other = &peer->world->list[k];
        if (other == peer || other->swarm == NULL || other->done_us >= 0) continue;
        ht_swarm_holder_has_one(other->holders[peer->index], i);
        tick_soon(other);
    }
}

static void came(void *user, void *what) {
    struct ask *ask = what;
    struct peer *peer = ask->from;
    (void)user;
    if (ask->is_cancelled || peer->done_us >= 0) {
        peer->world->doubles++;
    } else {
        ht_swarm_got(peer->holders[ask->to->index], ask->i, chunk_of(peer->world, ask->i));
        tick_soon(peer);
    }
    forget_ask(ask);
}

static void refused(void *user, void *what) {
    struct ask *ask = what;
    (void)user;
    if (!ask->is_cancelled && ask->from->done_us < 0) {
        ht_swarm_lost(ask->from->holders[ask->to->index], ask->i);
        tick_soon(ask->from);
    }
    forget_ask(ask);
}

static void give(void *user, void *what) {
    struct ask *ask = what;
    struct peer *to = ask->to;
    struct swarm_world *world = to->world;
    uint32_t n = ht_blob_chunk_size(&world->manifest, ask->i);
    (void)user;
    int64_t wait_ms = ht_upload_wait(&to->all, &to->each[ask->from->index], &world->limits, n,
                                     ht_mono_ms(&world->clock));
    if (wait_ms < 0) {
        ht_sim_at(&world->world, world->world.now_us + latency_us(world), refused, NULL, ask);
        return;
    }
    to->uploaded += n;
    ht_sim_at(&world->world, world->world.now_us + wait_ms * 1000 + latency_us(world), came, NULL,
              ask);
}

static void ask(void *user, void *holder, size_t i) {
    struct peer *peer = user;
    struct swarm_world *world = peer->world;
    struct ask *one = malloc(sizeof *one);
    if (one == NULL) {
        world->world.is_failed = true;
        return;
    }
    *one =
        (struct ask){.from = peer, .to = holder, .i = i, .next = world->asks, .back = &world->asks};
    if (world->asks != NULL) world->asks->back = &one->next;
    world->asks = one;
    ht_sim_at(&world->world, world->world.now_us + latency_us(world), give, NULL, one);
}

static void cancel(void *user, void *holder, size_t i) {
    struct peer *peer = user;
    for (struct ask *one = peer->world->asks; one != NULL; one = one->next) {
        if (one->from == peer && one->to == holder && one->i == i) one->is_cancelled = true;
    }
}

static bool keep(void *user, size_t i, ht_bytes chunk) {
    struct peer *peer = user;
    struct swarm_world *world = peer->world;
    (void)chunk;
    if (!world->shares) return true;
    /* The number travels as a place in the buffer, which is longer than there are chunks. */
    ht_sim_at(&world->world, world->world.now_us + TELL_US + latency_us(world), tell, peer,
              world->chunk + i);
    return true;
}

static void fault(void *user, void *holder, size_t i) {
    struct peer *peer = user;
    (void)holder;
    (void)i;
    peer->is_failed = true;
}

static void done(void *user, enum ht_err err) {
    struct peer *peer = user;
    peer->done_us = peer->world->world.now_us;
    if (err != HT_OK) peer->is_failed = true;
}

/* --- a run ------------------------------------------------------------------------------------ */

/* is_full: the others have all. */
static enum ht_err start_peer(struct swarm_world *world, struct peer *peer, bool is_full) {
    static const uint8_t nothing[HT_SWARM_BITS_BYTES];
    const struct ht_swarm_options options = {.clock = &world->clock,
                                             .random = &world->world.random,
                                             .manifest = &world->manifest,
                                             .io = {.ask = ask,
                                                    .cancel = cancel,
                                                    .keep = keep,
                                                    .fault = fault,
                                                    .done = done,
                                                    .user = peer}};
    enum ht_err err = ht_swarm_new(&peer->swarm, &options);
    for (unsigned k = 0; k <= world->peers && err == HT_OK; k++) {
        struct peer *other = &world->list[k];
        if (other == peer || (k > 0 && !world->shares)) continue;
        err =
            ht_swarm_add(&peer->holders[k], peer->swarm, other, k == 0 || is_full ? NULL : nothing);
    }
    if (err == HT_OK) tick_soon(peer);
    return err;
}

static bool is_over(const struct swarm_world *world, unsigned first, unsigned last) {
    for (unsigned k = first; k <= last; k++) {
        if (world->list[k].done_us < 0) return false;
    }
    return true;
}

static void end(struct swarm_world *world) {
    ht_sim_world_fini(&world->world);
    while (world->asks != NULL) forget_ask(world->asks);
    for (unsigned k = 1; world->list != NULL && k < HOLDERS_MAX; k++) {
        ht_swarm_free(world->list[k].swarm);
    }
    free(world->list);
    free(world->chunk);
    ht_blob_manifest_fini(&world->manifest);
}

struct result {
    int64_t last_us, mean_us; /* until a peer has all */
    int64_t late_us;          /* what it takes one that comes when the others have all */
    uint64_t from_author;     /* bytes */
    uint64_t doubles;
};

static void conclude(struct result *out, const struct swarm_world *world) {
    *out = (struct result){.from_author = world->list[0].uploaded, .doubles = world->doubles};
    for (unsigned k = 1; k <= world->peers; k++) {
        const struct peer *peer = &world->list[k];
        if (peer->done_us > out->last_us) out->last_us = peer->done_us;
        out->mean_us += peer->done_us / world->peers;
    }
}

static void name_peers(struct swarm_world *world) {
    for (unsigned k = 0; k < HOLDERS_MAX; k++) {
        world->list[k].world = world;
        world->list[k].index = k;
        world->list[k].done_us = -1;
        world->list[k].tick_us = INT64_MAX;
    }
}

/* Until these have all. */
static enum ht_err run_until_done(struct swarm_world *world, unsigned first, unsigned last) {
    while (!is_over(world, first, last)) {
        if (world->world.is_failed) return HT_ENOMEM;
        if (world->world.now_us > HOURS_US) return HT_EBUG;
        ht_sim_run_until(&world->world, world->world.now_us + 1000000);
    }
    for (unsigned k = first; k <= last; k++) {
        if (world->list[k].is_failed) return HT_EBUG;
    }
    return HT_OK;
}

static enum ht_err run(struct result *out, const struct ht_sim_options *options, bool shares,
                       struct ht_why *why) {
    struct swarm_world world = {.options = options,
                                .limits = {.bytes_per_s = options->upload_bytes_per_s},
                                .peers = options->nodes,
                                .shares = shares};
    ht_sim_world_init(&world.world, options->seed);
    world.clock_of.world = &world.world;
    world.clock = ht_sim_clock_of(&world.clock_of);
    world.list = calloc(HOLDERS_MAX, sizeof *world.list);
    enum ht_err err = world.list == NULL ? HT_ENOMEM : make_manifest(&world);
    if (err == HT_OK) name_peers(&world);
    for (unsigned k = 1; k <= world.peers && err == HT_OK; k++) {
        err = start_peer(&world, &world.list[k], false);
    }
    if (err == HT_OK) err = run_until_done(&world, 1, world.peers);
    if (err == HT_OK) conclude(out, &world);
    unsigned late = world.peers + 1;
    int64_t came_us = world.world.now_us;
    if (err == HT_OK && shares) err = start_peer(&world, &world.list[late], true);
    if (err == HT_OK && shares) err = run_until_done(&world, late, late);
    if (err == HT_OK && shares) out->late_us = world.list[late].done_us - came_us;
    end(&world);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "sim_failed", "the swarm did not finish");
}

enum ht_err ht_sim_swarm(struct ht_sim_report *report, const struct ht_sim_options *options,
                         struct ht_why *why) {
    struct result swarm, alone;
    enum ht_err err = run(&swarm, options, true, why);
    if (err == HT_OK && options->progress != NULL) {
        options->progress(options->user, "from the author alone");
    }
    if (err == HT_OK) err = run(&alone, options, false, why);
    if (err != HT_OK) return err;
    uint64_t speedup = (uint64_t)(alone.last_us * 1000 / swarm.last_us);
    ht_sim_figure(report, "peers", options->nodes);
    ht_sim_figure(report, "blob_bytes", options->blob_bytes);
    ht_sim_figure(report, "upload_bytes_per_s", options->upload_bytes_per_s);
    ht_sim_figure(report, "swarm_last_ms", (uint64_t)swarm.last_us / 1000);
    ht_sim_figure(report, "swarm_mean_ms", (uint64_t)swarm.mean_us / 1000);
    ht_sim_figure(report, "alone_last_ms", (uint64_t)alone.last_us / 1000);
    ht_sim_figure(report, "late_comer_ms", (uint64_t)swarm.late_us / 1000);
    ht_sim_figure(report, "author_gave_permille", swarm.from_author * 1000 / options->blob_bytes);
    ht_sim_figure(report, "chunks_in_vain", swarm.doubles);
    ht_sim_figure(report, "speedup_permille", speedup);
    if (options->nodes >= 20) {
        ht_sim_at_least(report, "swarm_speedup_permille", speedup, SPEEDUP_MIN_PERMILLE);
    }
    return HT_OK;
}
