/* A link from the first word to the last: handshake, binding to its peer, messages, faults, end.
 *
 * What STATE says is mesh_state.c's. A link's memory is freed by ht_mesh_link_closed alone, so that
 * nothing here has to fear for it after a callback. */
#include "node/p2p/mesh_link.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/p2p/mesh_dial.h"
#include "node/p2p/mesh_end.h"
#include "node/p2p/mesh_shake.h"
#include "node/p2p/mesh_state.h"
#include "node/p2p/mesh_tell.h"
#include "node/p2p/mesh_token.h"
#include "node/p2p/peer_message.h"

void ht_mesh_link_list(struct ht_mesh_link *link) {
    struct ht_mesh *mesh = link->mesh;
    link->next = mesh->links;
    link->previous = NULL;
    if (mesh->links != NULL) mesh->links->previous = link;
    mesh->links = link;
    mesh->link_count++;
}

static void unlist(struct ht_mesh_link *link) {
    struct ht_mesh *mesh = link->mesh;
    if (link->previous == NULL && mesh->links != link) return;
    if (link->previous != NULL) link->previous->next = link->next;
    if (link->next != NULL) link->next->previous = link->previous;
    if (mesh->links == link) mesh->links = link->next;
    link->next = link->previous = NULL;
    mesh->link_count--;
}

void ht_mesh_link_enter(struct ht_mesh_link *link, enum ht_mesh_stage stage) {
    link->stage = stage;
    link->since_ms = ht_mesh_mono(link->mesh);
}

bool ht_mesh_link_send(struct ht_mesh_link *link, ht_bytes text) {
    if (link->stage == HT_LINK_OVER || link->stage == HT_LINK_ENDING) return false;
    struct ht_mesh *mesh = link->mesh;
    if (!mesh->io.send(mesh->io.user, link->transport, text)) return false;
    if (link->peer != NULL) link->peer->bytes_out += text.n;
    return true;
}

static void say_bye(struct ht_mesh_link *link, const char *code, const char *text) {
    struct ht_buf out;
    ht_buf_init(&out, HT_PEER_LINK_MESSAGE_MAX);
    if (ht_peer_link_bye(&out, code, text) == HT_OK) {
        (void)link->mesh->io.send(link->mesh->io.user, link->transport, ht_buf_view(&out));
    }
    ht_buf_fini(&out);
}

/* Takes the link from its peer, from gossip, and what was kept for the way there. */
static void loosen(struct ht_mesh_link *link) {
    struct ht_mesh *mesh = link->mesh;
    struct ht_mesh_peer *peer = link->peer;
    bool was_up = link->gossip != NULL;
    if (was_up) ht_gossip_remove(link->gossip);
    link->gossip = NULL;
    link->peer = NULL;
    free(link->handshake);
    link->handshake = NULL;
    sodium_memzero(link->token, sizeof link->token);
    if (peer == NULL) return;
    if (link->is_stranger) mesh->stranger_count--;
    peer->link = NULL;
    peer->seen_s = ht_mesh_now_s(mesh);
    ht_mesh_token_rest(mesh, peer);
    ht_mesh_wait(mesh, peer, !link->is_settled);
    if (was_up && mesh->io.changed != NULL) mesh->io.changed(mesh->io.user, peer, false);
    ht_mesh_keep(mesh, peer);
}

struct ht_mesh_peer *ht_mesh_link_meant(struct ht_mesh_link *link) {
    if (link->peer != NULL) return link->peer;
    if (!link->is_dialler || !link->has_expected || link->stage == HT_LINK_OVER) return NULL;
    return ht_mesh_find(link->mesh, &link->expected);
}

/* An attempt that came to nothing before it was anybody's. */
static void note_end(struct ht_mesh_link *link, const char *code, const char *text) {
    struct ht_mesh_peer *peer = ht_mesh_link_meant(link);
    if (peer == NULL || strcmp(code, "duplicate") == 0) return;
    if (peer->link != NULL && peer->link != link) return;
    ht_mesh_ended(peer, code, text);
    if (link->peer != NULL) return;
    ht_mesh_wait(link->mesh, peer, true);
    ht_mesh_keep(link->mesh, peer);
}

static void hang_up(struct ht_mesh_link *link, const char *code, const char *text) {
    note_end(link, code, text);
    link->stage = HT_LINK_OVER;
    loosen(link);
    unlist(link);
    link->mesh->io.hang_up(link->mesh->io.user, link->transport, code, text);
}

void ht_mesh_link_end(struct ht_mesh_link *link, const char *code, const char *text) {
    if (link->stage == HT_LINK_OVER) return;
    say_bye(link, code, text);
    hang_up(link, code, text);
}

