/* Which messages there are, in which conversation, and which of them were not read. */
#include "social/messages/messages_index.h"

#include <stdlib.h>

#include <sodium.h>

#include "node/crypto/sha256.h"
#include "social/kinds.h"
#include "social/messages/gift_wrap.h"
#include "social/messages/messages_index_impl.h"

#define KIND_FILE 15U
#define WRAP_AHEAD_S 900 /* how far ahead of us our relay lets a wrap's time be */

static size_t place_of(const struct ht_message_index *index, const ht_hash32 *key, size_t places) {
    uint64_t mixed = (ht_read_u64_le(key->b) ^ index->seed) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 40) % places;
}

/* --- people ----------------------------------------------------------------------------------- */

enum ht_err ht_parties_add(struct ht_parties *parties, const ht_hash32 *one,
                           const ht_hash32 *owner) {
    if (ht_hash32_equal(one, owner)) return HT_OK;
    size_t at = 0;
    while (at < parties->count && memcmp(parties->list[at].b, one->b, sizeof one->b) < 0) at++;
    if (at < parties->count && ht_hash32_equal(&parties->list[at], one)) return HT_OK;
    if (parties->count == HT_MESSAGE_PARTIES_MAX) return HT_ELIMIT;
    memmove(&parties->list[at + 1], &parties->list[at],
            (parties->count - at) * sizeof *parties->list);
    parties->list[at] = *one;
    parties->count++;
    return HT_OK;
}

enum ht_err ht_parties_of(struct ht_parties *out, const struct ht_event *rumor,
                          const ht_hash32 *owner) {
    struct ht_parties parties = {.count = 0};
    enum ht_err err = ht_parties_add(&parties, &rumor->pubkey, owner);
    for (size_t i = 0; err == HT_OK && i < rumor->tag_count; i++) {
        ht_hash32 key;
        if (!ht_bytes_equal(ht_event_tag_item(&rumor->tags[i], 0), ht_bytes_str("p"))) continue;
        bool is_key = ht_event_hex32(&key, ht_event_tag_item(&rumor->tags[i], 1));
        err = is_key ? ht_parties_add(&parties, &key, owner) : HT_EINPUT;
    }
    if (err == HT_OK) *out = parties;
    return err;
}

ht_hash32 ht_parties_key(const struct ht_parties *parties, const ht_hash32 *owner) {
    if (parties->count == 0) return *owner;
    if (parties->count == 1) return parties->list[0];
    ht_hash32 key;
    ht_sha256(&key, ht_bytes_of(parties->list, parties->count * sizeof *parties->list));
    return key;
}

/* --- marks ------------------------------------------------------------------------------------ */

static int compare_marks(const void *a, const void *b) {
    const struct ht_message_mark *x = a, *y = b;
    return memcmp(x->key.b, y->key.b, sizeof x->key.b);
}

static struct ht_message_mark *find_mark(const struct ht_message_index *index,
                                         const ht_hash32 *key) {
    const struct ht_message_mark wanted = {.key = *key};
    if (index->mark_count == 0) return NULL;
    return bsearch(&wanted, index->marks, index->mark_count, sizeof wanted, compare_marks);
}

static bool is_unread(const struct ht_message_index *index,
                      const struct ht_conversation *conversation,
                      const struct ht_message *message) {
    return message->at > conversation->read_at && !ht_hash32_equal(&message->from, &index->owner);
}

static void count_unread(struct ht_message_index *index, struct ht_conversation *conversation) {
    index->unread -= conversation->unread;
    conversation->unread = 0;
    for (size_t i = 0; i < conversation->count; i++) {
        if (conversation->list[i]->at <= conversation->read_at) break;
        if (is_unread(index, conversation, conversation->list[i])) conversation->unread++;
    }
    index->unread += conversation->unread;
}

static struct ht_conversation *find(const struct ht_message_index *index, const ht_hash32 *key) {
    struct ht_conversation *one =
        index->conversations[place_of(index, key, HT_CONVERSATION_PLACES)];
    while (one != NULL && !ht_hash32_equal(&one->key, key)) one = one->next;
    return one;
}

const struct ht_conversation *ht_message_index_find(const struct ht_message_index *index,
                                                    const ht_hash32 *key) {
    return find(index, key);
}

enum ht_err ht_message_index_marks(struct ht_message_index *index,
                                   const struct ht_message_mark *marks, size_t count) {
    struct ht_message_mark *copy = malloc((count + 1) * sizeof *copy);
    if (copy == NULL) return HT_ENOMEM;
    if (count > 0) memcpy(copy, marks, count * sizeof *copy);
    qsort(copy, count, sizeof *copy, compare_marks);
    free(index->marks);
    index->marks = copy;
    index->mark_count = count;
    for (size_t i = 0; i < count; i++) {
        struct ht_conversation *conversation = find(index, &copy[i].key);
        if (conversation == NULL) continue;
        conversation->read_at = copy[i].at;
        count_unread(index, conversation);
    }
    return HT_OK;
}

