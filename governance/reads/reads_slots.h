/* Many slots of one contract, all proven at one block; rules as in reads.h. Loop thread. */
#ifndef HT_GOVERNANCE_READS_READS_SLOTS_H
#define HT_GOVERNANCE_READS_READS_SLOTS_H

#include "governance/community/community.h"

void ht_gov_as_of_set(struct ht_gov_as_of *out, const struct ht_exec_header_verified *header,
                      bool is_final);
/* {"number", "hash", "timestamp", "is_final"}; a new reference, NULL without memory. */
json_t *ht_gov_as_of_json(const struct ht_gov_as_of *as_of);

#define HT_GOV_SLOTS_MAX 4096U

struct ht_gov_slots {
    struct ht_block_id block;
    ht_addr20 address;
    const ht_hash32 *slots; /* the caller's until done */
    size_t count;           /* 0 to HT_GOV_SLOTS_MAX; 0: the account alone */
    bool wants_code;
    void (*done)(struct ht_gov_slots *read);
    void *user;

    enum ht_err err;
    struct ht_why why;
    uint8_t (*values)[32]; /* count of them */
    struct ht_account account;
    bool exists;
    struct ht_buf code;
    struct ht_gov_as_of as_of;
    char source[128];
    size_t received; /* bytes that providers sent for it */
    /* Its own. */
    struct ht_state *state;
    struct ht_state_read part;
    size_t read_count;
    bool is_starting, is_answered;
};
void ht_gov_slots_read(struct ht_governance *governance, struct ht_gov_slots *read);
void ht_gov_slots_fini(struct ht_gov_slots *read);

#endif
