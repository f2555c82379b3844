/* Evidence on disk: what is kept, what goes first, what a restart remembers, and what people read.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "node/l1/evidence.h"
#include "node/l1/evidence_sql.h"
#include "tests/unit/ask_bench.h"

static struct ask_bench bench;
static struct ht_writer *writer;
static struct ht_reader *reader;
static struct ht_evidence *evidence;
static char dir[64], path[96];
static unsigned changes;

static void on_change(void *user) {
    (void)user;
    changes++;
    ht_loop_stop(bench.loop);
}

static void add_provider(const char *url) {
    assert_int_equal(ht_providers_add(&bench.providers, HT_PROVIDER_EXECUTION, url, NULL), HT_OK);
}

static void open_evidence(void) {
    sqlite3 *db = NULL;
    struct ht_why why = {.text = ""};
    if (ht_db_open(&db, path, ht_evidence_migrations, ht_evidence_migration_count, &why) != HT_OK)
        fail_msg("%s", why.text);
    assert_int_equal(ht_reader_new(&reader, bench.pool, path, &why), HT_OK);
    struct ht_evidence_host host = {
        .reader = reader, .providers = &bench.providers, .on_change = on_change};
    assert_int_equal(ht_writer_new(&writer, bench.loop, db, &why), HT_OK);
    host.writer = writer;
    sqlite3 *first = NULL;
    assert_int_equal(ht_db_open_reader(&first, path, &why), HT_OK);
    assert_int_equal(ht_evidence_new(&evidence, &host, first, &why), HT_OK);
    ht_db_close(first);
    ht_asker_set_evidence(bench.asker, evidence);
    changes = 0;
}

static int start(void **state) {
    (void)state;
    ask_open(&bench);
    (void)snprintf(dir, sizeof dir, "/tmp/ht_evidence.XXXXXX");
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/hearth.db", dir);
    return 0;
}

static void close_evidence(void) {
    ht_asker_stop(bench.asker);
    ht_pool_free(bench.pool);
    ht_loop_drain(bench.loop);
    ht_reader_free(reader);
    ht_writer_free(writer);
    ht_loop_drain(bench.loop);
    ht_asker_free(bench.asker);
    ht_evidence_free(evidence);
    ht_http_free(bench.http);
    for (size_t i = 0; i < bench.peer_count; i++) ht_peer_stop(&bench.peers[i]);
    ht_loop_free(bench.loop);
}

static void remove_dir(void) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    char file[128];
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(file, sizeof file, "%s%s", path, endings[i]);
        (void)unlink(file);
    }
    assert_int_equal(rmdir(dir), 0);
}

static int end(void **state) {
    (void)state;
    close_evidence();
    remove_dir();
    return 0;
}

/* As after a restart: nothing but the disk. */
static void restart(void) {
    close_evidence();
    ask_open(&bench);
}

static void late(struct ht_timer *timer) {
    (void)timer;
    fail_msg("nothing was committed");
}

static void wait_for_changes(unsigned count) {
    struct ht_timer timer = {0};
    ht_timer_set(bench.loop, &timer, 15000, late);
    while (changes < count) ht_loop_run(bench.loop);
    ht_timer_cancel(&timer);
}

/* A fault of a provider, kept. */
static void add_fault(size_t provider, const char *asked, bool is_lie, ht_bytes answer) {
    struct ht_provider *one = &bench.providers.list[provider];
    struct ht_provider_fault fault = {.at_ms = 1700000000000,
                                      .why = {.code = "bad_proof", .text = "it does not hold"},
                                      .answer_bytes = answer.n};
    (void)snprintf(fault.asked, sizeof fault.asked, "%s", asked);
    ht_provider_faulted(&bench.providers, one, &fault, is_lie);
    struct ht_evidence_case found = {
        .is_lie = is_lie, .request = ht_bytes_str("{\"id\":1}"), .answer = answer};
    unsigned before = changes;
    ht_evidence_add(evidence, one, &fault, &found);
    wait_for_changes(before + 1);
}

static void is_read(struct ht_evidence_read *read) {
    (void)read;
    ht_loop_stop(bench.loop);
}

static struct ht_evidence_read read_id(int64_t id) {
    struct ht_evidence_read read = {.id = id, .done = is_read};
    struct ht_timer timer = {0};
    ht_timer_set(bench.loop, &timer, 15000, late);
    assert_int_equal(ht_evidence_read(evidence, &read), HT_OK);
    ht_loop_run(bench.loop);
    ht_timer_cancel(&timer);
    return read;
}

static const char *text_of(const struct ht_evidence_read *read, const char *key) {
    return json_string_value(json_object_get(read->json, key));
}

static int64_t last_id(size_t provider) {
    const struct ht_provider *one = &bench.providers.list[provider];
    return one->faults[one->fault_count - 1].evidence_id;
}

/* --- keeping ---------------------------------------------------------------------------------- */

