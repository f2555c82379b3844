/* Networks that strangers must not lead us into. */
#include "node/net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

bool ht_address_is_private_v4(uint32_t address) {
    static const struct {
        uint32_t net, mask;
    } nets[] = {
        {0x00000000, 0xff000000}, {0x0a000000, 0xff000000}, {0x64400000, 0xffc00000},
        {0x7f000000, 0xff000000}, {0xa9fe0000, 0xffff0000}, {0xac100000, 0xfff00000},
        {0xc0000000, 0xffffff00}, {0xc0a80000, 0xffff0000}, {0xc6120000, 0xfffe0000},
        {0xe0000000, 0xe0000000},
    };
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
        if ((address & nets[i].mask) == nets[i].net) return true;
    }
    return false;
}

static uint32_t read_v4(const uint8_t p[static 4]) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool ht_address_is_private_v6(const uint8_t a[static 16]) {
    static const uint8_t zero[12];
    static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    static const uint8_t local_nat64[6] = {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01};
    static const uint8_t teredo[4] = {0x20, 0x01, 0x00, 0x00};
    bool is_mapped = memcmp(a, zero, 10) == 0 && a[10] == 0xff && a[11] == 0xff;
    if (is_mapped || memcmp(a, zero, 12) == 0 || memcmp(a, nat64, 12) == 0) {
        return ht_address_is_private_v4(read_v4(a + 12)); /* ::1 and :: are in 0.0.0.0/8 by this */
    }
    if (a[0] == 0x20 && a[1] == 0x02) return ht_address_is_private_v4(read_v4(a + 2));
    return (a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && a[1] >= 0x80) || a[0] == 0xff ||
           memcmp(a, local_nat64, sizeof local_nat64) == 0 || memcmp(a, teredo, sizeof teredo) == 0;
}

bool ht_address_is_private(const struct sockaddr *address) {
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        return ht_address_is_private_v4(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6) return true;
    struct sockaddr_in6 v6;
    memcpy(&v6, address, sizeof v6);
    return ht_address_is_private_v6(v6.sin6_addr.s6_addr);
}

static bool ends_with(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

bool ht_address_is_private_host(const char *host) {
    struct in_addr v4;
    struct in6_addr v6;
    char bare[64];
    size_t n = strlen(host);
    if (inet_pton(AF_INET, host, &v4) == 1) return ht_address_is_private_v4(ntohl(v4.s_addr));
    if (host[0] == '[') {
        if (n < 3 || n >= sizeof bare) return true;
        memcpy(bare, host + 1, n - 2);
        bare[n - 2] = '\0';
        return inet_pton(AF_INET6, bare, &v6) != 1 || ht_address_is_private_v6(v6.s6_addr);
    }
    return strchr(host, '.') == NULL || ends_with(host, ".localhost") ||
           ends_with(host, ".local") || ends_with(host, ".internal") || ends_with(host, ".lan") ||
           ends_with(host, ".home.arpa") || ends_with(host, ".");
}
