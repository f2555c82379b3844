/* One piece of verification: an answer's bytes on their way through a worker and back.
 *
 * While a job is with the pool, the store is the worker's; the loop reads only copies. */
#ifndef HT_L1_SYNC_JOB_H
#define HT_L1_SYNC_JOB_H

#include "node/l1/consensus/decode.h"
#include "node/l1/consensus/light_client.h"
#include "node/l1/finality.h"
#include "node/l1/light_kept.h"
#include "node/loop/pool.h"
#include "node/net/http.h"

struct ht_sync_job {
    struct ht_work work;
    void *owner; /* the driver */
    /* in */
    enum ht_lc_kind kind; /* what was asked for */
    struct ht_lc_store *store;
    const struct ht_network *network;
    ht_hash32 trusted_block_root; /* for a bootstrap */
    uint64_t current_slot;
    size_t provider;    /* its index */
    int64_t elapsed_ms; /* of the request; -1 for an event of a stream */
    bool is_ssz;
    bool wants_objects; /* what held is wanted as `objects` */
    bool has_fork;      /* the answer named its fork in a header */
    enum ht_fork fork;
    uint8_t *bytes; /* owned */
    size_t len;
    /* out */
    size_t accepted;          /* objects that held */
    struct ht_lc_outcome did; /* all of them together */
    uint64_t signature_slot;  /* of the newest that held */
    /* The update that finalized the newest block, if any of them did; empty when there was no
     * memory. */
    struct ht_finality finality;
    /* What held, as bytes for others; what there was no memory for is missing. */
    struct ht_light_object *objects;
    bool has_slot;
    uint64_t slot; /* of the object that failed */
    enum ht_err err;
    struct ht_why why;
};

/* A job with a copy of the answer's body. NULL without memory. */
struct ht_sync_job *ht_sync_job_new(enum ht_lc_kind kind, ht_bytes body);
void ht_sync_job_free(struct ht_sync_job *job);

/* Takes the form of the body from the answer's headers. */
void ht_sync_job_set_answer(struct ht_sync_job *job, const struct ht_http_answer *answer);

/* Decodes and verifies; on a worker. Objects that bring nothing new (HT_ESTALE) end an answer only
 * when nothing in it held. */
void ht_sync_job_run(struct ht_work *work);

#endif
