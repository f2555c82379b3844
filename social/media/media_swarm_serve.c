/* Lists of chunks, and what is here of them. A list is looked up, or made by a worker: one at a
 * time, since each reads a whole file. */
#include "social/media/media_swarm_serve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/base/hex.h"
#include "node/p2p/http_range.h"
#include "social/media/media_swarm_impl.h"
#include "social/media/media_swarm_sql.h"

struct listing {
    struct ht_read read; /* first */
    struct ht_work work;
    struct ht_media *media;
    struct ht_door_http *http; /* NULL: nobody waits any more */
    bool sees_all, is_list;    /* .chunks, not .have */
    bool is_making;            /* a worker does */
    ht_hash32 sha256;
    struct ht_media_blob blob;
    struct ht_blob_manifest manifest;
    bool has_manifest;
    int file;
    enum ht_err err;
    struct ht_why why;
};

static bool ends_with(ht_bytes text, const char *end) {
    size_t n = strlen(end);
    return text.n >= n && memcmp(text.p + text.n - n, end, n) == 0;
}

bool ht_media_swarm_is_for(const struct ht_door_request *request) {
    return ends_with(request->path, ".chunks") || ends_with(request->path, ".have");
}

/* --- answers ---------------------------------------------------------------------------------- */

/* bits NULL: all are here. */
static json_t *have_json(const struct ht_blob_manifest *manifest, const uint8_t *bits) {
    char root[HT_HEX_SIZE(32)];
    size_t bytes = (manifest->count + 7) / 8, missing = 0;
    for (size_t i = 0; bits != NULL && i < manifest->count; i++) {
        missing += (bits[i / 8] >> (i % 8) & 1) == 0;
    }
    ht_hex_write(root, HT_BYTES(manifest->root.b));
    json_t *json = json_pack("{s:i, s:s, s:I, s:I}", "v", 1, "root", root + 2, "size",
                             (json_int_t)manifest->size, "missing", (json_int_t)missing);
    if (json == NULL || missing == 0) return json;
    char *text = malloc(HT_HEX_SIZE(bytes));
    if (text != NULL) {
        ht_hex_write(text, ht_bytes_of(bits, bytes));
        if (json_object_set_new(json, "bits", json_string(text + 2)) == 0) {
            free(text);
            return json;
        }
    }
    free(text);
    json_decref(json);
    return NULL;
}

static void free_listing(struct listing *listing) {
    if (listing->file >= 0) (void)close(listing->file);
    ht_blob_manifest_fini(&listing->manifest);
    free(listing);
}

static void answer(struct listing *listing) {
    if (listing->http != NULL && listing->err != HT_OK) {
        ht_media_refuse(listing->http, listing->err, &listing->why);
    } else if (listing->http != NULL) {
        json_t *json = listing->is_list ? ht_blob_manifest_json(&listing->manifest)
                                        : have_json(&listing->manifest, NULL);
        ht_media_answer_json(listing->http, 200, json);
    }
    free_listing(listing);
}

static void gone(void *user) {
    struct listing *listing = user;
    listing->http = NULL;
}

/* --- making one ------------------------------------------------------------------------------- */

static enum ht_err make_list(struct listing *listing, struct ht_why *why) {
    uint64_t size = listing->blob.size;
    enum ht_err err =
        ht_blob_manifest_make(&listing->manifest, listing->file, size, ht_blob_chunk_of(size), why);
    if (err != HT_OK) return err;
    listing->has_manifest = true;
    if (ht_hash32_equal(&listing->manifest.sha256, &listing->sha256)) return HT_OK;
    return ht_fail(why, HT_ESTORE, "blob_damaged", "the file of that blob is not what it was");
}

static void make_work(struct ht_work *work) {
    struct listing *listing =
        (struct listing *)(void *)((char *)work - offsetof(struct listing, work));
    listing->err = make_list(listing, &listing->why);
}

static void made(struct ht_work *work) {
    struct listing *listing =
        (struct listing *)(void *)((char *)work - offsetof(struct listing, work));
    struct ht_media *media = listing->media;
    struct ht_blob_manifest copy;
    media->is_listing = false;
    if (listing->err == HT_OK) {
        const struct ht_blob_manifest *from = &listing->manifest;
        ht_bytes hashes = ht_bytes_of(from->chunks, from->count * 32);
        enum ht_err err = ht_blob_manifest_of(&copy, &from->sha256, from->size, from->chunk, hashes,
                                              &listing->why);
        if (err == HT_OK) ht_media_list_keep(media, &copy);
    }
    answer(listing);
}

static void begin_making(struct listing *listing) {
    struct ht_media *media = listing->media;
    listing->work = (struct ht_work){.work = make_work, .done = made};
    if (!media->is_listing && !media->is_stopped && listing->http != NULL &&
        ht_pool_submit(media->social->host->pool, &listing->work) == HT_OK) {
        media->is_listing = true;
        return;
    }
    listing->err = ht_fail(&listing->why, HT_EAGAIN, "busy", "lists of chunks are being made");
    answer(listing);
}

