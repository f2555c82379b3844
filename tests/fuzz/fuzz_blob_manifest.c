/* Lists of chunks from any text: what is read adds up, and is written and read as it was. */
#include <stdlib.h>

#include "node/p2p/blob_manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void check(const struct ht_blob_manifest *manifest) {
    struct ht_blob_manifest again;
    uint64_t size = 0;
    must(manifest->count > 0 && manifest->count <= HT_BLOB_CHUNKS_MAX);
    must(manifest->chunk >= HT_BLOB_CHUNK_MIN && manifest->chunk <= HT_BLOB_CHUNK_MAX);
    for (size_t i = 0; i < manifest->count; i++) size += ht_blob_chunk_size(manifest, i);
    must(size == manifest->size);
    json_t *json = ht_blob_manifest_json(manifest);
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (text == NULL) return;
    must(ht_blob_manifest_read(&again, ht_bytes_str(text), NULL) == HT_OK);
    must(ht_hash32_equal(&again.root, &manifest->root) && again.count == manifest->count);
    ht_blob_manifest_fini(&again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_blob_manifest manifest;
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_blob_manifest_read(&manifest, ht_bytes_of(data, n), &why);
    must(err == HT_OK || why.code != NULL);
    if (err != HT_OK) return 0;
    check(&manifest);
    ht_blob_manifest_fini(&manifest);
    return 0;
}
