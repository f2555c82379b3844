/* Chain data at a door, and a node that has no provider but that door: a light client over scripted
 * beacons keeps what it verifies, a second one starts and follows from it alone. */
#include "tests/unit/sync_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/app/near_serve.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/json.h"
#include "node/l1/light_kept_sql.h"
#include "node/p2p/door.h"

#define NOW 360U

/* The second node. */
static struct {
    struct ht_sync *sync;
    struct ht_writer *writer;
    char path[128];
    unsigned lies;
} other;

static struct ht_near_serve *serve;
static struct ht_door *door;
static struct ht_eth eth;
static ht_hash32 peer_key = {{7}};
static bool is_peer;
static unsigned asked;

/* --- the door --------------------------------------------------------------------------------- */

static void on_http(void *self, struct ht_door_http *http) {
    (void)self;
    asked++;
    if (!ht_near_serve_http(serve, http, is_peer ? &peer_key : NULL)) {
        ht_door_http_fail(http, 404, "not of the chain");
    }
}

static void open_door(struct ht_bench *bench) {
    static const struct ht_module_door module = {.http = on_http};
    const struct ht_door_options options = {.address = "127.0.0.1"};
    struct ht_why why;
    eth = (struct ht_eth){.sync = bench->sync};
    const struct ht_near_serve_host host = {
        .kept = bench->kept, .eth = &eth, .clock = &bench->clock};
    assert_int_equal(ht_near_serve_new(&serve, &host), HT_OK);
    assert_int_equal(ht_door_new(&door, bench->loop, &options, &why), HT_OK);
    ht_door_serve(door, &module, NULL);
    is_peer = true;
    asked = 0;
}

static void close_door(void) {
    ht_door_free(door);
    ht_near_serve_free(serve);
}

/* --- the first node --------------------------------------------------------------------------- */

static void start_first(struct ht_bench *bench) {
    ht_bench_set_slot(bench, NOW);
    for (size_t i = 0; i < HT_BENCH_BEACONS; i++) ht_bench_publish(bench, i, NOW);
    bench->keeps = true;
    bench->options.has_checkpoint = true;
    bench->options.checkpoint = bench->checkpoint_root;
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    open_door(bench);
}

static bool has_finality(struct ht_bench *bench) {
    return ht_light_kept_newest(bench->kept, HT_LC_FINALITY_UPDATE) != NULL;
}

/* --- the second ------------------------------------------------------------------------------- */

static void on_change(void *user, const char *topic) {
    (void)user;
    (void)topic;
}

static void fill_zero(void *self, uint8_t *out, size_t n) {
    (void)self;
    memset(out, 0, n);
}

static const struct ht_random no_random = {.fill = fill_zero};

static void on_lie(void *user, const struct ht_provider *provider,
                   const struct ht_provider_fault *fault) {
    (void)user;
    (void)fault;
    assert_true(provider->is_peer);
    other.lies++;
}

static void start_other(struct ht_bench *bench) {
    sqlite3 *db = NULL, *reader = NULL;
    struct ht_why why = {.text = ""};
    (void)snprintf(other.path, sizeof other.path, "%s.other", bench->path);
    assert_int_equal(ht_db_open(&db, other.path, ht_sync_migrations, ht_sync_migration_count, NULL),
                     HT_OK);
    assert_int_equal(ht_db_open_reader(&reader, other.path, NULL), HT_OK);
    assert_int_equal(ht_writer_new(&other.writer, bench->loop, db, NULL), HT_OK);
    const struct ht_sync_host host = {.loop = bench->loop,
                                      .pool = bench->pool,
                                      .http = bench->http,
                                      .writer = other.writer,
                                      .clock = &bench->clock,
                                      .random = &no_random,
                                      .on_change = on_change};
    const struct ht_sync_options options = {.network = &bench->chain->network,
                                            .checkpoint_quorum = 2,
                                            .has_checkpoint = true,
                                            .checkpoint = bench->checkpoint_root};
    if (ht_sync_new(&other.sync, &host, &options, reader, &why) != HT_OK) fail_msg("%s", why.text);
    ht_db_close(reader);
    other.lies = 0;
    ht_sync_providers(other.sync)->on_lie = on_lie;
    ht_sync_start(other.sync);
}

