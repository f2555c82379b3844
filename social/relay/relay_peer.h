/* Connections of the relay: their life, and what is sent to them. Loop thread. */
#ifndef HT_SOCIAL_RELAY_RELAY_PEER_H
#define HT_SOCIAL_RELAY_RELAY_PEER_H

#include "social/relay/relay_impl.h"

void ht_relay_peer_hold(struct ht_relay_peer *peer);
void ht_relay_peer_release(struct ht_relay_peer *peer);

/* What the policy is told of it; valid while the peer is. */
struct ht_policy_asker ht_relay_peer_asker(const struct ht_relay_peer *peer);

/* Hangs up. The peer must be held. */
void ht_relay_peer_drop(struct ht_relay_peer *peer, const char *reason);
/* Takes it out of the relay, ends what it asked. */
void ht_relay_peer_unlink(struct ht_relay_peer *peer);
/* A signature was bad: too many, and it is dropped. */
void ht_relay_peer_bad(struct ht_relay_peer *peer);

/* Sends one message; a peer that takes no more is dropped. */
void ht_relay_send(struct ht_relay_peer *peer, ht_bytes text);
/* How many bytes wait for its socket. */
size_t ht_relay_peer_waiting(const struct ht_relay_peer *peer);

/* The prefix of NIP-01 for an error; of the policy's it is the code itself. */
const char *ht_relay_prefix(enum ht_err err, const struct ht_why *why);
/* ["VERB",id,"prefix: text"]; id is JSON, and left out when empty. prefix NULL: the text alone. */
void ht_relay_tell(struct ht_relay_peer *peer, const char *verb, ht_bytes id, const char *prefix,
                   const char *text);
/* The same with the reason of an error. */
void ht_relay_tell_why(struct ht_relay_peer *peer, const char *verb, ht_bytes id, enum ht_err err,
                       const struct ht_why *why);
/* ["OK",id,is_taken,"prefix: text"]; prefix NULL: "". */
void ht_relay_tell_ok(struct ht_relay_peer *peer, ht_bytes id, bool is_taken, const char *prefix,
                      const char *text);
void ht_relay_tell_ok_id(struct ht_relay_peer *peer, const ht_hash32 *id, bool is_taken,
                         const char *prefix, const char *text);

#endif
