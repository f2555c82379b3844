/* The web of trust: made of attestations and links, offered to other modules. */
#include "identity/trust/trust.h"

#include <stdlib.h>

#include "identity/attest/attest.h"
#include "identity/eas/attestation.h"
#include "identity/keys/accounts.h"
#include "identity/trust/link.h"
#include "identity/trust/trust_attested.h"
#include "identity/trust/trust_impl.h"
#include "identity/trust/trust_names.h"
#include "identity/trust/trust_sql.h"
#include "node/base/log.h"

#define MAKE_MS 50
#define EXPIRY_MS 60000
#define ROOTS_MAX 512U
#define NAMED_STRANGERS_MAX 512U

static bool same_address(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static const struct ht_feed *feed_of(const struct ht_identity *identity) {
    return identity->host->feed != NULL ? identity->host->feed(identity->host) : NULL;
}

static bool read_owner(ht_hash32 *out, const struct ht_identity *identity) {
    const struct ht_feed *feed = feed_of(identity);
    return feed != NULL && feed->owner(feed->self, out);
}

bool ht_trust_is_vouching(const struct ht_identity *identity, const ht_hash32 *schema) {
    const struct ht_trust_graph *trust = identity->trust;
    for (size_t i = 0; i < trust->schema_count; i++) {
        if (ht_hash32_equal(&trust->schemas[i], schema)) return true;
    }
    return false;
}

bool ht_trust_knows(const struct ht_identity *identity, const ht_addr20 *address) {
    return ht_trust_web_find(&identity->trust->web, address) != NULL;
}

/* --- making ----------------------------------------------------------------------------------- */

struct making {
    const struct ht_identity *identity;
    struct ht_trust_edge *edges;
    size_t count, room;
};

/* A false or a zero vouches for nobody. */
static bool says_yes(ht_bytes data) {
    static const uint8_t zero[32];
    return data.n < sizeof zero || memcmp(data.p, zero, sizeof zero) != 0;
}

static void visit(void *user, const struct ht_attest_edge *edge) {
    static const ht_addr20 nobody;
    struct making *making = user;
    if (!edge->is_valid || making->count == making->room) return;
    if (same_address(&edge->recipient, &nobody) || same_address(&edge->recipient, &edge->attester))
        return;
    making->edges[making->count++] = (struct ht_trust_edge){
        .from = edge->attester,
        .to = edge->recipient,
        .uid = edge->uid,
        .schema = edge->schema,
        .is_vouch = ht_trust_is_vouching(making->identity, &edge->schema) && says_yes(edge->data)};
}

/* Watched accounts are others'. */
static size_t read_roots(ht_addr20 out[static ROOTS_MAX], const struct ht_identity *identity) {
    size_t count = 0;
    ht_hash32 owner;
    for (size_t i = 0; i < ht_accounts_count(identity) && count < ROOTS_MAX; i++) {
        const struct ht_account_info *account = ht_accounts_at(identity, i);
        if (account->kind != HT_ACCOUNT_WATCH) out[count++] = account->address;
    }
    if (!read_owner(&owner, identity)) return count;
    for (size_t i = 0; i < ht_id_links_count(identity) && count < ROOTS_MAX; i++) {
        const struct ht_id_link *link = ht_id_links_at(identity, i);
        if (link->leads && ht_hash32_equal(&link->claim.pubkey, &owner))
            out[count++] = link->claim.address;
    }
    return count;
}

/* Their keys are seen in the feeds: those of the circle, and else at most NAMED_STRANGERS_MAX. */
static size_t want_linked(struct ht_trust_wanted *list, size_t count,
                          const struct ht_identity *identity, bool is_of_circle) {
    size_t taken = 0, max = is_of_circle ? HT_TRUST_NAMES_MAX : NAMED_STRANGERS_MAX;
    for (size_t i = 0; i < ht_id_links_count(identity); i++) {
        const struct ht_id_link *link = ht_id_links_at(identity, i);
        if (count == HT_TRUST_NAMES_MAX || taken == max) break;
        if (!link->leads || ht_trust_knows(identity, &link->claim.address) != is_of_circle)
            continue;
        list[count++] = (struct ht_trust_wanted){link->claim.address, link->event_id};
        taken++;
    }
    return count;
}

static void want_names(const struct ht_identity *identity) {
    const struct ht_trust_web *web = &identity->trust->web;
    struct ht_trust_wanted *list = calloc(HT_TRUST_NAMES_MAX, sizeof *list);
    if (list == NULL) return;
    size_t count = want_linked(list, 0, identity, true);
    count = want_linked(list, count, identity, false);
    for (size_t i = 0; i < web->count && count < HT_TRUST_NAMES_MAX; i++)
        list[count++] = (struct ht_trust_wanted){.address = web->nodes[i].address};
    ht_trust_names_want(identity->trust->names, list, count);
    free(list);
}

static void tell(void *user) {
    struct ht_identity *identity = user;
    identity->trust->changes++;
    identity->host->publish(identity->host, "trust.changed");
}

static void make(struct ht_identity *identity) {
    struct ht_trust_graph *trust = identity->trust;
    ht_addr20 roots[ROOTS_MAX];
    struct ht_trust_web web;
    struct making making = {.identity = identity, .room = HT_ATTEST_MAX};
    trust->made_ms = ht_mono_ms(identity->host->clock);
    trust->is_made = true;
    making.edges = malloc(making.room * sizeof *making.edges);
    if (making.edges == NULL) return;
    if (identity->attest != NULL) ht_attest_each(identity, visit, &making);
    size_t count = read_roots(roots, identity);
    if (ht_trust_web_init(&web, making.edges, making.count, roots, count, HT_TRUST_DEPTH,
                          HT_TRUST_NODES_MAX) != HT_OK)
        return;
    bool is_same = ht_trust_web_equal(&trust->web, &web);
    if (web.is_cut) ht_log(HT_LOG_WARN, "trust", "only the nearest accounts are looked at");
    ht_trust_web_fini(&trust->web);
    trust->web = web;
    want_names(identity);
    if (!is_same) tell(identity);
}

static void fire(struct ht_timer *timer) {
    struct ht_trust_graph *trust =
        (struct ht_trust_graph *)(void *)((char *)timer - offsetof(struct ht_trust_graph, timer));
    trust->is_set = false;
    if (!trust->is_quitting) make(trust->identity);
}

void ht_trust_make_soon(struct ht_identity *identity) {
    struct ht_trust_graph *trust = identity->trust;
    if (trust->is_quitting || trust->is_set) return;
    trust->is_set = true;
    ht_timer_set(identity->host->loop, &trust->timer, MAKE_MS, fire);
}

void ht_trust_on_topic(struct ht_identity *identity, const char *topic) {
    struct ht_trust_graph *trust = identity->trust;
    if (trust == NULL) return;
    if (!trust->is_made || strcmp(topic, "attest.changed") == 0 ||
        strcmp(topic, "wallet.accounts") == 0 || strcmp(topic, "social.me") == 0) {
        ht_trust_make_soon(identity);
    } else if (strcmp(topic, "link.changed") == 0) {
        /* Keys of the circle may be others now, even when its accounts are the same. */
        trust->changes++;
        if (!trust->is_quitting) identity->host->publish(identity->host, "trust.changed");
        ht_trust_make_soon(identity);
    } else if (strcmp(topic, "l1.slots") == 0 &&
               ht_mono_ms(identity->host->clock) - trust->made_ms > EXPIRY_MS) {
        ht_trust_make_soon(identity);
    }
}

/* --- offered ---------------------------------------------------------------------------------- */

const struct ht_trust_node *ht_trust_node_of_key(const struct ht_identity *identity,
                                                 const ht_hash32 *pubkey, bool *is_owner) {
    const struct ht_trust_node *best = NULL;
    ht_hash32 owner;
    *is_owner = read_owner(&owner, identity) && ht_hash32_equal(&owner, pubkey);
    for (size_t i = 0; i < ht_id_links_count(identity); i++) {
        const struct ht_id_link *link = ht_id_links_at(identity, i);
        if (!link->leads || !ht_hash32_equal(&link->claim.pubkey, pubkey)) continue;
        const struct ht_trust_node *node =
            ht_trust_web_find(&identity->trust->web, &link->claim.address);
        if (node != NULL && (best == NULL || node->distance < best->distance)) best = node;
    }
    return best;
}

static void fill(struct ht_trust_person *out, const struct ht_trust_node *node) {
    if (node == NULL) return;
    out->distance = node->distance;
    out->vouches = node->vouches;
}

static void fill_name(struct ht_trust_person *out, const struct ht_identity *identity) {
    _Static_assert(sizeof out->name == HT_TRUST_NAME_MAX + 1, "a name fits");
    const struct ht_trust_named *named = ht_trust_name_of(identity->trust->names, &out->address);
    if (named != NULL) memcpy(out->name, named->name, sizeof out->name);
}

static bool person(void *self, const ht_hash32 *pubkey, struct ht_trust_person *out) {
    const struct ht_identity *identity = self;
    bool is_owner;
    const struct ht_trust_node *node = ht_trust_node_of_key(identity, pubkey, &is_owner);
    const struct ht_id_link *link = ht_id_link_of_key(identity, pubkey);
    *out = (struct ht_trust_person){.distance = is_owner ? 0 : HT_TRUST_FAR};
    fill(out, node);
    if (is_owner) out->distance = 0;
    if (link != NULL) {
        out->has_address = true;
        out->address = node != NULL ? node->address : link->claim.address;
        fill_name(out, identity);
    }
    return link != NULL || is_owner;
}

static bool address_of(void *self, const ht_addr20 *address, struct ht_trust_person *out) {
    const struct ht_identity *identity = self;
    const struct ht_trust_node *node = ht_trust_web_find(&identity->trust->web, address);
    *out = (struct ht_trust_person){
        .has_address = true, .address = *address, .distance = HT_TRUST_FAR};
    fill(out, node);
    fill_name(out, identity);
    return node != NULL || ht_id_link_of_address(identity, address) != NULL;
}

static size_t circle(void *self, unsigned distance, ht_hash32 *out, size_t max) {
    const struct ht_identity *identity = self;
    size_t count = 0;
    for (size_t i = 0; i < ht_id_links_count(identity); i++) {
        const struct ht_id_link *link = ht_id_links_at(identity, i);
        if (!link->leads) continue;
        const struct ht_trust_node *node =
            ht_trust_web_find(&identity->trust->web, &link->claim.address);
        if (node == NULL || node->distance > distance) continue;
        if (count < max) out[count] = link->claim.pubkey;
        count++;
    }
    return count;
}

/* --- begin and end ---------------------------------------------------------------------------- */

enum ht_err ht_trust_new(struct ht_identity *identity, sqlite3 *db, struct ht_why *why) {
    struct ht_trust_graph *trust = calloc(1, sizeof *trust);
    if (trust == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    trust->identity = identity;
    trust->offered = (struct ht_trust){
        .person = person, .address = address_of, .circle = circle, .self = identity};
    ht_trust_attested_set(&trust->offered);
    identity->trust = trust;
    enum ht_err err = ht_trust_names_new(&trust->names, identity->host, tell, identity, why);
    if (err == HT_OK) err = ht_trust_sql_load(db, trust->schemas, &trust->schema_count, why);
    if (err != HT_OK) return err;
    if (trust->schema_count == 0) {
        static const ht_addr20 no_resolver;
        ht_eas_schema_uid(&trust->schemas[0], ht_bytes_str(HT_TRUST_SCHEMA), &no_resolver, true);
        trust->schema_count = 1;
    }
    if (identity->host->offer_trust != NULL)
        identity->host->offer_trust(identity->host, &trust->offered);
    return HT_OK;
}

void ht_trust_quit(struct ht_identity *identity) {
    struct ht_trust_graph *trust = identity->trust;
    if (trust == NULL || trust->is_quitting) return;
    trust->is_quitting = true;
    ht_timer_cancel(&trust->timer);
    ht_trust_names_quit(trust->names);
}

void ht_trust_free(struct ht_identity *identity) {
    struct ht_trust_graph *trust = identity->trust;
    ht_trust_quit(identity);
    if (identity->host->offer_trust != NULL) identity->host->offer_trust(identity->host, NULL);
    ht_trust_names_free(trust->names);
    ht_trust_web_fini(&trust->web);
    free(trust);
    identity->trust = NULL;
}