void ht_mesh_link_left(struct ht_mesh_link *link, const char *code, const char *text) {
    if (link->is_dialler) {
        hang_up(link, code, text);
        return;
    }
    note_end(link, code, text);
    loosen(link);
    unlist(link);
    ht_mesh_link_enter(link, HT_LINK_REFUSED);
}

void ht_mesh_link_refuse(struct ht_mesh_link *link, const char *code, const char *text) {
    if (link->is_dialler) {
        ht_mesh_link_end(link, code, text);
        return;
    }
    say_bye(link, code, text);
    ht_mesh_link_left(link, code, text);
}

bool ht_mesh_link_blame(struct ht_mesh_link *link, enum ht_peer_fault_kind kind, const char *what) {
    struct ht_mesh *mesh = link->mesh;
    if (link->peer == NULL) return false;
    bool is_over = ht_peer_score_fault(&link->peer->score, kind, what, ht_wall_ms(mesh->clock));
    ht_mesh_keep(mesh, link->peer);
    if (is_over) ht_mesh_link_end(link, ht_peer_fault_name(kind), what);
    return is_over;
}

void ht_mesh_sweep(struct ht_mesh *mesh) {
    while (mesh->has_ending) {
        mesh->has_ending = false;
        for (struct ht_mesh_link *link = mesh->links, *next = NULL; link != NULL; link = next) {
            next = link->next;
            if (link->stage != HT_LINK_ENDING) continue;
            ht_mesh_link_end(link, ht_peer_fault_name(link->fault), "a fault too much");
        }
    }
}

/* --- from proven to up ------------------------------------------------------------------------ */

/* Of two links that were dialled by one node the newer stays, since the older is likely dead; of
 * two others the one that the smaller node key dialled. Both sides come to the same. */
static bool is_better(const struct ht_mesh_link *link, const struct ht_mesh_link *other) {
    if (link->is_dialler == other->is_dialler) return true;
    const struct ht_mesh *mesh = link->mesh;
    bool we_are_smaller = memcmp(mesh->self.node.b, link->node.b, sizeof link->node.b) < 0;
    return link->is_dialler == we_are_smaller;
}

bool ht_mesh_link_bind(struct ht_mesh_link *link, struct ht_mesh_peer *peer) {
    struct ht_mesh *mesh = link->mesh;
    if (peer->link != NULL && !is_better(link, peer->link)) {
        ht_mesh_link_end(link, "duplicate", "there is another link between us");
        return false;
    }
    if (peer->link != NULL) {
        peer->link->is_settled = true; /* no failure */
        ht_mesh_link_end(peer->link, "duplicate", "there is another link between us");
    }
    peer->link = link;
    peer->seen_s = ht_mesh_now_s(mesh);
    ht_mesh_box_of(peer)->dialling_ms = 0;
    link->peer = peer;
    link->is_stranger = !peer->is_accepted;
    if (link->is_stranger) mesh->stranger_count++;
    ht_mesh_link_enter(link, HT_LINK_BOUND);
    ht_mesh_token_new(mesh, peer);
    link->to_tell = HT_TELL_SCOPE | HT_TELL_TOKEN | HT_TELL_SERVES;
    if (peer->is_accepted) link->to_tell |= HT_TELL_RECORD;
    if (link->is_dialler && peer->invite[0] != '\0') link->to_tell |= HT_TELL_INVITE;
    link->tell_ms = link->since_ms;
    link->exchange_ms = link->since_ms;
    ht_mesh_state_tell(link);
    return link->stage == HT_LINK_BOUND;
}

void ht_mesh_link_reconsider(struct ht_mesh_link *link) {
    struct ht_mesh *mesh = link->mesh;
    bool is_accepted = link->peer->is_accepted;
    if (link->is_stranger && is_accepted) {
        link->is_stranger = false;
        mesh->stranger_count--;
        link->to_tell |= HT_TELL_RECORD;
        ht_mesh_state_tell(link);
    } else if (!link->is_stranger && !is_accepted) {
        ht_mesh_link_refuse(link, "not_accepted", "not taken for a peer any more");
    }
}

void ht_mesh_link_rise(struct ht_mesh_link *link) {
    struct ht_mesh *mesh = link->mesh;
    struct ht_mesh_peer *peer = link->peer;
    enum ht_err err = HT_OK;
    if (link->scope == NULL) err = ht_scope_new(&link->scope);
    if (err == HT_OK) {
        err = ht_gossip_add(&link->gossip, mesh->gossip, link, link->scope, &peer->score);
    }
    if (err != HT_OK) {
        ht_mesh_link_end(link, "full", "as many peers as we take");
        return;
    }
    ht_mesh_link_enter(link, HT_LINK_UP);
    link->up_s = ht_mesh_now_s(mesh);
    if (mesh->io.changed != NULL) mesh->io.changed(mesh->io.user, peer, true);
}