static void a_lie_in_an_answer_is_kept_with_all_that_belongs_to_it(void **state) {
    (void)state;
    static const struct ht_exec_header header = {
        .layout = HT_EXEC_LAYOUT_FRONTIER, .number = 17, .gas_limit = 5000};
    ask_add(&bench, ask_say_bad);
    open_evidence();
    ask_prepare(&bench.question, "eth_test", 1);
    bench.question.header = &header;
    ht_ask(bench.asker, &bench.question);
    ask_run(&bench, 1);
    wait_for_changes(1);
    assert_true(last_id(0) > 0);
    struct ht_evidence_read read = read_id(last_id(0));
    assert_int_equal(read.err, HT_OK);
    assert_string_equal(text_of(&read, "provider"), bench.providers.list[0].name);
    assert_string_equal(text_of(&read, "kind"), "execution");
    assert_string_equal(text_of(&read, "asked"), "something good");
    assert_string_equal(text_of(&read, "code"), "not_good");
    assert_string_equal(text_of(&read, "reason"), "not good");
    assert_non_null(strstr(text_of(&read, "request"), "\"method\":\"eth_test\""));
    assert_non_null(strstr(text_of(&read, "answer"), "\"result\":\"bad\""));
    assert_int_equal(json_integer_value(json_object_get(read.json, "answer_bytes")),
                     strlen(text_of(&read, "answer")));
    assert_true(json_is_false(json_object_get(read.json, "answer_is_cut")));
    assert_true(json_is_true(json_object_get(read.json, "is_lie")));
    const json_t *kept = json_object_get(read.json, "header");
    assert_string_equal(json_string_value(json_object_get(kept, "number")), "0x11");
    json_decref(read.json);
}

static void what_is_no_text_is_read_in_hex(void **state) {
    (void)state;
    add_provider("http://a.example");
    open_evidence();
    add_fault(0, "x", false, ht_bytes_of("\xff\x00\x01", 3));
    struct ht_evidence_read read = read_id(last_id(0));
    assert_int_equal(read.err, HT_OK);
    assert_string_equal(text_of(&read, "answer"), "0xff0001");
    assert_true(json_is_null(json_object_get(read.json, "header")));
    json_decref(read.json);
}

static void a_long_answer_is_cut_and_says_so(void **state) {
    (void)state;
    const size_t n = HT_EVIDENCE_ANSWER_MAX + 7;
    char *text = malloc(n);
    memset(text, 'x', n);
    memcpy(text + HT_EVIDENCE_ANSWER_MAX - 1, "\xc3\xa4", 2); /* cut within a character */
    add_provider("http://a.example");
    open_evidence();
    add_fault(0, "x", false, ht_bytes_of(text, n));
    free(text);
    struct ht_evidence_read read = read_id(last_id(0));
    assert_int_equal(read.err, HT_OK);
    assert_int_equal(strlen(text_of(&read, "answer")), HT_EVIDENCE_ANSWER_MAX - 1);
    assert_true(json_is_true(json_object_get(read.json, "answer_is_cut")));
    assert_int_equal(json_integer_value(json_object_get(read.json, "answer_bytes")), n);
    json_decref(read.json);
}

static void evidence_that_is_not_there_is_not_found(void **state) {
    (void)state;
    open_evidence();
    struct ht_evidence_read read = read_id(12);
    assert_int_equal(read.err, HT_ENOTFOUND);
    assert_string_equal(read.why.code, "no_evidence");
    assert_null(read.json);
}

static void a_fault_that_was_pushed_out_meanwhile_gives_its_id_to_no_other(void **state) {
    (void)state;
    add_provider("http://a.example");
    open_evidence();
    struct ht_provider *one = &bench.providers.list[0];
    struct ht_provider_fault fault = {.why = {.code = "old", .text = ""}};
    struct ht_evidence_case found = {.is_lie = false};
    ht_provider_faulted(&bench.providers, one, &fault, false);
    ht_evidence_add(evidence, one, &fault, &found);
    fault.why.code = "new";
    for (size_t i = 0; i < HT_PROVIDER_FAULTS_MAX; i++) {
        ht_provider_faulted(&bench.providers, one, &fault, false);
    }
    ht_evidence_add(evidence, one, &fault, &found);
    wait_for_changes(1);
    assert_int_equal(last_id(0), 2);
    for (size_t i = 0; i + 1 < HT_PROVIDER_FAULTS_MAX; i++) {
        assert_int_equal(one->faults[i].evidence_id, 0);
    }
}

/* --- what goes first -------------------------------------------------------------------------- */

static void save(sqlite3 *db, int64_t *id, const char *name, bool is_lie) {
    struct ht_evidence_row row = {.kind = "execution",
                                  .name = name,
                                  .asked = "x",
                                  .code = "bad_proof",
                                  .reason = "",
                                  .is_lie = is_lie};
    assert_int_equal(ht_evidence_sql_save(db, id, &row, NULL), HT_OK);
}

