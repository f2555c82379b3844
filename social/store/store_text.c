/* Text for the search index, and searches as its expressions. The index itself is SQLite's. */
#include "social/store/store_text.h"

bool ht_store_is_searched(uint32_t kind) {
    switch (kind) {
    case 0:     /* profile */
    case 1:     /* note */
    case 11:    /* thread */
    case 20:    /* picture */
    case 21:    /* video */
    case 22:    /* short video */
    case 1063:  /* file */
    case 1068:  /* poll */
    case 1111:  /* comment */
    case 9802:  /* highlight */
    case 30023: /* long-form */
    case 30402: /* classified listing */
    case 30818: /* wiki */ return true;
    default: return false;
    }
}

/* Adds a line, cut where a character begins so that all of it fits. */
static enum ht_err add_line(struct ht_buf *out, ht_bytes line) {
    size_t room = HT_STORE_TEXT_MAX - out->n;
    if (line.n == 0 || room < 2) return HT_OK;
    size_t n = line.n;
    if (n > room - 1) {
        n = room - 1;
        while (n > 0 && (line.p[n] & 0xc0) == 0x80) n--;
    }
    enum ht_err err = out->n > 0 ? ht_buf_add_str(out, "\n") : HT_OK;
    return err == HT_OK ? ht_buf_add(out, ht_bytes_of(line.p, n)) : err;
}

enum ht_err ht_store_text(struct ht_buf *out, const struct ht_event *event) {
    static const char *const titles[] = {"title", "subject", "summary", "alt"};
    enum ht_err err = HT_OK;
    ht_buf_clear(out);
    for (size_t i = 0; err == HT_OK && i < sizeof titles / sizeof *titles; i++) {
        const struct ht_event_tag *tag = ht_event_find_tag(event, titles[i]);
        if (tag != NULL) err = add_line(out, ht_event_tag_item(tag, 1));
    }
    return err == HT_OK ? add_line(out, event->content) : err;
}

static bool is_space(uint8_t c) {
    return c <= ' ' || c == 0x7f;
}

/* "language:en" is an extension; "https://…" is not. */
static bool is_extension(ht_bytes word) {
    size_t n = 0;
    while (n < word.n && ((word.p[n] >= 'a' && word.p[n] <= 'z') || word.p[n] == '_')) n++;
    if (n == 0 || n + 1 >= word.n || word.p[n] != ':') return false;
    return word.p[n + 1] != '/';
}

/* Adds a word or phrase in quotes; bytes that mean something else to the index become spaces. */
static enum ht_err add_phrase(struct ht_buf *out, ht_bytes phrase) {
    enum ht_err err = ht_buf_add_str(out, out->n > 0 ? " AND \"" : "\"");
    for (size_t i = 0; err == HT_OK && i < phrase.n; i++) {
        uint8_t c = phrase.p[i];
        if (is_space(c) || c == '"') c = ' ';
        err = ht_buf_add(out, ht_bytes_of(&c, 1));
    }
    return err == HT_OK ? ht_buf_add_str(out, "\"") : err;
}

/* Is there anything in it that could be part of a word? */
static bool has_letters(ht_bytes phrase) {
    for (size_t i = 0; i < phrase.n; i++) {
        uint8_t c = phrase.p[i];
        bool is_letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (is_letter || c >= 0x80) return true;
    }
    return false;
}

enum ht_err ht_store_expression(struct ht_buf *out, ht_bytes search) {
    enum ht_err err = HT_OK;
    for (size_t at = 0; err == HT_OK && at < search.n;) {
        if (is_space(search.p[at])) {
            at++;
            continue;
        }
        bool is_quoted = search.p[at] == '"';
        size_t from = is_quoted ? at + 1 : at;
        size_t end = from;
        while (end < search.n && (is_quoted ? search.p[end] != '"' : !is_space(search.p[end])))
            end++;
        ht_bytes phrase = ht_bytes_of(search.p + from, end - from);
        at = end + (is_quoted ? 1 : 0);
        if (has_letters(phrase) && (is_quoted || !is_extension(phrase)))
            err = add_phrase(out, phrase);
    }
    return err;
}
