/* Calls that wait for the owner's word, and the owner giving it. */
#include "node/app/cmd.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "node/app/client.h"
#include "node/app/cmd_decide.h"

#define LOOK_MS 200
#define DECIDE_MS 720000 /* people read before they decide; the node waits no longer */

void ht_pause_ms(long ms) {
    const struct timespec span = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&span, NULL);
}

/* The thread: one call, until the request is decided or its time is over. */
static void *call(void *user) {
    struct ht_asking *asking = user;
    asking->err = ht_client_call_within(&asking->result, &asking->wallet->config, asking->method,
                                        asking->params, DECIDE_MS, &asking->why);
    if (asking->err != HT_OK && asking->why.code != NULL) {
        /* The code is of this thread. */
        (void)snprintf(asking->code, sizeof asking->code, "%s", asking->why.code);
    }
    atomic_store(&asking->is_over, true);
    return NULL;
}

static enum ht_err read_queue(const struct ht_wallet *wallet, json_t **items, struct ht_why *why) {
    json_t *queue = NULL;
    enum ht_err err = ht_wallet_call(wallet, &queue, "wallet.queue", json_object(), why);
    if (err != HT_OK) return err;
    *items = json_incref(json_object_get(queue, "items"));
    json_decref(queue);
    return HT_OK;
}

enum ht_err ht_asking_begin(struct ht_asking *asking, struct ht_wallet *wallet, const char *method,
                            json_t *params, struct ht_why *why) {
    *asking = (struct ht_asking){.wallet = wallet, .method = method, .params = params};
    atomic_init(&asking->is_over, false);
    enum ht_err err = params != NULL ? read_queue(wallet, &asking->before, why)
                                     : ht_fail(why, HT_EINPUT, "bad_text", "no text in UTF-8");
    if (err == HT_OK && pthread_create(&asking->thread, NULL, call, asking) != 0) {
        err = ht_fail(why, HT_EAGAIN, "no_thread", "no thread can be started");
    }
    if (err == HT_OK) return HT_OK;
    json_decref(asking->before);
    json_decref(params);
    return err;
}

static bool is_listed(const json_t *items, const char *id) {
    size_t i;
    json_t *one;
    bool is = false;
    json_array_foreach(items, i, one) {
        is |= strcmp(ht_wallet_text(one, "id"), id) == 0;
    }
    return is;
}

static json_t *find(struct ht_asking *asking, bool (*is_it)(const json_t *item, const void *user),
                    const void *user) {
    json_t *items = NULL, *found = NULL, *one;
    size_t i;
    if (read_queue(asking->wallet, &items, NULL) != HT_OK) return NULL;
    json_array_foreach(items, i, one) {
        bool is = found == NULL && json_is_true(json_object_get(one, "is_own")) &&
                  !is_listed(asking->before, ht_wallet_text(one, "id")) &&
                  (is_it == NULL || is_it(one, user));
        if (is) found = json_incref(one);
    }
    json_decref(items);
    if (found != NULL) (void)json_array_append(asking->before, found);
    return found;
}

json_t *ht_asking_next(struct ht_asking *asking,
                       bool (*is_it)(const json_t *item, const void *user), const void *user) {
    json_t *item = NULL;
    while (item == NULL && !atomic_load(&asking->is_over)) {
        item = find(asking, is_it, user);
        if (item == NULL) ht_pause_ms(LOOK_MS);
    }
    return item;
}

enum ht_err ht_asking_end(struct ht_asking *asking, json_t **result, struct ht_why *why) {
    (void)pthread_join(asking->thread, NULL);
    json_decref(asking->before);
    json_decref(asking->params);
    if (asking->err == HT_OK) {
        *result = asking->result;
    } else if (why != NULL) {
        static char code[sizeof asking->code];
        memcpy(code, asking->code, sizeof code);
        *why = asking->why;
        why->code = code;
    }
    return asking->err;
}

enum ht_err ht_wallet_decide(const struct ht_wallet *wallet, const json_t *item, bool approves,
                             struct ht_why *why) {
    json_t *answer = NULL;
    json_t *params = json_pack("{s:O, s:O, s:b}", "id", json_object_get(item, "id"), "payload_hash",
                               json_object_get(item, "payload_hash"), "approve", (int)approves);
    enum ht_err err = ht_wallet_call(wallet, &answer, "wallet.decide", params, why);
    if (err != HT_OK) return err;
    bool is_changed = strcmp(ht_wallet_text(answer, "state"), "waiting") == 0;
    json_decref(answer);
    if (!is_changed) return HT_OK;
    return ht_fail(why, HT_ESTALE, "payload_changed",
                   "the account was used meanwhile: nothing was signed, please try again");
}

/* Shows what waits, asks, decides. What was not approved must not be left waiting. */
static enum ht_err settle(struct ht_wallet *wallet, const json_t *item, struct ht_why *why) {
    const json_t *explain = json_object_get(item, "explain");
    ht_wallet_show_explain(wallet, explain);
    enum ht_err err = ht_wallet_confirm(wallet, explain, why);
    if (err == HT_OK) err = ht_wallet_decide(wallet, item, true, why);
    if (err != HT_OK) (void)!ht_wallet_decide(wallet, item, false, NULL);
    return err;
}

enum ht_err ht_wallet_call_decided(struct ht_wallet *wallet, json_t **result, const char *method,
                                   json_t *params, struct ht_why *why) {
    struct ht_asking asking;
    struct ht_why reason = {0};
    json_t *item, *answer = NULL;
    enum ht_err err = ht_wallet_open(wallet, false, why);
    if (err != HT_OK) {
        json_decref(params);
        return err;
    }
    err = ht_asking_begin(&asking, wallet, method, params, why);
    if (err != HT_OK) return err;
    while (err == HT_OK && (item = ht_asking_next(&asking, NULL, NULL)) != NULL) {
        err = settle(wallet, item, why);
        json_decref(item);
    }
    enum ht_err ended = ht_asking_end(&asking, &answer, &reason);
    if (err != HT_OK) {
        json_decref(answer);
        return err;
    }
    if (ended == HT_OK) *result = answer;
    if (ended != HT_OK && why != NULL) *why = reason;
    return ended;
}
