/* Weights of voters, proven. */
#include "governance/polls/poll_gate.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/create/create_follow.h"

#define KEPT_PROBES 16U
#define CLOCK_MODE 0x4bf5d7e9U
#define GET_PAST_VOTES 0x3a46b1a8U
#define GET_PRIOR_VOTES 0x782d6fe1U

/* --- what is kept ----------------------------------------------------------------------------- */

struct ht_poll_outcome {
    bool is_there;
    ht_hash32 poll, uid; /* uid: zero where the gate asks for none */
    ht_addr20 voter;
    struct ht_poll_weight weight;
};

void ht_poll_kept_fini(struct ht_poll_kept *kept) {
    free(kept->slots);
    kept->slots = NULL;
}

/* Its slot, or the one that it would go into; NULL without memory. */
static struct ht_poll_outcome *find_kept(struct ht_poll_kept *kept, const struct ht_poll *poll,
                                         const struct ht_poll_ballot *ballot) {
    uint64_t at = 0;
    if (kept->slots == NULL) kept->slots = calloc(HT_POLL_KEPT, sizeof *kept->slots);
    if (kept->slots == NULL) return NULL;
    for (size_t i = 0; i < 8; i++)
        at = at << 8 | (uint8_t)(poll->id.b[i] ^ ballot->voter.b[i] ^ ballot->attestation.b[i]);
    for (unsigned i = 0; i < KEPT_PROBES; i++) {
        struct ht_poll_outcome *slot = &kept->slots[(at + i) % HT_POLL_KEPT];
        if (!slot->is_there) return slot;
        if (ht_hash32_equal(&slot->poll, &poll->id) &&
            ht_hash32_equal(&slot->uid, &ballot->attestation) &&
            memcmp(slot->voter.b, ballot->voter.b, sizeof slot->voter.b) == 0)
            return slot;
    }
    struct ht_poll_outcome *slot = &kept->slots[at % HT_POLL_KEPT];
    slot->is_there = false;
    return slot;
}

static void set_why(struct ht_poll_weight *weight, enum ht_poll_standing standing,
                    const char *code) {
    weight->standing = standing;
    (void)snprintf(weight->why, sizeof weight->why, "%s", code != NULL ? code : "not_told");
}

static void settle(struct ht_poll_gate_read *read, size_t i) {
    const struct ht_poll_ballot *ballot = &read->ballots[i];
    struct ht_poll_outcome *slot = find_kept(read->kept, read->poll, ballot);
    if (slot == NULL) return;
    *slot = (struct ht_poll_outcome){.is_there = true,
                                     .poll = read->poll->id,
                                     .uid = ballot->attestation,
                                     .voter = ballot->voter,
                                     .weight = read->weights[i]};
}

/* --- what needs no question ------------------------------------------------------------------- */

static void find_voters(struct ht_poll_gate_read *read) {
    const struct ht_trust *trust = ht_gov_trust(read->governance);
    bool is_open = read->poll->gate == HT_POLL_OPEN;
    for (size_t i = 0; i < read->count; i++) {
        struct ht_poll_weight *weight = &read->weights[i];
        struct ht_trust_person person = {.has_address = false};
        *weight = (struct ht_poll_weight){.standing = HT_POLL_UNPROVEN};
        if (is_open) {
            weight->standing = HT_POLL_MAY_VOTE;
            weight->weight = ht_u256_of(1);
            continue;
        }
        if (read->poll->gate != HT_POLL_ATTESTATION) read->ballots[i].has_attestation = false;
        if (!read->ballots[i].has_attestation) memset(read->ballots[i].attestation.b, 0, 32);
        if (trust == NULL) {
            set_why(weight, HT_POLL_UNPROVEN, "no_trust");
        } else if (!trust->person(trust->self, &read->ballots[i].author, &person) ||
                   !person.has_address) {
            set_why(weight, HT_POLL_MAY_NOT, "not_linked");
        } else if (!read->has_snapshot) {
            set_why(weight, HT_POLL_UNPROVEN, "snapshot_not_final");
        }
        read->ballots[i].voter = person.address;
    }
}

/* Is there something to ask for it? If not, its weight is there. */
static bool is_asked(struct ht_poll_gate_read *read, size_t i) {
    struct ht_poll_weight *weight = &read->weights[i];
    if (weight->standing != HT_POLL_UNPROVEN || weight->why[0] != '\0') return false;
    if (read->poll->gate == HT_POLL_ATTESTATION && !read->ballots[i].has_attestation) {
        set_why(weight, HT_POLL_MAY_NOT, "no_attestation");
        return false;
    }
    const struct ht_poll_outcome *slot = find_kept(read->kept, read->poll, &read->ballots[i]);
    if (slot == NULL || !slot->is_there) return true;
    *weight = slot->weight;
    return false;
}

/* --- attestations ----------------------------------------------------------------------------- */

