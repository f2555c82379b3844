/* JSON-RPC of peers, and blocks by hash.
 *
 * Each request of a batch is a question of its own: the same question of several peers is put
 * once, and an answer about a block by its hash is remembered, since it stays true. */
#include "node/app/near_execution.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/app/near_send.h"
#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/crypto/sha256.h"

#define ANSWER_MAX ((size_t)12 << 20) /* of one request */

struct batch;

/* Where an answer goes: a request in a batch. */
struct place {
    struct place *next;
    struct batch *batch;
    size_t at;
};

struct ht_near_question {
    struct ht_near_question *next;
    struct ht_near_serve *serve;
    ht_hash32 key;
    bool is_lasting; /* its answer may be remembered */
    struct place *places;
    struct ht_rpc_exchange *exchange;
};

struct batch {
    struct ht_near_call *call;
    struct ht_near_batch asked;
    struct place places[HT_NEAR_BATCH_MAX];
    struct ht_buf answers[HT_NEAR_BATCH_MAX]; /* `"result":…` or `"error":…` */
    size_t pending;
    size_t bytes;
    struct ht_header_read ahead;
};

/* --- remembering ------------------------------------------------------------------------------ */

static struct ht_near_cached *find_cached(struct ht_near_serve *serve, const ht_hash32 *key) {
    for (size_t i = 0; i < HT_NEAR_CACHE_ENTRIES; i++) {
        struct ht_near_cached *one = &serve->cache[i];
        if (one->used == 0 || !ht_hash32_equal(&one->key, key)) continue;
        one->used = ++serve->uses;
        return one;
    }
    return NULL;
}

static void drop_cached(struct ht_near_serve *serve, struct ht_near_cached *one) {
    serve->cache_bytes -= one->text.n;
    ht_buf_fini(&one->text);
    *one = (struct ht_near_cached){.used = 0};
}

/* The one not used for longest; a free one first, unless it is to be in use. */
static struct ht_near_cached *oldest(struct ht_near_serve *serve, bool in_use) {
    struct ht_near_cached *found = NULL;
    for (size_t i = 0; i < HT_NEAR_CACHE_ENTRIES; i++) {
        struct ht_near_cached *one = &serve->cache[i];
        if (in_use && one->used == 0) continue;
        if (found == NULL || one->used < found->used) found = one;
    }
    return found;
}

static void remember(struct ht_near_serve *serve, const ht_hash32 *key, ht_bytes text) {
    if (text.n > HT_NEAR_CACHE_ONE || find_cached(serve, key) != NULL) return;
    struct ht_near_cached *place = oldest(serve, false);
    drop_cached(serve, place);
    ht_buf_init(&place->text, HT_NEAR_CACHE_ONE);
    if (ht_buf_add(&place->text, text) != HT_OK) return;
    place->key = *key;
    place->used = ++serve->uses;
    serve->cache_bytes += text.n;
    while (serve->cache_bytes > HT_NEAR_CACHE_BYTES) drop_cached(serve, oldest(serve, true));
}

/* --- the reply -------------------------------------------------------------------------------- */

static enum ht_err write_one(struct ht_buf *out, const struct batch *batch, size_t i) {
    enum ht_err err = ht_buf_add_str(out, i > 0 ? ",{\"jsonrpc\":\"2.0\",\"id\":"
                                                : "{\"jsonrpc\":\"2.0\",\"id\":");
    if (err == HT_OK) err = ht_json_dump_compact(out, batch->asked.requests[i].id);
    if (err == HT_OK) err = ht_buf_add_str(out, ",");
    if (err == HT_OK) err = ht_buf_add(out, ht_buf_view(&batch->answers[i]));
    return err == HT_OK ? ht_buf_add_str(out, "}") : err;
}

static void finish(struct batch *batch) {
    struct ht_buf text;
    struct ht_why why;
    ht_buf_init(&text, HT_NEAR_REPLY_MAX + 8192);
    enum ht_err err = batch->asked.is_list ? ht_buf_add_str(&text, "[") : HT_OK;
    for (size_t i = 0; i < batch->asked.count && err == HT_OK; i++) {
        err = write_one(&text, batch, i);
    }
    if (err == HT_OK && batch->asked.is_list) err = ht_buf_add_str(&text, "]");
    if (err == HT_OK) {
        ht_near_answer(batch->call, "application/json", NULL, ht_buf_view(&text));
    } else {
        (void)ht_fail(&why, err, "too_large", "the answer is too large; ask for less");
        ht_near_fail(batch->call, err, &why);
    }
    ht_buf_fini(&text);
    for (size_t i = 0; i < batch->asked.count; i++) ht_buf_fini(&batch->answers[i]);
    ht_near_batch_fini(&batch->asked);
    free(batch);
}

