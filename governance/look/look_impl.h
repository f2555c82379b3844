/* A look under way. Only look*.c include this. */
#ifndef HT_GOVERNANCE_LOOK_LOOK_IMPL_H
#define HT_GOVERNANCE_LOOK_LOOK_IMPL_H

#include "governance/governor/votes.h"
#include "governance/look/look.h"

#define LOOK_STAMPS 2U
#define LOOK_VIEWS 6U
#define LOOK_MARKS_MAX (2 * HT_GOV_MINE_MAX)
#define LOOK_CALLED_MARKS_MAX 9U /* two views each, in one run with the others */

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
    ht_hash32 slots[HT_GOV_WORDS_MAX + 1 + LOOK_MARKS_MAX]; /* and the proxy's, and marks */
    /* Whose votes are proven as well (look_marks.h): the first are delegates, each with its place
     * in my_delegates, then the owner's accounts. */
    ht_addr20 voters[LOOK_MARKS_MAX];
    uint8_t delegate[LOOK_MARKS_MAX];
    struct ht_gov_mark marks[LOOK_MARKS_MAX];
    size_t voter_count, delegate_count;
    unsigned marks_version;
    bool has_own;
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
    struct ht_gov_view stamp_view[2]; /* of the timelock; and which one the governor has */
    struct ht_gov_views stamp_views;
    bool has_stamp;
    uint64_t stamp;
    struct ht_gov_view views[HT_GOV_VIEWS_MAX]; /* of governors without a layout; marks last */
    struct ht_gov_views views_read;
    enum ht_gov_state said;
};

void ht_gov_look_part_done(struct ht_gov_look *look, enum ht_err err, const struct ht_why *why);
void ht_gov_look_end(struct ht_gov_look *look, enum ht_err err, const struct ht_why *why);

#endif
