/* Services that modules offer each other through the host (struct ht_host in module.h): keys,
 * feeds, trust, the wallet, nodes that are near. Modules never include each other; the one that
 * offers may start later, or not be there, so who needs a service asks the host for it each time.
 */
#ifndef HT_API_SERVICES_H
#define HT_API_SERVICES_H

#include <jansson.h>

#include "node/base/u256.h"

/* Nostr keys, offered by the module that keeps keys (identity) to the others. The secrets stay in
 * the signer. Loop thread; `done` comes later, once: HT_OK, or HT_EDENIED "vault_locked",
 * HT_ENOTFOUND "no_key", HT_EUNVERIFIED "bad_ciphertext", HT_ELIMIT, HT_EAGAIN. */
struct ht_nostr_key {
    ht_hash32 pubkey; /* x-only */
    char label[64];
};
struct ht_nostr_answer {
    enum ht_err err;
    struct ht_why why;
    uint8_t signature[64]; /* of sign */
    ht_bytes text;         /* of encrypt and decrypt; for the call of done */
};
typedef void (*ht_nostr_done)(void *user, const struct ht_nostr_answer *answer);
struct ht_nostr_keys {
    /* At most max; returns how many there are. is_open: the vault is, so that they can be used. */
    size_t (*list)(void *self, struct ht_nostr_key *out, size_t max, bool *is_open);
    /* Signs an event's id (BIP-340). what: for the audit log, "a post"; "": it is not told.
     * by_owner: the owner is at it, which keeps the vault from closing by itself. */
    void (*sign)(void *self, const ht_hash32 *pubkey, const ht_hash32 *id, const char *what,
                 bool by_owner, ht_nostr_done done, void *user);
    /* NIP-44 version 2 between one of our keys and another's. */
    void (*encrypt)(void *self, const ht_hash32 *pubkey, const ht_hash32 *theirs, ht_bytes text,
                    ht_nostr_done done, void *user);
    void (*decrypt)(void *self, const ht_hash32 *pubkey, const ht_hash32 *theirs, ht_bytes text,
                    ht_nostr_done done, void *user);
    void *self;
};

/* The feeds, offered by the module that keeps them (social) to the others. Loop thread. */
struct ht_feed_event {
    ht_hash32 id, pubkey; /* of a verified event */
    uint32_t kind;
    int64_t created_at; /* seconds */
    ht_bytes content;
    const json_t *tags; /* arrays of texts; borrowed for the call */
};
struct ht_feed_listener {
    uint32_t kind;
    /* Each event of that kind that was newly stored, from whomever. */
    void (*event)(struct ht_feed_listener *listener, const struct ht_feed_event *event);
    struct ht_feed_listener *next; /* the feeds' own */
};
/* err: HT_OK, or the reason of signing or storing. id: of what was published. */
typedef void (*ht_feed_done)(void *user, enum ht_err err, const struct ht_why *why,
                             const ht_hash32 *id);
/* events: array of NIP-01 objects, newest first, borrowed; NULL with an error. */
typedef void (*ht_feed_found)(void *user, enum ht_err err, const struct ht_why *why,
                              const json_t *events);
/* Who was asked for something, and who answered. */
struct ht_feed_source {
    unsigned asked, answered; /* relays; who answered has given all it has */
    uint64_t given;           /* events that they gave, the same by several counted as several */
    bool is_cut;              /* there is more than was asked for in the end */
};
typedef void (*ht_feed_asked)(void *user, enum ht_err err, const struct ht_why *why,
                              const struct ht_feed_source *source);
