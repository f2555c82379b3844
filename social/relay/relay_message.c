/* From a message's text to what is asked. Events are read where they stand; the rest is small and
 * goes through the JSON reader. */
#include "social/relay/relay_message.h"

#include "node/codec/json.h"
#include "node/nostr/event_write.h"
#include "node/nostr/json_scan.h"
#include "social/relay/relay_auth.h"
#include "social/relay/relay_ingest.h"
#include "social/relay/relay_neg.h"
#include "social/relay/relay_peer.h"
#include "social/relay/relay_query.h"
#include "social/relay/relay_request.h"

#define ID_SIZE_MAX (6 * 4 * HT_RELAY_SUBSCRIPTION_ID_MAX + 2) /* as JSON */

static const ht_bytes nothing;

static void notice(struct ht_relay_peer *peer, const char *text) {
    ht_relay_tell(peer, "NOTICE", nothing, "invalid", text);
}

/* A message that was parsed. */
struct message {
    struct ht_relay_peer *peer;
    const json_t *parts;
    size_t count, size;
    struct ht_buf id; /* the second part, as JSON */
    const char *bad;  /* why it is no id; NULL: it is one */
};

/* --- ids --------------------------------------------------------------------------------------*/

static size_t characters(ht_bytes text) {
    size_t count = 0;
    for (size_t i = 0; i < text.n; i++) count += (text.p[i] & 0xc0) != 0x80;
    return count;
}

/* An id that is no good, but is a text of bounded size, is still named in the answer. */
static void read_id(struct message *message) {
    const json_t *part = json_array_get(message->parts, 1);
    ht_buf_init(&message->id, ID_SIZE_MAX);
    message->bad = "the id of a subscription is a text";
    if (!json_is_string(part)) return;
    ht_bytes text = ht_bytes_of(json_string_value(part), json_string_length(part));
    size_t count = characters(text);
    message->bad = NULL;
    if (count == 0) message->bad = "the id of a subscription is empty";
    if (count > HT_RELAY_SUBSCRIPTION_ID_MAX)
        message->bad = "the id of a subscription has more than 64 characters";
    if (count > 2 * HT_RELAY_SUBSCRIPTION_ID_MAX) return;
    if (ht_event_write_text(&message->id, text) != HT_OK) {
        ht_buf_clear(&message->id);
        if (message->bad == NULL) message->bad = "the id of a subscription is too long";
    }
}

static void refuse_id(const struct message *message, const char *verb) {
    if (message->id.n > 0)
        ht_relay_tell(message->peer, verb, ht_buf_view(&message->id), "invalid", message->bad);
    else
        notice(message->peer, message->bad);
}

/* --- verbs ------------------------------------------------------------------------------------*/

/* REQ, COUNT and NEG-OPEN; NULL when it was refused, and answered. */
static struct ht_relay_request *make(const struct message *message, enum ht_relay_request_kind kind,
                                     size_t end) {
    struct ht_relay_peer *peer = message->peer;
    struct ht_relay_request *request = NULL;
    struct ht_why why = {.code = NULL};
    const char *verb = kind == HT_REQUEST_NEG ? "NEG-ERR" : "CLOSED";
    if (message->bad != NULL) {
        refuse_id(message, verb);
        return NULL;
    }
    enum ht_err err = ht_relay_request_new(&request, peer, kind, ht_buf_view(&message->id),
                                           message->parts, 2, end, message->size, &why);
    peer->relay->counts.queries++;
    if (err == HT_OK) return request;
    ht_relay_tell_why(peer, verb, ht_buf_view(&message->id), err, &why);
    return NULL;
}

static void refuse(struct ht_relay_request *request, const char *verb, const char *prefix,
                   const char *text) {
    ht_relay_tell(request->peer, verb, request->id, prefix, text);
    ht_relay_request_release(request);
}

static void take_req(const struct message *message) {
    struct ht_relay_peer *peer = message->peer;
    if (message->bad == NULL) {
        /* The same id again: what it asked before ends, even if this is refused. */
        struct ht_relay_request *old =
            ht_relay_request_find(peer, HT_REQUEST_REQ, ht_buf_view(&message->id));
        if (old != NULL) ht_relay_request_close(old);
    }
    struct ht_relay_request *request = make(message, HT_REQUEST_REQ, message->count);
    if (request == NULL) return;
    if (peer->subscription_count >= HT_RELAY_SUBSCRIPTIONS_MAX) {
        refuse(request, "CLOSED", "rate-limited", "too many subscriptions");
        return;
    }
    if (ht_relay_request_watch(request) != HT_OK) {
        refuse(request, "CLOSED", "error", "out of memory");
        return;
    }
    ht_relay_request_add(request);
    ht_relay_query_begin(request);
}

