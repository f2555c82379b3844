/* Reading what Tor says, and the arithmetic of onion addresses. The connection is onion.c's. */
#include "node/p2p/onion_control.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"

static enum ht_err bad(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "bad_tor", "this is not Tor's control port");
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

enum ht_err ht_tor_read_line(struct ht_tor_reply *out, const char *line, struct ht_why *why) {
    bool has_code = is_digit(line[0]) && is_digit(line[1]) && is_digit(line[2]);
    if (!has_code || line[3] == '\0' || strchr("-+ ", line[3]) == NULL) return bad(why);
    out->code = (unsigned)(line[0] - '0') * 100 + (unsigned)(line[1] - '0') * 10 +
                (unsigned)(line[2] - '0');
    out->kind = line[3] == '-' ? HT_TOR_MORE : line[3] == '+' ? HT_TOR_DATA : HT_TOR_END;
    out->text = line + 4;
    return HT_OK;
}

static const char *after(const char *text, const char *prefix) {
    size_t n = strlen(prefix);
    return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

/* A character behind a backslash; *at moves to its last one. Octal up to three digits. */
static char read_escape(const char *text, size_t *at) {
    char c = text[*at];
    if (c == 'n') return '\n';
    if (c == 't') return '\t';
    if (c == 'r') return '\r';
    if (c < '0' || c > '7') return c;
    unsigned v = 0;
    size_t n = 0;
    for (; n < 3 && text[*at + n] >= '0' && text[*at + n] <= '7'; n++) {
        v = v * 8 + (unsigned)(text[*at + n] - '0');
    }
    *at += n - 1;
    return (char)v;
}

/* A QuotedString; false: it is none, or does not fit. */
static bool read_quoted(char *out, size_t size, const char *text) {
    size_t n = 0;
    if (text[0] != '"') return false;
    for (size_t i = 1; text[i] != '\0'; i++) {
        if (text[i] == '"') {
            out[n] = '\0';
            return true;
        }
        if (n + 1 == size) return false;
        char c = text[i];
        if (c == '\\') {
            if (text[++i] == '\0') return false;
            c = read_escape(text, &i);
        }
        if (c == '\0') return false;
        out[n++] = c;
    }
    return false;
}

static bool has_method(const char *list, size_t n, const char *method) {
    size_t m = strlen(method);
    for (size_t at = 0; at < n; at += strcspn(list + at, ", ") + 1) {
        size_t len = strcspn(list + at, ", ");
        if (len == m && memcmp(list + at, method, m) == 0) return true;
    }
    return false;
}

enum ht_err ht_tor_read_protocol(struct ht_tor_protocol *out, const char *text,
                                 struct ht_why *why) {
    const char *methods = after(text, "AUTH METHODS=");
    if (methods == NULL) return strncmp(text, "AUTH", 4) == 0 ? bad(why) : HT_OK;
    size_t n = strcspn(methods, " ");
    const char *file = after(methods + n, " COOKIEFILE=");
    if (file != NULL && !read_quoted(out->cookie_path, sizeof out->cookie_path, file))
        return bad(why);
    out->has_none = has_method(methods, n, "NULL");
    out->has_cookie = has_method(methods, n, "COOKIE");
    out->has_safe_cookie = has_method(methods, n, "SAFECOOKIE");
    out->has_password = has_method(methods, n, "HASHEDPASSWORD");
    return HT_OK;
}

enum ht_err ht_tor_read_challenge(uint8_t hash[static 32], uint8_t nonce[static 32],
                                  const char *text, struct ht_why *why) {
    const char *first = after(text, "AUTHCHALLENGE SERVERHASH=");
    if (first == NULL || strnlen(first, 64) < 64) return bad(why);
    const char *second = after(first + 64, " SERVERNONCE=");
    uint8_t a[32], b[32];
    if (second == NULL || strlen(second) != 64) return bad(why);
    if (ht_hex_read(a, 32, ht_bytes_of(first, 64)) != HT_OK ||
        ht_hex_read(b, 32, ht_bytes_of(second, 64)) != HT_OK) {
        return bad(why);
    }
    memcpy(hash, a, 32);
    memcpy(nonce, b, 32);
    return HT_OK;
}

void ht_tor_cookie_hash(uint8_t out[static 32], const uint8_t cookie[static HT_TOR_COOKIE_SIZE],
                        const uint8_t client_nonce[static 32],
                        const uint8_t server_nonce[static 32], bool is_ours) {
    const char *key = is_ours ? "Tor safe cookie authentication controller-to-server hash"
                              : "Tor safe cookie authentication server-to-controller hash";
    uint8_t message[HT_TOR_COOKIE_SIZE + 64];
    unsigned n = 32;
    memcpy(message, cookie, HT_TOR_COOKIE_SIZE);
    memcpy(message + HT_TOR_COOKIE_SIZE, client_nonce, 32);
    memcpy(message + HT_TOR_COOKIE_SIZE + 32, server_nonce, 32);
    (void)HMAC(EVP_sha256(), key, (int)strlen(key), message, sizeof message, out, &n);
    sodium_memzero(message, sizeof message);
}

/* "127.0.0.1:9050": IPv4 and a port. */
static bool is_endpoint(const char *text) {
    char host[INET_ADDRSTRLEN];
    const char *colon = strrchr(text, ':');
    uint8_t bytes[4];
    if (colon == NULL || (size_t)(colon - text) >= sizeof host) return false;
    (void)snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
    char *end;
    unsigned long port = strtoul(colon + 1, &end, 10);
    return is_digit(colon[1]) && *end == '\0' && port > 0 && port <= 65535 &&
           inet_pton(AF_INET, host, bytes) == 1;
}

bool ht_tor_read_socks(char out[static HT_TOR_SOCKS_SIZE], const char *text) {
    const char *at = after(text, "net/listeners/socks=");
    if (at == NULL) return false;
    while (*at == '"') {
        char one[HT_TOR_SOCKS_SIZE];
        if (read_quoted(one, sizeof one, at) && is_endpoint(one)) {
            memcpy(out, one, sizeof one);
            return true;
        }
        at += 1 + strcspn(at + 1, "\"");
        if (*at == '"') at++;
        at += strspn(at, " ");
    }
    return false;
}

int ht_tor_read_progress(const char *text) {
    const char *phase = after(text, "status/bootstrap-phase=");
    const char *progress = phase != NULL ? strstr(phase, "PROGRESS=") : NULL;
    if (progress == NULL || !is_digit(progress[9])) return -1;
    unsigned long v = strtoul(progress + 9, NULL, 10);
    return v <= 100 ? (int)v : -1;
}

bool ht_tor_is_uploaded(const char *text, const char *id) {
    const char *address = after(text, "HS_DESC UPLOADED ");
    size_t n = strlen(id);
    return address != NULL && strncmp(address, id, n) == 0 &&
           (address[n] == ' ' || address[n] == '\0');
}

/* --- keys ------------------------------------------------------------------------------------- */

void ht_onion_key_make(uint8_t key[static HT_ONION_KEY_SIZE], const uint8_t seed[static 32]) {
    (void)crypto_hash_sha512(key, seed, 32);
    key[0] &= 248;
    key[31] = (uint8_t)((key[31] & 63) | 64);
}

static void write_base32(char *out, const uint8_t *p, size_t n) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned bits = 0, held = 0;
    for (size_t i = 0; i < n; i++) {
        held = (held << 8 | p[i]) & 0xfff;
        bits += 8;
        for (; bits >= 5; bits -= 5) *out++ = letters[held >> (bits - 5) & 31];
    }
    *out = '\0';
}

enum ht_err ht_onion_id(char out[static HT_ONION_ID_SIZE],
                        const uint8_t key[static HT_ONION_KEY_SIZE], struct ht_why *why) {
    static const char label[] = ".onion checksum";
    uint8_t text[sizeof label - 1 + 32 + 1], address[35], digest[32];
    bool is_key = (key[0] & 7) == 0 && (key[31] & 192) == 64;
    if (!is_key || crypto_scalarmult_ed25519_base_noclamp(address, key) != 0)
        return ht_fail(why, HT_EINPUT, "bad_onion_key", "this is no key of an onion service");
    memcpy(text, label, sizeof label - 1);
    memcpy(text + sizeof label - 1, address, 32);
    text[sizeof text - 1] = 3;
    if (EVP_Digest(text, sizeof text, digest, NULL, EVP_sha3_256(), NULL) != 1)
        return ht_fail(why, HT_EBUG, "bad_onion_key", "SHA3-256 is not there");
    address[32] = digest[0];
    address[33] = digest[1];
    address[34] = 3;
    write_base32(out, address, sizeof address);
    return HT_OK;
}
