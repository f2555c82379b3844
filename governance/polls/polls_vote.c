/* polls.vote */
#include "governance/polls/polls_vote.h"

#include <stdlib.h>

#include "governance/feed_event.h"
#include "governance/polls/polls_json.h"
#include "governance/polls/polls_root.h"
#include "node/codec/json.h"

#define UIDS_MAX 16U

struct voting {
    struct ht_rpc_call *call;
    struct ht_governance *governance;
    struct ht_poll_job *job;
    json_t *params;
    /* One for each attestation that might do, else one. */
    struct ht_poll_ballot ballots[UIDS_MAX];
    struct ht_poll_weight weights[UIDS_MAX];
    size_t count, chosen;
    struct ht_header_read header;
    struct ht_poll_gate_read gate;
};

static void end(struct voting *voting, enum ht_err err, const struct ht_why *why, json_t *result) {
    if (err != HT_OK)
        ht_rpc_refuse(voting->call, err, why);
    else
        ht_rpc_finish(voting->call, result);
    ht_poll_job_free(voting->job);
    json_decref(voting->params);
    free(voting);
}

/* --- what is chosen --------------------------------------------------------------------------- */

static enum ht_err bad_choice(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "bad_choice", "%s", what);
}

static enum ht_err read_shares(struct ht_poll_ballot *ballot, const struct ht_poll *poll,
                               const json_t *params, struct ht_why *why) {
    const json_t *list;
    uint64_t sum = 0;
    enum ht_err err = ht_json_array(&list, params, "shares", why);
    if (err != HT_OK) return err;
    if (json_array_size(list) != poll->option_count)
        return bad_choice(why, "there is one share for each option");
    for (size_t i = 0; i < poll->option_count; i++) {
        uint64_t share;
        err = ht_json_u64(&share, json_array_get(list, i), "", why);
        if (err != HT_OK) return err;
        if (share > HT_POLL_SHARE_MAX) return bad_choice(why, "a share is too large");
        ballot->share[i] = (uint32_t)share;
        sum += share;
        if (share > 0) ballot->choice[ballot->choice_count++] = (uint8_t)i;
    }
    return sum > 0 ? HT_OK : bad_choice(why, "all shares are 0");
}

static enum ht_err read_choice(struct ht_poll_ballot *ballot, const struct ht_poll *poll,
                               const json_t *params, struct ht_why *why) {
    const json_t *list;
    if (poll->method == HT_POLL_WEIGHTED) return read_shares(ballot, poll, params, why);
    enum ht_err err = ht_json_array(&list, params, "choice", why);
    if (err != HT_OK) return err;
    size_t count = json_array_size(list);
    if (count == 0 || count > poll->option_count)
        return bad_choice(why, "there is at least one choice, and none twice");
    if (poll->method == HT_POLL_SINGLE && count > 1)
        return bad_choice(why, "only one option can be chosen");
    for (size_t i = 0; i < count; i++) {
        uint64_t option;
        err = ht_json_u64(&option, json_array_get(list, i), "", why);
        if (err != HT_OK) return err;
        if (option >= poll->option_count) return bad_choice(why, "there is no such option");
        if (memchr(ballot->choice, (int)option, ballot->choice_count) != NULL)
            return bad_choice(why, "there is at least one choice, and none twice");
        ballot->choice[ballot->choice_count++] = (uint8_t)option;
    }
    return HT_OK;
}

