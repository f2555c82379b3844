/* Counting what checkpoint sources say. */
#include "node/l1/checkpoint.h"

#include <stdio.h>

enum ht_err ht_checkpoint_add(struct ht_checkpoint_poll *poll, const char *name) {
    for (size_t i = 0; i < poll->count; i++) {
        if (strcmp(poll->sources[i].name, name) == 0) return HT_OK;
    }
    if (poll->count == HT_CHECKPOINT_SOURCES_MAX) return HT_ELIMIT;
    struct ht_checkpoint_source *source = &poll->sources[poll->count++];
    *source = (struct ht_checkpoint_source){0};
    (void)snprintf(source->name, sizeof source->name, "%s", name);
    return HT_OK;
}

const struct ht_checkpoint_statement *ht_checkpoint_find(const struct ht_checkpoint_source *source,
                                                         uint64_t epoch) {
    for (size_t i = 0; i < source->count; i++) {
        if (source->statements[i].epoch == epoch) return &source->statements[i];
    }
    return NULL;
}

void ht_checkpoint_state(struct ht_checkpoint_poll *poll, size_t i, uint64_t epoch,
                         const ht_hash32 *root) {
    ht_assert(i < poll->count);
    struct ht_checkpoint_source *source = &poll->sources[i];
    source->has_error = false;
    /* A source that changes its mind about an epoch is held to what it said first. */
    if (ht_checkpoint_find(source, epoch) != NULL) return;
    if (source->count == HT_CHECKPOINT_STATEMENTS_MAX) {
        memmove(source->statements, source->statements + 1,
                sizeof source->statements - sizeof *source->statements);
        source->count--;
    }
    source->statements[source->count++] = (struct ht_checkpoint_statement){epoch, *root};
}

void ht_checkpoint_fail(struct ht_checkpoint_poll *poll, size_t i, const struct ht_why *why) {
    ht_assert(i < poll->count);
    poll->sources[i].has_error = true;
    poll->sources[i].error = *why;
}

/* How many sources say the same as `statement`, and how many speak about its epoch at all. */
static size_t count_votes(const struct ht_checkpoint_poll *poll,
                          const struct ht_checkpoint_statement *statement, size_t *spoken) {
    size_t same = 0;
    *spoken = 0;
    for (size_t i = 0; i < poll->count; i++) {
        const struct ht_checkpoint_statement *said =
            ht_checkpoint_find(&poll->sources[i], statement->epoch);
        if (said == NULL) continue;
        (*spoken)++;
        same += ht_hash32_equal(&said->root, &statement->root);
    }
    return same;
}

static void name_dispute(const struct ht_checkpoint_poll *poll, uint64_t epoch,
                         struct ht_why *why) {
    const struct ht_checkpoint_source *first = NULL;
    const struct ht_checkpoint_statement *first_said = NULL;
    for (size_t i = 0; i < poll->count; i++) {
        const struct ht_checkpoint_source *source = &poll->sources[i];
        const struct ht_checkpoint_statement *said = ht_checkpoint_find(source, epoch);
        if (said == NULL) continue;
        if (first == NULL) {
            first = source;
            first_said = said;
        } else if (!ht_hash32_equal(&said->root, &first_said->root)) {
            (void)ht_fail(why, HT_EUNVERIFIED, "checkpoint_disagreement",
                          "epoch %llu: %.60s says 0x%02x%02x…, %.60s says 0x%02x%02x…",
                          (unsigned long long)epoch, first->name, first_said->root.b[0],
                          first_said->root.b[1], source->name, said->root.b[0], said->root.b[1]);
            return;
        }
    }
}

enum ht_checkpoint_outcome ht_checkpoint_result(const struct ht_checkpoint_poll *poll,
                                                struct ht_checkpoint_statement *out, size_t *agreed,
                                                struct ht_why *why) {
    bool has_agreed = false, is_disputed = false;
    uint64_t disputed_epoch = 0;
    for (size_t i = 0; i < poll->count; i++) {
        for (size_t j = 0; j < poll->sources[i].count; j++) {
            const struct ht_checkpoint_statement *said = &poll->sources[i].statements[j];
            size_t spoken;
            size_t same = count_votes(poll, said, &spoken);
            if (same >= poll->quorum && 2 * same > spoken) {
                if (has_agreed && said->epoch <= out->epoch) continue;
                *out = *said;
                *agreed = same;
                has_agreed = true;
            } else if (spoken > same && spoken >= poll->quorum) {
                is_disputed = true;
                if (said->epoch > disputed_epoch) disputed_epoch = said->epoch;
            }
        }
    }
    if (has_agreed) return HT_CHECKPOINT_AGREED;
    if (!is_disputed) return HT_CHECKPOINT_OPEN;
    name_dispute(poll, disputed_epoch, why);
    return HT_CHECKPOINT_DISPUTED;
}
