/* A look at one proposal: the governor's words first, then what hangs on them, all at one block. */
#include "governance/look/look.h"

#include <stdlib.h>

#include "governance/look/look_calls.h"
#include "governance/look/look_marks.h"

#define GET_TIMESTAMP 0xd45c4435U /* getTimestamp(bytes32) */
#define TIMELOCK 0xd33219b4U      /* timelock() */
#define SURE_BLOCKS 96U           /* what was so long ago is not reorganised */
#define SURE_S 1200U

/* --- the outcome ------------------------------------------------------------------------------ */

static void tell_all(struct ht_gov_look *look, enum ht_err err, const struct ht_why *why) {
    struct ht_gov_item *item = look->item->community->is_forgotten ? NULL : look->item;
    while (look->waits != NULL) {
        struct look_wait *wait = look->waits;
        look->waits = wait->next;
        wait->done(wait->user, item, err, why);
        free(wait);
    }
}

void ht_gov_look_end(struct ht_gov_look *look, enum ht_err err, const struct ht_why *why) {
    struct ht_gov_item *item = look->item;
    struct ht_community *community = item->community;
    struct ht_why reason = why != NULL ? *why : (struct ht_why){0};
    item->look = NULL;
    if (err == HT_EUNVERIFIED) {
        item->provenance = HT_GOV_UNVERIFIED;
        item->why = reason;
    }
    if (err == HT_OK && look->as_of.number >= community->as_of.number)
        community->as_of = look->as_of;
    if (err == HT_OK || err == HT_EUNVERIFIED) ht_gov_item_changed(item);
    tell_all(look, err, &reason);
    ht_gov_slots_fini(&look->words_read);
    free(look->proposal);
    free(look);
}

