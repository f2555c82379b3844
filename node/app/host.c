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
    const struct ht_hosted *hosted = host->node;
    if (hosted->api != NULL) ht_api_publish(hosted->api, topic);
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

static enum ht_err add_answers(struct ht_hosted *hosted, const struct ht_module *module,
                               void *self) {
    struct ht_api *api = hosted->api;
    enum ht_err err = ht_api_add_methods(api, module->methods, module->method_count, self);
    for (size_t i = 0; err == HT_OK && i < module->topic_count; i++) {
        err = ht_api_add_topic(api, module->topics[i].name, module->topics[i].getter, self);
    }
    if (err == HT_OK) {
        err = ht_rpc_add_methods(ht_api_ethereum(api), module->ethereum, module->ethereum_count,
                                 self);
    }
    if (err == HT_OK && module->admit != NULL) ht_api_set_admit(api, module->admit, self);
    return err;
}

enum ht_err ht_hosted_start(struct ht_hosted *hosted, struct ht_api *api, sqlite3 *db,
                            struct ht_why *why) {
    hosted->api = api;
    hosted->host.node = hosted;
    hosted->host.publish = publish;
    hosted->host.notify_origin = notify_origin;
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
    hosted->api = NULL;
    while (hosted->started > 0) {
        const struct ht_module *module = ht_modules[--hosted->started];
        if (module->stop != NULL) module->stop(hosted->selves[hosted->started]);
    }
}
