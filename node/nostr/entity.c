/* Reading and writing of NIP-19's parts: a type, a length, and that many bytes. */
#include "node/nostr/entity.h"

#include "node/codec/bech32.h"

#define BYTES_MAX (HT_ENTITY_TEXT_MAX * 5 / 8)
#define KINDS (HT_ENTITY_NADDR + 1)

enum part { SPECIAL, RELAY, AUTHOR, KIND };

static const char *const prefixes[KINDS] = {
    [HT_ENTITY_NPUB] = "npub",     [HT_ENTITY_NOTE] = "note",   [HT_ENTITY_NPROFILE] = "nprofile",
    [HT_ENTITY_NEVENT] = "nevent", [HT_ENTITY_NADDR] = "naddr",
};

static enum ht_err bad_parts(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "entity_parts", "%s", what);
}

static bool begins_with(ht_bytes text, const char *prefix, char then) {
    size_t n = strlen(prefix);
    if (text.n <= n || text.p[n] != (uint8_t)then) return false;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = text.p[i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != prefix[i]) return false;
    }
    return true;
}

static enum ht_err read_part(struct ht_entity *entity, bool *has_special, uint8_t type,
                             ht_bytes value, struct ht_why *why) {
    bool is_hash = value.n == sizeof entity->key.b;
    if (type == RELAY && entity->relay_count < HT_ENTITY_RELAYS_MAX) {
        entity->relays[entity->relay_count++] = value;
    } else if (type == SPECIAL && entity->kind == HT_ENTITY_NADDR && !*has_special) {
        entity->identifier = value;
        *has_special = true;
    } else if (type == SPECIAL && !*has_special) {
        if (!is_hash) return bad_parts(why, "a key or an id has not 32 bytes");
        memcpy(entity->key.b, value.p, sizeof entity->key.b);
        *has_special = true;
    } else if (type == AUTHOR && !entity->has_author) {
        if (!is_hash) return bad_parts(why, "an author has not 32 bytes");
        memcpy(entity->author.b, value.p, sizeof entity->author.b);
        entity->has_author = true;
    } else if (type == KIND && !entity->has_event_kind) {
        if (value.n != 4) return bad_parts(why, "a kind has not 4 bytes");
        entity->event_kind = (uint32_t)value.p[0] << 24 | (uint32_t)value.p[1] << 16 |
                             (uint32_t)value.p[2] << 8 | value.p[3];
        if (entity->event_kind > UINT16_MAX) return bad_parts(why, "a kind is above 65535");
        entity->has_event_kind = true;
    }
    return HT_OK;
}

static enum ht_err read_parts(struct ht_entity *entity, ht_bytes bytes, struct ht_why *why) {
    bool has_special = false;
    while (bytes.n > 0) {
        if (bytes.n < 2 || bytes.p[1] > bytes.n - 2) return bad_parts(why, "a part is cut off");
        size_t n = bytes.p[1];
        enum ht_err err =
            read_part(entity, &has_special, bytes.p[0], ht_bytes_of(bytes.p + 2, n), why);
        if (err != HT_OK) return err;
        bytes = ht_bytes_of(bytes.p + 2 + n, bytes.n - 2 - n);
    }
    if (!has_special) return bad_parts(why, "the part that names it is missing");
    if (entity->kind != HT_ENTITY_NADDR) return HT_OK;
    if (!entity->has_author || !entity->has_event_kind) {
        return bad_parts(why, "an address without its author or its kind");
    }
    entity->key = entity->author;
    return HT_OK;
}

enum ht_err ht_entity_read(struct ht_entity *out, struct ht_arena *arena, ht_bytes text,
                           struct ht_why *why) {
    struct ht_entity entity = {.kind = HT_ENTITY_NPUB};
    size_t n = 0;
    unsigned kind = 0;
    if (begins_with(text, "nostr", ':')) text = ht_bytes_of(text.p + 6, text.n - 6);
    while (kind < KINDS && !begins_with(text, prefixes[kind], '1')) kind++;
    if (kind == KINDS) {
        return ht_fail(why, HT_EINPUT, "entity_kind", "it names nobody and no event");
    }
    entity.kind = (enum ht_entity_kind)kind;
    uint8_t *bytes = ht_arena_alloc(arena, BYTES_MAX);
    if (bytes == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a name");
    enum ht_err err = ht_bech32_decode(bytes, &n, BYTES_MAX, prefixes[kind], text, why);
    if (err != HT_OK) return err;
    if (entity.kind != HT_ENTITY_NPUB && entity.kind != HT_ENTITY_NOTE) {
        err = read_parts(&entity, ht_bytes_of(bytes, n), why);
    } else if (n == sizeof entity.key.b) {
        memcpy(entity.key.b, bytes, n);
    } else {
        err = bad_parts(why, "a key or an id has not 32 bytes");
    }
    if (err == HT_OK) *out = entity;
    return err;
}

static enum ht_err add_part(struct ht_buf *out, enum part type, ht_bytes value) {
    if (value.n > UINT8_MAX) return HT_ELIMIT;
    const uint8_t head[2] = {(uint8_t)type, (uint8_t)value.n};
    enum ht_err err = ht_buf_add(out, HT_BYTES(head));
    return err == HT_OK ? ht_buf_add(out, value) : err;
}

/* The order of parts is free; this one is what most programs write. */
static enum ht_err add_parts(struct ht_buf *out, const struct ht_entity *entity) {
    bool is_address = entity->kind == HT_ENTITY_NADDR;
    bool is_event = entity->kind == HT_ENTITY_NEVENT;
    const uint8_t kind[4] = {(uint8_t)(entity->event_kind >> 24),
                             (uint8_t)(entity->event_kind >> 16),
                             (uint8_t)(entity->event_kind >> 8), (uint8_t)entity->event_kind};
    enum ht_err err = HT_OK;
    if (is_address || (is_event && entity->has_event_kind)) {
        err = add_part(out, KIND, HT_BYTES(kind));
    }
    if (err == HT_OK && is_address) err = add_part(out, AUTHOR, HT_BYTES(entity->key.b));
    if (err == HT_OK && is_event && entity->has_author) {
        err = add_part(out, AUTHOR, HT_BYTES(entity->author.b));
    }
    for (size_t i = 0; i < entity->relay_count && err == HT_OK; i++) {
        err = add_part(out, RELAY, entity->relays[i]);
    }
    if (err != HT_OK) return err;
    return add_part(out, SPECIAL, is_address ? entity->identifier : HT_BYTES(entity->key.b));
}

enum ht_err ht_entity_write(char *out, size_t size, const struct ht_entity *entity) {
    struct ht_buf bytes;
    ht_assert((unsigned)entity->kind < KINDS && entity->relay_count <= HT_ENTITY_RELAYS_MAX);
    ht_buf_init(&bytes, BYTES_MAX);
    bool is_plain = entity->kind == HT_ENTITY_NPUB || entity->kind == HT_ENTITY_NOTE;
    enum ht_err err =
        is_plain ? ht_buf_add(&bytes, HT_BYTES(entity->key.b)) : add_parts(&bytes, entity);
    if (err == HT_OK) {
        err = ht_bech32_encode(out, size, prefixes[entity->kind], ht_buf_view(&bytes));
    }
    ht_buf_fini(&bytes);
    return err;
}
