/* What is in the ballot box, how it gets there, and that it is on disk. How a ballot is judged is
 * ballot_admit.c's. */
#include "governance/ballots/ballot_box.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "governance/ballots/ballot_admit.h"
#include "governance/ballots/ballot_impl.h"
#include "governance/ballots/ballot_json.h"
#include "governance/ballots/ballot_sql.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/json.h"
#include "node/crypto/keccak.h"

#define BALLOT_ARENA_MAX ((size_t)16 << 10)
#define BALLOT_ARENA_FIRST ((size_t)256)

const char *ht_gov_ballot_state_name(enum ht_gov_ballot_state state) {
    switch (state) {
    case HT_GOV_BALLOT_GOOD: return "good";
    case HT_GOV_BALLOT_USED: return "used";
    case HT_GOV_BALLOT_BAD: return "bad";
    case HT_GOV_BALLOT_UNPROVEN: return "unproven";
    case HT_GOV_BALLOT_WAITS: return "waits";
    }
    return "bad";
}

/* --- one ballot ------------------------------------------------------------------------------- */

void ht_gov_kept_free(struct ht_gov_kept *kept) {
    if (kept == NULL) return;
    ht_arena_fini(&kept->arena);
    free(kept);
}

static enum ht_err set_id(struct ht_gov_kept *kept) {
    struct ht_keccak256 hash;
    ht_hash32 digest;
    enum ht_err err = ht_gov_ballot_digest(&digest, &kept->ballot);
    if (err != HT_OK) return err;
    ht_keccak256_init(&hash);
    ht_keccak256_update(&hash, HT_BYTES(digest.b));
    ht_keccak256_update(&hash, ht_bytes_of(kept->ballot.signature, kept->ballot.signature_n));
    ht_keccak256_final(&kept->id, &hash);
    return HT_OK;
}

