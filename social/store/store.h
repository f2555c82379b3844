/* Events on disk: SQLite, one file of the module's own (social.db).
 *
 * Rules of NIP-01 (replaceable and addressable events: newest wins, at the same second the lowest
 * id), NIP-09 (deletion by e and a tags of the author's own events, not of deletions or requests to
 * vanish, by a tags up to the deletion's created_at; tombstones stop late arrivals), NIP-40, NIP-62
 * (vanish, gift wraps to the key among it), NIP-50. What is put has been verified. Queries are
 * k-way merges of index seeks, newest first, at the same second the lowest id first.
 *
 * The file is opened by ht_db_open with ht_social_migrations. SQL is in store_sql.c and
 * store_query_sql.c. Functions that take a store run on the thread that owns its connection: the
 * writer's, or a reader's worker. Errors of the disk: HT_ESTORE, HT_EAGAIN and HT_ENOMEM as
 * ht_db_fail gives them. */
#ifndef HT_SOCIAL_STORE_STORE_H
#define HT_SOCIAL_STORE_STORE_H

#include "node/module.h"
#include "social/relay/filter.h"

#define HT_STORE_SEARCH_MAX                                                                      \
    20000U                         /* matches of a search that are looked at: the last to arrive \
                                    */
#define HT_STORE_STREAMS_MAX 4096U /* pieces of an index that one filter merges */

extern const struct ht_migration ht_social_migrations[];
extern const size_t ht_social_migration_count;

/* What became of an event. */
enum ht_put {
    HT_PUT_STORED,
    HT_PUT_DUPLICATE, /* it is there already */
    HT_PUT_REPLACED,  /* a newer one of its address is there: not kept */
    HT_PUT_DELETED,   /* its author has deleted it or vanished, or it was removed */
    HT_PUT_EXPIRED,
    HT_PUT_QUOTA, /* its author's share of the disk is full, or the disk's */
};

struct ht_store; /* prepared statements of one connection, and what quotas have seen */

struct ht_store_limits {
    int64_t now_s;         /* for expiration */
    uint64_t author_bytes; /* of an author who is nobody's; 0: no bound */
    uint64_t total_bytes;  /* of the file; 0: no bound. It grows past it by up to 64 events */
    size_t limit_default;  /* of a filter without limit: 500; 0: limit_max */
    size_t limit_max;      /* 5000; 0: no bound */
};

/* db is borrowed until ht_store_free, which comes before it is closed. HT_ENOMEM, HT_ESTORE. */
enum ht_err ht_store_new(struct ht_store **out, sqlite3 *db, struct ht_why *why) HT_MUST_USE;
/* NULL is fine. */
void ht_store_free(struct ht_store *store);

/* Is told what a store does, on its thread, before it is committed and though it may be undone. */
struct ht_store_watch {
    void (*removed)(void *user, int64_t created_at, const ht_hash32 *id);
    void (*put)(void *user); /* an event was stored; NULL: not wanted */
    void *user;
};
/* watch outlives the store; NULL: nobody watches. */
void ht_store_set_watch(struct ht_store *store, const struct ht_store_watch *watch);

/* --- the writer's thread, in its transaction --------------------------------------------------*/

/* Puts an event that was verified; does what a deletion or a request to vanish says. `relay_url`:
 * ours, for NIP-62's relay tag, compared without a slash at the end and without regard to case;
 * NULL: only ALL_RELAYS is us. HT_EINPUT "event_ephemeral": such events are not stored. HT_ESTORE,
 * HT_ENOMEM. */
enum ht_err ht_store_put(enum ht_put *out, struct ht_store *store, const struct ht_event *event,
                         const struct ht_store_limits *limits, const char *relay_url,
                         struct ht_why *why) HT_MUST_USE;
/* Removes an event whatever it is, and keeps it out (moderation); HT_ENOTFOUND "no_event" when it
 * was not there: it is kept out all the same. */
enum ht_err ht_store_remove(struct ht_store *store, const ht_hash32 *id,
                            struct ht_why *why) HT_MUST_USE;
/* Lets an event that was removed in again; it does not come back by itself. */
enum ht_err ht_store_allow(struct ht_store *store, const ht_hash32 *id,
                           struct ht_why *why) HT_MUST_USE;

