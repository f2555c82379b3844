/* The relay: messages of a peer, one a line, any bytes. What it answers is JSON of a known verb,
 * and after the peer has gone nothing is left. There is no disk: events are refused, and queries
 * but those for live events alone, after all that is read of them. */
#include <stdlib.h>

#include "node/codec/json.h"
#include "social/relay/relay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct ht_relay_peer *peer;

static void must(bool claim) {
    if (!claim) abort();
}

static bool is_verb(const char *verb) {
    static const char *const verbs[] = {"OK",   "EVENT",   "EOSE",    "CLOSED", "NOTICE",
                                        "AUTH", "NEG-MSG", "NEG-ERR", "COUNT"};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verb, verbs[i]) == 0) return true;
    }
    return false;
}

static bool send_text(void *user, void *connection, ht_bytes text) {
    json_t *message = NULL;
    (void)user;
    (void)connection;
    must(ht_json_parse(&message, text, (size_t)1 << 20, NULL) == HT_OK);
    const char *verb = json_string_value(json_array_get(message, 0));
    must(verb != NULL && is_verb(verb) && json_array_size(message) <= 4);
    json_decref(message);
    return true;
}

static void hang_up(void *user, void *connection, const char *reason) {
    (void)user;
    (void)connection;
    must(reason != NULL);
    if (peer != NULL) ht_relay_closed(peer);
    peer = NULL;
}

static size_t waiting(void *user, void *connection) {
    (void)user;
    (void)connection;
    return 0;
}

static int64_t at_rest(void *self) {
    (void)self;
    return INT64_C(1780000000000);
}

static const struct ht_clock stopped = {.wall_ms = at_rest, .mono_ms = at_rest};

static struct ht_relay *make_relay(struct ht_host *host, struct ht_policy *policy) {
    struct ht_relay *relay = NULL;
    const struct ht_relay_options options = {
        .host = host,
        .policy = policy,
        .io = {.send = send_text, .hang_up = hang_up, .waiting = waiting},
        .url = "ws://127.0.0.1:8421",
    };
    ht_policy_settings(policy)->write = HT_RANK_STRANGER;
    must(ht_relay_new(&relay, &options, NULL) == HT_OK);
    return relay;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static struct ht_loop *loop;
    struct ht_policy *policy = NULL;
    size_t start = 0;
    if (loop == NULL) must(ht_loop_new(&loop, &ht_system_clock, NULL) == HT_OK);
    struct ht_host host = {.clock = &stopped, .random = &ht_system_random, .loop = loop};
    must(ht_policy_new(&policy) == HT_OK);
    struct ht_relay *relay = make_relay(&host, policy);
    peer = ht_relay_opened(relay, &host, "127.0.0.1");
    must(peer != NULL);
    for (size_t i = 0; i <= n; i++) {
        if (i < n && data[i] != '\n') continue;
        if (peer != NULL) ht_relay_received(peer, ht_bytes_of(data + start, i - start));
        start = i + 1;
    }
    ht_loop_drain(loop);
    must(ht_relay_counts(relay).subscriptions_now <= HT_RELAY_SUBSCRIPTIONS_MAX);
    if (peer != NULL) ht_relay_closed(peer);
    peer = NULL;
    must(ht_relay_counts(relay).connections_now == 0);
    must(ht_relay_counts(relay).subscriptions_now == 0 && ht_relay_counts(relay).negs_now == 0);
    ht_relay_stop(relay);
    ht_relay_free(relay);
    ht_policy_free(policy);
    return 0;
}
