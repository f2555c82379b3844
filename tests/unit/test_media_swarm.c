/* Blobs from several nodes at once: real doors on loopback, each with a store of its own, in one
 * loop. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/stat.h>

#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/crypto/sha256.h"
#include "social/media/media_fetch.h"
#include "social/media/media_intake.h"
#include "social/media/media_swarm.h"
#include "social/media/media_swarm_serve.h"
#include "social/media/media_swarm_sql.h"

#define DEADLINE_MS 30000
#define SIZE ((size_t)3 << 20)
#define CHUNK ((size_t)64 << 10)
#define CHUNKS (SIZE / CHUNK)
#define SITES 4U
#define AUTHOR 0U

enum mode { HONEST, LIES, FALSE_LIST, SILENT };

struct site {
    char dir[64], base[64];
    struct ht_host host;
    struct ht_social social;
    struct ht_door *door;
    enum mode mode;
    unsigned lists, haves, chunks; /* that were asked for */
    unsigned budget;               /* chunks that it gives; after that it has no time */

    struct ht_media_swarm *swarm;
    unsigned done;
    enum ht_err err;
    struct ht_why why;
    bool is_new;
    uint64_t size;
};

static struct {
    struct ht_loop *loop;
    struct ht_pool *pool;
    struct ht_http *http;
    struct site sites[SITES];
    struct ht_timer tick;
    int turns;
    bool (*is_met)(void);
    struct ht_near_listener *listener;
    unsigned blamed;
    ht_hash32 culprit;
    char fault[96];
} bench;

static uint8_t data[SIZE];
static ht_hash32 hash;
static char hex[65];

/* --- the sites -------------------------------------------------------------------------------- */

static const struct ht_nostr_keys *no_keys(const struct ht_host *host) {
    (void)host;
    return NULL;
}

static void listen_near(void *self, struct ht_near_listener *listener) {
    (void)self;
    bench.listener = listener;
}

static void blame(void *self, const ht_hash32 *node, const char *what) {
    (void)self;
    bench.blamed++;
    bench.culprit = *node;
    (void)snprintf(bench.fault, sizeof bench.fault, "%s", what);
}

static const struct ht_near near = {.listen = listen_near, .blame = blame};

static const struct ht_near *near_nodes(const struct ht_host *host) {
    return host == &bench.sites[1].host ? &near : NULL;
}

static void say(struct ht_door_http *http, unsigned status, ht_bytes body) {
    const struct ht_door_answer answer = {.status = status, .type = "x/y", .body = body};
    ht_door_http_answer(http, &answer);
}

static size_t asked_chunk(const struct ht_door_request *request) {
    char text[64];
    (void)snprintf(text, sizeof text, "%.*s", (int)request->range.n,
                   (const char *)request->range.p);
    return (size_t)strtoull(text + strlen("bytes="), NULL, 10) / CHUNK;
}

/* A list of chunks that it made up: all of them are zeros. */
static void give_false(struct ht_door_http *http, const struct ht_door_request *request) {
    static uint8_t zeros[CHUNK];
    ht_hash32 hashes[CHUNKS];
    struct ht_blob_manifest manifest;
    char text[256], root[HT_HEX_SIZE(32)];
    for (size_t i = 0; i < CHUNKS; i++) ht_sha256(&hashes[i], HT_BYTES(zeros));
    assert_int_equal(ht_blob_manifest_of(&manifest, &hash, SIZE, CHUNK,
                                         ht_bytes_of(hashes, sizeof hashes), NULL),
                     HT_OK);
    if (request->range.n > 0) {
        say(http, 206, HT_BYTES(zeros));
    } else if (memchr(request->path.p, 'k', request->path.n) != NULL) { /* .chunks */
        json_t *json = ht_blob_manifest_json(&manifest);
        char *list = json_dumps(json, JSON_COMPACT);
        say(http, 200, ht_bytes_str(list));
        free(list);
        json_decref(json);
    } else {
        ht_hex_write(root, HT_BYTES(manifest.root.b));
        (void)snprintf(text, sizeof text, "{\"v\":1,\"root\":\"%s\",\"size\":1,\"missing\":0}",
                       root + 2);
        say(http, 200, ht_bytes_str(text));
    }
    ht_blob_manifest_fini(&manifest);
}

