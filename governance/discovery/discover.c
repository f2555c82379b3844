/* Looking around for proposals: one community at a time, step by step. */
#include "governance/discovery/discover.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "governance/discovery/discover_impl.h"
#include "governance/discovery/profiling.h"
#include "governance/governor/votes.h"
#include "governance/text.h"
#include "node/base/log.h"

#define SOON_MS 50
#define SCAN_BLOCKS 2000U    /* looked through at once */
#define BACK_BLOCKS 100000U  /* so far back, from where it began */
#define BLOOM_BITS_MAX 1228U /* of 2048: then one block in twenty would be read in vain */
#define PROFILE_HEADS 25U    /* heads between two tries to find a layout */

static void next_step(struct ht_gov_finding *finding);

/* --- the end of a turn ------------------------------------------------------------------------ */

static void fire(struct ht_timer *timer);

static void schedule(struct ht_gov_discover *discover) {
    if (discover->governance->is_quitting || discover->is_set || discover->finding != NULL) return;
    discover->is_set = true;
    ht_timer_set(discover->governance->host->loop, &discover->timer, SOON_MS, fire);
}

static void end_turn(struct ht_gov_finding *finding) {
    struct ht_gov_discover *discover = finding->discover;
    struct ht_community *community = finding->community;
    community->scan_done = community->scan_total = 0;
    if (finding->has_news && !community->is_forgotten) ht_community_keep(community, NULL, NULL);
    discover->finding = NULL;
    discover->turn++;
    discover->left = finding->has_more    ? ht_community_count(discover->governance)
                     : discover->left > 0 ? discover->left - 1
                                          : 0;
    ht_gov_hints_fini(&finding->hints);
    ht_log_filter_fini(&finding->filter);
    ht_gov_slots_fini(&finding->slots);
    free(finding->ids);
    free(finding);
    if (discover->left > 0) schedule(discover);
}

/* --- 1. what the governor counts itself ------------------------------------------------------- */

static void see_id(struct ht_gov_finding *finding, const ht_u256 *id) {
    const struct ht_gov_seen seen = {.id = id};
    if (ht_gov_item_find(finding->community, id) == NULL)
        (void)ht_gov_item_see(finding->community, &seen);
}

static void got_ids(struct ht_gov_slots *read) {
    struct ht_gov_finding *finding = read->user;
    bool is_ok = read->err == HT_OK;
    for (size_t i = 0; is_ok && i < read->count; i++) {
        ht_u256 id = ht_u256_from_be32(read->values[i]);
        see_id(finding, &id);
    }
    ht_gov_slots_fini(read);
    finding->community->is_enumerated = is_ok && finding->community->item_count >= finding->counted;
    next_step(finding);
}

/* The array of ids that GovernorStorage keeps: its last ones, as many as are kept here. */
static void read_ids(struct ht_gov_finding *finding) {
    const struct ht_gov_profile *profile = &finding->community->profile;
    size_t count =
        (size_t)(finding->counted < HT_GOV_ITEMS_MAX ? finding->counted : HT_GOV_ITEMS_MAX);
    ht_hash32 data;
    finding->ids = calloc(count, sizeof *finding->ids);
    if (finding->ids == NULL) {
        next_step(finding);
        return;
    }
    ht_gov_slot_data(&data, &profile->layout.base[HT_GOV_PROPOSAL_IDS]);
    for (size_t i = 0; i < count; i++)
        ht_gov_slot_add(&finding->ids[i], &data, finding->counted - count + i);
    finding->slots = (struct ht_gov_slots){.block = finding->block,
                                           .address = profile->address,
                                           .slots = finding->ids,
                                           .count = count,
                                           .done = got_ids,
                                           .user = finding};
    ht_gov_slots_read(finding->community->governance, &finding->slots);
}

/* Numbers count up; where they began is not known, so those without a proposal are found out. */
static void see_numbers(struct ht_gov_finding *finding) {
    size_t known = 0;
    for (size_t i = 0; i < finding->community->item_count; i++)
        known += finding->community->items[i]->has_text ? 1 : 0;
    finding->community->is_enumerated = known >= finding->counted;
    next_step(finding);
}

