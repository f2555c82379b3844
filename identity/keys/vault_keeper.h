/* The vault seen from outside: its sealed file in the database, whether it is open, and who opens
 * it. What is inside only the signer process sees.
 *
 * Topic "wallet.status": {"vault": "none" | "locked" | "open", "signer": {"pid", "key": hex,
 * "confined": [names]} | null, "why": text | null, "auto_lock_ms", "is_backed_up", "accounts"}.
 * Methods: wallet.create {sealed}, wallet.unlock {sealed}, wallet.lock, wallet.passphrase {sealed},
 * wallet.auto_lock {ms}, each -> the status; sealed is hex for the signer (signer/protocol.h). Each
 * change of the file is committed before its method answers.
 *
 * Reasons: HT_EDENIED "no_vault", "vault_exists", "vault_open", "vault_locked", "no_signer";
 * HT_EAGAIN "vault_busy" (another change of the file is under way), "signer_gone"; HT_ESTALE
 * "vault_older"; HT_EINPUT "auto_lock", "sealed"; and the signer's own (signer/vault.h). When a
 * change cannot be kept, the vault is locked: the signer forgets it, as the disk has.
 *
 * All functions: loop thread. */
#ifndef HT_IDENTITY_KEYS_VAULT_KEEPER_H
#define HT_IDENTITY_KEYS_VAULT_KEEPER_H

#include "identity/identity.h"

#define HT_AUTO_LOCK_MS_MIN 60000
#define HT_AUTO_LOCK_MS_MAX (24 * 3600 * 1000)
#define HT_AUTO_LOCK_MS (15 * 60 * 1000)
#define HT_VAULT_FILE_MAX ((size_t)256 * 1024)
#define HT_SEALED_MAX ((size_t)80 * 1024) /* bytes; the largest is a keystore file */

/* Reads the file from db. HT_ESTORE, HT_ENOMEM. */
enum ht_err ht_vault_keeper_new(struct ht_identity *identity, sqlite3 *db,
                                struct ht_why *why) HT_MUST_USE;
void ht_vault_keeper_free(struct ht_identity *identity);

bool ht_vault_is_there(const struct ht_identity *identity);
bool ht_vault_is_unlocked(const struct ht_identity *identity);
/* HT_OK, or "no_vault", "vault_locked". */
enum ht_err ht_vault_check_unlocked(const struct ht_identity *identity,
                                    struct ht_why *why) HT_MUST_USE;

/* Something was signed or decided: the time until it locks itself begins anew. */
void ht_vault_touch(struct ht_identity *identity);

/* Locks it now: nothing is signed any more from here on, what waits is refused, and the signer
 * wipes its memory. */
void ht_vault_lock_now(struct ht_identity *identity);

/* Changes of the file come one after another. Begins one: HT_EAGAIN "vault_busy" while another is
 * under way. Ended by ht_vault_keep, or by ht_vault_change_drop. */
enum ht_err ht_vault_change_begin(struct ht_identity *identity, struct ht_why *why) HT_MUST_USE;
/* Ends it without keeping anything. signer_changed: the signer has made a change that is not to be
 * kept, so it must forget it: the vault is locked. */
void ht_vault_change_drop(struct ht_identity *identity, bool signer_changed);

/* Keeps a new file that the signer gave, then calls done on the loop with how that went, perhaps
 * before this returns. Copies. Ends the change that was begun. */
struct ht_vault_change {
    ht_bytes file;
    /* Further rows for the same transaction, on the writer's thread; NULL: none. user is the
     * writer's until done. */
    enum ht_err (*also)(void *user, sqlite3 *db, struct ht_why *why);
    void (*done)(void *user, enum ht_err err, const struct ht_why *why);
    void *user;
};
void ht_vault_keep(struct ht_identity *identity, const struct ht_vault_change *change);

/* A request to the signer with a JSON-RPC call waiting for it: what all methods here do. */
struct ht_vault_request {
    struct ht_signer_call call;
    struct ht_identity *identity;
    struct ht_rpc_call *rpc; /* NULL: nobody waits */
    /* Makes the call's result from the reply (call.reply). False: it has taken the request over, to
     * end rpc and free the request itself, later or already. */
    bool (*finish)(struct ht_vault_request *request, json_t **result);
    /* The signer refused, before rpc is told; may be NULL. */
    void (*failed)(struct ht_vault_request *request);
    void *user;
};
/* Asks; request is malloc'd, perhaps at the beginning of something larger, and freed when the call
 * has ended. call.request says what; fields are copied. */
void ht_vault_ask(struct ht_vault_request *request, const struct ht_signer_field *fields,
                  size_t count);
/* What a call of one's own to the signer ended with: whether it is gone, or has locked itself. */
void ht_vault_heard(struct ht_identity *identity, enum ht_err err, const struct ht_why *why);

/* params.sealed, hex, into an initialised buffer of HT_SEALED_MAX. HT_EINPUT, HT_ELIMIT. */
enum ht_err ht_vault_sealed(struct ht_buf *out, const json_t *params,
                            struct ht_why *why) HT_MUST_USE;

/* wallet.status. */
enum ht_err ht_vault_json(void *self, json_t **out, struct ht_why *why) HT_MUST_USE;

#endif
