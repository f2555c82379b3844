/* DELETE at the door, social.media_delete, and what both do. */
#include "social/media/media_remove.h"

#include <stdlib.h>

#include "social/media/media_answer.h"
#include "social/media/media_methods.h"

struct removing {
    struct ht_write write; /* first */
    struct ht_media *media;
    ht_hash32 sha256, keeper;
    bool has_keeper;
    struct ht_media_removal removal;
    bool is_gone;
    void (*done)(void *user, enum ht_err err, const struct ht_media_removal *removal,
                 const struct ht_why *why);
    void *user;
};

static enum ht_err remove_rows(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct removing *removing = (struct removing *)write;
    struct ht_media_removal *removal = &removing->removal;
    struct ht_media_blob blob;
    enum ht_err err = ht_media_sql_find(&removal->was_here, &blob, db, &removing->sha256, why);
    if (err != HT_OK) return err;
    if (!removing->has_keeper) {
        removing->is_gone = true;
        return ht_media_sql_remove(&removal->was_here, db, &removing->sha256, why);
    }
    return ht_media_sql_leave(&removal->was_keeper, &removing->is_gone, db, &removing->keeper,
                              &removing->sha256, why);
}

static void removed(struct ht_write *write) {
    struct removing *removing = (struct removing *)write;
    if (write->err == HT_OK && removing->is_gone) ht_media_tidy(removing->media, &removing->sha256);
    removing->done(removing->user, write->err, &removing->removal, &write->why);
    free(removing);
}

enum ht_err
ht_media_remove(struct ht_media *media, const ht_hash32 *sha256, const ht_hash32 *keeper,
                void (*done)(void *user, enum ht_err err, const struct ht_media_removal *removal,
                             const struct ht_why *why),
                void *user, struct ht_why *why) {
    struct removing *removing = calloc(1, sizeof *removing);
    if (removing == NULL) return ht_task_no_memory(why);
    removing->media = media;
    removing->sha256 = *sha256;
    removing->has_keeper = keeper != NULL;
    if (keeper != NULL) removing->keeper = *keeper;
    removing->done = done;
    removing->user = user;
    removing->write = (struct ht_write){.write = remove_rows, .done = removed};
    enum ht_err err =
        media->is_stopped ? HT_EAGAIN : ht_writer_submit(media->social->writer, &removing->write);
    if (err == HT_OK) return HT_OK;
    free(removing);
    return ht_fail(why, err, "busy", "too much is being written just now");
}

/* --- at the door ------------------------------------------------------------------------------ */

struct deleting {
    struct ht_door_http *http; /* NULL: nobody waits any more */
};

static void gone(void *user) {
    struct deleting *deleting = user;
    deleting->http = NULL;
}

static void answer(void *user, enum ht_err err, const struct ht_media_removal *removal,
                   const struct ht_why *why) {
    struct deleting *deleting = user;
    struct ht_why reason = *why;
    const struct ht_door_answer done = {.status = 204};
    if (err == HT_OK && !removal->was_here) {
        err = ht_fail(&reason, HT_ENOTFOUND, "no_blob", "that blob is not here");
    } else if (err == HT_OK && !removal->was_keeper) {
        err = ht_fail(&reason, HT_EDENIED, "not_yours", "that blob is not kept for this key");
    }
    if (deleting->http != NULL && err == HT_OK) {
        ht_door_http_answer(deleting->http, &done);
    } else if (deleting->http != NULL) {
        ht_media_refuse(deleting->http, err, &reason);
    }
    free(deleting);
}

void ht_media_http_delete(struct ht_media *media, struct ht_door_http *http,
                          const ht_hash32 *sha256) {
    struct ht_media_auth auth;
    struct ht_why why = {0};
    struct deleting *deleting = NULL;
    enum ht_err err = ht_media_authorized(&auth, media, ht_door_http_request(http), "delete", &why);
    if (err == HT_OK) err = ht_media_auth_for(&auth, sha256, &why);
    if (err == HT_OK) {
        deleting = calloc(1, sizeof *deleting);
        err = deleting != NULL ? HT_OK : ht_task_no_memory(&why);
    }
    if (err == HT_OK) err = ht_media_remove(media, sha256, &auth.pubkey, answer, deleting, &why);
    if (err != HT_OK) {
        free(deleting);
        ht_media_refuse(http, err, &why);
        return;
    }
    deleting->http = http;
    const struct ht_door_reader reader = {.gone = gone, .user = deleting};
    if (ht_door_http_read(http, HT_MEDIA_AUTH_HEADER_MAX, &reader) != HT_OK) deleting->http = NULL;
}

/* --- the owner's ------------------------------------------------------------------------------ */

static void deleted(void *user, enum ht_err err, const struct ht_media_removal *removal,
                    const struct ht_why *why) {
    struct ht_task *task = user;
    if (err == HT_OK) task->result = json_pack("{s:b}", "was_here", removal->was_here);
    ht_task_end(task, err, why);
}

void ht_media_delete_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_social *social = self;
    struct ht_why why = {0};
    ht_hash32 sha256;
    struct ht_task *task = ht_task_new(social, call, params);
    if (task == NULL) return;
    enum ht_err err = ht_media_param_hash(&sha256, task->params, &why);
    if (err == HT_OK) err = ht_media_remove(social->media, &sha256, NULL, deleted, task, &why);
    if (err != HT_OK) ht_task_end(task, err, &why);
}
