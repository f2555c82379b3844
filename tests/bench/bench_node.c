/* Group `node`: the running program. Start to serving the UI against the cost of starting a process
 * that does nothing, and resident memory while it follows the devnet against that of such a
 * process. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench_process.h"

#define STARTS 15
#define IDLE_S 12

static bool get_page(unsigned port) {
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char request[128], answer[64] = "";
    int n = snprintf(request, sizeof request,
                     "GET / HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAccept-Encoding: gzip\r\n\r\n", port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool is_good = connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
                   write(fd, request, (size_t)n) == n && read(fd, answer, sizeof answer - 1) > 0 &&
                   strncmp(answer, "HTTP/1.1 200", 12) == 0;
    (void)close(fd);
    return is_good;
}

/* Milliseconds from exec to the first page; negative on failure. */
static double time_start(const char *hearth, char *dir) {
    char *const argv[] = {(char *)hearth,       "run",    "--data-dir", dir,      "--beacon",
                          "http://127.0.0.1:9", "--port", "0",          "--json", NULL};
    FILE *out;
    double begun = ht_bench_wall_ms();
    pid_t pid = ht_bench_start(&out, argv);
    json_t *greeting = ht_bench_read_json(out);
    bool is_good = get_page(ht_bench_port_of(greeting));
    double spent = ht_bench_wall_ms() - begun;
    json_decref(greeting);
    (void)ht_bench_stop(pid, out);
    return is_good ? spent : -1;
}

static double time_nothing(const char *hearth, long *rss_kib) {
    char *const argv[] = {(char *)hearth, "version", NULL};
    FILE *out;
    struct rusage usage = {0};
    int status;
    double begun = ht_bench_wall_ms();
    pid_t pid = ht_bench_start(&out, argv);
    (void)wait4(pid, &status, 0, &usage);
    double spent = ht_bench_wall_ms() - begun;
    (void)fclose(out);
    *rss_kib = usage.ru_maxrss;
    return spent;
}

static long resident_kib(pid_t pid) {
    char path[64], line[256];
    long kib = -1;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) kib = strtol(line + 6, NULL, 10);
    }
    if (file != NULL) (void)fclose(file);
    return kib;
}

/* KiB resident after some seconds of following the devnet; negative on failure. */
static long measure_idle(const char *hearth, char *dir) {
    char network[600];
    (void)snprintf(network, sizeof network, "%s/network.json", dir);
    char *const devnet_argv[] = {
        "node", "tests/devnet/devnet.mjs", "--quiet", "--network-out", network, NULL};
    FILE *devnet_out, *out;
    pid_t devnet = ht_bench_start(&devnet_out, devnet_argv);
    json_t *ready = ht_bench_read_json(devnet_out);
    const json_t *beacons = json_object_get(ready, "beacons");
    const char *first = json_string_value(json_array_get(beacons, 0));
    const char *second = json_string_value(json_array_get(beacons, 1));
    long kib = -1;
    if (first != NULL && second != NULL) {
        char *const argv[] = {
            (char *)hearth, "run",         "--network", network,        "--data-dir", dir,
            "--beacon",     (char *)first, "--beacon",  (char *)second, "--port",     "0",
            "--json",       NULL};
        pid_t node = ht_bench_start(&out, argv);
        json_decref(ht_bench_read_json(out));
        (void)sleep(IDLE_S);
        kib = resident_kib(node);
        (void)ht_bench_stop(node, out);
    }
    json_decref(ready);
    (void)ht_bench_stop(devnet, devnet_out);
    return kib;
}

static bool run(const char *fixtures_dir) {
    (void)fixtures_dir;
    const char *hearth = getenv("HEARTH");
    char dir[] = "/tmp/hearth-bench-XXXXXX";
    if (hearth == NULL || mkdtemp(dir) == NULL) {
        fprintf(stderr, "bench node: HEARTH names no program\n");
        return false;
    }
    struct ht_bench_pair starts = {.count = 0};
    long floor_kib = 0;
    bool is_good = true;
    for (int i = 0; i < STARTS && is_good; i++) {
        double ours = time_start(hearth, dir);
        is_good = ours >= 0;
        ht_bench_add(&starts, ours, time_nothing(hearth, &floor_kib));
    }
    if (is_good) ht_bench_print("start_to_ui", &starts, "");
    ht_bench_remove_dir(dir);
    char idle_dir[] = "/tmp/hearth-bench-XXXXXX";
    long kib = mkdtemp(idle_dir) != NULL ? measure_idle(hearth, idle_dir) : -1;
    ht_bench_remove_dir(idle_dir);
    if (kib > 0 && floor_kib > 0) {
        printf(
            "{\"bench\":\"idle_rss\",\"ours\":%.1f,\"unit\":\"MiB\",\"floor\":%.1f,\"ratio\":%.3f}\n",
            (double)kib / 1024, (double)floor_kib / 1024, (double)kib / (double)floor_kib);
    }
    if (!is_good || kib <= 0) fprintf(stderr, "bench node: the node or the devnet did not start\n");
    return is_good && kib > 0;
}

const struct ht_bench_group ht_bench_node = {"node", run};
