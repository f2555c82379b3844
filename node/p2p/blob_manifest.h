/* The hash tree of a blob: a list of its chunks' SHA-256, so that each piece can be checked by
 * itself wherever it came from.
 *
 * JSON {"v": 1, "sha256": hex of the blob, "size": bytes, "chunk": bytes of a chunk (a power of
 * two, 64 KiB to 4 MiB), "chunks": hex of all hashes in one text}, served at GET /<sha256>.chunks.
 * It is only a hint until a blob is whole: whoever gave a manifest is to blame when all its chunks
 * hold and the blob's hash does not. Trusted at once when its "root" (SHA-256 over all chunk
 * hashes) is the one that a signed event names (imeta "chunks ROOT CHUNK"). Pure; any thread. */
#ifndef HT_P2P_BLOB_MANIFEST_H
#define HT_P2P_BLOB_MANIFEST_H

#include <jansson.h>

#include "node/base/bytes.h"

#define HT_BLOB_CHUNK_MIN ((uint32_t)64 << 10)
#define HT_BLOB_CHUNK_MAX ((uint32_t)4 << 20)
#define HT_BLOB_CHUNKS_MAX 16384U

struct ht_blob_manifest {
    ht_hash32 sha256, root;
    uint64_t size;
    uint32_t chunk;
    size_t count;
    ht_hash32 *chunks; /* owned */
};

/* The chunk size for a blob: the least with at most 1024 chunks. */
uint32_t ht_blob_chunk_of(uint64_t size);
/* Reads a whole file. A worker's. HT_ESTORE "disk_failed", "blob_damaged" (shorter than it should
 * be), HT_ELIMIT "too_large", HT_EINPUT "empty", HT_ENOMEM. */
enum ht_err ht_blob_manifest_make(struct ht_blob_manifest *out, int file, uint64_t size,
                                  uint32_t chunk, struct ht_why *why) HT_MUST_USE;
/* From the hashes themselves, one after the other; copied. Errors as ht_blob_manifest_read has. */
enum ht_err ht_blob_manifest_of(struct ht_blob_manifest *out, const ht_hash32 *sha256,
                                uint64_t size, uint32_t chunk, ht_bytes hashes,
                                struct ht_why *why) HT_MUST_USE;
/* A new reference; NULL without memory. */
json_t *ht_blob_manifest_json(const struct ht_blob_manifest *manifest);
/* HT_EINPUT "bad_manifest", HT_ELIMIT "too_large" and those of ht_json_parse, HT_ENOMEM. */
enum ht_err ht_blob_manifest_read(struct ht_blob_manifest *out, ht_bytes json,
                                  struct ht_why *why) HT_MUST_USE;
void ht_blob_manifest_fini(struct ht_blob_manifest *manifest);
/* Bytes of chunk i. */
uint32_t ht_blob_chunk_size(const struct ht_blob_manifest *manifest, size_t i);

#endif
