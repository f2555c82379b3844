/* Communities from the inside: what community*.c share. */
#ifndef HT_GOVERNANCE_COMMUNITY_COMMUNITY_IMPL_H
#define HT_GOVERNANCE_COMMUNITY_COMMUNITY_IMPL_H

#include "governance/community/community.h"
#include "governance/community/community_sql.h"

struct ht_communities {
    struct ht_governance *governance;
    struct ht_community *list[HT_COMMUNITIES_MAX];
    size_t count;
    /* Forgotten ones: who asked something for them may still hold them. They are taken up again
     * when the same address is followed again. */
    struct ht_community *gone;
    size_t gone_count;
    struct ht_timer timer; /* tells "dao.changed" */
    bool is_telling;
};

#endif