/* --- messages --------------------------------------------------------------------------------- */

static void pushed(struct ht_mesh_link *link, ht_bytes json) {
    struct ht_arena arena;
    struct ht_event event;
    ht_arena_init(&arena, HT_EVENT_ARENA(json.n));
    struct ht_why why = {.code = ""};
    if (ht_event_read(&event, &arena, json, &why) == HT_OK) {
        ht_gossip_pushed(link->gossip, &event);
    } else {
        (void)ht_mesh_link_blame(link, HT_FAULT_MALFORMED, why.code);
    }
    ht_arena_fini(&arena);
}

static void gossiped(struct ht_mesh_link *link, const struct ht_peer_link_message *message) {
    if (link->stage != HT_LINK_UP) {
        ht_mesh_link_end(link, "peer_order", "gossip before STATE");
        return;
    }
    if (message->verb == HT_PEER_VERB_PUSH) {
        pushed(link, message->rest);
    } else if (message->verb == HT_PEER_VERB_HAVE) {
        ht_gossip_had(link->gossip, message->ids, message->id_count);
    } else if (message->verb == HT_PEER_VERB_WANT) {
        ht_gossip_wanted(link->gossip, message->ids, message->id_count);
    } else {
        ht_gossip_gone(link->gossip, message->ids, message->id_count);
    }
}

static void said(struct ht_mesh_link *link, const struct ht_peer_link_message *message) {
    switch (message->verb) {
    case HT_PEER_VERB_PEER:
    case HT_PEER_VERB_AUTH_EVENT:
        if (link->stage == HT_LINK_SHAKING) {
            ht_mesh_shake_heard(link, message);
        } else if (!ht_mesh_link_blame(link, HT_FAULT_IDENTITY, "a second handshake")) {
            ht_mesh_link_end(link, "peer_order", "a handshake behind the handshake");
        }
        break;
    case HT_PEER_VERB_STATE:
        if (link->stage == HT_LINK_SHAKING) {
            ht_mesh_link_end(link, "peer_order", "STATE before it has proven itself");
        } else {
            ht_mesh_state_heard(link, message->rest);
        }
        break;
    case HT_PEER_VERB_PUSH:
    case HT_PEER_VERB_HAVE:
    case HT_PEER_VERB_WANT:
    case HT_PEER_VERB_GONE: gossiped(link, message); break;
    case HT_PEER_VERB_BYE: ht_mesh_end_heard(link, message->rest); break;
    case HT_PEER_VERB_NONE: break;
    }
}

bool ht_mesh_link_received(struct ht_mesh_link *link, ht_bytes text) {
    struct ht_mesh *mesh = link->mesh;
    struct ht_peer_link_message message;
    struct ht_why why = {.code = ""};
    if (link->stage == HT_LINK_OVER) return true;
    if (link->peer != NULL) link->peer->bytes_in += text.n;
    enum ht_err err = ht_peer_link_read(&message, text, &why);
    bool is_plain = link->stage == HT_LINK_PLAIN || link->stage == HT_LINK_REFUSED;
    if (err == HT_OK && message.verb == HT_PEER_VERB_NONE) return false;
    if (err == HT_OK && message.verb == HT_PEER_VERB_AUTH_EVENT && !ht_handshake_owns(&message)) {
        return false;
    }
    if (is_plain && err != HT_OK) return false;
    if (link->stage == HT_LINK_REFUSED || link->stage == HT_LINK_ENDING) return true;
    if (link->stage == HT_LINK_PLAIN) return ht_mesh_shake_offered(link, &message);
    if (err != HT_OK && link->peer == NULL) {
        ht_mesh_link_end(link, why.code, why.text);
    } else if (err != HT_OK) {
        (void)ht_mesh_link_blame(link, HT_FAULT_MALFORMED, why.code);
    } else if (link->gossip == NULL ||
               ht_gossip_spend(link->gossip, link->is_stranger ? 2 * text.n : text.n)) {
        said(link, &message);
    }
    ht_mesh_sweep(mesh);
    return true;
}

/* --- beginning and end ------------------------------------------------------------------------ */

