/* The list of mutes, and what it hides. */
#include "social/feed/mutes.h"

#include <stdlib.h>

#include <unicase.h>

#include "node/codec/json.h"
#include "social/feed/look.h"
#include "social/feed/post.h"
#include "social/kinds.h"

#define INNER_MAX HT_EVENT_SIZE_MAX

/* --- text ------------------------------------------------------------------------------------- */

/* Folded text, malloc'd; NULL without memory. */
static uint8_t *fold(ht_bytes text, size_t *n) {
    uint8_t any = 0;
    for (size_t i = 0; i < text.n; i++) any |= text.p[i];
    if (any >= 0x80) return u8_casefold(text.p, text.n, NULL, UNINORM_NFC, NULL, n);
    uint8_t *out = malloc(text.n + 1);
    for (size_t i = 0; out != NULL && i < text.n; i++) {
        uint8_t c = text.p[i];
        out[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
    }
    *n = text.n;
    return out;
}

static ht_bytes text_of(const json_t *value) {
    return ht_bytes_of(json_string_value(value), json_string_length(value));
}

/* Does the text hold one of the words, or is it one of them? */
static bool matches(const json_t *words, const json_t *value, bool is_whole) {
    size_t i, n = 0;
    json_t *word;
    if (json_array_size(words) == 0 || json_string_length(value) == 0) return false;
    uint8_t *text = fold(text_of(value), &n);
    bool has_found = false;
    json_array_foreach(words, i, word) {
        ht_bytes wanted = text_of(word);
        if (text == NULL || has_found) break;
        has_found = is_whole ? ht_bytes_equal(wanted, ht_bytes_of(text, n))
                             : memmem(text, n, wanted.p, wanted.n) != NULL;
    }
    free(text);
    return has_found;
}

char *ht_mutes_lower(const char *word) {
    size_t n = 0;
    uint8_t *text = u8_tolower((const uint8_t *)word, strlen(word), NULL, UNINORM_NFC, NULL, &n);
    char *out = text != NULL ? strndup((const char *)text, n) : NULL;
    free(text);
    return out;
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum ht_err read_words(json_t **out, const json_t *list, const char *name,
                              struct ht_why *why) {
    json_t *words = json_array(), *tag;
    size_t i;
    bool has_failed = words == NULL;
    json_array_foreach(ht_json_member(list, "tags"), i, tag) {
        const char *first = ht_look_item(tag, 0);
        const json_t *value = json_array_get(tag, 1);
        size_t n = json_string_length(value);
        if (first == NULL || strcmp(first, name) != 0 || n == 0 || n > HT_MUTES_WORD_MAX) continue;
        if (has_failed || json_array_size(words) == HT_MUTES_WORDS_MAX) break;
        uint8_t *text = fold(text_of(value), &n);
        has_failed =
            text == NULL || json_array_append_new(words, json_stringn((const char *)text, n)) != 0;
        free(text);
    }
    *out = words;
    return has_failed ? ht_task_no_memory(why) : HT_OK;
}

enum ht_err ht_mutes_read(struct ht_mutes *out, const json_t *list, const ht_hash32 *owner,
                          struct ht_why *why) {
    *out = (struct ht_mutes){.has_owner = owner != NULL};
    if (owner != NULL) out->owner = *owner;
    enum ht_err err = ht_look_keys(&out->people, &out->people_count, list, "p", why);
    if (err == HT_OK) err = ht_look_keys(&out->threads, &out->thread_count, list, "e", why);
    if (err == HT_OK) err = read_words(&out->words, list, "word", why);
    if (err == HT_OK) err = read_words(&out->hashtags, list, "t", why);
    if (err != HT_OK) ht_mutes_fini(out);
    return err;
}

void ht_mutes_fini(struct ht_mutes *mutes) {
    free(mutes->people);
    free(mutes->threads);
    json_decref(mutes->words);
    json_decref(mutes->hashtags);
    *mutes = (struct ht_mutes){0};
}

/* --- judging ---------------------------------------------------------------------------------- */

static bool has_thread(const struct ht_mutes *mutes, const char *hex) {
    ht_hash32 id;
    return hex != NULL && ht_event_hex32(&id, ht_bytes_str(hex)) &&
           ht_look_has_key(mutes->threads, mutes->thread_count, &id);
}

static bool hides_thread(const struct ht_mutes *mutes, const json_t *event) {
    if (mutes->thread_count == 0) return false;
    return has_thread(mutes, json_string_value(ht_json_member(event, "id"))) ||
           has_thread(mutes, ht_post_root(event)) || has_thread(mutes, ht_post_parent(event));
}

/* What is read of an event besides its content; a poll's options have their text at 2. */
static size_t text_item(const char *name) {
    if (strcmp(name, "title") == 0 || strcmp(name, "summary") == 0) return 1;
    if (strcmp(name, "subject") == 0 || strcmp(name, "content-warning") == 0) return 1;
    return strcmp(name, "option") == 0 ? 2 : 0;
}

static bool hides_text(const struct ht_mutes *mutes, const json_t *event) {
    if (matches(mutes->words, ht_json_member(event, "content"), false)) return true;
    size_t i;
    json_t *tag;
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0);
        if (name == NULL) continue;
        if (strcmp(name, "t") == 0 && matches(mutes->hashtags, json_array_get(tag, 1), true)) {
            return true;
        }
        size_t at = text_item(name);
        if (at > 0 && matches(mutes->words, json_array_get(tag, at), false)) return true;
    }
    return false;
}

