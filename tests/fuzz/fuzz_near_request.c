/* What peers ask at /eth from any bytes: a line each for path, query and Accept, then a body. What
 * is read is within its bounds. */
#include <stdlib.h>

#include "node/app/near_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static ht_bytes take_line(ht_bytes *rest) {
    const uint8_t *end = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;
    size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;
    ht_bytes line = ht_bytes_of(rest->p, n);
    size_t gone = end != NULL ? n + 1 : n;
    *rest = ht_bytes_of(rest->p + gone, rest->n - gone);
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_near_request request;
    struct ht_near_batch batch;
    ht_bytes rest = ht_bytes_of(data, n);
    ht_bytes path = take_line(&rest), query = take_line(&rest), accept = take_line(&rest);
    for (int is_post = 0; is_post < 2; is_post++) {
        if (ht_near_request_read(&request, is_post != 0, path, query, accept, NULL) != HT_OK)
            continue;
        bool is_updates = request.what == HT_NEAR_UPDATES;
        if (is_updates && (request.count == 0 || request.count > 128)) abort();
        if ((is_post != 0) != (request.what == HT_NEAR_EXECUTION)) abort();
    }
    if (ht_near_batch_read(&batch, rest, NULL) != HT_OK) return 0;
    if (batch.count == 0 || batch.count > HT_NEAR_BATCH_MAX) abort();
    for (size_t i = 0; i < batch.count; i++) {
        if (!json_is_array(batch.requests[i].params)) abort();
    }
    ht_near_batch_fini(&batch);
    return 0;
}
