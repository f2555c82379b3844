/* Running a script and taking its counts. */
#include "tests/vectors/script.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The script as a process whose output can be read; NULL when there is none. */
static FILE *start(char *const argv[], pid_t *pid) {
    int ends[2];
    if (pipe(ends) != 0) return NULL;
    *pid = fork();
    if (*pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execvp(argv[0], argv);
        _exit(127);
    }
    (void)close(ends[1]);
    if (*pid > 0) return fdopen(ends[0], "r");
    (void)close(ends[0]);
    return NULL;
}

/* Shows a line of the script, or adds the counts that are in it. */
static bool take_line(struct ht_vec_report *report, const char *name, const char *line) {
    size_t n = strlen(name), passed, failed, skipped;
    bool is_last =
        strncmp(line, name, n) == 0 &&
        sscanf(line + n, ": %zu passed, %zu failed, %zu skipped", &passed, &failed, &skipped) == 3;
    if (!is_last) {
        fputs(line, stdout);
        return false;
    }
    report->passed += passed;
    report->failed += failed;
    report->skipped += skipped;
    return true;
}

void ht_vec_run_script(struct ht_vec_report *report, const char *name, char *const argv[]) {
    char line[4096];
    pid_t pid = -1;
    int status = 0;
    bool has_counts = false;
    (void)fflush(stdout);
    FILE *output = start(argv, &pid);
    if (output == NULL) {
        ht_vec_fail(report, name, "cannot be started: %s", strerror(errno));
        return;
    }
    while (fgets(line, sizeof line, output) != NULL) {
        has_counts = take_line(report, name, line) || has_counts;
    }
    (void)fclose(output);
    bool has_ended = waitpid(pid, &status, 0) == pid && WIFEXITED(status);
    if (has_ended && WEXITSTATUS(status) == 127) {
        ht_vec_skip(report, name, "there is no program to run it with");
    } else if (!has_counts) {
        ht_vec_fail(report, name, "ended before it had counted");
    }
}
