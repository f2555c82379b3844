/* The sets of a scope, kept sorted, and what they say of an event. What is done with the answer is
 * gossip's and catch-up's. */
#include "node/p2p/scope.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "node/crypto/sha256.h"

/* Sorted, each once: `size` bytes an item, compared as memory. */
struct sorted {
    uint8_t *p;
    size_t count, cap;
};

struct ht_scope {
    bool is_all;
    struct sorted authors, inbox, tags;
};

struct set_kind {
    size_t size, max;
};

static const struct set_kind author_kind = {sizeof(struct ht_scope_author), HT_SCOPE_AUTHORS_MAX};
static const struct set_kind inbox_kind = {sizeof(ht_hash32), HT_SCOPE_INBOX_MAX};
static const struct set_kind tag_kind = {HT_SCOPE_TAG_SIZE, HT_SCOPE_TAGS_MAX};

/* Where the item is or would be. */
static size_t place_of(const struct sorted *set, const struct set_kind *kind, const void *item) {
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(set->p + middle * kind->size, item, kind->size) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool set_has(const struct sorted *set, const struct set_kind *kind, const void *item) {
    if (set->count == 0) return false;
    size_t at = place_of(set, kind, item);
    return at < set->count && memcmp(set->p + at * kind->size, item, kind->size) == 0;
}

static enum ht_err set_add(struct sorted *set, const struct set_kind *kind, const void *item) {
    if (set_has(set, kind, item)) return HT_OK;
    if (set->count == kind->max) return HT_ELIMIT;
    if (set->count == set->cap) {
        size_t cap = set->cap == 0 ? 4 : 2 * set->cap;
        uint8_t *more = realloc(set->p, cap * kind->size);
        if (more == NULL) return HT_ENOMEM;
        set->p = more;
        set->cap = cap;
    }
    size_t at = place_of(set, kind, item);
    uint8_t *place = set->p + at * kind->size;
    memmove(place + kind->size, place, (set->count - at) * kind->size);
    memcpy(place, item, kind->size);
    set->count++;
    return HT_OK;
}

static struct ht_scope_author author_of(const ht_hash32 *pubkey) {
    static const char label[] = "hearth-scope";
    uint8_t text[sizeof label - 1 + 32];
    memcpy(text, label, sizeof label - 1);
    memcpy(text + sizeof label - 1, pubkey->b, 32);
    ht_hash32 hash;
    ht_sha256(&hash, HT_BYTES(text));
    struct ht_scope_author author;
    memcpy(author.prefix, hash.b, sizeof author.prefix);
    return author;
}

/* Zeros behind, so that items compare as memory; false: longer than a scope takes, or empty. */
static bool read_tag(char tag[static HT_SCOPE_TAG_SIZE], ht_bytes value) {
    if (value.n == 0 || value.n >= HT_SCOPE_TAG_SIZE) return false;
    if (memchr(value.p, 0, value.n) != NULL) return false;
    memset(tag, 0, HT_SCOPE_TAG_SIZE);
    memcpy(tag, value.p, value.n);
    return true;
}

enum ht_err ht_scope_new(struct ht_scope **out) {
    struct ht_scope *scope = calloc(1, sizeof *scope);
    if (scope == NULL) return HT_ENOMEM;
    *out = scope;
    return HT_OK;
}

void ht_scope_free(struct ht_scope *scope) {
    if (scope == NULL) return;
    free(scope->authors.p);
    free(scope->inbox.p);
    free(scope->tags.p);
    free(scope);
}

enum ht_err ht_scope_add_author(struct ht_scope *scope, const ht_hash32 *pubkey) {
    struct ht_scope_author author = author_of(pubkey);
    return set_add(&scope->authors, &author_kind, &author);
}

enum ht_err ht_scope_add_inbox(struct ht_scope *scope, const ht_hash32 *pubkey) {
    return set_add(&scope->inbox, &inbox_kind, pubkey);
}

enum ht_err ht_scope_add_tag(struct ht_scope *scope, const char *value) {
    char tag[HT_SCOPE_TAG_SIZE];
    if (!read_tag(tag, ht_bytes_str(value))) return HT_EINPUT;
    return set_add(&scope->tags, &tag_kind, tag);
}

void ht_scope_set_all(struct ht_scope *scope, bool is_all) {
    scope->is_all = is_all;
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static void write_hex(char *out, const uint8_t *p, size_t n) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[p[i] >> 4];
        out[2 * i + 1] = digits[p[i] & 15];
    }
}

