/* Transactions of types 0 to 4: strict decoding, encoding, hashes and senders.
 *
 * Sources: Yellow Paper 4.2, EIP-155, 2718, 2930, 1559, 4844, 7594 (the network form of type 3),
 * 7702. What is accepted encodes back to the same bytes (of type 3 in network form: to the form in
 * blocks). Whether a chain would take a transaction is for transaction_rules.h.
 *
 * Reasons, HT_EINPUT if not said otherwise: those of node/codec/rlp.h, and
 *     tx_empty           no bytes
 *     tx_type            a type that is not 0 to 4
 *     tx_recipient       `to` is neither empty nor 20 bytes; empty in types 3 and 4
 *     tx_signature       v or y_parity is none that this type can have
 *     tx_network_form    HT_EDENIED: type 3 with its blobs, where only the form in blocks is wanted
 *     tx_sidecar         the blobs' part of the network form does not fit the transaction
 *     tx_unsigned        what was asked for needs a signature
 *     no_room            HT_ELIMIT: lists larger than the arena allows */
#ifndef HT_CODEC_TRANSACTION_H
#define HT_CODEC_TRANSACTION_H

#include "node/base/arena.h"
#include "node/base/u256.h"
#include "node/crypto/secp256k1.h"

/* EIP-2718 transaction types. */
enum ht_tx_type {
    HT_TX_LEGACY = 0,
    HT_TX_ACCESS_LIST = 1, /* EIP-2930 */
    HT_TX_FEE_MARKET = 2,  /* EIP-1559 */
    HT_TX_BLOB = 3,        /* EIP-4844 */
    HT_TX_SET_CODE = 4,    /* EIP-7702 */
    HT_TX_TYPE_COUNT,
};

/* The longest transaction that is encoded: no block holds a longer one (EIP-7934). */
#define HT_TX_SIZE_MAX ((size_t)16 << 20)

struct ht_tx_access {
    ht_addr20 address;
    const ht_hash32 *storage_keys;
    size_t key_count;
};

struct ht_tx_authorization {
    ht_u256 chain_id; /* 0: valid on every chain */
    ht_addr20 address;
    uint64_t nonce;
    uint8_t y_parity; /* as sent: any byte, and r and s of any size; judged by ht_tx_authority */
    ht_u256 r, s;
};

/* Fields that the type does not have are zero. Data and lists belong to the arena or the input. */
struct ht_transaction {
    enum ht_tx_type type;
    bool has_chain_id; /* false only for a legacy transaction without EIP-155 */
    uint64_t chain_id;
    uint64_t nonce;
    ht_u256 gas_price;                /* wei; types 0 and 1 */
    ht_u256 max_priority_fee_per_gas; /* wei; types 2 to 4 */
    ht_u256 max_fee_per_gas;
    uint64_t gas_limit;
    bool is_creation; /* no recipient */
    ht_addr20 to;
    ht_u256 value; /* wei */
    ht_bytes data;
    const struct ht_tx_access *access_list; /* types 1 to 4 */
    size_t access_count;
    ht_u256 max_fee_per_blob_gas; /* wei; type 3 */
    const ht_hash32 *blob_versioned_hashes;
    size_t blob_count;
    const struct ht_tx_authorization *authorization_list; /* type 4 */
    size_t authorization_count;
    bool is_signed;
    uint8_t y_parity;
    ht_u256 r, s;
};

/* The fields of a type in the order of its RLP list, without the signature. */
enum ht_tx_field {
    HT_TX_END, /* closes the list */
    HT_TX_CHAIN_ID,
    HT_TX_NONCE,
    HT_TX_GAS_PRICE,
    HT_TX_MAX_PRIORITY_FEE,
    HT_TX_MAX_FEE,
    HT_TX_GAS_LIMIT,
    HT_TX_TO,
    HT_TX_VALUE,
    HT_TX_DATA,
    HT_TX_ACCESS_LIST_FIELD,
    HT_TX_MAX_BLOB_FEE,
    HT_TX_BLOB_HASHES,
    HT_TX_AUTHORIZATIONS,
};
const enum ht_tx_field *ht_tx_fields(enum ht_tx_type type);

/* What to do with a type 3 transaction in the form in which it is sent to nodes, with its blobs. */
enum ht_tx_network_form {
    HT_TX_NETWORK_FORM_REFUSE,
    /* Check the sidecar's shape (counts, lengths, version) and that each commitment has its
     * versioned hash, then leave it out. The KZG proofs are not checked. */
    HT_TX_NETWORK_FORM_STRIP,
};

/* Decodes exactly one signed transaction as EIP-2718 writes it. *out borrows from `encoded` and
 * from the arena. */
enum ht_err ht_tx_decode(struct ht_transaction *out, struct ht_arena *arena, ht_bytes encoded,
                         enum ht_tx_network_form form, struct ht_why *why) HT_MUST_USE;

/* Appends a signed transaction as EIP-2718 writes it: what hashes and tries are made of. HT_EINPUT
 * without a signature, HT_ELIMIT, HT_ENOMEM. */
enum ht_err ht_tx_encode(struct ht_buf *out, const struct ht_transaction *tx) HT_MUST_USE;

/* Appends what the signature is over, before hashing. */
enum ht_err ht_tx_encode_unsigned(struct ht_buf *out, const struct ht_transaction *tx) HT_MUST_USE;

/* Keccak-256 of these two. Errors as above. */
enum ht_err ht_tx_hash(ht_hash32 *out, const struct ht_transaction *tx) HT_MUST_USE;
enum ht_err ht_tx_signing_hash(ht_hash32 *out, const struct ht_transaction *tx) HT_MUST_USE;

/* Who signed it. Frontier's blocks hold signatures with a high s: HT_ECDSA_ANY_S for a transaction
 * that is proven to be in a block, HT_ECDSA_LOW_S for one that wants to get into one. Reasons of
 * node/crypto/secp256k1.h, tx_unsigned. */
enum ht_err ht_tx_sender(ht_addr20 *out, const struct ht_transaction *tx, enum ht_ecdsa_s accept,
                         struct ht_why *why) HT_MUST_USE;

/* Whose account an authorization sets the code of (EIP-7702: low s, y_parity 0 or 1). */
enum ht_err ht_tx_authority(ht_addr20 *out, const struct ht_tx_authorization *authorization,
                            struct ht_why *why) HT_MUST_USE;

/* The v of JSON-RPC and of a legacy transaction's RLP: 27 or 28, 35 or 36 + 2 * chain_id, and for
 * typed ones y_parity itself. */
void ht_tx_v(ht_u256 *out, const struct ht_transaction *tx);

/* The reverse for a legacy transaction: sets y_parity, has_chain_id and chain_id. HT_EINPUT
 * tx_signature. */
enum ht_err ht_tx_take_legacy_v(struct ht_transaction *tx, const ht_u256 *v,
                                struct ht_why *why) HT_MUST_USE;

#endif
