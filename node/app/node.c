/* Putting the parts of the node together. */
#include "node/app/node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/api/eth.h"
#include "node/api/server.h"
#include "node/app/host.h"
#include "node/app/near_peers.h"
#include "node/app/proven_api.h"
#include "node/app/version.h"
#include "node/base/log.h"
#include "node/l1/light_kept_sql.h"
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
    struct ht_reader *kept_reader;
    struct ht_light_kept *kept;
    struct ht_sync *sync;
    struct ht_proven proven;
    struct ht_signer *signer;
    struct ht_hosted hosted;
    unsigned confined; /* bits of enum ht_confined */
    struct ht_api *api;
    struct ht_door *door;
    struct ht_links *links;
    struct ht_eth eth;
    struct ht_near_serve *near_serve;
    struct ht_near_peers near_peers;
    struct ht_timer progress;
    int64_t started_ms;
    uint64_t told_done; /* periods, in the last progress line */
};

/* --- api -------------------------------------------------------------------------------------- */

static json_t *confined_json(unsigned confined) {
    json_t *list = json_array();
    for (unsigned bit = 1; bit != 0 && bit <= confined; bit <<= 1) {
        if ((confined & bit) == 0) continue;
        json_array_append_new(list, json_string(ht_confined_name((enum ht_confined)bit)));
    }
    return list;
}

static enum ht_err node_info(void *self, json_t **result, const json_t *params,
                             struct ht_why *why) {
    const struct ht_node *node = self;
    (void)params;
    *result = json_pack("{s:s, s:s, s:s, s:s, s:I, s:i, s:o}", "version", ht_version(), "commit",
                        ht_version_commit(), "network", node->config.network.name, "data_dir",
                        node->config.data_dir, "started_ms", (json_int_t)node->started_ms, "pid",
                        (int)getpid(), "confined", confined_json(node->confined));
    return *result != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err door_info(void *self, json_t **result, const json_t *params,
                             struct ht_why *why) {
    const struct ht_node *node = self;
    (void)params;
    *result = ht_door_json(node->door);
    if (*result != NULL) {
        json_object_set_new(*result, "links", json_integer(ht_links_count(node->links)));
        json_object_set_new(*result, "links_open", json_integer(ht_links_open_count(node->links)));
    }
    return *result != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static const struct ht_rpc_method methods[] = {
    {.name = "node.info", .fn = node_info},
    {.name = "node.door", .fn = door_info},
};

static void on_session(void *user, const char *topic) {
    struct ht_node *node = user;
    ht_hosted_on_topic(&node->hosted, topic);
}

/* A usual port that another node has is no reason not to run; one that was asked for is. */
static enum ht_err add_door(struct ht_node *node, struct ht_why *why) {
    const struct ht_config *config = &node->config;
    struct ht_door_options options = {
        .is_closed = config->is_relay_off || !ht_hosted_has_door(),
        .address = config->relay_listen,
        .port = (uint16_t)config->relay_port,
        .names = (const char *const *)config->relay_host.list,
        .name_count = config->relay_host.count,
    };
    enum ht_err err = ht_links_new(&node->links, node->loop, node->pool, &ht_system_random);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "out of memory");
    err = ht_door_new(&node->door, node->loop, &options, why);
    if (err != HT_EAGAIN || config->is_relay_port_given) return err;
    ht_log(HT_LOG_WARN, "relay", "%s; it is at the port of the UI only", why->text);
    options.is_closed = true;
    return ht_door_new(&node->door, node->loop, &options, why);
}

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
        .on_session = on_session,
        .user = node,
    };
    err = ht_api_new(&node->api, node->loop, &options, why);
    if (err != HT_OK) return err;
    err = ht_api_add_methods(node->api, methods, sizeof methods / sizeof *methods, node);
    if (err == HT_OK) err = ht_proven_api_add(node->api, &node->proven);
    ht_api_set_door(node->api, node->door);
    node->eth = (struct ht_eth){.sync = node->sync,
                                .chain = node->proven.chain,
                                .blocks = node->proven.blocks,
                                .state = node->proven.state,
                                .runner = node->proven.runner,
                                .outbox = node->proven.outbox,
                                .asker = node->proven.asker,
                                .version = ht_version(),
                                .unverified = node->config.unverified.list,
                                .unverified_count = node->config.unverified.count};
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
    if (strcmp(topic, "l1.status") == 0 && node->api != NULL) ht_eth_on_status(&node->eth);
    if (node->api != NULL) ht_hosted_on_topic(&node->hosted, topic);
    if (strcmp(topic, "l1.slots") != 0) return;
    ht_proven_on_head(&node->proven);
    if (node->api != NULL) ht_api_publish(node->api, "l1.cache");
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

