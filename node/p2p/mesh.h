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
 * remain plain Nostr clients, for whom all stays as it is: they are told BYE "not_accepted" (or
 * "banned", "resting", "full") and the connection lives on; only what we dialled is hung up.
 *
 * How it goes: PEER and AUTH (handshake.h), then STATE from each side that knows the other for a
 * peer. A listener that does not waits for the dialler's STATE, in which an invitation's secret or
 * its record may be reason enough. The link is up when both have said STATE. Of two links to one
 * node the one stays that was dialled by the smaller node key; of two dialled by the same node the
 * newer. Callbacks of struct ht_mesh_io may not call back into the core but for functions that only
 * look. */
#ifndef HT_P2P_MESH_H
#define HT_P2P_MESH_H

#include "node/p2p/gossip.h"
#include "node/p2p/handshake.h"
#include "node/p2p/invite.h"

#define HT_MESH_PEERS_MAX 512U  /* known ones */
#define HT_MESH_RECORDS_MAX 16U /* of one exchange */
#define HT_MESH_TOKEN_SIZE 65U
#define HT_MESH_INVITES_MAX 32U
#define HT_MESH_STRANGERS_MAX 16U /* linked at once, of an open mesh */
#define HT_MESH_TOKEN_MS (INT64_C(10) * 60 * 1000)
#define HT_MESH_EXCHANGE_MS (INT64_C(60) * 1000)
#define HT_MESH_SETTLED_MS (INT64_C(30) * 1000) /* a link that lasts is no failure */
#define HT_MESH_DIAL_MS (INT64_C(60) * 1000)    /* until an attempt counts as failed */
#define HT_MESH_WAIT_MAX_MS (INT64_C(3600) * 1000)

struct ht_mesh;
struct ht_mesh_link;

enum ht_mesh_origin {
    HT_MESH_ADDED,
    HT_MESH_INVITED,
    HT_MESH_FOLLOWED,
    HT_MESH_EXCHANGED,
    HT_MESH_LAN,
    HT_MESH_STRANGER /* let in by an open mesh; neither accepted nor kept on disk */
};

/* A node that is known; the mesh's own, borrowed by whoever looks. Kept on disk by the owner of the
 * mesh, all but `link`. */
struct ht_mesh_peer {
    ht_hash32 node;
    struct ht_node_record record; /* the newest; from an invitation until one has come */
    char *record_json;            /* the signed event, NULL without; the mesh's, copied by recall */
    enum ht_mesh_origin origin;
    bool is_accepted;              /* the owner's word, or the policy's */
    bool is_courier;               /* it keeps what is for us while we are away, and we for it */
    bool is_banned;                /* by the owner */
    char label[HT_NODE_NAME_SIZE]; /* the owner's name for it */
    char invite[HT_INVITE_SECRET_SIZE]; /* of its invitation to us; "" once a link has settled */
    int64_t added_s, seen_s;            /* wall time; seen_s 0: never */
    unsigned failures; /* dials in a row that came to nothing: try address [failures % count] */
    uint64_t bytes_in, bytes_out;
    struct ht_peer_score score;
    struct ht_why last_end;  /* why the last link or dial ended; code "" when it did not */
    char last_end_text[128]; /* the other side's own words in its BYE, made printable; "" without */
    struct ht_mesh_link *link; /* NULL: not connected */
    struct ht_mesh_peer *next;
};

struct ht_mesh_io {
    /* Sends a text message; false: it takes no more now. */
    bool (*send)(void *user, void *link, ht_bytes text);
    /* Nothing is sent or received any more; ht_mesh_link_closed comes from the link's owner, later.
     */
    void (*hang_up)(void *user, void *link, const char *code, const char *text);
    /* As of struct ht_gossip_io: answered by ht_mesh_give and ht_mesh_gone, now or later. */
    void (*give)(void *user, struct ht_mesh_link *link, const ht_hash32 *ids, size_t count);
    void (*take)(void *user, uint64_t serial, const struct ht_event *event);
    /* A peer is proven and what it carries is known: catch-up can begin. is_up false: it is gone.
     */
    void (*changed)(void *user, struct ht_mesh_peer *peer, bool is_up);
    /* Something of a peer that is kept on disk is another; NULL peer: of the invitations. A peer
     * that ht_mesh_find does not find any more was forgotten. What an invitation brings is told
     * within one call: the peer, then NULL; keep both or neither. */
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
    bool is_open;   /* takes any node that proves itself, as a stranger with half the budget */
    bool exchanges; /* tells peers of peers that let it */
    struct ht_peer_budget budget;
};

