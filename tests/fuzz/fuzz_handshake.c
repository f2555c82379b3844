/* The handshake of a peer link, both sides: messages of the other one, one a line. Whatever comes,
 * nobody who does not hold a key is taken for its owner. The clock stands, and the random source
 * counts. The answers of a SOCKS5 proxy are read from the same bytes. */
#include <stdlib.h>

#include "node/net/socks.h"
#include "node/p2p/handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static int64_t at_rest(void *self) {
    (void)self;
    return INT64_C(1780000000000);
}

static void count_up(void *self, uint8_t *out, size_t n) {
    (void)self;
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)i;
}

static void sign(void *user, uint8_t signature[static HT_SCHNORR_SIZE], const ht_hash32 *id) {
    (void)user;
    memcpy(signature, id->b, 32);
    memcpy(signature + 32, id->b, 32);
}

/* Good signatures are what a fuzzer cannot make: here every second event has one. */
static bool verify(void *user, const struct ht_event *event) {
    (void)user;
    return event->sig[0] % 2 == 0;
}

static const struct ht_clock stopped = {.wall_ms = at_rest, .mono_ms = at_rest};
static const struct ht_random counting = {.fill = count_up};
static const struct ht_handshake_self self = {
    .node = {.b = {7}}, .sign = sign, .verify = verify, .clock = &stopped, .random = &counting};

static struct ht_peer_link_message message_of(ht_bytes line) {
    struct ht_peer_link_message message = {.verb = HT_PEER_VERB_PEER, .rest = line};
    if (line.n > 0 && line.p[0] == 'A') {
        message.verb = HT_PEER_VERB_AUTH_EVENT;
        message.rest = ht_bytes_of(line.p + 1, line.n - 1);
    }
    return message;
}

static void run(const uint8_t *data, size_t n, bool is_dialler) {
    struct ht_handshake shake;
    struct ht_buf out, ends;
    size_t start = 0;
    ht_buf_init(&out, 65536);
    ht_buf_init(&ends, 4096);
    ht_handshake_init(&shake, &self, is_dialler, NULL, "plain");
    if (is_dialler) must(ht_handshake_begin(&out, &shake) == HT_OK);
    for (size_t i = 0; i <= n && shake.step != HT_HANDSHAKE_FAILED; i++) {
        if (i < n && data[i] != '\n') continue;
        const struct ht_peer_link_message message =
            message_of(ht_bytes_of(data + start, i - start));
        size_t before = out.n;
        (void)ht_handshake_owns(&message);
        enum ht_err err = ht_handshake_said(&out, &ends, &shake, &message, NULL);
        must((err == HT_OK) == (shake.step != HT_HANDSHAKE_FAILED));
        must(err == HT_OK || out.n == before);
        must(shake.step != HT_HANDSHAKE_DONE || !ht_hash32_equal(&shake.peer, &self.node));
        must(strlen(shake.theirs) < sizeof shake.theirs);
        start = i + 1;
    }
    ht_buf_fini(&out);
    ht_buf_fini(&ends);
}

static void read_reply(const uint8_t *data, size_t n) {
    size_t need = 0;
    for (size_t i = 0; i <= n && i <= HT_SOCKS_REPLY_MAX; i++) {
        if (ht_socks_reply(&need, ht_bytes_of(data, i), NULL) != HT_OK) return;
        must(need <= HT_SOCKS_REPLY_MAX && need >= 5);
        if (i == need) return;
        must(i < need);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    run(data, n, true);
    run(data, n, false);
    read_reply(data, n);
    return 0;
}
