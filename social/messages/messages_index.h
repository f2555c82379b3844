/* Private messages that were opened, in memory only: by conversation, newest first.
 *
 * A conversation is the set of people in it besides the owner: one other, or a group; or nobody,
 * when the owner writes to themself. It has a key of 32 bytes: the other's public key, the owner's
 * own, or for a group the SHA-256 of the members' keys in order. Who is in it is what the rumor
 * says: its author and all that its p tags name; so a message that was forwarded to the owner is
 * not taken for one of two people's.
 *
 * Texts are wiped when they are let go. Bounded by HT_MESSAGES_MAX and HT_MESSAGES_BYTES_MAX: what
 * is oldest gives way. One thread at a time. */
#ifndef HT_SOCIAL_MESSAGES_MESSAGES_INDEX_H
#define HT_SOCIAL_MESSAGES_MESSAGES_INDEX_H

#include "node/base/clock.h"
#include "node/nostr/event.h"

#define HT_MESSAGES_MAX 20000U /* kept in memory, the newest */
#define HT_MESSAGES_BYTES_MAX ((size_t)32 << 20)
/* Clocks differ, and what answers within the same second is set a second later. */
#define HT_MESSAGE_AHEAD_S 30
#define HT_MESSAGE_PARTIES_MAX 32U /* people in a conversation besides the owner */

struct ht_message_index;
struct ht_conversation;

/* Who is in a conversation besides the owner: sorted, without repetitions. */
struct ht_parties {
    ht_hash32 list[HT_MESSAGE_PARTIES_MAX];
    size_t count; /* 0: the owner alone */
};

/* Whether all were read up to a time, as it was kept. */
struct ht_message_mark {
    ht_hash32 key; /* of the conversation */
    int64_t at;    /* seconds */
};

/* What is known of a wrap. */
struct ht_message_wrap {
    ht_hash32 id;
    int64_t created_at; /* seconds */
    int64_t expires;    /* NIP-40: seconds; INT64_MAX: never */
};

enum ht_message_put {
    HT_MESSAGE_ADDED,
    HT_MESSAGE_KNOWN,   /* the same rumor was there */
    HT_MESSAGE_IGNORED, /* of another kind, expired, or older than all when it is full */
    HT_MESSAGE_BAD,     /* names more people than can be, or itself nobody can answer */
};

/* HT_ENOMEM. random: for where things lie, so that nobody can make it slow. */
enum ht_err ht_message_index_new(struct ht_message_index **out, const ht_hash32 *owner,
                                 const struct ht_random *random) HT_MUST_USE;
/* Wipes and frees. NULL is fine. */
void ht_message_index_free(struct ht_message_index *index);

/* Up to when conversations were read: replaces what was given before. marks are copied, in any
 * order. HT_ENOMEM. */
enum ht_err ht_message_index_marks(struct ht_message_index *index,
                                   const struct ht_message_mark *marks, size_t count) HT_MUST_USE;
/* One of them; it never goes back. HT_ENOMEM. */
enum ht_err ht_message_index_read(struct ht_message_index *index, const ht_hash32 *key,
                                  int64_t at) HT_MUST_USE;

/* Adds a rumor, whose id and author were checked (gift_wrap.h). Kinds 14 and 15 are messages. A
 * time more than HT_MESSAGE_AHEAD_S ahead of now counts as now, or as the latest that the wrap's
 * own time allows (wraps lie up to two days back), whichever is sooner. HT_ENOMEM. */
enum ht_err ht_message_index_add(enum ht_message_put *out, struct ht_message_index *index,
                                 const struct ht_event *rumor, const struct ht_message_wrap *wrap,
                                 int64_t now_s) HT_MUST_USE;
/* Drops what has expired; true when something was. */
bool ht_message_index_expire(struct ht_message_index *index, int64_t now_s);
/* Drops the messages whose wraps are among these: deleted from the store. */
void ht_message_index_drop(struct ht_message_index *index, const ht_hash32 *wraps, size_t count);
/* The wraps of all messages: malloc'd, *count of them. NULL without memory. */
ht_hash32 *ht_message_index_wraps(const struct ht_message_index *index, size_t *count);

/* The same of one conversation. */
ht_hash32 *ht_message_index_wraps_of(const struct ht_message_index *index, const ht_hash32 *key,
                                     size_t *count);

/* When the newest message of a conversation is from; INT64_MIN: there is none. */
int64_t ht_message_index_newest(const struct ht_message_index *index, const ht_hash32 *key);

size_t ht_message_index_count(const struct ht_message_index *index);
/* Messages of others that were not read. */
uint64_t ht_message_index_unread(const struct ht_message_index *index);

/* Who is in a rumor's conversation. HT_ELIMIT when there are too many, or a key is malformed. */
enum ht_err ht_parties_of(struct ht_parties *out, const struct ht_event *rumor,
                          const ht_hash32 *owner) HT_MUST_USE;
/* Adds one, unless it is there or the owner's. HT_ELIMIT. */
enum ht_err ht_parties_add(struct ht_parties *parties, const ht_hash32 *one,
                           const ht_hash32 *owner) HT_MUST_USE;
/* The conversation's key. */
ht_hash32 ht_parties_key(const struct ht_parties *parties, const ht_hash32 *owner);

#endif
