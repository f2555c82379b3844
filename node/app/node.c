/* Putting the parts of the node together. */
#include "node/app/node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/api/eth.h"
#include "node/api/server.h"
#include "node/app/version.h"
#include "node/base/log.h"
#include "node/codec/json.h"
#include "node/l1/state.h"
#include "node/l1/status.h"
#include "node/l1/sync.h"

#define WORKERS 2U
#define WORK_QUEUE 64U
#define PROGRESS_EVERY_MS 2000

struct ht_node {
    struct ht_config config;
    struct ht_datadir *dir;
    struct ht_loop *loop;
    struct ht_pool *pool;
    struct ht_http *http;
    struct ht_writer *writer;
    struct ht_sync *sync;
    struct ht_asker *asker;
    struct ht_state *state;
    struct ht_api *api;
    struct ht_eth eth;
    struct ht_timer progress;
    int64_t started_ms;
    uint64_t told_done; /* periods, in the last progress line */
};

/* --- api -------------------------------------------------------------------------------------- */

static enum ht_err node_info(void *self, json_t **result, const json_t *params,
                             struct ht_why *why) {
    const struct ht_node *node = self;
    (void)params;
    *result = json_pack("{s:s, s:s, s:s, s:s, s:I, s:i}", "version", ht_version(), "commit",
                        ht_version_commit(), "network", node->config.network.name, "data_dir",
                        node->config.data_dir, "started_ms", (json_int_t)node->started_ms, "pid",
                        (int)getpid());
    return *result != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err l1_trust_again(void *self, json_t **result, const json_t *params,
                                  struct ht_why *why) {
    struct ht_node *node = self;
    const char *provider;
    enum ht_err err = ht_json_text(&provider, params, "provider", why);
    if (err == HT_OK) err = ht_sync_trust_again(node->sync, provider, why);
    return err == HT_OK ? ht_l1_providers_json(node->sync, result, why) : err;
}

struct account_call {
    struct ht_account_read read;
    struct ht_rpc_call *call;
};

static void account_read(struct ht_account_read *read) {
    struct account_call *account = (struct account_call *)read;
    json_t *result = NULL;
    enum ht_err err = read->err;
    if (err == HT_OK) err = ht_state_account_json(&result, read, &read->why);
    if (err == HT_OK) {
        ht_rpc_finish(account->call, result);
    } else {
        ht_rpc_refuse(account->call, err, &read->why);
    }
    ht_buf_fini(&read->code);
    free(account);
}

static enum ht_err read_account_params(struct ht_account_read *read, const json_t *params,
                                       struct ht_why *why) {
    const char *tag = "latest";
    enum ht_err err = ht_json_hex(read->address.b, sizeof read->address.b, params, "address", why);
    if (err == HT_OK && ht_json_member(params, "block") != NULL) {
        err = ht_json_text(&tag, params, "block", why);
    }
    if (err != HT_OK) return err;
    bool is_final = strcmp(tag, "finalized") == 0;
    if (!is_final && strcmp(tag, "latest") != 0) {
        return ht_fail(why, HT_EINPUT, "json_value", "block is latest or finalized");
    }
    read->tag = is_final ? HT_TAG_FINALIZED : HT_TAG_LATEST;
    if (ht_json_member(params, "code") != NULL) {
        err = ht_json_bool(&read->wants_code, params, "code", why);
    }
    const json_t *slots = NULL;
    if (err == HT_OK && ht_json_member(params, "slots") != NULL) {
        err = ht_json_array(&slots, params, "slots", why);
    }
    if (err == HT_OK && json_array_size(slots) > HT_STATE_SLOTS_MAX) {
        err = ht_fail(why, HT_ELIMIT, "too_many_slots", "at most %u slots", HT_STATE_SLOTS_MAX);
    }
    for (size_t i = 0; err == HT_OK && i < json_array_size(slots); i++) {
        err = ht_json_hex(read->slots[i].b, 32, json_array_get(slots, i), "", why);
        read->slot_count++;
    }
    return err;
}

static void l1_account(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_node *node = self;
    struct ht_why why = {0};
    struct account_call *account = calloc(1, sizeof *account);
    enum ht_err err = account != NULL ? read_account_params(&account->read, params, &why)
                                      : ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        free(account);
        return;
    }
    account->call = call;
    account->read.done = account_read;
    ht_state_read_account(node->state, &account->read);
}

static const struct ht_rpc_method methods[] = {
    {.name = "node.info", .fn = node_info},
    {.name = "l1.trust_again", .fn = l1_trust_again},
    {.name = "l1.account", .start = l1_account},
};

