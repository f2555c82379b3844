/* Hash trees of blobs: made from files, written and read as JSON. */
#include "node/p2p/blob_manifest.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/crypto/sha256.h"

#define USUAL_COUNT 1024U
#define DIGITS 64U /* of a hash */
#define JSON_MAX ((size_t)HT_BLOB_CHUNKS_MAX * DIGITS + 1024)

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err bad(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "bad_manifest", "that is no list of chunks: %s", what);
}

uint32_t ht_blob_chunk_of(uint64_t size) {
    uint32_t chunk = HT_BLOB_CHUNK_MIN;
    while (chunk < HT_BLOB_CHUNK_MAX && size > (uint64_t)chunk * USUAL_COUNT) chunk *= 2;
    return chunk;
}

static bool is_chunk(uint64_t chunk) {
    return chunk >= HT_BLOB_CHUNK_MIN && chunk <= HT_BLOB_CHUNK_MAX && (chunk & (chunk - 1)) == 0;
}

static void set_root(struct ht_blob_manifest *manifest) {
    ht_sha256(&manifest->root,
              ht_bytes_of(manifest->chunks, manifest->count * sizeof *manifest->chunks));
}

uint32_t ht_blob_chunk_size(const struct ht_blob_manifest *manifest, size_t i) {
    ht_assert(i < manifest->count);
    uint64_t left = manifest->size - (uint64_t)i * manifest->chunk;
    return left < manifest->chunk ? (uint32_t)left : manifest->chunk;
}

void ht_blob_manifest_fini(struct ht_blob_manifest *manifest) {
    free(manifest->chunks);
    *manifest = (struct ht_blob_manifest){.chunks = NULL};
}

/* --- from a file ------------------------------------------------------------------------------ */

static enum ht_err read_chunk(uint8_t *out, int file, size_t n, uint64_t at, struct ht_why *why) {
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(file, out + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return ht_fail(why, HT_ESTORE, "disk_failed", "cannot read a blob");
        if (got == 0) return ht_fail(why, HT_ESTORE, "blob_damaged", "a blob's file is too short");
        done += (size_t)got;
    }
    return HT_OK;
}

static enum ht_err hash_file(struct ht_blob_manifest *manifest, int file, struct ht_why *why) {
    uint8_t *piece = malloc(manifest->chunk);
    crypto_hash_sha256_state whole;
    enum ht_err err = piece != NULL ? HT_OK : no_memory(why);
    (void)crypto_hash_sha256_init(&whole);
    for (size_t i = 0; err == HT_OK && i < manifest->count; i++) {
        uint32_t n = ht_blob_chunk_size(manifest, i);
        err = read_chunk(piece, file, n, (uint64_t)i * manifest->chunk, why);
        if (err != HT_OK) break;
        ht_sha256(&manifest->chunks[i], ht_bytes_of(piece, n));
        (void)crypto_hash_sha256_update(&whole, piece, n);
    }
    (void)crypto_hash_sha256_final(&whole, manifest->sha256.b);
    free(piece);
    return err;
}

/* With room for the hashes. */
static enum ht_err begin(struct ht_blob_manifest *out, uint64_t size, uint32_t chunk,
                         struct ht_why *why) {
    uint64_t count = size / chunk + (size % chunk != 0);
    if (count > HT_BLOB_CHUNKS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_large", "a blob has at most %u chunks",
                       HT_BLOB_CHUNKS_MAX);
    }
    *out = (struct ht_blob_manifest){.size = size, .chunk = chunk, .count = (size_t)count};
    out->chunks = calloc(out->count, sizeof *out->chunks);
    return out->chunks != NULL ? HT_OK : no_memory(why);
}

enum ht_err ht_blob_manifest_make(struct ht_blob_manifest *out, int file, uint64_t size,
                                  uint32_t chunk, struct ht_why *why) {
    struct ht_blob_manifest manifest = {.chunks = NULL};
    ht_assert(is_chunk(chunk));
    if (size == 0) return ht_fail(why, HT_EINPUT, "empty", "a blob without bytes has no chunks");
    enum ht_err err = begin(&manifest, size, chunk, why);
    if (err == HT_OK) err = hash_file(&manifest, file, why);
    if (err != HT_OK) {
        ht_blob_manifest_fini(&manifest);
        return err;
    }
    set_root(&manifest);
    *out = manifest;
    return HT_OK;
}

