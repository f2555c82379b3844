/* Which origins may see accounts and ask for signatures, until when.
 *
 * An origin is taken as the browser sends it, scheme and port included; a program on this computer
 * that names none is the origin "". Nothing is granted but by the owner's decision (queue.h).
 *
 * The pages of an origin hear accountsChanged (EIP-1193) whenever what eth_accounts answers them
 * changes: it is granted, taken back, runs out, or an account of it is removed from the wallet.
 *
 * Topic "wallet.permissions": {"permissions": [{"origin", "accounts": [addresses], "granted_ms",
 * "expires_ms", "used_ms"}]}. Methods: wallet.revoke {origin} (HT_ENOTFOUND "no_permission"),
 * wallet.revoke_all {} -> {"revoked": count}; both answer after the commit. */
#ifndef HT_IDENTITY_DOORS_PERMISSIONS_H
#define HT_IDENTITY_DOORS_PERMISSIONS_H

#include "identity/identity.h"

#define HT_PERMISSIONS_MAX 256U
#define HT_PERMISSION_ACCOUNTS_MAX 32U /* of one origin */
#define HT_ORIGIN_MAX 256U
#define HT_PERMISSION_MS ((int64_t)30 * 24 * 3600 * 1000)

enum ht_err ht_permissions_new(struct ht_identity *identity, sqlite3 *db,
                               struct ht_why *why) HT_MUST_USE;
void ht_permissions_free(struct ht_identity *identity);

/* Whether an origin has a permission now, and whether it has one for that account. */
bool ht_permission_has(const struct ht_identity *identity, const char *origin);
bool ht_permission_has_account(const struct ht_identity *identity, const char *origin,
                               const ht_addr20 *account);
/* The accounts of an origin as EIP-1193 shows them: a JSON array of addresses, empty without. NULL
 * without memory. */
json_t *ht_permission_accounts_json(const struct ht_identity *identity, const char *origin);
/* When it was granted, wall time; 0 without. */
int64_t ht_permission_granted_ms(const struct ht_identity *identity, const char *origin);

struct ht_permission_change {
    /* On the loop, once, after the commit, perhaps before the function returns. May be NULL. */
    void (*done)(void *user, enum ht_err err, const struct ht_why *why);
    void *user;
};

/* Grants it, replacing an older one, and keeps it. HT_EINPUT "bad_origin", HT_ELIMIT
 * "too_many_permissions", HT_EAGAIN "busy" (the disk's queue is full); nothing is granted then. */
void ht_permission_grant(struct ht_identity *identity, const char *origin,
                         const ht_addr20 *accounts, size_t count,
                         const struct ht_permission_change *change);
/* Takes it back at once, refuses what that origin waits for, and forgets it on disk. HT_ENOTFOUND
 * "no_permission". */
void ht_permission_revoke(struct ht_identity *identity, const char *origin,
                          const struct ht_permission_change *change);
/* The wallet's list of accounts has changed. One that was removed goes out of every permission, and
 * a permission without any is gone; the pages of those origins are told (EIP-1193's
 * accountsChanged). */
void ht_permissions_on_accounts(struct ht_identity *identity);
/* It was made use of; kept at most once a minute. */
void ht_permission_use(struct ht_identity *identity, const char *origin);

/* struct ht_module's admit (rpc.h): without a permission a page may only ask for one, and be told
 * that it sees no accounts. HT_EDENIED "unauthorized", "bad_origin" ("null", which any page can
 * be).
 */
enum ht_err ht_permissions_admit(void *self, const char *origin, const char *method,
                                 struct ht_why *why);

/* Topic "wallet.permissions"; self is the struct ht_identity. */
enum ht_err ht_permissions_json(void *self, json_t **out, struct ht_why *why);

#endif