static void on_http(void *self, struct ht_door_http *http) {
    struct site *site = self;
    const struct ht_door_request *request = ht_door_http_request(http);
    bool is_piece = request->range.n > 0;
    site->chunks += is_piece;
    site->lists += memchr(request->path.p, 'k', request->path.n) != NULL;
    site->haves += memchr(request->path.p, 'v', request->path.n) != NULL;
    bool is_spent = is_piece && site->chunks > site->budget;
    if (site->mode == FALSE_LIST) {
        give_false(http, request);
    } else if (site->mode == SILENT || is_spent) {
        say(http, 503, ht_bytes_str(""));
    } else if (site->mode == LIES && is_piece) {
        uint8_t wrong[CHUNK];
        memcpy(wrong, data + asked_chunk(request) * CHUNK, CHUNK);
        wrong[7] ^= 1;
        say(http, 206, HT_BYTES(wrong));
    } else {
        ht_media_http(&site->social, http);
    }
}

static const struct ht_module_door door_module = {.http = on_http};

static void open_store(struct site *site) {
    char path[128];
    sqlite3 *db = NULL;
    struct ht_social *social = &site->social;
    (void)snprintf(path, sizeof path, "%s/social.db", site->dir);
    assert_int_equal(ht_db_open(&db, path, ht_media_migrations, ht_media_migration_count, NULL),
                     HT_OK);
    assert_int_equal(ht_writer_new(&social->writer, bench.loop, db, NULL), HT_OK);
    assert_int_equal(ht_reader_new(&social->reader, bench.pool, path, NULL), HT_OK);
    assert_int_equal(ht_policy_new(&social->policy), HT_OK);
    site->host = (struct ht_host){.clock = &ht_system_clock,
                                  .random = &ht_system_random,
                                  .loop = bench.loop,
                                  .pool = bench.pool,
                                  .http = bench.http,
                                  .data_dir = site->dir,
                                  .near_nodes = near_nodes,
                                  .nostr_keys = no_keys};
    social->host = &site->host;
    assert_int_equal(ht_media_new(social, NULL), HT_OK);
}

static void open_site(struct site *site) {
    const struct ht_door_options options = {.address = "127.0.0.1"};
    (void)snprintf(site->dir, sizeof site->dir, "/tmp/hearth-swarm-XXXXXX");
    assert_non_null(mkdtemp(site->dir));
    site->budget = UINT32_MAX;
    open_store(site);
    assert_int_equal(ht_door_new(&site->door, bench.loop, &options, NULL), HT_OK);
    ht_door_serve(site->door, &door_module, site);
    (void)snprintf(site->base, sizeof site->base, "http://127.0.0.1:%u", ht_door_port(site->door));
}

/* As the node stops. */
static void close_stores(void) {
    for (size_t i = 0; i < SITES; i++) {
        ht_media_stop(&bench.sites[i].social);
        ht_reader_stop(bench.sites[i].social.reader);
    }
    ht_pool_free(bench.pool);
    ht_loop_drain(bench.loop);
    for (size_t i = 0; i < SITES; i++) ht_writer_free(bench.sites[i].social.writer);
    ht_loop_drain(bench.loop);
    for (size_t i = 0; i < SITES; i++) {
        ht_media_free(&bench.sites[i].social);
        ht_reader_free(bench.sites[i].social.reader);
        ht_policy_free(bench.sites[i].social.policy);
    }
}

static void on_tick(struct ht_timer *timer) {
    if (bench.is_met() || ++bench.turns > DEADLINE_MS) {
        ht_loop_stop(bench.loop);
    } else {
        ht_timer_set(bench.loop, timer, 1, on_tick);
    }
}

static void wait_until(bool (*is_met)(void)) {
    bench.is_met = is_met;
    bench.turns = 0;
    ht_timer_set(bench.loop, &bench.tick, 0, on_tick);
    ht_loop_run(bench.loop);
    assert_true(is_met());
}

static void on_done(void *user, enum ht_err err, const struct ht_media_blob *blob, bool is_new,
                    const struct ht_why *why) {
    struct site *site = user;
    site->done++;
    site->err = err;
    site->why = *why;
    site->is_new = is_new;
    site->size = blob->size;
    site->swarm = NULL;
}

static bool author_has(void) {
    return bench.sites[AUTHOR].done == 1;
}

/* The blob, as if it had been uploaded. */
static void give_to_author(void) {
    char path[160];
    struct ht_intake *intake = NULL;
    struct site *site = &bench.sites[AUTHOR];
    (void)snprintf(path, sizeof path, "%s/media/incoming/%s.part", site->dir, hex);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, SIZE, file), SIZE);
    assert_int_equal(fclose(file), 0);
    const struct ht_intake_options options = {
        .keeper = {{9}}, .claimed = &hash, .path = path, .done = on_done, .user = site};
    assert_int_equal(ht_intake_begin(&intake, site->social.media, &options, NULL), HT_OK);
    ht_intake_end(intake, "video/mp4");
    wait_until(author_has);
    assert_int_equal(site->err, HT_OK);
    site->done = 0;
}

