/* DIDs of one's own from the inside: what didself*.c share. */
#ifndef HT_IDENTITY_DID_DIDSELF_IMPL_H
#define HT_IDENTITY_DID_DIDSELF_IMPL_H

#include "identity/attest/attest_sql.h"
#include "identity/did/didself.h"
#include "identity/keys/accounts.h"
#include "identity/wallet/contracts.h"

struct ht_own_did {
    struct ht_did_row row; /* text is the next */
    char text[200];
    bool is_known; /* the registry was read since the start */
    ht_addr20 owner;
    bool is_deactivated;
};

struct ht_didself_watch; /* didself_watch.c */

struct ht_didself {
    struct ht_identity *identity;
    struct ht_own_did list[HT_ACCOUNTS_MAX]; /* also of accounts that are gone */
    size_t count;
    uint64_t changes;
    bool has_as_of, is_quitting;
    uint64_t as_of, as_of_s;
    ht_hash32 as_of_hash;
    struct ht_didself_watch *watch; /* while one is under way */
};

/* NULL when there is none. */
struct ht_own_did *ht_didself_get(const struct ht_identity *identity, const ht_addr20 *address);
/* Its place, made when there is none; NULL when there is no room. */
struct ht_own_did *ht_didself_place(const struct ht_identity *identity, const ht_addr20 *address);
/* Writes it to the disk; done (may be NULL) is called on the loop, on an error perhaps at once. */
void ht_didself_keep(struct ht_identity *identity, const struct ht_own_did *own,
                     void (*done)(void *user, enum ht_err err, const struct ht_why *why),
                     void *user);
void ht_didself_changed(struct ht_identity *identity);

#endif
