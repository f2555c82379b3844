/* Marks and nonces of voters: by slots, all in one read; by calls, a few voters at a time. */
#include "governance/reads/reads_marks.h"

#include <stdlib.h>

#define SLOTS_EACH 3U
#define VIEWS_EACH 3U
#define PART (HT_GOV_VIEWS_MAX / VIEWS_EACH) /* voters of one run */
#define HAS_VOTED 0x43859632U                /* hasVoted(uint256,address) */
#define GET_RECEIPT 0xe23a9a52U              /* getReceipt(uint256,address) */
#define NONCES 0x7ecebe00U                   /* nonces(address) */

static void end(struct ht_gov_marks *read, enum ht_err err) {
    read->err = err;
    read->done(read);
}

/* --- by slots --------------------------------------------------------------------------------- */

static size_t put_slots(ht_hash32 *out, const struct ht_gov_marks *read, const ht_addr20 *voter) {
    const struct ht_gov_layout *layout = &read->community->profile.layout;
    size_t n = 0;
    ht_gov_slot_voter(&out[n++], layout, &read->proposal, voter);
    if (ht_gov_has(layout, HT_GOV_NONCES))
        ht_gov_slot_nonce(&out[n++], layout, voter, &read->proposal, false);
    if (ht_gov_has(layout, HT_GOV_KEYED_NONCES))
        ht_gov_slot_nonce(&out[n++], layout, voter, &read->proposal, true);
    return n;
}

/* The key is the lower 192 bits of the id, the sequence the lower 64 of the word. */
static void set_keyed(ht_u256 *out, const ht_u256 *proposal, const ht_u256 *word) {
    ht_u256_shift_left(out, proposal, 64);
    out->limb[0] = word->limb[0];
}

static enum ht_err take_slots(struct ht_gov_marks *read, const struct ht_gov_slots *slots) {
    const struct ht_gov_layout *layout = &read->community->profile.layout;
    size_t at = 0;
    read->why = slots->why;
    if (slots->err != HT_OK) return slots->err;
    read->as_of = slots->as_of;
    read->provenance = HT_GOV_BY_PROOF;
    for (size_t i = 0; i < read->count; i++) {
        struct ht_gov_standing_of *standing = &read->standings[i];
        enum ht_err err =
            ht_gov_mark_read(&standing->mark, layout, slots->values[at++], &read->why);
        if (err != HT_OK) return err;
        standing->has_nonce = ht_gov_has(layout, HT_GOV_NONCES);
        if (standing->has_nonce) standing->nonce = ht_u256_from_be32(slots->values[at++]);
        standing->has_keyed = ht_gov_has(layout, HT_GOV_KEYED_NONCES);
        if (!standing->has_keyed) continue;
        ht_u256 word = ht_u256_from_be32(slots->values[at++]);
        set_keyed(&standing->keyed, &read->proposal, &word);
    }
    return HT_OK;
}

static void got_slots(struct ht_gov_slots *slots) {
    struct ht_gov_marks *read = slots->user;
    enum ht_err err = take_slots(read, slots);
    ht_gov_slots_fini(slots);
    end(read, err);
}

