/* Inside of the queue, shared by queue*.c alone. */
#ifndef HT_IDENTITY_WALLET_QUEUE_IMPL_H
#define HT_IDENTITY_WALLET_QUEUE_IMPL_H

#include "identity/wallet/effects.h"
#include "identity/wallet/queue.h"
#include "identity/wallet/tokens_claim.h"

#define HT_QUEUE_PAST 256U /* ids that it can still say something about */

/* How an item left the queue: what a late decision is told. */
enum ht_queue_end {
    HT_QUEUE_DECIDED,
    HT_QUEUE_EXPIRED,
    HT_QUEUE_LOCKED,
    HT_QUEUE_REVOKED,
    HT_QUEUE_GONE,
};

struct ht_queue_item {
    struct ht_queue_item *next; /* oldest first */
    struct ht_identity *identity;
    uint64_t id;
    struct ht_queue_request request; /* payload is a view of the buffer below; the rest is owned */
    struct ht_buf payload;
    ht_hash32 hash;     /* of the payload */
    int64_t created_ms; /* wall time */
    int64_t expires_mono_ms;
    bool is_signing;             /* the signer has the call, or the disk the permission */
    bool is_amended;             /* decisions name the payload's present hash and no other */
    bool is_over;                /* told already; only what they say is waited for */
    struct ht_token_claim token; /* of HT_QUEUE_TOKEN */
    struct ht_effects *effects;  /* of HT_QUEUE_TRANSACTION, when code can be run */
    ht_addr20 chosen[HT_QUEUE_ACCOUNTS_MAX]; /* that a permission shows */
    size_t chosen_count;
    struct ht_signer_call call;
    struct ht_rpc_call *decider; /* wallet.decide that waits for the signer; may be NULL */
};

struct ht_queue {
    struct ht_queue_item *items;
    struct {
        uint64_t id;
        enum ht_queue_end end;
    } past[HT_QUEUE_PAST]; /* a ring */
    size_t past_count;
    struct ht_timer timer;
    struct ht_identity *identity;
};

/* Whether the signer is asked for items of that kind. */
bool ht_queue_is_signed(enum ht_queue_kind kind);

/* Nobody decides about it any more. Tells whoever asked, and the decision that waits; result is
 * that decision's, taken over, NULL for none. The item may be freed. */
struct ht_queue_outcome {
    enum ht_queue_end end;
    enum ht_err err;
    const struct ht_why *why;
    ht_bytes signature;
    json_t *result;
};
void ht_queue_end_item(struct ht_queue_item *item, const struct ht_queue_outcome *outcome);
/* The signer's reply to an item that is over has come. */
void ht_queue_free_item(struct ht_queue_item *item);
void ht_queue_changed(struct ht_identity *identity);

/* The item with that id that can be decided about now; else HT_ENOTFOUND "no_such_request" or how
 * it ended. Ends what has expired and what nobody waits for. */
enum ht_err ht_queue_find(struct ht_queue_item **out, struct ht_identity *identity, uint64_t id,
                          struct ht_why *why) HT_MUST_USE;

/* Takes what was rebuilt over into the item, in place of what it has. */
void ht_queue_take(struct ht_queue_item *item, struct ht_queue_rebuilt *rebuilt);
/* Frees what is not taken. */
void ht_queue_drop_rebuilt(struct ht_queue_rebuilt *rebuilt);

#endif
