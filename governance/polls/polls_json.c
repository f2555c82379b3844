/* Polls as they are shown. */
#include "governance/polls/polls_json.h"

#include <stdlib.h>

#include "governance/feed_event.h"
#include "governance/polls/polls_want.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

bool ht_polls_owner(const struct ht_governance *governance, ht_hash32 *out) {
    const struct ht_feed *feed = ht_gov_feed(governance);
    return feed != NULL && feed->owner(feed->self, out);
}

static bool is_owner(const struct ht_governance *governance, const ht_hash32 *pubkey) {
    ht_hash32 owner;
    return ht_polls_owner(governance, &owner) && ht_hash32_equal(&owner, pubkey);
}

/* "author", its name and distance. */
static json_t *author_json(const struct ht_governance *governance, const ht_hash32 *pubkey) {
    const struct ht_trust *trust = ht_gov_trust(governance);
    struct ht_trust_person person = {.distance = HT_TRUST_FAR};
    if (trust != NULL) (void)trust->person(trust->self, pubkey, &person);
    bool has_name = person.name[0] != '\0', is_far = person.distance == HT_TRUST_FAR;
    return json_pack("{s:o, s:o, s:o, s:b}", "author", ht_gov_event_id_json(pubkey), "name",
                     has_name ? ht_gov_text_json(ht_bytes_str(person.name), sizeof person.name)
                              : json_null(),
                     "distance", is_far ? json_null() : json_integer(person.distance), "is_mine",
                     is_owner(governance, pubkey));
}

static json_t *gate_json(const struct ht_poll *poll) {
    json_t *attesters = json_array();
    for (size_t i = 0; i < poll->attester_count; i++)
        (void)json_array_append_new(attesters, ht_address_json(&poll->attesters[i]));
    bool is_open = poll->gate == HT_POLL_OPEN;
    bool has_schema = poll->gate == HT_POLL_ATTESTATION;
    return json_pack("{s:s, s:o, s:o, s:o}", "kind", ht_poll_gate_name(poll->gate), "contract",
                     is_open ? json_null() : ht_address_json(&poll->contract), "schema",
                     has_schema ? ht_gov_hex_json(ht_bytes_of(poll->schema.b, 32)) : json_null(),
                     "attesters", attesters);
}

static const char *state_of(const struct ht_governance *governance, const struct ht_poll *poll) {
    const struct ht_host *host = governance->host;
    const struct ht_exec_header_verified *head = ht_chain_head(host->chain);
    const struct ht_exec_header_verified *final = ht_chain_finalized(host->chain);
    if (poll->chain_id != host->network->chain_id) return "other_chain";
    if (final != NULL && final->header.number >= poll->closing_block) return "closed";
    return head != NULL && head->header.number >= poll->closing_block ? "ended" : "open";
}

/* Seconds; 0 when nothing can be said. */
static uint64_t closes_s(const struct ht_governance *governance, const struct ht_poll *poll) {
    const struct ht_host *host = governance->host;
    const struct ht_exec_header_verified *head = ht_chain_head(host->chain);
    uint64_t slot_ms =
        host->network->slot_duration_ms > 0 ? host->network->slot_duration_ms : 12000;
    if (head == NULL || poll->chain_id != host->network->chain_id) return 0;
    uint64_t number = head->header.number, time_s = head->header.timestamp;
    if (poll->closing_block >= number) {
        uint64_t blocks = poll->closing_block - number;
        return blocks > UINT32_MAX ? 0 : time_s + blocks * slot_ms / 1000;
    }
    uint64_t before_s = (number - poll->closing_block) * slot_ms / 1000;
    return before_s < time_s ? time_s - before_s : 0;
}

static json_t *options_json(const struct ht_poll *poll) {
    json_t *options = json_array();
    for (size_t i = 0; i < poll->option_count; i++) {
        json_t *label = ht_gov_text_json(ht_bytes_str(poll->options[i]), sizeof poll->options[i]);
        (void)json_array_append_new(options, label);
    }
    return options;
}

json_t *ht_polls_poll_json(const struct ht_governance *governance, const struct ht_poll *poll) {
    json_t *author = author_json(governance, &poll->author);
    json_t *out = json_pack(
        "{s:o, s:O, s:O, s:O, s:O, s:o, s:o, s:s, s:o, s:I, s:I, s:I, s:I, s:s, s:I}", "id",
        ht_gov_event_id_json(&poll->id), "author", ht_json_member(author, "author"), "author_name",
        ht_json_member(author, "name"), "distance", ht_json_member(author, "distance"), "is_mine",
        ht_json_member(author, "is_mine"), "question",
        ht_gov_text_json(ht_bytes_str(poll->question), sizeof poll->question), "options",
        options_json(poll), "method", ht_poll_method_name(poll->method), "gate", gate_json(poll),
        "chain_id", (json_int_t)poll->chain_id, "snapshot_block", (json_int_t)poll->snapshot_block,
        "closing_block", (json_int_t)poll->closing_block, "made_s", (json_int_t)poll->created_at,
        "state", state_of(governance, poll), "closes_s", (json_int_t)closes_s(governance, poll));
    json_decref(author);
    return out;
}

/* --- a poll that was counted ------------------------------------------------------------------ */

