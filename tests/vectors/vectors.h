/* What every suite of public test vectors shares: counting, notes, files.
 *
 * A suite finds its cases by their form, not by file names, anywhere below the folder it is given,
 * and counts each of them as passed, failed or skipped: nothing is left out in silence. */
#ifndef HT_TESTS_VECTORS_H
#define HT_TESTS_VECTORS_H

#include "node/base/bytes.h"

struct ht_vec_report {
    size_t passed, failed, skipped;
};

struct ht_vec_suite {
    const char *name;
    void (*run)(const char *fixtures_dir, struct ht_vec_report *report);
};

/* Counts one case. `name` says where it is from ("rlptest.json/longstring"); failures and skips are
 * printed with it. */
void ht_vec_pass(struct ht_vec_report *report, const char *name);
void ht_vec_fail(struct ht_vec_report *report, const char *name, const char *fmt, ...)
    HT_PRINTF(3, 4);
void ht_vec_skip(struct ht_vec_report *report, const char *name, const char *why);

/* Prints a line that is no case: a group that is missing, a choice that was made. */
void ht_vec_note(const char *fmt, ...) HT_PRINTF(1, 2);

/* Calls `file` for each regular file below dir whose path ends with `suffix` ("" for all), in
 * sorted order, at most 16 folders deep; does not follow symbolic links below dir. Returns how many
 * it called; a folder that cannot be read or is too deep is noted. */
size_t ht_vec_walk(const char *dir, const char *suffix, void (*file)(const char *path, void *user),
                   void *user);

/* The whole content of a file, behind what `out` holds; one whose name ends with ".gz" unpacked.
 * HT_ENOTFOUND, HT_ELIMIT past the maximum of `out`, HT_ENOMEM, HT_EINPUT for a damaged .gz. */
enum ht_err ht_vec_read(struct ht_buf *out, const char *path) HT_MUST_USE;

extern const struct ht_vec_suite ht_vec_suite_abi;
extern const struct ht_vec_suite ht_vec_suite_eip712;
extern const struct ht_vec_suite ht_vec_suite_execution_apis;
extern const struct ht_vec_suite ht_vec_suite_governance;
extern const struct ht_vec_suite ht_vec_suite_identity;
extern const struct ht_vec_suite ht_vec_suite_keys;
extern const struct ht_vec_suite ht_vec_suite_light;
extern const struct ht_vec_suite ht_vec_suite_precompiles;
extern const struct ht_vec_suite ht_vec_suite_rlp;
extern const struct ht_vec_suite ht_vec_suite_social;
extern const struct ht_vec_suite ht_vec_suite_state;
extern const struct ht_vec_suite ht_vec_suite_trie;
extern const struct ht_vec_suite ht_vec_suite_tx;

#endif