static int set_up(void **state) {
    (void)state;
    memset(&bench, 0, sizeof bench);
    ht_log_set_level(HT_LOG_ERROR);
    for (size_t i = 0; i < SIZE; i++) data[i] = (uint8_t)(i * 31 + i / 4096);
    ht_sha256(&hash, HT_BYTES(data));
    ht_task_hex(hex, &hash);
    assert_int_equal(ht_loop_new(&bench.loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_pool_new(&bench.pool, bench.loop, 2, 256, NULL), HT_OK);
    assert_int_equal(ht_http_new(&bench.http, bench.loop, "hearth-test", NULL), HT_OK);
    for (size_t i = 0; i < SITES; i++) open_site(&bench.sites[i]);
    give_to_author();
    return 0;
}

static int tear_down(void **state) {
    char command[128];
    int failed = 0;
    (void)state;
    close_stores();
    for (size_t i = 0; i < SITES; i++) ht_door_free(bench.sites[i].door);
    ht_http_free(bench.http);
    ht_loop_free(bench.loop);
    for (size_t i = 0; i < SITES; i++) {
        (void)snprintf(command, sizeof command, "rm -r %s", bench.sites[i].dir);
        failed |= system(command);
    }
    return failed;
}

/* --- fetching --------------------------------------------------------------------------------- */

static void begin(unsigned at, const char *const *bases, size_t count) {
    struct site *site = &bench.sites[at];
    const struct ht_media_swarm_options options = {.sha256 = hash,
                                                   .bases = bases,
                                                   .base_count = count,
                                                   .keeper = {{7}},
                                                   .done = on_done,
                                                   .user = site};
    site->done = 0;
    assert_int_equal(ht_media_swarm_begin(&site->swarm, site->social.media, &options, NULL), HT_OK);
}

static bool first_done(void) {
    return bench.sites[1].done == 1;
}

static bool all_done(void) {
    for (unsigned i = 1; i < SITES; i++) {
        if (bench.sites[i].done != 1) return false;
    }
    return true;
}

static void expect_whole(unsigned at) {
    char path[160];
    uint8_t *found = malloc(SIZE);
    const struct site *site = &bench.sites[at];
    if (site->err != HT_OK) fail_msg("%u: %s: %s", at, site->why.code, site->why.text);
    assert_int_equal(site->size, SIZE);
    (void)snprintf(path, sizeof path, "%s/media/%.2s/%s", site->dir, hex, hex);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(found, 1, SIZE, file), SIZE);
    (void)fclose(file);
    assert_memory_equal(found, data, SIZE);
    free(found);
}

static bool has_part(unsigned at) {
    char path[160];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/media/incoming/%s.part", bench.sites[at].dir, hex);
    return stat(path, &st) == 0;
}

static size_t count_written(unsigned at) {
    const struct ht_media_swarm *swarm = ht_media_swarm_find(bench.sites[at].social.media, &hash);
    size_t count = 0;
    if (swarm == NULL) return 0;
    for (size_t i = 0; i < CHUNKS; i++)
        count += ht_media_swarm_written(swarm)[i / 8] >> (i % 8) & 1;
    return count;
}

static void a_blob_comes_in_chunks_each_of_which_is_asked_for_once(void **state) {
    (void)state;
    const char *const bases[] = {bench.sites[AUTHOR].base};
    begin(1, bases, 1);
    wait_until(first_done);
    expect_whole(1);
    assert_true(bench.sites[1].is_new);
    assert_false(has_part(1));
    assert_int_equal(bench.sites[AUTHOR].chunks, CHUNKS);
    assert_int_equal(bench.sites[AUTHOR].lists, 1);
}

static void who_has_fetched_it_gives_it_to_the_next(void **state) {
    (void)state;
    const char *const author[] = {bench.sites[AUTHOR].base};
    begin(1, author, 1);
    wait_until(first_done);
    bench.sites[AUTHOR].mode = SILENT;
    const char *const both[] = {bench.sites[AUTHOR].base, bench.sites[1].base};
    begin(2, both, 2);
    bench.sites[3].done = 1;
    wait_until(all_done);
    expect_whole(2);
    assert_int_equal(bench.sites[1].chunks, CHUNKS);
}