/* Events of some kinds that do not stay: older than a time, or beyond an author's newest of each
 * kind. */
struct ht_retention {
    uint32_t kind_from, kind_to;
    int64_t older_than_s;    /* created before this time; INT64_MIN: no bound */
    uint64_t per_author_max; /* of one kind; 0: no bound */
    bool keeps_owner;        /* not of those of whom is_ours says so: the owner's, the followed's */
    bool (*is_ours)(void *user, const ht_hash32 *pubkey);
    void *user;
};
/* Removes what has expired, and by retention, at most max events; *more says whether there are
 * others. */
enum ht_err ht_store_sweep(size_t *removed, bool *more, struct ht_store *store,
                           const struct ht_retention *rules, size_t rule_count, int64_t now_s,
                           size_t max, struct ht_why *why) HT_MUST_USE;

#define HT_STORE_UNUSED_MIN ((uint64_t)32 << 20)
/* Compacts the file when a quarter of it, and HT_STORE_UNUSED_MIN bytes, hold nothing any more. As
 * ht_store_compact. */
enum ht_err ht_store_tidy(bool *did, struct ht_store *store, struct ht_why *why) HT_MUST_USE;
/* Makes the file as small as it can be; outside of any transaction, with nobody else writing, and
 * it takes a second for each 100 MB. */
enum ht_err ht_store_compact(struct ht_store *store, struct ht_why *why) HT_MUST_USE;

/* --- any connection ---------------------------------------------------------------------------*/

/* Is told of each event found; false ends the query. json lives for the call. */
struct ht_store_visit {
    bool (*event)(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                  int64_t created_at, ht_bytes json);
    /* Whether it may be seen at all, before it counts against the limit; NULL: all. */
    bool (*may)(void *user, const ht_hash32 *pubkey, uint32_t kind, ht_bytes json);
    /* Whether `may` is to be asked about events of that kind; NULL: about all. */
    bool (*asks)(void *user, uint32_t kind);
    void *user;
};

/* All that match any of the filters, at most HT_FILTERS_MAX, each once, newest first across all of
 * them, each filter's limit on its own matches (NIP-01). A filter with a search finds among the
 * newest HT_STORE_SEARCH_MAX arrivals that have all its words and "phrases", newest first too;
 * extensions "key:value" are ignored.
 *
 * *is_complete: nothing was left out by a limit or by the visitor (NIP-67). HT_EAGAIN "query_slow"
 * when it took more than budget_us of work (0: no bound), which is counted by what is looked at,
 * not timed, so that the same query does the same (in slices: store_query.h); HT_ELIMIT
 * "too_many_filters". */
enum ht_err ht_store_query(bool *is_complete, struct ht_store *store,
                           const struct ht_filter *filters, size_t count,
                           const struct ht_store_limits *limits, int64_t budget_us,
                           const struct ht_store_visit *visit, struct ht_why *why) HT_MUST_USE;
/* How many match (NIP-45), by the same rules but without limits; visit's `event` is not used, and
 * visit may be NULL. */
enum ht_err ht_store_count(uint64_t *out, struct ht_store *store, const struct ht_filter *filters,
                           size_t count, const struct ht_store_limits *limits, int64_t budget_us,
                           const struct ht_store_visit *visit, struct ht_why *why) HT_MUST_USE;
/* All that match, without limit, newest first, for negentropy (ht_neg_new sorts them): visit's
 * `event` is called with an empty json. */
enum ht_err ht_store_ids(struct ht_store *store, const struct ht_filter *filter,
                         const struct ht_store_limits *limits, const struct ht_store_visit *visit,
                         struct ht_why *why) HT_MUST_USE;
/* Is it stored? false also when the disk fails. */
bool ht_store_has(struct ht_store *store, const ht_hash32 *id);

struct ht_store_counts {
    uint64_t events, authors, bytes, tombstones; /* bytes: of the file, what is free not counted */
    int64_t oldest, newest;                      /* created_at, seconds; 0 when there are none */
};
/* Looks at all of an index: milliseconds for each 10,000 events. */
enum ht_err ht_store_counts(struct ht_store_counts *out, struct ht_store *store,
                            struct ht_why *why) HT_MUST_USE;

#include "social/store/store_query.h" /* queries in slices; at the end, since it needs what is above */

#endif
