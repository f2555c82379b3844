/* One range of bytes, and nothing for whoever asks for several: the whole file is a right answer to
 * those. */
#include "node/p2p/http_range.h"

#include <strings.h>

/* Digits from *at on; false when there is none, or for a number too large to be of a file. */
static bool read_number(uint64_t *out, ht_bytes text, size_t *at) {
    size_t start = *at;
    uint64_t value = 0;
    for (; *at < text.n && text.p[*at] >= '0' && text.p[*at] <= '9'; (*at)++) {
        if (value > (UINT64_MAX - 9) / 10) return false;
        value = 10 * value + (text.p[*at] - (unsigned)'0');
    }
    *out = value;
    return *at > start;
}

enum ht_err ht_http_range_read(struct ht_http_range *out, ht_bytes header, uint64_t size) {
    static const char unit[] = "bytes=";
    size_t at = sizeof unit - 1;
    if (header.n < at || strncasecmp((const char *)header.p, unit, at) != 0) return HT_ENOTFOUND;
    uint64_t first = 0;
    uint64_t last = 0;
    bool has_first = read_number(&first, header, &at);
    if (at >= header.n || header.p[at] != '-') return HT_ENOTFOUND;
    at++;
    bool has_last = read_number(&last, header, &at);
    if (at != header.n || (!has_first && !has_last)) return HT_ENOTFOUND;
    if (has_first && has_last && last < first) return HT_ENOTFOUND;
    if (!has_first) {
        if (last == 0 || size == 0) return HT_ELIMIT;
        uint64_t count = last < size ? last : size;
        *out = (struct ht_http_range){.first = size - count, .count = count};
        return HT_OK;
    }
    if (first >= size) return HT_ELIMIT;
    if (!has_last || last >= size) last = size - 1;
    *out = (struct ht_http_range){.first = first, .count = last - first + 1};
    return HT_OK;
}
