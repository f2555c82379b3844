/* What is pasted of snapshot.org, from any bytes. */
#include <stdlib.h>

#include "governance/snapshot/snapshot_read.h"
#include "node/codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    json_t *pasted = NULL, *out = NULL;
    struct ht_why why = {.code = NULL};
    if (ht_json_parse(&pasted, ht_bytes_of(data, n), 1 << 18, NULL) != HT_OK) return 0;
    enum ht_err err = ht_snapshot_read(&out, pasted, &why);
    if (err == HT_OK ? out == NULL : why.code == NULL) abort();
    json_decref(out);
    json_decref(pasted);
    return 0;
}
