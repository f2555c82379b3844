/* One event: reading it, asking the policy, answering. Batches are relay_ingest.c's. */
#include "social/relay/relay_item.h"

#include <stdlib.h>

#include "node/nostr/event_read.h"
#include "node/nostr/event_write.h"
#include "node/nostr/json_scan.h"
#include "social/relay/relay_peer.h"

#define NAME_MAX_SIZE 128U
#define TAGS_ROOM 704U /* what event_read.c first asks for tags and items, and alignment */

/* The id that a broken event gives, as JSON, so that its OK can name it; empty without. */
static ht_bytes find_name(struct ht_arena *arena, ht_bytes text) {
    struct ht_json_scan scan;
    ht_bytes name, value;
    struct ht_buf json;
    ht_json_scan_init(&scan, arena, text);
    if (!ht_json_scan_is(&scan, '{')) return (ht_bytes){0};
    do {
        (void)ht_json_scan_peek(&scan);
        if (ht_json_scan_text(&name, &scan, NULL) != HT_OK) return (ht_bytes){0};
        if (!ht_json_scan_is(&scan, ':')) return (ht_bytes){0};
        bool is_id = ht_bytes_equal(name, ht_bytes_str("id"));
        if (is_id && ht_json_scan_peek(&scan) == '"') break;
        if (is_id || ht_json_scan_skip(&scan, NULL) != HT_OK) return (ht_bytes){0};
        if (!ht_json_scan_is(&scan, ',')) return (ht_bytes){0};
    } while (true);
    if (ht_json_scan_text(&value, &scan, NULL) != HT_OK) return (ht_bytes){0};
    ht_buf_init(&json, NAME_MAX_SIZE);
    char *copy = NULL;
    if (ht_event_write_text(&json, value) == HT_OK)
        copy = ht_arena_copy_str(arena, ht_buf_view(&json));
    size_t n = json.n;
    ht_buf_fini(&json);
    return ht_bytes_of(copy, copy != NULL ? n : 0);
}

static enum ht_err check_tail(ht_bytes rest, const char *tail, struct ht_arena *arena,
                              struct ht_why *why) {
    struct ht_json_scan scan;
    ht_json_scan_init(&scan, arena, rest);
    bool is_right = tail[0] == 0 || ht_json_scan_is(&scan, tail[0]);
    if (is_right && ht_json_scan_peek(&scan) == 0 && scan.p == scan.end) return HT_OK;
    return ht_fail(why, HT_EINPUT, "event_malformed", "there is more behind the event");
}

/* What most events of that text need: the text, a few tags, and their texts once more when there
 * are escapes in them. Thousands of events wait at once, so it is not rounded up. */
static size_t room_of(ht_bytes text) {
    bool has_escapes = text.n > 0 && memchr(text.p, '\\', text.n) != NULL;
    return text.n * (has_escapes ? 2 : 1) + TAGS_ROOM;
}

struct ht_relay_item *ht_relay_item_new(struct ht_relay_peer *peer, ht_bytes text,
                                        const char *tail) {
    struct ht_relay_item *item = calloc(1, sizeof *item);
    if (item == NULL) return NULL;
    size_t used = 0;
    item->peer = peer;
    ht_arena_init_small(&item->arena, 2 * HT_EVENT_ARENA(text.n), room_of(text));
    const char *copy = ht_arena_copy_str(&item->arena, text);
    if (copy == NULL) {
        free(item);
        return NULL;
    }
    text.p = (const uint8_t *)copy;
    item->err = ht_event_read_front(&item->event, &used, &item->arena, text, &item->why);
    if (item->err == HT_OK) {
        ht_bytes rest = ht_bytes_of(text.p + used, text.n - used);
        item->is_read = true;
        item->err = check_tail(rest, tail, &item->arena, &item->why);
    } else {
        item->name = find_name(&item->arena, text);
    }
    item->is_ready = item->err != HT_OK;
    item->size = sizeof *item + item->arena.used;
    ht_relay_peer_hold(peer);
    return item;
}