/* HT_ENOMEM. */
enum ht_err ht_mesh_new(struct ht_mesh **out, const struct ht_mesh_options *options) HT_MUST_USE;
/* All links are closed before. NULL is fine. */
void ht_mesh_free(struct ht_mesh *mesh);
void ht_mesh_set_policy(struct ht_mesh *mesh, bool is_open, bool exchanges);
void ht_mesh_set_serves(struct ht_mesh *mesh, const char *const *serves); /* told to all */

/* --- links ------------------------------------------------------------------------------------ */

/* A connection. The dialler's begins the handshake at once when it expects a node; who listens
 * waits for PEER, and until it comes the link is a stranger's Nostr connection that costs nothing
 * here. channel: handshake.h. Without an expected node a dialler's link stays plain. HT_ENOMEM. */
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
bool ht_mesh_link_is_dialler(const struct ht_mesh_link *link);
/* Both have said STATE. */
bool ht_mesh_link_is_up(const struct ht_mesh_link *link);
int64_t ht_mesh_link_since_s(const struct ht_mesh_link *link); /* wall time of being up; 0: not */
/* Bytes that the link's owner sent beside the mesh, for bytes_out. What comes in is counted by
 * ht_mesh_link_received. */
void ht_mesh_link_sent(struct ht_mesh_link *link, size_t bytes);
/* Answers io.give: an event, which counts as given; ids that are not here (any more). false: the
 * link takes no more now, or is no peer's. */
bool ht_mesh_give(struct ht_mesh_link *link, ht_bytes event_json);
bool ht_mesh_gone(struct ht_mesh_link *link, const ht_hash32 *ids, size_t count);

/* --- events ----------------------------------------------------------------------------------- */

struct ht_gossip *ht_mesh_gossip(struct ht_mesh *mesh); /* taken, publish, seen, counts */
void ht_mesh_set_scope(struct ht_mesh *mesh, const struct ht_scope *scope); /* told to all */
/* Our own record, as a signed event; told to accepted peers. Empty: none. Errors as of
 * ht_event_read, ht_event_verify and ht_node_record_read; HT_EINPUT "other_node". */
enum ht_err ht_mesh_set_record(struct ht_mesh *mesh, ht_bytes event_json,
                               struct ht_why *why) HT_MUST_USE;

/* --- peers ------------------------------------------------------------------------------------ */

struct ht_mesh_peer *ht_mesh_first(struct ht_mesh *mesh);
struct ht_mesh_peer *ht_mesh_find(struct ht_mesh *mesh, const ht_hash32 *node);
/* From disk, at the start: copied, all but link and next; last_end.code may be any text. HT_ELIMIT
 * "too_many_peers", HT_EINPUT "own_node" or twice the same, HT_ENOMEM. */
enum ht_err ht_mesh_recall(struct ht_mesh *mesh, const struct ht_mesh_peer *peer) HT_MUST_USE;
/* By an invitation of theirs: accepted, to be dialled with its secret. A peer that is known already
 * keeps what it is known by. label: NULL or "" for none. HT_EINPUT "own_node"; HT_ESTALE
 * "invite_expired"; HT_EDENIED "peer_banned"; HT_ELIMIT "too_many_peers", HT_ENOMEM. */
enum ht_err ht_mesh_add(struct ht_mesh_peer **out, struct ht_mesh *mesh,
                        const struct ht_invite *invite, const char *label,
                        struct ht_why *why) HT_MUST_USE;
