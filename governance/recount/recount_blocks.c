/* Blocks of a count: receipts, several at once; and the headers of the whole window. */
#include "governance/recount/recount_blocks.h"

#include <stdlib.h>

#include "governance/count/count_receipts.h"
#include "node/base/log.h"

/* --- receipts --------------------------------------------------------------------------------- */

bool ht_gov_recount_add_block(struct ht_gov_recounting *recounting, uint64_t number) {
    if (recounting->block_count == RECOUNT_BLOCKS_MAX) return false;
    for (size_t i = 0; i < recounting->block_count; i++) {
        if (recounting->blocks[i] == number) return false;
    }
    recounting->blocks[recounting->block_count++] = number;
    return true;
}

static size_t votes_of(const struct ht_gov_recounting *recounting) {
    size_t n = 0;
    (void)ht_gov_count_votes(recounting->made->count, &n);
    return n;
}

/* Whoever was asked about this block before and did not name it has left votes out. */
static void name_omitters(struct ht_gov_recounting *recounting, uint64_t number) {
    struct ht_gov_counted *made = recounting->made;
    size_t asked = recounting->is_listing        ? recounting->round_count
                   : recounting->round_count > 0 ? recounting->round_count - 1
                                                 : 0;
    for (size_t i = 0; i < asked; i++) {
        struct ht_gov_hints *round = &recounting->rounds[i];
        if (round->err != HT_OK || round->is_cut) continue;
        bool is_named = false;
        for (size_t k = 0; k < made->omitted_count; k++)
            is_named = is_named || strcmp(made->omitted_by[k], round->source) == 0;
        if (!is_named && made->omitted_count < HT_GOV_NAMED_MAX)
            memcpy(made->omitted_by[made->omitted_count++], round->source, sizeof round->source);
        ht_log(HT_LOG_WARN, "governance", "%s left out votes of block %llu", round->source,
               (unsigned long long)number);
        /* It may just not have had a block that new. */
        if (number <= recounting->finalized) ht_gov_hints_blame(round, number, "a vote");
    }
}

static void take_block(struct ht_gov_recounting *recounting, const struct ht_block_read *block) {
    struct ht_gov_counted *made = recounting->made;
    struct ht_why why = block->why;
    enum ht_err err = block->err;
    made->received += block->received;
    size_t before = votes_of(recounting);
    if (err == HT_OK)
        err = ht_gov_count_receipts(made->count, &block->header.header, block->receipts->list,
                                    block->receipts->count, &why);
    if (err != HT_OK) {
        made->err = err;
        made->why = why;
        return;
    }
    bool has_missed =
        votes_of(recounting) > before && (recounting->round_count > 1 || recounting->is_listing);
    if (has_missed) name_omitters(recounting, block->header.header.number);
}

static void got_block(struct ht_block_read *read) {
    struct recount_part *part = (struct recount_part *)read;
    struct ht_gov_recounting *recounting = part->recounting;
    take_block(recounting, read);
    ht_block_read_fini(read);
    part->is_busy = false;
    recounting->busy--;
    ht_gov_recount_progress(recounting);
    if (!recounting->is_starting) ht_gov_recount_read_blocks(recounting);
}

static void start_part(struct ht_gov_recounting *recounting) {
    struct recount_part *part = recounting->parts;
    while (part->is_busy) part++;
    *part = (struct recount_part){
        .block = {.id = {.kind = HT_BLOCK_NUMBER,
                         .number = recounting->blocks[recounting->block_at++]},
                  .wants_receipts = true,
                  .done = got_block},
        .recounting = recounting,
        .is_busy = true,
    };
    recounting->busy++;
    ht_blocks_read(recounting->governance->host->blocks, &part->block);
}

void ht_gov_recount_read_blocks(struct ht_gov_recounting *recounting) {
    recounting->is_starting = true;
    while (recounting->busy < RECOUNT_AT_ONCE && recounting->block_at < recounting->block_count &&
           !recounting->governance->is_quitting)
        start_part(recounting);
    recounting->is_starting = false;
    if (recounting->busy == 0) ht_gov_recount_compare(recounting);
}

/* --- headers ---------------------------------------------------------------------------------- */

static void got_headers(struct ht_header_read *read);

static void read_headers(struct ht_gov_recounting *recounting) {
    uint64_t left = recounting->header_next - recounting->from;
    recounting->headers = (struct ht_header_read){
        .id = {.kind = HT_BLOCK_NUMBER, .number = recounting->header_next},
        .before_count = left < HT_CHAIN_BEFORE_MAX ? (size_t)left : HT_CHAIN_BEFORE_MAX,
        .done = got_headers};
    ht_chain_read(recounting->governance->host->chain, &recounting->headers);
}

/* With a clock of seconds the window ends where time does. */
static bool is_before(const struct ht_gov_recounting *recounting,
                      const struct ht_exec_header *header) {
    return recounting->layout.clock == HT_GOV_TIME &&
           header->timestamp < recounting->made->facts.start;
}

static enum ht_err take_headers(struct ht_gov_recounting *recounting,
                                const struct ht_header_read *read, struct ht_why *why) {
    *why = read->why;
    if (read->err != HT_OK) return read->err;
    const struct ht_exec_header_verified *header = &read->header;
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK; i++) {
        err = ht_gov_count_header(recounting->made->count, &header->header, why);
        if (i == read->before_found || is_before(recounting, &header->header)) break;
        header = &read->before[i];
    }
    recounting->has_headers_left =
        !is_before(recounting, &header->header) && header->header.number > recounting->from;
    if (recounting->has_headers_left) recounting->header_next = header->header.number - 1;
    return err;
}

static void got_headers(struct ht_header_read *read) {
    struct ht_gov_recounting *recounting =
        (struct ht_gov_recounting *)((char *)read - offsetof(struct ht_gov_recounting, headers));
    struct ht_why why;
    enum ht_err err = take_headers(recounting, read, &why);
    ht_header_read_fini(read);
    if (err != HT_OK) {
        recounting->made->err = err;
        recounting->made->why = why;
        recounting->has_headers_left = false;
    }
    ht_gov_recount_progress(recounting);
    if (recounting->has_headers_left && !recounting->governance->is_quitting) {
        read_headers(recounting);
    } else {
        ht_gov_recount_listed(recounting);
    }
}

void ht_gov_recount_list(struct ht_gov_recounting *recounting) {
    recounting->is_listing = true;
    recounting->header_next = recounting->to;
    if (recounting->from > recounting->to) {
        ht_gov_recount_listed(recounting);
    } else {
        read_headers(recounting);
    }
}
