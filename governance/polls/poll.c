/* Polls and ballots as events, both ways. Counting is poll_count.c. */
#include "governance/polls/poll.h"

#include "node/base/hex.h"

#define DIGITS_MAX 15U /* of block numbers and chain ids: below 2^53 */

static const char *const METHODS[] = {"single", "approval", "ranked", "weighted"};
static const char *const GATES[] = {"open", "token", "attestation"};

const char *ht_poll_method_name(enum ht_poll_method method) {
    return METHODS[method];
}

const char *ht_poll_gate_name(enum ht_poll_gate gate) {
    return GATES[gate];
}

static bool is_text(ht_bytes bytes, const char *text) {
    return ht_bytes_equal(bytes, ht_bytes_str(text));
}

bool ht_poll_method_of(enum ht_poll_method *out, ht_bytes name) {
    for (size_t i = 0; i < sizeof METHODS / sizeof METHODS[0]; i++) {
        if (!is_text(name, METHODS[i])) continue;
        *out = (enum ht_poll_method)i;
        return true;
    }
    return false;
}

bool ht_poll_gate_of(enum ht_poll_gate *out, ht_bytes name) {
    for (size_t i = 0; i < sizeof GATES / sizeof GATES[0]; i++) {
        if (!is_text(name, GATES[i])) continue;
        *out = (enum ht_poll_gate)i;
        return true;
    }
    return false;
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum ht_err bad(struct ht_why *why, const char *tag) {
    return ht_fail(why, HT_EINPUT, "bad_poll", "the poll's %s is missing, doubled or malformed",
                   tag);
}

static enum ht_err too_large(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_ELIMIT, "poll_too_large", "the poll has %s", what);
}

/* The only tag of that name; NULL when there is none or another one. */
static const struct ht_event_tag *only_tag(const struct ht_event *event, const char *name) {
    const struct ht_event_tag *found = NULL;
    for (size_t i = 0; i < event->tag_count; i++) {
        if (!is_text(event->tags[i].items[0], name)) continue;
        if (found != NULL) return NULL;
        found = &event->tags[i];
    }
    return found;
}

static bool has_topic(const struct ht_event *event) {
    for (size_t i = 0; i < event->tag_count; i++) {
        const struct ht_event_tag *tag = &event->tags[i];
        if (is_text(tag->items[0], "t") && is_text(ht_event_tag_item(tag, 1), HT_POLL_TOPIC))
            return true;
    }
    return false;
}

static bool read_number(uint64_t *out, ht_bytes text) {
    uint64_t value = 0;
    if (text.n == 0 || text.n > DIGITS_MAX || (text.n > 1 && text.p[0] == '0')) return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') return false;
        value = value * 10 + (uint64_t)(text.p[i] - '0');
    }
    *out = value;
    return true;
}

static bool read_hex(uint8_t *out, size_t n, ht_bytes text) {
    return text.n == 2 * n + 2 && text.p[0] == '0' && text.p[1] == 'x' &&
           ht_hex_read(out, n, text) == HT_OK;
}

static bool read_number_tag(uint64_t *out, const struct ht_event *event, const char *name) {
    const struct ht_event_tag *tag = only_tag(event, name);
    return tag != NULL && read_number(out, ht_event_tag_item(tag, 1));
}

/* Copies without a NUL inside; false when it does not fit or is empty. */
static bool copy_text(char *out, size_t size, ht_bytes text) {
    if (text.n == 0 || text.n >= size || memchr(text.p, 0, text.n) != NULL) return false;
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return true;
}

static bool is_option_id(ht_bytes id) {
    for (size_t i = 0; i < id.n; i++) {
        uint8_t c = id.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && (c < '0' || c > '9')) return false;
    }
    return id.n > 0;
}

static size_t find_option(const struct ht_poll *poll, ht_bytes id) {
    size_t i = 0;
    while (i < poll->option_count && !is_text(id, poll->option_ids[i])) i++;
    return i;
}

