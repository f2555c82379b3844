/* Media: the folder's life, and whose request is whose. */
#include "social/media/media.h"

#include <stdio.h>
#include <stdlib.h>

#include "social/media/media_fetch.h"
#include "social/media/media_intake.h"
#include "social/media/media_remove.h"
#include "social/media/media_serve.h"
#include "social/media/media_swarm.h"
#include "social/media/media_swarm_serve.h"
#include "social/media/media_sweep.h"
#include "social/media/media_upload.h"

enum ht_err ht_media_new(struct ht_social *social, struct ht_why *why) {
    struct ht_media *media = calloc(1, sizeof *media);
    if (media == NULL) return ht_task_no_memory(why);
    media->social = social;
    media->key_quota = HT_MEDIA_KEY_QUOTA;
    media->quota = HT_MEDIA_QUOTA;
    int n = snprintf(media->dir, sizeof media->dir, "%s/media", social->host->data_dir);
    enum ht_err err =
        n > 0 && (size_t)n < sizeof media->dir
            ? ht_media_make_folders(media, why)
            : ht_fail(why, HT_EINPUT, "too_long", "the data directory's name is too long");
    if (err != HT_OK) {
        free(media);
        return err;
    }
    social->media = media;
    ht_media_sweep_begin(media);
    return HT_OK;
}

void ht_media_stop(struct ht_social *social) {
    struct ht_media *media = social->media;
    if (media == NULL) return;
    media->is_stopped = true;
    ht_timer_cancel(&media->sweep_timer);
    ht_media_swarm_stop(media);
    ht_media_fetch_stop(media);
    ht_media_serve_stop(media);
}

void ht_media_free(struct ht_social *social) {
    struct ht_media *media = social->media;
    if (media == NULL) return;
    social->media = NULL;
    ht_intake_free_all(media);
    free(media->sweep);
    free(media);
}

void ht_media_set_quota(struct ht_social *social, uint64_t key_bytes, uint64_t bytes) {
    if (social->media == NULL) return;
    social->media->key_quota = key_bytes;
    social->media->quota = bytes;
}

void ht_media_set_upload(struct ht_social *social, const struct ht_upload_limits *limits) {
    if (social->media != NULL) social->media->limits = *limits;
}

bool ht_media_base(char out[static 128], const struct ht_social *social) {
    const char *url = social->host->door != NULL ? ht_door_url(social->host->door) : "";
    if (strncmp(url, "ws://", 5) != 0) return false;
    const char *host = url + 5;
    static const struct {
        const char *any, *one;
    } all[] = {{"0.0.0.0:", "127.0.0.1:"}, {"[::]:", "[::1]:"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        size_t n = strlen(all[i].any);
        if (strncmp(host, all[i].any, n) != 0) continue;
        (void)snprintf(out, 128, "http://%s%s", all[i].one, host + n);
        return true;
    }
    (void)snprintf(out, 128, "http://%s", host);
    return true;
}

/* --- the door --------------------------------------------------------------------------------- */

static bool is_path(const struct ht_door_request *request, const char *path) {
    return ht_bytes_equal(request->path, ht_bytes_str(path));
}

static bool is_list(const struct ht_door_request *request) {
    return request->path.n > 6 && memcmp(request->path.p, "/list/", 6) == 0;
}

bool ht_media_is_for(const struct ht_door_request *request) {
    ht_hash32 sha256;
    return is_path(request, "/upload") || is_path(request, "/mirror") || is_list(request) ||
           ht_media_path_hash(&sha256, request->path);
}

static void no_route(struct ht_door_http *http) {
    struct ht_why why = {0};
    ht_media_refuse(
        http, ht_fail(&why, HT_EINPUT, "no_route", "nothing can be done here in that way"), &why);
}

static void read_blob(struct ht_media *media, struct ht_door_http *http, const ht_hash32 *sha256,
                      bool sees_all, const ht_hash32 *node) {
    if (ht_media_swarm_is_for(ht_door_http_request(http))) {
        ht_media_swarm_http(media, http, sha256, sees_all);
    } else {
        ht_media_http_get(media, http, sha256, sees_all, node);
    }
}

static void get(struct ht_media *media, struct ht_door_http *http, const ht_hash32 *sha256) {
    struct ht_why why = {0};
    bool sees_all = false;
    enum ht_err err =
        ht_media_may_read(&sees_all, media, ht_door_http_request(http), "get", sha256, &why);
    if (err != HT_OK) {
        ht_media_refuse(http, err, &why);
    } else {
        read_blob(media, http, sha256, sees_all, NULL);
    }
}

void ht_media_peer_http(struct ht_social *social, struct ht_door_http *http,
                        const ht_hash32 *node) {
    const struct ht_door_request *request = ht_door_http_request(http);
    ht_hash32 sha256;
    bool is_reading = request->method == HT_DOOR_GET || request->method == HT_DOOR_HEAD;
    if (is_reading && ht_media_path_hash(&sha256, request->path)) {
        read_blob(social->media, http, &sha256, true, node);
    } else {
        no_route(http);
    }
}

void ht_media_http(struct ht_social *social, struct ht_door_http *http) {
    struct ht_media *media = social->media;
    const struct ht_door_request *request = ht_door_http_request(http);
    ht_hash32 sha256;
    bool is_put = request->method == HT_DOOR_PUT, is_head = request->method == HT_DOOR_HEAD;
    bool is_get = request->method == HT_DOOR_GET;
    if (is_path(request, "/upload") && is_put) {
        ht_media_http_upload(media, http);
    } else if (is_path(request, "/upload") && is_head) {
        ht_media_http_preflight(media, http);
    } else if (is_path(request, "/mirror") && is_put) {
        ht_media_http_mirror(media, http);
    } else if (is_list(request) && (is_get || is_head)) {
        ht_media_http_list(media, http);
    } else if (!ht_media_path_hash(&sha256, request->path)) {
        no_route(http);
    } else if (is_get || is_head) {
        get(media, http, &sha256);
    } else if (request->method == HT_DOOR_DELETE) {
        ht_media_http_delete(media, http, &sha256);
    } else {
        no_route(http);
    }
}
