/* Logs as the chain grows. */
#include "node/api/eth_follow.h"

#include <stdlib.h>

#include "node/base/log.h"

/* A block with logs that match, or that may have some. */
struct follow_block {
    uint64_t number;
    ht_hash32 hash;
    bool is_done;
    json_t *logs; /* told; NULL: none */
};

struct ht_eth_follow {
    struct ht_eth_follow_options options;
    struct ht_log_filter filter;
    struct follow_block blocks[HT_ETH_FOLLOW_BLOCKS_MAX]; /* in the chain's order */
    size_t count;
    bool has_last;
    uint64_t last_number; /* of the chain as told so far */
    bool has_lost;
    struct ht_logs_gap lost;
    struct follow_read *reading;
    bool is_stepping;
    bool is_answered; /* the read ended before it returned */
    bool has_failed;
    struct ht_why why;
    unsigned calling; /* callbacks on the stack */
    bool is_freed;
};

/* Outlives a follower that is freed meanwhile. */
struct follow_read {
    struct ht_block_read read;
    struct ht_eth_follow *follow;
};

struct ht_eth_follow *ht_eth_follow_new(const struct ht_eth_follow_options *options,
                                        struct ht_log_filter *filter) {
    struct ht_eth_follow *follow = calloc(1, sizeof *follow);
    if (follow == NULL) return NULL;
    follow->options = *options;
    follow->filter = *filter;
    *filter = (struct ht_log_filter){0};
    return follow;
}

void ht_eth_follow_free(struct ht_eth_follow *follow) {
    if (follow == NULL) return;
    follow->is_freed = true;
    if (follow->calling > 0) return;
    if (follow->reading != NULL) follow->reading->follow = NULL;
    for (size_t i = 0; i < follow->count; i++) json_decref(follow->blocks[i].logs);
    ht_log_filter_fini(&follow->filter);
    free(follow);
}

/* Callbacks; false: the follower is gone. */
static bool end_callback(struct ht_eth_follow *follow) {
    follow->calling--;
    if (!follow->is_freed) return true;
    ht_eth_follow_free(follow);
    return false;
}

static bool tell(struct ht_eth_follow *follow, const json_t *logs) {
    follow->calling++;
    follow->options.on_logs(follow->options.user, logs);
    return end_callback(follow);
}

static void rest(struct ht_eth_follow *follow) {
    follow->calling++;
    if (follow->options.on_rest != NULL) follow->options.on_rest(follow->options.user);
    (void)end_callback(follow);
}

static void drop(struct ht_eth_follow *follow, size_t at) {
    json_decref(follow->blocks[at].logs);
    follow->count--;
    memmove(&follow->blocks[at], &follow->blocks[at + 1],
            (follow->count - at) * sizeof *follow->blocks);
}

/* Blocks that nobody will look at any more; several ranges become one that covers them. */
static void lose(struct ht_eth_follow *follow, uint64_t from, uint64_t to) {
    struct ht_logs_gap *lost = &follow->lost;
    ht_log(HT_LOG_WARN, "api", "logs of blocks %llu to %llu were not followed",
           (unsigned long long)from, (unsigned long long)to);
    if (!follow->has_lost) {
        *lost = (struct ht_logs_gap){.from = from, .to = to};
        (void)ht_fail(&lost->why, HT_ENET, "not_followed",
                      "the node could not follow the chain through these blocks");
    }
    follow->has_lost = true;
    if (from < lost->from) lost->from = from;
    if (to > lost->to) lost->to = to;
}

/* --- reading ---------------------------------------------------------------------------------- */

static struct follow_block *find_block(struct ht_eth_follow *follow, const ht_hash32 *hash) {
    for (size_t i = 0; i < follow->count; i++) {
        if (ht_hash32_equal(&follow->blocks[i].hash, hash)) return &follow->blocks[i];
    }
    return NULL;
}

static struct follow_block *next_block(struct ht_eth_follow *follow) {
    for (size_t i = 0; i < follow->count; i++) {
        if (!follow->blocks[i].is_done) return &follow->blocks[i];
    }
    return NULL;
}

/* False: the follower is gone. */
static bool take_logs(struct ht_eth_follow *follow, struct follow_block *block,
                      const struct ht_block_read *read) {
    json_t *logs = json_array();
    if (logs == NULL || ht_logs_of_block(logs, &follow->filter, read, false) != HT_OK) {
        json_decref(logs);
        follow->has_failed = true;
        (void)ht_fail(&follow->why, HT_ENOMEM, "no_memory", "out of memory");
        return true;
    }
    block->is_done = true;
    bool has_some = json_array_size(logs) > 0;
    if (has_some) block->logs = json_incref(logs);
    bool is_alive = !has_some || tell(follow, logs);
    json_decref(logs);
    return is_alive;
}

static void go_on(struct ht_eth_follow *follow);

static void on_read(struct ht_block_read *read) {
    struct follow_read *reading = (struct follow_read *)read;
    struct ht_eth_follow *follow = reading->follow;
    bool is_alive = follow != NULL;
    if (is_alive) {
        struct follow_block *block = find_block(follow, &read->id.hash);
        follow->reading = NULL;
        follow->is_answered = true;
        if (read->err != HT_OK && block != NULL) {
            follow->has_failed = true;
            follow->why = read->why;
        } else if (block != NULL) { /* else taken out meanwhile */
            is_alive = take_logs(follow, block, read);
        }
    }
    ht_block_read_fini(read);
    free(reading);
    if (is_alive && !follow->is_stepping) go_on(follow);
}