static enum ht_err read_options(struct ht_poll *poll, const struct ht_event *event,
                                struct ht_why *why) {
    for (size_t i = 0; i < event->tag_count; i++) {
        const struct ht_event_tag *tag = &event->tags[i];
        ht_bytes id = ht_event_tag_item(tag, 1), label = ht_event_tag_item(tag, 2);
        if (!is_text(tag->items[0], "option")) continue;
        if (poll->option_count == HT_POLL_OPTIONS_MAX) return too_large(why, "too many options");
        size_t at = poll->option_count;
        if (!is_option_id(id) || find_option(poll, id) < at) return bad(why, "option");
        if (id.n >= sizeof poll->option_ids[0] || label.n >= sizeof poll->options[0])
            return too_large(why, "an option that is too long");
        if (!copy_text(poll->option_ids[at], sizeof poll->option_ids[at], id) ||
            !copy_text(poll->options[at], sizeof poll->options[at], label))
            return bad(why, "option");
        poll->option_count++;
    }
    return HT_OK;
}

static enum ht_err read_gate(struct ht_poll *poll, const struct ht_event *event,
                             struct ht_why *why) {
    const struct ht_event_tag *tag = only_tag(event, "gate");
    if (tag == NULL || !ht_poll_gate_of(&poll->gate, ht_event_tag_item(tag, 1)))
        return bad(why, "gate");
    if (poll->gate == HT_POLL_OPEN) return HT_OK;
    if (!read_hex(poll->contract.b, sizeof poll->contract.b, ht_event_tag_item(tag, 2)))
        return bad(why, "gate");
    if (poll->gate == HT_POLL_TOKEN) return HT_OK;
    if (!read_hex(poll->schema.b, sizeof poll->schema.b, ht_event_tag_item(tag, 3)))
        return bad(why, "gate");
    if (tag->count > 4 + HT_POLL_ATTESTERS_MAX) return too_large(why, "too many attesters");
    for (size_t i = 4; i < tag->count; i++) {
        ht_addr20 *attester = &poll->attesters[poll->attester_count++];
        if (!read_hex(attester->b, sizeof attester->b, tag->items[i])) return bad(why, "gate");
    }
    return HT_OK;
}

/* Hints: one that is none is passed over. */
static void read_relays(struct ht_poll *poll, const struct ht_event *event) {
    for (size_t i = 0; i < event->tag_count && poll->relay_count < HT_POLL_RELAYS_MAX; i++) {
        ht_bytes url = ht_event_tag_item(&event->tags[i], 1);
        bool is_url =
            url.n > 6 && (memcmp(url.p, "wss://", 6) == 0 || memcmp(url.p, "ws://", 5) == 0);
        if (!is_text(event->tags[i].items[0], "relay") || !is_url) continue;
        if (copy_text(poll->relays[poll->relay_count], HT_POLL_RELAY_SIZE, url))
            poll->relay_count++;
    }
}

enum ht_err ht_poll_check(const struct ht_poll *poll, struct ht_why *why) {
    if (poll->option_count < 2) return bad(why, "list of at least two options");
    if (poll->gate == HT_POLL_ATTESTATION && poll->attester_count == 0)
        return bad(why, "list of attesters");
    if (poll->gate != HT_POLL_OPEN && poll->snapshot_block == 0) return bad(why, "snapshot block");
    if (poll->closing_block == 0 || poll->closing_block < poll->snapshot_block)
        return bad(why, "closing block");
    return HT_OK;
}

enum ht_err ht_poll_read(struct ht_poll *out, const struct ht_event *event, struct ht_why *why) {
    if (event->kind != HT_POLL_KIND || !has_topic(event))
        return ht_fail(why, HT_ENOTFOUND, "not_a_poll", "this event is no community poll");
    struct ht_poll poll = {
        .id = event->id, .author = event->pubkey, .created_at = event->created_at};
    const struct ht_event_tag *method = only_tag(event, "method");
    if (event->content.n >= sizeof poll.question) return too_large(why, "too long a question");
    if (!copy_text(poll.question, sizeof poll.question, event->content))
        return bad(why, "question");
    if (method == NULL || !ht_poll_method_of(&poll.method, ht_event_tag_item(method, 1)))
        return bad(why, "method");
    if (!read_number_tag(&poll.chain_id, event, "chain")) return bad(why, "chain");
    if (!read_number_tag(&poll.closing_block, event, "closes")) return bad(why, "closing block");
    enum ht_err err = read_gate(&poll, event, why);
    if (err != HT_OK) return err;
    bool has_snapshot = read_number_tag(&poll.snapshot_block, event, "snapshot");
    if (!has_snapshot && (poll.gate != HT_POLL_OPEN || only_tag(event, "snapshot") != NULL))
        return bad(why, "snapshot block");
    read_relays(&poll, event);
    err = read_options(&poll, event, why);
    if (err == HT_OK) err = ht_poll_check(&poll, why);
    if (err == HT_OK) *out = poll;
    return err;
}

