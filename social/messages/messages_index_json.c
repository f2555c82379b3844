/* The index of messages as answers: conversations, and the messages of one. */
#include "social/messages/messages_index_json.h"

#include <stdlib.h>

#include "node/base/hex.h"
#include "social/messages/messages_index_impl.h"

#define LAST_MAX 200U /* bytes of a text that stand in the list */
#define SHOWN_BYTES                                                                   \
    ((size_t)640 << 10)     /* of texts as JSON, so that the answer is no longer than \
                               answers may be */
#define MESSAGE_FIELDS 400U /* bytes of a message's other fields */

static json_t *key_json(const ht_hash32 *key) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, HT_BYTES(key->b));
    return json_string(text + 2);
}

/* As much as fits, cut between characters. */
static json_t *cut_json(const char *text, size_t n) {
    if (n > LAST_MAX) {
        n = LAST_MAX;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80) n--;
    }
    return json_stringn(text, n);
}

/* --- conversations ---------------------------------------------------------------------------- */

static json_t *conversation_json(const struct ht_message_index *index,
                                 const struct ht_conversation *one) {
    const struct ht_message *last = one->list[0];
    const struct ht_parties *parties = &one->parties;
    json_t *others = json_array();
    for (size_t i = 1; i < parties->count; i++) {
        (void)json_array_append_new(others, key_json(&parties->list[i]));
    }
    const ht_hash32 *with = parties->count > 0 ? &parties->list[0] : &index->owner;
    return json_pack("{s:o, s:o, s:n, s:o, s:I, s:I}", "with", key_json(with), "others", others,
                     "name", "last", cut_json(last->text, last->n), "at", (json_int_t)last->at,
                     "unread", (json_int_t)one->unread);
}

static int compare_newest(const void *a, const void *b) {
    const struct ht_conversation *x = *(const struct ht_conversation *const *)a;
    const struct ht_conversation *y = *(const struct ht_conversation *const *)b;
    if (x->list[0]->at != y->list[0]->at) return x->list[0]->at > y->list[0]->at ? -1 : 1;
    return memcmp(x->key.b, y->key.b, sizeof x->key.b);
}

json_t *ht_message_index_conversations(bool *is_complete, const struct ht_message_index *index) {
    const struct ht_conversation **all =
        malloc((index->conversation_count + 1) * sizeof(struct ht_conversation *));
    json_t *list = json_array();
    size_t count = 0;
    if (all == NULL || list == NULL) {
        free(all);
        json_decref(list);
        return NULL;
    }
    for (size_t i = 0; i < HT_CONVERSATION_PLACES; i++) {
        const struct ht_conversation *one = index->conversations[i];
        for (; one != NULL; one = one->next) all[count++] = one;
    }
    qsort(all, count, sizeof *all, compare_newest);
    *is_complete = count <= HT_CONVERSATIONS_SHOWN_MAX;
    int failed = 0;
    for (size_t i = 0; i < count && i < HT_CONVERSATIONS_SHOWN_MAX; i++) {
        failed |= json_array_append_new(list, conversation_json(index, all[i]));
    }
    free(all);
    if (failed == 0) return list;
    json_decref(list);
    return NULL;
}

/* --- messages --------------------------------------------------------------------------------- */

static json_t *message_json(const struct ht_message *message) {
    json_t *reply = message->has_reply ? key_json(&message->reply_to) : json_null();
    return json_pack("{s:o, s:o, s:I, s:o, s:o, s:I}", "id", key_json(&message->id), "from",
                     key_json(&message->from), "at", (json_int_t)message->at, "content",
                     json_stringn(message->text, message->n), "reply_to", reply, "kind",
                     (json_int_t)message->kind);
}

/* Of a text within JSON, at most. */
static size_t json_length(const struct ht_message *message) {
    size_t n = MESSAGE_FIELDS;
    for (size_t i = 0; i < message->n; i++) {
        unsigned char c = (unsigned char)message->text[i];
        n += c < 0x20 ? 6 : c == '"' || c == '\\' ? 2 : 1;
    }
    return n;
}

json_t *ht_message_index_messages(bool *is_complete, const struct ht_message_index *index,
                                  const ht_hash32 *key, int64_t until, size_t limit) {
    const struct ht_conversation *conversation = ht_message_index_find(index, key);
    json_t *list = json_array();
    size_t bytes = 0, i = 0, n = 0;
    int failed = list == NULL;
    size_t count = conversation != NULL ? conversation->count : 0;
    while (i < count && conversation->list[i]->at > until) i++;
    for (; failed == 0 && i < count && n < limit; i++, n++) {
        const struct ht_message *message = conversation->list[i];
        bytes += json_length(message);
        if (n > 0 && bytes > SHOWN_BYTES) break;
        failed = json_array_append_new(list, message_json(message));
    }
    *is_complete = i == count;
    if (failed == 0) return list;
    json_decref(list);
    return NULL;
}