#define HT_FEED_FILTERS_MAX 4U
#define HT_FEED_KINDS_MAX 8U
#define HT_FEED_MORE_MAX 4U
#define HT_FEED_ASKS_MAX 16U
#define HT_FEED_WANTS_MAX 8U
#define HT_FEED_ASK_MS 30000
struct ht_feed {
    /* Signed by the owner's Nostr key, stored, and sent as posts are. tags is taken over. */
    void (*publish)(void *self, uint32_t kind, const char *content, json_t *tags, const char *what,
                    ht_feed_done done, void *user);
    /* From our own store: a NIP-01 filter with a limit of at most 500. done comes later, once. */
    void (*query)(void *self, const json_t *filter, ht_feed_found done, void *user);
    void (*listen)(void *self, struct ht_feed_listener *listener);
    /* The key that posts are signed with; false when there is none. */
    bool (*owner)(void *self, ht_hash32 *pubkey);
    void *self;
    /* What people wrote whom the owner does not follow, asked of relays; NULL members: not offered.
     * Filters are an array of at most HT_FEED_FILTERS_MAX of NIP-01, borrowed, each with at most
     * HT_FEED_KINDS_MAX kinds and with ids, authors or a tag, without search, since, until and
     * limit: HT_EINPUT "filter_too_wide", those of social/relay/filter.h. What comes is verified
     * and stored as everything is, once; listeners hear of it, queries find it.
     *
     * Privacy: but for `more` of ask, only relays that the owner reads from anyway (and nodes that
     * the owner has dialled and that have proven who they are) see these questions, so nobody else
     * learns what is looked at here.
     *
     * ask: once, page by page, for at most HT_FEED_ASK_MS. `more`: URLs that others named for it,
     * NULL or an array of which HT_FEED_MORE_MAX count: to be given only while the owner looks at
     * the very thing; they are public addresses only, and are not told who we are. done comes
     * once, with an error perhaps before this returns: HT_EAGAIN "busy" (HT_FEED_ASKS_MAX are under
     * way), "stopping", HT_ENOMEM. */
    void (*ask)(void *self, const json_t *filters, const json_t *more, ht_feed_asked done,
                void *user);
    /* From now on, until it is ended: relays tell what they have (the newest of each filter) and
     * what comes, on each connection anew. *want: 0 at first, its number afterwards; wanted again
     * with it, other filters take the place of those before; NULL or none ends it. HT_ELIMIT
     * "too_many_wants" (HT_FEED_WANTS_MAX), HT_ENOMEM; what was wanted is as it was then. */
    enum ht_err (*want)(void *self, unsigned *want, const json_t *filters, struct ht_why *why);
    /* Where those may answer whom the owner asks: the relays the owner writes to, of which anybody
     * may know (wss, or an onion), at most HT_FEED_MORE_MAX: URLs, a new reference. */
    json_t *(*relays)(void *self);
};

/* Who vouches for whom, offered by the module that keeps attestations (identity). What it says is
 * as of the newest finalized block that was looked at. Loop thread. */
struct ht_trust_person {
    bool has_address; /* the key and an Ethereum account vouch for each other, proven */
    ht_addr20 address;
    char name[256];    /* ENS name that leads there and back, proven; "" without */
    unsigned distance; /* steps of vouching from the owner: 0 the owner, 1 whom the owner vouched
                          for, …; HT_TRUST_FAR: none that we know */
    unsigned vouches;  /* valid attestations that the owner's circle has given */
};
#define HT_TRUST_FAR 255U
/* An attestation on chain, proven at the newest finalized block. Times in seconds, 0: never. */
struct ht_trust_record {
    enum ht_err err; /* HT_OK; HT_ENOTFOUND "no_attestation" (proven), "no_eas"; others: it could
                        not be told */
    struct ht_why why;
    ht_hash32 uid, schema;
    ht_addr20 attester, recipient;
    uint64_t time_s, expiration_s, revocation_s;
    uint64_t block, timestamp; /* of the finalized block */
};
typedef void (*ht_trust_recorded)(void *user, const struct ht_trust_record *record);
struct ht_trust {
    bool (*person)(void *self, const ht_hash32 *pubkey, struct ht_trust_person *out);
    bool (*address)(void *self, const ht_addr20 *address, struct ht_trust_person *out);
    /* Keys of at most that distance, for policies; at most max, returns how many there are. */
    size_t (*circle)(void *self, unsigned distance, ht_hash32 *out, size_t max);
    void *self; /* topic "trust.changed" tells that any of it is another */
    /* What EAS keeps of an attestation on chain; NULL: not offered. done comes once, perhaps before
     * this returns. */
    void (*attestation)(void *self, const ht_hash32 *uid, ht_trust_recorded done, void *user);
    /* Attestations on chain of that schema and recipient that are known here and valid as far as
     * was looked; at most max, returns how many were written. NULL: not offered. */
    size_t (*attested)(void *self, const ht_hash32 *schema, const ht_addr20 *recipient,
                       ht_hash32 *uids, size_t max);
};

