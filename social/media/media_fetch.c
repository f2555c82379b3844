/* From a URL into an intake. Two things are under way, a request and an intake; whichever fails
 * ends the other. */
#include "social/media/media_fetch.h"

#include <stdio.h>
#include <stdlib.h>

#include "social/media/media_intake.h"

#define BACKLOG ((size_t)512 << 10) /* bytes that wait between the client's thread and us */

struct ht_media_fetch {
    struct ht_media *media;
    struct ht_media_fetch *next;
    struct ht_http_request *request;
    struct ht_intake *intake;
    struct ht_timer deadline;
    struct ht_media_fetch_options options; /* url and wanted are not used any more */
    char url[HT_MEDIA_URL_MAX + 1];
};

static void unlist(struct ht_media_fetch *fetch) {
    struct ht_media_fetch **at = &fetch->media->fetches;
    while (*at != fetch) at = &(*at)->next;
    *at = fetch->next;
    ht_timer_cancel(&fetch->deadline);
    if (fetch->request != NULL) ht_http_cancel(fetch->request);
    if (fetch->intake != NULL) ht_intake_drop(fetch->intake);
}

void ht_media_fetch_drop(struct ht_media_fetch *fetch) {
    unlist(fetch);
    free(fetch);
}

static void end(struct ht_media_fetch *fetch, enum ht_err err, const struct ht_media_blob *blob,
                bool is_new, const struct ht_why *why) {
    unlist(fetch);
    fetch->options.done(fetch->options.user, err, blob, is_new, why);
    free(fetch);
}

static void fail(struct ht_media_fetch *fetch, enum ht_err err, const struct ht_why *why) {
    const struct ht_media_blob none = {.size = 0};
    end(fetch, err, &none, false, why);
}

static void on_intake(void *user, enum ht_err err, const struct ht_media_blob *blob, bool is_new,
                      const struct ht_why *why) {
    struct ht_media_fetch *fetch = user;
    fetch->intake = NULL;
    end(fetch, err, blob, is_new, why);
}

static void on_room(void *user) {
    struct ht_media_fetch *fetch = user;
    if (fetch->request != NULL) ht_http_go_on(fetch->request);
}

static void on_answer(void *user, const struct ht_http_answer *answer) {
    struct ht_media_fetch *fetch = user;
    struct ht_why why = answer->why;
    enum ht_err err = answer->err;
    fetch->request = NULL;
    if (err == HT_OK && answer->status != 200) {
        err = ht_fail(&why, HT_ENET, "bad_status", "the server answered %ld", answer->status);
    }
    if (err != HT_OK) {
        fail(fetch, err, &why);
    } else {
        ht_intake_end(fetch->intake, answer->content_type);
    }
}

static bool on_piece(void *user, ht_bytes piece) {
    struct ht_media_fetch *fetch = user;
    struct ht_why why = {0};
    bool is_full = false;
    enum ht_err err = ht_intake_add(fetch->intake, &is_full, piece, &why);
    if (err != HT_OK) {
        fail(fetch, err, &why);
        return true; /* cancelled from within */
    }
    if (is_full) ht_http_hold(fetch->request);
    return true;
}

static void on_deadline(struct ht_timer *timer) {
    struct ht_media_fetch *fetch =
        (struct ht_media_fetch *)(void *)((char *)timer -
                                          offsetof(struct ht_media_fetch, deadline));
    struct ht_why why = {0};
    fail(fetch, ht_fail(&why, HT_ENET, "too_slow", "the blob took too long to come"), &why);
}

static enum ht_err begin_request(struct ht_media_fetch *fetch, struct ht_why *why) {
    const struct ht_http_options options = {
        .url = fetch->url,
        .max_bytes = BACKLOG,
        .timeout_ms = HT_MEDIA_SILENCE_MS,
        .is_public_only = true,
        .is_public = fetch->media->is_public,
        .is_stream = true,
    };
    struct ht_http *http = fetch->media->social->host->http;
    enum ht_err err = ht_http_start(&fetch->request, http, &options, on_answer, on_piece, fetch);
    if (err == HT_OK) return HT_OK;
    fetch->request = NULL;
    return ht_fail(why, err, "busy", "too many requests of ours are under way");
}

enum ht_err ht_media_fetch_begin(struct ht_media_fetch **out, struct ht_media *media,
                                 const struct ht_media_fetch_options *options, struct ht_why *why) {
    struct ht_media_fetch *fetch = calloc(1, sizeof *fetch);
    if (fetch == NULL) return ht_task_no_memory(why);
    fetch->media = media;
    fetch->options = *options;
    (void)snprintf(fetch->url, sizeof fetch->url, "%s", options->url);
    const struct ht_intake_options intake = {
        .keeper = options->keeper,
        .is_fetched = options->is_fetched,
        .url = options->is_fetched ? fetch->url : NULL,
        .claimed = options->claimed,
        .wanted = options->wanted,
        .wanted_count = options->wanted_count,
        .room = on_room,
        .done = on_intake,
        .user = fetch,
    };
    fetch->next = media->fetches;
    media->fetches = fetch;
    enum ht_err err = ht_intake_begin(&fetch->intake, media, &intake, why);
    if (err != HT_OK) fetch->intake = NULL;
    if (err == HT_OK) err = begin_request(fetch, why);
    if (err != HT_OK) {
        ht_media_fetch_drop(fetch);
        return err;
    }
    ht_timer_set(media->social->host->loop, &fetch->deadline, HT_MEDIA_FETCH_MS, on_deadline);
    *out = fetch;
    return HT_OK;
}

void ht_media_fetch_stop(struct ht_media *media) {
    while (media->fetches != NULL) {
        struct ht_why why = {0};
        fail(media->fetches, ht_fail(&why, HT_EAGAIN, "stopping", "the node is stopping"), &why);
    }
}