static void read_slots(struct ht_gov_marks *read) {
    size_t n = 0;
    read->wanted = calloc(read->count * SLOTS_EACH, sizeof *read->wanted);
    if (read->wanted == NULL) {
        end(read, ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory"));
        return;
    }
    for (size_t i = 0; i < read->count; i++)
        n += put_slots(read->wanted + n, read, &read->voters[i]);
    read->slots = (struct ht_gov_slots){.block = read->block,
                                        .address = read->community->address,
                                        .slots = read->wanted,
                                        .count = n,
                                        .done = got_slots,
                                        .user = read};
    ht_gov_slots_read(read->community->governance, &read->slots);
}

/* --- by calls --------------------------------------------------------------------------------- */

static void read_part(struct ht_gov_marks *read);

/* hasVoted, getReceipt and nonces: a governor has one of the first two, and those of version 5 the
 * third. */
static void put_views(struct ht_gov_view view[static VIEWS_EACH], const struct ht_gov_marks *read,
                      const ht_addr20 *voter) {
    uint8_t words[2][32];
    const ht_addr20 *governor = &read->community->address;
    ht_gov_word_u256(words[0], &read->proposal);
    ht_gov_word_address(words[1], voter);
    ht_gov_view_set(&view[0], governor, HAS_VOTED, (const uint8_t(*)[32])words, 2);
    ht_gov_view_set(&view[1], governor, GET_RECEIPT, (const uint8_t(*)[32])words, 2);
    ht_gov_view_set(&view[2], governor, NONCES, (const uint8_t(*)[32])(words + 1), 1);
}

static enum ht_err take_views(struct ht_gov_standing_of *out,
                              const struct ht_gov_view view[static VIEWS_EACH],
                              struct ht_why *why) {
    ht_u256 word = {{0}};
    const struct ht_gov_view *receipt = &view[1];
    if (!ht_gov_view_u256(&word, &view[0]) && !ht_gov_view_u256(&word, receipt)) {
        return ht_fail(why, HT_EUNVERIFIED, "no_answer", "the governor does not say who has voted");
    }
    out->mark.has_voted = !ht_u256_is_zero(&word);
    out->has_nonce = ht_gov_view_u256(&out->nonce, &view[2]);
    return HT_OK;
}

static void got_views(struct ht_gov_views *views) {
    struct ht_gov_marks *read = views->user;
    enum ht_err err = views->err;
    read->why = views->why;
    read->as_of = views->as_of;
    read->provenance = HT_GOV_BY_CALL;
    for (size_t i = 0; i < read->part_count && err == HT_OK; i++) {
        err = take_views(&read->standings[read->done_count + i], read->view + i * VIEWS_EACH,
                         &read->why);
    }
    read->block = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = views->as_of.hash};
    ht_gov_views_fini(views);
    read->done_count += read->part_count;
    if (err != HT_OK || read->done_count == read->count) {
        end(read, err);
    } else {
        read_part(read);
    }
}

static void read_part(struct ht_gov_marks *read) {
    size_t left = read->count - read->done_count;
    read->part_count = left < PART ? left : PART;
    for (size_t i = 0; i < read->part_count; i++)
        put_views(read->view + i * VIEWS_EACH, read, &read->voters[read->done_count + i]);
    read->views = (struct ht_gov_views){.block = read->block,
                                        .views = read->view,
                                        .count = read->part_count * VIEWS_EACH,
                                        .done = got_views,
                                        .user = read};
    ht_gov_views_read(read->community->governance, &read->views);
}

/* --- the door --------------------------------------------------------------------------------- */

void ht_gov_marks_read(struct ht_gov_marks *read) {
    read->block = (struct ht_block_id){.kind = HT_BLOCK_LATEST};
    if (read->count == 0 || read->count > HT_GOV_MARKS_MAX) {
        end(read, ht_fail(&read->why, HT_ELIMIT, "too_many_voters", "1 to %u voters are looked at",
                          HT_GOV_MARKS_MAX));
        return;
    }
    bool is_called = read->community->profile.layout.kind == HT_GOV_UNKNOWN;
    read->standings = calloc(read->count, sizeof *read->standings);
    if (is_called) read->view = calloc(HT_GOV_VIEWS_MAX, sizeof *read->view);
    if (read->standings == NULL || (is_called && read->view == NULL)) {
        end(read, ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory"));
    } else if (is_called) {
        read_part(read);
    } else {
        read_slots(read);
    }
}

void ht_gov_marks_fini(struct ht_gov_marks *read) {
    free(read->standings);
    free(read->wanted);
    free(read->view);
    read->standings = NULL;
    read->wanted = NULL;
    read->view = NULL;
}
