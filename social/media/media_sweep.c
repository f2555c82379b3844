/* The sweep, and everything that removes files of blobs. */
#include "social/media/media_sweep.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/base/log.h"
#include "social/media/media_swarm.h"

#define FOLDERS 256U
#define AT_ONCE 500U     /* hashes of one step */
#define LEFT_MAX 100000U /* half-written files that are removed at a start */
#define RETRY_MS 200

/* --- paths and errors ------------------------------------------------------------------------- */

void ht_media_folder(char out[static HT_MEDIA_PATH_SIZE], const struct ht_media *media,
                     uint8_t first) {
    (void)snprintf(out, HT_MEDIA_PATH_SIZE, "%s/%02x", media->dir, first);
}

void ht_media_path(char out[static HT_MEDIA_PATH_SIZE], const struct ht_media *media,
                   const ht_hash32 *sha256) {
    char hex[65];
    ht_task_hex(hex, sha256);
    (void)snprintf(out, HT_MEDIA_PATH_SIZE, "%s/%.2s/%s", media->dir, hex, hex);
}

enum ht_err ht_media_disk_fail(struct ht_why *why, int error, const char *doing) {
    if (error == ENOSPC || error == EDQUOT || error == EFBIG)
        return ht_fail(why, HT_ESTORE, "disk_full", "%s: the disk is full", doing);
    if (error == EROFS || error == EACCES || error == EPERM)
        return ht_fail(why, HT_ESTORE, "read_only", "%s: %s", doing, strerror(error));
    return ht_fail(why, HT_ESTORE, "disk_failed", "%s: %s", doing, strerror(error));
}

static enum ht_err make_folder(const char *path, struct ht_why *why) {
    if (mkdir(path, 0700) == 0 || errno == EEXIST) return HT_OK;
    return ht_media_disk_fail(why, errno, "cannot make the folder of media");
}

/* What a fetch from many goes on with: it is younger than a week. */
static bool is_part_to_keep(const char *folder, const char *name, int64_t now_s) {
    char file[HT_MEDIA_PATH_SIZE];
    struct stat st;
    ht_hash32 hash;
    if (strlen(name) != 69 || strcmp(name + 64, ".part") != 0) return false;
    if (!ht_event_hex32(&hash, ht_bytes_of(name, 64))) return false;
    int n = snprintf(file, sizeof file, "%s/%s", folder, name);
    if (n <= 0 || (size_t)n >= sizeof file || lstat(file, &st) != 0) return false;
    return S_ISREG(st.st_mode) &&
           now_s - (int64_t)st.st_mtime < HT_MEDIA_PART_DAYS * INT64_C(86400);
}