enum ht_err ht_message_index_read(struct ht_message_index *index, const ht_hash32 *key,
                                  int64_t at) {
    struct ht_message_mark *mark = find_mark(index, key);
    if (mark == NULL) {
        struct ht_message_mark *marks =
            realloc(index->marks, (index->mark_count + 1) * sizeof *marks);
        if (marks == NULL) return HT_ENOMEM;
        index->marks = marks;
        marks[index->mark_count++] = (struct ht_message_mark){.key = *key, .at = at};
        qsort(marks, index->mark_count, sizeof *marks, compare_marks);
    } else if (mark->at < at) {
        mark->at = at;
    }
    struct ht_conversation *conversation = find(index, key);
    if (conversation == NULL || conversation->read_at >= at) return HT_OK;
    conversation->read_at = at;
    count_unread(index, conversation);
    return HT_OK;
}

/* --- making and letting go ---------------------------------------------------------------------
 */

enum ht_err ht_message_index_new(struct ht_message_index **out, const ht_hash32 *owner,
                                 const struct ht_random *random) {
    uint8_t seed[8];
    struct ht_message_index *index = calloc(1, sizeof *index);
    if (index != NULL) {
        index->places = calloc(HT_MESSAGE_PLACES, sizeof(struct ht_message *));
        index->conversations = calloc(HT_CONVERSATION_PLACES, sizeof(struct ht_conversation *));
    }
    if (index == NULL || index->places == NULL || index->conversations == NULL) {
        ht_message_index_free(index);
        return HT_ENOMEM;
    }
    ht_random_fill(random, seed, sizeof seed);
    index->seed = ht_read_u64_le(seed);
    index->owner = *owner;
    index->expires_next = INT64_MAX;
    *out = index;
    return HT_OK;
}

static size_t size_of(const struct ht_message *message) {
    return sizeof *message + message->n;
}

static void wipe(struct ht_message *message) {
    sodium_memzero(message, size_of(message));
    free(message);
}

void ht_message_index_free(struct ht_message_index *index) {
    if (index == NULL) return;
    for (size_t i = 0; index->conversations != NULL && i < HT_CONVERSATION_PLACES; i++) {
        struct ht_conversation *one = index->conversations[i];
        while (one != NULL) {
            struct ht_conversation *next = one->next;
            for (size_t k = 0; k < one->count; k++) wipe(one->list[k]);
            free(one->list);
            free(one);
            one = next;
        }
    }
    free(index->places);
    free(index->conversations);
    free(index->marks);
    free(index);
}

static void remove_conversation(struct ht_message_index *index, struct ht_conversation *gone) {
    struct ht_conversation **at =
        &index->conversations[place_of(index, &gone->key, HT_CONVERSATION_PLACES)];
    while (*at != gone) at = &(*at)->next;
    *at = gone->next;
    index->conversation_count--;
    free(gone->list);
    free(gone);
}

/* The at-th of a conversation, which goes with its last message. */
static void remove_message(struct ht_message_index *index, struct ht_conversation *conversation,
                           size_t at) {
    struct ht_message *gone = conversation->list[at];
    struct ht_message **link = &index->places[place_of(index, &gone->id, HT_MESSAGE_PLACES)];
    while (*link != gone) link = &(*link)->next;
    *link = gone->next;
    if (is_unread(index, conversation, gone)) {
        conversation->unread--;
        index->unread--;
    }
    index->count--;
    index->bytes -= size_of(gone);
    conversation->count--;
    memmove(&conversation->list[at], &conversation->list[at + 1],
            (conversation->count - at) * sizeof(struct ht_message *));
    wipe(gone);
    if (conversation->count == 0) remove_conversation(index, conversation);
}

/* --- adding ----------------------------------------------------------------------------------- */

static struct ht_conversation *oldest(const struct ht_message_index *index) {
    struct ht_conversation *found = NULL;
    for (size_t i = 0; i < HT_CONVERSATION_PLACES; i++) {
        struct ht_conversation *one = index->conversations[i];
        for (; one != NULL; one = one->next) {
            int64_t last = one->list[one->count - 1]->at;
            if (found == NULL || last < found->list[found->count - 1]->at) found = one;
        }
    }
    return found;
}

