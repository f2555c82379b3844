/* What was said about a proposal or a community, out of our own feeds, for other answers. Loop
 * thread. */
#ifndef HT_GOVERNANCE_METHODS_TALK_H
#define HT_GOVERNANCE_METHODS_TALK_H

#include "governance/governance.h"
#include "governance/talk/talk_event.h"

/* Lives in its owner's struct until done, zeroed but for what is asked and the callbacks. */
struct ht_gov_said {
    struct ht_talk_about about; /* without a proposal: statements of delegates */
    /* Each text about just that, newest first, at most HT_TALK_LIST_MAX; borrowed for the call. */
    void (*each)(struct ht_gov_said *said, const struct ht_event *event,
                 const struct ht_talk_item *item);
    void (*done)(struct ht_gov_said *said); /* once, perhaps from within */
    void *user;

    enum ht_err err; /* HT_EAGAIN "no_feed", HT_ENOMEM, those of struct ht_feed's query */
    struct ht_why why;
    size_t count; /* of texts */
};
void ht_gov_said_read(const struct ht_governance *governance, struct ht_gov_said *said);

#endif
