/* Methods that answer when the owner has decided on their request in the queue: called on a thread
 * of their own, while this one shows the request and decides it. */
#ifndef HT_APP_CMD_DECIDE_H
#define HT_APP_CMD_DECIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "node/app/cmd_wallet.h"

/* A call under way; the caller's storage. */
struct ht_asking {
    struct ht_wallet *wallet;
    pthread_t thread;
    const char *method;
    json_t *params, *result;
    json_t *before; /* the queue as it was; grows by what was found since */
    enum ht_err err;
    struct ht_why why;
    char code[64]; /* why's */
    atomic_bool is_over;
};

/* Calls a method; params is taken over. HT_EAGAIN "no_thread", and those of reading the queue. */
enum ht_err ht_asking_begin(struct ht_asking *asking, struct ht_wallet *wallet, const char *method,
                            json_t *params, struct ht_why *why) HT_MUST_USE;
/* Waits for the owner's next own request that is_it takes (NULL: any), a new reference; NULL once
 * the call is over. */
json_t *ht_asking_next(struct ht_asking *asking,
                       bool (*is_it)(const json_t *item, const void *user), const void *user);
/* Waits for the call's answer: *result is a new reference. The code of a refusal is good until the
 * next one. To be called once after begin. */
enum ht_err ht_asking_end(struct ht_asking *asking, json_t **result,
                          struct ht_why *why) HT_MUST_USE;

/* Decides on a request as it was shown. HT_ESTALE "payload_changed". */
enum ht_err ht_wallet_decide(const struct ht_wallet *wallet, const json_t *item, bool approves,
                             struct ht_why *why) HT_MUST_USE;

/* All of it: opens the wallet, calls, shows each request, asks about it, decides; what is not
 * approved is taken back. "not_confirmed". */
enum ht_err ht_wallet_call_decided(struct ht_wallet *wallet, json_t **result, const char *method,
                                   json_t *params, struct ht_why *why) HT_MUST_USE;

/* Waits LOOK_MS or so between two looks. */
void ht_pause_ms(long ms);

#endif