/* The wallet, offered by the module that keeps accounts (identity) to the others. Whatever is to be
 * signed waits in the owner's queue, decoded and explained; only the owner decides. Loop thread. */
struct ht_wallet_account {
    ht_addr20 address;
    char label[64];
    bool can_sign; /* false: it is only watched */
};
struct ht_wallet_answer {
    enum ht_err err; /* HT_OK; HT_EDENIED "rejected", "vault_locked", …; as of the queue */
    struct ht_why why;
    ht_hash32 hash;        /* of a transaction that was signed and sent */
    uint8_t signature[65]; /* of typed data: r, s, v (27 or 28) */
};
typedef void (*ht_wallet_done)(void *user, const struct ht_wallet_answer *answer);
struct ht_wallet_send {
    ht_addr20 from;
    bool has_to; /* false: it creates a contract */
    ht_addr20 to;
    ht_u256 wei;
    ht_bytes data;    /* copied */
    uint64_t gas;     /* limit that the caller knows; 0: estimated */
    const char *what; /* for people: "Vote for proposal …"; copied */
};
struct ht_wallet {
    /* At most max; returns how many there are. */
    size_t (*accounts)(void *self, struct ht_wallet_account *out, size_t max);
    /* done comes later, once, when it was decided (and sent). */
    void (*send)(void *self, const struct ht_wallet_send *transaction, ht_wallet_done done,
                 void *user);
    /* document: EIP-712 as eth_signTypedData_v4 takes it; borrowed. */
    void (*sign_typed)(void *self, const ht_addr20 *account, const json_t *document,
                       const char *what, ht_wallet_done done, void *user);
    /* The call in words, as the queue shows it; a new reference, NULL without memory. */
    json_t *(*explain)(void *self, const ht_addr20 *from, const ht_addr20 *to, const ht_u256 *wei,
                       ht_bytes data);
    void *self;
};

/* Other nodes that prove themselves, offered by the module that keeps links to them (social). Chain
 * data is asked of them as of any provider, and believed as little. Loop thread. */
struct ht_near_node {
    ht_hash32 node; /* its key */
    char base[256]; /* "https://host:port" or "http://….onion", without a slash at the end */
    ht_hash32 pin;  /* of its TLS key */
    bool has_pin;   /* false only without TLS: an onion, or plain by the owner's choice */
    char token[65]; /* Authorization: Bearer, of requests to it */
    char socks[64]; /* "127.0.0.1:9050": the proxy that leads to an onion; "": none */
    bool has_chain, has_blobs; /* what it serves */
};
struct ht_near_listener {
    /* It can be asked now, or cannot be any more (is_up false; only node counts then). */
    void (*changed)(struct ht_near_listener *listener, const struct ht_near_node *node, bool is_up);
    struct ht_near_listener *next; /* the offerer's own */
};
struct ht_near {
    void (*listen)(void *self,
                   struct ht_near_listener *listener); /* told at once of those there are */
    /* What it gave did not hold: "header of block 17". */
    void (*blame)(void *self, const ht_hash32 *node, const char *what);
    void *self;
};

#endif
