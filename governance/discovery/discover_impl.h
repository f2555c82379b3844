/* Discovery from the inside. Only discover*.c include this. */
#ifndef HT_GOVERNANCE_DISCOVERY_DISCOVER_IMPL_H
#define HT_GOVERNANCE_DISCOVERY_DISCOVER_IMPL_H

#include "governance/discovery/discover.h"
#include "governance/discovery/hints.h"

enum finding_step { FINDING_COUNT, FINDING_ASK, FINDING_FORWARD, FINDING_BACK, FINDING_END };

/* A community's turn. */
struct ht_gov_finding {
    struct ht_gov_discover *discover;
    struct ht_community *community;
    unsigned step; /* enum finding_step, of what comes next */
    uint64_t head, finalized;
    bool is_sparse; /* blooms tell blocks apart */
    bool is_back, has_more, has_news, has_failed;
    struct ht_block_id block;
    uint64_t counted;
    ht_hash32 count_slot;
    ht_hash32 *ids;
    struct ht_gov_slots slots;
    struct ht_gov_hints hints;
    struct ht_log_filter filter;
    struct ht_logs_read logs;
};

struct ht_gov_discover {
    struct ht_governance *governance;
    struct ht_gov_finding *finding; /* the one whose turn it is */
    size_t turn, left;              /* who is next; turns that are left until all had one */
    uint64_t heads;
    struct ht_timer timer;
    bool is_set;
    struct ht_feed_listener listener;
    bool is_listening;
};

/* A log object of ProposalCreated; is_in_block: proven by the block's receipts. */
void ht_gov_finding_take(struct ht_community *community, const json_t *log, bool is_in_block);

#endif
