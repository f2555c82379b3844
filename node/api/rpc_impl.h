/* Inside the dispatch: tables, exchanges and calls. Only rpc.c and rpc_*.c include this. */
#ifndef HT_API_RPC_IMPL_H
#define HT_API_RPC_IMPL_H

#include "node/api/rpc.h"

#define HT_RPC_SUBSCRIBE "node.subscribe"
#define HT_RPC_UNSUBSCRIBE "node.unsubscribe"

struct ht_rpc_entry {
    const struct ht_rpc_method *is;
    void *self;
};

struct ht_rpc_topic {
    const char *name;
    ht_rpc_getter getter;
    void *self;
};

struct ht_rpc {
    struct ht_rpc_entry methods[HT_RPC_METHODS_MAX];
    size_t method_count;
    struct ht_rpc_topic topics[HT_RPC_TOPICS_MAX];
    unsigned topic_count;
    enum ht_rpc_dialect dialect;
    ht_rpc_admit admit; /* NULL: everybody may */
    void *admit_self;
    struct ht_rpc_exchange *exchanges;
};

struct ht_rpc_call {
    struct ht_rpc_exchange *exchange; /* NULL: nobody waits for the answer any more */
    struct ht_rpc_call *next;         /* of the exchange's */
    json_t *id;                       /* NULL: a notification */
    size_t place;
    bool wants_provenance;
    bool is_patient;
    bool has_origin;
    char origin[]; /* its own: a call may outlive its exchange, and must not become the owner's */
};

/* The reply is built in full before a byte of it is written. */
struct ht_rpc_exchange {
    struct ht_rpc_exchange *next;
    struct ht_rpc *rpc;
    struct ht_rpc_asker asker;
    json_t *replies; /* an array: one for each request, in their order; null where none is due */
    struct ht_rpc_call *open;
    enum ht_err err; /* HT_ENOMEM: the reply cannot be built */
    bool is_batch;
    bool is_starting; /* some of its requests have not been looked at */
    char origin[];    /* what asker.origin points to, when there is one */
};

/* Is the name a method's or a topic's already? */
bool ht_rpc_is_taken(const struct ht_rpc *rpc, const char *name);

#endif