static void ignore_row(void *user, const struct ht_evidence_row *row) {
    (void)user;
    (void)row;
}

static bool is_there(sqlite3 *db, int64_t id) {
    return ht_evidence_sql_read(db, id, ignore_row, NULL, NULL) == HT_OK;
}

static void the_oldest_goes_but_never_the_newest_unforgiven_lie_of_somebody(void **state) {
    (void)state;
    sqlite3 *db = NULL;
    int64_t id, old_lie, lie, forgiven;
    assert_int_equal(
        ht_db_open(&db, path, ht_evidence_migrations, ht_evidence_migration_count, NULL), HT_OK);
    save(db, &old_lie, "a", true);
    save(db, &lie, "a", true);
    save(db, &forgiven, "b", true);
    assert_int_equal(ht_evidence_sql_forgive(db, "execution", "b", NULL), HT_OK);
    for (size_t i = 3; i < HT_EVIDENCE_MAX; i++) save(db, &id, "c", false);
    assert_true(is_there(db, old_lie) && is_there(db, lie) && is_there(db, forgiven));
    save(db, &id, "c", false);
    assert_false(is_there(db, old_lie));
    save(db, &id, "c", false);
    assert_false(is_there(db, forgiven));
    save(db, &id, "c", false);
    assert_true(is_there(db, lie));
    assert_false(is_there(db, forgiven + 1));
    assert_true(is_there(db, id));
    ht_db_close(db);
    open_evidence();
}

/* --- after a restart -------------------------------------------------------------------------- */

static void a_liar_stays_out_after_a_restart(void **state) {
    (void)state;
    add_provider("http://mara:secret@liar.example/key");
    add_provider("http://other.example");
    open_evidence();
    add_fault(0, "an account", true, ht_bytes_str("{}"));
    add_fault(1, "a block", false, ht_bytes_str("{}"));
    int64_t id = last_id(0);
    restart();
    add_provider("http://other.example");
    add_provider("http://liar.example/another-key");
    assert_int_equal(
        ht_providers_add(&bench.providers, HT_PROVIDER_BEACON, "http://liar.example", NULL), HT_OK);
    open_evidence();
    assert_false(bench.providers.list[0].has_lied);
    assert_false(bench.providers.list[2].has_lied);
    const struct ht_provider *liar = &bench.providers.list[1];
    assert_true(liar->has_lied);
    assert_int_equal(liar->fault_count, 1);
    assert_string_equal(liar->faults[0].why.code, "bad_proof");
    assert_string_equal(liar->faults[0].why.text, "it does not hold");
    assert_string_equal(liar->faults[0].asked, "an account");
    assert_int_equal(liar->faults[0].evidence_id, id);
    assert_int_equal(liar->requests, 0);
}

static void a_provider_that_was_forgiven_stays_in_after_a_restart(void **state) {
    (void)state;
    add_provider("http://liar.example");
    open_evidence();
    add_fault(0, "x", true, ht_bytes_str("{}"));
    ht_provider_forgive(&bench.providers.list[0]);
    assert_int_equal(ht_evidence_forgive(evidence, &bench.providers.list[0]), HT_OK);
    int64_t id = last_id(0);
    restart();
    add_provider("http://liar.example");
    open_evidence();
    assert_false(bench.providers.list[0].has_lied);
    struct ht_evidence_read read = read_id(id);
    assert_int_equal(read.err, HT_OK);
    assert_true(json_is_true(json_object_get(read.json, "forgiven")));
    json_decref(read.json);
}

static void a_provider_that_lies_again_after_it_was_forgiven_is_out_again(void **state) {
    (void)state;
    add_provider("http://liar.example");
    open_evidence();
    add_fault(0, "first", true, ht_bytes_str("{}"));
    assert_int_equal(ht_evidence_forgive(evidence, &bench.providers.list[0]), HT_OK);
    add_fault(0, "second", true, ht_bytes_str("{}"));
    restart();
    add_provider("http://liar.example");
    open_evidence();
    assert_true(bench.providers.list[0].has_lied);
    assert_string_equal(bench.providers.list[0].faults[0].asked, "second");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
        TEST(a_lie_in_an_answer_is_kept_with_all_that_belongs_to_it),
        TEST(what_is_no_text_is_read_in_hex),
        TEST(a_long_answer_is_cut_and_says_so),
        TEST(evidence_that_is_not_there_is_not_found),
        TEST(a_fault_that_was_pushed_out_meanwhile_gives_its_id_to_no_other),
        TEST(the_oldest_goes_but_never_the_newest_unforgiven_lie_of_somebody),
        TEST(a_liar_stays_out_after_a_restart),
        TEST(a_provider_that_was_forgiven_stays_in_after_a_restart),
        TEST(a_provider_that_lies_again_after_it_was_forgiven_is_out_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
