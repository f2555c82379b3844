/* Polls, ballots and talk from events' tags and content: tags in front of the first zero, the
 * second tags behind it. What is read is written again and read as the same; anything counts. */
#include <stdlib.h>

#include "governance/polls/poll_count.h"
#include "governance/talk/talk_event.h"
#include "node/codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

/* Tags as an event has them; the texts are the JSON's. */
static bool make_event(struct ht_event *event, struct ht_arena *arena, const json_t *tags) {
    size_t i, k;
    json_t *tag, *item;
    struct ht_event_tag *list = ht_arena_alloc(arena, (json_array_size(tags) + 1) * sizeof *list);
    if (!json_is_array(tags) || list == NULL) return false;
    json_array_foreach((json_t *)tags, i, tag) {
        ht_bytes *items = ht_arena_alloc(arena, (json_array_size(tag) + 1) * sizeof *items);
        if (json_array_size(tag) == 0 || items == NULL) return false;
        json_array_foreach(tag, k, item) {
            if (!json_is_string(item)) return false;
            items[k] = ht_bytes_of(json_string_value(item), json_string_length(item));
        }
        list[i] = (struct ht_event_tag){.items = items, .count = json_array_size(tag)};
    }
    event->tags = list;
    event->tag_count = json_array_size(tags);
    return true;
}

static void count(const struct ht_poll *poll, const struct ht_poll_ballot *ballot) {
    struct ht_poll_weight weight = {.standing = HT_POLL_MAY_VOTE, .weight = ht_u256_of(3)};
    json_t *result = NULL;
    must(ht_poll_count(&result, poll, ballot, &weight, 1, INT64_MAX, NULL) == HT_OK);
    must(json_integer_value(json_object_get(result, "counted")) == 1);
    json_decref(result);
}

static void answer(const struct ht_poll *poll, struct ht_event *event, struct ht_arena *arena,
                   const json_t *tags) {
    struct ht_poll_ballot ballot, again;
    struct ht_why why = {.code = NULL};
    event->kind = HT_POLL_BALLOT_KIND;
    if (!make_event(event, arena, tags)) return;
    enum ht_err err = ht_poll_ballot_read(&ballot, poll, event, &why);
    must(err == HT_OK || why.code != NULL);
    if (err != HT_OK) return;
    json_t *written = ht_poll_ballot_tags(poll, &ballot);
    must(make_event(event, arena, written));
    must(ht_poll_ballot_read(&again, poll, event, NULL) == HT_OK);
    must(memcmp(again.choice, ballot.choice, sizeof ballot.choice) == 0);
    json_decref(written);
    count(poll, &ballot);
}

static void read_talk(struct ht_event *event) {
    struct ht_talk_item item;
    struct ht_why why = {.code = NULL};
    event->kind = HT_TALK_KIND;
    enum ht_err err = ht_talk_read(&item, event, &why);
    must(err == HT_OK || why.code != NULL);
    event->kind = HT_TALK_STATEMENT_KIND;
    err = ht_talk_read(&item, event, &why);
    must(err == HT_OK || why.code != NULL);
}

static void ask(struct ht_event *event, struct ht_arena *arena, const json_t *tags,
                const json_t *answers) {
    struct ht_poll poll, again;
    struct ht_why why = {.code = NULL};
    if (!make_event(event, arena, tags)) return;
    read_talk(event);
    event->kind = HT_POLL_KIND;
    enum ht_err err = ht_poll_read(&poll, event, &why);
    must(err == HT_OK || why.code != NULL);
    if (err != HT_OK) return;
    json_t *written = ht_poll_tags(&poll);
    must(make_event(event, arena, written));
    must(ht_poll_read(&again, event, NULL) == HT_OK);
    must(again.option_count == poll.option_count && again.closing_block == poll.closing_block);
    json_decref(written);
    answer(&poll, event, arena, answers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_event event = {.content = ht_bytes_str("a question")};
    struct ht_arena arena;
    json_t *tags = NULL, *answers = NULL;
    const uint8_t *zero = n > 0 ? memchr(data, 0, n) : NULL;
    if (zero == NULL) return 0;
    size_t tags_n = (size_t)(zero - data);
    if (ht_json_parse(&tags, ht_bytes_of(data, tags_n), 1 << 16, NULL) != HT_OK) return 0;
    if (ht_json_parse(&answers, ht_bytes_of(zero + 1, n - tags_n - 1), 1 << 16, NULL) != HT_OK)
        answers = json_array();
    ht_arena_init(&arena, 1 << 22);
    ask(&event, &arena, tags, answers);
    ht_arena_fini(&arena);
    json_decref(tags);
    json_decref(answers);
    return 0;
}
