/* What was pasted of snapshot.org, as it is shown: items found, checked, votes counted. */
#include "governance/snapshot/snapshot_read.h"

#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define NOTE                                                                                       \
    "Signatures and ids are checked here. Voting power comes from snapshot.org's own server, and " \
    "nobody can tell whether votes are missing."
#define TEXT_MAX 65536U
#define CHOICES_MAX 256U

struct reading {
    json_t *proposals, *votes, *others;
    size_t count;
};

/* --- one item --------------------------------------------------------------------------------- */

static json_t *text_of(const json_t *object, const char *key, size_t max) {
    const json_t *value = ht_json_member(object, key);
    if (!json_is_string(value)) return json_null();
    return ht_gov_text_json(ht_bytes_of(json_string_value(value), json_string_length(value)), max);
}

/* A copy, so that nothing of what was pasted can be changed from the answer. */
static json_t *value_of(const json_t *object, const char *key) {
    const json_t *value = ht_json_member(object, key);
    return value != NULL ? json_deep_copy(value) : json_null();
}

static json_t *choices_of(const json_t *message) {
    size_t i;
    json_t *choice, *list = json_array();
    json_array_foreach((json_t *)ht_json_member(message, "choices"), i, choice) {
        if (i == CHOICES_MAX || !json_is_string(choice)) break;
        (void)json_array_append_new(
            list, ht_gov_text_json(
                      ht_bytes_of(json_string_value(choice), json_string_length(choice)), 512));
    }
    return list;
}

/* "id", "signature", "code", "why", "from", "space", "timestamp". */
static json_t *head_json(const json_t *id, const json_t *from, const char *signature,
                         const struct ht_why *why, const json_t *message) {
    bool has_why = why != NULL;
    return json_pack("{s:O, s:s, s:o, s:o, s:O, s:o, s:o}", "id", id, "signature", signature,
                     "code", has_why ? json_string(why->code) : json_null(), "why",
                     has_why ? json_string(why->text) : json_null(), "from", from, "space",
                     text_of(message, "space", 256), "timestamp", value_of(message, "timestamp"));
}

static bool add_to(json_t *list, json_t *head, json_t *more) {
    bool is_good = head != NULL && more != NULL && json_object_update(head, more) == 0;
    json_decref(more);
    if (is_good) return json_array_append_new(list, head) == 0;
    json_decref(head);
    return false;
}

static bool add_proposal(struct reading *reading, json_t *head, const json_t *message) {
    json_t *choices = choices_of(message), *votes = json_array();
    for (size_t i = 0; i < json_array_size(choices); i++)
        (void)json_array_append_new(votes, json_integer(0));
    return add_to(reading->proposals, head,
                  json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i}", "type",
                            text_of(message, "type", 64), "title", text_of(message, "title", 512),
                            "body", text_of(message, "body", TEXT_MAX), "choices", choices, "start",
                            value_of(message, "start"), "end", value_of(message, "end"), "snapshot",
                            value_of(message, "snapshot"), "votes", votes, "voters", 0));
}

static bool add_vote(struct reading *reading, json_t *head, const json_t *message,
                     json_t *proposal) {
    return add_to(reading->votes, head,
                  json_pack("{s:o, s:o, s:o, s:b}", "proposal", proposal, "choice",
                            value_of(message, "choice"), "reason",
                            text_of(message, "reason", TEXT_MAX), "replaced", false));
}

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err add_item(struct reading *reading, const struct ht_snapshot_item *item,
                            struct ht_why *why) {
    bool is_valid = item->err == HT_OK, is_good = false;
    json_t *id = item->has_id ? ht_gov_hex_json(ht_bytes_of(item->id.b, 32)) : json_null();
    json_t *from = ht_address_json(&item->from);
    json_t *head = head_json(id, from, is_valid ? "valid" : "invalid", is_valid ? NULL : &item->why,
                             item->message);
    json_decref(id);
    json_decref(from);
    switch (item->kind) {
    case HT_SNAPSHOT_PROPOSAL: is_good = add_proposal(reading, head, item->message); break;
    case HT_SNAPSHOT_VOTE:
        is_good = add_vote(reading, head, item->message, text_of(item->message, "proposal", 128));
        break;
    case HT_SNAPSHOT_OTHER:
        is_good = add_to(
            reading->others, head,
            json_pack("{s:s, s:o}", "kind", item->type, "message", json_deep_copy(item->message)));
        break;
    }
    return is_good ? HT_OK : no_memory(why);
}

/* As their GraphQL gives it, without a signature. */
static enum ht_err add_unsigned(struct reading *reading, const json_t *object, struct ht_why *why) {
    bool is_vote = ht_json_member(object, "voter") != NULL;
    const json_t *space = ht_json_member(ht_json_member(object, "space"), "id");
    json_t *id = text_of(object, "id", 128);
    json_t *from = text_of(object, is_vote ? "voter" : "author", 64);
    json_t *message = json_copy((json_t *)object);
    bool is_good = false;
    if (space != NULL) (void)json_object_set(message, "space", (json_t *)space);
    (void)json_object_set(message, "timestamp", (json_t *)ht_json_member(object, "created"));
    json_t *head = head_json(id, from, "absent", NULL, message);
    if (is_vote) {
        const json_t *proposal = ht_json_member(object, "proposal");
        is_good = add_vote(reading, head, message,
                           json_is_object(proposal) ? text_of(proposal, "id", 128)
                                                    : text_of(object, "proposal", 128));
    } else {
        is_good = add_proposal(reading, head, message);
    }
    json_decref(id);
    json_decref(from);
    json_decref(message);
    return is_good ? HT_OK : no_memory(why);
}

/* --- finding items ---------------------------------------------------------------------------- */