/* What the log said is what is stored. */
static enum ht_err check_text(struct ht_gov_look *look, struct ht_why *why) {
    const struct ht_gov_item *item = look->item;
    if (!item->has_text) return HT_OK;
    look->proposal = calloc(1, sizeof *look->proposal);
    if (look->proposal == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    look->proposal->id = item->id;
    look->proposal->proposer = item->proposer;
    look->proposal->start = item->start;
    look->proposal->end = item->end;
    look->proposal->action_count = item->action_count;
    return ht_gov_proposal_is(look->proposal, &item->community->profile.layout, &look->facts, why);
}

static void settle(struct ht_gov_look *look) {
    struct ht_gov_item *item = look->item;
    struct ht_community *community = item->community;
    const struct ht_gov_state_input input = {
        .clock = ht_gov_clock_of(community, &look->as_of),
        .time_s = look->as_of.timestamp,
        .quorum = look->quorum,
        .quorum_counts_abstain = community->profile.quorum_counts_abstain,
        .grace_s = community->profile.grace_s,
        .has_timelock_stamp = look->has_stamp,
        .timelock_stamp = look->stamp,
    };
    item->facts = look->facts;
    item->has_quorum = look->has_quorum;
    item->quorum = look->quorum;
    item->timelock_stamp = look->stamp;
    item->as_of = look->as_of;
    item->received = look->words_read.received + look->received;
    item->state = ht_gov_state_of(&community->profile.layout, &look->facts, &input);
    item->provenance = look->is_by_call ? HT_GOV_BY_CALL : HT_GOV_BY_PROOF;
    item->why = (struct ht_why){0};
    ht_gov_look_tell(look);
    ht_gov_look_end(look, HT_OK, NULL);
}

void ht_gov_look_part_done(struct ht_gov_look *look, enum ht_err err, const struct ht_why *why) {
    if (err != HT_OK && look->err == HT_OK) {
        look->err = err;
        look->why = *why;
    }
    if (--look->pending > 0) return;
    if (look->err == HT_OK) {
        settle(look);
    } else {
        ht_gov_look_end(look, look->err, &look->why);
    }
}

/* --- what hangs on the words ------------------------------------------------------------------ */

static void got_implementation(struct ht_gov_slots *read) {
    struct ht_gov_look *look = read->user;
    struct ht_community *community = look->item->community;
    enum ht_err err = read->err;
    struct ht_why why = read->why;
    if (err == HT_OK) {
        const uint8_t *word = look->words_read.values[look->words.count];
        err = ht_gov_profile_check(&community->profile, &look->words_read.account.code_hash, word,
                                   &read->account.code_hash, &why);
    }
    look->received += read->received;
    ht_gov_slots_fini(read);
    if (err == HT_EUNVERIFIED) ht_community_distrust(community, &why);
    ht_gov_look_part_done(look, err, &why);
}

static void read_implementation(struct ht_gov_look *look) {
    look->implementation =
        (struct ht_gov_slots){.block = look->block, .done = got_implementation, .user = look};
    memcpy(look->implementation.address.b, look->words_read.values[look->words.count] + 12, 20);
    look->pending++;
    ht_gov_slots_read(look->item->community->governance, &look->implementation);
}

/* Snapshots of the past do not change any more; one of just now may still be reorganised. */
static bool is_quorum_sure(const struct ht_gov_item *item) {
    const struct ht_gov_profile *profile = &item->community->profile;
    bool is_of_past =
        profile->quorum == HT_GOV_QUORUM_FRACTION || profile->quorum == HT_GOV_QUORUM_AMOUNTS;
    uint64_t clock = ht_gov_clock_of(item->community, &item->as_of);
    uint64_t sure = profile->layout.clock == HT_GOV_TIME ? SURE_S : SURE_BLOCKS;
    return is_of_past && item->has_quorum && clock > item->facts.start &&
           (item->as_of.is_final || clock - item->facts.start > sure);
}

static void got_quorum(struct ht_gov_past_read *read) {
    struct ht_gov_look *look = read->user;
    enum ht_err err = read->err;
    look->received += read->received;
    if (err == HT_OK) {
        look->has_quorum = true;
        look->quorum = read->value;
        /* While votes are cast the state does not depend on it. */
        bool is_over = ht_gov_clock_of(look->item->community, &look->as_of) > look->facts.deadline;
        bool is_called = read->provenance != HT_GOV_BY_PROOF && !look->is_code_constant;
        if (is_called && is_over) look->is_by_call = true;
    }
    ht_gov_look_part_done(look, err, &read->why);
}

/* Before the snapshot is over nobody can say it, and nothing depends on it. */
static void read_quorum(struct ht_gov_look *look) {
    struct ht_gov_item *item = look->item;
    const struct ht_gov_profile *profile = &item->community->profile;
    if (look->facts.start >= ht_gov_clock_of(item->community, &look->as_of)) return;
    if (profile->quorum == HT_GOV_QUORUM_CONSTANT) {
        look->has_quorum = true;
        look->quorum = profile->fixed_quorum;
        if (!ht_u256_is_zero(&look->quorum)) return;
    }
    if (item->provenance == HT_GOV_BY_PROOF && is_quorum_sure(item)) {
        look->has_quorum = true;
        look->quorum = item->quorum;
        return;
    }
    look->is_code_constant = profile->quorum == HT_GOV_QUORUM_CONSTANT;
    look->past = (struct ht_gov_past_read){.community = item->community,
                                           .what = HT_GOV_PAST_QUORUM,
                                           .at = look->facts.start,
                                           .block = look->block,
                                           .done = got_quorum,
                                           .user = look};
    look->pending++;
    ht_gov_past_start(&look->past);
}

/* The contract is asked by a proven call; the places where OpenZeppelin's keep the stamp must say
 * the same for the answer to count as proven by storage. */
static void compare_stamp(struct ht_gov_look *look) {
    ht_u256 said;
    if (!ht_gov_view_u256(&said, &look->stamp_view[0])) return;
    look->has_stamp = ht_u256_is_u64(&said);
    look->stamp = said.limb[0];
    bool is_stored = false;
    for (size_t i = 0; i < LOOK_STAMPS; i++) {
        ht_u256 stored = ht_u256_from_be32(look->stamp_values[i]);
        is_stored = is_stored || ht_u256_equal(&stored, &said);
    }
    if (look->stamp != 0 && !is_stored) look->is_by_call = true;
}

/* A governor can be given another timelock; it asks that one then, also for what was queued in the
 * former. */
static enum ht_err check_timelock(struct ht_gov_look *look, struct ht_why *why) {
    ht_addr20 timelock;
    struct ht_community *community = look->item->community;
    bool is_same = ht_gov_view_address(&timelock, &look->stamp_view[1]) &&
                   memcmp(timelock.b, community->profile.timelock.b, sizeof timelock.b) == 0;
    if (is_same) return HT_OK;
    enum ht_err err =
        ht_fail(why, HT_EUNVERIFIED, "timelock_changed", "the governor was given another timelock");
    ht_community_distrust(community, why);
    return err;
}

static void got_stamp_view(struct ht_gov_views *views) {
    struct ht_gov_look *look = views->user;
    enum ht_err err = views->err;
    struct ht_why why = views->why;
    ht_gov_views_fini(views);
    if (err == HT_OK) err = check_timelock(look, &why);
    if (err == HT_OK) compare_stamp(look);
    ht_gov_look_part_done(look, err, &why);
}

static void got_stamp_slots(struct ht_gov_slots *read) {
    struct ht_gov_look *look = read->user;
    look->received += read->received;
    if (read->err != HT_OK) {
        struct ht_why why = read->why;
        enum ht_err err = read->err;
        ht_gov_slots_fini(read);
        ht_gov_look_part_done(look, err, &why);
        return;
    }
    memcpy(look->stamp_values, read->values, sizeof look->stamp_values);
    ht_gov_slots_fini(read);
    look->stamp_views = (struct ht_gov_views){.block = look->block,
                                              .views = look->stamp_view,
                                              .count = 2,
                                              .done = got_stamp_view,
                                              .user = look};
    ht_gov_views_read(look->item->community->governance, &look->stamp_views);
}

static void read_stamp(struct ht_gov_look *look) {
    static const ht_hash32 namespaced = {{0x9a, 0x37, 0xc2, 0xaa, 0x9d, 0x18, 0x6a, 0x09,
                                          0x69, 0xff, 0x8a, 0x82, 0x67, 0xbf, 0x4e, 0x07,
                                          0xe8, 0x64, 0xc2, 0xf2, 0x76, 0x8f, 0x50, 0x40,
                                          0x94, 0x9e, 0x28, 0xa6, 0x24, 0xfb, 0x36, 0x00}};
    const struct ht_gov_profile *profile = &look->item->community->profile;
    const ht_hash32 *operation = &look->facts.timelock_operation;
    const ht_hash32 plain = {.b = {[31] = 1}};
    bool has_one = profile->layout.timelock == HT_GOV_TIMELOCK_CONTROLLER &&
                   profile->has_timelock && !ht_hash32_is_zero(operation);
    if (!has_one) return;
    ht_gov_slot_map(&look->stamp_slots[0], operation, &plain);
    ht_gov_slot_map(&look->stamp_slots[1], operation, &namespaced);
    ht_gov_view_set(&look->stamp_view[0], &profile->timelock, GET_TIMESTAMP,
                    (const uint8_t(*)[32])operation->b, 1);
    ht_gov_view_set(&look->stamp_view[1], &profile->address, TIMELOCK, NULL, 0);
    look->stamp_read = (struct ht_gov_slots){.block = look->block,
                                             .address = profile->timelock,
                                             .slots = look->stamp_slots,
                                             .count = LOOK_STAMPS,
                                             .done = got_stamp_slots,
                                             .user = look};
    look->pending++;
    ht_gov_slots_read(look->item->community->governance, &look->stamp_read);
}

/* --- the words -------------------------------------------------------------------------------- */

static enum ht_err take_words(struct ht_gov_look *look, struct ht_why *why) {
    struct ht_gov_slots *read = &look->words_read;
    struct ht_community *community = look->item->community;
    *why = read->why;
    if (read->err != HT_OK) return read->err;
    look->as_of = read->as_of;
    look->block = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = read->as_of.hash};
    if (!look->has_proxy_slot) {
        enum ht_err err =
            ht_gov_profile_check(&community->profile, &read->account.code_hash, NULL, NULL, why);
        if (err == HT_EUNVERIFIED) ht_community_distrust(community, why);
        if (err != HT_OK) return err;
    }
    for (size_t i = 0; i < look->words.count; i++)
        memcpy(look->words.value[i], read->values[i], 32);
    size_t marks_at = look->words.count + (look->has_proxy_slot ? 1 : 0);
    ht_gov_look_take_slots(look, (const uint8_t(*)[32])(read->values + marks_at));
    return ht_gov_words_read(&look->facts, &community->profile.layout, &look->words, why);
}

