/* The committees that bundles are checked with. */
#include "identity/proof/bundle_committees.h"

#include <stdlib.h>

enum ht_err ht_bundle_committee(void *user, struct ht_bls_committee **out, uint64_t period,
                                struct ht_why *why) {
    struct ht_bundle_committees *committees = user;
    size_t place = 0;
    for (size_t i = 0; i < HT_BUNDLE_COMMITTEES; i++) {
        if (committees->kept[i].used > 0 && committees->kept[i].period == period) {
            committees->kept[i].used = ++committees->turn;
            *out = committees->kept[i].committee;
            return HT_OK;
        }
        if (committees->kept[i].used < committees->kept[place].used) place = i;
    }
    struct ht_bls_committee *committee = calloc(1, sizeof *committee);
    if (committee == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    enum ht_err err = ht_sync_sql_load_committee(committee, committees->db, period, why);
    if (err != HT_OK) {
        free(committee);
        return err;
    }
    free(committees->kept[place].committee);
    committees->kept[place].committee = committee;
    committees->kept[place].period = period;
    committees->kept[place].used = ++committees->turn;
    *out = committee;
    return HT_OK;
}

void ht_bundle_committees_fini(struct ht_bundle_committees *committees) {
    for (size_t i = 0; i < HT_BUNDLE_COMMITTEES; i++) free(committees->kept[i].committee);
    *committees = (struct ht_bundle_committees){0};
}
