/* A real signer process: what it may not do, how it ends, and the life of its vault. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/base/hex.h"
#include "node/signer/signer_process.h"
#include "tests/unit/signer_bench.h"

/* --- the process ------------------------------------------------------------------------------*/

static void signer_says_who_it_is(void **state) {
    struct signer_bench *bench = *state;
    const struct ht_signer_hello *hello = ht_signer_hello(bench->signer);
    assert_true(hello->pid > 0 && hello->pid != getpid());
    assert_int_equal(hello->public_key[0], 4);
    assert_true(hello->confined & HT_CONFINED_NO_DUMP);
    assert_true(hello->confined & HT_CONFINED_NO_NEW_PRIVILEGES);
    assert_true(hello->confined & HT_CONFINED_DIES_WITH_PARENT);
}

static long status_of(int pid, const char *field) {
    char path[64];
    char line[256];
    long value = -1;
    (void)snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        size_t n = strlen(field);
        if (strncmp(line, field, n) == 0 && line[n] == ':') value = strtol(line + n + 1, NULL, 10);
    }
    (void)fclose(file);
    return value;
}

static void signer_runs_confined(void **state) {
    struct signer_bench *bench = *state;
    const struct ht_signer_hello *hello = ht_signer_hello(bench->signer);
    assert_int_equal(status_of(hello->pid, "NoNewPrivs"), 1);
    /* Sanitizers need calls that the filter ends the process for; then the signer says so. */
    bool is_filtered = (hello->confined & HT_CONFINED_SYSCALLS) != 0;
    assert_int_equal(status_of(hello->pid, "Seccomp"), is_filtered ? 2 : 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
    assert_true(is_filtered);
#endif
}

static void signer_has_one_descriptor(void **state) {
    struct signer_bench *bench = *state;
    char path[64];
    size_t count = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/fd", ht_signer_hello(bench->signer)->pid);
    DIR *dir = opendir(path);
    if (dir == NULL) skip(); /* undumpable: only root may look */
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) count += entry->d_name[0] != '.';
    (void)closedir(dir);
    assert_int_equal(count, 1);
}

static void signer_stays_small_when_idle(void **state) {
    struct signer_bench *bench = *state;
    bench_create(bench);
    bench_must_be(bench, bench_import(bench, "mnemonic", bench_zero_words, NULL), HT_OK, NULL);
    bench_address_is(bench, "seed-1 m/44'/60'/0'/0/0",
                     "0x9858effd232b4033e47d90003d41ec34ecaeda94");
    const struct ht_signer_hello *hello = ht_signer_hello(bench->signer);
    if (!(hello->confined & HT_CONFINED_SYSCALLS)) skip(); /* sanitizers take memory of their own */
    long rss_kib = status_of(hello->pid, "VmRSS");
    print_message("signer: VmRSS %ld KiB, anonymous %ld KiB\n", rss_kib,
                  status_of(hello->pid, "RssAnon"));
    assert_in_range(rss_kib, 1, 8 * 1024);
}

/* Whether the bytes are in memory that the process can write. -1 when we may not look. */
static int memory_holds(int pid, ht_bytes wanted) {
    static uint8_t chunk[1 << 16];
    char path[64];
    char line[512];
    int found = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    (void)snprintf(path, sizeof path, "/proc/%d/maps", pid);
    FILE *maps = fopen(path, "re");
    if (memory < 0 || maps == NULL) found = -1;
    while (found == 0 && fgets(line, sizeof line, maps) != NULL) {
        char *rest = line;
        unsigned long from = strtoul(rest, &rest, 16);
        unsigned long to = strtoul(rest + 1, &rest, 16);
        if (strncmp(rest, " rw", 3) != 0) continue;
        for (; found == 0 && from < to; from += sizeof chunk - wanted.n) {
            size_t n = to - from < sizeof chunk ? to - from : sizeof chunk;
            ssize_t got = pread(memory, chunk, n, (off_t)from);
            found = got > 0 && memmem(chunk, (size_t)got, wanted.p, wanted.n) != NULL;
        }
    }
    if (maps != NULL) (void)fclose(maps);
    if (memory >= 0) (void)close(memory);
    return found;
}

