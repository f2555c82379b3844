/* JSON-RPC 2.0 dispatch. This file knows requests, exchanges, the tables and subscriptions; it
 * leaves sockets, sessions, time and when to push to the server, the JSON of replies to
 * rpc_reply.c, and what a method does to its module.
 *
 * A call that answers later belongs to its method until the method ends it; what it answers belongs
 * to the door. Each knows the other only while both want to. */
#include "node/api/rpc.h"

#include <stdlib.h>

#include "node/api/rpc_reply.h"
#include "node/base/log.h"
#include "node/codec/json.h"

#define SUBSCRIBE "node.subscribe"
#define UNSUBSCRIBE "node.unsubscribe"

struct method {
    const struct ht_rpc_method *is;
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
    enum ht_rpc_dialect dialect;
    struct ht_rpc_exchange *exchanges;
};

struct ht_rpc_call {
    struct ht_rpc_exchange *exchange; /* NULL: nobody waits for the answer any more */
    struct ht_rpc_call *next;         /* of the exchange's */
    json_t *id;                       /* NULL: a notification */
    size_t place;
};

/* The reply is built in full before a byte of it is written. */
struct ht_rpc_exchange {
    struct ht_rpc_exchange *next;
    struct ht_rpc *rpc;
    struct ht_rpc_asker asker;
    json_t *replies; /* an array: one for each request, in their order; null where none is due */
    struct ht_rpc_call *open;
    enum ht_err err; /* HT_ENOMEM: the reply cannot be built */
    bool is_batch;
    bool is_starting; /* some of its requests have not been looked at */
};

enum ht_err ht_rpc_new(struct ht_rpc **out, enum ht_rpc_dialect dialect) {
    struct ht_rpc *rpc = calloc(1, sizeof *rpc);
    if (rpc == NULL) return HT_ENOMEM;
    rpc->dialect = dialect;
    *out = rpc;
    return HT_OK;
}

void ht_rpc_free(struct ht_rpc *rpc) {
    if (rpc == NULL) return;
    while (rpc->exchanges != NULL) ht_rpc_abandon(rpc->exchanges);
    free(rpc);
}

