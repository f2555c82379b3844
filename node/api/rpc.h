/* JSON-RPC 2.0 dispatch: a table of methods and topics, bytes in, bytes out. No sockets.
 *
 * Methods are named "module.verb". A topic is a named value with a getter: it is also a method of
 * the same name, and a peer on a websocket can subscribe to it (`node.subscribe {"topics":[…]}`,
 * `node.unsubscribe`) and is then sent {"jsonrpc":"2.0","method":"push","params":{"topic","value"}}
 * after each change. Results and topic values are always JSON objects.
 *
 * A method answers at once, or it is given the call and answers when it can. A message and its
 * reply are an exchange, which is over when each of its requests is answered; the door that started
 * one can give it up, and the method's late answer then goes nowhere.
 *
 * The same dispatch serves Ethereum's methods (HT_RPC_ETHEREUM, EIP-1474): results are any JSON
 * value there, and there are no topics. Who asks there may be a page of another origin; what such a
 * page may ask is decided by whoever ht_rpc_set_admit names.
 *
 * A request there may have the member `"provenance": true`, an extension of ours: then the reply
 * has a sibling of `result`, `provenance`, that says what the result is proven by (DESIGN.md
 * section 7). What a provider said and nobody proved has it without being asked.
 *
 * Errors carry `data.code`, the stable word of the reason, and `data.kind`, the name of the error
 * kind; `code` is JSON-RPC's number where it has one, EIP-1474's for the rest, and -32010
 * (unverified) and -32011 (denied) of the range that both leave free.
 *
 * Everything here belongs to one thread, the loop's. */
#ifndef HT_API_RPC_H
#define HT_API_RPC_H

#include <jansson.h>

#include "node/base/bytes.h"

#define HT_RPC_REQUEST_MAX ((size_t)256 * 1024)
#define HT_RPC_REPLY_MAX ((size_t)1024 * 1024)
/* The same of HT_RPC_ETHEREUM: signed transactions come in, whole blocks and logs go out. */
#define HT_RPC_ETHEREUM_REQUEST_MAX ((size_t)2 * 1024 * 1024)
#define HT_RPC_ETHEREUM_REPLY_MAX ((size_t)24 * 1024 * 1024)
#define HT_RPC_BATCH_MAX 100U
#define HT_RPC_TOPICS_MAX 64U
#define HT_RPC_METHODS_MAX 512U
#define HT_RPC_ID_LEN_MAX 128U
#define HT_RPC_ORIGIN_LEN_MAX 255U

/* Code of the reason for what a table knows and cannot prove yet: -32004 (EIP-1474). */
#define HT_RPC_NOT_PROVEN "not_proven_yet"

/* A request that a method answers later. Each is ended exactly once, by one of the ht_rpc_finish
 * and ht_rpc_refuse functions, in any order and even after ht_rpc_free. */
struct ht_rpc_call;

/* One method: fn answers at once, start later; exactly one of them is there. params is never NULL:
 * an object or array as sent, or an empty object when the request has none; it lives until the
 * function returns. A reason goes to the caller as it is, so it must not hold a secret. */
struct ht_rpc_method {
    const char *name;
    /* On success *result is a new reference. */
    enum ht_err (*fn)(void *self, json_t **result, const json_t *params, struct ht_why *why);
    /* Ends call, perhaps before it returns. */
    void (*start)(void *self, struct ht_rpc_call *call, const json_t *params);
    /* It waits for a person: the door gives it more time than a machine has. Only with start. */
    bool is_patient;
};

/* Ends a call with a result, which is taken over. */
void ht_rpc_finish(struct ht_rpc_call *call, json_t *result);
/* The same with its provenance, taken over too; left out when it is NULL or was not asked for, so
 * it need only be made when ht_rpc_call_wants_provenance. */
void ht_rpc_finish_proven(struct ht_rpc_call *call, json_t *result, json_t *provenance);
/* The same for a result that nobody proved: the provenance is written in any case. NULL, which
 * stands for no memory, ends the call with an error. */
