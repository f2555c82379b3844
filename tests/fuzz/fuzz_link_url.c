/* The URL of a relay from any text: what has a spelling has the same one again. */
#include <stdlib.h>

#include "node/p2p/dial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    char text[HT_LINK_URL_SIZE + 16], once[HT_LINK_URL_SIZE], twice[HT_LINK_URL_SIZE];
    if (n >= sizeof text) return 0;
    memcpy(text, data, n);
    text[n] = '\0';
    struct ht_why why = {0};
    if (ht_link_url(once, text, &why) != HT_OK) {
        if (why.code == NULL) abort();
        return 0;
    }
    if (ht_link_url(twice, once, &why) != HT_OK || strcmp(once, twice) != 0) abort();
    return 0;
}
