/* Calls of contracts by the owner's accounts. */
#include "identity/wallet/contract_call.h"

#include <stdlib.h>

#include "node/base/hex.h"

struct calling {
    struct ht_rpc_call *call;
    json_t *more;
};

static bool is_awaited(void *user) {
    const struct calling *calling = user;
    return ht_rpc_call_is_awaited(calling->call);
}

static void on_sent(void *user, enum ht_err err, const struct ht_why *why, json_t *hash) {
    struct calling *calling = user;
    if (err == HT_OK) {
        json_t *result = calling->more != NULL ? json_incref(calling->more) : json_object();
        if (json_object_set_new(result, "hash", hash) != 0) {
            json_decref(result);
            result = NULL;
        }
        ht_rpc_finish(calling->call, result);
    } else {
        ht_rpc_refuse(calling->call, err, why);
    }
    json_decref(calling->more);
    free(calling);
}

static json_t *transaction(const ht_addr20 *from, const ht_addr20 *to, ht_bytes data) {
    char sender[HT_HEX_SIZE(20)], contract[HT_HEX_SIZE(20)];
    char *input = malloc(HT_HEX_SIZE(data.n));
    if (input == NULL) return NULL;
    ht_hex_write(sender, HT_BYTES(from->b));
    ht_hex_write(contract, HT_BYTES(to->b));
    ht_hex_write(input, data);
    json_t *json = json_pack("{s:s, s:s, s:s}", "from", sender, "to", contract, "data", input);
    free(input);
    return json;
}

void ht_contract_call(struct ht_identity *identity, struct ht_rpc_call *call, const ht_addr20 *from,
                      const ht_addr20 *to, ht_bytes data, json_t *more) {
    ht_contract_call_gas(identity, call, from, to, data, 0, more);
}

void ht_contract_call_gas(struct ht_identity *identity, struct ht_rpc_call *call,
                          const ht_addr20 *from, const ht_addr20 *to, ht_bytes data, uint64_t gas,
                          json_t *more) {
    struct calling *calling = calloc(1, sizeof *calling);
    json_t *params = transaction(from, to, data);
    bool is_made = calling != NULL && params != NULL;
    if (is_made && gas != 0)
        is_made = json_object_set_new(params, "gas", json_integer((json_int_t)gas)) == 0;
    if (!is_made) {
        free(calling);
        json_decref(params);
        json_decref(more);
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    *calling = (struct calling){call, more};
    const struct ht_sign_options options = {.kind = HT_SIGN_TRANSACTION,
                                            .origin = ht_rpc_call_origin(call),
                                            .params = params,
                                            .account = *from,
                                            .is_own_form = true,
                                            .sends = true,
                                            .done = on_sent,
                                            .is_awaited = is_awaited,
                                            .user = calling};
    struct ht_sign_request *request;
    ht_sign(identity, &request, &options);
    json_decref(params);
}
