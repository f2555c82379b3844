/* Answers of providers: given to a worker to be proven, and what is noted of who sent them. */
#include "node/l1/ask_answer.h"

#include <stdio.h>

#include "node/base/log.h"
#include "node/l1/evidence.h"

static struct ht_provider *provider_of(const struct ht_attempt *attempt) {
    return &attempt->asker->providers->list[attempt->provider];
}

/* Each method of the question once, as far as equal ones stand together. */
static void note_methods(const struct ht_attempt *attempt, bool has_answered) {
    const struct ht_question *question = attempt->question;
    for (size_t i = 0; i < question->count; i++) {
        const char *method = question->requests[i].method;
        if (i > 0 && strcmp(method, question->requests[i - 1].method) == 0) continue;
        ht_provider_note_method(provider_of(attempt), method, has_answered, attempt->elapsed_ms);
    }
}

static void note_success(const struct ht_attempt *attempt) {
    ht_provider_succeeded(attempt->asker->providers, provider_of(attempt), attempt->elapsed_ms);
}

/* It may be asked once more, after the pause that it gets now. */
static void note_failure(const struct ht_attempt *attempt, int64_t retry_after_ms) {
    struct ht_question *question = attempt->question;
    uint32_t bit = UINT32_C(1) << attempt->provider;
    ht_provider_failed(attempt->asker->providers, provider_of(attempt), &attempt->why,
                       retry_after_ms);
    note_methods(attempt, false);
    if ((question->retried & bit) == 0) question->asked &= ~bit;
    question->retried |= bit;
}

/* Answered, with an error. True when that answers the question. */
static bool note_refusal(struct ht_attempt *attempt) {
    struct ht_question *question = attempt->question;
    const struct ht_jsonrpc_answer *refusal = &attempt->refusal;
    struct ht_why *why = &attempt->why;
    switch (refusal->refusal) {
    case HT_JSONRPC_NO_METHOD:
        ht_provider_note_lack(provider_of(attempt), attempt->refused_method);
        (void)ht_fail(why, HT_ENOTFOUND, "no_method", "does not have %s", attempt->refused_method);
        note_success(attempt);
        break;
    case HT_JSONRPC_PRUNED:
        (void)ht_fail(why, HT_ENOTFOUND, "state_pruned", "no longer has that state: %s",
                      refusal->message);
        note_success(attempt);
        break;
    case HT_JSONRPC_TOO_MUCH:
        (void)ht_fail(why, HT_ELIMIT, "too_much", "is asked for too much at once: %s",
                      refusal->message);
        note_success(attempt);
        break;
    case HT_JSONRPC_RATE_LIMITED:
        (void)ht_fail(why, HT_EAGAIN, "rate_limited", "asks us to come back later");
        note_failure(attempt, -1);
        break;
    case HT_JSONRPC_ANSWERED:
    case HT_JSONRPC_REFUSED:
        (void)ht_fail(why, HT_EDENIED, "refused", "refused: %s", refusal->message);
        if (question->takes_refusal) {
            note_success(attempt);
            note_methods(attempt, true);
            return true;
        }
        ht_provider_failed(attempt->asker->providers, provider_of(attempt), why, -1);
        note_methods(attempt, false);
        break;
    }
    return false;
}

/* What somebody did wrong. */
struct wrong {
    size_t provider;
    enum ht_err err;
    const struct ht_why *why;
    size_t received;
    ht_bytes sent, body;
};

static void keep_fault(const struct ht_question *question, const struct wrong *wrong) {
    struct ht_asker *asker = question->asker;
    struct ht_provider *provider = &asker->providers->list[wrong->provider];
    struct ht_provider_fault fault = {.at_ms = ht_wall_ms(ht_loop_clock(asker->loop)),
                                      .why = *wrong->why,
                                      .answer_bytes = wrong->received};
    (void)snprintf(fault.asked, sizeof fault.asked, "%.63s", question->about);
    bool is_lie = wrong->err == HT_EUNVERIFIED;
    ht_provider_faulted(asker->providers, provider, &fault, is_lie);
    ht_log(HT_LOG_WARN, "ask", "%s, asked for %s: %s (%s)", provider->name, question->about,
           wrong->why->text, wrong->why->code);
    if (asker->evidence == NULL) return;
    struct ht_evidence_case found = {.about = question->about,
                                     .is_lie = is_lie,
                                     .request = wrong->sent,
                                     .answer = wrong->body,
                                     .header = question->header};
    ht_evidence_add(asker->evidence, provider, &fault, &found);
}

