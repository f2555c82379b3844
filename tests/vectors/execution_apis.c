/* The execution-apis suite: recorded requests and answers against the whole node.
 *
 * The work is done by execution_apis.mjs, next to this file, which starts real processes; it is run
 * from the top folder of the sources, prints what fails, and its last line is the count. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/vectors/vectors.h"

#define SCRIPT "tests/vectors/execution_apis.mjs"
#define SUITE "execution-apis: "

/* The script as a process whose output can be read; NULL when there is none. */
static FILE *start(const char *fixtures_dir, pid_t *pid) {
    int ends[2];
    if (pipe(ends) != 0) return NULL;
    *pid = fork();
    if (*pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execlp("node", "node", SCRIPT, fixtures_dir, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    if (*pid > 0) return fdopen(ends[0], "r");
    (void)close(ends[0]);
    return NULL;
}

/* Shows a line of the script, or takes the counts out of it. */
static bool take_line(struct ht_vec_report *report, const char *line) {
    if (strncmp(line, SUITE, strlen(SUITE)) != 0) {
        fputs(line, stdout);
        return false;
    }
    return sscanf(line + strlen(SUITE), "%zu passed, %zu failed, %zu skipped", &report->passed,
                  &report->failed, &report->skipped) == 3;
}

static void run_execution_apis(const char *fixtures_dir, struct ht_vec_report *report) {
    char line[4096];
    pid_t pid = -1;
    int status = 0;
    bool has_counts = false;
    (void)fflush(stdout);
    FILE *output = start(fixtures_dir, &pid);
    if (output == NULL) {
        ht_vec_fail(report, SCRIPT, "cannot be started: %s", strerror(errno));
        return;
    }
    while (fgets(line, sizeof line, output) != NULL) {
        has_counts = take_line(report, line) || has_counts;
    }
    (void)fclose(output);
    bool has_ended = waitpid(pid, &status, 0) == pid && WIFEXITED(status);
    if (has_ended && WEXITSTATUS(status) == 127) {
        ht_vec_skip(report, SCRIPT, "there is no program \"node\" to run it with");
    } else if (!has_counts) {
        ht_vec_fail(report, SCRIPT, "ended before it had counted");
    }
}

const struct ht_vec_suite ht_vec_suite_execution_apis = {.name = "execution-apis",
                                                         .run = run_execution_apis};
