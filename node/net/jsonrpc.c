/* JSON-RPC requests and answers of a client. */
#include "node/net/jsonrpc.h"

#include <stdio.h>
#include <strings.h>

#include "node/codec/json.h"

/* --- writing ---------------------------------------------------------------------------------- */

static json_t *make_request(const struct ht_jsonrpc_request *request, uint64_t id) {
    return json_pack("{s:s, s:I, s:s, s:O}", "jsonrpc", "2.0", "id", (json_int_t)id, "method",
                     request->method, "params", request->params);
}

enum ht_err ht_jsonrpc_write(struct ht_buf *out, const struct ht_jsonrpc_request *requests,
                             size_t count, uint64_t first_id) {
    ht_assert(count > 0 && count <= HT_JSONRPC_BATCH_MAX);
    if (count == 1) {
        json_t *one = make_request(requests, first_id);
        enum ht_err err = one != NULL ? ht_json_dump_compact(out, one) : HT_ENOMEM;
        json_decref(one);
        return err;
    }
    json_t *batch = json_array();
    int failed = batch == NULL;
    for (size_t i = 0; i < count && failed == 0; i++) {
        failed = json_array_append_new(batch, make_request(&requests[i], first_id + i));
    }
    enum ht_err err = failed == 0 ? ht_json_dump_compact(out, batch) : HT_ENOMEM;
    json_decref(batch);
    return err;
}

/* --- meaning of errors ------------------------------------------------------------------------ */

static bool mentions(const char *message, const char *const *words) {
    for (; *words != NULL; words++) {
        if (strcasestr(message, *words) != NULL) return true;
    }
    return false;
}

enum ht_jsonrpc_refusal ht_jsonrpc_classify(int64_t code, const char *message) {
    static const char *const pruned[] = {"missing trie node",
                                         "pruned",
                                         "historical state",
                                         "state is not available",
                                         "state not available",
                                         "not available in historical",
                                         "state at block",
                                         "no state available",
                                         "header not found",
                                         "block not found",
                                         "unknown block",
                                         "distance to target block exceeds",
                                         NULL};
    static const char *const limited[] = {
        "rate limit", "too many requests", "request limit", "compute units", "quota", "throttl",
        NULL};
    static const char *const too_much[] = {
        "block range",      "range is too large", "range too large", "query returned more than",
        "too many results", "response size",      "too large",       NULL};
    static const char *const no_method[] = {"method not found",
                                            "does not exist",
                                            "is not available",
                                            "not supported",
                                            "unsupported method",
                                            "not whitelisted",
                                            NULL};
    if (code == -32601) return HT_JSONRPC_NO_METHOD;
    if (code == 429 || mentions(message, limited)) return HT_JSONRPC_RATE_LIMITED;
    if (mentions(message, pruned)) return HT_JSONRPC_PRUNED;
    if (mentions(message, too_much)) return HT_JSONRPC_TOO_MUCH;
    if (code == -32004 || mentions(message, no_method)) return HT_JSONRPC_NO_METHOD;
    return code == -32005 ? HT_JSONRPC_RATE_LIMITED : HT_JSONRPC_REFUSED;
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum ht_err malformed(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "rpc_malformed", "the answer is no JSON-RPC answer");
}

static void read_message(char *out, size_t size, const char *message) {
    (void)snprintf(out, size, "%s", message != NULL ? message : "");
    for (char *c = out; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f) *c = '?';
    }
}

/* One answer, but for its id: a result or an error, not both. */
static enum ht_err read_answer(struct ht_jsonrpc_answer *out, const json_t *one,
                               struct ht_why *why) {
    json_t *result = json_object_get(one, "result");
    const json_t *error = json_object_get(one, "error");
    if (json_is_null(error) && result != NULL) error = NULL; /* some send both, one of them null */
    if (json_is_null(result) && error != NULL) result = NULL;
    if ((result == NULL) == (error == NULL)) return malformed(why);
    if (result != NULL) {
        *out = (struct ht_jsonrpc_answer){.result = json_incref(result)};
        return HT_OK;
    }
    const json_t *code = json_object_get(error, "code");
    if (!json_is_integer(code)) return malformed(why);
    out->result = NULL;
    out->code = json_integer_value(code);
    read_message(out->message, sizeof out->message,
                 json_string_value(json_object_get(error, "message")));
    out->refusal = ht_jsonrpc_classify(out->code, out->message);
    return HT_OK;
}

