/* Blobs on their way in. One step runs at a time: a look at the quotas, pieces that are written,
 * the last piece with its sync, the name and the row. Between steps, on the loop, `advance` decides
 * what is next. The name is given on the writer's thread, in the transaction that enters the row:
 * so no other writer removes the file in between (media_remove). */
#include "social/media/media_intake.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)256 << 10)       /* written at once */
#define WAITING_MAX ((size_t)4 << 20)   /* in memory, whatever lws has already read */
#define SYNC_EVERY ((uint64_t)16 << 20) /* bytes; so that the last sync is short */
#define RETRY_MS 10                     /* when the workers are busy */

enum step { STEP_LOOK, STEP_PIECE, STEP_LAST, STEP_ENTER, STEP_CLEAN };

struct ht_intake {
    struct ht_read read; /* first */
    struct ht_work work;
    struct ht_write write;
    struct ht_timer retry;
    struct ht_media *media;
    struct ht_intake *next;

    struct ht_intake_options options; /* its pointers into what follows */
    ht_hash32 wanted[HT_MEDIA_AUTH_HASHES_MAX], claimed;
    char url[HT_MEDIA_URL_MAX + 1];
    bool is_owner;

    enum step step;
    bool is_running, is_looked, is_written, is_ended, is_dropped, was_full;
    struct ht_buf fill; /* the loop's */
    uint64_t taken;     /* bytes of all that came */
    struct ht_media_entry entry;
    bool is_new;

    /* The step's that runs. */
    struct ht_buf busy;
    char path[HT_MEDIA_PATH_SIZE]; /* of the temporary file */
    int file;
    bool has_file; /* there is one of that name */
    bool is_part;  /* it was there before, and stays when it is not the file that fails */
    crypto_hash_sha256_state hash;
    uint8_t first[HT_MEDIA_SNIFF_MAX];
    size_t first_count;
    uint64_t written, synced;
    enum ht_err err;
    struct ht_why why;
};

static void advance(struct ht_intake *intake);

static struct ht_intake *of_work(struct ht_work *work) {
    return (struct ht_intake *)(void *)((char *)work - offsetof(struct ht_intake, work));
}

static struct ht_intake *of_write(struct ht_write *write) {
    return (struct ht_intake *)(void *)((char *)write - offsetof(struct ht_intake, write));
}

/* --- on a worker ------------------------------------------------------------------------------ */

