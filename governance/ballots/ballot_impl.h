/* The ballot box from the inside. Only ballot_*.c include this. */
#ifndef HT_GOVERNANCE_BALLOTS_BALLOT_IMPL_H
#define HT_GOVERNANCE_BALLOTS_BALLOT_IMPL_H

#include "governance/ballots/ballot_box.h"
#include "governance/look/look.h"

#define BALLOTS_REFUSED 512U
#define DOMAIN_FRESH_MS 60000 /* an upgrade may change it */

struct ht_ballot_admission;

struct ht_ballot_box {
    struct ht_governance *governance;
    struct ht_gov_kept *first;
    size_t count;
    struct ht_feed_listener listener;
    bool is_listening, is_quitting;
    /* Those that are to be looked at, oldest first; the first is being looked at. */
    struct ht_ballot_admission *admissions, **last;
    size_t waiting;
    bool is_looking, is_posted;
    struct ht_job job;                  /* looks at the next */
    ht_hash32 refused[BALLOTS_REFUSED]; /* a ring */
    size_t refused_at;
    bool has_domain;
    struct ht_gov_domain domain; /* of the governor that was asked last */
    int64_t domain_ms;
};

/* One on its way in. */
struct ht_ballot_admission {
    struct ht_ballot_admission *next;
    struct ht_ballot_box *box;
    struct ht_gov_kept *kept; /* being made */
    bool was_kept;            /* it was in the box, and is on disk */
    struct ht_community *community;
    uint64_t snapshot;
    ht_ballot_told told;
    void *user;
    struct ht_gov_domain_read domain;
    struct ht_signature_check check;
    struct ht_gov_marks marks;
    struct ht_gov_past_read past;
};

void ht_gov_kept_free(struct ht_gov_kept *kept);
enum ht_err ht_gov_kept_new(struct ht_gov_kept **out, const json_t *ballot, int64_t created_at,
                            struct ht_why *why) HT_MUST_USE;
/* The admission has ended: well, when err is HT_OK, and kept is to be taken in. */
void ht_ballot_admitted(struct ht_ballot_admission *admission, enum ht_err err,
                        const struct ht_why *why);
/* Takes one that was kept out of the list and has it judged again; it stays on disk meanwhile, and
 * goes back as unproven when that could not be done. */
void ht_ballot_box_again(struct ht_ballot_box *box, struct ht_gov_kept *kept, ht_ballot_told told,
                         void *user);

#endif
