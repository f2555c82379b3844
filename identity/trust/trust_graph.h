/* The graph of trust by itself: edges and roots in, distances and paths out. Pure; one thread.
 *
 * Edges may be any: circles, several between the same two, from strangers. Time is O(edges log
 * edges). */
#ifndef HT_IDENTITY_TRUST_TRUST_GRAPH_H
#define HT_IDENTITY_TRUST_TRUST_GRAPH_H

#include "node/base/bytes.h"

struct ht_trust_edge {
    ht_addr20 from, to;
    ht_hash32 uid, schema;
    bool is_vouch; /* else it is only told */
};

struct ht_trust_node {
    ht_addr20 address;
    uint32_t distance;
    uint32_t vouches; /* nodes that vouch for it, each once */
    uint32_t by;      /* the node that led here; its own index for a root */
    ht_hash32 uid;    /* by which attestation; zero for a root */
};

struct ht_trust_web {
    struct ht_trust_node *nodes; /* nearest first */
    size_t count;
    struct ht_trust_edge *edges; /* in order of from, to, uid */
    size_t edge_count;
    uint32_t *order; /* of the nodes, by address */
    bool is_cut;     /* there were more than max */
};

/* Takes edges over (malloc'd; NULL when there are none), also on an error. HT_ENOMEM. */
enum ht_err ht_trust_web_init(struct ht_trust_web *web, struct ht_trust_edge *edges,
                              size_t edge_count, const ht_addr20 *roots, size_t root_count,
                              uint32_t depth, size_t max) HT_MUST_USE;
/* A zeroed one is fine. */
void ht_trust_web_fini(struct ht_trust_web *web);

/* NULL when it is not there. */
const struct ht_trust_node *ht_trust_web_find(const struct ht_trust_web *web,
                                              const ht_addr20 *address);
/* Whether both say the same of everybody. */
bool ht_trust_web_equal(const struct ht_trust_web *a, const struct ht_trust_web *b);

#endif
