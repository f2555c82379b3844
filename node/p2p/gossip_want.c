/* What is waited for: who has it, who was asked, whose turn is next, and who was silent.
 *
 * All wait equally long, so the list by time is one of arrival. A share of the table is kept for
 * events that have come and are being verified: announcements alone cannot fill it. */
#include "node/p2p/gossip_want.h"

#include <stdlib.h>

#define WISHES_FIRST 16U /* the table grows from there */
#define WISHES_OF_PEER 2048U
#define WISHES_ANNOUNCED (HT_GOSSIP_WANTED_MAX / 4 * 3)
#define TRIES_MAX 8U
/* Turns that the last who can be asked is waited for: when it gives other things meanwhile, and
 * when it gives nothing. */
#define WAITS_BUSY 30U
#define WAITS_SILENT 4U
/* So many ids that somebody did not give make a fault. */
#define DOUBTS_MAX 4U
#define NONE HT_ID_NONE

/* --- the table -------------------------------------------------------------------------------- */

static bool grow(struct ht_gossip *gossip) {
    uint32_t old = gossip->wanted_size, size = old == 0 ? WISHES_FIRST : 2 * old;
    if (old >= HT_GOSSIP_WANTED_MAX) return false;
    struct ht_id_index index;
    if (ht_id_index_init(&index, size, sizeof *gossip->wanted, gossip->random) != HT_OK) {
        ht_id_index_fini(&index);
        return false;
    }
    struct ht_gossip_wanted *more = realloc(gossip->wanted, size * sizeof *more);
    if (more == NULL) {
        ht_id_index_fini(&index);
        return false;
    }
    for (uint32_t i = old; i < size; i++) {
        more[i] = (struct ht_gossip_wanted){.wish = HT_WISH_FREE, .next = gossip->free_first};
        gossip->free_first = i;
    }
    gossip->wanted = more;
    gossip->wanted_size = size;
    for (uint32_t i = 0; i < old; i++) {
        if (more[i].wish != HT_WISH_FREE) ht_id_index_add(&index, more, i);
    }
    ht_id_index_fini(&gossip->wanted_index);
    gossip->wanted_index = index;
    return true;
}

static uint32_t number_of(const struct ht_gossip *gossip, const struct ht_gossip_wanted *wanted) {
    return (uint32_t)(wanted - gossip->wanted);
}

struct ht_gossip_wanted *ht_gossip_want_find(struct ht_gossip *gossip, const ht_hash32 *id) {
    if (gossip->wanted_count == 0) return NULL;
    uint32_t at = ht_id_index_find(&gossip->wanted_index, gossip->wanted, id);
    return at == NONE ? NULL : &gossip->wanted[at];
}

struct ht_gossip_wanted *ht_gossip_want_by_serial(struct ht_gossip *gossip, uint64_t serial) {
    uint64_t at = serial % HT_GOSSIP_WANTED_MAX;
    if (at >= gossip->wanted_size) return NULL;
    struct ht_gossip_wanted *wanted = &gossip->wanted[at];
    return wanted->wish == HT_WISH_TAKING && wanted->serial == serial ? wanted : NULL;
}

struct ht_gossip_wanted *ht_gossip_want_new(struct ht_gossip_peer *owner, const ht_hash32 *id,
                                            bool is_given) {
    struct ht_gossip *gossip = owner->gossip;
    if (!is_given &&
        (owner->wishes >= WISHES_OF_PEER || gossip->wanted_count >= WISHES_ANNOUNCED)) {
        return NULL;
    }
    if (gossip->free_first == NONE && !grow(gossip)) return NULL;
    uint32_t at = gossip->free_first;
    struct ht_gossip_wanted *wanted = &gossip->wanted[at];
    gossip->free_first = wanted->next;
    *wanted = (struct ht_gossip_wanted){
        .id = *id,
        .has = ht_gossip_bit(owner->slot),
        .serial = ++gossip->serial * HT_GOSSIP_WANTED_MAX + at,
        .next = NONE,
        .previous = NONE,
        .wish = HT_WISH_TAKING,
        .asking = HT_GOSSIP_NOBODY,
        .owner = (uint8_t)owner->slot,
    };
    ht_id_index_add(&gossip->wanted_index, gossip->wanted, at);
    gossip->wanted_count++;
    owner->wishes++;
    return wanted;
}

/* --- by time ---------------------------------------------------------------------------------- */

static void unlist(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted) {
    uint32_t at = number_of(gossip, wanted);
    if (wanted->previous != NONE) gossip->wanted[wanted->previous].next = wanted->next;
    if (wanted->next != NONE) gossip->wanted[wanted->next].previous = wanted->previous;
    if (gossip->due_first == at) gossip->due_first = wanted->next;
    if (gossip->due_last == at) gossip->due_last = wanted->previous;
    wanted->next = wanted->previous = NONE;
}

