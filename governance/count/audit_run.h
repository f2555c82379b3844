/* One check of an audit bundle, as its parts share it. Internal to governance/count/audit*.c. */
#ifndef HT_GOVERNANCE_COUNT_AUDIT_RUN_H
#define HT_GOVERNANCE_COUNT_AUDIT_RUN_H

#include "governance/count/audit.h"
#include "node/module.h"

#define HT_GOV_AUDIT_HEADERS_MAX 100000U
#define HT_GOV_AUDIT_LOGS_MAX HT_GOV_VOTES_MAX
/* What is made of the JSON: receipts and headers are smaller than their text. */
#define HT_GOV_AUDIT_ARENA_MAX ((size_t)192 << 20)

/* What is kept of a header. */
struct ht_gov_audit_block {
    uint64_t number, time_s;
    ht_hash32 hash, receipts_root;
    uint8_t bloom[HT_BLOOM_SIZE];
    bool has_receipts;             /* and they give receipts_root */
    bool is_partial;               /* some of them only, each proven by itself */
    const struct ht_gov_log *logs; /* of all of them, in order */
    size_t log_count;
};

struct ht_gov_audit_run {
    struct ht_arena arena;
    const json_t *provided; /* borrowed, and all below */
    struct ht_gov_audit *out;
    struct ht_gov_audit_block *blocks; /* in a row */
    size_t block_count;
    ht_hash32 state_root; /* of the anchor */
    struct ht_gov_proposal *proposal;
    struct ht_gov_facts facts;
    struct ht_gov_count *count;
    struct ht_get_proof proof;
    bool wants_flags;
};

#endif
