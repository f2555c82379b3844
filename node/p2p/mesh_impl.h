/* The insides of a mesh, shared by the files mesh*.c only; what each of them gives to the others is
 * in its own header. */
#ifndef HT_P2P_MESH_IMPL_H
#define HT_P2P_MESH_IMPL_H

#include "node/p2p/mesh.h"

#define HT_MESH_LINKS_MAX 256U /* that are peers or on the way to it */
#define HT_MESH_RETELL_MS 5000 /* between two tellings of what changes often */
#define HT_MESH_RETRY_MS 1000  /* a transport that took no more */
#define HT_MESH_WAIT_MIN_MS 5000
#define HT_MESH_AGAIN_MS 3000 /* after a link that had settled */

/* What a link says in STATE, as bits. */
enum ht_mesh_tell {
    HT_TELL_RECORD = 1,
    HT_TELL_SCOPE = 2,
    HT_TELL_TOKEN = 4,
    HT_TELL_SERVES = 8,
    HT_TELL_PEERS = 16,
    HT_TELL_INVITE = 32,
};

enum ht_mesh_stage {
    HT_LINK_PLAIN,   /* nothing of a peer link was said; not in the mesh's list */
    HT_LINK_SHAKING, /* the handshake is under way */
    HT_LINK_ASKING,  /* proven, not yet known for a peer: its STATE is waited for */
    HT_LINK_BOUND,   /* a peer's; we said STATE */
    HT_LINK_UP,      /* it has said STATE too */
    HT_LINK_REFUSED, /* verbs of a peer link are passed over; it is Nostr's */
    HT_LINK_ENDING,  /* a fault came from within another call: to be hung up soon */
    HT_LINK_OVER,    /* hung up; ht_mesh_link_closed is awaited */
};

struct ht_mesh_link {
    struct ht_mesh *mesh;
    void *transport;
    enum ht_mesh_stage stage;
    bool is_dialler, has_expected, is_stranger;
    ht_hash32 expected;
    ht_hash32 node; /* proven, from ASKING on */
    char channel[HT_CHANNEL_SIZE];
    struct ht_handshake *handshake; /* while SHAKING */
    struct ht_mesh_peer *peer;      /* from BOUND on, until it is hung up */
    struct ht_gossip_peer *gossip;  /* while UP */
    struct ht_scope *scope;         /* theirs, NULL before it is said */
    char token[HT_MESH_TOKEN_SIZE]; /* theirs, for us */
    char serves[8][16];
    size_t serves_count;
    int64_t since_ms;    /* monotonic, of the stage; of UP: of being up */
    int64_t up_s;        /* wall */
    unsigned to_tell;    /* of enum ht_mesh_tell */
    int64_t tell_ms;     /* monotonic: not before */
    int64_t exchange_ms; /* monotonic: records may be told again from then on */
    bool has_heard;
    int64_t heard_ms;       /* monotonic: when it last told records */
    uint64_t told_passable; /* mesh->passable when records were told */
    bool is_settled;
    enum ht_peer_fault_kind fault; /* while ENDING */
    struct ht_mesh_link *next, *previous;
};

/* A peer with what only the core needs. */
struct ht_mesh_box {
    struct ht_mesh_peer peer; /* first: a peer is its box */
    int64_t dial_ms;          /* monotonic: not dialled before; 0: at once */
    int64_t dialling_ms;      /* monotonic: an attempt is under way until then; 0: none */
    char token[HT_MESH_TOKEN_SIZE], token_before[HT_MESH_TOKEN_SIZE]; /* ours, for it */
    int64_t token_ms, token_before_ms; /* monotonic: good until; INT64_MAX while linked */
};

struct ht_mesh {
    const struct ht_clock *clock;
    const struct ht_random *random;
    struct ht_handshake_self self;
    struct ht_mesh_io io;
    const struct ht_scope *scope;
    const char *const *serves;
    bool is_open, exchanges;
    struct ht_gossip *gossip;
    struct ht_mesh_peer *peers;
    size_t peer_count, stranger_count;
    struct ht_mesh_link *links; /* but those that are plain */
    size_t link_count;
    bool has_ending;
    struct ht_mesh_invitation *invitations;
    size_t invitation_count;
    char *record_json; /* ours, NULL without */
    uint64_t passable; /* counts changes of records that may be told on */
};

static inline struct ht_mesh_box *ht_mesh_box_of(struct ht_mesh_peer *peer) {
    return (struct ht_mesh_box *)(void *)peer;
}
static inline int64_t ht_mesh_mono(const struct ht_mesh *mesh) {
    return ht_mono_ms(mesh->clock);
}
static inline int64_t ht_mesh_now_s(const struct ht_mesh *mesh) {
    return ht_wall_ms(mesh->clock) / 1000;
}
static inline void ht_mesh_keep(struct ht_mesh *mesh, const struct ht_mesh_peer *peer) {
    bool is_kept = peer == NULL || peer->origin != HT_MESH_STRANGER;
    if (is_kept && mesh->io.keep != NULL) mesh->io.keep(mesh->io.user, peer);
}
bool ht_mesh_verify(struct ht_mesh *mesh, const struct ht_event *event);

#endif
