/* Pictures of a post, and what it quotes, in its text and tags. */
#include "social/feed/writing_parts.h"

#include <ctype.h>
#include <stdio.h>

#include "node/codec/json.h"
#include "social/feed/look.h"

#define ENTITY_SIZE 512U

static enum ht_err no_room(enum ht_err err, struct ht_why *why) {
    return ht_fail(why, err, err == HT_ELIMIT ? "too_long" : "no_memory",
                   "that is more than %u bytes of text", HT_CLIENT_POST_MAX);
}

enum ht_err ht_post_end_text(struct ht_buf *text, struct ht_why *why) {
    enum ht_err err = ht_buf_add(text, ht_bytes_of("", 1));
    if (err != HT_OK) return no_room(err, why);
    text->n--;
    return HT_OK;
}

/* On a line of its own, behind what is there. */
static enum ht_err append(struct ht_buf *text, const char *gap, const char *scheme,
                          const char *what, struct ht_why *why) {
    enum ht_err err = text->n > 0 ? ht_buf_add_str(text, gap) : HT_OK;
    if (err == HT_OK) err = ht_buf_add_str(text, scheme);
    if (err == HT_OK) err = ht_buf_add_str(text, what);
    return err == HT_OK ? HT_OK : no_room(err, why);
}

static bool holds(const struct ht_buf *text, const char *what) {
    return text->n > 0 && memmem(text->p, text->n, what, strlen(what)) != NULL;
}

/* --- media (NIP-92) --------------------------------------------------------------------------- */

static enum ht_err bad_media(const char *part, struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "bad_media", "a picture's %s is missing or wrong", part);
}

static bool is_url(const char *text) {
    size_t n = strlen(text);
    bool has_scheme = strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0;
    if (!has_scheme || n < 9 || n > HT_POST_URL_MAX) return false;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>') return false;
    }
    return true;
}

/* "image/png": two tokens. */
static bool is_type(const char *text) {
    const char *slash = strchr(text, '/');
    size_t n = strlen(text);
    if (slash == NULL || slash == text || slash[1] == '\0' || n > 100) return false;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (text + i == slash) continue;
        if (!isalnum(c) && strchr("!#$&^_.+-", c) == NULL) return false;
    }
    return true;
}

static int add_part(json_t *tag, const char *name, const char *value) {
    return json_array_append_new(tag, json_sprintf("%s %s", name, value));
}

static enum ht_err read_optional(const char **out, const json_t *one, const char *name,
                                 struct ht_why *why) {
    const json_t *value = ht_json_member(one, name);
    *out = NULL;
    if (value == NULL || json_is_null(value)) return HT_OK;
    return ht_json_text(out, one, name, why);
}

static enum ht_err read_media(json_t *tag, const char **url, const json_t *one,
                              struct ht_why *why) {
    const char *hash = NULL, *type = NULL, *alt = NULL;
    const json_t *has_size = ht_json_member(one, "size");
    uint64_t size = 0;
    ht_hash32 digest;
    char number[24];
    enum ht_err err = ht_json_text(url, one, "url", why);
    if (err == HT_OK && !is_url(*url)) err = bad_media("address", why);
    if (err == HT_OK) err = ht_json_text(&hash, one, "sha256", why);
    if (err == HT_OK && !ht_event_hex32(&digest, ht_bytes_str(hash))) err = bad_media("hash", why);
    if (err == HT_OK) err = ht_json_text(&type, one, "type", why);
    if (err == HT_OK && !is_type(type)) err = bad_media("type", why);
    if (err == HT_OK && has_size != NULL && !json_is_null(has_size)) {
        err = ht_json_u64(&size, one, "size", why);
    }
    if (err == HT_OK) err = read_optional(&alt, one, "alt", why);
    if (err == HT_OK && alt != NULL && strlen(alt) > HT_POST_ALT_MAX) {
        err = bad_media("description", why);
    }
    if (err != HT_OK) return err;
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)size);
    int failed = json_array_append_new(tag, json_string("imeta"));
    failed |= add_part(tag, "url", *url);
    failed |= add_part(tag, "m", type);
    failed |= add_part(tag, "x", hash);
    if (size > 0) failed |= add_part(tag, "size", number);
    if (alt != NULL && alt[0] != '\0') failed |= add_part(tag, "alt", alt);
    return failed == 0 ? HT_OK : ht_task_no_memory(why);
}

enum ht_err ht_post_add_media(json_t *tags, struct ht_buf *text, const json_t *media,
                              struct ht_why *why) {
    size_t i;
    json_t *one;
    if (!json_is_array(media)) return bad_media("list", why);
    if (json_array_size(media) > HT_POST_MEDIA_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_much_media", "a post has at most %u pictures",
                       HT_POST_MEDIA_MAX);
    }
    json_array_foreach(media, i, one) {
        const char *url = NULL;
        json_t *tag = json_array();
        enum ht_err err = read_media(tag, &url, one, why);
        if (err != HT_OK) {
            json_decref(tag);
            return err;
        }
        if (json_array_append_new(tags, tag) != 0) return ht_task_no_memory(why);
        if (!holds(text, url)) err = append(text, "\n", "", url, why);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

/* --- what is quoted (NIP-18, 27) -------------------------------------------------------------- */

bool ht_post_next_entity(struct ht_entity *out, struct ht_arena *arena, const char **at) {
    for (const char *start = strstr(*at, "nostr:n"); start != NULL;
         start = strstr(start + 1, "nostr:n")) {
        size_t n = 6;
        while (isalnum((unsigned char)start[n]) && n < HT_ENTITY_TEXT_MAX) n++;
        *at = start + n;
        if (ht_entity_read(out, arena, ht_bytes_of(start, n), NULL) == HT_OK) return true;
    }
    return false;
}

static bool names(const char *text, const ht_hash32 *id) {
    struct ht_entity entity;
    bool is_named = false, is_read = true;
    while (is_read && !is_named) {
        struct ht_arena arena;
        ht_arena_init(&arena, HT_ENTITY_ARENA);
        is_read = ht_post_next_entity(&entity, &arena, &text);
        ht_arena_fini(&arena);
        is_named = is_read && (entity.kind == HT_ENTITY_NOTE || entity.kind == HT_ENTITY_NEVENT) &&
                   ht_hash32_equal(&entity.key, id);
    }
    return is_named;
}

enum ht_err ht_post_add_quoted(struct ht_buf *text, const json_t *event, struct ht_why *why) {
    struct ht_entity entity = {
        .kind = HT_ENTITY_NEVENT, .has_author = true, .has_event_kind = true};
    char name[ENTITY_SIZE];
    if (!ht_look_hash(&entity.key, event, "id") || !ht_look_hash(&entity.author, event, "pubkey")) {
        return ht_fail(why, HT_EBUG, "bad_event", "an event is stored without id or author");
    }
    entity.event_kind = (uint32_t)json_integer_value(ht_json_member(event, "kind"));
    enum ht_err err = ht_post_end_text(text, why);
    if (err != HT_OK) return err;
    if (names((const char *)text->p, &entity.key)) return HT_OK;
    err = ht_entity_write(name, sizeof name, &entity);
    if (err != HT_OK) return ht_fail(why, err, "too_long", "a name of an event is too long");
    return append(text, "\n\n", "nostr:", name, why);
}
