/* JSON-RPC 2.0 as a client of servers that are not trusted: writing requests, reading answers.
 *
 * Pure. Several requests travel as one batch; their answers may come in any order and each must
 * carry the id of exactly one request. What a result says is for the caller to prove. */
#ifndef HT_NET_JSONRPC_H
#define HT_NET_JSONRPC_H

#include <jansson.h>

#include "node/base/bytes.h"

#define HT_JSONRPC_BATCH_MAX 64U

struct ht_jsonrpc_request {
    const char *method;
    const json_t *params; /* an array; borrowed */
};

/* Why a server did not answer, by what the caller should do next. */
enum ht_jsonrpc_refusal {
    HT_JSONRPC_ANSWERED,
    HT_JSONRPC_NO_METHOD,    /* it does not have that method: ask another for it from now on */
    HT_JSONRPC_PRUNED,       /* it no longer has the state or the block: no fault of its own */
    HT_JSONRPC_RATE_LIMITED, /* too many questions: come back later */
    HT_JSONRPC_TOO_MUCH,     /* the question is too wide for it: ask for less */
    HT_JSONRPC_REFUSED,      /* any other error */
};

struct ht_jsonrpc_answer {
    enum ht_jsonrpc_refusal refusal;
    json_t *result;    /* owned, when answered; may be JSON null */
    int64_t code;      /* the error's number, when refused */
    char message[120]; /* the error's words, control characters shown as '?' */
};

/* Writes count requests, at most HT_JSONRPC_BATCH_MAX, with ids from first_id on: an object for
 * one, an array for several. HT_ELIMIT, HT_ENOMEM. */
enum ht_err ht_jsonrpc_write(struct ht_buf *out, const struct ht_jsonrpc_request *requests,
                             size_t count, uint64_t first_id) HT_MUST_USE;

/* Reads the body that answers them into answers[count], in the order of the requests. A server that
 * does not take batches may answer a batch with one error without an id: all are refused with it
 * then. HT_EINPUT "rpc_malformed" (no answer's shape), "rpc_wrong_id" (an id that was not asked, or
 * twice), "rpc_missing_answer"; HT_ELIMIT from the JSON bounds. Nothing is owned on failure. */
enum ht_err ht_jsonrpc_read(struct ht_jsonrpc_answer *answers, size_t count, uint64_t first_id,
                            ht_bytes body, size_t max_bytes, struct ht_why *why) HT_MUST_USE;

/* The id of an answer's object, or of the first object of a batch, found without parsing the rest:
 * strings and nesting are stepped over, so that a connection that carries many questions knows
 * whose an answer is. It is not the proof of an answer's shape. HT_EINPUT "rpc_malformed";
 * HT_ENOTFOUND "rpc_null_id" when it is null, as in an error about a whole batch, "rpc_no_id" when
 * there is none or it is no integer from 0 to 2^63-1. */
enum ht_err ht_jsonrpc_find_id(uint64_t *out, ht_bytes text, struct ht_why *why) HT_MUST_USE;

/* Frees the results of count answers. */
void ht_jsonrpc_free(struct ht_jsonrpc_answer *answers, size_t count);

/* What an error of an execution client means, from its number and words. Servers differ: this knows
 * the common ones (EIP-1474 numbers, the words of Geth, Nethermind, Besu, Erigon, Reth). */
enum ht_jsonrpc_refusal ht_jsonrpc_classify(int64_t code, const char *message);

#endif
