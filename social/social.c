/* The social module: its file, its relay at the door, its methods put together. */
#include "social/social.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "node/base/log.h"
#include "node/codec/json.h"
#include "social/bunker/bunker.h"
#include "social/bunker/bunker_sql.h"
#include "social/client_sql.h"
#include "social/feed/feed_service.h"
#include "social/feed/profile.h"
#include "social/kinds.h"
#include "social/links/nip05.h"
#include "social/links/nip05_sql.h"
#include "social/links/peers.h"
#include "social/media/media.h"
#include "social/media/media_sql.h"
#include "social/mesh/mesh_methods.h"
#include "social/mesh/mesh_service.h"
#include "social/mesh/mesh_sql.h"
#include "social/messages/messages.h"
#include "social/messages/messages_sql.h"
#include "social/relay/keeper.h"
#include "social/relay/keeper_sql.h"
#include "social/relay/sets.h"
#include "social/relay/web.h"
#include "social/settings.h"
#include "social/upkeep.h"

#define MIGRATIONS_MAX 32U
#define PATH_SIZE 4200U
#define SETTLE_NS 1000000L /* between two looks whether the writer is through */

bool ht_social_owner(const struct ht_social *social, ht_hash32 *out) {
    const struct ht_nostr_keys *keys = social->host->nostr_keys(social->host);
    struct ht_nostr_key list[64];
    bool is_open;
    if (keys == NULL) return false;
    size_t count = keys->list(keys->self, list, 64, &is_open);
    if (count > 64) count = 64;
    for (size_t i = 0; social->has_chosen && i < count; i++) {
        if (!ht_hash32_equal(&list[i].pubkey, &social->chosen)) continue;
        *out = social->chosen;
        return true;
    }
    if (count == 0) return false;
    *out = list[0].pubkey;
    return true;
}

int64_t ht_social_now_s(const struct ht_social *social) {
    return ht_wall_ms(social->host->clock) / 1000;
}

/* --- the door --------------------------------------------------------------------------------- */

static bool send_text(void *user, void *connection, ht_bytes text) {
    (void)user;
    return ht_door_send(connection, text) == HT_OK;
}

static void hang_up(void *user, void *connection, const char *reason) {
    (void)user;
    ht_door_hang_up(connection, reason);
}

static size_t waiting(void *user, void *connection) {
    (void)user;
    return ht_door_waiting(connection);
}

static void hold(void *user, void *connection, bool is_held) {
    (void)user;
    ht_door_set_reading(connection, !is_held);
}

static void *opened(void *self, struct ht_door_conn *conn, const struct ht_door_caller *caller) {
    struct ht_social *social = self;
    if (social->is_stopped) return NULL;
    if (!caller->is_own && ht_keeper_is_blocked(social, caller->address)) return NULL;
    struct ht_relay_peer *peer = ht_relay_opened(social->relay, conn, caller->address);
    const bool is_page = caller->is_local && caller->origin[0] != '\0';
    if (peer != NULL && caller->is_own) {
        ht_relay_opened_own(peer);
    } else if (peer != NULL && is_page) {
        ht_relay_opened_page(peer);
    }
    if (peer == NULL) return NULL;
    struct ht_mesh_conn *opened_conn = ht_mesh_door_opened(
        social, conn, peer, caller->address, "plain", ht_mesh_lets_plain(social, caller));
    if (opened_conn == NULL) ht_relay_closed(peer);
    return opened_conn;
}

static void received(void *conn, ht_bytes text) {
    ht_mesh_door_received(conn, text);
}

static void drained(void *conn) {
    ht_relay_drained(ht_mesh_conn_relay(conn));
}

static void closed(void *conn) {
    struct ht_relay_peer *peer = ht_mesh_conn_relay(conn);
    ht_mesh_door_closed(conn);
    ht_relay_closed(peer);
}

static json_t *information(void *self) {
    const struct ht_social *social = self;
    return ht_mesh_information(social, ht_relay_information(social->relay));
}

static const struct ht_module_door DOOR = {
    .opened = opened,
    .received = received,
    .drained = drained,
    .closed = closed,
    .information = information,
    .http = ht_social_http,
};

