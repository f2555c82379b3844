/* Errors and their reasons: filling, prefixing and naming. Knows nothing of who shows them. */
#include "node/base/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum ht_err ht_fail(struct ht_why *why, enum ht_err err, const char *code, const char *fmt, ...) {
    if (why == NULL) return err;
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(why->text, sizeof why->text, fmt, ap);
    va_end(ap);
    why->code = code;
    return err;
}

void ht_why_context(struct ht_why *why, const char *fmt, ...) {
    if (why == NULL) return;
    char front[sizeof why->text];
    char whole[2 * sizeof why->text + 2];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(front, sizeof front, fmt, ap);
    va_end(ap);
    (void)snprintf(whole, sizeof whole, "%s: %s", front, why->text);
    memcpy(why->text, whole, sizeof why->text - 1);
    why->text[sizeof why->text - 1] = '\0';
}

const char *ht_err_name(enum ht_err err) {
    switch (err) {
    case HT_OK: return "ok";
    case HT_EINPUT: return "malformed";
    case HT_EUNVERIFIED: return "unverified";
    case HT_ENOTFOUND: return "not_found";
    case HT_ESTALE: return "stale";
    case HT_ELIMIT: return "over_limit";
    case HT_EAGAIN: return "busy";
    case HT_ENET: return "network";
    case HT_ESTORE: return "storage";
    case HT_EDENIED: return "denied";
    case HT_ENOMEM: return "no_memory";
    case HT_EBUG: return "bug";
    }
    return "unknown";
}

enum ht_err ht_err_by_name(const char *name) {
    for (enum ht_err err = HT_OK; err <= HT_EBUG; err++) {
        if (strcmp(ht_err_name(err), name) == 0) return err;
    }
    return HT_EDENIED;
}

int ht_err_exit_code(enum ht_err err) {
    switch (err) {
    case HT_OK: return 0;
    case HT_EINPUT:
    case HT_ENOTFOUND:
    case HT_ELIMIT:
    case HT_EDENIED: return 1;
    case HT_EUNVERIFIED: return 3;
    case HT_ESTALE:
    case HT_EAGAIN:
    case HT_ENET:
    case HT_ESTORE:
    case HT_ENOMEM:
    case HT_EBUG: return 4;
    }
    return 4;
}

void ht_assert_failed(const char *claim, const char *file, int line) {
    fprintf(stderr, "hearth: broken promise at %s:%d: %s\n", file, line, claim);
    abort();
}
