/* Sync committees out of the node's database, the last few kept in memory with the keys that they
 * have decompressed. One thread at a time. */
#ifndef HT_IDENTITY_PROOF_BUNDLE_COMMITTEES_H
#define HT_IDENTITY_PROOF_BUNDLE_COMMITTEES_H

#include "identity/proof/bundle.h"

#define HT_BUNDLE_COMMITTEES 4U /* kept, of some 75 kB each */

struct ht_bundle_committees {
    sqlite3 *db; /* set before each use; a reading connection */
    struct {
        uint64_t period, used; /* used 0: an empty place */
        struct ht_bls_committee *committee;
    } kept[HT_BUNDLE_COMMITTEES];
    uint64_t turn;
};

/* For struct ht_bundle_judge; user is the struct. The committee lives until another takes its
 * place. */
enum ht_err ht_bundle_committee(void *user, struct ht_bls_committee **out, uint64_t period,
                                struct ht_why *why) HT_MUST_USE;
void ht_bundle_committees_fini(struct ht_bundle_committees *committees);

#endif
