/* Execution block headers of every fork: RLP and JSON both ways, and what makes one believed.
 *
 * One C struct serves all forks; a table of fields says from which layout on a field is there and
 * how it is written, so a new fork's field is a new row. Sources: Yellow Paper 4.3, EIP-1559, 4895,
 * 4844, 4788, 7685, and for the next fork EIP-7928 and EIP-7843 (drafts; execution-specs
 * amsterdam).
 *
 * A claimed header comes from anyone; its hash is its own and proves nothing. A verified one has
 * the hash that a proof named. Only this area makes verified headers and proven hashes.
 *
 * Reasons: those of node/codec/rlp.h and node/codec/json.h, and
 *     header_fields        HT_EINPUT: this many fields, or this mix of fields, is no fork's
 *     header_extra_data    HT_EINPUT: extra_data over 32 bytes
 *     header_hash_differs  HT_EUNVERIFIED: the fields do not hash to the hash that was expected
 *     no_execution         HT_ENOTFOUND: a beacon header from before Capella names no block */
#ifndef HT_L1_EXECUTION_HEADER_H
#define HT_L1_EXECUTION_HEADER_H

#include "node/base/u256.h"
#include "node/codec/json.h"
#include "node/l1/consensus/light_client.h"

/* Named after the fork that brought it; others in between changed no header field. */
enum ht_exec_layout {
    HT_EXEC_LAYOUT_FRONTIER,  /* 15 fields */
    HT_EXEC_LAYOUT_LONDON,    /* 16: base_fee_per_gas */
    HT_EXEC_LAYOUT_SHANGHAI,  /* 17: withdrawals_root */
    HT_EXEC_LAYOUT_CANCUN,    /* 20: blob_gas_used, excess_blob_gas, parent_beacon_block_root */
    HT_EXEC_LAYOUT_PRAGUE,    /* 21: requests_hash */
    HT_EXEC_LAYOUT_AMSTERDAM, /* 23: block_access_list_hash, slot_number */
    HT_EXEC_LAYOUT_COUNT,
};

#define HT_EXEC_EXTRA_DATA_MAX 32U
/* No header is longer than this in RLP. */
#define HT_EXEC_HEADER_RLP_MAX 1024U

/* Fields that the layout does not have are zero. */
struct ht_exec_header {
    enum ht_exec_layout layout;
    ht_hash32 parent_hash;
    ht_hash32 ommers_hash;
    ht_addr20 coinbase;
    ht_hash32 state_root;
    ht_hash32 transactions_root;
    ht_hash32 receipts_root;
    uint8_t logs_bloom[256];
    ht_u256 difficulty;
    uint64_t number;
    uint64_t gas_limit;
    uint64_t gas_used;
    uint64_t timestamp; /* seconds UTC */
    struct {
        size_t n;
        uint8_t b[HT_EXEC_EXTRA_DATA_MAX];
    } extra_data;
    ht_hash32 prev_randao; /* mix_hash before Paris */
    uint8_t nonce[8];
    ht_u256 base_fee_per_gas; /* wei */
    ht_hash32 withdrawals_root;
    uint64_t blob_gas_used;
    uint64_t excess_blob_gas;
    ht_hash32 parent_beacon_block_root;
    ht_hash32 requests_hash;
    ht_hash32 block_access_list_hash;
    uint64_t slot_number;
};

/* What somebody says; `hash` is the Keccak-256 of its RLP, computed here. */
struct ht_exec_header_claimed {
    struct ht_exec_header header;
    ht_hash32 hash;
};

/* What a proof names. Made by ht_exec_header_verify only. */
struct ht_exec_header_verified {
    struct ht_exec_header header;
    ht_hash32 hash;
};

/* The hash of a block of the chain, out of something proven. Made by the functions below only. */
struct ht_exec_hash_proven {
    ht_hash32 hash;
};

/* How many fields a layout has. */
size_t ht_exec_layout_field_count(enum ht_exec_layout layout);

/* Decodes exactly one header; the number of its fields decides the layout. What is accepted encodes
 * back to the same bytes. */
enum ht_err ht_exec_header_decode(struct ht_exec_header_claimed *out, ht_bytes rlp,
                                  struct ht_why *why) HT_MUST_USE;

/* Appends the RLP. HT_ELIMIT, HT_ENOMEM; `out` is unchanged then. */
enum ht_err ht_exec_header_encode(struct ht_buf *out,
                                  const struct ht_exec_header *header) HT_MUST_USE;

/* Keccak-256 of the RLP. HT_ENOMEM only. */
enum ht_err ht_exec_header_hash(ht_hash32 *out, const struct ht_exec_header *header) HT_MUST_USE;

/* The header in a block object as eth_getBlockByHash, eth_getBlockByNumber and newHeads give it.
 * Members that are no header field are ignored, null counts as absent. The fields that are there
 * decide the layout. A "hash" in the object must be the header's own (HT_EUNVERIFIED
 * header_hash_differs): an answer that contradicts itself is refused at once. */
enum ht_err ht_exec_header_from_json(struct ht_exec_header_claimed *out, const json_t *block,
                                     struct ht_why *why) HT_MUST_USE;

/* A new object with the header's fields in the spelling of execution-apis and its hash; the rest of
 * a block object (size, transactions, uncles, withdrawals) is for the caller. HT_ENOMEM. */
enum ht_err ht_exec_header_to_json(json_t **out, const struct ht_exec_header *header,
                                   const ht_hash32 *hash) HT_MUST_USE;

/* --- proof ------------------------------------------------------------------------------------*/

/* The block hash that a beacon header verified by the light client names: its own payload's, in
 * Gloas that of the last payload before. HT_ENOTFOUND no_execution. */
enum ht_err ht_exec_hash_of_beacon(struct ht_exec_hash_proven *out,
                                   const struct ht_header_verified *beacon,
                                   struct ht_why *why) HT_MUST_USE;

/* The hash of the block before a verified one. HT_ENOTFOUND no_execution for the genesis block. */
enum ht_err ht_exec_hash_of_parent(struct ht_exec_hash_proven *out,
                                   const struct ht_exec_header_verified *child,
                                   struct ht_why *why) HT_MUST_USE;

/* The claimed header when it hashes to the proven hash; HT_EUNVERIFIED header_hash_differs. The
 * hash is computed from the fields again, so nothing that was changed in `claimed` gets through. */
enum ht_err ht_exec_header_verify(struct ht_exec_header_verified *out,
                                  const struct ht_exec_header_claimed *claimed,
                                  const struct ht_exec_hash_proven *hash,
                                  struct ht_why *why) HT_MUST_USE;

/* A header that we kept ourselves: only verified ones are put into our database, so the hash is
 * taken at its word; the bytes must still have it. Reasons of ht_exec_header_decode and _verify. */
enum ht_err ht_exec_header_of_kept(struct ht_exec_header_verified *out, const ht_hash32 *hash,
                                   ht_bytes rlp, struct ht_why *why) HT_MUST_USE;

#endif