/* --- ballots ---------------------------------------------------------------------------------- */

static enum ht_err bad_choice(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "bad_choice", "the ballot %s", what);
}

static bool has_chosen(const struct ht_poll_ballot *ballot, size_t option) {
    return memchr(ballot->choice, (int)option, ballot->choice_count) != NULL;
}

static enum ht_err read_response(struct ht_poll_ballot *ballot, const struct ht_poll *poll,
                                 const struct ht_event_tag *tag, struct ht_why *why) {
    uint64_t share = 0;
    size_t option = find_option(poll, ht_event_tag_item(tag, 1));
    if (option == poll->option_count) return bad_choice(why, "names an option that is not there");
    if (has_chosen(ballot, option)) return HT_OK;
    if (poll->method == HT_POLL_SINGLE && ballot->choice_count > 0) return HT_OK;
    ballot->choice[ballot->choice_count++] = (uint8_t)option;
    if (poll->method != HT_POLL_WEIGHTED) return HT_OK;
    if (!read_number(&share, ht_event_tag_item(tag, 2)) || share > HT_POLL_SHARE_MAX)
        return bad_choice(why, "has a share that is no number or too large");
    ballot->share[option] = (uint32_t)share;
    return HT_OK;
}

/* Does it refer to the poll, and to no other? */
static bool refers(const struct ht_event *event, const struct ht_poll *poll) {
    const struct ht_event_tag *tag = only_tag(event, "e");
    ht_hash32 id;
    return tag != NULL && ht_event_hex32(&id, ht_event_tag_item(tag, 1)) &&
           ht_hash32_equal(&id, &poll->id);
}

static enum ht_err read_attestation(struct ht_poll_ballot *ballot, const struct ht_event *event,
                                    struct ht_why *why) {
    if (ht_event_find_tag(event, "attestation") == NULL) return HT_OK;
    const struct ht_event_tag *tag = only_tag(event, "attestation");
    ballot->has_attestation = true;
    if (tag != NULL && read_hex(ballot->attestation.b, 32, ht_event_tag_item(tag, 1))) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_attestation",
                   "the ballot's attestation is doubled or no uid");
}