enum ht_err ht_blob_manifest_of(struct ht_blob_manifest *out, const ht_hash32 *sha256,
                                uint64_t size, uint32_t chunk, ht_bytes hashes,
                                struct ht_why *why) {
    struct ht_blob_manifest manifest = {.chunks = NULL};
    if (size == 0 || !is_chunk(chunk)) return bad(why, "its sizes");
    enum ht_err err = begin(&manifest, size, chunk, why);
    if (err != HT_OK) return err;
    if (hashes.n != manifest.count * sizeof *manifest.chunks) {
        ht_blob_manifest_fini(&manifest);
        return bad(why, "not as many hashes as chunks");
    }
    memcpy(manifest.chunks, hashes.p, hashes.n);
    manifest.sha256 = *sha256;
    set_root(&manifest);
    *out = manifest;
    return HT_OK;
}

/* --- JSON ------------------------------------------------------------------------------------- */

json_t *ht_blob_manifest_json(const struct ht_blob_manifest *manifest) {
    char sha256[HT_HEX_SIZE(32)];
    char *chunks = malloc(HT_HEX_SIZE(manifest->count * 32));
    if (chunks == NULL) return NULL;
    ht_hex_write(sha256, ht_bytes_of(manifest->sha256.b, 32));
    ht_hex_write(chunks, ht_bytes_of(manifest->chunks, manifest->count * 32));
    /* Without "0x", as everything of Nostr. */
    json_t *json = json_pack("{s:i, s:s, s:I, s:I, s:s}", "v", 1, "sha256", sha256 + 2, "size",
                             (json_int_t)manifest->size, "chunk", (json_int_t)manifest->chunk,
                             "chunks", chunks + 2);
    free(chunks);
    return json;
}

static enum ht_err read_chunks(struct ht_blob_manifest *out, const json_t *json,
                               struct ht_why *why) {
    const char *chunks = NULL, *sha256 = NULL;
    uint64_t v = 0, size = 0, chunk = 0;
    if (ht_json_u64(&v, json, "v", NULL) != HT_OK || v != 1) return bad(why, "its version");
    if (ht_json_u64(&size, json, "size", NULL) != HT_OK || size == 0) return bad(why, "its size");
    if (ht_json_u64(&chunk, json, "chunk", NULL) != HT_OK || !is_chunk(chunk)) {
        return bad(why, "a chunk is a power of two from 64 KiB to 4 MiB");
    }
    if (ht_json_text(&sha256, json, "sha256", NULL) != HT_OK || strlen(sha256) != DIGITS ||
        ht_hex_read(out->sha256.b, 32, ht_bytes_str(sha256)) != HT_OK) {
        return bad(why, "the hash of the whole");
    }
    if (ht_json_text(&chunks, json, "chunks", NULL) != HT_OK) return bad(why, "its hashes");
    ht_hash32 whole = out->sha256;
    enum ht_err err = begin(out, size, (uint32_t)chunk, why);
    if (err != HT_OK) return err;
    out->sha256 = whole;
    ht_bytes text = ht_bytes_str(chunks);
    if (text.n != out->count * DIGITS) return bad(why, "not as many hashes as chunks");
    if (ht_hex_read((uint8_t *)out->chunks, out->count * 32, text) == HT_OK) return HT_OK;
    return bad(why, "its hashes");
}

enum ht_err ht_blob_manifest_read(struct ht_blob_manifest *out, ht_bytes json, struct ht_why *why) {
    struct ht_blob_manifest manifest = {.chunks = NULL};
    json_t *root = NULL;
    enum ht_err err = ht_json_parse(&root, json, JSON_MAX, why);
    if (err == HT_EINPUT) err = bad(why, "it is no JSON");
    if (err == HT_OK) err = read_chunks(&manifest, root, why);
    json_decref(root);
    if (err != HT_OK) {
        ht_blob_manifest_fini(&manifest);
        return err;
    }
    set_root(&manifest);
    *out = manifest;
    return HT_OK;
}
