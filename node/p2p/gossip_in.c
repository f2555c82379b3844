/* What peers say, and what became of what they gave. Nothing here trusts an id before the event
 * behind it was verified: what comes may be another's id with a wrong signature, and must not keep
 * the right one out. */
#include "node/p2p/gossip_in.h"

#include "node/p2p/gossip_out.h"
#include "node/p2p/gossip_seen.h"
#include "node/p2p/gossip_want.h"

/* A push that crossed another, or was on its way for long, is no echo. */
#define ECHO_AFTER_MS 10000
/* Somebody who lost something, or was too busy for it when it came, gives it back once in a while.
 */
#define ECHOES_MAX 4U
/* Peers that have not heard yet of our new scope are not to blame. */
#define SCOPE_GRACE_MS 60000

static bool spend_event(struct ht_gossip_peer *peer) {
    const struct ht_peer_budget *budget = &peer->gossip->budget;
    if (ht_bucket_take(&peer->score->events, budget->events_per_s, budget->event_burst, 1,
                       ht_gossip_now(peer->gossip))) {
        return true;
    }
    ht_gossip_fault_flood(peer);
    return false;
}

/* It was asked for: what it weighs does not count. */
static void answered(struct ht_gossip_peer *peer, const struct ht_event *event) {
    size_t n = event->json.n < HT_EVENT_SIZE_MAX ? event->json.n : HT_EVENT_SIZE_MAX;
    ht_bucket_give(&peer->score->bytes, peer->gossip->budget.byte_burst, (unsigned)n);
    ht_gossip_want_answered(peer);
}

bool ht_gossip_spend(struct ht_gossip_peer *peer, size_t bytes) {
    struct ht_gossip *gossip = peer->gossip;
    const struct ht_peer_budget *budget = &gossip->budget;
    unsigned n = bytes < UINT32_MAX ? (unsigned)bytes : UINT32_MAX;
    if (ht_bucket_take(&peer->score->bytes, budget->bytes_per_s, budget->byte_burst, n,
                       ht_gossip_now(gossip))) {
        return true;
    }
    ht_gossip_fault_flood(peer);
    return false;
}

static void count_duplicate(struct ht_gossip_peer *peer) {
    peer->gossip->counts.duplicates++;
    peer->counts.duplicates++;
    peer->score->duplicates++;
}

/* An event that is here. */
static void pushed_seen(struct ht_gossip_peer *peer, const struct ht_event *event,
                        struct ht_gossip_seen_id *seen) {
    ht_gossip_set bit = ht_gossip_bit(peer->slot);
    count_duplicate(peer);
    ht_gossip_out_drop(peer, &event->id);
    bool is_again = (seen->given & bit) != 0;
    seen->given |= bit;
    if ((seen->asked & bit) != 0) {
        seen->asked &= ~bit;
        answered(peer, event);
        return;
    }
    int64_t age_ms = ht_gossip_now(peer->gossip) - seen->at_ms;
    if (!spend_event(peer)) return;
    if (!is_again || age_ms <= ECHO_AFTER_MS || ++peer->echoes < ECHOES_MAX) return;
    peer->echoes = 0;
    ht_gossip_fault(peer, HT_FAULT_ECHO, &event->id);
}

/* Another copy while one is being verified: theirs may be the good one, so they stay askable. */
static void pushed_taking(struct ht_gossip_peer *peer, const struct ht_event *event,
                          struct ht_gossip_wanted *wanted) {
    ht_gossip_set bit = ht_gossip_bit(peer->slot);
    count_duplicate(peer);
    if ((wanted->asked & bit) != 0) {
        answered(peer, event);
    } else {
        (void)spend_event(peer);
    }
    wanted->has |= bit;
    wanted->asked &= ~bit;
    wanted->silent &= ~bit;
}

/* What the peer gave is no event for us; somebody else's with that id may be. */
static void pass_over(struct ht_gossip_peer *peer, struct ht_gossip_wanted *wanted) {
    if (wanted == NULL) return;
    ht_gossip_set bit = ht_gossip_bit(peer->slot);
    wanted->has &= ~bit;
    wanted->silent &= ~bit;
    if (wanted->asking == peer->slot) ht_gossip_want_ask(peer->gossip, wanted);
    ht_gossip_want_flush(peer->gossip);
}

static bool is_for_us(struct ht_gossip_peer *peer, const struct ht_event *event) {
    struct ht_gossip *gossip = peer->gossip;
    if (ht_scope_is_gossiped(event, INT64_MIN) && ht_scope_has(gossip->scope, event)) {
        return ht_scope_is_gossiped(event, ht_wall_ms(gossip->clock) / 1000);
    }
    gossip->counts.unwanted++;
    peer->counts.unwanted++;
    bool may_not_know =
        gossip->scope_at_ms != 0 && ht_gossip_now(gossip) - gossip->scope_at_ms < SCOPE_GRACE_MS;
    if (!may_not_know) ht_gossip_fault(peer, HT_FAULT_OUT_OF_SCOPE, &event->id);
    return false;
}

