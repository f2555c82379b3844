/* Roots of closed polls: polls.close, and those that are published by themselves. Loop thread. */
#ifndef HT_GOVERNANCE_POLLS_POLLS_ROOT_H
#define HT_GOVERNANCE_POLLS_POLLS_ROOT_H

#include "governance/polls/polls_impl.h"

void ht_polls_close(void *self, struct ht_rpc_call *call, const json_t *params);
/* The owner made or answered this poll: its root is published when it is closed. */
void ht_polls_watch(struct ht_gov_polls *polls, const ht_hash32 *id);
/* A ballot came, maybe after the root was told: what it changes is published anew. */
void ht_polls_heard(struct ht_gov_polls *polls, const struct ht_feed_event *ballot);
/* Looks for polls that are closed by now. */
void ht_polls_look(struct ht_gov_polls *polls);
/* Reads from the store what the owner made and answered. */
void ht_polls_remember(struct ht_gov_polls *polls);

#endif