static void got_count(struct ht_gov_slots *read) {
    struct ht_gov_finding *finding = read->user;
    struct ht_community *community = finding->community;
    const struct ht_gov_layout *layout = &community->profile.layout;
    ht_u256 count = {{0}};
    bool is_fine = read->err == HT_OK;
    if (is_fine) {
        count = ht_u256_from_be32(read->values[0]);
        finding->block = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = read->as_of.hash};
    }
    ht_gov_slots_fini(read);
    is_fine = is_fine && ht_u256_is_u64(&count) && count.limb[0] < UINT32_MAX;
    finding->counted = is_fine ? count.limb[0] : 0;
    if (!is_fine || finding->counted == 0) {
        community->is_enumerated = is_fine;
        next_step(finding);
    } else if (layout->kind != HT_GOV_BRAVO && ht_gov_has(layout, HT_GOV_PROPOSAL_IDS)) {
        bool is_known = community->is_enumerated && community->item_count >= finding->counted;
        if (is_known) {
            next_step(finding);
        } else {
            read_ids(finding);
        }
    } else {
        see_numbers(finding);
    }
}

static void enumerate(struct ht_gov_finding *finding) {
    const struct ht_gov_profile *profile = &finding->community->profile;
    const struct ht_gov_layout *layout = &profile->layout;
    bool has_layout = finding->community->standing > HT_GOV_STANDS_BY_CALL;
    enum ht_gov_slot slot =
        ht_gov_has(layout, HT_GOV_PROPOSAL_IDS) ? HT_GOV_PROPOSAL_IDS : HT_GOV_PROPOSAL_COUNT;
    if (!has_layout || !ht_gov_has(layout, slot)) {
        next_step(finding);
        return;
    }
    finding->count_slot = layout->base[slot];
    finding->slots = (struct ht_gov_slots){.block = {.kind = HT_BLOCK_LATEST},
                                           .address = profile->address,
                                           .slots = &finding->count_slot,
                                           .count = 1,
                                           .done = got_count,
                                           .user = finding};
    ht_gov_slots_read(finding->community->governance, &finding->slots);
}

/* --- 2. what providers say -------------------------------------------------------------------- */

static void on_claimed(void *user, enum ht_err err, const struct ht_why *why,
                       struct ht_gov_item *item) {
    (void)user, (void)item;
    if (err != HT_OK)
        ht_log(HT_LOG_INFO, "governance", "a proposal that was named is not taken: %s", why->text);
}

static bool is_known(const struct ht_community *community, ht_bytes data, bool is_in_block) {
    if (data.n < 32) return true;
    ht_u256 id = ht_u256_from_be32(data.p);
    const struct ht_gov_item *item = ht_gov_item_find(community, &id);
    return item != NULL && item->has_text && item->is_certified &&
           (item->has_block || !is_in_block);
}

void ht_gov_finding_take(struct ht_community *community, const json_t *log, bool is_in_block) {
    struct ht_buf data;
    struct ht_gov_claim_of of = {.is_in_block = is_in_block};
    ht_buf_init(&data, (size_t)1 << 20);
    bool is_log = ht_gov_hint_data(&data, log) && ht_gov_hint_block(&of.block, log);
    (void)!ht_rpc_read_u64(&of.time_s, log, "blockTimestamp", NULL);
    (void)!ht_json_hex(of.tx.b, sizeof of.tx.b, log, "transactionHash", NULL);
    of.data = ht_buf_view(&data);
    if (is_log && !is_known(community, of.data, is_in_block))
        ht_gov_claim(community, &of, on_claimed, NULL);
    ht_buf_fini(&data);
}

static void on_progress(struct ht_gov_hints *hints, uint64_t done, uint64_t total) {
    struct ht_gov_finding *finding = hints->user;
    finding->community->scan_done = done;
    finding->community->scan_total = total;
    ht_community_changed(finding->community);
}

static void got_hints(struct ht_gov_hints *hints) {
    struct ht_gov_finding *finding = hints->user;
    struct ht_community *community = finding->community;
    for (size_t i = 0; i < json_array_size(hints->logs); i++)
        ht_gov_finding_take(community, json_array_get(hints->logs, i), false);
    bool is_whole = hints->err == HT_OK && !hints->is_cut;
    if (is_whole) {
        if (!community->has_asked || hints->from < community->asked_from)
            community->asked_from = hints->from;
        community->has_asked = true;
        community->asked_to = hints->to;
        finding->has_news = true;
    } else if (hints->err != HT_OK) {
        community->scan_why = hints->why;
    }
    ht_gov_hints_fini(hints);
    next_step(finding);
}

