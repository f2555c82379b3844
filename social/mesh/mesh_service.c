/* The mesh as a whole: making and ending it, its callbacks, what it carries. */
#include "social/mesh/mesh_service.h"

#include <stdlib.h>

#include "node/base/hex.h"
#include "node/base/log.h"
#include "social/client_sql.h"
#include "social/media/media.h"
#include "social/mesh/mesh_catchup.h"
#include "social/mesh/mesh_events.h"
#include "social/mesh/mesh_impl.h"
#include "social/mesh/mesh_inbox.h"
#include "social/mesh/mesh_keep.h"
#include "social/mesh/mesh_links.h"
#include "social/mesh/mesh_near.h"
#include "social/mesh/mesh_reach.h"
#include "social/mesh/mesh_record.h"
#include "social/relay/sets.h"

#define TELL_MS 200
#define OWNERS_MAX 64U

static const char *const SERVES[4][4] = {
    {"gossip", NULL},
    {"gossip", "chain", NULL},
    {"gossip", "blobs", NULL},
    {"gossip", "chain", "blobs", NULL},
};

static struct ht_mesh_service *of_timer(struct ht_timer *timer, size_t at) {
    return (struct ht_mesh_service *)(void *)((char *)timer - at);
}

int64_t ht_mesh_now_ms(const struct ht_mesh_service *service) {
    return ht_mono_ms(service->social->host->clock);
}

/* --- timers ----------------------------------------------------------------------------------- */

static void tick(struct ht_timer *timer) {
    struct ht_mesh_service *service = of_timer(timer, offsetof(struct ht_mesh_service, tick));
    if (!service->is_running) return;
    (void)ht_mesh_tick(service->mesh);
    ht_mesh_wake(service);
}

void ht_mesh_wake(struct ht_mesh_service *service) {
    if (!service->is_running) return;
    int64_t due_ms = ht_mesh_due(service->mesh);
    if (due_ms < 0) {
        ht_timer_cancel(&service->tick);
    } else {
        ht_timer_set(service->social->host->loop, &service->tick, due_ms, tick);
    }
}

static void tell(struct ht_timer *timer) {
    struct ht_mesh_service *service = of_timer(timer, offsetof(struct ht_mesh_service, telling));
    service->is_telling = false;
    if (!service->is_running) return;
    service->social->host->publish(service->social->host, "peers.changed");
}

void ht_mesh_changed(struct ht_mesh_service *service) {
    if (service->is_telling || !service->is_running) return;
    service->is_telling = true;
    ht_timer_set(service->social->host->loop, &service->telling, TELL_MS, tell);
}

/* --- what we carry ---------------------------------------------------------------------------- */

/* What does not fit any more is left out: of a scope that is full the rest comes by relays. */
static enum ht_err fill_scope(struct ht_scope *scope, struct ht_mesh_service *service) {
    ht_hash32 owners[OWNERS_MAX];
    size_t count = ht_sets_owners(service->social, owners, OWNERS_MAX);
    if (count > OWNERS_MAX) count = OWNERS_MAX;
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        err = ht_scope_add_author(scope, &owners[i]);
        if (err == HT_OK) err = ht_scope_add_inbox(scope, &owners[i]);
    }
    for (size_t i = 0; err == HT_OK && i < service->author_count; i++) {
        err = ht_scope_add_author(scope, &service->authors[i]);
    }
    if (err == HT_ELIMIT) err = HT_OK;
    struct ht_mesh_peer *peer = service->settings.couriers ? ht_mesh_first(service->mesh) : NULL;
    for (; err == HT_OK && peer != NULL; peer = peer->next) {
        if (!ht_mesh_keeps_for(peer)) continue;
        err = ht_scope_add_inbox(scope, &peer->record.user);
        /* Their feed as well: who leaves messages with us may ask who they are. */
        if (err == HT_OK) err = ht_scope_add_author(scope, &peer->record.user);
    }
    return err == HT_ELIMIT ? HT_OK : err;
}

void ht_mesh_rescope(struct ht_mesh_service *service) {
    struct ht_scope *scope = NULL;
    json_t *json = NULL;
    if (service->social->is_stopped || ht_scope_new(&scope) != HT_OK) return;
    enum ht_err err = fill_scope(scope, service);
    if (err == HT_OK) json = ht_scope_json(scope);
    if (json == NULL || json_equal(json, service->scope_json)) {
        json_decref(json);
        ht_scope_free(scope);
        return;
    }
    ht_mesh_set_scope(service->mesh, scope);
    ht_scope_free(service->scope);
    service->scope = scope;
    json_decref(service->scope_json);
    service->scope_json = json;
    ht_mesh_catchup_hurry(service);
    ht_mesh_wake(service);
}

