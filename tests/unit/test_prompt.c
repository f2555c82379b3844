/* Asking for secrets: from lines of a pipe, and on a pseudo-terminal in a process of its own, whose
 * echo is looked at from this side. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "node/app/prompt.h"

#define PATIENCE_MS 10000

/* --- lines ------------------------------------------------------------------------------------*/

struct lines {
    struct ht_prompt prompt;
    struct ht_secret secret;
    int said; /* where what was asked can be read */
};

static int make_lines(void **state) {
    struct lines *l = calloc(1, sizeof *l);
    int said[2];
    assert_non_null(l);
    assert_int_equal(pipe(said), 0);
    *l = (struct lines){.prompt = {.in = -1, .out = said[1]}, .said = said[0]};
    assert_int_equal(ht_secret_new(&l->secret, 16, NULL), HT_OK);
    *state = l;
    return 0;
}

static int remove_lines(void **state) {
    struct lines *l = *state;
    ht_secret_free(&l->secret);
    if (l->prompt.in >= 0) (void)close(l->prompt.in);
    (void)close(l->prompt.out);
    (void)close(l->said);
    free(l);
    return 0;
}

static void feed(struct lines *l, const char *bytes, size_t n) {
    int answers[2];
    assert_int_equal(pipe(answers), 0);
    assert_int_equal(write(answers[1], bytes, n), (ssize_t)n);
    (void)close(answers[1]);
    l->prompt.in = answers[0];
}

static void feed_text(struct lines *l, const char *text) {
    feed(l, text, strlen(text));
}

static void each_line_answers_one_question(void **state) {
    struct lines *l = *state;
    feed_text(l, "first one\r\n\nlast");
    assert_int_equal(ht_prompt_secret(&l->secret, &l->prompt, "A? ", NULL), HT_OK);
    assert_string_equal(l->secret.p, "first one");
    assert_int_equal(ht_prompt_secret(&l->secret, &l->prompt, "B? ", NULL), HT_OK);
    assert_int_equal(l->secret.n, 0);
    assert_string_equal(l->secret.p, "");
    assert_int_equal(ht_prompt_secret(&l->secret, &l->prompt, "C? ", NULL), HT_OK);
    assert_string_equal(l->secret.p, "last");
    char said[64] = "";
    assert_true(read(l->said, said, sizeof said - 1) > 0);
    assert_string_equal(said, "A? \nB? \nC? \n");
}

static void input_that_ended_is_no_empty_answer(void **state) {
    struct lines *l = *state;
    struct ht_why why = {0};
    feed_text(l, "");
    assert_int_equal(ht_prompt_secret(&l->secret, &l->prompt, "?", &why), HT_EINPUT);
    assert_string_equal(why.code, "no_answer");
}

static void line_of_the_longest_length_fits(void **state) {
    struct lines *l = *state;
    feed_text(l, "0123456789abcdef\n");
    assert_int_equal(ht_prompt_secret(&l->secret, &l->prompt, "?", NULL), HT_OK);
    assert_string_equal(l->secret.p, "0123456789abcdef");
}

