/* JSON-RPC to the node's unix socket, one request at a time. */
#include "node/app/client.h"

#include <stdio.h>
#include <string.h>

#include "node/app/node.h"
#include "node/codec/json.h"
#include "node/net/http.h"

#define ANSWER_MAX (4U * 1024 * 1024)
#define ANSWER_TIMEOUT_MS 5000
#define PROVEN_TIMEOUT_MS 60000
#define REQUEST_MAX 262144U

static enum ht_err read_reply(json_t **result, ht_bytes body, struct ht_why *why) {
    json_t *reply = NULL;
    enum ht_err err = ht_json_parse(&reply, body, ANSWER_MAX, why);
    if (err != HT_OK) return err;
    json_t *value = json_object_get(reply, "result");
    const json_t *error = json_object_get(reply, "error");
    const char *message = json_string_value(json_object_get(error, "message"));
    const json_t *data = json_object_get(error, "data");
    const char *kind = json_string_value(json_object_get(data, "kind"));
    const char *said = json_string_value(json_object_get(data, "code"));
    static _Thread_local char code[64]; /* of the last refusal */
    if (value != NULL) {
        *result = json_incref(value);
    } else {
        (void)snprintf(code, sizeof code, "%s", said != NULL ? said : "refused");
        err = ht_fail(why, kind != NULL ? ht_err_by_name(kind) : HT_EDENIED, code, "%s",
                      message != NULL ? message : "refused");
    }
    json_decref(reply);
    return err;
}

static enum ht_err call(json_t **result, const struct ht_config *config, ht_bytes request,
                        int64_t timeout_ms, struct ht_why *why) {
    char socket[sizeof config->data_dir + 32];
    enum ht_err err = ht_config_path(socket, sizeof socket, config, HT_NODE_SOCKET, why);
    if (err != HT_OK) return err;
    struct ht_http_options options = {
        .url = "http://localhost/api",
        .unix_socket = socket,
        .content_type = "application/json",
        .body = request,
        .max_bytes = ANSWER_MAX,
        .timeout_ms = timeout_ms,
    };
    struct ht_http_answer answer;
    struct ht_buf body;
    ht_buf_init(&body, ANSWER_MAX);
    ht_http_fetch(&answer, &body, &options);
    if (answer.err != HT_OK) {
        err = ht_fail(why, HT_ENET, "not_running", "no node is running for %s", config->data_dir);
    } else {
        err = read_reply(result, answer.body, why);
    }
    ht_buf_fini(&body);
    return err;
}

enum ht_err ht_client_call(json_t **result, const struct ht_config *config, const char *method,
                           struct ht_why *why) {
    char request[200];
    (void)snprintf(request, sizeof request, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\"}",
                   method);
    return call(result, config, ht_bytes_str(request), ANSWER_TIMEOUT_MS, why);
}

enum ht_err ht_client_call_with(json_t **result, const struct ht_config *config, const char *method,
                                const json_t *params, struct ht_why *why) {
    return ht_client_call_within(result, config, method, params, PROVEN_TIMEOUT_MS, why);
}

enum ht_err ht_client_call_within(json_t **result, const struct ht_config *config,
                                  const char *method, const json_t *params, int64_t timeout_ms,
                                  struct ht_why *why) {
    struct ht_buf request;
    ht_buf_init(&request, REQUEST_MAX);
    json_t *json = json_pack("{s:s, s:i, s:s, s:O}", "jsonrpc", "2.0", "id", 1, "method", method,
                             "params", params);
    enum ht_err err = json != NULL ? ht_json_dump_compact(&request, json) : HT_ENOMEM;
    if (err == HT_OK) {
        err = call(result, config, ht_buf_view(&request), timeout_ms, why);
    } else {
        err = ht_fail(why, err, "bad_request", "the question cannot be written");
    }
    json_decref(json);
    ht_buf_fini(&request);
    return err;
}
