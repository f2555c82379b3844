/* Blobs on their way in from another server: a real request to loopback, taken for public here, a
 * writer, a reader and a folder on disk. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "node/base/log.h"
#include "social/media/media_fetch.h"
#include "social/media/media_intake.h"
#include "tests/unit/loopback.h"

#define DEADLINE_MS 20000
#define BIG ((size_t)3 << 20)

static struct {
    char dir[64], url[128];
    struct ht_loop *loop;
    struct ht_pool *pool;
    struct ht_host host;
    struct ht_social social;
    struct ht_peer peer;
    struct ht_timer tick;
    int turns;
    bool (*is_met)(void);
    struct ht_media_fetch *fetch;
    unsigned done;
    enum ht_err err;
    struct ht_why why;
    struct ht_media_blob blob;
    bool is_new;
} bench;

static uint8_t big[BIG];

static const struct ht_nostr_keys *no_keys(const struct ht_host *host) {
    (void)host;
    return NULL;
}

static bool takes_all(const struct sockaddr *address) {
    (void)address;
    return true;
}

static int set_up(void **state) {
    char path[128];
    sqlite3 *db = NULL;
    (void)state;
    memset(&bench, 0, sizeof bench);
    ht_log_set_level(HT_LOG_ERROR);
    for (size_t i = 0; i < sizeof big; i++) big[i] = (uint8_t)(i * 31 + i / 4096);
    (void)snprintf(bench.dir, sizeof bench.dir, "/tmp/hearth-media-XXXXXX");
    if (mkdtemp(bench.dir) == NULL) return 1;
    (void)snprintf(path, sizeof path, "%s/social.db", bench.dir);
    struct ht_social *social = &bench.social;
    assert_int_equal(ht_loop_new(&bench.loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_pool_new(&bench.pool, bench.loop, 2, 64, NULL), HT_OK);
    assert_int_equal(ht_db_open(&db, path, ht_media_migrations, ht_media_migration_count, NULL),
                     HT_OK);
    assert_int_equal(ht_writer_new(&social->writer, bench.loop, db, NULL), HT_OK);
    assert_int_equal(ht_reader_new(&social->reader, bench.pool, path, NULL), HT_OK);
    assert_int_equal(ht_policy_new(&social->policy), HT_OK);
    bench.host = (struct ht_host){.clock = &ht_system_clock,
                                  .random = &ht_system_random,
                                  .loop = bench.loop,
                                  .pool = bench.pool,
                                  .data_dir = bench.dir,
                                  .nostr_keys = no_keys};
    assert_int_equal(ht_http_new(&bench.host.http, bench.loop, "hearth-test", NULL), HT_OK);
    social->host = &bench.host;
    assert_int_equal(ht_media_new(social, NULL), HT_OK);
    social->media->is_public = takes_all;
    return 0;
}

/* As the node stops: the module first, then the workers, then the writer. */
static int tear_down(void **state) {
    char command[128];
    (void)state;
    ht_media_stop(&bench.social);
    ht_reader_stop(bench.social.reader);
    ht_pool_free(bench.pool);
    ht_loop_drain(bench.loop);
    ht_writer_free(bench.social.writer);
    ht_loop_drain(bench.loop);
    ht_media_free(&bench.social);
    ht_reader_free(bench.social.reader);
    ht_http_free(bench.host.http);
    ht_policy_free(bench.social.policy);
    ht_loop_free(bench.loop);
    (void)snprintf(command, sizeof command, "rm -r %s", bench.dir);
    return system(command);
}

/* --- waiting ---------------------------------------------------------------------------------- */

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

static bool is_done(void) {
    return bench.done > 0;
}

static bool is_quiet(void) {
    return bench.social.media->intakes == NULL;
}

static bool is_swept(void) {
    return bench.social.media->sweep == NULL;
}

static unsigned count_in(const char *folder) {
    char path[128];
    unsigned count = 0;
    (void)snprintf(path, sizeof path, "%s/media/%s", bench.dir, folder);
    DIR *dir = opendir(path);
    for (const struct dirent *one; dir != NULL && (one = readdir(dir)) != NULL;) {
        count += one->d_name[0] != '.';
    }
    if (dir != NULL) (void)closedir(dir);
    return count;
}

static unsigned count_incoming(void) {
    return count_in(HT_MEDIA_INCOMING);
}

static void on_done(void *user, enum ht_err err, const struct ht_media_blob *blob, bool is_new,
                    const struct ht_why *why) {
    (void)user;
    bench.done++;
    bench.err = err;
    bench.why = *why;
    bench.blob = *blob;
    bench.is_new = is_new;
}