static void note_fault(const struct ht_attempt *attempt) {
    struct wrong wrong = {.provider = attempt->provider,
                          .err = attempt->err,
                          .why = &attempt->why,
                          .received = attempt->received,
                          .sent = ht_buf_view(&attempt->sent),
                          .body = ht_buf_view(&attempt->body)};
    keep_fault(attempt->question, &wrong);
    note_methods(attempt, false);
}

void ht_ask_blame(const struct ht_question *question, enum ht_err err, const struct ht_why *why,
                  ht_bytes request, ht_bytes answer) {
    struct wrong wrong = {.provider = question->provider,
                          .err = err,
                          .why = why,
                          .received = answer.n,
                          .sent = request,
                          .body = answer};
    keep_fault(question, &wrong);
    question->asker->on_change(question->asker->user);
}

static void forget_attempt(struct ht_attempt *attempt) {
    struct ht_question *question = attempt->question;
    for (size_t i = 0; i < 2; i++) {
        if (question->attempts[i] == attempt) question->attempts[i] = NULL;
    }
    ht_ask_drop(attempt);
}

/* --- proving ---------------------------------------------------------------------------------- */

/* Back on the loop with what a worker found. */
static void proved(struct ht_work *work) {
    struct ht_attempt *attempt = (struct ht_attempt *)work;
    struct ht_question *question = attempt->question;
    struct ht_asker *asker = attempt->asker;
    enum ht_err err = attempt->err;
    question->is_proving = false;
    attempt->is_proving = false;
    bool is_done = false;
    if (attempt->is_refused) {
        is_done = note_refusal(attempt);
        err = HT_EDENIED;
    } else if (err == HT_OK) {
        is_done = true;
        note_success(attempt);
        note_methods(attempt, true);
    } else if (err == HT_ENOTFOUND) {
        note_success(attempt);
    } else if (err != HT_ENOMEM) {
        note_fault(attempt);
    }
    question->why = attempt->why;
    if (is_done) {
        (void)snprintf(question->source, sizeof question->source, "%s", provider_of(attempt)->name);
        question->received = attempt->received;
        question->provider = attempt->provider;
    }
    forget_attempt(attempt);
    asker->on_change(asker->user);
    if (is_done) {
        ht_ask_finish(question, err);
    } else {
        ht_ask_next(question);
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

void ht_ask_submit(struct ht_attempt *attempt) {
    struct ht_question *question = attempt->question;
    attempt->work.work = prove;
    attempt->work.done = proved;
    question->is_proving = true;
    attempt->is_proving = true;
    if (ht_pool_submit(attempt->asker->pool, &attempt->work) == HT_OK) return;
    question->is_proving = false;
    forget_attempt(attempt);
    (void)ht_fail(&question->why, HT_EAGAIN, "busy", "this computer is too busy to prove it now");
    ht_ask_finish(question, HT_EAGAIN);
}

/* --- arriving --------------------------------------------------------------------------------- */

static void fail_attempt(struct ht_attempt *attempt, const struct ht_http_answer *answer) {
    struct ht_question *question = attempt->question;
    struct ht_asker *asker = attempt->asker;
    attempt->why = answer->why;
    attempt->err = answer->err;
    if (answer->err == HT_OK) {
        (void)ht_fail(&attempt->why, HT_ENET,
                      answer->status == 429 ? "rate_limited" : "http_status",
                      "answered with status %ld", answer->status);
    }
    if (answer->err == HT_ELIMIT) {
        note_fault(attempt);
    } else {
        note_failure(attempt, answer->retry_after_ms);
    }
    question->why = attempt->why;
    forget_attempt(attempt);
    asker->on_change(asker->user);
    if (!question->is_proving) ht_ask_next(question);
}

void ht_ask_on_answer(void *user, const struct ht_http_answer *answer) {
    struct ht_attempt *attempt = user;
    struct ht_question *question = attempt->question;
    attempt->http = NULL;
    attempt->ws = NULL;
    attempt->elapsed_ms = answer->elapsed_ms;
    attempt->received = answer->received;
    if (answer->err != HT_OK || answer->status != 200) {
        fail_attempt(attempt, answer);
        return;
    }
    ht_buf_init(&attempt->body, answer->body.n + 1);
    if (ht_buf_add(&attempt->body, answer->body) != HT_OK) {
        forget_attempt(attempt);
        if (question->is_proving) return; /* the other one may do */
        (void)ht_fail(&question->why, HT_ENOMEM, "no_memory", "out of memory");
        ht_ask_finish(question, HT_ENOMEM);
    } else if (!question->is_proving) {
        ht_ask_submit(attempt);
    }
}
