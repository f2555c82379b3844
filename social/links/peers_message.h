/* Reading what a relay says to a client (NIP-01, 42): which message, about what. Nothing of it is
 * verified here. Pure; any thread. */
#ifndef HT_SOCIAL_LINKS_PEERS_MESSAGE_H
#define HT_SOCIAL_LINKS_PEERS_MESSAGE_H

#include "node/nostr/event.h"

#define HT_PEER_MESSAGE_MAX ((size_t)256 << 10) /* longer ones are not read … */
#define HT_PEER_ANSWER_MAX ((size_t)64 << 10)   /* … nor those without an event beyond this */
#define HT_PEER_SUBSCRIPTION_SIZE 65U           /* with its zero; we have no longer ones */
#define HT_PEER_TEXT_SIZE 513U                  /* of a reason or a challenge, with its zero */

enum ht_peer_said {
    HT_PEER_SAID_OTHER,  /* something else, or nothing that can be read */
    HT_PEER_SAID_EVENT,  /* subscription, event */
    HT_PEER_SAID_EOSE,   /* subscription */
    HT_PEER_SAID_CLOSED, /* subscription, text: the reason */
    HT_PEER_SAID_OK,     /* id, is_taken, text: the reason */
    HT_PEER_SAID_AUTH,   /* text: the challenge, whole or empty */
};

struct ht_peer_message {
    enum ht_peer_said said;
    char subscription[HT_PEER_SUBSCRIPTION_SIZE];
    ht_bytes event; /* behind the comma, to the end of what was read: begins with the event */
    ht_hash32 id;
    bool is_taken;
    char text[HT_PEER_TEXT_SIZE]; /* UTF-8; reasons are cut between characters */
};

/* Reads one message; never fails: what cannot be read is HT_PEER_SAID_OTHER. event is of text. */
void ht_peer_message_read(struct ht_peer_message *out, ht_bytes text);

/* Copies a text, cut between characters to what fits with its zero. size over 0. */
void ht_peer_text_cut(char *out, size_t size, const char *text);

#endif
