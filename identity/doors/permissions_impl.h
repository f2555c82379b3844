/* Inside of permissions, shared by permissions*.c alone. */
#ifndef HT_IDENTITY_DOORS_PERMISSIONS_IMPL_H
#define HT_IDENTITY_DOORS_PERMISSIONS_IMPL_H

#include "identity/doors/permissions.h"

struct ht_permission {
    struct ht_permission *next;
    char origin[HT_ORIGIN_MAX];
    ht_addr20 accounts[HT_PERMISSION_ACCOUNTS_MAX];
    size_t count;
    int64_t granted_ms, expires_ms, used_ms; /* wall time */
    int64_t kept_ms;                         /* of used_ms on disk */
};

struct ht_permission_write;

struct ht_permissions {
    struct ht_permission *list; /* by origin, as they came */
    size_t count;
    struct ht_permission_write *grants; /* being written */
    struct ht_timer timer;
    bool is_tidy_due; /* the disk has more than the list, and was too busy to be told */
    struct ht_identity *identity;
};

/* Whether its time is not over. */
bool ht_permission_is_valid(const struct ht_identity *identity,
                            const struct ht_permission *permission);
/* EIP-1193's accountsChanged, to the pages of that origin which are open. */
void ht_permission_tell_pages(const struct ht_identity *identity, const char *origin);
/* Takes it out of the list and frees it; the disk is told by others. */
void ht_permission_forget(struct ht_identity *identity, struct ht_permission *permission);
/* The topic has changed. */
void ht_permissions_changed(const struct ht_identity *identity);
/* Forgets on disk what has run out and whose account is not in the wallet. HT_ENOMEM, HT_EAGAIN. */
enum ht_err ht_permissions_tidy(struct ht_identity *identity) HT_MUST_USE;

#endif
