/* Logs over a range of blocks. */
#include "node/api/eth_logs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/api/eth_params.h"
#include "node/codec/json.h"

struct logs_call {
    struct ht_logs_read read;
    const struct ht_eth *eth;
    struct ht_rpc_call *call;
};

/* --- the filter object ------------------------------------------------------------------------ */

static enum ht_err read_range(struct ht_eth_log_question *out, const json_t *object,
                              struct ht_why *why) {
    const json_t *hash = ht_json_member(object, "blockHash");
    const json_t *from = ht_json_member(object, "fromBlock");
    const json_t *to = ht_json_member(object, "toBlock");
    if (hash == NULL || json_is_null(hash)) {
        enum ht_err err = ht_eth_read_block_value(&out->from, from, false, why);
        return err != HT_OK ? err : ht_eth_read_block_value(&out->to, to, false, why);
    }
    if ((from != NULL && !json_is_null(from)) || (to != NULL && !json_is_null(to))) {
        return ht_fail(why, HT_EINPUT, "block_hash_and_range",
                       "invalid argument 0: cannot specify both blockHash and fromBlock or "
                       "toBlock");
    }
    out->from = (struct ht_block_id){.kind = HT_BLOCK_HASH};
    enum ht_err err = ht_json_hex(out->from.hash.b, 32, hash, "", why);
    out->to = out->from;
    return err;
}

enum ht_err ht_eth_log_question_read(struct ht_eth_log_question *out, const json_t *object,
                                     struct ht_why *why) {
    struct ht_eth_log_question question = {0};
    if (object != NULL && !json_is_null(object) && !json_is_object(object)) {
        return ht_fail(why, HT_EINPUT, "bad_filter", "invalid argument 0: a filter is an object");
    }
    json_t *empty = json_is_object(object) ? NULL : json_object();
    const json_t *filter = empty != NULL ? empty : object;
    enum ht_err err = read_range(&question, filter, why);
    if (err == HT_OK) err = ht_log_filter_read(&question.filter, filter, why);
    json_decref(empty);
    if (err == HT_OK) *out = question;
    return err;
}

void ht_eth_log_question_fini(struct ht_eth_log_question *question) {
    ht_log_filter_fini(&question->filter);
}

/* --- answers ---------------------------------------------------------------------------------- */

void ht_eth_refuse_gaps(struct ht_rpc_call *call, const struct ht_logs_gap *gaps, size_t count) {
    struct ht_why why;
    struct ht_buf text;
    char part[64];
    json_t *missing = json_array();
    ht_buf_init(&text, 8192);
    enum ht_err err = ht_buf_add_str(&text, "the logs are not complete: not proven are blocks ");
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        const struct ht_logs_gap *gap = &gaps[i];
        int n = snprintf(part, sizeof part, "%s%" PRIu64, i > 0 ? ", " : "", gap->from);
        if (gap->to != gap->from) {
            (void)snprintf(part + n, sizeof part - (size_t)n, "-%" PRIu64, gap->to);
        }
        err = ht_buf_add_str(&text, part);
        json_t *one =
            json_pack("{s:o, s:o, s:s*, s:s*}", "from", ht_eth_quantity(gap->from), "to",
                      ht_eth_quantity(gap->to), "code", gap->why.code, "why", gap->why.text);
        if (json_array_append_new(missing, one) != 0) err = HT_ENOMEM;
    }
    if (err == HT_OK) err = ht_buf_add(&text, ht_bytes_of("", 1));
    (void)ht_fail(&why, HT_ENET, "logs_incomplete", "the logs are not complete");
    const struct ht_rpc_refusal refusal = {
        .err = HT_ENET,
        .why = &why,
        .message = err == HT_OK ? (const char *)text.p : NULL,
        .data = json_pack("{s:o}", "missing", missing),
    };
    ht_rpc_refuse_with(call, &refusal);
    ht_buf_fini(&text);
}

static void on_logs(struct ht_logs_read *read) {
    struct logs_call *waiting = (struct logs_call *)read;
    enum ht_err err = read->err;
    if (err == HT_OK) err = ht_eth_check_read(waiting->eth, read->is_final, &read->why);
    if (err != HT_OK) {
        ht_rpc_refuse(waiting->call, err, &read->why);
    } else if (read->gap_count > 0) {
        ht_eth_refuse_gaps(waiting->call, read->gaps, read->gap_count);
    } else {
        const struct ht_eth_place place = {&read->last, read->is_final, ""};
        ht_eth_finish(waiting->eth, waiting->call, json_incref(read->logs), &place);
    }
    ht_log_filter_fini(&read->filter);
    ht_logs_read_fini(read);
    free(waiting);
}

/* A wide range takes many questions, which are not asked for nobody. */
static void on_progress(struct ht_logs_read *read, uint64_t blocks_done, uint64_t blocks_total) {
    struct logs_call *waiting = (struct logs_call *)read;
    (void)blocks_done;
    (void)blocks_total;
    if (ht_rpc_call_is_awaited(waiting->call)) return;
    ht_logs_cancel(read);
    ht_rpc_refuse(waiting->call, HT_EDENIED, NULL);
    ht_log_filter_fini(&read->filter);
    free(waiting);
}

void ht_eth_answer_logs(struct ht_eth *eth, struct ht_rpc_call *call,
                        struct ht_eth_log_question *question) {
    struct ht_why why = {0};
    struct logs_call *waiting = calloc(1, sizeof *waiting);
    enum ht_err err = waiting != NULL ? HT_OK : ht_eth_no_memory(&why);
    if (err == HT_OK) err = ht_eth_check_ask(eth, &question->from, &why);
    if (err == HT_OK) err = ht_eth_check_ask(eth, &question->to, &why);
    if (err == HT_OK && eth->blocks == NULL) err = ht_eth_no_service(&why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        ht_eth_log_question_fini(question);
        free(waiting);
        return;
    }
    waiting->eth = eth;
    waiting->call = call;
    waiting->read.from = question->from;
    waiting->read.to = question->to;
    waiting->read.filter = question->filter;
    waiting->read.done = on_logs;
    waiting->read.progress = on_progress;
    ht_logs_read(eth->blocks, &waiting->read);
}

void ht_eth_get_logs(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_eth_log_question question;
    enum ht_err err = ht_eth_take_params(params, 1, 1, &why);
    if (err == HT_OK) err = ht_eth_log_question_read(&question, json_array_get(params, 0), &why);
    if (err == HT_OK) {
        ht_eth_answer_logs(self, call, &question);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
}
