/* Breadth first over sorted edges. Who is a node already is found in a tree that is kept by order
 * of address while it grows; there are no hashes that a stranger could make collide. */
#include "identity/trust/trust_graph.h"

#include <stdlib.h>

static int compare_addresses(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b);
}

static int compare_edges(const void *a, const void *b) {
    const struct ht_trust_edge *x = a, *y = b;
    int order = compare_addresses(&x->from, &y->from);
    if (order == 0) order = compare_addresses(&x->to, &y->to);
    return order != 0 ? order : memcmp(x->uid.b, y->uid.b, sizeof x->uid.b);
}

/* Where in the order the address is, or would be. */
static size_t place_of(const struct ht_trust_web *web, const ht_addr20 *address) {
    size_t low = 0, high = web->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_addresses(&web->nodes[web->order[middle]].address, address) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct ht_trust_node *find(const struct ht_trust_web *web, const ht_addr20 *address) {
    size_t place = place_of(web, address);
    if (place == web->count) return NULL;
    struct ht_trust_node *node = &web->nodes[web->order[place]];
    return compare_addresses(&node->address, address) == 0 ? node : NULL;
}

const struct ht_trust_node *ht_trust_web_find(const struct ht_trust_web *web,
                                              const ht_addr20 *address) {
    return find(web, address);
}

static void add(struct ht_trust_web *web, const struct ht_trust_node *node, size_t max) {
    size_t place = place_of(web, &node->address);
    bool is_there = place < web->count &&
                    compare_addresses(&web->nodes[web->order[place]].address, &node->address) == 0;
    if (is_there) return;
    if (web->count == max) {
        web->is_cut = true;
        return;
    }
    memmove(web->order + place + 1, web->order + place, (web->count - place) * sizeof *web->order);
    web->order[place] = (uint32_t)web->count;
    web->nodes[web->count++] = *node;
}

/* The first edge that begins there. */
static size_t first_of(const struct ht_trust_web *web, const ht_addr20 *from) {
    size_t low = 0, high = web->edge_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_addresses(&web->edges[middle].from, from) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void walk(struct ht_trust_web *web, uint32_t depth, size_t max) {
    for (size_t i = 0; i < web->count && web->nodes[i].distance < depth; i++) {
        const ht_addr20 from = web->nodes[i].address;
        for (size_t e = first_of(web, &from); e < web->edge_count; e++) {
            const struct ht_trust_edge *edge = &web->edges[e];
            if (compare_addresses(&edge->from, &from) != 0) break;
            if (!edge->is_vouch) continue;
            const struct ht_trust_node node = {.address = edge->to,
                                               .distance = web->nodes[i].distance + 1,
                                               .by = (uint32_t)i,
                                               .uid = edge->uid};
            add(web, &node, max);
        }
    }
}

static void count_vouches(struct ht_trust_web *web) {
    const struct ht_trust_edge *last = NULL;
    for (size_t e = 0; e < web->edge_count; e++) {
        const struct ht_trust_edge *edge = &web->edges[e];
        if (!edge->is_vouch) continue;
        bool is_again = last != NULL && compare_addresses(&last->from, &edge->from) == 0 &&
                        compare_addresses(&last->to, &edge->to) == 0;
        last = edge;
        if (is_again || compare_addresses(&edge->from, &edge->to) == 0) continue;
        struct ht_trust_node *to = find(web, &edge->to);
        if (to != NULL && find(web, &edge->from) != NULL) to->vouches++;
    }
}

enum ht_err ht_trust_web_init(struct ht_trust_web *web, struct ht_trust_edge *edges,
                              size_t edge_count, const ht_addr20 *roots, size_t root_count,
                              uint32_t depth, size_t max) {
    size_t room = root_count + edge_count < max ? root_count + edge_count : max;
    *web = (struct ht_trust_web){.edges = edges, .edge_count = edge_count};
    web->nodes = calloc(room + 1, sizeof *web->nodes);
    web->order = calloc(room + 1, sizeof *web->order);
    if (web->nodes == NULL || web->order == NULL) {
        ht_trust_web_fini(web);
        return HT_ENOMEM;
    }
    if (edge_count > 0) qsort(edges, edge_count, sizeof *edges, compare_edges);
    for (size_t i = 0; i < root_count; i++) {
        const struct ht_trust_node root = {.address = roots[i], .by = (uint32_t)web->count};
        add(web, &root, max);
    }
    walk(web, depth, max);
    count_vouches(web);
    return HT_OK;
}

void ht_trust_web_fini(struct ht_trust_web *web) {
    free(web->nodes);
    free(web->edges);
    free(web->order);
    *web = (struct ht_trust_web){0};
}

bool ht_trust_web_equal(const struct ht_trust_web *a, const struct ht_trust_web *b) {
    if (a->count != b->count || a->edge_count != b->edge_count) return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct ht_trust_node *x = &a->nodes[i], *y = &b->nodes[i];
        if (compare_addresses(&x->address, &y->address) != 0 || x->distance != y->distance ||
            x->vouches != y->vouches || x->by != y->by || !ht_hash32_equal(&x->uid, &y->uid))
            return false;
    }
    for (size_t i = 0; i < a->edge_count; i++) {
        if (compare_edges(&a->edges[i], &b->edges[i]) != 0) return false;
        if (a->edges[i].is_vouch != b->edges[i].is_vouch) return false;
    }
    return true;
}