/* A record that was found (published, exchanged, LAN): verified, and kept when it is newer and its
 * user is accepted or the peer is known; twice the same is HT_OK. One without addresses leaves
 * those that are known. HT_ENOTFOUND "stranger"; HT_ESTALE "record_older"; HT_EINPUT "own_node";
 * errors of verifying and of ht_node_record_read; HT_ELIMIT "too_many_peers", HT_ENOMEM. */
enum ht_err ht_mesh_learn(struct ht_mesh *mesh, const struct ht_event *record,
                          enum ht_mesh_origin origin, struct ht_why *why) HT_MUST_USE;
/* Asks io.accepts_user anew for all whom the policy and not the owner has accepted: after follows
 * have changed. Links of those it does not accept any more end. */
void ht_mesh_review(struct ht_mesh *mesh);
/* The owner's word for one that is known; its link ends when it is not accepted any more. */
void ht_mesh_accept(struct ht_mesh *mesh, struct ht_mesh_peer *peer, bool is_accepted);
/* The link ends, and it is not let in or dialled again until it is allowed. */
void ht_mesh_ban(struct ht_mesh *mesh, struct ht_mesh_peer *peer, bool is_banned);
/* peer is gone when this returns. io.keep is called before, when ht_mesh_find finds it no more. */
void ht_mesh_forget(struct ht_mesh *mesh, struct ht_mesh_peer *peer);
/* The owner takes faults back, and it is dialled soon. */
void ht_mesh_forgive(struct ht_mesh *mesh, struct ht_mesh_peer *peer);
/* Which peers should be dialled now, best first, at most max: accepted, not connected, with an
 * address, not resting; few enough that HT_GOSSIP_LINKS links come of it, but couriers and whose
 * invitation is open always. Those it names count as being dialled until ht_mesh_link_new,
 * ht_mesh_dial_failed, or for HT_MESH_DIAL_MS. */
size_t ht_mesh_to_dial(struct ht_mesh *mesh, struct ht_mesh_peer **out, size_t max);
/* It was dialled in vain, before there was a link: tried later, with waits that double from 5 s to
 * an hour, half of it by chance. */
void ht_mesh_dial_failed(struct ht_mesh *mesh, struct ht_mesh_peer *peer, const struct ht_why *why);

/* An invitation of ours for one peer, good until expires_s. HT_ELIMIT "too_many_invites",
 * HT_ENOMEM. */
enum ht_err ht_mesh_invite(char secret[static HT_INVITE_SECRET_SIZE], struct ht_mesh *mesh,
                           int64_t expires_s, const char *label, struct ht_why *why) HT_MUST_USE;
struct ht_mesh_invitation {
    char secret[HT_INVITE_SECRET_SIZE];
    char label[HT_NODE_NAME_SIZE];
    int64_t expires_s;
    struct ht_mesh_invitation *next;
};
struct ht_mesh_invitation *ht_mesh_invitations(struct ht_mesh *mesh);
/* From disk: copied. HT_ESTALE for one that has expired, HT_ELIMIT, HT_ENOMEM. */
enum ht_err ht_mesh_recall_invitation(struct ht_mesh *mesh,
                                      const struct ht_mesh_invitation *invitation) HT_MUST_USE;
/* false: there is none such. */
bool ht_mesh_revoke(struct ht_mesh *mesh, const char *secret);

/* --- HTTP of peers ------------------------------------------------------------------------- */

/* Whose token it is: Authorization "Bearer TOKEN" at the door. Good while the link is there and
 * 10 minutes after. NULL: nobody's. */
struct ht_mesh_peer *ht_mesh_token_peer(struct ht_mesh *mesh, ht_bytes token);
/* It did wrong somewhere else (a chunk, a proof): its score. */
void ht_mesh_blame(struct ht_mesh *mesh, struct ht_mesh_peer *peer, enum ht_peer_fault_kind kind,
                   const char *what);

/* The literal of a code of last_end: for what was kept on disk. "" for "" and NULL, "peer_bye" for
 * one that is none. */
const char *ht_mesh_end_code(const char *code);

/* Timers of links and gossip. Milliseconds until the next call, -1: none. */
int64_t ht_mesh_tick(struct ht_mesh *mesh);
int64_t ht_mesh_due(const struct ht_mesh *mesh);

#endif