enum ht_err ht_media_make_folders(struct ht_media *media, struct ht_why *why) {
    char path[HT_MEDIA_PATH_SIZE], file[HT_MEDIA_PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/" HT_MEDIA_INCOMING, media->dir);
    enum ht_err err = make_folder(media->dir, why);
    if (err == HT_OK) err = make_folder(path, why);
    if (err != HT_OK) return err;
    DIR *folder = opendir(path);
    if (folder == NULL) return ht_media_disk_fail(why, errno, "cannot read the folder of media");
    unsigned removed = 0;
    int64_t now_s = ht_wall_ms(media->social->host->clock) / 1000;
    for (const struct dirent *one; removed < LEFT_MAX && (one = readdir(folder)) != NULL;) {
        if (one->d_name[0] == '.') continue;
        if (is_part_to_keep(path, one->d_name, now_s)) continue;
        int n = snprintf(file, sizeof file, "%s/%s", path, one->d_name);
        if (n > 0 && (size_t)n < sizeof file && unlink(file) == 0) removed++;
    }
    (void)closedir(folder);
    if (removed > 0) ht_log(HT_LOG_INFO, "media", "removed %u unfinished uploads", removed);
    return HT_OK;
}

/* --- one blob --------------------------------------------------------------------------------- */

enum ht_err ht_media_tidy_now(struct ht_media *media, sqlite3 *db, const ht_hash32 *sha256,
                              struct ht_why *why) {
    struct ht_media_blob blob;
    char path[HT_MEDIA_PATH_SIZE];
    bool is_there = false;
    enum ht_err err = ht_media_sql_find(&is_there, &blob, db, sha256, why);
    if (err != HT_OK || is_there) return err;
    ht_media_path(path, media, sha256);
    if (unlink(path) == 0 || errno == ENOENT) return HT_OK;
    return ht_media_disk_fail(why, errno, "cannot remove a blob");
}

struct tidying {
    struct ht_write write; /* first */
    struct ht_media *media;
    ht_hash32 sha256;
};

static enum ht_err tidy(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct tidying *tidying = (struct tidying *)write;
    return ht_media_tidy_now(tidying->media, db, &tidying->sha256, why);
}

static void tidied(struct ht_write *write) {
    if (write->err != HT_OK) ht_log(HT_LOG_WARN, "media", "%s", write->why.text);
    free(write);
}

void ht_media_tidy(struct ht_media *media, const ht_hash32 *sha256) {
    struct tidying *tidying = media->is_stopped ? NULL : calloc(1, sizeof *tidying);
    if (tidying == NULL) return;
    tidying->media = media;
    tidying->sha256 = *sha256;
    tidying->write = (struct ht_write){.write = tidy, .done = tidied};
    if (ht_writer_submit(media->social->writer, &tidying->write) != HT_OK) free(tidying);
}

/* --- the sweep -------------------------------------------------------------------------------- */

struct ht_media_sweep {
    struct ht_read read; /* first */
    struct ht_write write;
    struct ht_media *media;
    bool has_after;
    ht_hash32 after; /* rows up to here were looked at */
    bool is_more;    /* rows of this folder */
    ht_hash32 odd[2 * AT_ONCE];
    size_t odd_count;
    unsigned files, rows; /* removed */
};

static void next_step(struct ht_media *media);

static struct ht_media_sweep *of_write(struct ht_write *write) {
    return (struct ht_media_sweep *)(void *)((char *)write -
                                             offsetof(struct ht_media_sweep, write));
}

static bool has_file(const struct ht_media *media, const ht_hash32 *sha256) {
    char path[HT_MEDIA_PATH_SIZE];
    struct stat st;
    ht_media_path(path, media, sha256);
    return stat(path, &st) == 0 || errno != ENOENT; /* after another error nothing is known */
}

/* Rows without their file. */
static enum ht_err look_at_rows(struct ht_media_sweep *sweep, sqlite3 *db, struct ht_why *why) {
    ht_hash32 hashes[AT_ONCE];
    size_t count = 0;
    uint8_t first = (uint8_t)sweep->media->sweep_next;
    enum ht_err err = ht_media_sql_hashes(hashes, &count, AT_ONCE, db, first,
                                          sweep->has_after ? &sweep->after : NULL, why);
    if (err != HT_OK) return err;
    for (size_t i = 0; i < count; i++) {
        if (!has_file(sweep->media, &hashes[i])) sweep->odd[sweep->odd_count++] = hashes[i];
    }
    sweep->is_more = count == AT_ONCE;
    sweep->has_after = count > 0;
    if (count > 0) sweep->after = hashes[count - 1];
    return HT_OK;
}

/* Files without their row. What does not look like ours stays. */
static enum ht_err look_at_files(struct ht_media_sweep *sweep, sqlite3 *db, struct ht_why *why) {
    char path[HT_MEDIA_PATH_SIZE];
    struct ht_media_blob blob;
    enum ht_err err = HT_OK;
    uint8_t first = (uint8_t)sweep->media->sweep_next;
    ht_media_folder(path, sweep->media, first);
    DIR *folder = opendir(path);
    if (folder == NULL) return HT_OK;
    const struct dirent *one;
    while (err == HT_OK && sweep->odd_count < AT_ONCE && (one = readdir(folder)) != NULL) {
        ht_hash32 hash;
        bool is_there = false;
        if (!ht_event_hex32(&hash, ht_bytes_str(one->d_name)) || hash.b[0] != first) continue;
        err = ht_media_sql_find(&is_there, &blob, db, &hash, why);
        if (err == HT_OK && !is_there) sweep->odd[sweep->odd_count++] = hash;
    }
    (void)closedir(folder);
    return err;
}

static enum ht_err look(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    struct ht_media_sweep *sweep = (struct ht_media_sweep *)read;
    sweep->odd_count = 0;
    enum ht_err err = sweep->has_after ? HT_OK : look_at_files(sweep, db, why);
    return err == HT_OK ? look_at_rows(sweep, db, why) : err;
}

/* On the writer's thread nothing comes in between: what is odd still is removed. */
static enum ht_err clean(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct ht_media_sweep *sweep = of_write(write);
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < sweep->odd_count; i++) {
        struct ht_media_blob blob;
        bool is_there = false, was_here = false;
        err = ht_media_sql_find(&is_there, &blob, db, &sweep->odd[i], why);
        if (err == HT_OK && !is_there) {
            sweep->files += has_file(sweep->media, &sweep->odd[i]);
            err = ht_media_tidy_now(sweep->media, db, &sweep->odd[i], why);
        } else if (err == HT_OK && !has_file(sweep->media, &sweep->odd[i])) {
            err = ht_media_sql_remove(&was_here, db, &sweep->odd[i], why);
            sweep->rows += was_here;
        }
    }
    return err;
}