/* From where it was asked about last; the last blocks again, which may have been reorganised. */
static void ask(struct ht_gov_finding *finding) {
    const struct ht_community *community = finding->community;
    uint64_t from = community->has_asked ? community->asked_to + 1 : community->profile.start_block;
    if (community->has_asked && from > finding->finalized && finding->finalized > 0)
        from = finding->finalized < community->asked_to ? finding->finalized + 1 : from;
    if (from > finding->head) {
        next_step(finding);
        return;
    }
    finding->hints = (struct ht_gov_hints){.address = community->address,
                                           .topics = {ht_gov_topic_proposal_created},
                                           .topic_count = 1,
                                           .from = from,
                                           .to = finding->head,
                                           .is_backward = !community->has_asked,
                                           .done = got_hints,
                                           .progress = on_progress,
                                           .user = finding};
    ht_gov_hints_start(community->governance, &finding->hints);
}

/* --- 3. all blocks ---------------------------------------------------------------------------- */

static bool is_bloom_sparse(const uint8_t bloom[static 256]) {
    unsigned bits = 0;
    for (size_t i = 0; i < 256; i++) bits += (unsigned)__builtin_popcount(bloom[i]);
    return bits <= BLOOM_BITS_MAX;
}

static void take_range(struct ht_gov_finding *finding, const struct ht_logs_read *read) {
    struct ht_community *community = finding->community;
    uint64_t to = read->to_number < finding->finalized ? read->to_number : finding->finalized;
    for (size_t i = 0; i < json_array_size(read->logs); i++)
        ht_gov_finding_take(community, json_array_get(read->logs, i), true);
    if (read->gap_count > 0) {
        community->scan_why = read->gaps[0].why;
        finding->has_failed = true;
        return;
    }
    if (finding->is_back) {
        community->scanned_from = read->from_number;
        finding->has_news = true;
        return;
    }
    if (to < read->from_number) return;
    if (!community->has_scanned) community->scanned_from = read->from_number;
    community->has_scanned = true;
    community->scanned_to = to;
    finding->has_news = true;
}

static void got_logs(struct ht_logs_read *read) {
    struct ht_gov_finding *finding =
        (struct ht_gov_finding *)((char *)read - offsetof(struct ht_gov_finding, logs));
    if (read->err == HT_OK) {
        take_range(finding, read);
    } else {
        finding->community->scan_why = read->why;
        finding->has_failed = true;
    }
    ht_logs_read_fini(read);
    next_step(finding);
}

static void scan(struct ht_gov_finding *finding, uint64_t from, uint64_t to) {
    struct ht_why why;
    json_t *object = json_pack("{s:o, s:[o]}", "address",
                               ht_gov_hex_json(HT_BYTES(finding->community->address.b)), "topics",
                               ht_gov_hex_json(HT_BYTES(ht_gov_topic_proposal_created.b)));
    ht_log_filter_fini(&finding->filter);
    finding->filter = (struct ht_log_filter){0};
    enum ht_err err = ht_log_filter_read(&finding->filter, object, &why);
    json_decref(object);
    if (err != HT_OK) {
        next_step(finding);
        return;
    }
    finding->logs = (struct ht_logs_read){.from = {.kind = HT_BLOCK_NUMBER, .number = from},
                                          .to = {.kind = HT_BLOCK_NUMBER, .number = to},
                                          .filter = finding->filter,
                                          .done = got_logs};
    ht_logs_read(finding->community->governance->host->blocks, &finding->logs);
}

static void scan_forward(struct ht_gov_finding *finding) {
    const struct ht_community *community = finding->community;
    uint64_t from = community->has_scanned ? community->scanned_to + 1 : finding->finalized;
    if (!finding->is_sparse || from > finding->head) {
        next_step(finding);
        return;
    }
    uint64_t to = finding->head - from < SCAN_BLOCKS ? finding->head : from + SCAN_BLOCKS - 1;
    finding->is_back = false;
    finding->has_more = finding->has_more || to < finding->head;
    scan(finding, from, to);
}

static void scan_back(struct ht_gov_finding *finding) {
    struct ht_community *community = finding->community;
    uint64_t start = community->profile.start_block;
    bool may = finding->is_sparse && community->has_scanned && !finding->has_failed &&
               community->scanned_from > start &&
               community->scanned_to - community->scanned_from < BACK_BLOCKS;
    if (!may) {
        next_step(finding);
        return;
    }
    uint64_t to = community->scanned_from - 1;
    uint64_t from = to - start < SCAN_BLOCKS ? start : to - SCAN_BLOCKS + 1;
    community->scan_total = community->scanned_to - start + 1;
    community->scan_done = community->scanned_to - community->scanned_from + 1;
    ht_community_changed(community);
    finding->is_back = true;
    finding->has_more = finding->has_more || from > start;
    scan(finding, from, to);
}

/* --- turns ------------------------------------------------------------------------------------ */

