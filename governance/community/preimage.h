/* What was proposed: actions and description, out of our own store, and how they get there.
 *
 * Kept as the data of the ProposalCreated log. OpenZeppelin's are certified by their hash, which is
 * the id; ids that are numbers by the log's proven receipt. Loop thread. */
#ifndef HT_GOVERNANCE_COMMUNITY_PREIMAGE_H
#define HT_GOVERNANCE_COMMUNITY_PREIMAGE_H

#include "governance/community/community.h"

#define HT_GOV_PREIMAGE_MAX ((size_t)1 << 20) /* bytes of a log's data that are taken */

/* Zeroed but for item and done; left alone until done, which comes later, once. */
struct ht_gov_preimage {
    struct ht_gov_item *item; /* for its key, which is copied at once */
    void (*done)(struct ht_gov_preimage *read);
    void *user;

    /* HT_OK; HT_ENOTFOUND "no_text": it is not known; HT_ESTORE, HT_EAGAIN, HT_ENOMEM. */
    enum ht_err err;
    struct ht_why why;
    struct ht_gov_proposal *proposal; /* the arena's */
    struct ht_buf data;               /* of the log */
    struct ht_arena arena;
    /* Its own. */
    ht_addr20 community;
    ht_u256 id;
    struct ht_read read;
};
void ht_gov_preimage_read(struct ht_gov_preimage *read);
void ht_gov_preimage_fini(struct ht_gov_preimage *read);

/* Reads a log's data into *out (calloc it: it is large) and checks what can be checked without the
 * chain: of a governor whose ids are hashes, that the id is its hash. *is_certified says whether
 * that was so; ids that are numbers never are. HT_EINPUT, HT_ELIMIT of ht_gov_proposal_read;
 * HT_EUNVERIFIED "proposal_hash". */
enum ht_err ht_gov_preimage_check(struct ht_gov_proposal *out, bool *is_certified,
                                  struct ht_arena *arena, const struct ht_community *community,
                                  ht_bytes data, struct ht_why *why) HT_MUST_USE;

#endif
