/* Rumors of private messages, one a line, after the first byte that says whose index it is:
 * whatever they say, the counts hold, answers are made, no time is far ahead, and each is there
 * once. */
#include <stdlib.h>

#include "node/nostr/event.h"
#include "social/messages/messages_index_json.h"

#define NOW INT64_C(1780000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void zeros(void *self, uint8_t *out, size_t n) {
    (void)self;
    memset(out, 0, n);
}

static void add(struct ht_message_index *index, ht_bytes line, size_t number) {
    struct ht_event rumor;
    struct ht_arena arena;
    enum ht_message_put put;
    ht_arena_init(&arena, HT_EVENT_ARENA(line.n));
    if (ht_event_read(&rumor, &arena, line, NULL) == HT_OK) {
        const struct ht_message_wrap wrap = {
            .id = {{(uint8_t)number}}, .created_at = NOW - 100, .expires = INT64_MAX};
        size_t before = ht_message_index_count(index);
        must(ht_message_index_add(&put, index, &rumor, &wrap, NOW) == HT_OK);
        must(ht_message_index_count(index) == before + (put == HT_MESSAGE_ADDED));
        enum ht_message_put again;
        must(ht_message_index_add(&again, index, &rumor, &wrap, NOW) == HT_OK);
        must(again == (put == HT_MESSAGE_ADDED ? HT_MESSAGE_KNOWN : put));
    }
    ht_arena_fini(&arena);
}

/* Every message of every conversation is told, none twice. */
static void check_answers(const struct ht_message_index *index) {
    bool is_complete = false;
    json_t *list = ht_message_index_conversations(&is_complete, index), *row, *one;
    size_t i, k, told = 0;
    must(list != NULL);
    json_array_foreach(list, i, row) {
        const json_t *others = json_object_get(row, "others");
        must(json_integer_value(json_object_get(row, "at")) <= NOW + HT_MESSAGE_AHEAD_S);
        if (json_array_size(others) > 0) continue;
        ht_hash32 key;
        const char *with = json_string_value(json_object_get(row, "with"));
        must(ht_event_hex32(&key, ht_bytes_str(with)));
        bool is_whole = false;
        json_t *messages = ht_message_index_messages(&is_whole, index, &key, INT64_MAX, SIZE_MAX);
        must(messages != NULL && json_array_size(messages) > 0);
        json_int_t last = INT64_MAX;
        json_array_foreach(messages, k, one) {
            json_int_t at = json_integer_value(json_object_get(one, "at"));
            must(at <= last);
            last = at;
            told++;
        }
        json_decref(messages);
    }
    must(told <= ht_message_index_count(index));
    json_decref(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    const struct ht_random random = {.fill = zeros};
    struct ht_message_index *index = NULL;
    if (n < 2) return 0;
    const ht_hash32 owner = {{data[0]}};
    must(ht_message_index_new(&index, &owner, &random) == HT_OK);
    ht_bytes rest = ht_bytes_of(data + 1, n - 1);
    for (size_t number = 0; rest.n > 0; number++) {
        const uint8_t *end = memchr(rest.p, '\n', rest.n);
        size_t line = end != NULL ? (size_t)(end - rest.p) : rest.n;
        add(index, ht_bytes_of(rest.p, line), number);
        size_t used = end != NULL ? line + 1 : line;
        rest = ht_bytes_of(rest.p + used, rest.n - used);
    }
    must(ht_message_index_unread(index) <= ht_message_index_count(index));
    check_answers(index);
    (void)ht_message_index_expire(index, NOW + 1000);
    check_answers(index);
    (void)ht_message_index_expire(index, INT64_MAX - 1);
    const ht_hash32 gone = {{0}};
    ht_message_index_drop(index, &gone, 1);
    check_answers(index);
    ht_message_index_free(index);
    return 0;
}
