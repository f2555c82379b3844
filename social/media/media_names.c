/* Paths, URLs, queries and types of media. */
#include "social/media/media_names.h"

#include <stdio.h>

#include "node/base/hex.h"

#define HASH_DIGITS 64U
#define EXTENSION_MAX 16U
#define LIST_DEFAULT 100U
#define OCTETS "application/octet-stream"

static bool is_lower(uint8_t c) {
    return c >= 'a' && c <= 'z';
}

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

static uint8_t lower(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool is_word(ht_bytes text) {
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = lower(text.p[i]);
        if (!is_lower(c) && !is_digit(c)) return false;
    }
    return text.n > 0;
}

static bool read_hash(ht_hash32 *out, ht_bytes text) {
    if (text.n != HASH_DIGITS) return false;
    for (size_t i = 0; i < text.n; i++) {
        bool is_hex = is_digit(text.p[i]) || (text.p[i] >= 'a' && text.p[i] <= 'f');
        if (!is_hex) return false;
    }
    return ht_hex_read(out->b, sizeof out->b, text) == HT_OK;
}

/* One part of a path. */
static bool read_name(ht_hash32 *out, ht_bytes name) {
    if (name.n < HASH_DIGITS || !read_hash(out, ht_bytes_of(name.p, HASH_DIGITS))) return false;
    if (name.n == HASH_DIGITS) return true;
    ht_bytes rest = ht_bytes_of(name.p + HASH_DIGITS, name.n - HASH_DIGITS);
    return rest.p[0] == '.' && rest.n <= EXTENSION_MAX + 1 &&
           is_word(ht_bytes_of(rest.p + 1, rest.n - 1));
}

bool ht_media_path_hash(ht_hash32 *out, ht_bytes path) {
    ht_hash32 hash;
    bool is_one = path.n > HASH_DIGITS && path.p[0] == '/' &&
                  read_name(&hash, ht_bytes_of(path.p + 1, path.n - 1));
    if (is_one) *out = hash;
    return is_one;
}

/* --- URLs ------------------------------------------------------------------------------------- */

/* What stands behind the host, without query and fragment; empty for what is no URL of ours. */
static ht_bytes host_of(const char *url, ht_bytes *path) {
    const char *at = NULL;
    *path = (ht_bytes){0};
    if (strncmp(url, "https://", 8) == 0) at = url + 8;
    if (strncmp(url, "http://", 7) == 0) at = url + 7;
    if (at == NULL) return (ht_bytes){0};
    size_t n = strcspn(at, "/?#");
    *path = ht_bytes_of(at + n, strcspn(at + n, "?#"));
    return ht_bytes_of(at, n);
}

bool ht_media_url_hash(ht_hash32 *out, const char *url) {
    ht_bytes path;
    bool is_found = false;
    (void)host_of(url, &path);
    for (size_t at = 0; at < path.n;) {
        size_t end = at + 1; /* each part begins with its slash */
        while (end < path.n && path.p[end] != '/') end++;
        is_found = read_name(out, ht_bytes_of(path.p + at + 1, end - at - 1)) || is_found;
        at = end;
    }
    return is_found;
}

enum ht_err ht_media_url_check(const char *url, struct ht_why *why) {
    ht_bytes path;
    ht_bytes host = host_of(url, &path);
    size_t n = strnlen(url, HT_MEDIA_URL_MAX + 1);
    bool is_good = host.n > 0 && n <= HT_MEDIA_URL_MAX && memchr(host.p, '@', host.n) == NULL &&
                   host.p[0] != ':';
    for (size_t i = 0; is_good && i < n; i++) {
        is_good = url[i] > ' ' && url[i] < 0x7f && url[i] != '\\';
    }
    if (is_good) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_url", "that is no http or https address of a file");
}

/* --- types ------------------------------------------------------------------------------------ */

static bool is_type_char(uint8_t c) {
    return is_lower(c) || is_digit(c) || c == '.' || c == '+' || c == '-' || c == '_';
}

void ht_media_type_read(char out[static HT_MEDIA_TYPE_SIZE], ht_bytes header) {
    size_t n = 0, slashes = 0;
    while (n < header.n && header.p[n] != ';' && header.p[n] != ' ' && header.p[n] != '\t') n++;
    bool is_good = n >= 3 && n < HT_MEDIA_TYPE_SIZE;
    for (size_t i = 0; is_good && i < n; i++) {
        uint8_t c = lower(header.p[i]);
        slashes += c == '/';
        is_good = is_type_char(c) || (c == '/' && i > 0 && i + 1 < n);
        out[i] = (char)c;
    }
    if (is_good && slashes == 1) {
        out[n] = '\0';
    } else {
        memcpy(out, OCTETS, sizeof OCTETS);
    }
}

