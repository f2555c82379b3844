/* Asking the owner for words and secrets: on the terminal, or from lines of standard input when it
 * is none.
 *
 * Secrets are typed without echo and live in sodium_malloc memory; they come from no argument and
 * no environment variable, and pass through no buffer of the C library. The terminal is put back as
 * it was on every way out, signals included. One thread at a time.
 *
 * Reasons: HT_EAGAIN "no_terminal" (it cannot be opened or set), "interrupted" (a signal that did
 * not end the program); HT_EINPUT "no_answer" (the input has ended), "secret_text" (a zero byte),
 * "answers_differ"; HT_ELIMIT "too_long"; HT_ENOMEM "no_memory"; HT_ESTORE "unreadable". No reason
 * quotes what was read. */
#ifndef HT_APP_PROMPT_H
#define HT_APP_PROMPT_H

#include "node/base/bytes.h"

/* A text in locked memory, with a zero behind it. */
struct ht_secret {
    char *p;
    size_t n;   /* bytes in use */
    size_t max; /* bytes without the zero */
};

/* An empty one with room for max bytes. HT_ENOMEM. */
enum ht_err ht_secret_new(struct ht_secret *out, size_t max, struct ht_why *why) HT_MUST_USE;
/* Wipes and frees; fine for one that is all zero, and twice. */
void ht_secret_free(struct ht_secret *secret);
/* Empties it, wiped. */
void ht_secret_clear(struct ht_secret *secret);
/* Appends. HT_ELIMIT "too_long"; unchanged then. */
enum ht_err ht_secret_add(struct ht_secret *secret, ht_bytes more, struct ht_why *why) HT_MUST_USE;
/* Appends a whole file. HT_ENOTFOUND "no_such_file", HT_ESTORE "unreadable", HT_ELIMIT "too_long".
 */
enum ht_err ht_secret_read_file(struct ht_secret *secret, const char *path,
                                struct ht_why *why) HT_MUST_USE;

static inline ht_bytes ht_secret_view(const struct ht_secret *secret) {
    return ht_bytes_of(secret->p, secret->n);
}

/* No core dumps and no debugger from here on, and libsodium ready: before the first secret.
 * HT_EAGAIN "no_guard". */
enum ht_err ht_prompt_guard(struct ht_why *why) HT_MUST_USE;

/* Where questions go and answers come from. */
struct ht_prompt {
    int in;
    int out;
    bool is_terminal; /* in and out are one */
};

/* The terminal when standard input is one, else standard input and standard error. "no_terminal".
 */
enum ht_err ht_prompt_open(struct ht_prompt *out, struct ht_why *why) HT_MUST_USE;
/* Closes what open opened; a zeroed one, too. */
void ht_prompt_close(struct ht_prompt *prompt);

/* Writes a text to the owner, formatted; at most 1 kB. Not for secrets. */
void ht_prompt_say(const struct ht_prompt *prompt, const char *fmt, ...) HT_PRINTF(2, 3);
/* Writes a secret to the owner as it is. */
void ht_prompt_show(const struct ht_prompt *prompt, ht_bytes secret);
/* Wipes the screen and what can be scrolled back to, where it is one. */
void ht_prompt_forget(const struct ht_prompt *prompt);

/* Asks and reads one line into out, which is emptied first; without echo. The line's end is not
 * part of it; an empty line is an empty secret. The rest of a line that is too long is read away.
 */
enum ht_err ht_prompt_secret(struct ht_secret *out, const struct ht_prompt *prompt,
                             const char *question, struct ht_why *why) HT_MUST_USE;
/* Asks twice, until the answers are the same: three times on a terminal, else once. at_least: bytes
 * that it must have, HT_EINPUT "too_short". */
enum ht_err ht_prompt_new_secret(struct ht_secret *out, const struct ht_prompt *prompt,
                                 const char *question, size_t at_least,
                                 struct ht_why *why) HT_MUST_USE;

/* The same with echo, for what is no secret; out has size bytes, the zero included. */
enum ht_err ht_prompt_line(char *out, size_t size, const struct ht_prompt *prompt,
                           const char *question, struct ht_why *why) HT_MUST_USE;
/* Whether the answer is y or yes; everything else is no. */
enum ht_err ht_prompt_yes(bool *out, const struct ht_prompt *prompt, const char *question,
                          struct ht_why *why) HT_MUST_USE;

#endif
