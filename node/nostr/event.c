/* What an event says: its class, its tags, whether its id and signature hold. Reading and writing
 * of its text are event_read.c's and event_write.c's. */
#include "node/nostr/event.h"

#include "node/crypto/sha256.h"

enum ht_err ht_event_id(ht_hash32 *out, const struct ht_event *event) {
    struct ht_buf text;
    ht_buf_init(&text, 8 * HT_EVENT_SIZE_MAX);
    /* Most are hashed without a second allocation. */
    if (event->json.n < HT_EVENT_SIZE_MAX && ht_buf_reserve(&text, event->json.n + 256) == NULL) {
        return HT_ENOMEM;
    }
    enum ht_err err = ht_event_serialize(&text, event);
    if (err == HT_OK) ht_sha256(out, ht_buf_view(&text));
    ht_buf_fini(&text);
    return err;
}

enum ht_err ht_event_check_id(const struct ht_event *event, struct ht_why *why) {
    ht_hash32 id;
    enum ht_err err = ht_event_id(&id, event);
    if (err == HT_ELIMIT) {
        return ht_fail(why, err, "event_too_large", "its serialisation is too long");
    }
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "no memory for an event");
    if (ht_hash32_equal(&id, &event->id)) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "event_id", "the id is not the hash of the event");
}

enum ht_err ht_event_verify(const struct ht_event *event, struct ht_why *why) {
    enum ht_err err = ht_event_check_id(event, why);
    if (err != HT_OK) return err;
    if (ht_schnorr_verify(event->sig, &event->id, event->pubkey.b, NULL) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "event_signature", "the signature is not the author's");
}

enum ht_event_class ht_event_class_of(uint32_t kind) {
    if (kind == 0 || kind == 3 || (kind >= 10000 && kind < 20000)) return HT_EVENT_REPLACEABLE;
    if (kind >= 20000 && kind < 30000) return HT_EVENT_EPHEMERAL;
    return kind >= 30000 && kind < 40000 ? HT_EVENT_ADDRESSABLE : HT_EVENT_REGULAR;
}

const struct ht_event_tag *ht_event_find_tag(const struct ht_event *event, const char *name) {
    ht_bytes wanted = ht_bytes_str(name);
    for (size_t i = 0; i < event->tag_count; i++) {
        if (ht_bytes_equal(ht_event_tag_item(&event->tags[i], 0), wanted)) return &event->tags[i];
    }
    return NULL;
}

ht_bytes ht_event_tag_item(const struct ht_event_tag *tag, size_t i) {
    return tag != NULL && i < tag->count ? tag->items[i] : ht_bytes_of(NULL, 0);
}

ht_bytes ht_event_d(const struct ht_event *event) {
    return ht_event_tag_item(ht_event_find_tag(event, "d"), 1);
}

/* Decimal digits; false for anything else. Above max it is max. */
static bool read_decimal(int64_t *out, ht_bytes text, int64_t max) {
    int64_t value = 0;
    if (text.n == 0) return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') return false;
        int d = text.p[i] - '0';
        value = value > (max - d) / 10 ? max : value * 10 + d;
    }
    *out = value;
    return true;
}

int64_t ht_event_expiration(const struct ht_event *event) {
    int64_t at = 0;
    ht_bytes text = ht_event_tag_item(ht_event_find_tag(event, "expiration"), 1);
    return read_decimal(&at, text, INT64_MAX) ? at : INT64_MAX;
}

bool ht_event_is_protected(const struct ht_event *event) {
    return ht_event_find_tag(event, "-") != NULL;
}

unsigned ht_event_difficulty(const ht_hash32 *id) {
    unsigned bits = 0;
    for (size_t i = 0; i < sizeof id->b; i++, bits += 8) {
        if (id->b[i] != 0) return bits + (unsigned)__builtin_clz(id->b[i]) - 24;
    }
    return bits;
}

unsigned ht_event_difficulty_target(const struct ht_event *event) {
    int64_t bits = 0;
    ht_bytes text = ht_event_tag_item(ht_event_find_tag(event, "nonce"), 2);
    return read_decimal(&bits, text, 256) ? (unsigned)bits : 0;
}
