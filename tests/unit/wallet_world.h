/* The wallet on its bench, asked over JSON-RPC: at /api by the owner, at /eth by whoever. */
#ifndef HT_TESTS_UNIT_WALLET_WORLD_H
#define HT_TESTS_UNIT_WALLET_WORLD_H

#include "identity/doors/permissions.h"
#include "identity/identity_sql.h"
#include "identity/wallet/queue.h"
#include "identity/wallet/send.h"
#include "node/base/hex.h"
#include "node/codec/json.h"
#include "tests/unit/wallet_chain.h"
#include "tests/unit/wallet_signer.h"

#define PAGE "https://app.example"
#define OTHER_PAGE "http://app.example"
/* The account of the key of ones, and two whose keys nobody has. */
#define OURS "0x1a642f0e3c3af545e7acbd38b07251b3990914f1"
#define WATCHED "0x0000000000000000000000000000000000000777"
#define STRANGER "0x0000000000000000000000000000000000123456"

/* One call and its reply; the reply is NULL until it comes. */
struct ask {
    struct ht_rpc_exchange *exchange;
    json_t *reply;
};

static struct ht_rpc *api, *eth;

static void world_on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    struct ask *ask = user;
    struct ht_why why = {0};
    assert_int_equal(err, HT_OK);
    ask->exchange = NULL;
    assert_int_equal(ht_json_parse(&ask->reply, ht_buf_view(text), 1 << 20, &why), HT_OK);
}

static inline void put(struct ask *ask, struct ht_rpc *rpc, const char *origin,
                       struct ht_rpc_peer *peer, const char *method, const char *params) {
    *ask = (struct ask){0};
    size_t size = strlen(params) + 200;
    char *text = malloc(size);
    assert_non_null(text);
    int n = snprintf(text, size, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}",
                     method, params);
    const struct ht_rpc_asker asker = {
        .peer = peer, .origin = origin, .may_wait = true, .on_reply = world_on_reply, .user = ask};
    struct ht_rpc_exchange *exchange = ht_rpc_handle(rpc, &asker, ht_bytes_of(text, (size_t)n));
    if (ask->reply == NULL) ask->exchange = exchange;
    free(text);
}

static inline void ask_owner(struct ask *ask, const char *method, const char *params) {
    put(ask, api, NULL, NULL, method, params);
}

static inline void ask_page(struct ask *ask, const char *method, const char *params) {
    put(ask, eth, PAGE, NULL, method, params);
}

/* The result as JSON text, which must come at once; good until the next one. */
static inline const char *result_of(struct ask *ask) {
    static char text[8192];
    if (ask->reply == NULL) fail_msg("%s", "there is no answer yet");
    const json_t *result = json_object_get(ask->reply, "result");
    if (result == NULL) {
        size_t n = json_dumpb(ask->reply, text, sizeof text - 1, JSON_COMPACT);
        text[n < sizeof text ? n : 0] = '\0';
        fail_msg("want a result, got %s", text);
    }
    size_t n = json_dumpb(result, text, sizeof text - 1, JSON_COMPACT | JSON_ENCODE_ANY);
    assert_true(n < sizeof text);
    text[n] = '\0';
    json_decref(ask->reply);
    ask->reply = NULL;
    return text;
}

/* It was refused with that number and that word. */
static inline void is_refused(struct ask *ask, int number, const char *code) {
    if (ask->reply == NULL) fail_msg("%s", "there is no answer yet");
    const json_t *error = json_object_get(ask->reply, "error");
    if (error == NULL) fail_msg("want %s, got a result", code);
    const json_t *data = json_object_get(error, "data");
    assert_string_equal(json_string_value(json_object_get(data, "code")), code);
    assert_int_equal(json_integer_value(json_object_get(error, "code")), number);
    json_decref(ask->reply);
    ask->reply = NULL;
}

/* A member of the i-th item in the queue, as JSON; borrowed until the next call. */
static inline const json_t *queued(size_t i, const char *member) {
    static json_t *topic;
    json_decref(topic);
    assert_int_equal(ht_queue_json(&bench.identity, &topic, NULL), HT_OK);
    return json_object_get(json_array_get(json_object_get(topic, "items"), i), member);
}

static inline size_t queue_size(void) {
    json_t *topic = NULL;
    assert_int_equal(ht_queue_json(&bench.identity, &topic, NULL), HT_OK);
    size_t size = json_array_size(json_object_get(topic, "items"));
    json_decref(topic);
    return size;
}