static void add_peer(void) {
    char base[64];
    const struct ht_provider_peer peer = {.node = {{1}}};
    (void)snprintf(base, sizeof base, "http://127.0.0.1:%u", (unsigned)ht_door_port(door));
    assert_int_equal(ht_sync_add_peer(other.sync, base, &peer, NULL), HT_OK);
}

static void stop_other(struct ht_bench *bench) {
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[160];
    ht_sync_stop(other.sync);
    close_door();
    struct ht_sync *sync = other.sync;
    struct ht_writer *writer = other.writer;
    ht_bench_stop(bench); /* the pool and the loop are the bench's */
    ht_writer_free(writer);
    ht_loop_drain(bench->loop);
    ht_sync_free(sync);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s%s", other.path, ends[i]);
        (void)unlink(path);
    }
}

static bool is_other_live(struct ht_bench *bench) {
    (void)bench;
    return ht_sync_state(other.sync, NULL) == HT_SYNC_LIVE;
}

static bool has_other_lied(struct ht_bench *bench) {
    (void)bench;
    return other.lies > 0;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void a_node_without_providers_follows_the_chain_through_a_peer_alone(void **state) {
    struct ht_bench *bench = *state;
    start_first(bench);
    UNTIL(bench, has_finality);
    start_other(bench);
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_sync_state(other.sync, &why), HT_SYNC_OFFLINE);
    assert_string_equal(why.code, "waiting_for_peers");
    add_peer();
    UNTIL(bench, is_other_live);
    const struct ht_sync_view *view = ht_sync_view(other.sync);
    assert_int_equal(view->optimistic.beacon.slot, ht_bench_head(bench));
    assert_memory_equal(&view->optimistic.root, &ht_sync_view(bench->sync)->optimistic.root, 32);
    assert_string_equal(view->head_source, "peer 0100000000000000");
    assert_int_equal(other.lies, 0);
    /* When the link ends there is nobody to ask, and what is known stays. */
    const struct ht_provider_peer peer = {.node = {{1}}};
    ht_sync_remove_peer(other.sync, &peer.node);
    assert_int_equal(ht_providers_count(ht_sync_providers(other.sync), HT_PROVIDER_BEACON), 0);
    assert_int_equal(ht_providers_count(ht_sync_providers(other.sync), HT_PROVIDER_EXECUTION), 0);
    stop_other(bench);
}

static void a_peer_is_asked_for_no_stream_of_events(void **state) {
    struct ht_bench *bench = *state;
    start_first(bench);
    start_other(bench);
    add_peer();
    UNTIL(bench, is_other_live);
    unsigned before = asked;
    ht_bench_ticks(bench, 10);
    assert_in_range(asked - before, 0, 20);
    struct ht_near_counts counts = ht_near_serve_counts(serve);
    assert_true(counts.light >= 3);
    stop_other(bench);
}

/* The first node's own database is where a lie is made: what it gives then does not verify. */
static void a_peer_that_lies_is_named_and_not_asked_again(void **state) {
    struct ht_bench *bench = *state;
    start_first(bench);
    start_other(bench);
    struct ht_light_object *object = calloc(1, sizeof *object);
    const struct ht_light_object *honest =
        ht_light_kept_newest(bench->kept, HT_LC_OPTIMISTIC_UPDATE);
    assert_non_null(object);
    assert_non_null(honest);
    *object = *honest;
    object->next = NULL;
    object->signature_slot++;
    ht_buf_init(&object->ssz, HT_LC_SSZ_MAX);
    assert_int_equal(ht_buf_add(&object->ssz, ht_buf_view(&honest->ssz)), HT_OK);
    object->ssz.p[object->ssz.n - 20] ^= 1; /* in the signature */
    ht_light_kept_take(bench->kept, object);
    add_peer();
    UNTIL(bench, has_other_lied);
    assert_int_equal(other.lies, 1);
    const struct ht_providers *providers = ht_sync_providers(other.sync);
    assert_true(providers->list[0].has_lied);
    stop_other(bench);
}

