/* The handshake of a peer link: who says what when, and what each proof must say. The proofs are
 * events like any other (node/nostr); how messages are framed is peer_message.c's. */
#include "node/p2p/handshake.h"

#include <stdio.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/nostr/event_write.h"

#define PROOF_KIND 22242U
#define OFFER_MAX ((size_t)4096)
#define PROOF_MAX ((size_t)4096)
#define CHALLENGE_MIN ((size_t)16)
#define HEX_SIZE 65U

void ht_handshake_init(struct ht_handshake *handshake, const struct ht_handshake_self *self,
                       bool is_dialler, const ht_hash32 *expected, const char *channel) {
    ht_assert(strlen(channel) < HT_CHANNEL_SIZE);
    *handshake = (struct ht_handshake){
        .self = self,
        .is_dialler = is_dialler,
        .has_expected = expected != NULL,
        .since_ms = ht_mono_ms(self->clock),
    };
    if (expected != NULL) handshake->expected = *expected;
    (void)snprintf(handshake->channel, sizeof handshake->channel, "%s", channel);
    uint8_t nonce[32];
    char hex[HT_HEX_SIZE(sizeof nonce)];
    ht_random_fill(self->random, nonce, sizeof nonce);
    ht_hex_write(hex, HT_BYTES(nonce));
    memcpy(handshake->mine, hex + 2, sizeof handshake->mine);
}

static void write_hex(char out[static HEX_SIZE], const ht_hash32 *value) {
    char hex[HT_HEX_SIZE(sizeof value->b)];
    ht_hex_write(hex, HT_BYTES(value->b));
    memcpy(out, hex + 2, HEX_SIZE);
}

static const char *side_name(bool is_dialler) {
    return is_dialler ? "dialler" : "listener";
}

/* --- saying ----------------------------------------------------------------------------------- */

static enum ht_err offer(struct ht_buf *out, const struct ht_handshake *h) {
    char node[HEX_SIZE], text[256];
    write_hex(node, &h->self->node);
    (void)snprintf(text, sizeof text, "[\"PEER\",{\"v\":%d,\"node\":\"%s\",\"challenge\":\"%s\"}]",
                   HT_PEER_LINK_VERSION, node, h->mine);
    return ht_buf_add_str(out, text);
}

static enum ht_err prove(struct ht_buf *out, const struct ht_handshake *h) {
    char peer[HEX_SIZE];
    write_hex(peer, &h->peer);
    const ht_bytes items[][2] = {
        {ht_bytes_str("challenge"), ht_bytes_str(h->theirs)},
        {ht_bytes_str("mine"), ht_bytes_str(h->mine)},
        {ht_bytes_str("peer"), ht_bytes_str(peer)},
        {ht_bytes_str("side"), ht_bytes_str(side_name(h->is_dialler))},
        {ht_bytes_str("channel"), ht_bytes_str(h->channel)},
    };
    struct ht_event_tag tags[sizeof items / sizeof *items];
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        tags[i] = (struct ht_event_tag){.items = items[i], .count = 2};
    struct ht_event event = {
        .pubkey = h->self->node,
        .created_at = ht_wall_ms(h->self->clock) / 1000,
        .kind = PROOF_KIND,
        .tags = tags,
        .tag_count = sizeof tags / sizeof *tags,
    };
    enum ht_err err = ht_event_id(&event.id, &event);
    if (err != HT_OK) return err;
    h->self->sign(h->self->user, event.sig, &event.id);
    err = ht_buf_add_str(out, "[\"AUTH\",");
    if (err == HT_OK) err = ht_event_write(out, &event);
    return err == HT_OK ? ht_buf_add_str(out, "]") : err;
}

enum ht_err ht_handshake_begin(struct ht_buf *out, struct ht_handshake *handshake) {
    ht_assert(handshake->is_dialler && handshake->step == HT_HANDSHAKE_IDLE);
    size_t before = out->n;
    enum ht_err err = offer(out, handshake);
    if (err != HT_OK) {
        out->n = before;
        return err;
    }
    handshake->step = HT_HANDSHAKE_OFFERED;
    return HT_OK;
}

/* --- an offer --------------------------------------------------------------------------------- */

/* It goes into a proof of ours: bounded, and nothing that could be taken for something else. */
static bool is_challenge(ht_bytes text, size_t max) {
    if (text.n < CHALLENGE_MIN || text.n > max) return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] <= ' ' || text.p[i] > '~') return false;
    }
    return true;
}