static void step_over(struct ht_media_sweep *sweep) {
    struct ht_media *media = sweep->media;
    if (!sweep->is_more) {
        sweep->has_after = false;
        media->sweep_next++;
    }
    bool is_over = media->sweep_next >= FOLDERS || media->is_stopped;
    if (!is_over) {
        next_step(media);
        return;
    }
    if (sweep->files + sweep->rows > 0) {
        ht_log(HT_LOG_INFO, "media", "removed %u files without an entry, %u entries without a file",
               sweep->files, sweep->rows);
    }
    media->sweep = NULL;
    free(sweep);
}

/* A failure is told and passed over: the next start looks again. */
static void cleaned(struct ht_write *write) {
    struct ht_media_sweep *sweep = of_write(write);
    if (write->err != HT_OK) ht_log(HT_LOG_WARN, "media", "%s", write->why.text);
    step_over(sweep);
}

static void looked(struct ht_read *read) {
    struct ht_media_sweep *sweep = (struct ht_media_sweep *)read;
    bool is_odd = read->err == HT_OK && sweep->odd_count > 0 && !sweep->media->is_stopped;
    if (read->err != HT_OK) {
        ht_log(HT_LOG_WARN, "media", "%s", read->why.text);
        sweep->is_more = false;
    }
    sweep->write = (struct ht_write){.write = clean, .done = cleaned};
    if (is_odd && ht_writer_submit(sweep->media->social->writer, &sweep->write) == HT_OK) return;
    step_over(sweep);
}

static void on_timer(struct ht_timer *timer) {
    next_step((struct ht_media *)(void *)((char *)timer - offsetof(struct ht_media, sweep_timer)));
}

static void next_step(struct ht_media *media) {
    media->sweep->read = (struct ht_read){.read = look, .done = looked};
    if (ht_reader_submit(media->social->reader, &media->sweep->read) == HT_OK) return;
    ht_timer_set(media->social->host->loop, &media->sweep_timer, RETRY_MS, on_timer);
}

void ht_media_sweep_begin(struct ht_media *media) {
    media->sweep = calloc(1, sizeof *media->sweep);
    if (media->sweep == NULL) return;
    media->sweep->media = media;
    ht_timer_set(media->social->host->loop, &media->sweep_timer, 0, on_timer);
}
