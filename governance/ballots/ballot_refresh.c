/* Looks at a proposal's ballots afresh: takes in what the feed has, then asks for the marks and
 * nonces of all voters in one read. And dao.ballots, which shows what came of it. */
#include "governance/ballots/ballot_refresh.h"

#include <stdlib.h>

#include "governance/ballots/ballot_admit.h"
#include "governance/ballots/ballot_json.h"
#include "governance/create/create_calls.h"
#include "governance/feed_want.h"
#include "governance/governor/code.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define FEED_LIMIT 500

const char ht_gov_ballots_are_public[] =
    "A signed ballot is public from the moment it is published: anybody can read who votes how, "
    "before it counts, and anybody can put it on the chain until voting ends or its nonce is used.";

/* --- refreshing ------------------------------------------------------------------------------- */

struct refreshing {
    struct ht_governance *governance;
    struct ht_community *community;
    ht_u256 proposal;
    ht_ballots_fresh done;
    void *user;
    size_t pending; /* offers under way, and one for who makes them */
    struct ht_gov_marks marks;
    ht_addr20 *voters;
    ht_hash32 *ids;
    size_t count;
};

static void end(struct refreshing *fresh, enum ht_err err, const struct ht_why *why) {
    ht_gov_marks_fini(&fresh->marks);
    fresh->done(fresh->user, err, why);
    free(fresh->voters);
    free(fresh->ids);
    free(fresh);
}

/* Ballots that will never be good again go. */
static void judge(struct refreshing *fresh, size_t i) {
    struct ht_gov_kept *kept = ht_ballot_box_find(fresh->governance, &fresh->ids[i]);
    if (kept == NULL) return;
    struct ht_why why = {0};
    bool was_proven = kept->has_weight;
    enum ht_err err = ht_gov_kept_judge(kept, &fresh->marks.standings[i],
                                        fresh->community->profile.layout.counting, &why);
    if (err != HT_OK) {
        kept->state = HT_GOV_BALLOT_USED;
        kept->why = why;
    } else if (!was_proven) {
        kept->state = HT_GOV_BALLOT_UNPROVEN;
        (void)ht_fail(&kept->why, HT_EAGAIN, "no_power", "the voter's power is not proven yet");
    }
}

static void got_marks(struct ht_gov_marks *marks) {
    struct refreshing *fresh = marks->user;
    for (size_t i = 0; i < marks->count && marks->err == HT_OK; i++) judge(fresh, i);
    end(fresh, marks->err, &marks->why);
}

/* Those of an earlier start were not judged yet since, and those whose power could not be proven
 * may be now: they go through the door again. */
static void offer_again(struct refreshing *fresh);