static void got_words(struct ht_gov_slots *read) {
    struct ht_gov_look *look = read->user;
    struct ht_why why;
    enum ht_err err = take_words(look, &why);
    if (err == HT_OK && look->facts.exists) err = check_text(look, &why);
    look->pending = 1;
    if (err == HT_OK && look->has_proxy_slot) read_implementation(look);
    if (err == HT_OK && look->facts.exists) {
        read_quorum(look);
        read_stamp(look);
    }
    ht_gov_look_part_done(look, err, &why);
}

static void read_words(struct ht_gov_look *look) {
    const struct ht_gov_profile *profile = &look->item->community->profile;
    ht_gov_words_of(&look->words, &profile->layout, &look->item->id);
    memcpy(look->slots, look->words.slot, look->words.count * sizeof *look->slots);
    size_t count = look->words.count;
    look->has_proxy_slot = ht_gov_proxy_slot(&look->slots[count], profile->proxy);
    if (look->has_proxy_slot) count++;
    count += ht_gov_look_mark_slots(&look->slots[count], look);
    look->words_read = (struct ht_gov_slots){.block = {.kind = HT_BLOCK_LATEST},
                                             .address = profile->address,
                                             .slots = look->slots,
                                             .count = count,
                                             .done = got_words,
                                             .user = look};
    ht_gov_slots_read(look->item->community->governance, &look->words_read);
}

