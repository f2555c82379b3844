/* Replays recorded light-client objects from files against a trusted root: the offline proof that
 * a recorded stretch of chain history verifies. */
#ifndef HT_L1_REPLAY_H
#define HT_L1_REPLAY_H

#include "node/base/clock.h"
#include "node/l1/consensus/light_client.h"

#define HT_REPLAY_OBJECTS_MAX 8192U
#define HT_REPLAY_FILE_MAX (64UL * 1024 * 1024)

enum ht_replay_verdict {
    HT_REPLAY_ACCEPTED,
    HT_REPLAY_BELOW_THRESHOLD, /* verified, but too few signed to advance anything */
    HT_REPLAY_UNVERIFIED,
    HT_REPLAY_STALE, /* of a period the store cannot check, or about the past */
    HT_REPLAY_MALFORMED,
    HT_REPLAY_IGNORED, /* no light-client object, or a bootstrap of another block */
    HT_REPLAY_VERDICT_COUNT,
};

/* One object, or one file that holds none. Valid during the callback. */
struct ht_replay_line {
    const char *file;
    size_t position; /* of the object in its file, from 0 */
    enum ht_replay_verdict verdict;
    struct ht_why why;                 /* code and reason unless accepted; code NULL then */
    const struct ht_lc_object *object; /* NULL when the file holds none */
    struct ht_lc_outcome outcome;      /* when accepted or below the threshold */
};

typedef void ht_replay_each(void *user, const struct ht_replay_line *line);

struct ht_replay_options {
    const struct ht_network *network;
    const struct ht_clock *clock;
    ht_hash32 trusted_block_root;
    uint64_t current_slot;
    char *const *paths; /* files and folders; of a folder its files, not its folders */
    size_t path_count;
};

struct ht_replay_summary {
    size_t counts[HT_REPLAY_VERDICT_COUNT];
    bool has_store; /* a bootstrap matched the trusted root */
    uint64_t first_period;
    uint64_t last_period;
    struct ht_header_verified finalized;
    struct ht_header_verified optimistic;
    int64_t elapsed_ms; /* of verification alone */
};

/* Reads everything, then processes the bootstrap, the updates by period, and the finality and
 * optimistic updates by slot, calling back for each. HT_ENOTFOUND "no_such_file",
 * "no_bootstrap" (none matches the trusted root; the lines were given all the same), HT_ELIMIT. */
enum ht_err ht_replay_run(struct ht_replay_summary *summary,
                          const struct ht_replay_options *options, ht_replay_each *each, void *user,
                          struct ht_why *why) HT_MUST_USE;

/* "accepted", "below_threshold", "unverified", "stale", "malformed", "ignored" */
const char *ht_replay_verdict_name(enum ht_replay_verdict verdict);

#endif
