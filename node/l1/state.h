/* Proven state of the execution chain: accounts, their storage and code, at the head or at
 * finality.
 *
 * From a beacon header that the light client verified, over the execution header with the hash that
 * it names, to a Merkle proof under that header's state root. Providers only carry; nothing they
 * say is believed. Accounts that were proven are kept for as long as their state root is asked for
 * (a table of bounded size), and the header of a new head is fetched ahead while anybody reads. */
#ifndef HT_L1_STATE_H
#define HT_L1_STATE_H

#include "node/l1/ask.h"
#include "node/l1/execution/account.h"
#include "node/l1/execution/header.h"
#include "node/l1/sync.h"

#define HT_STATE_SLOTS_MAX 16U
#define HT_STATE_CODE_MAX 65536U /* bytes; EIP-170 allows 24,576, EIP-7954 more */

struct ht_state;

enum ht_block_tag { HT_TAG_LATEST, HT_TAG_FINALIZED };

/* One read; lives in its owner's struct until done. */
struct ht_account_read {
    ht_addr20 address;
    enum ht_block_tag tag;
    ht_hash32 slots[HT_STATE_SLOTS_MAX]; /* of its storage */
    size_t slot_count;
    bool wants_code;
    /* On the loop, once, perhaps before ht_state_read_account returns. */
    void (*done)(struct ht_account_read *read);
    /* The outcome. HT_OK, or HT_EAGAIN "no_head" (nothing is verified yet), HT_ENOTFOUND
     * "no_execution", or that of the question that nobody could prove. */
    enum ht_err err;
    struct ht_why why;
    struct ht_account account; /* empty when it does not exist */
    bool exists;
    uint8_t values[HT_STATE_SLOTS_MAX][32]; /* of the slots, big-endian */
    struct ht_buf code;                     /* owned by whoever reads; empty unless wanted */
    struct ht_exec_header_verified header;  /* the block it is proven at */
    struct ht_header_verified beacon;       /* and who vouches for that */
    char source[128];                       /* who sent the proof */
    /* The service's own. */
    struct ht_state *state;
    struct ht_exec_hash_proven hash;
    struct ht_question question;
};

/* sync and asker outlive it. HT_ENOMEM. */
enum ht_err ht_state_new(struct ht_state **out, struct ht_sync *sync,
                         struct ht_asker *asker) HT_MUST_USE;
void ht_state_free(struct ht_state *state);

/* A new head: its header is fetched if accounts were read lately. Loop thread. */
void ht_state_on_head(struct ht_state *state);

/* Loop thread. read is zeroed but for what is asked and done. */
void ht_state_read_account(struct ht_state *state, struct ht_account_read *read);

/* The account with its provenance (DESIGN.md section 7) as JSON: {"address", "exists", "balance",
 * "nonce", "code_hash", "storage_root", "provenance"}; balance in wei as a decimal string. With
 * slots also "storage": {slot: value}, with wants_code also "code". */
enum ht_err ht_state_account_json(json_t **out, const struct ht_account_read *read,
                                  struct ht_why *why) HT_MUST_USE;

#endif
