/* Shares of the disk. */
#ifndef HT_SOCIAL_STORE_STORE_SHARE_H
#define HT_SOCIAL_STORE_STORE_SHARE_H

#include "social/store/store_impl.h"

/* What an author's share has grown by, if it is known. */
void ht_store_share_add(struct ht_store *store, const ht_hash32 *pubkey, int64_t bytes);
/* Forgets all shares: a transaction may have been undone. */
void ht_store_share_forget(struct ht_store *store);
/* Is there room for `more` bytes of that author? */
enum ht_err ht_store_share_check(bool *has_room, struct ht_store *store, const ht_hash32 *pubkey,
                                 int64_t more, const struct ht_store_limits *limits,
                                 struct ht_why *why) HT_MUST_USE;

#endif
