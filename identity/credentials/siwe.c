/* Sign-in messages of ERC-4361: read line by line, each in its place; then held against what the
 * verifier or the wallet expects. Signatures are for others. */
#include "identity/credentials/siwe.h"

#include "identity/credentials/siwe_text.h"
#include "node/codec/address.h"

#define CLAIM " wants you to sign in with your Ethereum account:"
#define NONCE_MIN 8U

static const char LOOK[] = "sign in with your ethereum account";

bool ht_siwe_looks_like(ht_bytes message) {
    const size_t n = sizeof LOOK - 1;
    for (size_t i = 0; i + n <= message.n; i++) {
        size_t same = 0;
        while (same < n && (message.p[i + same] | (LOOK[same] == ' ' ? 0 : 0x20)) == LOOK[same]) {
            same++;
        }
        if (same == n) return true;
    }
    return false;
}

/* --- lines ------------------------------------------------------------------------------------*/

struct reader {
    ht_bytes rest;
    size_t line; /* of the last one taken, from 1 */
    bool is_end; /* no line feed was behind it */
    struct ht_why *why;
};

static enum ht_err bad_line(const struct reader *reader, const char *wanted) {
    return ht_fail(reader->why, HT_EINPUT, "siwe_format", "line %zu is not %s", reader->line,
                   wanted);
}

/* The next line without its line feed; *out is empty behind the end. */
static bool take_line(struct reader *reader, ht_bytes *out) {
    reader->line++;
    *out = ht_bytes_of(reader->rest.p, 0);
    if (reader->is_end) return false;
    const uint8_t *feed = reader->rest.n > 0 ? memchr(reader->rest.p, '\n', reader->rest.n) : NULL;
    reader->is_end = feed == NULL;
    size_t n = feed != NULL ? (size_t)(feed - reader->rest.p) : reader->rest.n;
    size_t taken = feed != NULL ? n + 1 : n;
    *out = ht_bytes_of(reader->rest.p, n);
    reader->rest = ht_bytes_of(reader->rest.p + taken, reader->rest.n - taken);
    return true;
}

static bool starts_with(ht_bytes text, const char *prefix) {
    size_t n = strlen(prefix);
    return text.n >= n && memcmp(text.p, prefix, n) == 0;
}

/* The rest of the next line when it starts with the label, else false with nothing taken. */
static bool take_optional(struct reader *reader, ht_bytes *value, const char *label) {
    struct reader ahead = *reader;
    ht_bytes line = {0};
    if (!take_line(&ahead, &line) || !starts_with(line, label)) return false;
    size_t n = strlen(label);
    *value = ht_bytes_of(line.p + n, line.n - n);
    *reader = ahead;
    return true;
}

static enum ht_err take_field(struct reader *reader, ht_bytes *value, const char *label) {
    if (take_optional(reader, value, label)) return HT_OK;
    reader->line++;
    return bad_line(reader, label);
}

static enum ht_err take_blank(struct reader *reader) {
    ht_bytes line = {0};
    if (take_line(reader, &line) && line.n == 0 && !reader->is_end) return HT_OK;
    return bad_line(reader, "empty");
}

/* --- fields -----------------------------------------------------------------------------------*/

static enum ht_err read_claim(struct reader *reader, struct ht_siwe *out) {
    ht_bytes line = {0};
    const size_t n = sizeof CLAIM - 1;
    (void)take_line(reader, &line);
    if (line.n < n || memcmp(line.p + line.n - n, CLAIM, n) != 0) {
        return bad_line(reader, "a domain that \"wants you to sign in …\"");
    }
    ht_bytes domain = ht_bytes_of(line.p, line.n - n);
    const uint8_t *mark = memmem(domain.p, domain.n, "://", 3);
    if (mark != NULL) {
        out->scheme = ht_bytes_of(domain.p, (size_t)(mark - domain.p));
        domain = ht_bytes_of(mark + 3, domain.n - out->scheme.n - 3);
        if (!ht_is_uri_scheme(out->scheme)) return bad_line(reader, "begun by a scheme");
    }
    if (!ht_is_uri_authority(domain)) return bad_line(reader, "begun by a domain");
    out->domain = domain;
    return HT_OK;
}

