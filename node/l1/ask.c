/* Questions to execution providers: choosing whom to ask, hedging, going on to the next.
 */
#include "node/l1/ask.h"

#include <stdlib.h>

#include "node/l1/ask_answer.h"
#include "node/l1/ask_impl.h"
#include "node/net/provider_http.h"

#define ANSWER_TIMEOUT_MS 10000
#define HEDGE_MS 1000
#define ANSWER_LEAST_MS 1000 /* nobody is asked with less time left */
#define BUSY_WAIT_MS 250     /* before sending again what our own side had no room for */
#define MAX_ASKED 32U

_Static_assert(HT_PROVIDERS_MAX <= MAX_ASKED, "a bit for each provider");
_Static_assert(HT_QUESTION_REQUESTS_MAX <= HT_JSONRPC_BATCH_MAX, "one batch");

/* --- life ------------------------------------------------------------------------------------- */

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
    enum ht_err err = ht_ws_rpc_new(&asker->ws, loop, pool);
    if (err != HT_OK) {
        free(asker);
        return err;
    }
    *out = asker;
    return HT_OK;
}

void ht_asker_set_evidence(struct ht_asker *asker, struct ht_evidence *evidence) {
    asker->evidence = evidence;
}

static bool is_under_way(const struct ht_attempt *attempt) {
    return attempt->http != NULL || attempt->ws != NULL;
}

void ht_ask_drop(struct ht_attempt *attempt) {
    ht_jsonrpc_free(attempt->answers, attempt->count);
    ht_buf_fini(&attempt->body);
    ht_buf_fini(&attempt->sent);
    free(attempt);
}

/* All but the one that a worker has. */
static void drop_attempts(struct ht_question *question) {
    for (size_t i = 0; i < 2; i++) {
        struct ht_attempt *attempt = question->attempts[i];
        if (attempt == NULL || attempt->is_proving) continue;
        if (attempt->http != NULL) ht_http_cancel(attempt->http);
        if (attempt->ws != NULL) ht_ws_rpc_cancel(attempt->ws);
        ht_ask_drop(attempt);
        question->attempts[i] = NULL;
    }
}

