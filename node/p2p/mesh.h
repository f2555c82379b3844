/* The mesh: links to peers from the first word to the last. Handshake, what each carries, gossip,
 * scores, tokens, invitations, exchange of records.
 *
 * Transport-neutral: a link is anything that carries text messages both ways (a websocket that was
 * dialled, one that came to the door, a wire of the simulator). The core has no I/O, clock,
 * randomness or disk of its own and no global state. What is a Nostr message of a relay or client
 * passes by untouched. Loop thread in the node.
 *
 * Who is let in: peers that the owner added or invited (by the invitation's secret, once), nodes of
 * users whom the policy names (mutual follows), and nobody else unless the owner opens it. Others
 * remain plain Nostr clients, for whom all stays as it is. */
#ifndef HT_P2P_MESH_H
#define HT_P2P_MESH_H

#include "node/p2p/gossip.h"
#include "node/p2p/handshake.h"
#include "node/p2p/node_record.h"

#define HT_MESH_PEERS_MAX 512U  /* known ones */
#define HT_MESH_RECORDS_MAX 16U /* of one exchange */
#define HT_MESH_TOKEN_SIZE 65U
#define HT_MESH_INVITES_MAX 32U

struct ht_mesh;
struct ht_mesh_link;

enum ht_mesh_origin {
    HT_MESH_ADDED,
    HT_MESH_INVITED,
    HT_MESH_FOLLOWED,
    HT_MESH_EXCHANGED,
    HT_MESH_LAN
};

/* A node that is known; the mesh's own, borrowed by whoever looks. Kept on disk by the owner of the
 * mesh, all but `link`. */
struct ht_mesh_peer {
    ht_hash32 node;
    struct ht_node_record record; /* the newest; from an invitation until one has come */
    char record_json[4096];       /* the signed event, "" without */
    enum ht_mesh_origin origin;
    bool is_accepted;              /* the owner's word, or the policy's */
    bool is_courier;               /* it keeps what is for us while we are away, and we for it */
    bool is_banned;                /* by the owner */
    char label[HT_NODE_NAME_SIZE]; /* the owner's name for it */
    int64_t added_s, seen_s;       /* wall time; seen_s 0: never */
    uint64_t bytes_in, bytes_out;
    struct ht_peer_score score;
    struct ht_why last_end; /* why the last link ended; code "" when it did not */
    char last_end_text[128];
    struct ht_mesh_link *link; /* NULL: not connected */
    struct ht_mesh_peer *next;
};

struct ht_mesh_io {
    /* Sends a text message; false: it takes no more now. */
    bool (*send)(void *user, void *link, ht_bytes text);
    /* Nothing is sent or received any more; ht_mesh_link_closed comes from the link's owner, later.
     */
    void (*hang_up)(void *user, void *link, const char *code, const char *text);
    /* As of struct ht_gossip_io. link here is the transport's, as given to ht_mesh_link_new. */
    void (*give)(void *user, struct ht_mesh_link *link, const ht_hash32 *ids, size_t count);
    void (*take)(void *user, uint64_t serial, const struct ht_event *event);
    /* A peer is proven and what it carries is known: catch-up can begin. is_up false: it is gone.
     */
    void (*changed)(void *user, struct ht_mesh_peer *peer, bool is_up);
    /* Something of a peer that is kept on disk is another; NULL peer: of the invitations. */
    void (*keep)(void *user, const struct ht_mesh_peer *peer);
    /* Is a node of that user to be accepted without the owner's word, as a mutual follow? */
    bool (*accepts_user)(void *user, const ht_hash32 *pubkey);
    /* Checks id and signature; NULL: ht_event_verify. */
    bool (*verify)(void *user, const struct ht_event *event);
    void *user;
};

struct ht_mesh_options {
    const struct ht_clock *clock;
    const struct ht_random *random;
    struct ht_handshake_self self; /* its clock and random may be NULL: these */
    struct ht_mesh_io io;
    const struct ht_scope *scope; /* ours; outlives it, or until set anew */
    size_t seen_max;              /* of gossip */
    const char *const *serves;    /* "gossip", "chain", "blobs"; ends with NULL; static */
    bool is_open; /* takes any node that proves itself, as a stranger with half the budget */
    struct ht_peer_budget budget;
};

/* HT_ENOMEM. */
enum ht_err ht_mesh_new(struct ht_mesh **out, const struct ht_mesh_options *options) HT_MUST_USE;
void ht_mesh_free(struct ht_mesh *mesh);

/* --- links ------------------------------------------------------------------------------------ */

/* A connection. The dialler's begins the handshake at once when it expects a node; who listens
 * waits for PEER, and until it comes the link is a stranger's Nostr connection that costs nothing
 * here. channel: handshake.h. HT_ENOMEM, HT_ELIMIT. */
enum ht_err ht_mesh_link_new(struct ht_mesh_link **out, struct ht_mesh *mesh, void *link,
                             bool is_dialler, const ht_hash32 *expected,
                             const char *channel) HT_MUST_USE;
