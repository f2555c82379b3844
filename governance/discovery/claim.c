/* Proving a claimed proposal: by its hash and its words, or by its log's block. */
#include "governance/discovery/claim.h"

#include <stdlib.h>

#include "governance/community/preimage.h"
#include "governance/governor/votes.h"

struct claim {
    struct ht_community *community;
    ht_gov_claim_done done;
    void *user;
    struct ht_gov_claim_of of;
    struct ht_buf data;
    struct ht_arena arena;
    struct ht_gov_proposal *proposal;
    bool is_certified;
    struct ht_gov_words words;
    ht_hash32 slots[HT_GOV_WORDS_MAX + 1]; /* and where a number is kept for the hash */
    bool has_sequence;
    struct ht_gov_slots read;
    struct ht_block_read block;
};
static size_t under_way; /* loop thread */

static void end(struct claim *claim, enum ht_err err, const struct ht_why *why) {
    static const struct ht_why none;
    struct ht_gov_item *item = NULL;
    const struct ht_gov_seen seen = {.id = claim->proposal != NULL ? &claim->proposal->id : NULL,
                                     .proposal = claim->proposal,
                                     .data = ht_buf_view(&claim->data),
                                     .is_certified = true,
                                     .has_block = claim->of.is_in_block,
                                     .block = claim->of.block,
                                     .time_s = claim->of.time_s,
                                     .tx = claim->of.tx};
    if (err == HT_OK && !claim->community->is_forgotten)
        item = ht_gov_item_see(claim->community, &seen);
    if (claim->done != NULL) claim->done(claim->user, err, why != NULL ? why : &none, item);
    ht_gov_slots_fini(&claim->read);
    ht_block_read_fini(&claim->block);
    ht_buf_fini(&claim->data);
    ht_arena_fini(&claim->arena);
    free(claim->proposal);
    free(claim);
    under_way--;
}

/* --- by its block ----------------------------------------------------------------------------- */

static bool is_it(const struct claim *claim, const struct ht_log *log) {
    return memcmp(log->address.b, claim->community->address.b, 20) == 0 && log->topic_count == 1 &&
           ht_hash32_equal(&log->topics[0], &ht_gov_topic_proposal_created) &&
           ht_bytes_equal(log->data, ht_buf_view(&claim->data));
}

static void got_block(struct ht_block_read *read) {
    struct claim *claim = (struct claim *)((char *)read - offsetof(struct claim, block));
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    const struct ht_receipts *receipts = read->receipts;
    bool is_found = false;
    for (size_t i = 0; err == HT_OK && i < receipts->count && !is_found; i++) {
        for (size_t j = 0; j < receipts->list[i].log_count && !is_found; j++)
            is_found = is_it(claim, &receipts->list[i].logs[j]);
    }
    if (err == HT_OK && !is_found)
        err =
            ht_fail(&why, HT_EUNVERIFIED, "log_not_in_receipt",
                    "block %llu does not have that proposal", (unsigned long long)claim->of.block);
    if (err == HT_OK) {
        claim->of.is_in_block = true;
        claim->of.time_s = read->header.header.timestamp;
    }
    end(claim, err, &why);
}

static void prove_block(struct claim *claim) {
    struct ht_why why;
    if (claim->of.is_in_block) {
        end(claim, HT_OK, NULL);
    } else if (claim->of.block == 0) {
        enum ht_err err = ht_fail(&why, HT_EUNVERIFIED, "needs_block",
                                  "this governor's proposals are proven by their block only");
        end(claim, err, &why);
    } else {
        claim->block =
            (struct ht_block_read){.id = {.kind = HT_BLOCK_NUMBER, .number = claim->of.block},
                                   .wants_receipts = true,
                                   .done = got_block};
        ht_blocks_read(claim->community->governance->host->blocks, &claim->block);
    }
}

/* --- by storage ------------------------------------------------------------------------------- */

static enum ht_err check_code(const struct claim *claim, struct ht_why *why) {
    const struct ht_gov_profile *profile = &claim->community->profile;
    ht_hash32 slot;
    /* Behind a proxy the next look finds out whether it is still the same. */
    if (ht_gov_proxy_slot(&slot, profile->proxy)) return HT_OK;
    return ht_gov_profile_check(profile, &claim->read.account.code_hash, NULL, NULL, why);
}