static void begin(void (*script)(struct ht_peer *, int), const ht_hash32 *claimed) {
    if (bench.url[0] == '\0') {
        assert_true(ht_peer_start(&bench.peer, script));
        (void)snprintf(bench.url, sizeof bench.url, "http://127.0.0.1:%u/cat.bin", bench.peer.port);
    }
    const struct ht_media_fetch_options options = {
        .url = bench.url, .keeper = {{9}}, .is_fetched = true, .claimed = claimed, .done = on_done};
    bench.done = 0;
    assert_int_equal(ht_media_fetch_begin(&bench.fetch, bench.social.media, &options, NULL), HT_OK);
}

static void fetch(void (*script)(struct ht_peer *, int), const ht_hash32 *claimed) {
    begin(script, claimed);
    wait_until(is_done);
    wait_until(is_quiet);
    ht_peer_stop(&bench.peer);
    bench.url[0] = '\0';
    assert_int_equal(count_incoming(), 0);
}

static void expect_refusal(enum ht_err err, const char *code) {
    char folder[8];
    if (bench.err != err) fail_msg("got %s: %s", ht_err_name(bench.err), bench.why.text);
    assert_string_equal(bench.why.code, code);
    for (unsigned i = 0; i < 256; i++) {
        (void)snprintf(folder, sizeof folder, "%02x", i);
        assert_int_equal(count_in(folder), 0);
    }
}

/* --- what the server says --------------------------------------------------------------------- */

static void send_small(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd,
                "HTTP/1.1 200 OK\r\nContent-Type: image/webp\r\nContent-Length: 5\r\n\r\nhello");
}

static void send_big(struct ht_peer *peer, int fd) {
    (void)peer;
    char head[128];
    (void)snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", BIG);
    ht_peer_say(fd, head);
    ht_peer_send(fd, big, sizeof big);
}

static void send_half(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n");
    ht_peer_send(fd, big, sizeof big / 2);
}

static void send_half_and_hold(struct ht_peer *peer, int fd) {
    send_half(peer, fd);
    ht_peer_hold(peer, fd);
}

static void send_404(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
}

static void send_redirect(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, "HTTP/1.1 302 There\r\nLocation: http://127.0.0.1:1/\r\n"
                    "Content-Length: 0\r\n\r\n");
}

/* --- tests ------------------------------------------------------------------------------------ */

static void media_fetch_keeps_what_came(void **state) {
    ht_hash32 hash;
    char path[HT_MEDIA_PATH_SIZE];
    struct stat st;
    (void)state;
    (void)crypto_hash_sha256(hash.b, (const uint8_t *)"hello", 5);
    fetch(send_small, &hash);
    if (bench.err != HT_OK) fail_msg("%s", bench.why.text);
    assert_true(bench.is_new);
    assert_int_equal(bench.blob.size, 5);
    assert_string_equal(bench.blob.type, "image/webp");
    assert_memory_equal(bench.blob.sha256.b, hash.b, sizeof hash.b);
    ht_media_path(path, bench.social.media, &hash);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 5);
    fetch(send_small, NULL);
    assert_int_equal(bench.err, HT_OK);
    assert_false(bench.is_new);
}

static void media_fetch_brings_large_blobs_piece_by_piece(void **state) {
    ht_hash32 hash;
    (void)state;
    (void)crypto_hash_sha256(hash.b, big, sizeof big);
    fetch(send_big, NULL);
    if (bench.err != HT_OK) fail_msg("%s", bench.why.text);
    assert_int_equal(bench.blob.size, BIG);
    assert_memory_equal(bench.blob.sha256.b, hash.b, sizeof hash.b);
}

static void media_fetch_asks_nothing_of_this_computer(void **state) {
    (void)state;
    bench.social.media->is_public = NULL;
    fetch(send_small, NULL);
    expect_refusal(HT_EDENIED, "private_address");
    assert_int_equal(atomic_load(&bench.peer.requests), 0);
}

static void media_fetch_refuses_another_hash_than_was_named(void **state) {
    const ht_hash32 hash = {{1}};
    (void)state;
    fetch(send_small, &hash);
    expect_refusal(HT_EUNVERIFIED, "other_hash");
}

static void media_fetch_refuses_an_answer_that_is_no_file(void **state) {
    (void)state;
    fetch(send_404, NULL);
    expect_refusal(HT_ENET, "bad_status");
    fetch(send_redirect, NULL);
    expect_refusal(HT_ENET, "bad_status");
}