static void next_step(struct ht_gov_finding *finding) {
    bool is_over = finding->community->is_forgotten || finding->discover->governance->is_quitting;
    if (is_over) finding->step = FINDING_END;
    switch (finding->step++) {
    case FINDING_COUNT: enumerate(finding); break;
    case FINDING_ASK: ask(finding); break;
    case FINDING_FORWARD: scan_forward(finding); break;
    case FINDING_BACK: scan_back(finding); break;
    case FINDING_END:
    default: end_turn(finding); break;
    }
}

/* What a layout can be found with: proposals, and those that have votes. */
static size_t clues_of(const struct ht_community *community) {
    size_t clues = community->item_count;
    for (size_t i = 0; i < community->item_count; i++) {
        const struct ht_gov_facts *facts = &community->items[i]->facts;
        bool has_votes = !ht_u256_is_zero(&facts->against) || !ht_u256_is_zero(&facts->in_favour) ||
                         !ht_u256_is_zero(&facts->abstain);
        clues += has_votes ? 1 : 0;
    }
    return clues;
}

static void profile_again(struct ht_gov_discover *discover, struct ht_community *community) {
    size_t clues = clues_of(community);
    bool has_more = community->standing == HT_GOV_STANDS_BY_CALL && clues != community->tried_with;
    if (community->standing > HT_GOV_STANDS_BY_CALL) return;
    if (!has_more && discover->heads % PROFILE_HEADS != 0) return;
    community->tried_with = clues;
    ht_community_profile_again(community);
}

static void begin_turn(struct ht_gov_discover *discover, struct ht_community *community) {
    const struct ht_chain *chain = discover->governance->host->chain;
    const struct ht_exec_header_verified *head = ht_chain_head(chain);
    const struct ht_exec_header_verified *finalized = ht_chain_finalized(chain);
    struct ht_gov_finding *finding = head != NULL ? calloc(1, sizeof *finding) : NULL;
    if (finding == NULL) return;
    finding->discover = discover;
    finding->community = community;
    finding->head = head->header.number;
    finding->finalized = finalized != NULL ? finalized->header.number : 0;
    finding->is_sparse = is_bloom_sparse(head->header.logs_bloom);
    discover->finding = finding;
    profile_again(discover, community);
    next_step(finding);
}

static void fire(struct ht_timer *timer) {
    struct ht_gov_discover *discover =
        (struct ht_gov_discover *)(void *)((char *)timer - offsetof(struct ht_gov_discover, timer));
    size_t count = ht_community_count(discover->governance);
    discover->is_set = false;
    if (count == 0 || discover->governance->is_quitting || discover->finding != NULL) return;
    if (discover->turn >= count) discover->turn = 0;
    begin_turn(discover, ht_community_at(discover->governance, discover->turn));
}

void ht_gov_discover_soon(struct ht_governance *governance) {
    struct ht_gov_discover *discover = governance->discover;
    discover->heads++;
    discover->left = ht_community_count(governance);
    if (discover->left > 0) schedule(discover);
}

bool ht_gov_discover_is_complete(const struct ht_community *community, struct ht_why *why) {
    bool is_scanned = community->has_scanned &&
                      community->scanned_from <= community->profile.start_block &&
                      community->scanned_to + SCAN_BLOCKS >= community->as_of.number;
    *why = (struct ht_why){0};
    if (community->is_enumerated || is_scanned) return true;
    if (community->has_scanned) {
        (void)ht_fail(why, HT_EAGAIN, "not_all_blocks",
                      "all blocks from %" PRIu64 " to %" PRIu64
                      " were looked through; earlier proposals may be missing",
                      community->scanned_from, community->scanned_to);
    } else if (community->has_asked) {
        (void)ht_fail(why, HT_EAGAIN, "providers_word",
                      "providers named these; they could leave proposals out");
    } else if (community->scan_why.code != NULL) {
        *why = community->scan_why;
    } else {
        (void)ht_fail(why, HT_EAGAIN, "not_looked", "nothing was looked through yet");
    }
    return false;
}

/* --- life ------------------------------------------------------------------------------------- */

enum ht_err ht_gov_discover_new(struct ht_governance *governance, struct ht_why *why) {
    governance->discover = calloc(1, sizeof *governance->discover);
    if (governance->discover == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    governance->discover->governance = governance;
    return HT_OK;
}

void ht_gov_discover_quit(struct ht_governance *governance) {
    if (governance->discover != NULL) ht_timer_cancel(&governance->discover->timer);
}

void ht_gov_discover_free(struct ht_governance *governance) {
    struct ht_gov_discover *discover = governance->discover;
    if (discover == NULL) return;
    ht_timer_cancel(&discover->timer);
    free(discover);
    governance->discover = NULL;
}