/* Which request an answer belongs to; each can be answered once. */
static enum ht_err find_request(size_t *out, const json_t *one, const bool *is_seen, size_t count,
                                uint64_t first_id, struct ht_why *why) {
    const json_t *id = json_object_get(one, "id");
    if (!json_is_object(one) || id == NULL) return malformed(why);
    json_int_t number = json_integer_value(id);
    bool is_asked = json_is_integer(id) && number >= 0 && (uint64_t)number >= first_id &&
                    (uint64_t)number - first_id < count;
    if (!is_asked || is_seen[(uint64_t)number - first_id]) {
        return ht_fail(why, HT_EINPUT, "rpc_wrong_id",
                       "an answer to a question that was not asked, or a second one");
    }
    *out = (size_t)((uint64_t)number - first_id);
    return HT_OK;
}

static enum ht_err read_list(struct ht_jsonrpc_answer *answers, size_t count, uint64_t first_id,
                             const json_t *list, struct ht_why *why) {
    bool is_seen[HT_JSONRPC_BATCH_MAX] = {false};
    if (json_array_size(list) > count) {
        return ht_fail(why, HT_EINPUT, "rpc_wrong_id", "more answers than questions");
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        size_t at;
        enum ht_err err = find_request(&at, one, is_seen, count, first_id, why);
        if (err == HT_OK) err = read_answer(&answers[at], one, why);
        if (err != HT_OK) return err;
        is_seen[at] = true;
    }
    if (json_array_size(list) == count) return HT_OK;
    return ht_fail(why, HT_EINPUT, "rpc_missing_answer", "%zu answers to %zu questions",
                   json_array_size(list), count);
}

/* A lone object: the answer to a lone request, or an error for the batch as a whole. */
static enum ht_err read_object(struct ht_jsonrpc_answer *answers, size_t count, uint64_t first_id,
                               const json_t *one, struct ht_why *why) {
    const bool none_seen[1] = {false};
    size_t at;
    const json_t *id = json_object_get(one, "id");
    bool is_error = json_is_object(json_object_get(one, "error"));
    if (is_error && (id == NULL || json_is_null(id))) {
        enum ht_err err = read_answer(&answers[0], one, why);
        /* It is about the batch, whatever its words: it says nothing of any one method. */
        if (answers[0].refusal != HT_JSONRPC_RATE_LIMITED) answers[0].refusal = HT_JSONRPC_REFUSED;
        for (size_t i = 1; i < count && err == HT_OK; i++) answers[i] = answers[0];
        return err;
    }
    if (count > 1) return malformed(why);
    enum ht_err err = find_request(&at, one, none_seen, 1, first_id, why);
    return err == HT_OK ? read_answer(&answers[0], one, why) : err;
}

enum ht_err ht_jsonrpc_read(struct ht_jsonrpc_answer *answers, size_t count, uint64_t first_id,
                            ht_bytes body, size_t max_bytes, struct ht_why *why) {
    ht_assert(count > 0 && count <= HT_JSONRPC_BATCH_MAX);
    json_t *json = NULL;
    memset(answers, 0, count * sizeof *answers);
    enum ht_err err = ht_json_parse(&json, body, max_bytes, why);
    if (err != HT_OK) return err;
    err = json_is_array(json)    ? read_list(answers, count, first_id, json, why)
          : json_is_object(json) ? read_object(answers, count, first_id, json, why)
                                 : malformed(why);
    if (err != HT_OK) ht_jsonrpc_free(answers, count);
    json_decref(json);
    return err;
}

void ht_jsonrpc_free(struct ht_jsonrpc_answer *answers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        json_decref(answers[i].result);
        answers[i].result = NULL;
    }
}