/* --- answers ---------------------------------------------------------------------------------- */

static struct {
    bool is_done;
    long status;
    char type[64], fork[16];
    struct ht_buf body;
} got;

static void on_answer(void *user, const struct ht_http_answer *answer) {
    (void)user;
    got.is_done = true;
    got.status = answer->err == HT_OK ? answer->status : -1;
    (void)snprintf(got.type, sizeof got.type, "%s", answer->content_type);
    (void)snprintf(got.fork, sizeof got.fork, "%s", answer->consensus_version);
    ht_buf_clear(&got.body);
    assert_int_equal(ht_buf_add(&got.body, answer->body), HT_OK);
}

static bool is_answered(struct ht_bench *bench) {
    (void)bench;
    return got.is_done;
}

static long fetch(struct ht_bench *bench, const char *path, const char *accept, const char *body) {
    struct ht_http_request *request;
    char url[256];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s", (unsigned)ht_door_port(door), path);
    const struct ht_http_options options = {.url = url,
                                            .accept = accept,
                                            .content_type =
                                                body != NULL ? "application/json" : NULL,
                                            .body = ht_bytes_str(body != NULL ? body : ""),
                                            .max_bytes = 4 << 20,
                                            .timeout_ms = 10000};
    got.is_done = false;
    ht_buf_init(&got.body, 4 << 20);
    assert_int_equal(ht_http_start(&request, bench->http, &options, on_answer, NULL, NULL), HT_OK);
    UNTIL(bench, is_answered);
    return got.status;
}

static void end(struct ht_bench *bench) {
    close_door();
    ht_buf_fini(&got.body);
    ht_bench_stop(bench);
}

static bool seen(void *user, size_t position, const struct ht_lc_object *object) {
    size_t *count = user;
    (void)position;
    (void)object;
    (*count)++;
    return true;
}

static size_t objects_in(struct ht_bench *bench) {
    size_t count = 0;
    struct ht_why why = {.text = ""};
    if (got.body.n == 0) return 0;
    if (ht_lc_decode_all(&bench->chain->network, ht_buf_view(&got.body), seen, &count, &why) !=
        HT_OK)
        fail_msg("%s", why.text);
    return count;
}

/* All updates, once the disk has them. */
static void expect_updates(struct ht_bench *bench, const char *accept, size_t count) {
    const char *updates = "/eth/v1/beacon/light_client/updates?start_period=0&count=128";
    size_t found = 0;
    for (unsigned i = 0; i < 1000 && found < count; i++) {
        bench->mono_ms += 1000; /* the peer may ask again */
        assert_int_equal(fetch(bench, updates, accept, NULL), 200);
        found = objects_in(bench);
        ht_buf_fini(&got.body);
    }
    assert_int_equal(found, count);
}

static void objects_are_given_as_ssz_and_as_json(void **state) {
    struct ht_bench *bench = *state;
    char root[HT_HEX_SIZE(32)], path[160];
    start_first(bench);
    UNTIL(bench, has_finality);
    expect_updates(bench, "application/octet-stream", 6);
    ht_hex_write(root, HT_BYTES(bench->checkpoint_root.b));
    (void)snprintf(path, sizeof path, "/eth/v1/beacon/light_client/bootstrap/%s", root);
    const char *const paths[] = {path, "/eth/v1/beacon/light_client/optimistic_update",
                                 "/eth/v1/beacon/light_client/finality_update"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fetch(bench, paths[i], "application/octet-stream", NULL), 200);
        assert_string_equal(got.type, "application/octet-stream");
        assert_true(got.fork[0] != '\0');
        assert_int_equal(objects_in(bench), 1);
        ht_buf_fini(&got.body);
        assert_int_equal(fetch(bench, paths[i], "application/json", NULL), 200);
        assert_string_equal(got.type, "application/json");
        assert_int_equal(objects_in(bench), 1);
        ht_buf_fini(&got.body);
    }
    expect_updates(bench, "application/octet-stream", 6);
    expect_updates(bench, NULL, 4);
    end(bench);
}

