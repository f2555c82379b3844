/* A fetch from many, step by step: who has it, their list of chunks, what is here already, the
 * chunks, the whole. `go_on` decides on the loop what is next; whatever happens pokes it. */
#include "social/media/media_swarm.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/base/log.h"
#include "social/media/media_fetch.h"
#include "social/media/media_intake.h"
#include "social/media/media_swarm_file.h"
#include "social/media/media_swarm_givers.h"
#include "social/media/media_swarm_sql.h"

#define GRACE_MS 1000 /* for the others, once somebody has it */
#define AGAIN_MS 200  /* when something is busy */
#define LONG_MS 5000

static void go_on(struct ht_media_swarm *swarm);

static int64_t now_ms(const struct ht_media_swarm *swarm) {
    return ht_mono_ms(swarm->media->social->host->clock);
}

static void on_timer(struct ht_timer *timer) {
    go_on(
        (struct ht_media_swarm *)(void *)((char *)timer - offsetof(struct ht_media_swarm, timer)));
}

static void wake_in(struct ht_media_swarm *swarm, int64_t delay_ms) {
    if (swarm->is_over) return;
    ht_timer_set(swarm->media->social->host->loop, &swarm->timer, delay_ms, on_timer);
}

void ht_media_swarm_poke(struct ht_media_swarm *swarm) {
    wake_in(swarm, 0);
}

/* --- ending ----------------------------------------------------------------------------------- */

static void forget_list(struct ht_media_swarm *swarm) {
    ht_media_givers_leave(swarm);
    ht_swarm_free(swarm->swarm);
    swarm->swarm = NULL;
    ht_blob_manifest_fini(&swarm->manifest);
    swarm->has_manifest = false;
    free(swarm->written);
    swarm->written = NULL;
    if (swarm->file >= 0) (void)close(swarm->file);
    swarm->file = -1;
    swarm->is_whole = false;
}

static void free_swarm(struct ht_media_swarm *swarm) {
    forget_list(swarm);
    free(swarm);
}

/* Nothing more comes of it; what workers still have ends by itself. */
static void close_swarm(struct ht_media_swarm *swarm) {
    struct ht_media_swarm **at = &swarm->media->swarms;
    while (*at != swarm) at = &(*at)->next;
    *at = swarm->next;
    swarm->is_over = true;
    ht_timer_cancel(&swarm->timer);
    ht_media_givers_free(swarm);
    if (swarm->intake != NULL) ht_intake_drop(swarm->intake);
    if (swarm->plain != NULL) ht_media_fetch_drop(swarm->plain);
    swarm->intake = NULL;
    swarm->plain = NULL;
}

void ht_media_swarm_drop(struct ht_media_swarm *swarm) {
    close_swarm(swarm);
    if (swarm->running == 0) free_swarm(swarm);
}

bool ht_media_swarm_let_go(struct ht_media_swarm *swarm) {
    swarm->running--;
    if (!swarm->is_over) return false;
    if (swarm->running == 0) free_swarm(swarm);
    return true;
}

static void end(struct ht_media_swarm *swarm, enum ht_err err, const struct ht_media_blob *blob,
                bool is_new, const struct ht_why *why) {
    close_swarm(swarm);
    swarm->options.done(swarm->options.user, err, blob, is_new, why);
    if (swarm->running == 0) free_swarm(swarm);
}

void ht_media_swarm_fail(struct ht_media_swarm *swarm, enum ht_err err, const struct ht_why *why) {
    const struct ht_media_blob none = {.size = 0};
    end(swarm, err, &none, false, why);
}

void ht_media_swarm_stop(struct ht_media *media) {
    while (media->swarms != NULL) {
        struct ht_why why = {0};
        ht_media_swarm_fail(media->swarms,
                            ht_fail(&why, HT_EAGAIN, "stopping", "the node is stopping"), &why);
    }
}

/* --- from the URL alone ----------------------------------------------------------------------- */

static void on_plain(void *user, enum ht_err err, const struct ht_media_blob *blob, bool is_new,
                     const struct ht_why *why) {
    struct ht_media_swarm *swarm = user;
    swarm->plain = NULL;
    end(swarm, err, blob, is_new, why);
}