/* --- whose an answer is ----------------------------------------------------------------------- */

/* What is left of a text. */
struct scan {
    ht_bytes rest;
};

static int peek(struct scan *scan) {
    while (scan->rest.n > 0 && memchr(" \t\r\n", scan->rest.p[0], 4) != NULL) {
        scan->rest.p++;
        scan->rest.n--;
    }
    return scan->rest.n > 0 ? scan->rest.p[0] : -1;
}

static void step(struct scan *scan, size_t n) {
    scan->rest.p += n;
    scan->rest.n -= n;
}

static bool take(struct scan *scan, int character) {
    if (peek(scan) != character) return false;
    step(scan, 1);
    return true;
}

/* Over a string, whose raw inside goes to *out; false when it does not end. */
static bool take_string(struct scan *scan, ht_bytes *out) {
    if (!take(scan, '"')) return false;
    const uint8_t *p = scan->rest.p;
    size_t n = scan->rest.n, i = 0;
    while (i < n && p[i] != '"') i += p[i] == '\\' ? 2 : 1;
    if (i >= n) return false;
    *out = ht_bytes_of(p, i);
    step(scan, i + 1);
    return true;
}

/* Over a number or a word. */
static bool skip_word(struct scan *scan) {
    size_t i = 0;
    while (i < scan->rest.n && memchr(",:[]{}\" \t\r\n", scan->rest.p[i], 11) == NULL) i++;
    step(scan, i);
    return i > 0;
}

/* Over a value of any kind. Depth is counted, not followed by calls. */
static bool skip_value(struct scan *scan) {
    size_t depth = 0;
    do {
        ht_bytes inside;
        int next = peek(scan);
        if (next < 0) return false;
        if (next == '"') {
            if (!take_string(scan, &inside)) return false;
        } else if (next == '{' || next == '[') {
            if (++depth > HT_JSON_DEPTH_MAX) return false;
            step(scan, 1);
        } else if (next == '}' || next == ']') {
            if (depth == 0) return false;
            depth--;
            step(scan, 1);
        } else if (next == ',' || next == ':') {
            if (depth == 0) return false;
            step(scan, 1);
        } else if (!skip_word(scan)) {
            return false;
        }
    } while (depth > 0);
    return true;
}

static enum ht_err read_id(uint64_t *out, struct scan *scan, struct ht_why *why) {
    uint64_t id = 0;
    (void)peek(scan);
    ht_bytes word = scan->rest;
    if (!skip_value(scan)) return malformed(why);
    word.n -= scan->rest.n;
    if (ht_bytes_equal(word, ht_bytes_str("null"))) {
        return ht_fail(why, HT_ENOTFOUND, "rpc_null_id", "the answer's id is null");
    }
    bool is_number = word.n > 0 && word.n <= 19 && (word.p[0] != '0' || word.n == 1);
    for (size_t i = 0; is_number && i < word.n; i++) {
        is_number = word.p[i] >= '0' && word.p[i] <= '9';
        id = id * 10 + (uint64_t)(word.p[i] - '0');
    }
    if (!is_number || id > INT64_MAX) {
        return ht_fail(why, HT_ENOTFOUND, "rpc_no_id", "the answer's id is no number");
    }
    *out = id;
    return HT_OK;
}

enum ht_err ht_jsonrpc_find_id(uint64_t *out, ht_bytes text, struct ht_why *why) {
    struct scan scan = {text};
    (void)take(&scan, '[');
    if (!take(&scan, '{')) return malformed(why);
    if (peek(&scan) != '}') {
        do {
            ht_bytes key;
            if (!take_string(&scan, &key) || !take(&scan, ':')) return malformed(why);
            if (ht_bytes_equal(key, ht_bytes_str("id"))) return read_id(out, &scan, why);
            if (!skip_value(&scan)) return malformed(why);
        } while (take(&scan, ','));
    }
    if (!take(&scan, '}')) return malformed(why);
    return ht_fail(why, HT_ENOTFOUND, "rpc_no_id", "the answer has no id");
}
