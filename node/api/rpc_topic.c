/* Topics: named values with getters, and which of them a peer has subscribed to. */
#include "node/api/rpc_topic.h"

#include "node/api/rpc_reply.h"
#include "node/codec/json.h"

enum ht_err ht_rpc_find_topic(const struct ht_rpc *rpc, unsigned *topic, const char *name) {
    for (unsigned i = 0; i < rpc->topic_count; i++) {
        if (strcmp(rpc->topics[i].name, name) != 0) continue;
        *topic = i;
        return HT_OK;
    }
    return HT_ENOTFOUND;
}

enum ht_err ht_rpc_add_topic(struct ht_rpc *rpc, const char *name, ht_rpc_getter getter,
                             void *self) {
    if (rpc->topic_count == HT_RPC_TOPICS_MAX) return HT_ELIMIT;
    if (ht_rpc_is_taken(rpc, name)) return HT_EBUG;
    rpc->topics[rpc->topic_count++] = (struct ht_rpc_topic){name, getter, self};
    return HT_OK;
}

enum ht_err ht_rpc_check_result(const struct ht_rpc *rpc, json_t **value, struct ht_why *why) {
    bool is_any = rpc->dialect == HT_RPC_ETHEREUM;
    if (is_any ? *value != NULL : json_is_object(*value)) return HT_OK;
    json_decref(*value);
    *value = NULL;
    return ht_fail(why, HT_EBUG, "bad_result",
                   is_any ? "the answer is missing; this is our mistake"
                          : "the answer is not an object; this is our mistake");
}

enum ht_err ht_rpc_read_topic(const struct ht_rpc *rpc, json_t **value, unsigned topic,
                              struct ht_why *why) {
    *value = NULL;
    const struct ht_rpc_topic *t = &rpc->topics[topic];
    enum ht_err err = t->getter(t->self, value, why);
    return err != HT_OK ? err : ht_rpc_check_result(rpc, value, why);
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
enum ht_err ht_rpc_subscribe(const struct ht_rpc_exchange *x, json_t **result, const json_t *params,
                             struct ht_why *why) {
    uint64_t bits;
    enum ht_err err = check_peer(x, why);
    if (err == HT_OK) err = read_topic_list(x->rpc, &bits, params, why);
    if (err != HT_OK) return err;
    json_t *values = json_object();
    for (unsigned i = 0; i < x->rpc->topic_count && err == HT_OK; i++) {
        if ((bits >> i & 1U) == 0) continue;
        json_t *value;
        err = ht_rpc_read_topic(x->rpc, &value, i, why);
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

enum ht_err ht_rpc_unsubscribe(const struct ht_rpc_exchange *x, json_t **result,
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

enum ht_err ht_rpc_push(const struct ht_rpc *rpc, struct ht_buf *out, unsigned topic,
                        struct ht_why *why) {
    json_t *value;
    enum ht_err err = ht_rpc_read_topic(rpc, &value, topic, why);
    if (err != HT_OK) return err;
    json_t *push = ht_rpc_reply_push(rpc->topics[topic].name, value);
    err = push != NULL ? ht_json_dump_compact(out, push) : HT_ENOMEM;
    json_decref(push);
    return err;
}
