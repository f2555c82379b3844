/* What an address of a node says about where it leads; nothing is looked up. */
#include "node/p2p/node_address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

#define HOST_MAX 200U
#define ONION_CHARS 56U

struct parts {
    bool is_tls, is_v6;
    char host[HOST_MAX];
};

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_port(const char *text, size_t n) {
    unsigned port = 0;
    if (n == 0 || n > 5) return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(text[i])) return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    return port > 0 && port <= 65535;
}

/* Printable ASCII that needs no quoting anywhere; no login, no query, no fragment. */
static bool is_clean(const char *text) {
    for (; *text != '\0'; text++) {
        if (*text <= 0x20 || *text > 0x7e || strchr("\"<>\\^`{|}@?#", *text) != NULL) return false;
    }
    return true;
}

static bool split(struct parts *out, const char *url) {
    if (strlen(url) >= HT_NODE_ADDRESS_SIZE || !is_clean(url)) return false;
    out->is_tls = strncmp(url, "wss://", 6) == 0;
    if (!out->is_tls && strncmp(url, "ws://", 5) != 0) return false;
    const char *host = url + (out->is_tls ? 6 : 5);
    size_t n = strcspn(host, "/");
    out->is_v6 = host[0] == '[';
    size_t host_n = out->is_v6 ? strcspn(host, "]") : strcspn(host, ":/");
    const char *from = out->is_v6 ? host + 1 : host;
    const char *after = host + host_n + (out->is_v6 ? 1 : 0);
    if (host_n >= n + (out->is_v6 ? 0 : 1) || after > host + n) return false;
    if (after < host + n &&
        (*after != ':' || !is_port(after + 1, (size_t)(host + n - after - 1)))) {
        return false;
    }
    size_t name_n = (size_t)(host + host_n - from);
    if (name_n == 0 || name_n >= sizeof out->host) return false;
    (void)snprintf(out->host, sizeof out->host, "%.*s", (int)name_n, from);
    return true;
}

static enum ht_address_reach reach_of_v4(const uint8_t a[static 4]) {
    if (a[0] == 127) return HT_REACH_LOOPBACK;
    if (a[0] == 0 || a[0] >= 224) return HT_REACH_NONE;
    bool is_private = a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) ||
                      (a[0] == 192 && a[1] == 168) || (a[0] == 169 && a[1] == 254) ||
                      (a[0] == 100 && (a[1] & 0xc0) == 64);
    return is_private ? HT_REACH_LAN : HT_REACH_PUBLIC;
}

static enum ht_address_reach reach_of_v6(const uint8_t a[static 16]) {
    static const uint8_t zero[16];
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (memcmp(a, mapped, sizeof mapped) == 0) return reach_of_v4(a + 12);
    if (memcmp(a, zero, 15) == 0) return a[15] == 1 ? HT_REACH_LOOPBACK : HT_REACH_NONE;
    if (a[0] == 0xff) return HT_REACH_NONE;
    bool is_private = (a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80);
    return is_private ? HT_REACH_LAN : HT_REACH_PUBLIC;
}

static bool ends_with(const char *host, const char *end) {
    size_t n = strlen(host), m = strlen(end);
    return n > m && strcasecmp(host + n - m, end) == 0;
}

static bool is_onion(const char *host) {
    if (strlen(host) != ONION_CHARS + strlen(".onion")) return false;
    for (size_t i = 0; i < ONION_CHARS; i++) {
        if (!is_letter(host[i]) && !(host[i] >= '2' && host[i] <= '7')) return false;
    }
    return true;
}

/* A name whose last label begins with a digit is an IPv4 address in one of its old spellings to
 * some programs, and a name to others. */
static bool is_name(const char *host) {
    const char *label = host;
    for (const char *c = host; *c != '\0'; c++) {
        if (*c == '.' && (c == label || c[1] == '\0')) return false;
        if (*c == '.') label = c + 1;
        if (!is_letter(*c) && !is_digit(*c) && *c != '-' && *c != '.' && *c != '_') return false;
    }
    return *label != '\0' && !is_digit(*label);
}

static enum ht_address_reach reach_of_name(const char *host) {
    if (!is_name(host)) return HT_REACH_NONE;
    if (ends_with(host, ".onion")) return is_onion(host) ? HT_REACH_ONION : HT_REACH_NONE;
    if (strcasecmp(host, "localhost") == 0 || ends_with(host, ".localhost")) {
        return HT_REACH_LOOPBACK;
    }
    bool is_local = strchr(host, '.') == NULL || ends_with(host, ".local") ||
                    ends_with(host, ".lan") || ends_with(host, ".home.arpa") ||
                    ends_with(host, ".internal");
    return is_local ? HT_REACH_LAN : HT_REACH_PUBLIC;
}

enum ht_address_reach ht_address_reach_of(const char *url) {
    struct parts parts;
    uint8_t address[16];
    enum ht_address_reach reach;
    if (!split(&parts, url)) return HT_REACH_NONE;
    if (parts.is_v6) {
        bool is_good = inet_pton(AF_INET6, parts.host, address) == 1;
        reach = is_good ? reach_of_v6(address) : HT_REACH_NONE;
    } else if (inet_pton(AF_INET, parts.host, address) == 1) {
        reach = reach_of_v4(address);
    } else {
        reach = reach_of_name(parts.host);
    }
    return reach == HT_REACH_PUBLIC && !parts.is_tls ? HT_REACH_NONE : reach;
}
