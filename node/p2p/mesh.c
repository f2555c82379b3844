/* The mesh as a whole: its beginning and end, what its owner sets, the bridge to gossip, timers.
 *
 * Links are mesh_link.c's, what they say of themselves mesh_state.c's, the table of peers
 * mesh_peers.c's, whom to dial mesh_dial.c's, invitations mesh_invite.c's, tokens mesh_token.c's.
 */
#include "node/p2p/mesh.h"

#include <sodium.h>
#include <stdlib.h>

#include "node/p2p/mesh_impl.h"
#include "node/p2p/mesh_invite.h"
#include "node/p2p/mesh_link.h"
#include "node/p2p/mesh_peers.h"
#include "node/p2p/mesh_tell.h"
#include "node/p2p/peer_message.h"

/* --- gossip's side --------------------------------------------------------------------------- */

static bool send_ids(struct ht_mesh_link *link, enum ht_peer_verb verb, const ht_hash32 *ids,
                     size_t count) {
    struct ht_buf text;
    ht_buf_init(&text, HT_PEER_LINK_MESSAGE_MAX);
    bool is_sent = ht_peer_link_ids(&text, verb, ids, count) == HT_OK &&
                   ht_mesh_link_send(link, ht_buf_view(&text));
    ht_buf_fini(&text);
    return is_sent;
}

static bool push(void *user, void *link, ht_bytes event_json) {
    (void)user;
    struct ht_buf text;
    ht_buf_init(&text, HT_PEER_LINK_MESSAGE_MAX);
    bool is_sent = ht_peer_link_push(&text, event_json) == HT_OK &&
                   ht_mesh_link_send(link, ht_buf_view(&text));
    ht_buf_fini(&text);
    return is_sent;
}

static bool have(void *user, void *link, const ht_hash32 *ids, size_t count) {
    (void)user;
    return send_ids(link, HT_PEER_VERB_HAVE, ids, count);
}

static bool want(void *user, void *link, const ht_hash32 *ids, size_t count) {
    (void)user;
    return send_ids(link, HT_PEER_VERB_WANT, ids, count);
}

static bool gone(void *user, void *link, const ht_hash32 *ids, size_t count) {
    (void)user;
    return send_ids(link, HT_PEER_VERB_GONE, ids, count);
}

static void give(void *user, void *link, const ht_hash32 *ids, size_t count) {
    struct ht_mesh *mesh = user;
    if (mesh->io.give != NULL) mesh->io.give(mesh->io.user, link, ids, count);
}

static void take(void *user, uint64_t serial, const struct ht_event *event) {
    struct ht_mesh *mesh = user;
    mesh->io.take(mesh->io.user, serial, event);
}

/* Gossip may be in the middle of its links: ours ends when it is done. */
static void fault(void *user, void *of, enum ht_peer_fault_kind kind, bool is_over) {
    struct ht_mesh *mesh = user;
    struct ht_mesh_link *link = of;
    if (link->peer != NULL) ht_mesh_keep(mesh, link->peer);
    if (!is_over || link->stage != HT_LINK_UP) return;
    link->stage = HT_LINK_ENDING;
    link->fault = kind;
    mesh->has_ending = true;
}

bool ht_mesh_give(struct ht_mesh_link *link, ht_bytes event_json) {
    if (link->stage != HT_LINK_UP || !push(link->mesh, link, event_json)) return false;
    ht_gossip_gave(link->gossip);
    return true;
}

bool ht_mesh_gone(struct ht_mesh_link *link, const ht_hash32 *ids, size_t count) {
    return link->stage == HT_LINK_UP && send_ids(link, HT_PEER_VERB_GONE, ids, count);
}

/* --- beginning and end ------------------------------------------------------------------------ */

enum ht_err ht_mesh_new(struct ht_mesh **out, const struct ht_mesh_options *options) {
    struct ht_mesh *mesh = calloc(1, sizeof *mesh);
    if (mesh == NULL) return HT_ENOMEM;
    mesh->clock = options->clock;
    mesh->random = options->random;
    mesh->self = options->self;
    if (mesh->self.clock == NULL) mesh->self.clock = mesh->clock;
    if (mesh->self.random == NULL) mesh->self.random = mesh->random;
    mesh->io = options->io;
    mesh->scope = options->scope;
    mesh->serves = options->serves;
    mesh->is_open = options->is_open;
    mesh->exchanges = options->exchanges;
    const struct ht_gossip_options gossip = {
        .clock = mesh->clock,
        .random = mesh->random,
        .io = {.push = push,
               .have = have,
               .want = want,
               .gone = gone,
               .give = give,
               .take = take,
               .fault = fault,
               .user = mesh},
        .scope = mesh->scope,
        .seen_max = options->seen_max,
        .budget = options->budget,
    };
    enum ht_err err = ht_gossip_new(&mesh->gossip, &gossip);
    if (err != HT_OK) {
        free(mesh);
        return err;
    }
    *out = mesh;
    return HT_OK;
}