static bool is_own(const struct ht_mutes *mutes, const ht_hash32 *author) {
    return mutes->has_owner && ht_hash32_equal(author, &mutes->owner);
}

static bool hides_one(const struct ht_mutes *mutes, const json_t *event) {
    ht_hash32 author;
    if (!ht_look_hash(&author, event, "pubkey") || is_own(mutes, &author)) return false;
    return ht_look_has_key(mutes->people, mutes->people_count, &author) ||
           hides_thread(mutes, event) || hides_text(mutes, event);
}

/* The reposted event is named by e and p tags, and carried as text when it is not protected. */
static bool hides_reposted(const struct ht_mutes *mutes, const json_t *event) {
    const char *author = ht_look_item(ht_look_tag(event, "p"), 1);
    const char *content = json_string_value(ht_json_member(event, "content"));
    json_t *inner = NULL;
    ht_hash32 key;
    if (has_thread(mutes, ht_look_item(ht_look_tag(event, "e"), 1))) return true;
    if (author != NULL && ht_event_hex32(&key, ht_bytes_str(author)) && !is_own(mutes, &key) &&
        ht_look_has_key(mutes->people, mutes->people_count, &key)) {
        return true;
    }
    if (content == NULL || content[0] != '{' ||
        ht_json_parse(&inner, ht_bytes_str(content), INNER_MAX, NULL) != HT_OK) {
        return false;
    }
    bool is_hidden = hides_one(mutes, inner);
    json_decref(inner);
    return is_hidden;
}

bool ht_mutes_hides(const struct ht_mutes *mutes, const json_t *event) {
    json_int_t kind = json_integer_value(ht_json_member(event, "kind"));
    ht_hash32 author;
    bool is_repost = kind == HT_KIND_REPOST || kind == HT_KIND_GENERIC_REPOST;
    if (!is_repost) return hides_one(mutes, event);
    /* Its content is another's text, which is looked at as such. */
    if (!ht_look_hash(&author, event, "pubkey") || is_own(mutes, &author)) return false;
    return ht_look_has_key(mutes->people, mutes->people_count, &author) ||
           hides_reposted(mutes, event);
}

bool ht_mutes_may_hide(const struct ht_mutes *mutes, const ht_hash32 *author, uint32_t kind,
                       bool *is_sure) {
    bool is_repost = kind == HT_KIND_REPOST || kind == HT_KIND_GENERIC_REPOST;
    *is_sure = false;
    if (is_own(mutes, author)) return false;
    *is_sure = ht_look_has_key(mutes->people, mutes->people_count, author);
    return *is_sure || (is_repost && mutes->people_count > 0) || mutes->thread_count > 0 ||
           json_array_size(mutes->words) + json_array_size(mutes->hashtags) > 0;
}
