/* JSON-RPC 2.0 dispatch. This file knows requests and the table of methods; it leaves exchanges and
 * how calls end to rpc_call.c, topics to rpc_topic.c, the JSON of replies to rpc_reply.c, sockets,
 * sessions, time and when to push to the server, and what a method does to its module. */
#include "node/api/rpc.h"

#include <stdlib.h>

#include "node/api/rpc_call.h"
#include "node/api/rpc_reply.h"
#include "node/api/rpc_topic.h"
#include "node/codec/json.h"

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

static const struct ht_rpc_entry *find_method(const struct ht_rpc *rpc, const char *name) {
    for (size_t i = 0; i < rpc->method_count; i++) {
        if (strcmp(rpc->methods[i].is->name, name) == 0) return &rpc->methods[i];
    }
    return NULL;
}

bool ht_rpc_is_taken(const struct ht_rpc *rpc, const char *name) {
    unsigned topic;
    return strcmp(name, HT_RPC_SUBSCRIBE) == 0 || strcmp(name, HT_RPC_UNSUBSCRIBE) == 0 ||
           find_method(rpc, name) != NULL || ht_rpc_find_topic(rpc, &topic, name) == HT_OK;
}

enum ht_err ht_rpc_add_methods(struct ht_rpc *rpc, const struct ht_rpc_method *table, size_t count,
                               void *self) {
    if (count > HT_RPC_METHODS_MAX - rpc->method_count) return HT_ELIMIT;
    size_t before = rpc->method_count;
    for (size_t i = 0; i < count; i++) {
        if (ht_rpc_is_taken(rpc, table[i].name)) {
            rpc->method_count = before;
            return HT_EBUG;
        }
        rpc->methods[rpc->method_count++] = (struct ht_rpc_entry){&table[i], self};
    }
    return HT_OK;
}

void ht_rpc_set_admit(struct ht_rpc *rpc, ht_rpc_admit admit, void *self) {
    ht_assert(rpc->dialect == HT_RPC_ETHEREUM);
    rpc->admit = admit;
    rpc->admit_self = self;
}

/* --- requests --------------------------------------------------------------------------------- */

/* A request whose form is right. */
struct request {
    size_t place;
    json_t *id; /* NULL: a notification */
    const char *method;
    bool wants_provenance;
};

