/* Leaving word for peers, and finding theirs, a few at a time. */
#include "social/mesh/mesh_meet.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/base/log.h"
#include "node/p2p/rendezvous.h"
#include "node/p2p/rendezvous_dht.h"
#include "social/mesh/mesh_record.h"

#define FIRST_MS 3000
#define STEP_MS 100 /* between few and the next few */
#define STEP_PEERS 4U
#define PEERS_MAX 128U

/* From one round to the next: whoever came here at the same moment has left word by then. */
static const int64_t AGAIN_MS[] = {10000, 30000, 60000, 300000};
#define LAST_ROUND (sizeof AGAIN_MS / sizeof *AGAIN_MS - 1)

struct ht_mesh_meet {
    struct ht_mesh_service *service;
    struct ht_dht *dht;
    struct ht_timer timer;
    size_t at;    /* of the accepted peers */
    size_t round; /* up to LAST_ROUND */
    char bootstrap[sizeof((struct ht_mesh_settings *)NULL)->rendezvous_bootstrap];
};

static void leave_word(struct ht_mesh_meet *meet, const uint8_t secret[static HT_NIP44_KEY_SIZE],
                       int64_t day) {
    const struct ht_mesh_service *service = meet->service;
    const char *json = service->reach->signed_json;
    struct ht_buf value;
    ht_hash32 name;
    if (json == NULL || service->settings.tell == HT_TELL_NOBODY) return;
    ht_buf_init(&value, HT_NIP44_ENCRYPT_ROOM);
    ht_rendezvous_name(&name, secret, day, &service->key.pubkey);
    enum ht_err err =
        ht_rendezvous_seal(&value, secret, ht_bytes_str(json), service->social->host->random, NULL);
    if (err == HT_OK) err = ht_dht_put(meet->dht, &name, ht_buf_view(&value));
    if (err != HT_OK) ht_log(HT_LOG_DEBUG, "peers", "no word left: %s", ht_err_name(err));
    ht_buf_fini(&value);
}

static void meet_one(struct ht_mesh_meet *meet, const struct ht_mesh_peer *peer) {
    const struct ht_mesh_service *service = meet->service;
    uint8_t secret[HT_NIP44_KEY_SIZE];
    int64_t days[HT_RENDEZVOUS_DAYS];
    ht_hash32 name;
    if (ht_rendezvous_secret(secret, service->key.secret, &peer->node, NULL) != HT_OK) return;
    size_t count = ht_rendezvous_days(days, ht_social_now_s(service->social));
    for (size_t i = 0; i < count; i++) {
        leave_word(meet, secret, days[i]);
        if (peer->link != NULL) continue;
        ht_rendezvous_name(&name, secret, days[i], &peer->node);
        (void)!ht_dht_look(meet->dht, &name, &peer->node);
    }
    sodium_memzero(secret, sizeof secret);
}

static void on_time(struct ht_timer *timer) {
    struct ht_mesh_meet *meet =
        (struct ht_mesh_meet *)(void *)((char *)timer - offsetof(struct ht_mesh_meet, timer));
    struct ht_mesh_service *service = meet->service;
    size_t index = 0, done = 0;
    const struct ht_mesh_peer *peer = ht_mesh_first(service->mesh);
    for (; peer != NULL && done < STEP_PEERS; peer = peer->next) {
        if (!peer->is_accepted || peer->is_banned || index++ < meet->at) continue;
        meet_one(meet, peer);
        done++;
    }
    meet->at += done;
    bool is_over = done < STEP_PEERS || meet->at >= PEERS_MAX;
    int64_t wait_ms = is_over ? AGAIN_MS[meet->round] : STEP_MS;
    if (is_over) meet->at = 0;
    if (is_over && meet->round < LAST_ROUND) meet->round++;
    ht_timer_set(service->social->host->loop, timer, wait_ms, on_time);
}

static void learn(struct ht_mesh_service *service, const ht_hash32 *who, ht_bytes json) {
    struct ht_event event;
    struct ht_arena arena;
    struct ht_node_record record;
    struct ht_why why = {0};
    ht_arena_init(&arena, HT_EVENT_ARENA(json.n));
    enum ht_err err = ht_event_read(&event, &arena, json, &why);
    if (err == HT_OK) {
        err = ht_node_record_read(&record, &event, ht_social_now_s(service->social), &why);
    }
    if (err == HT_OK && !ht_hash32_equal(&record.node, who)) {
        err = ht_fail(&why, HT_EUNVERIFIED, "record_node", "another node's record");
    }
    if (err == HT_OK) err = ht_mesh_learn(service->mesh, &event, HT_MESH_EXCHANGED, &why);
    ht_arena_fini(&arena);
    if (err == HT_OK) {
        ht_mesh_wake(service);
        ht_mesh_changed(service);
    } else if (err != HT_ESTALE) {
        ht_log(HT_LOG_DEBUG, "peers", "found at the rendezvous, not used: %s", why.text);
    }
}