/* Append-only: a new table's migrations go behind all others, and a new step of an old table too.
 */
size_t ht_node_migrations(struct ht_migration *out, size_t max) {
    const struct {
        const struct ht_migration *list;
        size_t count;
    } parts[] = {
        {ht_sync_migrations, ht_sync_migration_count},
        {ht_evidence_migrations, ht_evidence_migration_count},
        {ht_outbox_migrations, ht_outbox_migration_count},
        {ht_light_kept_migrations, ht_light_kept_migration_count},
    };
    size_t n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        for (size_t j = 0; j < parts[i].count; j++) {
            ht_assert(n < max);
            out[n++] = parts[i].list[j];
        }
    }
    return ht_hosted_migrations(out, n, max);
}

/* Opens the database, lets the driver read what was kept, then gives it to the writer thread. */
static enum ht_err open_store(struct ht_node *node, struct ht_why *why) {
    char path[sizeof node->config.data_dir + 32];
    sqlite3 *db = NULL;
    struct ht_migration migrations[HT_NODE_MIGRATIONS_MAX];
    size_t count = ht_node_migrations(migrations, sizeof migrations / sizeof *migrations);
    enum ht_err err = ht_config_path(path, sizeof path, &node->config, HT_NODE_DATABASE, why);
    if (err == HT_OK) err = ht_db_open(&db, path, migrations, count, why);
    if (err == HT_OK) err = ht_writer_new(&node->writer, node->loop, db, why);
    return err;
}

static enum ht_err add_kept(struct ht_node *node, const char *path, sqlite3 *db,
                            struct ht_why *why) {
    enum ht_err err = ht_reader_new(&node->kept_reader, node->pool, path, why);
    return err == HT_OK ? ht_light_kept_new(&node->kept, &node->config.network, node->writer,
                                            node->kept_reader, db, why)
                        : err;
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
    if (err == HT_OK) err = add_kept(node, path, reader, why);
    host.kept = node->kept;
    if (err == HT_OK) err = ht_sync_new(&node->sync, &host, &options, reader, why);
    ht_db_close(reader);
    return err;
}

static enum ht_err add_proven(struct ht_node *node, struct ht_why *why) {
    char path[sizeof node->config.data_dir + 32];
    enum ht_err err = ht_config_path(path, sizeof path, &node->config, HT_NODE_DATABASE, why);
    if (err != HT_OK) return err;
    struct ht_proven_host host = {
        .config = &node->config,
        .loop = node->loop,
        .pool = node->pool,
        .http = node->http,
        .writer = node->writer,
        .path = path,
        .sync = node->sync,
        .on_change = on_change,
        .user = node,
    };
    return ht_proven_init(&node->proven, &host, why);
}

/* Before the modules, which are the door to it; what it answers from is there already. */
static enum ht_err add_near(struct ht_node *node, struct ht_why *why) {
    const struct ht_near_serve_host host = {
        .kept = node->kept,
        .eth = &node->eth,
        .cache = node->proven.cache_reader,
        .clock = &ht_system_clock,
    };
    enum ht_err err = ht_near_serve_new(&node->near_serve, &host);
    node->hosted.near_serve = node->near_serve;
    return err == HT_OK ? HT_OK : ht_fail(why, err, "no_memory", "out of memory");
}

