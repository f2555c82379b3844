/* The JSON of replies and pushes: JSON-RPC 2.0 §5, and the numbers of EIP-1474 for errors. What is
 * asked and who answers is rpc.c's. */
#include "node/api/rpc_reply.h"

#include "node/codec/json.h"

static int error_number(enum ht_err err, const char *code) {
    if (strcmp(code, HT_RPC_NOT_PROVEN) == 0) return -32004;
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

json_t *ht_rpc_reply_make(json_t *id, const char *key, json_t *value) {
    json_t *reply = json_object();
    int failed = json_object_set_new(reply, "jsonrpc", json_string("2.0"));
    failed |= id != NULL ? json_object_set(reply, "id", id)
                         : json_object_set_new(reply, "id", json_null());
    failed |= json_object_set_new(reply, key, value);
    if (failed == 0) return reply;
    json_decref(reply);
    return NULL;
}

json_t *ht_rpc_reply_error(json_t *id, enum ht_err err, int number, struct ht_why *why) {
    if (why->code == NULL) (void)ht_fail(why, err, ht_err_name(err), "%s", ht_err_name(err));
    if (number == 0) number = error_number(err, why->code);
    json_t *data = json_object();
    int failed = json_object_set_new(data, "code", json_string(why->code));
    failed |= json_object_set_new(data, "kind", json_string(ht_err_name(err)));
    json_t *error = json_object();
    failed |= json_object_set_new(error, "code", json_integer(number));
    failed |= json_object_set_new(error, "message", text_value(why));
    failed |= json_object_set_new(error, "data", data);
    if (failed == 0) return ht_rpc_reply_make(id, "error", error);
    json_decref(error);
    return NULL;
}

json_t *ht_rpc_reply_notification(const char *method, json_t *params) {
    json_t *message = json_object();
    int failed = json_object_set_new(message, "jsonrpc", json_string("2.0"));
    failed |= json_object_set_new(message, "method", json_string(method));
    failed |= json_object_set_new(message, "params", params);
    if (failed == 0) return message;
    json_decref(message);
    return NULL;
}

json_t *ht_rpc_reply_push(const char *topic, json_t *value) {
    json_t *params = json_object();
    int failed = json_object_set_new(params, "topic", json_string(topic));
    failed |= json_object_set_new(params, "value", value);
    if (failed == 0) return ht_rpc_reply_notification("push", params);
    json_decref(params);
    return NULL;
}

enum ht_err ht_rpc_reply_write(struct ht_buf *out, const json_t *reply) {
    enum ht_err err = ht_json_dump_compact(out, reply);
    if (err == HT_OK || err == HT_ENOMEM) return err;
    struct ht_why why = {0};
    (void)ht_fail(&why, err, err == HT_ELIMIT ? "reply_too_large" : "bad_result",
                  err == HT_ELIMIT ? "the answer is too large; ask for less"
                                   : "the answer cannot be written; this is our mistake");
    json_t *error = ht_rpc_reply_error(json_object_get(reply, "id"), err, 0, &why);
    if (error == NULL) return HT_ENOMEM;
    err = ht_json_dump_compact(out, error);
    json_decref(error);
    return err;
}
