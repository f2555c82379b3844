/* A node's side of other relays, with one scripted relay on loopback: the relay bench's store and
 * relay, real links, and a keeper of keys who signs with maker keys. */
#ifndef HT_TESTS_PEERS_BENCH_H
#define HT_TESTS_PEERS_BENCH_H

#include "node/base/log.h"
#include "social/links/peers_live.h"
#include "social/links/peers_send.h"
#include "social/links/peers_take.h"
#include "tests/unit/relay_bench.h"
#include "tests/unit/ws_server.h"

#define OWNER 7U /* a maker key */
#define HEARD_MAX 512U

static struct {
    struct ht_social social;
    struct ht_nostr_keys keys;
    char url[64];
    bool is_open; /* the vault */
    unsigned signed_count;
    char what[64]; /* was signed last */
    struct ht_job answer;
    ht_nostr_done done;
    void *user;
    struct ht_nostr_answer signature;
    char *heard[HEARD_MAX]; /* by the scripted relay */
    size_t heard_count;
    void (*script)(struct ws_session *session, const char *text);
    json_t *sent, *source; /* what was told last */
    unsigned told;
    struct ht_door *door;
} world;

/* --- the keeper of keys ------------------------------------------------------------------------
 */

static inline size_t world_list(void *self, struct ht_nostr_key *out, size_t max, bool *is_open) {
    (void)self;
    *is_open = world.is_open;
    if (max > 0) out[0].pubkey = maker_pubkey(OWNER);
    return 1;
}

static inline void world_answer(struct ht_job *job) {
    (void)job;
    world.done(world.user, &world.signature);
}

static void world_sign(void *self, const ht_hash32 *pubkey, const ht_hash32 *id, const char *what,
                       bool by_owner, ht_nostr_done done, void *user) {
    uint8_t key[32];
    (void)self, (void)by_owner;
    (void)pubkey;
    (void)snprintf(world.what, sizeof world.what, "%s", what);
    maker_key(key, OWNER);
    world.signature = (struct ht_nostr_answer){.err = HT_OK};
    assert_int_equal(ht_schnorr_sign(world.signature.signature, id, key, NULL, NULL), HT_OK);
    world.signed_count++;
    world.done = done;
    world.user = user;
    world.answer.run = world_answer;
    assert_int_equal(ht_loop_post(bench.loop, &world.answer), HT_OK);
}

static inline const struct ht_nostr_keys *world_keys(const struct ht_host *host) {
    (void)host;
    return &world.keys;
}

static inline void world_publish(const struct ht_host *host, const char *topic) {
    (void)host;
    (void)topic;
}

/* --- the scripted relay ------------------------------------------------------------------------
 */

static inline void world_heard(struct ws_server *server, struct ws_session *session) {
    (void)server;
    assert_true(world.heard_count < HEARD_MAX);
    char *copy = strdup(session->in);
    world.heard[world.heard_count++] = copy;
    if (world.script != NULL) world.script(session, copy);
}

static inline size_t world_count(const char *start) {
    size_t count = 0;
    for (size_t i = 0; i < world.heard_count; i++) {
        if (strncmp(world.heard[i], start, strlen(start)) == 0) count++;
    }
    return count;
}

static inline int world_start(void **state) {
    memset(&world, 0, sizeof world);
    if (bench_start(state) != 0) return -1;
    ht_log_set_level(HT_LOG_ERROR);
    ws_start(bench.loop, NULL, NULL, world_heard);
    (void)snprintf(world.url, sizeof world.url, "ws://127.0.0.1:%u", ws_server.port);
    world.is_open = true;
    world.keys = (struct ht_nostr_keys){.list = world_list, .sign = world_sign};
    assert_int_equal(ht_links_new(&bench.host.links, bench.loop, bench.pool, &ht_system_random),
                     HT_OK);
    bench.host.nostr_keys = world_keys;
    bench.host.publish = world_publish;
    world.social = (struct ht_social){.host = &bench.host,
                                      .writer = bench.writer,
                                      .reader = bench.reader,
                                      .policy = bench.policy,
                                      .relay = bench.relay};
    assert_int_equal(ht_peers_new(&world.social, NULL), HT_OK);
    return 0;
}

