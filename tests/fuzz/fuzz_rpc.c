/* Fuzzes the JSON-RPC dispatch, with methods that answer at once and methods that answer later, in
 * both dialects: any message gets one reply that is JSON, or none, unless it was given up. */
#include <stdlib.h>

#include "node/api/rpc.h"
#include "node/base/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ht_rpc_call *calls[HT_RPC_BATCH_MAX];
static size_t call_count;
static unsigned reply_count;

static enum ht_err echo(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    (void)self;
    if (json_is_array(params)) return ht_fail(why, HT_EINPUT, "no_array", "name the parameters");
    *result = json_pack("{s:O}", "params", params);
    return *result != NULL ? HT_OK : HT_ENOMEM;
}

static void later(void *self, struct ht_rpc_call *call, const json_t *params) {
    (void)self;
    if (json_array_size(params) == 1) {
        ht_rpc_refuse(call, HT_ESTALE, NULL);
    } else if (json_array_size(params) == 2) {
        ht_rpc_finish(call, json_pack("{s:O}", "params", params));
    } else {
        calls[call_count++] = call;
    }
}

static enum ht_err get_value(void *self, json_t **value, struct ht_why *why) {
    (void)self;
    (void)why;
    *value = json_pack("{s:i}", "n", 1);
    return *value != NULL ? HT_OK : HT_ENOMEM;
}

static struct ht_rpc *make_rpc(enum ht_rpc_dialect dialect) {
    static const struct ht_rpc_method methods[] = {
        {.name = "t.echo", .fn = echo},
        {.name = "t.later", .start = later},
    };
    struct ht_rpc *rpc;
    ht_log_set_level(HT_LOG_ERROR);
    ht_assert(ht_rpc_new(&rpc, dialect) == HT_OK);
    ht_assert(ht_rpc_add_methods(rpc, methods, 2, NULL) == HT_OK);
    if (dialect == HT_RPC_ETHEREUM) return rpc;
    ht_assert(ht_rpc_add_topic(rpc, "t.a", get_value, NULL) == HT_OK);
    ht_assert(ht_rpc_add_topic(rpc, "t.b", get_value, NULL) == HT_OK);
    return rpc;
}

static void on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    (void)user;
    ht_assert(err == HT_OK);
    reply_count++;
    if (text->n == 0) return;
    json_t *value = json_loadb((const char *)text->p, text->n, JSON_ALLOW_NUL, NULL);
    ht_assert(json_is_object(value) || json_array_size(value) > 0);
    json_decref(value);
}

/* What ends the exchange is taken from the size of the message: the methods, time or the door. */
static void end(struct ht_rpc_exchange *exchange, size_t how) {
    bool is_over = exchange == NULL;
    if (!is_over && how % 4 == 1) {
        ht_rpc_expire(exchange);
    } else if (!is_over && how % 4 == 2) {
        ht_rpc_abandon(exchange);
        reply_count++;
    } else {
        ht_assert(is_over == (call_count == 0));
    }
    for (size_t i = 0; i < call_count; i++) {
        ht_assert((reply_count == 0) == (!is_over && how % 4 != 1 && how % 4 != 2));
        if ((how + i) % 3 == 0) {
            ht_rpc_refuse(calls[i], HT_ENET, NULL);
        } else {
            ht_rpc_finish(calls[i], json_pack("{}"));
        }
    }
    call_count = 0;
    ht_assert(reply_count == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct ht_rpc *own;
    static struct ht_rpc *ethereum;
    if (own == NULL) own = make_rpc(HT_RPC_OWN);
    if (ethereum == NULL) ethereum = make_rpc(HT_RPC_ETHEREUM);
    struct ht_rpc_peer peer = {0};
    const struct ht_rpc_asker asker = {
        .peer = &peer, .may_wait = size % 7 != 0, .on_reply = on_reply};
    reply_count = 0;
    end(ht_rpc_handle(own, &asker, ht_bytes_of(data, size)), size);
    ht_assert((peer.subscribed & ~UINT64_C(3)) == 0 && peer.dirty == 0);
    reply_count = 0;
    end(ht_rpc_handle(ethereum, &asker, ht_bytes_of(data, size)), size);
    return 0;
}
