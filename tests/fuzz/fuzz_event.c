/* Events: what is read is written and read back as the same, its text that is hashed is never
 * longer than what was read, what is kept is an event that JSON's own parser takes, and memory
 * stays within what the header promises. */
#include <stdlib.h>

#include "node/codec/json.h"
#include "node/nostr/event_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static bool is_same(const struct ht_event *a, const struct ht_event *b) {
    bool same = ht_hash32_equal(&a->id, &b->id) && ht_hash32_equal(&a->pubkey, &b->pubkey) &&
                memcmp(a->sig, b->sig, sizeof a->sig) == 0 && a->kind == b->kind &&
                a->created_at == b->created_at && a->tag_count == b->tag_count &&
                ht_bytes_equal(a->content, b->content);
    for (size_t i = 0; same && i < a->tag_count; i++) {
        same = a->tags[i].count == b->tags[i].count && a->tags[i].count > 0;
        for (size_t j = 0; same && j < a->tags[i].count; j++) {
            same = ht_bytes_equal(a->tags[i].items[j], b->tags[i].items[j]);
        }
    }
    return same;
}

static void check_written(const struct ht_event *event, struct ht_arena *arena) {
    struct ht_event again;
    struct ht_buf text;
    ht_hash32 id;
    ht_buf_init(&text, HT_EVENT_SIZE_MAX);
    must(ht_event_serialize(&text, event) == HT_OK);
    ht_buf_clear(&text);
    must(ht_event_write(&text, event) == HT_OK);
    must(ht_event_read(&again, arena, ht_buf_view(&text), NULL) == HT_OK);
    must(is_same(event, &again) && again.json.n == text.n);
    must(ht_event_read(&again, arena, event->json, NULL) == HT_OK);
    must(is_same(event, &again) && again.json.p == event->json.p);
    must(ht_event_id(&id, event) == HT_OK);
    (void)!ht_event_verify(event, NULL);
    ht_buf_fini(&text);
}

static void check_said(const struct ht_event *event) {
    must(ht_event_expiration(event) >= 0);
    must(ht_event_difficulty(&event->id) <= 256);
    must(ht_event_difficulty_target(event) <= 256);
    must(event->kind <= UINT16_MAX);
    must(event->created_at >= 0 && event->created_at <= HT_EVENT_TIME_MAX);
    must(ht_event_d(event).n <= HT_EVENT_SIZE_MAX);
    (void)ht_event_is_protected(event);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_arena arena;
    struct ht_arena room;
    struct ht_event event;
    struct ht_why why = {.code = NULL};
    size_t used = 0;
    ht_bytes text = ht_bytes_of(data, n);
    ht_arena_init(&arena, HT_EVENT_ARENA(n));
    ht_arena_init(&room, (size_t)1 << 26);
    enum ht_err err = ht_event_read(&event, &arena, text, &why);
    enum ht_err front = ht_event_read_front(&event, &used, &room, text, NULL);
    must(err != HT_ENOMEM && front != HT_ENOMEM);
    if (err != HT_OK) {
        must(why.code != NULL);
    } else {
        json_t *parsed = NULL;
        must(front == HT_OK && used <= n);
        /* Its own duplicates and depths in members that were left out are not ours. */
        must(ht_json_parse(&parsed, event.json, HT_EVENT_SIZE_MAX, NULL) == HT_OK);
        json_decref(parsed);
        check_written(&event, &room);
        check_said(&event);
    }
    ht_arena_fini(&room);
    ht_arena_fini(&arena);
    return 0;
}
