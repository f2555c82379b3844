/* A bundle in the making: the reads that its claim needs, one section after the other. Internal to
 * identity/proof; loop thread.
 *
 * Functions that return an error have left the making alone, for their caller to refuse; after
 * HT_OK it belongs to what they began, and may be gone. */
#ifndef HT_IDENTITY_PROOF_BUNDLE_CLAIMS_H
#define HT_IDENTITY_PROOF_BUNDLE_CLAIMS_H

#include "identity/eas/offchain.h"
#include "identity/identity.h"
#include "identity/proof/bundle_read.h"
#include "node/codec/abi_word.h"

struct ht_making;
/* What comes behind a section. */
typedef enum ht_err ht_making_next(struct ht_making *making, struct ht_why *why);

struct ht_making {
    struct ht_state_read read; /* first */
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    struct ht_bundle_contracts contracts;
    struct ht_finality finality;
    struct ht_arena arena;
    json_t *bundle, *claim;
    size_t bytes; /* of its text, about */
    uint64_t block_time_s;
    /* The section that is being read. */
    ht_addr20 address;
    ht_hash32 *slots;
    size_t count, at;
    uint8_t (*values)[32]; /* of what was read */
    json_t *account, *storage;
    bool exists, has_code;
    ht_making_next *next;
    /* Of attestations. */
    ht_hash32 uid, schema;
    struct ht_eas_offchain package;
};

/* Reads an account and slots of it; then `next`. */
enum ht_err ht_making_read(struct ht_making *making, const ht_addr20 *address,
                           const ht_hash32 *slots, size_t count, ht_making_next *next,
                           struct ht_why *why) HT_MUST_USE;
/* Further slots of the same, behind the `have` first ones; then making->next again. */
enum ht_err ht_making_read_more(struct ht_making *making, const ht_hash32 *slots, size_t have,
                                size_t count, struct ht_why *why) HT_MUST_USE;
/* Puts the section into the bundle: "schema", "attester", or NULL for the claim's own contract. */
enum ht_err ht_making_put(struct ht_making *making, const char *section,
                          struct ht_why *why) HT_MUST_USE;
/* Answers the call. */
enum ht_err ht_making_finish(struct ht_making *making, struct ht_why *why) HT_MUST_USE;
/* Refuses the call and frees everything. */
void ht_making_refuse(struct ht_making *making, enum ht_err err, const struct ht_why *why);

/* Begins what the parameters ask for. */
enum ht_err ht_making_claim(struct ht_making *making, const json_t *params,
                            struct ht_why *why) HT_MUST_USE;

#endif
