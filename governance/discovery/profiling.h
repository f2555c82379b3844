/* Finding out what a governor is: its code, what it says of itself, where it keeps what.
 *
 * All at one block, all proven: code and slots by storage, answers by calls that are run over
 * proven state. Code of ours is known byte for byte; of other code the layout is found with a
 * proposal whose log is proven by its receipt (probe.h), or it is asked by calls from then on.
 * Loop thread. */
#ifndef HT_GOVERNANCE_DISCOVERY_PROFILING_H
#define HT_GOVERNANCE_DISCOVERY_PROFILING_H

#include "governance/community/community.h"
#include "governance/reads/reads.h"

struct ht_gov_profiled {
    struct ht_gov_profile profile;
    enum ht_gov_standing standing;
    struct ht_why why; /* why it is not more */
    char name[128], token_symbol[32];
    struct ht_gov_as_of as_of;
};
/* err: HT_OK; HT_ENOTFOUND "no_contract": nothing is there; HT_EINPUT "no_governor", "elsewhere"
 * (a governor of another chain); errors of reading. */
typedef void (*ht_gov_profiling_done)(void *user, enum ht_err err, const struct ht_why *why,
                                      const struct ht_gov_profiled *found);
/* done comes later, once. */
void ht_gov_profile_find(struct ht_governance *governance, const ht_addr20 *address,
                         ht_gov_profiling_done done, void *user);
/* The same for one that is followed: what is found is put into it and kept, when it is better than
 * what there is, or when what there was had to be dropped. One at a time; told by dao.changed. */
void ht_community_profile_again(struct ht_community *community);

#endif
