/* Times and ages in words. */
#include "identity/proof/bundle_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define LAST_S UINT64_C(253402300799) /* of the year 9999 */

void ht_bundle_time_text(char out[static HT_BUNDLE_TIME_SIZE], uint64_t time_s) {
    struct tm parts;
    time_t time = (time_t)(time_s < LAST_S ? time_s : LAST_S);
    if (gmtime_r(&time, &parts) == NULL ||
        strftime(out, HT_BUNDLE_TIME_SIZE, "%Y-%m-%d %H:%M UTC", &parts) == 0) {
        (void)snprintf(out, HT_BUNDLE_TIME_SIZE, "second %" PRIu64, time_s);
    }
}

void ht_bundle_age_text(char out[static HT_BUNDLE_TIME_SIZE], uint64_t seconds) {
    static const struct {
        uint64_t seconds;
        const char *name;
    } UNITS[] = {{31556952, "year"}, {2629746, "month"}, {86400, "day"},
                 {3600, "hour"},     {60, "minute"},     {1, "second"}};
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
        uint64_t count = seconds / UNITS[i].seconds;
        /* "1 hour" would hide nearly another one. */
        if (count < 2 && UNITS[i].seconds > 1) continue;
        (void)snprintf(out, HT_BUNDLE_TIME_SIZE, "%" PRIu64 " %s%s", count, UNITS[i].name,
                       count == 1 ? "" : "s");
        return;
    }
}