/* Parameters of a decision about the i-th item; more goes behind them. */
static inline const char *decision(size_t i, bool approve, const char *more) {
    static char text[800];
    char id[24], hash[80];
    (void)snprintf(id, sizeof id, "%s", json_string_value(queued(i, "id")));
    (void)snprintf(hash, sizeof hash, "%s", json_string_value(queued(i, "payload_hash")));
    (void)snprintf(text, sizeof text, "{\"id\":\"%s\",\"payload_hash\":\"%s\",\"approve\":%s%s}",
                   id, hash, approve ? "true" : "false", more);
    return text;
}

static inline void grant(const char *origin) {
    ht_permission_grant(&bench.identity, origin, &bench.accounts[0].address, 1, NULL);
    bench_commit();
}

/* What pages were told last, "ORIGIN METHOD [...]", and how often. */
static char world_told[512];
static unsigned world_told_count;

static inline void world_notify(const struct ht_host *host, const char *origin, const char *method,
                                json_t *params) {
    (void)host;
    char *text = json_dumps(params, JSON_COMPACT);
    (void)snprintf(world_told, sizeof world_told, "%s %s %s", origin, method, text);
    world_told_count++;
    free(text);
    json_decref(params);
}

static inline int world_start(void **state) {
    (void)state;
    memset(&bench, 0, sizeof bench);
    static const struct ht_clock clock = {bench_wall, bench_mono, NULL};
    static const struct ht_random random = {bench_fill, NULL};
    bench.host = (struct ht_host){.clock = &clock,
                                  .random = &random,
                                  .network = &bench.network,
                                  .signer = (struct ht_signer *)&bench,
                                  .publish = bench_publish,
                                  .notify_origin = world_notify};
    world_told_count = 0;
    bench.network.chain_id = 1337;
    bench.identity.host = &bench.host;
    bench.wall_ms = INT64_C(1700000000000);
    bench.mono_ms = 5000;
    bench.sync_state = HT_SYNC_LIVE;
    bench.balance_gwei = 2 * BENCH_GWEI;
    bench.nonce = 7;
    bench.account_count = 2;
    bench.accounts[0] = (struct ht_account_info){.id = 1, .key = "key-1", .is_backed_up = true};
    bench_address(&bench.accounts[0].address, 1);
    bench.accounts[1] = (struct ht_account_info){
        .id = 2, .address = {{[18] = 7, [19] = 0x77}}, .kind = HT_ACCOUNT_WATCH};
    assert_int_equal(ht_queue_new(&bench.identity), HT_OK);
    assert_int_equal(sqlite3_open(":memory:", &bench.db), SQLITE_OK);
    for (size_t i = 0; i < HT_IDENTITY_MIGRATIONS; i++) {
        assert_int_equal(sqlite3_exec(bench.db, ht_identity_migrations[i].sql, NULL, NULL, NULL),
                         SQLITE_OK);
    }
    for (size_t i = 0; i < bench.account_count; i++) {
        const struct ht_account_row row = {
            .address = bench.accounts[i].address, .label = "", .key = bench.accounts[i].key};
        int64_t id = bench.accounts[i].id;
        assert_int_equal(ht_account_sql_save(bench.db, &id, &row, NULL), HT_OK);
    }
    assert_int_equal(ht_permissions_new(&bench.identity, bench.db, NULL), HT_OK);
    assert_int_equal(ht_rpc_new(&api, HT_RPC_OWN), HT_OK);
    assert_int_equal(ht_rpc_new(&eth, HT_RPC_ETHEREUM), HT_OK);
    ht_rpc_set_admit(eth, ht_permissions_admit, &bench.identity);
    const struct ht_identity_methods own[] = {ht_queue_methods, ht_permission_methods,
                                              ht_send_methods};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(ht_rpc_add_methods(api, own[i].list, own[i].count, &bench.identity),
                         HT_OK);
    }
    assert_int_equal(
        ht_rpc_add_methods(eth, ht_door_methods.list, ht_door_methods.count, &bench.identity),
        HT_OK);
    return 0;
}

/* Whoever still waits goes without an answer. */
static inline int world_end(void **state) {
    (void)state;
    ht_rpc_free(api);
    ht_rpc_free(eth);
    bench_fire();
    (void)queued(0, "id");
    bench_commit();
    ht_permissions_free(&bench.identity);
    ht_queue_free(&bench.identity);
    ht_db_close(bench.db);
    return 0;
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, world_start, world_end)

#endif