static void give(struct place *place, ht_bytes text) {
    static const char too_large[] =
        "\"error\":{\"code\":-32005,\"message\":\"the answer is too large\"}";
    struct batch *batch = place->batch;
    struct ht_buf *out = &batch->answers[place->at];
    ht_buf_init(out, ANSWER_MAX + 64);
    bool fits = text.n <= HT_NEAR_REPLY_MAX - batch->bytes && ht_buf_add(out, text) == HT_OK;
    if (!fits) {
        ht_buf_clear(out);
        (void)!ht_buf_add_str(out, too_large);
    }
    batch->bytes += out->n;
    batch->call->serve->counts.execution++;
    if (--batch->pending == 0) finish(batch);
}

/* --- questions -------------------------------------------------------------------------------- */

/* An error as a client of an execution server understands it (ht_jsonrpc_classify): what is wrong
 * with the question stays; all else means that another is to be asked. */
static json_t *error_json(const json_t *error) {
    const char *code = json_string_value(ht_json_member(ht_json_member(error, "data"), "code"));
    const char *kind = json_string_value(ht_json_member(ht_json_member(error, "data"), "kind"));
    const char *text = json_string_value(ht_json_member(error, "message"));
    json_int_t number = json_integer_value(ht_json_member(error, "code"));
    char message[200];
    bool is_limit = number == -32005;
    bool is_question =
        number == -32601 || number == -32602 || number == -32600 || number == HT_NEAR_REJECTED;
    (void)snprintf(message, sizeof message, "%s%.150s",
                   is_question ? ""
                   : is_limit  ? "too large: "
                               : "state not available here: ",
                   text != NULL ? text : "");
    if (!is_question) number = is_limit ? -32005 : -32000;
    return json_pack("{s:I, s:s, s:{s:s, s:s}}", "code", number, "message", message, "data", "code",
                     code != NULL ? code : "", "kind", kind != NULL ? kind : "");
}

/* A reply without its frame: `"result":…`, or `"error":…`; *is_result. */
static enum ht_err strip(struct ht_buf *out, bool *is_result, ht_bytes reply) {
    static const char frame[] = "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":";
    const size_t before = sizeof frame - 1 - 9; /* up to "result" */
    *is_result = reply.n > sizeof frame && memcmp(reply.p, frame, sizeof frame - 1) == 0;
    if (*is_result) return ht_buf_add(out, ht_bytes_of(reply.p + before, reply.n - before - 1));
    json_t *json = NULL;
    enum ht_err err = ht_json_parse(&json, reply, ANSWER_MAX, NULL);
    json_t *error = err == HT_OK ? error_json(json_object_get(json, "error")) : NULL;
    if (err == HT_OK) err = ht_buf_add_str(out, "\"error\":");
    if (err == HT_OK) err = error != NULL ? ht_json_dump_compact(out, error) : HT_ENOMEM;
    json_decref(error);
    json_decref(json);
    return err;
}

static void unlink_question(struct ht_near_question *question) {
    struct ht_near_question **at = &question->serve->questions;
    while (*at != NULL && *at != question) at = &(*at)->next;
    if (*at != NULL) *at = question->next;
}

static void on_reply(void *user, enum ht_err err, struct ht_buf *reply) {
    static const char no_answer[] =
        "\"error\":{\"code\":-32000,\"message\":\"state not available here: no answer\"}";
    struct ht_near_question *question = user;
    struct ht_buf text;
    bool is_result = false;
    ht_buf_init(&text, ANSWER_MAX + 64);
    if (err == HT_OK) err = strip(&text, &is_result, ht_buf_view(reply));
    ht_bytes answer = err == HT_OK ? ht_buf_view(&text) : ht_bytes_str(no_answer);
    static const char null_result[] = "\"result\":null";
    if (is_result && question->is_lasting && !ht_bytes_equal(answer, ht_bytes_str(null_result))) {
        remember(question->serve, &question->key, answer);
    }
    unlink_question(question);
    for (struct place *place = question->places; place != NULL;) {
        struct place *next = place->next;
        give(place, answer);
        place = next;
    }
    ht_buf_fini(&text);
    if (question->exchange != NULL) free(question);
}

