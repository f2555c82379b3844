/* eth_getLogs: all the logs of a range of blocks, or an error that names the blocks that are
 * missing ("logs_incomplete", of the kind "network"; `data.missing` lists {"from", "to", "code",
 * "why"}), never a shorter list. */
#ifndef HT_API_ETH_LOGS_H
#define HT_API_ETH_LOGS_H

#include "node/api/eth.h"
#include "node/l1/logs.h"

/* The filter object of eth_getLogs and eth_newFilter. */
struct ht_eth_log_question {
    struct ht_block_id from, to; /* the same hash in both: that one block */
    struct ht_log_filter filter; /* owned */
};

/* HT_EINPUT "bad_filter" for no object, "block_hash_and_range" for both, bad_block, reasons of
 * log_filter.h. NULL or null asks for all logs of the latest block. */
enum ht_err ht_eth_log_question_read(struct ht_eth_log_question *out, const json_t *object,
                                     struct ht_why *why) HT_MUST_USE;
void ht_eth_log_question_fini(struct ht_eth_log_question *question);

/* `start` function for a table of methods; self is a struct ht_eth. */
void ht_eth_get_logs(void *self, struct ht_rpc_call *call, const json_t *params);

/* Answers a call with the logs that a question asks for, which is taken over; for eth_getLogs and
 * eth_getFilterLogs. */
void ht_eth_answer_logs(struct ht_eth *eth, struct ht_rpc_call *call,
                        struct ht_eth_log_question *question);

/* Ends the call with logs_incomplete. */
void ht_eth_refuse_gaps(struct ht_rpc_call *call, const struct ht_logs_gap *gaps, size_t count);

#endif