/* --- news ------------------------------------------------------------------------------------- */

static bool names(const struct ht_event *event, const ht_hash32 *owner) {
    for (size_t i = 0; i < event->tag_count; i++) {
        const struct ht_event_tag *tag = &event->tags[i];
        ht_hash32 key;
        if (tag->count < 2 || !ht_bytes_equal(tag->items[0], ht_bytes_str("p"))) continue;
        if (ht_event_hex32(&key, tag->items[1]) && ht_hash32_equal(&key, owner)) return true;
    }
    return false;
}

static bool is_post(uint32_t kind) {
    return kind == HT_KIND_NOTE || kind == HT_KIND_REPOST || kind == HT_KIND_GENERIC_REPOST ||
           kind == HT_KIND_POLL || kind == HT_KIND_ARTICLE || kind == HT_KIND_COMMENT;
}

static void arrived(struct ht_relay_listener *listener, const struct ht_event *event) {
    struct ht_social *social =
        (struct ht_social *)(void *)((char *)listener - offsetof(struct ht_social, listener));
    ht_hash32 owner;
    if (social->is_stopped || !ht_social_owner(social, &owner)) return;
    bool is_mine = ht_hash32_equal(&event->pubkey, &owner);
    bool is_list = event->kind == HT_KIND_FOLLOWS || event->kind == HT_KIND_RELAYS ||
                   event->kind == HT_KIND_MUTES || event->kind == HT_KIND_PROFILE;
    enum ht_policy_rank rank = ht_policy_rank_of(social->policy, &event->pubkey);
    if (is_list && rank >= HT_RANK_FOLLOWED) ht_sets_reload(social);
    if (is_mine && is_post(event->kind)) {
        social->news.own++;
        social->host->publish(social->host, "social.new");
    }
    if (is_mine) return;
    struct ht_social_news before = social->news;
    bool is_named = names(event, &owner);
    if (event->kind == HT_KIND_WRAP && is_named) ht_messages_arrived(social, event);
    if (event->kind == HT_KIND_BUNKER && is_named) ht_bunker_arrived(social, event);
    bool is_followed = is_post(event->kind) && rank == HT_RANK_FOLLOWED;
    is_named = is_named && (is_post(event->kind) || event->kind == HT_KIND_REACTION);
    if ((is_followed || is_named) && ht_sets_hides(social, event)) return;
    if (is_followed) social->news.following++;
    if (is_named) {
        social->news.notifications++;
    }
    if (memcmp(&before, &social->news, sizeof before) != 0) {
        social->host->publish(social->host, "social.new");
    }
}

static enum ht_err news_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_social_news *news = &((const struct ht_social *)self)->news;
    *out = json_pack("{s:I, s:I, s:I, s:I}", "following", (json_int_t)news->following,
                     "notifications", (json_int_t)news->notifications, "messages",
                     (json_int_t)ht_messages_unread(self), "own", (json_int_t)news->own);
    return *out != NULL ? HT_OK : ht_task_no_memory(why);
}

/* --- starting --------------------------------------------------------------------------------- */

/* Whoever ends a store leaves a connection that can be closed (store_sql.c); so one is begun even
 * when none was needed. */
static void let_go(struct ht_store *store, sqlite3 *db) {
    if (store == NULL && ht_store_new(&store, db, NULL) != HT_OK) return;
    ht_store_free(store);
}

/* The file's tables: the relay's, then those of each part of the owner's side. */
static size_t collect_migrations(struct ht_migration out[static MIGRATIONS_MAX]) {
    const struct {
        const struct ht_migration *list;
        size_t count;
    } parts[] = {
        {ht_social_migrations, ht_social_migration_count},
        {ht_client_migrations, ht_client_migration_count},
        {ht_messages_migrations, ht_messages_migration_count},
        {ht_media_migrations, ht_media_migration_count},
        {ht_keeper_migrations, ht_keeper_migration_count},
        {ht_bunker_migrations, ht_bunker_migration_count},
        {ht_nip05_migrations, ht_nip05_migration_count},
        {ht_mesh_migrations, ht_mesh_migration_count},
    };
    size_t count = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        ht_assert(count + parts[i].count <= MIGRATIONS_MAX);
        memcpy(out + count, parts[i].list, parts[i].count * sizeof *out);
        count += parts[i].count;
    }
    return count;
}

