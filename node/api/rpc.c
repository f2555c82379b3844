/* JSON-RPC 2.0 dispatch. This file knows requests, replies, the tables and subscriptions; it leaves
 * sockets, sessions and when to push to the server, and what a method does to its module. */
#include "node/api/rpc.h"

#include <stdlib.h>

#include "node/base/log.h"
#include "node/codec/json.h"

struct method {
    const char *name;
    enum ht_err (*fn)(void *self, json_t **result, const json_t *params, struct ht_why *why);
    void *self;
};

struct topic {
    const char *name;
    ht_rpc_getter getter;
    void *self;
};

struct ht_rpc {
    struct method methods[HT_RPC_METHODS_MAX];
    size_t method_count;
    struct topic topics[HT_RPC_TOPICS_MAX];
    unsigned topic_count;
};

/* What one message is answered with; built in full before a byte of it is written. */
struct call {
    struct ht_rpc *rpc;
    struct ht_rpc_peer *peer;
};

enum ht_err ht_rpc_new(struct ht_rpc **out) {
    struct ht_rpc *rpc = calloc(1, sizeof *rpc);
    if (rpc == NULL) return HT_ENOMEM;
    *out = rpc;
    return HT_OK;
}

void ht_rpc_free(struct ht_rpc *rpc) {
    free(rpc);
}

static const struct method *find_method(const struct ht_rpc *rpc, const char *name) {
    for (size_t i = 0; i < rpc->method_count; i++) {
        if (strcmp(rpc->methods[i].name, name) == 0) return &rpc->methods[i];
    }
    return NULL;
}

enum ht_err ht_rpc_find_topic(const struct ht_rpc *rpc, unsigned *topic, const char *name) {
    for (unsigned i = 0; i < rpc->topic_count; i++) {
        if (strcmp(rpc->topics[i].name, name) != 0) continue;
        *topic = i;
        return HT_OK;
    }
    return HT_ENOTFOUND;
}

static bool is_taken(const struct ht_rpc *rpc, const char *name) {
    unsigned topic;
    return strcmp(name, "node.subscribe") == 0 || strcmp(name, "node.unsubscribe") == 0 ||
           find_method(rpc, name) != NULL || ht_rpc_find_topic(rpc, &topic, name) == HT_OK;
}

enum ht_err ht_rpc_add_methods(struct ht_rpc *rpc, const struct ht_rpc_method *table, size_t count,
                               void *self) {
    if (count > HT_RPC_METHODS_MAX - rpc->method_count) return HT_ELIMIT;
    size_t before = rpc->method_count;
    for (size_t i = 0; i < count; i++) {
        if (is_taken(rpc, table[i].name)) {
            rpc->method_count = before;
            return HT_EBUG;
        }
        rpc->methods[rpc->method_count++] = (struct method){table[i].name, table[i].fn, self};
    }
    return HT_OK;
}

enum ht_err ht_rpc_add_topic(struct ht_rpc *rpc, const char *name, ht_rpc_getter getter,
                             void *self) {
    if (rpc->topic_count == HT_RPC_TOPICS_MAX) return HT_ELIMIT;
    if (is_taken(rpc, name)) return HT_EBUG;
    rpc->topics[rpc->topic_count++] = (struct topic){name, getter, self};
    return HT_OK;
}

static enum ht_err check_object(json_t **value, struct ht_why *why) {
    if (json_is_object(*value)) return HT_OK;
    json_decref(*value);
    *value = NULL;
    return ht_fail(why, HT_EBUG, "bad_result", "the answer is not an object; this is our mistake");
}

static enum ht_err read_topic(const struct ht_rpc *rpc, json_t **value, unsigned topic,
                              struct ht_why *why) {
    *value = NULL;
    const struct topic *t = &rpc->topics[topic];
    enum ht_err err = t->getter(t->self, value, why);
    return err != HT_OK ? err : check_object(value, why);
}

