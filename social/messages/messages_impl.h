/* Private messages from the inside. Only messages*.c include this. */
#ifndef HT_SOCIAL_MESSAGES_MESSAGES_IMPL_H
#define HT_SOCIAL_MESSAGES_MESSAGES_IMPL_H

#include "social/messages/messages.h"
#include "social/messages/messages_index.h"
#include "social/store/store.h"

/* A wrap's JSON that waits to be opened. */
struct ht_waiting_wrap {
    struct ht_waiting_wrap *next;
    bool is_again; /* it was begun, and what opens it was busy */
    size_t n;
    char json[];
};

struct ht_waiting_wraps {
    struct ht_waiting_wrap *first, *last;
    size_t count, bytes;
};

/* Ids of wraps, so that none is opened twice. */
struct ht_seen_wraps {
    uint64_t *marks; /* hashes under a key of our own; 0: free */
    size_t count;
    uint8_t key[16];
};

struct ht_messages {
    struct ht_social *social;
    bool is_stopped;
    /* While the vault is open. */
    bool is_open;
    ht_hash32 owner;
    uint64_t epoch; /* what was asked for in another is of no use any more */
    struct ht_message_index *index;
    struct ht_seen_wraps seen;
    struct ht_waiting_wraps waiting;
    struct ht_store_mark mark; /* how far the store was read */
    size_t found_count;        /* wraps in it, as it was at first */
    size_t read_count;         /* of them, those that were read */
    bool is_reading, has_read; /* the store: now; to the end */
    bool must_read_again;
    unsigned opening_count; /* at the keeper of keys */
    uint64_t unreadable;
    struct ht_timer timer; /* goes on after something was busy */
    /* Relays. */
    json_t *source; /* what they said when they were asked last; NULL: not yet */
    json_t *relays; /* the owner's for messages, URLs; NULL: not known */
    bool is_asking;
    int64_t asked_ms;
    /* Others. */
    struct ht_timer news_timer;
    unsigned sending_count;
    struct ht_timer out_timer; /* what was not delivered is said again */
    int64_t out_seq;
    int64_t checked_ms; /* when it was last looked whether the wraps are still there */
};

#endif
