/* Asking the running node over its own socket, from any thread. The code of a refusal is good until
 * that thread's next one, and as long as the thread is there. */
#ifndef HT_APP_CLIENT_H
#define HT_APP_CLIENT_H

#include <jansson.h>

#include "node/app/config.h"

/* Calls a method without parameters and returns its result, a new reference. HT_ENET
 * "not_running" when no node serves the data directory. */
enum ht_err ht_client_call(json_t **result, const struct ht_config *config, const char *method,
                           struct ht_why *why) HT_MUST_USE;

/* The same with parameters, an object that stays the caller's, and the patience that a
 * question to providers needs. */
enum ht_err ht_client_call_with(json_t **result, const struct ht_config *config, const char *method,
                                const json_t *params, struct ht_why *why) HT_MUST_USE;
/* The same with the patience that is given. */
enum ht_err ht_client_call_within(json_t **result, const struct ht_config *config,
                                  const char *method, const json_t *params, int64_t timeout_ms,
                                  struct ht_why *why) HT_MUST_USE;

#endif