static void what_is_not_kept_is_not_found(void **state) {
    struct ht_bench *bench = *state;
    start_first(bench);
    assert_int_equal(fetch(bench,
                           "/eth/v1/beacon/light_client/bootstrap/"
                           "0x1111111111111111111111111111111111111111111111111111111111111111",
                           NULL, NULL),
                     404);
    ht_buf_fini(&got.body);
    assert_int_equal(
        fetch(bench, "/eth/v1/beacon/light_client/updates?start_period=900&count=1", NULL, NULL),
        200);
    assert_int_equal(objects_in(bench), 0);
    ht_buf_fini(&got.body);
    assert_int_equal(fetch(bench, "/eth/v1/beacon/nothing", NULL, NULL), 404);
    end(bench);
}

static void genesis_spec_and_checkpoints_are_told(void **state) {
    struct ht_bench *bench = *state;
    json_t *json = NULL;
    uint64_t number = 0;
    start_first(bench);
    assert_int_equal(fetch(bench, "/eth/v1/beacon/genesis", NULL, NULL), 200);
    assert_int_equal(ht_json_parse(&json, ht_buf_view(&got.body), 4096, NULL), HT_OK);
    assert_int_equal(ht_json_u64(&number, json, "data.genesis_time", NULL), HT_OK);
    assert_int_equal(number, bench->chain->network.genesis_time_ms / 1000);
    json_decref(json);
    ht_buf_fini(&got.body);
    assert_int_equal(fetch(bench, "/eth/v1/config/spec", NULL, NULL), 200);
    assert_int_equal(ht_json_parse(&json, ht_buf_view(&got.body), 8192, NULL), HT_OK);
    assert_int_equal(ht_json_u64(&number, json, "data.SLOTS_PER_EPOCH", NULL), HT_OK);
    assert_int_equal(number, 8);
    json_decref(json);
    ht_buf_fini(&got.body);
    assert_int_equal(fetch(bench, "/eth/v1/beacon/states/head/finality_checkpoints", NULL, NULL),
                     200);
    assert_int_equal(ht_json_parse(&json, ht_buf_view(&got.body), 4096, NULL), HT_OK);
    ht_hash32 root;
    assert_int_equal(ht_json_hex(root.b, 32, json, "data.finalized.root", NULL), HT_OK);
    json_decref(json);
    end(bench);
}

static void strangers_get_light_client_objects_alone(void **state) {
    struct ht_bench *bench = *state;
    start_first(bench);
    is_peer = false;
    assert_int_equal(fetch(bench, "/eth/v1/beacon/light_client/optimistic_update", NULL, NULL),
                     200);
    ht_buf_fini(&got.body);
    const char *rpc = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getCode\",\"params\":[]}";
    assert_int_equal(fetch(bench, "/eth/execution", NULL, rpc), 401);
    ht_buf_fini(&got.body);
    assert_int_equal(fetch(bench,
                           "/eth/receipts/"
                           "0x1111111111111111111111111111111111111111111111111111111111111111",
                           NULL, NULL),
                     401);
    end(bench);
}

static void strangers_are_held_back_when_they_ask_too_much(void **state) {
    struct ht_bench *bench = *state;
    start_first(bench);
    is_peer = false;
    for (unsigned i = 0; i < HT_NEAR_PUBLIC_AT_ONCE; i++) {
        assert_int_equal(fetch(bench, "/eth/v1/beacon/genesis", NULL, NULL), 200);
        ht_buf_fini(&got.body);
    }
    assert_int_equal(fetch(bench, "/eth/v1/beacon/genesis", NULL, NULL), 429);
    ht_buf_fini(&got.body);
    is_peer = true;
    assert_int_equal(fetch(bench, "/eth/v1/beacon/genesis", NULL, NULL), 200);
    ht_buf_fini(&got.body);
    is_peer = false;
    bench->mono_ms += 1000;
    assert_int_equal(fetch(bench, "/eth/v1/beacon/genesis", NULL, NULL), 200);
    end(bench);
}

