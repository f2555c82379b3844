/* Group `node`: the running program. Start to serving the UI against the cost of starting a process
 * that does nothing, and resident memory while it follows the devnet against that of such a
 * process. */
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "node/codec/json.h"
#include "tests/bench/bench.h"

#define STARTS 15
#define LINE_MAX_LEN 65536
#define IDLE_S 12

static double wall_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Starts a program with its standard output in *out; the rest of its words go nowhere. */
static pid_t start(FILE **out, char *const argv[]) {
    int ends[2];
    if (pipe(ends) != 0) return -1;
    pid_t pid = fork();
    if (pid == 0) {
        int nowhere = open("/dev/null", O_RDWR);
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)dup2(nowhere, STDERR_FILENO);
        (void)close(ends[0]);
        (void)execvp(argv[0], argv);
        _exit(127);
    }
    (void)close(ends[1]);
    *out = fdopen(ends[0], "r");
    return pid;
}

static long stop(pid_t pid, FILE *out) {
    struct rusage usage = {0};
    int status;
    (void)kill(pid, SIGTERM);
    (void)wait4(pid, &status, 0, &usage);
    (void)fclose(out);
    return usage.ru_maxrss;
}

/* The next line of a program's output as JSON, NULL when it is none. */
static json_t *read_json(FILE *out) {
    char *line = malloc(LINE_MAX_LEN);
    json_t *json = NULL;
    if (line != NULL && fgets(line, LINE_MAX_LEN, out) != NULL) json = json_loads(line, 0, NULL);
    free(line);
    return json;
}

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

/* "http://127.0.0.1:8420/#token=…" */
static unsigned port_of(const json_t *greeting) {
    const char *url = json_string_value(json_object_get(greeting, "url"));
    return url != NULL && strlen(url) > 17 ? (unsigned)strtoul(url + 17, NULL, 10) : 0;
}

/* Milliseconds from exec to the first page; negative on failure. */
static double time_start(const char *hearth, char *dir) {
    char *const argv[] = {(char *)hearth,       "run",    "--data-dir", dir,      "--beacon",
                          "http://127.0.0.1:9", "--port", "0",          "--json", NULL};
    FILE *out;
    double begun = wall_ms();
    pid_t pid = start(&out, argv);
    json_t *greeting = read_json(out);
    bool is_good = get_page(port_of(greeting));
    double spent = wall_ms() - begun;
    json_decref(greeting);
    (void)stop(pid, out);
    return is_good ? spent : -1;
}

static double time_nothing(const char *hearth, long *rss_kib) {
    char *const argv[] = {(char *)hearth, "version", NULL};
    FILE *out;
    struct rusage usage = {0};
    int status;
    double begun = wall_ms();
    pid_t pid = start(&out, argv);
    (void)wait4(pid, &status, 0, &usage);
    double spent = wall_ms() - begun;
    (void)fclose(out);
    *rss_kib = usage.ru_maxrss;
    return spent;
}

static void remove_dir(const char *path) {
    DIR *dir = opendir(path);
    if (dir == NULL) return;
    char inner[600];
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        (void)snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.') (void)unlink(inner);
    }
    (void)closedir(dir);
    (void)rmdir(path);
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
    pid_t devnet = start(&devnet_out, devnet_argv);
    json_t *ready = read_json(devnet_out);
    const json_t *beacons = json_object_get(ready, "beacons");
    const char *first = json_string_value(json_array_get(beacons, 0));
    const char *second = json_string_value(json_array_get(beacons, 1));
    long kib = -1;
    if (first != NULL && second != NULL) {
        char *const argv[] = {
            (char *)hearth, "run",         "--network", network,        "--data-dir", dir,
            "--beacon",     (char *)first, "--beacon",  (char *)second, "--port",     "0",
            "--json",       NULL};
        pid_t node = start(&out, argv);
        json_decref(read_json(out));
        (void)sleep(IDLE_S);
        kib = resident_kib(node);
        (void)stop(node, out);
    }
    json_decref(ready);
    (void)stop(devnet, devnet_out);
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
    remove_dir(dir);
    char idle_dir[] = "/tmp/hearth-bench-XXXXXX";
    long kib = mkdtemp(idle_dir) != NULL ? measure_idle(hearth, idle_dir) : -1;
    remove_dir(idle_dir);
    if (kib > 0 && floor_kib > 0) {
        printf(
            "{\"bench\":\"idle_rss\",\"ours\":%.1f,\"unit\":\"MiB\",\"floor\":%.1f,\"ratio\":%.3f}\n",
            (double)kib / 1024, (double)floor_kib / 1024, (double)kib / (double)floor_kib);
    }
    if (!is_good || kib <= 0) fprintf(stderr, "bench node: the node or the devnet did not start\n");
    return is_good && kib > 0;
}

const struct ht_bench_group ht_bench_node = {"node", run};
