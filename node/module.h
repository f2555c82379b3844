/* What a module is, and all that it sees of the node (DESIGN.md section 1).
 *
 * A module (identity, social, governance) is one `const struct ht_module` in the list of
 * node/app/modules.c; it includes this header, base, codec, crypto, nostr and p2p, and nothing
 * else: what it may use of the node arrives through struct ht_host. Modules never include each
 * other; facts that they share go through the host. Deleting a module's line from the list still
 * builds. */
#ifndef HT_MODULE_H
#define HT_MODULE_H

#include "node/api/rpc.h"
#include "node/api/sign_in.h"
#include "node/codec/transaction_rules.h"
#include "node/l1/blocks_transaction.h"
#include "node/l1/consensus/light_client_finality.h"
#include "node/l1/contract_signature.h"
#include "node/l1/execution/fees.h"
#include "node/l1/finality.h"
#include "node/l1/logs.h"
#include "node/l1/outbox.h"
#include "node/l1/run.h"
#include "node/l1/simulate.h"
#include "node/l1/state.h"
#include "node/l1/state_json.h"
#include "node/net/http.h"
#include "node/p2p/dial.h"
#include "node/p2p/door.h"
#include "node/signer/signer.h"
#include "node/store/reader.h"
#include "node/store/writer.h"

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
struct ht_trust {
    bool (*person)(void *self, const ht_hash32 *pubkey, struct ht_trust_person *out);
    bool (*address)(void *self, const ht_addr20 *address, struct ht_trust_person *out);
    /* Keys of at most that distance, for policies; at most max, returns how many there are. */
    size_t (*circle)(void *self, unsigned distance, ht_hash32 *out, size_t max);
    void *self; /* topic "trust.changed" tells that any of it is another */
};

/* Other nodes that prove themselves, offered by the module that keeps links to them (social). Chain
 * data is asked of them as of any provider, and believed as little. Loop thread. */
struct ht_near_node {
    ht_hash32 node; /* its key */
    char base[256]; /* "https://host:port" or "http://….onion", without a slash at the end */
    ht_hash32 pin;  /* of its TLS key */
    bool has_pin;   /* false only without TLS: an onion, or plain by the owner's choice */
    char token[65]; /* Authorization: Bearer, of requests to it */
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

/* Services of the node. All of it lives from the module's start until after its stop, and belongs
 * to the loop thread. */
struct ht_host {
    const struct ht_clock *clock;
    const struct ht_random *random;
    struct ht_loop *loop;
    struct ht_pool *pool;
    struct ht_writer *writer; /* of the node's own database, which has the module's tables */
    struct ht_reader *reader;
    const struct ht_network *network;
    const char *data_dir;
    struct ht_sync *sync;     /* freshness; state and why of the light client */
    struct ht_chain *chain;   /* proven headers, and whoever listens to new ones */
    struct ht_blocks *blocks; /* proven bodies, receipts, transactions; logs */
    struct ht_state *state;   /* proven accounts, slots, code */
    struct ht_runner *runner; /* runs code over proven state */
    struct ht_outbox *outbox; /* sends transactions and follows them */
    struct ht_signer *signer; /* keys; NULL when the node runs without */
    struct ht_links *links;   /* connections of ours to relays */
    struct ht_http *http;     /* requests of ours; what strangers name goes by is_public_only */
    struct ht_door *door;     /* where strangers come in; for its URL and counts */
    /* The topic's value has changed. */
    void (*publish)(const struct ht_host *host, const char *topic);
    /* Tells the websockets at /eth that an origin has open (EIP-1193's accountsChanged, …); params
     * is taken over. */
    void (*notify_origin)(const struct ht_host *host, const char *origin, const char *method,
                          json_t *params);
    /* Offers keys, until the offerer's stop; and what was offered, NULL without. */
    void (*offer_nostr_keys)(const struct ht_host *host, const struct ht_nostr_keys *keys);
    const struct ht_nostr_keys *(*nostr_keys)(const struct ht_host *host);
    /* The same of the feeds and of trust. A module asks when it needs them: the other may start
     * later, or not be there. */
    void (*offer_feed)(const struct ht_host *host, const struct ht_feed *feed);
    const struct ht_feed *(*feed)(const struct ht_host *host);
    void (*offer_trust)(const struct ht_host *host, const struct ht_trust *trust);
    const struct ht_trust *(*trust)(const struct ht_host *host);
    void (*offer_near)(const struct ht_host *host, const struct ht_near *near_nodes);
    const struct ht_near *(*near_nodes)(const struct ht_host *host);
    /* A request at a door for chain data, by a peer that has proven itself (near/ in node/app says
     * which paths). true: it is answered, now or later. */
    bool (*chain_http)(const struct ht_host *host, struct ht_door_http *http,
                       const ht_hash32 *node);
    void *node; /* the host's own */
};

/* A value that peers can subscribe to, see rpc.h. */
struct ht_module_topic {
    const char *name;
    ht_rpc_getter getter;
};

/* A NULL member, or a count of 0, means "not used". */
struct ht_module {
    const char *name;
    const struct ht_migration *migrations; /* append-only; their part is the module's name */
    size_t migration_count;
    const struct ht_rpc_method *methods; /* at /api; self is what start gave */
    size_t method_count;
    const struct ht_module_topic *topics;
    size_t topic_count;
    const struct ht_rpc_method *ethereum; /* at /eth */
    size_t ethereum_count;
    /* At the relay's door; the first module that has one gets all who come. */
    const struct ht_module_door *door;
    /* Who may do what at /eth, when the request names a page of another origin or an extension:
     * HT_OK, or HT_EDENIED to refuse it. Without any, pages of other origins are turned away at the
     * door. origin: as the browser sent it. */
    enum ht_err (*admit)(void *self, const char *origin, const char *method, struct ht_why *why);
    /* How the owner may sign in to the web UI without its token; of one module. */
    const struct ht_sign_in_way *sign_in;
    /* Checks a file that proves something, without a running node (`hearth verify`): *outcome, a
     * new reference, as the module's own method for it answers. db: a reading connection to the
     * node's database. HT_ENOTFOUND "unknown_file" when files of its kind are not this module's. */
    enum ht_err (*verify_file)(json_t **outcome, const struct ht_network *network, sqlite3 *db,
                               const json_t *file, const struct ht_clock *clock,
                               struct ht_why *why);
    /* A topic of the node's or of a module's has changed (from within that module's publish, so it
     * is not to be published again here): "wallet.accounts", "l1.outbox", "l1.slots" (a new head),
     * "l1.status", … or "sessions.begun", "sessions.ended": one of the owner's browsers, once for
     * each. */
    void (*on_topic)(void *self, const char *topic);
    /* db is a reading connection, good for this call, in which the tables exist. */
    enum ht_err (*start)(void **self, const struct ht_host *host, sqlite3 *db, struct ht_why *why);
    /* The node is about to stop: nothing more is to be asked of anybody; timers of the module's end
     * here. Everything still runs, and what was asked before may still be answered. */
    void (*quit)(void *self);
    /* When nothing that the module asked for is under way any more. */
    void (*stop)(void *self);
};

#endif