/* As the module and the node stop, in their order. */
static inline int world_end(void **state) {
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    (void)state;
    world.social.is_stopped = true;
    ht_peers_stop(&world.social);
    ht_relay_stop(bench.relay);
    ht_reader_stop(bench.reader);
    ht_links_stop(bench.host.links);
    ht_pool_free(bench.pool);
    ht_writer_free(bench.writer);
    ht_loop_drain(bench.loop);
    ht_relay_free(bench.relay);
    ht_store_free(world.social.store);
    ht_reader_free(bench.reader);
    ht_peers_free(&world.social);
    ht_links_free(bench.host.links);
    if (world.door != NULL) ht_door_free(world.door);
    ht_loop_free(bench.loop);
    ht_policy_free(bench.policy);
    json_decref(world.sent);
    json_decref(world.source);
    for (size_t i = 0; i < world.heard_count; i++) free(world.heard[i]);
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", bench.path, suffixes[i]);
        (void)remove(path);
    }
    return rmdir(bench.dir);
}

/* --- what is done ------------------------------------------------------------------------------
 */

static inline void world_set_own(const char *url, bool is_read, bool is_write) {
    json_t *own = json_pack("[{s:s, s:b, s:b}]", "url", url, "read", is_read, "write", is_write);
    ht_peers_set_own(&world.social, own);
    json_decref(own);
}

static inline void world_sent(void *user, json_t *sent) {
    (void)user;
    json_decref(world.sent);
    world.sent = json_incref(sent);
    world.told++;
}

static inline void world_source(void *user, json_t *source) {
    (void)user;
    json_decref(world.source);
    world.source = json_incref(source);
    world.told++;
}

static inline bool world_is_told(void) {
    return world.told > 0;
}

/* Sends a note of the owner's and waits until it is told how far it came: that state. */
static inline const char *world_send(const struct bench_event *event) {
    world.told = 0;
    ht_peers_send(&world.social, ht_bytes_str(event->json), NULL, world_sent, NULL);
    bench_until(world_is_told);
    return json_string_value(json_object_get(json_array_get(world.sent, 0), "state"));
}

static bool world_is_put;
static void world_put(struct ht_relay_publish *publish, enum ht_err err, enum ht_put put,
                      const struct ht_why *why) {
    (void)publish;
    (void)why;
    assert_int_equal(err, HT_OK);
    assert_int_equal(put, HT_PUT_STORED);
    world_is_put = true;
}

static inline bool world_has_put(void) {
    return world_is_put;
}

/* Into our own store. */
static inline void world_store(const struct bench_event *event) {
    static struct ht_relay_publish publish;
    publish = (struct ht_relay_publish){
        .done = world_put, .json = ht_bytes_str(event->json), .is_trusted_source = true};
    world_is_put = false;
    ht_relay_publish(bench.relay, &publish);
    bench_until(world_has_put);
}

/* A tag of two or three texts; they live as long as the test. */
static inline struct ht_event_tag world_tag(ht_bytes items[static 3], const char *name,
                                            const char *value, const char *more) {
    items[0] = ht_bytes_str(name);
    items[1] = ht_bytes_str(value);
    items[2] = ht_bytes_str(more != NULL ? more : "");
    return (struct ht_event_tag){.items = items, .count = more != NULL ? 3 : 2};
}

static inline void world_hex(char out[static 65], uint8_t who) {
    ht_hash32 key = maker_pubkey(who);
    ht_task_hex(out, &key);
}

/* What social.relays says of the scripted relay: a new reference. */
static inline json_t *world_relay(void) {
    json_t *all = NULL, *one, *found = NULL;
    size_t i;
    assert_int_equal(ht_peers_json(&world.social, &all, NULL), HT_OK);
    json_array_foreach(json_object_get(all, "relays"), i, one) {
        const char *url = json_string_value(json_object_get(one, "url"));
        if (strcmp(url, world.url) == 0) found = json_incref(one);
    }
    json_decref(all);
    assert_non_null(found);
    return found;
}

static inline const char *world_text(const char *name) {
    static char text[256];
    json_t *relay = world_relay();
    const char *value = json_string_value(json_object_get(relay, name));
    (void)snprintf(text, sizeof text, "%s", value != NULL ? value : "(null)");
    json_decref(relay);
    return text;
}

static inline json_int_t world_number(const char *name) {
    json_t *one = world_relay();
    json_int_t value = json_integer_value(json_object_get(one, name));
    json_decref(one);
    return value;
}

#endif