static bool copy_keys(ht_hash32 **list, size_t *count, const ht_hash32 *from, size_t n) {
    ht_hash32 *copy = malloc((n + 1) * sizeof *copy);
    if (copy == NULL) return false;
    if (n > 0) memcpy(copy, from, n * sizeof *copy);
    free(*list);
    *list = copy;
    *count = n;
    return true;
}

void ht_mesh_follows(struct ht_social *social, const ht_hash32 *followed, size_t count,
                     const ht_hash32 *mutual, size_t mutual_count) {
    struct ht_mesh_service *service = social->mesh;
    if (service == NULL || social->is_stopped) return;
    if (count > HT_SCOPE_AUTHORS_MAX) count = HT_SCOPE_AUTHORS_MAX;
    if (!copy_keys(&service->authors, &service->author_count, followed, count)) return;
    if (!copy_keys(&service->mutual, &service->mutual_count, mutual, mutual_count)) return;
    ht_mesh_rescope(service);
    ht_mesh_review(service->mesh);
    ht_mesh_owner_changed(social);
    ht_mesh_wake(service);
}

void ht_mesh_owner_changed(struct ht_social *social) {
    struct ht_mesh_service *service = social->mesh;
    if (service == NULL || social->is_stopped) return;
    ht_mesh_rescope(service);
    ht_mesh_reach_look(service);
}

/* --- callbacks of the core -------------------------------------------------------------------- */

static void give(void *user, struct ht_mesh_link *link, const ht_hash32 *ids, size_t count) {
    (void)user;
    ht_mesh_events_give(ht_mesh_link_transport(link), ids, count);
}

static void take(void *user, uint64_t serial, const struct ht_event *event) {
    ht_mesh_events_take_gossip(user, serial, event);
}

static void changed(void *user, struct ht_mesh_peer *peer, bool is_up) {
    (void)peer, (void)is_up;
    ht_mesh_sweep_soon(user);
}

static void keep(void *user, const struct ht_mesh_peer *peer) {
    struct ht_mesh_service *service = user;
    ht_mesh_keep(service, peer);
    if (peer != NULL && peer->is_courier)
        ht_mesh_rescope(service); /* banned, let in again, of another owner */
    if (service->reach != NULL) ht_mesh_record_wish(service->reach);
}

static bool accepts_user(void *user, const ht_hash32 *pubkey) {
    const struct ht_mesh_service *service = user;
    ht_hash32 owners[OWNERS_MAX];
    size_t count = ht_sets_owners(service->social, owners, OWNERS_MAX);
    /* The owner's other devices. */
    for (size_t i = 0; i < count && i < OWNERS_MAX; i++) {
        if (ht_hash32_equal(&owners[i], pubkey)) return true;
    }
    for (size_t i = 0; service->settings.accept_follows && i < service->mutual_count; i++) {
        if (ht_hash32_equal(&service->mutual[i], pubkey)) return true;
    }
    return false;
}

static void sign(void *user, uint8_t signature[static HT_SCHNORR_SIZE], const ht_hash32 *id) {
    const struct ht_mesh_service *service = user;
    ht_node_key_sign(&service->key, signature, id, service->social->host->random);
}

static const char *const *serves_of(const struct ht_mesh_service *service) {
    const struct ht_mesh_settings *settings = &service->settings;
    return SERVES[(settings->serve_chain ? 1 : 0) + (settings->serve_blobs ? 2 : 0)];
}

static enum ht_err make_mesh(struct ht_mesh_service *service, struct ht_why *why) {
    const struct ht_host *host = service->social->host;
    const struct ht_mesh_options options = {
        .clock = host->clock,
        .random = host->random,
        .self = {.node = service->key.pubkey, .sign = sign, .user = service},
        .io = {.send = ht_mesh_send,
               .hang_up = ht_mesh_hang_up,
               .give = give,
               .take = take,
               .changed = changed,
               .keep = keep,
               .accepts_user = accepts_user,
               .user = service},
        .scope = service->scope,
        .serves = serves_of(service),
        .is_open = service->settings.is_open,
        .exchanges = service->settings.exchange,
    };
    return ht_mesh_new(&service->mesh, &options) == HT_OK ? HT_OK : ht_task_no_memory(why);
}