static json_t *authors_json(const struct sorted *set) {
    size_t n = set->count * author_kind.size;
    char *hex = malloc(2 * n + 1);
    if (hex == NULL) return NULL;
    write_hex(hex, set->p, n);
    json_t *text = json_stringn(hex, 2 * n);
    free(hex);
    return text;
}

static json_t *inbox_json(const struct sorted *set) {
    json_t *list = json_array();
    for (size_t i = 0; i < set->count; i++) {
        char hex[64];
        write_hex(hex, set->p + 32 * i, 32);
        (void)json_array_append_new(list, json_stringn(hex, sizeof hex));
    }
    if (json_array_size(list) == set->count) return list;
    json_decref(list);
    return NULL;
}

static json_t *tags_json(const struct sorted *set) {
    json_t *list = json_array();
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        json_t *text = json_string((const char *)(set->p + HT_SCOPE_TAG_SIZE * i));
        if (json_array_append_new(list, text) == 0) kept++;
    }
    if (list != NULL && kept == set->count) return list;
    json_decref(list);
    return NULL;
}

json_t *ht_scope_json(const struct ht_scope *scope) {
    json_t *object = json_object();
    if (object == NULL) return NULL;
    bool is_done = true;
    if (scope->is_all) {
        is_done = json_object_set_new(object, "all", json_true()) == 0;
    } else {
        is_done = json_object_set_new(object, "authors", authors_json(&scope->authors)) == 0 &&
                  json_object_set_new(object, "tags", tags_json(&scope->tags)) == 0;
    }
    /* With "all", too: who keeps what is private for whom is not said by it. */
    if (is_done && (!scope->is_all || scope->inbox.count > 0)) {
        is_done = json_object_set_new(object, "inbox", inbox_json(&scope->inbox)) == 0;
    }
    if (is_done) return object;
    json_decref(object);
    return NULL;
}

static enum ht_err bad(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "bad_scope", "The scope of the peer has %s", what);
}

static enum ht_err full(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_ELIMIT, "scope_full", "The scope of the peer has too many %s", what);
}

static int hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

static int compare_authors(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct ht_scope_author));
}

/* Sorted at the end and not one by one: a peer sends thousands, in any order. */
static enum ht_err read_authors(struct sorted *set, ht_bytes hex, struct ht_why *why) {
    size_t size = author_kind.size, count = hex.n / (2 * size);
    if (hex.n % (2 * size) != 0) return bad(why, "authors of odd length");
    if (count > author_kind.max) return full(why, "authors");
    if (count == 0) return HT_OK;
    set->p = malloc(count * size);
    if (set->p == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "No memory for a scope");
    set->cap = count;
    for (size_t i = 0; i < count * size; i++) {
        int high = hex_digit(hex.p[2 * i]), low = hex_digit(hex.p[2 * i + 1]);
        if (high < 0 || low < 0) return bad(why, "authors that are no hex");
        set->p[i] = (uint8_t)(high << 4 | low);
    }
    qsort(set->p, count, size, compare_authors);
    set->count = 1;
    for (size_t i = 1; i < count; i++) {
        const uint8_t *item = set->p + i * size;
        if (memcmp(set->p + (set->count - 1) * size, item, size) == 0) continue;
        memmove(set->p + set->count++ * size, item, size);
    }
    return HT_OK;
}

static enum ht_err read_inbox(struct sorted *set, const json_t *list, struct ht_why *why) {
    if (!json_is_array(list)) return bad(why, "an inbox that is no list");
    if (json_array_size(list) > inbox_kind.max) return full(why, "keys");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        ht_hash32 pubkey;
        if (!json_is_string(item) ||
            !ht_event_hex32(&pubkey,
                            ht_bytes_of(json_string_value(item), json_string_length(item)))) {
            return bad(why, "an inbox of what is no key");
        }
        enum ht_err err = set_add(set, &inbox_kind, &pubkey);
        if (err != HT_OK) return ht_fail(why, err, "no_memory", "No memory for a scope");
    }
    return HT_OK;
}

