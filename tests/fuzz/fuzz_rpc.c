/* Fuzzes the JSON-RPC dispatch: any message gets a reply that is JSON, or none. */
#include <stdlib.h>

#include "node/api/rpc.h"
#include "node/base/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum ht_err echo(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    (void)self;
    if (json_is_array(params)) return ht_fail(why, HT_EINPUT, "no_array", "name the parameters");
    *result = json_pack("{s:O}", "params", params);
    return *result != NULL ? HT_OK : HT_ENOMEM;
}

static enum ht_err get_value(void *self, json_t **value, struct ht_why *why) {
    (void)self;
    (void)why;
    *value = json_pack("{s:i}", "n", 1);
    return *value != NULL ? HT_OK : HT_ENOMEM;
}

static struct ht_rpc *make_rpc(void) {
    static const struct ht_rpc_method methods[] = {{"t.echo", echo}};
    struct ht_rpc *rpc;
    ht_log_set_level(HT_LOG_ERROR);
    ht_assert(ht_rpc_new(&rpc) == HT_OK);
    ht_assert(ht_rpc_add_methods(rpc, methods, 1, NULL) == HT_OK);
    ht_assert(ht_rpc_add_topic(rpc, "t.a", get_value, NULL) == HT_OK);
    ht_assert(ht_rpc_add_topic(rpc, "t.b", get_value, NULL) == HT_OK);
    return rpc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct ht_rpc *rpc;
    if (rpc == NULL) rpc = make_rpc();
    struct ht_rpc_peer peer = {0};
    struct ht_buf reply;
    ht_buf_init(&reply, 65536);
    ht_assert(ht_rpc_handle(rpc, &reply, &peer, ht_bytes_of(data, size)) == HT_OK);
    ht_assert((peer.subscribed & ~UINT64_C(3)) == 0 && peer.dirty == 0);
    if (reply.n > 0) {
        json_t *value = json_loadb((const char *)reply.p, reply.n, JSON_ALLOW_NUL, NULL);
        ht_assert(json_is_object(value) || json_array_size(value) > 0);
        json_decref(value);
    }
    ht_buf_fini(&reply);
    return 0;
}