static void a_method_that_peers_may_not_ask_is_refused_by_name(void **state) {
    struct ht_bench *bench = *state;
    start_first(bench);
    const char *rpc =
        "[{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"eth_sendTransaction\",\"params\":[\"0x\"]},"
        "{\"jsonrpc\":\"2.0\",\"id\":\"b\",\"method\":\"eth_getProof\",\"params\":[]}]";
    assert_int_equal(fetch(bench, "/eth/execution", NULL, rpc), 200);
    json_t *json = NULL;
    assert_int_equal(ht_json_parse(&json, ht_buf_view(&got.body), 4096, NULL), HT_OK);
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(json_array_get(json, 0), "error"), "code")),
                     -32601);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(json, 0), "id")), 5);
    /* No provider of its own, so nothing can be passed on: somebody else is to be asked. */
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(json_array_get(json, 1), "error"), "code")),
                     -32000);
    json_decref(json);
    end(bench);
}

static int64_t error_at(const json_t *list, size_t i) {
    const json_t *error = json_object_get(json_array_get(list, i), "error");
    return json_integer_value(json_object_get(error, "code"));
}

static void a_peer_that_sends_too_often_is_told_to_come_later(void **state) {
    struct ht_bench *bench = *state;
    static const char one[] =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_sendRawTransaction\",\"params\":[\"0x%02x\"]}";
    char rpc[8 * sizeof one] = "[", *at = rpc + 1;
    start_first(bench);
    for (unsigned i = 0; i <= HT_NEAR_SENDS_AT_ONCE; i++) {
        if (i > 0) *at++ = ',';
        at += snprintf(at, sizeof one, one, i);
    }
    memcpy(at, "]", 2);
    assert_int_equal(fetch(bench, "/eth/execution", NULL, rpc), 200);
    json_t *json = NULL;
    assert_int_equal(ht_json_parse(&json, ht_buf_view(&got.body), 8192, NULL), HT_OK);
    /* Without a provider nothing can be passed on, but each was looked at. */
    for (size_t i = 0; i < HT_NEAR_SENDS_AT_ONCE; i++) assert_int_equal(error_at(json, i), -32000);
    assert_int_equal(error_at(json, HT_NEAR_SENDS_AT_ONCE), -32005);
    json_decref(json);
    ht_buf_fini(&got.body);
    bench->mono_ms += 1000 / HT_NEAR_SENDS_PER_S;
    (void)snprintf(rpc, sizeof rpc, one, 0x99U);
    assert_int_equal(fetch(bench, "/eth/execution", NULL, rpc), 200);
    assert_int_equal(ht_json_parse(&json, ht_buf_view(&got.body), 4096, NULL), HT_OK);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "error"), "code")),
                     -32000);
    json_decref(json);
    end(bench);
}

static void what_was_kept_is_there_after_a_restart(void **state) {
    struct ht_bench *bench = *state;
    start_first(bench);
    close_door();
    ht_bench_stop(bench);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    open_door(bench);
    uint64_t slot;
    ht_hash32 root;
    assert_true(ht_light_kept_start(bench->kept, &slot, &root));
    expect_updates(bench, "application/octet-stream", 6);
    end(bench);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, ht_bench_new, ht_bench_free)

int main(void) {
    ht_log_set_level(HT_LOG_ERROR);
    const struct CMUnitTest tests[] = {
        TEST(a_node_without_providers_follows_the_chain_through_a_peer_alone),
        TEST(a_peer_is_asked_for_no_stream_of_events),
        TEST(a_peer_that_lies_is_named_and_not_asked_again),
        TEST(objects_are_given_as_ssz_and_as_json),
        TEST(what_is_not_kept_is_not_found),
        TEST(genesis_spec_and_checkpoints_are_told),
        TEST(strangers_get_light_client_objects_alone),
        TEST(strangers_are_held_back_when_they_ask_too_much),
        TEST(a_method_that_peers_may_not_ask_is_refused_by_name),
        TEST(a_peer_that_sends_too_often_is_told_to_come_later),
        TEST(what_was_kept_is_there_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
