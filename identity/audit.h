/* What happened to keys and permissions, append-only: unlocking, signing, refusing, granting,
 * exporting. Rows are chained by hash, so that one that was changed or taken out is noticed.
 *
 * Method wallet.audit {before?: id, limit?} -> {"entries": [{"id", "at_ms", "event", "origin" |
 * null, "account" | null, "detail"}], "is_whole": bool}, newest first, at most 200; topic
 * "wallet.audit_tail": {"entries"}, the newest 50. origin is null for the owner.
 *
 * Loop thread. */
#ifndef HT_IDENTITY_AUDIT_H
#define HT_IDENTITY_AUDIT_H

#include "identity/identity.h"

enum ht_err ht_audit_new(struct ht_identity *identity, sqlite3 *db, struct ht_why *why) HT_MUST_USE;
void ht_audit_free(struct ht_identity *identity);

/* event: "unlocked", "locked", "wrong_passphrase", "created", "imported", "exported", "signed",
 * "rejected", "granted", "revoked", … origin NULL: the owner's. account may be NULL; detail is for
 * people, without secrets. All of it is copied, too long texts cut; kept soon, in this order. */
void ht_audit_add(struct ht_identity *identity, const char *event, const char *origin,
                  const ht_addr20 *account, const char *detail);

/* wallet.audit_tail. */
enum ht_err ht_audit_json(void *self, json_t **out, struct ht_why *why) HT_MUST_USE;

#endif