static void begin_plain(struct ht_media_swarm *swarm) {
    struct ht_why why = {0};
    enum ht_err err = HT_OK;
    const struct ht_media_fetch_options options = {
        .url = swarm->url,
        .keeper = swarm->options.keeper,
        .is_fetched = true,
        .claimed = &swarm->options.sha256,
        .done = on_plain,
        .user = swarm,
    };
    if (swarm->url[0] == '\0' && swarm->refused_count > 0) {
        err = ht_fail(&why, HT_EUNVERIFIED, "other_hash", "what came has another hash");
    } else if (swarm->url[0] == '\0') {
        err = ht_fail(&why, HT_ENOTFOUND, "no_holder", "nobody who can be asked has that file");
    } else {
        swarm->step = HT_SWARM_PLAIN;
        err = ht_media_fetch_begin(&swarm->plain, swarm->media, &options, &why);
        if (err != HT_OK) swarm->plain = NULL;
    }
    if (err != HT_OK) ht_media_swarm_fail(swarm, err, &why);
}

/* --- who has it ------------------------------------------------------------------------------- */

static void gather(struct ht_media_swarm *swarm) {
    int64_t wait_ms = ht_media_givers_ask(swarm);
    struct ht_media_giver *best = ht_media_givers_best(swarm);
    bool waits = ht_media_givers_wait(swarm);
    int64_t left_ms = best != NULL ? swarm->first_ms + GRACE_MS - now_ms(swarm) : LONG_MS;
    if (waits && left_ms > 0) {
        wake_in(swarm, wait_ms >= 0 && wait_ms < left_ms ? wait_ms : left_ms);
    } else if (best != NULL) {
        ht_media_giver_list(best);
        if (swarm->step == HT_SWARM_GATHER) wake_in(swarm, AGAIN_MS);
    } else {
        begin_plain(swarm);
    }
}

/* --- is it here, is there room? --------------------------------------------------------------- */

static enum ht_err look(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    struct ht_media_swarm *swarm = (struct ht_media_swarm *)read;
    const struct ht_intake_room room = {.keeper = swarm->entry.keeper,
                                        .expected = swarm->manifest.size,
                                        .key_quota = swarm->entry.key_quota,
                                        .quota = swarm->entry.quota};
    bool is_here = false;
    enum ht_err err =
        ht_media_sql_find(&is_here, &swarm->entry.blob, db, &swarm->options.sha256, why);
    swarm->is_here = is_here;
    return err == HT_OK && !is_here ? ht_intake_has_room(db, &room, false, why) : err;
}

static enum ht_err enter_here(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct ht_media_swarm *swarm =
        (struct ht_media_swarm *)(void *)((char *)write - offsetof(struct ht_media_swarm, write));
    return ht_media_sql_add(&swarm->is_new, db, &swarm->entry, why);
}

static void entered_here(struct ht_write *write) {
    struct ht_media_swarm *swarm =
        (struct ht_media_swarm *)(void *)((char *)write - offsetof(struct ht_media_swarm, write));
    if (ht_media_swarm_let_go(swarm)) return;
    end(swarm, write->err, &swarm->entry.blob, false, &write->why);
}

static void on_open(struct ht_media_swarm *swarm);

static void open_part(struct ht_media_swarm *swarm) {
    swarm->step = HT_SWARM_OPEN;
    enum ht_err err = ht_media_part_open(swarm, on_open);
    if (err == HT_OK) return;
    if (err != HT_EAGAIN) {
        ht_media_swarm_fail(swarm, err, &swarm->why);
        return;
    }
    swarm->step = HT_SWARM_LOOK;
    wake_in(swarm, AGAIN_MS);
}

