/* Messages of the signer, parts of what was sealed, and what is to be signed, from any bytes.
 *
 * The first byte chooses. A message that is accepted must be written back as the same bytes; parts
 * too; and what is accepted as one thing to be signed must not be accepted as another. */
#include <stdlib.h>

#include "node/signer/signer_payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void run_message(ht_bytes text) {
    struct ht_signer_message message;
    struct ht_why why = {.code = NULL};
    struct ht_buf again;
    if (ht_signer_message_read(&message, text, &why) != HT_OK) {
        must(why.code != NULL);
        return;
    }
    ht_buf_init(&again, HT_SIGNER_MESSAGE_MAX);
    must(ht_signer_message_write(&again, &message) == HT_OK);
    must(ht_bytes_equal(ht_buf_view(&again), text));
    ht_buf_fini(&again);
}

static void run_parts(ht_bytes text) {
    ht_bytes parts[HT_SIGNER_PARTS_MAX];
    struct ht_why why = {.code = NULL};
    size_t count = 0;
    size_t n = 0;
    if (ht_signer_parts_read(parts, &count, text, &why) != HT_OK) {
        must(why.code != NULL);
        return;
    }
    uint8_t *again = malloc(text.n + 1);
    must(again != NULL);
    must(ht_signer_parts_write(again, &n, text.n, parts, count) == HT_OK);
    must(ht_bytes_equal(ht_bytes_of(again, n), text));
    free(again);
}

static void run_payload(ht_bytes data) {
    ht_hash32 digest;
    struct ht_why why = {.code = NULL};
    unsigned accepted = 0;
    for (unsigned i = HT_SIGNER_SIGN_TX; i <= HT_SIGNER_SIGN_EVENT; i++) {
        if (i == HT_SIGNER_SIGN_TEXT) continue;
        enum ht_err err = ht_signer_digest(&digest, (enum ht_signer_request)i, data, &why);
        must(err == HT_OK || why.code != NULL);
        accepted += err == HT_OK && i != HT_SIGNER_SIGN_TYPED;
    }
    must(accepted <= 1);
    must(ht_signer_digest(&digest, HT_SIGNER_SIGN_TEXT, data, NULL) == HT_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n == 0) return 0;
    ht_bytes rest = ht_bytes_of(data + 1, n - 1);
    if (data[0] % 3 == 0) run_message(rest);
    if (data[0] % 3 == 1) run_parts(rest);
    if (data[0] % 3 == 2) run_payload(rest);
    return 0;
}
