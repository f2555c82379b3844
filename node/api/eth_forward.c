/* Answers that nobody proved. */
#include "node/api/eth_forward.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/api/eth_params.h"
#include "node/base/log.h"

/* One method of the user's list; the table of methods points to it. */
struct entry {
    struct ht_rpc_method method;
    struct ht_eth *eth;
};

struct ht_eth_forwarded {
    size_t count;
    struct entry entries[];
};

struct forward_call {
    struct ht_question question; /* first, so that we are found from it */
    struct ht_rpc_call *call;
    const char *method;
    json_t *result;
};

bool ht_eth_may_forward(const char *method) {
    static const char *const never[] = {"eth_accounts",
                                        "eth_requestAccounts",
                                        "eth_coinbase",
                                        "eth_sign",
                                        "eth_sendTransaction",
                                        "eth_sendRawTransaction",
                                        "personal_",
                                        "wallet_",
                                        "admin_",
                                        "miner_",
                                        "engine_",
                                        "eth_subscribe",
                                        "eth_unsubscribe"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        if (strncmp(method, never[i], strlen(never[i])) == 0) return false;
    }
    return true;
}

bool ht_eth_is_forwarded(const struct ht_eth *eth, const char *method) {
    for (size_t i = 0; eth->asker != NULL && i < eth->unverified_count; i++) {
        if (strcmp(eth->unverified[i], method) == 0) return ht_eth_may_forward(method);
    }
    return false;
}

/* On a worker. There is nothing to hold it against. */
static enum ht_err take_result(struct ht_question *question,
                               const struct ht_jsonrpc_answer *answers, struct ht_why *why) {
    struct forward_call *waiting = (struct forward_call *)question;
    (void)why;
    waiting->result = json_incref(answers[0].result);
    return HT_OK;
}

static void on_answer(struct ht_question *question) {
    struct forward_call *waiting = (struct forward_call *)question;
    if (question->err == HT_OK) {
        json_t *provenance = ht_eth_unproven_json(
            "a provider said so and nobody proved it; its method is on the list of those that the "
            "user lets through",
            question->source);
        ht_rpc_finish_unproven(waiting->call, waiting->result, provenance);
    } else {
        json_decref(waiting->result);
        ht_rpc_refuse(waiting->call, question->err, &question->why);
    }
    free(waiting);
}

static void start(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct entry *entry = self;
    struct ht_why why = {0};
    struct forward_call *waiting = calloc(1, sizeof *waiting);
    enum ht_err err = waiting != NULL ? HT_OK : ht_eth_no_memory(&why);
    if (err == HT_OK && json_object_size(params) > 0) {
        err = ht_fail(&why, HT_EINPUT, "params_missing", "parameters come in an array");
    }
    if (err == HT_OK) {
        json_t *copy = json_is_array(params) ? json_deep_copy(params) : json_array();
        err = ht_question_add(&waiting->question, entry->method.name, copy);
        if (err != HT_OK) err = ht_eth_no_memory(&why);
    }
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        free(waiting);
        return;
    }
    waiting->call = call;
    struct ht_question *question = &waiting->question;
    (void)snprintf(question->about, sizeof question->about, "%s, unproven", entry->method.name);
    question->max_bytes = HT_ETH_FORWARD_ANSWER_MAX;
    question->takes_refusal = true;
    question->prove = take_result;
    question->done = on_answer;
    ht_ask(entry->eth->asker, question);
}

enum ht_err ht_eth_forward_add(struct ht_rpc *rpc, struct ht_eth *eth) {
    if (eth->asker == NULL || eth->unverified_count == 0) return HT_OK;
    if (eth->unverified_count > HT_RPC_METHODS_MAX) return HT_ELIMIT;
    struct ht_eth_forwarded *all =
        calloc(1, sizeof *all + eth->unverified_count * sizeof *all->entries);
    if (all == NULL) return HT_ENOMEM;
    eth->forwarded = all;
    for (size_t i = 0; i < eth->unverified_count; i++) {
        const char *name = eth->unverified[i];
        if (!ht_eth_is_forwarded(eth, name)) {
            ht_log(HT_LOG_WARN, "api", "%s is never passed on to a provider", name);
            continue;
        }
        struct entry *entry = &all->entries[all->count];
        *entry = (struct entry){.method = {.name = name, .start = start}, .eth = eth};
        enum ht_err err = ht_rpc_add_methods(rpc, &entry->method, 1, entry);
        if (err == HT_EBUG) { /* proven here, or named twice */
            ht_log(HT_LOG_INFO, "api", "%s is answered with a proof", name);
            continue;
        }
        if (err != HT_OK) return err;
        all->count++;
    }
    return HT_OK;
}

void ht_eth_forward_free(struct ht_eth *eth) {
    free(eth->forwarded);
    eth->forwarded = NULL;
}
