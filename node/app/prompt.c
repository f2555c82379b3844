/* Questions and answers on the terminal or standard input. What they are about is the verbs'
 * business. Signals are held back while echo is off and looked at only while waiting, so that there
 * is no moment in which one could end the program with the terminal changed. */
#include "node/app/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

#define TRIES_MAX 3

/* --- secrets ----------------------------------------------------------------------------------*/

enum ht_err ht_secret_new(struct ht_secret *out, size_t max, struct ht_why *why) {
    char *p = sodium_init() < 0 ? NULL : sodium_malloc(max + 1);
    if (p == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "there is no locked memory left");
    sodium_memzero(p, max + 1);
    *out = (struct ht_secret){.p = p, .max = max};
    return HT_OK;
}

void ht_secret_free(struct ht_secret *secret) {
    sodium_free(secret->p);
    *secret = (struct ht_secret){0};
}

void ht_secret_clear(struct ht_secret *secret) {
    sodium_memzero(secret->p, secret->max + 1);
    secret->n = 0;
}

enum ht_err ht_secret_add(struct ht_secret *secret, ht_bytes more, struct ht_why *why) {
    if (more.n > secret->max - secret->n) {
        return ht_fail(why, HT_ELIMIT, "too_long", "that is longer than %zu bytes", secret->max);
    }
    if (more.n > 0) memcpy(secret->p + secret->n, more.p, more.n);
    secret->n += more.n;
    return HT_OK;
}

enum ht_err ht_secret_read_file(struct ht_secret *secret, const char *path, struct ht_why *why) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && errno == ENOENT) {
        return ht_fail(why, HT_ENOTFOUND, "no_such_file", "there is no file %s", path);
    }
    if (fd < 0) return ht_fail(why, HT_ESTORE, "unreadable", "%s: %s", path, strerror(errno));
    ssize_t got = 1;
    enum ht_err err = HT_OK;
    while (got > 0 && secret->n < secret->max) {
        got = read(fd, secret->p + secret->n, secret->max - secret->n);
        if (got > 0) secret->n += (size_t)got;
    }
    char more = 0;
    if (got > 0) got = read(fd, &more, 1);
    if (got < 0) err = ht_fail(why, HT_ESTORE, "unreadable", "%s: %s", path, strerror(errno));
    if (got > 0) {
        err = ht_fail(why, HT_ELIMIT, "too_long", "%s is longer than %zu bytes", path, secret->max);
    }
    (void)close(fd);
    return err;
}

/* --- opening ----------------------------------------------------------------------------------*/

enum ht_err ht_prompt_guard(struct ht_why *why) {
    static const struct rlimit none = {0, 0};
    bool is_guarded = setrlimit(RLIMIT_CORE, &none) == 0 &&
                      prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && sodium_init() >= 0;
    if (is_guarded) return HT_OK;
    return ht_fail(why, HT_EAGAIN, "no_guard", "memory cannot be kept from being dumped");
}

enum ht_err ht_prompt_open(struct ht_prompt *out, struct ht_why *why) {
    if (isatty(STDIN_FILENO) != 1) {
        *out = (struct ht_prompt){.in = STDIN_FILENO, .out = STDERR_FILENO};
        return HT_OK;
    }
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return ht_fail(why, HT_EAGAIN, "no_terminal", "the terminal cannot be opened: %s",
                       strerror(errno));
    }
    *out = (struct ht_prompt){.in = fd, .out = fd, .is_terminal = true};
    return HT_OK;
}

void ht_prompt_close(struct ht_prompt *prompt) {
    if (prompt->is_terminal) (void)close(prompt->in);
    *prompt = (struct ht_prompt){0};
}

/* --- saying -----------------------------------------------------------------------------------*/

void ht_prompt_show(const struct ht_prompt *prompt, ht_bytes secret) {
    while (secret.n > 0) {
        ssize_t wrote = write(prompt->out, secret.p, secret.n);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return;
        secret = ht_bytes_of(secret.p + wrote, secret.n - (size_t)wrote);
    }
}

