/* Peers, invitations and marks on disk: what has changed is gathered for half a second and written
 * together, in the order in which it came to be. */
#include "social/mesh/mesh_keep.h"

#include <stdlib.h>

#include "node/base/log.h"

#define KEEP_MS 500

/* What one write has. */
struct keeping {
    struct ht_write write; /* first */
    struct ht_mesh_service *service;
    struct ht_mesh_peer *peers; /* copies, with their records' texts */
    size_t peer_count;
    ht_hash32 *gone;
    size_t gone_count;
    struct ht_mesh_invitation *invitations;
    size_t invitation_count;
    bool has_invitations;
    struct ht_rpc_call *call; /* NULL: nobody waits */
    json_t *result;
};

static void free_keeping(struct keeping *keeping) {
    for (size_t i = 0; i < keeping->peer_count; i++) free(keeping->peers[i].record_json);
    free(keeping->peers);
    free(keeping->gone);
    free(keeping->invitations);
    json_decref(keeping->result);
    free(keeping);
}

/* --- loading ---------------------------------------------------------------------------------- */

static enum ht_err recall(void *user, const struct ht_mesh_peer *peer) {
    struct ht_mesh_service *service = user;
    enum ht_err err = ht_mesh_recall(service->mesh, peer);
    if (err == HT_ENOMEM) return err;
    if (err != HT_OK) ht_log(HT_LOG_WARN, "peers", "a peer that was kept is left out");
    return HT_OK;
}

static enum ht_err recall_invitation(void *user, const struct ht_mesh_invitation *one) {
    const struct ht_mesh_service *service = user;
    return ht_mesh_recall_invitation(service->mesh, one) == HT_ENOMEM ? HT_ENOMEM : HT_OK;
}

enum ht_err ht_mesh_keep_load(struct ht_mesh_service *service, sqlite3 *db, struct ht_why *why) {
    size_t bad = 0;
    enum ht_err err = ht_mesh_sql_load(&bad, db, recall, service, why);
    if (err == HT_OK) err = ht_mesh_sql_load_invitations(db, recall_invitation, service, why);
    if (bad > 0) ht_log(HT_LOG_WARN, "peers", "%zu peers on disk cannot be read", bad);
    /* What was recalled is there already. */
    service->dirty_count = 0;
    service->has_new_invitations = false;
    return err;
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool copy_peers(struct keeping *keeping, const struct ht_mesh_service *service) {
    keeping->peers = calloc(service->dirty_count + 1, sizeof *keeping->peers);
    keeping->gone = calloc(service->dirty_count + 1, sizeof *keeping->gone);
    if (keeping->peers == NULL || keeping->gone == NULL) return false;
    for (size_t i = 0; i < service->dirty_count; i++) {
        const struct ht_mesh_peer *peer = ht_mesh_find(service->mesh, &service->dirty[i]);
        bool is_kept = peer != NULL && peer->origin != HT_MESH_STRANGER;
        if (!is_kept) {
            keeping->gone[keeping->gone_count++] = service->dirty[i];
            continue;
        }
        struct ht_mesh_peer *copy = &keeping->peers[keeping->peer_count];
        *copy = *peer;
        copy->link = NULL;
        copy->next = NULL;
        if (peer->record_json != NULL) {
            copy->record_json = strdup(peer->record_json);
            if (copy->record_json == NULL) return false;
        }
        keeping->peer_count++;
    }
    return true;
}

static bool copy_invitations(struct keeping *keeping, const struct ht_mesh_service *service) {
    keeping->has_invitations = service->has_new_invitations;
    keeping->invitations = calloc(HT_MESH_INVITES_MAX, sizeof *keeping->invitations);
    if (keeping->invitations == NULL) return false;
    const struct ht_mesh_invitation *one = ht_mesh_invitations(service->mesh);
    for (; one != NULL && keeping->invitation_count < HT_MESH_INVITES_MAX; one = one->next) {
        keeping->invitations[keeping->invitation_count++] = *one;
    }
    return true;
}

static enum ht_err write_all(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    const struct keeping *keeping = (const struct keeping *)write;
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < keeping->gone_count; i++) {
        err = ht_mesh_sql_delete(db, &keeping->gone[i], why);
    }
    for (size_t i = 0; err == HT_OK && i < keeping->peer_count; i++) {
        err = ht_mesh_sql_put(db, &keeping->peers[i], why);
    }
    if (err != HT_OK || !keeping->has_invitations) return err;
    return ht_mesh_sql_put_invitations(db, keeping->invitations, keeping->invitation_count, why);
}