/* Whatever anybody has put under that name. */
static void on_found(void *user, const ht_hash32 *who, ht_bytes value) {
    struct ht_mesh_meet *meet = user;
    uint8_t secret[HT_NIP44_KEY_SIZE];
    struct ht_buf json;
    if (ht_rendezvous_secret(secret, meet->service->key.secret, who, NULL) != HT_OK) return;
    ht_buf_init(&json, HT_NIP44_DECRYPT_ROOM);
    if (ht_rendezvous_open(&json, secret, value, NULL) == HT_OK) {
        learn(meet->service, who, ht_buf_view(&json));
    }
    ht_buf_fini(&json);
    sodium_memzero(secret, sizeof secret);
}

static void on_changed(void *user) {
    struct ht_mesh_meet *meet = user;
    if (ht_dht_state(meet->dht) == HT_DHT_READY) {
        ht_timer_set(meet->service->social->host->loop, &meet->timer, FIRST_MS, on_time);
    } else {
        ht_log(HT_LOG_WARN, "peers", "no rendezvous: %s", ht_dht_why(meet->dht)->text);
    }
    ht_mesh_changed(meet->service);
}

enum ht_err ht_mesh_meet_new(struct ht_mesh_meet **out, struct ht_mesh_service *service,
                             struct ht_why *why) {
    struct ht_mesh_meet *meet = calloc(1, sizeof *meet);
    if (meet == NULL) return ht_task_no_memory(why);
    const struct ht_host *host = service->social->host;
    const char *bootstrap = service->settings.rendezvous_bootstrap;
    char name[HT_RENDEZVOUS_HOST_SIZE], port[HT_RENDEZVOUS_PORT_SIZE];
    enum ht_err err =
        bootstrap[0] != '\0' ? ht_rendezvous_bootstrap(name, port, bootstrap, why) : HT_OK;
    const struct ht_dht_options options = {.loop = host->loop,
                                           .pool = host->pool,
                                           .bootstrap = bootstrap[0] != '\0' ? name : NULL,
                                           .bootstrap_port = bootstrap[0] != '\0' ? port : NULL,
                                           .changed = on_changed,
                                           .found = on_found,
                                           .user = meet};
    meet->service = service;
    (void)snprintf(meet->bootstrap, sizeof meet->bootstrap, "%s", bootstrap);
    if (err == HT_OK) err = ht_dht_new(&meet->dht, &options, why);
    if (err == HT_OK) {
        *out = meet;
    } else {
        free(meet);
    }
    return err;
}

void ht_mesh_meet_free(struct ht_mesh_meet *meet) {
    if (meet == NULL) return;
    ht_timer_cancel(&meet->timer);
    ht_dht_free(meet->dht);
    free(meet);
}

bool ht_mesh_meet_is_moved(const struct ht_mesh_meet *meet) {
    return strcmp(meet->bootstrap, meet->service->settings.rendezvous_bootstrap) != 0;
}

void ht_mesh_meet_hurry(struct ht_mesh_meet *meet) {
    if (ht_dht_state(meet->dht) != HT_DHT_READY) return;
    meet->at = meet->round = 0;
    ht_timer_set(meet->service->social->host->loop, &meet->timer, FIRST_MS, on_time);
}

const char *ht_mesh_meet_state(const struct ht_mesh_meet *meet) {
    switch (ht_dht_state(meet->dht)) {
    case HT_DHT_STARTING: return "starting";
    case HT_DHT_FAILED: return "failed";
    case HT_DHT_READY: break;
    }
    return ht_mesh_meet_why(meet)[0] == '\0' ? "ready" : "waiting";
}

const char *ht_mesh_meet_why(const struct ht_mesh_meet *meet) {
    const struct ht_mesh_service *service = meet->service;
    if (ht_dht_state(meet->dht) != HT_DHT_READY) return ht_dht_why(meet->dht)->text;
    bool has_word = service->reach->signed_json != NULL && service->settings.tell != HT_TELL_NOBODY;
    return has_word ? "" : "nothing is left for others: this node has no signed record of itself";
}
