/* Transactions on their way: checked, kept, sent to several providers, followed to finality.
 *
 * A transaction is decoded, held against the fork's rules and against the sender's proven nonce and
 * balance, and kept on disk before anybody is told that it was taken. From then on each new head is
 * looked at for it; while it is missing it is sent again now and then. All functions: loop thread.
 *
 * Reasons, besides those of transaction.h and transaction_rules.h (HT_EINPUT and HT_EDENIED):
 *     nonce_too_low       HT_EDENIED: the account has used that nonce
 *     insufficient_funds  HT_EDENIED: the account cannot pay what it may cost at most
 *     outbox_full         HT_ELIMIT: HT_OUTBOX_MAX transactions are under way
 *     refused             HT_EDENIED: providers were reached and none took it; their words */
#ifndef HT_L1_OUTBOX_H
#define HT_L1_OUTBOX_H

#include "node/codec/transaction_rules.h"
#include "node/l1/blocks.h"
#include "node/l1/state.h"

#define HT_OUTBOX_MAX 256U
#define HT_OUTBOX_FANOUT 3U /* providers that are given each transaction */

enum ht_outbox_state {
    HT_OUTBOX_SENT,      /* not seen in a proven block yet */
    HT_OUTBOX_INCLUDED,  /* in a proven block */
    HT_OUTBOX_FINALIZED, /* in a finalized one */
    HT_OUTBOX_REPLACED,  /* its nonce was used by another, proven at finality */
};

struct ht_outbox;
struct ht_outbox_item;

/* Zeroed but for what is asked and done. */
struct ht_send {
    ht_bytes raw; /* copied before ht_outbox_send returns */
    void (*done)(struct ht_send *send);
    enum ht_err err;
    struct ht_why why;
    ht_hash32 hash; /* of the transaction, when it could be decoded */
};

extern const struct ht_migration ht_outbox_migrations[];
extern const size_t ht_outbox_migration_count;

struct ht_outbox_options {
    struct ht_loop *loop;
    struct ht_blocks *blocks;
    struct ht_state *state;
    struct ht_writer *writer;      /* NULL: nothing is kept */
    void (*on_change)(void *user); /* the topic l1.outbox has changed */
    void *user;
};

/* Loads what was under way from db (used during this call only; NULL: nothing). HT_ENOMEM,
 * HT_ESTORE. */
enum ht_err ht_outbox_new(struct ht_outbox **out, const struct ht_outbox_options *options,
                          sqlite3 *db, struct ht_why *why) HT_MUST_USE;
/* When the asker has been freed. */
void ht_outbox_free(struct ht_outbox *outbox);

/* done comes when a provider has taken it, or with the reason why not; a transaction that is
 * already under way is sent again and is no error. */
void ht_outbox_send(struct ht_outbox *outbox, struct ht_send *send);

/* What the fork of this moment asks of a transaction. */
const struct ht_tx_rules *ht_outbox_rules(const struct ht_outbox *outbox);

/* The bytes of a transaction in the topic below, as they were given; a view, good until the next
 * callback. HT_ENOTFOUND "tx_not_found". */
enum ht_err ht_outbox_raw(const struct ht_outbox *outbox, ht_bytes *out, const ht_hash32 *hash,
                          struct ht_why *why) HT_MUST_USE;

/* Topic "l1.outbox": {"transactions": [{"hash", "from", "to": address | null (a new contract),
 * "value": wei as decimal text, "nonce", "state", "sent_ms", "block": {"number", "hash"} | null,
 * "succeeded": bool | null, "providers": [names]}]}, newest first. */
enum ht_err ht_outbox_json(void *outbox, json_t **out, struct ht_why *why);

#endif