static void list_last(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted) {
    uint32_t at = number_of(gossip, wanted);
    unlist(gossip, wanted);
    wanted->wish = HT_WISH_ASKED;
    wanted->due_ms = ht_gossip_now(gossip) + HT_GOSSIP_ASK_MS;
    wanted->previous = gossip->due_last;
    if (gossip->due_last != NONE) gossip->wanted[gossip->due_last].next = at;
    if (gossip->due_first == NONE) gossip->due_first = at;
    gossip->due_last = at;
}

int64_t ht_gossip_want_due_ms(const struct ht_gossip *gossip) {
    return gossip->due_first == NONE ? INT64_MAX : gossip->wanted[gossip->due_first].due_ms;
}

/* --- doubts ----------------------------------------------------------------------------------- */

void ht_gossip_want_not_had(struct ht_gossip_peer *peer, const ht_hash32 *id) {
    if (++peer->not_had < DOUBTS_MAX) return;
    peer->not_had = 0;
    ht_gossip_fault(peer, HT_FAULT_NOT_HAD, id);
}

static void doubt_withheld(struct ht_gossip_peer *peer, const ht_hash32 *id) {
    if (++peer->withheld < DOUBTS_MAX) return;
    peer->withheld = 0;
    ht_gossip_fault(peer, HT_FAULT_WITHHELD, id);
}

static void doubt_all(struct ht_gossip *gossip, const struct ht_gossip_wanted *wanted,
                      void (*doubt)(struct ht_gossip_peer *, const ht_hash32 *)) {
    ht_gossip_set silent = wanted->silent;
    for (unsigned slot = 0; silent != 0; slot++, silent >>= 1) {
        if ((silent & 1) != 0 && gossip->peers[slot] != NULL) {
            doubt(gossip->peers[slot], &wanted->id);
        }
    }
}

/* --- from announced to here ------------------------------------------------------------------- */

void ht_gossip_want_free(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted) {
    uint32_t at = number_of(gossip, wanted);
    unlist(gossip, wanted);
    ht_id_index_remove(&gossip->wanted_index, gossip->wanted, at);
    if (wanted->owner != HT_GOSSIP_NOBODY) gossip->peers[wanted->owner]->wishes--;
    *wanted = (struct ht_gossip_wanted){.wish = HT_WISH_FREE, .next = gossip->free_first};
    gossip->free_first = at;
    gossip->wanted_count--;
}

void ht_gossip_want_met(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted) {
    doubt_all(gossip, wanted, doubt_withheld);
    ht_gossip_want_free(gossip, wanted);
}

static void give_up(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted) {
    gossip->counts.wanted_in_vain++;
    doubt_all(gossip, wanted, ht_gossip_want_not_had);
    ht_gossip_want_free(gossip, wanted);
}

void ht_gossip_want_taking(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted,
                           struct ht_gossip_peer *from) {
    unlist(gossip, wanted);
    ht_gossip_set bit = ht_gossip_bit(from->slot);
    wanted->wish = HT_WISH_TAKING;
    wanted->asking = (uint8_t)from->slot;
    wanted->was_asked = (wanted->asked & bit) != 0;
    wanted->has |= bit;
    wanted->silent &= ~bit;
}

/* Any of them, with equal odds for who is first in the circle. */
static unsigned pick(struct ht_gossip *gossip, ht_gossip_set set) {
    unsigned slot = (unsigned)ht_random_below(gossip->random, HT_GOSSIP_PEERS_MAX);
    while ((set & ht_gossip_bit(slot)) == 0) slot = (slot + 1) % HT_GOSSIP_PEERS_MAX;
    return slot;
}

/* Those of a set that may be asked. */
static ht_gossip_set askable(const struct ht_gossip *gossip, ht_gossip_set set) {
    for (unsigned slot = 0; slot < HT_GOSSIP_PEERS_MAX; slot++) {
        const struct ht_gossip_peer *peer = gossip->peers[slot];
        if (peer == NULL || peer->is_over) set &= ~ht_gossip_bit(slot);
    }
    return set;
}

void ht_gossip_want_ask(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted) {
    ht_gossip_set set = askable(gossip, wanted->has & ~wanted->asked);
    if (set == 0 || wanted->tries == TRIES_MAX) {
        give_up(gossip, wanted);
        return;
    }
    struct ht_gossip_peer *peer = gossip->peers[pick(gossip, set)];
    /* Without memory for the question it is as if it had not been answered. */
    bool is_asked = ht_gossip_ids_add(&peer->want, &wanted->id);
    if (is_asked) {
        gossip->counts.asked++;
        peer->counts.asked++;
        if (wanted->tries > 0) gossip->counts.asked_again++, peer->counts.asked_again++;
        wanted->asked |= ht_gossip_bit(peer->slot);
    }
    wanted->asking = is_asked ? (uint8_t)peer->slot : (uint8_t)HT_GOSSIP_NOBODY;
    wanted->tries++;
    wanted->waits = 0;
    list_last(gossip, wanted);
    if (peer->want.count == HT_GOSSIP_IDS_MAX) ht_gossip_want_flush(gossip);
}