void ht_relay_item_free(struct ht_relay_item *item) {
    ht_relay_peer_release(item->peer);
    ht_arena_fini(&item->arena);
    free(item);
}

/* Strangers' keys, and addresses that only strangers write from, write so much a minute. */
static enum ht_err check_rate(struct ht_relay_item *item, enum ht_policy_rank rank) {
    struct ht_relay_peer *peer = item->peer;
    struct ht_relay *relay = peer->relay;
    struct ht_policy *policy = relay->options.policy;
    unsigned a_minute = ht_policy_settings(policy)->events_a_minute;
    int64_t now_ms = ht_relay_mono_ms(relay);
    if (rank > HT_RANK_STRANGER || peer->is_own || peer->connection == NULL) return HT_OK;
    for (size_t i = 0; i < peer->authed_count; i++) {
        if (ht_policy_rank_of(policy, &peer->authed[i]) > HT_RANK_STRANGER) return HT_OK;
    }
    bool may = ht_rates_take(&relay->rates, 'k', HT_BYTES(item->event.pubkey.b), a_minute, now_ms);
    if (may) may = ht_rates_take(&relay->rates, 'a', ht_bytes_str(peer->address), a_minute, now_ms);
    if (may) return HT_OK;
    return ht_fail(&item->why, HT_EDENIED, "rate-limited", "at most %u events a minute", a_minute);
}

void ht_relay_item_judge(struct ht_relay_item *item) {
    struct ht_relay_peer *peer = item->peer;
    const struct ht_policy *policy = peer->relay->options.policy;
    struct ht_policy_asker asker = ht_relay_peer_asker(peer);
    if (item->is_ready) return;
    enum ht_policy_rank rank = ht_policy_rank_of(policy, &item->event.pubkey);
    item->has_quota = rank <= HT_RANK_STRANGER;
    if (item->publish != NULL && item->publish->is_trusted_source) return;
    item->err =
        ht_policy_write(policy, &asker, &item->event, ht_relay_now_s(peer->relay), &item->why);
    if (item->err == HT_OK) item->err = check_rate(item, rank);
    item->is_ready = item->err != HT_OK;
}

static void answer_put(struct ht_relay_item *item) {
    struct ht_relay_peer *peer = item->peer;
    const ht_hash32 *id = &item->event.id;
    switch (item->put) {
    case HT_PUT_STORED: ht_relay_tell_ok_id(peer, id, true, NULL, ""); break;
    case HT_PUT_DUPLICATE:
        ht_relay_tell_ok_id(peer, id, true, "duplicate", "this event is here already");
        break;
    case HT_PUT_REPLACED:
        ht_relay_tell_ok_id(peer, id, false, "duplicate", "a newer event is in its place");
        break;
    case HT_PUT_DELETED:
        ht_relay_tell_ok_id(peer, id, false, "blocked", "this event was deleted");
        break;
    case HT_PUT_EXPIRED:
        ht_relay_tell_ok_id(peer, id, false, "invalid", "the event has expired");
        break;
    case HT_PUT_QUOTA:
        ht_relay_tell_ok_id(peer, id, false, "restricted", "no more room for this author");
        break;
    }
}

void ht_relay_item_answer(struct ht_relay_item *item) {
    struct ht_relay_peer *peer = item->peer;
    if (item->publish != NULL) {
        item->publish->done(item->publish, item->err, item->put, &item->why);
        return;
    }
    if (item->err == HT_OK) {
        answer_put(item);
        return;
    }
    const char *prefix = ht_relay_prefix(item->err, &item->why);
    if (item->is_read) {
        ht_relay_tell_ok_id(peer, &item->event.id, false, prefix, item->why.text);
    } else if (item->name.n > 0) {
        ht_relay_tell_ok(peer, item->name, false, prefix, item->why.text);
    } else {
        ht_relay_tell(peer, "NOTICE", item->name, prefix, item->why.text);
    }
}
