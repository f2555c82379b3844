/* What is told of other relays. */
#include "social/peers_json.h"

#include "node/codec/json.h"

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

static const char *link_state(const struct ht_link *link) {
    switch (ht_link_state(link)) {
    case HT_LINK_ASLEEP: return "asleep";
    case HT_LINK_CONNECTING: return "connecting";
    case HT_LINK_OPEN: return "open";
    case HT_LINK_WAITING: break;
    }
    return "waiting";
}

enum ht_err ht_peers_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_social *social = self;
    json_t *relays = json_array();
    for (const struct ht_peer *peer = social->relays->first; peer != NULL; peer = peer->next) {
        (void)json_array_append_new(
            relays, json_pack("{s:s, s:s, s:I, s:s?}", "url", ht_link_name(peer->link), "state",
                              link_state(peer->link), "events", (json_int_t)peer->event_count,
                              "sent", peer->sent_state));
    }
    *out = json_pack("{s:o}", "relays", relays);
    return *out != NULL ? HT_OK : ht_task_no_memory(why);
}

uint64_t ht_peers_new_count(const struct ht_social *social) {
    return social->relays->new_count;
}