static const struct method *find_method(const struct ht_rpc *rpc, const char *name) {
    for (size_t i = 0; i < rpc->method_count; i++) {
        if (strcmp(rpc->methods[i].is->name, name) == 0) return &rpc->methods[i];
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
    return strcmp(name, SUBSCRIBE) == 0 || strcmp(name, UNSUBSCRIBE) == 0 ||
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
        rpc->methods[rpc->method_count++] = (struct method){&table[i], self};
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

static enum ht_err check_result(const struct ht_rpc *rpc, json_t **value, struct ht_why *why) {
    bool is_any = rpc->dialect == HT_RPC_ETHEREUM;
    if (is_any ? *value != NULL : json_is_object(*value)) return HT_OK;
    json_decref(*value);
    *value = NULL;
    return ht_fail(why, HT_EBUG, "bad_result",
                   is_any ? "the answer is missing; this is our mistake"
                          : "the answer is not an object; this is our mistake");
}

static enum ht_err read_topic(const struct ht_rpc *rpc, json_t **value, unsigned topic,
                              struct ht_why *why) {
    *value = NULL;
    const struct topic *t = &rpc->topics[topic];
    enum ht_err err = t->getter(t->self, value, why);
    return err != HT_OK ? err : check_result(rpc, value, why);
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

static enum ht_err check_peer(const struct ht_rpc_exchange *x, struct ht_why *why) {
    if (x->asker.peer != NULL) return HT_OK;
    return ht_fail(why, HT_EDENIED, "no_push", "subscriptions need the websocket");
}

/* The values as of now and no push pending for them: nothing is missed and nothing comes twice. */
static enum ht_err subscribe(const struct ht_rpc_exchange *x, json_t **result, const json_t *params,
                             struct ht_why *why) {
    uint64_t bits;
    enum ht_err err = check_peer(x, why);
    if (err == HT_OK) err = read_topic_list(x->rpc, &bits, params, why);
    if (err != HT_OK) return err;
    json_t *values = json_object();
    for (unsigned i = 0; i < x->rpc->topic_count && err == HT_OK; i++) {
        if ((bits >> i & 1U) == 0) continue;
        json_t *value;
        err = read_topic(x->rpc, &value, i, why);
        if (err == HT_OK && json_object_set_new(values, x->rpc->topics[i].name, value) != 0)
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
    x->asker.peer->subscribed |= bits;
    x->asker.peer->dirty &= ~bits;
    *result = out;
    return HT_OK;
}

static enum ht_err unsubscribe(const struct ht_rpc_exchange *x, json_t **result,
                               const json_t *params, struct ht_why *why) {
    uint64_t bits;
    enum ht_err err = check_peer(x, why);
    if (err == HT_OK) err = read_topic_list(x->rpc, &bits, params, why);
    if (err != HT_OK) return err;
    json_t *out = json_object();
    if (out == NULL) return HT_ENOMEM;
    x->asker.peer->subscribed &= ~bits;
    x->asker.peer->dirty &= ~bits;
    *result = out;
    return HT_OK;
}

/* --- exchanges -------------------------------------------------------------------------------- */

static void unlink_exchange(struct ht_rpc_exchange *x) {
    struct ht_rpc_exchange **at = &x->rpc->exchanges;
    while (*at != x) at = &(*at)->next;
    *at = x->next;
}

/* Takes reply over, which is NULL when it cannot be built. */
static void put_reply(struct ht_rpc_exchange *x, size_t place, json_t *reply) {
    if (reply == NULL || json_array_set_new(x->replies, place, reply) != 0) x->err = HT_ENOMEM;
}

static void put_error(struct ht_rpc_exchange *x, size_t place, json_t *id, enum ht_err err,
                      struct ht_why *why) {
    put_reply(x, place, ht_rpc_reply_error(id, err, 0, why));
}

/* Appends the reply to a whole message, or nothing when none is due. */
static enum ht_err write_replies(const struct ht_rpc_exchange *x, struct ht_buf *out) {
    for (size_t i = json_array_size(x->replies); i-- > 0;) {
        if (json_is_null(json_array_get(x->replies, i))) (void)json_array_remove(x->replies, i);
    }
    if (json_array_size(x->replies) == 0) return HT_OK;
    return ht_rpc_reply_write(out, x->is_batch ? x->replies : json_array_get(x->replies, 0));
}

/* Answers and ends an exchange whose requests are all answered. */
static void settle(struct ht_rpc_exchange *x) {
    if (x->is_starting || x->open != NULL) return;
    const struct ht_rpc_asker asker = x->asker;
    struct ht_buf text;
    ht_buf_init(&text, asker.room + HT_RPC_REPLY_MAX);
    enum ht_err err = x->err;
    if (err == HT_OK && asker.room > 0 && ht_buf_reserve(&text, asker.room) == NULL)
        err = HT_ENOMEM;
    text.n = err == HT_OK ? asker.room : 0;
    if (err == HT_OK) err = write_replies(x, &text);
    if (err != HT_OK || text.n == asker.room) ht_buf_clear(&text);
    unlink_exchange(x);
    json_decref(x->replies);
    free(x);
    asker.on_reply(asker.user, err, &text);
    ht_buf_fini(&text);
}

/* Lets go of a call that is still its method's to end. */
static void disown(struct ht_rpc_call *call) {
    json_decref(call->id);
    call->id = NULL;
    call->exchange = NULL;
}

void ht_rpc_abandon(struct ht_rpc_exchange *x) {
    ht_assert(!x->is_starting);
    for (struct ht_rpc_call *call = x->open; call != NULL; call = call->next) disown(call);
    unlink_exchange(x);
    json_decref(x->replies);
    free(x);
}

void ht_rpc_expire(struct ht_rpc_exchange *x) {
    while (x->open != NULL) {
        struct ht_rpc_call *call = x->open;
        struct ht_why why = {0};
        x->open = call->next;
        enum ht_err err = ht_fail(&why, HT_EAGAIN, "timeout", "the answer took too long");
        if (call->id != NULL) put_error(x, call->place, call->id, err, &why);
        disown(call);
    }
    settle(x);
}

/* Ends a call with a reply, which is taken over; is_due is false for a notification. */
static void end_call(struct ht_rpc_call *call, bool is_due, json_t *reply) {
    struct ht_rpc_exchange *x = call->exchange;
    struct ht_rpc_call **at = &x->open;
    while (*at != call) at = &(*at)->next;
    *at = call->next;
    if (is_due) put_reply(x, call->place, reply);
    json_decref(call->id);
    free(call);
    settle(x);
}

static void tell_broken(enum ht_err err, const struct ht_why *why) {
    if (err == HT_EBUG) ht_log(HT_LOG_ERROR, "api", "a method broke its promise: %s", why->text);
}

void ht_rpc_finish(struct ht_rpc_call *call, json_t *result) {
    struct ht_why why = {0};
    if (call->exchange == NULL) {
        json_decref(result);
        free(call);
        return;
    }
    enum ht_err err = check_result(call->exchange->rpc, &result, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
    } else if (call->id == NULL) {
        json_decref(result);
        end_call(call, false, NULL);
    } else {
        end_call(call, true, ht_rpc_reply_make(call->id, "result", result));
    }
}

void ht_rpc_refuse(struct ht_rpc_call *call, enum ht_err err, const struct ht_why *why) {
    if (call->exchange == NULL) {
        free(call);
        return;
    }
    struct ht_why reason = why != NULL ? *why : (struct ht_why){0};
    tell_broken(err, &reason);
    bool is_due = call->id != NULL;
    end_call(call, is_due, is_due ? ht_rpc_reply_error(call->id, err, 0, &reason) : NULL);
}

/* --- requests --------------------------------------------------------------------------------- */

/* HT_OK, the error of the method, or HT_ENOTFOUND with the reason "no_method". */
static enum ht_err invoke(const struct ht_rpc_exchange *x, json_t **result, const char *name,
                          const json_t *params, struct ht_why *why) {
    struct ht_rpc *rpc = x->rpc;
    bool has_topics = rpc->dialect == HT_RPC_OWN;
    if (has_topics && strcmp(name, SUBSCRIBE) == 0) return subscribe(x, result, params, why);
    if (has_topics && strcmp(name, UNSUBSCRIBE) == 0) return unsubscribe(x, result, params, why);
    unsigned topic;
    if (ht_rpc_find_topic(rpc, &topic, name) == HT_OK) return read_topic(rpc, result, topic, why);
    const struct method *m = find_method(rpc, name);
    if (m == NULL) return ht_fail(why, HT_ENOTFOUND, "no_method", "there is no such method");
    *result = NULL;
    enum ht_err err = m->is->fn(m->self, result, params, why);
    return err != HT_OK ? err : check_result(rpc, result, why);
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

/* Hands a request to a method that answers when it can. */
static enum ht_err start_call(struct ht_rpc_exchange *x, size_t place, const struct method *m,
                              json_t *id, const json_t *params, struct ht_why *why) {
    if (!x->asker.may_wait) {
        return ht_fail(why, HT_EAGAIN, "too_many_calls",
                       "too many requests of this connection wait for their answers");
    }
    struct ht_rpc_call *call = calloc(1, sizeof *call);
    if (call == NULL) return HT_ENOMEM;
    *call =
        (struct ht_rpc_call){.exchange = x, .next = x->open, .id = json_incref(id), .place = place};
    x->open = call;
    m->is->start(m->self, call, params);
    return HT_OK;
}

static void answer_valid(struct ht_rpc_exchange *x, size_t place, const char *name, json_t *id,
                         const json_t *params) {
    struct ht_why why = {0};
    json_t *result = NULL;
    const struct method *m = find_method(x->rpc, name);
    bool is_later = m != NULL && m->is->start != NULL;
    enum ht_err err = is_later ? start_call(x, place, m, id, params, &why)
                               : invoke(x, &result, name, params, &why);
    tell_broken(err, &why);
    if (id == NULL || (is_later && err == HT_OK)) {
        if (err == HT_OK) json_decref(result);
    } else if (err == HT_OK) {
        put_reply(x, place, ht_rpc_reply_make(id, "result", result));
    } else {
        put_error(x, place, id, err, &why);
    }
}

static void answer_one(struct ht_rpc_exchange *x, size_t place, json_t *request) {
    struct ht_why why = {0};
    const char *name = NULL;
    json_t *id = json_object_get(request, "id");
    if (id != NULL && !is_good_id(id)) {
        enum ht_err bad =
            ht_fail(&why, HT_EINPUT, "bad_request",
                    "an id is a string of at most %u bytes, an integer or null", HT_RPC_ID_LEN_MAX);
        put_error(x, place, NULL, bad, &why);
        return;
    }
    enum ht_err err = check_request(request, &name, &why);
    if (err != HT_OK) {
        put_error(x, place, id, err, &why);
        return;
    }
    const json_t *params = ht_json_member(request, "params");
    json_t *none = params == NULL ? json_object() : NULL;
    if (params == NULL && none == NULL) {
        x->err = HT_ENOMEM;
    } else {
        answer_valid(x, place, name, id, params != NULL ? params : none);
    }
    json_decref(none);
}

/* Makes room for the reply to each of count requests. */
static void make_places(struct ht_rpc_exchange *x, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(x->replies, json_null()) != 0) x->err = HT_ENOMEM;
    }
}

static void answer_batch(struct ht_rpc_exchange *x, json_t *batch) {
    size_t count = json_array_size(batch);
    if (count == 0 || count > HT_RPC_BATCH_MAX) {
        struct ht_why why = {0};
        enum ht_err bad = ht_fail(&why, count == 0 ? HT_EINPUT : HT_ELIMIT, "bad_batch",
                                  "a batch has between 1 and %u requests", HT_RPC_BATCH_MAX);
        make_places(x, 1);
        put_reply(x, 0, ht_rpc_reply_error(NULL, bad, count == 0 ? -32600 : 0, &why));
        return;
    }
    x->is_batch = true;
    make_places(x, count);
    for (size_t i = 0; i < count && x->err == HT_OK; i++)
        answer_one(x, i, json_array_get(batch, i));
}

static void answer_message(struct ht_rpc_exchange *x, ht_bytes message) {
    struct ht_why why = {0};
    json_t *request = NULL;
    enum ht_err err = ht_json_parse(&request, message, HT_RPC_REQUEST_MAX, &why);
    if (err == HT_ENOMEM) {
        x->err = err;
    } else if (err != HT_OK) {
        make_places(x, 1);
        put_reply(x, 0, ht_rpc_reply_error(NULL, err, err == HT_ELIMIT ? 0 : -32700, &why));
    } else if (json_is_array(request)) {
        answer_batch(x, request);
    } else {
        make_places(x, 1);
        answer_one(x, 0, request);
    }
    json_decref(request);
}

struct ht_rpc_exchange *ht_rpc_handle(struct ht_rpc *rpc, const struct ht_rpc_asker *asker,
                                      ht_bytes message) {
    struct ht_buf nothing;
    struct ht_rpc_exchange *x = calloc(1, sizeof *x);
    json_t *replies = json_array();
    if (x == NULL || replies == NULL) {
        free(x);
        json_decref(replies);
        ht_buf_init(&nothing, 0);
        asker->on_reply(asker->user, HT_ENOMEM, &nothing);
        return NULL;
    }
    *x = (struct ht_rpc_exchange){.next = rpc->exchanges,
                                  .rpc = rpc,
                                  .asker = *asker,
                                  .replies = replies,
                                  .is_starting = true};
    rpc->exchanges = x;
    answer_message(x, message);
    x->is_starting = false;
    bool is_under_way = x->open != NULL;
    settle(x);
    return is_under_way ? x : NULL;
}

enum ht_err ht_rpc_push(const struct ht_rpc *rpc, struct ht_buf *out, unsigned topic,
                        struct ht_why *why) {
    json_t *value;
    enum ht_err err = read_topic(rpc, &value, topic, why);
    if (err != HT_OK) return err;
    json_t *push = ht_rpc_reply_push(rpc->topics[topic].name, value);
    err = push != NULL ? ht_json_dump_compact(out, push) : HT_ENOMEM;
    json_decref(push);
    return err;
}
