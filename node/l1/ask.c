/* Questions to execution providers: choosing whom to ask, hedging, proving, going on to the next.
 */
#include "node/l1/ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/log.h"

#define ANSWER_TIMEOUT_MS 10000
#define HEDGE_MS 1000
#define MAX_ASKED 32U

_Static_assert(HT_PROVIDERS_MAX <= MAX_ASKED, "a bit for each provider");

/* One provider's try at a question. */
struct ht_attempt {
    struct ht_work work;
    struct ht_question *question; /* NULL once nobody waits for it */
    struct ht_asker *asker;
    struct ht_http_request *request; /* NULL when answered */
    size_t provider;
    uint64_t first_id;
    int64_t elapsed_ms;
    struct ht_buf body;
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
    struct ht_providers *providers;
    void (*on_change)(void *user);
    void *user;
    uint64_t next_id;
    struct ht_question *questions;
    bool is_stopping;
};

static void ask_next(struct ht_question *question);

enum ht_err ht_asker_new(struct ht_asker **out, struct ht_loop *loop, struct ht_pool *pool,
                         struct ht_http *http, struct ht_providers *providers,
                         void (*on_change)(void *user), void *user) {
    struct ht_asker *asker = calloc(1, sizeof *asker);
    if (asker == NULL) return HT_ENOMEM;
    *asker = (struct ht_asker){.loop = loop,
                               .pool = pool,
                               .http = http,
                               .providers = providers,
                               .on_change = on_change,
                               .user = user,
                               .next_id = 1};
    *out = asker;
    return HT_OK;
}

static void free_attempt(struct ht_attempt *attempt) {
    ht_jsonrpc_free(attempt->answers, attempt->count);
    ht_buf_fini(&attempt->body);
    free(attempt);
}

/* All but the one that a worker has. */
static void drop_attempts(struct ht_question *question) {
    for (size_t i = 0; i < 2; i++) {
        struct ht_attempt *attempt = question->attempts[i];
        if (attempt == NULL || attempt->is_proving) continue;
        if (attempt->request != NULL) ht_http_cancel(attempt->request);
        free_attempt(attempt);
        question->attempts[i] = NULL;
    }
}

static void forget_attempt(struct ht_question *question, const struct ht_attempt *attempt) {
    for (size_t i = 0; i < 2; i++) {
        if (question->attempts[i] == attempt) question->attempts[i] = NULL;
    }
}

static void free_params(struct ht_question *question) {
    for (size_t i = 0; i < question->count; i++) json_decref(question->params[i]);
    question->count = 0;
}

static void unlink_question(struct ht_question *question) {
    struct ht_question **at = &question->asker->questions;
    while (*at != NULL && *at != question) at = &(*at)->next;
    if (*at != NULL) *at = question->next;
}

static void finish(struct ht_question *question, enum ht_err err) {
    question->err = err;
    ht_timer_cancel(&question->hedge);
    drop_attempts(question);
    unlink_question(question);
    free_params(question);
    question->done(question);
}

void ht_asker_stop(struct ht_asker *asker) {
    if (asker == NULL) return;
    asker->is_stopping = true;
    for (struct ht_question *question = asker->questions; question != NULL;) {
        struct ht_question *next = question->next;
        ht_timer_cancel(&question->hedge);
        drop_attempts(question);
        question = next;
    }
}

void ht_asker_free(struct ht_asker *asker) {
    if (asker == NULL) return;
    while (asker->questions != NULL) {
        struct ht_question *question = asker->questions;
        finish(question, ht_fail(&question->why, HT_EDENIED, "stopping", "the node is stopping"));
    }
    free(asker);
}

enum ht_err ht_question_add(struct ht_question *question, const char *method, json_t *params) {
    if (params == NULL) return HT_ENOMEM;
    if (question->count == HT_QUESTION_REQUESTS_MAX) {
        json_decref(params);
        return HT_ELIMIT;
    }
    question->params[question->count] = params;
    question->requests[question->count++] = (struct ht_jsonrpc_request){method, params};
    return HT_OK;
}

/* --- what an attempt came to ------------------------------------------------------------------ */

static void note_refusal(struct ht_attempt *attempt, struct ht_provider *provider) {
    struct ht_asker *asker = attempt->asker;
    const struct ht_jsonrpc_answer *refusal = &attempt->refusal;
    struct ht_why why;
    switch (refusal->refusal) {
    case HT_JSONRPC_NO_METHOD:
        ht_provider_note_lack(provider, attempt->refused_method);
        (void)ht_fail(&why, HT_ENOTFOUND, "no_method", "does not have %s", attempt->refused_method);
        ht_provider_succeeded(asker->providers, provider, attempt->elapsed_ms);
        break;
    case HT_JSONRPC_PRUNED:
        (void)ht_fail(&why, HT_ENOTFOUND, "state_pruned", "no longer has that state: %s",
                      refusal->message);
        ht_provider_succeeded(asker->providers, provider, attempt->elapsed_ms);
        break;
    case HT_JSONRPC_RATE_LIMITED:
        (void)ht_fail(&why, HT_EAGAIN, "rate_limited", "asks us to come back later");
        ht_provider_failed(asker->providers, provider, &why, -1);
        break;
    case HT_JSONRPC_ANSWERED:
    case HT_JSONRPC_TOO_MUCH:
    case HT_JSONRPC_REFUSED:
        (void)ht_fail(&why, HT_ENET, "refused", "refused: %s", refusal->message);
        ht_provider_failed(asker->providers, provider, &why, -1);
        break;
    }
    attempt->why = why;
}