/* The topics named by params as bits. */
static enum ht_err read_topic_list(const struct ht_rpc *rpc, uint64_t *bits, const json_t *params,
                                   struct ht_why *why) {
    const json_t *list;
    enum ht_err err = ht_json_array(&list, params, "topics", why);
    if (err != HT_OK) return err;
    size_t count = json_array_size(list);
    if (count == 0 || count > HT_RPC_TOPICS_MAX) {
        return ht_fail(why, HT_EINPUT, "bad_topics", "name between 1 and %u topics",
                       HT_RPC_TOPICS_MAX);
    }
    uint64_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name;
        err = ht_json_text(&name, json_array_get(list, i), "", why);
        if (err != HT_OK) return err;
        unsigned topic;
        if (ht_rpc_find_topic(rpc, &topic, name) != HT_OK) {
            return ht_fail(why, HT_EINPUT, "unknown_topic", "there is no such topic (number %zu)",
                           i);
        }
        found |= UINT64_C(1) << topic;
    }
    *bits = found;
    return HT_OK;
}

static enum ht_err check_peer(const struct call *call, struct ht_why *why) {
    if (call->peer != NULL) return HT_OK;
    return ht_fail(why, HT_EDENIED, "no_push", "subscriptions need the websocket");
}

/* The values as of now and no push pending for them: nothing is missed and nothing comes twice. */
static enum ht_err subscribe(const struct call *call, json_t **result, const json_t *params,
                             struct ht_why *why) {
    uint64_t bits;
    enum ht_err err = check_peer(call, why);
    if (err == HT_OK) err = read_topic_list(call->rpc, &bits, params, why);
    if (err != HT_OK) return err;
    json_t *values = json_object();
    for (unsigned i = 0; i < call->rpc->topic_count && err == HT_OK; i++) {
        if ((bits >> i & 1U) == 0) continue;
        json_t *value;
        err = read_topic(call->rpc, &value, i, why);
        if (err == HT_OK && json_object_set_new(values, call->rpc->topics[i].name, value) != 0)
            err = HT_ENOMEM;
    }
    if (err != HT_OK) {
        json_decref(values);
        return err;
    }
    json_t *out = json_object();
    if (json_object_set_new(out, "topics", values) != 0) {
        json_decref(out);
        return HT_ENOMEM;
    }
    call->peer->subscribed |= bits;
    call->peer->dirty &= ~bits;
    *result = out;
    return HT_OK;
}

static enum ht_err unsubscribe(const struct call *call, json_t **result, const json_t *params,
                               struct ht_why *why) {
    uint64_t bits;
    enum ht_err err = check_peer(call, why);
    if (err == HT_OK) err = read_topic_list(call->rpc, &bits, params, why);
    if (err != HT_OK) return err;
    json_t *out = json_object();
    if (out == NULL) return HT_ENOMEM;
    call->peer->subscribed &= ~bits;
    call->peer->dirty &= ~bits;
    *result = out;
    return HT_OK;
}

/* HT_OK, the error of the method, or HT_ENOTFOUND with the reason "no_method". */
static enum ht_err invoke(const struct call *call, json_t **result, const char *name,
                          const json_t *params, struct ht_why *why) {
    if (strcmp(name, "node.subscribe") == 0) return subscribe(call, result, params, why);
    if (strcmp(name, "node.unsubscribe") == 0) return unsubscribe(call, result, params, why);
    unsigned topic;
    if (ht_rpc_find_topic(call->rpc, &topic, name) == HT_OK)
        return read_topic(call->rpc, result, topic, why);
    const struct method *m = find_method(call->rpc, name);
    if (m == NULL) return ht_fail(why, HT_ENOTFOUND, "no_method", "there is no such method");
    enum ht_err err = m->fn(m->self, result, params, why);
    return err != HT_OK ? err : check_object(result, why);
}

