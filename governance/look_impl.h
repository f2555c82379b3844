/* A look under way. Only look*.c include this. */
#ifndef HT_GOVERNANCE_LOOK_IMPL_H
#define HT_GOVERNANCE_LOOK_IMPL_H

#include "governance/look.h"

#define LOOK_STAMPS 2U
#define LOOK_VIEWS 6U

struct look_wait {
    struct look_wait *next;
    ht_gov_looked done;
    void *user;
};

struct ht_gov_look {
    struct ht_gov_item *item;
    struct look_wait *waits;
    struct ht_block_id block; /* by hash, once it is known */
    struct ht_gov_as_of as_of;
    struct ht_gov_facts facts;
    struct ht_gov_proposal *proposal; /* to compare with */
    struct ht_gov_words words;
    ht_hash32 slots[HT_GOV_WORDS_MAX + 1]; /* and the proxy's */
    bool has_proxy_slot;
    struct ht_gov_slots words_read;
    size_t pending; /* parts under way, and one for who starts them */
    enum ht_err err;
    struct ht_why why;
    size_t received; /* bytes, besides those of the words */
    bool is_by_call, is_code_constant;
    struct ht_gov_slots implementation;
    struct ht_gov_past_read past;
    bool has_quorum;
    ht_u256 quorum;
    ht_hash32 stamp_slots[LOOK_STAMPS];
    uint8_t stamp_values[LOOK_STAMPS][32];
    struct ht_gov_slots stamp_read;
    struct ht_gov_view stamp_view;
    struct ht_gov_views stamp_views;
    bool has_stamp;
    uint64_t stamp;
    struct ht_gov_view views[LOOK_VIEWS]; /* of governors without a layout */
    struct ht_gov_views views_read;
    enum ht_gov_state said;
};

void ht_gov_look_part_done(struct ht_gov_look *look, enum ht_err err, const struct ht_why *why);
void ht_gov_look_end(struct ht_gov_look *look, enum ht_err err, const struct ht_why *why);

#endif