static enum ht_err read_address(struct reader *reader, struct ht_siwe *out) {
    ht_bytes line = {0};
    struct ht_why reason = {.code = "", .text = ""};
    (void)take_line(reader, &line);
    if (ht_address_read(&out->address, line, &reason) == HT_OK) return HT_OK;
    return ht_fail(reader->why, HT_EINPUT, "siwe_address", "line %zu: %s", reader->line,
                   reason.text);
}

/* "LF [statement LF] LF": without a statement there are two empty lines. */
static enum ht_err read_statement(struct reader *reader, struct ht_siwe *out) {
    ht_bytes line = {0};
    enum ht_err err = take_blank(reader);
    if (err != HT_OK) return err;
    if (!take_line(reader, &line)) return bad_line(reader, "a statement");
    if (line.n == 0) return HT_OK;
    if (!ht_is_siwe_statement(line)) {
        return bad_line(reader, "a statement of the characters that are allowed");
    }
    out->statement = line;
    out->has_statement = true;
    return take_blank(reader);
}

static bool read_u64(uint64_t *out, ht_bytes digits) {
    uint64_t value = 0;
    if (digits.n == 0 || (digits.n > 1 && digits.p[0] == '0')) return false;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9') return false;
        if (__builtin_mul_overflow(value, (uint64_t)10, &value)) return false;
        if (__builtin_add_overflow(value, (uint64_t)(digits.p[i] - '0'), &value)) return false;
    }
    *out = value;
    return true;
}

static enum ht_err check_nonce(const struct reader *reader, ht_bytes nonce) {
    bool is_good = nonce.n >= NONCE_MIN;
    for (size_t i = 0; i < nonce.n; i++) {
        uint8_t lower = nonce.p[i] | 0x20;
        bool is_digit = nonce.p[i] >= '0' && nonce.p[i] <= '9';
        is_good = is_good && (is_digit || (lower >= 'a' && lower <= 'z'));
    }
    if (is_good) return HT_OK;
    return ht_fail(reader->why, HT_EINPUT, "siwe_nonce",
                   "line %zu: the nonce is not 8 or more letters and digits", reader->line);
}

static enum ht_err read_time(struct reader *reader, int64_t *out, ht_bytes text) {
    enum ht_err err = ht_rfc3339_read(out, text, reader->why);
    if (err != HT_OK) ht_why_context(reader->why, "line %zu", reader->line);
    return err;
}

static enum ht_err check_uri(const struct reader *reader, ht_bytes uri) {
    if (ht_is_uri(uri)) return HT_OK;
    return ht_fail(reader->why, HT_EINPUT, "siwe_uri", "line %zu: not a URI", reader->line);
}

static enum ht_err read_required(struct reader *reader, struct ht_siwe *out) {
    ht_bytes text = {0};
    enum ht_err err = take_field(reader, &out->uri, "URI: ");
    if (err == HT_OK) err = check_uri(reader, out->uri);
    if (err == HT_OK) err = take_field(reader, &out->version, "Version: ");
    if (err == HT_OK && !ht_bytes_equal(out->version, ht_bytes_str("1"))) {
        err = bad_line(reader, "version 1");
    }
    if (err == HT_OK) err = take_field(reader, &text, "Chain ID: ");
    if (err == HT_OK && !read_u64(&out->chain_id, text)) err = bad_line(reader, "a chain id");
    if (err == HT_OK) err = take_field(reader, &out->nonce, "Nonce: ");
    if (err == HT_OK) err = check_nonce(reader, out->nonce);
    if (err == HT_OK) err = take_field(reader, &text, "Issued At: ");
    if (err == HT_OK) err = read_time(reader, &out->issued_ms, text);
    return err;
}