static bool is_unsigned(const json_t *object) {
    return json_is_string(ht_json_member(object, "id")) &&
           (ht_json_member(object, "voter") != NULL || (ht_json_member(object, "author") != NULL &&
                                                        ht_json_member(object, "choices") != NULL));
}

static enum ht_err add_one(struct reading *reading, const json_t *object, struct ht_why *why) {
    struct ht_snapshot_item item;
    if (reading->count++ == HT_SNAPSHOT_ITEMS_MAX)
        return ht_fail(why, HT_ELIMIT, "snapshot_too_large", "at most %u items are read at once",
                       HT_SNAPSHOT_ITEMS_MAX);
    if (is_unsigned(object)) return add_unsigned(reading, object, why);
    enum ht_err err = ht_snapshot_check(&item, object, why);
    return err == HT_OK ? add_item(reading, &item, why) : err;
}

static enum ht_err add_all(struct reading *reading, const json_t *value, struct ht_why *why) {
    size_t i;
    json_t *one;
    if (!json_is_array(value)) return add_one(reading, value, why);
    enum ht_err err = HT_OK;
    json_array_foreach((json_t *)value, i, one) {
        if (err == HT_OK) err = add_one(reading, one, why);
    }
    return err;
}

/* An envelope has "data" as well, in which there are types. */
static bool is_envelope(const json_t *object) {
    return ht_json_member(ht_json_member(object, "data"), "types") != NULL;
}

static enum ht_err find_items(struct reading *reading, const json_t *pasted, struct ht_why *why) {
    static const char *const KEYS[] = {"proposal", "proposals", "votes"};
    const json_t *data = ht_json_member(pasted, "data");
    if (json_is_array(pasted)) return add_all(reading, pasted, why);
    if (is_envelope(pasted) || is_unsigned(pasted)) return add_one(reading, pasted, why);
    if (data != NULL) pasted = data;
    if (json_is_array(pasted)) return add_all(reading, pasted, why);
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < sizeof KEYS / sizeof KEYS[0]; i++) {
        const json_t *value = ht_json_member(pasted, KEYS[i]);
        if (json_is_object(value) || json_is_array(value)) err = add_all(reading, value, why);
    }
    if (err == HT_OK && reading->count == 0)
        err = ht_fail(why, HT_EINPUT, "snapshot_form", "this is nothing of snapshot.org's");
    return err;
}

/* --- counting --------------------------------------------------------------------------------- */

static bool same_text(const json_t *a, const json_t *b, const char *key) {
    const json_t *x = ht_json_member(a, key), *y = ht_json_member(b, key);
    return x != NULL && y != NULL && json_equal((json_t *)x, (json_t *)y) == 1;
}

static bool is_valid(const json_t *item) {
    const char *signature = json_string_value(ht_json_member(item, "signature"));
    return signature != NULL && strcmp(signature, "valid") == 0;
}

static json_int_t time_of(const json_t *vote) {
    return json_integer_value(ht_json_member(vote, "timestamp"));
}

/* Does a newer one of the same voter stand in its place? The same twice counts once. */
static bool is_replaced(const json_t *votes, size_t at) {
    size_t i;
    json_t *other;
    const json_t *vote = json_array_get(votes, at);
    json_array_foreach((json_t *)votes, i, other) {
        if (i == at || !is_valid(other) || !same_text(vote, other, "from") ||
            !same_text(vote, other, "proposal"))
            continue;
        if (time_of(other) > time_of(vote) || (time_of(other) == time_of(vote) && i < at))
            return true;
    }
    return false;
}

static void count_vote(json_t *proposals, const json_t *vote) {
    size_t i;
    json_t *proposal;
    json_array_foreach(proposals, i, proposal) {
        const json_t *id = ht_json_member(proposal, "id");
        const json_t *of = ht_json_member(vote, "proposal");
        const json_t *choice = ht_json_member(vote, "choice");
        json_t *votes = json_object_get(proposal, "votes"), *count;
        if (!json_is_string(id) || json_equal((json_t *)id, (json_t *)of) != 1) continue;
        count = json_object_get(proposal, "voters");
        (void)json_integer_set(count, json_integer_value(count) + 1);
        json_int_t option = json_is_integer(choice) ? json_integer_value(choice) : 0;
        if (option < 1 || (size_t)option > json_array_size(votes)) return;
        count = json_array_get(votes, (size_t)option - 1);
        (void)json_integer_set(count, json_integer_value(count) + 1);
        return;
    }
}

static void count_votes(struct reading *reading) {
    size_t i;
    json_t *vote;
    json_array_foreach(reading->votes, i, vote) {
        bool replaced = is_replaced(reading->votes, i);
        (void)json_object_set_new(vote, "replaced", json_boolean(replaced));
        if (!replaced && is_valid(vote)) count_vote(reading->proposals, vote);
    }
}

enum ht_err ht_snapshot_read(json_t **out, const json_t *pasted, struct ht_why *why) {
    struct reading reading = {
        .proposals = json_array(), .votes = json_array(), .others = json_array()};
    bool is_good = reading.proposals != NULL && reading.votes != NULL && reading.others != NULL;
    enum ht_err err = is_good ? find_items(&reading, pasted, why) : no_memory(why);
    if (err == HT_OK) {
        count_votes(&reading);
        *out = json_pack("{s:O, s:O, s:O, s:s, s:s}", "proposals", reading.proposals, "votes",
                         reading.votes, "others", reading.others, "weights", "unverified", "note",
                         NOTE);
        if (*out == NULL) err = no_memory(why);
    }
    json_decref(reading.proposals);
    json_decref(reading.votes);
    json_decref(reading.others);
    return err;
}
