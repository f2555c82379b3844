/* Blobs and lists at the door, and the question whether an upload would be taken. Each looks things
 * up on the reader's worker, where files are opened, too; the door reads them. */
#include "social/media/media_serve.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/p2p/http_range.h"
#include "social/media/media_intake.h"
#include "social/media/media_swarm.h"
#include "social/media/media_swarm_serve.h"

#define FOREVER "public, max-age=31536000, immutable"

struct ht_media_asking {
    struct ht_read read; /* first */
    struct ht_timer timer;
    struct ht_media *media;
    struct ht_media_asking *next; /* of those that wait for their turn */
    bool has_node;
    ht_hash32 node;
    struct ht_door_http *http; /* NULL: nobody waits any more */
    bool sees_all;
    ht_hash32 sha256;
    struct ht_media_blob blob;
    int file;
    struct ht_media_list list;
    struct ht_media_blob *blobs; /* list.limit */
    size_t blob_count;
    ht_hash32 key;
    bool is_owner;
    uint64_t expected;
};

static void gone(void *user) {
    struct ht_media_asking *asking = user;
    asking->http = NULL;
}

static void free_asking(struct ht_media_asking *asking) {
    if (asking->file >= 0) (void)close(asking->file);
    free(asking->blobs);
    free(asking);
}

static struct ht_media_asking *new_asking(struct ht_media *media, struct ht_door_http *http) {
    struct ht_why why = {0};
    struct ht_media_asking *asking = calloc(1, sizeof *asking);
    if (asking == NULL) {
        ht_media_refuse(http, ht_task_no_memory(&why), &why);
        return NULL;
    }
    asking->media = media;
    asking->http = http;
    asking->file = -1;
    return asking;
}

/* The answer comes later; a body, which nobody needs, is read and forgotten. */
static void look_up(struct ht_media_asking *asking,
                    enum ht_err (*read)(struct ht_read *read, sqlite3 *db, struct ht_why *why),
                    void (*done)(struct ht_read *read)) {
    struct ht_why why = {0};
    const struct ht_door_reader reader = {.gone = gone, .user = asking};
    asking->read = (struct ht_read){.read = read, .done = done};
    enum ht_err err = ht_reader_submit(asking->media->social->reader, &asking->read);
    if (err != HT_OK) {
        ht_media_refuse(asking->http, ht_fail(&why, err, "busy", "too much is read just now"),
                        &why);
        free_asking(asking);
    } else if (ht_door_http_read(asking->http, HT_MEDIA_AUTH_HEADER_MAX, &reader) != HT_OK) {
        asking->http = NULL; /* the door has answered */
    }
}

/* --- a blob ----------------------------------------------------------------------------------- */

static enum ht_err no_blob(struct ht_why *why) {
    return ht_fail(why, HT_ENOTFOUND, "no_blob", "that blob is not here");
}

static enum ht_err open_blob(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    struct ht_media_asking *asking = (struct ht_media_asking *)read;
    char path[HT_MEDIA_PATH_SIZE];
    struct stat st;
    bool is_there = false;
    enum ht_err err = ht_media_sql_find(&is_there, &asking->blob, db, &asking->sha256, why);
    if (err != HT_OK) return err;
    if (!is_there || (!asking->blob.is_shared && !asking->sees_all)) return no_blob(why);
    ht_media_path(path, asking->media, &asking->sha256);
    asking->file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (asking->file < 0) return no_blob(why);
    bool is_whole = fstat(asking->file, &st) == 0 && S_ISREG(st.st_mode) &&
                    (uint64_t)st.st_size == asking->blob.size;
    if (is_whole) return HT_OK;
    return ht_fail(why, HT_ESTORE, "blob_damaged", "the file of that blob is not what it was");
}

static void give_now(struct ht_media_asking *asking) {
    struct ht_door_http *http = asking->http;
    if (http == NULL) {
        free_asking(asking);
        return;
    }
    char hex[65], tag[80], disposition[128];
    const struct ht_media_blob *blob = &asking->blob;
    enum ht_media_show show = ht_media_type_show(blob->type);
    bool is_text = strcmp(blob->type, "text/plain") == 0;
    const char *type = is_text ? "text/plain; charset=utf-8" : blob->type;
    ht_task_hex(hex, &asking->sha256);
    (void)snprintf(tag, sizeof tag, "\"%s\"", hex);
    (void)snprintf(disposition, sizeof disposition, "attachment; filename=\"%s.%s\"", hex,
                   show == HT_MEDIA_OPAQUE ? "bin" : ht_media_type_extension(blob->type));
    const struct ht_door_answer answer = {
        .status = 200,
        .type = show == HT_MEDIA_OPAQUE ? "application/octet-stream" : type,
        .headers = {{"etag", tag},
                    {"cache-control", blob->is_shared ? FOREVER : "private, no-store"},
                    {show == HT_MEDIA_INLINE ? NULL : "content-disposition", disposition}},
        .has_file = true,
        .file = asking->file,
        .file_size = blob->size,
    };
    asking->file = -1;
    ht_door_http_answer(http, &answer);
    free_asking(asking);
}