static enum ht_err read_resources(struct reader *reader, struct ht_siwe *out) {
    ht_bytes uri = {0};
    while (take_optional(reader, &uri, "- ")) {
        enum ht_err err = check_uri(reader, uri);
        if (err != HT_OK) return err;
        if (out->resource_count == HT_SIWE_RESOURCES_MAX) {
            return ht_fail(reader->why, HT_ELIMIT, "siwe_too_large", "more than %u resources",
                           HT_SIWE_RESOURCES_MAX);
        }
        out->resources[out->resource_count++] = uri;
    }
    return HT_OK;
}

static enum ht_err read_optional(struct reader *reader, struct ht_siwe *out) {
    ht_bytes text = {0};
    enum ht_err err = HT_OK;
    out->has_expiration = take_optional(reader, &text, "Expiration Time: ");
    if (out->has_expiration) err = read_time(reader, &out->expiration_ms, text);
    if (err != HT_OK) return err;
    out->has_not_before = take_optional(reader, &text, "Not Before: ");
    if (out->has_not_before) err = read_time(reader, &out->not_before_ms, text);
    if (err != HT_OK) return err;
    out->has_request_id = take_optional(reader, &out->request_id, "Request ID: ");
    if (out->has_request_id && !ht_is_uri_pchars(out->request_id)) {
        return bad_line(reader, "a request id");
    }
    if (!take_optional(reader, &text, "Resources:")) return HT_OK;
    if (text.n > 0) return bad_line(reader, "\"Resources:\" alone");
    return read_resources(reader, out);
}

enum ht_err ht_siwe_read(struct ht_siwe *out, ht_bytes message, struct ht_why *why) {
    struct reader reader = {.rest = message, .why = why};
    struct ht_siwe read = {.chain_id = 0};
    if (message.n > HT_SIWE_SIZE_MAX) {
        return ht_fail(why, HT_ELIMIT, "siwe_too_large", "a message of %zu bytes", message.n);
    }
    if (message.n == 0) return ht_fail(why, HT_EINPUT, "siwe_format", "an empty message");
    enum ht_err err = read_claim(&reader, &read);
    if (err == HT_OK) err = read_address(&reader, &read);
    if (err == HT_OK) err = read_statement(&reader, &read);
    if (err == HT_OK) err = read_required(&reader, &read);
    if (err == HT_OK) err = read_optional(&reader, &read);
    if (err != HT_OK) return err;
    if (!reader.is_end) {
        reader.line++;
        return bad_line(&reader, "one that may stand there");
    }
    *out = read;
    return HT_OK;
}

/* --- checking ---------------------------------------------------------------------------------*/

static bool is_text(ht_bytes got, const char *want) {
    return ht_bytes_equal(got, ht_bytes_str(want));
}

enum ht_err ht_siwe_check(const struct ht_siwe *message, const struct ht_siwe_expectation *expected,
                          struct ht_why *why) {
    if (expected->domain != NULL && !is_text(message->domain, expected->domain)) {
        return ht_fail(why, HT_EDENIED, "siwe_domain", "it signs in to another domain than %.80s",
                       expected->domain);
    }
    bool has_scheme = expected->scheme != NULL && message->scheme.n > 0;
    if (has_scheme && !is_text(message->scheme, expected->scheme)) {
        return ht_fail(why, HT_EDENIED, "siwe_scheme", "it is for another scheme than %.20s",
                       expected->scheme);
    }
    if (expected->nonce != NULL && !is_text(message->nonce, expected->nonce)) {
        return ht_fail(why, HT_EDENIED, "siwe_nonce_differs", "its nonce is not the one given out");
    }
    if (expected->has_chain_id && message->chain_id != expected->chain_id) {
        return ht_fail(why, HT_EDENIED, "siwe_chain", "it is for chain %llu, not for %llu",
                       (unsigned long long)message->chain_id,
                       (unsigned long long)expected->chain_id);
    }
    if (message->has_not_before && expected->now_ms < message->not_before_ms) {
        return ht_fail(why, HT_EDENIED, "siwe_early", "it is not valid yet");
    }
    if (message->has_expiration && expected->now_ms >= message->expiration_ms) {
        return ht_fail(why, HT_ESTALE, "siwe_expired", "it has expired");
    }
    return HT_OK;
}
