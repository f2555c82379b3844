/* Starting and stopping modules. */
#include "node/app/host.h"

size_t ht_hosted_migrations(struct ht_migration *list, size_t count, size_t max) {
    for (size_t i = 0; ht_modules[i] != NULL; i++) {
        for (size_t j = 0; j < ht_modules[i]->migration_count; j++) {
            ht_assert(count < max);
            list[count] = ht_modules[i]->migrations[j];
            list[count++].part = ht_modules[i]->name;
        }
    }
    return count;
}

static void publish(const struct ht_host *host, const char *topic) {
    struct ht_hosted *hosted = host->node;
    if (hosted->api != NULL) ht_api_publish(hosted->api, topic);
    /* What a module keeps, others may show: the wallet's keys. */
    if (!hosted->has_quit) ht_hosted_on_topic(hosted, topic);
}

static void notify_origin(const struct ht_host *host, const char *origin, const char *method,
                          json_t *params) {
    const struct ht_hosted *hosted = host->node;
    if (hosted->api != NULL) {
        ht_api_notify_origin(hosted->api, origin, method, params);
    } else {
        json_decref(params);
    }
}

static void offer_nostr_keys(const struct ht_host *host, const struct ht_nostr_keys *keys) {
    struct ht_hosted *hosted = host->node;
    hosted->nostr_keys = keys;
}

static const struct ht_nostr_keys *nostr_keys(const struct ht_host *host) {
    const struct ht_hosted *hosted = host->node;
    return hosted->nostr_keys;
}

static void offer_feed(const struct ht_host *host, const struct ht_feed *feed) {
    struct ht_hosted *hosted = host->node;
    hosted->feed = feed;
}

static const struct ht_feed *feed(const struct ht_host *host) {
    const struct ht_hosted *hosted = host->node;
    return hosted->feed;
}

static void offer_trust(const struct ht_host *host, const struct ht_trust *trust) {
    struct ht_hosted *hosted = host->node;
    hosted->trust = trust;
}

static void offer_wallet(const struct ht_host *host, const struct ht_wallet *wallet) {
    struct ht_hosted *hosted = host->node;
    hosted->wallet = wallet;
}

static const struct ht_wallet *wallet(const struct ht_host *host) {
    const struct ht_hosted *hosted = host->node;
    return hosted->wallet;
}

static void offer_near(const struct ht_host *host, const struct ht_near *near_nodes) {
    struct ht_hosted *hosted = host->node;
    hosted->near_nodes = near_nodes;
}

static const struct ht_near *near_nodes(const struct ht_host *host) {
    const struct ht_hosted *hosted = host->node;
    return hosted->near_nodes;
}

static bool chain_http(const struct ht_host *host, struct ht_door_http *http,
                       const ht_hash32 *node) {
    const struct ht_hosted *hosted = host->node;
    return hosted->near_serve != NULL && ht_near_serve_http(hosted->near_serve, http, node);
}

static const struct ht_trust *trust(const struct ht_host *host) {
    const struct ht_hosted *hosted = host->node;
    return hosted->trust;
}

static enum ht_err add_answers(struct ht_hosted *hosted, const struct ht_module *module,
                               void *self) {
    struct ht_api *api = hosted->api;
    enum ht_err err = ht_api_add_methods(api, module->methods, module->method_count, self);
    if (err == HT_OK) {
        err = ht_api_add_methods(api, module->more_methods, module->more_method_count, self);
    }
    for (size_t i = 0; err == HT_OK && i < module->topic_count; i++) {
        err = ht_api_add_topic(api, module->topics[i].name, module->topics[i].getter, self);
    }
    if (err == HT_OK) {
        err = ht_rpc_add_methods(ht_api_ethereum(api), module->ethereum, module->ethereum_count,
                                 self);
    }
    if (err == HT_OK && module->admit != NULL) ht_api_set_admit(api, module->admit, self);
    if (err == HT_OK && module->sign_in != NULL) ht_api_set_sign_in(api, module->sign_in, self);
    if (err == HT_OK && module->door != NULL && hosted->door != NULL && !hosted->has_served) {
        hosted->has_served = true;
        ht_door_serve(hosted->door, module->door, self);
    }
    return err;
}

bool ht_hosted_has_door(void) {
    for (size_t i = 0; ht_modules[i] != NULL; i++) {
        if (ht_modules[i]->door != NULL) return true;
    }
    return false;
}

void ht_hosted_close_door(struct ht_hosted *hosted) {
    if (hosted->has_served) ht_door_serve(hosted->door, NULL, NULL);
    hosted->has_served = false;
    if (hosted->has_quit) return;
    hosted->has_quit = true;
    for (size_t i = hosted->started; i > 0; i--) {
        if (ht_modules[i - 1]->quit != NULL) ht_modules[i - 1]->quit(hosted->selves[i - 1]);
    }
}

enum ht_err ht_hosted_start(struct ht_hosted *hosted, struct ht_api *api, sqlite3 *db,
                            struct ht_why *why) {
    hosted->api = api;
    hosted->host.node = hosted;
    hosted->host.publish = publish;
    hosted->host.notify_origin = notify_origin;
    hosted->host.offer_nostr_keys = offer_nostr_keys;
    hosted->host.nostr_keys = nostr_keys;
    hosted->host.offer_feed = offer_feed;
    hosted->host.feed = feed;
    hosted->host.offer_trust = offer_trust;
    hosted->host.trust = trust;
    hosted->host.offer_wallet = offer_wallet;
    hosted->host.wallet = wallet;
    hosted->host.offer_near = offer_near;
    hosted->host.near_nodes = near_nodes;
    hosted->host.chain_http = chain_http;
    for (size_t i = 0; ht_modules[i] != NULL; i++) {
        const struct ht_module *module = ht_modules[i];
        ht_assert(i < HT_HOSTED_MAX);
        enum ht_err err = module->start == NULL
                              ? HT_OK
                              : module->start(&hosted->selves[i], &hosted->host, db, why);
        if (err != HT_OK) {
            ht_why_context(why, "%s", module->name);
            return err;
        }
        hosted->started = i + 1;
        err = add_answers(hosted, module, hosted->selves[i]);
        if (err != HT_OK) {
            return ht_fail(why, err, "api", "the methods of %s could not be added", module->name);
        }
    }
    return HT_OK;
}

void ht_hosted_on_topic(struct ht_hosted *hosted, const char *topic) {
    for (size_t i = 0; i < hosted->started; i++) {
        const struct ht_module *module = ht_modules[i];
        if (module->on_topic != NULL) module->on_topic(hosted->selves[i], topic);
    }
}

void ht_hosted_stop(struct ht_hosted *hosted) {
    ht_hosted_close_door(hosted);
    hosted->api = NULL;
    while (hosted->started > 0) {
        const struct ht_module *module = ht_modules[--hosted->started];
        if (module->stop != NULL) module->stop(hosted->selves[hosted->started]);
    }
}