/* The first of all tests: what later ones leave in our memory, their signers start with. */
static void signer_holds_secrets_while_unlocked_only(void **state) {
    static const char hex[] = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";
    struct signer_bench *bench = *state;
    int pid = ht_signer_hello(bench->signer)->pid;
    uint8_t key[32];
    uint8_t seed[16];
    assert_int_equal(ht_hex_read(key, sizeof key, ht_bytes_str(hex)), HT_OK);
    /* The seed of the words below, BIP-39's first vector without a passphrase. */
    assert_int_equal(
        ht_hex_read(seed, sizeof seed, ht_bytes_str("5eb00bbddcf069084889a8ab91555681")), HT_OK);
    /* Sanitizers map terabytes. */
    if (!(ht_signer_hello(bench->signer)->confined & HT_CONFINED_SYSCALLS)) skip();
    if (memory_holds(pid, HT_BYTES(key)) < 0) skip();
    bench_create(bench);
    bench_must_be(bench, bench_import(bench, "raw", hex, NULL), HT_OK, NULL);
    bench_must_be(bench, bench_import(bench, "mnemonic", bench_zero_words, NULL), HT_OK, NULL);
    bench_must_be(bench, bench_sign(bench, HT_SIGNER_SIGN_TEXT, "key-1", ht_bytes_str("text")),
                  HT_OK, NULL);
    bench_must_be(bench, bench_public_key(bench, "seed-1 m/44'/60'/0'/0/0"), HT_OK, NULL);
    bench_must_be(bench, bench_export(bench, "key-1", "raw", PASSPHRASE, NULL), HT_OK, NULL);
    assert_int_equal(memory_holds(pid, HT_BYTES(key)), 1);
    assert_int_equal(memory_holds(pid, HT_BYTES(seed)), 1);
    assert_int_equal(memory_holds(pid, ht_bytes_str(PASSPHRASE)), 0);
    assert_int_equal(memory_holds(pid, ht_bytes_str(hex)), 0);
    assert_int_equal(memory_holds(pid, ht_bytes_str("abandon abandon")), 0);
    bench_must_be(bench, bench_lock(bench), HT_OK, NULL);
    assert_int_equal(memory_holds(pid, HT_BYTES(key)), 0);
    assert_int_equal(memory_holds(pid, HT_BYTES(seed)), 0);
}

static void signer_outlives_an_interrupt(void **state) {
    struct signer_bench *bench = *state;
    int pid = ht_signer_hello(bench->signer)->pid;
    assert_int_equal(kill(pid, SIGINT), 0);
    assert_int_equal(kill(pid, SIGTERM), 0);
    bench_create(bench);
}

static void signer_that_was_killed_is_gone_and_the_node_goes_on(void **state) {
    struct signer_bench *bench = *state;
    bench_create(bench);
    assert_int_equal(kill(ht_signer_hello(bench->signer)->pid, SIGKILL), 0);
    bench_must_be(bench, bench_lock(bench), HT_EAGAIN, "signer_gone");
    bench_must_be(bench, bench_lock(bench), HT_EAGAIN, "signer_gone");
}

static size_t done_count;

static void count_done(struct ht_signer_call *call) {
    assert_int_equal(call->err, HT_EAGAIN);
    assert_string_equal(call->why.code, "signer_gone");
    done_count++;
}

static void signer_refuses_when_too_many_wait_and_ends_what_waits(void **state) {
    struct signer_bench *bench = *state;
    static struct ht_signer_call calls[HT_SIGNER_WAITING_MAX + 2];
    /* A stopped process answers nothing: one call is under way at most. */
    int pid = ht_signer_hello(bench->signer)->pid;
    assert_int_equal(kill(pid, SIGSTOP), 0);
    assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
    enum ht_err err = HT_OK;
    size_t asked = 0;
    done_count = 0;
    while (err == HT_OK && asked < COUNT(calls)) {
        calls[asked] = (struct ht_signer_call){.request = HT_SIGNER_LOCK, .done = count_done};
        err = ht_signer_ask(bench->signer, &calls[asked], NULL, 0);
        asked += err == HT_OK;
    }
    assert_int_equal(err, HT_EAGAIN);
    assert_true(asked >= HT_SIGNER_WAITING_MAX);
    assert_int_equal(kill(pid, SIGKILL), 0);
    ht_signer_free(bench->signer);
    bench->signer = NULL;
    ht_loop_drain(bench->loop);
    assert_int_equal(done_count, asked);
}