/* A message. true: it was one of a peer link and is done with; false: it is Nostr's. */
bool ht_mesh_link_received(struct ht_mesh_link *link, ht_bytes text);
/* The transport is gone; so is the link. */
void ht_mesh_link_closed(struct ht_mesh_link *link);
/* NULL before it has proven itself. */
struct ht_mesh_peer *ht_mesh_link_peer(const struct ht_mesh_link *link);
void *ht_mesh_link_transport(const struct ht_mesh_link *link);
struct ht_gossip_peer *ht_mesh_link_gossip(const struct ht_mesh_link *link);
/* What the peer carries; empty before it has said. */
const struct ht_scope *ht_mesh_link_scope(const struct ht_mesh_link *link);
bool ht_mesh_link_serves(const struct ht_mesh_link *link, const char *what);
/* The token that the peer gave us for its HTTP endpoints, "" without (see ht_mesh_token_peer). */
const char *ht_mesh_link_token(const struct ht_mesh_link *link);

/* --- events ----------------------------------------------------------------------------------- */

struct ht_gossip *ht_mesh_gossip(struct ht_mesh *mesh); /* taken, publish, seen, counts */
void ht_mesh_set_scope(struct ht_mesh *mesh, const struct ht_scope *scope); /* told to all */
/* Our own record, as a signed event; told to accepted peers. "" : none. HT_EINPUT as of
 * ht_node_record_read. */
enum ht_err ht_mesh_set_record(struct ht_mesh *mesh, ht_bytes event_json,
                               struct ht_why *why) HT_MUST_USE;

/* --- peers ------------------------------------------------------------------------------------ */

struct ht_mesh_peer *ht_mesh_first(struct ht_mesh *mesh);
struct ht_mesh_peer *ht_mesh_find(struct ht_mesh *mesh, const ht_hash32 *node);
/* From disk, at the start: copied. HT_ELIMIT, HT_ENOMEM. */
enum ht_err ht_mesh_recall(struct ht_mesh *mesh, const struct ht_mesh_peer *peer) HT_MUST_USE;
/* By an invitation of theirs: accepted, to be dialled with its secret. HT_EINPUT "own_node";
 * HT_EDENIED "peer_banned"; HT_ELIMIT. */
enum ht_err ht_mesh_add(struct ht_mesh_peer **out, struct ht_mesh *mesh,
                        const struct ht_invite *invite, const char *label,
                        struct ht_why *why) HT_MUST_USE;
/* A record that was found (published, exchanged, LAN): kept when it is newer and its user is
 * accepted or the peer is known. HT_ENOTFOUND "stranger". */
enum ht_err ht_mesh_learn(struct ht_mesh *mesh, const struct ht_event *record,
                          enum ht_mesh_origin origin, struct ht_why *why) HT_MUST_USE;
/* The link ends, and it is not let in or dialled again until it is allowed. */
void ht_mesh_ban(struct ht_mesh *mesh, struct ht_mesh_peer *peer, bool is_banned);
void ht_mesh_forget(struct ht_mesh *mesh, struct ht_mesh_peer *peer);
/* Which peers should be dialled now, best first, at most max: accepted, not connected, with an
 * address, not resting; few enough that HT_GOSSIP_LINKS links come of it. */
size_t ht_mesh_to_dial(struct ht_mesh *mesh, struct ht_mesh_peer **out, size_t max);
/* It was dialled in vain: tried later. */
void ht_mesh_dial_failed(struct ht_mesh *mesh, struct ht_mesh_peer *peer, const struct ht_why *why);

/* An invitation of ours for one peer, good until expires_s. HT_ELIMIT "too_many_invites". */
enum ht_err ht_mesh_invite(char secret[static HT_INVITE_SECRET_SIZE], struct ht_mesh *mesh,
                           int64_t expires_s, const char *label) HT_MUST_USE;
struct ht_mesh_invitation {
    char secret[HT_INVITE_SECRET_SIZE];
    char label[HT_NODE_NAME_SIZE];
    int64_t expires_s;
    struct ht_mesh_invitation *next;
};
struct ht_mesh_invitation *ht_mesh_invitations(struct ht_mesh *mesh);
enum ht_err ht_mesh_recall_invitation(struct ht_mesh *mesh,
                                      const struct ht_mesh_invitation *invitation) HT_MUST_USE;
bool ht_mesh_revoke(struct ht_mesh *mesh, const char *secret);

/* --- HTTP of peers ------------------------------------------------------------------------------
 */

/* Whose token it is: Authorization "Bearer TOKEN" at the door. Good while the link is there and
 * 10 minutes after. NULL: nobody's. */
struct ht_mesh_peer *ht_mesh_token_peer(struct ht_mesh *mesh, ht_bytes token);
/* It did wrong somewhere else (a chunk, a proof): its score. */
void ht_mesh_blame(struct ht_mesh *mesh, struct ht_mesh_peer *peer, enum ht_peer_fault_kind kind,
                   const char *what);

/* Timers of links and gossip. Milliseconds until the next call, -1: none. */
int64_t ht_mesh_tick(struct ht_mesh *mesh);
int64_t ht_mesh_due(const struct ht_mesh *mesh);

#endif