/* Whether the answer is about a block by its hash. */
static bool is_lasting(const char *method, const json_t *params) {
    if (strcmp(method, "eth_getBlockByHash") == 0) return true;
    size_t count = json_array_size(params);
    return count > 0 && ht_json_member(json_array_get(params, count - 1), "blockHash") != NULL;
}

static enum ht_err make_message(struct ht_buf *out, ht_hash32 *key, const char *method,
                                const json_t *params) {
    json_t *message = json_pack("{s:s, s:i, s:s, s:O}", "jsonrpc", "2.0", "id", 0, "method", method,
                                "params", params);
    enum ht_err err = message != NULL ? ht_json_dump_compact(out, message) : HT_ENOMEM;
    json_decref(message);
    if (err == HT_OK) ht_sha256(key, ht_buf_view(out));
    return err;
}

static void put(struct ht_near_serve *serve, struct place *place, const ht_hash32 *key,
                ht_bytes message, bool lasting) {
    static const char no_memory[] = "\"error\":{\"code\":-32603,\"message\":\"out of memory\"}";
    struct ht_near_question *question = calloc(1, sizeof *question);
    if (question == NULL) {
        give(place, ht_bytes_str(no_memory));
        return;
    }
    *question = (struct ht_near_question){.next = serve->questions,
                                          .serve = serve,
                                          .key = *key,
                                          .is_lasting = lasting,
                                          .places = place};
    serve->questions = question;
    const struct ht_rpc_asker asker = {
        .origin = "", .may_wait = true, .on_reply = on_reply, .user = question};
    struct ht_rpc_exchange *exchange = ht_rpc_handle(serve->rpc, &asker, message);
    if (exchange == NULL) {
        free(question); /* it has been answered */
    } else {
        question->exchange = exchange;
    }
}

static void ask(struct batch *batch, size_t i) {
    static const char too_often[] =
        "\"error\":{\"code\":-32005,\"message\":\"rate limit: transactions come too often\"}";
    struct ht_near_serve *serve = batch->call->serve;
    const char *method = batch->asked.requests[i].method;
    const json_t *params = batch->asked.requests[i].params;
    struct place *place = &batch->places[i];
    struct ht_buf message;
    ht_hash32 key = {{0}};
    *place = (struct place){.batch = batch, .at = i};
    ht_buf_init(&message, HT_NEAR_BODY_MAX + 256);
    enum ht_err err = make_message(&message, &key, method, params);
    const struct ht_near_cached *known = err == HT_OK ? find_cached(serve, &key) : NULL;
    struct ht_near_question *question = serve->questions;
    while (question != NULL && !ht_hash32_equal(&question->key, &key)) question = question->next;
    bool is_send = strcmp(method, HT_NEAR_SEND) == 0;
    if (is_send && question == NULL && !ht_near_spend_send(serve, &batch->call->node)) {
        serve->counts.refused++;
        give(place, ht_bytes_str(too_often));
    } else if (err != HT_OK) {
        give(place, ht_bytes_str("\"error\":{\"code\":-32603,\"message\":\"out of memory\"}"));
    } else if (known != NULL) {
        serve->counts.cached++;
        give(place, ht_buf_view(&known->text));
    } else if (question != NULL) {
        place->next = question->places;
        question->places = place;
    } else {
        put(serve, place, &key, ht_buf_view(&message), is_lasting(method, params));
    }
    ht_buf_fini(&message);
}

static void ask_all(struct batch *batch) {
    size_t count = batch->asked.count;
    batch->pending = count + 1; /* or it might be gone in between */
    for (size_t i = 0; i < count; i++) ask(batch, i);
    if (--batch->pending == 0) finish(batch);
}

/* --- many headers ----------------------------------------------------------------------------- */

static void on_ahead(struct ht_header_read *read) {
    struct batch *batch = (struct batch *)((char *)read - offsetof(struct batch, ahead));
    ht_header_read_fini(read);
    ask_all(batch);
}

/* Whether it asks for several blocks in a row by number: then one read gets them all, and the
 * questions find them in memory. */