static void all_finish_from_each_other_when_the_author_stops_halfway(void **state) {
    (void)state;
    const char *const all[] = {bench.sites[0].base, bench.sites[1].base, bench.sites[2].base,
                               bench.sites[3].base};
    /* Each chunk leaves the author once, and a few more for those asked of it at the same time. */
    bench.sites[AUTHOR].budget = CHUNKS + CHUNKS / 2;
    for (unsigned i = 1; i < SITES; i++) begin(i, all, 4);
    wait_until(all_done);
    for (unsigned i = 1; i < SITES; i++) expect_whole(i);
    assert_true(bench.sites[1].chunks + bench.sites[2].chunks + bench.sites[3].chunks > CHUNKS / 2);
}

static bool half_is_there(void) {
    return count_written(1) == CHUNKS / 2;
}

static void what_has_come_survives_and_is_not_asked_for_again(void **state) {
    (void)state;
    const char *const bases[] = {bench.sites[AUTHOR].base};
    struct site *author = &bench.sites[AUTHOR];
    author->budget = CHUNKS / 2;
    begin(1, bases, 1);
    wait_until(half_is_there);
    ht_media_swarm_drop(bench.sites[1].swarm);
    assert_true(has_part(1));
    author->budget = UINT32_MAX;
    author->chunks = 0;
    begin(1, bases, 1);
    wait_until(first_done);
    expect_whole(1);
    assert_int_equal(author->chunks, CHUNKS - CHUNKS / 2);
}

