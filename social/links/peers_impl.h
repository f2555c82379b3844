/* Other relays from the inside. Only peers*.c include this. */
#ifndef HT_SOCIAL_LINKS_PEERS_IMPL_H
#define HT_SOCIAL_LINKS_PEERS_IMPL_H

#include "social/links/peers.h"
#include "social/links/peers_message.h"
#include "social/links/peers_tap.h"

#define HT_PEER_REASON_SIZE 200U                 /* of a refusal that is kept, with its zero */
#define HT_PEER_CHALLENGE_SIZE HT_PEER_TEXT_SIZE /* of NIP-42; longer ones are not signed */
#define HT_PEER_AUTHS_MAX 4U                     /* signed for one connection */
#define HT_PEER_FRAMES_A_MINUTE 12000U           /* more is a flood, and the relay is let go … */
#define HT_PEER_FLOOD_MS 300000                  /* … for so long */
#define HT_PEERS_TAKING_MAX 4000U                /* events that wait for our own relay */
#define HT_PEERS_RECENT 4096U                    /* ids that are known to be stored */
#define HT_PEERS_TICK_MS 30000                   /* what could not be said is tried again */
#define HT_LIVE_SUBS 6U    /* "live0" …: of the owner, wraps, the followed in chunks */
#define HT_LIVE_FILTERS 3U /* of one of them at most */
#define HT_LIVE_CHUNK 250U /* authors of one subscription */
#define HT_LIVE_CHUNKS 4U

struct ht_live;          /* peers_live.h */
struct ht_want;          /* peers_want.h */
struct ht_peer_catching; /* peers_catchup.h */

enum ht_peer_auth {
    HT_PEER_AUTH_NONE,    /* no challenge came, or it is a relay that we do not sign in to */
    HT_PEER_AUTH_SIGNING, /* or waiting for the OK */
    HT_PEER_AUTH_DONE,
    HT_PEER_AUTH_LOCKED, /* the vault is */
    HT_PEER_AUTH_REFUSED,
};

/* An event as a message, for all relays it goes to. */
struct ht_sending_text {
    unsigned uses;
    ht_hash32 id;
    size_t n;
    char text[];
};

/* An event on its way to one relay. */
struct ht_sending {
    struct ht_sending *next;
    struct ht_sending_text *text;
    struct ht_delivery *delivery; /* who waits for it; NULL: nobody any more */
    size_t place;                 /* in the delivery */
    bool is_said;                 /* on this connection */
    bool wants_auth, is_repeated; /* answered with auth-required; said again after it */
    unsigned tries;               /* that were put off: rate-limited */
    int64_t not_before_ms;
};

struct ht_peer_live {
    unsigned said, ended, wanting_auth, repeated, again; /* bits, by subscription */
    int64_t seen_s; /* up to when everything has come; 0: not known yet */
};

/* Bits, by what is wanted. */
struct ht_peer_wants {
    unsigned said, wanting_auth, repeated, again;
    int64_t minute_ms; /* when the count of events began */
    unsigned events;
};

struct ht_peer {
    struct ht_peers *peers;
    struct ht_link *link;
    struct ht_peer *next;
    uint64_t serial;      /* no other peer has had it */
    bool is_own, is_kept; /* the owner named it; for reading */
    bool is_flooding;
    unsigned waiting;     /* questions that hold it */
    uint64_t event_count; /* that it gave */
    uint64_t unasked_count;
    char reason[HT_PEER_REASON_SIZE];
    /* what is sent */
    struct ht_sending *first, **last;
    size_t queue_count, queue_bytes;
    uint64_t sent_count, taken_count, refused_count, dropped_count;
    /* of this connection */
    uint64_t connection; /* counts them */
    enum ht_peer_auth auth;
    char challenge[HT_PEER_CHALLENGE_SIZE];
    ht_hash32 auth_id;
    unsigned auth_count;
    int64_t minute_ms; /* when the count of frames began */
    unsigned frames;
    int64_t flood_until_ms;
    struct ht_peer_live live;
    struct ht_peer_wants wants;
    struct ht_peer_catching *catching; /* NULL: it is not caught up with */
    int64_t caught_s; /* when the last round that came to its end began; 0: none has */
    /* of a node that the mesh speaks with (peers_tap.h) */
    const struct ht_peers_tap *tap; /* NULL: a relay only */
    void *tap_user;
    bool is_tap_named, is_proven, has_pin;
    ht_hash32 pin;
    char socks[64];                     /* "": dialled without */
    char early[HT_PEER_CHALLENGE_SIZE]; /* a challenge that came before it was proven */
};