static json_t *list_json(const struct ht_poll *poll, const struct ht_poll_ballot *ballot,
                         bool is_shares) {
    json_t *list = json_array();
    size_t count = is_shares ? poll->option_count : ballot->choice_count;
    for (size_t i = 0; i < count; i++) {
        json_int_t value = is_shares ? (json_int_t)ballot->share[i] : (json_int_t)ballot->choice[i];
        (void)json_array_append_new(list, json_integer(value));
    }
    return list;
}

/* Ballots come newest first. */
static json_t *my_ballot_json(const struct ht_poll_job *job) {
    static const char *const STANDINGS[] = {"unproven", "counts", "refused"};
    ht_hash32 owner;
    if (!ht_polls_owner(job->governance, &owner)) return json_null();
    for (size_t i = 0; i < job->count; i++) {
        const struct ht_poll_ballot *ballot = &job->ballots[i];
        const struct ht_poll_weight *weight = &job->weights[i];
        bool is_weighted = job->poll.method == HT_POLL_WEIGHTED;
        bool is_late = job->has_closing && ballot->created_at > (int64_t)job->closing_s;
        const char *why = is_late ? "late" : weight->why;
        if (!ht_hash32_equal(&ballot->author, &owner)) continue;
        return json_pack("{s:o, s:o, s:o, s:I, s:s, s:o}", "id", ht_gov_event_id_json(&ballot->id),
                         "choice", list_json(&job->poll, ballot, false), "shares",
                         is_weighted ? list_json(&job->poll, ballot, true) : json_null(), "at_s",
                         (json_int_t)ballot->created_at, "standing",
                         is_late ? "refused" : STANDINGS[weight->standing], "why",
                         why[0] != '\0' ? json_string(why) : json_null());
    }
    return json_null();
}

bool ht_polls_root(const char **out, const struct ht_poll_job *job) {
    *out = json_string_value(ht_json_member(job->result, "root"));
    return *out != NULL;
}

/* The content of a root's event: a new reference, NULL when it is none. */
static json_t *read_root(const json_t *event, ht_hash32 *author) {
    ht_bytes content, text;
    json_t *root = NULL;
    ht_hash32 hash;
    if (ht_json_str(&text, event, "pubkey", NULL) != HT_OK || !ht_event_hex32(author, text) ||
        ht_json_str(&content, event, "content", NULL) != HT_OK ||
        ht_json_parse(&root, content, 4096, NULL) != HT_OK)
        return NULL;
    uint64_t counted;
    if (ht_json_hex(hash.b, sizeof hash.b, root, "root", NULL) == HT_OK &&
        ht_json_u64(&counted, root, "counted", NULL) == HT_OK)
        return root;
    json_decref(root);
    return NULL;
}

static json_t *root_json(const struct ht_poll_job *job, const json_t *event) {
    const char *ours = "";
    ht_hash32 author;
    json_t *content = read_root(event, &author);
    if (content == NULL) return NULL;
    const char *theirs = json_string_value(ht_json_member(content, "root"));
    json_t *out = author_json(job->governance, &author);
    bool is_same = ht_polls_root(&ours, job) && strcmp(ours, theirs) == 0;
    if (json_object_set(out, "root", (json_t *)ht_json_member(content, "root")) != 0 ||
        json_object_set(out, "counted", (json_t *)ht_json_member(content, "counted")) != 0 ||
        json_object_set(out, "at_s", (json_t *)ht_json_member(event, "created_at")) != 0 ||
        json_object_set_new(out, "same", json_boolean(is_same)) != 0) {
        json_decref(out);
        out = NULL;
    }
    json_decref(content);
    return out;
}

static json_t *roots_json(const struct ht_poll_job *job) {
    size_t i;
    json_t *event, *list = json_array();
    json_array_foreach(job->roots, i, event) {
        json_t *root = root_json(job, event);
        if (root != NULL) (void)json_array_append_new(list, root);
    }
    return list;
}

bool ht_polls_has_told(const struct ht_poll_job *job) {
    size_t i;
    json_t *event;
    const char *ours;
    ht_hash32 author, owner;
    if (!ht_polls_root(&ours, job) || !ht_polls_owner(job->governance, &owner)) return false;
    json_array_foreach(job->roots, i, event) {
        json_t *content = read_root(event, &author);
        const char *theirs = json_string_value(ht_json_member(content, "root"));
        bool is_it = content != NULL && theirs != NULL && strcmp(ours, theirs) == 0 &&
                     ht_hash32_equal(&author, &owner);
        json_decref(content);
        if (is_it) return true;
    }
    return false;
}

json_t *ht_polls_whole_json(const struct ht_poll_job *job) {
    json_t *out = ht_polls_poll_json(job->governance, &job->poll);
    bool has_why = job->block_why.code != NULL;
    json_t *more = json_pack(
        "{s:o, s:o, s:O, s:I, s:b, s:o, s:o, s:o, s:o}", "source",
        ht_polls_asked_json(job->governance->polls, &job->id), "my_ballot", my_ballot_json(job),
        "result", job->result, "malformed", (json_int_t)job->malformed, "is_complete",
        job->is_complete, "snapshot_s",
        job->has_snapshot ? json_integer((json_int_t)job->snapshot_s) : json_null(), "closing_s",
        job->has_closing ? json_integer((json_int_t)job->closing_s) : json_null(), "block_why",
        has_why ? json_string(job->block_why.text) : json_null(), "roots", roots_json(job));
    if (out == NULL || more == NULL || json_object_update(out, more) != 0) {
        json_decref(out);
        out = NULL;
    }
    json_decref(more);
    return out;
}