/* False when the new one is itself older than all that would give way. */
static bool make_room(struct ht_message_index *index, size_t size, int64_t at) {
    while (index->count >= HT_MESSAGES_MAX || index->bytes + size > HT_MESSAGES_BYTES_MAX) {
        struct ht_conversation *from = oldest(index);
        if (from == NULL || from->list[from->count - 1]->at >= at) return false;
        remove_message(index, from, from->count - 1);
    }
    return true;
}

static struct ht_conversation *get_conversation(struct ht_message_index *index,
                                                const struct ht_parties *parties) {
    ht_hash32 key = ht_parties_key(parties, &index->owner);
    struct ht_conversation *one = find(index, &key);
    if (one != NULL) return one;
    one = calloc(1, sizeof *one);
    if (one == NULL) return NULL;
    const struct ht_message_mark *mark = find_mark(index, &key);
    struct ht_conversation **at =
        &index->conversations[place_of(index, &key, HT_CONVERSATION_PLACES)];
    one->key = key;
    one->parties = *parties;
    one->read_at = mark != NULL ? mark->at : INT64_MIN;
    one->next = *at;
    *at = one;
    index->conversation_count++;
    return one;
}

static bool comes_before(const struct ht_message *a, const struct ht_message *b) {
    if (a->at != b->at) return a->at > b->at;
    return memcmp(a->id.b, b->id.b, sizeof a->id.b) < 0;
}