static enum ht_err take_offer(struct ht_handshake *h, const json_t *json, struct ht_why *why) {
    uint64_t version = 0;
    ht_bytes node, challenge;
    enum ht_err err = ht_json_u64(&version, json, "v", why);
    if (err == HT_OK) err = ht_json_str(&node, json, "node", why);
    if (err == HT_OK) err = ht_json_str(&challenge, json, "challenge", why);
    bool is_good = err == HT_OK && version >= HT_PEER_LINK_VERSION &&
                   is_challenge(challenge, sizeof h->theirs - 1) && ht_event_hex32(&h->peer, node);
    if (!is_good)
        return ht_fail(why, HT_EINPUT, "peer_malformed", "an offer of a peer link that is none");
    memcpy(h->theirs, challenge.p, challenge.n);
    h->theirs[challenge.n] = '\0';
    return HT_OK;
}

static enum ht_err read_offer(struct ht_handshake *h, ht_bytes rest, struct ht_why *why) {
    json_t *json = NULL;
    enum ht_err err = ht_json_parse(&json, rest, OFFER_MAX, why);
    if (err == HT_ENOMEM) return err;
    if (err != HT_OK)
        return ht_fail(why, HT_EINPUT, "peer_malformed", "an offer of a peer link that is none");
    err = take_offer(h, json, why);
    json_decref(json);
    if (err != HT_OK) return err;
    if (ht_hash32_equal(&h->peer, &h->self->node))
        return ht_fail(why, HT_EUNVERIFIED, "peer_identity", "it says to be this node itself");
    if (h->has_expected && !ht_hash32_equal(&h->peer, &h->expected))
        return ht_fail(why, HT_EUNVERIFIED, "peer_identity",
                       "another node answers than the one that was dialled");
    return HT_OK;
}

/* The dialler's turn to prove itself; the listener only answers with its own offer. */
static enum ht_err on_offer(struct ht_buf *out, struct ht_handshake *h, ht_bytes rest,
                            struct ht_why *why) {
    enum ht_handshake_step before = h->is_dialler ? HT_HANDSHAKE_OFFERED : HT_HANDSHAKE_IDLE;
    if (h->step != before)
        return ht_fail(why, HT_EINPUT, "peer_order", "an offer of a peer link out of turn");
    enum ht_err err = read_offer(h, rest, why);
    if (err != HT_OK) return err;
    err = h->is_dialler ? prove(out, h) : offer(out, h);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "no memory for a peer link");
    if (!h->is_dialler) h->since_ms = ht_mono_ms(h->self->clock);
    h->step = h->is_dialler ? HT_HANDSHAKE_PROVING : HT_HANDSHAKE_OFFERED;
    return HT_OK;
}

/* --- a proof ---------------------------------------------------------------------------------- */

static bool says(const struct ht_event *event, const char *tag, const char *value) {
    const struct ht_event_tag *found = ht_event_find_tag(event, tag);
    return found != NULL && ht_bytes_equal(ht_event_tag_item(found, 1), ht_bytes_str(value));
}

/* All five are there, each once and with a value: two of a name could be read two ways. */
static bool is_proof(const struct ht_event *event) {
    static const char *const names[] = {"challenge", "mine", "peer", "side", "channel"};
    const size_t count = sizeof names / sizeof *names;
    if (event->kind != PROOF_KIND || event->tag_count != count) return false;
    for (size_t i = 0; i < count; i++) {
        const struct ht_event_tag *tag = ht_event_find_tag(event, names[i]);
        if (tag == NULL || tag->count != 2) return false;
    }
    return true;
}

static enum ht_err check_words(const struct ht_handshake *h, const struct ht_event *event,
                               struct ht_why *why) {
    char self[HEX_SIZE];
    write_hex(self, &h->self->node);
    if (!ht_hash32_equal(&event->pubkey, &h->peer) || !says(event, "peer", self))
        return ht_fail(why, HT_EUNVERIFIED, "peer_identity", "a proof of or for another node");
    if (!says(event, "challenge", h->mine) || !says(event, "mine", h->theirs) ||
        !says(event, "side", side_name(!h->is_dialler)))
        return ht_fail(why, HT_EUNVERIFIED, "peer_challenge", "a proof of another connection");
    if (!says(event, "channel", h->channel))
        return ht_fail(why, HT_EUNVERIFIED, "peer_channel",
                       "the other side sees another channel: somebody may be in between");
    int64_t off_s = event->created_at - ht_wall_ms(h->self->clock) / 1000;
    if (off_s > HT_HANDSHAKE_WINDOW_S || off_s < -HT_HANDSHAKE_WINDOW_S)
        return ht_fail(why, HT_EUNVERIFIED, "peer_clock", "its clock is %lld s off",
                       (long long)off_s);
    return HT_OK;
}