static enum ht_err write_all(struct ht_intake *intake, struct ht_why *why) {
    ht_bytes left = ht_buf_view(&intake->busy);
    while (left.n > 0) {
        ssize_t n = write(intake->file, left.p, left.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return ht_media_disk_fail(why, n < 0 ? errno : ENOSPC, "cannot write a blob");
        left = ht_bytes_of(left.p + n, left.n - (size_t)n);
    }
    intake->written += intake->busy.n;
    if (intake->written - intake->synced < SYNC_EVERY) return HT_OK;
    intake->synced = intake->written;
    if (fdatasync(intake->file) == 0) return HT_OK;
    return ht_media_disk_fail(why, errno, "cannot write a blob");
}

/* What was written before is read once, for its hash. */
static enum ht_err take_part(struct ht_intake *intake, struct ht_why *why) {
    uint8_t *piece = malloc(PIECE);
    enum ht_err err = piece != NULL ? HT_OK : ht_task_no_memory(why);
    intake->file = open(intake->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (intake->file < 0) err = ht_media_disk_fail(why, errno, "cannot read a blob");
    (void)crypto_hash_sha256_init(&intake->hash);
    while (err == HT_OK) {
        ssize_t n = read(intake->file, piece, PIECE);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) err = ht_media_disk_fail(why, errno, "cannot read a blob");
        if (n <= 0) break;
        for (ssize_t i = 0; intake->first_count < sizeof intake->first && i < n; i++) {
            intake->first[intake->first_count++] = piece[i];
        }
        (void)crypto_hash_sha256_update(&intake->hash, piece, (size_t)n);
        intake->written += (uint64_t)n;
    }
    free(piece);
    return err;
}

static enum ht_err open_file(struct ht_intake *intake, struct ht_why *why) {
    if (intake->is_part) return take_part(intake, why);
    intake->file = open(intake->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (intake->file < 0) return ht_media_disk_fail(why, errno, "cannot begin a blob");
    intake->has_file = true;
    (void)crypto_hash_sha256_init(&intake->hash);
    return HT_OK;
}

static enum ht_err take_piece(struct ht_intake *intake, struct ht_why *why) {
    const struct ht_buf *busy = &intake->busy;
    for (size_t i = 0; intake->first_count < sizeof intake->first && i < busy->n; i++) {
        intake->first[intake->first_count++] = busy->p[i];
    }
    (void)crypto_hash_sha256_update(&intake->hash, busy->p, busy->n);
    return write_all(intake, why);
}

static bool is_wanted(const struct ht_intake *intake, const ht_hash32 *hash) {
    for (size_t i = 0; i < intake->options.wanted_count; i++) {
        if (ht_hash32_equal(&intake->wanted[i], hash)) return true;
    }
    return intake->options.wanted_count == 0;
}

/* Makes the folder that the blob goes to; its name is on the disk before the blob's is. */
static enum ht_err make_folder(struct ht_intake *intake, struct ht_why *why) {
    char path[HT_MEDIA_PATH_SIZE];
    ht_media_folder(path, intake->media, intake->entry.blob.sha256.b[0]);
    if (mkdir(path, 0700) == 0) {
        int dir = open(intake->media->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir >= 0) (void)fsync(dir);
        if (dir >= 0) (void)close(dir);
    } else if (errno != EEXIST) {
        return ht_media_disk_fail(why, errno, "cannot make a folder for blobs");
    }
    return HT_OK;
}

static enum ht_err end_file(struct ht_intake *intake, struct ht_why *why) {
    struct ht_media_blob *blob = &intake->entry.blob;
    (void)crypto_hash_sha256_final(&intake->hash, blob->sha256.b);
    blob->size = intake->written;
    if (strcmp(blob->type, "application/octet-stream") == 0) {
        const char *found = ht_media_type_sniff(ht_bytes_of(intake->first, intake->first_count));
        (void)snprintf(blob->type, sizeof blob->type, "%s", found);
    }
    bool is_claimed =
        intake->options.claimed == NULL || ht_hash32_equal(&intake->claimed, &blob->sha256);
    if (!is_claimed) {
        return ht_fail(why, HT_EUNVERIFIED, "other_hash", "what came has another hash");
    }
    if (!is_wanted(intake, &blob->sha256)) {
        return ht_fail(why, HT_EDENIED, "auth_hash", "the authorization is not for what came");
    }
    if (fsync(intake->file) != 0) return ht_media_disk_fail(why, errno, "cannot write a blob");
    return make_folder(intake, why);
}

static void work_step(struct ht_work *work) {
    struct ht_intake *intake = of_work(work);
    if (intake->step == STEP_CLEAN) {
        if (intake->file >= 0) (void)close(intake->file);
        intake->file = -1;
        if (intake->has_file && !intake->is_part) (void)unlink(intake->path);
        intake->has_file = false;
        return;
    }
    intake->err = intake->file >= 0 ? HT_OK : open_file(intake, &intake->why);
    if (intake->err == HT_OK) intake->err = take_piece(intake, &intake->why);
    if (intake->err == HT_OK && intake->step == STEP_LAST)
        intake->err = end_file(intake, &intake->why);
    /* Before anybody is told, who may begin the same file again. */
    if (intake->is_part && intake->err == HT_EUNVERIFIED) (void)unlink(intake->path);
    ht_buf_clear(&intake->busy);
}

enum ht_err ht_intake_has_room(sqlite3 *db, const struct ht_intake_room *room, bool is_here,
                               struct ht_why *why) {
    uint64_t of_key = 0, of_all = 0, more = ht_media_sql_charge(room->expected);
    enum ht_err err = ht_media_sql_usage(&of_key, &of_all, db, &room->keeper, why);
    if (err != HT_OK) return err;
    if (room->key_quota != 0 && of_key + more > room->key_quota) {
        return ht_fail(why, HT_ELIMIT, "quota", "this key may keep %llu bytes here",
                       (unsigned long long)room->key_quota);
    }
    if (!is_here && room->quota != 0 && of_all + more > room->quota) {
        return ht_fail(why, HT_ELIMIT, "full", "all that may be kept here is %llu bytes",
                       (unsigned long long)room->quota);
    }
    return HT_OK;
}

/* Before anything is written; the last word is that of the row. A key that has reached its quota
 * may still bring what it keeps already, which is known when its hash is. */
static enum ht_err look_step(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    const struct ht_intake *intake = (const struct ht_intake *)read;
    const struct ht_intake_room room = {.keeper = intake->entry.keeper,
                                        .expected = intake->options.expected,
                                        .key_quota = intake->entry.key_quota,
                                        .quota = intake->entry.quota};
    struct ht_media_blob blob;
    bool is_here = false;
    enum ht_err err = HT_OK;
    const ht_hash32 *likely = intake->options.wanted_count == 1 ? &intake->wanted[0] : NULL;
    if (intake->options.claimed != NULL) likely = &intake->claimed;
    if (likely != NULL) err = ht_media_sql_find(&is_here, &blob, db, likely, why);
    if (err != HT_OK || is_here) return err;
    return ht_intake_has_room(db, &room, false, why);
}

/* --- on the writer's thread ------------------------------------------------------------------- */

static enum ht_err sync_folder(const char *path, struct ht_why *why) {
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = dir < 0 ? errno : 0;
    if (dir >= 0 && fsync(dir) != 0) failed = errno;
    if (dir >= 0) (void)close(dir);
    return failed == 0 ? HT_OK : ht_media_disk_fail(why, failed, "cannot name a blob");
}

static enum ht_err enter_step(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct ht_intake *intake = of_write(write);
    char path[HT_MEDIA_PATH_SIZE], folder[HT_MEDIA_PATH_SIZE];
    enum ht_err err = ht_media_sql_add(&intake->is_new, db, &intake->entry, why);
    if (err != HT_OK) return err;
    ht_media_path(path, intake->media, &intake->entry.blob.sha256);
    ht_media_folder(folder, intake->media, intake->entry.blob.sha256.b[0]);
    /* Over one that is there: it is the same, or was damaged. */
    if (rename(intake->path, path) != 0) {
        return ht_media_disk_fail(why, errno, "cannot name a blob");
    }
    intake->has_file = false;
    return sync_folder(folder, why);
}

/* --- on the loop ------------------------------------------------------------------------------ */

static void free_intake(struct ht_intake *intake) {
    struct ht_intake **at = &intake->media->intakes;
    while (*at != intake) at = &(*at)->next;
    *at = intake->next;
    intake->media->intake_count--;
    ht_timer_cancel(&intake->retry);
    ht_buf_fini(&intake->fill);
    ht_buf_fini(&intake->busy);
    free(intake);
}

/* Tells how it ended; what is left is cleaned up then. */
static void tell(struct ht_intake *intake, enum ht_err err, const struct ht_why *why) {
    if (intake->is_dropped) return;
    intake->is_dropped = true;
    intake->options.done(intake->options.user, err, &intake->entry.blob, intake->is_new, why);
}

static void step_done(struct ht_work *work) {
    struct ht_intake *intake = of_work(work);
    intake->is_running = false;
    if (intake->step == STEP_CLEAN) {
        free_intake(intake);
        return;
    }
    intake->is_written = intake->step == STEP_LAST && intake->err == HT_OK;
    if (intake->err != HT_OK) tell(intake, intake->err, &intake->why);
    bool has_room = intake->was_full && !intake->is_dropped && intake->fill.n < PIECE;
    if (has_room) intake->was_full = false;
    if (has_room) intake->options.room(intake->options.user);
    advance(intake);
}

static void look_done(struct ht_read *read) {
    struct ht_intake *intake = (struct ht_intake *)read;
    intake->is_running = false;
    intake->is_looked = true;
    if (read->err != HT_OK) tell(intake, read->err, &read->why);
    advance(intake);
}

static void enter_done(struct ht_write *write) {
    struct ht_intake *intake = of_write(write);
    intake->is_running = false;
    bool is_left = write->err != HT_OK && !intake->has_file;
    /* It got its name, but no row: the whole transaction was lost. */
    if (is_left) ht_media_tidy(intake->media, &intake->entry.blob.sha256);
    tell(intake, write->err, &write->why);
    advance(intake);
}

static void try_again(struct ht_timer *timer) {
    advance((struct ht_intake *)(void *)((char *)timer - offsetof(struct ht_intake, retry)));
}

static enum ht_err submit_work(struct ht_intake *intake, enum step step) {
    intake->step = step;
    intake->work = (struct ht_work){.work = work_step, .done = step_done};
    return ht_pool_submit(intake->media->social->host->pool, &intake->work);
}

static enum ht_err submit_piece(struct ht_intake *intake, enum step step) {
    if (intake->busy.n == 0) {
        struct ht_buf empty = intake->busy;
        intake->busy = intake->fill;
        intake->fill = empty;
    }
    return submit_work(intake, step);
}

static enum ht_err submit_enter(struct ht_intake *intake) {
    intake->step = STEP_ENTER;
    intake->write = (struct ht_write){.write = enter_step, .done = enter_done};
    intake->entry.blob.at_ms = ht_wall_ms(intake->media->social->host->clock);
    return ht_writer_submit(intake->media->social->writer, &intake->write);
}

static enum ht_err submit_look(struct ht_intake *intake) {
    intake->step = STEP_LOOK;
    intake->read = (struct ht_read){.read = look_step, .done = look_done};
    return ht_reader_submit(intake->media->social->reader, &intake->read);
}

/* The next step, if there is one to do now. */
static void advance(struct ht_intake *intake) {
    enum ht_err err = HT_OK;
    if (intake->is_running) return;
    bool is_stopped = intake->media->is_stopped;
    if (intake->is_dropped && (is_stopped || (intake->file < 0 && !intake->has_file))) {
        intake->step = STEP_CLEAN;
        work_step(&intake->work);
        free_intake(intake);
        return;
    }
    if (is_stopped) return; /* ht_intake_free_all has the rest */
    bool has_more = intake->fill.n + intake->busy.n > 0;
    bool is_piece = intake->fill.n >= PIECE || intake->busy.n > 0;
    if (intake->is_dropped) {
        err = submit_work(intake, STEP_CLEAN);
    } else if (!intake->is_looked) {
        err = submit_look(intake);
    } else if (intake->is_written) {
        err = submit_enter(intake);
    } else if (intake->is_ended && (intake->fill.n == 0 || intake->busy.n == 0)) {
        err = submit_piece(intake, STEP_LAST);
    } else if (has_more && (is_piece || intake->is_ended)) {
        err = submit_piece(intake, STEP_PIECE);
    } else {
        return;
    }
    intake->is_running = err == HT_OK;
    if (err != HT_OK)
        ht_timer_set(intake->media->social->host->loop, &intake->retry, RETRY_MS, try_again);
}

static enum ht_err too_large(struct ht_why *why) {
    return ht_fail(why, HT_ELIMIT, "too_large", "a blob has at most %llu bytes",
                   (unsigned long long)HT_MEDIA_BLOB_MAX);
}

static void copy_options(struct ht_intake *intake, const struct ht_intake_options *options) {
    struct ht_media *media = intake->media;
    intake->options = *options;
    for (size_t i = 0; i < options->wanted_count; i++) intake->wanted[i] = options->wanted[i];
    intake->options.wanted = intake->wanted;
    if (options->claimed != NULL) intake->claimed = *options->claimed;
    if (options->url != NULL) (void)snprintf(intake->url, sizeof intake->url, "%s", options->url);
    intake->is_owner = ht_media_is_owner(media->social, &options->keeper);
    intake->entry = (struct ht_media_entry){.keeper = options->keeper,
                                            .is_fetched = options->is_fetched,
                                            .url = options->url != NULL ? intake->url : NULL,
                                            .key_quota = intake->is_owner ? 0 : media->key_quota,
                                            .quota = media->quota};
}

enum ht_err ht_intake_begin(struct ht_intake **out, struct ht_media *media,
                            const struct ht_intake_options *options, struct ht_why *why) {
    ht_assert(options->wanted_count <= HT_MEDIA_AUTH_HASHES_MAX);
    if (options->expected > HT_MEDIA_BLOB_MAX) return too_large(why);
    if (media->is_stopped || media->intake_count >= HT_MEDIA_UPLOADS_MAX) {
        return ht_fail(why, HT_EAGAIN, "busy", "%u blobs are on their way in already",
                       media->intake_count);
    }
    struct ht_intake *intake = calloc(1, sizeof *intake);
    if (intake == NULL) return ht_task_no_memory(why);
    intake->media = media;
    intake->file = -1;
    copy_options(intake, options);
    ht_buf_init(&intake->fill, WAITING_MAX);
    ht_buf_init(&intake->busy, WAITING_MAX);
    if (options->path != NULL) {
        (void)snprintf(intake->path, sizeof intake->path, "%s", options->path);
        intake->is_part = intake->has_file = true;
    } else {
        (void)snprintf(intake->path, sizeof intake->path, "%s/" HT_MEDIA_INCOMING "/%llu",
                       media->dir, (unsigned long long)media->made++);
    }
    intake->next = media->intakes;
    media->intakes = intake;
    media->intake_count++;
    *out = intake;
    /* Not from within, so that done never comes before this has returned. */
    ht_timer_set(media->social->host->loop, &intake->retry, 0, try_again);
    return HT_OK;
}

enum ht_err ht_intake_add(struct ht_intake *intake, bool *is_full, ht_bytes more,
                          struct ht_why *why) {
    ht_assert(!intake->is_ended && !intake->is_dropped);
    intake->taken += more.n;
    if (intake->taken > HT_MEDIA_BLOB_MAX) return too_large(why);
    enum ht_err err = ht_buf_add(&intake->fill, more);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "too much waits to be written");
    *is_full = intake->fill.n >= PIECE;
    if (*is_full) intake->was_full = true;
    /* A look that is refused at once would call back from here. */
    if (intake->is_looked) advance(intake);
    return HT_OK;
}

void ht_intake_end(struct ht_intake *intake, const char *type) {
    intake->is_ended = true;
    ht_media_type_read(intake->entry.blob.type, ht_bytes_str(type));
    if (intake->is_looked) advance(intake);
}

void ht_intake_drop(struct ht_intake *intake) {
    if (intake->is_dropped) return;
    intake->is_dropped = true;
    advance(intake);
}

void ht_intake_free_all(struct ht_media *media) {
    for (struct ht_intake *intake = media->intakes, *next; intake != NULL; intake = next) {
        next = intake->next;
        intake->is_dropped = true;
        advance(intake);
    }
}
