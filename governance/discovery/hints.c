/* eth_getLogs in parts. */
#include "governance/discovery/hints.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "governance/text.h"
#include "node/codec/json.h"

#define ANSWER_MAX ((size_t)16 << 20)
#define PART_FIRST 10000U /* blocks; what most providers take */
#define PART_MAX 1000000U
#define PART_MIN 8U

struct ht_gov_hints_work {
    struct ht_question question; /* first */
    struct ht_gov_hints *hints;  /* NULL: given up */
    struct ht_gov_hints asked;   /* a copy of what was asked, for the worker */
    struct ht_asker *asker;
    uint64_t from, to; /* of the part under way */
    uint64_t size;
    unsigned parts;
    bool is_capped; /* a part was too wide: no larger ones */
    json_t *found;  /* of the part; the worker's until done */
};

/* --- reading logs ----------------------------------------------------------------------------- */

bool ht_gov_hint_block(uint64_t *out, const json_t *log) {
    return ht_rpc_read_u64(out, log, "blockNumber", NULL) == HT_OK;
}

bool ht_gov_hint_data(struct ht_buf *out, const json_t *log) {
    return ht_json_hex_buf(out, log, "data", NULL) == HT_OK;
}

static bool has_topic(const struct ht_gov_hints *hints, const json_t *log) {
    ht_hash32 topic, second;
    if (ht_json_hex(topic.b, 32, log, "topics[0]", NULL) != HT_OK) return false;
    bool is_one = false;
    for (size_t i = 0; i < hints->topic_count; i++)
        is_one = is_one || ht_hash32_equal(&topic, &hints->topics[i]);
    if (!is_one || !hints->has_second) return is_one;
    return ht_json_hex(second.b, 32, log, "topics[1]", NULL) == HT_OK &&
           ht_hash32_equal(&second, &hints->second);
}

static bool is_asked_for(const struct ht_gov_hints_work *work, const json_t *log) {
    uint64_t block = 0;
    ht_addr20 address;
    return ht_gov_hint_block(&block, log) && block >= work->from && block <= work->to &&
           ht_json_hex(address.b, 20, log, "address", NULL) == HT_OK &&
           memcmp(address.b, work->asked.address.b, 20) == 0 && has_topic(&work->asked, log);
}

/* On a worker. */
static enum ht_err take(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                        struct ht_why *why) {
    struct ht_gov_hints_work *work = (struct ht_gov_hints_work *)question;
    size_t i;
    const json_t *log;
    if (!json_is_array(answers[0].result))
        return ht_fail(why, HT_EINPUT, "logs_form", "an answer to eth_getLogs is no array");
    json_array_foreach(answers[0].result, i, log) {
        if (is_asked_for(work, log)) continue;
        return ht_fail(why, HT_EINPUT, "logs_form", "a log that was not asked for");
    }
    json_decref(work->found);
    work->found = json_incref(answers[0].result);
    return HT_OK;
}

/* --- parts ------------------------------------------------------------------------------------ */

static void free_work(struct ht_gov_hints_work *work) {
    json_decref(work->found);
    free(work);
}

static void end(struct ht_gov_hints_work *work, enum ht_err err, const struct ht_why *why) {
    struct ht_gov_hints *hints = work->hints;
    hints->err = err;
    if (why != NULL) hints->why = *why;
    hints->done(hints);
}

static json_t *topics_json(const struct ht_gov_hints *hints) {
    json_t *any = json_array(), *list = json_array();
    for (size_t i = 0; i < hints->topic_count; i++)
        (void)json_array_append_new(any, ht_gov_hex_json(HT_BYTES(hints->topics[i].b)));
    (void)json_array_append_new(list, any);
    if (hints->has_second)
        (void)json_array_append_new(list, ht_gov_hex_json(HT_BYTES(hints->second.b)));
    return list;
}

static void on_answer(struct ht_question *question);

static void ask(struct ht_gov_hints_work *work) {
    const struct ht_gov_hints *hints = work->hints;
    char from[24], to[24];
    work->question = (struct ht_question){
        .max_bytes = ANSWER_MAX, .avoid = hints->avoid, .prove = take, .done = on_answer};
    (void)snprintf(work->question.about, sizeof work->question.about,
                   "logs of a governor, blocks %" PRIu64 " to %" PRIu64, work->from, work->to);
    (void)snprintf(from, sizeof from, "0x%" PRIx64, work->from);
    (void)snprintf(to, sizeof to, "0x%" PRIx64, work->to);
    json_t *params =
        json_pack("[{s:o, s:o, s:s, s:s}]", "address", ht_gov_hex_json(HT_BYTES(hints->address.b)),
                  "topics", topics_json(hints), "fromBlock", from, "toBlock", to);
    struct ht_why why;
    if (ht_question_add(&work->question, "eth_getLogs", params) == HT_OK) {
        ht_ask(work->asker, &work->question);
        return;
    }
    enum ht_err err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    end(work, err, &why);
}