void ht_mesh_apply(struct ht_mesh_service *service) {
    const struct ht_mesh_settings *settings = &service->settings;
    const struct ht_upload_limits limits = {.bytes_per_s = settings->upload_bytes_per_s};
    if (service->social->is_stopped) return;
    ht_mesh_set_policy(service->mesh, settings->is_open, settings->exchange);
    ht_mesh_set_serves(service->mesh, serves_of(service));
    ht_mesh_review(service->mesh);
    ht_mesh_rescope(service);
    ht_mesh_reach_apply(service);
    if (service->social->media != NULL) ht_media_set_upload(service->social, &limits);
    ht_mesh_wake(service);
}

/* --- beginning and end ------------------------------------------------------------------------ */

static enum ht_err read_settings(struct ht_mesh_service *service, sqlite3 *db, struct ht_why *why) {
    json_t *kept = NULL;
    ht_mesh_settings_init(&service->settings);
    enum ht_err err = ht_client_sql_get(&kept, db, HT_MESH_SETTING, why);
    if (err == HT_OK && kept != NULL &&
        ht_mesh_settings_read(&service->settings, kept, why) != HT_OK)
        ht_log(HT_LOG_WARN, "peers", "settings about peers are as at first: %s",
               why != NULL ? why->text : "");
    json_decref(kept);
    return err;
}

enum ht_err ht_mesh_service_new(struct ht_social *social, sqlite3 *db, struct ht_why *why) {
    struct ht_mesh_service *service = calloc(1, sizeof *service);
    if (service == NULL) return ht_task_no_memory(why);
    service->social = social;
    social->mesh = service;
    enum ht_err err = ht_scope_new(&service->scope) == HT_OK ? HT_OK : ht_task_no_memory(why);
    if (err == HT_OK) err = read_settings(service, db, why);
    if (err == HT_OK) {
        err = ht_node_key_open(&service->key, social->host->data_dir, social->host->random, why);
    }
    if (err == HT_OK) err = make_mesh(service, why);
    if (err == HT_OK) err = ht_mesh_keep_load(service, db, why);
    if (err == HT_OK) err = ht_mesh_reach_new(service, db, why);
    return err;
}

void ht_mesh_service_begin(struct ht_social *social) {
    struct ht_mesh_service *service = social->mesh;
    service->is_running = true;
    ht_mesh_events_begin(service);
    ht_mesh_inbox_begin(service);
    ht_mesh_near_begin(service);
    ht_mesh_rescope(service);
    ht_mesh_reach_begin(service);
    ht_mesh_apply(service);
    ht_mesh_links_begin(service);
    ht_mesh_catchup_begin(service);
    ht_mesh_wake(service);
}

void ht_mesh_service_stop(struct ht_social *social) {
    struct ht_mesh_service *service = social->mesh;
    if (service == NULL || !service->is_running) return;
    ht_mesh_near_stop(service);
    ht_mesh_catchup_stop(service);
    ht_mesh_reach_stop(service);
    ht_mesh_links_stop(service);
    service->is_running = false;
    ht_timer_cancel(&service->tick);
    ht_timer_cancel(&service->telling);
    ht_mesh_keep_stop(service);
}

void ht_mesh_service_free(struct ht_social *social) {
    struct ht_mesh_service *service = social->mesh;
    if (service == NULL) return;
    ht_mesh_links_free(service);
    ht_mesh_reach_free(service);
    if (service->mesh != NULL) ht_mesh_free(service->mesh);
    ht_scope_free(service->scope);
    json_decref(service->scope_json);
    ht_node_key_wipe(&service->key);
    free(service->authors);
    free(service->mutual);
    free(service);
    social->mesh = NULL;
}

json_t *ht_mesh_information(const struct ht_social *social, json_t *document) {
    char hex[HT_HEX_SIZE(32)];
    if (social->mesh == NULL || document == NULL) return document;
    ht_hex_write(hex, HT_BYTES(social->mesh->key.pubkey.b));
    (void)json_object_set_new(document, "peer",
                              json_pack("{s:i, s:s}", "v", HT_PEER_LINK_VERSION, "node", hex + 2));
    return document;
}