static void media_fetch_keeps_nothing_of_a_file_that_is_cut_short(void **state) {
    (void)state;
    fetch(send_half, NULL);
    expect_refusal(HT_ENET, "connection_lost");
}

static void media_fetch_keeps_nothing_over_the_quota(void **state) {
    (void)state;
    ht_media_set_quota(&bench.social, 1 << 20, 0);
    fetch(send_big, NULL);
    expect_refusal(HT_ELIMIT, "quota");
    ht_media_set_quota(&bench.social, 0, 1 << 20);
    fetch(send_big, NULL);
    expect_refusal(HT_ELIMIT, "full");
}

/* A file that may not grow is what a full disk looks like to who writes it. */
static void media_fetch_keeps_nothing_when_the_disk_is_full(void **state) {
    struct rlimit before;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = {.rlim_cur = 1 << 20, .rlim_max = before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    fetch(send_big, NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    expect_refusal(HT_ESTORE, "disk_full");
}

static bool has_begun(void) {
    return count_incoming() == 1;
}

static void media_fetch_that_is_dropped_leaves_nothing(void **state) {
    (void)state;
    begin(send_half_and_hold, NULL);
    wait_until(has_begun);
    ht_media_fetch_drop(bench.fetch);
    wait_until(is_quiet);
    assert_int_equal(bench.done, 0);
    assert_int_equal(count_incoming(), 0);
    ht_peer_stop(&bench.peer);
}

static void media_fetch_ends_when_the_node_stops(void **state) {
    (void)state;
    begin(send_half_and_hold, NULL);
    wait_until(has_begun);
    ht_media_stop(&bench.social);
    assert_int_equal(bench.done, 1);
    assert_int_equal(bench.err, HT_EAGAIN);
    assert_string_equal(bench.why.code, "stopping");
    ht_peer_stop(&bench.peer);
}

static void media_fetch_refuses_more_than_fit_at_once(void **state) {
    struct ht_media_fetch *more = NULL;
    struct ht_why why = {.code = ""};
    (void)state;
    for (unsigned i = 0; i < HT_MEDIA_UPLOADS_MAX; i++) begin(send_half_and_hold, NULL);
    const struct ht_media_fetch_options options = {.url = bench.url, .done = on_done};
    assert_int_equal(ht_media_fetch_begin(&more, bench.social.media, &options, &why), HT_EAGAIN);
    assert_string_equal(why.code, "busy");
    ht_media_stop(&bench.social);
    assert_int_equal(bench.done, HT_MEDIA_UPLOADS_MAX);
    ht_peer_stop(&bench.peer);
}

static void touch(const char *path) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static void media_sweep_removes_files_without_an_entry_and_entries_without_a_file(void **state) {
    char path[HT_MEDIA_PATH_SIZE], folder[HT_MEDIA_PATH_SIZE], other[HT_MEDIA_PATH_SIZE + 16];
    (void)state;
    wait_until(is_swept);
    fetch(send_small, NULL);
    ht_media_path(path, bench.social.media, &bench.blob.sha256);
    ht_media_folder(folder, bench.social.media, bench.blob.sha256.b[0]);
    assert_int_equal(unlink(path), 0);
    const ht_hash32 stray = {{bench.blob.sha256.b[0], 1}};
    ht_media_path(path, bench.social.media, &stray);
    touch(path);
    (void)snprintf(other, sizeof other, "%s/not-ours", folder);
    touch(other);
    ht_media_stop(&bench.social);
    ht_media_free(&bench.social);
    assert_int_equal(ht_media_new(&bench.social, NULL), HT_OK);
    bench.social.media->is_public = takes_all;
    wait_until(is_swept);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(access(other, F_OK), 0);
    fetch(send_small, NULL);
    assert_true(bench.is_new);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(media_fetch_keeps_what_came),
        TEST(media_fetch_brings_large_blobs_piece_by_piece),
        TEST(media_fetch_asks_nothing_of_this_computer),
        TEST(media_fetch_refuses_another_hash_than_was_named),
        TEST(media_fetch_refuses_an_answer_that_is_no_file),
        TEST(media_fetch_keeps_nothing_of_a_file_that_is_cut_short),
        TEST(media_fetch_keeps_nothing_over_the_quota),
        TEST(media_fetch_keeps_nothing_when_the_disk_is_full),
        TEST(media_fetch_that_is_dropped_leaves_nothing),
        TEST(media_fetch_ends_when_the_node_stops),
        TEST(media_fetch_refuses_more_than_fit_at_once),
        TEST(media_sweep_removes_files_without_an_entry_and_entries_without_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