/* --- looking for it --------------------------------------------------------------------------- */

static enum ht_err find_list(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    struct listing *listing = (struct listing *)read;
    char path[HT_MEDIA_PATH_SIZE];
    bool is_there = false;
    enum ht_err err = ht_media_sql_find(&is_there, &listing->blob, db, &listing->sha256, why);
    if (err != HT_OK) return err;
    if (!is_there || (!listing->blob.is_shared && !listing->sees_all))
        return ht_fail(why, HT_ENOTFOUND, "no_blob", "that blob is not here");
    if (listing->blob.size == 0)
        return ht_fail(why, HT_ENOTFOUND, "no_chunks", "a blob without bytes has no chunks");
    err = ht_media_chunks_sql_find(&listing->manifest, db, &listing->sha256, why);
    listing->has_manifest = err == HT_OK;
    if (err != HT_ENOTFOUND) return err;
    ht_media_path(path, listing->media, &listing->sha256);
    listing->file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return listing->file >= 0 ? HT_OK : ht_media_disk_fail(why, errno, "cannot read a blob");
}

static void found(struct ht_read *read) {
    struct listing *listing = (struct listing *)read;
    listing->err = read->err;
    listing->why = read->why;
    if (read->err == HT_OK && !listing->has_manifest) {
        begin_making(listing);
    } else {
        answer(listing);
    }
}

static void look_up(struct listing *listing) {
    const struct ht_door_reader reader = {.gone = gone, .user = listing};
    listing->read = (struct ht_read){.read = find_list, .done = found};
    enum ht_err err = ht_reader_submit(listing->media->social->reader, &listing->read);
    if (err != HT_OK) {
        listing->err = ht_fail(&listing->why, err, "busy", "too much is read just now");
        answer(listing);
    } else if (ht_door_http_read(listing->http, HT_MEDIA_AUTH_HEADER_MAX, &reader) != HT_OK) {
        listing->http = NULL; /* the door has answered */
    }
}

void ht_media_swarm_http(struct ht_media *media, struct ht_door_http *http, const ht_hash32 *sha256,
                         bool sees_all) {
    struct ht_why why = {0};
    bool is_list = ends_with(ht_door_http_request(http)->path, ".chunks");
    const struct ht_media_swarm *swarm = sees_all ? ht_media_swarm_find(media, sha256) : NULL;
    if (swarm != NULL) {
        const struct ht_blob_manifest *manifest = ht_media_swarm_manifest(swarm);
        ht_media_answer_json(http, 200,
                             is_list ? ht_blob_manifest_json(manifest)
                                     : have_json(manifest, ht_media_swarm_written(swarm)));
        return;
    }
    struct listing *listing = calloc(1, sizeof *listing);
    if (listing == NULL) {
        ht_media_refuse(http, ht_task_no_memory(&why), &why);
        return;
    }
    listing->media = media;
    listing->http = http;
    listing->file = -1;
    listing->sees_all = sees_all;
    listing->is_list = is_list;
    listing->sha256 = *sha256;
    look_up(listing);
}

/* --- how fast --------------------------------------------------------------------------------- */

/* The bucket of a node; the place of whoever has been silent longest is given away. */
static struct ht_bucket *bucket_of(struct ht_media *media, const ht_hash32 *node, int64_t mono_ms) {
    struct ht_media_upload *oldest = &media->uploads[0];
    for (size_t i = 0; i < HT_SWARM_HOLDERS_MAX; i++) {
        struct ht_media_upload *one = &media->uploads[i];
        if (one->at_ms != 0 && ht_hash32_equal(&one->node, node)) {
            one->at_ms = mono_ms;
            return &one->bucket;
        }
        if (one->at_ms < oldest->at_ms) oldest = one;
    }
    *oldest = (struct ht_media_upload){.node = *node, .at_ms = mono_ms};
    return &oldest->bucket;
}

int64_t ht_media_upload_wait(struct ht_media *media, const struct ht_door_request *request,
                             const ht_hash32 *node, uint64_t size) {
    static const ht_hash32 nobody;
    struct ht_http_range range;
    const struct ht_upload_limits *limits = &media->limits;
    unsigned at_once = limits->at_once != 0 ? limits->at_once : HT_MEDIA_AT_ONCE;
    bool is_own = node == NULL && request->is_local;
    if (is_own || request->method == HT_DOOR_HEAD) return 0;
    if (media->upload_waiting >= at_once) return -1;
    enum ht_err err = ht_http_range_read(&range, request->range, size);
    if (err == HT_ELIMIT) return 0;
    uint64_t n = err == HT_OK ? range.count : size;
    int64_t mono_ms = ht_mono_ms(media->social->host->clock);
    struct ht_bucket *bucket = bucket_of(media, node != NULL ? node : &nobody, mono_ms);
    return ht_upload_wait(&media->upload, bucket, limits,
                          n < HT_UPLOAD_PIECE_MAX ? n : HT_UPLOAD_PIECE_MAX, mono_ms);
}
