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
#include "node/api/services.h"
#include "node/api/sign_in.h"
#include "node/codec/transaction_rules.h"
#include "node/l1/blocks_transaction.h"
#include "node/l1/consensus/light_client_finality.h"
#include "node/l1/contract_signature.h"
#include "node/l1/execution/fees.h"
#include "node/l1/execution/receipt_json.h"
#include "node/l1/execution/rpc_json.h"
#include "node/l1/execution/trie.h"
#include "node/l1/execution/trie_build.h"
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
    /* Where peers come in, by the command line: else as the owner has set. */
    bool has_peer_port;
    uint16_t peer_port;       /* 0: any that is free */
    const char *peer_address; /* numeric; NULL: not named */
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
    void (*offer_wallet)(const struct ht_host *host, const struct ht_wallet *wallet);
    const struct ht_wallet *(*wallet)(const struct ht_host *host);
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
    const struct ht_rpc_method *more_methods; /* of another table; the same */
    size_t more_method_count;
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
