/* Where to start: agreement of several independent sources on one finalized block.
 *
 * A source states which block it holds to be finalized at an epoch; sources are not in step, so
 * their statements are collected over several rounds. Pure: asks nobody. */
#ifndef HT_L1_CHECKPOINT_H
#define HT_L1_CHECKPOINT_H

#include "node/base/bytes.h"

#define HT_CHECKPOINT_SOURCES_MAX 16
#define HT_CHECKPOINT_STATEMENTS_MAX 6 /* kept per source, newest last */

struct ht_checkpoint_statement {
    uint64_t epoch;
    ht_hash32 root;
};

struct ht_checkpoint_source {
    char name[128]; /* host and port; two of one name count once */
    struct ht_checkpoint_statement statements[HT_CHECKPOINT_STATEMENTS_MAX];
    size_t count;
    bool has_error; /* of the last time it was asked */
    struct ht_why error;
};

struct ht_checkpoint_poll {
    struct ht_checkpoint_source sources[HT_CHECKPOINT_SOURCES_MAX];
    size_t count;
    size_t quorum; /* how many must say the same */
};

enum ht_checkpoint_outcome {
    HT_CHECKPOINT_OPEN, /* not enough have spoken about one epoch yet */
    HT_CHECKPOINT_AGREED,
    HT_CHECKPOINT_DISPUTED, /* enough have spoken, and no root has more than half of them */
};

/* Adds a source; HT_ELIMIT when there are too many, HT_OK without adding for a name that is there.
 */
enum ht_err ht_checkpoint_add(struct ht_checkpoint_poll *poll, const char *name) HT_MUST_USE;

/* What source i answered. */
void ht_checkpoint_state(struct ht_checkpoint_poll *poll, size_t i, uint64_t epoch,
                         const ht_hash32 *root);
void ht_checkpoint_fail(struct ht_checkpoint_poll *poll, size_t i, const struct ht_why *why);

/* The newest epoch at which at least quorum sources, and more than half of those that spoke about
 * it, name one root. `out` and `agreed` are set when AGREED; when DISPUTED, why names the two roots
 * and who said which. */
enum ht_checkpoint_outcome ht_checkpoint_result(const struct ht_checkpoint_poll *poll,
                                                struct ht_checkpoint_statement *out, size_t *agreed,
                                                struct ht_why *why);

/* What a source said about an epoch, NULL when nothing. */
const struct ht_checkpoint_statement *ht_checkpoint_find(const struct ht_checkpoint_source *source,
                                                         uint64_t epoch);

#endif
