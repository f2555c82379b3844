/* Other relays from the inside. Only peers*.c include this. */
#ifndef HT_SOCIAL_PEERS_IMPL_H
#define HT_SOCIAL_PEERS_IMPL_H

#include "social/peers.h"

struct ht_peer {
    struct ht_peers *peers;
    struct ht_link *link;
    struct ht_peer *next;
    bool is_own;
    unsigned waiting;       /* questions that hold it */
    uint64_t event_count;   /* that it gave */
    const char *sent_state; /* of the last event sent to it; NULL: none was */
};

enum ht_asked_state {
    HT_ASKED_WAITING,
    HT_ASKED_ANSWERED,
    HT_ASKED_NONE,
    HT_ASKED_NO_ANSWER,
    HT_ASKED_AUTH,
    HT_ASKED_UNKNOWN_NAME,
    HT_ASKED_REFUSED,
};

struct ht_asked {
    char url[HT_LINK_URL_SIZE];
    struct ht_peer *peer; /* NULL: it was not dialled */
    enum ht_asked_state state;
    bool was_sent;
    int64_t ms;
    size_t event_count;
};

struct ht_question_out {
    struct ht_peers *peers;
    struct ht_question_out *next;
    uint64_t number;
    struct ht_arena arena;
    ht_bytes filter_json;
    struct ht_filter filter;
    struct ht_timer timer;
    int64_t begun_ms;
    struct ht_asked asked[HT_CLIENT_RELAYS_MAX];
    size_t count;
    void (*done)(void *user, json_t *source);
    void *user;
};

struct ht_peers {
    struct ht_social *social;
    struct ht_peer *first;
    struct ht_question_out *questions;
    uint64_t number;
    uint64_t new_count;  /* events that we did not have */
    size_t taking_count; /* of which it is not known yet */
    json_t *own;
    bool is_stopped;
};

#endif
