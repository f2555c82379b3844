/* What a confined process may still do, tried in processes of their own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/signer/confine.h"

/* Exit codes of the processes below. */
enum { GOOD = 0, BAD = 1, NOT_HERE = 77 };

static int status_of(int (*body)(const void *arg), const void *arg) {
    int status = -1;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) _exit(body(arg));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void ends_well(int (*body)(const void *arg), const void *arg) {
    int status = status_of(body, arg);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NOT_HERE) skip();
    assert_int_equal(WEXITSTATUS(status), GOOD);
}

static void is_killed(int (*body)(const void *arg)) {
    int status = status_of(body, NULL);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_HERE) skip();
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

/* --- the node ---------------------------------------------------------------------------------*/

struct place {
    char inside[64];
    char outside[64];
};

static void touch(const char *dir, const char *name) {
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
}

static void make_place(struct place *place) {
    *place = (struct place){"/tmp/hearth-in-XXXXXX", "/tmp/hearth-out-XXXXXX"};
    assert_non_null(mkdtemp(place->inside));
    assert_non_null(mkdtemp(place->outside));
    touch(place->inside, "old");
    touch(place->outside, "old");
}

static void remove_place(const struct place *place) {
    static const char *const names[] = {"old", "new", "newer"};
    const char *const dirs[] = {place->inside, place->outside};
    for (size_t d = 0; d < 2; d++) {
        char path[128];
        for (size_t i = 0; i < 3; i++) {
            (void)snprintf(path, sizeof path, "%s/%s", dirs[d], names[i]);
            (void)unlink(path);
        }
        assert_int_equal(rmdir(dirs[d]), 0);
    }
}

/* Whether the file can be opened; closes it again. */
static bool opens(const char *dir, const char *name, int flags) {
    char path[128];
    (void)snprintf(path, sizeof path, "%s%s", dir, name);
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd >= 0) (void)close(fd);
    return fd >= 0;
}

static int stay_inside(const void *arg) {
    const struct place *place = arg;
    if (!(ht_confine_node(place->inside) & HT_CONFINED_FILES)) return NOT_HERE;
    if (opens(place->outside, "/old", O_RDONLY) || errno != EACCES) return BAD;
    if (opens(place->outside, "/old", O_WRONLY)) return BAD;
    if (opens(place->outside, "/new", O_CREAT | O_WRONLY)) return BAD;
    if (opens("/etc/", "hearth-test", O_CREAT | O_WRONLY)) return BAD;
    return GOOD;
}

static void node_opens_nothing_outside(void **state) {
    (void)state;
    struct place place;
    make_place(&place);
    ends_well(stay_inside, &place);
    remove_place(&place);
}

static int work_inside(const void *arg) {
    const struct place *place = arg;
    char from[128];
    char to[128];
    if (!(ht_confine_node(place->inside) & HT_CONFINED_FILES)) return NOT_HERE;
    (void)snprintf(from, sizeof from, "%s/new", place->inside);
    (void)snprintf(to, sizeof to, "%s/newer", place->inside);
    if (!opens(place->inside, "/old", O_RDWR | O_TRUNC)) return BAD;
    if (!opens(place->inside, "/new", O_CREAT | O_WRONLY)) return BAD;
    if (rename(from, to) != 0 || unlink(to) != 0) return BAD;
    if (mkdir(from, 0700) != 0 || rmdir(from) != 0) return BAD;
    return GOOD;
}

static void node_works_in_its_own_folder(void **state) {
    (void)state;
    struct place place;
    make_place(&place);
    ends_well(work_inside, &place);
    remove_place(&place);
}

static int read_the_system(const void *arg) {
    const struct place *place = arg;
    if (!(ht_confine_node(place->inside) & HT_CONFINED_FILES)) return NOT_HERE;
    if (!opens("/etc/", "passwd", O_RDONLY)) return BAD;
    if (!opens("/proc/self/", "status", O_RDONLY)) return BAD;
    if (!opens("/dev/", "urandom", O_RDONLY)) return BAD;
    if (!opens("/dev/", "null", O_RDWR)) return BAD;
    struct addrinfo *found = NULL;
    if (getaddrinfo("localhost", "80", NULL, &found) != 0) return BAD;
    freeaddrinfo(found);
    return GOOD;
}

static void node_still_reads_what_names_and_tls_need(void **state) {
    (void)state;
    struct place place;
    make_place(&place);
    ends_well(read_the_system, &place);
    remove_place(&place);
}

