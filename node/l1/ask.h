/* Asking execution providers, and believing only what their answers prove.
 *
 * A question is one or several JSON-RPC requests and a function that proves the answers against
 * something already verified. It goes to the best provider; one that is silent for a while gets
 * company by a second; what does not hold is recorded against whoever sent it, and the next is
 * asked, until an answer is proven or nobody is left. A provider that does not have the method, or
 * no longer the state, is not to blame. */
#ifndef HT_L1_ASK_H
#define HT_L1_ASK_H

#include "node/loop/pool.h"
#include "node/net/http.h"
#include "node/net/jsonrpc.h"
#include "node/net/provider.h"

#define HT_QUESTION_REQUESTS_MAX 8U

struct ht_asker;
struct ht_attempt;

/* Lives in its owner's struct from ht_ask until done. */
struct ht_question {
    char about[96]; /* for people: "account 0x12…, block 17" */
    struct ht_jsonrpc_request requests[HT_QUESTION_REQUESTS_MAX]; /* methods are string literals */
    json_t *params[HT_QUESTION_REQUESTS_MAX]; /* owned by the question; freed when it ends */
    size_t count;
    size_t max_bytes; /* of an answer */
    /* On a worker: proves all answers and keeps what they prove in the owner's struct, which is
     * the worker's meanwhile. HT_ENOTFOUND means that this provider does not have it (null where
     * there must be something); any other error is a fault of the provider. */
    enum ht_err (*prove)(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                         struct ht_why *why);
    /* On the loop, once. */
    void (*done)(struct ht_question *question);
    /* The outcome. HT_OK, or why nobody could prove it: HT_ENET "no_provider", "no_method",
     * "state_pruned", or the last refusal. */
    enum ht_err err;
    struct ht_why why;
    char source[128]; /* who proved it */

    /* The asker's own. */
    struct ht_asker *asker;
    struct ht_question *next;
    struct ht_attempt *attempts[2]; /* under way */
    bool is_proving;
    uint32_t asked; /* bit i: provider i of the list was asked */
    struct ht_timer hedge;
};

/* Everything given outlives the asker. on_change: what is known of the providers has changed. */
enum ht_err ht_asker_new(struct ht_asker **out, struct ht_loop *loop, struct ht_pool *pool,
                         struct ht_http *http, struct ht_providers *providers,
                         void (*on_change)(void *user), void *user) HT_MUST_USE;
/* Loop thread: cancels requests and sends no more; to be called before the pool ends. */
void ht_asker_stop(struct ht_asker *asker);
/* Loop thread, when the pool has ended and the loop has drained. Questions that are left end with
 * HT_EDENIED "stopping": their owners must still be there. */
void ht_asker_free(struct ht_asker *asker);

/* Adds a request; takes over params. HT_ELIMIT, and HT_ENOMEM when params is NULL. */
enum ht_err ht_question_add(struct ht_question *question, const char *method,
                            json_t *params) HT_MUST_USE;

/* Loop thread. `done` comes later, never from within this call. */
void ht_ask(struct ht_asker *asker, struct ht_question *question);

#endif