void ht_gossip_pushed(struct ht_gossip_peer *peer, const struct ht_event *event) {
    struct ht_gossip *gossip = peer->gossip;
    if (peer->is_over) return;
    gossip->counts.received++;
    peer->counts.received++;
    struct ht_gossip_seen_id *seen = ht_gossip_seen_find(gossip, &event->id);
    if (seen != NULL) {
        pushed_seen(peer, event, seen);
        return;
    }
    struct ht_gossip_wanted *wanted = ht_gossip_want_find(gossip, &event->id);
    if (wanted != NULL && wanted->wish == HT_WISH_TAKING) {
        pushed_taking(peer, event, wanted);
        return;
    }
    if (wanted != NULL && (wanted->asked & ht_gossip_bit(peer->slot)) != 0) {
        answered(peer, event);
    } else if (!spend_event(peer)) {
        return;
    }
    if (!is_for_us(peer, event)) {
        pass_over(peer, wanted);
        return;
    }
    if (wanted == NULL) wanted = ht_gossip_want_new(peer, &event->id, true);
    if (wanted == NULL) return; /* too much at once; catch-up closes such holes */
    ht_gossip_want_taking(gossip, wanted, peer);
    gossip->io.take(gossip->io.user, wanted->serial, event);
}

void ht_gossip_had(struct ht_gossip_peer *peer, const ht_hash32 *ids, size_t count) {
    struct ht_gossip *gossip = peer->gossip;
    for (size_t i = 0; i < count && !peer->is_over; i++) {
        struct ht_gossip_seen_id *seen = ht_gossip_seen_find(gossip, &ids[i]);
        if (seen != NULL) {
            seen->given |= ht_gossip_bit(peer->slot);
            ht_gossip_out_drop(peer, &ids[i]);
            continue;
        }
        struct ht_gossip_wanted *wanted = ht_gossip_want_find(gossip, &ids[i]);
        if (wanted != NULL) {
            ht_gossip_want_also(peer, wanted);
            continue;
        }
        wanted = ht_gossip_want_new(peer, &ids[i], false);
        if (wanted != NULL) ht_gossip_want_ask(gossip, wanted);
    }
    ht_gossip_want_flush(gossip);
}

static void answer_wanted(struct ht_gossip_peer *peer, const ht_hash32 *ids, size_t count) {
    struct ht_gossip *gossip = peer->gossip;
    ht_gossip_set bit = ht_gossip_bit(peer->slot);
    ht_hash32 give[HT_GOSSIP_IDS_MAX], gone[HT_GOSSIP_IDS_MAX];
    size_t give_count = 0, gone_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct ht_gossip_seen_id *seen = ht_gossip_seen_find(gossip, &ids[i]);
        if (seen != NULL && (seen->told & bit) != 0) {
            seen->told &= ~bit; /* once for each time it was told */
            seen->given |= bit;
            give[give_count++] = ids[i];
        } else {
            gone[gone_count++] = ids[i];
        }
    }
    if (give_count > 0) gossip->io.give(gossip->io.user, peer->link, give, give_count);
    if (gone_count > 0 && gossip->io.gone != NULL) {
        (void)gossip->io.gone(gossip->io.user, peer->link, gone, gone_count);
    }
}

void ht_gossip_wanted(struct ht_gossip_peer *peer, const ht_hash32 *ids, size_t count) {
    for (size_t i = 0; i < count && !peer->is_over; i += HT_GOSSIP_IDS_MAX) {
        size_t n = count - i < HT_GOSSIP_IDS_MAX ? count - i : HT_GOSSIP_IDS_MAX;
        answer_wanted(peer, ids + i, n);
    }
}

void ht_gossip_gone(struct ht_gossip_peer *peer, const ht_hash32 *ids, size_t count) {
    struct ht_gossip *gossip = peer->gossip;
    ht_gossip_set bit = ht_gossip_bit(peer->slot);
    for (size_t i = 0; i < count && !peer->is_over; i++) {
        struct ht_gossip_wanted *wanted = ht_gossip_want_find(gossip, &ids[i]);
        if (wanted == NULL || wanted->wish != HT_WISH_ASKED || (wanted->asked & bit) == 0) continue;
        bool was_waited_for = wanted->asking == peer->slot;
        if ((wanted->has & bit) != 0 && !wanted->was_put_off) {
            ht_gossip_want_not_had(peer, &ids[i]);
        }
        wanted->has &= ~bit;
        wanted->silent &= ~bit;
        if (was_waited_for) ht_gossip_want_ask(gossip, wanted);
    }
    ht_gossip_want_flush(gossip);
}

/* --- what became of it ------------------------------------------------------------------------ */