/* What was removed leaves room in the file. That it stays is no reason not to start. */
static void tidy(sqlite3 *db) {
    struct ht_store *store = NULL;
    struct ht_why why = {.text = "out of memory"};
    bool did = false;
    enum ht_err err = ht_store_new(&store, db, &why);
    if (err == HT_OK) err = ht_store_tidy(&did, store, &why);
    if (err != HT_OK)
        ht_log(HT_LOG_WARN, "social", "events take more room than need be: %s", why.text);
    if (did) ht_log(HT_LOG_INFO, "social", "the store of events was made smaller");
    ht_store_free(store);
}

static enum ht_err open_file(struct ht_social *social, char path[static PATH_SIZE],
                             json_t **settings, struct ht_why *why) {
    struct ht_migration migrations[MIGRATIONS_MAX];
    sqlite3 *db = NULL;
    const struct ht_host *host = social->host;
    int n = snprintf(path, PATH_SIZE, "%s/%s", host->data_dir, HT_SOCIAL_DATABASE);
    if (n < 0 || (size_t)n >= PATH_SIZE) {
        return ht_fail(why, HT_EINPUT, "too_long", "the data directory's name is too long");
    }
    size_t count = collect_migrations(migrations);
    enum ht_err err = ht_db_open(&db, path, migrations, count, why);
    if (err == HT_OK) tidy(db);
    if (err == HT_OK) err = ht_settings_read(settings, db, why);
    if (err == HT_OK) err = ht_keeper_new(social, db, why);
    if (err == HT_OK) err = ht_nip05_new(social, db, why);
    if (err == HT_OK) err = ht_bunker_new(social, db, why);
    if (err == HT_OK) err = ht_mesh_service_new(social, db, why);
    if (err == HT_OK) err = ht_writer_new(&social->writer, host->loop, db, why);
    if (err != HT_OK && db != NULL) {
        let_go(NULL, db);
        ht_db_close(db);
    }
    if (err == HT_OK) err = ht_reader_new(&social->relay_reader, host->pool, path, why);
    if (err == HT_OK) err = ht_reader_new(&social->reader, host->pool, path, why);
    return err;
}

static enum ht_err open_relay(struct ht_social *social, const json_t *settings,
                              struct ht_why *why) {
    const struct ht_host *host = social->host;
    const char *url = host->door != NULL ? ht_door_url(host->door) : "";
    struct ht_relay_options options = {
        .host = host,
        .writer = social->writer,
        .reader = social->relay_reader,
        .policy = social->policy,
        .io = {.send = send_text, .hang_up = hang_up, .waiting = waiting, .hold = hold},
        .url = url[0] != '\0' ? url : "ws://127.0.0.1:8420",
        .limits = {.limit_default = 500, .limit_max = 5000},
    };
    (void)ht_social_owner(social, &options.self);
    ht_settings_limits(&options.limits, settings);
    return ht_relay_new(&social->relay, &options, why);
}

/* What the writer was given before is committed and its `done`s have run; the pool has ended, so
 * nothing else moves. */
struct fence {
    struct ht_write write;
    struct ht_social *social;
    bool is_passed;
};

static enum ht_err end_store(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct ht_social *social = ((struct fence *)write)->social;
    (void)why;
    let_go(social->writer_store, db);
    social->writer_store = NULL;
    return HT_OK;
}

static void passed(struct ht_write *write) {
    ((struct fence *)write)->is_passed = true;
}

static void wait_for_writer(struct ht_social *social) {
    struct fence fence = {.write = {.write = end_store, .done = passed}, .social = social};
    const struct timespec pause = {.tv_nsec = SETTLE_NS};
    while (ht_writer_submit(social->writer, &fence.write) != HT_OK) {
        ht_loop_drain(social->host->loop);
        (void)nanosleep(&pause, NULL);
    }
    while (!fence.is_passed) {
        ht_loop_drain(social->host->loop);
        if (!fence.is_passed) (void)nanosleep(&pause, NULL);
    }
}