static enum ht_err judge(struct claim *claim, struct ht_why *why) {
    const struct ht_gov_layout *layout = &claim->community->profile.layout;
    struct ht_gov_facts facts;
    for (size_t i = 0; i < claim->words.count; i++)
        memcpy(claim->words.value[i], claim->read.values[i], 32);
    enum ht_err err = check_code(claim, why);
    if (err == HT_OK) err = ht_gov_words_read(&facts, layout, &claim->words, why);
    if (err != HT_OK) return err;
    if (!facts.exists)
        return ht_fail(why, HT_EUNVERIFIED, "not_there",
                       "no such proposal is stored in the governor at block %llu",
                       (unsigned long long)claim->read.as_of.number);
    if (claim->has_sequence) {
        ht_u256 id = ht_u256_from_be32(claim->read.values[claim->words.count]);
        claim->is_certified = ht_u256_equal(&id, &claim->proposal->id);
    }
    return ht_gov_proposal_is(claim->proposal, layout, &facts, why);
}

static void got_words(struct ht_gov_slots *read) {
    struct claim *claim = read->user;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    if (err == HT_OK) err = judge(claim, &why);
    if (err == HT_OK && !claim->is_certified) {
        prove_block(claim);
    } else {
        end(claim, err, &why);
    }
}

static void prove_words(struct claim *claim) {
    const struct ht_gov_profile *profile = &claim->community->profile;
    ht_u256 hash;
    ht_gov_words_of(&claim->words, &profile->layout, &claim->proposal->id);
    memcpy(claim->slots, claim->words.slot, claim->words.count * sizeof *claim->slots);
    size_t count = claim->words.count;
    claim->has_sequence = ht_gov_has(&profile->layout, HT_GOV_SEQUENCE) &&
                          ht_gov_proposal_hash(&hash, claim->proposal) == HT_OK;
    if (claim->has_sequence) ht_gov_slot_sequence(&claim->slots[count++], &profile->layout, &hash);
    claim->read = (struct ht_gov_slots){.block = {.kind = HT_BLOCK_LATEST},
                                        .address = profile->address,
                                        .slots = claim->slots,
                                        .count = count,
                                        .done = got_words,
                                        .user = claim};
    ht_gov_slots_read(claim->community->governance, &claim->read);
}

static enum ht_err begin(struct claim *claim, struct ht_why *why) {
    enum ht_err err = ht_buf_add(&claim->data, claim->of.data);
    if (err != HT_OK)
        return ht_fail(why, err, "proposal_too_large", "a proposal that is too large");
    claim->proposal = calloc(1, sizeof *claim->proposal);
    if (claim->proposal == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    return ht_gov_preimage_check(claim->proposal, &claim->is_certified, &claim->arena,
                                 claim->community, ht_buf_view(&claim->data), why);
}

void ht_gov_claim(struct ht_community *community, const struct ht_gov_claim_of *of,
                  ht_gov_claim_done done, void *user) {
    struct ht_why why = {0};
    struct claim *claim = under_way < HT_GOV_CLAIMS_MAX ? calloc(1, sizeof *claim) : NULL;
    if (claim == NULL || community->governance->is_quitting) {
        enum ht_err err = ht_fail(&why, HT_EAGAIN, "busy", "too many proposals are being proven");
        free(claim);
        if (done != NULL) done(user, err, &why, NULL);
        return;
    }
    under_way++;
    claim->community = community;
    claim->done = done;
    claim->user = user;
    claim->of = *of;
    ht_buf_init(&claim->data, HT_GOV_PREIMAGE_MAX);
    ht_arena_init(&claim->arena, 4 * HT_GOV_PREIMAGE_MAX);
    enum ht_err err = begin(claim, &why);
    bool has_layout = community->standing > HT_GOV_STANDS_BY_CALL;
    if (err != HT_OK) {
        end(claim, err, &why);
    } else if (has_layout && !claim->of.is_in_block) {
        prove_words(claim);
    } else {
        prove_block(claim);
    }
}