static void taken_new(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted,
                      struct ht_gossip_peer *giver, const struct ht_event *event) {
    bool is_ephemeral = ht_event_class_of(event->kind) == HT_EVENT_EPHEMERAL;
    ht_gossip_set has = wanted->has;
    gossip->counts.fresh++;
    struct ht_gossip_seen_id *seen = ht_gossip_seen_add(gossip, &wanted->id, is_ephemeral);
    seen->given = has;
    seen->asked = wanted->asked;
    if (giver != NULL) {
        giver->counts.fresh++;
        ht_peer_score_first(giver->score);
        if (giver->not_had > 0) giver->not_had--; /* what it gives after we gave up is no lie */
        seen->asked &= ~ht_gossip_bit(giver->slot);
    }
    ht_gossip_want_met(gossip, wanted);
    if (!is_ephemeral) ht_gossip_send_on(gossip, event, has, seen);
}

/* Nothing came of it but work. */
static void taken_in_vain(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted,
                          struct ht_gossip_peer *giver, bool is_unwanted) {
    struct ht_gossip_seen_id *seen = ht_gossip_seen_add(gossip, &wanted->id, false);
    seen->given = wanted->has;
    seen->asked = wanted->asked;
    if (giver != NULL) seen->asked &= ~ht_gossip_bit(giver->slot);
    bool was_asked = wanted->was_asked;
    ht_gossip_want_met(gossip, wanted);
    if (is_unwanted) gossip->counts.unwanted++;
    if (giver == NULL) return;
    if (is_unwanted) giver->counts.unwanted++;
    const struct ht_peer_budget *budget = &gossip->budget;
    if (was_asked || ht_bucket_take(&giver->score->verifies, budget->verifies_per_s,
                                    budget->verify_burst, 1, ht_gossip_now(gossip))) {
        return;
    }
    ht_gossip_fault_flood(giver);
}

static void taken_bad(struct ht_gossip *gossip, struct ht_gossip_wanted *wanted,
                      struct ht_gossip_peer *giver) {
    gossip->counts.bad++;
    if (giver != NULL) {
        giver->counts.bad++;
        wanted->has &= ~ht_gossip_bit(giver->slot);
        ht_gossip_fault(giver, HT_FAULT_SIGNATURE, &wanted->id);
    }
    ht_gossip_want_ask(gossip, wanted);
    ht_gossip_want_flush(gossip);
}

void ht_gossip_taken(struct ht_gossip *gossip, uint64_t serial, enum ht_gossip_verdict verdict,
                     const struct ht_event *event) {
    struct ht_gossip_wanted *wanted = ht_gossip_want_by_serial(gossip, serial);
    if (wanted == NULL) return; /* it was published by another way meanwhile */
    struct ht_gossip_peer *giver =
        wanted->asking == HT_GOSSIP_NOBODY ? NULL : gossip->peers[wanted->asking];
    switch (verdict) {
    case HT_GOSSIP_NEW: taken_new(gossip, wanted, giver, event); break;
    case HT_GOSSIP_KNOWN: taken_in_vain(gossip, wanted, giver, false); break;
    case HT_GOSSIP_UNWANTED: taken_in_vain(gossip, wanted, giver, true); break;
    case HT_GOSSIP_BAD: taken_bad(gossip, wanted, giver); break;
    case HT_GOSSIP_PUT_OFF: ht_gossip_want_later(gossip, wanted); break;
    }
}

void ht_gossip_publish(struct ht_gossip *gossip, struct ht_gossip_peer *from,
                       const struct ht_event *event) {
    if (!ht_scope_is_gossiped(event, ht_wall_ms(gossip->clock) / 1000)) return;
    if (ht_gossip_seen_find(gossip, &event->id) != NULL) return;
    bool is_ephemeral = ht_event_class_of(event->kind) == HT_EVENT_EPHEMERAL;
    struct ht_gossip_seen_id *seen = ht_gossip_seen_add(gossip, &event->id, is_ephemeral);
    ht_gossip_set has = 0;
    struct ht_gossip_wanted *wanted = ht_gossip_want_find(gossip, &event->id);
    if (wanted != NULL) {
        has = wanted->has;
        seen->asked = wanted->asked;
        ht_gossip_want_free(gossip, wanted);
    }
    if (from != NULL) {
        ht_peer_score_first(from->score);
        has |= ht_gossip_bit(from->slot);
    }
    seen->given = has;
    if (from == NULL || !is_ephemeral) ht_gossip_send_on(gossip, event, has, seen);
}

void ht_gossip_seen(struct ht_gossip *gossip, const ht_hash32 *ids, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (ht_gossip_seen_find(gossip, &ids[i]) != NULL) continue;
        struct ht_gossip_wanted *wanted = ht_gossip_want_find(gossip, &ids[i]);
        if (wanted != NULL && wanted->wish == HT_WISH_TAKING) continue;
        if (wanted != NULL) ht_gossip_want_free(gossip, wanted);
        (void)ht_gossip_seen_add(gossip, &ids[i], false);
    }
}
