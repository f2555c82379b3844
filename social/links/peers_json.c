/* What is told of other relays. */
#include "social/links/peers_json.h"

#include "node/codec/json.h"
#include "social/links/peers_catchup.h"

static const char *state_name(enum ht_asked_state state) {
    switch (state) {
    case HT_ASKED_ANSWERED: return "answered";
    case HT_ASKED_NONE: return "none";
    case HT_ASKED_AUTH: return "auth";
    case HT_ASKED_UNKNOWN_NAME: return "unknown_name";
    case HT_ASKED_REFUSED: return "refused";
    case HT_ASKED_WAITING:
    case HT_ASKED_NO_ANSWER: break;
    }
    return "no_answer";
}

json_t *ht_peers_source(const struct ht_question_out *question) {
    json_t *relays = json_array();
    json_int_t answered = 0;
    for (size_t i = 0; i < question->count; i++) {
        const struct ht_asked *asked = &question->asked[i];
        if (asked->state == HT_ASKED_ANSWERED || asked->state == HT_ASKED_NONE) answered++;
        (void)json_array_append_new(relays,
                                    json_pack("{s:s, s:s, s:I, s:I}", "url", asked->url, "state",
                                              state_name(asked->state), "ms", (json_int_t)asked->ms,
                                              "count", (json_int_t)asked->event_count));
    }
    return json_pack("{s:I, s:I, s:o}", "asked", (json_int_t)question->count, "answered", answered,
                     "relays", relays);
}

json_t *ht_peers_nobody(void) {
    return json_pack("{s:i, s:i, s:[]}", "asked", 0, "answered", 0, "relays");
}

static const char *state_of(const struct ht_peer *peer) {
    if (peer->is_flooding) return "flooding";
    switch (ht_link_state(peer->link)) {
    case HT_LINK_ASLEEP: return "asleep";
    case HT_LINK_CONNECTING: return "connecting";
    case HT_LINK_OPEN: break;
    case HT_LINK_WAITING: return "waiting";
    }
    bool is_out = peer->auth == HT_PEER_AUTH_LOCKED || peer->auth == HT_PEER_AUTH_REFUSED;
    return is_out ? "auth" : "open";
}

static json_t *peer_json(const struct ht_peer *peer) {
    bool is_live = peer->live.said != 0 && (peer->live.said & ~peer->live.ended) == 0;
    return json_pack("{s:s, s:s, s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:s?, s:o}", "url",
                     ht_link_name(peer->link), "state", state_of(peer), "is_own", peer->is_own,
                     "is_live", is_live, "events", (json_int_t)peer->event_count, "sent",
                     (json_int_t)peer->sent_count, "taken", (json_int_t)peer->taken_count,
                     "refused", (json_int_t)peer->refused_count, "queued",
                     (json_int_t)peer->queue_count, "dropped", (json_int_t)peer->dropped_count,
                     "reason", peer->reason[0] != '\0' ? peer->reason : NULL, "catchup",
                     ht_peers_catchup_json(peer));
}

enum ht_err ht_peers_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_social *social = self;
    json_t *relays = json_array();
    for (const struct ht_peer *peer = social->relays->first; peer != NULL; peer = peer->next) {
        (void)json_array_append_new(relays, peer_json(peer));
    }
    *out = json_pack("{s:o}", "relays", relays);
    return *out != NULL ? HT_OK : ht_task_no_memory(why);
}

uint64_t ht_peers_new_count(const struct ht_social *social) {
    return social->relays->new_count;
}
