/* What is said of a credential that is to be signed, from any bytes: as a whole "header.payload",
 * or, when the first byte is even, as the JSON of a payload behind the usual header. What is
 * explained has lines within the bound, and a raw text that cannot deceive. */
#include <stdlib.h>

#include "identity/wallet/explain_credential.h"
#include "node/codec/base64.h"
#include "node/codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define PART_MAX ((size_t)512 << 10)

static void must(bool claim) {
    if (!claim) abort();
}

static void run(ht_bytes part) {
    struct ht_why why = {.code = NULL};
    json_t *explained = NULL;
    char *raw = NULL;
    if (ht_explain_credential(&explained, &raw, part, INT64_C(1700000000000), &why) != HT_OK) {
        must(why.code != NULL && explained == NULL && raw == NULL);
        return;
    }
    const json_t *rows = ht_json_member(explained, "rows");
    must(json_array_size(rows) > 0 && json_array_size(rows) <= HT_EXPLAIN_CREDENTIAL_ROWS);
    for (const char *p = raw; *p != '\0'; p++) must((unsigned char)*p < 0x80);
    json_decref(explained);
    free(raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n == 0) return 0;
    ht_bytes rest = ht_bytes_of(data + 1, n - 1);
    if (data[0] % 2 == 1) {
        run(rest);
        return 0;
    }
    struct ht_buf part;
    ht_buf_init(&part, PART_MAX);
    enum ht_err err = ht_buf_add(&part, ht_bytes_str("eyJhbGciOiJFUzI1NksifQ."));
    if (err == HT_OK) err = ht_base64_write(&part, HT_BASE64_URL, rest);
    if (err == HT_OK) run(ht_buf_view(&part));
    ht_buf_fini(&part);
    return 0;
}