enum ht_err ht_gov_kept_new(struct ht_gov_kept **out, const json_t *ballot, int64_t created_at,
                            struct ht_why *why) {
    struct ht_gov_kept *kept = calloc(1, sizeof *kept);
    if (kept == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    ht_arena_init_small(&kept->arena, BALLOT_ARENA_MAX, BALLOT_ARENA_FIRST);
    kept->created_at = created_at;
    kept->state = HT_GOV_BALLOT_UNPROVEN;
    (void)ht_fail(&kept->why, HT_EAGAIN, "not_looked", "it has not been looked at yet");
    enum ht_err err = ht_gov_ballot_read(&kept->ballot, ballot, &kept->arena, why);
    if (err == HT_OK && kept->ballot.form == HT_GOV_DELEGATION)
        err = ht_fail(why, HT_EINPUT, "bad_ballot", "a delegation is no ballot");
    if (err == HT_OK) err = set_id(kept);
    if (err != HT_OK) {
        ht_gov_kept_free(kept);
        return err;
    }
    *out = kept;
    return HT_OK;
}

static bool is_of(const struct ht_gov_kept *kept, const ht_addr20 *governor,
                  const ht_u256 *proposal) {
    return ht_u256_equal(&kept->ballot.proposal, proposal) &&
           memcmp(kept->ballot.domain.contract.b, governor->b, sizeof governor->b) == 0;
}

struct ht_gov_kept *ht_ballot_box_next(const struct ht_governance *governance,
                                       const ht_addr20 *governor, const ht_u256 *proposal,
                                       const struct ht_gov_kept *after) {
    const struct ht_ballot_box *box = governance->ballots;
    if (box == NULL) return NULL;
    struct ht_gov_kept *one = after != NULL ? after->next : box->first;
    while (one != NULL && !is_of(one, governor, proposal)) one = one->next;
    return one;
}

struct ht_gov_kept *ht_ballot_box_find(const struct ht_governance *governance,
                                       const ht_hash32 *id) {
    const struct ht_ballot_box *box = governance->ballots;
    struct ht_gov_kept *one = box != NULL ? box->first : NULL;
    while (one != NULL && !ht_hash32_equal(&one->id, id)) one = one->next;
    return one;
}

size_t ht_gov_ballots_waiting(const struct ht_governance *governance, const ht_addr20 *governor,
                              const ht_u256 *proposal) {
    size_t count = 0;
    struct ht_gov_kept *one = NULL;
    while ((one = ht_ballot_box_next(governance, governor, proposal, one)) != NULL)
        count += one->state == HT_GOV_BALLOT_GOOD;
    return count;
}

/* --- on disk ---------------------------------------------------------------------------------- */

struct saving {
    struct ht_write write; /* first */
    struct ht_ballot_admission *admission;
    struct ht_gov_ballot_row row;
    char *json;
    bool is_delete;
};

static enum ht_err write_row(struct ht_write *w, sqlite3 *db, struct ht_why *why) {
    const struct saving *saving = (struct saving *)w;
    return saving->is_delete ? ht_gov_ballot_sql_delete(db, &saving->row.id, why)
                             : ht_gov_ballot_sql_save(db, &saving->row, why);
}

static void take_in(struct ht_ballot_box *box, struct ht_gov_kept *kept);
static void end(struct ht_ballot_admission *admission, enum ht_err err, const struct ht_why *why);

static void written(struct ht_write *w) {
    struct saving *saving = (struct saving *)w;
    struct ht_ballot_admission *admission = saving->admission;
    if (w->err != HT_OK) ht_log(HT_LOG_ERROR, "governance", "a ballot: %s", w->why.text);
    if (admission != NULL && w->err == HT_OK) take_in(admission->box, admission->kept);
    if (admission != NULL) end(admission, w->err, &w->why);
    free(saving->json);
    free(saving);
}

static enum ht_err submit(struct ht_ballot_box *box, struct saving *saving, struct ht_why *why) {
    saving->write.write = write_row;
    saving->write.done = written;
    enum ht_err err = ht_writer_submit(box->governance->host->writer, &saving->write);
    if (err != HT_OK) (void)ht_fail(why, err, "busy", "the disk is busy");
    return err;
}

static void unlink_kept(struct ht_ballot_box *box, const struct ht_gov_kept *kept) {
    struct ht_gov_kept **link = &box->first;
    while (*link != kept) link = &(*link)->next;
    *link = kept->next;
    box->count--;
}

static void delete_row(struct ht_ballot_box *box, const ht_hash32 *id) {
    struct saving *saving = calloc(1, sizeof *saving);
    if (saving == NULL) return;
    saving->is_delete = true;
    saving->row.id = *id;
    /* What stays on disk is judged again after the next start. */
    if (submit(box, saving, NULL) != HT_OK) free(saving);
}

static enum ht_err save(struct ht_ballot_admission *admission, struct ht_why *why) {
    const struct ht_gov_kept *kept = admission->kept;
    struct saving *saving = calloc(1, sizeof *saving);
    json_t *json = ht_gov_ballot_json(&kept->ballot);
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    enum ht_err err = HT_OK;
    if (saving == NULL || text == NULL) err = ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    if (err == HT_OK) {
        saving->admission = admission;
        saving->json = text;
        saving->row = (struct ht_gov_ballot_row){.id = kept->id,
                                                 .governor = kept->ballot.domain.contract,
                                                 .voter = kept->ballot.voter,
                                                 .proposal = kept->ballot.proposal,
                                                 .created_at = kept->created_at,
                                                 .json = text};
        err = submit(admission->box, saving, why);
    }
    if (err != HT_OK) {
        free(text);
        free(saving);
    }
    return err;
}

/* --- taking in -------------------------------------------------------------------------------- */

static bool is_voters(const struct ht_gov_kept *kept, const struct ht_gov_ballot *ballot) {
    return is_of(kept, &ballot->domain.contract, &ballot->proposal) &&
           memcmp(kept->ballot.voter.b, ballot->voter.b, sizeof ballot->voter.b) == 0;
}

static struct ht_gov_kept *voters_own(const struct ht_ballot_box *box,
                                      const struct ht_gov_ballot *ballot) {
    struct ht_gov_kept *one = box->first;
    while (one != NULL && !is_voters(one, ballot)) one = one->next;
    return one;
}

static struct ht_gov_kept *least(const struct ht_ballot_box *box,
                                 const struct ht_gov_ballot *ballot, size_t *count) {
    struct ht_gov_kept *found = NULL;
    *count = 0;
    for (struct ht_gov_kept *one = box->first; one != NULL; one = one->next) {
        if (!is_of(one, &ballot->domain.contract, &ballot->proposal)) continue;
        (*count)++;
        if (found == NULL || ht_u256_compare(&one->weight, &found->weight) < 0) found = one;
    }
    return found;
}

/* Room by power: who has more goes before who has less. */
static enum ht_err make_room(struct ht_ballot_box *box, const struct ht_gov_kept *kept,
                             struct ht_why *why) {
    size_t count = 0;
    struct ht_gov_kept *own = voters_own(box, &kept->ballot);
    if (own != NULL && own->created_at > kept->created_at)
        return ht_fail(why, HT_ESTALE, "older_ballot", "a newer one of the voter's is here");
    if (own != NULL) return HT_OK;
    struct ht_gov_kept *last = least(box, &kept->ballot, &count);
    if (count < HT_BALLOTS_PER_PROPOSAL && box->count < HT_BALLOTS_MAX) return HT_OK;
    if (last == NULL || ht_u256_compare(&last->weight, &kept->weight) >= 0)
        return ht_fail(why, HT_ELIMIT, "box_full", "ballots of more power fill the box");
    unlink_kept(box, last);
    delete_row(box, &last->id);
    ht_gov_kept_free(last);
    return HT_OK;
}

/* It is on disk. */
static void take_in(struct ht_ballot_box *box, struct ht_gov_kept *kept) {
    struct ht_gov_kept **link = &box->first;
    while (*link != NULL && !is_voters(*link, &kept->ballot)) link = &(*link)->next;
    struct ht_gov_kept *old = *link;
    if (old != NULL) {
        *link = old->next;
        box->count--;
        ht_gov_kept_free(old);
    }
    while (*link != NULL) link = &(*link)->next;
    kept->next = NULL;
    *link = kept;
    box->count++;
}

static void run_next(struct ht_job *job) {
    struct ht_ballot_box *box =
        (struct ht_ballot_box *)((char *)job - offsetof(struct ht_ballot_box, job));
    box->is_posted = false;
    if (!box->is_quitting && box->admissions != NULL) ht_ballot_admit(box);
}

/* Not from within: many that are answered at once would lie one in the other. */
static void look_at_next(struct ht_ballot_box *box) {
    if (box->is_posted || box->is_looking || box->is_quitting || box->admissions == NULL) return;
    box->is_posted = true;
    box->job = (struct ht_job){.run = run_next};
    ht_loop_answer(box->governance->host->loop, &box->job);
}

static bool is_for_good(enum ht_err err) {
    return err == HT_EUNVERIFIED || err == HT_ESTALE || err == HT_EDENIED;
}

/* It was the first of those that wait. */
static void end(struct ht_ballot_admission *admission, enum ht_err err, const struct ht_why *why) {
    struct ht_ballot_box *box = admission->box;
    struct ht_gov_kept *kept = admission->kept;
    struct ht_why copy = why != NULL ? *why : (struct ht_why){0};
    box->admissions = admission->next;
    if (box->admissions == NULL) box->last = &box->admissions;
    box->waiting--;
    box->is_looking = false;
    if (is_for_good(err)) {
        box->refused[box->refused_at] = kept->id;
        box->refused_at = (box->refused_at + 1) % BALLOTS_REFUSED;
    }
    bool goes_back = err != HT_OK && admission->was_kept && !is_for_good(err);
    if (goes_back) {
        kept->state = HT_GOV_BALLOT_UNPROVEN;
        kept->why = copy;
        take_in(box, kept);
    } else if (err != HT_OK) {
        if (admission->was_kept) delete_row(box, &kept->id);
        ht_gov_kept_free(kept);
    }
    if (admission->told != NULL)
        admission->told(admission->user, err, &copy, err == HT_OK ? kept : NULL);
    if (err == HT_OK && !box->is_quitting)
        box->governance->host->publish(box->governance->host, "dao.changed");
    ht_gov_marks_fini(&admission->marks);
    free(admission);
    look_at_next(box);
}

void ht_ballot_admitted(struct ht_ballot_admission *admission, enum ht_err err,
                        const struct ht_why *why) {
    struct ht_why reason = why != NULL ? *why : (struct ht_why){0};
    if (err == HT_OK) err = make_room(admission->box, admission->kept, &reason);
    if (err == HT_OK) err = save(admission, &reason);
    if (err != HT_OK) end(admission, err, &reason);
}

/* --- offers ----------------------------------------------------------------------------------- */

static bool was_refused(const struct ht_ballot_box *box, const ht_hash32 *id) {
    for (size_t i = 0; i < BALLOTS_REFUSED; i++)
        if (ht_hash32_equal(&box->refused[i], id)) return true;
    return false;
}

static enum ht_err check_offer(const struct ht_ballot_box *box, const struct ht_gov_kept *kept,
                               struct ht_why *why) {
    const struct ht_governance *governance = box->governance;
    const struct ht_gov_ballot *ballot = &kept->ballot;
    const struct ht_community *community = ht_community_find(governance, &ballot->domain.contract);
    if (box->is_quitting) return ht_fail(why, HT_EAGAIN, "stopping", "the node stops");
    if (was_refused(box, &kept->id))
        return ht_fail(why, HT_EDENIED, "refused_before", "it was looked at and refused before");
    if (community == NULL)
        return ht_fail(why, HT_ENOTFOUND, "no_such_community", "the community is not followed");
    if (ht_gov_item_find(community, &ballot->proposal) == NULL)
        return ht_fail(why, HT_ENOTFOUND, "no_such_proposal", "the proposal is not known");
    if (ballot->domain.chain_id != governance->host->network->chain_id)
        return ht_fail(why, HT_EUNVERIFIED, "wrong_domain", "it is for another chain");
    if (box->waiting >= HT_BALLOTS_WAITING)
        return ht_fail(why, HT_ELIMIT, "box_full", "%u ballots wait to be looked at",
                       HT_BALLOTS_WAITING);
    /* Signatures of accounts cost nothing to check; others are asked of contracts later. */
    enum ht_err err = ht_gov_ballot_check(ballot, why);
    bool may_be_contracts = ht_gov_ballot_may_be_contracts(ballot->form) &&
                            ht_gov_ballot_check_support(ballot, NULL) == HT_OK;
    return err == HT_EUNVERIFIED && may_be_contracts ? HT_OK : err;
}

static void add(struct ht_ballot_box *box, struct ht_ballot_admission *admission) {
    *box->last = admission;
    box->last = &admission->next;
    box->waiting++;
    look_at_next(box);
}

void ht_ballot_box_again(struct ht_ballot_box *box, struct ht_gov_kept *kept, ht_ballot_told told,
                         void *user) {
    struct ht_why why = {0};
    struct ht_ballot_admission *admission = calloc(1, sizeof *admission);
    if (admission == NULL) {
        told(user, ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory"), &why, NULL);
        return;
    }
    unlink_kept(box, kept);
    *admission = (struct ht_ballot_admission){
        .box = box, .kept = kept, .was_kept = true, .told = told, .user = user};
    add(box, admission);
}

void ht_ballot_box_offer(struct ht_governance *governance, const json_t *ballot, int64_t created_at,
                         ht_ballot_told told, void *user) {
    struct ht_ballot_box *box = governance->ballots;
    struct ht_why why = {0};
    struct ht_gov_kept *kept = NULL;
    struct ht_ballot_admission *admission = calloc(1, sizeof *admission);
    enum ht_err err = admission != NULL ? ht_gov_kept_new(&kept, ballot, created_at, &why)
                                        : ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    struct ht_gov_kept *here = err == HT_OK ? ht_ballot_box_find(governance, &kept->id) : NULL;
    if (err == HT_OK && here == NULL) err = check_offer(box, kept, &why);
    if (err != HT_OK || here != NULL) {
        if (told != NULL) told(user, err, &why, err == HT_OK ? here : NULL);
        ht_gov_kept_free(kept);
        free(admission);
        return;
    }
    *admission = (struct ht_ballot_admission){.box = box, .kept = kept, .told = told, .user = user};
    add(box, admission);
}

/* --- listening -------------------------------------------------------------------------------- */

static bool has_tag(const json_t *tags) {
    for (size_t i = 0; i < json_array_size(tags); i++) {
        const json_t *tag = json_array_get(tags, i);
        const char *name = json_string_value(json_array_get(tag, 0));
        const char *text = json_string_value(json_array_get(tag, 1));
        if (name != NULL && text != NULL && strcmp(name, "d") == 0)
            return ht_gov_ballot_is_tag(ht_bytes_str(text));
    }
    return false;
}

static void heard(struct ht_feed_listener *listener, const struct ht_feed_event *event) {
    struct ht_ballot_box *box =
        (struct ht_ballot_box *)((char *)listener - offsetof(struct ht_ballot_box, listener));
    json_t *ballot = NULL;
    if (box->is_quitting || !has_tag(event->tags)) return;
    if (ht_json_parse(&ballot, event->content, HT_GOV_BALLOT_JSON_MAX, NULL) != HT_OK) return;
    ht_ballot_box_offer(box->governance, ballot, event->created_at, NULL, NULL);
    json_decref(ballot);
}

void ht_ballot_box_on_head(struct ht_governance *governance) {
    struct ht_ballot_box *box = governance->ballots;
    const struct ht_feed *feed = ht_gov_feed(governance);
    if (box == NULL || box->is_listening || feed == NULL) return;
    box->is_listening = true;
    box->listener = (struct ht_feed_listener){.kind = HT_GOV_BALLOT_KIND, .event = heard};
    feed->listen(feed->self, &box->listener);
}

/* --- begin and end ---------------------------------------------------------------------------- */

/* What was judged before the last stop was good then. */
static enum ht_err load_one(void *user, const struct ht_gov_ballot_row *row) {
    struct ht_ballot_box *box = user;
    struct ht_gov_kept *kept = NULL;
    json_t *json = NULL;
    if (ht_json_parse(&json, ht_bytes_str(row->json), HT_GOV_BALLOT_JSON_MAX, NULL) == HT_OK &&
        ht_gov_kept_new(&kept, json, row->created_at, NULL) == HT_OK) {
        kept->next = box->first;
        box->first = kept;
        box->count++;
    }
    json_decref(json);
    return HT_OK;
}

enum ht_err ht_ballot_box_new(struct ht_governance *governance, sqlite3 *db, struct ht_why *why) {
    struct ht_ballot_box *box = calloc(1, sizeof *box);
    if (box == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    box->governance = governance;
    box->last = &box->admissions;
    governance->ballots = box;
    ht_ballot_box_on_head(governance);
    return ht_gov_ballot_sql_load(db, load_one, box, why);
}

void ht_ballot_box_quit(struct ht_governance *governance) {
    struct ht_ballot_box *box = governance->ballots;
    struct ht_why why = {0};
    if (box == NULL || box->is_quitting) return;
    box->is_quitting = true;
    /* The one that is being looked at will be answered; those behind it never begin. */
    struct ht_ballot_admission **from =
        box->is_looking && box->admissions != NULL ? &box->admissions->next : &box->admissions;
    struct ht_ballot_admission *one = *from;
    *from = NULL;
    box->last = from;
    while (one != NULL) {
        struct ht_ballot_admission *next = one->next;
        box->waiting--;
        enum ht_err err = ht_fail(&why, HT_EAGAIN, "stopping", "the node stops");
        if (one->told != NULL) one->told(one->user, err, &why, NULL);
        ht_gov_kept_free(one->kept);
        free(one);
        one = next;
    }
}

void ht_ballot_box_free(struct ht_governance *governance) {
    struct ht_ballot_box *box = governance->ballots;
    if (box == NULL) return;
    if (box->is_posted) (void)ht_loop_unpost(governance->host->loop, &box->job);
    while (box->admissions != NULL) {
        struct ht_ballot_admission *one = box->admissions;
        box->admissions = one->next;
        ht_gov_kept_free(one->kept);
        ht_gov_marks_fini(&one->marks);
        free(one);
    }
    while (box->first != NULL) {
        struct ht_gov_kept *one = box->first;
        box->first = one->next;
        ht_gov_kept_free(one);
    }
    free(box);
    governance->ballots = NULL;
}