static void read_marks(struct refreshing *fresh) {
    struct ht_gov_kept *one = NULL;
    struct ht_why why = {0};
    const ht_addr20 *governor = &fresh->community->address;
    if (fresh->governance->is_quitting) {
        end(fresh, ht_fail(&why, HT_EAGAIN, "stopping", "the node stops"), &why);
        return;
    }
    fresh->voters = calloc(HT_BALLOTS_PER_PROPOSAL, sizeof *fresh->voters);
    fresh->ids = calloc(HT_BALLOTS_PER_PROPOSAL, sizeof *fresh->ids);
    if (fresh->voters == NULL || fresh->ids == NULL) {
        end(fresh, ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory"), &why);
        return;
    }
    while (fresh->count < HT_BALLOTS_PER_PROPOSAL &&
           (one = ht_ballot_box_next(fresh->governance, governor, &fresh->proposal, one)) != NULL) {
        fresh->voters[fresh->count] = one->ballot.voter;
        fresh->ids[fresh->count++] = one->id;
    }
    if (fresh->count == 0) {
        end(fresh, HT_OK, &why);
        return;
    }
    fresh->marks = (struct ht_gov_marks){.community = fresh->community,
                                         .proposal = fresh->proposal,
                                         .voters = fresh->voters,
                                         .count = fresh->count,
                                         .done = got_marks,
                                         .user = fresh};
    ht_gov_marks_read(&fresh->marks);
}

static void offered(void *user, enum ht_err err, const struct ht_why *why,
                    const struct ht_gov_kept *kept) {
    struct refreshing *fresh = user;
    (void)err;
    (void)why;
    (void)kept;
    if (--fresh->pending == 0) read_marks(fresh);
}

static void offer(struct refreshing *fresh, const json_t *ballot, int64_t created_at) {
    fresh->pending++;
    ht_ballot_box_offer(fresh->governance, ballot, created_at, offered, fresh);
}

static void offer_event(struct refreshing *fresh, const json_t *event) {
    json_t *ballot = NULL;
    ht_bytes content;
    uint64_t created_at = 0;
    if (ht_json_str(&content, event, "content", NULL) != HT_OK ||
        ht_json_u64(&created_at, event, "created_at", NULL) != HT_OK || created_at > INT64_MAX ||
        ht_json_parse(&ballot, content, HT_GOV_BALLOT_JSON_MAX, NULL) != HT_OK)
        return;
    offer(fresh, ballot, (int64_t)created_at);
    json_decref(ballot);
}

static void offer_again(struct refreshing *fresh) {
    const ht_addr20 *governor = &fresh->community->address;
    struct ht_ballot_box *box = fresh->governance->ballots;
    struct ht_gov_kept *one = NULL, *next = NULL;
    one = ht_ballot_box_next(fresh->governance, governor, &fresh->proposal, NULL);
    for (; one != NULL; one = next) {
        next = ht_ballot_box_next(fresh->governance, governor, &fresh->proposal, one);
        if (one->has_weight) continue;
        fresh->pending++;
        ht_ballot_box_again(box, one, offered, fresh);
    }
}

static void found(void *user, enum ht_err err, const struct ht_why *why, const json_t *events) {
    struct refreshing *fresh = user;
    (void)why; /* without the feed there is what is here */
    for (size_t i = 0; err == HT_OK && i < json_array_size(events); i++)
        offer_event(fresh, json_array_get(events, i));
    offered(fresh, HT_OK, NULL, NULL);
}

static json_t *filter_json(const struct refreshing *fresh) {
    char topic[HT_GOV_BALLOT_TAG_SIZE];
    struct ht_gov_ballot *of = calloc(1, sizeof *of);
    if (of == NULL) return NULL;
    of->domain.chain_id = fresh->governance->host->network->chain_id;
    of->domain.contract = fresh->community->address;
    of->proposal = fresh->proposal;
    ht_gov_ballots_topic(topic, of);
    free(of);
    return json_pack("{s:[i], s:[s], s:i}", "kinds", (int)HT_GOV_BALLOT_KIND, "#t", topic, "limit",
                     FEED_LIMIT);
}

void ht_ballot_box_refresh(struct ht_community *community, const ht_u256 *proposal,
                           ht_ballots_fresh done, void *user) {
    struct ht_why why = {0};
    struct refreshing *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL) {
        done(user, ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory"), &why);
        return;
    }
    fresh->governance = community->governance;
    fresh->community = community;
    fresh->proposal = *proposal;
    fresh->done = done;
    fresh->user = user;
    fresh->pending = 1;
    offer_again(fresh);
    const struct ht_feed *feed = ht_gov_feed(community->governance);
    json_t *filter = feed != NULL ? filter_json(fresh) : NULL;
    if (filter == NULL) {
        found(fresh, HT_EAGAIN, NULL, NULL);
        return;
    }
    feed->query(feed->self, filter, found, fresh);
    json_decref(filter);
}

/* --- dao.ballots ------------------------------------------------------------------------------ */

struct listing {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    struct ht_community *community;
    ht_u256 proposal;
    struct ht_gov_slots relay;
};

static json_t *split_json(const struct ht_gov_ballot *ballot) {
    if (ballot->support != HT_GOV_SUPPORT_SPLIT || ballot->params.n != HT_GOV_SPLIT_SIZE)
        return json_null();
    json_t *parts = json_array();
    for (size_t i = 0; i < 3; i++) {
        ht_u256 part = {{0}};
        /* 16 bytes always fit. */
        (void)!ht_u256_from_be(&part, ht_bytes_of(ballot->params.p + 16 * i, 16));
        (void)json_array_append_new(parts, ht_gov_u256_json(&part));
    }
    return parts;
}

static bool is_ours(const struct ht_governance *governance, const ht_addr20 *voter) {
    struct ht_wallet_account accounts[64];
    const struct ht_wallet *wallet = ht_gov_wallet(governance);
    if (wallet == NULL) return false;
    size_t count = wallet->accounts(wallet->self, accounts, 64);
    for (size_t i = 0; i < count && i < 64; i++)
        if (memcmp(accounts[i].address.b, voter->b, sizeof voter->b) == 0) return true;
    return false;
}

static json_t *kept_json(const struct ht_governance *governance, const struct ht_gov_kept *kept) {
    const struct ht_gov_ballot *ballot = &kept->ballot;
    json_t *why = json_null();
    if (kept->state != HT_GOV_BALLOT_GOOD) why = json_string(kept->why.text);
    return json_pack("{s:o, s:o, s:i, s:o, s:o, s:s, s:s, s:o, s:o, s:I, s:b, s:b}", "id",
                     ht_gov_hex_json(HT_BYTES(kept->id.b)), "voter",
                     ht_address_json(&ballot->voter), "support", (int)ballot->support, "split",
                     split_json(ballot), "weight",
                     kept->has_weight ? ht_gov_u256_json(&kept->weight) : json_null(),
                     "weight_provenance", ht_gov_provenance_name(kept->provenance), "state",
                     ht_gov_ballot_state_name(kept->state), "why", why, "reason",
                     ht_gov_text_json(ballot->reason, HT_GOV_BALLOT_REASON_MAX), "created_at_s",
                     (json_int_t)kept->created_at, "is_ours", is_ours(governance, &ballot->voter),
                     "can_be_revoked", ht_gov_ballot_has_nonce(ballot->form));
}

static int by_weight(const void *a, const void *b) {
    const struct ht_gov_kept *const *left = a, *const *right = b;
    int order = ht_u256_compare(&(*right)->weight, &(*left)->weight);
    return order != 0 ? order : memcmp((*left)->id.b, (*right)->id.b, sizeof(*left)->id.b);
}

static json_t *list_json(const struct listing *listing) {
    const struct ht_gov_kept *sorted[HT_BALLOTS_PER_PROPOSAL];
    const ht_addr20 *governor = &listing->community->address;
    struct ht_gov_kept *one = NULL;
    size_t count = 0;
    while (count < HT_BALLOTS_PER_PROPOSAL &&
           (one = ht_ballot_box_next(listing->governance, governor, &listing->proposal, one)) !=
               NULL)
        sorted[count++] = one;
    qsort(sorted, count, sizeof *sorted, by_weight);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(list, kept_json(listing->governance, sorted[i]));
    return list;
}

static void got_relay(struct ht_gov_slots *slots) {
    struct listing *listing = slots->user;
    bool is_there = slots->err == HT_OK && ht_gov_code_ours(NULL, ht_buf_view(&slots->code)) ==
                                               &ht_gov_contracts[HT_GOV_OURS_RELAY];
    json_t *relay = json_null();
    if (slots->err == HT_OK)
        relay = json_pack("{s:o, s:b}", "address", ht_address_json(&slots->address), "is_there",
                          is_there);
    ht_gov_slots_fini(slots);
    ht_rpc_finish(listing->call, json_pack("{s:o, s:s, s:o}", "ballots", list_json(listing),
                                           "public", ht_gov_ballots_are_public, "relay", relay));
    free(listing);
}

static void refreshed(void *user, enum ht_err err, const struct ht_why *why) {
    struct listing *listing = user;
    if (err != HT_OK) {
        ht_rpc_refuse(listing->call, err, why);
        free(listing);
        return;
    }
    listing->relay = (struct ht_gov_slots){
        .block = {.kind = HT_BLOCK_LATEST}, .wants_code = true, .done = got_relay, .user = listing};
    ht_gov_relay_address(&listing->relay.address);
    ht_gov_slots_read(listing->governance, &listing->relay);
}

void ht_gov_ballots_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {0};
    struct ht_gov_item *item = NULL;
    struct ht_community *community = NULL;
    struct listing *listing = NULL;
    enum ht_err err = ht_community_param(&community, &item, governance, params, &why);
    if (err == HT_OK) {
        listing = calloc(1, sizeof *listing);
        if (listing == NULL) err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    }
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    listing->governance = governance;
    listing->call = call;
    listing->community = community;
    listing->proposal = item->id;
    ht_gov_feed_look_at(governance, &community->address, &item->id);
    ht_ballot_box_refresh(community, &item->id, refreshed, listing);
}