static void signer_ends_when_the_pair_closes(void **state) {
    (void)state;
    struct ht_signer_process process;
    int status = -1;
    assert_int_equal(ht_signer_fork_with(&process, &ht_vault_cost_least, NULL), HT_OK);
    assert_int_equal(close(process.fd), 0);
    assert_int_equal(waitpid(process.pid, &status, 0), process.pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* --- the vault --------------------------------------------------------------------------------*/

static void signer_unlocks_with_the_right_passphrase_only(void **state) {
    struct signer_bench *bench = *state;
    bench_create(bench);
    bench_must_be(bench, bench_import(bench, "raw", bench_key_text, NULL), HT_OK, NULL);
    assert_string_equal(bench->name, "key-1");
    bench_must_be(bench, bench_lock(bench), HT_OK, NULL);
    bench_must_be(bench, bench_public_key(bench, "key-1"), HT_EDENIED, "vault_locked");
    bench_must_be(bench, bench_unlock(bench, ht_buf_view(&bench->vault), "wrong horse", 0),
                  HT_EDENIED, "wrong_passphrase");
    bench_must_be(bench, bench_public_key(bench, "key-1"), HT_EDENIED, "vault_locked");
    bench_must_be(bench, bench_unlock(bench, ht_buf_view(&bench->vault), PASSPHRASE, 2), HT_OK,
                  NULL);
    bench_address_is(bench, "key-1", "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
    bench_must_be(bench, bench_unlock(bench, ht_buf_view(&bench->vault), PASSPHRASE, 3), HT_ESTALE,
                  "vault_older");
}

static void signer_waits_after_a_wrong_passphrase_and_not_after_a_right_one(void **state) {
    struct signer_bench *bench = *state;
    const struct ht_clock *clock = &ht_system_clock;
    bench_create(bench);
    bench_must_be(bench, bench_lock(bench), HT_OK, NULL);
    int64_t first = ht_mono_ms(clock);
    bench_must_be(bench, bench_unlock(bench, ht_buf_view(&bench->vault), "wrong horse", 0),
                  HT_EDENIED, "wrong_passphrase");
    int64_t second = ht_mono_ms(clock);
    bench_must_be(bench, bench_unlock(bench, ht_buf_view(&bench->vault), PASSPHRASE, 0), HT_OK,
                  NULL);
    int64_t third = ht_mono_ms(clock);
    bench_must_be(bench, bench_unlock(bench, ht_buf_view(&bench->vault), PASSPHRASE, 0), HT_OK,
                  NULL);
    int64_t fourth = ht_mono_ms(clock);
    assert_true(second - first < 450);
    assert_true(third - second >= 490);
    assert_true(fourth - third < 450);
}

/* Waits until the process has gone to sleep once more than `before`. */
static void wait_until_asleep(int pid, long before) {
    int64_t end = ht_mono_ms(&ht_system_clock) + 500;
    while (status_of(pid, "voluntary_ctxt_switches") <= before) {
        if (ht_mono_ms(&ht_system_clock) > end) fail_msg("the signer does not wait");
    }
}

static void signer_ends_at_once_while_it_waits(void **state) {
    struct signer_bench *bench = *state;
    static struct ht_signer_call call;
    uint8_t least[8] = {0};
    struct ht_buf sealed;
    bench_create(bench);
    for (int i = 0; i < 2; i++) {
        bench_must_be(bench, bench_unlock(bench, ht_buf_view(&bench->vault), "wrong horse", 0),
                      HT_EDENIED, "wrong_passphrase");
    }
    ht_buf_init(&sealed, 1000);
    signer_bench_seal(&sealed, bench, HT_SIGNER_UNLOCK, PARTS("wrong horse"));
    const struct ht_signer_field fields[] = {FIELD(VAULT, ht_buf_view(&bench->vault)),
                                             FIELD(SEALED, ht_buf_view(&sealed)),
                                             FIELD(NUMBER, HT_BYTES(least))};
    int pid = ht_signer_hello(bench->signer)->pid;
    long sleeps = status_of(pid, "voluntary_ctxt_switches");
    done_count = 0;
    call = (struct ht_signer_call){.request = HT_SIGNER_UNLOCK, .done = count_done};
    assert_int_equal(ht_signer_ask(bench->signer, &call, fields, COUNT(fields)), HT_OK);
    ht_buf_fini(&sealed);
    wait_until_asleep(pid, sleeps);
    int64_t before = ht_mono_ms(&ht_system_clock);
    ht_signer_free(bench->signer);
    bench->signer = NULL;
    assert_true(ht_mono_ms(&ht_system_clock) - before < 700);
    ht_loop_drain(bench->loop);
    assert_int_equal(done_count, 1);
}

static void signer_refuses_a_second_vault_and_short_passphrases(void **state) {
    struct signer_bench *bench = *state;
    bench_must_be(bench,
                  signer_bench_ask_sealed(bench, HT_SIGNER_CREATE, PARTS("1234567"), NULL, 0),
                  HT_EDENIED, "passphrase_short");
    bench_create(bench);
    bench_must_be(bench,
                  signer_bench_ask_sealed(bench, HT_SIGNER_CREATE, PARTS(PASSPHRASE), NULL, 0),
                  HT_EDENIED, "vault_open");
}

static void signer_changes_the_passphrase(void **state) {
    struct signer_bench *bench = *state;
    bench_create(bench);
    bench_must_be(bench,
                  signer_bench_ask_sealed(bench, HT_SIGNER_PASSPHRASE,
                                          PARTS(PASSPHRASE, "new passphrase"), NULL, 0),
                  HT_OK, NULL);
    bench_must_be(bench, bench_lock(bench), HT_OK, NULL);
    bench_must_be(bench, bench_unlock(bench, ht_buf_view(&bench->vault), "new passphrase", 0),
                  HT_OK, NULL);
    bench_must_be(bench,
                  signer_bench_ask_sealed(bench, HT_SIGNER_PASSPHRASE,
                                          PARTS(PASSPHRASE, "another one"), NULL, 0),
                  HT_EDENIED, "wrong_passphrase");
}

static void signer_refuses_what_was_sealed_for_another_request(void **state) {
    struct signer_bench *bench = *state;
    bench_create(bench);
    struct ht_hpke_pair ephemeral;
    struct ht_buf sealed;
    const uint8_t plain[] = {8, 0, 0, 0, '1', '2', '3', '4', '5', '6', '7', '8'};
    ht_buf_init(&sealed, 1000);
    assert_int_equal(ht_hpke_generate(&ephemeral, &ht_system_random, NULL), HT_OK);
    assert_int_equal(ht_hpke_seal(&sealed, ht_signer_hello(bench->signer)->public_key, &ephemeral,
                                  ht_bytes_str(HT_SIGNER_INFO), ht_bytes_str("unlock"),
                                  HT_BYTES(plain), NULL),
                     HT_OK);
    const struct ht_signer_field fields[] = {TEXT(NAME, "key-1"),
                                             FIELD(SEALED, ht_buf_view(&sealed))};
    bench_must_be(bench, signer_bench_ask(bench, HT_SIGNER_REMOVE, fields, 2), HT_EUNVERIFIED,
                  "hpke_open");
    ht_buf_fini(&sealed);
}

static void signer_opens_what_was_sealed_once_only(void **state) {
    struct signer_bench *bench = *state;
    const uint8_t least[8] = {0};
    struct ht_buf sealed;
    bench_create(bench);
    ht_buf_init(&sealed, 1000);
    signer_bench_seal(&sealed, bench, HT_SIGNER_UNLOCK, PARTS(PASSPHRASE));
    const struct ht_signer_field fields[] = {FIELD(VAULT, ht_buf_view(&bench->vault)),
                                             FIELD(SEALED, ht_buf_view(&sealed)),
                                             FIELD(NUMBER, HT_BYTES(least))};
    bench_must_be(bench, signer_bench_ask(bench, HT_SIGNER_UNLOCK, fields, COUNT(fields)), HT_OK,
                  NULL);
    bench_must_be(bench, signer_bench_ask(bench, HT_SIGNER_LOCK, NULL, 0), HT_OK, NULL);
    bench_must_be(bench, signer_bench_ask(bench, HT_SIGNER_UNLOCK, fields, COUNT(fields)),
                  HT_EDENIED, "replayed");
    ht_buf_fini(&sealed);
}

static void signer_refuses_an_export_to_another_key_than_was_meant(void **state) {
    struct signer_bench *bench = *state;
    struct ht_hpke_pair other;
    struct ht_buf sealed;
    bench_create(bench);
    bench_must_be(bench, bench_import(bench, "mnemonic", bench_zero_words, ""), HT_OK, NULL);
    assert_int_equal(ht_hpke_generate(&other, &ht_system_random, NULL), HT_OK);
    ht_buf_init(&sealed, 1000);
    signer_bench_seal(&sealed, bench, HT_SIGNER_EXPORT, PARTS(PASSPHRASE));
    const struct ht_signer_field fields[] = {TEXT(NAME, "seed-1"), TEXT(KIND, "mnemonic"),
                                             FIELD(PUBLIC, HT_BYTES(other.public)),
                                             FIELD(SEALED, ht_buf_view(&sealed))};
    bench_must_be(bench, signer_bench_ask(bench, HT_SIGNER_EXPORT, fields, COUNT(fields)),
                  HT_EUNVERIFIED, "hpke_open");
    ht_buf_fini(&sealed);
}

static void signer_refuses_requests_with_other_fields(void **state) {
    struct signer_bench *bench = *state;
    const struct ht_signer_field fields[] = {TEXT(KEY, "key-1"), TEXT(NAME, "key-1")};
    bench_must_be(bench, signer_bench_ask(bench, HT_SIGNER_LOCK, fields, 1), HT_EINPUT,
                  "signer_fields");
    bench_must_be(bench, signer_bench_ask(bench, HT_SIGNER_PUBLIC_KEY, fields, 2), HT_EINPUT,
                  "signer_fields");
    bench_must_be(bench, signer_bench_ask(bench, HT_SIGNER_SIGN_TX, fields, 1), HT_EINPUT,
                  "signer_fields");
    bench_must_be(bench, signer_bench_ask(bench, HT_SIGNER_REQUEST_COUNT, NULL, 0), HT_EINPUT,
                  "signer_request");
    bench_must_be(
        bench,
        signer_bench_ask_sealed(bench, HT_SIGNER_CREATE, PARTS("12345678", "12345678"), NULL, 0),
        HT_EINPUT, "signer_parts");
}

#define WITH_SIGNER(test) cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_SIGNER(signer_holds_secrets_while_unlocked_only),
        WITH_SIGNER(signer_says_who_it_is),
        WITH_SIGNER(signer_runs_confined),
        WITH_SIGNER(signer_has_one_descriptor),
        WITH_SIGNER(signer_stays_small_when_idle),
        WITH_SIGNER(signer_outlives_an_interrupt),
        WITH_SIGNER(signer_that_was_killed_is_gone_and_the_node_goes_on),
        WITH_SIGNER(signer_refuses_when_too_many_wait_and_ends_what_waits),
        cmocka_unit_test(signer_ends_when_the_pair_closes),
        WITH_SIGNER(signer_unlocks_with_the_right_passphrase_only),
        WITH_SIGNER(signer_waits_after_a_wrong_passphrase_and_not_after_a_right_one),
        WITH_SIGNER(signer_ends_at_once_while_it_waits),
        WITH_SIGNER(signer_refuses_a_second_vault_and_short_passphrases),
        WITH_SIGNER(signer_changes_the_passphrase),
        WITH_SIGNER(signer_refuses_what_was_sealed_for_another_request),
        WITH_SIGNER(signer_opens_what_was_sealed_once_only),
        WITH_SIGNER(signer_refuses_an_export_to_another_key_than_was_meant),
        WITH_SIGNER(signer_refuses_requests_with_other_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
