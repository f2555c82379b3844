/* Fuzzes the JSON-RPC dispatch, with methods that answer at once and methods that answer later, in
 * both dialects: any message gets one reply that is JSON, or none, unless it was given up. Methods
 * notify the peer that called them, and answer with provenance. */
#include <stdlib.h>

#include "node/api/rpc.h"
#include "node/base/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned gone_count;
static unsigned sent_count;
static struct ht_rpc_watch watch;
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
    struct ht_rpc_peer *peer = ht_rpc_call_peer(call);
    const struct ht_rpc_refusal refusal = {
        .err = HT_ENET, .number = -1, .message = "words", .data = NULL};
    if (peer->watches == NULL) ht_rpc_watch(peer, &watch);
    ht_assert(ht_rpc_notify(peer, "note", json_pack("{s:O}", "params", params)) == HT_OK);
    if (json_array_size(params) == 1) {
        ht_rpc_refuse(call, HT_ESTALE, NULL);
    } else if (json_array_size(params) == 2) {
        ht_rpc_finish(call, json_pack("{s:O}", "params", params));
    } else if (json_array_size(params) == 3) {
        ht_rpc_finish_unproven(call, json_pack("{s:O}", "params", params), json_object());
    } else if (json_array_size(params) == 4) {
        ht_rpc_refuse_with(call, &refusal);
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

static enum ht_err admit(void *self, const char *origin, const char *method, struct ht_why *why) {
    (void)self;
    ht_assert(strcmp(origin, "https://app.example") == 0);
    return strcmp(method, "t.later") == 0 ? HT_OK : ht_fail(why, HT_EDENIED, "no", "%s", method);
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

static enum ht_err on_send(struct ht_rpc_peer *peer, struct ht_buf *text) {
    (void)peer;
    sent_count++;
    json_t *value = json_loadb((const char *)text->p, text->n, JSON_ALLOW_NUL, NULL);
    ht_assert(json_is_object(value) && json_object_get(value, "id") == NULL);
    json_decref(value);
    ht_buf_fini(text);
    return HT_OK;
}

static void on_gone(struct ht_rpc_watch *watched) {
    ht_assert(watched == &watch);
    gone_count++;
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
            bool wants = ht_rpc_call_wants_provenance(calls[i]);
            ht_rpc_finish_proven(calls[i], json_pack("{}"), wants ? json_object() : NULL);
        }
    }
    call_count = 0;
    ht_assert(reply_count == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct ht_rpc *own;
    static struct ht_rpc *ethereum;
    if (own == NULL) own = make_rpc(HT_RPC_OWN);
    if (ethereum == NULL) {
        ethereum = make_rpc(HT_RPC_ETHEREUM);
        ht_rpc_set_admit(ethereum, admit, NULL);
    }
    struct ht_rpc_peer peer = {.bytes_max = HT_RPC_ETHEREUM_REPLY_MAX, .send = on_send};
    watch = (struct ht_rpc_watch){.on_gone = on_gone};
    gone_count = sent_count = 0;
    static const char *const origins[] = {NULL, "", "https://app.example"};
    const struct ht_rpc_asker asker = {.peer = &peer,
                                       .origin = origins[size % 3],
                                       .may_wait = size % 7 != 0,
                                       .on_reply = on_reply};
    reply_count = 0;
    end(ht_rpc_handle(own, &asker, ht_bytes_of(data, size)), size);
    ht_assert((peer.subscribed & ~UINT64_C(3)) == 0 && peer.dirty == 0);
    reply_count = 0;
    end(ht_rpc_handle(ethereum, &asker, ht_bytes_of(data, size)), size);
    ht_rpc_peer_gone(&peer);
    ht_assert(gone_count == (sent_count > 0 ? 1 : 0));
    return 0;
}
