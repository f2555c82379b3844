/* The file of a blob that has not come whole. What it holds is known from its chunks' hashes alone:
 * no list of them is kept that could be wrong after a kill. */
#include "social/media/media_swarm_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/crypto/sha256.h"

void ht_media_part_path(char out[static HT_MEDIA_PATH_SIZE], const struct ht_media *media,
                        const char *hex) {
    (void)snprintf(out, HT_MEDIA_PATH_SIZE, "%s/" HT_MEDIA_INCOMING "/%s.part", media->dir, hex);
}

static void mark_written(struct ht_media_swarm *swarm, size_t i) {
    swarm->written[i / 8] = (uint8_t)(swarm->written[i / 8] | 1U << (i % 8));
}

/* --- what is there ---------------------------------------------------------------------------- */

static bool read_chunk(uint8_t *out, int file, size_t n, uint64_t at) {
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(file, out + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        done += (size_t)got;
    }
    return true;
}

static enum ht_err find_chunks(struct ht_media_swarm *swarm, uint64_t size) {
    const struct ht_blob_manifest *manifest = &swarm->manifest;
    uint8_t *piece = malloc(manifest->chunk);
    if (piece == NULL) return ht_task_no_memory(&swarm->why);
    for (size_t i = 0; i < manifest->count; i++) {
        uint32_t n = ht_blob_chunk_size(manifest, i);
        uint64_t at = (uint64_t)i * manifest->chunk;
        ht_hash32 hash;
        if (at + n > size || !read_chunk(piece, swarm->file, n, at)) break;
        ht_sha256(&hash, ht_bytes_of(piece, n));
        if (ht_hash32_equal(&hash, &manifest->chunks[i])) mark_written(swarm, i);
    }
    free(piece);
    return HT_OK;
}

static enum ht_err open_part(struct ht_media_swarm *swarm) {
    char path[HT_MEDIA_PATH_SIZE];
    struct stat st;
    ht_media_part_path(path, swarm->media, swarm->hex);
    swarm->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (swarm->file < 0) return ht_media_disk_fail(&swarm->why, errno, "cannot begin a blob");
    if (fstat(swarm->file, &st) != 0 || !S_ISREG(st.st_mode))
        return ht_media_disk_fail(&swarm->why, EIO, "cannot begin a blob");
    enum ht_err err = find_chunks(swarm, (uint64_t)st.st_size);
    if (err == HT_OK && ftruncate(swarm->file, (off_t)swarm->manifest.size) != 0)
        err = ht_media_disk_fail(&swarm->why, errno, "cannot begin a blob");
    return err;
}

struct opening {
    struct ht_work work; /* first */
    struct ht_media_swarm *swarm;
    void (*done)(struct ht_media_swarm *swarm);
};

static void opening_work(struct ht_work *work) {
    struct opening *opening = (struct opening *)work;
    opening->swarm->err = open_part(opening->swarm);
}

static void opening_done(struct ht_work *work) {
    struct opening *opening = (struct opening *)work;
    struct ht_media_swarm *swarm = opening->swarm;
    void (*done)(struct ht_media_swarm * swarm) = opening->done;
    free(opening);
    if (!ht_media_swarm_let_go(swarm)) done(swarm);
}

enum ht_err ht_media_part_open(struct ht_media_swarm *swarm,
                               void (*done)(struct ht_media_swarm *swarm)) {
    struct opening *opening = calloc(1, sizeof *opening);
    free(swarm->written);
    swarm->written = calloc(1, (swarm->manifest.count + 7) / 8);
    if (opening == NULL || swarm->written == NULL) {
        free(opening);
        return ht_task_no_memory(&swarm->why);
    }
    opening->swarm = swarm;
    opening->done = done;
    opening->work = (struct ht_work){.work = opening_work, .done = opening_done};
    if (ht_pool_submit(swarm->media->social->host->pool, &opening->work) == HT_OK) {
        swarm->running++;
        return HT_OK;
    }
    free(opening);
    return ht_fail(&swarm->why, HT_EAGAIN, "busy", "too much is under way just now");
}

/* --- what comes ------------------------------------------------------------------------------- */

struct keeping {
    struct ht_work work; /* first */
    struct ht_media_swarm *swarm;
    size_t i;
    int error; /* of the disk */
    int file;
    uint64_t at;
    size_t n;
    uint8_t bytes[];
};

static void write_chunk(struct ht_work *work) {
    struct keeping *keeping = (struct keeping *)work;
    for (size_t done = 0; done < keeping->n;) {
        ssize_t n = pwrite(keeping->file, keeping->bytes + done, keeping->n - done,
                           (off_t)(keeping->at + done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            keeping->error = n < 0 ? errno : ENOSPC;
            return;
        }
        done += (size_t)n;
    }
}

static void kept(struct ht_work *work) {
    struct keeping *keeping = (struct keeping *)work;
    struct ht_media_swarm *swarm = keeping->swarm;
    size_t i = keeping->i;
    int error = keeping->error;
    free(keeping);
    if (ht_media_swarm_let_go(swarm)) return;
    if (error == 0) {
        mark_written(swarm, i);
        ht_media_swarm_poke(swarm);
        return;
    }
    struct ht_why why = {0};
    ht_media_swarm_fail(swarm, ht_media_disk_fail(&why, error, "cannot write a blob"), &why);
}

bool ht_media_part_keep(struct ht_media_swarm *swarm, size_t i, ht_bytes chunk) {
    struct keeping *keeping = malloc(sizeof *keeping + chunk.n);
    if (keeping == NULL) return false;
    *keeping = (struct keeping){.work = {.work = write_chunk, .done = kept},
                                .swarm = swarm,
                                .i = i,
                                .file = swarm->file,
                                .at = (uint64_t)i * swarm->manifest.chunk,
                                .n = chunk.n};
    memcpy(keeping->bytes, chunk.p, chunk.n);
    if (ht_pool_submit(swarm->media->social->host->pool, &keeping->work) == HT_OK) {
        swarm->running++;
        return true;
    }
    /* The workers have no time: it is better done here than lost. */
    write_chunk(&keeping->work);
    bool is_written = keeping->error == 0;
    if (is_written) mark_written(swarm, i);
    free(keeping);
    return is_written;
}