static void line_that_is_too_long_is_refused_whole(void **state) {
    struct lines *l = *state;
    struct ht_why why = {0};
    feed_text(l, "0123456789abcdefg, and more of it\nnext\n");
    assert_int_equal(ht_prompt_secret(&l->secret, &l->prompt, "?", &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_long");
    assert_null(strstr(why.text, "0123"));
    assert_int_equal(l->secret.n, 0);
    for (size_t i = 0; i <= l->secret.max; i++) assert_int_equal(l->secret.p[i], 0);
    assert_int_equal(ht_prompt_secret(&l->secret, &l->prompt, "?", NULL), HT_OK);
    assert_string_equal(l->secret.p, "next");
}

static void zero_byte_in_an_answer_is_refused(void **state) {
    struct lines *l = *state;
    struct ht_why why = {0};
    feed(l, "pass\0word\n", 10);
    assert_int_equal(ht_prompt_secret(&l->secret, &l->prompt, "?", &why), HT_EINPUT);
    assert_string_equal(why.code, "secret_text");
}

static void new_secret_is_taken_when_both_answers_are_the_same(void **state) {
    struct lines *l = *state;
    feed_text(l, "long enough\nlong enough\n");
    assert_int_equal(ht_prompt_new_secret(&l->secret, &l->prompt, "?", 8, NULL), HT_OK);
    assert_string_equal(l->secret.p, "long enough");
}

static void new_secret_is_refused_when_the_answers_differ(void **state) {
    struct lines *l = *state;
    struct ht_why why = {0};
    feed_text(l, "long enough\nlong enougH\n");
    assert_int_equal(ht_prompt_new_secret(&l->secret, &l->prompt, "?", 8, &why), HT_EINPUT);
    assert_string_equal(why.code, "answers_differ");
    assert_int_equal(l->secret.n, 0);
}

static void new_secret_is_refused_when_it_is_short(void **state) {
    struct lines *l = *state;
    struct ht_why why = {0};
    feed_text(l, "1234567\n1234567\n");
    assert_int_equal(ht_prompt_new_secret(&l->secret, &l->prompt, "?", 8, &why), HT_EINPUT);
    assert_string_equal(why.code, "too_short");
    assert_int_equal(l->secret.n, 0);
}

static void only_y_and_yes_are_yes(void **state) {
    struct lines *l = *state;
    bool is_yes = false;
    feed_text(l, "y\nYES\n\nyep\nn\n");
    for (int i = 0; i < 5; i++) {
        assert_int_equal(ht_prompt_yes(&is_yes, &l->prompt, "?", NULL), HT_OK);
        assert_int_equal(is_yes, i < 2);
    }
    struct ht_why why = {0};
    assert_int_equal(ht_prompt_yes(&is_yes, &l->prompt, "?", &why), HT_EINPUT);
    assert_string_equal(why.code, "no_answer");
}

static void file_longer_than_the_secret_is_refused(void **state) {
    struct lines *l = *state;
    struct ht_why why = {0};
    char path[] = "/tmp/ht_prompt.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "0123456789abcdef", 16), 16);
    assert_int_equal(ht_secret_read_file(&l->secret, path, NULL), HT_OK);
    assert_string_equal(l->secret.p, "0123456789abcdef");
    assert_int_equal(write(fd, "g", 1), 1);
    ht_secret_clear(&l->secret);
    assert_int_equal(ht_secret_read_file(&l->secret, path, &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_long");
    (void)close(fd);
    (void)unlink(path);
    assert_int_equal(ht_secret_read_file(&l->secret, path, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "no_such_file");
}

static void adding_past_the_room_changes_nothing(void **state) {
    struct lines *l = *state;
    struct ht_why why = {0};
    assert_int_equal(ht_secret_add(&l->secret, ht_bytes_str("0123456789"), NULL), HT_OK);
    assert_int_equal(ht_secret_add(&l->secret, ht_bytes_str("abcdefg"), &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_long");
    assert_string_equal(l->secret.p, "0123456789");
}

/* --- a terminal -------------------------------------------------------------------------------*/

struct terminal {
    int fd; /* the keyboard and screen */
    pid_t pid;
    char seen[256]; /* what the screen has shown */
    size_t seen_n;
};

static void ask_on(const char *slave) {
    (void)setpgid(0, 0); /* a group that is not orphaned, where SIGTSTP stops */
    struct ht_secret secret = {0};
    int fd = open(slave, O_RDWR | O_NOCTTY);
    struct ht_prompt prompt = {.in = fd, .out = fd, .is_terminal = true};
    bool is_right = ht_secret_new(&secret, 64, NULL) == HT_OK &&
                    ht_prompt_secret(&secret, &prompt, "Secret: ", NULL) == HT_OK &&
                    strcmp(secret.p, "hush") == 0;
    ht_secret_free(&secret);
    _exit(is_right ? 7 : 8);
}

static int make_terminal(void **state) {
    struct terminal *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->fd = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(t->fd >= 0);
    assert_int_equal(grantpt(t->fd), 0);
    assert_int_equal(unlockpt(t->fd), 0);
    const char *slave = ptsname(t->fd);
    assert_non_null(slave);
    t->pid = fork();
    assert_true(t->pid >= 0);
    if (t->pid == 0) ask_on(slave);
    *state = t;
    return 0;
}

static int remove_terminal(void **state) {
    struct terminal *t = *state;
    if (t->pid > 0) {
        (void)kill(t->pid, SIGKILL);
        (void)waitpid(t->pid, NULL, 0);
    }
    (void)close(t->fd);
    free(t);
    return 0;
}

/* Until the screen has shown that text so many times. */
static void wait_for(struct terminal *t, const char *text, int times) {
    for (;;) {
        int count = 0;
        for (const char *at = t->seen; (at = strstr(at, text)) != NULL; at++) count++;
        if (count >= times) return;
        struct pollfd one = {.fd = t->fd, .events = POLLIN};
        assert_int_equal(poll(&one, 1, PATIENCE_MS), 1);
        ssize_t got = read(t->fd, t->seen + t->seen_n, sizeof t->seen - 1 - t->seen_n);
        assert_true(got > 0);
        t->seen_n += (size_t)got;
    }
}

static bool has_echo(const struct terminal *t) {
    struct termios now;
    assert_int_equal(tcgetattr(t->fd, &now), 0);
    return (now.c_lflag & ECHO) != 0;
}

static int wait_for_end(struct terminal *t) {
    int status = 0;
    assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
    t->pid = 0;
    return status;
}

static void secret_is_typed_without_echo(void **state) {
    struct terminal *t = *state;
    wait_for(t, "Secret: ", 1);
    assert_false(has_echo(t));
    assert_int_equal(write(t->fd, "hush\n", 5), 5);
    wait_for(t, "\n", 1);
    int status = wait_for_end(t);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_null(strstr(t->seen, "hush"));
}

static void echo_is_back_after_the_answer(void **state) {
    struct terminal *t = *state;
    wait_for(t, "Secret: ", 1);
    assert_int_equal(write(t->fd, "hush\n", 5), 5);
    (void)wait_for_end(t);
    assert_true(has_echo(t));
}

static void echo_is_back_after_a_signal_ended_the_program(void **state) {
    struct terminal *t = *state;
    wait_for(t, "Secret: ", 1);
    assert_false(has_echo(t));
    assert_int_equal(kill(t->pid, SIGTERM), 0);
    int status = wait_for_end(t);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    assert_true(has_echo(t));
}

static void stopped_program_gives_echo_back_and_asks_anew(void **state) {
    struct terminal *t = *state;
    int status = 0;
    wait_for(t, "Secret: ", 1);
    assert_int_equal(kill(t->pid, SIGTSTP), 0);
    assert_int_equal(waitpid(t->pid, &status, WUNTRACED), t->pid);
    assert_true(WIFSTOPPED(status));
    assert_true(has_echo(t));
    assert_int_equal(kill(t->pid, SIGCONT), 0);
    wait_for(t, "Secret: ", 2);
    assert_false(has_echo(t));
    assert_int_equal(write(t->fd, "hush\n", 5), 5);
    status = wait_for_end(t);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

/* --- the guard --------------------------------------------------------------------------------*/

static void guard_forbids_core_dumps_and_debuggers(void **state) {
    (void)state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rlimit limit = {1, 1};
        bool is_guarded = ht_prompt_guard(NULL) == HT_OK && getrlimit(RLIMIT_CORE, &limit) == 0 &&
                          limit.rlim_cur == 0 && limit.rlim_max == 0 &&
                          prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
        _exit(is_guarded ? 7 : 8);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

#define WITH_LINES(test) cmocka_unit_test_setup_teardown(test, make_lines, remove_lines)
#define WITH_TERMINAL(test) cmocka_unit_test_setup_teardown(test, make_terminal, remove_terminal)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_LINES(each_line_answers_one_question),
        WITH_LINES(input_that_ended_is_no_empty_answer),
        WITH_LINES(line_of_the_longest_length_fits),
        WITH_LINES(line_that_is_too_long_is_refused_whole),
        WITH_LINES(zero_byte_in_an_answer_is_refused),
        WITH_LINES(new_secret_is_taken_when_both_answers_are_the_same),
        WITH_LINES(new_secret_is_refused_when_the_answers_differ),
        WITH_LINES(new_secret_is_refused_when_it_is_short),
        WITH_LINES(only_y_and_yes_are_yes),
        WITH_LINES(file_longer_than_the_secret_is_refused),
        WITH_LINES(adding_past_the_room_changes_nothing),
        WITH_TERMINAL(secret_is_typed_without_echo),
        WITH_TERMINAL(echo_is_back_after_the_answer),
        WITH_TERMINAL(echo_is_back_after_a_signal_ended_the_program),
        WITH_TERMINAL(stopped_program_gives_echo_back_and_asks_anew),
        cmocka_unit_test(guard_forbids_core_dumps_and_debuggers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