void ht_prompt_say(const struct ht_prompt *prompt, const char *fmt, ...) {
    char text[1024];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    ht_prompt_show(prompt, ht_bytes_str(text));
}

void ht_prompt_forget(const struct ht_prompt *prompt) {
    if (prompt->is_terminal) ht_prompt_say(prompt, "\033[H\033[2J\033[3J");
}

/* --- signals ----------------------------------------------------------------------------------*/

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
#define SIGNAL_COUNT (sizeof signals / sizeof *signals)

static volatile sig_atomic_t caught; /* the signal that came while waiting; 0: none */

static void on_signal(int number) {
    caught = number;
}

struct hold {
    struct sigaction old[SIGNAL_COUNT];
    sigset_t mask; /* as it was */
};

/* From here on they are noticed only by wait_for_input. */
static void hold_signals(struct hold *hold) {
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: waiting ends */
    sigset_t blocked;
    (void)sigemptyset(&action.sa_mask);
    (void)sigemptyset(&blocked);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) (void)sigaddset(&blocked, signals[i]);
    (void)sigprocmask(SIG_BLOCK, &blocked, &hold->mask);
    caught = 0;
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        (void)sigaction(signals[i], &action, &hold->old[i]);
        /* What was ignored stays so, as under nohup. */
        if (hold->old[i].sa_handler == SIG_IGN) (void)sigaction(signals[i], &hold->old[i], NULL);
    }
}

/* What has come goes where it would have gone: most end the program here. */
static void release_signals(const struct hold *hold) {
    for (size_t i = 0; i < SIGNAL_COUNT; i++) (void)sigaction(signals[i], &hold->old[i], NULL);
    if (caught != 0) (void)raise(caught);
    (void)sigprocmask(SIG_SETMASK, &hold->mask, NULL);
}

/* --- reading ----------------------------------------------------------------------------------*/

static enum ht_err wait_for_input(int fd, const struct hold *hold, struct ht_why *why) {
    struct pollfd one = {.fd = fd, .events = POLLIN};
    int ready = -1;
    while (ready < 0) {
        ready = ppoll(&one, 1, NULL, &hold->mask);
        if (caught != 0) return ht_fail(why, HT_EAGAIN, "interrupted", "interrupted by a signal");
        if (ready < 0 && errno != EINTR) {
            return ht_fail(why, HT_ESTORE, "unreadable", "the answer cannot be read: %s",
                           strerror(errno));
        }
    }
    return HT_OK;
}

/* Byte by byte: what comes behind the line is for the next question. */
static enum ht_err read_line(struct ht_secret *out, int fd, const struct hold *hold,
                             struct ht_why *why) {
    bool is_long = false, has_zero = false, has_any = false;
    char *slot = out->p + out->max; /* in locked memory, too */
    for (;;) {
        enum ht_err err = wait_for_input(fd, hold, why);
        if (err != HT_OK) return err;
        ssize_t got = read(fd, slot, 1);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0) {
            return ht_fail(why, HT_ESTORE, "unreadable", "the answer cannot be read: %s",
                           strerror(errno));
        }
        if (got == 0 || *slot == '\n') {
            has_any |= got > 0;
            break;
        }
        has_any = true;
        has_zero |= *slot == '\0';
        is_long |= out->n == out->max;
        if (!is_long) out->p[out->n++] = *slot;
    }
    *slot = '\0';
    if (!has_any) return ht_fail(why, HT_EINPUT, "no_answer", "the input ended before an answer");
    if (is_long) {
        return ht_fail(why, HT_ELIMIT, "too_long", "the answer is longer than %zu bytes", out->max);
    }
    if (has_zero) return ht_fail(why, HT_EINPUT, "secret_text", "the answer has a zero byte in it");
    return HT_OK;
}

