/* The API server's life: options, start, stop, and publishing. Doors are opened in
 * server_listen.c; requests go to server_http.c and server_ws.c. */
#include "node/api/server.h"

#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "node/api/server_answer.h"
#include "node/api/server_call.h"
#include "node/api/server_core.h"
#include "node/api/server_door.h"
#include "node/api/server_listen.h"
#include "node/api/server_sessions.h"
#include "node/api/server_ws.h"
#include "node/base/log.h"

#define URL_SIZE 128U

static void set_defaults(struct ht_api *api, const struct ht_api_options *options) {
    struct ht_api_options *o = &api->options;
    *o = *options;
    if (o->random == NULL) o->random = &ht_system_random;
    if (o->ping_s == 0) o->ping_s = 30;
    if (o->hangup_s == 0) o->hangup_s = 40;
    if (o->hangup_s <= o->ping_s) o->hangup_s = (uint16_t)(o->ping_s + 1);
    if (o->max_connections == 0) o->max_connections = HT_API_CONNECTIONS_MAX;
    if (o->max_per_address == 0) o->max_per_address = HT_API_PER_ADDRESS_MAX;
    if (o->reply_timeout_ms == 0) o->reply_timeout_ms = HT_API_REPLY_TIMEOUT_MS;
    if (o->patient_timeout_ms == 0) o->patient_timeout_ms = HT_API_PATIENT_TIMEOUT_MS;
    api->liveness.secs_since_valid_ping = o->ping_s;
    api->liveness.secs_since_valid_hangup = o->hangup_s;
}

static enum ht_err open_doors(struct ht_api *api, const struct ht_api_options *options,
                              struct ht_why *why) {
    enum ht_err err = ht_gate_init(&api->gate, api->options.random, options->token, why);
    if (err != HT_OK) return err;
    api->url = sodium_malloc(URL_SIZE);
    if (api->url == NULL || ht_rpc_new(&api->rpc, HT_RPC_OWN) != HT_OK ||
        ht_rpc_new(&api->ethereum, HT_RPC_ETHEREUM) != HT_OK || ht_api_add_sessions(api) != HT_OK)
        return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the API server");
    uint16_t port;
    err = ht_api_listen_tcp(api, &port, why);
    if (err != HT_OK) return err;
    ht_gate_set_port(&api->gate, port);
    (void)snprintf(api->url, URL_SIZE, "http://127.0.0.1:%u/#token=%s", port, api->gate.token);
    if (options->unix_socket_path == NULL) return HT_OK;
    return ht_api_listen_unix(api, options->unix_socket_path, why);
}

enum ht_err ht_api_new(struct ht_api **out, struct ht_loop *loop,
                       const struct ht_api_options *options, struct ht_why *why) {
    struct ht_api *api = calloc(1, sizeof *api);
    if (api == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the API server");
    api->loop = loop;
    api->refs = 1;
    set_defaults(api, options);
    ht_api_set_headers(api);
    enum ht_err err = open_doors(api, options, why);
    api->options.token = NULL;
    api->options.unix_socket_path = NULL;
    if (err != HT_OK) {
        ht_api_free(api);
        return err;
    }
    *out = api;
    return HT_OK;
}

void ht_api_free(struct ht_api *api) {
    if (api == NULL) return;
    api->is_closing = true;
    for (struct ht_api_conn *c = api->conns; c != NULL; c = c->next) {
        ht_api_call_abandon(c);
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    }
    if (api->unix_vhost != NULL) lws_vhost_destroy(api->unix_vhost);
    if (api->tcp != NULL) lws_vhost_destroy(api->tcp);
    ht_api_unref(api);
}

enum ht_err ht_api_add_methods(struct ht_api *api, const struct ht_rpc_method *table, size_t count,
                               void *self) {
    return ht_rpc_add_methods(api->rpc, table, count, self);
}

enum ht_err ht_api_add_topic(struct ht_api *api, const char *name, ht_rpc_getter getter,
                             void *self) {
    return ht_rpc_add_topic(api->rpc, name, getter, self);
}

struct ht_rpc *ht_api_ethereum(struct ht_api *api) {
    return api->ethereum;
}

void ht_api_publish(struct ht_api *api, const char *name) {
    unsigned topic;
    ht_assert(ht_rpc_find_topic(api->rpc, &topic, name) == HT_OK);
    for (struct ht_api_conn *c = api->conns; c != NULL; c = c->next) ht_api_ws_mark(c, topic);
}

void ht_api_set_admit(struct ht_api *api, ht_rpc_admit admit, void *self) {
    api->admit = admit;
    api->admit_self = self;
    ht_rpc_set_admit(api->ethereum, admit, self);
    if (admit != NULL) return;
    for (struct ht_api_conn *c = api->conns; c != NULL; c = c->next) {
        if (!c->is_foreign_socket) continue;
        ht_api_ws_close(c);
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    }
}

void ht_api_set_sign_in(struct ht_api *api, const struct ht_sign_in_way *way, void *self) {
    api->way = way;
    api->way_self = self;
}

static bool is_same_origin(const char *one, const char *other) {
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

void ht_api_notify_origin(struct ht_api *api, const char *origin, const char *method,
                          json_t *params) {
    for (struct ht_api_conn *c = api->conns; c != NULL; c = c->next) {
        if (!c->is_ethereum || !c->ws.is_open || !is_same_origin(ht_api_origin(c), origin))
            continue;
        enum ht_err err = ht_api_ws_notify(c, method, json_incref(params));
        if (err != HT_OK) ht_log(HT_LOG_DEBUG, "api", "not notified: %s", ht_err_name(err));
    }
    json_decref(params);
}

void ht_api_set_door(struct ht_api *api, struct ht_door *door) {
    char origin[128];
    const char *url = door != NULL ? ht_door_url(door) : "";
    api->door = door;
    if (strncmp(url, "ws://", 5) != 0) return;
    /* A door that listens everywhere is looked at from this computer. */
    bool is_any_v4 = strncmp(url + 5, "0.0.0.0:", 8) == 0;
    bool is_any_v6 = strncmp(url + 5, "[::]:", 5) == 0;
    const char *host = is_any_v4 ? "127.0.0.1" : is_any_v6 ? "[::1]" : "";
    (void)snprintf(origin, sizeof origin, "http://%s%s", host,
                   host[0] != '\0' ? strrchr(url, ':') : url + 5);
    ht_api_set_media_origin(api, origin);
}

const char *ht_api_url(const struct ht_api *api) {
    return api->url;
}

struct ht_api_counts ht_api_counts(const struct ht_api *api) {
    struct ht_api_counts counts = api->counts;
    counts.connections = api->tcp_count + api->unix_count;
    return counts;
}
