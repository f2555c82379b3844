/* Asking execution providers, and believing only what their answers prove.
 *
 * A question is one or several JSON-RPC requests and a function that proves the answers against
 * something already verified. It goes to the best provider; one that is silent for a while gets
 * company by a second; what does not hold is recorded against whoever sent it, and the next is
 * asked, until an answer is proven or nobody is left. A provider that does not have the method, or
 * no longer the state, is not to blame. One that the network failed, or that was asked too often,
 * may be asked once more after its pause; when all only pause, the question waits for the soonest,
 * up to HT_QUESTION_MAX_MS in all. Providers are reached by HTTP or by websocket, as their
 * addresses say. */
#ifndef HT_L1_ASK_H
#define HT_L1_ASK_H

#include "node/l1/execution/header.h"
#include "node/loop/pool.h"
#include "node/net/http.h"
#include "node/net/jsonrpc.h"
#include "node/net/provider.h"

#define HT_QUESTION_REQUESTS_MAX 64U
#define HT_QUESTION_BODY_MAX ((size_t)2 << 20) /* bytes of all its requests as JSON */
#define HT_QUESTION_MAX_MS 30000               /* from ht_ask to the last answer that counts */

struct ht_asker;
struct ht_attempt;
struct ht_evidence;

/* Lives in its owner's struct from ht_ask until done. */
struct ht_question {
    char about[96]; /* for people: "account 0x12…, block 17" */
    struct ht_jsonrpc_request requests[HT_QUESTION_REQUESTS_MAX]; /* methods are string literals */
    json_t *params[HT_QUESTION_REQUESTS_MAX]; /* owned by the question; freed when it ends */
    size_t count;
    size_t max_bytes;                    /* of an answer */
    const struct ht_exec_header *header; /* what answers are held against, for the evidence; NULL:
                                            nothing but what `about` says. Outlives the question */
    uint32_t avoid;                      /* bit i: provider i of the list is not asked */
    bool takes_refusal; /* a server's error (HT_JSONRPC_REFUSED) is an answer to this question: it
                           ends with HT_EDENIED "refused" and that server's words, no one is to
                           blame, and no other is asked */
    /* On a worker: proves all answers and keeps what they prove in the owner's struct, which is
     * the worker's meanwhile. HT_ENOTFOUND means that this provider does not have it (null where
     * there must be something); any other error is a fault of the provider. */
    enum ht_err (*prove)(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                         struct ht_why *why);
    /* On the loop, once. */
    void (*done)(struct ht_question *question);
    /* The outcome. HT_OK, or why nobody could prove it: HT_ENET with "no_provider", "no_method",
     * "state_pruned", "too_much" (too wide a question: ask for less), or the reason of the last
     * refusal or fault; HT_EDENIED "refused" (takes_refusal) and "stopping"; HT_ELIMIT
     * "question_too_large"; HT_EAGAIN "busy"; HT_ENOMEM. */
    enum ht_err err;
    struct ht_why why;
    char source[128]; /* who proved it */
    size_t provider;  /* its index in the list */
    size_t received;  /* bytes of the answer that proved it */

    /* The asker's own. */
    struct ht_asker *asker;
    struct ht_question *next;
    struct ht_attempt *attempts[2]; /* under way */
    bool is_proving;
    uint32_t asked;   /* bit i: provider i of the list is not to be asked (again) */
    uint32_t retried; /* bit i: it failed once without a fault of its own */
    int64_t until_ms; /* monotonic */
    struct ht_timer hedge;
};

/* Everything given outlives the asker. on_change: what is known of the providers has changed. */
enum ht_err ht_asker_new(struct ht_asker **out, struct ht_loop *loop, struct ht_pool *pool,
                         struct ht_http *http, struct ht_providers *providers,
                         void (*on_change)(void *user), void *user) HT_MUST_USE;
/* Keeps what providers did wrong from now on; NULL: no longer. Outlives the asker. */
void ht_asker_set_evidence(struct ht_asker *asker, struct ht_evidence *evidence);
/* Loop thread: cancels requests, closes connections and sends no more; to be called before the pool
 * ends. */
void ht_asker_stop(struct ht_asker *asker);
/* Loop thread, when the pool has ended and the loop has drained. Questions that are left end with
 * HT_EDENIED "stopping": their owners must still be there. */
void ht_asker_free(struct ht_asker *asker);

/* Adds a request; takes over params. HT_ELIMIT, and HT_ENOMEM when params is NULL. */
enum ht_err ht_question_add(struct ht_question *question, const char *method,
                            json_t *params) HT_MUST_USE;

/* Loop thread. The answer that ended a question with HT_OK turned out wrong by what was proven
 * later: it is recorded against whoever gave it, as if its proof had failed with err. request and
 * answer are what is kept as evidence. */
void ht_ask_blame(const struct ht_question *question, enum ht_err err, const struct ht_why *why,
                  ht_bytes request, ht_bytes answer);

/* Loop thread. `done` comes later, never from within this call. */
void ht_ask(struct ht_asker *asker, struct ht_question *question);

#endif