static enum ht_err add_api(struct ht_node *node, struct ht_why *why) {
    char socket[sizeof node->config.data_dir + 32];
    enum ht_err err = ht_config_path(socket, sizeof socket, &node->config, HT_NODE_SOCKET, why);
    if (err != HT_OK) return err;
    struct ht_api_options options = {
        .port = (uint16_t)node->config.port,
        .unix_socket_path = socket,
        .assets = ht_assets,
        .network = node->config.network.name,
        .version = ht_version(),
    };
    err = ht_api_new(&node->api, node->loop, &options, why);
    if (err != HT_OK) return err;
    err = ht_api_add_methods(node->api, methods, sizeof methods / sizeof *methods, node);
    node->eth = (struct ht_eth){.sync = node->sync, .state = node->state, .version = ht_version()};
    if (err == HT_OK) err = ht_eth_add(ht_api_ethereum(node->api), &node->eth);
    static const struct {
        const char *name;
        ht_rpc_getter getter;
    } topics[] = {
        {"l1.status", ht_l1_status_json},
        {"l1.providers", ht_l1_providers_json},
        {"l1.slots", ht_l1_slots_json},
        {"l1.head_ages", ht_l1_head_ages_json},
    };
    for (size_t i = 0; err == HT_OK && i < sizeof topics / sizeof *topics; i++) {
        err = ht_api_add_topic(node->api, topics[i].name, topics[i].getter, node->sync);
    }
    if (err != HT_OK) (void)ht_fail(why, err, "api", "the API could not be set up");
    return err;
}

/* --- progress --------------------------------------------------------------------------------- */

static void on_change(void *user, const char *topic) {
    struct ht_node *node = user;
    if (node->api != NULL) ht_api_publish(node->api, topic);
    bool is_new_head = strcmp(topic, "l1.slots") == 0;
    if (is_new_head && node->state != NULL) ht_state_on_head(node->state);
}

static void tell_progress(struct ht_timer *timer) {
    struct ht_node *node = (struct ht_node *)((char *)timer - offsetof(struct ht_node, progress));
    json_t *status = NULL;
    if (ht_sync_step(node->sync) == HT_SYNC_COMMITTEES &&
        ht_l1_status_json(node->sync, &status, NULL) == HT_OK) {
        const json_t *sync = json_object_get(status, "sync");
        long long done = json_integer_value(json_object_get(sync, "done"));
        long long left_ms = json_integer_value(json_object_get(sync, "left_ms"));
        if ((uint64_t)done != node->told_done) {
            ht_log(HT_LOG_INFO, "sync", "%lld of %lld periods, %lld a minute, %lld s left", done,
                   (long long)json_integer_value(json_object_get(sync, "total")),
                   (long long)json_integer_value(json_object_get(sync, "per_minute")),
                   left_ms / 1000);
            node->told_done = (uint64_t)done;
        }
    }
    json_decref(status);
    ht_timer_set(node->loop, timer, PROGRESS_EVERY_MS, tell_progress);
}

/* --- life ------------------------------------------------------------------------------------- */

/* Opens the database, lets the driver read what was kept, then gives it to the writer thread. */
static enum ht_err open_store(struct ht_node *node, struct ht_why *why) {
    char path[sizeof node->config.data_dir + 32];
    sqlite3 *db = NULL;
    enum ht_err err = ht_datadir_open(&node->dir, node->config.data_dir, why);
    if (err == HT_OK) err = ht_config_path(path, sizeof path, &node->config, HT_NODE_DATABASE, why);
    if (err == HT_OK) err = ht_db_open(&db, path, ht_sync_migrations, ht_sync_migration_count, why);
    if (err == HT_OK) err = ht_writer_new(&node->writer, node->loop, db, why);
    return err;
}

static enum ht_err add_sync(struct ht_node *node, struct ht_why *why) {
    char path[sizeof node->config.data_dir + 32];
    sqlite3 *reader = NULL;
    const struct ht_config *config = &node->config;
    struct ht_sync_host host = {
        .loop = node->loop,
        .pool = node->pool,
        .http = node->http,
        .writer = node->writer,
        .clock = &ht_system_clock,
        .random = &ht_system_random,
        .on_change = on_change,
        .user = node,
    };
    struct ht_sync_options options = {
        .network = &config->network,
        .beacon_urls = (const char *const *)config->beacon.list,
        .beacon_count = config->beacon.count,
        .checkpoint_urls = (const char *const *)config->checkpoint.list,
        .checkpoint_count = config->checkpoint.count,
        .checkpoint_quorum = config->checkpoint_quorum,
        .has_checkpoint = config->has_checkpoint,
        .checkpoint = config->checkpoint_root,
        .accept_old_checkpoint = config->accept_old_checkpoint,
    };
    enum ht_err err = ht_config_path(path, sizeof path, config, HT_NODE_DATABASE, why);
    if (err == HT_OK) err = ht_db_open_reader(&reader, path, why);
    if (err == HT_OK) err = ht_sync_new(&node->sync, &host, &options, reader, why);
    ht_db_close(reader);
    return err;
}

static void on_providers_change(void *user) {
    on_change(user, "l1.providers");
}

/* The execution providers stand in one list with the others: one score, one page to see them on. */
static enum ht_err add_state(struct ht_node *node, struct ht_why *why) {
    struct ht_providers *providers = ht_sync_providers(node->sync);
    const struct ht_config_urls *urls = &node->config.execution;
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < urls->count; i++) {
        err = ht_providers_add(providers, HT_PROVIDER_EXECUTION, urls->list[i], why);
        if (err != HT_OK) ht_why_context(why, "execution provider %zu of the list", i + 1);
    }
    if (err != HT_OK) return err;
    err = ht_asker_new(&node->asker, node->loop, node->pool, node->http, providers,
                       on_providers_change, node);
    if (err == HT_OK) err = ht_state_new(&node->state, node->sync, node->asker);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "no_memory", "out of memory");
}