enum ht_asked_state {
    HT_ASKED_WAITING,
    HT_ASKED_ANSWERED,
    HT_ASKED_NONE,
    HT_ASKED_NO_ANSWER,
    HT_ASKED_AUTH,
    HT_ASKED_UNKNOWN_NAME,
    HT_ASKED_REFUSED,
};

struct ht_asked {
    char url[HT_LINK_URL_SIZE];
    struct ht_peer *peer; /* NULL: it was not dialled, or is no more */
    enum ht_asked_state state;
    bool was_sent;
    bool wants_auth, is_repeated;
    int64_t ms;
    size_t event_count;
    int64_t oldest_s; /* of what it gave */
};

struct ht_question_out {
    struct ht_peers *peers;
    struct ht_question_out *next;
    uint64_t number;
    struct ht_arena arena;
    ht_bytes filter_json;
    struct ht_filter filter;
    struct ht_timer timer;
    int64_t begun_ms;
    struct ht_asked asked[HT_CLIENT_RELAYS_MAX];
    size_t count;
    void (*done)(void *user, json_t *source);
    void (*paged)(void *user, json_t *source, const struct ht_peers_page *page); /* or it */
    void *user;
};

struct ht_delivered {
    char url[HT_LINK_URL_SIZE];
    const char *state;
    bool is_settled;
};

/* One call of ht_peers_send that has not been answered. */
struct ht_delivery {
    struct ht_peers *peers;
    struct ht_delivery *next;
    struct ht_timer timer;
    struct ht_delivered to[HT_CLIENT_RELAYS_MAX];
    size_t count;
    void (*done)(void *user, json_t *sent);
    void *user;
};

struct ht_peers {
    struct ht_social *social;
    struct ht_peer *first;
    struct ht_question_out *questions;
    struct ht_delivery *deliveries;
    struct ht_timer tick, telling;
    bool is_telling;     /* social.relays is about to be published */
    uint64_t number;     /* of questions and peers */
    uint64_t new_count;  /* events that we did not have */
    size_t taking_count; /* of which it is not known yet */
    bool has_missed;     /* our own relay was too busy for some */
    ht_hash32 recent[HT_PEERS_RECENT];
    json_t *own;
    bool has_owner;
    ht_hash32 owner; /* as whom we are signed in */
    struct ht_live *live;
    struct ht_want *wants[HT_FEED_WANTS_MAX]; /* NULL: that number is free */
    bool is_looking;                          /* for what is to be subscribed to */
    uint64_t look_wanted, look_done;
    bool is_stopped;
};

/* The relay with that URL, its link asleep unless it is kept. own: the owner named it. HT_EDENIED
 * "own_door" for our own; those of ht_link_open. */
enum ht_err ht_peers_open(struct ht_peer **out, struct ht_peers *peers, const char *url,
                          bool is_own, struct ht_why *why) HT_MUST_USE;
/* The same for a node; it is not there yet. */
enum ht_err ht_peers_open_tapped(struct ht_peer **out, struct ht_peers *peers,
                                 const struct ht_peers_joining *joining,
                                 struct ht_why *why) HT_MUST_USE;
/* Takes it out and closes its link. */
void ht_peers_remove(struct ht_peer *peer);
/* social.relays has changed. */
void ht_peers_changed(struct ht_peers *peers);
bool ht_peer_is_open(const struct ht_peer *peer);
int64_t ht_peers_mono_ms(const struct ht_peers *peers);
/* Keeps why it refused something. */
void ht_peer_reason(struct ht_peer *peer, const char *reason);
/* NIP-01's prefix before ":". */
bool ht_peers_begins(const char *text, const char *prefix);

#endif
