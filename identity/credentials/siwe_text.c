/* Characters, URIs and times of sign-in messages: what is well-formed, without any meaning. */
#include "identity/credentials/siwe_text.h"

#define FRACTION_MAX 18U

static bool is_alpha(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

static bool is_hex_digit(uint8_t c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_one_of(uint8_t c, const char *set) {
    return c != 0 && strchr(set, c) != NULL;
}

/* --- RFC 3986 ---------------------------------------------------------------------------------*/

/* Unreserved characters, sub-delims, percent-encoded bytes, and those in `besides`. */
static bool all_allowed(ht_bytes text, const char *besides) {
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if (c == '%') {
            if (text.n - i < 3 || !is_hex_digit(text.p[i + 1]) || !is_hex_digit(text.p[i + 2]))
                return false;
            i += 2;
        } else if (!is_alpha(c) && !is_digit(c) && !is_one_of(c, "-._~!$&'()*+,;=") &&
                   !is_one_of(c, besides)) {
            return false;
        }
    }
    return true;
}

/* Splits at the first (or last) `c`: what is before stays in *text, what is behind is returned. */
static bool split(ht_bytes *text, ht_bytes *behind, char c, bool at_last) {
    if (text->n == 0) return false;
    const uint8_t *found = at_last ? memrchr(text->p, c, text->n) : memchr(text->p, c, text->n);
    if (found == NULL) return false;
    size_t at = (size_t)(found - text->p);
    *behind = ht_bytes_of(found + 1, text->n - at - 1);
    *text = ht_bytes_of(text->p, at);
    return true;
}

bool ht_is_uri_pchars(ht_bytes text) {
    return all_allowed(text, ":@");
}

bool ht_is_siwe_statement(ht_bytes text) {
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '%') return false;
    }
    return text.n > 0 && all_allowed(text, ":/?#[]@ ");
}

bool ht_is_uri_scheme(ht_bytes text) {
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if (!is_alpha(c) && (i == 0 || (!is_digit(c) && !is_one_of(c, "+-.")))) return false;
    }
    return text.n > 0;
}

static bool is_ip_literal(ht_bytes text) {
    if (text.n < 4 || text.p[text.n - 1] != ']') return false;
    ht_bytes inner = ht_bytes_of(text.p + 1, text.n - 2);
    bool has_colon = false;
    for (size_t i = 0; i < inner.n; i++) {
        if (!is_hex_digit(inner.p[i]) && !is_one_of(inner.p[i], ":.")) return false;
        has_colon = has_colon || inner.p[i] == ':';
    }
    return has_colon;
}

bool ht_is_uri_authority(ht_bytes text) {
    ht_bytes host = text;
    ht_bytes behind = {0};
    if (split(&host, &behind, '@', false)) {
        if (!all_allowed(host, ":")) return false;
        host = behind;
    }
    bool is_literal = host.n > 0 && host.p[0] == '[';
    bool ends_open = host.n > 0 && host.p[host.n - 1] == ']';
    if (!(is_literal && ends_open) && split(&host, &behind, ':', true)) {
        for (size_t i = 0; i < behind.n; i++) {
            if (!is_digit(behind.p[i])) return false;
        }
    }
    return is_literal ? is_ip_literal(host) : host.n > 0 && all_allowed(host, "");
}

bool ht_is_uri(ht_bytes text) {
    ht_bytes scheme = text;
    ht_bytes rest = {0};
    ht_bytes part = {0};
    if (!split(&scheme, &rest, ':', false) || !ht_is_uri_scheme(scheme)) return false;
    if (split(&rest, &part, '#', false) && !all_allowed(part, ":@/?")) return false;
    if (split(&rest, &part, '?', false) && !all_allowed(part, ":@/?")) return false;
    if (rest.n < 2 || memcmp(rest.p, "//", 2) != 0) return all_allowed(rest, ":@/");
    ht_bytes authority = ht_bytes_of(rest.p + 2, rest.n - 2);
    if (split(&authority, &part, '/', false) && !all_allowed(part, ":@/")) return false;
    /* Without a host, as in "file:///". */
    return authority.n == 0 || ht_is_uri_authority(authority);
}

