/* PUT /upload and PUT /mirror: a request whose body, or whose URL's body, becomes a blob. */
#include "social/media/media_upload.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "social/media/media_fetch.h"
#include "social/media/media_intake.h"

#define MIRROR_MAX ((size_t)8 << 10) /* bytes of a mirror's body */

struct upload {
    struct ht_media *media;
    struct ht_door_http *http;
    struct ht_intake *intake;     /* of an upload */
    struct ht_media_fetch *fetch; /* of a mirror */
    struct ht_media_auth auth;
    char type[HT_MEDIA_TYPE_SIZE];
    struct ht_buf body; /* of a mirror */
};

static void free_upload(struct upload *upload) {
    ht_buf_fini(&upload->body);
    free(upload);
}

/* --- how it ends ------------------------------------------------------------------------------ */

static void answer(struct upload *upload, enum ht_err err, const struct ht_media_blob *blob,
                   bool is_new, const struct ht_why *why) {
    char base[160];
    if (err != HT_OK) {
        ht_media_refuse(upload->http, err, why);
    } else {
        ht_media_asked_base(base, upload->media, ht_door_http_request(upload->http));
        ht_media_answer_json(upload->http, is_new ? 201 : 200, ht_media_descriptor(blob, base));
    }
    free_upload(upload);
}

static void done(void *user, enum ht_err err, const struct ht_media_blob *blob, bool is_new,
                 const struct ht_why *why) {
    struct upload *upload = user;
    upload->intake = NULL;
    upload->fetch = NULL;
    answer(upload, err, blob, is_new, why);
}

static void gone(void *user) {
    struct upload *upload = user;
    if (upload->intake != NULL) ht_intake_drop(upload->intake);
    if (upload->fetch != NULL) ht_media_fetch_drop(upload->fetch);
    free_upload(upload);
}

/* --- beginning -------------------------------------------------------------------------------- */

/* NULL: it was refused. */
static struct upload *begin(struct ht_media *media, struct ht_door_http *http) {
    const struct ht_door_request *request = ht_door_http_request(http);
    struct ht_why why = {0};
    struct upload *upload = calloc(1, sizeof *upload);
    enum ht_err err = upload != NULL ? HT_OK : ht_task_no_memory(&why);
    if (err == HT_OK) err = ht_media_authorized(&upload->auth, media, request, "upload", &why);
    if (err == HT_OK && upload->auth.hash_count == 0) {
        err = ht_fail(&why, HT_EDENIED, "auth_hash", "the authorization names no blob");
    }
    if (err == HT_OK) err = ht_media_may_write(media, &upload->auth.pubkey, &why);
    if (err != HT_OK) {
        free(upload);
        ht_media_refuse(http, err, &why);
        return NULL;
    }
    upload->media = media;
    upload->http = http;
    ht_buf_init(&upload->body, MIRROR_MAX);
    return upload;
}

static void refuse(struct upload *upload, enum ht_err err, const struct ht_why *why) {
    ht_media_refuse(upload->http, err, why);
    free_upload(upload);
}

/* --- upload ----------------------------------------------------------------------------------- */

static enum ht_err on_piece(void *user, ht_bytes piece) {
    struct upload *upload = user;
    struct ht_why why = {0};
    bool is_full = false;
    enum ht_err err = ht_intake_add(upload->intake, &is_full, piece, &why);
    if (err != HT_OK) {
        ht_intake_drop(upload->intake);
        refuse(upload, err, &why);
    } else if (is_full) {
        ht_door_http_set_reading(upload->http, false);
    }
    return err;
}

static void on_whole(void *user) {
    struct upload *upload = user;
    ht_intake_end(upload->intake, upload->type);
}

static void on_room(void *user) {
    struct upload *upload = user;
    ht_door_http_set_reading(upload->http, true);
}

static enum ht_err begin_intake(struct upload *upload, struct ht_why *why) {
    const struct ht_door_request *request = ht_door_http_request(upload->http);
    ht_hash32 claimed;
    bool is_claimed = request->sha256.n > 0;
    if (is_claimed && !ht_event_hex32(&claimed, request->sha256)) {
        return ht_fail(why, HT_EINPUT, "bad_hash", "X-SHA-256 is 64 digits of hex");
    }
    if (is_claimed) {
        enum ht_err err = ht_media_auth_for(&upload->auth, &claimed, why);
        if (err != HT_OK) return err;
    }
    const struct ht_intake_options options = {
        .keeper = upload->auth.pubkey,
        .expected = request->content_length,
        .wanted = upload->auth.hashes,
        .wanted_count = upload->auth.hash_count,
        .claimed = is_claimed ? &claimed : NULL,
        .room = on_room,
        .done = done,
        .user = upload,
    };
    return ht_intake_begin(&upload->intake, upload->media, &options, why);
}

void ht_media_http_upload(struct ht_media *media, struct ht_door_http *http) {
    struct ht_why why = {0};
    struct upload *upload = begin(media, http);
    if (upload == NULL) return;
    const struct ht_door_reader reader = {
        .piece = on_piece, .whole = on_whole, .gone = gone, .user = upload};
    ht_media_type_read(upload->type, ht_door_http_request(http)->content_type);
    enum ht_err err = begin_intake(upload, &why);
    if (err != HT_OK) {
        refuse(upload, err, &why);
        return;
    }
    struct ht_intake *intake = upload->intake;
    if (ht_door_http_read(http, HT_MEDIA_BLOB_MAX, &reader) == HT_OK) return;
    ht_intake_drop(intake);
    free_upload(upload);
}

/* --- mirror ----------------------------------------------------------------------------------- */

static enum ht_err on_mirror_piece(void *user, ht_bytes piece) {
    struct upload *upload = user;
    struct ht_why why = {0};
    enum ht_err err = ht_buf_add(&upload->body, piece);
    if (err != HT_OK) {
        refuse(upload, ht_fail(&why, err, "too_large", "the request is too large"), &why);
    }
    return err;
}

static enum ht_err begin_fetch(struct upload *upload, const json_t *json, struct ht_why *why) {
    const char *url = NULL;
    ht_hash32 named;
    enum ht_err err = ht_json_text(&url, json, "url", why);
    if (err == HT_OK) err = ht_media_url_check(url, why);
    bool is_named = err == HT_OK && ht_media_url_hash(&named, url);
    if (is_named) err = ht_media_auth_for(&upload->auth, &named, why);
    if (err != HT_OK) return err;
    const struct ht_media_fetch_options options = {
        .url = url,
        .keeper = upload->auth.pubkey,
        .claimed = is_named ? &named : NULL,
        .wanted = upload->auth.hashes,
        .wanted_count = upload->auth.hash_count,
        .done = done,
        .user = upload,
    };
    return ht_media_fetch_begin(&upload->fetch, upload->media, &options, why);
}

static void on_mirror_whole(void *user) {
    struct upload *upload = user;
    struct ht_why why = {0};
    json_t *json = NULL;
    enum ht_err err = ht_json_parse(&json, ht_buf_view(&upload->body), MIRROR_MAX, &why);
    if (err == HT_OK) err = begin_fetch(upload, json, &why);
    json_decref(json);
    if (err != HT_OK) refuse(upload, err, &why);
}

void ht_media_http_mirror(struct ht_media *media, struct ht_door_http *http) {
    struct upload *upload = begin(media, http);
    if (upload == NULL) return;
    const struct ht_door_reader reader = {
        .piece = on_mirror_piece, .whole = on_mirror_whole, .gone = gone, .user = upload};
    if (ht_door_http_read(http, MIRROR_MAX, &reader) != HT_OK) free_upload(upload);
}
