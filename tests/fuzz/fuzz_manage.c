/* Management of the relay: bodies of requests, one a line, and the first line as the header that
 * gives the right to them. */
#include <stdlib.h>
#include <string.h>

#include "social/relay/manage.h"
#include "social/relay/nip98.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void check_right(ht_bytes header) {
    ht_hash32 pubkey;
    struct ht_why why = {.code = NULL};
    const struct ht_nip98_request request = {.url = ht_bytes_str("http://127.0.0.1:8421/"),
                                             .method = ht_bytes_str("POST"),
                                             .body = header,
                                             .now_s = 1780000000};
    enum ht_err err = ht_nip98_check(&pubkey, &request, header, &why);
    must((err == HT_OK) == (why.code == NULL));
}

/* What was understood has what its method needs. */
static void check_request(ht_bytes body) {
    struct ht_manage_request request;
    struct ht_why why = {.code = NULL};
    char address[HT_MANAGE_ADDRESS_SIZE];
    enum ht_err err = ht_manage_read(&request, body, &why);
    must((err == HT_OK) == (why.code == NULL));
    if (err != HT_OK) return;
    must(memchr(request.text, 0, sizeof request.text) != NULL);
    must(memchr(request.reason, 0, sizeof request.reason) != NULL);
    must(request.kind <= UINT16_MAX);
    if (request.method != HT_MANAGE_BLOCK_ADDRESS) return;
    must(ht_manage_address(address, request.text) && strcmp(address, request.text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    size_t start = 0;
    for (size_t i = 0; i <= n; i++) {
        if (i < n && data[i] != '\n') continue;
        ht_bytes line = ht_bytes_of(data + start, i - start);
        if (start == 0) check_right(line);
        check_request(line);
        start = i + 1;
    }
    return 0;
}