static bool wants_row(const struct batch *batch, uint64_t *first, uint64_t *last) {
    uint64_t number;
    *first = UINT64_MAX;
    *last = 0;
    size_t count = 0;
    for (size_t i = 0; i < batch->asked.count; i++) {
        if (strcmp(batch->asked.requests[i].method, "eth_getBlockByNumber") != 0) continue;
        const char *text = json_string_value(json_array_get(batch->asked.requests[i].params, 0));
        char *end = NULL;
        if (text == NULL || strncmp(text, "0x", 2) != 0 || strlen(text) > 14) return false;
        number = strtoull(text + 2, &end, 16);
        if (*end != '\0' || end == text + 2) return false;
        if (number < *first) *first = number;
        if (number > *last) *last = number;
        count++;
    }
    return count > 1 && *last - *first <= HT_CHAIN_BEFORE_MAX;
}

static void begin(struct batch *batch) {
    struct ht_near_serve *serve = batch->call->serve;
    struct ht_why why;
    uint64_t first, last;
    if (!wants_row(batch, &first, &last) || ht_near_check_own(&serve->methods, &why) != HT_OK) {
        ask_all(batch);
        return;
    }
    batch->ahead = (struct ht_header_read){.id = {.kind = HT_BLOCK_NUMBER, .number = last},
                                           .before_count = (size_t)(last - first),
                                           .done = on_ahead};
    ht_chain_read(serve->host.eth->chain, &batch->ahead);
}

void ht_near_execution(struct ht_near_call *call) {
    struct ht_why why;
    struct batch *batch = calloc(1, sizeof *batch);
    enum ht_err err = batch == NULL
                          ? ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory")
                          : ht_near_batch_read(&batch->asked, ht_buf_view(&call->body), &why);
    /* One was paid for when the request came. */
    if (err == HT_OK && batch->asked.count > 1 &&
        !ht_near_spend(call->serve, &call->node, NULL, (unsigned)batch->asked.count - 1)) {
        call->serve->counts.refused++;
        ht_near_batch_fini(&batch->asked);
        err = ht_fail(&why, HT_EAGAIN, "rate_limited", "too many requests; come back later");
    }
    if (err != HT_OK) {
        free(batch);
        ht_near_fail(call, err, &why);
        return;
    }
    batch->call = call;
    begin(batch);
}

/* --- by hash ---------------------------------------------------------------------------------- */

static void give_bytes(struct ht_near_call *call) {
    const struct ht_near_block *block = &call->block;
    struct ht_buf bytes;
    struct ht_why why;
    ht_buf_init(&bytes, HT_NEAR_REPLY_MAX);
    enum ht_err err = call->request.what == HT_NEAR_HEADER
                          ? ht_exec_header_encode(&bytes, &block->header.header)
                          : ht_receipts_encode(&bytes, block->receipts);
    if (err == HT_OK) {
        ht_near_answer(call, "application/octet-stream", NULL, ht_buf_view(&bytes));
    } else {
        ht_near_fail(call, ht_fail(&why, err, "too_large", "there is no room for it"), &why);
    }
    ht_buf_fini(&bytes);
}

static void give_block(struct ht_near_block *block) {
    struct ht_near_call *call =
        (struct ht_near_call *)((char *)block - offsetof(struct ht_near_call, block));
    struct ht_receipts *receipts = block->receipts;
    json_t *json = NULL;
    if (block->err != HT_OK) {
        ht_near_fail(call, block->err, &block->why);
    } else if (call->request.wants_bytes) {
        call->serve->counts.execution++;
        give_bytes(call);
    } else {
        call->serve->counts.execution++;
        if (call->request.what == HT_NEAR_RECEIPTS) {
            json = ht_near_receipts_json(&block->header, receipts);
        } else if (ht_exec_header_to_json(&json, &block->header.header, &block->header.hash) !=
                   HT_OK) {
            json = NULL;
        }
        ht_near_answer_json(call, json_pack("{s:o}", "data", json), NULL);
    }
    ht_receipts_unref(receipts);
}

void ht_near_by_hash(struct ht_near_call *call) {
    call->block = (struct ht_near_block){.id = {.kind = HT_BLOCK_HASH, .hash = call->request.root},
                                         .wants_receipts = call->request.what == HT_NEAR_RECEIPTS,
                                         .done = give_block};
    ht_near_read_block(&call->serve->methods, &call->block);
}

/* What is left was never answered: the questions' exchanges are abandoned with the table. */
void ht_near_execution_fini(struct ht_near_serve *serve) {
    while (serve->questions != NULL) {
        struct ht_near_question *question = serve->questions;
        struct ht_buf none;
        if (question->exchange != NULL) ht_rpc_abandon(question->exchange);
        ht_buf_init(&none, 0);
        on_reply(question, HT_EAGAIN, &none);
    }
}