static bool put_in(struct ht_conversation *conversation, struct ht_message *message) {
    if (conversation->count == conversation->room) {
        size_t room = conversation->room == 0 ? 4 : 2 * conversation->room;
        struct ht_message **list = realloc(conversation->list, room * sizeof(struct ht_message *));
        if (list == NULL) return false;
        conversation->list = list;
        conversation->room = room;
    }
    size_t low = 0, high = conversation->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (comes_before(conversation->list[middle], message)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    memmove(&conversation->list[low + 1], &conversation->list[low],
            (conversation->count - low) * sizeof(struct ht_message *));
    conversation->list[low] = message;
    conversation->count++;
    return true;
}

static int64_t time_of(const struct ht_event *rumor, const struct ht_message_wrap *wrap,
                       int64_t now_s) {
    if (rumor->created_at - HT_MESSAGE_AHEAD_S <= now_s) return rumor->created_at;
    int64_t latest = wrap->created_at + HT_GIFT_PAST_S + WRAP_AHEAD_S;
    return latest < now_s ? latest : now_s;
}

static struct ht_message *make(const struct ht_event *rumor, const struct ht_message_wrap *wrap,
                               int64_t now_s, int64_t expires) {
    struct ht_message *message = calloc(1, sizeof *message + rumor->content.n);
    if (message == NULL) return NULL;
    message->id = rumor->id;
    message->from = rumor->pubkey;
    message->wrap = wrap->id;
    message->kind = rumor->kind;
    message->at = time_of(rumor, wrap, now_s);
    message->expires = expires;
    message->n = rumor->content.n;
    if (message->n > 0) memcpy(message->text, rumor->content.p, message->n);
    const struct ht_event_tag *reply = ht_event_find_tag(rumor, "e");
    message->has_reply =
        reply != NULL && ht_event_hex32(&message->reply_to, ht_event_tag_item(reply, 1));
    return message;
}

static bool is_known(const struct ht_message_index *index, const ht_hash32 *id) {
    const struct ht_message *one = index->places[place_of(index, id, HT_MESSAGE_PLACES)];
    while (one != NULL && !ht_hash32_equal(&one->id, id)) one = one->next;
    return one != NULL;
}

static enum ht_err add(enum ht_message_put *out, struct ht_message_index *index,
                       struct ht_message *message, const struct ht_parties *parties) {
    if (!make_room(index, size_of(message), message->at)) {
        wipe(message);
        *out = HT_MESSAGE_IGNORED;
        return HT_OK;
    }
    struct ht_conversation *conversation = get_conversation(index, parties);
    if (conversation == NULL || !put_in(conversation, message)) {
        if (conversation != NULL && conversation->count == 0) {
            remove_conversation(index, conversation);
        }
        wipe(message);
        return HT_ENOMEM;
    }
    struct ht_message **at = &index->places[place_of(index, &message->id, HT_MESSAGE_PLACES)];
    message->conversation = conversation;
    message->next = *at;
    *at = message;
    index->count++;
    index->bytes += size_of(message);
    if (message->expires < index->expires_next) index->expires_next = message->expires;
    if (is_unread(index, conversation, message)) {
        conversation->unread++;
        index->unread++;
    }
    *out = HT_MESSAGE_ADDED;
    return HT_OK;
}

enum ht_err ht_message_index_add(enum ht_message_put *out, struct ht_message_index *index,
                                 const struct ht_event *rumor, const struct ht_message_wrap *wrap,
                                 int64_t now_s) {
    struct ht_parties parties;
    int64_t expires = ht_event_expiration(rumor);
    if (wrap->expires < expires) expires = wrap->expires;
    bool is_message = rumor->kind == HT_KIND_CHAT || rumor->kind == KIND_FILE;
    if (!is_message || expires <= now_s) {
        *out = HT_MESSAGE_IGNORED;
        return HT_OK;
    }
    if (ht_parties_of(&parties, rumor, &index->owner) != HT_OK) {
        *out = HT_MESSAGE_BAD;
        return HT_OK;
    }
    if (is_known(index, &rumor->id)) {
        *out = HT_MESSAGE_KNOWN;
        return HT_OK;
    }
    struct ht_message *message = make(rumor, wrap, now_s, expires);
    return message != NULL ? add(out, index, message, &parties) : HT_ENOMEM;
}

/* --- dropping --------------------------------------------------------------------------------- */

/* Drops those of which `is_gone` says so; the conversation may go with them. */
static bool drop_if(struct ht_message_index *index,
                    bool (*is_gone)(const void *user, const struct ht_message *message),
                    const void *user) {
    bool has_dropped = false;
    for (size_t i = 0; i < HT_CONVERSATION_PLACES; i++) {
        struct ht_conversation *one = index->conversations[i];
        while (one != NULL) {
            struct ht_conversation *next = one->next;
            for (size_t k = one->count; k-- > 0;) {
                if (!is_gone(user, one->list[k])) continue;
                has_dropped = true;
                remove_message(index, one, k);
            }
            one = next;
        }
    }
    return has_dropped;
}

static bool has_expired(const void *user, const struct ht_message *message) {
    return message->expires <= *(const int64_t *)user;
}

bool ht_message_index_expire(struct ht_message_index *index, int64_t now_s) {
    if (index->expires_next > now_s) return false;
    bool has_dropped = drop_if(index, has_expired, &now_s);
    index->expires_next = INT64_MAX;
    for (size_t i = 0; i < HT_CONVERSATION_PLACES; i++) {
        const struct ht_conversation *one = index->conversations[i];
        for (; one != NULL; one = one->next) {
            for (size_t k = 0; k < one->count; k++) {
                int64_t expires = one->list[k]->expires;
                if (expires < index->expires_next) index->expires_next = expires;
            }
        }
    }
    return has_dropped;
}

struct keys {
    const ht_hash32 *list;
    size_t count;
};

static int compare_keys(const void *a, const void *b) {
    return memcmp(((const ht_hash32 *)a)->b, ((const ht_hash32 *)b)->b, sizeof(ht_hash32));
}

static bool is_among(const void *user, const struct ht_message *message) {
    const struct keys *keys = user;
    return bsearch(&message->wrap, keys->list, keys->count, sizeof *keys->list, compare_keys) !=
           NULL;
}

void ht_message_index_drop(struct ht_message_index *index, const ht_hash32 *wraps, size_t count) {
    if (count == 0) return;
    ht_hash32 *sorted = malloc(count * sizeof *sorted);
    if (sorted == NULL) return;
    memcpy(sorted, wraps, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_keys);
    const struct keys keys = {.list = sorted, .count = count};
    (void)drop_if(index, is_among, &keys);
    free(sorted);
}

/* --- looking ---------------------------------------------------------------------------------- */

ht_hash32 *ht_message_index_wraps(const struct ht_message_index *index, size_t *count) {
    ht_hash32 *wraps = malloc((index->count + 1) * sizeof *wraps);
    size_t n = 0;
    if (wraps == NULL) return NULL;
    for (size_t i = 0; i < HT_MESSAGE_PLACES; i++) {
        const struct ht_message *one = index->places[i];
        for (; one != NULL; one = one->next) wraps[n++] = one->wrap;
    }
    *count = n;
    return wraps;
}

ht_hash32 *ht_message_index_wraps_of(const struct ht_message_index *index, const ht_hash32 *key,
                                     size_t *count) {
    const struct ht_conversation *one = find(index, key);
    size_t n = one != NULL ? one->count : 0;
    ht_hash32 *wraps = malloc((n + 1) * sizeof *wraps);
    if (wraps == NULL) return NULL;
    for (size_t i = 0; i < n; i++) wraps[i] = one->list[i]->wrap;
    *count = n;
    return wraps;
}

int64_t ht_message_index_newest(const struct ht_message_index *index, const ht_hash32 *key) {
    const struct ht_conversation *one = find(index, key);
    return one != NULL ? one->list[0]->at : INT64_MIN;
}

size_t ht_message_index_count(const struct ht_message_index *index) {
    return index->count;
}

uint64_t ht_message_index_unread(const struct ht_message_index *index) {
    return index->unread;
}
