/* Shape of blob sidecars and the link from commitments to versioned hashes. */
#include "node/codec/transaction_sidecar.h"

#include "node/codec/rlp.h"
#include "node/crypto/sha256.h"

/* A list of exactly count strings of `size` bytes; *items is its content. */
static enum ht_err read_strings(ht_bytes *items, ht_bytes *rest, size_t count, size_t size,
                                const char *what, struct ht_why *why) {
    ht_bytes string = {0};
    enum ht_err err = ht_rlp_read_list(items, rest, why);
    ht_bytes left = *items;
    size_t found = 0;
    while (err == HT_OK && left.n > 0) {
        err = ht_rlp_read_bytes(&string, &left, left.n, why);
        if (err == HT_OK && string.n != size) {
            return ht_fail(why, HT_EINPUT, "tx_sidecar", "one of the %s has %zu bytes, not %zu",
                           what, string.n, size);
        }
        found++;
    }
    if (err != HT_OK || found == count) return err;
    return ht_fail(why, HT_EINPUT, "tx_sidecar", "%zu %s where %zu belong", found, what, count);
}

static enum ht_err check_commitments(ht_bytes items, const ht_hash32 *versioned_hashes,
                                     size_t count, struct ht_why *why) {
    ht_bytes commitment = {0};
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = ht_rlp_read_bytes(&commitment, &items, HT_KZG_SIZE, why);
        if (err != HT_OK) return err;
        ht_hash32 hash;
        ht_sha256(&hash, commitment);
        hash.b[0] = HT_BLOB_HASH_VERSION;
        if (!ht_hash32_equal(&hash, &versioned_hashes[i])) {
            return ht_fail(why, HT_EINPUT, "tx_sidecar",
                           "commitment %zu is not the one of its versioned hash", i);
        }
    }
    return err;
}

enum ht_err ht_tx_check_sidecar(ht_bytes items, const ht_hash32 *versioned_hashes, size_t count,
                                struct ht_why *why) {
    ht_bytes rest = items;
    ht_bytes blobs = {0};
    ht_bytes commitments = {0};
    ht_bytes proofs = {0};
    uint64_t version = 0;
    struct ht_rlp_item first;
    ht_bytes ahead = rest;
    enum ht_err err = ht_rlp_read_item(&first, &ahead, why);
    if (err == HT_OK && !first.is_list) err = ht_rlp_read_u64(&version, &rest, why);
    if (err != HT_OK) return err;
    if (!first.is_list && version != 1) {
        return ht_fail(why, HT_EINPUT, "tx_sidecar", "a version other than 1 is not known");
    }
    size_t proof_count = count * (version == 1 ? HT_CELLS_PER_BLOB : 1);
    err = read_strings(&blobs, &rest, count, HT_BLOB_SIZE, "blobs", why);
    if (err == HT_OK) {
        err = read_strings(&commitments, &rest, count, HT_KZG_SIZE, "commitments", why);
    }
    if (err == HT_OK) err = read_strings(&proofs, &rest, proof_count, HT_KZG_SIZE, "proofs", why);
    if (err == HT_OK) err = ht_rlp_end(rest, why);
    if (err == HT_OK) err = check_commitments(commitments, versioned_hashes, count, why);
    return err;
}
