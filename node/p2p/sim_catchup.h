/* Catch-up between two simulated nodes: the real session of catchup.h on one end of a link, the
 * relay of sim_relay.h on the other. */
#ifndef HT_P2P_SIM_CATCHUP_H
#define HT_P2P_SIM_CATCHUP_H

#include "node/p2p/sim_net.h"

struct ht_sim_session;

/* Has the link's node ask the other for what it lacks, unless it does so already. */
void ht_sim_catchup_begin(struct ht_sim_link *link);
/* A message that is none of a peer link: of our session, or for our relay. */
void ht_sim_catchup_received(struct ht_sim_link *link, ht_bytes text);
/* A node has one more event: its sessions' trees are warm. */
void ht_sim_session_kept(const struct ht_sim_node *node, const struct ht_sim_event *event);
/* The link has ended. */
void ht_sim_session_cut(struct ht_sim_link *link);
void ht_sim_session_free(struct ht_sim_session *session);
/* Every node that is online catches up with one of its peers, at a random time within `within_us`
 * from now. */
void ht_sim_catchup_all(struct ht_sim_net *net, int64_t within_us);

struct ht_sim_catchup_sums {
    uint64_t sessions, finished, taken, bytes_in, bytes_out;
};
/* Of all sessions so far. */
struct ht_sim_catchup_sums ht_sim_catchup_sums(const struct ht_sim_net *net);

#endif
