/* Somebody who decides about pages of other origins, for the tests of the API server's doors: one
 * origin has a permission, the others may only ask who they are. */
#ifndef HT_TESTS_UNIT_PAGE_ADMIT_H
#define HT_TESTS_UNIT_PAGE_ADMIT_H

#include "tests/unit/ws_client.h"

#define KNOWN "https://app.example"
#define STRANGER "https://evil.example"
#define FROM(origin) "Origin: " origin "\r\n"

static bool is_granted; /* KNOWN has its permission; loop thread */

static inline enum ht_err admit(void *self, const char *origin, const char *method,
                                struct ht_why *why) {
    (void)self;
    if (is_granted && strcmp(origin, KNOWN) == 0) return HT_OK;
    if (method != NULL && strcmp(method, "test.origin") == 0) return HT_OK;
    return ht_fail(why, HT_EDENIED, "no_permission", "this page has no permission");
}

static inline void ask_admit(struct server *s) {
    is_granted = true;
    ht_api_set_admit(s->api, admit, s);
}

static inline void ask_nobody(struct server *s) {
    ht_api_set_admit(s->api, NULL, NULL);
}

static inline void take_permission(struct server *s) {
    (void)s;
    is_granted = false;
}

#endif
