/* Fuzzes the reading of a User-Agent header: what is kept is bounded, is UTF-8, and is read again
 * as itself. */
#include "node/api/sessions.h"
#include "node/base/err.h"

#include <unistr.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char text[HT_SESSION_AGENT_MAX + 1];
    char again[HT_SESSION_AGENT_MAX + 1];
    memset(text, 'z', sizeof text);
    ht_session_read_agent(text, ht_bytes_of(data, size));
    size_t n = strnlen(text, sizeof text);
    ht_assert(n <= HT_SESSION_AGENT_MAX);
    ht_assert(size == 0 || n > 0);
    ht_assert(u8_check((const uint8_t *)text, n) == NULL);
    for (size_t i = 0; i < n; i++) ht_assert((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
    ht_session_read_agent(again, ht_bytes_str(text));
    ht_assert(strcmp(text, again) == 0);
    return 0;
}