static bool is_attester(const struct ht_poll *poll, const ht_addr20 *address) {
    for (size_t i = 0; i < poll->attester_count; i++) {
        if (memcmp(poll->attesters[i].b, address->b, sizeof address->b) == 0) return true;
    }
    return false;
}

const char *ht_poll_attestation_fault(const struct ht_poll *poll, const ht_addr20 *voter,
                                      const struct ht_trust_record *record, uint64_t snapshot_s) {
    if (!ht_hash32_equal(&record->schema, &poll->schema)) return "wrong_schema";
    if (!is_attester(poll, &record->attester)) return "wrong_attester";
    if (memcmp(record->recipient.b, voter->b, sizeof voter->b) != 0) return "wrong_recipient";
    if (record->time_s > snapshot_s) return "made_later";
    if (record->revocation_s > 0 && record->revocation_s <= snapshot_s) return "revoked";
    if (record->expiration_s > 0 && record->expiration_s <= snapshot_s) return "expired";
    return NULL;
}

struct asked {
    struct ht_poll_gate_read *read;
    size_t i;
};

static void ask_more(struct ht_poll_gate_read *read);

static void judge(struct ht_poll_gate_read *read, size_t i, const struct ht_trust_record *record) {
    struct ht_poll_weight *weight = &read->weights[i];
    bool is_absent = record->err == HT_ENOTFOUND && record->why.code != NULL &&
                     strcmp(record->why.code, "no_attestation") == 0;
    /* What was looked at before the snapshot says nothing about it. */
    if ((record->err == HT_OK || is_absent) && record->timestamp < read->snapshot_s) {
        set_why(weight, HT_POLL_UNPROVEN, "snapshot_not_final");
    } else if (is_absent) {
        set_why(weight, HT_POLL_MAY_NOT, "no_attestation");
        settle(read, i);
    } else if (record->err != HT_OK) {
        set_why(weight, HT_POLL_UNPROVEN, record->why.code);
    } else {
        const char *fault = ht_poll_attestation_fault(read->poll, &read->ballots[i].voter, record,
                                                      read->snapshot_s);
        weight->standing = HT_POLL_MAY_VOTE;
        weight->weight = ht_u256_of(1);
        if (fault != NULL) set_why(weight, HT_POLL_MAY_NOT, fault);
        settle(read, i);
    }
}

static void recorded(void *user, const struct ht_trust_record *record) {
    struct asked *asked = user;
    struct ht_poll_gate_read *read = asked->read;
    judge(read, asked->i, record);
    free(asked);
    read->in_flight--;
    if (!read->is_starting) ask_more(read);
}

static void ask_one(struct ht_poll_gate_read *read, size_t i) {
    const struct ht_trust *trust = ht_gov_trust(read->governance);
    const ht_addr20 *eas = ht_gov_eas(read->governance->host->network);
    struct asked *asked = NULL;
    if (trust == NULL || trust->attestation == NULL || read->governance->is_quitting) {
        set_why(&read->weights[i], HT_POLL_UNPROVEN, "no_trust");
        return;
    }
    if (eas == NULL || memcmp(eas->b, read->poll->contract.b, sizeof eas->b) != 0) {
        set_why(&read->weights[i], HT_POLL_UNPROVEN, "other_eas");
        return;
    }
    asked = malloc(sizeof *asked);
    if (asked == NULL) {
        set_why(&read->weights[i], HT_POLL_UNPROVEN, "no_memory");
        return;
    }
    *asked = (struct asked){read, i};
    read->in_flight++;
    trust->attestation(trust->self, &read->ballots[i].attestation, recorded, asked);
}

/* Answers may come from within the question, so a flag keeps them from asking in turn. */
static void ask_more(struct ht_poll_gate_read *read) {
    read->is_starting = true;
    while (read->next < read->count && read->in_flight < HT_POLL_GATE_AT_ONCE) {
        size_t i = read->next++;
        if (is_asked(read, i)) ask_one(read, i);
    }
    read->is_starting = false;
    if (read->in_flight == 0) read->done(read);
}

/* --- votes of a token ------------------------------------------------------------------------- */

static void read_votes(struct ht_poll_gate_read *read);

static void finish_votes(struct ht_poll_gate_read *read) {
    free(read->list);
    read->list = NULL;
    read->done(read);
}

/* All that were not told have this standing. */
static void give_up(struct ht_poll_gate_read *read, enum ht_poll_standing standing,
                    const char *code) {
    for (size_t i = 0; i < read->count; i++) {
        struct ht_poll_weight *weight = &read->weights[i];
        if (weight->standing == HT_POLL_UNPROVEN && weight->why[0] == '\0')
            set_why(weight, standing, code);
    }
    finish_votes(read);
}

