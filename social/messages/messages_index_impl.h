/* The index of messages from the inside. Only messages_index*.c include this. */
#ifndef HT_SOCIAL_MESSAGES_MESSAGES_INDEX_IMPL_H
#define HT_SOCIAL_MESSAGES_MESSAGES_INDEX_IMPL_H

#include "social/messages/messages_index.h"

struct ht_message {
    struct ht_message *next; /* with the same place in the table of ids */
    struct ht_conversation *conversation;
    ht_hash32 id, from, wrap, reply_to;
    bool has_reply;
    uint32_t kind;
    int64_t at;      /* seconds, never ahead of when it came */
    int64_t expires; /* seconds; INT64_MAX: never */
    size_t n;
    char text[]; /* UTF-8, n bytes */
};

struct ht_conversation {
    struct ht_conversation *next; /* with the same place in the table */
    ht_hash32 key;
    struct ht_parties parties;
    struct ht_message **list; /* newest first, then by id */
    size_t count, room;
    int64_t read_at;
    size_t unread;
};

#define HT_MESSAGE_PLACES 32768U
#define HT_CONVERSATION_PLACES 4096U

struct ht_message_index {
    ht_hash32 owner;
    uint64_t seed;
    struct ht_message **places;
    struct ht_conversation **conversations;
    size_t count, bytes, conversation_count;
    uint64_t unread;
    int64_t expires_next;          /* of all; INT64_MAX: none */
    struct ht_message_mark *marks; /* by key */
    size_t mark_count;
};

const struct ht_conversation *ht_message_index_find(const struct ht_message_index *index,
                                                    const ht_hash32 *key);

#endif