/* Who was silent for so long that another was quicker is asked later for this. */
static void note_overtaken(const struct ht_question *question) {
    for (size_t i = 0; i < 2; i++) {
        const struct ht_attempt *attempt = question->attempts[i];
        if (attempt == NULL || !is_under_way(attempt)) continue;
        struct ht_asker *asker = question->asker;
        int64_t silent_ms = ht_mono_ms(ht_loop_clock(asker->loop)) - attempt->started_ms;
        if (silent_ms < HEDGE_MS) continue;
        ht_provider_note_method(&asker->providers->list[attempt->provider],
                                question->requests[0].method, false, 0);
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

void ht_ask_finish(struct ht_question *question, enum ht_err err) {
    question->err = err;
    ht_timer_cancel(&question->hedge);
    if (err == HT_OK) note_overtaken(question);
    drop_attempts(question);
    unlink_question(question);
    free_params(question);
    question->done(question);
}

void ht_asker_stop(struct ht_asker *asker) {
    if (asker == NULL) return;
    asker->is_stopping = true;
    for (struct ht_question *question = asker->questions; question != NULL;
         question = question->next) {
        ht_timer_cancel(&question->hedge);
        drop_attempts(question);
    }
    ht_ws_rpc_stop(asker->ws);
}

void ht_asker_free(struct ht_asker *asker) {
    if (asker == NULL) return;
    while (asker->questions != NULL) {
        struct ht_question *question = asker->questions;
        ht_ask_finish(question,
                      ht_fail(&question->why, HT_EDENIED, "stopping", "the node is stopping"));
    }
    ht_ws_rpc_free(asker->ws);
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

/* --- sending ---------------------------------------------------------------------------------- */

static bool is_websocket(const char *url) {
    return strncmp(url, "ws", 2) == 0;
}

static int64_t now_ms(const struct ht_question *question) {
    return ht_mono_ms(ht_loop_clock(question->asker->loop));
}

/* By what the provider's address says. */
static enum ht_err start(struct ht_attempt *attempt, const struct ht_provider *provider) {
    const char *url = provider->url;
    const struct ht_question *question = attempt->question;
    struct ht_asker *asker = attempt->asker;
    int64_t left_ms = question->until_ms - attempt->started_ms;
    int64_t timeout_ms = left_ms < ANSWER_TIMEOUT_MS ? left_ms : ANSWER_TIMEOUT_MS;
    if (timeout_ms < ANSWER_LEAST_MS) timeout_ms = ANSWER_LEAST_MS;
    if (is_websocket(url)) {
        struct ht_ws_rpc_options options = {.url = url,
                                            .body = ht_buf_view(&attempt->sent),
                                            .first_id = attempt->first_id,
                                            .count = question->count,
                                            .max_bytes = question->max_bytes,
                                            .timeout_ms = timeout_ms};
        return ht_ws_rpc_start(&attempt->ws, asker->ws, &options, ht_ask_on_answer, attempt);
    }
    struct ht_http_options options = {.url = url,
                                      .accept = "application/json",
                                      .content_type = "application/json",
                                      .body = ht_buf_view(&attempt->sent),
                                      .max_bytes = question->max_bytes,
                                      .timeout_ms = timeout_ms};
    ht_provider_fill(&options, provider);
    return ht_http_start(&attempt->http, asker->http, &options, ht_ask_on_answer, NULL, attempt);
}

static enum ht_err send_to(struct ht_question *question, struct ht_provider *provider) {
    struct ht_asker *asker = question->asker;
    size_t slot = question->attempts[0] == NULL ? 0 : 1;
    struct ht_attempt *attempt = calloc(1, sizeof *attempt);
    if (attempt == NULL) return ht_fail(&question->why, HT_ENOMEM, "no_memory", "out of memory");
    ht_buf_init(&attempt->sent, HT_QUESTION_BODY_MAX);
    attempt->question = question;
    attempt->asker = asker;
    attempt->provider = (size_t)(provider - asker->providers->list);
    attempt->started_ms = now_ms(question);
    attempt->first_id = asker->next_id;
    asker->next_id += question->count;
    enum ht_err err =
        ht_jsonrpc_write(&attempt->sent, question->requests, question->count, attempt->first_id);
    if (err == HT_ELIMIT) {
        (void)ht_fail(&question->why, HT_ELIMIT, "question_too_large",
                      "the question has over %zu bytes", HT_QUESTION_BODY_MAX);
    }
    if (err == HT_OK) err = start(attempt, provider);
    if (err != HT_OK) {
        ht_ask_drop(attempt);
        return err;
    }
    ht_provider_spend(asker->providers, provider, question->count);
    question->asked |= UINT32_C(1) << attempt->provider;
    question->attempts[slot] = attempt;
    return HT_OK;
}

/* --- whom to ask ------------------------------------------------------------------------------ */

struct asking {
    const struct ht_question *question;
    const struct ht_provider *list;
};

static bool may_ask(const void *user, const struct ht_provider *provider) {
    const struct asking *asking = user;
    const struct ht_question *question = asking->question;
    size_t index = (size_t)(provider - asking->list);
    if (((question->asked | question->avoid) >> index & 1U) != 0) return false;
    for (size_t i = 0; i < question->count; i++) {
        if (ht_provider_lacks(provider, question->requests[i].method)) return false;
    }
    return true;
}

/* HT_EAGAIN: in *wait_ms somebody may be asked. HT_ENET: nobody is left. HT_ELIMIT and HT_ENOMEM
 * with the question's reason set. */
static enum ht_err send_to_best(struct ht_question *question, int64_t *wait_ms) {
    struct ht_providers *providers = question->asker->providers;
    struct asking asking = {question, providers->list};
    struct ht_provider_wish wish = {.may = may_ask,
                                    .user = &asking,
                                    .method = question->requests[0].method,
                                    .requests = question->count};
    for (;;) {
        struct ht_provider *provider =
            ht_providers_pick_for(providers, HT_PROVIDER_EXECUTION, &wish, wait_ms);
        if (provider == NULL) return *wait_ms >= 0 ? HT_EAGAIN : HT_ENET;
        enum ht_err err = send_to(question, provider);
        if (err == HT_OK || err == HT_ELIMIT || err == HT_ENOMEM) return err;
        *wait_ms = BUSY_WAIT_MS;
        if (err == HT_EAGAIN) return err;
        /* Not to be reached in this way at all. */
        (void)ht_fail(&question->why, HT_ENET, "no_connection", "%s: cannot connect",
                      provider->name);
        question->asked |= UINT32_C(1) << (provider - providers->list);
    }
}

static struct ht_question *question_of(struct ht_timer *timer) {
    return (struct ht_question *)((char *)timer - offsetof(struct ht_question, hedge));
}

static void on_hedge(struct ht_timer *timer) {
    struct ht_question *question = question_of(timer);
    int64_t wait_ms;
    bool is_alone = (question->attempts[0] == NULL) != (question->attempts[1] == NULL);
    if (is_alone && !question->is_proving) (void)send_to_best(question, &wait_ms);
}

static void on_time(struct ht_timer *timer) {
    ht_ask_next(question_of(timer));
}

void ht_ask_next(struct ht_question *question) {
    struct ht_asker *asker = question->asker;
    if (asker->is_stopping) return; /* ended in ht_asker_free */
    for (size_t i = 0; i < 2; i++) {
        struct ht_attempt *attempt = question->attempts[i];
        if (attempt == NULL || is_under_way(attempt)) continue;
        ht_ask_submit(attempt);
        return;
    }
    bool is_waiting = question->attempts[0] != NULL || question->attempts[1] != NULL;
    int64_t wait_ms = -1;
    bool is_late = now_ms(question) + ANSWER_LEAST_MS > question->until_ms;
    enum ht_err err = is_late ? HT_ENET : send_to_best(question, &wait_ms);
    if (err == HT_OK) {
        ht_timer_set(asker->loop, &question->hedge, HEDGE_MS, on_hedge);
        return;
    }
    if (is_waiting) return; /* it comes here again when that one is over */
    if (err == HT_EAGAIN && now_ms(question) + wait_ms + ANSWER_LEAST_MS < question->until_ms) {
        ht_timer_set(asker->loop, &question->hedge, wait_ms + 1, on_time);
        return;
    }
    bool is_ours = err == HT_ELIMIT || err == HT_ENOMEM;
    if (question->why.code == NULL) {
        (void)ht_fail(&question->why, HT_ENET, "no_provider", "no execution provider can be asked");
    }
    ht_ask_finish(question, is_ours ? err : HT_ENET);
}

void ht_ask(struct ht_asker *asker, struct ht_question *question) {
    ht_assert(question->count > 0 && question->prove != NULL && question->done != NULL);
    question->asker = asker;
    question->next = asker->questions;
    asker->questions = question;
    question->why = (struct ht_why){0};
    question->asked = 0;
    question->retried = 0;
    question->until_ms = now_ms(question) + HT_QUESTION_MAX_MS;
    if (!asker->is_stopping) ht_timer_set(asker->loop, &question->hedge, 0, on_time);
}