static void set_votes_view(struct ht_poll_gate_read *read, size_t slot, uint32_t selector,
                           const ht_addr20 *voter) {
    uint8_t words[2][32];
    ht_u256 at = ht_u256_of(read->at);
    ht_gov_word_address(words[0], voter);
    ht_gov_word_u256(words[1], &at);
    ht_gov_view_set(&read->list[slot], &read->poll->contract, selector, (const uint8_t(*)[32])words,
                    2);
}

static void take_votes(struct ht_poll_gate_read *read) {
    for (size_t k = 0; k < read->views.count; k++) {
        size_t i = read->of_view[k];
        struct ht_poll_weight *weight = &read->weights[i];
        ht_u256 votes;
        if (!ht_gov_view_u256(&votes, &read->list[k])) {
            set_why(weight, HT_POLL_MAY_NOT, "no_votes_token");
        } else if (ht_u256_bit_length(&votes) > HT_POLL_WEIGHT_BITS) {
            set_why(weight, HT_POLL_MAY_NOT, "no_votes_token");
        } else if (ht_u256_is_zero(&votes)) {
            set_why(weight, HT_POLL_MAY_NOT, "no_votes");
        } else {
            weight->standing = HT_POLL_MAY_VOTE;
            weight->weight = votes;
        }
        settle(read, i);
    }
}

/* The first question is for the token's clock and the name of its function; the answers of a
 * timestamp and of a block number may both be there. */
static void take_clock(struct ht_poll_gate_read *read) {
    ht_bytes mode;
    bool is_time = ht_gov_view_text(&mode, &read->list[0]) &&
                   memmem(mode.p, mode.n, "mode=timestamp", strlen("mode=timestamp")) != NULL;
    ht_u256 any;
    if (is_time) read->at = read->snapshot_s;
    if (is_time || ht_gov_view_u256(&any, &read->list[1])) read->selector = GET_PAST_VOTES;
    if (read->selector == 0 && ht_gov_view_u256(&any, &read->list[2]))
        read->selector = GET_PRIOR_VOTES;
}

static void voted(struct ht_gov_views *views) {
    struct ht_poll_gate_read *read = views->user;
    enum ht_err err = views->err;
    bool is_first = read->selector == 0;
    struct ht_why why = views->why;
    ht_gov_views_fini(views);
    if (err != HT_OK) {
        give_up(read, HT_POLL_UNPROVEN, why.code);
        return;
    }
    /* A votes token says nothing of its present block, which its past begins behind. */
    if (views->as_of.number <= read->poll->snapshot_block) {
        give_up(read, HT_POLL_UNPROVEN, "snapshot_not_final");
        return;
    }
    if (is_first)
        take_clock(read);
    else
        take_votes(read);
    if (read->selector == 0)
        give_up(read, HT_POLL_MAY_NOT, "no_votes_token");
    else
        read_votes(read);
}

static void ask_views(struct ht_poll_gate_read *read, size_t count) {
    read->views = (struct ht_gov_views){.block = {.kind = HT_BLOCK_LATEST},
                                        .views = read->list,
                                        .count = count,
                                        .done = voted,
                                        .user = read};
    ht_gov_views_read(read->governance, &read->views);
}

static void read_votes(struct ht_poll_gate_read *read) {
    size_t count = 0;
    if (read->governance->is_quitting) {
        give_up(read, HT_POLL_UNPROVEN, "stopping");
        return;
    }
    while (read->next < read->count && count < HT_GOV_VIEWS_MAX) {
        size_t i = read->next++;
        if (!is_asked(read, i)) continue;
        set_votes_view(read, count, read->selector, &read->ballots[i].voter);
        read->of_view[count++] = i;
    }
    if (count == 0)
        finish_votes(read);
    else
        ask_views(read, count);
}

static bool asks_anything(struct ht_poll_gate_read *read) {
    for (size_t i = 0; i < read->count; i++) {
        if (is_asked(read, i)) return true;
    }
    return false;
}

static void start_votes(struct ht_poll_gate_read *read) {
    static const ht_addr20 nobody = {.b = {[19] = 1}};
    if (!asks_anything(read)) {
        read->done(read);
        return;
    }
    read->list = calloc(HT_GOV_VIEWS_MAX, sizeof *read->list);
    if (read->list == NULL) {
        give_up(read, HT_POLL_UNPROVEN, "no_memory");
        return;
    }
    read->at = read->poll->snapshot_block;
    ht_gov_view_set(&read->list[0], &read->poll->contract, CLOCK_MODE, NULL, 0);
    set_votes_view(read, 1, GET_PAST_VOTES, &nobody);
    set_votes_view(read, 2, GET_PRIOR_VOTES, &nobody);
    ask_views(read, 3);
}

void ht_poll_gate_start(struct ht_poll_gate_read *read) {
    find_voters(read);
    if (read->poll->gate == HT_POLL_TOKEN)
        start_votes(read);
    else
        ask_more(read);
}