void ht_gossip_want_also(struct ht_gossip_peer *peer, struct ht_gossip_wanted *wanted) {
    wanted->has |= ht_gossip_bit(peer->slot);
    bool is_overdue = wanted->wish == HT_WISH_ASKED && wanted->waits > 0;
    if (is_overdue) ht_gossip_want_ask(peer->gossip, wanted);
}

void ht_gossip_want_answered(struct ht_gossip_peer *peer) {
    peer->answered_ms = ht_gossip_now(peer->gossip);
    if (peer->withheld > 0) peer->withheld--;
    if (peer->not_had > 0) peer->not_had--;
}

void ht_gossip_want_later(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted) {
    if (wanted->tries == TRIES_MAX) {
        ht_gossip_want_free(gossip, wanted);
        return;
    }
    wanted->tries++;
    wanted->was_put_off = true;
    wanted->asked = 0;
    wanted->asking = HT_GOSSIP_NOBODY;
    list_last(gossip, wanted);
}

/* The peer takes nothing now: it was not asked, and is not to blame. */
static void unask(struct ht_gossip_peer *peer) {
    struct ht_gossip *gossip = peer->gossip;
    for (uint32_t i = 0; i < peer->want.count; i++) {
        struct ht_gossip_wanted *wanted = ht_gossip_want_find(gossip, &peer->want.p[i]);
        if (wanted == NULL || wanted->asking != peer->slot || wanted->wish != HT_WISH_ASKED) {
            continue;
        }
        wanted->asked &= ~ht_gossip_bit(peer->slot);
        wanted->asking = HT_GOSSIP_NOBODY;
    }
}

void ht_gossip_want_flush(struct ht_gossip *gossip) {
    for (unsigned slot = 0; slot < HT_GOSSIP_PEERS_MAX; slot++) {
        struct ht_gossip_peer *peer = gossip->peers[slot];
        if (peer == NULL || peer->want.count == 0) continue;
        if (peer->is_over ||
            !gossip->io.want(gossip->io.user, peer->link, peer->want.p, peer->want.count)) {
            unask(peer);
        }
        peer->want.count = 0;
    }
}

/* The time of who was asked is over: the next is, or when there is none it is waited on. */
static void overdue(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted) {
    bool was_asked = wanted->asking != HT_GOSSIP_NOBODY;
    bool is_busy = false;
    if (was_asked) {
        int64_t answered_ms = gossip->peers[wanted->asking]->answered_ms;
        is_busy = answered_ms != 0 && ht_gossip_now(gossip) - answered_ms < HT_GOSSIP_ASK_MS;
    }
    ht_gossip_set others = askable(gossip, wanted->has & ~wanted->asked);
    unsigned most = is_busy ? WAITS_BUSY : WAITS_SILENT;
    if (was_asked && !is_busy) wanted->silent |= ht_gossip_bit(wanted->asking);
    if (others == 0 && was_asked && wanted->waits < most) {
        wanted->waits++;
        list_last(gossip, wanted);
    } else {
        ht_gossip_want_ask(gossip, wanted);
    }
}

void ht_gossip_want_tick(struct ht_gossip *gossip) {
    int64_t now_ms = ht_gossip_now(gossip);
    while (ht_gossip_want_due_ms(gossip) <= now_ms) {
        overdue(gossip, &gossip->wanted[gossip->due_first]);
    }
    ht_gossip_want_flush(gossip);
}

void ht_gossip_want_forget_peer(struct ht_gossip *gossip, unsigned slot) {
    ht_gossip_set bit = ht_gossip_bit(slot);
    for (uint32_t i = 0; i < gossip->wanted_size; i++) {
        struct ht_gossip_wanted *wanted = &gossip->wanted[i];
        if (wanted->wish == HT_WISH_FREE) continue;
        bool was_asking = wanted->asking == slot;
        if (wanted->owner == slot) wanted->owner = HT_GOSSIP_NOBODY;
        if (was_asking) wanted->asking = HT_GOSSIP_NOBODY;
        wanted->has &= ~bit;
        wanted->asked &= ~bit;
        wanted->silent &= ~bit;
        if (was_asking && wanted->wish == HT_WISH_ASKED) ht_gossip_want_ask(gossip, wanted);
    }
    ht_gossip_want_flush(gossip);
}
