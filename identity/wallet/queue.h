/* The queue of what waits to be confirmed: the only way to a signature.
 *
 * Each item has an id that is used once and the Keccak-256 of its payload; a decision names both,
 * so that what was shown is what is signed. Only the owner's session (/api) and command line
 * decide. Items of one origin are bounded (HT_QUEUE_PER_ORIGIN), expire after HT_QUEUE_EXPIRES_MS,
 * and end when the vault locks or whoever asked is gone. What the signer gives back is verified
 * against the account before anybody gets it.
 *
 * Topic "wallet.queue": {"items": [{"id", "origin": text | null, "is_own", "kind": "transaction" |
 * "message" | "typed" | "credential" | "permission" | "token", "account": address | null,
 * "created_ms", "expires_ms", "payload_hash", "explain": {…} (explain.h), "raw": text, "state":
 * "waiting" | "signing", "effects": {…} | null (effects.h)}]}, oldest first; id is the decimal text
 * of a random 64-bit number.
 *
 * Method wallet.decide {id, payload_hash, approve: bool, fees?: {…} (send.h), accounts?:
 * [addresses]}, answered when it is done with: {"state": "signed" | "granted" | "added" |
 * "rejected"}. fees (transactions only) rebuild the payload; with the new payload's hash it is
 * signed, with that of the old one it waits again and {"state": "waiting", "payload_hash"} tells
 * the new one. The same is answered without fees when the nonce that was proposed has been used up
 * in the meantime. accounts (permissions only) are those to be shown, the proposed one without. A
 * token is added as wallet.add_token does it, which may fail with its errors (tokens.h); the item
 * is over then, too. What was amended (send_amend.h) is signed under its present hash alone.
 *
 * Errors: HT_ENOTFOUND "no_such_request", HT_EDENIED "payload_differs", "decided" (used already),
 * "vault_locked" (it is locked, or was after the request came), "rejected", "revoked",
 * "asker_gone", HT_ESTALE "request_expired"; those of ht_account_can_sign; HT_EUNVERIFIED
 * "signature_differs". */
#ifndef HT_IDENTITY_WALLET_QUEUE_H
#define HT_IDENTITY_WALLET_QUEUE_H

#include "identity/identity.h"

#define HT_QUEUE_MAX 64U
#define HT_QUEUE_PER_ORIGIN 4U /* the owner's own are bounded by HT_QUEUE_MAX alone */
#define HT_QUEUE_EXPIRES_MS (10 * 60 * 1000)
#define HT_QUEUE_TICK_MS 2000 /* how often it looks for what expired and who is gone */
#define HT_QUEUE_PAYLOAD_MAX ((size_t)256 * 1024)
#define HT_QUEUE_ACCOUNTS_MAX 32U /* of one permission: HT_PERMISSION_ACCOUNTS_MAX */

enum ht_queue_kind {
    HT_QUEUE_TRANSACTION, /* payload: the unsigned transaction */
    HT_QUEUE_MESSAGE,     /* the bytes of personal_sign */
    HT_QUEUE_TYPED,       /* domain separator and struct hash, with the document beside */
    HT_QUEUE_CREDENTIAL,  /* "header.payload" of a token (credential_methods.h) */
    HT_QUEUE_PERMISSION,  /* the origin's text; nothing is signed */
    HT_QUEUE_TOKEN,       /* the claim's text (tokens_claim.h); nothing is signed */
};

struct ht_amendment;   /* send_amend.h */
struct ht_token_claim; /* tokens_claim.h */

/* Another payload for an item, with how it is shown. All of it goes to whoever asked for it. */
struct ht_queue_rebuilt {
    struct ht_buf payload; /* empty: nothing has changed */
    json_t *explain;
    char *raw; /* malloc'd */
};

