/* Window, form, domain, signature, mark, nonce, power; each proven, the
 * cheap before the dear, one ballot after the other. */
#include "governance/ballots/ballot_admit.h"

static void end(struct ht_ballot_admission *admission, enum ht_err err, const char *code,
                const char *text) {
    struct ht_why why = {0};
    if (err != HT_OK) (void)ht_fail(&why, err, code, "%s", text);
    ht_ballot_admitted(admission, err, &why);
}

/* --- power ------------------------------------------------------------------------------------ */

static void got_power(struct ht_gov_past_read *past) {
    struct ht_ballot_admission *admission = past->user;
    struct ht_gov_kept *kept = admission->kept;
    if (past->err != HT_OK) {
        kept->state = HT_GOV_BALLOT_UNPROVEN;
        kept->why = past->why;
        ht_ballot_admitted(admission, HT_OK, NULL);
        return;
    }
    kept->has_weight = true;
    kept->weight = past->value;
    kept->provenance = past->provenance;
    if (ht_u256_is_zero(&past->value)) {
        end(admission, HT_EDENIED, "zero_weight", "the voter had no power at the snapshot");
    } else {
        ht_ballot_admitted(admission, HT_OK, NULL);
    }
}

/* --- mark and nonce --------------------------------------------------------------------------- */

/* Signed for the counter of this proposal alone: the key is the lower 192 bits of the id. */
static bool is_keyed(const struct ht_gov_ballot *ballot) {
    ht_u256 key, own;
    ht_u256_shift_right(&key, &ballot->nonce, 64);
    ht_u256_shift_left(&own, &ballot->proposal, 64);
    ht_u256_shift_right(&own, &own, 64);
    return ht_u256_equal(&key, &own);
}

static enum ht_err judge_nonce(struct ht_gov_kept *kept, const struct ht_gov_standing_of *standing,
                               struct ht_why *why) {
    const struct ht_gov_ballot *ballot = &kept->ballot;
    bool is_by_key = standing->has_keyed && is_keyed(ballot);
    bool has_one = is_by_key || standing->has_nonce;
    if (!ht_gov_ballot_has_nonce(ballot->form)) return HT_OK;
    if (!has_one) {
        kept->state = HT_GOV_BALLOT_UNPROVEN;
        return ht_fail(&kept->why, HT_OK, "no_nonce", "the voter's nonce cannot be proven");
    }
    const ht_u256 *next = is_by_key ? &standing->keyed : &standing->nonce;
    int order = ht_u256_compare(&ballot->nonce, next);
    if (order < 0)
        return ht_fail(why, HT_ESTALE, "nonce_used", "the voter has used the ballot's nonce");
    if (order > 0) {
        kept->state = HT_GOV_BALLOT_WAITS;
        return ht_fail(&kept->why, HT_OK, "nonce_order",
                       "another ballot of the voter's must go first, or never comes");
    }
    return HT_OK;
}

enum ht_err ht_gov_kept_judge(struct ht_gov_kept *kept, const struct ht_gov_standing_of *standing,
                              enum ht_gov_counting counting, struct ht_why *why) {
    bool may_vote_again = counting == HT_GOV_FRACTIONAL || counting == HT_GOV_FLEXIBLE;
    bool is_used_up =
        !may_vote_again || !standing->mark.has_weight ||
        (kept->has_weight && ht_u256_compare(&standing->mark.weight, &kept->weight) >= 0);
    if (standing->mark.has_voted && is_used_up)
        return ht_fail(why, HT_EDENIED, "has_voted", "the voter has voted");
    kept->state = HT_GOV_BALLOT_GOOD;
    kept->why = (struct ht_why){0};
    return judge_nonce(kept, standing, why);
}

static void got_marks(struct ht_gov_marks *marks) {
    struct ht_ballot_admission *admission = marks->user;
    struct ht_gov_kept *kept = admission->kept;
    struct ht_why why = marks->why;
    /* What cannot be proven of the governor is not the ballot's fault. */
    enum ht_err err = marks->err == HT_EUNVERIFIED ? HT_EAGAIN : marks->err;
    if (err == HT_OK) {
        err = ht_gov_kept_judge(kept, &marks->standings[0],
                                admission->community->profile.layout.counting, &why);
    }
    if (err != HT_OK) {
        ht_ballot_admitted(admission, err, &why);
        return;
    }
    admission->past = (struct ht_gov_past_read){.community = admission->community,
                                                .what = HT_GOV_PAST_VOTES,
                                                .account = kept->ballot.voter,
                                                .at = admission->snapshot,
                                                .block = {.kind = HT_BLOCK_LATEST},
                                                .done = got_power,
                                                .user = admission};
    ht_gov_past_start(&admission->past);
}

static void read_marks(struct ht_ballot_admission *admission) {
    const struct ht_gov_ballot *ballot = &admission->kept->ballot;
    admission->marks = (struct ht_gov_marks){.community = admission->community,
                                             .proposal = ballot->proposal,
                                             .voters = &ballot->voter,
                                             .count = 1,
                                             .done = got_marks,
                                             .user = admission};
    ht_gov_marks_read(&admission->marks);
}

/* --- signature -------------------------------------------------------------------------------- */

static void checked(struct ht_signature_check *check) {
    struct ht_ballot_admission *admission = check->user;
    struct ht_why why = check->why;
    enum ht_err err = check->err;
    /* A contract that is not deployed yet cannot be asked by the governor. */
    if (err == HT_OK && check->kind == HT_SIGNATURE_ERC6492)
        err = ht_fail(&why, HT_EUNVERIFIED, "bad_signature", "the voter's contract is not there");
    ht_signature_check_fini(check);
    if (err == HT_OK) {
        read_marks(admission);
    } else {
        ht_ballot_admitted(admission, err, &why);
    }
}