static void free_link(struct ht_mesh_link *link) {
    if (link->gossip != NULL) ht_gossip_remove(link->gossip);
    ht_scope_free(link->scope);
    free(link->handshake);
    sodium_memzero(link->token, sizeof link->token);
    free(link);
}

void ht_mesh_free(struct ht_mesh *mesh) {
    if (mesh == NULL) return;
    while (mesh->links != NULL) {
        struct ht_mesh_link *link = mesh->links;
        mesh->links = link->next;
        free_link(link);
    }
    ht_gossip_free(mesh->gossip);
    while (mesh->peers != NULL) {
        mesh->peers->link = NULL;
        ht_mesh_peer_drop(mesh, mesh->peers);
    }
    ht_mesh_invite_free(mesh);
    free(mesh->record_json);
    free(mesh);
}

bool ht_mesh_verify(struct ht_mesh *mesh, const struct ht_event *event) {
    if (mesh->io.verify != NULL) return mesh->io.verify(mesh->io.user, event);
    return ht_event_verify(event, NULL) == HT_OK;
}

/* --- what its owner sets ---------------------------------------------------------------------- */

struct ht_gossip *ht_mesh_gossip(struct ht_mesh *mesh) {
    return mesh->gossip;
}

void ht_mesh_set_policy(struct ht_mesh *mesh, bool is_open, bool exchanges) {
    bool begins = exchanges && !mesh->exchanges;
    mesh->is_open = is_open;
    mesh->exchanges = exchanges;
    if (begins) mesh->passable++;
}

void ht_mesh_set_serves(struct ht_mesh *mesh, const char *const *serves) {
    mesh->serves = serves;
    ht_mesh_state_mark(mesh, HT_TELL_SERVES);
}

void ht_mesh_set_scope(struct ht_mesh *mesh, const struct ht_scope *scope) {
    mesh->scope = scope;
    ht_gossip_set_scope(mesh->gossip, scope);
    ht_mesh_state_mark(mesh, HT_TELL_SCOPE);
}

static enum ht_err check_own(struct ht_mesh *mesh, ht_bytes json, struct ht_why *why) {
    struct ht_arena arena;
    struct ht_event event;
    struct ht_node_record record;
    ht_arena_init(&arena, HT_EVENT_ARENA(json.n));
    enum ht_err err = ht_event_read(&event, &arena, json, why);
    if (err == HT_OK && !ht_mesh_verify(mesh, &event)) {
        err = ht_fail(why, HT_EUNVERIFIED, "event_signature", "our record's signature is wrong");
    }
    if (err == HT_OK) err = ht_node_record_read(&record, &event, ht_mesh_now_s(mesh), why);
    if (err == HT_OK && !ht_hash32_equal(&record.node, &mesh->self.node)) {
        err = ht_fail(why, HT_EINPUT, "other_node", "the record is another node's");
    }
    ht_arena_fini(&arena);
    return err;
}

enum ht_err ht_mesh_set_record(struct ht_mesh *mesh, ht_bytes event_json, struct ht_why *why) {
    char *copy = NULL;
    if (event_json.n > 0) {
        enum ht_err err = check_own(mesh, event_json, why);
        if (err != HT_OK) return err;
        copy = strndup((const char *)event_json.p, event_json.n);
        if (copy == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    free(mesh->record_json);
    mesh->record_json = copy;
    if (copy != NULL) ht_mesh_state_mark(mesh, HT_TELL_RECORD);
    return HT_OK;
}

/* --- timers ----------------------------------------------------------------------------------- */

int64_t ht_mesh_due(const struct ht_mesh *mesh) {
    if (mesh->has_ending) return 0;
    int64_t now = ht_mesh_mono(mesh);
    int64_t due = INT64_MAX;
    for (const struct ht_mesh_link *link = mesh->links; link != NULL; link = link->next) {
        int64_t at = ht_mesh_link_due(link);
        if (at < due) due = at;
    }
    int64_t wait = due == INT64_MAX ? -1 : due > now ? due - now : 0;
    int64_t expires_s = ht_mesh_invite_due_s(mesh);
    if (expires_s != INT64_MAX) {
        int64_t left = (expires_s - ht_mesh_now_s(mesh)) * 1000;
        int64_t in = left < 0 ? 0 : left < 3600000 ? left : 3600000; /* wall time may jump */
        if (wait < 0 || in < wait) wait = in;
    }
    int64_t gossip = ht_gossip_due(mesh->gossip);
    return gossip >= 0 && (wait < 0 || gossip < wait) ? gossip : wait;
}

int64_t ht_mesh_tick(struct ht_mesh *mesh) {
    (void)ht_gossip_tick(mesh->gossip);
    ht_mesh_sweep(mesh);
    int64_t now = ht_mesh_mono(mesh);
    for (struct ht_mesh_link *link = mesh->links, *next = NULL; link != NULL; link = next) {
        next = link->next;
        if (ht_mesh_link_due(link) <= now) ht_mesh_link_tick(link);
    }
    ht_mesh_invite_tick(mesh);
    ht_mesh_sweep(mesh);
    return ht_mesh_due(mesh);
}