/* --- its turn --------------------------------------------------------------------------------- */

static void stop_waiting(struct ht_media_asking *asking) {
    struct ht_media_asking **at = &asking->media->askings;
    while (*at != asking) at = &(*at)->next;
    *at = asking->next;
    asking->media->upload_waiting--;
    ht_timer_cancel(&asking->timer);
}

static void on_turn(struct ht_timer *timer) {
    struct ht_media_asking *asking =
        (struct ht_media_asking *)(void *)((char *)timer - offsetof(struct ht_media_asking, timer));
    stop_waiting(asking);
    give_now(asking);
}

static void refuse_asking(struct ht_media_asking *asking, const char *code, const char *text) {
    struct ht_why why = {0};
    if (asking->http != NULL)
        ht_media_refuse(asking->http, ht_fail(&why, HT_EAGAIN, code, "%s", text), &why);
    free_asking(asking);
}

void ht_media_serve_stop(struct ht_media *media) {
    while (media->askings != NULL) {
        struct ht_media_asking *asking = media->askings;
        stop_waiting(asking);
        refuse_asking(asking, "stopping", "the node is stopping");
    }
}

static void give_in_turn(struct ht_media_asking *asking) {
    struct ht_media *media = asking->media;
    if (asking->http == NULL) {
        free_asking(asking);
        return;
    }
    int64_t wait_ms =
        ht_media_upload_wait(media, ht_door_http_request(asking->http),
                             asking->has_node ? &asking->node : NULL, asking->blob.size);
    if (wait_ms < 0 || media->is_stopped) {
        refuse_asking(asking, "busy", "too many are served just now");
    } else if (wait_ms == 0) {
        give_now(asking);
    } else {
        asking->next = media->askings;
        media->askings = asking;
        media->upload_waiting++;
        ht_timer_set(media->social->host->loop, &asking->timer, wait_ms, on_turn);
    }
}

static void give_blob(struct ht_read *read) {
    struct ht_media_asking *asking = (struct ht_media_asking *)read;
    if (read->err == HT_OK) {
        give_in_turn(asking);
        return;
    }
    if (asking->http != NULL) ht_media_refuse(asking->http, read->err, &read->why);
    free_asking(asking);
}

/* Of what is on its way: false when it is not, or the part has not come. */
static bool give_part(struct ht_media_asking *asking) {
    const struct ht_media_swarm *swarm = ht_media_swarm_find(asking->media, &asking->sha256);
    const struct ht_door_reader reader = {.gone = gone, .user = asking};
    struct ht_http_range range;
    if (swarm == NULL || !asking->sees_all) return false;
    ht_bytes header = ht_door_http_request(asking->http)->range;
    uint64_t size = ht_media_swarm_manifest(swarm)->size;
    bool is_there = ht_http_range_read(&range, header, size) == HT_OK &&
                    ht_media_swarm_part(&asking->file, swarm, range.first, range.count);
    if (!is_there) return false;
    asking->blob = (struct ht_media_blob){.sha256 = asking->sha256, .size = size};
    (void)snprintf(asking->blob.type, sizeof asking->blob.type, "application/octet-stream");
    if (ht_door_http_read(asking->http, HT_MEDIA_AUTH_HEADER_MAX, &reader) != HT_OK)
        asking->http = NULL; /* the door has answered */
    give_in_turn(asking);
    return true;
}

void ht_media_http_get(struct ht_media *media, struct ht_door_http *http, const ht_hash32 *sha256,
                       bool sees_all, const ht_hash32 *node) {
    struct ht_media_asking *asking = new_asking(media, http);
    if (asking == NULL) return;
    asking->sees_all = sees_all;
    asking->sha256 = *sha256;
    asking->has_node = node != NULL;
    if (node != NULL) asking->node = *node;
    if (!give_part(asking)) look_up(asking, open_blob, give_blob);
}

/* --- a list ----------------------------------------------------------------------------------- */

static enum ht_err read_list(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    struct ht_media_asking *asking = (struct ht_media_asking *)read;
    asking->blobs = calloc(asking->list.limit, sizeof *asking->blobs);
    if (asking->blobs == NULL) return ht_task_no_memory(why);
    return ht_media_sql_list(asking->blobs, &asking->blob_count, db, &asking->list, why);
}

