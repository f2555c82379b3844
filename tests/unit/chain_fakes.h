/* The public functions of sync.h and ask.h over the bench of chain_bench.h. They are here and not
 * in a helper's object file, so that only programs that include this have them. */
#ifndef HT_TESTS_UNIT_CHAIN_FAKES_H
#define HT_TESTS_UNIT_CHAIN_FAKES_H

#include "tests/unit/chain_bench.h"

const struct ht_sync_view *ht_sync_view(const struct ht_sync *sync) {
    return &sync->view;
}

const struct ht_network *ht_sync_network(const struct ht_sync *sync) {
    return &sync->network;
}

const struct ht_clock *ht_sync_clock(const struct ht_sync *sync) {
    return &sync->clock;
}

const struct ht_chain_view *ht_sync_chain_view(const struct ht_sync *sync) {
    return &sync->chain_view;
}

struct ht_providers *ht_sync_providers(struct ht_sync *sync) {
    return &sync->providers;
}

const struct ht_checkpoint_poll *ht_sync_checkpoint_poll(const struct ht_sync *sync) {
    return &sync->poll;
}

enum ht_sync_step ht_sync_step(const struct ht_sync *sync) {
    (void)sync;
    return HT_SYNC_DONE;
}

enum ht_sync_state ht_sync_state(const struct ht_sync *sync, struct ht_why *why) {
    (void)sync;
    (void)why;
    return HT_SYNC_LIVE;
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

void ht_ask(struct ht_asker *asker, struct ht_question *question) {
    (void)asker;
    ht_cb_ask(question);
}

void ht_ask_blame(const struct ht_question *question, enum ht_err err, const struct ht_why *why,
                  ht_bytes request, ht_bytes answer) {
    assert_int_equal(err, HT_EUNVERIFIED);
    assert_true(request.n > 0 && answer.n > 0);
    ht_cb_blame(question, why);
}

#endif