static void a_part_stays_when_the_node_starts_again_and_other_leftovers_do_not(void **state) {
    char path[160];
    struct stat st;
    (void)state;
    const char *const bases[] = {bench.sites[AUTHOR].base};
    bench.sites[AUTHOR].budget = CHUNKS / 2;
    begin(1, bases, 1);
    wait_until(half_is_there);
    struct site *site = &bench.sites[1];
    (void)snprintf(path, sizeof path, "%s/media/incoming/17", site->dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fclose(file);
    struct ht_media *before = site->social.media;
    ht_media_stop(&site->social);
    assert_int_equal(site->err, HT_EAGAIN);
    assert_int_equal(ht_media_new(&site->social, NULL), HT_OK);
    assert_true(has_part(1));
    assert_int_not_equal(stat(path, &st), 0);
    ht_media_stop(&site->social);
    ht_media_free(&site->social);
    site->social.media = before;
}

static bool is_half_given(void) {
    return count_written(2) == CHUNKS / 2;
}

static void a_part_is_given_on_while_the_rest_is_awaited(void **state) {
    (void)state;
    const char *const author[] = {bench.sites[AUTHOR].base};
    const char *const first[] = {bench.sites[1].base};
    bench.sites[AUTHOR].budget = CHUNKS / 2;
    begin(1, author, 1);
    wait_until(half_is_there);
    begin(2, first, 1);
    wait_until(is_half_given);
    bench.sites[AUTHOR].budget = UINT32_MAX;
    bench.sites[3].done = 1;
    wait_until(all_done);
    expect_whole(1);
    expect_whole(2);
    assert_int_equal(bench.sites[1].chunks, CHUNKS);
}

/* --- liars ------------------------------------------------------------------------------------ */

static struct ht_near_node node_of(unsigned at) {
    struct ht_near_node node = {.node = {{(uint8_t)(at + 1)}}, .has_blobs = true};
    (void)snprintf(node.base, sizeof node.base, "%s", bench.sites[at].base);
    return node;
}

static void tell_near(unsigned at) {
    struct ht_near_node node = node_of(at);
    bench.listener->changed(bench.listener, &node, true);
}

static void whoever_gives_a_bad_chunk_is_named_and_the_rest_comes_from_others(void **state) {
    (void)state;
    const char *const author[] = {bench.sites[AUTHOR].base};
    begin(2, author, 1);
    bench.sites[1].done = bench.sites[3].done = 1;
    wait_until(all_done);
    bench.sites[2].mode = LIES;
    begin(1, NULL, 0);
    tell_near(AUTHOR);
    tell_near(2);
    wait_until(first_done);
    expect_whole(1);
    assert_int_equal(bench.blamed, 1);
    assert_int_equal(bench.culprit.b[0], 3);
    assert_memory_equal(bench.fault, "chunk ", 6);
    assert_true(bench.sites[2].chunks <= HT_SWARM_AT_ONCE);
}

static void a_made_up_list_is_refused_and_its_maker_named(void **state) {
    (void)state;
    bench.sites[2].mode = FALSE_LIST;
    begin(1, NULL, 0);
    tell_near(2);
    tell_near(AUTHOR);
    wait_until(first_done);
    expect_whole(1);
    assert_int_equal(bench.blamed, 1);
    assert_int_equal(bench.culprit.b[0], 3);
    assert_string_equal(bench.fault, "list of chunks");
}

static void only_a_made_up_list_is_another_hash(void **state) {
    (void)state;
    bench.sites[2].mode = FALSE_LIST;
    const char *const bases[] = {bench.sites[2].base};
    begin(1, bases, 1);
    wait_until(first_done);
    assert_int_equal(bench.sites[1].err, HT_EUNVERIFIED);
    assert_string_equal(bench.sites[1].why.code, "other_hash");
    assert_false(has_part(1));
}

static void nobody_has_it(void **state) {
    (void)state;
    const char *const bases[] = {bench.sites[2].base, bench.sites[3].base};
    begin(1, bases, 2);
    wait_until(first_done);
    assert_int_equal(bench.sites[1].err, HT_ENOTFOUND);
    assert_string_equal(bench.sites[1].why.code, "no_holder");
}

static void the_same_blob_is_fetched_once_at_a_time(void **state) {
    (void)state;
    struct ht_why why;
    struct ht_media_swarm *second = NULL;
    const char *const bases[] = {bench.sites[AUTHOR].base};
    begin(1, bases, 1);
    const struct ht_media_swarm_options options = {.sha256 = hash, .done = on_done};
    assert_int_equal(ht_media_swarm_begin(&second, bench.sites[1].social.media, &options, &why),
                     HT_EAGAIN);
    assert_string_equal(why.code, "busy");
    wait_until(first_done);
    expect_whole(1);
}

static void without_room_nothing_is_fetched(void **state) {
    (void)state;
    const char *const bases[] = {bench.sites[AUTHOR].base};
    ht_media_set_quota(&bench.sites[1].social, 0, SIZE / 2);
    begin(1, bases, 1);
    wait_until(first_done);
    assert_int_equal(bench.sites[1].err, HT_ELIMIT);
    assert_string_equal(bench.sites[1].why.code, "full");
    assert_int_equal(bench.sites[AUTHOR].chunks, 0);
}

/* --- uploads ---------------------------------------------------------------------------------- */

static void uploads_wait_for_their_turn_and_too_many_are_refused(void **state) {
    (void)state;
    struct ht_media *media = bench.sites[AUTHOR].social.media;
    const ht_hash32 node = {{1}}, other = {{2}};
    const struct ht_upload_limits limits = {.peer_bytes_per_s = 100000, .at_once = 2};
    const struct ht_door_request request = {.method = HT_DOOR_GET,
                                            .range = ht_bytes_str("bytes=0-99999")};
    const struct ht_door_request local = {.method = HT_DOOR_GET, .is_local = true};
    ht_media_set_upload(&bench.sites[AUTHOR].social, &limits);
    assert_int_equal(ht_media_upload_wait(media, &request, &node, SIZE), 0);
    assert_in_range(ht_media_upload_wait(media, &request, &node, SIZE), 900, 1000);
    assert_int_equal(ht_media_upload_wait(media, &request, &other, SIZE), 0);
    assert_int_equal(ht_media_upload_wait(media, &local, NULL, SIZE), 0);
    media->upload_waiting = 2;
    assert_int_equal(ht_media_upload_wait(media, &request, &other, SIZE), -1);
    media->upload_waiting = 0;
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_blob_comes_in_chunks_each_of_which_is_asked_for_once),
        TEST(who_has_fetched_it_gives_it_to_the_next),
        TEST(all_finish_from_each_other_when_the_author_stops_halfway),
        TEST(what_has_come_survives_and_is_not_asked_for_again),
        TEST(a_part_stays_when_the_node_starts_again_and_other_leftovers_do_not),
        TEST(a_part_is_given_on_while_the_rest_is_awaited),
        TEST(whoever_gives_a_bad_chunk_is_named_and_the_rest_comes_from_others),
        TEST(a_made_up_list_is_refused_and_its_maker_named),
        TEST(only_a_made_up_list_is_another_hash),
        TEST(nobody_has_it),
        TEST(the_same_blob_is_fetched_once_at_a_time),
        TEST(without_room_nothing_is_fetched),
        TEST(uploads_wait_for_their_turn_and_too_many_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
