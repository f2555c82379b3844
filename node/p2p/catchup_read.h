/* Reading what a relay says to a catch-up: which message, about what. Nothing of an event is
 * verified here. Pure; any thread. */
#ifndef HT_P2P_CATCHUP_READ_H
#define HT_P2P_CATCHUP_READ_H

#include "node/base/arena.h"

/* A message of NEG in hex, and what stands around it. */
#define HT_CATCHUP_TEXT_MAX (((size_t)2 << 20) + 1024)

enum ht_catchup_said {
    HT_CATCHUP_SAID_OTHER,   /* something else, or nothing that can be read */
    HT_CATCHUP_SAID_NEG_MSG, /* subscription, text: hex */
    HT_CATCHUP_SAID_NEG_ERR, /* subscription, text: the reason */
    HT_CATCHUP_SAID_CLOSED,  /* subscription, text: the reason */
    HT_CATCHUP_SAID_EVENT,   /* subscription, event, id, created_at */
    HT_CATCHUP_SAID_EOSE,    /* subscription, is_finished */
    HT_CATCHUP_SAID_NOTICE,  /* text */
};

struct ht_catchup_message {
    enum ht_catchup_said said;
    ht_bytes subscription, text, event; /* views of the message, or of the arena */
    ht_hash32 id;
    uint64_t created_at;
    bool is_finished; /* NIP-67: there is nothing older */
};

/* Room that an arena needs for a message of n bytes. */
#define HT_CATCHUP_ARENA(n) (2 * (n) + 4096)

/* Never fails: what cannot be read, or is longer than HT_CATCHUP_TEXT_MAX, is
 * HT_CATCHUP_SAID_OTHER. */
void ht_catchup_read(struct ht_catchup_message *out, struct ht_arena *arena, ht_bytes text);

#endif