static enum ht_err add_modules(struct ht_node *node, struct ht_why *why) {
    char path[sizeof node->config.data_dir + 32];
    sqlite3 *db = NULL;
    struct ht_proven *proven = &node->proven;
    node->hosted.host = (struct ht_host){
        .clock = &ht_system_clock,
        .random = &ht_system_random,
        .loop = node->loop,
        .pool = node->pool,
        .writer = node->writer,
        .reader = proven->reader,
        .network = &node->config.network,
        .data_dir = node->config.data_dir,
        .sync = node->sync,
        .chain = proven->chain,
        .blocks = proven->blocks,
        .state = proven->state,
        .runner = proven->runner,
        .outbox = proven->outbox,
        .signer = node->signer,
        .links = node->links,
        .http = node->http,
        .door = node->door,
        .has_peer_port = node->config.is_peer_port_given,
        .peer_port = (uint16_t)node->config.peer_port,
        .peer_address = node->config.peer_address[0] != '\0' ? node->config.peer_address : NULL,
    };
    node->hosted.door = node->door;
    enum ht_err err = ht_config_path(path, sizeof path, &node->config, HT_NODE_DATABASE, why);
    if (err == HT_OK) err = ht_db_open_reader(&db, path, why);
    if (err == HT_OK) err = ht_hosted_start(&node->hosted, node->api, db, why);
    ht_db_close(db);
    if (err == HT_OK) err = ht_eth_add_keyless(ht_api_ethereum(node->api), &node->eth);
    if (err == HT_OK) {
        ht_near_peers_start(&node->near_peers, node->sync, proven->evidence,
                            node->hosted.near_nodes);
    }
    return err;
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
    const struct ht_config_urls *from[] = {&config->beacon, &config->checkpoint, &config->execution,
                                           &config->unverified, &config->relay_host};
    struct ht_config_urls *to[] = {&out->beacon, &out->checkpoint, &out->execution,
                                   &out->unverified, &out->relay_host};
    for (size_t list = 0; list < 5; list++) to[list]->count = 0;
    for (size_t list = 0; list < 5; list++) {
        for (size_t i = 0; i < from[list]->count; i++) {
            char *copy = strdup(from[list]->list[i]);
            if (copy == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
            to[list]->list[to[list]->count++] = copy;
        }
    }
    return HT_OK;
}

enum ht_err ht_node_new(struct ht_node **out, const struct ht_config *config,
                        const struct ht_signer_process *signer, struct ht_why *why) {
    struct ht_node *node = calloc(1, sizeof *node);
    if (node == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    node->started_ms = ht_wall_ms(&ht_system_clock);
    enum ht_err err = copy_config(&node->config, config, why);
    if (err == HT_OK && node->config.beacon.count == 0 && !node->config.has_no_providers) {
        err = ht_fail(why, HT_EINPUT, "no_provider",
                      "no beacon provider is known for %s: give one with --beacon URL",
                      node->config.network.name);
    }
    if (err == HT_OK) err = ht_datadir_open(&node->dir, node->config.data_dir, why);
    /* Before any thread: each has to be confined by what made it. */
    if (err == HT_OK) node->confined = ht_confine_node(node->config.data_dir);
    if (err == HT_OK) err = ht_loop_new(&node->loop, &ht_system_clock, why);
    if (err == HT_OK) err = ht_signer_new(&node->signer, node->loop, signer, why);
    if (err == HT_OK) err = open_store(node, why);
    if (err == HT_OK) err = ht_pool_new(&node->pool, node->loop, WORKERS, WORK_QUEUE, why);
    char user_agent[64];
    (void)snprintf(user_agent, sizeof user_agent, "hearth/%s", ht_version());
    if (err == HT_OK) err = ht_http_new(&node->http, node->loop, user_agent, why);
    if (err == HT_OK) err = add_sync(node, why);
    if (err == HT_OK) err = add_proven(node, why);
    if (err == HT_OK) err = add_door(node, why);
    if (err == HT_OK) err = add_api(node, why);
    if (err == HT_OK) err = add_near(node, why);
    if (err == HT_OK) err = add_modules(node, why);
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
    ht_near_peers_stop(&node->near_peers);
    ht_hosted_close_door(&node->hosted);
    if (node->api != NULL) {
        remove_url(node);
        ht_api_free(node->api);
    }
    node->api = NULL;
    ht_door_free(node->door);
    ht_links_stop(node->links);
    if (node->sync != NULL) ht_sync_stop(node->sync);
    ht_reader_stop(node->kept_reader);
    ht_proven_stop(&node->proven);
    ht_signer_free(node->signer); /* what it was asked last is answered when the loop drains */
    if (node->pool != NULL) ht_pool_free(node->pool);
    if (node->loop != NULL) ht_loop_drain(node->loop); /* what the workers finished */
    ht_reader_free(node->kept_reader); /* readers go before the writer closes the file */
    ht_proven_end_writers(&node->proven);
    if (node->writer != NULL) ht_writer_free(node->writer);
    if (node->loop != NULL) ht_loop_drain(node->loop); /* what the writers committed */
    ht_proven_end_questions(&node->proven);
    ht_eth_fini(&node->eth);
    ht_hosted_stop(&node->hosted);
    ht_near_serve_free(node->near_serve); /* doors of modules are closed now */
    ht_proven_free(&node->proven);
    ht_sync_free(node->sync);
    ht_light_kept_free(node->kept);
    ht_links_free(node->links);
    if (node->http != NULL) ht_http_free(node->http);
    if (node->loop != NULL) ht_loop_free(node->loop);
    if (node->dir != NULL) ht_datadir_close(node->dir);
    ht_config_free(&node->config);
    free(node);
}