/* HT_OK, the error of the method, or HT_ENOTFOUND with the reason "no_method". */
static enum ht_err invoke(const struct ht_rpc_exchange *x, const struct ht_rpc_entry *m,
                          json_t **result, const char *name, const json_t *params,
                          struct ht_why *why) {
    struct ht_rpc *rpc = x->rpc;
    bool has_topics = rpc->dialect == HT_RPC_OWN;
    if (has_topics && strcmp(name, HT_RPC_SUBSCRIBE) == 0)
        return ht_rpc_subscribe(x, result, params, why);
    if (has_topics && strcmp(name, HT_RPC_UNSUBSCRIBE) == 0)
        return ht_rpc_unsubscribe(x, result, params, why);
    unsigned topic;
    if (ht_rpc_find_topic(rpc, &topic, name) == HT_OK)
        return ht_rpc_read_topic(rpc, result, topic, why);
    if (m == NULL) return ht_fail(why, HT_ENOTFOUND, "no_method", "there is no such method");
    *result = NULL;
    enum ht_err err = m->is->fn(m->self, result, params, why);
    return err != HT_OK ? err : ht_rpc_check_result(rpc, result, why);
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
static enum ht_err start_call(struct ht_rpc_exchange *x, const struct ht_rpc_entry *m,
                              const struct request *request, const json_t *params,
                              struct ht_why *why) {
    if (!x->asker.may_wait) {
        return ht_fail(why, HT_EAGAIN, "too_many_calls",
                       "too many requests of this connection wait for their answers");
    }
    const char *origin = x->asker.origin;
    size_t size = origin != NULL ? strlen(origin) + 1 : 0;
    struct ht_rpc_call *call = calloc(1, sizeof *call + size);
    if (call == NULL) return HT_ENOMEM;
    *call = (struct ht_rpc_call){.exchange = x,
                                 .next = x->open,
                                 .id = json_incref(request->id),
                                 .place = request->place,
                                 .wants_provenance = request->wants_provenance,
                                 .is_patient = m->is->is_patient,
                                 .has_origin = origin != NULL};
    if (origin != NULL) memcpy(call->origin, origin, size);
    x->open = call;
    m->is->start(m->self, call, params);
    return HT_OK;
}

/* HT_OK, or the reason why whoever asks may not. */
static enum ht_err check_admission(const struct ht_rpc_exchange *x, const char *method,
                                   struct ht_why *why) {
    const char *origin = x->asker.origin;
    if (x->rpc->admit == NULL || origin == NULL || *origin == '\0') return HT_OK;
    return x->rpc->admit(x->rpc->admit_self, origin, method, why);
}

static void answer_valid(struct ht_rpc_exchange *x, const struct request *request,
                         const json_t *params) {
    struct ht_why why = {0};
    enum ht_err denied = check_admission(x, request->method, &why);
    if (denied != HT_OK) {
        if (request->id == NULL) return;
        const int unauthorized = 4100; /* EIP-1193 */
        ht_rpc_put_reply(x, request->place,
                         ht_rpc_reply_error(request->id, denied, unauthorized, &why));
        return;
    }
    json_t *result = NULL;
    const struct ht_rpc_entry *m = find_method(x->rpc, request->method);
    bool is_later = m != NULL && m->is->start != NULL;
    enum ht_err err = is_later ? start_call(x, m, request, params, &why)
                               : invoke(x, m, &result, request->method, params, &why);
    ht_rpc_tell_broken(err, &why);
    if (request->id == NULL || (is_later && err == HT_OK)) {
        if (err == HT_OK) json_decref(result);
    } else if (err == HT_OK) {
        ht_rpc_put_reply(x, request->place, ht_rpc_reply_make(request->id, "result", result));
    } else {
        ht_rpc_put_error(x, request->place, request->id, err, &why);
    }
}

static void answer_one(struct ht_rpc_exchange *x, size_t place, json_t *request) {
    struct ht_why why = {0};
    json_t *id = json_object_get(request, "id");
    struct request valid = {.place = place, .id = id};
    if (id != NULL && !is_good_id(id)) {
        enum ht_err bad =
            ht_fail(&why, HT_EINPUT, "bad_request",
                    "an id is a string of at most %u bytes, an integer or null", HT_RPC_ID_LEN_MAX);
        ht_rpc_put_error(x, place, NULL, bad, &why);
        return;
    }
    enum ht_err err = check_request(request, &valid.method, &why);
    if (err != HT_OK) {
        ht_rpc_put_error(x, place, id, err, &why);
        return;
    }
    const json_t *params = ht_json_member(request, "params");
    json_t *none = params == NULL ? json_object() : NULL;
    if (params == NULL && none == NULL) {
        x->err = HT_ENOMEM;
    } else {
        valid.wants_provenance = x->rpc->dialect == HT_RPC_ETHEREUM &&
                                 json_is_true(ht_json_member(request, "provenance"));
        answer_valid(x, &valid, params != NULL ? params : none);
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
        ht_rpc_put_reply(x, 0, ht_rpc_reply_error(NULL, bad, count == 0 ? -32600 : 0, &why));
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
    size_t max =
        x->rpc->dialect == HT_RPC_ETHEREUM ? HT_RPC_ETHEREUM_REQUEST_MAX : HT_RPC_REQUEST_MAX;
    enum ht_err err = ht_json_parse(&request, message, max, &why);
    if (err == HT_ENOMEM) {
        x->err = err;
    } else if (err != HT_OK) {
        make_places(x, 1);
        ht_rpc_put_reply(x, 0, ht_rpc_reply_error(NULL, err, err == HT_ELIMIT ? 0 : -32700, &why));
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
    size_t origin_size = asker->origin != NULL ? strlen(asker->origin) + 1 : 0;
    struct ht_rpc_exchange *x = calloc(1, sizeof *x + origin_size);
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
    if (origin_size > 0) x->asker.origin = memcpy(x->origin, asker->origin, origin_size);
    rpc->exchanges = x;
    answer_message(x, message);
    x->is_starting = false;
    bool is_under_way = x->open != NULL;
    ht_rpc_settle(x);
    return is_under_way ? x : NULL;
}
