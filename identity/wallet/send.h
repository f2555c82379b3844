/* Transactions of the owner's and of origins: proposed from proven facts, confirmed, signed, sent.
 *
 * Nonce: the proven one, or past the ones under way. Fees: from proven headers (fees.h): twice the
 * next base fee and a typical tip. Gas: 21000 for a plain transfer to an account without code, else
 * what is given; without it a bound by kind of call until the node can run code itself, marked
 * "is_guess". The balance is checked against the proven one.
 *
 * Methods: wallet.prepare {from, to?, value?, data?, gas?, fees?, nonce?, …} (send_draft.h has all
 * members; numbers as QUANTITY, decimal text or integers) -> {"transaction", "fees", "gas":
 * {"limit", "is_guess"}, "cost_max", "balance", "explain", "provenance"}; wallet.send (the same) ->
 * {"hash"} when it was confirmed and sent; wallet.speed_up {hash} and wallet.cancel {hash} ->
 * {"hash"}: the same nonce again with fees at least 12.5 % higher; wallet.sign_text {account, text}
 * and wallet.sign_typed {account, document} -> {"signature"}. Topic "wallet.activity":
 * {"transactions": [… of l1.outbox, "to" with its checksum (ERC-55), with "account" (its id),
 * "confirmations", "can_replace"]}, those of our accounts alone; it changes with l1.outbox and with
 * each head.
 *
 * wallet.amend {id, payload_hash, max_fee_per_gas?, max_priority_fee_per_gas?, gas_limit?} is
 * send_amend.h's.
 *
 * Reasons, besides those of send_draft.h, queue.h, outbox.h, accounts.h: HT_ENOTFOUND
 * "no_such_account"; HT_EINPUT "from_differs", "wrong_chain", "tx_settled" (what is in a block
 * cannot be replaced); HT_EDENIED "insufficient_funds", "nonce_too_low"; HT_ESTALE "not_live";
 * HT_EUNVERIFIED "signature_differs". */
#ifndef HT_IDENTITY_WALLET_SEND_H
#define HT_IDENTITY_WALLET_SEND_H

#include "identity/identity.h"

/* A request for a signature, from whoever; lives until done. */
struct ht_sign_request;

enum ht_sign_kind { HT_SIGN_TRANSACTION, HT_SIGN_MESSAGE, HT_SIGN_TYPED, HT_SIGN_CREDENTIAL };

struct ht_sign_options {
    enum ht_sign_kind kind;
    const char *origin;   /* as in queue.h; copied */
    const json_t *params; /* a transaction (send_draft.h) or a document; copied */
    ht_bytes message;     /* of HT_SIGN_MESSAGE, and "header.payload" of a credential; copied */
    ht_addr20 account;
    bool is_own_form; /* how a transaction is written: see enum ht_draft_form */
    bool sends;       /* a transaction goes to the outbox; else its signed bytes are the result */
    const char *what; /* for people, in the first row of what is shown; copied; NULL: none */
    /* On the loop, once; result is a new reference: a transaction's hash or bytes, or a signature,
     * as hex text. */
    void (*done)(void *user, enum ht_err err, const struct ht_why *why, json_t *result);
    /* May be NULL; when it says no, the request ends with HT_EDENIED "asker_gone". */
    bool (*is_awaited)(void *user);
    void *user;
};

/* Checks, proves, explains, and puts it into the queue. done may come before this returns. *out is
 * for ht_sign_abandon; NULL when it has ended already. */
void ht_sign(struct ht_identity *identity, struct ht_sign_request **out,
             const struct ht_sign_options *options);
/* Nobody waits any more: done is not called; what is not signed yet will not be. */
void ht_sign_abandon(struct ht_sign_request *request);

/* Topic "wallet.activity"; self is the struct ht_identity. */
enum ht_err ht_activity_json(void *self, json_t **out, struct ht_why *why);

#endif
