/* Errors with reasons.
 *
 * Every function that can fail returns enum ht_err; results go out through pointers and are
 * written only on success. Where a person will read the reason, the last parameter is a
 * struct ht_why *, which may be NULL. */
#ifndef HT_BASE_ERR_H
#define HT_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define HT_MUST_USE __attribute__((warn_unused_result))
#define HT_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/* Named by what the caller should do next. */
enum ht_err {
    HT_OK = 0,
    HT_EINPUT,      /* malformed: the bytes are not what they claim to be */
    HT_EUNVERIFIED, /* well formed, but the proof or signature does not hold */
    HT_ENOTFOUND,   /* asked, answered, and it is not there */
    HT_ESTALE,      /* too old to be used */
    HT_ELIMIT,      /* over a stated bound */
    HT_EAGAIN,      /* busy now: try again later */
    HT_ENET,        /* the network or the other side failed */
    HT_ESTORE,      /* the disk or the database failed */
    HT_EDENIED,     /* refused by a rule or a permission */
    HT_ENOMEM,      /* out of memory */
    HT_EBUG,        /* a promise of our own code was broken */
};

/* A reason for people and programs. `code` is a stable word for programs ("bad_signature"), a
 * string literal, never NULL after the reason was set; `text` is a sentence for a person. */
struct ht_why {
    const char *code;
    char text[200];
};

/* Sets code and text and returns err, so that a check can end with
 * `return ht_fail(why, HT_EINPUT, "truncated", "…")`. `code` must be a string literal. Text that
 * does not fit is cut. `why` may be NULL. */
enum ht_err ht_fail(struct ht_why *why, enum ht_err err, const char *code, const char *fmt, ...)
    HT_PRINTF(4, 5);

/* Puts context in front of the text already there ("period 1402: …"); the code stays. */
void ht_why_context(struct ht_why *why, const char *fmt, ...) HT_PRINTF(2, 3);

/* Name of an error kind, "unverified" for HT_EUNVERIFIED; never NULL. Static storage. */
const char *ht_err_name(enum ht_err err);

/* The kind with that name; HT_EDENIED for a name that is none. */
enum ht_err ht_err_by_name(const char *name);

/* Exit code of the command line for an error kind: 0 ok, 1 refused or not found, 2 usage,
 * 3 unverified, 4 unavailable. Malformed input is 1: the command was right, the data was not. */
int ht_err_exit_code(enum ht_err err);

/* For mistakes of our own only; outside input must never reach one. On in every build. */
#define ht_assert(claim)                                            \
    do {                                                            \
        if (!(claim)) ht_assert_failed(#claim, __FILE__, __LINE__); \
    } while (0)

__attribute__((noreturn)) void ht_assert_failed(const char *claim, const char *file, int line);

#endif