static void read_block(struct ht_eth_follow *follow, const struct follow_block *block) {
    struct follow_read *reading = calloc(1, sizeof *reading);
    if (reading == NULL) {
        follow->has_failed = true;
        (void)ht_fail(&follow->why, HT_ENOMEM, "no_memory", "out of memory");
        follow->is_answered = true;
        return;
    }
    reading->follow = follow;
    reading->read.id = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = block->hash};
    reading->read.wants_body = true;
    reading->read.wants_receipts = true;
    reading->read.done = on_read;
    follow->reading = reading;
    ht_blocks_read(follow->options.blocks, &reading->read);
}

/* What is at hand is answered before a read returns, so this is a loop and no chain of calls. */
static void go_on(struct ht_eth_follow *follow) {
    if (follow->reading != NULL || follow->is_stepping) return;
    follow->calling++; /* so that it is not freed while this looks at it */
    follow->is_stepping = true;
    bool is_waiting = false;
    while (!is_waiting && !follow->has_failed && !follow->is_freed) {
        const struct follow_block *block = next_block(follow);
        if (block == NULL) break;
        follow->is_answered = false;
        read_block(follow, block);
        is_waiting = !follow->is_answered;
    }
    follow->is_stepping = false;
    if (end_callback(follow) && !is_waiting) rest(follow);
}

void ht_eth_follow_resume(struct ht_eth_follow *follow) {
    follow->has_failed = false;
    go_on(follow);
}

bool ht_eth_follow_is_done(const struct ht_eth_follow *follow) {
    if (follow->has_lost) return false;
    for (size_t i = 0; i < follow->count; i++) {
        if (!follow->blocks[i].is_done) return false;
    }
    return true;
}

size_t ht_eth_follow_missing(struct ht_eth_follow *follow, struct ht_logs_gap *gaps, size_t max) {
    size_t count = 0;
    if (follow->has_lost && max > 0) gaps[count++] = follow->lost;
    follow->has_lost = false;
    for (size_t i = 0; i < follow->count; i++) {
        const struct follow_block *block = &follow->blocks[i];
        if (block->is_done) continue;
        struct ht_logs_gap *before = count > 0 ? &gaps[count - 1] : NULL;
        if (before != NULL && before->to + 1 == block->number) {
            before->to = block->number;
        } else if (count < max) {
            gaps[count++] = (struct ht_logs_gap){
                .from = block->number, .to = block->number, .why = follow->why};
        }
    }
    return count;
}

/* --- changes ---------------------------------------------------------------------------------- */

static json_t *mark_removed(const json_t *logs) {
    json_t *marked = json_array();
    for (size_t i = 0; i < json_array_size(logs); i++) {
        json_t *log = json_copy(json_array_get(logs, i));
        if (json_object_set_new(log, "removed", json_true()) == 0 &&
            json_array_append_new(marked, log) == 0)
            continue;
        json_decref(marked);
        return NULL;
    }
    return marked;
}

/* False: the follower is gone. */
static bool remove_block(struct ht_eth_follow *follow, const ht_hash32 *hash) {
    struct follow_block *block = find_block(follow, hash);
    if (block == NULL) return true;
    json_t *logs = block->logs != NULL ? mark_removed(block->logs) : NULL;
    drop(follow, (size_t)(block - follow->blocks));
    bool is_alive = logs == NULL || tell(follow, logs);
    json_decref(logs);
    return is_alive;
}

static void add_block(struct ht_eth_follow *follow, const struct ht_exec_header_verified *added) {
    uint64_t number = added->header.number;
    if (follow->has_last && number > follow->last_number + 1) {
        lose(follow, follow->last_number + 1, number - 1);
    }
    follow->has_last = true;
    follow->last_number = number;
    if (number < follow->options.from_number || number > follow->options.to_number ||
        !ht_log_filter_may_match(&follow->filter, added->header.logs_bloom))
        return;
    if (follow->count == HT_ETH_FOLLOW_BLOCKS_MAX) {
        const struct follow_block *oldest = &follow->blocks[0];
        if (!oldest->is_done) lose(follow, oldest->number, oldest->number);
        drop(follow, 0);
    }
    follow->blocks[follow->count++] = (struct follow_block){.number = number, .hash = added->hash};
}

/* What is final is not taken out again. */
static void forget_final(struct ht_eth_follow *follow) {
    const struct ht_exec_header_verified *final =
        ht_chain_finalized(ht_blocks_chain(follow->options.blocks));
    if (final == NULL) return;
    for (size_t i = follow->count; i-- > 0;) {
        const struct follow_block *block = &follow->blocks[i];
        if (block->is_done && block->number <= final->header.number) drop(follow, i);
    }
}

void ht_eth_follow_change(struct ht_eth_follow *follow, const struct ht_chain_change *change) {
    forget_final(follow);
    for (size_t i = 0; i < change->removed_count; i++) {
        uint64_t number = change->removed[i].header.number;
        if (!remove_block(follow, &change->removed[i].hash)) return;
        if (follow->has_last && number <= follow->last_number && number > 0) {
            follow->last_number = number - 1;
        }
    }
    for (size_t i = 0; i < change->added_count; i++) add_block(follow, &change->added[i]);
    ht_eth_follow_resume(follow);
}