static void note_fault(struct ht_attempt *attempt, struct ht_provider *provider,
                       const char *about) {
    struct ht_provider_fault fault = {.at_ms = ht_wall_ms(ht_loop_clock(attempt->asker->loop)),
                                      .why = attempt->why,
                                      .answer_bytes = attempt->body.n};
    (void)snprintf(fault.asked, sizeof fault.asked, "%s", about);
    bool is_lie = attempt->err == HT_EUNVERIFIED;
    ht_provider_faulted(attempt->asker->providers, provider, &fault, is_lie);
    ht_log(HT_LOG_WARN, "ask", "%s, asked for %s: %s (%s)", provider->name, about,
           attempt->why.text, attempt->why.code);
}

/* Back on the loop with what a worker found. */
static void proved(struct ht_work *work) {
    struct ht_attempt *attempt = (struct ht_attempt *)work;
    struct ht_question *question = attempt->question;
    struct ht_asker *asker = attempt->asker;
    struct ht_provider *provider = &asker->providers->list[attempt->provider];
    question->is_proving = false;
    attempt->is_proving = false;
    forget_attempt(question, attempt);
    bool is_done = attempt->err == HT_OK && !attempt->is_refused;
    if (is_done) {
        ht_provider_succeeded(asker->providers, provider, attempt->elapsed_ms);
        (void)snprintf(question->source, sizeof question->source, "%s", provider->name);
    } else if (attempt->is_refused) {
        note_refusal(attempt, provider);
    } else if (attempt->err == HT_ENOTFOUND) {
        ht_provider_succeeded(asker->providers, provider, attempt->elapsed_ms);
    } else if (attempt->err != HT_ENOMEM) {
        note_fault(attempt, provider, question->about);
    }
    question->why = attempt->why;
    free_attempt(attempt);
    asker->on_change(asker->user);
    if (is_done) {
        finish(question, HT_OK);
    } else {
        ask_next(question);
    }
}

/* On a worker: reads the answer and lets the question prove it. */
static void prove(struct ht_work *work) {
    struct ht_attempt *attempt = (struct ht_attempt *)work;
    struct ht_question *question = attempt->question;
    attempt->err = ht_jsonrpc_read(attempt->answers, question->count, attempt->first_id,
                                   ht_buf_view(&attempt->body), question->max_bytes, &attempt->why);
    if (attempt->err != HT_OK) return;
    attempt->count = question->count;
    for (size_t i = 0; i < question->count; i++) {
        if (attempt->answers[i].refusal == HT_JSONRPC_ANSWERED) continue;
        attempt->is_refused = true;
        attempt->refusal = attempt->answers[i];
        attempt->refused_method = question->requests[i].method;
        return;
    }
    attempt->err = question->prove(question, attempt->answers, &attempt->why);
}

/* Gives an answered attempt to a worker, unless one is being proven: then it waits its turn. */
static void submit(struct ht_question *question, struct ht_attempt *attempt) {
    attempt->work.work = prove;
    attempt->work.done = proved;
    question->is_proving = true;
    attempt->is_proving = true;
    if (ht_pool_submit(question->asker->pool, &attempt->work) == HT_OK) return;
    question->is_proving = false;
    forget_attempt(question, attempt);
    free_attempt(attempt);
    (void)ht_fail(&question->why, HT_EAGAIN, "busy", "this computer is too busy to prove it now");
    finish(question, HT_EAGAIN);
}

static void http_failed(struct ht_question *question, struct ht_attempt *attempt,
                        const struct ht_http_answer *answer) {
    struct ht_asker *asker = question->asker;
    struct ht_provider *provider = &asker->providers->list[attempt->provider];
    attempt->why = answer->why;
    attempt->err = answer->err;
    if (answer->err == HT_OK) {
        (void)ht_fail(&attempt->why, HT_ENET,
                      answer->status == 429 ? "rate_limited" : "http_status",
                      "answered with status %ld", answer->status);
    }
    if (answer->err == HT_ELIMIT) {
        note_fault(attempt, provider, question->about);
    } else {
        ht_provider_failed(asker->providers, provider, &attempt->why, answer->retry_after_ms);
    }
    question->why = attempt->why;
    forget_attempt(question, attempt);
    free_attempt(attempt);
    asker->on_change(asker->user);
    if (!question->is_proving) ask_next(question);
}