enum ht_err ht_mesh_link_new(struct ht_mesh_link **out, struct ht_mesh *mesh, void *transport,
                             bool is_dialler, const ht_hash32 *expected, const char *channel) {
    struct ht_mesh_link *link = calloc(1, sizeof *link);
    if (link == NULL) return HT_ENOMEM;
    link->mesh = mesh;
    link->transport = transport;
    link->is_dialler = is_dialler;
    link->has_expected = expected != NULL;
    if (expected != NULL) link->expected = *expected;
    (void)snprintf(link->channel, sizeof link->channel, "%s", channel);
    *out = link;
    if (!is_dialler || expected == NULL) return HT_OK;
    struct ht_buf text;
    ht_buf_init(&text, HT_PEER_LINK_MESSAGE_MAX);
    enum ht_err err = ht_mesh_shake_begin(link);
    if (err == HT_OK) err = ht_handshake_begin(&text, link->handshake);
    bool is_sent = err == HT_OK && ht_mesh_link_send(link, ht_buf_view(&text));
    ht_buf_fini(&text);
    if (err == HT_OK && !is_sent) ht_mesh_link_end(link, "busy", "the connection takes no more");
    if (err == HT_OK) return HT_OK;
    unlist(link);
    free(link->handshake);
    free(link);
    return err;
}

void ht_mesh_link_closed(struct ht_mesh_link *link) {
    if (link == NULL) return;
    if (link->stage != HT_LINK_OVER && ht_mesh_link_meant(link) != NULL) {
        note_end(link, "lost", "the connection was lost");
    }
    link->stage = HT_LINK_OVER;
    loosen(link);
    unlist(link);
    ht_scope_free(link->scope);
    free(link);
}

/* --- timers ----------------------------------------------------------------------------------- */

int64_t ht_mesh_link_due(const struct ht_mesh_link *link) {
    int64_t due = INT64_MAX;
    if (link->stage == HT_LINK_SHAKING || link->stage == HT_LINK_ASKING ||
        link->stage == HT_LINK_BOUND) {
        due = link->since_ms + HT_HANDSHAKE_MS;
    }
    if (link->stage == HT_LINK_UP && !link->is_settled) due = link->since_ms + HT_MESH_SETTLED_MS;
    if (link->to_tell != 0 && link->tell_ms < due) due = link->tell_ms;
    if (ht_mesh_state_may_exchange(link)) {
        int64_t at = link->exchange_ms > link->tell_ms ? link->exchange_ms : link->tell_ms;
        if (at < due) due = at;
    }
    return due;
}

static void settle(struct ht_mesh_link *link) {
    struct ht_mesh_peer *peer = link->peer;
    link->is_settled = true;
    peer->failures = 0;
    peer->seen_s = ht_mesh_now_s(link->mesh);
    /* Only now: should the other side have lost what it had taken, the secret would bring it back.
     */
    sodium_memzero(peer->invite, sizeof peer->invite);
    ht_mesh_keep(link->mesh, peer);
}

void ht_mesh_link_tick(struct ht_mesh_link *link) {
    int64_t now = ht_mesh_mono(link->mesh);
    bool is_late = now - link->since_ms >= HT_HANDSHAKE_MS;
    if (link->stage == HT_LINK_SHAKING && is_late) {
        ht_mesh_link_refuse(link, "peer_silent", "the handshake was not over in time");
    } else if (link->stage == HT_LINK_ASKING && is_late) {
        ht_mesh_link_refuse(link, "not_accepted", "no reason to take it for a peer");
    } else if (link->stage == HT_LINK_BOUND && is_late) {
        ht_mesh_link_end(link, "peer_silent", "no STATE came in time");
    } else if (link->stage == HT_LINK_UP && !link->is_settled &&
               now - link->since_ms >= HT_MESH_SETTLED_MS) {
        settle(link);
    }
    if (link->stage == HT_LINK_BOUND || link->stage == HT_LINK_UP) ht_mesh_state_tell(link);
}

/* --- looking ---------------------------------------------------------------------------------- */

struct ht_mesh_peer *ht_mesh_link_peer(const struct ht_mesh_link *link) {
    return link->peer;
}

void *ht_mesh_link_transport(const struct ht_mesh_link *link) {
    return link->transport;
}

struct ht_gossip_peer *ht_mesh_link_gossip(const struct ht_mesh_link *link) {
    return link->gossip;
}

const struct ht_scope *ht_mesh_link_scope(const struct ht_mesh_link *link) {
    return link->scope;
}

const char *ht_mesh_link_token(const struct ht_mesh_link *link) {
    return link->token;
}

bool ht_mesh_link_serves(const struct ht_mesh_link *link, const char *what) {
    for (size_t i = 0; i < link->serves_count; i++) {
        if (strcmp(link->serves[i], what) == 0) return true;
    }
    return false;
}

bool ht_mesh_link_is_dialler(const struct ht_mesh_link *link) {
    return link->is_dialler;
}

bool ht_mesh_link_is_up(const struct ht_mesh_link *link) {
    return link->stage == HT_LINK_UP;
}

int64_t ht_mesh_link_since_s(const struct ht_mesh_link *link) {
    return link->stage == HT_LINK_UP ? link->up_s : 0;
}

void ht_mesh_link_sent(struct ht_mesh_link *link, size_t bytes) {
    if (link->peer != NULL) link->peer->bytes_out += bytes;
}
