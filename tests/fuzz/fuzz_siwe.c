/* Sign-in messages from any bytes: what is accepted claims to be one, its views lie inside of the
 * message, and every message can be explained. Bytes that begin like a transaction are explained
 * as one as well. */
#include <stdlib.h>

#include "identity/credentials/siwe.h"
#include "identity/wallet/explain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void must_be_inside(ht_bytes part, ht_bytes whole) {
    if (part.n == 0) return;
    must(part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void explain(ht_bytes message) {
    struct ht_explain_context context = {
        .chain_id = 1, .network = "mainnet", .origin = "https://app.example"};
    json_t *out = NULL;
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_explain_message(&out, &context, message, 1772366400000, &why);
    must(err == HT_OK || (err == HT_ELIMIT && why.code != NULL));
    json_decref(out);
    out = NULL;
    err = ht_explain_transaction(&out, &context, message, &why);
    must((err == HT_OK) == (out != NULL) && (err == HT_OK || why.code != NULL));
    json_decref(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static struct ht_siwe message;
    ht_bytes text = ht_bytes_of(data, n);
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_siwe_read(&message, text, &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK) {
        struct ht_siwe_expectation expected = {.domain = "app.example", .scheme = "https"};
        must(ht_siwe_looks_like(text) && message.domain.n > 0 && message.nonce.n >= 8);
        must_be_inside(message.domain, text);
        must_be_inside(message.statement, text);
        must_be_inside(message.uri, text);
        must_be_inside(message.request_id, text);
        for (size_t i = 0; i < message.resource_count; i++) {
            must_be_inside(message.resources[i], text);
        }
        (void)!ht_siwe_check(&message, &expected, &why);
    }
    explain(text);
    return 0;
}
