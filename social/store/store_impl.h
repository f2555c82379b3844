/* What the parts of the store share. */
#ifndef HT_SOCIAL_STORE_STORE_IMPL_H
#define HT_SOCIAL_STORE_STORE_IMPL_H

#include "social/store/store.h"
#include "social/store/store_query_sql.h"

#define HT_STORE_QUOTA_SLOTS 4096U

/* How much an author has, as far as this connection knows. */
struct ht_store_share {
    ht_hash32 pubkey;
    int64_t bytes;
    bool is_known;
};

struct ht_store {
    struct ht_store_sql sql;
    struct ht_buf text;            /* of the event at hand, for the search index */
    struct ht_store_share *shares; /* HT_STORE_QUOTA_SLOTS, NULL until a quota is asked for */
    int64_t file_bytes;            /* when it was last looked at */
    unsigned puts_until_look;
    const struct ht_store_watch *watch;
};

/* --- hashes, keyed with the file's secret, so that nobody can make two that are equal ----------*/

/* What a tag of one letter with that value is indexed by. */
int64_t ht_store_tag_hash(const struct ht_store *store, char name, ht_bytes value);
/* Address of a replaceable or addressable event; never 0. */
int64_t ht_store_address_hash(const struct ht_store *store, uint32_t kind, const ht_hash32 *pubkey,
                              ht_bytes d);
/* Tombstones: an author's event; an event that was removed; all of an author; all of an address. */
int64_t ht_store_gone_event(const struct ht_store *store, const ht_hash32 *pubkey,
                            const ht_hash32 *id);
int64_t ht_store_gone_removed(const struct ht_store *store, const ht_hash32 *id);
int64_t ht_store_gone_author(const struct ht_store *store, const ht_hash32 *pubkey);
int64_t ht_store_gone_address(const struct ht_store *store, int64_t address);

/* The place of an event, see store_sql.h; the highest and the lowest of a second. */
int64_t ht_store_place(int64_t created_at, const ht_hash32 *id);
int64_t ht_store_place_ceiling(int64_t created_at);
int64_t ht_store_place_floor(int64_t created_at);

/* The name of a tag that is indexed: one letter; 0 for others. */
char ht_store_tag_name(const struct ht_event_tag *tag);

/* Takes out an event with its tags and text. */
enum ht_err ht_store_take_out(struct ht_store *store, const struct ht_store_row *row,
                              struct ht_why *why) HT_MUST_USE;

#endif
