/* Names and values of the rendezvous. */
#include "node/p2p/rendezvous.h"

#include "node/crypto/sha256.h"

#define DAY_S INT64_C(86400)
#define EDGE_S INT64_C(7200)

static const char label[] = "hearth-rendezvous";

enum ht_err ht_rendezvous_secret(uint8_t out[static HT_NIP44_KEY_SIZE],
                                 const uint8_t node_secret[static 32], const ht_hash32 *other,
                                 struct ht_why *why) {
    return ht_nip44_conversation_key(out, node_secret, other->b, why);
}

void ht_rendezvous_name(ht_hash32 *out, const uint8_t secret[static HT_NIP44_KEY_SIZE], int64_t day,
                        const ht_hash32 *writer) {
    uint8_t text[sizeof label + HT_NIP44_KEY_SIZE + 8 + 32], *at = text;
    memcpy(at, label, sizeof label); /* with its zero */
    at += sizeof label;
    memcpy(at, secret, HT_NIP44_KEY_SIZE);
    at += HT_NIP44_KEY_SIZE;
    for (int i = 0; i < 8; i++) *at++ = (uint8_t)((uint64_t)day >> (56 - 8 * i));
    memcpy(at, writer->b, 32);
    ht_sha256(out, HT_BYTES(text));
    explicit_bzero(text, sizeof text);
}

size_t ht_rendezvous_days(int64_t out[static HT_RENDEZVOUS_DAYS], int64_t now_s) {
    int64_t day = now_s / DAY_S, second = now_s % DAY_S;
    size_t count = 0;
    out[count++] = day;
    if (second < EDGE_S) out[count++] = day - 1;
    if (second >= DAY_S - EDGE_S) out[count++] = day + 1;
    return count;
}

enum ht_err ht_rendezvous_seal(struct ht_buf *out, const uint8_t secret[static HT_NIP44_KEY_SIZE],
                               ht_bytes record_json, const struct ht_random *random,
                               struct ht_why *why) {
    uint8_t nonce[HT_NIP44_NONCE_SIZE];
    if (record_json.n > HT_RENDEZVOUS_PLAIN_MAX)
        return ht_fail(why, HT_ELIMIT, "rendezvous_long", "a record of %zu bytes is too long",
                       record_json.n);
    ht_random_fill(random, nonce, sizeof nonce);
    return ht_nip44_encrypt(out, secret, nonce, record_json, why);
}

enum ht_err ht_rendezvous_open(struct ht_buf *out, const uint8_t secret[static HT_NIP44_KEY_SIZE],
                               ht_bytes value, struct ht_why *why) {
    if (value.n > HT_RENDEZVOUS_VALUE_MAX)
        return ht_fail(why, HT_ELIMIT, "rendezvous_long", "a value of %zu bytes is too long",
                       value.n);
    return ht_nip44_decrypt(out, secret, value, why);
}

static bool is_port(const char *text) {
    size_t n = strlen(text);
    unsigned number = 0;
    if (n == 0 || n >= HT_RENDEZVOUS_PORT_SIZE || strspn(text, "0123456789") != n) return false;
    for (size_t i = 0; i < n; i++) number = number * 10 + (unsigned)(text[i] - '0');
    return text[0] != '0' && number <= 65535;
}

/* Only brackets let a host have colons: else it would be open where the port begins. */
static bool is_host(ht_bytes host, bool has_brackets) {
    static const char name[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._";
    const char *chars = has_brackets ? "0123456789abcdefABCDEF:." : name;
    if (host.n == 0 || host.n >= HT_RENDEZVOUS_HOST_SIZE) return false;
    for (size_t i = 0; i < host.n; i++) {
        if (host.p[i] == '\0' || strchr(chars, host.p[i]) == NULL) return false;
    }
    return true;
}

enum ht_err ht_rendezvous_bootstrap(char host[static HT_RENDEZVOUS_HOST_SIZE],
                                    char port[static HT_RENDEZVOUS_PORT_SIZE], const char *text,
                                    struct ht_why *why) {
    const char *colon = strrchr(text, ':');
    size_t n = colon != NULL ? (size_t)(colon - text) : 0;
    bool has_brackets = n > 2 && text[0] == '[' && text[n - 1] == ']';
    ht_bytes name = has_brackets ? ht_bytes_of((const uint8_t *)text + 1, n - 2)
                                 : ht_bytes_of((const uint8_t *)text, n);
    if (colon == NULL || !is_port(colon + 1) || !is_host(name, has_brackets)) {
        return ht_fail(why, HT_EINPUT, "bad_bootstrap",
                       "a meeting place is entered at a name or an address and a port, as in "
                       "example.org:4222");
    }
    memcpy(host, name.p, name.n);
    host[name.n] = '\0';
    memcpy(port, colon + 1, strlen(colon + 1) + 1);
    return HT_OK;
}