static int error_number(enum ht_err err, const char *code) {
    if (strcmp(code, "no_method") == 0) return -32601;
    if (strcmp(code, "bad_request") == 0) return -32600;
    switch (err) {
    case HT_EINPUT: return -32602;
    case HT_EUNVERIFIED: return -32010;
    case HT_ENOTFOUND: return -32001;
    case HT_ELIMIT: return -32005;
    case HT_EDENIED: return -32011;
    case HT_ESTALE:
    case HT_EAGAIN:
    case HT_ENET: return -32002;
    case HT_OK:
    case HT_ESTORE:
    case HT_ENOMEM:
    case HT_EBUG: return -32603;
    }
    return -32603;
}

/* A reason may have been cut inside a UTF-8 sequence. */
static json_t *text_value(struct ht_why *why) {
    json_t *value = json_string(why->text);
    if (value != NULL) return value;
    for (char *c = why->text; *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x80) *c = '?';
    }
    return json_string(why->text);
}

/* Takes value over; NULL without memory. */
static json_t *make_reply(json_t *id, const char *key, json_t *value) {
    json_t *reply = json_object();
    int failed = json_object_set_new(reply, "jsonrpc", json_string("2.0"));
    failed |= id != NULL ? json_object_set(reply, "id", id)
                         : json_object_set_new(reply, "id", json_null());
    failed |= json_object_set_new(reply, key, value);
    if (failed == 0) return reply;
    json_decref(reply);
    return NULL;
}

/* number 0 stands for the one that fits err. */
static json_t *make_error(json_t *id, enum ht_err err, int number, struct ht_why *why) {
    if (why->code == NULL) (void)ht_fail(why, err, ht_err_name(err), "%s", ht_err_name(err));
    if (number == 0) number = error_number(err, why->code);
    json_t *data = json_object();
    int failed = json_object_set_new(data, "code", json_string(why->code));
    failed |= json_object_set_new(data, "kind", json_string(ht_err_name(err)));
    json_t *error = json_object();
    failed |= json_object_set_new(error, "code", json_integer(number));
    failed |= json_object_set_new(error, "message", text_value(why));
    failed |= json_object_set_new(error, "data", data);
    if (failed == 0) return make_reply(id, "error", error);
    json_decref(error);
    return NULL;
}

/* Strings, integers and null, which we can echo exactly; a fraction we could not. */
static bool is_good_id(const json_t *id) {
    return json_is_null(id) || json_is_integer(id) ||
           (json_is_string(id) && json_string_length(id) <= HT_RPC_ID_LEN_MAX);
}

static enum ht_err check_request(const json_t *request, const char **name, struct ht_why *why) {
    const char *version;
    if (!json_is_object(request) || ht_json_text(&version, request, "jsonrpc", NULL) != HT_OK ||
        strcmp(version, "2.0") != 0 || ht_json_text(name, request, "method", NULL) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "bad_request",
                       "a request is an object with \"jsonrpc\":\"2.0\" and a \"method\"");
    }
    const json_t *params = ht_json_member(request, "params");
    if (params != NULL && !json_is_object(params) && !json_is_array(params))
        return ht_fail(why, HT_EINPUT, "bad_request", "\"params\" is neither object nor array");
    return HT_OK;
}

/* *reply stays NULL when none is due. */
static enum ht_err answer_one(const struct call *call, json_t **reply, json_t *request) {
    struct ht_why why = {0};
    const char *name = NULL;
    json_t *id = json_object_get(request, "id");
    if (id != NULL && !is_good_id(id)) {
        enum ht_err bad =
            ht_fail(&why, HT_EINPUT, "bad_request",
                    "an id is a string of at most %u bytes, an integer or null", HT_RPC_ID_LEN_MAX);
        *reply = make_error(NULL, bad, 0, &why);
        return *reply != NULL ? HT_OK : HT_ENOMEM;
    }
    enum ht_err err = check_request(request, &name, &why);
    bool is_notification = err == HT_OK && id == NULL;
    json_t *result = NULL;
    if (err == HT_OK) {
        const json_t *params = ht_json_member(request, "params");
        json_t *none = params == NULL ? json_object() : NULL;
        err = params == NULL && none == NULL
                  ? HT_ENOMEM
                  : invoke(call, &result, name, params != NULL ? params : none, &why);
        json_decref(none);
    }
    if (err == HT_EBUG) ht_log(HT_LOG_ERROR, "api", "a method broke its promise: %s", why.text);
    if (is_notification) {
        if (err == HT_OK) json_decref(result);
        return HT_OK;
    }
    *reply = err == HT_OK ? make_reply(id, "result", result) : make_error(id, err, 0, &why);
    return *reply != NULL ? HT_OK : HT_ENOMEM;
}