static enum ht_err read_tags(struct sorted *set, const json_t *list, struct ht_why *why) {
    if (!json_is_array(list)) return bad(why, "tags that are no list");
    if (json_array_size(list) > tag_kind.max) return full(why, "tags");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        char tag[HT_SCOPE_TAG_SIZE];
        if (!json_is_string(item) ||
            !read_tag(tag, ht_bytes_of(json_string_value(item), json_string_length(item)))) {
            return bad(why, "a tag that is none");
        }
        enum ht_err err = set_add(set, &tag_kind, tag);
        if (err != HT_OK) return ht_fail(why, err, "no_memory", "No memory for a scope");
    }
    return HT_OK;
}

static enum ht_err read_members(struct ht_scope *scope, const json_t *from, struct ht_why *why) {
    const json_t *all = ht_json_member(from, "all"), *authors = ht_json_member(from, "authors");
    const json_t *inbox = ht_json_member(from, "inbox"), *tags = ht_json_member(from, "tags");
    if (all != NULL && !json_is_boolean(all)) return bad(why, "an \"all\" that is no boolean");
    scope->is_all = json_is_true(all);
    if (authors != NULL) {
        if (!json_is_string(authors)) return bad(why, "authors that are no text");
        ht_bytes hex = ht_bytes_of(json_string_value(authors), json_string_length(authors));
        enum ht_err err = read_authors(&scope->authors, hex, why);
        if (err != HT_OK) return err;
    }
    enum ht_err err = inbox == NULL ? HT_OK : read_inbox(&scope->inbox, inbox, why);
    if (err == HT_OK && tags != NULL) err = read_tags(&scope->tags, tags, why);
    return err;
}

enum ht_err ht_scope_read(struct ht_scope **out, const json_t *from, struct ht_why *why) {
    if (!json_is_object(from)) return bad(why, "another type than an object");
    struct ht_scope *scope;
    if (ht_scope_new(&scope) != HT_OK) {
        return ht_fail(why, HT_ENOMEM, "no_memory", "No memory for a scope");
    }
    enum ht_err err = read_members(scope, from, why);
    if (err == HT_OK) {
        *out = scope;
    } else {
        ht_scope_free(scope);
    }
    return err;
}

/* --- what it has ------------------------------------------------------------------------------ */

bool ht_scope_has_author(const struct ht_scope *scope, const ht_hash32 *pubkey) {
    if (scope->is_all) return true;
    if (scope->authors.count == 0) return false;
    struct ht_scope_author author = author_of(pubkey);
    return set_has(&scope->authors, &author_kind, &author);
}

bool ht_scope_has_inbox(const struct ht_scope *scope, const ht_hash32 *pubkey) {
    return set_has(&scope->inbox, &inbox_kind, pubkey);
}

static bool has_tag(const struct ht_scope *scope, const struct ht_event_tag *tag) {
    if (tag->count < 2 || tag->items[0].n != 1) return false;
    ht_hash32 pubkey;
    char text[HT_SCOPE_TAG_SIZE];
    switch (tag->items[0].p[0]) {
    case 'p':
        return scope->inbox.count > 0 && ht_event_hex32(&pubkey, tag->items[1]) &&
               ht_scope_has_inbox(scope, &pubkey);
    case 't':
        return scope->tags.count > 0 && read_tag(text, tag->items[1]) &&
               set_has(&scope->tags, &tag_kind, text);
    default: return false;
    }
}

bool ht_scope_has(const struct ht_scope *scope, const struct ht_event *event) {
    if (ht_scope_has_author(scope, &event->pubkey)) return true;
    if (scope->inbox.count == 0 && scope->tags.count == 0) return false;
    for (size_t i = 0; i < event->tag_count; i++) {
        if (has_tag(scope, &event->tags[i])) return true;
    }
    return false;
}

bool ht_scope_is_gossiped(const struct ht_event *event, int64_t now_s) {
    static const uint32_t private_kinds[] = {4, 13, 14, 15, 1059, 1060, 21059, 22242, 24133, 27235};
    for (size_t i = 0; i < sizeof private_kinds / sizeof *private_kinds; i++) {
        if (event->kind == private_kinds[i]) return false;
    }
    return !ht_event_is_protected(event) && ht_event_expiration(event) > now_s;
}
