/* Verbs of a peer link, beside those of a Nostr relay: JSON arrays, text messages.
 *
 *   ["PEER", {"v": 1, "node": hex, "challenge": text}]     the dialler's offer, and the answer
 *   ["AUTH", event]                                        kind 22242 by the node key (handshake.h)
 *   ["STATE", {"record": event | null, "scope": {…}, "token": hex | null, "serves": [text],
 *              "peers": [record], "invite": hex}]         after both have proven who they are;
 * again when it changes; a missing member: as was
 *   ["PUSH", event]                                        gossip: an event whole, not answered
 *   ["HAVE", ids]  ["WANT", ids]                           ids: hex of all in one text
 *   ["GONE", ids]                                          wanted, and not here (any more)
 *   ["BYE", code, text]                                    why the link is about to be closed
 *
 * Reading is bounded: HT_PEER_LINK_MESSAGE_MAX bytes, ids as gossip.h says. Pure; any thread. */
#ifndef HT_P2P_PEER_MESSAGE_H
#define HT_P2P_PEER_MESSAGE_H

#include "node/p2p/gossip.h"

#define HT_PEER_LINK_VERSION 1
#define HT_PEER_LINK_MESSAGE_MAX ((size_t)256 << 10)

enum ht_peer_verb {
    HT_PEER_VERB_NONE, /* no verb of a peer link: the relay's or the client's */
    HT_PEER_VERB_PEER,
    HT_PEER_VERB_AUTH_EVENT, /* ["AUTH", {…}]: the handshake's when its event names a peer tag */
    HT_PEER_VERB_STATE,
    HT_PEER_VERB_PUSH,
    HT_PEER_VERB_HAVE,
    HT_PEER_VERB_WANT,
    HT_PEER_VERB_GONE,
    HT_PEER_VERB_BYE,
};

struct ht_peer_link_message {
    enum ht_peer_verb verb;
    ht_bytes rest; /* JSON of what follows the verb, to the end of the array; of the text */
    ht_hash32 ids[HT_GOSSIP_IDS_MAX]; /* of HAVE, WANT, GONE */
    size_t id_count;
};

/* HT_OK also for HT_PEER_VERB_NONE, which costs a look at the first bytes. HT_EINPUT
 * "peer_malformed", HT_ELIMIT "peer_too_large". */
enum ht_err ht_peer_link_read(struct ht_peer_link_message *out, ht_bytes text,
                              struct ht_why *why) HT_MUST_USE;
/* Append a message. HT_ENOMEM, HT_ELIMIT. */
enum ht_err ht_peer_link_ids(struct ht_buf *out, enum ht_peer_verb verb, const ht_hash32 *ids,
                             size_t count) HT_MUST_USE;
enum ht_err ht_peer_link_push(struct ht_buf *out, ht_bytes event_json) HT_MUST_USE;
enum ht_err ht_peer_link_json(struct ht_buf *out, enum ht_peer_verb verb,
                              const json_t *what) HT_MUST_USE;
enum ht_err ht_peer_link_bye(struct ht_buf *out, const char *code, const char *text) HT_MUST_USE;

#endif
