/* What a job asks of relays for its poll: ballots and roots by anybody, and the links of those who
 * voted, without which a key has no account. Asked as struct ht_feed says, of relays that the owner
 * reads from; of relays that the poll names only while the owner looks at it. Loop thread. */
#ifndef HT_GOVERNANCE_POLLS_POLL_ASK_H
#define HT_GOVERNANCE_POLLS_POLL_ASK_H

#include "governance/polls/poll_job.h"

#define HT_POLL_LINKS_ASKED 250U      /* keys of one question */
#define HT_POLL_LINKS_AGAIN_MS 600000 /* a key is asked about once in so long */
#define HT_POLL_LINKS_WAIT_MS 6000    /* for links that came to be proven */

/* Asks for the poll (unless it is here), its ballots and its roots; then job->has_asked, and
 * job->source tells who answered. then comes once, perhaps before this returns. */
void ht_poll_ask(struct ht_poll_job *job, bool is_here, void (*then)(struct ht_poll_job *job));
/* Asks for links of the ballots' authors whose account is not known. A job that asks waits until
 * they are proven, at most HT_POLL_LINKS_WAIT_MS; another one goes on, and topic "polls.changed"
 * comes when trust has changed. then comes once, perhaps before this returns. */
void ht_poll_ask_links(struct ht_poll_job *job, void (*then)(struct ht_poll_job *job));
/* The node stops: nobody waits any longer. */
void ht_poll_ask_quit(struct ht_governance *governance);

#endif