static void quit(void *self) {
    struct ht_social *social = self;
    if (social->is_stopped) return;
    social->is_stopped = true;
    ht_feed_service_stop(social);
    ht_mesh_service_stop(social);
    ht_timer_cancel(&social->timer);
    ht_timer_cancel(&social->sweep_timer);
    ht_bunker_stop(social);
    ht_messages_stop(social);
    ht_media_stop(social);
    ht_keeper_stop(social);
    ht_nip05_stop(social);
    if (social->relays != NULL) ht_peers_stop(social);
    if (social->relay != NULL) ht_relay_stop(social->relay);
    if (social->reader != NULL) ht_reader_stop(social->reader);
    if (social->relay_reader != NULL) ht_reader_stop(social->relay_reader);
}

/* NULL is fine, and one that was not started to the end. Statements go before their connections. */
static void stop(void *self) {
    struct ht_social *social = self;
    if (social == NULL) return;
    quit(social);
    if (social->writer != NULL) wait_for_writer(social);
    ht_relay_free(social->relay);
    ht_feed_service_free(social);
    ht_store_free(social->store);
    ht_reader_free(social->reader);
    ht_reader_free(social->relay_reader);
    if (social->writer != NULL) ht_writer_free(social->writer);
    ht_peers_free(social);
    ht_bunker_free(social);
    ht_messages_free(social);
    ht_media_free(social);
    ht_keeper_free(social);
    ht_nip05_free(social);
    ht_mesh_service_free(social);
    ht_policy_free(social->policy);
    json_decref(social->profile);
    ht_sets_free(social);
    free(social);
}

static enum ht_err start(void **self, const struct ht_host *host, sqlite3 *db, struct ht_why *why) {
    char path[PATH_SIZE];
    json_t *settings = NULL;
    (void)db;
    struct ht_social *social = calloc(1, sizeof *social);
    if (social == NULL) return ht_task_no_memory(why);
    social->host = host;
    enum ht_err err = ht_policy_new(&social->policy) == HT_OK ? HT_OK : ht_task_no_memory(why);
    if (err == HT_OK) err = open_file(social, path, &settings, why);
    if (err == HT_OK) err = ht_peers_new(social, why);
    if (err == HT_OK) err = ht_messages_new(social, why);
    if (err == HT_OK) err = ht_media_new(social, why);
    if (err == HT_OK) {
        ht_settings_apply(social, settings);
        err = open_relay(social, settings, why);
    }
    if (err == HT_OK) err = ht_feed_service_new(social, why);
    if (err == HT_OK) {
        ht_settings_apply(social, settings);
        social->listener.event = arrived;
        ht_relay_listen(social->relay, &social->listener);
        ht_mesh_service_begin(social);
        ht_sets_reload(social);
        ht_upkeep_begin(social);
        *self = social;
    } else {
        stop(social);
    }
    json_decref(settings);
    return err;
}

/* The wallet's keys have changed: the owner may be another. */
static void on_topic(void *self, const char *topic) {
    struct ht_social *social = self;
    if (strcmp(topic, "trust.changed") == 0) ht_sets_reload(social);
    if (strcmp(topic, "wallet.accounts") != 0 && strcmp(topic, "wallet.status") != 0) return;
    ht_sets_reload(social);
    ht_mesh_owner_changed(social);
    ht_messages_owner_changed(social);
    ht_bunker_owner_changed(social);
}

static const struct ht_module_topic TOPICS[] = {
    {.name = "social.me", .getter = ht_me_json},
    {.name = "social.new", .getter = news_json},
    {.name = "social.relays", .getter = ht_peers_json},
    {.name = "social.bunker", .getter = ht_bunker_json},
    {.name = "peers.changed", .getter = ht_mesh_changed_json},
};

const struct ht_module ht_social_module = {
    .name = "social",
    .methods = ht_client_methods,
    .method_count = HT_CLIENT_METHODS,
    .more_methods = ht_mesh_methods,
    .more_method_count = HT_MESH_METHODS,
    .topics = TOPICS,
    .topic_count = sizeof TOPICS / sizeof *TOPICS,
    .door = &DOOR,
    .on_topic = on_topic,
    .start = start,
    .quit = quit,
    .stop = stop,
};