void ht_rpc_finish_unproven(struct ht_rpc_call *call, json_t *result, json_t *provenance);
/* Does anybody still wait for the answer? For long work that can be given up. */
bool ht_rpc_call_is_awaited(const struct ht_rpc_call *call);
/* False also when nobody waits for the answer any more. */
bool ht_rpc_call_wants_provenance(const struct ht_rpc_call *call);

/* The page or program that asks. NULL: the owner's own page, or the owner's unix socket; "": a
 * program that names none; else an origin as the browser sent it, at most HT_RPC_ORIGIN_LEN_MAX
 * bytes. Good until the call is ended, also when nobody waits for the answer any more. */
const char *ht_rpc_call_origin(const struct ht_rpc_call *call);

/* Ends a call with an error; why may be NULL. */
void ht_rpc_refuse(struct ht_rpc_call *call, enum ht_err err, const struct ht_why *why);

/* An error with more to it. */
struct ht_rpc_refusal {
    enum ht_err err;
    const struct ht_why *why;
    int number;          /* of the error; 0: the one that fits err */
    const char *message; /* instead of the text of why, without its bound; NULL: that text */
    /* Taken over; an object's members join those of `data`, anything else (the bytes of a revert)
     * stands in its place; NULL: none. */
    json_t *data;
};
void ht_rpc_refuse_with(struct ht_rpc_call *call, const struct ht_rpc_refusal *refusal);

/* The value of a topic now: on success *value is a new reference to an object. */
typedef enum ht_err (*ht_rpc_getter)(void *self, json_t **value, struct ht_why *why);

struct ht_rpc_watch;

/* One websocket: what it has subscribed to (bit i stands for topic i), and how it is sent to.
 * Zeroed at first, but for room and send. */
struct ht_rpc_peer {
    uint64_t subscribed;
    uint64_t dirty; /* subscribed, changed, and not yet pushed */
    struct ht_rpc_watch *watches;
    size_t room;      /* bytes left free in front of a text */
    size_t bytes_max; /* of a text behind its room */
    /* Sends a text, which is taken over. HT_ELIMIT when too many wait, HT_ENOMEM: it is closed
     * then, perhaps before this returns. NULL: nothing can be sent to it. */
    enum ht_err (*send)(struct ht_rpc_peer *peer, struct ht_buf *text);
};

/* Somebody who wants to know when a peer is gone; the peer is not to be used any more then. */
struct ht_rpc_watch {
    void (*on_gone)(struct ht_rpc_watch *watch);
    struct ht_rpc_watch *next; /* the peer's own */
};

/* Who sent the call, when it can be sent to; NULL over HTTP and when it is gone. */
struct ht_rpc_peer *ht_rpc_call_peer(const struct ht_rpc_call *call);
/* watch is the caller's until on_gone is called, once, or it is taken back. */
void ht_rpc_watch(struct ht_rpc_peer *peer, struct ht_rpc_watch *watch);
void ht_rpc_unwatch(struct ht_rpc_peer *peer, struct ht_rpc_watch *watch);
/* Sends a notification {"jsonrpc","method","params"}; params is taken over. Errors as send, and
 * HT_ENOMEM when params is NULL, HT_EDENIED when nothing can be sent; on_gone may have been called
 * before this returns. */
enum ht_err ht_rpc_notify(struct ht_rpc_peer *peer, const char *method, json_t *params) HT_MUST_USE;
/* Makes the text of a notification behind room bytes, with at most bytes_max of its own; params is
 * taken over. HT_ENOMEM, also when params is NULL; HT_ELIMIT; *text is not written then. */
enum ht_err ht_rpc_write_notification(struct ht_buf *text, size_t room, size_t bytes_max,
                                      const char *method, json_t *params) HT_MUST_USE;
/* For the door: the peer is going. Calls what watches it. */
void ht_rpc_peer_gone(struct ht_rpc_peer *peer);

struct ht_rpc;

/* A message on its way to its reply. */
struct ht_rpc_exchange;

enum ht_rpc_dialect { HT_RPC_OWN, HT_RPC_ETHEREUM };

