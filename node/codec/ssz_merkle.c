/* Merkleization of SSZ values (simple-serialize §merkleization) and Merkle branches. */
#include "node/codec/ssz_merkle.h"

#include <pthread.h>

#include "node/crypto/sha256.h"

#define MAX_DEPTH 32U

/* zero_hashes[i] is the root of a tree of 2^i zero chunks. */
static ht_hash32 zero_hashes[MAX_DEPTH];
static pthread_once_t zero_hashes_once = PTHREAD_ONCE_INIT;

static void make_zero_hashes(void) {
    for (unsigned i = 1; i < MAX_DEPTH; i++) {
        ht_sha256_pair(&zero_hashes[i], &zero_hashes[i - 1], &zero_hashes[i - 1]);
    }
}

void ht_merkle_add(struct ht_merkle *merkle, const ht_hash32 *chunk) {
    ht_hash32 node = *chunk;
    unsigned level = 0;
    for (uint64_t count = merkle->count; count & 1; count >>= 1) {
        ht_sha256_pair(&node, &merkle->pending[level], &node);
        level++;
    }
    merkle->pending[level] = node;
    merkle->count++;
}

void ht_merkle_root(ht_hash32 *out, const struct ht_merkle *merkle, uint64_t limit) {
    pthread_once(&zero_hashes_once, make_zero_hashes);
    unsigned depth = 0;
    while ((uint64_t)1 << depth < limit) depth++;
    ht_assert(depth < MAX_DEPTH && merkle->count <= (uint64_t)1 << depth);
    if (merkle->count == (uint64_t)1 << depth) {
        *out = merkle->pending[depth];
        return;
    }
    ht_hash32 node = zero_hashes[0];
    for (unsigned level = 0; level < depth; level++) {
        if (merkle->count >> level & 1) {
            ht_sha256_pair(&node, &merkle->pending[level], &node);
        } else {
            ht_sha256_pair(&node, &node, &zero_hashes[level]);
        }
    }
    *out = node;
}

static void root_of_bytes(ht_hash32 *out, const uint8_t *bytes, size_t n, size_t max) {
    struct ht_merkle merkle;
    merkle.count = 0;
    for (size_t i = 0; i < n; i += 32) {
        ht_hash32 chunk = {{0}};
        memcpy(chunk.b, bytes + i, n - i < 32 ? n - i : 32);
        ht_merkle_add(&merkle, &chunk);
    }
    ht_merkle_root(out, &merkle, (max + 31) / 32);
}

static void root_of_byte_list(ht_hash32 *out, const void *value, size_t max) {
    size_t n;
    memcpy(&n, value, sizeof n);
    root_of_bytes(out, (const uint8_t *)value + sizeof n, n, max);
    ht_hash32 length = {{0}};
    ht_write_u64_le(length.b, n);
    ht_sha256_pair(out, out, &length);
}

/* Recurses as deep as the table of types is nested. */
void ht_ssz_hash_tree_root(ht_hash32 *out, const struct ht_ssz_type *type, const void *value) {
    const uint8_t *base = value;
    struct ht_merkle merkle;
    merkle.count = 0;
    ht_hash32 root;
    switch (type->kind) {
    case HT_SSZ_UINT64: {
        uint64_t number;
        memcpy(&number, value, sizeof number);
        *out = (ht_hash32){{0}};
        ht_write_u64_le(out->b, number);
        return;
    }
    case HT_SSZ_UINT256:
    case HT_SSZ_BYTES:
    case HT_SSZ_BITVECTOR: {
        size_t size = ht_ssz_fixed_size(type);
        root_of_bytes(out, base, size, size);
        return;
    }
    case HT_SSZ_BYTE_LIST: root_of_byte_list(out, value, type->length); return;
    case HT_SSZ_VECTOR: {
        size_t size = ht_ssz_fixed_size(type->element);
        for (size_t i = 0; i < type->length; i++) {
            ht_ssz_hash_tree_root(&root, type->element, base + i * size);
            ht_merkle_add(&merkle, &root);
        }
        ht_merkle_root(out, &merkle, type->length);
        return;
    }
    case HT_SSZ_CONTAINER: break;
    }
    for (size_t i = 0; i < type->field_count; i++) {
        ht_ssz_hash_tree_root(&root, type->fields[i].type, base + type->fields[i].offset);
        ht_merkle_add(&merkle, &root);
    }
    ht_merkle_root(out, &merkle, type->field_count);
}

unsigned ht_ssz_depth(uint64_t gindex) {
    ht_assert(gindex > 0);
    return 63U - (unsigned)__builtin_clzll(gindex);
}

void ht_ssz_branch_root(ht_hash32 *out, const ht_hash32 *leaf, const ht_hash32 *branch,
                        uint64_t gindex) {
    ht_hash32 node = *leaf;
    for (unsigned i = 0; gindex > 1; i++, gindex >>= 1) {
        if (gindex & 1) {
            ht_sha256_pair(&node, &branch[i], &node);
        } else {
            ht_sha256_pair(&node, &node, &branch[i]);
        }
    }
    *out = node;
}