/* What is to be confirmed. Everything is copied by ht_queue_add. */
struct ht_queue_request {
    enum ht_queue_kind kind;
    const char *origin; /* "" for a program on this computer; NULL: the owner */
    ht_addr20 account;  /* who signs; for a permission the one that is proposed */
    ht_bytes payload;
    json_t *explain;                    /* taken over */
    char *raw;                          /* text for "raw", taken over; freed with free */
    const struct ht_token_claim *token; /* of HT_QUEUE_TOKEN; else NULL */
    /* On the loop, once: HT_OK with the signature (65 bytes r, s, y_parity; for a permission the
     * addresses that may be seen, 20 bytes each), HT_EDENIED "rejected" (EIP-1193's 4001),
     * "vault_locked", "revoked", HT_ESTALE "request_expired", or what went wrong. Never from within
     * ht_queue_add. */
    void (*done)(void *user, enum ht_err err, const struct ht_why *why, ht_bytes signature);
    /* The members below may be NULL. rebuild is asked before anything is signed; fees is what the
     * decision has, or NULL. took: what was rebuilt last is the item's payload now. */
    enum ht_err (*rebuild)(void *user, struct ht_queue_rebuilt *out, const json_t *fees,
                           struct ht_why *why);
    void (*took)(void *user);
    /* Of transactions alone: makes another payload as wanted (send_amend.h), for wallet.amend. */
    enum ht_err (*amend)(void *user, struct ht_queue_rebuilt *out,
                         const struct ht_amendment *wanted, struct ht_why *why);
    /* Does anybody still wait? When not it ends with HT_EDENIED "asker_gone". */
    bool (*is_awaited)(void *user);
    void *user;
};

enum ht_err ht_queue_new(struct ht_identity *identity) HT_MUST_USE;
/* What is left ends with HT_EAGAIN "stopping". */
void ht_queue_free(struct ht_identity *identity);

/* Adds it; *id is for ht_queue_drop. HT_ELIMIT "too_many_requests" (EIP-1474's -32005),
 * "payload_too_large". On an error nothing is taken over but explain and raw, which are freed. */
enum ht_err ht_queue_add(struct ht_identity *identity, uint64_t *id,
                         const struct ht_queue_request *request, struct ht_why *why) HT_MUST_USE;
/* The transaction that waits under that id with that payload, for wallet.amend; good until the next
 * callback. HT_ENOTFOUND "no_request"; HT_EINPUT "not_waiting" (it is being signed, or has ended),
 * "not_a_transaction", "payload_changed" (it has another hash by now). */
enum ht_err ht_queue_transaction(const struct ht_queue_request **out, struct ht_identity *identity,
                                 uint64_t id, const ht_hash32 *hash,
                                 struct ht_why *why) HT_MUST_USE;
/* Has it amended: it waits under the same id with a new hash, and no decision that names another is
 * taken from then on. *item is a new reference to it as the topic shows it. The errors above, and
 * those of the request's amend; nothing is changed then. */
enum ht_err ht_queue_amend(json_t **item, struct ht_identity *identity, uint64_t id,
                           const ht_hash32 *hash, const struct ht_amendment *wanted,
                           struct ht_why *why) HT_MUST_USE;
/* Nobody waits for it any more: it goes, and done is not called. */
void ht_queue_drop(struct ht_identity *identity, uint64_t id);
/* The vault has been locked: what waits for a signature is refused, what is being signed too. */
void ht_queue_on_lock(struct ht_identity *identity);
/* There is a new head. */
void ht_queue_on_head(struct ht_identity *identity);
/* The origin's permission is gone (NULL: everybody's but the owner's): what it asked for is refused
 * with "revoked". */
void ht_queue_on_revoke(struct ht_identity *identity, const char *origin);

/* Whether something of that kind waits for an origin. */
bool ht_queue_has(const struct ht_identity *identity, const char *origin, enum ht_queue_kind kind);

/* Topic "wallet.queue"; self is the struct ht_identity. */
enum ht_err ht_queue_json(void *self, json_t **out, struct ht_why *why);

#endif
