/* The execution-apis suite: recorded requests and answers against the whole node, and the recorded
 * chain itself against the machine.
 *
 * The first is done by execution_apis.mjs, next to this file, which starts real processes; it is
 * run from the top folder of the sources, prints what fails, and its last line is the count. It
 * leaves states behind from which chain_blocks.c executes the chains' blocks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/vectors/chain_blocks.h"

#define SCRIPT "tests/vectors/execution_apis.mjs"
#define SUITE "execution-apis: "

/* The script as a process whose output can be read; NULL when there is none. */
static FILE *start(const char *fixtures_dir, const char *states_dir, pid_t *pid) {
    int ends[2];
    if (pipe(ends) != 0) return NULL;
    *pid = fork();
    if (*pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execlp("node", "node", SCRIPT, fixtures_dir, "--states", states_dir, (char *)NULL);
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

static void run_script(const char *fixtures_dir, const char *states_dir,
                       struct ht_vec_report *report) {
    char line[4096];
    pid_t pid = -1;
    int status = 0;
    bool has_counts = false;
    (void)fflush(stdout);
    FILE *output = start(fixtures_dir, states_dir, &pid);
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

static void run_blocks(const char *path, void *user) {
    ht_vec_chain_blocks(path, user);
    (void)unlink(path);
}

static void run_execution_apis(const char *fixtures_dir, struct ht_vec_report *report) {
    char states_dir[64];
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(states_dir, sizeof states_dir, "%.40s/hearth-states.XXXXXX",
                   tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(states_dir) == NULL) {
        ht_vec_fail(report, SCRIPT, "no folder for states: %s", strerror(errno));
        return;
    }
    run_script(fixtures_dir, states_dir, report);
    (void)ht_vec_walk(states_dir, ".json", run_blocks, report);
    (void)rmdir(states_dir);
}

const struct ht_vec_suite ht_vec_suite_execution_apis = {.name = "execution-apis",
                                                         .run = run_execution_apis};