/* Leaves the address where `hearth status` finds it: in the owner's directory, readable by them. */
static enum ht_err write_url(const struct ht_node *node, struct ht_why *why) {
    char path[sizeof node->config.data_dir + 32];
    enum ht_err err = ht_config_path(path, sizeof path, &node->config, HT_NODE_URL_FILE, why);
    if (err != HT_OK) return err;
    const char *url = ht_api_url(node->api);
    (void)unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_done = fd >= 0 && write(fd, url, strlen(url)) == (ssize_t)strlen(url);
    int reason = errno;
    if (fd >= 0) (void)close(fd);
    if (is_done) return HT_OK;
    return ht_fail(why, HT_ESTORE, "data_dir_unusable", "cannot write %.120s: %s", path,
                   strerror(reason));
}

static void remove_url(const struct ht_node *node) {
    char path[sizeof node->config.data_dir + 32];
    if (ht_config_path(path, sizeof path, &node->config, HT_NODE_URL_FILE, NULL) == HT_OK) {
        (void)unlink(path);
    }
}

/* Takes over a copy of the settings; the caller's stays valid. */
static enum ht_err copy_config(struct ht_config *out, const struct ht_config *config,
                               struct ht_why *why) {
    *out = *config;
    const struct ht_config_urls *from[] = {&config->beacon, &config->checkpoint,
                                           &config->execution};
    struct ht_config_urls *to[] = {&out->beacon, &out->checkpoint, &out->execution};
    for (size_t list = 0; list < 3; list++) to[list]->count = 0;
    for (size_t list = 0; list < 3; list++) {
        for (size_t i = 0; i < from[list]->count; i++) {
            char *copy = strdup(from[list]->list[i]);
            if (copy == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
            to[list]->list[to[list]->count++] = copy;
        }
    }
    return HT_OK;
}

enum ht_err ht_node_new(struct ht_node **out, const struct ht_config *config, struct ht_why *why) {
    struct ht_node *node = calloc(1, sizeof *node);
    if (node == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    node->started_ms = ht_wall_ms(&ht_system_clock);
    enum ht_err err = copy_config(&node->config, config, why);
    if (err == HT_OK && node->config.beacon.count == 0) {
        err = ht_fail(why, HT_EINPUT, "no_provider",
                      "no beacon provider is known for %s: give one with --beacon URL",
                      node->config.network.name);
    }
    if (err == HT_OK) err = ht_loop_new(&node->loop, &ht_system_clock, why);
    if (err == HT_OK) err = open_store(node, why);
    if (err == HT_OK) err = ht_pool_new(&node->pool, node->loop, WORKERS, WORK_QUEUE, why);
    char user_agent[64];
    (void)snprintf(user_agent, sizeof user_agent, "hearth/%s", ht_version());
    if (err == HT_OK) err = ht_http_new(&node->http, node->loop, user_agent, why);
    if (err == HT_OK) err = add_sync(node, why);
    if (err == HT_OK) err = add_state(node, why);
    if (err == HT_OK) err = add_api(node, why);
    if (err == HT_OK) err = write_url(node, why);
    if (err != HT_OK) {
        ht_node_free(node);
        return err;
    }
    *out = node;
    return HT_OK;
}

const char *ht_node_url(const struct ht_node *node) {
    return ht_api_url(node->api);
}

void ht_node_run(struct ht_node *node) {
    ht_sync_start(node->sync);
    ht_timer_set(node->loop, &node->progress, PROGRESS_EVERY_MS, tell_progress);
    ht_loop_run(node->loop);
    ht_timer_cancel(&node->progress);
}

void ht_node_stop(struct ht_node *node) {
    ht_loop_stop(node->loop);
}

void ht_node_free(struct ht_node *node) {
    if (node == NULL) return;
    if (node->api != NULL) {
        remove_url(node);
        ht_api_free(node->api);
    }
    node->api = NULL;
    if (node->sync != NULL) ht_sync_stop(node->sync);
    ht_asker_stop(node->asker);
    if (node->pool != NULL) ht_pool_free(node->pool);
    if (node->loop != NULL) ht_loop_drain(node->loop); /* what the workers finished */
    if (node->writer != NULL) ht_writer_free(node->writer);
    if (node->loop != NULL) ht_loop_drain(node->loop); /* what the writer committed */
    ht_asker_free(node->asker);                        /* ends the questions that state asked */
    ht_state_free(node->state);
    ht_sync_free(node->sync);
    if (node->http != NULL) ht_http_free(node->http);
    if (node->loop != NULL) ht_loop_free(node->loop);
    if (node->dir != NULL) ht_datadir_close(node->dir);
    ht_config_free(&node->config);
    free(node);
}
