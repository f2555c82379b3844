/* Ethereum's JSON-RPC under load: eth_getBalance of an account that is proven already, over HTTP on
 * a few connections that are kept, against eth_chainId at the same door, which needs no chain and
 * no proof: the cost of the door itself. Rounds of both take turns. */
#include "tests/bench/bench_rpc.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/bench_process.h"

#define CONNECTIONS 8U
#define ROUND 4000U
#define ROUNDS 12U
#define LIVE_TRIES 200
#define LIVE_PAUSE_US 100000
#define ANSWER_MAX 4096U

/* anvil's first account */
#define BALANCE                                                    \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getBalance\"," \
    "\"params\":[\"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266\",\"latest\"]}"
#define CHAIN_ID "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_chainId\",\"params\":[]}"

struct connection {
    int fd;
    char answer[ANSWER_MAX];
    size_t have;
    double begun_ms;
};

struct load {
    unsigned port;
    struct connection connections[CONNECTIONS];
    double latencies_ms[ROUND * ROUNDS];
    size_t latency_count;
};

static bool open_one(struct connection *connection, unsigned port) {
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return connect(connection->fd, (struct sockaddr *)&to, sizeof to) == 0;
}

static bool ask(struct load *load, struct connection *connection, const char *body) {
    char text[512];
    int n =
        snprintf(text, sizeof text,
                 "POST /eth HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Type: application/json\r\n"
                 "Content-Length: %zu\r\n\r\n%s",
                 load->port, strlen(body), body);
    connection->have = 0;
    connection->begun_ms = ht_bench_wall_ms();
    return write(connection->fd, text, (size_t)n) == n;
}

/* 1 when a whole answer with a result is there, 0 when more must come, -1 when it is none. */
static int take(struct connection *connection) {
    ssize_t got = read(connection->fd, connection->answer + connection->have,
                       ANSWER_MAX - 1 - connection->have);
    if (got <= 0) return -1;
    connection->have += (size_t)got;
    connection->answer[connection->have] = '\0';
    const char *body = strstr(connection->answer, "\r\n\r\n");
    const char *length = strcasestr(connection->answer, "content-length:");
    if (body == NULL || length == NULL) return 0;
    size_t whole = (size_t)(body + 4 - connection->answer) + strtoul(length + 15, NULL, 10);
    if (connection->have < whole) return 0;
    return strstr(body, "\"result\"") != NULL ? 1 : -1;
}

/* Requests a second over one round; negative on failure. */
static double run_round(struct load *load, const char *body, bool is_measured) {
    struct pollfd polls[CONNECTIONS];
    size_t sent = 0, answered = 0;
    double begun_ms = ht_bench_wall_ms();
    for (size_t i = 0; i < CONNECTIONS; i++, sent++) {
        polls[i] = (struct pollfd){.fd = load->connections[i].fd, .events = POLLIN};
        if (!ask(load, &load->connections[i], body)) return -1;
    }
    while (answered < ROUND) {
        if (poll(polls, CONNECTIONS, 5000) <= 0) return -1;
        for (size_t i = 0; i < CONNECTIONS; i++) {
            struct connection *connection = &load->connections[i];
            if (polls[i].revents == 0) continue;
            int state = take(connection);
            if (state < 0) return -1;
            if (state == 0) continue;
            answered++;
            double spent_ms = ht_bench_wall_ms() - connection->begun_ms;
            if (is_measured) load->latencies_ms[load->latency_count++] = spent_ms;
            if (sent < ROUND && sent++ < ROUND && !ask(load, connection, body)) return -1;
        }
    }
    return ROUND / (ht_bench_wall_ms() - begun_ms) * 1e3;
}

static int compare(const void *left, const void *right) {
    const double *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

static double at_share(double *sorted, size_t count, double share) {
    qsort(sorted, count, sizeof *sorted, compare);
    return sorted[(size_t)((double)(count - 1) * share)];
}

static bool measure(struct load *load) {
    double ours[ROUNDS], floor[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++) {
        ours[i] = run_round(load, BALANCE, true);
        floor[i] = run_round(load, CHAIN_ID, false);
        if (ours[i] < 0 || floor[i] < 0) return false;
    }
    double per_s = at_share(ours, ROUNDS, 0.5), floor_per_s = at_share(floor, ROUNDS, 0.5);
    printf(
        "{\"bench\":\"eth_get_balance_warm\",\"ours\":%.0f,\"unit\":\"requests/s\",\"floor\":%.0f,"
        "\"ratio\":%.3f,\"connections\":%u,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
        per_s, floor_per_s, per_s / floor_per_s, CONNECTIONS,
        at_share(load->latencies_ms, load->latency_count, 0.5),
        at_share(load->latencies_ms, load->latency_count, 0.99));
    (void)fflush(stdout);
    return true;
}

/* Until the node has a live head and the account is proven. */
static bool wait_until_warm(struct load *load) {
    for (int i = 0; i < LIVE_TRIES; i++) {
        struct connection *connection = &load->connections[0];
        if (!open_one(connection, load->port) || !ask(load, connection, BALANCE)) return false;
        int state;
        while ((state = take(connection)) == 0) {
        }
        (void)close(connection->fd);
        if (state > 0) return true;
        (void)usleep(LIVE_PAUSE_US);
    }
    return false;
}

static bool run_load(unsigned port) {
    struct load *load = calloc(1, sizeof *load);
    bool is_good = load != NULL && port != 0;
    if (is_good) load->port = port;
    is_good = is_good && wait_until_warm(load);
    size_t opened = 0;
    while (is_good && opened < CONNECTIONS) {
        is_good = open_one(&load->connections[opened++], port);
    }
    is_good = is_good && measure(load);
    for (size_t i = 0; i < opened; i++) (void)close(load->connections[i].fd);
    free(load);
    return is_good;
}

bool ht_bench_balance(void) {
    const char *hearth = getenv("HEARTH");
    char dir[] = "/tmp/hearth-bench-XXXXXX", network[64];
    if (hearth == NULL || mkdtemp(dir) == NULL) return false;
    (void)snprintf(network, sizeof network, "%s/network.json", dir);
    char *const devnet_argv[] = {
        "node", "tests/devnet/devnet.mjs", "--quiet", "--network-out", network, NULL};
    FILE *devnet_out, *out;
    pid_t devnet = ht_bench_start(&devnet_out, devnet_argv);
    json_t *ready = ht_bench_read_json(devnet_out);
    const char *beacon = json_string_value(json_array_get(json_object_get(ready, "beacons"), 0));
    const char *rpc = json_string_value(json_object_get(ready, "rpc"));
    bool is_good = beacon != NULL && rpc != NULL;
    if (is_good) {
        char *const argv[] = {(char *)hearth,        "run",       "--network", network,
                              "--data-dir",          dir,         "--beacon",  (char *)beacon,
                              "--execution",         (char *)rpc, "--port",    "0",
                              "--checkpoint-quorum", "1",         "--json",    NULL};
        pid_t node = ht_bench_start(&out, argv);
        json_t *greeting = ht_bench_read_json(out);
        is_good = run_load(ht_bench_port_of(greeting));
        json_decref(greeting);
        (void)ht_bench_stop(node, out);
    }
    json_decref(ready);
    (void)ht_bench_stop(devnet, devnet_out);
    ht_bench_remove_dir(dir);
    return is_good;
}
