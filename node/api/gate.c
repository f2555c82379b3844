/* Checks at the door. This file decides; the server reads the headers, sets the cookie and words
 * the HTTP status. */
#include "node/api/gate.h"

#include <stdio.h>

#include <sodium.h>

#define FREE_ATTEMPTS 5U
#define LOCK_MAX_MS 30000

static void write_hex(char *out, const uint8_t *bytes, size_t n) {
    (void)sodium_bin2hex(out, 2 * n + 1, bytes, n);
}

static bool is_token(const char *token) {
    return strlen(token) == HT_GATE_TOKEN_LEN &&
           strspn(token, "0123456789abcdef") == HT_GATE_TOKEN_LEN;
}

enum ht_err ht_gate_init(struct ht_gate *gate, const struct ht_random *random, const char *token,
                         struct ht_why *why) {
    *gate = (struct ht_gate){.random = random};
    if (token != NULL && !is_token(token)) {
        return ht_fail(why, HT_EINPUT, "bad_token", "a token has %u lower-case hex digits",
                       HT_GATE_TOKEN_LEN);
    }
    if (sodium_init() < 0) return ht_fail(why, HT_EBUG, "no_sodium", "libsodium does not start");
    gate->token = sodium_malloc(HT_GATE_TOKEN_LEN + 1);
    if (gate->token == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a token");
    if (token != NULL) {
        memcpy(gate->token, token, HT_GATE_TOKEN_LEN + 1);
        return HT_OK;
    }
    uint8_t bytes[HT_GATE_TOKEN_LEN / 2];
    ht_random_fill(random, bytes, sizeof bytes);
    write_hex(gate->token, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    return HT_OK;
}

void ht_gate_fini(struct ht_gate *gate) {
    sodium_free(gate->token); /* wipes it */
    sodium_memzero(gate, sizeof *gate);
}

void ht_gate_set_port(struct ht_gate *gate, uint16_t port) {
    gate->port = port;
}

enum ht_err ht_gate_check_host(const struct ht_gate *gate, ht_bytes host, struct ht_why *why) {
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char good[32];
        (void)snprintf(good, sizeof good, "%s:%u", names[i], gate->port);
        if (ht_bytes_equal(host, ht_bytes_str(good))) return HT_OK;
    }
    return ht_fail(why, HT_EDENIED, "bad_host",
                   "this server only answers to http://127.0.0.1:%u and http://localhost:%u",
                   gate->port, gate->port);
}

static bool starts_with(ht_bytes *text, const char *start) {
    size_t n = strlen(start);
    if (text->n < n || memcmp(text->p, start, n) != 0) return false;
    *text = ht_bytes_of(text->p + n, text->n - n);
    return true;
}

static bool is_letter_or_digit(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The length of the host at the start of text, 0 when there is none. Browsers send names in lower
 * case and Punycode. */
static size_t host_len(ht_bytes text) {
    size_t n = 0;
    if (text.n > 0 && text.p[0] == '[') {
        for (n = 1; n < text.n && text.p[n] != ']'; n++) {
            uint8_t c = text.p[n];
            if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f') && c != ':' && c != '.')
                return 0;
        }
        return n > 1 && n < text.n ? n + 1 : 0;
    }
    for (; n < text.n && text.p[n] != ':'; n++) {
        uint8_t c = text.p[n];
        bool is_inner = c == '-' || c == '_' || c == '.';
        if (!is_letter_or_digit(c) && !(is_inner && n > 0)) return 0;
    }
    return n;
}

/* ":port", or nothing for the usual port of the scheme. */
static bool is_port(ht_bytes text, unsigned usual) {
    if (text.n == 0) return true;
    if (text.n < 2 || text.n > 6 || text.p[0] != ':' || text.p[1] == '0') return false;
    unsigned port = 0;
    for (size_t i = 1; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') return false;
        port = 10 * port + (text.p[i] - (unsigned)'0');
    }
    return port <= UINT16_MAX && port != usual;
}

static bool is_extension_id(ht_bytes id) {
    for (size_t i = 0; i < id.n; i++) {
        uint8_t c = id.p[i];
        if (!is_letter_or_digit(c) && !(c >= 'A' && c <= 'Z') && c != '-') return false;
    }
    return id.n > 0;
}

enum ht_gate_origin ht_gate_read_origin(ht_bytes origin) {
    if (origin.n > HT_GATE_ORIGIN_LEN_MAX) return HT_GATE_ORIGIN_NONE;
    if (starts_with(&origin, "chrome-extension://") || starts_with(&origin, "moz-extension://") ||
        starts_with(&origin, "safari-web-extension://"))
        return is_extension_id(origin) ? HT_GATE_ORIGIN_EXTENSION : HT_GATE_ORIGIN_NONE;
    bool is_plain = starts_with(&origin, "http://");
    if (!is_plain && !starts_with(&origin, "https://")) return HT_GATE_ORIGIN_NONE;
    size_t n = host_len(origin);
    bool is_good = n > 0 && is_port(ht_bytes_of(origin.p + n, origin.n - n), is_plain ? 80 : 443);
    return is_good ? HT_GATE_ORIGIN_PAGE : HT_GATE_ORIGIN_NONE;
}

enum ht_err ht_gate_check_origin(ht_bytes origin, ht_bytes host, struct ht_why *why) {
    static const char scheme[] = "http://";
    size_t n = sizeof scheme - 1;
    if (origin.n == host.n + n && memcmp(origin.p, scheme, n) == 0 &&
        ht_bytes_equal(ht_bytes_of(origin.p + n, host.n), host))
        return HT_OK;
    return ht_fail(why, HT_EDENIED, "bad_origin",
                   origin.n == 0 ? "the request does not say which page it comes from (Origin)"
                                 : "the request comes from a page of another origin");
}

static enum ht_err refuse_token(struct ht_gate *gate, int64_t now_ms, struct ht_why *why) {
    if (gate->failed_logins < FREE_ATTEMPTS + 16) gate->failed_logins++;
    if (gate->failed_logins >= FREE_ATTEMPTS) {
        int64_t lock_ms = INT64_C(1000) << (gate->failed_logins - FREE_ATTEMPTS);
        gate->locked_until_ms = now_ms + (lock_ms < LOCK_MAX_MS ? lock_ms : LOCK_MAX_MS);
    }
    return ht_fail(why, HT_EDENIED, "bad_token",
                   "that is not the token of this run; use the address the node printed");
}

void ht_gate_let_in(struct ht_gate *gate, char secret[static HT_GATE_TOKEN_LEN + 1],
                    const struct ht_gate_attempt *attempt) {
    uint8_t bytes[HT_GATE_TOKEN_LEN / 2];
    ht_random_fill(gate->random, bytes, sizeof bytes);
    write_hex(secret, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    (void)ht_sessions_add(&gate->sessions, gate->random, ht_bytes_of(secret, HT_GATE_TOKEN_LEN),
                          attempt->user_agent, attempt->wall_ms);
}

enum ht_err ht_gate_login(struct ht_gate *gate, char secret[static HT_GATE_TOKEN_LEN + 1],
                          const struct ht_gate_attempt *attempt, struct ht_why *why) {
    int64_t now_ms = attempt->mono_ms;
    ht_bytes token = attempt->token;
    if (now_ms < gate->locked_until_ms) {
        return ht_fail(why, HT_EAGAIN, "too_many_attempts",
                       "too many wrong tokens; try again in %d seconds",
                       (int)((gate->locked_until_ms - now_ms + 999) / 1000));
    }
    if (token.n != HT_GATE_TOKEN_LEN || sodium_memcmp(token.p, gate->token, token.n) != 0)
        return refuse_token(gate, now_ms, why);
    gate->failed_logins = 0;
    ht_gate_let_in(gate, secret, attempt);
    return HT_OK;
}

enum ht_err ht_gate_check_session(struct ht_gate *gate, uint64_t *session, ht_bytes cookies,
                                  int64_t wall_ms, struct ht_why *why) {
    ht_bytes secret;
    if (ht_gate_find_cookie(&secret, cookies, HT_GATE_COOKIE) && secret.n == HT_GATE_TOKEN_LEN) {
        struct ht_session *found = ht_sessions_find_secret(&gate->sessions, secret);
        if (found != NULL) {
            ht_session_use(&gate->sessions, found, wall_ms);
            *session = found->number;
            return HT_OK;
        }
    }
    return ht_fail(why, HT_EDENIED, "no_session",
                   "not signed in; open the address the node printed when it started");
}

static ht_bytes trim(ht_bytes text) {
    while (text.n > 0 && (text.p[0] == ' ' || text.p[0] == '\t')) {
        text.p++;
        text.n--;
    }
    while (text.n > 0 && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\t')) text.n--;
    return text;
}

bool ht_gate_find_cookie(ht_bytes *value, ht_bytes cookies, const char *name) {
    size_t name_len = strlen(name);
    while (cookies.n > 0) {
        const uint8_t *end = memchr(cookies.p, ';', cookies.n);
        size_t n = end != NULL ? (size_t)(end - cookies.p) : cookies.n;
        ht_bytes pair = trim(ht_bytes_of(cookies.p, n));
        if (pair.n > name_len && memcmp(pair.p, name, name_len) == 0 && pair.p[name_len] == '=') {
            *value = ht_bytes_of(pair.p + name_len + 1, pair.n - name_len - 1);
            return true;
        }
        size_t used = end != NULL ? n + 1 : n;
        cookies.p += used;
        cookies.n -= used;
    }
    return false;
}
