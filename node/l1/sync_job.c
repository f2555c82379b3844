/* Verification of what providers sent, off the loop. */
#include "node/l1/sync_job.h"

#include <stdlib.h>

struct ht_sync_job *ht_sync_job_new(enum ht_lc_kind kind, ht_bytes body) {
    struct ht_sync_job *job = calloc(1, sizeof *job);
    if (job == NULL) return NULL;
    job->kind = kind;
    job->bytes = malloc(body.n + 1);
    if (job->bytes == NULL) {
        free(job);
        return NULL;
    }
    if (body.n > 0) memcpy(job->bytes, body.p, body.n);
    job->len = body.n;
    job->elapsed_ms = -1;
    return job;
}

void ht_sync_job_free(struct ht_sync_job *job) {
    if (job == NULL) return;
    ht_finality_fini(&job->finality);
    ht_light_object_free(job->objects);
    free(job->bytes);
    free(job);
}

void ht_sync_job_set_answer(struct ht_sync_job *job, const struct ht_http_answer *answer) {
    job->elapsed_ms = answer->elapsed_ms;
    job->is_ssz = strcmp(answer->content_type, "application/octet-stream") == 0;
    job->has_fork = answer->consensus_version[0] != '\0' &&
                    ht_fork_by_name(&job->fork, answer->consensus_version) == HT_OK;
}

/* Also when finality moved on by an older update that waited: then this one is not about it. */
static void keep_finality(struct ht_sync_job *job, const struct ht_lc_object *object) {
    const struct ht_header_verified *finalized = &job->store->finalized;
    if (object->update.finalized_header.beacon.slot != finalized->beacon.slot) return;
    enum ht_err err =
        ht_finality_set(&job->finality, job->network, object, &finalized->execution_block_hash);
    (void)err;
}

static void keep_object(struct ht_sync_job *job, const struct ht_lc_object *object) {
    if (!job->wants_objects) return;
    struct ht_light_object *made = ht_light_object_new(job->network, object);
    if (made == NULL) return;
    made->next = job->objects;
    job->objects = made;
}

static bool process_object(void *user, size_t position, const struct ht_lc_object *object) {
    (void)position;
    struct ht_sync_job *job = user;
    job->has_slot = true;
    job->slot = ht_lc_object_slot(object);
    if (object->kind != job->kind) {
        job->err = ht_fail(&job->why, HT_EINPUT, "wrong_object", "a %s where a %s was asked for",
                           ht_lc_kind_name(object->kind), ht_lc_kind_name(job->kind));
        return false;
    }
    if (object->kind == HT_LC_BOOTSTRAP) {
        job->err =
            ht_lc_store_init(job->store, job->network, &job->trusted_block_root, object, &job->why);
        job->accepted += job->err == HT_OK;
        if (job->err == HT_OK) keep_object(job, object);
        return false;
    }
    struct ht_lc_outcome did;
    struct ht_why why;
    enum ht_err err = ht_lc_process(job->store, &did, object, job->current_slot, &why);
    if (err == HT_OK) {
        job->accepted++;
        job->did.finalized_advanced |= did.finalized_advanced;
        job->did.optimistic_advanced |= did.optimistic_advanced;
        job->did.next_committee_learned |= did.next_committee_learned;
        job->did.is_below_threshold |= did.is_below_threshold;
        job->did.participants = did.participants;
        job->signature_slot = object->update.signature_slot;
        if (did.finalized_advanced) keep_finality(job, object);
        keep_object(job, object);
        return true;
    }
    job->err = err;
    job->why = why;
    return err == HT_ESTALE;
}

/* One object in the shape of the fork that the answer names. What has the shape of another fork
 * instead was named wrongly, which says more than at which byte that showed. */
static enum ht_err decode_ssz(struct ht_lc_object *out, const struct ht_sync_job *job,
                              ht_bytes bytes, struct ht_why *why) {
    enum ht_err err = ht_lc_decode_ssz(out, job->network, job->kind, job->fork, bytes, why);
    for (enum ht_fork fork = HT_ALTAIR; err == HT_EINPUT && fork < HT_FORK_COUNT; fork++) {
        struct ht_why other;
        if (fork == job->fork ||
            ht_lc_decode_ssz(out, job->network, job->kind, fork, bytes, &other) != HT_OK) {
            continue;
        }
        return ht_fail(why, HT_EINPUT, "wrong_fork", "comes as %s, but is of %s",
                       ht_fork_specs[job->fork].name, ht_fork_specs[fork].name);
    }
    return err;
}

void ht_sync_job_run(struct ht_work *work) {
    struct ht_sync_job *job = (struct ht_sync_job *)work;
    ht_bytes bytes = ht_bytes_of(job->bytes, job->len);
    if (job->kind == HT_LC_UPDATE && job->is_ssz && bytes.n == 0) return; /* a list of none */
    struct ht_why why = {0};
    enum ht_err err;
    if (job->is_ssz && job->has_fork && job->kind != HT_LC_UPDATE) {
        struct ht_lc_object *object = malloc(sizeof *object);
        err = object == NULL ? HT_ENOMEM : decode_ssz(object, job, bytes, &why);
        if (err == HT_OK) (void)process_object(job, 0, object);
        free(object);
    } else {
        err = ht_lc_decode_all(job->network, bytes, process_object, job, &why);
    }
    if (err != HT_OK) { /* what did not decode matters more than what was merely old */
        job->err = err;
        job->why = why;
        if (why.code == NULL) {
            (void)ht_fail(&job->why, err, "unknown_object", "no light-client object");
        }
    } else if (job->err == HT_ESTALE && job->accepted > 0) {
        job->err = HT_OK;
    }
}
