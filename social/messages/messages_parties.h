/* Whom a method of messages means, and which relays they can be reached by. Only messages*.c
 * include this. */
#ifndef HT_SOCIAL_MESSAGES_MESSAGES_PARTIES_H
#define HT_SOCIAL_MESSAGES_MESSAGES_PARTIES_H

#include "social/messages/messages_impl.h"

/* Where one party's wrap goes. */
struct ht_reach {
    json_t *urls;  /* of their relays: for messages, or those they read; may be empty */
    bool has_list; /* they say which relays are for messages (kind 10050) */
    bool is_here;  /* they read our own relay, a peer takes it there, or their key is here */
};

/* The people that "with" and "others" name, besides the owner. HT_EINPUT "bad_npub"; HT_ELIMIT
 * "too_many". Loop thread. */
enum ht_err ht_messages_parties(struct ht_parties *out, const json_t *params,
                                const ht_hash32 *owner, struct ht_why *why) HT_MUST_USE;

/* What the store knows of one party's relays; urls: a new reference. On the reader's worker. */
enum ht_err ht_reach_read(struct ht_reach *out, struct ht_task *task, const ht_hash32 *party,
                          struct ht_why *why) HT_MUST_USE;
/* Fills in is_here. Loop thread. */
void ht_reach_look_here(struct ht_reach *reach, const struct ht_social *social,
                        const ht_hash32 *party);

#endif
