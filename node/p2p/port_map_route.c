/* The way out of this network, as the kernel has it. */
#include "node/p2p/port_map_route.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool ht_route_gateway(char out[static INET_ADDRSTRLEN]) {
    char line[256], name[32];
    unsigned long best = ~0UL;
    FILE *file = fopen("/proc/net/route", "re");
    if (file == NULL) return false;
    while (fgets(line, sizeof line, file) != NULL) {
        unsigned long to, via, flags, metric;
        if (sscanf(line, "%31s %lx %lx %lx %*s %*s %lu", name, &to, &via, &flags, &metric) != 5)
            continue;
        if (to != 0 || via == 0 || (flags & 2) == 0 || metric >= best) continue;
        const struct in_addr address = {.s_addr = (in_addr_t)via};
        if (inet_ntop(AF_INET, &address, out, INET_ADDRSTRLEN) != NULL) best = metric;
    }
    (void)fclose(file);
    return best != ~0UL;
}

bool ht_route_own(char out[static INET_ADDRSTRLEN], const char *gateway) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)}, own = {0};
    socklen_t len = sizeof own;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_known = fd >= 0 && inet_pton(AF_INET, gateway, &to.sin_addr) == 1 &&
                    connect(fd, (const struct sockaddr *)&to, sizeof to) == 0 &&
                    getsockname(fd, (struct sockaddr *)&own, &len) == 0 &&
                    inet_ntop(AF_INET, &own.sin_addr, out, INET_ADDRSTRLEN) != NULL;
    if (fd >= 0) (void)close(fd);
    return is_known;
}