static void take_count(const struct message *message) {
    struct ht_relay_peer *peer = message->peer;
    struct ht_relay_request *request = make(message, HT_REQUEST_COUNT, message->count);
    if (request == NULL) return;
    if (peer->subscription_count >= HT_RELAY_SUBSCRIPTIONS_MAX) {
        refuse(request, "CLOSED", "rate-limited", "too many requests at once");
        return;
    }
    ht_relay_request_add(request);
    ht_relay_query_begin(request);
}

static void take_close(const struct message *message) {
    struct ht_relay_peer *peer = message->peer;
    if (message->bad != NULL) {
        notice(peer, message->bad);
        return;
    }
    struct ht_relay_request *request =
        ht_relay_request_find(peer, HT_REQUEST_REQ, ht_buf_view(&message->id));
    if (request != NULL) ht_relay_request_close(request);
}

/* The text of a part, empty when it is none. */
static ht_bytes text_at(const struct message *message, size_t i) {
    const json_t *part = json_array_get(message->parts, i);
    if (!json_is_string(part)) return nothing;
    return ht_bytes_of(json_string_value(part), json_string_length(part));
}

static void take_neg_open(const struct message *message) {
    bool has_filter = message->count == 4 && json_is_object(json_array_get(message->parts, 2));
    if (message->bad == NULL && !has_filter) {
        ht_relay_tell(message->peer, "NEG-ERR", ht_buf_view(&message->id), "invalid",
                      "an id, a filter and a message were expected");
        return;
    }
    struct ht_relay_request *request = make(message, HT_REQUEST_NEG, 3);
    if (request != NULL) ht_relay_neg_open(request, text_at(message, 3));
}

static void take_neg_message(const struct message *message) {
    if (message->bad != NULL) {
        refuse_id(message, "NEG-ERR");
        return;
    }
    ht_relay_neg_message(message->peer, ht_buf_view(&message->id), text_at(message, 2));
}

static void take_neg_close(const struct message *message) {
    struct ht_relay_peer *peer = message->peer;
    if (message->bad != NULL) {
        notice(peer, message->bad);
        return;
    }
    struct ht_relay_request *request =
        ht_relay_request_find(peer, HT_REQUEST_NEG, ht_buf_view(&message->id));
    if (request != NULL) ht_relay_request_close(request);
}

static const struct verb {
    const char *name;
    void (*take)(const struct message *message);
} verbs[] = {
    {"REQ", take_req},           {"CLOSE", take_close},         {"COUNT", take_count},
    {"NEG-OPEN", take_neg_open}, {"NEG-MSG", take_neg_message}, {"NEG-CLOSE", take_neg_close},
};

static const struct verb *find_verb(ht_bytes name) {
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (ht_bytes_equal(name, ht_bytes_str(verbs[i].name))) return &verbs[i];
    }
    return NULL;
}

static void take_parts(struct ht_relay_peer *peer, const struct verb *verb, ht_bytes text) {
    json_t *parts = NULL;
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_json_parse(&parts, text, HT_RELAY_MESSAGE_MAX, &why);
    if (err != HT_OK) {
        ht_relay_tell_why(peer, "NOTICE", nothing, err, &why);
        return;
    }
    struct message message = {
        .peer = peer, .parts = parts, .count = json_array_size(parts), .size = text.n};
    read_id(&message);
    verb->take(&message);
    ht_buf_fini(&message.id);
    json_decref(parts);
}

void ht_relay_take_message(struct ht_relay_peer *peer, ht_bytes text) {
    struct ht_arena arena;
    struct ht_json_scan scan;
    ht_bytes name = nothing;
    if (text.n > HT_RELAY_MESSAGE_MAX) {
        notice(peer, "the message is too long");
        return;
    }
    ht_arena_init(&arena, text.n + 64);
    ht_json_scan_init(&scan, &arena, text);
    bool is_array = ht_json_scan_is(&scan, '[') && ht_json_scan_peek(&scan) == '"' &&
                    ht_json_scan_text(&name, &scan, NULL) == HT_OK;
    bool is_event = is_array && ht_bytes_equal(name, ht_bytes_str("EVENT"));
    bool is_auth = is_array && ht_bytes_equal(name, ht_bytes_str("AUTH"));
    bool has_more = is_array && ht_json_scan_is(&scan, ',');
    ht_bytes rest = ht_bytes_of(scan.p, (size_t)(scan.end - scan.p));
    const struct verb *verb = is_array ? find_verb(name) : NULL;
    if (!is_array)
        notice(peer, "a message is a JSON array that begins with a verb");
    else if ((is_event || is_auth) && !has_more)
        notice(peer, "an event is missing");
    else if (is_event)
        ht_relay_take_event(peer, rest);
    else if (is_auth)
        ht_relay_take_auth(peer, rest);
    else if (verb == NULL)
        notice(peer, "no such verb");
    else
        take_parts(peer, verb, text);
    ht_arena_fini(&arena);
}
