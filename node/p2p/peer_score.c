/* What faults cost, and the arithmetic of buckets. Who sees a fault is the caller's. */
#include "node/p2p/peer_score.h"

#include <stdio.h>
#include <string.h>

#define SCORE_MAX 100
/* Where a peer begins again that has rested: not as if nothing had been. */
#define SCORE_AFTER_REST (-25)

const struct ht_peer_budget ht_peer_budget_usual = {
    .events_per_s = 50,
    .event_burst = 500,
    .bytes_per_s = 256U << 10,
    .byte_burst = 2U << 20,
    .verifies_per_s = 2,
    .verify_burst = 20,
};

/* What a fault costs, and whether it cannot be a mistake. */
static const struct fault_rule {
    const char *name;
    int cost;
    bool is_banned;
} rules[] = {
    [HT_FAULT_SIGNATURE] = {"bad_signature", 100, true},
    [HT_FAULT_MALFORMED] = {"malformed", 20, false},
    [HT_FAULT_NOT_HAD] = {"not_had", 10, false},
    [HT_FAULT_WITHHELD] = {"withheld", 10, false},
    [HT_FAULT_FLOOD] = {"flood", 10, false},
    [HT_FAULT_OUT_OF_SCOPE] = {"out_of_scope", 5, false},
    [HT_FAULT_ECHO] = {"echo", 5, false},
    [HT_FAULT_IDENTITY] = {"identity", 100, true},
    [HT_FAULT_CHUNK] = {"bad_chunk", 20, false},
    [HT_FAULT_PROOF] = {"bad_proof", 25, false},
};

void ht_peer_score_init(struct ht_peer_score *score) {
    *score = (struct ht_peer_score){.score = 0};
}

bool ht_bucket_take(struct ht_bucket *bucket, unsigned per_s, unsigned burst, unsigned n,
                    int64_t mono_ms) {
    int64_t most = (int64_t)burst * 1000, wanted = (int64_t)n * 1000;
    if (bucket->at_ms == 0) {
        bucket->milli = most;
    } else if (mono_ms > bucket->at_ms) {
        int64_t passed_ms = mono_ms - bucket->at_ms;
        /* Beyond this it is full, and the product below could not be held. */
        bool is_full = per_s > 0 && passed_ms > most / per_s;
        bucket->milli = is_full ? most : bucket->milli + passed_ms * per_s;
        if (bucket->milli > most) bucket->milli = most;
    }
    bucket->at_ms = mono_ms > 0 ? mono_ms : 1;
    if (bucket->milli < wanted) return false;
    bucket->milli -= wanted;
    return true;
}

void ht_bucket_give(struct ht_bucket *bucket, unsigned burst, unsigned n) {
    bucket->milli += (int64_t)n * 1000;
    if (bucket->milli > (int64_t)burst * 1000) bucket->milli = (int64_t)burst * 1000;
}

void ht_peer_score_first(struct ht_peer_score *score) {
    score->first++;
    if (score->score < SCORE_MAX) score->score++;
}

static void keep(struct ht_peer_score *score, enum ht_peer_fault_kind kind, const char *what,
                 int64_t wall_ms) {
    size_t last = score->fault_count - 1;
    bool is_again = score->fault_count > 0 && score->faults[last].kind == kind;
    if (!is_again && score->fault_count == HT_PEER_FAULTS_MAX) {
        memmove(score->faults, score->faults + 1, (HT_PEER_FAULTS_MAX - 1) * sizeof *score->faults);
        score->fault_count--;
    }
    if (!is_again) {
        last = score->fault_count++;
        score->faults[last] = (struct ht_peer_fault){.kind = kind};
    }
    struct ht_peer_fault *fault = &score->faults[last];
    fault->at_ms = wall_ms;
    if (fault->count < 1000000) fault->count++;
    snprintf(fault->what, sizeof fault->what, "%s", what == NULL ? "" : what);
}

bool ht_peer_score_fault(struct ht_peer_score *score, enum ht_peer_fault_kind kind,
                         const char *what, int64_t wall_ms) {
    const struct fault_rule *rule = &rules[kind];
    keep(score, kind, what, wall_ms);
    if (score->until_ms != 0 && wall_ms >= score->until_ms) {
        score->until_ms = 0;
        if (score->score < SCORE_AFTER_REST) score->score = SCORE_AFTER_REST;
    }
    score->score -= rule->cost;
    if (rule->is_banned) score->score = -SCORE_MAX;
    if (score->score < -SCORE_MAX) score->score = -SCORE_MAX;
    if (score->score > HT_PEER_DROP_SCORE) return false;
    int64_t until_ms = wall_ms + (rule->is_banned ? HT_PEER_BAN_MS : HT_PEER_REST_MS);
    if (until_ms > score->until_ms) score->until_ms = until_ms;
    return true;
}

bool ht_peer_score_may_come(const struct ht_peer_score *score, int64_t wall_ms) {
    return score->until_ms == 0 || wall_ms >= score->until_ms;
}

void ht_peer_score_forgive(struct ht_peer_score *score) {
    score->score = 0;
    score->until_ms = 0;
}

const char *ht_peer_fault_name(enum ht_peer_fault_kind kind) {
    return rules[kind].name;
}