static void on_answer(void *user, const struct ht_http_answer *answer) {
    struct ht_attempt *attempt = user;
    struct ht_question *question = attempt->question;
    attempt->request = NULL;
    attempt->elapsed_ms = answer->elapsed_ms;
    if (answer->err != HT_OK || answer->status != 200) {
        http_failed(question, attempt, answer);
        return;
    }
    ht_buf_init(&attempt->body, answer->body.n + 1);
    if (ht_buf_add(&attempt->body, answer->body) != HT_OK) {
        forget_attempt(question, attempt);
        free_attempt(attempt);
        if (question->is_proving) return; /* the other one may do */
        (void)ht_fail(&question->why, HT_ENOMEM, "no_memory", "out of memory");
        finish(question, HT_ENOMEM);
    } else if (!question->is_proving) {
        submit(question, attempt);
    }
}

/* --- whom to ask ------------------------------------------------------------------------------ */

struct wish {
    const struct ht_question *question;
    const struct ht_provider *list;
};

static bool may_ask(const void *user, const struct ht_provider *provider) {
    const struct wish *wish = user;
    size_t index = (size_t)(provider - wish->list);
    if (wish->question->asked >> index & 1U) return false;
    for (size_t i = 0; i < wish->question->count; i++) {
        if (ht_provider_lacks(provider, wish->question->requests[i].method)) return false;
    }
    return true;
}

static bool send_to(struct ht_question *question, const struct ht_provider *provider) {
    struct ht_asker *asker = question->asker;
    size_t slot = question->attempts[0] == NULL ? 0 : 1;
    struct ht_attempt *attempt = calloc(1, sizeof *attempt);
    struct ht_buf body;
    if (attempt == NULL) return false;
    ht_buf_init(&body, 64U * 1024);
    attempt->question = question;
    attempt->asker = asker;
    attempt->provider = (size_t)(provider - asker->providers->list);
    attempt->first_id = asker->next_id;
    asker->next_id += question->count;
    enum ht_err err =
        ht_jsonrpc_write(&body, question->requests, question->count, attempt->first_id);
    struct ht_http_options options = {.url = provider->url,
                                      .accept = "application/json",
                                      .content_type = "application/json",
                                      .body = ht_buf_view(&body),
                                      .max_bytes = question->max_bytes,
                                      .timeout_ms = ANSWER_TIMEOUT_MS};
    if (err == HT_OK) {
        err = ht_http_start(&attempt->request, asker->http, &options, on_answer, NULL, attempt);
    }
    ht_buf_fini(&body);
    if (err != HT_OK) {
        free(attempt);
        return false;
    }
    question->asked |= UINT32_C(1) << attempt->provider;
    question->attempts[slot] = attempt;
    return true;
}

static bool send_to_best(struct ht_question *question) {
    int64_t wait_ms;
    struct wish wish = {question, question->asker->providers->list};
    const struct ht_provider *provider = ht_providers_pick_where(
        question->asker->providers, HT_PROVIDER_EXECUTION, may_ask, &wish, &wait_ms);
    return provider != NULL && send_to(question, provider);
}

static void on_hedge(struct ht_timer *timer) {
    struct ht_question *question =
        (struct ht_question *)((char *)timer - offsetof(struct ht_question, hedge));
    bool is_alone = (question->attempts[0] == NULL) != (question->attempts[1] == NULL);
    if (is_alone && !question->is_proving) (void)send_to_best(question);
}

/* One that has answered meanwhile is proven first; else another is asked; else, if none is under
 * way, that was all. */
static void ask_next(struct ht_question *question) {
    if (question->asker->is_stopping) return; /* ended in ht_asker_free */
    for (size_t i = 0; i < 2; i++) {
        struct ht_attempt *attempt = question->attempts[i];
        if (attempt == NULL || attempt->request != NULL) continue;
        submit(question, attempt);
        return;
    }
    bool is_waiting = question->attempts[0] != NULL || question->attempts[1] != NULL;
    if (send_to_best(question)) {
        ht_timer_set(question->asker->loop, &question->hedge, HEDGE_MS, on_hedge);
    } else if (!is_waiting) {
        if (question->why.code == NULL) {
            (void)ht_fail(&question->why, HT_ENET, "no_provider",
                          "no execution provider can be asked");
        }
        finish(question, HT_ENET);
    }
}

static void on_start(struct ht_timer *timer) {
    ask_next((struct ht_question *)((char *)timer - offsetof(struct ht_question, hedge)));
}

void ht_ask(struct ht_asker *asker, struct ht_question *question) {
    ht_assert(question->count > 0 && question->prove != NULL && question->done != NULL);
    question->asker = asker;
    question->next = asker->questions;
    asker->questions = question;
    question->why = (struct ht_why){0};
    question->asked = 0;
    if (!asker->is_stopping) ht_timer_set(asker->loop, &question->hedge, 0, on_start);
}
