/* The Range header from any bytes: eight bytes of a file's size, then the header. What is read lies
 * within the file. */
#include <stdlib.h>

#include "node/p2p/http_range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_http_range range;
    if (n < 8) return 0;
    uint64_t size = ht_read_u64_le(data);
    if (ht_http_range_read(&range, ht_bytes_of(data + 8, n - 8), size) != HT_OK) return 0;
    if (range.count == 0 || range.first >= size || range.count > size - range.first) abort();
    return 0;
}