static void looked(struct ht_read *read) {
    struct ht_media_swarm *swarm = (struct ht_media_swarm *)read;
    if (ht_media_swarm_let_go(swarm)) return;
    if (read->err != HT_OK) {
        ht_media_swarm_fail(swarm, read->err, &read->why);
    } else if (!swarm->is_here) {
        open_part(swarm);
    } else {
        swarm->step = HT_SWARM_ENTER;
        swarm->entry.blob.at_ms = ht_wall_ms(swarm->media->social->host->clock);
        swarm->write = (struct ht_write){.write = enter_here, .done = entered_here};
        if (ht_writer_submit(swarm->media->social->writer, &swarm->write) == HT_OK) {
            swarm->running++;
            return;
        }
        swarm->step = HT_SWARM_LOOK;
        wake_in(swarm, AGAIN_MS);
    }
}

static void begin_look(struct ht_media_swarm *swarm) {
    if (swarm->running > 0) return;
    const struct ht_media *media = swarm->media;
    bool is_owner = ht_media_is_owner(media->social, &swarm->options.keeper);
    swarm->entry = (struct ht_media_entry){.keeper = swarm->options.keeper,
                                           .is_fetched = true,
                                           .url = swarm->url[0] != '\0' ? swarm->url : NULL,
                                           .key_quota = is_owner ? 0 : media->key_quota,
                                           .quota = media->quota};
    swarm->read = (struct ht_read){.read = look, .done = looked};
    if (ht_reader_submit(media->social->reader, &swarm->read) == HT_OK) {
        swarm->running++;
    } else {
        wake_in(swarm, AGAIN_MS);
    }
}

/* --- chunks ----------------------------------------------------------------------------------- */

static void io_ask(void *user, void *holder, size_t i) {
    (void)user;
    ht_media_giver_ask_piece(holder, i);
}

static void io_cancel(void *user, void *holder, size_t i) {
    (void)user;
    ht_media_giver_cancel_piece(holder, i);
}

static bool io_keep(void *user, size_t i, ht_bytes chunk) {
    return ht_media_part_keep(user, i, chunk);
}

static void io_fault(void *user, void *holder, size_t i) {
    const struct ht_media_swarm *swarm = user;
    char what[96];
    (void)snprintf(what, sizeof what, "chunk %zu of %.16s", i, swarm->hex);
    ht_media_giver_blame(holder, what);
}

static void io_done(void *user, enum ht_err err) {
    struct ht_media_swarm *swarm = user;
    swarm->is_whole = err == HT_OK;
    swarm->err = err;
    ht_media_swarm_poke(swarm);
}

static void on_open(struct ht_media_swarm *swarm) {
    const struct ht_host *host = swarm->media->social->host;
    const struct ht_swarm_options options = {
        .clock = host->clock,
        .random = host->random,
        .manifest = &swarm->manifest,
        .have = swarm->written,
        .io = {io_ask, io_cancel, io_keep, io_fault, io_done, swarm}};
    enum ht_err err = swarm->err;
    if (err == HT_OK) err = ht_swarm_new(&swarm->swarm, &options);
    if (err == HT_ENOMEM) err = ht_task_no_memory(&swarm->why);
    if (err != HT_OK) {
        swarm->swarm = NULL;
        ht_media_swarm_fail(swarm, err, &swarm->why);
        return;
    }
    ht_log(HT_LOG_INFO, "media", "%.16s: %zu of %zu chunks to come", swarm->hex,
           ht_swarm_missing(swarm->swarm), swarm->manifest.count);
    swarm->step = HT_SWARM_RUN;
    swarm->moved_ms = now_ms(swarm);
    ht_media_swarm_poke(swarm);
}

static bool has_holder(const struct ht_media_swarm *swarm) {
    for (size_t g = 0; g < swarm->giver_count; g++) {
        const struct ht_media_giver *giver = swarm->givers[g];
        if (giver->holder != NULL && !giver->is_bad) return true;
    }
    return false;
}

static void enter(struct ht_media_swarm *swarm);