/* Who sent a message, and where its reply goes. */
struct ht_rpc_asker {
    struct ht_rpc_peer *peer; /* NULL where nothing can be pushed; outlives the exchange */
    const char *origin;       /* as ht_rpc_call_origin says; copied */
    bool may_wait;            /* false: what would be answered later is HT_EAGAIN too_many_calls */
    size_t room;              /* bytes left free in front of the reply */
    /* The reply, behind its room, or a text of no bytes when none is due; it may be moved out of
     * text. HT_ENOMEM and HT_ELIMIT (not even room for an error): there is none. */
    void (*on_reply)(void *user, enum ht_err err, struct ht_buf *text);
    void *user;
};

/* HT_ENOMEM. */
enum ht_err ht_rpc_new(struct ht_rpc **out, enum ht_rpc_dialect dialect) HT_MUST_USE;
/* Abandons what is under way. Not from within a method. */
void ht_rpc_free(struct ht_rpc *rpc);

/* Whether a page of that origin may call that method: HT_OK, or an error whose reason the page is
 * told. method NULL: whether it has any permission at all. why may be NULL. */
typedef enum ht_err (*ht_rpc_admit)(void *self, const char *origin, const char *method,
                                    struct ht_why *why);

/* For HT_RPC_ETHEREUM: admit is asked before each method, also before one that does not exist, when
 * the asker's origin is neither NULL nor "". What it refuses is answered with EIP-1193's 4100
 * (unauthorized), with the message and data.code of its reason. NULL: everybody may. */
void ht_rpc_set_admit(struct ht_rpc *rpc, ht_rpc_admit admit, void *self);

/* Adds count methods of a table that outlives rpc; self is passed to each. HT_EBUG when a name is
 * taken, HT_ELIMIT past HT_RPC_METHODS_MAX, HT_ENOMEM; none of them is added then. */
enum ht_err ht_rpc_add_methods(struct ht_rpc *rpc, const struct ht_rpc_method *table, size_t count,
                               void *self) HT_MUST_USE;

/* Adds a topic; name outlives rpc. Errors as above, with HT_RPC_TOPICS_MAX. */
enum ht_err ht_rpc_add_topic(struct ht_rpc *rpc, const char *name, ht_rpc_getter getter,
                             void *self) HT_MUST_USE;

/* The number of a topic; HT_ENOTFOUND. */
enum ht_err ht_rpc_find_topic(const struct ht_rpc *rpc, unsigned *topic,
                              const char *name) HT_MUST_USE;

/* Answers one message: a request, a notification or a batch of at most HT_RPC_BATCH_MAX of them,
 * HT_RPC_REQUEST_MAX bytes in all (HT_RPC_ETHEREUM_REQUEST_MAX). on_reply is called exactly once
 * unless the exchange is abandoned. Whatever is wrong with the message is told in the reply; a
 * reply over HT_RPC_REPLY_MAX (HT_RPC_ETHEREUM_REPLY_MAX) bytes is replaced by an error that says
 * so. Returns NULL when on_reply has been called already, else the exchange, which lives until
 * on_reply is called or it is abandoned. */
struct ht_rpc_exchange *ht_rpc_handle(struct ht_rpc *rpc, const struct ht_rpc_asker *asker,
                                      ht_bytes message) HT_MUST_USE;

/* Does a patient method of it still work? */
bool ht_rpc_is_patient(const struct ht_rpc_exchange *exchange);

/* Nobody waits for the reply any more: on_reply is not called. */
void ht_rpc_abandon(struct ht_rpc_exchange *exchange);

/* Answers what is not answered yet with HT_EAGAIN timeout; on_reply is called before this returns.
 */
void ht_rpc_expire(struct ht_rpc_exchange *exchange);

/* Appends the push of a topic's value now. Errors of the getter, HT_ELIMIT, HT_ENOMEM, HT_EBUG for
 * a value that is no object; nothing is appended then. */
enum ht_err ht_rpc_push(const struct ht_rpc *rpc, struct ht_buf *out, unsigned topic,
                        struct ht_why *why) HT_MUST_USE;

#endif
