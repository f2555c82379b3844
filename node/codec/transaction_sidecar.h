/* The blobs' part of a type 3 transaction as it is sent to nodes: EIP-4844 networking (version 0:
 * blobs, commitments, proofs) and EIP-7594 (version 1: a version byte, then cell proofs). */
#ifndef HT_CODEC_TRANSACTION_SIDECAR_H
#define HT_CODEC_TRANSACTION_SIDECAR_H

#include "node/base/bytes.h"

#define HT_BLOB_SIZE 131072U
#define HT_KZG_SIZE 48U         /* a commitment or a proof */
#define HT_CELLS_PER_BLOB 128U  /* CELLS_PER_EXT_BLOB: proofs per blob in version 1 */
#define HT_BLOB_HASH_VERSION 1U /* VERSIONED_HASH_VERSION_KZG, first byte of a versioned hash */

/* Whether the items behind the transaction are a sidecar for these hashes: as many blobs and
 * commitments as hashes, as many proofs as the version asks for, each of its fixed length, and each
 * hash that of its commitment. KZG proofs are not checked. HT_EINPUT tx_sidecar, or a reason of
 * node/codec/rlp.h. */
enum ht_err ht_tx_check_sidecar(ht_bytes items, const ht_hash32 *versioned_hashes, size_t count,
                                struct ht_why *why) HT_MUST_USE;

#endif
