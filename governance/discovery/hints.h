/* Where to look: what a provider says of a contract's logs (eth_getLogs). Nothing it says is
 * believed; it only tells which blocks and ids to prove. A wide range is asked in parts, smaller
 * ones when a provider finds them too wide. Loop thread. */
#ifndef HT_GOVERNANCE_DISCOVERY_HINTS_H
#define HT_GOVERNANCE_DISCOVERY_HINTS_H

#include "governance/governance.h"

#define HT_GOV_HINTS_MAX 20000U /* logs of one search */

struct ht_gov_hints_work;

/* Zeroed but for what is asked; left alone until done. */
struct ht_gov_hints {
    ht_addr20 address;
    ht_hash32 topics[4]; /* any of them at the first place */
    size_t topic_count;
    bool has_second; /* and this one at the second place */
    ht_hash32 second;
    uint64_t from, to;
    bool is_backward;   /* newest part first */
    size_t max;         /* so many logs are enough; 0: HT_GOV_HINTS_MAX */
    unsigned parts_max; /* so many questions are enough; 0: as many as it takes */
    uint32_t avoid;     /* bit i: provider i is not asked */
    void (*done)(struct ht_gov_hints *hints); /* later, once */
    /* May be NULL: after each part; blocks looked at so far, of all. */
    void (*progress)(struct ht_gov_hints *hints, uint64_t blocks_done, uint64_t blocks_total);
    void *user;

    /* HT_OK: all was asked, or max or parts_max was reached (then is_cut). Errors of questions:
     * what was found until then is there, and reached is how far. */
    enum ht_err err;
    struct ht_why why;
    json_t *logs; /* array of log objects as sent, of the right address, topics and blocks; in the
                     order of the parts */
    uint64_t reached; /* the last block (the first one, backward) that was asked about */
    bool is_cut;
    uint32_t providers;             /* bit i: provider i answered a part */
    char source[128];               /* who answered last */
    struct ht_gov_hints_work *work; /* its own */
};
void ht_gov_hints_start(struct ht_governance *governance, struct ht_gov_hints *hints);
/* Gives up: done does not come. */
void ht_gov_hints_cancel(struct ht_gov_hints *hints);
void ht_gov_hints_fini(struct ht_gov_hints *hints);

/* The block of a log object, its data into out, its transaction; false when they are not there. */
bool ht_gov_hint_block(uint64_t *out, const json_t *log);
bool ht_gov_hint_data(struct ht_buf *out, const json_t *log);

/* The provider that answered the last part left that log out, which is proven to be in a block of
 * the range: it is recorded against it, with the answer that lacks it. Only while the hints' last
 * answer is there: before fini, and after done with HT_OK. */
void ht_gov_hints_blame(struct ht_gov_hints *hints, uint64_t block, const char *what);

#endif