static int have_no_folder(const void *arg) {
    (void)arg;
    unsigned confined = ht_confine_node("/nowhere/at/all");
    return confined & HT_CONFINED_NO_NEW_PRIVILEGES ? GOOD : BAD;
}

static void node_gives_up_privileges_even_without_a_folder(void **state) {
    (void)state;
    ends_well(have_no_folder, NULL);
}

/* --- the signer -------------------------------------------------------------------------------*/

/* Its socket; NOT_HERE where there is no filter. */
static int confine(int *fd) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return BAD;
    *fd = pair[0];
    return ht_confine_signer(*fd) & HT_CONFINED_SYSCALLS ? GOOD : NOT_HERE;
}

static int open_a_file(const void *arg) {
    int fd = -1;
    (void)arg;
    int code = confine(&fd);
    if (code != GOOD) return code;
    return open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 ? GOOD : BAD;
}

static int make_a_socket(const void *arg) {
    int fd = -1;
    (void)arg;
    int code = confine(&fd);
    if (code != GOOD) return code;
    return socket(AF_INET, SOCK_STREAM, 0) < 0 ? GOOD : BAD;
}

static int start_a_process(const void *arg) {
    int fd = -1;
    (void)arg;
    int code = confine(&fd);
    if (code != GOOD) return code;
    return fork() < 0 ? GOOD : BAD;
}

static int make_code(const void *arg) {
    int fd = -1;
    (void)arg;
    int code = confine(&fd);
    if (code != GOOD) return code;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? GOOD : BAD;
}

static void signer_that_opens_a_file_is_killed(void **state) {
    (void)state;
    is_killed(open_a_file);
}

static void signer_that_makes_a_socket_is_killed(void **state) {
    (void)state;
    is_killed(make_a_socket);
}

static void signer_that_starts_a_process_is_killed(void **state) {
    (void)state;
    is_killed(start_a_process);
}

static void signer_that_makes_code_is_killed(void **state) {
    (void)state;
    is_killed(make_code);
}

static int use_memory(const void *arg) {
    int fd = -1;
    (void)arg;
    int code = confine(&fd);
    if (code != GOOD) return code;
    volatile char *large = malloc((size_t)64 << 20);
    if (large == NULL) return BAD;
    large[0] = 1;
    large = realloc((void *)(uintptr_t)large, (size_t)96 << 20);
    if (large == NULL || large[0] != 1) return BAD;
    free((void *)(uintptr_t)large);
    return write(STDERR_FILENO, "x", 1) < 0 && errno == EBADF ? GOOD : BAD;
}

static void signer_may_use_memory_and_has_only_its_socket(void **state) {
    (void)state;
    ends_well(use_memory, NULL);
}

static int look_for_a_parent(const void *arg) {
    unsigned confined = 0;
    bool is_there = ht_confine_to_parent(&confined, *(const int *)arg);
    return is_there && confined == HT_CONFINED_DIES_WITH_PARENT ? GOOD : BAD;
}

static void signer_notices_that_its_parent_has_gone(void **state) {
    (void)state;
    int us = getpid();
    int other = us + 1;
    ends_well(look_for_a_parent, &us);
    assert_int_equal(WEXITSTATUS(status_of(look_for_a_parent, &other)), BAD);
}

static void every_bit_has_a_name(void **state) {
    (void)state;
    for (unsigned bit = 1; bit <= HT_CONFINED_LOCKED_MEMORY; bit *= 2) {
        assert_true(strlen(ht_confined_name((enum ht_confined)bit)) > 0);
    }
    assert_string_equal(ht_confined_name(HT_CONFINED_FILES), "files");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(node_opens_nothing_outside),
        cmocka_unit_test(node_works_in_its_own_folder),
        cmocka_unit_test(node_still_reads_what_names_and_tls_need),
        cmocka_unit_test(node_gives_up_privileges_even_without_a_folder),
        cmocka_unit_test(signer_that_opens_a_file_is_killed),
        cmocka_unit_test(signer_that_makes_a_socket_is_killed),
        cmocka_unit_test(signer_that_starts_a_process_is_killed),
        cmocka_unit_test(signer_that_makes_code_is_killed),
        cmocka_unit_test(signer_may_use_memory_and_has_only_its_socket),
        cmocka_unit_test(signer_notices_that_its_parent_has_gone),
        cmocka_unit_test(every_bit_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