/* --- asked ------------------------------------------------------------------------------------ */

static bool is_fresh(const struct ht_gov_item *item) {
    const struct ht_host *host = item->community->governance->host;
    const struct ht_exec_header_verified *head =
        host->chain != NULL ? ht_chain_head(host->chain) : NULL;
    return item->provenance != HT_GOV_UNVERIFIED && head != NULL &&
           ht_hash32_equal(&head->hash, &item->as_of.hash);
}

static bool add_wait(struct ht_gov_look *look, ht_gov_looked done, void *user) {
    struct look_wait *wait = calloc(1, sizeof *wait);
    if (wait == NULL) return false;
    *wait = (struct look_wait){.next = look->waits, .done = done, .user = user};
    look->waits = wait;
    return true;
}

static enum ht_err refuse(const struct ht_gov_item *item, struct ht_why *why) {
    const struct ht_community *community = item->community;
    if (community->governance->is_quitting)
        return ht_fail(why, HT_EAGAIN, "stopping", "the node stops");
    if (community->standing != HT_GOV_STANDS_NOT) return HT_OK;
    *why = community->why;
    if (why->code == NULL)
        (void)ht_fail(why, HT_EUNVERIFIED, "no_layout", "it is not known what its storage means");
    return HT_EUNVERIFIED;
}

void ht_gov_look(struct ht_gov_item *item, ht_gov_looked done, void *user) {
    struct ht_why why = {0};
    enum ht_err err = refuse(item, &why);
    if (err != HT_OK || is_fresh(item)) {
        done(user, item, err, &why);
        return;
    }
    bool is_new = item->look == NULL;
    if (is_new) item->look = calloc(1, sizeof *item->look);
    if (item->look != NULL) item->look->item = item;
    if (item->look == NULL || !add_wait(item->look, done, user)) {
        if (is_new) free(item->look);
        if (is_new) item->look = NULL;
        err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
        done(user, item, err, &why);
        return;
    }
    if (!is_new) return;
    bool has_layout = item->community->standing > HT_GOV_STANDS_BY_CALL &&
                      item->community->profile.layout.kind != HT_GOV_UNKNOWN;
    ht_gov_look_choose(item->look);
    if (has_layout) {
        read_words(item->look);
    } else {
        ht_gov_look_by_calls(item->look);
    }
}

bool ht_gov_is_open(const struct ht_gov_item *item) {
    return item->provenance != HT_GOV_UNVERIFIED && item->state == HT_GOV_ACTIVE;
}

bool ht_gov_is_over(const struct ht_gov_item *item) {
    if (item->provenance == HT_GOV_UNVERIFIED || !item->as_of.is_final) return false;
    switch (item->state) {
    case HT_GOV_CANCELED:
    case HT_GOV_DEFEATED:
    case HT_GOV_EXPIRED:
    case HT_GOV_EXECUTED: return true;
    case HT_GOV_PENDING:
    case HT_GOV_ACTIVE:
    case HT_GOV_SUCCEEDED:
    case HT_GOV_QUEUED:
    case HT_GOV_NONE: break;
    }
    return false;
}
