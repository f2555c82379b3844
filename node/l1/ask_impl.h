/* What the files of ask.h share: an attempt, and the asker. */
#ifndef HT_L1_ASK_IMPL_H
#define HT_L1_ASK_IMPL_H

#include "node/l1/ask.h"
#include "node/net/ws_rpc.h"

/* One provider's try at a question. */
struct ht_attempt {
    struct ht_work work;
    struct ht_question *question;
    struct ht_asker *asker;
    struct ht_http_request *http; /* under way: one of the two; else both NULL */
    struct ht_ws_rpc_request *ws;
    size_t provider; /* its place in the list */
    uint64_t first_id;
    int64_t started_ms; /* monotonic */
    int64_t elapsed_ms;
    struct ht_buf sent; /* the request's text */
    struct ht_buf body; /* the answer's, as far as it came */
    size_t received;    /* bytes of the answer, also of one that was too large */
    struct ht_jsonrpc_answer answers[HT_QUESTION_REQUESTS_MAX];
    size_t count;
    bool is_proving; /* the worker's */
    bool is_refused; /* answered, with an error instead of a result */
    struct ht_jsonrpc_answer refusal;
    const char *refused_method;
    enum ht_err err;
    struct ht_why why;
};

struct ht_asker {
    struct ht_loop *loop;
    struct ht_pool *pool;
    struct ht_http *http;
    struct ht_ws_rpc *ws;
    struct ht_providers *providers;
    struct ht_evidence *evidence; /* NULL: not kept */
    void (*on_change)(void *user);
    void *user;
    uint64_t next_id;
    struct ht_question *questions;
    bool is_stopping;
};

/* In ask.c. Ends it: calls done, after which the question may be gone. */
void ht_ask_finish(struct ht_question *question, enum ht_err err);
/* One that has answered meanwhile is proven first; else another is asked; else, if none is under
 * way, it waits for one that pauses; else that was all. May end it. */
void ht_ask_next(struct ht_question *question);
/* An attempt that is over. */
void ht_ask_drop(struct ht_attempt *attempt);

#endif