static void give_list(struct ht_read *read) {
    struct ht_media_asking *asking = (struct ht_media_asking *)read;
    struct ht_door_http *http = asking->http;
    char base[160];
    if (http != NULL && read->err != HT_OK) {
        ht_media_refuse(http, read->err, &read->why);
    } else if (http != NULL) {
        json_t *list = json_array();
        int failed = list == NULL;
        ht_media_asked_base(base, asking->media, ht_door_http_request(http));
        for (size_t i = 0; failed == 0 && i < asking->blob_count; i++) {
            failed = json_array_append_new(list, ht_media_descriptor(&asking->blobs[i], base));
        }
        if (failed != 0) json_decref(list);
        ht_media_answer_json(http, 200, failed == 0 ? list : NULL);
    }
    free_asking(asking);
}

void ht_media_http_list(struct ht_media *media, struct ht_door_http *http) {
    const struct ht_door_request *request = ht_door_http_request(http);
    struct ht_media_list list;
    struct ht_why why = {0};
    bool sees_all = false;
    enum ht_err err = ht_media_list_read(&list, request->path, request->query, &why);
    if (err == HT_OK) err = ht_media_may_read(&sees_all, media, request, "list", NULL, &why);
    if (err != HT_OK) {
        ht_media_refuse(http, err, &why);
        return;
    }
    struct ht_media_asking *asking = new_asking(media, http);
    if (asking == NULL) return;
    asking->list = list;
    look_up(asking, read_list, give_list);
}

/* --- would it be taken? ----------------------------------------------------------------------- */

static enum ht_err read_room(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    const struct ht_media_asking *asking = (const struct ht_media_asking *)read;
    const struct ht_intake_room room = {.keeper = asking->key,
                                        .expected = asking->expected,
                                        .key_quota =
                                            asking->is_owner ? 0 : asking->media->key_quota,
                                        .quota = asking->media->quota};
    struct ht_media_blob blob;
    bool is_there = false;
    enum ht_err err = ht_media_sql_find(&is_there, &blob, db, &asking->sha256, why);
    return err == HT_OK ? ht_intake_has_room(db, &room, is_there, why) : err;
}

static void give_room(struct ht_read *read) {
    struct ht_media_asking *asking = (struct ht_media_asking *)read;
    const struct ht_door_answer answer = {.status = 200,
                                          .headers = {{"cache-control", "no-store"}}};
    if (asking->http != NULL && read->err != HT_OK) {
        ht_media_refuse(asking->http, read->err, &read->why);
    } else if (asking->http != NULL) {
        ht_door_http_answer(asking->http, &answer);
    }
    free_asking(asking);
}

static enum ht_err read_length(uint64_t *out, ht_bytes text, struct ht_why *why) {
    uint64_t length = 0;
    if (text.n == 0) {
        return ht_fail(why, HT_EINPUT, "no_length", "say how long it is, in X-Content-Length");
    }
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || i > 15) {
            return ht_fail(why, HT_EINPUT, "bad_length", "X-Content-Length is no number");
        }
        length = 10 * length + (text.p[i] - (unsigned)'0');
    }
    *out = length;
    if (length <= HT_MEDIA_BLOB_MAX) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "too_large", "a blob has at most %llu bytes",
                   (unsigned long long)HT_MEDIA_BLOB_MAX);
}

void ht_media_http_preflight(struct ht_media *media, struct ht_door_http *http) {
    const struct ht_door_request *request = ht_door_http_request(http);
    struct ht_media_auth auth;
    struct ht_why why = {0};
    ht_hash32 sha256 = {{0}};
    uint64_t length = 0;
    enum ht_err err = ht_event_hex32(&sha256, request->sha256)
                          ? HT_OK
                          : ht_fail(&why, HT_EINPUT, "bad_hash", "X-SHA-256 is 64 digits of hex");
    if (err == HT_OK) err = read_length(&length, request->x_content_length, &why);
    if (err == HT_OK) err = ht_media_authorized(&auth, media, request, "upload", &why);
    if (err == HT_OK) err = ht_media_auth_for(&auth, &sha256, &why);
    if (err == HT_OK) err = ht_media_may_write(media, &auth.pubkey, &why);
    if (err != HT_OK) {
        ht_media_refuse(http, err, &why);
        return;
    }
    struct ht_media_asking *asking = new_asking(media, http);
    if (asking == NULL) return;
    asking->sha256 = sha256;
    asking->expected = length;
    asking->key = auth.pubkey;
    asking->is_owner = ht_media_is_owner(media->social, &auth.pubkey);
    look_up(asking, read_room, give_room);
}
