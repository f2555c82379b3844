/* Starting and ending programs. */
#include "tests/bench/bench_process.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_LEN 65536

double ht_bench_wall_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* in: its standard input, -1 for ours. */
static pid_t start(FILE **out, int in, char *const argv[]) {
    int ends[2];
    if (pipe(ends) != 0) return -1;
    pid_t pid = fork();
    if (pid == 0) {
        int nowhere = open("/dev/null", O_RDWR);
        if (in >= 0) (void)dup2(in, STDIN_FILENO);
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

pid_t ht_bench_start(FILE **out, char *const argv[]) {
    return start(out, -1, argv);
}

pid_t ht_bench_start_asked(FILE **in, FILE **out, char *const argv[]) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    pid_t pid = start(out, ends[0], argv);
    (void)close(ends[0]);
    *in = fdopen(ends[1], "w");
    return pid;
}

long ht_bench_stop(pid_t pid, FILE *out) {
    struct rusage usage = {0};
    int status;
    (void)kill(pid, SIGTERM);
    (void)wait4(pid, &status, 0, &usage);
    (void)fclose(out);
    return usage.ru_maxrss;
}

json_t *ht_bench_read_json(FILE *out) {
    char *line = malloc(LINE_MAX_LEN);
    json_t *json = NULL;
    if (line != NULL && fgets(line, LINE_MAX_LEN, out) != NULL) json = json_loads(line, 0, NULL);
    free(line);
    return json;
}

/* "http://127.0.0.1:8420/#token=…" */
unsigned ht_bench_port_of(const json_t *greeting) {
    const char *url = json_string_value(json_object_get(greeting, "url"));
    return url != NULL && strlen(url) > 17 ? (unsigned)strtoul(url + 17, NULL, 10) : 0;
}

void ht_bench_remove_dir(const char *path) {
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