static void written(struct ht_write *write) {
    struct keeping *keeping = (struct keeping *)write;
    if (write->err != HT_OK) {
        ht_log(HT_LOG_WARN, "peers", "what is known of peers is not on disk: %s", write->why.text);
    }
    if (keeping->call != NULL && write->err != HT_OK) {
        ht_rpc_refuse(keeping->call, write->err, &write->why);
    } else if (keeping->call != NULL) {
        ht_rpc_finish(keeping->call, json_incref(keeping->result));
    }
    free_keeping(keeping);
}

/* Takes the call and the result over, unless it fails: what is to be kept stays to be kept then. */
static enum ht_err write_now(struct ht_mesh_service *service, struct ht_rpc_call *call,
                             json_t *result) {
    struct keeping *keeping = calloc(1, sizeof *keeping);
    if (keeping == NULL) return HT_ENOMEM;
    bool is_copied = copy_peers(keeping, service) && copy_invitations(keeping, service);
    keeping->service = service;
    keeping->call = call;
    keeping->result = result;
    keeping->write = (struct ht_write){.write = write_all, .done = written};
    enum ht_err err = HT_ENOMEM;
    if (is_copied) err = ht_writer_submit(service->social->writer, &keeping->write);
    if (err != HT_OK) {
        keeping->result = NULL;
        free_keeping(keeping);
        return err;
    }
    service->dirty_count = 0;
    service->has_new_invitations = false;
    return HT_OK;
}

static void keep_soon(struct ht_mesh_service *service);

static void flush(struct ht_timer *timer) {
    struct ht_mesh_service *service =
        (struct ht_mesh_service *)(void *)((char *)timer -
                                           offsetof(struct ht_mesh_service, keeping));
    service->is_keeping = false;
    if (service->dirty_count == 0 && !service->has_new_invitations) return;
    if (write_now(service, NULL, NULL) != HT_OK) keep_soon(service);
}

static void keep_soon(struct ht_mesh_service *service) {
    if (service->is_keeping || !service->is_running) return;
    service->is_keeping = true;
    ht_timer_set(service->social->host->loop, &service->keeping, KEEP_MS, flush);
}

void ht_mesh_keep(struct ht_mesh_service *service, const struct ht_mesh_peer *peer) {
    size_t i = 0;
    if (peer == NULL) {
        service->has_new_invitations = true;
    } else {
        while (i < service->dirty_count && !ht_hash32_equal(&service->dirty[i], &peer->node)) i++;
        if (i == HT_MESH_PEERS_MAX) {
            (void)write_now(service, NULL, NULL);
            i = service->dirty_count;
        }
        if (i == service->dirty_count && i < HT_MESH_PEERS_MAX) {
            service->dirty[service->dirty_count++] = peer->node;
        }
    }
    keep_soon(service);
    ht_mesh_changed(service);
}

void ht_mesh_keep_answer(struct ht_mesh_service *service, struct ht_rpc_call *call,
                         json_t *result) {
    struct ht_why why = {0};
    enum ht_err err = result != NULL ? write_now(service, call, result) : HT_ENOMEM;
    if (err == HT_OK) return;
    json_decref(result);
    (void)ht_fail(&why, err, err == HT_ENOMEM ? "no_memory" : "busy",
                  err == HT_ENOMEM ? "out of memory" : "too much is being written just now");
    ht_rpc_refuse(call, err, &why);
}

void ht_mesh_keep_stop(struct ht_mesh_service *service) {
    ht_timer_cancel(&service->keeping);
    if (service->dirty_count > 0 || service->has_new_invitations) {
        (void)write_now(service, NULL, NULL);
    }
}

/* --- marks ------------------------------------------------------------------------------------ */

struct marking {
    struct ht_write write; /* first */
    struct ht_mesh_mark mark;
};

static enum ht_err write_mark(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    return ht_mesh_sql_put_mark(db, &((const struct marking *)write)->mark, why);
}

static void marked(struct ht_write *write) {
    free(write);
}

void ht_mesh_keep_mark(struct ht_mesh_service *service, const struct ht_mesh_mark *mark) {
    const struct ht_mesh_peer *peer = ht_mesh_find(service->mesh, &mark->node);
    if (peer == NULL || peer->origin == HT_MESH_STRANGER) return;
    struct marking *marking = malloc(sizeof *marking);
    if (marking == NULL) return;
    *marking = (struct marking){.write = {.write = write_mark, .done = marked}, .mark = *mark};
    /* Without it more is compared than need be. */
    if (ht_writer_submit(service->social->writer, &marking->write) != HT_OK) free(marking);
}
