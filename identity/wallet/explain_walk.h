/* The walk through a call and the calls that it makes. Only explain_call.c, explain_inner.c and
 * explain_known.c include this.
 *
 * A call stands in a list of those still to do, so that nothing recurses; the whole is bounded by
 * HT_CALLS_MAX calls, HT_CALL_DEPTH_MAX levels and HT_CALLS_DATA_MAX bytes. */
#ifndef HT_IDENTITY_WALLET_EXPLAIN_WALK_H
#define HT_IDENTITY_WALLET_EXPLAIN_WALK_H

#include "identity/wallet/explain_call.h"

#define HT_CALL_PATH_SIZE 64U /* HT_CALL_DEPTH_MAX numbers with points between them */

/* One call. Two addresses say who acts: a call is made by `caller` and runs as `self`, which is the
 * contract itself, or for a delegate call whoever makes it. */
struct ht_call_task {
    json_t *list;                 /* where the decoded call goes, borrowed */
    char path[HT_CALL_PATH_SIZE]; /* "2.1": the first call that the second call makes; "": outer */
    bool has_contract;            /* lists of different lengths may leave it out */
    ht_addr20 contract;           /* whose code runs */
    ht_addr20 caller, self;
    ht_u256 value; /* wei that goes with it */
    ht_bytes data; /* borrowed: the transaction's, or a copy that the walk owns */
    unsigned depth;
    bool is_ours;     /* the signer's account makes it */
    bool is_delegate; /* another contract's code runs as the caller */
    bool is_opaque;   /* which function it calls cannot be told */
    bool is_undone;   /* this is a call that is cancelled: nothing of it happens */
};

struct ht_call_walk {
    struct ht_explanation *explanation;
    const struct ht_explain_context *context;
    struct ht_call_task tasks[HT_CALLS_MAX];
    uint8_t *copies[HT_CALLS_MAX]; /* data of calls, or of several that were packed */
    size_t done, count, copy_count;
    size_t data_bytes; /* of the copies */
    size_t left_out;   /* calls past a bound */
    unsigned value_rows;
};

/* A call that was decoded. args: the nodes of ht_known_call_decode. */
struct ht_call_known {
    struct ht_call_walk *walk;
    const struct ht_call_task *task;
    const struct ht_known_call *call;
    const json_t *args;
};

#endif
