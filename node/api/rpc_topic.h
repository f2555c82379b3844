/* Topics of the dispatch and what peers have subscribed to. Only rpc*.c include this. */
#ifndef HT_API_RPC_TOPIC_H
#define HT_API_RPC_TOPIC_H

#include "node/api/rpc_impl.h"

/* HT_OK when *value may be a result in this dialect; else it is dropped: HT_EBUG bad_result. */
enum ht_err ht_rpc_check_result(const struct ht_rpc *rpc, json_t **value,
                                struct ht_why *why) HT_MUST_USE;

/* A topic's value now, a new reference. Errors of its getter, HT_EBUG bad_result. */
enum ht_err ht_rpc_read_topic(const struct ht_rpc *rpc, json_t **value, unsigned topic,
                              struct ht_why *why) HT_MUST_USE;

/* node.subscribe and node.unsubscribe. HT_EDENIED no_push, HT_EINPUT bad_topics, unknown_topic. */
enum ht_err ht_rpc_subscribe(const struct ht_rpc_exchange *x, json_t **result, const json_t *params,
                             struct ht_why *why) HT_MUST_USE;
enum ht_err ht_rpc_unsubscribe(const struct ht_rpc_exchange *x, json_t **result,
                               const json_t *params, struct ht_why *why) HT_MUST_USE;

#endif
