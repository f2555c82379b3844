/* The node's own door: web UI, login and websocket API on loopback, and the owner's command line
 * on a unix socket (DESIGN.md section 7).
 *
 *   GET  / /assets/… /favicon.svg   the embedded UI
 *   POST /login                     the token of this run, or a ticket, for a session cookie
 *   GET, POST /siwe                 to get a ticket with an Ethereum account, see server_siwe.h
 *   GET  /session                   is the cookie good?
 *   GET  /api, websocket `hearth`   JSON-RPC 2.0 with topic pushes; needs a session
 *   POST /api                       JSON-RPC 2.0; needs a session, on the unix socket none
 *   POST /eth, websocket            Ethereum's JSON-RPC, for wallets and scripts; TCP only
 *   websocket at /                  the relay (node/p2p/door.h), when ht_api_set_door gave one
 *   GET  /eth/provider.js           the page script (EIP-1193, EIP-6963), one of the UI's files
 *
 * Sessions are listed and ended by methods of its own, see server_sessions.h.
 *
 * On TCP every request must name the exact Host, and every POST and websocket the same Origin; at
 * /eth, which programs use that are no browser and which needs no session, there may be no Origin,
 * or that of a browser extension. Pages of other origins are turned away there, unless
 * ht_api_set_admit names somebody who decides.
 *
 * A reply that takes a method longer than a minute becomes the error `timeout`; methods that wait
 * for a person (is_patient) have eleven.
 * All functions: loop thread, or before the loop runs. */
#ifndef HT_API_SERVER_H
#define HT_API_SERVER_H

#include "node/api/assets.h"
#include "node/api/rpc.h"
#include "node/api/sign_in.h"
#include "node/base/clock.h"
#include "node/loop/loop.h"
#include "node/p2p/door.h"

#define HT_API_PORT 8420
#define HT_API_REPLY_TIMEOUT_MS 60000
#define HT_API_PATIENT_TIMEOUT_MS (11U * 60 * 1000)

struct ht_api;

/* Members left zero take the value named. Strings and tables are borrowed for the server's life,
 * except unix_socket_path and token, which are copied. */
struct ht_api_options {
    uint16_t port;                 /* 0: any free port, which ht_api_url tells */
    const char *unix_socket_path;  /* NULL: none. Its directory is the caller's, mode 0700 */
    const char *token;             /* 64 lower-case hex digits; NULL: a fresh one */
    const struct ht_asset *assets; /* NULL: no UI */
    const char *network;           /* for GET /session */
    const char *version;
    const struct ht_random *random; /* NULL: the system's */
    uint16_t ping_s;                /* websocket silent for so long is pinged; 30 */
    uint16_t hangup_s;              /* … and closed; 40 */
    unsigned reply_timeout_ms;      /* for a method to answer; HT_API_REPLY_TIMEOUT_MS */
    unsigned patient_timeout_ms;    /* … that waits for a person; HT_API_PATIENT_TIMEOUT_MS */
    unsigned max_connections;       /* on TCP; 96 */
    unsigned max_per_address;       /* of them from one address; 64 */
    /* Told "sessions.begun" and "sessions.ended", once for each; not when the node stops. NULL:
     * nobody is. It must not call the server's functions that add or free. */
    void (*on_session)(void *user, const char *topic);
    void *user;
};

/* For `hearth status` and `hearth doctor`. */
struct ht_api_counts {
    unsigned connections; /* open now, both doors, websockets among them */
    unsigned websockets;
    unsigned waiting;   /* messages that a method has not answered yet */
    uint64_t accepted;  /* connections since start */
    uint64_t refused;   /* connections over a limit */
    uint64_t denied;    /* requests that failed a check at the door */
    uint64_t pushes;    /* topic values sent */
    uint64_t overflows; /* websockets closed because they did not read their replies */
};

/* Starts listening; answers come once the loop runs. HT_EAGAIN port_in_use and socket_in_use when
 * another program has the address, HT_EDENIED port_denied, HT_EINPUT socket_path and bad_token,
 * HT_ENET no_listener, HT_ENOMEM. */
enum ht_err ht_api_new(struct ht_api **out, struct ht_loop *loop,
                       const struct ht_api_options *options, struct ht_why *why) HT_MUST_USE;
/* Stops answering at once: no method or getter is called any more. Must be called before
 * ht_loop_free, which ends what is left. While the loop runs, connections end with its next turn,
 * and the port and the memory are given back within half a minute, when lws cleans up. */
void ht_api_free(struct ht_api *api);

/* As ht_rpc_add_methods and ht_rpc_add_topic. */
enum ht_err ht_api_add_methods(struct ht_api *api, const struct ht_rpc_method *table, size_t count,
                               void *self) HT_MUST_USE;
enum ht_err ht_api_add_topic(struct ht_api *api, const char *name, ht_rpc_getter getter,
                             void *self) HT_MUST_USE;

/* The table at /eth, of HT_RPC_ETHEREUM. Borrowed; gone with the server. */
struct ht_rpc *ht_api_ethereum(struct ht_api *api);

/* Who decides about pages of other origins and extensions at /eth, see ht_rpc_set_admit; NULL:
 * nobody, as at first, and websockets that somebody let in are closed. With it, a websocket there
 * is opened for any of them, at most HT_API_SOCKETS_KNOWN_MAX of an origin
 * (HT_API_SOCKETS_STRANGER_MAX when it has no permission, and HT_API_STRANGERS_MAX of all such
 * origins together), and admit is asked before each method, and with "eth_subscribe" before each
 * notification of a subscription. POST, and its CORS preflight (Fetch §3.2, with Private Network
 * Access), is only for pages that have a permission: HT_OK for the method NULL. */
void ht_api_set_admit(struct ht_api *api, ht_rpc_admit admit, void *self);

/* The relay whose websockets are let in at "/" too; NULL: there is none. For programs, extensions,
 * the owner's own page (is_own with a session), and pages of other origins that have a permission:
 * HT_OK of admit for the method NULL. Pages of ours may show and fetch media from its listener, if
 * it has one. Borrowed; outlived by the server or freed before the loop. */
void ht_api_set_door(struct ht_api *api, struct ht_door *door);

/* Another way to sign in than the token; NULL: none, as at first. The way and self are borrowed.
 * The methods siwe.challenge and siwe.verify, which a page without a session asks for a ticket, are
 * to be added as the others. */
void ht_api_set_sign_in(struct ht_api *api, const struct ht_sign_in_way *way, void *self);

/* Sends a notification to every websocket at /eth of an origin, as EIP-1193 wants it to learn of
 * accountsChanged and chainChanged; admit is not asked. origin is that of ht_rpc_call_origin.
 * params is taken over: an array, for accountsChanged of the addresses, for chainChanged of the
 * chain's id alone. */
void ht_api_notify_origin(struct ht_api *api, const char *origin, const char *method,
                          json_t *params);

/* The topic's value has changed: its subscribers are sent the value as it is when their sockets
 * take it, so any number of changes before that cost one push. The name must be a topic's. */
void ht_api_publish(struct ht_api *api, const char *name);

/* "http://127.0.0.1:8420/#token=…", for the owner's eyes: it opens the door. Borrowed. */
const char *ht_api_url(const struct ht_api *api);

struct ht_api_counts ht_api_counts(const struct ht_api *api);

#endif