/* --- RFC 3339 ---------------------------------------------------------------------------------*/

static enum ht_err bad_time(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "siwe_time", "a time is not of RFC 3339");
}

/* Takes n digits off the front. */
static bool take_number(unsigned *out, ht_bytes *rest, size_t n) {
    unsigned number = 0;
    if (rest->n < n) return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(rest->p[i])) return false;
        number = 10 * number + (unsigned)(rest->p[i] - '0');
    }
    *rest = ht_bytes_of(rest->p + n, rest->n - n);
    *out = number;
    return true;
}

static bool take_char(ht_bytes *rest, char c) {
    if (rest->n == 0 || rest->p[0] != (uint8_t)c) return false;
    *rest = ht_bytes_of(rest->p + 1, rest->n - 1);
    return true;
}

static bool is_date(unsigned year, unsigned month, unsigned day) {
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year == 0 || month < 1 || month > 12 || day < 1) return false;
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= days[month - 1] + (month == 2 && is_leap ? 1U : 0U);
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar, years counted from March so that the
 * leap day is the last of a year. */
static int64_t days_of(unsigned year, unsigned month, unsigned day) {
    int64_t y = (int64_t)year - (month <= 2);
    int64_t from_march = (month + 9) % 12;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * from_march + 2) / 5 + (int64_t)day - 719469;
}

static bool take_fraction(unsigned *ms, ht_bytes *rest) {
    unsigned scale = 100;
    size_t digits = 0;
    *ms = 0;
    if (!take_char(rest, '.')) return true;
    for (; rest->n > 0 && is_digit(rest->p[0]); digits++) {
        *ms += scale * (unsigned)(rest->p[0] - '0');
        scale /= 10;
        *rest = ht_bytes_of(rest->p + 1, rest->n - 1);
    }
    return digits > 0 && digits <= FRACTION_MAX;
}

/* "Z" or "+02:00", in minutes. */
static bool take_offset(int *minutes, ht_bytes *rest) {
    unsigned hour = 0;
    unsigned minute = 0;
    *minutes = 0;
    if (take_char(rest, 'Z')) return true;
    int sign = take_char(rest, '-') ? -1 : 1;
    if (sign == 1 && !take_char(rest, '+')) return false;
    if (!take_number(&hour, rest, 2) || !take_char(rest, ':')) return false;
    if (!take_number(&minute, rest, 2) || hour > 23 || minute > 59) return false;
    *minutes = sign * (int)(60 * hour + minute);
    return true;
}

enum ht_err ht_rfc3339_read(int64_t *out_ms, ht_bytes text, struct ht_why *why) {
    unsigned year = 0;
    unsigned month = 0;
    unsigned day = 0;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    unsigned ms = 0;
    int offset = 0;
    bool is_good =
        take_number(&year, &text, 4) && take_char(&text, '-') && take_number(&month, &text, 2) &&
        take_char(&text, '-') && take_number(&day, &text, 2) && take_char(&text, 'T') &&
        take_number(&hour, &text, 2) && take_char(&text, ':') && take_number(&minute, &text, 2) &&
        take_char(&text, ':') && take_number(&second, &text, 2) && take_fraction(&ms, &text) &&
        take_offset(&offset, &text) && text.n == 0;
    if (!is_good || !is_date(year, month, day)) return bad_time(why);
    if (hour > 23 || minute > 59 || second > 59) return bad_time(why);
    int64_t minutes = (days_of(year, month, day) * 24 + hour) * 60 + minute - offset;
    *out_ms = (minutes * 60 + second) * 1000 + ms;
    return HT_OK;
}