static enum ht_err answer_batch(const struct call *call, json_t **reply, json_t *batch) {
    size_t count = json_array_size(batch);
    if (count == 0 || count > HT_RPC_BATCH_MAX) {
        struct ht_why why = {0};
        enum ht_err bad = ht_fail(&why, count == 0 ? HT_EINPUT : HT_ELIMIT, "bad_batch",
                                  "a batch has between 1 and %u requests", HT_RPC_BATCH_MAX);
        *reply = make_error(NULL, bad, count == 0 ? -32600 : 0, &why);
        return *reply != NULL ? HT_OK : HT_ENOMEM;
    }
    json_t *replies = json_array();
    enum ht_err err = replies != NULL ? HT_OK : HT_ENOMEM;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        json_t *one = NULL;
        err = answer_one(call, &one, json_array_get(batch, i));
        if (one != NULL && json_array_append_new(replies, one) != 0) err = HT_ENOMEM;
    }
    if (err == HT_OK && json_array_size(replies) > 0) {
        *reply = replies;
        return HT_OK;
    }
    json_decref(replies);
    return err;
}

static enum ht_err write_reply(struct ht_buf *out, const json_t *reply) {
    enum ht_err err = ht_json_dump_compact(out, reply);
    if (err == HT_OK || err == HT_ENOMEM) return err;
    struct ht_why why = {0};
    (void)ht_fail(&why, err, err == HT_ELIMIT ? "reply_too_large" : "bad_result",
                  err == HT_ELIMIT ? "the answer is too large; ask for less"
                                   : "the answer cannot be written; this is our mistake");
    json_t *error = make_error(json_object_get(reply, "id"), err, 0, &why);
    if (error == NULL) return HT_ENOMEM;
    err = ht_json_dump_compact(out, error);
    json_decref(error);
    return err;
}

enum ht_err ht_rpc_handle(struct ht_rpc *rpc, struct ht_buf *reply, struct ht_rpc_peer *peer,
                          ht_bytes message) {
    struct ht_why why = {0};
    const struct call call = {.rpc = rpc, .peer = peer};
    json_t *request = NULL;
    json_t *answer = NULL;
    enum ht_err err = ht_json_parse(&request, message, HT_RPC_REQUEST_MAX, &why);
    if (err == HT_ENOMEM) return err;
    if (err != HT_OK) {
        answer = make_error(NULL, err, err == HT_ELIMIT ? 0 : -32700, &why);
        err = answer != NULL ? HT_OK : HT_ENOMEM;
    } else if (json_is_array(request)) {
        err = answer_batch(&call, &answer, request);
    } else {
        err = answer_one(&call, &answer, request);
    }
    if (err == HT_OK && answer != NULL) err = write_reply(reply, answer);
    json_decref(answer);
    json_decref(request);
    return err;
}

enum ht_err ht_rpc_push(const struct ht_rpc *rpc, struct ht_buf *out, unsigned topic,
                        struct ht_why *why) {
    json_t *value;
    enum ht_err err = read_topic(rpc, &value, topic, why);
    if (err != HT_OK) return err;
    json_t *params = json_object();
    int failed = json_object_set_new(params, "topic", json_string(rpc->topics[topic].name));
    failed |= json_object_set_new(params, "value", value);
    json_t *push = json_object();
    failed |= json_object_set_new(push, "jsonrpc", json_string("2.0"));
    failed |= json_object_set_new(push, "method", json_string("push"));
    failed |= json_object_set_new(push, "params", params);
    err = failed == 0 ? ht_json_dump_compact(out, push) : HT_ENOMEM;
    json_decref(push);
    return err;
}