enum ht_err ht_poll_ballot_read(struct ht_poll_ballot *out, const struct ht_poll *poll,
                                const struct ht_event *event, struct ht_why *why) {
    if (event->kind != HT_POLL_BALLOT_KIND || !refers(event, poll))
        return ht_fail(why, HT_EINPUT, "not_this_poll", "this event is no ballot of the poll");
    struct ht_poll_ballot ballot = {
        .id = event->id, .author = event->pubkey, .created_at = event->created_at};
    enum ht_err err = read_attestation(&ballot, event, why);
    for (size_t i = 0; err == HT_OK && i < event->tag_count; i++) {
        if (!is_text(event->tags[i].items[0], "response")) continue;
        err = read_response(&ballot, poll, &event->tags[i], why);
    }
    if (err != HT_OK) return err;
    if (ballot.choice_count == 0) return bad_choice(why, "has no choice");
    uint64_t sum = 0;
    for (size_t i = 0; i < poll->option_count; i++) sum += ballot.share[i];
    if (poll->method == HT_POLL_WEIGHTED && sum == 0) return bad_choice(why, "gives no share");
    *out = ballot;
    return HT_OK;
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool add(json_t *tags, const char *name, const char *value, const char *more) {
    json_t *tag =
        more != NULL ? json_pack("[sss]", name, value, more) : json_pack("[ss]", name, value);
    return json_array_append_new(tags, tag) == 0;
}

static bool add_number(json_t *tags, const char *name, uint64_t value) {
    char text[HT_U256_DECIMAL_SIZE];
    ht_u256 wide = ht_u256_of(value);
    (void)ht_u256_to_decimal(text, &wide);
    return add(tags, name, text, NULL);
}

static void write_hex(char *out, const uint8_t *bytes, size_t n) {
    ht_hex_write(out, ht_bytes_of(bytes, n));
}

static bool add_gate(json_t *tags, const struct ht_poll *poll) {
    char text[HT_HEX_SIZE(32)];
    json_t *tag = json_pack("[ss]", "gate", ht_poll_gate_name(poll->gate));
    bool is_good = tag != NULL;
    if (is_good && poll->gate != HT_POLL_OPEN) {
        write_hex(text, poll->contract.b, sizeof poll->contract.b);
        is_good = json_array_append_new(tag, json_string(text)) == 0;
    }
    if (is_good && poll->gate == HT_POLL_ATTESTATION) {
        write_hex(text, poll->schema.b, sizeof poll->schema.b);
        is_good = json_array_append_new(tag, json_string(text)) == 0;
    }
    for (size_t i = 0; is_good && i < poll->attester_count; i++) {
        write_hex(text, poll->attesters[i].b, sizeof poll->attesters[i].b);
        is_good = json_array_append_new(tag, json_string(text)) == 0;
    }
    if (!is_good) {
        json_decref(tag);
        return false;
    }
    return json_array_append_new(tags, tag) == 0;
}

/* NULL unless all of it is there. */
static json_t *whole(json_t *tags, bool is_good) {
    if (is_good) return tags;
    json_decref(tags);
    return NULL;
}

json_t *ht_poll_tags(const struct ht_poll *poll) {
    json_t *tags = json_array();
    bool is_multiple = poll->method != HT_POLL_SINGLE;
    bool is_good = add(tags, "t", HT_POLL_TOPIC, NULL);
    for (size_t i = 0; is_good && i < poll->option_count; i++)
        is_good = add(tags, "option", poll->option_ids[i], poll->options[i]);
    is_good = is_good &&
              add(tags, "polltype", is_multiple ? "multiplechoice" : "singlechoice", NULL) &&
              add(tags, "method", ht_poll_method_name(poll->method), NULL) &&
              add_number(tags, "chain", poll->chain_id) && add_gate(tags, poll) &&
              add_number(tags, "closes", poll->closing_block);
    if (is_good && poll->snapshot_block > 0)
        is_good = add_number(tags, "snapshot", poll->snapshot_block);
    for (size_t i = 0; is_good && i < poll->relay_count; i++)
        is_good = add(tags, "relay", poll->relays[i], NULL);
    return whole(tags, is_good);
}

static bool add_response(json_t *tags, const struct ht_poll *poll,
                         const struct ht_poll_ballot *ballot, size_t option) {
    char share[HT_U256_DECIMAL_SIZE];
    ht_u256 wide = ht_u256_of(ballot->share[option]);
    (void)ht_u256_to_decimal(share, &wide);
    return add(tags, "response", poll->option_ids[option],
               poll->method == HT_POLL_WEIGHTED ? share : NULL);
}

json_t *ht_poll_ballot_tags(const struct ht_poll *poll, const struct ht_poll_ballot *ballot) {
    char text[HT_HEX_SIZE(32)];
    json_t *tags = json_array();
    write_hex(text, poll->id.b, sizeof poll->id.b);
    bool is_good = add(tags, "e", text + 2, NULL);
    for (size_t i = 0; is_good && i < ballot->choice_count; i++)
        is_good = add_response(tags, poll, ballot, ballot->choice[i]);
    if (is_good && ballot->has_attestation) {
        write_hex(text, ballot->attestation.b, sizeof ballot->attestation.b);
        is_good = add(tags, "attestation", text, NULL);
    }
    return whole(tags, is_good);
}
