/* The web of trust from the inside: what trust.c and trust_methods.c share. */
#ifndef HT_IDENTITY_TRUST_TRUST_IMPL_H
#define HT_IDENTITY_TRUST_TRUST_IMPL_H

#include "identity/trust/trust.h"
#include "identity/trust/trust_graph.h"
#include "identity/trust/trust_names.h"

struct ht_trust_graph {
    struct ht_identity *identity;
    struct ht_trust offered;
    struct ht_trust_web web;
    struct ht_trust_names *names;
    ht_hash32 schemas[HT_TRUST_SCHEMAS_MAX];
    size_t schema_count;
    uint64_t changes;
    int64_t made_ms; /* monotonic; when the web was made */
    struct ht_timer timer;
    bool is_made, is_set, is_quitting;
};

/* Soon, once for many calls. */
void ht_trust_make_soon(struct ht_identity *identity);
/* The nearest of a key's accounts, NULL without; *is_owner: it is the key that posts here. */
const struct ht_trust_node *ht_trust_node_of_key(const struct ht_identity *identity,
                                                 const ht_hash32 *pubkey, bool *is_owner);

#endif
