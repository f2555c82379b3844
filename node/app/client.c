/* JSON-RPC to the node's unix socket, one request at a time. */
#include "node/app/client.h"

#include <stdio.h>
#include <string.h>

#include "node/app/node.h"
#include "node/codec/json.h"
#include "node/net/http.h"

#define ANSWER_MAX (4U * 1024 * 1024)
#define ANSWER_TIMEOUT_MS 5000

static enum ht_err read_reply(json_t **result, ht_bytes body, struct ht_why *why) {
    json_t *reply = NULL;
    enum ht_err err = ht_json_parse(&reply, body, ANSWER_MAX, why);
    if (err != HT_OK) return err;
    json_t *value = json_object_get(reply, "result");
    const char *message =
        json_string_value(json_object_get(json_object_get(reply, "error"), "message"));
    if (value != NULL) {
        *result = json_incref(value);
    } else {
        err = ht_fail(why, HT_EDENIED, "refused", "%s", message != NULL ? message : "refused");
    }
    json_decref(reply);
    return err;
}

enum ht_err ht_client_call(json_t **result, const struct ht_config *config, const char *method,
                           struct ht_why *why) {
    char socket[sizeof config->data_dir + 32], request[200];
    enum ht_err err = ht_config_path(socket, sizeof socket, config, HT_NODE_SOCKET, why);
    if (err != HT_OK) return err;
    (void)snprintf(request, sizeof request, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\"}",
                   method);
    struct ht_http_options options = {
        .url = "http://localhost/api",
        .unix_socket = socket,
        .content_type = "application/json",
        .body = ht_bytes_str(request),
        .max_bytes = ANSWER_MAX,
        .timeout_ms = ANSWER_TIMEOUT_MS,
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