static void run(struct ht_media_swarm *swarm) {
    struct ht_why why = {0};
    int64_t next_ms = ht_media_givers_ask(swarm), wait_ms = -1;
    ht_media_givers_join(swarm);
    /* Without a holder it waits for one, rather than being over. */
    if (swarm->media->piece_count >= HT_MEDIA_PIECES_MAX) {
        wait_ms = AGAIN_MS; /* the node has other things to ask for, too */
    } else if (has_holder(swarm) || ht_swarm_missing(swarm->swarm) == 0) {
        wait_ms = ht_swarm_tick(swarm->swarm);
    }
    if (swarm->is_whole) {
        if (swarm->running == 0) enter(swarm);
        return;
    }
    int64_t left_ms = swarm->moved_ms + HT_MEDIA_STALL_MS - now_ms(swarm);
    if (swarm->err == HT_ESTORE) {
        ht_media_swarm_fail(swarm, ht_fail(&why, HT_ESTORE, "disk_full", "a chunk was not kept"),
                            &why);
    } else if (left_ms <= 0) {
        ht_media_swarm_fail(swarm, ht_fail(&why, HT_ENET, "too_slow", "the rest does not come"),
                            &why);
    } else {
        if (next_ms >= 0 && next_ms < left_ms) left_ms = next_ms;
        if (wait_ms >= 0 && wait_ms < left_ms) left_ms = wait_ms;
        wake_in(swarm, left_ms);
    }
}

/* --- the whole -------------------------------------------------------------------------------- */

struct keeping {
    struct ht_write write; /* first */
    struct ht_blob_manifest manifest;
};

static enum ht_err keep_list(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    return ht_media_chunks_sql_add(db, &((struct keeping *)write)->manifest, why);
}

static void list_kept(struct ht_write *write) {
    ht_blob_manifest_fini(&((struct keeping *)write)->manifest);
    free(write);
}

void ht_media_list_keep(struct ht_media *media, struct ht_blob_manifest *manifest) {
    bool is_kept = !media->is_stopped && manifest->size > HT_MEDIA_LIST_MIN;
    struct keeping *keeping = is_kept ? calloc(1, sizeof *keeping) : NULL;
    if (keeping != NULL) {
        keeping->manifest = *manifest;
        keeping->write = (struct ht_write){.write = keep_list, .done = list_kept};
        if (ht_writer_submit(media->social->writer, &keeping->write) == HT_OK) {
            *manifest = (struct ht_blob_manifest){.chunks = NULL};
            return;
        }
    }
    /* It can be made again. */
    free(keeping);
    ht_blob_manifest_fini(manifest);
}

/* All chunks held and the blob did not: the list was a lie. */
static void refuse_list(struct ht_media_swarm *swarm) {
    struct ht_why why = {0};
    if (swarm->is_own_list) ht_media_giver_blame(swarm->lister, "list of chunks");
    if (swarm->refused_count == HT_MEDIA_REFUSED_MAX) {
        ht_media_swarm_fail(
            swarm, ht_fail(&why, HT_EUNVERIFIED, "other_hash", "what came has another hash"), &why);
        return;
    }
    swarm->refused[swarm->refused_count++] = swarm->manifest.root;
    forget_list(swarm);
    swarm->step = HT_SWARM_GATHER;
    ht_media_swarm_poke(swarm);
}

static void on_intake(void *user, enum ht_err err, const struct ht_media_blob *blob, bool is_new,
                      const struct ht_why *why) {
    struct ht_media_swarm *swarm = user;
    swarm->intake = NULL;
    if (err == HT_EUNVERIFIED) {
        refuse_list(swarm);
        return;
    }
    if (err == HT_OK) {
        swarm->has_manifest = false;
        ht_media_list_keep(swarm->media, &swarm->manifest);
    }
    end(swarm, err, blob, is_new, why);
}