static void check_signature(struct ht_ballot_admission *admission) {
    const struct ht_gov_ballot *ballot = &admission->kept->ballot;
    struct ht_why why = {0};
    enum ht_err err = ht_gov_ballot_check(ballot, &why);
    if (err == HT_OK) {
        read_marks(admission);
        return;
    }
    bool may_be_contracts = ht_gov_ballot_may_be_contracts(ballot->form) &&
                            ht_gov_ballot_check_support(ballot, NULL) == HT_OK;
    admission->check = (struct ht_signature_check){
        .block = {.kind = HT_BLOCK_LATEST},
        .signer = ballot->voter,
        .signature = ht_bytes_of(ballot->signature, ballot->signature_n),
        .done = checked,
        .user = admission};
    if (may_be_contracts) err = ht_gov_ballot_digest(&admission->check.digest, ballot);
    if (err != HT_OK) {
        ht_ballot_admitted(admission, err, &why);
    } else {
        ht_signature_check(admission->box->governance->host->runner, &admission->check);
    }
}

/* --- domain and window ------------------------------------------------------------------------ */

static bool takes_form(enum ht_gov_ballots takes, enum ht_gov_ballot_form form) {
    switch (form) {
    case HT_GOV_BALLOT5:
    case HT_GOV_BALLOT5_EXTENDED: return takes == HT_GOV_BALLOTS_5;
    case HT_GOV_BALLOT4:
    case HT_GOV_BALLOT4_EXTENDED: return takes == HT_GOV_BALLOTS_4;
    case HT_GOV_BALLOT_BRAVO:
    case HT_GOV_BALLOT_BRAVO_REASON: return takes == HT_GOV_BALLOTS_BRAVO;
    case HT_GOV_DELEGATION: break;
    }
    return false;
}

static void compare_domain(struct ht_ballot_admission *admission) {
    if (!ht_gov_domain_equal(&admission->kept->ballot.domain, &admission->box->domain)) {
        end(admission, HT_EUNVERIFIED, "wrong_domain", "it is signed for another contract or name");
    } else {
        check_signature(admission);
    }
}

static void got_domain(struct ht_gov_domain_read *read) {
    struct ht_ballot_admission *admission = read->user;
    struct ht_ballot_box *box = admission->box;
    if (read->err != HT_OK) {
        /* The contract's fault or the network's, not the ballot's: it is no reason for ever. */
        end(admission, HT_EAGAIN, "no_domain", "the governor's domain could not be proven");
        return;
    }
    box->has_domain = true;
    box->domain = read->domain;
    box->domain_ms = ht_mono_ms(box->governance->host->clock);
    compare_domain(admission);
}

static enum ht_err check_window(const struct ht_gov_item *item, struct ht_why *why) {
    if (ht_gov_is_open(item)) return HT_OK;
    if (item->state == HT_GOV_PENDING)
        return ht_fail(why, HT_EAGAIN, "not_active", "voting is not open yet");
    return ht_fail(why, HT_ESTALE, "is_over", "voting is over");
}

static void looked(void *user, struct ht_gov_item *item, enum ht_err err,
                   const struct ht_why *reason) {
    struct ht_ballot_admission *admission = user;
    struct ht_ballot_box *box = admission->box;
    const struct ht_gov_ballot *ballot = &admission->kept->ballot;
    struct ht_why why = reason != NULL ? *reason : (struct ht_why){0};
    if (err == HT_OK && item == NULL)
        err = ht_fail(&why, HT_ENOTFOUND, "no_such_proposal", "the proposal was forgotten");
    else if (err == HT_EUNVERIFIED)
        err = HT_EAGAIN; /* the proposal's, not the ballot's */
    if (err == HT_OK) err = check_window(item, &why);
    if (err == HT_OK && !takes_form(admission->community->profile.ballots, ballot->form))
        err = ht_fail(&why, HT_EUNVERIFIED, "wrong_form", "the governor takes no such ballots");
    if (err != HT_OK) {
        ht_ballot_admitted(admission, err, &why);
        return;
    }
    admission->snapshot = item->facts.start;
    int64_t age_ms = ht_mono_ms(box->governance->host->clock) - box->domain_ms;
    bool is_fresh = box->has_domain && age_ms < DOMAIN_FRESH_MS &&
                    memcmp(box->domain.contract.b, ballot->domain.contract.b,
                           sizeof ballot->domain.contract.b) == 0;
    if (is_fresh) {
        compare_domain(admission);
        return;
    }
    admission->domain = (struct ht_gov_domain_read){.governance = box->governance,
                                                    .contract = ballot->domain.contract,
                                                    .done = got_domain,
                                                    .user = admission};
    ht_gov_domain_start(&admission->domain);
}

void ht_ballot_admit(struct ht_ballot_box *box) {
    struct ht_ballot_admission *admission = box->admissions;
    box->is_looking = true;
    const struct ht_gov_ballot *ballot = &admission->kept->ballot;
    struct ht_community *community = ht_community_find(box->governance, &ballot->domain.contract);
    struct ht_gov_item *item =
        community != NULL ? ht_gov_item_find(community, &ballot->proposal) : NULL;
    if (item == NULL) {
        end(admission, HT_ENOTFOUND, "no_such_proposal", "the proposal is not known");
        return;
    }
    admission->community = community;
    ht_gov_look(item, looked, admission);
}