/* One question, with the terminal as it is to be and back. */
static enum ht_err ask_once(struct ht_secret *out, const struct ht_prompt *prompt,
                            const char *question, bool has_echo, struct ht_why *why) {
    struct hold hold;
    struct termios old;
    bool is_changed = prompt->is_terminal && !has_echo;
    enum ht_err err = HT_OK;
    ht_secret_clear(out);
    hold_signals(&hold);
    if (is_changed && tcgetattr(prompt->in, &old) != 0) {
        is_changed = false;
        err = ht_fail(why, HT_EAGAIN, "no_terminal", "this is no terminal to type a secret on");
    }
    if (is_changed) {
        struct termios silent = old;
        silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
        if (tcsetattr(prompt->in, TCSAFLUSH, &silent) != 0) {
            err = ht_fail(why, HT_EAGAIN, "no_terminal", "the terminal's echo cannot be put off");
        }
    }
    if (err == HT_OK) {
        ht_prompt_say(prompt, "%s", question);
        err = read_line(out, prompt->in, &hold, why);
    }
    if (is_changed) {
        (void)tcsetattr(prompt->in, TCSAFLUSH, &old);
        ht_prompt_say(prompt, "\n");
    } else if (!prompt->is_terminal) {
        ht_prompt_say(prompt, "\n");
    }
    bool strips = err == HT_OK && out->n > 0 && out->p[out->n - 1] == '\r';
    if (strips) out->p[--out->n] = '\0';
    if (err != HT_OK) ht_secret_clear(out);
    release_signals(&hold);
    return err;
}

static bool is_stop(int number) {
    return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

static enum ht_err ask(struct ht_secret *out, const struct ht_prompt *prompt, const char *question,
                       bool has_echo, struct ht_why *why) {
    for (;;) {
        enum ht_err err = ask_once(out, prompt, question, has_echo, why);
        /* Stopped and continued: the question is asked anew. */
        if (err == HT_OK || !is_stop(caught)) return err;
    }
}

enum ht_err ht_prompt_secret(struct ht_secret *out, const struct ht_prompt *prompt,
                             const char *question, struct ht_why *why) {
    return ask(out, prompt, question, false, why);
}

enum ht_err ht_prompt_new_secret(struct ht_secret *out, const struct ht_prompt *prompt,
                                 const char *question, size_t at_least, struct ht_why *why) {
    struct ht_secret again = {0};
    enum ht_err err = ht_secret_new(&again, out->max, why);
    for (int i = 0; err == HT_OK && i < TRIES_MAX; i++) {
        struct ht_why reason = {0};
        err = ask(out, prompt, question, false, why);
        if (err == HT_OK && out->n < at_least) {
            err = ht_fail(&reason, HT_EINPUT, "too_short", "it must have at least %zu bytes",
                          at_least);
        } else if (err == HT_OK) {
            err = ask(&again, prompt, "The same again: ", false, why);
            bool is_same =
                err == HT_OK && out->n == again.n && sodium_memcmp(out->p, again.p, out->max) == 0;
            if (is_same) break;
            if (err == HT_OK) {
                err = ht_fail(&reason, HT_EINPUT, "answers_differ", "the two are not the same");
            }
        }
        if (reason.code == NULL) break;
        if (why != NULL) *why = reason;
        if (!prompt->is_terminal || i + 1 == TRIES_MAX) break;
        ht_prompt_say(prompt, "Please try again: %s.\n", reason.text);
        err = HT_OK;
    }
    ht_secret_free(&again);
    if (err != HT_OK) ht_secret_clear(out);
    return err;
}

enum ht_err ht_prompt_line(char *out, size_t size, const struct ht_prompt *prompt,
                           const char *question, struct ht_why *why) {
    struct ht_secret line = {0};
    enum ht_err err = ht_secret_new(&line, size - 1, why);
    if (err == HT_OK) err = ask(&line, prompt, question, true, why);
    if (err == HT_OK) memcpy(out, line.p, line.n + 1);
    ht_secret_free(&line);
    return err;
}

enum ht_err ht_prompt_yes(bool *out, const struct ht_prompt *prompt, const char *question,
                          struct ht_why *why) {
    char line[64];
    enum ht_err err = ht_prompt_line(line, sizeof line, prompt, question, why);
    if (err == HT_OK) *out = strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0;
    return err;
}