static void enter(struct ht_media_swarm *swarm) {
    char path[HT_MEDIA_PATH_SIZE];
    struct ht_why why = {0};
    ht_media_part_path(path, swarm->media, swarm->hex);
    const struct ht_intake_options options = {
        .keeper = swarm->options.keeper,
        .is_fetched = true,
        .url = swarm->url[0] != '\0' ? swarm->url : NULL,
        .expected = swarm->manifest.size,
        .claimed = &swarm->options.sha256,
        .path = path,
        .done = on_intake,
        .user = swarm,
    };
    enum ht_err err = ht_intake_begin(&swarm->intake, swarm->media, &options, &why);
    if (err == HT_OK) {
        swarm->step = HT_SWARM_ENTER;
        ht_intake_end(swarm->intake, swarm->type);
        return;
    }
    swarm->intake = NULL;
    if (err == HT_EAGAIN) {
        wake_in(swarm, AGAIN_MS);
    } else {
        ht_media_swarm_fail(swarm, err, &why);
    }
}

static void go_on(struct ht_media_swarm *swarm) {
    switch (swarm->step) {
    case HT_SWARM_GATHER: gather(swarm); return;
    case HT_SWARM_LOOK: begin_look(swarm); return;
    case HT_SWARM_RUN: run(swarm); return;
    case HT_SWARM_LIST:
    case HT_SWARM_OPEN:
    case HT_SWARM_ENTER:
    case HT_SWARM_PLAIN: return;
    }
}

/* --- beginning -------------------------------------------------------------------------------- */

static struct ht_media_swarm *find(const struct ht_media *media, const ht_hash32 *sha256) {
    struct ht_media_swarm *swarm = media->swarms;
    while (swarm != NULL && !ht_hash32_equal(&swarm->options.sha256, sha256)) swarm = swarm->next;
    return swarm;
}

enum ht_err ht_media_swarm_begin(struct ht_media_swarm **out, struct ht_media *media,
                                 const struct ht_media_swarm_options *options, struct ht_why *why) {
    unsigned count = 0;
    ht_assert(options->base_count <= HT_MEDIA_BASES_MAX);
    for (const struct ht_media_swarm *one = media->swarms; one != NULL; one = one->next) count++;
    if (find(media, &options->sha256) != NULL) {
        return ht_fail(why, HT_EAGAIN, "busy", "that file is being fetched already");
    }
    if (media->is_stopped || count >= HT_MEDIA_UPLOADS_MAX) {
        return ht_fail(why, HT_EAGAIN, "busy", "%u files are being fetched already", count);
    }
    struct ht_media_swarm *swarm = calloc(1, sizeof *swarm);
    if (swarm == NULL) return ht_task_no_memory(why);
    ht_media_near_listen(media);
    swarm->media = media;
    swarm->options = *options;
    swarm->file = -1;
    if (options->url != NULL) (void)snprintf(swarm->url, sizeof swarm->url, "%s", options->url);
    ht_task_hex(swarm->hex, &options->sha256);
    swarm->next = media->swarms;
    media->swarms = swarm;
    ht_media_givers_begin(swarm, options);
    *out = swarm;
    ht_media_swarm_poke(swarm);
    return HT_OK;
}

/* --- for those who are served ----------------------------------------------------------------- */

struct ht_media_swarm *ht_media_swarm_find(const struct ht_media *media, const ht_hash32 *sha256) {
    struct ht_media_swarm *swarm = find(media, sha256);
    bool is_open = swarm != NULL && swarm->has_manifest && swarm->written != NULL &&
                   (swarm->step == HT_SWARM_RUN || swarm->step == HT_SWARM_ENTER);
    return is_open ? swarm : NULL;
}

const struct ht_blob_manifest *ht_media_swarm_manifest(const struct ht_media_swarm *swarm) {
    return &swarm->manifest;
}

const uint8_t *ht_media_swarm_written(const struct ht_media_swarm *swarm) {
    return swarm->written;
}

bool ht_media_swarm_part(int *out, const struct ht_media_swarm *swarm, uint64_t first,
                         uint64_t count) {
    const struct ht_blob_manifest *manifest = &swarm->manifest;
    if (count == 0 || first >= manifest->size || count > manifest->size - first) return false;
    size_t last = (size_t)((first + count - 1) / manifest->chunk);
    for (size_t i = (size_t)(first / manifest->chunk); i <= last; i++) {
        if ((swarm->written[i / 8] >> (i % 8) & 1) == 0) return false;
    }
    *out = dup(swarm->file);
    return *out >= 0;
}
