/* Inside of gossip: ids that others have and we have not, who is asked for them and when, and who
 * is to blame when nothing comes. */
#ifndef HT_P2P_GOSSIP_WANT_H
#define HT_P2P_GOSSIP_WANT_H

#include "node/p2p/gossip_impl.h"

struct ht_gossip_wanted *ht_gossip_want_find(struct ht_gossip *gossip, const ht_hash32 *id);
struct ht_gossip_wanted *ht_gossip_want_by_serial(struct ht_gossip *gossip, uint64_t serial);
/* A new one that owner announced or gave, in no list yet; NULL: it has too many, or all have.
 * Others move: pointers to them are gone. */
struct ht_gossip_wanted *ht_gossip_want_new(struct ht_gossip_peer *owner, const ht_hash32 *id,
                                            bool is_given);
/* It came: no longer due. */
void ht_gossip_want_taking(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted,
                           struct ht_gossip_peer *from);
/* Asks the next that has it, or gives it up. Sent by ht_gossip_want_flush. */
void ht_gossip_want_ask(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted);
/* Somebody else has it, too: asked at once when those before are overdue. */
void ht_gossip_want_also(struct ht_gossip_peer *peer, struct ht_gossip_wanted *wanted);
/* It gave what was asked for, be it late: it is at work, and no liar. */
void ht_gossip_want_answered(struct ht_gossip_peer *peer);
/* Nobody is asked now, all may be asked again after HT_GOSSIP_ASK_MS. */
void ht_gossip_want_later(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted);
void ht_gossip_want_free(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted);
/* It is here. Those that were silent about it are on the way to a fault. */
void ht_gossip_want_met(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted);
/* Has not what it announced, or does not say so. */
void ht_gossip_want_not_had(struct ht_gossip_peer *peer, const ht_hash32 *id);
void ht_gossip_want_tick(struct ht_gossip *gossip);
void ht_gossip_want_flush(struct ht_gossip *gossip);
void ht_gossip_want_forget_peer(struct ht_gossip *gossip, unsigned slot);
/* When the next is due, monotonic; INT64_MAX: none. */
int64_t ht_gossip_want_due_ms(const struct ht_gossip *gossip);

#endif