static enum ht_err check_proof(const struct ht_handshake *h, const struct ht_event *event,
                               struct ht_why *why) {
    if (!is_proof(event))
        return ht_fail(why, HT_EINPUT, "peer_malformed", "a proof of a node key that is none");
    enum ht_err err = check_words(h, event, why);
    if (err != HT_OK) return err;
    const struct ht_handshake_self *self = h->self;
    bool is_signed = self->verify != NULL ? self->verify(self->user, event)
                                          : ht_event_verify(event, NULL) == HT_OK;
    if (is_signed) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "peer_signature", "a proof that its node key did not sign");
}

/* The event lives as long as the arena. */
static enum ht_err read_proof(struct ht_event *event, struct ht_arena *arena, ht_bytes rest,
                              struct ht_why *why) {
    if (rest.n > PROOF_MAX)
        return ht_fail(why, HT_EINPUT, "peer_malformed", "a proof of %zu bytes", rest.n);
    enum ht_err err = ht_event_read(event, arena, rest, why);
    if (err == HT_OK || err == HT_ENOMEM) return err;
    return ht_fail(why, HT_EINPUT, "peer_malformed", "a proof of a node key that is no event");
}

static enum ht_err on_proof(struct ht_buf *out, struct ht_handshake *h, ht_bytes rest,
                            struct ht_why *why) {
    enum ht_handshake_step before = h->is_dialler ? HT_HANDSHAKE_PROVING : HT_HANDSHAKE_OFFERED;
    if (h->step != before)
        return ht_fail(why, HT_EINPUT, "peer_order", "a proof of a node key out of turn");
    struct ht_arena arena;
    struct ht_event event;
    ht_arena_init_small(&arena, HT_EVENT_ARENA(PROOF_MAX), PROOF_MAX);
    enum ht_err err = read_proof(&event, &arena, rest, why);
    if (err == HT_OK) err = check_proof(h, &event, why);
    ht_arena_fini(&arena);
    if (err != HT_OK) return err;
    if (!h->is_dialler && prove(out, h) != HT_OK)
        return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a peer link");
    h->step = HT_HANDSHAKE_DONE;
    return HT_OK;
}

/* --- messages --------------------------------------------------------------------------------- */

bool ht_handshake_owns(const struct ht_peer_link_message *message) {
    if (message->verb == HT_PEER_VERB_PEER) return true;
    if (message->verb != HT_PEER_VERB_AUTH_EVENT) return false;
    struct ht_arena arena;
    struct ht_event event;
    ht_arena_init_small(&arena, HT_EVENT_ARENA(PROOF_MAX), PROOF_MAX);
    bool is_ours = read_proof(&event, &arena, message->rest, NULL) == HT_OK &&
                   ht_event_find_tag(&event, "peer") != NULL;
    ht_arena_fini(&arena);
    return is_ours;
}

enum ht_err ht_handshake_said(struct ht_buf *out, struct ht_buf *ends,
                              struct ht_handshake *handshake,
                              const struct ht_peer_link_message *message, struct ht_why *why) {
    size_t before = out->n;
    enum ht_err err = HT_EINPUT;
    if (message->verb == HT_PEER_VERB_PEER) {
        err = on_offer(out, handshake, message->rest, why);
    } else if (message->verb == HT_PEER_VERB_AUTH_EVENT) {
        err = on_proof(out, handshake, message->rest, why);
    } else {
        (void)ht_fail(why, err, "peer_order", "nothing of a handshake");
    }
    if (err == HT_OK && out->n > before) {
        size_t end = out->n;
        if (ht_buf_add(ends, ht_bytes_of(&end, sizeof end)) != HT_OK)
            err = ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a peer link");
    }
    if (err == HT_OK) return HT_OK;
    out->n = before;
    handshake->step = HT_HANDSHAKE_FAILED;
    return err;
}
