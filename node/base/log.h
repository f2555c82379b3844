/* Log lines to standard error, one line each, from any thread. */
#ifndef HT_BASE_LOG_H
#define HT_BASE_LOG_H

#include "node/base/err.h"

enum ht_log_level { HT_LOG_ERROR, HT_LOG_WARN, HT_LOG_INFO, HT_LOG_DEBUG };

/* Lines above this level are dropped. Set once at start, before threads. Default HT_LOG_INFO. */
void ht_log_set_level(enum ht_log_level level);

/* One line: UTC time, level, area ("sync", "api"), text. Control characters of the text are
 * shown as '?', so that outside text cannot forge lines. Never pass a secret. */
void ht_log(enum ht_log_level level, const char *area, const char *fmt, ...) HT_PRINTF(3, 4);

#endif
