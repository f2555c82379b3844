/* Log lines. Each goes out in one write, so lines of several threads do not mix. */
#include "node/base/log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static enum ht_log_level max_level = HT_LOG_INFO;

static const char *level_name(enum ht_log_level level) {
    switch (level) {
    case HT_LOG_ERROR: return "error";
    case HT_LOG_WARN: return "warn ";
    case HT_LOG_INFO: return "info ";
    case HT_LOG_DEBUG: return "debug";
    }
    return "?";
}

void ht_log_set_level(enum ht_log_level level) {
    max_level = level;
}

void ht_log(enum ht_log_level level, const char *area, const char *fmt, ...) {
    if (level > max_level) return;
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
    }
    struct timespec now;
    struct tm utc;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc);
    char line[700];
    int n = snprintf(line, sizeof line, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ %s %s: %s\n",
                     utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                     utc.tm_sec, now.tv_nsec / 1000000, level_name(level), area, text);
    if (n < 0) return;
    size_t len = (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    ssize_t written = write(STDERR_FILENO, line, len);
    (void)written; /* a lost log line is not worth more than this */
}
