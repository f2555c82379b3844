/* What a provider's answer comes to: proven, refused, or held against it. */
#ifndef HT_L1_ASK_ANSWER_H
#define HT_L1_ASK_ANSWER_H

#include "node/l1/ask_impl.h"

/* An ht_http_done: the attempt is `user`. The question may be gone afterwards. */
void ht_ask_on_answer(void *user, const struct ht_http_answer *answer);

/* Gives an answered attempt to a worker; only while no other of its question is there. */
void ht_ask_submit(struct ht_attempt *attempt);

#endif