const char *ht_media_type_sniff(ht_bytes first) {
    static const struct {
        const char *bytes;
        size_t n, at;
        const char *type;
    } marks[] = {
        {"\x89PNG\r\n\x1a\n", 8, 0, "image/png"},
        {"\xff\xd8\xff", 3, 0, "image/jpeg"},
        {"GIF87a", 6, 0, "image/gif"},
        {"GIF89a", 6, 0, "image/gif"},
        {"WEBPVP8", 7, 8, "image/webp"},
        {"ftypavif", 8, 4, "image/avif"},
        {"ftypheic", 8, 4, "image/heic"},
        {"ftyp", 4, 4, "video/mp4"},
        {"\x1a\x45\xdf\xa3", 4, 0, "video/webm"},
        {"OggS", 4, 0, "audio/ogg"},
        {"ID3", 3, 0, "audio/mpeg"},
        {"fLaC", 4, 0, "audio/flac"},
        {"%PDF-", 5, 0, "application/pdf"},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        bool fits = first.n >= marks[i].at + marks[i].n;
        if (fits && memcmp(first.p + marks[i].at, marks[i].bytes, marks[i].n) == 0)
            return marks[i].type;
    }
    return OCTETS;
}

const char *ht_media_type_extension(const char *type) {
    static const struct {
        const char *type, *extension;
    } list[] = {
        {"image/png", "png"},       {"image/jpeg", "jpg"},      {"image/gif", "gif"},
        {"image/webp", "webp"},     {"image/avif", "avif"},     {"image/heic", "heic"},
        {"image/bmp", "bmp"},       {"video/mp4", "mp4"},       {"video/webm", "webm"},
        {"video/quicktime", "mov"}, {"audio/mpeg", "mp3"},      {"audio/ogg", "ogg"},
        {"audio/flac", "flac"},     {"audio/wav", "wav"},       {"audio/mp4", "m4a"},
        {"text/plain", "txt"},      {"application/pdf", "pdf"}, {"application/zip", "zip"},
        {"audio/webm", "weba"},     {"application/gzip", "gz"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (strcmp(type, list[i].type) == 0) return list[i].extension;
    }
    return "bin";
}

enum ht_media_show ht_media_type_show(const char *type) {
    static const char *const run[] = {"html",      "xml",    "svg",   "script", "css",
                                      "xsl",       "mathml", "flash", "java",   "wasm",
                                      "multipart", "mhtml",  "rfc822"};
    static const char *const shown[] = {"image/", "video/", "audio/"};
    for (size_t i = 0; i < sizeof run / sizeof *run; i++) {
        if (strstr(type, run[i]) != NULL) return HT_MEDIA_OPAQUE;
    }
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        if (strncmp(type, shown[i], strlen(shown[i])) == 0) return HT_MEDIA_INLINE;
    }
    return strcmp(type, "text/plain") == 0 ? HT_MEDIA_INLINE : HT_MEDIA_DOWNLOAD;
}

/* --- lists ------------------------------------------------------------------------------------ */

static bool read_number(uint64_t *out, ht_bytes text) {
    uint64_t number = 0;
    if (text.n == 0 || text.n > 15) return false;
    for (size_t i = 0; i < text.n; i++) {
        if (!is_digit(text.p[i])) return false;
        number = 10 * number + (text.p[i] - (unsigned)'0');
    }
    *out = number;
    return true;
}

static bool read_member(struct ht_media_list *out, ht_bytes name, ht_bytes value) {
    uint64_t number = 0;
    if (ht_bytes_equal(name, ht_bytes_str("cursor"))) {
        out->has_cursor = true;
        return read_hash(&out->cursor, value);
    }
    bool is_since = ht_bytes_equal(name, ht_bytes_str("since"));
    bool is_until = ht_bytes_equal(name, ht_bytes_str("until"));
    if (!is_since && !is_until && !ht_bytes_equal(name, ht_bytes_str("limit"))) return true;
    if (!read_number(&number, value)) return false;
    if (is_since) {
        out->since_s = (int64_t)number;
    } else if (is_until) {
        out->until_s = (int64_t)number;
    } else {
        out->limit = number < HT_MEDIA_LIST_MAX ? (size_t)number : HT_MEDIA_LIST_MAX;
    }
    return out->limit > 0;
}

static bool read_query(struct ht_media_list *out, ht_bytes query) {
    for (size_t at = 0; at < query.n;) {
        size_t end = at;
        while (end < query.n && query.p[end] != '&') end++;
        size_t equal = at;
        while (equal < end && query.p[equal] != '=') equal++;
        ht_bytes name = ht_bytes_of(query.p + at, equal - at);
        size_t value = equal < end ? equal + 1 : end;
        if (!read_member(out, name, ht_bytes_of(query.p + value, end - value))) return false;
        at = end + 1;
    }
    return true;
}

enum ht_err ht_media_list_read(struct ht_media_list *out, ht_bytes path, ht_bytes query,
                               struct ht_why *why) {
    static const char prefix[] = "/list/";
    const size_t n = sizeof prefix - 1;
    struct ht_media_list list = {.until_s = INT64_MAX / 2000, .limit = LIST_DEFAULT};
    bool is_list = path.n > n && memcmp(path.p, prefix, n) == 0;
    if (!is_list || !read_hash(&list.pubkey, ht_bytes_of(path.p + n, path.n - n))) {
        return ht_fail(why, HT_ENOTFOUND, "no_list", "a list is /list/ and a public key in hex");
    }
    if (!read_query(&list, query)) {
        return ht_fail(why, HT_EINPUT, "bad_query",
                       "since, until and limit are numbers, cursor is a hash");
    }
    *out = list;
    return HT_OK;
}