/* Which attestations to try. */
static enum ht_err find_uids(struct voting *voting, struct ht_why *why) {
    const struct ht_trust *trust = ht_gov_trust(voting->governance);
    const struct ht_poll *poll = &voting->job->poll;
    struct ht_trust_person person;
    ht_hash32 uids[UIDS_MAX];
    voting->count = 1;
    if (poll->gate != HT_POLL_ATTESTATION) return HT_OK;
    if (ht_json_member(voting->params, "attestation") != NULL) {
        voting->ballots[0].has_attestation = true;
        return ht_json_hex(voting->ballots[0].attestation.b, 32, voting->params, "attestation",
                           why);
    }
    if (trust == NULL || trust->attested == NULL ||
        !trust->person(trust->self, &voting->ballots[0].author, &person) || !person.has_address)
        return HT_OK; /* the gate says what is wrong */
    size_t count = trust->attested(trust->self, &poll->schema, &person.address, uids, UIDS_MAX);
    for (size_t i = 0; i < count; i++) {
        voting->ballots[i] = voting->ballots[0];
        voting->ballots[i].has_attestation = true;
        voting->ballots[i].attestation = uids[i];
    }
    if (count > 0) voting->count = count;
    return HT_OK;
}

/* --- publishing ------------------------------------------------------------------------------- */

static void published(void *user, enum ht_err err, const struct ht_why *why, const ht_hash32 *id) {
    struct voting *voting = user;
    const struct ht_poll_weight *weight = &voting->weights[voting->chosen];
    if (err != HT_OK) {
        end(voting, err, why, NULL);
        return;
    }
    ht_polls_watch(voting->governance->polls, &voting->job->id);
    bool is_told = weight->standing == HT_POLL_MAY_VOTE;
    end(voting, HT_OK, NULL,
        json_pack("{s:o, s:s, s:o}", "event_id", ht_gov_event_id_json(id), "standing",
                  is_told ? "counts" : "unproven", "why",
                  is_told ? json_null() : json_string(weight->why)));
}

static const struct {
    const char *code, *text;
} REFUSALS[] = {
    {"not_linked", "your Nostr key and an account do not vouch for each other: make a link first"},
    {"no_attestation", "no attestation of this schema and recipient is known: name one by its uid"},
    {"wrong_schema", "the attestation is of another schema than the poll asks for"},
    {"wrong_attester", "the attestation is by nobody whom the poll names"},
    {"wrong_recipient", "the attestation is not for your address"},
    {"made_later", "the attestation was made after the poll's snapshot block"},
    {"revoked", "the attestation was revoked as of the poll's snapshot block"},
    {"expired", "the attestation had expired as of the poll's snapshot block"},
    {"no_votes", "your address had no voting power at the poll's snapshot block"},
    {"no_votes_token", "the poll's token does not know votes of the past"},
};

static enum ht_err refused(struct ht_why *why, const char *code) {
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        if (strcmp(REFUSALS[i].code, code) == 0)
            return ht_fail(why, HT_EDENIED, REFUSALS[i].code, "%s", REFUSALS[i].text);
    }
    return ht_fail(why, HT_EDENIED, "may_not_vote", "the poll's gate says no: %s", code);
}

static void gated(struct ht_poll_gate_read *read) {
    struct voting *voting = read->user;
    const struct ht_feed *feed = ht_gov_feed(voting->governance);
    struct ht_why why = {.code = NULL};
    size_t best = 0;
    for (size_t i = 1; i < voting->count; i++) {
        enum ht_poll_standing now = voting->weights[i].standing;
        enum ht_poll_standing had = voting->weights[best].standing;
        bool is_better = now == HT_POLL_MAY_VOTE || had == HT_POLL_MAY_NOT;
        if (had != HT_POLL_MAY_VOTE && is_better) best = i;
    }
    voting->chosen = best;
    enum ht_err err = HT_OK;
    if (voting->weights[best].standing == HT_POLL_MAY_NOT)
        err = refused(&why, voting->weights[best].why);
    else if (feed == NULL || voting->governance->is_quitting)
        err = ht_fail(&why, HT_EAGAIN, "no_feed", "this node keeps no feeds");
    json_t *tags =
        err == HT_OK ? ht_poll_ballot_tags(&voting->job->poll, &voting->ballots[best]) : NULL;
    if (err == HT_OK && tags == NULL) err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err == HT_OK)
        feed->publish(feed->self, HT_POLL_BALLOT_KIND, "", tags, "a ballot", published, voting);
    else
        end(voting, err, &why, NULL);
}

