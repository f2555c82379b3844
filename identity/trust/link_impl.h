/* Links from the inside: what link*.c share. */
#ifndef HT_IDENTITY_TRUST_LINK_IMPL_H
#define HT_IDENTITY_TRUST_LINK_IMPL_H

#include "identity/trust/link.h"

struct ht_id_link_round; /* link_check.c */

struct ht_id_links {
    struct ht_identity *identity;
    struct ht_id_link *list[HT_ID_LINKS_MAX]; /* oldest event first */
    size_t count;
    uint64_t changes;
    bool is_quitting, is_listening;
    struct ht_feed_listener events, deletions;
    struct ht_id_link_round *round; /* of checking, while one is under way */
    bool wants_round;               /* something is new, or came in the meantime */
    bool is_asking;                 /* which block is final */
    struct ht_header_read head;
    bool has_as_of;
    uint64_t as_of, as_of_s; /* the final block at which all were looked at */
    ht_hash32 as_of_hash;
};

struct ht_id_link *ht_id_link_find(const struct ht_identity *identity, const ht_hash32 *pubkey,
                                   const ht_addr20 *address);
/* Writes what it is now; or takes it out of the file. Nobody waits for it: the event is kept by the
 * feeds, and is found there again. */
void ht_id_link_keep(struct ht_identity *identity, const struct ht_id_link *link, bool is_delete);
/* Which of them count, then the topic. */
void ht_id_links_changed(struct ht_identity *identity);

/* A link's event from the feeds, or one of the deletions (kind 5). */
void ht_id_link_take(struct ht_identity *identity, const struct ht_feed_event *event);
void ht_id_link_untake(struct ht_identity *identity, const struct ht_feed_event *event);

#endif
