/* The Range header (RFC 9110 §14.2): which bytes of a file are asked for. Pure; any thread. */
#ifndef HT_P2P_HTTP_RANGE_H
#define HT_P2P_HTTP_RANGE_H

#include "node/base/bytes.h"

struct ht_http_range {
    uint64_t first;
    uint64_t count; /* at least 1 */
};

/* Reads "bytes=FIRST-LAST", "bytes=FIRST-" or "bytes=-SUFFIX" for a file of size bytes.
 * HT_ENOTFOUND: it is to be ignored and the whole file sent (empty, another unit, several ranges,
 * malformed). HT_ELIMIT: nothing of the file is in it (416). */
enum ht_err ht_http_range_read(struct ht_http_range *out, ht_bytes header,
                               uint64_t size) HT_MUST_USE;

#endif
