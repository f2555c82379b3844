/* Mutual authentication of a peer link, bound to the channel.
 *
 * NIP-42 lets only who dials prove a key. Here both do, each with an event of kind 22242 signed by
 * its node key over: the other's challenge ("challenge"), its own ("mine"), both node keys ("peer"
 * the other's; the author is its own), which side it is ("side": "dialler" | "listener"), and the
 * channel ("channel": SHA-256 of the listener's TLS key as SPKI in hex, or "onion:" and the
 * address, or "plain" on loopback and by choice in a LAN). The listener proves itself only after
 * the dialler has. created_at is within HT_HANDSHAKE_WINDOW_S, challenges are 32 random bytes of
 * this connection, so that nothing can be replayed or relayed: a node in the middle has another
 * TLS key.
 *
 * Pure state machine; one thread at a time. Signing is the caller's (the node key is at hand, so it
 * is immediate). */
#ifndef HT_P2P_HANDSHAKE_H
#define HT_P2P_HANDSHAKE_H

#include "node/p2p/peer_message.h"

#define HT_HANDSHAKE_WINDOW_S 600
#define HT_HANDSHAKE_MS 15000 /* until it must be over */
#define HT_CHANNEL_SIZE 80U   /* a channel's name, with its zero */

enum ht_handshake_step {
    HT_HANDSHAKE_IDLE,    /* nothing of a peer link was said */
    HT_HANDSHAKE_OFFERED, /* PEER was sent */
    HT_HANDSHAKE_PROVING, /* our AUTH was sent, theirs is waited for */
    HT_HANDSHAKE_DONE,
    HT_HANDSHAKE_FAILED,
};

struct ht_handshake_self {
    ht_hash32 node; /* x-only */
    void (*sign)(void *user, uint8_t signature[static HT_SCHNORR_SIZE], const ht_hash32 *id);
    bool (*verify)(void *user,
                   const struct ht_event *event); /* id and signature; NULL: ht_event_verify */
    void *user;
    const struct ht_clock *clock;
    const struct ht_random *random;
};

struct ht_handshake {
    const struct ht_handshake_self *self;
    enum ht_handshake_step step;
    bool is_dialler;
    bool has_expected;
    ht_hash32 expected; /* the node that was dialled */
    ht_hash32 peer;     /* who it says it is; proven when step is DONE */
    char channel[HT_CHANNEL_SIZE];
    char mine[65], theirs[129]; /* challenges */
    int64_t since_ms;           /* monotonic */
};

/* expected: NULL when it is not known who will answer. channel as above, at most HT_CHANNEL_SIZE -
 * 1 characters. self outlives it. Nothing is kept elsewhere: there is no end to call. */
void ht_handshake_init(struct ht_handshake *handshake, const struct ht_handshake_self *self,
                       bool is_dialler, const ht_hash32 *expected, const char *channel);
/* The dialler's first message. HT_ENOMEM. */
enum ht_err ht_handshake_begin(struct ht_buf *out, struct ht_handshake *handshake) HT_MUST_USE;
/* Whether a message belongs to a handshake: PEER, or AUTH with an event that has a "peer" tag (any
 * other AUTH is a client's of NIP-42). */
bool ht_handshake_owns(const struct ht_peer_link_message *message);
/* A PEER or AUTH of the other side; appends what is to be sent to `out` as whole messages, their
 * ends to `ends` (size_t). since_ms begins anew with a PEER that we answer. HT_OK; or the handshake
 * has failed: HT_EINPUT "peer_malformed", "peer_order"; HT_EUNVERIFIED "peer_signature",
 * "peer_challenge" (a replay), "peer_channel" (somebody in between), "peer_identity" (another node
 * than was dialled, a proof for another node than us, or ourselves), "peer_clock" (its clock is
 * more than the window off); HT_ENOMEM. Until step is HT_HANDSHAKE_DONE `peer` is a mere claim: who
 * fails is to be blamed by its address or link, never by that key, which may be another's. */
enum ht_err ht_handshake_said(struct ht_buf *out, struct ht_buf *ends,
                              struct ht_handshake *handshake,
                              const struct ht_peer_link_message *message,
                              struct ht_why *why) HT_MUST_USE;

#endif
