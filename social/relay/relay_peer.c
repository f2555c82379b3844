/* A connection's life from its opening to its last reference, and the messages that are short. */
#include "social/relay/relay_peer.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/nostr/event_write.h"
#include "social/relay/relay_request.h"

void ht_relay_peer_hold(struct ht_relay_peer *peer) {
    peer->refs++;
}

void ht_relay_peer_release(struct ht_relay_peer *peer) {
    if (--peer->refs == 0) free(peer);
}

struct ht_policy_asker ht_relay_peer_asker(const struct ht_relay_peer *peer) {
    return (struct ht_policy_asker){.authed = peer->authed,
                                    .authed_count = peer->authed_count,
                                    .is_own = peer->is_own,
                                    .is_page = peer->is_page};
}

void ht_relay_peer_drop(struct ht_relay_peer *peer, const char *reason) {
    const struct ht_relay_io *io = &peer->relay->options.io;
    if (peer->is_gone) return;
    peer->is_gone = true;
    ht_relay_requests_end(peer);
    io->hang_up(io->user, peer->connection, reason);
}

void ht_relay_peer_unlink(struct ht_relay_peer *peer) {
    if (peer->is_unlinked) return;
    peer->is_unlinked = true;
    peer->is_gone = true;
    *peer->link = peer->next;
    if (peer->next != NULL) peer->next->link = peer->link;
    peer->relay->counts.connections_now--;
    ht_relay_requests_end(peer);
    ht_relay_peer_release(peer);
}

void ht_relay_peer_bad(struct ht_relay_peer *peer) {
    struct ht_relay *relay = peer->relay;
    relay->counts.bad_signatures++;
    if (peer->connection == NULL) return;
    /* Who is at the bound is not let in again for a while: see ht_relay_opened. */
    (void)ht_rates_take(&relay->rates, 'b', ht_bytes_str(peer->address), HT_RELAY_BAD_MAX,
                        ht_relay_mono_ms(relay));
    if (++peer->bad >= HT_RELAY_BAD_MAX) ht_relay_peer_drop(peer, "too many bad signatures");
}

/* --- sending ----------------------------------------------------------------------------------*/

size_t ht_relay_peer_waiting(const struct ht_relay_peer *peer) {
    const struct ht_relay_io *io = &peer->relay->options.io;
    return peer->is_gone ? 0 : io->waiting(io->user, peer->connection);
}

void ht_relay_send(struct ht_relay_peer *peer, ht_bytes text) {
    struct ht_relay *relay = peer->relay;
    const struct ht_relay_io *io = &relay->options.io;
    if (peer->is_gone || peer->connection == NULL) return;
    bool has_room = ht_relay_peer_waiting(peer) < HT_RELAY_WAITING_MAX;
    if (has_room && io->send(io->user, peer->connection, text)) {
        relay->counts.sent++;
        return;
    }
    relay->counts.dropped_slow++;
    ht_relay_peer_drop(peer, "it reads too slowly");
}

const char *ht_relay_prefix(enum ht_err err, const struct ht_why *why) {
    switch (err) {
    case HT_OK: return NULL;
    case HT_EDENIED: return why->code != NULL ? why->code : "restricted";
    case HT_EINPUT:
    case HT_EUNVERIFIED:
    case HT_ELIMIT: return "invalid";
    case HT_ENOTFOUND:
    case HT_ESTALE:
    case HT_EAGAIN:
    case HT_ENET:
    case HT_ESTORE:
    case HT_ENOMEM:
    case HT_EBUG: break;
    }
    return "error";
}

/* Appends "prefix: text" as JSON. */
static enum ht_err write_reason(struct ht_buf *out, const char *prefix, const char *text) {
    char line[320];
    int n = prefix != NULL ? snprintf(line, sizeof line, "%s: %s", prefix, text)
                           : snprintf(line, sizeof line, "%s", text);
    size_t length = n < 0 ? 0 : (size_t)n;
    if (length >= sizeof line) length = sizeof line - 1;
    /* A reason may quote outside text, cut within a character. */
    for (size_t i = 0; i < length; i++) {
        if ((uint8_t)line[i] >= 0x80) line[i] = '?';
    }
    return ht_event_write_text(out, ht_bytes_of(line, length));
}

void ht_relay_tell(struct ht_relay_peer *peer, const char *verb, ht_bytes id, const char *prefix,
                   const char *text) {
    struct ht_buf *out = &peer->relay->scratch;
    ht_buf_clear(out);
    enum ht_err err = ht_buf_add_str(out, "[\"");
    if (err == HT_OK) err = ht_buf_add_str(out, verb);
    if (err == HT_OK) err = ht_buf_add_str(out, "\",");
    if (err == HT_OK && id.n > 0) err = ht_buf_add(out, id);
    if (err == HT_OK && id.n > 0) err = ht_buf_add_str(out, ",");
    if (err == HT_OK) err = write_reason(out, prefix, text);
    if (err == HT_OK) err = ht_buf_add_str(out, "]");
    if (err == HT_OK) ht_relay_send(peer, ht_buf_view(out));
}

void ht_relay_tell_why(struct ht_relay_peer *peer, const char *verb, ht_bytes id, enum ht_err err,
                       const struct ht_why *why) {
    ht_relay_tell(peer, verb, id, ht_relay_prefix(err, why),
                  why->code != NULL ? why->text : ht_err_name(err));
}

void ht_relay_tell_ok(struct ht_relay_peer *peer, ht_bytes id, bool is_taken, const char *prefix,
                      const char *text) {
    struct ht_buf *out = &peer->relay->scratch;
    ht_buf_clear(out);
    enum ht_err err = ht_buf_add_str(out, "[\"OK\",");
    if (err == HT_OK) err = ht_buf_add(out, id);
    if (err == HT_OK) err = ht_buf_add_str(out, is_taken ? ",true," : ",false,");
    if (err == HT_OK) err = write_reason(out, prefix, prefix != NULL ? text : "");
    if (err == HT_OK) err = ht_buf_add_str(out, "]");
    if (err == HT_OK) ht_relay_send(peer, ht_buf_view(out));
}

void ht_relay_tell_ok_id(struct ht_relay_peer *peer, const ht_hash32 *id, bool is_taken,
                         const char *prefix, const char *text) {
    char hex[HT_HEX_SIZE(32)];
    ht_hex_write(hex, HT_BYTES(id->b));
    /* "0x… becomes "…", in place. */
    hex[1] = '"';
    hex[sizeof hex - 1] = '"';
    ht_relay_tell_ok(peer, ht_bytes_of(hex + 1, sizeof hex - 1), is_taken, prefix, text);
}
