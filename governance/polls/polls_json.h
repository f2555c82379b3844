/* Polls as they are shown: new references, NULL without memory. Loop thread. */
#ifndef HT_GOVERNANCE_POLLS_POLLS_JSON_H
#define HT_GOVERNANCE_POLLS_POLLS_JSON_H

#include "governance/polls/polls_impl.h"

json_t *ht_polls_poll_json(const struct ht_governance *governance, const struct ht_poll *poll);
/* Of a job that has counted. */
json_t *ht_polls_whole_json(const struct ht_poll_job *job);
/* The root that the job's count has; false without a count. */
bool ht_polls_root(const char **out, const struct ht_poll_job *job);
/* Has the owner published that root already? */
bool ht_polls_has_told(const struct ht_poll_job *job);
/* The key that events are signed with. */
bool ht_polls_owner(const struct ht_governance *governance, ht_hash32 *out);

#endif