/* The next part; false when all was asked. */
static bool set_part(struct ht_gov_hints_work *work, bool is_first) {
    const struct ht_gov_hints *hints = work->hints;
    uint64_t size = work->size;
    if (hints->is_backward) {
        if (!is_first && work->from == hints->from) return false;
        work->to = is_first ? hints->to : work->from - 1;
        work->from = work->to - hints->from < size ? hints->from : work->to - size + 1;
    } else {
        if (!is_first && work->to == hints->to) return false;
        work->from = is_first ? hints->from : work->to + 1;
        work->to = hints->to - work->from < size ? hints->to : work->from + size - 1;
    }
    return true;
}

/* Too wide for a provider: half of it. */
static bool make_smaller(struct ht_gov_hints_work *work) {
    uint64_t size = work->to - work->from + 1;
    if (size <= PART_MIN) return false;
    work->is_capped = true;
    work->size = size / 2;
    if (work->hints->is_backward) {
        work->from = work->to - work->size + 1;
    } else {
        work->to = work->from + work->size - 1;
    }
    return true;
}

static void take_part(struct ht_gov_hints_work *work) {
    struct ht_gov_hints *hints = work->hints;
    const struct ht_question *question = &work->question;
    size_t max = hints->max > 0 ? hints->max : HT_GOV_HINTS_MAX;
    (void)json_array_extend(hints->logs, work->found);
    hints->reached = hints->is_backward ? work->from : work->to;
    hints->is_cut = json_array_size(hints->logs) >= max ||
                    (hints->parts_max > 0 && ++work->parts >= hints->parts_max);
    if (question->provider < 32) hints->providers |= UINT32_C(1) << question->provider;
    memcpy(hints->source, question->source, sizeof hints->source);
    if (!work->is_capped && work->size < PART_MAX) work->size *= 2;
    if (hints->progress == NULL) return;
    uint64_t done = hints->is_backward ? hints->to - work->from : work->to - hints->from;
    hints->progress(hints, done + 1, hints->to - hints->from + 1);
}

static void on_answer(struct ht_question *question) {
    struct ht_gov_hints_work *work = (struct ht_gov_hints_work *)question;
    if (work->hints == NULL) {
        free_work(work);
        return;
    }
    bool is_too_much = question->err == HT_ENET && strcmp(question->why.code, "too_much") == 0;
    if (question->err == HT_OK) {
        take_part(work);
        bool is_over = work->hints->is_cut || !set_part(work, false);
        if (is_over) {
            end(work, HT_OK, NULL);
        } else {
            ask(work);
        }
    } else if (is_too_much && make_smaller(work)) {
        ask(work);
    } else {
        struct ht_why why = question->why;
        end(work, question->err, &why);
    }
}

void ht_gov_hints_start(struct ht_governance *governance, struct ht_gov_hints *hints) {
    struct ht_gov_hints_work *work = calloc(1, sizeof *work);
    hints->logs = json_array();
    ht_assert(work != NULL && hints->logs != NULL && hints->from <= hints->to);
    work->hints = hints;
    work->asked = *hints;
    work->asker = ht_chain_asker(governance->host->chain);
    work->size = PART_FIRST;
    hints->work = work;
    (void)set_part(work, true);
    ask(work);
}

void ht_gov_hints_cancel(struct ht_gov_hints *hints) {
    if (hints->work != NULL) hints->work->hints = NULL;
    hints->work = NULL;
    json_decref(hints->logs);
    hints->logs = NULL;
}

void ht_gov_hints_fini(struct ht_gov_hints *hints) {
    if (hints->work != NULL) free_work(hints->work);
    hints->work = NULL;
    json_decref(hints->logs);
    hints->logs = NULL;
}

void ht_gov_hints_blame(struct ht_gov_hints *hints, uint64_t block, const char *what) {
    struct ht_gov_hints_work *work = hints->work;
    struct ht_buf request, answer;
    struct ht_why why;
    if (work == NULL || hints->err != HT_OK || block < work->from || block > work->to) return;
    ht_buf_init(&request, 65536);
    ht_buf_init(&answer, ANSWER_MAX);
    json_t *asked =
        json_pack("{s:s, s:o, s:I, s:I}", "method", "eth_getLogs", "topics", topics_json(hints),
                  "fromBlock", (json_int_t)work->from, "toBlock", (json_int_t)work->to);
    bool is_written = ht_json_dump_compact(&request, asked) == HT_OK;
    is_written = is_written && ht_json_dump_compact(&answer, work->found) == HT_OK;
    enum ht_err err =
        ht_fail(&why, HT_EUNVERIFIED, "log_omitted",
                "left out %s, which block %" PRIu64 " is proven to have", what, block);
    if (is_written)
        ht_ask_blame(&work->question, err, &why, ht_buf_view(&request), ht_buf_view(&answer));
    json_decref(asked);
    ht_buf_fini(&request);
    ht_buf_fini(&answer);
}