/* --- the steps -------------------------------------------------------------------------------- */

static void ask_gate(struct voting *voting, bool has_snapshot, uint64_t snapshot_s) {
    voting->gate = (struct ht_poll_gate_read){.governance = voting->governance,
                                              .kept = &voting->governance->polls->kept,
                                              .poll = &voting->job->poll,
                                              .ballots = voting->ballots,
                                              .weights = voting->weights,
                                              .count = voting->count,
                                              .has_snapshot = has_snapshot,
                                              .snapshot_s = snapshot_s,
                                              .done = gated,
                                              .user = voting};
    ht_poll_gate_start(&voting->gate);
}

static void on_snapshot(struct ht_header_read *header) {
    struct voting *voting =
        (struct voting *)(void *)((char *)header - offsetof(struct voting, header));
    bool has_snapshot = header->err == HT_OK && header->is_final;
    uint64_t snapshot_s = has_snapshot ? header->header.header.timestamp : 0;
    ht_header_read_fini(header);
    ask_gate(voting, has_snapshot, snapshot_s);
}

static enum ht_err prepare(struct voting *voting, struct ht_why *why) {
    const struct ht_host *host = voting->governance->host;
    const struct ht_poll *poll = &voting->job->poll;
    const struct ht_exec_header_verified *head = ht_chain_head(host->chain);
    if (poll->chain_id != host->network->chain_id)
        return ht_fail(why, HT_EINPUT, "other_chain", "this poll is of chain %llu",
                       (unsigned long long)poll->chain_id);
    if (head != NULL && head->header.number >= poll->closing_block)
        return ht_fail(why, HT_EDENIED, "poll_closed", "the poll closed at block %llu",
                       (unsigned long long)poll->closing_block);
    if (!ht_polls_owner(voting->governance, &voting->ballots[0].author))
        return ht_fail(why, HT_EDENIED, "no_nostr_key", "the wallet has no Nostr key yet");
    enum ht_err err = read_choice(&voting->ballots[0], poll, voting->params, why);
    return err == HT_OK ? find_uids(voting, why) : err;
}

static void on_poll(struct ht_poll_job *job) {
    struct voting *voting = job->user;
    const struct ht_host *host = voting->governance->host;
    struct ht_why why = job->why;
    enum ht_err err = job->err == HT_OK ? prepare(voting, &why) : job->err;
    if (err != HT_OK) {
        end(voting, err, &why, NULL);
        return;
    }
    const struct ht_exec_header_verified *final = ht_chain_finalized(host->chain);
    bool is_final = final != NULL && final->header.number >= job->poll.snapshot_block;
    if (job->poll.gate == HT_POLL_OPEN || !is_final) {
        ask_gate(voting, false, 0);
        return;
    }
    voting->header.id =
        (struct ht_block_id){.kind = HT_BLOCK_NUMBER, .number = job->poll.snapshot_block};
    voting->header.done = on_snapshot;
    ht_chain_read(host->chain, &voting->header);
}

void ht_polls_vote(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {.code = NULL};
    ht_hash32 id;
    struct voting *voting = NULL;
    enum ht_err err = ht_gov_event_id_param(&id, params, "id", &why);
    if (err == HT_OK) {
        voting = calloc(1, sizeof *voting);
        if (voting != NULL) voting->job = ht_poll_job_new(self, &id);
        if (voting == NULL || voting->job == NULL)
            err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    }
    if (err != HT_OK) {
        free(voting);
        ht_rpc_refuse(call, err, &why);
        return;
    }
    voting->call = call;
    voting->governance = self;
    voting->params = json_deep_copy(params);
    voting->job->user = voting;
    voting->job->done = on_poll;
    ht_poll_job_start(voting->job);
}
